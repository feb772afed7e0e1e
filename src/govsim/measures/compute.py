"""All measures of one replication, worked out at once over columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Flags, Floats, Ints
from govsim.measures import paths
from govsim.measures.ages import Ages, Counted, ages, counted_of, readings
from govsim.measures.averages import (
    Averaged,
    Population,
    Row,
    averages,
    averages_of,
    of_tasks,
    populations,
    quantiles,
)
from govsim.measures.catalogue import (
    CATALOGUE,
    LARGEST,
    Cap,
)
from govsim.measures.cells import Cells, Some, case_scopes, cells_of, periods, value_scopes
from govsim.measures.facts import (
    GRANTED,
    Facts,
    Rows,
    Tasks,
    columns,
    facts_of,
    work_of,
)
from govsim.measures.index import MEASURES, ROWS, Weights, mixes_of
from govsim.measures.opening import worked_between
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
    wait_total: Floats  # [desk, service, cohort] minutes that tasks waited, so far
    counted: Ints  # [service, cohort] cases
    largest: Floats  # [measure of LARGEST, service] seen in the counted period; 0 without a case
    # [group] minutes worked in the counted period; NaN where the members' hours were not given
    busy: Floats
    duty: Floats  # [group] minutes on duty in the counted period
    # [service, week] open cases, averaged over the week; NaN in weeks that the run did not finish
    backlog: Floats
    # [service, week of filing] clock days from filing to end, at most tau, added up
    weekly_days: Floats
    weekly_cases: Ints  # [service, week of filing] those cases
    cycle_time: Sketch  # minutes
    cycle_time_working: Sketch  # working days
    cycle_time_answered: Sketch  # minutes; this and the next are empty unless asked for
    cycle_time_working_answered: Sketch  # working days
    legal_clock: Sketch  # working days
    lateness: Sketch  # working days
    time_to_first_answer: Sketch  # working days
    window_wait: Sketch  # minutes, by case
    window_wait_per_task: Sketch  # minutes, by task


class Measured(NamedTuple):
    """One replication read at age tau: what each measure says of each reading."""

    records: Records
    model: Model
    followed: Ages
    hours: Any | None
    rows: Rows
    work: Floats  # minutes worked on each activity
    scopes: Ints  # of all cases
    facts: Facts
    cells: Cells
    raw: Mapping[str, Floats]  # times infinite where not over, minus infinity where given up
    capped: Mapping[str, Floats]  # times as means take them
    populations: tuple[Population, ...]  # of `capped`
    averaged: Averaged  # of all readings
    waited: Floats  # [desk, atom] minutes that tasks waited, so far
    mixes: Floats  # [mix, service]

    @property
    def services(self) -> int:
        """How many there are."""
        return len(self.model.names.services)

    def only(self, names: Collection[str], kept: Collection[str]) -> Measured:
        """The same for what is asked of pairs, in less memory: means of some measures, and
        distributions of those that are kept.
        """
        return self._replace(
            rows=Rows._make(column[:0] for column in self.rows),
            work=self.work[:0],
            scopes=self.scopes[:, :0],
            raw={name: self.raw[name] for name in kept if name in self.raw},
            capped={name: self.capped[name] for name in names if name in self.capped},
        )

    def values(self) -> dict[Row, Floats]:
        """[mix and scope, cohort] of each measure's statistics, in the order of the catalogue."""
        blocks = dict(self.averaged.blocks)
        for each, (number, scale) in zip(self.populations, self.averaged.beside, strict=True):
            blocks |= quantiles(each, self.capped, self.cells, number, scale)
        return {row: blocks[row] for row in ROWS if row in blocks}

    def some(self, chosen: Flags) -> Some | None:
        """The chosen readings; None: these are all."""
        return None if chosen.all() else self.cells.some(chosen, self.facts.tasks.case)

    def means(self, names: Collection[str], some: Some | None) -> Floats:
        """The same of some measures, without quantiles and attribute values: [row, mix and service,
        cohort]; of everybody, or of some readings.
        """
        scopes = len(self.mixes) + self.services
        blocks = self.averaged.blocks
        if some is not None:
            cells = self.cells.of_services(self.services)
            of = self.populations, self.capped, cells, self.mixes
            blocks = averages_of(some, names, self.averaged, *of)
        rows = (blocks[row] for row in ROWS if row in blocks and row[0] in names)
        return np.array([block[:scopes] for block in rows])

    def number(self, some: Some | None) -> Ints:
        """How many they are: [service, cohort]."""
        sizes = self.cells.sizes if some is None else some.sizes
        return self.cells.added(sizes[None])[0, : self.services].astype(np.int64)

    def waits(self, some: Some | None = None) -> Floats:
        """Minutes that tasks waited so far, of everybody or of some readings:
        [desk, service, cohort].
        """
        waited = self.waited
        if some is not None:
            waited = waited.copy()
            anew = waited_at(self.facts.tasks, self.cells, len(waited), some.tasks)
            waited[:, some.atoms] = anew[:, some.atoms]
        return self.cells.of_services(self.services).added(waited)

    def largest(self) -> Floats:
        """The largest number of each measure of LARGEST that one case has: [measure, service]."""
        largest = np.zeros((len(LARGEST), self.services))
        if len(self.cells.starts):
            starts = self.cells.starts
            by_atom = np.array([np.maximum.reduceat(self.capped[name], starts) for name in LARGEST])
            np.maximum.at(largest.T, self.cells.service, np.nan_to_num(by_atom).T)
        return largest

    def sketches(self, names: Collection[str], chosen: Ints | None = None) -> dict[str, Sketch]:
        """The distributions of some measures, of all readings or of those at some places."""
        whose = owners(self.cells.service, self.cells.member)
        task, places = self.facts.tasks.case, slice(None) if chosen is None else chosen
        sketches = {}
        for name in names:
            at, case = places, places
            if of_tasks(name):
                at = places if chosen is None else np.flatnonzero(np.isin(task, chosen))
                case = task[at]
            sketches[name] = _sketch(self.raw[name][at], whose[self.cells.atom[case]])
        return sketches


def measured(
    records: Records,
    model: Model,
    mix_weights: Weights | None = None,
    travel: float = 60.0,
    hours: Any | None = None,
    followed: Ages | None = None,
    again: Ints | None = None,
    counted: Counted | None = None,
) -> Measured:
    """The readings of one replication, and what each measure says of each of them.

    See `measure`; `again` as in `readings`, `counted` where they are known.
    """
    followed = followed or ages([model])
    scopes = case_scopes(records, model)
    read = readings(counted or counted_of(records, model), model, followed, again)
    rows, cells = columns(records), cells_of(records, model, scopes, read.row, read.member)
    last = int(read.row[0]) + read.once if read.once else 0
    work = work_of(model.arrays, rows, last, hours)
    facts = facts_of(records, model.arrays, rows, work, read, cells.order, travel, hours)
    raw = {each.name: _raw(each.of(facts), facts, each.cap) for each in CATALOGUE if each.of}
    capped = {name: _capped(values, facts, MEASURES[name].cap) for name, values in raw.items()}
    mixes = np.array(list(mixes_of(model, mix_weights).values()))
    known = populations(capped, facts.tasks.case)
    return Measured(
        records=records,
        model=model,
        followed=followed,
        hours=hours,
        rows=rows,
        work=work,
        scopes=scopes,
        facts=facts,
        cells=cells,
        raw=raw,
        capped=capped,
        populations=known,
        averaged=averages(known, capped, cells, mixes),
        waited=waited_at(facts.tasks, cells, len(model.names.desks)),
        mixes=mixes,
    )


def waited_at(tasks: Tasks, cells: Cells, desks: int, some: Ints | None = None) -> Floats:
    """[desk, atom] minutes that tasks (those at some places) waited, so far."""
    at = slice(None) if some is None else some
    shape = (desks, len(cells.starts))
    place = tasks.desk[at] * shape[1] + cells.atom[tasks.case[at]]
    waited = np.bincount(place, tasks.wait[at], minlength=shape[0] * shape[1])
    return waited.astype(np.float64).reshape(shape)


def _raw(values: Floats, facts: Facts, cap: Cap | None) -> Floats:
    """Times in a unit in which tau is the shorter one, infinite where they are longer than it."""
    return values if cap is None else np.where(values > cap(facts), np.inf, values)


def _capped(values: Floats, facts: Facts, cap: Cap | None) -> Floats:
    """Times as means take them: what is known at tau where they were not over."""
    if cap is None:
        return values
    known = np.where(values == -np.inf, np.nan, values)
    beyond = np.flatnonzero(values == np.inf)
    if len(beyond):
        known[beyond] = cap(facts)[beyond]
    return known


def measure(
    records: Records,
    model: Model,
    mix_weights: Weights | None = None,
    travel: float = 60.0,
    hours: Any | None = None,
    pooled: Collection[str] = POOLED,
    followed: Ages | None = None,
) -> Measures:
    """All measures of one replication, everybody read at the same age tau.

    `mix_weights` [service] make the mix "mix"; several are named by a mapping; None: the model's
    own demand. `travel` is in minutes per visit. `hours` are the members' hours of this replication
    (engine.calendars.member_hours): without them nobody knows how long a task that lasted overnight
    was worked on, so work away from windows is not estimable. `pooled` are measures with quantiles
    whose distribution is kept, besides POOLED. `followed` is tau of each cohort (None: as this
    model alone allows).
    """
    return summed(measured(records, model, mix_weights, travel, hours, followed), pooled)


def summed(made: Measured, pooled: Collection[str] = POOLED) -> Measures:
    """The measures of readings, and what is counted beside them."""
    records, model, arrays = made.records, made.model, made.model.arrays
    services = made.services
    weeks = paths.weeks(arrays)
    weekly_days, weekly_cases = paths.cycle_time_by_week(
        records, arrays, services, weeks, made.followed.clock[0]
    )
    throughput = _throughput(records, model, made.scopes, made.mixes)
    kept = {*POOLED, *pooled} & {*SKETCHED}
    return Measures(
        values=np.array([*made.values().values(), throughput]),
        wait_total=made.waits(),
        counted=made.number(None),
        largest=made.largest(),
        busy=_busy(arrays, made.rows, made.work, made.hours, records.end),
        duty=_duty(records, arrays),
        backlog=paths.backlog(records, services, weeks),
        weekly_days=weekly_days,
        weekly_cases=weekly_cases,
        **{**dict.fromkeys(SKETCHED, NONE), **made.sketches(kept)},
    )


def _throughput(records: Records, model: Model, scopes: Ints, mixes: Floats) -> Floats:
    """Cases completed per month within each period, whenever filed: [scope, cohort];
    a mix adds up its services.
    """
    case = records.cases
    done = np.flatnonzero(case["outcome"] == GRANTED)
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
