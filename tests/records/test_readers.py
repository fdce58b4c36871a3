"""What is closed opens only for a person who may read it; who lost a password loses nothing; who leaves opens nothing."""

from __future__ import annotations

import itertools

import pytest
from django.conf import settings
from django.db import connection

from records.erasure import retention
from records.errors import SealBroken, SealedToReaders, WrongKey
from records.messages import turns
from records.models import (
    AssessmentRecord,
    Contact,
    Conversation,
    DayKey,
    Draft,
    ErasedConversation,
    InboxMessage,
    KeyBox,
    StaffKey,
)
from records.sealing import closing, keys, readers, staff_keys
from records.sealing.readers import reading_as
from records.sealing.seal import open_bytes, place
from records.staff import desk
from records.states import Actor, StaffRole
from tests.records.test_sealing import SENTENCE, stored_bytes

RESTORED = (DayKey, Contact, Conversation, InboxMessage, KeyBox)  # parents before children


def closes(line, staff, text=SENTENCE, address="+1", **fields) -> Conversation:
    """One whole conversation, from a first word to its close."""
    stored = line.receives(text, address=address)
    line.answers("a line", **fields)
    line.sends()
    desk.claim(stored.conversation_id, staff, line.now)
    desk.add_note(stored.conversation_id, staff, "a note", line.now)
    desk.close(stored.conversation_id, staff, "helped", line.now)
    return line.conversation(stored)


def texts(conversation_id, staff, now) -> list[str]:
    return [item.text for item in desk.thread(conversation_id, staff, now).items]


def test_after_closing_it_opens_for_a_reader_and_not_for_the_line(line, with_key):
    mara, key = with_key("mara")
    conversation = closes(line, mara)

    assert closing.seal_closed(line.now) == 1

    with pytest.raises(SealedToReaders) as refused:
        desk.thread(conversation.pk, mara, line.now)
    assert refused.value.locked
    with reading_as(key):
        assert sorted(texts(conversation.pk, mara, line.now)) == ["a line", "a note", SENTENCE]
        desk.add_note(conversation.pk, mara, "later", line.now)
        assert "later" in texts(conversation.pk, mara, line.now)


def test_with_the_database_and_the_master_key_nothing_of_it_opens(line, with_key):
    """Every value of every cell, tried as a key and with every key that the master key gives."""
    mara, _ = with_key("mara")
    conversation = closes(line, mara)
    old_key = conversation.open_key()
    closing.seal_closed(line.now)
    message = InboxMessage.objects.get()
    where = place("inbox", "payload", message.uid)
    assert open_bytes(old_key, bytes(message.payload), where)

    masters = [settings.LANTERN_MASTER_KEY]
    purposes = (b"address lookup", b"address seal", b"day-key wrap", b"staff key", b"safe word", b"kept secret")
    known = [*masters, *(keys._sub_key(master, purpose) for master in masters for purpose in purposes)]
    known += [row.day_key.open() for row in Conversation.objects.select_related("day_key")]
    cells = every_cell()
    for _ in range(3):  # what one key opens may be a key itself
        known += [plain for key, cell in itertools.product(known[-40:], cells) for plain in opened(key, cell)]

    assert len(cells) > 8
    assert old_key not in cells
    assert old_key not in known
    assert not [key for key in known if len(key) == 32 and opened(key, bytes(message.payload), where)]


def every_cell() -> list[bytes]:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 names from the database itself
            found += [bytes(cell) for row in cursor.fetchall() for cell in row if isinstance(cell, (bytes, memoryview))]
    return found


def opened(key: bytes, cell: bytes, where: str | None = None) -> list[bytes]:
    """What opens with this key: in its own place, or in any place that a wrapped key can lie."""
    places = [where] if where else []
    if not places:
        for row in Conversation.objects.all():
            places += [place("conversation", name, row.uid) for name in ("wrapped_key", "kept_word")]
        places += [staff_keys.key_place(row) for row in StaffKey.objects.all()]
    if len(key) != 32:
        return []
    plain = []
    for one in places:
        try:
            plain.append(open_bytes(key, cell, one))
        except SealBroken:
            continue
    return plain


def test_the_key_it_had_is_gone_from_the_files_too(line, with_key):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps old rows until its own vacuum; docs/why/sealing.md says so")
    mara, _ = with_key("mara")
    wrapped = bytes(closes(line, mara).wrapped_key)
    assert wrapped in stored_bytes()

    closing.seal_closed(line.now)

    assert wrapped not in stored_bytes()


def test_it_waits_until_everything_is_heard_and_sent(line, with_key):
    mara, _ = with_key("mara")
    stored = line.receives("hello")
    line.answers()
    desk.claim(stored.conversation_id, mara, line.now)
    desk.reply(stored.conversation_id, mara, "goodbye", line.now, client_token="t")
    desk.close(stored.conversation_id, mara, "helped", line.now)

    assert closing.seal_closed(line.now) == 0
    line.sends()

    assert closing.seal_closed(line.now) == 1


def test_a_message_that_came_in_at_the_last_moment_moves_to_a_new_conversation(line, with_key):
    mara, _ = with_key("mara")
    stored = line.receives("hello")
    line.answers()
    desk.claim(stored.conversation_id, mara, line.now)
    line.receives("wait")
    desk.close(stored.conversation_id, mara, "helped", line.now)

    assert closing.seal_closed(line.now) == 0
    moved = turns.reopen_for(line.claims(), line.now)

    assert moved.conversation_id != stored.conversation_id
    assert closing.seal_closed(line.now) == 1
    assert turns.load_turn(moved).message.text == "wait"


def test_with_nobody_to_open_it_the_key_stays(line, mara):
    conversation = closes(line, mara)

    assert closing.seal_closed(line.now) == 0
    assert SENTENCE in texts(conversation.pk, mara, line.now)


def test_administrator_auditor_and_who_was_switched_off_get_no_box(line, with_key):
    mara, _ = with_key("mara")
    for name, role in (("admin", StaffRole.ADMINISTRATOR), ("audit", StaffRole.AUDITOR)):
        with_key(name, role)
    gone, _ = with_key("gone")
    gone.is_active = False
    gone.save()
    closes(line, mara)

    closing.seal_closed(line.now)

    assert {box.reader.staff.username for box in KeyBox.objects.all()} == {"mara"}


def test_a_new_colleague_opens_nothing_until_somebody_shares(line, with_key):
    mara, key = with_key("mara")
    conversation = closes(line, mara)
    closing.seal_closed(line.now)
    tomas, other = with_key("tomas")

    with reading_as(other), pytest.raises(SealedToReaders) as refused:
        desk.thread(conversation.pk, tomas, line.now)
    assert not refused.value.locked
    assert readers.without_box(tomas).count() == 1
    assert readers.share(key, tomas) == 1

    with reading_as(other):
        assert SENTENCE in texts(conversation.pk, tomas, line.now)
    assert readers.share(key, tomas) == 0


def test_a_box_put_beside_another_conversation_does_not_open(line, with_key):
    mara, key = with_key("mara")
    one, two = closes(line, mara, address="+1"), closes(line, mara, address="+2")
    closing.seal_closed(line.now)
    boxes = {box.subject: box for box in KeyBox.objects.all()}
    KeyBox.objects.filter(subject=two.uid).update(sealed=boxes[one.uid].sealed)

    with reading_as(key), pytest.raises(SealedToReaders):
        desk.thread(two.pk, mara, line.now)


def test_the_password_opens_the_key_and_another_does_not(line, with_key):
    mara, key = with_key("mara")

    assert staff_keys.open_key(mara, "mara-password") == key
    with pytest.raises(WrongKey):
        staff_keys.open_key(mara, "mara-passwore")


def test_a_new_password_loses_nothing(line, with_key):
    mara, key = with_key("mara")
    conversation = closes(line, mara)
    closing.seal_closed(line.now)

    staff_keys.change_password(mara, key, "another password")

    with pytest.raises(WrongKey):
        staff_keys.open_key(mara, "mara-password")
    with reading_as(staff_keys.open_key(mara, "another password")):
        assert SENTENCE in texts(conversation.pk, mara, line.now)


def test_a_forgotten_password_is_replaced_with_the_recovery_key(line, quick_passwords, with_key):
    printed = staff_keys.new_recovery_key(line.now)
    mara, key = with_key("mara")

    found = staff_keys.recover(mara, f" {printed.lower()} ")

    assert found == key
    for wrong in ("", "AAAA", "كلمة السر", "clé perdue", printed[:-1], staff_keys.new_recovery_key(line.now)):
        with pytest.raises(WrongKey):
            staff_keys.recover(mara, wrong)


def test_the_recovery_key_is_nowhere_in_the_files(line, with_key):
    printed = staff_keys.new_recovery_key(line.now)
    with_key("mara")

    private = staff_keys.read_recovery(printed)

    assert len(private) == 32
    everything = stored_bytes()
    assert not [form for form in (private, private.hex().encode(), printed.encode()) if form in everything]


def test_when_all_keys_are_lost_the_recovery_key_gives_every_case_back(line, with_key):
    printed = staff_keys.new_recovery_key(line.now)
    mara, _ = with_key("mara")
    conversation = closes(line, mara)
    closing.seal_closed(line.now)

    fresh = staff_keys.make_key(mara, "quite another", line.now)
    with reading_as(fresh), pytest.raises(SealedToReaders):
        desk.thread(conversation.pk, mara, line.now)
    assert staff_keys.restore_boxes(mara, printed) == 1

    with reading_as(fresh):
        assert SENTENCE in texts(conversation.pk, mara, line.now)


def test_keys_made_before_the_recovery_key_are_wrapped_by_it_at_the_next_sign_in(line, with_key):
    mara, key = with_key("mara")
    printed = staff_keys.new_recovery_key(line.now)
    assert staff_keys.recover(mara, printed) is None

    staff_keys.keep_recoverable(mara, key)

    assert staff_keys.recover(mara, printed) == key


def test_erasing_destroys_every_box(line, with_key):
    mara, _ = with_key("mara")
    conversation = closes(line, mara)
    closing.seal_closed(line.now)
    sealed = bytes(KeyBox.objects.get().sealed)

    assert retention.erase_conversation(conversation.pk, "asked", Actor.STAFF, line.now, staff=mara)

    assert not KeyBox.objects.exists()
    if connection.vendor == "sqlite":
        assert sealed not in stored_bytes()


def test_time_erases_it_without_any_key(line, with_key):
    mara, _ = with_key("mara")
    closes(line, mara)
    closing.seal_closed(line.now)
    line.waits(days=91)

    assert retention.erase_due(line.now) == 1
    assert not Conversation.objects.exists()


def test_the_safe_word_still_links_after_closing(line, with_key):
    mara, _ = with_key("mara")
    conversation = closes(line, mara, assessment={"word": "bluebird"})
    closing.seal_closed(line.now)
    line.receives("hello again", address="+1")

    material = turns.load_turn(line.claims())

    assert material.conversation.id != conversation.pk
    assert material.earlier_words() == ((conversation.pk, "bluebird"),)
    assert b"bluebird" not in stored_bytes()


def test_a_draft_does_not_outlive_the_close(line, with_key):
    mara, _ = with_key("mara")
    stored = line.receives("hello")
    line.answers()
    desk.claim(stored.conversation_id, mara, line.now)
    desk.save_draft(stored.conversation_id, mara, "half a sen", line.now)
    desk.close(stored.conversation_id, mara, "helped", line.now)

    closing.seal_closed(line.now)

    assert not Draft.objects.exists()
    assert not AssessmentRecord.objects.exists()


def test_a_case_that_is_over_opens_only_for_a_reader_until_it_is_taken_up_again(line, with_key):
    from records.casework import cases
    from records.casework.case_reading import read_case
    from records.models import Case
    from records.states import CaseState, Role

    mara, key = with_key("mara")
    stored = line.receives("hello")
    line.answers()
    desk.claim(stored.conversation_id, mara, line.now)
    case_id = cases.open_case(mara, Role.SELF, line.now, conversation_id=stored.conversation_id)
    cases.add_note(case_id, SENTENCE, mara, line.now, token=None)
    cases.set_state(case_id, CaseState.CLOSED, mara, line.now)

    assert closing.seal_closed(line.now) == 1

    with pytest.raises(SealedToReaders):
        read_case(case_id, mara, line.now)
    with reading_as(key):
        assert SENTENCE in str([note.text for note in read_case(case_id, mara, line.now).notes])
        cases.set_state(case_id, CaseState.ACTIVE, mara, line.now)
    assert not KeyBox.objects.filter(subject=Case.objects.get().uid).exists()
    assert read_case(case_id, mara, line.now).notes


def test_a_backup_from_before_the_erasure_loses_it_before_the_line_answers(line, with_key):
    """The rows and the boxes come back with the backup; the list of erasures, kept outside it, takes them again."""
    mara, key = with_key("mara")
    conversation = closes(line, mara)
    closing.seal_closed(line.now)
    kept = {model: list(model.objects.values()) for model in RESTORED}
    retention.erase_conversation(conversation.pk, "asked", Actor.STAFF, line.now, staff=mara)
    erased = dict(ErasedConversation.objects.values_list("uid", "at"))
    ErasedConversation.objects.all().delete()
    for model, rows in kept.items():
        model.objects.bulk_create([model(**row) for row in rows], ignore_conflicts=True)
    with reading_as(key):
        assert SENTENCE in texts(conversation.pk, mara, line.now)

    retention.remember_erased(erased)
    assert retention.erase_again(line.now) == 1

    assert not Conversation.objects.exists()
    assert not KeyBox.objects.exists()
    assert not InboxMessage.objects.exists()
