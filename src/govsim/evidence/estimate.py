"""Intervals over replications: means, pooled quantities, percent changes, families and curves.

Every pooled estimand is a function of the replications' weights, [B, R] -> [B]; leaving one replication out gives its
jackknife, drawn weights its bootstrap. The replication is the unit: nothing here ever sees a case.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from govsim.table import LEVEL, Estimate, estimate

Floats = NDArray[np.float64]
Pooled = Callable[[Floats], Floats]
Scale = Literal["plain", "log", "logit"]

MANY = 100  # replications from which BCa takes over from the jackknife
RESAMPLES = 2000
LOST = 0.01  # share of resamples without an estimate, beyond which there is no interval
PIECE = 100  # rows of weights at once
SEED = 20261125  # of the resamples: the same run gives the same interval
JACKKNIFE, BCA = "Student t on jackknife pseudo-values over replications", "BCa over replications"
MAX_T, SUP_T = "simultaneous, max-T over replications", "simultaneous band, sup-t over replications"
NO_CASE, ONE, FEW = "no completed case", "needs 2 replications", "not estimable: too few replications have a case"


def of_mean(values: Floats) -> Estimate:
    """The mean of one number per replication [R] and its Student t interval."""
    return estimate(values)


def of_pooled(theta: Pooled, replications: int, scale: Scale = "plain") -> Estimate:
    """A pooled quantity and its interval: below 100 replications t on jackknife pseudo-values, else BCa.

    Pseudo-values are taken of the logit of a share, of the log of a ratio. Efron & Tibshirani 1993, chapters 11 and 14.
    """
    value = float(theta(np.ones((1, replications)))[0])
    if math.isnan(value):
        return Estimate(None, None, None, replications, NO_CASE)
    if replications < 2:
        return Estimate(value, None, None, replications, ONE)
    left_out = theta(1.0 - np.eye(replications))
    if np.isnan(left_out).any():
        return Estimate(value, None, None, replications, FEW)
    if not _varies(left_out, value):
        return Estimate(value, value, value, replications, "exact")
    if replications < MANY:
        low, high = _jackknife(value, left_out, scale)
        return Estimate(value, low, high, replications, method=JACKKNIFE)
    ends = _bca(value, left_out, in_pieces(theta, resamples(replications)))
    if ends is None:
        return Estimate(value, None, None, replications, FEW)
    return Estimate(value, *ends, replications, method=BCA)


def _varies(left_out: Floats, value: float | Floats) -> Any:
    """Whether an estimate depends on the replications at all, beyond the last digits of a sum."""
    return (np.abs(left_out - value) > 1e-12 * np.maximum(np.abs(value), 0.1)).any(axis=0)


def _jackknife(value: float, left_out: Floats, scale: Scale) -> tuple[float, float]:
    forward, back = _scales(scale, np.append(left_out, value))
    number = len(left_out)
    pseudo = number * forward(np.array(value)) - (number - 1) * forward(left_out)
    half = t_quantile(number - 1) * float(pseudo.std(ddof=1)) / math.sqrt(number)
    middle = float(pseudo.mean())
    return float(back(np.array(middle - half))), float(back(np.array(middle + half)))


def _scales(scale: Scale, values: Floats) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]:
    """There and back; as they are where some value has no place on the scale."""
    if scale == "log" and (values > 0).all():
        return np.log, np.exp
    if scale == "logit" and ((values > 0) & (values < 1)).all():
        return lambda share: np.log(share / (1 - share)), lambda logit: 1 / (1 + np.exp(-logit))
    if scale == "logit":
        return lambda share: share, lambda share: np.clip(share, 0.0, 1.0)
    return lambda value: value, lambda value: value


def _bca(value: float, left_out: Floats, drawn: Floats) -> tuple[float, float] | None:
    """Bias-corrected and accelerated ends; None where too many resamples have no estimate."""
    from scipy.special import ndtr, ndtri

    known = drawn[~np.isnan(drawn)]
    if len(known) < (1 - LOST) * len(drawn):
        return None
    below = (np.count_nonzero(known < value) + 0.5 * np.count_nonzero(known == value)) / len(known)
    bias = float(ndtri(min(max(below, 0.5 / len(known)), 1 - 0.5 / len(known))))
    away = left_out.mean() - left_out
    acceleration = float((away**3).sum() / (6.0 * (away**2).sum() ** 1.5))
    ends = []
    for z in (float(ndtri((1 - LEVEL) / 2)), float(ndtri((1 + LEVEL) / 2))):
        shifted = bias + (bias + z) / max(1.0 - acceleration * (bias + z), 0.1)
        ends.append(float(np.quantile(known, float(ndtr(shifted)))))
    return ends[0], ends[1]


# ------------------------------------------------------------------------------------------------- percent changes


def of_percent_change(after: Floats, before: Floats) -> Estimate:
    """The change from `before` to `after` [R], paired, in percent of the mean before; refused where that may be zero.

    Replications that lack either number are left out. Fieller's interval is its oracle in the tests.
    """
    both = np.isfinite(after) & np.isfinite(before)
    a, b = after[both], before[both]
    return of_pooled_percent_change(mean_of(a), mean_of(b), len(a))


def of_pooled_percent_change(after: Pooled, before: Pooled, replications: int) -> Estimate:
    """The change in percent of a pooled quantity before; refused where the interval of that contains zero."""
    if replications < 1:
        return Estimate(None, None, None, 0, NO_CASE)
    base = of_pooled(before, replications)
    if base.value is None:
        return base
    if base.value == 0 or (base.low is not None and base.high is not None and base.low <= 0 <= base.high):
        return Estimate(None, None, None, replications, "no percentage: the value before may be zero")

    def ratio(weights: Floats) -> Floats:
        below = before(weights)
        found: Floats = np.divide(after(weights), below, out=np.full(len(weights), np.nan), where=below != 0)
        return found

    found = of_pooled(ratio, replications, "log")
    value, low, high = (None if end is None else 100.0 * (end - 1.0) for end in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high)


def mean_of(values: Floats) -> Pooled:
    """The mean over replications as a function of their weights; all values are finite."""
    return lambda weights: weights @ values / weights.sum(axis=1)


# ------------------------------------------------------------------------------------------------------- together


def family(thetas: Sequence[Pooled], replications: int, level: float = LEVEL) -> tuple[Estimate, ...]:
    """Estimates whose intervals hold all at once: single-step studentized max-T, two-sided, never wider than Bonferroni's.

    Replications are resampled jointly; each resample is studentized by its own standard error, worked out from the
    jackknife's influence values, which for means is exact. Members that are exact or not estimable stay so.
    """
    ones = np.ones((1, replications))
    values = [float(theta(ones)[0]) for theta in thetas]
    if replications < 2:
        return tuple(
            Estimate(None if math.isnan(v) else v, None, None, replications, NO_CASE if math.isnan(v) else ONE) for v in values
        )
    left_out = [theta(1.0 - np.eye(replications)) for theta in thetas]
    notes = [NO_CASE if math.isnan(v) else FEW if np.isnan(jack).any() else "" for v, jack in zip(values, left_out, strict=True)]
    notes = [note or ("" if _varies(jack, v) else "exact") for v, jack, note in zip(values, left_out, notes, strict=True)]
    live = [k for k, note in enumerate(notes) if not note]
    influence = _influence(np.array([left_out[k] for k in live]).T) if live else np.empty((replications, 0))
    c, error = critical(influence, level), _error(influence)
    found = []
    for k, (value, note) in enumerate(zip(values, notes, strict=True)):
        if k in live:
            half = c * float(error[live.index(k)])
            found.append(Estimate(value, value - half, value + half, replications, method=MAX_T))
        elif note == "exact":
            found.append(Estimate(value, value, value, replications, note))
        else:
            found.append(Estimate(None if note == NO_CASE else value, None, None, replications, note))
    return tuple(found)


@dataclass(frozen=True)
class Band:
    """A curve with a band that holds at all its points at once; points that are not `known` have no meaning."""

    value: Floats
    low: Floats
    high: Floats
    replications: int
    method: str
    known: NDArray[np.bool_]

    def to_dict(self) -> dict[str, Any]:
        """Lists, with None where a point is not known."""
        told: dict[str, Any] = {"replications": self.replications, "method": self.method}
        for name in ("value", "low", "high"):
            told[name] = [float(x) if some else None for x, some in zip(getattr(self, name), self.known, strict=True)]
        return told


def band(theta: Callable[[Floats], Floats], replications: int, level: float = LEVEL) -> Band:
    """A curve [B, R] -> [B, point] and its simultaneous sup-t band over replications (Montiel Olea & Plagborg-Moller 2019)."""
    value = theta(np.ones((1, replications)))[0]
    if replications < 2:
        return Band(
            np.nan_to_num(value), np.nan_to_num(value), np.nan_to_num(value), replications, ONE, np.zeros(len(value), dtype=bool)
        )
    left_out = in_pieces(theta, 1.0 - np.eye(replications))
    known = ~np.isnan(value) & ~np.isnan(left_out).any(axis=0)
    varies = known & _varies(left_out, value)
    half = np.zeros(len(value))
    influence = _influence(left_out[:, varies])
    half[varies] = critical(influence, level) * _error(influence)
    value = np.where(known, value, 0.0)
    return Band(value, value - half, value + half, replications, SUP_T, known)


def _influence(left_out: Floats) -> Floats:
    """How much each replication moves an estimate: [R, k], zero on average; of a mean, the deviations from it."""
    moved: Floats = (len(left_out) - 1) * (left_out.mean(axis=0) - left_out)
    return moved


def _error(influence: Floats) -> Floats:
    error: Floats = influence.std(axis=0, ddof=1) / math.sqrt(len(influence))
    return error


def critical(influence: Floats, level: float = LEVEL) -> float:
    """How many standard errors the largest of all deviations stays below, with probability `level`; influence [R, k]."""
    number, members = influence.shape
    if members == 0:
        return 0.0
    alone, most = t_quantile(number - 1, level), t_quantile(number - 1, 1 - (1 - level) / members)
    if members == 1:
        return alone
    largest = np.zeros(RESAMPLES)
    weights = resamples(number)
    for first in range(0, members, PIECE):
        part = influence[:, first : first + PIECE]
        mean = weights @ part / number
        spread = (weights @ part**2 / number - mean**2) * number / (number - 1)
        error = np.sqrt(np.maximum(spread, 0.0) / number)
        ratio = np.divide(np.abs(mean), error, out=np.zeros_like(mean), where=error > 0)
        largest = np.maximum(largest, ratio.max(axis=1))
    return min(max(float(np.quantile(largest, level)), alone), most)


# ---------------------------------------------------------------------------------------------------- small things


def wilson(successes: float, trials: float, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of a share; (0, 1) where nothing was tried."""
    if trials <= 0:
        return 0.0, 1.0
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(0.0, middle - half), min(1.0, middle + half)


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given."""
    order = sorted(range(len(p)), key=lambda k: p[k])
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, k in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[k]))
        adjusted[k] = largest
    return tuple(adjusted)


@dataclass(frozen=True)
class VarianceReduction:
    """How much common draws reduce the variance of a difference, and what they could at most; None where nothing varies."""

    factor: float | None
    ceiling: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Plain numbers."""
        return asdict(self)


def variance_reduction(before: Floats, after: Floats) -> VarianceReduction:
    """(s1^2 + s0^2) / s_D^2, and its ceiling (s1^2 + s0^2) / (s1 - s0)^2, from paired numbers [R]."""
    both = np.isfinite(before) & np.isfinite(after)
    if np.count_nonzero(both) < 2:
        return VarianceReduction(None, None)
    first, second = before[both], after[both]
    total = float(first.var(ddof=1) + second.var(ddof=1))
    left, least = float((second - first).var(ddof=1)), float((second.std(ddof=1) - first.std(ddof=1)) ** 2)
    return VarianceReduction(total / left if left > 0 else None, total / least if least > 0 else None)


def enough(values: Floats, half_width: float, look_ahead: int = 5, least: int = 3) -> int | None:
    """How many replications were enough for +-half_width, absolute; None if not yet.

    The interval must stay as narrow for `look_ahead` replications more (beyond 100, for that many percent more), so that
    nobody stops at a lucky moment. Hoad, Robinson & Davies 2010.
    """
    counts = np.arange(1, len(values) + 1)
    mean = np.cumsum(values) / counts
    spread = np.maximum(np.cumsum(values**2) - counts * mean**2, 0.0)
    for number in range(max(least, 2), len(values) + 1):
        ahead = number + (look_ahead if number <= MANY else look_ahead * number // 100)
        if ahead > len(values):
            return None
        those = range(number, ahead + 1)
        if all(t_quantile(n - 1) * math.sqrt(spread[n - 1] / (n - 1) / n) <= half_width for n in those):
            return number
    return None


@lru_cache
def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """The two-sided quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))


@lru_cache(maxsize=4)
def resamples(replications: int, number: int = RESAMPLES) -> Floats:
    """Weights [number, R] of replications drawn with replacement, always the same ones."""
    drawn: Floats = (
        np.random.default_rng([SEED, replications])
        .multinomial(replications, np.full(replications, 1 / replications), size=number)
        .astype(np.float64)
    )
    drawn.setflags(write=False)
    return drawn


def in_pieces(theta: Callable[[Floats], Floats], weights: Floats) -> Floats:
    """The function of all rows of weights, a few rows at a time, for the memory."""
    pieces = [theta(weights[first : first + PIECE]) for first in range(0, len(weights), PIECE)]
    return np.concatenate(pieces)
