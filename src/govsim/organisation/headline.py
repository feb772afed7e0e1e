"""The headline: of whom, and in what unit, every command answers unless it is asked otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from govsim.errors import Problem
from govsim.organisation.configure import configure, services_of
from govsim.organisation.nouns import Calendar, Organisation
from govsim.scenario.problems import Path, at
from govsim.scenario.scenario import Scenario
from govsim.scenario.units import CALENDAR_DAYS, WORKING_DAYS

COUNTED = "counted"


class Headline(NamedTuple):
    """A cohort, the unit of times, the services of the mix, and whose working days are meant.

    No services: those of `experiment.mix`; no calendar: of each service its own.
    """

    cohort: str = COUNTED
    unit: str = WORKING_DAYS
    mix: tuple[str, ...] = ()
    calendar: str = ""


def headline_of(scenario: Scenario) -> Headline:
    """What a scenario states as its headline, and what holds where it states nothing.

    A mix over different calendars has no working day: it is told in calendar days.
    """
    tree = scenario.tree
    stated = (tree.get("experiment") or {}).get("headline") or {}
    calendar = stated.get("calendar", "")
    unit = stated.get("unit", WORKING_DAYS)
    if unit == WORKING_DAYS and not calendar and different_calendars(scenario):
        unit = CALENDAR_DAYS
    mix = services_of(tree, stated["mix"]) if "mix" in stated else ()
    return Headline(stated.get("cohort", COUNTED), unit, mix, calendar)


def different_calendars(scenario: Scenario) -> tuple[str, ...]:
    """The calendars of the mix, where their working days differ: by date, hours or length."""
    mix = services_of(scenario.tree, None)
    for regime in _regimes(scenario):
        names = dict.fromkeys(regime.services[each].calendar for each in mix)
        if len({_days(regime.calendars[name]) for name in names}) > 1:
            return tuple(names)
    return ()


def warnings_of(scenario: Scenario) -> list[Problem]:
    """What times in working days may be taken for, and are not: each with its line of the file."""
    tree, lines = scenario.tree, scenario.lines
    found: list[tuple[Path, str]] = [
        (("calendars", name, "day"), text) for name, text in _days_of_no_weekday(scenario)
    ]
    stated = (tree.get("experiment") or {}).get("headline") or {}
    names = different_calendars(scenario)
    if names and "calendar" not in stated and stated.get("unit") != CALENDAR_DAYS:
        path: Path = ("experiment", "headline") if stated else ("experiment",)
        what = f"the mix is over the calendars {', '.join(names)}, whose working days differ"
        todo = "write `headline: {unit: calendar days}`, or name one: `headline: {calendar: NAME}`"
        found.append((path, f"{what}: its times are told in {CALENDAR_DAYS}; {todo}"))
    return [at(tree, lines, path, text) for path, text in found]


def _days_of_no_weekday(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """The calendars of which no date is as long as their `day` says."""
    told = set()
    for regime in _regimes(scenario):
        for name, calendar in regime.calendars.items():
            length, opened = _days(calendar)
            hours = sorted({minutes for _, minutes in opened})
            if name in told or not hours or length in hours:
                continue
            told.add(name)
            there = ", ".join(f"{each / 60:g} h" for each in hours[:4])
            yield (
                name,
                (
                    f"{length / 60:g} h, but a weekday has {there}: durations and times in working "
                    "days are longer or shorter than dates that are worked"
                ),
            )


def _regimes(scenario: Scenario) -> Iterator[Organisation]:
    """Before the reform, and from it on."""
    yield from configure(scenario, "after").regimes


def _days(calendar: Calendar) -> tuple[float, tuple[tuple[int, float], ...]]:
    """The length of a working day as a duration, and the open minutes of each date."""
    opened = ((each.day, sum(b - a for a, b in each.hours)) for each in calendar.days)
    return calendar.day_length, tuple(opened)
