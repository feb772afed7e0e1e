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

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats
from govsim.statistics.estimate import LEVEL, student

Pooled = Callable[[Floats], Floats]
Scale = Literal["plain", "log", "logit"]

RESAMPLES = 2000
SEED = 20241
AT_ONCE = 250  # rows of weights that an estimand gets in one call
STEP = 0.5  # how far weights are moved; with 1 a replication would drop out
SKEWED = 4  # a single interval may become as wide as Bonferroni's over so many
FEWEST = 5  # replications whose resamples tell a shape
ROUNDING = 1e-10  # relative; what moves less does not vary


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
        yield drawn[first : first + AT_ONCE].astype(np.float64)


@lru_cache(maxsize=2)
def _drawn(replications: int) -> NDArray[np.int16]:
    chances = np.full(replications, 1 / replications)
    return (
        np.random.default_rng(SEED)
        .multinomial(replications, chances, size=RESAMPLES)
        .astype(np.int16)
    )


def critical(
    pulls: Floats, level: float = LEVEL, moved: Floats | None = None
) -> tuple[float, float]:
    """By how many standard errors (below, above) all members may be off at once:
    single-step max-T over resamples.

    `pulls` are the pseudo-values [R, member] of members that vary. Replications are drawn jointly
    and each resample is studentized by its own standard error (Romano and Wolf, Econometrica 73,
    2005), with half of the error to each side, so that where replications are skewed the longer
    side is the right one. `moved` [RESAMPLES, member] is how far the numbers themselves move in the
    resamples; without it pseudo-values stand for them. Never less than Student's t for one member;
    never more than Bonferroni's t over the members, unless a single skewed member needs more (at
    most that of four). With fewer than five replications too many resamples are all alike:
    Bonferroni's t then.
    """
    replications, members = pulls.shape
    least, most, alone = (
        student(replications, 1 - (1 - level) / number) for number in (1, members, SKEWED)
    )
    if replications < FEWEST:
        return most, most
    drawn = np.concatenate(
        [_studentized(weights, pulls, part) for weights, part in _pieces(replications, moved)]
    )
    side = 0.5 + level / 2
    found = []
    for off in (drawn, -drawn):
        single = (
            float(np.quantile(off, side, axis=0, method="higher").max())
            if members < SKEWED
            else 0.0
        )
        joint = float(np.quantile(off.max(axis=1), side, method="higher"))
        found.append(min(max(joint, least), max(most, min(single, alone))))
    return found[0], found[1]


def _pieces(replications: int, moved: Floats | None) -> Iterator[tuple[Floats, Floats | None]]:
    for k, weights in enumerate(resamples(replications)):
        yield weights, None if moved is None else moved[k * AT_ONCE : (k + 1) * AT_ONCE]


def _studentized(weights: Floats, pulls: Floats, moved: Floats | None) -> Floats:
    """t of each resample and member [B, member]; infinite where all
    that was drawn agrees but is off.
    """
    largest = np.abs(pulls).max(axis=0)
    scaled = pulls / largest
    mean = weights @ scaled / len(pulls)
    error = np.sqrt(np.maximum(weights @ scaled**2 / len(pulls) - mean**2, 0.0) / (len(pulls) - 1))
    by = mean if moved is None else moved / largest
    off = np.where(np.abs(by) <= ROUNDING, 0.0, np.copysign(np.inf, by))
    found: Floats = np.divide(by, error, out=off, where=error > ROUNDING)
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
