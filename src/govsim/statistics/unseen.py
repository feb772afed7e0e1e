"""What did not happen in any replication: how often it may happen all the same.

A share without an event, or with nothing else, does not vary, and is not exact for that. Behind it
stand as many trials as there are cases, less what they share: cases of one replication wait in the
same queues. How much they share is read from a share of the same kind that does vary, as that of
another configuration or of the nearest limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.statistics.estimate import EVENTS, LEVEL, Estimate, note_of

WILSON = "Wilson bound over replications"
UNVARIED = "the same in every replication"


class Unseen(NamedTuple):
    """Trials in which what would lower, or raise, a number never happened.

    Its interval reaches farther by Wilson's bound for so many; infinitely many add nothing. `still`
    stands for both where the number does not vary at all. `size` is what a chance of 1 is in the
    number's unit.
    """

    below: float = math.inf
    above: float = math.inf
    still: float = math.inf
    size: float = 1.0


NEVER_MORE = Unseen()


def inflation(events: Floats, cases: Floats) -> float | None:
    """Variance of a share over replications, in units of that of independent cases (Kish 1965).

    `events` and `cases` are counts by replication [R]. At least 1. None with fewer than ten events,
    or than ten cases without one.
    """
    there = np.asarray(cases) > 0
    hits, number = (np.asarray(each, dtype=np.float64)[there] for each in (events, cases))
    total = float(number.sum())
    if len(hits) < 2 or not EVENTS <= hits.sum() <= total - EVENTS:
        return None
    share = float(hits.sum()) / total
    off = float(((hits - share * number) ** 2).sum()) * len(hits) / (len(hits) - 1)
    return max(1.0, off / (total * share * (1 - share)))


def nearest_inflation(tried: Iterable[tuple[Floats, Floats]]) -> float | None:
    """That of the first of several (events, cases), the nearest first, that has one."""
    return next((each for pair in tried if (each := inflation(*pair)) is not None), None)


def trials(replications: int, cases: float | None = None, shared: float | None = None) -> float:
    """Independent trials behind a share: the cases of all replications by their `inflation`.

    Where either is not known, the replications that have a case.
    """
    return float(replications) if cases is None or shared is None else cases / shared


def of_level(share: float, number: float) -> Unseen:
    """Of a share of so many trials."""
    if share == 0.0:
        return Unseen(above=number)
    return Unseen(below=number) if share == 1.0 else NEVER_MORE


def of_change(
    before: tuple[float, float], after: tuple[float, float], discordant: float, pairs: float
) -> Unseen:
    """Of a share after less one before, each (share, trials).

    A share that does not vary may be off by its own bound. Where the change does not vary either,
    it may be up or down by the bound of the chance that a case differs: `discordant` cases, with an
    event in one only, in as many trials as `pairs`. Not for what is the same case by case: that is
    exact.
    """
    first, second = of_level(*before), of_level(*after)
    return Unseen(
        _together(first.above, second.below),
        _together(first.below, second.above),
        pairs / (1 + discordant),
    )


def _together(one: float, other: float) -> float:
    """Trials whose bound is about the sum of two bounds."""
    return min(one, other) if math.inf in (one, other) else one * other / (one + other)


def widened(found: Estimate, unseen: Unseen, level: float = LEVEL) -> Estimate:
    """An interval that reaches as much farther as what was not seen may be."""
    if found.low is None or found.high is None or unseen == NEVER_MORE:
        return found
    sides = unseen.below, unseen.above
    if found.low == found.high and math.isfinite(unseen.still):
        sides = unseen.still, unseen.still
    below, above = (unseen.size * wilson(0, each, level)[1] for each in sides)
    method = f"{found.method}, and {WILSON}" if found.method else WILSON
    return replace(
        found,
        low=found.low - below,
        high=found.high + above,
        note=found.note if found.few else note_of(found.replications),
        method=method,
    )


def same_case_by_case(found: Estimate, same: bool) -> Estimate:
    """What never varies is called exact only where it is the same case by case."""
    return found if same or found.note != "exact" else replace(found, note=UNVARIED)


def wilson(successes: float, number: float, level: float = LEVEL) -> tuple[float, float]:
    """Interval of a chance from independent trials (Wilson, JASA 22, 1927).

    (0, 1) without a trial.
    """
    from scipy.special import ndtri

    if not number:
        return 0.0, 1.0
    z2, share = float(ndtri(0.5 + level / 2)) ** 2, successes / number
    middle = (share + z2 / (2 * number)) / (1 + z2 / number)
    half = (z2 * share * (1 - share) / number + (z2 / (2 * number)) ** 2) ** 0.5 / (1 + z2 / number)
    return (0.0 if successes == 0 else middle - half), (
        1.0 if successes == number else middle + half
    )
