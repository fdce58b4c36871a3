"""Audit rows are written once, hold ids only, and outlive what they tell about."""

from __future__ import annotations

import pytest
from django.db.models import ProtectedError

from records import audit
from records.errors import AppendOnly
from records.models import AuditEvent, Staff


def test_a_row_is_not_changed(line):
    row = audit.record("erased", line.now)
    row.action = "nothing"

    for change in (
        row.save,
        lambda: AuditEvent.objects.update(action="x"),
        lambda: AuditEvent.objects.filter(pk=row.pk).update(action="x"),
        lambda: AuditEvent.objects.bulk_update([row], ["action"]),
    ):
        with pytest.raises(AppendOnly):
            change()

    assert AuditEvent.objects.get().action == "erased"


def test_a_row_is_not_deleted(line):
    row = audit.record("erased", line.now)

    for removal in (row.delete, AuditEvent.objects.all().delete, AuditEvent.objects.filter(pk=row.pk).delete):
        with pytest.raises(AppendOnly):
            removal()

    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "x" * 101, ["fine", "not fine"]])
def test_a_detail_that_looks_like_a_text_is_refused(line, value):
    with pytest.raises(ValueError, match="not an id"):
        audit.record("turn", line.now, details={"rule": value})

    assert AuditEvent.objects.count() == 0


def test_somebody_who_did_something_is_switched_off_never_deleted(line):
    gone = Staff.objects.create_user("gone")
    audit.record("reply", line.now, staff=gone)

    with pytest.raises(ProtectedError):
        gone.delete()

    assert AuditEvent.objects.get().staff == gone
