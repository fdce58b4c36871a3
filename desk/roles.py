"""Roles: who may do what at the desk, in one place, and the lock on every view.

A view is reached only through `closed` or, listed by name, through `opened`; a test
walks all addresses. An administrator looks after accounts and may not read conversations.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from enum import Enum
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from records.models import Staff
from records.states import StaffRole

View = Callable[..., Any]


class Act(Enum):
    """What can be allowed."""

    BE_HERE = "be here"  # signed in, whatever the role
    READ = "read conversations"
    ANSWER = "claim, reply, hand back, close, note"
    SEE_BOT_ONLY = "see conversations that only the bot answers"
    READ_AUDIT = "read the audit list"


ALLOWED: dict[StaffRole, frozenset[Act]] = {
    StaffRole.WORKER: frozenset({Act.BE_HERE, Act.READ, Act.ANSWER}),
    StaffRole.SUPERVISOR: frozenset({Act.BE_HERE, Act.READ, Act.ANSWER, Act.SEE_BOT_ONLY}),
    StaffRole.ADMINISTRATOR: frozenset({Act.BE_HERE}),
    StaffRole.AUDITOR: frozenset({Act.BE_HERE, Act.READ_AUDIT}),
}

# Views that anybody may reach, by name. Everything else needs an act.
OPEN_VIEWS = frozenset({"sign-in"})


def allowed(staff: Staff | AnonymousUser, act: Act) -> bool:
    """True when this person may do it; an unknown role may do nothing."""
    if not isinstance(staff, Staff) or not staff.is_active or staff.role not in StaffRole.values:
        return False
    return act in ALLOWED[StaffRole(staff.role)]


def staff_of(request: HttpRequest) -> Staff:
    """The member of staff behind a request that passed `closed`."""
    if not isinstance(request.user, Staff):
        raise PermissionDenied
    return request.user


def opened(name: str, view: View) -> View:
    """The view as it is, if its name stands in the list."""
    if name not in OPEN_VIEWS:
        raise ValueError(f"view {name!r} is not in OPEN_VIEWS; close it or list it")
    return never_cache(view)


def closed(act: Act, view: View) -> View:
    """The view behind a lock: to the sign-in page without a session, 403 without the right."""
    if iscoroutinefunction(view):

        @functools.wraps(view)
        async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # Loading the user reads the database, so ask through the async door once; `request.user` stays loaded.
            refused = _refusal(request, await request.auser(), act)
            return refused or await view(request, *args, **kwargs)

        return never_cache(guarded_async)

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = _refusal(request, request.user, act)
        return refused or view(request, *args, **kwargs)

    return never_cache(guarded)


def _refusal(request: HttpRequest, user: Any, act: Act) -> HttpResponseBase | None:
    if allowed(user, act):
        return None
    if isinstance(user, Staff) and user.is_active:
        raise PermissionDenied
    sign_in = resolve_url("desk:sign-in")
    if request.headers.get("HX-Request") == "true":
        # A fragment cannot become a sign-in page; htmx leads the whole window there.
        response = HttpResponse(status=401)
        response["HX-Redirect"] = sign_in
        return response
    if request.method != "GET" or "text/event-stream" in request.headers.get("Accept", ""):
        return HttpResponse(status=401) if request.method == "GET" else HttpResponseRedirect(sign_in)
    return HttpResponseRedirect(f"{sign_in}?{urlencode({'next': request.path})}")
