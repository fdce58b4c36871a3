"""Addresses of practice. An act has the name it has on a conversation, after `practice-` (see `of_thread`)."""

from __future__ import annotations

from django.urls import path

from desk.roles import Act, closed
from desk.training import acts, pages

_ACTS = {
    "claim": acts.claim,
    "reply": acts.reply,
    "draft": acts.draft,
    "note": acts.note,
    "phrases": pages.phrases,
    "phrase": acts.phrase,
    "ask-safe": acts.ask_safe,
    "at-time": acts.at_agreed_time,
    "safety": acts.safety,
    "close": acts.close,
    "lines": pages.lines,
    "discard": acts.discard,
}

ADDRESSES = [
    path("training/", closed(Act.ANSWER, pages.home), name="training"),
    path("training/begin/", closed(Act.ANSWER, acts.begin), name="practice-begin"),
    path("training/beside/", closed(Act.ANSWER, pages.list_beside), name="practice-list"),
    path("training/<int:practice_id>/", closed(Act.ANSWER, pages.practice), name="practice-conversation"),
    path("training/<int:practice_id>/end/", closed(Act.ANSWER, pages.end), name="practice-end"),
    path("training/<int:practice_id>/beside/<slug:name>/", closed(Act.ANSWER, pages.beside), name="practice-beside"),
    *(
        path(f"training/<int:practice_id>/{name}/", closed(Act.ANSWER, view), name=f"practice-{name}")
        for name, view in _ACTS.items()
    ),
]
