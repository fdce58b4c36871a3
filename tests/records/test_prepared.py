"""What is put together once reads and writes as the ORM does, and a turn asks little of the database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from django.db import connection
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from records.messages.prepared import Prepared, insert, rewrite
from records.models import AssessmentRecord, Conversation, InboxMessage, OutboxMessage, TrackerChunk

_STATEMENTS_A_TURN = 14  # claim 2, reading 5, commit 7, BEGIN and COMMIT apart


def _columns(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_is_read_as_the_orm_reads_it_with_what_hangs_on_it(line):
    stored = line.receives("hola")

    def rows(pk, since):
        found = InboxMessage.objects.select_related("conversation__contact", "conversation__day_key")
        return found.filter(pk=pk, received_at__gte=since, status="new", flood=False)

    since = line.now - timedelta(seconds=1)
    prepared = Prepared(rows, pk=-5, since=datetime(1970, 1, 1, tzinfo=timezone.utc))
    read, usual = prepared.first(pk=stored.inbox_id, since=since), rows(stored.inbox_id, since).get()

    assert _columns(read) == _columns(usual)
    assert _columns(read.conversation) == _columns(usual.conversation)
    assert _columns(read.conversation.contact) == _columns(usual.conversation.contact)
    assert read.conversation.day_key.open() == usual.conversation.day_key.open()
    assert prepared.first(pk=stored.inbox_id, since=line.now + timedelta(seconds=1)) is None


def test_values_are_read_in_their_types(line):
    stored = line.receives("hola")

    prepared = Prepared(lambda pk: Conversation.every.filter(pk=pk).values_list("uid", "started_at", "owner"), pk=-5)

    assert prepared(pk=stored.conversation_id) == [
        Conversation.every.values_list("uid", "started_at", "owner").get(pk=stored.conversation_id)
    ]


def test_a_value_that_the_query_would_not_hold_is_refused(line):
    forgets = Prepared(lambda pk, other: Conversation.every.filter(pk=pk), pk=-5, other=-7)

    with pytest.raises(ValueError, match="other"):
        forgets(pk=1, other=2)


def test_rows_are_written_as_the_orm_writes_them(line):
    stored = line.receives("hola")
    rows = [TrackerChunk(conversation_id=stored.conversation_id, seq=n, n=1, sealed=bytes([n])) for n in range(3)]

    insert(rows)

    assert [_columns(row) for row in TrackerChunk.objects.order_by("seq")] == [_columns(row) for row in rows]
    conversation = line.conversation(stored)
    conversation.handoff_reasons, conversation.claimed_at, conversation.waits_told = ["a", "b"], line.now, 3
    rewrite(conversation, {})
    assert model_to_dict(line.conversation(stored)) == model_to_dict(conversation)
    assert not insert([])


def test_only_what_was_changed_is_written(line):
    conversation = line.conversation(line.receives("hola"))
    was = dict(vars(conversation))
    conversation.level, conversation.waits_told, conversation.handoff_reasons = "urgent", 3, []

    with CaptureQueriesContext(connection) as asked:
        rewrite(conversation, was)
        rewrite(conversation, dict(vars(conversation)))

    assert [one["sql"].partition(" WHERE ")[0] for one in asked] == [
        'UPDATE "records_conversation" SET "level" = \'urgent\', "waits_told" = 3'
    ]
    assert model_to_dict(Conversation.every.get(pk=conversation.pk)) == model_to_dict(conversation)


def test_a_turn_writes_no_column_of_its_conversation_that_stays(line):
    line.receives("hola")
    with CaptureQueriesContext(connection) as asked:
        line.answers("buenas", assessment={"a": 1})

    (written,) = [one["sql"] for one in asked if one["sql"].startswith('UPDATE "records_conversation"')]
    assert "wrapped_key" not in written
    assert '"version" = 1' in written


def test_a_turn_asks_little_of_the_database(line):
    line.receives("hola")
    line.answers("buenas", events=({"event": "user"},), assessment={"a": 1}, findings=({"id": "x"},))
    line.receives("otra")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        line.answers("si", events=({"event": "user"},), assessment={"a": 2}, findings=({"id": "y"},))

    statements = [one["sql"] for one in asked if not one["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(statements) <= _STATEMENTS_A_TURN, "\n".join(statements)
    assert AssessmentRecord.objects.get().version == 2
    assert OutboxMessage.objects.count() == 2
