"""Backups: a copy of the database while the line runs, sealed under a key of its own, tried out, and put back.

Destroying the key of a backup destroys the backup, wherever copies of it lie. What was erased after a
backup was made stands in a list beside the keys, and is erased again before a restored line answers.
"""

from __future__ import annotations


class BackupError(Exception):
    """It could not be done. The message is a sentence for the operator: what was found, what would be right."""
