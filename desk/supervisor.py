"""Supervisor: the live board, decisions to judge, shifts, words and helplines. Reading is plain, each act a POST.

What the board says is made in `desk.supervision`; nothing here shows a word of a contact but the page on which
a decision is judged, and opening that is audited.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk import labels
from desk.notices import notices_for
from desk.reasons import told_of
from desk.roles import staff_of
from desk.supervision import supervision
from desk.supervisor_forms import KINDS, LanguagesForm, ShiftForm, VerdictForm
from records.errors import LostClaim, SealBroken, SealedToReaders
from records.models import Conversation
from records.staff import reviews, shifts
from records.states import DecisionVerdict, ShiftKind

PLAN_DAYS = 14


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The live board; the part that moves alone, for htmx."""
    now = timezone.now()
    # What is about one conversation stands in the list of the desk; here is what is so of all, and what colleagues did.
    shown, glass = supervision(now), [one for one in notices_for(staff_of(request), now) if not one.id]
    template = "board_part" if request.htmx else "board"  # type: ignore[attr-defined]
    return render(request, f"desk/supervisor/{template}.html", {"board": shown, "glass": glass, "tab": "board"})


@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """Urgent conversations that wait for a look, and those that were judged."""
    named = request.GET.get("conversation", "")
    if named.isascii() and named.isdigit():
        return HttpResponseRedirect(resolve_url("desk:decision", int(named)))
    judged = request.GET.get("judged") == "1"
    verdicts = {
        DecisionVerdict.RIGHT: _("right"), DecisionVerdict.FALSE: _("false alarm"), DecisionVerdict.MISSED: _("missed"),
    }  # fmt: skip
    rows = [
        {
            "row": row,
            "language": labels.language(row.language),
            "why": ", ".join(told_of(row.reasons)),
            "verdicts": ", ".join(verdicts[one] for one in row.verdicts),
        }
        for row in reviews.decisions(timezone.now(), judged=judged)
    ]
    counts = [(verdicts[DecisionVerdict(name)], number) for name, number in reviews.verdicts().items()]
    context = {"rows": rows, "judged": judged, "counts": counts, "tab": "decisions"}
    return render(request, "desk/supervisor/decisions.html", context)


@require_http_methods(["GET", "POST"])
def decision(request: HttpRequest, conversation_id: int) -> HttpResponse:
    """What the contact wrote, message by message, to be judged."""
    staff, now = staff_of(request), timezone.now()
    form = VerdictForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            reviews.judge(
                conversation_id, typed["inbox"], DecisionVerdict(typed["verdict"]), typed["risks"], staff, now
            )
        except LostClaim:
            raise Http404 from None
        messages.success(request, _("Kept. The message stays sealed; only the answer is used to test the bot."))
        return HttpResponseRedirect(resolve_url("desk:decision", conversation_id))
    row = get_object_or_404(Conversation, pk=conversation_id)
    try:
        said = reviews.said(conversation_id, staff, now)
    except SealedToReaders:
        raise  # the password opens it: `desk.roles` leads there
    except SealBroken:
        messages.warning(request, _("This conversation does not open for you."))
        return HttpResponseRedirect(resolve_url("desk:decisions"))
    wrong = form.data.get("inbox") if form.errors else None
    lines = [
        {
            "said": one,
            "found": [(labels.finding(risk), band) for risk, band in one.risks],
            "form": form if wrong == str(one.inbox_id) else _verdict_form(one),
        }
        for one in said
    ]
    context = {"row": row, "language": labels.language(row.language), "lines": lines, "tab": "decisions"}
    return render(request, "desk/supervisor/decision.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """The shifts of the next two weeks, and the languages of each person."""
    form = ShiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _add_shifts(request, form):
        return HttpResponseRedirect(resolve_url("desk:shifts"))
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    words = dict(KINDS)
    rows = [
        {"row": row, "kind": words[row.kind], "languages": _languages(row.languages)}
        for row in shifts.between(today, today + timedelta(days=PLAN_DAYS))
    ]
    people = [{"person": one, "languages": _languages(one.languages)} for one in shifts.answering()]
    context = {"form": form, "rows": rows, "people": people, "days": PLAN_DAYS, "tab": "shifts"}
    return render(request, "desk/supervisor/shifts.html", context, status=422 if form.errors else 200)


@require_POST
def remove_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Take a shift out of the plan."""
    shifts.remove(shift_id, staff_of(request), timezone.now())
    return HttpResponseRedirect(resolve_url("desk:shifts"))


@require_http_methods(["GET", "POST"])
def languages_of(request: HttpRequest, staff_id: int) -> HttpResponse:
    """The languages a person answers in."""
    person = get_object_or_404(shifts.answering(), pk=staff_id)
    form = LanguagesForm(request.POST or None, initial={"languages": person.languages})
    if request.method == "POST" and form.is_valid():
        shifts.set_languages(person, form.cleaned_data["languages"], staff_of(request), timezone.now())
        return HttpResponseRedirect(resolve_url("desk:shifts"))
    return render(request, "desk/supervisor/languages.html", {"person": person, "form": form, "tab": "shifts"})


def _verdict_form(said: reviews.Said) -> VerdictForm:
    """Filled with what was answered before, else with what the bot found."""
    risks = said.verdict_risks if said.verdict else tuple(risk for risk, _band in said.risks)
    first = {"inbox": said.inbox_id, "verdict": said.verdict, "risks": list(risks)}
    return VerdictForm(initial=first, auto_id=f"m{said.inbox_id}_%s")


def _add_shifts(request: HttpRequest, form: ShiftForm) -> bool:
    typed, by, now = form.cleaned_data, staff_of(request), timezone.now()
    reasons = {
        "order": _("A shift ends after it begins."),
        "length": _("At most 14 hours at the desk: nobody can sit here longer."),
        "overlap": _("This person has a shift at that time already."),
    }
    made = 0
    for week in range(typed["weeks"]):
        starts, ends = (_weeks_later(typed[name], week) for name in ("starts_at", "ends_at"))
        try:
            shifts.add(typed["staff"], starts, ends, ShiftKind(typed["kind"]), by, now)
        except shifts.BadShift as bad:
            if not made:
                form.add_error("starts_at", reasons[str(bad)])
                return False
            messages.warning(request, f"{timezone.localtime(starts):%Y-%m-%d}: {reasons[str(bad)]}")
        else:
            made += 1
    told = ngettext("%(count)s shift is planned.", "%(count)s shifts are planned.", made) % {"count": made}
    messages.success(request, told)
    return True


def _weeks_later(moment: Any, weeks: int) -> Any:
    """The same time by the clock on the wall, also where the clocks change in between."""
    naive = timezone.localtime(moment).replace(tzinfo=None) + timedelta(weeks=weeks)
    return timezone.make_aware(naive)


def _languages(codes: Any) -> str:
    return ", ".join(str(labels.language_name(code)) for code in codes)
