"""Frame: what every page of the desk needs around its own part: places, role, seat, theme, time zone.

A context processor, so a page that extends `desk/base.html` and includes `desk/parts/bar.html` has it all.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desk import reader
from desk.board import counts
from desk.places import links
from desk.roles import Act, allowed
from desk.seat import browser_zone, seat_in, zone_of
from records.models import Staff
from records.states import StaffRole, Theme

ROLE_WORDS = {
    StaffRole.WORKER: _("worker"),
    StaffRole.SUPERVISOR: _("supervisor"),
    StaffRole.ADMINISTRATOR: _("administrator"),
    StaffRole.AUDITOR: _("auditor"),
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """What the bar on top and the page around it need; little for somebody who is not signed in."""
    staff = getattr(request, "user", None)
    if not isinstance(staff, Staff) or not staff.is_active:
        return {"theme": Theme.AUTO.value}
    seat = seat_in(request, staff)
    return {
        "places": partial(links, staff, request.path),  # called where a page has the bar: fragments have none
        "waits": partial(counts, staff, timezone.now()),  # as above: on the pages without the list
        "role": {
            "word": ROLE_WORDS.get(StaffRole(staff.role), ""),
            "reads": allowed(staff, Act.READ),
            "answers": allowed(staff, Act.ANSWER),
        },
        "reader": reader.mark_of(staff),
        reader.FIELD: reader.mark_of(staff),
        "seat": seat,
        "zone": timezone.get_current_timezone_name(),
        "zone_known": zone_of(request, staff) is not None,
        "browser_zone": browser_zone(request),
        "theme": seat.theme,
    }
