"""What measures need compiled: the working time of many spans, and quantiles of many cells.

Each is worked out for all of them at once.
"""

from __future__ import annotations

import numpy as np

from govsim.arrays import Floats, Ints
from govsim.engine.calendars import minutes_until
from govsim.engine.kernels import jit
from govsim.model.arrays import AnyArrays

BLOCK = 64  # so many weights are added up before a sum is noted


def worked_many(calendars: AnyArrays, k: Ints, a: Floats, b: Floats) -> Floats:
    """Working minutes of calendar k[i] in [a[i], b[i]].

    Where `calendars` are members' hours, k[i] is a member. Quick where neighbours are near each
    other in time: each search begins where the last one of its calendar ended.
    """
    out = np.empty(len(k))
    _worked(calendars, calendars.first[:-1].copy(), k, a, b, out)
    return out


@jit
def _worked(
    c: AnyArrays, place: AnyArrays, k: AnyArrays, a: AnyArrays, b: AnyArrays, out: AnyArrays
) -> None:
    for n in range(len(k)):
        first, end = c.first[k[n]], c.first[k[n] + 1]
        if b[n] <= a[n] or first == end:
            out[n] = 0.0
            continue
        i = place[k[n]]
        while i + 1 < end and c.opens[i + 1] <= a[n]:
            i += 1
        while i >= first and c.opens[i] > a[n]:
            i -= 1
        j = i
        while j + 1 < end and c.opens[j + 1] <= b[n]:
            j += 1
        place[k[n]] = max(i, first)
        out[n] = minutes_until(c, first, j, b[n]) - minutes_until(c, first, i, a[n])


def ranked(first: Ints, cell: Ints, atom: Ints, values: Floats, rank: Ints) -> Floats:
    """The rank[level, cell]-th (1, 2, ...) of each cell's values, which increase.

    NaN where the rank is 0. Each value belongs to an atom, an atom to cells (CSR by atom: `first`,
    `cell`). Ranks increase with the level.
    """
    found, seen = np.full(rank.shape, np.nan), np.zeros(rank.shape[1], dtype=np.int64)
    _rank(first, cell, atom, values, rank, rank[0].copy(), seen, found)
    return found


@jit
def _rank(
    first: AnyArrays,
    cell: AnyArrays,
    atom: AnyArrays,
    values: AnyArrays,
    rank: AnyArrays,
    due: AnyArrays,
    seen: AnyArrays,
    found: AnyArrays,
) -> None:
    for i in range(len(atom)):
        for e in range(first[atom[i]], first[atom[i] + 1]):
            c = cell[e]
            seen[c] += 1
            if seen[c] == due[c]:
                for level in range(len(rank)):
                    if rank[level, c] == seen[c]:
                        found[level, c] = values[i]
                    elif rank[level, c] > seen[c]:
                        due[c] = rank[level, c]
                        break


def weighed(weight: Floats, atom: Ints, values: Floats, levels: Floats) -> Floats:
    """The smallest value with at least that share of the weight at or below it: [level, column].

    The values increase, each belongs to an atom and weighs weight[atom, column]. NaN where nothing
    weighs. Levels increase, and are at most 1.
    """
    found = np.full((len(levels), weight.shape[1]), np.nan)
    reached = np.empty((-(-len(atom) // BLOCK) + 1, weight.shape[1]))
    _weigh(np.ascontiguousarray(weight), atom, values, levels, reached, found)
    return found


@jit
def _weigh(
    weight: AnyArrays,
    atom: AnyArrays,
    values: AnyArrays,
    levels: AnyArrays,
    reached: AnyArrays,
    found: AnyArrays,
) -> None:
    reached[0, :] = 0.0  # then the weight of all values up to the end of each block
    for i in range(len(atom)):
        block = i // BLOCK
        for column in range(weight.shape[1]):
            before = reached[block + (0 if i % BLOCK == 0 else 1), column]
            reached[block + 1, column] = before + weight[atom[i], column]
    for column in range(weight.shape[1]):
        total = reached[len(reached) - 1, column]
        if total > 0.0:
            for level in range(len(levels)):
                due = levels[level] * total * (1.0 - 1e-12)
                block = 0
                while reached[block + 1, column] < due:
                    block += 1
                i = block * BLOCK
                so_far = reached[block, column] + weight[atom[i], column]
                while so_far < due:
                    i += 1
                    so_far += weight[atom[i], column]
                found[level, column] = values[i]
