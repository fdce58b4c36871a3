"""Actions: each answers one question: given what is known, what is said and what follows.

They read slots, ask `screening`, return keys and events. They open nothing and know no clock.
"""
