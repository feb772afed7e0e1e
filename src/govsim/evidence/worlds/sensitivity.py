"""Which unknowns matter in worlds.

Variance split, effects of parameters, value of information.

What is told of a parameter comes from a fit to the worlds (`surrogate`), and beside it what the
same fit finds in dummies, which matter by construction not at all: an effect below that is not to
be named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from govsim.arrays import Flags, Floats
from govsim.statistics.shapley import shapley
from govsim.statistics.surrogate import Fit, fit

NAMED = 0.01  # of the variance: what is less is not named, whatever chance finds
PREDICTED = 0.3  # of the variance, at least, for effects to be named at all
HALF = 0.5
ROUNDING = 1e-12


# ------------------------------------------------------------------------------------------ effects


@dataclass(frozen=True)
class Effects:
    """Shares of the variance between worlds that belong to each parameter.

    `floor` is the largest Shapley effect by chance. Shapley effects sum to what the fit explains of
    these worlds; the rest is told of nobody. Total effects are at least so large: an interaction
    that the fit does not see is in none of them.
    """

    first: tuple[float, ...]
    total: tuple[float, ...]
    shapley: tuple[float, ...]
    floor: float
    # R^2: share of the variance between worlds that is predicted in worlds the fit has not seen
    explained: float

    def named(self) -> list[int]:
        """The parameters whose Shapley effect lies above what chance finds, largest first;
        none where the fit is poor.
        """
        order = sorted(range(len(self.shapley)), key=lambda k: -self.shapley[k])
        return (
            [k for k in order if self.shapley[k] > self.floor]
            if self.explained >= PREDICTED
            else []
        )


def effects(values: Floats, output: Floats, noise: float = 0.0, seed: int = 1) -> Effects:
    """Effects of parameters [world, parameter] on an output [world] whose numbers carry chance
    of variance `noise`.
    """
    return effects_of(fit(values, output, noise, seed), values.shape[1])


def effects_of(found: Fit, parameters: int) -> Effects:
    """The effects that a fit tells."""
    first, total, each = (tuple(map(float, shares)) for shares in found.effects(parameters))
    chance = (
        float(beside.effects(2 * parameters)[2, parameters:].max()) for beside in found.chance
    )
    return Effects(first, total, each, max([NAMED, *chance]), found.explained)


def effects_of_function(
    function: Callable[[Floats], Floats], parameters: int, points: int, seed: int
) -> Floats:
    """First-order, total and Shapley effects [3, parameter] of a function on the unit cube,
    which can be asked anywhere.
    """
    closed = closed_indices(function, parameters, points, seed)
    every = len(closed) - 1
    first = closed[[1 << k for k in range(parameters)]]
    total = closed[every] - closed[[every ^ 1 << k for k in range(parameters)]]
    return np.array([first, total, shapley(closed)])


def closed_indices(
    function: Callable[[Floats], Floats], parameters: int, points: int, seed: int
) -> Floats:
    """Closed Sobol' indices [2^parameters] of a function on the unit cube:
    the share of variance that a subset explains.

    Bit k of the place is parameter k; pick-freeze estimates (Janon et al. 2014)
    on scrambled Sobol' points.
    """
    from scipy.stats import qmc

    both = qmc.Sobol(2 * parameters, scramble=True, rng=np.random.default_rng(seed)).random(points)
    a, b = both[:, :parameters], both[:, parameters:]
    ours = function(a)
    found = np.zeros(2**parameters)
    for subset in range(1, 2**parameters):
        frozen = np.array([bool(subset >> k & 1) for k in range(parameters)])
        theirs = function(np.where(frozen, a, b))
        mean = (ours + theirs).mean() / 2
        found[subset] = ((ours * theirs).mean() - mean**2) / (
            (ours**2 + theirs**2).mean() / 2 - mean**2
        )
    return found


# ------------------------------------------------------------------------------- variance and value


@dataclass(frozen=True)
class VarianceSplit:
    """Variance of an output over worlds: between them,
    and by chance within (of one replication).
    """

    between: float
    within: float


def variance_split(means: Floats, errors: Floats, replications: Floats) -> VarianceSplit:
    """var(world means) - s^2/m against s^2, from means [world],
    their standard errors and numbers of replications.
    """
    chance = errors**2
    between = max(float(means.var(ddof=1) - chance.mean()), 0.0) if len(means) > 1 else 0.0
    return VarianceSplit(between, float((chance * replications).mean()) if len(means) else 0.0)


@dataclass(frozen=True)
class Value:
    """By how much a decision gets better on average where one parameter is known.

    It is in the unit of what is decided on. The decision is to adopt where the expected improvement
    is worth more than `delta`. Never below 0; `floor` is the largest that chance finds,
    `everything` what knowing all parameters together would be worth.
    """

    known: tuple[float, ...]
    floor: float
    everything: float

    def above(self) -> Floats:
        """What lies above chance [parameter], 0 elsewhere."""
        known = np.array(self.known)
        return np.where(known > self.floor, known, 0.0)


def value_of(found: Fit, parameters: int, delta: float) -> Value:
    """The expected value of partial perfect information on each parameter.

    It is read by regression (Strong, Oakley & Brennan 2014). With g the improvement beyond delta, E
    max(0, E[g | parameter]) - max(0, E g); the parameter's own part of the fit has mean 0 over the
    worlds, so by Jensen's inequality no value is below 0.
    """
    mean = found.mean - delta
    known = _value(mean, found.alone(parameters))
    chance = (
        float(_value(mean, beside.alone(2 * parameters)[parameters:]).max())
        for beside in found.chance
    )
    return Value(
        tuple(map(float, known)), max([0.0, *chance]), float(_value(mean, found.parts.sum(axis=0)))
    )


def value_of_verdict(values: Floats, holds: Flags, seed: int = 1) -> Value:
    """How much more often a claim would be judged rightly if one parameter were known.

    It is read by the same regression. Judging by what is likelier is right with probability max(p,
    1 - p) = 1/2 + |p - 1/2|.
    """
    found = value_of(fit(values, holds.astype(np.float64), 0.0, seed), values.shape[1], HALF)
    return Value(tuple(2 * each for each in found.known), 2 * found.floor, 2 * found.everything)


def _value(mean: float, parts: Floats) -> Floats:
    """E max(0, mean + part) - max(0, mean) over the last axis."""
    gained = (np.abs(mean + parts) - abs(mean)).mean(axis=-1) / 2
    known: Floats = np.where(gained > ROUNDING * abs(mean), gained, 0.0)
    return known
