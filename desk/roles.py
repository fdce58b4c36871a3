"""Roles: who may do what at the desk, in one place, and the lock on every view.

A view is reached only through `closed` or, listed by name, through `opened` or `half_open` (password typed,
second factor not shown yet); a test walks all addresses. An administrator looks after accounts and may not
read conversations; who may read invites who may read, so that nobody lets themselves in.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from desk import keyring, sessions
from desk.held import ENDED_ACT, ENDED_PAGE, OFF_HEADER, held, not_yours, words_in
from desk.reader import of_another
from desk.seat import their_language, their_time
from records.errors import SealedToReaders
from records.models import Staff
from records.sealing.readers import reading_as
from records.staff.seats import be_here
from records.states import StaffRole

View = Callable[..., Any]


SIGN_IN = "desk:sign-in"
CONFIRM, UNLOCK = "desk:confirm", "desk:unlock"  # both ask for the password once more
HIDDEN = "hidden"  # in the session: the desk is hidden until the password is given


class GoFirst(Exception):
    """Another page comes before this one; `closed` leads there."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()


class Act(Enum):
    """What can be allowed."""

    BE_HERE = "be here"  # signed in, whatever the role
    READ = "read conversations"
    ANSWER = "claim, reply, hand back, close, note"
    SEE_BOT_ONLY = "see conversations that only the bot answers"
    SUPERVISE = "see all cases, loads and decisions; keep shifts, words, numbers and the directory"
    READ_AUDIT = "read the audit list"
    FIND_BY_NUMBER = "find a conversation by a contact's number"
    EXPORT = "export everything about one contact"
    ERASE = "erase everything about one contact"
    SHARE_KEYS = "give a colleague the keys of what is closed"
    SEE_BROKEN_GLASS = "see who read what was not theirs, and why"
    LOOK_AFTER_STAFF = "invite, reset, sign out and switch off accounts"


_LEADS = frozenset(
    {Act.SEE_BOT_ONLY, Act.SUPERVISE, Act.FIND_BY_NUMBER, Act.EXPORT, Act.ERASE, Act.SHARE_KEYS, Act.SEE_BROKEN_GLASS}
)
ALLOWED: dict[StaffRole, frozenset[Act]] = {
    StaffRole.WORKER: frozenset({Act.BE_HERE, Act.READ, Act.ANSWER}),
    StaffRole.SUPERVISOR: frozenset({Act.BE_HERE, Act.READ, Act.ANSWER, Act.LOOK_AFTER_STAFF, *_LEADS}),
    StaffRole.ADMINISTRATOR: frozenset({Act.BE_HERE, Act.LOOK_AFTER_STAFF}),
    StaffRole.AUDITOR: frozenset({Act.BE_HERE, Act.READ_AUDIT}),
}

# Whose accounts a role makes and resets. An administrator who could invite a worker could read as one.
MAY_INVITE: dict[StaffRole, frozenset[StaffRole]] = {
    StaffRole.SUPERVISOR: frozenset({StaffRole.WORKER, StaffRole.SUPERVISOR}),
    StaffRole.ADMINISTRATOR: frozenset({StaffRole.ADMINISTRATOR, StaffRole.AUDITOR}),
}
# Whose accounts it may switch off and sign out: an administrator anybody's, at once, whatever happens.
MAY_SWITCH_OFF: dict[StaffRole, frozenset[StaffRole]] = {
    StaffRole.SUPERVISOR: MAY_INVITE[StaffRole.SUPERVISOR],
    StaffRole.ADMINISTRATOR: frozenset(StaffRole),
}

# Views that anybody may reach, by name. Everything else needs an act.
OPEN_VIEWS = frozenset({"sign-in", "invitation"})
# What a hidden desk still answers to.
WHILE_HIDDEN = frozenset({"hidden", "hide", "sign-out"})
# Views for somebody who has typed the password and not shown the second factor.
HALF_OPEN_VIEWS = frozenset(
    {
        "second", "set-up", "set-up-app", "leave",
        "credential-authentication-begin", "credential-authentication-complete",
        "credential-registration-begin", "credential-registration-complete", "js-i18n-catalog",
    }
)  # fmt: skip


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


def half_open(name: str, view: View) -> View:
    """The view for a person whose password was right, if its name stands in the list."""
    if name not in HALF_OPEN_VIEWS:
        raise ValueError(f"view {name!r} is not in HALF_OPEN_VIEWS; close it or list it")

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not allowed(request.user, Act.BE_HERE):
            return _to_sign_in(request)
        if sessions.over(request, staff_of(request)):
            return _to_sign_in(request)
        answer: HttpResponseBase = view(request, *args, **kwargs)
        return answer

    return never_cache(guarded)


def closed(act: Act, view: View, *, sure: bool = False) -> View:
    """The view behind a lock: to the sign-in page without a session, 403 without the right.

    With `sure` the person must have typed their password in the last minutes.
    """
    if iscoroutinefunction(view):

        @functools.wraps(view)
        async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # Loading the user reads the database, so ask through the async door once; `request.user` stays loaded.
            refused = _refusal(request, await request.auser(), act)
            if not refused and await request.session.aget(HIDDEN):
                return HttpResponse(status=401)
            return refused or await view(request, *args, **kwargs)

        return _marked(never_cache(guarded_async), act)

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refused = _refusal(request, request.user, act)
        if refused:
            return refused
        staff = staff_of(request)
        if request.session.get(HIDDEN) and _name(request) not in WHILE_HIDDEN:
            return _to(request, "desk:hidden", status=401)
        if sure and not sessions.sure(request):
            return _to(request, CONFIRM)
        sessions.seen(request)
        if request.method == "POST" or request.headers.get("HX-Request") != "true":
            be_here(staff, timezone.now(), active=True)  # what a page fetches by itself is no hand on the desk
        with their_time(request, staff), their_language(request, staff), _their_key(request):
            return _answer(request, view, *args, **kwargs)

    return _marked(never_cache(guarded), act)


def _answer(request: HttpRequest, view: View, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """The view's answer, or the page that comes before it."""
    try:
        answer: HttpResponseBase = view(request, *args, **kwargs)
    except (SealedToReaders, GoFirst) as before:
        return _first(request, before)
    return answer


def _first(request: HttpRequest, before: SealedToReaders | GoFirst) -> HttpResponseBase:
    """What comes before the page; words that were posted to it stand there again."""
    if _keeps_words(request):
        return held(request, 403, shut=True)
    if isinstance(before, GoFirst):
        return _to(request, before.address)
    return _to(request, UNLOCK) if before.locked else render(request, "desk/no_key.html", status=403)


def _keeps_words(request: HttpRequest) -> bool:
    """True when another page must not come first: what was posted would be gone with it."""
    return words_in(request) and request.headers.get("HX-Request") != "true"


def _marked(view: View, act: Act) -> View:
    """The view with its act on it, so that a test can walk all addresses."""
    view.act = act  # type: ignore[attr-defined]
    return view


def _refusal(request: HttpRequest, user: Any, act: Act) -> HttpResponseBase | None:
    """Why this person does not get the view, or None."""
    if of_another(request, user):
        return not_yours(request)
    if not isinstance(user, Staff) or not user.is_active or sessions.over(request, user):
        return _to_sign_in(request)
    if sessions.needs_second_factor(user) and not sessions.second_shown(user):
        return held(request, 401) if _keeps_words(request) else _to(request, "desk:second")
    if not allowed(user, act):
        raise PermissionDenied
    return None


def _their_key(request: HttpRequest) -> AbstractContextManager[None]:
    return reading_as(lambda: keyring.of(request.session.session_key))


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    if _keeps_words(request):
        return held(request, 401)
    if request.method == "GET" and "text/event-stream" in request.headers.get("Accept", ""):
        return HttpResponse(status=401)
    acted = request.method != "GET"
    ended = {"ended": ENDED_ACT if acted else ENDED_PAGE} if acted or _had_session(request) else {}
    answer = _to(request, SIGN_IN, 401, **ended)
    if sessions.why_gone(request) is sessions.Why.SWITCHED:
        answer[OFF_HEADER] = "1"  # a script keeps the words in its page, and says what became of them
    return answer


def _had_session(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def _to(request: HttpRequest, view: str, status: int = 403, **more: str) -> HttpResponseBase:
    """Lead somewhere first. A fragment cannot become a page: htmx leads the whole window there."""
    by_script = request.headers.get("HX-Request") == "true"
    query = dict(more)
    if request.method == "GET" and not by_script:
        query = {"next": request.path, **more}
    elif view in (CONFIRM, UNLOCK, SIGN_IN):
        query = {"next": _page_of(request), **({} if view == SIGN_IN else {"again": "1"}), **more}
    address = resolve_url(view) + (f"?{urlencode(query)}" if query else "")
    if not by_script:
        return HttpResponseRedirect(address)
    response = HttpResponse(status=status)
    response["HX-Redirect"] = address
    return response


def _page_of(request: HttpRequest) -> str:
    """The page of the desk on which something was pressed: after the password they press it again there."""
    came = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
    home = resolve_url("desk:home")
    return came.path if came.netloc == request.get_host() and came.path.startswith(home) else home


def _name(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""
