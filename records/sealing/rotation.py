"""Rotation: moves everything that lies under another master key to the first one, while the line works.

Small batches, each row by compare-and-set; what was moved is not touched again, so it can be
stopped and begun anew at any time. The keys of conversations stay: they lie under the keys of days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import IntegrityError, models, transaction

from records.audit_chain import PURPOSE as KEPT_SECRET
from records.models import (
    Authenticator,
    Contact,
    Conversation,
    DayKey,
    EarlierPasswords,
    KeptSecret,
    OnCallAddress,
    Practice,
    ProviderTrace,
    StaffKey,
)
from records.models.access import FACTOR, factor_place
from records.models.practice import PRACTICE, practice_place
from records.sealing import keys, staff_keys
from records.sealing.closing import SAFE_WORD, word_place
from records.sealing.seal import place
from records.staff import earlier_passwords

Progress = Callable[[str, int, int], None]  # what, how many are done, of how many
_TELL_EVERY = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """One column that lies directly under the master key."""

    name: str
    model: type[models.Model]
    column: str
    purpose: str
    place_of: Callable[[models.Model], str]


def kinds() -> tuple[Kind, ...]:
    """Every column that lies directly under the master key."""
    return _KINDS


def rotate(tell: Progress) -> int:
    """Move all of it. Return how many values still lie under another key: 0 when that key can be thrown away."""
    for kind in kinds():
        rows = kind.model._default_manager.exclude(**{f"{kind.column}__isnull": True})
        total = rows.count()
        for at, row in enumerate(_each(rows), 1):
            _move(kind, row)
            if at % _TELL_EVERY == 0 or at == total:
                tell(kind.name, at, total)
    return sum(left().values())


def left() -> dict[str, int]:
    """How many values of each kind need another master key than the first."""
    found = {}
    for kind in kinds():
        rows = kind.model._default_manager.exclude(**{f"{kind.column}__isnull": True})
        found[kind.name] = sum(1 for row in _each(rows) if not _is_moved(kind, row))
    return found


def _each(rows: models.QuerySet[models.Model]) -> Iterator[models.Model]:
    """All rows by their ids, a page at a time: no cursor stays open while others write."""
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:_TELL_EVERY]):
        yield from page
        last = page[-1].pk


def _is_moved(kind: Kind, row: models.Model) -> bool:
    sealed = bytes(getattr(row, kind.column))
    return keys.lies_under_the_first(kind.purpose, sealed, kind.place_of(row))


def _move(kind: Kind, row: models.Model) -> None:
    if _is_moved(kind, row):
        return
    before = getattr(row, kind.column)
    plain = keys.open_for(kind.purpose, bytes(before), kind.place_of(row))
    changed: dict[str, object] = {kind.column: keys.seal_for(kind.purpose, plain, kind.place_of(row))}
    if isinstance(row, Contact):
        changed["address_hash"] = keys.lookup_hash(row.channel, plain.decode("utf-8", "surrogatepass"))
    try:
        with transaction.atomic():
            kind.model._default_manager.filter(pk=row.pk, **{kind.column: before}).update(**changed)
    except IntegrityError:
        # A process that knew only one of the keys has met this address again; `left` counts this row.
        return


def _addresses(name: str, model: type[models.Model], of: str) -> Kind:
    return Kind(name, model, "address", keys.ADDRESS, lambda row: keys.address_place(row.uid, of))  # type: ignore[attr-defined]


_KINDS = (
    _addresses("contacts", Contact, keys.CONTACT),
    _addresses("addresses on call", OnCallAddress, keys.ON_CALL),
    _addresses("addresses to erase", ProviderTrace, keys.TRACE),
    Kind("keys of days", DayKey, "wrapped", keys.DAY_KEY, lambda row: keys.day_key_place(row.date)),  # type: ignore[attr-defined]
    Kind("keys of staff", StaffKey, "by_password", staff_keys.PURPOSE, staff_keys.key_place),  # type: ignore[arg-type]
    Kind(
        "earlier passwords",
        EarlierPasswords,
        "sealed",
        earlier_passwords.PURPOSE,
        earlier_passwords.earlier_place,  # type: ignore[arg-type]
    ),
    Kind("authenticators", Authenticator, "sealed", FACTOR, factor_place),  # type: ignore[arg-type]
    Kind("safe words", Conversation, "kept_word", SAFE_WORD, word_place),  # type: ignore[arg-type]
    Kind("practice talks", Practice, "sealed", PRACTICE, practice_place),  # type: ignore[arg-type]
    Kind("secrets", KeptSecret, "sealed", KEPT_SECRET, lambda row: place("keptsecret", "sealed", row.name)),  # type: ignore[attr-defined]
)
