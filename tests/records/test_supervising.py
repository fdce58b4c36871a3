"""Shifts, words, helplines and judged decisions: what supervisors say, and that no word leaves the sealed store."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from content import helplines
from content.helplines import Check, checked_by
from records.erasure import retention
from records.errors import LostClaim
from records.messages.outcome import Changes
from records.models import AuditEvent, CannedReply, DecisionReview, InboxMessage, Staff
from records.staff import helpline_checks, own_words, reviews, shifts
from records.states import Actor, DecisionVerdict, Level, Owner, ShiftKind, WordsState
from tests.records.conftest import START, Line

HOUR = timedelta(hours=1)
SECRET = "zebra-lamp-7781"
TODAY = date(2026, 11, 23)


@pytest.fixture
def line(request) -> Line:
    """A test that reads the files of the database needs real commits; for the others a rolled-back one is quicker."""
    request.getfixturevalue("transactional_db" if request.node.get_closest_marker("django_db") else "db")
    return Line()


def urgent(line, text=SECRET):
    stored = line.receives(text)
    found = ({"id": "immediate_danger", "kind": "risk", "words": text, "band": "sure"},)
    line.answers("a line", findings=found, changes=Changes(owner=Owner.QUEUE, level=Level.URGENT, language="id"))
    return stored


def test_who_is_there_at_a_moment_and_what_they_speak(line, mara, tomas):
    shifts.set_languages(mara, ("en", "my", "my"), tomas, line.now)
    shifts.add(mara, START, START + 8 * HOUR, ShiftKind.DESK, tomas, line.now)
    shifts.add(tomas, START, START + 24 * HOUR, ShiftKind.ON_CALL, tomas, line.now)

    assert [row.who for row in shifts.at(START)] == ["Mara"]
    assert shifts.languages_at(START + 7 * HOUR) == {"en", "my"}
    assert shifts.languages_at(START + 8 * HOUR) == frozenset()
    assert [row.who for row in shifts.at(START, ShiftKind.ON_CALL)] == ["Tomas"]
    assert shifts.next_speaker("my", START - HOUR).starts_at == START
    assert shifts.next_speaker("th", START) is None


@pytest.mark.parametrize(
    ("start", "end", "why"), [(8, 8, "order"), (9, 8, "order"), (0, 15, "length"), (7, 9, "overlap")]
)
def test_a_shift_that_cannot_be_is_refused(line, mara, start, end, why):
    shifts.add(mara, START, START + 8 * HOUR, ShiftKind.DESK, mara, line.now)

    with pytest.raises(shifts.BadShift, match=why):
        shifts.add(mara, START + start * HOUR, START + end * HOUR, ShiftKind.DESK, mara, line.now)


def test_an_account_that_is_switched_off_is_at_no_desk(line, mara):
    shifts.add(mara, START, START + 8 * HOUR, ShiftKind.DESK, mara, line.now)
    Staff.objects.update(is_active=False)

    assert shifts.at(START) == []


def test_words_are_read_by_another_person_than_who_wrote_them(line, mara, tomas):
    reply = own_words.save_reply(None, "Hello", "en", "Hello, I am here.", mara, line.now)

    assert not own_words.review_reply(reply.pk, mara, line.now)
    assert own_words.review_reply(reply.pk, tomas, line.now)
    assert CannedReply.objects.get().state == WordsState.REVIEWED
    own_words.save_reply(reply.pk, "Hello", "en", "Hi.", mara, line.now)
    assert CannedReply.objects.get().state == WordsState.DRAFT
    with pytest.raises(own_words.TitleTaken):
        own_words.save_reply(None, "Hello", "en", "Again", mara, line.now)


def test_the_newest_answer_about_a_language_counts(line, mara):
    own_words.review_words("th", "m1", WordsState.REVIEWED, mara, line.now)
    own_words.review_words("th", "m2", WordsState.DRAFT, mara, line.now + HOUR)

    assert {code: (row.state, row.mark, row.who) for code, row in own_words.reviewed_words().items()} == {
        "th": (WordsState.DRAFT, "m2", "Mara")
    }


def test_a_number_to_verify_is_shown_once_a_person_confirmed_it_and_no_longer_when_it_is_wrong(line, mara):
    before = helplines.showable("MY", child=False, today=TODAY)
    helpline_checks.note("MY", "15999", mara, line.now, right=True, how="called")
    with checked_by(helpline_checks.checks):
        confirmed = helplines.showable("MY", child=False, today=TODAY)
        in_half_a_year = helplines.showable("MY", child=False, today=TODAY + timedelta(days=200))
    helpline_checks.note("MY", "15999", mara, line.now + HOUR, right=False, how="called")
    with checked_by(helpline_checks.checks):
        wrong = helplines.showable("MY", child=False, today=TODAY)

    assert (before, confirmed, in_half_a_year, wrong) == ((), ("15999",), (), ())
    assert helplines.showable("MY", child=False, today=TODAY) == ()


def test_a_sure_number_that_a_person_found_wrong_is_not_shown(line):
    sure = helplines.showable("TH", child=False, today=TODAY)

    with checked_by(lambda: {("TH", sure[0]): Check(on=TODAY, right=False)}):
        assert sure[0] not in helplines.showable("TH", child=False, today=TODAY)
    with checked_by(lambda: {("TH", "191"): Check(on=TODAY, right=False), ("LA", "1191"): Check(on=TODAY, right=True)}):
        assert helplines.emergency("TH", "police") == "1155"
        assert helplines.emergency("LA", "police") == "1191"
    assert helplines.emergency("LA", "police") is None


def test_a_line_run_by_police_is_never_shown_whatever_somebody_confirmed(line):
    with checked_by(lambda: {("TH", "1191"): Check(on=TODAY, right=True)}):
        assert "1191" not in helplines.showable("TH", child=False, today=TODAY, at_most=9)


def test_urgent_conversations_wait_for_a_look_and_leave_the_list_when_judged(line, mara):
    stored = urgent(line)

    assert [one.conversation_id for one in reviews.decisions(line.now)] == [stored.conversation_id]
    reviews.judge(stored.conversation_id, stored.inbox_id, DecisionVerdict.RIGHT, ["immediate_danger"], mara, line.now)

    assert reviews.decisions(line.now) == []
    assert [one.verdicts for one in reviews.decisions(line.now, judged=True)] == [(DecisionVerdict.RIGHT,)]


def test_a_judged_message_is_a_line_to_test_against_and_says_what_should_be_found(line, mara):
    stored = urgent(line)
    reviews.judge(stored.conversation_id, stored.inbox_id, DecisionVerdict.FALSE, ["immediate_danger"], mara, line.now)
    false = [(one.urgent, one.risks, one.text, one.language) for one in reviews.judged_lines()]
    reviews.judge(
        stored.conversation_id, stored.inbox_id, DecisionVerdict.MISSED, ["suicide_self_harm"], mara, line.now
    )

    assert false == [(False, (), SECRET, "id")]
    assert [(one.urgent, one.risks) for one in reviews.judged_lines()] == [(True, ("suicide_self_harm",))]
    assert reviews.verdicts() == {"right": 0, "false": 0, "missed": 1}


@pytest.mark.django_db(transaction=True)
def test_judging_puts_no_word_of_the_contact_anywhere_in_clear(line, mara):
    if connection.vendor != "sqlite":
        pytest.skip("reads the file of the database")
    stored = urgent(line)
    reviews.said(stored.conversation_id, mara, line.now)
    reviews.judge(stored.conversation_id, stored.inbox_id, DecisionVerdict.RIGHT, ["immediate_danger"], mara, line.now)

    path = Path(connection.settings_dict["NAME"])
    files = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*") if not file.name.endswith("-shm"))
    assert SECRET.encode() not in files
    assert SECRET not in repr([list(reviews.judged_lines()), reviews.said(stored.conversation_id, mara, line.now)])


def test_a_judged_line_goes_with_its_conversation_and_only_the_count_stays(line, mara):
    stored = urgent(line)
    reviews.judge(stored.conversation_id, stored.inbox_id, DecisionVerdict.RIGHT, [], mara, line.now)

    retention.erase_conversation(stored.conversation_id, "asked", Actor.CONTACT, line.now)

    assert (DecisionReview.objects.count(), list(reviews.judged_lines())) == (0, [])
    assert reviews.verdicts()["right"] == 1
    assert AuditEvent.objects.filter(action="decision_judged").count() == 1


def test_a_message_of_another_conversation_cannot_be_judged_here(line, mara):
    stored = urgent(line)
    other = line.receives(address="+2")

    with pytest.raises(LostClaim):
        reviews.judge(stored.conversation_id, other.inbox_id, DecisionVerdict.RIGHT, [], mara, line.now)

    assert InboxMessage.objects.filter(review__isnull=False).count() == 0
