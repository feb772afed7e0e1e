"""Cycle times when some cases are still open at the end: Kaplan and Meier's estimate.

The slow ones are not dropped. Of an open case it is known that it takes longer than its age. Each
service has a curve of its own, and a mix weighs the curves, not the cases: services differ in how
long they take and so in how many are open. Within a bin of the sketch cases end before open ones
are taken out of sight. Where nothing is open the curve is the plain distribution. Kaplan and Meier
(1958), Nonparametric estimation from incomplete observations, JASA 53, 457-481.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats
from govsim.evidence.quantity import COUNTED
from govsim.evidence.sample.binned import Entries, entries_of, inverted
from govsim.evidence.sample.replications import Sample
from govsim.measures.catalogue import MINUTES_PER_UNIT, MIX

MEASURE, OPEN = "cycle_time", "open_age"
BAND = 1_000_000  # numbers at once


class Survival(NamedTuple):
    """Cycle times and ages of open cases in increasing bins."""

    lower: Floats  # [bin]
    upper: Floats  # [bin]
    ended: Floats  # [R, service, bin] cases completed
    open: Floats  # [R, service, bin] cases still open, by their age
    scale: Floats  # [service] how services weigh

    def reached(self, weights: Floats) -> Floats:
        """The share completed within each bin's upper end, [B, R] -> [B, bin].

        It stays below 1 where the slowest are open.
        """
        found = np.full((len(weights), len(self.lower)), np.nan)
        size = max(1, BAND // max(1, self.ended[0].size))
        for first in range(0, len(weights), size):
            part = slice(first, first + size)
            # [B, service, bin]
            ended, still = (
                np.tensordot(weights[part], each, axes=1) for each in (self.ended, self.open)
            )
            curves = 1.0 - product_limit(ended, still)
            scale = self.scale * ((ended + still).sum(axis=2) > 0)
            whole = scale.sum(axis=1, keepdims=True)
            np.divide(
                (scale[:, :, None] * curves).sum(axis=1), whole, out=found[part], where=whole > 0
            )
        return found

    def quantiles(self, levels: Sequence[float]) -> Callable[[Floats], Floats]:
        """Quantiles [B, R] -> [B, level].

        NaN where fewer than that share were completed before the others went out of sight.
        """
        wanted = np.asarray(levels)

        def curve(weights: Floats) -> Floats:
            found = np.full((len(weights), len(wanted)), np.nan)
            for row, reached in zip(found, self.reached(weights), strict=True):
                inside = np.flatnonzero(wanted * (1 - 1e-12) <= reached[-1:].sum())
                if len(reached) and len(inside):
                    row[inside] = inverted(reached, self.lower, self.upper, wanted[inside])
            return found

        return curve


def survival(
    sample: Sample, configuration: str, scope: str | tuple[str, ...] = MIX, cohort: str = COUNTED
) -> Survival:
    """The cycle times of a scope's cases in clock days, the open ones as censored observations.

    A service counts where it has a case, completed or open, in every configuration.
    """
    services = np.flatnonzero(sample.stated(scope))
    there = (
        np.array([_number(sample, name, services, cohort) for name in sample.configurations]) > 0
    )
    scale = np.where(there.all(axis=0), sample.stated(scope)[services], 0.0)
    every = _cases(sample, configuration, services, cohort).binned()
    ended, still = every.counts.reshape(2, sample.replications, *every.counts.shape[1:])
    return Survival(every.lower, every.upper, ended, still, scale)


def _cases(sample: Sample, configuration: str, services: NDArray[np.int64], cohort: str) -> Entries:
    """Cycle times by replication, then ages of open cases by replication."""
    nothing = [np.empty((2, 0), dtype=np.int64)] * sample.replications
    held = [
        each for name in (MEASURE, OPEN) for each in sample.sketches(name, configuration) or nothing
    ]
    return entries_of(held, sample.index, cohort, services, MINUTES_PER_UNIT["days"])


def _number(sample: Sample, configuration: str, services: NDArray[np.int64], cohort: str) -> Floats:
    found = _cases(sample, configuration, services, cohort)
    return np.bincount(found.service, found.cases, minlength=len(services)).astype(np.float64)


def product_limit(ended: Floats, still: Floats) -> Floats:
    """The share not completed after each bin [..., bin]:
    the product of 1 - ended / (cases not yet ended or out of sight).
    """
    every = ended + still
    gone = np.cumsum(every, axis=-1)
    at_risk = gone[..., -1:] - gone + every
    hazard = np.divide(ended, at_risk, out=np.zeros_like(ended), where=at_risk > 0)
    left: Floats = np.cumprod(1.0 - np.minimum(hazard, 1.0), axis=-1, dtype=np.float64)
    return left
