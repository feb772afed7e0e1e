"""What a replication is: its models, its settings, and the measures that are kept of it.

A task is one replication of all configurations: pairs of the same applicants are made where both
are at hand, and nothing is sent between processes. Studies beside a run simulate and measure by the
same two functions.
"""

from __future__ import annotations

import os
import platform
import shlex
import sys
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from govsim.arrays import Flags
from govsim.engine import simulate
from govsim.errors import RunError
from govsim.measures import (
    LEVELS,
    MEASURES,
    SKETCHED,
    Measured,
    MeasureIndex,
    Measures,
    Pair,
    ages,
    counted_of,
    demand_weights,
    in_all,
    index,
    matched,
    measure,
    measured,
    pair_of,
    shifted,
    summed,
    unfinished,
)
from govsim.measures.catalogue import CYCLE_TIME, MIX
from govsim.measures.matched import OTHERS
from govsim.model.arrays import Model
from govsim.model.offered_load import offered_load
from govsim.model.routes import refuses
from govsim.organisation.configure import configure, posts, unknowns
from govsim.organisation.headline import Headline, headline_of
from govsim.organisation.joining import apart, base_of, games
from govsim.organisation.names import said
from govsim.organisation.nouns import Configuration
from govsim.organisation.parameters import Values, named
from govsim.records import Records
from govsim.scenario import Scenario
from govsim.scenario.meaning import known_levels
from govsim.scenario.units import Kind
from govsim.store import KEEPS, Blobs, Settings, pack

ENGINES = ("compiled", "reference")
# what, besides services, people may name
NAMED = {"departments": "departments", "desks": "desks", "groups": "staff"}
ALWAYS = ("cycle_time", "cycle_time_working")  # asked of the same applicants by every table
TRAVEL = 60.0  # minutes of a visit's way there and back, where no claim states it


class Done(NamedTuple):
    """One replication: the blobs to store, and the number by which progress is watched."""

    blobs: Blobs
    headline: float


class Task(Protocol):
    """What one replication is, and the settings that decide its numbers."""

    settings: Settings

    def __call__(self, number: int) -> Done:
        """Do replication `number`, on whatever thread asks."""
        ...


class Replication:
    """The task of a run: one replication of all configurations, on whatever thread asks.

    Each thread keeps its own memory.
    """

    def __init__(
        self,
        models: Mapping[str, Model],
        settings: Settings,
        mixes: Mapping[str, Any],
        own: threading.local | None = None,
    ) -> None:
        self.models, self.settings, self.mixes = models, settings, mixes
        self.index = MeasureIndex.from_dict(settings.about["index"])
        self._own = own or threading.local()

    def of(self, models: Mapping[str, Model], travel: float) -> Replication:
        """The same for other models and another way to the office, with the same memory."""
        return Replication(
            models,
            replace(self.settings, about={**self.settings.about, "travel": travel}),
            self.mixes,
            self._own,
        )

    def __call__(self, number: int) -> Done:
        """All configurations, the pairs of the same applicants, and what is kept of them."""
        records, measures, made = self.readings(number)
        about = self.settings.about
        arrays = {
            f"{name}/{key}": each
            for name, found in measures.items()
            for key, each in found._asdict().items()
        }
        for first, second in about["pairs"]:
            pair = pair_of(made[first], made[second])
            arrays |= {
                f"{first}>{second}/{key}": each for key, each in matched(pair)._asdict().items()
            }
            moved = [first, second] in about["moved"]
            if moved:
                arrays[f"{first}>{second}/shifted"] = shifted(pair)
            of = about["paired"], about["pooled"], moved, bool(about.get("refuses"))
            arrays |= same_applicants(pair, (first, second), *of)
        for names in about["in_all"]:
            arrays |= in_all(made, names, about["paired"], about["pooled"])
        blobs = {"measures": pack(arrays)}
        for table in KEEPS[1 : 1 + KEEPS.index(self.settings.keep)]:
            blobs[table] = pack(_kept(table, records))
        levels = [self._watched(found) for found in measures.values()]
        return Done(blobs, levels[-1] - levels[0] if len(levels) > 1 else levels[0])

    def readings(
        self, number: int
    ) -> tuple[dict[str, Records], dict[str, Measures], dict[str, Measured]]:
        """What happened in all configurations, the measures of it, and what pairs are made of."""
        about = self.settings.about
        with _enough(number):
            hours = {name: self._hours(model, number) for name, model in self.models.items()}
        records = {
            name: self.simulate(model, number, name, hours[name])
            for name, model in self.models.items()
        }
        made, measures = {}, {}
        with _enough(number):
            for name, each in self._read(records, hours):
                measures[name] = summed(each, about["pooled"])
                made[name] = each.only(about["paired"], about["pooled"])
        return records, measures, made

    def _watched(self, found: Measures) -> float:
        """The mean time of the headline's mix."""
        measure = CYCLE_TIME[self.settings.about["headline"]["unit"]]
        if self.index.keeps(MIX):
            return float(found.values[self.index.place(measure, "mean")])
        some = np.flatnonzero(self.index.stated(MIX))
        places = [self.index.place(measure, "mean", self.index.services[k]) for k in some]
        means = np.array([found.values[place] for place in places])
        return float(means @ self.index.stated(MIX)[some] / self.index.stated(MIX).sum())

    def _read(
        self, records: Mapping[str, Records], hours: Mapping[str, Any]
    ) -> Iterator[tuple[str, Measured]]:
        """Everybody at the same age; who is looked at twice is so in all configurations."""
        followed = self.index.ages
        counted = {
            name: counted_of(records[name], model, followed.calendar)
            for name, model in self.models.items()
        }
        again = np.unique(np.concatenate([unfinished(c, followed) for c in counted.values()]))
        for name, model in self.models.items():
            made = measured(
                records[name],
                model,
                self.mixes,
                self.settings.about["travel"],
                hours[name],
                followed,
                again,
                counted[name],
            )
            yield name, made

    def _hours(self, model: Model, number: int) -> Any:
        from govsim.engine.calendars import member_hours

        return member_hours(model.arrays, np.uint64(self.settings.seed), number)

    def simulate(
        self, model: Model, number: int, memory: str = "", hours: Any | None = None
    ) -> Records:
        """Records that stay valid until this thread simulates again into the same memory; `hours`
        are the members' in this replication, where they are known.

        RunError where there is too little.
        """
        with _enough(number):
            if self.settings.engine != "compiled":
                return simulate(model, self.settings.seed, number, "reference")
            from govsim.engine.compiled import Buffers, run

            held = self._own.__dict__.setdefault("buffers", {"": Buffers()})
            buffers = held.setdefault(memory, Buffers(held[""]))
            records: Records = run(
                model.arrays, self.settings.seed, number, buffers=buffers, hours=hours
            )
            return records

    def measure(
        self, model: Model, records: Records, number: int, pooled: Collection[str] | None = None
    ) -> Measures:
        """The measures of what happened.

        Without `pooled`, the distributions are kept that claims ask for.
        """
        about = self.settings.about
        with _enough(number):
            return measure(
                records,
                model,
                self.mixes,
                about["travel"],
                self._hours(model, number),
                about["pooled"] if pooled is None else pooled,
                self.index.ages,
            )


def same_applicants(
    pair: Pair,
    names: tuple[str, str],
    paired: Collection[str],
    pooled: Collection[str],
    moved: bool,
    refuses: bool = False,
) -> dict[str, Any]:
    """What claims ask of the same applicants: of those with the same answer in both; of these with
    those who had no answer in one; of those who file in both, where not all do (`moved`); and means
    of those granted in both, where some are refused (else they are all with the same answer).
    """
    same = pair.same
    chosen: dict[str, Flags] = {"same": same, "known": pair.known}
    if moved:
        chosen["both"] = pair.inside
    if refuses:
        chosen["granted"] = pair.granted
    arrays: dict[str, Any] = {}
    ours = pair.restricted(same, paired, pooled)
    for whom, flags in chosen.items():
        means_only = whom == "granted"
        alike = np.array_equal(flags, same)
        sides = ours if alike else pair.restricted(flags, paired, () if means_only else pooled)
        for name, side in zip(names, sides, strict=True):
            arrays |= {
                f"{'>'.join(names)}/{whom}/{name}/{key}": each
                for key, each in side.items()
                if not (means_only and key.startswith(OTHERS))
            }
    return arrays


@contextmanager
def _enough(number: int) -> Iterator[None]:
    """Say what to do where there is not enough memory for a replication."""
    try:
        yield
    except MemoryError as error:
        raise RunError(
            f"replication {number}: not enough memory ({error}); let fewer applicants file, let "
            "the scenario end earlier, "
            "compare fewer configurations, or use fewer threads (--workers 1)"
        ) from None


def _kept(table: str, records: Mapping[str, Records]) -> dict[str, Any]:
    arrays = {f"{name}/{table}": getattr(each, table) for name, each in records.items()}
    return arrays | (
        {f"{name}/attributes": each.attributes for name, each in records.items()}
        if table == "cases"
        else {}
    )


def prepare(
    scenario: Scenario,
    names: tuple[str, ...],
    variant: str | None,
    seed: int,
    engine: str,
    keep: str,
) -> Replication:
    """Everything that a replication needs, worked out once.

    RunError where something has no meaning.
    """
    refuse(engine not in ENGINES, f"engine: {engine!r} is not one of {', '.join(ENGINES)}")
    refuse(keep not in KEEPS, f"keep: {keep!r} is not one of {', '.join(KEEPS)}")
    refuse(not 0 <= seed < 2**64, f"seed: {seed} is not in [0, 2**64)")
    refuse(
        not names or len(set(names)) < len(names),
        f"configurations: {', '.join(names) or 'none'}; name each once, at least one",
    )
    from govsim.model import compile_model

    try:
        configured = {name: configure(scenario, name, variant) for name in names}
        before = compile_model(configured.get("before") or configure(scenario, "before", variant))
    except KeyError as unknown:
        raise RunError(f"{scenario.path}: {unknown.args[0]}") from None
    models = {name: compile_model(each) for name, each in configured.items()}
    mixes = _mixes(scenario, before)
    after = models.get("after") or compile_model(configure(scenario, "after", variant))
    headline = headline_of(scenario)
    followed = ages([before, after, *models.values()], headline.calendar)
    try:
        measured = index(before, mixes, followed)
        if headline.mix:
            measured = measured.with_mix(demand_weights(before, headline.mix))
    except ValueError as clash:
        raise RunError(f"{scenario.path}: service_sets: {clash}") from None
    settings = Settings(
        name=Path(scenario.path).stem,
        scenario=str(Path(scenario.path).resolve()),
        text=scenario.text,
        scenario_hash=scenario.hash,
        claims_hash=scenario.claims_hash,
        seed=seed,
        configurations=names,
        engine=engine,
        keep=keep,
        variant=variant,
        about=_about(scenario, configured, models, measured, variant, headline),
        versions={each: version(each) for each in ("govsim", "numpy", "numba", "scipy", "simpy")}
        | {"python": sys.version.split()[0]},
        machine={
            "system": platform.platform(),
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
        },
        command=shlex.join(sys.argv),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return Replication(models, settings, mixes)


def refuse(wrong: bool, message: str) -> None:
    if wrong:
        raise RunError(message)


def _about(
    scenario: Scenario,
    configured: Mapping[str, Configuration],
    models: Mapping[str, Model],
    measured: MeasureIndex,
    variant: str | None,
    headline: Headline,
) -> dict[str, Any]:
    """What the tables print: names, posts, how much is assumed, which pairs are matched."""
    uncertain = unknowns(scenario).values()
    services = next(iter(configured.values())).regimes[1].services
    names, movable = tuple(configured), apart(scenario, variant)
    # who has some levers more, or less, than another is there for whose doing only
    pairs = [(names[0], each) for each in names[1:] if base_of(each) not in {*names} - {each}]
    if "after" in names:
        pairs += [(each, "after") for each in names[1:] if base_of(each) == "process_only"]
    return {
        "title": scenario.title,
        "start": next(iter(models.values())).start,
        "services": [name for name, service in services.items() if not service.internal],
        "service_names": {
            name: _texts(scenario, "services", name) or {"en": name} for name in services
        },
        "said": {
            key: {name: _texts(scenario, section, name) for name in scenario.tree[section]}
            for key, section in NAMED.items()
        },
        "names": {name: model.names._asdict() for name, model in models.items()},
        "posts": {name: posts(each)[1] for name, each in configured.items()},
        "unsettled": {name: _unsettled(each) for name, each in configured.items()},
        "numbers": len(uncertain),
        "assumptions": sum("assumption" in each.source for each in uncertain),
        "headline": headline._asdict() | {"mix": list(headline.mix)},
        "matters": dict((scenario.tree.get("experiment") or {}).get("matters") or {}),
        "outcomes_margin": _margin(scenario),
        "pairs": [list(pair) for pair in pairs],
        "moved": [list(pair) for pair in pairs if moved_demand(*(models[name] for name in pair))],
        "in_all": [list(each) for each in games(scenario.tree, movable) if _differ(each, models)],
        "refuses": any(map(refuses, models.values())),
        "paired": _paired(scenario),
        "day": _working_day(models.values()),
        "index": measured.to_dict(),
        "pooled": _pooled(scenario),
        "apart": list(movable),
        "travel": travel(scenario),
    }


def _margin(scenario: Scenario) -> float | None:
    """By how much the share of an end may move, where the file says so."""
    stated = scenario.tree.get("experiment") or {}
    values = Values(scenario.tree.get("parameters") or {})
    there = "outcomes_margin" in stated
    return values.number(stated, "outcomes_margin", Kind.SHARE) if there else None


def _unsettled(configuration: Configuration) -> list[str]:
    """The groups and meetings to which more work comes than they can do."""
    pools = offered_load(configuration).pools
    return [name for pool in pools if not pool.settles for name in pool.names]


def _working_day(models: Iterable[Model]) -> float | None:
    """The minutes of a working day, where it is as long for every service with applicants;
    None where it is not.
    """
    lengths: set[float] = set()
    for arrays in (model.arrays for model in models):
        calendars = arrays.services.calendar[:, arrays.services.internal == 0]
        lengths.update(
            np.take_along_axis(arrays.calendars.day_length, calendars, 1).ravel().tolist()
        )
    return lengths.pop() if len(lengths) == 1 else None


def _texts(scenario: Scenario, section: str, named: str) -> dict[str, str]:
    """What people call a service, desk, group or department, by language."""
    name = said(scenario.tree, section, named)
    if isinstance(name, Mapping):
        return {str(key): str(text) for key, text in name.items()}
    return {"en": name} if name else {}


def _mixes(scenario: Scenario, before: Model) -> dict[str, Any]:
    """The mix and the sets of services, at the demand that `before` states."""
    sets = dict(scenario.tree.get("service_sets") or {})
    mix = (scenario.tree.get("experiment") or {}).get("mix")
    listed = [mix] if isinstance(mix, str) else mix
    chosen = (
        None
        if listed is None
        else [service for name in listed for service in sets.get(name, [name])]
    )
    every = {MIX: chosen, **{name: of for name, of in sets.items() if name != MIX}}
    return {name: demand_weights(before, services) for name, services in every.items()}


def _pooled(scenario: Scenario) -> list[str]:
    """The measures of whose quantiles, or shares beyond a point, a claim or what is known speaks:
    their distributions are kept.
    """
    asked = {name for name, each in _statistics(scenario) if not _told_by_mean(each)}
    return sorted({*ALWAYS, *asked} & set(SKETCHED))


def _claimed(scenario: Scenario) -> set[str]:
    return {name for name, _ in _statistics(scenario)}


def _statistics(scenario: Scenario) -> list[tuple[str, Any]]:
    """Measure and statistic of what is known, and of every condition of every claim."""
    known = known_levels(scenario.tree).values()
    return [(level["measure"], level["statistic"]) for level in known] + [
        (condition["measure"], condition["statistic"])
        for claim in (scenario.tree.get("claims") or {}).values()
        for condition in (
            *(claim.get("holds_if") or ()),
            *(claim.get("refuted_if") or ()),
            claim.get("cannot_be_tested_if") or {},
        )
        if condition
    ]


def _paired(scenario: Scenario) -> list[str]:
    """The measures that claims ask of the same applicants, with those that count who they are."""
    asked = {MEASURES[name] for name in (*ALWAYS, *_claimed(scenario))}
    names = {each.name for each in asked if each.per in ("case", "task", "desk")}
    return sorted(names | {each.among for each in asked} | {"counted"})


def moved_demand(first: Model, second: Model) -> bool:
    """Whether other applicants may file in the second configuration."""
    demand = zip(first.arrays.demand, second.arrays.demand, strict=True)
    return any(not np.array_equal(*pair) for pair in demand)


def _differ(names: Sequence[str], models: Mapping[str, Model]) -> bool:
    """Whether all these configurations are there, and other applicants may file in one of them."""
    there = {*names} <= models.keys()
    return there and any(moved_demand(models[names[0]], models[each]) for each in names[1:])


def _told_by_mean(statistic: Any) -> bool:
    return (
        isinstance(statistic, str)
        and statistic not in LEVELS
        and not statistic.removeprefix("p").isdecimal()
    )


def travel(scenario: Scenario, world: Mapping[str, float] | None = None) -> float:
    """Minutes of a visit's way there and back: what the first claim that needs it says,
    in a world that of the world.
    """
    parameters = named({"parameters": scenario.tree.get("parameters") or {}})["parameters"]
    for claim in (scenario.tree.get("claims") or {}).values():
        for condition in claim.get("holds_if") or ():
            if "travel" in condition:
                return Values(parameters, world or {}).number(condition, "travel", Kind.CLOCK)
    return TRAVEL
