"""Logs: a marked text sent down every way into the log is in none of its lines."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from content.source import ContentError
from lantern.logs import IdsOnly, allowed
from tests.run.conftest import ROOT

MARK = "kumquat"
BEGIN = f"""
import logging, threading, warnings
import structlog
from lantern import logs
logs.configure()
bot = logging.getLogger("bot.delivery")
event = structlog.get_logger("bot.runner")
mark = "{MARK} she took my passport"
def fails():
    raise ValueError(mark)
"""
WAYS = {
    "a sentence": "bot.error(mark)",
    "one word": f"bot.error('{MARK}')",
    "an f-string": "bot.error(f'received {mark}')",
    "an argument": "bot.error('received channel=%s', mark)",
    "an argument of another key": f"bot.error('received text=%s', '{MARK}')",
    "an event": "event.error(mark)",
    "an event of one word": f"event.error('{MARK}')",
    "a field that is not listed": f"event.error('turn_failed', text='{MARK}')",
    "a field with words in it": "event.error('turn_failed', cause=mark)",
    "an exception of logging": "try: fails()\nexcept ValueError: bot.exception('turn failed')",
    "an exception of structlog": "try: fails()\nexcept ValueError: event.exception('turn_failed')",
    "a chained exception": (
        "try:\n try: fails()\n except ValueError as e: raise KeyError(mark) from e\nexcept KeyError: event.exception('a_b')"
    ),
    "one in a thread": "t = threading.Thread(target=fails); t.start(); t.join()",
    "one in a finalizer": "class A:\n def __del__(self): fails()\nA()",
    "one in a task": "import asyncio\nasync def main(): asyncio.create_task(asyncio.to_thread(fails)); await asyncio.sleep(.2)\n"
    "asyncio.run(main())",
    "a warning": "warnings.warn(mark)",
    "a package's sentence": "logging.getLogger('telegram.ext').error(mark)",
    "a package's argument": "logging.getLogger('django.security').error('Invalid %s', mark)",
    "Rasa": "logging.getLogger('rasa.core').error(mark)",
    "a record that cannot be formatted": "bot.error('received a=%d', mark)",
    "an argument that is missing": "bot.error('received cause=%s and ' + mark + ' %s', mark)",
    "a level below ours": "bot.debug(mark)",
}


@pytest.fixture(scope="module")
def logged():
    """What each way wrote to the terminal, from one process that took them all."""
    steps = [f"print({'#' + way!r}, file=sys.stderr, flush=True)\n{code}\n" for way, code in WAYS.items()]
    code = f"import sys\n{BEGIN}" + "".join(steps) + "print('#the last', file=sys.stderr, flush=True)\nfails()\n"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == ""
    return dict(part.split("\n", 1) for part in done.stderr.split("#")[1:])


@pytest.mark.parametrize("way", [*WAYS, "the last"])
def test_no_way_into_the_log_carries_what_people_wrote(logged, way):
    assert MARK not in logged[way]
    assert "passport" not in logged[way]


def test_a_slip_in_our_own_content_is_logged_by_file_and_line_alone():
    slip = ContentError("content/safety/medical_emergency.en.yml:47", f"found {MARK!r}", "at least 6 examples")
    record = logging.LogRecord("lantern", logging.ERROR, "x.py", 1, "lane_broke", (), (ContentError, slip, None))

    line = IdsOnly().format(record)

    assert "error=ContentError where=content/safety/medical_emergency.en.yml:47" in line
    assert MARK not in line
    assert "examples" not in line


def test_an_exception_that_nobody_catches_is_still_seen(logged):
    assert "critical uncaught_exception error=ValueError at=" in logged["the last"]


def test_an_event_is_one_line_with_ids_and_numbers(python):
    done = python(BEGIN + "event.info('turn_done', conversation=812, ms=340, rule='suicide_self_harm.stated.en')")

    at, line = done.stderr.strip().split(" ", 1)
    assert at.endswith("Z")
    assert line == "info turn_done conversation=812 ms=340 rule=suicide_self_harm.stated.en"


def test_events_written_to_logging_are_read_the_same_way(python):
    done = python(BEGIN + "bot.warning('sms_undelivered provider_id=%s cause=%s new=%s', 'SM1', '30003', True)")

    assert done.stderr.strip().endswith("warning sms_undelivered provider_id=SM1 cause=30003 new=true")


@pytest.mark.parametrize("number", ["+6281234567890", "6281234567890", "0812 3456 789"])
def test_a_phone_number_is_not_an_id(number):
    assert allowed({"holder": number, "ms": 1}) == {"ms": "1"}


def test_an_exception_is_told_by_its_type_and_place(python):
    done = python(BEGIN + "try: logs.allowed(None)\nexcept AttributeError: event.exception('turn_failed')")

    assert "error turn_failed error=AttributeError at=lantern/logs.py:" in done.stderr


def test_a_failed_request_is_told_by_its_route_never_by_its_path(python):
    done = python(
        "import os\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'lantern.settings'\n"
        "from lantern import logs\n"
        "logs.configure()\n"
        "import django\n"
        "django.setup()\n"
        "from django.test import Client\n"
        f"Client(SERVER_NAME='127.0.0.1').get('/{MARK}?text={MARK}')\n"
    )

    assert "warning request_failed route=none status=404" in done.stderr
    assert MARK not in done.stderr
