"""Training: practice on the desk's own pages, judged, and apart from all that is real."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bot.clock import Clock
from content.training import dialogues
from desk.training import meaning, talk
from desk.training.meaning import Meant
from desk.training.verdict import verdict
from records import models
from records.models import Practice, Staff
from records.staff import practice
from records.states import StaffRole

HTMX = {"HTTP_HX_REQUEST": "true"}
REAL = (
    models.Contact, models.Conversation, models.InboxMessage, models.OutboxMessage, models.Note, models.Draft,
    models.AuditEvent, models.Alert, models.Notice, models.Viewer, models.AssessmentRecord,
)  # fmt: skip


@pytest.fixture
def read(monkeypatch):
    """Typed words are read by a list here: the encoder takes seconds, and has its own tests."""
    known = {"Is it safe now?": Meant(("ask.safe",), asks=False)}
    monkeypatch.setattr("desk.training.acts.meant", lambda text, _language: known.get(text, Meant((), asks=False)))


def begins(client, dialogue) -> str:
    return client.post("/desk/training/begin/", {"dialogue": dialogue})["Location"]


def says(client, address, *keys):
    for key in keys:
        answer = client.post(f"{address}phrase/", {"key": key, "time": "14:00"})
        assert answer.status_code == 302, key


def test_a_whole_practice_without_scripts_is_answered_and_judged(seated, read):
    client = seated()
    address = begins(client, "house")
    waiting = client.get(address).content.decode()
    client.post(f"{address}claim/")

    client.post(f"{address}reply/", {"text": "Is it safe now?"})
    answered = client.get(address).content.decode()
    says(client, address, "digital_safety", "right.R1", "helper.time", "close")
    end = client.post(f"{address}close/", {"outcome": "helped"})
    judged = client.get(end["Location"]).content.decode()

    assert "Simulated contact" in waiting
    assert 'id="reply"' not in waiting
    assert "iya msh tidur" in answered
    assert "besok jam 2 siang" in judged
    assert "Tomorrow at 2 pm the employer goes out." in judged
    done, missed = judged.split('id="e-missed"')
    assert "Ask whether it is safe, before anything else" in done
    assert "<li" not in missed.split("</section>")[0].replace('<li class="muted">Nothing.', "")


def test_what_is_missed_is_told():
    dialogue, now = dialogues()["bride"], timezone.now()
    played = talk.begin(dialogue, now)
    for number, key in enumerate(("ask.child.story", "ask.sexual_violence", "ask.sexual_violence", "ask.coercion")):
        item = talk.Item(
            kind="out", at=now, text="x", author="staff", key=key, token=str(number), forbidden=number == 1
        )
        played = talk.write(played, dialogue, item)

    missed = {row.goal for row in verdict(played, dialogue).missed}

    assert missed == {
        "safe_first", "nothing_twice", "plain_words", "budget", "offered", "closed_well",
        "child_words", "limits", "no_sex_questions", "time",
    }  # fmt: skip


@pytest.mark.parametrize("name", list(dialogues()))
def test_each_simulated_contact_can_be_helped_well(name):
    dialogue, now = dialogues()[name], timezone.now()
    played = talk.begin(dialogue, now)
    best = {
        "bride": ("child.hello", "child.limits", "right.C1", "ask.safe_time"),
        "compound": ("ack.sorry", "ask.suicide", "risk.suicide.safe", "right.R7"),
        "fisher": ("helper.interpreter", "ask.country", "right.R12", "helper.time"),
        "harvest": ("answer.no_label", "right.R12", "numbers"),
        "house": ("digital_safety", "right.R1", "ask.safe_time"),
        "sister": ("ack.other", "answer.ransom", "family.keep", "answer.fishing", "numbers"),
    }[name]
    for number, key in enumerate(("helper.hello", *best, dialogue.ends[0])):
        item = talk.Item(kind="out", at=now, text="x", author="staff", key=key, token=str(number))
        played = talk.write(played, dialogue, item)

    heard = [item for item in played.items if item.kind == "in"]

    assert verdict(played, dialogue).missed == ()
    assert len(heard) > len([said for said in dialogue.before if said.text])
    assert talk.Talk.from_json(played.to_json()) == played


def test_nothing_real_knows_of_a_practice(seated, read, hotline):
    real = hotline.conversation("hola")
    client = seated()
    client.get("/desk/")
    before = {model: model.objects.count() for model in REAL}
    address = begins(client, "sister")
    client.post(f"{address}claim/")
    client.post(f"{address}reply/", {"text": "Is it safe now?"})
    client.post(f"{address}note/", {"text": "calm now"})
    client.post(f"{address}draft/", {"text": "half a sent"})
    client.post(f"{address}ask-safe/")
    says(client, address, "answer.ransom")
    for pane in ("person", "replies", "phrases"):
        client.get(f"{address}beside/{pane}/", **HTMX)

    queue = client.get("/desk/").content.decode()

    assert {model: model.objects.count() for model in REAL} == before
    assert f'id="card-{real}"' in queue
    assert "Simulated" not in queue
    assert client.get(f"{address}beside/case/").status_code == 404
    assert b"half a sent" not in bytes(Practice.objects.get().sealed)
    assert "half a sent" in client.get(address).content.decode()


def test_every_page_of_practice_says_so_and_leads_nowhere_real(seated, read):
    client = seated()
    address = begins(client, "fisher")
    client.post(f"{address}claim/")
    thread = client.get(address).content.decode()
    client.post(f"{address}close/", {"outcome": "helped"})
    shown = [client.get(path).content.decode() for path in ("/desk/training/", f"{address}end/")]

    for page in (thread, *shown):
        assert "Nobody here is real, and nothing is sent." in page
        assert " practice" in page.split("<body class=")[1][:40]
    assert "/desk/c/" not in thread
    assert 'action="/desk/claim-next/"' not in thread


def test_other_words_in_a_form_that_was_sent_go_too_and_the_same_go_once(seated, read):
    client = seated()
    address = begins(client, "house")
    client.post(f"{address}claim/")
    token = str(uuid.uuid4())
    for words in ("Is it safe now?", "I am Sara.", "I am Sara."):
        client.post(f"{address}reply/", {"text": words, "token": token})
        client.post(f"{address}note/", {"text": words, "token": token})
    client.post(f"{address}draft/", {"text": "I am", "token": token})
    late = Practice.objects.get().open()["draft"]
    client.post(f"{address}draft/", {"text": "Do you eat enough?", "token": token})

    state = Practice.objects.get().open()

    mine = [(item["kind"], item["text"]) for item in state["items"] if item["author"] == "staff" and not item["key"]]
    assert sorted(mine) == [(kind, text) for kind in ("note", "out") for text in ("I am Sara.", "Is it safe now?")]
    assert (late, state["draft"]) == ("", "Do you eat enough?")


def test_the_gate_and_the_second_look_are_those_of_the_desk(seated, read):
    client = seated()
    address = begins(client, "fisher")
    client.post(f"{address}claim/")
    row = Practice.objects.get()
    asked = client.post(f"{address}reply/", {"text": "You are a victim"})
    kept = client.get(address).content.decode().split('id="reply"')[1].split("</textarea>")[0]
    long = client.post(f"{address}reply/", {"text": "x" * 20_000})
    state = row.open()
    for item in state["items"]:
        item["at"] = (timezone.now() - timedelta(minutes=11)).isoformat()
    state["safe_at"] = state["items"][0]["at"]
    practice.change(row.pk, Staff.objects.get(), timezone.now(), lambda _state: state)
    silent = client.post(f"{address}reply/", {"text": "hello"})
    client.post(f"{address}reply/", {"text": "hello", "override": "asked_to"})

    judged = verdict(talk.Talk.from_json(Practice.objects.get().open()), dialogues()["fisher"])

    assert "You are a victim" in kept
    assert (asked.status_code, long.status_code, silent.status_code) == (422, 422, 409)
    assert "Look once more before it goes" in asked.content.decode()
    assert "open_box" in {row.goal for row in judged.missed}


def test_a_practice_is_seen_by_nobody_else_and_gone_a_day_later(seated, staff, db):
    address = begins(seated(), "house")
    other = Client()
    other.force_login(staff("nour", StaffRole.SUPERVISOR), backend="django.contrib.auth.backends.ModelBackend")

    seen = other.get(address).status_code
    Clock().tick(timezone.now() + timedelta(hours=23))
    kept = Practice.objects.count()
    Clock().tick(timezone.now() + timedelta(hours=25))

    assert (seen, kept, Practice.objects.count()) == (404, 1, 0)


def test_typed_words_are_read_sentence_by_sentence(monkeypatch):
    near = {
        "Hello, I am Sara.": ("helper.hello", 0.9),
        "Is it safe?": ("ask.safe", 0.8),
        "What is his name?": ("x", 0.3),
    }
    monkeypatch.setattr("desk.phrasebook.nearest", lambda text, _languages: near[text])

    assert meaning.meant("Hello, I am Sara. Is it safe?", "my") == Meant(("helper.hello", "ask.safe"), asks=False)
    assert meaning.meant("Is it safe? What is his name?\nOk.", "my") == Meant(("ask.safe",), asks=True)
