"""The try-out page: two phones beside the desk, so that a newcomer sees the whole line in one minute.

Exists in a demo only, on this machine only: a request for another host, or one that a
proxy has passed on, is refused. What is typed goes the way of every message.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import login
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from bot import signals
from bot.intake import receive
from channels.simulator import pressed, typed
from desk import demo, live
from desk.phone import KINDS, NUMBERS, TELEGRAM_LANGUAGES, Phone, fresh, screen
from desk.sign_in import take_key

COOKIE = "try-phones"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TYPED_CHARS = 10_000  # as much as a phone would let through in pieces

View = Callable[..., HttpResponse]

# What to type first, in the four languages of the demo: (language, its name, lines).
HINTS = (
    ("en", "English", ("hello, i need help", "my boss took my passport and wont pay me", "can i talk to a person")),
    ("id", "Indonesia", ("halo, saya butuh bantuan", "paspor saya ditahan majikan", "mau bicara dengan orang")),
    ("es", "Español", ("hola, necesito ayuda", "mi jefe me quitó el pasaporte", "quiero hablar con una persona")),
    ("my", "မြန်မာ", ("မင်္ဂလာပါ အကူအညီလိုပါတယ်", "အလုပ်ရှင်က ပတ်စပို့ သိမ်းထားတယ်", "လူနဲ့ ပြောချင်ပါတယ်")),
)


CHOICES = {
    "hints": HINTS,
    "countries": [(code, name) for code, (name, _shape) in NUMBERS.items()],
    "telegram_languages": list(TELEGRAM_LANGUAGES.items()),
}


def demo_only(view: View) -> View:
    """The view, for a demo on this machine; 403 for anything that comes from outside."""

    # Signing in at the desk in the frame changes the browser's CSRF token under this page's feet, so its forms are
    # judged by where they come from instead; the phones' cookie is SameSite=Strict besides.
    @csrf_exempt
    @never_cache
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refuse_strangers(request)
        return view(request, *args, **kwargs)

    return guarded


def refuse_strangers(request: HttpRequest) -> None:
    """Pass a request of this machine in a demo.

    Raises:
        Http404: this is not a demo.
        PermissionDenied: it was made for another host, by a page of another site, or a proxy has passed it on.
    """
    if not settings.LANTERN.demo:
        raise Http404
    host = urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname
    passed_on = "Forwarded" in request.headers or any(name.startswith("X-Forwarded-") for name in request.headers)
    origin = request.headers.get("Origin")
    elsewhere = origin is not None and urlsplit(origin).netloc != request.META.get("HTTP_HOST")
    if host not in LOOPBACK or passed_on or elsewhere:
        raise PermissionDenied


@demo_only
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Both phones and the desk."""
    phones = _phones(request)
    shown = {**CHOICES, "screens": [screen(one) for one in phones.values()], "accounts": demo.SHOWN_ACCOUNTS}
    return _with_phones(render(request, "try/page.html", shown), phones)


async def events(request: HttpRequest) -> StreamingHttpResponse:
    """Says when to look at the phones again; for visitors who are not signed in at the desk."""
    refuse_strangers(request)
    return live.stream()


@demo_only
@require_GET
def phone(request: HttpRequest, kind: str) -> HttpResponse:
    """The messages on one phone; 204 when the page shows them already."""
    shown = screen(_phone(request, kind))
    if request.GET.get("have") == shown.mark:
        return HttpResponse(status=204)
    return render(request, "try/messages.html", {"screen": shown})


@demo_only
@require_POST
def send(request: HttpRequest, kind: str) -> HttpResponse:
    """Something typed on a phone, or a button tapped."""
    sender = _phone(request, kind)
    now = timezone.now()
    text = (request.POST.get("hint") or request.POST.get("text", ""))[:TYPED_CHARS]
    button = request.POST.get("button")
    if button:
        label = next((label for b in screen(sender).bubbles for data, label in b.buttons if data == button), button)
        receive(pressed(sender.channel, sender.value, button, label, now), now)
    elif text.strip():
        receive(typed(sender.channel, sender.value, text, now), now)
    signals.publish(signals.DESK, ())
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "try/messages.html", {"screen": screen(sender)})
    return HttpResponseRedirect(resolve_url("try:page"))


@demo_only
@require_POST
def another_person(request: HttpRequest, kind: str) -> HttpResponse:
    """A fresh phone: somebody whom the line has never met."""
    if kind not in KINDS:
        raise Http404
    phones = {**_phones(request), kind: fresh(kind, request.POST.get("place", ""))}
    if request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "try/phone.html", {**CHOICES, "screen": screen(phones[kind])})
        return _with_phones(answer, phones)
    return _with_phones(HttpResponseRedirect(resolve_url("try:page")), phones)


@demo_only
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demo accounts with one click, and open the desk."""
    name = request.POST.get("name", "")
    demo.ensure_demo_accounts()
    staff = demo.demo_account(name)
    if staff is None:
        raise Http404
    login(request, staff, backend="django.contrib.auth.backends.ModelBackend")
    take_key(request, staff, demo.password_of(name))
    return HttpResponseRedirect(resolve_url("desk:home" if request.POST.get("frame") else "try:page"))


def _phones(request: HttpRequest) -> dict[str, Phone]:
    """The phones of this browser; fresh ones when it has none."""
    try:
        rows = json.loads(request.get_signed_cookie(COOKIE, default="{}", salt="try") or "{}")
        phones = {kind: Phone(kind, str(value), str(place)) for kind, (value, place) in rows.items() if kind in KINDS}
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        phones = {}
    return {
        "sms": phones.get("sms") or fresh("sms", "ID"),
        "telegram": phones.get("telegram") or fresh("telegram", "en"),
    }


def _phone(request: HttpRequest, kind: str) -> Phone:
    if kind not in KINDS or COOKIE not in request.COOKIES:
        raise Http404
    return _phones(request)[kind]


def _with_phones(response: HttpResponse, phones: dict[str, Phone]) -> HttpResponse:
    rows = json.dumps({kind: (one.value, one.place) for kind, one in phones.items()})
    response.set_signed_cookie(COOKIE, rows, salt="try", path="/try/", httponly=True, samesite="Strict")
    return response
