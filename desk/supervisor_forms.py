"""Forms of supervisors: a shift, a canned reply, a verdict, an answer about a number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.check.forbidden import forbidden
from content.languages import languages as our_languages
from desk import labels
from desk.case_forms import languages
from records.models import Staff
from records.staff import helpline_checks, shifts
from records.staff.lists import alias
from records.states import DecisionVerdict, ShiftKind

MOST_WEEKS = 12
KINDS = [(ShiftKind.DESK, gettext_lazy("At the desk")), (ShiftKind.ON_CALL, gettext_lazy("On call"))]
VERDICTS = [
    (DecisionVerdict.RIGHT, gettext_lazy("Urgent, and that was right")),
    (DecisionVerdict.FALSE, gettext_lazy("Not urgent: a false alarm")),
    (DecisionVerdict.MISSED, gettext_lazy("Urgent, and the bot did not see it")),
]
HOW = {
    "called": gettext_lazy("I called it"),
    "official": gettext_lazy("I read it on the official page"),
    "partner": gettext_lazy("A partner told me"),
}
_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def _moment(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, input_formats=_MOMENTS)


class ShiftForm(forms.Form):
    """A shift, and how many weeks it repeats."""

    staff = forms.ModelChoiceField(label=gettext_lazy("Who"), queryset=Staff.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label=gettext_lazy("How"), choices=KINDS)
    starts_at = _moment(gettext_lazy("From"))
    ends_at = _moment(gettext_lazy("To"))
    weeks = forms.IntegerField(label=gettext_lazy("For how many weeks"), min_value=1, max_value=MOST_WEEKS, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = shifts.answering()  # type: ignore[attr-defined]
        self.fields["staff"].label_from_instance = alias  # type: ignore[attr-defined]


class LanguagesForm(forms.Form):
    """The languages a person answers in."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["languages"].choices = languages()  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    """A canned reply. A word that the line never says must be meant."""

    title = forms.CharField(label=gettext_lazy("Title, for staff"), max_length=80)
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    )
    anyway = forms.BooleanField(label=gettext_lazy("Keep it with these words"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = languages()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Words that could hurt somebody are named, with what to say instead."""
        typed: dict[str, Any] = super().clean() or {}
        known = forbidden(typed.get("language", "")) if typed.get("language") in our_languages() else None
        if known is not None and not typed.get("anyway"):
            for row, word in known.find(typed.get("text", "")):
                told = _("The line never says “%(word)s”: %(why)s. Instead: %(instead)s")
                self.add_error("text", told % {"word": word, "why": row.why, "instead": row.instead})
        return typed


class VerdictForm(forms.Form):
    """Was it right?"""

    inbox = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(label=gettext_lazy("Was it right?"), choices=VERDICTS, widget=forms.RadioSelect)
    risks = forms.MultipleChoiceField(
        label=gettext_lazy("What should be found in this message"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(name, word) for name, word in labels.RISKS.items()],
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Urgent is urgent because of something."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("verdict") == DecisionVerdict.MISSED and not typed.get("risks"):
            self.add_error("risks", _("Say what the bot should have seen."))
        return typed


class CheckForm(forms.Form):
    """An answer about a number."""

    country = forms.CharField(max_length=2)
    number = forms.CharField(max_length=40)
    how = forms.ChoiceField(choices=[(one, HOW[one]) for one in helpline_checks.HOW])
    right = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
