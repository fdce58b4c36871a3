"""What need not be kept is erased, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from records.erasure import retention
from records.errors import LostClaim
from records.messages import queries, turns
from records.messages.outcome import Changes
from records.models import (
    AssessmentRecord,
    AuditEvent,
    Contact,
    Conversation,
    DayKey,
    Draft,
    ErasedConversation,
    InboxMessage,
    Note,
    OutboxMessage,
    TrackerChunk,
)
from records.staff import desk
from records.states import Actor, Consent, Level, Owner

CONTENT = (Contact, Conversation, InboxMessage, OutboxMessage, TrackerChunk, AssessmentRecord, Note, Draft)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def talks(line, address="+1", *, consent=None, owner=None, level=None):
    changes = {"consent": consent, "level": level, **({"owner": owner} if owner else {})}
    stored = line.receives("a word", address=address)
    line.answers("a line", events=({"text": "x"},), assessment={"x": 1}, changes=Changes(**changes))
    line.sends()
    return stored.conversation_id


@pytest.mark.parametrize("consent", [None, Consent.NO])
def test_without_consent_it_is_gone_a_day_after_the_last_word(line, consent):
    talks(line, consent=consent)

    assert retention.erase_due(line.now + 24 * HOUR - timedelta(seconds=1)) == 0
    assert retention.erase_due(line.now + 24 * HOUR) == 1

    assert [model.objects.count() for model in CONTENT] == [0] * len(CONTENT)


def test_the_day_counts_from_the_last_word_of_either_side(line):
    talks(line)
    line.waits(hours=20)
    talks(line)

    assert retention.erase_due(line.now + 23 * HOUR) == 0


@pytest.mark.parametrize(
    ("owner", "level", "erased"),
    [
        (Owner.QUEUE, Level.URGENT, 0),
        (Owner.QUEUE, Level.PRIORITY, 1),
        (Owner.QUEUE, None, 1),
        (Owner.BOT, Level.URGENT, 1),
        (Owner.CLOSED, Level.URGENT, 1),
    ],
)
def test_only_an_open_urgent_hand_off_outlives_the_day_without_consent(line, owner, level, erased):
    talks(line, owner=owner, level=level)

    assert retention.erase_due(line.now + 25 * HOUR) == erased


def test_with_consent_a_conversation_with_the_bot_lives_thirty_days(line):
    talks(line, consent=Consent.YES)

    assert retention.erase_due(line.now + 29 * DAY) == 0
    assert retention.erase_due(line.now + 30 * DAY) == 1


def test_a_case_lives_ninety_days_after_its_close_and_an_open_one_stays(line, mara):
    conversation_id = talks(line, consent=Consent.YES, owner=Owner.QUEUE)
    desk.claim(conversation_id, mara, line.now)
    assert retention.erase_due(line.now + 300 * DAY) == 0
    line.waits(days=100)
    desk.close(conversation_id, mara, "helped", line.now)

    assert retention.erase_due(line.now + 89 * DAY) == 0
    assert retention.erase_due(line.now + 90 * DAY) == 1


def test_a_message_that_nobody_has_heard_is_not_erased(line):
    line.receives()

    assert retention.erase_due(line.now + 300 * DAY) == 0


def test_who_asks_to_delete_is_erased_once_the_answer_is_out(line):
    line.receives("delete")
    line.answers("deleted", changes=Changes(owner=Owner.CLOSED, consent=Consent.YES, erase_at=line.now))

    assert retention.erase_due(line.now) == 0
    line.sends()
    assert retention.erase_due(line.now) == 1
    assert ErasedConversation.objects.get().reason == "asked"


def test_while_a_hand_off_is_open_a_delete_waits_for_its_close(line, mara):
    conversation_id = talks(line, consent=Consent.YES, owner=Owner.QUEUE)
    Conversation.objects.update(erase_at=line.now)
    desk.claim(conversation_id, mara, line.now)

    retention.erase_due(line.now)
    assert Conversation.objects.count() == 1
    desk.close(conversation_id, mara, "helped", line.now)
    assert retention.erase_due(line.now) == 1


def test_other_conversations_stay_whole(line, mara):
    gone = talks(line, "+1")
    kept = talks(line, "+2", consent=Consent.YES)

    retention.erase_conversation(gone, "asked", Actor.CONTACT, line.now)

    thread = desk.thread(kept, mara, line.now)
    assert [item.text for item in thread.items] == ["a word", "a line"]
    assert thread.assessment == {"x": 1}
    line.receives("more", address="+2")
    assert turns.load_turn(line.claims()).events == [{"text": "x"}]


def test_a_contact_with_another_conversation_stays(line):
    first = talks(line, owner=Owner.CLOSED)
    second = talks(line)

    retention.erase_conversation(first, "asked", Actor.CONTACT, line.now)
    assert Contact.objects.count() == 1

    retention.erase_conversation(second, "asked", Actor.CONTACT, line.now)
    assert Contact.objects.count() == 0


def test_what_remains_tells_that_it_was_erased_and_nothing_of_it(line):
    conversation_id = talks(line)
    uid = line.conversation().uid

    retention.erase_conversation(conversation_id, "asked", Actor.CONTACT, line.now)

    row = AuditEvent.objects.get(action="erased")
    assert (row.conversation_uid, row.actor_kind, row.details) == (uid, "contact", {"reason": "asked"})
    assert ErasedConversation.objects.get().uid == uid
    assert not retention.erase_conversation(conversation_id, "asked", Actor.CONTACT, line.now)


def test_the_bytes_are_gone_from_the_files(line):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL leaves dead rows until its vacuum; the destroyed key covers them")
    conversation_id = talks(line)
    path = Path(connection.settings_dict["NAME"])
    traces = [bytes(line.conversation().wrapped_key), bytes(line.inbox()[0].payload), bytes(line.contact().address)]

    retention.erase_conversation(conversation_id, "asked", Actor.CONTACT, line.now)

    files = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*") if not file.name.endswith("-shm"))
    assert [trace in files for trace in traces] == [False, False, False]


def test_the_key_of_a_day_goes_with_its_last_conversation(line):
    talks(line)
    line.waits(days=2)
    talks(line, "+2", consent=Consent.YES)

    retention.erase_due(line.now)

    assert [row.date for row in DayKey.objects.all()] == [line.now.date()]


def test_a_turn_or_a_delivery_of_an_erased_conversation_comes_to_nothing(line):
    talks(line)
    line.receives(address="+1")
    turn = line.claims()
    line.answers("a line", claimed=turn)
    line.receives(address="+1")
    turn, delivery = line.claims(), line.takes()
    outcome = turns.TurnOutcome(version=2)

    retention.erase_conversation(turn.conversation_id, "asked", Actor.CONTACT, line.now)

    with pytest.raises(LostClaim):
        turns.commit_turn(turn, outcome, line.now)
    assert queries.may_send(delivery, line.now) == "erased"
    with pytest.raises(LostClaim):
        queries.begin_send(delivery)
    assert not queries.finish_send(delivery, "SM", line.now)


def test_who_writes_after_an_erasure_is_new(line):
    conversation_id = talks(line)
    retention.erase_conversation(conversation_id, "asked", Actor.CONTACT, line.now)

    stored = line.receives(address="+1")

    assert stored.created
    assert line.conversation(stored).version == 0


def test_a_restored_backup_loses_its_erased_conversations_again(line):
    talks(line, "+1")
    kept = talks(line, "+2")
    uid = Conversation.objects.order_by("pk").first().uid
    retention.remember_erased({uid: line.now})

    assert retention.erase_again(line.now) == 1
    assert [row.pk for row in Conversation.objects.all()] == [kept]


def test_messages_and_erasures_at_once_lose_nothing(line, together):
    """Whatever is stored after the erasure, or during it, is in a conversation that exists."""
    for n in range(6):
        talks(line, f"+{n}")
    line.waits(days=2)

    results = together(
        lambda: retention.erase_due(line.now),
        lambda: [line.receives("new", address=f"+{n}") for n in range(6)],
        lambda: [line.receives("new", address=f"+{5 - n}") for n in range(6)],
    )

    stored = [one.inbox_id for batch in results[1:] for one in batch]
    assert InboxMessage.objects.filter(pk__in=stored).count() == 12
