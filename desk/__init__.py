"""The desk: the staff console. Reads and changes conversations through `records`, decides nothing about contacts."""
