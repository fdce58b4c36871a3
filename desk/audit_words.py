"""Words of the audit: what each kind of row says, in the language of whoever reads the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from desk.summary_words import Words
from records.states import Actor, Owner

ACTORS: Words = {
    Actor.BOT: _("the bot"),
    Actor.STAFF: _("staff"),
    Actor.SYSTEM: _("the system"),
    Actor.CONTACT: _("the contact"),
}
OWNERS: Words = {  # of "owner_changed", by who has it then
    Owner.STAFF: _("Took the conversation"),
    Owner.QUEUE: _("Put the conversation into the queue"),
    Owner.BOT: _("Gave the conversation to the bot"),
    Owner.CLOSED: _("Closed the conversation"),
}
ACTIONS: Words = {
    # a conversation
    "handed_off": _("Asked for a person"),
    "level_set": _("Set the level"),
    "owner_changed": _("Changed who has the conversation"),
    "transfer": _("Gave the conversation to a colleague"),
    "take_over": _("Took the conversation over from a colleague"),
    "given_back": _("Gave it back to the queue for somebody who was away, on a break or shut out"),
    "thread_read": _("Read the conversation"),
    "reply": _("Replied to the contact"),
    "note": _("Kept a note for staff"),
    "safety": _("Noted whether it is safe to write"),
    "contact_marked": _("Marked what the contact said about being written to"),
    "earlier_looked_up": _("Looked up earlier conversations of the same address"),
    "linked": _("Joined an earlier conversation to it"),
    "wait_told": _("Told the contact how the wait goes on"),
    "flood": _("Stopped answering each of very many messages"),
    "turn_failed": _("Could not answer a message: a person was asked in"),
    "glass_broken": _("Opened for an hour what is not theirs, with a reason"),
    "glass_seen": _("Looked at who had opened what is not theirs"),
    "decision_read": _("Opened an urgent decision to judge it"),
    "decision_judged": _("Judged an urgent decision"),
    "notice_seen": _("Put a notice away"),
    "alerted": _("Alerted somebody about a wait"),
    "conversation_sealed": _("Sealed a closed conversation to its readers"),
    # a contact
    "contact_searched": _("Searched for a contact by number"),
    "contact_exported": _("Exported all that is kept about a contact"),
    "erased": _("Erased a conversation"),
    "erased_at_provider": _("Erased messages at the provider"),
    "words_erased": _("Erased the words of a conversation"),
    # a case
    "case_opened": _("Opened a case"),
    "case_read": _("Read a case"),
    "case_facts": _("Changed the facts of a case"),
    "case_state": _("Changed the state of a case"),
    "case_assigned": _("Gave a case to somebody"),
    "case_note": _("Wrote a note in a case"),
    "case_task": _("Added a task to a case"),
    "case_task_done": _("Did a task of a case"),
    "case_task_open": _("Opened a task of a case again"),
    "case_consent": _("Recorded a consent"),
    "case_referral": _("Planned a referral"),
    "case_referral_moved": _("Changed the state of a referral"),
    "case_exported": _("Exported a case"),
    "case_linked": _("Joined a conversation to a case"),
    "case_unlinked": _("Took a conversation out of a case"),
    "case_sealed": _("Sealed a closed case to its readers"),
    "case_erased": _("Erased a case"),
    # the directory and the line's own words
    "service_added": _("Added a service to the directory"),
    "service_changed": _("Changed a service of the directory"),
    "service_checked": _("Confirmed a service of the directory"),
    "service_flagged": _("Marked a service of the directory"),
    "service_unflagged": _("Took a mark off a service of the directory"),
    "service_removed": _("Removed a service from the directory"),
    "helpline_checked": _("Checked a helpline"),
    "canned_reply": _("Wrote a canned reply"),
    "canned_reply_reviewed": _("Reviewed a canned reply"),
    "canned_reply_removed": _("Removed a canned reply"),
    "words_reviewed": _("Reviewed the words of a language"),
    # people and their access
    "signed_in": _("Signed in"),
    "hidden": _("Hid the screen"),
    "shown_again": _("Showed the screen again"),
    "presence": _("Came, took a break or went"),
    "on_call": _("Changed who is on call"),
    "on_call_address": _("Changed where somebody on call is reached"),
    "shift_added": _("Added a shift"),
    "shift_removed": _("Removed a shift"),
    "staff_languages": _("Changed the languages of somebody"),
    "staff_added": _("Added an account"),
    "staff_invited": _("Invited somebody"),
    "invitation_used": _("Used an invitation"),
    "staff_on": _("Let an account in again"),
    "staff_off": _("Switched an account off"),
    "staff_password_set": _("Set a password"),
    "sessions_ended": _("Ended the sessions of somebody"),
    "factor_added": _("Added a second factor"),
    "factor_removed": _("Removed a second factor"),
    "factor_shown": _("Showed the second factor"),
    "factor_refused": _("A second factor was refused"),
    "factors_forgotten": _("Forgot the second factors of somebody"),
    "codes_made": _("Made codes for when a phone is lost"),
    # keys
    "staff_key_made": _("Made a reader's key"),
    "staff_key_shut": _("A reader's key did not open"),
    "keys_shared": _("Shared the keys of closed conversations"),
    "recovery_key_made": _("Made a recovery key"),
    "restored": _("Put a backup back"),
}


def said(action: str, details: Mapping[str, Any]) -> str:
    """What a row says; of a change of hands, to whom."""
    if action == "owner_changed" and details.get("to") in OWNERS:
        return str(OWNERS[details["to"]])
    return str(ACTIONS.get(action, action))
