"""Staff, and what they jot down in a conversation: notes and drafts, sealed like everything in it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac

from records.models.conversation import Conversation
from records.sealing.seal import open_text, place, seal_text
from records.states import DraftKind, StaffRole

_MARK_LETTERS = 32

# How a mark begins: set by a newer sign-in, by somebody who ended the others, a new password, a switch of the account.
NEWER, ENDED, PASSWORD, SWITCHED = "n", "s", "p", "o"


def fresh_mark(by: str = "") -> str:
    """A mark that no session has yet; how it begins tells an ended one why it ended."""
    return f"{by}{uuid.uuid4().hex}"[:_MARK_LETTERS]


class StaffManager(BaseUserManager["Staff"]):
    """Makes accounts."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Staff:
        """A new member of staff; without a password nobody can sign in as them."""
        staff = self.model(username=self.model.normalize_username(username), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff


class Staff(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # factors hang on it without a name
    """A person who works at the line. Accounts are switched off, not deleted, while they hold anything."""

    username = models.CharField(max_length=64, unique=True)
    alias = models.CharField(max_length=64, blank=True)  # the name that contacts see
    role = models.CharField(max_length=16, choices=StaffRole.choices, default=StaffRole.WORKER)
    languages = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    # Of the one session that counts; a new one ends it.
    session_mark = models.CharField(max_length=_MARK_LETTERS, blank=True)

    objects: ClassVar[StaffManager] = StaffManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.username

    def get_session_auth_hash(self) -> str:
        """Of the account alone where marks end sessions: one that Django ends by itself cannot say why it ended."""
        if settings.LANTERN.demo:
            return super().get_session_auth_hash()
        return salted_hmac("records.models.staff.session", str(self.pk), algorithm="sha256").hexdigest()


class _Jotting(models.Model):
    """A sealed text by a member of staff in a conversation."""

    table: ClassVar[str]

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="%(class)ss")
    sealed = models.BinaryField()
    written_at = models.DateTimeField()

    class Meta:
        abstract = True

    def seal_text(self, key: bytes, text: str) -> None:
        """Put the text under the conversation's key; `save` is left to the caller."""
        self.sealed = seal_text(key, text, place(self.table, "sealed", self.uid))

    def open_text(self, key: bytes) -> str:
        """The text. Raises SealBroken."""
        return open_text(key, bytes(self.sealed), place(self.table, "sealed", self.uid))


class Note(_Jotting):
    """What staff tell each other; the contact never sees it."""

    table = "note"
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    client_token = models.CharField(max_length=100, null=True, blank=True, unique=True)


class Draft(_Jotting):
    """A reply or note being written: on the server, never in a browser's storage; one each a person."""

    table = "draft"
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=DraftKind.choices, default=DraftKind.REPLY)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "staff", "kind"], name="one_draft_a_person"),)
