"""The dialogue as a pure step: what Rasa would swallow, believe or forget, it may not."""

from __future__ import annotations

import socket
import tarfile

import pytest

from bot.dialogue import DialogueFailed, Heard
from screening.assessment import Assessment

pytestmark = pytest.mark.rasa
NOTHING = "\x00\ud800"


def step(dialogue, text="hello", intent="greet", events=(), known=None, **heard):
    known = known or Assessment(country="GB")
    slots = {
        "assessment": known.to_json(),
        "flow": known.flow,
        "waits_for": "none",
        "today": "2026-11-20",
        "language": "en",
    }
    return dialogue.step(Heard(text=text, intent=intent, **heard), events, slots)


@pytest.mark.parametrize("text", ["/restart", '/suicide{"x":"1"}', "/ask_human", "/session_start", " /restart"])
def test_a_typed_command_is_text_like_any_other(turns, text):
    asked = step(turns.dialogue, text=text, intent="greet")

    assert [line["key"] for line in asked.lines] == ["opening"]
    assert not any(event["event"] in ("restart", "session_started") for event in asked.events)


def test_a_step_opens_no_socket(turns, monkeypatch):
    monkeypatch.setattr(socket, "socketpair", lambda *_: pytest.fail("a loop was run"))

    assert step(turns.dialogue).lines


def test_a_step_that_would_wait_is_refused(turns, monkeypatch):
    class Waits:
        def __await__(self):
            yield

    async def handle_message(message):
        await Waits()

    monkeypatch.setattr(turns.dialogue._processor, "handle_message", handle_message)
    with pytest.raises(DialogueFailed, match="waits"):
        step(turns.dialogue)


def test_a_failing_action_is_no_silence(turns, monkeypatch):
    from actions.thread import TellRights

    def broken(self, seen):
        raise KeyError("nothing")

    monkeypatch.setattr(TellRights, "decide", broken)
    with pytest.raises(DialogueFailed, match="KeyError"):
        step(turns.dialogue, intent="ask_rights", known=Assessment(flow="closing", safe="yes"))


def test_a_key_that_no_catalogue_holds_is_refused(turns, monkeypatch):
    from actions import thread
    from screening.ask import Say

    monkeypatch.setattr(thread.TellRights, "decide", lambda self, seen: ((Say(key="not.written"),), seen.known))
    with pytest.raises(DialogueFailed, match=r"not\.written"):
        step(turns.dialogue, intent="ask_rights", known=Assessment(flow="closing", safe="yes"))


def test_a_failed_step_leaves_nothing_behind(turns, monkeypatch):
    before = [line["key"] for line in step(turns.dialogue).lines]
    from actions import thread

    with monkeypatch.context() as patch:
        patch.setattr(thread.TellRights, "decide", lambda self, seen: 1 / 0)
        with pytest.raises(DialogueFailed):
            step(turns.dialogue, intent="ask_rights", known=Assessment(flow="closing", safe="yes"))

    assert [line["key"] for line in step(turns.dialogue).lines] == before


def test_sessions_of_rasa_never_expire(turns):
    assert turns.dialogue._processor.domain.session_config.session_expiration_time == 0


def test_a_tracker_of_two_hundred_turns_answers_the_same(turns):
    known = Assessment(country="GB", flow="closing", safe="yes", spoke=True, person="no")
    short = step(turns.dialogue, intent="ask_identity", known=known)
    events = [*short.events] * 200

    long = step(turns.dialogue, intent="ask_identity", known=known, events=events)

    assert long.lines == short.lines
    assert len(events) > 400


def test_what_is_kept_of_a_step_holds_no_words_of_the_writer(turns):
    done = step(turns.dialogue, text="my name is Ana Lopez", intent="greet")

    assert "Ana" not in repr(done.events)
    assert "robot" not in repr(done.events), "nor of the bot: its words stand in the outbox"


def test_the_model_archive_holds_data_only(model):
    with tarfile.open(model) as archive:
        files = [member.name for member in archive.getmembers() if member.isfile()]

    assert files
    for name in files:
        assert name.rsplit(".", 1)[-1] in {"json", "yml", "yaml", "npz", "npy", "ftz", "bin"}, name
        assert "pickle" not in name


def test_a_question_before_the_safety_answer_while_a_person_is_offered_is_not_met_with_silence(turns):
    opened = step(turns.dialogue, intent="greet")
    known = Assessment.from_json(opened.slots["assessment"]).with_(pending="outside_person", pending_tries=1)

    asked = step(turns.dialogue, intent="ask_services", events=opened.events, known=known)

    assert [line["key"] for line in asked.lines] == ["ask.person.again"]


@pytest.mark.parametrize("intent", ["disclose", "out_of_scope"])
def test_what_is_told_after_a_talk_that_never_said_it_was_safe_is_not_met_with_silence(turns, intent):
    known = Assessment(flow="closing", spoke=True, person="no", pending="numbers")

    told = step(turns.dialogue, intent=intent, known=known)

    assert [line["key"] for line in told.lines] == ["return.hello"]
