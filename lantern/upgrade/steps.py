"""The steps of an upgrade: what is pending, whether it can be done now, a backup, the migrations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from lantern.backup.engine import engine
from lantern.backup.make import make
from lantern.backup.places import Places
from lantern.upgrade.kinds import objections
from records import tables

_LOCK_S = 5  # so long a webhook may wait for a table; Twilio gives up after 15


class CannotUpgradeError(Exception):
    """What is in the way, and what to do, in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What lies between the tables as they are and this version."""

    fresh: bool  # there are no tables yet
    pending: tuple[str, ...]
    objections: tuple[str, ...]  # what the running program cannot live with
    lost: tuple[str, ...] = ()  # tables that should be there, and are not


def plan() -> Plan:
    """Read the database. Raises CannotUpgradeError when it is of a later version than the program."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    unknown = sorted(f"{app}.{name}" for app, name in loader.applied_migrations if app in loader.migrated_apps
                     and (app, name) not in loader.graph.nodes and (app, name) not in _replaced(loader))  # fmt: skip
    if unknown:
        raise CannotUpgradeError(
            f"The database is of a later version ({unknown[-1]}); bring the program up to it, or `./run restore` a"
            " backup of this version."
        )
    steps = [step for step, _ in executor.migration_plan(loader.graph.leaf_nodes())]
    state = loader.project_state([key for key in loader.applied_migrations if key in loader.graph.nodes])
    earlier = bool(steps and loader.applied_migrations)
    lost = tables.lost(state.apps if earlier else None)
    found: list[str] = []
    for step in steps:
        found += objections(step, state)
        state = step.mutate_state(state, preserve=False)
    return Plan(
        fresh=not loader.applied_migrations and not lost,
        pending=tuple(str(step) for step in steps),
        objections=tuple(found),
        lost=lost,
    )


def _replaced(loader: object) -> set[tuple[str, str]]:
    return {one for step in loader.disk_migrations.values() for one in step.replaces}  # type: ignore[attr-defined]


def bring_up(
    place: Places, kind: str, now: datetime, say: Callable[[str], object], *, alone: bool = False
) -> str | None:
    """Do what is pending. Return the id of the backup made before; `alone` says that nothing else runs.

    Raises:
        CannotUpgradeError: it cannot be done now; nothing has changed.
        BackupError: no backup could be made; nothing has changed.
    """
    found = plan()
    if not found.pending:
        return None
    if found.lost:
        raise CannotUpgradeError(f"The tables cannot be brought up: {tables.what_to_do(found.lost)}.")
    if found.objections and not found.fresh and not alone and engine().in_use():
        listed = "\n".join(f"  {one}" for one in found.objections)
        raise CannotUpgradeError(
            f"The line is running, and this cannot be done beside it:\n{listed}\n"
            "Stop the line (Ctrl-C where `./run` stands, or stop its services), run `./run upgrade` again, and start it"
            " anew. It takes a minute; what people write meanwhile is kept by Twilio and Telegram and fetched."
        )
    backup_id = None
    if not found.fresh:
        backup_id = make(place, kind, now).backup_id
        say(f"Backup made and tried: {backup_id}.")
    _migrate()
    return backup_id


def _migrate() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # A table that is busy must not hold up the webhooks.
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{_LOCK_S}s"])
    try:
        call_command("migrate", verbosity=0)
    except OperationalError as problem:
        raise CannotUpgradeError(
            f"A table was busy for more than {_LOCK_S} s, so the migration gave up; the line goes on as before."
            " Run `./run upgrade` again in a quieter minute, or stop the line first."
        ) from problem
    finally:
        connection.close()
