"""Health, for whoever watches: does this process live, would it store a message, would the line answer one.

`/livez` asks nothing and nobody; `/readyz` is for a proxy or a rolling restart: a webhook is safe here; `/healthz`
is 200 only when a message would be answered. What is wrong is said in plain words; a problem beside a 200 keeps nobody
from being answered, and wants an operator.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lantern.readiness import Trouble, troubles


@require_safe
@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    """This process turns its loop."""
    return JsonResponse({"ok": True, "problems": []})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether a message that comes in here would be stored."""
    return _state(lambda trouble: trouble.storing)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Whether a message would be stored and answered."""
    return _state(lambda trouble: True)


def _state(counts: Callable[[Trouble], bool]) -> JsonResponse:
    found = [one for one in troubles(datetime.now(timezone.utc)) if counts(one)]
    ok = not any(one.answering for one in found)
    return JsonResponse({"ok": ok, "problems": [one.sentence for one in found]}, status=200 if ok else 503)
