"""Whether a finding is about the same people: ends, the same applicants, bounds, levels, demand.

A time can fall because slow cases leave it. So a change must hold among all who filed and among
those with the same answer in both configurations; where more are refused, give up or have no
answer they are put at the worst before it holds, and at the best before it is refuted. A level that
leavers make good holds only with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.condition import (
    HOLDS,
    UNDETERMINED,
    Condition,
    Finding,
    improvement_of,
    judge_alone,
    state_of,
)
from govsim.evidence.ends import (
    AT_WORST,
    LOST,
    NOT_AT_BEST,
    NOT_SAME,
    OF_THE_STAYED,
    TURNS,
    People,
)
from govsim.evidence.estimates import QUANTILE, estimand
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.measures import ENDS, MEASURES
from govsim.measures.catalogue import STAYED
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import of_pooled
from govsim.statistics.resample import Pooled

MARGIN = 0.01  # of all who filed: what the share of an end may move by
COUNTS = (*ENDS, "counted", STAYED)  # numbers of cases: of everybody in each configuration
Where = Literal["worst", "best"]


def guarded(finding: Finding, sample: Sample, margin: float = MARGIN) -> Finding:
    """A finding as far as it is about the same people."""
    condition = finding.condition
    if condition.weeks is not None or not _about_people(condition.quantity):
        return finding
    if any(name not in sample.configurations for name in condition.configurations):
        return finding
    if condition.is_level:
        return _level(finding, sample, margin)
    both = sample.restricted(condition.first, condition.second, "both")
    if both is not None:
        alone = judge_alone(condition, both)
        finding = replace(alone, before=finding.before, after=finding.after)
    if finding.state == UNDETERMINED:
        return finding
    people = _people(condition, sample)
    whom = "same" if finding.state == HOLDS else "known"
    same = sample.restricted(condition.first, condition.second, whom)
    among_same = None if same is None else judge_alone(condition, same)
    if among_same is not None and _contradicts(finding, among_same):
        told = replace(people, why=NOT_SAME, among_same=among_same.improvement)
        return replace(finding, state=UNDETERMINED, form="", people=told)
    return _bounded(finding, sample, people, margin)


def _about_people(quantity: Quantity) -> bool:
    measure = MEASURES[quantity.measure]
    return measure.per in ("case", "task", "desk") and quantity.measure not in COUNTS


def _contradicts(finding: Finding, among_same: Finding) -> bool:
    """Whether only one of the two holds."""
    if finding.state == HOLDS:
        return among_same.state != HOLDS
    return among_same.state == HOLDS


def shares_of_ends(
    sample: Sample, configuration: str, scope: str | tuple[str, ...], cohort: str
) -> dict[str, float]:
    """Of all who filed, how many were granted, refused, had no answer, gave up."""
    one = np.ones((1, sample.replications))
    return {
        end: float(np.nan_to_num(_share(sample, configuration, end, scope, cohort)(one)[0]))
        for end in ENDS
    }


def _share(
    sample: Sample, configuration: str, end: str, scope: str | tuple[str, ...], cohort: str
) -> Pooled:
    return sample.pooled(Quantity(end, "share", scope, cohort), configuration)


def behind(condition: Condition, sample: Sample) -> People | None:
    """Who is in the numbers of a condition; None where it is about numbers of cases, or staff."""
    return _people(condition, sample) if _about_people(condition.quantity) else None


def _people(condition: Condition, sample: Sample) -> People:
    quantity = condition.quantity
    first, second = (
        shares_of_ends(sample, name, quantity.scope, quantity.cohort)
        for name in (
            condition.second if condition.is_level else condition.first,
            condition.second,
        )
    )
    return People("", first, second, tau=sample.tau(quantity), away=away(condition, sample))


def away(condition: Condition, sample: Sample) -> float:
    """The share of the first configuration's applicants who do not file in the second."""
    quantity, pair = condition.quantity, (condition.first, condition.second)
    if pair not in sample.pairs:
        return 0.0
    matched = sample.ends(*pair, quantity.scope, quantity.cohort).sum()
    filed = sample.filed(*pair, quantity.scope, quantity.cohort)[..., 0].sum()
    return 1.0 - float(matched / filed) if filed else 0.0


# ---------------------------------------------------------------------------- who is put where


def moved(condition: Condition, sample: Sample, margin: float) -> dict[str, Estimate]:
    """The ends whose share moves by more than the margin, or may: of all services together, or of
    one of them.
    """
    quantity = condition.quantity
    names = sample.index.services
    scopes = [quantity.scope, *(names[k] for k in np.flatnonzero(sample.stated(quantity.scope)))]
    found: dict[str, Estimate] = {}
    for end in LOST:
        for scope in dict.fromkeys(scopes):
            change = _moves(condition, sample, end, scope)
            within = change.low is not None and change.high is not None
            within = within and max(abs(change.low or 0.0), abs(change.high or 0.0)) <= margin
            if change.value and not within and end not in found:
                found[end] = change
    return found


def _moves(
    condition: Condition, sample: Sample, end: str, scope: str | tuple[str, ...]
) -> Estimate:
    cohort = condition.quantity.cohort
    before, after = (
        _share(sample, name, end, scope, cohort) for name in (condition.first, condition.second)
    )
    return of_pooled(lambda weights: after(weights) - before(weights), sample.replications, "plain")


def _bounded(finding: Finding, sample: Sample, people: People, margin: float) -> Finding:
    """The finding if it also stands with the net number more of each end at the worst, or best."""
    condition = finding.condition
    ends = moved(condition, sample, margin)
    if not ends:
        return finding
    mean = condition.quantity.statistic == "mean" and people.tau is not None
    rises = "open" in ends and (ends["open"].value or 0.0) > 0
    if finding.state == HOLDS and mean and rises and not condition.is_guard:
        return _opened(finding, replace(people, why=TURNS, turning=_turning(finding, people)))
    where: Where = "worst" if finding.state == HOLDS else "best"
    limit = _at(condition, sample, people, where)
    if limit is None:
        return finding
    state, _ = state_of(condition, limit)
    if state == finding.state:
        return finding
    why = AT_WORST if finding.state == HOLDS else NOT_AT_BEST
    return _opened(finding, replace(people, why=why, at_limit=limit))


def _opened(finding: Finding, people: People) -> Finding:
    return replace(finding, state=UNDETERMINED, form="", people=people)


def _turning(finding: Finding, people: People) -> float | None:
    """The mean time from which on the more who had no answer turn the improvement."""
    condition = finding.condition
    levels = finding.before, finding.after
    if None in levels or people.tau is None:
        return None
    before, after = (level.value if level else None for level in levels)
    if before is None or after is None:
        return None
    size = before * condition.size / 100.0 if condition.unit == "%" else condition.size
    more = people.second["open"] - people.first["open"]
    return people.tau + max(0.0, before - after - size) * people.stayed / more


def _extra(people: People, second: bool) -> dict[str, float]:
    """By how much the share of each end is larger than in the other configuration."""
    ours, theirs = (people.second, people.first) if second else (people.first, people.second)
    return {end: max(0.0, ours[end] - theirs[end]) for end in LOST}


def _at(condition: Condition, sample: Sample, people: People, where: Where) -> Estimate | None:
    """The improvement where the second's more are put at the worst (best), the first's the other
    way round; None for a quantity that has no such bound.
    """
    wants_less = condition.sign < 0
    turned = wants_less != _less_is_better(condition.quantity)
    sides = []
    for name, second in ((condition.first, False), (condition.second, True)):
        bad = (second == (where == "worst")) != turned
        ours = people.second if second else people.first
        side = _put(condition.quantity, sample, name, _extra(people, second), ours, bad)
        if side is None:
            return None
        sides.append(side)
    return improvement_of(condition, sample, sides[0], sides[1])


def _less_is_better(quantity: Quantity) -> bool:
    if quantity.statistic.startswith("share_at_most"):
        return False
    return quantity.measure not in ("within_promise", "within_limit")


def _put(
    quantity: Quantity,
    sample: Sample,
    configuration: str,
    extra: Mapping[str, float],
    ends: Mapping[str, float],
    bad: bool,
) -> Pooled | None:
    """A quantity where some who were refused, gave up or had no answer fared worst, or best.

    What is known of those without an answer stays: that they take longer than tau, and are late
    once the promise has run out.
    """
    theta = estimand(sample, quantity, configuration)
    refused, waiting, left = (extra[end] for end in LOST)
    if MEASURES[quantity.measure].unit == "share":
        return _put_share(quantity, sample, configuration, theta, (refused, waiting, left), bad)
    tau = sample.tau(quantity)
    if tau is None:
        shift = (refused + waiting + left) * sample.largest(quantity)
        if bad:
            return lambda weights: theta(weights) + shift
        return lambda weights: np.maximum(0.0, theta(weights) - shift)
    stay = 1.0 - ends["withdrawn"]
    whole = stay + left
    if quantity.statistic == "mean":
        if bad:
            at_tau = (left + refused) * tau
            return lambda weights: np.minimum(tau, (theta(weights) * stay + at_tau) / whole)
        less = refused * tau
        return lambda weights: np.maximum(0.0, (theta(weights) * stay - less) / whole)
    if matched := QUANTILE.fullmatch(quantity.statistic.replace("median", "p50")):
        share = int(matched[1]) / 100.0 * whole
        level = (share + refused) / stay if bad else (share - left - refused) / stay
        return _quantile(sample, quantity, configuration, level, tau)
    at_most = quantity.statistic.startswith("share_at_most")
    shift = (-refused if bad else refused + left) * (1.0 if at_most else -1.0)
    return lambda weights: np.clip(theta(weights) + shift, 0.0, 1.0)


def _put_share(
    quantity: Quantity,
    sample: Sample,
    configuration: str,
    theta: Pooled,
    extra: tuple[float, float, float],
    bad: bool,
) -> Pooled:
    refused, waiting, left = extra
    late = estimand(sample, replace(quantity, measure="late"), configuration)
    if quantity.measure == "late":
        shift = refused + waiting + left if bad else -refused - left
        return lambda weights: np.clip(theta(weights) + shift, 0.0, 1.0)
    if bad:
        return lambda weights: np.clip(theta(weights) - refused, 0.0, 1.0)
    if quantity.measure != "within_promise":
        return lambda weights: np.clip(theta(weights) + waiting + left, 0.0, 1.0)
    return lambda weights: np.minimum(theta(weights) + waiting + left, 1.0 - late(weights))


def _quantile(
    sample: Sample, quantity: Quantity, configuration: str, level: float, tau: float
) -> Pooled:
    if level >= 1.0:
        return lambda weights: np.full(len(weights), tau)
    if level <= 0.0:
        return lambda weights: np.zeros(len(weights))
    curve = sample.quantiles(quantity, configuration, (level,))
    return lambda weights: curve(weights)[:, 0]


# ------------------------------------------------------------------------------------------ levels


def _level(finding: Finding, sample: Sample, margin: float) -> Finding:
    """A level that leavers make good holds only with them as not answered, and late."""
    condition = finding.condition
    quantity, name = condition.quantity, condition.second
    ends = shares_of_ends(sample, name, quantity.scope, quantity.cohort)
    timed = sample.tau(quantity) is not None or quantity.measure in ("late", "within_promise")
    if finding.state != HOLDS or not timed or max(ends["rejected"], ends["withdrawn"]) <= margin:
        return finding
    people = People(OF_THE_STAYED, ends, ends, tau=sample.tau(quantity))
    nobody = dict.fromkeys(LOST, 0.0) | {"withdrawn": ends["withdrawn"]}
    bad = (condition.sign < 0) == _less_is_better(quantity)
    side = _put(quantity, sample, name, nobody, ends, bad)
    if side is None:
        return finding
    limit = improvement_of(condition, sample, None, side)
    if state_of(condition, limit)[0] == HOLDS:
        return finding
    return _opened(finding, replace(people, at_limit=limit))


def fare(condition: Condition, sample: Sample) -> tuple[float, float]:
    """Of the applicants in both, the share whose end is worse in the second, and better."""
    quantity, pair = condition.quantity, (condition.first, condition.second)
    if pair not in sample.pairs:
        return 0.0, 0.0
    services = np.flatnonzero(sample.stated(quantity.scope))
    table: Floats = sample.ends(*pair, quantity.scope, quantity.cohort).sum(axis=0)
    number = table.sum(axis=(1, 2))
    weights = sample.stated(quantity.scope)[services] * (number > 0)
    if not weights.sum():
        return 0.0, 0.0
    share = table / np.where(number > 0, number, 1.0)[:, None, None]
    mixed = np.tensordot(weights / weights.sum(), share, axes=1)
    return float(np.triu(mixed, 1).sum()), float(np.tril(mixed, -1).sum())
