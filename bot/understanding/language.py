"""Language: which language a message is in, and how sure that is.

Script rules first, then our classifier with word frequencies, a prior from the phone's country or the
app's language at half weight, and memory within the conversation. Below 0.80 the guess is unsure and the
contact is asked. langdetect looks out for languages that the line does not know. Without the model files
script rules and langdetect go on alone. Recipe and figures: the measurements named in docs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.understanding import openset
from bot.understanding.clean import Cleaned, clean
from bot.understanding.language_model import LanguageModel
from bot.understanding.scripts import Writing, letter_evidence, writing_of
from content.languages import countries, recognised
from content.wordlists import distinctive_words, neutral_words

SURE = 0.80
_SWITCH = 0.90  # an established language gives way only to this much, on a message of three words
_SWITCH_WORDS = 3
_TWO_LETTERS = 2
_PRIOR_WEIGHT = 0.5
_PRIOR_SHARE = 0.7  # of the prior, for the languages that the country or the app names
_MEMORY_WEIGHT = 0.8
_DOUBT = 0.07  # left to other languages by a greeting that names its own
_FLOOR = 1e-4  # one message never rules a language out
_OFFERED = 6
# A sure guess whose words are known is not sent to langdetect: it takes "pls call me l8r" for Catalan.
_AT_HOME = 0.90
_KNOWN_WORDS = 0.75
_LIKELY = 0.01  # the least chance of a candidate worth naming
_DEFAULT = "en"
_ALIKE = ("hi", "ur")  # in Latin letters they are one language, and nothing but the names tells them apart
# Tags, links, mail addresses and handles are written alike everywhere, and read as English. Of "www" one w is left.
_NOBODYS_WORDS = re.compile(r"<[!/?]?[a-z][^<>]*>|\b(?:https?://|w\.)\S+|\S+@\S+|(?<!\S)@\w+", re.IGNORECASE)
_APP_CODES = {
    "fil": "tl",
    "hr": "sr",
    "bs": "sr",
    "sh": "sr",
    "in": "id",
    "iw": "he",
    "no": "nb",
    "cmn": "zh",
    "yue": "zh",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """The language of a message."""

    code: str
    confidence: float
    sure: bool
    candidates: tuple[str, ...]  # likely codes, likeliest first
    open_set: str | None = None  # a language outside ours that it may be


@dataclass(frozen=True, slots=True)
class LanguageMemory:
    """What a conversation's messages have said about its language so far."""

    scores: tuple[tuple[str, float], ...] = ()
    established: str | None = None
    script: str | None = None

    @classmethod
    def chosen(cls, code: str) -> LanguageMemory:
        """Return the memory of a conversation whose contact has named the language."""
        return cls(scores=((code, 0.0),), established=code)

    def as_json(self) -> dict[str, object]:
        """Return what `from_json` reads."""
        return {"scores": dict(self.scores), "established": self.established, "script": self.script}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> LanguageMemory:
        """Return the memory that `as_json` wrote; anything else gives an empty one."""
        scores, established, script = stored.get("scores"), stored.get("established"), stored.get("script")
        return cls(
            scores=tuple((str(code), float(score)) for code, score in scores.items())
            if isinstance(scores, dict)
            else (),
            established=established if isinstance(established, str) else None,
            script=script if isinstance(script, str) else None,
        )


_Chances = dict[str, float]


def identify(
    cleaned: Cleaned,
    *,
    country: str | None = None,
    hint: str | None = None,
    memory: LanguageMemory | None = None,
    model: LanguageModel | None = None,
) -> tuple[Guess, LanguageMemory]:
    """Return the language of a message and what the conversation remembers of it.

    Args:
        cleaned: the message.
        country: of the phone, ISO 3166 alpha-2.
        hint: the language code that the app names.
        memory: what the last call in this conversation returned; None after a gap.
        model: the trained files; without them script rules and langdetect decide.
    """
    memory = memory or LanguageMemory()
    prior = _prior(country, hint)
    cleaned = _in_words(cleaned)
    words = [word for word in cleaned.folded.split() if not word.isdecimal()]
    writing = writing_of(cleaned.text)
    if writing is None or (writing.script == "Latin" and all(word in neutral_words() for word in words)):
        return _without_evidence(memory, prior), memory
    said, romanised = _evidence(cleaned, words, writing, model)
    if writing.script == "Latin":
        said = _as_one(said, memory, prior)
    alone = _mixed(said, prior)
    together = _mixed(said, prior, dict(memory.scores))
    code = max(together, key=lambda language: together[language])
    best = max(alone, key=lambda language: alone[language])
    chances = together
    kept = memory
    if memory.established not in (None, best):
        new_script = memory.script is not None and memory.script != writing.script
        if alone[best] >= (SURE if new_script else _SWITCH) and (new_script or len(words) >= _SWITCH_WORDS):
            code, chances, kept = best, alone, LanguageMemory()  # they write another language now
        else:
            code = memory.established or best
    elif memory.established:
        code = memory.established
    confidence = chances.get(code, 0.0)
    at_home = model is not None and confidence >= _AT_HOME and model.knows(cleaned.text, code) >= _KNOWN_WORDS
    settled = romanised or at_home or memory.established == code
    outside = None if settled else _outside(cleaned, words, writing)
    sure = confidence >= SURE and outside is None and _enough(code, words, writing, memory, prior)
    ranked = sorted(chances, key=lambda language: -chances[language])
    guess = Guess(
        code=code,
        confidence=round(confidence, 4),
        sure=sure,
        candidates=tuple(dict.fromkeys([code, *(one for one in ranked[:_OFFERED] if chances[one] >= _LIKELY)])),
        open_set=outside,
    )
    return guess, _remember(kept, said, guess, writing)


def _in_words(cleaned: Cleaned) -> Cleaned:
    """Return the message without what is of no language."""
    words = _NOBODYS_WORDS.sub(" ", cleaned.text)
    return cleaned if words == cleaned.text else clean(words)


def _evidence(
    cleaned: Cleaned, words: list[str], writing: Writing, model: LanguageModel | None
) -> tuple[_Chances, bool]:
    """Return the chance of each language by the text alone, and whether it is a romanised one."""
    if len(writing.languages) == 1:
        return {**_spread(0.01), writing.languages[0]: 0.99}, False
    telling = [word for word in words if word not in neutral_words()]
    if "".join(telling) in distinctive_words():
        telling = ["".join(telling)]  # xin chao, sa wat dee
    if writing.script == "Latin" and telling and all(word in distinctive_words() for word in telling):
        # Two greetings of two languages: both stay possible.
        named = [code for word in telling for code in distinctive_words()[word]]
        return _normal({code: named.count(code) / len(named) * (1 - _DOUBT) for code in named}, _DOUBT), False
    romanised = False
    if model is None:
        chances = openset.chances(cleaned.text)
    else:
        chances, romanised = model.chances(cleaned.text, writing.script)
    if writing.languages:
        evidence = letter_evidence(writing, cleaned.text)
        chances = {code: chances.get(code, _FLOOR) * math.exp(evidence[code]) for code in writing.languages}
    return _normal(chances), romanised


def _as_one(said: _Chances, memory: LanguageMemory, prior: _Chances | None) -> _Chances:
    """Return the chances with those of Hindi and Urdu given to the one that is theirs: of the talk, else of the phone.

    Whoever is answered in letters that they cannot read has lost the line.
    """
    theirs = memory.established if memory.established in _ALIKE else None
    if theirs is None and prior and len({prior[code] for code in _ALIKE}) > 1:
        theirs = max(_ALIKE, key=lambda code: prior[code])
    if theirs is None:
        return said
    both = sum(said.get(code, 0.0) for code in _ALIKE)
    return {**said, **dict.fromkeys(_ALIKE, 0.0), theirs: both}


def _prior(country: str | None, hint: str | None) -> _Chances | None:
    """Return the chances before a word is read, or None if nothing is known of the phone."""
    code = (hint or "").lower().replace("_", "-").split("-")[0]
    code = _APP_CODES.get(code, code)
    named = [countries()[country.upper()]] if country and country.upper() in countries() else []
    named += [(code,)] if code in recognised() else []
    if not named:
        return None
    chances = _spread(1 - _PRIOR_SHARE)
    for languages in named:
        # The first language of a country is likelier than the second, and so on.
        parts = [1 / (place + 1) for place in range(len(languages))]
        for language, part in zip(languages, parts, strict=True):
            chances[language] += _PRIOR_SHARE * part / sum(parts) / len(named)
    return chances


def _mixed(said: _Chances, prior: _Chances | None, remembered: Mapping[str, float] | None = None) -> _Chances:
    scores = {code: math.log(max(said.get(code, 0.0), _FLOOR)) for code in recognised()}
    for code in scores:
        scores[code] += _PRIOR_WEIGHT * math.log(prior[code]) if prior else 0.0
        if remembered:
            scores[code] += remembered.get(code, min(remembered.values()) + _MEMORY_WEIGHT * math.log(_FLOOR))
    top = max(scores.values())
    return _normal({code: math.exp(score - top) for code, score in scores.items()})


def _without_evidence(memory: LanguageMemory, prior: _Chances | None) -> Guess:
    """Return the language of the conversation so far, else the likely one of the phone."""
    scores = dict(memory.scores)
    chances = _mixed({}, prior, scores) if scores or prior else {_DEFAULT: 0.5}
    ranked = sorted(chances, key=lambda code: -chances[code])
    code = memory.established or ranked[0]
    settled = memory.established is not None
    return Guess(
        code=code,
        confidence=round(max(chances.get(code, 0.0), SURE if settled else 0.0), 4),
        sure=settled,
        candidates=tuple(dict.fromkeys([code, *(one for one in ranked[:_OFFERED] if chances[one] >= _LIKELY)])),
    )


def _outside(cleaned: Cleaned, words: list[str], writing: Writing) -> str | None:
    """Return the language outside ours that a Latin text of three words or more seems to be in."""
    if writing.script != "Latin" or len(words) < _SWITCH_WORDS:
        return None
    return openset.outside(cleaned.text)


def _enough(code: str, words: list[str], writing: Writing, memory: LanguageMemory, prior: _Chances | None) -> bool:
    """Say whether the message may be trusted at all: a single Latin word needs something beside it.

    Two letters need a language that is established: "im", after "me", is English as well as Albanian.
    """
    if writing.script != "Latin" or len(words) > 1 or code == memory.established:
        return True
    if words and len(words[0]) > _TWO_LETTERS and code in _likeliest_so_far(memory):
        return True
    return bool(words and words[0] in distinctive_words()) or bool(prior and prior[code] == max(prior.values()))


def _likeliest_so_far(memory: LanguageMemory) -> tuple[str, ...]:
    return tuple(code for code, score in memory.scores if score == 0.0)


def _remember(memory: LanguageMemory, said: _Chances, guess: Guess, writing: Writing) -> LanguageMemory:
    before = dict(memory.scores)
    lowest = min(before.values(), default=0.0)
    scores = {
        code: before.get(code, lowest) + _MEMORY_WEIGHT * math.log(max(said.get(code, 0.0), _FLOOR))
        for code in recognised()
    }
    top = max(scores.values())
    # What is twenty below the top is out; keeping ten codes keeps the stored state small.
    kept = sorted(scores.items(), key=lambda item: -item[1])[:10]
    return LanguageMemory(
        scores=tuple((code, round(score - top, 3)) for code, score in kept),
        established=guess.code if guess.sure else memory.established,
        script=writing.script if guess.sure else memory.script,
    )


def _spread(share: float) -> _Chances:
    return dict.fromkeys(recognised(), share / len(recognised()))


def _normal(chances: _Chances, rest: float = 0.0) -> _Chances:
    """Return the chances summing to one, `rest` of it spread over every language."""
    spread = _spread(rest) if rest else {}
    summed = {code: chances.get(code, 0.0) + spread.get(code, 0.0) for code in {**spread, **chances}}
    total = sum(summed.values())
    return {code: chance / total for code, chance in summed.items()} if total else _spread(1.0)
