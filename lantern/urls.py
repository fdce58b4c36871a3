"""Addresses: webhooks, desk, health, metrics; the try-out page in a demo only."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from lantern import health, metrics, robots_txt, security_txt, webhooks

urlpatterns = [
    path("channels/sms", webhooks.sms, name="sms"),
    path("channels/sms/status", webhooks.sms_status, name="sms-status"),
    path("channels/whatsapp", webhooks.whatsapp, name="whatsapp"),
    path("channels/whatsapp/status", webhooks.whatsapp_status, name="whatsapp-status"),
    path("channels/telegram", webhooks.telegram, name="telegram"),
    path(".well-known/security.txt", security_txt.security_txt, name="security-txt"),
    path("robots.txt", robots_txt.robots_txt, name="robots-txt"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("desk/passkey/", include("desk.passkeys")),
    path("desk/", include("desk.urls")),
]
if settings.LANTERN.demo:
    urlpatterns.append(path("try/", include("desk.try_urls")))
