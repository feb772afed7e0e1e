"""What comes out of one replication: cases, activities and duty. Every column is declared here, once, with unit and meaning."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

PARTS = ("service", "queue", "closed", "transfer", "applicant", "meeting", "notice", "outside")
OUTCOMES = ("open", "completed", "rejected", "withdrawn")
KINDS = ("task", "transfer", "delay", "supplement", "meeting")
VARIANTS = ("plain", "paper", "electronic", "misdirected", "tolerated", "withdrawn")

CASE_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    # name, type, unit, meaning
    ("service", "i4", "", "the service filed (number in Names.services)"),
    ("n", "i4", "", "the applicant's number in the service's stream; thinned candidates leave gaps"),
    ("outcome", "i4", "", "how the case stands: " + ", ".join(OUTCOMES)),
    ("handovers", "i4", "", "transfers begun between two departments that are not part of one"),
    ("filed", "f8", "min", "instant of filing"),
    ("accepted", "f8", "min", "instant from which the case counts as accepted; NaN where it was not marked"),
    ("first_answer", "f8", "min", "instant of the first answer; NaN where it was not marked"),
    ("decided", "f8", "min", "instant of the decision; NaN where it was not marked"),
    ("ended", "f8", "min", "instant of the end; NaN while open"),
    *((f"part_{part}", "f8", "min", f"minutes between filing and end that belong to {part}; NaN while open") for part in PARTS),
    ("legal_clock", "f8", "min", "working minutes on the legal clock; NaN where it did not run out in a decision"),
    ("promise_clock", "f8", "min", "the same, from the step named by promise_from; equal to legal_clock without one"),
    ("transfer_time", "f8", "min", "sum of all transfers over all branches; NaN while open"),
)

ACTIVITY_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("case", "i4", "", "the case (row of cases)"),
    ("step", "i4", "", "the step (number in Names.steps)"),
    ("position", "i4", "", "the step's position in the route of the case"),
    ("desk", "i2", "", "the desk; -1 where none"),
    ("group", "i2", "", "the group of the member; -1 where none"),
    ("member", "i2", "", "the member; -1 where none (yet)"),
    ("attempt", "i2", "", "1, 2, ... ; 0 for a misdirected first visit; a supplement has the attempt that it follows"),
    ("kind", "i2", "", "what it was: " + ", ".join(KINDS)),
    ("variant", "i2", "", "how it went: " + ", ".join(VARIANTS)),
    ("joined", "f8", "min", "instant of joining: the queue, the waiting for a departure or session, the delay"),
    ("started", "f8", "min", "instant of the start of work, of departure, of the session; NaN while waiting"),
    ("ended", "f8", "min", "instant of the end; NaN while under way"),
)

DUTY_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("member", "i4", "", "the member"),
    ("week", "i4", "", "week number: days 7 * week to 7 * week + 6 since the scenario's first day"),
    ("minutes", "f8", "min", "minutes on duty, able to take new work"),
    ("counted", "f8", "min", "those of them that lie within [count_from, count_until]"),
)

CASES = np.dtype([(name, kind) for name, kind, _, _ in CASE_COLUMNS])
ACTIVITIES = np.dtype([(name, kind) for name, kind, _, _ in ACTIVITY_COLUMNS])
DUTY = np.dtype([(name, kind) for name, kind, _, _ in DUTY_COLUMNS])


class TooManyInstants(RuntimeError):
    """A run visited more instants than its guard `max_instants` allows."""


class Records(NamedTuple):
    """One replication. `attributes[case, k]` is the number of the value of the service's k-th attribute, -1 where none.

    `end` is the instant at which the run ended (minutes). Activities are sorted by (case, position, attempt, kind).
    """

    cases: NDArray[Any]
    attributes: NDArray[np.int32]
    activities: NDArray[Any]
    duty: NDArray[Any]
    end: float
