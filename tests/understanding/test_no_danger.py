"""Who says that nobody is in danger is believed, and not asked, unless the same message says otherwise."""

from __future__ import annotations

import pytest

from bot.understanding.findings import Finding
from bot.understanding.model import Understanding

NOBODY = {
    "ar": "لا محدش في خطر دي بس دوشة", "bn": "na kono bipod nai khali awaj", "en": "no no one is in danger its only the noise",
    "es": "nadie esta en peligro, es solo el ruido", "fa": "نه کسی تو خطر نیست فقط سر و صداست",
    "fr": "non non personne est en danger, c juste la musique", "hi": "nahi koi khatre me nahi hai bas shor hai",
    "id": "ga ada yg bahaya cuma berisik", "km": "អត់មានអ្នកណាគ្រោះថ្នាក់ទេ គ្រាន់តែសំឡេងរំខាន",
    "lo": "ບໍ່ມີໃຜອັນຕະລາຍ ມີແຕ່ສຽງດັງ", "ms": "takde sapa dalam bahaya, bising je", "my": "ဘယ်သူမှ အန္တရာယ်မရှိပါဘူး ဆူညံတာပဲ",
    "ne": "kohi khatrama chaina khali halla ho", "pt": "ninguem ta em perigo, é só o barulho",
    "ro": "nu e nimeni in pericol, doar galagie", "ru": "нет никто не в опасности просто шумят",
    "sq": "jo s'eshte askush ne rrezik, vetem zhurma", "sr": "ma niko nije u opasnosti samo buka",
    "th": "ไม่มีใครอันตราย แค่เสียงดัง", "tl": "wala naman nasa panganib maingay lang", "uk": "ніхто не в небезпеці просто шум",
    "ur": "koi khatre mein nahi bas shor hai", "vi": "không ai gặp nguy hiểm đâu chỉ ồn thôi", "zh": "没人有危险 就是吵",
}  # fmt: skip
IN_DANGER = {
    "ar": "انا في خطر ساعدوني", "bn": "আমি বিপদে আছি সাহায্য করেন", "en": "i am in danger help",
    "es": "estoy en peligro ayuda", "fa": "من در خطرم کمک کنید", "fr": "je suis en danger aidez moi",
    "hi": "मैं खतरे में हूं मदद करो", "id": "saya dalam bahaya tolong", "km": "ខ្ញុំមានគ្រោះថ្នាក់ ជួយផង",
    "lo": "ຂ້ອຍຢູ່ໃນອັນຕະລາຍ ຊ່ວຍແດ່", "ms": "saya dalam bahaya tolong", "my": "ကျွန်တော် အန္တရာယ်ရှိနေတယ် ကူညီပါ",
    "ne": "म खतरामा छु मद्दत गर्नुस्", "pt": "estou em perigo me ajuda", "ro": "sunt in pericol ajutor",
    "ru": "я в опасности помогите", "sq": "jam ne rrezik ndihme", "sr": "u opasnosti sam pomozite",
    "th": "ฉันอยู่ในอันตราย ช่วยด้วย", "tl": "nasa panganib ako tulong po", "uk": "я в небезпеці допоможіть",
    "ur": "میں خطرے میں ہوں مدد کریں", "vi": "tôi đang gặp nguy hiểm cứu tôi", "zh": "我有危险 救我",
}  # fmt: skip
GUESS = Finding("immediate_danger", "risk", 0.97, "all of it", "model", "sure")


def danger(understood):
    return [one.band for one in understood.risks if one.id == "immediate_danger"]


@pytest.mark.parametrize("language", NOBODY)
def test_that_nobody_is_in_danger_is_heard_whatever_the_heads_make_of_it(rules_only, monkeypatch, language):
    monkeypatch.setattr(Understanding, "_risks", lambda *_: [GUESS])

    assert danger(rules_only.understand(NOBODY[language])) == []


@pytest.mark.parametrize(
    "text",
    [
        "nobody is in danger here. he has a knife to my throat",
        "no danger he said. they are coming to kill us",
        "personne est en danger ici mais il va me tuer",
        "محدش في خطر هنا بس هيقتلني دلوقتي",
    ],
)
def test_what_a_rule_hears_beside_it_is_never_left_out(rules_only, text):
    assert danger(rules_only.understand(text))


@pytest.mark.parametrize("language", IN_DANGER)
def test_that_they_are_in_danger_is_heard_without_any_model(rules_only, language):
    assert danger(rules_only.understand(IN_DANGER[language]))
