"""Opening minutes and closings between instants, of many pairs at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from govsim.arrays import Floats, Ints
from govsim.model.arrays import Calendars


def worked_between(calendars: Any, calendar: Ints, a: Floats, b: Floats) -> Floats:
    """Opening minutes in [a, b] of each pair's calendar (or member,
    where `calendars` are members' hours).
    """
    from govsim.engine.spans import worked_many

    return worked_many(calendars, calendar, np.ascontiguousarray(a), np.ascontiguousarray(b))


def closings_between(calendars: Calendars, calendar: Ints, a: Floats, b: Floats) -> Ints:
    """Working days of each pair's calendar whose last closing lies in (a, b]; 0 where b is NaN."""
    count = np.zeros(len(a), dtype=np.int64)
    some = np.flatnonzero(b > a)
    for k in np.unique(calendar[some]):
        closes = calendars.day_closes[calendars.day_first[k] : calendars.day_first[k + 1]]
        of = some[calendar[some] == k]
        count[of] = np.searchsorted(closes, b[of], "right") - np.searchsorted(
            closes, a[of], "right"
        )
    return count
