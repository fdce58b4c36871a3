"""Training: simulated contacts name only what there is, answer the question whether it is safe, and show no number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from content.check.forbidden import forbidden
from content.check.problem import Problem
from content.goals import goals
from content.source import load
from content.training import FOLDER, dialogues

_PHONE = re.compile(r"\d(?:[ -]?\d){6,}")  # so many digits can be somebody's number


def dialogues_can_be_played() -> Iterator[Problem]:
    """Yield dialogues that could not be practised well; a field that is wrong is found when they are loaded."""
    for name, one in dialogues().items():
        node = load(FOLDER / f"{name}.yml")
        answered = {key for reply in one.replies for key in reply.to}
        for key in goals().safe[:3]:
            if key not in answered:
                yield Problem(
                    node.where, f"nothing answers {key}", "what the contact says when asked whether it is safe"
                )
        if not one.otherwise:
            yield Problem(node.where, "nothing is said to other words", "a line or more under otherwise")
        listed = forbidden("en")
        for said in [*one.before, *(reply.said for reply in one.replies), *one.otherwise]:
            if _PHONE.search(said.text):
                yield Problem(
                    node.where, f"{said.means!r} has a number as long as a phone's", "nobody real: leave it out"
                )
        if listed is not None and any(listed.find(one.title)):
            yield Problem(node.where, f"the title {one.title!r} has a word that the line never says", "other words")
