"""What the measures read: the counted cases of one replication and their tasks, laid out once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Flags, Floats, Ints
from govsim.model.arrays import WINDOW, Arrays, Calendars
from govsim.records import CASES, KINDS, OUTCOMES, VARIANTS, Records

TASK, TRANSFER, SUPPLEMENT = (KINDS.index(kind) for kind in ("task", "transfer", "supplement"))
COMPLETED, OPEN = OUTCOMES.index("completed"), OUTCOMES.index("open")
TOLERATED = VARIANTS.index("tolerated")


class Rows(NamedTuple):
    """The activities as plain columns (same order): what all measures share."""

    case: Ints
    kind: Ints
    desk: Ints
    member: Ints
    variant: Ints
    joined: Floats
    started: Floats
    ended: Floats


class Tasks(NamedTuple):
    """The tasks of the counted cases, misdirected visits included."""

    case: Ints  # place among the counted cases of Facts
    desk: Ints
    kind: Ints  # kind of the desk
    # at a window: one, and one more for each day's last closing waited through; elsewhere none
    visits: Floats
    wait: Floats  # opening minutes of the desk from joining to start; NaN where it never started
    # minutes worked on it; NaN where it never ended, or the members' hours are not known
    work: Floats


class Facts(NamedTuple):
    """The counted cases, in the order of Cells, and what the Model says about each."""

    case: Mapping[str, NDArray[Any]]  # the columns of records.CASES
    completed: Flags
    calendar: Ints  # the service's, in the regime of filing
    day: Floats  # minutes of one working day of that calendar
    promise: Floats  # minutes of the promise clock; NaN without a promise
    limit: Floats  # minutes of the legal clock; NaN without a limit
    transfers: Ints  # rows per case
    supplements: Ints  # supplements asked for, and minor papers tolerated
    tasks: Tasks
    travel: float  # minutes of one visit's way there and back
    arrays: Arrays


def columns(records: Records) -> Rows:
    """The activities' columns, each contiguous."""
    rows = records.activities
    return Rows(**{name: np.ascontiguousarray(rows[name]) for name in Rows._fields})


def facts_of(
    records: Records,
    arrays: Arrays,
    rows: Rows,
    work: Floats,
    first: int,
    order: Ints,
    travel: float,
) -> Facts:
    """The counted cases: those from row `first` on, taken in `order`.

    `work` is minutes worked per activity.
    """
    counted = records.cases[first : first + len(order)]
    case = {name: np.take(counted[name], order) for name in CASES.names or ()}
    regime = (case["filed"] >= arrays.reform).astype(np.int64)
    service = case["service"].astype(np.int64)
    calendar = arrays.services.calendar[regime, service]
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    here = slice(*np.searchsorted(rows.case, (first, first + len(order))))
    ours = Rows(**{name: column[here] for name, column in rows._asdict().items()})
    owner = place[ours.case - first]
    transfers = np.flatnonzero(ours.kind == TRANSFER)
    supplements = np.flatnonzero((ours.kind == SUPPLEMENT) | (ours.variant == TOLERATED))
    return Facts(
        case=case,
        completed=case["outcome"] == COMPLETED,
        calendar=calendar,
        day=arrays.calendars.day_length[regime, calendar],
        promise=_given(arrays.services.promise[regime, service]),
        limit=_given(arrays.services.limit[regime, service]),
        transfers=np.bincount(owner[transfers], minlength=len(order)),
        supplements=np.bincount(owner[supplements], minlength=len(order)),
        tasks=_tasks(arrays, ours, owner, work[here]),
        travel=travel,
        arrays=arrays,
    )


def _given(minutes: Floats) -> Floats:
    return np.where(minutes < 0, np.nan, minutes)


def _tasks(arrays: Arrays, rows: Rows, owner: Ints, work: Floats) -> Tasks:
    task = np.flatnonzero(rows.kind == TASK)
    desk = rows.desk[task].astype(np.int64)
    joined, started = rows.joined[task], rows.started[task]
    wait = started - joined
    waited = np.flatnonzero(wait > 0)
    wait[waited] = worked_between(
        arrays.calendars, arrays.desks.calendar[desk[waited]], joined[waited], started[waited]
    )
    kind = arrays.desks.kind[desk]
    at = np.flatnonzero(kind == WINDOW)
    left = np.where(np.isnan(started[at]), rows.ended[task[at]], started[at])
    visits = np.zeros(len(task))
    visits[at] = 1.0 + closings_between(
        arrays.calendars, arrays.desks.calendar[desk[at]], joined[at], left
    )
    return Tasks(owner[task], desk, kind, visits, wait, work[task])


def work_of(arrays: Arrays, rows: Rows, last: int, hours: Any | None) -> Floats:
    """Minutes worked per activity so far finished: a window works through,
    others in the member's own hours.

    NaN where the row is no task or has not ended; and, without the members' `hours`, away from
    windows. Left NaN too where nobody asks: before the counted period, and after it for cases from
    number `last` on.
    """
    work = np.full(len(rows.case), np.nan)
    asked = (rows.ended > arrays.count_from) & (
        (rows.case < last) | (rows.started < arrays.count_until)
    )
    done = np.flatnonzero((rows.kind == TASK) & ~np.isnan(rows.started) & asked)
    window = arrays.desks.kind[rows.desk[done]] == WINDOW
    through = np.compress(window, done)
    work[through] = rows.ended[through] - rows.started[through]
    if hours is not None:
        rest = np.compress(~window, done)
        work[rest] = worked_between(
            hours, rows.member[rest].astype(np.int64), rows.started[rest], rows.ended[rest]
        )
    return work


def worked_between(calendars: Any, calendar: Ints, a: Floats, b: Floats) -> Floats:
    """Opening minutes in [a, b] of each pair's calendar (or member,
    where `calendars` are members' hours).
    """
    from govsim.engine.spans import worked_many

    return worked_many(calendars, calendar, np.ascontiguousarray(a), np.ascontiguousarray(b))


def closings_between(calendars: Calendars, calendar: Ints, a: Floats, b: Floats) -> Ints:
    """Working days of each pair's calendar whose last closing lies in (a, b]; 0 where b is NaN."""
    count = np.zeros(len(a), dtype=np.int64)
    some = np.flatnonzero(b > a)
    for k in np.unique(calendar[some]):
        closes = calendars.day_closes[calendars.day_first[k] : calendars.day_first[k + 1]]
        of = some[calendar[some] == k]
        count[of] = np.searchsorted(closes, b[of], "right") - np.searchsorted(
            closes, a[of], "right"
        )
    return count
