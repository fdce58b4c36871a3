"""Addresses of the directory, each with the act it needs."""

from __future__ import annotations

from django.urls import path

from desk import directory
from desk.roles import Act, closed

ADDRESSES = [
    path("directory/", closed(Act.READ, directory.search), name="directory"),
    path("directory/new/", closed(Act.SUPERVISE, directory.edit), name="service-new"),
    path("directory/import/", closed(Act.SUPERVISE, directory.bring_in), name="directory-import"),
    path("directory/export/", closed(Act.SUPERVISE, directory.export), name="directory-export"),
    path("directory/<int:service_id>/", closed(Act.READ, directory.service), name="service"),
    path("directory/<int:service_id>/edit/", closed(Act.SUPERVISE, directory.edit), name="service-edit"),
    path("directory/<int:service_id>/checked/", closed(Act.ANSWER, directory.checked), name="service-checked"),
    path("directory/<int:service_id>/flag/", closed(Act.ANSWER, directory.flag), name="service-flag"),
    path("directory/<int:service_id>/remove/", closed(Act.SUPERVISE, directory.remove), name="service-remove"),
]
