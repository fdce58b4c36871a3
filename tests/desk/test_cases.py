"""Cases at the desk: who opens one, what is kept apart, what leaves the system and on which yes."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from records.casework import cases
from records.models import AuditEvent, Case, CaseConsent, CaseNote, CaseReferral, CaseTask, Conversation, Staff
from records.states import Role, StaffRole
from screening.assessment import Assessment, Heard
from tests.desk.casework import FULL, THEIRS, YES, export, facts
from tests.desk.conftest import MARKED


def test_a_case_opened_from_a_conversation_knows_its_word_country_and_answer(hotline, sara):
    conversation = hotline.conversation(assessment=Assessment(word="mango", country="TH"), language="my")
    Conversation.objects.filter(pk=conversation).update(role="self", consent="yes")

    page = sara.post("/desk/cases/new/", {**THEIRS, "conversation": conversation}, follow=True).content.decode()
    again = sara.get(f"/desk/cases/new/?conversation={conversation}")

    assert "mango" in page
    assert "Thailand" in page
    assert "Without a yes" not in page
    assert again["Location"] == f"/desk/cases/{Case.objects.get().pk}/"


def test_a_relatives_conversation_is_not_put_into_the_persons_case(hotline, sara, case_id):
    conversation = hotline.conversation()
    Conversation.objects.filter(pk=conversation).update(role="family")

    page = sara.post(f"/desk/cases/{case_id}/link/", {"conversation": conversation}, follow=True).content.decode()
    refused = sara.post("/desk/cases/new/", {**THEIRS, "conversation": conversation})

    assert "kept apart" in page
    assert refused.status_code == 422
    assert Case.objects.count() == 1


def test_a_worker_cannot_tie_a_conversation_that_only_the_bot_has(hotline, sara, case_id):
    conversation = hotline.conversation(owner="bot")

    page = sara.post(f"/desk/cases/{case_id}/link/", {"conversation": conversation}, follow=True).content.decode()

    assert "no such conversation that you may read" in page


def test_a_colleague_reaches_nothing_of_a_case_and_a_supervisor_does(seated, case_id):
    ben, nour = seated("ben"), seated("nour", StaffRole.SUPERVISOR)

    assert ben.get(f"/desk/cases/{case_id}/").status_code == 403
    assert [ben.post(f"/desk/cases/{case_id}/{act}/").status_code for act in ("note", "facts", "export")] == [403] * 3
    assert f"Case {case_id}<" not in ben.get("/desk/cases/").content.decode()
    assert nour.get(f"/desk/cases/{case_id}/").status_code == 200
    assert f"Case {case_id}<" in nour.get("/desk/cases/").content.decode()


def test_the_list_says_nothing_of_what_is_in_a_case(sara, case_id):
    facts(sara, case_id, **FULL)

    page = sara.get("/desk/cases/").content.decode()

    assert "Aye" not in page
    assert MARKED not in page


def test_what_is_typed_comes_back_as_typed(sara, case_id):
    facts(sara, case_id, **FULL)

    form = sara.get(f"/desk/cases/{case_id}/facts/").content.decode()
    page = sara.get(f"/desk/cases/{case_id}/").content.decode()

    for told in ("Sunday 10 to 11", "2001-05-04", "+66 81 000 0000", "Her papers back", "Bangkok"):
        assert told in form
    for told in (MARKED, "Woman or girl", "Myanmar", "Papers kept by someone else, Debt that must be worked off"):
        assert told in page.replace(
            "Debt that must be worked off, Papers kept by someone else",
            "Papers kept by someone else, Debt that must be worked off",
        )


def test_of_two_who_write_at_once_the_second_keeps_what_was_typed(sara, seated, case_id):
    nour = seated("nour", StaffRole.SUPERVISOR)
    version = Case.objects.get().version
    facts(sara, case_id, situation="first")

    answer = nour.post(
        f"/desk/cases/{case_id}/facts/", {"version": version, "situation": "second", "never": ["call", "tell_family"]}
    )

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "second</textarea>" in page
    assert page.count("checked") == 2


def test_what_was_heard_is_a_hint_and_chooses_nothing(hotline, sara):
    heard = Assessment(indicators={"documents_withheld": Heard(words="x")})
    sara.post("/desk/cases/new/", {**THEIRS, "conversation": hotline.conversation(assessment=heard)})

    page = sara.get(f"/desk/cases/{Case.objects.get().pk}/facts/").content.decode()

    assert "Papers kept by someone else (heard in the chat)" in page
    assert "checked" not in page


def test_fields_of_the_person_are_not_filled_from_what_somebody_else_tells(sara):
    sara.post("/desk/cases/new/", {"about": "family"})
    number = Case.objects.get().pk

    facts(sara, number, situation="My sister", prs_FirstName="Nilar")

    assert "prs_FirstName" not in sara.get(f"/desk/cases/{number}/facts/").content.decode()
    assert "Nilar" not in sara.get(f"/desk/cases/{number}/").content.decode()


def test_other_words_in_the_form_of_a_case_note_that_was_kept_are_kept_too(sara, case_id):
    token = "6f2f9c5e-0d7e-4f5e-9a45-0d9f0a3c8f01"
    for text in ("She called.", "She called twice.", "She called twice."):
        sara.post(f"/desk/cases/{case_id}/note/", {"text": text, "token": token})

    assert CaseNote.objects.count() == 2


def test_a_note_a_task_and_its_end_each_posted_twice_are_one(sara, case_id):
    token = "6f2f9c5e-0d7e-4f5e-9a45-0d9f0a3c8f00"
    for _ in range(2):
        sara.post(f"/desk/cases/{case_id}/note/", {"text": f"<b>{MARKED}</b>", "token": token})
        sara.post(
            f"/desk/cases/{case_id}/task/",
            {"text": "Call", "due_at": "2026-01-01T10:00", "to": Staff.objects.get().pk, "token": token},
        )
    page = sara.get(f"/desk/cases/{case_id}/").content.decode()
    sara.post(f"/desk/cases/{case_id}/task/{CaseTask.objects.get().pk}/", {"done": "yes"})

    assert (CaseNote.objects.count(), CaseTask.objects.count()) == (1, 1)
    assert f"&lt;b&gt;{MARKED}" in page
    assert "late" in page
    assert "Open again" in sara.get(f"/desk/cases/{case_id}/").content.decode()


def test_a_yes_needs_its_limits_told_and_an_organisation(sara, case_id):
    page = sara.post(f"/desk/cases/{case_id}/consent/", {**YES, "limits": [], "words": ""})

    assert page.status_code == 422
    assert b"Tell them the limits first" in page.content
    assert b"a yes to one organisation" in page.content
    assert CaseConsent.objects.count() == 0


def test_nothing_leaves_without_a_yes_to_sharing(sara, case_id):
    facts(sara, case_id, **FULL)
    sara.post(f"/desk/cases/{case_id}/consent/", {**YES, "kind": "keep"})

    answer = export(sara, case_id)

    assert answer.status_code == 302
    assert "Nothing left the system" in sara.get(f"/desk/cases/{case_id}/").content.decode()
    assert not AuditEvent.objects.filter(action="case_exported").exists()


def test_nothing_leaves_after_the_yes_was_taken_back(sara, case_id):
    sara.post(f"/desk/cases/{case_id}/consent/", YES)
    consent = CaseConsent.objects.get()
    sara.post(f"/desk/cases/{case_id}/consent/", {**YES, "given": "no"})

    answer = sara.post(f"/desk/cases/{case_id}/export/", {"consent": consent.pk, "form": "json"})

    assert answer.status_code == 302
    assert "yes, followed by a later answer" in sara.get(f"/desk/cases/{case_id}/").content.decode()


def test_a_service_is_told_only_after_a_yes_to_it(sara, case_id, house):
    sara.post(f"/desk/cases/{case_id}/referral/", {"service": house.pk})
    referral = CaseReferral.objects.get()

    page = sara.post(f"/desk/cases/{case_id}/referral/{referral.pk}/", {"state": "made"}, follow=True).content.decode()
    sara.post(f"/desk/cases/{case_id}/consent/", {**YES, "service": house.pk})
    sara.post(f"/desk/cases/{case_id}/referral/{referral.pk}/", {"state": "made"})

    referral.refresh_from_db()
    assert "have not said yes to telling this service" in page
    assert referral.state == "made"


def test_given_to_a_colleague_it_is_theirs_alone(sara, seated, case_id):
    ben = seated("ben")

    page = sara.post(f"/desk/cases/{case_id}/assign/", {"to": Staff.objects.get(username="ben").pk}, follow=True)

    assert b"The case is with Ben now." in page.content
    assert sara.get(f"/desk/cases/{case_id}/").status_code == 403
    assert ben.get(f"/desk/cases/{case_id}/").status_code == 200


def test_a_follow_up_that_is_over_is_shown_as_late(sara, case_id, house):
    yesterday = timezone.now().date() - timedelta(days=1)

    sara.post(f"/desk/cases/{case_id}/referral/", {"service": house.pk, "follow_up_on": str(yesterday)})

    assert '<span class="late">ask again' in sara.get(f"/desk/cases/{case_id}/").content.decode()


def test_an_erased_case_is_simply_not_there(sara, case_id):
    cases.open_case(Staff.objects.get(), Role.SELF, timezone.now())

    assert sara.get("/desk/cases/424242/").status_code == 404
