"""Boxes of failure: in which worlds a claim fails, as ranges of a few parameters.

A box is found by peeling (PRIM; Friedman & Fisher 1999).

With many parameters and few worlds a peeled box always looks good. So a restriction is kept only if
it comes back when half of the worlds are drawn afresh (Bryant & Lempert 2010), and if the box
without it were clearly less dense; the box is then peeled again along what is left. How good it is
is told by its coverage, the share of the failing worlds that lie in it, and its density, the share
of its worlds that fail.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from govsim.arrays import Flags, Floats

PEEL = 0.06  # share of the worlds that one step takes away
LEAST = 0.05  # share of all worlds that a box keeps
FEW = 8  # worlds where a claim fails (or holds), at least, for a box to be looked for
RESAMPLES = 30
COMES_BACK = (
    0.5  # of the resamples, for a restriction to be believed; chance comes back in a sixth at most
)
SIGNIFICANT = 0.05  # quasi-p: the chance that a restriction is worth nothing
DENSE, COVERED = 0.7, 0.5  # at least, for a box to be told
BETTER = 0.5  # of the way from the density of all worlds to 1, likewise

PROMISING = 8  # parameters that are looked at in a resample
SIDES = ("above", "below")
Side = tuple[int, str]  # a parameter, and on which side of a bound the claim fails: above, below
Limits = dict[Side, float]


@dataclass(frozen=True)
class Restriction:
    """One end of a parameter's range that the box cuts off.

    `reproduced` is how often it came back.
    """

    parameter: int
    side: str  # below, above: where the claim fails
    bound: float
    reproduced: float
    quasi_p: (
        float  # chance of as many failing worlds in the box, were the restriction worth nothing
    )


@dataclass(frozen=True)
class Box:
    """Where a claim fails; without restrictions no simple box separates."""

    restrictions: tuple[Restriction, ...]
    coverage: float
    density: float


NOTHING = Box((), 0.0, 0.0)


def box_of(values: Floats, fails: Flags, seed: int = 1) -> Box:
    """The box of failure among worlds [world, parameter].

    NOTHING where no simple one separates, or too few worlds fail.
    """
    if min(np.count_nonzero(fails), np.count_nonzero(~fails)) < FEW:
        return NOTHING
    back = _coming_back(values, fails, seed)
    believed = [side for side, often in back.items() if often >= COMES_BACK]
    while believed:
        limits = _best(values, fails, _peeled(values, fails, believed), told=True)
        chances = _quasi_p(values, fails, limits)
        if not limits or max(chances.values()) <= SIGNIFICANT:
            return _box(values, fails, limits, back, chances)
        believed = [side for side in limits if chances[side] < max(chances.values())]
    return NOTHING


def _box(
    values: Floats,
    fails: Flags,
    limits: Limits,
    back: dict[Side, float],
    chances: dict[Side, float],
) -> Box:
    if not limits:
        return NOTHING
    coverage, density, _ = _worth(fails, _inside(values, limits))
    told = [
        Restriction(*side, bound, back[side], chances[side])
        for side, bound in sorted(limits.items())
    ]
    return Box(tuple(told), coverage, density)


def _coming_back(values: Floats, fails: Flags, seed: int) -> dict[Side, float]:
    """How often each restriction is in the box of half of the worlds, drawn without replacement."""
    rng = np.random.default_rng(seed)
    times: dict[Side, int] = {}
    for _ in range(RESAMPLES):
        drawn = rng.permutation(len(fails))[: len(fails) // 2]
        ours, failing = values[drawn], fails[drawn]
        limits = _best(ours, failing, _peeled(ours, failing, _promising(ours, failing)), told=False)
        while limits and max((chances := _quasi_p(ours, failing, limits)).values()) > SIGNIFICANT:
            del limits[max(chances, key=lambda side: chances[side])]
        for side in limits:
            times[side] = times.get(side, 0) + 1
    return {side: number / RESAMPLES for side, number in times.items()}


def _promising(values: Floats, fails: Flags) -> list[Side]:
    """Both sides of the parameters in which failing worlds differ most from the others:
    the rest would only be noise.

    They differ by Kuiper's statistic, which sees a middle as well as an end.
    """
    failing = fails[np.argsort(values, axis=0, kind="stable")]
    apart = np.cumsum(failing, axis=0) / np.count_nonzero(fails) - np.cumsum(
        ~failing, axis=0
    ) / np.count_nonzero(~fails)
    strength = apart.max(axis=0) - apart.min(axis=0)
    return [
        (int(k), side) for k in np.argsort(-strength, kind="stable")[:PROMISING] for side in SIDES
    ]


def _peeled(values: Floats, fails: Flags, sides: Collection[Side] | None = None) -> list[Limits]:
    """Boxes that shrink: each time the slice is taken away that makes the box denser by most,
    for its size.
    """
    allowed = np.full((2, values.shape[1]), sides is None)
    for k, side in sides or ():
        allowed[SIDES.index(side), k] = True
    inside = np.ones(len(fails), dtype=bool)
    limits: Limits = {}
    boxes = [limits]
    while np.count_nonzero(inside) > max(LEAST * len(fails), 4) and not fails[inside].all():
        here, failing = values[inside], fails[inside]
        low, high = np.quantile(here, (PEEL, 1 - PEEL), axis=0)
        kept = np.stack((here > low, here < high))  # [side, world, parameter]
        number = kept.sum(axis=1)
        possible = allowed & (number > 0) & (number < len(here))
        dense = np.divide(
            failing.astype(np.float64) @ kept, number, out=np.zeros(number.shape), where=possible
        )
        gain = np.divide(
            dense - failing.mean(),
            len(here) - number,
            out=np.full(number.shape, -np.inf),
            where=possible,
        )
        end, at = map(int, np.unravel_index(int(np.argmax(gain)), gain.shape))
        if not possible[end, at]:
            break
        bound = float((low, high)[end][at])
        limits = {**limits, (at, SIDES[end]): bound}
        inside &= _within(values[:, at], SIDES[end], bound)
        boxes.append(limits)
    return boxes


def _best(values: Floats, fails: Flags, boxes: list[Limits], told: bool) -> Limits:
    """The box that tells failing worlds from others best; where it is to be told,
    of those that are good enough.
    """
    best: tuple[float, Limits] = (0.0, {})
    for limits in boxes:
        inside = _inside(values, limits)
        if not inside.any():
            continue
        coverage, density, apart = _worth(fails, inside)
        base = float(fails.mean())
        good = density >= max(DENSE, base + BETTER * (1 - base)) and coverage >= COVERED
        if apart > best[0] and (good or not told):
            best = (apart, dict(limits))
    return best[1]


def _worth(fails: Flags, inside: Flags) -> tuple[float, float, float]:
    """Coverage, density, and how far the shares of failing and of other worlds
    in the box lie apart (Youden's J).
    """
    failing = np.count_nonzero(fails & inside)
    coverage = float(failing / np.count_nonzero(fails))
    return (
        coverage,
        float(failing / np.count_nonzero(inside)),
        coverage - np.count_nonzero(inside & ~fails) / np.count_nonzero(~fails),
    )


def _inside(values: Floats, limits: Limits) -> Flags:
    inside = np.ones(len(values), dtype=bool)
    for (k, side), bound in limits.items():
        inside &= _within(values[:, k], side, bound)
    return inside


def _within(column: Floats, side: str, bound: float) -> Flags:
    found: Flags = column > bound if side == "above" else column < bound
    return found


def _quasi_p(values: Floats, fails: Flags, limits: Limits) -> dict[Side, float]:
    """For each restriction the chance of as many failing worlds in the box,
    had it the density of the box without it.
    """
    from scipy.special import bdtrc

    inside = _inside(values, limits)
    number, failing = np.count_nonzero(inside), np.count_nonzero(fails & inside)
    chances = {}
    for side in limits:
        wider = _inside(values, {other: bound for other, bound in limits.items() if other != side})
        chances[side] = float(bdtrc(failing - 1, number, fails[wider].mean()))
    return chances
