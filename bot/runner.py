"""Runner: a parent that loads the models once and forks lanes; each lane takes the turns of its conversations.

A lane that dies loses nothing: its claim lapses, or the parent gives it back at once and forks the lane
anew. Everything a turn did becomes true in one commit, or not at all.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.db import Error as StorageError
from django.db import connection, connections

from bot import fallback, figures, signals
from bot.assessing import with_findings
from bot.dialogue_types import Heard
from bot.now import wall_clock
from bot.turn import Said, Turns, drafts, slots_of
from content.catalogue import SOURCE, catalogue, written
from content.helplines import checked_by
from records.errors import LostClaim, RecordsError, StaleTurn
from records.messages.queries import ClaimedTurn, claim_next_turn, look_ahead, release_claims
from records.messages.turns import commit_turn, fail_turn, load_turn, reopen_for
from records.models import InboxMessage
from records.staff.helpline_checks import checks
from records.states import Level, Owner
from screening.assessment import Assessment
from screening.levels import urgent

log = structlog.get_logger()
MAX_ATTEMPTS = 3  # then a person gets the message
MAX_DEATHS = 6  # taken so often without an end, not even an error: it kills the lane, and goes to a person unread
HANGS_AFTER_S = 25  # a turn this long never ends: the lane is killed before its claim lapses, and forked anew
_LOOK_S = 1.0  # a lane looks by itself this often, when nothing wakes it
_FIRST_PAUSE_S = 0.2  # between two births of a lane that dies at once
_LONGEST_PAUSE_S = 10.0


class LaneKiller(Exception):
    """A message that has killed the lane each time it was taken."""


class Lane:
    """Takes turns, one after the other."""

    def __init__(
        self, turns: Turns, *, holder: str, lane: int = 0, lanes: int = 1, clock: Callable[[], datetime] = wall_clock
    ) -> None:
        self._turns, self._ours, self._clock = turns, (holder, lane, lanes), clock

    def run_until_idle(self, *, hangs_after_s: int = 0, beat: Callable[[], None] = lambda: None) -> int:
        """Take every turn that waits; return how many were taken. A turn that hangs kills this process, if asked to."""
        taken = 0
        claimed: ClaimedTurn | None = None
        while (claimed := claimed or claim_next_turn(*self._ours, self._clock())) is not None:
            signal.alarm(hangs_after_s)
            claimed = self.take(claimed, goes_on=True)
            signal.alarm(0)
            taken += 1
            beat()
        return taken

    def run_forever(self, beat: Callable[[], None] = lambda: None) -> None:
        """Take turns until the process is told to end."""
        waiter = signals.Waiter("turn")
        while True:
            beat()
            taken = self.run_until_idle(hangs_after_s=HANGS_AFTER_S, beat=beat)
            if not taken:
                waiter.wait(_LOOK_S)

    def take(self, claimed: ClaimedTurn, *, goes_on: bool = False) -> ClaimedTurn | None:
        """Take one turn to its commit, or give it back.

        Args:
            goes_on: whether to claim a next one in the same commit, where that can be; it is returned.
        """
        began = time.perf_counter()
        known = checks()  # asked here: inside the dialogue's loop Django answers no query
        with checked_by(lambda: known):
            done, following = self._take(claimed, goes_on=goes_on)
        if not done:
            return None
        signals.publish_all({signals.DELIVERY: (), signals.DESK: [claimed.conversation_id]})
        took_s = time.perf_counter() - began
        figures.turns.labels("done").inc()
        figures.turn_seconds.observe(took_s)
        log.info("turn_done", conversation=claimed.conversation_id, inbox=claimed.inbox_id, ms=round(1000 * took_s))
        return following

    def _take(self, claimed: ClaimedTurn, *, goes_on: bool) -> tuple[bool, ClaimedTurn | None]:
        """Return whether the turn was committed as the bot's own, and what was claimed with it."""
        try:
            if claimed.attempts > MAX_DEATHS:
                raise LaneKiller  # noqa: TRY301 (it goes the way of every failure)
            return True, self._commit(claimed, goes_on=goes_on)
        except (LostClaim, InboxMessage.DoesNotExist):
            log.info("turn_not_ours", inbox=claimed.inbox_id)
        except Exception as error:  # the outer loop: whatever fails, the message goes to a person, never to silence
            self._failed(claimed, error)
        return False, None

    def _commit(self, claimed: ClaimedTurn, *, goes_on: bool) -> ClaimedTurn | None:
        while True:
            material = load_turn(claimed)
            if material.conversation.owner == Owner.CLOSED:
                claimed = reopen_for(claimed, self._clock())
                continue
            outcome = self._turns.take(material, self._clock())
            now = self._clock()
            # PostgreSQL locks rows, not the whole: two lanes that wait for each other's would end in an error.
            following = look_ahead(*self._ours, now) if goes_on and connection.vendor == "sqlite" else None
            try:
                return following if commit_turn(claimed, outcome, now, following) else None
            except StaleTurn:  # staff claimed it, or a wait was told, while we thought: think again
                continue

    def _failed(self, claimed: ClaimedTurn, error: Exception) -> None:
        gave_up = claimed.attempts >= MAX_ATTEMPTS
        figures.turns.labels("given_up" if gave_up else "failed").inc()
        log.error(
            "turn_failed",
            inbox=claimed.inbox_id,
            error=type(error).__name__,
            attempts=claimed.attempts,
            gave_up=gave_up,
        )
        try:
            if gave_up:
                self._give_to_person(claimed, unread=isinstance(error, LaneKiller))
            else:
                fail_turn(claimed, self._clock(), gave_up=False)
        except LostClaim:
            log.info("turn_not_ours", inbox=claimed.inbox_id)
        except Exception as again:  # the last line: one message that cannot even fail must not end the lane each time
            log.error("turn_put_back", inbox=claimed.inbox_id, error=type(again).__name__)
            connections.close_all()
            self._put_aside(claimed)

    def _put_aside(self, claimed: ClaimedTurn) -> None:
        """Bring in a person without a word to the contact; if not even that is possible, try all of it later."""
        try:
            fail_turn(claimed, self._clock(), gave_up=claimed.attempts >= MAX_ATTEMPTS, level=Level.PRIORITY)
        except LostClaim:
            log.info("turn_not_ours", inbox=claimed.inbox_id)
        except RecordsError:  # its conversation does not open
            fail_turn(claimed, self._clock(), gave_up=False)

    def _give_to_person(self, claimed: ClaimedTurn, *, unread: bool) -> None:
        """The bot could not: safety words if a rule hears a risk, the truth, and the queue."""
        material = load_turn(claimed)
        facts = material.conversation
        known = Assessment.from_json(material.assessment)
        if not unread:
            known = _heard_by_rules(self._turns, material, known)
        level = Level.URGENT if urgent(known) else Level.PRIORITY if unread else Level.OFFER
        lines: tuple[Any, ...] = ()
        if facts.owner in (Owner.BOT, Owner.QUEUE):
            said = Said(known=known, lines=fallback.lines(known))
            lines = drafts(said, facts, facts.language or SOURCE, level, ())
        fail_turn(claimed, self._clock(), gave_up=True, level=level, lines=lines)
        signals.publish_all({signals.DELIVERY: (), signals.DESK: [claimed.conversation_id]})


def _heard_by_rules(turns: Turns, material: Any, known: Assessment) -> Assessment:
    try:
        return with_findings(known, turns.understanding.understand(material.message.text))
    except Exception:  # understanding may be what failed: the person still gets the message
        return known


class Runner:
    """The parent: freezes what was loaded once, forks a lane a core, and forks a lane that died anew."""

    def __init__(
        self,
        turns: Turns,
        *,
        lanes: int,
        name: str | None = None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._turns, self._lanes, self._beat = turns, lanes, beat  # each lane calls `beat` between two turns
        self._name = name or f"runner-{socket.gethostname()}"
        self._children: dict[int, int] = {}
        self._born: dict[int, float] = {}
        self._pauses: dict[int, float] = {}
        self._ending = False

    def run_forever(self, ready: Callable[[], None] = lambda: None) -> None:
        """Run until told to end."""
        gc.collect()
        gc.freeze()
        gc.enable()
        connections.close_all()  # a connection must not be shared across a fork
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        for lane in range(self._lanes):
            self._fork(lane)
        ready()
        while self._children:
            try:
                pid, status = os.waitpid(-1, os.WUNTRACED)
            except InterruptedError:
                continue
            except ChildProcessError:
                break
            if os.WIFSTOPPED(status):
                # Whoever stopped it: its conversations have no other lane, and would wait without an end.
                log.error("lane_stopped", lane=self._children.get(pid))
                os.kill(pid, signal.SIGKILL)
                continue
            died = self._children.pop(pid, None)
            if died is not None and not self._ending:
                self._again(died)

    def _again(self, lane: int) -> None:
        lived = time.monotonic() - self._born[lane]
        pause = min(self._pauses.get(lane, _FIRST_PAUSE_S) * 2, _LONGEST_PAUSE_S) if lived < 1 else 0.0
        self._pauses[lane] = max(pause, _FIRST_PAUSE_S)
        log.warning("lane_died", lane=lane, pause_s=pause)
        time.sleep(pause)
        try:
            release_claims(self._holder(lane))
        except StorageError as error:  # then they lapse
            log.error("claims_not_released", lane=lane, error=type(error).__name__)
        connections.close_all()
        self._fork(lane)

    def _fork(self, lane: int) -> None:
        pid = os.fork()
        if pid:
            self._children[pid] = lane
            self._born[lane] = time.monotonic()
            return
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        code = 1
        try:
            Lane(self._turns, holder=self._holder(lane), lane=lane, lanes=self._lanes).run_forever(self._beat)
            code = 0
        except Exception as error:  # a child must never return into the code of its parent
            log.error("lane_broke", lane=lane, error=type(error).__name__)
        finally:
            os._exit(code)

    def _holder(self, lane: int) -> str:
        return f"{self._name}-{lane}"

    def _end(self, number: int, frame: object) -> None:
        self._ending = True
        for pid in list(self._children):
            os.kill(pid, signal.SIGTERM)


def load_turns(model: Path | None, cache: Path) -> Turns:
    """Load understanding and dialogue; without a usable model the line still answers with safety words."""
    from bot.understanding.model import Understanding  # noqa: PLC0415 (heavy, and only here)

    try:
        understanding = Understanding.load(model, cache)
        # What is made on first use is made here once, and shared by all lanes; the number brings in spaCy.
        understanding.understand("nobody has paid me for 2 months")
        for language in written():
            catalogue(language)
    except Exception as error:  # a damaged encoder or heads: the safety words need neither
        log.error("understanding_unusable", error=type(error).__name__)
        return Turns(Understanding.load(None), None)
    try:
        from bot.dialogue import Dialogue  # noqa: PLC0415 (imports Rasa)

        dialogue = Dialogue(model) if model else None
        if dialogue is not None:  # the same for the dialogue
            dialogue.step(Heard(text="hello", intent="greet"), (), slots_of(Assessment(), SOURCE, wall_clock()))
    except Exception as error:  # whatever is wrong with the model: safety words and a person, not silence
        log.error("dialogue_unusable", error=type(error).__name__)
        dialogue = None
    return Turns(understanding, dialogue)
