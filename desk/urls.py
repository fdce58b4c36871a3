"""Addresses of the desk. Each view stands here with the act it needs; the one open view says so."""

from __future__ import annotations

from django.urls import path

from desk import (
    account,
    acts,
    contact,
    factors,
    handing,
    held,
    live,
    need_to_know,
    pages,
    people,
    phrase_pages,
    presence,
    sign_in,
    sign_out,
    writing,
)
from desk.boxes import carrying
from desk.case_urls import ADDRESSES as CASES
from desk.directory_urls import ADDRESSES as DIRECTORY
from desk.roles import Act, closed, half_open, opened
from desk.supervisor_urls import ADDRESSES as SUPERVISOR
from desk.training.urls import ADDRESSES as TRAINING

app_name = "desk"

urlpatterns = [
    path("sign-in/", opened("sign-in", sign_in.sign_in), name="sign-in"),
    path("sign-out/", closed(Act.BE_HERE, sign_out.sign_out), name="sign-out"),
    path("leave/", half_open("leave", sign_out.leave), name="leave"),
    path("second/", half_open("second", sign_in.second), name="second"),
    path("confirm/", closed(Act.BE_HERE, sign_in.confirm), name="confirm"),
    path("unlock/", closed(Act.READ, sign_in.confirm), name="unlock"),
    path("set-up/", half_open("set-up", factors.set_up), name="set-up"),
    path("set-up/app/", half_open("set-up-app", factors.set_up_app), name="set-up-app"),
    path("set-up/passkey/", closed(Act.BE_HERE, factors.passkey_added), name="passkey-added"),
    path("account/sign-in/", closed(Act.BE_HERE, factors.factors), name="factors"),
    path("account/codes/", closed(Act.BE_HERE, factors.codes, sure=True), name="codes"),
    path(
        "account/passkey/<int:key_id>/", closed(Act.BE_HERE, factors.remove_passkey, sure=True), name="remove-passkey"
    ),
    path("account/password/", closed(Act.BE_HERE, people.password, sure=True), name="password"),
    path("invitation/<str:token>/", opened("invitation", people.invitation), name="invitation"),
    path("people/", closed(Act.LOOK_AFTER_STAFF, people.people), name="people"),
    path("people/invite/", closed(Act.LOOK_AFTER_STAFF, people.invite, sure=True), name="invite"),
    path("people/<int:staff_id>/anew/", closed(Act.LOOK_AFTER_STAFF, people.start_anew, sure=True), name="start-anew"),
    path("people/<int:staff_id>/shut-out/", closed(Act.LOOK_AFTER_STAFF, people.shut_out, sure=True), name="shut-out"),
    path("people/<int:staff_id>/switch/", closed(Act.LOOK_AFTER_STAFF, people.switch, sure=True), name="switch"),
    path(
        "people/<int:staff_id>/sign-out/",
        closed(Act.LOOK_AFTER_STAFF, people.sign_out_everywhere),
        name="sign-out-everywhere",
    ),
    path("people/<int:staff_id>/share/", closed(Act.SHARE_KEYS, people.share, sure=True), name="share"),
    path("people/glass/<int:glass_id>/", closed(Act.SEE_BROKEN_GLASS, people.glass_seen), name="glass-seen"),
    path("contact/", closed(Act.FIND_BY_NUMBER, contact.find), name="contact"),
    path("contact/<int:contact_id>/export/", closed(Act.EXPORT, contact.export, sure=True), name="contact-export"),
    path("contact/<int:contact_id>/erase/", closed(Act.ERASE, contact.erase, sure=True), name="contact-erase"),
    path("c/<int:conversation_id>/reason/", closed(Act.READ, need_to_know.reason), name="reason"),
    path("", closed(Act.BE_HERE, pages.home), name="home"),
    path("audit/", closed(Act.READ_AUDIT, pages.audit), name="audit"),
    path("account/", closed(Act.BE_HERE, account.account), name="account"),
    path("queue/", closed(Act.READ, pages.queue), name="queue"),
    path("counts/", closed(Act.READ, pages.counts), name="counts"),
    path("notices/<int:notice_id>/", closed(Act.ANSWER, carrying(pages.notice_seen)), name="notice-seen"),
    path("events/", closed(Act.READ, live.events), name="events"),
    path("here/", closed(Act.BE_HERE, presence.here), name="here"),
    path("presence/", closed(Act.ANSWER, presence.presence), name="presence"),
    path("hide/", closed(Act.BE_HERE, presence.hide), name="hide"),
    path("hidden/", closed(Act.BE_HERE, presence.hidden), name="hidden"),
    path("held/", closed(Act.BE_HERE, held.open_held), name="open-held"),
    path("token/", closed(Act.BE_HERE, presence.token), name="token"),
    path("claim-next/", closed(Act.ANSWER, carrying(acts.claim_next)), name="claim-next"),
    path("c/<int:conversation_id>/", closed(Act.READ, pages.conversation), name="conversation"),
    path("c/<int:conversation_id>/lines/", closed(Act.READ, pages.lines), name="lines"),
    path("c/<int:conversation_id>/whose/", closed(Act.READ, pages.whose), name="whose"),
    path("c/<int:conversation_id>/beside/<slug:name>/", closed(Act.READ, carrying(pages.beside)), name="beside"),
    path("c/<int:conversation_id>/claim/", closed(Act.ANSWER, carrying(acts.claim)), name="claim"),
    path("c/<int:conversation_id>/reply/", closed(Act.ANSWER, writing.reply), name="reply"),
    path("c/<int:conversation_id>/draft/", closed(Act.ANSWER, writing.draft), name="draft"),
    path("c/<int:conversation_id>/phrases/", closed(Act.ANSWER, phrase_pages.search), name="phrases"),
    path("c/<int:conversation_id>/phrase/", closed(Act.ANSWER, carrying(phrase_pages.send)), name="phrase"),
    path("c/<int:conversation_id>/note/", closed(Act.ANSWER, writing.note), name="note"),
    path("c/<int:conversation_id>/again/<int:outbox_id>/", closed(Act.ANSWER, carrying(writing.retry)), name="again"),
    path("c/<int:conversation_id>/ask-safe/", closed(Act.ANSWER, carrying(writing.ask_safe)), name="ask-safe"),
    path("c/<int:conversation_id>/at-time/", closed(Act.ANSWER, writing.at_agreed_time), name="at-time"),
    path("c/<int:conversation_id>/safety/", closed(Act.ANSWER, carrying(acts.tell_safety)), name="safety"),
    path("c/<int:conversation_id>/earlier/", closed(Act.ANSWER, carrying(acts.earlier)), name="earlier"),
    path("c/<int:conversation_id>/take-over/", closed(Act.SEE_BOT_ONLY, carrying(acts.take_over)), name="take-over"),
    path("c/<int:conversation_id>/hand-back/", closed(Act.ANSWER, carrying(acts.hand_back)), name="hand-back"),
    path("c/<int:conversation_id>/transfer/", closed(Act.ANSWER, carrying(handing.transfer)), name="transfer"),
    path("c/<int:conversation_id>/close/", closed(Act.ANSWER, carrying(acts.close)), name="close"),
    *CASES,
    *DIRECTORY,
    *SUPERVISOR,
    *TRAINING,
]
