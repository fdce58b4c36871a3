"""Held: words that were posted without a session, with the token of an ended one, or to what is not open any more.

They are shown again, not lost.
The page has the same form once more. Nothing was stored and nothing was sent; whoever sees it has just written it.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views.csrf import csrf_failure as plain_failure

from records.models import Staff

KEPT = ("text", "token", "override", "sure", "note", "to", "kind")
LONGEST = 20_000  # letters of one field that are shown again


def words_in(request: HttpRequest) -> bool:
    """True when something that took time to write was posted to the desk."""
    return request.method == "POST" and request.path.startswith(resolve_url("desk:home")) and bool(_text(request))


def held(request: HttpRequest, status: int, *, shut: bool = False) -> HttpResponse:
    """The page with the words and the form to send them again; `shut`: what they are for has to be opened first."""
    fields = [(name, request.POST[name][:LONGEST]) for name in KEPT if name != "text" and request.POST.get(name)]
    shown = {
        "text": _text(request),
        "fields": fields,
        "again": request.path,
        "shut": request.path.rstrip("/").rpartition("/")[0] + "/" if shut else "",
        "signed_in": isinstance(getattr(request, "user", None), Staff),
    }
    return render(request, "desk/held.html", shown, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form whose token is not ours any more: after a new sign-in it is an old one."""
    if words_in(request):
        return held(request, 403)
    return plain_failure(request, reason=reason)


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")[:LONGEST]
