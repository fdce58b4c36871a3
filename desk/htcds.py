"""HTCDS: a case that the person has agreed to share, as other organisations' systems read it.

Only what a yes covers goes out: never the safe word, never a note that was not marked for it, and without
name and contact where the worker leaves them out. A value that fits no picklist stops the export.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from content import htcds
from records.casework.case_reading import ConsentRow, OpenCase
from records.states import CaseState, Role

SOURCE = (
    "Human Trafficking Case Data Standard 2.0 by the International Organization for Migration (IOM), CC BY 4.0; "
    "no endorsement by IOM"
)
_STATUS = {
    CaseState.ACTIVE: "Active",
    CaseState.FOLLOW_UP: "FollowUp",
    CaseState.CLOSED: "Closed",
    CaseState.REFERRED: "ClosedReferred",
}
# Fields by which a person can be found or named.
NAMING = (
    "prs_FirstName", "prs_MiddleName", "prs_SecondName", "prs_Birthdate", "prs_IdentityNumber", "prs_Email",
    "prs_HomePhone", "prs_MobilePhone", "prs_MailingCity", "prs_MailingState", "prs_MailingStreet",
    "prs_MailingPostalCode",
)  # fmt: skip
_FORMULA = ("=", "@", "\t", "\r")


class NotTheirs(ValueError):
    """The case tells of another person than the one who said yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What leaves: one row of fields for a person, several for what can be there more than once."""

    at: datetime
    to: str
    one: dict[str, Any] = field(repr=False)
    many: dict[str, tuple[dict[str, Any], ...]] = field(repr=False)


def export(case: OpenCase, consent: ConsentRow, now: datetime, *, named: bool) -> Export:
    """The case as the standard tells it; `named` is false when name and contact stay here.

    Raises:
        NotTheirs: somebody else than the person said yes.
    """
    if case.about != Role.SELF:
        raise NotTheirs
    facts = {name: value for name, value in case.facts.fields.items() if named or name not in NAMING}
    one = {
        **{name: value for name, value in facts.items() if not name.startswith("spl_")},
        "cas_Status": _STATUS[case.state],
        **({"cas_CaseOwner": case.holder} if case.holder else {}),
        **({"cas_ReasonForCaseClosure": case.facts.ended_why} if case.facts.ended_why else {}),
        **_referral(case, consent),
    }
    if case.language and "prs_PrimaryLanguage" not in one:
        code = htcds.language_code(case.language)
        one |= {"prs_PrimaryLanguage": code} if code else {}
    plan = {name: value for name, value in facts.items() if name.startswith("spl_")}
    return Export(
        at=now,
        to=_to(consent),
        one=one,
        many={
            "consent": ({"con_Consent": True},),
            "comment": tuple({"cco_CaseComment": note.text} for note in case.notes if note.share),
            "event": tuple(dict(event) for event in case.facts.events),
            "plan": (plan,) if plan else (),
        },
    )


def problems(made: Export) -> Iterator[str]:
    """Yield what does not fit the standard."""
    for _section, _record, name, value in _rows(made):
        wrong = htcds.problem(name, value)
        if wrong:
            yield wrong


def as_json(made: Export) -> str:
    """One document, by section of the standard."""
    sections: dict[str, Any] = {}
    for section, record, name, value in _rows(made):
        if section in htcds.REPEATED:
            rows = sections.setdefault(section, [])
            rows.extend({} for _ in range(record - len(rows)))
            rows[record - 1][name] = value
        else:
            sections.setdefault(section, {})[name] = value
    head = {"standard": "HTCDS", "version": htcds.VERSION, "source": SOURCE, "exported_at": made.at.isoformat()}
    return json.dumps({**head, **sections}, ensure_ascii=False, indent=2) + "\n"


def as_csv(made: Export) -> str:
    """One line a field; several values of a list are parted by semicolons. Starts with the mark that Excel needs."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("section", "record", "field", "value"))
    for section, record, name, value in _rows(made):
        writer.writerow((section, record, name, _cell(value)))
    return "\ufeff" + out.getvalue()


def rows_of(made: Export) -> Iterator[tuple[str, int, str, Any]]:
    """Each field that leaves: section, number of the record in it, field, value."""
    return _rows(made)


def _rows(made: Export) -> Iterator[tuple[str, int, str, Any]]:
    known = htcds.fields()
    order = {name: place for place, name in enumerate(known)}
    for name in sorted(made.one, key=lambda name: order.get(name, len(order))):
        yield (known[name].section if name in known else "", 1, name, made.one[name])
    for section, records in made.many.items():
        for number, record in enumerate(records, start=1):
            for name, value in record.items():
                yield section, number, name, value


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    text = "true" if value is True else "false" if value is False else str(value)
    if text.startswith(_FORMULA) or (text[:1] in "+-" and any(letter.isalpha() for letter in text)):
        return "'" + text  # a spreadsheet would run it
    return text


def _to(consent: ConsentRow) -> str:
    return consent.service or consent.words


def _referral(case: OpenCase, consent: ConsentRow) -> dict[str, Any]:
    row = next((one for one in case.referrals if one.service_id and one.service_id == consent.service_id), None)
    told: dict[str, Any] = {"cas_ReferredOrganisation": (row.organization or row.service) if row else _to(consent)}
    if row:
        told["cas_OutgoingReferralDate"] = row.at.date().isoformat()
        told |= {"cas_ReasonForOutgoingReferral": row.reason} if row.reason else {}
        told |= {"cas_OutgoingReferralDetails": row.details} if row.details else {}
    return {name: value for name, value in told.items() if value}
