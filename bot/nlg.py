"""NLG: the key of a sentence for the runner, its words for `rasa shell`.

Never raises: an exception here would be swallowed by Rasa and leave the contact without an answer,
so a key that no catalogue holds travels on as `custom.missing` and the runner refuses the turn.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from content.catalogue import SOURCE, Catalogue, UnknownKey, catalogue, written
from content.languages import recognised

_LANGUAGE = "language:"


class CatalogueNLG(NaturalLanguageGenerator):
    """Turns `utter_<key>` and the lines of our actions into catalogue keys."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        self._endpoint_config = endpoint_config

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any]:
        """Return the line as Rasa's message: words in `text`, the line itself in `custom`."""
        line = kwargs.get("say") or {"key": utter_action.removeprefix("utter_"), "params": {}, "options": []}
        language = tracker.get_slot("language") or SOURCE
        words = catalogue(language if language in written() else SOURCE)
        try:
            text = words.text(line["key"]).format_map(defaultdict(str, line["params"]))
            labels = [_label(words, option) for option in line["options"]]
        except UnknownKey:
            return {"text": line["key"], "custom": {"say": line, "missing": True}}
        shown = "\n".join([text, *(f"{n} {label}" for n, label in enumerate(labels, 1))])
        return {"text": shown, "custom": {"say": line}}


def _label(words: Catalogue, option: str) -> str:
    if option.startswith(_LANGUAGE):
        return recognised()[option.removeprefix(_LANGUAGE)].native_name
    return words.text(f"option.{option}")
