"""Demo accounts: known names and passwords, allowed only while no real channel is set up."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from records.models import Staff, StaffKey
from records.sealing.staff_keys import make_key
from records.states import READS, StaffRole


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account whose password anyone may know."""

    username: str
    alias: str
    role: StaffRole
    languages: tuple[str, ...]

    @property
    def password(self) -> str:
        return f"{self.username}-demo"


ACCOUNTS = (
    DemoAccount("sara", "Sara", StaffRole.WORKER, ("en", "id")),
    DemoAccount("ben", "Ben", StaffRole.WORKER, ("en", "es")),
    DemoAccount("nour", "Nour", StaffRole.SUPERVISOR, ("en", "my")),
    DemoAccount("admin", "Admin", StaffRole.ADMINISTRATOR, ("en",)),
    DemoAccount("audit", "Audit", StaffRole.AUDITOR, ("en",)),
)
SHOWN_ACCOUNTS = ACCOUNTS[:3]


class NotADemoError(RuntimeError):
    """Demo accounts are refused where a real channel is set up."""


def ensure_demo_accounts() -> tuple[DemoAccount, ...]:
    """Make the demo accounts that are missing, and return all.

    Raises:
        NotADemoError: a real channel is set up; nothing was made.
    """
    if not settings.LANTERN.demo:
        raise NotADemoError
    known = {staff.username: staff for staff in Staff.objects.filter(username__in=[a.username for a in ACCOUNTS])}
    keyed = set(StaffKey.objects.values_list("staff__username", flat=True))
    for account in ACCOUNTS:
        staff = known.get(account.username) or Staff.objects.create_user(
            account.username,
            account.password,
            alias=account.alias,
            role=account.role,
            languages=list(account.languages),
        )
        if account.role in READS and account.username not in keyed:
            make_key(staff, account.password, timezone.now())  # else nobody could open what is closed
    return ACCOUNTS


def demo_account(username: str) -> Staff | None:
    """The row of a demo account that the try-out page shows, if the name is one."""
    if username not in {account.username for account in SHOWN_ACCOUNTS}:
        return None
    return Staff.objects.filter(username=username, is_active=True).first()


def password_of(username: str) -> str:
    """The password of a demo account; it opens the person's key."""
    return next(account.password for account in ACCOUNTS if account.username == username)
