"""In which worlds a claim fails: a box of a few parameters' ranges, found by peeling (PRIM; Friedman & Fisher 1999).

How far a box is to be believed is told by its coverage (of the failing worlds), its density (of failing worlds in it),
and by how often each restriction comes back when worlds are resampled (Bryant & Lempert 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PEEL = 0.06  # share of the worlds that one step takes away
LEAST = 0.05  # share of all worlds that a box keeps
RESAMPLES = 20
COMES_BACK = 0.6  # of the resamples, for a restriction to be believed
SIGNIFICANT = 0.02  # chance that a restriction is worth nothing
DENSE, COVERED = 0.7, 0.5  # at least, for a box to be told


@dataclass(frozen=True)
class Restriction:
    """One end of a parameter's range that the box cuts off; `reproduced` is how often it came back."""

    parameter: int
    side: str  # below, above: where the claim fails
    bound: float
    reproduced: float


@dataclass(frozen=True)
class Box:
    """Where a claim fails; without restrictions no simple box separates."""

    restrictions: tuple[Restriction, ...]
    coverage: float
    density: float


NOTHING = Box((), 0.0, 0.0)


def box_of(values: Floats, fails: Flags, seed: int = 1) -> Box:
    """The box of failure among worlds [world, parameter]; NOTHING where no simple one separates."""
    if not fails.any() or fails.all() or len(fails) < 16:
        return NOTHING
    limits = _peeled(values, fails)
    rng = np.random.default_rng(seed)
    back: dict[tuple[int, str], int] = {}
    for _ in range(RESAMPLES):
        drawn = rng.choice(len(fails), size=len(fails) // 2, replace=False)
        if fails[drawn].any() and not fails[drawn].all():
            for key in _peeled(values[drawn], fails[drawn]):
                back[key] = back.get(key, 0) + 1
    kept = {key: bound for key, bound in limits.items() if back.get(key, 0) >= COMES_BACK * RESAMPLES}
    kept = _worthwhile(values, fails, kept)
    inside = _inside(values, kept)
    if not kept or not inside.any():
        return NOTHING
    coverage, density = float(fails[inside].sum() / fails.sum()), float(fails[inside].mean())
    if density < max(DENSE, 1.2 * float(fails.mean())) or coverage < COVERED:
        return NOTHING
    told = (Restriction(k, side, bound, back[k, side] / RESAMPLES) for (k, side), bound in sorted(kept.items()))
    return Box(tuple(told), coverage, density)


Limits = dict[tuple[int, str], float]  # (parameter, side on which it fails) -> bound


def _peeled(values: Floats, fails: Flags) -> Limits:
    """Peel off the slice whose loss leaves the densest box, again and again; the box with the best of density x coverage."""
    inside = np.ones(len(fails), dtype=bool)
    limits: Limits = {}
    best, found = float(fails.mean()) * 1.0, dict(limits)
    while inside.sum() * (1 - PEEL) >= max(LEAST * len(fails), 4) and not fails[inside].all():
        here, failing = values[inside], fails[inside]
        low, high = np.quantile(here, (PEEL, 1 - PEEL), axis=0)
        kept = np.stack((here > low, here < high))  # [side, world, parameter]
        number = kept.sum(axis=1)
        dense = np.where((number > 0) & (number < len(here)), (kept & failing[:, None]).sum(axis=1) / np.maximum(number, 1), -1.0)
        side, k = np.unravel_index(int(np.argmax(dense)), dense.shape)
        if dense[side, k] < 0:
            break
        bound = float((low, high)[side][k])
        limits[int(k), ("above", "below")[side]] = bound
        inside &= values[:, k] > bound if side == 0 else values[:, k] < bound
        worth = float(fails[inside].mean() * (fails[inside].sum() / fails.sum())) if inside.any() else 0.0
        if worth > best:
            best, found = worth, dict(limits)
    return found


def _inside(values: Floats, limits: Limits) -> Flags:
    inside = np.ones(len(values), dtype=bool)
    for (k, side), bound in limits.items():
        inside &= values[:, k] > bound if side == "above" else values[:, k] < bound
    return inside


def _worthwhile(values: Floats, fails: Flags, limits: Limits) -> Limits:
    """Without the restrictions that may be worth nothing: the box without them is not significantly less dense."""
    from scipy.stats import binom

    kept = dict(limits)
    while len(kept) > 0:
        inside = _inside(values, kept)
        chances = {}
        for key in kept:
            wider = _inside(values, {other: bound for other, bound in kept.items() if other != key})
            chances[key] = float(binom.sf(fails[inside].sum() - 1, inside.sum(), fails[wider].mean()))
        worst = max(chances, key=lambda key: chances[key])
        if chances[worst] <= SIGNIFICANT:
            return kept
        del kept[worst]
    return kept
