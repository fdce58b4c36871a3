"""Doctor for people: can anybody sign in, answer, help an account out, and be told at night?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db import Error as StorageError

from lantern.config import Settings
from lantern.doctor import UNREAD, Finding
from records.models import OnCallAddress, Staff
from records.sealing.readers import recovery_key
from records.states import READS, StaffRole


class PeopleCheck:
    """The accounts of this installation; a demo has its own."""

    name = "People"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def judge(self) -> Iterator[Finding]:
        """Say who is missing on the day somebody writes, or somebody is locked out."""
        if self._settings.demo:
            return
        try:
            active = [one for one in Staff.objects.filter(is_active=True) if one.has_usable_password()]
            reached = OnCallAddress.objects.filter(staff__in=active).exists()
            recovery = recovery_key()
        except StorageError:
            yield UNREAD
            return
        roles = Counter(one.role for one in active)
        if not active:
            yield Finding(sentence="nobody can sign in at the desk; `./run staff add NAME` makes an account")
        else:
            yield from _roles(roles)
            if not reached:
                yield Finding(
                    sentence="nobody is told at night: no account has an address for when somebody waits;"
                    " `./run staff reach NAME --by sms --address +...`, and on-call shifts at the desk"
                )
        if recovery is None:
            yield Finding(
                sentence="there is no recovery key: what is closed is lost with the passwords of who may read it;"
                " `./run staff add` prints one with the first account, `./run keys recovery` makes one"
            )


def _roles(roles: Counter[str]) -> Iterator[Finding]:
    if not any(roles[role] for role in READS):
        yield Finding(
            sentence="there is no worker and no supervisor: nobody can answer a person;"
            " `./run staff add NAME --role worker` makes an account"
        )
    elif not roles[StaffRole.WORKER]:
        yield Finding(sentence="there is no worker; the supervisors answer by themselves", wrong=False)
    administrators = roles[StaffRole.ADMINISTRATOR]
    if not administrators:
        yield Finding(
            sentence="there is no administrator: nobody at the desk can let in or help out who is locked out;"
            " `./run staff add NAME --role administrator` makes an account"
        )
    elif administrators == 1:
        yield Finding(
            sentence="there is one administrator; who locks themselves out needs another, so two are right", wrong=False
        )
