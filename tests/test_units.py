"""Quantities as people write them: what they mean, and what is refused."""

from __future__ import annotations

import datetime

import pytest

from govsim.scenario import units
from govsim.scenario.units import Kind, Quantity, Unit, UnitError


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("20 min", 20.0, Unit.CLOCK),
        ("3 h", 180.0, Unit.CLOCK),
        ("2 days", 2880.0, Unit.CLOCK),
        ("1 day", 1440.0, Unit.CLOCK),
        ("2 weeks", 20160.0, Unit.CLOCK),
        ("4 months", 175320.0, Unit.CLOCK),
        ("1 year", 525960.0, Unit.CLOCK),
        ("1.5 working days", 1.5, Unit.WORKING_DAYS),
        ("1 working day", 1.0, Unit.WORKING_DAYS),
        ("220 per year", 220.0, Unit.PER_YEAR),
        ("10 %", 0.10, Unit.PERCENT),
        ("7%", 0.07, Unit.PERCENT),
        ("20 points", 0.20, Unit.POINTS),
        (3, 3.0, Unit.NUMBER),
        ("0.5", 0.5, Unit.NUMBER),
        (".5 h", 30.0, Unit.CLOCK),
        ("1e3 min", 1000.0, Unit.CLOCK),
    ],
)
def test_a_quantity_means_what_it_says(written: object, value: float, unit: Unit) -> None:
    assert units.parse(written) == Quantity(value, unit)


def test_twelve_months_are_a_year() -> None:
    assert units.parse("12 months") == units.parse("1 years")


def test_a_range_is_in_the_unit_of_its_value() -> None:
    assert units.parse("10 min").like(5) == units.parse("5 min")
    assert units.parse("4 months").like(1) == units.parse("1 month")
    assert units.parse("30 %").like(7) == units.parse("7 %")
    assert units.parse(0.3).like(0.7) == units.parse(0.7)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("20 mins", "unknown unit 'mins' in '20 mins'; did you mean 'min'?"),
        ("2 hours", "unknown unit 'hours' in '2 hours'; did you mean 'h'?"),
        ("3 workdays", "unknown unit 'workdays' in '3 workdays'; did you mean 'working days'?"),
        ("soon", "'soon' is not a quantity: a number comes first, then its unit"),
        (True, "True is not a quantity"),
        (None, "nothing is not a quantity"),
        (float("inf"), "inf is not a finite number"),
        ("1e999 min", "1e999 min is not a finite number"),
    ],
)
def test_what_is_no_quantity_is_refused(written: object, message: str) -> None:
    with pytest.raises(UnitError) as refused:
        units.parse(written)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("written", "kind", "message"),
    [
        (20, Kind.WORK, "20 has no unit; write it in min, h (as in 20 min)"),
        ("2 days", Kind.WORK, "'2 days' does not fit; write it in min, h (as in 20 min)"),
        (
            "2 working days",
            Kind.CLOCK,
            (
                "'2 working days' does not fit; write it in min, h, days, weeks, months, years (as "
                "in 4 months)"
            ),
        ),
        (
            "20 days",
            Kind.TERM,
            "'20 days' does not fit; write it in working days (as in 20 working days)",
        ),
        (
            "2.5 working days",
            Kind.TERM,
            "'2.5 working days' must be whole: a term runs out at a closing",
        ),
        (
            "20 min",
            Kind.SHARE,
            "'20 min' does not fit; write a plain number or % (as in 0.4, 40 %)",
        ),
        ("120 %", Kind.SHARE, "'120 %' is not a share: it must lie between 0 and 1"),
        (-0.1, Kind.SHARE, "-0.1 is negative"),
        (2.5, Kind.COUNT, "2.5 must be whole"),
        ("3 %", Kind.COUNT, "'3 %' does not fit; write a whole number (as in 2)"),
    ],
)
def test_the_message_says_which_units_fit(written: object, kind: Kind, message: str) -> None:
    with pytest.raises(UnitError) as refused:
        units.fit(written, kind)
    assert str(refused.value) == message


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_accepts_its_own_examples(kind: Kind) -> None:
    for example in kind.value[1].split(", "):
        assert units.fit(example, kind).written in kind.units


def test_a_range_of_dates_includes_both_days() -> None:
    assert units.dates("2024-02-10..2024-02-17") == (
        datetime.date(2024, 2, 10),
        datetime.date(2024, 2, 17),
    )
    assert units.dates("2024-06-10") == (datetime.date(2024, 6, 10), datetime.date(2024, 6, 10))


@pytest.mark.parametrize(
    "written", ["2023-02-29", "2024-2-1", "20240201", 20240201, None, "2024-02-01x"]
)
def test_what_is_no_date_is_refused(written: object) -> None:
    with pytest.raises(UnitError):
        units.date(written)


def test_the_day_ends_at_24() -> None:
    assert units.time("24:00") == 1440.0
    assert units.hours("00:00-24:00") == (0.0, 1440.0)
    for written in ("24:01", "12:60", "noon", 16, "1600"):
        with pytest.raises(UnitError):
            units.time(written)


def test_hours_over_midnight_belong_to_the_day_they_open() -> None:
    assert units.hours("22:00-06:00") == (1320.0, 1800.0)
    for written in ("08:00-08:00", "24:00-06:00", "08:00", "08:00-12:00-14:00"):
        with pytest.raises(UnitError):
            units.hours(written)


def test_weekdays_may_run_over_the_weekend() -> None:
    assert units.weekdays("mon-fri") == (0, 1, 2, 3, 4)
    assert units.weekdays("sat, sun") == (5, 6)
    assert units.weekdays("sat-mon") == (5, 6, 0)
    with pytest.raises(UnitError):
        units.weekdays("monday")


def test_the_29th_of_february_is_not_a_day_of_every_year() -> None:
    assert units.month_day("10-01") == (10, 1)
    with pytest.raises(UnitError):
        units.month_day("02-29")


def test_an_instant_is_a_day_and_a_time() -> None:
    assert units.instant("2024-01-02 09:30") == datetime.datetime(2024, 1, 2, 9, 30)
    assert units.instant("2024-01-02T09:30:30") == datetime.datetime(2024, 1, 2, 9, 30, 30)
    assert units.instant("2024-01-02") == datetime.datetime(2024, 1, 2)
    with pytest.raises(UnitError):
        units.instant("9 h")
