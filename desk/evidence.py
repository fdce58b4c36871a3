"""Evidence: which words of a message were heard as what, with weight and rule, as marks in its text.

A finding keeps the words it was heard in, cleaned of what phones do to a text. Where they cannot be
found again in what was written, the finding stands under the message: nothing that was heard is hidden.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from desk import labels
from desk.summary import WEAK_BELOW, weighed
from screening.score import Line as ScoreLine

_MODEL = "model"
# Letters stacked on the next one (Indic, Khmer, Burmese), vowels written before their letter (Thai, Lao).
_JOINS_NEXT = re.compile("[\u094d\u09cd\u17d2\u1039\u0e40-\u0e44\u0ec0-\u0ec4]")
# Vowels that are letters (Thai, Lao), skin tones, and the consonant that closes or stacks a Burmese syllable.
_JOINS_LAST = re.compile(
    "[\u0e30-\u0e33\u0e45\u0eb0-\u0eb3\U0001f3fb-\U0001f3ff]|[\u1000-\u1021](?:\u1037?\u103a|\u1039)"
)
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
    weak: tuple[Heard, ...] = ()  # guesses that are hardly any


def mark(text: str, findings: Iterable[Mapping[str, Any]], weights: Mapping[str, ScoreLine]) -> Marked:
    """The text in pieces, each with the findings whose words it is; what is surest comes first."""
    spans: list[tuple[int, int, Heard]] = []
    elsewhere: list[Heard] = []
    weak: list[Heard] = []
    for finding in sorted(findings, key=lambda one: (one.get("band") == "grey", -_sureness(one))):
        heard = _heard(finding, weights)
        if finding.get("band") == "grey" and _sureness(finding) < WEAK_BELOW:
            weak.append(heard)
            continue
        found = _place(text, str(finding.get("words") or ""))
        if found is None:
            if heard.kind != "detail":
                elsewhere.append(heard)
        else:
            spans.append((*found, heard))
    return Marked(_pieces(text, spans), tuple(dict.fromkeys(elsewhere)), tuple(dict.fromkeys(weak)))


def _sureness(finding: Mapping[str, Any]) -> float:
    """A rule is sure of its words, the model of as much as it says."""
    return float(finding.get("confidence") or 0) if str(finding.get("source") or _MODEL) == _MODEL else 1.0


def _heard(finding: Mapping[str, Any], weights: Mapping[str, ScoreLine]) -> Heard:
    kind, name = str(finding.get("kind")), str(finding.get("id"))
    if kind == "detail":
        value = " ".join(str(part) for part in (finding.get("value"), finding.get("unit")) if part not in (None, ""))
        return Heard("detail", labels.detail(name), value)
    line = weights.get(name)
    told = []
    if kind == "indicator":
        told.append((weighed(line.weight, line.dimension) if line else "") or _("not counted"))
    if finding.get("band") == "grey":
        told.append(_("not sure"))
    source = str(finding.get("source") or _MODEL)
    if source == _MODEL:
        told.append(_("heard by the model, %(sure)d %%") % {"sure": round(100 * _sureness(finding))})
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
        return _whole(text, at, at + len(words))
    tokens = [re.escape(token) for token in re.findall(r"\w+", words)]
    if not tokens:
        return None
    found = re.search(r"\W{1,4}".join(tokens), text, re.IGNORECASE)
    return _whole(text, *found.span()) if found else None


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The same place with all of the syllables that it begins and ends in."""
    while start > 0 and _parts(text, start):
        start -= 1
    while end < len(text) and _parts(text, end):
        end += 1
    return start, end


def _parts(text: str, at: int) -> bool:
    """True where an edge would part what is read as one: a letter from its marks, a syllable from its last letter."""
    before, after = text[at - 1], text[at]
    if unicodedata.category(after).startswith("M") or "\u200d" in (before, after):
        return True
    return bool(_JOINS_NEXT.match(before) or _JOINS_LAST.match(text, at))


def _pieces(text: str, spans: Sequence[tuple[int, int, Heard]]) -> tuple[Piece, ...]:
    edges = sorted({0, len(text), *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    made = []
    for start, end in itertools.pairwise(edges):
        heard = tuple(dict.fromkeys(one for first, last, one in spans if first <= start and end <= last))
        made.append(Piece(text[start:end], heard))
    return tuple(made)
