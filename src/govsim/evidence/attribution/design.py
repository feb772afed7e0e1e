"""Which sets of bundles an attribution tries, and one replication of all of them.

They are the same organisation with every set of bundles of levers. All sets see the same draws, so
what a bundle adds is worked out within each replication. Sets of levers that make the same model,
as those of a lever that changes nothing do, are simulated once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Ints
from govsim.errors import RunError, ScenarioError
from govsim.evidence.attribution.kept import Kept, kept_of
from govsim.evidence.attribution.result import FORM
from govsim.evidence.quantity import Quantity, headline_measure, population
from govsim.evidence.sample.slim import slim
from govsim.experiment.replication import Done, Replication, Task
from govsim.measures import MeasureIndex, Measures
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.organisation.configure import configure
from govsim.scenario import Scenario
from govsim.scenario.problems import did_you_mean
from govsim.statistics import shapley
from govsim.store import Settings, pack

EXACT = 6  # bundles up to which every set is tried
ORDERS = 16  # of more bundles, each with its reverse
SEED = 20261125  # of the orders: the same bundles give the same sets
REST = "other levers"
MERGER, PROCESS = "merger", "process"
Levers = tuple[str, ...]


@dataclass(frozen=True)
class Design:
    """Bundles of levers, and the sets that tell what each of them does.

    The first set is empty, the second has all.
    """

    bundles: Mapping[str, Levers]
    kinds: Mapping[str, str]  # lever -> merger, process
    orders: Ints | None  # of bundles, where not all sets are tried
    # levers of one kind with which the organisation cannot work
    unable: frozenset[frozenset[str]] = frozenset()

    @cached_property
    def sets(self) -> dict[frozenset[str], str]:
        """The sets of levers, with the name of each."""
        every, whole = (1 << len(self.bundles)) - 1, self.of_kind(MERGER, PROCESS)
        found = {frozenset[str](): "before", whole: "after"}
        for subset in self.subsets.ravel().tolist():
            named = [name for k, name in enumerate(self.bundles) if subset >> k & 1]
            found.setdefault(self.levers(subset), " + ".join(named))
        for k in range(len(self.bundles)):
            found.setdefault(self.levers(1 << k), list(self.bundles)[k])
            found.setdefault(self.levers(every ^ 1 << k), f"all but {list(self.bundles)[k]}")
        for kind in (PROCESS, MERGER) if self.two_kinds else ():
            found.setdefault(self.of_kind(kind), f"{kind}_only")
        for name, (kind, part) in self.parts:
            found.setdefault(part, f"{name} ({kind})")
            found.setdefault(whole - part, f"all but {name} ({kind})")
        return found

    @cached_property
    def subsets(self) -> Ints:
        """The sets of bundles as numbers: all of them, or those that orders pass through, [order,
        B + 1].
        """
        return (
            np.arange(1 << len(self.bundles))
            if self.orders is None
            else shapley.visited(self.orders)
        )

    @cached_property
    def places(self) -> Ints:
        """Where the sets of `subsets` stand among all."""
        found: Ints = np.vectorize(
            lambda subset: self.place(self.levers(int(subset))), otypes=[np.int64]
        )(self.subsets)
        return found

    @property
    def two_kinds(self) -> bool:
        """Whether there are levers that need a merger and levers that need none,
        and each kind works by itself.
        """
        return len(set(self.kinds.values())) == 2 and not self.unable & {
            self.of_kind(MERGER),
            self.of_kind(PROCESS),
        }

    @property
    def parts(self) -> list[tuple[str, tuple[str, frozenset[str]]]]:
        """(bundle, (kind, levers)) of the bundles that have both kinds,
        where these levers work without the others.
        """
        whole = self.of_kind(MERGER, PROCESS)
        kinds = {
            name: [kind for kind in (MERGER, PROCESS) if self.part(name, kind)]
            for name in self.bundles
        }
        found = [
            (name, (kind, self.part(name, kind)))
            for name, both in kinds.items()
            if len(both) == 2
            for kind in both
        ]
        return [
            (name, (kind, part))
            for name, (kind, part) in found
            if not self.unable & {part, whole - part}
        ]

    def part(self, bundle: str, kind: str) -> frozenset[str]:
        """The levers of a bundle that are of one kind."""
        return frozenset(lever for lever in self.bundles[bundle] if self.kinds[lever] == kind)

    def of_kind(self, *kinds: str) -> frozenset[str]:
        """All levers of some kinds."""
        return frozenset(lever for lever, kind in self.kinds.items() if kind in kinds)

    def levers(self, subset: int) -> frozenset[str]:
        """The levers of a set of bundles."""
        return frozenset(
            lever
            for k, levers in enumerate(self.bundles.values())
            if subset >> k & 1
            for lever in levers
        )

    def place(self, levers: frozenset[str]) -> int:
        """Where a set of levers stands among all."""
        return list(self.sets).index(levers)


def design_of(
    scenario: Scenario, bundles: Sequence[str] | None, variant: str | None = None
) -> Design:
    """The bundles to divide the reform among.

    They are those named, else those of experiment.attribution, else all. Levers that belong to none
    of them count as one bundle more, as the whole reform is divided. RunError where there is
    nothing to divide, or no such bundle.
    """
    reform = {
        name: spec
        for name, spec in (scenario.tree.get("reform") or {}).items()
        if spec["kind"] in (MERGER, PROCESS)
    }
    if not reform:
        raise RunError(
            f"{scenario.path}: reform has no lever of kind merger or process, so there is nothing "
            "to attribute"
        )
    found: dict[str, list[str]] = {}
    for name, spec in reform.items():
        found.setdefault(spec.get("bundle", name), []).append(name)
    if isinstance(bundles, str):
        bundles = (bundles,)
    chosen = dict.fromkeys(
        bundles or (scenario.tree.get("experiment") or {}).get("attribution") or found
    )
    for name in chosen:
        if name not in found:
            raise RunError(f"{scenario.path}: no bundle {name!r}{did_you_mean(name, found)}")
    rest = tuple(lever for name, levers in found.items() if name not in chosen for lever in levers)
    every = {name: tuple(found[name]) for name in chosen} | ({REST: rest} if rest else {})
    if len(every) < 2:
        raise RunError(
            f"{scenario.path}: all levers are in one bundle, {next(iter(every))}, so the whole "
            "change is its own: see govsim "
            "run. To divide it, give levers different bundles in the file"
        )
    orders = None if len(every) <= EXACT else shapley.orders(len(every), ORDERS, SEED)
    design = Design(every, {name: str(spec["kind"]) for name, spec in reform.items()}, orders)
    whole = design.of_kind(MERGER, PROCESS)
    by_kind = {each for _, (_, part) in design.parts for each in (part, whole - part)}
    by_kind |= {design.of_kind(MERGER), design.of_kind(PROCESS)}
    return replace(
        design, unable=frozenset(each for each in by_kind if not _works(scenario, each, variant))
    )


def _works(scenario: Scenario, levers: frozenset[str], variant: str | None) -> bool:
    try:
        configure(scenario, levers, variant)
    except ScenarioError:
        return False
    return True


class Sets(Task):
    """One replication of all sets of levers.

    It is the numbers and cases by service of all targets, or the distributions of one by set.
    """

    def __init__(
        self,
        scenario: Scenario,
        task: Replication,
        design: Design,
        targets: Sequence[Quantity],
        pooled: bool,
        n: int,
    ) -> None:
        study = {
            "kind": "attribution",
            "form": FORM,
            "bundles": {name: list(levers) for name, levers in design.bundles.items()},
            "targets": [
                [t.measure, t.statistic, _plain(t.scope), t.cohort, list(t.desks)] for t in targets
            ],
            "pooled": pooled,
        }
        self.settings: Settings = replace(
            task.settings,
            configurations=tuple(design.sets.values()),
            study=study,
            replications=n,
            keep="measures",
        )
        self.scenario, self.design, self.targets, self.pooled = (
            scenario,
            design,
            tuple(targets),
            pooled,
        )
        self._task = task
        self.index = MeasureIndex.from_dict(self.settings.about["index"])

    @cached_property
    def models(self) -> list[tuple[Model, list[int]]]:
        """The models that differ, each with the places of the sets that it stands for."""
        found: dict[str, tuple[Model, list[int]]] = {}
        for k, levers in enumerate(self.design.sets):
            model = compile_model(self._configured(levers))
            found.setdefault(_digest(model), (model, []))[1].append(k)
        return list(found.values())

    def _configured(self, levers: frozenset[str]) -> Any:
        try:
            return configure(self.scenario, levers, self.settings.variant)
        except ScenarioError as error:
            on = ", ".join(sorted(levers)) or "no lever"
            raise RunError(
                f"{self.scenario.path}: with {on} alone the organisation cannot work, so what each "
                "bundle adds cannot be told. "
                f"Put levers that need each other into one bundle.\n{error}"
            ) from None

    # ------------------------------------------------------------------------------ one replication

    def __call__(self, number: int) -> Done:
        """All sets in one replication, of which only what the targets need is kept."""
        if self.pooled:
            return Done({"measures": pack(self._distributions(number))}, float("nan"))
        by_set: list[list[dict[str, NDArray[Any]]]] = [[]] * len(self.design.sets)
        for model, places in self.models:
            measures = self._measure(model, number)._asdict()
            kept = [part.of(measures) for part in self.kept]
            for place in places:
                by_set[place] = kept
        row = {
            f"{k}/{name}": np.stack([of[k][name] for of in by_set], axis=-1)
            for k, kept in enumerate(by_set[0])
            for name in kept
        }
        return Done({"measures": pack(row)}, self._headline(row))

    def _headline(self, row: Mapping[str, NDArray[Any]]) -> float:
        """The change that progress is told in; of times only."""
        first, index = self.targets[0], self.kept[0].index
        in_days = first.measure == headline_measure(self.settings.about)
        if not in_days or not isinstance(first.scope, str) or not index.keeps(first.scope):
            return float("nan")
        place = index.place(first.measure, first.statistic, first.scope, first.cohort)
        return float(np.diff(row["0/values"][place][:2])[0])

    def _distributions(self, number: int) -> dict[str, NDArray[Any]]:
        return {
            f"{place}/{key}": each
            for model, places in self.models
            for kept in (self._kept(self._measure(model, number)),)
            for place in places
            for key, each in kept.items()
        }

    def _measure(self, model: Model, number: int) -> Measures:
        pooled = [each.measure for each in self.targets] if self.pooled else []
        return self._task.measure(model, self._task.simulate(model, number), number, pooled)

    def _kept(self, found: Measures) -> dict[str, NDArray[Any]]:
        arrays = found._asdict()
        slimmed = slim(arrays, self.index, self.targets)
        rows = [self.index.rows.index(row) for row in self.narrow.rows]
        values = slimmed["values"][rows, : len(self.narrow.scopes)]
        return {
            "values": values,
            "counted": arrays["counted"],
            self.targets[0].measure: slimmed[self.targets[0].measure],
        }

    @cached_property
    def kept(self) -> tuple[Kept, ...]:
        """What is kept for the targets where they need no distributions."""
        return kept_of(self.index, self.targets)

    @cached_property
    def narrow(self) -> MeasureIndex:
        """The index of what is kept for pooled quantities: of whom, and how many."""
        some = {(each.measure, each.statistic) for each in self.targets}
        some |= {
            (name, "count")
            for each in self.targets
            for name in (each.measure, population(each.measure))
        }
        rows = tuple(row for row in self.index.rows if row in some)
        scopes = self.index.scopes[: len(self.index.mixes) + len(self.index.services)]
        return replace(self.index, rows=rows, scopes=scopes)


def _plain(scope: str | tuple[str, ...]) -> str | list[str]:
    return scope if isinstance(scope, str) else list(scope)


def _digest(model: Model) -> str:
    """Equal for models that an engine cannot tell apart."""
    content = hashlib.sha256(repr((model.names, model.cohorts, model.start)).encode())

    def add(part: Any) -> None:
        if isinstance(part, np.ndarray):
            content.update(
                f"{part.dtype}{part.shape}".encode() + np.ascontiguousarray(part).tobytes()
            )
        elif isinstance(part, tuple):
            content.update(str(len(part)).encode())
            for each in part:
                add(each)
        else:
            content.update(repr(part).encode())

    add(model.arrays)
    return content.hexdigest()
