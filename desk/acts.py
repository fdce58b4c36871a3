"""Acts: who has a conversation. Each is a POST, one call into `records.staff.desk`, then a signal.

Without scripts the answer leads back to the page; with htmx it is the conversation drawn anew.
A refusal changes nothing and says who has the conversation. What staff write is in `desk.writing`, giving it to a
colleague in `desk.handing`.
"""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bot import signals
from desk import labels, pages
from desk.farewell import farewell
from desk.gate import ALWAYS
from desk.roles import staff_of
from desk.thread import may_claim, may_take_over
from records.errors import AtCapacity, NotHolder
from records.models import Conversation, Staff
from records.staff import desk
from records.staff.replies import draft_of, helper_wrote
from records.states import Level, Owner, SafeAnswer

NEWEST = "#newest"  # of an address: the last message, where no script scrolls there
NEXT_AMONG = 40  # of the first that wait, one in a language of mine is taken before others of its level


@require_POST
def claim(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Take a conversation; whoever comes second is told who has it."""
    staff = staff_of(request)
    try:
        taken = may_claim(row_of(conversation_id), staff) and desk.claim(
            conversation_id, staff, timezone.now(), within_capacity=True
        )
    except AtCapacity as full:
        messages.warning(request, _full(full))
        return back(request, conversation_id)
    if taken:
        moved(conversation_id)
        _tell_wish(request, conversation_id)
    elif not holds(conversation_id, staff):
        messages.warning(request, who_has_it(conversation_id))
    return back(request, conversation_id)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Take the first of the queue that nobody else takes in the same moment; of one level those I can read first."""
    staff = staff_of(request)
    now = timezone.now()
    first = desk.queue(now, limit=NEXT_AMONG)
    first.sort(key=lambda entry: (labels.level(entry.level).order, entry.language not in staff.languages))
    for entry in first:
        try:
            if desk.claim(entry.conversation_id, staff, now, within_capacity=True):
                moved(entry.conversation_id)
                _tell_wish(request, entry.conversation_id)
                return _lead(request, resolve_url("desk:conversation", entry.conversation_id), NEWEST)
        except AtCapacity as full:
            messages.warning(request, _full(full))
            return _stay(request)
    messages.info(request, _("Nobody is waiting."))
    return _stay(request)


def _stay(request: HttpRequest) -> HttpResponse:
    """The page as it was, with what there is to say; what was open stays open."""
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/parts/messages.html", {"oob": False})
    opened = request.POST.get("open", "")
    numbered = opened.isascii() and opened.isdigit()
    return HttpResponseRedirect(resolve_url("desk:conversation", int(opened)) if numbered else resolve_url("desk:home"))


def _tell_wish(request: HttpRequest, conversation_id: int) -> None:
    """Say before the first word whom they asked for. It stops nobody: where it is urgent, who is there writes."""
    row = row_of(conversation_id)
    wish = labels.wish(row.handoff_reasons)
    if not wish:
        return
    if row.level == Level.URGENT:
        messages.info(request, _("%(wish)s. It is urgent: write all the same.") % {"wish": wish})
    else:
        words = _("%(wish)s. If that is not you, say so first, or give it to a colleague.")
        messages.info(request, words % {"wish": wish})


@require_POST
def take_over(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """A supervisor takes a conversation from a colleague, who sees it at once."""
    staff, row = staff_of(request), row_of(conversation_id)
    if may_take_over(Owner(row.owner), row.claimed_by_id, staff) and desk.take_over(
        conversation_id, staff, timezone.now()
    ):
        moved(conversation_id)
    elif not holds(conversation_id, staff):
        return refused(request, conversation_id)
    return back(request, conversation_id)


@require_POST
def hand_back(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Give it back to the queue, or to the bot: asked once what would be lost, told to whom a helper wrote."""
    # What goes with the boxes carries fields of other forms along (`desk.boxes`): each looks for its own answer.
    sure = "bot" in request.POST.getlist("sure")
    to = Owner.BOT if sure or "bot" in request.POST.getlist("to") else Owner.QUEUE
    asked = _before_the_bot(row_of(conversation_id), staff_of(request)) if to == Owner.BOT else ()
    if asked and not sure and holds(conversation_id, staff_of(request)):
        return pages.show(request, conversation_id, pages.Refused(422), to_bot=asked)
    now = timezone.now()
    lines = farewell(row_of(conversation_id), now) if to == Owner.BOT else ()
    try:
        desk.hand_back(conversation_id, staff_of(request), to, now, lines=lines)
    except NotHolder:
        return refused(request, conversation_id)
    signals.wake(signals.DELIVERY)
    moved(conversation_id)
    if to == Owner.BOT:
        messages.info(request, _("You gave conversation %(number)d back to the bot.") % {"number": conversation_id})
        return home(request)
    return back(request, conversation_id)


def _before_the_bot(row: Conversation, staff: Staff) -> tuple[str, ...]:
    """What there is to know before the bot alone has it."""
    told = []
    if row.level == Level.URGENT:
        told.append(_("It is urgent. With the bot nobody waits for it, and nobody is alerted."))
    return (*told, *_unsent(row, staff))


def _unsent(row: Conversation, staff: Staff) -> tuple[str, ...]:
    return (_("What you have written was not sent."),) if draft_of(row.pk, staff) else ()


@require_POST
def close(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """End it, with how it ended: asked once where it is urgent and no person has written to them."""
    sure = next((one for one in request.POST.getlist("sure") if one in labels.OUTCOMES), "")
    outcome = sure or request.POST.get("outcome", "")
    if outcome not in labels.OUTCOMES:
        messages.warning(request, _("Not closed: choose how it ended."))
        return back(request, conversation_id)
    asked = _before_closing(row_of(conversation_id), staff_of(request))
    if asked and not sure and holds(conversation_id, staff_of(request)):
        closing = pages.Closing(outcome, str(labels.OUTCOMES[outcome]), asked)
        return pages.show(request, conversation_id, pages.Refused(422), closing=closing)
    try:
        desk.close(conversation_id, staff_of(request), outcome, timezone.now())
    except NotHolder:
        return refused(request, conversation_id)
    moved(conversation_id)
    return back(request, conversation_id)


def _before_closing(row: Conversation, staff: Staff) -> tuple[str, ...]:
    """What there is to know before nobody looks at it any more."""
    # Who was only asked whether it is safe has been told nothing yet.
    if row.level != Level.URGENT or helper_wrote(row.pk, timezone.now(), beside=ALWAYS):
        return ()
    urgent = _("It is urgent, and no person has written to them. Once it is closed nobody is alerted.")
    return (urgent, *_unsent(row, staff))


@require_POST
def tell_safety(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Keep what the contact answered a person about whether it is safe."""
    answer = request.POST.get("is", "")
    if answer not in (SafeAnswer.YES, SafeAnswer.NO):
        raise Http404
    try:
        desk.tell_safety(conversation_id, staff_of(request), SafeAnswer(answer), timezone.now())
    except NotHolder:
        return refused(request, conversation_id)
    moved(conversation_id)
    return back(request, conversation_id)


@require_POST
def earlier(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Look for earlier conversations of the same address, or join one of them. Both are audited."""
    staff, now = staff_of(request), timezone.now()
    chosen = request.POST.get("join", "")
    try:
        if chosen.isascii() and chosen.isdigit() and not desk.link(conversation_id, int(chosen), staff, now):
            raise Http404
        found = desk.earlier_of(conversation_id, staff, now)
    except NotHolder:
        return refused(request, conversation_id)
    if chosen:
        moved(conversation_id)
        return back(request, conversation_id)
    shown = {"conversation_id": conversation_id, "found": found, "outcomes": labels.OUTCOMES}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "desk/parts/earlier.html", shown)
    return render(request, "desk/earlier.html", shown)


def token_of(request: HttpRequest) -> str:
    """The form's own id; a post without one is a form of its own."""
    try:
        return str(uuid.UUID(request.POST.get("token", "")))
    except ValueError:
        return str(uuid.uuid4())


def row_of(conversation_id: int) -> Conversation:
    """The row, with contact and holder; 404 when it is gone."""
    row = Conversation.objects.select_related("contact", "claimed_by").filter(pk=conversation_id).first()
    if row is None:
        raise Http404
    return row


def holds(conversation_id: int, staff: Staff) -> bool:
    """True when this person has it now."""
    row = row_of(conversation_id)
    return row.owner == Owner.STAFF and row.claimed_by_id == staff.pk


def who_has_it(conversation_id: int) -> str:
    """The sentence for somebody who came too late."""
    row = row_of(conversation_id)
    if row.owner == Owner.STAFF and row.claimed_by:
        return _("%(alias)s has this conversation.") % {"alias": row.claimed_by.alias or row.claimed_by.username}
    return {
        Owner.BOT: _("The bot has this conversation."),
        Owner.QUEUE: _("It waits in the queue: claim it first."),
        Owner.CLOSED: _("This conversation is closed."),
    }.get(Owner(row.owner), _("You do not hold this conversation."))


def _full(full: AtCapacity) -> str:
    words = _("You hold %(holds)d of %(most)d. Hand one over first, or take more at once in your account.")
    return words % {"holds": full.holds, "most": full.most}


def refused(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Nothing was changed, and why."""
    messages.warning(request, _("Nothing was changed. %(why)s") % {"why": who_has_it(conversation_id)})
    return back(request, conversation_id)


def moved(conversation_id: int) -> None:
    """Tell every desk."""
    signals.publish(signals.DESK, (conversation_id,))


def back(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """The conversation as it is now."""
    if request.htmx:  # type: ignore[attr-defined]
        return pages.show(request, conversation_id)
    return HttpResponseRedirect(f"{resolve_url('desk:conversation', conversation_id)}{NEWEST}")


def home(request: HttpRequest) -> HttpResponse:
    """The board without a conversation."""
    return _lead(request, resolve_url("desk:home"))


def _lead(request: HttpRequest, address: str, part: str = "") -> HttpResponse:
    """The whole window goes there."""
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse()
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(f"{address}{part}")
