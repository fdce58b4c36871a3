"""Start: what must be true before a process begins. Each thing that is not is one sentence for the terminal."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lantern.config import Settings

if TYPE_CHECKING:
    from lantern.upgrade.steps import Plan

HOST = "127.0.0.1"
DEMO, LINE = "demo", "line"
REFUSED = 2  # the exit code of a process that cannot start as things are, and has said why
_KIND = "kind"
_PREPARING = "preparing.lock"
WRONG_KEY = (
    "The master key in use does not open what is kept here: put back the key that this line ran with; if the master key"
    " was changed since, put the earlier one into LANTERN_MASTER_KEY_OTHER"
)


class CannotStartError(Exception):
    """What is wrong and what would be right, in a sentence."""


def judge(settings: Settings) -> None:
    """Refuse a demo that is meant to be reached from outside.

    Raises:
        CannotStartError: the settings ask for it.
    """
    if settings.demo and settings.public_url:
        raise CannotStartError(
            "LANTERN_PUBLIC_URL: set, but no channel is. Without channels this is a demo, for this machine only:"
            " leave it out, or set up SMS (LANTERN_TWILIO_...) or Telegram (LANTERN_TELEGRAM_TOKEN)."
        )


def make_data_folder(settings: Settings) -> Path:
    """Return the data folder, readable by its owner only and kept for one kind of line.

    Raises:
        CannotStartError: it cannot be made, or a demo and a real line would share it.
    """
    data, kind = settings.data.resolve(), DEMO if settings.demo else LINE
    mark = data / _KIND
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        data.chmod(0o700)
        if not mark.exists():
            mark.write_text(kind, encoding="ascii")
        found = mark.read_text(encoding="ascii").strip()
    except OSError as problem:
        raise CannotStartError(
            f"LANTERN_DATA: cannot use the folder {data}: {problem.strerror}; choose another with --data FOLDER."
        ) from problem
    if found != kind:
        what = "a demo, whose passwords everybody knows" if found == DEMO else "a real line, which no demo may touch"
        raise CannotStartError(f"LANTERN_DATA: {data} belongs to {what}; choose another with --data FOLDER.")
    return data


def open_database(settings: Settings) -> None:
    """Make the tables if there are none, for a command of the operator.

    Raises:
        CannotStartError: the data folder cannot be used, or the tables are of another version, or some are missing.
    """
    judge_whole(_open(settings))


def judge_whole(found: Plan) -> None:
    """Refuse a database in which tables are missing that people need; without those that prove the audit it goes on.

    Raises:
        CannotStartError: such tables are missing.
    """
    from records import tables

    if tables.needed_to_answer(found.lost):
        raise CannotStartError(f"The database is not whole: {tables.what_to_do(found.lost)}.")


def _open(settings: Settings) -> Plan:
    from django.core.management import call_command

    from lantern.upgrade.steps import CannotUpgradeError, plan
    from records import tables

    make_data_folder(settings)
    try:
        found = plan()
    except CannotUpgradeError as problem:
        raise CannotStartError(str(problem)) from problem
    if tables.needed_to_answer(found.lost):
        return found
    if found.pending and not found.fresh:
        raise CannotStartError("The database is of an earlier version of this program: `./run upgrade` first.")
    if found.pending:
        call_command("migrate", verbosity=0)
    return found


def open_line(settings: Settings) -> None:
    """Open the database of a line that is there, for a command that only reads and says itself what is missing.

    Raises:
        CannotStartError: there is none here, or as `open_database` does; not where tables are missing.
    """
    from django.db import connection

    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        raise CannotStartError(
            f"LANTERN_DATA: there is no line in {settings.data.resolve()}, its database is missing;"
            " name the folder of the line with --data FOLDER."
        )
    _open(settings)


def judge_tables(settings: Settings) -> None:
    """Refuse to serve without tables, or with a master key that does not open what they hold.

    A database that is away is no reason: it is told by the health page, and comes back by itself.

    Raises:
        CannotStartError: there are none, or the key is another one.
    """
    from django.db import DatabaseError, connections
    from django.db.migrations.recorder import MigrationRecorder

    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        if not MigrationRecorder(connections["default"]).applied_migrations():
            raise CannotStartError("The tables are missing from the database: `./run upgrade` makes them.")
        judge_key()
    except DatabaseError:
        return
    finally:
        connections.close_all()  # what forks or hands over to threads begins without one


def judge_key(lost: Collection[str] = ()) -> None:
    """Refuse a master key that does not open what is here; with it nothing could be read, and nobody be found.

    `lost` are the tables that are missing: then whatever else is sealed tells.

    Raises:
        CannotStartError: it is another key.
    """
    from records.sealing.fitting import master_key_fits, master_key_fits_what_is_left

    if not (master_key_fits_what_is_left(lost) if lost else master_key_fits()):
        raise CannotStartError(f"{WRONG_KEY}.")


def judge_content() -> None:
    """Refuse content that cannot be used: without it the runner dies, or answers with less than it should.

    Raises:
        CannotStartError: what `./run check` says of the files, a line each.
    """
    from content.check import run
    from content.check.sources import every_file_loads

    problems = [str(problem) for problem in run([every_file_loads])]
    if problems:
        raise CannotStartError("\n".join([*problems, "Mend this, and start again when `./run check` says in order."]))


@contextlib.contextmanager
def preparing(data: Path) -> Iterator[None]:
    """Hold up whoever is to begin with tables in order, until they are; the kernel lets go whatever happens to us."""
    with (data / _PREPARING).open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def wait_until_prepared(data: Path) -> None:
    """Return once nobody prepares the tables any more."""
    with (data / _PREPARING).open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_SH)


def being_prepared(data: Path) -> bool:
    """True while somebody prepares the tables."""
    with (data / _PREPARING).open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def hold(data: Path) -> Iterator[None]:
    """Hold the data folder for one supervisor; the kernel lets go of it whatever happens to us.

    Raises:
        CannotStartError: another supervisor holds it.
    """
    with (data / "up.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            file.seek(0)
            by = file.read().strip()
            who = f" (process {by})" if by.isdigit() else ""
            raise CannotStartError(
                f"Lantern is already running{who} with the data folder {data}."
                " End that one first, or choose another folder with --data FOLDER and another --port."
            ) from problem
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def find_port_free(port: int) -> None:
    """Pass when our address can be taken.

    Raises:
        CannotStartError: it cannot.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                other = port + 1 if port < 65535 else 8080  # noqa: PLR2004 (the last port)
                raise CannotStartError(
                    f"Port {port} is in use by another program; choose another, for example --port {other}."
                ) from problem
            raise CannotStartError(
                f"Port {port} cannot be used: {problem.strerror}; choose another, for example --port 8080."
            ) from problem


def refuse_known_passwords(settings: Settings) -> None:
    """Refuse a real line on a database in which a demo account still has the password that everybody knows.

    Raises:
        CannotStartError: there is one.
    """
    if settings.demo:
        return
    from desk.demo import ACCOUNTS
    from records.models import Staff

    rows = {staff.username: staff for staff in Staff.objects.filter(username__in=[a.username for a in ACCOUNTS])}
    known = [a.username for a in ACCOUNTS if a.username in rows and rows[a.username].check_password(a.password)]
    if known:
        raise CannotStartError(
            f"The database holds accounts of a demo with passwords that everybody knows ({', '.join(known)});"
            " give the line a database of its own."
        )
