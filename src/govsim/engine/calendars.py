"""The arithmetic of calendars, where working time and clock time meet; members' own hours.

An interval is half-open, [open, close): nobody is there at the closing instant, but work may end
exactly then. "The day of t" is the clock day; past the end of a calendar nothing happens any more,
so answers are `inf`. All sums are exact on the grid of draws.py.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints
from govsim.engine.draws import ZERO, grid, uniform, whole_days
from govsim.engine.kernels import jit
from govsim.model.arrays import P_ABSENCE, AnyArrays
from govsim.records import DUTY

_DAY = 1440.0
_WEEK = 10080.0


class Hours(NamedTuple):
    """The members' opening intervals, CSR by member: absences taken out,
    touching intervals merged.
    """

    first: Ints  # [members + 1]
    opens: Floats
    closes: Floats
    before: Floats  # minutes of the member before each opening


@jit
def _last_at_most(values: AnyArrays, first: int, end: int, x: float) -> int:
    """The last place in [first, end) whose value is at most x; first - 1 where there is none.

    Calendars are nearly even, so a guess in proportion is a few places off:
    twice as fast as halving from the ends.
    """
    last = end - 1
    if last < first or x < values[first]:
        return first - 1
    if x >= values[last]:
        return last
    low = min(
        last - 1, first + int((x - values[first]) / (values[last] - values[first]) * (last - first))
    )
    high = low + 1
    step = 1
    while values[high] <= x:
        low = high
        high = min(last, high + step)
        step += step
    while values[low] > x:
        high = low
        low = max(first, low - step)
        step += step
    return _between(values, low, high, x)


@jit
def _last_from(values: AnyArrays, place: int, end: int, x: float) -> int:
    """The same, where the value at `place` is at most x, and the place asked for is near."""
    low, high, step = place, place + 1, 1
    while high < end and values[high] <= x:
        low = high
        high += step
        step += step
    return _between(values, low, min(high, end), x)


@jit
def _between(values: AnyArrays, low: int, high: int, x: float) -> int:
    """The last place whose value is at most x, which those of `low` are and of `high` are not."""
    while high - low > 1:
        middle = (low + high) >> 1
        if values[middle] <= x:
            low = middle
        else:
            high = middle
    return low


@jit
def minutes_until(c: AnyArrays, first: int, i: int, t: float) -> float:
    """Working minutes before t, where i is the last interval that opens at or before t,
    first - 1 if none does.
    """
    return float(c.before[i] + (min(t, c.closes[i]) - c.opens[i])) if i >= first else 0.0


@jit
def worked(c: AnyArrays, k: int, a: float, b: float) -> float:
    """Working minutes of calendar k in [a, b]; 0 where b <= a."""
    if b <= a:
        return 0.0
    first, end = c.first[k], c.first[k + 1]
    return _worked_from(c, first, end, _last_at_most(c.opens, first, end, a), a, b)


@jit
def _worked_from(c: AnyArrays, first: int, end: int, i: int, a: float, b: float) -> float:
    """The same, where i is the last interval that opens at or before a."""
    j = i
    if i + 1 < end and c.opens[i + 1] <= b:
        j = _last_from(c.opens, i + 1, end, b)
    return minutes_until(c, first, j, b) - minutes_until(c, first, i, a)


@jit
def advance(c: AnyArrays, k: int, t: float, work: float) -> float:
    """The instant at which `work` working minutes from t are used up.

    t itself for none, inf past the calendar's end.
    """
    if work <= 0.0:
        return t
    first, end = c.first[k], c.first[k + 1]
    return _advance_from(c, first, end, _last_at_most(c.opens, first, end, t), t, work)


@jit
def _advance_from(c: AnyArrays, first: int, end: int, i: int, t: float, work: float) -> float:
    """The same for some work, where i is the last interval that opens at or before t."""
    target = minutes_until(c, first, i, t) + work
    if i < first or target > c.before[i] + (c.closes[i] - c.opens[i]):
        if first == end:
            return math.inf
        i = _last_from(c.before, max(i, first), end, target)
        if c.before[i] == target:
            i -= 1  # work may end exactly at a closing
    until = c.opens[i] + (target - c.before[i])
    return float(until) if until <= c.closes[i] else math.inf


@jit
def beyond(c: AnyArrays, k: int, t: float, work: float) -> float:
    """The instant from which on more than `work` working minutes from t are used up.

    Where they are used up at a closing, the next opening; inf where no minute is left.
    """
    first, end = c.first[k], c.first[k + 1]
    target = minutes_until(c, first, _last_at_most(c.opens, first, end, t), t) + work
    i = _last_at_most(c.before, first, end, target)
    if i < first:
        return math.inf
    until = c.opens[i] + (target - c.before[i])
    return float(until) if until < c.closes[i] else math.inf


@jit
def _day_after(c: AnyArrays, k: int, day: int) -> int:
    """Place of the first working day of calendar k after `day`;
    the end of its days where there is none.
    """
    return _last_at_most(c.day, c.day_first[k], c.day_first[k + 1], day) + 1


@jit
def term(c: AnyArrays, k: int, t: float, days: int) -> float:
    """Closing of the days-th working day after the day of t.

    t itself for no days, inf past the calendar's end.
    """
    if days <= 0:
        return t
    place = _day_after(c, k, whole_days(t)) + days - 1
    return float(c.day_closes[place]) if place < c.day_first[k + 1] else math.inf


@jit
def next_opening(c: AnyArrays, k: int, t: float) -> float:
    """First opening of the first working day after the day of t; inf where there is none."""
    place = _day_after(c, k, whole_days(t))
    return float(c.day_opens[place]) if place < c.day_first[k + 1] else math.inf


@jit
def into_day(c: AnyArrays, k: int, day: int, fraction: float) -> float:
    """The instant at which that fraction of the opening time of the first working day from `day`
    on has passed; inf if none.
    """
    place = _day_after(c, k, day - 1)
    if place >= c.day_first[k + 1]:
        return math.inf
    opens, first, end = c.day_opens[place], c.first[k], c.first[k + 1]
    i = _last_at_most(c.opens, first, end, opens)
    work = grid(fraction * _worked_from(c, first, end, i, opens, c.day_closes[place]))
    return _advance_from(c, first, end, i, opens, work) if work > 0.0 else opens


@jit
def same_fraction(c: AnyArrays, k: int, joined: float, ended: float) -> float:
    """The next working day after the day of `ended`, at the fraction of opening time at
    which `joined` lay in its own day.

    0 where the day of `joined` is no working day of the calendar.
    inf where there is no such working day.
    """
    day = whole_days(joined)
    place = _day_after(c, k, day - 1)
    fraction = 0.0
    if place < c.day_first[k + 1] and c.day[place] == day:
        opens, closes = c.day_opens[place], c.day_closes[place]
        fraction = worked(c, k, opens, min(joined, closes)) / worked(c, k, opens, closes)
    return into_day(c, k, whole_days(ended) + 1, fraction)


@jit
def departure(
    c: AnyArrays, k: int, leave: AnyArrays, leave_first: int, leave_count: int, t: float
) -> float:
    """The next departure at or after t on a working day of calendar k (0: on any day).

    t itself where there are no times. `leave` holds minutes of the day in [leave_first, leave_first
    + leave_count). inf past the calendar's end.
    """
    if leave_count == 0:
        return t
    day = whole_days(t)
    place = 0
    if k > 0:
        place = _day_after(c, k, day - 1)
        if place < c.day_first[k + 1] and c.day[place] == day:
            place += 1
        else:
            day = -1
    soonest, earliest = math.inf, math.inf
    for i in range(leave_first, leave_first + leave_count):
        earliest = min(earliest, leave[i])
        at = day * _DAY + leave[i]
        if day >= 0 and at >= t:
            soonest = min(soonest, at)
    if soonest < math.inf:
        return float(soonest)
    if k == 0:
        return float((day + 1) * _DAY + earliest)
    return float(c.day[place] * _DAY + earliest) if place < c.day_first[k + 1] else math.inf


def member_hours(arrays: AnyArrays, seed: np.uint64, replication: int) -> Hours:
    """The hours of all members in one replication.

    Who is absent is drawn per member and working day. Days before the reform day follow the group's
    calendar of regime 0, later ones that of regime 1, as far as the member holds a post then. Who
    holds one in regime 0 only keeps the old hours to the end, to finish what was begun.
    """
    c, staff = arrays.calendars, arrays.staff
    calendars = staff.calendar[:, staff.group]
    bound = int(np.sum(np.diff(c.first)[calendars] + np.diff(c.day_first)[calendars]))
    hours = Hours(
        np.zeros(len(staff.group) + 1, np.int64), np.empty(bound), np.empty(bound), np.empty(bound)
    )
    reform = int(min(arrays.reform // _DAY, arrays.days))
    filled = _fill_hours(c, staff, reform, arrays.days, np.uint64(seed), int(replication), hours)
    # copies, because far more room was made than was needed
    return Hours(hours.first, *(column[:filled].copy() for column in hours[1:]))


@jit
def _fill_hours(
    c: AnyArrays,
    staff: AnyArrays,
    reform: int,
    days: int,
    seed: np.uint64,
    replication: int,
    hours: AnyArrays,
) -> int:
    """Fill the rows of Hours, member by member; returns how many."""
    filled = ZERO
    for member in range(len(staff.group)):
        hours.first[member] = filled
        for regime in range(2):
            if staff.takes[regime, member] == 1:
                start = reform if regime == 1 else 0
                end = reform if regime == 0 and staff.takes[1, member] == 1 else days
                filled = _add_days(
                    c, staff, regime, start, end, seed, replication, hours, member, filled
                )
    hours.first[len(staff.group)] = filled
    return filled


@jit
def _add_days(
    c: AnyArrays,
    staff: AnyArrays,
    regime: int,
    start: int,
    end: int,
    seed: np.uint64,
    replication: int,
    hours: AnyArrays,
    member: int,
    filled: int,
) -> int:
    """Append the member's hours on the working days of a regime's calendar in [start, end);
    returns the rows filled.
    """
    group = staff.group[member]
    k = staff.calendar[regime, group]
    i, last = c.first[k], c.first[k + 1]
    for place in range(_day_after(c, k, start - 1), _day_after(c, k, end - 1)):
        chance = staff.absence[group, c.day[place]]
        n, key = staff.number[member], staff.key[group]
        if chance > 0.0 and uniform(seed, replication, n, key, c.day[place], P_ABSENCE) < chance:
            continue
        opens, closes = c.day_opens[place], c.day_closes[place]
        i = _last_from(c.opens, i, last, opens)
        while i < last and c.opens[i] < closes:
            filled = _append(
                hours, member, filled, max(c.opens[i], opens), min(c.closes[i], closes)
            )
            i += 1
        i -= 1
    return filled


@jit
def _append(hours: AnyArrays, member: int, filled: int, opens: float, closes: float) -> int:
    """Append one interval, merged with the one before where they touch."""
    if filled > hours.first[member]:
        if opens <= hours.closes[filled - 1]:
            hours.closes[filled - 1] = max(closes, hours.closes[filled - 1])
            return filled
        hours.before[filled] = hours.before[filled - 1] + (
            hours.closes[filled - 1] - hours.opens[filled - 1]
        )
    else:
        hours.before[filled] = 0.0
    hours.opens[filled] = opens
    hours.closes[filled] = closes
    return filled + 1


@jit
def works_until(hours: AnyArrays, member: int, t: float, work: float) -> float:
    """The instant at which the member has worked `work` minutes from t.

    inf past the end of the hours.
    """
    return advance(hours, member, t, work)


@jit
def on_duty(hours: AnyArrays, member: int, t: float) -> bool:
    """Whether the member is there at t: from the opening on, no longer at the closing."""
    first = hours.first[member]
    i = _last_at_most(hours.opens, first, hours.first[member + 1], t)
    return bool(i >= first and t < hours.closes[i])


def duty_records(arrays: AnyArrays, hours: Hours, end: float) -> NDArray[Any]:
    """Minutes on duty and able to take new work until `end`, by member and week.

    There is one row per member and week begun, by member, then week.
    """
    weeks = int(math.ceil(end / _WEEK))
    members = len(arrays.staff.group)
    duty = np.zeros((members, weeks), DUTY)
    duty["member"] = np.arange(members)[:, None]
    duty["week"] = np.arange(weeks)
    minutes = np.zeros((2, members, weeks))
    _count_duty(
        hours,
        arrays.staff.takes,
        arrays.reform,
        arrays.count_from,
        arrays.count_until,
        float(end),
        minutes,
    )
    duty["minutes"], duty["counted"] = minutes
    return duty.reshape(-1)


@jit
def _count_duty(
    hours: AnyArrays,
    takes: AnyArrays,
    reform: float,
    count_from: float,
    count_until: float,
    end: float,
    minutes: AnyArrays,
) -> None:
    for member in range(len(hours.first) - 1):
        since = 0.0 if takes[0, member] == 1 else reform
        until = end if takes[1, member] == 1 else min(end, reform)
        for i in range(hours.first[member], hours.first[member + 1]):
            opens, closes = max(hours.opens[i], since), min(hours.closes[i], until)
            while opens < closes:
                week = int(opens / _WEEK)
                stop = min(closes, (week + 1) * _WEEK)
                minutes[0, member, week] += stop - opens
                minutes[1, member, week] += max(
                    0.0, min(stop, count_until) - max(opens, count_from)
                )
                opens = stop
