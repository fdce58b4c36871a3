"""The tables. Every column that can hold a contact's words, address or state of mind is sealed."""

from __future__ import annotations

from records.models.access import Authenticator, BrokenGlass, EarlierPasswords, Invitation, RecoveryCodes
from records.models.audit import AuditEvent, AuditLink, ErasedConversation
from records.models.beat import Beat, KeyInUse, SelfTest
from records.models.case import Case, CaseConsent, CaseLink, CaseNote, CaseReferral, CaseTask
from records.models.conversation import Contact, Conversation, DayKey
from records.models.dialogue import AssessmentRecord, TrackerChunk
from records.models.directory import Service, ServicePlace, ServiceTag
from records.models.keys import KeptSecret, KeyBox, RecoveryKey, StaffKey
from records.models.message import InboxMessage, OutboxMessage
from records.models.oncall import Alert, OnCallAddress
from records.models.practice import Practice
from records.models.provider import Budget, Lease, Notice, ProviderState, ProviderTrace
from records.models.seat import ConversationLink, Seat, Viewer
from records.models.shift import CannedReply, DecisionReview, HelplineCheck, Shift, WordsReview
from records.models.staff import Draft, Note, Staff
from records.models.statistics import PublishedQuarter, Tally

__all__ = [
    "Alert",
    "AssessmentRecord",
    "AuditEvent",
    "AuditLink",
    "Authenticator",
    "Beat",
    "BrokenGlass",
    "Budget",
    "CannedReply",
    "Case",
    "CaseConsent",
    "CaseLink",
    "CaseNote",
    "CaseReferral",
    "CaseTask",
    "Contact",
    "Conversation",
    "ConversationLink",
    "DayKey",
    "DecisionReview",
    "Draft",
    "EarlierPasswords",
    "ErasedConversation",
    "HelplineCheck",
    "InboxMessage",
    "Invitation",
    "KeptSecret",
    "KeyBox",
    "KeyInUse",
    "Lease",
    "Note",
    "Notice",
    "OnCallAddress",
    "OutboxMessage",
    "Practice",
    "ProviderState",
    "ProviderTrace",
    "PublishedQuarter",
    "RecoveryCodes",
    "RecoveryKey",
    "Seat",
    "SelfTest",
    "Service",
    "ServicePlace",
    "ServiceTag",
    "Shift",
    "Staff",
    "StaffKey",
    "Tally",
    "TrackerChunk",
    "Viewer",
    "WordsReview",
]
