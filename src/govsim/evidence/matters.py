"""The smallest differences that matter: what a file says of them, or what is assumed.

Not stated they are 1 point of a share, 5 % of the mean before of a time (at least 5 minutes), .05
of what is counted per applicant, and 5 % of numbers of cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.conditions.condition import ROUNDED, Condition, levels
from govsim.evidence.estimates import at_once
from govsim.evidence.people import MARGIN
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample
from govsim.organisation.parameters import Values
from govsim.scenario.units import CALENDAR_DAYS, DAY, WORKING_DAYS, Kind
from govsim.statistics.estimate import Estimate

BEFORE = "before"
TIMES = (CALENDAR_DAYS, WORKING_DAYS, "min")
CASES = ("cases", "cases per month")  # of an office, not of an applicant
POINTS, COUNT, PART, MINUTES = 1.0, 0.05, 0.05, 5.0
UNITS = {"days": ("days", "天"), "min": ("minutes", "分钟")}
STATED = ("a difference matters, as the file states, from ", "有意义的差别（情景文件声明）：")
ASSUMED = (
    "a difference matters, assumed where the file states nothing, from ",
    "有意义的差别（文件未声明者为假设）：",
)


def stated(tree: Mapping[str, Any]) -> dict[str, float]:
    """What the file says of them, as plain numbers; empty where it says nothing."""
    return numbers((tree.get("experiment") or {}).get("matters") or {})


def numbers(said: Mapping[str, Any]) -> dict[str, float]:
    """The plain numbers of what is stated to matter."""
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
    least = smallest(condition.quantity, sample, level, matters, day)
    if condition.unit == "%":
        level *= 100.0 if unit == "share" else 1.0
        least = 100.0 * least / level
        least = matters.get("percent", least) if unit != "share" else least
    return min(least, condition.size / 2) if condition.size > 0 else least


def smallest(
    quantity: Quantity,
    sample: Sample,
    level: float,
    matters: Mapping[str, float],
    day: float | None,
) -> float:
    """The smallest difference that matters: points of a share, else in the measure's unit. `level`
    is that before, NaN where there is none.
    """
    unit = sample.unit(quantity)
    if unit == "share":
        return matters.get("points", POINTS)
    if unit in TIMES:
        said = "min" if unit == "min" else "days"
        if said in matters:
            return matters[said]
        least = MINUTES / {CALENDAR_DAYS: DAY, WORKING_DAYS: day or DAY, "min": 1.0}[unit]
        return float(np.fmax(PART * _mean(quantity, sample, level), least))
    if unit in CASES:
        return matters.get("percent", 100.0 * PART) / 100.0 * level
    return matters.get("count", COUNT)


def of_applicants(
    sample: Sample,
    first: str,
    scope: str | tuple[str, ...],
    cohort: str,
    matters: Mapping[str, float],
) -> Floats:
    """By how many calendar days an applicant's time must change to matter: of each service that the
    scope weighs [service], by its own mean in the first configuration.
    """
    services = np.flatnonzero(sample.stated(scope))
    whole = [Quantity("cycle_time", "mean", sample.index.services[k], cohort) for k in services]
    means = [at_once(estimand(sample, each, first), sample) for each in whole]
    pairs = zip(whole, means, strict=True)
    return np.array([smallest(each, sample, mean, matters, None) for each, mean in pairs])


def beyond(found: Estimate, least: float) -> float:
    """Which way a number moved: 1 up, -1 down, beyond chance and by at least the smallest that
    matters; else 0.
    """
    if found.value is None or found.low is None or found.high is None:
        return 0.0
    shown = found.low > 0 or found.high < 0
    reached = abs(found.value) >= least * (1 - ROUNDED)
    return float(np.sign(found.value)) if shown and reached else 0.0


def assumption(matters: Mapping[str, float]) -> tuple[str, str]:
    """From where on a difference matters, in English and Chinese: as stated, the rest assumed."""
    parts = [_time(matters, name) for name in ("days", "min")]
    points, count = matters.get("points", POINTS), matters.get("count", COUNT)
    parts += [(f"{points:g} points of a share", f"比率 {points:g} 个百分点")]
    parts += [(f"{count:g} of a count per case", f"每件计数 {count:g}")]
    all_stated = {"days", "min", "points", "count"} <= matters.keys()
    heads = STATED if all_stated else ASSUMED
    english, chinese = zip(*parts, strict=True)
    return heads[0] + "; ".join(english), heads[1] + "；".join(chinese)


def _time(matters: Mapping[str, float], name: str) -> tuple[str, str]:
    unit = UNITS[name]
    if name in matters:
        return f"{matters[name]:g} {unit[0]} of a time in {unit[0]}", f"{matters[name]:g} {unit[1]}"
    part, least = f"{100 * PART:g}", f"{MINUTES:g}"
    return (
        f"{part} % of the mean before of a time in {unit[0]} (at least {least} minutes)",
        f"以{unit[1]}计的时间为改革前均值的 {part}%（至少 {least} 分钟）",
    )


def _mean(quantity: Quantity, sample: Sample, level: float) -> float:
    """The mean before of a time; where it is not known, the level that is asked for."""
    if quantity.statistic == "mean":
        return level
    held = levels(replace(quantity, statistic="mean"), sample, (BEFORE,))
    if isinstance(held, str):
        return level
    return abs(float(held[BEFORE](np.ones((1, sample.replications)))[0]))
