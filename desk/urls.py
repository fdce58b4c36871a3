"""Addresses of the desk. Each view stands here with the act it needs; the one open view says so."""

from __future__ import annotations

from django.urls import path

from desk import acts, live, pages
from desk.roles import Act, closed, opened

app_name = "desk"

urlpatterns = [
    path("sign-in/", opened("sign-in", pages.sign_in), name="sign-in"),
    path("sign-out/", closed(Act.BE_HERE, pages.sign_out), name="sign-out"),
    path("", closed(Act.BE_HERE, pages.home), name="home"),
    path("audit/", closed(Act.READ_AUDIT, pages.audit), name="audit"),
    path("queue/", closed(Act.READ, pages.queue), name="queue"),
    path("events/", closed(Act.READ, live.events), name="events"),
    path("claim-next/", closed(Act.ANSWER, acts.claim_next), name="claim-next"),
    path("c/<int:conversation_id>/", closed(Act.READ, pages.conversation), name="conversation"),
    path("c/<int:conversation_id>/lines/", closed(Act.READ, pages.lines), name="lines"),
    path("c/<int:conversation_id>/claim/", closed(Act.ANSWER, acts.claim), name="claim"),
    path("c/<int:conversation_id>/reply/", closed(Act.ANSWER, acts.reply), name="reply"),
    path("c/<int:conversation_id>/draft/", closed(Act.ANSWER, acts.draft), name="draft"),
    path("c/<int:conversation_id>/note/", closed(Act.ANSWER, acts.note), name="note"),
    path("c/<int:conversation_id>/hand-back/", closed(Act.ANSWER, acts.hand_back), name="hand-back"),
    path("c/<int:conversation_id>/transfer/", closed(Act.ANSWER, acts.transfer), name="transfer"),
    path("c/<int:conversation_id>/close/", closed(Act.ANSWER, acts.close), name="close"),
]
