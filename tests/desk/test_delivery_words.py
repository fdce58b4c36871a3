"""Every code that delivery can write has words for a worker, in each language of the desk: what happened, what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from bot import intake
from channels import sms_codes
from channels.errors import SendError
from desk import catalogues, labels
from desk.delivery_words import DROPPED, FAILED, delivery, lost, while_trying
from desk.notices import _words
from records.messages import providers
from records.models import OutboxMessage, ProviderState
from records.staff import notices
from records.states import NOT_REACHED, SEAL_BROKEN, DropReason, OutboxStatus, StaffRole

LANGUAGES = ("en", *catalogues.LANGUAGES)


def tree(cause=SendError):
    return {one for sub in cause.__subclasses__() for one in (sub, *tree(sub))}


CAUSES = sorted({one.__name__ for one in tree() | set(sms_codes.CAUSES.values())})
SAY_WHY_THEMSELVES = (notices.FLOOD, notices.SAFETY_NOT_SAID)  # raised for one reason only
KINDS = sorted(value for name, value in vars(notices).items() if name.isupper() and not name.startswith("_"))


@pytest.mark.parametrize("code", [*CAUSES, SEAL_BROKEN])
def test_every_cause_of_a_failure_says_what_happened_and_what_to_do(code):
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            assert code in FAILED, "say in desk/delivery_words.py what it means and what a worker does"
            said[language] = delivery(OutboxStatus.FAILED, code)[0]
            assert str(FAILED[code].why) in said[language]
            assert str(FAILED[code].do) in said[language]
            assert "keep trying" not in said[language]

    assert labels.spelled(code) not in said["en"].split(". ")
    assert len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize("code", list(DropReason))
def test_every_reason_not_to_send_says_what_happened_and_what_to_do(code):
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = delivery(OutboxStatus.DROPPED, code.value)[0]
            assert str(DROPPED[code].do) in said[language]

    assert len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize("code", CAUSES)
def test_while_it_is_tried_again_the_cause_says_itself_in_every_language(code):
    said = set()
    for language in LANGUAGES:
        with translation.override(language):
            said.add(while_trying(code))

    assert len(said) == len(LANGUAGES)
    assert labels.spelled(code) not in said


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reason", ["PhoneUnreachable", "too_old", "FateUnknown"])
def test_every_kind_of_notice_has_words_and_says_why_in_them(kind, reason):
    one = notices.OpenNotice(notice_id=1, at=timezone.now(), kind=kind, reason=reason, conversation_id=1)
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = _words(one)
            assert kind in SAY_WHY_THEMSELVES or lost(reason) in said[language]

    assert labels.spelled(kind) not in said.values()
    assert labels.spelled(reason) not in " ".join(said.values())
    assert len(set(said.values())) == len(LANGUAGES)


@pytest.mark.parametrize("reason", [intake.OPTED_OUT, NOT_REACHED])
def test_who_cannot_be_reached_and_goes_to_a_person_has_a_line_why(reason):
    assert reason in labels.REASONS


@pytest.mark.parametrize(("minutes", "failures", "told"), [(5, 1, True), (0, 2, True), (0, 1, False)])
def test_a_channel_that_is_down_is_told_to_everybody_until_it_is_well(hotline, seated, minutes, failures, told):
    now = timezone.now()
    hotline.conversation(bot_says=("hola",))
    ProviderState.objects.create(
        channel="sms",
        failures=failures,
        cause="ProviderUnreachable",
        failing_since=now - timedelta(minutes=minutes),
    )
    sara, nour = seated("sara"), seated("nour", StaffRole.SUPERVISOR)
    words = (
        "SMS: nothing of ours goes out. The provider cannot be reached from here; we keep trying. Waiting to go: 1."
        " Do not count on a reply having arrived; what is older than is safe is not sent any more."
    )

    shown = [words in one.get("/desk/").content.decode() for one in (sara, nour)]
    providers.well("sms")

    assert OutboxMessage.objects.get().status == OutboxStatus.WAITING
    assert shown == [told, told]
    assert "nothing of ours goes out" not in sara.get("/desk/").content.decode()
