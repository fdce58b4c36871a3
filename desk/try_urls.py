"""Addresses of the try-out page; included in a demo only, and guarded again in each view."""

from __future__ import annotations

from django.urls import path

from desk import try_out

app_name = "try"

urlpatterns = [
    path("", try_out.page, name="page"),
    path("phone/<str:kind>/", try_out.phone, name="phone"),
    path("phone/<str:kind>/send/", try_out.send, name="send"),
    path("phone/<str:kind>/another/", try_out.another_person, name="another"),
    path("events/", try_out.events, name="events"),
    path("sign-in/", try_out.sign_in, name="sign-in"),
]
