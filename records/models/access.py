"""How staff prove who they are, how they are invited, and when somebody looked where they had no need to.

Passkeys have tables of their own (django-otp-webauthn): public keys only. The secret of an authenticator app
is sealed; of recovery codes only hashes are kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from typing import Any, ClassVar

from django.db import models, transaction
from django_otp.models import Device, DeviceManager, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from records.models.staff import Staff
from records.sealing.keys import open_for, seal_for
from records.sealing.seal import place
from records.states import StaffRole

FACTOR = "second factor"
_SECRET_BYTES = 20  # RFC 4226, section 4
_CODES, _CODE_BYTES, _GROUP = 10, 14, 4  # 112 bits a code: then a plain hash will do (ASVS 6.5.2)


class Authenticator(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]
    """An app that shows six digits (TOTP, RFC 6238). The check itself is django-otp's."""

    uid: Any = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    sealed: Any = models.BinaryField()
    drift: Any = models.SmallIntegerField(default=0)
    last_t: Any = models.BigIntegerField(default=-1)  # a code counts once

    objects: ClassVar[Any] = DeviceManager()
    step, t0, digits, tolerance = 30, 0, 6, 1
    verify_token = TOTPDevice.verify_token
    config_url = TOTPDevice.config_url
    _read_str_from_settings = TOTPDevice._read_str_from_settings

    @classmethod
    def new(cls, staff: Staff) -> Authenticator:
        """A fresh one that counts once a code of it was typed in."""
        device = cls(user=staff, name="app", confirmed=False)
        device.sealed = seal_for(FACTOR, secrets.token_bytes(_SECRET_BYTES), factor_place(device))
        device.save(force_insert=True)
        return device

    @property
    def bin_key(self) -> bytes:
        """The secret itself. Raises SealBroken."""
        return open_for(FACTOR, bytes(self.sealed), factor_place(self))

    def code_at(self, seconds: float) -> str:
        """What the app shows at this time."""
        totp = TOTP(self.bin_key, self.step, self.t0, self.digits, self.drift)
        totp.time = seconds
        return f"{totp.token():0{self.digits}d}"

    def get_throttle_factor(self) -> int:
        """One second after the first wrong code, then two, four, and so on."""
        return 1


def factor_place(device: Authenticator) -> str:
    """Where the secret of an app lies."""
    return place("authenticator", "sealed", device.uid)


class RecoveryCodes(ThrottlingMixin, Device):  # type: ignore[misc]
    """Ten codes on paper for the day the phone is gone; each opens once.

    A wrong one makes nobody wait: 112 bits are not guessed (NIST SP 800-63B, 5.1.2.2 asks for it below 64), and whoever
    storms the door with a stolen password must not shut its person out. The mixin is there for its columns.
    """

    hashes: Any = models.JSONField(default=list)

    objects: ClassVar[Any] = DeviceManager()

    @classmethod
    def new(cls, staff: Staff) -> tuple[str, ...]:
        """Make ten, in place of those before, and return them: they are shown once."""
        codes = tuple(_grouped(secrets.token_hex(_CODE_BYTES)) for _ in range(_CODES))
        with transaction.atomic():
            cls.objects.filter(user=staff).delete()
            cls.objects.create(user=staff, name="codes", hashes=[_hash(code) for code in codes])
        return codes

    @property
    def left(self) -> int:
        """How many have not been used."""
        return len(self.hashes)

    def verify_token(self, token: str) -> bool:
        """True for a code of these that was not used before; it is used up by this."""
        with transaction.atomic():
            held = RecoveryCodes.objects.select_for_update().filter(pk=self.pk).first()
            if held is None:
                return False
            wanted = _hash(token)
            rest = [one for one in held.hashes if not hmac.compare_digest(one, wanted)]
            if len(rest) == len(held.hashes):
                return False
            held.hashes = rest
            held.save(update_fields=["hashes"])
        return True

    def get_throttle_factor(self) -> int:
        """No wait."""
        return 0


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


class EarlierPasswords(models.Model):
    """Of the last six passwords of one account: a hash of their middle letters, and how many letters they had."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="+")
    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    sealed = models.BinaryField()  # a slow hash would not be enough: it is of a form that is easier to guess


class Invitation(models.Model):
    """A link, shown once to whoever made it: a new account, or a new password for one that is there."""

    token_hash = models.CharField(max_length=64, unique=True)
    username = models.CharField(max_length=64)
    alias = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=16, choices=StaffRole.choices)
    languages = models.JSONField(default=list, blank=True)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class BrokenGlass(models.Model):
    """Somebody opened a conversation that was not theirs, and said why; supervisors see it."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    conversation_uid = models.UUIDField()
    reason = models.CharField(max_length=20)  # a code; the words stand in a note of the conversation
    at = models.DateTimeField()
    until = models.DateTimeField()
    seen_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["staff", "conversation_uid", "until"], name="glass_by_person"),)
