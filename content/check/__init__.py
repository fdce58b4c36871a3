"""Check: judges the content as a whole, where a typed loader sees one file at a time.

Each module holds rules; a rule is a function that yields problems. They read the content they are given by
`content.source` and decide nothing: `./run check` runs them, and a person mends what they name.
"""

from content.check.problem import Problem, Rule, run

__all__ = ["Problem", "Rule", "run"]
