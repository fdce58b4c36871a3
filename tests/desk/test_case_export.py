"""What leaves a case: the file in the standard's fields, the spreadsheet, the page for people."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.utils import timezone

from content import htcds
from desk.pdf_breaks import with_breaks
from desk.pdf_fonts import _files, fonts_for, needs
from records.models import AuditEvent, Case
from records.states import CaseState
from tests.desk.casework import FULL, YES, export, facts
from tests.desk.conftest import MARKED


def test_an_export_fits_the_fields_and_picklists_of_the_standard(sara, case_id, house):
    facts(sara, case_id, **FULL)
    sara.post(f"/desk/cases/{case_id}/consent/", {**YES, "service": house.pk})
    sara.post(
        f"/desk/cases/{case_id}/referral/",
        {"service": house.pk, "reason": "AdditionalServicesRequired", "details": "a room"},
    )
    sara.post(f"/desk/cases/{case_id}/note/", {"text": "for them", "share": "on"})
    sara.post(f"/desk/cases/{case_id}/note/", {"text": f"for us {MARKED}"})

    answer = export(sara, case_id, named="on")

    body = answer.content.decode()
    made = json.loads(body)
    assert [wrong for wrong in (htcds.problem(*pair) for pair in _fields(made)) if wrong] == []
    assert made["person"] == {
        "prs_FirstName": "Aye", "prs_Birthdate": "2001-05-04", "prs_Gender": "Feminine", "prs_NumberOfChildren": 2,
        "prs_PrimaryLanguage": "mya", "prs_Citizenship": ["MM"], "prs_MobilePhone": "+66 81 000 0000",
    }  # fmt: skip
    assert made["victim"]["vic_MethodsOfControl"] == ["WithholdsDocuments", "DebtBondage"]
    assert made["case"] == {
        "cas_Status": "Active", "cas_CaseOwner": "Sara", "cas_ReferredOrganisation": "Sun Foundation",
        "cas_ReasonForOutgoingReferral": "AdditionalServicesRequired", "cas_OutgoingReferralDate": str(timezone.now().date()),
        "cas_OutgoingReferralDetails": "a room",
    }  # fmt: skip
    assert [event["hte_Type"] for event in made["event"]] == ["Recruitment", "Exploitation"]
    assert (made["comment"], made["consent"]) == ([{"cco_CaseComment": "for them"}], [{"con_Consent": True}])
    assert "CC BY 4.0" in made["source"]
    assert MARKED not in body
    assert answer["Content-Disposition"] == f'attachment; filename="case-{case_id}.json"'
    assert "no-store" in answer["Cache-Control"]
    assert AuditEvent.objects.get(action="case_exported").details["form"] == "json"


def _fields(made):
    for section, rows in made.items():
        if section in htcds.SECTIONS:
            for row in rows if isinstance(rows, list) else [rows]:
                yield from row.items()


@pytest.mark.parametrize("state", CaseState)
def test_every_state_of_a_case_is_one_of_the_standard(sara, case_id, state):
    sara.post(f"/desk/cases/{case_id}/consent/", YES)
    sara.post(f"/desk/cases/{case_id}/state/", {"state": state.value})

    made = json.loads(export(sara, case_id).content)

    assert htcds.problem("cas_Status", made["case"]["cas_Status"]) is None


def test_every_choice_of_the_form_is_in_the_picklists(sara, case_id):
    many = {name: list(field.values) for name, field in htcds.fields().items() if field.kind == "many"}
    sara.post(f"/desk/cases/{case_id}/consent/", YES)
    facts(sara, case_id, **many)

    made = json.loads(export(sara, case_id).content)

    assert made["victim"]["vic_MethodsOfControl"] == list(htcds.fields()["vic_MethodsOfControl"].values)


def test_without_name_and_contact_nobody_is_found_by_the_file(sara, case_id):
    facts(sara, case_id, **FULL)
    sara.post(f"/desk/cases/{case_id}/consent/", YES)

    page = sara.get(f"/desk/cases/{case_id}/").content.decode()
    body = export(sara, case_id).content.decode()

    assert "The name of the worker who has the case is in the file." in page
    assert '"Sara"' in body
    assert not {"Aye", "2001-05-04", "+66 81 000 0000"} & {str(value) for _name, value in _fields(json.loads(body))}


def test_a_spreadsheet_runs_nothing_and_keeps_phones_and_lists(sara, case_id):
    facts(sara, case_id, **{**FULL, "prs_SecondName": "=HYPERLINK(1)"})
    sara.post(f"/desk/cases/{case_id}/consent/", YES)

    body = export(sara, case_id, "csv", named="on").content.decode("utf-8-sig")

    cells = {row["field"]: row["value"] for row in csv.DictReader(io.StringIO(body))}
    assert cells["prs_SecondName"] == "'=HYPERLINK(1)"
    assert cells["prs_MobilePhone"] == "+66 81 000 0000"
    assert cells["vic_TypeOfExploitation"] == "Servitude;ForcedLabour"


def test_a_case_about_another_person_leaves_only_as_a_page_for_people(sara):
    sara.post("/desk/cases/new/", {"about": "community"})
    number = Case.objects.get().pk
    sara.post(f"/desk/cases/{number}/consent/", YES)

    assert export(sara, number, "json").status_code == 422
    assert export(sara, number, "pdf").content.startswith(b"%PDF")


FOUR_SCRIPTS = "သူမ ထွက်ခွင့်မရှိ\nเธอออกไม่ได้\nمجھے باہر جانے نہیں دیتے\nគេមិនឲ្យចេញ"


def test_a_case_in_four_scripts_becomes_a_pdf_and_a_missing_letter_would_be_told(sara, case_id):
    missing = fonts_for([FOUR_SCRIPTS]).missing
    facts(sara, case_id, situation=FOUR_SCRIPTS, call_them="Aye")
    sara.post(f"/desk/cases/{case_id}/consent/", YES)

    answer = export(sara, case_id, "pdf", named="on")
    page = sara.get(f"/desk/cases/{case_id}/").content.decode()

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert ("No font on this machine" in page) == bool(missing)


@pytest.mark.skipif(not _files(), reason="no fonts on this machine")
def test_urdu_is_set_in_a_font_of_its_script_and_not_in_one_that_only_has_the_letters():
    found = fonts_for(["hello 123", "مجھے باہر جانے نہیں دیتے"])

    chosen = found.best("مجھے باہر جانے نہیں دیتے 123")
    assert needs("مجھے باہر جانے نہیں دیتے") <= chosen.letters
    assert found.missing == ()


def test_letters_that_no_font_has_are_named_and_not_dropped(sara, case_id, monkeypatch):
    monkeypatch.setattr("desk.pdf_fonts._files", tuple)
    facts(sara, case_id, situation="abc ក")
    sara.post(f"/desk/cases/{case_id}/consent/", YES)

    answer = export(sara, case_id, "pdf")

    assert answer.content.startswith(b"%PDF")
    assert "U+1780 KHMER LETTER KA" in sara.get(f"/desk/cases/{case_id}/").content.decode()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ထွက်ခွင့်မပေးဘူး", ["ထွက်", "ခွင့်", "မ", "ပေး", "ဘူး"]),
        ("ខ្ញុំចេញ", ["ខ្ញុំ", "ចេ", "ញ"]),
        ("เขียนได้", ["เขี", "ย", "น", "ได้"]),
        ("ໄດ້ຈົບ", ["ໄດ້", "ຈົ", "ບ"]),
        ("hello مرحبا", ["hello مرحبا"]),
    ],
)
def test_a_line_ends_between_syllables_and_never_inside_one(text, parts):
    assert with_breaks(text).split("\u200b") == parts


def test_a_phone_number_within_words_from_right_to_left_keeps_its_order_on_paper(sara, case_id, monkeypatch):
    written = []
    monkeypatch.setattr("desk.case_pdf.with_breaks", lambda text: written.append(text) or text)
    facts(sara, case_id, situation="رقمي +966 50 123 4567!", reach="+966 50 123 4567")
    sara.post(f"/desk/cases/{case_id}/consent/", YES)

    answer = export(sara, case_id, "pdf", named="on")

    assert answer.content.startswith(b"%PDF")
    assert "رقمي \u200e+966 50 123 4567\u200f!" in written
    assert "+966 50 123 4567" in written
