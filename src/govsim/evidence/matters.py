"""The smallest differences that matter: what a file says of them, or what is assumed.

Not stated they are 1 point of a share, 5 % of the mean before of a time (at least 5 minutes), .05
of what is counted per applicant, and 5 % of numbers of cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from govsim.evidence.condition import Condition, levels
from govsim.evidence.people import MARGIN
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.organisation.parameters import Values
from govsim.scenario.units import DAY, Kind

BEFORE = "before"
TIMES = ("days", "working days", "min")
CASES = ("cases", "cases per month")  # of an office, not of an applicant
POINTS, COUNT, PART, MINUTES = 1.0, 0.05, 0.05, 5.0


def stated(tree: Mapping[str, Any]) -> dict[str, float]:
    """What the file says of them, as plain numbers; empty where it says nothing."""
    said: Mapping[str, Any] = (tree.get("experiment") or {}).get("matters") or {}
    return {name: float(value) for name, value in said.items() if isinstance(value, int | float)}


def margin_of(tree: Mapping[str, Any]) -> float:
    """By how much the share of an end may move before it counts as other people:
    `experiment.outcomes_margin`.
    """
    values = Values(tree.get("parameters") or {})
    return values.number(tree.get("experiment") or {}, "outcomes_margin", Kind.SHARE, MARGIN)


def relevant(
    condition: Condition,
    sample: Sample,
    level: float,
    matters: Mapping[str, float],
    day: float | None,
) -> float:
    """The smallest gain that matters, in the condition's unit; never more than half of what is
    claimed. `level` is that before, in the measure's unit; of a percentage not 0.
    """
    unit = sample.unit(condition.quantity)
    least = _matters(condition.quantity, sample, unit, level, matters, day)
    if condition.unit == "%":
        level *= 100.0 if unit == "share" else 1.0
        least = 100.0 * least / level
        least = matters.get("percent", least) if unit != "share" else least
    return min(least, condition.size / 2) if condition.size > 0 else least


def _matters(
    quantity: Quantity,
    sample: Sample,
    unit: str,
    level: float,
    matters: Mapping[str, float],
    day: float | None,
) -> float:
    """The smallest difference that matters: points of a share, else in the measure's unit."""
    if unit == "share":
        return matters.get("points", POINTS)
    if unit in TIMES:
        said = matters.get("min" if unit == "min" else "days")
        least = MINUTES / {"days": DAY, "working days": day or DAY, "min": 1.0}[unit]
        return max(PART * _mean(quantity, sample, level), least) if said is None else said
    if unit in CASES:
        return matters.get("percent", 100.0 * PART) / 100.0 * level
    return matters.get("count", COUNT)


def _mean(quantity: Quantity, sample: Sample, level: float) -> float:
    """The mean before of a time; where it is not known, the level that is asked for."""
    if quantity.statistic == "mean":
        return level
    held = levels(replace(quantity, statistic="mean"), sample, (BEFORE,))
    if isinstance(held, str):
        return level
    return abs(float(held[BEFORE](np.ones((1, sample.replications)))[0]))
