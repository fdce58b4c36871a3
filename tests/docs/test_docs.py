"""The documents say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lantern.reference import page

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def test_every_setting_and_command_is_in_the_reference():
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")

    assert written == page(), "run `python -m lantern.reference > docs/settings.md`"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(path):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))

    missing = [link for link in links if not (path.parent / link).exists()]

    assert missing == []


def test_modules_named_in_the_path_of_a_message_exist():
    text = (ROOT / "docs" / "one-message.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:bot|channels|records|screening|lantern|content|desk|actions)/[\w/]+(?:\.py|/))`", text)

    missing = [name for name in named if not (ROOT / name).exists()]

    assert named
    assert missing == []
