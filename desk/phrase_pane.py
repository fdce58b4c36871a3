"""Phrases beside a conversation: the tab that shows the phrasebook in the contact's language and the worker's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from bot.words import speaks
from content.helplines import checked_by, emergency, showable
from desk import labels, phrasebook
from desk.gate import ALWAYS, REASONS, Gate
from desk.thread import ThreadView, country
from records.messages.material import ConversationFacts
from records.models import Staff
from records.staff.helpline_checks import checks
from screening.assessment import Assessment

QUERY_LETTERS = 200


def context(request: HttpRequest, shown: ThreadView, staff: Staff) -> Mapping[str, Any]:
    """What the tab needs: the groups, or what was found."""
    of = shown.of
    book = book_context(request, of.language, of.channel, fillings(of, shown.known, staff))
    closed = shown.mine and (shown.gate != Gate.OPEN.value or bool(of.doubt))
    return {
        **book,
        "may_send": shown.mine and not shown.nothing_arrives,
        "closed_gate": closed,
        "always": ALWAYS,
        "overrides": REASONS.items() if closed else (),
    }


def book_context(request: HttpRequest, theirs: str, channel: str, params: Mapping[str, str]) -> dict[str, Any]:
    """The phrasebook for a contact of this language, whole or as the query of this request finds it."""
    language = phrasebook.language_for(theirs)
    query = request.POST.get("query", "").strip()[:QUERY_LETTERS] if request.method == "POST" else ""
    made: dict[str, Any] = {
        "query": query,
        "tongue": phrasebook.tongue(language),
        "our_tongue": phrasebook.tongue(labels.desk_language()),
        "no_words": not speaks(theirs),
        "book_token": uuid.uuid4(),
    }
    if query:
        found = phrasebook.find(query)
        return {**made, "found": phrasebook.offers(found, params, language=language, channel=channel)}
    listed = [
        (group, phrasebook.offers([one.key for one in group.phrases], params, language=language, channel=channel))
        for group in phrasebook.groups()
    ]
    return {**made, "groups": [(group, offers) for group, offers in listed if offers]}


def fillings(of: ConversationFacts, known: Assessment, staff: Staff) -> dict[str, str]:
    """What fills the braces for this contact today: the worker's name for contacts, numbers that may be shown."""
    return filled(staff, known.country or country(of), child=known.minor)


def filled(staff: Staff, place: str | None, *, child: bool) -> dict[str, str]:
    """The same for any country."""
    params = {"alias": staff.alias or staff.username}
    with checked_by(checks):
        lines = showable(place, child=child, today=timezone.localdate())
        help_now = emergency(place, "ambulance") or emergency(place, "police")
    if lines:
        params["numbers"] = ", ".join(lines)
    if help_now:
        params["number"] = help_now
    return params
