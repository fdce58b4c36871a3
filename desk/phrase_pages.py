"""Phrases: the search in the phrasebook, and the sending of one phrase.

A phrase passes the same gate as typed words: while it may not be safe, only the safety question goes, or
what a worker gives a reason for. What is searched for travels in the body of a request, never in an address.
"""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bot import signals
from bot.words import Unsayable, Worded
from desk import pages, phrasebook
from desk.acts import back, moved, refused, row_of, token_of, who_has_it
from desk.gate import ALWAYS, NOTHING_ARRIVES, REASONS, Gate, gate, safety, why_closed
from desk.pages import Refused
from desk.phrase_pane import fillings
from desk.roles import staff_of
from records.errors import NotHolder
from records.messages.material import ConversationFacts, assessment_of, load_conversation
from records.models import Staff
from records.staff import desk
from records.staff.replies import doubt_unanswered
from screening.assessment import Assessment

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


@require_POST
def search(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """What means the same as the query; without scripts the whole page with it."""
    request.session[pages.PANE] = "phrases"
    if not request.htmx:  # type: ignore[attr-defined]
        return pages.show(request, conversation_id)
    staff = staff_of(request)
    shown = pages.open_thread(conversation_id, staff)
    return render(request, "desk/parts/phrase_list.html", pages.thread_context(request, shown, staff))


def judge(
    request: HttpRequest, of: ConversationFacts, known: Assessment, key: str, staff: Staff, now: datetime
) -> Refused | tuple[Worded, dict[str, Any]]:
    """The phrase as it would go now, with what the audit keeps about it; or why it does not go."""
    closed, reason = gate(of, now), request.POST.get("override", "")
    if closed in NOTHING_ARRIVES or (closed != Gate.OPEN and key not in ALWAYS and reason not in REASONS):
        return Refused(409, _("Not sent. %(why)s") % {"why": why_closed(closed)})
    doubted = key not in ALWAYS and doubt_unanswered(of, staff)
    if doubted and reason not in REASONS:
        return Refused(409, _("Not sent. %(why)s") % {"why": safety(of, now).sentence})
    params = fillings(of, known, staff)
    at = request.POST.get("time", "")
    if _TIME.fullmatch(at):
        params["time"] = at
    language = phrasebook.language_for(of.language)
    try:
        said = phrasebook.worded(key, params, language=language, channel=of.channel)
    except Unsayable:
        return Refused(422, _("Not sent: write the hour first, as 18:00."))
    details: dict[str, Any] = {"phrase": key, "language": language}
    if closed != Gate.OPEN and key not in ALWAYS:
        details |= {"gate": closed.value, "override": reason}
    if doubted:
        details |= {"doubt": True, "override": reason}
    return said, details


@require_POST
def send(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Send one phrase in the contact's language. The same form sent twice is one message."""
    staff, now = staff_of(request), timezone.now()
    row, key = row_of(conversation_id), request.POST.get("key", "")
    if key not in phrasebook.phrases():
        raise Http404
    of = load_conversation(row.pk)
    judged = judge(request, of, Assessment.from_json(assessment_of(row.pk)), key, staff, now)
    if isinstance(judged, Refused):
        return pages.show(request, conversation_id, judged)
    said, details = judged
    # The page has one token for all its phrases: the same phrase of the same page is sent once, another one goes too.
    token = str(uuid.uuid5(uuid.UUID(token_of(request)), key))
    try:
        desk.reply(
            row.pk, staff, said.text, now, client_token=token, key=said.key, buttons=said.buttons,
            keep_draft=True, details=details,
        )  # fmt: skip
    except NotHolder:
        if request.htmx:  # type: ignore[attr-defined]
            error = _("Not sent. %(why)s") % {"why": who_has_it(conversation_id)}
            return pages.show(request, conversation_id, Refused(409, error))
        return refused(request, conversation_id)
    signals.wake(signals.DELIVERY)
    moved(conversation_id)
    return back(request, conversation_id)
