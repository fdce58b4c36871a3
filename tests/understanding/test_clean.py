"""Any text that a phone can send becomes one that is safe to read."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.clean import MAX_TEXT, clean, fold
from bot.understanding.zawgyi import is_zawgyi, to_unicode

# Zawgyi on the left, Unicode on the right.
BURMESE = [
    ("ကၽြန္ေတာ္", "ကျွန်တော်"),
    ("ျမန္မာ", "မြန်မာ"),
    ("ေက်းဇူးတင္ပါတယ္", "ကျေးဇူးတင်ပါတယ်"),
    ("အဂၤလိပ္", "အင်္ဂလိပ်"),
    ("ဘယ္လိုလဲ", "ဘယ်လိုလဲ"),
    ("ေနေကာင္းလား", "နေကောင်းလား"),
    ("ပတ္စပို႔", "ပတ်စပို့"),
    ("သူတို႔က ႐ိုက္တယ္", "သူတို့က ရိုက်တယ်"),
    ("ေၾကာက္တယ္", "ကြောက်တယ်"),
    ("မလႊတ္ဘူး", "မလွှတ်ဘူး"),
    ("ႏွစ္ေယာက္", "နှစ်ယောက်"),
    ("ဦးေလး", "ဦးလေး"),
    ("ျပႆနာ", "ပြဿနာ"),
    ("ဒုကၡ", "ဒုက္ခ"),
]


@pytest.mark.parametrize(("sent", "read"), BURMESE)
def test_zawgyi_is_read_as_unicode(sent, read):
    assert is_zawgyi(sent)
    assert to_unicode(sent) == unicodedata.normalize("NFC", read)
    assert clean(sent).folded == clean(read).folded


@pytest.mark.parametrize("text", [read for _, read in BURMESE] + ["မန္တလေး", "သတ္တဝါ", "သင်္ဘော", "ကျွန္ုပ်", "တက္ကသိုလ်"])
def test_unicode_burmese_is_left_alone(text):
    assert not is_zawgyi(text)
    assert clean(text).text == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("nothing", [None, "", " \n", "\x00", "\ud800", "\u200b\u2060", "/", "//"])
def test_nothing_readable_is_an_empty_text(nothing):
    cleaned = clean(nothing)

    assert (cleaned.text, cleaned.folded, cleaned.has_letters) == ("", "", False)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_no_text_breaks_it_and_none_stays_dangerous(text):
    cleaned = clean(text)

    assert "\x00" not in cleaned.text + cleaned.folded
    assert cleaned.text.encode("utf-8").decode("utf-8") == cleaned.text
    assert not cleaned.text.startswith("/")
    assert cleaned.folded == fold(cleaned.folded)
    assert clean(cleaned.text).text == cleaned.text


def test_a_typed_command_is_words():
    assert clean("/restart").text == "restart"
    assert clean(" \u200b/ /suicide{}").text == "suicide{}"


@pytest.mark.parametrize("digit", ["๑", "១", "၁", "१", "১", "١", "۱", "1", "①", "໑"])
def test_digits_of_every_script_fold_to_ours(digit):
    assert clean(digit).folded == "1"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("HELPPPP me!!!", "help me"),
        ("Don\u2019t", "dont"),
        ("l'hôpital", "l hopital"),
        ("đường phố", "duong pho"),
        ("İstanbul", "istanbul"),
        ("𝐡𝐞𝐥𝐩", "help"),
        ("ｈｅｌｐ", "help"),
        ("السّلام", "السلام"),
        ("Ёлка й", "елка й"),
        ("a🙏🏽b", "a b"),
    ],
)
def test_what_differs_only_to_the_eye_folds_to_one(text, folded):
    assert fold(text) == folded


def test_the_models_see_the_longest_message_of_a_channel_and_the_safety_rules_all():
    cleaned = clean("ab " * 2_000 + "the end")

    assert len(cleaned.text) <= MAX_TEXT
    assert cleaned.folded.endswith("the end")


def test_joiners_stay_where_a_script_spells_with_them():
    assert clean("می‌خواهم").text == "می‌خواهم"


def test_what_people_wrote_is_in_no_repr():
    assert "passport" not in repr(clean("my passport"))


# Found by benchmarks/fuzz.py: no text at all, so each reading would make another of it.
@pytest.mark.parametrize("nonsense", ["\u1031\u103b\u1083", "\u1031\uff0f\u0300\u105b\u107f\u1075\u1013\u1095"])
def test_what_is_neither_zawgyi_nor_unicode_stays_as_it_came(nonsense):
    assert is_zawgyi(nonsense)
    assert clean(clean(nonsense).text).text == clean(nonsense).text
