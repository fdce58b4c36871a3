"""What can go wrong with records. The class is the cause; no text of a contact is ever in one."""

from __future__ import annotations


class RecordsError(Exception):
    """A record could not be read or changed."""


class SealBroken(RecordsError):
    """What was stored does not open: another key, another place, or changed bytes."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(f"{place} does not open")


class SealedToReaders(SealBroken):
    """It is closed and opens only for a signed-in person who may read it, with their key unwrapped."""

    def __init__(self, place: str, *, locked: bool) -> None:
        self.locked = locked  # nobody's key is unwrapped here; otherwise this person was given no box
        super().__init__(place)


class WrongKey(RecordsError):
    """A password or a recovery key does not open what it was given for."""


class WouldLose(RecordsError):
    """With a new key some of what is closed would open for nobody any more."""


class WrongInvitation(RecordsError):
    """There is no such invitation, or it was used, or its time is over."""


class LostClaim(RecordsError):
    """Another holder has the row now, or it is finished; nothing was written."""


class StaleTurn(RecordsError):
    """The conversation changed while the turn was made; nothing was written."""


class NotHolder(RecordsError):
    """Only the member of staff who holds the conversation may do this; nothing was written."""


class AtCapacity(RecordsError):
    """This person holds as many conversations as they take; nothing was written."""

    def __init__(self, holds: int, most: int) -> None:
        self.holds, self.most = holds, most
        super().__init__(f"holds {holds} of {most}")


class AppendOnly(RecordsError):
    """Audit rows are written once and stay."""


class Stale(RecordsError):
    """Somebody else changed it since it was read; nothing was written."""


class KeptApart(RecordsError):
    """What somebody writes about another person and what a person writes about themselves are not joined."""


class NoConsent(RecordsError):
    """The person has not said yes to this, or has taken it back; nothing was written."""
