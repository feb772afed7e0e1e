"""Which unknowns matter: worlds sampled from the ranges, variance split, effects of parameters, value of information.

With few worlds and many parameters the effects are those of a sparse polynomial fitted to the worlds (Legendre
polynomials, orthogonal matching pursuit, cross-validated): each term's share of the variance belongs to the
parameters in it (Sudret 2008; Shapley effects after Owen 2014). A dummy, which matters by construction not at all, shows
how large an effect is that chance alone finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DUMMIES = 8  # columns of pure chance beside the parameters
TERMS = 8  # worlds for each term that is fitted, at least
PAIRED = 8  # parameters with the largest effects, whose products are tried
FOLDS = 8  # of the cross-validation
BINS = 8  # of a parameter, for the value of information
SHUFFLES = 20  # by which the value that chance alone finds is known


def sampled(low: Floats, high: Floats, whole: Flags, worlds: int, seed: int) -> Floats:
    """Values [world, parameter], uniform in the ranges: scrambled Sobol' points where their number is a power of two, else
    a Latin hypercube. Whole numbers have all their values, ends included, alike."""
    from scipy.stats import qmc

    if worlds & (worlds - 1) == 0:
        points = qmc.Sobol(len(low), scramble=True, rng=np.random.default_rng([seed, worlds])).random(worlds)
    else:
        points = qmc.LatinHypercube(len(low), rng=np.random.default_rng([seed, worlds])).random(worlds)
    counted = low + np.minimum(np.floor(points * (high - low + 1.0)), high - low)
    values: Floats = np.where(whole, counted, low + points * (high - low))
    return values


@dataclass(frozen=True)
class Effects:
    """Shares of an output's variance over worlds that belong to each parameter; `floor` is what a dummy gets."""

    first: tuple[float, ...]
    total: tuple[float, ...]
    shapley: tuple[float, ...]
    floor: float
    explained: float  # R^2 of the fit, cross-validated: how much of the variance the shares are shares of

    def named(self) -> list[int]:
        """The parameters whose Shapley effect lies above what chance finds, largest first."""
        order = sorted(range(len(self.shapley)), key=lambda k: -self.shapley[k])
        return [k for k in order if self.shapley[k] > self.floor and self.explained > 0]


def effects(values: Floats, output: Floats, seed: int = 1) -> Effects:
    """Effects of parameters [world, parameter] on an output [world]; all zero where the output does not vary."""
    worlds, parameters = values.shape
    nothing = (0.0,) * parameters
    if worlds < 2 * TERMS or np.ptp(output) <= 1e-12 * max(1.0, float(np.abs(output).max())):
        return Effects(nothing, nothing, nothing, 0.0, 0.0)
    rng = np.random.default_rng(seed)
    dummies = rng.random((worlds, DUMMIES))
    units = np.hstack((_unit(values), 2.0 * dummies - 1.0))
    terms, coefficients, explained = _fitted(units, output, rng)
    shares = np.zeros((3, parameters + DUMMIES))
    total = float((coefficients**2).sum()) or 1.0
    for term, coefficient in zip(terms, coefficients, strict=True):
        inside = sorted({k for k, _ in term})
        share = coefficient**2 / total
        shares[1, inside] += share
        shares[2, inside] += share / len(inside)
        if len(inside) == 1:
            shares[0, inside] += share
    floor = max(float(shares[2, parameters:].max()), 0.01)
    first, whole, shapley = (tuple(map(float, each[:parameters])) for each in shares)
    return Effects(first, whole, shapley, floor, explained)


def _unit(values: Floats) -> Floats:
    """Each column on [-1, 1]; one that does not vary is 0."""
    low, high = values.min(axis=0), values.max(axis=0)
    spread = np.where(high > low, high - low, 1.0)
    unit: Floats = np.where(high > low, 2.0 * (values - low) / spread - 1.0, 0.0)
    return unit


Term = tuple[tuple[int, int], ...]  # (parameter, degree) of each factor


def _fitted(units: Floats, output: Floats, rng: np.random.Generator) -> tuple[list[Term], Floats, float]:
    """Terms and coefficients of the polynomial whose size cross-validation chooses, selection included, and its R^2."""
    single: list[Term] = [((k, degree),) for k in range(units.shape[1]) for degree in (1, 2)]
    strength = np.abs(_columns(units, single).T @ (output - output.mean()))
    leading = sorted({single[k][0][0] for k in np.argsort(-strength)[: 2 * PAIRED]})[:PAIRED]
    terms: list[Term] = single + [((a, 1), (b, 1)) for a, b in combinations(leading, 2)]
    columns, most = _columns(units, terms), len(output) // TERMS
    fold = rng.permutation(len(output)) % FOLDS
    missed = np.zeros((FOLDS, most + 1))
    for k in range(FOLDS):
        ours, theirs = fold != k, fold == k
        for size, (chosen, coefficients) in enumerate(_path(columns[ours], output[ours], most)):
            missed[k, size] = ((output[theirs] - _design(columns[theirs], chosen) @ coefficients) ** 2).sum()
    error = missed.sum(axis=0)
    best = int(np.argmin(error))
    spread = float(missed[:, best].std(ddof=1)) * FOLDS**0.5
    size = int(np.argmax(error <= error[best] + spread))  # the smallest that is as good
    chosen, coefficients = _path(columns, output, size)[-1]
    explained = max(0.0, 1.0 - float(error[size]) / float(((output - output.mean()) ** 2).sum()))
    return [terms[k] for k in chosen], coefficients[1:], explained if size else 0.0


def _path(columns: Floats, output: Floats, most: int) -> list[tuple[list[int], Floats]]:
    """Terms taken one by one, each the one most like what is left, with the least squares fit of every size from 0 on."""
    norm = np.maximum(np.sqrt((columns**2).sum(axis=0)), 1e-12)
    chosen: list[int] = []
    found: list[tuple[list[int], Floats]] = [([], np.array([output.mean()]))]
    residual = output - output.mean()
    while len(chosen) < most:
        gain = np.abs(columns.T @ residual) / norm
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
        design = _design(columns, chosen)
        coefficients = np.linalg.lstsq(design, output, rcond=None)[0]
        residual = output - design @ coefficients
        found.append((list(chosen), coefficients.astype(np.float64)))
    return found


def _design(columns: Floats, chosen: Sequence[int]) -> Floats:
    return np.column_stack((np.ones(len(columns)), columns[:, list(chosen)]))


def _columns(units: Floats, terms: Sequence[Term]) -> Floats:
    """Legendre polynomials of unit variance under the uniform distribution, multiplied."""
    powers = {1: np.sqrt(3.0) * units, 2: np.sqrt(5.0) * (1.5 * units**2 - 0.5)}
    columns = [np.prod([powers[degree][:, k] for k, degree in term], axis=0) for term in terms]
    return np.array(columns).T


# --------------------------------------------------------------------------------------- where the output can be asked


def closed_indices(function: Callable[[Floats], Floats], parameters: int, points: int, seed: int) -> Floats:
    """Closed Sobol' indices [2^parameters] of a function on the unit cube: the share of variance that a subset explains.

    Bit k of the place is parameter k; pick-freeze estimates (Janon et al. 2014) on scrambled Sobol' points. Single
    parameters have the first-order index, 1 less the complement's the total, the Shapley value the Shapley effect.
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
        found[subset] = ((ours * theirs).mean() - mean**2) / ((ours**2 + theirs**2).mean() / 2 - mean**2)
    return found


# ------------------------------------------------------------------------------------------------- variance and value


@dataclass(frozen=True)
class VarianceSplit:
    """Variance of an output over worlds: between them, and by chance within (of one replication)."""

    between: float
    within: float


def variance_split(means: Floats, errors: Floats, replications: Floats) -> VarianceSplit:
    """var(world means) - s^2/m against s^2, from means [world], their standard errors and numbers of replications."""
    chance = errors**2
    between = max(float(means.var(ddof=1) - chance.mean()), 0.0) if len(means) > 1 else 0.0
    return VarianceSplit(between, float((chance * replications).mean()))


def value_of_information(values: Floats, holds: Flags, seed: int = 1) -> tuple[Floats, float]:
    """How much more often a claim would be judged rightly if one parameter were known: [parameter], and what chance finds.

    Judging by what is likelier is right with probability max(p, 1 - p); knowing a parameter, with the same inside each
    of its bins. Values are above zero by construction, by chance too: the floor is the largest that shuffled outcomes give.
    """
    ranks = np.argsort(np.argsort(values, axis=0), axis=0) * BINS // len(values)
    rng = np.random.default_rng(seed)
    found = _value(ranks, holds)
    floor = max(float(_value(ranks[:, :DUMMIES], rng.permutation(holds)).max()) for _ in range(SHUFFLES)) if len(holds) else 0.0
    return found, floor


def _value(ranks: NDArray[np.int64], holds: Flags) -> Floats:
    known = np.zeros(ranks.shape[1])
    for k in range(BINS):
        inside = ranks == k
        number = inside.sum(axis=0)
        yes = (inside & holds[:, None]).sum(axis=0)
        known += np.maximum(yes, number - yes)
    without = max(int(holds.sum()), int((~holds).sum()))
    value: Floats = np.maximum(known - without, 0.0) / len(holds)
    return value
