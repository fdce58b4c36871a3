"""Faults: what breaks what the line stands on, and counts what was lost or doubled."""
