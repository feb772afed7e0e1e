"""A case in the compiled engine: filing, draws, rows of the log, legal clock, promise, end.

What is drawn for it, what the law counts, how it comes and goes; `loop` moves it on.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from govsim.engine.calendars import advance, beyond, next_opening, term, worked
from govsim.engine.compiled.memory import (
    COUNTED_OPEN,
    LAST_END,
    ROWS,
    TOKEN_DUE,
    Plan,
    Work,
    push_event,
)
from govsim.engine.draws import path, quantile, uniform
from govsim.engine.kernels import inner
from govsim.model.arrays import ACCEPTED, CLOCK, DECIDED, FIRST_ANSWER, WORKING
from govsim.records import KINDS, OUTCOMES, PARTS, VARIANTS

NEVER = np.inf
UNKNOWN = np.nan


def wide(*values: int) -> list[Any]:
    """Whole numbers with a width: Numba would compile a kernel anew for each plain number
    that is handed to it.
    """
    return [np.int64(value) for value in values]


NONE, NO_ATTEMPT, ONLY = wide(-1, 0, 1)
SERVICE, QUEUE, CLOSED, TRAVEL, APPLICANT, MEETING, _, _ = wide(*range(len(PARTS)))
A_TASK, A_TRANSFER, A_DELAY, A_SUPPLEMENT, A_MEETING = wide(*range(len(KINDS)))
PLAIN, PAPER, ELECTRONIC, MISDIRECTED, TOLERATED, GAVE_UP = wide(*range(len(VARIANTS)))
OPEN, COMPLETED, REJECTED, WITHDRAWN = wide(*range(len(OUTCOMES)))
BEGINS, WORKS, SUPPLEMENTS, PASSES_ON = wide(*range(4))  # what the next event of a token means
# the first check of papers must end by the closing of this working day after filing
LATE: Any = np.int64(5)


# -------------------------------------------------------------------------------------------- draws


@inner
def happens(
    p: Plan, w: Work, t: float, case: int, key: np.uint64, attempt: int, purpose: int, chance: int
) -> bool:
    """Whether something happens to a case whose chance is a path."""
    u = uniform(p.seed, p.replication, w.state[case]["n"], key, attempt, purpose)
    return bool(u < path(p.paths, chance, t, p.reform))


@inner
def drawn(
    p: Plan, w: Work, case: int, key: np.uint64, attempt: int, purpose: int, table: int
) -> float:
    """A quantile of mean 1."""
    return float(
        quantile(
            p.tables,
            table,
            uniform(p.seed, p.replication, w.state[case]["n"], key, attempt, purpose),
        )
    )


@inner
def over(p: Plan, t: float, takes: float, timing: int, calendar: int) -> float:
    """The instant at which a duration that begins at t is over."""
    if timing == CLOCK or not t < NEVER:
        return t + takes
    if timing == WORKING:
        return float(advance(p.calendars, calendar, t, takes))
    return float(term(p.calendars, calendar, t, int(np.rint(takes))))


# -------------------------------------------------------------------------------- the log of a case


@inner
def new_row(
    p: Plan, w: Work, t: float, token: int, desk: int, kind: int, attempt: int, variant: int
) -> int:
    """Begin an activity of a token at its step."""
    row = int(w.counts[ROWS])
    w.counts[ROWS] = row + 1
    case = token // p.width
    its = p.steps[w.tokens[token]["step"]]
    line = w.log[row]
    line["case"] = case
    line["step"] = its["name"]
    line["position"] = its["position"]
    line["desk"] = desk
    line["group"] = -1
    line["member"] = -1
    line["attempt"] = attempt
    line["kind"] = kind
    line["variant"] = variant
    line["joined"] = t
    line["started"] = UNKNOWN
    line["ended"] = UNKNOWN
    w.tokens[token]["row"] = row
    w.trace[row]["token"] = token
    w.trace[row]["earlier"] = w.state[case]["row"]
    w.state[case]["row"] = row
    return row


@inner
def foresee(p: Plan, w: Work, row: int, started: float, ended: float) -> None:
    """Note when an activity starts and ends: instants that the run does not reach are struck out in
    the end.
    """
    w.log[row]["started"] = started
    w.log[row]["ended"] = ended
    push_event(p, w, ended, w.trace[row]["token"] * 8 + TOKEN_DUE)


@inner
def count_waiting(p: Plan, w: Work, t: float, row: int) -> None:
    """Share the waiting at a desk between queue (it is open) and closed."""
    joined = float(w.log[row]["joined"])
    if t > joined:
        token = w.trace[row]["token"]
        opened = worked(p.calendars, p.desks[0, w.log[row]["desk"]]["calendar"], joined, t)
        w.parts[token, QUEUE] += opened
        w.parts[token, CLOSED] += t - joined - opened


# ---------------------------------------------------------------------------------- the legal clock


@inner
def clock_calendar(p: Plan, w: Work, case: int) -> int:
    """The calendar of a case's service."""
    return int(p.services[w.state[case]["regime"], w.state[case]["service"]]["calendar"])


@inner
def running_stop(p: Plan, w: Work, t: float, case: int, known: float, start: float) -> float:
    """Minutes of a stop that still runs, from when the clock was known and running."""
    begin = max(w.state[case]["since"], known, start)
    if w.state[case]["stops"] == 0 or not begin < t:
        return 0.0
    return float(worked(p.calendars, clock_calendar(p, w, case), begin, t))


@inner
def settle_stop(p: Plan, w: Work, t: float, case: int) -> None:
    """Add a stop that still runs to the minutes stopped; nothing counts after the decision."""
    state = w.state[case]
    if np.isnan(w.cases[case]["decided"]):
        state["stopped"] += running_stop(p, w, t, case, state["known"], state["start"])
        if p.services[state["regime"], state["service"]]["promise_waits"] == 1:
            state["promise_stopped"] += running_stop(
                p, w, t, case, state["promise_known"], state["promise_start"]
            )
    state["since"] = t


@inner
def stop_clock(p: Plan, w: Work, t: float, case: int) -> None:
    """One branch more stops the clock of its case."""
    state = w.state[case]
    if state["stops"] == 0:
        note_run_out(p, w, t, case)
        state["since"] = t
    state["stops"] += 1


@inner
def release_clock(p: Plan, w: Work, t: float, case: int) -> None:
    """One branch fewer stops it."""
    settle_stop(p, w, t, case)
    w.state[case]["stops"] -= 1


@inner
def accept(p: Plan, w: Work, case: int, accepted: float, known: float) -> None:
    """The case counts as accepted; its legal clock starts on the next working day."""
    state = w.state[case]
    state["known"] = min(state["known"], known)
    state["start"] = next_opening(p.calendars, clock_calendar(p, w, case), accepted)


@inner
def mark(p: Plan, w: Work, t: float, case: int, what: int) -> None:
    """Note the instant of a mark; one that is met twice keeps the first."""
    line = w.cases[case]
    if what == ACCEPTED:
        if np.isnan(line["accepted"]):
            line["accepted"] = t
            accept(p, w, case, t, t)
    elif what == FIRST_ANSWER:
        if np.isnan(line["first_answer"]):
            line["first_answer"] = t
    elif what == DECIDED and np.isnan(line["decided"]):
        settle_stop(p, w, t, case)
        line["decided"] = t


@inner
def check_in_time(p: Plan, w: Work, t: float, case: int) -> None:
    """After the first check of papers: if it was late, the case counts as accepted at filing,
    unless it was accepted earlier.
    """
    state, line = w.state[case], w.cases[case]
    if state["checked"] == 1:
        return
    state["checked"] = 1
    filed = float(line["filed"])
    if not line["accepted"] < t and t > term(p.calendars, clock_calendar(p, w, case), filed, LATE):
        state["late"] = 1
        line["accepted"] = filed
        accept(p, w, case, filed, t)
        note_run_out(p, w, t, case)


@inner
def start_promise(p: Plan, w: Work, t: float, case: int) -> None:
    """The step from which the promise runs is done."""
    state = w.state[case]
    state["promise_known"] = t
    state["promise_start"] = next_opening(p.calendars, clock_calendar(p, w, case), t)


@inner
def runs_out(p: Plan, w: Work, t: float, case: int) -> float:
    """The due date of a case that joins a desk: when its promise, else its limit, will run out."""
    state = w.state[case]
    service = p.services[state["regime"], state["service"]]
    known, start, stopped = float(state["known"]), float(state["start"]), float(state["stopped"])
    minutes = float(service["promise"])
    if minutes < 0.0:
        minutes = float(service["limit"])
    elif service["promise_waits"] == 1:
        known, start, stopped = (
            float(state["promise_known"]),
            float(state["promise_start"]),
            float(state["promise_stopped"]),
        )
    if minutes < 0.0:
        return NEVER
    if known == NEVER:  # not accepted yet, or the step not done: as if it happened now
        start = float(next_opening(p.calendars, service["calendar"], t))
    elif np.isnan(w.cases[case]["decided"]):
        stopped += running_stop(p, w, t, case, known, start)
    return float(advance(p.calendars, service["calendar"], start, minutes + stopped))


@inner
def went_beyond(
    p: Plan,
    w: Work,
    t: float,
    case: int,
    minutes: float,
    known: float,
    start: float,
    stopped: float,
) -> float:
    """The instant from which on a clock shows more than `minutes`; NEVER if it does not at t, or
    did not at the decision.
    """
    until = float(w.cases[case]["decided"])
    if np.isnan(until):
        until = t
        stopped += running_stop(p, w, t, case, known, start)
    if start + minutes > until + 1.0:  # mostly: too soon at all hours, be it rounded
        return NEVER
    out = float(beyond(p.calendars, clock_calendar(p, w, case), start, minutes + stopped))
    return out if out < until else NEVER


@inner
def note_run_out(p: Plan, w: Work, t: float, case: int) -> None:
    """Note when promise and limit ran out, if they have by now.

    All stops so far must lie before: so it is looked whenever the clock begins to stand, at an
    acceptance that dates back, and at the end.
    """
    state, line = w.state[case], w.cases[case]
    service = p.services[state["regime"], state["service"]]
    known, start, stopped = float(state["known"]), float(state["start"]), float(state["stopped"])
    if line["limit_out"] == NEVER:
        limit = float(service["limit"])
        line["limit_out"] = went_beyond(p, w, t, case, limit, known, start, stopped)
    if line["promise_out"] == NEVER:
        if service["promise_waits"] == 1:
            known, start, stopped = (
                float(state["promise_known"]),
                float(state["promise_start"]),
                float(state["promise_stopped"]),
            )
        promise = float(service["promise"])
        line["promise_out"] = went_beyond(p, w, t, case, promise, known, start, stopped)


@inner
def clock_minutes(p: Plan, w: Work, case: int, known: float, start: float, stopped: float) -> float:
    """What a clock showed at the decision; UNKNOWN where it never started or there was none."""
    state, line = w.state[case], w.cases[case]
    service = p.services[state["regime"], state["service"]]
    until = float(line["decided"])
    if service["marks_decided"] == 0 and line["outcome"] == COMPLETED:
        until = float(line["ended"])
    if known == NEVER or np.isnan(until):
        return UNKNOWN
    return max(0.0, float(worked(p.calendars, service["calendar"], start, until))) - stopped


# ---------------------------------------------------------------------------- a case comes and goes


@inner
def begin_token(w: Work, token: int, parent: int, step: int) -> None:
    """Put a token before a step, with nothing behind it."""
    here = w.tokens[token]
    here["step"] = step
    here["stage"] = BEGINS
    here["attempt"] = 0
    here["row"] = -1
    here["parent"] = parent
    for part in range(len(PARTS)):
        w.parts[token, part] = 0.0


@inner
def file_case(p: Plan, w: Work, case: int) -> int:
    """An applicant files; the first step."""
    filing, line, state = w.filings[case], w.cases[case], w.state[case]
    filed = float(filing["filed"])
    regime = 1 if filed >= p.reform else 0
    service = p.services[regime, filing["service"]]
    line["service"] = filing["service"]
    line["n"] = filing["n"]
    line["outcome"] = OPEN
    line["handovers"] = 0
    line["filed"] = filed
    line["accepted"] = UNKNOWN
    line["first_answer"] = UNKNOWN
    line["decided"] = UNKNOWN
    line["ended"] = UNKNOWN
    line["part_service"] = UNKNOWN
    line["part_queue"] = UNKNOWN
    line["part_closed"] = UNKNOWN
    line["part_transfer"] = UNKNOWN
    line["part_applicant"] = UNKNOWN
    line["part_meeting"] = UNKNOWN
    line["part_notice"] = UNKNOWN
    line["part_outside"] = UNKNOWN
    line["legal_clock"] = UNKNOWN
    line["promise_clock"] = UNKNOWN
    line["promise_out"] = NEVER if service["promise"] >= 0.0 else UNKNOWN
    line["limit_out"] = NEVER if service["limit"] >= 0.0 else UNKNOWN
    line["transfer_time"] = UNKNOWN
    state["service"] = filing["service"]
    state["n"] = filing["n"]
    state["regime"] = regime
    state["row"] = -1
    state["stops"] = 0
    state["checked"] = 0
    state["late"] = 0
    state["known"] = NEVER
    state["start"] = NEVER
    state["stopped"] = 0.0
    state["promise_known"] = NEVER
    state["promise_start"] = NEVER
    state["promise_stopped"] = 0.0
    state["since"] = filed
    state["transfer"] = 0.0
    if service["marks_accepted"] == 0:
        accept(p, w, case, filed, filed)
    step = int(service["program"])
    begin_token(w, case * p.width, NONE, step)
    return step


@inner
def end_case(p: Plan, w: Work, t: float, token: int, outcome: int) -> None:
    """The case is over."""
    case = token // p.width
    line, state = w.cases[case], w.state[case]
    line["outcome"] = outcome
    line["ended"] = t
    line["transfer_time"] = state["transfer"]
    line["part_service"] = w.parts[token, 0]
    line["part_queue"] = w.parts[token, 1]
    line["part_closed"] = w.parts[token, 2]
    line["part_transfer"] = w.parts[token, 3]
    line["part_applicant"] = w.parts[token, 4]
    line["part_meeting"] = w.parts[token, 5]
    line["part_notice"] = w.parts[token, 6]
    line["part_outside"] = w.parts[token, 7]
    legal = clock_minutes(p, w, case, state["known"], state["start"], state["stopped"])
    line["legal_clock"] = legal
    if p.services[state["regime"], state["service"]]["promise_waits"] == 1:
        legal = clock_minutes(
            p, w, case, state["promise_known"], state["promise_start"], state["promise_stopped"]
        )
    line["promise_clock"] = legal
    note_run_out(p, w, t, case)
    if p.count_from <= line["filed"] < p.count_until:
        w.counts[COUNTED_OPEN] -= 1
        w.times[LAST_END] = t
