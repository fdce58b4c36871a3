"""Staff accounts: who may sign in at the desk. Accounts are switched off, never deleted.

The first account of a real line prints the organisation's recovery key, once.
"""

from __future__ import annotations

import getpass
import re
import sys
import warnings
from argparse import ArgumentParser
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from lantern.management.base import BaseCommand
from lantern.start import CannotStartError, open_database
from records.counted import counted
from records.states import Actor, StaffRole

if TYPE_CHECKING:
    from records.models import Staff

REACHED = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "sms": re.compile(r"\+[0-9]{7,15}"),
    "telegram": re.compile(r"[0-9]{4,20}"),
}
REACHED_AS = {"email": "name@example.org", "sms": "+12025550100", "telegram": "123456789"}
LONGEST_NAME = 64


class Command(BaseCommand):
    """`./run staff add|list|password|off|on|reach`"""

    help = "add, list and change staff accounts"
    requires_system_checks = ()
    writes_audit = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what can be asked for."""
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="a new account; asks for its password")
        add.add_argument("name", help="what the person signs in with")
        add.add_argument("--role", choices=StaffRole.values, default=StaffRole.WORKER.value)
        add.add_argument("--alias", help="the name that contacts see (the account's name if left out)")
        add.add_argument("--language", action="append", default=[], metavar="CODE", help="a language; may be repeated")
        invite = acts.add_parser("invite", help="a link by which a person makes their own account")
        invite.add_argument("name", help="what the person signs in with")
        invite.add_argument("--role", choices=StaffRole.values, default=StaffRole.WORKER.value)
        password = acts.add_parser("password", help="a new password for an account")
        password.add_argument("name")
        password.add_argument("--recovery-stdin", action="store_true", help="read the recovery key after the password")
        password.add_argument("--even-if-lost", action="store_true", help="also if closed cases open for nobody then")
        for with_password in (add, password):
            with_password.add_argument("--password-stdin", action="store_true", help="read it from standard input")
        for act, text in (
            ("off", "an account can no longer sign in"),
            ("on", "and can again"),
            ("factors", "forget the second factors and sign out everywhere: the next sign-in sets up new ones"),
            ("sign-out", "sign an account out everywhere"),
        ):
            acts.add_parser(act, help=text).add_argument("name")
        reach = acts.add_parser(
            "reach", help="how somebody is reached while they are on call; an empty address forgets it"
        )
        reach.add_argument("name")
        reach.add_argument("--by", choices=("email", "sms", "telegram"), required=True)
        reach.add_argument("--address", required=True, help="an e-mail address, a number with +, or a Telegram chat id")
        acts.add_parser("list", help="all accounts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one thing, with its audit row."""
        try:
            open_database(settings.LANTERN)
        except CannotStartError as problem:
            self._refuse(str(problem))
        act = options["act"]
        if act == "list":
            self._list()
        elif act == "add":
            self._add(options)
        elif act == "invite":
            self._invite(options)
        elif act == "reach":
            self._reach(options)
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
        from records.staff.staff_access import set_password

        name = self._name(options)
        if Staff.objects.filter(username=name).exists():
            self._refuse(f"there is an account {name} already; ./run staff list shows all")
        unknown = [code for code in options["language"] if code not in languages()]
        if unknown:
            self._refuse(f"--language: {', '.join(unknown)} is not known; known: {' '.join(sorted(languages()))}")
        of = Staff(username=name, alias=options["alias"] or name)
        password = self._password(of, from_stdin=options["password_stdin"])
        with transaction.atomic():
            self._recovery_key()
            staff = Staff.objects.create_user(
                name, None, alias=options["alias"] or name, role=options["role"], languages=options["language"]
            )
            set_password(staff, password, timezone.now())
            _audit("staff_added", staff)
        self.stderr.write(f"{name} can sign in at the desk as {options['role']}.")

    def _name(self, options: dict[str, Any]) -> str:
        name: str = options["name"].strip()
        if not name or len(name) > LONGEST_NAME or any(letter.isspace() for letter in name):
            self._refuse(f"found {options['name']!r}; a name has 1 to {LONGEST_NAME} letters and no spaces")
        return name

    def _change(self, act: str, options: dict[str, Any]) -> None:
        from records.models import Staff
        from records.staff.staff_access import end_sessions, switch, take_factors

        staff = Staff.objects.filter(username=options["name"]).first()
        if staff is None:
            self._refuse(f"there is no account {options['name']!r}; ./run staff list shows all")
            return
        done = {
            "password": "has a new password, and is signed out everywhere",
            "off": "can no longer sign in",
            "on": "can sign in again",
            "factors": "is signed out everywhere, and sets up new second factors at the next sign-in",
            "sign-out": "is signed out everywhere",
        }[act]
        now = timezone.now()
        if act == "password":
            back = self._set_password(staff, options)
        elif act == "factors":
            back = take_factors(staff, now, by=None)
        elif act == "sign-out":
            back = end_sessions(staff, now, by=None)
        else:
            back = switch(staff, now, on=act == "on", by=None)
        self.stderr.write(f"{staff.username} {done}.")
        if back:
            what = counted(back, "conversation that they held is", "conversations that they held are")
            self.stderr.write(f"{what} back in the queue.")

    def _set_password(self, staff: Staff, options: dict[str, Any]) -> int:
        """Give it; return how many conversations went back to the queue."""
        from records.errors import WouldLose, WrongKey
        from records.staff.staff_access import give_password

        password = self._password(staff, from_stdin=options["password_stdin"])
        recovery = sys.stdin.readline().strip() if options["recovery_stdin"] else ""
        try:
            given = give_password(
                staff, password, timezone.now(), recovery=recovery, even_if_lost=options["even_if_lost"]
            )
        except WrongKey:
            self._refuse("that is not the recovery key; nothing was changed")
        except WouldLose:
            self._refuse(
                "some closed conversations open only for this person; give the recovery key (--recovery-stdin),"
                " or --even-if-lost if they may be lost"
            )
        else:
            if given.lost:
                what = counted(given.lost, "closed conversation does", "closed conversations do")
                self.stderr.write(f"{what} not open for them now; a supervisor can share the keys.")
            return given.given_back

    def _invite(self, options: dict[str, Any]) -> None:
        from records.models import Staff
        from records.staff.staff_access import invite

        name = self._name(options)
        if Staff.objects.filter(username__iexact=name).exists():
            self._refuse(f"there is an account {name} already; ./run staff list shows all")
        self._recovery_key()
        token = invite(name, StaffRole(options["role"]), timezone.now(), by=None)
        base = settings.LANTERN.public_url or f"http://127.0.0.1:{settings.LANTERN.port}"
        self.stdout.write(f"{base}/desk/invitation/{token}/")
        self.stderr.write(f"With this link {name} makes their own account as {options['role']}.")
        self.stderr.write("Give it by hand. It works once, for 72 hours, and is shown only now.")

    def _recovery_key(self) -> None:
        """A real line has a recovery key before anybody has a key that it must be able to recover."""
        from records.sealing.readers import recovery_key
        from records.sealing.staff_keys import new_recovery_key

        if settings.LANTERN.demo or recovery_key() is not None:
            return
        self.stderr.write(f"Recovery key of the organisation: {new_recovery_key(timezone.now())}")
        self.stderr.write("Print it and put it into a safe; it is stored nowhere and shown only now.")

    def _reach(self, options: dict[str, Any]) -> None:
        from records.models import Staff
        from records.staff.alerts import set_address
        from records.states import AlertBy

        staff = Staff.objects.filter(username=options["name"]).first()
        if staff is None:
            self._refuse(f"there is no account {options['name']!r}; ./run staff list shows all")
            return
        by, address = AlertBy(options["by"]), options["address"].strip()
        if address and not REACHED[by.value].fullmatch(address):
            self._refuse(f"--address does not look like one for {by.value}; right is {REACHED_AS[by.value]}")
        set_address(staff, by, address, timezone.now())
        self.stderr.write(f"{staff.username} is reached by {by.value}." if address else f"{by.value} is forgotten.")

    def _password(self, of: Staff, *, from_stdin: bool) -> str:
        if from_stdin:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password, again = self._asked_twice()
            if again != password:
                self._refuse("the two are not the same")
        try:
            validate_password(password, user=of)
        except ValidationError as problem:
            self._refuse(" ".join(problem.messages))
        return password

    def _asked_twice(self) -> tuple[str, str]:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # it would read, and show, what it can get
            try:
                return (
                    getpass.getpass("Password: ", stream=sys.stderr),
                    getpass.getpass("Once more: ", stream=sys.stderr),
                )
            except (EOFError, getpass.GetPassWarning):
                self._refuse("there is no terminal to ask at; --password-stdin takes the password from standard input")

    def _refuse(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        raise SystemExit(2)


def _audit(action: str, staff: Staff) -> None:
    from records.audit import record

    record(action, timezone.now(), actor=Actor.SYSTEM, details={"staff": staff.pk, "role": staff.role})
