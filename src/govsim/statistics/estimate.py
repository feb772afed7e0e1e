"""The Estimate: a number with its interval over replications, the unit of inference."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from govsim.arrays import Floats

LEVEL = 0.95
METHOD = "Student t over replications"
FAR = 1_000_000_000  # replications: more are not counted


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval over replications.

    `note` says why there is none, or that nothing varies. `method` says how it was computed.
    """

    value: float | None
    low: float | None
    high: float | None
    replications: int
    note: str = ""
    method: str = ""

    @property
    def half_width(self) -> float | None:
        """Half of the interval's length, in the unit of the value."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def times(self, factor: float) -> Estimate:
        """The same in another unit."""
        value, low, high = (
            None if each is None else each * factor for each in (self.value, self.low, self.high)
        )
        return replace(self, value=value, low=low, high=high)


def estimate(values: Floats) -> Estimate:
    """The mean of one number per replication and its Student t interval.

    Replications without the number are left out.
    """
    known = values[np.isfinite(values)]
    if known.size == 0:
        return Estimate(None, None, None, 0, "no completed case")
    if known.size == 1:
        return Estimate(float(known[0]), None, None, 1, "needs 2 replications")
    if np.all(known == known[0]):
        value = float(known[0])
        return Estimate(value, value, value, int(known.size), "exact")
    mean = float(known.mean())
    half = student(known.size) * float(known.std(ddof=1)) / math.sqrt(known.size)
    return Estimate(mean, mean - half, mean + half, int(known.size), method=METHOD)


def still_needed(values: Floats, half_width: float) -> int | None:
    """How many replications more bring the interval of the mean to +-half_width (absolute).

    None with fewer than 2. FAR where it would be more than that.
    """
    known = values[np.isfinite(values)]
    if known.size < 2:
        return None
    deviation = 0.0 if np.all(known == known[0]) else float(known.std(ddof=1))
    ratio = NormalDist().inv_cdf(0.5 + LEVEL / 2) * deviation / half_width
    roughly = ratio * ratio  # `**` would raise where this is infinite
    if not roughly < FAR:
        return FAR
    needed = max(int(known.size), math.floor(roughly))
    while student(needed) * deviation / math.sqrt(needed) > half_width:
        needed += 1
    return needed - int(known.size)


def student(replications: int, level: float = LEVEL) -> float:
    """Two-sided quantile of Student's t for the mean of so many replications."""
    from scipy.special import stdtrit

    return float(stdtrit(replications - 1, 0.5 + level / 2))
