"""A desk on a real database file, with conversations put there by the records' own functions."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from dataclasses import dataclass, replace
from itertools import count

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache, caches
from django.db import transaction
from django.test import Client
from django.utils import timezone

from bot.delivery import Delivery
from channels.simulator import SIMULATED, SimulatorChannel
from desk.demo import ensure_demo_accounts
from lantern.config import Secret
from records.casework import directory, hsds
from records.casework.hsds import ServiceForm
from records.messages.intake import store_inbound
from records.messages.outcome import Changes, OutboxDraft, TurnOutcome
from records.messages.step import apply_outcome, locked
from records.models import Case, Conversation, OutboxMessage, Staff
from records.sealing import staff_keys
from records.staff import desk
from records.states import Level, Owner, SafeAnswer, StaffRole
from screening.assessment import Assessment
from tests.watched import watched

MARKED = "zebra-lamp-7781"  # a word that must not turn up where words of contacts may not stand


@dataclass
class Hotline:
    """Puts conversations on the desk."""

    _ids: count

    def conversation(
        self, *said, owner=Owner.QUEUE, level=Level.OFFER, language="es", channel="sms", reasons=("ask_human",),
        assessment=None, safe=None, bot_says=(), address=None,
    ) -> int:  # fmt: skip
        number = next(self._ids)
        now = timezone.now()
        for text in said or (f"hola {MARKED}",):
            stored = store_inbound(
                channel=channel,
                provider_id=f"desk-{next(self._ids)}",
                address=address or f"+1500555{number:04}",
                kind="text",
                text=text,
                received_at=now,
            )
        changes = {"level": level, "language": language, "handoff_reasons": tuple(reasons)}
        if owner != Owner.BOT:
            changes["owner"] = owner
        if safe:
            changes["safe_answer"] = SafeAnswer(safe)
        lines = tuple(OutboxDraft(text=text, valid_for_s=600) for text in bot_says)
        with transaction.atomic():
            row = locked(stored.conversation_id)
            known = (assessment or Assessment()).to_json()
            outcome = TurnOutcome(version=row.version, outbox=lines, assessment=known, changes=Changes(**changes))
            apply_outcome(row, outcome, now, inbox_id=None)
        return stored.conversation_id

    def owner(self, conversation_id) -> str:
        return Conversation.objects.get(pk=conversation_id).owner

    def replies(self, conversation_id) -> list[str]:
        rows = OutboxMessage.objects.filter(conversation=conversation_id, author="staff").order_by("pk")
        return [row.open_payload(row.conversation.open_key())[0] for row in rows]


@pytest.fixture
def hotline(db) -> Hotline:
    cache.clear()
    caches["sign-in"].clear()
    return Hotline(count(1))


@pytest.fixture
def staff(db):
    def make(name, role=StaffRole.WORKER, password=None, **fields) -> Staff:
        return Staff.objects.create_user(name, password, alias=name.title(), role=role, **fields)

    return make


@pytest.fixture
def seated(staff):
    """A client that is signed in as a new member of staff."""

    def sit_down(name="sara", role=StaffRole.WORKER) -> Client:
        client = Client()
        client.force_login(staff(name, role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sit_down


@pytest.fixture
def mine(hotline, seated):
    """A client that holds one conversation."""
    client, conversation = seated(), hotline.conversation()
    client.post(f"/desk/c/{conversation}/claim/")
    return client, conversation


@pytest.fixture
def sara(seated):
    """Her browser."""
    return seated("sara")


@pytest.fixture
def case_id(sara):
    """A case of hers, about the person who writes."""
    sara.post("/desk/cases/new/", {"about": "self", "language": "my"})
    return Case.objects.get().pk


@pytest.fixture
def house(db):
    """A service that takes people in."""
    form = ServiceForm(name="Sun House", organization="Sun Foundation", country="TH", needs=("safe_place",))
    return directory.keep(hsds.with_form(form), None, timezone.now())


@pytest.fixture
def real_line(settings, tmp_path):
    """Not a demo: a second factor, one session a person, a data folder of its own."""
    settings.LANTERN = replace(
        settings.LANTERN, telegram_token=Secret("1:x"), master_key=bytes(range(32)), data=tmp_path / "data"
    )


@pytest.fixture
def address(transactional_db):
    import uvicorn

    from lantern.asgi import application

    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0  # the server's threads let go of the database after each request
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(application, port=port, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def open_page(browser, address):
    contexts = []

    def open_page(path="/desk/", *, staff=None, **options):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = watched(context.new_page())
        page.goto(address + path)
        if staff:
            page.fill("#id_username", staff)
            page.fill("#id_password", f"{staff}-demo")
            page.keyboard.press("Enter")
            page.wait_for_selector("#live[data-state=on]")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def line(hotline):
    ensure_demo_accounts()
    return hotline


@pytest.fixture
def sara_has_open(line, open_page):
    """Make a conversation that Sara has claimed and has open in her browser: page, number."""

    def opened(text, **facts):
        conversation = line.conversation(text, **facts)
        desk.claim(conversation, Staff.objects.get(username="sara"), timezone.now())
        page = open_page(staff="sara")
        page.click(f"#card-{conversation}")
        return page, conversation

    return opened


@pytest.fixture
def tried(line, open_page):
    """The try-out page, on which a phone has written, and Sara has claimed it and has it open: page, desk, number."""
    page = open_page("/try/")
    page.get_by_role("button", name="Sara").click()
    frame = page.frame_locator("#desk")
    frame.locator("#live[data-state=on]").wait_for()
    page.fill("#text-sms", "tolong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#screen-sms .mine >> text=tolong")
    conversation = desk.owned_by(Owner.BOT, timezone.now())[0].conversation_id
    desk.claim(conversation, Staff.objects.get(username="sara"), timezone.now())
    frame.locator(f"#card-{conversation}").click()
    return page, frame, conversation


@pytest.fixture
def quick(monkeypatch, db):
    """Little work for each password: what is tested is who gets in."""
    for name, value in (("memory_cost", 64), ("time_cost", 1), ("parallelism", 1)):
        monkeypatch.setattr(Argon2PasswordHasher, name, value)
    monkeypatch.setattr(staff_keys, "_MEMORY_KIB", 64)
    monkeypatch.setattr(staff_keys, "_PASSES", 1)
    caches["sign-in"].clear()


@pytest.fixture
def delivering():
    """The delivery process, in this one."""
    stop, loop = asyncio.Event(), asyncio.new_event_loop()
    made = Delivery([SimulatorChannel(name) for name in SIMULATED], "test")
    thread = threading.Thread(target=loop.run_until_complete, args=(made.run_forever(stop),), daemon=True)
    thread.start()
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()
