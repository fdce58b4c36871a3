"""Every message is held against every rule, in any language, without false friends."""

import pytest

from bot.understanding.clean import clean
from bot.understanding.safety import SafetyNet, misjudged
from content.safety import Band, Near, SafetyRule, Status, read_rules, rules
from content.source import ContentError

EXAMPLES = "['a', 'b', 'c', 'd', 'e', 'f']"
FILE = f"""
risk: suicide_self_harm
language: en
owner: clinical-lead
reviewed: null
rules:
  - id: suicide_self_harm.stated.en
    title: Says it
    status: live
    band: sure
    match: ["kill myself"]
    must_fire: {EXAMPLES}
    must_not_fire: {EXAMPLES}
"""


def rule(language, *match, near=(), unless=(), status=Status.LIVE, band=Band.SURE):
    return SafetyRule(
        id=f"suicide_self_harm.stated.{language}", risk="suicide_self_harm", language=language, title="Says it",
        status=status, band=band, match=match, near=near, unless=unless, must_fire=(), must_not_fire=(),
        known_misses=(), owner="clinical-lead", reviewed=None, where="x.yml:1",
    )  # fmt: skip


def found(text, *of, languages=None):
    return [finding.words for finding in SafetyNet(of).find(clean(text), languages)]


def test_a_phrase_is_found_however_it_is_typed():
    assert found("I wanna KILL   mysélf!!!", rule("en", "kill myself")) == ["kill myself"]
    assert found("i want to killlll myselfff", rule("en", "kill myself")) == ["kil myself"]


def test_a_phrase_matches_whole_words_and_a_star_any_ending():
    assert found("skill myself", rule("en", "kill myself")) == []
    assert found("ahogarme", rule("es", "ahog")) == []
    assert found("quiero ahogarme ya", rule("es", "ahog*")) == ["ahogarme"]


def test_a_script_without_spaces_matches_anywhere():
    assert found("ฉันไม่ไหวแล้วอยาก ตายจริงๆ", rule("th", "อยากตาย")) == ["อยากตาย"]


def test_a_text_with_a_harmless_sense_does_not_fire():
    assert found("kill myself laughing", rule("en", "kill myself", unless=("kill myself laughing",))) == []


def test_near_needs_both_and_close():
    near = (Near(any_of=("knife", "gun"), and_of=("my neck",), within=3),)

    assert found("he put a knife to my neck", rule("en", near=near)) == ["knife … my neck"]
    assert found("my neck: his gun was there", rule("en", near=near)) == ["gun … my neck"]
    assert found("my neck hurts and i have to buy a new knife", rule("en", near=near)) == []


def test_one_place_in_the_text_is_not_two():
    near = (Near(any_of=("knife",), and_of=("a knife",), within=3),)

    assert found("a knife", rule("en", near=near)) == []


def test_a_single_word_of_another_language_is_a_false_friend():
    german = rule("nl", "die")  # stands for any language that shares the script

    assert found("die katze", german, languages=("de",)) == []
    assert found("die katze", german, languages=("nl", "de")) == ["die"]
    assert found("die katze", german) == ["die"]


def test_two_words_count_in_any_language_and_so_does_another_script():
    assert found("help quiero morir pls", rule("es", "quiero morir"), languages=("en",)) == ["quiero morir"]
    assert found("help умереть", rule("ru", "умереть"), languages=("en",)) == ["умереть"]
    assert found("умереть", rule("ru", "умереть"), languages=("uk",)) == []


def test_a_finding_names_its_rule_its_words_and_its_band():
    (finding,) = SafetyNet([rule("en", "kill myself", band=Band.GREY)]).find(clean("kill myself"))

    assert (finding.id, finding.kind, finding.band) == ("suicide_self_harm", "risk", "grey")
    assert finding.source == "suicide_self_harm.stated.en"
    assert "kill" not in repr(finding)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.SHADOW, Status.RETIRED])
def test_only_live_rules_act(status):
    assert found("kill myself", rule("en", "kill myself", status=status)) == []


def test_every_rule_fires_on_its_own_examples_and_on_no_look_alike():
    wrong = [(miss.rule.id, miss.should_fire, miss.text) for miss in misjudged(rules())]

    assert wrong == []


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("band: sure", "band: maybe", "known here: grey, sure"),
        ("'f']", "]", "at least 6"),
        ('["kill myself"]', '["kill* myself"]', "a star"),
        ("stated.en", "stated.fr", "an id here is"),
        ("status: live", "state: live", "unknown field state"),
    ],
)
def test_a_wrong_rule_is_refused_with_file_and_line(tmp_path, before, after, says):
    (tmp_path / "suicide_self_harm.en.yml").write_text(FILE.replace(before, after), encoding="utf-8")

    with pytest.raises(ContentError, match=says) as refused:
        read_rules(tmp_path)

    assert refused.value.where.startswith("suicide_self_harm.en.yml:")


def test_a_right_file_is_read(tmp_path):
    (tmp_path / "suicide_self_harm.en.yml").write_text(FILE, encoding="utf-8")

    assert [rule.id for rule in read_rules(tmp_path)] == ["suicide_self_harm.stated.en"]
