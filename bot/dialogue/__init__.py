"""Dialogue: the one place that drives Rasa, as a pure step: a message and a tracker in, lines and events out."""

from bot.dialogue.lean import without_networks

with without_networks():
    from bot.dialogue.engine import Dialogue
from bot.dialogue_types import DialogueFailed, Heard, Step

__all__ = ["Dialogue", "DialogueFailed", "Heard", "Step"]
