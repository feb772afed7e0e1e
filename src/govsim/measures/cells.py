"""Who is compared with whom: services, attribute values and mixes, each by cohort; their sums, means and quantiles.

A cell is one service or attribute value in one cohort. Cases that lie in the same cells form an atom, so that a sum over
thousands of cases is made once, and each cell adds up a few atoms. Quantiles are those of the inverted distribution
function: the smallest value with at least that share of the cases (or of their weight) at or below it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.model.arrays import Floats, Ints, Model
from govsim.records import Records


class Cells(NamedTuple):
    """Which counted case lies in which cells; cell = scope * cohorts + cohort, scopes are services, then values."""

    first_case: int  # the counted cases are the rows from here on
    order: Ints  # the counted cases in the order of their atoms
    starts: Ints  # first place in that order, by atom
    atom: Ints  # by place
    service: Ints  # by atom
    entry_first: Ints  # CSR by atom -> entries
    entry_atom: Ints
    entry_cell: Ints
    member: NDArray[np.bool_]  # [cohort, atom]
    scopes: int
    cohorts: int

    def sums(self, values: Floats) -> Floats:
        """Sums [scope, cohort] of one number per case, given in order."""
        size = self.scopes * self.cohorts
        if not len(self.starts):
            return np.zeros((self.scopes, self.cohorts))
        by_atom = np.add.reduceat(values, self.starts)
        by_cell: Floats = np.bincount(self.entry_cell, by_atom[self.entry_atom], minlength=size).astype(np.float64)
        return by_cell.reshape(self.scopes, self.cohorts)

    def quantiles(self, values: Floats, atom: Ints, levels: tuple[float, ...]) -> Floats:
        """Quantiles [level, scope, cohort] of increasing values and their atoms; NaN in an empty cell."""
        many = np.diff(self.entry_first)[atom]
        last = np.cumsum(many)
        cell = self.entry_cell[np.arange(many.sum()) + np.repeat(self.entry_first[atom] - (last - many), many)]
        size = self.scopes * self.cohorts
        by_cell = _sorted_places(cell, size)
        number = np.bincount(cell, minlength=size)
        found = np.full((len(levels), size), np.nan)
        some = number > 0
        for out, level in zip(found, levels, strict=True):
            place = np.cumsum(number) - number + np.ceil(level * number - 1e-9).astype(np.int64) - 1
            out[some] = values[np.searchsorted(last, by_cell[place[some]], side="right")]
        return found.reshape(len(levels), self.scopes, self.cohorts)

    def mix_quantiles(self, values: Floats, atom: Ints, scale: Floats, levels: tuple[float, ...]) -> Floats:
        """Quantiles [level, mix, cohort] where a case weighs scale[mix, service, cohort]; values increase."""
        weight = np.where(self.member, scale[:, self.service, :].transpose(0, 2, 1), 0.0)  # [mix, cohort, atom]
        some = np.flatnonzero(weight.max(axis=(0, 1), initial=0.0)[atom] > 0)
        found = np.full((len(levels), *weight.shape[:2]), np.nan)
        if not len(some):
            return found
        reached = np.cumsum(weight[:, :, atom[some]], axis=2)
        for out, level in zip(found, levels, strict=True):
            wanted = level * reached[:, :, -1:] * (1 - 1e-12)
            place = np.argmax(reached >= wanted, axis=2)
            out[...] = np.where(reached[:, :, -1] > 0, values[some][place], np.nan)
        return found


def periods(model: Model) -> tuple[tuple[str, float, float], ...]:
    """The counted period and the cohorts, which are parts of it: name, [from, until) in minutes."""
    a, b = model.arrays.count_from, model.arrays.count_until
    return (("counted", a, b), *((name, max(a, since), min(b, until)) for name, since, until in model.cohorts))


@lru_cache
def value_scopes(values: tuple[tuple[tuple[str, ...], ...], ...]) -> tuple[Ints, list[tuple[int, int, int]]]:
    """The scope number of the first value of [service, attribute] (-1 where none), and (service, attribute, value) of each.

    `values` are those of Names.
    """
    first = np.full((len(values), max(map(len, values), default=0)), -1, dtype=np.int64)
    found: list[tuple[int, int, int]] = []
    for s, attributes in enumerate(values):
        for k, each in enumerate(attributes):
            first[s, k] = len(values) + len(found)
            found += [(s, k, v) for v in range(len(each))]
    return first, found


def case_scopes(records: Records, model: Model) -> Ints:
    """Scope numbers [case, 1 + attributes] of all cases: the service, then each attribute's value; -1 where none."""
    first, _ = value_scopes(model.names.values)
    scopes = np.empty((len(records.cases), 1 + first.shape[1]), dtype=np.int64)
    scopes[:, 0] = records.cases["service"]
    values = records.attributes[:, : first.shape[1]]
    scopes[:, 1:] = np.where(values < 0, -1, first[scopes[:, 0]] + values)
    return scopes


def cells_of(records: Records, model: Model, scopes: Ints) -> Cells:
    """The cells of one replication's counted cases; `scopes` are those of all cases."""
    filed = np.ascontiguousarray(records.cases["filed"])
    cohorts = periods(model)
    first, last = np.searchsorted(filed, cohorts[0][1:])
    filed = filed[first:last]
    scopes = scopes[first:last]
    member = np.array([(since <= filed) & (filed < until) for _, since, until in cohorts])
    atom, one = _atoms([*scopes.T, *member.astype(np.int64)])
    order = _sorted_places(atom, len(one))
    number = len(model.names.services) + len(value_scopes(model.names.values)[1])
    inside = (scopes[one] >= 0)[:, :, None] & member[:, one].T[:, None, :]  # [atom, scope, cohort]
    entry_atom, which, cohort = np.nonzero(inside)
    return Cells(
        first_case=int(first),
        order=order,
        starts=np.searchsorted(atom[order], np.arange(len(one))),
        atom=atom[order],
        service=scopes[one, 0],
        entry_first=np.searchsorted(entry_atom, np.arange(len(one) + 1)),
        entry_atom=entry_atom,
        entry_cell=scopes[one[entry_atom], which] * len(cohorts) + cohort,
        member=member[:, one],
        scopes=number,
        cohorts=len(cohorts),
    )


def _sorted_places(numbers: Ints, size: int) -> Ints:
    """Places in increasing order of numbers below `size`, equal ones as they come; small numbers are sorted by counting."""
    return np.argsort(numbers.astype(np.uint16) if size <= 2**16 else numbers, kind="stable")


def _atoms(keys: list[Ints]) -> tuple[Ints, Ints]:
    """Numbers the distinct combinations of keys (each >= -1): the number of each case's, and a case of each."""
    code, size = np.zeros(len(keys[0]), dtype=np.int64), 1
    for key in keys:
        width = int(key.max(initial=-1)) + 2
        code, size = code * width + key + 1, size * width
        if size > 2**20:
            code, size = np.unique(code, return_inverse=True)[1], len(code)
    found = np.bincount(code, minlength=size) > 0
    atom = (np.cumsum(found) - 1)[code]
    one = np.zeros(np.count_nonzero(found), dtype=np.int64)
    one[atom] = np.arange(len(atom))
    return atom, one
