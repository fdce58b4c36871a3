"""Whom it is about, where they say what work they do, or speak to us as to a brother or a sister."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import nearby
from bot.understanding import misread
from bot.understanding.findings import MODEL, Finding
from bot.understanding.heads import Label, Prediction
from content.context_words import ADDRESS, OWN_WORK, context_words
from content.languages import languages
from screening.assessment import Assessment

CHILD = Finding("minor", "indicator", 0.9, "w", MODEL, "sure")
WORK = {
    "ar": "مرحبا انا صيدلانية", "bn": "ami ekjon nurse, upazila hospital e", "en": "hello, i am a teacher in a village school",
    "es": "buenas soy maestra de primaria", "fa": "سلام من معلم هستم", "fr": "bonjour je suis infirmiere a l'hopital",
    "hi": "namaste, main govt school me padhata hu", "id": "malam kak, saya bidan di desa", "km": "ជំរាបសួរ ខ្ញុំជាគ្រូបង្រៀន",
    "lo": "ສະບາຍດີ ຂ້ອຍເປັນຄູ", "ms": "salam, sy guard kt kondo", "my": "မင်္ဂလာပါ ကျွန်မကျောင်းဆရာမပါ", "ne": "namaste school ma padhauchhu",
    "pt": "oi sou professora da rede publica", "ro": "buna ziua sunt profesoara", "ru": "здравствуйте, я учительница",
    "sq": "pershendetje jam mesuese", "sr": "dobar dan, nastavnica sam", "th": "สวัสดีค่ะ ฉันเป็นครู", "tl": "good pm po teacher po ako",
    "uk": "добрий день, я вчителька", "ur": "salam main teacher hun", "vi": "chào, tôi là giáo viên", "zh": "你好 我是老师",
}  # fmt: skip
NO_WORK = {
    "ar": "المعلم ما يعطيني راتبي", "bn": "malik beton dey na", "en": "my boss does not pay me", "es": "la señora no me paga",
    "fa": "حقوقمو نمیدن", "fr": "le patron ne me paye pas", "hi": "malik paise nahi deta", "id": "gaji saya belum dibayar",
    "km": "ថៅកែមិនបើកប្រាក់ខែ", "lo": "ນາຍຈ້າງບໍ່ຈ່າຍເງິນ", "ms": "majikan tak bayar gaji", "my": "လစာမရဘူး", "ne": "sahu le talab diyena",
    "pt": "o patrao nao paga", "ro": "patronul nu ma plateste", "ru": "хозяин не платит", "sq": "pronari nuk me paguan",
    "sr": "gazda ne placa", "th": "นายจ้างไม่จ่ายเงิน", "tl": "di nagpapasahod ang amo", "uk": "хазяїн не платить",
    "ur": "malik tankhwah nahi deta", "vi": "chủ không trả lương", "zh": "老板不发工资",
}  # fmt: skip
ADDRESSED = {
    "ar": "يا اخي اخذوا جوازي", "bn": "vai amar passport niye gese", "en": "bro my boss has my passport", "es": "hermano me quitaron el pasaporte",
    "fa": "داداش پاسپورتم رو گرفتن", "fr": "mon frere aide moi ils ont mon passeport", "hi": "bhai mera passport malik ke paas hai",
    "id": "kak tolong saya paspor ditahan", "km": "បងជួយខ្ញុំផង", "lo": "ອ້າຍຊ່ວຍຂ້ອຍແດ່", "ms": "bang tolong saya passport kena pegang",
    "my": "အစ်ကိုရေ ကျွန်တော် ပတ်စ်ပို့ သိမ်းခံထားရတယ်", "ne": "dai mero passport sahu le rakheko", "pt": "mano pegaram meu passaporte",
    "ro": "frate mi au luat pasaportul", "ru": "братан у меня забрали паспорт", "sq": "vlla me kane marre pasaporten",
    "sr": "brate uzeli su mi pasos", "th": "พี่คะหนูโดนยึดพาสปอร์ต", "tl": "kuya yung amo ko kinuha passport ko",
    "uk": "брате у мене забрали паспорт", "ur": "بھائی میرا پاسپورٹ کفیل کے پاس ہے", "vi": "anh oi em bi giu ho chieu", "zh": "大哥帮我 护照被收了",
}  # fmt: skip
RELATIVE = {
    "ar": "اخي اخذوا جوازه", "bn": "amar vai er passport niye gese", "en": "my brother my boss has his passport too", "es": "a mi hermano le quitaron el pasaporte",
    "fa": "پاسپورت داداشمو گرفتن", "fr": "mon frere est bloque la bas", "hi": "mera bhai ka passport malik ke paas hai",
    "id": "kakak saya paspornya ditahan", "km": "បងប្រុសខ្ញុំជាប់នៅទីនោះ", "lo": "ອ້າຍຂ້ອຍຖືກຈັບ", "ms": "abang saya passport kena pegang",
    "my": "ကျွန်တော့်အစ်ကို ပတ်စ်ပို့ သိမ်းခံထားရတယ်", "ne": "mero dai ko passport sahu le rakheko", "pt": "pegaram o passaporte do meu irmao",
    "ro": "fratelui meu i au luat pasaportul", "ru": "у моего брата забрали паспорт", "sq": "vllait tim ja kane marre pasaporten",
    "sr": "uzeli su pasos mom bratu", "th": "พี่ชายผมโดนยึดพาสปอร์ต", "tl": "kinuha ng amo ang passport ng kuya ko",
    "uk": "у мого брата забрали паспорт", "ur": "میرے بھائی کا پاسپورٹ کفیل کے پاس ہے", "vi": "anh trai em bị giữ hộ chiếu", "zh": "我哥的护照被收了",
}  # fmt: skip


def _of(rules_only, **shares):
    return replace(rules_only.understand("x"), roles={"none": 0.0, **shares})


def test_both_are_said_in_every_language():
    for texts in (WORK, NO_WORK, ADDRESSED, RELATIVE):
        assert set(texts) == set(languages())
    for kind in (OWN_WORK, ADDRESS):
        assert {one.language for one in context_words() if one.id == kind} == set(languages())


@pytest.mark.parametrize("language", WORK)
def test_who_says_what_work_they_do_is_heard_in_every_language(rules_only, language):
    assert nearby.says_own_work(rules_only.understand(WORK[language]))


@pytest.mark.parametrize("language", NO_WORK)
def test_who_tells_of_a_boss_has_not_said_what_work_they_do(rules_only, language):
    assert not nearby.says_own_work(rules_only.understand(NO_WORK[language]))


def test_a_teacher_who_tells_of_children_or_of_others_writes_about_them(rules_only):
    teacher = Assessment(own_work=True)

    assert nearby.seen_at_work(teacher, replace(_of(rules_only, self=0.8, community=0.2), indicators=(CHILD,)))
    assert nearby.seen_at_work(teacher, _of(rules_only, self=0.4, family=0.3, community=0.2))


def test_a_nurse_who_tells_of_herself_writes_about_herself(rules_only):
    assert not nearby.seen_at_work(Assessment(own_work=True), _of(rules_only, self=0.8, community=0.1))
    assert not nearby.seen_at_work(Assessment(), replace(_of(rules_only, self=0.6), indicators=(CHILD,)))


@pytest.mark.parametrize("language", ADDRESSED)
def test_who_speaks_to_us_as_kin_is_heard_in_every_language(rules_only, language):
    assert ADDRESS in rules_only.understand(ADDRESSED[language]).context


@pytest.mark.parametrize("language", RELATIVE)
def test_who_names_a_relative_does_not_speak_to_us_as_kin(rules_only, language):
    assert ADDRESS not in rules_only.understand(RELATIVE[language]).context


def _guess():
    return Prediction(
        ranking=(("report_family", 0.8), ("disclose", 0.1)),
        indicators=(),
        risks=(),
        urgent=Label("urgent", 0.0, "clear"),
        roles=(("family", 0.85), ("self", 0.15)),
    )


def test_what_the_heads_hear_of_a_relative_is_their_own_where_they_speak_to_us_as_kin():
    heard = misread.of_address(_guess(), (ADDRESS,), ())

    assert heard is not None
    assert heard.ranking[0] == ("disclose", pytest.approx(0.9))
    assert heard.roles == (("self", pytest.approx(1.0)),)


@pytest.mark.parametrize(("context", "about"), [((), ()), ((ADDRESS,), ("family",))])
def test_a_relative_named_in_plain_words_stays_one(context, about):
    assert misread.of_address(_guess(), context, about) == _guess()
