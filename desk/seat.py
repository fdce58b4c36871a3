"""Seat: the person's own settings during one request: whose clock and which language the page is made in."""

from __future__ import annotations

import zoneinfo
from contextlib import AbstractContextManager, nullcontext

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation

from records.models import Seat, Staff
from records.staff import seats


def seat_in(request: HttpRequest, staff: Staff) -> Seat:
    """The seat, read once a request."""
    kept = getattr(request, "seat", None)
    if not isinstance(kept, Seat):
        kept = seats.seat_of(staff, timezone.now())
        request.seat = kept  # type: ignore[attr-defined]
    return kept


def their_time(request: HttpRequest, staff: Staff) -> AbstractContextManager[None]:
    """Times as this person's clock shows them, while a page is made."""
    name = seat_in(request, staff).time_zone
    if not name:
        return nullcontext()
    try:
        return timezone.override(zoneinfo.ZoneInfo(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):  # a zone that this machine does not know any more
        return nullcontext()


def their_language(request: HttpRequest, staff: Staff) -> AbstractContextManager[None]:
    """The desk in this person's language, while a page is made; as the browser asks if they chose none."""
    code = seat_in(request, staff).language
    if code not in dict(settings.LANGUAGES):
        return nullcontext()
    return translation.override(code)
