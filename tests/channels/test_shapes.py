"""Shapes that every channel shares: errors name themselves, buttons carry their version, phones look like something."""

from __future__ import annotations

import asyncio

import pytest

from channels.base import Address, Kind, Outbound, press_data, read_press
from channels.errors import OptedOut, SendError, cause_named
from channels.simulator import SIM_SMS, SIM_TELEGRAM, SimulatorChannel, look_of, pressed, typed
from channels.sms_codes import CAUSES, cause_of, cause_of_status
from tests.channels.conftest import NOW

ALL = SendError.__subclasses__()


@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.__name__)
def test_each_cause_has_a_sentence_for_staff(cause):
    assert cause().staff_reason.endswith(".")
    assert cause_named(cause.__name__) is cause
    assert len(cause.__name__) <= 60  # the column of the outbox


@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.__name__)
def test_what_may_have_arrived_is_never_called_failed_for_good(cause):
    assert not cause.fate_unknown or cause.retryable


def test_an_unknown_name_is_no_cause():
    assert cause_named("too_old") is None


def test_each_of_twilios_numbers_has_a_cause_and_no_text():
    for code, cause in CAUSES.items():
        assert type(cause_of(code, 400)) is cause
        assert str(cause_of(code, 400)) == str(code)


@pytest.mark.parametrize(
    ("code", "status", "name", "pause_s"),
    [
        (21610, 400, "OptedOut", None),
        (20429, 429, "ProviderBusy", 2),
        (None, 429, "ProviderBusy", 2),
        (21611, 400, "ProviderBusy", 60),
        (None, 401, "Credentials", None),
        (None, 400, "Refused", None),
        (20500, 500, "FateUnknown", None),
        (None, 503, "FateUnknown", None),
    ],
)
def test_a_failure_is_named_by_number_then_by_status(code, status, name, pause_s):
    found = cause_of(code, status)

    assert (found.name, found.retry_after_s) == (name, pause_s)


@pytest.mark.parametrize(
    ("code", "name"), [(30007, "Filtered"), (30003, "PhoneUnreachable"), (None, "PhoneUnreachable")]
)
def test_a_report_is_named_too(code, name):
    assert cause_of_status(code).name == name


def test_a_button_carries_option_and_version():
    assert read_press(press_data("under_15", "age_band")) == ("under_15", "age_band")
    assert read_press("yes") == ("yes", "")


def test_a_button_that_telegram_would_refuse_is_refused_here():
    with pytest.raises(ValueError):
        press_data("x" * 63, "safe")


def test_addresses_do_not_show_themselves():
    assert "+62" not in repr(Address("sms", "+6281234567890"))
    assert "+62" not in repr(OptedOut(21610))


@pytest.mark.parametrize(
    ("channel", "text", "kind", "kept"),
    [
        (SIM_SMS, "hello", Kind.TEXT, "hello"),
        (SIM_SMS, "stop", Kind.OPT_OUT, "stop"),
        (SIM_SMS, "/start", Kind.TEXT, "/start"),
        (SIM_TELEGRAM, "stop", Kind.TEXT, "stop"),
        (SIM_TELEGRAM, "/start", Kind.COMMAND, "start"),
    ],
)
def test_a_try_out_phone_behaves_as_what_it_looks_like(channel, text, kind, kept):
    found = typed(channel, "phone-1", text, NOW)

    assert (found.kind, found.text, found.channel, found.sender.value) == (kind, kept, channel, "phone-1")


def test_a_tap_on_a_try_out_phone_is_a_button():
    found = pressed(SIM_TELEGRAM, "phone-1", "yes@2", "Yes", NOW)

    assert (found.kind, found.button, found.text) == (Kind.BUTTON, "yes@2", "Yes")


def test_looks():
    assert [look_of(name) for name in ("sms", "telegram", SIM_SMS, SIM_TELEGRAM)] == [
        "sms",
        "telegram",
        "sms",
        "telegram",
    ]


def test_a_try_out_phone_takes_everything_once():
    channel = SimulatorChannel(SIM_SMS)
    message = Outbound(uid="u-1", recipient=Address(SIM_SMS, "p"), text="x", valid_for_s=600, urgent=False)

    assert asyncio.run(channel.send(message)) == asyncio.run(channel.send(message))
    with pytest.raises(ValueError):
        SimulatorChannel("sms")
