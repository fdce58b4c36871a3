"""Writes the transcripts: scripted people talk to the real line, and what it answers is put in.

Run `python -m docs.transcript` from the root after a change of words or flows: README.md and docs/transcripts.
Uses `./run talk --jsonl`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "transcripts"
BEGIN, END = "<!-- transcript: made by docs/transcript.py -->", "<!-- end of transcript -->"
IN_README = "self"
_BETWEEN = timedelta(seconds=40)


def played(flows: Sequence[dict[str, Any]]) -> list[str]:
    """Play each flow on one line and return its talk as Markdown."""
    asked, at = [], datetime.now(timezone.utc)  # the line's clock begins with the day's and only goes forward
    for flow in flows:  # one clock for all: it never goes back
        lines, at = _lines(flow, at)
        asked += [{"from": flow["from"], **line} for line in lines]
    done = subprocess.run(  # noqa: S603 (our own command)
        [str(ROOT / "run"), "talk", "--jsonl"],
        input="".join(json.dumps(line) + "\n" for line in asked), capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    answers = iter(zip(asked, map(json.loads, done.stdout.splitlines()), strict=True))
    return [_shown([next(answers) for _ in flow["says"]]) for flow in flows]


def _lines(flow: dict[str, Any], at: datetime) -> tuple[list[dict[str, str]], datetime]:
    lines = []
    for said in flow["says"]:
        row = said if isinstance(said, dict) else {"text": said}
        at += timedelta(hours=row["after_hours"]) if "after_hours" in row else _BETWEEN
        lines.append({"text": row["text"], "at": at.isoformat()})
    return lines, at


def _shown(turns: Sequence[tuple[dict[str, str], dict[str, Any]]]) -> str:
    shown = []
    for said, answer in turns:
        shown.append(f"> {said['text']}\n")
        for reply in answer["replies"]:
            offered = " | ".join(button["label"] for button in reply["buttons"])
            text = reply["text"] + (f"\n[{offered}]" if offered else "")
            shown.append("".join(f"    {line}\n" for line in text.splitlines() if line))
        state = answer["state"]
    facts = f"owner {state['owner']}, level {state['level'] or 'none'}"
    for name in ("indicators", "risks"):
        if state[name]:
            facts += f", {name} {', '.join(state[name])}"
    return "```\n" + "\n".join(shown) + f"```\n\nWhat staff see after the last line: {facts}.\n"


def main() -> None:
    """Put one transcript between its marks in README.md and write a page a flow."""
    flows = yaml.safe_load((FOLDER / "flows.yml").read_text("utf-8"))["flows"]
    page = ROOT / "README.md"
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    if not tail:
        sys.exit(f"README.md: the marks {BEGIN} and {END} are missing")
    index = ["# One conversation a flow\n\nMade by `python -m docs.transcript` on the real line, from `flows.yml`.\n\n"]
    for flow, talk in zip(flows, played(flows), strict=True):
        name = f"{flow['id']}.md"
        channel = "SMS" if flow["from"].startswith("sms") else "Telegram"
        (FOLDER / name).write_text(f"# {flow['title']}\n\n{channel}.\n\n{talk}", encoding="utf-8")
        index.append(f"- [{flow['title']}]({name})\n")
        if flow["id"] == IN_README:
            page.write_text(f"{head}{BEGIN}\n{talk}{END}{tail}", encoding="utf-8")
    (FOLDER / "README.md").write_text("".join(index), encoding="utf-8")


if __name__ == "__main__":
    main()
