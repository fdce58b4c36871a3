"""The documents say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lantern.reference import FOLDER as REFERENCE
from lantern.reference import pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def test_every_setting_command_table_and_label_is_in_the_reference():
    made = pages()

    written = {name: (REFERENCE / name).read_text(encoding="utf-8") for name in made}

    assert written == made, "run `python -m lantern.reference`"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))

    missing = [link for link in links if not (path.parent / link).exists()]

    assert missing == []


def test_who_takes_a_message_stands_where_the_page_says():
    text = " ".join((ROOT / "docs" / "one-message.md").read_text(encoding="utf-8").split())
    named = re.findall(r"`(\w+)` in `([\w/]+\.py)`", text)

    missing = [
        f"{name} in {path}" for name, path in named
        if not re.search(rf"^(async def|def|class) {name}\b", (ROOT / path).read_text(encoding="utf-8"), re.M)
    ]  # fmt: skip

    assert len(named) > 10
    assert missing == []


def test_every_content_file_has_its_row():
    text = (ROOT / "docs" / "reference" / "content.md").read_text(encoding="utf-8")
    there = [path for path in (ROOT / "content").iterdir() if path.suffix == ".yml" or list(path.glob("*.yml"))]

    missing = [path.name for path in there if f"`{path.name}" not in text]

    assert there
    assert missing == []


def test_every_fault_stands_in_its_table_and_what_the_table_names_is_there():
    table = [
        line for line in (ROOT / "docs" / "faults.md").read_text(encoding="utf-8").splitlines() if line[:2] == "| "
    ]
    breaks = (ROOT / "benchmarks" / "faults" / "breaks.py").read_text(encoding="utf-8")
    made = set(re.findall(r"^def (\w+)\(world: World\) -> str", breaks, re.M))
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))

    unnamed = [name for name in made if not any(f"{name}`" in line for line in table)]
    gone = [name for name in re.findall(r"`(test_\w+)`", "\n".join(table)) if f"def {name}(" not in tests]

    assert len(made) > 10
    assert (unnamed, gone) == ([], [])


def test_modules_named_in_the_path_of_a_message_exist():
    text = (ROOT / "docs" / "one-message.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:bot|channels|records|screening|lantern|content|desk|actions)/[\w/]+(?:\.py|/))`", text)

    missing = [name for name in named if not (ROOT / name).exists()]

    assert named
    assert missing == []
