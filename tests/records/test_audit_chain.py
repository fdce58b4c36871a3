"""The audit shows when a row was changed, taken away, slipped in or cut off; looking at it makes nothing good."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from records import audit, audit_chain
from records.errors import AppendOnly
from records.models import AuditEvent, AuditLink, KeptSecret, Staff


@pytest.fixture
def chain(line):
    for number in range(5):
        audit.record("turn_failed", line.now, details={"inbox": number})
    assert audit_chain.link_new(line.now) == 5
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

    assert f"1 row does not fit its link ({chain[2]})" in problems(line)


def test_a_row_that_was_taken_away_is_found(line, chain):
    sql("DELETE FROM records_auditevent WHERE id = %s", chain[2])

    assert f"1 linked row is missing ({chain[2]})" in problems(line)


def test_a_row_taken_away_with_its_link_is_found(line, chain):
    sql("DELETE FROM records_auditevent WHERE id = %s", chain[2])
    sql("DELETE FROM records_auditlink WHERE event_id = %s", chain[2])

    assert "link 3 is missing: it was taken away" in problems(line)


def test_a_row_slipped_in_under_a_forged_link_is_found(line, chain):
    audit.record("reply", line.now)
    forged = AuditEvent.objects.latest("pk").pk
    AuditLink.objects.create(seq=6, event_id=forged, hash=b"\x01" * 32)

    assert f"1 row does not fit its link ({forged})" in problems(line)


def test_rows_cut_off_at_the_end_are_found_by_whoever_kept_the_head(line, chain):
    head = audit_chain.verify(line.now).head
    sql("DELETE FROM records_auditlink WHERE seq > 3")
    sql("DELETE FROM records_auditevent WHERE id > %s", chain[2])

    assert "went to link 5 and ends at 3" in problems(line)
    assert "the head you kept is not in the chain" in problems(line, known_head=head)


def test_a_chain_made_anew_without_its_key_is_found(line, chain):
    head = audit_chain.verify(line.now).head
    sql("DELETE FROM records_auditlink")
    KeptSecret.objects.all().delete()
    assert "the key of the chain is gone" in problems(line)
    assert not KeptSecret.objects.exists()

    audit_chain.link_new(line.now + timedelta(minutes=5))

    assert "began when 5 rows were old already" in problems(line)
    assert "began when 5 rows were old already" in audit_chain.broken(line.now)
    assert "cut off at the end, or the chain was made anew" in problems(line, known_head=head)


def test_verifying_links_nothing(line, chain):
    audit.record("reply", line.now)

    young, old = (
        audit_chain.verify(line.now + timedelta(seconds=9)),
        audit_chain.verify(line.now + timedelta(minutes=3)),
    )

    assert (young.problems, young.waiting, young.oldest_waiting_s) == ((), 1, 9)
    assert "1 row is not in the chain (" in " ".join(old.problems)
    assert AuditLink.objects.count() == 5


@pytest.mark.parametrize("clock_went_on", [False, True])
def test_links_taken_from_rewritten_rows_are_missed_also_after_the_clock_linked_them_anew(line, chain, clock_went_on):
    sql("DELETE FROM records_auditlink WHERE seq >= 3")
    sql("UPDATE records_auditevent SET action = 'reply' WHERE id >= %s", chain[2])

    if clock_went_on:
        audit_chain.link_new(line.now)

    found = problems(line)
    assert ("went to link 5 and ends at 2" in audit_chain.broken(line.now)) is not clock_went_on
    assert ("links 3 to 5 are missing" if clock_went_on else "went to link 5 and ends at 2") in found


def test_emptied_tables_are_missed(line, chain):
    sql("DELETE FROM records_auditlink")
    sql("DELETE FROM records_auditevent")

    assert "went to link 5 and ends at 0" in problems(line)
    assert "went to link 5 and ends at 0" in audit_chain.broken(line.now)
    KeptSecret.objects.all().delete()
    Staff.objects.create_user("sara")
    assert "the key of the chain is gone" in problems(line)
    assert "the key of the audit's chain is gone" in audit_chain.broken(line.now)


def test_rows_that_were_never_linked_are_missed_when_they_are_gone(line, chain):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL also uses up the numbers of what it rolled back")
    last = audit.record("reply", line.now).pk
    sql("DELETE FROM records_auditevent WHERE id = %s", last)

    assert f"rows went to {last} and end at {chain[-1]}" in problems(line)
    assert f"rows went to {last} and end at {chain[-1]}" in audit_chain.broken(line.now)


def test_rows_with_other_numbers_are_one_line_and_not_one_each(line, chain):
    sql("UPDATE records_auditevent SET id = id + 1000")

    found = audit_chain.verify(line.now + timedelta(minutes=5)).problems

    assert len(found) == 2
    assert "5 linked rows are missing" in found[0]
    assert "5 rows are not in the chain" in found[1]


def test_a_key_that_does_not_open_is_said_and_no_row_is_blamed(line, chain, settings):
    settings.LANTERN_MASTER_KEY = b"\x09" * 32

    assert problems(line) == "the key of the chain is damaged: it does not open, and nothing was compared"


def test_a_head_from_after_a_restored_backup_says_so(line, chain):
    audit.record("restored", line.now)
    audit_chain.link_new(line.now)

    assert "a backup was put back at 2026-11-20 12:00 UTC" in problems(line, known_head="0" * 64)


def test_a_chain_of_before_its_end_was_sealed_goes_on(line, chain):
    secret = KeptSecret.objects.get()
    key, _ = audit_chain._opened(secret)
    secret.sealed = audit_chain.seal_for(audit_chain.PURPOSE, key, audit_chain._WHERE)
    secret.save()
    audit.record("reply", line.now)

    assert audit_chain.link_new(line.now) == 1

    assert problems(line) == ""
    sql("DELETE FROM records_auditlink WHERE seq = 6")
    assert "went to link 6 and ends at 5" in problems(line)


def test_the_command_says_where_to_read_on_and_how_many_are_young(line, chain, capsys, monkeypatch):
    monkeypatch.setattr("lantern.management.commands.audit.open_line", lambda _: None)
    monkeypatch.setattr("django.utils.timezone.now", lambda: line.now + timedelta(seconds=30))
    audit.record("reply", line.now)
    call_command("audit", "verify")
    assert "1 row is too young to be linked (the oldest 30 s)" in capsys.readouterr().err

    sql("UPDATE records_auditevent SET action = 'reply'")
    with pytest.raises(SystemExit):
        call_command("audit", "verify")

    said = capsys.readouterr().err
    assert "docs/how-to/incidents.md" in said
    assert "When the audit does not hold" in Path("docs/how-to/incidents.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", ["records_auditlink", "records_keptsecret"])
def test_a_table_that_was_taken_away_is_named_and_where_to_read_on(line, chain, capsys, monkeypatch, table):
    monkeypatch.setattr("lantern.management.commands.audit.open_line", lambda _: None)
    sql(f"ALTER TABLE {table} RENAME TO taken_away")
    try:
        with pytest.raises(SystemExit) as ended:
            call_command("audit", "verify")
        told = audit_chain.broken(line.now)
    finally:
        sql(f"ALTER TABLE taken_away RENAME TO {table}")

    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert f"missing from the database: {table}; without that nothing of the audit can be compared" in said
    assert "docs/how-to/incidents.md" in said
    assert "missing from the database" in told


@pytest.mark.parametrize("head", ["", "abc", "0" * 63, "0" * 65, "g" * 64])
def test_what_is_no_head_is_a_wrong_use_of_the_command_and_no_verdict(head):
    with pytest.raises(CommandError, match="right is the line of 64 digits and letters from a to f"):
        call_command("audit", "verify", f"--head={head}")


def test_a_head_is_taken_as_it_was_printed_and_copied(line, chain, capsys, monkeypatch):
    monkeypatch.setattr("lantern.management.commands.audit.open_line", lambda _: None)
    monkeypatch.setattr("django.utils.timezone.now", lambda: line.now)

    call_command("audit", "verify", "--head", f" {audit_chain.verify(line.now).head.upper()} ")

    assert "5 rows, none changed" in capsys.readouterr().err


def test_a_chain_whose_key_is_damaged_links_nothing_and_stops_nobody(line, chain):
    KeptSecret.objects.update(sealed=b"\x01" * 60)
    audit.record("reply", line.now)

    assert audit_chain.link_new(line.now) == 0
    assert audit_chain.broken(line.now).startswith("the key of the audit's chain is damaged")
    assert "the key of the chain is damaged" in problems(line)


def test_two_who_link_at_once_make_one_chain(line, chain, together):
    for _ in range(20):
        audit.record("turn_failed", line.now)

    made = together(audit_chain.link_new, audit_chain.link_new)
    while audit_chain.link_new(line.now):
        pass

    assert sum(made) <= 20
    assert audit_chain.verify(line.now).rows == 25
    assert problems(line) == ""


def test_links_are_not_changed_either(line, chain):
    with pytest.raises(AppendOnly):
        AuditLink.objects.filter(seq=1).update(hash=b"")
    with pytest.raises(AppendOnly):
        AuditLink.objects.get(seq=1).delete()
