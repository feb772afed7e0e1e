"""Distributions of pooled cases in the bins of their sketches, under weights of replications.

The bins are kept replication by replication, so any weights will do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints
from govsim.measures import MeasureIndex
from govsim.measures.sketch import BEYOND, SIDE, edges_of

BITS = (2 * SIDE).bit_length() - 1  # of a key, below those that say whose it is
BAND = 1_000_000  # numbers at once, in the sums behind a quantile
FEW = 64  # bins that are not worth putting together
# of a quantile's level, within which bins are kept apart; less where many replications move it less
MARGIN = 0.06
MOVES = 0.5  # times 1 / sqrt(R)

Few = NDArray[Any]  # whole numbers, in as few bytes as they need: many are kept


class Binned(NamedTuple):
    """Pooled cases in increasing bins."""

    lower: Floats  # [bin]
    upper: Floats  # [bin]
    counts: Few  # [R, service, bin]
    left: Floats  # [R, service] applicants who gave up, in no bin


class Entries(NamedTuple):
    """Pooled cases as sketches hold them: an entry where a replication has cases
    of a service in a bin.
    """

    lower: Floats  # [bin], increasing
    upper: Floats  # [bin]
    replication: Few  # [entry]
    service: Few  # [entry]
    place: Few  # [entry] of the bin
    cases: Few  # [entry]
    left: Floats  # [R, service] applicants who gave up, in no entry
    replications: int
    services: int

    def counts(self, column: Ints, columns: int) -> Floats:
        """Cases [R, service, column], where column[bin], or column[service, bin], tells which bins
        are put together.
        """
        shape = (self.replications, self.services, columns)
        own = column[self.place] if column.ndim == 1 else column[self.service, self.place]
        cell = (self.replication.astype(np.int64) * shape[1] + self.service) * columns + own
        return (
            np.bincount(cell, self.cases, minlength=math.prod(shape))
            .astype(np.float64, copy=False)
            .reshape(shape)
        )

    def binned(self) -> Binned:
        """All bins apart."""
        bins = len(self.lower)
        return Binned(self.lower, self.upper, few(self.counts(np.arange(bins), bins)), self.left)


def few(numbers: NDArray[Any]) -> Few:
    """Whole numbers in as few bytes as they need."""
    least, most = numbers.min(initial=0), numbers.max(initial=0)
    kinds = (np.uint8, np.uint16, np.uint32) if least >= 0 else (np.int8, np.int16, np.int32)
    most = max(most, -least)
    return numbers.astype(next((kind for kind in kinds if most <= np.iinfo(kind).max), np.int64))


class Near(NamedTuple):
    """Bins near some quantiles, those further off put together.

    What is not above `low` and below `high` is not known.
    """

    binned: Binned
    low: float
    high: float


def entries_of(
    sketches: Sequence[Ints],
    index: MeasureIndex,
    cohort: str,
    services: Ints,
    unit: float = 1.0,
    tau: float | None = None,
    without: Sequence[Ints] = (),
) -> Entries:
    """The cases of one cohort and some services; the bins' limits are in `unit` minutes.

    What was not over by `tau` (in units; None: by the largest that was) stands just beyond it.
    Those in the sketches `without`, one for each replication, are left out.
    """
    bit, cohorts = index.cohort(cohort), len(index.cohorts)
    place_of = np.full(len(index.services), -1)
    place_of[services] = np.arange(len(services))
    sketches = [*sketches, *without]
    if len(services):  # keys increase, the service first: only a slice of each sketch is ours
        ends = (np.array((services.min(), services.max() + 1)) << cohorts) * 2 * SIDE
        sketches = [each[:, slice(*np.searchsorted(each[0], ends))] for each in sketches]
    keys, cases = np.concatenate([np.empty((2, 0), dtype=np.int64), *sketches], axis=1)
    sizes = np.array([each.shape[1] for each in sketches], dtype=np.int64)
    replications = len(sketches) - len(without)
    owner = np.repeat(np.arange(len(sketches)) % max(1, replications), sizes)
    cases = np.where(np.arange(len(cases)) < sizes[:replications].sum(), cases, -cases)
    rest, shifted = keys >> BITS, keys & (2 * SIDE - 1)
    place = place_of[rest >> cohorts]
    ours = (rest >> bit & 1 == 1) & (place >= 0)
    gone = ours & (shifted == SIDE - BEYOND)
    left = np.bincount(
        owner[gone] * len(services) + place[gone],
        cases[gone],
        minlength=replications * len(services),
    ).reshape(replications, len(services))
    inside = np.flatnonzero(ours & ~gone)
    there = np.bincount(shifted[inside], cases[inside], minlength=2 * SIDE) > 0
    inside = inside[there[shifted[inside]]]
    bins = np.flatnonzero(there) - SIDE
    column = (np.cumsum(there) - 1)[shifted[inside]]
    return Entries(
        *_limits(bins, unit, tau),
        few(owner[inside]),
        few(place[inside]),
        few(column),
        few(cases[inside]),
        left.astype(np.float64),
        replications,
        len(services),
    )


def _limits(bins: Ints, unit: float, tau: float | None) -> tuple[Floats, Floats]:
    """The lower and upper end of each bin, none beyond tau but the one that is."""
    lower, upper = (ends / unit for ends in edges_of(bins))
    beyond = bins == BEYOND
    if tau is not None:
        lower, upper = np.minimum(lower, tau), np.minimum(upper, tau)
    if beyond.any():
        largest = float(upper[~beyond].max(initial=0.0)) if tau is None else tau
        lower[beyond] = upper[beyond] = np.nextafter(largest, np.inf)
    return lower, upper


def near(every: Entries, scale: Floats, levels: Floats) -> Near | None:
    """The bins that decide quantiles at some levels under weights of replications.

    None where these are nearly all.
    """
    bins = len(every.lower)
    if bins < FEW:
        return None
    cell = every.service.astype(np.int64) * bins + every.place
    counts = np.bincount(cell, every.cases, minlength=every.services * bins).reshape(
        1, every.services, bins
    )
    ((_, reached),) = reached_by(
        Binned(every.lower, every.upper, counts.astype(np.float64, copy=False), every.left),
        scale,
        np.ones((1, 1)),
    )
    if not reached[0, -1] > 0:
        return None
    share, margin = reached[0] / reached[0, -1], min(MARGIN, MOVES / math.sqrt(every.replications))
    first = max(int(np.searchsorted(share, levels.min() - margin)), 1)
    last = min(int(np.searchsorted(share, levels.max() + margin)) + 1, bins - 1)
    if last - first > 0.8 * bins:
        return None
    column = np.clip(np.arange(bins), first - 1, last) - (first - 1)
    middle = Binned(
        np.concatenate((every.lower[:1], every.lower[first : last + 1])),
        np.concatenate((every.upper[first - 1 : last], every.upper[-1:])),
        few(every.counts(column, last - first + 2)),
        every.left,
    )
    low = every.upper[first - 1] if first > 1 else -np.inf  # a bin by itself is known
    high = every.lower[last] if last < bins - 1 else np.inf
    return Near(middle, float(low), float(high))


def reached_by(pooled: Binned, scale: Floats, weights: Floats) -> Iterator[tuple[range, Floats]]:
    """Rows of weights with the weight of all cases up to each bin: piece by piece,
    for the memory.
    """
    counts = pooled.counts.astype(np.float64, copy=False)
    number = counts.sum(axis=2)
    flat, size = counts.reshape(len(counts), -1), max(1, BAND // max(1, counts[0].size))
    for first in range(0, len(weights), size):
        part = weights[first : first + size]
        cases = part @ number
        each = np.divide(scale, cases, out=np.zeros_like(cases), where=cases > 0)
        held = (part @ flat).reshape(len(part), *counts.shape[1:])  # [B, service, bin]
        yield range(first, first + len(part)), np.cumsum((each[:, None, :] @ held)[:, 0], axis=1)


def shares_of(pooled: Binned, scale: Floats, weights: Floats, points: Floats) -> Floats:
    """Of everybody, those who gave up too, the share at most at some points: [B, point].

    The bin that holds a point counts whole, so that at most is at most.
    """
    place = np.searchsorted(pooled.lower, points, side="left")
    below = np.zeros((*pooled.left.shape, len(points)))
    reached = np.cumsum(pooled.counts, axis=2, dtype=np.float64)
    some = place > 0
    below[:, :, some] = reached[:, :, place[some] - 1]
    number = weights @ (pooled.counts.sum(axis=2) + pooled.left)
    each = np.divide(scale, number, out=np.zeros_like(number), where=number > 0)
    whole = (scale * (number > 0)).sum(axis=1, keepdims=True)
    under = np.einsum("bs,bsp->bp", each, np.tensordot(weights, below, axes=1))
    shares: Floats = np.divide(
        under,
        whole,
        out=np.full(under.shape, np.nan),
        where=np.broadcast_to(whole > 0, under.shape),
    )
    return shares


def quantiles_of(pooled: Binned, scale: Floats, weights: Floats, levels: Floats) -> Floats:
    """Quantiles [B, level] where services weigh `scale`; NaN without a case."""
    found = np.full((len(weights), len(levels)), np.nan)
    for rows, reached in reached_by(pooled, scale, weights):
        some = (
            np.flatnonzero(reached[:, -1] > 0) if reached.shape[1] else np.empty(0, dtype=np.int64)
        )
        share = reached[some] / reached[some, -1:]
        for k, level in enumerate(levels):
            place = np.minimum((share < level * (1 - 1e-12)).sum(axis=1), share.shape[1] - 1)
            here, row = share[np.arange(len(some)), place], np.arange(len(some))
            before = np.where(place > 0, share[row, place - 1], 0.0)
            inside = np.clip((level - before) / (here - before), 0.0, 1.0)
            found[some + rows.start, k] = (
                pooled.lower[place] + (pooled.upper[place] - pooled.lower[place]) * inside
            )
    return found


def inverted(reached: Floats, lower: Floats, upper: Floats, levels: Floats) -> Floats:
    """Quantiles of a binned distribution, linear within a bin,
    so that they vary smoothly with the weights.
    """
    place = np.minimum(np.searchsorted(reached, levels * (1 - 1e-12)), len(reached) - 1)
    before = np.where(place > 0, reached[place - 1], 0.0)
    inside = (levels - before) / (reached[place] - before)
    values: Floats = lower[place] + (upper[place] - lower[place]) * np.clip(inside, 0.0, 1.0)
    return values
