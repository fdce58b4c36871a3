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
WRITE = {
    "ar": "لا تتصل، بس رسائل", "bn": "কল দিবেন না শুধু মেসেজ", "en": "dont call, message only",
    "es": "no llamen, solo mensajes", "fa": "زنگ نزن فقط پیام بده", "fr": "n'appelez pas, que des messages",
    "hi": "कॉल मत करो सिर्फ मैसेज", "id": "jangan telpon, chat aja", "km": "កុំខល ឆាតបានហើយ",
    "lo": "ຢ່າໂທມາ ສົ່ງຂໍ້ຄວາມເທົ່ານັ້ນ", "ms": "jangan call, mesej je", "my": "ဖုန်းမခေါ်နဲ့ စာပဲပို့ပါ",
    "ne": "फोन नगर्नुस् म्यासेज मात्र", "pt": "nao liga, so mensagem", "ro": "nu sunati, doar mesaj",
    "ru": "не звоните, только сообщения", "sq": "mos telefono, vetem mesazh", "sr": "ne zovite, samo poruke",
    "th": "อย่าโทรมา พิมพ์อย่างเดียว", "tl": "wag po tumawag, msg lng", "uk": "не дзвоніть, тільки повідомлення",
    "ur": "کال مت کرو صرف میسج", "vi": "đừng gọi, nhắn tin thôi", "zh": "别打电话 发消息就行",
}  # fmt: skip
PERSON_WRITES = {
    "ar": "اريد شخص بس لا تتصلوا فيني", "bn": "একজন মানুষের সাথে কথা বলতে চাই কিন্তু ফোন করবেন না",
    "en": "i want a person but dont phone me", "es": "quiero una persona pero no me llamen",
    "fa": "یه آدم میخوام ولی بهم زنگ نزنین", "fr": "je veux une personne mais ne m'appelez pas",
    "hi": "किसी इंसान से बात करनी है पर फोन मत करना", "id": "mau ngomong sama orang tapi jgn telpon ya",
    "km": "ចង់និយាយជាមួយមនុស្ស តែកុំខលមក", "lo": "ຢາກລົມກັບຄົນ ແຕ່ຢ່າໂທມາ", "ms": "nak cakap dgn orang tapi jangan call",
    "my": "လူတစ်ယောက်နဲ့ပြောချင်တယ် ဒါပေမဲ့ ဖုန်းမခေါ်ပါနဲ့", "ne": "मान्छेसँग कुरा गर्नु छ तर फोन नगर्नुस्",
    "pt": "quero uma pessoa mas nao me liguem", "ro": "vreau o persoana dar nu ma sunati",
    "ru": "хочу человека но не звоните мне", "sq": "dua nje person por mos me telefononi",
    "sr": "hocu osobu ali nemojte da me zovete", "th": "อยากคุยกับคนแต่อย่าโทรมานะ",
    "tl": "gusto ko makausap ng tao pero wag tumawag", "uk": "хочу людину але не дзвоніть мені",
    "ur": "مجھے کسی سے بات کرنی ہے پر فون مت کرنا", "vi": "muốn nói chuyện với người nhưng đừng gọi điện",
    "zh": "想跟人聊 但是别打电话",
}  # fmt: skip
TOMORROW = {
    "ar": "مو الحين، بكرا بكلم شخص", "bn": "এখন না, কাল মানুষের সাথে কথা বলব",
    "en": "not now, tomorrow i will talk to a person", "es": "ahora no, mañana hablo con una persona",
    "fa": "الان نه، فردا با یه نفر حرف میزنم", "fr": "pas maintenant, demain je parle a une personne",
    "hi": "अभी नहीं, कल किसी से बात करूंगी", "id": "jangan sekarang, besok aku ngomong sama orangnya",
    "km": "ឥឡូវអត់ទេ ស្អែកខ្ញុំនិយាយជាមួយមនុស្ស", "lo": "ຕອນນີ້ບໍ່ໄດ້ ມື້ອື່ນຄ່ອຍລົມກັບຄົນ",
    "ms": "bukan sekarang, esok saya cakap dgn orang", "my": "အခုမဟုတ်ဘူး မနက်ဖြန် လူနဲ့ပြောမယ်",
    "ne": "अहिले होइन, भोलि मान्छेसँग कुरा गर्छु", "pt": "agora nao, amanha falo com uma pessoa",
    "ro": "nu acum, maine vorbesc cu o persoana", "ru": "не сейчас, завтра поговорю с человеком",
    "sq": "jo tani, neser flas me nje person", "sr": "ne sad, sutra cu da pricam sa osobom",
    "th": "ตอนนี้ไม่ได้ พรุ่งนี้ค่อยคุยกับคน", "tl": "wag muna ngayon, bukas ako kakausap ng tao",
    "uk": "не зараз, завтра поговорю з людиною", "ur": "ابھی نہیں، کل کسی سے بات کروں گی",
    "vi": "giờ chưa được, mai tôi nói chuyện với người", "zh": "现在不行 明天再跟人聊",
}  # fmt: skip


@pytest.mark.parametrize("language", NUMBER)
def test_who_asks_for_a_number_to_call_is_heard_to_ask_for_one(rules_only, language):
    assert "number" in rules_only.understand(NUMBER[language]).topics


@pytest.mark.parametrize("language", WHEN)
def test_who_asks_when_somebody_writes_to_them_is_told_about_waiting(rules_only, language):
    assert "how_long" in rules_only.understand(WHEN[language]).topics


@pytest.mark.parametrize("text", [*WRITE.values(), *PERSON_WRITES.values()])
def test_who_must_not_be_phoned_says_how_to_be_reached_and_no_more(rules_only, text):
    found = rules_only.understand(text)

    assert "only_write" in found.topics
    assert "no_person" not in found.topics
    assert not [one for one in found.risks if one.id == "controller_present"]


@pytest.mark.parametrize(
    "text",
    [
        "dont call, message only, he is here",
        "别打电话 老板在旁边 发消息就行",
        "no llamen, solo mensajes, mi jefe esta aqui al lado",
    ],
)
def test_that_somebody_is_near_is_heard_beside_how_to_be_reached(rules_only, text):
    assert [one.id for one in rules_only.understand(text).risks] != []


@pytest.mark.parametrize("language", TOMORROW)
def test_who_talks_to_a_person_tomorrow_wants_one_later(rules_only, language):
    found = rules_only.understand(TOMORROW[language])

    assert "later" in found.topics
    assert "no_person" not in found.topics
    assert not [one for one in found.risks if one.band == "sure"]
