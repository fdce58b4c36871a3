"""Each outgoing message has one sender at a time and one fate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from records.erasure import retention
from records.errors import LostClaim
from records.messages import queries
from records.messages.outcome import Changes, ContactMarks
from records.models import AuditEvent, OutboxMessage
from records.staff import desk
from records.states import Actor, DropReason, OutboxStatus, Owner
from tests.records.conftest import ANA

BEA = "+15005550007"


def asks(line, *lines, address=ANA, **fields):
    line.receives(address=address)
    line.answers(*lines, **fields)


def test_a_claimed_message_carries_all_that_sending_needs(line):
    asks(line, line.draft("¿Es seguro?", key="safety", buttons=(("yes", "Sí"),), urgent=True))

    claimed = line.takes()

    assert (claimed.address, claimed.text, claimed.buttons) == (ANA, "¿Es seguro?", (("yes", "Sí"),))
    assert (claimed.key, claimed.urgent, claimed.timed, claimed.valid_for_s) == ("safety", True, False, 600)
    assert (claimed.facts.owner, claimed.author, claimed.earlier_try) == (Owner.BOT, "bot", False)
    assert ANA not in repr(claimed)
    assert "seguro" not in repr(claimed)


def test_of_many_senders_at_once_one_has_the_message(line, together):
    asks(line, "one")

    claims = together(*[lambda n=n: line.takes(holder=f"delivery-{n}") for n in range(8)])

    assert sum(claim is not None for claim in claims) == 1


def test_a_reply_never_overtakes_the_one_before_it(line):
    asks(line, "one", "two")
    first = line.takes()

    assert line.takes(holder="delivery-2") is None

    queries.begin_send(first)
    assert line.takes(holder="delivery-2") is None
    queries.finish_send(first, "SM1", line.now)
    assert line.takes(holder="delivery-2").text == "two"


def test_a_message_that_is_tried_again_keeps_back_the_ones_after_it(line):
    asks(line, "one", "two")
    queries.fail_send(line.takes(), "busy", line.now + timedelta(seconds=20))

    assert line.takes() is None

    line.waits(seconds=20)
    again = line.takes()
    assert (again.text, again.attempts, again.earlier_try) == ("one", 2, False)


@pytest.mark.parametrize(("passes", "seconds"), [(False, 4), (True, 5)])
def test_urgent_words_wait_seconds_and_no_minute_for_a_line_whose_sender_died(line, passes, seconds):
    asks(line, "hello")
    queries.begin_send(line.takes(holder="dead", lapse_s=60))
    asks(line, line.draft("call 911", urgent=True))
    line.waits(seconds=seconds)

    taken = line.takes(holder="delivery-2")

    assert (taken.text if taken else None) == ("call 911" if passes else None)


def test_urgent_words_pass_what_stands_still_and_all_behind_it_and_nothing_else_does(line):
    asks(line, "hello", "how are you")
    first = line.takes()
    queries.begin_send(first)
    queries.ask_later(first, line.now + timedelta(seconds=50))
    asks(line, line.draft("call 911", urgent=True))

    assert line.sends().text == "call 911"
    assert line.takes() is None


def test_urgent_words_keep_their_order_among_themselves(line):
    asks(line, line.draft("leave the house", urgent=True), line.draft("call 911", urgent=True))
    queries.begin_send(line.takes(holder="dead", lapse_s=60))
    line.waits(seconds=30)

    assert line.takes(holder="delivery-2") is None


def test_what_was_overtaken_on_its_way_and_did_not_go_out_does_not_go_again(line):
    asks(line, "one")
    claimed = line.takes()
    queries.begin_send(claimed)
    line.receives()
    line.answers("two", overtakes=(claimed.outbox_id,))

    assert queries.may_send(claimed, line.now) == DropReason.OVERTAKEN
    assert queries.fail_send(claimed, "busy", line.now + timedelta(seconds=5))

    row = line.outbox()[0]
    assert (row.status, row.reason) == (OutboxStatus.DROPPED, DropReason.OVERTAKEN)
    assert line.takes().text == "two"


def test_a_line_for_later_does_not_keep_back_what_is_due_now(line):
    asks(line, line.draft("in three minutes", not_before=line.now + timedelta(minutes=3)), "now")

    assert line.sends().text == "now"
    assert line.takes() is None

    line.waits(minutes=3)
    assert line.takes().text == "in three minutes"


def test_urgent_messages_go_first(line):
    asks(line, "calm")
    asks(line, line.draft("urgent", urgent=True), address=BEA)

    assert [line.sends().text, line.sends().text] == ["urgent", "calm"]


def test_only_the_channels_that_were_asked_for(line):
    line.receives(channel="telegram", address="42")
    line.answers("hello")

    assert line.takes(channels=("sms",)) is None
    assert line.takes(channels=("sms", "telegram")) is not None


def test_the_next_sender_is_told_when_the_fate_is_unknown(line):
    asks(line, "one")
    queries.begin_send(line.takes(lapse_s=60))
    line.waits(seconds=60)

    again = line.takes(holder="delivery-2")

    assert again.earlier_try
    queries.begin_send(again)
    line.waits(seconds=60)
    assert line.takes(holder="delivery-3").earlier_try


def test_a_known_death_before_the_network_was_touched_leaves_no_doubt(line):
    asks(line, "one")
    line.takes(holder="dead")

    queries.release_claims("dead")

    assert not line.takes(holder="delivery-2").earlier_try


def test_a_sender_that_lost_its_claim_does_not_send(line):
    asks(line, "one")
    late = line.takes(lapse_s=60)
    line.waits(seconds=60)
    line.takes()  # the same holder's name, another claim

    with pytest.raises(LostClaim):
        queries.begin_send(late)

    assert not queries.fail_send(late, "busy", None)
    assert not queries.drop_send(late, DropReason.TOO_OLD)


def test_that_it_was_sent_is_kept_even_when_the_claim_had_lapsed(line):
    asks(line, "one")
    late = line.takes(lapse_s=60)
    queries.begin_send(late)
    line.waits(seconds=60)
    other = line.takes(holder="delivery-2")

    assert queries.finish_send(late, "SM1", line.now)

    with pytest.raises(LostClaim):
        queries.begin_send(other)
    assert (line.outbox()[0].status, line.outbox()[0].provider_id) == (OutboxStatus.SENT, "SM1")


def test_a_claim_by_staff_stops_a_message_that_a_sender_already_holds(line, mara):
    asks(line, "one")
    claimed = line.takes()
    assert queries.may_send(claimed, line.now) is None

    desk.claim(claimed.conversation_id, mara, line.now)

    with pytest.raises(LostClaim):
        queries.begin_send(claimed)
    assert (line.outbox()[0].status, line.outbox()[0].reason) == (OutboxStatus.DROPPED, "claimed")


def test_the_exit_word_stops_a_message_that_a_sender_already_holds(line):
    asks(line, "one")
    claimed = line.takes()
    line.waits(seconds=1)
    line.receives("0")
    line.answers(marks=ContactMarks(ended=True))

    with pytest.raises(LostClaim):
        queries.begin_send(claimed)


def test_the_check_reads_the_facts_afresh(line):
    asks(line, "one")
    claimed = line.takes()
    line.contact().conversations.update(owner=Owner.STAFF)

    assert queries.may_send(claimed, line.now) == "staff_has_it"
    assert queries.may_send(claimed, line.now + timedelta(seconds=601)) == "too_old"
    line.contact().conversations.get().outbox.all().delete()
    assert queries.may_send(claimed, line.now) == "erased"


def test_sending_is_noted_as_our_last_word(line):
    asks(line, "one")
    line.waits(seconds=7)

    line.sends()

    assert line.conversation().last_out_at == line.now


@pytest.mark.parametrize(
    ("told", "end"),
    [
        (["delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["failed", "delivered"], "failed"),
        (["failed", "sent"], "failed"),
        (["sent", "failed"], "failed"),
        (["sent", "sent", "delivered"], "delivered"),
    ],
)
def test_a_final_state_never_moves_back(line, told, end):
    asks(line, "one")
    line.sends("SM1")

    for state in told:
        queries.apply_status("sms", "SM1", state, "")

    assert line.outbox()[0].status == end


@pytest.mark.parametrize(
    ("told", "end"),
    [(["sent"], "sent"), (["delivered"], "delivered"), (["failed"], "failed"), (["delivered", "sent"], "delivered")],
)
def test_news_faster_than_our_own_note_stays(line, told, end):
    asks(line, "one")
    claimed = line.takes()
    queries.begin_send(claimed)

    moved = [queries.apply_status("sms", "SM1", state, "why", uid=str(claimed.uid)) for state in told]
    queries.finish_send(claimed, "SM1", line.now)

    row = line.outbox()[0]
    assert moved[0]
    assert (row.status, row.provider_id, row.sent_at) == (end, "SM1", line.now)


def test_news_at_the_same_moment_as_our_own_note_is_never_lost(line, together):
    for n in range(5):
        asks(line, "one", address=f"+1{n}")
        claimed = line.takes()
        queries.begin_send(claimed)

        together(
            lambda claimed=claimed, n=n: queries.finish_send(claimed, f"SM{n}", line.now),
            lambda claimed=claimed, n=n: queries.apply_status("sms", f"SM{n}", "delivered", uid=str(claimed.uid)),
        )

    assert {(row.status, row.sent_at) for row in line.outbox()} == {("delivered", line.now)}


def test_a_message_known_to_have_arrived_is_not_sent_again(line):
    asks(line, "one")
    claimed = line.takes(lapse_s=60)
    queries.begin_send(claimed)

    queries.apply_status("sms", "SM1", "sent", uid=str(claimed.uid))

    line.waits(seconds=60)
    assert line.takes(holder="delivery-2") is None
    with pytest.raises(LostClaim):
        queries.begin_send(claimed)


def test_news_about_a_lost_first_copy_does_not_end_the_second(line):
    asks(line, "one")
    first = line.takes()
    queries.fail_send(first, "busy", line.now + timedelta(seconds=20))

    assert not queries.apply_status("sms", "SM1", "failed", "why", uid=str(first.uid))

    line.waits(seconds=20)
    second = line.takes()
    queries.begin_send(second)
    queries.apply_status("sms", "SM1", "failed", "why", uid=str(first.uid))
    queries.finish_send(second, "SM2", line.now)
    assert (line.outbox()[0].status, line.outbox()[0].provider_id, line.outbox()[0].reason) == ("sent", "SM2", "")


def test_a_message_perhaps_sent_is_settled_by_its_status(line):
    asks(line, "one")
    claimed = line.takes()
    queries.begin_send(claimed)
    queries.leave_unknown(claimed, "FateUnknown")

    assert queries.apply_status("sms", "SM1", "delivered", uid=str(claimed.uid))
    assert (line.outbox()[0].status, line.outbox()[0].reason) == ("delivered", "")


@pytest.mark.parametrize("uid", [None, "", "not an id", "00000000-0000-4000-8000-000000000000"])
def test_a_strange_uid_moves_nothing(line, uid):
    asks(line, "one")
    queries.begin_send(line.takes())

    assert not queries.apply_status("sms", "SM1", "delivered", uid=uid)
    assert line.outbox()[0].status == OutboxStatus.SENDING


def test_a_status_is_for_its_own_channel_and_message_only(line):
    asks(line, "one")
    line.sends("SM1")

    assert not queries.apply_status("telegram", "SM1", "delivered", "")
    assert not queries.apply_status("sms", "SM2", "delivered", "")
    assert not queries.apply_status("sms", "", "delivered", "")


def test_a_dropped_message_stays_dropped(line):
    asks(line, "one")
    queries.drop_send(line.takes(), DropReason.TOO_OLD)

    assert line.takes() is None
    assert (line.outbox()[0].status, line.outbox()[0].reason) == (OutboxStatus.DROPPED, "too_old")


def test_a_message_perhaps_sent_is_shown_and_left(line):
    asks(line, "one", "two")
    first = line.takes()
    queries.begin_send(first)

    queries.leave_unknown(first, "fate_unknown")

    assert line.outbox()[0].status == OutboxStatus.UNKNOWN
    assert line.takes().text == "two"


def test_who_refuses_our_messages_is_marked_with_the_failure(line):
    asks(line, "one", "two")
    claimed = line.takes()
    queries.begin_send(claimed)

    assert queries.fail_send(claimed, "Blocked", None, opted_out_at=line.now)

    assert line.contact().opted_out_at == line.now
    assert [(row.status, row.reason) for row in line.outbox()] == [("failed", "Blocked"), ("dropped", "opted_out")]
    asks(line, "three")
    assert queries.may_send(line.takes(), line.now) == "opted_out"
    assert AuditEvent.objects.get(action="contact_marked").details == {"set": ["opted_out"], "cleared": []}


def test_a_late_sender_marks_nobody(line):
    asks(line, "one")
    late = line.takes(lapse_s=60)
    line.waits(seconds=60)
    line.takes()

    assert not queries.fail_send(late, "Blocked", None, opted_out_at=line.now)
    assert line.contact().opted_out_at is None
    retention.erase_conversation(late.conversation_id, "asked", Actor.CONTACT, line.now)
    assert not queries.fail_send(late, "Blocked", None, opted_out_at=line.now)


def test_the_contacts_other_messages_are_known_by_the_providers_names(line):
    asks(line, "theirs", address=BEA)
    line.sends("SM0")
    asks(line, "one", "two")
    line.sends("SM1")
    line.sends("SM2")
    asks(line, "three")

    assert queries.other_provider_ids(line.takes()) == {"SM1", "SM2"}


def test_a_row_that_does_not_open_does_not_keep_back_the_others(line):
    asks(line, "one", "two")
    OutboxMessage.objects.filter(pk=line.outbox()[0].pk).update(payload=b"\x01" + bytes(40))

    assert line.takes() is None
    assert line.takes().text == "two"
    assert (line.outbox()[0].status, line.outbox()[0].reason) == (OutboxStatus.FAILED, "seal_broken")


def test_the_bots_farewell_goes_though_it_closes_the_conversation(line):
    asks(line, "goodbye", changes=Changes(owner=Owner.CLOSED))

    assert queries.may_send(line.takes(), line.now) is None
