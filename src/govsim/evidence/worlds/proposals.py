"""Worlds proposed from the ranges of all unknowns, and the unknowns that can act at all."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from govsim.arrays import Floats
from govsim.errors import ScenarioError
from govsim.experiment.replication import travel
from govsim.model import compile_model
from govsim.organisation.configure import configure
from govsim.organisation.parameters import Uncertain
from govsim.scenario import Scenario
from govsim.statistics.hypercube import hypercube

CUBE = 256  # proposals of one hypercube


class Proposals:
    """As many proposals as are asked for: hypercube after hypercube, always the same ones."""

    def __init__(self, unknowns: Sequence[Uncertain], seed: int) -> None:
        self.unknowns, self.seed = tuple(unknowns), seed
        self._cubes: list[Floats] = []

    def values(self, number: int) -> Floats:
        """The values [proposal, unknown] of the first so many."""
        while number > CUBE * len(self._cubes):
            rng = np.random.default_rng([self.seed, len(self._cubes)])
            points = hypercube(CUBE, len(self.unknowns), rng)
            columns = zip(self.unknowns, points.T, strict=True)
            self._cubes.append(np.column_stack([_drawn(*column) for column in columns]))
        return np.concatenate([np.empty((0, len(self.unknowns))), *self._cubes])[:number]


def proposed(unknowns: Sequence[Uncertain], number: int, seed: int) -> Floats:
    """Values [proposal, unknown] in the ranges, each of its shape.

    Whole numbers have all their values alike, ends included.
    """
    return Proposals(unknowns, seed).values(number)


def _drawn(unknown: Uncertain, shares: Floats) -> Floats:
    """The values below which such shares of an unknown's proposals lie."""
    low, high, width = unknown.low, unknown.high, unknown.high - unknown.low
    values: Floats = low + shares * width
    if unknown.whole:
        first, last = np.ceil(low), np.floor(high)
        values = first + np.minimum(np.floor(shares * (last - first + 1.0)), last - first)
    elif unknown.shape == "loguniform":
        values = np.clip(low * np.exp(shares * (math.log(high) - math.log(low))), low, high)
    elif unknown.shape == "triangular" and width > 0:
        mode = (unknown.value - low) / width
        rising = low + width * np.sqrt(mode * shares)
        values = np.where(
            shares < mode, rising, high - width * np.sqrt((1.0 - mode) * (1.0 - shares))
        )
    return values


# ------------------------------------------------------------------------------------ who can act


def acting(
    scenario: Scenario,
    unknowns: Mapping[str, Uncertain],
    configurations: Sequence[str],
    variant: str | None,
) -> dict[str, Uncertain]:
    """The unknowns that change some compiled number of a configuration, or an applicant's way.

    Each is moved to both ends of its range, all others staying as stated.
    """
    names = dict.fromkeys([*configurations, "before"])
    stated = {name: _compiled(scenario, name, variant, {}) for name in names}
    way = travel(scenario)

    def acts(unknown: Uncertain) -> bool:
        worlds = ({unknown.name: end} for end in (unknown.low, unknown.high))
        return any(
            travel(scenario, world) != way
            or any(
                not _same(stated[name], _compiled(scenario, name, variant, world)) for name in names
            )
            for world in worlds
        )

    return {name: unknown for name, unknown in unknowns.items() if acts(unknown)}


def _compiled(
    scenario: Scenario, name: str, variant: str | None, world: Mapping[str, float]
) -> Any:
    """The arrays of a configuration; None where there is no such organisation."""
    try:
        return compile_model(configure(scenario, name, variant, world)).arrays
    except ScenarioError:
        return None


def _same(first: Any, second: Any) -> bool:
    """Whether two models hold the same numbers."""
    if first is None or second is None:
        return first is second
    pairs = [*_leaves(first)], [*_leaves(second)]
    return len(pairs[0]) == len(pairs[1]) and all(
        a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in zip(*pairs, strict=True)
    )


def _leaves(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple | list):
        for part in node:
            yield from _leaves(part)
    else:
        yield np.asarray(node)
