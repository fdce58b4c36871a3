"""Asked whether it is safe to write, people say it in many words; none that takes it back is a yes."""

from __future__ import annotations

import pytest

from bot.understanding.answers import Answer, QuestionShape, read
from bot.understanding.clean import clean
from content.answers import lexicons
from content.catalogue import written

OPTIONS = ("yes", "no", "unsure")
YES = {
    "ar": "اي والله امان, ما في حدا", "bn": "ji bhai nirapod, keu nai", "en": "yes im alone, nobody sees", "es": "si estoy segura",
    "fa": "گفتم امنه دیگه", "fr": "oui jsuis seule, y a personne", "hi": "haan bhai safe hai koi nahi dekh raha",
    "id": "iya kak aman kok, ga ada orang", "km": "ចាស សុវត្ថិភាព គ្មានអ្នកណាទេ", "lo": "ປອດໄພຢູ່ ບໍ່ມີໃຜເຫັນ",
    "ms": "ye selamat je, xde org", "my": "ဟုတ်ကဲ့ လုံခြုံပါတယ် ဘယ်သူမှမရှိဘူး", "ne": "hajur surakshit xu, kohi xaina",
    "pt": "ta seguro, ngm ve", "ro": "da e sigur, nu e nimeni", "ru": "да безопасно, я одна дома", "sq": "po sht mir",
    "sr": "da bezbedno je", "th": "ปลอดภัยค่ะ ไม่มีใครเห็น", "tl": "oo nga po sure. wala nkakakita", "uk": "так безпечно, нікого нема",
    "ur": "محفوظ ہے بھائی", "vi": "k ai thay dau", "zh": "安全啊 没人看到",
}  # fmt: skip
NO = {
    "ar": "لا, هو هون", "bn": "na, malik ase", "en": "no he is here", "es": "no puedo hablar ahora", "fa": "نه تنها نیستم",
    "fr": "non il est la", "hi": "nahi wo yahi hai", "id": "ga aman kak", "km": "អត់សុវត្ថិភាពទេ", "lo": "ບໍ່ປອດໄພ ມີຄົນຢູ່",
    "ms": "x selamat, ada org", "my": "မလုံခြုံဘူး လူရှိတယ်", "ne": "surakshit xaina malik xa", "pt": "n, ele ta aqui",
    "ro": "nu, el e aici", "ru": "нет, он рядом", "sq": "jo nuk jam vetem", "sr": "nije bezbedno, tu je", "th": "ไม่ปลอดภัย เขาอยู่",
    "tl": "hindi po may tao", "uk": "ні, він поруч", "ur": "محفوظ نہیں ہے ابھی", "vi": "k an toan, co nguoi o day", "zh": "不安全 旁边有人",
}  # fmt: skip
BUT = {
    "ar": "ايوه بس هو راجع", "bn": "ha kintu se asbe", "en": "yes but he comes back at 6", "es": "si pero viene pronto",
    "fa": "آره ولی میاد", "fr": "oui mais il revient bientot", "hi": "haan par wo aa raha hai", "id": "aman tapi bos mau datang",
    "km": "ចាស តែគាត់កំពុងមក", "lo": "ປອດໄພ ແຕ່ລາວກຳລັງມາ", "ms": "ye tapi dia dekat", "my": "လုံခြုံတယ် ဒါပေမဲ့ သူပြန်လာမယ်",
    "ne": "ho tara u aaudai xa", "pt": "sim mas ele ta chegando", "ro": "da dar vine acum", "ru": "да но он скоро придет",
    "sq": "po por ai eshte afer", "sr": "da ali dolazi", "th": "ปลอดภัย แต่เขากำลังมา", "tl": "oo pero malapit lang sya",
    "uk": "так але він скоро прийде", "ur": "جی لیکن وہ آ رہا ہے", "vi": "an toan nhung no sap ve", "zh": "安全但是他快回来",
}  # fmt: skip


def answer(language, text, question="safe"):
    found = read(clean(text), QuestionShape(question, OPTIONS), (language,))
    return found.value if found else None


@pytest.mark.parametrize("question", ["safe", "check_controller_present"])
@pytest.mark.parametrize(("language", "text"), YES.items())
def test_who_says_that_nobody_sees_says_yes(language, text, question):
    assert answer(language, text, question) == "yes"


@pytest.mark.parametrize(("language", "text"), NO.items())
def test_who_says_that_somebody_is_there_says_no(language, text):
    assert answer(language, text) == "no"


@pytest.mark.parametrize(("language", "text"), BUT.items())
def test_a_yes_that_is_taken_back_is_none(language, text):
    assert answer(language, text) in (None, "unsure")


def test_every_way_that_is_listed_is_read_in_every_language_that_the_line_speaks():
    wrong = [
        (language, text, value)
        for language, own in lexicons().items()
        for value, texts in (("yes", own.safe.yes), ("no", own.safe.no))
        for text in texts
        if answer(language, text) != value
    ]

    assert wrong == []
    assert all(lexicons()[language].safe.yes for language in written())


@pytest.mark.parametrize("question", [None, "consent", "person", "story", "delete"])
def test_not_safe_means_that_whatever_was_asked_in_every_language(question):
    shape = QuestionShape(question, ("yes", "no")) if question else None
    wrong = [
        (language, text)
        for language, own in lexicons().items()
        for text in own.safe.unsafe
        if read(clean(text), shape, (language,)) != Answer("intent", "not_safe_now")
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("language", "text", "unsafe"),
    [
        ("id", "tidak, lagi ga aman kak", True),
        ("sr", "ne, nije bezbedno", True),
        ("es", "no, ahora no es seguro", True),
        ("en", "no", False),
        ("en", "the work is not safe, no gloves, no mask", False),
        ("fr", "c'est pas sûr", False),  # "not certain"
        ("pt", "não estou segura", False),
    ],
)
def test_not_safe_is_heard_with_a_no_before_it_and_not_out_of_a_story(language, text, unsafe):
    found = read(clean(text), QuestionShape("person", ("yes", "no")), (language,))

    assert (found == Answer("intent", "not_safe_now")) == unsafe


@pytest.mark.parametrize("question", ["check_immediate_danger", "their_danger"])
@pytest.mark.parametrize(("language", "text"), [("id", "tidak aman"), ("en", "not safe"), ("ro", "nu e sigur")])
def test_asked_whether_there_is_danger_not_safe_is_a_yes(language, text, question):
    assert answer(language, text, question) == "yes"


def test_a_story_after_a_yes_is_kept_and_no_yes_without_one():
    found = read(clean("oui mon patron a pris mon passeport"), QuestionShape("safe", OPTIONS), ("fr",))

    assert found is not None
    assert (found.value, found.rest) == ("yes", "mon patron a pris mon passeport")
    assert answer("es", "si me ve me mata") is None
    assert answer("sr", "da rekoh") == "yes"
    assert answer("en", "brother now") is None


def test_elsewhere_the_words_stay_words():
    assert answer("en", "nobody sees", "danger") is None
