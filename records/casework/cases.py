"""What staff change in a case. Each change and its audit row are one transaction; texts are sealed for the case.

Nothing here joins anything by itself: a conversation comes into a case by the hand of a worker, and what a
person writes about themselves never stands in one case with what somebody else writes about them.
What staff read lives in `records.casework.case_reading`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import transaction

from records import audit
from records.errors import KeptApart, LostClaim, NoConsent, Stale
from records.messages.intake import day_key_of
from records.models import (
    Case,
    CaseConsent,
    CaseLink,
    CaseNote,
    CaseReferral,
    CaseTask,
    Conversation,
    Service,
    Staff,
)
from records.sealing.keys import new_key, wrap_case_key
from records.sealing.readers import destroy_boxes
from records.states import CaseState, Consent, ConsentKind, ReferralState, Role

OVER = (CaseState.CLOSED, CaseState.REFERRED)
Part = TypeVar("Part", CaseNote, CaseTask, CaseConsent, CaseReferral)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is known in a case. `fields` are HTCDS fields, `events` its historic events; all of it is sealed."""

    call_them: str = field(default="", repr=False)  # the name they want to be called by
    reach: str = field(default="", repr=False)  # how and where to reach them
    safe_time: str = field(default="", repr=False)
    safe_word: str = field(default="", repr=False)
    never: tuple[str, ...] = ()  # write_first, call, leave_message, tell_family
    situation: str = field(default="", repr=False)
    ended_why: str = field(default="", repr=False)
    fields: dict[str, Any] = field(default_factory=dict, repr=False)
    events: tuple[dict[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> CaseFacts:
        """The facts as they were stored."""
        return cls(**{**stored, "never": tuple(stored.get("never", ())), "events": tuple(stored.get("events", ()))})


def open_case(
    staff: Staff,
    about: Role,
    now: datetime,
    *,
    conversation_id: int | None = None,
    language: str = "",
    facts: CaseFacts | None = None,
) -> int:
    """Open a case, with the conversation it comes from if there is one. Return its number.

    Raises:
        KeptApart: the conversation is of another kind, or in a case already.
        LostClaim: the conversation was erased.
    """
    with transaction.atomic():
        case = Case(about=about, holder=staff, opened_by=staff, opened_at=now, touched_at=now, language=language)
        case.day_key = day_key_of(now)
        key = new_key()
        case.wrapped_key = wrap_case_key(case.day_key.open(), key, case.uid)
        case.seal_facts(key, asdict(facts or CaseFacts()))
        case.save(force_insert=True)
        _record("case_opened", case, staff, now, about=str(about.value))
        if conversation_id is not None:
            _link(case, key, conversation_id, staff, now)
        return int(case.pk)


def link(case_id: int, conversation_id: int, staff: Staff, now: datetime) -> None:
    """Put one more conversation into a case, because a worker says that it belongs there.

    Raises:
        KeptApart: it is of another kind, or in a case already.
        LostClaim: case or conversation is gone.
    """
    with transaction.atomic():
        case = _held(case_id)
        _link(case, case.open_key(), conversation_id, staff, now)
        _touch(case, now)


def unlink(case_id: int, conversation_id: int, staff: Staff, now: datetime) -> None:
    """Take a conversation out of a case again."""
    with transaction.atomic():
        case = _held(case_id)
        links = CaseLink.objects.filter(case=case, conversation_id=conversation_id).select_related("conversation")
        found = links.first()
        if found is None:
            return
        uid = found.conversation.uid
        found.delete()
        _touch(case, now)
        audit.record("case_unlinked", now, staff=staff, conversation_uid=uid, details={"case": case.pk})


def fits(about: str, role: str | None) -> bool:
    """True when a conversation of this role may stand in a case about that: not known yet fits either."""
    return role is None or (role == Role.SELF) == (about == Role.SELF)


def change_facts(case_id: int, facts: CaseFacts, version: int, staff: Staff, now: datetime) -> None:
    """Replace what is known.

    Raises:
        Stale: somebody else changed it since `version`.
        LostClaim: the case is gone.
    """
    with transaction.atomic():
        case = _held(case_id)
        if case.version != version:
            raise Stale
        key = case.open_key()
        before = case.open_facts(key)
        after = asdict(facts)
        case.seal_facts(key, after)
        _touch(case, now)
        changed = sorted(name for name in after if _plain(after[name]) != _plain(before.get(name)))
        _record("case_facts", case, staff, now, changed=changed)


def set_state(case_id: int, state: CaseState, staff: Staff, now: datetime) -> None:
    """Move the case on; closing it starts the clock of its erasure."""
    with transaction.atomic():
        case = _held(case_id)
        if case.sealed_at is not None and state not in OVER:
            # Taken up again: its key goes back under the key of its day, by whoever can open it.
            case.wrapped_key = wrap_case_key(case.day_key.open(), case.open_key(), case.uid)
            case.sealed_at = None
            destroy_boxes([case.uid])
        case.state = state
        case.closed_at = (case.closed_at or now) if state in OVER else None
        _touch(case, now)
        _record("case_state", case, staff, now, to=str(state.value))


def assign(case_id: int, to: Staff, staff: Staff, now: datetime) -> None:
    """Give the case to a colleague."""
    with transaction.atomic():
        case = _held(case_id)
        case.holder = to
        _touch(case, now)
        _record("case_assigned", case, staff, now, to=to.pk)


def add_note(case_id: int, text: str, staff: Staff, now: datetime, *, share: bool = False, token: str | None) -> None:
    """Keep a note. The same form again is the same note."""
    _add(CaseNote(share=share), case_id, {"text": text}, staff, now, token, "case_note")


def add_task(
    case_id: int, text: str, staff: Staff, now: datetime, *, due_at: datetime | None, to: Staff, token: str | None
) -> None:
    """Keep a task for somebody."""
    _add(CaseTask(due_at=due_at, assigned_to=to), case_id, {"text": text}, staff, now, token, "case_task")


def finish_task(case_id: int, task_id: int, staff: Staff, now: datetime, *, done: bool) -> None:
    """Mark a task as done, or as open again."""
    with transaction.atomic():
        case = _held(case_id)
        by = {"done_at": now, "done_by": staff} if done else {"done_at": None, "done_by": None}
        if CaseTask.objects.filter(case=case, pk=task_id).update(**by):
            _touch(case, now)
            _record("case_task_done" if done else "case_task_open", case, staff, now, task=task_id)


def add_consent(
    case_id: int,
    kind: ConsentKind,
    staff: Staff,
    now: datetime,
    *,
    given: bool,
    how: str,
    limits: Sequence[str],
    words: str = "",
    service: Service | None = None,
    token: str | None,
) -> None:
    """Keep an answer. A later one of the same kind follows it; the earlier one stays as it was."""
    row = CaseConsent(kind=kind, given=given, how=how, limits=list(limits), service=service)
    _add(row, case_id, {"text": words}, staff, now, token, "case_consent", kind=str(kind.value), given=given)


def standing(case_id: int, kind: ConsentKind, service_id: int | None = None) -> CaseConsent | None:
    """The yes that counts now: the newest answer of this kind, for this service if one is named; None after a no."""
    answers = CaseConsent.objects.filter(case_id=case_id, kind=kind)
    if service_id is not None:
        answers = answers.filter(service_id=service_id)
    newest = answers.order_by("-at", "-pk").first()
    return newest if newest is not None and newest.given else None


def add_referral(
    case_id: int,
    staff: Staff,
    now: datetime,
    *,
    service: Service | None,
    words: dict[str, str],
    reason: str,
    follow_up_on: date | None,
    token: str | None,
) -> None:
    """Note that the person was told of a service. Telling the service about them is `move_referral`."""
    row = CaseReferral(service=service, reason=reason, follow_up_on=follow_up_on, changed_at=now)
    _add(row, case_id, words, staff, now, token, "case_referral", service=service.pk if service else None)


def move_referral(case_id: int, referral_id: int, state: ReferralState, staff: Staff, now: datetime) -> None:
    """Say what became of a referral.

    Raises:
        NoConsent: the service would be told of the person, who has not said yes to that service.
    """
    with transaction.atomic():
        case = _held(case_id)
        row = CaseReferral.objects.filter(case=case, pk=referral_id).first()
        if row is None:
            raise LostClaim
        if state == ReferralState.MADE:
            row.consent = standing(case_id, ConsentKind.SHARE, row.service_id)
            if row.consent is None:
                raise NoConsent
        row.state, row.changed_at = state, now
        row.save()
        _touch(case, now)
        _record("case_referral_moved", case, staff, now, referral=row.pk, to=str(state.value))


def note_export(case_id: int, staff: Staff, now: datetime, *, form: str, consent: CaseConsent) -> None:
    """Audit that a case was taken out of the system: in which form, on which consent."""
    with transaction.atomic():
        _record("case_exported", _held(case_id), staff, now, form=form, consent=consent.pk)


def _add(
    row: Part,
    case_id: int,
    words: dict[str, str],
    staff: Staff,
    now: datetime,
    token: str | None,
    action: str,
    **details: audit.Detail,
) -> None:
    with transaction.atomic():
        case = _held(case_id)
        if token:  # the same words of the same form are one row; other words of it are another
            token = f"{token}.{hashlib.sha256(repr(sorted(words.items())).encode()).hexdigest()[:16]}"
        if token and type(row).objects.filter(client_token=token).exists():
            return
        row.case, row.staff, row.at, row.client_token = case, staff, now, token
        row.seal(case.open_key(), words)
        row.save(force_insert=True)
        if isinstance(row, CaseConsent) and row.kind == ConsentKind.KEEP:
            case.kept = row.given
        _touch(case, now)
        _record(action, case, staff, now, row=row.pk, **details)


def _link(case: Case, key: bytes, conversation_id: int, staff: Staff, now: datetime) -> None:
    rows = Conversation.objects.select_for_update(of=("self",)).filter(pk=conversation_id)
    conversation = rows.first()
    if conversation is None:
        raise LostClaim
    if not fits(case.about, conversation.role):
        raise KeptApart
    in_case = CaseLink.objects.filter(conversation=conversation).first()
    if in_case is not None:
        if in_case.case_id == case.pk:
            return
        raise KeptApart
    CaseLink.objects.create(case=case, conversation=conversation, staff=staff, at=now)
    audit.record("case_linked", now, staff=staff, conversation_uid=conversation.uid, details={"case": case.pk})
    if case.kept is None and conversation.consent:
        # What they answered in the chat counts here too, as a record of its own.
        answer = CaseConsent(case=case, kind=ConsentKind.KEEP, given=conversation.consent == Consent.YES, how="chat")
        answer.staff, answer.at, answer.limits = staff, now, []
        answer.seal(key, {"text": ""})
        answer.save(force_insert=True)
        case.kept = answer.given
        case.save(update_fields=["kept"])


def _held(case_id: int) -> Case:
    """The case, held until the transaction ends."""
    case = Case.objects.select_for_update(of=("self",)).select_related("day_key").filter(pk=case_id).first()
    if case is None:
        raise LostClaim
    return case


def _touch(case: Case, now: datetime) -> None:
    case.touched_at = now
    case.version += 1
    case.save()


def _record(action: str, case: Case, staff: Staff, now: datetime, **details: audit.Detail) -> None:
    audit.record(action, now, staff=staff, details={"case": case.pk, **details})


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
