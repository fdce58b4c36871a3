"""Metrics: who may read them, that they hold numbers and nobody, and that alerts and dashboard name what exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from bot import figures
from bot.intake import receive
from channels.base import Address, Inbound, Kind
from lantern.config import Secret
from lantern.metrics import LineCollector
from records.figures.beats import beat
from records.models import Conversation, ProviderState, SelfTest
from tests.integration.marks import MARK

pytestmark = pytest.mark.django_db
DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS, DASHBOARD = DEPLOY / "prometheus" / "alerts.yml", DEPLOY / "grafana" / "lantern.json"
NAME = re.compile(r"\blantern_[a-z_]+")
NUMBER = "+15005550123"
BY_NAME = {"headers": {"host": "127.0.0.1:8080"}}


def seen(text):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def busy_line():
    """Somebody has written, and waits; a provider fails; a process has counted."""
    now = datetime.now(timezone.utc)
    sender = Address("sms", NUMBER)
    receive(
        Inbound(channel="sms", provider_id=f"SM{MARK}", sender=sender, text=MARK, kind=Kind.TEXT, received_at=now), now
    )
    Conversation.objects.update(owner="queue", level="urgent", queued_at=now - timedelta(minutes=4), language="km")
    ProviderState.objects.create(
        channel="sms", failing_since=now - timedelta(minutes=9), cause="ProviderDown", failures=3
    )
    SelfTest.objects.create(name="canary", came_back_at=now, took_ms=250)
    beat("lane", "host:7", now, [["lantern_turns_total", {"outcome": "done"}, 12.0], *figures.snapshot()[:0]])


def test_the_line_in_numbers_without_a_word_or_a_number_of_anybody(busy_line):
    answer = Client().get("/metrics", **BY_NAME)

    found = seen(answer.content.decode())
    assert answer.status_code == 200
    assert found["lantern_ready",] == 0
    assert found["lantern_trouble", ("code", "runner")] == 1
    assert found["lantern_queue", ("level", "urgent")] == 1
    assert 239 < found["lantern_queue_oldest_seconds", ("level", "urgent")] < 300
    assert found["lantern_turns_waiting",] == found["lantern_received_lately", ("channel", "sms")] == 1
    assert 539 < found["lantern_provider_failing_seconds", ("cause", "ProviderDown"), ("channel", "sms")] < 600
    assert found["lantern_turns_total", ("instance_id", "host:7"), ("outcome", "done"), ("process", "lane")] == 12
    assert found["lantern_self_test_seconds",] == 0.25
    assert not any(told in answer.content.decode() for told in (MARK, NUMBER[1:], "km", "SM"))


@pytest.mark.parametrize(
    "request_",
    [
        {"headers": {"host": "127.0.0.1:8080"}, "REMOTE_ADDR": "10.0.0.7"},
        {"headers": {"host": "line.example.org"}},
        {"headers": {"host": "127.0.0.1:8080", "x-forwarded-for": "127.0.0.1"}},
        {"headers": {"host": "127.0.0.1:8080", "authorization": "Bearer wrong"}, "REMOTE_ADDR": "10.0.0.7"},
        {"headers": {"host": "127.0.0.1:8080", "authorization": "Bearer "}, "REMOTE_ADDR": "10.0.0.7"},
    ],
)
def test_nobody_from_elsewhere_reads_them(request_, settings):
    settings.ALLOWED_HOSTS = ["*"]

    assert Client().get("/metrics", **request_).status_code == 403


def test_with_the_token_they_are_read_from_elsewhere(settings):
    settings.LANTERN = replace(settings.LANTERN, metrics_token=Secret("token-of-the-watch"))
    settings.ALLOWED_HOSTS = ["*"]
    elsewhere = {"host": "line.example.org", "authorization": "Bearer token-of-the-watch"}

    assert Client().get("/metrics", headers=elsewhere, REMOTE_ADDR="10.0.0.7").status_code == 200
    assert Client().post("/metrics", headers=elsewhere).status_code == 405


@pytest.mark.parametrize("source", [ALERTS, DASHBOARD], ids=lambda path: path.name)
def test_every_metric_that_is_watched_exists(busy_line, source):
    made = {
        name
        for metric in LineCollector(datetime.now(timezone.utc)).collect()
        for name in (metric.name, *(f"{metric.name}{end}" for end in ("_total", "_bucket", "_count", "_sum")))
    }
    watched = set(NAME.findall("\n".join(expressions(source))))

    assert len(watched) > 10
    assert watched <= made | {"lantern_redis_up"}, watched - made


def expressions(source):
    if source.suffix == ".json":
        return [
            target["expr"] for panel in json.loads(source.read_text())["panels"] for target in panel.get("targets", [])
        ]
    return [rule["expr"] for group in yaml.safe_load(source.read_text())["groups"] for rule in group["rules"]]


def test_each_alert_says_what_it_is_and_what_to_do():
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]

    assert len({rule["alert"] for rule in rules}) == len(rules) > 10
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]
        assert rule["annotations"]["summary"].endswith("."), rule["alert"]
        assert (Path(__file__).parents[2] / rule["annotations"]["runbook"].partition("#")[0]).exists(), rule["alert"]


def test_each_alert_has_a_case_that_fires_and_one_that_is_silent_although_all_of_it_is_measured():
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    reads = {rule["alert"]: set(NAME.findall(rule["expr"])) for rule in rules}
    fires, silent = set(), set()
    for group in yaml.safe_load(ALERTS.with_name("alerts_test.yml").read_text())["tests"]:
        measured = set(NAME.findall("\n".join(one["series"] for one in group["input_series"])))
        for case in group["alert_rule_test"]:
            if case["exp_alerts"]:
                fires.add(case["alertname"])
            elif reads[case["alertname"]] <= measured:
                silent.add(case["alertname"])

    assert len(reads) > 10
    assert fires == set(reads)
    assert silent == set(reads)


@pytest.mark.skipif(not shutil.which("promtool"), reason="needs promtool (Debian: prometheus)")
def test_prometheus_takes_the_rules_and_they_fire(tmp_path):
    done = subprocess.run(
        ["promtool", "test", "rules", "alerts_test.yml"], cwd=ALERTS.parent, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
