"""Tags of the desk: cards of the list, names of languages, how long ago something was (`static/desk/live.js` keeps
that true), and where the acts of an open conversation lead."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from desk import labels
from desk.directions import cut_at_phones

if TYPE_CHECKING:
    from desk.board import Board
    from desk.cards import Card, Section

register = template.Library()

MINUTE_S = 60
HOUR_MIN = 60
DAYS_FROM_H = 48  # two days and more are told in days


@register.filter
def ago(since: datetime | None, now: datetime) -> str:
    """Rounded down, in the words a clock on the wall would use."""
    if since is None:
        return ""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < MINUTE_S:
        return _("less than a minute")
    minutes = seconds // MINUTE_S
    if minutes < HOUR_MIN:
        return _("%(minutes)d min") % {"minutes": minutes}
    hours = minutes // HOUR_MIN
    if hours < DAYS_FROM_H:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % HOUR_MIN}
    return ngettext("%(days)d day", "%(days)d days", hours // 24) % {"days": hours // 24}


@register.filter
def numbers(text: str) -> SafeString:
    """The text, escaped; within words from right to left a phone number keeps its order, its groups are not turned."""
    pieces = enumerate(cut_at_phones(text))
    drawn = (format_html('<bdi dir="ltr">{}</bdi>' if at % 2 else "{}", piece) for at, piece in pieces)
    return format_html_join("", "{}", ((one,) for one in drawn))


@register.simple_tag(takes_context=True)
def of_thread(context: Context, name: str, *args: object) -> str:
    """The address of an act on the open conversation; of a practice it leads to what is simulated, never further."""
    shown = context["thread"]
    if shown.practice:
        return reverse(f"desk:practice-{name}", args=[shown.practice, *args])
    return reverse(f"desk:{name}", args=[shown.id, *args])


@register.simple_tag(takes_context=True)
def carried(context: Context, address: str = "") -> str:
    """Of a button or a field beside the boxes: without scripts it goes with them, so that no word in them is lost.

    With scripts, which keep the boxes by themselves, it belongs to its own form (`static/desk/guard.js`). No field in
    which Enter sends: it would press the first of these buttons.
    """
    shown, request = context.get("thread"), context.get("request")
    if not shown or not shown.box or request is None or request.htmx:
        return ""
    press = format_html(' formaction="{}" formnovalidate', address) if address else ""
    return format_html(' data-carried form="{}"{}', shown.box, press)


@register.filter
def language_name(code: str) -> str:
    """A language as the reader's own language calls it."""
    return labels.language_name(code)


@register.simple_tag
def cards(section: Section, board: Board) -> SafeString:
    """The cards under a heading. When something moves all desks draw the same ones, so they are drawn once."""
    opened = board.open_id if any(card.id == board.open_id for card in section.cards) else None
    if opened not in section.made:
        drawn = (
            _drawn(card, card.id == opened, ago(card.waiting_since, board.now), get_language())
            for card in section.cards
        )
        section.made[opened] = format_html_join("", "{}", ((one,) for one in drawn))
    found: SafeString = section.made[opened]
    return found


@lru_cache(maxsize=4096)
def _drawn(shown: Card, opened: bool, waited: str, language: str | None) -> SafeString:
    """Holds no word of a contact, as a card does not."""
    return render_to_string("desk/parts/card.html", {"card": shown, "opened": opened, "waited": waited})
