"""Means, shares, counts and quantiles of all measures at once, over cells and mixes.

Measures that are known of the same cases are a population: how many those are is counted once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from govsim.arrays import Flags, Floats, Ints
from govsim.measures.catalogue import ENDS, LEVELS, MINUTES_PER_UNIT
from govsim.measures.cells import Cells
from govsim.measures.index import MEASURES

Row = tuple[str, str]  # measure and statistic
# [mix and scope, cohort] of means, shares and counts; of each population, how many they are by
# cell, and what a case weighs in each mix
Averaged = tuple[dict[Row, Floats], list[tuple[Floats, Floats]]]


class Population(NamedTuple):
    """Measures that are known of the same cases, or of the same tasks."""

    names: tuple[str, ...]
    owner: Ints | None  # the case of each task; None: one number per case
    known: Flags | None  # None: of all


def populations(numbers: Mapping[str, Floats], tasks: Ints) -> tuple[Population, ...]:
    """Which measures have their numbers, NaN where unknown, of the same cases or tasks; `tasks` is
    the case of each task.
    """
    together: dict[tuple[bool, bytes], tuple[list[str], Flags | None]] = {}
    for name, values in numbers.items():
        unknown = np.isnan(values)
        some = bool(unknown.any())
        key = of_tasks(name), np.packbits(unknown).tobytes() if some else b""
        together.setdefault(key, ([], ~unknown if some else None))[0].append(name)
    return tuple(
        Population(tuple(names), tasks if per_task else None, known)
        for (per_task, _), (names, known) in together.items()
    )


def of_tasks(name: str) -> bool:
    """Whether a measure has a number per task."""
    return MEASURES[name].per == "task"


def averages(
    every: Sequence[Population],
    numbers: Mapping[str, Floats],
    cells: Cells,
    mixes: Floats,
    names: Collection[str] | None = None,
    chosen: Flags | None = None,
) -> Averaged:
    """[mix and scope, cohort] of means, shares and counts; beside them, of each population, how
    many they are by cell, and what a case weighs in each mix.

    Where `names` are given, of these measures alone; of the `chosen` readings, or of all.
    """
    if names is not None:
        asked_of = [tuple(name for name in each.names if name in names) for each in every]
        every = [
            each._replace(names=some) for each, some in zip(every, asked_of, strict=True) if some
        ]
    means = [[*_means(each)] for each in every]
    by_atom = [
        row
        for each, asked in zip(every, means, strict=True)
        for row in _by_atom(each, asked, numbers, cells, chosen)
    ]
    sums = cells.added(np.array(by_atom).reshape(len(by_atom), len(cells.starts)))
    counted = cells.number if chosen is None else cells.sums([chosen.astype(np.float64)])[0]
    services, weights = mixes.shape[1], (mixes > 0).astype(np.float64)
    blocks: dict[Row, Floats] = {}
    beside = []
    at = 0
    for each, asked in zip(every, means, strict=True):
        number, totals = sums[at], sums[at : at + 1 + len(asked)]
        at += 1 + len(asked)
        # Tasks weigh as much as their cases do among all counted ones,
        # cases among those that have a number.
        cases = (number if each.owner is None else counted)[:services]
        scale = mixes[:, :, None] * np.divide(1.0, cases, out=np.zeros_like(cases), where=cases > 0)
        beside.append((number, scale))
        mixed = _with_mixes(totals, scale)
        mean = np.full_like(mixed[1:], np.nan)
        np.divide(mixed[1:], mixed[0], out=mean, where=mixed[0] > 0)
        mean /= np.array([unit(name) for name, _ in asked])[:, None, None]
        blocks |= zip(asked, mean, strict=True)
        for name in each.names:
            if "count" in MEASURES[name].statistics:
                many = totals[1 + asked.index((name, "share"))] if name in ENDS else number
                blocks[name, "count"] = np.concatenate((weights @ many[:services], many))
    return blocks, beside


def _means(population: Population) -> list[Row]:
    return [
        (name, s)
        for name in population.names
        for s in MEASURES[name].statistics
        if s not in LEVELS and s != "count"
    ]


def _by_atom(
    population: Population,
    asked: Sequence[Row],
    numbers: Mapping[str, Floats],
    cells: Cells,
    chosen: Flags | None,
) -> list[Floats]:
    """How many are known in each atom, then the sum of each number over them."""
    _, owner, known = population
    rows = [_averaged(numbers[name], statistic) for name, statistic in asked]
    if owner is not None:
        some = chosen[owner] if chosen is not None else None
        whose = known if some is None or known is None else some & known
        whose = some if whose is None else whose
        places = slice(None) if whose is None else np.flatnonzero(whose)
        atom = cells.atom[owner[places]]
        many = len(cells.starts)
        counts = [np.bincount(atom, minlength=many)]
        counts += [np.bincount(atom, row[places], minlength=many) for row in rows]
        return [each.astype(np.float64) for each in counts]
    if not len(cells.starts):
        return [np.empty(0) for _ in range(1 + len(rows))]
    ours = known if chosen is None or known is None else chosen & known
    ours = chosen if ours is None else ours
    if ours is None:
        return [cells.sizes, *(np.add.reduceat(row, cells.starts) for row in rows)]
    one, others = ours.astype(np.float64), np.flatnonzero(~ours)
    return [
        np.add.reduceat(one, cells.starts),
        *(np.add.reduceat(_without(row, others), cells.starts) for row in rows),
    ]


def _without(row: Floats, others: Ints) -> Floats:
    row = row.copy()
    row[others] = 0.0
    return row


def _averaged(values: Floats, statistic: str) -> Floats:
    """What a mean or share is the mean of."""
    head, _, most = statistic.rpartition("_")
    return (values <= int(most)).astype(np.float64) if head == "share_at_most" else values


def _with_mixes(totals: Floats, scale: Floats) -> Floats:
    """The mixes' sums, then those of the cells: [..., mix and scope, cohort]."""
    return np.concatenate(
        ((scale * totals[..., None, : scale.shape[1], :]).sum(axis=-2), totals), axis=-2
    )


def unit(name: str) -> float:
    """What numbers of a measure are divided by, to be in its unit."""
    return MINUTES_PER_UNIT.get(MEASURES[name].unit, 1.0)


def quantiles(
    population: Population,
    numbers: Mapping[str, Floats],
    cells: Cells,
    number: Floats,
    scale: Floats,
) -> dict[Row, Floats]:
    """[mix and scope, cohort] of each median and p90 of a population, with what `averages` says
    beside its means.

    Numbers that are those of another measure are sorted once.
    """
    blocks: dict[Row, Floats] = {}
    done: list[str] = []
    for name in population.names:
        levels = [s for s in MEASURES[name].statistics if s in LEVELS]
        if not levels:
            continue
        same = _same(name, levels, done, numbers)
        if same:
            blocks |= {(name, s): blocks[same, s] for s in levels}
            continue
        at = np.array([LEVELS[s] for s in levels])
        made = _quantiles(numbers[name], population, cells, number, scale, at) / unit(name)
        blocks |= zip([(name, s) for s in levels], made, strict=True)
        done.append(name)
    return blocks


def _same(
    name: str, levels: Sequence[str], done: Sequence[str], numbers: Mapping[str, Floats]
) -> str | None:
    """A measure with the same numbers and unit, of which these quantiles are there."""
    for other in done:
        offered = set(levels) <= {*MEASURES[other].statistics} and unit(other) == unit(name)
        if offered and np.array_equal(numbers[other], numbers[name]):
            return other
    return None


def _quantiles(
    values: Floats,
    population: Population,
    cells: Cells,
    number: Floats,
    scale: Floats,
    levels: Floats,
) -> Floats:
    """[level, mix and scope, cohort]."""
    _, owner, known = population
    places = np.arange(len(values)) if known is None else np.flatnonzero(known)
    places = places[np.argsort(values if known is None else values[places])]
    values, atom = values[places], cells.atom[places if owner is None else owner[places]]
    of_mixes = cells.mix_quantiles(values, atom, scale, levels)
    return np.concatenate((of_mixes, cells.quantiles(values, atom, number, levels)), axis=1)
