"""The documents as a site: built without a warning, and it asks no other server for anything."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What a browser fetches by itself; a link that a person may follow is not meant.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=["']?(?:https?:)?//"""
    r"""|<link\b(?![^>]*rel=["']?canonical)[^>]*\bhref=["']?(?:https?:)?//"""
    r"""|(?:@import|url\()\s*["']?(?:https?:)?//""",
    re.I,
)


def test_the_site_builds_without_a_warning_and_fetches_nothing_from_elsewhere(tmp_path):
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    pages = [path for path in tmp_path.rglob("*") if path.suffix in (".html", ".css")]
    elsewhere = [
        f"{path.relative_to(tmp_path)}: {found.group(0)}"
        for path in pages for found in FETCHED.finditer(path.read_text("utf-8"))
    ]  # fmt: skip
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    assert (tmp_path / "index.html").exists()
    assert elsewhere == []
