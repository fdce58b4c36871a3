"""Beside a conversation: its case, and the canned replies in its language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from desk.case_words import ABOUT, NEVER, STATES
from desk.roles import Act, allowed
from desk.thread import ThreadView
from records.casework import case_reading
from records.models import Case, Staff
from records.staff import own_words


def case_beside(request: HttpRequest, shown: ThreadView, staff: Staff) -> Mapping[str, Any]:
    """The case of the conversation: how to reach them safely, what is to be done. None: a way to open one."""
    number = case_reading.case_of(shown.id)
    if number is None or not case_reading.may_read(number, staff, everything=allowed(staff, Act.SUPERVISE)):
        return {"case_number": number, "case": None}
    try:
        opened = case_reading.read_case(number, staff, shown.now)
    except Case.DoesNotExist:
        return {"case_number": None, "case": None}
    return {
        "case_number": number,
        "case": opened,
        "case_about": ABOUT[opened.about],
        "case_state": STATES[opened.state],
        "case_never": [NEVER.get(one, one) for one in opened.facts.never],
        "case_tasks": [task for task in opened.tasks if task.done_at is None],
    }


def replies_beside(request: HttpRequest, shown: ThreadView, staff: Staff) -> Mapping[str, Any]:
    """Canned replies in the language of the contact, then those in the languages that the worker has."""
    theirs = shown.language.code if shown.language else ""
    codes = dict.fromkeys([theirs, *staff.languages])
    rows = [row for code in codes if code for row in own_words.replies(code)]
    return {"canned": rows, "canned_theirs": theirs}
