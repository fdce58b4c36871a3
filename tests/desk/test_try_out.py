"""The try-out page: in a demo, on this machine, through the same doors as every message."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from desk import demo, phone
from records.models import Contact, Conversation, InboxMessage, OutboxMessage, Staff
from records.states import OutboxStatus

NUMBER = re.compile(r'<p class="number">(.*?)</p>')


@pytest.fixture
def visitor(db):
    client = Client(HTTP_HOST="127.0.0.1")
    client.get("/try/")
    return client


def _numbers(client):
    return NUMBER.findall(client.get("/try/").content.decode())


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "line.example.org"},
        {"host": "localhost", "x-forwarded-for": "10.0.0.1"},
        {"host": "localhost", "x-forwarded-host": "a.example"},
        {"host": "localhost", "forwarded": "for=10.0.0.1"},
    ],
)
@pytest.mark.parametrize("address", ["/try/", "/try/phone/sms/", "/try/events/"])
def test_what_comes_from_outside_is_refused(db, settings, headers, address):
    settings.ALLOWED_HOSTS = ["*"]

    assert Client().get(address, headers=headers).status_code == 403


def test_a_page_of_another_site_cannot_write_on_the_phones(visitor):
    answer = visitor.post("/try/phone/sms/send/", {"text": "hello"}, headers={"origin": "http://a.example"})

    assert answer.status_code == 403
    assert InboxMessage.objects.count() == 0


def test_with_a_real_channel_there_is_no_try_out_page_and_no_demo_account(db, settings):
    settings.LANTERN = replace(django_settings.LANTERN, telegram_token="1:x")

    assert Client(HTTP_HOST="localhost").get("/try/").status_code == 404
    with pytest.raises(demo.NotADemoError):
        demo.ensure_demo_accounts()
    assert Staff.objects.count() == 0


def test_what_is_typed_goes_through_intake_once(visitor):
    visitor.post("/try/phone/sms/send/", {"text": "hello"})

    row = InboxMessage.objects.get()
    assert (row.channel, row.kind) == ("sim-sms", "text")
    assert "hello" in visitor.get("/try/").content.decode()


def test_a_suggestion_is_typed_for_you(visitor):
    visitor.post("/try/phone/telegram/send/", {"hint": "hola, necesito ayuda", "text": ""})

    assert "hola, necesito ayuda" in visitor.get("/try/phone/telegram/").content.decode()


def test_the_phone_shows_what_reached_it_and_nothing_else(visitor):
    visitor.post("/try/phone/sms/send/", {"text": "hello"})
    conversation = Conversation.objects.get()
    for text, status in (("arrived", "sent"), ("still waiting", "waiting"), ("not safe", "dropped")):
        row = OutboxMessage(
            conversation=conversation, channel="sim-sms", author="bot", created_at=timezone.now(),
            not_before=timezone.now(), valid_for_s=600, status=OutboxStatus(status),
        )  # fmt: skip
        row.seal_payload(conversation.open_key(), text, ())
        row.save()

    page = visitor.get("/try/phone/sms/").content.decode()

    assert "arrived" in page
    assert "still waiting" not in page
    assert "not safe" not in page


def test_a_tapped_button_comes_back_as_a_button(visitor):
    visitor.post("/try/phone/telegram/send/", {"text": "hi"})
    conversation = Conversation.objects.get()
    row = OutboxMessage(
        conversation=conversation, channel="sim-telegram", author="bot", created_at=timezone.now(),
        not_before=timezone.now(), valid_for_s=600, status=OutboxStatus.SENT,
    )  # fmt: skip
    row.seal_payload(conversation.open_key(), "safe?", (("yes@1", "Yes"), ("no@1", "No")))
    row.save()

    visitor.post("/try/phone/telegram/send/", {"button": "yes@1"})

    tap = InboxMessage.objects.order_by("-pk").first()
    assert tap.kind == "button"
    assert tap.open_payload(conversation.open_key())["button"] == "yes@1"
    assert tap.open_payload(conversation.open_key())["text"] == "Yes"


def test_another_person_has_another_number_and_an_empty_phone(visitor):
    before = _numbers(visitor)
    visitor.post("/try/phone/sms/send/", {"text": "hello"})

    visitor.post("/try/phone/sms/another/", {"place": "US"})

    after = _numbers(visitor)
    assert after[0].startswith("+1202555")
    assert after[0] != before[0]
    assert after[1] == before[1]
    assert "hello" not in visitor.get("/try/phone/sms/").content.decode()


def test_two_visitors_have_two_phones(visitor):
    other = Client(HTTP_HOST="127.0.0.1")

    assert _numbers(other)[0] != _numbers(visitor)[0]


def test_numbers_fit_their_country():
    import phonenumbers

    for country in phone.NUMBERS:
        number = phonenumbers.parse(phone.fresh("sms", country).value)

        assert phonenumbers.is_possible_number(number)
        assert phonenumbers.region_code_for_country_code(number.country_code) == country


def test_a_forged_phone_is_not_believed(visitor):
    visitor.cookies["try-phones"] = '{"sms": ["+15005550006", "US"]}:forged'

    visitor.post("/try/phone/sms/send/", {"text": "hello"})

    assert Contact.objects.get().open_address() != "+15005550006"


@pytest.mark.parametrize("name", ["sara", "ben", "nour"])
def test_one_click_signs_in_at_the_desk(visitor, name):
    answer = visitor.post("/try/sign-in/", {"name": name, "frame": "1"}, follow=True)

    assert answer.request["PATH_INFO"] == "/desk/"
    assert f'id="me">{name}<' in answer.content.decode()


def test_the_phones_stay_when_somebody_sits_down_at_the_desk(visitor):
    before = _numbers(visitor)

    visitor.post("/try/sign-in/", {"name": "sara"})
    visitor.post("/try/sign-in/", {"name": "ben"})

    assert _numbers(visitor) == before


def test_only_demo_accounts_open_with_one_click(visitor, staff):
    staff("real")

    assert visitor.post("/try/sign-in/", {"name": "real"}).status_code == 404
    assert visitor.post("/try/sign-in/", {"name": "admin"}).status_code == 404


def test_demo_accounts_are_made_once_and_keep_what_was_changed(db):
    demo.ensure_demo_accounts()
    Staff.objects.filter(username="sara").update(alias="Sarah")

    accounts = demo.ensure_demo_accounts()

    assert Staff.objects.count() == len(accounts)
    assert Staff.objects.get(username="sara").alias == "Sarah"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning")
def test_another_country_is_another_number_at_once(line, open_page):
    page = open_page("/try/")
    before = page.inner_text(".phone.sms .number")

    page.select_option("#place-sms", "MX")
    page.wait_for_selector(".phone.sms .number >> text=+5255")

    assert before.startswith("+62")
    assert page.input_value("#place-sms") == "MX"
    assert page.problems == []
