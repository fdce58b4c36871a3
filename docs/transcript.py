"""Writes the transcript of README.md: a scripted person talks to the real line, and what it answers is put in.

Run `python -m docs.transcript` from the root after a change of words or flows. Uses `./run talk --jsonl`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- transcript: made by docs/transcript.py -->", "<!-- end of transcript -->"
PHONE = "sms:+6591234567"
SAYS = (
    "hello mam i need help",
    "1",
    "are u police",
    "1",
    "ok",
    "3",
    "my boss has my pasport 8 months and i cant go out from the house",
    "no",
    "5",
    "yes",
)


def transcript() -> str:
    """Return the talk as Markdown."""
    lines = "".join(json.dumps({"from": PHONE, "text": text}) + "\n" for text in SAYS)
    done = subprocess.run(  # noqa: S603 (our own command)
        [str(ROOT / "run"), "talk", "--jsonl"], input=lines, capture_output=True, text=True, check=True, cwd=ROOT
    )
    shown = []
    for said, answer in zip(SAYS, map(json.loads, done.stdout.splitlines()), strict=True):
        shown.append(f"> {said}\n")
        shown += ["".join(f"    {line}\n" for line in reply["text"].splitlines()) for reply in answer["replies"]]
        state = answer["state"]
    facts = f"owner {state['owner']}, level {state['level']}, indicators {', '.join(state['indicators'])}"
    return "```\n" + "\n".join(shown) + f"```\n\nWhat staff see after the last line: {facts}.\n"


def main() -> None:
    """Put the transcript between its marks in README.md."""
    page = ROOT / "README.md"
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    if not tail:
        sys.exit(f"README.md: the marks {BEGIN} and {END} are missing")
    page.write_text(f"{head}{BEGIN}\n{transcript()}{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
