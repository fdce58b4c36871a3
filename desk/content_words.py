"""Words of content that staff read on the desk: titles of indicators, causes of failed messages.

They stand in English where they belong; here they are named for the catalogues of the desk.
"""

from __future__ import annotations

from collections.abc import Iterator

from channels.errors import SendError
from content.goals import goals
from content.indicators import indicators
from content.training import dialogues
from desk.phrasebook import groups


def content_words() -> Iterator[tuple[str, str]]:
    """Yield each such string and where it stands."""
    for indicator in indicators().values():
        yield indicator.title, "content/indicators.yml"
    for group in groups():
        yield group.title, "desk/phrases.yml"
    for dialogue in dialogues().values():
        yield dialogue.title, f"content/training/{dialogue.id}.yml"
    for goal in goals().goals.values():
        yield goal.title, "content/desk/goals.yml"
    for cause in SendError.__subclasses__():
        yield cause.sentence(), "channels/errors.py"
