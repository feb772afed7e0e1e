"""One replication of one world: its configurations, and what claims need of them.

The configurations are refilled with the numbers drawn for it.

World w's replication r is number w * 64 + r: the configurations of one world share their luck,
worlds do not share theirs, so that what varies between worlds can be told from what varies within.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.errors import RunError, ScenarioError
from govsim.evidence.conditions.condition import Condition
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.slim import slim
from govsim.evidence.worlds.pairs import Pairs, rounded
from govsim.evidence.worlds.proposals import Proposals
from govsim.experiment.replication import Done, Replication, Task, travel
from govsim.measures import MeasureIndex
from govsim.model import compile_model
from govsim.model.offered_load import Pool, offered_load
from govsim.organisation.configure import configure
from govsim.organisation.nouns import Configuration
from govsim.scenario import Scenario
from govsim.store import Settings, pack

ROOM = 64  # replications of a world, at most
HELD = 4  # worlds whose models are kept at a time
WEEKLY = {"backlog": ("backlog",), "cycle_time": ("weekly_days", "weekly_cases")}


class Drawn(Task):
    """The task: a row is one replication of all configurations in one world.

    Only what is asked for is kept of it.
    """

    def __init__(
        self,
        scenario: Scenario,
        base: Replication,
        proposals: Proposals,
        asked: Collection[Condition | Quantity],
    ) -> None:
        self.settings: Settings = base.settings
        self.scenario, self.proposals = scenario, proposals
        self._asked = [each.quantity if isinstance(each, Condition) else each for each in asked]
        self._paths = [each for each in asked if isinstance(each, Condition) and each.weeks]
        self.pairs = Pairs(asked, base.settings.about["pairs"])
        self._base = base
        self._worlds: OrderedDict[int, Replication] = OrderedDict()
        self._loads: dict[tuple[int, str], tuple[Pool, ...]] = {}
        self._lock = threading.Lock()

    def __call__(self, number: int) -> Done:
        """Replication `number` % 64 of world `number` // 64."""
        world = self._world(number // ROOM)
        _, measures, made = world.readings(number)
        arrays: dict[str, Any] = {}
        for name, found in measures.items():
            kept = self._kept(found._asdict(), world.index)
            arrays |= {f"{name}/{key}": array for key, array in kept.items()}
        arrays |= self.pairs.kept(made, world.models, world.index)
        return Done({"measures": pack(arrays)}, float("nan"))

    def _kept(
        self, arrays: dict[str, NDArray[Any]], index: MeasureIndex
    ) -> dict[str, NDArray[Any]]:
        """What is asked for, to seven digits, which packs to half the size."""
        kept = slim(arrays, index, self._asked, paths=True)
        for kind, names in WEEKLY.items():
            paths = [each for each in self._paths if each.quantity.measure == kind]
            kept |= {name: _weeks(kept[name], paths, index) for name in names}
        return {name: rounded(each) for name, each in kept.items()}

    def _world(self, number: int) -> Replication:
        """The models of a world, made by whoever needs them first."""
        with self._lock:
            if number not in self._worlds:
                self._worlds[number] = self._made(number)
                while len(self._worlds) > HELD:
                    self._worlds.popitem(last=False)
            return self._worlds[number]

    def _made(self, number: int) -> Replication:
        names = self.settings.configurations
        models = {name: compile_model(self._configured(number, name)) for name in names}
        return self._base.of(models, travel(self.scenario, self._drawn(number)))

    def loads(self, number: int, name: str) -> tuple[Pool, ...]:
        """The loads of a configuration in a world: nothing has to be simulated for them."""
        if (number, name) not in self._loads:
            self._loads[number, name] = offered_load(self._configured(number, name)).pools
        return self._loads[number, name]

    def _drawn(self, number: int) -> dict[str, float]:
        values = self.proposals.values(number + 1)[number]
        names = (each.name for each in self.proposals.unknowns)
        return dict(zip(names, map(float, values), strict=True))

    def _configured(self, number: int, name: str) -> Configuration:
        try:
            return configure(self.scenario, name, self.settings.variant, self._drawn(number))
        except ScenarioError as impossible:
            first = impossible.problems[0]
            raise RunError(
                f"{self.scenario.path}:{first.line}: with the numbers drawn for world {number} "
                f"({first.where}: {first.message}) "
                "there is no such organisation; narrow the ranges of the numbers that meet there"
            ) from None


def _weeks(found: NDArray[Any], paths: Sequence[Condition], index: MeasureIndex) -> NDArray[Any]:
    """The weeks that are looked at [service, week]; where all look at the same services,
    their sum stands at the first.
    """
    kept = np.zeros_like(found)
    asked = {(each.quantity.scope, each.weeks) for each in paths if each.weeks}
    alone = len({scope for scope, _ in asked}) == 1
    for scope, (since, until) in asked:
        names = (scope,) if isinstance(scope, str) else scope
        services = np.flatnonzero(np.any([index.weights_of(name) for name in names], axis=0))
        if alone:
            kept[services[:1], since:until] = found[services, since:until].sum(axis=0)
        else:
            kept[services, since:until] = found[services, since:until]
    return kept
