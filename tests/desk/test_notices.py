"""What must be looked at stands in the list of whom it concerns, until somebody says in their name that they saw it."""

from __future__ import annotations

from django.utils import timezone

from records.models import AuditEvent, BrokenGlass, Conversation, Notice, Staff
from records.staff import desk, notices, staff_access
from records.states import Owner, StaffRole

WORDS = "An urgent message did not reach them. The phone"


def test_a_notice_is_seen_by_whom_it_concerns_and_put_away_in_a_name(hotline, seated):
    conversation, now = hotline.conversation(), timezone.now()
    sara, ben, nour = seated("sara"), seated("ben"), seated("nour", StaffRole.SUPERVISOR)
    desk.claim(conversation, Staff.objects.get(username="sara"), now)
    notices.raise_notice(notices.URGENT_NOT_SENT, now, conversation_id=conversation, reason="PhoneUnreachable")
    address = f"/desk/notices/{Notice.objects.get().pk}/"

    shown = [WORDS in one.get("/desk/").content.decode() for one in (sara, ben, nour)]
    ben.post(address)
    after_ben = Notice.objects.filter(seen_at=None).count()
    page = sara.post(address, HTTP_HX_REQUEST="true").content.decode()

    assert shown == [True, False, True]
    assert after_ben == 1
    assert WORDS not in page
    assert WORDS not in nour.get("/desk/").content.decode()
    assert AuditEvent.objects.get(action="notice_seen").staff.username == "sara"


def test_broken_glass_stands_where_supervisors_look_until_another_one_marks_it(hotline, seated, staff):
    conversation, now = hotline.conversation(), timezone.now()
    desk.claim(conversation, staff("ben"), now)
    nour, mona = seated("nour", StaffRole.SUPERVISOR), seated("mona", StaffRole.SUPERVISOR)
    staff_access.break_glass(Conversation.objects.get(), Staff.objects.get(username="nour"), "asked", now)
    words = "nour opened what was not theirs: A colleague asked me to look."

    for place in ("/desk/", "/desk/supervisor/"):
        assert words in mona.get(place).content.decode()
        assert words not in nour.get(place).content.decode()
        assert words not in seated(f"sara{len(place)}").get("/desk/").content.decode()
    address = f"/desk/people/glass/{BrokenGlass.objects.get().pk}/"
    assert address in mona.get("/desk/").content.decode()
    assert nour.post(address).status_code == 404
    assert mona.post(address, headers={"HX-Request": "true"}).status_code == 204

    for place in ("/desk/", "/desk/supervisor/"):
        assert words not in mona.get(place).content.decode()


def test_what_only_the_bot_has_is_for_supervisors(hotline, seated):
    conversation = hotline.conversation(owner=Owner.BOT)
    notices.raise_notice(notices.FLOOD, timezone.now(), conversation_id=conversation)

    shown = ["Very many messages" in seated(name, role).get("/desk/").content.decode()
             for name, role in (("sara", StaffRole.WORKER), ("nour", StaffRole.SUPERVISOR))]  # fmt: skip

    assert shown == [False, True]
