"""Country: where a phone is from, and which country a message names. Only the country, never the place."""

from __future__ import annotations

from functools import cache

import ahocorasick
import phonenumbers
from babel import Locale, UnknownLocaleError

from bot.understanding.clean import Cleaned, fold
from content.languages import languages

# What people write and no list of names holds; folded.
_ALSO = {
    "uk": "GB", "england": "GB", "usa": "US", "us": "US", "america": "US", "uae": "AE", "dubai": "AE", "burma": "MM",
    "korea": "KR", "saudi": "SA", "ksa": "SA", "holland": "NL", "hk": "HK", "arab saudi": "SA", "myanmar": "MM",
    "amerika": "US", "inggris": "GB", "estados unidos": "US", "eeuu": "US", "ee uu": "US", "españa": "ES", "ထိုင်း": "TH",
    "မလေးရှား": "MY", "တရုတ်": "CN", "မြန်မာ": "MM", "ကမ္ဘောဒီးယား": "KH", "စင်ကာပူ": "SG", "ดูไบ": "AE",
    "viet nam": "VN", "ស្រុកខ្មែរ": "KH", "ថៃ": "TH", "ໄທ": "TH", "เขมร": "KH",
}  # fmt: skip
_LONGEST = 6  # words of a country's name
_CODE = 2  # letters of a country's code
_FIRST_SIGN, _LAST_SIGN = "\u4e00", "\u9fff"  # of Chinese


def of_phone(number: str) -> str | None:
    """Return the ISO country of a phone number in E.164, or None."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return None
    return region if region and region != "001" else None


def named(cleaned: Cleaned, candidates: tuple[str, ...]) -> str | None:
    """Return the country that a message names, in one of these languages or in English; the longest name wins."""
    names = _names()
    words = cleaned.folded.split()
    for length in range(min(_LONGEST, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            found = names.get(" ".join(words[start : start + length]))
            if found:
                return found
    if cleaned.folded.isascii():
        return None
    # Names of other scripts stand inside words, and where no spaces tell the words. Of two as long, the first known.
    found = max((rank for _, rank in _inside().iter(cleaned.folded)), default=None)
    return found[2] if found else None


@cache
def _inside() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for order, (name, code) in enumerate(_names().items()):
        if not name.isascii():
            automaton.add_word(name, (len(name), -order, code))
    automaton.make_automaton()
    return automaton


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for code in [*languages(), "en"]:
        try:
            territories = Locale.parse("fil" if code == "tl" else code).territories
        except UnknownLocaleError:
            continue
        for region, name in territories.items():
            folded = fold(name)
            # Two letters are parts of other words, but where a sign is a word: Thailand is two of them in Chinese.
            if (
                len(region) == _CODE
                and region.isalpha()
                and (len(folded) > _CODE or _FIRST_SIGN <= folded[0] <= _LAST_SIGN)
            ):
                found.setdefault(folded, region)
    return found | {fold(name): code for name, code in _ALSO.items()}
