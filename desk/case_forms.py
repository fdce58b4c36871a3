"""Forms of a case: what can be typed, how long it may be, and how it becomes facts of the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content import htcds
from content.languages import recognised
from desk import labels
from desk.case_words import ABOUT, CONSENTS, HINTS, HOW, LIMITS, NEVER, STATES, field_word, value_word
from records.casework.cases import CaseFacts
from records.models import Service, Staff
from records.staff.lists import alias
from records.states import CaseState, ConsentKind, Role

SHORT, LONG = 200, 6000
EVENTS = 4  # rows for events in the form
# In the order of the page; every name stands in content/standards/htcds.yml.
PERSON = (
    "prs_FirstName", "prs_SecondName", "prs_Birthdate", "prs_Gender", "prs_MaritalStatus", "prs_NumberOfChildren",
    "prs_PrimaryLanguage", "prs_Citizenship", "prs_MobilePhone", "prs_Email", "prs_MailingCity", "prs_MailingCountry",
)  # fmt: skip
VICTIM = (
    "vic_TypeOfExploitation", "vic_MethodsOfControl", "vic_MethodOfRecruitment", "vic_RecruitmentWebsitesAndApps",
    "vic_ForcedLabourIndustry", "vic_TypeOfSexExploitation", "vic_RelationshipToTrafficker", "vic_AgeWhenTrafficked",
    "vic_TraffickingStatus", "vic_TraffickingStatusDecisionMakingOrg",
)  # fmt: skip
PLAN = ("spl_Type", "spl_Objectives", "spl_ActionPlan", "spl_PlannedEndDate")
EVENT = ("hte_Type", "hte_Date", "hte_Country", "hte_City", "hte_Description")
_LONG_TEXTS = ("spl_Objectives", "spl_ActionPlan", "hte_Description")


def countries() -> list[tuple[str, str]]:
    """Countries by their two letters, in the order of their names."""
    names = labels.locale().territories.items()
    named = [(code, str(name)) for code, name in names if len(code) == len("XX") and code.isalpha()]
    return sorted(
        (pair for pair in named if pair[0] not in ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")), key=lambda p: p[1]
    )


def languages() -> list[tuple[str, str]]:
    """Languages by their code, in the order of their names."""
    return sorted(((code, labels.language_name(code)) for code in recognised()), key=lambda pair: pair[1])


class OpenForm(forms.Form):
    """A new case."""

    about = forms.ChoiceField(
        label=gettext_lazy("About whom"), choices=list(ABOUT.items()), widget=forms.RadioSelect, initial=Role.SELF
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("not known")), *languages()]  # type: ignore[attr-defined]


class FactsForm(forms.Form):
    """What is known: how to reach them safely, what happened, and the fields of the standard."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    call_them = forms.CharField(
        label=gettext_lazy("The name they want to be called by"), max_length=SHORT, required=False
    )
    safe_time = forms.CharField(
        label=gettext_lazy("Safe time to write or call"), max_length=SHORT, required=False,
        help_text=gettext_lazy("Days, hours and whose clock, as they said it."),
    )  # fmt: skip
    safe_word = forms.CharField(
        label=gettext_lazy("Word by which they know us and we know them"), max_length=80, required=False,
        help_text=gettext_lazy("Never leaves this system, not even in an export."),
    )  # fmt: skip
    reach = forms.CharField(label=gettext_lazy("How and where to reach them"), max_length=SHORT, required=False)
    never = forms.MultipleChoiceField(
        label=gettext_lazy("Never"), choices=list(NEVER.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    situation = forms.CharField(
        label=gettext_lazy("Situation"), max_length=LONG, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    ended_why = forms.CharField(
        label=gettext_lazy("Why it was closed"),
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, about: Role, heard: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._theirs = about == Role.SELF
        # Who writes about another person is not the person: the standard's fields would mix the two.
        names = (*PERSON, *VICTIM, *PLAN) if self._theirs else ()
        for name in names:
            self.fields[name] = _field(name, heard)
        for row in range(EVENTS if self._theirs else 0):
            for name in EVENT:
                self.fields[f"{name}_{row}"] = _field(name, frozenset())
        for field in self.fields.values():
            if isinstance(field, forms.CharField):
                field.widget.attrs.setdefault("dir", "auto")

    @staticmethod
    def initial_of(facts: CaseFacts, version: int) -> dict[str, Any]:
        """The facts as the form shows them."""
        plain = {"call_them", "safe_time", "safe_word", "reach", "situation", "ended_why"}
        shown: dict[str, Any] = {name: getattr(facts, name) for name in plain}
        shown |= {"version": version, "never": list(facts.never), **facts.fields}
        for row, event in enumerate(facts.events):
            shown |= {f"{name}_{row}": value for name, value in event.items()}
        return shown

    def facts(self, before: CaseFacts) -> CaseFacts:
        """The facts that were typed; fields that the form does not show stay."""
        typed = self.cleaned_data
        names = (*PERSON, *VICTIM, *PLAN) if self._theirs else ()
        kept = {name: value for name, value in before.fields.items() if name not in names}
        events = [_filled(typed, EVENT, f"_{row}") for row in range(EVENTS)] if self._theirs else list(before.events)
        return CaseFacts(
            call_them=typed["call_them"],
            reach=typed["reach"],
            safe_time=typed["safe_time"],
            safe_word=typed["safe_word"],
            never=tuple(typed["never"]),
            situation=typed["situation"],
            ended_why=typed["ended_why"],
            fields={**kept, **_filled(typed, names)},
            events=tuple(event for event in events if event),
        )

    def group(self, name: str) -> list[forms.BoundField]:
        """The fields of one part of the page."""
        names = {"person": PERSON, "victim": VICTIM, "plan": PLAN}[name]
        return [self[one] for one in names if one in self.fields]

    def person(self) -> list[forms.BoundField]:
        """Who the person is."""
        return self.group("person")

    def victim(self) -> list[forms.BoundField]:
        """What happened to them."""
        return self.group("victim")

    def plan(self) -> list[forms.BoundField]:
        """What shall be done."""
        return self.group("plan")

    def events(self) -> list[list[forms.BoundField]]:
        """What happened when, a row an event."""
        return [[self[f"{name}_{row}"] for name in EVENT] for row in range(EVENTS)] if self._theirs else []


def _filled(typed: Mapping[str, Any], names: tuple[str, ...], tail: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        value = typed.get(f"{name}{tail}")
        if isinstance(value, date):
            found[name] = value.isoformat()
        elif value not in (None, "", []):
            found[name] = value
    return found


def _field(name: str, heard: frozenset[str]) -> forms.Field:
    """A field of the standard as a field of a form."""
    known, label = htcds.fields()[name], field_word(name)
    if known.kind == "date":
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(label=label, required=False, widget=widget)
    if known.kind == "number":
        return forms.IntegerField(label=label, required=False, min_value=0, max_value=120)
    if known.kind in ("many", "countries"):
        rows = countries() if known.kind == "countries" else _options(known.values, heard)
        boxes = forms.SelectMultiple if known.kind == "countries" else forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(label=label, required=False, choices=rows, widget=boxes)
    if known.kind in ("one", "country", "language"):
        return forms.ChoiceField(label=label, required=False, choices=[("", "–"), *_choices(known, heard)])
    if name in _LONG_TEXTS:
        return forms.CharField(label=label, required=False, max_length=LONG, widget=forms.Textarea(attrs={"rows": 2}))
    return forms.CharField(label=label, required=False, max_length=SHORT)


def _choices(known: htcds.Field, heard: frozenset[str]) -> list[tuple[str, str]]:
    if known.kind == "country":
        return countries()
    if known.kind == "language":
        return [(htcds.language_code(code) or "", told) for code, told in languages()]
    return _options(known.values, heard)


def _options(values: tuple[str, ...], heard: frozenset[str]) -> list[tuple[str, str]]:
    """Words for a picklist; what was heard in the chat is said beside its value, and nothing is chosen by it."""
    told = []
    for value in values:
        word = value_word(value)
        hint = any(one in heard for one in HINTS.get(value, ()))
        told.append((value, _("%(choice)s (heard in the chat)") % {"choice": word} if hint else word))
    return told


class NoteForm(forms.Form):
    """A note."""

    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=LONG, widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"})
    )
    share = forms.BooleanField(label=gettext_lazy("May go into an export that they agreed to"), required=False)


class TaskForm(forms.Form):
    """A task."""

    text = forms.CharField(
        label=gettext_lazy("What is to be done"), max_length=SHORT, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    due_at = forms.DateTimeField(
        label=gettext_lazy("Until"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )  # fmt: skip
    to = forms.ModelChoiceField(label=gettext_lazy("By whom"), queryset=Staff.objects.none(), empty_label=None)

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = alias  # type: ignore[attr-defined]


class ConsentForm(forms.Form):
    """An answer about consent."""

    kind = forms.ChoiceField(label=gettext_lazy("To what"), choices=list(CONSENTS.items()))
    given = forms.ChoiceField(
        label=gettext_lazy("Their answer"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No, or they take it back"))],
    )  # fmt: skip
    how = forms.ChoiceField(label=gettext_lazy("How they answered"), choices=list(HOW.items()))
    limits = forms.MultipleChoiceField(
        label=gettext_lazy("They were told before"), choices=list(LIMITS.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    service = forms.ModelChoiceField(
        label=gettext_lazy("To which service"), queryset=Service.objects.none(), required=False,
        empty_label=gettext_lazy("none, or not in the directory"),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("In their words, or to whom"), max_length=SHORT, required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.filter(status="active").order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A yes counts only after its limits were told, and a yes to sharing names to whom."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("given") == "yes" and not typed.get("limits"):
            self.add_error("limits", _("Tell them the limits first, and note which ones."))
        to_one = typed.get("kind") == ConsentKind.SHARE and typed.get("given") == "yes"
        if to_one and not typed.get("service") and not typed.get("words"):
            self.add_error("service", _("A yes to sharing is a yes to one organisation: say which."))
        return typed


class ReferralForm(forms.Form):
    """A service they were told of."""

    service = forms.ModelChoiceField(
        label=gettext_lazy("Service"), queryset=Service.objects.none(), required=False,
        empty_label=gettext_lazy("not in the directory"),
    )  # fmt: skip
    organization = forms.CharField(
        label=gettext_lazy("Or its name"),
        max_length=SHORT,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    follow_up_on = forms.DateField(
        label=gettext_lazy("Ask again on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    details = forms.CharField(
        label=gettext_lazy("What was agreed"),
        max_length=LONG,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.filter(status="active").order_by("name")  # type: ignore[attr-defined]
        values = htcds.fields()["cas_ReasonForOutgoingReferral"].values
        self.fields["reason"].choices = [("", "–"), *((value, value_word(value)) for value in values)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Some service is named."""
        typed: dict[str, Any] = super().clean() or {}
        if not typed.get("service") and not typed.get("organization"):
            self.add_error("service", _("Choose a service, or write its name."))
        return typed


class StateForm(forms.Form):
    """Where a case stands."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=[(one.value, STATES[one]) for one in CaseState])


class ExportForm(forms.Form):
    """What leaves, in which form, on which consent."""

    consent = forms.ChoiceField(label=gettext_lazy("On which consent"))
    form = forms.ChoiceField(
        label=gettext_lazy("Form"),
        choices=[
            ("pdf", gettext_lazy("PDF, for people")),
            ("json", gettext_lazy("HTCDS 2.0 as JSON, for another case system")),
            ("csv", gettext_lazy("HTCDS 2.0 as CSV, for a spreadsheet")),
        ],
    )
    named = forms.BooleanField(label=gettext_lazy("With name, date of birth and contact"), required=False)
