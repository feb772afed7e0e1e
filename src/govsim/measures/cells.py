"""Cells, or who is compared with whom: services, attribute values and mixes, each by cohort.

Their sums, means and quantiles are made here.

A cell is one service or attribute value in one cohort. Cases that lie in the same cells form an
atom, so that a sum over thousands of cases is made once, and each cell adds up a few atoms.
Quantiles are those of the inverted distribution function: the smallest value with at least that
share of the cases (or of their weight) at or below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Flags, Floats, Ints
from govsim.model.arrays import Model
from govsim.records import Records


class Cells(NamedTuple):
    """Which reading of a counted case lies in which cells.

    A cell is scope * cohorts + cohort; scopes are services, then values.
    """

    order: Ints  # the readings in the order of their atoms
    starts: Ints  # first place in that order, by atom
    atom: Ints  # by place
    service: Ints  # by atom
    entry_first: Ints  # CSR by atom -> entries
    entry_atom: Ints
    entry_cell: Ints
    member: NDArray[np.bool_]  # [cohort, atom]
    scopes: int
    cohorts: int

    @property
    def sizes(self) -> Floats:
        """How many readings each atom has."""
        ends = np.append(self.starts[1:], len(self.order))
        return (ends - self.starts).astype(np.float64)

    @property
    def number(self) -> Floats:
        """How many readings each cell has: [scope, cohort]."""
        number: Floats = self.added(self.sizes[None])[0]
        return number

    def of_services(self, services: int) -> Cells:
        """The cells without those of attribute values."""
        entries = np.flatnonzero(self.entry_cell < services * self.cohorts)
        atom = self.entry_atom[entries]
        return self._replace(
            entry_first=np.searchsorted(atom, np.arange(len(self.starts) + 1)),
            entry_atom=atom,
            entry_cell=self.entry_cell[entries],
            scopes=services,
        )

    def some(self, chosen: Flags, owner: Ints) -> Some:
        """The chosen readings; `owner` is the reading of each task."""
        left = self.atom[~chosen]
        touched = np.zeros(len(self.starts), dtype=bool)
        touched[left] = True
        inside = touched[self.atom]
        places = np.flatnonzero(inside)
        sizes = self.sizes
        before = np.cumsum(sizes[touched]) - sizes[touched]
        return Some(
            atoms=np.flatnonzero(touched),
            places=places,
            starts=before.astype(np.int64),
            chosen=chosen[places],
            tasks=np.flatnonzero((inside & chosen)[owner]),
            sizes=sizes - np.bincount(left, minlength=len(sizes)),
        )

    def added(self, by_atom: Floats) -> Floats:
        """Sums [row, scope, cohort] of sums [row, atom]."""
        rows, size = len(by_atom), self.scopes * self.cohorts
        place = self.entry_cell + size * np.arange(rows)[:, None]
        by_cell = np.bincount(
            place.ravel(), by_atom[:, self.entry_atom].ravel(), minlength=rows * size
        )
        return by_cell.astype(np.float64).reshape(rows, self.scopes, self.cohorts)

    def quantiles(self, values: Floats, atom: Ints, number: Floats, levels: Floats) -> Floats:
        """Quantiles [level, scope, cohort] of increasing values and their atoms, `number` by cell.

        NaN in an empty cell.
        """
        from govsim.engine.spans import ranked

        rank = np.ceil(levels[:, None] * number.ravel() - 1e-9).astype(np.int64)
        return ranked(self.entry_first, self.entry_cell, atom, values, rank).reshape(
            len(levels), *number.shape
        )

    def mix_quantiles(self, values: Floats, atom: Ints, scale: Floats, levels: Floats) -> Floats:
        """Quantiles [level, mix, cohort] where a case weighs scale[mix, service, cohort].

        The values increase.
        """
        from govsim.engine.spans import weighed

        inside = self.member.T[:, None]
        weight = np.where(inside, scale[:, self.service].swapaxes(0, 1), 0.0)
        columns = weight.reshape(len(self.service), len(scale) * self.cohorts)
        return weighed(columns, atom, values, levels).reshape(len(levels), len(scale), self.cohorts)


class Some(NamedTuple):
    """Some of the readings: only in the atoms of the others are sums not those of all readings."""

    atoms: Ints  # of the others
    places: Ints  # of all readings in these atoms
    starts: Ints  # first of each atom among them
    chosen: Flags  # [place]
    tasks: Ints  # places of the tasks of the chosen readings in these atoms
    sizes: Floats  # chosen readings of every atom


def periods(model: Model) -> tuple[tuple[str, float, float], ...]:
    """The counted period and the cohorts, which are parts of it: name, [from, until) in minutes."""
    a, b = model.arrays.count_from, model.arrays.count_until
    return (
        ("counted", a, b),
        *((name, max(a, since), min(b, until)) for name, since, until in model.cohorts),
    )


@lru_cache
def value_scopes(
    values: tuple[tuple[tuple[str, ...], ...], ...],
) -> tuple[Ints, list[tuple[int, int, int]]]:
    """The scope number of the first value of [service, attribute] (-1 where none), and (service,
    attribute, value) of each.

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
    """Scope numbers [1 + attributes, case] of all cases: the service, then each attribute's value.

    -1 where none.
    """
    first, _ = value_scopes(model.names.values)
    service = records.cases["service"].astype(np.int64)
    values = records.attributes.T[: first.shape[1]]
    return np.concatenate(
        (service[None], np.where(values < 0, -1, np.take(first.T, service, axis=1) + values))
    )


def cells_of(records: Records, model: Model, scopes: Ints, row: Ints, member: Flags) -> Cells:
    """The cells of readings of one replication's counted cases.

    `scopes` are those of all cases, `row` [reading] the case of each reading, `member` [cohort,
    reading] the cohorts it is read for.
    """
    scopes = scopes[:, row]
    # smaller numbers than scopes, and the service tells them
    values = records.attributes.T[: len(scopes) - 1, row]
    atom, one = _atoms([scopes[0], *values, *member.astype(np.int64)])
    order = _sorted_places(atom, len(one))
    number = len(model.names.services) + len(value_scopes(model.names.values)[1])
    # [atom, scope, cohort]
    inside = (scopes[:, one].T >= 0)[:, :, None] & member[:, one].T[:, None, :]
    entry_atom, which, cohort = np.nonzero(inside)
    return Cells(
        order=order,
        starts=np.searchsorted(atom[order], np.arange(len(one))),
        atom=atom[order],
        service=scopes[0, one],
        entry_first=np.searchsorted(entry_atom, np.arange(len(one) + 1)),
        entry_atom=entry_atom,
        entry_cell=scopes[which, one[entry_atom]] * len(member) + cohort,
        member=member[:, one],
        scopes=number,
        cohorts=len(member),
    )


def _sorted_places(numbers: Ints, size: int) -> Ints:
    """Places in increasing order of numbers below `size`, equal ones as they come;
    small numbers are sorted by counting.
    """
    return np.argsort(numbers.astype(np.uint16) if size <= 2**16 else numbers, kind="stable")


def _atoms(keys: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Numbers the distinct combinations of keys (each >= -1): the number of each case's,
    and a case of each.
    """
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
