"""Pages: what staff read. Whole pages without scripts, fragments of the same templates for htmx."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from desk import labels
from desk.board import board
from desk.roles import Act, allowed, staff_of
from desk.thread import ThreadView, thread
from records.models import AuditEvent, Conversation, Staff
from records.states import Owner, StaffRole

AUDIT_SHOWN = 200

sign_in = LoginView.as_view(template_name="desk/sign_in.html", redirect_authenticated_user=True)
sign_out = LogoutView.as_view(next_page="desk:sign-in")

ROLE_WORDS = {
    StaffRole.WORKER: "worker",
    StaffRole.SUPERVISOR: "supervisor",
    StaffRole.ADMINISTRATOR: "administrator",
    StaffRole.AUDITOR: "auditor",
}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The board for those who may read, the audit list for auditors, a word of where they are for the others."""
    staff = staff_of(request)
    if allowed(staff, Act.READ):
        return render(request, "desk/board.html", {**frame(staff), "board": board(staff, timezone.now())})
    if allowed(staff, Act.READ_AUDIT):
        return audit(request)
    words = "You look after accounts and settings. Conversations are closed to you."
    return render(request, "desk/plain.html", {**frame(staff), "title": "Desk", "words": words})


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The list alone; 204 when the page has it already."""
    shown = board(staff_of(request), timezone.now(), _number(request.GET.get("open")))
    if request.GET.get("have") == shown.mark:
        return HttpResponse(status=204)
    return render(request, "desk/parts/queue.html", {"board": shown})


@require_GET
def conversation(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """One conversation, with the list beside it unless htmx asks for the conversation alone."""
    return show(request, conversation_id)


@require_GET
def lines(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """What is new in an open conversation; the reply box only when it must be another one."""
    staff = staff_of(request)
    shown = open_thread(conversation_id, staff)
    if request.GET.get("have") == shown.mark:
        return HttpResponse(status=204)
    changed = request.GET.get("composer") != shown.composer
    return render(
        request, "desk/parts/lines_update.html", {**thread_context(shown, staff), "composer_changed": changed}
    )


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The newest audit rows: ids only."""
    rows = AuditEvent.objects.select_related("staff").order_by("-pk")[:AUDIT_SHOWN]
    return render(request, "desk/audit.html", {**frame(staff_of(request)), "rows": rows})


def show(
    request: HttpRequest,
    conversation_id: int,
    *,
    status: int = 200,
    error: str = "",
    unsent: str = "",
    unkept: str = "",
) -> HttpResponse:
    """The conversation as a page, or as a fragment for htmx; with what could not be sent or kept."""
    staff = staff_of(request)
    shown = open_thread(conversation_id, staff)
    context = {**thread_context(shown, staff), "error": error, "unkept": unkept}
    if unsent:
        context["unsent"] = unsent
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/parts/conversation_update.html", context, status=status)
    whole = {**frame(staff), **context, "board": board(staff, timezone.now(), conversation_id)}
    return render(request, "desk/board.html", whole, status=status)


def open_thread(conversation_id: int, staff: Staff) -> ThreadView:
    """The conversation, if it is there and this person may see it."""
    owner = Conversation.objects.filter(pk=conversation_id).values_list("owner", flat=True).first()
    if owner is None:
        raise Http404
    if owner == Owner.BOT and not allowed(staff, Act.SEE_BOT_ONLY):
        raise PermissionDenied
    try:
        return thread(conversation_id, staff, timezone.now())
    except Conversation.DoesNotExist:
        raise Http404 from None


def thread_context(shown: ThreadView, staff: Staff) -> dict[str, Any]:
    """What the templates of a conversation need."""
    colleagues = Staff.objects.filter(is_active=True, role__in=(StaffRole.WORKER, StaffRole.SUPERVISOR))
    return {
        "thread": shown,
        "person": shown.person,
        "unsent": shown.draft,
        "token": uuid.uuid4(),
        "note_token": uuid.uuid4(),
        "outcomes": labels.OUTCOMES.items(),
        "colleagues": list(colleagues.exclude(pk=staff.pk).order_by("username")) if shown.mine else [],
    }


def frame(staff: Staff) -> dict[str, Any]:
    """What the bar on top needs."""
    return {"role": {"word": ROLE_WORDS[StaffRole(staff.role)], "reads": allowed(staff, Act.READ)}}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
