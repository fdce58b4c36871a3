"""Further paths that marked words go down: cases and the files that leave, alerts, the doctor, pages of errors."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta

import httpx
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from records.models import Conversation, Seat, Staff
from records.staff.alerts import set_address
from records.states import AlertBy
from tests.integration.line import PASSWORD, STAFF, Desk, RunningLine
from tests.integration.marks import CHAT, MARK, NAME, PHONE, SENTENCES
from tests.integration.place import ROOT, until

LEAD = "nour"
LONG_AGO = timedelta(days=200)  # in a quarter that is over
ON_CALL = {AlertBy.SMS: "+15005558800", AlertBy.TELEGRAM: "8800"}


def case_work(desk: Desk, conversation: int) -> dict[str, httpx.Response]:
    """A case with a mark in every field, what goes wrong with it, and the files that leave."""
    opened = desk.posts(f"/desk/cases/new/?conversation={conversation}", "/desk/cases/new/", about="self")
    case = opened.url.path
    assert re.fullmatch(r"/desk/cases/\d+/", case), opened.status_code
    facts = {"call_them": NAME, "reach": PHONE, "safe_word": MARK, "situation": SENTENCES["thai"]}
    facts |= {"prs_FirstName": NAME, "prs_MobilePhone": PHONE, "spl_ActionPlan": SENTENCES["arabic"]}
    assert desk.posts(f"{case}facts/", f"{case}facts/", **facts).status_code == 200
    assert desk.posts(f"{case}facts/", f"{case}facts/", **{**facts, "version": "0"}).status_code == 409
    lead = str(Staff.objects.get(username=STAFF).pk)
    desk.posts(case, f"{case}note/", text=SENTENCES["burmese"], share="on")
    desk.posts(case, f"{case}task/", text=SENTENCES["latin"], to=lead)
    desk.posts(case, f"{case}referral/", organization=NAME, details=f"{SENTENCES['latin']} {PHONE}")
    assert desk.posts(case, f"{case}note/", text=MARK * 700).status_code == 422
    assert desk.posts(case, f"{case}consent/", kind="share", given="yes", how="chat", words=NAME).status_code == 422
    asked = {"kind": "share", "given": "yes", "how": "chat", "limits": "purpose", "words": f"{NAME} {MARK}"}
    shown = desk.posts(case, f"{case}consent/", **asked)
    form = shown.text.partition(f'action="{case}export/"')[2]
    consent = re.search(r'<option value="(\d+)"', form)[1]
    assert desk.posts(case, f"{case}export/", consent="x", form="pdf").status_code == 422
    return {
        form: desk.posts(case, f"{case}export/", consent=consent, form=form, named="on")
        for form in ("pdf", "json", "csv")
    }


def lead_work(line: RunningLine) -> tuple[Desk, httpx.Response, list[httpx.Response]]:
    """A supervisor finds a contact by number and takes all about them out; and their pages of numbers."""
    Staff.objects.create(username=LEAD, alias="Nour", role="supervisor", password=make_password(PASSWORD))
    lead = Desk(line, LEAD)
    for channel, address in (("sms", PHONE), ("telegram", CHAT)):
        found = lead.posts("/desk/contact/", "/desk/contact/", channel=channel, address=address)
    path = re.search(r'action="(/desk/contact/\d+/export/)"', found.text)[1]
    export = lead.posts("/desk/contact/", path)
    numbers = [lead.gets(f"/desk/{page}/") for page in ("supervisor", "supervisor/shifts", "people", "account")]
    return lead, export, numbers


def alerts(line: RunningLine) -> list[str]:
    """Somebody waits too long: who is on call is told; Telegram refuses, quoting, and that is logged."""
    staff, now = Staff.objects.get(username=STAFF), timezone.now()
    Seat.objects.filter(staff=staff).update(on_call=True)
    for by, address in ON_CALL.items():
        set_address(staff, by, address, now)
    line.sms(f"{SENTENCES['latin']} {PHONE}", "+15005553400")
    line.settles()
    waiting = Conversation.objects.order_by("-pk")[0]
    line.providers.plans["telegram"].append(403)
    long_ago = now - timedelta(minutes=20)
    Conversation.objects.filter(pk=waiting.pk).update(owner="queue", level="urgent", queued_at=long_ago)
    until(lambda: line.providers.texts("twilio", ON_CALL[AlertBy.SMS]), 30, "the alert by SMS")
    until(lambda: "alert_failed" in line.place.logged(), 30, "the alert by Telegram")
    return line.providers.texts("twilio", ON_CALL[AlertBy.SMS])


def commands(line: RunningLine) -> str:
    """What the operator runs: what it says of itself lies with the logs; the export itself is returned."""
    for words in (["doctor"], ["audit", "verify"]):
        (line.place.logs / f"{words[0]}.out").write_text(_runs(line, words))
    return _runs(line, ["export", "telegram"], f"{CHAT}\n")


def statistics(line: RunningLine) -> list[str]:
    """What is published of everybody here, as if they had written long ago; the clock rests, or it would erase them."""
    line.place.ends("clock")
    Conversation.every.update(started_at=F("started_at") - LONG_AGO)
    try:
        return [_runs(line, ["export", "statistics", *form]) for form in ([], ["--json"])]
    finally:
        Conversation.every.update(started_at=F("started_at") + LONG_AGO)
        line.place.start("clock")


def _runs(line: RunningLine, words: list[str], given: str = "") -> str:
    """What a command prints; its errors lie with the logs."""
    command = [sys.executable, "-m", "lantern", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=line.place.environ, input=given, text=True, capture_output=True, check=False
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout + done.stderr
    (line.place.logs / f"{'-'.join(words)}.err").write_text(done.stderr)
    return done.stdout


def strangers_errors(line: RunningLine) -> dict[int, httpx.Response]:
    """One page of each kind of error, each asked for with a mark in everything that it could quote."""
    told, words = {"Cookie": f"desk={MARK}", "Referer": f"https://x/{MARK}"}, {"text": MARK, "username": NAME}
    http, at = line.http, f"/desk/{MARK}/?q={NAME}"
    return {
        400: http.get(at, headers={**told, "Host": f"{MARK}.org"}),
        401: http.get(f"/desk/events/?q={MARK}", headers={**told, "Accept": "text/event-stream"}),
        403: http.post(f"/desk/sign-in/?q={MARK}", data={**words, "text": ""}, headers=told),
        404: http.get(at, headers=told),
        405: http.put(f"/channels/sms?q={MARK}", content=MARK, headers=told),
        413: http.post("/channels/sms", content=MARK * 40_000, headers=told),
    }
