"""All measures of one replication, worked out at once over columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Flags, Floats, Ints
from govsim.measures import paths
from govsim.measures.catalogue import CATALOGUE, LEVELS, MINUTES_PER_UNIT, Measure
from govsim.measures.cells import Cells, case_scopes, cells_of, periods, value_scopes
from govsim.measures.facts import (
    COMPLETED,
    OPEN,
    Facts,
    Rows,
    columns,
    facts_of,
    work_of,
    worked_between,
)
from govsim.measures.index import MEASURES, ROWS, Weights, mixes_of
from govsim.measures.sketch import Sketch, owners, sketch
from govsim.model.arrays import WINDOW, Arrays, Model
from govsim.records import Records

MONTH = 365.25 / 12 * 1440.0
POOLED = ("cycle_time", "cycle_time_working")  # measures whose distribution is always kept
# whose distribution can be
SKETCHED = tuple(each.name for each in CATALOGUE if "p90" in each.statistics)
NONE: Sketch = np.empty((2, 0), dtype=np.int64)


class Measures(NamedTuple):
    """The measures of one replication and configuration; `_asdict()` is what the store packs. Axes:
    see MeasureIndex.
    """

    values: Floats  # [row, scope, cohort]; NaN: not estimable, no case
    wait_total: Floats  # [desk, service, cohort] minutes of wait of the tasks that started
    wait_number: Ints  # [desk, service, cohort] those tasks
    counted: Ints  # [service, cohort] cases
    # [group] minutes worked in the counted period; NaN where the members' hours were not given
    busy: Floats
    duty: Floats  # [group] minutes on duty in the counted period
    # [service, week] open cases, averaged over the week; NaN in weeks that the run did not finish
    backlog: Floats
    # [service, week of filing] clock days from filing to end of completed cases, added up
    weekly_days: Floats
    weekly_cases: Ints  # [service, week of filing] those cases
    cycle_time: Sketch  # minutes
    cycle_time_working: Sketch  # working days
    # minutes from filing to the end of the run, of counted cases still open: their cycle time is
    # longer
    open_age: Sketch
    legal_clock: Sketch  # working days; this and the next are empty unless asked for
    lateness: Sketch  # working days
    time_to_first_answer: Sketch  # working days
    window_wait: Sketch  # minutes, by task


def measure(
    records: Records,
    model: Model,
    mix_weights: Weights | None = None,
    travel: float = 60.0,
    hours: Any | None = None,
    pooled: Collection[str] = POOLED,
) -> Measures:
    """All measures of one replication.

    `mix_weights` [service] make the mix "mix"; several are named by a mapping; None: the model's
    own demand. `travel` is in minutes per visit. `hours` are the members' hours of this replication
    (engine.calendars.member_hours): without them nobody knows how long a task that lasted overnight
    was worked on, so work away from windows is not estimable. `pooled` are measures with quantiles
    whose distribution is kept, besides POOLED.
    """
    arrays, services = model.arrays, len(model.names.services)
    mixes = np.array(list(mixes_of(model, mix_weights).values()))
    scopes = case_scopes(records, model)
    rows, cells = columns(records), cells_of(records, model, scopes)
    work = work_of(arrays, rows, cells.first_case + len(cells.order), hours)
    facts = facts_of(records, arrays, rows, work, cells.first_case, cells.order, travel)
    found = {each.name: each.of(facts) for each in CATALOGUE if each.of is not None}
    counted = cells.sums([np.ones(len(cells.order), dtype=np.float64)])[0]
    kept = {*POOLED, *pooled}
    wait_total, wait_number = _waits(facts, cells, services, len(model.names.desks))
    whose = owners(cells.service, cells.member)[cells.atom]
    weekly_days, weekly_cases = paths.cycle_time_by_week(
        records, arrays, services, paths.weeks(arrays)
    )
    return Measures(
        values=np.array(
            [
                *_blocks(found, facts, cells, mixes, counted),
                _throughput(records, model, scopes, mixes),
            ]
        ),
        wait_total=wait_total,
        wait_number=wait_number,
        counted=counted[:services].astype(np.int64),
        busy=_busy(arrays, rows, work, hours, records.end),
        duty=_duty(records, arrays),
        backlog=paths.backlog(records, services, paths.weeks(arrays)),
        weekly_days=weekly_days,
        weekly_cases=weekly_cases,
        open_age=_sketch(
            np.where(facts.case["outcome"] == OPEN, records.end - facts.case["filed"], np.nan),
            whose,
        ),
        **{
            name: _sketch(found[name], _each(whose, name, facts)) if name in kept else NONE
            for name in SKETCHED
        },
    )


def _each(whose: Ints, name: str, facts: Facts) -> Ints:
    """Whose each number of a measure is: of the cases, or of the case of each task."""
    return whose[facts.tasks.case] if MEASURES[name].per == "task" else whose


def _blocks(
    found: Mapping[str, Floats], facts: Facts, cells: Cells, mixes: Floats, counted: Floats
) -> list[Floats]:
    """One [mix and scope, cohort] for each statistic, in the order of the catalogue;
    measures of one population at once.
    """
    together: dict[tuple[bool, bytes], list[Measure]] = {}
    for name, values in found.items():
        key = MEASURES[name].per == "task", np.packbits(np.isnan(values)).tobytes()
        together.setdefault(key, []).append(MEASURES[name])
    blocks: dict[tuple[str, str], Floats] = {}
    for (of_tasks, _), measures in together.items():
        blocks |= _statistics(
            measures, found, facts.tasks.case if of_tasks else None, cells, mixes, counted
        )
    return [blocks[row] for row in ROWS if row in blocks]


def _statistics(
    measures: Sequence[Measure],
    found: Mapping[str, Floats],
    owner: Ints | None,
    cells: Cells,
    mixes: Floats,
    counted: Floats,
) -> dict[tuple[str, str], Floats]:
    """The statistics of measures that have one population; `owner` is the case of each task, None:
    one number per case.
    """
    known = ~np.isnan(found[measures[0].name])
    means = [
        (each.name, s)
        for each in measures
        for s in each.statistics
        if s not in LEVELS and s != "count"
    ]
    sums = _sums([known, *(_averaged(found[name], s) for name, s in means)], known, owner, cells)
    number = sums[0]
    # Tasks weigh as much as their cases do among all counted ones,
    # cases among those that have a number.
    cases = (number if owner is None else counted)[: mixes.shape[1]]
    scale = mixes[:, :, None] * np.divide(1.0, cases, out=np.zeros_like(cases), where=cases > 0)
    totals = _with_mixes(sums, scale)
    mean = np.divide(
        totals[1:], totals[0], out=np.full_like(totals[1:], np.nan), where=totals[0] > 0
    )
    blocks = dict(
        zip(means, mean / np.array([_unit(name) for name, _ in means])[:, None, None], strict=True)
    )
    for each in measures:
        if "count" in each.statistics:
            blocks[each.name, "count"] = np.concatenate(
                ((mixes > 0) @ number[: mixes.shape[1]], number)
            )
        if levels := [(each.name, s) for s in each.statistics if s in LEVELS]:
            quantiles = _quantiles(
                found[each.name],
                owner,
                cells,
                number,
                scale,
                np.array([LEVELS[s] for _, s in levels]),
            )
            blocks |= zip(levels, quantiles / _unit(each.name), strict=True)
    return blocks


def _averaged(values: Floats, statistic: str) -> Floats | Flags:
    """What a mean or share is the mean of."""
    head, _, most = statistic.rpartition("_")
    return values <= int(most) if head == "share_at_most" else values


def _sums(rows: Sequence[Floats | Flags], known: Flags, owner: Ints | None, cells: Cells) -> Floats:
    """Sums [row, scope, cohort] over those that are known."""
    if owner is None:
        return cells.sums([np.where(known, row, 0.0) for row in rows])
    places = np.flatnonzero(known)
    atom = cells.atom[owner[places]]
    by_atom = [np.bincount(atom, row[places], minlength=len(cells.starts)) for row in rows]
    return cells.added(np.array(by_atom, dtype=np.float64))


def _with_mixes(totals: Floats, scale: Floats) -> Floats:
    """The mixes' sums, then those of the cells: [..., mix and scope, cohort]."""
    return np.concatenate(
        ((scale * totals[..., None, : scale.shape[1], :]).sum(axis=-2), totals), axis=-2
    )


def _unit(name: str) -> float:
    return MINUTES_PER_UNIT.get(MEASURES[name].unit, 1.0)


def _quantiles(
    values: Floats, owner: Ints | None, cells: Cells, number: Floats, scale: Floats, levels: Floats
) -> Floats:
    """[level, mix and scope, cohort]."""
    places = np.flatnonzero(~np.isnan(values))
    places = places[np.argsort(values[places])]
    values, atom = values[places], cells.atom[places if owner is None else owner[places]]
    of_mixes = cells.mix_quantiles(values, atom, scale, levels)
    return np.concatenate((of_mixes, cells.quantiles(values, atom, number, levels)), axis=1)


def _throughput(records: Records, model: Model, scopes: Ints, mixes: Floats) -> Floats:
    """Cases completed per month within each period, whenever filed: [scope, cohort];
    a mix adds up its services.
    """
    case = records.cases
    done = np.flatnonzero(case["outcome"] == COMPLETED)
    scopes, ended = np.take(scopes, done, axis=1), case["ended"][done]
    size = len(model.names.services) + len(value_scopes(model.names.values)[1])
    by_period = []
    for _, since, until in periods(model):
        inside = np.compress((since <= ended) & (ended < until), scopes, axis=1)
        # the first counts those without a value
        completed = np.bincount(inside.ravel() + 1, minlength=size + 1)[1:]
        by_period.append(completed / ((until - since) / MONTH))
    rate = np.array(by_period).T
    return np.concatenate(((mixes > 0) @ rate[: mixes.shape[1]], rate))


def _waits(facts: Facts, cells: Cells, services: int, desks: int) -> tuple[Floats, Ints]:
    """Minutes of wait, and tasks, by [desk, service, cohort]."""
    tasks = facts.tasks
    started = np.flatnonzero(~np.isnan(tasks.wait))
    size, shape = desks * len(cells.starts), (desks, len(cells.starts))
    place = tasks.desk[started] * shape[1] + cells.atom[tasks.case[started]]
    total = (
        np.bincount(place, tasks.wait[started], minlength=size).astype(np.float64).reshape(shape)
    )
    number = np.bincount(place, minlength=size).astype(np.float64).reshape(shape)
    return cells.added(total)[:, :services], cells.added(number)[:, :services].astype(np.int64)


def _busy(arrays: Arrays, rows: Rows, work: Floats, hours: Any | None, end: float) -> Floats:
    """Minutes that each group worked within the counted period."""
    groups = len(arrays.staff.key)
    if hours is None and np.any(arrays.desks.kind != WINDOW):
        return np.full(groups, np.nan)
    a, b = arrays.count_from, min(arrays.count_until, end)
    until = np.where(np.isnan(rows.ended), end, rows.ended)
    at = np.flatnonzero((rows.member >= 0) & (rows.started < b) & (until > a))
    since, until = rows.started[at], until[at]
    minutes = work[at]
    cut = np.flatnonzero((since < a) | (until > b) | np.isnan(minutes))
    since, until = np.maximum(since[cut], a), np.minimum(until[cut], b)
    through = arrays.desks.kind[rows.desk[at[cut]]] == WINDOW
    minutes[cut[through]] = (until - since)[through]
    rest = cut[~through]
    if len(rest):
        minutes[rest] = worked_between(
            hours, rows.member[at[rest]].astype(np.int64), since[~through], until[~through]
        )
    return np.bincount(arrays.staff.group[rows.member[at]], minutes, minlength=groups).astype(
        np.float64
    )


def _duty(records: Records, arrays: Arrays) -> Floats:
    group = arrays.staff.group[records.duty["member"]]
    return np.bincount(group, records.duty["counted"], minlength=len(arrays.staff.key)).astype(
        np.float64
    )


def _sketch(values: Floats, whose: Ints) -> Sketch:
    known = np.flatnonzero(~np.isnan(values))
    return sketch(values[known], whose[known]) if len(known) else NONE
