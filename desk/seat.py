"""Seat: the person's own settings during one request: whose clock and which language the page is made in."""

from __future__ import annotations

import zoneinfo
from contextlib import AbstractContextManager, nullcontext

from babel.core import get_global
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation

from records.models import Seat, Staff
from records.staff import seats

_ZONE, _LONGEST_NAME = "zone", 64


def seat_in(request: HttpRequest, staff: Staff) -> Seat:
    """The seat, read once a request."""
    kept = getattr(request, "seat", None)
    if not isinstance(kept, Seat):
        kept = seats.seat_of(staff, timezone.now())
        request.seat = kept  # type: ignore[attr-defined]
    return kept


def zone_named(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone of this name, if this machine knows it, by the name of today; a browser may name anything."""
    try:
        return zoneinfo.ZoneInfo(todays_name(name)) if 0 < len(name) <= _LONGEST_NAME else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # "America" is a folder of zones
        return None


def todays_name(name: str) -> str:
    """What the place is called now: browsers and older settings still say Asia/Calcutta."""
    return str(get_global("zone_aliases").get(name, name))


def keep_zone(request: HttpRequest, name: str) -> None:
    """Remember for this session what clock the browser goes by."""
    if name != request.session.get(_ZONE) and zone_named(name):
        request.session[_ZONE] = name


def browser_zone(request: HttpRequest) -> str:
    """What clock the browser goes by, as its page has said; empty if none has yet."""
    return str(request.session.get(_ZONE, ""))


def zone_of(request: HttpRequest, staff: Staff) -> zoneinfo.ZoneInfo | None:
    """The zone that they have chosen, else the browser's; None if nobody knows it: then times are UTC and say so."""
    return zone_named(seat_in(request, staff).time_zone) or zone_named(browser_zone(request))


def their_time(request: HttpRequest, staff: Staff) -> AbstractContextManager[None]:
    """Times as this person's clock shows them, while a page is made."""
    zone = zone_of(request, staff)
    return timezone.override(zone) if zone else nullcontext()


def their_language(request: HttpRequest, staff: Staff) -> AbstractContextManager[None]:
    """The desk in this person's language, while a page is made; as the browser asks if they chose none."""
    code = seat_in(request, staff).language
    if code not in dict(settings.LANGUAGES):
        return nullcontext()
    return translation.override(code)
