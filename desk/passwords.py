"""Passwords: what a new one must not be, beside Django's own rules (its length, names, the 20,000 commonest).

Django asks these wherever somebody of the staff chooses a password, in the browser or at the terminal. Nothing is asked
over the network: the list of breaches is a file of the operator's.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from content.known_phrases import forms, known_phrases
from content.password_words import password_words
from records.models import Staff
from records.staff.earlier_passwords import was_one

_HASH = 40  # letters of a SHA-1 in hex, with which a line begins
_SHORTEST_NAME = 3
_SHORTEST_PART = 4  # of two common ones put together
_LONGEST_PAIR = 40  # letters; the longest that people choose have a dozen


class NotCommon(CommonPasswordValidator):
    """A password is none of the commonest, nor two of them together, whatever stands between and behind."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError when Django's list holds it, with signs and the digits at its ends left out."""
        super().validate(password, user)
        if any(map(self._is_made_of_common, forms(password))):
            raise ValidationError(self.get_help_text(), code="password_too_common")

    def get_help_text(self) -> str:
        """The sentence."""
        return _(
            "This is one of the commonest passwords, or two of them together; signs between and digits behind do not"
            " hide it. Take several words that stand together nowhere."
        )

    def _is_made_of_common(self, letters: str) -> bool:
        core = known_phrases().without_little(letters)
        if not core or core in self.passwords or letters in self.passwords:
            return True
        cuts = range(_SHORTEST_PART, len(core) - _SHORTEST_PART + 1) if len(core) <= _LONGEST_PAIR else ()
        return any(core[:cut] in self.passwords and core[cut:] in self.passwords for cut in cuts)


class NotOfTheLine:
    """A password is more than the words of this line and its people, or rows of keys."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError when too little is left without those words."""
        rule = password_words()
        host = urlsplit(settings.LANTERN.public_url or "").hostname or ""
        names = [*host.split("."), getattr(user, "username", ""), getattr(user, "alias", "")]
        if rule.left_of(password, *(name for name in names if len(name) >= _SHORTEST_NAME)) < rule.least_left:
            raise ValidationError(self.get_help_text(), code="password_of_the_line")

    def get_help_text(self) -> str:
        """The sentence."""
        return _(
            "This password is made of words or rows of keys that others try first. Take several words that have"
            " nothing to do with this line."
        )


class NotWellKnown:
    """A password is no phrase that many know by heart, and no example of one."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError when the list of phrases holds it."""
        if known_phrases().holds(password):
            raise ValidationError(self.get_help_text(), code="password_well_known")

    def get_help_text(self) -> str:
        """The sentence."""
        return _(
            "Many know this phrase: a saying, a line of a song or film, or an example of a password. Others try it"
            " first. Take several words that stand together nowhere."
        )


class NotBreached:
    """A password is on no list of those that were stolen elsewhere, if the operator has one."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError when its hash stands in `LANTERN_BREACHED_PASSWORDS`."""
        path = settings.LANTERN.breached_passwords
        if path is not None and stands_in(path, password):
            raise ValidationError(self.get_help_text(), code="password_breached")

    def get_help_text(self) -> str:
        """The sentence."""
        return _("This password was stolen somewhere once, from whoever used it. Take another.")


class NotTheSameAgain:
    """A new password is another one than those of before: whoever found a lost one would be in again."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError when it is one of the last, that in use too, or one that differs in little."""
        if isinstance(user, Staff) and was_one(user, password):
            raise ValidationError(self.get_help_text(), code="password_the_same_again")

    def get_help_text(self) -> str:
        """The sentence."""
        return _(
            "This is a password of before, or one with other capitals, spaces, signs or digits, or with other letters"
            " at its ends. Take another: whoever knows the old one tries that too."
        )


def stands_in(path: Path, password: str) -> bool:
    """True if the SHA-1 of the password begins a line of the file, whose lines are in order."""
    # Not to hide anything: it is the form in which such lists are published.
    wanted = hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper().encode()
    with path.open("rb") as lines:
        low, high = 0, lines.seek(0, 2)
        while low < high:  # a line that begins at or after `low` and before `high` may be it
            middle = (low + high) // 2
            lines.seek(max(0, middle - 1))
            if middle:
                lines.readline()  # the rest of a line that begins before it
            begins = lines.tell()
            line = lines.readline()
            found = line[:_HASH].upper()
            if found == wanted:
                return True
            if not line or found > wanted:
                high = middle
            else:
                low = begins + len(line)
    return False
