"""The language of a message is guessed with what is known, and never pretended."""

from dataclasses import replace

import pytest

from bot.understanding import language_training
from bot.understanding.clean import clean
from bot.understanding.language import LanguageMemory, identify
from bot.understanding.language_model import CLASSIFIER_FILE, WORDS_FILE, LanguageModel
from tests.understanding.conftest import a_tenth_of_the_data

OWN_SCRIPT = [
    ("ช่วยด้วยค่ะ", "th"),
    ("ຊ່ວຍຂ້ອຍແດ່", "lo"),
    ("ជួយខ្ញុំផង", "km"),
    ("ကူညီပါ", "my"),
    ("ကူညီပါ please help", "my"),
    ("আমাকে সাহায্য করুন", "bn"),
    ("救救我", "zh"),
    ("助けてください", "ja"),
    ("도와주세요", "ko"),
]
LETTERS = [
    ("допоможіть мені", "uk"),
    ("помогите мне выйти отсюда, я хочу домой", "ru"),
    ("помозите ми молим вас, љут је", "sr"),
    ("मलाई मद्दत चाहियो, घर जान दिँदैनन्", "ne"),
    ("मुझे मदद चाहिए, घर में बंद हूँ", "hi"),
    ("ساعدني المدير أخذ جوازي", "ar"),
    ("مجھے مدد چاہیے", "ur"),
]
LATIN = [
    ("my boss has my papers and i am not allowed to go out", "en"),
    ("mi jefe tiene mis papeles y no me deja salir", "es"),
    ("mon patron a mes papiers et je ne peux pas sortir", "fr"),
    ("meu chefe ficou com os meus documentos e não posso sair", "pt"),
    ("majikan saya tahan gaji dan paspor, saya tidak boleh keluar", "id"),
    ("chu lay giay to cua toi va toi khong duoc ra ngoai", "vi"),
    ("kinuha ng amo ko ang mga papeles ko at hindi ako makalabas", "tl"),
    ("wo de laoban na zou le huzhao, bu rang wo chuqu", "zh"),
    ("mera malik mujhe bahar nahi jane deta", "hi"),
    ("ami bari jete chai, malik amake jete dey na", "bn"),
]


def guess(text, **known):
    return identify(clean(text), **known)[0]


@pytest.mark.parametrize(("text", "code"), OWN_SCRIPT)
def test_a_script_of_its_own_says_all(text, code):
    found = guess(text)

    assert (found.code, found.sure) == (code, True)


@pytest.mark.parametrize(("text", "code"), LETTERS)
def test_letters_tell_languages_of_one_script_apart(text, code, language_model):
    assert guess(text, model=language_model).code == code


@pytest.mark.parametrize(("text", "code"), LATIN)
def test_plain_sentences_in_latin_letters(text, code, language_model):
    found = guess(text, model=language_model)

    assert code in found.candidates[:2]


@pytest.mark.parametrize("text", ["ok", "HELP", "1", "😀", "", "hi sir", "whatsapp", "no no"])
def test_neutral_words_keep_the_language_of_the_conversation(text, language_model):
    memory = LanguageMemory.chosen("km")

    found, after = identify(clean(text), country="US", hint="en", memory=memory, model=language_model)

    assert (found.code, found.sure, after) == ("km", True, memory)


def test_without_any_word_the_phone_is_asked_and_nothing_is_sure():
    assert guess("1", country="MM").code == "my"
    assert guess("ok", hint="pt-BR").code == "pt"
    assert guess("ok", hint="fil").code == "tl"
    assert not guess("ok", country="MM").sure
    assert guess("").code == "en"


def test_a_greeting_of_one_language_names_it(language_model):
    found = guess("Xin chao", model=language_model)

    assert found.code == "vi"
    assert set(guess("namaste", model=language_model).candidates[:2]) == {"hi", "ne"}
    assert guess("namaste", country="NP", model=language_model).code == "ne"


def test_one_latin_word_never_switches_an_established_language(language_model):
    _, memory = identify(clean("mi jefe tiene mis papeles y no me deja salir"), model=language_model)

    found, _ = identify(clean("obrigado"), memory=memory, model=language_model)

    assert memory.established == "es"
    assert found.code == "es"


def test_a_child_who_writes_im_14_stays_in_the_language_of_the_talk(language_model):
    memory = None
    for text in ("hi", "yes", "me", "yes"):
        _, memory = identify(clean(text), memory=memory, model=language_model)

    guess, _ = identify(clean("im 14"), memory=memory, model=language_model)

    assert not guess.sure or guess.code == "en"


def test_one_latin_word_is_not_trusted_where_the_talk_pointed_elsewhere(language_model):
    _, memory = identify(clean("tolong saya pak"), model=language_model)

    guess, _ = identify(clean("herë"), memory=replace(memory, established=None), model=language_model)

    assert not guess.sure or guess.code == "id"


def test_a_sentence_in_another_language_switches(language_model):
    _, memory = identify(clean("mi jefe tiene mis papeles y no me deja salir"), model=language_model)

    found, after = identify(clean(LATIN[0][0]), memory=memory, model=language_model)

    assert (found.code, after.established) == ("en", "en")


def test_another_script_switches_at_once(language_model):
    _, memory = identify(clean("mi jefe tiene mis papeles y no me deja salir"), model=language_model)

    assert guess("ช่วย", memory=memory, model=language_model).code == "th"


def test_urdu_and_hindi_in_latin_letters_are_decided_by_the_phone(language_model):
    text = "mujhe madad chahiye, malik paise nahi deta"

    assert guess(text, country="PK", model=language_model).code == "ur"
    assert guess(text, country="IN", model=language_model).code == "hi"
    assert not guess(text, model=language_model).sure


def test_a_language_outside_ours_is_not_answered_as_if_it_were_one(language_model):
    found = guess("zaměstnavatel mi vzal doklady a nechce mi je vrátit", model=language_model)

    assert found.open_set == "cs"
    assert not found.sure


def test_without_the_model_files_scripts_and_langdetect_go_on(tmp_path):
    assert LanguageModel.load(tmp_path) is None
    assert guess(LATIN[1][0]).code == "es"


def test_memory_comes_back_from_json_and_rubbish_is_an_empty_one(language_model):
    _, memory = identify(clean(LATIN[1][0]), model=language_model)

    assert LanguageMemory.from_json(memory.as_json()) == memory
    assert LanguageMemory.from_json({"scores": 3, "established": 1}) == LanguageMemory()


@pytest.mark.long
def test_the_same_seed_and_data_give_the_same_files(tmp_path):
    for name in ("first", "second"):
        with a_tenth_of_the_data():
            language_training.train_language_model(tmp_path / name, 7, {"es": ["hola que tal amiga mia"]})

    for file in (CLASSIFIER_FILE, WORDS_FILE):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


@pytest.mark.parametrize(
    ("text", "country", "hint", "language"),
    [
        ("salam", "IR", None, "fa"), ("salam", "PK", None, "ur"), ("salam", "AE", None, "ar"), ("salam", "ID", None, "id"),
        ("salam", "MY", None, "ms"), ("salam", None, "fa", "fa"), ("chao", "VN", None, "vi"), ("chao", "PE", None, "es"),
        ("namaste", "NP", None, "ne"), ("namaste", "IN", None, "hi"), ("hello", "TH", None, "th"), ("hello", None, "my", "my"),
    ],
)  # fmt: skip
def test_a_greeting_of_several_languages_is_answered_in_the_one_of_the_phone(text, country, hint, language):
    guess, _ = identify(clean(text), country=country, hint=hint)

    assert guess.code == language


def test_without_a_phone_to_go_by_a_greeting_of_several_languages_leaves_them_all_open():
    guess, _ = identify(clean("salam"))

    assert not guess.sure
    assert {"ar", "fa", "ur", "id", "ms"} <= set(guess.candidates)


@pytest.mark.parametrize(("country", "theirs"), [("IN", "hi"), ("PK", "ur")])
def test_hindi_and_urdu_in_latin_letters_are_answered_in_the_letters_of_the_phone(country, theirs, language_model):
    assert guess("hn safe hu abhi", country=country, model=language_model).code == theirs


@pytest.mark.parametrize(("established", "country"), [("hi", "PK"), ("ur", "IN"), ("hi", None)])
def test_no_message_in_latin_letters_moves_a_talk_between_hindi_and_urdu(established, country, language_model):
    memory = LanguageMemory.chosen(established)

    for text in ("hn safe hu abhi", "mera malik passport nahi deta aur bahar jane nahi deta"):
        found, memory = identify(clean(text), country=country, memory=memory, model=language_model)
        assert found.code == established


MARKUP = "<script>alert('x')</script><img src=x onerror=alert(1)> https://www.example.com/please/read/this"


@pytest.mark.parametrize("text", [MARKUP, "www.facebook.com/some.body my.name@example.com", "@some_body"])
def test_markup_links_and_addresses_change_no_language(text, language_model):
    _, memory = identify(clean("mi jefe tiene mis papeles y no me deja salir"), model=language_model)

    guess, after = identify(clean(text), memory=memory, model=language_model)

    assert guess.code == "es"
    assert after.established == "es"


def test_words_beside_a_link_are_still_read(language_model):
    text = "kinuha ng amo ko ang mga papeles ko at hindi ako makalabas https://www.example.com/watch/this/video"

    assert identify(clean(text), model=language_model)[0].code == "tl"
