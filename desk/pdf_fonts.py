"""Fonts of this machine for a PDF: which file shows which letters, and which letters none of them can show.

Looks into the usual folders of the systems; nothing is fetched. A font of one script comes before a font of
many: those have the letters of Urdu, say, without their joined shapes. Letters with the same font stay together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
# Beginnings of file names, best first: plain faces of one script each, then faces of many scripts.
PREFERRED = (
    "NotoSans-Regular", "NotoSansArabic-Regular", "NotoNaskhArabic-Regular", "NotoSansDevanagari-Regular",
    "NotoSansBengali-Regular", "NotoSansThai-Regular", "NotoSansLao-Regular", "NotoSansKhmer-Regular",
    "NotoSansMyanmar-Regular", "Padauk-Regular", "NotoSansEthiopic-Regular", "NotoSansSinhala-Regular",
    "NotoSansTamil-Regular", "NotoSansCJK-Regular", "NotoSansSC-Regular", "NotoSansSymbols-Regular",
    "NotoSansSymbols2-Regular", "DejaVuSans.", "LiberationSans-Regular", "FreeSans.", "arial.", "Arial.", "ARIALUNI",
    "Arial Unicode", "segoeui.", "LeelawUI", "mmrtext.", "Nirmala", "msyh", "simsun", "PingFang",
    "Thonburi", "Helvetica",
)  # fmt: skip
_LATIN = 0x24F  # the end of Latin Extended-B
_SUFFIXES = (".ttf", ".otf", ".ttc")


@dataclass(frozen=True, slots=True)
class Font:
    """One file and the letters it has."""

    name: str
    path: Path
    letters: frozenset[int] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fonts:
    """The fonts that texts need, the one for most of them first, and the letters that none has."""

    fonts: tuple[Font, ...]
    missing: tuple[str, ...]

    def best(self, text: str) -> Font | None:
        """The first font with every letter of the text's own script; else the one that lacks the fewest."""
        needed = needs(text)
        own = frozenset(code for code in needed if code > _LATIN and unicodedata.category(chr(code))[0] in "LM")
        return min(self.fonts, key=lambda font: len((own or needed) - font.letters), default=None)


def fonts_for(texts: Iterable[str]) -> Fonts:
    """Find the fonts for all these texts together."""
    todo = [needs(text) for text in texts]
    letters = frozenset().union(*todo) | needs("0 A a")
    chosen: list[Font] = []
    for font in _candidates():
        shown = frozenset().union(*(one.letters for one in chosen))
        adds = (letters - shown) & font.letters
        if adds:
            chosen.append(font)
        if letters <= shown | font.letters:
            break
    shown = frozenset().union(*(one.letters for one in chosen))
    return Fonts(tuple(chosen), tuple(chr(code) for code in sorted(letters - shown)))


def needs(text: str) -> frozenset[int]:
    """The letters of a text that must be seen; spaces, joiners and marks of direction need no picture."""
    return frozenset(ord(letter) for letter in text if unicodedata.category(letter) not in ("Cc", "Cf", "Zs", "Cs"))


def _candidates() -> Iterator[Font]:
    """Preferred files first, each read when it is asked for; then every other upright one."""
    files = _files()
    preferred = [path for start in PREFERRED for path in files if path.name.startswith(start)]
    others = [path for path in files if path not in preferred and ("Regular" in path.name or "-" not in path.stem)]
    for path in (*preferred, *others):
        font = _read(path)
        if font is not None:
            yield font


@cache
def _files() -> tuple[Path, ...]:
    found: list[Path] = []
    for folder in FOLDERS:
        if folder.is_dir():
            found += sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    return tuple(found)


@cache
def _read(path: Path) -> Font | None:
    try:
        with TTFont(path, fontNumber=0, lazy=True) as file:
            letters = file.getBestCmap() or {}
            if "glyf" not in file and "CFF " not in file:
                return None  # pictures in colour: no letters for a page
            return Font(path.stem, path, frozenset(letters))
    except (TTLibError, OSError, KeyError, ValueError):
        return None
