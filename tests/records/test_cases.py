"""A case: sealed, joined by hand only, gone when nobody said yes, and told apart from a relative's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from records.casework import case_reading, cases
from records.casework.cases import CaseFacts
from records.erasure import retention
from records.errors import KeptApart, NoConsent, SealBroken, Stale
from records.messages.outcome import Changes
from records.models import (
    AuditEvent,
    Case,
    CaseConsent,
    CaseLink,
    CaseNote,
    CaseReferral,
    CaseTask,
    Conversation,
    DayKey,
    ErasedConversation,
    Service,
)
from records.staff import desk
from records.states import CaseState, Consent, ConsentKind, Level, Owner, ReferralState, Role
from tests.records.conftest import Line

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRET = "zebra-lamp-7781"  # a word that may stand in sealed columns only


def talks(line, address="+1", *, role=Role.SELF, consent=None, level=Level.PRIORITY, owner=Owner.QUEUE):
    stored = line.receives("a word", address=address)
    line.answers("a line", changes=Changes(role=role, consent=consent, level=level, owner=owner))
    line.sends()
    return stored.conversation_id


def says_yes(line, case_id, mara, kind=ConsentKind.KEEP, *, given=True, service=None):
    cases.add_consent(
        case_id, kind, mara, line.now, given=given, how="chat", limits=("withdraw",), service=service, token=None
    )


@pytest.fixture
def line(request) -> Line:
    """A test that reads the files of the database needs real commits; for the others a rolled-back one is quicker."""
    request.getfixturevalue("transactional_db" if request.node.get_closest_marker("django_db") else "db")
    return Line()


@pytest.fixture
def case_id(line, mara):
    return cases.open_case(mara, Role.SELF, line.now)


@pytest.fixture
def clinic(line):
    return Service.objects.create(name="Clinic", status="active", document={"id": "x"}, changed_at=line.now)


@pytest.mark.django_db(transaction=True)
def test_nothing_that_is_written_in_a_case_stands_in_clear_in_the_database(line, mara, case_id):
    if connection.vendor != "sqlite":
        pytest.skip("reads the file of the database")
    cases.change_facts(
        case_id, CaseFacts(call_them=SECRET, safe_word=SECRET, fields={"prs_FirstName": SECRET}), 0, mara, line.now
    )
    cases.add_note(case_id, SECRET, mara, line.now, token=None)
    cases.add_task(case_id, SECRET, mara, line.now, due_at=line.now, to=mara, token=None)
    cases.add_consent(
        case_id, ConsentKind.KEEP, mara, line.now, given=True, how="chat", limits=(), words=SECRET, token=None
    )
    cases.add_referral(
        case_id, mara, line.now, service=None, words={"organization": SECRET}, reason="", follow_up_on=None, token=None
    )

    path = Path(connection.settings_dict["NAME"])
    files = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*") if not file.name.endswith("-shm"))
    opened = case_reading.read_case(case_id, mara, line.now)

    assert SECRET.encode() not in files
    assert (opened.facts.safe_word, opened.notes[0].text, opened.tasks[0].text) == (SECRET,) * 3
    assert (opened.consents[0].words, opened.referrals[0].organization) == (SECRET, SECRET)


def test_what_is_sealed_in_one_case_does_not_open_in_another(line, mara, case_id):
    other = cases.open_case(mara, Role.SELF, line.now)
    cases.add_note(case_id, "mine", mara, line.now, token=None)

    CaseNote.objects.update(case_id=other)

    with pytest.raises(SealBroken):
        case_reading.read_case(other, mara, line.now)


@pytest.mark.parametrize(
    ("about", "role", "joined"),
    [
        (Role.SELF, Role.SELF, True),
        (Role.SELF, Role.FAMILY, False),
        (Role.SELF, Role.COMMUNITY, False),
        (Role.FAMILY, Role.SELF, False),
        (Role.FAMILY, Role.FAMILY, True),
        (Role.COMMUNITY, Role.FAMILY, True),
        (Role.SELF, None, True),
    ],
)
def test_what_a_relative_writes_is_kept_apart_from_what_the_person_writes(line, mara, about, role, joined):
    conversation_id = talks(line, role=role)
    number = cases.open_case(mara, about, line.now)

    if joined:
        cases.link(number, conversation_id, mara, line.now)
    else:
        with pytest.raises(KeptApart):
            cases.link(number, conversation_id, mara, line.now)

    assert CaseLink.objects.filter(case=number).exists() == joined


def test_a_case_refused_by_its_conversation_is_not_opened_either(line, mara):
    conversation_id = talks(line, role=Role.FAMILY)

    with pytest.raises(KeptApart):
        cases.open_case(mara, Role.SELF, line.now, conversation_id=conversation_id)

    assert Case.objects.count() == 0
    assert AuditEvent.objects.filter(action="case_opened").count() == 0


def test_a_conversation_is_in_one_case_at_most(line, mara, case_id):
    conversation_id = talks(line)
    cases.link(case_id, conversation_id, mara, line.now)
    cases.link(case_id, conversation_id, mara, line.now)
    other = cases.open_case(mara, Role.SELF, line.now)

    with pytest.raises(KeptApart):
        cases.link(other, conversation_id, mara, line.now)

    assert case_reading.case_of(conversation_id) == case_id


def test_the_same_contact_writing_again_joins_no_case_by_itself(line, mara):
    first = talks(line, "+1")
    cases.open_case(mara, Role.SELF, line.now, conversation_id=first)
    Conversation.objects.filter(pk=first).update(owner=Owner.CLOSED, closed_at=line.now)

    second = talks(line, "+1")

    assert case_reading.case_of(second) is None


def test_a_conversation_that_turns_out_to_be_of_another_kind_is_shown_as_such(line, mara):
    conversation_id = talks(line, role=None)
    number = cases.open_case(mara, Role.SELF, line.now, conversation_id=conversation_id)
    Conversation.objects.filter(pk=conversation_id).update(role=Role.FAMILY)

    assert [link.fits for link in case_reading.read_case(number, mara, line.now).links] == [False]
    cases.unlink(number, conversation_id, mara, line.now)
    assert case_reading.case_of(conversation_id) is None


def test_the_answer_about_keeping_comes_along_from_the_chat(line, mara):
    conversation_id = talks(line, consent=Consent.YES)

    number = cases.open_case(mara, Role.SELF, line.now, conversation_id=conversation_id)

    assert case_reading.read_case(number, mara, line.now).kept is True
    assert CaseConsent.objects.get().how == "chat"


def test_of_two_who_change_the_facts_at_once_one_is_told(line, mara, tomas, case_id):
    cases.change_facts(case_id, CaseFacts(call_them="A"), 0, mara, line.now)

    with pytest.raises(Stale):
        cases.change_facts(case_id, CaseFacts(call_them="B"), 0, tomas, line.now)

    assert case_reading.read_case(case_id, mara, line.now).facts.call_them == "A"


def test_a_yes_counts_until_a_no_and_for_its_own_service_only(line, mara, case_id, clinic):
    other = Service.objects.create(name="Other", status="active", document={"id": "y"}, changed_at=line.now)
    says_yes(line, case_id, mara, ConsentKind.SHARE, service=clinic)

    assert cases.standing(case_id, ConsentKind.SHARE, clinic.pk) is not None
    assert cases.standing(case_id, ConsentKind.SHARE, other.pk) is None
    assert cases.standing(case_id, ConsentKind.POLICE) is None
    line.waits(minutes=1)
    says_yes(line, case_id, mara, ConsentKind.SHARE, given=False, service=clinic)
    assert cases.standing(case_id, ConsentKind.SHARE, clinic.pk) is None
    assert CaseConsent.objects.count() == 2


def test_a_service_is_told_of_a_person_only_after_their_yes_to_it(line, mara, case_id, clinic):
    cases.add_referral(case_id, mara, line.now, service=clinic, words={}, reason="", follow_up_on=None, token=None)
    referral = CaseReferral.objects.get()

    with pytest.raises(NoConsent):
        cases.move_referral(case_id, referral.pk, ReferralState.MADE, mara, line.now)
    says_yes(line, case_id, mara, ConsentKind.SHARE, service=clinic)
    cases.move_referral(case_id, referral.pk, ReferralState.MADE, mara, line.now)

    referral.refresh_from_db()
    assert (referral.state, referral.consent) == (ReferralState.MADE, CaseConsent.objects.get())


def test_the_same_form_twice_is_one_note(line, mara, case_id):
    for _ in range(2):
        cases.add_note(case_id, "once", mara, line.now, token="t")

    assert CaseNote.objects.count() == 1


def test_cases_are_open_to_who_works_on_them_and_to_supervisors(line, mara, tomas, case_id):
    assert case_reading.may_read(case_id, mara, everything=False)
    assert not case_reading.may_read(case_id, tomas, everything=False)
    assert case_reading.may_read(case_id, tomas, everything=True)

    cases.add_task(case_id, "call the clinic", mara, line.now, due_at=None, to=tomas, token=None)
    assert case_reading.may_read(case_id, tomas, everything=False)
    cases.finish_task(case_id, CaseTask.objects.get().pk, tomas, line.now, done=True)
    assert not case_reading.may_read(case_id, tomas, everything=False)


def test_who_holds_a_conversation_of_a_case_may_read_it(line, mara, tomas):
    conversation_id = talks(line)
    number = cases.open_case(mara, Role.SELF, line.now, conversation_id=conversation_id)

    desk.claim(conversation_id, tomas, line.now)

    assert case_reading.may_read(number, tomas, everything=False)


def test_lists_go_by_the_nearest_task_and_open_nothing(line, mara, case_id):
    later, soon = (cases.open_case(mara, Role.SELF, line.now) for _ in range(2))
    cases.add_task(later, "x", mara, line.now, due_at=line.now + 9 * DAY, to=mara, token=None)
    cases.add_task(soon, "x", mara, line.now, due_at=line.now + DAY, to=mara, token=None)

    listed = case_reading.cases_of(mara, everything=False)

    assert [entry.id for entry in listed] == [soon, later, case_id]
    assert not AuditEvent.objects.filter(action="case_read").exists()


def test_each_sitting_of_a_reader_is_audited_and_says_no_word(line, mara, tomas, case_id):
    for reader in (mara, mara, tomas):
        case_reading.read_case(case_id, reader, line.now)
    line.waits(minutes=6)
    case_reading.read_case(case_id, mara, line.now)

    rows = AuditEvent.objects.filter(action="case_read").order_by("pk")
    assert [(row.staff, row.details) for row in rows] == [(who, {"case": case_id}) for who in (mara, tomas, mara)]


def test_without_a_yes_a_case_lives_a_day_after_the_last_work_on_it(line, mara, case_id):
    assert retention.erase_due(line.now + DAY - HOUR) == 0
    cases.add_note(case_id, "still at it", mara, line.now + 20 * HOUR, token=None)

    assert retention.erase_due(line.now + DAY) == 0
    assert retention.erase_due(line.now + 20 * HOUR + DAY) == 1
    assert [model.objects.count() for model in (Case, CaseNote)] == [0, 0]


def test_an_open_urgent_hand_off_keeps_its_case_without_a_yes(line, mara):
    conversation_id = talks(line, level=Level.URGENT)
    cases.open_case(mara, Role.SELF, line.now, conversation_id=conversation_id)

    assert retention.erase_due(line.now + 3 * DAY) == 0
    desk.claim(conversation_id, mara, line.now)
    desk.close(conversation_id, mara, "helped", line.now)
    retention.erase_due(line.now + 3 * DAY)
    assert Case.objects.count() == 0


def test_with_a_yes_it_lives_until_ninety_days_after_its_close_and_keeps_its_conversation(line, mara):
    conversation_id = talks(line, consent=Consent.YES)
    number = cases.open_case(mara, Role.SELF, line.now, conversation_id=conversation_id)
    desk.claim(conversation_id, mara, line.now)
    desk.close(conversation_id, mara, "helped", line.now)

    assert retention.erase_due(line.now + 300 * DAY) == 0
    line.waits(days=300)
    cases.set_state(number, CaseState.CLOSED, mara, line.now)
    assert retention.erase_due(line.now + 89 * DAY) == 1  # the conversation, closed long ago
    assert retention.erase_due(line.now + 90 * DAY) == 1
    assert Case.objects.count() == 0


def test_a_no_after_a_yes_counts_as_none(line, mara, case_id):
    says_yes(line, case_id, mara)
    assert retention.erase_due(line.now + 9 * DAY) == 0

    says_yes(line, case_id, mara, given=False)

    assert retention.erase_due(line.now + DAY) == 1


def test_who_asks_to_delete_loses_the_case_with_the_last_conversation(line, mara):
    first, second = talks(line, "+1", consent=Consent.YES), talks(line, "+2", consent=Consent.YES)
    number = cases.open_case(mara, Role.SELF, line.now, conversation_id=first)
    cases.link(number, second, mara, line.now)

    Conversation.objects.filter(pk=first).update(owner=Owner.BOT, erase_at=line.now)
    retention.erase_due(line.now)
    assert Case.objects.count() == 1
    Conversation.objects.filter(pk=second).update(owner=Owner.BOT, erase_at=line.now)
    retention.erase_due(line.now)

    assert Case.objects.count() == 0
    assert ErasedConversation.objects.filter(reason="asked").count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_bytes_of_an_erased_case_are_gone_from_the_files(line, mara, case_id):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL leaves dead rows until its vacuum; the destroyed key covers them")
    row = Case.objects.get()
    traces = [bytes(row.wrapped_key), bytes(row.sealed)]
    path = Path(connection.settings_dict["NAME"])

    retention.erase_due(line.now + 2 * DAY)

    files = b"".join(file.read_bytes() for file in path.parent.glob(path.name + "*") if not file.name.endswith("-shm"))
    assert [trace in files for trace in traces] == [False, False]


def test_the_key_of_a_day_stays_as_long_as_a_case_hangs_on_it(line, mara, case_id):
    says_yes(line, case_id, mara)
    line.waits(days=3)
    talks(line, "+9")
    retention.erase_due(line.now + 2 * DAY)

    assert DayKey.objects.filter(cases=case_id).exists()
    assert case_reading.read_case(case_id, mara, line.now).kept is True


def test_a_restored_backup_loses_its_erased_cases_again(line, mara, case_id):
    kept = cases.open_case(mara, Role.SELF, line.now)
    retention.remember_erased({Case.objects.get(pk=case_id).uid: line.now})

    assert retention.erase_again(line.now) == 1
    assert [row.pk for row in Case.objects.all()] == [kept]
