"""Forms of the directory: a search, and a service as staff type it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content.languages import recognised
from desk import labels
from desk.case_forms import countries, languages
from desk.directory_words import FLAGS, NEEDS, SERVES, STATUS
from records.casework import directory
from records.casework.directory import Wanted
from records.casework.hsds import ServiceForm

_LATITUDES, _LONGITUDES = 90, 180
_PAIR = 2


class SearchForm(forms.Form):
    """What somebody looks for; every field may stay empty."""

    need = forms.ChoiceField(label=gettext_lazy("Need"), required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    serves = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)
    age = forms.IntegerField(label=gettext_lazy("Age"), required=False, min_value=0, max_value=120)
    near = forms.CharField(
        label=gettext_lazy("Near"), required=False, max_length=80,
        help_text=gettext_lazy("A city of the directory, or latitude and longitude: 13.75, 100.50"),
    )  # fmt: skip
    within_km = forms.IntegerField(label=gettext_lazy("Within km"), required=False, min_value=1, max_value=20_000)
    words = forms.CharField(label=gettext_lazy("Words in the name or description"), required=False, max_length=80)
    also_closed_down = forms.BooleanField(label=gettext_lazy("Also those that closed"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = dict(languages())
        territories = labels.locale().territories
        lists = {
            "need": list(NEEDS.items()),
            "serves": list(SERVES.items()),
            "country": sorted(((c, territories.get(c, c)) for c in directory.values("country")), key=lambda p: p[1]),
            "language": sorted(((c, named.get(c, c)) for c in directory.values("language")), key=lambda p: p[1]),
        }
        for name, rows in lists.items():
            self.fields[name].choices = [("", _("any")), *rows]  # type: ignore[attr-defined]

    def clean_near(self) -> tuple[float, float] | None:
        """A point on the globe, from two numbers or the name of a city."""
        text = self.cleaned_data["near"].strip()
        if not text:
            return None
        try:
            point = tuple(float(part) for part in text.split(","))
        except ValueError:
            point = ()
        if len(point) == _PAIR and abs(point[0]) <= _LATITUDES and abs(point[1]) <= _LONGITUDES:
            return point[0], point[1]
        found = directory.place_named(text)
        if found is None:
            raise forms.ValidationError(
                _("No service with coordinates in a city of this name. Write latitude and longitude.")
            )
        return found

    def wanted(self) -> Wanted:
        """The search; a field that is wrong does not count."""
        typed = getattr(self, "cleaned_data", {})
        return Wanted(
            words=typed.get("words") or "",
            need=typed.get("need") or "",
            country=typed.get("country") or "",
            language=typed.get("language") or "",
            serves=typed.get("serves") or "",
            age=typed.get("age"),
            near=typed.get("near"),
            within_km=typed.get("within_km"),
            also_closed_down=bool(typed.get("also_closed_down")),
        )


def _text(label: Any, length: int = 200, rows: int = 0, *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"}) if rows else forms.TextInput(attrs={"dir": "auto"})
    return forms.CharField(label=label, max_length=length, required=required, widget=widget)


class EditForm(forms.Form):
    """A service."""

    name = _text(gettext_lazy("Name of the service"), required=True)
    organization = _text(gettext_lazy("Organisation"))
    status = forms.ChoiceField(label=gettext_lazy("State"), choices=list(STATUS.items()))
    description = _text(gettext_lazy("What it does"), 4000, 3)
    phone = _text(gettext_lazy("Phone"), 40)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    url = forms.URLField(label=gettext_lazy("Web page"), required=False, assume_scheme="https")
    hours = _text(gettext_lazy("Opening hours"))
    how_to = _text(gettext_lazy("How to get in"), 2000, 2)
    fees = _text(gettext_lazy("Cost"))
    eligibility = _text(gettext_lazy("Who may come"), 2000, 2)
    alert = _text(gettext_lazy("Warning in words"), 500)
    minimum_age = forms.IntegerField(label=gettext_lazy("Age from"), required=False, min_value=0, max_value=120)
    maximum_age = forms.IntegerField(label=gettext_lazy("Age to"), required=False, min_value=0, max_value=120)
    address = _text(gettext_lazy("Street and number"))
    city = _text(gettext_lazy("City"), 120)
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    latitude = forms.FloatField(label=gettext_lazy("Latitude"), required=False, min_value=-90, max_value=90)
    longitude = forms.FloatField(label=gettext_lazy("Longitude"), required=False, min_value=-180, max_value=180)
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("Needs"), choices=list(NEEDS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    serves = forms.MultipleChoiceField(
        label=gettext_lazy("For whom (none: for everybody)"), choices=list(SERVES.items()), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), required=False, widget=forms.CheckboxSelectMultiple
    )
    flags = forms.MultipleChoiceField(
        label=gettext_lazy("Warnings"), choices=list(FLAGS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = self.initial.get("languages", ())
        named = dict(languages())
        rows = [*languages(), *((code, code) for code in mine if code not in named)]
        self.fields["languages"].choices = rows  # type: ignore[attr-defined]
        country = self.initial.get("country")
        listed = countries()
        extra = [(country, country)] if country and country not in dict(listed) else []
        self.fields["country"].choices = [("", "–"), *listed, *extra]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Coordinates come in pairs, ages in order."""
        typed: dict[str, Any] = super().clean() or {}
        if (typed.get("latitude") is None) != (typed.get("longitude") is None):
            self.add_error("longitude", _("Latitude and longitude go together."))
        ages = typed.get("minimum_age"), typed.get("maximum_age")
        if ages[0] is not None and ages[1] is not None and ages[0] > ages[1]:
            self.add_error("maximum_age", _("The upper age is below the lower one."))
        return typed

    def service(self) -> ServiceForm:
        """What was typed."""
        typed = dict(self.cleaned_data)
        for name in ("needs", "serves", "languages", "flags"):
            typed[name] = tuple(typed[name])
        english = {code: one.english_name for code, one in recognised().items()}
        return ServiceForm(**typed, names_of_languages=english)


class ImportForm(forms.Form):
    """A file with services."""

    file = forms.FileField(label=gettext_lazy("File (JSON, HSDS 3.0)"))
