"""Working time against an oracle that looks at every single minute; members' hours and duty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import pytest

from govsim.engine.calendars import (
    Hours,
    advance,
    departure,
    duty_records,
    into_day,
    member_hours,
    next_opening,
    on_duty,
    same_fraction,
    term,
    worked,
    works_until,
)
from govsim.engine.draws import grid, uniform
from govsim.model import compile_model
from govsim.model.arrays import P_ABSENCE, Arrays, Calendars
from govsim.organisation.nouns import Calendar, Organisation, Path, Task, WorkingDay
from plain import (
    DESK,
    around_the_clock,
    at,
    configuration,
    constant,
    group,
    one_service,
    recorded,
    weekly,
)

pytestmark = pytest.mark.plain

DAYS = 21
SEED = np.uint64(11)

# hours, weekdays, closed days, make-up days
KINDS = {
    "lunch break": ("08:30-12:00 14:00-17:30", range(5), (), ()),
    "make-up day": ("09:00-17:00", range(5), (7, 8, 9), (12, 13)),
    "shift over midnight": ("13:00-18:00 22:00-06:00", (0, 1, 3, 4), (3,), ()),
    "one hour a week": ("10:00-11:00", (2,), (), ()),
    "late start": ("00:00-24:00", (6,), range(10), (19,)),
    "always": ("00:00-24:00", range(7), (), ()),
    "never": ("00:00-24:00", (), (), ()),
}


@dataclass
class Minutes:
    """A calendar as one flag per minute, and its working days; every answer is found by looking."""

    is_open: np.ndarray
    days: dict[int, tuple[int, int]]  # day -> first opening, last closing

    @classmethod
    def of(cls, calendar: Calendar) -> Minutes:
        flags = np.zeros(1440 * (DAYS + 1), bool)
        days = {}
        for working in calendar.days:
            for a, b in working.hours:
                flags[int(1440 * working.day + a) : int(1440 * working.day + b)] = True
            base = 1440 * working.day
            days[working.day] = int(base + working.hours[0][0]), int(base + working.hours[-1][1])
        return cls(flags, days)

    def worked(self, a: int, b: int) -> int:
        return int(self.is_open[a:b].sum()) if b > a else 0

    def advance(self, t: int, work: int) -> float:
        if work == 0:
            return t
        ends = np.flatnonzero(self.is_open[t:])
        return t + int(ends[work - 1]) + 1 if len(ends) >= work else math.inf

    def term(self, t: int, days: int) -> float:
        closings = [closing for day, (_, closing) in self.days.items() if day > t // 1440]
        return closings[days - 1] if len(closings) >= days else math.inf

    def next_opening(self, t: int) -> float:
        return min(
            (opening for day, (opening, _) in self.days.items() if day > t // 1440),
            default=math.inf,
        )

    def departure(self, leave: Sequence[int], t: int) -> float:
        instants = (1440 * day + minute for day in self.days for minute in leave)
        return min((instant for instant in instants if instant >= t), default=math.inf)


def organised(before: Calendar, after: Calendar | None = None) -> Organisation:
    """One clerk; the calendars `office` and `new`."""
    calendars = {"office": before, "new": after or before}
    return one_service(
        [Task("serve", "desk", constant(5.0))],
        {"desk": DESK},
        {"clerks": group({"desk": 1.0})},
        recorded(0.0),
        DAYS,
        calendars,
    )


def compiled(calendar: Calendar) -> Calendars:
    """Calendar 1 is the one given."""
    return compile_model(configuration(organised(calendar), days=DAYS)).arrays.calendars


def calendar_of(kind: str) -> Calendar:
    hours, weekdays, closed, made_up = KINDS[kind]
    return weekly(DAYS, hours, weekdays, closed, made_up)


@pytest.fixture(params=KINDS)
def pair(request: pytest.FixtureRequest) -> tuple[Calendars, Minutes]:
    """The arrays that the engines read, and the minutes that anybody can count."""
    calendar = calendar_of(request.param)
    return compiled(calendar), Minutes.of(calendar)


def instants(oracle: Minutes, seed: int, size: int = 120) -> list[int]:
    """Random minutes, and all those around openings and closings."""
    edges = np.flatnonzero(np.diff(oracle.is_open.astype(int), prepend=0, append=0))
    near = {int(edge) + shift for edge in edges for shift in (-1, 0, 1)} | {0, 1, 1440 * DAYS - 1}
    drawn = np.random.default_rng(seed).integers(0, 1440 * DAYS, size)
    return [t for t in sorted(near | set(drawn.tolist())) if 0 <= t < 1440 * DAYS][
        :: max(1, len(near) // 150)
    ]


def test_worked_counts_the_open_minutes(pair: tuple[Calendars, Minutes]) -> None:
    c, oracle = pair
    times = instants(oracle, 1)
    for a in times[::3]:
        for b in times[1::4]:
            assert worked(c, 1, float(a), float(b)) == oracle.worked(a, b)


def test_advance_ends_when_the_last_minute_is_worked(pair: tuple[Calendars, Minutes]) -> None:
    c, oracle = pair
    for t in instants(oracle, 2):
        for work in (0, 1, 59, 60, 61, 210, 211, 420, 480, 481, 3000, 12_345):
            assert advance(c, 1, float(t), float(work)) == oracle.advance(t, work)


def test_a_term_runs_out_at_the_closing_of_the_kth_working_day_after_today(
    pair: tuple[Calendars, Minutes],
) -> None:
    c, oracle = pair
    for t in instants(oracle, 3):
        assert next_opening(c, 1, float(t)) == oracle.next_opening(t)
        for days in (1, 2, 5, 30):
            assert term(c, 1, float(t), days) == oracle.term(t, days)


def test_a_file_leaves_at_the_next_departure_of_a_working_day(
    pair: tuple[Calendars, Minutes],
) -> None:
    c, oracle = pair
    leave = np.array([99.0, 960.0, 600.0, 7.0])
    for t in [
        *instants(oracle, 4),
        *(1440 * day + minute for day in range(DAYS) for minute in (599, 600, 601, 960, 961)),
    ]:
        assert departure(c, 1, leave, 1, 2, float(t)) == oracle.departure([960, 600], t)
        assert departure(c, 1, leave, 1, 0, float(t)) == t


def test_without_a_calendar_a_file_leaves_every_day() -> None:
    c = compiled(calendar_of("never"))
    leave = np.array([600.0])
    assert [departure(c, 0, leave, 0, 1, t) for t in (0.0, 600.0, 600.5, 1440.0 * 99 + 601)] == [
        600,
        600,
        2040,
        1440.0 * 100 + 600,
    ]


def test_advance_and_worked_undo_each_other_to_the_last_bit_on_the_grid(
    pair: tuple[Calendars, Minutes],
) -> None:
    c, _ = pair
    rng = np.random.default_rng(5)
    for t, work in zip(
        map(grid, rng.random(300) * 1440 * DAYS), map(grid, rng.exponential(300, 300)), strict=True
    ):
        end = advance(c, 1, t, work)
        if end < math.inf:
            assert worked(c, 1, t, end) == work
        else:
            assert worked(c, 1, t, 1440.0 * DAYS + 1440) < work


def test_no_work_is_done_before_an_interval_that_ends_before_it_begins() -> None:
    c = compiled(calendar_of("lunch break"))
    assert worked(c, 1, 700.0, 600.0) == 0
    assert worked(c, 1, 600.0, 600.0) == 0


def test_work_may_end_exactly_at_the_closing_and_none_takes_no_time_even_at_night() -> None:
    c = compiled(calendar_of("lunch break"))
    assert advance(c, 1, at(0, "11:30"), 30.0) == at(0, "12:00")
    assert advance(c, 1, at(0, "12:00"), 2.0**-20) == at(0, "14:00") + 2.0**-20
    assert advance(c, 1, at(0, "20:00"), 0.0) == at(0, "20:00")


def test_a_very_uneven_calendar_is_searched_as_well() -> None:
    numbers = [*range(300), 1990]
    uneven = Calendar(30.0, tuple(WorkingDay(day, ((60.0, 90.0),)) for day in numbers))
    c = compile_model(configuration(organised(uneven), days=2000)).arrays.calendars
    for day in range(0, 2000, 7):
        assert worked(c, 1, 0.0, 1440.0 * day) == 30 * sum(number < day for number in numbers)
    for passed, day in enumerate(numbers):
        assert advance(c, 1, 0.0, 30.0 * passed + 1) == 1440 * day + 61


def test_the_applicant_comes_again_at_the_same_fraction_of_the_day() -> None:
    c = compiled(calendar_of("lunch break"))  # seven hours
    # Joined on Monday after 0.5 of the opening time, turned away on Monday:
    # Tuesday after half of the day.
    assert same_fraction(c, 1, at(0, "12:00"), at(0, "15:00")) == at(1, "12:00")
    assert same_fraction(c, 1, at(0, "13:00"), at(0, "15:00")) == at(1, "12:00")
    assert same_fraction(c, 1, at(0, "15:45"), at(0, "16:00")) == at(1, "15:45")
    # Turned away on Friday: Monday. Joined before the opening: at the opening.
    assert same_fraction(c, 1, at(3, "09:30"), at(4, "09:00")) == at(7, "09:30")
    assert same_fraction(c, 1, at(3, "07:00"), at(4, "09:00")) == at(7, "08:30")
    # Joined on a day that is no working day: at the opening. After the last working day: never.
    assert same_fraction(c, 1, at(5, "12:00"), at(5, "12:10")) == at(7, "08:30")
    assert same_fraction(c, 1, at(17, "12:00"), at(18, "09:00")) == math.inf


def test_a_fraction_of_a_day_counts_only_its_opening_time() -> None:
    c = compiled(calendar_of("shift over midnight"))  # 13-18 and 22-06: thirteen hours
    assert into_day(c, 1, 0, 0.0) == at(0, "13:00")
    assert into_day(c, 1, 0, 5.5 / 13) == pytest.approx(at(0, "22:30"))
    assert into_day(c, 1, 2, 12 / 13) == pytest.approx(at(5, "05:00"))  # days 2 and 3 are closed


# ----------------------------------------------------------------------------------- members' hours


def posts(
    before: int,
    after: int,
    calendars: tuple[Calendar, Calendar],
    moved: bool = False,
    absence: float = 0.0,
    days: int = DAYS,
) -> Arrays:
    """A group of clerks that changes its size, and with `moved` its calendar, on the reform day,
    day 7.
    """
    organisations = [
        replace(
            organised(*calendars),
            staff={"clerks": group({"desk": 1.0}, size, name, absence=Path(absence))},
        )
        for size, name in ((before, "office"), (after, "new" if moved else "office"))
    ]
    return compile_model(configuration(*organisations, days=days, reform_day=7)).arrays


def rows(hours: Hours, member: int) -> list[tuple[float, float]]:
    a, b = hours.first[member], hours.first[member + 1]
    return list(zip(hours.opens[a:b].tolist(), hours.closes[a:b].tolist(), strict=True))


def expected(calendar: Calendar, first: int, last: int) -> list[tuple[float, float]]:
    return [
        (1440 * d.day + a, 1440 * d.day + b)
        for d in calendar.days
        if first <= d.day < last
        for a, b in d.hours
    ]


OFFICE, LONG = weekly(DAYS), weekly(DAYS, "07:00-19:00", range(6))


def test_a_member_follows_the_calendar_of_the_day() -> None:
    arrays = posts(1, 1, (OFFICE, LONG), moved=True)
    assert rows(member_hours(arrays, SEED, 0), 0) == expected(OFFICE, 0, 7) + expected(
        LONG, 7, DAYS
    )


def test_who_loses_the_post_keeps_the_old_hours_to_finish_but_is_not_on_duty() -> None:
    arrays = posts(2, 1, (OFFICE, LONG), moved=True)
    hours = member_hours(arrays, SEED, 0)
    assert rows(hours, 1) == expected(OFFICE, 0, DAYS)
    duty = duty_records(arrays, hours, 1440.0 * DAYS)
    assert duty["member"].tolist() == [0, 0, 0, 1, 1, 1]
    assert duty["week"].tolist() == [0, 1, 2] * 2
    assert duty["minutes"].tolist() == [5 * 420, 6 * 720, 6 * 720, 5 * 420, 0, 0]


def test_who_gets_a_new_post_starts_on_the_reform_day() -> None:
    arrays = posts(1, 2, (OFFICE, LONG))
    hours = member_hours(arrays, SEED, 0)
    assert rows(hours, 1) == expected(OFFICE, 7, DAYS)
    assert duty_records(arrays, hours, 1440.0 * DAYS)["minutes"][3:].tolist() == [0, 2100, 2100]


def test_touching_shifts_are_one_and_each_belongs_to_the_day_it_opens() -> None:
    night = weekly(DAYS, "00:00-04:00 20:00-24:00", range(7))
    arrays = posts(1, 1, (night, night))
    assert rows(member_hours(arrays, SEED, 0), 0)[:2] == [(0, 240), (1200, 1680)]
    shift = weekly(DAYS, "22:00-06:00", range(7))
    arrays = posts(1, 1, (OFFICE, shift), moved=True)
    found = rows(member_hours(arrays, SEED, 0), 0)
    assert found == expected(OFFICE, 0, 7) + expected(shift, 7, DAYS)


def test_an_absence_takes_a_whole_working_day_and_is_drawn_by_group_member_and_day() -> None:
    shift = weekly(DAYS, "08:00-12:00 20:00-02:00", range(5))
    arrays = posts(3, 3, (shift, shift), absence=0.3)
    key = np.uint64(crc32(b"clerks") << 32)
    for replication in range(3):
        hours = member_hours(arrays, SEED, replication)
        for member in range(3):
            there = [
                d
                for d in shift.days
                if uniform(SEED, replication, member, key, d.day, P_ABSENCE) >= 0.3
            ]
            assert rows(hours, member) == expected(replace(shift, days=tuple(there)), 0, DAYS)


def test_who_works_around_the_clock_is_absent_by_clock_days() -> None:
    always = around_the_clock(DAYS)
    arrays = posts(1, 1, (always, always), absence=0.5)
    key = np.uint64(crc32(b"clerks") << 32)
    there = {d for d in range(DAYS) if uniform(SEED, 0, 0, key, d, P_ABSENCE) >= 0.5}
    hours = member_hours(arrays, SEED, 0)
    assert 0 < len(there) < DAYS
    assert {d for d in range(DAYS) if on_duty(hours, 0, 1440.0 * d)} == there
    # neighbouring days are one interval
    assert all((a - 1440.0) // 1440 not in there for a, _ in rows(hours, 0))


def test_members_are_absent_as_often_as_the_chance_says() -> None:
    days = 20 * DAYS
    arrays = posts(25, 25, (around_the_clock(days),) * 2, absence=0.2, days=days)
    hours = member_hours(arrays, SEED, 0)
    share = 1 - np.sum(hours.closes - hours.opens) / (25 * 1440 * days)
    assert share == pytest.approx(0.2, abs=4 * math.sqrt(0.2 * 0.8 / (25 * days)))


def test_an_absence_is_the_same_in_every_configuration() -> None:
    few, many = (posts(2, size, (OFFICE, OFFICE), absence=0.3) for size in (2, 5))
    assert rows(member_hours(few, SEED, 4), 1) == rows(member_hours(many, SEED, 4), 1)


def test_the_minutes_before_an_opening_are_those_of_the_member() -> None:
    hours = member_hours(posts(3, 2, (OFFICE, LONG), moved=True, absence=0.3), SEED, 1)
    for member in range(3):
        a, b = hours.first[member], hours.first[member + 1]
        lengths = hours.closes[a:b] - hours.opens[a:b]
        assert hours.before[a:b].tolist() == [0, *np.cumsum(lengths)[:-1]]


def test_work_is_suspended_while_the_member_is_away() -> None:
    arrays = posts(1, 1, (OFFICE, OFFICE))
    hours = member_hours(arrays, SEED, 0)
    assert works_until(hours, 0, at(0, "11:50"), 30.0) == at(0, "14:20")
    assert works_until(hours, 0, at(4, "17:00"), 31.0) == at(7, "08:31")
    assert works_until(hours, 0, at(4, "17:00"), 30.0) == at(4, "17:30")
    assert works_until(hours, 0, at(18, "17:00"), 31.0) == math.inf


def test_nobody_is_on_duty_at_the_closing_instant() -> None:
    hours = member_hours(posts(1, 1, (OFFICE, OFFICE)), SEED, 0)
    found = [
        on_duty(hours, 0, at(0, text))
        for text in ("08:29", "08:30", "11:59", "12:00", "14:00", "17:30")
    ]
    assert found == [False, True, True, False, True, False]
    assert not on_duty(hours, 0, at(5, "10:00"))


def test_duty_is_counted_by_week_until_the_end_and_within_the_counted_days() -> None:
    arrays = posts(1, 1, (around_the_clock(DAYS),) * 2)._replace(
        count_from=1440.0 * 5, count_until=1440.0 * 8
    )
    hours = member_hours(arrays, SEED, 0)
    duty = duty_records(arrays, hours, 1440.0 * 9 + 60)
    assert duty["week"].tolist() == [0, 1]
    assert duty["minutes"].tolist() == [10_080, 2 * 1440 + 60]
    assert duty["counted"].tolist() == [2 * 1440, 1440]
    assert len(duty_records(arrays, hours, 0.0)) == 0
    assert len(duty_records(arrays, hours, 10_080.0)) == 1


def test_members_without_hours_do_no_harm() -> None:
    never = calendar_of("never")
    arrays = posts(2, 2, (never, never))
    hours = member_hours(arrays, SEED, 0)
    assert hours.first.tolist() == [0, 0, 0]
    assert works_until(hours, 1, 5.0, 1.0) == math.inf
    assert not on_duty(hours, 1, 5.0)
