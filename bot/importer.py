"""Importer: Rasa's data from our rooms (nlu_data/, stories/, bot/domain/), whatever flags the command was given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding.examples import Example, read_examples

ROOT = Path(__file__).resolve().parent.parent


class LanternImporter(RasaFileImporter):
    """Reads what Rasa learns from the rooms where it stands."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        **_: Any,
    ) -> None:
        folders = [str(ROOT / "nlu_data"), str(ROOT / "stories")]
        super().__init__(config_file or str(ROOT / "config.yml"), domain_path, folders)

    def get_domain(self) -> Domain:
        """Return the domain of the root file merged with all of bot/domain/."""
        domain = Domain.from_file(str(ROOT / "domain.yml"))
        return domain.merge(Domain.from_directory(str(ROOT / "bot" / "domain")))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return every example. Our own reader takes seconds where Rasa's takes minutes, and judges each label."""
        return TrainingData([_message(example) for example in read_examples()])


def _message(example: Example) -> Message:
    labels = {name: list(getattr(example, name)) for name in ("also", "indicators", "risks", "fair")}
    return Message.build(
        text=example.text,
        intent=example.intent,
        example_metadata={"role": example.role, **{name: ids for name, ids in labels.items() if ids}},
    )
