"""Addresses of supervisors, each with the act it needs."""

from __future__ import annotations

from django.urls import path

from desk import supervisor
from desk import supervisor_words as say
from desk.roles import Act, closed

ADDRESSES = [
    path("supervisor/", closed(Act.SUPERVISE, supervisor.board), name="supervisor"),
    path("supervisor/decisions/", closed(Act.SUPERVISE, supervisor.decisions), name="decisions"),
    path("supervisor/decisions/<int:conversation_id>/", closed(Act.SUPERVISE, supervisor.decision), name="decision"),
    path("supervisor/shifts/", closed(Act.SUPERVISE, supervisor.plan), name="shifts"),
    path("supervisor/shifts/<int:shift_id>/", closed(Act.SUPERVISE, supervisor.remove_shift), name="shift-remove"),
    path("supervisor/people/<int:staff_id>/", closed(Act.SUPERVISE, supervisor.languages_of), name="staff-languages"),
    path("supervisor/words/", closed(Act.SUPERVISE, say.words), name="words"),
    path("supervisor/words/state/", closed(Act.SUPERVISE, say.review_words), name="words-state"),
    path("supervisor/words/<int:reply_id>/", closed(Act.SUPERVISE, say.words), name="canned-edit"),
    path(
        "supervisor/words/<int:reply_id>/read/",
        closed(Act.SUPERVISE, say.review_reply),
        name="canned-read",
    ),
    path("supervisor/words/<int:reply_id>/out/", closed(Act.SUPERVISE, say.remove_reply), name="canned-out"),
    path("supervisor/helplines/", closed(Act.SUPERVISE, say.numbers), name="helplines"),
    path("supervisor/helplines/check/", closed(Act.SUPERVISE, say.check), name="helpline-check"),
]
