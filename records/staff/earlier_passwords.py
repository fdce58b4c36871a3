"""Earlier passwords: those that an account had lately and the one in use, so that a lost one is not taken again.

Capitals, spaces, signs and digits do not count, nor do up to two letters put before or behind, or left out there: who
found one tries that too. So what is kept of each is a slow hash of its letters without the two at either end, and how
many letters it had (a new one is tried only where it can fit, three times at most). That is easier to guess than the
password, so it is sealed by the master key: the database alone tells nothing. The cost of the hashes is paid only
while somebody chooses a password.
"""

from __future__ import annotations

import json
import unicodedata

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password, make_password

from records.errors import SealBroken
from records.models import EarlierPasswords, Staff
from records.sealing.keys import open_for, seal_for
from records.sealing.seal import place

PURPOSE = "earlier passwords"
_KEPT_KINDS = "LMN"  # of Unicode: letters, marks, numbers; a mark is half of a word in Thai, Khmer or Hindi
KEPT = 6  # each costs up to three slow hashes when a new one is chosen
_ENDS = 2  # letters at either end that may be others, more or fewer
_LEAST = 8  # letters without which a password is taken with its digits, or whole


def remember(staff: Staff, password: str) -> None:
    """Keep that this account has this password from now on; what is more than `KEPT` is forgotten."""
    row = EarlierPasswords.objects.filter(staff=staff).first() or EarlierPasswords(staff=staff)
    core = _core(password)
    kept = [(len(core), make_password(core[_ENDS:-_ENDS] or core)), *_kept(row)][:KEPT]
    row.sealed = seal_for(PURPOSE, json.dumps(kept).encode(), earlier_place(row))
    row.save()


def was_one(staff: Staff, password: str) -> bool:
    """True when it is a password of this account, of today or of before, or one that differs in what does not count."""
    # In use, or behind the sign of a new start: of an account that is older than this list, all that there is.
    counts = staff.password.removeprefix(UNUSABLE_PASSWORD_PREFIX)
    row = EarlierPasswords.objects.filter(staff=staff).first() if staff.pk else None
    kept = _kept(row) if row else []
    tried = {password} if kept else {password, password[:-1], password[:-2], password[1:], _without_end(password)}
    if counts and any(check_password(one, counts) for one in tried):
        return True
    return any(check_password(form, one) for length, one in kept for form in _forms(password, length))


def earlier_place(row: EarlierPasswords) -> str:
    """Where the hashes of an account lie."""
    return place("earlierpasswords", "sealed", row.uid)


def _kept(row: EarlierPasswords) -> list[tuple[int, str]]:
    """How many letters each had, and the hash of those in its middle; 0: of before, a hash of the whole."""
    if not row.sealed:
        return []
    try:
        found: list[str | tuple[int, str]] = json.loads(open_for(PURPOSE, bytes(row.sealed), earlier_place(row)))
    except SealBroken:
        return []  # damaged: that must not keep anybody from a new password
    return [(0, one) if isinstance(one, str) else (one[0], one[1]) for one in found]


def _forms(password: str, length: int) -> set[str]:
    """What of this password may be what was kept of one with so many letters."""
    core = _core(password)
    if not length:
        plain = _plain(password)
        return {plain, plain[:-1], core, _without_spaces(password)}
    more = len(core) - length
    if abs(more) > _ENDS:
        return set()
    # Of the letters that are more or fewer, some stand before and the rest behind.
    before = range(more + 1) if more >= 0 else range(more, 1)
    cuts = ((_ENDS + one, len(core) - _ENDS - more + one) for one in before)
    return {core[begin:end] or core for begin, end in cuts}


def _core(password: str) -> str:
    """The letters and their marks alone, if they are enough; else with the digits."""
    plain = _plain(password)
    letters = "".join(one for one in plain if unicodedata.category(one)[0] != "N")
    return letters if len(letters) >= _LEAST else plain


def _without_end(password: str) -> str:
    """As it was written, without the digits and signs behind its last letter."""
    last = max((at for at, one in enumerate(password) if one.isalpha()), default=-1)
    return password[: last + 1]


def _plain(password: str) -> str:
    """The letters, their marks and digits alone; of one made of signs all that there is."""
    letters = _without_spaces(password)
    return "".join(one for one in letters if unicodedata.category(one)[0] in _KEPT_KINDS) or letters


def _without_spaces(password: str) -> str:
    """As the hashes of before were made, when signs counted."""
    return "".join(unicodedata.normalize("NFKC", password).casefold().split())
