"""Zawgyi: finds Burmese typed in the old Zawgyi code points and turns it into Unicode.

Zawgyi uses the same block for a typist's order and for glyph variants: the vowel e and the medial
ra stand before their consonant, asat is U+1039, medials are shifted by one, and U+1033..U+1097 hold
stacked letters. Promises Unicode in storage order; a text without signs of Zawgyi is unchanged.
"""

from __future__ import annotations

import re
import unicodedata

_KINZI = "\ue000"  # stands for U+1004 U+103A U+1039 until it is moved before its consonant
_CONSONANT = "\u1000-\u1021\u1023-\u1027\u1029\u103f\u104e"

# Signs that only one of the two writings can have.
_ZAWGYI_SIGN = re.compile(
    "[\u1033\u1034\u105a\u1060-\u1097]"  # glyph variants and stacked forms
    "|(?<![\u1000-\u1021\u1023-\u1027\u1029\u103b-\u103f])\u1031"  # e with nothing before it to carry it
    # A stacker joins two letters of one row only; anything else before or after it means that it is an asat.
    "|[\u1000-\u1003]\u1039(?![\u1000-\u1003])|[\u1005-\u100a]\u1039(?![\u1005-\u100a])"
    "|[\u100b-\u100f]\u1039(?![\u100b-\u100f])|[\u1010-\u1014]\u1039(?![\u1010-\u1014\u102f])"
    "|[\u1015-\u1019]\u1039(?![\u1015-\u1019])|\u101c\u1039(?!\u101c)"
    "|[\u1004\u101a\u101b\u101d-\u1038]\u1039"
    "|(?:^|[\\s\u1038\u104a\u104b])\u103b(?=[\u1000-\u1021])"  # medial ra typed before its consonant
    "|\u1031\u103b[\u1000-\u1021]"
)
_UNICODE_SIGN = re.compile(
    "\u103e"  # Zawgyi has no such letter
    "|\u1004\u103a\u1039"  # kinzi
    "|\u1031(?=[\u102b\u102c\u1036-\u1038\u103a\\s\u104a\u104b]|$)"  # e at the end of its syllable
    "|[\u102b\u102c\u1037]\u103a|\u103a[\u1037\u1038]"  # asat after a vowel or before a tone
)

_STACKED = dict(
    zip(
        (0x1060, 0x1061, 0x1062, 0x1063, 0x1065, 0x1066, 0x1067, 0x1068, 0x1069, 0x106C, 0x106D, 0x1070, 0x1071,
         0x1072, 0x1073, 0x1074, 0x1075, 0x1076, 0x1077, 0x1078, 0x1079, 0x107A, 0x107B, 0x107C, 0x1085, 0x1093),
        "ကခဂဃစဆဆဇဈဋဌဏတတထထဒဓနပဖဗဘမလဘ",
        strict=True,
    )
)  # fmt: skip
_LETTERS: dict[int, str] = {
    **{code: "\u1039" + letter for code, letter in _STACKED.items()},
    **dict.fromkeys(range(0x107E, 0x1085), "\u103c"),  # medial ra, narrow and wide
    0x103B: "\u103c",
    0x103A: "\u103b", 0x107D: "\u103b",  # medial ya
    0x103C: "\u103d", 0x108A: "\u103d\u103e",  # medial wa, with ha
    0x103D: "\u103e", 0x1087: "\u103e", 0x1088: "\u103e\u102f", 0x1089: "\u103e\u1030",  # medial ha
    0x1039: "\u103a", 0x105A: "\u102b\u103a",  # asat
    0x1033: "\u102f", 0x1034: "\u1030",  # long forms of u and uu
    0x1064: _KINZI, 0x108B: _KINZI + "\u102d", 0x108C: _KINZI + "\u102e", 0x108D: _KINZI + "\u1036",
    0x108E: "\u102d\u1036",
    0x106A: "\u1009", 0x106B: "\u100a", 0x1086: "\u103f", 0x108F: "\u1014", 0x1090: "\u101b",  # shapes of letters
    0x1094: "\u1037", 0x1095: "\u1037",
    0x106E: "\u100d\u1039\u100d", 0x106F: "\u100d\u1039\u100e", 0x1091: "\u100f\u1039\u100d",
    0x1092: "\u100b\u1039\u100c", 0x1096: "\u1039\u1010\u103d", 0x1097: "\u100b\u1039\u100b",
}  # fmt: skip

_MARKS = "\u102b-\u1032\u1036-\u1038\u103a-\u103e"
_SYLLABLE = re.compile(
    f"(?P<lead>[\u1031\u103c]*)(?P<base>[{_CONSONANT}])(?P<stack>(?:\u1039[\u1000-\u1021])?)"
    f"(?P<tail>(?:(?!\u1031|\u103c)[{_MARKS}{_KINZI}]|\u1039[\u1000-\u1021])*)"
)
# Storage order inside a syllable (Unicode Technical Note 11); asat and dot are put in order by NFC.
_ORDER = {mark: place for place, mark in enumerate(
    "\u103b\u103c\u103d\u103e\u1031\u102d\u102e\u1032\u102f\u1030\u102b\u102c\u103a\u1036\u1037\u1038"
)}  # fmt: skip
_IN_WORD = "[\u1000-\u1021\u102b-\u103e]"
_LETTER_DIGITS = tuple(  # a zero typed for wa, a seven typed for ra
    (re.compile(f"(?<={_IN_WORD}){digit}(?={_IN_WORD})|{digit}(?=[\u102b-\u103e])"), letter)
    for digit, letter in (("\u1040", "\u101d"), ("\u1047", "\u101b"))
)
_REPAIRS = (
    ("\u1025\u103a", "\u1009\u103a"),  # u typed for nya
    ("\u1025\u102e", "\u1026"),
    ("\u1005\u103b", "\u1008"),
    ("\u101e\u103c\u1031\u102c\u103a", "\u102a"),
    ("\u1036\u102f", "\u102f\u1036"),
)


def is_zawgyi(text: str) -> bool:
    """Return True if the Burmese in the text has more signs of Zawgyi than of Unicode."""
    return len(_ZAWGYI_SIGN.findall(text)) > len(_UNICODE_SIGN.findall(text))


def to_unicode(text: str) -> str:
    """Return the text with Zawgyi code points turned into Unicode Burmese."""
    letters = text.translate(_LETTERS)
    for pattern, letter in _LETTER_DIGITS:
        letters = pattern.sub(letter, letters)
    letters = _SYLLABLE.sub(_in_storage_order, letters)
    for typed, meant in _REPAIRS:
        letters = letters.replace(typed, meant)
    return unicodedata.normalize("NFC", letters.replace(_KINZI, ""))


def _in_storage_order(syllable: re.Match[str]) -> str:
    lead, base, stack, tail = syllable.group("lead", "base", "stack", "tail")
    stacks = re.findall("\u1039[\u1000-\u1021]", tail)
    marks = re.sub("\u1039[\u1000-\u1021]", "", tail)
    kinzi = "\u1004\u103a\u1039" if _KINZI in marks else ""
    ordered = sorted(lead + marks.replace(_KINZI, ""), key=lambda mark: _ORDER.get(mark, len(_ORDER)))
    return kinzi + base + stack + "".join(stacks) + "".join(dict.fromkeys(ordered))
