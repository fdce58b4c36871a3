"""Notices: what a person must look at now, in sentences, for those whom it concerns.

Who holds a conversation sees what is about it, everybody what is about one that waits, supervisors all. Seen is an act
with a name: it is audited, and gone for everybody. What is still so cannot be put away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from channels.errors import FateUnknown
from desk import labels
from desk.delivery_words import lost, while_trying
from desk.glass import Broken, unseen
from desk.need_to_know import left_with_bot
from desk.roles import Act, allowed
from desk.together import ALONE, Reading
from desk.ways import not_carried_but_written_to
from records.erasure import traces
from records.messages import providers
from records.models import Conversation, Staff
from records.staff import notices
from records.states import Owner

# What is told to whoever is about to count on it that the contact has read us; the card in the list says it too.
NOT_ARRIVED = (notices.REPLY_NOT_SENT, notices.URGENT_NOT_SENT, notices.SAFETY_NOT_SAID)
ERASED_BY = timedelta(hours=24)  # what was erased here should be erased at the provider too by then


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice; without an id it stands as long as it is true."""

    id: int
    at: datetime
    words: str
    conversation: int | None = None
    glass: int = 0  # broken glass is put away at an address of its own


def notices_for(staff: Staff, now: datetime, reading: Reading = ALONE) -> tuple[NoticeView, ...]:
    """What this person should look at, the oldest first."""
    found = reading.part("notices", _open)
    everything = allowed(staff, Act.SEE_BOT_ONLY)
    shown = [
        NoticeView(one.notice_id, one.at, _words(one), one.conversation_id)
        for one, row in found
        if everything or _concerns(row, staff)
    ]
    if allowed(staff, Act.SEE_BROKEN_GLASS):
        shown += [_of(one) for one in reversed(reading.part("glass", unseen)) if one.staff.pk != staff.pk]
    for down in reading.part("down", lambda: providers.down(now)):
        shown.insert(0, NoticeView(0, down.since, _of_channel(down)))
    for channel, first in reading.part("not carried", not_carried_but_written_to):
        shown.insert(0, NoticeView(0, first, _of_one_not_carried(channel)))
    since = traces.oldest_open() if everything else None
    if since is not None and now - since > ERASED_BY:
        words = _("What was erased here still lies at the provider. The operator must look: ./run doctor says more.")
        shown.insert(0, NoticeView(0, since, words))
    return tuple(shown)


def not_arrived(reading: Reading = ALONE) -> frozenset[int]:
    """The conversations in which something did not reach the contact and nobody has seen that yet."""
    found = reading.part("notices", _open)
    return frozenset(row.pk for one, row in found if row is not None and one.kind in NOT_ARRIVED)


def see(notice_id: int, staff: Staff, now: datetime) -> bool:
    """Keep that this person has seen it. False when it is not for them or somebody was first."""
    if all(one.id != notice_id for one in notices_for(staff, now)):
        return False
    return notices.see(notice_id, staff, now)


def _open() -> list[tuple[notices.OpenNotice, Conversation | None]]:
    found = notices.open_notices()
    rows = Conversation.objects.in_bulk([one.conversation_id for one in found if one.conversation_id])
    return [(one, rows.get(one.conversation_id or 0)) for one in found]


def _concerns(row: Conversation | None, staff: Staff) -> bool:
    """Whoever may take it is told while nobody has it: who is told of it must be able to do something."""
    return row is not None and (row.owner == Owner.QUEUE or row.claimed_by_id == staff.pk or left_with_bot(row))


def _of_channel(one: providers.Down) -> str:
    """Nothing of ours goes out there, whoever has the conversation."""
    said = _(
        "%(channel)s: nothing of ours goes out. %(why)s Waiting to go: %(waiting)d. Do not count on a reply having"
        " arrived; what is older than is safe is not sent any more."
    )
    named = {"channel": labels.channel(one.channel), "why": while_trying(one.cause), "waiting": one.waiting}
    return said % named


def _of_one_not_carried(channel: str) -> str:
    said = _(
        "%(channel)s is not set up: what they write there comes in, and nothing of ours goes out. Tell the operator"
        " now."
    )
    return said % {"channel": labels.channel(channel)}


def _of(one: Broken) -> NoticeView:
    words = _("%(who)s opened what was not theirs: %(why)s.") % {"who": one.staff.username, "why": one.why}
    return NoticeView(0, one.at, words, one.number, one.pk)


def _words(one: notices.OpenNotice) -> str:
    if one.kind == notices.FLOOD:
        return _("Very many messages in a minute from one contact: they are heard after everybody else's.")
    if one.kind == notices.URGENT_NOT_SENT:
        return _("An urgent message did not reach them. %(why)s") % {"why": lost(one.reason)}
    if one.kind == notices.REPLY_NOT_SENT and one.reason == FateUnknown.__name__:
        return _("A reply of staff may not have reached them. %(why)s") % {"why": lost(one.reason)}
    if one.kind == notices.REPLY_NOT_SENT:
        return _("A reply of staff did not reach them. %(why)s") % {"why": lost(one.reason)}
    if one.kind == notices.SAFETY_NOT_SAID:
        return _(
            "The bot's urgent words did not reach them: a person had taken over first. They stand in the thread: say"
            " yourself what they need to be safe."
        )
    if one.kind == notices.QUESTION_NOT_SENT:
        return _("A question may not have reached them. %(why)s") % {"why": lost(one.reason)}
    return labels.finding(one.kind)
