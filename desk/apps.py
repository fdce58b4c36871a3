"""Registers the desk with Django."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The staff console."""

    name = "desk"
