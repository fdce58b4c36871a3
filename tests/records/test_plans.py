"""However much is stored, what is asked often finds its rows by an index: the databases' own plans say so."""

from __future__ import annotations

import re

from django.db import connection, transaction

from records.erasure import retention
from records.messages import queries
from records.sealing import closing
from records.staff import lists
from records.states import Owner

# Tables that grow with every conversation.
_LARGE = (
    "contact|conversation|inboxmessage|outboxmessage|trackerchunk|assessmentrecord|providertrace|erasedconversation"
)
_SCANS = {
    # Through an index of nothing but unfinished rows SQLite scans too, and says so.
    "sqlite": re.compile(
        rf"SCAN records_(?:{_LARGE})(?! USING (?:COVERING )?INDEX (?:inbox_oldest_new|outbox_unfinished))"
    ),
    "postgresql": re.compile(rf"Seq Scan on records_(?:{_LARGE})"),
}
_EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


def _turn(line):
    line.receives("hola", provider_id="SM-plan")
    line.answers(events=({"event": "user"},))


ASKED = {
    "a webhook and a turn": _turn,
    "the next turn": lambda line: queries.claim_next_turn("lane", 0, 2, line.now),
    "the next delivery": lambda line: queries.claim_next_delivery("delivery", ["sms"], line.now),
    "how many turns wait": lambda line: queries.turns_waiting(line.now),
    "the queue in numbers": lambda line: lists.waiting(),
    "the queue": lambda line: lists.queue(line.now, limit=40),
    "the newest with the bot": lambda line: lists.owned_by(Owner.BOT, line.now, 50),
    "the urgent ones left with the bot": lambda line: lists.left_with_bot(line.now, 50),
    "the last closed": lambda line: lists.owned_by(Owner.CLOSED, line.now, 50),
    "what retention erases": lambda line: retention.erase_due(line.now),
    "what is sealed": lambda line: list(closing._due()[:50]),
}


def test_nothing_that_is_asked_often_reads_a_large_table_from_end_to_end(line):
    line.receives("hola")

    scans = {name: _scans(lambda ask=ask: ask(line)) for name, ask in ASKED.items()}

    assert {name: plans for name, plans in scans.items() if plans} == {}


def _scans(ask) -> list[str]:
    """Ask, and return the plans of those statements that read a large table whole."""
    asked = []

    def noted(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(("SELECT", "UPDATE")):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a small table is scanned whatever indexes it has
            cursor.execute("SET LOCAL enable_seqscan = off")
        with connection.execute_wrapper(noted):
            ask()
        plans = []
        for sql, params in asked:
            cursor.execute(f"{_EXPLAIN[connection.vendor]} {sql}", params)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    assert plans, "nothing was asked"
    return [plan for plan in plans if _SCANS[connection.vendor].search(plan)]
