"""What is kept of every set of levers in a replication: numbers and cases by service.

A Sample reads them as it reads a run, so every estimate is the one that all commands tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Ints
from govsim.evidence.quantity import Quantity, population
from govsim.evidence.sample.replications import Sample
from govsim.measures import MEASURES, MeasureIndex
from govsim.measures.catalogue import AT_MOST, MIX

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Kept:
    """What is kept of one measure in one cohort (of a wait, at some desks) for some quantities."""

    whole: MeasureIndex  # of all that is measured
    targets: tuple[Quantity, ...]

    @cached_property
    def index(self) -> MeasureIndex:
        """The axes of what is kept: the cohort, and the services that some quantity weighs."""
        whole, services = self.whole, self.services
        mixes = tuple(
            dict.fromkeys((MIX, *(t.scope for t in self.targets if t.scope in whole.mixes)))
        )
        named = tuple(whole.services[k] for k in services)
        of_services = (
            tuple(whole.weights[whole.mixes.index(mix)][k] for k in services) for mix in mixes
        )
        return replace(
            whole,
            rows=tuple(row for row in whole.rows if row in self._asked),
            scopes=(*mixes, *named),
            cohorts=(self.targets[0].cohort,),
            mixes=mixes,
            weights=tuple(of_services),
            services=named,
            desks=tuple(whole.desks[k] for k in self._desks[:1]),
            groups=(),
            demand=tuple(whole.demand[k] for k in services) if whole.demand else (),
            followed=tuple((each[self._cohort],) for each in whole.followed),
        )

    @cached_property
    def services(self) -> Ints:
        """The services that some quantity weighs, by their places among all."""
        weighed = np.any([self.whole.stated(each.scope) > 0 for each in self.targets], axis=0)
        return np.flatnonzero(weighed)

    @property
    def _cohort(self) -> int:
        return self.whole.cohort(self.targets[0].cohort)

    @property
    def _asked(self) -> set[tuple[str, str]]:
        measure, statistics = self.targets[0].measure, {each.statistic for each in self.targets}
        if statistics & {*AT_MOST}:  # what nobody did is bounded by the nearest limit
            statistics |= {*AT_MOST}
        counts = {(measure, "count"), (population(measure), "count")}
        return {(measure, each) for each in statistics} | counts

    @cached_property
    def _desks(self) -> list[int]:
        """The desks of a wait, which are kept together as the first of them."""
        patterns = self.targets[0].desks or ("*",)
        return [
            k
            for k, name in enumerate(self.whole.desks)
            if any(fnmatchcase(name, each) for each in patterns)
        ]

    @cached_property
    def _place(self) -> tuple[NDArray[np.intp], ...]:
        rows = [self.whole.rows.index(row) for row in self.index.rows]
        scopes = [self.whole.scopes.index(scope) for scope in self.index.scopes]
        return np.ix_(rows, scopes, [self._cohort])

    def of(self, measures: Arrays) -> dict[str, NDArray[Any]]:
        """What is kept of the Measures of one set in one replication, by name."""
        measure, services = self.targets[0].measure, self.services
        kept = {"values": measures["values"][self._place]}
        if MEASURES[measure].per in ("task", "desk"):  # weigh as much as their cases
            kept["counted"] = measures["counted"][services][:, [self._cohort]]
        if measure == "wait":
            waited = measures["wait_total"][self._desks][:, services][:, :, [self._cohort]]
            kept["wait_total"] = waited.sum(axis=0, keepdims=True)
        return kept

    def sample(self, replications: Iterable[Arrays], sets: Sequence[str]) -> Sample:
        """The replications of all sets, from arrays [..., set] by name."""
        rows = (
            {
                f"{each}/{name}": array[..., k]
                for name, array in arrays.items()
                for k, each in enumerate(sets)
            }
            for arrays in replications
        )
        return Sample(self.index, sets, rows)


def kept_of(whole: MeasureIndex, targets: Iterable[Quantity]) -> tuple[Kept, ...]:
    """What is kept for some quantities: a part for each measure, cohort and choice of desks.

    Shares at most at some number, of which all are kept, are apart, for the memory.
    """
    together: dict[tuple[Any, ...], list[Quantity]] = {}
    for each in targets:
        whose = (each.measure, each.cohort, each.desks, each.statistic in AT_MOST)
        together.setdefault(whose, []).append(each)
    return tuple(Kept(whole, tuple(those)) for those in together.values())
