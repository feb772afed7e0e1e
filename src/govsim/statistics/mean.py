"""Means and changes in percent over replications; Holm's test; what common draws save.

Every number comes with its interval over replications, the unit of inference; what cannot be told
says why.

Anything that is no mean over replications is a function of the replications' weights (`pooled`);
several at once, and curves, are in `family`; what never happened is in `unseen`. How many
replications an interval still needs is `estimate.still_needed`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from govsim.arrays import Floats
from govsim.statistics.estimate import Estimate, estimate, nominal
from govsim.statistics.family import Band, band, family
from govsim.statistics.pooled import HULL, NO_CASE, ONE, Prepared, interval, of_pooled
from govsim.statistics.resample import ROUNDING, Pooled, Scale, critical
from govsim.statistics.unseen import Unseen, wilson

__all__ = [
    "Band", "Pooled", "Scale", "VarianceReduction", "band", "family", "holm", "of_mean",
    "of_percent_change", "of_pooled", "of_pooled_percent_change", "variance_reduction", "wilson",
]  # fmt: skip

MAYBE_ZERO = "the level before may be zero"


def of_mean(values: Floats) -> Estimate:
    """The mean of one number per replication [R], NaN where it has none.

    Its interval is the hull of Student's t and of equal-tailed bootstrap-t, at the level that is
    `nominal` for so few replications: t alone covers 86 % in place of 95 % with 16 skewed ones.
    """
    numbers = np.asarray(values, dtype=np.float64)
    found = estimate(numbers)
    if found.value is None or not found.half_width:
        return found
    pulls = numbers[np.isfinite(numbers)] - found.value
    method = HULL.format(of="", level=100 * nominal(len(pulls)))
    return interval(Prepared(found.value, pulls=pulls), critical(pulls[:, None]), method)


def of_percent_change(after: Floats, before: Floats) -> Estimate:
    """Change of the mean of one number per replication, in percent of the mean before.

    Replications with both count.
    """
    known = np.isfinite(after) & np.isfinite(before)
    level, base = (_mean_of(np.asarray(each, dtype=np.float64)[known]) for each in (after, before))
    return of_pooled_percent_change(level, base, int(known.sum()))


def _mean_of(values: Floats) -> Pooled:
    return lambda weights: weights @ values / weights.sum(axis=1)


def of_pooled_percent_change(
    after: Pooled, before: Pooled, replications: int, unseen: Unseen | None = None
) -> Estimate:
    """Change in percent of the level before, as a ratio on its log.

    Refused where that level may be zero or negative. What was `unseen` is of the ratio.
    """
    level = of_pooled(before, replications)
    if level.value is None:
        return level
    lowest = level.value if level.low is None else level.low
    if lowest <= 0:
        return Estimate(None, None, None, level.replications, MAYBE_ZERO)

    def ratio(weights: Floats) -> Floats:
        below = before(weights)
        found: Floats = np.divide(
            after(weights), below, out=np.full(below.shape, np.nan), where=below > 0
        )
        return found

    found = of_pooled(ratio, replications, "log", unseen=unseen)
    value, low, high = (
        None if each is None else 100 * (each - 1) for each in (found.value, found.low, found.high)
    )
    return replace(found, value=value, low=low, high=high)


# ----------------------------------------------------------------------------- p-values and pairing


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """p-values adjusted step by step for their number (Holm, Scand. J. Stat. 6, 1979),
    in the order given.
    """
    if not all(0 <= each <= 1 for each in p):
        raise ValueError(
            f"p-values lie between 0 and 1, not {[each for each in p if not 0 <= each <= 1]}"
        )
    order = np.argsort(p, kind="stable")
    steps = np.arange(len(p), 0, -1) * np.asarray(p, dtype=np.float64)[order]
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return tuple(map(float, adjusted))


@dataclass(frozen=True)
class VarianceReduction:
    """How many times more replications independent draws would have needed.

    `ceiling` is the most that pairing can reach. Either is None where it has no bound, or, with the
    note, where it cannot be told.
    """

    factor: float | None
    ceiling: float | None
    note: str = ""

    def __str__(self) -> str:
        if self.note:
            return self.note
        told = [
            "no bound" if each is None else f"{each:,.1f}" for each in (self.factor, self.ceiling)
        ]
        return f"variance-reduction factor {told[0]} (ceiling {told[1]})"

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def variance_reduction(before: Floats, after: Floats) -> VarianceReduction:
    """What pairing saves: (s1^2 + s0^2) / s_D^2 of one number per replication [R].

    Its ceiling is (s1^2 + s0^2) / (s1 - s0)^2.
    """
    known = np.isfinite(before) & np.isfinite(after)
    first, second = (np.asarray(each, dtype=np.float64)[known] for each in (before, after))
    if first.size < 2:
        return VarianceReduction(None, None, ONE if first.size else NO_CASE)
    s0, s1, difference = (_deviation(each) for each in (first, second, second - first))
    both = s0**2 + s1**2
    if both == 0:
        return VarianceReduction(None, None, "nothing varies")
    factor, ceiling = (
        both / each**2 if each > ROUNDING * math.sqrt(both) else None
        for each in (difference, abs(s1 - s0))
    )
    return VarianceReduction(factor, ceiling)


def _deviation(values: Floats) -> float:
    return 0.0 if np.all(values == values[0]) else float(values.std(ddof=1))
