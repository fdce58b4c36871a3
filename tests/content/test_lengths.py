"""No message costs more SMS than its note allows, as it is really sent."""

from channels.parts import parts
from content.check.lengths import sms_fits

EN = "content/locales/en/LC_MESSAGES/bot.po"
FITS = sms_fits(lambda text: (parts(text, smart=True).count, parts(text, smart=True).unicode))


def test_a_text_over_its_parts_is_named(tree):
    where = tree.entry("en", "close", msgstr="a" * 307)

    assert tree.lines(FITS) == [
        f"{where} close takes 3 SMS in GSM-7; its note allows 2: shorten it, or add a shorter close.sms"
    ]


def test_a_text_at_its_limit_may_stay(tree):
    tree.entry("en", "close", msgstr="a" * 306)

    assert tree.lines(FITS) == []


def test_the_answers_that_are_sent_with_a_question_count(tree):
    where = tree.entry("en", "ask.coercion", msgstr="a" * 290)

    found = tree.lines(FITS)

    assert len(found) == 1
    assert found[0].startswith(f"{where} ask.coercion with its answers (yes, no, skip) takes 3 SMS in GSM-7;")


def test_the_opening_is_counted_with_the_answers_of_the_safety_question(tree):
    where = tree.entry("en", "opening", msgstr="a" * 290)

    assert f"{where} opening with its answers (yes, no, unsure) takes 3 SMS" in tree.lines(FITS)[0]


def test_one_letter_outside_the_alphabet_is_named_because_it_halves_the_room(tree):
    where = tree.entry("es", "ack.ok", msgstr="a" * 80 + "í")

    assert tree.lines(FITS) == [
        f"{where} ack.ok takes 2 SMS in Unicode (for í); its note allows 1: shorten it, or add a shorter ack.ok.sms"
    ]


def test_a_number_takes_the_room_of_a_number(tree):
    where = tree.entry("en", "risk.danger", msgstr="a" * 296 + "{number}")

    assert tree.lines(FITS)[0].startswith(f"{where} risk.danger takes 3 SMS")


def test_where_there_is_a_shorter_variant_only_that_counts(tree):
    tree.entry("en", "close", msgstr="a" * 400)
    shorter = '\n#. sms-parts: 1\nmsgctxt "close.sms"\nmsgid "Bye."\nmsgstr "Bye."\n'
    tree.write(EN, tree.read(EN) + shorter)

    assert tree.lines(FITS) == []


def test_the_opening_has_two_parts_in_gsm_and_three_in_unicode_and_consent_two_messages_of_three():
    """The promise of the design, in the notes that translators see."""
    from content.catalogue import catalogue

    english = catalogue("en").sentences
    allowed = {key: (one.parts_gsm, one.parts_unicode) for key, one in english.items()}

    assert allowed["opening"] == (2, 3)
    assert (allowed["consent.keep"], allowed["ask.consent"]) == ((3, 3), (3, 3))
    assert {key for key, most in allowed.items() if max(most) > 2} == {"opening", "consent.keep", "ask.consent"}
