"""Mutants: rules of the contract, each flipped in the reference engine.

They are what a comparison of the two engines must notice.

A mutant is written as its claim about the world and the pieces of the engine's text that make it
true: `-` as the text is, `+` as it becomes. The text is the one that `ast.unparse` gives, so that
how the engine is laid out does not matter. The changed text runs as a module of its own; nothing on
disk changes.
"""

from __future__ import annotations

import ast
import itertools
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import govsim.engine

FOLDER = Path(govsim.engine.__file__).parent / "reference"
FILES = ("people", "office")  # in the order in which they are imported

WRITTEN = """
the group's preference is ignored
- yield (preference, joined
+ yield (0, joined

between desks the case number goes before the join time
- yield (preference, joined, case
+ yield (preference, case, joined

between desks the later case goes first
- yield (preference, joined, case
+ yield (preference, joined, -case

of two branches the later step goes first
- case, position, slowness
+ case, -position, slowness

the slowest member goes first
- case, position, slowness
+ case, position, -slowness

members go by number, not by idle since
- slowness, member.idle_since
+ slowness, 0

of members equally long idle the last goes first
- member.idle_since, member.number
+ member.idle_since, -member.number

idle since counts from coming on duty
- member.on_duty = True
+ member.on_duty, member.idle_since = True, opens

a fifo desk orders by case number
- {code.FIFO: 0.0
+ {code.FIFO: self.case.number

the largest class goes first
- code.PRIORITY: self.case
+ code.PRIORITY: -self.case

the longest expected effort goes first
- self.visit.expected)
+ -self.visit.expected)

work is assigned before all changes of the instant are applied
- ASSIGN, CLOSE = (2
+ ASSIGN, CLOSE = (1

what has no duration is settled before the next assignment of the round
- while (pairs := [
+ if (pairs := [
- heappop(desk.queue)[-1].succeed(member)
+ heappop(desk.queue)[-1].succeed(member)
+                 self.bell.ring(ASSIGN)
+                 continue

somebody may start at the closing instant
- yield self.until(closes)
+ yield self.until(closes)
+             last = Bell(self.env)
+             last.ring(CLOSE)
+             yield last

a withdrawal at the instant of assignment loses
- return self.until(clock.advance(self.calendars, place.desk.calendar, place.joined, length))
+ last = Bell(self.env)
+         last._ok, last._value = True, None
+         t = clock.advance(self.calendars, place.desk.calendar, place.joined, length)
+         self.env.schedule(last, CLOSE, t - self.env.now)
+         return last

the run ends with counting, whoever is open
- yield self.nobody_left
+ yield self.env.timeout(0)

who files at the reform instant comes under the old regime
- terms[t >= self.reform]
+ terms[t > self.reform]

who filed before the reform day takes the new route
- terms[t >= self.reform]
+ terms[1]

queues keep their order on the reform day
- place.rank(1)
+ place.rank(0)

who leaves on the reform day drops the task
-         row.group, row.member, row.started
+         if not self.arrays.staff.takes[1, member.number] and start < self.reform < end:
+             end = inf
+         row.group, row.member, row.started

a chance is read at the instant of filing
- chance, self.env.now, self.reform
+ chance, case.filed, self.reform

a window suspends at closing
- if desk.window else
+ if False else

every desk finishes what it has begun
- if desk.window else
+ if True else

patience runs out by the clock on the wall
- clock.advance(self.calendars, place.desk.calendar, place.joined, length)
+ place.joined + length

waiting while the desk is closed counts as queue
- clock.worked(self.calendars, desk.calendar, row.joined, start)
+ start - row.joined

completions teach nothing
- completed[desk] += 1
+ completed[desk] += 0

members learn at desks that are not new
- or not member.learns[desk.number]
+ or False

a misdirected applicant comes again at the opening
- same_fraction(self.calendars, case.terms.calendar, row.joined, row.ended)
+ next_opening(self.calendars, case.terms.calendar, row.ended)

a misdirected applicant comes again at the time of leaving
- row.joined, row.ended)
+ row.ended, row.ended)

what is tolerated may still be rejected
-                 return code.PASSES
-             return AGAIN if
+             else:
+                 return AGAIN if

one attempt more than stated
- row.attempt < review.attempts
+ row.attempt <= review.attempts

the first chance of being incomplete holds for all attempts
- review.incomplete if row.attempt == 1 else review.again
+ review.incomplete

a repeated check takes the whole effort
- review.again_effort if
+ 1.0 if

all attempts share one draw of effort
- visit.purpose, visit.attempt)
+ visit.purpose, min(visit.attempt, 1))

one uniform decides incomplete and rejected
- code.P_REJECTED
+ code.P_INCOMPLETE

who comes at the departure time has missed it
- *times, now)
+ *times, now + 2**-20 * (step.leave_count > 0))

what goes by wire waits for the departure too
- self.after(leaves, length, *takes[2:])
+ self.after(self.env.now, length, *takes[2:])
- self.happens(step.paper, case, step, code.P_BRANCH)
+ [self.happens(step.paper, case, step, code.P_BRANCH)]

the day of the act is the first of a term
- round(length))
+ round(length) - 1)

working days pass by the clock on the wall
- if timing == code.CLOCK:
+ if timing != code.TERM:

of branches back at one instant the highest counts
- max(returns, key
+ max(returns[::-1], key

the branch that is back first counts
- max(returns, key
+ min(returns, key

joining at the session's instant is too late
- while meeting.seats and meeting.waiting:
+ while meeting.seats and meeting.waiting and meeting.waiting[0][0] < self.env.now:

seats are given anew in every round
-                 while meeting.seats and meeting.waiting:
-                     meeting.seats -= 1
+                 left = meeting.seats
+                 while left and meeting.waiting:
+                     left -= 1

seats left over are kept for the next session
- meeting.at, meeting.seats = (session, seats
+ meeting.at, meeting.seats = (session, meeting.seats + seats

the last to join has the first seat
- (joined, case.number, step.position, seat)
+ (-joined, case.number, step.position, seat)

a late first check changes nothing
- if not (self.checked or
+ if not (True or

every check is a first check
- self.checked = True
+ self.checked = False

the first check is late after four working days
- self.filed, 5)
+ self.filed, 4)

supplements never stop the clock
- back, case.late, attempt
+ back, False, attempt

the clock runs over stops
- max(0.0, run) - self.stopped(since, decided)
+ max(0.0, run)

two branches stop the clock twice
- since = end
+ pass

a stop counts beyond the decision
- min(end, until)
+ end

stops count before the acceptance is known
- start if waits else max(start, self.known)
+ start

the clock starts with the acceptance
- start = clock.next_opening(self.calendars, self.terms.calendar, origin)
+ start = origin

the promise never waits for a step
- waits = promise and self.terms.promise_waits
+ waits = False

a promise that is met to the minute has run out
- return out if out < (
+ return out if out <= (

a promise runs out at the closing at which it is used up
- out = clock.beyond(
+ out = clock.advance(

a promise runs out on the clock that never stops
- stood += clock.worked(
+ stood += 0.0 * clock.worked(

a promise that ran out is put off by the next stop
- if out < begin:
+ if False:

nothing runs out for who gives up or is refused
- out if out < (
+ out if self.outcome < REJECTED and out < (

nothing runs out for who has no answer yet
- out if out < (
+ out if self.outcome != OPEN and out < (

a promise cannot have run out before the acceptance was known
- return out if out < (now if isnan(decided) else decided)
+ out = max(out, self.known)
+         return out if out <= (now if isnan(decided) else decided)

the limit goes before the promise
- promise = self.terms.promise >= 0
+ promise = self.terms.limit < 0

nothing is due before the acceptance
- start = since = clock.next_opening(self.calendars, self.terms.calendar, now)
+ return inf

due dates know nothing of stops
- minutes += self.stopped(
+ minutes += 0.0 * self.stopped(

due dates are set again while waiting
- self.joining.clear()
+ self.joining.clear()
+         for desk in self.desks:
+             for *_, place in desk.queue:
+                 place.due = place.case.due(self.env.now)
+             desk.queue = [place.rank(self.today()) for *_, place in desk.queue]
+             heapify(desk.queue)
"""


class Mutant(NamedTuple):
    """A claim that the contract denies, and the changes that make it true of the engine: old text,
    new text.
    """

    claim: str
    changes: tuple[tuple[str, str], ...] = ()


def read(written: str) -> Mutant:
    """A mutant from its claim and its lines of old and new text."""
    claim, *lines = written.strip("\n").split("\n")
    pieces = [
        "\n".join(line[2:] for line in piece)
        for _, piece in itertools.groupby(lines, key=lambda line: line[0])
    ]
    return Mutant(claim, tuple(zip(pieces[::2], pieces[1::2], strict=True)))


MUTANTS = [read(written) for written in WRITTEN.split("\n\n")]


def texts(mutant: Mutant) -> dict[str, str]:
    """The engine's text, changed. AssertionError: it is no longer what the mutant expects."""
    found = {
        name: ast.unparse(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")))
        for name in FILES
    }
    for old, new in mutant.changes:
        places = sum(text.count(old) for text in found.values())
        assert places == 1, f"{mutant.claim}: {old!r} stands at {places} places"
        found = {name: text.replace(old, new) for name, text in found.items()}
    return found


def engine(mutant: Mutant) -> Any:
    """The reference engine as the mutant says, a module with its `run`."""
    modules = {name: ModuleType(f"mutated_{name}") for name in FILES}
    # Dataclasses and imports look there.
    sys.modules.update({module.__name__: module for module in modules.values()})
    try:
        for name, text in texts(mutant).items():
            text = text.replace(
                "from govsim.engine.reference.people import", "from mutated_people import"
            )
            text = text.replace(
                "from govsim.engine.reference import clock, people",
                "from govsim.engine.reference import clock; import mutated_people as people",
            )
            exec(compile(text, modules[name].__name__, "exec"), modules[name].__dict__)
    finally:
        for module in modules.values():
            del sys.modules[module.__name__]
    return modules["office"]
