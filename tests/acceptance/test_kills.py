"""The delivery process killed hard while it sends: every message reaches Twilio once, none twice, none never."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.db import connection

from records.models import OutboxMessage
from tests.acceptance.conftest import OUR_NUMBER, PUBLIC, TWILIO_TOKEN
from tests.acceptance.twilio_standin import ACCOUNT

PROCESS = """
import asyncio, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "lantern.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from bot.serving import serve_delivery
asyncio.run(serve_delivery(settings.LANTERN))
"""
KILLS, MESSAGES = 4, 120


@pytest.fixture
def start(twilio):
    started = []
    environ = {
        **os.environ,
        "LANTERN_PUBLIC_URL": PUBLIC,
        "LANTERN_TWILIO_ACCOUNT_SID": ACCOUNT,
        "LANTERN_TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "LANTERN_TWILIO_FROM": OUR_NUMBER,
        "LANTERN_TWILIO_API_BASE": twilio.api,
    }

    def start_one():
        command = [sys.executable, "-c", PROCESS, connection.settings_dict["NAME"]]
        started.append(subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start_one
    for process in started:
        process.kill()
        process.wait()


def wait_for(statement, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while not statement():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


def test_killed_while_sending_it_loses_and_doubles_nothing(outbox, twilio, start):
    people = [outbox.conversation(address=f"+1500555{number:04}") for number in range(MESSAGES // 4)]
    for number in range(MESSAGES):
        outbox.add(f"message {number}", conversation=people[number % len(people)])
    chance = random.Random(7)

    for _ in range(KILLS):
        process, before = start(), len(twilio.messages)
        wait_for(lambda before=before: len(twilio.messages) > before)
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.wait()
    start()
    wait_for(lambda: not OutboxMessage.objects.exclude(status="sent").exists())

    assert Counter(message["body"] for message in twilio.messages) == {f"message {n}": 1 for n in range(MESSAGES)}
    assert set(OutboxMessage.objects.values_list("provider_id", flat=True)) == {m["sid"] for m in twilio.messages}
