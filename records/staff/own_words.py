"""Words of the organisation: canned replies, and which of the line's languages a person has read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from records import audit
from records.models import CannedReply, Staff, WordsReview
from records.states import WordsState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedWords:
    """The newest answer about the words of one language."""

    language: str
    mark: str  # of the words as they were read
    state: WordsState
    who: str
    at: datetime


class TitleTaken(ValueError):
    """There is a canned reply with this title in this language."""


def save_reply(reply_id: int | None, title: str, language: str, text: str, staff: Staff, now: datetime) -> CannedReply:
    """Write a canned reply; one whose words changed is a draft again.

    Raises:
        TitleTaken: another one has the title in this language.
    """
    try:
        with transaction.atomic():
            row = CannedReply.objects.select_for_update().filter(pk=reply_id).first() if reply_id else None
            row = row or CannedReply()
            if (row.text, row.language) != (text, language):
                row.state, row.reviewed_by, row.reviewed_at = WordsState.DRAFT, None, None
            row.title, row.language, row.text = title, language, text
            row.changed_by, row.changed_at = staff, now
            row.save()
            audit.record("canned_reply", now, staff=staff, details={"reply": row.pk, "language": language})
            return row
    except IntegrityError:
        raise TitleTaken from None


def review_reply(reply_id: int, staff: Staff, now: datetime) -> bool:
    """Say that the words are good. False for who wrote them last: another person must read them."""
    with transaction.atomic():
        row = CannedReply.objects.select_for_update().filter(pk=reply_id).first()
        if row is None or row.changed_by_id == staff.pk:
            return False
        row.state, row.reviewed_by, row.reviewed_at = WordsState.REVIEWED, staff, now
        row.save()
        audit.record("canned_reply_reviewed", now, staff=staff, details={"reply": row.pk})
        return True


def remove_reply(reply_id: int, staff: Staff, now: datetime) -> None:
    """Take a canned reply out."""
    with transaction.atomic():
        if CannedReply.objects.filter(pk=reply_id).delete()[0]:
            audit.record("canned_reply_removed", now, staff=staff, details={"reply": reply_id})


def replies(language: str | None = None) -> list[CannedReply]:
    """Canned replies: of one language, or all."""
    rows = CannedReply.objects.select_related("changed_by", "reviewed_by").order_by("title", "language")
    return list(rows.filter(language=language) if language else rows)


def review_words(language: str, mark: str, state: WordsState, staff: Staff, now: datetime) -> None:
    """Say that somebody who speaks a language has read the line's words in it, or that they need work again."""
    with transaction.atomic():
        WordsReview.objects.create(language=language, mark=mark, state=state, staff=staff, at=now)
        audit.record("words_reviewed", now, staff=staff, details={"language": language, "state": str(state.value)})


def reviewed_words() -> dict[str, ReviewedWords]:
    """The newest answer for each language that has one."""
    newest: dict[str, ReviewedWords] = {}
    for row in WordsReview.objects.select_related("staff").order_by("at", "pk"):
        newest[row.language] = ReviewedWords(
            language=row.language,
            mark=row.mark,
            state=WordsState(row.state),
            who=(row.staff.alias or row.staff.username) if row.staff else "",
            at=row.at,
        )
    return newest
