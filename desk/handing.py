"""Handing: giving a conversation to a colleague, or to whoever speaks a language, with a note for them.

Who is away or has all that they take is asked about once: with them it would wait for nobody. Whatever the answer,
the note that was typed stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from content.ladder import ladder
from desk import labels, pages
from desk.acts import back, holds, moved, row_of, token_of, who_has_it
from desk.roles import staff_of
from records.errors import NotHolder
from records.models import Conversation, Note, Staff
from records.staff import desk, seats
from records.staff.replies import draft_of, save_draft
from records.staff.threads import touched_lately
from records.states import DraftKind, Level, Owner, Presence, StaffRole


@dataclass(frozen=True, slots=True)
class NotGiven:
    """A transfer that was not made, as the form shows it again."""

    why: str
    note: str = field(repr=False)
    sure: int = 0  # the colleague to whom it goes all the same


@require_POST
def transfer(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Give it to a colleague who may answer, or to whoever speaks a language; with a note, if one was written."""
    staff, now = staff_of(request), timezone.now()
    chosen = request.POST.get("to", "")
    note = request.POST.get("for_them", "").replace("\0", "").strip()[: pages.TEXT_CHARS]
    if not chosen:
        messages.warning(request, _("Not given: choose to whom."))
        return back(request, conversation_id)
    language = chosen.removeprefix("language:") if chosen.startswith("language:") else ""
    to = None if language else _colleague(chosen)
    if to is None and labels.language(language) is None:
        raise Http404
    if to is not None and holds(conversation_id, staff):
        stays = _why_not(request, row_of(conversation_id), staff, to)
        if stays:
            sure = to.pk if to.is_active else 0
            return pages.show(request, conversation_id, pages.Refused(422), not_given=NotGiven(stays, note, sure))
    try:
        if to is not None:
            desk.transfer(conversation_id, staff, to, now)
        else:
            reason = f"{desk.WANTS_LANGUAGE}{language}"
            desk.hand_back(conversation_id, staff, Owner.QUEUE, now, reasons=(reason,))
    except NotHolder:
        return _too_late(request, row_of(conversation_id), staff, note)
    if note:
        desk.add_note(conversation_id, staff, note, now, client_token=token_of(request))
    moved(conversation_id)
    return back(request, conversation_id)


def _colleague(chosen: str) -> Staff | None:
    """Who was chosen, if their role is to answer; whoever has left since the form was made is told apart later."""
    answers = Staff.objects.filter(role__in=(StaffRole.WORKER, StaffRole.SUPERVISOR))
    return answers.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() else None


def _why_not(request: HttpRequest, row: Conversation, staff: Staff, to: Staff) -> str:
    """Why it does not go to them, or not without a second press; empty if it goes."""
    one = next((known for known in seats.colleagues(staff) if known.staff_id == to.pk), None)
    if one is None:
        return (
            "" if to.pk == staff.pk else _("Not given: %(alias)s does not work here any more.") % {"alias": _alias(to)}
        )
    if str(to.pk) in request.POST.getlist("sure"):
        return ""
    minutes = int(ladder().give_back_after.total_seconds() // 60)
    if one.presence == Presence.AWAY:
        words = _("Not given yet: %(alias)s is away. It would go back to the queue after %(minutes)d minutes away.")
        return words % {"alias": one.alias, "minutes": minutes}
    if one.presence == Presence.BREAK:
        words = _(
            "Not given yet: %(alias)s is on a break. It would go back to the queue after %(minutes)d minutes of it."
        )
        return words % {"alias": one.alias, "minutes": minutes}
    most = seats.MOST_CAPACITY if row.level == Level.URGENT else one.capacity
    if one.holds >= most:
        words = _("Not given yet: %(alias)s holds %(holds)d of %(most)d.")
        return words % {"alias": one.alias, "holds": one.holds, "most": most}
    return ""


def _alias(one: Staff) -> str:
    return one.alias or one.username


def _too_late(request: HttpRequest, row: Conversation, staff: Staff, note: str) -> HttpResponse:
    """It was taken meanwhile: what was noted is kept as the draft of a note, beside what that held already."""
    if Note.objects.filter(conversation=row, staff=staff, client_token=token_of(request)).exists():
        return back(request, row.pk)  # this very form was pressed before, and that time it was given
    now = timezone.now()
    if note and touched_lately(row.uid, staff, now):
        before = draft_of(row.pk, staff, kind=DraftKind.NOTE)
        note = before if note in before else "\n\n".join(filter(None, (before, note)))
        save_draft(row.pk, staff, note, now, kind=DraftKind.NOTE)
    error = _("Nothing was changed. %(why)s") % {"why": who_has_it(row.pk)}
    return pages.show(request, row.pk, pages.Refused(409, error, unkept=note))
