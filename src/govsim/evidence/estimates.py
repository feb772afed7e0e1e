"""Level, change and percent of a quantity of a run, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample import unseen
from govsim.evidence.sample.estimand import estimand, level_of
from govsim.evidence.sample.replications import Sample
from govsim.measures import MEASURES
from govsim.measures.catalogue import MIX
from govsim.organisation.nouns import Configuration
from govsim.scenario.units import DAYS_A_MONTH
from govsim.statistics.estimate import Estimate, enough_cases
from govsim.statistics.mean import (
    Scale,
    of_mean,
    of_percent_change,
    of_pooled,
    of_pooled_percent_change,
)
from govsim.statistics.resample import Pooled
from govsim.statistics.unseen import same_case_by_case


def few_cases(sample: Sample, quantity: Quantity, configuration: str) -> bool:
    """Whether fewer cases stand behind a quantity than show anything: 30, and 10 beyond a
    quantile.
    """
    if MEASURES[quantity.measure].per not in ("case", "task") or quantity.statistic == "count":
        return False
    cases, share = sample.cases(quantity, configuration), level_of(quantity)
    beyond = None if share is None else cases * min(share, 1.0 - share)
    return bool(cases or share) and not enough_cases(cases, beyond)


def beyond_tau(sample: Sample, quantity: Quantity, configuration: str) -> bool:
    """Whether a quantile is longer than anybody is followed."""
    end = None if level_of(quantity) is None else sample.furthest(quantity, configuration)
    if end is None:
        return False
    return at_once(estimand(sample, quantity, configuration), sample) >= end


def reaches_tau(sample: Sample, quantity: Quantity, configuration: str) -> bool:
    """Whether a quantile, or its interval, reaches the age to which everybody is followed."""
    end = None if level_of(quantity) is None else sample.furthest(quantity, configuration)
    if end is None:
        return False
    theta = estimand(sample, quantity, configuration)
    if np.nanmax(theta(np.eye(sample.replications)), initial=-np.inf) < end:
        return False  # and no resample reaches further than its furthest replication
    if beyond_tau(sample, quantity, configuration):
        return True
    high = of_pooled(theta, sample.replications, "plain").high
    return high is not None and high >= end


def level(sample: Sample, quantity: Quantity, configuration: str) -> Estimate:
    """A quantity in one configuration.

    What is no mean over replications is pooled (shares on their logits).
    """
    if sample.is_mean(quantity):
        return of_mean(sample.values(quantity, configuration))
    if beyond_tau(sample, quantity, configuration):
        return _beyond(sample, quantity)
    scale: Scale = "logit" if sample.unit(quantity) == "share" else "plain"
    theta = estimand(sample, quantity, configuration)
    never = unseen.of_level(sample, quantity, configuration, at_once(theta, sample))
    return of_pooled(theta, sample.replications, scale, unseen=never)


def level_at(quantity: Quantity, sample: Sample, configuration: str) -> Estimate:
    """The level of a quantity, without an interval."""
    value = float(estimand(sample, quantity, configuration)(np.ones((1, sample.replications)))[0])
    known = math.isfinite(value) and not beyond_tau(sample, quantity, configuration)
    if known:
        return Estimate(value, None, None, sample.replications)
    return level(sample, quantity, configuration)


def _beyond(sample: Sample, quantity: Quantity) -> Estimate:
    """Nothing but that a quantile is longer than tau."""
    return Estimate(None, None, None, sample.replications, longer_than(sample, quantity))


def longer_than(sample: Sample, quantity: Quantity) -> str:
    """What is known of a quantile beyond tau; lateness is followed for tau less the promise."""
    tau, unit = sample.tau(quantity), MEASURES[quantity.measure].unit
    return "> tau less the promise" if tau is None else f"> {tau:g} {unit}"


def change(sample: Sample, quantity: Quantity, first: str, second: str) -> Estimate:
    """The quantity in `second` less that in `first`, in the quantity's unit.

    The two are paired by replication.
    """
    if sample.is_mean(quantity):
        found = of_mean(sample.values(quantity, second) - sample.values(quantity, first))
        return _exact(found, sample, quantity, first, second)
    for name in (first, second):
        if beyond_tau(sample, quantity, name):
            return replace(
                _beyond(sample, quantity), note=f"{name} {_beyond(sample, quantity).note}"
            )
    before, after = (estimand(sample, quantity, name) for name in (first, second))
    levels = at_once(before, sample), at_once(after, sample)
    never = unseen.of_change(sample, quantity, (first, second), levels)
    found = of_pooled(less(after, before), sample.replications, "plain", unseen=never)
    return _exact(found, sample, quantity, first, second)


def percent(sample: Sample, quantity: Quantity, first: str, second: str) -> Estimate:
    """The same change in percent of the level in `first`: a ratio.

    Refused where that level may be zero.
    """
    if not sample.is_mean(quantity):
        for name in (first, second):
            if beyond_tau(sample, quantity, name):
                return change(sample, quantity, first, second)
        before, after = estimand(sample, quantity, first), estimand(sample, quantity, second)
        levels = at_once(before, sample), at_once(after, sample)
        never = unseen.of_change(sample, quantity, (first, second), levels, relative=True)
        return of_pooled_percent_change(after, before, sample.replications, never)
    values = np.array([sample.values(quantity, name) for name in (second, first)])
    after_known, before_known = values[:, np.isfinite(values).all(axis=0)]
    return of_percent_change(after_known, before_known)


def _exact(found: Estimate, sample: Sample, quantity: Quantity, *both: str) -> Estimate:
    """Called exact only where it is so case by case."""
    if found.note != "exact":
        return found
    return same_case_by_case(found, unseen.same_case_by_case(sample, quantity, *both))


def at_once(theta: Pooled, sample: Sample) -> float:
    """The number of all replications together."""
    return float(theta(np.ones((1, sample.replications)))[0])


def less(
    after: Callable[[Floats], Floats], before: Callable[[Floats], Floats]
) -> Callable[[Floats], Floats]:
    """The difference of two pooled estimands, or of two curves."""
    return lambda weights: after(weights) - before(weights)


def backlog_growth(
    sample: Sample, configuration: str, period: Configuration, scope: str = MIX
) -> Estimate:
    """Slope of the mean backlog over the weeks of the counted period, in cases per month."""
    weeks = np.arange(-(-period.count_from // 7), period.count_until // 7)
    if len(weeks) < 2:
        return Estimate(
            None, None, None, sample.replications, "the counted period has fewer than 2 whole weeks"
        )
    path, centred = sample.path("backlog", scope, configuration), weeks - weeks.mean()
    slope = centred / (centred @ centred) * DAYS_A_MONTH / 7.0
    return of_pooled(lambda weights: path(weights)[:, weeks] @ slope, sample.replications, "plain")
