"""Real processes in a place of their own, and this process looking into their database."""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone

import pytest
from django.db import connections

from channels.base import Address, Inbound, Kind
from tests.integration.place import Place


def written(text="hello", *, who="+15005550006", channel="sms", provider_id, **fields) -> Inbound:
    """A message as a channel hands it to intake."""
    return Inbound(
        channel=channel,
        provider_id=provider_id,
        sender=Address(channel, who),
        text=text,
        kind=fields.pop("kind", Kind.TEXT),
        received_at=datetime.now(timezone.utc),
        **fields,
    )


@contextlib.contextmanager
def looking_into(place: Place, blocker):
    """Within it, Django in this process speaks to the database of the place."""
    known, mine = connections.settings["default"], connections["default"]
    connections.settings["default"] = {**known, "NAME": place.database_name}
    del connections["default"]
    try:
        with blocker.unblock():
            yield
            connections["default"].close()
    finally:
        connections.settings["default"] = known
        connections["default"] = mine


@pytest.fixture(scope="session")
def line(model, tmp_path_factory, django_db_blocker):
    """The whole line, once for all tests here; this process looks into its database."""
    from tests.integration.line import add_staff, running

    with running(tmp_path_factory.mktemp("line") / "place", model) as found:
        with looking_into(found.place, django_db_blocker):
            add_staff()
        yield found


@pytest.fixture
def at_line(line, django_db_blocker):
    """The line, and its database under Django's hands."""
    with looking_into(line.place, django_db_blocker):
        yield line
