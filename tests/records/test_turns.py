"""A turn becomes true at once or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from records.errors import LostClaim, StaleTurn
from records.messages import material as material_module
from records.messages import queries, step, turns
from records.messages.material import SNAPSHOT
from records.messages.outcome import AuditEntry, Changes, ContactMarks, TurnOutcome
from records.models import AssessmentRecord, AuditEvent, Conversation, OutboxMessage, TrackerChunk
from records.staff import desk
from records.states import Author, Consent, InboxStatus, Level, OutboxStatus, Owner, Role, SafeAnswer
from tests.records.conftest import ANA


def everything(line, material, **fields):
    return TurnOutcome(
        **{
            "version": material.conversation.version,
            "next_seq": material.next_seq,
            "outbox": (line.draft("first"), line.draft("second", key="safety", buttons=(("yes", "Yes"),))),
            "events": ({"event": "user", "text": "hola"}, {"event": "action"}),
            "assessment": {"indicators": ["confinement"]},
            "findings": ({"id": "confinement"},),
            "changes": Changes(language="es", role=Role.SELF, consent=Consent.YES, safe_answer=SafeAnswer.YES),
            "marks": ContactMarks(ended=False),
            "audit": (AuditEntry(action="turn", details={"rule": "r1"}),),
            **fields,
        }
    )


def test_a_turn_writes_all_that_it_made(line):
    line.receives("hola")
    claimed = line.claims()

    turns.commit_turn(claimed, everything(line, turns.load_turn(claimed)), line.now)

    conversation = line.conversation()
    key = conversation.open_key()
    assert line.inbox()[0].status == InboxStatus.DONE
    assert line.inbox()[0].open_findings(key) == [{"id": "confinement"}]
    assert [row.open_payload(key) for row in line.outbox()] == [("first", ()), ("second", (("yes", "Yes"),))]
    assert (conversation.language, conversation.role, conversation.consent) == ("es", "self", "yes")
    assert (conversation.safe_answer, conversation.safe_at) == ("yes", line.now)
    assert (conversation.version, conversation.last_in_at, conversation.last_out_at) == (1, line.now, line.now)
    assert AuditEvent.objects.filter(action="turn", details={"rule": "r1"}).exists()


def test_the_next_turn_starts_from_what_the_last_one_made(line):
    line.receives("hola", channel="sms")
    claimed = line.claims()
    turns.commit_turn(claimed, everything(line, turns.load_turn(claimed)), line.now)
    first_at = line.now
    line.waits(minutes=1)
    line.receives("sí", button="yes", hint_language="es")

    material = turns.load_turn(line.claims())

    assert (material.message.text, material.message.button, material.message.hint_language) == ("sí", "yes", "es")
    assert material.events == [{"event": "user", "text": "hola"}, {"event": "action"}]
    assert material.next_seq == 2
    assert material.assessment == {"indicators": ["confinement"]}
    assert material.last_keys == ("greeting", "safety")
    assert material.last_texts == ("first", "second")
    assert material.conversation.last_in_at == first_at
    assert material.conversation.language == "es"
    assert material.conversation.address() == ANA


def test_nothing_of_a_contact_is_in_the_repr_of_a_turn(line):
    line.receives("a secret sentence")

    shown = repr(turns.load_turn(line.claims())) + repr(line.draft("a secret sentence"))

    assert "secret" not in shown
    assert ANA not in shown


def test_the_tracker_is_read_from_its_last_mark_on_however_far_back_it_lies(line):
    for n in range(4):
        line.receives(str(n))
        line.answers(events=(*([{"event": SNAPSHOT}] if n in (1, 2) else []), {"n": n}, {"n": f"{n}b"}))
    line.receives("last")

    material = turns.load_turn(line.claims())

    assert [event.get("n") for event in material.events] == [None, 2, "2b", 3, "3b"]
    assert material.next_seq == 10


def test_a_long_tracker_without_a_mark_is_read_whole(line, monkeypatch):
    monkeypatch.setattr(material_module, "_CHUNKS", 2)
    for n in range(4):
        line.receives(str(n))
        line.answers(events=({"n": n},))
    line.receives("last")

    material = turns.load_turn(line.claims())

    assert [event["n"] for event in material.events] == [0, 1, 2, 3]
    assert material.next_seq == 4


@pytest.mark.parametrize("broken", ["add_outbox", "_add_events", "_replace_assessment", "mark_contact"])
def test_an_error_half_way_leaves_nothing(line, monkeypatch, broken):
    line.receives()
    claimed = line.claims()
    outcome = everything(line, turns.load_turn(claimed))

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(step, broken, fail)
    with pytest.raises(RuntimeError):
        turns.commit_turn(claimed, outcome, line.now)

    assert line.inbox()[0].status == InboxStatus.NEW
    assert line.conversation().version == 0
    assert [model.objects.count() for model in (OutboxMessage, TrackerChunk, AssessmentRecord, AuditEvent)] == [0] * 4


def test_a_turn_on_old_facts_is_refused_whole(line, mara):
    line.receives()
    claimed = line.claims()
    outcome = everything(line, turns.load_turn(claimed))
    desk.claim(claimed.conversation_id, mara, line.now)

    with pytest.raises(StaleTurn):
        turns.commit_turn(claimed, outcome, line.now)

    assert line.inbox()[0].status == InboxStatus.NEW
    assert line.outbox() == []
    fresh = turns.load_turn(claimed)
    turns.commit_turn(claimed, TurnOutcome(version=fresh.conversation.version), line.now)
    assert line.inbox()[0].status == InboxStatus.DONE


def test_the_same_turn_is_never_committed_twice(line, together):
    line.receives()
    claimed = line.claims()
    outcome = everything(line, turns.load_turn(claimed))

    def commit():
        try:
            turns.commit_turn(claimed, outcome, line.now)
        except LostClaim:
            return "refused"
        return "written"

    assert sorted(together(commit, commit, commit)) == ["refused", "refused", "written"]
    assert len(line.outbox()) == 2


def test_the_next_message_is_claimed_with_the_turn_before_it_or_not_at_all(line):
    line.receives()
    line.receives(address="+12025550199")
    claimed = line.claims()
    outcome = everything(line, turns.load_turn(claimed))
    following = queries.look_ahead("runner-1", 0, 1, line.now)
    stale = replace(outcome, version=7)

    with pytest.raises(StaleTurn):
        turns.commit_turn(claimed, stale, line.now, following)
    refused = line.claims(holder="other")
    assert refused.inbox_id == following.inbox_id
    queries.release_claims("other")
    following = queries.look_ahead("runner-1", 0, 1, line.now)

    assert turns.commit_turn(claimed, outcome, line.now, following)
    assert line.claims(holder="other") is None
    line.answers("first", claimed=following)
    assert [row.status for row in line.inbox()] == [InboxStatus.DONE] * 2


def test_a_next_message_that_another_holder_took_meanwhile_is_left_to_them(line):
    line.receives()
    line.receives(address="+12025550199")
    claimed = line.claims()
    outcome = everything(line, turns.load_turn(claimed))
    following = queries.look_ahead("runner-1", 0, 1, line.now)
    theirs = line.claims(holder="other")

    assert not turns.commit_turn(claimed, outcome, line.now, following)

    assert theirs.inbox_id == following.inbox_id
    line.answers("first", claimed=theirs)
    assert [row.status for row in line.inbox()] == [InboxStatus.DONE] * 2


def test_a_holder_whose_claim_lapsed_cannot_commit(line):
    line.receives()
    late = line.claims(holder="late")
    outcome = everything(line, turns.load_turn(late))
    line.waits(seconds=31)
    line.claims(holder="late")  # the same name again: another claim all the same

    with pytest.raises(LostClaim):
        turns.commit_turn(late, outcome, line.now)

    assert line.outbox() == []


def test_a_failed_turn_comes_again_after_a_pause(line):
    line.receives()

    turns.fail_turn(line.claims(), line.now, gave_up=False)

    assert line.claims() is None
    line.waits(seconds=1)
    assert line.claims().attempts == 2


def test_giving_up_brings_in_a_person(line):
    line.receives("hola")

    turns.fail_turn(line.claims(), line.now, gave_up=True, lines=[line.draft("a person will read this")])

    conversation = line.conversation()
    assert line.inbox()[0].status == InboxStatus.FAILED
    assert (conversation.owner, conversation.level, conversation.queued_at) == ("queue", "offer", line.now)
    assert conversation.handoff_reasons == [turns.GAVE_UP]
    assert len(line.outbox()) == 1
    assert AuditEvent.objects.filter(action="turn_failed").exists()


def test_giving_up_never_lowers_a_level_nor_takes_from_staff(line, mara):
    line.receives()
    line.answers(changes=Changes(owner=Owner.QUEUE, level=Level.URGENT, handoff_reasons=("danger",)))
    desk.claim(line.conversation().pk, mara, line.now)
    line.receives()

    turns.fail_turn(line.claims(), line.now, gave_up=True)

    conversation = line.conversation()
    assert (conversation.owner, conversation.level, conversation.claimed_by) == ("staff", "urgent", mara)


def test_a_message_to_a_conversation_closed_meanwhile_moves_to_a_new_one(line):
    line.receives("one")
    line.answers()
    line.receives("two")
    line.receives("three")
    old = line.conversation()
    Conversation.objects.update(owner=Owner.CLOSED)

    moved = turns.reopen_for(line.claims(), line.now)

    assert moved.conversation_id != old.pk
    assert turns.load_turn(moved).message.text == "two"
    line.answers("hello", claimed=moved)
    assert line.conversation().version == 1
    next_one = turns.reopen_for(line.claims(), line.now)
    assert next_one.conversation_id == moved.conversation_id
    assert turns.load_turn(next_one).message.text == "three"


def test_an_open_conversation_is_not_reopened(line):
    line.receives()
    claimed = line.claims()

    assert turns.reopen_for(claimed, line.now) == claimed


def test_the_queue_time_and_the_waits_told_start_with_the_hand_off(line):
    line.receives()
    line.answers(changes=Changes(owner=Owner.QUEUE, level=Level.PRIORITY, handoff_reasons=("asked",)))
    queued_at = line.now
    line.waits(minutes=3)
    facts = turns.load_conversation(line.conversation().pk)
    told = TurnOutcome(version=facts.version, changes=Changes(waits_told=1), outbox=(line.draft("still waiting"),))

    turns.commit_step(facts.id, told, line.now)

    conversation = line.conversation()
    assert (conversation.queued_at, conversation.waits_told, conversation.version) == (queued_at, 1, 2)
    with pytest.raises(StaleTurn):
        turns.commit_step(facts.id, told, line.now)
    assert len(line.outbox()) == 1


def test_only_the_desk_gives_a_conversation_to_staff(line):
    line.receives()

    with pytest.raises(ValueError, match="claim"):
        line.answers(changes=Changes(owner=Owner.STAFF))


def test_the_exit_word_drops_what_waits_but_not_its_own_answer(line):
    line.receives("hola")
    line.answers("a question", line.draft("later", timed=True, not_before=line.now + timedelta(minutes=2)))
    line.waits(seconds=5)
    line.receives("0")

    line.answers(line.draft("OK. Ended.", key="ended", always=True), marks=ContactMarks(ended=True))

    assert [(row.status, row.reason) for row in line.outbox()] == [
        (OutboxStatus.DROPPED, "ended"),
        (OutboxStatus.DROPPED, "ended"),
        (OutboxStatus.WAITING, ""),
    ]
    assert line.contact().ended_at == line.now


def test_lines_that_were_dropped_were_not_said(line):
    line.receives()
    line.answers("a question")
    OutboxMessage.objects.update(status=OutboxStatus.DROPPED)
    line.receives()

    assert turns.load_turn(line.claims()).last_keys == ()


def test_a_person_at_the_desk_is_not_the_bot_speaking(line):
    line.receives()
    line.answers("a question", replace(line.draft("by staff", key=""), author=Author.SYSTEM))
    line.receives()

    assert turns.load_turn(line.claims()).last_keys == ("greeting",)
