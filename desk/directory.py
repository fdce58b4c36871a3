"""Directory: find a service, look at it, warn of it, check it; supervisors also write, import and export.

Imports judge each service by HSDS 3.0 (`content.hsds`): a bad one is refused with its place and reason, and the
good ones beside it come in.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from content import hsds as standard
from content.languages import recognised
from desk import labels
from desk.directory_forms import EditForm, ImportForm, SearchForm
from desk.directory_words import FLAGS, NEEDS, SERVES, STATUS
from desk.roles import Act, allowed, staff_of
from records.casework import directory, hsds
from records.models import Service

LARGEST_FILE = 20 * 1024 * 1024
TOLD = 12  # problems of an import that are shown; the rest is counted


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """The search and what it finds."""
    form = SearchForm(request.GET or None)
    form.is_valid()
    found = directory.find(form.wanted(), timezone.localdate())
    rows = [_row(one) for one in found]
    context = {"form": form, "rows": rows, "any": Service.objects.exists(), "keeps": _keeps(request)}
    return render(request, "desk/directory/search.html", context)


@require_GET
def service(request: HttpRequest, service_id: int) -> HttpResponse:
    """One service."""
    row = _service(service_id)
    found = directory.one(row, timezone.localdate())
    context = {
        "service": row,
        "form": hsds.form_of(row.document),
        "told": _row(found),
        "flags": [(flag, word, flag in found.flags) for flag, word in FLAGS.items()],
        "phones": [one for one in row.document.get("phones") or () if one.get("number")],
        "keeps": _keeps(request),
    }
    return render(request, "desk/directory/service.html", context)


@require_POST
def checked(request: HttpRequest, service_id: int) -> HttpResponse:
    """Somebody made sure today that all of it is right."""
    directory.mark_checked(_service(service_id).pk, staff_of(request), timezone.now())
    return HttpResponseRedirect(resolve_url("desk:service", service_id))


@require_POST
def flag(request: HttpRequest, service_id: int) -> HttpResponse:
    """Warn of a service, or take a warning back."""
    name = request.POST.get("flag", "")
    if name not in FLAGS:
        raise Http404
    on = request.POST.get("on") == "yes"
    directory.set_flag(_service(service_id).pk, name, staff_of(request), timezone.now(), on=on)
    return HttpResponseRedirect(resolve_url("desk:service", service_id))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, service_id: int | None = None) -> HttpResponse:
    """Write a service, a new one without a number."""
    row = _service(service_id) if service_id else None
    initial = asdict(hsds.form_of(row.document)) if row else {"status": "active"}
    form = EditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        document = hsds.with_form(form.service(), row.document if row else None)
        kept = directory.keep(document, staff_of(request), timezone.now())
        messages.success(request, _("Kept."))
        return HttpResponseRedirect(resolve_url("desk:service", kept.pk))
    status = 422 if form.errors else 200
    return render(request, "desk/directory/edit.html", {"form": form, "service": row}, status=status)


@require_POST
def remove(request: HttpRequest, service_id: int) -> HttpResponse:
    """Take a service out of the directory."""
    directory.remove(_service(service_id).pk, staff_of(request), timezone.now())
    messages.success(request, _("Removed from the directory."))
    return HttpResponseRedirect(resolve_url("desk:directory"))


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The whole directory, or one service, as HSDS 3.0."""
    named = request.GET.get("service", "")
    if named:
        if not (named.isascii() and named.isdigit()):
            raise Http404
        row = _service(int(named))
        body, name = row.document, f"hsds-service-{row.pk}.json"
    else:
        body, name = list(directory.documents()), "hsds-services.json"
    response = HttpResponse(json.dumps(body, ensure_ascii=False, indent=2) + "\n", content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """Import a file of services."""
    form = ImportForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        documents, problems = _documents(form.cleaned_data["file"])
        kept = needless = 0
        for number, document in enumerate(documents, start=1):
            wrong = list(standard.problems(document))
            if wrong:
                problems += [f"{number}: {line}" for line in wrong]
            else:
                directory.keep(document, staff_of(request), timezone.now())
                kept += 1
                needless += not hsds.facets(document, "need")
        if kept:
            told = ngettext("%(count)s service came in.", "%(count)s services came in.", kept) % {"count": kept}
            messages.success(request, told)
        if needless:
            told = ngettext(
                "%(count)s of them names no need: a search by need does not find it until it is added.",
                "%(count)s of them name no need: a search by need does not find them until it is added.",
                needless,
            )
            messages.warning(request, told % {"count": needless})
        if not problems:
            return HttpResponseRedirect(resolve_url("desk:directory"))
    context = {"form": form, "problems": problems[:TOLD], "more": max(0, len(problems) - TOLD)}
    return render(request, "desk/directory/import.html", context, status=422 if problems or form.errors else 200)


def _documents(file: Any) -> tuple[list[Any], list[str]]:
    """Services of a file: one, a list, or a page of an HSDS interface."""
    if file.size > LARGEST_FILE:
        return [], [_("The file is larger than 20 MB: cut it into several.")]
    try:
        read = json.loads(file.read().decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return [], [_("The file is not JSON in UTF-8.")]
    if isinstance(read, dict) and isinstance(read.get("contents"), list):
        read = read["contents"]
    return (read if isinstance(read, list) else [read]), []


def _service(service_id: int) -> Service:
    row = Service.objects.select_related("checked_by").filter(pk=service_id).first()
    if row is None:
        raise Http404
    return row


def _keeps(request: HttpRequest) -> bool:
    return allowed(staff_of(request), Act.SUPERVISE)


def _not_for_minors(found: directory.Found) -> list[str]:
    """A warning like the others: a house for adults sends a child away at the door."""
    youngest = found.ages[0] or 0
    return [_("Not for minors: from %(age)d years") % {"age": youngest}] if youngest >= directory.ADULT else []


def _row(found: directory.Found) -> dict[str, Any]:
    territories, names = labels.locale().territories, recognised()
    return {
        "found": found,
        "needs": [NEEDS.get(one, one) for one in found.needs],
        "serves": [SERVES.get(one, one) for one in found.serves],
        "flags": [*(FLAGS.get(one, one) for one in found.flags), *_not_for_minors(found)],
        "languages": [labels.language_name(one) if one in names else one for one in found.languages],
        "countries": [territories.get(one, one) for one in found.countries],
        "status": STATUS.get(found.status, found.status),
        "km": round(found.km) if found.km is not None else None,
    }
