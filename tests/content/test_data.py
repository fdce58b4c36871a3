"""Safety rules keep their promises; short answers mean one thing; examples have known labels."""

import pytest

from bot.understanding import check_data

RULE = "content/safety/suicide_self_harm.en.yml"


def test_an_example_that_must_fire_and_does_not_is_named(tree):
    tree.plant(RULE, "must_fire:\n", 'must_fire:\n      - "what a lovely day"\n')

    where = tree.line(RULE, '"what a lovely day"')
    (found,) = tree.lines(check_data.safety_rules_do_as_they_promise)
    assert found.startswith(f"{where} suicide_self_harm.stated.en does not fire for an example of must_fire;")


def test_an_example_that_must_not_fire_and_does_is_named(tree):
    tree.plant(RULE, "must_not_fire:\n", 'must_not_fire:\n      - "i will kill myself tonight"\n')

    where = tree.line(RULE, '"i will kill myself tonight"')
    assert tree.lines(check_data.safety_rules_do_as_they_promise)[0].startswith(
        f"{where} suicide_self_harm.stated.en fires for an example of must_not_fire;"
    )


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("no: [\n", 'no: [\n  "yes",', "'yes' means no and yes"),
        ("no: [\n", 'no: [\n  "Yés...",', "'Yés...' means no and yes"),  # as it is read, not as it is written
        ("stop: [\n", 'stop: [\n  "sure",', "'sure' means stop and yes"),
        ("more: [\n", 'more: [\n  "skip",', "'skip' means more and skip"),
        ('"15_17": [', '"15_17": ["under 15", ', "'under 15' means 15_17 and under_15"),
    ],
)
def test_a_phrase_that_means_two_things_is_named(tree, old, new, found):
    path = "content/answers/en.yml"
    where = tree.plant(path, old, new)
    line = int(where.rpartition(":")[2]) + old.count("\n")

    assert f"{path}:{line} {found}; keep it where most people would mean it" in tree.lines(
        check_data.short_answers_do_not_contradict
    )


def test_a_language_without_short_answers_is_named(tree):
    tree.drop("content/answers/my.yml")

    assert tree.lines(check_data.every_language_can_answer) == [
        "content/answers/my.yml:1 no short answers in my; write yes, no, stop and the options"
    ]


def test_an_answer_that_a_language_has_no_words_for_is_named(tree):
    path = "content/answers/es.yml"
    head, _, rest = tree.read(path).partition("  go_home: [")
    tree.write(path, f"{head}  go_home: []{rest.partition(']')[2]}")

    assert tree.lines(check_data.every_language_can_answer) == [
        f"{path}:1 no words for the answer go_home; write how people say it"
    ]


def test_an_unknown_label_is_named(tree):
    where = tree.plant("nlu_data/en/self.yml", "indicators: [documents_withheld]", "indicators: [passport_kept]")

    assert tree.lines(check_data.examples_have_known_labels)[0].startswith(
        f"{where} found 'passport_kept'; known here: "
    )


def test_a_text_with_two_meanings_is_named(tree):
    path = "nlu_data/en/self.yml"
    first = tree.line(path, "  - text: |\n      capten put all")
    again = (
        "  - text: |\n      capten put all our seaman BOOK in his cabin, say is for port check only\n"
        "    metadata: {indicators: [wages_withheld], role: self}\n"
    )
    tree.write(
        path,
        tree.read(path).replace(
            "  examples:\n  - text: |\n      capten", f"  examples:\n{again}  - text: |\n      capten", 1
        ),
    )

    lines = tree.lines(check_data.no_text_has_two_meanings)

    assert lines == [
        f"{path}:{int(first.rpartition(':')[2]) + 3} this text stands at {first} with other labels; keep one of them"
    ]


def test_a_label_that_a_language_never_shows_is_named(tree):
    for path in (tree.root / "nlu_data" / "id").glob("*.yml"):
        name = f"nlu_data/id/{path.name}"
        tree.write(name, tree.read(name).replace("organ_removal", "coercion"))

    assert tree.lines(check_data.every_label_has_examples) == [
        "nlu_data/id/self.yml:1 no example in id has the indicator organ_removal; write some, as people text"
    ]
