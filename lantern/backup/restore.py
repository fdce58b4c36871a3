"""Puts a backup back: tried first, then erased again what was erased since, then set in place in one step.

At no moment does a database stand where the line would open it in which somebody is back who asked to be gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.loader import MigrationLoader

from lantern.backup import BackupError
from lantern.backup.engine import engine, instead
from lantern.backup.ledger import CarriedOut, Ledger, carry_out
from lantern.backup.make import Backup, check, inside, make
from lantern.backup.places import Places, alone
from records import audit, audit_chain
from records.counted import counted
from records.models import Beat, Case, Contact, Conversation, Staff
from records.states import Actor, Owner

_TELLS_OF_A_LINE = (Contact, Staff, Case)  # one row of these, and the place is not empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What is in place now."""

    backup_id: str
    made_at: datetime
    saved: Backup | None  # of what stood there before
    carried_out: CarriedOut
    conversations: int
    waiting: int  # for a person
    held: int  # by a person
    cases: int
    accounts: tuple[str, ...]  # that can sign in


def restore(place: Places, path: Path, kind: str, now: datetime, *, replace: bool, discard: bool) -> Restored:
    """Put a backup back. Raises BackupError; then nothing has changed."""
    if engine().in_use():
        raise BackupError(
            "The line is running, or something else has its database open. End it first (Ctrl-C where `./run` stands,"
            " or stop its services); what people write meanwhile is fetched afterwards."
        )
    with inside(place, path) as (label, manifest, body):
        _fits(manifest, kind)
        saved = _save(place, kind, now, replace=replace, discard=discard)
        with alone(place) as scratch, engine().restored(body, scratch) as name:
            with instead(name):
                check(manifest)
                made = _brought_up(place, label.backup_id, manifest, saved, now)
            engine().put_in_place(name)
    return made


def _save(place: Places, kind: str, now: datetime, *, replace: bool, discard: bool) -> Backup | None:
    """What stands at the place: nothing, or it is told to the ledger and backed up."""
    try:
        if not _is_line():
            return None
        if not replace:
            raise BackupError(
                "There is a line here already, with"
                f" {counted(Conversation.objects.count(), 'conversation', 'conversations')} and"
                f" {counted(Staff.objects.count(), 'account', 'accounts')}. --replace puts the backup in its place;"
                " what is there is backed up first."
            )
        Ledger(place.keys).keep(now)
        return None if discard else make(place, kind, now)
    except DatabaseError as problem:
        if replace and discard:
            return None
        raise BackupError(
            "The database that is here cannot be read, so it cannot be backed up first. Copy it elsewhere if somebody"
            " shall try to mend it; then --replace --discard puts the backup in its place, and it is gone."
        ) from problem


def _is_line() -> bool:
    name = connections.settings["default"]["NAME"]
    if connection.vendor == "sqlite" and not Path(str(name)).exists():
        return False
    tables = connection.introspection.table_names()
    return any(model._meta.db_table in tables and model._default_manager.exists() for model in _TELLS_OF_A_LINE)


def _fits(manifest: dict[str, Any], kind: str) -> None:
    if manifest["kind"] != kind:
        raise BackupError(
            f"This is the backup of a {manifest['kind']}, and here is a {kind}: they are never mixed. Set the channels"
            " as they were there, or choose another data folder."
        )
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    replaced = {f"{app}.{name}" for one in loader.disk_migrations.values() for app, name in one.replaces}
    unknown = sorted(set(manifest["migrations"]) - known - replaced)
    if unknown:
        raise BackupError(f"This backup was made by a later version ({unknown[-1]}); bring the program up to it first.")


def _brought_up(
    place: Places, backup_id: str, manifest: dict[str, Any], saved: Backup | None, now: datetime
) -> Restored:
    """The restored database as it may be answered from: today's tables, erased again, everybody signed out."""
    call_command("migrate", verbosity=0)
    carried_out = carry_out(Ledger(place.keys), now)
    Session.objects.all().delete()
    Beat.objects.all().delete()  # nobody who beat then is alive now
    details: dict[str, audit.Detail] = {"backup": backup_id, "again": carried_out.again, "asked": carried_out.asked}
    audit.record("restored", now, actor=Actor.SYSTEM, details=details)
    while audit_chain.link_new(now):
        pass
    return Restored(
        backup_id=backup_id,
        made_at=datetime.fromisoformat(manifest["made_at"]),
        saved=saved,
        carried_out=carried_out,
        conversations=Conversation.objects.count(),
        waiting=Conversation.objects.filter(owner=Owner.QUEUE).count(),
        held=Conversation.objects.filter(owner=Owner.STAFF).count(),
        cases=Case.objects.count(),
        accounts=tuple(Staff.objects.filter(is_active=True).order_by("username").values_list("username", flat=True)),
    )
