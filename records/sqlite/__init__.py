"""Sqlite: Django's own backend, with what it does anew for each statement and each value done once."""
