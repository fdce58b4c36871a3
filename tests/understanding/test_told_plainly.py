"""What keeps people where they are, and what was done to them, is heard in the plainest words of every language."""

from __future__ import annotations

import pytest

KEPT_ABOARD = {
    "ar": "ممنوع ننزل من السفينة", "bn": "নৌকা থেকে নামতে দেয় না", "en": "not allowed off the boat for 2 years",
    "es": "no nos dejan bajar del barco", "fa": "نمیذارن از کشتی پیاده شیم", "fr": "pas le droit de descendre du bateau",
    "hi": "2 saal se boat se utarne nahi dete", "id": "2 tahun ga boleh turun dari kapal", "km": "គេមិនឲ្យចុះពីទូក",
    "lo": "ບໍ່ໃຫ້ລົງຈາກເຮືອ", "ms": "tak bagi turun dari kapal", "my": "လှေပေါ်က ဆင်းခွင့်မပေးဘူး ၂ နှစ်ရှိပြီ",
    "ne": "jahaj bata orlina didainan", "pt": "proibido sair do navio", "ro": "nu ne lasa sa coboram de pe vapor",
    "ru": "с судна сойти не дают", "sq": "nuk na lene te zbresim nga anija", "sr": "ne daju nam da sidjemo sa broda",
    "th": "ไม่ให้ลงจากเรือมา 2 ปีแล้ว", "tl": "di kami pinapababa ng barko", "uk": "з судна зійти не дають",
    "ur": "kashti se utarne nahi dete", "vi": "2 năm rồi không cho lên bờ", "zh": "两年不让下船",
}  # fmt: skip
BOUND = {
    "ar": "اخذوا سلفة وما يقدروا يمشوا", "bn": "dadon niyeche tai jete pare na", "en": "they took an advance so they cannot leave",
    "es": "pidieron un adelanto y no se pueden ir", "fa": "پیشکی گرفتن نمیتونن برن", "fr": "ils ont pris une avance ils peuvent pas partir",
    "hi": "maa baap bolte hain peshgi li thi isliye ja nahi sakte", "id": "hutang blm lunas gak boleh keluar",
    "km": "ខ្ចីលុយថៅកែមុន អត់ចេញបានទេ", "lo": "ເອົາເງິນລ່ວງໜ້າມາແລ້ວ ອອກບໍ່ໄດ້", "ms": "hutang tak habis bayar tak bagi balik",
    "my": "ကြိုတင်ငွေ ယူထားလို့ ထွက်လို့မရဘူး", "ne": "peski liyeko thiyo jana mildaina", "pt": "pegaram adiantamento nao podem ir embora",
    "ro": "au luat avans nu pot pleca", "ru": "взяли аванс уйти не могут", "sq": "kane marr avans s mund te ikin",
    "sr": "uzeli su avans pa ne mogu da odu", "th": "ยังใช้หนี้ไม่หมดเขาไม่ให้ไป", "tl": "kumuha ng cash advance di makaalis",
    "uk": "взяли аванс піти не можуть", "ur": "پیشگی لی تھی جا نہیں سکتے", "vi": "ứng tiền trước nên không được về",
    "zh": "预支了工钱所以走不了",
}  # fmt: skip
SEEN_HURT = {
    "ar": "شفت واحد وجهه مكسر", "bn": "গায়ে মারের দাগ", "en": "i saw one with a smashed face", "es": "a uno lo vi con la cara golpeada",
    "fa": "صورتش کبوده", "fr": "j'en ai vu un le visage tuméfié", "hi": "chehre pe neel ke nishan", "id": "mukanya lebam",
    "km": "មុខមានស្នាមជាំ", "lo": "ໜ້າມີຮອຍຊ້ຳ", "ms": "muka dia lebam", "my": "မျက်နှာမှာ အညိုအမဲတွေ", "ne": "शरीरमा निलडाम छ",
    "pt": "ela ta de olho roxo", "ro": "are vanatai pe fata", "ru": "одного видел с разбитым лицом", "sq": "ka te nxira ne fytyre",
    "sr": "ima modrice po licu", "th": "หน้ามีรอยช้ำ", "tl": "may pasa sa mukha", "uk": "одного бачив з розбитим обличчям",
    "ur": "chehre pe neel hain", "vi": "mặt bầm tím", "zh": "脸上有淤青",
}  # fmt: skip


def told(understanding, text):
    return {one.id for one in understanding.understand(text).indicators}


@pytest.mark.parametrize("language", KEPT_ABOARD)
def test_not_allowed_off_the_boat_is_confinement(rules_only, language):
    assert "confinement" in told(rules_only, KEPT_ABOARD[language])


@pytest.mark.parametrize("language", BOUND)
def test_an_advance_or_a_debt_for_which_they_cannot_leave_is_debt_bondage(rules_only, language):
    assert "debt_bondage" in told(rules_only, BOUND[language])


@pytest.mark.parametrize("language", SEEN_HURT)
def test_injuries_that_a_witness_saw_are_violence(rules_only, language):
    assert "violence" in told(rules_only, SEEN_HURT[language])


@pytest.mark.parametrize("text", [
    "ساعدوني صاحب العمل أخذ جواز سفري ويضربني كل يوم", "خد الباسبور بتاعي وبيضربني",
])  # fmt: skip
def test_in_arabic_a_word_is_heard_with_and_written_to_it(rules_only, text):
    assert "violence" in told(rules_only, text)


def test_in_arabic_a_denial_is_heard_with_and_written_to_it(rules_only):
    assert "violence" not in told(rules_only, "الكفيل اخذ جوازي ومحد ضربني")
