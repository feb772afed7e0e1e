"""What the reference engine moves about: cases, members, desks, meetings, places in queues.

A case carries what the law counts of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, make_dataclass
from heapq import heappop
from math import inf, isnan, nan
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event

from govsim.engine.reference import clock
from govsim.errors import TooManyInstants
from govsim.model import arrays as code
from govsim.records import ACTIVITIES, OUTCOMES, PARTS

OPEN, COMPLETED, REJECTED, WITHDRAWN = range(len(OUTCOMES))
Staff = list[tuple[int, float, "Member"]]
Queued = tuple[float, float, int, int, "Place"]


@dataclass(slots=True)
class Visit:
    """One performance of a task: at which desk, and how its effort is drawn."""

    desk: int
    table: int
    mean: float
    expected: float
    purpose: int
    attempt: int
    again: float = 1.0


@dataclass(slots=True)
class Activity:
    """A row of the log, in the order of its columns.

    An instant that the run does not reach is struck out at its end.
    """

    case: int
    step: int
    position: int
    desk: int
    group: int
    member: int
    attempt: int
    kind: int
    variant: int
    joined: float
    started: float = nan
    ended: float = nan


COLUMNS = attrgetter(*Activity.__slots__)


@dataclass(slots=True, eq=False)
class Case:
    """One application: who filed it, how far it is, and what the law counts."""

    number: int
    service: int
    n: int
    filed: float
    terms: Any  # the row of Services in the regime of filing
    calendars: list[clock.Calendar]
    known: float  # the instant at which its acceptance became known
    marks: list[float] = field(default_factory=lambda: [nan, nan, nan])
    promised: float = nan  # the instant at which the step named by promise_from was done
    checked: bool = False  # its papers were checked for the first time
    late: bool = False  # that was late: supplements stop the clock
    stops: list[list[float]] = field(default_factory=list)  # [begin, end] of what stops the clock
    parts: list[float] = field(default_factory=lambda: [0.0] * len(PARTS))
    transfer_time: float = 0.0
    log: list[Activity] = field(default_factory=list)
    handovers: int = 0
    ended: float = nan
    outcome: int = OPEN

    def mark(self, mark: int, now: float) -> None:
        """Note an instant, the first time."""
        if isnan(self.marks[mark]):
            self.marks[mark] = now
            if mark == code.ACCEPTED:
                self.known = now

    def note_first_check(self, now: float) -> None:
        """Papers first checked later than the fifth working day after filing count
        as accepted at filing.
        """
        in_time = now <= clock.term(self.calendars, self.terms.calendar, self.filed, 5)
        if not (self.checked or in_time or self.marks[code.ACCEPTED] < now):
            self.late, self.marks[code.ACCEPTED] = True, self.filed
            self.known = now if isnan(self.known) else self.known
        self.checked = True

    def clock(self, promise: bool) -> tuple[float, float]:
        """Start of the legal clock, or the promise's, and the instant from which stops count.

        NaN while not known.
        """
        waits = promise and self.terms.promise_waits
        origin = (
            self.promised
            if waits
            else self.marks[code.ACCEPTED]
            if self.terms.marks_accepted
            else self.filed
        )
        if isnan(origin):
            return nan, nan
        start = clock.next_opening(self.calendars, self.terms.calendar, origin)
        return start, start if waits else max(start, self.known)

    def stopped(self, since: float, until: float) -> float:
        """Working minutes in [since, until] during which at least one branch stops the clock."""
        return sum(
            (
                clock.worked(self.calendars, self.terms.calendar, begin, min(end, until))
                for begin, end in self.spans_stopped(since)
            ),
            0.0,
        )

    def spans_stopped(self, since: float) -> Iterator[tuple[float, float]]:
        """When at least one branch stops the clock, from `since` on, one span after another."""
        for begin, end in sorted(self.stops):
            begin = max(begin, since)
            if begin < end:
                yield begin, end
                since = end

    def elapsed(self, promise: bool) -> float:
        """Minutes on the legal clock, or the promise's, up to the decision; NaN without one."""
        start, since = self.clock(promise)
        at_end = self.ended if self.outcome == COMPLETED else nan
        decided = self.marks[code.DECIDED] if self.terms.marks_decided else at_end
        if self.outcome == OPEN or isnan(start) or isnan(decided):
            return nan
        run = clock.worked(self.calendars, self.terms.calendar, start, decided)
        return max(0.0, run) - self.stopped(since, decided)

    def ran_out(self, promise: bool, now: float) -> float:
        """The instant from which on the clock showed more than was promised, or allowed by law.

        Inf where that was not before the decision, or now; NaN where there is no such term.
        """
        minutes = self.terms.promise if promise else self.terms.limit
        if minutes < 0:
            return nan
        start, since = self.clock(promise)
        if isnan(start):
            return inf
        stood = 0.0
        for begin, end in (*self.spans_stopped(since), (inf, inf)):
            out = clock.beyond(self.calendars, self.terms.calendar, start, minutes + stood)
            if out < begin:
                break
            stood += clock.worked(self.calendars, self.terms.calendar, begin, end)
        decided = self.marks[code.DECIDED]
        return out if out < (now if isnan(decided) else decided) else inf

    def due(self, now: float) -> float:
        """The instant at which the promise, else the limit, will run out as things stand.

        Not accepted yet: as if now.
        """
        promise = self.terms.promise >= 0
        minutes = self.terms.promise if promise else self.terms.limit
        if minutes < 0:
            return inf
        start, since = self.clock(promise)
        if isnan(start):
            start = since = clock.next_opening(self.calendars, self.terms.calendar, now)
        decided = self.marks[code.DECIDED]
        minutes += self.stopped(since, now if isnan(decided) else decided)
        return clock.advance(self.calendars, self.terms.calendar, start, minutes)


@dataclass(slots=True, eq=False)
class Member:
    """Somebody who works, by the hours of a calendar of their own."""

    number: int
    group: int
    label: str
    efficiency: list[list[float]]  # [regime][desk]
    learns: list[int]  # [desk]
    desks: tuple[list[Desk], list[Desk]] = field(default_factory=lambda: ([], []))  # by regime
    on_duty: bool = False
    busy: bool = False
    idle_since: float = 0.0
    completed: Counter[Desk] = field(default_factory=Counter)  # since the reform day


@dataclass(slots=True, eq=False)
class Desk:
    """A queue of work of one kind, and who serves it: (preference, -efficiency, member)."""

    number: int
    label: str
    calendar: int
    window: bool
    disciplines: tuple[int, int]  # by regime, as what follows
    factors: tuple[float, float]
    staff: tuple[Staff, Staff] = field(default_factory=lambda: ([], []))
    queue: list[Queued] = field(default_factory=list)

    def pairs(self, regime: int) -> Iterator[tuple[Any, ...]]:
        """The head of the queue with each idle member who may serve it,
        in the order of the tie rule.
        """
        while self.queue and self.queue[0][-1].left:
            heappop(self.queue)
        if self.queue:
            _, joined, case, position, _ = self.queue[0]
            for preference, slowness, member in self.staff[regime]:
                if member.on_duty and not member.busy:
                    yield (
                        preference,
                        joined,
                        case,
                        position,
                        slowness,
                        member.idle_since,
                        member.number,
                        member,
                        self,
                    )


@dataclass(slots=True, eq=False)
class Meeting:
    """All sessions and their seats.

    The instant of the latest one, the seats left there, who waits, in order of joining.
    """

    plan: list[tuple[float, int]]
    at: float = -inf
    seats: int = 0
    waiting: list[tuple[float, int, int, Event]] = field(default_factory=list)


class Place(Event):
    """A place in a desk's queue: it succeeds with the member who will serve."""

    def __init__(
        self, env: Environment, case: Case, step: Any, visit: Visit, desk: Desk, now: float
    ) -> None:
        self.env, self.callbacks = env, []
        self.case, self.step, self.visit, self.desk = case, step, visit, desk
        self.joined, self.due, self.left = now, inf, False

    def rank(self, regime: int) -> Queued:
        """The order within the desk."""
        keys = {code.FIFO: 0.0, code.PRIORITY: self.case.terms.priority, code.DUE_DATE: self.due}
        key = keys.get(self.desk.disciplines[regime], self.visit.expected)
        return key, self.joined, self.case.number, self.step.position, self


class Bell(Event):
    """Wakes whoever listens, once everything of a lower priority has happened at this instant."""

    def ring(self, priority: int) -> None:
        """Ring at this instant; to ring twice is to ring once."""
        if not self.triggered:
            self._ok, self._value = True, None
            self.env.schedule(self, priority)  # type: ignore[arg-type]


class Guarded(Environment):
    """An environment that visits no more than so many instants."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.left = limit

    def step(self) -> None:
        """Process the next event."""
        self.left -= self.peek() > self.now
        if self.left < 0:
            raise TooManyInstants(
                f"max_instants is used up at minute {self.now}: raise it, or look for a loop "
                "without delay"
            )
        super().step()


def rows(table: Any, regime: int = 0) -> list[Any]:
    """A table of columns as a list of rows of plain numbers, in slots.

    The keys of draws stay unsigned.
    """
    columns = [column[regime] if column.ndim == 2 else column for column in table]
    plain = [list(column) if column.dtype == np.uint64 else column.tolist() for column in columns]
    row = make_dataclass("Row", table._fields, slots=True)
    return [row(*values) for values in zip(*plain, strict=True)]


def learning(
    member: Member, desk: Desk, arrays: code.Arrays, curve: list[float], now: float
) -> float:
    """How much longer it takes a member to whom the desk is new since the reform day."""
    kind = arrays.staff.learning_kind
    if kind == code.NO_LEARNING or not member.learns[desk.number]:
        return 1.0
    since = int((now - arrays.reform) // 1440) if kind == code.BY_DAYS else member.completed[desk]
    return curve[min(since, len(curve) - 1)]


def case_row(case: Case, now: float) -> tuple[float, ...]:
    """A row of the cases, at their end or that of the run.

    What only the end decides is NaN while the case is open.
    """
    legal = case.elapsed(False)
    promise = case.elapsed(True) if case.terms.promise_waits else legal
    sums = [*case.parts, legal, promise, case.transfer_time]
    *known, travel = sums if case.outcome != OPEN else [nan] * len(sums)
    return (
        case.service,
        case.n,
        case.outcome,
        case.handovers,
        case.filed,
        *case.marks,
        case.ended,
        *known,
        case.ran_out(True, now),
        case.ran_out(False, now),
        travel,
    )


def in_order(rows: list[tuple[float, ...]], end: float, horizon: float) -> NDArray[Any]:
    """The log as it is given out; instants that the run did not reach are struck out."""
    log = np.array(rows, ACTIVITIES)
    log = log[np.lexsort((log["kind"], log["attempt"], log["position"], log["case"]))]
    for column in (log["started"], log["ended"]):
        column[(column > end) | (column >= horizon)] = nan
    return log


def meetings(plan: code.Meetings) -> list[Meeting]:
    """All meetings, nobody waiting."""
    sessions = list(zip(plan.session.tolist(), plan.seats.tolist(), strict=True))
    return [Meeting(sessions[a:b]) for a, b in zip(plan.first[:-1], plan.first[1:], strict=True)]


def staff_and_desks(
    arrays: code.Arrays, names: code.Names | None
) -> tuple[list[Member], list[Desk]]:
    """Everybody who works, and every desk, as they are in the two regimes."""
    staff, was, will = arrays.staff, rows(arrays.desks, 0), rows(arrays.desks, 1)
    members = [
        Member(
            m,
            group,
            names.members[m] if names else f"member {m}",
            staff.efficiency[:, m].tolist(),
            staff.learns[m].tolist(),
        )
        for m, group in enumerate(staff.group.tolist())
    ]
    desks = [
        Desk(
            d,
            names.desks[d] if names else f"desk {d}",
            a.calendar,
            a.kind == code.WINDOW,
            (a.discipline, b.discipline),
            (a.factor, b.factor),
        )
        for d, (a, b) in enumerate(zip(was, will, strict=True))
    ]
    preference = staff.preference.tolist()
    posts = [
        (preference[r][m][d], r, m, d)
        for r in (0, 1)
        for m in range(len(members))
        for d in range(len(desks))
    ]
    for first, regime, m, d in sorted(posts):
        if (efficiency := members[m].efficiency[regime][d]) > 0:
            members[m].desks[regime].append(desks[d])
            desks[d].staff[regime].append((first, -efficiency, members[m]))
    return members, desks
