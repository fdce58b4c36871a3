"""Regression: logistic regression for many labels at once, fitted by L-BFGS.

Promises the same weights for the same data. Needs scipy (it comes with Rasa) only to fit; a fitted
one is a matrix and a row, which heads.py applies with numpy alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
_Loss = Callable[[Matrix, Matrix], tuple[float, Matrix]]

_ITERATIONS = 120  # more moves no figure by a point


def softmax(scores: Matrix) -> Matrix:
    """Return rows that sum to one."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def sigmoid(scores: Matrix) -> Matrix:
    """Return each score as a chance of its own."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * scores)))


def fit_one_of(features: Matrix, targets: Matrix, strength: float) -> tuple[Matrix, Matrix]:
    """Return weights and intercepts for labels of which one is right; targets may be shared among several."""
    return _fit(features, targets, strength, _softmax_loss)


def fit_each(features: Matrix, targets: Matrix, strength: float, known: Matrix | None = None) -> tuple[Matrix, Matrix]:
    """Return weights and intercepts for labels that are right or wrong each by itself.

    Args:
        features: one row an example.
        targets: 1 where a label is right.
        strength: of the examples against small weights.
        known: 0 where nothing is to be learnt of a label; all is known if None.
    """

    def loss(scores: Matrix, wanted: Matrix) -> tuple[float, Matrix]:
        cost = np.logaddexp(0, scores) - wanted * scores
        slope = sigmoid(scores) - wanted
        if known is None:
            return float(cost.sum()), slope
        return float((known * cost).sum()), known * slope

    return _fit(features, targets, strength, loss)


def _softmax_loss(scores: Matrix, targets: Matrix) -> tuple[float, Matrix]:
    chances = softmax(scores)
    return -float((targets * np.log(chances + 1e-12)).sum()), chances - targets


def _fit(features: Matrix, targets: Matrix, strength: float, loss: _Loss) -> tuple[Matrix, Matrix]:
    from scipy.optimize import minimize  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415 - only training has it

    width, labels = features.shape[1], targets.shape[1]
    # Half the width is twice as fast, and far finer than what the examples can tell.
    features = features.astype(np.float32)

    def value_and_slope(flat: Matrix) -> tuple[float, Matrix]:
        weights, intercepts = flat[:-labels].reshape(width, labels), flat[-labels:]
        cost, slope = loss(np.asarray(features @ weights.astype(np.float32) + intercepts, np.float64), targets)
        # The usual form: strength times the loss, plus half the squared weights; intercepts go free.
        step = np.concatenate(
            [(strength * (features.T @ slope.astype(np.float32)) + weights).ravel(), strength * slope.sum(axis=0)]
        )
        return strength * cost + 0.5 * float((weights**2).sum()), step

    start = np.zeros((width + 1) * labels)
    found: Matrix = minimize(
        value_and_slope, start, jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS, "maxcor": 20}
    ).x
    return found[:-labels].reshape(width, labels), found[-labels:]
