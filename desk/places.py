"""Places: what the bar on top leads to, and what stands beside an open conversation.

A room hangs itself in by one line here; a place without an address, or without the right to go there, is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk import phrase_pane
from desk.beside import case_beside, replies_beside
from desk.roles import Act, allowed
from desk.thread import ThreadView
from records.models import Staff


@dataclass(frozen=True, slots=True)
class Place:
    """One link of the bar. `under` is the path that all its pages begin with."""

    id: str
    label: str | Promise
    view: str
    act: Act


PLACES = (
    Place("queue", _("Queue"), "desk:home", Act.READ),
    Place("cases", _("Cases"), "desk:cases", Act.READ),
    Place("directory", _("Directory"), "desk:directory", Act.READ),
    Place("supervisor", _("Supervisor"), "desk:supervisor", Act.SUPERVISE),
    Place("training", _("Training"), "desk:training", Act.ANSWER),
    Place("people", _("People"), "desk:people", Act.LOOK_AFTER_STAFF),
    Place("contact", _("One contact"), "desk:contact", Act.FIND_BY_NUMBER),
    Place("audit", _("Audit"), "desk:audit", Act.READ_AUDIT),
    Place("account", _("Account"), "desk:account", Act.BE_HERE),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A place as it stands in the bar of one page."""

    id: str
    label: str | Promise
    address: str
    here: bool


def links(staff: Staff, path: str) -> tuple[Link, ...]:
    """The places this person may go to; the one that holds this page is marked."""
    found = []
    for place in PLACES:
        if not allowed(staff, place.act):
            continue
        try:
            address = reverse(place.view)
        except NoReverseMatch:
            continue
        found.append((place, address))
    # The queue's address is the beginning of all others: the longest that fits is the place.
    fitting = [address for _place, address in found if path.startswith(address)]
    here = max(fitting, key=len, default=None)
    return tuple(Link(place.id, place.label, address, address == here) for place, address in found)


@dataclass(frozen=True, slots=True)
class Pane:
    """One tab beside an open conversation.

    `context` gives what its template needs. A `live` pane is drawn anew with every change;
    one in which people write is not.
    """

    id: str
    label: str | Promise
    template: str
    context: Callable[[HttpRequest, ThreadView, Staff], Mapping[str, Any]]
    live: bool = False
    real: bool = False  # has no place beside a practice


def _person(request: HttpRequest, shown: ThreadView, staff: Staff) -> Mapping[str, Any]:
    return {"person": shown.person}


# Another room adds its tab here: Pane("case", _("Case"), "desk/parts/case.html", case_context).
PANES: tuple[Pane, ...] = (
    Pane("person", _("Person"), "desk/parts/person.html", _person, live=True),
    Pane("case", _("Case"), "desk/parts/case_beside.html", case_beside, real=True),
    Pane("replies", _("Replies"), "desk/parts/replies_beside.html", replies_beside),
    Pane("phrases", _("Phrases"), "desk/parts/phrases.html", phrase_pane.context),
)


def panes(*, practice: bool = False) -> tuple[Pane, ...]:
    """The tabs beside a conversation, or beside a practice."""
    return tuple(one for one in PANES if not (practice and one.real))


def pane(name: str | None, *, practice: bool = False) -> Pane:
    """The tab of this name; the first one if there is none."""
    return next((one for one in panes(practice=practice) if one.id == name), PANES[0])
