"""Dated calendars: which hours an office is open on which date.

They come from weekly hours, seasons, holidays and make-up days.

In China a long holiday is partly made up on weekends, so no weekly rule can tell whether a given
Sunday is worked: the State Council's notice of each year can, and a calendar that no notice covers
is refused.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from govsim.organisation.nouns import Calendar, WorkingDay
from govsim.organisation.parameters import Refused, Values
from govsim.scenario import limits
from govsim.scenario.units import (
    DAY,
    Kind,
    UnitError,
    date,
    dates,
    hours,
    instant,
    month_day,
    weekdays,
)

Hours = tuple[tuple[float, float], ...]
Week = tuple[Hours, ...]  # by weekday, 0 = Monday


@dataclass(frozen=True)
class Span:
    """The days of a scenario: day 0 is `start`.

    `count_until` and `horizon` are the first day after the last included.
    """

    start: datetime.date
    reform_day: int
    count_from: int
    count_until: int
    horizon: int

    @classmethod
    def of(cls, tree: Mapping[str, Any]) -> Span:
        """The span that a file states."""
        start = date(tree["start"])

        def day(key: str, after: int = 0) -> int:
            return (date(tree[key]) - start).days + after

        return cls(
            start, day("reform_day"), day("count_from"), day("count_until", 1), day("horizon", 1)
        )

    def day(self, when: datetime.date) -> int:
        """Number of a date."""
        return (when - self.start).days

    def minute(self, when: str) -> float:
        """Minutes from the start to an instant such as `2024-01-02 09:00`."""
        moment = instant(when)
        return (
            moment - datetime.datetime.combine(self.start, datetime.time())
        ).total_seconds() / 60.0

    @cached_property
    def dates(self) -> tuple[datetime.date, ...]:
        """All days up to the horizon."""
        return tuple(self.start + datetime.timedelta(days=k) for k in range(self.horizon))

    @cached_property
    def months(self) -> tuple[tuple[int, int, float], ...]:
        """Runs of days in one month: month (0 = January), days within the span,
        minutes of the whole month.
        """
        runs: list[tuple[int, int, float]] = []
        first = self.start
        end = self.start + datetime.timedelta(days=self.horizon)
        while first < end:
            begins = first.replace(day=1)
            following = (begins + datetime.timedelta(days=32)).replace(day=1)
            runs.append(
                (
                    first.month - 1,
                    (min(following, end) - first).days,
                    (following - begins).days * DAY,
                )
            )
            first = following
        return tuple(runs)


def calendar(spec: Mapping[str, Any], span: Span, values: Values) -> Calendar:
    """The working days of a calendar up to the horizon."""
    day_length = values.number(
        spec, "day", Kind.WORK, least=limits.SHORTEST_DAY, most=limits.LONGEST_DAY
    )
    seasons = _seasons(spec)
    closed = days_of(spec, "closed_days")
    worked = days_of(spec, "worked_days")
    if closed & worked:
        raise Refused("worked_days", f"{min(closed & worked)} is both closed and worked")
    _check_covered(spec, span, closed)
    weeks = [week for _, week in seasons]
    spare = [tuple(_nearest(week, weekday) for weekday in range(7)) for week in weeks]
    days = []
    for number, (when, season) in enumerate(
        zip(span.dates, _season_of(span, [first for first, _ in seasons]), strict=True)
    ):
        weekday = when.weekday()
        opening = (
            ()
            if when in closed
            else weeks[season][weekday] or (spare[season][weekday] if when in worked else ())
        )
        if opening:
            days.append(WorkingDay(number, opening))
    return Calendar(day_length, tuple(days))


def _seasons(spec: Mapping[str, Any]) -> list[tuple[tuple[int, int], Week]]:
    """First day of the year and week of each season, in the order of the year."""
    if ("week" in spec) == ("seasons" in spec):
        raise Refused("", "a calendar has either `week` or `seasons`")
    if "seasons" not in spec:
        return [((1, 1), _week(spec, "week"))]
    seasons = []
    for name, season in spec["seasons"].items():
        try:
            seasons.append((month_day(season["from"]), _week(season, "week")))
        except UnitError as problem:
            raise Refused(f"seasons.{name}.from", str(problem)) from None
        except Refused as problem:
            raise problem.inside(f"seasons.{name}") from None
    return sorted(seasons)


def _season_of(span: Span, firsts: Sequence[tuple[int, int]]) -> list[int]:
    """Number of the season of each day: the last that began, in this year or the one before."""
    if len(firsts) == 1:
        return [0] * span.horizon
    begun = (sum(first <= (when.month, when.day) for first in firsts) for when in span.dates)
    return [(count - 1) % len(firsts) for count in begun]


def _week(spec: Mapping[str, Any], key: str) -> Week:
    week: list[Hours] = [()] * 7
    for days, opening in (spec.get(key) or {}).items():
        try:
            intervals = tuple(sorted(hours(interval) for interval in opening))
            for weekday in weekdays(days):
                if week[weekday]:
                    raise UnitError(f"{days} states the hours of a day a second time")
                week[weekday] = intervals
        except UnitError as problem:
            raise Refused(f"{key}.{days}", str(problem)) from None
        for (_, closes), (opens, _) in pairwise(intervals):
            if opens < closes:
                raise Refused(f"{key}.{days}", "these hours overlap")
    return tuple(week)


def _nearest(week: Week, weekday: int) -> Hours:
    """The hours of the nearest weekday that has any; of two as near, the earlier."""
    for distance in range(4):
        for other in ((weekday - distance) % 7, (weekday + distance) % 7):
            if week[other]:
                return week[other]
    return ()


def days_of(spec: Mapping[str, Any], key: str) -> set[datetime.date]:
    """All days in a list of dates and ranges of dates."""
    out: set[datetime.date] = set()
    for k, entry in enumerate(spec.get(key) or ()):
        try:
            first, last = dates(entry)
        except UnitError as problem:
            raise Refused(f"{key}.{k + 1}", str(problem)) from None
        out |= {first + datetime.timedelta(days=d) for d in range((last - first).days + 1)}
    return out


def _check_covered(spec: Mapping[str, Any], span: Span, closed: set[datetime.date]) -> None:
    """Refuse a calendar that is dated, but not up to the horizon."""
    last = span.dates[-1]
    if "until" in spec:
        if date(spec["until"]) < last:
            raise Refused(
                "until", f"the calendar ends on {spec['until']}, before the horizon ({last})"
            )
    elif spec.get("closed_days") or spec.get("worked_days"):
        for year in range(span.start.year, last.year + 1):
            if not any(day.year == year for day in closed):
                raise Refused(
                    "closed_days",
                    f"no closed day in {year}: give that year's notice, or say `until:` when it is "
                    "covered",
                )
