"""Numbers, countries and languages are of the right kind; no number is shown that nobody checked."""

from content.check import facts

HELPLINES, LANGUAGES, QUESTIONS = "content/helplines.yml", "content/languages.yml", "content/questions.yml"
LINE = (
    '      - {{name: "A line", number: "{number}", kind: {kind}, run_by: {by}, hours: "?", confidence: {confidence}, '
    'records_calls: false, note: "-", source: "a page", last_checked: {checked}}}\n'
)


def with_line(tree, *, number="129", kind="child", by="gov", confidence="sure", checked="null"):
    """Add a helpline to the first country of the file; return its place."""
    row = LINE.format(number=number, kind=kind, by=by, confidence=confidence, checked=checked)
    return (
        tree.plant(HELPLINES, "    helplines:\n", f"    helplines:\n{row}").rpartition(":")[0]
        + ":"
        + str(int(tree.line(HELPLINES, 'name: "A line"').rpartition(":")[2]))
    )


def test_a_number_that_no_phone_can_dial_is_named(tree):
    where = with_line(tree, number="12-A")

    assert tree.lines(facts.numbers_can_be_dialled) == [
        f"{where} found the number '12-A'; digits, spaces and one leading +"
    ]


def test_an_unknown_kind_of_helpline_is_named(tree):
    where = with_line(tree, kind="shelter")

    assert tree.lines(facts.numbers_can_be_dialled)[0].startswith(f"{where} found the kind 'shelter'; known here: ")


def test_a_check_from_before_the_release_is_named(tree):
    where = with_line(tree, confidence="verify", checked="2020-01-01")

    assert tree.lines(facts.numbers_can_be_dialled)[0].startswith(f"{where} checked on 2020-01-01, before the release;")


def test_a_number_that_one_row_shows_and_another_still_doubts_is_named(tree):
    with_line(tree, confidence="sure")
    doubted = with_line(tree, confidence="verify")

    assert tree.lines(facts.no_unchecked_number_is_shown) == [
        f"{doubted} 129 waits to be checked and would be shown; keep one row of it"
    ]


def test_a_number_of_the_police_among_helplines_is_named(tree):
    with_line(tree)
    police = with_line(tree, by="police")

    assert tree.lines(facts.no_unchecked_number_is_shown) == [
        f"{police} 129 is run by police and would be shown; list it under emergency"
    ]


def test_a_language_code_that_no_register_has_is_named(tree):
    where = tree.plant(LANGUAGES, "  fr: {native: Français", "  zz: {native: Français")

    assert f"{where} no language has the code zz; use the code of ISO 639" in tree.lines(
        facts.codes_are_those_of_the_world
    )


def test_a_country_that_is_not_one_is_named(tree):
    tree.plant(LANGUAGES, "countries:\n", "countries:\n  QQ: [en]\n")

    where = tree.line(LANGUAGES, "  QQ: ")
    assert tree.lines(facts.codes_are_those_of_the_world) == [
        f"{where} no country has the code QQ; use the two letters of ISO 3166"
    ]


def test_a_language_whose_phones_are_nowhere_is_named(tree):
    text = tree.read(LANGUAGES)
    head, _, countries = text.partition("\ncountries:\n")
    tree.write(
        LANGUAGES, f"{head}\ncountries:\n{countries.replace('sq, ', '').replace(', sq', '').replace('[sq]', '[en]')}"
    )

    where = tree.line(LANGUAGES, "  sq: {native")
    assert tree.lines(facts.every_language_is_likely_somewhere) == [
        f"{where} no country lists sq; name it where its speakers live and work"
    ]


def test_a_language_named_in_letters_that_are_not_its_own_is_named(tree):
    where = tree.plant(LANGUAGES, "native: မြန်မာ", "native: Myanmar")

    assert tree.lines(facts.every_language_knows_its_script) == [
        f"{where} my is Myanmar but calls itself Myanmar; write its name in its own script"
    ]


def test_a_risk_that_a_language_does_not_hear_is_named(tree):
    tree.drop("content/safety/controller_present.id.yml")

    assert tree.lines(facts.every_risk_is_heard_in_every_language) == [
        "content/safety/controller_present.id.yml:1 no live and sure rule for controller_present in id; write one"
    ]


def test_a_rule_that_is_only_a_draft_hears_nothing(tree):
    path = "content/safety/suicide_self_harm.es.yml"
    tree.write(path, tree.read(path).replace("status: live", "status: draft"))

    assert tree.lines(facts.every_risk_is_heard_in_every_language)[0].startswith(f"{path}:1 no live and sure rule")


def test_a_question_that_confirms_by_an_answer_it_does_not_offer_is_named(tree):
    where = tree.plant(QUESTIONS, 'core.threats: {key: ask.threats, again: ask.again.open, kind: yes_no, options: ["yes", "no", skip]',
                       'core.threats: {key: ask.threats, again: ask.again.open, kind: yes_no, options: ["no", skip]')  # fmt: skip

    assert tree.lines(facts.every_question_has_its_answers) == [
        f"{where} core.threats confirms by yes; offer that answer"
    ]


def test_a_question_that_offers_an_answer_twice_is_named(tree):
    where = tree.plant(QUESTIONS, 'they_know: {key: ask.they_know, kind: choice, options: ["yes", "no", unsure]',
                       'they_know: {key: ask.they_know, kind: choice, options: ["yes", "yes", unsure]')  # fmt: skip

    assert tree.lines(facts.every_question_has_its_answers) == [
        f"{where} they_know offers an answer twice; offer each once"
    ]


def test_a_core_question_without_a_topic_is_named(tree):
    where = tree.plant(QUESTIONS, ", topic: dependency", "")

    assert tree.lines(facts.every_question_has_its_answers) == [
        f"{where} core.dependency has no topic; a skipped topic is left alone, so name it"
    ]


def test_a_question_about_what_only_staff_may_note_is_named(tree):
    tree.plant(QUESTIONS, "  core.dependency:", "  core.verbal_abuse:")

    assert "core.verbal_abuse asks for what only staff may note" in tree.lines(facts.every_question_has_its_answers)[0]
