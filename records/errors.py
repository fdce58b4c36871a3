"""What can go wrong with records. The class is the cause; no text of a contact is ever in one."""

from __future__ import annotations


class RecordsError(Exception):
    """A record could not be read or changed."""


class SealBroken(RecordsError):
    """What was stored does not open: another key, another place, or changed bytes."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"{place} does not open")


class LostClaim(RecordsError):
    """Another holder has the row now, or it is finished; nothing was written."""


class StaleTurn(RecordsError):
    """The conversation changed while the turn was made; nothing was written."""


class NotHolder(RecordsError):
    """Only the member of staff who holds the conversation may do this; nothing was written."""


class AppendOnly(RecordsError):
    """Audit rows are written once and stay."""
