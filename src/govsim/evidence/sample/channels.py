"""Means of applicants by channel, or by any other attribute that decides a route.

They are means over the services that ask for it.

A value is compared with itself: where a reform moves applicants from one channel to another, other
people stand behind the same name before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats
from govsim.evidence.quantity import COUNTED, population
from govsim.evidence.sample.replications import weighted
from govsim.measures import MEASURES, MeasureIndex
from govsim.measures.catalogue import MIX
from govsim.statistics.resample import Pooled

Arrays = Mapping[str, NDArray[Any]]


class Channels:
    """Gathers the mean of a measure by attribute value while a run is read.

    Services weigh as in the mix.
    """

    def __init__(
        self,
        index: MeasureIndex,
        configurations: Sequence[str],
        measure: str,
        cohort: str = COUNTED,
    ) -> None:
        self.index, self.configurations = index, tuple(configurations)
        of_service = dict(zip(index.services, index.weights_of(MIX), strict=True))
        self._scopes: dict[str, list[int]] = {}
        self._weights: dict[str, list[float]] = {}
        offered = "mean" in MEASURES[measure].statistics and MEASURES[measure].per == "case"
        for place, scope in enumerate(
            index.scopes[len(index.mixes) + len(index.services) :] if offered else ()
        ):
            service, attribute, value = scope.split("/", 2)
            if of_service[service] > 0:
                name = f"{attribute}={value}"
                self._scopes.setdefault(name, []).append(
                    len(index.mixes) + len(index.services) + place
                )
                self._weights.setdefault(name, []).append(of_service[service])
        rows = [(measure, "mean"), (population(measure), "count")] if offered else []
        self._rows = [index.place(*row)[0] for row in rows]
        self._cohort = index.cohort(cohort)
        self._held: dict[str, list[Floats]] = {name: [] for name in configurations}

    def watch(self, replications: Iterable[Arrays]) -> Iterator[Arrays]:
        """Hand on the arrays of each replication, keeping what is asked for here."""
        every = sorted({scope for scopes in self._scopes.values() for scope in scopes})
        self._column = {scope: k for k, scope in enumerate(every)}
        for arrays in replications:
            for name in self.configurations if every else ():
                self._held[name].append(
                    arrays[f"{name}/values"][np.ix_(self._rows, every, [self._cohort])][..., 0]
                )
            yield arrays

    @property
    def names(self) -> tuple[str, ...]:
        """attribute=value, in the order of the scenario."""
        return tuple(self._scopes)

    def pooled(self, name: str, configuration: str) -> Pooled:
        """The mean over all cases with that value, as a function of the replications' weights.

        NaN without a case.
        """
        columns = [self._column[scope] for scope in self._scopes[name]]
        # [R, service] each
        mean, number = np.moveaxis(np.array(self._held[configuration]), 1, 0)[:, :, columns]
        there = np.all(
            [
                np.nan_to_num(self._numbers(each, columns)).sum(axis=0) > 0
                for each in self.configurations
            ],
            axis=0,
        )
        number = np.nan_to_num(number)
        total = np.where(number > 0, np.nan_to_num(mean), 0.0) * number
        return weighted(total, number, number, np.where(there, self._weights[name], 0.0))

    def _numbers(self, configuration: str, columns: Sequence[int]) -> Floats:
        return np.array(self._held[configuration])[:, 1][:, columns]
