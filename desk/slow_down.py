"""Slow down: guesses are refused before anything is hashed, and nobody can lock everybody out.

Three counts of failed sign-ins in a quarter of an hour: 5 for a name from one address (django-axes),
30 for an address, 60 for a name from addresses it has never been used at. A browser in which somebody has
signed in fully before carries a signed cookie for that name, and counts by itself: whoever storms a name, or
sits behind the same router, slows down strangers and not the person.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from typing import Any, NoReturn

import structlog
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core import signing
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

log = structlog.get_logger()

ADDRESS_LIMIT, NAME_LIMIT = 30, 60
WINDOW_S = 15 * 60
COOKIE = "desk-device"
_SALT = "desk.device"
_COOKIE_S = 180 * 24 * 3600


class Budgets:
    """The first backend of a sign-in: it lets nobody in, and refuses when too much was tried."""

    def authenticate(self, request: HttpRequest | None, username: str | None = None, **_credentials: Any) -> None:
        """Pass, or refuse before a password is looked at.

        Raises:
            PermissionDenied: Django then asks no further backend.
        """
        if request is not None and _spent(request, username or ""):
            request.axes_locked_out = True  # type: ignore[attr-defined]  # a refused guess is not counted as a new one
            _refuse()

    def get_user(self, user_id: int) -> None:
        """Nobody is signed in by this backend."""


def _refuse() -> NoReturn:
    raise PermissionDenied("too many tries")


def _spent(request: HttpRequest, username: str) -> bool:
    cache = caches["sign-in"]
    if cache.get(_key("address", address_of(request)), 0) >= ADDRESS_LIMIT:
        return True
    known = device_of(request, username) is not None
    return not known and cache.get(_key("name", _plain(username)), 0) >= NAME_LIMIT


@receiver(user_login_failed, dispatch_uid="desk.slow_down.count")
def count(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_more: Any) -> None:
    """Count a password that did not fit; what was refused before is not counted again."""
    if request is None or getattr(request, "axes_locked_out", False):
        return
    log.warning("sign_in_failed")  # whose name and from where stands in no log; the audit has those that got in
    username = str(credentials.get("username") or "")
    keys = [_key("address", address_of(request))]
    if device_of(request, username) is None:
        keys.append(_key("name", _plain(username)))
    cache = caches["sign-in"]
    for key, limit in zip(keys, (ADDRESS_LIMIT, NAME_LIMIT), strict=False):
        if not cache.add(key, 1, WINDOW_S) and cache.incr(key) == limit:
            log.warning("sign_in_slowed", kind="address" if limit == ADDRESS_LIMIT else "name")


@receiver(user_logged_in, dispatch_uid="desk.slow_down.forget")
def forget(sender: Any, request: HttpRequest, user: Any, **_more: Any) -> None:
    """Who got in from an address is no stranger there."""
    caches["sign-in"].delete(_key("address", address_of(request)))


def address_of(request: HttpRequest) -> str:
    """Where a try comes from: a known browser for itself, else the address (of IPv6 the network, 64 bits)."""
    device = device_of(request, username_of(request))
    if device is not None:
        return f"device:{device}"
    raw = request.META.get("REMOTE_ADDR", "") or "unknown"
    try:
        address = ipaddress.ip_address(raw)
    except ValueError:
        return raw
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def username_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The name that is tried; names differ by more than case."""
    found = (credentials or {}).get("username") or request.POST.get("username")
    if not found and getattr(request, "user", None) is not None and request.user.is_authenticated:
        found = request.user.get_username()  # they say again that it is them
    return _plain(str(found or ""))


def nameless(*_about: Any) -> str:
    """How a client is named in a log: not at all."""
    return "a client"


def device_of(request: HttpRequest, username: str) -> str | None:
    """The id of this browser, if this name has signed in fully in it before."""
    raw = request.COOKIES.get(cookie_name())
    if not raw or not username:
        return None
    try:
        kept = signing.loads(raw, salt=_SALT, max_age=_COOKIE_S)
    except signing.BadSignature:
        return None
    found = kept.get(_name_mark(username)) if isinstance(kept, dict) else None
    return found if isinstance(found, str) else None


def remember_device(request: HttpRequest, response: HttpResponseBase, username: str) -> None:
    """Let this browser be known for this name; up to three names share one."""
    try:
        kept = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=_SALT)
    except signing.BadSignature:
        kept = {}
    kept = {mark: device for mark, device in kept.items() if mark != _name_mark(username)}
    kept = {**dict(list(kept.items())[-2:]), _name_mark(username): secrets.token_hex(8)}
    response.set_cookie(
        cookie_name(),
        signing.dumps(kept, salt=_SALT),
        max_age=_COOKIE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def cookie_name() -> str:
    """With the prefix that browsers bind to this very host, where there is HTTPS."""
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def _name_mark(username: str) -> str:
    return salted_hmac(_SALT, _plain(username), algorithm="sha256").hexdigest()[:24]


def _plain(username: str) -> str:
    return username.strip().casefold()


def _key(kind: str, value: str) -> str:
    return f"{kind}-{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()}"
