"""Earlier passwords: those that an account had lately and the one in use, so that a lost one is not taken again.

They are compared without capitals, spaces, hyphens and other signs, for whoever found one tries that too. Such a form
is easier to guess than the password, so what is kept of it is a slow hash, and that is sealed by the master key: the
database alone tells nothing. The cost of the hashes is paid only while somebody chooses a password.
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
KEPT = 6  # each costs a slow hash when a new one is chosen


def remember(staff: Staff, password: str) -> None:
    """Keep that this account has this password from now on; what is more than `KEPT` is forgotten."""
    row = EarlierPasswords.objects.filter(staff=staff).first() or EarlierPasswords(staff=staff)
    hashes = [make_password(_plain(password)), *_hashes(row)][:KEPT]
    row.sealed = seal_for(PURPOSE, json.dumps(hashes).encode(), earlier_place(row))
    row.save()


def was_one(staff: Staff, password: str) -> bool:
    """True when it is a password of this account, of today or of before, also with other capitals, spaces or signs."""
    # In use, or behind the sign of a new start: of an account that is older than this list, all that there is.
    counts = staff.password.removeprefix(UNUSABLE_PASSWORD_PREFIX)
    if counts and check_password(password, counts):
        return True
    row = EarlierPasswords.objects.filter(staff=staff).first() if staff.pk else None
    read = {_plain(password), _without_spaces(password)}
    return row is not None and any(check_password(plain, one) for one in _hashes(row) for plain in read)


def earlier_place(row: EarlierPasswords) -> str:
    """Where the hashes of an account lie."""
    return place("earlierpasswords", "sealed", row.uid)


def _hashes(row: EarlierPasswords) -> list[str]:
    if not row.sealed:
        return []
    try:
        found: list[str] = json.loads(open_for(PURPOSE, bytes(row.sealed), earlier_place(row)))
    except SealBroken:
        return []  # damaged: that must not keep anybody from a new password
    return found


def _plain(password: str) -> str:
    """The letters, their marks and digits alone; of one made of signs all that there is."""
    letters = _without_spaces(password)
    return "".join(one for one in letters if unicodedata.category(one)[0] in _KEPT_KINDS) or letters


def _without_spaces(password: str) -> str:
    """As the hashes of before were made, when signs counted."""
    return "".join(unicodedata.normalize("NFKC", password).casefold().split())
