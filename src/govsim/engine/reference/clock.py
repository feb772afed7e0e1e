"""Calendars, members' hours and paths in plain Python, as the reference engine asks for them.

The leaves once more over lists, for a caller that is not compiled: the same answers to the last
bit. To hand a tuple of arrays to a compiled function takes longer than what the function then does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import inf

import numpy as np

from govsim.engine import calendars as leaves
from govsim.engine.draws import drawn, grid
from govsim.model import arrays as code

_DAY = 1440.0


@dataclass(slots=True)
class Calendar:
    """A calendar, or the hours of a member.

    Opening intervals, and working days as far as it has them.
    """

    opens: list[float]
    closes: list[float]
    before: list[float]
    day: list[int] = field(default_factory=list)
    day_opens: list[float] = field(default_factory=list)
    day_closes: list[float] = field(default_factory=list)


def tables(
    t: code.Tables, seed: np.uint64, replication: int
) -> list[Callable[[int, np.uint64, int, int], float]]:
    """All quantile functions, each to be asked for the draw of n, key, attempt and purpose."""
    numbers = zip(
        t.first[:-1].tolist(),
        t.first[1:].tolist(),
        t.kind.tolist(),
        t.size.tolist(),
        t.kink.tolist(),
        strict=True,
    )
    return [
        partial(drawn, t.knots[a:b], kind, size, kink - a, seed, replication)
        for a, b, kind, size, kink in numbers
    ]


def paths(p: code.Paths) -> list[list[float]]:
    """All paths: the value before the reform day, then those of the days since."""
    return [p.value[a:b].tolist() for a, b in zip(p.first[:-1], p.first[1:], strict=True)]


def calendars(c: code.Calendars) -> list[Calendar]:
    """All calendars."""
    return [
        Calendar(
            *(column[a:b].tolist() for column in c[1:4]),
            *(column[i:j].tolist() for column in c[5:8]),
        )
        for a, b, i, j in zip(
            c.first[:-1], c.first[1:], c.day_first[:-1], c.day_first[1:], strict=True
        )
    ]


def members(hours: leaves.Hours) -> list[Calendar]:
    """The hours of all members."""
    ends = zip(hours.first[:-1], hours.first[1:], strict=True)
    return [Calendar(*(column[a:b].tolist() for column in hours[1:])) for a, b in ends]


# ----------------------------------------------------------------------------------- as in draws.py


def path(paths: list[list[float]], p: int, t: float, reform: float) -> float:
    """The value of path p at the instant t."""
    values = paths[p]
    if t < reform or len(values) == 1:
        return values[0]
    return values[min(1 + int((t - reform) // _DAY), len(values) - 1)]


# ------------------------------------------------------------------------------- as in calendars.py


def _minutes_until(c: Calendar, i: int, t: float) -> float:
    """Working minutes before t, where i is the last interval that opens at or before t,
    -1 if none does.
    """
    if i < 0:
        return 0.0
    closes = c.closes[i]
    return c.before[i] + ((t if t < closes else closes) - c.opens[i])


def worked(calendars: list[Calendar], k: int, a: float, b: float) -> float:
    """Working minutes of calendar k in [a, b]; 0 where b <= a."""
    if b <= a:
        return 0.0
    c = calendars[k]
    i = bisect_right(c.opens, a) - 1
    j = bisect_right(c.opens, b, i + 1) - 1
    return _minutes_until(c, j, b) - _minutes_until(c, i, a)


def advance(calendars: list[Calendar], k: int, t: float, work: float) -> float:
    """The instant at which `work` working minutes from t are used up.

    t itself for none, inf past the calendar's end.
    """
    if work <= 0.0:
        return t
    c = calendars[k]
    i = bisect_right(c.opens, t) - 1
    target = _minutes_until(c, i, t) + work
    if i < 0 or target > c.before[i] + (c.closes[i] - c.opens[i]):
        i = bisect_right(c.before, target) - 1
        if i < 0:
            return inf
        if c.before[i] == target:
            i -= 1  # work may end exactly at a closing
    until = c.opens[i] + (target - c.before[i])
    return until if until <= c.closes[i] else inf


def beyond(calendars: list[Calendar], k: int, t: float, work: float) -> float:
    """The instant from which on more than `work` working minutes from t are used up.

    Where they are used up at a closing, the next opening; inf where no minute is left.
    """
    c = calendars[k]
    target = _minutes_until(c, bisect_right(c.opens, t) - 1, t) + work
    i = bisect_right(c.before, target) - 1
    if i < 0:
        return inf
    until = c.opens[i] + (target - c.before[i])
    return until if until < c.closes[i] else inf


works_until = advance  # on the hours of a member


def term(calendars: list[Calendar], k: int, t: float, days: int) -> float:
    """Closing of the days-th working day after the day of t.

    t itself for no days, inf past the calendar's end.
    """
    if days <= 0:
        return t
    c = calendars[k]
    place = bisect_right(c.day, t // _DAY) + days - 1
    return c.day_closes[place] if place < len(c.day) else inf


def next_opening(calendars: list[Calendar], k: int, t: float) -> float:
    """First opening of the first working day after the day of t; inf where there is none."""
    c = calendars[k]
    place = bisect_right(c.day, t // _DAY)
    return c.day_opens[place] if place < len(c.day) else inf


def same_fraction(calendars: list[Calendar], k: int, joined: float, ended: float) -> float:
    """The working day after the day of `ended`, at the fraction of opening time at
    which `joined` lay in its own day.
    """
    c, day = calendars[k], joined // _DAY
    place, back = bisect_left(c.day, day), bisect_right(c.day, ended // _DAY)
    if back >= len(c.day):
        return inf
    fraction = 0.0
    if place < len(c.day) and c.day[place] == day:
        opens, closes = c.day_opens[place], c.day_closes[place]
        fraction = worked(calendars, k, opens, min(joined, closes)) / worked(
            calendars, k, opens, closes
        )
    opens = c.day_opens[back]
    return advance(
        calendars, k, opens, grid(fraction * worked(calendars, k, opens, c.day_closes[back]))
    )


def departure(
    calendars: list[Calendar],
    k: int,
    leave: list[float],
    leave_first: int,
    leave_count: int,
    t: float,
) -> float:
    """The next departure at or after t on a working day of calendar k (0: on any day).

    t itself where there are no times.
    """
    if leave_count == 0:
        return t
    day, times = t // _DAY, leave[leave_first : leave_first + leave_count]
    days = calendars[k].day
    place = bisect_left(days, day)
    if k == 0 or (place < len(days) and days[place] == day):
        if later := [at for at in times if day * _DAY + at >= t]:
            return day * _DAY + min(later)
        place += 1
    if k == 0:
        return (day + 1) * _DAY + min(times)
    return days[place] * _DAY + min(times) if place < len(days) else inf
