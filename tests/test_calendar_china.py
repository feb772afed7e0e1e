"""The dated table of Chinese holidays, against two independent sources.

It is held against the counts of the field notes too.
"""

from __future__ import annotations

import datetime

import chinese_calendar
import holidays
import pytest
from ruamel.yaml import YAML

from govsim.scenario import units
from govsim.scenario.holidays import china
from govsim.scenario.holidays.china import NoNotice

BY_MONTH = {
    2024: [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22],
    2025: [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23],
    2026: [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23],
}


def days_of(year: int) -> list[datetime.date]:
    first = datetime.date(year, 1, 1)
    return [day for k in range(366) if (day := first + datetime.timedelta(days=k)).year == year]


@pytest.mark.parametrize("year", sorted(china.YEARS))
def test_two_other_calendars_agree_on_every_day(year: int) -> None:
    theirs = holidays.country_holidays("CN", years=year)
    for day in days_of(year):
        ours = china.is_working_day(day)
        assert ours == chinese_calendar.is_workday(day), day
        assert ours == theirs.is_working_day(day), day


@pytest.mark.parametrize("year", sorted(BY_MONTH))
def test_every_month_has_as_many_working_days_as_was_counted(year: int) -> None:
    counts = [0] * 12
    for day in days_of(year):
        counts[day.month - 1] += china.is_working_day(day)
    assert counts == BY_MONTH[year]


@pytest.mark.parametrize("year", sorted(china.YEARS))
def test_worked_days_are_weekend_days(year: int) -> None:
    assert all(units.date(day).weekday() >= 5 for day in china.year(year).worked)


def test_the_lines_are_yaml_and_hold_the_whole_table() -> None:
    tree = YAML(typ="safe", pure=True).load(china.lines(2024, 2026))
    assert [str(day) for day in tree["closed_days"]] == [
        day for year in china.YEARS.values() for day in year.closed
    ]
    assert [str(day) for day in tree["worked_days"]] == [
        day for year in china.YEARS.values() for day in year.worked
    ]
    assert str(tree["until"]) == "2026-12-31"


def test_every_year_names_its_notice() -> None:
    lines = china.lines(2024, 2026)
    assert all(year.notice in lines for year in china.YEARS.values())


@pytest.mark.parametrize(
    ("first", "last"), [(2023, 2024), (2026, 2027), (2030, 2030), (2026, 2024)]
)
def test_a_year_without_a_notice_is_an_error(first: int, last: int) -> None:
    with pytest.raises(NoNotice):
        china.lines(first, last)
