"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The tables of the line."""

    name = "records"
    default_auto_field = "django.db.models.BigAutoField"
