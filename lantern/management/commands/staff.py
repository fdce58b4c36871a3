"""Staff accounts: who may sign in at the desk. Accounts are switched off, never deleted."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from lantern.start import CannotStartError, make_data_folder
from records.states import Actor, StaffRole

if TYPE_CHECKING:
    from records.models import Staff

SHORTEST_PASSWORD = 12
LONGEST_NAME = 64


class Command(BaseCommand):
    """`./run staff add|list|password|off|on`"""

    help = "add, list and change staff accounts"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="a new account; asks for its password")
        add.add_argument("name", help="what the person signs in with")
        add.add_argument("--role", choices=StaffRole.values, default=StaffRole.WORKER.value)
        add.add_argument("--alias", help="the name that contacts see (the account's name if left out)")
        add.add_argument("--language", action="append", default=[], metavar="CODE", help="a language; may be repeated")
        password = acts.add_parser("password", help="a new password for an account")
        password.add_argument("name")
        for with_password in (add, password):
            with_password.add_argument("--password-stdin", action="store_true", help="read it from standard input")
        for act, text in (("off", "an account can no longer sign in"), ("on", "and can again")):
            acts.add_parser(act, help=text).add_argument("name")
        acts.add_parser("list", help="all accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one thing, with its audit row."""
        from django.core.management import call_command

        try:
            make_data_folder(settings.LANTERN)
        except CannotStartError as problem:
            self._refuse(str(problem))
        call_command("migrate", verbosity=0)
        act = options["act"]
        if act == "list":
            self._list()
        elif act == "add":
            self._add(options)
        else:
            self._change(act, options)

    def _list(self) -> None:
        from records.models import Staff

        for staff in Staff.objects.order_by("username"):
            state = "active" if staff.is_active else "off"
            languages = ",".join(staff.languages) or "-"
            self.stdout.write(f"{staff.username:<20} {staff.role:<14} {state:<7} {languages:<12} {staff.alias}")

    def _add(self, options: dict[str, Any]) -> None:
        from content.languages import languages
        from records.models import Staff

        name = options["name"].strip()
        if not name or len(name) > LONGEST_NAME or any(letter.isspace() for letter in name):
            self._refuse(f"found {options['name']!r}; a name has 1 to {LONGEST_NAME} letters and no spaces")
        if Staff.objects.filter(username=name).exists():
            self._refuse(f"there is an account {name} already; ./run staff list shows all")
        unknown = [code for code in options["language"] if code not in languages()]
        if unknown:
            self._refuse(f"--language: {', '.join(unknown)} is not known; known: {' '.join(sorted(languages()))}")
        password = self._password(from_stdin=options["password_stdin"])
        with transaction.atomic():
            staff = Staff.objects.create_user(
                name, password, alias=options["alias"] or name, role=options["role"], languages=options["language"]
            )
            _audit("staff_added", staff)
        self.stderr.write(f"{name} can sign in at the desk as {options['role']}.")

    def _change(self, act: str, options: dict[str, Any]) -> None:
        from records.models import Staff

        staff = Staff.objects.filter(username=options["name"]).first()
        if staff is None:
            self._refuse(f"there is no account {options['name']!r}; ./run staff list shows all")
            return
        if act == "password":
            staff.set_password(self._password(from_stdin=options["password_stdin"]))
        else:
            staff.is_active = act == "on"
        with transaction.atomic():
            staff.save()
            _audit({"password": "staff_password_set", "off": "staff_off", "on": "staff_on"}[act], staff)
        done = {"password": "has a new password", "off": "can no longer sign in", "on": "can sign in again"}[act]
        self.stderr.write(f"{staff.username} {done}.")

    def _password(self, *, from_stdin: bool) -> str:
        if from_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password = getpass.getpass("Password: ", stream=sys.stderr)
            if getpass.getpass("Once more: ", stream=sys.stderr) != password:
                self._refuse("the two are not the same")
        if len(password) < SHORTEST_PASSWORD:
            self._refuse(f"too short; a password has at least {SHORTEST_PASSWORD} letters")
        return password

    def _refuse(self, sentence: str) -> None:
        self.stderr.write(sentence)
        raise SystemExit(2)


def _audit(action: str, staff: Staff) -> None:
    from records.audit import record

    record(action, timezone.now(), actor=Actor.SYSTEM, details={"staff": staff.pk, "role": staff.role})
