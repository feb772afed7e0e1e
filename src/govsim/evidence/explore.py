"""Worlds: all numbers with a range drawn together, each claim judged in each, until chance no longer blurs the answer.

World w's replication r is number w * 64 + r: the configurations of one world share their luck, worlds do not share theirs,
so that what varies between worlds can be told from what varies within.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from govsim import experiment
from govsim.evidence.claims import combined
from govsim.evidence.conditions import HOLDS, REFUTED, Condition, conditions_of, judge_alone
from govsim.evidence.discovery import box_of
from govsim.evidence.estimate import of_mean, wilson
from govsim.evidence.resample import Floats, student
from govsim.evidence.sample import COUNTED, Quantity, Sample
from govsim.evidence.sensitivity import effects, sampled, value_of_information, variance_split
from govsim.evidence.slim import slim
from govsim.evidence.worlds import ClaimInWorlds, Failure, Output, Unknown, Worlds
from govsim.experiment import Done, Interrupted, Task, conduct
from govsim.model import compile_model
from govsim.scenario import Scenario
from govsim.scenario.configure import configure, unknowns
from govsim.scenario.parameters import Uncertain, Values, named
from govsim.scenario.units import Kind
from govsim.store import RunError, Settings, Store, pack
from govsim.table import MIX

ROUNDS = (8, 16, 32, 64)  # replications of a world
ROOM = ROUNDS[-1]
OPEN = 0.05  # share of worlds that may stay unresolved
LEAST, MOST = 16, 2**13  # worlds
HELD = 4  # worlds whose models are kept at a time
FAILS, UNRESOLVED = "fails", "unresolved"


def explore(
    scenario: Scenario,
    worlds: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    configurations: Sequence[str] = experiment.DEFAULT,
    folder: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    engine: str = "compiled",
    progress: bool = True,
) -> Worlds:
    """Draw worlds and judge every claim in each; without `worlds`, as many as the scenario states.

    `folder` keeps what was simulated, so that a stopped exploration goes on, and gets worlds.json. Raises RunError where
    the question makes no sense, StoreError where the folder refuses, Interrupted on Ctrl-C.
    """
    if folder is None:
        with TemporaryDirectory(prefix="govsim-worlds-") as place:
            found = explore(scenario, worlds, seed, workers, configurations, place, variant, engine, progress)
            return replace(found, where="in memory only")
    stated = scenario.tree.get("experiment") or {}
    number = int(stated.get("worlds", 256) if worlds is None else worlds)
    if not LEAST <= number <= MOST:
        raise RunError(f"worlds: {number}; at least {LEAST} are needed, at most {MOST} are possible (256 for a verdict)")
    ranges = unknowns(scenario)
    if not ranges:
        raise RunError(f"{scenario.path}: no number has a range, so there is only one world; state ranges, as in value, range")
    study = _Study(
        scenario, number, int(stated.get("seed", 1) if seed is None else seed), ranges, configurations, variant, engine
    )
    found = study.result(Path(folder), workers, progress)
    draft = Path(folder) / "worlds.json.part"
    draft.write_text(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")
    draft.replace(draft.with_suffix(""))
    return found


class _Drawn(Task):
    """One replication of one world, of which only what the claims ask for is kept."""

    def __init__(self, scenario: Scenario, base: Any, values: Floats, names: Sequence[str], asked: Sequence[Quantity]) -> None:
        self.settings: Settings = base.settings
        self.scenario, self.values, self.names, self.asked = scenario, values, names, asked
        self.paths = any(c.weeks for claim in _claims(scenario).values() for c in _both(scenario, claim))
        self._base = base
        self._held: OrderedDict[int, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._parameters = named(scenario.tree)["parameters"]

    def __call__(self, number: int) -> Done:
        """Replication `number` % 64 of world `number` // 64."""
        world = self._world(number // ROOM)
        arrays: dict[str, Any] = {}
        for name in world.models:
            found = world._measure(name, world._simulate(name, number), number)
            small = slim(found._asdict(), world.index, self.asked, self.paths)
            arrays |= {f"{name}/{key}": each for key, each in small.items()}
        return Done({"measures": pack(arrays)}, float("nan"))

    def _world(self, number: int) -> Any:
        """The models of a world, made by whoever needs them first."""
        with self._lock:
            if number not in self._held:
                drawn = dict(zip(self.names, map(float, self.values[number]), strict=True))
                about = {**self.settings.about, "travel": self._travel(drawn)}
                models = {
                    name: compile_model(configure(self.scenario, name, self.settings.variant, drawn))
                    for name in self.settings.configurations
                }
                made = experiment._Replication(models, replace(self.settings, about=about), self._base.mixes)
                made._own = self._base._own  # threads keep their memory from world to world
                self._held[number] = made
                while len(self._held) > HELD:
                    self._held.popitem(last=False)
            return self._held[number]

    def _travel(self, drawn: Mapping[str, float]) -> float:
        for claim in _claims(self.scenario).values():
            for condition in claim.get("holds_if") or ():
                if "travel" in condition:
                    return Values(self._parameters, drawn).number(condition, "travel", Kind.CLOCK)
        return float(self.settings.about["travel"])


def _tamed(values: Floats) -> Floats:
    """Without the reach of the most extreme worlds, whose queues never settle: a tenth at the ends counts as the next."""
    low, high = np.quantile(values, (0.05, 0.95))
    return np.clip(values, low, high)


def _claims(scenario: Scenario) -> dict[str, Any]:
    """The claims that a world can be asked about."""
    claims = scenario.tree.get("claims") or {}
    return {name: each for name, each in claims.items() if not each.get("outside_the_model") and not each.get("family")}


def _both(scenario: Scenario, claim: Mapping[str, Any]) -> tuple[Condition, ...]:
    return conditions_of(scenario.tree, claim) + conditions_of(scenario.tree, claim, "refuted_if")


@dataclass
class _Judged:
    """What one world says, so far."""

    replications: int
    states: dict[str, str]
    improvements: dict[str, tuple[float, float]]  # of a claim's first condition, or an output: value, standard error


class _Study:
    """The worlds of one question."""

    def __init__(
        self,
        scenario: Scenario,
        worlds: int,
        seed: int,
        ranges: Mapping[str, Uncertain],
        configurations: Sequence[str],
        variant: str | None,
        engine: str,
    ) -> None:
        base = experiment._prepared(scenario, tuple(configurations), variant, seed, engine, "measures")
        self.scenario, self.ranges, self.worlds = scenario, ranges, worlds
        self.claims = {
            name: claim
            for name, claim in _claims(scenario).items()
            if all(set(c.configurations) <= set(configurations) for c in _both(scenario, claim))
        }
        self.cohort = next((each["cohort"] for each in self.claims.values() if "cohort" in each), COUNTED)
        self.headline = Quantity("cycle_time_working", "mean", MIX, self.cohort)
        asked = [c.quantity for claim in self.claims.values() for c in _both(scenario, claim)]
        bounds = [np.array([getattr(each, key) for each in ranges.values()]) for key in ("low", "high", "whole")]
        self.values = sampled(bounds[0], bounds[1], bounds[2].astype(bool), worlds, seed)
        drawn = hashlib.sha256(self.values.tobytes()).hexdigest()[:12]
        design = {"kind": "worlds", "worlds": worlds, "parameters": list(ranges), "drawn": drawn}
        base.settings = replace(base.settings, replications=worlds * ROUNDS[0], study=design)
        self.task = _Drawn(scenario, base, self.values, tuple(ranges), [self.headline, *asked])
        names = tuple(configurations)
        self.pairs = [(first, names[-1]) for first in names[:-1]]

    def result(self, folder: Path, workers: int | None, progress: bool) -> Worlds:
        """Run what is missing, round by round, and look at all worlds together."""
        judged: dict[int, _Judged] = {}
        going_on = list(range(self.worlds))
        for replications in ROUNDS:
            self._run(folder, going_on, replications, workers, progress)
            judged |= self._judge(folder, going_on, replications)
            going_on = self._unresolved(judged)
            if not going_on:
                break
        return self._told([judged[world] for world in range(self.worlds)], folder)

    def _run(self, folder: Path, worlds: Sequence[int], replications: int, workers: int | None, progress: bool) -> None:
        numbers = [world * ROOM + r for world in worlds for r in range(replications)]
        try:
            conduct(self.task, folder, numbers, workers, progress, "worlds").close()
        except Interrupted as stop:
            raise Interrupted(f"{str(stop).split(';')[0]}; nothing is lost. Continue with the same command") from None

    def _judge(self, folder: Path, worlds: Sequence[int], replications: int) -> dict[int, _Judged]:
        from govsim.measures import MeasureIndex

        settings, found = self.task.settings, {}
        index = MeasureIndex.from_dict(settings.about["index"])
        store = Store.open(folder)
        try:
            for world in worlds:
                rows = store.read(numbers=range(world * ROOM, world * ROOM + replications))
                sample = Sample(index, settings.configurations, (arrays for _, arrays in rows))
                found[world] = self._world(sample)
        finally:
            store.close()
        return found

    def _world(self, sample: Sample) -> _Judged:
        states, improvements = {}, {}
        wide = student(sample.replications, 0.95)
        for name, claim in self.claims.items():
            findings = [judge_alone(c, sample) for c in conditions_of(self.scenario.tree, claim)]
            refusals = [judge_alone(c, sample) for c in conditions_of(self.scenario.tree, claim, "refuted_if")]
            state = combined(findings, claim, refusals)
            states[name] = HOLDS if state == HOLDS else FAILS if state == REFUTED else UNRESOLVED
            first = findings[0].improvement
            if first.value is not None:
                improvements[name] = (first.value, (first.half_width or 0.0) / wide)
        for before, after in self.pairs:
            less = of_mean(sample.values(self.headline, before) - sample.values(self.headline, after))
            if less.value is not None:
                improvements[f"{before} > {after}"] = (less.value, (less.half_width or 0.0) / wide)
        return _Judged(sample.replications, states, improvements)

    def _unresolved(self, judged: Mapping[int, _Judged]) -> list[int]:
        """The worlds that need more replications: those open on a claim that is open in too many of them."""
        blurred = [
            name for name in self.claims if sum(each.states[name] == UNRESOLVED for each in judged.values()) > OPEN * self.worlds
        ]
        return [
            world
            for world, each in sorted(judged.items())
            if each.replications < ROOM and any(each.states[name] == UNRESOLVED for name in blurred)
        ]

    # ------------------------------------------------------------------------------------------- all worlds together

    def _told(self, judged: Sequence[_Judged], folder: Path) -> Worlds:
        settings = self.task.settings
        worth, floor = self._worth(judged)
        drawn = zip(self.ranges.values(), self.values.T, strict=True)
        open_ = [name for name in self.claims if sum(each.states[name] == UNRESOLVED for each in judged) > OPEN * self.worlds]
        warnings = [f"{', '.join(open_)}: more than 5 % of the worlds are unresolved after {ROOM} replications"] if open_ else []
        skipped = [name for name in _claims(self.scenario) if name not in self.claims]
        warnings += [f"not judged, as they compare other configurations: {', '.join(skipped)}"] if skipped else []
        return Worlds(
            run=settings.id,
            where=str(folder),
            seed=settings.seed,
            worlds=self.worlds,
            configurations=settings.configurations,
            replications=tuple(each.replications for each in judged),
            unknowns=tuple(Unknown(u.name, u.low, u.high, u.unit, u.source, tuple(map(float, x))) for u, x in drawn),
            claims={name: self._claim(name, judged) for name in self.claims},
            outputs={f"{a} > {b}": self._output(f"{a} > {b}", judged) for a, b in self.pairs},
            worth=worth,
            floor=floor,
            variant=settings.variant,
            warnings=tuple(warnings),
        )

    def _claim(self, name: str, judged: Sequence[_Judged]) -> ClaimInWorlds:
        states = tuple(each.states[name] for each in judged)
        holds, fails, unresolved = (states.count(each) for each in (HOLDS, FAILS, UNRESOLVED))
        low, high = wilson(holds, self.worlds)
        known = np.array([each.improvements.get(name, (np.nan, 0.0))[0] for each in judged])
        some = np.flatnonzero(~np.isnan(known))
        full = len(some) == self.worlds
        return ClaimInWorlds(
            states,
            holds,
            fails,
            unresolved,
            low,
            high,
            self._box(states),
            effects(self.values[some], _tamed(known[some])) if len(some) >= LEAST else None,
            self._split(name, judged) if full else None,
        )

    def _box(self, states: Sequence[str]) -> Failure | None:
        resolved = np.array([state != UNRESOLVED for state in states])
        fails = np.array([state == FAILS for state in states])
        box = box_of(self.values[resolved], fails[resolved])
        if not box.restrictions:
            return None
        en, zh = [], []
        ranges = list(self.ranges.values())
        for each in box.restrictions:
            unknown = ranges[each.parameter]
            bound = f"{each.bound:.3g}{' ' if unknown.unit else ''}{unknown.unit}"
            en.append(f"{unknown.name} is {each.side} {bound}")
            zh.append(f"{unknown.name} {'高于' if each.side == 'above' else '低于'} {bound}")
        reproduced = tuple(each.reproduced for each in box.restrictions)
        return Failure(" and ".join(en), "且".join(zh), box.coverage, box.density, reproduced)

    def _split(self, name: str, judged: Sequence[_Judged]) -> Any:
        pairs = np.array([each.improvements[name] for each in judged])
        return variance_split(pairs[:, 0], pairs[:, 1], np.array([float(each.replications) for each in judged]))

    def _output(self, name: str, judged: Sequence[_Judged]) -> Output:
        values = np.array([each.improvements.get(name, (0.0, 0.0))[0] for each in judged])
        low, high = np.quantile(values, (0.05, 0.95))
        full = all(name in each.improvements for each in judged)
        split = self._split(name, judged) if full else variance_split(values[:1], values[:1], values[:1])
        return Output(float(values.mean()), float(low), float(high), effects(self.values, _tamed(values)), split)

    def _worth(self, judged: Sequence[_Judged]) -> tuple[tuple[tuple[str, float], ...], float]:
        """Unknowns by the number of claims that would be judged rightly more often if they were known, beyond chance."""
        total, floors = np.zeros(len(self.ranges)), 0.0
        for name in self.claims:
            states = np.array([each.states[name] for each in judged])
            resolved = states != UNRESOLVED
            if np.count_nonzero(resolved) >= LEAST:
                value, floor = value_of_information(self.values[resolved], states[resolved] == HOLDS)
                total += np.maximum(value - floor, 0.0)
                floors += floor
        order = np.argsort(-total, kind="stable")
        return tuple((list(self.ranges)[k], float(total[k])) for k in order), floors
