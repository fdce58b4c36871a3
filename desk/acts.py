"""Acts: what staff change. Each is a POST, one call into `records.desk`, then a signal.

Without scripts the answer leads back to the page; with htmx it is the conversation drawn anew.
A refusal keeps what was written and says who has the conversation.
"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_POST

from bot import signals
from bot.words import Line, speaks, word
from channels.parts import outside_gsm, parts
from channels.simulator import look_of
from desk import labels, pages
from desk.roles import staff_of
from desk.thread import may_claim
from records import desk
from records.errors import NotHolder
from records.models import Conversation, OutboxMessage, Staff
from records.outcome import OutboxDraft
from records.states import Author, Owner, StaffRole, valid_for_s

TEXT_CHARS = 4000
MANY_PARTS = 3
FEW_LETTERS = 3  # so few can be written in another way


@require_POST
def claim(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Take a conversation; whoever comes second is told who has it."""
    staff = staff_of(request)
    owner = _row(conversation_id).owner
    if may_claim(Owner(owner), staff) and desk.claim(conversation_id, staff, timezone.now()):
        _moved(conversation_id)
    elif not _holds(conversation_id, staff):
        messages.warning(request, _who_has_it(conversation_id))
    return _back(request, conversation_id)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Take the first of the queue that nobody else takes in the same moment."""
    staff = staff_of(request)
    now = timezone.now()
    for entry in desk.queue(now):
        if desk.claim(entry.conversation_id, staff, now):
            _moved(entry.conversation_id)
            return HttpResponseRedirect(resolve_url("desk:conversation", entry.conversation_id))
    messages.info(request, "Nobody is waiting.")
    return HttpResponseRedirect(resolve_url("desk:home"))


@require_POST
def reply(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Send words to the contact. The same form posted twice is one message."""
    text = _text(request)
    if not text:
        return _back(request, conversation_id)
    if len(text) > TEXT_CHARS:
        error = f"Not sent: {len(text)} letters, and at most {TEXT_CHARS} can go. Shorten it."
        return pages.show(request, conversation_id, status=422, error=error, unsent=text)
    try:
        desk.reply(conversation_id, staff_of(request), text, timezone.now(), client_token=_token(request))
    except NotHolder:
        error = f"Not sent. {_who_has_it(conversation_id)}"
        return pages.show(request, conversation_id, status=409, error=error, unsent=text)
    signals.wake(signals.DELIVERY)
    _moved(conversation_id)
    return _back(request, conversation_id)


@require_POST
def draft(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Keep what is being written, sealed on the server, and count it."""
    text = request.POST.get("text", "")[: 5 * TEXT_CHARS]
    staff = staff_of(request)
    row = _row(conversation_id)
    # A draft that arrives after its own reply is not a draft any more.
    sent = OutboxMessage.objects.filter(conversation=row, client_token=_token(request)).exists()
    if not sent and row.owner == Owner.STAFF and row.claimed_by_id == staff.pk:
        desk.save_draft(conversation_id, staff, text, timezone.now())
    counted = parts(text) if look_of(row.contact.channel) == "sms" else None
    rare = outside_gsm(text) if counted else ()
    shown = {
        "letters": len(text),
        "most": TEXT_CHARS,
        "parts": counted,
        "many": MANY_PARTS,
        "rare": " ".join(rare) if len(rare) <= FEW_LETTERS else "",
    }
    return render(request, "desk/parts/count.html", shown)


@require_POST
def note(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Keep a note that only staff see."""
    pages.open_thread(conversation_id, staff_of(request))  # who may not read it may not write in it
    text = _text(request)
    if len(text) > TEXT_CHARS:
        error = f"Not kept: {len(text)} letters, and a note has at most {TEXT_CHARS}."
        return pages.show(request, conversation_id, status=422, error=error, unkept=text)
    if text:
        desk.add_note(conversation_id, staff_of(request), text, timezone.now(), client_token=_token(request))
        _moved(conversation_id)
    return _back(request, conversation_id)


@require_POST
def hand_back(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Give it back to the queue, or to the bot with a line that says so."""
    to = Owner.BOT if request.POST.get("to") == "bot" else Owner.QUEUE
    lines = _farewell(_row(conversation_id)) if to == Owner.BOT else ()
    try:
        desk.hand_back(conversation_id, staff_of(request), to, timezone.now(), lines=lines)
    except NotHolder:
        return _refused(request, conversation_id)
    signals.wake(signals.DELIVERY)
    _moved(conversation_id)
    if to == Owner.BOT:
        messages.info(request, f"Conversation {conversation_id} is with the bot.")
        return _home(request)
    return _back(request, conversation_id)


@require_POST
def transfer(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Give it to a colleague who may answer."""
    may_answer = Staff.objects.filter(is_active=True, role__in=(StaffRole.WORKER, StaffRole.SUPERVISOR))
    chosen = request.POST.get("to", "")
    to = may_answer.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() else None
    if to is None:
        raise Http404
    try:
        desk.transfer(conversation_id, staff_of(request), to, timezone.now())
    except NotHolder:
        return _refused(request, conversation_id)
    _moved(conversation_id)
    return _back(request, conversation_id)


@require_POST
def close(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """End it, with how it ended."""
    outcome = request.POST.get("outcome", "")
    if outcome not in labels.OUTCOMES:
        messages.warning(request, "Not closed: choose how it ended.")
        return _back(request, conversation_id)
    try:
        desk.close(conversation_id, staff_of(request), outcome, timezone.now())
    except NotHolder:
        return _refused(request, conversation_id)
    _moved(conversation_id)
    return _back(request, conversation_id)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\r\n", "\n").replace("\0", "").strip()


def _token(request: HttpRequest) -> str:
    """The form's own id; a post without one is a form of its own."""
    try:
        return str(uuid.UUID(request.POST.get("token", "")))
    except ValueError:
        return str(uuid.uuid4())


def _row(conversation_id: int) -> Conversation:
    row = Conversation.objects.select_related("contact", "claimed_by").filter(pk=conversation_id).first()
    if row is None:
        raise Http404
    return row


def _holds(conversation_id: int, staff: Staff) -> bool:
    row = _row(conversation_id)
    return row.owner == Owner.STAFF and row.claimed_by_id == staff.pk


def _who_has_it(conversation_id: int) -> str:
    row = _row(conversation_id)
    if row.owner == Owner.STAFF and row.claimed_by:
        return f"{row.claimed_by.alias or row.claimed_by.username} has this conversation."
    return {
        Owner.BOT: "The bot has this conversation.",
        Owner.QUEUE: "It waits in the queue: claim it first.",
        Owner.CLOSED: "This conversation is closed.",
    }.get(Owner(row.owner), "You do not hold this conversation.")


def _refused(request: HttpRequest, conversation_id: int) -> HttpResponse:
    messages.warning(request, f"Nothing was changed. {_who_has_it(conversation_id)}")
    return _back(request, conversation_id)


def _farewell(row: Conversation) -> tuple[OutboxDraft, ...]:
    """The line that tells the contact that the robot is back; none in a language without words of ours."""
    channel = row.contact.channel
    if not speaks(row.language):
        return ()
    said = word([Line(key="handoff.back")], language=row.language, channel=channel)
    return tuple(
        OutboxDraft(text=one.text, key=one.key, valid_for_s=valid_for_s(channel), author=Author.SYSTEM) for one in said
    )


def _moved(conversation_id: int) -> None:
    signals.publish(signals.DESK, (conversation_id,))


def _back(request: HttpRequest, conversation_id: int) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return pages.show(request, conversation_id)
    return HttpResponseRedirect(resolve_url("desk:conversation", conversation_id))


def _home(request: HttpRequest) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse()
        response["HX-Redirect"] = resolve_url("desk:home")
        return response
    return HttpResponseRedirect(resolve_url("desk:home"))
