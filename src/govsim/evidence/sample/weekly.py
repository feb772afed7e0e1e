"""Mean paths by week, read with their bands: the worst week, and how soon a path recovers.

A path has recovered when it is back at the level before.

A maximum over noisy weeks lies too high and its jackknife too narrow; where the band of the whole
path is known, both ends follow from it: the largest of the lower ends, and the largest of the upper
ones.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from govsim.arrays import Floats
from govsim.scenario import meaning
from govsim.scenario.units import DAYS_A_MONTH
from govsim.statistics.estimate import Estimate, note_of
from govsim.statistics.mean import band

RECOVERY, KINDS = meaning.RECOVERY, meaning.BY_WEEK
SETTLED = 4  # weeks over which a recovery is averaged: a month that is no lucky week
NEVER, PERHAPS_NEVER = "not back in the weeks followed", "perhaps not back in the weeks followed"
NO_WEEK = "no week with cases in both configurations"
METHOD = "read from the simultaneous band of the mean path"
Path = Callable[[Floats], Floats]


def part(path: Path, weeks: tuple[int, int]) -> Path:
    """Some weeks of a path, [from, until)."""
    return lambda weights: path(weights)[:, weeks[0] : weeks[1]]


def change(after: Path, before: Path, relative: bool) -> Path:
    """The change week by week, in percent or in the path's unit.

    No percentage of nothing, unless it stays nothing.
    """
    if not relative:
        return lambda weights: after(weights) - before(weights)

    def percent(weights: Floats) -> Floats:
        now, then = after(weights), before(weights)
        nothing = np.where((now == 0) & (then == 0), 0.0, np.nan)
        found: Floats = 100.0 * np.divide(now - then, then, out=nothing, where=then > 0)
        return found

    return percent


def extreme(path: Path, replications: int, level: float, which: str) -> Estimate:
    """The largest (`max`) or smallest (`min`) week of a mean path.

    Its ends come from the simultaneous band.
    """
    found = band(path, replications, level)
    pick = np.ma.min if which == "min" else np.ma.max
    value, low, high = (
        None if each.count() == 0 else float(pick(each))
        for each in (found.value, found.low, found.high)
    )
    if value is None:
        return Estimate(None, None, None, replications, NO_WEEK)
    if low is None or high is None:
        return Estimate(value, None, None, replications, "needs 2 replications")
    note = "exact" if low == high else note_of(replications)
    return Estimate(value, low, high, replications, note, METHOD)


def recovery(after: Path, before: Path, replications: int, level: float, bound: float) -> Estimate:
    """Months until the mean path is back at the level before.

    The path is averaged over four weeks and read from its simultaneous band. Where it is not back
    in the weeks followed, their number stands for it (or `bound`, if that is more: then it is
    open).
    """

    def excess(weights: Floats) -> Floats:
        difference = after(weights) - before(weights)
        windows = np.lib.stride_tricks.sliding_window_view(
            difference, min(SETTLED, difference.shape[1]), axis=1
        )
        mean: Floats = windows.mean(axis=-1)
        return mean

    found = band(excess, replications, level)
    if found.value.count() == 0:
        return Estimate(None, None, None, replications, NO_WEEK)
    followed = (len(found.value) + SETTLED - 1) * 7.0 / DAYS_A_MONTH
    months = [_first(each) for each in (found.value, found.low, found.high)]
    if found.low.count() == 0:
        return Estimate(
            followed if months[0] is None else months[0],
            None,
            None,
            replications,
            "needs 2 replications",
        )
    never = [each is None for each in months]
    if never[2] and followed <= bound:
        return Estimate(None, None, None, replications, PERHAPS_NEVER)
    value, low, high = (followed if each is None else each for each in months)
    note = NEVER if never[0] else PERHAPS_NEVER if never[2] else ""
    return Estimate(value, low, high, replications, note, METHOD)


def _first(curve: np.ma.MaskedArray[tuple[int, ...], np.dtype[np.float64]]) -> float | None:
    """Months to the first known week at or below zero."""
    at = np.flatnonzero(np.ma.filled(curve <= 0, False))
    return float(at[0]) * 7.0 / DAYS_A_MONTH if len(at) else None
