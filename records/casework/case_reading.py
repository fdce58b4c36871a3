"""What staff read of cases: lists without a word of content, and one case opened. Reading one is audited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Min, Q, QuerySet

from records import audit
from records.casework.cases import OVER, CaseFacts, fits
from records.models import AuditEvent, Case, CaseConsent, CaseLink, CaseNote, CaseReferral, CaseTask, Staff
from records.states import CaseState, ConsentKind, Owner, ReferralState, Role

_SITTING = timedelta(minutes=5)  # a page that is opened again and again is one reading


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """A case in a list: nothing of it is opened."""

    id: int
    about: Role
    state: CaseState
    language: str
    holder: str
    mine: bool
    opened_at: datetime
    touched_at: datetime
    next_due: datetime | None
    kept: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A conversation in the case."""

    conversation_id: int
    owner: Owner
    started_at: datetime
    fits: bool  # false: it turned out to be of another kind and should be taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """A note, opened."""

    id: int
    at: datetime
    who: str
    share: bool
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """A task, opened."""

    id: int
    who: str
    due_at: datetime | None
    late: bool
    done_at: datetime | None
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """An answer, opened; `stands` is true for the one that counts now."""

    id: int
    kind: ConsentKind
    given: bool
    stands: bool
    how: str
    limits: tuple[str, ...]
    service_id: int | None
    service: str
    at: datetime
    who: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """A referral, opened."""

    id: int
    service_id: int | None
    state: ReferralState
    reason: str
    follow_up_on: date | None
    late: bool
    at: datetime
    changed_at: datetime
    organization: str
    service: str
    details: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A case as the person at the desk reads it."""

    id: int
    about: Role
    state: CaseState
    language: str
    version: int
    kept: bool | None
    holder_id: int | None
    holder: str
    opened_at: datetime
    touched_at: datetime
    closed_at: datetime | None
    facts: CaseFacts = field(repr=False)
    links: tuple[LinkRow, ...]
    notes: tuple[NoteRow, ...] = field(repr=False)
    tasks: tuple[TaskRow, ...] = field(repr=False)
    consents: tuple[ConsentRow, ...] = field(repr=False)
    referrals: tuple[ReferralRow, ...] = field(repr=False)


def cases_of(staff: Staff, *, everything: bool, over: bool = False, limit: int = 200) -> list[CaseEntry]:
    """Cases this person may open, those with the nearest due task first; `everything` is a supervisor's view."""
    rows = _readable(staff, everything=everything)
    rows = rows.filter(state__in=OVER) if over else rows.exclude(state__in=OVER)
    rows = rows.annotate(due=Min("casetasks__due_at", filter=Q(casetasks__done_at__isnull=True)))
    entries = [_entry(row, staff) for row in rows.select_related("holder").order_by("-touched_at")[:limit]]
    far = max((entry.next_due for entry in entries if entry.next_due), default=None)
    return sorted(entries, key=lambda entry: (entry.next_due is None, entry.next_due or far))


def may_read(case_id: int, staff: Staff, *, everything: bool) -> bool:
    """True for who holds it, has a task in it, or holds one of its conversations; for supervisors always."""
    return _readable(staff, everything=everything).filter(pk=case_id).exists()


def case_of(conversation_id: int) -> int | None:
    """The case that a conversation is in."""
    return CaseLink.objects.filter(conversation_id=conversation_id).values_list("case_id", flat=True).first()


def read_case(case_id: int, staff: Staff, now: datetime) -> OpenCase:
    """Open a case for this person; leaves an audit row, one a sitting.

    Raises:
        Case.DoesNotExist: it was erased.
        SealBroken: something stored does not open.
    """
    case = Case.objects.select_related("day_key", "holder").get(pk=case_id)
    key = case.open_key()
    opened = OpenCase(
        id=case.pk,
        about=Role(case.about),
        state=CaseState(case.state),
        language=case.language,
        version=case.version,
        kept=case.kept,
        holder_id=case.holder_id,
        holder=_name(case.holder),
        opened_at=case.opened_at,
        touched_at=case.touched_at,
        closed_at=case.closed_at,
        facts=CaseFacts.of(case.open_facts(key)),
        links=_links(case),
        notes=_notes(case, key),
        tasks=_tasks(case, key, now),
        consents=_consents(case, key),
        referrals=_referrals(case, key, now),
    )
    _record_reading(case, staff, now)
    return opened


def _readable(staff: Staff, *, everything: bool) -> QuerySet[Case]:
    if everything:
        return Case.objects.all()
    task = Q(pk__in=CaseTask.objects.filter(assigned_to=staff, done_at__isnull=True).values("case"))
    held = Q(
        pk__in=CaseLink.objects.filter(
            conversation__owner=Owner.STAFF, conversation__claimed_by=staff
        ).values("case")
    )  # fmt: skip
    return Case.objects.filter(Q(holder=staff) | task | held)


def _entry(row: Case, staff: Staff) -> CaseEntry:
    return CaseEntry(
        id=row.pk,
        about=Role(row.about),
        state=CaseState(row.state),
        language=row.language,
        holder=_name(row.holder),
        mine=row.holder_id == staff.pk,
        opened_at=row.opened_at,
        touched_at=row.touched_at,
        next_due=getattr(row, "due", None),
        kept=row.kept,
    )


def _links(case: Case) -> tuple[LinkRow, ...]:
    rows = CaseLink.objects.filter(case=case).select_related("conversation").order_by("conversation__started_at")
    return tuple(
        LinkRow(
            conversation_id=row.conversation_id,
            owner=Owner(row.conversation.owner),
            started_at=row.conversation.started_at,
            fits=fits(case.about, row.conversation.role),
        )
        for row in rows
    )


def _notes(case: Case, key: bytes) -> tuple[NoteRow, ...]:
    rows = CaseNote.objects.filter(case=case).select_related("staff").order_by("-at", "-pk")
    return tuple(
        NoteRow(id=row.pk, at=row.at, who=_name(row.staff), share=row.share, text=row.opened(key)["text"])
        for row in rows
    )


def _tasks(case: Case, key: bytes, now: datetime) -> tuple[TaskRow, ...]:
    rows = CaseTask.objects.filter(case=case).select_related("assigned_to").order_by("done_at", "due_at", "pk")
    made = [
        TaskRow(
            id=row.pk,
            who=_name(row.assigned_to),
            due_at=row.due_at,
            late=row.done_at is None and row.due_at is not None and row.due_at < now,
            done_at=row.done_at,
            text=row.opened(key)["text"],
        )
        for row in rows
    ]
    # The two databases put rows without a date at different ends.
    return tuple(sorted(made, key=lambda task: (task.done_at is not None, task.due_at is None, task.due_at or now)))


def _consents(case: Case, key: bytes) -> tuple[ConsentRow, ...]:
    rows = CaseConsent.objects.filter(case=case).select_related("staff", "service").order_by("-at", "-pk")
    made, answered = [], set()
    for row in rows:
        about = (row.kind, row.service_id)
        made.append(
            ConsentRow(
                id=row.pk,
                kind=ConsentKind(row.kind),
                given=row.given,
                stands=row.given and about not in answered,
                how=row.how,
                limits=tuple(row.limits),
                service_id=row.service_id,
                service=row.service.name if row.service else "",
                at=row.at,
                who=_name(row.staff),
                words=row.opened(key)["text"],
            )
        )
        answered.add(about)
    return tuple(made)


def _referrals(case: Case, key: bytes, now: datetime) -> tuple[ReferralRow, ...]:
    rows = CaseReferral.objects.filter(case=case).select_related("service").order_by("-at", "-pk")
    made = []
    for row in rows:
        words = row.opened(key)
        waits = row.state in (ReferralState.OFFERED, ReferralState.MADE)
        made.append(
            ReferralRow(
                id=row.pk,
                service_id=row.service_id,
                state=ReferralState(row.state),
                reason=row.reason,
                follow_up_on=row.follow_up_on,
                late=waits and row.follow_up_on is not None and row.follow_up_on < now.date(),
                at=row.at,
                changed_at=row.changed_at,
                organization=row.service.organization if row.service else words.get("organization", ""),
                service=row.service.name if row.service else words.get("service", ""),
                details=words.get("details", ""),
            )
        )
    return tuple(made)


def _record_reading(case: Case, staff: Staff, now: datetime) -> None:
    seen = AuditEvent.objects.filter(action="case_read", staff=staff, at__gt=now - _SITTING, details__case=case.pk)
    if not seen.exists():
        audit.record("case_read", now, staff=staff, details={"case": case.pk})


def _name(staff: Staff | None) -> str:
    return (staff.alias or staff.username) if staff else ""
