"""A quarter is counted over all who wrote, erased or not, and published once."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone

from django.core.management import call_command

from lantern.statistics import publishing
from records.erasure import retention
from records.messages.outcome import Changes
from records.models import PublishedQuarter, Tally
from records.states import Actor, Consent, Level, Owner

DUE = datetime(2027, 2, 1, tzinfo=timezone.utc)  # 31 days after the quarter of `line.now`


def talks(line, address, level=Level.URGENT, **changes):
    stored = line.receives("a word", address=address)
    line.answers("a line", changes=Changes(level=level, language="km", **changes))
    line.sends()
    return stored.conversation_id


def rows():
    return list(csv.DictReader(io.StringIO(publishing.as_csv())))


def test_people_are_counted_once_whether_erased_or_not_unless_they_asked_to_delete(line):
    for number in range(11):
        talks(line, f"+1{number}", owner=Owner.CLOSED, consent=Consent.YES)
        talks(line, f"+1{number}")  # the same person again
    for number in range(3):
        talks(line, f"+2{number}", level=Level.INFO)  # too few
    asked = talks(line, "+30")
    retention.erase_conversation(asked, "asked", Actor.CONTACT, line.now)
    line.waits(days=2)
    assert retention.erase_due(line.now) == 14  # without consent: the newer ones, and the three
    assert sum(Tally.objects.values_list("people", flat=True)) == 3  # the eleven are still there
    line.waits(days=31)
    retention.erase_due(line.now)

    assert publishing.publish_due(DUE - timedelta(seconds=1)) == []
    publishing.publish_due(DUE)

    assert rows() == [
        {"quarter": "2026-Q4", "channel": "sms", "answered_by": "bot", "level": "urgent", "language": "km",
         "role": "none", "outcome": "none", "people": "11"}
    ]  # fmt: skip
    assert not Tally.objects.exists()


def test_a_quarter_is_published_once_whatever_is_erased_later(line, capsys):
    for number in range(11):
        talks(line, f"+1{number}")
    publishing.publish_due(DUE)
    before = publishing.as_csv()

    retention.erase_conversation(line.conversation().pk, "kept_long_enough", Actor.SYSTEM, DUE)
    publishing.publish_due(DUE)

    assert (publishing.as_csv(), PublishedQuarter.objects.count(), Tally.objects.count()) == (before, 1, 0)
    call_command("export", "statistics", "--json")
    said = capsys.readouterr()
    assert json.loads(said.out)["quarters"][0]["people_at_least"] == 11
    assert "at least 11" in said.err


def test_the_next_quarter_is_told_also_in_january():
    assert publishing.next_on(datetime(2027, 1, 5, tzinfo=timezone.utc))[0] == "2026-Q4"
    assert publishing.next_on(datetime(2027, 2, 1, tzinfo=timezone.utc))[0] == "2027-Q1"
