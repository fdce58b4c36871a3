"""The desk in five languages: every string is translated, and each person reads theirs, by their own clock."""

from __future__ import annotations

import ast
import re
from datetime import datetime, timezone

import polib
import pytest
from django.test import Client
from django.utils import translation

from content.source import ROOT
from desk import catalogues, labels
from desk.audit_words import ACTIONS
from desk.summary import person
from records.messages.material import load_conversation
from records.models import Conversation, InboxMessage, Staff
from records.staff.seats import change_seat
from records.states import StaffRole, Theme
from screening.assessment import Assessment, Heard

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=timezone.utc)


def sits(name, now=NOON, **chosen):
    change_seat(
        Staff.objects.get(username=name), now, **{"capacity": 3, "time_zone": "", "theme": Theme.AUTO, **chosen}
    )


def test_the_gatherer_finds_strings_of_templates_code_and_content():
    found = {one for _context, one in catalogues.texts()}

    assert "Papers kept by someone else" in found
    assert "Language of the desk" in found
    assert "Sign out" in found


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_string_of_the_desk_is_translated(language):
    assert catalogues.missing(language) == [], "run `./run desk_words`, then translate what is empty"


# What only "usted" is told, at the beginning of a string or after a colon or a full stop.
USTED = re.compile(
    r"\busted(es)?\b|(?:^|[.:;] |\by )(?:no )?(?:abra|acuerde|cambie|cierre|cuente|deje|diga|elija|escriba|espere|haga|lea"
    r"|mire|muestre|ofrezca|pida|ponga|practique|pregunte|pruebe|pulse|quede|sea|use|vaya|vea|vuelva)\b"
    r"|\b(?:ábral|cuéntel|envíel|guárdel|inténtel|júzguel|mírel|recárguel)|\b(?:despídase|quédese)\b",
    re.IGNORECASE,
)


def test_the_spanish_desk_says_tu_throughout():
    entries = polib.pofile(str(catalogues.po_path("es")))
    said = [words for entry in entries for words in (entry.msgstr, *entry.msgstr_plural.values())]

    assert [words for words in said if USTED.search(words)] == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_string_without_a_translation_or_with_a_lost_placeholder_is_told(language, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path)
    catalogues.update(language)
    path = catalogues.po_path(language)
    path.write_text(
        path.read_text("utf-8").replace('msgid "rule %(id)s"\nmsgstr ""', 'msgid "rule %(id)s"\nmsgstr "x"'), "utf-8"
    )

    missing = catalogues.missing(language)

    assert "rule %(id)s" in missing
    assert "Sign out" in missing


def test_a_changed_catalogue_is_compiled_anew_and_an_unchanged_one_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path / "po")
    catalogues.update("es")
    catalogues.compile_all(tmp_path / "data" / "mo")
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700  # nobody had made the data folder before
    catalogues.compile_all(tmp_path / "mo")
    compiled = tmp_path / "mo" / "es" / "LC_MESSAGES" / "django.mo"
    compiled.write_bytes(b"as it was")

    catalogues.compile_all(tmp_path / "mo")
    unchanged = compiled.read_bytes()
    path = catalogues.po_path("es")
    path.write_text(
        path.read_text("utf-8").replace('msgid "Sign out"\nmsgstr ""', 'msgid "Sign out"\nmsgstr "Salir"'), "utf-8"
    )
    catalogues.compile_all(tmp_path / "mo")

    assert unchanged == b"as it was"
    assert b"Salir" in compiled.read_bytes()


def test_the_summary_is_in_the_language_of_whoever_reads_whatever_the_contact_wrote_in(hotline):
    known = Assessment(
        flow="self", role="self", asked=("safe", "consent", "age_band"), skipped=("age_band",), answers={"safe": "yes"},
        indicators={"documents_withheld": Heard(words="ပတ်စပို့", source="said")},
        told=("right.R12", "numbers", "said.ask.skip_hint"), country="TH",
    )  # fmt: skip
    of = load_conversation(hotline.conversation("မင်္ဂလာပါ", language="my", assessment=known))

    shown = {}
    for code in ("en", "es", "th"):
        with translation.override(code):
            shown[code] = person(known.to_json(), of, "", None, sent=("right.R12",))

    assert ("Country", "Thailand") in shown["en"].background
    assert dict(shown["en"].background)["Language"] == "Burmese"
    assert "Tailandia" in dict(shown["es"].background).values()
    assert "ไทย" in dict(shown["th"].background).values()
    assert shown["en"].rights_told[0].startswith("You can ask for unpaid wages")
    assert shown["es"].rights_told[0] != shown["en"].rights_told[0]
    assert dict(shown["en"].asked)["Answered"] == "Safe to write: Yes"
    assert dict(shown["en"].asked)["Skipped"] == "age"
    assert dict(shown["en"].request)["Told already"] == "helplines"
    assert [finding.words for finding in shown["es"].findings] == ["ပတ်စပို့"]


def test_what_must_not_be_done_always_names_writing_first_calling_and_the_family(hotline):
    known = Assessment(role="self")

    told = person(known.to_json(), load_conversation(hotline.conversation(assessment=known)), "", None).do_not

    for words in ("write first", "call", "family"):
        assert any(words in one for one in told)


def test_each_person_reads_the_desk_in_the_language_they_chose(hotline, seated):
    client = seated("sara")
    sits("sara", language="es")

    page = client.get("/desk/account/").content.decode()

    assert '<html lang="es"' in page
    assert '<option value="th">ไทย</option>' in page


@pytest.mark.parametrize(("before", "after", "said"), [("es", "", "Kept."), ("", "es", "Guardado.")])
def test_kept_is_said_in_the_language_that_was_kept(seated, before, after, said):
    client, form = seated(), {"capacity": 3, "time_zone": "", "theme": "auto"}
    client.post("/desk/account/", {**form, "language": before})
    client.get("/desk/account/")

    page = client.post("/desk/account/", {**form, "language": after}, follow=True).content.decode()

    assert [words for words in ("Kept.", "Guardado.") if words in page] == [said]


def test_who_chose_no_language_gets_the_one_the_browser_asks_for(hotline, seated):
    client = seated("sara")

    assert '<html lang="vi"' in client.get("/desk/", headers={"Accept-Language": "vi"}).content.decode()
    assert '<html lang="en"' in client.get("/desk/", headers={"Accept-Language": "my"}).content.decode()
    assert '<html lang="th"' in Client().get("/desk/sign-in/", headers={"Accept-Language": "th"}).content.decode()


def test_a_language_is_called_as_the_reader_calls_it():
    with translation.override("es"):
        assert labels.language_name("my") == "birmano"
        assert labels.language_name("tl") == "filipino"
        assert labels.country("MM") == "Myanmar (Birmania)"


def test_times_are_those_of_the_readers_clock(hotline, seated):
    client = seated("sara")
    conversation = hotline.conversation()
    InboxMessage.objects.filter(conversation=conversation).update(received_at=NOON)
    Conversation.objects.filter(pk=conversation).update(started_at=NOON)
    sits("sara", time_zone="Asia/Jakarta")

    page = client.get(f"/desk/c/{conversation}/").content.decode()

    assert '<time class="clock" datetime="2026-11-22T19:00:00+07:00">19:00' in page


def test_an_answer_stands_behind_the_question_it_answers_and_never_behind_its_opposite(hotline):
    """A no to "can you get your papers" says that they are kept; "papers kept by someone else: no" would deny it."""
    asked = ("safe", "core.documents_withheld", "check_controller_present")
    known = Assessment(flow="self", asked=asked, answers={asked[0]: "yes", asked[1]: "no", asked[2]: "yes"})
    of = load_conversation(hotline.conversation(assessment=known))

    told = dict(person(known.to_json(), of, "", None).asked)["Answered"]

    papers = "If you want your passport or ID card today, can you get it? No"
    assert told == f"Safe to write: Yes · {papers} · Is it safe for you to write right now? Yes"


def test_weak_guesses_stand_apart_from_what_may_be_asked(hotline):
    known = Assessment(possible={"sexual_exploitation": 0.16, "confinement": 0.31, "threats": 0.45})
    shown = person(known.to_json(), load_conversation(hotline.conversation(assessment=known)), "", None)

    assert [one.title for one in shown.findings] == [labels.finding("threats"), labels.finding("confinement")]
    assert [one.title for one in shown.weak] == [labels.finding("sexual_exploitation")]


def test_every_kind_of_audit_row_has_words():
    """Read from the code: whoever records a new kind of row adds its words."""
    recorded = set()
    for path in [path for room in ("records", "desk", "bot", "lantern") for path in (ROOT / room).rglob("*.py")]:
        for call in [one for one in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(one, ast.Call)]:
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in ("record", "_record", "AuditEntry", "_audit", "_add"):
                given = [*call.args, *(one.value for one in call.keywords if one.arg == "action")]
                either = [
                    part for one in given for part in ([one.body, one.orelse] if isinstance(one, ast.IfExp) else [one])
                ]
                recorded |= {
                    part.value for part in either if isinstance(part, ast.Constant) and isinstance(part.value, str)
                }

    assert {"reply", "case_note", "handed_off", "staff_added", "service_flagged"} <= recorded
    assert recorded == set(ACTIONS)


def test_the_audit_page_tells_in_words_who_did_what(hotline, seated):
    conversation = hotline.conversation()
    seated("sara").post(f"/desk/c/{conversation}/claim/")

    page = seated("vera", StaffRole.AUDITOR).get("/desk/audit/").content.decode()

    assert "<td>sara</td><td>Took the conversation</td>" in page
    assert "<td>the bot</td>" in page
    assert "owner_changed" not in page
