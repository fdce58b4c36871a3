"""Boxes: what stands in the reply box and the note box, kept as drafts whatever button was pressed.

A script keeps both while somebody writes. Without scripts the words of one box, and what leads away from the page,
come in one form: so the other box, and whatever is newer than the last draft, is kept with that.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone

from desk.acts import NEWEST, token_of
from desk.directions import TURNING
from desk.need_to_know import may_open
from desk.pages import TEXT_CHARS
from desk.roles import Act, allowed, staff_of
from records.models import Conversation, Note, OutboxMessage
from records.staff import desk
from records.staff.threads import touched_lately
from records.states import DraftKind

_LONGEST = 5 * TEXT_CHARS  # letters of a draft
_DIGITS = 18  # of a number that a database takes


def plain(words: str) -> str:
    """Words without what no message may hold."""
    return TURNING.sub("", words.replace("\r\n", "\n").replace("\0", "")).strip()


def boxed(request: HttpRequest) -> dict[DraftKind, str]:
    """What stood in each box that came with this form."""
    found = {}
    if "text" in request.POST:
        note = request.POST.get("kind") == DraftKind.NOTE
        found[DraftKind.NOTE if note else DraftKind.REPLY] = request.POST["text"]
    # A script keeps each box by itself; what it sends of the other one it has not read.
    if "note" in request.POST and not request.htmx:  # type: ignore[attr-defined]
        found[DraftKind.NOTE] = request.POST["note"]
    return found


def keep(request: HttpRequest, row: Conversation, kind: DraftKind, words: str, now: datetime) -> bool:
    """Keep the words of a box as this person's draft, sealed; no words forget it.

    False for what arrives after its own reply: that is not a draft any more.
    """
    if words and _begins_one_sent(row, token_of(request), plain(words), kind):
        return False
    desk.save_draft(row.pk, staff_of(request), TURNING.sub("", words[:_LONGEST]), now, kind=kind)
    return True


def keep_beside(request: HttpRequest, row: Conversation, kind: DraftKind) -> None:
    """Keep what came along from the other box than the one of this kind."""
    _keep(request, row, {other: words for other, words in boxed(request).items() if other != kind})


def keep_before_leaving(request: HttpRequest) -> str:
    """Keep all that stood in the boxes of the page that is being left; returns the address that shows it again."""
    number = request.POST.get("open", "")
    known = number.isascii() and number.isdigit() and len(number) <= _DIGITS
    row = Conversation.objects.filter(pk=number).first() if known else None
    if row is None:
        return resolve_url("desk:home")
    _keep(request, row, boxed(request))
    return f"{resolve_url('desk:conversation', row.pk)}{NEWEST}"


def carrying(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The same for a button whose form is that of the boxes without scripts (`carried` in the templates)."""

    @functools.wraps(view)
    def kept_first(request: HttpRequest, *args: object, **named: object) -> HttpResponse:
        if request.method == "POST" and not request.htmx:  # type: ignore[attr-defined]
            keep_before_leaving(request)
        return view(request, *args, **named)

    return kept_first


def _keep(request: HttpRequest, row: Conversation, boxes: Mapping[DraftKind, str]) -> None:
    staff, now = staff_of(request), timezone.now()
    # It may have changed hands since it was opened to them.
    theirs = may_open(row, staff, now) or touched_lately(row.uid, staff, now)
    if theirs and allowed(staff, Act.ANSWER) and row.sealed_at is None:
        for kind, words in boxes.items():
            keep(request, row, kind, words, now)


def _begins_one_sent(row: Conversation, token: str, text: str, kind: DraftKind) -> bool:
    """True for a draft that arrives after its own words went: not for what was written in that form since."""
    mine = {"conversation": row, "client_token__startswith": f"{token}."}
    if kind == DraftKind.NOTE:
        return any(one.open_text(row.open_key()).startswith(text) for one in Note.objects.filter(**mine))
    return any(one.open_payload(row.open_key())[0].startswith(text) for one in OutboxMessage.objects.filter(**mine))
