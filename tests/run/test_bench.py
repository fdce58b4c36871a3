"""`./run bench`: what it measures with is what people write, and the same each time."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from benchmarks.speed import line, mix, page
from benchmarks.speed.__main__ import told
from lantern.commands import COMMANDS
from lantern.management.commands.bench import Command


@pytest.fixture
def by_letters(monkeypatch):
    """Count tokens by letters: the encoder's own count is not what these tests are about."""
    monkeypatch.setattr(mix, "tokens_of", lambda text: len(text) // 3 + 4)
    mix.own_messages.cache_clear()
    mix.shape.cache_clear()
    yield
    mix.own_messages.cache_clear()
    mix.shape.cache_clear()


def test_a_mix_is_the_same_for_the_same_seed_and_says_nothing_twice_but_bare_answers(by_letters):
    first, again = (mix.Mix(7).conversations(600) for _ in range(2))
    texts = [one.text for talk in first for one in talk if not one.bare]

    assert first == again
    assert len(texts) == len(set(texts))
    assert sum(map(len, first)) == 600


def test_a_mix_has_the_shape_of_the_samples_in_every_language(by_letters):
    said = mix.described([one for talk in mix.Mix(3).conversations(1200) for one in talk])

    assert said["languages"] == len(mix.own_messages())
    assert said["bare_answers"] == pytest.approx(mix.shape().bare, abs=0.04)
    assert 0 < said["over_32_tokens"] < 0.1


def test_a_ratio_over_one_is_better(by_letters):
    calm = {"up_to_32_tokens": {"p95": 20.0}}
    stock = {
        "turns_per_s": 30.0, "turn_ms_at_half_rate": {"up_to_32_tokens": {"p95": 60.0}}, "memory_mb": 900.0,
        "start_s": 20.0, "intent_accuracy": {"lantern": 0.8, "stock": 0.4},
    }  # fmt: skip
    ours = {
        "turns_per_s": 120.0, "turn_ms_at_half_rate": calm, "memory": {"a_lane_mb": 300.0, "a_lane_alone_mb": 30.0},
        "start_s": 10.0, "stock": stock,
    }  # fmt: skip

    assert page.ratios(ours) == {
        "turns_per_s": 4.0, "p95_up_to_32_tokens": 3.0, "memory_a_lane": 3.0, "memory_another_lane": 30.0, "start": 2.0,
        "intent_accuracy": 2.0,
    }  # fmt: skip


def test_each_line_of_the_log_is_read_once_and_only_when_it_is_whole(tmp_path):
    path, log = tmp_path / "002-bot.log", line._Log(tmp_path)
    done = "2026-11-20T10:00:0{0}.000Z info turn_done conversation=5 inbox={0} ms=12\n"
    path.write_text(done.format(1) + done.format(2)[:-4], "ascii")
    log.look()
    assert log.done == {1: ("2026-11-20T10:00:01.000Z", 12)}

    with path.open("a", encoding="ascii") as more:
        more.write("=12\n2026-11-20T10:00:03.000Z error turn_failed inbox=3 error=E attempts=3 gave_up=true\n")
    log.done.clear()
    log.look()
    assert log.done == {2: ("2026-11-20T10:00:02.000Z", 12)}
    assert log.given_up == {3}


def test_the_page_shows_how_it_was_called_without_a_path_of_the_machine():
    parser = argparse.ArgumentParser()
    Command().add_arguments(parser)
    options = parser.parse_args(["--write", "--model=/home/somebody/model.tar.gz", "--seconds", "20"])

    assert options.model == Path("/home/somebody/model.tar.gz")
    assert told(options, parser) == ["--seconds", "20.0", "--write", "--model", "model.tar.gz"]


def test_the_command_is_listed():
    assert "bench" in COMMANDS
