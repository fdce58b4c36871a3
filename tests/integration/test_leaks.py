"""Law 9: marked words, numbers and names go down every path; nothing of them is found outside their seals.

The paths are walked once (`walked`), with real processes; then each place where something could lie is searched.
"""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
import redis
from django.db import connection
from django.utils import timezone

from records.models import AssessmentRecord, Contact, Conversation, InboxMessage, OutboxMessage, Staff
from records.staff import desk
from tests.integration import walks
from tests.integration.line import STAFF, Desk
from tests.integration.marks import CHAT, MARK, NAME, NUMBERS, PHONE, SENTENCES, USERNAME, WORDS, found_in, marks_in
from tests.integration.place import Place, until

pytestmark = pytest.mark.rasa
REFUSALS = {
    "twilio": ["junk", 21211, 21610, 30007, 20500, "hang up", 20429, 20003],
    "telegram": ["junk", 403, 400, 500, "hang up", 429, 401],
}


@pytest.fixture(scope="module")
def walked(line, django_db_blocker):
    """The line after everything has been written, refused, broken and answered."""
    from tests.integration.conftest import looking_into

    with looking_into(line.place, django_db_blocker):
        walk = Walk(line, Desk(line))
        walk.messages_in()
        walk.refused_at_the_door()
        walk.storage_fails()
        walk.turns_fail()
        walk.staff_work()
        walk.providers_refuse()
        walk.odd_addresses()
        walk.further()
        yield walk
        walk.desk.http.close()


class Walk:
    def __init__(self, line, desk):
        self.line, self.desk = line, desk
        self.seen = []  # (where, bytes) of every answer that is not a page of the desk

    def keeps(self, where, answer):
        self.seen += [(where, answer.content), (where, str(answer.headers.raw).encode())]

    def messages_in(self):
        for sentence in SENTENCES.values():
            assert self.line.sms(sentence, PHONE) == 200
            assert self.line.telegram(sentence, int(CHAT), name=NAME) == 200
        person = {"file_id": "f", "file_unique_id": "u", "file_name": f"{MARK}.pdf"}
        shared = {"phone_number": PHONE, "first_name": NAME}
        for more in ({"document": person, "caption": SENTENCES["thai"]}, {"contact": shared}):
            assert self.line.telegram(None, int(CHAT), name=NAME, **more) == 200
        edited = self.line.update(SENTENCES["burmese"], int(CHAT), kind="edited_message", edit_date=1_795_262_460)
        assert self.line.telegram_posts(edited) == 200
        tapped = self.line.update(SENTENCES["latin"], int(CHAT), name=NAME)["message"]
        tap = {"id": "1", "from": tapped["from"], "message": tapped, "chat_instance": "c", "data": f"{MARK}@1"}
        assert self.line.telegram_posts({"update_id": 700_001, "callback_query": tap}) == 200
        assert self.line.sms("", PHONE, NumMedia="1", MediaUrl0=f"https://x/{MARK}", MediaContentType0=MARK) == 200
        assert self.line.sms(SENTENCES["latin"], PHONE, ProfileName=NAME, FromCity="Vexnorrholm") == 200
        self.line.settles()

    def refused_at_the_door(self):
        http, words = self.line.http, SENTENCES["latin"]
        for path in ("/channels/sms", "/channels/sms/status", "/channels/telegram"):
            posted = {"From": PHONE, "Body": words, "MessageSid": MARK, "update_id": MARK}
            for body in ({"data": posted}, {"json": posted}, {"content": words.encode()}):
                answer = http.post(f"{path}?q={MARK}", **body, headers={"X-Twilio-Signature": MARK, "X-Name": NAME})
                assert answer.status_code == 403
                self.keeps("a refusal", answer)
        bad = [json.dumps({"update_id": 1, "message": {"text": words, "from": 5}}), words, json.dumps([words])]
        bad += [json.dumps({"update_id": words}), f'{{"update_id": 700002, "message": {{"text": "{words}"']
        assert {self.line.telegram_posts(body.encode()) for body in bad} == {400}
        assert self.line.twilio_posts("/channels/sms", {"Body": words, "ProfileName": NAME}) == 400
        assert self.line.telegram_posts((words * 9000).encode()) == 413
        status = {"MessageSid": "SM" + "f" * 32, "MessageStatus": "failed", "ErrorCode": "30007", "To": PHONE}
        assert self.line.twilio_posts("/channels/sms/status", {**status, "ErrorMessage": words}) == 200

    def storage_fails(self):
        with Broken():
            assert self.line.sms(SENTENCES["arabic"], PHONE) == 503
            assert self.line.telegram(SENTENCES["thai"], int(CHAT)) == 503

    def turns_fail(self):
        """What is known of three conversations is spoilt, so that hearing, dialogue and actions fail on them."""
        for place, spoilt in enumerate(
            ({"indicators": MARK}, {"pending": MARK, "flow": MARK}, {"country": NAME, "language_memory": {"x": MARK}})
        ):
            who = f"+1500555{3100 + place}"
            self.line.sms("hello", who)
            self.line.settles()
            record = AssessmentRecord.objects.select_related("conversation__day_key").order_by("-pk")[0]
            key = record.conversation.open_key()
            record.seal_facts(key, {**record.open_facts(key), **spoilt})
            record.save()
            self.line.sms(SENTENCES["latin"], who)
        self.line.sms("hello", "+15005553110")
        self.line.settles()
        InboxMessage.objects.order_by("-pk")[:1].get().conversation.chunks.update(
            sealed=b"\x01" + MARK[:1].encode() * 40
        )
        self.line.sms(SENTENCES["latin"], "+15005553110")
        self.line.settles()

    def staff_work(self):
        mine = {row.contact.open_address(): row for row in Conversation.objects.select_related("contact")}
        self.chat = mine[CHAT].pk
        self.desk.opens(self.chat)
        self.desk.does(self.chat, "claim")
        assert Conversation.objects.get(pk=self.chat).owner == "staff"
        for sentence in SENTENCES.values():
            self.desk.does(self.chat, "draft", text=sentence)
            self.desk.does(self.chat, "note", text=f"{sentence} {NAME} {PHONE}")
            asked = self.desk.does(self.chat, "reply", text=sentence)
            if asked.status_code == 422:  # a language that they do not write: once more, as the page then offers it
                sure = asked.text.split('name="sure" value="')[1].split('"')[0]
                assert self.desk.does(self.chat, "reply", text=sentence, sure=sure).status_code == 200
        self.desk.does(self.chat, "draft", text=SENTENCES["thai"])
        assert self.desk.does(self.chat, "reply", text=MARK * 500).status_code == 422
        assert self.desk.does(self.chat, "note", text=MARK * 500).status_code == 422
        assert self.line.telegram(SENTENCES["burmese"], int(CHAT), name=NAME) == 200
        until(lambda: SENTENCES["thai"] in self.line.providers.texts("telegram", CHAT), 20, "the reply")
        self.line.settles()
        for path in (f"/desk/c/{self.chat}/", "/desk/", "/desk/queue/", "/desk/audit/", f"/desk/c/{self.chat}/lines/"):
            self.desk.gets(path)

    def providers_refuse(self):
        staff, number = Staff.objects.get(username=STAFF), 0
        waiting = []
        for name, steps in REFUSALS.items():
            for _ in steps:
                number += 1
                if name == "twilio":
                    self.line.sms("hello", f"+1500555{3200 + number}")
                else:
                    self.line.telegram("hello", 9200 + number)
                waiting.append(InboxMessage.objects.order_by("-pk")[0].pk)
        self.line.settles()
        until(lambda: not OutboxMessage.objects.filter(unfinished=True).exists(), 30, "a quiet outbox")
        for name, steps in REFUSALS.items():
            self.line.providers.plans[name].extend(steps)
        text = f"{SENTENCES['latin']} {SENTENCES['thai']} {PHONE}"
        for inbox_id in waiting:
            conversation = InboxMessage.objects.get(pk=inbox_id).conversation_id
            assert desk.claim(conversation, staff, timezone.now())
            desk.reply(conversation, staff, text, timezone.now(), client_token=f"t{inbox_id}", urgent=True)
        until(lambda: not any(self.line.providers.plans.values()), 40, "all refusals")

    def further(self):
        self.files = walks.case_work(self.desk, self.chat)
        with Broken("records_note"):
            self.broken = self.desk.does(self.chat, "note", text=SENTENCES["thai"])
        lead, self.contact, numbers = walks.lead_work(self.line)
        self.desk.pages += lead.pages
        lead.http.close()
        self.errors = walks.strangers_errors(self.line)
        for answer in (*numbers, *self.errors.values(), self.broken):
            self.keeps(f"{answer.status_code} of {answer.url.path[:20]}", answer)
        self.alerts = walks.alerts(self.line)
        self.exported = walks.commands(self.line)
        self.statistics = walks.statistics(self.line)

    def odd_addresses(self):
        for path in (
            f"/{MARK}",
            f"/desk/{MARK}/",
            f"/desk/c/{NUMBERS[0]}/",
            f"/channels/sms/{NAME}",
            f"/?q={USERNAME}",
        ):
            self.line.http.get(path)
            self.desk.http.get(path)
        self.line.http.post("/desk/sign-in/", data={"username": NAME, "password": MARK})
        self.desk.http.post("/desk/sign-in/", data={"username": NAME, "password": MARK, "csrfmiddlewaretoken": MARK})
        self.line.http.get(
            "/healthz", headers={"Cookie": f"desk={MARK}", "X-Forwarded-For": MARK, "Host": f"{MARK}.org"}
        )


class Broken:
    """A database that takes no row of a kind, and whose error quotes the row."""

    def __init__(self, table="records_inboxmessage"):
        self.table = table

    def __enter__(self):
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(
                    f"CREATE TRIGGER broken BEFORE INSERT ON {self.table} BEGIN SELECT RAISE(ABORT, 'told to'); END"
                )
            else:
                cursor.execute(f"ALTER TABLE {self.table} ADD CONSTRAINT broken CHECK (id < 0) NOT VALID")

    def __exit__(self, *_):
        with connection.cursor() as cursor:
            sqlite = connection.vendor == "sqlite"
            cursor.execute("DROP TRIGGER broken" if sqlite else f"ALTER TABLE {self.table} DROP CONSTRAINT broken")


def test_the_paths_were_really_walked(walked):
    rows = {row.pk: row for row in InboxMessage.objects.all()}
    opened = str([row.open_payload(row.conversation.open_key()) for row in rows.values()])
    assert all(word in opened for word in WORDS[:5])
    refused = Counter(name for name, _ in walked.line.providers.refused)
    assert refused == {"twilio": len(REFUSALS["twilio"]), "telegram": len(REFUSALS["telegram"]) + 1}  # and one alert
    assert {row.open_address() for row in Contact.objects.all()} >= {PHONE, CHAT}
    assert SENTENCES["arabic"] in walked.desk.opens(walked.chat)
    logged = walked.line.place.logged()
    assert "turn_failed" in logged
    assert "webhook_not_stored" in logged


def test_what_was_taken_out_holds_the_words_and_what_went_wrong_does_not(walked):
    assert {form: answer.status_code for form, answer in walked.files.items()} == dict.fromkeys(walked.files, 200)
    assert walked.files["pdf"].content.startswith(b"%PDF")
    assert NAME in walked.files["json"].text
    assert NAME in walked.files["csv"].text
    assert MARK in walked.contact.text
    assert MARK in walked.exported
    assert {code: answer.status_code for code, answer in walked.errors.items()} == {
        code: code for code in walked.errors
    }
    assert walked.broken.status_code == 500
    assert [text for text in walked.alerts if "Please sign in" not in text or marks_in(text.encode())] == []


def test_what_is_published_of_them_holds_no_mark(walked):
    table, told = walked.statistics
    people = [int(row.rpartition(",")[2]) for row in table.splitlines()[1:]]

    assert sum(people) >= 11, "nobody was counted"
    assert min(people) >= 11
    assert json.loads(told)["quarters"][0]["people_at_least"] == sum(people)
    assert [marks_in(text.encode()) for text in walked.statistics] == [[], []]


def test_no_file_of_the_line_holds_a_mark(walked):
    assert found_in(walked.line.place.folder) == []


def test_the_database_holds_no_mark_in_clear(walked):
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            data = b"\n".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for row in cursor.fetchall()
                for value in row
            )
            found |= {table: marks} if (marks := marks_in(data)) else {}
    assert found == {}


def test_redis_holds_and_carries_no_mark(walked):
    url = walked.line.place.environ.get("REDIS_URL")
    if url is None:
        pytest.skip("no redis-server on this machine")
    client = redis.Redis.from_url(url)

    kept = b"".join(key + (client.dump(key) or b"") for key in client.scan_iter())

    client.connection_pool.disconnect()

    assert marks_in(kept) == []
    assert walked.line.published, "nothing was ever signalled"
    assert marks_in(b"\n".join(walked.line.published)) == []


def test_health_metrics_and_refusals_hold_no_mark(walked):
    for path in ("/healthz", "/metrics"):
        walked.keeps(path, walked.line.http.get(path))
    assert [where for where, data in walked.seen if marks_in(data)] == []


def test_no_address_or_cookie_or_title_of_the_desk_holds_a_mark(walked):
    assert len(walked.desk.pages) > 20
    for page in walked.desk.pages:
        addresses = re.findall(r'(?:href|src|action|hx-[a-z]+|data-[a-z-]+)="([^"]*)"', page.text)
        addresses += re.findall(r"<title>.*?</title>", page.text, re.S)
        where = page.url.path
        assert (where, marks_in("\n".join(addresses).encode())) == (where, [])
        assert (where, marks_in(f"{page.url} {page.headers.raw}".encode())) == (where, [])


def test_no_page_of_the_desk_is_kept_by_a_browser(walked):
    shown = [page for page in walked.desk.pages if marks_in(page.content)]
    assert shown
    assert {
        page.headers.get("cache-control", "")
        for page in shown
        if "no-store" not in page.headers.get("cache-control", "")
    } == set()


def test_a_killed_line_leaves_no_mark_either(walked, tmp_path):
    """Last, because it ends the line: what dies by kill -9 writes nothing on its way."""
    place = walked.line.place
    walked.line.sms(SENTENCES["burmese"], PHONE)

    for pid in [pid for name in ("web", "bot", "delivery", "clock") for pid in place.children_of(name)]:
        assert pid
    for name in ("web", "bot", "delivery", "clock"):
        place.kill(name)

    until(lambda: len(place.strays()) <= 0, 15, "the lanes' end")
    assert found_in(place.folder) == []


def test_the_search_is_awake(tmp_path):
    (tmp_path / "a").write_text(f"x{SENTENCES['thai']}y")
    (tmp_path / "b").write_bytes(SENTENCES["burmese"].encode("utf-16-le"))
    (tmp_path / "c").write_text(json.dumps({"a": SENTENCES["arabic"]}))
    (tmp_path / f"{MARK}.txt").write_text("")

    assert {line.partition(":")[0].partition("/")[0] for line in found_in(tmp_path)} == {
        "a", "b", "c", f"name of {tmp_path.name}",
    }  # fmt: skip


def test_a_phone_of_the_try_out_page_leaves_no_mark(tmp_path):
    import httpx

    place = Place(tmp_path / "demo")
    try:
        place.migrate()
        place.start("web")
        until(lambda: place.answers("/try/"), 60, "the try-out page", every_s=0.2)
        with httpx.Client(base_url=place.url, timeout=20, follow_redirects=True) as browser:
            for kind in ("sms", "telegram"):
                browser.get("/try/")
                for sentence in SENTENCES.values():
                    sent = {"text": f"{sentence} {NAME}"}
                    browser.post(f"/try/phone/{kind}/send/", data=sent, headers={"Origin": place.url})
                shown = browser.get(f"/try/phone/{kind}/")
                assert SENTENCES["thai"] in shown.text, shown.status_code
        assert found_in(place.folder) == []
    finally:
        place.close()
