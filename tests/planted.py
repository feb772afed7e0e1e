"""Samples with planted numbers, on which conditions and claims are tested.

There are runs that hold nothing else, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.evidence.conditions.condition import Condition
from govsim.evidence.quantity import Quantity
from govsim.organisation.parameters import Uncertain

Floats = NDArray[np.float64]
R = 40
BEFORE = ("before", "after")


def ranged(
    low: float, high: float, value: float | None = None, whole: bool = False, shape: str = "uniform"
) -> Uncertain:
    """A number with a range."""
    return Uncertain(
        "x", low if value is None else value, low, high, "", whole, "assumption", shape
    )


class Planted:
    """Numbers per replication [R] by configuration, or by (configuration, service); paths [R,
    week] by configuration.
    """

    def __init__(
        self,
        numbers: Mapping[Any, Floats],
        unit: str = "calendar days",
        paths: Mapping[str, Floats] | None = None,
    ) -> None:
        self.numbers, self._unit, self.paths = dict(numbers), unit, paths or {}
        keys = [key if isinstance(key, str) else key[0] for key in (*self.numbers, *self.paths)]
        self.configurations = tuple(dict.fromkeys(keys))
        self.replications = len(next(iter((*self.numbers.values(), *self.paths.values()))))

    def unit(self, _: Quantity) -> str:
        return self._unit

    def is_mean(self, _: Quantity) -> bool:
        return True

    def values(self, quantity: Quantity, configuration: str) -> Floats:
        if quantity.measure == "signatures":
            raise KeyError("no signatures in this run")
        if quantity.measure == "counted":
            key = ("counted", configuration)
            return self.numbers.get(key, np.full(self.replications, 100.0))
        found: Floats = self.numbers[
            (configuration, quantity.scope) if quantity.scope != "mix" else configuration
        ]
        return found

    def path(self, _: str, __: Any, configuration: str) -> Callable[[Floats], Floats]:
        held = self.paths.get(configuration, np.ones((self.replications, 60)))
        return lambda weights: weights @ held / weights.sum(axis=1, keepdims=True)

    def sketches(self, _: str, __: str) -> list[Any]:
        return []

    # everybody who filed is granted, in every configuration

    pairs = ()
    index = SimpleNamespace(services=())

    def once(self, _: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        return make()

    def followed(self, _: str) -> float:
        return 1e6

    def tau(self, _: Quantity) -> None:
        return None

    def restricted(self, *_: str) -> None:
        return None

    def in_all(self, _: Any) -> Any:
        return None

    def stated(self, _: Any) -> Floats:
        return np.zeros(0)

    def cases(self, *_: Any) -> float:
        return 1e6

    def largest(self, _: Quantity) -> float:
        return 0.0

    def pooled(self, quantity: Quantity, _: str) -> Callable[[Floats], Floats]:
        granted = float(quantity.measure == "completed")
        return lambda weights: np.full(len(weights), granted)


def around(mean: float, spread: float = 0.1, seed: int = 1, replications: int = R) -> Floats:
    """Numbers with exactly this mean."""
    drawn = np.random.default_rng(seed).normal(0.0, spread, replications)
    found: Floats = mean + drawn - drawn.mean()
    return found


def pair(before: float, after: float, spread: float = 0.1, unit: str = "calendar days") -> Any:
    """A sample of `before` and `after` with these means."""
    return Planted({"before": around(before, spread), "after": around(after, spread, 2)}, unit)


def condition(
    kind: str = "decrease", size: float = 15.0, unit: str = "%", **more: Any
) -> Condition:
    """A condition on the mean cycle time."""
    return Condition(
        Quantity(more.pop("measure", "cycle_time"), "mean"),
        kind,
        size,
        unit,
        "before",
        "after",
        **more,
    )


def told(numbers: int = 3) -> Any:
    """A run of which only the settings are asked."""
    settings = SimpleNamespace(
        about={"service_names": {}, "numbers": numbers}, scenario="x.yaml", claims_hash=""
    )
    return SimpleNamespace(folder=None, settings=settings)
