"""One number from the cases of all replications together, with its interval.

The interval is the one that its error over replications allows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.statistics.estimate import ENOUGH, LEVEL, Estimate, nominal, note_of
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
from govsim.statistics.unseen import NEVER_MORE, Unseen, of_level, widened

HULL = "hull of Student t and bootstrap-t {of}over replications, nominal {level:g} %"
PSEUDO = "on pseudo-values "
RESAMPLED = "resampled replications"
NO_CASE = "no completed case"
ONE = "needs 2 replications"
FEW = "too few cases for an interval"
# replications from which the number itself is resampled: families do not, since a world has few
# and there are many worlds
SOME = ENOUGH
UNDEFINED = 0.05  # share of resamples that may lack the number


class Prepared(NamedTuple):
    """A number with its pseudo-values [R] on a scale, to be told alone or in families.

    Without them `settled` says all there is to say, but for what was `unseen`.
    """

    value: float
    scale: Scale = "plain"
    pulls: Floats | None = None
    settled: Estimate = Estimate(None, None, None, 0, NO_CASE)
    unseen: Unseen = NEVER_MORE


def of_pooled(
    theta: Pooled,
    replications: int,
    scale: Scale = "plain",
    level: float = LEVEL,
    unseen: Unseen | None = None,
) -> Estimate:
    """Any function of the replications' weights, [B, R] -> [B], with its interval.

    It may be a quantile, a share, a ratio. The interval is the hull of Student's t and of
    bootstrap-t on pseudo-values, on the logits of shares (`logit`) or logs of ratios (`log`), at
    the level that is `nominal` for so few replications. What was `unseen` widens it; a share
    that is 0 or 1 in every replication has Wilson's bound for something that never happened, by
    default in as many trials as there are replications.
    """
    made = prepared(theta, replications, scale, unseen)
    if made.pulls is None:
        return widened(made.settled, made.unseen, level)
    moved = _moved(theta, made) if replications >= SOME else None
    method = HULL.format(of=PSEUDO, level=100 * nominal(replications, level))
    return widened(
        interval(made, critical(made.pulls[:, None], level, moved), method), made.unseen, level
    )


def prepared(
    theta: Pooled, replications: int, scale: Scale, unseen: Unseen | None = None
) -> Prepared:
    """The number and its pseudo-values, or why it has none."""
    value = float(theta(np.ones((1, replications)))[0]) if replications else np.nan
    if not np.isfinite(value):
        return Prepared(0.0)
    if replications == 1:
        return Prepared(value, settled=Estimate(value, None, None, 1, ONE))
    if scale == "logit" and value in (0.0, 1.0):
        known = _known(theta, replications)
        if known < 2:
            return Prepared(value, settled=Estimate(value, None, None, known, ONE))
        settled = Estimate(value, value, value, known)
        return Prepared(value, settled=settled, unseen=unseen or of_level(value, known))
    for tried in (scale, "plain"):
        pulls = _pulls(theta, replications, tried)
        if np.isfinite(pulls).all():
            size = abs(value) if tried == "plain" else 1.0
            still = np.abs(pulls).max() <= ROUNDING * size
            made = (
                Prepared(value, settled=_still(theta, replications, value))
                if still
                else Prepared(value, tried, pulls)
            )
            return made._replace(unseen=unseen or NEVER_MORE)
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
    half = nominal(replications) / 2
    low, high = map(float, np.quantile(drawn, (0.5 - half, 0.5 + half)))
    return Estimate(value, low, high, replications, note_of(replications), RESAMPLED)


def interval(made: Prepared, widths: tuple[float, float], method: str) -> Estimate:
    """So many standard errors below and above the number, on its scale."""
    assert made.pulls is not None
    number = len(made.pulls)
    reach = standard_error(made.pulls) * np.array((-widths[0], widths[1]))
    low, high = map(float, back(made.scale, onto(made.scale, np.array(made.value)) + reach))
    return Estimate(made.value, low, high, number, note_of(number), method)


def _resampled(theta: Pooled, replications: int) -> Floats | None:
    """The number in each resample that has it; None where too many lack it."""
    drawn = np.concatenate([theta(weights) for weights in resamples(replications)])
    known = drawn[np.isfinite(drawn)]
    return known if known.size >= (1 - UNDEFINED) * drawn.size else None
