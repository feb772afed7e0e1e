"""What a claim asks for, read from the scenario; and whether a run shows it.

A condition is about an improvement, positive when things get better, and the smallest that counts, delta. It holds when
the whole interval lies beyond delta, is refuted when the whole interval lies on the near side, else it is undetermined.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from govsim.evidence.estimate import family, of_pooled
from govsim.evidence.resample import Floats, Pooled
from govsim.evidence.sample import COUNTED, Quantity, Sample
from govsim.measures import MEASURES
from govsim.scenario.units import Unit, date, dates, parse
from govsim.table import MIX, Estimate

HOLDS, REFUTED, UNDETERMINED = "holds", "refuted", "undetermined"
SMALLER, NOTHING, OPPOSITE = "smaller than claimed", "no relevant effect", "the opposite"
BETTER_UP = ("increase", "no_decrease")
MONTH = 365.25 / 12
SETTLED = 4  # weeks in a row at or below the level before: a month that is no lucky week
IN_UNIT = {"days": 1440.0, "min": 1.0, "cases per month": 1.0}
Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Condition:
    """One thing that must hold: a change from the first to the second configuration, or a level in the second."""

    quantity: Quantity
    kind: str  # decrease, increase, no_increase, no_decrease; at_most, at_least, above, below for a level
    size: float  # of the change, or the level's bound: in `unit`
    unit: str  # "%" of the level before, "points" of a share, else the measure's
    first: str
    second: str
    service: str | None = None  # the one that `each: service` stands for
    weeks: tuple[int, int] | None = None  # [from, until) of a path by week
    statistic: str = ""  # of the path: max, min, months_to_recover

    @property
    def is_level(self) -> bool:
        """Whether a level is judged rather than a change."""
        return self.kind in ("at_most", "at_least", "above", "below")

    @property
    def delta(self) -> float:
        """The improvement beyond which the condition holds: below zero where a small loss is let pass."""
        return 0.0 if self.is_level else -self.size if self.kind.startswith("no_") else self.size

    @property
    def configurations(self) -> tuple[str, ...]:
        """Those that it looks at."""
        recovers = self.statistic == "months_to_recover"
        return (self.second,) if self.is_level and not recovers else (self.first, self.second)


@dataclass(frozen=True)
class Finding:
    """A condition and what the run shows: the improvement with its interval, both levels, and why where it is open."""

    condition: Condition
    state: str
    form: str
    improvement: Estimate  # in the condition's unit; for a level, how far inside its bound
    before: Estimate | None
    after: Estimate | None
    note: str = ""


# ------------------------------------------------------------------------------------------------- from the scenario


def conditions_of(tree: Tree, claim: Tree, key: str = "holds_if") -> tuple[Condition, ...]:
    """The conditions under a key of a claim, `each: service` written out."""
    stated = claim.get(key) or ()
    return tuple(c for each in ((stated,) if isinstance(stated, Mapping) else stated) for c in _conditions(tree, claim, each))


def services_of(tree: Tree, of: Any) -> tuple[str, ...]:
    """The services of a set, a service or a list; without one, those of the mix."""
    sets = tree.get("service_sets") or {}
    if of is None:
        mix = (tree.get("experiment") or {}).get("mix")
        every = tuple(name for name, each in tree["services"].items() if not each.get("internal"))
        return every if mix is None else services_of(tree, mix)
    listed = [of] if isinstance(of, str) else of
    return tuple(dict.fromkeys(service for name in listed for service in sets.get(name, [name])))


def _conditions(tree: Tree, claim: Tree, stated: Tree) -> Iterator[Condition]:
    merged = {**{key: claim[key] for key in ("cohort", "of", "each", "by") if key in claim}, **stated}
    of, cohort = merged.get("of"), merged.get("cohort", COUNTED)
    first, second = claim.get("compare", ("before", "after"))
    statistic = merged["statistic"]
    if isinstance(statistic, Mapping):
        ((word, most),) = statistic.items()
        statistic = f"{word}_{most}"
    desks = merged.get("desks", ())
    desks = (desks,) if isinstance(desks, str) else tuple(desks)
    by_week = merged.get("by") == "week"
    scope = MIX if of is None else of if isinstance(of, str) else of[0] if len(of) == 1 else tuple(of)
    quantity = Quantity(merged["measure"], "mean" if by_week else statistic, scope, cohort, desks)
    size, unit = _size(merged, quantity, statistic)
    condition = Condition(
        quantity,
        merged.get("change") or merged["level"],
        size,
        unit,
        first,
        merged.get("configuration", second),
        weeks=_weeks(tree, cohort, statistic) if by_week else None,
        statistic=statistic if by_week else "",
    )
    if merged.get("each") != "service":
        yield condition
        return
    for service in services_of(tree, of):
        yield replace(condition, quantity=replace(quantity, scope=service), service=service)


def _size(stated: Tree, quantity: Quantity, statistic: str) -> tuple[float, str]:
    """The size or bound, and the unit that it and the improvement are told in."""
    written = stated.get("value") if "level" in stated else stated.get("at_least", stated.get("at_most", 0))
    found, own = parse(written), MEASURES[quantity.measure].unit_of(quantity.statistic)
    if statistic == "months_to_recover":
        return found.value / (MONTH * 1440.0), "months"
    if own == "share" and ("level" in stated or found.unit is not Unit.PERCENT):
        return 100.0 * found.value, "%" if "level" in stated else "points"
    if found.unit is Unit.PERCENT:
        return 100.0 * found.value, "%"
    return found.value / (IN_UNIT.get(own, 1.0) if found.unit is Unit.CLOCK else 1.0), own


def _weeks(tree: Tree, cohort: str, statistic: str) -> tuple[int, int]:
    """Whole weeks of the cohort; for a recovery from the reform day to the end of the counted filings."""
    start = date(tree["start"])
    if statistic == "months_to_recover":
        first, last = date(tree["reform_day"]), date(tree["count_until"])
    elif cohort == COUNTED:
        first, last = date(tree["count_from"]), date(tree["count_until"])
    else:
        first, last = dates(tree["experiment"]["cohorts"][cohort])
    return -(-(first - start).days // 7), ((last - start).days + 1) // 7


# ---------------------------------------------------------------------------------------------------- from the run


def judge(conditions: Sequence[Condition], sample: Sample) -> tuple[Finding, ...]:
    """What a run shows of conditions, by intervals that hold all at once."""
    thetas = {k: _improvement(c, sample) for k, c in enumerate(conditions) if not _lacking(c, sample)}
    found = dict(zip(thetas, family(list(thetas.values()), sample.replications), strict=True))
    return tuple(_finding(c, sample, found.get(k), levels=True) for k, c in enumerate(conditions))


def judge_alone(condition: Condition, sample: Sample) -> Finding:
    """What a few replications of one world show of a condition, by its own interval."""
    lacking = _lacking(condition, sample)
    found = None if lacking else of_pooled(_improvement(condition, sample), sample.replications)
    return _finding(condition, sample, found, levels=False)


def added(condition: Condition, sample: Sample, without: str) -> Estimate:
    """By how much more the second configuration improves than `without` does: what the levers between them add."""
    whole, part = _improvement(condition, sample), _improvement(replace(condition, second=without), sample)
    return of_pooled(lambda weights: whole(weights) - part(weights), sample.replications)


def _lacking(condition: Condition, sample: Sample) -> tuple[str, ...]:
    return tuple(name for name in condition.configurations if name not in sample.configurations)


def _finding(condition: Condition, sample: Sample, found: Estimate | None, levels: bool) -> Finding:
    if found is None:
        missing = ", ".join(_lacking(condition, sample))
        return Finding(condition, UNDETERMINED, "", Estimate(None, None, None, 0), None, None, f"not in this run: {missing}")
    state, form = state_of(condition, found)
    before, after = (_level(condition, sample, name) for name in (condition.first, condition.second)) if levels else (None, None)
    return Finding(condition, state, form, found, before, after, found.note if found.low is None else "")


def state_of(condition: Condition, improvement: Estimate) -> tuple[str, str]:
    """(state, form) of a condition by the interval of its improvement; a refusal has a form, the others have none."""
    low, high, delta = improvement.low, improvement.high, condition.delta
    if low is None or high is None:
        return UNDETERMINED, ""
    touching = condition.kind.startswith("no_") or condition.kind in ("at_most", "at_least")
    if low > delta or (touching and low >= delta):
        return HOLDS, ""
    if high < delta or (not touching and high <= delta):
        if condition.is_level or delta <= 0:
            return REFUTED, OPPOSITE if not condition.is_level else SMALLER
        return REFUTED, SMALLER if low > 0 else OPPOSITE if high < 0 else NOTHING if low > -delta else SMALLER
    return UNDETERMINED, ""


def _level(condition: Condition, sample: Sample, configuration: str) -> Estimate | None:
    if condition.weeks is not None or configuration not in sample.configurations:
        return None
    theta, times = _theta(condition.quantity, sample, configuration), 100.0 if sample.unit(condition.quantity) == "share" else 1.0
    return family([lambda weights: times * theta(weights)], sample.replications)[0]


def _theta(quantity: Quantity, sample: Sample, configuration: str) -> Pooled:
    """The quantity as a function of the replications' weights: the mean over replications where that is the estimand."""
    values = sample.values(quantity, configuration) if sample.is_mean(quantity) else None
    if values is None or np.isnan(values).any():
        return sample.pooled(quantity, configuration)
    found = values
    return lambda weights: weights @ found / weights.sum(axis=1)


def _improvement(condition: Condition, sample: Sample) -> Pooled:
    if condition.weeks is not None:
        return _of_path(condition, sample)
    share = 100.0 if sample.unit(condition.quantity) == "share" else 1.0
    after = _theta(condition.quantity, sample, condition.second)
    if condition.is_level:
        sign = 1.0 if condition.kind in ("at_least", "above") else -1.0
        return lambda weights: sign * (share * after(weights) - condition.size)
    before = _theta(condition.quantity, sample, condition.first)
    sign = 1.0 if condition.kind in BETTER_UP else -1.0
    if condition.unit == "%":
        return lambda weights: sign * in_percent(after(weights), before(weights))
    return lambda weights: sign * share * (after(weights) - before(weights))


def in_percent(after: Floats, before: Floats) -> Floats:
    """The change in percent; nothing from nothing is no change, something from nothing has no percentage."""
    zero = np.where((before == 0) & (after == 0), 0.0, np.nan)
    changed: Floats = np.divide(after - before, before, out=zero, where=before != 0)
    return changed * 100.0


def _of_path(condition: Condition, sample: Sample) -> Pooled:
    """The largest (smallest) weekly change or level of the mean path, or the months until it is back."""
    first_week, end = condition.weeks or (0, 0)
    kind, scope = condition.quantity.measure, condition.quantity.scope

    def path(configuration: str) -> Callable[[Floats], Floats]:
        whole = sample.path(kind, scope, configuration)
        return lambda weights: whole(weights)[:, first_week:end]

    after = path(condition.second)
    if condition.statistic == "months_to_recover":
        before = path(condition.first)
        sign = 1.0 if condition.kind in ("at_least", "above") else -1.0
        return lambda weights: sign * (_months(after(weights), before(weights)) - condition.size)
    worst = np.nanmin if condition.statistic == "min" else np.nanmax
    if condition.is_level:
        sign = 1.0 if condition.kind in ("at_least", "above") else -1.0
        return lambda weights: sign * (worst(after(weights), axis=1) - condition.size)
    before = path(condition.first)
    sign = 1.0 if condition.kind in BETTER_UP else -1.0
    if condition.unit == "%":
        return lambda weights: sign * worst(in_percent(after(weights), before(weights)), axis=1)
    return lambda weights: sign * worst(after(weights) - before(weights), axis=1)


def _months(after: Floats, before: Floats) -> Floats:
    """Months until the path is at or below the one before for SETTLED weeks in a row; all of them where it never is."""
    back = ~(after > before)  # a week without a case is no dip
    weeks = back.shape[1]
    settled = np.array([back[:, k : k + SETTLED].all(axis=1) for k in range(max(weeks - SETTLED + 1, 1))]).T
    months: Floats = np.where(settled.any(axis=1), settled.argmax(axis=1), weeks) * (7.0 / MONTH)
    return months


def replications_needed(finding: Finding) -> int | None:
    """About how many replications would decide an undetermined condition; None where none would, or nothing is known."""
    half, value = finding.improvement.half_width, finding.improvement.value
    if finding.state != UNDETERMINED or not half or value is None:
        return None
    away = abs(value - finding.condition.delta)
    return math.ceil(finding.improvement.replications * (half / away) ** 2) if away > half / 30 else None
