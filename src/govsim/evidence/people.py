"""Whether a finding is about the same people: ends, the same applicants, bounds, levels, demand.

A time can fall because slow cases leave it. So a change must hold among all who filed and among
those with the same answer in both configurations; where more are refused, give up or have no
answer they are put at the worst before it holds, and at the best before it is refuted. A level that
leavers make good holds only with them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.conditions.condition import (
    HOLDS,
    MISSED,
    NOTHING,
    REFUTED,
    SMALLER,
    UNDETERMINED,
    Condition,
    Finding,
    improvement_of,
    judge_alone,
    state_of,
)
from govsim.evidence.ends import (
    AT_LEAST,
    AT_WORST,
    LOST,
    NOBODY_FOLLOWED,
    NOT_AT_BEST,
    NOT_SAME,
    NOT_YET,
    OF_THE_STAYED,
    TURNS,
    People,
)
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.estimand import estimand, level_of
from govsim.evidence.sample.replications import Sample
from govsim.measures import ENDS, MEASURES
from govsim.measures.catalogue import STAYED
from govsim.scenario.units import CALENDAR_DAYS, WORKING_DAYS
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import of_pooled
from govsim.statistics.resample import Pooled

MARGIN = 0.01  # of all who filed: what the share of an end may move by
COUNTS = (*ENDS, "counted", STAYED)  # numbers of cases: of everybody in each configuration
Where = Literal["worst", "best"]


def guarded(
    finding: Finding, sample: Sample, margin: float = MARGIN, by_service: bool = True
) -> Finding:
    """A finding as far as it is about the same people.

    Ends are watched by service too, unless a world has too few replications for that.
    """
    condition = finding.condition
    if condition.weeks is not None or not about_people(condition.quantity):
        return finding
    if any(name not in sample.configurations for name in condition.configurations):
        return finding
    if not sample.followed(condition.quantity.cohort):
        return _opened(finding, People(NOBODY_FOLLOWED, {}, {}))
    if condition.is_level:
        return _level(finding, sample, margin)
    both = who_file(condition, sample)
    if both is not sample:
        alone = judge_alone(condition, both)
        finding = replace(alone, before=finding.before, after=finding.after)
    if finding.state == UNDETERMINED:
        return finding
    people = _people(condition, sample)
    if _too_early(finding, people, margin):
        return _opened(finding, replace(people, why=AT_LEAST))
    whom = "same" if finding.state == HOLDS else "known"
    same = sample.restricted(condition.first, condition.second, whom)
    asked = same is not None and not of_everybody(condition.quantity)
    among_same = judge_alone(condition, same) if asked and same is not None else None
    if among_same is not None and _contradicts(finding, among_same):
        told = replace(people, why=NOT_SAME, among_same=among_same.improvement)
        return replace(finding, state=UNDETERMINED, form="", people=told)
    return _bounded(finding, sample, people, margin, by_service)


def who_file(condition: Condition, sample: Sample) -> Sample:
    """Those that a change is about: who file in both, where a lever changes who files."""
    if condition.is_level or not about_people(condition.quantity):
        return sample
    return sample.restricted(condition.first, condition.second, "both") or sample


def _too_early(finding: Finding, people: People, margin: float) -> bool:
    """Whether a change of a mean seems too small, while in both configurations some have no answer
    yet: by how much they differ is not known.
    """
    mean = finding.condition.quantity.statistic == "mean" and people.tau is not None
    small = finding.state == REFUTED and finding.form in (NOTHING, SMALLER, MISSED)
    return mean and small and min(people.first["open"], people.second["open"]) > margin


def about_people(quantity: Quantity) -> bool:
    """Whether it is of applicants, and not of numbers of cases or of staff."""
    measure = MEASURES[quantity.measure]
    return measure.per in ("case", "task", "desk") and quantity.measure not in COUNTS


def of_everybody(quantity: Quantity) -> bool:
    """Whether it is a share of all who filed, in which leaving is counted already."""
    return MEASURES[quantity.measure].unit == "share" or quantity.statistic.startswith("share_at_")


def _contradicts(finding: Finding, among_same: Finding) -> bool:
    """Whether only one of the two holds."""
    if finding.state == HOLDS:
        return among_same.state != HOLDS
    return among_same.state == HOLDS


def shares_of_ends(
    sample: Sample, configuration: str, scope: str | tuple[str, ...], cohort: str
) -> dict[str, float]:
    """Of all who filed, how many were granted, refused, had no answer, gave up."""
    key = ("shares of ends", configuration, scope, cohort)
    shares: dict[str, float] = sample.once(
        key, lambda: _shares_of_ends(sample, configuration, scope, cohort)
    )
    return shares


def _shares_of_ends(
    sample: Sample, configuration: str, scope: str | tuple[str, ...], cohort: str
) -> dict[str, float]:
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
    return _people(condition, sample) if about_people(condition.quantity) else None


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


def moved(
    condition: Condition, sample: Sample, margin: float, by_service: bool = True
) -> dict[str, Estimate]:
    """The ends whose share moves by more than the margin, or may: of all services together, or of
    one of them.
    """
    quantity = condition.quantity
    names = sample.index.services
    ours = np.flatnonzero(sample.stated(quantity.scope)) if by_service else ()
    scopes = [quantity.scope, *(names[k] for k in ours)]
    found: dict[str, Estimate] = {}
    for end in LOST:
        for scope in dict.fromkeys(scopes):
            alone = scope != quantity.scope
            point = abs(_moved_by(condition, sample, end, scope))
            if end in found or point == 0.0 or (alone and point <= margin):
                continue
            change = _moves(condition, sample, end, scope)
            if _beyond(change, margin, alone):
                found[end] = change
    return found


def _beyond(change: Estimate, margin: float, shown: bool) -> bool:
    """Whether a share moves by more than the margin, or may; of one service it has to be shown, as
    a rare one may always.
    """
    if change.low is None or change.high is None:
        return not shown
    if shown:
        return change.low > margin or change.high < -margin
    return max(abs(change.low), abs(change.high)) > margin


def _moved_by(
    condition: Condition, sample: Sample, end: str, scope: str | tuple[str, ...]
) -> float:
    """By how much the share of an end is larger in the second configuration."""
    first, second = (
        shares_of_ends(sample, name, scope, condition.quantity.cohort)[end]
        for name in (condition.first, condition.second)
    )
    return second - first


def _moves(
    condition: Condition, sample: Sample, end: str, scope: str | tuple[str, ...]
) -> Estimate:
    cohort, pair = condition.quantity.cohort, (condition.first, condition.second)
    before, after = (_share(sample, name, end, scope, cohort) for name in pair)
    change: Estimate = sample.once(
        ("moves", pair, end, scope, cohort),
        lambda: of_pooled(lambda weights: after(weights) - before(weights), sample.replications),
    )
    return change


def _bounded(
    finding: Finding, sample: Sample, people: People, margin: float, by_service: bool
) -> Finding:
    """The finding if it also stands with the net number more of each end at the worst, or best."""
    condition = finding.condition
    ends = moved(condition, sample, margin, by_service)
    if not ends:
        return finding
    mean = condition.quantity.statistic == "mean" and people.tau is not None
    more = (ends["open"].value or 0.0) if "open" in ends else 0.0
    if finding.state == HOLDS and mean and more > 0:
        return _opened(finding, replace(people, why=TURNS, turning=_turning(finding, people)))
    if finding.state == REFUTED and mean and more < 0:
        return _opened(finding, replace(people, why=AT_LEAST))
    where: Where = "worst" if finding.state == HOLDS else "best"
    limit = _at(condition, sample, people, where, ends)
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


def _extra(people: People, second: bool, ends: Collection[str]) -> dict[str, float]:
    """By how much the shares of the ends that moved are larger than in the other configuration."""
    ours, theirs = (people.second, people.first) if second else (people.first, people.second)
    return {end: max(0.0, ours[end] - theirs[end]) if end in ends else 0.0 for end in LOST}


def _at(
    condition: Condition, sample: Sample, people: People, where: Where, ends: Collection[str]
) -> Estimate | None:
    """The improvement where the second's more of the ends that moved are put at the worst (best),
    the first's the other way round; None for a quantity that has no such bound.
    """
    wants_less = condition.sign < 0
    turned = wants_less != _less_is_better(condition.quantity)
    sides = []
    for name, second in ((condition.first, False), (condition.second, True)):
        bad = (second == (where == "worst")) != turned
        ours = people.second if second else people.first
        side = _put(condition.quantity, sample, name, _extra(people, second, ends), ours, bad)
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
        most, least = extremes(quantity, sample)
        more = refused + waiting + left
        if (wanted := level_of(quantity)) is not None:
            level = wanted + more if bad else wanted - more
            return _quantile(sample, quantity, configuration, level, most, least)
        if bad:
            return lambda weights: theta(weights) + more * most
        return lambda weights: np.maximum(least, theta(weights) - more * (most - least))
    stay = 1.0 - ends["withdrawn"]
    whole = stay + left
    if quantity.statistic == "mean":
        if bad:
            at_tau = (left + refused) * tau
            return lambda weights: np.minimum(tau, (theta(weights) * stay + at_tau) / whole)
        less = refused * tau
        return lambda weights: np.maximum(0.0, (theta(weights) * stay - less) / whole)
    wanted = level_of(quantity)
    if wanted is not None:
        share = wanted * whole
        level = (share + refused) / stay if bad else (share - left - refused) / stay
        return _quantile(sample, quantity, configuration, level, tau, 0.0)
    at_most = quantity.statistic.startswith("share_at_most")
    shift = (-refused if bad else 0.0) * (1.0 if at_most else -1.0)
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
    if quantity.measure == "late":
        shift = refused + waiting + left if bad else 0.0
        return lambda weights: np.clip(theta(weights) + shift, 0.0, 1.0)
    if bad:
        return lambda weights: np.clip(theta(weights) - refused, 0.0, 1.0)
    unknown = not_yet_known(sample, quantity, configuration)
    return lambda weights: theta(weights) + np.minimum(waiting, unknown(weights))


def not_yet_known(sample: Sample, quantity: Quantity, configuration: str) -> Pooled:
    """The share of all who filed with a promise (a limit) who have no answer, but for whom it has
    not run out.
    """
    limit = quantity.measure == "within_limit"
    names = ("within_limit", "past_limit") if limit else ("within_promise", "late")
    open_cases = _share(sample, configuration, "open", quantity.scope, quantity.cohort)
    kept, out = (estimand(sample, replace(quantity, measure=name), configuration) for name in names)
    return lambda weights: np.clip(
        np.minimum(open_cases(weights), 1.0 - kept(weights) - out(weights)), 0.0, 1.0
    )


def extremes(quantity: Quantity, sample: Sample) -> tuple[float, float]:
    """The most and the least that an applicant can have of what has no tau of its own: a time at
    most tau, lateness from as much to spare, a count the largest seen; a wait tau of the clock, or
    the largest seen where tasks waited side by side for longer.
    """
    if quantity.measure == "wait" or quantity.measure.endswith("_wait"):
        return max(sample.index.followed[0][0], sample.largest(quantity)), 0.0
    if MEASURES[quantity.measure].unit in (CALENDAR_DAYS, WORKING_DAYS):
        tau = sample.index.tau(quantity.measure, quantity.cohort)
        return tau, -tau if quantity.measure == "lateness" else 0.0
    return sample.largest(quantity), 0.0


def _quantile(
    sample: Sample, quantity: Quantity, configuration: str, level: float, most: float, least: float
) -> Pooled:
    if level >= 1.0:
        return lambda weights: np.full(len(weights), most)
    if level <= 0.0:
        return lambda weights: np.full(len(weights), least)
    curve = sample.quantiles(quantity, configuration, (level,))
    return lambda weights: curve(weights)[:, 0]


# ------------------------------------------------------------------------------------------ levels


PROMISES = ("late", "within_promise", "within_limit")


def _level(finding: Finding, sample: Sample, margin: float) -> Finding:
    """A level that leavers make good holds only with them as not answered, and late; who has no
    answer yet may still keep a promise, and makes a mean larger than what is known of it.
    """
    condition = finding.condition
    quantity, name = condition.quantity, condition.second
    ends = shares_of_ends(sample, name, quantity.scope, quantity.cohort)
    tau = sample.tau(quantity)
    people = People("", ends, ends, tau=tau)
    if finding.state == UNDETERMINED or (tau is None and quantity.measure not in PROMISES):
        return finding
    wants_less = condition.sign < 0
    kept = HOLDS if wants_less else REFUTED  # what a longer look could still turn
    if quantity.statistic == "mean" and finding.state == kept and ends["open"] > margin:
        return _opened(finding, replace(people, why=AT_LEAST))
    if quantity.measure in PROMISES:
        finding = _promised(finding, sample, people)
    left = max(ends["rejected"], ends["withdrawn"]) > margin
    if finding.state != HOLDS or not left:
        return finding
    nobody = dict.fromkeys(LOST, 0.0) | {"withdrawn": ends["withdrawn"]}
    bad = wants_less == _less_is_better(quantity)
    side = _put(quantity, sample, name, nobody, ends, bad)
    if side is None:
        return finding
    limit = improvement_of(condition, sample, None, side)
    if state_of(condition, limit)[0] == HOLDS:
        return finding
    return _opened(finding, replace(people, why=OF_THE_STAYED, at_limit=limit))


def _promised(finding: Finding, sample: Sample, people: People) -> Finding:
    """The level with those put at the worst (best) of whom it is not known yet whether a promise is
    kept.
    """
    condition = finding.condition
    quantity, name = condition.quantity, condition.second
    good = condition.sign > 0 and finding.state == REFUTED
    bad = condition.sign < 0 and finding.state == HOLDS
    if not (good and quantity.measure != "late") and not (bad and quantity.measure == "late"):
        return finding
    theta = estimand(sample, quantity, name)
    unknown = not_yet_known(sample, quantity, name)
    limit = improvement_of(condition, sample, None, lambda w: theta(w) + unknown(w))
    if state_of(condition, limit)[0] == finding.state:
        return finding
    return _opened(finding, replace(people, why=NOT_YET, at_limit=limit))


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
