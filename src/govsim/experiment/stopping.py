"""The precision rule `until`: when a run has enough replications.

It has enough once what the scenario names is known as well as it asks, and stays so.

The width decides, never significance: who looks after every replication and stops when zero is
outside is wrong far more often than the interval says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from govsim.arrays import Floats
from govsim.errors import ValueNotPossible
from govsim.measures import MEASURES, MeasureIndex
from govsim.measures.catalogue import MINUTES_PER_UNIT, MIX
from govsim.organisation.configure import services_of
from govsim.organisation.parameters import Values
from govsim.scenario import Scenario
from govsim.scenario.units import Unit
from govsim.statistics.estimate import nominal, still_needed, student
from govsim.statistics.mean import of_mean

LOOK_AHEAD = 5
LEAST = 30  # replications: an interval from fewer is no measure of what is known
MOST = 2000  # replications, where the scenario states no other limit


@dataclass(frozen=True)
class Until:
    """What must be known, and how well.

    It is the mean change between two configurations, or one's mean, over replications.
    """

    measure: str
    statistic: str
    scope: str | tuple[str, ...]
    cohort: str
    half_width: float  # in the measure's unit
    most: int  # replications

    @classmethod
    def of(cls, scenario: Scenario) -> Until | None:
        """The rule that a scenario states under `experiment`, if it states one."""
        stated = (scenario.tree.get("experiment") or {}).get("until")
        if not stated:
            return None
        measure, of = stated["measure"], stated.get("of", MIX)
        return cls(
            measure=measure,
            statistic=next(
                each for each in ("mean", "share", "count") if each in MEASURES[measure].statistics
            ),
            scope=of if isinstance(of, str) else services_of(scenario.tree, of),
            cohort=stated.get("cohort", "counted"),
            half_width=_size(scenario, measure, stated["half_width"]),
            most=stated.get("at_most", MOST),
        )

    def values(
        self, rows: Iterable[Mapping[str, Any]], index: MeasureIndex, configurations: Sequence[str]
    ) -> Floats:
        """The change from the first to the last configuration in each replication [R].

        Of one configuration, its level. Several services are summed where they are counted, else
        weighted by their demand; those without the number in some configuration are left out.
        """
        kept = index.keeps(self.scope)
        services = np.zeros(1, dtype=np.int64) if kept else np.flatnonzero(index.stated(self.scope))
        scopes = [str(self.scope)] if kept else [index.services[k] for k in services]
        places = [index.place(self.measure, self.statistic, scope, self.cohort) for scope in scopes]
        found = np.array(
            [
                [[row[f"{name}/values"][p] for p in places] for name in configurations]
                for row in rows
            ]
        )
        found = found.reshape(-1, len(configurations), len(places))
        weights = np.ones(1) if kept else index.stated(self.scope)[services]
        weights = np.where(np.isfinite(found).any(axis=0).all(axis=0), weights, 0.0)
        levels = found[:, :, weights > 0] @ (
            weights[weights > 0] if self.statistic != "count" else np.ones((weights > 0).sum())
        )
        levels = (
            levels if self.statistic == "count" or not weights.any() else levels / weights.sum()
        )
        change: Floats = levels[:, -1] - levels[:, 0] if len(configurations) > 1 else levels[:, 0]
        return change if weights.any() else np.full(len(found), np.nan)

    def told(self) -> str:
        """In a few words."""
        size = 100 * self.half_width if self.statistic == "share" else self.half_width
        unit = "points" if self.statistic == "share" else MEASURES[self.measure].unit
        return f"until {self.measure} is known within ±{size:g} {unit}, at most {self.most}"


def _size(scenario: Scenario, measure: str, written: Any) -> float:
    """A width in the unit in which the measure is told."""
    found = Values(scenario.tree.get("parameters") or {}).value(written)
    return found.path.base / (
        MINUTES_PER_UNIT.get(MEASURES[measure].unit, 1.0) if found.unit is Unit.CLOCK else 1.0
    )


@dataclass(frozen=True)
class Enough:
    """Whether replications may stop, how many more the next look should have, and why."""

    stop: bool
    more: int
    reason: str


def until(values: Floats, half_width: float, look_ahead: int = LOOK_AHEAD) -> Enough:
    """Stop once the interval of the mean is within +-half_width, and stayed so for a while.

    The half-width is in the unit of the values. `values` are the numbers so far, in order [R]. The
    while is `look_ahead` replications, in proportion more beyond 100 (Hoad, Robinson and Davies, J.
    Oper. Res. Soc. 61, 2010, with an absolute half-width, since differences have means near zero).
    Values that do not vary show no precision and never stop. ValueError: half_width not positive.
    """
    if not half_width > 0:
        raise ValueNotPossible(
            f"half_width is {half_width}: give a positive number in the unit of the measure"
        )
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    number = int(known.size)
    if number < LEAST:
        return Enough(
            False,
            _more(LEAST + look_ahead - number, values),
            f"needs {LEAST} replications with the number",
        )
    if np.all(known == known[0]):
        return Enough(
            False,
            _more(_ahead(number, look_ahead), values),
            "nothing varies so far: no precision can be told",
        )
    within = _half_widths(known) <= half_width
    since = number
    while since > LEAST and within[since - LEAST]:
        since -= 1
    since += not within[since - LEAST]
    if since > number:
        needed = still_needed(known, half_width) or 0
        return Enough(
            False,
            max(1, needed) + _ahead(number + needed, look_ahead),
            "the interval is still wider",
        )
    left = since + _ahead(since, look_ahead) - number
    if left > 0:
        return Enough(
            False, left, f"within ±{half_width:g} since replication {since}; looking ahead"
        )
    return Enough(True, 0, f"within ±{half_width:g} since replication {since}")


def _more(least: int, values: Floats) -> int:
    """By half as many again where little is known, so that there are few looks."""
    return max(least, len(values) // 2)


def _ahead(number: int, look_ahead: int) -> int:
    return look_ahead * max(number, 100) // 100


def _half_widths(values: Floats) -> Floats:
    """Half-widths of the interval of the mean after 30, 31, ... values.

    Of fewer than all the values it is Student's, as much wider as it is for all of them: a look
    makes one interval, not one for every replication that it looks back on.
    """
    number = np.arange(1, len(values) + 1)
    shifted = values - values[0]
    squares = np.cumsum(shifted**2) - np.cumsum(shifted) ** 2 / number
    wide = np.array([student(int(n), nominal(int(n))) for n in number[LEAST - 1 :]])
    students = (
        wide * np.sqrt(np.maximum(squares, 0.0) / np.maximum(number - 1, 1) / number)[LEAST - 1 :]
    )
    found: Floats = students * ((of_mean(values).half_width or 0.0) / students[-1])
    return found
