"""Reader: for whom a page was drawn. One browser may be used by one person after another.

Every form and every request of a script says it. What comes from a page of somebody else changes nothing, and shows
nothing of either to the other.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from records.models import Staff

FIELD = "drawn_for"  # of every form, and of the context that a page is made with
HEADER = "Desk-Reader"  # of what a script asks; in an answer: the page is somebody else's
_OTHER = "other"


def mark_of(staff: Staff) -> str:
    """By what a page knows its reader again; it tells nothing of them."""
    return salted_hmac("desk.reader", str(staff.pk), algorithm="sha256").hexdigest()[:16]


def told(request: HttpRequest) -> str:
    """For whom the page was drawn from which this came, as that says itself; empty if it does not."""
    return request.headers.get(HEADER, "") or (request.POST.get(FIELD, "") if request.method == "POST" else "")


def of_another(request: HttpRequest, user: Any) -> bool:
    """True when this came from a page of somebody else than who is signed in here now."""
    mark = told(request)
    return bool(mark) and isinstance(user, Staff) and not constant_time_compare(mark, mark_of(user))


def by_script(request: HttpRequest) -> bool:
    """True when a script waits for the answer, and will put the page out of sight."""
    return HEADER in request.headers or request.headers.get("HX-Request") == "true"


def put_away() -> HttpResponse:
    """The answer to a script of somebody else's page."""
    response = HttpResponse(status=403)
    response[HEADER] = _OTHER
    return response
