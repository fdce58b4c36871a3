"""security.txt (RFC 9116): whom to tell about a weakness, if the operator has named somebody; else there is no page."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

_LASTS = timedelta(days=90)  # the standard asks for less than a year; it is made anew with every answer


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return the contact and until when it holds. It names neither the software nor what the line is for."""
    line = settings.LANTERN
    if not line.security_contact:
        raise Http404
    until = (timezone.now() + _LASTS).replace(hour=0, minute=0, second=0, microsecond=0)
    text = f"Contact: {line.security_contact}\nExpires: {until:%Y-%m-%dT%H:%M:%SZ}\nPreferred-Languages: en\n"
    if line.public_url:
        text += f"Canonical: {line.public_url}/.well-known/security.txt\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
