"""Supervisor's words: canned replies, the state of the line's words in each language, helplines that somebody tried."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from content import helplines
from content.catalogue import SOURCE, catalogue
from content.languages import languages
from desk import content_state, labels
from desk.roles import staff_of
from desk.supervisor_forms import HOW, CheckForm, ReplyForm
from records.models import CannedReply, Staff
from records.staff import helpline_checks, own_words
from records.staff.lists import alias
from records.states import WordsState

_NOT_KNOWN = ("", "-", "?")  # in the list of helplines


@require_http_methods(["GET", "POST"])
def words(request: HttpRequest, reply_id: int | None = None) -> HttpResponse:
    """Canned replies, one of them to be written, and the languages of the line."""
    row = get_object_or_404(CannedReply, pk=reply_id) if reply_id else None
    initial = {"title": row.title, "language": row.language, "text": row.text} if row else {"language": "en"}
    form = ReplyForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            own_words.save_reply(
                reply_id, typed["title"], typed["language"], typed["text"], staff_of(request), timezone.now()
            )
        except own_words.TitleTaken:
            form.add_error("title", _("There is a reply with this title in this language."))
        else:
            messages.success(request, _("Kept as a draft, until another person has read it."))
            return HttpResponseRedirect(resolve_url("desk:words"))
    staff = staff_of(request)
    replies = [
        {"row": one, "language": labels.language(one.language), "mine": one.changed_by_id == staff.pk}
        for one in own_words.replies()
    ]
    states = [{"state": one, "speaks": one.language.code in staff.languages} for one in content_state.states()]
    context = {"form": form, "row": row, "replies": replies, "states": states, "tab": "words"}
    return render(request, "desk/supervisor/words.html", context, status=422 if form.errors else 200)


@require_POST
def review_reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Say that a canned reply is good; not of one's own."""
    if not own_words.review_reply(reply_id, staff_of(request), timezone.now()):
        messages.warning(request, _("Not changed: somebody else than the writer has to read it."))
    return HttpResponseRedirect(resolve_url("desk:words"))


@require_POST
def remove_reply(request: HttpRequest, reply_id: int) -> HttpResponse:
    """Take a canned reply out."""
    own_words.remove_reply(reply_id, staff_of(request), timezone.now())
    return HttpResponseRedirect(resolve_url("desk:words"))


@require_http_methods(["GET", "POST"])
def review_words(request: HttpRequest) -> HttpResponse:
    """The line's words in a language, to be read; and to say that they were, or need work: only for who speaks it."""
    asked = request.POST if request.method == "POST" else request.GET
    code, staff = asked.get("language", SOURCE), staff_of(request)
    if code not in languages() or not content_state.mark_of(code):
        raise Http404
    if request.method == "GET":
        return _to_read(request, code, staff)
    state = WordsState.REVIEWED if request.POST.get("state") == "reviewed" else WordsState.DRAFT
    if state == WordsState.REVIEWED and code not in staff.languages:
        messages.warning(request, _("Not changed: only somebody who speaks the language can say that."))
        return HttpResponseRedirect(resolve_url("desk:words"))
    if state == WordsState.REVIEWED and request.POST.get("read") != content_state.mark_of(code):
        messages.warning(request, _("Not changed: read them first, then say so at their end."))
        return HttpResponseRedirect(f"{resolve_url('desk:words-state')}?language={code}")
    own_words.review_words(code, content_state.mark_of(code), state, staff, timezone.now())
    return HttpResponseRedirect(resolve_url("desk:words"))


def _to_read(request: HttpRequest, code: str, staff: Staff) -> HttpResponse:
    """All sentences of a language beside the English ones; at the end whoever speaks it signs for these very words."""
    source = catalogue(SOURCE).sentences
    rows = []
    for one in catalogue(code).sentences.values():
        meant = source.get(one.key) or source.get(one.key.removesuffix(".sms"))  # some are short in one language only
        rows.append({"key": one.key, "text": one.text, "source": meant.text if meant else ""})
    context = {
        "language": languages()[code],
        "rows": rows,
        "mark": content_state.mark_of(code),
        "speaks": code in staff.languages,
        "who": alias(staff),
        "tab": "words",
    }
    return render(request, "desk/supervisor/read_words.html", context)


@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    """The numbers of a country, with who may see them and why."""
    return _country(request, request.GET.get("country", ""))


def _country(request: HttpRequest, chosen: str, asked: dict[str, Any] | None = None) -> HttpResponse:
    """The page of a country; `asked`: with the question before a number is shown to nobody."""
    known, territories = helplines.countries(), labels.locale().territories
    code = chosen if chosen in known else sorted(known, key=lambda one: territories.get(one, one))[0]
    listed = sorted(((one, territories.get(one, one), _open(one)) for one in known), key=lambda row: row[1])
    context = {
        "country": code,
        "name": territories.get(code, code),
        "countries": listed,
        "rows": _numbers(code),
        "how": HOW.items(),
        "tab": "helplines",
        "asked": asked,
    }
    return render(request, "desk/supervisor/helplines.html", context, status=422 if asked else 200)


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Keep what somebody found out about a number; that it is wrong is asked once, for then nobody is shown it."""
    form = CheckForm(request.POST)
    form.is_valid()
    typed = form.cleaned_data
    if form.errors.keys() - {"how"} or not _listed(typed["country"], typed["number"]):
        raise Http404
    if "how" not in typed:
        messages.warning(request, _("Nothing was kept: choose how you know it."))
        return HttpResponseRedirect(f"{resolve_url('desk:helplines')}?country={typed['country']}")
    right = typed["right"] == "yes"
    if not right and not request.POST.get("sure"):
        return _country(request, typed["country"], {**typed, "left": _left_without(typed["country"], typed["number"])})
    helpline_checks.note(
        typed["country"], typed["number"], staff_of(request), timezone.now(), right=right, how=typed["how"]
    )
    return HttpResponseRedirect(f"{resolve_url('desk:helplines')}?country={typed['country']}")


def _left_without(country: str, number: str) -> str:
    """What contacts in a country are still shown when this number is not, in a sentence where that is too little."""
    left = [row for row in _numbers(country) if row["shown"] and row["number"] != number]
    if not left:
        return _("Then nothing is left: contacts in this country are shown no number at all.")
    if all(row["emergency"] for row in left):
        return _("Then no helpline is left for this country: contacts are shown emergency numbers only.")
    return ""


def _listed(country: str, number: str) -> bool:
    rows = helplines.countries().get(country)
    return rows is not None and number in {
        *(row.number for row in rows.emergency),
        *(row.number for row in rows.helplines),
    }


def _open(country: str) -> int:
    """How many numbers of a country nobody has made sure of."""
    return sum(1 for row in _numbers(country) if not row["shown"] and not row["police"] and row["check"] is None)


def _numbers(country: str) -> list[dict[str, Any]]:
    rows, today = helplines.countries()[country], timezone.now().date()
    told = helpline_checks.newest()
    with helplines.checked_by(helpline_checks.checks):
        emergency = [
            {
                "number": row.number,
                "name": ", ".join(row.services),
                "about": _("emergency"),
                "emergency": True,
                "shown": helplines.answers(country, row),
                "police": False,
                "check": told.get((country, row.number)),
            }
            for row in rows.emergency
        ]
        lines = [
            {
                "number": row.number,
                "name": row.name,
                "emergency": False,
                "about": " · ".join(one for one in (row.hours, row.note, row.source) if one not in _NOT_KNOWN),
                "shown": helplines.may_show(country, row, today),
                "police": row.run_by == "police",
                "records": row.records_calls,
                "check": told.get((country, row.number)),
            }
            for row in rows.helplines
        ]
    return [*emergency, *lines]
