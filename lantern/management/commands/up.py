"""Everything on this machine: database, model, Redis, web, runner, delivery and clock under one supervisor."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections import deque
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connections
from django.utils import timezone

from content.source import ROOT
from lantern import start
from lantern.management.base import BaseCommand
from lantern.management.commands.bot import cores
from lantern.supervisor import Program, Supervisor
from records.counted import counted

_TELL_EVERY_S = 5.0  # while something takes long
_ASK_EVERY_S = 0.5  # the health page
_NEVER_SEEN, _LOADING = "runner is silent", "loading the model"  # it beats first when it can take turns
_LAST_LINES = 20  # of a training that failed


class Command(BaseCommand):
    """`./run`"""

    help = "everything on this machine under one supervisor"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the flags."""
        parser.add_argument("--lanes", type=int, default=cores(), help="turns taken at the same time (one a core)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring everything up and keep it up until told to end."""
        self._line = settings.LANTERN
        try:
            start.judge(self._line)
            data = start.make_data_folder(self._line)
            with start.hold(data):
                start.find_port_free(self._line.port)
                code = self._run(data, max(1, options["lanes"]))
        except start.CannotStartError as problem:
            self._say(str(problem))
            raise SystemExit(2) from problem
        raise SystemExit(code)

    def _run(self, data: Path, lanes: int) -> int:
        from lantern.beating import say_ended
        from lantern.model_store import model_path

        self._supervisor = Supervisor(self._say)
        self._supervisor.obey_signals()
        self._environ = {"LANTERN_DATA": str(data), "LANTERN_PORT": str(self._line.port)}
        told_by = None
        try:
            self._start_redis(data)
            runner = self._program("runner", "bot", "--lanes", str(lanes))
            trained = model_path(data).exists()
            with start.preparing(data):
                if trained:
                    self._supervisor.start(runner)  # loads the model meanwhile, and waits before it needs a table
                self._prepare_database()
            if self._prepare_model(data):
                if not trained:
                    self._supervisor.start(runner)
                for name in ("web", "delivery", "clock"):
                    self._supervisor.start(self._program(name, name))
                self._wait_until_healthy()
                while not self._supervisor.ending:
                    self._supervisor.step()
        finally:
            told_by = self._supervisor.told_by
            if told_by:
                self._say("Ending.")
            self._supervisor.end()
        say_ended()
        connections.close_all()
        if told_by is None:
            return 1
        return 128 + signal.SIGINT if told_by == signal.SIGINT else 0

    def _prepare_database(self) -> None:
        from desk.demo import ensure_demo_accounts
        from lantern.beating import forget_earlier
        from records.audit_chain import link_new

        try:
            self._say("Database: " + ("PostgreSQL." if self._line.database_url else "SQLite in the data folder."))
            self._bring_up()
            start.judge_key()
            start.refuse_known_passwords(self._line)
            self._erase_again()
            if self._line.demo:
                ensure_demo_accounts()
            link_new()  # the chain begins here: accounts without one would be told of as an audit that was emptied
            forget_earlier()
        except OperationalError as problem:
            where = "DATABASE_URL" if self._line.database_url else "LANTERN_DATA"
            first = str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__
            raise start.CannotStartError(f"{where}: the database cannot be used: {first}") from problem
        finally:
            connections.close_all()

    def _bring_up(self) -> None:
        """Make the tables, or bring those of an earlier version up; those of a real line after a backup."""
        from lantern.backup import BackupError
        from lantern.backup.places import places
        from lantern.upgrade.steps import CannotUpgradeError, bring_up, plan

        try:
            start.judge_whole(plan())
        except CannotUpgradeError as problem:
            raise start.CannotStartError(str(problem)) from problem
        if self._line.demo:
            call_command("migrate", verbosity=0)
            return
        try:
            bring_up(places(self._line), start.LINE, timezone.now(), self._say)
        except (BackupError, CannotUpgradeError) as problem:
            raise start.CannotStartError(f"The tables are of an earlier version. {problem}") from problem

    def _erase_again(self) -> None:
        """Whatever way a copy of the database came here: what was erased since it was made goes again."""
        from lantern.backup import BackupError
        from lantern.backup.ledger import carry_out, ledger_of
        from records.erasure.retention import erase_again

        try:
            back = carry_out(ledger_of(self._line), timezone.now()).again
        except (BackupError, OSError) as problem:
            self._say(f"{problem} Until then nothing keeps in mind what is erased, for the day a backup is restored.")
            back = erase_again(timezone.now())
        if back:
            what = counted(back, "conversation or case", "conversations and cases")
            self._say(f"Erased {what} that a restored backup had brought back.")

    def _prepare_model(self, data: Path) -> bool:
        from lantern.model_store import model_path

        wanted = model_path(data)
        if wanted.exists():
            self._say("Model: there already.")
            return not self._supervisor.ending
        self._say("Model: none for today's data yet. Training one; this takes some minutes, and only the first time.")
        heard: deque[str] = deque(maxlen=_LAST_LINES)
        self._supervisor.start(self._program("train", "train", again=False, hear=heard.append))
        began = told = time.monotonic()
        while "train" not in self._supervisor.exit_codes and not self._supervisor.ending:
            self._supervisor.step()
            if time.monotonic() - told >= _TELL_EVERY_S:
                told = time.monotonic()
                self._say(f"  still training: {told - began:.0f} s")
        if self._supervisor.ending:
            return False
        if not wanted.exists():
            self._say("\n".join([*heard, "The model could not be trained; the lines above say why."]))
            return False
        self._say(f"  trained in {time.monotonic() - began:.0f} s")
        return True

    def _start_redis(self, data: Path) -> None:
        from lantern import redis_server

        plan = redis_server.plan(str(self._line.redis_url) if self._line.redis_url else None, data)
        if plan.program is not None:
            self._supervisor.start(plan.program)
        until = time.monotonic() + 5
        while plan.url and not (there := redis_server.answers(plan.url)) and time.monotonic() < until:
            self._supervisor.step()
        if plan.url is None:
            self._say("Redis: none on this machine. All works without it, by looking twice a second.")
        elif not there:
            self._say("Redis: does not answer. All works without it, by looking twice a second, until it does.")
        else:
            self._say("Redis: " + ("one of our own, on a socket file." if plan.program else "the one in REDIS_URL."))
        if plan.url:
            self._environ["REDIS_URL"] = plan.url

    def _program(self, name: str, *words: str, **fields: Any) -> Program:
        command = (sys.executable, "-m", "lantern", *words)
        return Program(name=name, command=command, environ=dict(self._environ), folder=ROOT, **fields)

    def _wait_until_healthy(self) -> None:
        self._say("Starting web, runner, delivery and clock.")
        began = told = time.monotonic()
        while not self._supervisor.ending:
            refusing = self._supervisor.ended_with(start.REFUSED)
            if refusing:  # later it is started again and again: the line takes messages, and may be mended meanwhile
                raise start.CannotStartError(f"{refusing[0]} cannot start; the lines above say why.")
            problem = self._problem()
            if problem is None:
                self._tell_addresses()
                return
            if time.monotonic() - told >= _TELL_EVERY_S:
                told = time.monotonic()
                self._say(f"  not ready yet after {told - began:.0f} s: {problem}")
            asked = time.monotonic()
            while time.monotonic() - asked < _ASK_EVERY_S and not self._supervisor.ending:
                self._supervisor.step(0.1)

    def _problem(self) -> str | None:
        """What the health page says is wrong, or None when all is well."""
        try:
            with urllib.request.urlopen(self._address("healthz"), timeout=2):  # noqa: S310 (our own address)
                return None
        except urllib.error.HTTPError as answer:
            try:
                return ", ".join(_LOADING if one == _NEVER_SEEN else one for one in json.load(answer)["problems"])
            except (ValueError, KeyError, TypeError):
                return f"the health page answers {answer.code}"
        except OSError:
            return "web does not answer"

    def _tell_addresses(self) -> None:
        lines = ["", "Lantern is up."]
        if self._line.demo:
            lines.append(f"  Try-out page  {self._address('try/')}")
        lines.append(f"  Desk          {self._address('desk/')}")
        lines.append(f"  Health        {self._address('healthz')}")
        lines += ["", *self._how_to_sign_in(), "", "Ctrl-C ends everything."]
        print("\n".join(lines), flush=True)  # noqa: T201 (this is the terminal)

    def _how_to_sign_in(self) -> list[str]:
        from desk.demo import ACCOUNTS
        from records.models import Staff

        if self._line.demo:
            lines = [
                "This is a demo: no channel is set up, and it answers on this machine only.",
                "Accounts of the desk:",
            ]
            return lines + [f"  {a.username:<8}{a.password:<14}{a.role.label.lower()}" for a in ACCOUNTS]
        some = Staff.objects.filter(is_active=True).exists()
        connections.close_all()
        return (
            ["Sign in with an account of the desk."] if some else ["No accounts yet: ./run staff add NAME makes one."]
        )

    def _address(self, path: str) -> str:
        return f"http://{start.HOST}:{self._line.port}/{path}"

    def _say(self, sentence: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; what runs must still be ended in order
            print(sentence, file=sys.stderr, flush=True)  # noqa: T201 (this is the terminal)
