"""Means, shares, counts and quantiles of all measures at once, over cells and mixes.

Measures that are known of the same cases are a population: how many those are is counted once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from govsim.arrays import Flags, Floats, Ints
from govsim.measures.catalogue import ENDS, LEVELS, MINUTES_PER_UNIT
from govsim.measures.cells import Cells, Some
from govsim.measures.index import MEASURES

Row = tuple[str, str]  # measure and statistic


class Averaged(NamedTuple):
    """Means, shares and counts, and what they are made of."""

    blocks: dict[Row, Floats]  # [mix and scope, cohort]
    # of each population: how many they are by cell, and what a case weighs in each mix
    beside: list[tuple[Floats, Floats]]
    by_atom: list[Floats]  # of each population [1 + row, atom]: how many are known, and sums


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
    every: Sequence[Population], numbers: Mapping[str, Floats], cells: Cells, mixes: Floats
) -> Averaged:
    """Means, shares and counts of all readings."""
    means = [_means(each) for each in every]
    by_atom = [
        np.array(_by_atom(each, asked, numbers, cells)).reshape(1 + len(asked), len(cells.starts))
        for each, asked in zip(every, means, strict=True)
    ]
    blocks, beside = _averages(every, means, by_atom, cells.number, cells, mixes)
    return Averaged(blocks, beside, by_atom)


def averages_of(
    some: Some,
    names: Collection[str],
    whole: Averaged,
    every: Sequence[Population],
    numbers: Mapping[str, Floats],
    cells: Cells,
    mixes: Floats,
) -> dict[Row, Floats]:
    """Means, shares and counts of some measures of some readings; `whole` are those of all."""
    asked_of, means, by_atom = [], [], []
    for each, sums in zip(every, whole.by_atom, strict=True):
        rows = _means(each)
        at = [k for k, (name, _) in enumerate(rows) if name in names]
        told = tuple(name for name in each.names if name in names)
        if told:
            asked = [rows[k] for k in at]
            ours = sums[[0, *(1 + k for k in at)]]
            ours[:, some.atoms] = _anew(each, asked, numbers, cells, some)
            asked_of.append(each._replace(names=told))
            means.append(asked)
            by_atom.append(ours)
    counted = cells.added(some.sizes[None])[0]
    return _averages(asked_of, means, by_atom, counted, cells, mixes)[0]


def _averages(
    every: Sequence[Population],
    means: Sequence[Sequence[Row]],
    by_atom: Sequence[Floats],
    counted: Floats,
    cells: Cells,
    mixes: Floats,
) -> tuple[dict[Row, Floats], list[tuple[Floats, Floats]]]:
    """Blocks and what stands beside them, of sums by atom; `counted` readings by cell."""
    services = mixes.shape[1]
    rows = [1 + len(asked) for asked in means]
    first, whose = np.cumsum(rows) - rows, np.repeat(np.arange(len(rows)), rows)
    sums = cells.added(np.concatenate(by_atom))
    number = sums[first]
    # Tasks weigh as much as their cases do among all counted ones,
    # cases among those that have a number.
    per_task = np.array([each.owner is not None for each in every])[:, None, None]
    cases = np.where(per_task, counted[:services], number[:, :services])
    share = np.divide(1.0, cases, out=np.zeros_like(cases), where=cases > 0)
    scale = mixes[:, :, None] * share[:, None]
    mixed = np.concatenate((_mixed(scale, sums[:, :services], whose), sums), axis=-2)
    by = mixed[first[whose]]
    mean = np.divide(mixed, by, out=np.full_like(mixed, np.nan), where=by > 0)
    blocks: dict[Row, Floats] = {}
    counts: dict[str, int] = {}
    for each, asked, at in zip(every, means, first, strict=True):
        units = np.array([unit(name) for name, _ in asked])[:, None, None]
        blocks |= zip(asked, mean[at + 1 : at + 1 + len(asked)] / units, strict=True)
        for name in each.names:
            if "count" in MEASURES[name].statistics:
                counts[name] = at + (1 + asked.index((name, "share")) if name in ENDS else 0)
    many = sums[[*counts.values()]]
    weights = (mixes > 0).astype(np.float64)
    every_count = np.concatenate((weights @ many[:, :services], many), axis=1)
    blocks |= zip(((name, "count") for name in counts), every_count, strict=True)
    return blocks, [*zip(number, scale, strict=True)]


def _mixed(scale: Floats, sums: Floats, whose: Ints) -> Floats:
    """The mixes' sums [row, mix, cohort]: sums [row, service, cohort] times scale [population, mix,
    service, cohort], added up service by service.
    """
    if sums.shape[2] == 1:  # NumPy adds numbers that lie side by side in another order
        alone: Floats = (scale[whose] * sums[:, None]).sum(axis=-2)
        return alone
    product = np.take(scale.transpose(2, 1, 0, 3), whose, axis=2)
    product *= np.ascontiguousarray(sums.swapaxes(0, 1))[:, None]
    mixed: Floats = product.sum(axis=0).swapaxes(0, 1)
    return mixed


def _means(population: Population) -> list[Row]:
    return [
        (name, s)
        for name in population.names
        for s in MEASURES[name].statistics
        if s not in LEVELS and s != "count"
    ]


def _by_atom(
    population: Population, asked: Sequence[Row], numbers: Mapping[str, Floats], cells: Cells
) -> list[Floats]:
    """How many are known in each atom, then the sum of each number over them."""
    _, owner, known = population
    many = len(cells.starts)
    if owner is not None:
        places = slice(None) if known is None else np.flatnonzero(known)
        rows = [_averaged(numbers[name][places], statistic) for name, statistic in asked]
        return _by_task(cells.atom[owner[places]], rows, many)
    if not many:
        return [np.empty(0) for _ in range(1 + len(asked))]
    rows = [_averaged(numbers[name], statistic) for name, statistic in asked]
    if known is None:
        return [cells.sizes, *(np.add.reduceat(row, cells.starts) for row in rows)]
    rows = [known.astype(np.float64), *(np.where(known, row, 0.0) for row in rows)]
    return [np.add.reduceat(row, cells.starts) for row in rows]


def _by_task(atom: Ints, rows: Sequence[Floats], many: int) -> list[Floats]:
    counts = [np.bincount(atom, minlength=many)]
    counts += [np.bincount(atom, row, minlength=many) for row in rows]
    return [each.astype(np.float64) for each in counts]


def _anew(
    population: Population,
    asked: Sequence[Row],
    numbers: Mapping[str, Floats],
    cells: Cells,
    some: Some,
) -> Floats:
    """The same [1 + row, atom] of the chosen readings, in the atoms of the others."""
    _, owner, known = population
    places = some.places if owner is None else some.tasks
    ours = known[places] if known is not None else np.ones(len(places), dtype=bool)
    if owner is not None:
        places = places[ours]
    rows = [_averaged(numbers[name][places], statistic) for name, statistic in asked]
    if owner is not None:
        by_atom = np.array(_by_task(cells.atom[owner[places]], rows, len(cells.starts)))
        return by_atom[:, some.atoms]
    ours &= some.chosen
    table = np.array([ours, *rows], dtype=np.float64)
    table[:, ~ours] = 0.0
    sums: Floats = np.add.reduceat(table, some.starts, axis=1)
    return sums


def _averaged(values: Floats, statistic: str) -> Floats:
    """What a mean or share is the mean of."""
    head, _, most = statistic.rpartition("_")
    return (values <= int(most)).astype(np.float64) if head == "share_at_most" else values


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
