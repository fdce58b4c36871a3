"""While a provider is away: nothing is taken for an answer to what nobody saw, and few words come when it is back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import intake
from bot.delivery import Delivery
from bot.overtaken import asked_in
from channels.base import Address, Inbound, Kind, Sent
from channels.errors import FateUnknown, ProviderUnreachable
from lantern.line import Line
from records.models import AssessmentRecord, Conversation, OutboxMessage, Staff
from records.staff import desk
from records.staff.notices import URGENT_NOT_SENT, open_notices
from records.states import DropReason, SafeAnswer
from tests.dialogues.script import START

pytestmark = pytest.mark.rasa
ANA = "+12025550177"


class Away:
    """A line whose SMS provider is away until it is back."""

    def __init__(self, turns):
        self.line = Line(turns, START)
        channels = tuple(self.line.channels.values())
        self.line._delivery = Delivery(channels, "line", lambda: self.line.now, ask_after_s=0)
        self._sends, self._finds = self.line.channels["sms"].send, self.line.channels["sms"].find_sent

    def goes(self):
        async def send(message):
            raise ProviderUnreachable

        self.line.channels["sms"].send = send

    def breaks(self):
        async def send(message):
            raise FateUnknown

        self.line.channels["sms"].send = send

    def breaks_and_goes(self):
        """What was given to the provider last is in doubt, and it cannot be asked."""
        self.breaks()

        async def find_sent(message):
            raise ProviderUnreachable

        self.line.channels["sms"].find_sent = find_sent

    def comes_back(self, find_sent=None):
        phones = self.line.channels["sms"]
        phones.send, phones.find_sent = self._sends, find_sent or self._finds
        self.line.now += timedelta(minutes=2)
        self.line.runs_until_idle()

    def writes(self, text, after_s=40):
        self.line.now += timedelta(seconds=after_s)
        self.line.receives("sms", ANA, text)

    def heard_late(self, *texts):
        """What is written while no runner runs; one after the other is heard when it is back."""
        for text in texts:
            self.line.now += timedelta(seconds=40)
            message = Inbound(
                channel="sms", provider_id=f"SM-{text}", sender=Address("sms", ANA), text=text, kind=Kind.TEXT,
                received_at=self.line.now,
            )  # fmt: skip
            intake.receive(message, self.line.now)
        self.comes_back()

    def seen(self):
        got = self.line.takes("sms", ANA)
        return [OutboxMessage.objects.get(uid=message.uid).key for message, _ in got]

    @property
    def known(self):
        record = AssessmentRecord.objects.get()
        return record.open_facts(record.conversation.open_key())


@pytest.fixture
def away(transactional_db, turns):
    return Away(turns)


def test_a_number_is_no_answer_to_questions_that_stand_still(away):
    away.writes("hello")
    assert "opening" in away.seen()
    away.goes()

    for _ in range(4):
        away.writes("1")

    known = away.known
    assert known["safe"] == "yes", "this was asked, and seen"
    assert (known["role"], known["consent"]) == (None, None)


def test_who_hears_nothing_at_all_has_agreed_to_nothing(away):
    away.goes()
    for text in ("hello", "yes", "1", "ok"):
        away.writes(text)

    assert away.known["safe"] is None
    assert Conversation.objects.get().safe_answer is None

    away.comes_back()
    assert away.seen() == ["opening"]


@pytest.mark.parametrize("seconds", [2, 40])
def test_it_is_the_same_however_fast_they_write(away, seconds):
    away.goes()
    for text in ("hello", "yes", "1", "ok"):
        away.writes(text, after_s=seconds)

    assert away.known["safe"] is None
    assert Conversation.objects.get().safe_answer is None

    away.comes_back()
    seen = away.seen()
    assert seen.count("opening") == 1
    assert len(seen) <= 2, seen


def test_after_an_outage_the_newest_answer_comes_and_no_row_of_old_questions(away):
    away.writes("hello")
    away.writes("yes")
    away.seen()
    away.goes()
    for text in ("for myself", "my boss keeps my passport", "hello?", "are you there", "what are my rights"):
        away.writes(text)

    away.comes_back()

    seen = away.seen()
    assert len(seen) <= 3, seen
    assert any("answer.rights" in keys or "right." in keys for keys in seen)
    assert OutboxMessage.objects.filter(reason=DropReason.OVERTAKEN).exists()


@pytest.mark.parametrize("text", ["tidak aman", "ga aman kak", "not safe", "không an toàn", "nu e sigur"])
def test_not_safe_ends_the_talk_whatever_old_question_it_came_after(away, text):
    away.writes("hello")
    away.writes("yes")
    away.seen()
    away.goes()
    away.writes("for myself")
    away.writes(text)

    away.comes_back()

    assert away.seen() == ["ended.neutral"]
    assert (Conversation.objects.get().safe_answer, away.known["flow"]) == (SafeAnswer.NO, "unsafe")


def questions_of(seen):
    return [one for keys in seen for one in asked_in(keys)]


LEFT = [
    (("for myself", "i want to talk to a person", "hello?"), ["helper"]),
    (("for my sister", "what are my rights", "no", "is this free"), ["role"]),
    (("i want to talk to a person", "he will kill me"), ["call"]),
]


@pytest.mark.parametrize(("texts", "asked"), LEFT)
@pytest.mark.parametrize("outage", ["goes", "breaks_and_goes", "heard_late"])
def test_after_any_outage_one_question_is_asked_so_that_a_1_has_one_meaning(told_safe, outage, texts, asked):
    if outage == "heard_late":
        told_safe.heard_late(*texts)
    else:
        getattr(told_safe, outage)()
        for text in texts:
            told_safe.writes(text)
        told_safe.comes_back()

    seen = told_safe.seen()
    assert questions_of(seen) == asked, seen


def test_what_was_on_its_way_when_it_was_overtaken_and_is_out_is_not_taken_back(told_safe):
    told_safe.breaks_and_goes()
    told_safe.writes("for myself")
    [row] = OutboxMessage.objects.filter(status="sending")
    told_safe.writes("what are my rights")
    taken = Sent("SM-taken")

    async def find_sent(message):
        return taken if message.uid == str(row.uid) else None

    told_safe.comes_back(find_sent)

    row.refresh_from_db()
    assert (row.status, row.reason, row.provider_id) == ("sent", "", "SM-taken")


def test_urgent_words_pass_a_greeting_in_doubt_that_nobody_can_ask_about(away):
    away.breaks_and_goes()
    away.writes("hello")
    away.writes("he has a knife he will kill me now", 5)

    away.comes_back()

    seen = away.seen()
    assert seen[0].startswith("risk.danger"), seen
    assert "opening" not in seen


def test_what_was_said_about_danger_goes_whatever_is_written_after_it(away):
    away.writes("hello")
    away.writes("yes")
    away.seen()
    away.goes()
    away.writes("he has a knife he will kill me now")
    danger = [row.key for row in OutboxMessage.objects.filter(status="waiting") if "risk." in row.key]
    assert danger
    away.writes("hello?")
    away.writes("please answer")

    away.comes_back()

    assert set(danger) <= set(away.seen())


def test_words_about_danger_wait_for_no_question_of_before(away):
    away.writes("hello")
    away.seen()
    away.goes()
    away.writes("yes")
    away.writes("he has a knife he will kill me now", after_s=1)

    away.comes_back()

    seen = away.seen()
    assert "risk." in seen[0], seen
    assert not any("ask.role" in keys for keys in seen)


def test_two_messages_at_once_are_not_question_and_answer(away):
    """Both were written before the bot had asked anything: "yes" says nothing about what it asks only now."""
    for number, text in enumerate(("hello", "yes")):
        message = Inbound(
            channel="sms", provider_id=f"SM{number}", sender=Address("sms", ANA), text=text, kind=Kind.TEXT,
            received_at=away.line.now,
        )  # fmt: skip
        intake.receive(message, away.line.now)
    away.line.now += timedelta(seconds=15)  # the runner begins late
    away.line.runs_until_idle()

    assert away.known["safe"] is None
    assert away.known["pending"] == "safe"


@pytest.mark.parametrize("after_s", [2, 8])
def test_a_number_typed_before_the_question_left_is_no_answer_to_it(away, after_s):
    away.writes("hello")
    away.goes()
    away.writes("1")  # safe: yes; whom it is about is asked, and does not leave

    away.writes("1", after_s)
    away.writes("2", after_s)

    assert (away.known["safe"], away.known["role"], away.known["consent"]) == ("yes", None, None)


def test_what_a_provider_may_or_may_not_have_taken_is_no_question_yet(away):
    away.writes("hello")
    away.breaks()
    away.writes("1")

    for _ in range(3):
        away.writes("1")

    assert (away.known["safe"], away.known["role"], away.known["consent"]) == ("yes", None, None)


def test_nobody_asks_for_a_call_with_a_number_typed_before_that_was_asked(away):
    away.writes("hello")
    away.goes()
    away.writes("he is breaking the door he will kill me", 4)

    for text in ("1", "2"):
        away.writes(text, 4)

    assert "call" not in away.known["answers"]


@pytest.fixture
def told_safe(away):
    """They said that it is safe; then the provider goes away."""
    away.writes("hello")
    away.writes("yes")
    away.seen()
    return away


@pytest.mark.parametrize("seconds", [2, 40])
@pytest.mark.parametrize("early", ["yes", "1", "no"])
def test_a_call_is_answered_only_once_it_was_asked(told_safe, early, seconds):
    told_safe.goes()
    told_safe.writes("he is going to kill me", seconds)
    told_safe.writes(early, seconds)

    assert "call" not in told_safe.known["answers"]
    assert not OutboxMessage.objects.filter(key__startswith="risk.call.").exists()

    told_safe.comes_back()
    asked = told_safe.seen()
    assert any("risk.danger" in keys and "ask.call_for_you" in keys for keys in asked), "this keeps them safe"
    told_safe.writes("2")
    assert told_safe.known["answers"]["call"] == "no", "now they have seen it"
    assert told_safe.seen() == ["risk.call.no"]


@pytest.mark.parametrize("seconds", [2, 40])
@pytest.mark.parametrize("text", ["1", "2", "yes"])
def test_who_should_write_is_not_chosen_before_it_was_asked(told_safe, text, seconds):
    told_safe.goes()
    told_safe.writes("i want to talk to a person", seconds)
    told_safe.writes(text, seconds)

    assert "helper" not in told_safe.known["answers"]
    assert Conversation.objects.get().owner == "queue"

    told_safe.comes_back()
    told_safe.seen()
    told_safe.writes("1")
    assert told_safe.known["answers"]["helper"] == "woman"


@pytest.mark.parametrize("seconds", [2, 40])
@pytest.mark.parametrize("text", ["1", "yes"])
def test_who_wants_nothing_kept_gets_no_person_by_a_number(told_safe, text, seconds):
    told_safe.writes("1")
    told_safe.seen()
    told_safe.goes()
    told_safe.writes("2", seconds)  # keep nothing: a person is offered, and the offer does not leave
    for _ in range(3):
        told_safe.writes(text, seconds)

    assert (told_safe.known["consent"], told_safe.known["person"]) == ("no", None)
    assert Conversation.objects.get().owner == "bot"

    told_safe.comes_back()
    (offer,) = told_safe.seen()  # once, and no row of it
    assert offer.endswith("consent.no ask.person")
    told_safe.writes("1")
    assert (told_safe.known["person"], Conversation.objects.get().owner) == ("yes", "queue")


def test_a_first_word_is_no_secret_word_before_one_was_asked_for(told_safe):
    """What is written while the question for it waits unsent is theirs to say, and opens nothing later."""
    known = told_safe.known
    record = AssessmentRecord.objects.get()
    key = record.conversation.open_key()
    record.seal_facts(key, {**known, "flow": "closing", "pending": "word", "asked": [*known["asked"], "word"]})
    record.save()
    OutboxMessage.objects.filter(key="ask.role").update(key="ask.word", status="waiting", sent_at=None)
    told_safe.goes()

    told_safe.writes("maria", 2)

    assert told_safe.known["word"] is None


def claims(away):
    mara = Staff.objects.create_user("mara", alias="Mara")
    assert desk.claim(Conversation.objects.get().pk, mara, away.line.now)


@pytest.mark.parametrize(
    ("text", "stays"), [("he is going to kill me", "risk.danger"), ("i took 40 pills", "risk."), ("police", None)]
)
def test_what_keeps_somebody_safe_goes_although_a_person_has_come(told_safe, text, stays):
    told_safe.goes()
    told_safe.writes(text)
    claims(told_safe)

    told_safe.comes_back()

    seen = told_safe.seen()
    assert bool(seen) == bool(stays), seen
    assert all(keys.startswith(str(stays)) for keys in seen)


def test_it_does_not_go_once_they_said_that_it_is_not_safe(told_safe):
    told_safe.goes()
    told_safe.writes("he is going to kill me")
    claims(told_safe)
    desk.tell_safety(Conversation.objects.get().pk, Staff.objects.get(), SafeAnswer.NO, told_safe.line.now)

    told_safe.comes_back()

    assert told_safe.seen() == []


def test_it_does_not_go_when_it_has_become_old(told_safe):
    told_safe.goes()
    told_safe.writes("he is going to kill me")
    claims(told_safe)
    told_safe.line.now += timedelta(minutes=20)

    told_safe.comes_back()

    assert told_safe.seen() == []
    assert URGENT_NOT_SENT in {notice.kind for notice in open_notices()}
