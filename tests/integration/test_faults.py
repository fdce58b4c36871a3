"""What breaks below the line: a clock that is set back, a lane that is stopped, a disk that is full, a model that is cut.

benchmarks/faults breaks each of them, and more, under load and with the real model.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import warnings
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connections
from twilio.request_validator import RequestValidator

from bot import intake
from bot.delivery import Delivery
from bot.runner import Lane, Runner, load_turns
from bot.turn import Turns
from channels.simulator import SIM_SMS, SimulatorChannel, typed
from records.messages.providers import lead, pause, pause_of
from records.messages.queries import claim_next_delivery, claim_next_turn
from records.models import Conversation, InboxMessage, OutboxMessage
from tests.bot.conftest import Told, greets
from tests.dialogues.script import START
from tests.integration.place import ROOT, Place, until
from tests.integration.providers import ACCOUNT

HOUR = timedelta(hours=1)


def receives(text, now=START):
    return intake.receive(typed(SIM_SMS, "+15005550001", text, now), now).inbox_id


def test_after_the_clock_was_set_back_what_the_dead_held_is_taken_at_once(transactional_db, rules_only):
    receives("hello")
    assert claim_next_turn("dead", 0, 1, START) is not None
    back = START - HOUR
    lane = Lane(Turns(rules_only, Told(greets)), holder="lane", clock=lambda: back)

    assert lane.run_until_idle() == 1

    assert claim_next_delivery("dead", (SIM_SMS,), back + HOUR) is not None, "somebody claims it and dies"
    delivery = Delivery((SimulatorChannel(SIM_SMS),), "alive", lambda: back)
    assert asyncio.run(delivery.run_once()) == 1
    assert OutboxMessage.objects.get().status == "sent"


def test_what_was_written_before_the_clock_was_set_back_goes_out(transactional_db, rules_only):
    receives("hello")
    Lane(Turns(rules_only, Told(greets)), holder="lane", clock=lambda: START).run_until_idle()

    asyncio.run(Delivery((SimulatorChannel(SIM_SMS),), "alive", lambda: START - HOUR).run_once())

    assert OutboxMessage.objects.get().status == "sent"


def test_after_the_clock_was_set_forward_nothing_old_is_said(transactional_db, rules_only):
    """Law 7: what the line believes to be an hour old may reach other hands."""
    receives("hello")
    Lane(Turns(rules_only, Told(greets)), holder="lane", clock=lambda: START).run_until_idle()

    asyncio.run(Delivery((SimulatorChannel(SIM_SMS),), "alive", lambda: START + HOUR).run_once())

    row = OutboxMessage.objects.get()
    assert (row.status, row.reason) == ("dropped", "too_old")


def test_a_lead_and_a_pause_of_before_the_clock_was_set_back_are_not_believed(db):
    assert lead("clock", "dead", START, 30)
    assert not lead("clock", "other", START, 30)
    assert lead("clock", "other", START - HOUR, 30)
    assert not lead("clock", "third", START - HOUR, 30)

    pause("sms", START + timedelta(minutes=1), "ProviderDown", START)
    pause("sms", START - HOUR + timedelta(minutes=1), "ProviderDown", START - HOUR - timedelta(minutes=5))
    assert pause_of("sms").until == START - HOUR + timedelta(minutes=1)


def test_a_lane_that_is_stopped_is_killed_and_made_anew(transactional_db, rules_only, tmp_path):
    born = tmp_path / "born"

    def beat():
        with born.open("a") as file:
            file.write(f"{os.getpid()}\n")

    connections.close_all()
    runner = os.fork()
    if runner == 0:
        with contextlib.suppress(BaseException):
            Runner(Turns(rules_only, Told(greets)), lanes=1, name="r", beat=beat).run_forever()
        os._exit(0)
    try:
        until(lambda: born.exists() and born.read_text(), 20, "a lane")
        first = int(born.read_text().split()[0])

        os.kill(first, signal.SIGSTOP)

        until(lambda: set(born.read_text().split()) - {str(first)}, 20, "another lane")
        receives("hello")
        until(lambda: InboxMessage.objects.filter(status="done").exists(), 20, "its turn")
    finally:
        os.kill(runner, signal.SIGTERM)
        os.waitpid(runner, 0)


@pytest.mark.rasa
@pytest.mark.parametrize(
    "harm", ["cut", pytest.param("flipped", marks=pytest.mark.long), pytest.param("empty", marks=pytest.mark.long)]
)
def test_with_a_damaged_model_people_get_safety_words_and_a_person(transactional_db, model, tmp_path, harm):
    whole = model.read_bytes()
    damaged = tmp_path / model.name
    spoilt = {"cut": whole[: len(whole) // 2], "flipped": whole[:4096] + bytes(4096) + whole[8192:], "empty": b""}
    damaged.write_bytes(spoilt[harm])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what spoils it here is to be the damage alone
        turns = load_turns(damaged, tmp_path)
    receives("i will kill myself tonight")
    Lane(turns, holder="lane", clock=lambda: START).run_until_idle()

    row = Conversation.objects.get()
    assert turns.dialogue is None
    assert (row.owner, row.level) == ("queue", "urgent")
    said = " ".join(OutboxMessage.objects.values_list("key", flat=True)).split()
    assert "technical" in said
    assert len(said) > 1, "and the words for somebody who thinks of ending their life"


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_on_a_full_disk_nothing_is_taken_that_is_not_kept(tmp_path):
    place = Place(
        tmp_path / "place",
        LANTERN_TWILIO_ACCOUNT_SID=ACCOUNT,
        LANTERN_TWILIO_AUTH_TOKEN="t",
        LANTERN_TWILIO_FROM="+15005550006",
    )
    place.environ["LANTERN_PUBLIC_URL"] = place.url
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "full", str(place.data)], check=True)
    try:
        place.migrate()
        place.start("web")
        until(lambda: place.status_of("/livez") == 200, 120, "the web process")
        posted = iter(range(1000))
        before = [posts(place, next(posted)) for _ in range(5)]

        (place.data / "filler").write_bytes(bytes(shutil.disk_usage(place.data).free - 4096))
        full = [posts(place, next(posted)) for _ in range(200)]
        ready, said = place.status_of("/readyz"), place.logged()
        (place.data / "filler").unlink()
        after = [posts(place, next(posted)) for _ in range(5)]

        assert {*before, *after} == {200}
        assert 503 in full
        assert ready == 503
        assert "webhook_not_stored" in said
        assert place.rows("SELECT count(*) FROM records_inboxmessage") == [((before + full + after).count(200),)]
    finally:
        place.close()
        subprocess.run(["umount", "-l", str(place.data)], check=False)


def posts(place, number):
    fields = {
        "MessageSid": f"SM{number:032x}",
        "AccountSid": ACCOUNT,
        "From": f"+1500{number:07}",
        "To": "+15005550006",
    }
    fields |= {"Body": "hello " * 200, "NumMedia": "0"}
    signature = RequestValidator("t").compute_signature(f"{place.url}/channels/sms", fields)
    asked = urllib.request.Request(
        f"{place.url}/channels/sms", urlencode(fields).encode(), {"X-Twilio-Signature": signature}
    )
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


@pytest.mark.long
@pytest.mark.rasa
@pytest.mark.parametrize("more", [[], ["--postgres"]], ids=["sqlite", "postgresql"])
def test_whatever_breaks_nothing_is_lost_and_nothing_doubled(model, more):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", "--model", str(model), *more],
        cwd=ROOT, capture_output=True, text=True, timeout=3600, check=False,
    )  # fmt: skip

    assert done.stdout, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert [one["fault"] for one in found["faults"] if not one["holds"]] == []
    assert found["law_1_holds"], found
