"""Who is compared with whom: services, attribute values and mixes, each by cohort; their sums, means and quantiles.

A cell is one service or attribute value in one cohort. Cases that lie in the same cells form an atom, so that a sum over
thousands of cases is made once, and each cell adds up a few atoms. Quantiles are those of the inverted distribution
function: the smallest value with at least that share of the cases (or of their weight) at or below it.
"""

from __future__ import annotations

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
        many = self.entry_first[atom + 1] - self.entry_first[atom]
        item = np.repeat(np.arange(len(atom)), many)
        entry = np.arange(len(item)) + np.repeat(self.entry_first[atom] - (np.cumsum(many) - many), many)
        cell = self.entry_cell[entry]
        size = self.scopes * self.cohorts
        by_cell = np.argsort(cell.astype(np.uint16) if size < 2**16 else cell, kind="stable")
        number = np.bincount(cell, minlength=size)
        found = np.full((len(levels), size), np.nan)
        some = number > 0
        for out, level in zip(found, levels, strict=True):
            place = np.cumsum(number) - number + np.ceil(level * number - 1e-9).astype(np.int64) - 1
            out[some] = values[item[by_cell[place[some]]]]
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


def value_scopes(model: Model) -> tuple[Ints, list[tuple[int, int, int]]]:
    """The scope number of the first value of [service, attribute] (-1 where none), and (service, attribute, value) of each."""
    names = model.names
    first = np.full((len(names.services), max(model.arrays.attributes, 1)), -1, dtype=np.int64)
    found: list[tuple[int, int, int]] = []
    for s, attributes in enumerate(names.values):
        for k, values in enumerate(attributes):
            first[s, k] = len(names.services) + len(found)
            found += [(s, k, v) for v in range(len(values))]
    return first, found


def case_scopes(model: Model, service: Ints, attributes: NDArray[np.int32]) -> Ints:
    """Scope numbers [case, 1 + attributes]: the service, then each attribute's value; -1 where none."""
    first, _ = value_scopes(model)
    values = np.where(attributes < 0, -1, first[service, : attributes.shape[1]] + attributes)
    return np.column_stack((service, values)).astype(np.int64)


def cells_of(records: Records, model: Model) -> Cells:
    """The cells of one replication's counted cases."""
    filed = np.ascontiguousarray(records.cases["filed"])
    cohorts = periods(model)
    first, last = np.searchsorted(filed, cohorts[0][1:])
    filed = filed[first:last]
    service = records.cases["service"][first:last].astype(np.int64)
    scopes = case_scopes(model, service, records.attributes[first:last])
    member = np.array([(since <= filed) & (filed < until) for _, since, until in cohorts])
    atom, one = _atoms([*scopes.T, *member.astype(np.int64)])
    order = np.argsort(atom, kind="stable")
    number = len(model.names.services) + len(value_scopes(model)[1])
    inside = (scopes[one] >= 0)[:, :, None] & member[:, one].T[:, None, :]  # [atom, scope, cohort]
    entry_atom, which, cohort = np.nonzero(inside)
    return Cells(
        first_case=int(first),
        order=order,
        starts=np.searchsorted(atom[order], np.arange(len(one))),
        atom=atom[order],
        service=service[one],
        entry_first=np.searchsorted(entry_atom, np.arange(len(one) + 1)),
        entry_atom=entry_atom,
        entry_cell=scopes[one[entry_atom], which] * len(cohorts) + cohort,
        member=member[:, one],
        scopes=number,
        cohorts=len(cohorts),
    )


def _atoms(keys: list[Ints]) -> tuple[Ints, Ints]:
    """Numbers the distinct combinations of keys (each >= -1): the number of each case's, and a case of each."""
    code, size = np.zeros(len(keys[0]), dtype=np.int64), 1
    for key in keys:
        width = int(key.max(initial=-1)) + 2
        if size > 2**62 // width:
            code, size = np.unique(code, return_inverse=True)[1], len(code)
        code, size = code * width + key + 1, size * width
    _, one, atom = np.unique(code, return_index=True, return_inverse=True)
    return atom, one
