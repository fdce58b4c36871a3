"""The reply box: closed while it is not safe, a second look at some words, nothing doubled, nothing lost."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from desk import second_look
from desk.gate import Gate, gate
from desk.thread import thread
from records.erasure.erase_words import erase_words_due
from records.messages.material import load_conversation
from records.models import AuditEvent, Contact, Conversation, Draft, InboxMessage, OutboxMessage, Service
from records.staff import desk
from records.states import InboxStatus, Owner, SafeAnswer

HX = {"HX-Request": "true"}


def silent_for(conversation, minutes):
    Conversation.objects.filter(pk=conversation).update(last_in_at=timezone.now() - timedelta(minutes=minutes))


def had_it_erased(conversation):
    InboxMessage.objects.update(status=InboxStatus.DONE)
    Conversation.objects.filter(pk=conversation).update(erase_at=timezone.now())
    erase_words_due(timezone.now())


def post(client, conversation, what, **fields):
    return client.post(f"/desk/c/{conversation}/{what}/", fields)


@pytest.mark.parametrize(
    ("minutes", "contact", "answer", "closed"),
    [
        (1, {}, None, Gate.OPEN),
        (1, {}, "unsure", Gate.OPEN),
        (11, {}, "yes", Gate.SILENT),
        (1, {}, "no", Gate.NOT_SAFE),
        (1, {"not_safe_at": True}, None, Gate.NOT_SAFE),
        (1, {"ended_at": True}, "yes", Gate.ENDED),
        (1, {"opted_out_at": True}, "yes", Gate.OPTED_OUT),
    ],
)
def test_the_box_is_closed_by_what_the_contact_said_and_by_silence(hotline, minutes, contact, answer, closed):
    conversation = hotline.conversation()
    now = timezone.now()
    silent_for(conversation, minutes)
    Conversation.objects.filter(pk=conversation).update(safe_answer=answer)
    Contact.objects.update(**dict.fromkeys(contact, now))

    assert gate(load_conversation(conversation), now) == closed


def test_who_had_the_chat_erased_is_not_written_to_by_the_way_and_whoever_claims_it_reads_so(mine):
    client, conversation = mine
    had_it_erased(conversation)

    page = client.get(f"/desk/c/{conversation}/").content.decode()
    answer = post(client, conversation, "reply", text="We are here.", token="1")
    chosen = post(client, conversation, "reply", text="We are here.", token="1", override="danger")

    assert "They had the whole chat erased and have not written since." in page
    assert "Do not write: they had the chat erased" in page
    assert "They had the chat erased: what either side wrote until then is gone here." in page
    assert (answer.status_code, chosen.status_code) == (409, 302)
    assert OutboxMessage.objects.filter(author="staff").count() == 1


def test_who_writes_again_after_erasing_the_chat_is_answered_like_anybody(mine):
    _, conversation = mine
    had_it_erased(conversation)
    now = timezone.now()
    Conversation.objects.filter(pk=conversation).update(last_in_at=now)

    assert gate(load_conversation(conversation), now) == Gate.OPEN


def test_a_closed_box_refuses_on_the_server_and_keeps_the_words(hotline, mine):
    client, conversation = mine
    silent_for(conversation, 11)

    answer = client.post(f"/desk/c/{conversation}/reply/", {"text": "are you there"}, headers=HX)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Not sent. They have been silent for a while" in page
    assert "are you there</textarea>" in page
    assert 'id="ask-safe"' in page
    assert hotline.replies(conversation) == []


def test_a_reason_opens_the_box_and_is_audited(hotline, mine):
    client, conversation = mine
    silent_for(conversation, 11)

    post(client, conversation, "reply", text="are you there", override="because")
    refused = hotline.replies(conversation)
    post(client, conversation, "reply", text="are you there", override="in_talk")

    assert refused == []
    assert hotline.replies(conversation) == ["are you there"]
    details = AuditEvent.objects.filter(action="reply").last().details
    assert (details["gate"], details["override"]) == ("silent", "in_talk")


def test_nothing_is_sent_to_a_phone_that_blocks_us_whatever_the_reason(hotline, mine):
    client, conversation = mine
    Contact.objects.update(opted_out_at=timezone.now())

    for what in ("reply", "ask-safe"):
        assert post(client, conversation, what, text="hello", override="danger").status_code == 409

    assert OutboxMessage.objects.count() == 0


def test_the_safety_phrase_goes_in_their_language_and_the_draft_stays(hotline, mine):
    client, conversation = mine
    silent_for(conversation, 11)
    post(client, conversation, "draft", text="half a sentence")

    post(client, conversation, "ask-safe", token=str(uuid.uuid4()))

    row = OutboxMessage.objects.get()
    assert (row.key, row.author) == ("ask.safe", "staff")
    assert "seguro" in row.open_payload(row.conversation.open_key())[0]
    assert Draft.objects.count() == 1


def test_the_agreed_time_is_one_neutral_hello_at_that_time_by_the_clock_of_the_worker(hotline, mine):
    client, conversation = mine
    silent_for(conversation, 11)
    there = (timezone.now() + timedelta(hours=30)).replace(second=0, microsecond=0)
    local = (there + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")

    post(client, conversation, "at-time", at=local, zone="Asia/Bangkok")
    past = post(client, conversation, "at-time", at="2020-01-01T10:00")

    row = OutboxMessage.objects.get()
    assert (row.key, row.not_before) == ("helper.good_time", there)
    assert past.status_code == 422


def test_what_they_told_the_worker_opens_the_box_also_where_the_bot_has_not_heard_them_for_long(hotline, mine):
    client, conversation = mine
    silent_for(conversation, 11)

    post(client, conversation, "safety", **{"is": "yes"})
    now = timezone.now()
    found = [gate(load_conversation(conversation), at) for at in (now, now + timedelta(minutes=11))]

    assert found == [Gate.OPEN, Gate.SILENT]


def test_what_they_told_the_worker_opens_or_closes_the_box(hotline, mine):
    client, conversation = mine
    post(client, conversation, "reply", text="wait")

    post(client, conversation, "safety", **{"is": "no"})
    no = Conversation.objects.get(pk=conversation).safe_answer, gate(load_conversation(conversation), timezone.now())
    post(client, conversation, "safety", **{"is": "yes"})

    assert no == (SafeAnswer.NO, Gate.NOT_SAFE)
    assert gate(load_conversation(conversation), timezone.now()) == Gate.OPEN
    assert OutboxMessage.objects.get().status == "dropped"


def test_a_word_the_line_never_says_is_asked_about_once(hotline, mine):
    client, conversation = mine
    form = {"text": "You are a victim, I promise", "token": str(uuid.uuid4())}

    asked = client.post(f"/desk/c/{conversation}/reply/", form)
    page = asked.content.decode()
    sure = page.split('name="sure" value="')[1].split('"')[0]
    other = client.post(f"/desk/c/{conversation}/reply/", {**form, "text": "You will be rescued", "sure": sure})
    client.post(f"/desk/c/{conversation}/reply/", {**form, "sure": sure})

    assert asked.status_code == other.status_code == 422
    assert "victim" in page.split('id="second-look"')[1]
    assert hotline.replies(conversation) == ["You are a victim, I promise"]
    assert AuditEvent.objects.filter(action="reply").last().details["sure"] is True


def test_without_scripts_what_is_asked_about_is_kept_and_reload_leads_to_a_page(hotline, mine):
    client, conversation = mine

    asked = post(client, conversation, "reply", text="You are a victim").content.decode()
    leads = asked.split(">Reload<")[0].rsplit('href="', 1)[1].split('"')[0]
    again = client.get(leads)

    assert (leads, again.status_code) == (f"/desk/c/{conversation}/", 200)
    assert "You are a victim</textarea>" in again.content.decode()


def test_without_scripts_a_thread_opens_at_its_newest_words(hotline, mine):
    client, conversation = mine
    sent = post(client, conversation, "reply", text="hello")
    page = client.get(f"/desk/c/{conversation}/").content.decode()

    assert sent["Location"].endswith(f"/c/{conversation}/#newest")
    assert f'href="/desk/c/{conversation}/#newest"' in page
    assert page.count('id="newest"') == 1
    assert "hello" in page.split('id="newest"')[1].split("</li>")[0]


def doubts(conversation, risk="controller_present", minutes=0):
    at = timezone.now() - timedelta(minutes=minutes)
    Conversation.objects.filter(pk=conversation).update(safe_answer="yes", safe_at=at, doubt=risk, doubt_at=at)


def asked_once(client, conversation, text):
    """Post it, and once more as the page then offers it."""
    form = {"text": text, "token": str(uuid.uuid4())}
    page = client.post(f"/desk/c/{conversation}/reply/", form).content.decode()
    if 'name="sure"' in page:
        client.post(
            f"/desk/c/{conversation}/reply/", {**form, "sure": page.split('name="sure" value="')[1].split('"')[0]}
        )
    return page


@pytest.mark.parametrize(
    ("risk", "words"), [("controller_present", "perhaps not alone"), ("immediate_danger", "in danger")]
)
def test_after_a_doubt_the_line_is_amber_and_a_reply_is_asked_about_once(hotline, mine, risk, words):
    client, conversation = mine
    doubts(conversation, risk)

    shown = client.get(f"/desk/c/{conversation}/").content.decode()
    first = asked_once(client, conversation, "I am here")
    second = asked_once(client, conversation, "take your time")

    assert f"They said yes, but since then: {words}. Ask again first." in shown
    assert "safe-unsure" in shown
    assert "Safe to write: they said so" not in shown
    assert 'id="ask-safe"' in shown
    assert words in first.split('id="second-look"')[1]
    assert 'id="second-look"' not in second
    assert hotline.replies(conversation) == ["I am here", "take your time"]
    assert AuditEvent.objects.filter(action="reply").first().details["doubt"] is True


def test_a_new_doubt_is_asked_about_anew_and_a_yes_ends_it(hotline, mine):
    client, conversation = mine
    doubts(conversation, minutes=1)
    asked_once(client, conversation, "I am here")

    doubts(conversation)
    anew = asked_once(client, conversation, "are you there")
    post(client, conversation, "safety", **{"is": "yes"})
    shown = client.get(f"/desk/c/{conversation}/").content.decode()

    assert 'id="second-look"' in anew
    assert "Safe to write: they said so less than a minute ago." in shown
    assert 'id="second-look"' not in asked_once(client, conversation, "good")


def test_words_that_were_sure_before_the_doubt_are_asked_about_again(hotline, mine):
    client, conversation = mine
    form = {"text": "You are a victim, I promise"}
    page = client.post(f"/desk/c/{conversation}/reply/", form).content.decode()
    doubts(conversation)

    again = client.post(
        f"/desk/c/{conversation}/reply/", {**form, "sure": page.split('name="sure" value="')[1].split('"')[0]}
    )

    assert again.status_code == 422
    assert hotline.replies(conversation) == []


def test_a_phrase_and_a_second_try_wait_for_a_reason_too_and_the_safety_question_does_not(hotline, mine):
    client, conversation = mine
    post(client, conversation, "reply", text="hola")
    OutboxMessage.objects.update(status="failed", reason="PhoneUnreachable")
    doubts(conversation)

    refused = post(client, conversation, "phrase", key="helper.interpreter").status_code
    again = post(client, conversation, f"again/{OutboxMessage.objects.get().pk}").status_code
    post(client, conversation, "phrase", key="ask.safe")
    post(client, conversation, "phrase", key="helper.interpreter", override="asked_to")

    assert (refused, again) == (409, 409)
    assert list(OutboxMessage.objects.order_by("pk").values_list("key", flat=True)) == [
        "",
        "ask.safe",
        "helper.interpreter",
    ]


def test_the_street_of_a_listed_service_is_asked_about(hotline, mine):
    document = {"locations": [{"addresses": [{"address_1": "12 Hibiscus Road", "city": "Johor"}]}]}
    Service.objects.create(name="A house", status="active", document=document, changed_at=timezone.now())

    found = second_look.concerns("go to 12, hibiscus  road tonight", "en")

    assert [one.words for one in found] == ["12 Hibiscus Road"]
    assert second_look.concerns("the road is long", "en") == ()


def test_a_failed_message_is_sent_again_once_however_often_it_is_pressed(hotline, mine):
    client, conversation = mine
    post(client, conversation, "reply", text="hola")
    failed = OutboxMessage.objects.get()
    OutboxMessage.objects.update(status="failed", reason="PhoneUnreachable")
    offered = client.get(f"/desk/c/{conversation}/").content.decode()

    for _ in range(2):
        client.post(f"/desk/c/{conversation}/again/{failed.pk}/")

    page = client.get(f"/desk/c/{conversation}/").content.decode()
    assert f"/again/{failed.pk}/" in offered
    assert hotline.replies(conversation) == ["hola", "hola"]
    assert f"/again/{failed.pk}/" not in page
    assert "Sent once more below" in page


def test_what_did_not_fail_cannot_be_sent_again(hotline, mine):
    client, conversation = mine
    post(client, conversation, "reply", text="hola")

    answer = client.post(f"/desk/c/{conversation}/again/{OutboxMessage.objects.get().pk}/")

    assert answer.status_code == 404
    assert hotline.replies(conversation) == ["hola"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a\0b",
        "\U0001f600" * 50,
        "\u200fשלום\u200e",
        "'; --",
        "{{ 7*7 }}",
    ],
)
def test_a_bad_reply_is_words_and_nothing_else(hotline, mine, text):
    client, conversation = mine

    post(client, conversation, "reply", text=text)
    page = client.get(f"/desk/c/{conversation}/").content.decode()

    kept = text.replace("\0", "")
    assert hotline.replies(conversation) == [kept]
    assert f'dir="auto">{escape(kept)}</p>' in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("what", ["reply", "note"])
def test_signs_that_turn_the_writing_do_not_go_and_it_is_said(hotline, mine, what):
    client, conversation = mine
    hidden = "abre \u202egnp.exe\u202c o \u2067esto\u2069 \u202bahora\u202c"

    page = client.post(f"/desk/c/{conversation}/{what}/", {"text": hidden}, headers=HX).content.decode()
    again = post(client, conversation, what, text="\u200fשלום\u200e").headers["Location"]
    after = client.get(again).content.decode()

    assert "abre gnp.exe o esto ahora</p>" in page
    assert "were taken out of it" in page
    assert "\u200fשלום\u200e</p>" in after, "the marks that it is typed with stay"
    assert "were taken out of it" not in after


def test_a_long_thread_opens_from_its_end(hotline, staff):
    conversation = hotline.conversation(*[f"message {number}" for number in range(30)])
    sara, now = staff("sara"), timezone.now()

    short, whole = thread(conversation, sara, now, last=10), thread(conversation, sara, now, last=100)

    texts = [line.text for line in short.lines if line.who == "contact"]
    assert texts == [f"message {number}" for number in range(20, 30)]
    assert (short.earlier, whole.earlier) == (True, False)
    assert hotline.owner(conversation) == Owner.QUEUE
    assert desk.waiting()[0].count == 1
