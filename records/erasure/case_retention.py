"""Erases cases whose time is over: the key first, then the rows.

A case that nobody said yes to lives a day after the last work on it, unless one of its conversations is an
open urgent hand-off. With a yes it lives until its close and as long after as conversations do. A no that
follows a yes counts as no yes. Who asks to delete loses the case with the last of its conversations.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from records import audit
from records.casework.cases import OVER
from records.models import Case, CaseConsent, CaseLink, CaseNote, CaseReferral, CaseTask, ErasedConversation
from records.sealing.readers import destroy_boxes
from records.states import Actor, Level, Owner

# Children before parents: a referral points to its consent.
_ROWS = (CaseReferral, CaseConsent, CaseTask, CaseNote, CaseLink)


def erase_cases_due(now: datetime, without_consent: timedelta, closed: timedelta) -> int:
    """Erase every case whose time is over. Return how many."""
    erased = 0
    for case_id in list(_due(now, without_consent, closed).values_list("pk", flat=True)):
        with transaction.atomic():
            Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
            case = _due(now, without_consent, closed).filter(pk=case_id).first()
            if case is not None:
                _erase(case, now, "kept_long_enough" if case.kept else "no_consent")
                erased += 1
    return erased


def erase_case_of(conversation_id: int, now: datetime) -> None:
    """Erase the case of a conversation whose contact asked to delete, unless another conversation is in it too."""
    case = Case.objects.filter(links__conversation_id=conversation_id).first()
    if case is not None and case.links.count() == 1:
        _erase(case, now, "asked")


def erase_cases_again(now: datetime) -> int:
    """Erase the cases that a restored backup brought back. Return how many."""
    gone = ErasedConversation.objects.filter(uid=OuterRef("uid"))
    back = list(Case.objects.filter(Exists(gone)))
    for case in back:
        with transaction.atomic():
            _erase(case, now, "restored")
    return len(back)


def _due(now: datetime, without_consent: timedelta, closed: timedelta) -> QuerySet[Case]:
    urgent = CaseLink.objects.filter(
        case=OuterRef("pk"), conversation__owner__in=(Owner.QUEUE, Owner.STAFF), conversation__level=Level.URGENT
    )
    over = Q(state__in=OVER, closed_at__lte=now - closed)
    return Case.objects.filter(
        Q(~Q(kept=True) | Q(kept__isnull=True), ~Exists(urgent), touched_at__lte=now - without_consent)
        | Q(over, kept=True)
    )


def _erase(case: Case, now: datetime, reason: str) -> None:
    # The key first, in its own statement: secure_delete then overwrites the bytes that opened everything.
    Case.objects.filter(pk=case.pk).update(wrapped_key=b"")
    destroy_boxes([case.uid])
    for model in _ROWS:
        model.objects.filter(case=case).delete()
    number, uid = case.pk, case.uid
    case.delete()
    ErasedConversation.objects.update_or_create(uid=uid, defaults={"at": now, "reason": reason})
    audit.record("case_erased", now, actor=Actor.SYSTEM, details={"case": number, "reason": reason})
