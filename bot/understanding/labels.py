"""Labels: the closed vocabulary of what a message can mean.

Indicators and risks are content's; intents and roles belong to understanding.
"""

from __future__ import annotations

from content.indicators import published
from content.safety import RISKS

INTENTS = (
    "greet", "affirm", "deny", "skip", "ask_help", "disclose", "report_concern", "report_family", "ask_rights",
    "ask_confidentiality", "ask_identity", "ask_human", "ask_services", "change_language", "not_safe_now", "stop",
    "delete_data", "thanks", "goodbye", "abuse", "out_of_scope",
)  # fmt: skip
ROLES = ("self", "family", "community", "none")
INDICATORS = published()

__all__ = ["INDICATORS", "INTENTS", "RISKS", "ROLES"]
