"""A shift in the evening: conversations as they come, for pictures and for judging pages by axe."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from records.models import Conversation, InboxMessage, OutboxMessage, Staff
from records.staff import desk
from records.states import Level, SafeAnswer
from screening.assessment import Assessment, Heard

_EVIDENCE = (
    ("documents_withheld", "paspor saya ditahan majikan", "S"),
    ("confinement", "pintu dikunci tiap malam", "S"),
)


def fill(line) -> dict[str, str]:
    """Put the conversations there; return the pages worth a picture, by name."""
    now = timezone.now()
    sara, ben = Staff.objects.get(username="sara"), Staff.objects.get(username="ben")
    urgent = line.conversation(
        "please come he has knife", level=Level.URGENT, language="en", reasons=("risk.immediate_danger",), safe="yes",
        assessment=Assessment(flow="queue", risks={"immediate_danger": Heard(words="he has knife", source="immediate_danger.weapon.en")}),
        bot_says=("I am asking a person to write to you now.",),
    )  # fmt: skip
    line.conversation(
        level=Level.PRIORITY, language="my", reasons=("documents_withheld", "threats"), channel="telegram"
    )
    line.conversation(level=Level.OFFER, language="es", reasons=("ask_human",), safe="yes")
    line.conversation(level=Level.OFFER, language="ar", reasons=("language_missing",))
    line.conversation(level=Level.INFO, language="vi", reasons=("ask_services",))
    for minutes, row in enumerate(Conversation.objects.filter(owner="queue").order_by("pk"), 2):
        since = now - timedelta(minutes=3 * minutes)
        Conversation.objects.filter(pk=row.pk).update(queued_at=since, unanswered_since=since)
    mine = line.conversation(
        "halo, saya butuh bantuan",
        "paspor saya ditahan majikan, pintu dikunci tiap malam",
        "umur saya 19",
        level=Level.PRIORITY, language="id", reasons=("documents_withheld", "confinement"), safe="yes",
        assessment=Assessment(
            flow="self", safe="yes", asked=("safe", "role", "consent", "age_band"), role="self", consent="yes", age_band="18_plus",
            country="MY", answers={"safe": "yes", "role": "self", "consent": "yes"}, needs=("go_home",),
            indicators={name: Heard(words=words, source="said") for name, words, _ in _EVIDENCE},
            possible={"wages_withheld": 0.4}, reasons=("documents_withheld",), told=("numbers",),
        ),
        bot_says=("Halo. Saya robot. Apakah aman bagi Anda untuk menulis sekarang?",),
    )  # fmt: skip
    now = timezone.now()  # what staff do comes after what was said
    row = InboxMessage.objects.filter(conversation=mine).order_by("pk")[1]
    key = row.conversation.open_key()
    found = [
        {"id": name, "kind": "indicator", "words": words, "source": "model", "confidence": 0.91, "band": "sure"}
        for name, words, _ in _EVIDENCE
    ]
    InboxMessage.objects.filter(pk=row.pk).update(findings=row.sealed_findings(key, found))
    OutboxMessage.objects.filter(conversation=mine).update(status="delivered")
    desk.claim(mine, sara, now)
    Conversation.objects.filter(pk=mine).update(safe_answer=SafeAnswer.YES, safe_at=now, last_in_at=now)
    desk.reply(mine, sara, "Halo, saya Sara. Saya sudah membaca pesan Anda.", now, client_token="fill-1")
    desk.reply(mine, sara, "Apakah sekarang masih aman untuk menulis?", now, client_token="fill-2")
    OutboxMessage.objects.filter(client_token="fill-1").update(status="delivered")
    OutboxMessage.objects.filter(client_token="fill-2").update(status="failed", reason="PhoneUnreachable")
    desk.add_note(mine, sara, "Speaks Indonesian and some Malay. Ask for the shelter list of Johor.", now)
    arabic = line.conversation("مرحبا، أحتاج مساعدة", language="ar", level=Level.OFFER, safe="no")
    desk.claim(arabic, ben, now)
    unsafe = line.conversation("ayuda", "no es seguro ahora", language="es", level=Level.PRIORITY, safe="no")
    desk.claim(unsafe, sara, now)
    return {
        "board": "/desk/",
        "thread": f"/desk/c/{mine}/",
        "waiting": f"/desk/c/{urgent}/",
        "unsafe": f"/desk/c/{unsafe}/",
        "other": f"/desk/c/{arabic}/",
        "account": "/desk/account/",
    }
