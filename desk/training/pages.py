"""Pages of practice: the list of simulated contacts, the thread page with one of them, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from content.training import Dialogue, dialogues
from desk import labels
from desk.board import Board, board
from desk.pages import NOTHING, PANE, Refused, thread_context
from desk.places import pane
from desk.reasons import why
from desk.roles import staff_of
from desk.thread import ThreadView
from desk.training.shown import owner, shown
from desk.training.talk import Talk
from desk.training.verdict import verdict
from records.models import Practice, Staff
from records.staff import practice as kept
from records.states import Owner


@dataclass(frozen=True, slots=True)
class Scene:
    """One simulated contact in the list, or a practice that was begun with them."""

    id: str  # of the dialogue
    title: str
    level: labels.LevelLabel
    language: Any
    channel: str
    why: str
    practice: int = 0
    ended: bool = False
    touched_at: datetime | None = None

    @property
    def card(self) -> str:
        """What the page calls it while it is open."""
        return f"p{self.practice}"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Whom one can practise with, and what one has begun."""
    return render(request, "desk/training/home.html", {"scenes": _scenes(), "begun": _begun(staff_of(request))})


@require_GET
def list_beside(request: HttpRequest) -> HttpResponse:
    """What stands left of a practice: who really waits, and one's practices. 204 when the page has it."""
    staff = staff_of(request)
    really = board(staff, timezone.now())
    if request.GET.get("have") == really.mark:
        return HttpResponse(status=204)
    return render(request, "desk/training/list.html", _list(staff, really, request.GET.get("open", "")))


@require_GET
def practice(request: HttpRequest, practice_id: int) -> HttpResponse:
    """One practice as the page of a conversation."""
    return show(request, practice_id)


@require_GET
def lines(request: HttpRequest, practice_id: int) -> HttpResponse:
    """What time has changed in it: a gap that passed closes the box here too."""
    thread = opened(practice_id, staff_of(request))
    if request.GET.get("have") == thread.mark:
        return HttpResponse(status=204)
    changed = request.GET.get("composer") != thread.composer
    context = {**thread_context(request, thread, staff_of(request)), "composer_changed": changed}
    return render(request, "desk/parts/lines_update.html", context)


@require_GET
def beside(request: HttpRequest, practice_id: int, name: str) -> HttpResponse:
    """One tab beside it; it stays chosen."""
    if pane(name, practice=True).id != name:
        raise Http404
    request.session[PANE] = name
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(resolve_url("desk:practice-conversation", practice_id))
    staff = staff_of(request)
    return render(request, "desk/parts/beside.html", thread_context(request, opened(practice_id, staff), staff))


@require_POST
def phrases(request: HttpRequest, practice_id: int) -> HttpResponse:
    """What of the phrasebook means the same as the query."""
    request.session[PANE] = "phrases"
    if not request.htmx:  # type: ignore[attr-defined]
        return show(request, practice_id)
    staff = staff_of(request)
    return render(request, "desk/parts/phrase_list.html", thread_context(request, opened(practice_id, staff), staff))


@require_GET
def end(request: HttpRequest, practice_id: int) -> HttpResponse:
    """What was done well and what was missed, with the talk and what the contact's words mean."""
    row, talk, dialogue = load(practice_id, staff_of(request))
    if talk.closed_at is None:
        return HttpResponseRedirect(resolve_url("desk:practice-conversation", practice_id))
    context = {"practice": row.id, "verdict": verdict(talk, dialogue), "items": talk.items, "scene": _scene(dialogue)}
    return render(request, "desk/training/end.html", context)


def show(request: HttpRequest, practice_id: int, refused: Refused = NOTHING, **asked: Any) -> HttpResponse:
    """The practice as a page, or as a fragment for htmx; with what could not be sent or kept."""
    staff = staff_of(request)
    thread = opened(practice_id, staff)
    asked |= {"error": refused.error, "unsent": refused.unsent}
    context = {**thread_context(request, thread, staff), **{name: value for name, value in asked.items() if value}}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/parts/conversation_update.html", context, status=refused.status)
    whole = {**context, **_list(staff, board(staff, timezone.now()), f"p{practice_id}")}
    return render(request, "desk/training/practice.html", whole, status=refused.status)


def load(practice_id: int, staff: Staff) -> tuple[kept.PracticeRow, Talk, Dialogue]:
    """One of this person's own practices; 404 where there is none, or its dialogue is not there any more."""
    try:
        row = kept.read(practice_id, staff)
        return row, Talk.from_json(row.state), dialogues()[row.dialogue]
    except (Practice.DoesNotExist, KeyError):
        raise Http404 from None


def opened(practice_id: int, staff: Staff) -> ThreadView:
    """The practice as a thread."""
    row, talk, dialogue = load(practice_id, staff)
    return shown(row, talk, dialogue, staff, timezone.now())


def _list(staff: Staff, really: Board, open_: str) -> dict[str, Any]:
    return {"board": really, "begun": _begun(staff), "open": open_}


def _scenes() -> list[Scene]:
    made = [_scene(dialogue) for dialogue in dialogues().values()]
    return sorted(made, key=lambda scene: (scene.level.order, scene.title))


def _begun(staff: Staff) -> list[Scene]:
    return [_scene(dialogues()[row.dialogue], row) for row in kept.of(staff) if row.dialogue in dialogues()]


def _scene(dialogue: Dialogue, row: kept.PracticeRow | None = None) -> Scene:
    return Scene(
        id=dialogue.id,
        title=_(dialogue.title),
        level=labels.level(dialogue.level),
        language=labels.language(dialogue.language),
        channel=labels.channel(dialogue.channel),
        why=why(dialogue.reasons),
        practice=row.id if row else 0,
        ended=row is not None and owner(Talk.from_json(row.state)) == Owner.CLOSED,
        touched_at=row.touched_at if row else None,
    )
