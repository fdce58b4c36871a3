"""Which rule gave what: level, score, pattern and next question, for typed findings or for a conversation."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from content.indicators import indicators
from content.triage import triage
from lantern.management.base import BaseCommand
from screening.assessment import CHILD_BANDS, ROLES, Assessment, Heard
from screening.explain import explain

_AGES = (*CHILD_BANDS, "18_plus", "unknown")


class Command(BaseCommand):
    """`./run explain`"""

    help = "which rule gave what, for a conversation or a typed list of findings"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags."""
        parser.add_argument("findings", nargs="*", help="ids of indicators and risks, e.g. wages_withheld threats")
        parser.add_argument("--conversation", type=int, help="the number of a conversation in the data folder")
        parser.add_argument("--age", choices=_AGES, help="the age band of the person")
        parser.add_argument("--role", choices=ROLES, default="self", help="about whom (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the explanation, a line a rule; no word of any contact."""
        if options["conversation"] is not None:
            known = _stored(options["conversation"])
        else:
            known = _typed(options["findings"], options["age"], options["role"])
        sys.stdout.write("\n".join(explain(known)) + "\n")


def _typed(names: list[str], age: str | None, role: str) -> Assessment:
    known = Assessment(safe="yes", consent="yes", role=role, flow=role, spoke=True, age_band=age)
    for name in names:
        if name not in indicators() and name not in triage().risks:
            right = f"an indicator ({', '.join(indicators())}) or a risk ({', '.join(triage().risks)})"
            raise CommandError(f"explain: found {name!r}; right would be {right}")
        heard = {name: Heard(third_party=role != "self")}
        is_risk = name in triage().risks
        known = known.hear(indicators={} if is_risk else heard, risks=heard if is_risk else {})
    return known


def _stored(number: int) -> Assessment:
    from records.messages.material import assessment_of

    facts = assessment_of(number)
    if facts is None:
        raise CommandError(f"explain: found no conversation {number}; the desk shows the numbers of those there are")
    return Assessment.from_json(facts)
