"""The web process: without Rasa, on this machine only."""

from __future__ import annotations

import asyncio

HEAVY = ("rasa", "rasa_sdk", "tensorflow", "spacy", "sklearn")


def test_the_web_process_imports_nothing_of_the_dialogue_engine(python):
    done = python(
        "import sys, lantern.asgi\n"
        "from django.urls import get_resolver\n"
        "get_resolver().url_patterns\n"
        f"print(sorted(set({HEAVY!r}) & {{name.split('.')[0] for name in sys.modules}}))\n"
    )

    assert done.stdout.strip() == "[]", done.stderr


def ask(headers):
    from lantern.demo_guard import this_machine_only

    sent = []

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    asyncio.run(this_machine_only(application)({"type": "http", "headers": headers}, None, send))
    return sent[0]["status"]


def test_a_demo_refuses_what_a_proxy_passes_on():
    assert ask([(b"host", b"127.0.0.1:8080")]) == 200
    assert ask([(b"host", b"127.0.0.1:8080"), (b"x-forwarded-for", b"203.0.113.7")]) == 403
    assert ask([(b"Forwarded", b"for=203.0.113.7")]) == 403
