"""What is estimated: a quantity of a run as a function of its replications' weights."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np

from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.measures import MEASURES
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
    kept = sample.sketches(quantity.measure, configuration)
    if not any(each.size and len(each) == 2 for each in kept):  # counts and paths are one row
        raise KeyError(f"the distribution of {quantity.measure}")
