"""What a worker wrote, or the bot about danger, and what did not reach the contact: told at once, to whom it concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from bot.delivery import Delivery
from channels.errors import FateUnknown, PhoneUnreachable, ProviderUnreachable, WrongAddress
from desk.notices import notices_for
from desk.thread import thread
from lantern.config import Secret, Settings
from records.messages import queries, turns
from records.messages.outcome import ContactMarks, OutboxDraft, TurnOutcome
from records.models import Conversation, Notice, OutboxMessage, ProviderState, Staff
from records.staff import desk, notices
from records.states import Level, OutboxStatus, Owner, SafeAnswer, StaffRole
from tests.channels.conftest import FakeChannel


def sends(*script, **provider):
    async_to_sync(Delivery((FakeChannel("sms", *script, **provider),), "d", ask_after_s=0).run_once)()


@pytest.fixture
def replied(hotline, staff):
    """A reply of Sara's that waits to go, in a conversation that is not urgent."""
    sara, conversation, now = staff("sara"), hotline.conversation(), timezone.now()
    desk.claim(conversation, sara, now)
    desk.reply(conversation, sara, "I am here", now, client_token="t")
    return conversation


def refused(conversation):
    sends(WrongAddress(21614))


def told_by_the_provider(conversation):
    sends()
    queries.apply_status("sms", "sms-1", "failed", PhoneUnreachable.__name__)


def unknown(conversation):
    sends(FateUnknown(), can_find_sent=False)


def too_old(conversation):
    OutboxMessage.objects.update(created_at=timezone.now() - timedelta(hours=1), not_before=timezone.now())
    OutboxMessage.objects.update(not_before=timezone.now() - timedelta(hours=1))
    sends()


def said_not_safe(conversation):
    claimed = queries.claim_next_turn("r", 0, 1, timezone.now())
    version = Conversation.objects.get().version
    turns.commit_turn(claimed, TurnOutcome(version=version, marks=ContactMarks(not_safe=True)), timezone.now())


def told_not_safe(conversation):
    desk.tell_safety(conversation, Staff.objects.get(), SafeAnswer.NO, timezone.now())


def broken(conversation):
    OutboxMessage.objects.update(payload=b"broken")
    sends()


@pytest.mark.parametrize(
    ("lose", "reason"),
    [
        (refused, "WrongAddress"),
        (told_by_the_provider, "PhoneUnreachable"),
        (unknown, "FateUnknown"),
        (too_old, "too_old"),
        (said_not_safe, "not_safe"),
        (told_not_safe, "not_safe"),
        (broken, "seal_broken"),
    ],
)
def test_a_reply_of_staff_that_is_lost_is_always_a_notice(replied, lose, reason):
    lose(replied)

    [notice] = notices.open_notices()
    assert (notice.kind, notice.reason, notice.conversation_id) == (notices.REPLY_NOT_SENT, reason, replied)


def test_a_reply_that_arrived_or_is_tried_again_is_no_notice(replied):
    sends(ProviderUnreachable())
    assert OutboxMessage.objects.get().status == "waiting"
    OutboxMessage.objects.update(claim_until=None)
    ProviderState.objects.all().delete()

    sends()
    queries.apply_status("sms", "sms-1", "delivered")

    assert notices.open_notices() == []


def test_who_has_the_conversation_reads_that_the_reply_did_not_arrive_and_the_card_marks_it(hotline, seated):
    sara, ben = seated("sara"), seated("ben")
    conversation = hotline.conversation()
    sara.post(f"/desk/c/{conversation}/claim/")
    before = sara.get("/desk/").content.decode()
    desk.reply(conversation, Staff.objects.get(username="sara"), "I am here", timezone.now(), client_token="t")
    sends(WrongAddress(21614))
    words = "A reply of staff did not reach them. This number or chat does not exist"

    page = sara.get("/desk/").content.decode()

    assert words in page
    assert words not in ben.get("/desk/").content.decode()
    assert "not arrived" in page
    assert "not arrived" not in before
    sara.post(f"/desk/notices/{Notice.objects.get().pk}/")
    assert "not arrived" not in sara.get("/desk/").content.decode()


@pytest.mark.parametrize(("urgent", "told"), [(True, [notices.SAFETY_NOT_SAID]), (False, [])])
def test_urgent_words_of_the_bot_that_a_claim_drops_are_told_to_who_claimed(hotline, seated, urgent, told):
    conversation = hotline.conversation(level=Level.URGENT, bot_says=("Leave the house if you can.",))
    OutboxMessage.objects.update(urgent=urgent)
    sara = seated("sara")

    sara.post(f"/desk/c/{conversation}/claim/")

    page = sara.get(f"/desk/c/{conversation}/").content.decode()
    assert [notice.kind for notice in notices.open_notices()] == told
    assert ("The bot&#x27;s urgent words did not reach them: a person had taken over first." in page) == urgent
    assert ("It was urgent: say it yourself now." in page) == urgent


@pytest.mark.parametrize(
    ("key", "alarm"), [("handoff.noted", False), ("handoff.urgent handoff.wait", False), ("risk.stay", True)]
)
def test_that_it_was_passed_on_is_no_word_that_keeps_somebody_safe(hotline, seated, key, alarm):
    conversation = hotline.conversation(level=Level.URGENT, bot_says=("I have passed this on to our team.",))
    OutboxMessage.objects.update(urgent=True, key=key)
    sara = seated("sara")

    sara.post(f"/desk/c/{conversation}/claim/")

    page = sara.get(f"/desk/c/{conversation}/").content.decode()
    assert OutboxMessage.objects.get().status == OutboxStatus.DROPPED
    assert notices.open_notices() == []
    assert "say it yourself now" not in page
    assert ("There is nothing to do." in page, "line from-bot trouble" in page) == (not alarm, alarm)


def test_urgent_words_of_the_bot_that_come_after_the_claim_are_told_too(hotline, staff):
    conversation, sara, now = hotline.conversation(level=Level.URGENT), staff("sara"), timezone.now()
    desk.claim(conversation, sara, now)
    row = Conversation.objects.get()
    line = OutboxDraft(text="Leave the house.", valid_for_s=600, urgent=True)
    turns.commit_step(conversation, TurnOutcome(version=row.version, outbox=(line,)), now)

    sends()

    [notice] = notices.open_notices()
    assert (notice.kind, notice.reason) == (notices.SAFETY_NOT_SAID, "staff_has_it")


def test_a_notice_says_why_the_newest_try_failed_and_who_put_the_one_before_away_has_not_seen_it(replied, seated):
    told_by_the_provider(replied)
    read = Notice.objects.get()
    desk.reply(replied, Staff.objects.get(), "I am still here", timezone.now(), client_token="t2")
    sends(WrongAddress(21614))

    nour = seated("nour", StaffRole.SUPERVISOR)
    nour.post(f"/desk/notices/{read.pk}/")

    page = nour.get("/desk/").content.decode()
    assert "This number or chat does not exist or cannot receive messages." in page
    assert "The phone is switched off" not in page
    assert [notice.reason for notice in notices.open_notices()] == ["WrongAddress"]


def test_what_is_left_urgent_with_the_bot_is_told_to_every_worker(hotline, seated, staff):
    conversation, sara, now = hotline.conversation(level=Level.URGENT), staff("sara"), timezone.now()
    desk.claim(conversation, sara, now)
    desk.hand_back(conversation, sara, Owner.BOT, now)
    notices.raise_notice(notices.REPLY_NOT_SENT, now, conversation_id=conversation, reason="Filtered")

    assert "A reply of staff did not reach them." in seated("ben").get("/desk/").content.decode()


def line_of(conversation, now=None):
    [line] = [
        one for one in thread(conversation, Staff.objects.get(), now or timezone.now()).lines if one.who == "staff"
    ]
    return line


def test_a_reply_says_at_once_that_nothing_goes_out_since_when_and_why(replied):
    since = timezone.now().replace(hour=9, minute=5)
    before = line_of(replied)
    ProviderState.objects.create(channel="sms", failures=1, cause="ProviderUnreachable", failing_since=since)

    line = line_of(replied)

    assert before.delivery == "Waiting to be sent"
    assert line.delivery == (
        "Waiting to be sent. Nothing goes out since 09:05 UTC. The provider cannot be reached from here; we keep trying."
    )
    assert line.trouble


def test_a_message_that_grew_too_old_while_its_provider_is_away_is_not_told_as_tried_again(replied):
    sends(ProviderUnreachable())
    later = timezone.now() + timedelta(minutes=15)

    line = line_of(replied, later)
    OutboxMessage.objects.update(claim_until=None, not_before=timezone.now() - timedelta(hours=1))
    OutboxMessage.objects.update(created_at=timezone.now() - timedelta(hours=1))
    ProviderState.objects.all().delete()
    sends(ProviderUnreachable())

    assert "keep trying" not in line.delivery
    assert line.delivery.startswith("Not sent: it was too old to be safe")
    assert line_of(replied).delivery == line.delivery


def test_a_channel_that_is_not_set_up_is_said_to_be_so(hotline, staff, settings):
    settings.LANTERN = replace(settings.LANTERN, telegram_token=Secret("1:x"))
    sara, now = staff("sara"), timezone.now()
    conversations = [hotline.conversation(channel=name, bot_says=("hello",)) for name in ("whatsapp", "telegram")]

    here, there = (thread(one, sara, now) for one in conversations)

    assert "Not sent: this channel is not set up, and nothing goes out on it." in delivered(here)
    assert here.locked_words.startswith("This channel is not set up: neither the bot nor you can answer here.")
    assert delivered(there).strip() == "Waiting to be sent"
    assert there.locked_words.startswith(
        "It waits for a person. Until somebody claims it, only the bot can answer here."
    )


def test_the_bot_is_said_to_keep_nobody_company_to_whom_none_of_its_lines_went(hotline, staff):
    conversation = hotline.conversation(bot_says=("somebody will write",))
    OutboxMessage.objects.update(status="dropped", reason="not_safe")

    shown = thread(conversation, staff("sara"), timezone.now())

    assert "company" not in shown.locked_words
    assert "only the bot can answer here" in shown.locked_words


def delivered(shown):
    return " ".join(line.delivery for line in shown.lines)


def test_that_a_channel_is_not_set_up_is_told_to_everybody_while_somebody_waits_there(hotline, staff, settings):
    settings.LANTERN = replace(settings.LANTERN, telegram_token=Secret("1:x"))
    sara, now = staff("sara"), timezone.now()
    words = (
        "WhatsApp is not set up: what they write there comes in, and nothing of ours goes out. Tell the operator now."
    )
    before = [one.words for one in notices_for(sara, now)]
    conversation = hotline.conversation(channel="whatsapp")

    shown = [one.words for one in notices_for(sara, now)]
    desk.claim(conversation, sara, now)
    desk.close(conversation, sara, "info_given", now)

    assert (before, shown) == ([], [words])
    assert notices_for(sara, now) == ()


def test_a_channel_that_is_down_stands_on_the_live_board_too(hotline, seated):
    since = timezone.now() - timedelta(minutes=5)
    ProviderState.objects.create(channel="sms", failures=3, cause="ProviderUnreachable", failing_since=since)

    assert (
        "SMS: nothing of ours goes out."
        in seated("nour", StaffRole.SUPERVISOR).get("/desk/supervisor/").content.decode()
    )


def test_who_waits_and_blocks_our_messages_is_not_to_be_claimed_for_a_reply(hotline, staff):
    conversation, sara = hotline.conversation(), staff("sara")
    row = Conversation.objects.get()
    turns.commit_step(
        conversation, TurnOutcome(version=row.version, marks=ContactMarks(opted_out=True)), timezone.now()
    )

    words = thread(conversation, sara, timezone.now()).locked_words

    assert words.startswith("Their phone blocks our messages: nobody can answer here. Claim it to look for another way")
    assert "reply" not in words


def test_on_a_channel_that_is_not_set_up_the_box_is_closed_for_who_claimed_and_says_so(hotline, seated, monkeypatch):
    client = seated("sara")
    conversation = hotline.conversation(channel="whatsapp", safe="yes")
    client.post(f"/desk/c/{conversation}/claim/")
    draft = {"text": "I am here"}
    client.post(f"/desk/c/{conversation}/draft/", draft)
    monkeypatch.setattr(Settings, "carries", lambda self, channel: channel != "whatsapp")
    page = client.get(f"/desk/c/{conversation}/").content.decode()

    refused = [
        client.post(f"/desk/c/{conversation}/{what}/", fields).status_code
        for what, fields in (("reply", {**draft, "override": "danger"}), ("ask-safe", {}), ("at-time", {}))
    ]

    assert "This channel is not set up: nothing that you write would leave." in page
    assert "Nothing reaches them: this channel is not set up here." in page
    assert "Safe to write" not in page.partition('id="safe"')[2].partition("</div>")[0]
    assert 'id="reply"' not in page
    assert 'id="ask-safe"' not in page
    assert "I am here" in page  # what was written before stands there to be read
    assert refused == [409, 409, 409]
    assert hotline.replies(conversation) == []
