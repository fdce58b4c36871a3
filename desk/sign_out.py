"""Sign out: the end of a session. Who holds somebody urgent is asked once, for nobody would answer them from then on.

What is held then goes back into the queue at once. Held without an urgent one among it, it stays theirs until the rule
of who is away takes it (`bot.oncall.rest`): a session also ends because somebody changes the machine.
"""

from __future__ import annotations

from django.contrib.auth import logout
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_POST

from bot import signals
from desk import sessions
from desk.boxes import keep_before_leaving
from desk.roles import HIDDEN, staff_of
from records.models import Staff
from records.staff import desk, seats

_HELD, _TO_QUEUE = "held", "queue"  # the field that answers the question, and its one answer beside staying

_end = LogoutView.as_view(next_page="desk:sign-in")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session, and let the browser forget what it may have kept of it. Colleagues see at once who has gone."""
    if sessions.whole(request):  # who has shown a password only sends nobody away
        staff = staff_of(request)
        stay = keep_before_leaving(request)
        answered = answered_to_queue(request)
        # A hidden desk shows nothing of anybody, so there nothing is asked.
        asks = not answered and not request.session.get(HIDDEN)
        if asks and (question := hand_back_first(request, staff, stay)):
            return question
        _go(staff, give_back=answered or bool(seats.holds_urgent(staff)))
    response = _end(request)
    response["Clear-Site-Data"] = '"cache"'
    return response


def answered_to_queue(request: HttpRequest) -> bool:
    """True when the question was answered: all go back to the queue."""
    return request.POST.get(_HELD) == _TO_QUEUE


def hand_back_first(request: HttpRequest, staff: Staff, stay: str, *, for_break: bool = False) -> HttpResponse | None:
    """The question for who holds somebody urgent and is about to leave them; None where there is nothing to ask.

    `stay` is the address of the page that they came from.
    """
    urgent = seats.holds_urgent(staff)
    if not urgent:
        return None
    shown = {"number": seats.holds(staff), "urgent": urgent, "for_break": for_break, "drafted": seats.drafts_of(staff)}
    return render(request, "desk/signing_out.html", {**shown, "stay": stay}, status=422)


def _go(staff: Staff, *, give_back: bool) -> None:
    now = timezone.now()
    given = desk.hand_all_back(staff, now) if give_back else []
    seats.go(staff, now)
    signals.publish(signals.DESK, given)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out half way."""
    logout(request)
    return HttpResponseRedirect(resolve_url("desk:sign-in"))
