"""Account: what a person sets for themselves: how many at once, on call, time zone, colours. No rights."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from desk.roles import Act, allowed, staff_of
from desk.seat import seat_in, todays_name
from desk.supervisor_forms import KINDS
from records.models import OnCallAddress, Staff
from records.staff import seats, shifts
from records.states import Theme

PLANNED = timedelta(days=14)  # as far as supervisors see


@cache
def zones() -> tuple[str, ...]:
    """Places of the world by which a time zone is chosen, each once, as it is called now."""
    names = (name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return tuple(sorted(name for name in names if todays_name(name) == name))


class SeatForm(forms.Form):
    """The settings of one seat."""

    capacity = forms.TypedChoiceField(
        label=gettext_lazy("Conversations at once"),
        coerce=int,
        choices=[(number, str(number)) for number in range(1, seats.MOST_CAPACITY + 1)],
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language of the desk"), required=False)
    theme = forms.ChoiceField(
        label=gettext_lazy("Colours"),
        choices=[
            (Theme.AUTO, gettext_lazy("as the machine")),
            (Theme.LIGHT, gettext_lazy("light")),
            (Theme.DARK, gettext_lazy("dark")),
        ],
    )
    on_call = forms.BooleanField(label=gettext_lazy("I am on call"), required=False)

    def __init__(self, *args: Any, answers: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        zone.choices = [("", _("as this browser")), *((name, name.replace("_", " ")) for name in zones())]  # type: ignore[attr-defined]
        language = self.fields["language"]
        language.choices = [("", _("as this browser")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        if not answers:
            del self.fields["capacity"], self.fields["on_call"]


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """The page, and what was chosen on it."""
    staff, now = staff_of(request), timezone.now()
    seat = seat_in(request, staff)
    answers = allowed(staff, Act.ANSWER)
    kept = {name: getattr(seat, name) for name in ("capacity", "time_zone", "language", "theme", "on_call")}
    kept["time_zone"] = todays_name(seat.time_zone)
    form = SeatForm(request.POST or None, initial=kept, answers=answers)
    if request.method == "POST" and form.is_valid():
        chosen = {**kept, **form.cleaned_data, "theme": Theme(form.cleaned_data["theme"])}
        seats.change_seat(staff, now, **chosen)
        # In the language of the page that says it, which may be another one from now on.
        with translation.override(chosen["language"] or translation.get_language_from_request(request)):
            messages.success(request, _("Kept."))
        return HttpResponseRedirect(resolve_url("desk:account"))
    ways = [address.by for address in OnCallAddress.objects.filter(staff=staff).order_by("by")] if answers else []
    context = {"form": form, "ways": ways, "answers": answers, "shifts": _my_shifts(staff, now) if answers else []}
    return render(request, "desk/account.html", context)


def _my_shifts(staff: Staff, now: datetime) -> list[dict[str, Any]]:
    """What is planned for this person, from now on."""
    words = dict(KINDS)
    mine = [row for row in shifts.between(now, now + PLANNED) if row.staff_id == staff.pk]
    return [{"row": row, "kind": words[row.kind]} for row in mine]
