"""Whoever finds a weakness learns whom to tell, and nothing else."""

from __future__ import annotations

import dataclasses

import pytest
from django.conf import settings as django_settings
from django.test import Client

from lantern.config import Settings, SettingsError

ADDRESS = "/.well-known/security.txt"


def test_it_names_the_contact_and_a_day_within_a_year(settings):
    settings.LANTERN = dataclasses.replace(
        django_settings.LANTERN, security_contact="mailto:safe@example.org", public_url="https://line.example.org"
    )

    lines = Client().get(ADDRESS).content.decode().splitlines()

    assert lines[0] == "Contact: mailto:safe@example.org"
    assert lines[1].startswith("Expires: 20")
    assert "Canonical: https://line.example.org/.well-known/security.txt" in lines
    assert "antern" not in "".join(lines)


def test_search_engines_are_told_to_stay_away():
    answer = Client().get("/robots.txt")

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content == b"User-agent: *\nDisallow: /\n"


def test_without_a_contact_there_is_no_page():
    assert Client().get(ADDRESS).status_code == 404


@pytest.mark.parametrize("contact", ["safe@example.org", "mailto:a@b.org\nExpires: 2099", "javascript:x"])
def test_a_contact_that_is_no_address_is_refused(contact):
    with pytest.raises(SettingsError, match="LANTERN_SECURITY_CONTACT"):
        Settings.from_env({"LANTERN_SECURITY_CONTACT": contact})
