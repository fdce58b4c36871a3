"""Rules and stories speak of nothing that the domain does not know."""

import pytest

from content.check import stories


@pytest.mark.parametrize(
    ("path", "old", "new", "found"),
    [
        ("stories/delete.yml", "intent: delete_data", "intent: delete_all", "unknown intent delete_all"),
        ("stories/delete.yml", "    - intent: deny", "    - intent: denied", "unknown intent denied"),
        ("stories/delete.yml", "action: action_delete", "action: action_remove", "unknown action action_remove"),
        ("stories/delete.yml", "{waits_for: delete}", "{wait_for: delete}", "unknown slot wait_for"),
        ("stories/delete.yml", "{waits_for: delete}", "{waits_for: deleted}", "waits_for is never deleted"),
        ("stories/flows.yml", "- active_loop: self_form", "- active_loop: own_form", "unknown form own_form"),
        ("stories/abuse.yml", "action: utter_abuse.first", "action: utter_abuse.one", "unknown action utter_abuse.one"),
    ],
)
def test_an_unknown_name_is_named_where_it_stands(tree, path, old, new, found):
    where = tree.plant(path, old, new)

    lines = tree.lines(stories.stories_name_only_what_there_is)

    assert [line.split(";")[0] for line in lines] == [f"{where} {found}"]


def test_a_title_that_stands_twice_is_named(tree):
    where = tree.plant("stories/delete.yml", "- rule: Delete, yes", "- rule: Delete is asked once")

    first = tree.line("stories/delete.yml", "- rule: Delete is asked once")
    assert tree.lines(stories.stories_name_only_what_there_is) == [
        f"{where} this title stands at {first} too; give it one of its own"
    ]


def test_an_intent_that_no_rule_answers_is_named(tree):
    tree.plant("bot/domain/intents.yml", "- greet\n", "- greet\n- wave\n")

    where = tree.line("bot/domain/intents.yml", "- wave")
    assert tree.lines(stories.every_intent_has_a_rule) == [f"{where} no rule answers wave; write one in stories/"]
