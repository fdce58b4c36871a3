"""Delete: their own messages, asked once, then gone."""

from __future__ import annotations

from actions.act import Act, Assessment, Done, Say, Seen
from screening.ask import ask_by_id

_OTHER_HANDS = ("fishing", "asked_by_other", "duress")  # flags after which the wish may be somebody else's
_WISHED = "wants_deleted"  # a flag: staff decide


def _passed_on(known: Assessment) -> Done | None:
    """Return the wish as passed on to the team, where a helper is asked in and another may hold the phone.

    Whoever asks what she wrote, and then to delete it all, must not take from the helper what she told.
    """
    if not known.handed_off or set(_OTHER_HANDS).isdisjoint(known.flags):
        return None
    return (Say(key="handoff.noted"),), known.flag(_WISHED).with_(pending=None, pending_tries=0)


class AskDelete(Act):
    """Shall everything be deleted? A form that is open waits for the answer."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_ask_delete"

    def decide(self, seen: Seen) -> Done:
        """Ask once."""
        return _passed_on(seen.known) or ask_by_id(seen.known, "delete")


class Delete(Act):
    """Yes: the wish goes to the runner, which erases."""

    ends_flow = True

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_delete"

    def decide(self, seen: Seen) -> Done:
        """Say it is done; while a hand-off is open, say what staff keep."""
        passed_on = _passed_on(seen.known)
        if passed_on is not None:
            return passed_on
        key = "deleted.handoff" if seen.known.handed_off else "deleted"
        return (Say(key=key), Say(key="deleted.note")), seen.known.with_(
            flow="queue" if seen.known.handed_off else "closing", pending=None, wishes=(*seen.known.wishes, "delete")
        )


class Keep(Act):
    """No, or anything else: nothing is deleted."""

    def name(self) -> str:
        """Return the name under which rules ask for it."""
        return "action_keep"

    def decide(self, seen: Seen) -> Done:
        """Say that nothing was deleted."""
        return (Say(key="delete.kept"),), seen.known.with_(pending=None, pending_tries=0)
