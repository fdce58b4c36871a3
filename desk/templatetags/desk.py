"""The filter that says how long ago something was; `static/desk/live.js` keeps it true afterwards."""

from __future__ import annotations

from datetime import datetime

from django import template

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
        return "less than a minute"
    minutes = seconds // MINUTE_S
    if minutes < HOUR_MIN:
        return f"{minutes} min"
    hours = minutes // HOUR_MIN
    return f"{hours} h {minutes % HOUR_MIN} min" if hours < DAYS_FROM_H else f"{hours // 24} days"
