"""A sparse polynomial fitted to worlds, from which the effects of their parameters are read.

One design of W worlds has to serve for many parameters, so what an output owes to each is read from
a fit: orthonormal polynomials of single parameters and products of two, taken up one by one
(orthogonal matching pursuit; Blatman & Sudret 2011), as many as predict worlds best that the fit
has not seen. Beside the parameters stand dummies, which are parameters' values dealt to the wrong
worlds: what a fit ascribes to them is what chance ascribes to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Flags, Floats

Term = tuple[tuple[int, int], ...]  # (parameter, degree) of one factor or two

DEGREES = (2, 3, 5, 8)  # that are tried, as far as there are worlds enough
FOLDS = 8  # of the cross-validation
PER_TERM = 6  # worlds, at least, for each term
TERMS = 80  # at most
# fits beside dummies: what is larger than in all of them comes by chance once in twenty times
CHANCE = 19
NEGLIGIBLE = 1e-9  # of the variance, or of a column's length: rounding


@dataclass(frozen=True)
class Fit:
    """Terms, the variance that each carries, and what each adds to the output in each world."""

    mean: float
    variance: float  # of the output between worlds, chance within them taken off
    terms: tuple[Term, ...]
    power: Floats  # [term], chance taken off
    parts: Floats  # [term, world], each with mean 0
    explained: float  # share of `variance` predicted in worlds that the fit has not seen
    chance: tuple[Fit, ...] = ()  # the same with as many dummies, numbered after the parameters

    def effects(self, parameters: int) -> Floats:
        """First-order, total and Shapley effects, as shares of the variance between worlds: [3,
        parameter].

        A term's variance belongs to its parameters (Sudret 2008),
        in a Shapley effect in equal parts (Owen 2014).
        """
        shares = np.zeros((3, parameters))
        for term, power in zip(self.terms, self.power, strict=True):
            inside = [k for k, _ in term]
            shares[1:, inside] += [[power], [power / len(inside)]]
            if len(inside) == 1:
                shares[0, inside] += power
        return shares / self.variance if self.variance > 0 else shares

    def alone(self, parameters: int) -> Floats:
        """What each parameter alone adds to the expected output: [parameter, world],
        each with mean 0.
        """
        found = np.zeros((parameters, self.parts.shape[1]))
        for term, part in zip(self.terms, self.parts, strict=True):
            if len(term) == 1:
                found[term[0][0]] += part
        return found


def fit(values: Floats, output: Floats, noise: float = 0.0, seed: int = 1) -> Fit:
    """Fit an output [world], whose numbers carry chance of variance `noise`, to values [world,
    parameter].

    Without terms where the output varies no more than by chance, or nothing predicts it.
    """
    worlds = len(values)
    spread = float(output.var(ddof=1)) if worlds > 1 else 0.0
    mean, variance = float(output.mean()), max(0.0, spread - noise)
    nothing = Fit(mean, variance, (), np.zeros(0), np.zeros((0, worlds)), 0.0)
    if variance <= NEGLIGIBLE * max(spread, mean**2 * NEGLIGIBLE):
        return nothing
    rng = np.random.default_rng(seed)
    folds = rng.permutation(worlds) % FOLDS
    tried = [_cross_validated(_Basis(values, degree), output, folds) for degree in _degrees(values)]
    error, size, degree = min(
        (*found, degree) for found, degree in zip(tried, _degrees(values), strict=True)
    )
    if not size:
        return nothing
    basis = _Basis(values, degree)
    explained = min(1.0, 1.0 - (error - noise) / variance)
    found = _solved(basis, output, _path(basis, output, None, size)[0], noise)
    dealt = (basis.beside(rng.permutation(worlds)) for _ in range(CHANCE))
    chance = (_solved(each, output, _path(each, output, None, size)[0], noise) for each in dealt)
    return Fit(
        mean,
        found.variance,
        found.terms,
        found.power,
        found.parts,
        max(0.0, explained),
        tuple(chance),
    )


def _degrees(values: Floats) -> tuple[int, ...]:
    worlds, parameters = values.shape
    return tuple(
        degree for degree in DEGREES if degree == DEGREES[0] or degree * parameters <= worlds
    )


# -------------------------------------------------------------------------------------- polynomials


class _Basis:
    """Polynomials of each parameter, with mean 0 and variance 1 over the worlds and orthogonal
    to its lower ones.

    They are made from the values themselves, so whole numbers and any distribution have theirs; a
    parameter with L different values has L - 1 of them.
    """

    def __init__(self, values: Floats, degree: int) -> None:
        worlds, parameters = values.shape
        self.single = [_polynomials(values[:, k], degree) for k in range(parameters)]
        room = worlds / 2 / max(1, parameters)  # products with each partner
        # their degrees, added
        self.together = max([2, *(q for q in range(2, degree + 2) if q * (q - 1) / 2 <= room)])

    def beside(self, order: NDArray[np.int64]) -> _Basis:
        """The same parameters, and after them the same again with their worlds mixed up."""
        both = object.__new__(_Basis)
        both.single = self.single + [each[order] for each in self.single]
        both.together = self.together
        return both

    def mains(self) -> tuple[list[Term], Floats]:
        """All terms of single parameters, with their columns."""
        terms: list[Term] = [
            ((k, d + 1),) for k, each in enumerate(self.single) for d in range(each.shape[1])
        ]
        return terms, np.concatenate(self.single, axis=1)

    def products(self, k: int, others: list[int]) -> tuple[list[Term], Floats]:
        """All terms of parameter k and one of the others."""
        terms: list[Term] = []
        columns = [np.empty((len(self.single[0]), 0))]
        for other in others:
            for d in range(min(self.single[k].shape[1], self.together - 1)):
                theirs = self.single[other][:, : self.together - 1 - d]
                terms += [((k, d + 1), (other, e + 1)) for e in range(theirs.shape[1])]
                columns.append(self.single[k][:, d, None] * theirs)
        made = np.concatenate(columns, axis=1)
        made = made - made.mean(axis=0)
        length = made.std(axis=0)
        return terms, np.divide(made, length, out=np.zeros_like(made), where=length > NEGLIGIBLE)


def _polynomials(column: Floats, degree: int) -> Floats:
    """[world, degree]."""
    low, high = float(column.min()), float(column.max())
    degree = min(degree, len(np.unique(column)) - 1)
    if degree < 1:
        return np.empty((len(column), 0))
    powers = np.polynomial.legendre.legvander(2.0 * (column - low) / (high - low) - 1.0, degree)
    orthogonal: Floats = np.linalg.qr(powers)[0][:, 1:] * np.sqrt(len(column))
    return orthogonal


# --------------------------------------------------------------------------------- taken one by one


def _path(
    basis: _Basis, output: Floats, ours: Flags | None, most: int
) -> tuple[list[tuple[Term, Floats]], Floats]:
    """Terms in the order in which they are taken up, and the output predicted in all worlds [size,
    world], size from 0 on.

    Each is the one most like what the others leave in the worlds `ours` (all, if None). Products
    are tried with any other parameter once one of theirs has been taken up by itself.
    """
    inside = np.ones(len(output)) if ours is None else ours.astype(np.float64)
    blocks = [_Block(*basis.mains(), inside)]
    taken: list[tuple[Term, Floats]] = []
    directions = [np.full(len(output), 1.0 / np.sqrt(inside.sum()))]
    predicted = [directions[0] * (directions[0] @ (output * inside))]
    tried: list[int] = []
    while len(taken) < most:
        rest = (output - predicted[-1]) * inside
        best = max(blocks, key=lambda block: block.look(rest))
        term, column, alike = best.take()
        if alike <= 0.0:
            break
        direction = _orthogonal(column, directions, inside)
        if direction is None:
            continue
        directions.append(direction)
        taken.append((term, column))
        predicted.append(predicted[-1] + direction * (direction @ rest))
        for k in {k for k, _ in term} - set(tried):
            blocks.append(
                _Block(
                    *basis.products(
                        k, [o for o in range(len(basis.single)) if o not in (k, *tried)]
                    ),
                    inside,
                )
            )
            tried.append(k)
    return taken, np.array(predicted)


class _Block:
    """Some terms that may be taken up: which is most like what is left."""

    def __init__(self, terms: list[Term], columns: Floats, inside: Floats) -> None:
        self.terms, self.columns = terms, columns
        length = np.sqrt(inside @ columns**2)
        self._weight = np.divide(1.0, length, out=np.zeros_like(length), where=length > NEGLIGIBLE)
        self._best = 0

    def look(self, rest: Floats) -> float:
        """How much alike the best term is, to be kept in mind."""
        if not self.terms:
            return 0.0
        alike = np.abs(rest @ self.columns) * self._weight
        self._best = int(np.argmax(alike))
        self._alike = float(alike[self._best])
        return self._alike

    def take(self) -> tuple[Term, Floats, float]:
        """That term, which is not offered again."""
        if not self.terms:
            return (), np.empty(0), 0.0
        self._weight[self._best] = 0.0
        return self.terms[self._best], self.columns[:, self._best], self._alike


def _orthogonal(column: Floats, directions: list[Floats], inside: Floats) -> Floats | None:
    """What a column has beyond the directions, of length 1 in the worlds inside;
    None where that is nothing.
    """
    length = float(np.sqrt(inside @ column**2))
    stacked = np.array(directions)
    for _ in range(2):  # once more, against rounding
        column = column - (stacked @ (column * inside)) @ stacked
    left = float(np.sqrt(inside @ column**2))
    return column / left if left > 1e-6 * length else None


def _cross_validated(basis: _Basis, output: Floats, folds: NDArray[np.int64]) -> tuple[float, int]:
    """The mean squared error of the best number of terms in worlds that were left out,
    the choice of terms included.
    """
    most = min(TERMS, len(output) // PER_TERM)
    missed = np.zeros(most + 1)
    for k in range(FOLDS):
        predicted = _path(basis, output, folds != k, most)[1]
        errors = ((output - predicted)[:, folds == k] ** 2).sum(axis=1)
        missed += np.concatenate((errors, np.full(most + 1 - len(errors), errors[-1])))
    size = int(np.argmin(missed))
    return float(missed[size]) / len(output), size


def _solved(basis: _Basis, output: Floats, taken: list[tuple[Term, Floats]], noise: float) -> Fit:
    """The least squares fit of some terms; a term's power is its coefficient squared,
    less what chance adds to that.

    The variance is what the terms carry and what they leave beyond chance, not that of the sample:
    with that below it the shares of one design would not sum to 1, and those of many would be low
    on average.
    """
    terms = tuple(term for term, _ in taken)
    columns = np.array([column for _, column in taken])
    centred = output - output.mean()
    inverse = np.linalg.pinv(columns @ columns.T)
    coefficients = inverse @ (columns @ centred)
    left = centred - coefficients @ columns
    error = float(left @ left) / max(1, len(output) - len(terms) - 1)
    power = np.maximum(coefficients**2 - error * np.diag(inverse), 0.0)
    variance = float(power.sum()) + max(0.0, error - noise)
    return Fit(float(output.mean()), variance, terms, power, coefficients[:, None] * columns, 0.0)
