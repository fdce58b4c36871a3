"""Parse: one line of JSON in, one answer out, whatever the line.

The `parse` command reads lines and writes these answers; a line that cannot be read gets an answer
with an `error` sentence and its id, if it has one.
"""

from __future__ import annotations

import json
import math

from bot.understanding.model import Understanding, Understood

_ID_KINDS = (str, int, float, bool)


def parse_line(line: str, understanding: Understanding) -> dict[str, object]:
    """Return the answer to one line: `{"id", "text", "country"?}`."""
    try:
        asked = json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return _answer(None, understanding.understand(""), error="the line is not JSON")
    if not isinstance(asked, dict):
        return _answer(None, understanding.understand(""), error="the line is not a JSON object with a text")
    line_id, text, country = asked.get("id"), asked.get("text"), asked.get("country")
    understood = understanding.understand(
        text if isinstance(text, str) else "", country=country if isinstance(country, str) else None
    )
    return _answer(line_id, understood, error=None if isinstance(text, str) else "text is not a string")


def _answer(line_id: object, understood: Understood, *, error: str | None) -> dict[str, object]:
    language = understood.language
    answer: dict[str, object] = {
        "id": _echoed(line_id),
        "language": {"code": language.code, "confidence": _rounded(language.confidence), "sure": language.sure},
        "intent": {"name": understood.intent, "confidence": _rounded(understood.intent_confidence)},
        "indicators": [
            {"id": finding.id, "confidence": _rounded(finding.confidence), "words": finding.words}
            for finding in understood.indicators
        ],
        "risks": [
            {"id": finding.id, "confidence": _rounded(finding.confidence), "source": finding.source}
            for finding in understood.risks
            if finding.band == "sure"
        ],
        "urgent": understood.urgent,
        "ask": list(understood.ask),
        "role": understood.role or "none",
    }
    return answer if error is None else {**answer, "error": error}


def _echoed(line_id: object) -> object:
    """Return the id as it may be written in JSON; what cannot be is null."""
    if not isinstance(line_id, _ID_KINDS) or (isinstance(line_id, float) and not math.isfinite(line_id)):
        return None
    return line_id.encode("utf-8", "replace").decode("utf-8") if isinstance(line_id, str) else line_id


def _rounded(chance: float) -> float:
    return round(float(chance), 3)
