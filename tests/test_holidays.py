"""Holidays that calendars share by name, and those of other countries."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

import govsim as gs
from govsim import cli
from govsim.organisation.configure import configure
from govsim.scenario.holidays import NoHolidays, dated, lines

TOWN = Path(__file__).parents[1] / "scenarios" / "one_counter.yaml"
START = datetime.date(2025, 1, 1)
# legal holidays by https://www.opm.gov/policy-data-oversight/pay-leave/federal-holidays, that of
# July 4 on the Friday before it
FEDERAL_2026 = [
    "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03",
    "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25",
]  # fmt: skip


def govsim(*words: str) -> Result:
    return CliRunner().invoke(cli.main, list(words))


def days(country: str, first: int, last: int) -> list[str]:
    tree = YAML(typ="safe", pure=True).load(lines(country, first, last))
    return [str(day) for day in tree["closed_days"]]


def working_days(calendar: str, path: Path = TOWN) -> set[datetime.date]:
    organisation = configure(gs.load(path), "before").regimes[0]
    found = organisation.calendars[calendar].days
    return {START + datetime.timedelta(days=day.day) for day in found}


def test_the_federal_holidays_of_a_year_are_those_of_the_government() -> None:
    weekdays = [
        day for day in days("us", 2026, 2026) if datetime.date.fromisoformat(day).weekday() < 5
    ]
    assert weekdays == FEDERAL_2026


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    assert "2026-01-06" in days("de-by", 2026, 2026)  # Epiphany is a holiday in Bavaria
    assert "2026-01-06" not in days("de", 2026, 2026)


def test_weekend_days_that_are_worked_stand_beside_the_holidays() -> None:
    tree = YAML(typ="safe", pure=True).load(lines("hu", 2024, 2024))
    assert [str(day) for day in tree["worked_days"]] == ["2024-08-03", "2024-12-07", "2024-12-14"]


def test_chinas_days_are_our_own_dated_table() -> None:
    assert days("china", 2026, 2026)[0] == "2026-01-01..2026-01-03"
    assert days("cn", 2026, 2026) == days("china", 2026, 2026)


@pytest.mark.parametrize(
    ("country", "years", "why"),
    [
        ("atlantis", "2026", "no country whose holidays are known"),
        ("us-zz", "2026", "has no part 'ZZ'"),
        ("us", "2026..2025", "2025 lies before 2026"),
        ("china", "2031", "no notice of holidays is known for 2031"),
        ("us", "26", "write one year or a range"),
    ],
)
def test_what_is_not_known_is_said_in_a_sentence(country: str, years: str, why: str) -> None:
    told = govsim("calendar", country, years)
    assert told.exit_code == 2
    assert told.stdout == ""
    assert why in told.stderr


def test_without_the_package_a_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(NoHolidays, match=r"pip install 'govsim\[calendars\]'"):
        lines("us", 2026, 2026)
    assert govsim("calendar", "china", "2026").exit_code == 0


def test_what_is_printed_can_be_pasted_below_a_name(tmp_path: Path) -> None:
    said = govsim("calendar", "us", "2025..2026").stdout
    text = TOWN.read_text(encoding="utf-8")
    first, last = text.index("    closed_days: ["), text.index("    source: federal holidays")
    pasted = tmp_path / "pasted.yaml"
    pasted.write_text(f"{text[:first]}{said}{text[last:]}", encoding="utf-8")
    assert working_days("office", pasted) == working_days("office")


def test_calendars_that_name_the_same_holidays_close_on_the_same_days() -> None:
    office, counter = working_days("office"), working_days("counter")
    assert office == counter
    assert not {datetime.date.fromisoformat(day) for day in FEDERAL_2026} & office
    assert datetime.date(2026, 7, 2) in office


def test_a_calendar_may_add_days_of_its_own() -> None:
    shared = {"town": {"closed_days": ["2026-01-01"], "until": "2026-12-31"}}
    own = {"day": "8 h", "holidays": "town", "closed_days": ["2026-03-02"]}
    assert dated(own, shared)["closed_days"] == ["2026-01-01", "2026-03-02"]
    assert dated(own, shared)["until"] == "2026-12-31"
    assert dated({"day": "8 h"}, shared) == {"day": "8 h"}


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("holidays: town, week: {mon-fri", "holidays: twon, week: {mon-fri", "twon", "town"),
        ("until: 2026-12-31", "until: 2026-11-30", "office:", "before the horizon"),
        ("until: 2026-12-31", "worked_days: [2026-01-01]", "office:", "among the closed days"),
    ],
)  # fmt: skip
def test_shared_days_that_do_not_fit_are_refused_where_they_stand(
    tmp_path: Path, old: str, new: str, line: str, why: str
) -> None:
    text = TOWN.read_text(encoding="utf-8").replace(old, new)
    path = tmp_path / "town.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(gs.ScenarioError) as refused:
        gs.load(path)
    (problem, *_) = refused.value.problems
    assert why in problem.message
    assert line in text.splitlines()[problem.line - 1]
