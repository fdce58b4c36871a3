"""The tables. Every column that can hold a contact's words, address or state of mind is sealed."""

from __future__ import annotations

from records.models.audit import AuditEvent, ErasedConversation
from records.models.beat import Beat
from records.models.conversation import Contact, Conversation, DayKey
from records.models.dialogue import AssessmentRecord, TrackerChunk
from records.models.message import InboxMessage, OutboxMessage
from records.models.staff import Draft, Note, Staff

__all__ = [
    "AssessmentRecord",
    "AuditEvent",
    "Beat",
    "Contact",
    "Conversation",
    "DayKey",
    "Draft",
    "ErasedConversation",
    "InboxMessage",
    "Note",
    "OutboxMessage",
    "Staff",
    "TrackerChunk",
]
