"""A quantity, or what is measured on whom: a measure, its statistic, services and a cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govsim.measures import MEASURES
from govsim.measures.catalogue import CYCLE_TIME, LEVELS, MIX
from govsim.scenario.units import WORKING_DAYS

COUNTED = "counted"


@dataclass(frozen=True)
class Quantity:
    """A quantity: a measure, its statistic, of whom (`scope`), and a cohort.

    `scope` is a mix, a service or a tuple of services. `desks` narrows `wait` to desks whose names
    match one of the patterns.
    """

    measure: str
    statistic: str
    scope: str | tuple[str, ...] = MIX
    cohort: str = COUNTED
    desks: tuple[str, ...] = ()

    @property
    def level(self) -> float | None:
        """The level of a quantile; None for other statistics."""
        return LEVELS.get(self.statistic)


def headline_cohort(tree: Mapping[str, Any]) -> str:
    """The cohort that every command answers for unless it is asked for another."""
    headline = (tree.get("experiment") or {}).get("headline") or {}
    return str(headline.get("cohort", COUNTED))


def whom(cohort: str = COUNTED, mix: Sequence[str] = ()) -> str:
    """The cohort, and the services of the mix where the headline names them."""
    of = f"; mix of {', '.join(mix)}" if mix else ""
    return ("all counted cases" if cohort == COUNTED else cohort) + of


def headline_unit(about: Mapping[str, Any]) -> str:
    """In what a run tells how long cases take, unless it is asked otherwise."""
    return str(about["headline"].get("unit", WORKING_DAYS))


def headline_measure(about: Mapping[str, Any]) -> str:
    """The measure of how long cases take that a run answers with unless it is asked otherwise."""
    return CYCLE_TIME[headline_unit(about)]


def population(measure: str) -> str:
    """The measure whose count tells how many cases (tasks) a measure applies to."""
    found = MEASURES[measure]
    return found.among if found.per in ("case", "task") else COUNTED
