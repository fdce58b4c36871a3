"""Policies: the dialogue's rules and stories read as Rasa reads them, and trained anew without one of them."""

from __future__ import annotations

import contextlib
import io
import logging
import random
import warnings
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]


def names() -> list[str]:
    """The names of all rules and stories."""
    found = []
    for path in sorted((ROOT / "stories").glob("*.yml")):
        data = yaml.safe_load(path.read_text("utf-8"))
        found += [row.get("rule") or row["story"] for row in (*data.get("rules", ()), *data.get("stories", ()))]
    return found


def sample(count: int, seed: int = 7) -> list[str]:
    """A few of them, the same ones in every run."""
    return random.Random(seed).sample(names(), count)


def without(name: str | None, folder: Path) -> Path:
    """Write all stories but the one of this name into a folder."""
    for path in sorted((ROOT / "stories").glob("*.yml")):
        data = yaml.safe_load(path.read_text("utf-8"))
        for kind, key in (("rules", "rule"), ("stories", "story")):
            if kind in data:
                data[kind] = [row for row in data[kind] if row[key] != name]
        text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False).replace("version: '3.1'", 'version: "3.1"')
        (folder / path.name).write_text(text, "utf-8")
    return folder


def train_policies(dialogue: Any, stories: Path) -> dict[str, Any]:
    """Return RulePolicy and MemoizationPolicy, trained on these stories, by the name of their place in the graph."""
    from rasa.engine.graph import ExecutionContext, GraphSchema
    from rasa.shared.core.generator import TrainingDataGenerator
    from rasa.shared.core.training_data.loading import load_data_from_files
    from rasa.shared.core.training_data.structures import StoryGraph

    domain = dialogue._processor.domain
    made = {}
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            steps = load_data_from_files([str(path) for path in sorted(stories.glob("*.yml"))], domain)
            trackers = TrainingDataGenerator(
                StoryGraph(steps), domain, remove_duplicates=True, augmentation_factor=0
            ).generate()
            for node, policy in policies_of(dialogue).items():
                fresh = type(policy)(
                    policy.config, policy._model_storage, policy._resource, ExecutionContext(GraphSchema({}))
                )
                fresh.persist = lambda: None  # nothing of a test goes into the model's folder
                fresh._check_for_contradictions = False  # a rule that is missing would be told as a contradiction
                fresh.train(trackers, domain)
                made[node] = fresh
        finally:
            logging.disable(logging.NOTSET)
    return made


def policies_of(dialogue: Any) -> dict[str, Any]:
    """The policies that a dialogue runs, by their place in its graph."""
    nodes = dialogue._processor.graph_runner._instantiated_nodes
    return {name: node._component for name, node in nodes.items() if name.startswith("run_") and "Policy" in name}


@contextlib.contextmanager
def swapped(dialogue: Any, policies: dict[str, Any]):
    """Let a dialogue run other policies for a while."""
    nodes = dialogue._processor.graph_runner._instantiated_nodes
    before = {name: nodes[name]._component for name in policies}
    for name, policy in policies.items():
        nodes[name]._component = policy
    try:
        yield
    finally:
        for name, policy in before.items():
            nodes[name]._component = policy


__all__ = ["names", "policies_of", "sample", "swapped", "train_policies", "without"]
