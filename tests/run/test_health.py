"""Health tells the truth: 200 only when a message would be answered."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from django.test import Client

from lantern.health import RUNNER, SPEECHLESS
from records.beats import beat

pytestmark = pytest.mark.django_db


def health():
    answer = Client().get("/healthz")
    return answer.status_code, answer.json()["problems"]


def test_a_line_whose_processes_beat_is_well():
    now = datetime.now(timezone.utc)
    for name in (RUNNER, "delivery"):
        beat(name, "here", now)

    assert health() == (200, [])


def test_a_process_that_fell_silent_is_named():
    now = datetime.now(timezone.utc)
    beat(RUNNER, "here", now - timedelta(minutes=2))
    beat("delivery", "here", now)

    assert health() == (503, ["runner is silent"])


def test_a_runner_without_its_dialogue_is_not_well():
    now = datetime.now(timezone.utc)
    beat(SPEECHLESS, "here", now)
    beat("delivery", "here", now)

    assert health() == (503, ["the dialogue cannot be used: people get safety words and a person"])
