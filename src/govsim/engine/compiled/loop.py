"""The event loop of the compiled engine: the contract over plain arrays.

An instant is lived in rounds: first everything that falls due changes the state (phase A: `apply`),
then work and seats are given out (phase B: `assign`), again and again until nothing more falls due
at this instant. A token is case * width + slot: the place of a case, or of one of its branches, in
a route.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Ints
from govsim.engine.calendars import (
    Hours,
    advance,
    departure,
    duty_records,
    member_hours,
    same_fraction,
    works_until,
)
from govsim.engine.compiled.case import (
    A_DELAY,
    A_MEETING,
    A_SUPPLEMENT,
    A_TASK,
    A_TRANSFER,
    APPLICANT,
    BEGINS,
    CLOSED,
    ELECTRONIC,
    GAVE_UP,
    MEETING,
    MISDIRECTED,
    NEVER,
    NO_ATTEMPT,
    NONE,
    ONLY,
    OPEN,
    PAPER,
    PASSES_ON,
    PLAIN,
    REJECTED,
    SERVICE,
    SUPPLEMENTS,
    TOLERATED,
    TRAVEL,
    UNKNOWN,
    WITHDRAWN,
    WORKS,
    begin_token,
    check_in_time,
    clock_calendar,
    count_waiting,
    drawn,
    end_case,
    file_case,
    foresee,
    happens,
    mark,
    new_row,
    note_run_out,
    over,
    release_clock,
    runs_out,
    start_promise,
    stop_clock,
    wide,
)
from govsim.engine.compiled.memory import (
    COUNTED_OPEN,
    EVENTS,
    FILED,
    FILING_DUE,
    INSTANTS,
    JOINING,
    LAST_END,
    NEXT_TURN,
    PATIENCE_DUE,
    READY,
    REFORM_DUE,
    REGIME,
    ROWS,
    SESSION_DUE,
    SESSIONS,
    TOKEN_DUE,
    TURN_DUE,
    Plan,
    Rows,
    Work,
    enter_queue,
    lay_out,
    leave_queue,
    plan,
    pop_event,
    push_event,
)
from govsim.engine.compiled.memory import Buffers as Buffers
from govsim.engine.draws import grid, whole_days
from govsim.engine.filings import file_cases
from govsim.engine.kernels import inner, jit
from govsim.errors import TooManyInstants
from govsim.model import arrays as codes
from govsim.model.arrays import (
    ATTRIBUTE,
    BY_DAYS,
    CHANCE,
    DUE_DATE,
    END,
    FIFO,
    FORK,
    MARK,
    MEET,
    NO_LEARNING,
    PRIORITY,
    RETURN,
    TASK,
    TRANSFER,
    WINDOW,
    Arrays,
)
from govsim.records import ACTIVITIES, PARTS, Records

P_BRANCH, P_DELAY, P_EFFORT, P_PATIENCE, P_SUPPLEMENT = wide(
    codes.P_BRANCH, codes.P_DELAY, codes.P_EFFORT, codes.P_PATIENCE, codes.P_SUPPLEMENT
)
P_MISDIRECTED, P_MISDIRECTED_EFFORT, P_INCOMPLETE, P_TOLERATED, P_REJECTED = wide(
    codes.P_MISDIRECTED,
    codes.P_MISDIRECTED_EFFORT,
    codes.P_INCOMPLETE,
    codes.P_TOLERATED,
    codes.P_REJECTED,
)
MOST_ATTEMPTS, MOST_KINDS = 2**15, 8

# Where a token goes: to a row of Steps; nowhere yet; on, out of its step; or, as LEAVE - outcome,
# out of the office.
STAY = -1
LEAVE = -2


# ----------------------------------------------------------------------------- the steps of a route


@inner
def go_on(p: Plan, w: Work, t: float, token: int, step: int) -> None:
    """Take a token through its route until something takes time."""
    while step != STAY:
        if step == LEAVE:
            step = leave_step(p, w, t, token)
        elif step < LEAVE:
            end_case(p, w, t, token, LEAVE - step)
            step = STAY
        elif p.steps[step]["op"] == RETURN:
            token = come_back(p, w, t, token)
            step = LEAVE if token >= 0 else STAY
        else:
            w.tokens[token]["step"] = step
            step = take_step(p, w, t, token, step)


@inner
def take_step(p: Plan, w: Work, t: float, token: int, step: int) -> int:
    """Do what a row of Steps says; where the token goes."""
    its, op, case = p.steps[step], p.steps[step]["op"], token // p.width
    if op == MARK:
        mark(p, w, t, case, its["mark"])
        return LEAVE
    if op in (CHANCE, ATTRIBUTE):
        return LEAVE
    if op == END:
        return LEAVE - int(its["outcome"])
    if op == FORK:
        fork(p, w, t, token)
    elif op == TASK and w.tokens[token]["stage"] != SUPPLEMENTS:
        come_to_task(p, w, t, token)
    elif op == MEET:
        w.tokens[token]["stage"] = PASSES_ON
        join(w, new_row(p, w, t, token, NONE, A_MEETING, ONLY, PLAIN))
        if its["stops_clock"] == 1:
            stop_clock(p, w, t, case)
    else:
        spend_time(p, w, t, token)
    return STAY


@inner
def leave_step(p: Plan, w: Work, t: float, token: int) -> int:
    """A token is done with its step; the next one."""
    its, case = p.steps[w.tokens[token]["step"]], token // p.width
    w.tokens[token]["attempt"] = 0
    if its["starts_promise"] == 1:
        start_promise(p, w, t, case)
    if its["op"] == CHANCE:
        other = 0 if happens(p, w, t, case, its["key"], NO_ATTEMPT, P_BRANCH, its["chance"]) else 1
        return int(p.branches[its["target_first"] + other]["target"])
    if its["op"] == ATTRIBUTE:
        return int(p.branches[its["target_first"] + p.attributes[case, its["attribute"]]]["target"])
    return int(its["next"])


@inner
def come_to_task(p: Plan, w: Work, t: float, token: int) -> None:
    """Join the step's desk, or the wrong one at the first visit of a misdirected applicant."""
    here, case = w.tokens[token], token // p.width
    its = p.steps[here["step"]]
    wrong = int(its["misdirected"])
    here["stage"] = WORKS
    if here["attempt"] == 0:
        here["attempt"] = 1
        if wrong >= 0 and happens(
            p, w, t, case, its["key"], NO_ATTEMPT, P_MISDIRECTED, p.misdirections[wrong]["chance"]
        ):
            here["attempt"] = 0
    attempt = int(here["attempt"])
    desk, variant = int(its["desk"]), PLAIN
    if attempt == 0:
        desk, variant = int(p.misdirections[wrong]["desk"]), MISDIRECTED
    row = new_row(p, w, t, token, desk, A_TASK, attempt, variant)
    join(w, row)
    if attempt > 0 and its["patience_table"] >= 0:
        q = drawn(p, w, case, its["key"], attempt, P_PATIENCE, its["patience_table"])
        until = advance(
            p.calendars, p.desks[0, desk]["calendar"], t, grid(q * its["patience_mean"])
        )
        push_event(p, w, until, row * 8 + PATIENCE_DUE)


@inner
def join(w: Work, row: int) -> None:
    """Join a desk's or a meeting's queue at the start of phase B."""
    w.joining[w.counts[JOINING]] = row
    w.counts[JOINING] += 1


@inner
def spend_time(p: Plan, w: Work, t: float, token: int) -> None:
    """A transfer, a delay or a supplement."""
    here, case = w.tokens[token], token // p.width
    its = p.steps[here["step"]]
    kind, variant, attempt, draw, purpose, part = (
        A_DELAY,
        PLAIN,
        ONLY,
        NO_ATTEMPT,
        P_DELAY,
        int(its["part"]),
    )
    table, mean, timing, calendar = (
        int(its["table"]),
        float(its["mean"]),
        int(its["timing"]),
        int(its["calendar"]),
    )
    leaves, stops = t, int(its["stops_clock"])
    if here["stage"] == SUPPLEMENTS:
        papers = p.reviews[its["review"]]
        kind, attempt, draw, purpose, part = (
            A_SUPPLEMENT,
            int(here["attempt"]),
            int(here["attempt"]),
            P_SUPPLEMENT,
            APPLICANT,
        )
        table, mean, timing, calendar = (
            int(papers["table"]),
            float(papers["mean"]),
            int(papers["timing"]),
            int(papers["calendar"]),
        )
        stops = int(w.state[case]["late"])
    else:
        here["stage"] = PASSES_ON
    if its["op"] == TRANSFER:
        kind, variant, part = A_TRANSFER, PAPER, TRAVEL
        w.cases[case]["handovers"] += its["handover"]
        if happens(p, w, t, case, its["key"], NO_ATTEMPT, P_BRANCH, its["paper"]):
            leaves = float(
                departure(p.calendars, calendar, p.leave, its["leave_first"], its["leave_count"], t)
            )
        else:
            variant, table, mean = (
                ELECTRONIC,
                int(its["electronic_table"]),
                float(its["electronic_mean"]),
            )
            timing, calendar = int(its["electronic_timing"]), int(its["electronic_calendar"])
    takes = grid(drawn(p, w, case, its["key"], draw, purpose, table) * mean)
    until = over(p, leaves, takes, timing, calendar)
    foresee(p, w, new_row(p, w, t, token, NONE, kind, attempt, variant), leaves, until)
    w.parts[token, part] += until - t
    if kind == A_TRANSFER:
        w.state[case]["transfer"] += until - t
    if stops == 1:
        stop_clock(p, w, t, case)


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
    """A branch is back; the token that goes on if it was the last, else -1.
    Of branches back at once the lowest counts.
    """
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


# ------------------------------------------------------------------------------------ work at desks


@inner
def learning_factor(p: Plan, w: Work, t: float, member: int, desk: int) -> float:
    """How much longer a member takes at a desk that is new to the group since the reform day."""
    if p.learning_kind == NO_LEARNING or t < p.reform or p.learns[member, desk] == 0:
        return 1.0
    k = int(w.completions[member, desk])
    if p.learning_kind == BY_DAYS:
        k = whole_days(t - p.reform)
    return float(p.learning[min(k, len(p.learning) - 1)])


@inner
def effort(p: Plan, w: Work, t: float, row: int, member: int) -> float:
    """The work of one visit or attempt, fixed when it starts; attempt 0 is a misdirected visit."""
    token, desk, attempt = (
        w.trace[row]["token"],
        int(w.log[row]["desk"]),
        int(w.log[row]["attempt"]),
    )
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
    return float(
        grid(
            q
            * mean
            * p.desks[regime, desk]["factor"]
            * again
            * learning
            / p.efficiency[regime, member, desk]
        )
    )


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
    here = w.tokens[token]
    line = w.log[here["row"]]
    member = int(line["member"])
    w.members[member]["busy"] = 0
    w.members[member]["since"] = t
    refresh_idle(p, w, member)
    if t >= p.reform:
        w.completions[member, line["desk"]] += 1
    if line["variant"] == MISDIRECTED:
        again = float(
            same_fraction(p.calendars, clock_calendar(p, w, token // p.width), line["joined"], t)
        )
        w.parts[token, APPLICANT] += again - t
        here["stage"] = BEGINS
        here["attempt"] = 1
        push_event(p, w, again, token * 8 + TOKEN_DUE)
        return STAY
    return review(p, w, t, token) if p.steps[here["step"]]["review"] >= 0 else LEAVE


@inner
def review(p: Plan, w: Work, t: float, token: int) -> int:
    """What follows a check of papers; where the token goes."""
    here, case = w.tokens[token], token // p.width
    attempt, step = int(here["attempt"]), int(here["step"])
    key, its = p.steps[step]["key"], p.reviews[p.steps[step]["review"]]
    check_in_time(p, w, t, case)
    if not happens(
        p,
        w,
        t,
        case,
        key,
        attempt,
        P_INCOMPLETE,
        its["incomplete"] if attempt == 1 else its["again"],
    ):
        return (
            LEAVE - int(REJECTED)
            if happens(p, w, t, case, key, attempt, P_REJECTED, its["reject"])
            else LEAVE
        )
    if happens(p, w, t, case, key, attempt, P_TOLERATED, its["tolerated"]):
        w.log[here["row"]]["variant"] = TOLERATED
        return LEAVE
    if attempt == its["attempts"]:
        return LEAVE - int(its["then"])
    here["stage"] = SUPPLEMENTS
    return step


@inner
def withdraw(p: Plan, w: Work, t: float, row: int) -> int:
    """An applicant's patience runs out, unless the waiting is over; where the token goes."""
    if not np.isnan(w.log[row]["started"]):
        return STAY
    w.log[row]["ended"] = t
    w.log[row]["variant"] = GAVE_UP
    count_waiting(p, w, t, row)
    return LEAVE - int(WITHDRAWN)


# -------------------------------------------------------------------------- phase A: what falls due


@inner
def resume(p: Plan, w: Work, t: float, token: int) -> int:
    """The event that a token waited for; where it goes."""
    here, case = w.tokens[token], token // p.width
    stage, step = here["stage"], int(here["step"])
    if stage == BEGINS:
        return step
    if stage == WORKS:
        return finish_work(p, w, t, token)
    if (w.state[case]["late"] if stage == SUPPLEMENTS else p.steps[step]["stops_clock"]) == 1:
        release_clock(p, w, t, case)
    if stage == PASSES_ON:
        return LEAVE
    here["stage"] = BEGINS
    here["attempt"] += 1
    return step


@inner
def turn(p: Plan, w: Work, member: int) -> None:
    """A member's calendar opens or closes."""
    its = w.members[member]
    k = int(its["turn"])
    interval = k >> 1
    its["turn"] = k + 1
    if k & 1 == 0:
        its["on"] += 1
        turns_at(w, member, p.hours.closes[interval])
    else:
        its["on"] -= 1
        if interval + 1 < p.hours.first[member + 1]:
            turns_at(w, member, p.hours.opens[interval + 1])
    refresh_idle(p, w, member)


@inner
def turns_at(w: Work, member: int, t: float) -> None:
    """Note when a member's calendar turns next. Members of a group turn together, so looking
    through them all is cheaper than a heap of their turns.
    """
    w.members[member]["turns"] = t
    w.times[NEXT_TURN] = min(w.times[NEXT_TURN], t)


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
    return collect_turns(w, t, due) if w.times[NEXT_TURN] == t else due


@inner
def collect_turns(w: Work, t: float, due: int) -> int:
    """The members whose calendars turn now, after all else that falls due; how much it is."""
    following = NEVER
    for member in range(len(w.members)):
        its = w.members[member]
        if its["turns"] == t:
            w.due[due] = member * 8 + TURN_DUE
            due += 1
            its["turns"] = NEVER
        following = min(following, its["turns"])
    w.times[NEXT_TURN] = following
    return due


# ----------------------------------------------------------------------- phase B: who works on what


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
            if w.desks[desk]["idle"] == idle:  # the first to be idle, or the last
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
    return float(
        p.misdirections[its["misdirected"]]["mean"]
        if line["variant"] == MISDIRECTED
        else its["expected"]
    )


@inner
def reform(p: Plan, w: Work) -> None:
    """The staff serve the desks of the new regime.

    Queues whose discipline changes are put in the new order.
    """
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
                row, joined, place = (
                    int(w.places[k]["row"]),
                    float(w.places[k]["joined"]),
                    int(w.places[k]["place"]),
                )
                enter_queue(w, desk, rank(p, w, ONLY, row), joined, place, row)
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
            if (
                p.desks[0, queue]["discipline"] == DUE_DATE
                or p.desks[1, queue]["discipline"] == DUE_DATE
            ):
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
    while w.queues[desk]["size"] > 0 and not np.isnan(
        w.log[w.places[w.queues[desk]["first"]]["row"]]["ended"]
    ):
        leave_queue(w, desk)
    refresh_ready(w, desk)


@inner
def best_server(p: Plan, w: Work, desk: int) -> int:
    """The idle server of a desk who comes first by (preference, -efficiency, idle since, number):
    place in Plan.servers.
    """
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
            chosen, server, preference, joined, place = (
                desk,
                idle,
                int(gladly),
                float(head["joined"]),
                int(head["place"]),
            )
        if chosen >= 0:
            begin_work(p, w, t, leave_queue(w, chosen), int(p.servers[server]["member"]))
            refresh_ready(w, chosen)


# ------------------------------------------------------------------------------------------ the run


@inner
def start(p: Plan, w: Work) -> None:
    """What is known to happen before anybody files."""
    for member in range(len(w.members)):
        first = p.hours.first[member]
        w.members[member]["turn"] = 2 * first
        w.members[member]["turns"] = NEVER
        if first < p.hours.first[member + 1]:
            turns_at(w, member, p.hours.opens[first])
    for meeting in range(len(w.meetings)):
        announce_session(p, w, meeting, p.first_session[meeting])
    push_event(p, w, p.reform, REFORM_DUE)


@jit
def next_instant(w: Work) -> float:
    """When something falls due again."""
    t = float(w.times[NEXT_TURN])
    if w.counts[EVENTS] > 0:
        t = min(t, float(w.events[0]["time"]))
    if w.counts[FILED] < len(w.filings):
        t = min(t, float(w.filings[w.counts[FILED]]["filed"]))
    return t


@jit
def simulate(p: Plan, w: Work, most_instants: int, reverse: bool) -> float:
    """Run; the instant of the end, or UNKNOWN where there were too many instants."""
    start(p, w)
    last = -1.0
    t = next_instant(w)
    while t < p.horizon and (
        w.counts[COUNTED_OPEN] > 0 or t <= max(p.count_until, w.times[LAST_END])
    ):
        if t > last:
            if w.counts[INSTANTS] == most_instants:
                return UNKNOWN
            w.counts[INSTANTS] += 1
            w.counts[SESSIONS] = 0
            last = t
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
    end = p.horizon
    if w.counts[COUNTED_OPEN] == 0:
        end = float(min(p.horizon, max(p.count_until, w.times[LAST_END])))
    for case in range(w.counts[FILED]):
        if w.cases[case]["outcome"] == OPEN:
            note_run_out(p, w, end, case)
    return end


@jit
def sort_log(w: Work, end: float, horizon: float, keys: Ints, rows: Ints, out: Rows) -> None:
    """Activities by (case, position, attempt, kind).

    Instants that the run did not reach are struck out.
    """
    written = 0
    for case in range(w.counts[FILED]):
        # sorted from here on; a case's newest activity comes first, and mostly belongs last
        first = len(keys)
        row = int(w.state[case]["row"])
        while row >= 0:
            line = w.log[row]
            key = (int(line["position"]) * MOST_ATTEMPTS + int(line["attempt"])) * MOST_KINDS + int(
                line["kind"]
            )
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
    hours: Hours | None = None,
) -> Records:
    """One replication. With `buffers`, the Records may share memory with them until their next use;
    `hours` are the members' in this replication, where they are known.

    `reverse` applies what falls due at one instant in the reverse order, which changes nothing (a
    test looks). Raises TooManyInstants after `max_instants` distinct instants.
    """
    buffers = buffers or Buffers()
    filings = file_cases(arrays, np.uint64(seed), replication)
    hours = hours or member_hours(arrays, np.uint64(seed), replication)
    p = plan(arrays, filings, hours, seed, replication, buffers)
    w = lay_out(arrays, filings, buffers)
    end = simulate(p, w, 2**62 if max_instants is None else max_instants, reverse)
    if np.isnan(end):
        raise TooManyInstants(
            f"more than {max_instants} distinct instants before minute {next_instant(w)}"
        )
    most = int(arrays.services.rows.max(initial=0)) + 1
    activities: NDArray[Any] = buffers.hold("activities", int(w.counts[ROWS]), ACTIVITIES)
    sort_log(
        w,
        end,
        arrays.horizon,
        buffers.loop.hold("keys", most, np.int64),
        buffers.loop.hold("rows", most, np.int64),
        activities,
    )
    cases = int(w.counts[FILED])
    return Records(
        w.cases[:cases],
        filings.attributes[:cases],
        activities,
        duty_records(arrays, hours, end),
        float(end),
    )
