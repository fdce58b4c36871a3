"""Writing: what staff write to the contact or to each other. The same form sent twice is one message.

A reply passes three questions before it goes: is the box open (`desk.gate`), would a second look help
(`desk.second_look`), does this person hold the conversation (`records`). Whatever the answer, the words stay.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bot import signals
from bot.words import Line, word
from channels.parts import outside_gsm, parts
from channels.simulator import look_of
from content.questions import questions
from desk import labels, pages
from desk.acts import back, holds, moved, refused, row_of, token_of, who_has_it
from desk.boxes import keep, keep_beside, plain
from desk.directions import TURNING
from desk.gate import NOTHING_ARRIVES, REASONS, Gate, gate, safety, why_closed
from desk.pages import TEXT_CHARS, Refused
from desk.reply_language import other_language
from desk.roles import staff_of
from desk.seat import browser_zone, seat_in, zone_named
from desk.second_look import Concern, concerns
from records.errors import NotHolder
from records.messages.material import ConversationFacts, load_conversation
from records.models import Conversation, OutboxMessage
from records.staff import desk, seats
from records.staff.replies import doubt_unanswered
from records.staff.threads import touched_lately
from records.states import DraftKind

MEANT = "other_language"  # in the session: the conversations in which another language than theirs was meant
MOST_MEANT = 50
MANY_PARTS = 3
FEW_LETTERS = 3  # so few can be written in another way
FURTHEST = timedelta(days=14)  # a time that was agreed lies within two weeks
NO_TIME = gettext_lazy("Nothing was changed: choose a time within the next two weeks.")
ASK_SAFE, GOOD_TIME = "ask.safe", "helper.good_time"


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply that does not go yet, and why: the words stay in the box."""

    status: int
    error: str = ""
    concerns: tuple[Concern, ...] = ()
    sure: str = ""
    override: str = ""

    def shown(self, text: str) -> dict[str, Any]:
        """As the page of the conversation takes it, with the words that stay."""
        asked = {name: getattr(self, name) for name in ("concerns", "sure", "override")}
        return {"refused": Refused(self.status, self.error, unsent=text), **asked}


Details = dict[str, str | int | bool | list[str] | None]


def too_long(text: str) -> Kept | None:
    """Why a text of this length does not go."""
    if len(text) <= TEXT_CHARS:
        return None
    error = _("Not sent: %(letters)d letters, and at most %(most)d can go. Shorten it.")
    return Kept(422, error % {"letters": len(text), "most": TEXT_CHARS})


def judge(request: HttpRequest, of: ConversationFacts, text: str, now: datetime) -> Kept | Details:
    """What the audit keeps about a reply that may go now, or why it stays."""
    closed, reason = gate(of, now), request.POST.get("override", "")
    if closed != Gate.OPEN and (closed in NOTHING_ARRIVES or reason not in REASONS):
        return Kept(409, _("Not sent. %(why)s") % {"why": why_closed(closed)})
    details: Details = {"gate": closed.value, "override": reason} if closed != Gate.OPEN else {}
    doubted, other = doubt_unanswered(of, staff_of(request)), _unlike_theirs(request, of, text)
    found, sure = (*concerns(text, of.language), *other), _sure(text, of.doubt_at if doubted else None)
    if doubted:
        found = (Concern("", safety(of, now).sentence), *found)
        details |= {"doubt": True}
    if found and request.POST.get("sure") != sure:
        return Kept(422, concerns=found, sure=sure, override=reason)
    if other:
        request.session[MEANT] = [*request.session.get(MEANT, []), of.id][-MOST_MEANT:]
    return details | {"sure": True} if found else details


def _unlike_theirs(request: HttpRequest, of: ConversationFacts, text: str) -> tuple[Concern, ...]:
    """A reply in another language than theirs: asked about until this person has meant it once in this conversation."""
    ours = other_language(text, of.language)
    if not ours or of.id in request.session.get(MEANT, []):
        return ()
    named = {"theirs": labels.language_name(of.language), "ours": labels.language_name(ours)}
    return (Concern("", _("They write %(theirs)s. This reply looks %(ours)s.") % named),)


@require_POST
def reply(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Send words to the contact."""
    text = text_of(request)
    if not text:
        return back(request, conversation_id)
    if kept := too_long(text):
        return pages.show(request, conversation_id, **kept.shown(text))
    staff, now = staff_of(request), timezone.now()
    row, token = row_of(conversation_id), once(token_of(request), text)
    keep_beside(request, row, DraftKind.REPLY)
    details: Details = {}
    # Neither question is put to a form that was sent before: its answer is the message that was made then.
    if not _sent_before(row, token) and holds(conversation_id, staff):
        judged = judge(request, load_conversation(conversation_id), text, now)
        if isinstance(judged, Kept):
            desk.save_draft(conversation_id, staff, text, now)  # no script has kept it, perhaps
            return pages.show(request, conversation_id, **judged.shown(text))
        details = judged
    try:
        desk.reply(conversation_id, staff, text, now, client_token=token, details=details)
    except NotHolder:
        error = _("Not sent. %(why)s") % {"why": who_has_it(conversation_id)}
        return pages.show(request, conversation_id, Refused(409, error, unsent=text))
    say_what_was_taken_out(request)
    return _sent(request, conversation_id)


@require_POST
def retry(request: HttpRequest, conversation_id: int, outbox_id: int) -> HttpResponse:
    """Send the words of a message that did not arrive once more; pressing twice sends once."""
    of, now = load_conversation(row_of(conversation_id).pk), timezone.now()
    closed = gate(of, now)
    if closed != Gate.OPEN or doubt_unanswered(of, staff_of(request)):
        words = _("Not sent. %(why)s") % {"why": why_closed(closed) or safety(of, now).sentence}
        return pages.show(request, conversation_id, Refused(409, words))
    try:
        made = desk.retry(conversation_id, staff_of(request), outbox_id, timezone.now())
    except NotHolder:
        return refused(request, conversation_id)
    if made is None:
        raise Http404
    return _sent(request, conversation_id)


@require_POST
def ask_safe(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Send the safety phrase of the catalogue in the contact's language: the one thing a closed box offers at once."""
    row = row_of(conversation_id)
    if (closed := gate(load_conversation(row.pk), timezone.now())) in NOTHING_ARRIVES:
        return pages.show(request, conversation_id, Refused(409, why_closed(closed)))
    return _say(request, row, safety_question(), None)


def safety_question() -> Line:
    """The phrase that asks whether it is safe."""
    return Line(key=ASK_SAFE, options=tuple(questions()["safe"].options), question="safe")


@require_POST
def at_agreed_time(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Let the one neutral hello go at the time that was agreed."""
    row = row_of(conversation_id)
    if (closed := gate(load_conversation(row.pk), timezone.now())) in NOTHING_ARRIVES:
        return pages.show(request, conversation_id, Refused(409, why_closed(closed)))
    at = agreed_time(request, timezone.now())
    if at is None:
        return pages.show(request, conversation_id, Refused(422, str(NO_TIME)))
    return _say(request, row, Line(key=GOOD_TIME), at)


def _say(request: HttpRequest, row: Conversation, line: Line, at: datetime | None) -> HttpResponse:
    said = word([line], language=row.language, channel=row.contact.channel)[0]
    try:
        desk.reply(
            row.pk, staff_of(request), said.text, timezone.now(), key=said.key, buttons=said.buttons,
            client_token=once(token_of(request), f"{at} {said.text}"), not_before=at, keep_draft=True,
            details={"phrase": line.key} if at is None else {"phrase": line.key, "agreed_time": True},
        )  # fmt: skip
    except NotHolder:
        return refused(request, row.pk)
    return _sent(request, row.pk)


@require_POST
def draft(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Keep what is being written, sealed on the server, and count it; tell the others that somebody writes."""
    text = request.POST.get("text", "")
    staff, now = staff_of(request), timezone.now()
    row = row_of(conversation_id)
    kind = DraftKind.NOTE if request.POST.get("kind") == DraftKind.NOTE else DraftKind.REPLY
    if kind == DraftKind.NOTE:
        pages.open_thread(conversation_id, staff)  # who may not read it may not write in it
    # Of one that has just changed hands the last words are kept too: they are this person's own.
    may = kind == DraftKind.NOTE or holds(conversation_id, staff) or touched_lately(row.uid, staff, now)
    if may and keep(request, row, kind, text, now) and text and seats.write_in(conversation_id, staff, now):
        signals.publish(signals.DESK, (f"w{conversation_id}",))
    if request.POST.get("keep"):  # pressed by hand, where no script keeps it
        keep_beside(request, row, kind)
        _say_kept(request, text, kept=may)
        return back(request, conversation_id)
    if kind == DraftKind.NOTE:
        return HttpResponse(status=204)
    return count(request, text, row.contact.channel, kept=may)


def _say_kept(request: HttpRequest, text: str, *, kept: bool) -> None:
    if not kept:
        messages.warning(request, _("Not kept: you do not hold this conversation any more"))
    elif text:
        messages.success(request, _("Kept, sealed: it stands in the box again. It was not sent."))


def count(request: HttpRequest, text: str, channel: str, *, kept: bool) -> HttpResponse:
    """How long a reply is, as its channel counts."""
    counted = parts(text) if look_of(channel) == "sms" else None
    rare = outside_gsm(text) if counted else ()
    shown = {
        "letters": len(text),
        "most": TEXT_CHARS,
        "parts": counted,
        "many": MANY_PARTS,
        "rare": " ".join(rare) if len(rare) <= FEW_LETTERS else "",
        "kept": kept,
    }
    return render(request, "desk/parts/count.html", shown)


@require_POST
def note(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Keep a note that only staff see."""
    pages.open_thread(conversation_id, staff_of(request))  # who may not read it may not write in it
    box = "note" if "note" in request.POST else "text"  # without scripts it stands in one form with the reply
    text = plain(request.POST.get(box, ""))
    if box == "note":
        keep_beside(request, row_of(conversation_id), DraftKind.NOTE)
    if len(text) > TEXT_CHARS:
        error = _("Not kept: %(letters)d letters, and a note has at most %(most)d.")
        words = error % {"letters": len(text), "most": TEXT_CHARS}
        return pages.show(request, conversation_id, Refused(422, words, unkept=text))
    if text:
        token = once(token_of(request), text)
        desk.add_note(conversation_id, staff_of(request), text, timezone.now(), client_token=token)
        say_what_was_taken_out(request, box)
        moved(conversation_id)
    return back(request, conversation_id)


def _sent(request: HttpRequest, conversation_id: int) -> HttpResponse:
    signals.wake(signals.DELIVERY)
    moved(conversation_id)
    return back(request, conversation_id)


def text_of(request: HttpRequest) -> str:
    """The words of a form, without what no message may hold."""
    return plain(request.POST.get("text", ""))


def say_what_was_taken_out(request: HttpRequest, box: str = "text") -> None:
    """Tell whoever wrote it that what turns the direction is not in what was kept or went."""
    if TURNING.search(request.POST.get(box, "")):
        messages.info(request, _("Invisible signs that turn the direction of the writing were taken out of it."))


def _sure(text: str, doubt_at: datetime | None) -> str:
    """What says that these very words were asked about, after what was heard last."""
    return _digest(f"{doubt_at} {text}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def once(token: str, text: str) -> str:
    """The id of these very words of a form: sent again they are one message, and other words are another one.

    Who was never told that the first words went (the answer was cut) writes on in the same form.
    """
    return f"{token}.{_digest(text)}"


def _sent_before(row: Conversation, token: str) -> bool:
    return OutboxMessage.objects.filter(conversation=row, client_token=token).exists()


def agreed_time(request: HttpRequest, now: datetime) -> datetime | None:
    """The time in the box, if it lies within the next two weeks."""
    at = _time(request)
    return at if at is not None and now < at <= now + FURTHEST else None


def _time(request: HttpRequest) -> datetime | None:
    """The time in the box, as the clock of this person shows it."""
    at = parse_datetime(request.POST.get("at", "")[:30])
    if at is None or timezone.is_aware(at):
        return at
    chosen = zone_named(seat_in(request, staff_of(request)).time_zone)
    zone = chosen or zone_named(request.POST.get("zone", "")) or zone_named(browser_zone(request))
    return at.replace(tzinfo=zone or dt.timezone.utc)
