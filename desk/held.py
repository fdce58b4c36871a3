"""Held: words that were posted without a session, with the token of an ended one, or to what is not open any more.

They are shown again, not lost.
The page has the same form once more. Nothing was stored and nothing was sent; whoever sees it has just written it.
Came they from a page of somebody else than who is signed in now, they stand in the answer sealed, and only their
writer opens them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.csrf import csrf_failure as plain_failure
from django.views.decorators.http import require_POST

from desk import reader, sessions
from records.errors import SealBroken
from records.models import Staff
from records.sealing.keys import open_for, seal_for

LONGEST = 20_000  # letters of one field that are shown again
# What the sign-in page is told of whoever is led there: they asked for a page, or pressed something in it.
ENDED_PAGE, ENDED_ACT = "page", "act"
DOORS = frozenset({"sign-in", "invitation"})  # where there is no session yet that could have ended
SEALED = "sealed"  # the field with words that only their writer may read
OFF = "off"  # the field by which a kept page knows again that its writer was switched off, when the session has gone
OFF_HEADER = "Desk-Off"  # the same for a script
HELD_WORDS, _PLACE = "held words", "desk.held:words"
_OFF = signing.Signer(salt="desk.held.off")
_WRITTEN = frozenset({"text", "note", "for_them", "words"})  # typed, however short; of others, what has a space in it
_SECRET = frozenset(  # never shown
    {"csrfmiddlewaretoken", "password", "again", "recovery", "code", SEALED, OFF, reader.FIELD}
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form as it was posted."""

    name: str
    value: str = field(repr=False)
    written: bool  # shown; what a machine put there goes along unseen


def words_in(request: HttpRequest) -> bool:
    """True when something that took time to write was posted to the desk."""
    if request.method != "POST" or not request.path.startswith(resolve_url("desk:home")) or _at_a_door(request):
        return False
    return SEALED in request.POST or any(one.written for one in _fields(request))


def held(request: HttpRequest, status: int, *, shut: bool = False) -> HttpResponse:
    """The page with the words and the form to send them again; `shut`: what they are for has to be opened first."""
    if SEALED in request.POST:
        return _opened(request, request.POST[SEALED], status)
    path = request.path.rstrip("/").rpartition("/")[0] + "/" if shut else ""
    return _page(request, status, list(_fields(request)), request.path, reader.told(request), shut=path)


def not_yours(request: HttpRequest) -> HttpResponse:
    """Nothing was done: the page is of somebody else. What they wrote in it goes along sealed."""
    if reader.by_script(request):
        return reader.put_away()
    if SEALED in request.POST:
        return _sealed_page(request, request.POST[SEALED], reader.told(request))
    return _sealed_page(request, _seal(request) if words_in(request) else "", reader.told(request))


@require_POST
def open_held(request: HttpRequest) -> HttpResponse:
    """Show sealed words to their writer, and the sealed page again to anybody else."""
    return held(request, 200)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form whose token is not ours any more: after a new sign-in it is an old one."""
    ours = request.path.startswith(resolve_url("desk:home")) and not _at_a_door(request)
    if ours and reader.of_another(request, getattr(request, "user", None)):
        return not_yours(request)
    if words_in(request):
        return held(request, 403)
    if ours and not sessions.whole(request):
        return HttpResponseRedirect(f"{resolve_url('desk:sign-in')}?ended={ENDED_ACT}")
    return plain_failure(request, reason=reason)


def _page(
    request: HttpRequest, status: int, fields: list[Field], again: str, drawn_for: str, *, shut: str = ""
) -> HttpResponse:
    shown: dict[str, Any] = {"fields": fields, "again": again, "shut": shut, "signed_in": sessions.whole(request)}
    if not shown["signed_in"]:
        shown[OFF] = _switched_off(request)
    if drawn_for:
        shown[reader.FIELD] = drawn_for  # also where nobody is signed in: the next one may be somebody else
    return render(request, "desk/held.html", shown, status=status)


def _switched_off(request: HttpRequest) -> str:
    """What a kept page carries on if the account of its writer is switched off; empty if it is not, or nobody knows."""
    try:
        whose = _OFF.unsign(request.POST.get(OFF, ""))
    except signing.BadSignature:
        whose = request.session[SESSION_KEY] if sessions.why_gone(request) is sessions.Why.SWITCHED else ""
    return _OFF.sign(whose) if whose and Staff.objects.filter(pk=whose, is_active=False).exists() else ""


def _sealed_page(request: HttpRequest, sealed: str, drawn_for: str) -> HttpResponse:
    """What is sealed stays the first one's, whoever is signed in: so does the form around it."""
    shown = {"sealed": sealed, "signed_in": sessions.whole(request), reader.FIELD: drawn_for}
    return render(request, "desk/not_yours.html", shown, status=403)


def _seal(request: HttpRequest) -> str:
    kept = {
        "for": reader.told(request),
        "again": request.path,
        "fields": [(one.name, one.value) for one in _fields(request)],
    }
    return base64.urlsafe_b64encode(seal_for(HELD_WORDS, json.dumps(kept).encode(), _PLACE)).decode("ascii")


def _opened(request: HttpRequest, sealed: str, status: int) -> HttpResponse:
    """The words for their writer; the sealed page for anybody else, and for what was not sealed here."""
    try:
        kept = json.loads(open_for(HELD_WORDS, base64.urlsafe_b64decode(sealed.encode("ascii", "replace")), _PLACE))
    except (ValueError, SealBroken):
        return _sealed_page(request, "", "")
    user = getattr(request, "user", None)
    if not isinstance(user, Staff) or not sessions.whole(request) or reader.mark_of(user) != kept["for"]:
        return _sealed_page(request, sealed, kept["for"])
    return _page(request, status, [_field(name, value) for name, value in kept["fields"]], kept["again"], kept["for"])


def _fields(request: HttpRequest) -> Iterator[Field]:
    for name, values in request.POST.lists():
        for value in values:
            if name not in _SECRET and value.strip():
                yield _field(name, value)


def _field(name: str, value: str) -> Field:
    written = name in _WRITTEN or any(letter.isspace() for letter in value.strip())
    return Field(name, value[:LONGEST], written)


def _at_a_door(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name in DOORS
