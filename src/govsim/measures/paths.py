"""Weekly paths: the backlog, and the cycle times of those who filed in a week.

Week w is days 7w to 7w + 6 of the scenario.

Kept by service, as numbers that add up over replications: the mean path of a mix is made from them
by the reader.
"""

from __future__ import annotations

import numpy as np

from govsim.arrays import Floats, Ints
from govsim.measures.facts import GAVE_UP
from govsim.model.arrays import Arrays
from govsim.records import Records

WEEK = 7 * 1440.0


def weeks(arrays: Arrays) -> int:
    """Weeks begun before the horizon."""
    return -(-arrays.days // 7)


def backlog(records: Records, services: int, count: int) -> Floats:
    """Open cases of each service, averaged over each week: [service, week].

    NaN in weeks that the run did not finish.
    """
    edges: Floats = WEEK * np.arange(count + 1, dtype=np.float64)
    service, filed, ended = (
        np.ascontiguousarray(records.cases[name]) for name in ("service", "filed", "ended")
    )
    gone = np.flatnonzero(~np.isnan(ended))
    minutes = _since(service, filed, edges, services)
    minutes -= _since(service[gone], ended[gone], edges, services)
    mean: Floats = np.diff(minutes, axis=1) / WEEK
    mean[:, edges[1:] > records.end] = np.nan
    return mean


def _since(service: Ints, instant: Floats, edges: Floats, services: int) -> Floats:
    """Minutes from all earlier instants to each edge, added up: [service, edge]."""
    size = services * len(edges)
    place = service * len(edges) + np.minimum((instant / WEEK).astype(np.int64), len(edges) - 2) + 1
    many = np.bincount(place, minlength=size).reshape(services, -1).cumsum(axis=1)
    total = np.bincount(place, instant, minlength=size).reshape(services, -1).cumsum(axis=1)
    minutes: Floats = many * edges - total
    return minutes


def cycle_time_by_week(
    records: Records, arrays: Arrays, services: int, count: int, tau: float
) -> tuple[Floats, Ints]:
    """Clock days from filing to end, at most `tau` minutes, by week of filing; and of how many
    cases, those whose applicants gave up left out: [service, week].

    The days are added up. Weeks after the counted period hold none: the run does not wait for those
    cases.
    """
    case = records.cases[: np.searchsorted(records.cases["filed"], arrays.count_until)]
    filed, left = np.ascontiguousarray(case["filed"]), case["outcome"] == GAVE_UP
    time = case["ended"] - filed
    over = time <= tau
    asked = np.flatnonzero(~(over & left))
    place = case["service"][asked] * count + (filed[asked] / WEEK).astype(np.int64)
    age = np.where(over & ~left, time, tau)[asked]
    minutes = np.bincount(place, age, minlength=services * count)
    number = np.bincount(place, minlength=services * count)
    return (minutes / 1440.0).reshape(services, count), number.reshape(services, count)
