"""What supervisors see and say: loads, late ones, languages without a speaker, decisions, shifts, words, numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from content import helplines
from content.catalogue import catalogue
from content.helplines import checked_by
from desk import content_state
from desk.supervision import supervision
from records.figures import loads
from records.models import AuditEvent, CannedReply, Conversation, InboxMessage, Shift, Staff
from records.staff import desk, helpline_checks, own_words, reviews, seats, shifts
from records.states import Level, Presence, ShiftKind, StaffRole, WordsState
from tests.desk.conftest import MARKED

MIN = timedelta(minutes=1)


@pytest.fixture
def nour(seated):
    return seated("nour", StaffRole.SUPERVISOR)


@pytest.fixture
def boss(nour):
    return Staff.objects.get(username="nour")


def asked_ago(conversation, minutes):
    """Move the hand-off of a conversation into the past, in the row and in the audit."""
    row = Conversation.objects.get(pk=conversation)
    then = timezone.now() - minutes * MIN
    Conversation.objects.filter(pk=conversation).update(queued_at=then)
    rows = AuditEvent.objects.filter(conversation_uid=row.uid)
    rows._raw_delete(rows.db)
    AuditEvent.objects.bulk_create(
        [AuditEvent(at=then, actor_kind="bot", action="owner_changed", conversation_uid=row.uid,
                    details={"from": "bot", "to": "queue", "level": row.level})]
    )  # fmt: skip


def test_the_board_tells_waits_loads_and_who_is_here(hotline, staff, nour):
    sara = staff("sara", languages=["en", "my"])
    mine, _waiting = hotline.conversation(level=Level.URGENT), hotline.conversation(level=Level.URGENT)
    hotline.conversation(level=Level.OFFER, channel="telegram", address="42")
    now = timezone.now()
    desk.claim(mine, sara, now)
    seats.set_presence(sara, Presence.HERE, now)

    shown = supervision(now)

    assert (shown.waiting, shown.urgent_waiting, shown.with_staff) == (2, 1, 1)
    assert [(wait.channel, wait.level.value, wait.number) for wait in shown.waits] == [
        ("SMS", "urgent", 1), ("Telegram", "offer", 1),
    ]  # fmt: skip
    assert {row.person.alias: (row.holds, row.person.presence) for row in shown.people}["Sara"] == (1, Presence.HERE)
    assert "Nour" in {row.person.alias for row in shown.people}


def test_the_board_marks_new_words_in_what_a_worker_holds_until_they_look(hotline, staff, nour):
    sara, now = staff("sara"), timezone.now()
    new, read = hotline.conversation("hola", "sigue ahi?"), hotline.conversation("hola")
    for number in (new, read):
        desk.claim(number, sara, now)
    seats.look_at(read, sara, now, read_to=InboxMessage.objects.filter(conversation=read).get().pk)

    before = nour.get("/desk/supervisor/").content.decode()
    seats.look_at(new, sara, now, read_to=InboxMessage.objects.filter(conversation=new).latest("pk").pk)
    after = nour.get("/desk/supervisor/").content.decode()

    assert f'<a href="/desk/c/{new}/">Conversation {new}</a> <span class="tag unread">2 new</span>' in before
    assert f'href="/desk/c/{read}/"' not in before
    assert 'class="tag unread"' not in after


def test_an_urgent_one_that_nobody_took_in_time_is_told_with_its_minutes(hotline, staff, nour):
    late, taken, quick = (hotline.conversation(level=Level.URGENT) for _ in range(3))
    asked_ago(late, 11)
    asked_ago(taken, 5)
    sara = staff("sara")
    desk.claim(taken, sara, timezone.now())
    desk.claim(quick, sara, timezone.now())

    found = {one.conversation_id: one for one in loads.late_handoffs(timezone.now())}
    page = nour.get("/desk/supervisor/").content.decode()

    assert set(found) == {late, taken}
    assert (found[late].waits, found[late].minutes) == (True, 11)
    assert found[taken].taken_at is not None
    assert "still waits, 11 minutes" in page
    assert "taken after 5 minutes" in page


def test_a_language_that_waits_with_no_speaker_here_is_told_with_the_next_shift(hotline, staff, boss, nour):
    hotline.conversation(language="my")
    now = timezone.now()
    sara = staff("sara", languages=["my"])
    shifts.add(sara, now + 60 * MIN, now + 120 * MIN, ShiftKind.DESK, boss, now)

    away = supervision(now).unserved
    page = nour.get("/desk/supervisor/").content.decode()
    seats.set_presence(sara, Presence.HERE, now)

    assert [(one.code, one.waiting, one.speakers, one.coming.who) for one in away] == [("my", 1, 1, "Sara")]
    assert "Next: Sara" in page
    assert supervision(now).unserved == ()


def test_no_word_of_a_contact_stands_on_the_board_or_in_the_lists(hotline, nour):
    hotline.conversation(level=Level.URGENT, reasons=("risk.immediate_danger",))

    for address in ("", "decisions/", "shifts/", "words/", "helplines/"):
        assert MARKED not in nour.get(f"/desk/supervisor/{address}").content.decode()


def test_a_decision_is_judged_on_its_own_page_and_becomes_a_line_to_test_against(hotline, nour):
    conversation = hotline.conversation(level=Level.URGENT, reasons=("risk.immediate_danger",))
    inbox = InboxMessage.objects.get()

    page = nour.get(f"/desk/supervisor/decisions/{conversation}/").content.decode()
    refused = nour.post(f"/desk/supervisor/decisions/{conversation}/", {"inbox": inbox.pk, "verdict": "missed"})
    nour.post(
        f"/desk/supervisor/decisions/{conversation}/",
        {"inbox": inbox.pk, "verdict": "missed", "risks": ["suicide_self_harm"]},
    )

    assert MARKED in page
    assert (refused.status_code, b"Say what the bot should have seen" in refused.content) == (422, True)
    assert [(line.urgent, line.risks) for line in reviews.judged_lines()] == [(True, ("suicide_self_harm",))]
    assert f"Conversation {conversation}" not in nour.get("/desk/supervisor/decisions/").content.decode()
    assert f"Conversation {conversation}" in nour.get("/desk/supervisor/decisions/?judged=1").content.decode()


def test_a_conversation_is_opened_by_its_number_to_judge_what_was_missed(hotline, nour):
    conversation = hotline.conversation(owner="bot", level=Level.INFO)

    answer = nour.get("/desk/supervisor/decisions/", {"conversation": conversation})

    assert answer["Location"] == f"/desk/supervisor/decisions/{conversation}/"
    assert nour.get(answer["Location"]).status_code == 200


def test_a_worker_sees_their_own_shifts_and_the_times_name_their_zone(nour, boss, staff, seated):
    sara, now = seated("sara"), timezone.now()
    for who in (Staff.objects.get(username="sara"), staff("ben")):
        shifts.add(who, now + 60 * MIN, now + 120 * MIN, ShiftKind.DESK, boss, now)

    page = sara.get("/desk/account/").content.decode().split('id="my-shifts"')[1]
    plan = nour.get("/desk/supervisor/shifts/").content.decode()

    assert page.split("</section>")[0].count("At the desk") == 1
    assert "Times in the time zone UTC" in page
    assert "Times in the time zone UTC" in plan


def test_shifts_repeat_by_the_clock_on_the_wall_and_may_not_overlap(nour, staff):
    sara = staff("sara")
    form = {
        "staff": sara.pk,
        "kind": "desk",
        "starts_at": "2027-03-20T08:00",
        "ends_at": "2027-03-20T16:00",
        "weeks": "3",
    }

    nour.post("/desk/supervisor/shifts/", form)
    again = nour.post("/desk/supervisor/shifts/", form)

    assert Shift.objects.count() == 3
    assert again.status_code == 422
    assert b"has a shift at that time already" in again.content
    nour.post(f"/desk/supervisor/shifts/{Shift.objects.first().pk}/")
    assert Shift.objects.count() == 2


def test_languages_of_a_person_are_set_by_a_supervisor(nour, staff):
    sara = staff("sara")

    nour.post(f"/desk/supervisor/people/{sara.pk}/", {"languages": ["my", "th"]})

    sara.refresh_from_db()
    assert sara.languages == ["my", "th"]


def test_a_canned_reply_with_a_word_the_line_never_says_must_be_meant(nour):
    form = {"title": "Status", "language": "en", "text": "You are a victim of trafficking."}

    refused = nour.post("/desk/supervisor/words/", form)
    nour.post("/desk/supervisor/words/", {**form, "anyway": "on"})

    assert refused.status_code == 422
    assert "The line never says" in refused.content.decode()
    assert CannedReply.objects.count() == 1


def test_a_canned_reply_is_read_by_somebody_else_and_stands_beside_a_conversation(hotline, nour, seated):
    conversation = hotline.conversation(language="es")
    nour.post("/desk/supervisor/words/", {"title": "Hola", "language": "es", "text": "Hola, estoy aquí."})
    reply = CannedReply.objects.get()
    own = nour.post(f"/desk/supervisor/words/{reply.pk}/read/", follow=True).content.decode()
    seated("lin", StaffRole.SUPERVISOR).post(f"/desk/supervisor/words/{reply.pk}/read/")
    sara = seated("sara")
    sara.post(f"/desk/c/{conversation}/claim/")

    page = sara.get(f"/desk/c/{conversation}/beside/replies/", headers={"HX-Request": "true"}).content.decode()

    reply.refresh_from_db()
    assert "somebody else than the writer" in own
    assert reply.state == WordsState.REVIEWED
    assert "Hola, estoy aquí." in page
    assert "Put it into the box" in page


def _mark(page):
    """What the box at the end of the words stands for."""
    return page.split('name="read" value="')[1].split('"')[0]


def test_only_who_speaks_a_language_says_that_its_words_are_good_and_it_lapses_with_them(nour, boss, monkeypatch):
    page = nour.post(
        "/desk/supervisor/words/state/", {"language": "th", "state": "reviewed"}, follow=True
    ).content.decode()
    Staff.objects.filter(pk=boss.pk).update(languages=["th"])
    unread = nour.post(
        "/desk/supervisor/words/state/", {"language": "th", "state": "reviewed"}, follow=True
    ).content.decode()
    before = {one.language.code: one.draft for one in content_state.states()}["th"]
    nour.post("/desk/supervisor/words/state/", {"language": "th", "state": "reviewed", "read": _mark(unread)})

    def thai():
        return next(one for one in content_state.states() if one.language.code == "th")

    reviewed = thai()
    monkeypatch.setattr(content_state, "mark_of", lambda code: "other words")
    assert "only somebody who speaks the language" in page
    assert "read them first" in unread
    assert before, "one click on the list signs nothing"
    assert all(escape(one.text) in unread for one in catalogue("th").sentences.values())
    assert "Sign as Nour" in unread
    assert (reviewed.draft, reviewed.by) == (False, "Nour")
    assert (thai().draft, thai().changed_since) == (True, True)


def test_a_confirmed_number_is_shown_to_contacts_and_a_wrong_one_to_nobody(nour):
    today = timezone.now().date()
    shown = {}

    for right in ("yes", "no"):
        nour.post(
            "/desk/supervisor/helplines/check/",
            {"country": "MY", "number": "15999", "how": "called", "right": right, "sure": "1"},
        )
        with checked_by(helpline_checks.checks):
            shown[right] = helplines.showable("MY", child=False, today=today)

    assert shown == {"yes": ("15999",), "no": ()}
    page = nour.get("/desk/supervisor/helplines/?country=MY").content.decode()
    assert "wrong: shown to nobody" in page


def test_a_wrong_number_is_asked_about_once_with_what_is_left_and_nobody_is_said_to_have_called(nour):
    page = nour.get("/desk/supervisor/helplines/?country=MY").content.decode()
    form = {"country": "MY", "number": "15999", "right": "no"}
    nour.post("/desk/supervisor/helplines/check/", {**form, "right": "yes", "how": "called"})

    unsaid = nour.post("/desk/supervisor/helplines/check/", form, follow=True).content.decode()
    asked = nour.post("/desk/supervisor/helplines/check/", {**form, "how": "official"})
    question = asked.content.decode().split('id="asked"')[1].split("</div>")[0]
    still = helpline_checks.checks()["MY", "15999"].right
    nour.post("/desk/supervisor/helplines/check/", {**form, "how": "official", "sure": "1"})

    assert page.count('name="how" required><option value=""') == page.count('name="how"')
    assert "choose how you know it" in unsaid
    assert (asked.status_code, still, helpline_checks.checks()["MY", "15999"].right) == (422, True, False)
    assert "Is 15999 (Malaysia) wrong?" in question
    assert 'value="official"' in question
    assert "Then no" in question


def test_it_is_said_when_a_country_would_have_no_number_left(nour):
    last = [row.number for row in (*helplines.countries()["MY"].emergency, *helplines.countries()["MY"].helplines)]
    form = {"country": "MY", "how": "official", "right": "no"}
    for number in last[:-1]:
        nour.post("/desk/supervisor/helplines/check/", {**form, "number": number, "sure": "1"})

    asked = nour.post("/desk/supervisor/helplines/check/", {**form, "number": last[-1]}).content.decode()

    assert "Then nothing is left" in asked


def test_a_number_that_is_not_on_the_list_cannot_be_confirmed(nour):
    form = {"country": "MY", "number": "+60 1 234", "how": "called", "right": "yes"}

    assert nour.post("/desk/supervisor/helplines/check/", form).status_code == 404
    assert helpline_checks.checks() == {}


def test_the_case_of_a_conversation_stands_beside_it(hotline, seated):
    conversation = hotline.conversation()
    sara = seated("sara")
    sara.post(f"/desk/c/{conversation}/claim/")
    before = sara.get(f"/desk/c/{conversation}/beside/case/", headers={"HX-Request": "true"}).content.decode()
    sara.post("/desk/cases/new/", {"about": "self", "conversation": conversation})

    after = sara.get(f"/desk/c/{conversation}/beside/case/", headers={"HX-Request": "true"}).content.decode()

    assert "It belongs to no case." in before
    assert "not agreed: do not write first" in after


def test_own_words_in_the_language_of_the_contact_come_first(hotline, staff, seated):
    writer = staff("writer")
    for code in ("en", "es"):
        own_words.save_reply(None, "Hello", code, f"words {code}", writer, timezone.now())
    conversation = hotline.conversation(language="es")
    sara = seated("sara")
    Staff.objects.filter(username="sara").update(languages=["en"])

    page = sara.get(f"/desk/c/{conversation}/beside/replies/", headers={"HX-Request": "true"}).content.decode()

    assert page.index("words es") < page.index("words en")
