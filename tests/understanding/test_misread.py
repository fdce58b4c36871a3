"""What plain words speak against is not taken for a child at risk, nor for the end of a talk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import nearby
from bot.understanding import misread
from bot.understanding.details import Detail
from bot.understanding.findings import MODEL, Finding
from bot.understanding.model import Understanding
from content.languages import languages
from content.people_words import people_words

PARENTS = {
    "ar": "بده ياخد ابني مني", "bn": "সে আমার বাচ্চা নিয়ে যাবে", "en": "he steals my child from me", "es": "me quiere quitar a mi hijo",
    "fa": "بچمو میدزده", "fr": "il me vole mon enfant", "hi": "वो मेरा बच्चा छीन लेगा", "id": "dia mau ambil anak saya",
    "km": "គាត់ចង់យកកូនខ្ញុំ", "lo": "ລາວຊິເອົາລູກຂ້ອຍໄປ", "ms": "dia nak ambil anak saya", "my": "သူက ကျွန်မကလေးကို ယူသွားမယ်",
    "ne": "उसले मेरो बच्चा खोस्छ", "pt": "ele quer tirar meu filho de mim", "ro": "vrea sa mi ia copilul",
    "ru": "он хочет забрать моего ребенка", "sq": "do te ma marre femijen", "sr": "hoce da mi uzme dete", "th": "เขาจะเอาลูกฉันไป",
    "tl": "kukunin nya ang anak ko", "uk": "він хоче забрати мою дитину", "ur": "وہ میرا بچہ چھین لے گا", "vi": "anh ta muốn cướp con tôi",
    "zh": "他要抢走我的孩子",
}  # fmt: skip
STAY = {
    "ar": "لا لا تروح. قلت انا منيحة بس بدي مساعدة", "bn": "na jaben na. bolsi bhalo asi kintu sahajjo chai",
    "en": "no dont go. i said im fine friend but i want help", "es": "no te vayas. dije que estoy bien",
    "fa": "نه نرو. گفتم خوبم ولی کمک میخوام", "fr": "non pars pas. j'ai dit ca va", "hi": "nahi mat jao. bola theek hu",
    "id": "jangan pergi dulu. bilang baik2 aja", "km": "កុំទៅណា ខ្ញុំថាមិនអីទេ", "lo": "ຢ່າຟ້າວໄປ ບອກວ່າໂອເຄ", "ms": "jangan pergi. cakap ok je",
    "my": "မသွားပါနဲ့ အဆင်ပြေတယ်လို့ပြောတာ", "ne": "nai najau. thik chu bhaneko", "pt": "não vai embora. falei que to bem",
    "ro": "nu pleca. am zis ca s bine", "ru": "нет не уходи. сказала что норм", "sq": "jo mos ik. them o shoqe jam mir po dua ndihm",
    "sr": "ne nemoj da ides. rekla sam da sam dobro", "th": "อย่าเพิ่งไป บอกว่าโอเค", "tl": "wag ka umalis. sabi ko ok lang",
    "uk": "ні не йди. казала що добре", "ur": "nahi mat jao. kaha theek hun", "vi": "đừng đi. nói là ổn", "zh": "别走 我说没事",
}  # fmt: skip
COUNTED = {
    "ar": "عندنا 8 عمال في غرفه", "bn": "ekhane 8 jon thake", "en": "about 8 people sleep there", "es": "viven 8 personas ahi",
    "fa": "۸ نفر توی یه اتاقن", "fr": "ils sont 8 personnes dedans", "hi": "yahan 8 log rehte hain", "id": "ada 8 orang di sana",
    "km": "មាន 8 នាក់នៅទីនោះ", "lo": "ຢູ່ນຳກັນ 8 ຄົນ", "ms": "ada 8 org kat situ", "my": "၈ ယောက် နေတယ်", "ne": "yaha 8 jana baschan",
    "pt": "tem 8 pessoas la", "ro": "stau 8 oameni acolo", "ru": "человек 8 живут", "sq": "jane 8 veta aty", "sr": "tu je 8 radnika",
    "th": "อยู่กัน 8 คน", "tl": "8 katao sila dun", "uk": "там 8 людей", "ur": "yahan 8 bande rehte hain", "vi": "có 8 người ở đó",
    "zh": "那里有8个人",
}  # fmt: skip
CHILD = Finding("minor", "indicator", 0.99, "all of it", MODEL, "sure")
CHILD_AT_RISK = Finding("minor_at_risk", "risk", 0.99, "all of it", MODEL, "sure")
SIXTEEN_HOURS = Detail("duration", "16 hours", 16.0, "hour")
SIXTEEN_YEARS = Detail("age", "16 years", 16.0, "year")


@pytest.fixture(scope="module")
def sees_children(rules_only):
    """An understanding whose heads see a child at risk in whatever is written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Understanding, "_risks", lambda *_: [CHILD_AT_RISK])
        patch.setattr(Understanding, "_indicators", lambda *_: ((CHILD,), ()))
        yield rules_only


@pytest.mark.parametrize("text", PARENTS.values(), ids=PARENTS)
def test_a_parent_is_no_child_by_a_guess(sees_children, text):
    understood = sees_children.understand(text)

    assert "minor" not in {one.id for one in understood.indicators}
    assert "minor" in {one.id for one in understood.possible}, "staff still see it"
    assert not [one for one in understood.risks if (one.id, one.band) == ("minor_at_risk", "sure")]


@pytest.mark.parametrize(
    "text", ["a boy works here at night", "mi hermana chica trabaja de noche", "i am only 15 and he wants my child"]
)
def test_where_no_parent_writes_or_a_rule_hears_a_child_there_is_one(sees_children, text):
    assert "minor" in {one.id for one in sees_children.understand(text).indicators}


@pytest.mark.parametrize("text", ["sorry 13 not 3", "maaf 13 bukan 3", "13 ไม่ใช่ 3", "١٣ مش ٣", "hindi 3, 13"])
def test_two_numbers_and_a_word_between_are_asked_about_and_not_taken_for_an_age(sees_children, text):
    understood = sees_children.understand(text)

    assert "minor" not in {one.id for one in understood.indicators}
    assert [one.band for one in understood.risks if one.id == "minor_at_risk"] == ["grey"]


@pytest.mark.parametrize(
    "text",
    ["im 13 not 15", "i am 13", "she is 13 and i am 14 and we are locked in here", "16 ແຕ່ເຂົາເຮັດບັດໃຫ້ເປັນ 20"],
)
def test_an_age_that_is_told_is_an_age_once(sees_children, text):
    assert [one.id for one in sees_children.understand(text).indicators].count("minor") == 1


@pytest.mark.parametrize("language", COUNTED)
def test_a_number_of_people_is_no_age(sees_children, language):
    understood = sees_children.understand(COUNTED[language])

    assert "minor" not in {one.id for one in understood.indicators}
    assert [one.band for one in understood.risks if one.id == "minor_at_risk"] == ["grey"]


@pytest.mark.parametrize(
    "text", ["8 girls sleep there", "she is 15 and there are 8 people", "8 дітей там", "có 8 đứa nhỏ"]
)
def test_a_number_of_children_or_an_age_beside_people_is_left_to_what_else_is_heard(sees_children, text):
    assert "minor" in {one.id for one in sees_children.understand(text).indicators}


def test_people_are_counted_by_a_word_in_every_language():
    assert set(people_words()) == set(languages())


def test_a_child_at_risk_is_the_child_of_a_family():
    of_family = {"self": 0.1, "family": 0.9, "community": 0.0}

    assert not misread.is_parent(("my_child",), of_family, ())
    assert misread.is_parent(("my_child",), {"self": 0.9, "family": 0.1}, ())
    assert not misread.is_parent(("my_child",), {"self": 0.9, "family": 0.1}, (SIXTEEN_YEARS,)), "its age is told"


@pytest.mark.parametrize(
    ("text", "read", "band"),
    [
        ("16 hours and my kids are with my mother", (SIXTEEN_HOURS,), "grey"),
        ("a kid of 16 works 16 hours", (SIXTEEN_HOURS,), "sure"),
        ("kids of 16", (SIXTEEN_YEARS,), "sure"),
        ("kids of 16", (), "sure"),
    ],
)
def test_a_number_of_hours_is_no_age_of_a_child(text, read, band):
    ruled = Finding("minor_at_risk", "risk", 0.95, "kids … 16", "minor_at_risk.stated.en", "sure")

    assert [one.band for one in misread.with_ages([ruled], text, read)] == [band]


@pytest.mark.parametrize("text", STAY.values(), ids=STAY)
def test_who_wants_us_to_stay_ends_nothing_by_a_guess(sees_children, text):
    understood = sees_children.understand(text)

    assert nearby.sure_end(understood, 0.6) == nearby.sure_goodbye(understood, 0.5) == nearby.NEVER


def test_another_message_may_end_the_talk(sees_children):
    understood = sees_children.understand("bye i have to go")

    assert (nearby.sure_end(understood, 0.6), nearby.sure_goodbye(understood, 0.5)) == (0.6, 0.5)


@pytest.mark.parametrize(
    "text", ["вже не жива", "she is no longer alive", "ya no esta viva", "udah meninggal", "她去世了"]
)
def test_that_somebody_died_is_no_wish_to_die_by_a_guess(rules_only, monkeypatch, text):
    guess = Finding("suicide_self_harm", "risk", 0.97, "all of it", MODEL, "sure")
    monkeypatch.setattr(Understanding, "_risks", lambda *_: [guess])

    risks = rules_only.understand(text).risks

    assert [one.band for one in risks if one.id == "suicide_self_harm"] == ["grey"]


@pytest.mark.parametrize(
    "text",
    ["this isnt trafficking... not trafficking ok", "di naman to trafficking diba", "bukan trafficking ok, sy kerja biasa",
     "kya ye trafficking hai ya nahi"],
)  # fmt: skip
def test_the_word_trafficking_is_no_crime_that_they_tell_of(rules_only, monkeypatch, text):
    crime = Finding("forced_criminality", "indicator", 0.9, text, MODEL, "sure")
    wages = Finding("wages_withheld", "indicator", 0.9, text, MODEL, "sure")
    monkeypatch.setattr(Understanding, "_indicators", lambda *_: ((crime, wages), (replace(crime, band="grey"),)))

    heard = rules_only.understand(text)
    told = {one.id for one in (*heard.indicators, *heard.possible)}

    assert "wages_withheld" in told
    assert "forced_criminality" not in told


def test_a_crime_that_they_tell_of_is_heard(rules_only, monkeypatch):
    crime = Finding("forced_criminality", "indicator", 0.9, "drugs", MODEL, "sure")
    monkeypatch.setattr(Understanding, "_indicators", lambda *_: ((crime,), ()))

    heard = rules_only.understand("they make me carry drugs")

    assert "forced_criminality" in {one.id for one in heard.indicators}
