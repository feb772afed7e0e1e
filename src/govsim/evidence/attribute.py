"""Whose the change is: the reform's effects divided among its bundles of levers, by Shapley value under common draws.

Every set of bundles is simulated in every replication. For means the division is made within each replication, so it
sums to the total exactly in each, and gets Student's t over replications; what is pooled over cases is resampled.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from govsim import experiment
from govsim.evidence import game
from govsim.evidence.attribution import MIXED, Attribution, Contribution, Effect, Interaction, Part
from govsim.evidence.conditions import conditions_of
from govsim.evidence.estimate import of_mean, of_pooled
from govsim.evidence.resample import resamples
from govsim.evidence.sample import COUNTED, Floats, Quantity, Sample
from govsim.evidence.subsets import MERGER, PROCESS, REST, Design, Sets, design_of
from govsim.experiment import Interrupted, conduct
from govsim.measures import MEASURES, SKETCHED, MeasureIndex
from govsim.scenario import Scenario, load
from govsim.scenario.limits import REPLICATIONS
from govsim.store import RunError, Runs, Settings, Store, StoreError, pack
from govsim.store.rows import unpack
from govsim.table import MIX, Estimate

FILE = "attribution.json"
TIME = "cycle_time_working"
SETTLED = "settled"
NOT_BY_SCOPE = ("utilisation", "backlog")
ZERO = "no share: the total may be zero"
Linear = Callable[[Floats], Floats]  # of a table [set, ...], over its first axis


def attribute(
    scenario_or_runs: Scenario | Runs,
    n: int | None = None,
    bundles: Sequence[str] | None = None,
    workers: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    measure: str = TIME,
    statistic: str = "mean",
    scope: str | tuple[str, ...] = MIX,
    cohort: str | None = None,
    seed: int | None = None,
    variant: str | None = None,
    engine: str = "compiled",
    progress: bool = True,
) -> Attribution:
    """Divide what a reform changes among its bundles of levers, by simulating every set of them under the same draws.

    Means and what the claims speak of are divided together; `measure`, `statistic`, `scope` and `cohort` say which is
    shown. Quantiles asked for are pooled over cases. `folder` keeps the replications and gets attribution.json; of a run it
    is `attribution` inside its folder, of a scenario nothing is kept without one; what needs other replications than those
    there gets a folder beside it. Raises RunError where the question makes no sense, StoreError where the folder refuses,
    Interrupted on Ctrl-C.
    """
    if isinstance(scenario_or_runs, Runs):
        made = scenario_or_runs.settings
        scenario = load(made.scenario, made.text)
        seed, variant, engine = made.seed, made.variant, made.engine
        folder = folder or (scenario_or_runs.folder and scenario_or_runs.folder / "attribution")
    else:
        scenario = scenario_or_runs
    stated = scenario.tree.get("experiment") or {}
    number = int(stated.get("replications", 200) if n is None else n)
    if not 2 <= number <= REPLICATIONS:
        raise RunError(
            f"n: {number} replications; at least 2 are needed for an interval, and at most {REPLICATIONS} are possible"
        )
    design = design_of(scenario, bundles)
    usual = _cohort(scenario)
    asked = Quantity(measure, statistic, scope, usual if cohort is None else cohort)
    prepared = experiment._prepared(
        scenario, ("before", "after"), variant, int(stated.get("seed", 1) if seed is None else seed), engine, "measures"
    )
    index = MeasureIndex.from_dict(prepared.settings.about["index"])
    _refuse_unknown(scenario, index, asked)
    targets = _targets(scenario, index, asked.cohort)
    pooled = asked.level is not None and measure in SKETCHED
    alone = pooled or asked not in targets
    sets = Sets(scenario, prepared, design, (asked,) if alone else targets, pooled, number)
    plain = not alone and asked.cohort == usual and bundles is None
    place = None if folder is None else Path(folder) if plain else _beside(Path(folder), sets)
    found = _result(sets, place, number, workers, progress)
    return found if alone else replace(found, shown=[each.target for each in found.effects].index(_target(asked)))


def _target(asked: Quantity) -> tuple[str, str, str | tuple[str, ...], str]:
    return asked.measure, asked.statistic, asked.scope, asked.cohort


# ------------------------------------------------------------------------------------------------- what is divided


def _cohort(scenario: Scenario) -> str:
    """What is usually divided: settled filings where the file names them, else its last cohort, else all that count."""
    named = list((scenario.tree.get("experiment") or {}).get("cohorts") or ())
    return SETTLED if SETTLED in named else named[-1] if named else COUNTED


def _targets(scenario: Scenario, index: MeasureIndex, cohort: str) -> tuple[Quantity, ...]:
    """The cycle time of the mix and of each service, its p90, and every mean or share that a claim speaks of."""
    internal = {name for name, spec in scenario.tree["services"].items() if spec.get("internal")}
    scopes = (MIX, *(name for name in index.services if name not in internal))
    found = [Quantity(TIME, "mean", each, cohort) for each in scopes] + [Quantity(TIME, "p90", MIX, cohort)]
    for claim in (scenario.tree.get("claims") or {}).values():
        found += [each.quantity for each in conditions_of(scenario.tree, claim) if _is_mean(each.quantity, index)]
    return tuple(dict.fromkeys(found))


def _is_mean(quantity: Quantity, index: MeasureIndex) -> bool:
    if quantity.measure in NOT_BY_SCOPE or quantity.level is not None:
        return False
    return (quantity.measure == "wait" and quantity.statistic == "mean") or (quantity.measure, quantity.statistic) in index.rows


def _refuse_unknown(scenario: Scenario, index: MeasureIndex, asked: Quantity) -> None:
    try:
        index.cohort(asked.cohort)
        for scope in (asked.scope,) if isinstance(asked.scope, str) else asked.scope:
            index.weights_of(scope)
        if not _is_mean(asked, index):
            index.place(asked.measure, asked.statistic, MIX, asked.cohort)
    except KeyError as unknown:
        raise RunError(f"{scenario.path}: {unknown.args[0]}") from None
    if not isinstance(asked.scope, str) and asked.level is not None and asked.measure not in SKETCHED:
        raise RunError(f"{asked.measure}: the {asked.statistic} of several services together; name one, or a set of the file")


def _beside(folder: Path, sets: Sets) -> Path:
    """Where replications of another design go: beside those of the usual one."""
    digest = hashlib.sha256(json.dumps(sets.settings.study).encode()).hexdigest()
    return folder.with_name(f"{folder.name}-{digest[:6]}")


# -------------------------------------------------------------------------------------------------- the replications


def _result(sets: Sets, folder: Path | None, n: int, workers: int | None, progress: bool) -> Attribution:
    """What the folder says already, where it holds as many replications; else simulate, divide and write it down."""
    _refuse_another(sets, folder)
    try:
        store = conduct(sets, folder, range(n), workers, progress, "change of the mean")
    except Interrupted as stop:
        again = "" if folder is None else "; nothing is lost. Continue with the same command"
        raise Interrupted(f"{str(stop).split(';')[0]}{again}") from None
    try:
        content = store.digest()
        written = None if folder is None else _written(folder / FILE, content)
        if written is None:
            found = _divided(sets, store, content)
            if folder is not None:
                _write(folder / FILE, found)
            return found
        return replace(written, where=str(folder))
    finally:
        if folder is not None:
            store.close()


def _refuse_another(sets: Sets, folder: Path | None) -> None:
    """Say of a study of other bundles or targets what to do, which a run's message would not."""
    if folder is None or not (folder / "run.json").exists():
        return
    there = Settings.read(folder)
    if there.study != sets.settings.study:
        raise StoreError(
            f"{folder}: holds an attribution to other bundles, or of other measures, than the scenario asks for now; "
            "delete the folder or move it away, then try again"
        )


def _written(file: Path, content: str) -> Attribution | None:
    """The result of just these rows; None where there is none."""
    try:
        found = Attribution.from_dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):  # not there, of an older version, or half written: made anew
        return None
    return found if found.content == content else None


def _write(file: Path, found: Attribution) -> None:
    draft = file.with_name(f"{FILE}.part")
    draft.write_text(json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8")
    draft.replace(file)


# ------------------------------------------------------------------------------------------------------ the division


class Means:
    """The mean over replications of numbers [set, R]."""

    method = "Student t over replications"

    def __init__(self, values: Floats) -> None:
        self.values, self.replications = values, values.shape[1]

    def at(self, weights: Floats) -> Floats:
        """The table under weights of the replications [B, R]: [set, B]."""
        found: Floats = self.values @ weights.T / weights.sum(axis=1)
        return found

    def estimate(self, of: Linear) -> Estimate:
        """A number that is linear in the table."""
        return of_mean(of(self.values))


class PooledTable:
    """A quantity of the pooled cases by set, known for the weights that intervals are made of: [set, B] by weights."""

    method = "replications resampled"

    def __init__(self, known: Mapping[bytes, Floats], replications: int) -> None:
        self._known, self.replications = known, replications

    def at(self, weights: Floats) -> Floats:
        """The table under weights of the replications."""
        return self._known[_key(weights)]

    def estimate(self, of: Linear) -> Estimate:
        """A number that is linear in the table."""
        return of_pooled(lambda weights: of(self.at(weights)), self.replications)


Table = Means | PooledTable


def _key(weights: Floats) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(weights).tobytes()).digest()


def _divided(sets: Sets, store: Store, content: str) -> Attribution:
    number = len(store.done())
    effects, lacking = [], {}
    for target, table in _tables(sets, store):
        if table.replications < number:
            lacking[target] = number - table.replications
        effects.append(_effect(sets, target, table))
    return Attribution(
        run=sets.settings.id,
        where="in memory only" if store.folder is None else str(store.folder),
        seed=sets.settings.seed,
        replications=number,
        configurations=len(sets.design.sets),
        effects=tuple(effects),
        warnings=tuple(_warnings(sets)),
        variant=sets.settings.variant,
        content=content,
    )


def _tables(sets: Sets, store: Store) -> Iterator[tuple[Quantity, Table]]:
    if sets.pooled:
        yield sets.targets[0], _pooled_table(sets, store)
        return
    values = np.stack([arrays["targets"] for _, arrays in store.read()], axis=-1)  # [set, target, R]
    for t, target in enumerate(sets.targets):
        known = ~np.isnan(values[:, t]).any(axis=0)
        yield target, Means(values[:, t, known] * (100.0 if _unit(target) == "share" else 1.0))


def _pooled_table(sets: Sets, store: Store) -> PooledTable:
    """One set after the other, for the memory: distributions of all sets in all replications are large."""
    blobs: list[list[bytes]] = [[] for _ in sets.design.sets]
    for _, arrays in store.read():
        for k, held in enumerate(blobs):
            held.append(pack({key.split("/")[1]: each for key, each in arrays.items() if key.startswith(f"{k}/")}))
    number = len(blobs[0])
    weights = _asked_for(number)
    found: dict[bytes, list[Floats]] = {_key(each): [] for each in weights}
    for held in blobs:
        one = Sample(sets.narrow, ("set",), ({f"set/{key}": a for key, a in unpack(blob).items()} for blob in held))
        theta = one.pooled(sets.targets[0], "set")
        for each in weights:
            found[_key(each)].append(theta(each))
    return PooledTable({key: np.array(rows) for key, rows in found.items()}, number)


def _asked_for(replications: int) -> list[Floats]:
    """The weights of replications that intervals and resamples are made of: those that any estimand is asked for."""
    asked = {_key(each): each for each in (np.ones((1, replications)), np.eye(replications), *resamples(replications))}
    some = np.arange(replications, dtype=np.float64) ** 2

    def mean(weights: Floats) -> Floats:
        asked[_key(weights)] = weights
        found: Floats = weights @ some / weights.sum(axis=1)
        return found

    of_pooled(mean, replications)
    return list(asked.values())


def _unit(target: Quantity) -> str:
    return MEASURES[target.measure].unit_of(target.statistic)


def _warnings(sets: Sets) -> Iterator[str]:
    if REST in sets.design.bundles:
        yield f"{REST}, which no bundle asked for has: {', '.join(sets.design.bundles[REST])}"
    posts = sets.settings.about["posts"]
    if posts["before"] != posts["after"]:
        yield f"posts: {posts['before']} before, {posts['after']} after; part of any change is the staff"


def _effect(sets: Sets, target: Quantity, table: Table) -> Effect:
    """One quantity, divided."""
    design, number = sets.design, table.replications
    share = isinstance(table, Means) and _unit(target) == "share"
    if number < 2:
        return _not_estimable(target, "points" if share else _unit(target), number)
    total = table.estimate(lambda x: x[1] - x[0])
    return Effect(
        target.measure,
        target.statistic,
        target.scope,
        target.cohort,
        "points" if share else _unit(target),
        table.estimate(lambda x: x[0]),
        table.estimate(lambda x: x[1]),
        total,
        tuple(_bundles(design, table, total)),
        tuple(_interactions(design, table)),
        tuple(_kinds(design, table, total)),
        table.method,
        f"only {number} replications have a case in every set" if number < sets.settings.replications else "",
    )


def _not_estimable(target: Quantity, unit: str, number: int) -> Effect:
    none = Estimate(None, None, None, number, "too few replications have a case in every set")
    return Effect(*_target(target), unit, none, none, none, (), (), (), "", none.note)


def _bundles(design: Design, table: Table, total: Estimate) -> Iterator[Contribution]:
    whole = design.of_kind(MERGER, PROCESS)
    firsts = _ranks(design, table, total)
    errors = _sampling_errors(design, table)
    for k, (name, levers) in enumerate(design.bundles.items()):
        kinds = sorted({design.kinds[each] for each in levers})
        parts = (each for bundle, each in design.parts if bundle == name)
        yield _contribution(
            name,
            kinds[0] if len(kinds) == 1 else MIXED,
            levers,
            table,
            total,
            lambda x, k=k: _shapley(design, x)[k],
            (design.place(frozenset(levers)), design.place(whole - frozenset(levers))),
            firsts[k],
            tuple(Part(kind, tuple(sorted(of)), *_ends(table, design.place(of), design.place(whole - of))) for kind, of in parts),
            errors[k],
        )


def _contribution(
    name: str, kind: str, levers: Sequence[str], table: Table, total: Estimate, shapley: Linear, ends: tuple[int, int],
    ranks_first: float | None = None, parts: tuple[Part, ...] = (), sampling_error: float | None = None,
) -> Contribution:  # fmt: skip
    return Contribution(
        name,
        kind,
        tuple(levers),
        table.estimate(shapley),
        _share(table, shapley, total),
        *_ends(table, *ends),
        ranks_first,
        parts,
        sampling_error,
    )


def _shapley(design: Design, x: Floats) -> Floats:
    """Shapley values [B, ...] of a table over all sets."""
    if design.orders is None:
        return game.shapley(x[design.places])
    return game.sampled(x[design.places], design.orders)[0]


def _ends(table: Table, alone: int, without: int) -> tuple[Estimate, Estimate]:
    """What some levers do alone, and what they add to all the others."""
    return table.estimate(lambda x: x[alone] - x[0]), table.estimate(lambda x: x[1] - x[without])


def _share(table: Table, part: Linear, total: Estimate) -> Estimate:
    """In percent of the total; refused where that may be zero."""
    if _may_be_zero(total):
        return Estimate(None, None, None, table.replications, ZERO)
    at = table.at

    def ratio(weights: Floats) -> Floats:
        x = at(weights)
        whole = x[1] - x[0]
        found: Floats = np.divide(100.0 * part(x), whole, out=np.full(len(weights), np.nan), where=whole != 0)
        return found

    return of_pooled(ratio, table.replications)


def _may_be_zero(total: Estimate) -> bool:
    return not total.value or total.low is None or total.high is None or total.low <= 0 <= total.high


def _ranks(design: Design, table: Table, total: Estimate) -> list[float | None]:
    """How often each bundle brings most of the total among resamples of the replications; ties count for nobody."""
    if _may_be_zero(total):
        return [None] * len(design.bundles)
    sign = np.sign(total.value or 0.0)
    drawn = sign * np.concatenate([_shapley(design, table.at(weights)).T for weights in resamples(table.replications)])
    top = drawn == drawn.max(axis=1, keepdims=True)
    alone = top & (top.sum(axis=1, keepdims=True) == 1)
    return [float(share) for share in alone.mean(axis=0)]


def _sampling_errors(design: Design, table: Table) -> list[float | None]:
    if design.orders is None:
        return [None] * len(design.bundles)
    x = table.at(np.ones((1, table.replications)))
    errors = game.error(game.sampled(x[design.places], design.orders)[1])
    return [float(each) for each in errors[:, 0]]


def _interactions(design: Design, table: Table) -> Iterator[Interaction]:
    if design.orders is not None:
        return
    names = list(design.bundles)
    for k, (i, j) in enumerate(game.pairs(len(names))):
        index, plain = (table.estimate(lambda x, k=k, w=w: game.interactions(x[design.places])[w][k]) for w in (0, 1))
        yield Interaction(names[i], names[j], index, plain)


def _kinds(design: Design, table: Table, total: Estimate) -> Iterator[Contribution]:
    """Merger against process levers: a game of two."""
    if not design.two_kinds:
        return
    kinds = (MERGER, PROCESS)
    alone = [design.place(design.of_kind(kind)) for kind in kinds]
    for k, kind in enumerate(kinds):

        def of(x: Floats, k: int = k) -> Floats:
            found: Floats = game.shapley(x[[0, alone[0], alone[1], 1]])[k]
            return found

        levers = [lever for lever, each in design.kinds.items() if each == kind]
        yield _contribution(kind, kind, levers, table, total, of, (alone[k], alone[1 - k]))
