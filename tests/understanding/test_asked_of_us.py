"""What people ask of the line itself is heard in 24 languages: a number to call, when somebody writes, how to be reached."""

from __future__ import annotations

import pytest

NUMBER = {
    "ar": "في رقم اتصل عليه", "bn": "কল করার কোনো নাম্বার আছে", "en": "is there a number i can call",
    "es": "hay algun numero para llamar", "fa": "شماره ای هست زنگ بزنم", "fr": "il y a un numero a appeler",
    "hi": "कोई नंबर है जिस पर कॉल करूं", "id": "ada nomor yg bisa ditelpon", "km": "មានលេខទូរស័ព្ទសម្រាប់ខលទេ",
    "lo": "ມີເບີໂທບໍ່", "ms": "ada nombor boleh call tak", "my": "ခေါ်လို့ရတဲ့ ဖုန်းနံပါတ်ရှိလား",
    "ne": "फोन गर्ने नम्बर छ", "pt": "tem algum numero pra ligar", "ro": "e vreun numar la care sa sun",
    "ru": "есть номер куда позвонить", "sq": "a ka ndonje numer per te telefonuar", "sr": "ima li neki broj da pozovem",
    "th": "มีเบอร์ให้โทรไหม", "tl": "may number ba na pwedeng tawagan", "uk": "є номер куди подзвонити",
    "ur": "کوئی نمبر ہے کال کرنے کو", "vi": "có số nào gọi được không", "zh": "有没有电话可以打",
}  # fmt: skip
WHEN = {
    "ar": "متى بتكتبون لي؟", "bn": "আপনারা কখন আমাকে লিখবেন?", "en": "when will you write to me?",
    "es": "cuando me escriben?", "fa": "کی به من پیام میدین؟", "fr": "vous m'ecrivez quand?", "hi": "आप मुझे कब लिखेंगे?",
    "id": "kapan kalian chat aku?", "km": "ពេលណាសរសេរមកខ្ញុំ", "lo": "ຊິຂຽນຫາຂ້ອຍຍາມໃດ", "ms": "bila nak tulis kat saya?",
    "my": "ဘယ်တော့ စာပြန်မလဲ", "ne": "मलाई कहिले लेख्नुहुन्छ?", "pt": "quando vcs me escrevem?", "ro": "cand imi scrieti?",
    "ru": "когда вы мне напишете?", "sq": "kur do me shkruani?", "sr": "kad ćete mi pisati?", "th": "จะทักมาเมื่อไหร่",
    "tl": "kelan nyo ko imemessage?", "uk": "коли ви мені напишете?", "ur": "آپ مجھے کب لکھیں گے؟",
    "vi": "khi nào bạn nhắn cho tôi?", "zh": "你们什么时候联系我",
}  # fmt: skip


@pytest.mark.parametrize("language", NUMBER)
def test_who_asks_for_a_number_to_call_is_heard_to_ask_for_one(rules_only, language):
    assert "number" in rules_only.understand(NUMBER[language]).topics


@pytest.mark.parametrize("language", WHEN)
def test_who_asks_when_somebody_writes_to_them_is_told_about_waiting(rules_only, language):
    assert "how_long" in rules_only.understand(WHEN[language]).topics
