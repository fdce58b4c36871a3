"""One contact: found by number, for who asks what we keep about them or wants it gone.

The only place of the desk that takes a number. Supervisors only, each search audited, the answer to an
unknown number as quick as to a known one; nothing of the number stays in an address, a log or the audit.
"""

from __future__ import annotations

import json

import phonenumbers
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from channels.simulator import SIM_SMS, SIM_TELEGRAM
from desk import labels
from desk.roles import staff_of
from records.erasure.contact_export import erase_contact, export_contact, find_contact
from records.models import Contact, Conversation
from records.staff.lists import alias
from records.states import Owner

CHANNELS = [
    ("sms", gettext_lazy("SMS")),
    ("telegram", gettext_lazy("Telegram")),
    (SIM_SMS, gettext_lazy("Try-out phone, SMS")),
    (SIM_TELEGRAM, gettext_lazy("Try-out phone, Telegram")),
]


@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Search by an address, sent in the body of a form, never in the page's own address."""
    context: dict[str, object] = {"channels": CHANNELS}
    if request.method == "POST":
        channel = request.POST.get("channel", "")
        if channel not in dict(CHANNELS):
            raise Http404
        found = find_contact(channel, _plain(request.POST.get("address", "")), staff_of(request), timezone.now())
        rows = found.conversations.select_related("claimed_by").order_by("-pk") if found else ()
        shown = [{"number": row.pk, "at": row.started_at, "where": _where(row)} for row in rows]
        context |= {"searched": True, "contact": found, "found": shown}
    return render(request, "desk/contact.html", context)


def _where(row: Conversation) -> str:
    if row.owner == Owner.STAFF:
        return _("With %(alias)s") % {"alias": alias(row.claimed_by)}
    return str(labels.OWNERS[row.owner])


@require_POST
def export(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Everything about them as one file."""
    made = export_contact(_contact(contact_id), staff_of(request), timezone.now())
    response = HttpResponse(json.dumps(made, ensure_ascii=False, indent=1), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="export.json"'
    return response


@require_POST
def erase(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Erase everything about them."""
    if request.POST.get("really") == "yes":
        count = erase_contact(_contact(contact_id).pk, staff_of(request), timezone.now())
        messages.success(request, _("%(count)d conversations are erased.") % {"count": count})
    return HttpResponseRedirect(resolve_url("desk:contact"))


def _contact(contact_id: int) -> Contact:
    found = Contact.objects.filter(pk=contact_id).first()
    if found is None:
        raise Http404
    return found


def _plain(typed: str) -> str:
    """A number as it is stored (E.164); an id as it was typed."""
    text = typed.strip()
    if text.startswith("+"):
        try:
            return phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.E164)
        except phonenumbers.NumberParseException:
            return text
    return text
