"""The providers' addresses alone: these tests need no desk."""

from django.urls import path

from lantern import webhooks

urlpatterns = [
    path("channels/sms", webhooks.sms),
    path("channels/sms/status", webhooks.sms_status),
    path("channels/whatsapp", webhooks.whatsapp),
    path("channels/whatsapp/status", webhooks.whatsapp_status),
    path("channels/telegram", webhooks.telegram),
]
