"""All measures of one replication, worked out at once over columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from govsim.measures import paths
from govsim.measures.catalogue import CATALOGUE, LEVELS, MINUTES_PER_UNIT, Measure
from govsim.measures.cells import Cells, case_scopes, cells_of, periods, value_scopes
from govsim.measures.facts import COMPLETED, Facts, Flags, Rows, columns, facts_of, work_of, worked_between
from govsim.measures.index import MEASURES, Weights, mixes_of
from govsim.measures.sketch import Sketch, owners, sketch
from govsim.model.arrays import WINDOW, Arrays, Floats, Ints, Model
from govsim.records import Records

MONTH = 365.25 / 12 * 1440.0


class Measures(NamedTuple):
    """The measures of one replication and configuration; `_asdict()` is what the store packs. Axes: see MeasureIndex."""

    values: Floats  # [row, scope, cohort]; NaN: not estimable, no case
    wait_total: Floats  # [desk, service, cohort] minutes of wait of the tasks that started
    wait_number: Ints  # [desk, service, cohort] those tasks
    counted: Ints  # [service, cohort] cases
    busy: Floats  # [group] minutes worked in the counted period; NaN where the members' hours were not given
    duty: Floats  # [group] minutes on duty in the counted period
    backlog: Floats  # [service, week] open cases, averaged over the week; NaN in weeks that the run did not finish
    weekly_days: Floats  # [service, week of filing] clock days from filing to end of completed cases, added up
    weekly_cases: Ints  # [service, week of filing] those cases
    cycle_time: Sketch  # minutes
    cycle_time_working: Sketch  # working days


def measure(
    records: Records, model: Model, mix_weights: Weights | None = None, travel: float = 60.0, hours: Any | None = None
) -> Measures:
    """All measures of one replication.

    `mix_weights` [service] make the mix "mix"; several are named by a mapping; None: the model's own demand. `travel` is
    in minutes per visit. `hours` are the members' hours of this replication (engine.calendars.member_hours): without
    them nobody knows how long a task that lasted overnight was worked on, so work away from windows is not estimable.
    """
    arrays, services = model.arrays, len(model.names.services)
    mixes = np.array(list(mixes_of(model, mix_weights).values()))
    scopes = case_scopes(records, model)
    rows, cells = columns(records), cells_of(records, model, scopes)
    work = work_of(arrays, rows, cells.first_case + len(cells.order), hours)
    facts = facts_of(records, arrays, rows, work, cells.first_case, cells.order, travel)
    found = {each.name: each.of(facts) for each in CATALOGUE if each.of is not None}
    counted = cells.sums(np.ones(len(cells.order), dtype=np.float64))
    wait_total, wait_number = _waits(facts, cells, services, len(model.names.desks))
    weekly_days, weekly_cases = paths.cycle_time_by_week(records, arrays, services, paths.weeks(arrays))
    return Measures(
        values=np.array([*_blocks(found, facts, cells, mixes, counted), _throughput(records, model, scopes, mixes)]),
        wait_total=wait_total,
        wait_number=wait_number,
        counted=counted[:services].astype(np.int64),
        busy=_busy(arrays, rows, work, hours, records.end),
        duty=_duty(records, arrays),
        backlog=paths.backlog(records, services, paths.weeks(arrays)),
        weekly_days=weekly_days,
        weekly_cases=weekly_cases,
        cycle_time=_sketch(found["cycle_time"], cells),
        cycle_time_working=_sketch(found["cycle_time_working"], cells),
    )


class Population(NamedTuple):
    """The cases (or tasks) that have a number: how many by cell, and what each weighs in a mix."""

    known: Flags
    owner: Ints | None  # the case of each task; None: one number per case
    number: Floats  # [scope, cohort]
    scale: Floats  # [mix, service, cohort]
    weight: Floats  # [mix and scope, cohort] what a mean is divided by


def _population(known: Flags, owner: Ints | None, cells: Cells, mixes: Floats, counted: Floats) -> Population:
    """Tasks weigh as much as their cases do among all counted ones, cases among those that have a number."""
    number = _sums(known.astype(np.float64), owner, cells)
    cases = (number if owner is None else counted)[: mixes.shape[1]]
    scale = mixes[:, :, None] * np.divide(1.0, cases, out=np.zeros_like(cases), where=cases > 0)
    return Population(known, owner, number, scale, _with_mixes(number, scale))


def _sums(values: Floats, owner: Ints | None, cells: Cells) -> Floats:
    return cells.sums(values if owner is None else np.bincount(owner, values, minlength=len(cells.order)).astype(np.float64))


def _with_mixes(totals: Floats, scale: Floats) -> Floats:
    """The mixes' sums, then those of the cells."""
    return np.concatenate(((scale * totals[: scale.shape[1]]).sum(axis=1), totals))


def _blocks(found: Mapping[str, Floats], facts: Facts, cells: Cells, mixes: Floats, counted: Floats) -> list[Floats]:
    """One [mix and scope, cohort] for each statistic, in the order of the catalogue."""
    blocks: list[Floats] = []
    populations: dict[tuple[bool, bytes], Population] = {}
    for name, values in found.items():
        known, owner = ~np.isnan(values), facts.tasks.case if MEASURES[name].per == "task" else None
        key = (owner is None, known.tobytes())
        if key not in populations:
            populations[key] = _population(known, owner, cells, mixes, counted)
        blocks += _statistics(MEASURES[name], values, populations[key], cells, mixes)
    return blocks


def _statistics(each: Measure, values: Floats, among: Population, cells: Cells, mixes: Floats) -> list[Floats]:
    """One [mix and scope, cohort] per statistic."""
    unit = MINUTES_PER_UNIT.get(each.unit, 1.0)
    levels = [statistic for statistic in each.statistics if statistic in LEVELS]
    quantiles = (
        dict(zip(levels, _quantiles(values, among, cells, tuple(LEVELS[level] for level in levels)), strict=True))
        if levels
        else {}
    )
    blocks = []
    for statistic in each.statistics:
        if statistic in quantiles:
            blocks.append(quantiles[statistic] / unit)
        elif statistic == "count":
            blocks.append(np.concatenate(((mixes > 0) @ among.number[: mixes.shape[1]], among.number)))
        else:
            most = int(statistic.rsplit("_", 1)[1]) if statistic.startswith("share_at_most_") else None
            blocks.append(_mean(values if most is None else values <= most, among, cells) / unit)
    return blocks


def _mean(values: Floats | Flags, among: Population, cells: Cells) -> Floats:
    totals = _with_mixes(_sums(np.where(among.known, values, 0.0), among.owner, cells), among.scale)
    mean: Floats = np.divide(totals, among.weight, out=np.full_like(totals, np.nan), where=among.weight > 0)
    return mean


def _quantiles(values: Floats, among: Population, cells: Cells, levels: tuple[float, ...]) -> Floats:
    some = np.flatnonzero(among.known)
    some = some[np.argsort(values[some])]
    atom = cells.atom[some if among.owner is None else among.owner[some]]
    of_mixes = cells.mix_quantiles(values[some], atom, among.scale, levels)
    return np.concatenate((of_mixes, cells.quantiles(values[some], atom, levels)), axis=1)


def _throughput(records: Records, model: Model, scopes: Ints, mixes: Floats) -> Floats:
    """Cases completed per month within each period, whenever filed: [scope, cohort]; a mix adds up its services."""
    case = records.cases
    done = np.flatnonzero(case["outcome"] == COMPLETED)
    scopes, ended = np.take(scopes, done, axis=0), case["ended"][done]
    size = len(model.names.services) + len(value_scopes(model.names.values)[1])
    by_period = []
    for _, since, until in periods(model):
        inside = np.take(scopes, np.flatnonzero((since <= ended) & (ended < until)), axis=0)
        completed = np.bincount(inside.ravel() + 1, minlength=size + 1)[1:]  # the first counts those without a value
        by_period.append(completed / ((until - since) / MONTH))
    rate = np.array(by_period).T
    return np.concatenate(((mixes > 0) @ rate[: mixes.shape[1]], rate))


def _waits(facts: Facts, cells: Cells, services: int, desks: int) -> tuple[Floats, Ints]:
    """Minutes of wait, and tasks, by [desk, service, cohort]."""
    tasks = facts.tasks
    started = np.flatnonzero(~np.isnan(tasks.wait))
    atom = cells.atom[tasks.case[started]]
    place = tasks.desk[started] * services + cells.service[atom]
    shape = (desks, services, cells.cohorts)
    total, number = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for cohort, member in enumerate(cells.member):
        ours = member[atom]
        wait = tasks.wait[started[ours]]
        total[:, :, cohort] = np.bincount(place[ours], wait, minlength=desks * services).reshape(desks, services)
        number[:, :, cohort] = np.bincount(place[ours], minlength=desks * services).reshape(desks, services)
    return total, number


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
        minutes[rest] = worked_between(hours, rows.member[at[rest]].astype(np.int64), since[~through], until[~through])
    return np.bincount(arrays.staff.group[rows.member[at]], minutes, minlength=groups).astype(np.float64)


def _duty(records: Records, arrays: Arrays) -> Floats:
    group = arrays.staff.group[records.duty["member"]]
    return np.bincount(group, records.duty["counted"], minlength=len(arrays.staff.key)).astype(np.float64)


def _sketch(values: Floats, cells: Cells) -> Sketch:
    known = np.flatnonzero(~np.isnan(values))
    return sketch(values[known], owners(cells.service, cells.member)[cells.atom[known]])
