"""While a hand-off is open, "delete" takes the words at once and leaves staff what they need to help."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from records.erasure import retention
from records.erasure.erase_words import without_words
from records.errors import SealBroken, StaleTurn
from records.messages import queries, turns
from records.messages.outcome import Changes
from records.models import AuditEvent, Conversation, Draft, InboxMessage, OutboxMessage, TrackerChunk
from records.staff import desk
from records.states import Consent, Level, Owner
from tests.records.conftest import ANA

KNOWN = {
    "role": "self",
    "reasons": ["risk.violence"],
    "indicators": {"violence": {"words": "he beat me", "source": "said", "confidence": 0.9}},
    "risks": {"immediate_danger": {"words": "knife", "source": "rule-7", "confidence": 1.0}},
    "note": "a sentence that nobody expected here",
}


def asks_to_delete(line):
    """A conversation in the queue whose contact told something, and then asked to delete it."""
    line.receives("he beat me, his name is Rob")
    line.answers(
        "a person will come",
        events=({"text": "he beat me"},),
        assessment=KNOWN,
        findings=({"id": "violence", "words": "he beat me"},),
        changes=Changes(owner=Owner.QUEUE, level=Level.URGENT, handoff_reasons=("risk.violence",), consent=Consent.YES),
    )
    line.sends()
    line.waits(minutes=1)
    stored = line.receives("delete it all")
    line.answers("it is deleted", changes=Changes(erase_at=line.now))
    return stored.conversation_id


def erased_rows():
    return [row.details for row in AuditEvent.objects.filter(action="words_erased").order_by("pk")]


@pytest.mark.parametrize("owner", [Owner.QUEUE, Owner.STAFF])
def test_the_words_go_at_once_and_level_and_address_stay(line, mara, owner):
    conversation_id = asks_to_delete(line)
    line.sends()
    if owner == Owner.STAFF:
        desk.claim(conversation_id, mara, line.now)
    desk.add_note(conversation_id, mara, "sounds young", line.now)
    desk.save_draft(conversation_id, mara, "you said Rob", line.now)

    assert retention.erase_due(line.now) == 1

    seen = desk.thread(conversation_id, mara, line.now)
    assert [(item.kind, item.text) for item in seen.items] == [("note", "sounds young")]
    assert (seen.conversation.owner, seen.conversation.level) == (owner, Level.URGENT)
    assert seen.conversation.handoff_reasons == ("risk.violence",)
    assert seen.conversation.address() == ANA
    assert seen.draft == ""
    assert (TrackerChunk.objects.count(), Draft.objects.count()) == (0, 0)
    assert erased_rows() == [{"in": 2, "out": 2}]


def test_the_assessment_keeps_what_was_found_and_no_word_of_it(line, mara):
    conversation_id = asks_to_delete(line)

    retention.erase_due(line.now)

    assert desk.thread(conversation_id, mara, line.now).assessment == {
        "role": "self",
        "reasons": ["risk.violence"],
        "indicators": {"violence": {"words": "", "source": "said", "confidence": 0.9}},
        "risks": {"immediate_danger": {"words": "", "source": "rule-7", "confidence": 1.0}},
        "note": "",
    }


def test_ids_and_numbers_pass_and_texts_do_not():
    assert without_words({"a": ["R7", 3, None, True, "x" * 101], "b": {"words": ["kept id"]}}) == {
        "a": ["R7", 3, None, True, ""],
        "b": {"words": ""},
    }


def test_the_old_key_opens_nothing_that_remains(line, mara):
    conversation_id = asks_to_delete(line)
    desk.add_note(conversation_id, mara, "sounds young", line.now)
    old = line.conversation().open_key()

    retention.erase_due(line.now)

    conversation = line.conversation()
    for row in (conversation.notes.get(), conversation.assessment, conversation.outbox.get()):
        opens = getattr(row, "open_text", None) or getattr(row, "open_facts", None) or row.open_payload
        with pytest.raises(SealBroken):
            opens(old)
        assert opens(conversation.open_key())


def test_the_old_bytes_are_gone_from_the_files(line):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL leaves dead rows until its vacuum")
    asks_to_delete(line)
    path = Path(connection.settings_dict["NAME"])
    traces = [bytes(line.conversation().wrapped_key), *(bytes(row.payload) for row in line.inbox())]
    traces.append(bytes(line.conversation().assessment.sealed))

    retention.erase_due(line.now)

    files = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*") if not file.name.endswith("-shm"))
    assert [trace in files for trace in traces] == [False] * len(traces)


def test_what_is_not_sent_yet_goes_out_first_and_is_erased_then(line):
    asks_to_delete(line)

    assert retention.erase_due(line.now) == 1
    assert line.sends().text == "it is deleted"
    assert retention.erase_due(line.now) == 1

    assert OutboxMessage.objects.count() == 0
    assert erased_rows() == [{"in": 2, "out": 1}, {"in": 0, "out": 1}]


def test_a_second_look_changes_nothing(line):
    asks_to_delete(line)
    line.sends()
    retention.erase_due(line.now)
    before = Conversation.objects.values().get()

    assert retention.erase_due(line.now) == 0

    assert Conversation.objects.values().get() == before
    assert len(erased_rows()) == 1


def test_before_its_time_nothing_goes(line):
    asks_to_delete(line)
    Conversation.objects.update(erase_at=line.now + timedelta(seconds=30))

    assert retention.erase_due(line.now) == 0
    assert InboxMessage.objects.count() == 2


def test_what_they_write_afterwards_is_kept_as_usual(line, mara):
    conversation_id = asks_to_delete(line)
    retention.erase_due(line.now)
    line.sends()
    line.waits(seconds=5)
    assert line.receives("he is back").conversation_id == conversation_id
    later = {"risks": {"immediate_danger": {"words": "he is back"}}}
    line.answers("we hear you", events=({"text": "he is back"},), assessment=later)

    retention.erase_due(line.now)

    seen = desk.thread(conversation_id, mara, line.now)
    assert [item.text for item in seen.items] == ["he is back", "we hear you"]
    assert seen.assessment == later
    line.waits(seconds=5)
    line.receives("more")
    assert turns.load_turn(line.claims()).events == [{"text": "he is back"}]


def test_a_message_not_heard_yet_is_heard_first(line):
    asks_to_delete(line)
    line.receives("a word of the same moment")

    retention.erase_due(line.now)

    claimed = line.claims()
    assert turns.load_turn(claimed).message.text == "a word of the same moment"
    line.answers(claimed=claimed, assessment=KNOWN)
    retention.erase_due(line.now)
    assert InboxMessage.objects.count() == 0


def test_a_turn_made_from_erased_words_is_refused(line):
    asks_to_delete(line)
    line.waits(seconds=1)
    line.receives("more")
    claimed = line.claims()
    old = turns.load_turn(claimed)

    retention.erase_due(line.now)

    with pytest.raises(StaleTurn):
        turns.commit_turn(claimed, turns.TurnOutcome(version=old.conversation.version, assessment=KNOWN), line.now)
    line.answers("fresh", claimed=claimed)


def test_a_delivery_under_way_is_not_disturbed(line):
    asks_to_delete(line)
    claimed = line.takes()
    queries.begin_send(claimed)

    retention.erase_due(line.now)

    assert queries.finish_send(claimed, "SM9", line.now)


def test_when_staff_close_the_whole_conversation_goes(line, mara):
    conversation_id = asks_to_delete(line)
    line.sends()
    desk.claim(conversation_id, mara, line.now)
    retention.erase_due(line.now)
    desk.close(conversation_id, mara, "helped", line.now)

    assert retention.erase_due(line.now) == 1

    assert Conversation.objects.count() == 0
    assert AuditEvent.objects.filter(action="erased").get().details == {"reason": "asked"}


def test_a_row_that_does_not_open_does_not_keep_the_words(line, mara):
    conversation_id = asks_to_delete(line)
    desk.add_note(conversation_id, mara, "sounds young", line.now)
    line.conversation().notes.update(sealed=b"\x01" + bytes(40))

    assert retention.erase_due(line.now) == 1

    assert InboxMessage.objects.count() == 0
    assert line.takes().text == "it is deleted"


def test_two_at_once_erase_once(line, together):
    asks_to_delete(line)
    line.sends()

    touched = together(*[lambda: retention.erase_due(line.now)] * 4)

    assert sum(touched) == 1
    assert len(erased_rows()) == 1


def test_words_erased_and_messages_at_once_lose_nothing(line, together):
    conversation_id = asks_to_delete(line)
    moment = line.now + timedelta(seconds=1)

    def receives(n):
        from records.messages.intake import store_inbound

        return store_inbound(
            channel="sms", provider_id=f"new-{n}", address=ANA, kind="text", text="new", received_at=moment
        )

    together(
        lambda: retention.erase_due(line.now),
        lambda: [receives(n) for n in range(5)],
        lambda: [receives(n) for n in range(5, 10)],
    )

    key = Conversation.objects.get(pk=conversation_id).open_key()
    assert [row.open_payload(key)["text"] for row in line.inbox()] == ["new"] * 10
