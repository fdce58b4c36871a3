"""Need to know: who may open which conversation, and how somebody opens one that is not theirs.

A worker reads what waits (somebody has to choose) or is urgent and was left with the bot, what they hold, and what
they closed. When it changes hands, an
open page loses the words at once and says who has it; a reply half written is kept. For anything else they give a
reason, which opens it for an hour, stands in the audit and in the conversation, and is shown to supervisors.
Supervisors read all; each reading is audited like everybody's.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from desk.roles import Act, allowed, staff_of
from records.messages.material import ConversationFacts
from records.models import Conversation, Staff
from records.staff import desk
from records.staff.lists import alias
from records.staff.staff_access import break_glass, glass_is_broken
from records.states import Level, Owner

REASONS = {
    "asked": gettext_lazy("A colleague asked me to look"),
    "danger": gettext_lazy("Somebody is in danger and whoever has it is not here"),
    "returned": gettext_lazy("The same person writes again"),
    "complaint": gettext_lazy("A complaint, or a question of a court"),
}
WORDS_CHARS = 500
FEWEST_WORDS = 10  # letters


def may_open(conversation: Conversation, staff: Staff, now: datetime) -> bool:
    """True when this person may read it without giving a reason, or has given one."""
    if not allowed(staff, Act.READ):
        return False
    if allowed(staff, Act.SEE_BOT_ONLY):
        return True
    owner = Owner(conversation.owner)
    if owner == Owner.BOT:
        return left_with_bot(conversation)
    if owner == Owner.QUEUE or conversation.claimed_by_id == staff.pk:
        return True
    return glass_is_broken(conversation.uid, staff, now)


def left_with_bot(row: Conversation | ConversationFacts) -> bool:
    """True for an urgent one that a person gave back to the bot: as if it waited, any worker may look and take it."""
    had_person = row.had_person if isinstance(row, ConversationFacts) else row.claimed_at is not None
    return row.owner == Owner.BOT and row.level == Level.URGENT and had_person


def who_has_it_now(conversation: Conversation, reader: Staff) -> str:
    """The sentence on a page that was open when it changed hands."""
    holder = conversation.claimed_by
    if conversation.owner == Owner.STAFF and holder:
        if holder.pk == reader.pk:
            return _("You have this conversation now.")
        return _("%(alias)s has this conversation now.") % {"alias": alias(holder)}
    if conversation.owner == Owner.BOT:
        return _("The bot has this conversation now.")
    if conversation.owner == Owner.QUEUE:
        return _("This conversation waits in the queue now.")
    return _("This conversation is closed.")


def whose(conversation: Conversation, reader: Staff, now: datetime) -> dict[str, object]:
    """What the page of a conversation that was taken away says of it: who has it, and whether it is open to them again.

    The mark differs when another sentence is due.
    """
    opened = may_open(conversation, reader, now)
    mark = f"{conversation.owner}.{conversation.claimed_by_id or 0}.{int(opened)}"
    words = who_has_it_now(conversation, reader)
    return {"number": conversation.pk, "taken_away": words, "opened": opened, "mark": mark}


@require_http_methods(["GET", "POST"])
def reason(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """Say why one must read what is not one's own."""
    staff, now = staff_of(request), timezone.now()
    row = Conversation.objects.select_related("claimed_by").filter(pk=conversation_id).first()
    if row is None:
        raise Http404
    if row.owner == Owner.BOT and not may_open(row, staff, now):
        raise PermissionDenied  # nobody asked for a person yet
    problem = ""
    if request.method == "POST" and not may_open(row, staff, now):
        chosen = request.POST.get("reason", "")
        words = request.POST.get("words", "").replace("\0", "").strip()
        if chosen not in REASONS or not FEWEST_WORDS <= len(words) <= WORDS_CHARS:
            problem = _("Choose a reason and say in a sentence why.")
        else:
            with transaction.atomic():
                desk.add_note(conversation_id, staff, f"{REASONS[chosen]}: {words}", now)
                break_glass(row, staff, chosen, now)
            messages.warning(request, _("Open to you for an hour. Supervisors see that you opened it, and why."))
    if may_open(row, staff, now):
        return HttpResponseRedirect(resolve_url("desk:conversation", conversation_id))
    who = (row.claimed_by.alias or row.claimed_by.username) if row.claimed_by else ""
    context = {
        "number": row.pk,
        "who": who,
        "closed": row.owner == Owner.CLOSED,
        "reasons": REASONS,
        "problem": problem,
    }
    return render(request, "desk/reason.html", context, status=422 if problem else 200)
