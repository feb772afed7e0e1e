"""One number from the cases of all replications together, with its interval.

The interval is the one that its error over replications allows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.statistics.estimate import LEVEL, Estimate, student
from govsim.statistics.resample import (
    ROUNDING,
    Pooled,
    Scale,
    back,
    critical,
    influence,
    onto,
    resamples,
    standard_error,
)

PSEUDO = "Student t on pseudo-values over replications"
BCA = "BCa over replications"
RESAMPLED = "resampled replications"
WILSON = "Wilson bound over replications"
NO_CASE = "no completed case"
ONE = "needs 2 replications"
FEW = "too few cases for an interval"
# replications from which the number itself is resampled; a world has fewer, and there are many
# worlds
SOME = 20
MANY = 100  # replications from which resamples tell the shape
UNDEFINED = 0.05  # share of resamples that may lack the number


class Prepared(NamedTuple):
    """A number with its pseudo-values [R] on a scale.

    Without them `settled` says all there is to say. `bounded` is the number of replications with
    cases of a share that is 0 or 1 in all of them, else 0.
    """

    value: float
    scale: Scale = "plain"
    pulls: Floats | None = None
    settled: Estimate = Estimate(None, None, None, 0, NO_CASE)
    bounded: int = 0


def of_pooled(
    theta: Pooled, replications: int, scale: Scale = "plain", level: float = LEVEL
) -> Estimate:
    """Any function of the replications' weights, [B, R] -> [B], with its interval.

    It may be a quantile, a share, a ratio. Under 100 replications Student's t on pseudo-values, on
    the logits of shares (`logit`) or logs of ratios (`log`), and longer to the side to which
    replications are skewed (`resample.critical`); from 100 on BCa (Efron, JASA 82, 1987) over
    resampled replications. A share that is 0 or 1 in every replication has Wilson's bound for
    something that never happened in as many trials as there are replications.
    """
    made = prepared(theta, replications, scale)
    if made.bounded:
        return bound(made, level)
    if made.pulls is None:
        return made.settled
    shaped = _bca(theta, made, level) if replications >= MANY else None
    moved = _moved(theta, made) if replications >= SOME else None
    return shaped or interval(made, critical(made.pulls[:, None], level, moved))


def prepared(theta: Pooled, replications: int, scale: Scale) -> Prepared:
    """The number and its pseudo-values, or why it has none."""
    value = float(theta(np.ones((1, replications)))[0]) if replications else np.nan
    if not np.isfinite(value):
        return Prepared(0.0)
    if replications == 1:
        return Prepared(value, settled=Estimate(value, None, None, 1, ONE))
    if scale == "logit" and value in (0.0, 1.0):
        known = _known(theta, replications)
        few = Estimate(value, None, None, known, ONE)
        return Prepared(value, settled=few, bounded=known if known >= 2 else 0)
    for tried in (scale, "plain"):
        pulls = _pulls(theta, replications, tried)
        if np.isfinite(pulls).all():
            size = abs(value) if tried == "plain" else 1.0
            still = np.abs(pulls).max() <= ROUNDING * size
            return (
                Prepared(value, settled=_still(theta, replications, value))
                if still
                else Prepared(value, tried, pulls)
            )
    return Prepared(value, settled=Estimate(value, None, None, replications, FEW))


def _pulls(theta: Pooled, replications: int, scale: Scale) -> Floats:
    """Pseudo-values on the scale; not finite where the number leaves the scale."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return influence(lambda weights: onto(scale, theta(weights)), replications)


def _moved(theta: Pooled, made: Prepared) -> Floats | None:
    """How far the number moves in each resample, on its scale [RESAMPLES, 1];
    None where some resample lacks it.
    """
    assert made.pulls is not None
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.concatenate(
            [onto(made.scale, theta(weights)) for weights in resamples(len(made.pulls))]
        )
        moved: Floats = (drawn - onto(made.scale, np.array(made.value)))[:, None]
    return moved if np.isfinite(moved).all() else None


def _known(theta: Pooled, replications: int) -> int:
    """How many replications have the number by themselves."""
    return int(np.isfinite(theta(np.eye(replications))).sum())


def _still(theta: Pooled, replications: int, value: float) -> Estimate:
    """What does not move with any single replication: a constant,
    or a quantile that sits on a common value.
    """
    alone = theta(np.eye(replications))
    known = alone[np.isfinite(alone)]
    if known.size < 2:
        return Estimate(value, None, None, int(known.size), ONE)
    if np.all(np.abs(known - value) <= ROUNDING * abs(value)):
        return Estimate(value, value, value, int(known.size), "exact")
    drawn = _resampled(theta, replications)
    if drawn is None:
        return Estimate(value, None, None, replications, FEW)
    low, high = np.quantile(drawn, (0.5 - LEVEL / 2, 0.5 + LEVEL / 2))
    return Estimate(value, float(low), float(high), replications, method=RESAMPLED)


def interval(made: Prepared, widths: tuple[float, float]) -> Estimate:
    """So many standard errors below and above the number, on its scale."""
    assert made.pulls is not None
    reach = standard_error(made.pulls) * np.array((-widths[0], widths[1]))
    low, high = map(float, back(made.scale, onto(made.scale, np.array(made.value)) + reach))
    return Estimate(made.value, low, high, len(made.pulls), method=PSEUDO)


def bound(made: Prepared, level: float) -> Estimate:
    """A share that is 0, or 1, in every replication: what never happened in R trials may happen
    in few (Wilson).
    """
    low, high = wilson(0, made.bounded, level)
    low, high = (low, high) if made.value == 0.0 else (1 - high, 1 - low)
    return Estimate(made.value, low, high, made.bounded, method=WILSON)


def wilson(successes: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a chance from independent trials (Wilson, JASA 22, 1927).

    (0, 1) without a trial.
    """
    from scipy.special import ndtri

    if not trials:
        return 0.0, 1.0
    z2, share = float(ndtri(0.5 + level / 2)) ** 2, successes / trials
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = (z2 * share * (1 - share) / trials + (z2 / (2 * trials)) ** 2) ** 0.5 / (1 + z2 / trials)
    return (0.0 if successes == 0 else middle - half), (
        1.0 if successes == trials else middle + half
    )


def _resampled(theta: Pooled, replications: int) -> Floats | None:
    """The number in each resample that has it; None where too many lack it."""
    drawn = np.concatenate([theta(weights) for weights in resamples(replications)])
    known = drawn[np.isfinite(drawn)]
    return known if known.size >= (1 - UNDEFINED) * drawn.size else None


def _off(scale: Scale, numbers: Floats) -> float:
    """Share of numbers that the scale does not hold, as a share of 0
    from resamples without the rare case.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(1 - np.isfinite(onto(scale, numbers)).mean())


def _bca(theta: Pooled, made: Prepared, level: float) -> Estimate | None:
    """Bias-corrected and accelerated, expanded by Student's t (Hesterberg, Am. Stat. 69, 2015);
    None where tails hold too few.
    """
    from scipy.special import ndtr, ndtri

    assert made.pulls is not None
    replications = len(made.pulls)
    drawn = _resampled(theta, replications)
    if drawn is None or _off(made.scale, drawn) > (1 - level) / 2:
        return None
    below = float((drawn < made.value).mean() + (drawn == made.value).mean() / 2)
    if not 0 < below < 1:
        return None
    bias, speed = (
        float(ndtri(below)),
        float((made.pulls**3).sum() / (6 * (made.pulls**2).sum() ** 1.5)),
    )
    wide = student(replications, level) * math.sqrt(replications / (replications - 1))
    shifted = bias + np.array((-wide, wide))
    if np.any(speed * shifted >= 1):
        return None
    levels = ndtr(bias + shifted / (1 - speed * shifted))
    if levels.min() * drawn.size < 1 or (1 - levels.max()) * drawn.size < 1:
        return None
    low, high = map(float, np.quantile(drawn, levels))
    return Estimate(made.value, low, high, replications, method=BCA)
