"""What staff do: one holder, no doubled reply, an audit row with each change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from records.errors import NotHolder
from records.messages.outcome import Changes
from records.models import AuditEvent, Draft, Note, OutboxMessage, Staff
from records.staff import desk
from records.states import Author, Level, OutboxStatus, Owner


def hands_off(line, level=Level.PRIORITY, **fields):
    stored = line.receives(**fields)
    line.answers("a person will come", changes=Changes(owner=Owner.QUEUE, level=level, handoff_reasons=("asked",)))
    return stored.conversation_id


def actions(line):
    return list(
        AuditEvent.objects.filter(conversation_uid=line.conversation().uid, actor_kind="staff")
        .order_by("pk")
        .values_list("action", flat=True)
    )


def test_the_queue_is_by_level_then_by_waiting_time(line):
    made = {}
    for name, level in [
        ("i", "info"),
        ("p1", "priority"),
        ("u1", "urgent"),
        ("p2", "priority"),
        ("o", "offer"),
        ("u2", "urgent"),
    ]:
        made[hands_off(line, Level(level), address=f"+1{name}")] = name
        line.waits(seconds=10)

    entries = desk.queue(line.now)

    assert [made[entry.conversation_id] for entry in entries] == ["u1", "u2", "p1", "p2", "o", "i"]
    assert (entries[0].waiting_s, entries[0].reasons, entries[0].channel) == (40, ("asked",), "sms")


def test_of_many_who_claim_at_once_exactly_one_has_it(line, together):
    conversation_id = hands_off(line)
    people = [Staff.objects.create_user(f"worker-{n}") for n in range(8)]

    won = together(*[lambda one=one: desk.claim(conversation_id, one, line.now) for one in people])

    assert sum(won) == 1
    assert line.conversation().claimed_by == people[won.index(True)]
    assert actions(line) == ["owner_changed"]
    assert desk.queue(line.now) == []


def test_a_claim_silences_the_bot(line, mara):
    conversation_id = hands_off(line)
    line.receives()
    line.answers(line.draft("end line", always=True))

    desk.claim(conversation_id, mara, line.now, lines=[line.draft("Hello, I am Mara", key="joined")])

    assert [(row.status, row.reason, row.author) for row in line.outbox()] == [
        (OutboxStatus.DROPPED, "claimed", Author.BOT),
        (OutboxStatus.WAITING, "", Author.BOT),
        (OutboxStatus.WAITING, "", Author.SYSTEM),
    ]


def test_staff_can_take_over_from_the_bot_but_not_from_each_other(line, mara, tomas):
    conversation_id = line.receives().conversation_id

    assert desk.claim(conversation_id, mara, line.now)
    assert not desk.claim(conversation_id, tomas, line.now)
    assert [entry.staff_alias for entry in desk.held_by(mara, line.now)] == ["Mara"]


def test_a_reply_goes_into_the_same_thread(line, mara):
    conversation_id = hands_off(line)
    desk.claim(conversation_id, mara, line.now)
    desk.save_draft(conversation_id, mara, "I am h", line.now)
    line.waits(seconds=5)

    desk.reply(conversation_id, mara, "I am here", line.now, client_token="t1")

    assert line.sends().text == "I am here"
    item = desk.thread(conversation_id, mara, line.now).items[-1]
    assert (item.kind, item.text, item.author, item.alias, item.status) == ("out", "I am here", "staff", "Mara", "sent")
    assert Draft.objects.count() == 0


def test_the_same_reply_twice_is_one_message(line, mara):
    conversation_id = hands_off(line)
    desk.claim(conversation_id, mara, line.now)

    first = desk.reply(conversation_id, mara, "I am here", line.now, client_token="t1")
    again = desk.reply(conversation_id, mara, "I am here", line.now, client_token="t1")

    assert (first.created, again.created) == (True, False)
    assert first.outbox_id == again.outbox_id
    assert OutboxMessage.objects.filter(author=Author.STAFF).count() == 1


def test_the_same_reply_many_times_at_once_is_one_message(line, mara, together):
    conversation_id = hands_off(line)
    desk.claim(conversation_id, mara, line.now)

    made = together(*[lambda: desk.reply(conversation_id, mara, "here", line.now, client_token="t1")] * 6)

    assert sum(one.created for one in made) == 1
    assert len({one.outbox_id for one in made}) == 1


def test_only_the_holder_replies_hands_back_transfers_and_closes(line, mara, tomas):
    conversation_id = hands_off(line)
    desk.claim(conversation_id, mara, line.now)

    for forbidden in (
        lambda: desk.reply(conversation_id, tomas, "x", line.now, client_token="t2"),
        lambda: desk.hand_back(conversation_id, tomas, Owner.BOT, line.now),
        lambda: desk.transfer(conversation_id, tomas, tomas, line.now),
        lambda: desk.close(conversation_id, tomas, "helped", line.now),
        lambda: desk.reply(999_999, mara, "x", line.now, client_token="t3"),
    ):
        with pytest.raises(NotHolder):
            forbidden()

    assert OutboxMessage.objects.exclude(author=Author.BOT).count() == 0
    assert actions(line) == ["owner_changed"]


def test_a_transfer_gives_it_to_a_colleague(line, mara, tomas):
    conversation_id = hands_off(line)
    desk.claim(conversation_id, mara, line.now)

    desk.transfer(conversation_id, mara, tomas, line.now)

    with pytest.raises(NotHolder):
        desk.reply(conversation_id, mara, "x", line.now, client_token="t")
    assert desk.reply(conversation_id, tomas, "x", line.now, client_token="t").created


@pytest.mark.parametrize("to", [Owner.BOT, Owner.QUEUE])
def test_handing_back_says_a_line_and_lets_go(line, mara, to):
    conversation_id = hands_off(line)
    desk.claim(conversation_id, mara, line.now)
    line.waits(seconds=9)

    desk.hand_back(
        conversation_id, mara, to, line.now, reasons=["interpreter"], lines=[line.draft("the robot is back")]
    )

    conversation = line.conversation()
    assert (conversation.owner, conversation.claimed_by) == (to, None)
    assert conversation.handoff_reasons == ["asked", "interpreter"]
    assert line.outbox()[-1].author == Author.SYSTEM
    assert [entry.waiting_s for entry in desk.queue(line.now)] == ([0] if to == Owner.QUEUE else [])


def test_closing_ends_it_and_the_next_message_starts_anew(line, mara):
    conversation_id = hands_off(line)
    desk.claim(conversation_id, mara, line.now)
    desk.reply(conversation_id, mara, "take care", line.now, client_token="t")

    desk.close(conversation_id, mara, "referred", line.now)

    conversation = line.conversation()
    assert (conversation.owner, conversation.outcome, conversation.closed_at) == ("closed", "referred", line.now)
    assert line.takes().text == "take care"
    assert line.receives().conversation_id != conversation_id


def test_a_thread_is_in_the_order_it_happened(line, mara):
    conversation_id = hands_off(line, text="hola")
    line.waits(seconds=1)
    desk.claim(conversation_id, mara, line.now)
    desk.add_note(conversation_id, mara, "sounds young", line.now)
    line.waits(seconds=1)
    line.receives("are you there")
    line.answers(findings=({"id": "fear"},))
    line.waits(seconds=1)
    desk.reply(conversation_id, mara, "I am here", line.now, client_token="t")
    desk.save_draft(conversation_id, mara, "and", line.now)

    thread = desk.thread(conversation_id, mara, line.now)

    assert [(item.kind, item.text) for item in thread.items] == [
        ("in", "hola"),
        ("out", "a person will come"),
        ("note", "sounds young"),
        ("in", "are you there"),
        ("out", "I am here"),
    ]
    assert thread.items[3].findings == ({"id": "fear"},)
    assert thread.draft == "and"
    assert "hola" not in repr(thread)


def test_the_same_note_again_is_one_note(line, mara, together):
    conversation_id = hands_off(line)
    first = desk.add_note(conversation_id, mara, "sounds young", line.now, client_token="n")

    again = together(
        *[lambda: desk.add_note(conversation_id, mara, "sounds young", line.now, client_token="n") for _ in range(3)],
        *[lambda: desk.add_note(conversation_id, mara, "another", line.now, client_token="m") for _ in range(3)],
    )

    assert first.created
    assert again[:3] == [desk.NoteMade(note_id=first.note_id, created=False)] * 3
    assert sum(made.created for made in again[3:]) == 1
    assert Note.objects.count() == 2
    assert actions(line) == ["note", "note"]


def test_notes_without_a_token_are_notes_of_their_own(line, mara):
    conversation_id = hands_off(line)

    made = [desk.add_note(conversation_id, mara, "the same", line.now) for _ in range(2)]

    assert [one.created for one in made] == [True, True]


def test_closed_conversations_come_the_last_closed_first(line, mara):
    older, newer = hands_off(line, address="+1"), hands_off(line, address="+2")
    for conversation_id in (newer, older):
        desk.claim(conversation_id, mara, line.now)
        line.waits(seconds=1)
        desk.close(conversation_id, mara, "helped", line.now)

    closed = desk.owned_by(Owner.CLOSED, line.now)

    assert [(entry.conversation_id, entry.closed_at) for entry in closed] == [
        (older, line.now),
        (newer, line.now - timedelta(seconds=1)),
    ]
    assert desk.owned_by(Owner.CLOSED, line.now, limit=1) == closed[:1]


def test_every_sitting_of_a_reader_is_audited(line, mara, tomas):
    conversation_id = hands_off(line)

    for reader in (mara, mara, tomas):
        desk.thread(conversation_id, reader, line.now)
    line.waits(minutes=6)
    desk.thread(conversation_id, mara, line.now)

    reads = AuditEvent.objects.filter(action="thread_read").order_by("pk")
    assert [row.staff for row in reads] == [mara, tomas, mara]


def test_every_change_leaves_an_audit_row_of_its_person(line, mara, tomas):
    conversation_id = hands_off(line)
    desk.claim(conversation_id, mara, line.now)
    desk.reply(conversation_id, mara, "x", line.now, client_token="t")
    desk.add_note(conversation_id, mara, "x", line.now)
    desk.transfer(conversation_id, mara, tomas, line.now)
    desk.hand_back(conversation_id, tomas, Owner.QUEUE, line.now)

    assert actions(line) == ["owner_changed", "reply", "note", "transfer", "owner_changed"]


def test_a_change_without_its_audit_row_does_not_happen(line, mara, monkeypatch):
    conversation_id = hands_off(line)

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("records.audit.record", fail)
    with pytest.raises(RuntimeError):
        desk.claim(conversation_id, mara, line.now)

    assert line.conversation().owner == Owner.QUEUE
