"""Two configurations under the same draws: levels, changes and percentages of any quantity, with the interval each needs."""

from __future__ import annotations

import numpy as np

from govsim.evidence.estimate import of_mean, of_percent_change, of_pooled, of_pooled_percent_change
from govsim.evidence.sample import Quantity, Sample
from govsim.table import Estimate


def level(sample: Sample, quantity: Quantity, configuration: str) -> Estimate:
    """A quantity in one configuration: Student's t for a mean over replications, else pooled (shares on their logits)."""
    if sample.is_mean(quantity):
        return of_mean(sample.values(quantity, configuration))
    scale = "logit" if sample.unit(quantity) == "share" else "plain"
    return of_pooled(sample.pooled(quantity, configuration), sample.replications, scale)


def change(sample: Sample, quantity: Quantity, first: str, second: str) -> Estimate:
    """The quantity in `second` less that in `first`, paired by replication, in the quantity's unit."""
    if sample.is_mean(quantity):
        return of_mean(sample.values(quantity, second) - sample.values(quantity, first))
    before, after = sample.pooled(quantity, first), sample.pooled(quantity, second)
    return of_pooled(lambda weights: after(weights) - before(weights), sample.replications, "plain")


def percent(sample: Sample, quantity: Quantity, first: str, second: str) -> Estimate:
    """The same change in percent of the level in `first`: a ratio; refused where that level may be zero."""
    if not sample.is_mean(quantity):
        before, after = sample.pooled(quantity, first), sample.pooled(quantity, second)
        return of_pooled_percent_change(after, before, sample.replications)
    values = np.array([sample.values(quantity, name) for name in (second, first)])
    after_known, before_known = values[:, np.isfinite(values).all(axis=0)]
    return of_percent_change(after_known, before_known)
