"""The processes of the reference engine: cases, branches, members, meetings, the dispatcher.

The contract as a SimPy program, written to be read. A case is a process and so is each branch of a
parallel block; a join waits for `all_of` its branches. A place in a queue is an event that succeeds
with the member who will serve; an applicant waits for `place | patience`. Members come on duty and
go home, meetings sit, and a dispatcher gives out work. What happens at one instant is put in order
by the priorities of SimPy's event queue:

  URGENT, NORMAL   phase A: every change that is due, in whatever order; changes commute
  ASSIGN           phase B: the dispatcher gives seats to waiting cases, and the heads of the
                   queues to idle members; what this makes due at the same instant comes next,
                   and if need be the dispatcher is woken again (a round)
  CLOSE            all rounds are over: the run may end

Times are minutes on a grid on which sums and differences are exact, so `now + (t - now) == t`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf, nan
from operator import add, itemgetter
from typing import Any

import numpy as np
from simpy import Environment, Event
from simpy.core import StopSimulation

from govsim.engine.calendars import duty_records, member_hours
from govsim.engine.draws import grid, uniform
from govsim.engine.filings import file_cases
from govsim.engine.reference import clock, people
from govsim.engine.reference.clock import path
from govsim.engine.reference.people import (
    OPEN,
    REJECTED,
    WITHDRAWN,
    Activity,
    Bell,
    Case,
    Desk,
    Guarded,
    Meeting,
    Member,
    Place,
    Visit,
)
from govsim.model import arrays as code
from govsim.records import CASES, KINDS, OUTCOMES, PARTS, VARIANTS, Records

ASSIGN, CLOSE = 2, 3  # after URGENT and NORMAL of the same instant
SERVICE, QUEUE, CLOSED, TRANSFER, APPLICANT, MEETING = range(6)  # the first of PARTS
TASK, MOVE, DELAY, SUPPLEMENT, SESSION = range(len(KINDS))
PLAIN, PAPER, ELECTRONIC, MISDIRECTED, TOLERATED, LEFT = range(len(VARIANTS))
CHOICES = code.CHANCE, code.ATTRIBUTE
AGAIN = -1  # a verdict on papers: they are supplemented and the task is repeated

Trace = Callable[[float, int, str], None]  # instant, case, what happens
Hold = Generator[Event, Any, None]
# a stretch of a route; gives the outcome where the case ends in it
Way = Generator[Event, Any, int | None]


class Office:
    """The organisation at work in one replication."""

    def __init__(
        self,
        env: Environment,
        arrays: code.Arrays,
        seed: int,
        replication: int,
        trace: Trace | None,
        names: code.Names | None,
    ) -> None:
        self.env, self.arrays, self.trace = env, arrays, trace
        who = np.uint64(seed), replication
        self.uniform, self.tables = partial(uniform, *who), clock.tables(arrays.tables, *who)
        self.calendars, self.reform = clock.calendars(arrays.calendars), arrays.reform
        self.paths, self.leave = clock.paths(arrays.paths), arrays.leave.tolist()
        self.steps, self.target = people.rows(arrays.steps), arrays.target.tolist()
        steps = (
            names.steps
            if names
            else [f"step {name}" for name in range(arrays.steps.name.max() + 1)]
        )
        # the last one for what is no step
        self.labels = [*(f"{step}:" for step in steps), "the case is"]
        self.reviews, self.misdirections = (
            people.rows(arrays.reviews),
            people.rows(arrays.misdirections),
        )
        self.curve = (
            arrays.staff.learning.tolist() if arrays.staff.learning_kind != code.NO_LEARNING else []
        )
        self.duty, self.filed = member_hours(arrays, *who), file_cases(arrays, *who)
        self.members, self.desks = people.staff_and_desks(arrays, names)
        self.hours, self.meetings = clock.members(self.duty), people.meetings(arrays.meetings)
        self.cases = np.empty(len(self.filed.n), CASES)
        self.log: list[tuple[float, ...]] = []
        self.under_way: dict[int, Case] = {}  # by number
        # since the last assignment, where due dates count: not yet in their queues
        self.joining: list[Place] = []
        self.stirred: dict[Desk, None] = {}  # where somebody may wait while somebody is idle
        self.sitting: dict[Meeting, None] = {}  # where somebody may wait while there is a seat
        self.bell = Bell(env)  # wakes the dispatcher
        self.counted, self.nobody_left = 0, env.event()  # counted cases that have not ended
        self.does: dict[int, Callable[..., Way]] = {
            code.TASK: self.task,
            code.TRANSFER: self.transfer,
            code.DELAY: self.delay,
            code.MEET: self.meet,
            code.FORK: self.fork,
        }

    def open(self) -> None:
        """Set everything going."""
        once = self.filings(), self.dispatcher(), self.reform_day(), self.closing()
        for process in (*map(self.shifts, self.members), *map(self.sessions, self.meetings), *once):
            self.env.process(process)

    # ------------------------------------------------------------------------------ time and chance

    def today(self) -> int:
        """The regime of the day."""
        return self.env.now >= self.reform

    def until(self, t: float) -> Event:
        """The instant t; never, where it is infinite."""
        return self.env.timeout(t - self.env.now)

    def happens(self, chance: int, case: Case, step: Any, purpose: int, attempt: int = 0) -> bool:
        """Whether a chance, read now, comes true: by the uniform of this applicant
        that decides this and nothing else.
        """
        return self.uniform(case.n, step.key, attempt, purpose) < path(
            self.paths, chance, self.env.now, self.reform
        )

    def drawn(self, table: int, case: Case, step: Any, purpose: int, attempt: int = 0) -> float:
        """A draw of mean 1."""
        return self.tables[table](case.n, step.key, attempt, purpose)

    def after(self, t: float, length: float, timing: int, calendar: int) -> float:
        """The end of a duration that begins at t."""
        if timing == code.CLOCK:
            return t + length
        if timing == code.WORKING:
            return clock.advance(self.calendars, calendar, t, length)
        return clock.term(self.calendars, calendar, t, round(length))

    def say(self, case: Case, step: int, *words: object) -> None:
        """Tell whoever follows the case."""
        if self.trace:
            self.trace(self.env.now, case.number, " ".join(map(str, (self.labels[step], *words))))

    # ---------------------------------------------------------------------------- the way of a case

    def filings(self) -> Hold:
        """Applicants file, one after another."""
        terms = people.rows(self.arrays.services, 0), people.rows(self.arrays.services, 1)
        filed = self.filed.filed
        self.counted = int(
            np.sum((self.arrays.count_from <= filed) & (filed < self.arrays.count_until))
        )
        if not self.counted:
            self.nobody_left.succeed()
        for number, (service, n, t) in enumerate(
            zip(*(column.tolist() for column in self.filed[:3]), strict=True)
        ):
            if t > self.env.now:
                yield self.until(t)
            ours = terms[t >= self.reform][service]
            known = nan if ours.marks_accepted else t
            case = self.under_way[number] = Case(number, service, n, t, ours, self.calendars, known)
            self.say(case, -1, "filed")
            self.env.process(self.life(case))

    def life(self, case: Case) -> Hold:
        """A case from filing to its end."""
        case.outcome = (yield from self.follow(case, case.terms.program, case.parts)) or OPEN
        case.ended = self.env.now
        self.say(case, -1, OUTCOMES[case.outcome])
        self.write(self.under_way.pop(case.number))
        if self.arrays.count_from <= case.filed < self.arrays.count_until:
            self.counted -= 1
            if not self.counted:
                self.nobody_left.succeed()

    def write(self, case: Case) -> None:
        """Put down what became of a case."""
        self.cases[case.number] = people.case_row(case, self.env.now)
        self.log.extend(map(people.COLUMNS, case.log))

    def follow(self, case: Case, row: int, parts: list[float]) -> Way:
        """From step to step, until a branch returns or the case ends."""
        while True:
            step = self.steps[row]
            if step.op == code.RETURN:
                return None
            if step.op == code.END:
                return int(step.outcome)
            does = self.does.get(step.op)
            if does and (outcome := (yield from does(case, step, parts))):
                return outcome
            if step.op == code.MARK and step.mark >= 0:
                case.mark(step.mark, self.env.now)
                self.say(case, step.name, "is noted")
            if step.starts_promise:
                case.promised = self.env.now
            row = step.next if step.op not in CHOICES else self.choice(case, step)

    def choice(self, case: Case, step: Any) -> int:
        """Where a case goes on: by chance, or by what the applicant is."""
        if step.op == code.CHANCE:
            return int(
                self.target[
                    step.target_first + (not self.happens(step.chance, case, step, code.P_BRANCH))
                ]
            )
        return int(
            self.target[step.target_first + self.filed.attributes[case.number, step.attribute]]
        )

    def fork(self, case: Case, step: Any, parts: list[float]) -> Way:
        """Branches side by side.

        The time is that of the one back last, of those back at one instant the lowest.
        """
        starts = self.target[step.target_first : step.target_first + step.target_count]
        branches = [self.env.process(self.branch(case, row)) for row in starts]
        yield self.env.all_of(branches)
        returns: list[Any] = [branch.value for branch in branches]
        parts[:] = map(add, parts, max(returns, key=itemgetter(0))[1])
        return None

    def branch(self, case: Case, row: int) -> Generator[Event, Any, tuple[float, list[float]]]:
        """One branch: gives the instant at which it is back, and its parts."""
        parts = [0.0] * len(PARTS)
        yield from self.follow(case, row, parts)
        return self.env.now, parts

    def away(
        self,
        case: Case,
        step: Any,
        parts: list[float],
        part: int,
        kind: int,
        leaves: float,
        back: float,
        stops: int,
        variant: int = PLAIN,
        attempt: int = 1,
    ) -> Hold:
        """Time that no desk can shorten, from now until the case is back."""
        now = self.env.now
        row = Activity(
            case.number,
            step.name,
            step.position,
            -1,
            -1,
            -1,
            attempt,
            kind,
            variant,
            now,
            leaves,
            back,
        )
        case.log.append(row)
        self.say(case, step.name, KINDS[kind], VARIANTS[variant], "until", back)
        if stops:
            case.stops.append([now, back])
        yield self.env.timeout(back - now)
        parts[part] += back - now

    def transfer(self, case: Case, step: Any, parts: list[float]) -> Way:
        """A file moves to another department: by wire at once, on paper at the next departure."""
        now = leaves = self.env.now
        case.handovers += step.handover
        if paper := self.happens(step.paper, case, step, code.P_BRANCH):
            times = self.leave, step.leave_first, step.leave_count
            leaves = clock.departure(self.calendars, step.calendar, *times, now)
            takes = step.table, step.mean, step.timing, step.calendar
        else:
            takes = (
                step.electronic_table,
                step.electronic_mean,
                step.electronic_timing,
                step.electronic_calendar,
            )
        length = grid(self.drawn(takes[0], case, step, code.P_DELAY) * takes[1])
        back = self.after(leaves, length, *takes[2:])
        yield from self.away(
            case, step, parts, TRANSFER, MOVE, leaves, back, 0, PAPER if paper else ELECTRONIC
        )
        case.transfer_time += back - now
        return None

    def delay(self, case: Case, step: Any, parts: list[float]) -> Way:
        """Time that belongs to the applicant, a notice, or a body outside the model."""
        length = grid(self.drawn(step.table, case, step, code.P_DELAY) * step.mean)
        back = self.after(self.env.now, length, step.timing, step.calendar)
        yield from self.away(
            case, step, parts, step.part, DELAY, self.env.now, back, step.stops_clock
        )
        return None

    def meet(self, case: Case, step: Any, parts: list[float]) -> Way:
        """A case waits for a seat in a session of a meeting."""
        joined, meeting, seat, stop = (
            self.env.now,
            self.meetings[step.meeting],
            self.env.event(),
            [self.env.now, inf],
        )
        row = Activity(case.number, step.name, step.position, -1, -1, -1, 1, SESSION, PLAIN, joined)
        case.log.append(row)
        self.say(case, step.name, "waits for a session")
        if step.stops_clock:
            case.stops.append(stop)
        heappush(meeting.waiting, (joined, case.number, step.position, seat))
        self.call(meeting)
        yield seat
        row.started = row.ended = stop[1] = self.env.now
        parts[MEETING] += self.env.now - joined
        return None

    # ---------------------------------------------------------------------------------------- tasks

    def task(self, case: Case, step: Any, parts: list[float]) -> Way:
        """Work at a desk, in as many attempts as the papers need.

        Perhaps there is a visit to a wrong window first.
        """
        if step.misdirected >= 0:
            yield from self.wrong_window(case, step, self.misdirections[step.misdirected], parts)
        review: Any = self.reviews[step.review] if step.review >= 0 else None
        for attempt in count(1):
            again = review.again_effort if review and attempt > 1 else 1.0
            visit = Visit(
                step.desk, step.table, step.mean, step.expected, code.P_EFFORT, attempt, again
            )
            row = yield from self.visited(case, step, visit, parts)
            if row.variant == LEFT:
                return WITHDRAWN
            verdict = self.verdict(case, step, review, row) if review else code.PASSES
            if verdict != AGAIN:
                return verdict
            length = grid(
                self.drawn(review.table, case, step, code.P_SUPPLEMENT, attempt) * review.mean
            )
            now, back = (
                self.env.now,
                self.after(self.env.now, length, review.timing, review.calendar),
            )
            yield from self.away(
                case, step, parts, APPLICANT, SUPPLEMENT, now, back, case.late, attempt=attempt
            )
        return None

    def wrong_window(self, case: Case, step: Any, wrong: Any, parts: list[float]) -> Hold:
        """By chance the first visit goes to a wrong window.

        The applicant comes again on the next working day.
        """
        if not self.happens(wrong.chance, case, step, code.P_MISDIRECTED):
            return
        visit = Visit(wrong.desk, wrong.table, wrong.mean, wrong.mean, code.P_MISDIRECTED_EFFORT, 0)
        row = yield from self.visited(case, step, visit, parts)
        back = clock.same_fraction(self.calendars, case.terms.calendar, row.joined, row.ended)
        self.say(case, step.name, "was the wrong window; comes again at", back)
        yield self.until(back)
        parts[APPLICANT] += back - row.ended

    def visited(
        self, case: Case, step: Any, visit: Visit, parts: list[float]
    ) -> Generator[Event, Any, Activity]:
        """Wait for a member and be worked on, unless patience runs out first:
        gives the row of the log.
        """
        desk, attempt, now, variant = (
            self.desks[visit.desk],
            visit.attempt,
            self.env.now,
            PLAIN if visit.attempt else MISDIRECTED,
        )
        row = Activity(
            case.number, step.name, step.position, desk.number, -1, -1, attempt, TASK, variant, now
        )
        case.log.append(row)
        place = Place(self.env, case, step, visit, desk, now)
        self.join(place)
        if self.trace:
            self.say(case, step.name, "joins", desk.label, "for attempt", attempt)
        yield place | self.patience(place) if attempt and step.patience_table >= 0 else place
        start = self.env.now
        queued = clock.worked(self.calendars, desk.calendar, row.joined, start)
        parts[QUEUE] += queued
        parts[CLOSED] += start - row.joined - queued
        if place.triggered:
            member: Any = place.value
            work, end = self.begins(member, place, row, start)
            yield self.env.timeout(end - start)
            parts[SERVICE] += work
            parts[CLOSED] += end - start - work
            member.busy, member.idle_since = False, end
            if end >= self.reform:
                member.completed[desk] += 1
            self.offer(member)
        else:
            place.left, row.variant, row.ended = True, LEFT, start
            self.say(case, step.name, "runs out of patience")
        return row

    def begins(
        self, member: Member, place: Place, row: Activity, start: float
    ) -> tuple[float, float]:
        """Minutes of work, fixed when it starts, and its end: a window finishes what it has begun,
        others suspend it.
        """
        visit, desk, regime = place.visit, place.desk, start >= self.reform
        q = self.drawn(visit.table, place.case, place.step, visit.purpose, visit.attempt)
        learning = (
            people.learning(member, desk, self.arrays, self.curve, start)
            if regime and self.curve
            else 1.0
        )
        work = grid(
            q
            * visit.mean
            * desk.factors[regime]
            * visit.again
            * learning
            / member.efficiency[regime][desk.number]
        )
        end = (
            start + work
            if desk.window
            else clock.works_until(self.hours, member.number, start, work)
        )
        row.group, row.member, row.started, row.ended = member.group, member.number, start, end
        if self.trace:
            self.say(
                place.case, row.step, member.label, "begins work of", work, "minutes, until", end
            )
        return work, end

    def patience(self, place: Place) -> Event:
        """The instant at which the applicant gives up, counted in the desk's opening time."""
        case, step, attempt = place.case, place.step, place.visit.attempt
        length = grid(
            self.drawn(step.patience_table, case, step, code.P_PATIENCE, attempt)
            * step.patience_mean
        )
        return self.until(clock.advance(self.calendars, place.desk.calendar, place.joined, length))

    def verdict(self, case: Case, step: Any, review: Any, row: Activity) -> int:
        """What a check of papers says: PASSES, AGAIN, or the outcome in which the case ends."""
        case.note_first_check(self.env.now)
        incomplete = review.incomplete if row.attempt == 1 else review.again
        if self.happens(incomplete, case, step, code.P_INCOMPLETE, row.attempt):
            if self.happens(review.tolerated, case, step, code.P_TOLERATED, row.attempt):
                row.variant = TOLERATED
                return code.PASSES
            return AGAIN if row.attempt < review.attempts else int(review.then)
        return (
            REJECTED
            if self.happens(review.reject, case, step, code.P_REJECTED, row.attempt)
            else code.PASSES
        )

    # -------------------------------------------------------------------------------- who does what

    def join(self, place: Place) -> None:
        """Somebody joins a desk.

        If due dates order it, that is in the assignment phase, when all marks and stops are known.
        """
        desk, regime = place.desk, place.joined >= self.reform
        if code.DUE_DATE in desk.disciplines:
            self.joining.append(place)
        else:
            heappush(desk.queue, place.rank(regime))
            if not next(desk.pairs(regime), None):
                return  # nobody is idle
        self.stirred[desk] = None
        self.bell.ring(ASSIGN)

    def offer(self, member: Member) -> None:
        """Somebody may be idle now."""
        for desk in member.desks[self.today()]:
            if desk.queue:
                self.stirred[desk] = None
                self.bell.ring(ASSIGN)

    def call(self, meeting: Meeting) -> None:
        """Seats may be given now."""
        if meeting.at == self.env.now and meeting.waiting:
            self.sitting[meeting] = None
            self.bell.ring(ASSIGN)

    def dispatcher(self) -> Hold:
        """Assign, each time that the bell rings, until no pair is left."""
        while True:
            yield self.bell
            self.bell = Bell(self.env)
            regime = self.today()
            self.line_up(regime)
            for meeting in self.sitting:
                while meeting.seats and meeting.waiting:
                    meeting.seats -= 1
                    heappop(meeting.waiting)[-1].succeed()
            while pairs := [
                pair for desk in self.stirred if desk.queue for pair in desk.pairs(regime)
            ]:
                *_, member, desk = min(pairs)
                member.busy = True
                heappop(desk.queue)[-1].succeed(member)
                if len(pairs) == 1:
                    break  # nobody else was idle
            self.stirred.clear()
            self.sitting.clear()

    def line_up(self, regime: int) -> None:
        """Who joined a desk with due dates since the last assignment takes a place in the queue."""
        for place in self.joining:
            place.due = place.case.due(self.env.now)
            heappush(place.desk.queue, place.rank(regime))
        self.joining.clear()

    def shifts(self, member: Member) -> Hold:
        """A member comes on duty and goes home."""
        mine = self.hours[member.number]
        for opens, closes in zip(mine.opens, mine.closes, strict=True):
            yield self.until(opens)
            member.on_duty = True
            self.offer(member)
            yield self.until(closes)
            member.on_duty = False

    def sessions(self, meeting: Meeting) -> Hold:
        """A meeting sits, again and again."""
        for session, seats in meeting.plan:
            yield self.until(session)
            meeting.at, meeting.seats = session, seats
            self.call(meeting)

    def reform_day(self) -> Hold:
        """From the reform day on others serve, and queues may be ordered in another way."""
        yield self.until(self.reform)
        for desk in self.desks:
            desk.queue = [place.rank(1) for *_, place in desk.queue]
            heapify(desk.queue)
        self.stirred.update(dict.fromkeys(self.desks))
        self.bell.ring(ASSIGN)

    def closing(self) -> Hold:
        """The run ends, with all rounds of the instant,
        when counting is over and no counted case is open.
        """
        yield self.until(self.arrays.count_until)
        yield self.nobody_left
        end = Bell(self.env)
        end.callbacks.append(StopSimulation.callback)
        end.ring(CLOSE)

    # -------------------------------------------------------------------------------- what came out

    def records(self) -> Records:
        """Cases, activities and duty up to the instant at which the run ended."""
        end = self.env.now
        for case in self.under_way.values():
            self.write(case)
        log, duty = (
            people.in_order(self.log, end, self.arrays.horizon),
            duty_records(self.arrays, self.duty, end),
        )
        filed = np.searchsorted(self.filed.filed, end, "right")
        return Records(self.cases[:filed], self.filed.attributes[:filed], log, duty, end)


def run(
    arrays: code.Arrays,
    seed: int,
    replication: int,
    max_instants: int | None = None,
    reverse: bool = False,
    trace: Trace | None = None,
    names: code.Names | None = None,
) -> Records:
    """One replication.

    `reverse` pops events of one instant and phase in the opposite order, which must change nothing;
    `trace` is told what happens to each case, by the words of `names`. Raises TooManyInstants
    beyond `max_instants`.
    """
    env = Environment() if max_instants is None else Guarded(max_instants)
    if reverse:
        env._eid = count(0, -1)
    county = Office(env, arrays, seed, replication, trace, names)
    county.open()
    env.run(until=arrays.horizon)
    return county.records()
