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
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import Field, Model

from records import audit
from records.models import Contact, Conversation, DayKey, InboxMessage
from records.sealing.keys import lookup_hashes, new_key, seal_address, wrap_data_key, wrap_day_key
from records.staff.notices import FLOOD, raise_notice
from records.states import CANARY, Actor, Owner

M = TypeVar("M", bound=Model)

_TRIES = 4
_SAME = (
    "SELECT conversation_id, id FROM records_inboxmessage WHERE channel = %s AND provider_id = %s UNION ALL"
    " SELECT 0, 0 FROM records_providertrace WHERE channel = %s AND provider_id = %s"  # erased
)
_KNOWN = "SELECT id FROM records_contact WHERE channel = %s AND address_hash IN ({}) ORDER BY id"
_NEWEST = (
    "SELECT received_at > %s, flood FROM records_inboxmessage WHERE conversation_id = %s ORDER BY id DESC LIMIT %s"
)
_CONVERSATION = ("id", "uid", "owner", "wrapped_key", "day_key", "line", "sealed_at")
_DAY_KEY = ("id", "date", "wrapped")
_OPEN = (
    "SELECT c.id, c.uid, c.owner, c.wrapped_key, c.day_key_id, c.line, c.sealed_at, d.id, d.date, d.wrapped"
    " FROM records_conversation c JOIN records_daykey d ON d.id = c.day_key_id"
    " WHERE c.contact_id = %s AND c.owner <> %s"
)
_HOLD = " FOR UPDATE OF c"
_ID_CHARS = 190
_LINE_CHARS = 64
# People in need write several short messages in a row, not ten in a minute; programs and angry thumbs do.
FLOOD_AFTER, FLOOD_WITHIN = 10, timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StoredInbound:
    """Where the message is; `created` is false when it was there before."""

    created: bool
    conversation_id: int  # 0 for a message that has been erased
    inbox_id: int
    owner: Owner | None = None  # who answers, when it is new


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
    line: str = "",
    written_at: datetime | None = None,
    message_id: str = "",
    pressed_on: str = "",
) -> StoredInbound:
    """Store one message; when this returns it is on disk.

    `provider_id`, `message_id`, `kind` and `line` (our own number) are kept in clear: they must not hold an address.
    A message that was erased stays erased, however often it is delivered.
    """
    provider_id = _plain_id(provider_id)
    payload: dict[str, Any] = {"text": text, "button": button, "media": list(media), "hint_language": hint_language}
    if pressed_on:
        payload["pressed_on"] = pressed_on
    for last_try in (False,) * (_TRIES - 1) + (True,):
        known = _already_stored(channel, provider_id)
        if known:
            return known
        try:
            with transaction.atomic():
                contact = _contact(channel, address, received_at)
                line = line[:_LINE_CHARS]
                conversation = open_conversation_of(contact, received_at, canary=channel == CANARY, line=line)
                if line and conversation.line != line:
                    conversation.line = line
                    conversation.save(update_fields=["line"])
                row = InboxMessage(
                    conversation=conversation,
                    channel=channel,
                    provider_id=provider_id,
                    kind=kind,
                    received_at=received_at,
                    written_at=written_at,
                    message_id=message_id[:_LINE_CHARS],
                )
                return _store(conversation, row, payload)
        except IntegrityError:
            # Someone stored the same message, the same contact, or erased the conversation at this moment.
            if last_try:
                raise
    raise AssertionError("unreachable")


def _already_stored(channel: str, provider_id: str) -> StoredInbound | None:
    row = _row(_SAME, (channel, provider_id) * 2)
    return StoredInbound(created=False, conversation_id=row[0], inbox_id=row[1]) if row else None


def _row(sql: str, values: Sequence[Any]) -> Any:
    """The first row. Written out because the ORM takes longer to put a statement together than it takes to run."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()


def _store(conversation: Conversation, row: InboxMessage, payload: dict[str, Any]) -> StoredInbound:
    earlier, floods = _floods(conversation, row.received_at)
    row.flood = floods
    row.seal_payload(conversation.open_key(), payload)
    row.save(force_insert=True)
    if floods and not earlier:
        raise_notice(FLOOD, row.received_at, conversation_id=conversation.pk)
        audit.record("flood", row.received_at, actor=Actor.SYSTEM, conversation_uid=conversation.uid)
    return StoredInbound(
        created=True, conversation_id=conversation.pk, inbox_id=row.pk, owner=Owner(conversation.owner)
    )


def _floods(conversation: Conversation, now: datetime) -> tuple[bool, bool]:
    """Whether the message before was one of a flood, and whether this one is."""
    since = connection.ops.adapt_datetimefield_value(now - FLOOD_WITHIN)
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, (since, conversation.pk, FLOOD_AFTER))
        latest = cursor.fetchall()
    many = len(latest) == FLOOD_AFTER and bool(latest[-1][0])
    return bool(latest and latest[0][1]), many


def _contact(channel: str, address: str, now: datetime) -> Contact:
    hashes = lookup_hashes(channel, address)
    known = _row(_KNOWN.format(", ".join(["%s"] * len(hashes))), (channel, *hashes))
    if known:
        return Contact(pk=known[0])
    contact = Contact(uid=uuid.uuid4(), channel=channel, address_hash=hashes[0], created_at=now)
    contact.address = seal_address(address, contact.uid)
    contact.save(force_insert=True)
    return contact


def open_conversation_of(contact: Contact, now: datetime, *, canary: bool = False, line: str = "") -> Conversation:
    """The contact's conversation that is not closed; a new one with a new key if there is none.

    It is held until the transaction ends, so that nobody closes or erases it around the new message.
    """
    conversation = _held_conversation(contact)
    if conversation is None:
        uid = uuid.uuid4()
        day_key = day_key_of(now)
        conversation = Conversation.objects.create(
            uid=uid,
            contact=contact,
            day_key=day_key,
            wrapped_key=wrap_data_key(day_key.open(), new_key(), uid),
            lane_hash=zlib.crc32(uid.bytes),
            line=line,
            started_at=now,
            canary=canary,
        )
    return conversation


def _held_conversation(contact: Contact) -> Conversation | None:
    """The open one, held, with what storing needs; its other fields are read when they are asked for."""
    row = _row(_OPEN + (_HOLD if connection.features.has_select_for_update else ""), (contact.pk, Owner.CLOSED))
    if row is None:
        return None
    cut = len(_CONVERSATION)
    conversation = _read(Conversation, _CONVERSATION, row[:cut])
    conversation.contact, conversation.day_key = contact, _read(DayKey, _DAY_KEY, row[cut:])
    return conversation


def _read(model: type[M], names: Sequence[str], values: Sequence[Any]) -> M:
    """A row of a model, of these fields in the model's order, whatever type the database has for them."""
    fields: list[Field[Any, Any]] = [model._meta.get_field(name) for name in names]  # type: ignore[misc]
    plain = [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    return model.from_db(connection.alias, [field.attname for field in fields], plain)


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
