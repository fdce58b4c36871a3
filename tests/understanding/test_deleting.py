"""Who wants their messages deleted says it in plain words in every language, and is not taken to be in danger."""

from __future__ import annotations

import pytest

from bot import asides
from bot.understanding.findings import MODEL, Finding
from bot.understanding.model import Understanding

EVERYTHING = {
    "ar": "امسحوا كل شي لو سمحتوا", "bn": "amar sob message delete kore den", "en": "pls delete everything i wrote",
    "es": "borren todo por favor", "fa": "لطفا همه چیزو پاک کنید", "fr": "supprimez tout svp", "hi": "sab kuch delete kar do please",
    "id": "tolong hapus semuanya ya", "km": "សូមលុបសារទាំងអស់", "lo": "ຊ່ວຍລຶບທຸກຢ່າງແດ່", "ms": "tolong padam semua ni",
    "my": "အကုန်ဖျက်ပေးပါ", "ne": "sabai delete gardinus na", "pt": "apaga tudo por favor", "ro": "vreau sa sterg tot",
    "ru": "удалите все пожалуйста", "sq": "fshini gjithcka ju lutem", "sr": "obrisite sve molim vas", "th": "ช่วยลบทุกอย่างให้หน่อย",
    "tl": "pakibura lahat please", "uk": "видаліть усе будь ласка", "ur": "سب کچھ ڈیلیٹ کر دیں پلیز", "vi": "xoa het giup em",
    "zh": "请把消息全部删掉",
}  # fmt: skip
THEMSELVES = {
    "ar": "بدي امسح حياتي", "bn": "nijeke delete kore felte chai", "en": "i want to delete myself", "es": "quiero borrar toda mi vida",
    "fa": "میخوام خودمو پاک کنم از دنیا", "fr": "j'aimerais effacer toute ma vie", "hi": "khud ko sab se delete karna hai",
    "id": "mau hapus diriku dan semua", "ro": "vreau sa ma sterg de tot", "ru": "удалить себя и все", "sr": "hocu da obrisem sebe i sve",
    "tl": "burahin ko na ang buhay ko lahat", "vi": "muốn xóa bản thân hết", "zh": "把自己全部删掉",
}  # fmt: skip
DANGERS = {"suicide_self_harm", "immediate_danger"}
GUESSES = [Finding(risk, "risk", 0.99, "all of it", MODEL, "sure") for risk in DANGERS]


@pytest.fixture(scope="module")
def alarmed(rules_only):
    """An understanding whose heads hear suicide and danger in whatever is written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Understanding, "_risks", lambda *_: list(GUESSES))
        yield rules_only


@pytest.mark.parametrize("text", EVERYTHING.values(), ids=EVERYTHING)
def test_a_wish_to_delete_is_heard_in_every_language_and_is_no_danger_by_a_guess(alarmed, text):
    understood = alarmed.understand(text)

    assert asides.DELETE in understood.topics
    assert DANGERS.isdisjoint(risk.id for risk in understood.risks)


@pytest.mark.parametrize("text", THEMSELVES.values(), ids=THEMSELVES)
def test_who_would_delete_themselves_or_their_life_is_no_such_wish(alarmed, text):
    understood = alarmed.understand(text)

    assert asides.DELETE not in understood.topics
    assert {risk.id for risk in understood.risks} >= DANGERS


def test_a_rule_is_believed_beside_the_wish(alarmed):
    risks = {risk.id: risk.source for risk in alarmed.understand("i want to die. delete all my messages").risks}

    assert risks["suicide_self_harm"] != MODEL
