"""The phone in the terminal that docs/how-to/sms.md names: a line takes it for Twilio, both ways."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.serving import channels_of
from records.models import InboxMessage, OutboxMessage
from tests.acceptance.ports import free_port
from tests.acceptance.test_twilio import deliver
from tests.acceptance.twilio_standin import Phone, TwilioStandin, settings_for

ROOT = Path(__file__).parents[2]
OURS, THEIRS, TOKEN = "+15005550006", "+6281234567890", "stand-in"


@pytest.fixture
def standin():
    made = TwilioStandin(free_port())
    yield made
    made.stop()


def settled():
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        row = OutboxMessage.objects.get()
        if row.status not in ("waiting", "sending", "sent"):
            break
        time.sleep(0.05)
    return row.status, row.reason


@pytest.mark.parametrize(("code", "became"), [(None, ("delivered", "")), (30003, ("failed", "PhoneUnreachable"))])
def test_who_types_is_heard_and_gets_the_answer(line_address, configured, standin, outbox, capsys, code, became):
    told = dict(one.split("=", 1) for one in settings_for(standin, line_address, TOKEN, OURS).splitlines())
    named = {name.removeprefix("LANTERN_").lower(): value for name, value in told.items()}
    line = configured(**named)
    phone = Phone(standin, line_address, TOKEN, OURS, THEIRS)
    phone.fails = code

    assert phone.writes("tolong") == 200
    conversation = InboxMessage.objects.get().conversation
    outbox.add("We are here.", conversation=conversation)
    deliver(*channels_of(line))

    assert settled() == became
    assert f"{THEIRS} < We are here." in capsys.readouterr().out


def test_the_command_names_the_settings_and_says_when_nobody_answers():
    port, nobody = free_port(), f"http://127.0.0.1:{free_port()}"

    done = subprocess.run(
        [sys.executable, "-m", "tests.acceptance.twilio_standin", "--port", str(port), "--line", nobody],
        cwd=ROOT, input="tolong\n", capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert f"LANTERN_TWILIO_API_BASE=http://127.0.0.1:{port}\n" in done.stdout
    assert f"LANTERN_PUBLIC_URL={nobody}\n" in done.stdout
    assert f"The line did not take it: nobody answers at {nobody}" in done.stdout
