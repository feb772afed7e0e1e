"""Pooled cases in the bins of their sketches, replication by replication: distributions under any weights of replications."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from govsim.measures import MeasureIndex
from govsim.measures.sketch import SIDE
from govsim.model.arrays import Floats, Ints

BITS = (2 * SIDE).bit_length() - 1  # of a key, below those that say whose it is
BAND = 4_000_000  # numbers at once, in the sums behind a quantile
FEW = 64  # bins that are not worth putting together
MARGIN = 0.06  # of a quantile's level, within which bins are kept apart; less where many replications move it less
MOVES = 0.5  # times 1 / sqrt(R)


class Binned(NamedTuple):
    """Pooled cases in increasing bins."""

    lower: Floats  # [bin]
    upper: Floats  # [bin]
    counts: Floats  # [R, service, bin]


def binned(sketches: Sequence[Ints], index: MeasureIndex, cohort: str, services: Ints) -> tuple[Ints, Floats]:
    """(bins, increasing; counts [R, service, bin]) of one cohort and some services."""
    bit, cohorts = index.cohort(cohort), len(index.cohorts)
    place_of = np.full(len(index.services), -1)
    place_of[services] = np.arange(len(services))
    if len(services):  # keys increase, the service first: only a slice of each sketch is ours
        ends = (np.array((services.min(), services.max() + 1)) << cohorts) * 2 * SIDE
        sketches = [each[:, slice(*np.searchsorted(each[0], ends))] for each in sketches]
    keys = np.concatenate([each[0] for each in sketches]) if sketches else np.empty(0, dtype=np.int64)
    numbers = np.concatenate([each[1] for each in sketches]) if sketches else np.empty(0, dtype=np.int64)
    owner = np.repeat(np.arange(len(sketches)), [each.shape[1] for each in sketches])
    rest, shifted = keys >> BITS, keys & (2 * SIDE - 1)
    place = place_of[rest >> cohorts]
    inside = np.flatnonzero((rest >> bit & 1 == 1) & (place >= 0))
    there = np.bincount(shifted[inside], minlength=2 * SIDE) > 0
    bins, column = np.flatnonzero(there) - SIDE, (np.cumsum(there) - 1)[shifted[inside]]
    shape = (len(sketches), len(services), len(bins))
    cell = (owner[inside] * shape[1] + place[inside]) * shape[2] + column
    counts: Floats = np.bincount(cell, numbers[inside], minlength=math.prod(shape)).reshape(shape).astype(np.float64, copy=False)
    return bins.astype(np.int64, copy=False), counts


def near(every: Binned, scale: Floats, levels: Floats) -> Binned:
    """The same with all bins far from the quantiles at some levels put together: two bins, one at either end."""
    ((_, reached),) = reached_by(every, scale, np.ones((1, len(every.counts))))
    if len(every.lower) < FEW or not reached[0, -1] > 0:
        return every
    share, margin = reached[0] / reached[0, -1], min(MARGIN, MOVES / math.sqrt(len(every.counts)))
    first = max(int(np.searchsorted(share, levels.min() - margin)), 1)
    last = min(int(np.searchsorted(share, levels.max() + margin)) + 1, len(share) - 1)
    if last - first > 0.8 * len(share):
        return every
    counts = every.counts
    ends = (counts[:, :, :first].sum(axis=2, keepdims=True), counts[:, :, last:].sum(axis=2, keepdims=True))
    return Binned(
        np.concatenate((every.lower[:1], every.lower[first:last], every.lower[last : last + 1])),
        np.concatenate((every.upper[first - 1 : first], every.upper[first:last], every.upper[-1:])),
        np.concatenate((ends[0], counts[:, :, first:last], ends[1]), axis=2),
    )


def reached_by(pooled: Binned, scale: Floats, weights: Floats) -> Iterator[tuple[range, Floats]]:
    """Rows of weights with the weight of all cases up to each bin: piece by piece, for the memory."""
    counts, number = pooled.counts, pooled.counts.sum(axis=2)
    flat, size = counts.reshape(len(counts), -1), max(1, BAND // max(1, counts[0].size))
    for first in range(0, len(weights), size):
        part = weights[first : first + size]
        cases = part @ number
        each = np.divide(scale, cases, out=np.zeros_like(cases), where=cases > 0)
        held = (part @ flat).reshape(len(part), *counts.shape[1:])  # [B, service, bin]
        yield range(first, first + len(part)), np.cumsum((each[:, None, :] @ held)[:, 0], axis=1)


def quantiles_of(pooled: Binned, scale: Floats, weights: Floats, levels: Floats) -> Floats:
    """Quantiles [B, level] where services weigh `scale`; NaN without a case."""
    found = np.full((len(weights), len(levels)), np.nan)
    for rows, reached in reached_by(pooled, scale, weights):
        some = np.flatnonzero(reached[:, -1] > 0) if reached.shape[1] else np.empty(0, dtype=np.int64)
        share = reached[some] / reached[some, -1:]
        for k, level in enumerate(levels):
            place = np.minimum((share < level * (1 - 1e-12)).sum(axis=1), share.shape[1] - 1)
            here, row = share[np.arange(len(some)), place], np.arange(len(some))
            before = np.where(place > 0, share[row, place - 1], 0.0)
            inside = np.clip((level - before) / (here - before), 0.0, 1.0)
            found[some + rows.start, k] = pooled.lower[place] + (pooled.upper[place] - pooled.lower[place]) * inside
    return found


def inverted(reached: Floats, lower: Floats, upper: Floats, levels: Floats) -> Floats:
    """Quantiles of a binned distribution, linear within a bin, so that they vary smoothly with the weights."""
    place = np.minimum(np.searchsorted(reached, levels * (1 - 1e-12)), len(reached) - 1)
    before = np.where(place > 0, reached[place - 1], 0.0)
    inside = (levels - before) / (reached[place] - before)
    values: Floats = lower[place] + (upper[place] - lower[place]) * np.clip(inside, 0.0, 1.0)
    return values
