"""The compiled engine: the contract as one event loop over plain arrays.

An instant is lived in rounds: first everything that falls due changes the state (phase A: `apply`), then work and
seats are given out (phase B: `assign`), again and again until nothing more falls due at this instant. A token is
case * width + slot: the place of a case, or of one of its branches, in a route.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.engine._heaps import enter_queue, inner, leave_queue, pop_event, push_event
from govsim.engine._memory import (
    COUNTED_OPEN,
    EVENTS,
    FILED,
    INSTANTS,
    JOINING,
    READY,
    REGIME,
    ROUND,
    ROWS,
    SESSIONS,
    Buffers,
    Plan,
    Rows,
    Work,
    lay_out,
    plan,
)
from govsim.engine.calendars import (
    advance,
    departure,
    duty_records,
    member_hours,
    next_opening,
    same_fraction,
    term,
    worked,
    works_until,
)
from govsim.engine.draws import grid, jit, path, quantile, uniform
from govsim.engine.filings import file_cases
from govsim.model import arrays as codes
from govsim.model.arrays import (
    ACCEPTED,
    ATTRIBUTE,
    BY_COMPLETIONS,
    BY_DAYS,
    CHANCE,
    CLOCK,
    DECIDED,
    DELAY,
    DUE_DATE,
    FIFO,
    FIRST_ANSWER,
    FORK,
    MARK,
    MEET,
    NO_LEARNING,
    PASSES,
    PRIORITY,
    RETURN,
    TASK,
    TRANSFER,
    WINDOW,
    WORKING,
    Arrays,
    Ints,
)
from govsim.records import ACTIVITIES, KINDS, OUTCOMES, PARTS, VARIANTS, Records, TooManyInstants

NEVER = np.inf
UNKNOWN = np.nan

# Numbers that are handed to kernels have a width: Numba would compile a kernel anew for each plain one.
NONE, FIRST, ONCE = map(np.int64, (-1, 0, 1))
(
    P_BRANCH,
    P_DELAY,
    P_EFFORT,
    P_INCOMPLETE,
    P_MISDIRECTED,
    P_MISDIRECTED_EFFORT,
    P_PATIENCE,
    P_REJECTED,
    P_SUPPLEMENT,
    P_TOLERATED,
) = (
    np.int64(getattr(codes, "P_" + purpose))
    for purpose in (
        "BRANCH DELAY EFFORT INCOMPLETE MISDIRECTED MISDIRECTED_EFFORT PATIENCE REJECTED SUPPLEMENT TOLERATED"
    ).split()
)
SERVICE, QUEUE, CLOSED, TRAVEL, APPLICANT, MEETING = map(np.int64, range(PARTS.index("notice")))
COMPLETED, REJECTED, WITHDRAWN = (OUTCOMES.index(o) for o in ("completed", "rejected", "withdrawn"))
A_TASK, A_TRANSFER, A_DELAY, A_SUPPLEMENT, A_MEETING = map(np.int64, range(len(KINDS)))
PLAIN, PAPER, ELECTRONIC, MISDIRECTED, TOLERATED, GAVE_UP = map(np.int64, range(len(VARIANTS)))
MOST_ATTEMPTS, MOST_KINDS = 2**15, 8

# What falls due: load = number * 8 + kind.
TOKEN_DUE, PATIENCE_DUE, TURN_DUE, SESSION_DUE, REFORM_DUE, FILING_DUE = range(6)
# What the next event of a token means.
BEGINS, WORKS, COMES_AGAIN, SUPPLEMENTS, PASSES_ON = range(5)
# Where a token goes: a row of Steps; nowhere yet; or, as -1 - outcome, out of the office.
STAY = -1
LATE = np.int64(5)  # the first check of papers must end by the closing of this working day after filing


# ------------------------------------------------------------------------------------------------------- draws


@inner
def happens(p: Plan, w: Work, t: float, case: int, key: np.uint64, attempt: int, purpose: int, chance: int) -> bool:
    """Whether something happens to a case whose chance is a path."""
    u = uniform(p.seed, p.replication, w.state[case]["n"], key, attempt, purpose)
    return bool(u < path(p.paths, chance, t, p.reform))


@inner
def drawn(p: Plan, w: Work, case: int, key: np.uint64, attempt: int, purpose: int, table: int) -> float:
    """A quantile of mean 1."""
    return float(quantile(p.tables, table, uniform(p.seed, p.replication, w.state[case]["n"], key, attempt, purpose)))


@inner
def over(p: Plan, t: float, takes: float, timing: int, calendar: int) -> float:
    """The instant at which a duration that begins at t is over."""
    if timing == CLOCK or not t < NEVER:
        return t + takes
    if timing == WORKING:
        return float(advance(p.calendars, calendar, t, takes))
    return float(term(p.calendars, calendar, t, int(np.rint(takes))))


# ------------------------------------------------------------------------------------------- the log of a case


@inner
def new_row(p: Plan, w: Work, t: float, token: int, desk: int, kind: int, attempt: int, variant: int) -> int:
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
    """Note when an activity starts and ends: instants that the run does not reach are struck out in the end."""
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


# --------------------------------------------------------------------------------------------- the legal clock


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
        state["promise_stopped"] += running_stop(p, w, t, case, state["promise_known"], state["promise_start"])
    state["since"] = t


@inner
def stop_clock(p: Plan, w: Work, t: float, case: int, change: int) -> None:
    """A branch begins (+1) or ceases (-1) to stop the clock of its case."""
    settle_stop(p, w, t, case)
    w.state[case]["stops"] += change


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
            w.state[case]["accepted_in"] = w.counts[ROUND]
            accept(p, w, case, t, t)
    elif what == FIRST_ANSWER:
        if np.isnan(line["first_answer"]):
            line["first_answer"] = t
    elif what == DECIDED and np.isnan(line["decided"]):
        settle_stop(p, w, t, case)
        line["decided"] = t


@inner
def check_in_time(p: Plan, w: Work, t: float, case: int) -> None:
    """After the first check of papers: if it was late, the case counts as accepted at filing.

    A mark in the same round does not forestall this: so the order within a round does not matter.
    """
    state, line = w.state[case], w.cases[case]
    if state["checked"] == 1:
        return
    state["checked"] = 1
    if not np.isnan(line["accepted"]) and state["accepted_in"] != w.counts[ROUND]:
        return
    filed = float(line["filed"])
    if t > term(p.calendars, clock_calendar(p, w, case), filed, LATE):
        state["late"] = 1
        line["accepted"] = filed
        accept(p, w, case, filed, t)


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
        known, start, stopped = float(state["promise_known"]), float(state["promise_start"]), float(state["promise_stopped"])
    if minutes < 0.0:
        return NEVER
    if known == NEVER:  # not accepted yet, or the step not done: as if it happened now
        start = float(next_opening(p.calendars, service["calendar"], t))
    elif np.isnan(w.cases[case]["decided"]):
        stopped += running_stop(p, w, t, case, known, start)
    return float(advance(p.calendars, service["calendar"], start, minutes + stopped))


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


# ------------------------------------------------------------------------------------------ a case comes and goes


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
    line["outcome"] = 0
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
    line["transfer_time"] = UNKNOWN
    state["service"] = filing["service"]
    state["n"] = filing["n"]
    state["regime"] = regime
    state["row"] = -1
    state["stops"] = 0
    state["accepted_in"] = -1
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
        legal = clock_minutes(p, w, case, state["promise_known"], state["promise_start"], state["promise_stopped"])
    line["promise_clock"] = legal
    if p.count_from <= line["filed"] < p.count_until:
        w.counts[COUNTED_OPEN] -= 1
        w.last_end[0] = t


# ------------------------------------------------------------------------------------------ the steps of a route


@inner
def leave_step(p: Plan, w: Work, t: float, token: int, step: int) -> int:
    """A token is done with a step; the next one."""
    if p.steps[step]["starts_promise"] == 1:
        start_promise(p, w, t, token // p.width)
    w.tokens[token]["attempt"] = 0
    return int(p.steps[step]["next"])


@inner
def pass_step(p: Plan, w: Work, t: float, token: int, step: int) -> int:
    """Take a token through a step that takes no time; the next one."""
    its, case = p.steps[step], token // p.width
    follows = leave_step(p, w, t, token, step)
    if its["op"] == MARK:
        mark(p, w, t, case, its["mark"])
    elif its["op"] == CHANCE:
        other = 0 if happens(p, w, t, case, its["key"], FIRST, P_BRANCH, its["chance"]) else 1
        follows = int(p.branches[its["target_first"] + other]["target"])
    elif its["op"] == ATTRIBUTE:
        follows = int(p.branches[its["target_first"] + p.attributes[case, its["attribute"]]]["target"])
    else:
        follows = -1 - int(its["outcome"])
    return follows


@inner
def go_on(p: Plan, w: Work, t: float, token: int, step: int) -> None:
    """Take a token through its route until something takes time."""
    while step >= 0:
        w.tokens[token]["step"] = step
        op = p.steps[step]["op"]
        if op == RETURN:
            token = come_back(p, w, t, token)
            if token < 0:
                return
            step = int(w.tokens[token]["step"])  # the fork
            step = leave_step(p, w, t, token, step)
        elif op > FORK:
            step = pass_step(p, w, t, token, step)
        elif op == CHANCE or op == ATTRIBUTE:
            step = pass_step(p, w, t, token, step)
        else:
            step = STAY
            if op == TASK:
                come_to_task(p, w, t, token)
            elif op == TRANSFER:
                transfer(p, w, t, token)
            elif op == DELAY:
                delay(p, w, t, token)
            elif op == MEET:
                come_to_meeting(p, w, t, token)
            else:
                fork(p, w, t, token)
    if step < STAY:
        end_case(p, w, t, token, -1 - step)


@inner
def come_to_task(p: Plan, w: Work, t: float, token: int) -> None:
    """Join the step's desk, or the wrong one at the first visit of a misdirected applicant."""
    here, case = w.tokens[token], token // p.width
    its = p.steps[here["step"]]
    wrong = int(its["misdirected"])
    here["stage"] = WORKS
    if here["attempt"] == 0:
        here["attempt"] = 1
        if wrong >= 0 and happens(p, w, t, case, its["key"], FIRST, P_MISDIRECTED, p.misdirections[wrong]["chance"]):
            here["attempt"] = 0
    attempt = int(here["attempt"])
    desk, variant = int(its["desk"]), PLAIN
    if attempt == 0:
        desk, variant = int(p.misdirections[wrong]["desk"]), MISDIRECTED
    row = new_row(p, w, t, token, desk, A_TASK, attempt, variant)
    join(w, row)
    if attempt > 0 and its["patience_table"] >= 0:
        q = drawn(p, w, case, its["key"], attempt, P_PATIENCE, its["patience_table"])
        until = advance(p.calendars, p.desks[0, desk]["calendar"], t, grid(q * its["patience_mean"]))
        push_event(p, w, until, row * 8 + PATIENCE_DUE)


@inner
def join(w: Work, row: int) -> None:
    """Join a desk's or a meeting's queue at the start of phase B."""
    w.joining[w.counts[JOINING]] = row
    w.counts[JOINING] += 1


@inner
def transfer(p: Plan, w: Work, t: float, token: int) -> None:
    """The file moves: on paper at the next departure, or electronically at once."""
    its, case = p.steps[w.tokens[token]["step"]], token // p.width
    w.tokens[token]["stage"] = PASSES_ON
    w.cases[case]["handovers"] += its["handover"]
    leaves, variant, table, mean = t, ELECTRONIC, int(its["electronic_table"]), float(its["electronic_mean"])
    timing, calendar = int(its["electronic_timing"]), int(its["electronic_calendar"])
    if happens(p, w, t, case, its["key"], FIRST, P_BRANCH, its["paper"]):
        variant, table, mean = PAPER, int(its["table"]), float(its["mean"])
        timing, calendar = int(its["timing"]), int(its["calendar"])
        leaves = float(departure(p.calendars, calendar, p.leave, its["leave_first"], its["leave_count"], t))
    arrives = over(p, leaves, grid(drawn(p, w, case, its["key"], FIRST, P_DELAY, table) * mean), timing, calendar)
    foresee(p, w, new_row(p, w, t, token, NONE, A_TRANSFER, ONCE, variant), leaves, arrives)
    w.parts[token, TRAVEL] += arrives - t
    w.state[case]["transfer"] += arrives - t


@inner
def delay(p: Plan, w: Work, t: float, token: int) -> None:
    """A time that somebody outside the office takes."""
    its, case = p.steps[w.tokens[token]["step"]], token // p.width
    takes = grid(drawn(p, w, case, its["key"], FIRST, P_DELAY, its["table"]) * its["mean"])
    until = over(p, t, takes, its["timing"], its["calendar"])
    w.tokens[token]["stage"] = PASSES_ON
    foresee(p, w, new_row(p, w, t, token, NONE, A_DELAY, ONCE, PLAIN), t, until)
    w.parts[token, its["part"]] += until - t
    if its["stops_clock"] == 1:
        stop_clock(p, w, t, case, ONCE)


@inner
def come_to_meeting(p: Plan, w: Work, t: float, token: int) -> None:
    """Wait for a session."""
    w.tokens[token]["stage"] = PASSES_ON
    join(w, new_row(p, w, t, token, NONE, A_MEETING, ONCE, PLAIN))
    if p.steps[w.tokens[token]["step"]]["stops_clock"] == 1:
        stop_clock(p, w, t, token // p.width, ONCE)


@inner
def fork(p: Plan, w: Work, t: float, token: int) -> None:
    """Send out the branches of a parallel block."""
    here = w.tokens[token]
    first, branches = p.steps[here["step"]]["target_first"], p.steps[here["step"]]["target_count"]
    here["branches"] = branches
    here["back"] = -1.0
    for k in range(first, first + branches):
        branch = token // p.width * p.width + p.branches[k]["slot"]
        begin_token(w, branch, token, p.branches[k]["target"])
        push_event(p, w, t, branch * 8 + TOKEN_DUE)


@inner
def come_back(p: Plan, w: Work, t: float, token: int) -> int:
    """A branch is back; the token that goes on if it was the last, else -1. Of branches back at once the lowest counts."""
    parent = int(w.tokens[token]["parent"])
    here = w.tokens[parent]
    if t > here["back"] or token < here["last"]:
        here["back"] = t
        here["last"] = token
    here["branches"] -= 1
    if here["branches"] > 0:
        return -1
    for part in range(len(PARTS)):
        w.parts[parent, part] += w.parts[here["last"], part]
    return parent


# ------------------------------------------------------------------------------------------------- work at desks


@inner
def learning_factor(p: Plan, w: Work, t: float, member: int, desk: int) -> float:
    """How much longer a member takes at a desk that is new to the group since the reform day."""
    if p.learning_kind == NO_LEARNING or t < p.reform or p.learns[member, desk] == 0:
        return 1.0
    k = int(w.completions[member, desk])
    if p.learning_kind == BY_DAYS:
        k = int((t - p.reform) // 1440.0)
    return float(p.learning[min(k, len(p.learning) - 1)])


@inner
def effort(p: Plan, w: Work, t: float, row: int, member: int) -> float:
    """The work of one visit or attempt, fixed when it starts; attempt 0 is a misdirected visit."""
    token, desk, attempt = w.trace[row]["token"], int(w.log[row]["desk"]), int(w.log[row]["attempt"])
    regime = 1 if t >= p.reform else 0
    its = p.steps[w.tokens[token]["step"]]
    table, mean, purpose, again = int(its["table"]), float(its["mean"]), P_EFFORT, 1.0
    if attempt == 0:
        wrong = p.misdirections[its["misdirected"]]
        table, mean, purpose = int(wrong["table"]), float(wrong["mean"]), P_MISDIRECTED_EFFORT
    elif attempt > 1:
        again = float(p.reviews[its["review"]]["again_effort"])
    q = drawn(p, w, token // p.width, its["key"], attempt, purpose, table)
    learning = learning_factor(p, w, t, member, desk)
    return float(grid(q * mean * p.desks[regime, desk]["factor"] * again * learning / p.efficiency[regime, member, desk]))


@inner
def begin_work(p: Plan, w: Work, t: float, row: int, member: int) -> None:
    """A member takes the head of a desk's queue."""
    count_waiting(p, w, t, row)
    token, line = w.trace[row]["token"], w.log[row]
    work = effort(p, w, t, row, member)
    until = t + work
    if p.desks[0, line["desk"]]["kind"] != WINDOW:
        until = float(works_until(p.hours, member, t, work))
    line["group"] = w.members[member]["group"]
    line["member"] = member
    foresee(p, w, row, t, until)
    w.parts[token, SERVICE] += work
    w.parts[token, CLOSED] += until - t - work
    w.members[member]["busy"] = 1
    refresh_idle(p, w, member)


@inner
def finish_work(p: Plan, w: Work, t: float, token: int) -> int:
    """A member is done; where the token goes."""
    row, step = int(w.tokens[token]["row"]), int(w.tokens[token]["step"])
    line = w.log[row]
    member = int(line["member"])
    w.members[member]["busy"] = 0
    w.members[member]["since"] = t
    refresh_idle(p, w, member)
    if t >= p.reform:
        w.completions[member, line["desk"]] += 1
    if line["variant"] == MISDIRECTED:
        again = float(same_fraction(p.calendars, clock_calendar(p, w, token // p.width), line["joined"], t))
        w.parts[token, APPLICANT] += again - t
        w.tokens[token]["stage"] = COMES_AGAIN
        push_event(p, w, again, token * 8 + TOKEN_DUE)
        return STAY
    if p.steps[step]["review"] >= 0:
        outcome = review(p, w, t, token)
        if outcome != PASSES:
            return STAY if outcome < 0 else -1 - outcome
    return leave_step(p, w, t, token, step)


@inner
def review(p: Plan, w: Work, t: float, token: int) -> int:
    """What follows a check of papers: PASSES, the outcome that ends the case, or -1 where papers are to be supplemented."""
    here, case = w.tokens[token], token // p.width
    attempt, key = int(here["attempt"]), p.steps[here["step"]]["key"]
    its = p.reviews[p.steps[here["step"]]["review"]]
    check_in_time(p, w, t, case)
    if not happens(p, w, t, case, key, attempt, P_INCOMPLETE, its["incomplete"] if attempt == 1 else its["again"]):
        return REJECTED if happens(p, w, t, case, key, attempt, P_REJECTED, its["reject"]) else PASSES
    if happens(p, w, t, case, key, attempt, P_TOLERATED, its["tolerated"]):
        w.log[here["row"]]["variant"] = TOLERATED
        return PASSES
    if attempt == its["attempts"]:
        return int(its["then"])
    takes = grid(drawn(p, w, case, key, attempt, P_SUPPLEMENT, its["table"]) * its["mean"])
    until = over(p, t, takes, its["timing"], its["calendar"])
    foresee(p, w, new_row(p, w, t, token, NONE, A_SUPPLEMENT, attempt, PLAIN), t, until)
    w.parts[token, APPLICANT] += until - t
    here["stage"] = SUPPLEMENTS
    if w.state[case]["late"] == 1:
        stop_clock(p, w, t, case, ONCE)
    return -1


@inner
def withdraw(p: Plan, w: Work, t: float, row: int) -> int:
    """An applicant's patience runs out, unless the waiting is over; where the token goes."""
    if not np.isnan(w.log[row]["started"]):
        return STAY
    w.log[row]["ended"] = t
    w.log[row]["variant"] = GAVE_UP
    count_waiting(p, w, t, row)
    return -1 - WITHDRAWN


# --------------------------------------------------------------------------------------- phase A: what falls due


@inner
def resume(p: Plan, w: Work, t: float, token: int) -> int:
    """The event that a token waited for; where it goes."""
    here, case = w.tokens[token], token // p.width
    stage, step = here["stage"], int(here["step"])
    if stage == BEGINS:
        return step
    if stage == WORKS:
        return finish_work(p, w, t, token)
    if stage == COMES_AGAIN:
        here["attempt"] = 1
        return step
    if (stage == SUPPLEMENTS and w.state[case]["late"] == 1) or (stage == PASSES_ON and p.steps[step]["stops_clock"] == 1):
        stop_clock(p, w, t, case, NONE)
    if stage == SUPPLEMENTS:
        here["attempt"] += 1
        return step
    return leave_step(p, w, t, token, step)


@inner
def turn(p: Plan, w: Work, member: int) -> None:
    """A member's calendar opens or closes."""
    its = w.members[member]
    k = int(its["turn"])
    interval = k >> 1
    its["turn"] = k + 1
    if k & 1 == 0:
        its["on"] += 1
        push_event(p, w, p.hours.closes[interval], member * 8 + TURN_DUE)
    else:
        its["on"] -= 1
        if interval + 1 < p.hours.first[member + 1]:
            push_event(p, w, p.hours.opens[interval + 1], member * 8 + TURN_DUE)
    refresh_idle(p, w, member)


@inner
def announce_session(p: Plan, w: Work, meeting: int, k: int) -> None:
    """Let the k-th session fall due, if the meeting has so many."""
    w.meetings[meeting]["next"] = k
    if k < p.first_session[meeting + 1]:
        push_event(p, w, p.sessions[k]["session"], meeting * 8 + SESSION_DUE)


@inner
def open_session(p: Plan, w: Work, meeting: int) -> None:
    """A session is held: its seats are given out in the assignment phases of this instant."""
    k = int(w.meetings[meeting]["next"])
    w.meetings[meeting]["seats"] = p.sessions[k]["seats"]
    w.meetings[w.counts[SESSIONS]]["held"] = meeting
    w.counts[SESSIONS] += 1
    announce_session(p, w, meeting, k + 1)


@inner
def apply(p: Plan, w: Work, t: float, load: int) -> None:
    """One change of state."""
    kind, k = load & 7, load >> 3
    token, step = k, STAY
    if kind == TOKEN_DUE:
        step = resume(p, w, t, token)
    elif kind == TURN_DUE:
        turn(p, w, k)
    elif kind == FILING_DUE:
        token = k * p.width
        step = file_case(p, w, k)
    elif kind == PATIENCE_DUE:
        token = int(w.trace[k]["token"])
        step = withdraw(p, w, t, k)
    elif kind == SESSION_DUE:
        open_session(p, w, k)
    go_on(p, w, t, token, step)


@inner
def collect(w: Work, t: float) -> int:
    """All that falls due now; how much it is."""
    due = 0
    while w.counts[EVENTS] > 0 and w.events[0]["time"] == t:
        w.due[due] = pop_event(w)
        due += 1
    case = w.counts[FILED]
    while case < len(w.filings) and w.filings[case]["filed"] == t:
        w.due[due] = case * 8 + FILING_DUE
        due += 1
        case += 1
    w.counts[FILED] = case
    return due


# ---------------------------------------------------------------------------------- phase B: who works on what


@inner
def refresh_ready(w: Work, desk: int) -> None:
    """A desk is ready while somebody waits and somebody who may serve it is idle."""
    place = w.desks[desk]["place"]
    if w.desks[desk]["idle"] > 0 and w.queues[desk]["size"] > 0:
        if place < 0:
            w.desks[desk]["place"] = w.counts[READY]
            w.desks[w.counts[READY]]["ready"] = desk
            w.counts[READY] += 1
    elif place >= 0:
        w.counts[READY] -= 1
        last = w.desks[w.counts[READY]]["ready"]
        w.desks[place]["ready"] = last
        w.desks[last]["place"] = place
        w.desks[desk]["place"] = -1


@inner
def refresh_idle(p: Plan, w: Work, member: int) -> None:
    """Count a member at their desks while they are on duty and not busy."""
    its = w.members[member]
    idle = 1 if its["on"] > 0 and its["busy"] == 0 else 0
    if idle != its["idle"]:
        its["idle"] = idle
        first = w.counts[REGIME] * len(w.members) + member
        for k in range(p.first_post[first], p.first_post[first + 1]):
            desk = int(p.posts[k]["desk"])
            w.desks[desk]["idle"] += 2 * idle - 1
            refresh_ready(w, desk)


@inner
def rank(p: Plan, w: Work, regime: int, row: int) -> float:
    """What a desk's discipline looks at first: smallest goes first."""
    token, line = w.trace[row]["token"], w.log[row]
    discipline = p.desks[regime, line["desk"]]["discipline"]
    if discipline == FIFO:
        return float(line["joined"])
    if discipline == DUE_DATE:
        return float(w.trace[row]["due"])
    if discipline == PRIORITY:
        state = w.state[token // p.width]
        return float(p.services[state["regime"], state["service"]]["priority"])
    its = p.steps[w.tokens[token]["step"]]
    return float(p.misdirections[its["misdirected"]]["mean"] if line["variant"] == MISDIRECTED else its["expected"])


@inner
def reform(p: Plan, w: Work) -> None:
    """The staff serve the desks of the new regime, and queues whose discipline changes are put in the new order."""
    w.counts[REGIME] = 1
    w.counts[READY] = 0
    members = len(w.members)
    for desk in range(len(w.desks)):
        w.desks[desk]["idle"] = 0
        w.desks[desk]["place"] = -1
        if p.desks[0, desk]["discipline"] != p.desks[1, desk]["discipline"]:
            first, size = w.queues[desk]["first"], w.queues[desk]["size"]
            w.queues[desk]["size"] = 0
            for k in range(first, first + size):
                row, joined, place = int(w.places[k]["row"]), float(w.places[k]["joined"]), int(w.places[k]["place"])
                enter_queue(w, desk, rank(p, w, ONCE, row), joined, place, row)
    for member in range(members):
        if w.members[member]["idle"] == 1:
            for k in range(p.first_post[members + member], p.first_post[members + member + 1]):
                w.desks[p.posts[k]["desk"]]["idle"] += 1
    for desk in range(len(w.desks)):
        refresh_ready(w, desk)


@inner
def line_up(p: Plan, w: Work, t: float) -> None:
    """Those who joined in phase A take their places, unless they have left again."""
    for k in range(w.counts[JOINING]):
        row = int(w.joining[k])
        line, token = w.log[row], w.trace[row]["token"]
        joined, place = float(line["joined"]), (token // p.width) * len(p.steps) + line["position"]
        if not np.isnan(line["ended"]):
            continue
        queue, order = int(line["desk"]), joined
        if queue < 0:
            queue = len(w.desks) + int(p.steps[w.tokens[token]["step"]]["meeting"])
        else:
            if p.desks[0, queue]["discipline"] == DUE_DATE or p.desks[1, queue]["discipline"] == DUE_DATE:
                w.trace[row]["due"] = runs_out(p, w, t, token // p.width)
            order = rank(p, w, int(w.counts[REGIME]), row)
        enter_queue(w, queue, order, joined, place, row)
        if queue < len(w.desks):
            refresh_ready(w, queue)
    w.counts[JOINING] = 0


@inner
def give_seats(p: Plan, w: Work, t: float) -> None:
    """Seats of the sessions of this instant go to those who wait longest."""
    for k in range(w.counts[SESSIONS]):
        meeting = int(w.meetings[k]["held"])
        queue = len(w.desks) + meeting
        while w.meetings[meeting]["seats"] > 0 and w.queues[queue]["size"] > 0:
            row = leave_queue(w, queue)
            w.meetings[meeting]["seats"] -= 1
            w.parts[w.trace[row]["token"], MEETING] += t - w.log[row]["joined"]
            foresee(p, w, row, t, t)


@inner
def drop_withdrawn(w: Work, desk: int) -> None:
    """Take those who gave up off the head of a queue."""
    while w.queues[desk]["size"] > 0 and not np.isnan(w.log[w.places[w.queues[desk]["first"]]["row"]]["ended"]):
        leave_queue(w, desk)
    refresh_ready(w, desk)


@inner
def best_server(p: Plan, w: Work, desk: int) -> int:
    """The idle server of a desk who comes first by (preference, -efficiency, idle since, number): place in Plan.servers."""
    first = w.counts[REGIME] * len(w.desks) + desk
    best, since = -1, 0.0
    for k in range(p.first_server[first], p.first_server[first + 1]):
        if best >= 0 and p.servers[k]["alike"] != p.servers[best]["alike"]:
            break
        its = w.members[p.servers[k]["member"]]
        if its["idle"] == 1 and (best < 0 or its["since"] < since):
            best, since = k, float(its["since"])
    return best


@inner
def assign(p: Plan, w: Work, t: float) -> None:
    """Phase B: again and again the pair that comes first by
    (preference, join time, case, step position, -efficiency, idle since, member number)."""
    while w.counts[READY] > 0:
        chosen, server, preference, joined, place = -1, -1, 0, 0.0, 0
        k = 0
        while k < w.counts[READY]:
            desk = int(w.desks[k]["ready"])
            drop_withdrawn(w, desk)
            if w.desks[desk]["place"] < 0:
                continue
            k += 1
            head = w.places[w.queues[desk]["first"]]
            idle = best_server(p, w, desk)
            gladly = p.servers[idle]["preference"]
            if chosen >= 0:
                if gladly > preference or (gladly == preference and head["joined"] > joined):
                    continue
                if gladly == preference and head["joined"] == joined and head["place"] > place:
                    continue
            chosen, server, preference, joined, place = desk, idle, int(gladly), float(head["joined"]), int(head["place"])
        if chosen >= 0:
            begin_work(p, w, t, leave_queue(w, chosen), int(p.servers[server]["member"]))
            refresh_ready(w, chosen)


# ------------------------------------------------------------------------------------------------------ the run


@inner
def start(p: Plan, w: Work) -> None:
    """What is known to happen before anybody files."""
    for member in range(len(w.members)):
        first = p.hours.first[member]
        w.members[member]["turn"] = 2 * first
        if first < p.hours.first[member + 1]:
            push_event(p, w, p.hours.opens[first], member * 8 + TURN_DUE)
    for meeting in range(len(w.meetings)):
        announce_session(p, w, meeting, p.first_session[meeting])
    push_event(p, w, p.reform, REFORM_DUE)


@jit
def next_instant(w: Work) -> float:
    """When something falls due again."""
    t = NEVER
    if w.counts[EVENTS] > 0:
        t = float(w.events[0]["time"])
    if w.counts[FILED] < len(w.filings):
        t = min(t, float(w.filings[w.counts[FILED]]["filed"]))
    return t


@jit
def simulate(p: Plan, w: Work, most_instants: int, reverse: bool) -> float:
    """Run; the instant of the end, or UNKNOWN where there were too many instants."""
    start(p, w)
    last = -1.0
    t = next_instant(w)
    while t < p.horizon and (w.counts[COUNTED_OPEN] > 0 or t <= max(p.count_until, w.last_end[0])):
        if t > last:
            if w.counts[INSTANTS] == most_instants:
                return UNKNOWN
            w.counts[INSTANTS] += 1
            w.counts[SESSIONS] = 0
            last = t
        w.counts[ROUND] += 1
        due = collect(w, t)
        while due > 0:
            for k in range(due):
                apply(p, w, t, w.due[due - 1 - k if reverse else k])
            due = collect(w, t)
        if w.counts[REGIME] == 0 and t >= p.reform:
            reform(p, w)
        line_up(p, w, t)
        give_seats(p, w, t)
        assign(p, w, t)
        t = next_instant(w)
    if w.counts[COUNTED_OPEN] > 0:
        return p.horizon
    return min(p.horizon, max(p.count_until, w.last_end[0]))


@jit
def sort_log(w: Work, end: float, horizon: float, keys: Ints, rows: Ints, out: Rows) -> None:
    """Activities by (case, position, attempt, kind); instants that the run did not reach are struck out."""
    written = 0
    for case in range(w.counts[FILED]):
        first = len(keys)  # sorted from here on; a case's newest activity comes first, and mostly belongs last
        row = int(w.state[case]["row"])
        while row >= 0:
            line = w.log[row]
            key = (int(line["position"]) * MOST_ATTEMPTS + int(line["attempt"])) * MOST_KINDS + int(line["kind"])
            k = first
            while k < len(keys) and keys[k] < key:
                keys[k - 1] = keys[k]
                rows[k - 1] = rows[k]
                k += 1
            keys[k - 1] = key
            rows[k - 1] = row
            first -= 1
            row = int(w.trace[row]["earlier"])
        for k in range(first, len(keys)):
            out[written] = w.log[rows[k]]
            line = out[written]
            if not (line["started"] < end or (line["started"] == end and end < horizon)):
                line["started"] = UNKNOWN
            if not (line["ended"] < end or (line["ended"] == end and end < horizon)):
                line["ended"] = UNKNOWN
            written += 1


def run(
    arrays: Arrays,
    seed: int,
    replication: int,
    max_instants: int | None = None,
    reverse: bool = False,
    buffers: Buffers | None = None,
) -> Records:
    """One replication. With `buffers`, the Records may share memory with them until their next use.

    `reverse` applies what falls due at one instant in the reverse order, which changes nothing (a test looks).
    Raises TooManyInstants after `max_instants` distinct instants.
    """
    buffers = buffers or Buffers()
    filings = file_cases(arrays, np.uint64(seed), replication)
    hours = member_hours(arrays, np.uint64(seed), replication)
    p, w = plan(arrays, filings, hours, seed, replication), lay_out(arrays, filings, buffers)
    end = simulate(p, w, 2**62 if max_instants is None else max_instants, reverse)
    if np.isnan(end):
        raise TooManyInstants(f"more than {max_instants} distinct instants before minute {next_instant(w)}")
    most = int(arrays.services.rows.max(initial=0)) + 1
    activities: NDArray[Any] = buffers.hold("activities", int(w.counts[ROWS]), ACTIVITIES)
    sort_log(w, end, arrays.horizon, buffers.hold("keys", most, np.int64), buffers.hold("rows", most, np.int64), activities)
    cases = int(w.counts[FILED])
    return Records(w.cases[:cases], filings.attributes[:cases], activities, duty_records(arrays, hours, end), float(end))
