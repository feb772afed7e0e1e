"""The study behind `explore`: worlds drawn, simulated and judged until enough is known.

All numbers with a range are drawn together and each claim is judged in each world, until chance no
longer blurs the answer.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from govsim.errors import RunError, StoreError
from govsim.evidence.condition import (
    HOLDS,
    REFUTED,
    Condition,
    Finding,
    combined,
    conditions_of,
    judge_alone,
)
from govsim.evidence.quantity import COUNTED, Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.study import in_memory, keep, subject_of
from govsim.evidence.worlds.landscape import (
    FAILS,
    LEAST,
    UNRESOLVED,
    Judged,
    Landscape,
    Lead,
    Measured,
)
from govsim.evidence.worlds.result import ClaimInWorlds, Unknown, Worlds
from govsim.evidence.worlds.sensitivity import sampled
from govsim.evidence.worlds.task import ROOM, Drawn
from govsim.experiment.replication import Replication, prepare
from govsim.experiment.run import DEFAULT, conduct
from govsim.measures import MeasureIndex
from govsim.measures.catalogue import BUSY, MIX
from govsim.measures.catalogue import OPEN as OPEN_CASES
from govsim.organisation.configure import unknowns
from govsim.organisation.parameters import Uncertain
from govsim.scenario import Scenario
from govsim.statistics.estimate import Estimate, nominal, student
from govsim.statistics.mean import of_mean
from govsim.store import Runs, Settings, Store

ROUNDS = (8, 16, 32, ROOM)  # replications of a world
OPEN = 0.05  # share of worlds that may stay unresolved
MOST = 2**13  # worlds
LEFT, COUNTED_CASES = Quantity("open", "count"), Quantity("counted", "count")
RARE = 0.05  # of the duty of the group with most
KEYS = ("holds_if", "refuted_if")
STATES = {HOLDS: HOLDS, REFUTED: FAILS}


def explore(
    scenario_or_runs: Scenario | Runs,
    worlds: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    configurations: Sequence[str] = DEFAULT,
    folder: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    engine: str = "compiled",
    progress: bool = True,
) -> Worlds:
    """Draw worlds and judge every claim in each; without `worlds`, as many as the scenario states.

    `folder` keeps what was simulated, so that a stopped exploration goes on, and gets worlds.json;
    of a run it is `worlds` inside its folder. Raises RunError where the question makes no sense,
    StoreError where the folder refuses, Interrupted on Ctrl-C.
    """
    scenario, home, seed, variant, engine = subject_of(
        scenario_or_runs, "worlds", folder, seed, variant, engine
    )
    if home is None:
        with in_memory("worlds") as place:
            found = explore(
                scenario, worlds, seed, workers, configurations, place, variant, engine, progress
            )
            return replace(found, where="in memory only")
    stated = scenario.tree.get("experiment") or {}
    number = int(stated.get("worlds", 256) if worlds is None else worlds)
    if not LEAST <= number <= MOST:
        raise RunError(
            f"worlds: {number}; at least {LEAST} are needed, at most {MOST} are possible (256 for "
            "a verdict)"
        )
    ranges = dict(sorted(unknowns(scenario).items()))
    if not ranges:
        raise RunError(
            f"{scenario.path}: no number has a range, so there is only one world; state ranges, as "
            "in value, range"
        )
    base = prepare(scenario, tuple(configurations), variant, seed, engine, "measures")
    found = _Study(scenario, base, number, ranges).result(home, workers, progress)
    keep(home, "worlds", found)
    return found


def _claims(scenario: Scenario) -> dict[str, Any]:
    """The claims that a world can be asked about."""
    claims = scenario.tree.get("claims") or {}
    return {
        name: each
        for name, each in claims.items()
        if not each.get("outside_the_model") and not each.get("family")
    }


def _weakest(findings: Sequence[Finding]) -> Measured | None:
    """The improvement in a claim's first condition; where that is asked of each service,
    of the one that improves least.
    """
    first = findings[0].condition
    same = [
        each
        for each in findings
        if replace(each.condition, quantity=first.quantity, service=first.service) == first
    ]
    known = [measured for each in same if (measured := _measured(each.improvement))]
    return min(known, default=None)


def _measured(found: Estimate) -> Measured | None:
    """The value, and the standard error that its interval tells."""
    if found.value is None or not math.isfinite(found.value):
        return None
    number = max(2, found.replications)
    return Measured(found.value, (found.half_width or 0.0) / student(number, nominal(number)))


def _refuse_another(folder: Path, wanted: Settings) -> None:
    """Refuse a folder with other worlds, or with these worlds kept for other claims."""
    if not (folder / "run.json").exists():
        return
    found = Settings.read(folder)
    if found.scenario_hash == wanted.scenario_hash and found.study != wanted.study:
        same = found.study.get("drawn") == wanted.study["drawn"]
        what = "what was kept of these worlds is for other claims" if same else "holds other worlds"
        raise StoreError(
            f"{folder}: {what}; remove this folder (or move it away), then explore again"
        )


class _Study:
    """The worlds of one question."""

    def __init__(
        self, scenario: Scenario, base: Replication, worlds: int, ranges: Mapping[str, Uncertain]
    ) -> None:
        settings: Settings = base.settings
        self.scenario, self.ranges, self.worlds = scenario, ranges, worlds
        self.claims = _claims(scenario)
        both = {
            name: tuple(conditions_of(scenario.tree, claim, key) for key in KEYS)
            for name, claim in self.claims.items()
        }
        there = set(settings.configurations)
        self.conditions = {
            name: each
            for name, each in both.items()
            if each[0] and all(there.issuperset(c.configurations) for c in sum(each, ()))
        }
        cohort = next(
            (
                self.claims[name]["cohort"]
                for name in self.conditions
                if "cohort" in self.claims[name]
            ),
            COUNTED,
        )
        self.headline = Quantity("cycle_time_working", "mean", MIX, cohort)
        self.values = sampled(list(ranges.values()), worlds, settings.seed)
        asked: list[Condition | Quantity] = [
            self.headline,
            LEFT,
            COUNTED_CASES,
            *(c for each in self.conditions.values() for c in sum(each, ())),
        ]
        base.settings = replace(
            settings, replications=worlds * ROUNDS[0], study=self._design(asked)
        )
        self.task = Drawn(scenario, base, self.values, tuple(ranges), asked)
        *earlier, last = settings.configurations
        self.pairs = [(first, last) for first in earlier]

    def _design(self, asked: Sequence[Condition | Quantity]) -> dict[str, Any]:
        """What makes these rows and no others; a preview is the beginning of the worlds
        that a verdict needs.
        """
        first = hashlib.sha256(self.values[:LEAST].tobytes()).hexdigest()
        kept = hashlib.sha256(repr(sorted(map(repr, asked))).encode()).hexdigest()
        return {
            "kind": "worlds",
            "parameters": list(self.ranges),
            "drawn": first[:12],
            "kept": kept[:12],
        }

    def result(self, folder: Path, workers: int | None, progress: bool) -> Worlds:
        """Run what is missing, round by round, and look at all worlds together."""
        _refuse_another(folder, self.task.settings)
        judged: dict[int, Judged] = {}
        going_on = list(range(self.worlds))
        for replications in ROUNDS:
            self._run(folder, going_on, replications, workers, progress)
            judged |= self._judge(folder, going_on, replications)
            going_on = self._unresolved(judged)
            if not going_on:
                break
        return self._told([judged[world] for world in range(self.worlds)], folder)

    def _run(
        self,
        folder: Path,
        worlds: Sequence[int],
        replications: int,
        workers: int | None,
        progress: bool,
    ) -> None:
        numbers = [world * ROOM + r for world in worlds for r in range(replications)]
        conduct(self.task, folder, numbers, workers, progress, "worlds").close()

    def _judge(self, folder: Path, worlds: Sequence[int], replications: int) -> dict[int, Judged]:
        settings, found = self.task.settings, {}
        index = MeasureIndex.from_dict(settings.about["index"])
        store = Store.open(folder)
        try:
            for world in worlds:
                rows = store.read(numbers=range(world * ROOM, world * ROOM + replications))
                sample = Sample(index, settings.configurations, (arrays for _, arrays in rows))
                found[world] = self._world(sample)
                sample.forget()
        finally:
            store.close()
        return found

    def _world(self, sample: Sample) -> Judged:
        states, improvements = {}, {}
        for name, (conditions, refused_if) in self.conditions.items():
            findings = [judge_alone(each, sample) for each in conditions]
            state = combined(
                findings, self.claims[name], [judge_alone(each, sample) for each in refused_if]
            )
            states[name] = STATES.get(state, UNRESOLVED)
            if measured := _weakest(findings):
                improvements[name] = measured
        for before, after in self.pairs:
            less = of_mean(
                sample.values(self.headline, before) - sample.values(self.headline, after)
            )
            if measured := _measured(less):
                improvements[f"{before} > {after}"] = measured
        return Judged(
            sample.replications,
            states,
            improvements,
            all(self._settles(sample, each) for each in sample.configurations),
        )

    def _settles(self, sample: Sample, configuration: str) -> bool:
        """Whether queues settle there, by what a reader of a run is warned of: cases left open,
        groups always busy.
        """
        left, every = (
            float(np.nansum(sample.values(each, configuration))) for each in (LEFT, COUNTED_CASES)
        )
        busy, duty = (
            np.nan_to_num(sample.stack(configuration, each)).sum(axis=0)
            for each in ("busy", "duty")
        )
        # not whose members only finish what they began before the reform
        there = duty > RARE * duty.max(initial=0.0)
        return left <= OPEN_CASES * every and not bool((busy > BUSY * duty)[there].any())

    def _unresolved(self, judged: Mapping[int, Judged]) -> list[int]:
        """The worlds that need more replications: those open on a claim that is open
        in too many of them.
        """
        number = {
            name: sum(each.states[name] == UNRESOLVED for each in judged.values())
            for name in self.conditions
        }
        blurred = [name for name, often in number.items() if often > OPEN * self.worlds]
        return [
            world
            for world, each in sorted(judged.items())
            if each.replications < ROOM and any(each.states[name] == UNRESOLVED for name in blurred)
        ]

    def _told(self, judged: Sequence[Judged], folder: Path) -> Worlds:
        """What all worlds say together."""
        settings, unknown = self.task.settings, list(self.ranges.values())
        landscape = Landscape(judged, self.values, unknown)
        claims = {
            name: landscape.claim(name, _lead(conditions[0]))
            for name, (conditions, _) in self.conditions.items()
        }
        outputs = {
            name: each for a, b in self.pairs if (each := landscape.output(name := f"{a} > {b}"))
        }
        worth, floor = landscape.worth(list(claims))
        drawn = zip(unknown, self.values.T, strict=True)
        return Worlds(
            run=settings.id,
            where=str(folder),
            seed=settings.seed,
            worlds=self.worlds,
            configurations=settings.configurations,
            replications=tuple(each.replications for each in judged),
            unknowns=tuple(
                Unknown(
                    u.name, u.low, u.high, u.unit, u.source, tuple(map(float, x)), u.value, u.shape
                )
                for u, x in drawn
            ),
            claims=claims,
            outputs=outputs,
            worth=worth,
            floor=floor,
            variant=settings.variant,
            warnings=tuple(self._warnings(claims, judged)),
            settled=tuple(each.settled for each in judged),
        )

    def _warnings(
        self, claims: Mapping[str, ClaimInWorlds], judged: Sequence[Judged]
    ) -> Iterator[str]:
        if piling := sum(not each.settled for each in judged):
            yield (
                f"in {piling} of {self.worlds} worlds queues do not settle in some configuration "
                "(cases left open, groups always "
                "busy): there a change says how long one looked, so effects on the mix are told of "
                "the other worlds"
            )
        most = max(each.replications for each in judged)
        for name, each in claims.items():
            if each.unresolved > OPEN * self.worlds:
                share = (
                    f"{100 * each.unresolved / self.worlds:.0f} % of the worlds are unresolved "
                    f"after {most} replications"
                )
                yield (
                    f"{name}: {share}; it may hold in {each.holds} to "
                    f"{each.holds + each.unresolved} of {self.worlds}"
                )
        skipped = [name for name in _claims(self.scenario) if name not in claims]
        if skipped:
            yield f"not judged, as they compare other configurations: {', '.join(skipped)}"
        elsewhere = [
            name
            for name, each in (self.scenario.tree.get("claims") or {}).items()
            if each.get("family")
        ]
        if elsewhere:
            yield (
                "not judged in worlds, as they ask for a search over staffing: "
                f"{', '.join(elsewhere)}"
            )


def _lead(condition: Condition) -> Lead:
    statistic = condition.statistic or condition.quantity.statistic
    whose = ", the service that improves least" if condition.service else ""
    return Lead(
        f"{statistic} of {condition.quantity.measure}{whose}", condition.unit, condition.delta
    )
