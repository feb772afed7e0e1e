"""How much a pooled number moves with the replications behind it.

Pseudo-values, resamples, critical values.

The classical jackknife leaves one replication out. For a quantile that moves the order statistics
by too little when a replication holds few cases: its 95 % intervals covered 84 to 89 % with 5 to 20
cases per replication. So all replications are perturbed at once, half of them up and half of them
down, along orthogonal contrasts (Fay's form of balanced repeated replication; Judkins, J. Off.
Stat. 6, 1990). For a mean the pseudo-values are those of the jackknife exactly; no weight is ever
zero, so that what is defined for all replications together stays defined.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats
from govsim.statistics.estimate import LEVEL, nominal, student

Pooled = Callable[[Floats], Floats]
Scale = Literal["plain", "log", "logit"]

RESAMPLES = 2000
SEED = 20241
AT_ONCE = 250  # rows of weights that an estimand gets in one call
STEP = 0.5  # how far weights are moved; with 1 a replication would drop out
FEWEST = 5  # replications whose resamples tell a shape
ROUNDING = 1e-10  # relative; what moves less does not vary
ALIKE = 0.1  # of the error: replications drawn that vary less are all alike
KEPT = 256  # replications up to which weights are kept as they are asked for


def influence(theta: Callable[[Floats], Floats], replications: int) -> Floats:
    """How far each replication pulls the estimate, [R] or [R, point]:
    pseudo-values less their mean, which is 0.
    """
    total: Floats | float = 0.0
    size = 1 << replications.bit_length()
    for first in range(0, size, AT_ONCE):
        signs = _contrasts(first, min(first + AT_ONCE, size), replications)
        moved = STEP * (signs - signs.mean(axis=1, keepdims=True))
        total = total + signs.T @ (theta(1 + moved) - theta(1 - moved))
    pulls = np.asarray(total) * (replications / (2 * STEP * size))
    centred: Floats = pulls - pulls.mean(axis=0)
    return centred


@lru_cache(maxsize=4)
def _contrasts(first: int, end: int, replications: int) -> Floats:
    """Rows of a Hadamard matrix of Sylvester's form without its first column:
    the parity of row & column, as signs.
    """
    shared = np.arange(first, end)[:, None] & np.arange(1, replications + 1)
    for shift in (16, 8, 4, 2, 1):
        shared ^= shared >> shift
    signs: Floats = 1.0 - 2.0 * (shared & 1).astype(np.float64)
    return signs


def standard_error(pulls: Floats) -> Floats:
    """Standard error of the mean of pseudo-values [R] or [R, point]."""
    found: Floats = np.sqrt((pulls**2).sum(axis=0) / (len(pulls) * (len(pulls) - 1)))
    return found


def resamples(replications: int) -> Iterator[Floats]:
    """Weights of replications drawn with replacement, the same at every call: pieces [B, R],
    RESAMPLES rows in all.
    """
    drawn = _drawn(replications)
    for first in range(0, RESAMPLES, AT_ONCE):
        yield drawn[first : first + AT_ONCE].astype(np.float64, copy=False)


@lru_cache(maxsize=4)
def _drawn(replications: int) -> NDArray[np.int16] | Floats:
    who = np.random.default_rng(SEED).integers(replications, size=(RESAMPLES, replications))
    who += replications * np.arange(RESAMPLES)[:, None]
    drawn = np.bincount(who.ravel(), minlength=who.size).reshape(who.shape)
    kept: NDArray[np.int16] | Floats = drawn.astype(np.int16)
    if replications <= KEPT:
        kept = drawn.astype(np.float64)
    kept.flags.writeable = False
    return kept


def critical(
    pulls: Floats, level: float = LEVEL, moved: Floats | None = None
) -> tuple[float, float]:
    """By how many standard errors (below, above) all members may be off at once.

    `pulls` are the pseudo-values [R, member] of members that vary. Single-step max-T: replications
    are drawn jointly and each resample is studentized by its own standard error (Romano and Wolf,
    Econometrica 73, 2005), with half of the error to each side, so that where replications are
    skewed the longer side is the right one; at the level that is `nominal`, and never less than
    Student's t there. `moved` [RESAMPLES, member] is how far the numbers themselves move in the
    resamples; without it pseudo-values stand for them. With fewer than five replications too many
    resamples are all alike: Bonferroni's t then.
    """
    replications, members = pulls.shape
    made_at = nominal(replications, level)
    if replications < FEWEST:
        return (student(replications, 1 - (1 - made_at) / members),) * 2
    place = math.ceil((0.5 + made_at / 2) * (RESAMPLES - 1))
    least = student(replications, made_at)
    below, above = (
        max(float(np.partition(off, place)[place]), least) for off in _largest(pulls, moved)
    )
    return below, above


def _largest(pulls: Floats, moved: Floats | None) -> tuple[Floats, Floats]:
    """The largest t above and below among the members in each resample [RESAMPLES]."""
    replications, members = pulls.shape
    size = np.abs(pulls).max(axis=0)
    scaled = pulls / size
    powers = np.concatenate((scaled, scaled**2), axis=1)
    rows = RESAMPLES if members == 1 and replications <= KEPT else AT_ONCE
    found = [
        _studentized(weights @ powers, None if moved is None else part / size, scaled)
        for weights, part in _pieces(replications, moved, rows)
    ]
    return (
        np.concatenate([each.max(axis=1) for each in found]),
        np.concatenate([-each.min(axis=1) for each in found]),
    )


def _pieces(
    replications: int, moved: Floats | None, rows: int
) -> Iterator[tuple[Floats, Floats | None]]:
    drawn = _drawn(replications)
    for first in range(0, RESAMPLES, rows):
        those = slice(first, first + rows)
        yield drawn[those].astype(np.float64, copy=False), None if moved is None else moved[those]


def _studentized(sums: Floats, moved: Floats | None, pulls: Floats) -> Floats:
    """t of each resample and member [B, member], from its sums and sums of squares [B, 2 member].

    Where all that was drawn is alike there is no error to divide by. The worst draw short of that
    has one replication that differs, and a t of one less than the number that differ in all: that
    number then.
    """
    replications, members = pulls.shape
    mean, square = np.split(sums / replications, [members], axis=1)
    error = np.sqrt(np.maximum(square - mean**2, 0.0) / (replications - 1))
    off = mean if moved is None else moved
    told = error > ALIKE * standard_error(pulls)
    apart = (np.abs(pulls - np.median(pulls, axis=0)) > ALIKE).sum(axis=0)
    least: Floats = np.where(np.abs(off) <= ROUNDING, 0.0, np.copysign(np.maximum(apart, 1), off))
    found: Floats = np.divide(off, error, out=least, where=told)
    return found


def onto(scale: Scale, numbers: Floats) -> Floats:
    """Numbers on the scale on which their error is nearly symmetric."""
    if scale == "plain":
        return numbers
    found: Floats = np.log(numbers) if scale == "log" else np.log(numbers) - np.log1p(-numbers)
    return found


def back(scale: Scale, numbers: Floats) -> Floats:
    """From the scale to the numbers' own unit."""
    if scale == "plain":
        return numbers
    found: Floats = np.exp(numbers) if scale == "log" else 0.5 * (1 + np.tanh(numbers / 2))
    return found
