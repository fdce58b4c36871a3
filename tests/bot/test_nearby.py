"""What a message means by the place that the talk has come to."""

from __future__ import annotations

import pytest

from bot import nearby
from content.questions import questions
from screening.assessment import Assessment, Heard


@pytest.mark.parametrize(
    "text", ["i am not in danger but he hits me", "没有危险吧 就是老板打我", "не в опасности он просто кричит"]
)
def test_no_danger_with_more_is_a_no_where_danger_was_asked(rules_only, text):
    understood = rules_only.understand(text)

    assert nearby.says_no(questions()["check_immediate_danger"], understood)
    assert not nearby.says_no(questions()["check_controller_present"], understood), "there a no is another answer"


def test_danger_itself_is_no_no(rules_only):
    assert not nearby.says_no(questions()["check_immediate_danger"], rules_only.understand("he is hitting me now"))


TOLD = Assessment(checks=("sexual_violence_recent",)).hear(indicators={"sexual_violence": Heard()}, risks={})


@pytest.mark.parametrize(
    "text",
    [
        "last night again. dont want to tell it",
        "anoche otra vez. no quiero contarlo",
        "昨晚又来了",
        "မနေ့ညက ထပ်လုပ်တယ်",
        "kal raat phir",
    ],
)
def test_last_night_again_is_recent_where_sexual_violence_was_told_and_in_doubt(rules_only, text):
    assert "sexual_violence_recent" in nearby.harm(TOLD, rules_only.understand(text), {})


@pytest.mark.parametrize("known", [Assessment(), TOLD.with_(checks=()), TOLD.with_(indicators={})])
def test_last_night_alone_says_nothing(rules_only, known):
    assert not nearby.harm(known, rules_only.understand("last night i worked until 3"), {})


@pytest.mark.parametrize(
    "text",
    [
        "i am a nurse and a patient came, the man with her answers all questions for her",
        "llego una paciente a la clinica y el encargado contesta todo por ella",
        "来了一个病人 老板一直在旁边替他回答",
    ],
)
def test_who_met_somebody_at_work_writes_about_them(rules_only, text):
    assert nearby.whom(Assessment(role="self"), rules_only.understand(text)) == "community"


def test_who_is_exploited_as_a_nurse_writes_of_themselves(rules_only):
    said = rules_only.understand("i am a nurse here, i care for my patient day and night and they keep my passport")

    assert nearby.whom(Assessment(), said) is None


STEPS_IN = {
    "ar": "اروح احكي مع صاحب الشغل بنفسي؟", "bn": "ami nije giye malik er sathe kotha bolbo?", "en": "should i go there myself",
    "es": "yo mismo voy a hablar con el dueño, voy yo a hablar?", "fa": "خودم برم با صاحب کارش حرف بزنم؟",
    "fr": "je dois y aller moi meme", "hi": "kya main khud bhatte pe jaake malik se baat karu?",
    "id": "saya sendiri datang ngomong sama bosnya boleh?", "km": "ខ្ញុំទៅនិយាយជាមួយថៅកែផ្ទាល់បានទេ", "lo": "ຂ້ອຍໄປລົມກັບນາຍຈ້າງເອງດີບໍ",
    "ms": "boleh ke saya sendiri pergi jumpa bos dia?", "my": "ကျွန်တော်ကိုယ်တိုင် သွားပြီး သူဌေးနဲ့ ပြောရမလား",
    "ne": "ma aafai gayera sahu sanga kura garu?", "pt": "eu mesmo vou la falar, devo falar com o dono?", "ro": "sa ma duc chiar eu acolo, sa vorbesc eu cu patronul?",
    "ru": "может мне самому поговорить с хозяином?", "sq": "a te shkoj une vete te flas me pronarin?", "sr": "da odem ja tamo licno, da odem ja da pricam sa gazdom?",
    "th": "ผมไปคุยกับนายจ้างเองดีไหม", "tl": "kausapin ko na lang ba ang amo nya?", "uk": "може я сама, мені самій поговорити з хазяїном?",
    "ur": "kya main khud ja kar malik se baat karun?", "vi": "tôi tự tới nói chuyện với ông chủ được không", "zh": "我自己去找老板谈行吗",
}  # fmt: skip


@pytest.mark.parametrize("language", STEPS_IN)
def test_who_thinks_of_going_there_themselves_still_writes_about_another(rules_only, language):
    understood = rules_only.understand(STEPS_IN[language])

    assert "step_in" in understood.topics
    assert nearby.whom(Assessment(role="community"), understood) is None


NOT_ME = {
    "ar": "انا لا. بنتي", "bn": "ami na. amar meye!", "en": "not me. my daughter!", "es": "yo no. mi hija!", "fa": "من نه. دخترم!",
    "fr": "moi non. ma fille!", "hi": "mai nhi. meri behan", "id": "bukan aku, adekku", "km": "អត់មែនខ្ញុំទេ កូនស្រីខ្ញុំ",
    "lo": "ບໍ່ແມ່ນຂ້ອຍ ລູກສາວຂ້ອຍ", "ms": "bukan sy, adik sy", "my": "ကျွန်မမဟုတ်ဘူး သမီးပါ", "ne": "ma hoina. mero chhori!",
    "pt": "eu nao. minha filha!", "ro": "eu nu. fata mea!", "ru": "я нет. дочка моя!", "sq": "un jo. vajza ime!", "sr": "ja ne. cerka moja!",
    "th": "ไม่ใช่ฉัน ลูกสาว!", "tl": "di po ako, kapatid ko", "uk": "я ні. дочка моя!", "ur": "main nahi. meri beti!",
    "vi": "ko phải em, là chị em", "zh": "不是我 是我妹",
}  # fmt: skip


@pytest.mark.parametrize("language", NOT_ME)
def test_not_me_my_daughter_changes_whom_it_is_about(rules_only, language):
    assert nearby.whom(Assessment(role="self"), rules_only.understand(NOT_ME[language])) == "family"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("my little brother is stuck in libya", "family"),
        ("buenas tardes es por mi sobrino", "family"),
        ("मेरा भाई म्यावाडी में फंस गया है", "family"),
        ("السلام عليكم ابني سافر ليبيا من شهرين", "family"),
        ("the maid of my neighbour sleeps on the balcony", "community"),
        ("radim u kadrovskoj u jednoj fabrici, pasosi radnika su u sefu", "community"),
    ],
)
def test_who_names_another_writes_about_them_from_the_first_words_on(rules_only, text, role):
    assert nearby.whom(Assessment(), rules_only.understand(text)) == role


@pytest.mark.parametrize(
    "text",
    [
        "my husband beats me and my brother took my passport",
        "mi tio me vendio a un hombre",
        "mera bhai mujhe marta hai",
        "dont tell my mother",
        "زوجي يضربني كل يوم",
        "me and my sister are locked in here",
        "my wife wrote to you, what did she say",
    ],
)
def test_who_tells_what_a_relative_does_to_them_or_looks_for_one_does_not(rules_only, text):
    assert nearby.whom(Assessment(), rules_only.understand(text)) is None


def test_a_relative_who_comes_up_later_does_not_change_whom_it_is_about(rules_only):
    assert nearby.whom(Assessment(role="self"), rules_only.understand("my brother is in libya")) is None
