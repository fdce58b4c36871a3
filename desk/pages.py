"""Pages: what staff read. Whole pages without scripts, fragments of the same templates for htmx."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bot import signals
from desk import farewell, labels
from desk.audit_words import ACTORS, said
from desk.board import Filters, board
from desk.board import counts as board_counts
from desk.gate import REASONS
from desk.need_to_know import may_open
from desk.need_to_know import whose as whose_now
from desk.notices import see
from desk.places import pane, panes
from desk.roles import Act, GoFirst, allowed, staff_of
from desk.second_look import Concern
from desk.thread import ThreadView, thread
from desk.together import reading_of
from records.models import AuditEvent, Conversation, Staff
from records.staff.replies import draft_of, save_draft
from records.staff.seats import Colleague, colleagues, look_at
from records.staff.threads import LAST, touched_lately
from records.states import Owner

if TYPE_CHECKING:
    from desk.handing import NotGiven

AUDIT_SHOWN = 200
TEXT_CHARS = 4000  # of a reply or a note
FILTERS = "filters"  # of the queue, in the session
MOST_MESSAGES = 20_000
PANE = "pane"  # the chosen tab, in the session


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not done and why, as the page says it; the words that were posted with it stand there again."""

    status: int = 200
    error: str = ""
    unsent: str = field(default="", repr=False)  # a reply
    unkept: str = field(default="", repr=False)  # a note


NOTHING = Refused()


@dataclass(frozen=True, slots=True)
class Closing:
    """How a conversation would end, and what there is to know first."""

    outcome: str
    words: str
    why: tuple[str, ...]


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The board for those who may read, the audit list for auditors, a word of where they are for the others."""
    staff = staff_of(request)
    if allowed(staff, Act.READ):
        shown = board(staff, timezone.now(), None, _filters(request), reading=reading_of(request))
        return render(request, "desk/board.html", {"board": shown})
    if allowed(staff, Act.READ_AUDIT):
        return audit(request)
    words = _("You look after accounts and settings. Conversations are closed to you.")
    return render(request, "desk/plain.html", {"title": _("Desk"), "words": words})


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The list alone; 204 when the page has it already. Without scripts its form leads back to the page."""
    filters, opened = _filters(request), _number(request.GET.get("open"))
    if not request.htmx and "filter" in request.GET:  # type: ignore[attr-defined]
        address = resolve_url("desk:conversation", opened) if opened else resolve_url("desk:home")
        return HttpResponseRedirect(address)
    shown = board(staff_of(request), timezone.now(), opened, filters, reading=reading_of(request))
    if request.GET.get("have") == shown.mark:
        return HttpResponse(status=204)
    return render(request, "desk/parts/queue.html", {"board": shown})


@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """The list in numbers, as the bar of a page without it holds them."""
    made = board_counts(staff_of(request), timezone.now(), reading=reading_of(request))
    return render(request, "desk/parts/counts.html", {"counts": made})


@require_POST
def notice_seen(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Put a notice away for everybody, in one's own name."""
    staff, now = staff_of(request), timezone.now()
    if see(notice_id, staff, now):
        signals.publish(signals.DESK, ())
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(resolve_url("desk:home"))
    opened = _number(request.POST.get("open"))
    return render(request, "desk/parts/queue.html", {"board": board(staff, now, opened, _filters(request))})


@require_GET
def conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """One conversation, with the list beside it unless htmx asks for the conversation alone."""
    return show(request, conversation_id)


@require_GET
def lines(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """What is new in an open conversation; the reply box only when it must be another one."""
    staff = staff_of(request)
    try:
        shown = open_thread(conversation_id, staff, last=_last(request))
    except (GoFirst, PermissionDenied):
        if not request.htmx:  # type: ignore[attr-defined]
            raise
        return _taken_away(request, conversation_id)
    if request.GET.get("have") == shown.mark:
        return HttpResponse(status=204)
    changed = request.GET.get("composer") != shown.composer
    context = {**thread_context(request, shown, staff), "composer_changed": changed}
    return render(request, "desk/parts/lines_update.html", context)


@require_GET
def whose(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Who has now what was taken away from an open page; 204 when the page says so already."""
    row = Conversation.objects.select_related("claimed_by").filter(pk=conversation_id).first()
    if row is None:
        raise Http404
    told = whose_now(row, staff_of(request), timezone.now())
    if request.GET.get("have") == told["mark"]:
        return HttpResponse(status=204)
    return render(request, "desk/parts/whose.html", told)


@require_http_methods(["GET", "POST"])
def beside(request: HttpRequest, conversation_id: int, name: str) -> HttpResponse:
    """One tab of the right pane; it stays chosen for the next conversations."""
    chosen = pane(name)
    if chosen.id != name:
        raise Http404
    request.session[PANE] = name
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(resolve_url("desk:conversation", conversation_id))
    staff = staff_of(request)
    context = thread_context(request, open_thread(conversation_id, staff), staff)
    return render(request, "desk/parts/beside.html", context)


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The newest audit rows, in words: none of them holds anything that was written."""
    rows = [
        {
            "at": row.at,
            "who": row.staff.username if row.staff else ACTORS.get(row.actor_kind, row.actor_kind),
            "what": said(row.action, row.details),
            "conversation_uid": row.conversation_uid,
        }
        for row in AuditEvent.objects.select_related("staff").order_by("-pk")[:AUDIT_SHOWN]
    ]
    return render(request, "desk/audit.html", {"rows": rows})


def show(
    request: HttpRequest,
    conversation_id: int,
    refused: Refused = NOTHING,
    *,
    concerns: tuple[Concern, ...] = (),
    sure: str = "",
    override: str = "",
    to_bot: tuple[str, ...] = (),
    closing: Closing | None = None,
    not_given: NotGiven | None = None,
) -> HttpResponse:
    """The conversation as a page, or as a fragment for htmx; with what could not be sent, kept or given."""
    staff = staff_of(request)
    try:
        shown = open_thread(conversation_id, staff, last=_last(request))
    except GoFirst:
        uid = Conversation.objects.values_list("uid", flat=True).get(pk=conversation_id)
        if request.method != "POST" or not touched_lately(uid, staff, timezone.now()):
            raise  # it was not open to them: `desk.roles` shows the words again beside the way in
        return _taken_away(request, conversation_id, refused)
    asked = {"error": refused.error, "concerns": concerns, "sure": sure, "override": override, "to_bot": to_bot}
    context = {**thread_context(request, shown, staff), **asked, "closing": closing, "not_given": not_given}
    if refused.unsent:
        context["unsent"] = refused.unsent
    if refused.unkept:
        context["unkept"] = refused.unkept
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/parts/conversation_update.html", context, status=refused.status)
    whole = {**context, "board": board(staff, timezone.now(), conversation_id, _filters(request))}
    return render(request, "desk/board.html", whole, status=refused.status)


def _taken_away(request: HttpRequest, conversation_id: int, refused: Refused = NOTHING) -> HttpResponse:
    """In place of the words of somebody who is with another now: who has them, and what this person had written."""
    staff, now = staff_of(request), timezone.now()
    row = Conversation.objects.select_related("claimed_by").get(pk=conversation_id)
    if refused.unsent:
        save_draft(conversation_id, staff, refused.unsent, now)
    kept = refused.unsent or ("" if row.sealed_at else draft_of(conversation_id, staff))
    context: dict[str, Any] = {**whose_now(row, staff, now), "error": refused.error, "unsent": kept}
    context["unkept"] = refused.unkept
    if not request.htmx:  # type: ignore[attr-defined]
        shown = board(staff, now, None, _filters(request))
        return render(request, "desk/board.html", {**context, "board": shown}, status=refused.status)
    response = render(request, "desk/parts/taken_away_update.html", context, status=refused.status)
    response["HX-Retarget"], response["HX-Reswap"] = "#conversation", "innerHTML"
    response["HX-Replace-Url"] = reverse("desk:home")
    return response


def open_thread(conversation_id: int, staff: Staff, *, last: int = LAST) -> ThreadView:
    """The conversation, if it is there and this person may see it."""
    row = Conversation.objects.filter(pk=conversation_id).first()
    if row is None:
        raise Http404
    if not may_open(row, staff, timezone.now()):
        if row.owner == Owner.BOT:
            raise PermissionDenied
        raise GoFirst(reverse("desk:reason", args=[conversation_id]))
    try:
        shown = thread(conversation_id, staff, timezone.now(), last=last)
        if look_at(conversation_id, staff, timezone.now(), read_to=shown.newest_in):
            signals.publish(signals.DESK, (f"w{conversation_id}",))
    except Conversation.DoesNotExist:
        raise Http404 from None
    return shown


def thread_context(request: HttpRequest, shown: ThreadView, staff: Staff) -> dict[str, Any]:
    """What the templates of a conversation need."""
    practice = bool(shown.practice)
    beside_it = pane(request.session.get(PANE), practice=practice)
    others = colleagues(staff) if shown.mine and not practice else []
    return {
        "thread": shown,
        "panes": panes(practice=practice),
        "pane": beside_it,
        **beside_it.context(request, shown, staff),
        "unsent": shown.draft,
        "unkept": shown.note_draft,
        "token": uuid.uuid4(),
        "note_token": uuid.uuid4(),
        "phrase_token": uuid.uuid4(),
        "transfer_token": uuid.uuid4(),
        "text_chars": TEXT_CHARS,
        "outcomes": labels.OUTCOMES.items(),
        "reasons": REASONS.items(),
        "colleagues": others,
        "farewell": shown.mine and not practice and farewell.due(shown.of, shown.now),
        "languages": _spoken(others),
    }


def _spoken(others: Iterable[Colleague]) -> list[tuple[str, str]]:
    """Languages that colleagues speak: a conversation can be given to whoever speaks one."""
    codes = {code for one in others for code in one.languages}
    known = [(code, labels.language_name(code)) for code in codes if labels.language(code)]
    return sorted(known, key=lambda pair: pair[1])


def _filters(request: HttpRequest) -> Filters:
    """What of the queue is shown: as the form says, else as it was."""
    if "filter" in request.GET:
        chosen = Filters.of(request.GET)
        request.session[FILTERS] = chosen.as_dict()
        return chosen
    kept = request.session.get(FILTERS)
    return Filters.of(kept) if isinstance(kept, dict) else Filters()


def _last(request: HttpRequest) -> int:
    """How many messages are opened: more only when they were asked for."""
    return min(MOST_MESSAGES, max(LAST, _number(request.GET.get("last")) or 0))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
