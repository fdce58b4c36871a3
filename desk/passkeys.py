"""Passkeys: django-otp-webauthn's four steps behind our lock; the answer marks the browser as known."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.i18n import JavaScriptCatalog
from django_otp_webauthn import views
from django_otp_webauthn.exceptions import CredentialDisabled, NotVerified

from desk.factors import may_add
from desk.roles import half_open, staff_of
from desk.sign_in import passed

app_name = "otp_webauthn"


class CompleteAuthentication(views.CompleteCredentialAuthenticationView):  # type: ignore[misc]
    """The second step of showing a passkey."""

    def check_device_usable(self, device: Any) -> None:
        """A passkey counts for the person who typed the password, and for nobody else."""
        super().check_device_usable(device)
        if device.user_id != staff_of(self.request).pk:
            raise CredentialDisabled

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it, and let this browser be known."""
        response: HttpResponse = super().post(*args, **kwargs)
        led = passed(self.request, staff_of(self.request), "passkey")
        response.cookies.update(led.cookies)
        return response


class SureMixin:
    """Both steps of making a passkey ask what every other way to a factor asks."""

    request: HttpRequest

    def check_can_register(self) -> None:
        """Refuse where `desk.factors` would."""
        if not may_add(self.request):
            raise NotVerified(detail=_("Type your password again first: load this page anew."))


class BeginRegistration(SureMixin, views.BeginCredentialRegistrationView):  # type: ignore[misc]
    """The first step of making a passkey."""


class CompleteRegistration(SureMixin, views.CompleteCredentialRegistrationView):  # type: ignore[misc]
    """The second step of making a passkey."""


def _lock(name: str, view: Any) -> Any:
    return path(f"{name}/", half_open(name, view), name=name)


def _catalog(request: HttpRequest) -> Any:
    return JavaScriptCatalog.as_view(packages=["django_otp_webauthn"])(request)


urlpatterns = [
    _lock("credential-registration-begin", BeginRegistration.as_view()),
    _lock("credential-registration-complete", CompleteRegistration.as_view()),
    _lock("credential-authentication-begin", views.BeginCredentialAuthenticationView.as_view()),
    _lock("credential-authentication-complete", CompleteAuthentication.as_view()),
    _lock("js-i18n-catalog", _catalog),
]
