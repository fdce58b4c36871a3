"""Marks: words, names and numbers that stand nowhere else, and a search for them in every form they could leak in."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

MARK = "zorbliquax"
# A sentence in four scripts, each with a word that no catalogue, no training example and no package holds.
SENTENCES = {
    "latin": f"{MARK} keeps my wages at vexnorrholm street",
    "thai": "ฉวัฎฐฬัญกรณ์ ยึดหนังสือเดินทางของฉัน",
    "burmese": "ဇွဲဋ္ဌကဏ္ဍဿန် က ပတ်စပို့ ယူထားတယ်",
    "arabic": "ظغضثخذال اخذ جوازي",
}
WORDS = (MARK, "vexnorrholm", "ฉวัฎฐฬัญกรณ์", "ဇွဲဋ္ဌကဏ္ဍဿန်", "ظغضثخذال", "Quastimpova", "xyvondrel_q")
NAME, USERNAME = "Quastimpova", "xyvondrel_q"
PHONE, CHAT = "+15005557391846", "739184620551"
NUMBERS = ("15005557391846", "739184620551")


@cache
def forms() -> tuple[tuple[str, bytes], ...]:
    """Every form of every mark, with a name that does not tell the mark."""
    found: dict[bytes, str] = {}
    for place, mark in enumerate((*WORDS, *NUMBERS)):
        for name, form in _forms(mark):
            found.setdefault(form, f"mark {place}, {name}")
    for name in ("sha256", "sha1", "md5"):  # a number is found from its plain hash within minutes
        for number in (PHONE, *NUMBERS):
            digest = hashlib.new(name, number.encode())
            found |= {digest.digest(): f"number, {name}", digest.hexdigest().encode(): f"number, {name}"}
    return tuple((name, form) for form, name in found.items())


def _forms(mark: str) -> Iterator[tuple[str, bytes]]:
    for text in {mark, mark.lower(), mark.upper(), mark.title()}:
        yield "utf-8", text.encode()
        yield "utf-16", text.encode("utf-16-le")
        yield "utf-16", text.encode("utf-16-be")
        yield "utf-7", text.encode("utf-7")
        yield "hex", text.encode().hex().encode()
        yield "percent", quote(text, safe="").encode()
        yield "percent", quote(text, safe="").lower().encode()
        yield "percent", quote_plus(text, safe="").encode()
        yield "json", json.dumps(text)[1:-1].encode()
        yield "json", json.dumps(text)[1:-1].upper().replace("\\U", "\\u").encode()
        yield "html", html.escape(text).encode()
        yield "html", text.encode("ascii", "xmlcharrefreplace")
        yield "repr", repr(text.encode())[2:-1].encode()
        for shift in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                # The letters in the middle do not depend on what stands before and after.
                yield "base64", encode(bytes(shift) + text.encode()).rstrip(b"=")[4 if shift else 0 : -2]


def marks_in(data: bytes) -> list[str]:
    return sorted({name for name, form in forms() if form in data})


def found_in(folder: Path) -> list[str]:
    """File and mark of everything found below a folder, whole files with what SQLite keeps beside them."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".gz":
            found += [f"{path.relative_to(folder)}: {name}" for name in marks_in(path.read_bytes())]
        found += [f"name of {path.parent.name}/...: {name}" for name in marks_in(path.name.encode())]
    return found
