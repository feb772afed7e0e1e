"""Conditions of claims, and whether a run shows them.

A condition is about an improvement, positive
when things get better, and the smallest that counts, delta. It holds when the whole interval lies
beyond delta, is refuted when the whole interval lies on the near side, else it is undetermined.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.ends import People
from govsim.evidence.estimates import (
    at_once,
    beyond_tau,
    few_cases,
    less,
    longer_than,
    reaches_tau,
)
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample import unseen, weekly
from govsim.evidence.sample.estimand import QUANTILE, estimand
from govsim.evidence.sample.replications import Sample
from govsim.measures.sketch import RATIO
from govsim.statistics.estimate import (
    ENOUGH,
    LEVEL,
    TOO_FEW,
    TOO_FEW_CASES,
    Estimate,
    estimate,
)
from govsim.statistics.family import jointly
from govsim.statistics.pooled import NO_CASE, Prepared, prepared
from govsim.statistics.resample import Pooled, Scale
from govsim.statistics.unseen import Unseen, same_case_by_case

HOLDS, REFUTED, UNDETERMINED = "holds", "refuted", "undetermined"
SMALLER, NOTHING, OPPOSITE = "smaller than claimed", "no relevant effect", "the opposite"
MISSED = "misses the level claimed"  # a level may be too high, and has no opposite
MAYBE_ZERO = "the level before may be zero"
MAY_BE_LONGER = "may be longer than anybody is followed: "
NOT_FOLLOWED = "longer than anybody is followed: "
ROUNDED = 1e-9  # relative: what a size may be missed by
BIN = RATIO - 1.0  # relative: what the level of a quantile may be, which is read from bins
MORE = 1.25  # times the replications that have not decided
MISSING, UNMEASURED = "not in this run: ", "not measured: "
BETTER_UP = ("increase", "no_decrease")
Tree = Mapping[str, Any]


@dataclass(frozen=True)
class Condition:
    """One thing that must hold, of a change or of a level.

    It is a change from the first to the second configuration, or a level in the second.
    """

    quantity: Quantity
    # decrease, increase, no_increase, no_decrease; at_most, at_least, above, below for a level
    kind: str
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
    def is_guard(self) -> bool:
        """Whether it is enough that nothing gets worse by more than a margin."""
        return self.kind.startswith("no_")

    @property
    def delta(self) -> float:
        """The improvement beyond which the condition holds:
        below zero where a small loss is let pass.
        """
        return 0.0 if self.is_level else -self.size if self.is_guard else self.size

    @property
    def sign(self) -> float:
        """What a change, or a level, is multiplied by so that better is more."""
        return 1.0 if self.kind in (*BETTER_UP, "at_least", "above") else -1.0

    @property
    def configurations(self) -> tuple[str, ...]:
        """Those that it looks at."""
        recovers = self.statistic == weekly.RECOVERY
        return (self.second,) if self.is_level and not recovers else (self.first, self.second)

    def of(self, service: str) -> Condition:
        """The same for one service."""
        return replace(self, quantity=replace(self.quantity, scope=service), service=service)


@dataclass(frozen=True)
class Finding:
    """A condition and what the run shows of it.

    The improvement with its interval, both levels, and why where it is open.
    """

    condition: Condition
    state: str
    form: str
    improvement: Estimate  # in the condition's unit; for a level, how far inside its bound
    before: Estimate | None  # without an interval, as the improvement's is what decides
    after: Estimate | None
    note: str = ""
    people: People | None = None  # why it is open because of who is in it


def judge(
    conditions: Sequence[Condition],
    sample: Sample,
    known: dict[Condition, Prepared] | None = None,
) -> tuple[Finding, ...]:
    """What a run shows of conditions, by intervals that hold all at once.

    `known` keeps what is worked out of the sample, for conditions that are told in several
    families.
    """
    known = {} if known is None else known
    made = {
        k: each
        for k, c in enumerate(conditions)
        if isinstance(each := _estimand(c, sample), _Estimand)
    }
    paths = [k for k, c in enumerate(conditions) if c.weeks is not None and not _lacking(c, sample)]
    spent = (1 - LEVEL) / max(1, len(made) + len(paths))
    for k, each in made.items():
        if conditions[k] not in known:
            known[conditions[k]] = each.prepared(sample)
    together = jointly([known[conditions[k]] for k in made], 1 - spent * len(made))
    found = {
        k: _improvement(made[k], each, conditions[k], sample)
        for k, each in zip(made, together, strict=True)
    }
    found |= {k: _of_path(conditions[k], sample, 1 - spent) for k in paths}
    return tuple(
        _enough(_finding(c, sample, found.get(k), levels=True), sample)
        for k, c in enumerate(conditions)
    )


def _enough(finding: Finding, sample: Sample) -> Finding:
    """Open where too little stands behind it to show anything; that nothing changes at all may."""
    improvement, condition = finding.improvement, finding.condition
    unchanged = improvement.low == improvement.high == 0.0 and improvement.note == "exact"
    unchanged = unchanged and not condition.is_level
    if finding.state == UNDETERMINED or unchanged:
        return finding
    if sample.replications < ENOUGH:
        return replace(finding, state=UNDETERMINED, form="", note=TOO_FEW)
    names = condition.configurations if condition.weeks is None else ()
    if any(few_cases(sample, condition.quantity, name) for name in names):
        return replace(finding, state=UNDETERMINED, form="", note=TOO_FEW_CASES)
    return finding


def judge_alone(condition: Condition, sample: Sample) -> Finding:
    """What a few replications of one world show of a condition, by its own interval."""
    if condition.weeks is not None and not _lacking(condition, sample):
        return _finding(condition, sample, _of_path(condition, sample, LEVEL), levels=False)
    made = _estimand(condition, sample)
    found = None
    if isinstance(made, _Estimand):
        # resamples of thousands of worlds take hours
        (alone,) = jointly([made.prepared(sample)])
        found = _improvement(made, alone, condition, sample)
    return _finding(condition, sample, found, levels=False)


def improvement_of(
    condition: Condition, sample: Sample, before: Pooled | None, after: Pooled
) -> Estimate:
    """The improvement between two levels given as functions of the replications' weights."""
    made = _made(condition, sample, before, after)
    (alone,) = jointly([made.prepared(sample)])
    return made.improvement(alone)


def by_value(condition: Condition, sample: Sample) -> Finding:
    """What the value alone shows of a condition other than of a path: open where there is none."""
    made = _estimand(condition, sample)
    found = None
    if isinstance(made, _Estimand):
        value = float(made.theta(np.ones((1, sample.replications)))[0])
        number = None if math.isnan(value) else value
        found = turned(
            Estimate(number, number, number, sample.replications), made.factor, made.shift
        )
    return _finding(condition, sample, found, levels=False)


def _improvement(
    made: _Estimand, found: Estimate, condition: Condition, sample: Sample
) -> Estimate:
    """The improvement that was estimated; of a change called exact only where it is so case by
    case.
    """
    improvement = made.improvement(found)
    if improvement.note != "exact" or condition.is_level:
        return improvement
    both = condition.first, condition.second
    same = unseen.same_case_by_case(sample, condition.quantity, *both)
    return same_case_by_case(improvement, same)


def levels(
    quantity: Quantity, sample: Sample, configurations: Sequence[str]
) -> dict[str, Pooled] | str:
    """A quantity in some configurations, as functions of the replications' weights;
    or why there are none.
    """
    try:
        return {name: estimand(sample, quantity, name) for name in configurations}
    except KeyError as unknown:
        return UNMEASURED + str(unknown.args[0])


def by_service(
    condition: Condition, services: Sequence[str], sample: Sample
) -> tuple[Finding, ...]:
    """The same condition for each of several services.

    Its intervals hold for all of them at once.
    """
    return judge([condition.of(service) for service in services], sample)


def _lacking(condition: Condition, sample: Sample) -> tuple[str, ...]:
    return tuple(name for name in condition.configurations if name not in sample.configurations)


def _finding(condition: Condition, sample: Sample, found: Estimate | None, levels: bool) -> Finding:
    if found is None:
        why = _estimand(condition, sample)
        return Finding(
            condition, UNDETERMINED, "", Estimate(None, None, None, 0), None, None, str(why)
        )
    names = (condition.first, condition.second)
    before, after = (_level(condition, sample, name) for name in names) if levels else (None, None)
    exact = found.low == found.high == 0.0
    exact = exact and (found.note == "exact" or not unseen.is_share(sample, condition.quantity))
    if condition.unit == "%" and not (condition.is_level or condition.weeks or exact):
        lowest = _lowest(condition, sample)
        if lowest is None or lowest <= 0:
            why = NO_CASE if lowest is None else MAYBE_ZERO
            found = Estimate(None, None, None, found.replications, why)
    found, state, form = _followed(condition, sample, found)
    return Finding(
        condition, state, form, found, before, after, found.note if found.low is None else ""
    )


def _followed(condition: Condition, sample: Sample, found: Estimate) -> tuple[Estimate, str, str]:
    """What a quantile beyond tau leaves of a finding: it is longer than tau, by how much is open.

    A second one that is longer still is worse, a first one better than what was found. Where only
    the interval reaches tau the same is open.
    """
    state, form = state_of(condition, found)
    names = condition.configurations
    beyond = [
        condition.weeks is None and reaches_tau(sample, condition.quantity, name) for name in names
    ]
    if not any(beyond):
        return found, state, form
    longer_is_worse = condition.sign < 0
    kept = HOLDS if beyond[0] and len(names) > 1 else REFUTED
    if not longer_is_worse:
        kept = REFUTED if kept == HOLDS else HOLDS
    known = state == kept and not all(beyond[:2]) if len(names) > 1 else state == kept
    inside = not any(beyond_tau(sample, condition.quantity, name) for name in names)
    if inside and known:
        return found, state, form
    why = (MAY_BE_LONGER if inside else NOT_FOLLOWED) + longer_than(sample, condition.quantity)
    nothing = Estimate(found.value if inside else None, None, None, found.replications, why)
    return nothing, state if known else UNDETERMINED, form if known else ""


def _lowest(condition: Condition, sample: Sample) -> float | None:
    """The lowest that the level before may be: a percentage of it has a meaning above zero only.
    None where there was no case.
    """
    try:
        values = sample.values(condition.quantity, condition.first)
    except KeyError:  # a quantity that is read from the distribution only
        values = estimand(sample, condition.quantity, condition.first)(np.eye(sample.replications))
    before = estimate(values)
    return before.value if before.low is None else before.low


def state_of(condition: Condition, improvement: Estimate) -> tuple[str, str]:
    """(state, form) of a condition by the interval of its improvement.

    "At least" a size includes it, up to rounding; without a size, what is unchanged is no change. A
    refusal has a form, the others have none.
    """
    low, high, delta = improvement.low, improvement.high, condition.delta
    if low is None or high is None:
        return UNDETERMINED, ""
    touching = condition.is_guard or condition.kind in ("at_most", "at_least") or delta > 0
    nearly = delta - ROUNDED * abs(delta)
    if condition.is_level and QUANTILE.fullmatch(condition.quantity.statistic):
        nearly = delta - BIN * condition.size
    if low > delta or (touching and low >= nearly):
        return HOLDS, ""
    if high < delta or (not touching and high <= delta):
        if condition.is_level or delta <= 0:
            return REFUTED, MISSED if condition.is_level else OPPOSITE if high < 0 else NOTHING
        return (
            REFUTED,
            SMALLER if low > 0 else NOTHING if low > -delta else OPPOSITE if high < 0 else SMALLER,
        )
    return UNDETERMINED, ""


def _level(condition: Condition, sample: Sample, configuration: str) -> Estimate | None:
    if condition.weeks is not None or configuration not in sample.configurations:
        return None
    value = float(
        estimand(sample, condition.quantity, configuration)(np.ones((1, sample.replications)))[0]
    )
    told = None if math.isnan(value) else value * _times(condition, sample)
    return Estimate(told, None, None, sample.replications)


def _times(condition: Condition, sample: Sample) -> float:
    return 100.0 if sample.unit(condition.quantity) == "share" else 1.0


class _Estimand(NamedTuple):
    """A function of the replications' weights, and how the improvement follows from it:
    factor * theta + shift.
    """

    theta: Pooled
    scale: Scale
    factor: float
    shift: float = 0.0
    unseen: Unseen | None = None

    def prepared(self, sample: Sample) -> Prepared:
        return prepared(self.theta, sample.replications, self.scale, self.unseen)

    def improvement(self, found: Estimate) -> Estimate:
        return turned(found, self.factor, self.shift)


def _estimand(condition: Condition, sample: Sample) -> _Estimand | str:
    """What is estimated for a condition, other than of a path; or why it cannot be."""
    if missing := _lacking(condition, sample):
        return MISSING + ", ".join(missing)
    if condition.weeks is not None:
        return ""
    try:
        after = estimand(sample, condition.quantity, condition.second)
        before = (
            None if condition.is_level else estimand(sample, condition.quantity, condition.first)
        )
    except KeyError as unknown:
        return UNMEASURED + str(unknown.args[0])
    return _made(condition, sample, before, after)


def _made(condition: Condition, sample: Sample, before: Pooled | None, after: Pooled) -> _Estimand:
    times, sign, quantity = _times(condition, sample), condition.sign, condition.quantity
    level = at_once(after, sample)
    if before is None:
        scale: Scale = "logit" if times == 100.0 else "plain"
        never = unseen.of_level(sample, quantity, condition.second, level)
        return _Estimand(after, scale, sign * times, -sign * condition.size, never)
    percent, both = condition.unit == "%", (condition.first, condition.second)
    never = unseen.of_change(sample, quantity, both, (at_once(before, sample), level), percent)
    if percent:
        ratio = partial(_ratio, after, before)
        return _Estimand(ratio, "log", 100.0 * sign, -100.0 * sign, never)
    return _Estimand(less(after, before), "plain", sign * times, unseen=never)


def _ratio(after: Pooled, before: Pooled, weights: Floats) -> Floats:
    """One level by another; nothing by nothing is no change, something by nothing no number."""
    above, below = after(weights), before(weights)
    nothing = np.where((above == 0) & (below == 0), 1.0, np.nan)
    found: Floats = np.divide(above, below, out=nothing, where=below != 0)
    return found


def turned(found: Estimate, factor: float, shift: float = 0.0) -> Estimate:
    """factor * found + shift."""
    value, low, high = (
        None if end is None else factor * end + shift
        for end in (found.value, found.low, found.high)
    )
    low, high = (low, high) if factor > 0 else (high, low)
    return replace(found, value=value, low=low, high=high)


def _of_path(condition: Condition, sample: Sample, level: float) -> Estimate:
    """The improvement in a path by week: its worst week, or how soon it is back."""
    kind, scope, weeks = (
        condition.quantity.measure,
        condition.quantity.scope,
        condition.weeks or (0, 0),
    )
    if kind not in weekly.KINDS or condition.statistic not in (weekly.RECOVERY, "max", "min"):
        return Estimate(
            None,
            None,
            None,
            sample.replications,
            f"{UNMEASURED}{condition.statistic} of {kind} by week",
        )
    after = weekly.part(sample.path(kind, scope, condition.second), weeks)
    before = (
        weekly.part(sample.path(kind, scope, condition.first), weeks)
        if len(condition.configurations) > 1
        else None
    )
    if before is not None and condition.statistic == weekly.RECOVERY:
        found = weekly.recovery(after, before, sample.replications, level, condition.size)
    elif before is None:
        found = weekly.extreme(after, sample.replications, level, condition.statistic)
    else:
        change = weekly.change(after, before, relative=condition.unit == "%")
        found = weekly.extreme(change, sample.replications, level, condition.statistic)
    return turned(
        found, condition.sign, -condition.sign * condition.size if condition.is_level else 0.0
    )


def replications_needed(finding: Finding) -> int | None:
    """About how many replications would decide an undetermined condition.

    None where none would, or nothing is known.
    """
    if finding.note == TOO_FEW:
        return ENOUGH
    half, value = finding.improvement.half_width, finding.improvement.value
    if (
        finding.state != UNDETERMINED
        or finding.people is not None
        or not half
        or value is None
        or finding.condition.statistic == weekly.RECOVERY
    ):
        return None
    away, done = abs(value - finding.condition.delta), finding.improvement.replications
    if away <= half / 30:
        return None
    # an interval of several conditions is wider
    return max(math.ceil(done * (half / away) ** 2), math.ceil(done * MORE))


# ---------------------------------------------------------------------- the conditions of one claim


def combined(states: Sequence[Finding], claim: Tree, refusals: Sequence[Finding] = ()) -> str:
    """The state of a claim: all of its conditions, or none worse and so many better.

    `refuted_if` alone refutes where given.
    """
    if any(each.state == HOLDS for each in refusals):
        return REFUTED
    better = claim.get("at_least_better")
    if any(each.state == REFUTED for each in states):
        return UNDETERMINED if refusals else REFUTED
    if better is not None:
        sure = sum(better_by(each, "low") for each in states)
        if sum(better_by(each, "high") for each in states) < better:
            return REFUTED
        return (
            HOLDS
            if sure >= better and all(each.state == HOLDS for each in states)
            else UNDETERMINED
        )
    return HOLDS if states and all(each.state == HOLDS for each in states) else UNDETERMINED


def better_by(each: Finding, end: str) -> bool:
    """Whether a condition improved (could have) by more than what counts as no change.

    What is open could have.
    """
    reached = getattr(each.improvement, end)
    return end == "high" if reached is None else bool(reached > abs(each.condition.delta))
