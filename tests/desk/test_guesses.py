"""A storm of guesses opens nothing, costs little, and locks nobody out."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import caches
from django.test import Client

from tests.desk.door import PASSWORD, types

pytestmark = pytest.mark.usefixtures("quick")


def test_five_guesses_then_nothing_is_hashed_any_more(staff, monkeypatch):
    staff("sara", password=PASSWORD)
    hashed = count_hashes(monkeypatch)
    client = Client()

    answers = [types(client, f"guess {number}") for number in range(8)]

    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 4
    assert len(hashed) == 5
    refused = types(client)
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")  # the right one too, from there


def test_a_name_that_nobody_has_is_answered_and_refused_in_the_same_way(staff, monkeypatch):
    staff("sara", password=PASSWORD)
    pages = {}
    for name in ("sara", "nobody"):
        hashed = count_hashes(monkeypatch)
        caches["sign-in"].clear()
        answers = [types(Client(), "guess", name=name) for _ in range(7)]
        pages[name] = [
            (answer.status_code, answer.content.replace(name.encode(), b""), len(hashed)) for answer in strip(answers)
        ]

    assert pages["sara"] == pages["nobody"]


def strip(answers):
    """Without what differs with each page: its CSRF token."""
    for answer in answers:
        answer.content = re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", answer.content)
    return answers


def count_hashes(monkeypatch) -> list[str]:
    hashed: list[str] = []
    for method in ("encode", "verify"):
        real = vars(Argon2PasswordHasher).get(method) or getattr(Argon2PasswordHasher, method)
        while hasattr(real, "counted"):
            real = real.counted

        def counting(self, password, *rest, _real=real):
            hashed.append("x")
            return _real(self, password, *rest)

        counting.counted = real
        monkeypatch.setattr(Argon2PasswordHasher, method, counting)
    return hashed


def test_a_storm_on_one_name_locks_neither_its_person_nor_anybody_else_out(staff, monkeypatch):
    """300 guesses from 60 addresses; benchmarks/sign_in_storm.py does 50 a second for a minute, over HTTP."""
    staff("sara", password=PASSWORD)
    staff("ben", password=PASSWORD)
    known = Client()
    assert types(known, REMOTE_ADDR="198.51.100.7").status_code == 302
    known.post("/desk/sign-out/")
    hashed = count_hashes(monkeypatch)

    for number in range(300):
        types(Client(), f"guess {number}", REMOTE_ADDR=f"203.0.113.{number % 60}")

    assert len(hashed) == 60
    assert types(Client(), REMOTE_ADDR="192.0.2.1").status_code == 429  # a stranger with the right password waits
    assert types(known, REMOTE_ADDR="198.51.100.7").status_code == 302  # her own browser does not
    assert types(Client(), name="ben", REMOTE_ADDR="192.0.2.1").status_code == 302


def test_one_address_that_tries_many_names_is_refused_and_others_are_not(staff, monkeypatch):
    staff("sara", password=PASSWORD)
    hashed = count_hashes(monkeypatch)

    for number in range(100):
        types(Client(), "Password1234", name=f"name{number}", REMOTE_ADDR="203.0.113.9")

    assert len(hashed) == 30
    assert types(Client(), REMOTE_ADDR="203.0.113.10").status_code == 302


def test_a_cookie_of_a_known_browser_cannot_be_made_up_or_used_for_another_name(staff):
    staff("sara", password=PASSWORD)
    staff("ben", password=PASSWORD)
    known = Client()
    types(known, name="ben")
    for number in range(70):
        types(Client(), "guess", REMOTE_ADDR=f"203.0.113.{number}")

    forged = Client()
    forged.cookies["desk-device"] = "eyJ4IjoiYSJ9:1abc:xxxx"
    other = Client()
    other.cookies["desk-device"] = known.cookies["desk-device"].value

    assert types(forged, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert types(other, REMOTE_ADDR="192.0.2.1").status_code == 429
