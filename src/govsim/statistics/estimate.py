"""The Estimate: a number with its interval over replications, the unit of inference."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from govsim.arrays import Floats

LEVEL = 0.95
METHOD = "Student t over replications"
TOO_FEW = "too few replications"
TOO_FEW_CASES = "too few cases"
ENOUGH = 16  # replications from which a 95 % interval covers at least 92 %
CASES, EVENTS = 30, 10  # the fewest cases behind a number, and beyond a quantile
# of the error that is stated, what may be spent: below so many replications, measured on skewed
# ones (lognormal, s = 1)
SPENT = ((30, 0.5), (200, 0.6))
FAR = 1_000_000_000  # replications: more are not counted


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval over replications.

    `note` says why there is none, that nothing varies, or that too little stands behind it (`few`).
    `method` says how it was computed.
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

    @property
    def few(self) -> bool:
        """Whether there is an interval, but from too few replications or cases to show anything."""
        return self.note in (TOO_FEW, TOO_FEW_CASES)

    def times(self, factor: float) -> Estimate:
        """The same in another unit."""
        value, low, high = (
            None if each is None else each * factor for each in (self.value, self.low, self.high)
        )
        return replace(self, value=value, low=low, high=high)


def enough_cases(cases: float, beyond: float | None = None) -> bool:
    """Whether so many cases, and so many beyond a quantile, show anything."""
    return cases >= CASES and (beyond is None or beyond >= EVENTS)


def with_cases(found: Estimate, cases: float, beyond: float | None = None) -> Estimate:
    """The same, noted as of too few cases where so many of all replications are.

    `beyond` are the cases on the rarer side of a quantile.
    """
    if enough_cases(cases, beyond) or found.note or found.low is None:
        return found
    return replace(found, note=TOO_FEW_CASES)


def note_of(replications: int) -> str:
    """What is noted of an interval over so many replications."""
    return "" if replications >= ENOUGH else TOO_FEW


def nominal(replications: int, level: float = LEVEL) -> float:
    """The level at which an interval is made so that it covers at the one stated.

    97.5 % below 30 replications, 97 % below 200, 95 % from there; other levels in proportion.
    """
    spent = next((share for fewer, share in SPENT if replications < fewer), 1.0)
    return 1 - spent * (1 - level)


def estimate(values: Floats) -> Estimate:
    """The mean of one number per replication and its plain Student t interval, for progress.

    Too narrow where replications are few and skewed: `mean.of_mean` is the standard. Replications
    without the number are left out.
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
    while student(needed, nominal(needed)) * deviation / math.sqrt(needed) > half_width:
        needed += 1
    return needed - int(known.size)


@lru_cache(maxsize=10_000)
def student(replications: int, level: float = LEVEL) -> float:
    """Two-sided quantile of Student's t for the mean of so many replications."""
    from scipy.special import stdtrit

    return float(stdtrit(replications - 1, 0.5 + level / 2))
