"""The delivery process killed hard while it sends: every message reaches Twilio once, none twice, none never."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import SyncToAsync
from django.db import connection, connections

from bot.delivery import Delivery
from bot.now import wall_clock
from channels.sms import SmsAccount, SmsChannel
from records.messages.queries import release_claims
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
        "LANTERN_TWILIO_PARTS_A_SECOND": "1000",
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


@pytest.fixture
def killed_child(twilio):
    """Runs delivery once in a child that is killed at the moment Twilio has taken its message."""

    def run(account):
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                # Threads do not live on in a child, and what hands work to them must be made anew.
                SyncToAsync.single_thread_executor = ThreadPoolExecutor(1)
                connections.close_all()
                _deliver_once(account)
            os._exit(0)
        twilio.after_take = lambda: os.kill(child, signal.SIGKILL)
        _, how = os.waitpid(child, 0)
        twilio.after_take = None
        return os.WIFSIGNALED(how)

    return run


def _deliver_once(account):
    async def run():
        channel = SmsChannel(account)
        await Delivery((channel,), "d1", wall_clock, ask_after_s=0).run_once()
        await channel.close()

    asyncio.run(run())


def test_killed_between_sending_and_writing_it_down_50_times_nothing_is_sent_twice(outbox, twilio, killed_child):
    account = SmsAccount(
        account_sid=ACCOUNT, auth_token=TWILIO_TOKEN, senders=(OUR_NUMBER,), api_base=twilio.url, parts_a_second=1000
    )
    person, kills = outbox.conversation(), 0
    for number in range(50):
        outbox.add(f"message {number}", conversation=person, valid_for_s=3600)
        connections.close_all()
        kills += killed_child(account)
        release_claims("d1")
    _deliver_once(account)

    assert kills == 50
    assert Counter(message["body"] for message in twilio.messages) == {f"message {n}": 1 for n in range(50)}
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"sent"}
