"""Webhooks that wait together are one commit; one that fails takes nobody along; none is answered before the disk."""

from __future__ import annotations

import asyncio

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from lantern.storing import Call, Storing, _store
from records.models import Beat
from tests.channels.conftest import NOW


def stored():
    return sorted(Beat.objects.values_list("holder", flat=True))


def keep(name):
    def work():
        Beat.objects.create(name="x", holder=name, at=NOW)
        return name

    return work


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_takes_only_its_own_part_back():
    calls = [Call(keep(name), None, None) for name in ("a", "a", "b")]

    _store(calls)

    assert [call.result for call in calls] == ["a", None, "b"]
    assert isinstance(calls[1].problem, IntegrityError)
    assert stored() == ["a", "b"]


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_committed_is_told_to_all(monkeypatch):
    def broken():
        raise OperationalError("disk")

    monkeypatch.setattr(connection, "_commit", broken)
    calls = [Call(keep(name), None, None) for name in ("a", "b")]

    _store(calls)
    monkeypatch.undo()

    assert [type(call.problem) for call in calls] == [OperationalError, OperationalError]
    assert stored() == []


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_are_all_answered_and_woken_for_after_the_commit():
    woken, line = [], Storing(1, 16)

    def work(name):
        def do():
            keep(name)()
            transaction.on_commit(lambda: woken.append((name, transaction.get_connection().in_atomic_block)))
            return name

        return do

    async def all_at_once():
        return await asyncio.gather(*(line.do(work(f"n{number}")) for number in range(30)))

    answered = asyncio.run(all_at_once())
    asyncio.run(line.do(connections.close_all))

    assert answered == [f"n{number}" for number in range(30)]
    assert len(stored()) == 30
    assert woken == [(f"n{number}", False) for number in range(30)]
