"""After the message: erased at the provider too, fetched when it was missed, handed to a person when it is late."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync

from bot import intake
from bot.erasing import Eraser
from bot.reconcile import reconcile
from channels.base import Address, Inbound, Kind
from channels.errors import NotYet, ProviderBusy, ProviderUnreachable
from records.erasure import traces
from records.erasure.retention import erase_conversation
from records.messages import providers
from records.messages.providers import lead, stop_leading
from records.models import AuditEvent, Conversation, InboxMessage, ProviderTrace
from records.staff import notices
from records.staff.threads import thread
from records.states import Actor
from tests.channels.conftest import NOW, FakeChannel


def written(text="help me", *, provider_id="SM1", at=None, sender="+15005550006", channel="sms", **fields):
    return Inbound(
        channel=channel, provider_id=provider_id, sender=Address(channel, sender), text=text, kind=Kind.TEXT,
        received_at=NOW, written_at=at, **fields,
    )  # fmt: skip


def erased(outbox, channel="sms", **fields):
    row = outbox.add(
        channel=channel, status="sent", provider_id="SM-out", conversation=outbox.conversation(channel), **fields
    )
    uid = row.conversation.uid
    erase_conversation(row.conversation_id, "asked", Actor.SYSTEM, outbox.now)
    return uid


def works_on(outbox, channel):
    return async_to_sync(Eraser((channel,), lambda: outbox.now).erase_due)()


def told(uid):
    return AuditEvent.objects.filter(action="erased_at_provider", conversation_uid=uid)


def test_erasing_here_erases_both_sides_at_the_provider_and_tells_the_audit(outbox):
    channel, uid = FakeChannel(), erased(outbox)

    works_on(outbox, channel)

    assert sorted(channel.erased) == [("SM-out", ""), ("in-1", "")]
    assert told(uid).get().details == {"channel": "sms", "gone": 2, "kept": 0}
    assert traces.open_traces() == 0


def test_an_address_is_kept_sealed_and_only_until_it_is_done(outbox):
    channel = FakeChannel("telegram")
    erased(outbox, "telegram")
    sealed = [bytes(row.address) for row in ProviderTrace.objects.all()]

    works_on(outbox, channel)

    assert all(b"+15005550006" not in one for one in sealed)
    assert {address for _, address in channel.erased} == {"+15005550006"}
    assert list(ProviderTrace.objects.values_list("address", flat=True)) == [None, None]


@pytest.mark.parametrize("problem", [NotYet(20009), ProviderUnreachable()])
def test_what_cannot_be_erased_now_is_tried_again(outbox, problem):
    channel, uid = FakeChannel("sms", problem), erased(outbox)

    works_on(outbox, channel)
    early = told(uid).exists()
    outbox.waits(minutes=6)
    works_on(outbox, channel)

    assert not early
    assert len(channel.erased) == 2
    assert told(uid).exists()


def test_a_message_that_cannot_even_be_asked_for_keeps_back_no_other_and_is_told_in_the_end(outbox):
    channel, uid = FakeChannel("sms", *[ValueError("odd"), True], *[ValueError("odd")] * 200), erased(outbox)

    works_on(outbox, channel)
    others = len(channel.erased)
    for _ in range(130):
        outbox.waits(hours=6)
        works_on(outbox, channel)

    assert others == 1
    assert told(uid).get().details == {"channel": "sms", "gone": 1, "kept": 1}


def test_a_provider_that_names_a_pause_is_left_alone_for_it(outbox):
    channel = FakeChannel("sms", ProviderBusy(429, retry_after_s=1800))
    row = outbox.add(status="sent", provider_id="SM-out")
    InboxMessage.objects.all().delete()
    erase_conversation(row.conversation_id, "asked", Actor.SYSTEM, outbox.now)

    works_on(outbox, channel)
    outbox.waits(minutes=29)
    works_on(outbox, channel)
    early = list(channel.erased)
    outbox.waits(minutes=2)
    works_on(outbox, channel)

    assert (early, len(channel.erased)) == ([], 1)


def test_what_the_provider_keeps_for_good_is_told_as_kept(outbox):
    channel, uid = FakeChannel("telegram", False, True), erased(outbox, "telegram")

    works_on(outbox, channel)

    assert told(uid).get().details == {"channel": "telegram", "gone": 1, "kept": 1}


def test_two_erasers_ask_once(outbox):
    one, other = FakeChannel(), FakeChannel()
    erased(outbox)
    taken = traces.due("sms", outbox.now, 50)

    works_on(outbox, other)

    assert (len(taken), other.erased, one.erased) == (2, [], [])


def test_an_erased_message_that_is_delivered_again_stays_erased(outbox):
    erased(outbox)

    receipt = intake.receive(written(provider_id="in-1"), outbox.now)

    assert not receipt.created
    assert not InboxMessage.objects.exists()


def test_what_the_try_out_phones_said_is_nowhere_else(outbox):
    erased(outbox, "sim-sms")

    assert traces.open_traces() == 0


class Remembering(FakeChannel):
    """A provider that can be asked what it handed over."""

    def __init__(self, *heard):
        super().__init__()
        self.heard, self.since = list(heard), []

    async def heard_since(self, since, now):
        self.since.append(since)
        if isinstance(self.heard, Exception):
            raise self.heard
        return self.heard


def asks(channel, outbox, **fields):
    return async_to_sync(reconcile)((channel,), lambda: outbox.now, **fields)


def test_what_is_missing_is_stored_and_what_is_here_is_not_doubled(outbox):
    intake.receive(written(provider_id="SM1"), outbox.now)
    channel = Remembering(written(provider_id="SM1", at=outbox.now), written(provider_id="SM2", at=outbox.now))

    [found] = asks(channel, outbox)
    again = asks(channel, outbox)

    assert (found.asked, found.missing, again[0].missing) == (2, 1, 0)
    assert InboxMessage.objects.count() == 2


def test_each_time_it_is_asked_from_the_last_on_with_some_overlap(outbox):
    channel = Remembering()

    asks(channel, outbox)
    outbox.waits(hours=5)
    asks(channel, outbox)
    outbox.waits(days=9)
    asks(channel, outbox)

    ago = [outbox.now - since for since in channel.since]
    assert ago[1] == timedelta(days=9, hours=5, minutes=10)
    assert ago[2] == timedelta(hours=24)


def test_a_provider_that_could_not_be_asked_is_asked_from_the_same_time_again(outbox):
    channel = Remembering()
    asks(channel, outbox)
    channel.heard = ProviderUnreachable()
    outbox.waits(hours=1)
    with pytest.raises(ProviderUnreachable):
        asks(channel, outbox)

    assert providers.reconciled_to("sms") == NOW


def test_what_came_late_goes_to_a_person_and_is_not_answered_by_the_bot(outbox):
    at = outbox.now - timedelta(hours=2)
    receipt = intake.receive(written(at=at), outbox.now)
    row = outbox.add(conversation=Conversation.objects.get(), inbox_id=receipt.inbox_id)
    channel = FakeChannel()

    outbox.delivers(channel)

    conversation = Conversation.objects.get()
    assert (conversation.owner, conversation.handoff_reasons) == ("queue", ["late"])
    assert not receipt.thinking
    row.refresh_from_db()
    assert (row.status, row.reason, channel.taken) == ("dropped", "asked_too_long_ago", [])


def test_what_staff_write_goes_out_to_somebody_who_wrote_long_ago(outbox):
    receipt = intake.receive(written(at=outbox.now - timedelta(hours=2)), outbox.now)
    outbox.add(conversation=Conversation.objects.get(), inbox_id=receipt.inbox_id, author="staff")
    channel = FakeChannel()

    outbox.delivers(channel)

    assert len(channel.taken) == 1


def test_a_message_of_a_minute_ago_is_not_late(outbox):
    receipt = intake.receive(written(at=outbox.now - timedelta(minutes=1)), outbox.now)

    assert receipt.thinking
    assert Conversation.objects.get().owner == "bot"


def test_the_desk_is_told_what_was_late_and_since_when(outbox, django_user_model):
    at = outbox.now - timedelta(hours=2)
    intake.receive(written(at=at), outbox.now)
    mara = django_user_model.objects.create(username="mara")

    [health] = providers.channel_health(outbox.now)
    opened = thread(Conversation.objects.get().pk, mara, outbox.now)

    assert (health.channel, health.late, health.late_since) == ("sms", 1, at)
    assert opened.items[0].written_at == at


def test_one_leads_and_another_takes_over(outbox):
    first = [lead("polling", who, outbox.now, 45) for who in ("a", "b", "a")]
    outbox.waits(seconds=46)
    later = [lead("polling", who, outbox.now, 45) for who in ("b", "a")]
    stop_leading("polling", "b")

    assert first == [True, False, True]
    assert later == [True, False]
    assert lead("polling", "a", outbox.now, 45)


def floods(outbox, count):
    return [intake.receive(written(provider_id=f"SM{n}"), outbox.now) for n in range(count)]


def test_a_flood_is_stored_and_shown_to_staff_once(outbox):
    floods(outbox, 30)

    assert InboxMessage.objects.count() == 30
    assert InboxMessage.objects.filter(flood=True).count() == 20
    assert [notice.kind for notice in notices.open_notices()] == ["flood"]
    assert AuditEvent.objects.filter(action="flood").count() == 1


def test_of_the_answers_that_wait_for_the_end_of_a_flood_only_the_last_goes(outbox):
    receipts = floods(outbox, 13)
    InboxMessage.objects.update(status="done")
    conversation, channel, quiet = Conversation.objects.get(), FakeChannel(), outbox.now + timedelta(seconds=10)
    eleven, twelve, last = (receipt.inbox_id for receipt in receipts[10:])
    outbox.add("eleven", conversation=conversation, inbox_id=eleven, not_before=quiet, urgent=True)
    outbox.add("to a risk", conversation=conversation, inbox_id=twelve, urgent=True)
    outbox.add("last", conversation=conversation, inbox_id=last, not_before=quiet)

    delivery = outbox.delivers(channel)
    at_once = [message.text for message in channel.taken]
    outbox.waits(seconds=11)
    outbox.again(delivery)

    assert at_once == ["to a risk"]
    assert [message.text for message in channel.taken] == ["to a risk", "last"]
    assert outbox.states()[0] == ("dropped", "flood")


def test_who_floods_is_heard_after_everybody_else(outbox):
    from records.messages.queries import claim_next_turn

    floods(outbox, 15)
    other = intake.receive(written(provider_id="other", sender="+15005550007"), outbox.now)
    InboxMessage.objects.filter(flood=False).exclude(pk=other.inbox_id).update(status="done")

    claimed = [claim_next_turn("r", 0, 1, outbox.now) for _ in range(2)]

    assert claimed[0].inbox_id == other.inbox_id
    assert claimed[1] is not None


def test_ten_messages_over_ten_minutes_are_no_flood(outbox):
    for n in range(12):
        intake.receive(
            Inbound(channel="sms", provider_id=f"SM{n}", sender=Address("sms", "+15005550006"), text="x",
                    kind=Kind.TEXT, received_at=outbox.now), outbox.now,
        )  # fmt: skip
        outbox.waits(seconds=50)

    assert not InboxMessage.objects.filter(flood=True).exists()


def test_an_urgent_message_that_is_given_up_is_a_notice(outbox):
    channel = FakeChannel("sms", *[ProviderUnreachable()] * 100)
    outbox.add(urgent=True, valid_for_s=30)

    delivery = outbox.delivers(channel)
    for _ in range(3):
        outbox.waits(seconds=20)
        outbox.again(delivery)

    [notice] = notices.open_notices()
    assert notice.kind == "urgent_not_sent"
    assert notice.reason in ("ProviderUnreachable", "too_old")


def test_one_who_refused_our_messages_is_no_notice_twice(outbox, django_user_model):
    outbox.add(urgent=True, valid_for_s=1)
    outbox.waits(seconds=5)
    outbox.delivers(FakeChannel())
    [notice] = notices.open_notices()
    mara = django_user_model.objects.create(username="mara")

    seen = [notices.see(notice.notice_id, mara, outbox.now) for _ in range(2)]

    assert seen == [True, False]
    assert notices.open_notices() == []
    assert AuditEvent.objects.get(action="notice_seen").staff == mara


def test_a_body_that_is_too_large_or_too_slow_never_reaches_the_view():
    from lantern.bounded import bounded

    reached, answers = [], []

    async def app(scope, receive, send):
        reached.append((await receive())["body"])

    async def send(message):
        answers.append(message.get("status"))

    def body(*parts, hang=False):
        left = list(parts)

        async def receive():
            if not left and hang:
                await asyncio.Event().wait()
            part = left.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(left) or hang}

        return receive

    scope = {"type": "http", "path": "/channels/sms"}
    guarded = bounded(app, max_bytes=10, seconds=0.05)

    async def ask():
        await guarded(scope, body(b"12345", b"67890"), send)
        await guarded(scope, body(b"12345", b"678901"), send)
        await guarded(scope, body(b"12345", hang=True), send)
        await guarded({"type": "http", "path": "/desk/"}, body(b"x" * 50), send)

    asyncio.run(ask())

    assert reached == [b"1234567890", b"x" * 50]
    assert [status for status in answers if status] == [413, 408]


def judged(outbox, monkeypatch):
    from lantern.doctor import run, upkeep

    monkeypatch.setattr(upkeep, "wall_clock", lambda: outbox.now)
    said = []
    return run((upkeep.UpkeepCheck(),), fix=False, say=said.append), " ".join(said)


def test_the_operator_is_told_of_a_provider_that_is_away_and_of_what_is_not_erased_yet(outbox, monkeypatch):
    erased(outbox)
    well = judged(outbox, monkeypatch)
    outbox.waits(days=2)
    outbox.add()
    outbox.delivers(FakeChannel("sms", ProviderUnreachable()))

    wrong, said = judged(outbox, monkeypatch)

    assert well[0] == 0
    assert wrong == 2
    assert "2 erased messages" in said
    assert "cannot be reached" in said
