"""Named calendars as arrays, stitched over the two regimes, and the desks' opening times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from govsim.arrays import Floats, Ints
from govsim.model.arrays import Calendars
from govsim.organisation.nouns import Calendar, Configuration, Group

MINUTES = 1440.0


class Opening:
    """Working days in order with the first opening and last closing of each,
    and merged opening intervals.
    """

    def __init__(self, day: Floats, opens: Floats, closes: Floats) -> None:
        """From unmerged intervals and the day that each belongs to."""
        order = np.lexsort((closes, opens))
        day, opens, closes = day[order], opens[order], closes[order]
        self.raw = (day, opens, closes)
        self.day, start = np.unique(day, return_index=True)
        self.day_opens = np.minimum.reduceat(opens, start) if len(day) else opens
        self.day_closes = np.maximum.reduceat(closes, start) if len(day) else closes
        reach = np.maximum.accumulate(closes)
        begins = np.append(True, opens[1:] > reach[:-1])[: len(opens)]
        ends = np.append(begins[1:], True)[: len(opens)]
        self.opens, self.closes = opens[begins], reach[ends]


def opening(calendar: Calendar, first_day: int, last_day: int) -> Opening:
    """The intervals of a calendar that open on days first_day <= day < last_day."""
    rows = [
        (working.day, working.day * MINUTES + a, working.day * MINUTES + b)
        for working in calendar.days
        if first_day <= working.day < last_day
        for a, b in working.hours
        if b > a
    ]
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Opening(columns[:, 0], columns[:, 1], columns[:, 2])


def union(parts: Sequence[Opening]) -> Opening:
    """Open whenever one of the parts is open."""
    if len(parts) == 1:
        return parts[0]
    empty = np.empty(0)
    return Opening(*(np.concatenate([empty, *(part.raw[i] for part in parts)]) for i in range(3)))


def served_by(groups: Sequence[Group], desk: str) -> frozenset[str]:
    """Names of the calendars of the groups that serve a desk."""
    return frozenset(
        group.calendar
        for group in groups
        if any(s[desk].efficiency > 0 for s in group.serves if desk in s)
    )


def compile_calendars(
    configuration: Configuration,
) -> tuple[Calendars, tuple[str, ...], dict[str, int], Ints]:
    """Calendar 0 (always), the named ones and those of desks: arrays, names, name -> number,
    desk -> number.
    """
    before, after = configuration.regimes
    reform, days = configuration.reform_day, configuration.horizon
    names = list(dict.fromkeys([*before.calendars, *after.calendars]))
    halves = [
        {name: opening(c, first, last) for name, c in regime.calendars.items()}
        for regime, first, last in ((before, 0, reform), (after, reform, days))
    ]

    def stitched(in_before: frozenset[str], in_after: frozenset[str]) -> Opening:
        chosen = (in_before, in_after)
        return union(
            [
                half[name]
                for half, wanted in zip(halves, chosen, strict=True)
                for name in half
                if name in wanted
            ]
        )

    numbers = {(frozenset({name}), frozenset({name})): 1 + k for k, name in enumerate(names)}
    desk_calendar = []
    for desk in before.desks:
        pair = (served_by([*before.staff.values()], desk), served_by([*after.staff.values()], desk))
        desk_calendar.append(numbers.setdefault(pair, 1 + len(numbers)))
    midnight = np.arange(float(days)) * MINUTES
    parts = [
        Opening(np.arange(float(days)), midnight, midnight + MINUTES),
        *(stitched(*pair) for pair in numbers),
    ]
    lengths = np.full((2, len(parts)), MINUTES)
    for r, regime in enumerate(configuration.regimes):
        for name, calendar in regime.calendars.items():
            lengths[r, 1 + names.index(name)] = calendar.day_length
    labels = ("always", *names, *(f"desk calendar {k}" for k in range(1, len(parts) - len(names))))
    number = {name: 1 + k for k, name in enumerate(names)}
    return joined(parts, lengths), labels, number, np.array(desk_calendar, dtype=np.int64)


def joined(parts: Sequence[Opening], lengths: Floats) -> Calendars:
    """All calendars in one set of arrays."""

    def firsts(sizes: list[int]) -> Ints:
        return np.cumsum([0, *sizes], dtype=np.int64)

    before = [np.cumsum(part.closes - part.opens) - (part.closes - part.opens) for part in parts]
    return Calendars(
        first=firsts([len(part.opens) for part in parts]),
        opens=np.concatenate([part.opens for part in parts]),
        closes=np.concatenate([part.closes for part in parts]),
        before=np.concatenate(before),
        day_first=firsts([len(part.day) for part in parts]),
        day=np.concatenate([part.day for part in parts]).astype(np.int64),
        day_opens=np.concatenate([part.day_opens for part in parts]),
        day_closes=np.concatenate([part.day_closes for part in parts]),
        day_length=lengths,
    )
