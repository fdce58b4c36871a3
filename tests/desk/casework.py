"""Casework: what tests of cases type and press."""

from __future__ import annotations

from records.models import Case, CaseConsent
from tests.desk.conftest import MARKED

THEIRS = {"about": "self", "language": "my"}
YES = {"kind": "share", "given": "yes", "how": "chat", "limits": ["purpose", "withdraw"], "words": "Sun House"}


def facts(sara, case_id, **typed):
    form = {"version": Case.objects.get(pk=case_id).version, **typed}
    return sara.post(f"/desk/cases/{case_id}/facts/", form)


def export(sara, case_id, form="json", **typed):
    consent = CaseConsent.objects.filter(case=case_id, kind="share").order_by("-pk").first()
    asked = {"consent": consent.pk if consent else "", "form": form, **typed}
    return sara.post(f"/desk/cases/{case_id}/export/", asked)


FULL = {
    "call_them": "Aye",
    "safe_time": "Sunday 10 to 11, Bangkok time",
    "safe_word": MARKED,
    "never": ["call", "tell_family"],
    "situation": "She works in a house and may not go out.",
    "prs_FirstName": "Aye",
    "prs_Birthdate": "2001-05-04",
    "prs_Gender": "Feminine",
    "prs_NumberOfChildren": "2",
    "prs_Citizenship": ["MM"],
    "prs_MobilePhone": "+66 81 000 0000",
    "vic_TypeOfExploitation": ["Servitude", "ForcedLabour"],
    "vic_MethodsOfControl": ["WithholdsDocuments", "DebtBondage"],
    "vic_ForcedLabourIndustry": "T_ActivitiesOfHouseholdsAsEmployers",
    "spl_Type": "Legal",
    "spl_Objectives": "Her papers back",
    "hte_Type_0": "Recruitment",
    "hte_Country_0": "MM",
    "hte_Type_1": "Exploitation",
    "hte_City_1": "Bangkok",
}
