"""Staff as arrays: members, what they may do, how they learn it; desks; meetings' sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from govsim.arrays import Floats, Ints
from govsim.model.arrays import (
    BY_COMPLETIONS,
    BY_DAYS,
    DUE_DATE,
    FIFO,
    INTERNAL,
    NO_LEARNING,
    PRIORITY,
    REVIEW,
    SHORTEST,
    SIGNATURE,
    WINDOW,
    Calendars,
    Desks,
    Meetings,
    Staff,
)
from govsim.model.calendars import MINUTES
from govsim.model.numbers import by_day, keys
from govsim.organisation.nouns import Configuration, Learning, Meeting

DISCIPLINES = {"fifo": FIFO, "priority": PRIORITY, "due_date": DUE_DATE, "shortest": SHORTEST}
KINDS = {"window": WINDOW, "review": REVIEW, "signature": SIGNATURE, "internal": INTERNAL}
UNLIMITED = 2**31
COMPLETIONS = 100_000  # no member completes more tasks at one desk


def compile_staff(
    configuration: Configuration, calendars: Mapping[str, int], desks: Mapping[str, int]
) -> Staff:
    """Every group has as many members as in its larger regime."""
    regimes = configuration.regimes
    groups = list(regimes[0].staff)
    sizes = [max(regime.staff[name].members for regime in regimes) for name in groups]
    first = np.cumsum([0, *sizes])
    takes = np.zeros((2, first[-1]), dtype=np.int64)
    efficiency = np.zeros((2, first[-1], len(desks)))
    preference = np.zeros((2, first[-1], len(desks)), dtype=np.int64)
    for r, regime in enumerate(regimes):
        for g, name in enumerate(groups):
            for member, serves in enumerate(regime.staff[name].serves, start=int(first[g])):
                takes[r, member] = 1
                for desk, serve in serves.items():
                    efficiency[r, member, desks[desk]] = serve.efficiency
                    preference[r, member, desks[desk]] = (
                        serve.preference if serve.efficiency > 0 else 0
                    )
    group = np.repeat(np.arange(len(groups)), sizes)
    kind, factors = learning_table(
        regimes[1].learning, configuration.horizon - configuration.reform_day
    )
    return Staff(
        group=group,
        number=np.arange(first[-1]) - first[group],
        key=keys(groups),
        calendar=np.array(
            [[calendars[regime.staff[name].calendar] for name in groups] for regime in regimes],
            dtype=np.int64,
        ),
        absence=absences(configuration, groups),
        takes=takes,
        efficiency=efficiency,
        preference=preference,
        learns=new_desks(efficiency, first)
        if kind != NO_LEARNING
        else np.zeros(efficiency.shape[1:], dtype=np.int64),
        learning_kind=kind,
        learning=factors,
    )


def new_desks(efficiency: Floats, first: Ints) -> Ints:
    """[member, desk] 1 where a member serves in regime 1 a desk that nobody
    of the group served before.
    """
    new = np.zeros(efficiency.shape[1:], dtype=np.int64)
    for a, b in pairwise(first):
        known = (efficiency[0, a:b] > 0).any(axis=0)
        new[a:b] = (efficiency[1, a:b] > 0) & ~known
    return new


def absences(configuration: Configuration, groups: Sequence[str]) -> Floats:
    """[group, day] chance to be absent."""
    before, after = (regime.staff for regime in configuration.regimes)
    reform, days = configuration.reform_day, configuration.horizon
    chances = np.zeros((len(groups), days))
    for g, name in enumerate(groups):
        presence = by_day(before[name].presence, after[name].presence, reform, days)
        absence = by_day(before[name].absence, after[name].absence, reform, days)
        chances[g] = 1.0 - presence * (1.0 - absence)
    return chances


def learning_table(learning: Learning | None, days: int) -> tuple[int, Floats]:
    """Kind and effort factors: by whole days since the reform day,
    or by completions until they no longer help.
    """
    if learning is None:
        return NO_LEARNING, np.ones(1)
    if learning.half_life is not None:
        k = np.arange(float(max(1, days)))
        return BY_DAYS, 1.0 + (learning.start - 1.0) * 0.5 ** (k / learning.half_life)
    exponent = learning.exponent or 0.0
    enough = (
        learning.start ** (1.0 / exponent)
        if exponent > 0 and learning.start < COMPLETIONS**exponent
        else COMPLETIONS
    )
    done = np.arange(1.0, max(1.0, np.ceil(enough)) + 1.0)
    return BY_COMPLETIONS, np.maximum(1.0, learning.start * done**-exponent)


def compile_desks(configuration: Configuration, calendar: Ints) -> Desks:
    """Kinds, disciplines and factors of desks."""
    regimes = [list(regime.desks.values()) for regime in configuration.regimes]
    return Desks(
        kind=np.array([KINDS[desk.kind] for desk in regimes[0]], dtype=np.int64),
        calendar=calendar,
        discipline=np.array(
            [[DISCIPLINES[desk.discipline] for desk in desks] for desks in regimes], dtype=np.int64
        ),
        factor=np.array([[desk.factor for desk in desks] for desks in regimes], dtype=np.float64),
    )


def compile_meetings(
    configuration: Configuration,
    meetings: Iterable[str],
    numbers: Mapping[str, int],
    calendars: Calendars,
) -> Meetings:
    """Sessions of each meeting: each regime's on the days of that regime."""
    bounds = (0, configuration.reform_day, configuration.horizon)
    first = [0]
    sessions: list[Floats] = [np.zeros(0)]
    seats: list[Ints] = [np.zeros(0, dtype=np.int64)]
    for name in meetings:
        first.append(first[-1])
        for r, regime in enumerate(configuration.regimes):
            if name in regime.meetings:
                meeting = regime.meetings[name]
                k = numbers[meeting.calendar]
                open_days = calendars.day[calendars.day_first[k] : calendars.day_first[k + 1]]
                days = session_days(
                    meeting, open_days, bounds[r], bounds[r + 1], configuration.start
                )
                first[-1] += len(days)
                sessions.append(np.asarray(days * MINUTES + meeting.at, dtype=np.float64))
                seats.append(
                    np.full(
                        len(days),
                        UNLIMITED if meeting.seats is None else meeting.seats,
                        dtype=np.int64,
                    )
                )
    return Meetings(
        np.array(first, dtype=np.int64), np.concatenate(sessions), np.concatenate(seats)
    )


def session_days(meeting: Meeting, open_days: Ints, first: int, last: int, start: str) -> Ints:
    """The days first <= day < last on which a meeting sits."""
    if meeting.every is not None:
        ours = open_days[(open_days >= first) & (open_days < last)]
        return ours[:: max(1, round(meeting.every))]
    planned = np.array(
        meeting.dates if meeting.monthly is None else month_days(meeting.monthly, last, start),
        dtype=np.int64,
    )
    place = np.searchsorted(open_days, planned)
    moved = np.unique(open_days[place[place < len(open_days)]])
    return moved[(moved >= first) & (moved < last)]


def month_days(day: int, last: int, start: str) -> list[int]:
    """Day numbers of the `day`-th (or last, where a month is shorter)
    of every month from the first one to day `last`.
    """
    zero = dt.date.fromisoformat(start)
    months = range(12 * zero.year + zero.month - 1, 12 * zero.year + zero.month + last // 28 + 1)
    firsts = [dt.date(m // 12, m % 12 + 1, 1) for m in months]
    nexts = [dt.date((m + 1) // 12, (m + 1) % 12 + 1, 1) for m in months]
    dates = [
        min(a + dt.timedelta(day - 1), b - dt.timedelta(1))
        for a, b in zip(firsts, nexts, strict=True)
    ]
    return [(date - zero).days for date in dates if date >= zero]
