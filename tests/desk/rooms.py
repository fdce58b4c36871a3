"""A desk in the middle of its day, for looking at the pages of cases, directory and supervisors."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from desk import demo
from records.casework import cases, directory, hsds
from records.casework.hsds import ServiceForm
from records.models import CaseReferral, Conversation, Staff
from records.staff import desk, own_words, seats, shifts
from records.states import ConsentKind, Level, Presence, ReferralState, Role, ShiftKind

HOUR = timedelta(hours=1)
SITUATION = "သူမ အိမ်ထဲက ထွက်ခွင့်မရှိဘူး။ နိုင်ငံကူးလက်မှတ် သိမ်းထားတယ်။"


def fill(hotline) -> dict[str, int]:
    """Put a bit of everything on the desk; return the numbers of what was made."""
    demo.ensure_demo_accounts()
    now = timezone.now()
    sara, nour = (Staff.objects.get(username=name) for name in ("sara", "nour"))
    seats.set_presence(sara, Presence.HERE, now)
    conversation = hotline.conversation(
        "ကူညီပါ", language="my", level=Level.URGENT, reasons=("risk.immediate_danger", "documents_withheld"), safe="yes"
    )
    for language, level in (("th", Level.URGENT), ("ar", Level.PRIORITY), ("am", Level.OFFER)):
        waits = hotline.conversation(language=language, level=level)
        since = now - timedelta(minutes=14)
        Conversation.objects.filter(pk=waits).update(queued_at=since, unanswered_since=since)
    desk.claim(conversation, sara, now)
    return {
        "conversation": conversation,
        "service": _directory(sara, nour),
        "case": _case(sara, conversation),
        **_plan(),
    }


def _directory(sara: Staff, nour: Staff) -> int:
    now = timezone.now()
    house = ServiceForm(
        name="บ้านพักใจ", organization="Sun Foundation", description="A house for women and their children.",
        phone="+66 2 000 0000", hours="Day and night", how_to="Call first; a worker picks people up.", city="Bangkok",
        country="TH", address="12 Hidden Lane", latitude=13.75, longitude=100.5, languages=("th", "my", "en"),
        needs=("safe_place", "medical", "counselling"), serves=("women", "children"),
        flags=("closed", "tied_visa", "secret"), alert="Phones are kept at the door in the first week.",
    )  # fmt: skip
    kept = directory.keep(hsds.with_form(house), nour, now)
    union = ServiceForm(
        name="Fishers' union, legal desk", organization="Fishers' union", country="ID", city="Jakarta",
        latitude=-6.2, longitude=106.8, languages=("id",), needs=("legal", "wages"), serves=("seafarers",),
    )  # fmt: skip
    other = directory.keep(hsds.with_form(union), nour, now)
    directory.mark_checked(other.pk, sara, now)
    return kept.pk


def _case(sara: Staff, conversation: int) -> int:
    now = timezone.now()
    number = cases.open_case(sara, Role.SELF, now, conversation_id=conversation, language="my")
    house = directory.find(directory.Wanted(need="safe_place"), now.date())[0]
    service = directory.Service.objects.get(pk=house.id)
    facts = cases.CaseFacts(
        call_them="Aye", safe_time="Sunday 10 to 11, Bangkok time", safe_word="mango", never=("call", "tell_family"),
        situation=SITUATION,
        fields={"prs_Gender": "Feminine", "prs_Citizenship": ["MM"], "vic_MethodsOfControl": ["WithholdsDocuments"]},
    )  # fmt: skip
    cases.change_facts(number, facts, 0, sara, now)
    for kind, to in ((ConsentKind.KEEP, None), (ConsentKind.SHARE, service)):
        cases.add_consent(
            number, kind, sara, now, given=True, how="chat", limits=("purpose", "withdraw"), service=to, token=None
        )
    cases.add_note(number, "Ask again on Sunday whether she has her phone.", sara, now, share=True, token=None)
    cases.add_task(number, "Call the house about a room", sara, now, due_at=now - HOUR, to=sara, token=None)
    cases.add_referral(
        number, sara, now, service=service, words={"details": "a room for two"}, reason="", token=None,
        follow_up_on=now.date() - timedelta(days=1),
    )  # fmt: skip
    cases.move_referral(number, CaseReferral.objects.get().pk, ReferralState.MADE, sara, now)
    return number


def _plan() -> dict[str, int]:
    now = timezone.now()
    sara, ben, nour = (Staff.objects.get(username=name) for name in ("sara", "ben", "nour"))
    shifts.add(sara, now - HOUR, now + 7 * HOUR, ShiftKind.DESK, nour, now)
    shifts.add(ben, now + 7 * HOUR, now + 15 * HOUR, ShiftKind.DESK, nour, now)
    shifts.add(nour, now - HOUR, now + 23 * HOUR, ShiftKind.ON_CALL, nour, now)
    own_words.save_reply(None, "Who I am", "my", "မင်္ဂလာပါ။ ကျွန်ုပ်သည် လူသားတစ်ယောက်ပါ။", sara, now)
    reply = own_words.save_reply(
        None, "Who I am", "en", "Hello. I am a person of the team, and I read what you write.", sara, now
    )
    own_words.review_reply(reply.pk, nour, now)
    return {"reply": reply.pk, "person": sara.pk}
