"""Sessions: how long one lasts, that there is one a person, and when somebody must say again that it is them.

Rules only; `desk.roles` asks them for every view. A demo has no second factor and lets one account be open
in several windows: its passwords are known to everybody anyway.
"""

from __future__ import annotations

import time
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from desk import keyring
from records.models import Staff
from records.models.staff import ENDED, NEWER, PASSWORD, SWITCHED, fresh_mark

ABSOLUTE_S = 12 * 3600  # one long shift
SURE_S = 5 * 60  # after typing the password, for what cannot be undone
_KEEP_SEEN_S = 60  # how often an act is written down
_BEGAN, _SEEN, _MARK, _SURE, _WHOLE = "began", "seen", "mark", "sure", "whole"


class Why(Enum):
    """Why a session must not go on. Told only to the browser that has it."""

    AGE = "age"
    IDLE = "idle"
    NEWER = "newer"  # the same person signed in elsewhere since
    ENDED = "ended"  # somebody who may has ended all of this person's
    RENEWED = "renewed"  # the account has another password since
    SWITCHED = "switched"  # the account was switched off, and perhaps on again
    OTHER = "other"


_BY_MARK = {NEWER: Why.NEWER, ENDED: Why.ENDED, PASSWORD: Why.RENEWED, SWITCHED: Why.SWITCHED}


@receiver(user_logged_in, dispatch_uid="desk.sessions.begin")
def begin(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
    """Begin beside the session that counts: a password alone ends nobody's."""
    now = time.time()
    request.session.update(
        {_BEGAN: now, _SEEN: now, _SURE: now, _MARK: user.session_mark, _WHOLE: not needs_second_factor(user)}
    )


def take_place(request: HttpRequest, staff: Staff) -> None:
    """Make this session the one that counts; every other of this person ends. Both factors were shown in it."""
    request.session[_WHOLE] = True
    if settings.LANTERN.demo:
        return
    staff.session_mark = request.session[_MARK] = fresh_mark(NEWER)
    Staff.objects.filter(pk=staff.pk).update(session_mark=staff.session_mark)


@receiver(user_logged_out, dispatch_uid="desk.sessions.end")
def end(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
    """Forget the key that this session held."""
    keyring.drop(request.session.session_key)


def over(request: HttpRequest, staff: Staff) -> bool:
    """True when this session must not go on."""
    return why_over(request, staff) is not None


def why_over(request: HttpRequest, staff: Staff) -> Why | None:
    """Why this session must not go on, or None if it may."""
    now, session = time.time(), request.session
    if now - session.get(_BEGAN, 0) > ABSOLUTE_S:
        return Why.AGE
    if now - session.get(_SEEN, 0) > settings.LANTERN.idle_minutes * 60:
        return Why.IDLE
    if session.get(_MARK) == staff.session_mark:
        return None
    # Who has shown a password only may be who must not get in: they are told nothing of what its person did since.
    return _BY_MARK.get(staff.session_mark[:1], Why.OTHER) if request.session.get(_WHOLE) else Why.OTHER


def why_gone(request: HttpRequest) -> Why | None:
    """The same for whoever comes, signed in or not; OTHER for who had no session here."""
    user = request.user
    if isinstance(user, Staff) and user.is_active:
        return why_over(request, user)
    # Django knows nobody who is switched off: the session alone tells whose it was.
    whose = str(request.session.get(SESSION_KEY, ""))
    off = whose.isdecimal() and Staff.objects.filter(pk=whose, is_active=False).exists()
    return Why.SWITCHED if off and request.session.get(_WHOLE) else Why.OTHER


def whole(request: HttpRequest) -> bool:
    """True when somebody is signed in here with all that is asked for, and the session goes on."""
    user = getattr(request, "user", None)
    if not isinstance(user, Staff) or not user.is_active or over(request, user):
        return False
    return not needs_second_factor(user) or second_shown(user)


def second_shown(staff: Staff) -> bool:
    """True when this person, as a request brought them, has shown a second factor in this session."""
    return bool(staff.is_verified())  # type: ignore[attr-defined]  # put there by django-otp's middleware


def close(request: HttpRequest) -> None:
    """End this session, here and in the database."""
    logout(request)


def seen(request: HttpRequest) -> None:
    """Keep that a person did something; what a page fetches by itself is no act."""
    now = time.time()
    if _is_act(request) and now - request.session.get(_SEEN, 0) > _KEEP_SEEN_S:
        request.session[_SEEN] = now


def sure(request: HttpRequest) -> bool:
    """True when this person has typed their password a moment ago."""
    return time.time() - float(request.session.get(_SURE, 0)) <= SURE_S


def make_sure(request: HttpRequest) -> None:
    """They did."""
    request.session[_SURE] = time.time()


def needs_second_factor(staff: Staff) -> bool:
    """True where a password alone is not enough."""
    return not settings.LANTERN.demo


def _is_act(request: HttpRequest) -> bool:
    if request.method == "POST":
        return True
    by_script = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") != "conversation"
    return not by_script and "text/event-stream" not in request.headers.get("Accept", "")
