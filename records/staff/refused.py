"""Refused: second factors that did not fit, so that whose password is known to somebody else hears of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count

from records.models import AuditEvent, Staff

MANY = 4  # more than one person mistypes
_LATELY = timedelta(days=1)


def since_last(staff: Staff) -> int:
    """How many did not fit since one last did; 0 when it is no more than a slip."""
    last = AuditEvent.objects.filter(staff=staff, action="factor_shown").order_by("-pk").first()
    refused = AuditEvent.objects.filter(staff=staff, action="factor_refused", pk__gt=last.pk if last else 0).count()
    return refused if refused >= MANY else 0


def lately(now: datetime) -> dict[int, int]:
    """How many did not fit in a day, of the accounts at which it was many."""
    rows = AuditEvent.objects.filter(staff__isnull=False, action="factor_refused", at__gte=now - _LATELY)
    counted = rows.values_list("staff_id").annotate(count=Count("pk")).filter(count__gte=MANY)
    return {int(staff_id): count for staff_id, count in counted if staff_id is not None}
