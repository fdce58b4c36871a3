"""Evidence: which words of a message were heard as what, with weight and rule, as marks in its text.

A finding keeps the words it was heard in, cleaned of what phones do to a text. Where they cannot be
found again in what was written, the finding stands under the message: nothing that was heard is hidden.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from content.indicators import STRENGTHS
from desk import labels
from desk.summary import DIMENSIONS
from screening.score import Line as ScoreLine

_MODEL = "model"
_LONGEST = 2000  # letters of a message that are searched for marks


@dataclass(frozen=True, slots=True)
class Heard:
    """One finding as it is told beside its words."""

    kind: str  # risk | indicator | detail
    title: str
    how: str  # weight and source, in words


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text and what was heard in it."""

    text: str = field(repr=False)
    heard: tuple[Heard, ...] = ()

    @property
    def kind(self) -> str:
        """The gravest kind in it, for its colour."""
        kinds = {one.kind for one in self.heard}
        return next((kind for kind in ("risk", "indicator", "detail") if kind in kinds), "")


@dataclass(frozen=True, slots=True)
class Marked:
    """A message with its marks, and what was heard in it at no one place."""

    pieces: tuple[Piece, ...] = field(repr=False)
    elsewhere: tuple[Heard, ...] = ()


def mark(text: str, findings: Iterable[Mapping[str, Any]], weights: Mapping[str, ScoreLine]) -> Marked:
    """The text in pieces, each with the findings whose words it is."""
    spans: list[tuple[int, int, Heard]] = []
    elsewhere: list[Heard] = []
    for finding in findings:
        heard = _heard(finding, weights)
        found = _place(text, str(finding.get("words") or ""))
        if found is None:
            if heard.kind != "detail":
                elsewhere.append(heard)
        else:
            spans.append((*found, heard))
    return Marked(_pieces(text, spans), tuple(dict.fromkeys(elsewhere)))


def _heard(finding: Mapping[str, Any], weights: Mapping[str, ScoreLine]) -> Heard:
    kind, name = str(finding.get("kind")), str(finding.get("id"))
    if kind == "detail":
        value = " ".join(str(part) for part in (finding.get("value"), finding.get("unit")) if part not in (None, ""))
        return Heard("detail", labels.detail(name), value)
    line = weights.get(name)
    told = []
    if kind == "indicator":
        strength = STRENGTHS.get(line.weight, "") if line else ""
        dimension = DIMENSIONS.get(line.dimension, "") if line else ""
        told.append(" ".join(str(word) for word in (strength, dimension) if word) or _("not counted"))
    if finding.get("band") == "grey":
        told.append(_("not sure"))
    source = str(finding.get("source") or _MODEL)
    if source == _MODEL:
        sure = round(100 * float(finding.get("confidence") or 0))
        told.append(_("heard by the model, %(sure)d %%") % {"sure": sure})
    else:
        told.append(_("rule %(rule)s") % {"rule": source})
    return Heard("risk" if kind == "risk" else "indicator", labels.finding(name), ", ".join(told))


def _place(text: str, words: str) -> tuple[int, int] | None:
    """Where the words stand: as they are, in other case, or with other signs between them."""
    words = words.strip()
    if not words or len(text) > _LONGEST:
        return None
    at = text.find(words)
    if at >= 0:
        return at, at + len(words)
    tokens = [re.escape(token) for token in re.findall(r"\w+", words)]
    if not tokens:
        return None
    found = re.search(r"\W{1,4}".join(tokens), text, re.IGNORECASE)
    return found.span() if found else None


def _pieces(text: str, spans: Sequence[tuple[int, int, Heard]]) -> tuple[Piece, ...]:
    edges = sorted({0, len(text), *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    made = []
    for start, end in itertools.pairwise(edges):
        heard = tuple(dict.fromkeys(one for first, last, one in spans if first <= start and end <= last))
        made.append(Piece(text[start:end], heard))
    return tuple(made)
