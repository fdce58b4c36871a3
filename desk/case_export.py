"""Taking a case out: checks that a yes stands and that what leaves fits the standard, then hands over a file.

The file goes to the browser and is kept nowhere here; its name tells a number and nothing else.
"""

from __future__ import annotations

import structlog
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from desk import htcds
from desk.cases import export_form, open_case_for, show
from records.casework import cases
from records.states import Role

log = structlog.get_logger()
_TYPES = {"pdf": "application/pdf", "json": "application/json", "csv": "text/csv; charset=utf-8"}


@require_POST
def export(request: HttpRequest, case_id: int) -> HttpResponse:
    """The file, or the page with the reason why there is none."""
    staff, opened = open_case_for(request, case_id)
    form = export_form(opened, request.POST)
    if form is None:
        messages.warning(
            request, _("Nothing left the system: they have not said yes to sharing, or have taken it back.")
        )
        return HttpResponseRedirect(resolve_url("desk:case", case_id))
    if not form.is_valid():
        return show(request, case_id, status=422, export_form=form)
    chosen, now = form.cleaned_data, timezone.now()
    consent = next(row for row in opened.consents if str(row.id) == chosen["consent"])
    kept = cases.standing(case_id, consent.kind, consent.service_id)
    if kept is None:  # taken back since the page was drawn
        messages.warning(request, _("Nothing left the system: they have taken their yes back."))
        return HttpResponseRedirect(resolve_url("desk:case", case_id))
    made = htcds.export(opened, consent, now, named=chosen["named"]) if opened.about == Role.SELF else None
    wrong = list(htcds.problems(made)) if made else []
    if wrong:
        log.error("case_export_refused", case=case_id, problems=len(wrong))
        form.add_error(
            None, _("Nothing left the system: it does not fit the standard. %(what)s") % {"what": "; ".join(wrong)}
        )
        return show(request, case_id, status=422, export_form=form)
    if chosen["form"] == "pdf" or made is None:
        from desk.case_pdf import as_pdf  # noqa: PLC0415 - fonts and PDF are heavy: loaded when somebody wants one

        page = as_pdf(opened, consent, made, named=chosen["named"])
        if page.missing:
            messages.warning(request, page.missing)
        body: bytes | str = page.file
        form_name = "pdf"
    else:
        form_name = chosen["form"]
        body = htcds.as_json(made) if form_name == "json" else htcds.as_csv(made)
    cases.note_export(case_id, staff, now, form=form_name, consent=kept)
    response = HttpResponse(body, content_type=_TYPES[form_name])
    response["Content-Disposition"] = f'attachment; filename="case-{case_id}.{form_name}"'
    return response
