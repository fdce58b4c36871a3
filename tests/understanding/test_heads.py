"""The heads learn what a message means, and are careful where examples are few."""

import numpy as np
import pytest

from bot.understanding import embedding
from bot.understanding.examples import Example, read_examples
from bot.understanding.heads import Heads
from bot.understanding.thresholds import for_indicators, for_risks
from content.source import ContentError

DIRECTIONS = {"greet": 0, "disclose": 1, "report_family": 2}


@pytest.fixture(autouse=True, scope="module")
def as_frozen():
    """One encoder that nothing was tuned on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedding, "_card", dict)
        yield


def toy(count=40):
    """Messages whose vector says their intent, and violence (even) or a risk (every fourth) besides."""
    random = np.random.default_rng(5)
    examples, vectors = [], []
    for number in range(count * len(DIRECTIONS)):
        intent = list(DIRECTIONS)[number % len(DIRECTIONS)]
        vector = random.normal(0, 0.02, embedding.WIDTH)
        vector[DIRECTIONS[intent]] += 1
        indicators = ("violence",) if number % 2 == 0 else ()
        vector[10] += bool(indicators)
        risks = ("immediate_danger",) if number % 4 == 0 else ()
        vector[11] += bool(risks)
        rare = ("organ_removal",) if number < 3 else ()
        also = ("ask_help",) if intent == "disclose" else ()
        examples.append(Example("x", "en", intent, also, indicators + rare, risks, "self" if indicators else "none"))
        vectors.append(vector / np.linalg.norm(vector))
    return examples, np.array(vectors, dtype=np.float32)


@pytest.fixture(scope="module")
def learnt():
    examples, vectors = toy()
    return Heads.fit(examples, vectors), examples, vectors


def band(labels, name):
    return next(label.band for label in labels if label.id == name)


def test_heads_find_what_they_have_learnt(learnt):
    heads, examples, vectors = learnt

    for example, vector in zip(examples[10:40], vectors[10:40], strict=True):
        found = heads.predict(vector)
        assert found.ranking[0][0] == example.intent
        assert (band(found.indicators, "violence") == "sure") == ("violence" in example.indicators)
        assert (band(found.risks, "immediate_danger") == "sure") == ("immediate_danger" in example.risks)
        assert found.roles[0][0] == example.role


def test_a_further_acceptable_intent_shares_the_weight(learnt):
    heads, examples, vectors = learnt
    told = next(vector for example, vector in zip(examples, vectors, strict=True) if example.intent == "disclose")

    assert [intent for intent, _ in heads.predict(told).ranking[:2]] == ["disclose", "ask_help"]


def test_a_label_with_hardly_any_example_is_never_found(learnt):
    heads, _, vectors = learnt

    assert all(band(heads.predict(vector).indicators, "organ_removal") != "sure" for vector in vectors)
    assert all(band(heads.predict(vector).indicators, "domestic_servitude") == "clear" for vector in vectors)


def test_the_same_examples_give_the_same_files(learnt, tmp_path):
    heads, examples, vectors = learnt

    heads.save(tmp_path / "first")
    Heads.fit(examples, vectors).save(tmp_path / "second")

    for file in ("heads.npz", "heads.json"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


def test_saved_heads_say_the_same(learnt, tmp_path):
    heads, _, vectors = learnt
    heads.save(tmp_path)

    assert Heads.load(tmp_path).predict(vectors[0]) == heads.predict(vectors[0])


def test_heads_of_another_version_ask_to_be_trained_again(learnt, tmp_path):
    learnt[0].save(tmp_path)
    (tmp_path / "heads.json").write_text('{"version": 0, "labels": {}}', encoding="utf-8")

    with pytest.raises(ValueError, match="train again"):
        Heads.load(tmp_path)


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="0 examples"):
        Heads.fit([], np.empty((0, embedding.WIDTH), np.float32))


def test_a_person_is_called_at_fewer_false_alarms_than_a_question_is_asked():
    random = np.random.default_rng(1)
    chances = np.concatenate([random.beta(1, 20, (2_000, 1)), random.beta(8, 2, (60, 1))])
    truth = np.arange(2_060)[:, None] >= 2_000

    upper, lower = for_risks(["immediate_danger"], chances, truth)

    assert lower[0] < upper[0]
    assert (chances[~truth] >= upper[0]).mean() <= 0.005
    assert (chances[~truth] >= lower[0]).mean() <= 0.03


def test_a_guess_that_somebody_reads_along_ends_no_talk_where_another_risk_would_bring_a_person():
    chances = np.concatenate([np.full((2_000, 2), 0.01), np.full((60, 2), 0.95)])
    truth = np.repeat(np.arange(2_060)[:, None] >= 2_000, 2, axis=1)

    upper, _ = for_risks(["immediate_danger", "controller_present"], chances, truth)

    assert upper[0] < 0.87 < upper[1]


def test_a_threshold_with_few_examples_stays_near_the_common_one():
    chances = np.full((200, 2), 0.05)
    chances[:100, 0] = 0.6
    chances[0, 1] = 0.9
    truth = chances > 0.5

    common, rare = for_indicators(chances, truth)

    assert abs(rare - common) < 0.1


@pytest.mark.parametrize(
    ("example", "line", "says"),
    [
        ("intent: discloze\n  examples:\n  - text: |\n      hi", 3, "discloze"),
        ("intent: greet\n  examples:\n  - text: |\n      hi\n    metadata: {indicators: [beaten]}", 7, "beaten"),
        ("intent: greet\n  examples:\n  - text: |\n      hi\n    metadata: {risk: [x]}", 7, "unknown field risk"),
        ('intent: greet\n  examples:\n  - text: "\\x00"', 5, "no readable text"),
    ],
)
def test_an_unknown_label_is_refused_with_file_and_line(tmp_path, example, line, says):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "self.yml").write_text(f'version: "3.1"\nnlu:\n- {example}\n', encoding="utf-8")

    with pytest.raises(ContentError, match=says) as refused:
        read_examples(tmp_path)

    assert refused.value.where == f"self.yml:{line}"


def test_examples_are_read_in_both_forms_of_rasa(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "self.yml").write_text(
        "nlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi\n"
        "- intent: disclose\n  examples:\n  - text: |\n      he hit me\n    metadata: {indicators: [violence], role: self}\n",
        encoding="utf-8",
    )

    found = read_examples(tmp_path)

    assert [(one.text, one.intent, one.indicators, one.role) for one in found] == [
        ("hello", "greet", (), "none"),
        ("hi", "greet", (), "none"),
        ("he hit me", "disclose", ("violence",), "self"),
    ]
