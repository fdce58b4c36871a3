"""A webhook that was answered is stored, once."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from records.models import Contact, Conversation, InboxMessage
from records.states import Owner
from tests.records.conftest import ANA


def test_the_same_webhook_twice_is_one_message(line):
    first = line.receives("hola", provider_id="SM1")

    again = line.receives("hola", provider_id="SM1")

    assert first.created
    assert not again.created
    assert (again.conversation_id, again.inbox_id) == (first.conversation_id, first.inbox_id)
    assert InboxMessage.objects.count() == 1


def test_the_same_id_on_another_channel_is_another_message(line):
    line.receives(provider_id="7", channel="sms")
    line.receives(provider_id="7", channel="telegram")

    assert InboxMessage.objects.count() == Contact.objects.count() == 2


def test_the_same_webhook_ten_times_at_once_is_one_message(line, together):
    stored = together(*[lambda: line.receives("hola", provider_id="SM1")] * 10)

    assert sum(one.created for one in stored) == 1
    assert len({one.inbox_id for one in stored}) == 1
    assert Contact.objects.count() == Conversation.objects.count() == InboxMessage.objects.count() == 1


def test_ten_first_messages_at_once_make_one_contact_and_one_conversation(line, together):
    stored = together(*[lambda n=n: line.receives("hola", provider_id=f"SM{n}") for n in range(10)])

    assert all(one.created for one in stored)
    assert Contact.objects.count() == Conversation.objects.count() == 1
    assert InboxMessage.objects.count() == 10


def test_a_message_to_a_closed_conversation_starts_a_new_one(line):
    first = line.receives()
    Conversation.objects.update(owner=Owner.CLOSED)

    second = line.receives()

    assert second.conversation_id != first.conversation_id
    assert Contact.objects.count() == 1


def test_a_second_open_conversation_of_a_contact_is_refused_by_the_database(line):
    from django.db import IntegrityError

    line.receives()
    line.receives(address="+15005550007")
    other = line.conversation()

    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.filter(pk=other.pk).update(contact=Contact.objects.first())


@pytest.mark.parametrize("text", ["", "a\x00b", "half \ud83d of a pair", "x" * 10_000, "မြန်မာ ไทย ខ្មែរ"])
def test_whatever_a_phone_sends_is_kept_as_it_came(line, text):
    line.receives(text, button="yes", media=["image/jpeg"], hint_language="my")

    row = line.inbox()[0]

    assert row.open_payload(line.conversation().open_key()) == {
        "text": text,
        "button": "yes",
        "media": ["image/jpeg"],
        "hint_language": "my",
    }


@pytest.mark.parametrize("provider_id", ["x" * 5_000, "nul\x00", "ünïcode"])
def test_a_strange_provider_id_is_stored_once_too(line, provider_id):
    line.receives(provider_id=provider_id)
    line.receives(provider_id=provider_id)

    assert InboxMessage.objects.count() == 1


def test_an_address_is_found_again_and_opens(line):
    line.receives(address=ANA)
    line.receives(address=ANA)

    assert Contact.objects.count() == 1
    assert line.contact().open_address() == ANA


def test_storing_takes_few_statements_and_one_commit(line, django_assert_max_num_queries):
    """The time itself is the benchmark's: a busy machine says nothing about us."""
    line.receives(provider_id="SM0")

    with django_assert_max_num_queries(10):
        line.receives(provider_id="SM1", address="+15005550007")
    with django_assert_max_num_queries(7):  # one of them looks whether they flood
        line.receives(provider_id="SM2")
    with django_assert_max_num_queries(1):
        line.receives(provider_id="SM0")


def test_what_is_stored_is_on_disk_and_what_is_deleted_is_overwritten(line):
    if connection.vendor != "sqlite":
        pytest.skip("settings of SQLite")

    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode", "secure_delete")
        }

    assert found == {"synchronous": 2, "journal_mode": "wal", "secure_delete": 1}
