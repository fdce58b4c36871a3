"""Addresses: webhooks, desk, health; the try-out page in a demo only."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from lantern import health, webhooks

urlpatterns = [
    path("channels/sms", webhooks.sms, name="sms"),
    path("channels/sms/status", webhooks.sms_status, name="sms-status"),
    path("channels/telegram", webhooks.telegram, name="telegram"),
    path("healthz", health.healthz, name="healthz"),
    path("desk/", include("desk.urls")),
]
if settings.LANTERN.demo:
    urlpatterns.append(path("try/", include("desk.try_urls")))
