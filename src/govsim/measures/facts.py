"""What the measures read: the counted cases of one replication as they stood at age tau.

Their tasks are laid out beside them, as far as they had come by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Flags, Floats, Ints
from govsim.measures.ages import Readings, applicants
from govsim.measures.opening import closings_between, worked_between
from govsim.model.arrays import MARK, WINDOW, Arrays
from govsim.model.arrays import TRANSFER as A_TRANSFER
from govsim.records import CASES, KINDS, OUTCOMES, VARIANTS, Records

TASK, TRANSFER, SUPPLEMENT = (KINDS.index(kind) for kind in ("task", "transfer", "supplement"))
NO_ANSWER, GRANTED, REFUSED, GAVE_UP = (
    OUTCOMES.index(outcome) for outcome in ("open", "completed", "rejected", "withdrawn")
)
TOLERATED = VARIANTS.index("tolerated")


class Rows(NamedTuple):
    """The activities as plain columns (same order): what all measures share."""

    case: Ints
    step: Ints
    kind: Ints
    desk: Ints
    member: Ints
    variant: Ints
    joined: Floats
    started: Floats
    ended: Floats


class Tasks(NamedTuple):
    """The tasks of the counted cases joined by the instant of reading, misdirected visits too."""

    case: Ints  # place among the readings of Facts
    desk: Ints
    kind: Ints  # kind of the desk
    # at a window: one, and one more for each day's last closing waited through; elsewhere none
    visits: Floats
    # opening minutes of the desk from joining to start, to leaving, or so far
    wait: Floats
    # the same up to half of tau after joining; NaN where joined later than half of tau after filing
    by_half: Floats
    longer: Flags  # neither started nor left by then
    # minutes worked on it so far; NaN where the members' hours are not known
    work: Floats


class Facts(NamedTuple):
    """The counted cases at the instant of reading, in the order of Cells, and what the Model says
    about each.
    """

    case: Mapping[str, NDArray[Any]]  # columns of records.CASES; NaN for what came later
    applicant: Ints  # a number for each, the same in all configurations
    look: Ints  # the cohort that the case was read for
    end: Ints  # how the case stood: NO_ANSWER, GRANTED, REFUSED or GAVE_UP
    over: Flags  # answered, and all its steps done
    until: Floats  # instant of reading
    longest: Floats  # tau in minutes
    longest_working: Floats  # tau in working days
    worked: Floats  # working days from filing to end; NaN where that is longer than tau, or open
    first: Floats  # to the first answer; infinite where that is longer than tau, NaN without one
    day: Floats  # minutes of one working day of the service's calendar, in the regime of filing
    promise: Floats  # minutes of the promise clock; NaN without a promise
    limit: Floats  # minutes of the legal clock; NaN without a limit
    tells_first: Flags  # the service's route notes a first answer
    transfers: Ints  # rows per case
    transfer_time: Floats  # minutes of them, so far
    handovers: Ints  # of them, between departments that are not part of one
    supplements: Ints  # supplements asked for, and minor papers tolerated
    tasks: Tasks
    travel: float  # minutes of one visit's way there and back

    @property
    def answered(self) -> Flags:
        """Granted or refused by the instant of reading."""
        answered: Flags = (self.end == GRANTED) | (self.end == REFUSED)
        return answered

    @property
    def gave_up(self) -> Flags:
        """Left without an answer by the instant of reading."""
        left: Flags = self.end == GAVE_UP
        return left


def columns(records: Records) -> Rows:
    """The activities' columns, each contiguous."""
    rows = records.activities
    return Rows(**{name: np.ascontiguousarray(rows[name]) for name in Rows._fields})


def facts_of(
    records: Records,
    arrays: Arrays,
    rows: Rows,
    work: Floats,
    read: Readings,
    order: Ints,
    travel: float,
    hours: Any | None = None,
) -> Facts:
    """The readings of counted cases, taken in `order`.

    `work` is minutes worked per activity, `hours` are the members' of this replication.
    """
    row, until = read.row[order], read.until[order]
    longest, longest_working = read.longest[order], read.longest_working[order]
    since = int(read.row[0]) if read.once else 0
    counted, place = records.cases[since : since + read.once], row - since
    case = {name: np.take(counted[name], place) for name in CASES.names or ()}
    worked, outcome = read.worked[order], case["outcome"]
    asked = (outcome == GRANTED) | (outcome == REFUSED)
    worked = np.where(asked & (worked <= longest_working), worked, np.nan)
    regime = (case["filed"] >= arrays.reform).astype(np.int64)
    service = case["service"].astype(np.int64)
    calendar = arrays.services.calendar[regime, service]
    first = _first(arrays, case, calendar, arrays.calendars.day_length[regime, calendar])
    first[first > longest_working] = np.inf
    later = _later(case, until)
    end, over = _ends(case)
    ours, owner, minutes = _activities(rows, work, read, order, until, later)
    late = later[owner]
    transfers = np.flatnonzero(ours.kind == TRANSFER)
    # that a paper is tolerated is known when the check is over
    tolerated = (ours.variant == TOLERATED) & (ours.ended <= until[owner])
    supplements = np.flatnonzero((ours.kind == SUPPLEMENT) | tolerated)
    many = len(order)
    return Facts(
        case=case,
        applicant=applicants(case),
        look=read.look[order],
        end=end,
        over=over,
        until=until,
        longest=longest,
        longest_working=longest_working,
        worked=worked,
        first=first,
        day=arrays.calendars.day_length[regime, calendar],
        promise=_given(arrays.services.promise[regime, service]),
        limit=_given(arrays.services.limit[regime, service]),
        tells_first=_first_answers(arrays)[regime, service],
        transfers=np.bincount(owner[transfers], minlength=many),
        transfer_time=_transfer_time(case, later, ours, owner, until),
        handovers=_handovers(arrays, case, later, ours, owner, regime),
        supplements=np.bincount(owner[supplements], minlength=many),
        tasks=_tasks(arrays, ours, owner, minutes, until, case["filed"], late, read.half, hours),
        travel=travel,
    )


def _given(minutes: Floats) -> Floats:
    return np.where(minutes < 0, np.nan, minutes)


def _first(arrays: Arrays, case: Mapping[str, NDArray[Any]], calendar: Ints, day: Floats) -> Floats:
    """Working days from filing to the first answer; NaN without one."""
    days = np.full(len(day), np.nan)
    some = np.flatnonzero(~np.isnan(case["first_answer"]))
    filed, answer = case["filed"][some], case["first_answer"][some]
    days[some] = worked_between(arrays.calendars, calendar[some], filed, answer) / day[some]
    return days


def _later(case: dict[str, NDArray[Any]], until: Floats) -> Flags:
    """Which cases were not over at the instant of reading; what came later is taken from them."""
    later: Flags = ~(case["ended"] <= until)
    some = np.flatnonzero(later)
    for name in ("accepted", "first_answer", "decided"):
        case[name][some[case[name][some] > until[some]]] = np.nan
    case["ended"][some] = np.nan
    undecided = some[np.isnan(case["decided"][some])]
    for name in ("legal_clock", "promise_clock"):
        case[name][undecided] = np.nan
    for name in ("promise_out", "limit_out"):
        # a term runs out after the instant that is its last
        case[name][some[case[name][some] >= until[some]]] = np.inf
    return later


def _ends(case: Mapping[str, NDArray[Any]]) -> tuple[Ints, Flags]:
    """How each case stood: as it ended, if it had; else granted once it was decided, or open."""
    ended = ~np.isnan(case["ended"])
    decided = ~np.isnan(case["decided"])
    end = np.where(ended, case["outcome"], NO_ANSWER)
    answered = decided & ((end == NO_ANSWER) | (end == GAVE_UP))
    over = ended & ((end == GRANTED) | (end == REFUSED))
    return np.where(answered, GRANTED, end).astype(np.int64), over


def _activities(
    rows: Rows, work: Floats, read: Readings, order: Ints, until: Floats, later: Flags
) -> tuple[Rows, Ints, Floats]:
    """The activities of the cases that were read, joined by then; whose each is; minutes worked.

    Where a case was read twice its activities stand twice.
    """
    many = read.once
    first = int(read.row[0]) if many else 0
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    here = slice(*np.searchsorted(rows.case, (first, first + many)))
    owner = place[rows.case[here] - first]
    ours, minutes = Rows._make(column[here] for column in rows), work[here]
    if len(read.row) > many:
        at, again = _again(rows, read.row[many:])
        owner = np.concatenate((owner, place[many + again]))
        ours = Rows._make(np.concatenate((a, b[at])) for a, b in zip(ours, rows, strict=True))
        minutes = np.concatenate((minutes, work[at]))
    late = np.flatnonzero(later[owner])
    gone = late[ours.joined[late] > until[owner[late]]]
    if len(gone):
        kept = np.ones(len(owner), dtype=bool)
        kept[gone] = False
        ours, owner, minutes = _some(ours, kept), owner[kept], minutes[kept]
    return ours, owner, minutes


def _some(rows: Rows, kept: Flags) -> Rows:
    return Rows._make(column[kept] for column in rows)


def _again(rows: Rows, row: Ints) -> tuple[Ints, Ints]:
    """The activities of some cases, and the place of each one's case among them."""
    first, last = np.searchsorted(rows.case, row), np.searchsorted(rows.case, row, "right")
    number = last - first
    owner = np.repeat(np.arange(len(row)), number)
    return np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number) + first[
        owner
    ], owner


def _transfer_time(
    case: Mapping[str, NDArray[Any]], later: Flags, ours: Rows, owner: Ints, until: Floats
) -> Floats:
    """Minutes of all transfers, branch by branch, so far."""
    minutes = np.array(case["transfer_time"])
    some = np.flatnonzero((ours.kind == TRANSFER) & later[owner])
    spent = np.fmin(ours.ended[some], until[owner[some]]) - ours.joined[some]
    so_far = np.bincount(owner[some], spent, minlength=len(minutes))
    minutes[later] = so_far[later]
    return minutes


def _handovers(
    arrays: Arrays,
    case: Mapping[str, NDArray[Any]],
    later: Flags,
    ours: Rows,
    owner: Ints,
    regime: Ints,
) -> Ints:
    """Transfers begun between departments that are not part of one."""
    number = case["handovers"].astype(np.int64)
    some = np.flatnonzero((ours.kind == TRANSFER) & later[owner])
    counts = _between_departments(arrays)[regime[owner[some]], ours.step[some]]
    begun = np.bincount(owner[some], counts, minlength=len(number)).astype(np.int64)
    number[later] = begun[later]
    return number


def _between_departments(arrays: Arrays) -> NDArray[np.int64]:
    """1 where a step is a transfer that counts as a handover: [regime, number in Names.steps]."""
    steps = arrays.steps
    counts = np.zeros((2, int(steps.name.max(initial=0)) + 1), dtype=np.int64)
    rows = np.flatnonzero(steps.op == A_TRANSFER)
    regime, _ = _whose(arrays, rows)
    counts[regime, steps.name[rows]] = steps.handover[rows]
    return counts


def _first_answers(arrays: Arrays) -> Flags:
    """Whether a route notes a first answer: [regime, service]."""
    notes = np.zeros(arrays.services.program.shape, dtype=bool)
    rows = np.flatnonzero((arrays.steps.op == MARK) & (arrays.steps.mark == 1))
    notes[_whose(arrays, rows)] = True
    return notes


def _whose(arrays: Arrays, rows: Ints) -> tuple[Ints, Ints]:
    """The regime and service whose program holds some rows of Steps."""
    starts = arrays.services.program.ravel()
    order = np.argsort(starts, kind="stable")
    at = order[np.searchsorted(starts[order], rows, "right") - 1]
    regime, service = np.divmod(at, arrays.services.program.shape[1])
    return regime, service


def _tasks(
    arrays: Arrays,
    rows: Rows,
    owner: Ints,
    work: Floats,
    until: Floats,
    filed: Floats,
    late: Flags,
    half: float,
    hours: Any | None,
) -> Tasks:
    task = np.flatnonzero(rows.kind == TASK)
    whose, cut = owner[task], late[task]
    desk = rows.desk[task].astype(np.int64)
    joined, started, ended = rows.joined[task], rows.started[task], rows.ended[task]
    some = np.flatnonzero(cut)
    some = some[~(ended[some] <= until[whose[some]])]  # under way at the instant of reading
    ended[some] = until[whose[some]]
    waiting = some[~(started[some] <= ended[some])]
    started[waiting] = np.nan
    kind, calendar = arrays.desks.kind[desk], arrays.desks.calendar[desk]
    stopped = np.where(np.isnan(started), ended, started)  # waiting: started, left, or was read
    wait = stopped - joined
    waited = np.flatnonzero(wait > 0)
    wait[waited] = worked_between(
        arrays.calendars, calendar[waited], joined[waited], stopped[waited]
    )
    by_half = np.where(joined <= filed[whose] + half, wait, np.nan)
    still = np.zeros(len(task), dtype=bool)
    still[waiting] = True
    longer = ~np.isnan(by_half) & ((stopped > joined + half) | still)
    long = np.flatnonzero(longer)
    by_half[long] = worked_between(
        arrays.calendars, calendar[long], joined[long], joined[long] + half
    )
    at = np.flatnonzero(kind == WINDOW)
    visits = np.zeros(len(task))
    visits[at] = 1.0 + closings_between(arrays.calendars, calendar[at], joined[at], stopped[at])
    minutes = np.where(np.isnan(started), 0.0, work[task])
    busy = some[~np.isnan(started[some])]
    minutes[busy] = _worked_so_far(rows.member[task[busy]], kind[busy] == WINDOW, started[busy],
                                   ended[busy], hours)  # fmt: skip
    return Tasks(whose, desk, kind, visits, wait, by_half, longer, minutes)


def _worked_so_far(
    member: Ints, window: Flags, started: Floats, until: Floats, hours: Any | None
) -> Floats:
    """Minutes worked on tasks that were under way; a window works through."""
    minutes = np.where(window, until - started, np.nan)
    rest = np.flatnonzero(~window)
    if hours is not None:
        minutes[rest] = worked_between(
            hours, member[rest].astype(np.int64), started[rest], until[rest]
        )
    return minutes


def work_of(arrays: Arrays, rows: Rows, last: int, hours: Any | None) -> Floats:
    """Minutes worked per activity so far finished: a window works through,
    other desks work in the members' hours.

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
