"""One turn at a time in a conversation, and one holder a turn."""

from __future__ import annotations

import threading
from datetime import timedelta

from records.messages import queries
from records.models import Conversation, InboxMessage
from records.states import InboxStatus
from tests.records.conftest import ANA

BEA = "+15005550007"


def test_of_many_claimers_at_once_one_wins(line, together):
    line.receives()

    claims = together(*[lambda n=n: line.claims(holder=f"runner-{n}") for n in range(8)])

    assert sum(claim is not None for claim in claims) == 1
    assert line.inbox()[0].attempts == 1


def test_many_claimers_share_many_conversations_without_doubles(line, together):
    for n in range(24):
        line.receives(address=f"+1500555{n:04}")
    taken, lock = [], threading.Lock()

    def runner(holder):
        misses = 0
        while misses < 5:
            claim = line.claims(holder=holder)
            misses += claim is None
            if claim:
                with lock:
                    taken.append(claim.inbox_id)

    together(*[lambda n=n: runner(f"runner-{n}") for n in range(4)])

    assert sorted(taken) == [row.pk for row in line.inbox()]


def test_messages_of_a_conversation_come_in_order(line):
    first = line.receives("one")
    second = line.receives("two")

    claimed = line.claims()

    assert claimed.inbox_id == first.inbox_id
    assert line.claims(holder="runner-2") is None
    line.answers("ok", claimed=claimed)
    assert line.claims().inbox_id == second.inbox_id


def test_another_conversation_does_not_wait(line):
    line.receives(address=ANA)
    other = line.receives(address=BEA)
    line.claims()

    assert line.claims(holder="runner-2").inbox_id == other.inbox_id


def test_a_message_belongs_to_the_lane_of_its_conversation(line):
    line.receives()
    lane = line.conversation().lane_hash % 3

    others = [line.claims(lane=n, lanes=3) for n in range(3) if n != lane]

    assert others == [None, None]
    assert line.claims(lane=lane, lanes=3) is not None


def test_a_claim_lapses_when_its_holder_is_silent(line):
    line.receives()
    line.claims(lapse_s=30)

    line.waits(seconds=29)
    assert line.claims(holder="runner-2") is None

    line.waits(seconds=1)
    again = line.claims(holder="runner-2")
    assert (again.holder, again.attempts) == ("runner-2", 2)


def test_a_known_death_gives_claims_back_at_once(line):
    line.receives(address=ANA)
    line.receives(address=BEA)
    line.claims(holder="dead")
    line.claims(holder="alive")

    released = queries.release_claims("dead")

    assert released == 1
    assert line.claims(holder="runner-2") is not None
    assert line.claims(holder="runner-2") is None


def test_a_live_claim_on_a_later_message_keeps_back_an_earlier_one(line):
    """Two webhooks at once on PostgreSQL: the later id can be visible first."""
    early = line.receives()
    late = line.receives()
    InboxMessage.objects.filter(pk=late.inbox_id).update(
        claimed_by="runner-1", claim_until=line.now + timedelta(seconds=30)
    )

    assert line.claims(holder="runner-2") is None

    queries.release_claims("runner-1")
    assert line.claims(holder="runner-2").inbox_id == early.inbox_id


def test_what_is_done_or_failed_is_not_claimed(line):
    line.receives()
    line.receives(address=BEA)
    InboxMessage.objects.filter(pk=line.inbox()[0].pk).update(status=InboxStatus.DONE)
    InboxMessage.objects.filter(pk=line.inbox()[1].pk).update(status=InboxStatus.FAILED)

    assert line.claims() is None
    assert queries.turns_waiting() == 0


def test_a_lane_is_stable_and_lanes_are_used(line):
    for n in range(40):
        line.receives(address=f"+1500555{n:04}")

    lanes = {hashed % 2 for hashed in Conversation.objects.values_list("lane_hash", flat=True)}

    assert lanes == {0, 1}
