"""Sealing: the keys, what they close, who can open it again, and how keys are changed."""
