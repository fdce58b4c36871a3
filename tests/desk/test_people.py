"""Invitations expire and count once; need to know: a reason opens for an hour, and supervisors see it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone, translation
from django_otp import devices_for_user

from desk.need_to_know import REASONS
from records.errors import WrongKey
from records.models import (
    AuditEvent,
    Authenticator,
    BrokenGlass,
    Contact,
    Conversation,
    EarlierPasswords,
    InboxMessage,
    Invitation,
    Note,
    Staff,
)  # fmt: skip
from records.sealing import closing
from records.sealing.keys import seal_for
from records.staff import desk, earlier_passwords, staff_access
from records.states import Owner, StaffRole
from tests.desk.conftest import MARKED
from tests.desk.door import PASSWORD, shows, types, with_app

pytestmark = pytest.mark.usefixtures("quick")

HOUR = timedelta(hours=1)


def invites(client, name="lee", role="worker", **fields):
    page = client.post("/desk/people/invite/", {"username": name, "role": role, **fields}).content.decode()
    return page.partition("/desk/invitation/")[2].partition("/")[0]


def test_roles_and_languages_are_in_the_words_of_the_reader(seated):
    page = seated("nour", StaffRole.SUPERVISOR).get("/desk/people/", headers={"Accept-Language": "es"}).content.decode()

    assert '<option value="worker">Atención</option>' in page
    assert page.index(">español<") < page.index(">inglés<")


def test_an_invited_person_chooses_a_password_and_signs_in(seated, staff):
    token = invites(seated("nour", StaffRole.SUPERVISOR), alias="Lee", languages=["es"])
    form = {"password": PASSWORD, "again": PASSWORD}

    assert b"lee" in Client().get(f"/desk/invitation/{token}/").content
    assert Client().post(f"/desk/invitation/{token}/", form)["Location"] == "/desk/sign-in/"

    lee = Staff.objects.get(username="lee")
    assert (lee.role, lee.alias, lee.languages) == ("worker", "Lee", ["es"])
    assert types(Client(), name="lee").status_code == 302
    assert Client().post(f"/desk/invitation/{token}/", form).status_code == 410  # it counts once
    assert token not in str(list(Invitation.objects.values()))


@pytest.mark.parametrize("spoil", ["late", "inviter off", "made up"])
def test_a_link_that_is_late_or_made_up_or_of_somebody_who_left_opens_nothing(seated, spoil):
    token = invites(seated("nour", StaffRole.SUPERVISOR))
    if spoil == "late":
        Invitation.objects.update(expires_at=timezone.now())
    elif spoil == "inviter off":
        Staff.objects.filter(username="nour").update(is_active=False)
    else:
        token = token[:-1] + ("a" if token[-1] != "a" else "b")

    answer = Client().post(f"/desk/invitation/{token}/", {"password": PASSWORD, "again": PASSWORD})

    assert answer.status_code == 410
    assert not Staff.objects.filter(username="lee").exists()


@pytest.mark.parametrize("password", ["short", "password12345", "leeleeleelee"])
def test_weak_passwords_are_refused(seated, password):
    token = invites(seated("nour", StaffRole.SUPERVISOR), name="leeleelee")

    answer = Client().post(f"/desk/invitation/{token}/", {"password": password, "again": password})

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("role", "invited", "made"),
    [
        (StaffRole.SUPERVISOR, "worker", True),
        (StaffRole.SUPERVISOR, "administrator", False),
        (StaffRole.ADMINISTRATOR, "auditor", True),
        (StaffRole.ADMINISTRATOR, "worker", False),
        (StaffRole.ADMINISTRATOR, "supervisor", False),
    ],
)
def test_an_administrator_cannot_let_themselves_read(seated, role, invited, made):
    invites(seated("boss", role), role=invited)

    assert Invitation.objects.exists() is made


def test_an_administrator_ends_the_password_of_a_worker_and_gets_no_link_to_sign_in_as_them(hotline, seated, staff):
    (sara, _app), now = with_app(staff), timezone.now()
    number = hotline.conversation()
    desk.claim(number, sara, now)
    admin, address = seated("admin", StaffRole.ADMINISTRATOR), f"/desk/people/{sara.pk}/shut-out/"
    people = admin.get("/desk/people/").content.decode()

    asked = admin.post(address).content.decode()
    still = Staff.objects.get(username="sara").check_password(PASSWORD)
    page = admin.post(address, {"really": "yes"}, follow=True).content.decode()

    sara.refresh_from_db()
    assert address in people
    assert ("End the password of sara?" in asked, still) == (True, True)
    assert not sara.check_password(PASSWORD)
    assert not list(devices_for_user(sara, confirmed=None))
    assert (hotline.owner(number), Invitation.objects.exists(), "/desk/invitation/" in page) == (
        Owner.QUEUE,
        False,
        False,
    )
    assert "1 conversation that they held is back in the queue." in page
    assert Conversation.objects.get(pk=number).handoff_reasons[-1] == desk.LOST
    nour = seated("nour", StaffRole.SUPERVISOR)
    assert "/desk/invitation/" in nour.post(f"/desk/people/{sara.pk}/anew/", {"really": "yes"}).content.decode()


def test_an_administrator_switches_a_worker_off_but_gives_them_no_new_password(seated, staff):
    sara = staff("sara")
    admin = seated("admin", StaffRole.ADMINISTRATOR)

    assert admin.post(f"/desk/people/{sara.pk}/anew/").status_code == 403
    assert admin.post(f"/desk/people/{sara.pk}/switch/", {"to": "off", "really": "yes"}).status_code == 302

    sara.refresh_from_db()
    assert not sara.is_active
    assert admin.post(f"/desk/people/{sara.pk}/switch/", {"to": "on"}).status_code == 403


def test_nobody_acts_on_their_own_account(seated):
    nour = seated("nour", StaffRole.SUPERVISOR)
    me = Staff.objects.get(username="nour").pk

    for act in ("anew", "switch", "sign-out"):
        assert nour.get(f"/desk/people/{me}/{act}/").status_code == 403
        assert nour.post(f"/desk/people/{me}/{act}/", {"really": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("act", "form", "asks", "done"),
    [
        ("switch", {"to": "off"}, b"Switch off the account of sara?", "staff_off"),
        ("sign-out", {}, b"Sign sara out everywhere?", "sessions_ended"),
    ],
)
def test_what_ends_somebodys_work_is_asked_once_and_changes_nothing_before(seated, staff, act, form, asks, done):
    sara = staff("sara", password=PASSWORD)
    window = Client()
    types(window)
    nour, address = seated("nour", StaffRole.SUPERVISOR), f"/desk/people/{sara.pk}/{act}/"
    assert f'<form method="get" action="{address}">' in nour.get("/desk/people/").content.decode()
    mark = Staff.objects.get(pk=sara.pk).session_mark

    for asked in (nour.get(address), nour.post(address, form)):
        assert asks in asked.content
        assert b"signed out everywhere, in the middle of a sentence too" in asked.content
        assert b'name="really" value="yes"' in asked.content
    assert not AuditEvent.objects.filter(action=done).exists()
    assert Staff.objects.get(pk=sara.pk).session_mark == mark
    assert window.get("/desk/").status_code == 200

    nour.post(address, {**form, "really": "yes"})

    assert AuditEvent.objects.filter(action=done).count() == 1
    assert Staff.objects.get(pk=sara.pk).session_mark != mark


def test_a_new_start_is_asked_about_once_and_changes_nothing_before(seated, staff):
    sara = staff("sara", password=PASSWORD)
    nour, address = seated("nour", StaffRole.SUPERVISOR), f"/desk/people/{sara.pk}/anew/"
    assert f'<form method="get" action="{address}">' in nour.get("/desk/people/").content.decode()

    for asked in (nour.get(address), nour.post(address)):
        assert b"A new start for sara?" in asked.content
        assert b"signed out everywhere, in the middle of a sentence too" in asked.content
        assert b'name="really" value="yes"' in asked.content

    assert not Invitation.objects.exists()
    assert types(Client()).status_code == 302


def test_a_new_start_ends_sessions_and_old_links_and_takes_the_factors(seated, staff):
    sara = staff("sara", password=PASSWORD)
    open_window = Client()
    types(open_window)
    nour = seated("nour", StaffRole.SUPERVISOR)
    nour.post(f"/desk/people/{sara.pk}/anew/", {"really": "yes"})
    page = nour.post(f"/desk/people/{sara.pk}/anew/", {"really": "yes"}).content.decode()
    token = page.partition("/desk/invitation/")[2].partition("/")[0]

    Client().post(f"/desk/invitation/{token}/", {"password": "quite another lamp", "again": "quite another lamp"})

    assert Invitation.objects.filter(used_at__isnull=True).count() == 0
    assert open_window.get("/desk/")["Location"].startswith("/desk/sign-in/")
    assert types(Client(), "quite another lamp").status_code == 302


def test_a_new_start_shuts_out_whoever_has_password_phone_or_an_open_window(real_line, staff, settings):
    sara, device = with_app(staff)
    thief = Client()
    types(thief)
    shows(thief, device)
    assert thief.get("/desk/").status_code == 200
    nour, phone = Client(), with_app(staff, "nour", role=StaffRole.SUPERVISOR)[1]
    types(nour, name="nour")
    shows(nour, phone)

    assert b"signed out everywhere" in nour.post(f"/desk/people/{sara.pk}/anew/", {"really": "yes"}).content

    assert thief.get("/desk/")["Location"].startswith("/desk/sign-in/")
    assert b"do not fit" in types(thief).content
    assert not Authenticator.objects.filter(user=sara).exists()


@pytest.mark.parametrize("role", [StaffRole.WORKER, StaffRole.AUDITOR])
@pytest.mark.parametrize("times", [1, 2])
def test_a_lost_password_cannot_be_chosen_again(staff, role, times):
    sara = staff("sara", role, password=PASSWORD)
    for _ in range(times):
        token = staff_access.start_anew(sara, timezone.now(), by=None).token
    other = "quite another lamp"

    refused = Client().post(f"/desk/invitation/{token}/", {"password": PASSWORD, "again": PASSWORD})
    taken = Client().post(f"/desk/invitation/{token}/", {"password": other, "again": other})

    assert refused.status_code == 422
    assert b"This is a password of before, or one with other capitals, spaces, signs or digits" in refused.content
    assert b"do not fit" in types(Client()).content
    assert taken["Location"] == "/desk/sign-in/"
    assert types(Client(), other).status_code == 302


@pytest.mark.parametrize("again", [PASSWORD, PASSWORD.upper(), PASSWORD.title(), f" {PASSWORD.replace(' ', '')}",
                                   *(PASSWORD.replace(" ", sign) for sign in "-_.\N{EN DASH}\N{NO-BREAK SPACE}"),
                                   f"{PASSWORD}!"])  # fmt: skip
def test_a_lost_password_stays_refused_in_other_capitals_and_after_the_next_was_lost(staff, again):
    sara, now = staff("sara"), timezone.now()
    for password in (PASSWORD, "quite another lamp", "Three boats and a kettle"):
        staff_access.set_password(sara, password, now)
        token = staff_access.start_anew(sara, now, by=None).token
    page = f"/desk/invitation/{token}/"

    refused = Client().post(page, {"password": again, "again": again})

    assert refused.status_code == 422
    assert b"This is a password of before" in refused.content
    assert Client().post(page, {"password": "A window to the east", "again": "A window to the east"}).status_code == 302


def test_signs_of_a_lost_password_may_be_left_out_and_those_of_one_made_of_signs_count(staff):
    sara, now = staff("sara"), timezone.now()
    staff_access.set_password(sara, "a-lamp_in.the-harbour", now)
    staff_access.set_password(sara, "ดอกไม้-ริมทาง", now)
    staff_access.set_password(sara, "!!??##--==++", now)

    assert earlier_passwords.was_one(sara, "A Lamp in the Harbour")
    assert earlier_passwords.was_one(sara, "ดอกไม้ริมทาง")
    assert not earlier_passwords.was_one(sara, "ดอกไมริมทาง")
    assert not earlier_passwords.was_one(sara, "??!!##--==++")


_LOST = "violet parrot gargles"


@pytest.mark.parametrize(("had", "again"), [
    (_LOST, _LOST + "1"), (_LOST, "7 " + _LOST), (_LOST, _LOST + "2025!"), (_LOST, _LOST[:-1]), (_LOST, _LOST + "xy"),
    (_LOST, _LOST[2:]), (_LOST, "A " + _LOST + "t"), (_LOST, _LOST + "s1"), (_LOST, _LOST[:-1] + "z"),
    (_LOST + "s", _LOST), (_LOST + "1", _LOST + "2"), (_LOST + "1", _LOST), (_LOST + "1", "x" + _LOST),
    ("pear 73019264", "pear 730192645"), ("ดอกไม้ริมทางสายเก่า", "ดอกไม้ริมทางสายเก่า๗"),
])  # fmt: skip
def test_a_lost_password_with_a_little_at_its_ends_counts_as_it(staff, had, again):
    sara, now = staff("sara"), timezone.now()
    staff_access.set_password(sara, had, now)
    staff_access.set_password(sara, "quite another lamp", now)
    page = f"/desk/invitation/{staff_access.start_anew(sara, now, by=None).token}/"

    refused = Client().post(page, {"password": again, "again": again})

    assert refused.status_code == 422
    assert b"This is a password of before" in refused.content


@pytest.mark.parametrize("other", [_LOST + " too", "scarlet parrot gargles", "violet parakeet gargles",
                                   "violet carrot gargles", "parrot gargles", "gargles violet parrot"])  # fmt: skip
def test_a_password_with_another_word_is_another_one(staff, other):
    sara = staff("sara")
    staff_access.set_password(sara, _LOST, timezone.now())

    assert not earlier_passwords.was_one(sara, other)


def test_a_new_password_costs_a_handful_of_hashes(staff, monkeypatch):
    sara, tried = staff("sara"), []
    for word in ("amber", "brown", "crude", "dusty", "early", "fresh"):
        staff_access.set_password(sara, f"{word} parrot gargles", timezone.now())
    monkeypatch.setattr(earlier_passwords, "check_password", lambda *one: bool(tried.append(one)))

    costs = []
    for other in ("green parrot gargles", "greens parrot gargles", "greenish parrot gargles again"):
        assert not earlier_passwords.was_one(sara, other)
        costs.append(len(tried))
        tried.clear()

    assert costs == [1 + 6, 1 + 6 * 2, 1]


def test_the_password_of_an_account_that_is_older_than_the_list_is_known_with_more_at_its_end(staff):
    sara = staff("sara", password=_LOST)
    EarlierPasswords.objects.all().delete()

    for again in (_LOST, _LOST + "1", _LOST + "s", _LOST + "2025!"):
        assert earlier_passwords.was_one(sara, again)
    assert not earlier_passwords.was_one(sara, "quite another lamp")


def test_a_password_that_was_kept_whole_or_when_signs_counted_is_known_again(staff):
    sara, now = staff("sara"), timezone.now()
    staff_access.set_password(sara, "quite another lamp", now)
    row = EarlierPasswords.objects.get()
    before = [make_password(one) for one in ("a-lampintheharbour", "three-boats-and-a-kettle", "violetparrotgargles")]
    sealed = json.dumps(before).encode()
    row.sealed = seal_for(earlier_passwords.PURPOSE, sealed, earlier_passwords.earlier_place(row))
    row.save()

    assert earlier_passwords.was_one(sara, "A-lamp in the harbour")
    assert earlier_passwords.was_one(sara, "three-boats-and-a-kettle")
    assert earlier_passwords.was_one(sara, _LOST + "s")
    assert earlier_passwords.was_one(sara, _LOST + "2025")
    staff_access.set_password(sara, "seven kettles at dawn", now)
    assert earlier_passwords.was_one(sara, _LOST)


def test_the_password_in_use_is_not_changed_into_itself_in_other_capitals(staff):
    sara = staff("sara", password=PASSWORD)
    staff_access.set_password(sara, PASSWORD, timezone.now())

    with pytest.raises(ValidationError, match="This is a password of before"):
        validate_password(PASSWORD.swapcase(), user=sara)


def test_the_oldest_of_many_passwords_is_forgotten_and_what_is_kept_tells_nothing(staff):
    sara, now = staff("sara"), timezone.now()
    words = [f"the {number} boats of the bay" for number in ("nine", "ten", "six", "two", "four", "five", "three")]
    for one in words:
        staff_access.set_password(sara, one, now)

    assert [earlier_passwords.was_one(sara, one.upper()) for one in words] == [False, *[True] * earlier_passwords.KEPT]
    kept = bytes(EarlierPasswords.objects.get().sealed)
    assert b"argon2" not in kept
    EarlierPasswords.objects.update(sealed=b"\x01" * 80)  # damaged: a new password can be chosen all the same
    assert not earlier_passwords.was_one(sara, words[3])
    staff_access.set_password(sara, words[0], now)
    assert earlier_passwords.was_one(sara, words[0].upper())


def test_the_old_password_keeps_what_is_closed_open_at_a_new_start(staff):
    from records.sealing import staff_keys

    sara, now = staff("sara", password=PASSWORD), timezone.now()
    key = staff_keys.make_key(sara, PASSWORD, now)
    token = staff_access.start_anew(sara, now, by=None).token
    with pytest.raises(WrongKey):
        staff_access.accept(token, "quite another lamp", now, recovery="a guess")

    staff_access.accept(token, "quite another lamp", now, recovery=PASSWORD)

    assert staff_keys.open_key(sara, "quite another lamp") == key


def test_what_another_holds_opens_for_a_reason_and_supervisors_see_it(hotline, seated, staff):
    ben = staff("ben")
    number = hotline.conversation()
    desk.claim(number, ben, timezone.now())
    sara = seated("sara")

    assert sara.get(f"/desk/c/{number}/")["Location"].startswith(f"/desk/c/{number}/reason/")
    assert sara.post(f"/desk/c/{number}/reason/", {"reason": "asked", "words": "no"}).status_code == 422
    sara.post(f"/desk/c/{number}/reason/", {"reason": "asked", "words": "Ben asked me to look at this one"})

    assert MARKED in sara.get(f"/desk/c/{number}/").content.decode()
    conversation = Conversation.objects.get()
    assert "Ben asked me" in Note.objects.get().open_text(conversation.open_key())
    assert AuditEvent.objects.filter(action="glass_broken", staff__username="sara").count() == 1
    nour = seated("nour", StaffRole.SUPERVISOR)
    row = nour.get("/desk/people/").content.decode().partition('id="glass"')[2].partition("</section>")[0]
    assert 'A colleague asked me to look: <q dir="auto">Ben asked me to look at this one</q>' in row
    assert "Ben asked me" not in nour.get("/desk/supervisor/").content.decode()
    assert "In their own words" in nour.get("/desk/supervisor/").content.decode()
    nour.post(f"/desk/people/glass/{BrokenGlass.objects.get().pk}/")
    assert b"A colleague asked me to look" not in nour.get("/desk/people/").content


def test_of_what_is_closed_the_sentence_is_shown_to_who_has_its_key_only(hotline, seated, staff):
    sara, nour = staff("sara", password=PASSWORD), staff("nour", StaffRole.SUPERVISOR, password=PASSWORD)
    clients = {one.username: Client() for one in (sara, nour)}
    for name, client in clients.items():
        types(client, name=name)
    number, now = hotline.conversation(), timezone.now()
    desk.claim(number, nour, now)
    clients["sara"].post(f"/desk/c/{number}/reason/", {"reason": "asked", "words": "Nour asked me to look at it"})
    desk.close(number, nour, "helped", now)
    InboxMessage.objects.update(status="done")
    assert closing.seal_closed(now) == 1

    without = seated("mona", StaffRole.SUPERVISOR).get("/desk/people/").content.decode()
    opened = clients["nour"].get("/desk/people/").content.decode()

    assert "Nour asked me to look at it" in opened
    assert "Nour asked me to look at it" not in without
    assert "It is closed: their sentence stands in the conversation." in without


def test_no_reason_holds_what_parts_it_from_the_sentence():
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            assert not [words for words in REASONS.values() if ": " in words]


def test_the_glass_is_whole_again_after_an_hour(hotline, staff):
    from desk.need_to_know import may_open

    sara, ben = staff("sara"), staff("ben")
    number = hotline.conversation()
    now = timezone.now()
    desk.claim(number, ben, now)
    row = Conversation.objects.get()
    staff_access.break_glass(row, sara, "asked", now)

    assert may_open(row, sara, now + HOUR - timedelta(seconds=1))
    assert not may_open(row, sara, now + HOUR)


def fetched(client, number, mark="") -> str:
    answer = client.get(f"/desk/c/{number}/lines/?have={mark}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.headers.get("HX-Retarget", "") + answer.content.decode()


def test_what_was_open_shows_no_word_any_more_when_it_changes_hands(hotline, staff, seated):
    ben, sara = staff("ben"), seated("sara")
    number = hotline.conversation(safe="yes")
    before = fetched(sara, number)
    desk.claim(number, ben, timezone.now())

    after = fetched(sara, number)
    by_address = sara.get(f"/desk/c/{number}/")

    assert MARKED in before
    assert after.startswith("#conversation")
    assert "Ben has this conversation now." in after
    assert MARKED not in after
    assert "Safe to write" not in after
    assert f"/desk/c/{number}/lines/" not in after, "it asks for no words any more"
    assert by_address["Location"].startswith(f"/desk/c/{number}/reason/")


def whose(client, number, mark=""):
    return client.get(f"/desk/c/{number}/whose/?have={mark}", headers={"HX-Request": "true"})


def test_a_page_that_was_taken_away_is_told_who_has_it_whenever_that_changes(hotline, seated, staff):
    ben, sara, nour = seated("ben"), staff("sara"), staff("nour", StaffRole.SUPERVISOR)
    number, now = hotline.conversation(), timezone.now()
    fetched(ben, number)
    steps = {
        "Sara has this conversation now.": lambda: desk.claim(number, sara, now),
        "Nour has this conversation now.": lambda: desk.transfer(number, sara, nour, now),
        "This conversation waits in the queue now.": lambda: desk.give_back_for(nour, now),
        "You have this conversation now.": lambda: desk.claim(number, Staff.objects.get(username="ben"), now),
    }

    told = []
    for step in steps.values():
        step()
        told.append(whose(ben, number).content.decode())
        mark = re.search('name="have" value="([^"]+)"', told[-1])[1]
        assert whose(ben, number, mark).status_code == 204

    assert [next((words for words in steps if words in one), one) for one in told] == list(steps)
    assert ["open-again" in one for one in told] == [False, False, True, True]
    assert not any(MARKED in one for one in told)


def test_of_what_the_bot_has_again_no_word_is_shown_either(hotline, seated, staff):
    sara, ben = seated("sara"), staff("ben")
    number = hotline.conversation()
    fetched(sara, number)
    now = timezone.now()
    desk.claim(number, ben, now)
    desk.hand_back(number, ben, Owner.BOT, now)

    after = fetched(sara, number)

    assert "The bot has this conversation now." in after
    assert MARKED not in after


def test_a_reply_half_written_when_it_changes_hands_is_kept_and_said_to_be(hotline, seated, staff):
    sara, nour = seated("sara"), staff("nour", StaffRole.SUPERVISOR)
    number = hotline.conversation()
    sara.post(f"/desk/c/{number}/claim/")
    sara.post(f"/desk/c/{number}/draft/", {"text": "half a sent"})
    desk.take_over(number, nour, timezone.now())
    sara.post(f"/desk/c/{number}/draft/", {"text": "half a sentence"})  # on its way as it changed hands

    after = fetched(sara, number)
    desk.transfer(number, nour, Staff.objects.get(username="sara"), timezone.now())
    again = sara.get(f"/desk/c/{number}/").content.decode()

    assert "half a sentence</textarea>" in after
    assert "It is kept, sealed" in after
    assert MARKED not in after
    assert "half a sentence</textarea>" in again


def test_a_reply_posted_too_late_is_kept_with_no_word_of_theirs(hotline, seated, staff):
    sara, nour = seated("sara"), staff("nour", StaffRole.SUPERVISOR)
    number = hotline.conversation()
    sara.post(f"/desk/c/{number}/claim/")
    desk.take_over(number, nour, timezone.now())

    answer = sara.post(f"/desk/c/{number}/reply/", {"text": "one more thing"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Not sent. Nour has this conversation." in page
    assert "one more thing</textarea>" in page
    assert MARKED not in page
    assert "one more thing</textarea>" in fetched(sara, number)


def test_a_search_by_number_leaves_a_row_without_the_number_for_hit_and_miss_alike(hotline, seated):
    hotline.conversation(address="+15005550123")
    nour = seated("nour", StaffRole.SUPERVISOR)

    hit = nour.post("/desk/contact/", {"channel": "sms", "address": "+1 500 555 0123"})
    miss = nour.post("/desk/contact/", {"channel": "sms", "address": "+15005550199"})

    assert b"1 conversation is kept" in hit.content
    assert b"Nothing is kept" in miss.content
    rows = [row.details for row in AuditEvent.objects.filter(action="contact_searched")]
    assert rows == [{"channel": "sms", "found": True}, {"channel": "sms", "found": False}]
    assert seated("sara").post("/desk/contact/", {"channel": "sms", "address": "+15005550123"}).status_code == 403


def test_the_export_holds_everything_of_one_contact_and_nothing_of_another(hotline, seated):
    import json

    mine = hotline.conversation("please help", address="+15005550123", bot_says=("I hear you",))
    hotline.conversation("other words", address="+15005550199")
    nour = seated("nour", StaffRole.SUPERVISOR)
    contact = Contact.objects.get(conversations=mine)

    answer = nour.post(f"/desk/contact/{contact.pk}/export/")

    made = json.loads(answer.content)
    assert answer["Content-Disposition"].startswith("attachment")
    assert made["contact"]["address"] == "+15005550123"
    assert [one["text"] for one in made["conversations"][0]["messages"]] == ["please help", "I hear you"]
    assert "other words" not in answer.content.decode()
    assert AuditEvent.objects.filter(action="contact_exported").count() == 1


def test_erasing_a_contact_leaves_no_row_of_theirs(hotline, seated):
    number = hotline.conversation(address="+15005550123")
    nour = seated("nour", StaffRole.SUPERVISOR)

    nour.post(f"/desk/contact/{Contact.objects.get().pk}/erase/", {"really": "yes"})

    assert not Contact.objects.exists()
    assert nour.get(f"/desk/c/{number}/").status_code == 404
