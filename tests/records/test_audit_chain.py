"""The audit shows when a row was changed, taken away, slipped in or cut off."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from records import audit, audit_chain
from records.errors import AppendOnly
from records.models import AuditEvent, AuditLink, KeptSecret


@pytest.fixture
def chain(line):
    for number in range(5):
        audit.record("turn_failed", line.now, details={"inbox": number})
    assert audit_chain.link_new() == 5
    return [event.pk for event in AuditEvent.objects.order_by("pk")]


def sql(statement, *values):
    """What somebody does who can write into the database past all our code."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def problems(line, **fields):
    return " / ".join(audit_chain.verify(line.now + timedelta(minutes=5), **fields).problems)


def test_an_untouched_chain_holds(line, chain):
    found = audit_chain.verify(line.now)

    assert (found.rows, found.problems) == (5, ())
    assert len(found.head) == 64


def test_a_changed_row_is_found(line, chain):
    sql("UPDATE records_auditevent SET action = 'reply' WHERE id = %s", chain[2])

    assert f"row {chain[2]} was changed" in problems(line)


def test_a_row_that_was_taken_away_is_found(line, chain):
    sql("DELETE FROM records_auditevent WHERE id = %s", chain[2])

    assert f"row {chain[2]} is missing" in problems(line)


def test_a_row_taken_away_with_its_link_is_found(line, chain):
    sql("DELETE FROM records_auditevent WHERE id = %s", chain[2])
    sql("DELETE FROM records_auditlink WHERE event_id = %s", chain[2])

    assert "links were taken away" in problems(line)


def test_a_row_slipped_in_under_a_forged_link_is_found(line, chain):
    audit.record("reply", line.now)
    forged = AuditEvent.objects.latest("pk").pk
    AuditLink.objects.create(seq=6, event_id=forged, hash=b"\x01" * 32)

    assert f"row {forged} was changed" in problems(line)


def test_rows_cut_off_at_the_end_are_found_by_whoever_kept_the_head(line, chain):
    head = audit_chain.verify(line.now).head
    sql("DELETE FROM records_auditlink WHERE seq > 3")
    sql("DELETE FROM records_auditevent WHERE id > %s", chain[2])

    assert problems(line) == ""
    assert "cut off" in problems(line, known_head=head)


def test_a_chain_made_anew_without_its_key_is_found(line, chain):
    head = audit_chain.verify(line.now).head
    sql("DELETE FROM records_auditlink")
    KeptSecret.objects.all().delete()

    assert "cut off at the end, or the chain was made anew" in problems(line, known_head=head)


def test_two_who_link_at_once_make_one_chain(line, chain, together):
    for _ in range(20):
        audit.record("turn_failed", line.now)

    made = together(audit_chain.link_new, audit_chain.link_new)
    while audit_chain.link_new():
        pass

    assert sum(made) <= 20
    assert audit_chain.verify(line.now).rows == 25
    assert problems(line) == ""


def test_links_are_not_changed_either(line, chain):
    with pytest.raises(AppendOnly):
        AuditLink.objects.filter(seq=1).update(hash=b"")
    with pytest.raises(AppendOnly):
        AuditLink.objects.get(seq=1).delete()
