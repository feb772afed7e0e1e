"""The Model, array by array: the only thing that engines read.

Times are in minutes since 00:00 of the scenario's first day.

First index `regime` (0 before the reform day, 1 from it) where a number may differ between the
regimes. "CSR" means: the entries that belong to k are [first[k], first[k + 1]).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints

Keys = NDArray[np.uint64]

# Opcodes: what a row of Steps does.
TASK, TRANSFER, DELAY, MEET, CHANCE, ATTRIBUTE, FORK, RETURN, MARK, END = range(10)
# Timings of a duration.
CLOCK, WORKING, TERM = range(3)
# Disciplines.
FIFO, PRIORITY, DUE_DATE, SHORTEST = range(4)
# Kinds of desk.
WINDOW, REVIEW, SIGNATURE, INTERNAL = range(4)
# Marks.
ACCEPTED, FIRST_ANSWER, DECIDED = range(3)
# Demand.
POISSON, FIXED, RECORDED = range(3)
# Learning.
NO_LEARNING, BY_DAYS, BY_COMPLETIONS = range(3)
# What follows the last incomplete attempt (`Reviews.then`): pass on,
# or end with the outcome of records.OUTCOMES.
PASSES = 0
# Purposes of a draw: one uniform never decides two things.
(
    P_ARRIVAL, P_THINNING, P_BATCH, P_ATTRIBUTE, P_EFFORT, P_BRANCH, P_DELAY, P_PATIENCE,
    P_MISDIRECTED, P_MISDIRECTED_EFFORT, P_INCOMPLETE, P_TOLERATED, P_REJECTED, P_SUPPLEMENT,
    P_ABSENCE,
) = range(1, 16)  # fmt: skip


class Calendars(NamedTuple):
    """Opening intervals and working days, both CSR by calendar.

    An interval is [opens, closes), and touching intervals are merged. Calendar 0 is `always` (one
    interval up to the horizon; every day is a working day of 1440 minutes). Each calendar follows
    the regime of the day: an interval belongs to the day it opens. After the named calendars come
    the desks' (see Desks.calendar).
    """

    first: Ints  # [calendars + 1]
    opens: Floats
    closes: Floats
    before: Floats  # working minutes of the calendar before each opening
    day_first: Ints  # [calendars + 1]
    day: Ints  # day numbers of the working days, increasing
    day_opens: Floats  # first opening of that working day
    day_closes: Floats  # last closing of that working day
    day_length: Floats  # [regime, calendar] minutes of one working day as a duration


# Kinds of quantile table, and the octaves of u on each side of 1/2 of a smooth one.
SMOOTH, INDEX = range(2)
OCTAVES = 52


class Tables(NamedTuple):
    """Quantile functions of mean 1, CSR.

    The layout is that of model/quantiles.py; `quantile` of engine/draws.py reads them. Table 0 is
    the exponential: arrivals are made of it.
    """

    first: Ints  # [tables + 1]
    kind: Ints
    size: Ints  # smooth: log2 of the cells per octave; index: how many values
    kink: Ints  # row of the cell that a kink cuts in two, -1 without one
    knots: Floats  # [row, 2] value and slope; index: value and nothing


class Paths(NamedTuple):
    """Numbers that may change by the day, CSR.

    Entry 0 is the value before the reform day, entry 1 + k that of day k since; past the last entry
    the last one holds.
    """

    first: Ints
    value: Floats


class Staff(NamedTuple):
    """Members, numbered by group in the order of the file and within it.

    A group has as many as its larger regime.
    """

    group: Ints  # [member]
    number: Ints  # [member] within its group: the n of its absence draws
    key: Keys  # [group] crc32(group) << 32
    # [regime, group] nominal calendar (both are the same, stitched one when the name is the same)
    calendar: Ints
    absence: Floats  # [group, day] chance to be absent: 1 - presence * (1 - absence)
    takes: Ints  # [regime, member] 1: holds a post, takes new work
    efficiency: Floats  # [regime, member, desk] 0: may not serve (also where takes is 0)
    preference: Ints  # [regime, member, desk] 1 first; 0 where efficiency is 0
    learns: Ints  # [member, desk] 1: the desk is new to the member's group in regime 1
    learning_kind: int
    # effort factor by whole days since the reform day, or by completions there; the last entry
    # holds on
    learning: Floats


class Desks(NamedTuple):
    """Queues.

    `calendar` is the union of the nominal calendars of the groups that serve the desk, by regime of
    the day.
    """

    kind: Ints  # [desk]
    calendar: Ints  # [desk]
    discipline: Ints  # [regime, desk]
    factor: Floats  # [regime, desk]


class Meetings(NamedTuple):
    """Sessions CSR by meeting, increasing instants, each with its seats (2**31 where unlimited)."""

    first: Ints
    session: Floats
    seats: Ints


class Reviews(NamedTuple):
    """What follows each attempt of a task that checks papers: numbers of Paths,
    and the supplement.
    """

    incomplete: Ints
    again: Ints
    attempts: Ints
    then: Ints
    tolerated: Ints
    reject: Ints
    again_effort: Floats
    table: Ints
    mean: Floats
    timing: Ints
    calendar: Ints


class Misdirections(NamedTuple):
    """The wrong first visit: chance (Paths), desk, effort."""

    chance: Ints
    desk: Ints
    table: Ints
    mean: Floats


class Steps(NamedTuple):
    """The programs: one row per instruction.

    The routes of all services in both regimes stand one after another.

    op and the columns it reads:
      TASK       desk, table/mean (effort in minutes), expected, review, misdirected,
                 patience_table/patience_mean
      TRANSFER   table/mean/timing/calendar on paper; paper (Paths); leave_first/leave_count;
                 electronic_*; handover
      DELAY      part, table/mean/timing/calendar, stops_clock
      MEET       meeting, stops_clock
      CHANCE     chance (Paths): target[target_first] with that chance,
                 else target[target_first + 1]
      ATTRIBUTE  attribute: target[target_first + value]
      FORK       target_count branches, the k-th starting at target[target_first + k]
                 in slot[target_first + k]; after the join the case goes on at `next`
      RETURN     the end of a branch
      MARK       mark; -1: nothing is noted, a block is over from which the promise runs
      END        outcome
    A column that a row does not use is -1 where it numbers things, else 0.
    All but RETURN and END go on at `next` (CHANCE and ATTRIBUTE go on at their target instead).
    """

    op: Ints
    next: Ints
    name: Ints  # number in Names.steps; -1 for RETURN and for the implied END
    position: (
        Ints  # place in its program, text order, from 0; -1 for RETURN and for the implied END
    )
    key: Keys  # crc32("service/step") << 32
    starts_promise: Ints  # 1: when this step is done, the promise clock starts
    desk: Ints
    table: Ints
    mean: Floats
    timing: Ints
    calendar: Ints
    # mean effort of the step's distribution, minutes: the key of the shortest discipline
    expected: Floats
    review: Ints
    misdirected: Ints
    patience_table: Ints
    patience_mean: Floats
    paper: Ints
    leave_first: Ints
    leave_count: Ints
    electronic_table: Ints
    electronic_mean: Floats
    electronic_timing: Ints
    electronic_calendar: Ints
    handover: (
        Ints  # 1: the transfer leads into a department with another root in the regime of filing
    )
    part: Ints  # place in records.PARTS
    stops_clock: Ints
    meeting: Ints
    chance: Ints
    attribute: Ints  # which of the service's attributes
    target_first: Ints
    target_count: Ints
    mark: Ints
    outcome: Ints  # place in records.OUTCOMES


class Services(NamedTuple):
    """What holds for a case of a service that was filed in a regime."""

    key: Keys  # [service] crc32(service) << 32
    program: Ints  # [regime, service] first row of Steps
    calendar: Ints  # [regime, service]
    promise: Floats  # [regime, service] minutes on the clock (days * day_length); -1 without one
    limit: Floats  # [regime, service]
    priority: Ints  # [regime, service]
    marks_accepted: Ints  # [regime, service] 1: the route has this mark
    marks_decided: Ints  # [regime, service]
    promise_waits: Ints  # [regime, service] 1: promise_from is set
    rows: Ints  # [regime, service] at most so many activities per case
    internal: Ints  # [service]


class Demand(NamedTuple):
    """Filings, by service. Rates per minute and day."""

    kind: Ints  # [service]
    calendar: Ints  # [regime, service] calendar that filings are moved into; 0 = at all hours
    rate: Floats  # [service, day]
    largest: Floats  # [service, day]
    interval: Floats  # [service] fixed
    first: Floats  # [service] fixed
    batch_table: Ints  # [service] -1: single applicants
    batch_mean: Floats
    recorded_first: Ints  # CSR by service
    recorded: Floats
    attribute_first: Ints  # CSR by [regime * services + service] -> attributes
    attribute_key: Keys  # [attribute] crc32("service/attribute") << 32
    value_first: Ints  # CSR by attribute -> values
    value_share: Ints  # Paths; the last value takes the rest
    value_files: Ints  # calendar as in `calendar`; -1: as the service's demand


class Arrays(NamedTuple):
    """Everything an engine reads."""

    days: int  # up to the horizon
    reform: float
    count_from: float
    count_until: float  # exclusive
    horizon: float  # exclusive
    width: int  # slots of a case: the main line and one per branch
    attributes: int  # columns of Records.attributes
    calendars: Calendars
    tables: Tables
    paths: Paths
    staff: Staff
    desks: Desks
    meetings: Meetings
    reviews: Reviews
    misdirections: Misdirections
    steps: Steps
    target: Ints
    slot: Ints
    leave: Floats  # departure times, minutes of the day
    services: Services
    demand: Demand


class Names(NamedTuple):
    """What the numbers mean: ids in the order of their numbers."""

    services: tuple[str, ...]
    steps: tuple[str, ...]  # "service/step"
    desks: tuple[str, ...]
    desk_department: tuple[str, ...]
    groups: tuple[str, ...]
    members: tuple[str, ...]  # "group 1", ...
    meetings: tuple[str, ...]
    calendars: tuple[str, ...]
    attributes: tuple[tuple[str, ...], ...]  # [service][attribute]
    values: tuple[tuple[tuple[str, ...], ...], ...]  # [service][attribute][value]


class Model(NamedTuple):
    """A configuration as arrays, the names beside them. Made by `compile_model`."""

    arrays: Arrays
    names: Names
    configuration: str
    start: str  # ISO date of day 0
    cohorts: tuple[tuple[str, float, float], ...]  # name, [from, until) in minutes


AnyArrays = Any  # what Numba sees
