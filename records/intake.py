"""Stores an incoming message in one short transaction: contact, open conversation, one sealed row.

The same (channel, provider_id) twice is the first row again, also when both arrive at
once. Judges nothing; what the message means is for the runner.
"""

from __future__ import annotations

import hashlib
import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from django.db import IntegrityError, transaction

from records.keys import lookup_hash, new_key, seal_address, wrap_data_key, wrap_day_key
from records.models import Contact, Conversation, DayKey, InboxMessage
from records.states import Owner

_TRIES = 4
_ID_CHARS = 190


@dataclass(frozen=True, slots=True)
class StoredInbound:
    """Where the message is; `created` is false when it was there before."""

    created: bool
    conversation_id: int
    inbox_id: int


def store_inbound(
    *,
    channel: str,
    provider_id: str,
    address: str,
    kind: str,
    text: str,
    button: str | None = None,
    media: Sequence[str] = (),
    hint_language: str | None = None,
    received_at: datetime,
) -> StoredInbound:
    """Store one message; when this returns it is on disk.

    `provider_id` and `kind` are kept in clear: they must not hold an address.
    """
    provider_id = _plain_id(provider_id)
    payload = {"text": text, "button": button, "media": list(media), "hint_language": hint_language}
    for last_try in (False,) * (_TRIES - 1) + (True,):
        known = _already_stored(channel, provider_id)
        if known:
            return known
        try:
            with transaction.atomic():
                return _store(channel, provider_id, address, kind, payload, received_at)
        except IntegrityError:
            # Someone stored the same message, the same contact, or erased the conversation at this moment.
            if last_try:
                raise
    raise AssertionError("unreachable")


def _already_stored(channel: str, provider_id: str) -> StoredInbound | None:
    row = (
        InboxMessage.objects.filter(channel=channel, provider_id=provider_id)
        .values_list("conversation_id", "pk")
        .first()
    )
    return StoredInbound(created=False, conversation_id=row[0], inbox_id=row[1]) if row else None


def _store(
    channel: str, provider_id: str, address: str, kind: str, payload: dict[str, Any], received_at: datetime
) -> StoredInbound:
    contact = _contact(channel, address, received_at)
    conversation = open_conversation_of(contact, received_at)
    row = InboxMessage(
        conversation=conversation, channel=channel, provider_id=provider_id, kind=kind, received_at=received_at
    )
    row.seal_payload(conversation.open_key(), payload)
    row.save(force_insert=True)
    return StoredInbound(created=True, conversation_id=conversation.pk, inbox_id=row.pk)


def _contact(channel: str, address: str, now: datetime) -> Contact:
    hashed = lookup_hash(channel, address)
    contact = Contact.objects.filter(channel=channel, address_hash=hashed).first()
    if contact is None:
        contact = Contact(uid=uuid.uuid4(), channel=channel, address_hash=hashed, created_at=now)
        contact.address = seal_address(address, contact.uid)
        contact.save(force_insert=True)
    return contact


def open_conversation_of(contact: Contact, now: datetime) -> Conversation:
    """The contact's conversation that is not closed; a new one with a new key if there is none.

    It is held until the transaction ends, so that nobody closes or erases it around the new message.
    """
    still_open = contact.conversations.exclude(owner=Owner.CLOSED).select_related("day_key")
    conversation = still_open.select_for_update(of=("self",)).first()
    if conversation is None:
        uid = uuid.uuid4()
        day_key = day_key_of(now)
        conversation = Conversation.objects.create(
            uid=uid,
            contact=contact,
            day_key=day_key,
            wrapped_key=wrap_data_key(day_key.open(), new_key(), uid),
            lane_hash=zlib.crc32(uid.bytes),
            started_at=now,
        )
    return conversation


def day_key_of(now: datetime) -> DayKey:
    """The key of the day, made by whoever needs it first."""
    day = now.astimezone(timezone.utc).date()
    fresh = {"wrapped": lambda: wrap_day_key(new_key(), day), "created_at": now}
    return DayKey.objects.get_or_create(date=day, defaults=fresh)[0]


def _plain_id(provider_id: str) -> str:
    """A provider's id as it can stand in a column; a strange one is replaced by its hash."""
    if len(provider_id) <= _ID_CHARS and provider_id.isascii() and provider_id.isprintable():
        return provider_id
    return "sha256:" + hashlib.sha256(provider_id.encode("utf-8", "surrogatepass")).hexdigest()
