"""Level, change and percent of a quantity of a run, with their intervals."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.measures import MEASURES
from govsim.measures.catalogue import MIX
from govsim.organisation.nouns import Configuration
from govsim.scenario.units import DAYS_A_MONTH
from govsim.statistics.estimate import CASES, EVENTS, Estimate
from govsim.statistics.mean import (
    Scale,
    of_mean,
    of_percent_change,
    of_pooled,
    of_pooled_percent_change,
)
from govsim.statistics.resample import Pooled

SHARES = re.compile(r"share_at_(most|least)_(.+)")
QUANTILE = re.compile(r"median|p([1-9][0-9]?)")


def estimand(sample: Sample, quantity: Quantity, configuration: str) -> Pooled:
    """A quantity in one configuration as a function of the replications' weights, [B, R] -> [B].

    A quantile beyond tau is tau. KeyError where the run did not measure it, or did not follow the
    applicants for so long.
    """
    if found := SHARES.fullmatch(quantity.statistic):
        return _share(sample, quantity, configuration, found[1], float(found[2]))
    level = level_of(quantity)
    if level is not None and quantity.level is None:
        _refuse_unless_kept(sample, quantity, configuration)
        curve = sample.quantiles(quantity, configuration, (level,))
        return lambda weights: curve(weights)[:, 0]
    values = sample.values(quantity, configuration) if sample.is_mean(quantity) else None
    if values is None or np.isnan(values).any():
        return sample.pooled(quantity, configuration)
    held = values
    return lambda weights: weights @ held / weights.sum(axis=1)


def level_of(quantity: Quantity) -> float | None:
    """The level of any quantile; None for other statistics."""
    found = QUANTILE.fullmatch(quantity.statistic)
    if found is None:
        return None
    return int(found[1]) / 100.0 if found[1] else 0.5


def _share(
    sample: Sample, quantity: Quantity, configuration: str, side: str, point: float
) -> Pooled:
    """The share of cases at most (at least) at a point: of counted things as measured,
    of times from their distribution.
    """
    counted = any(
        each.startswith("share_at_most") for each in MEASURES[quantity.measure].statistics
    )
    if not counted:
        _refuse_unless_kept(sample, quantity, configuration)
        tau = sample.tau(quantity)
        if tau is not None and point > tau:
            unit = MEASURES[quantity.measure].unit
            raise KeyError(f"{quantity.measure} beyond {tau:g} {unit}, as long as all are followed")
        curve = sample.shares_at_most(quantity, configuration, np.array([point]))
        if side == "most":
            return lambda weights: curve(weights)[:, 0]
        return lambda weights: 1.0 - curve(weights)[:, 0]
    most = point if side == "most" else math.ceil(point) - 1
    if most < 0:
        return lambda weights: np.ones(len(weights))
    pooled = sample.pooled(
        replace(quantity, statistic=f"share_at_most_{math.floor(most)}"), configuration
    )
    return pooled if side == "most" else lambda weights: 1.0 - pooled(weights)


def _refuse_unless_kept(sample: Sample, quantity: Quantity, configuration: str) -> None:
    if not any(each.size for each in sample.sketches(quantity.measure, configuration)):
        raise KeyError(f"the distribution of {quantity.measure}")


def few_cases(sample: Sample, quantity: Quantity, configuration: str) -> bool:
    """Whether fewer cases stand behind a quantity than show anything: 30, and 10 beyond a
    quantile.
    """
    if MEASURES[quantity.measure].per not in ("case", "task") or quantity.statistic == "count":
        return False
    cases, share = sample.cases(quantity, configuration), level_of(quantity)
    beyond = cases * min(share, 1.0 - share) if share is not None else math.inf
    return 0 < cases < CASES or beyond < EVENTS


def beyond_tau(sample: Sample, quantity: Quantity, configuration: str) -> bool:
    """Whether a quantile is longer than anybody is followed."""
    tau = sample.tau(quantity)
    if tau is None or level_of(quantity) is None:
        return False
    value = estimand(sample, quantity, configuration)(np.ones((1, sample.replications)))
    return bool(value[0] >= tau * (1 - 1e-12))


def reaches_tau(sample: Sample, quantity: Quantity, configuration: str) -> bool:
    """Whether a quantile, or its interval, reaches the age to which everybody is followed."""
    tau = sample.tau(quantity)
    if tau is None or level_of(quantity) is None:
        return False
    theta, end = estimand(sample, quantity, configuration), tau * (1 - 1e-12)
    if np.nanmax(theta(np.eye(sample.replications)), initial=0.0) < end:
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
    return of_pooled(estimand(sample, quantity, configuration), sample.replications, scale)


def level_at(quantity: Quantity, sample: Sample, configuration: str) -> Estimate:
    """The level of a quantity, without an interval."""
    value = float(estimand(sample, quantity, configuration)(np.ones((1, sample.replications)))[0])
    known = math.isfinite(value) and not beyond_tau(sample, quantity, configuration)
    if known:
        return Estimate(value, None, None, sample.replications)
    return level(sample, quantity, configuration)


def _beyond(sample: Sample, quantity: Quantity) -> Estimate:
    """Nothing but that a quantile is longer than tau."""
    tau, unit = sample.tau(quantity), MEASURES[quantity.measure].unit
    return Estimate(None, None, None, sample.replications, f"> {tau:g} {unit}")


def change(sample: Sample, quantity: Quantity, first: str, second: str) -> Estimate:
    """The quantity in `second` less that in `first`, in the quantity's unit.

    The two are paired by replication.
    """
    if sample.is_mean(quantity):
        return of_mean(sample.values(quantity, second) - sample.values(quantity, first))
    for name in (first, second):
        if beyond_tau(sample, quantity, name):
            return replace(
                _beyond(sample, quantity), note=f"{name} {_beyond(sample, quantity).note}"
            )
    return of_pooled(
        less(estimand(sample, quantity, second), estimand(sample, quantity, first)),
        sample.replications,
        "plain",
    )


def percent(sample: Sample, quantity: Quantity, first: str, second: str) -> Estimate:
    """The same change in percent of the level in `first`: a ratio.

    Refused where that level may be zero.
    """
    if not sample.is_mean(quantity):
        for name in (first, second):
            if beyond_tau(sample, quantity, name):
                return change(sample, quantity, first, second)
        before, after = estimand(sample, quantity, first), estimand(sample, quantity, second)
        return of_pooled_percent_change(after, before, sample.replications)
    values = np.array([sample.values(quantity, name) for name in (second, first)])
    after_known, before_known = values[:, np.isfinite(values).all(axis=0)]
    return of_percent_change(after_known, before_known)


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
