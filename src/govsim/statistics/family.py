"""Intervals that hold for all members of a family, or all points of a curve, at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from govsim.arrays import Floats
from govsim.statistics.estimate import LEVEL, Estimate, nominal
from govsim.statistics.pooled import Prepared, interval, prepared
from govsim.statistics.resample import (
    ROUNDING,
    Pooled,
    Scale,
    back,
    critical,
    influence,
    onto,
    standard_error,
)
from govsim.statistics.unseen import NEVER_MORE, Unseen, widened

MAX_T = "single-step max-T on pseudo-values over replications, nominal {level:g} %"
SUP_T = "simultaneous sup-t band on pseudo-values over replications"


def family(
    thetas: Sequence[Pooled],
    replications: int,
    level: float = LEVEL,
    scales: Sequence[Scale] = (),
    unseen: Sequence[Unseen | None] = (),
) -> tuple[Estimate, ...]:
    """Estimates whose intervals contain all true values at once with the given chance.

    Scales, and what was unseen, are those of `of_pooled`. Members that do not vary stay exact, and
    those without an estimate say why; neither widens the others.
    """
    plain: Scale = "plain"
    return jointly(
        [
            prepared(theta, replications, scale, each)
            for theta, scale, each in zip(
                thetas,
                scales or (plain,) * len(thetas),
                unseen or (None,) * len(thetas),
                strict=True,
            )
        ],
        level,
    )


def jointly(members: Sequence[Prepared], level: float = LEVEL) -> tuple[Estimate, ...]:
    """The intervals of a family of numbers that are `prepared` once and told in several families.

    Those that vary share one max-T (`resample.critical`), however large it is; what is added for
    the unseen is Bonferroni's.
    """
    moving = [each for each in members if each.pulls is not None]
    alone = [each for each in members if each.pulls is None and each.unseen != NEVER_MORE]
    spent = (1 - level) / max(1, len(moving) + len(alone))
    joint = 1 - spent * len(moving)
    pulls = [each.pulls for each in moving if each.pulls is not None]
    widths = critical(np.stack(pulls, axis=1), joint) if pulls else (0.0, 0.0)
    method = MAX_T.format(level=100 * nominal(len(pulls[0]), joint)) if pulls else ""

    def told(each: Prepared) -> Estimate:
        found = each.settled if each.pulls is None else interval(each, widths, method)
        return widened(found, each.unseen, 1 - spent)

    return tuple(map(told, members))


@dataclass(frozen=True, eq=False)
class Band:
    """A curve [point] with a band that contains the whole true curve with the given chance.

    Masked arrays: `value` is masked where no case tells,
    `low` and `high` also where no interval can be told.
    """

    value: np.ma.MaskedArray[Any, Any]
    low: np.ma.MaskedArray[Any, Any]
    high: np.ma.MaskedArray[Any, Any]
    replications: int
    method: str = SUP_T

    def __repr__(self) -> str:
        told = int(self.low.count())
        return (
            f"<Band: {told} of {len(self.value)} points, {self.replications} replications, "
            f"{self.method}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain lists; None where a point is not known."""
        curves = {name: getattr(self, name).tolist() for name in ("value", "low", "high")}
        return {**curves, "replications": self.replications, "method": self.method}

    @classmethod
    def from_dict(cls, held: Mapping[str, Any]) -> Band:
        """What `to_dict` wrote."""
        value, low, high = (
            _masked(np.array(held[name], dtype=np.float64)) for name in ("value", "low", "high")
        )
        return cls(value, low, high, held["replications"], held["method"])


def band(
    theta: Callable[[Floats], Floats],
    replications: int,
    level: float = LEVEL,
    scale: Scale = "plain",
) -> Band:
    """A curve as a function of weights, [B, R] -> [B, point], with its simultaneous sup-t band.

    Studentized as in Montiel Olea and Plagborg-Moller, J. Appl. Econometrics 34 (2019), on the
    logits of shares (`logit`). A point at which nothing varies has no width; one that leaves the
    scale, as a share of 0, has no interval.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = theta(np.ones((1, replications)))[0]
        middle = onto(scale, value)
        low = high = np.full_like(value, np.nan)
        if replications >= 2:
            pulls = influence(lambda weights: onto(scale, theta(weights)), replications)
            below, above = _widths(middle, pulls, level, 0.0 if scale == "plain" else 1.0)
            low, high = back(scale, middle - below), back(scale, middle + above)
    return Band(_masked(value), _masked(low), _masked(high), replications)


def _widths(middle: Floats, pulls: Floats, level: float, least: float) -> tuple[Floats, Floats]:
    """How far the band reaches below and above each point, NaN where that cannot be told;
    `least` is the scale's own unit.
    """
    told = np.isfinite(middle) & np.isfinite(pulls).all(axis=0)
    error = np.where(told, 0.0, np.nan)
    moving = np.flatnonzero(told)
    moving = moving[
        np.abs(pulls[:, moving]).max(axis=0) > ROUNDING * np.maximum(np.abs(middle[moving]), least)
    ]
    if not len(moving):
        return error, error
    error[moving] = standard_error(pulls[:, moving])
    below, above = critical(pulls[:, moving], level)
    return below * error, above * error


def _masked(curve: Floats) -> np.ma.MaskedArray[Any, Any]:
    """Unknown points masked, with 0 behind the mask."""
    unknown = ~np.isfinite(curve)
    return np.ma.MaskedArray(np.where(unknown, 0.0, curve), mask=unknown)
