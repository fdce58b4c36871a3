"""Lines: how each message, note and event of a thread is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.bridge import NO_BRIDGE, Bridge, bridged
from desk.delivery_words import clock, delivery
from desk.evidence import Marked, mark
from desk.ways import Way
from records.messages.material import ConversationFacts
from records.models import AuditEvent, Conversation, Staff
from records.staff import desk
from records.staff.lists import alias
from records.staff.replies import SENT_ONCE_MORE
from records.states import Level, Owner
from screening.score import Line as ScoreLine

KINDS = {
    "media": gettext_lazy("Sent something that the line does not open"),
    "edit": gettext_lazy("Changed an earlier message to this"),
    "opt_out": gettext_lazy("Their phone told the provider to block our messages"),
    "opt_in": gettext_lazy("Their phone allows our messages again"),
    "blocked": gettext_lazy("Blocked the bot"),
    "command": gettext_lazy("Opened the chat"),
}
# What the audit says about the owner, as an event between the messages.
EVENTS = {
    Owner.QUEUE: gettext_lazy("%(who)s asked for a person"),
    Owner.STAFF: gettext_lazy("%(who)s took it"),
    Owner.BOT: gettext_lazy("%(who)s handed it to the bot"),
    Owner.CLOSED: gettext_lazy("%(who)s closed it"),
}
_EVENT_ACTIONS = ("owner_changed", "transfer", "take_over", "given_back", "linked", "safety", "words_erased")


@dataclass(frozen=True, slots=True)
class Line:
    """One message, note or event."""

    who: str  # contact | bot | staff | system | note | event
    name: str
    at: datetime
    text: str = field(repr=False)
    language: str = ""
    about: str = ""
    delivery: str = ""
    trouble: bool = False
    buttons: tuple[str, ...] = field(default=(), repr=False)
    new_day: bool = False
    marked: Marked | None = field(default=None, repr=False)
    state: str = ""  # of a message of ours
    again: int = 0  # the id under which it can be sent once more
    bridge: Bridge = NO_BRIDGE  # catalogue words and known answers, in the reader's language


def messages_of(
    opened: desk.Thread, weights: Mapping[str, ScoreLine], way: Way, now: datetime, *, practice: bool
) -> Iterator[Line]:
    language = opened.conversation.language
    mine = opened.conversation.owner == Owner.STAFF
    told = bridged(opened.items, language)
    contact = _("Simulated contact") if practice else _("Contact")
    for item in opened.items:
        if item.kind == "note":
            yield Line("note", _("Note by %(alias)s, only for staff") % {"alias": item.alias}, item.at, item.text)
        elif item.kind == "in":
            marked = mark(item.text, item.findings, weights)
            bridge = told.get(("in", item.id), NO_BRIDGE)
            yield Line("contact", contact, item.at, item.text, language, _about(item), marked=marked, bridge=bridge)
        else:
            stale = item.until is not None and now > item.until
            words, trouble = delivery(item.status, item.reason, way, urgent=item.urgent, keys=item.key, stale=stale)
            if practice:
                words = _("Practice: sent to nobody")
            who = item.author if item.author in ("bot", "staff") else "system"
            lost = mine and who == "staff" and item.status in SENT_ONCE_MORE and not item.tried_again
            yield Line(
                who,
                (item.alias or _("Staff")) if who == "staff" else _("Bot"),
                item.at,
                item.text,
                language if who != "staff" or item.key else "",
                about=_("Sent once more below") if item.tried_again else "",
                delivery=words,
                trouble=trouble,
                buttons=tuple(label for _id, label in item.buttons),
                state=item.status,
                again=item.id if lost else 0,
                bridge=told.get(("out", item.id), NO_BRIDGE),
            )


def _about(item: desk.ThreadItem) -> str:
    told = [str(KINDS[item.message_kind])] if item.message_kind in KINDS else []
    if item.written_at is not None:
        told.append(_("Came late: written at %(time)s") % {"time": clock(item.written_at)})
    if item.flood:
        told.append(_("One of very many in a minute"))
    if item.button is not None:
        told.append(_("Chose an answer"))
    if item.media:
        told.append(", ".join(name.replace("_", " ") for name in item.media))
    return ": ".join(told)


def events_of(of: ConversationFacts, since: datetime | None) -> Iterator[Line]:
    rows = AuditEvent.objects.filter(conversation_uid=of.uid, action__in=_EVENT_ACTIONS)
    if since is not None:
        rows = rows.filter(at__gte=since)
    for row in rows.select_related("staff").order_by("pk"):
        words = _event(row)
        if words:
            yield Line("event", "", row.at, words)


def _event(row: AuditEvent) -> str:
    who = alias(row.staff)
    if row.action == "transfer":
        to = Staff.objects.filter(pk=row.details.get("to")).first()
        return _("%(who)s gave it to %(to)s") % {"who": who, "to": alias(to) or "?"}
    if row.action == "take_over":
        return _("%(who)s took it over") % {"who": who}
    if row.action == "safety":
        said = {"yes": _("%(who)s notes: they say it is safe"), "no": _("%(who)s notes: they say it is not safe")}
        return said.get(str(row.details.get("is")), "") % {"who": who}
    if row.action == "words_erased":
        return _("They had the chat erased: what either side wrote until then is gone here.")
    if row.action == "linked":
        earlier = Conversation.objects.filter(uid=str(row.details.get("earlier"))).values_list("pk", flat=True).first()
        return _("%(who)s joined conversation %(number)s to it") % {"who": who, "number": earlier or "?"}
    if row.action == "given_back":
        holder = {"who": alias(Staff.objects.filter(pk=row.details.get("from")).first()) or "?"}
        why = {
            desk.ON_BREAK: _("%(who)s was on a break: it went back to the queue"),
            desk.LOST: _("%(who)s lost password or phone: it went back to the queue"),
            desk.SWITCHED_OFF: _("The account of %(who)s was switched off: it went back to the queue"),
            desk.SIGNED_OUT: _("%(who)s was signed out everywhere: it went back to the queue"),
        }
        return why.get(str(row.details.get("why")), _("%(who)s was away: it went back to the queue")) % holder
    return _owner_event(row, who)


def _owner_event(row: AuditEvent, who: str) -> str:
    to = str(row.details.get("to"))
    if to not in Owner.values:
        return ""
    if to == Owner.QUEUE and row.actor_kind == "system":
        return ""  # the row beside it says why
    if row.staff and to == Owner.QUEUE:
        return _("%(who)s gave it back to the queue") % {"who": who}
    words = str(EVENTS[Owner(to)]) % {"who": who or _("The bot")}
    urgent = row.details.get("level") == Level.URGENT and to == Owner.QUEUE
    return _("%(what)s, urgently") % {"what": words} if urgent else words


def with_days(lines: list[Line]) -> list[Line]:
    """Mark the first line of each day, if there is more than one day."""
    days = [timezone.localtime(line.at).date() for line in lines]
    if len(set(days)) <= 1:
        return lines
    return [
        replace(line, new_day=True) if at == 0 or days[at - 1] != days[at] else line for at, line in enumerate(lines)
    ]
