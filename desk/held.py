"""Held: words that were posted without a session, with the token of an ended one, or to what is not open any more.

They are shown again, not lost.
The page has the same form once more. Nothing was stored and nothing was sent; whoever sees it has just written it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.views.csrf import csrf_failure as plain_failure

from desk import sessions

LONGEST = 20_000  # letters of one field that are shown again
# What the sign-in page is told of whoever is led there: they asked for a page, or pressed something in it.
ENDED_PAGE, ENDED_ACT = "page", "act"
DOORS = frozenset({"sign-in", "invitation"})  # where there is no session yet that could have ended
_WRITTEN = frozenset({"text", "note", "words"})  # typed, however short; of others, what has a space in it
_SECRET = frozenset({"csrfmiddlewaretoken", "password", "again", "recovery", "code"})  # never shown


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
    return any(one.written for one in _fields(request))


def held(request: HttpRequest, status: int, *, shut: bool = False) -> HttpResponse:
    """The page with the words and the form to send them again; `shut`: what they are for has to be opened first."""
    shown = {
        "fields": list(_fields(request)),
        "again": request.path,
        "shut": request.path.rstrip("/").rpartition("/")[0] + "/" if shut else "",
        "signed_in": sessions.whole(request),
    }
    return render(request, "desk/held.html", shown, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer to a form whose token is not ours any more: after a new sign-in it is an old one."""
    if words_in(request):
        return held(request, 403)
    ours = request.path.startswith(resolve_url("desk:home")) and not _at_a_door(request)
    if ours and not sessions.whole(request):
        return HttpResponseRedirect(f"{resolve_url('desk:sign-in')}?ended={ENDED_ACT}")
    return plain_failure(request, reason=reason)


def _fields(request: HttpRequest) -> Iterator[Field]:
    for name, values in request.POST.lists():
        for value in values:
            if name not in _SECRET and value.strip():
                written = name in _WRITTEN or any(letter.isspace() for letter in value.strip())
                yield Field(name, value[:LONGEST], written)


def _at_a_door(request: HttpRequest) -> bool:
    return request.resolver_match is not None and request.resolver_match.url_name in DOORS
