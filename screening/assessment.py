"""Assessment: all that is known in one conversation, language-neutral and free of the person's identity.

The one truth that goes into a turn and comes out of it. Frozen: each change gives a new one, so a turn
that fails leaves nothing behind. Evidence holds the person's own words; the row is sealed by `records`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

ROLES = ("self", "family", "community")
CHILD_BANDS = ("under_15", "15_17")
GREY_TRIES = 1  # a risk that is only possible is asked about once
# In 255 written conversations the heads alone heard 359 indicators below it, 155 of them not told, and 344 above, 38.
_GUESS_BELOW = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One indicator or risk and where it comes from."""

    words: str = field(default="", repr=False)  # the evidence: what the person wrote
    source: str = "said"  # said | confirmed | a rule id | staff
    confidence: float = 1.0
    third_party: bool = False  # told about another person

    @property
    def guessed(self) -> bool:
        """True for what the model alone heard, and is wrong about too often to act on unasked."""
        return self.source == "model" and self.confidence < _GUESS_BELOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one conversation has told so far."""

    # the talk
    flow: str = "opening"  # opening | self | child | family | community | refused | unsafe | risk | queue | closing
    pending: str | None = None  # the question that waits for an answer
    pending_tries: int = 0
    safe: str | None = None  # yes | no | unsure, in this session
    left_unsafe: bool = False  # ended a session because it was not safe, or not surely
    asked: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)  # question id -> short value, never free text
    skipped: tuple[str, ...] = ()
    skips_in_row: int = 0
    unclear_in_row: int = 0
    abuse: int = 0
    thanked: int = 0
    say_first: tuple[str, ...] = ()  # keys to say before the next question
    paused: bool = False  # after a second insult: silent until they need help
    owes_delete: bool = False  # wished everything deleted before it was known to be safe: asked once it is
    own_work: bool = False  # has said what work they do, in words that tell of nobody
    spoke: bool = False  # has told something in own words in this session
    tellings: int = 0  # messages that each told something new
    offered_at: int = 0  # how many of them there were when a person was last offered
    # the person at risk
    role: str | None = None
    consent: str | None = None
    age_band: str | None = None
    country: str | None = None
    needs: tuple[str, ...] = ()
    # findings
    indicators: Mapping[str, Heard] = field(default_factory=dict)
    possible: Mapping[str, float] = field(default_factory=dict)
    risks: Mapping[str, Heard] = field(default_factory=dict)
    checks: tuple[str, ...] = ()  # risks worth one careful question, not yet asked
    checked: tuple[str, ...] = ()
    despair: bool = False  # words of it were said: a guess of the classifier alone is none
    answered_risks: tuple[str, ...] = ()  # risks whose words were said already
    earlier_risks: tuple[str, ...] = ()  # heard before this session; nothing is said about them unless heard again
    # staff
    person: str | None = None  # yes | no: whether they want a person
    offered: int = 0
    reasons: tuple[str, ...] = ()  # why staff were asked in: ids, never text
    told: tuple[str, ...] = ()  # rights.R7, numbers, digital_safety ...
    wishes: tuple[str, ...] = ()  # what the runner must do for them: delete, take_back
    flags: tuple[str, ...] = ()  # what staff must know that is no finding: fishing, complaint, duress ...
    word: str | None = field(default=None, repr=False)  # theirs, folded: with it a later talk goes on from here
    danger_code: str | None = field(default=None, repr=False)  # in a message it says: somebody makes me write
    linked: int | None = None  # the earlier conversation that their word opened

    @property
    def about_other(self) -> bool:
        """True when somebody writes about another person."""
        return self.role in ("family", "community")

    @property
    def minor(self) -> bool:
        """True when the person at risk is, or seems, under 18: doubt counts as a child."""
        return self.age_band in CHILD_BANDS or "minor" in self.indicators or "minor_at_risk" in self.risks

    @property
    def handed_off(self) -> bool:
        """True once staff have been asked in."""
        return bool(self.reasons)

    @property
    def fresh_risks(self) -> tuple[str, ...]:
        """Risks heard in this session whose words were not said yet."""
        return tuple(name for name in self.risks if name not in self.answered_risks and name not in self.earlier_risks)

    def with_(self, **changes: Any) -> Assessment:
        """Return a copy with these fields changed."""
        return replace(self, **changes)

    def hear(self, *, indicators: Mapping[str, Heard], risks: Mapping[str, Heard]) -> Assessment:
        """Add findings; one that stands is kept as first told, unless it is confirmed or was only guessed till now."""
        told, all_risks = _surer(self.indicators, indicators), _surer(self.risks, risks)
        if "minor" in told or self.age_band in CHILD_BANDS:
            all_risks.setdefault("minor_at_risk", told.get("minor", Heard(source="answer")))
        if "minor_at_risk" in all_risks:
            told.setdefault("minor", all_risks["minor_at_risk"])
        possible = {k: v for k, v in self.possible.items() if k not in told}
        checks = tuple(risk for risk in self.checks if risk not in all_risks)
        earlier = tuple(name for name in self.earlier_risks if name not in risks)
        return self.with_(
            indicators=told, risks=all_risks, possible=possible, checks=checks, earlier_risks=earlier
        )  # fmt: skip

    def doubt(self, indicators: Collection[str], source: str) -> Assessment:
        """Take these indicators, as far as only this source told them, for possible: staff still see them."""
        gone = {k: v.confidence for k, v in self.indicators.items() if k in indicators and v.source == source}
        told = {k: v for k, v in self.indicators.items() if k not in gone}
        return self.with_(indicators=told, possible={**self.possible, **gone}) if gone else self

    def because(self, *reasons: str) -> Assessment:
        """Add why staff are asked in."""
        return self.with_(reasons=tuple(dict.fromkeys((*self.reasons, *reasons))))

    def flag(self, *names: str) -> Assessment:
        """Add what staff must know."""
        return self.with_(flags=tuple(dict.fromkeys((*self.flags, *names))))

    def ask(self, question: str) -> Assessment:
        """Note that this question is the one that waits for an answer."""
        tries = self.pending_tries + 1 if self.pending == question else 1
        asked = self.asked if question in self.asked else (*self.asked, question)
        return self.with_(pending=question, pending_tries=tries, asked=asked)

    def new_session(self) -> Assessment:
        """The phone may be in other hands now: safety comes first again, and nothing waits for an answer.

        Findings stay for staff, but no word is said about them. What was answered stays too, so that nobody is
        asked twice, and the talk goes on with the open question, which says nothing about earlier.
        """
        forget = ("safe", "role") if self.role is None else ("safe",)
        answers = {k: v for k, v in self.answers.items() if k not in (*forget, "story", "worry", "seen")}
        asked = tuple(q for q in self.asked if q not in (*forget, "story", "worry", "seen", "person", "need"))
        # Whether it is safe is asked anew also of those who let the question pass last time.
        skipped = tuple(q for q in self.skipped if q not in forget)
        checked = tuple(risk for risk in self.checked if risk != "controller_present")
        return self.with_(
            flow="opening", pending=None, pending_tries=0, safe=None, asked=asked, answers=answers, skipped=skipped,
            checked=checked, skips_in_row=0,
            unclear_in_row=0, abuse=0, spoke=False, answered_risks=(), checks=(),
            earlier_risks=tuple(self.risks), say_first=(), paused=False,
            owes_delete=False,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return plain data for the sealed row and for Rasa's slot."""
        # By hand: `asdict` walks into every value, and a turn asks three times.
        plain = {name: getattr(self, name) for name in _FIELDS}
        plain |= {name: dict(plain[name]) for name in ("answers", "possible")}
        for name in ("indicators", "risks"):
            plain[name] = {key: {part: getattr(one, part) for part in _OF_HEARD} for key, one in plain[name].items()}
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Assessment:
        """Read what `to_json` wrote; fields of a later version are ignored, missing ones take their default."""
        if not data:
            return cls()
        values = {name: _frozen(value) for name, value in data.items() if name in _FIELDS}
        for name in ("indicators", "risks"):
            if name in values:
                values[name] = {k: Heard(**v) for k, v in data[name].items()}
        return cls(**values)


def _surer(stands: Mapping[str, Heard], heard: Mapping[str, Heard]) -> dict[str, Heard]:
    """Return both together, each with the evidence that says most of where it comes from."""
    found = {**heard, **stands}
    for name, new in heard.items():
        if new.source == "confirmed" or (found[name].source in _GUESSED and new.source not in _GUESSED):
            found[name] = new
    return found


_GUESSED = ("model", "intent")  # sources that name no rule and no answer
_FIELDS = {item.name: None for item in fields(Assessment)}
_OF_HEARD = tuple(item.name for item in fields(Heard))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
