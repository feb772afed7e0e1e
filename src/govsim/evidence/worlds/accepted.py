"""What choosing worlds by what is known did to the numbers drawn for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from govsim.arrays import Floats
from govsim.statistics.hypercube import rank_correlations

TOGETHER = 0.3  # rank correlation beyond which effects of two unknowns cannot be told apart
BEYOND_CHANCE = 1.63  # of a Kolmogorov-Smirnov distance times the root of the number: 1 in 100


def together(names: Sequence[str], values: Floats) -> tuple[tuple[str, ...], ...]:
    """Groups of unknowns whose ranks go together over worlds [world, unknown], pair by pair."""
    linked = np.abs(rank_correlations(values)) > TOGETHER
    groups: list[set[int]] = []
    for k in range(len(names)):
        ours = {k, *np.flatnonzero(linked[k]).tolist()}
        for other in [group for group in groups if group & ours]:
            groups.remove(other)
            ours |= other
        groups.append(ours)
    ordered = sorted(sorted(group) for group in groups if len(group) > 1)
    return tuple(tuple(names[k] for k in group) for group in ordered)


def narrowed(
    names: Sequence[str], values: Floats, tried: Floats
) -> tuple[tuple[str, float, float], ...]:
    """Unknowns whose accepted values are not as proposed, the most changed first.

    With each the quarters of its accepted values: half of the worlds lie between.
    """
    distances = [_distance(*columns) for columns in zip(values.T, tried.T, strict=True)]
    limit = BEYOND_CHANCE * (1.0 / len(values)) ** 0.5
    order = sorted(range(len(names)), key=lambda k: -distances[k])
    low, high = np.quantile(values, (0.25, 0.75), axis=0)
    return tuple((names[k], float(low[k]), float(high[k])) for k in order if distances[k] > limit)


def _distance(some: Floats, every: Floats) -> float:
    """The largest difference of two empirical distributions."""
    points = np.sort(every)
    ours = np.searchsorted(np.sort(some), points, side="right") / len(some)
    theirs = np.searchsorted(points, points, side="right") / len(points)
    return float(np.abs(ours - theirs).max())
