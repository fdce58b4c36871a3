"""Accounts: invited by a link that expires, accepted once, switched off at once; who is signed in where.

Each change and its audit row are one transaction. A link's secret is never stored, only its hash.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.sessions.models import Session
from django.db import transaction
from django_otp import devices_for_user

from records import audit
from records.errors import WouldLose, WrongInvitation, WrongKey
from records.models import BrokenGlass, Conversation, Invitation, Staff, StaffKey
from records.models.staff import ENDED, PASSWORD, SWITCHED, fresh_mark
from records.sealing import staff_keys
from records.sealing.readers import Reader, only_theirs, take_boxes
from records.staff import desk, earlier_passwords, seats
from records.states import READS, Actor, StaffRole

INVITED_FOR = timedelta(hours=72)
GLASS_FOR = timedelta(hours=1)


def invite(
    username: str,
    role: StaffRole,
    now: datetime,
    *,
    by: Staff | None,
    alias: str = "",
    languages: Sequence[str] = (),
    staff: Staff | None = None,
) -> str:
    """Make an invitation and return its secret: for a new account, or (`staff`) a new start for one that is there."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        if staff is not None:
            Invitation.objects.filter(staff=staff, used_at__isnull=True).delete()
        row = Invitation.objects.create(
            token_hash=_hash(token),
            username=username,
            alias=alias or username,
            role=role,
            languages=list(languages),
            staff=staff,
            made_by=by,
            made_at=now,
            expires_at=now + INVITED_FOR,
        )
        again = staff.pk if staff else None
        details: dict[str, audit.Detail] = {"invitation": row.pk, "role": role.value, "again": again}
        audit.record("staff_invited", now, actor=Actor.SYSTEM, staff=by, details=details)
    return token


@dataclass(frozen=True, slots=True)
class NewStart:
    """The secret of an account's new start, and how many conversations went back to the queue by it."""

    token: str = field(repr=False)
    given_back: int


def start_anew(staff: Staff, now: datetime, *, by: Staff | None) -> NewStart:
    """Shut an account to whoever has its password, its factors or an open window, and make the link of a new start."""
    with transaction.atomic():
        given = shut_out(staff, now, by=by)
        token = invite(staff.username, StaffRole(staff.role), now, by=by, alias=staff.alias, staff=staff)
    return NewStart(token, given)


def shut_out(staff: Staff, now: datetime, *, by: Staff | None) -> int:
    """End password, factors and sessions of an account. Return how many conversations went back to the queue.

    The three go together: while the password counts, without factors a thief would set up their own.
    """
    with transaction.atomic():
        if staff.has_usable_password():
            # It opens nothing behind this sign; its hash stays, so that nobody is let choose the lost one again.
            staff.password = f"{UNUSABLE_PASSWORD_PREFIX}{staff.password}"
        staff.save(update_fields=["password"])
        forget_factors(staff, now)
        return end_sessions(staff, now, by=by, why=desk.LOST)


def invitation(token: str, now: datetime) -> Invitation:
    """The invitation of this secret.

    Raises:
        WrongInvitation: there is none, it was used, it is too old, or whoever made it has been switched off.
    """
    rows = Invitation.objects.select_related("staff", "made_by")
    row = rows.filter(token_hash=_hash(token), used_at__isnull=True, expires_at__gt=now).first()
    if row is None or (row.made_by is not None and not row.made_by.is_active):
        raise WrongInvitation
    return row


def accept(token: str, password: str, now: datetime, *, recovery: str = "") -> Staff:
    """Make the account, or give it the new password; second factors are set up at the first sign-in.

    `recovery` is the organisation's recovery key or the old password: either opens what was closed.

    Raises:
        WrongInvitation: as in `invitation`, or the name was taken meanwhile.
        WrongKey: neither the recovery key nor the old password is what this person's key was wrapped by.
        WouldLose: some closed conversations would open for nobody any more.
    """
    with transaction.atomic():
        row = invitation(token, now)
        if not Invitation.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=now):
            raise WrongInvitation
        if row.staff is None and Staff.objects.filter(username__iexact=row.username).exists():
            raise WrongInvitation
        staff = row.staff or Staff.objects.create_user(
            row.username, None, alias=row.alias, role=row.role, languages=row.languages
        )
        reader = _by_old_password(staff, recovery)
        set_password(staff, password, now, reader=reader, recovery="" if reader else recovery)
        forget_factors(staff, now)
        audit.record("invitation_used", now, actor=Actor.SYSTEM, details={"invitation": row.pk, "staff": staff.pk})
    return staff


def set_password(
    staff: Staff,
    password: str,
    now: datetime,
    *,
    reader: Reader | None = None,
    recovery: str = "",
    even_if_lost: bool = False,
) -> int:
    """Give a new password. Return how many closed conversations this person cannot open by it any more.

    With their open key or the recovery key that is none; otherwise they get a new key pair.

    Raises:
        WrongKey: the recovery key does not open their key.
        WouldLose: nobody else could open some of it; `even_if_lost` goes on.
    """
    lost = 0
    with transaction.atomic():
        if recovery:
            reader = staff_keys.recover(staff, recovery)
        if reader is None and not recovery and not even_if_lost and only_theirs(staff).exists():
            raise WouldLose
        staff.set_password(password)
        earlier_passwords.remember(staff, password)
        staff.session_mark = fresh_mark(PASSWORD)
        staff.save(update_fields=["password", "session_mark"])
        if staff.role in READS:
            if reader is not None:
                staff_keys.change_password(staff, reader, password)
            else:
                had = StaffKey.objects.filter(staff=staff).first()
                lost = had.boxes.count() if had else 0
                staff_keys.make_key(staff, password, now)
                if recovery:
                    lost = max(0, lost - staff_keys.restore_boxes(staff, recovery))
        audit.record("staff_password_set", now, actor=Actor.SYSTEM, details={"staff": staff.pk, "lost": lost})
    return lost


@dataclass(frozen=True, slots=True)
class PasswordGiven:
    """What a password from somebody else has cost its person."""

    lost: int  # closed conversations that they cannot open by it any more
    given_back: int


def give_password(
    staff: Staff, password: str, now: datetime, *, recovery: str = "", even_if_lost: bool = False
) -> PasswordGiven:
    """A new password from the operator: signed out everywhere, and what they hold goes back to the queue.

    Raises:
        WrongKey, WouldLose: as `set_password`.
    """
    with transaction.atomic():
        lost = set_password(staff, password, now, recovery=recovery, even_if_lost=even_if_lost)
        return PasswordGiven(lost, _let_go(staff, now, desk.LOST))


def forget_factors(staff: Staff, now: datetime) -> int:
    """Take away the second factors of an account: the next sign-in sets up new ones. Return how many there were."""
    devices = list(devices_for_user(staff, confirmed=None))
    for device in devices:
        device.delete()
    if devices:
        audit.record("factors_forgotten", now, actor=Actor.SYSTEM, details={"staff": staff.pk, "count": len(devices)})
    return len(devices)


def take_factors(staff: Staff, now: datetime, *, by: Staff | None) -> int:
    """Take away the second factors, and sign the account out everywhere. Return how many went back to the queue.

    An open window would set up new ones without a password: also that of whoever has the lost phone.
    """
    with transaction.atomic():
        forget_factors(staff, now)
        return end_sessions(staff, now, by=by, why=desk.LOST)


def switch(staff: Staff, now: datetime, *, on: bool, by: Staff | None) -> int:
    """Let an account sign in or not. Off is at once, in every open window, and its boxes are destroyed.

    What they hold goes back to the queue; return how many.
    """
    with transaction.atomic():
        staff.is_active = on
        staff.session_mark = fresh_mark(SWITCHED)
        staff.save(update_fields=["is_active", "session_mark"])
        if not on:
            take_boxes(staff)
            Invitation.objects.filter(staff=staff, used_at__isnull=True).delete()
        details: dict[str, audit.Detail] = {"staff": staff.pk, "role": staff.role}
        audit.record("staff_on" if on else "staff_off", now, actor=Actor.SYSTEM, staff=by, details=details)
        return 0 if on else _let_go(staff, now, desk.SWITCHED_OFF)


def end_sessions(staff: Staff, now: datetime, *, by: Staff | None, why: str = desk.SIGNED_OUT) -> int:
    """Sign an account out wherever it is signed in; what they hold goes back to the queue. Return how many."""
    with transaction.atomic():
        Staff.objects.filter(pk=staff.pk).update(session_mark=fresh_mark(ENDED))
        audit.record("sessions_ended", now, actor=Actor.SYSTEM, staff=by, details={"staff": staff.pk})
        return _let_go(staff, now, why)


def forget_old_sessions(now: datetime) -> None:
    """Drop what is left of sessions that nobody ended: it tells who worked when, and opens nothing any more."""
    over = Session.objects.filter(expire_date__lt=now)
    if over.exists():
        over.delete()


def break_glass(conversation: Conversation, staff: Staff, reason: str, now: datetime) -> BrokenGlass:
    """Let this person read a conversation that is not theirs, for an hour; supervisors see it."""
    with transaction.atomic():
        row = BrokenGlass.objects.create(
            staff=staff, conversation_uid=conversation.uid, reason=reason, at=now, until=now + GLASS_FOR
        )
        details: dict[str, audit.Detail] = {"reason": reason}
        audit.record("glass_broken", now, staff=staff, conversation_uid=conversation.uid, details=details)
    return row


def glass_is_broken(conversation_uid: uuid.UUID, staff: Staff, now: datetime) -> bool:
    """True while this person has given a reason for reading it."""
    return BrokenGlass.objects.filter(staff=staff, conversation_uid=conversation_uid, until__gt=now).exists()


def _let_go(staff: Staff, now: datetime, why: str) -> int:
    """Away at once, and nobody waits for them: it may be long until they can answer again. Return how many waited."""
    seats.set_away(staff, now, from_break=True)
    return len(desk.give_back_for(staff, now, why=why))


def _by_old_password(staff: Staff, given: str) -> Reader | None:
    try:
        return staff_keys.open_key(staff, given) if given else None
    except WrongKey:
        return None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
