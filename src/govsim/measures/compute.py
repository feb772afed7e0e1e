"""All measures of one replication, worked out at once over columns."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from govsim.measures import paths
from govsim.measures.catalogue import CATALOGUE, LEVELS, MINUTES_PER_UNIT, Measure, cycle_time, cycle_time_working
from govsim.measures.cells import Cells, case_scopes, cells_of, periods, value_scopes
from govsim.measures.facts import COMPLETED, Facts, Rows, columns, facts_of, work_of, worked_between
from govsim.measures.index import Weights, mixes_of
from govsim.measures.sketch import Sketch, sketch
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
    rows, cells = columns(records), cells_of(records, model)
    work = work_of(arrays, rows, hours)
    facts = facts_of(records, arrays, rows, work, cells.first_case, cells.order, travel)
    counted = cells.sums(np.ones(len(cells.order), dtype=np.float64))
    wait_total, wait_number = _waits(facts, cells, services, len(model.names.desks))
    weekly_days, weekly_cases = paths.cycle_time_by_week(records, arrays, services, paths.weeks(arrays))
    return Measures(
        values=_values(records, model, facts, cells, mixes, counted),
        wait_total=wait_total,
        wait_number=wait_number,
        counted=counted[:services].astype(np.int64),
        busy=_busy(arrays, rows, work, hours, records.end),
        duty=_duty(records, arrays),
        backlog=paths.backlog(records, services, paths.weeks(arrays)),
        weekly_days=weekly_days,
        weekly_cases=weekly_cases,
        cycle_time=_sketch(cycle_time(facts), facts, cells),
        cycle_time_working=_sketch(cycle_time_working(facts), facts, cells),
    )


def _values(records: Records, model: Model, facts: Facts, cells: Cells, mixes: Floats, counted: Floats) -> Floats:
    blocks = []
    for each in CATALOGUE:
        if each.of is not None:
            blocks += _statistics(each, each.of(facts), facts, cells, mixes, counted)
        elif each.name == "throughput":
            blocks.append(_throughput(records, model, mixes))
    return np.array(blocks)


def _statistics(
    each: Measure, values: Floats, facts: Facts, cells: Cells, mixes: Floats, counted: Floats
) -> list[Floats]:  # fmt: skip
    """One [scope, cohort] per statistic, mixes first."""
    owner = None if each.per == "case" else facts.tasks.case
    known = ~np.isnan(values)
    number = _sums(known.astype(np.float64), owner, cells)
    scale = _scale(mixes, number if owner is None else counted)

    def mean(of: Floats) -> Floats:
        return _mean(_sums(np.where(known, of, 0.0), owner, cells), number, scale)

    blocks: dict[str, Floats] = {}
    levels = tuple(statistic for statistic in each.statistics if statistic in LEVELS)
    if levels:
        blocks.update(zip(levels, _quantiles(values, known, owner, cells, scale, levels), strict=True))
    unit = MINUTES_PER_UNIT.get(each.unit, 1.0)
    for statistic in each.statistics:
        if statistic == "count":
            blocks[statistic] = np.concatenate(((mixes > 0) @ number[: mixes.shape[1]], number))
        elif statistic.startswith("share_at_most_"):
            blocks[statistic] = mean((values <= int(statistic.rsplit("_", 1)[1])).astype(np.float64))
        elif statistic not in LEVELS:
            blocks[statistic] = mean(values) / unit
        else:
            blocks[statistic] = blocks[statistic] / unit
    return [blocks[statistic] for statistic in each.statistics]


def _sums(values: Floats, owner: Ints | None, cells: Cells) -> Floats:
    return cells.sums(values if owner is None else np.bincount(owner, values, minlength=len(cells.order)).astype(np.float64))


def _scale(mixes: Floats, size: Floats) -> Floats:
    """What a case of each service weighs: [mix, service, cohort]."""
    cases = size[: mixes.shape[1]]
    scale: Floats = mixes[:, :, None] * np.divide(1.0, cases, out=np.zeros_like(cases), where=cases > 0)
    return scale


def _mean(total: Floats, number: Floats, scale: Floats) -> Floats:
    services = scale.shape[1]
    top = np.concatenate(((scale * total[:services]).sum(axis=1), total))
    below = np.concatenate(((scale * number[:services]).sum(axis=1), number))
    mean: Floats = np.divide(top, below, out=np.full_like(top, np.nan), where=below > 0)
    return mean


def _quantiles(
    values: Floats, known: Any, owner: Ints | None, cells: Cells, scale: Floats, statistics: tuple[str, ...]
) -> Floats:  # fmt: skip
    levels = tuple(LEVELS[statistic] for statistic in statistics)
    some = np.flatnonzero(known)
    some = some[np.argsort(values[some])]
    atom = cells.atom[some if owner is None else owner[some]]
    of_mixes = cells.mix_quantiles(values[some], atom, scale, levels)
    return np.concatenate((of_mixes, cells.quantiles(values[some], atom, levels)), axis=1)


def _throughput(records: Records, model: Model, mixes: Floats) -> Floats:
    """Cases completed per month within each period, whenever filed: [scope, cohort]; a mix adds up its services."""
    case = records.cases
    done = np.flatnonzero(case["outcome"] == COMPLETED)
    scopes = case_scopes(model, case["service"][done].astype(np.int64), records.attributes[done])
    ended = case["ended"][done]
    size = len(model.names.services) + len(value_scopes(model)[1])
    by_period = []
    for _, since, until in periods(model):
        inside = scopes[(since <= ended) & (ended < until)]
        by_period.append(np.bincount(inside[inside >= 0], minlength=size) / ((until - since) / MONTH))
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


def _sketch(values: Floats, facts: Facts, cells: Cells) -> Sketch:
    known = np.flatnonzero(~np.isnan(values))
    return sketch(values[known], facts.case["service"][known].astype(np.int64), cells.member[:, cells.atom[known]])
