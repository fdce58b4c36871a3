"""Every page of the desk, taken from the addresses themselves on a desk in the middle of its day.

`of_role` opens each address as a person of that role would, so a new address is a new page without a line here. What
is only seen after an act, without a session, or when something is wrong stands in `tests/desk/odd_pages.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

from desk import demo, keyring
from desk.places import PANES
from records.models import Contact, Conversation, InboxMessage, Staff
from records.sealing import closing, staff_keys
from records.staff import desk
from records.states import READS, Owner, StaffRole
from tests.desk import fill, rooms
from tests.desk.test_roles import every_address

WHO = {
    StaffRole.WORKER: "sara",
    StaffRole.SUPERVISOR: "nour",
    StaffRole.ADMINISTRATOR: "admin",
    StaffRole.AUDITOR: "audit",
}
# Not pages: a stream, the words of a script, and the way out.
NOT_OPENED = {"events", "js-i18n-catalog", "sign-out"}
KEPT_DRAWN = {"desk/parts/card.html"}  # drawn once for all who see it the same
NOT_THERE = 999_999
TEMPLATES = Path(demo.__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: where it is, who opened it, and what was answered."""

    name: str
    path: str
    cookies: dict[str, str]
    answer: Any = field(repr=False)
    posted: bool = False  # a browser cannot ask for it again: it is shown what was answered

    @property
    def templates(self) -> frozenset[str]:
        """Every template that it is made of."""
        return frozenset(str(one.name) for one in self.answer.templates)


def a_days_work(hotline) -> dict[str, Any]:
    """Fill the desk; return what stands in the brackets of addresses, each with the values worth a look."""
    hotline_pages = rooms.fill(hotline)
    shown = fill.fill(hotline)
    by_bot = hotline.conversation("hola", owner=Owner.BOT)
    thread, waiting, unsafe, other = (
        int(shown[name].split("/")[-2]) for name in ("thread", "waiting", "unsafe", "other")
    )
    return {
        "conversation_id": {
            "": thread, "waiting": waiting, "unsafe": unsafe, "other": other, "urgent": hotline_pages["conversation"],
            "bot": by_bot, "closed": closed_by(hotline, "sara"), "none": NOT_THERE,
        },
        "case_id": {"": hotline_pages["case"], "none": NOT_THERE},
        "service_id": {"": hotline_pages["service"], "none": NOT_THERE},
        "staff_id": {"": hotline_pages["person"]},
        "reply_id": {"": hotline_pages["reply"]},
        "contact_id": {"": Contact.objects.order_by("pk").first().pk},
        "name": {"": PANES[0].id, **{pane.id: pane.id for pane in PANES}},
        "token": {"": "made-up"},
    }  # fmt: skip


def closed_by(hotline, username: str) -> int:
    """A conversation that this person closed and whose key the readers have now."""
    staff, now = Staff.objects.get(username=username), timezone.now()
    number = hotline.conversation("gracias por todo", safe="yes")
    desk.claim(number, staff, now)
    desk.close(number, staff, "helped", now)
    Conversation.objects.filter(pk=number).update(claimed_by=staff)
    InboxMessage.objects.filter(conversation=number).update(status="done")
    closing.seal_closed(now)
    return number


def signed_in(username: str) -> Client:
    """A browser in which this person has typed the password."""
    client, staff = Client(), Staff.objects.get(username=username)
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    if staff.role in READS:
        keyring.hold(client.session.session_key, staff_keys.open_key(staff, demo.password_of(username)))
    return client


def cookies_of(client: Client) -> dict[str, str]:
    """What the browser holds."""
    return {name: morsel.value for name, morsel in client.cookies.items()}


def of_role(role: StaffRole, values: dict[str, Any]) -> tuple[list[Page], dict[str, set[int]]]:
    """Every page that this role can open, each once, and which answers every address gave.

    Two addresses that end at the same page, made of the same templates, are one page.
    """
    client, seat = signed_in(WHO[role]), cookies_of(signed_in(WHO[role]))  # no tab is chosen yet at the seat
    values = {**values, "practice_id": practices(client) if role in READS else {"": 1}}
    if role != StaffRole.WORKER:  # the same pages in every state are a worker's already
        values["conversation_id"] = {state: values["conversation_id"][state] for state in ("", "bot", "none")}
    found: dict[Any, Page] = {}
    answers: dict[str, set[int]] = {}
    for name, path, state in addresses(values):
        tab = "/beside/" in path
        if tab and state not in values["name"]:
            continue
        answer = client.get(path, follow=tab)  # a tab leads back to its page, and stays chosen
        answers.setdefault(name, set()).add(answer.status_code)
        if not is_page(answer):
            continue
        templates = frozenset(str(one.name) for one in answer.templates) - KEPT_DRAWN
        key = (answer.request["PATH_INFO"] if answer.status_code < 400 else answer.status_code, templates)
        page_name = "-".join(part for part in (name, state) if part) if answer.status_code < 400 else "none"
        found.setdefault(key, Page(page_name, path, seat, answer))
    return list(found.values()), answers


def addresses(values: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Every address of the desk with each value in its brackets: (name, path, what the value stands for)."""
    made: dict[str, tuple[str, str, str]] = {}
    for state in dict.fromkeys(state for each in values.values() for state in each):

        def what(kind: str, name: str, state: str = state) -> Any:
            each = values.get(name, {"": 1})
            return each.get(state, each[""])

        for name, path, _view in every_address(what=what):
            if path.startswith("/desk/") and name not in NOT_OPENED:
                made.setdefault(path, (str(name), path, state))
    return list(made.values())


def practices(client: Client) -> dict[str, int]:
    """A practice that goes on and one that has ended, of the person in this browser."""
    numbers = {}
    for state, dialogue in (("", "house"), ("ended", "fisher")):
        address = client.post("/desk/training/begin/", {"dialogue": dialogue})["Location"]
        client.post(f"{address}claim/")
        client.post(f"{address}phrase/", {"key": "digital_safety"})
        if state:
            client.post(f"{address}close/", {"outcome": "helped"})
        numbers[state] = int(address.split("/")[-2])
    return numbers


def is_page(answer: Any) -> bool:
    """True for what a browser shows whole."""
    return (
        answer.status_code != 405
        and answer.headers.get("Content-Type", "").startswith("text/html")
        and not answer.streaming
        and b"<html" in answer.content
    )


def whole_templates() -> set[str]:
    """The templates that are pages: not a part of one, and not what others stand on."""
    texts = {str(one.relative_to(TEMPLATES)): one.read_text("utf-8") for one in TEMPLATES.rglob("*.html")}
    stood_on = {name for name in texts if any(f'extends "{name}"' in text for text in texts.values())}
    return {name for name, text in texts.items() if "{% extends" in text or "<html" in text} - stood_on
