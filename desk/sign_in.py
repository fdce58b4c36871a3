"""Sign in: the password, then a second factor, then the key of what is closed is in this process's memory.

Answers are the same for a name that exists and one that does not. The factors themselves are set up in
`desk.factors`; how often may be tried is counted in `desk.slow_down`.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, authenticate
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_otp import devices_for_user, match_token
from django_otp import login as otp_login

from desk import keyring, sessions
from desk.held import ENDED_ACT, ENDED_PAGE
from desk.roles import Act, allowed, staff_of
from desk.sessions import Why
from desk.slow_down import WINDOW_S, remember_device
from records import audit
from records.errors import WrongKey
from records.models import Authenticator, RecoveryCodes, Staff
from records.sealing import staff_keys
from records.staff import refused
from records.states import READS

TOO_MANY = 429


class SignIn(LoginView):
    """Name and password."""

    template_name = "desk/sign_in.html"
    redirect_authenticated_user = True
    ended: tuple[str, ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The form also for who comes with a session that has ended; what is left of that one goes."""
        why = sessions.why_gone(request)
        if why is None and not allowed(request.user, Act.BE_HERE):
            why = Why.OTHER
        was_here = SESSION_KEY in request.session
        if was_here and why is not None:
            sessions.close(request)
        if request.method == "GET":
            self.ended = _ended(why if was_here else None, request.GET.get("ended", ""))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """With why the session of this browser ended; a browser that had none is told nothing of anybody."""
        return super().get_context_data(**more, ended=self.ended)

    def form_valid(self, form: Any) -> HttpResponse:
        """The password was right: a new session, with the person's key if they have one."""
        staff: Staff = form.get_user()
        response = super().form_valid(form)
        take_key(self.request, staff, form.cleaned_data["password"])
        audit.record("signed_in", timezone.now(), staff=staff)
        if not sessions.needs_second_factor(staff):
            remember_device(self.request, response, staff.username)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """It was not, or too much was tried; both take as long for a name that nobody has."""
        refused = bool(getattr(self.request, "axes_locked_out", False))
        context = self.get_context_data(form=form, too_many=refused)
        answer = self.render_to_response(context, status=TOO_MANY if refused else 200)
        return _come_again(answer)


def _ended(why: Why | None, led_by: str) -> tuple[str, ...]:
    """What to say above the form."""
    if why is None and led_by not in (ENDED_PAGE, ENDED_ACT):
        return ()
    minutes, hours = settings.LANTERN.idle_minutes, sessions.ABSOLUTE_S // 3600
    said = {
        Why.IDLE: _("You were signed out: nothing was done at this desk for %(minutes)d minutes.")
        % {"minutes": minutes},
        Why.AGE: _("You were signed out: a session lasts %(hours)d hours at most.") % {"hours": hours},
        Why.NEWER: _(
            "You were signed out here: you signed in at another place since. If that was not you, tell whoever looks"
            " after the accounts at once."
        ),
        Why.ENDED: _("You were signed out: whoever looks after the accounts has ended your sessions."),
        Why.RENEWED: _(
            "You were signed out: this account has a new password since. If you did not choose it, tell whoever looks"
            " after the accounts at once."
        ),
        Why.SWITCHED: _(
            "You were signed out: your account was switched off. What you had not sent was not sent. Whoever looks"
            " after the accounts can switch it on again."
        ),
    }.get(why or Why.OTHER, _("Your session has ended."))
    again = led_by == ENDED_ACT and why is not Why.SWITCHED  # who was switched off cannot sign in
    nothing_done = (_("Nothing was done: sign in, then press it again."),) if again else ()
    return (said, *nothing_done)


sign_in = SignIn.as_view()


def take_key(request: HttpRequest, staff: Staff, password: str) -> None:
    """Unwrap this person's private key into the memory of this process; make one if they have none yet."""
    if staff.role not in READS:
        return
    now = timezone.now()
    try:
        reader = staff_keys.open_key(staff, password) or staff_keys.make_key(staff, password, now)
    except WrongKey:
        # The password was set past us. What is closed stays shut until somebody resets it with the recovery key.
        audit.record("staff_key_shut", now, staff=staff)
        return
    staff_keys.keep_recoverable(staff, reader)
    if request.session.session_key is None:
        request.session.save()
    keyring.hold(request.session.session_key, reader)


class CodeForm(forms.Form):
    """One code: six digits of an app, or a recovery code."""

    code = forms.CharField(max_length=40)


@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """The second factor; who has none yet sets one up."""
    staff = staff_of(request)
    if sessions.second_shown(staff):
        return HttpResponseRedirect(next_page(request))
    devices = list(devices_for_user(staff))
    if not devices:
        return HttpResponseRedirect(resolve_url("desk:set-up"))
    status, wrong = 200, False
    if request.method == "POST":
        form = CodeForm(request.POST)
        device = match_token(staff, form.cleaned_data["code"].strip()) if form.is_valid() else None
        if device is not None:
            otp_login(request, device)
            return passed(request, staff, "codes" if isinstance(device, RecoveryCodes) else "app")
        audit.record("factor_refused", timezone.now(), staff=staff)
        status, wrong = 200, True
    context = {
        "wrong": wrong,
        "next": next_page(request),
        "passkeys": any(_is_passkey(device) for device in devices),
        "codes": any(isinstance(device, (Authenticator, RecoveryCodes)) for device in devices),
    }
    return render(request, "desk/second.html", context, status=status)


def passed(request: HttpRequest, staff: Staff, by: str) -> HttpResponse:
    """Both factors were right: this browser is known from now on, and this is the one place."""
    _renew(request)
    sessions.take_place(request, staff)
    if wrong := refused.since_last(staff):
        said = _("Since you were last here: %(count)d wrong codes. If it was not you, somebody knows your password.")
        messages.warning(request, said % {"count": wrong})
    audit.record("factor_shown", timezone.now(), staff=staff, details={"by": by})
    if by == "codes":
        left = sum(device.left for device in RecoveryCodes.objects.filter(user=staff))
        messages.warning(request, _("%(left)d recovery codes are left.") % {"left": left})
    response = HttpResponseRedirect(next_page(request))
    remember_device(request, response, staff.username)
    return response


def _renew(request: HttpRequest) -> None:
    """Another session id from here on: whoever knew the one from before this proof has nothing."""
    reader = keyring.of(request.session.session_key)
    keyring.drop(request.session.session_key)
    request.session.cycle_key()
    keyring.hold(request.session.session_key, reader)


class PasswordForm(forms.Form):
    """The password once more."""

    password = forms.CharField(max_length=1000, strip=False)


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Say again that it is you: before what cannot be undone, and to open what is closed."""
    staff, wrong, status = staff_of(request), False, 200
    if request.method == "POST":
        form = PasswordForm(request.POST)
        password = form.cleaned_data["password"] if form.is_valid() else ""
        if authenticate(request, username=staff.username, password=password) == staff:
            sessions.make_sure(request)
            _renew(request)
            take_key(request, staff, password)
            if request.GET.get("again"):  # what was pressed was not kept: it may be what cannot be undone
                messages.warning(request, _("Nothing has been done yet. Press it again."))
            return HttpResponseRedirect(next_page(request))
        wrong = True
        status = TOO_MANY if getattr(request, "axes_locked_out", False) else 200
    context = {"wrong": wrong, "too_many": status == TOO_MANY, "next": next_page(request)}
    return _come_again(render(request, "desk/confirm.html", context, status=status))


def _come_again(answer: HttpResponse) -> HttpResponse:
    """Say when another try is worth it."""
    if answer.status_code == TOO_MANY:
        answer["Retry-After"] = str(WINDOW_S)
    return answer


def next_page(request: HttpRequest) -> str:
    """Where they wanted to go, if it is one of our own pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours and wanted.startswith("/desk/") else resolve_url(settings.LOGIN_REDIRECT_URL)


def _is_passkey(device: Any) -> bool:
    return type(device).__name__ == "WebAuthnCredential"
