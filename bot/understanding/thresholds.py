"""Thresholds: where a label's chance becomes a finding, set on examples that the heads had not seen.

Promises, for indicators, one threshold each, drawn towards a common one where examples are few; for
risks two: above the upper a person comes, above the lower one careful question is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.understanding.regression import Matrix

Truth = npt.NDArray[np.bool_]

NEVER = 2.0  # no chance is as high
_GRID = np.round(np.arange(0.10, 0.91, 0.02), 2)
_SHRINK = 40.0  # a label with this many examples is heard half, the common threshold half
# Each of six risks, so that together a false person is rare and a false question is bearable.
_FALSE_PERSON = 0.004
_FALSE_QUESTION = 0.02
_FALSE_URGENT = 0.022  # of messages that are not urgent, a person is called unasked for this share
_FALSE_DOUBT = 0.22  # and a careful question asked of this share
_URGENT_AT_LEAST = 0.30
_SURE_AT_LEAST = 0.60
_READER_NEAR = "controller_present"
# Who is believed to be watched is left alone at once, so "ok, thanks" must not pass for it: of our own messages
# that no rule hears, 23 of 25 true ones pass this and 4 of 12 false ones.
_ENDS_THE_TALK = 0.90
_GREY_AT_LEAST = 0.03


def for_indicators(chances: Matrix, truth: Truth) -> npt.NDArray[np.float64]:
    """Return one threshold for each column."""
    common = _best(chances, truth)
    found = []
    for column in range(chances.shape[1]):
        count = float(truth[:, column].sum())
        own = _best(chances[:, [column]], truth[:, [column]]) if count else common
        found.append((count * own + _SHRINK * common) / (count + _SHRINK))
    return np.array(found)


def for_risks(
    risks: Sequence[str], chances: Matrix, truth: Truth
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the upper and the lower threshold for each column, which is of the risk at the same place."""
    upper, lower = [], []
    for column, risk in enumerate(risks):
        others = np.sort(chances[~truth[:, column], column])
        sure = _ENDS_THE_TALK if risk == _READER_NEAR else _SURE_AT_LEAST
        upper.append(max(sure, _passed_by(others, _FALSE_PERSON)))
        lower.append(min(max(_GREY_AT_LEAST, _passed_by(others, _FALSE_QUESTION)), upper[-1]))
    return np.array(upper), np.array(lower)


def for_urgency(chances: Matrix, truth: Truth) -> tuple[float, float]:
    """Return the upper and the lower threshold of urgency, by what the line can bear of false persons and questions."""
    others = np.sort(chances[~truth])
    upper = max(_URGENT_AT_LEAST, _passed_by(others, _FALSE_URGENT))
    return upper, min(upper, max(_GREY_AT_LEAST / 2, _passed_by(others, _FALSE_DOUBT)))


def _passed_by(ordered: Matrix, share: float) -> float:
    """Return the chance that only this share of the ordered ones passes."""
    if not len(ordered):
        return NEVER
    return float(ordered[min(len(ordered) - 1, int(np.ceil(len(ordered) * (1 - share))))])


def _best(chances: Matrix, truth: Truth) -> float:
    """Return the threshold with the best F1 over all columns together."""
    scores = []
    for threshold in _GRID:
        told = chances >= threshold
        right = float((told & truth).sum())
        scores.append(2 * right / max(1.0, float(told.sum() + truth.sum())))
    return float(_GRID[int(np.argmax(scores))])
