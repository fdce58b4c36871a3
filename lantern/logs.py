"""Logs: one line an event on stderr, `time level event key=value ...`; ids and numbers, never what people wrote.

Whatever reaches a logger is cut down here: keys that are not listed are dropped, so are values that
could be words, messages of exceptions, and the sentences of other people's packages. What is left of an
exception is its type, where it was raised, and of a slip in our own content its file and line.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from content.source import ContentError

ROOT = Path(__file__).resolve().parent.parent
OURS = ("actions", "bot", "channels", "content", "desk", "lantern", "records", "screening")

# The only keys that are printed. A new one is an id, a number, or one of a few fixed words; never free text.
KEYS = frozenset({
    "again", "attempt", "attempts", "cause", "channel", "code", "conversation", "error", "erased", "gave_up", "holder",
    "inbox", "kind", "lane", "lanes", "language", "level", "ms", "new", "once_more", "outbox", "owner", "pause_s",
    "pid", "provider_id", "reason", "rule", "sent", "staff", "state", "status", "uid", "version", "view", "wait",
})  # fmt: skip
_EVENT = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")  # snake_case of two words or more: no sentence looks like it
# An id or a fixed word begins with a letter, a code has few digits: a phone number is neither.
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.:\-]{0,63}|[0-9]{1,6}")
_PAIRS = re.compile(r"([a-z][a-z0-9_]*)((?: [a-z_]+=%[sdr])*)")  # how modules of ours write an event to `logging`
_PLACE = re.compile(r"[A-Za-z0-9_./@-]+\.[a-z]{2,4}:[0-9]+")  # a file of ours and its line, never what it says
_DJANGO = ("django", "uvicorn")  # their sentences are fixed; what was put into them is not printed
_FRAMES = 6
HEALTH = ("healthz", "readyz", "metrics")
_HANDLER = "lantern"


def configure() -> None:
    """Set logging up for this process; a second call changes nothing."""
    root = logging.getLogger()
    if any(handler.name == _HANDLER for handler in root.handlers):
        return
    handler = logging.StreamHandler()
    handler.name = _HANDLER
    handler.setFormatter(IdsOnly())
    handler.addFilter(
        lambda record: _route(record) not in HEALTH
    )  # 503 is its way to say "not well", and it is asked often
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("rasa", "rasa_sdk"):
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.CRITICAL)  # a warning may quote what it stumbled over
    logging.raiseExceptions = False  # else a record that cannot be formatted is printed whole
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, _to_record],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    _catch_the_uncaught()


class IdsOnly(logging.Formatter):
    """Turns a record into a line that can hold nothing a person wrote."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        event, fields = _event_of(record)
        if record.exc_info and record.exc_info[1] is not None:
            fields |= _exception(record.exc_info[1])
        pairs = [f"{key}={value}" for key, value in fields.items()]
        return " ".join([at, record.levelname.lower(), event, *pairs])


def allowed(fields: Mapping[str, Any]) -> dict[str, str]:
    """Return the listed keys whose values are numbers or ids, as text."""
    found = {}
    for key, value in fields.items():
        if key not in KEYS:
            continue
        if value is None or isinstance(value, bool | int | float):
            found[key] = str(value).lower() if isinstance(value, bool) else str(value)
        elif _WORD.fullmatch(text := str(value)):
            found[key] = text
    return found


def _event_of(record: logging.LogRecord) -> tuple[str, dict[str, str]]:
    fields = getattr(record, "lantern_fields", None)
    if fields is not None:
        return (record.msg if _EVENT.fullmatch(record.msg) else "unnamed_event"), allowed(fields)
    if record.name.startswith("django.request"):
        return "request_failed", _request(record)
    template = record.msg if isinstance(record.msg, str) else ""
    ours = record.name.partition(".")[0] in OURS and _PAIRS.fullmatch(template)
    if ours and (ours[2] or _EVENT.fullmatch(ours[1])):
        values = record.args if isinstance(record.args, tuple) else ()
        names = re.findall(r"([a-z_]+)=", ours[2])
        return ours[1], allowed(dict(zip(names, values)))  # noqa: B905 (a log line must not raise)
    said = {"logger": record.name, "at": f"{_short(record.pathname)}:{record.lineno}"}
    if record.name.startswith(_DJANGO) and record.args:
        said["says"] = repr(template[:80])
    return "other_log", said


def _request(record: logging.LogRecord) -> dict[str, str]:
    """Which route, never which path: anyone may write anything into a path or its query."""
    return {"route": _route(record) or "none", "status": str(getattr(record, "status_code", "none"))}


def _route(record: logging.LogRecord) -> str | None:
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    route = getattr(match, "route", None)
    return str(route) if route else None


def _exception(error: BaseException) -> dict[str, str]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    found = {"error": type(error).__name__}
    if frames:
        found["at"] = ",".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in reversed(frames))
    if isinstance(error, ContentError) and _PLACE.fullmatch(error.where):
        found["where"] = error.where
    cause = error.__cause__ or error.__context__
    if cause is not None:
        found["after"] = type(cause).__name__
    return found


def _short(filename: str) -> str:
    """A path as it stands in this repository or in a package; not where this machine keeps either."""
    _, package, inside = filename.rpartition("site-packages/")
    return inside if package else filename.removeprefix(f"{ROOT}/").replace(" ", "_")


def _to_record(_logger: object, _method: str, fields: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """Hand an event of structlog to `logging`, so that all lines leave by one door."""
    event, exc_info = fields.pop("event", ""), fields.pop("exc_info", None)
    return (str(event),), {"extra": {"lantern_fields": dict(fields)}, "exc_info": exc_info}


def _catch_the_uncaught() -> None:
    """What nobody caught is logged by type and place; Python's own tracebacks would print its message."""
    log = structlog.get_logger("lantern")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("uncaught_exception", exc_info=(kind, error, trace))

    def in_thread(found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None:
            uncaught(found.exc_type, found.exc_value, found.exc_traceback)

    def unraisable(found: sys.UnraisableHookArgs) -> None:
        if found.exc_value is not None:
            log.error("unraisable_exception", exc_info=(found.exc_type, found.exc_value, found.exc_traceback))

    sys.excepthook = uncaught
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
