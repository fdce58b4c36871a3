"""Presence: here, on a break, or hidden from whoever looks over a shoulder.

Who holds somebody urgent is asked once before a break, as before they sign out (`desk.sign_out`).
The page says every minute that a hand is on the desk. A hidden desk opens again with the password;
until then the server itself shows nothing else, whatever a browser has kept.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from bot import signals
from content.ladder import ladder
from desk.boxes import keep_before_leaving
from desk.need_to_know import may_open
from desk.roles import HIDDEN, Act, allowed, staff_of
from desk.seat import keep_zone
from desk.sign_out import answered_to_queue, hand_back_first
from records import audit
from records.models import Conversation
from records.staff import desk, seats
from records.states import Owner, Presence

WRONG, MOST_WRONG = "wrong", 5
_DIGITS = 18  # of a number that a database takes


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """A sign of life of an open page: the conversation it shows or has left, and by what clock its browser goes."""
    staff, now = staff_of(request), timezone.now()
    keep_zone(request, request.POST.get("zone", ""))
    shown, left = _number(request.POST.get("open", "")), _number(request.POST.get("left", ""))
    told = [] if left is None else seats.look_away(staff, now, left)
    if shown is not None and allowed(staff, Act.READ):
        row = Conversation.objects.filter(pk=shown).first()
        may = row is not None and (row.owner != Owner.BOT or may_open(row, staff, now))
        if may and seats.look_at(shown, staff, now):
            told.append(shown)
    if told:
        signals.publish(signals.DESK, [f"w{number}" for number in told])
    return HttpResponse(status=204)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Here, or on a break; what is held goes back to the queue by rule if the break is long."""
    wanted = request.POST.get("is", "")
    if wanted not in (Presence.HERE, Presence.BREAK):
        raise Http404
    staff, now = staff_of(request), timezone.now()
    given: list[int] = []
    stay = keep_before_leaving(request)
    if wanted == Presence.BREAK:
        answered = answered_to_queue(request)
        if not answered and (question := hand_back_first(request, staff, stay, for_break=True)):
            return question
        given = desk.hand_all_back(staff, now) if answered else []
    seats.set_presence(staff, Presence(wanted), now)
    if wanted == Presence.BREAK and (held := seats.holds(staff)):
        words = _("You hold %(held)d. After %(minutes)d minutes they go back to the queue; hand over what cannot wait.")
        minutes = int(ladder().give_back_after.total_seconds() // 60)
        messages.warning(request, words % {"held": held, "minutes": minutes})
    signals.publish(signals.DESK, given)
    return HttpResponseRedirect(resolve_url("desk:home"))


@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """Hide the desk at once. What was written is kept as a draft."""
    keep_before_leaving(request)
    request.session[HIDDEN] = True
    audit.record("hidden", timezone.now(), staff=staff_of(request))
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return HttpResponseRedirect(resolve_url("desk:hidden"))


@require_http_methods(["GET", "POST"])
def hidden(request: HttpRequest) -> HttpResponse:
    """What anybody may see; with the password the desk comes back."""
    if not request.session.get(HIDDEN):
        return HttpResponseRedirect(resolve_url("desk:home"))
    staff = staff_of(request)
    wrong = False
    if request.method == "POST":
        if staff.check_password(request.POST.get("password", "")[:4096]):
            del request.session[HIDDEN]
            request.session.pop(WRONG, None)
            audit.record("shown_again", timezone.now(), staff=staff)
            return HttpResponseRedirect(resolve_url("desk:home"))
        wrong = True
        request.session[WRONG] = request.session.get(WRONG, 0) + 1
        if request.session[WRONG] >= MOST_WRONG:
            logout(request)
            return HttpResponseRedirect(resolve_url("desk:sign-in"))
    return render(request, "desk/hidden.html", {"wrong": wrong}, status=403 if wrong else 200)


@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """A fresh form token for a page that outlived its session; its reader has signed in again beside it."""
    return JsonResponse({"token": get_token(request)})
