"""Health: 200 only when a message would be stored and answered now; says which part is not well."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from records.beats import silent
from records.queries import turns_waiting

SLOW_AFTER = timedelta(seconds=20)  # a turn takes a fraction of a second
RUNNER = "runner"
SPEECHLESS = "runner_speechless"  # it takes turns, but the dialogue could not be loaded
NEEDED = (RUNNER, "delivery")


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Return the state of the line."""
    now = datetime.now(timezone.utc)
    problems: list[str] = []
    try:
        missing = silent(NEEDED, now)
        if RUNNER in missing and not silent((SPEECHLESS,), now):
            problems.append("the dialogue cannot be used: people get safety words and a person")
            missing = tuple(name for name in missing if name != RUNNER)
        problems += [f"{name} is silent" for name in missing]
        if turns_waiting(now - SLOW_AFTER):
            problems.append("turns wait too long")
    except DatabaseError:
        problems.append("database cannot be read")
    return JsonResponse({"ok": not problems, "problems": problems}, status=503 if problems else 200)
