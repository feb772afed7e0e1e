"""The catalogue of measures: name, unit, meaning, statistics, and the one function of each.

The function defines the measure. Each function gives one number per counted case (or per task of a
counted case), NaN for what it does not apply to: the cases with a number are the measure's
population, and `count` is their number. Unless the meaning says otherwise the population is the
counted cases that were completed; rejected and withdrawn ones, and those still open, are counted
apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from govsim.arrays import Floats, Ints
from govsim.measures.facts import Facts, worked_between
from govsim.model.arrays import INTERNAL, REVIEW, SIGNATURE, WINDOW
from govsim.records import OUTCOMES, PARTS

MINUTES_PER_UNIT = {"days": 1440.0}  # other measures are given in their unit

LEVELS = {"median": 0.5, "p90": 0.9}

ALL = slice(None)


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

    def unit_of(self, statistic: str) -> str:
        """What a statistic is counted in: numbers of cases or tasks, shares,
        else the measure's own unit.
        """
        if statistic == "count":
            return "tasks" if self.per in ("task", "desk") else "cases"
        return "share" if statistic.startswith("share") else self.unit


def _completed(facts: Facts, values: Floats | Ints) -> Floats:
    return np.where(facts.completed, values, np.nan)


def _per_case(facts: Facts, chosen: Ints | slice, values: Floats | None = None) -> Floats:
    """Of the chosen tasks of each case: their number, or the sum of `values`."""
    weights = None if values is None else values[chosen]
    return np.bincount(facts.tasks.case[chosen], weights, minlength=len(facts.completed)).astype(
        np.float64
    )


def _tasks_at(facts: Facts, kind: int) -> Ints:
    return np.flatnonzero(facts.tasks.kind == kind)


def _is(outcome: str) -> Callable[[Facts], Floats]:
    number = OUTCOMES.index(outcome)
    return lambda facts: np.where(facts.case["outcome"] == number, 1.0, np.nan)


def _part(part: str) -> Callable[[Facts], Floats]:
    return lambda facts: _completed(facts, facts.case[f"part_{part}"])


def _wait(kind: int) -> Callable[[Facts], Floats]:
    return lambda facts: np.where(facts.tasks.kind == kind, facts.tasks.wait, np.nan)


def cycle_time(facts: Facts) -> Floats:
    """Minutes from filing to end."""
    return _completed(facts, facts.case["ended"] - facts.case["filed"])


def cycle_time_working(facts: Facts) -> Floats:
    """Working days of the service's calendar from filing to end."""
    days = np.full(len(facts.completed), np.nan)
    done = np.flatnonzero(facts.completed)
    filed, ended = facts.case["filed"][done], facts.case["ended"][done]
    days[done] = (
        worked_between(facts.arrays.calendars, facts.calendar[done], filed, ended) / facts.day[done]
    )
    return days


def legal_clock(facts: Facts) -> Floats:
    """Working days on the legal clock."""
    return _completed(facts, facts.case["legal_clock"] / facts.day)


def lateness(facts: Facts) -> Floats:
    """Working days beyond the promise."""
    return _completed(facts, (facts.case["promise_clock"] - facts.promise) / facts.day)


def within_promise(facts: Facts) -> Floats:
    """1 where the promise was kept, 0 where it was not."""
    late = lateness(facts)
    return np.where(np.isnan(late), np.nan, late <= 0)


def late(facts: Facts) -> Floats:
    """The rest of those with a promise."""
    return 1.0 - within_promise(facts)


def within_limit(facts: Facts) -> Floats:
    """1 where the legal limit was kept, 0 where it was not."""
    beyond = _completed(facts, facts.case["legal_clock"] - facts.limit)
    return np.where(np.isnan(beyond), np.nan, beyond <= 0)


def time_to_first_answer(facts: Facts) -> Floats:
    """Working days of the service's calendar from filing to the first answer,
    whatever became of the case.
    """
    days = np.full(len(facts.completed), np.nan)
    told = np.flatnonzero(~np.isnan(facts.case["first_answer"]))
    filed, answer = facts.case["filed"][told], facts.case["first_answer"][told]
    days[told] = (
        worked_between(facts.arrays.calendars, facts.calendar[told], filed, answer)
        / facts.day[told]
    )
    return days


def transfer_time(facts: Facts) -> Floats:
    """Minutes of all transfers, branch by branch."""
    return _completed(facts, facts.case["transfer_time"])


def visits(facts: Facts) -> Floats:
    """Window tasks, and one more for each day's last closing
    that the applicant waits through there.
    """
    return _completed(facts, _per_case(facts, _tasks_at(facts, WINDOW), facts.tasks.visits))


def handovers(facts: Facts) -> Floats:
    """Transfers between departments that are not part of one."""
    return _completed(facts, facts.case["handovers"])


def supplements(facts: Facts) -> Floats:
    """Times that papers were missing: supplemented or tolerated."""
    return _completed(facts, facts.supplements)


def signatures(facts: Facts) -> Floats:
    """Tasks at signature desks."""
    return _completed(facts, _per_case(facts, _tasks_at(facts, SIGNATURE)))


def steps(facts: Facts) -> Floats:
    """Rows of tasks and transfers, repeats counted."""
    return _completed(facts, _per_case(facts, ALL) + facts.transfers)


def applicant_time(facts: Facts) -> Floats:
    """Minutes: travel for each visit, waiting at windows in opening time, and at the counter."""
    at = _tasks_at(facts, WINDOW)
    there = _per_case(facts, at, facts.tasks.wait + facts.tasks.work)
    return _completed(facts, visits(facts) * facts.travel + there)


def staff_minutes(facts: Facts) -> Floats:
    """Minutes that staff worked on the case, all branches."""
    return _completed(facts, _per_case(facts, ALL, facts.tasks.work))


MIX = "mix"  # the scope of a number over several services
# shares of open cases and of time on duty worked that a reader is warned of
OPEN, BUSY = (0.01, 0.95)

MEAN_AND_QUANTILES = ("mean", "median", "p90")
AT_MOST = tuple(f"share_at_most_{k}" for k in range(4))
SHARE = ("share", "count")
COUNT = ("count",)

CATALOGUE: tuple[Measure, ...] = (
    Measure("cycle_time", "days", "clock days from filing to end", MEAN_AND_QUANTILES, cycle_time),
    Measure("cycle_time_working", "working days", "working days from filing to end",
            MEAN_AND_QUANTILES, cycle_time_working),
    *(Measure(f"part_{part}", "days", f"clock days of the cycle time that belong to {part}",
              ("mean",), _part(part))
      for part in PARTS),
    Measure("legal_clock", "working days",
            "legal clock at the decision, of completed cases that have one",
            ("mean", "p90", "count"), legal_clock),
    Measure("within_promise", "share", "promise kept, of completed cases with a promise",
            SHARE, within_promise),
    Measure("late", "share", "promise not kept, of completed cases with a promise", SHARE, late),
    Measure("lateness", "working days", "working days beyond the promise; negative: to spare",
            ("mean", "p90"), lateness),
    Measure("within_limit", "share", "legal limit kept, of completed cases with a limit",
            SHARE, within_limit),
    Measure("time_to_first_answer", "working days",
            "from filing to the first answer, of counted cases that got one",
            (*MEAN_AND_QUANTILES, "count"), time_to_first_answer),
    Measure("transfer_time", "days", "clock days of all transfers, over all branches",
            ("mean",), transfer_time),
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
              f"opening minutes from joining to start of a task at {article} {word} desk, "
              "of counted cases' tasks that started",
              ("mean", "p90", "count") if kind == WINDOW else ("mean", "count"),
              _wait(kind), "task")
      for article, word, kind in (("a", "window", WINDOW), ("a", "review", REVIEW),
                                  ("a", "signature", SIGNATURE), ("an", "internal", INTERNAL))),
    Measure("counted", "cases", "filed in the counted period",
            COUNT, lambda facts: np.ones(len(facts.completed))),
    *(Measure(outcome, "cases",
              "counted cases "
              + ("still open at the end" if outcome == "open" else f"that were {outcome}"),
              COUNT, _is(outcome))
      for outcome in OUTCOMES),
    Measure("throughput", "cases per month",
            "cases completed in the period, whenever filed, per 30.4 days",
            ("mean",), None, "month"),
    Measure("wait", "min", "as window_wait, at one desk or several",
            ("mean", "count"), None, "desk"),
    Measure("utilisation", "share", "minutes worked / minutes on duty in the counted period",
            ("mean",), None, "group"),
    Measure("backlog", "cases", "open cases, averaged over the week", ("mean",), None, "week"),
)  # fmt: skip
