"""Level, change and percent of a quantity of a run, with their intervals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.measures.catalogue import MIX
from govsim.organisation.nouns import Configuration
from govsim.scenario.units import DAYS_A_MONTH
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import (
    Scale,
    of_mean,
    of_percent_change,
    of_pooled,
    of_pooled_percent_change,
)


def level(sample: Sample, quantity: Quantity, configuration: str) -> Estimate:
    """A quantity in one configuration.

    What is no mean over replications is pooled (shares on their logits).
    """
    if sample.is_mean(quantity):
        return of_mean(sample.values(quantity, configuration))
    scale: Scale = "logit" if sample.unit(quantity) == "share" else "plain"
    return of_pooled(sample.pooled(quantity, configuration), sample.replications, scale)


def change(sample: Sample, quantity: Quantity, first: str, second: str) -> Estimate:
    """The quantity in `second` less that in `first`, in the quantity's unit.

    The two are paired by replication.
    """
    if sample.is_mean(quantity):
        return of_mean(sample.values(quantity, second) - sample.values(quantity, first))
    return of_pooled(
        less(sample.pooled(quantity, second), sample.pooled(quantity, first)),
        sample.replications,
        "plain",
    )


def percent(sample: Sample, quantity: Quantity, first: str, second: str) -> Estimate:
    """The same change in percent of the level in `first`: a ratio.

    Refused where that level may be zero.
    """
    if not sample.is_mean(quantity):
        before, after = sample.pooled(quantity, first), sample.pooled(quantity, second)
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
