"""Factors: an authenticator app, passkeys and recovery codes, set up by their owner.

Who has a factor must have shown it, and have typed the password a moment ago, before another is added or taken
away (`desk.passkeys` asks the same). Secrets and codes are shown once.
"""

from __future__ import annotations

import io

import qrcode
import qrcode.image.svg
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import devices_for_user
from django_otp import login as otp_login
from django_otp_webauthn.models import WebAuthnCredential

from desk import sessions
from desk.roles import staff_of
from desk.sign_in import CodeForm, passed
from records import audit
from records.models import Authenticator, RecoveryCodes, Staff

CODES = "fresh-codes"  # in the session, until the page that shows them was drawn
WAITING = "waiting-app"  # in the session: which app's code it was shown


@require_GET
def set_up(request: HttpRequest) -> HttpResponse:
    """What can be set up: the first factor, or a further one."""
    if not may_add(request):
        return _password_first(request)
    return render(request, "desk/set_up.html", {"first": not _has_any(staff_of(request))})


@require_http_methods(["GET", "POST"])
def set_up_app(request: HttpRequest) -> HttpResponse:
    """The code to scan; it counts once the app's own code was typed in."""
    if not may_add(request):
        return _password_first(request)
    staff, wrong = staff_of(request), False
    shown = request.session.get(WAITING)
    waiting = Authenticator.objects.filter(user=staff, confirmed=False, uid=shown).first() if shown else None
    if request.method == "POST" and waiting is not None:
        form = CodeForm(request.POST)
        if form.is_valid() and waiting.verify_token(form.cleaned_data["code"].strip()):
            Authenticator.objects.filter(user=staff, confirmed=True).delete()  # a new phone replaces the old one
            waiting.confirmed = True
            waiting.save(update_fields=["confirmed"])
            del request.session[WAITING]
            audit.record("factor_added", timezone.now(), staff=staff, details={"by": "app"})
            otp_login(request, waiting)
            return _with_codes(request, staff)
        wrong = True
    device = waiting or _new_app(request, staff)
    secret = device.config_url.partition("secret=")[2].partition("&")[0]
    return render(request, "desk/set_up_app.html", {"qr": _drawn(device.config_url), "secret": secret, "wrong": wrong})


def _new_app(request: HttpRequest, staff: Staff) -> Authenticator:
    """A code of this session alone: whoever else knew the password and looked first must not hold the same app."""
    Authenticator.objects.filter(user=staff, confirmed=False).delete()
    device = Authenticator.new(staff)
    request.session[WAITING] = str(device.uid)
    return device


@require_http_methods(["GET", "POST"])
def codes(request: HttpRequest) -> HttpResponse:
    """Ten fresh recovery codes, shown once; those before are worth nothing any more."""
    staff = staff_of(request)
    if request.method == "POST":
        return _show_codes(request, staff)
    fresh = request.session.pop(CODES, False)
    if fresh:
        return _show_codes(request, staff)
    return HttpResponseRedirect(resolve_url("desk:factors"))


@require_GET
def factors(request: HttpRequest) -> HttpResponse:
    """What this person has."""
    staff = staff_of(request)
    context = {
        "app": Authenticator.objects.filter(user=staff, confirmed=True).exists(),
        "passkeys": WebAuthnCredential.objects.filter(user=staff, confirmed=True).order_by("pk"),
        "left": sum(device.left for device in RecoveryCodes.objects.filter(user=staff)),
    }
    return render(request, "desk/factors.html", context)


@require_POST
def remove_passkey(request: HttpRequest, key_id: int) -> HttpResponse:
    """Take a passkey away; the last factor stays."""
    staff = staff_of(request)
    mine = WebAuthnCredential.objects.filter(user=staff, pk=key_id)
    others = [
        device for device in devices_for_user(staff) if device.persistent_id not in {m.persistent_id for m in mine}
    ]
    if not any(not isinstance(device, RecoveryCodes) for device in others):
        messages.warning(request, _("This is your last one: set up another first."))
    elif mine.delete()[0]:
        audit.record("factor_removed", timezone.now(), staff=staff, details={"by": "passkey"})
    return HttpResponseRedirect(resolve_url("desk:factors"))


@require_POST
def passkey_added(request: HttpRequest) -> HttpResponse:
    """After the browser has made a passkey: codes for the day it is lost, if there are none."""
    staff = staff_of(request)
    audit.record("factor_added", timezone.now(), staff=staff, details={"by": "passkey"})
    return _with_codes(request, staff)


def _with_codes(request: HttpRequest, staff: Staff) -> HttpResponse:
    response = passed(request, staff, "app")
    if not RecoveryCodes.objects.filter(user=staff).exists():
        request.session[CODES] = True
        response["Location"] = resolve_url("desk:codes")
    return response


def _show_codes(request: HttpRequest, staff: Staff) -> HttpResponse:
    made = RecoveryCodes.new(staff)
    audit.record("codes_made", timezone.now(), staff=staff)
    return render(request, "desk/codes.html", {"codes": made})


def _has_any(staff: Staff) -> bool:
    return any(True for _device in devices_for_user(staff))


def may_add(request: HttpRequest) -> bool:
    """True when a factor may be added now; else the password comes first, or a thief of the session adds their own.

    Raises:
        PermissionDenied: only the password is known, and the account has a factor.
    """
    staff = staff_of(request)
    if _has_any(staff) and not sessions.second_shown(staff):
        raise PermissionDenied
    return sessions.sure(request)


def _password_first(request: HttpRequest) -> HttpResponse:
    """To the page that asks for it. Half way, with no factor yet, that page is not open: they sign in anew."""
    if not sessions.second_shown(staff_of(request)):
        sessions.close(request)
        return HttpResponseRedirect(resolve_url("desk:sign-in"))
    return HttpResponseRedirect(f"{resolve_url('desk:confirm')}?{urlencode({'next': request.path})}")


def _drawn(text: str) -> SafeString:
    """A square code as SVG inside the page: no picture to fetch, nothing that a cache could keep."""
    image = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=2)
    out = io.BytesIO()
    image.save(out)
    svg = out.getvalue().decode().partition("?>")[2]
    return mark_safe(svg)  # noqa: S308 (drawn by us from our own text) # nosemgrep: no-unescaped-html
