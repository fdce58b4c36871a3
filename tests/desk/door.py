"""At the door: how a test signs in, with a password and with an app."""

from __future__ import annotations

import time

from records.models import Authenticator, Staff

PASSWORD = "a lamp in the harbour"


def types(client, password=PASSWORD, name="sara", **fields):
    return client.post("/desk/sign-in/", {"username": name, "password": password}, **fields)


def with_app(staff, name="sara", **fields) -> tuple[Staff, Authenticator]:
    one = staff(name, password=PASSWORD, **fields)
    device = Authenticator.new(one)
    Authenticator.objects.update(confirmed=True)
    return one, device


def shows(client, device, at=0.0, **fields):
    return client.post("/desk/second/", {"code": device.code_at(time.time() + at)}, **fields)
