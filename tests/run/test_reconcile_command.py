"""`./run reconcile`: what it is asked, and what it says when nobody answers, in an operator's words."""

from __future__ import annotations

import dataclasses
import io

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from channels.errors import Credentials, FateUnknown, ProviderBusy, ProviderUnreachable
from lantern.config import Settings
from lantern.doctor.asking import telegram, twilio

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("hours", ["-3", "0", "nan", "inf", "soon"])
def test_a_time_that_is_no_time_is_refused(hours):
    with pytest.raises(CommandError, match="a number of hours above 0"):
        call_command("reconcile", f"--hours={hours}")


def test_a_demo_has_nobody_to_ask(settings):
    settings.LANTERN = Settings()
    out = io.StringIO()

    call_command("reconcile", stdout=out)

    assert out.getvalue().startswith("no provider is set up")


def test_a_provider_that_is_away_is_told_without_programmers_words(settings, transactional_db):
    settings.LANTERN = dataclasses.replace(
        django_settings.LANTERN, public_url="https://line.example.org", telegram_secret="s", telegram_token="666:APP",
        telegram_api_base=NOWHERE, twilio_account_sid="AC1", twilio_auth_token="x", twilio_from="+15005550006",
        twilio_api_base=NOWHERE,
    )  # fmt: skip
    out = io.StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("reconcile", stdout=out)

    assert ended.value.code == 1
    assert out.getvalue().count("no way to 127.0.0.1:9 from here") == 2
    assert out.getvalue().count(f"Try `curl {NOWHERE}` on this machine") == 2  # http, as the settings say
    assert "Unknown" not in out.getvalue()
    assert "Unreachable" not in out.getvalue()


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (FateUnknown("NetworkError"), "no way to api.twilio.com from here"),
        (ProviderUnreachable(), "no way to api.twilio.com from here"),
        (ProviderUnreachable(503), "503 that it cannot now: Twilio has an outage"),
        (ProviderUnreachable(404), "LANTERN_TWILIO_API_BASE"),
        (ProviderBusy(429), "429 that it cannot now: Twilio asks to slow down"),
        (Credentials(20003), "Twilio refuses them (20003)"),
    ],
)
def test_why_a_provider_told_nothing_is_said_in_an_operators_words(problem, words):
    said = twilio(Settings()).not_asked(problem)

    assert words in said
    assert problem.name not in said


def test_a_token_that_telegram_does_not_know_is_named():
    assert "LANTERN_TELEGRAM_TOKEN" in telegram(Settings()).not_asked(Credentials(401))
