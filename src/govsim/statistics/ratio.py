"""A ratio of two numbers of the same replications, as a part of a whole."""

from __future__ import annotations

import math

import numpy as np

from govsim.statistics.estimate import LEVEL, Estimate, student
from govsim.statistics.pooled import FEW, NO_CASE, ONE
from govsim.statistics.resample import ROUNDING, Pooled, influence

FIELLER = "Fieller interval on pseudo-values over replications"
UNBOUNDED = "the whole may be zero"


def fieller(part: Pooled, whole: Pooled, replications: int, level: float = LEVEL) -> Estimate:
    """part / whole, both functions of the replications' weights, with Fieller's interval.

    It holds the ratios q for which Student's t does not tell part - q * whole from 0 (J. R. Stat.
    Soc. B 16, 1954); no interval where the whole itself may be 0, because it would have no end.
    """
    ones = np.ones((1, replications))
    top, bottom = (float(each(ones)[0]) if replications else math.nan for each in (part, whole))
    if not (math.isfinite(top) and math.isfinite(bottom)):
        return Estimate(None, None, None, 0, NO_CASE)
    if bottom == 0.0:
        return Estimate(None, None, None, replications, UNBOUNDED)
    ratio = top / bottom
    if replications == 1:
        return Estimate(ratio, None, None, 1, ONE)
    pulls = np.stack([influence(each, replications) for each in (part, whole)])
    if not np.isfinite(pulls).all():
        return Estimate(ratio, None, None, replications, FEW)
    if np.abs(pulls).max() <= ROUNDING * max(abs(top), abs(bottom)):
        return Estimate(ratio, ratio, ratio, replications, "exact")
    spread = student(replications, level) ** 2 * pulls @ pulls.T / replications / (replications - 1)
    square = bottom**2 - spread[1, 1]
    if square <= 0.0:
        return Estimate(ratio, None, None, replications, UNBOUNDED)
    middle = top * bottom - spread[0, 1]
    root = math.sqrt(max(middle**2 - square * (top**2 - spread[0, 0]), 0.0))
    low, high = (middle - root) / square, (middle + root) / square
    return Estimate(ratio, low, high, replications, method=FIELLER)
