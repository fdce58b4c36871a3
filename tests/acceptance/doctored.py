"""The doctor under test: what it says of one check, and what stands in for the line's own address."""

from __future__ import annotations

import httpx

from lantern.doctor import run


class Livez:
    """The line's own address: what was asked of it, and what it answers; None where nobody does."""

    def __init__(self):
        self.asked = []
        self.answer = httpx.Response(200, json={"ok": True, "problems": []})

    def get(self, url, **_how):
        self.asked.append(url)
        if self.answer is None:
            raise httpx.ConnectError("nobody")
        return self.answer


def doctor_says(check, *, fix=False):
    """How many things are wrong, and what is said of them."""
    said = []
    wrong = run((check,), fix=fix, say=said.append)
    return wrong, "\n".join(said)
