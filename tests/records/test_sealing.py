"""What people write is sealed: nothing to read in the files, and no value opens in another place."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from records.errors import SealBroken
from records.messages import turns
from records.messages.outcome import Changes
from records.models import (
    AssessmentRecord,
    Contact,
    Conversation,
    Draft,
    InboxMessage,
    Note,
    OutboxMessage,
    TrackerChunk,
)
from records.sealing import keys, seal
from records.staff import desk
from records.states import Owner

KEY = bytes(range(32))
HERE = seal.place("inbox", "payload", uuid.UUID(int=1))
SENTENCE, NUMBER, NAME = "the blue heron waits", "+15005559917", "Zephyrine Quillfeather"


def stored_bytes() -> bytes:
    """All that the database holds, as a thief would read it."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        return b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*"))
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 names from the database itself
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows).encode()


def forms(text: str) -> list[bytes]:
    import base64

    raw = text.encode()
    digits = [raw.lstrip(b"+")] if text.startswith("+") else []
    return [raw, raw.hex().encode(), raw[::-1], text.encode("utf-16-le"), base64.b64encode(raw)[:-4], *digits]


def a_full_conversation(line, mara):
    said = f"{SENTENCE} {NAME} {NUMBER}"
    line.receives(said, address=NUMBER, button=said, media=[said], hint_language=said)
    line.answers(
        line.draft(said, buttons=((said, said),)),
        events=({"event": "user", "text": said},),
        assessment={"quote": said},
        findings=({"words": said},),
        changes=Changes(owner=Owner.QUEUE, handoff_reasons=("asked",)),
    )
    conversation_id = line.conversation().pk
    desk.claim(conversation_id, mara, line.now)
    desk.reply(conversation_id, mara, said, line.now, client_token="t")
    desk.add_note(conversation_id, mara, said, line.now)
    desk.save_draft(conversation_id, mara, said, line.now)
    desk.thread(conversation_id, mara, line.now)
    line.receives(said, address=NUMBER)
    turns.fail_turn(line.claims(), line.now, gave_up=True)


def test_a_marked_sentence_number_and_name_are_nowhere_readable(line, mara):
    a_full_conversation(line, mara)

    everything = stored_bytes()

    tables = (InboxMessage, OutboxMessage, TrackerChunk, AssessmentRecord, Note, Draft)
    assert all(model.objects.exists() for model in tables)
    assert b"asked" in everything  # the search finds what is there
    found = [form for text in (SENTENCE, NUMBER, NAME) for form in forms(text) if form in everything]
    assert found == []


def test_nothing_readable_stays_in_the_log_file_either(line, mara):
    if connection.vendor != "sqlite":
        pytest.skip("the write-ahead log beside the file is SQLite's")

    a_full_conversation(line, mara)

    wal = Path(str(connection.settings_dict["NAME"]) + "-wal")
    assert wal.stat().st_size > 0
    assert SENTENCE.encode() not in wal.read_bytes()


@effort(deadline=None)
@given(st.binary(max_size=2_000))
def test_what_was_sealed_opens_in_its_place(plain):
    sealed = seal.seal_bytes(KEY, plain, HERE)

    if plain:
        assert seal.open_bytes(KEY, sealed, HERE) == plain


@effort(deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_survives(text):
    assert seal.open_text(KEY, seal.seal_text(KEY, text, HERE), HERE) == text


@pytest.mark.parametrize(
    "where",
    [
        seal.place("inbox", "payload", uuid.UUID(int=2)),
        seal.place("inbox", "findings", uuid.UUID(int=1)),
        seal.place("outbox", "payload", uuid.UUID(int=1)),
        "",
    ],
)
def test_another_place_does_not_open(where):
    with pytest.raises(SealBroken):
        seal.open_bytes(KEY, seal.seal_bytes(KEY, b"x", HERE), where)


def test_another_key_does_not_open():
    with pytest.raises(SealBroken):
        seal.open_bytes(bytes(32), seal.seal_bytes(KEY, b"x", HERE), HERE)


@effort(deadline=None)
@given(st.integers(0, 40), st.integers(1, 255))
def test_a_changed_byte_does_not_open(position, change):
    sealed = bytearray(seal.seal_bytes(KEY, b"some words", HERE))
    sealed[position % len(sealed)] ^= change

    with pytest.raises(SealBroken):
        seal.open_bytes(KEY, bytes(sealed), HERE)


@pytest.mark.parametrize("length", range(0, 30, 7))
def test_a_cut_value_does_not_open(length):
    with pytest.raises(SealBroken):
        seal.open_bytes(KEY, seal.seal_bytes(KEY, b"some words", HERE)[:length], HERE)


def test_the_error_names_the_place_and_nothing_else():
    with pytest.raises(SealBroken) as caught:
        seal.open_bytes(bytes(32), seal.seal_bytes(KEY, b"some words", HERE), HERE)

    assert str(caught.value) == f"{HERE} does not open"


def test_two_seals_of_the_same_text_differ():
    assert seal.seal_bytes(KEY, b"x", HERE) != seal.seal_bytes(KEY, b"x", HERE)


def test_rows_swapped_in_the_database_are_refused(line):
    for text in ("one", "two"):
        line.receives(text)
        line.answers(text, events=({"text": text},))
    line.receives("three")
    conversation = line.conversation()
    key = conversation.open_key()
    for model, column in ((InboxMessage, "payload"), (OutboxMessage, "payload"), (TrackerChunk, "sealed")):
        one, two = model.objects.order_by("pk")[:2]
        model.objects.filter(pk=one.pk).update(**{column: getattr(two, column)})

    with pytest.raises(SealBroken):
        line.inbox()[0].open_payload(key)
    with pytest.raises(SealBroken):
        line.outbox()[0].open_payload(key)
    with pytest.raises(SealBroken):
        turns.load_turn(line.claims())


def test_chunks_in_another_order_are_refused(line):
    for text in ("one", "two"):
        line.receives(text)
        line.answers(events=({"text": text},))
    line.receives("three")
    first, second = TrackerChunk.objects.order_by("pk")
    for chunk, seq in ((first, 99), (second, 0), (first, 1)):
        TrackerChunk.objects.filter(pk=chunk.pk).update(seq=seq)

    with pytest.raises(SealBroken):
        turns.load_turn(line.claims())


def test_the_key_of_one_conversation_opens_no_other(line):
    line.receives(address="+1")
    line.receives(address="+2")
    one, two = Conversation.objects.order_by("pk")
    Conversation.objects.filter(pk=one.pk).update(wrapped_key=two.wrapped_key)

    with pytest.raises(SealBroken):
        Conversation.objects.get(pk=one.pk).open_key()
    with pytest.raises(SealBroken):
        line.inbox()[0].open_payload(two.open_key())


def test_the_address_of_one_contact_does_not_open_as_anothers(line):
    line.receives(address="+1")
    line.receives(address="+2")
    one, two = Contact.objects.order_by("pk")
    one.address = two.address

    with pytest.raises(SealBroken):
        one.open_address()


def test_the_key_of_one_day_is_no_other_days(line):
    line.receives(address="+1")
    line.waits(days=1)
    line.receives(address="+2")
    one, two = Conversation.objects.order_by("pk").select_related("day_key")

    assert one.day_key.date + timedelta(days=1) == two.day_key.date
    assert one.day_key.open() != two.day_key.open()
    one.day_key.date = date(2000, 1, 1)
    with pytest.raises(SealBroken):
        one.day_key.open()


def test_another_master_key_opens_nothing_and_finds_nobody(line, settings):
    line.receives()
    before = keys.lookup_hash("sms", "+1")

    settings.LANTERN_MASTER_KEY = b"\x07" * 32

    assert keys.lookup_hash("sms", "+1") != before
    with pytest.raises(SealBroken):
        line.contact().open_address()
    with pytest.raises(SealBroken):
        line.conversation().open_key()


def test_the_lookup_hash_is_bound_to_the_channel_and_keyed():
    assert keys.lookup_hash("sms", "+1") != keys.lookup_hash("telegram", "+1")
    assert keys.lookup_hash("sms", "+1") == keys.lookup_hash("sms", "+1")
    assert len(settings.LANTERN_MASTER_KEY) == seal.KEY_BYTES
