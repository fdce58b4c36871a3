"""Screening: pure rules over what was heard: score, next question, stop rules, level, rights. No clock, no I/O."""
