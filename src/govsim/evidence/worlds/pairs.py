"""The same applicants in a world: what a claim of a change must hold among too.

Kept as a run keeps them, but of what claims ask for only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.evidence.conditions.condition import Condition
from govsim.evidence.people import about_people, of_everybody
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.slim import of_distribution, slim
from govsim.experiment.replication import moved_demand, same_applicants
from govsim.measures import MEASURES, SKETCHED, Measured, MeasureIndex, pair_of
from govsim.model.arrays import Model


class Pairs:
    """The pairs of configurations whose same applicants the claims of a world ask for."""

    def __init__(
        self, asked: Collection[Condition | Quantity], matched: Collection[Sequence[str]]
    ) -> None:
        changes = [each for each in asked if isinstance(each, Condition) and _of_pairs(each)]
        wanted = dict.fromkeys((each.first, each.second) for each in changes)
        self._same = {
            (each.first, each.second) for each in changes if not of_everybody(each.quantity)
        }
        self.names = [pair for pair in wanted if [*pair] in [[*each] for each in matched]]
        self._quantities = [each.quantity for each in changes]
        measures = {MEASURES[each.measure] for each in self._quantities}
        paired = {each.name for each in measures} | {each.among for each in measures}
        self.paired = sorted(paired | {"counted"}) if self.names else []
        self._pooled = sorted(
            {each.measure for each in self._quantities if of_distribution(each)} & {*SKETCHED}
        )

    def kept(
        self, made: Mapping[str, Measured], models: Mapping[str, Model], index: MeasureIndex
    ) -> dict[str, NDArray[Any]]:
        """What is kept of one replication: of those with the same answer in both configurations,
        and of those who file in both, where not all do in this world.
        """
        arrays: dict[str, NDArray[Any]] = {}
        for first, second in self.names:
            moved = moved_demand(models[first], models[second])
            if moved or (first, second) in self._same:
                pair = pair_of(made[first], made[second])
                names = (first, second)
                arrays |= same_applicants(pair, names, self.paired, self._pooled, moved)
        return self._slim(arrays, index.of(self.paired))

    def _slim(
        self, arrays: Mapping[str, NDArray[Any]], index: MeasureIndex
    ) -> dict[str, NDArray[Any]]:
        """Those arrays with what nobody asks for emptied; one of several names stays one, which is
        packed once.
        """
        sides: dict[str, dict[str, NDArray[Any]]] = {}
        for name, array in arrays.items():
            pair, whom, configuration, key = name.split("/", 3)
            sides.setdefault(f"{pair}/{whom}/{configuration}", {})[key] = array
        made: dict[int, dict[str, NDArray[Any]]] = {}
        kept: dict[str, NDArray[Any]] = {}
        for side, held in sides.items():
            of = id(held["values"])
            if of not in made:
                told = slim(held, index, self._quantities)
                made[of] = {key: rounded(each) for key, each in told.items()}
            kept |= {f"{side}/{key}": each for key, each in made[of].items()}
        return kept


def rounded(array: NDArray[Any]) -> NDArray[Any]:
    """To seven digits, which packs to half the size."""
    return array.astype(np.float32).astype(np.float64) if array.dtype.kind == "f" else array


def _of_pairs(condition: Condition) -> bool:
    """Whether it is a change of something of applicants."""
    return condition.weeks is None and not condition.is_level and about_people(condition.quantity)
