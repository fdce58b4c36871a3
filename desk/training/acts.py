"""Acts of practice: the forms of the desk, with the same gate and the same second look, and nobody at the other end."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bot.words import Line, Worded, word
from content.training import Dialogue, dialogues
from desk import labels, phrase_pages, phrasebook, writing
from desk.acts import NEWEST, token_of
from desk.gate import NOTHING_ARRIVES, gate, why_closed
from desk.pages import TEXT_CHARS, Refused
from desk.roles import staff_of
from desk.training import talk as talks
from desk.training.meaning import meant
from desk.training.pages import load, show
from desk.training.shown import facts, known, owner
from desk.training.talk import Item, Talk
from records.models import Practice
from records.staff import practice as kept
from records.states import DraftKind, Owner, SafeAnswer
from screening.assessment import Assessment

Change = Callable[[Talk], Talk]


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A new practice with one of the simulated contacts."""
    dialogue = dialogues().get(request.POST.get("dialogue", ""))
    if dialogue is None:
        raise Http404
    now = timezone.now()
    made = kept.begin(staff_of(request), dialogue.id, talks.begin(dialogue, now).to_json(), now)
    return HttpResponseRedirect(resolve_url("desk:practice-conversation", made))


@require_POST
def claim(request: HttpRequest, practice_id: int) -> HttpResponse:
    """Take it from the queue that it is not in."""
    now = timezone.now()
    return _done(request, practice_id, lambda talk: talk if talk.claimed_at else replace(talk, claimed_at=now))


@require_POST
def reply(request: HttpRequest, practice_id: int) -> HttpResponse:
    """Write to the simulated contact, who answers."""
    text, now = writing.text_of(request), timezone.now()
    if not text:
        return _done(request, practice_id)
    if too_long := writing.too_long(text):
        return show(request, practice_id, **too_long.shown(text))
    row, talk, dialogue = load(practice_id, staff_of(request))
    if owner(talk) != Owner.STAFF:
        return _not_held(request, practice_id, unsent=text)
    judged = writing.judge(request, facts(row, talk, dialogue, staff_of(request)), text, now)
    if isinstance(judged, writing.Kept):
        _change(request, practice_id, lambda now: replace(now, draft=text))
        return show(request, practice_id, **judged.shown(text))
    read = meant(text, dialogue.language)
    item = Item(
        kind="out", at=now, text=text, author="staff", meant=read.keys, asks=read.asks, token=token_of(request),
        forbidden="sure" in judged, pushed="override" in judged,
    )  # fmt: skip
    writing.say_what_was_taken_out(request)
    return _written(request, practice_id, dialogue, item)


@require_POST
def phrase(request: HttpRequest, practice_id: int) -> HttpResponse:
    """Say one phrase of the catalogue in the contact's language."""
    key, now, staff = request.POST.get("key", ""), timezone.now(), staff_of(request)
    if key not in phrasebook.phrases():
        raise Http404
    row, talk, dialogue = load(practice_id, staff)
    if owner(talk) != Owner.STAFF:
        return _not_held(request, practice_id)
    of = facts(row, talk, dialogue, staff)
    judged = phrase_pages.judge(request, of, Assessment.from_json(known(dialogue)), key, staff, now)
    if isinstance(judged, Refused):
        return show(request, practice_id, judged)
    said, details = judged
    token = str(uuid.uuid5(uuid.UUID(token_of(request)), key))
    return _written(request, practice_id, dialogue, _item(said, now, token, pushed="override" in details))


@require_POST
def ask_safe(request: HttpRequest, practice_id: int) -> HttpResponse:
    """The safety phrase that a closed box offers."""
    return _line(request, practice_id, writing.safety_question(), timezone.now())


@require_POST
def at_agreed_time(request: HttpRequest, practice_id: int) -> HttpResponse:
    """The neutral hello at the time that was agreed; here it is only noted."""
    now = timezone.now()
    if writing.agreed_time(request, now) is None:
        return show(request, practice_id, Refused(422, str(writing.NO_TIME)))
    return _line(request, practice_id, Line(key=writing.GOOD_TIME), now, answered=False)


@require_POST
def draft(request: HttpRequest, practice_id: int) -> HttpResponse:
    """Keep what is being written, and count it."""
    text = request.POST.get("text", "")[: 5 * TEXT_CHARS]
    _row, talk, dialogue = load(practice_id, staff_of(request))
    token, note_ = token_of(request), request.POST.get("kind") == DraftKind.NOTE
    words = writing.text_of(request)
    sent = bool(words) and any(item.token == token and item.text.startswith(words) for item in talk.items)
    may = (note_ or owner(talk) == Owner.STAFF) and not sent
    if may:
        _change(request, practice_id, lambda now: replace(now, note_draft=text) if note_ else replace(now, draft=text))
    if note_:
        return HttpResponse(status=204)
    return writing.count(request, text, dialogue.channel, kept=may)


@require_POST
def note(request: HttpRequest, practice_id: int) -> HttpResponse:
    """Keep a note; here nobody else reads it."""
    text, token, now = writing.text_of(request)[:TEXT_CHARS], token_of(request), timezone.now()
    return _done(request, practice_id, lambda talk: talks.note(talk, text, token, now) if text else talk)


@require_POST
def safety(request: HttpRequest, practice_id: int) -> HttpResponse:
    """Keep what the contact answered about whether it is safe."""
    answer, now = request.POST.get("is", ""), timezone.now()
    if answer not in (SafeAnswer.YES, SafeAnswer.NO):
        raise Http404
    return _done(request, practice_id, lambda talk: replace(talk, safe=answer, safe_at=now))


@require_POST
def close(request: HttpRequest, practice_id: int) -> HttpResponse:
    """End it, with how it ended, and look at what came of it."""
    outcome, now = request.POST.get("outcome", ""), timezone.now()
    if outcome not in labels.OUTCOMES:
        messages.warning(request, _("Not closed: choose how it ended."))
        return _done(request, practice_id)
    _change(request, practice_id, lambda talk: replace(talk, closed_at=talk.closed_at or now, outcome=outcome))
    address = resolve_url("desk:practice-end", practice_id)
    if request.htmx:  # type: ignore[attr-defined]
        answer = HttpResponse()
        answer["HX-Redirect"] = address
        return answer
    return HttpResponseRedirect(address)


@require_POST
def discard(request: HttpRequest, practice_id: int) -> HttpResponse:
    """Throw a practice away."""
    kept.discard(practice_id, staff_of(request))
    return HttpResponseRedirect(resolve_url("desk:training"))


def _line(request: HttpRequest, practice_id: int, line: Line, now: datetime, *, answered: bool = True) -> HttpResponse:
    row, talk, dialogue = load(practice_id, staff_of(request))
    if owner(talk) != Owner.STAFF:
        return _not_held(request, practice_id)
    if (closed := gate(facts(row, talk, dialogue, staff_of(request)), now)) in NOTHING_ARRIVES:
        return show(request, practice_id, Refused(409, why_closed(closed)))
    said = word([line], language=dialogue.language, channel=dialogue.channel)[0]
    item = _item(said, now, token_of(request), pushed=False)
    if not answered:
        return _done(request, practice_id, lambda now: replace(now, items=(*now.items, item)))
    return _written(request, practice_id, dialogue, item)


def _item(said: Worded, now: datetime, token: str, *, pushed: bool) -> Item:
    return Item(
        kind="out",
        at=now,
        text=said.text,
        author="staff",
        key=said.key,
        buttons=said.buttons,
        token=token,
        pushed=pushed,
    )


def _written(request: HttpRequest, practice_id: int, dialogue: Dialogue, item: Item) -> HttpResponse:
    return _done(request, practice_id, lambda talk: talks.write(talk, dialogue, item))


def _not_held(request: HttpRequest, practice_id: int, unsent: str = "") -> HttpResponse:
    error = _("Not sent. %(why)s") % {"why": _("You do not hold this conversation.")}
    return show(request, practice_id, Refused(409, error, unsent=unsent))


def _change(request: HttpRequest, practice_id: int, change: Change) -> None:
    def act(state: kept.State) -> kept.State:
        talk = Talk.from_json(state)
        return state if talk.closed_at else change(talk).to_json()

    try:
        kept.change(practice_id, staff_of(request), timezone.now(), act)
    except Practice.DoesNotExist:
        raise Http404 from None


def _done(request: HttpRequest, practice_id: int, change: Change | None = None) -> HttpResponse:
    if change is not None:
        _change(request, practice_id, change)
    if request.htmx:  # type: ignore[attr-defined]
        return show(request, practice_id)
    return HttpResponseRedirect(f"{resolve_url('desk:practice-conversation', practice_id)}{NEWEST}")
