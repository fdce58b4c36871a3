"""Rasa's own commands: they read the same rooms whatever flags are given, and a shell speaks the opening."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def importer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from bot.importer import LanternImporter
    return LanternImporter


@pytest.mark.parametrize("flags", [{}, {"domain_path": "elsewhere.yml"}, {"training_data_paths": ["nowhere"]}, {"domain_path": "data", "training_data_paths": "data"}])  # fmt: skip
def test_all_files_are_read_whatever_flags_are_given(importer, flags):
    read = importer(str(ROOT / "config.yml"), **flags)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        domain, stories = read.get_domain(), read.get_stories()

    named = {yaml_name for path in (ROOT / "stories").glob("*.yml") for yaml_name in _names(path)}
    assert {step.block_name for step in stories.story_steps} >= named
    assert "action_answer_risk" in domain.action_names_or_texts
    assert "opening_form" in domain.form_names


def _names(path: Path) -> set[str]:
    data = yaml.safe_load(path.read_text("utf-8"))
    return {row.get("rule") or row["story"] for row in (*data.get("rules", ()), *data.get("stories", ()))}


def test_every_action_that_a_rule_names_is_there_and_none_is_idle(importer):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rasa_sdk.executor import ActionExecutor
    executor = ActionExecutor()
    executor.register_package("actions")
    told = set(yaml.safe_load((ROOT / "bot" / "domain" / "actions.yml").read_text("utf-8"))["actions"])
    used = "".join(path.read_text("utf-8") for path in (ROOT / "stories").glob("*.yml"))

    assert told == {name for name in executor.actions if "__" not in name}, "two underscores: a form without a flow"
    for name in told:
        belongs_to_form = name.startswith(("validate_", "action_ask_")) and name.endswith(("_form", "_answer"))
        assert belongs_to_form or name in used or name == "action_not_understood", f"{name} is in no rule"


def test_every_fixed_answer_is_in_a_rule():
    told = set(yaml.safe_load((ROOT / "bot" / "domain" / "words.yml").read_text("utf-8"))["responses"])
    used = "".join(path.read_text("utf-8") for path in (ROOT / "stories").glob("*.yml"))

    assert all(name in used for name in told)


def test_rules_and_stories_are_sound(importer):
    from rasa.validator import Validator

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stories = importer(str(ROOT / "config.yml"))
        validator = Validator(stories.get_domain(), None, stories.get_stories(), None)

        assert validator.verify_story_structure(ignore_warnings=False)
        assert validator.verify_forms_in_stories_rules()
        assert validator.verify_actions_in_stories_rules()
        assert validator.verify_form_slots()
        assert validator.verify_domain_validity()


@pytest.mark.rasa
async def test_a_shell_speaks_the_opening_and_follows_plain_answers(turns):
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.shared.utils.io import read_yaml_file

    from bot.dialogue.shell import ShellTrackers

    named = read_yaml_file(str(ROOT / "endpoints.yml"))["tracker_store"]["type"]
    assert named == f"{ShellTrackers.__module__}.{ShellTrackers.__name__}"
    processor = turns.dialogue._processor
    before, processor.tracker_store = processor.tracker_store, ShellTrackers(processor.domain)
    try:
        said = []
        for text in ("hello", "yes", "yes", "no"):
            channel = CollectingOutputChannel()
            await processor.handle_message(UserMessage(text, channel, "shell"))
            said.append([message["custom"]["say"]["key"] for message in channel.messages if "custom" in message])
    finally:
        processor.tracker_store = before

    assert said[0] == ["opening"]
    assert said[1] == ["ask.role"]
    assert all(said), "a shell is left without an answer"


@pytest.mark.long
@pytest.mark.rasa
def test_rasa_shell_answers_in_a_terminal(model):
    said = _in_terminal([sys.executable, "-m", "lantern", "rasa", "shell", "-m", str(model)], ["hello", "yes", "/stop"])

    assert "I am a robot" in said
    assert "Is this about you" in said


def _in_terminal(command: list[str], lines: list[str], patience_s: float = 240) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    os.set_blocking(ours, False)
    read, sent, end = "", 0, time.monotonic() + patience_s
    try:
        while time.monotonic() < end and process.poll() is None:
            try:
                read += os.read(ours, 65536).decode("utf-8", "replace")
            except BlockingIOError:
                time.sleep(0.2)
            except OSError:
                break
            ready = "Bot loaded" in read and (sent == 0 or _answered(read, sent))
            if ready and sent < len(lines):
                os.write(ours, lines[sent].encode() + b"\r")
                sent += 1
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return read


def _answered(read: str, sent: int) -> bool:
    return ("I am a robot", "Is this about you")[min(sent, 2) - 1] in read


@pytest.mark.long
def test_rasa_data_validate_finds_nothing_wrong_from_the_root():
    done = subprocess.run(
        [sys.executable, "-m", "rasa", "data", "validate"], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.long
def test_rasa_train_makes_a_model_from_the_root(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "rasa", "train", "--out", str(tmp_path), "--force"], cwd=ROOT, capture_output=True, text=True,
        timeout=900, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-2000:]
    assert list(tmp_path.glob("*.tar.gz"))
