"""What was said of age, time, money, phones and places is found in the words that said it, in every language."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding.check_data import names_and_words_do_not_contradict
from bot.understanding.details import MAX_TEXT, find
from content.details import FOLDER, money, read_detail_words, read_places
from content.languages import languages
from content.source import ContentError

# Two messages a language: what each says, as kind, value and unit.
SAID = [
    ("en", "i am 15 years old, in Dubai since 8 months", "age 15 year, place AE, duration 8 month"),
    ("en", "boss owes me 500 usd, we work 18 hours", "amount 500 USD, duration 18 hour"),
    ("es", "tengo 15 años y me deben 200 dólares", "age 15 year, amount 200 USD"),
    ("es", "llevo tres meses en Tapachula", "duration 3 month, place MX"),
    ("fr", "j'ai 16 ans, je suis au Liban", "age 16 year, place LB"),
    ("fr", "depuis huit mois il me doit 300 euros", "duration 8 month, amount 300 EUR"),
    ("pt", "tenho dezessete anos, estou em São Paulo", "age 17 year, place BR"),
    ("pt", "12 horas por dia e me deve 3 mil reais", "duration 12 hour, amount 3000 BRL"),
    ("ro", "am 16 ani, sunt in Italia", "age 16 year, place IT"),
    ("ro", "de trei luni nu mi-au dat 500 de euro", "duration 3 month, amount 500 EUR"),
    ("sq", "jam 15 vjeçe", "age 15 year"),
    ("sq", "dy muaj në Itali, më kanë borxh 300 euro", "duration 2 month, place IT, amount 300 EUR"),
    ("sr", "imam petnaest godina", "age 15 year"),
    ("sr", "u Srbiji sam 3 meseca, duguju mi 200 evra", "place RS, duration 3 month, amount 200 EUR"),
    ("ru", "мне 15 лет, я в Турции", "age 15 year, place TR"),
    ("ru", "два месяца не платят, должны 5 тысяч долларов", "duration 2 month, amount 5000 USD"),
    ("uk", "мені 16 років, я у Польщі", "age 16 year, place PL"),
    ("uk", "3 місяці без грошей, винні 500 злотих", "duration 3 month, amount 500 PLN"),
    ("ar", "عمري ١٦ سنة وأنا في السعودية", "age 16 year, place SA"),
    ("ar", "ثلاثة أشهر بدون راتب، ٥٠٠ درهم", "duration 3 month, amount 500 AED"),
    ("fa", "من ۱۵ ساله هستم", "age 15 year"),
    ("fa", "دو ماه در ترکیه، ۵ میلیون تومان", "duration 2 month, place TR, amount 5000000 IRR"),
    ("ur", "میری عمر 15 سال ہے", "age 15 year"),
    ("ur", "دبئی میں تین مہینے سے، 500 درہم", "place AE, duration 3 month, amount 500 AED"),
    ("hi", "मेरी उम्र 15 साल है", "age 15 year"),
    ("hi", "दुबई में ८ महीने से, 14 घंटे काम", "place AE, duration 8 month, duration 14 hour"),
    ("ne", "मेरो उमेर १६ वर्ष हो", "age 16 year"),
    ("ne", "मलेसियामा ३ महिना भयो", "place MY, duration 3 month"),
    ("bn", "আমার বয়স ১৫ বছর", "age 15 year"),
    ("bn", "সৌদিতে ৮ মাস, বেতন ৫ হাজার টাকা", "place SA, duration 8 month, amount 5000 BDT"),
    ("zh", "我今年15岁", "age 15 year"),
    ("zh", "在妙瓦底三个月了，赔了2万美元", "place MM, duration 3 month, amount 20000 USD"),
    ("th", "หนูอายุ15ปี อยู่ปอยเปต", "age 15 year, place KH"),
    ("th", "สามเดือนแล้ว เป็นหนี้5หมื่นบาท", "duration 3 month, amount 50000 THB"),
    ("lo", "ຂ້ອຍອາຍຸ15ປີ ຢູ່ບໍ່ແກ້ວ", "age 15 year, place LA"),
    ("lo", "4ເດືອນແລ້ວ ຍັງຄ້າງ 25000 ບາດ", "duration 4 month, amount 25000 THB"),
    ("km", "ខ្ញុំអាយុ១៥ឆ្នាំ នៅប៉ោយប៉ែត", "age 15 year, place KH"),
    ("km", "៥ខែហើយ បង់១២០០ដុល្លា", "duration 5 month, amount 1200 USD"),
    ("my", "အသက် ၁၅နှစ်ပါ မြဝတီမှာ", "age 15 year, place MM"),
    ("my", "၁၄လ ရှိပြီ တစ်လ ၅၀၀ ဘတ်", "duration 14 month, duration 1 month, amount 500 THB"),
    ("vi", "em 15 tuổi, ở Campuchia", "age 15 year, place KH"),
    ("vi", "năm tháng rồi, nợ 30 triệu đồng", "duration 5 month, amount 30000000 VND"),
    ("id", "umur saya lima belas tahun", "age 15 year"),
    ("id", "kerja 14 jam di Arab Saudi, gaji 3 juta rupiah", "duration 14 hour, place SA, amount 3000000 IDR"),
    ("ms", "umur 16 tahun kat Johor", "age 16 year, place MY"),
    ("ms", "8 bulan tak gaji, RM1,500", "duration 8 month, amount 1500 MYR"),
    ("tl", "labing limang taong gulang po ako", "age 15 year"),
    ("tl", "3 buwan na sa Kuwait, utang 20 libo piso", "duration 3 month, place KW, amount 20000 PHP"),
]


def said(text, country=None):
    """Return details in one line: kind, value, unit."""
    found = find(text, country)
    return ", ".join(" ".join(str(part) for part in (one.kind, one.value, one.unit) if part) for one in found)


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in SAID])
def test_every_language_tells_age_time_money_and_place(text, expected):
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("el jefe me quitó el pasaporte", []),
        ("me quito el celular", []),
        ("não tenho saída", []),
        ("estoy en quito", ["EC"]),
        ("vengo de Quito", ["EC"]),
        ("he keeps us in Saida", ["LB"]),
    ],
)
def test_a_word_that_is_also_a_name_is_a_place_only_where_it_stands_as_one(text, places):
    assert [one.value for one in find(text) if one.kind == "place"] == places


def test_every_language_has_its_words_and_two_examples():
    spoken = [language for language, _, _ in SAID]

    assert {path.stem for path in FOLDER.glob("*.yml")} == set(languages())
    assert all(spoken.count(code) >= 2 for code in languages())


@pytest.mark.parametrize("text", ["saya 15 tahun", "i am 15", "she is 15.", "im 15 and alone", "15yo girl", "อายุ15"])
def test_an_age_word_or_a_person_makes_it_an_age(text):
    assert said(text).startswith("age 15")


@pytest.mark.parametrize("text", ["kerja 15 tahun", "15 tahun", "tengo 15 años aquí", "i am 15 years here", "15 лет"])
def test_else_years_are_a_duration(text):
    assert said(text) == "duration 15 year"


@pytest.mark.parametrize(
    ("text", "words"),
    [("please call +971 50 123 4567 now", "+971 50 123 4567"), ("wa 081234567890", "081234567890")],
)
def test_a_plus_or_a_leading_0_makes_a_phone_number(text, words):
    (phone,) = find(text)

    assert (phone.kind, phone.words) == ("phone", words)


def test_the_country_completes_a_phone_number_and_a_currency():
    assert said("wa 081234567890", "ID") == "phone +6281234567890"
    assert said("500 riyal", "QA") == "amount 500 QAR"
    assert said("500 riyal") == "amount 500"


@pytest.mark.parametrize("text", ["1,500 usd", "1.500 usd", "1 500 usd", "$1500", "USD 1500", "၁၅၀၀ ဒေါ်လာ", "1.5k usd"])
def test_sums_are_read_as_they_are_written(text):
    assert said(text) == "amount 1500 USD"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "help me",
        "room 12",
        "in 2019 year",
        "lao dong",
        "dia mali",
        "ລາວ ຕີ ຂ້ອຍ",
        "chị anh em",
        "того дня",
        "làm ăn",
        "từ đó",
        "es para mi",
        "7 do 9",
        "2/3/2024",
    ],
)
def test_other_words_and_numbers_are_left_alone(text):
    assert find(text) == ()


def test_nothing_that_was_written_is_ever_shown():
    shown = repr(find("i am 15, call +971501234567, in Dubai"))

    assert all(secret not in shown for secret in ("15", "97150", "Dubai", "AE"))


def test_a_long_text_is_read_to_its_limit():
    assert find("a" * MAX_TEXT + " 15 years") == ()


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=80) | st.text(alphabet="0123456789+ ().,-$kปီနှစ်лет岁日'yo\n", max_size=60),
    st.sampled_from([None, "TH", "xx", "", "SA"]),
)
def test_any_text_is_read_in_its_own_words_and_the_same_each_time(text, country):
    found = find(text, country)

    assert all(one.words and one.words in text for one in found)
    assert found == find(text, country)


def test_spacy_is_imported_on_first_use_only():
    code = "import sys, bot.understanding.details; print('spacy' in sys.modules, 'django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]


def test_what_people_wrote_is_not_kept_by_spacy():
    from bot.understanding.details import _tools

    find("i am 15 years old, in Dubai with xyzzyplugh")

    assert "xyzzyplugh" not in _tools().vocab.strings


def test_the_words_contradict_themselves_nowhere():
    assert list(names_and_words_do_not_contradict()) == []


def test_a_file_with_an_unknown_kind_of_money_is_refused(tmp_path):
    path = tmp_path / "en.yml"
    written = (FOLDER / "en.yml").read_text(encoding="utf-8").replace("{dollar:", "{dolar:")
    path.write_text(written, encoding="utf-8")

    with pytest.raises(ContentError, match=r"en\.yml:\d+ unknown field dolar"):
        read_detail_words(path)


def test_a_place_in_two_countries_is_refused(tmp_path):
    path = tmp_path / "places.yml"
    path.write_text("- {country: AE, names: [Dubai]}\n- {country: SA, names: [dubai]}\n", encoding="utf-8")

    with pytest.raises(ContentError, match=r"places\.yml:2 dubai stands for two countries"):
        read_places(path)


def test_every_kind_of_money_has_a_currency():
    assert all(kind.code or kind.also for kind in money().values())
