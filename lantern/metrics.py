"""Metrics: the line in numbers, as Prometheus reads them, at /metrics.

How it stands is asked of the tables at each look; what each process has counted comes from its beats. So any web
process shows the whole line, of every machine. For this machine only, or with the token: see `allowed`.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from datetime import date, datetime, timezone
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot import figures
from content.helplines import checked_by, countries, may_show
from content.languages import languages
from content.source import CONTENT
from lantern import redis_server
from lantern.demo_guard import PASSED_ON
from lantern.readiness import CODES, free_bytes, troubles
from records.figures import beats, gauges
from records.figures.beats import WEB
from records.messages.providers import LATE_AFTER
from records.models import SelfTest
from records.sealing.keys import mark_of_master_key
from records.staff.helpline_checks import checks

_LOOPBACK = ("127.0.0.1", "::1")
_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_REVIEWED = re.compile(r"^reviewed: (\d{4}-\d\d-\d\d)$", re.MULTILINE)
_QUANTILES = (0.5, 0.95, 1.0)
REVIEW_DAYS = 365  # a year after its review a list of safety words is stale (docs/how-to/watching.md)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything that is counted; 403 for who may not know."""
    if not allowed(request):
        return HttpResponse(status=403)
    registry = CollectorRegistry()
    registry.register(LineCollector(datetime.now(timezone.utc)))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def allowed(request: HttpRequest) -> bool:
    """With the token from anywhere; without one from this machine, by its own name, passed on by nobody."""
    token = settings.LANTERN.metrics_token
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return True
    host = request.META.get("HTTP_HOST", "").rpartition(":")[0] or request.META.get("HTTP_HOST", "")
    passed_on = any(name.decode() in {key.lower() for key in request.headers} for name in PASSED_ON)
    return request.META.get("REMOTE_ADDR") in _LOOPBACK and host in _HOSTS and not passed_on


class LineCollector:
    """Reads everything once, at the moment of the look."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """All metrics. With the database away there are still those of the machine."""
        try:
            found = [*self._readiness(), *self._people(), *self._messages(), *self._outside(), *self._upkeep()]
            found += [*_content(self._now.date()), *self._processes()]
        except DatabaseError:
            found = list(self._readiness())
        yield from found

    def _readiness(self) -> Iterator[Metric]:
        found = troubles(self._now)
        codes, ready = {one.code for one in found}, not any(one.answering for one in found)
        yield _gauge("lantern_ready", "1 when a message would be stored and answered now.", float(ready))
        yield _gauges(
            "lantern_trouble", "1 for each thing that is not as it must be.", ["code"],
            {(code,): float(code in codes) for code in CODES},
        )  # fmt: skip
        yield _gauge("lantern_disk_free_bytes", "Free on the disk of the data folder.", free_bytes())

    def _people(self) -> Iterator[Metric]:
        queue = gauges.queue(self._now)
        levels = [(level,) for level in queue]
        yield _gauges(
            "lantern_queue", "Conversations that wait for a person.", ["level"],
            {(level,): queue[level][0] for (level,) in levels},
        )  # fmt: skip
        yield _gauges(
            "lantern_queue_oldest_seconds", "How long the first of them has waited.", ["level"],
            {(level,): queue[level][1] for (level,) in levels},
        )  # fmt: skip
        yield _gauge("lantern_with_staff", "Conversations that a person answers.", gauges.with_staff())
        yield _gauge("lantern_staff_here", "Staff at the desk.", gauges.staff_here())
        yield _gauges("lantern_notices", "Notices that nobody has seen.", ["kind"], _keyed(gauges.notices()))

    def _messages(self) -> Iterator[Metric]:
        waiting, oldest = gauges.turns_waiting(self._now)
        yield _gauge("lantern_turns_waiting", "Messages without a turn yet.", waiting)
        yield _gauge("lantern_turns_waiting_oldest_seconds", "Age of the oldest of them.", oldest)
        unsent = gauges.unsent(self._now)
        yield _gauges(
            "lantern_unsent", "Messages of ours that are due and not out.", ["channel"],
            {(channel,): found[0] for channel, found in unsent.items()},
        )  # fmt: skip
        yield _gauges(
            "lantern_unsent_oldest_seconds", "For how long the oldest of them is due.", ["channel"],
            {(channel,): found[1] for channel, found in unsent.items()},
        )  # fmt: skip
        lately = gauges.lately(self._now)
        yield _gauges(
            "lantern_received_lately", "Messages of the last 15 minutes.", ["channel"], _keyed(lately.received)
        )
        yield _gauges(
            "lantern_outgoing_lately", "Messages of ours of the last 15 minutes, by state.", ["channel", "state"],
            {(channel, state): count for (channel, state), count in lately.outgoing.items()},
        )  # fmt: skip
        for name, what, seconds in (
            ("lantern_answer_seconds", "From a message to the end of its turn, last 15 minutes.", lately.answer_s),
            ("lantern_send_seconds", "From an answer to the provider's receipt, last 15 minutes.", lately.send_s),
        ):
            yield _gauges(name, what, ["quantile"], {(str(q),): _quantile(seconds, q) for q in _QUANTILES if seconds})

    def _outside(self) -> Iterator[Metric]:
        failing = gauges.providers(self._now)
        yield _gauges(
            "lantern_provider_failing_seconds", "For how long a provider has failed.", ["channel", "cause"],
            {(channel, cause): seconds for channel, (cause, seconds) in failing.items()},
        )  # fmt: skip
        late = _keyed(gauges.late(self._now, LATE_AFTER))
        yield _gauges("lantern_late_lately", "Messages that their provider handed over late.", ["channel"], late)
        url = settings.LANTERN.redis_url
        if url:
            yield _gauge("lantern_redis_up", "1 when Redis answers.", float(redis_server.answers(str(url))))

    def _upkeep(self) -> Iterator[Metric]:
        traces, oldest = gauges.traces(self._now)
        yield _gauge("lantern_traces", "Erased messages that their provider still has.", traces)
        yield _gauge("lantern_traces_oldest_seconds", "Since when the oldest of them is erased here.", oldest)
        age = gauges.key_age(mark_of_master_key(), self._now)
        yield _gauge("lantern_key_age_seconds", "For how long the master key has sealed, as far as is known.", age)
        leads = gauges.leads(self._now)
        yield _gauges(
            "lantern_lead_held", "1 when some process does the work that one does at a time.", ["work"],
            {(work,): float(held) for work, held in leads.items()},
        )  # fmt: skip
        test = SelfTest.objects.first()
        if test is not None:
            back = test.came_back_at.timestamp() if test.came_back_at else 0.0
            yield _gauge("lantern_self_test_ok", "1 when the last canary came back.", float(not test.cause))
            yield _gauge("lantern_self_test_came_back_timestamp_seconds", "When the last one did.", back)
            yield _gauge(
                "lantern_self_test_seconds", "What its last answer took.", (test.took_ms or 0) / 1000
            )  # fmt: skip

    def _processes(self) -> Iterator[Metric]:
        """What each process has counted, with which kind it is and where it runs."""
        alive = beats.alive(self._now)
        yield _gauges(
            "lantern_beat_age_seconds", "Since a process was last seen.", ["process", "instance_id"],
            {(one.name, one.holder): max(0.0, (self._now - one.at).total_seconds()) for one in alive},
        )  # fmt: skip
        rows = [(one.name, one.holder, one.figures) for one in alive if one.name != WEB]
        rows.append((WEB, "here", figures.snapshot()))
        yield from _families(rows)


def _families(rows: list[tuple[str, str, list[Any]]]) -> Iterator[Metric]:
    """The samples of all processes, gathered under their metrics."""
    known = tuple(figures.REGISTRY.collect())
    families = {one.name: Metric(one.name, one.documentation, one.type) for one in known}
    for process, holder, samples in rows:
        for name, labels, value in samples:
            counted = name.rpartition("_")[0]
            base = counted if counted in families else name
            family = families.setdefault(base, Metric(base, "Of one process.", "gauge"))
            family.add_sample(name, {**labels, "process": process, "instance_id": holder}, value)
    yield from families.values()


def _content(today: date) -> Iterator[Metric]:
    """What a person has to look at again: numbers, safety words, translations."""
    with checked_by(checks):
        lines = [(code, line) for code, country in countries().items() for line in country.helplines]
        shown = sum(may_show(code, line, today) for code, line in lines)
    yield _gauges(
        "lantern_helplines", "Helplines by whether a contact may be shown them today.", ["state"],
        {("shown",): shown, ("held_back",): len(lines) - shown},
    )  # fmt: skip
    # The line at the head of each list alone: all rules together would take more memory than the rest of the page.
    reviews = [_REVIEWED.search(path.read_text(encoding="utf-8")) for path in (CONTENT / "safety").rglob("*.yml")]
    fresh = sum(found is not None and (today - date.fromisoformat(found[1])).days <= REVIEW_DAYS for found in reviews)
    yield _gauges(
        "lantern_safety_lists", "Lists of safety words by the age of their review.", ["state"],
        {("fresh",): fresh, ("stale",): len(reviews) - fresh},
    )  # fmt: skip
    states = [language.catalogue for language in languages().values()]
    yield _gauges(
        "lantern_languages", "Languages of the line by the state of their words.", ["state"],
        {(state,): states.count(state) for state in ("reviewed", "draft", "none")},
    )  # fmt: skip


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _gauges(name: str, what: str, labels: list[str], values: dict[tuple[str, ...], Any]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=labels)
    for key, value in values.items():
        family.add_metric([str(one) for one in key], float(value))
    return family


def _keyed(found: dict[str, int]) -> dict[tuple[str, ...], int]:
    return {(key,): count for key, count in found.items()}


def _quantile(ascending: tuple[float, ...], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))]
