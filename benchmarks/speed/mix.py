"""Mix: what people write, in the shape of the samples, made of our own test messages; the same for the same seed.

The shape: how many messages are a bare answer, and how long the others are, counted in tokens, in the samples of
tests/data. The samples hold no long story, so a share of them is put in: more work than the samples ask for.
No text comes twice but for the bare answers, so a cache helps as little as it would with strangers.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ruamel.yaml

from bot.understanding import embedding
from bot.understanding.clean import clean

ROOT = Path(__file__).resolve().parents[2]
OWN, DATA = ROOT / "tests" / "data" / "own", ROOT / "tests" / "data"
BARE_CHARS = 12  # up to here a line of a sample dialogue is an answer to a question, not a message
BARE = ("1", "2", "3", "4", "ok", "yes", "no")
LONG_STORIES = 0.04  # of all messages; three of our own in a row
STORY_OF = 3
TURNS_EACH = 6  # the sample dialogues have five or six
SHORT_TOKENS = 32
# What would end the talk or erase it: in a mix it would only make other turns cheaper.
ENDING = frozenset({"stop", "delete_data", "not_safe_now", "goodbye"})


@dataclass(frozen=True, slots=True)
class Written:
    """One message of the mix."""

    text: str
    language: str
    tokens: int  # as the encoder counts them, marks and prefix included
    bare: bool = False

    @property
    def short(self) -> bool:
        return self.tokens <= SHORT_TOKENS


@dataclass(frozen=True, slots=True)
class Shape:
    """What was counted in the samples."""

    bare: float  # share of messages that are a bare answer
    tokens: tuple[int, ...]  # of each of the others


def tokens_of(text: str) -> int:
    """How many tokens the encoder reads of a text."""
    return len(embedding._wheel().tokens(clean(text).text))


@cache
def shape() -> Shape:
    """Count the samples."""
    yaml = ruamel.yaml.YAML(typ="safe")
    told = yaml.load((DATA / "dialogues-sample.yml").read_text("utf-8"))["dialogues"]
    lines = [turn["text"] for one in told for turn in one["turns"] if turn.get("text")]
    messages = [json.loads(line)["text"] for line in (DATA / "messages-sample.jsonl").read_text("utf-8").splitlines()]
    others = [line for line in lines if len(line) > BARE_CHARS]
    return Shape(1 - len(others) / len(lines), tuple(sorted(tokens_of(text) for text in (*others, *messages))))


@cache
def own_messages() -> dict[str, list[Written]]:
    """Our own test messages by language, those that end a talk left out."""
    found: dict[str, list[Written]] = {}
    for path in sorted(OWN.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        texts = [row["text"] for row in rows if ENDING.isdisjoint(row["intents"])]
        found[path.stem] = [Written(text, path.stem, tokens_of(text)) for text in dict.fromkeys(texts)]
    return found


class Mix:
    """Hands out messages, each once."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._left = {language: self._chance.sample(rows, len(rows)) for language, rows in own_messages().items()}
        self._language = sorted(self._left)

    def conversations(self, messages: int) -> list[list[Written]]:
        """Return talks of one language each, together so many messages."""
        count = -(-messages // TURNS_EACH)
        talks = [self.talk(self._language[number % len(self._language)], TURNS_EACH) for number in range(count)]
        talks[-1] = talks[-1][: messages - (count - 1) * TURNS_EACH]
        return talks

    def talk(self, language: str, turns: int) -> list[Written]:
        """Return one talk; its first message is never a bare answer."""
        return [self._one(language, first=number == 0) for number in range(turns)]

    def _one(self, language: str, *, first: bool) -> Written:
        if not first and self._chance.random() < shape().bare * TURNS_EACH / (TURNS_EACH - 1):
            text = self._chance.choice(BARE)
            return Written(text, language, tokens_of(text), bare=True)
        if self._chance.random() < LONG_STORIES / (1 - shape().bare):
            parts = [self._taken(language, 64) for _ in range(STORY_OF)]
            text = ". ".join(part.text for part in parts)
            return Written(text, language, tokens_of(text))
        return self._taken(language, self._chance.choice(shape().tokens))

    def _taken(self, language: str, tokens: int) -> Written:
        """Take the message whose length is nearest; when all are taken, begin anew with a word put behind each."""
        left = self._left[language]
        if not left:
            again = [Written(f"{row.text} {self._chance.randrange(10**6)}", row.language, row.tokens + 2)
                     for row in own_messages()[language]]  # fmt: skip
            self._chance.shuffle(again)
            left.extend(again)
        best = min(range(len(left)), key=lambda index: abs(left[index].tokens - tokens))
        return left.pop(best)


def described(messages: list[Written]) -> dict[str, float | int]:
    """Say what a mix is made of."""
    tokens = sorted(one.tokens for one in messages if not one.bare)
    return {
        "messages": len(messages),
        "languages": len({one.language for one in messages}),
        "bare_answers": round(sum(one.bare for one in messages) / len(messages), 3),
        "over_32_tokens": round(sum(not one.short for one in messages) / len(messages), 3),
        "tokens_median": tokens[len(tokens) // 2],
        "tokens_p95": tokens[int(len(tokens) * 0.95)],
        "tokens_max": tokens[-1],
    }
