"""What nobody of the staff can choose as a password, in the browser or at the terminal."""

from __future__ import annotations

import dataclasses
import hashlib
import io

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command

from content.known_phrases import known_phrases
from content.languages import languages
from content.password_words import FILE, password_words
from content.source import ContentError
from desk.passwords import stands_in
from records.models import Staff


def codes(password, **names):
    try:
        validate_password(password, user=Staff(**names))
    except ValidationError as problem:
        return {error.code for error in problem.error_list}
    return set()


@pytest.fixture
def told(settings):
    """Settings of a line, with some of them changed."""

    def change(**fields):
        settings.LANTERN = dataclasses.replace(django_settings.LANTERN, **fields)

    return change


@pytest.mark.parametrize(
    "password",
    [
        "lantern-hotline-2026",
        "H0tl1ne!Supervis0r",
        "desk desk desk desk",
        "Trafficking123456",
        "WelcomeStaffJune26",
        "saigon.line.24/7",
        "123456789012",
        "0987654321098",
        "13579246801357",
        "abcdefghijklmn",
        "zyxwvutsrqponml",
        "Qwertyuiop12!",
        "poiuytrewq21",
        "azertyuiop123",
        "1q2w3e4r5t6y7u",
        "1qaz2wsx3edc4rfv",
        "qazwsxedcrfvtgb",
        "asdfghjkl;123456",
        "aaaabbbbcccc",
        "123abc123abc",
        "hunter1234567",
    ],
)
def test_what_is_made_of_words_of_the_line_is_refused(told, password):
    told(public_url="https://saigon.line.example.org")

    assert "password_of_the_line" in codes(password)


def test_the_names_of_an_account_are_such_words_too():
    assert "password_of_the_line" in codes("amara-desk-amara-1", username="amara")
    assert "password_of_the_line" in codes("Nour@Hotline1999", alias="Nour")


@pytest.mark.parametrize(
    "password",
    [
        "a lamp in the harbour",
        "kx7mPq2vT9wZ",
        "horse radish and battery acid",
        "once the quick harbour jumps",
        "first thirst 123 for harbours",
        "ดอกไม้ริมทางกับแมวสีเทา",
        "i love yogurt and old trams",
        "thank the blue kettle on Tuesday",
        "kettle-harbour-onion-1987",
    ],
)
def test_words_that_have_nothing_to_do_with_it_are_taken(password):
    assert codes(password, username="sara") == set()


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "Correct-Horse-Battery-Staple-42!",
        "c0rrecth0rseb4tterystaple",
        "staple battery horse correct",
        "correct horse battery",
        "To be, or not to be: that is",
        "May the F0rce be with you",
        "the quick brown fox",
        "iloveyouforever!!",
        "En un lugar de la Mancha...",
        "Feliz cumpleaños 2026",
        "bhinnekatunggalika17",
        "Không có gì quý hơn độc lập tự do",
        "ประเทศไทยรวมเลือดเนื้อชาติเชื้อไทย",
        "iloveyouverymuch",
        "ILoveYou.VeryMuch!",
        "i-love-you-very-much",
        "i_love_you_very_much_1999",
        "iloveyou-83920174",
        "1l0vey0u2026always",
        "iloveyoumichael",
        "iloveyou123456",
        "letmeinplease",
        "please_let_me_in",
        "pls-let-me-in-now-77",
        "thankyouverymuch",
        "whats_your_name_2024",
        "godblessyou777",
        "2026happynewyear2026",
        "staple_battery_horse_correct_42",
        "correcthorsebatterystaple2026",
        "tequieromucho1999",
        "terima-kasih-banget",
        "anhnhoemnhieulam",
        "maraming_salamat_po",
        "ฉันรักเธอมาก2026",
        "ятебялюблю-очень-2024",
        "السلام_عليكم_2024",
        "mylittlepony2020",
        "aslongasyouloveme",
        "sunshine and rainbows",
        "Harry_Potter_Forever_7",
        "somewhere over the rainbow",
    ],
)
def test_a_phrase_that_many_know_is_refused_and_it_is_said_why(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, user=Staff(username="sara"))

    assert "password_well_known" in {error.code for error in refused.value.error_list}
    assert "Many know this phrase" in " ".join(refused.value.messages)


@pytest.mark.parametrize(
    "password",
    [
        "princess202620",
        "s-u-n-s-h-i-n-e-2-0-2-6",
        "sunshinerainbow",
        "sunshine rainbow 83",
        "Sunshine_Rainbow!!",
        "5unsh1ne-ra1nb0w-77",
        "mybutterflyforever",
        "butterfly....butterfly",
    ],
)
def test_one_of_the_commonest_or_two_together_are_refused_whatever_stands_between_and_behind(password):
    with pytest.raises(ValidationError, match="one of the commonest passwords, or two of them together"):
        validate_password(password, user=Staff(username="sara"))


# One of each language of the line, as somebody might choose it at their own keyboard.
GOOD = {
    "en": "seven onions under the tram",
    "es": "siete cebollas bajo el tranvía",
    "fr": "sept oignons sous la charrette",
    "pt": "sete cebolas debaixo do bonde",
    "ro": "șapte cepe sub tramvai galben",
    "sq": "shtatë qepë nën urën e vjetër",
    "sr": "sedam lukova ispod tramvaja",
    "ru": "семь луковиц под трамваем",
    "uk": "сім цибулин під трамваєм",
    "ar": "سبع بصلات تحت عربة صفراء",
    "fa": "هفت پیاز زیر پل قدیمی",
    "ur": "سات پیاز پرانے پل کے نیچے",
    "hi": "सात प्याज पुराने पुल के नीचे",
    "ne": "सात प्याज पुरानो पुलमुनि",
    "bn": "সাতটি পেঁয়াজ পুরোনো সেতুর নিচে",
    "zh": "七个洋葱躺在旧电车下面睡觉",
    "th": "หอมเจ็ดหัวใต้รถรางสีเหลือง",
    "lo": "ຫົວຜັກບົ່ວເຈັດຫົວຢູ່ກ້ອງຂົວ",
    "km": "ខ្ទឹមប្រាំពីរក្រោមស្ពានចាស់",
    "my": "ကြက်သွန်ခုနစ်လုံး တံတားအောက်မှာ",
    "vi": "bảy củ hành dưới gầm cầu",
    "id": "tujuh bawang di bawah trem",
    "ms": "tujuh bawang bawah jambatan",
    "tl": "pitong sibuyas sa ilalim ng tulay",
}


def test_a_good_phrase_can_be_chosen_in_every_language_of_the_line_however_it_is_put_together():
    assert set(GOOD) == set(languages())

    refused = {
        (code, shape): found
        for code, phrase in GOOD.items()
        for shape in (" ", "-", "_", "")
        for found in (codes(phrase.replace(" ", shape), username="sara"), codes(f"{phrase} 77", username="sara"))
        if found
    }

    assert refused == {}


def test_the_list_of_phrases_says_where_it_is_wrong(tmp_path, monkeypatch):
    broken = tmp_path / "known_phrases.yml"
    broken.write_text("phrases:\n  - [so so]\nlittle_words: []\nleast_left: 8\n", encoding="utf-8")
    monkeypatch.setattr("content.known_phrases.FILE", broken)

    with pytest.raises(ContentError, match="a phrase of at least 7 letters"):
        known_phrases.__wrapped__()


def test_the_list_says_where_it_is_wrong(tmp_path, monkeypatch):
    broken = tmp_path / "password_words.yml"
    broken.write_text(FILE.read_text(encoding="utf-8").replace("lighthouse", "Light House"), encoding="utf-8")
    monkeypatch.setattr("content.password_words.FILE", broken)

    with pytest.raises(ContentError, match="small letters"):
        password_words.__wrapped__()


@pytest.fixture
def stolen(tmp_path):
    """A file as such lists are published: hash and count, in order."""
    words = [f"an old harbour {number}" for number in range(500)]
    path = tmp_path / "stolen.txt"
    hashes = sorted(hashlib.sha1(word.encode(), usedforsecurity=False).hexdigest().upper() for word in words)
    path.write_text("".join(f"{one}:{place}\r\n" for place, one in enumerate(hashes)), encoding="ascii")
    return path, words


def test_every_stolen_password_of_a_list_is_found_and_no_other(stolen):
    path, words = stolen

    assert all(stands_in(path, word) for word in words)
    assert not any(stands_in(path, f"never stolen {number}") for number in range(500))
    path.write_text("")
    assert not stands_in(path, words[0])


def test_a_stolen_password_is_refused_where_the_operator_has_a_list(told, stolen):
    path, words = stolen
    assert codes(words[7]) == set()

    told(breached_passwords=path)

    assert codes(words[7]) == {"password_breached"}
    assert codes("a lamp in the harbour") == set()


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["lantern-hotline-2026", "q1w2e3r4t5y6", "short"])
def test_the_terminal_refuses_what_the_browser_refuses(monkeypatch, capsys, password):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))

    with pytest.raises(SystemExit) as ended:
        call_command("staff", "add", "sara", "--password-stdin")

    assert ended.value.code == 2
    assert "password" in capsys.readouterr().err.casefold()
    assert not Staff.objects.filter(username="sara").exists()


@pytest.mark.django_db
def test_the_terminal_gives_nobody_the_password_of_before(quick, monkeypatch, capsys):
    sara = Staff.objects.create_user("sara", "a lamp in the harbour")
    monkeypatch.setattr("sys.stdin", io.StringIO("a lamp in the harbour\n"))

    with pytest.raises(SystemExit):
        call_command("staff", "password", "sara", "--password-stdin")

    assert "a password of before" in capsys.readouterr().err
    assert sara.check_password("a lamp in the harbour")
