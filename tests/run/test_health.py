"""Health tells the truth: 200 only when a message would be stored and answered; what is wrong in plain words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone as django_timezone

from lantern import beating, readiness
from lantern.doctor import run
from lantern.doctor.line import LineCheck
from lantern.readiness import NEEDED
from lantern.start import WRONG_KEY, judge_key
from records import audit, audit_chain
from records.figures.beats import CLOCK, DELIVERY, RUNNER, SPEECHLESS, beat
from records.messages.intake import day_key_of
from records.models import Beat, KeptSecret, ProviderState, SelfTest
from tests.dialogues.script import START

pytestmark = pytest.mark.django_db
NOBODY = "the dialogue cannot be used: people get safety words and a person"


def all_beat(*but, also=()):
    for name in (*NEEDED, *also):
        if name not in but:
            beat(name, "here", datetime.now(timezone.utc))


def asked(path="/healthz"):
    answer = Client().get(path)
    return answer.status_code, answer.json()["problems"]


def doctor():
    said = []
    wrong = run((LineCheck(),), fix=False, say=said.append)
    return wrong, " ".join(said)


def test_a_line_whose_processes_beat_is_well():
    all_beat()

    assert asked() == asked("/readyz") == (200, [])
    assert doctor() == (0, "Line: in order")


@pytest.mark.parametrize("name", NEEDED)
def test_a_process_that_fell_silent_is_named_and_webhooks_are_taken_on(name):
    all_beat(name)
    beat(name, "here", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))

    assert asked() == (503, [f"{name} is silent, last seen 2026-01-02 03:04:05 UTC"])
    assert asked("/readyz") == (200, [])
    assert f"{name} is silent" in doctor()[1]


def test_a_line_that_was_ended_is_named_at_once_and_when_it_was_last_seen():
    for name in NEEDED:
        beating.beat_now(name)
    well = doctor()

    beating.say_ended()
    wrong, said = doctor()

    assert well == (0, "Line: in order")
    assert wrong == len(NEEDED)
    for name in NEEDED:
        assert re.search(rf"{name} is silent, last seen \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC", said)


def test_a_line_that_is_up_again_is_well_though_it_was_ended_twice_with_the_same_numbers():
    for _ in range(2):
        for name in NEEDED:
            beating.beat_now(name)
        beating.say_ended()
    beating.forget_earlier()
    for name in NEEDED:
        beating.beat_now(name)

    assert doctor() == (0, "Line: in order")
    assert Beat.objects.count() == len(NEEDED)


def test_a_beat_from_the_future_is_of_before_the_clock_was_set_back():
    all_beat(CLOCK)
    beat(CLOCK, "gone", datetime.now(timezone.utc) + timedelta(hours=1))

    assert asked()[0] == 503


def test_a_master_key_that_opens_nothing_is_told_and_no_webhook_is_taken(settings):
    all_beat()
    day_key_of(django_timezone.now())
    settings.LANTERN_MASTER_KEY = b"\x07" * 32

    assert asked()[0] == asked("/readyz")[0] == 503
    assert asked("/readyz")[1] == [f"the {WRONG_KEY[4:]}"]
    assert "LANTERN_MASTER_KEY_OTHER" in doctor()[1]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda: KeptSecret.objects.all().delete(), "the key of the audit's chain is gone"),
        (lambda: KeptSecret.objects.update(sealed=b"\x01" * 60), "the key of the audit's chain is damaged"),
    ],
    ids=["gone", "damaged"],
)
def test_a_chain_of_the_audit_without_its_key_is_told_and_people_are_answered(harm, said):
    all_beat()
    now = django_timezone.now()
    day_key_of(now)
    audit.record("reply", now)
    assert audit_chain.link_new(now) == 1
    assert asked() == (200, [])

    harm()

    status, problems = asked()
    assert status == 200
    assert [one.partition(":")[0] for one in problems] == [said]
    assert "./run audit verify" in problems[0]
    assert asked("/readyz") == (200, [])
    assert (doctor()[0], said in doctor()[1]) == (1, True)
    judge_key()  # and the processes start


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda now: (KeptSecret.objects.all().delete(), taken("DELETE FROM records_auditlink"), audit_chain.link_new(now)),
         "the chain began when 1 row was old already"),
        (lambda _: taken("DELETE FROM records_auditlink"), "the chain went to link 1 and ends at 0"),
        (lambda _: (taken("DELETE FROM records_auditlink"), taken("DELETE FROM records_auditevent")), "the chain went to link 1 and ends at 0"),
    ],
    ids=["key and links, linked anew", "links", "links and rows"],
)  # fmt: skip
def test_a_chain_that_ends_earlier_or_began_later_is_told_and_people_are_answered(harm, said):
    all_beat()
    now = django_timezone.now()
    audit.record("reply", now - timedelta(minutes=5))
    assert audit_chain.link_new(now - timedelta(minutes=5)) == 1
    assert asked() == (200, [])

    harm(now)

    status, [problem] = asked()
    assert (status, problem.startswith(f"the audit does not hold: {said}")) == (200, True)
    assert "./run audit verify" in problem
    assert (doctor()[0], said in doctor()[1]) == (1, True)


def taken(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_line_without_any_row_yet_misses_no_key():
    all_beat()
    audit.record("reply", django_timezone.now())

    assert asked() == (200, [])


def test_a_runner_without_its_dialogue_is_not_well():
    all_beat(RUNNER, also=(SPEECHLESS,))

    assert asked() == (503, [NOBODY])
    assert doctor()[0] == 1


def test_a_full_disk_takes_no_webhook(monkeypatch):
    all_beat()
    monkeypatch.setattr(readiness, "free_bytes", lambda: 7 * 2**20)

    assert (
        asked()
        == asked("/readyz")
        == (503, ["disk is full: 7 MB are free in the data folder, at least 200 MB are needed"])
    )
    assert Client().get("/livez").json() == {"ok": True, "problems": []}


def test_migrations_that_wait_are_told_and_nothing_else_is_asked():
    all_beat()
    MigrationRecorder.Migration.objects.filter(app="records").last().delete()

    status, problems = asked("/readyz")

    assert status == 503
    assert problems == [
        "database is not up to date: 1 migration waits; `./run` or `./run upgrade` applies what is missing"
    ]


def test_a_database_that_is_away_is_told_and_this_process_lives_on(monkeypatch):
    def away(*_):
        raise OperationalError("password of the database")

    monkeypatch.setattr(readiness, "_processes", away)

    assert asked() == asked("/readyz") == (503, ["database cannot be read"])
    assert Client().get("/livez").status_code == 200


def test_a_canary_that_did_not_come_back_is_told():
    all_beat()
    SelfTest.objects.create(name="canary", cause="not_sent", ended_at=START)

    status, problems = asked()

    assert status == 503
    assert problems == [
        f"the self-test of {START:%Y-%m-%d %H:%M} UTC did not come back: its answer was made and not delivered"
    ]
    assert doctor()[0] == 1


def test_a_line_that_was_never_up_is_no_fault_of_the_installation():
    assert doctor() == (0, "Line: note: it has not been up with this data folder yet; `./run` starts it")


def test_the_doctor_tells_when_the_self_test_came_back():
    all_beat()
    SelfTest.objects.create(name="canary", came_back_at=django_timezone.now(), took_ms=340)

    assert "came back, its last answer in 340 ms" in doctor()[1]
    assert DELIVERY not in doctor()[1]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_provider_that_is_down_is_told_and_the_line_is_as_ready_as_before(path):
    all_beat()
    since = datetime.now(timezone.utc) - timedelta(minutes=5)
    ProviderState.objects.create(channel="sms", failures=3, cause="ProviderUnreachable", failing_since=since)
    told = (
        f"sms: nothing of ours goes out since {since:%Y-%m-%d %H:%M} UTC, 0 messages wait."
        " The provider cannot be reached from here; we keep trying."
    )

    assert asked(path) == (200, [told] if path == "/healthz" else [])
    assert doctor() == (0, "Line: in order")  # its part about providers says it
    assert 'lantern_trouble{code="provider"} 1.0' in Client().get("/metrics", HTTP_HOST="127.0.0.1").content.decode()


@pytest.mark.parametrize(("failures", "cause"), [(1, "ProviderUnreachable"), (7, "ProviderBusy")])
def test_a_hiccup_of_a_provider_is_not_told(failures, cause):
    all_beat()
    ProviderState.objects.create(
        channel="sms", failures=failures, cause=cause, failing_since=datetime.now(timezone.utc)
    )

    assert asked() == (200, [])


def test_the_second_failure_in_a_row_is_told_at_once():
    all_beat()
    ProviderState.objects.create(
        channel="sms", failures=2, cause="ProviderUnreachable", failing_since=datetime.now(timezone.utc)
    )

    assert "sms: nothing of ours goes out" in asked()[1][0]
