"""Distributions kept as counts in logarithmic bins of 0.5 %: small, and exact to add up.

They may be added up in any order. A bin holds values within 0.5 % of each other and is read back as
its middle, so a quantile is at most 0.25 % from the pooled one (half a bin at 2^-10 minute, the
first edge). Bin 0 holds exact zeros only, negative values mirror positive ones. Counts are kept by
service and by the cohorts a case belongs to, and merging adds integers. The outermost bins hold
what has no size: times that were not over by tau, and of applicants who gave up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints

RATIO = 1.005
# up to 2^24: 30 years in minutes
EDGES = 2.0**-10 * np.cumprod(np.append(1.0, np.full(4730, RATIO)))
MIDDLES = np.concatenate(([0.0, EDGES[0] / 2], np.sqrt(EDGES[:-1] * EDGES[1:]), [np.inf]))
BEYOND = len(MIDDLES) - 1  # the bin of what is not over by tau; its negative: the applicant gave up
LOWER, UPPER = np.concatenate(([0.0, 0.0], EDGES)), np.concatenate(([0.0], EDGES, EDGES[-1:]))
# A float's first bits, its exponent and eight more, tell its size to one part in 256, and so
# between which two edges it lies, or near which one: the bin where such numbers begin, counted from
# the last ones below the first edge, and by bin the edge above it.
FIRST, LAST = EDGES[[0, -1]].view(np.int64) >> 44
STARTS = (np.arange(FIRST - 1, LAST + 2) << 44).view(np.float64)
NEAR = 1 + np.searchsorted(EDGES, STARTS, side="right")
ABOVE = np.concatenate(([np.nan], EDGES, [np.nan]))
SIDE = 8192  # room for the bins of one sign
ERROR = RATIO**0.5 - 1  # largest relative error of a value read back

Sketch = NDArray[np.int64]
"""[2, entries]: increasing keys and their counts; key = ((service << cohorts | cohorts it is in)
* 2 SIDE) + SIDE + bin.
"""


def bins_of(values: Floats) -> Ints:
    """The bin of each value: its sign times the place of its size among the edges.

    0 for exact zero.
    """
    size = np.abs(values)
    near = NEAR[np.clip((size.view(np.int64) >> 44) - (FIRST - 1), 0, len(NEAR) - 1)]
    bins: Ints = np.sign(values).astype(np.int64) * (near + (size >= ABOVE[near]))
    return bins


def middles_of(bins: Ints) -> Floats:
    """The value that each bin is read back as."""
    values: Floats = np.sign(bins) * MIDDLES[np.abs(bins)]
    return values


def edges_of(bins: Ints) -> tuple[Floats, Floats]:
    """The lower and the upper end of each bin; both zero for exact zeros."""
    size = np.abs(bins)
    return np.where(bins < 0, -UPPER[size], LOWER[size]), np.where(
        bins < 0, -LOWER[size], UPPER[size]
    )


def owners(service: Ints, member: NDArray[np.bool_]) -> Ints:
    """Whose a count is: service and cohorts; `member` is [cohort, case], the counted ones first."""
    number: Ints = np.left_shift(member, np.arange(len(member))[:, None]).sum(axis=0) + (
        service << len(member)
    )
    return number


def sketch(values: Floats, owner: Ints) -> Sketch:
    """Count the values of each owner."""
    keys = np.sort((owner * 2 + 1) * SIDE + bins_of(values))
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return np.array((keys[first], np.diff(first, append=len(keys))))


def merge(sketches: Iterable[Sketch]) -> Sketch:
    """All counts together; the same for any order."""
    keys, counts = np.concatenate([np.empty((2, 0), dtype=np.int64), *sketches], axis=1)
    distinct, place = np.unique(keys, return_inverse=True)
    total = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(total, place, counts)
    return np.array((distinct, total))


def less(whole: Sketch, part: Sketch) -> Sketch:
    """The counts of a sketch without those of a part of it."""
    if not part.shape[1]:
        return whole
    keys, counts = whole[0], whole[1].copy()
    counts[np.searchsorted(keys, part[0])] -= part[1]
    return np.array((keys, counts))[:, counts > 0]


def counts_of(sketch: Sketch, cohort: int, cohorts: int, services: int) -> tuple[Ints, Ints]:
    """(bins [entries], counts [service, entries]) of one cohort, bins increasing."""
    rest, bins = np.divmod(sketch[0], 2 * SIDE)
    inside = np.flatnonzero((rest >> cohort) & 1)
    distinct, place = np.unique(bins[inside] - SIDE, return_inverse=True)
    counts = np.zeros((services, len(distinct)), dtype=np.int64)
    np.add.at(counts, (rest[inside] >> cohorts, place), sketch[1][inside])
    return distinct, counts


def distribution(
    sketch: Sketch, cohort: int, cohorts: int, weights: Sequence[float]
) -> tuple[Floats, Floats] | None:
    """(values, share at or below) with services weighted; one service: weight 1, the others 0.
    None where no case is.

    Of those who did not give up; services without a case are left out, the others keep their
    proportions. Where some were not over by tau the last value is infinite.
    """
    bins, counts = counts_of(sketch, cohort, cohorts, len(weights))
    bins, counts = bins[bins > -BEYOND], counts[:, bins > -BEYOND]
    number = counts.sum(axis=1)
    scale = np.divide(weights, number, out=np.zeros(len(weights)), where=number > 0)
    mass = (scale[:, None] * counts).sum(axis=0)
    some = mass > 0
    if not some.any():
        return None
    reached = np.cumsum(mass[some])
    return middles_of(bins[some]), reached / reached[-1]


def quantile(
    sketch: Sketch, level: float, cohort: int, cohorts: int, weights: Sequence[float]
) -> float | None:
    """The smallest value with at least that share of the weight at or below it, within ERROR.

    None where no case is; infinite where it lies beyond tau.
    """
    curve = distribution(sketch, cohort, cohorts, weights)
    if curve is None:
        return None
    values, reached = curve
    return float(values[np.searchsorted(reached, level * (1 - 1e-12))])


def signs(sketch: Sketch, cohort: int, cohorts: int, services: int) -> Ints:
    """How many values are below, at, and above zero: [service, 3]."""
    bins, counts = counts_of(sketch, cohort, cohorts, services)
    return np.stack(
        [
            counts[:, bins < 0].sum(axis=1),
            counts[:, bins == 0].sum(axis=1),
            counts[:, bins > 0].sum(axis=1),
        ],
        axis=1,
    )
