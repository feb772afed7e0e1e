"""The catalogue of measures: name, unit, meaning, statistics, and the one function of each.

The function defines the measure. Each function gives one number per reading of a counted case at
age tau (or per task of it), NaN for what it does not apply to: the cases with a number are the
measure's population, and `count` is their number. A time is infinite where it was not over by tau,
and minus infinity where the applicant gave up: means take `cap` for the first and leave the second
out, shares within a time are of both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from govsim.arrays import Flags, Floats, Ints
from govsim.measures.facts import GAVE_UP, GRANTED, NO_ANSWER, REFUSED, Facts
from govsim.model.arrays import INTERNAL, REVIEW, SIGNATURE, WINDOW
from govsim.records import PARTS
from govsim.scenario.units import CALENDAR_DAYS, WORKING_DAYS

# what a case takes, by the unit that it is told in: of those who stayed, of those answered
CYCLE_TIME = {WORKING_DAYS: "cycle_time_working", CALENDAR_DAYS: "cycle_time"}
CYCLE_TIME_ANSWERED = {unit: f"{name}_answered" for unit, name in CYCLE_TIME.items()}
MINUTES_PER_UNIT = {CALENDAR_DAYS: 1440.0}  # other measures are given in their unit

LEVELS = {"median": 0.5, "p90": 0.9}

ALL = slice(None)
Cap = Callable[[Facts], Floats]


class Measure(NamedTuple):
    """One word of the glossary.

    `per` is what is counted: case, task, month (throughput), week, group or desk.
    """

    name: str
    unit: str
    meaning: str
    statistics: tuple[str, ...]
    of: Callable[[Facts], Floats] | None  # None: not a number per case or task
    per: str = "case"
    among: str = "counted"  # the measure whose count is the number of cases that have a number
    cap: Cap | None = None  # of a time: what is known of it where it was not over by tau

    def unit_of(self, statistic: str) -> str:
        """What a statistic is counted in: numbers of cases or tasks, shares,
        else the measure's own unit.
        """
        if statistic == "count":
            return "tasks" if self.per in ("task", "desk") else "cases"
        return "share" if statistic.startswith("share") else self.unit


def _per_case(facts: Facts, chosen: Ints | slice, values: Floats | None = None) -> Floats:
    """Of the chosen tasks of each case: their number, or the sum of `values`."""
    weights = None if values is None else values[chosen]
    return np.bincount(facts.tasks.case[chosen], weights, minlength=len(facts.end)).astype(
        np.float64
    )


def _tasks_at(facts: Facts, kind: int) -> Ints:
    return np.flatnonzero(facts.tasks.kind == kind)


def _time(facts: Facts, value: Floats, applies: Flags | None = None) -> Floats:
    """A time that is NaN where it was not over by tau."""
    time = np.where(np.isnan(value), np.where(facts.gave_up, -np.inf, np.inf), value)
    return time if applies is None else np.where(applies, time, np.nan)


def clock_tau(facts: Facts) -> Floats:
    """Tau in minutes."""
    return facts.longest


def working_tau(facts: Facts) -> Floats:
    """Tau in working days."""
    return facts.longest_working


def _end(end: int) -> Callable[[Facts], Floats]:
    return lambda facts: (facts.end == end).astype(np.float64)


def _part(part: str) -> Callable[[Facts], Floats]:
    return lambda facts: np.where(facts.over, facts.case[f"part_{part}"], np.nan)


def _wait(kind: int) -> Callable[[Facts], Floats]:
    return lambda facts: _per_case(facts, _tasks_at(facts, kind), facts.tasks.wait)


def _wait_per_task(kind: int) -> Callable[[Facts], Floats]:
    """Waits of single tasks that joined within half of tau, read half of tau after joining."""

    def of(facts: Facts) -> Floats:
        tasks = facts.tasks
        known = np.where(tasks.longer, np.inf, tasks.by_half)
        return np.where((tasks.kind == kind) & ~np.isnan(tasks.by_half), known, np.nan)

    return of


def waited(facts: Facts) -> Floats:
    """What is known of the wait of each task half of tau after joining."""
    return facts.tasks.by_half


def cycle_time(facts: Facts) -> Floats:
    """Minutes from filing to end."""
    gone = facts.over
    return _time(facts, np.where(gone, facts.case["ended"] - facts.case["filed"], np.nan))


def cycle_time_working(facts: Facts) -> Floats:
    """Working days of the service's calendar from filing to end."""
    return _time(facts, facts.worked)


def cycle_time_answered(facts: Facts) -> Floats:
    """Minutes from filing to end, of those answered by tau."""
    return np.where(facts.over, facts.case["ended"] - facts.case["filed"], np.nan)


def cycle_time_working_answered(facts: Facts) -> Floats:
    """Working days from filing to end, of those answered by tau."""
    return np.where(facts.gave_up, np.nan, facts.worked)


def legal_clock(facts: Facts) -> Floats:
    """Working days on the legal clock."""
    clock = facts.case["legal_clock"]
    return _time(facts, clock / facts.day, ~(facts.answered & np.isnan(clock)))


def lateness(facts: Facts) -> Floats:
    """Working days beyond the promise."""
    beyond = (facts.case["promise_clock"] - facts.promise) / facts.day
    return _time(facts, beyond, ~np.isnan(facts.promise) & ~(facts.answered & np.isnan(beyond)))


def lateness_at_tau(facts: Facts) -> Floats:
    """Working days beyond the promise at tau."""
    return facts.longest_working - facts.promise / facts.day


def late(facts: Facts) -> Floats:
    """1 where the promise ran out before the decision, before the applicant left, and by tau."""
    late = facts.case["promise_out"] < np.inf
    return np.where(np.isnan(facts.promise), np.nan, late)


def within_promise(facts: Facts) -> Floats:
    """1 where there was an answer before the promise ran out."""
    return np.where(np.isnan(facts.promise), np.nan, facts.answered & (late(facts) == 0))


def gave_up_in_time(facts: Facts) -> Floats:
    """1 where the applicant left before the promise ran out."""
    return np.where(np.isnan(facts.promise), np.nan, facts.gave_up & (late(facts) == 0))


def within_limit(facts: Facts) -> Floats:
    """1 where there was an answer before the legal limit ran out."""
    kept = facts.answered & ~(facts.case["limit_out"] < np.inf)
    return np.where(np.isnan(facts.limit), np.nan, kept)


def past_limit(facts: Facts) -> Floats:
    """1 where the legal limit ran out before the decision, before leaving, and by tau."""
    past = facts.case["limit_out"] < np.inf
    return np.where(np.isnan(facts.limit), np.nan, past)


def time_to_first_answer(facts: Facts) -> Floats:
    """Working days of the service's calendar from filing to the first answer."""
    none = facts.answered & np.isnan(facts.first)
    return _time(facts, facts.first, facts.tells_first & ~none)


def transfer_time(facts: Facts) -> Floats:
    """Minutes of all transfers, branch by branch, of those who did not give up."""
    return np.where(facts.gave_up, np.nan, facts.transfer_time)


def visits(facts: Facts) -> Floats:
    """Window tasks, and one more for each day's last closing
    that the applicant waits through there.
    """
    return _per_case(facts, _tasks_at(facts, WINDOW), facts.tasks.visits)


def handovers(facts: Facts) -> Floats:
    """Transfers between departments that are not part of one."""
    return facts.handovers.astype(np.float64)


def supplements(facts: Facts) -> Floats:
    """Times that papers were missing: supplemented or tolerated."""
    return facts.supplements.astype(np.float64)


def signatures(facts: Facts) -> Floats:
    """Tasks at signature desks."""
    return _per_case(facts, _tasks_at(facts, SIGNATURE))


def steps(facts: Facts) -> Floats:
    """Rows of tasks and transfers, repeats counted."""
    return _per_case(facts, ALL) + facts.transfers


def applicant_time(facts: Facts) -> Floats:
    """Minutes: travel for each visit, waiting at windows in opening time, and at the counter."""
    at = _tasks_at(facts, WINDOW)
    there = _per_case(facts, at, facts.tasks.wait + facts.tasks.work)
    return visits(facts) * facts.travel + there


def staff_minutes(facts: Facts) -> Floats:
    """Minutes that staff worked on the case, all branches."""
    return _per_case(facts, ALL, facts.tasks.work)


MIX = "mix"  # the scope of a number over several services
# shares of open cases and of time on duty worked that a reader is warned of
OPEN, BUSY = (0.01, 0.95)

MEAN_AND_QUANTILES = ("mean", "median", "p90")
AT_MOST = tuple(f"share_at_most_{k}" for k in range(4))
SHARE = ("share", "count")
COUNT = ("count",)
STAYED, ANSWERED = "stayed", "answered"
# how counted cases stood at age tau, the best end first
ENDS = {
    "completed": (GRANTED, "that were granted"),
    "rejected": (REFUSED, "that were refused"),
    "open": (NO_ANSWER, "without an answer"),
    "withdrawn": (GAVE_UP, "whose applicants had given up"),
}

KINDS_OF_DESK = (
    ("window", WINDOW),
    ("review", REVIEW),
    ("signature", SIGNATURE),
    ("internal", INTERNAL),
)

CATALOGUE: tuple[Measure, ...] = (
    Measure("cycle_time", CALENDAR_DAYS, "calendar days from filing to end",
            MEAN_AND_QUANTILES, cycle_time, among=STAYED, cap=clock_tau),
    Measure("cycle_time_working", WORKING_DAYS, "working days from filing to end",
            MEAN_AND_QUANTILES, cycle_time_working, among=STAYED, cap=working_tau),
    Measure("cycle_time_answered", CALENDAR_DAYS,
            "calendar days from filing to end, of those answered",
            ("mean", "p90", "count"), cycle_time_answered, among="cycle_time_answered"),
    Measure("cycle_time_working_answered", WORKING_DAYS,
            "working days from filing to end, of those answered",
            ("mean", "p90", "count"), cycle_time_working_answered,
            among="cycle_time_working_answered"),
    *(Measure(f"part_{part}", CALENDAR_DAYS,
              f"calendar days of the cycle time of those answered that belong to {part}",
              ("mean",), _part(part), among="cycle_time_answered")
      for part in PARTS),
    Measure("legal_clock", WORKING_DAYS,
            "legal clock at the decision, of those who have one and did not give up",
            ("mean", "p90", "count"), legal_clock, among="legal_clock", cap=working_tau),
    Measure("within_promise", "share",
            "answered before the promise ran out, of all who filed with a promise",
            SHARE, within_promise, among="within_promise"),
    Measure("late", "share",
            "promise ran out before the decision, of all who filed with a promise",
            SHARE, late, among="late"),
    Measure("gave_up_in_time", "share",
            "gave up before the promise ran out, of all who filed with a promise",
            SHARE, gave_up_in_time, among="gave_up_in_time"),
    Measure("lateness", WORKING_DAYS, "working days beyond the promise; negative: to spare",
            ("mean", "p90", "count"), lateness, among="lateness", cap=lateness_at_tau),
    Measure("within_limit", "share",
            "answered before the legal limit ran out, of all who filed with a limit",
            SHARE, within_limit, among="within_limit"),
    Measure("past_limit", "share",
            "legal limit ran out before the decision, of all who filed with a limit",
            SHARE, past_limit, among="past_limit"),
    Measure("time_to_first_answer", WORKING_DAYS,
            "from filing to the first answer, where the route notes one",
            (*MEAN_AND_QUANTILES, "count"), time_to_first_answer, among="time_to_first_answer",
            cap=working_tau),
    Measure("transfer_time", CALENDAR_DAYS, "calendar days of all transfers, over all branches",
            ("mean",), transfer_time, among=STAYED),
    Measure("visits", "visits",
            "tasks at windows, misdirected ones too, and one more for each day's last closing "
            "that the applicant waits through at one", ("mean", *AT_MOST), visits),
    Measure("handovers", "handovers",
            "transfers between two departments that are not part of one", ("mean",), handovers),
    Measure("supplements", "supplements", "times that papers were missing, tolerated ones too",
            ("mean",), supplements),
    Measure("signatures", "signatures", "tasks at signature desks", ("mean",), signatures),
    Measure("steps", "steps", "tasks and transfers, repeats counted", ("mean",), steps),
    Measure("applicant_time", "min", "travel x visits + wait + counter", ("mean",), applicant_time),
    Measure("staff_minutes_per_case", "min", "minutes that staff worked on a case",
            ("mean",), staff_minutes),
    *(Measure(f"{word}_wait", "min",
              f"opening minutes that an applicant's tasks at {word} desks waited, added up",
              ("mean", "p90") if kind == WINDOW else ("mean",), _wait(kind))
      for word, kind in KINDS_OF_DESK),
    *(Measure(f"{word}_wait_per_task", "min",
              f"opening minutes from joining to start of one task at {word} desks",
              ("mean", "p90", "count") if kind == WINDOW else ("mean", "count"),
              _wait_per_task(kind), "task", among=f"{word}_wait_per_task", cap=waited)
      for word, kind in KINDS_OF_DESK),
    Measure("counted", "cases", "filed in the counted period",
            COUNT, lambda facts: np.ones(len(facts.end))),
    Measure(STAYED, "cases", "counted cases whose applicants had not given up",
            COUNT, lambda facts: np.where(facts.gave_up, np.nan, 1.0), among=STAYED),
    *(Measure(name, "cases", f"counted cases {what}", SHARE, _end(end))
      for name, (end, what) in ENDS.items()),
    Measure("throughput", "cases per month",
            "cases completed in the period, whenever filed, per 30.4 days",
            ("mean",), None, "month"),
    Measure("wait", "min", "as window_wait, at one desk or several",
            ("mean", "count"), None, "desk"),
    Measure("utilisation", "share", "minutes worked / minutes on duty in the counted period",
            ("mean",), None, "group"),
    Measure("backlog", "cases", "open cases, averaged over the week", ("mean",), None, "week"),
)  # fmt: skip

# measures of which a count or so many minutes may be the largest: neither times nor shares
LARGEST = tuple(
    measure.name
    for measure in CATALOGUE
    if measure.per == "case"
    and measure.of is not None
    and measure.cap is None
    and measure.unit not in ("share", "cases", CALENDAR_DAYS, WORKING_DAYS)
)
