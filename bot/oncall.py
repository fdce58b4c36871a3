"""On call: the ladder of who is told that somebody waits, and workers who are away.

Desk first, then e-mail, then SMS or Telegram to the people on call (`content/desk/ladder.yml`). What goes out
says that somebody waits and how long; no word, name, number or language of a contact is in it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import ngettext

from bot import signals
from channels.base import Address, Channel, Outbound
from channels.errors import SendError
from content.ladder import LEVELS, ladder, rungs
from records.staff import alerts, desk, seats
from records.states import AlertBy, AlertStatus

log = structlog.get_logger()

PAUSE = timedelta(minutes=5)  # one person is not told more often, however many wait
AGAIN_AFTER = timedelta(minutes=1)
VALID_S = 600

Post = Callable[[alerts.Due, str], None]  # sends one alert; raises CouldNotSend


class CouldNotSend(Exception):
    """An alert did not go out. The argument is a code, never an address."""


def climb(now: datetime) -> int:
    """Note every rung that a waiting conversation has reached; return how many conversations."""
    reached = []
    for level in (*LEVELS, None):
        for rung in rungs(level):
            found = alerts.climb(level, rung.number, rung.after, rung.by, now)
            for conversation in found:
                log.info("rung_alerted", conversation=conversation, rung=rung.number)
            reached += found
    if reached:
        signals.publish(signals.DESK, ())
    return len(set(reached))


def tell(now: datetime, post: Post) -> int:
    """Send the alerts that are due; return how many went out. One that fails is tried again."""
    sent = 0
    for one in alerts.due(now, PAUSE):
        try:
            post(one, words(one, now))
        except CouldNotSend as problem:
            log.warning("alert_failed", staff=one.staff_id, by=one.by.value, cause=str(problem))
            alerts.again(one, now, AGAIN_AFTER, reason=str(problem))
            continue
        alerts.settle(one.alert_ids, AlertStatus.SENT, now)
        log.info("alert_sent", staff=one.staff_id, by=one.by.value, waiting=one.waiting)
        sent += 1
    return sent


def words(one: alerts.Due, now: datetime) -> str:
    """What an alert says: how many wait and how long. Nothing else."""
    minutes = int((now - one.oldest).total_seconds() // 60)
    return ngettext(
        "Desk: %(waiting)d waits for a person, for %(minutes)d min. Please sign in.",
        "Desk: %(waiting)d wait for a person, the first for %(minutes)d min. Please sign in.",
        one.waiting,
    ) % {"waiting": one.waiting, "minutes": minutes}


def poster(channels: Mapping[str, Channel]) -> Post:
    """The way out: mail by the installation's server, SMS and Telegram by the line's own channels."""

    def post(one: alerts.Due, text: str) -> None:
        if one.by == AlertBy.EMAIL:
            _mail(one.address, text)
            return
        channel = channels.get(one.by.value)
        if channel is None:
            raise CouldNotSend("no_channel")
        message = Outbound(
            uid=str(uuid.uuid4()),
            recipient=Address(channel.name, one.address),
            text=text,
            valid_for_s=VALID_S,
            urgent=True,
        )
        try:
            asyncio.run(_send(channel, message))
        except SendError as problem:
            raise CouldNotSend(problem.name) from None

    return post


async def _send(channel: Channel, message: Outbound) -> None:
    try:
        await channel.send(message)
    finally:
        await channel.close()


def _mail(address: str, text: str) -> None:
    if not settings.EMAIL_HOST:
        raise CouldNotSend("no_mail_server")
    try:
        send_mail("Desk", text, None, [address])
    except (OSError, ValueError) as problem:  # every fault of smtplib is an OSError
        raise CouldNotSend(type(problem).__name__) from None


def rest(now: datetime) -> int:
    """Find out who is away, and give back what they hold by rule; return how many conversations went back."""
    rules = ladder()
    for staff in seats.idle(now - rules.away_after):
        seats.set_away(staff, now)
        log.info("worker_away", staff=staff.pk)
    given: list[int] = []
    for staff in seats.holders_away(now - rules.give_back_after):
        given += desk.give_back_for(staff, now)
    for conversation in given:
        log.info("given_back", conversation=conversation)
    if given:
        signals.publish(signals.DESK, given)
    return len(given)
