"""The study behind `attribute`: every set of bundles simulated, the change divided and kept.

Whose the change is: the reform's effects divided among its bundles of levers, by Shapley value
under common draws. What is divided is what every other command tells, of the same cohort and mix.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from govsim.errors import RunError, StoreError
from govsim.evidence.attribution.design import REST, Sets, design_of
from govsim.evidence.attribution.divide import effect_of
from govsim.evidence.attribution.result import FORM, Attribution, Effect
from govsim.evidence.attribution.tables import tables_of
from govsim.evidence.conditions.asked import conditions_of
from govsim.evidence.ends import LOST
from govsim.evidence.matters import margin_of
from govsim.evidence.qualification.record import Qualification, ordered
from govsim.evidence.qualification.whose import moved
from govsim.evidence.quantity import Quantity, headline_cohort, headline_measure
from govsim.evidence.study import Home, keep, subject_of
from govsim.experiment.replication import prepare
from govsim.experiment.run import conduct
from govsim.measures import SKETCHED, MeasureIndex
from govsim.measures.catalogue import MIX
from govsim.scenario import Scenario
from govsim.scenario.limits import REPLICATIONS
from govsim.store import STUDIES, Settings, Store, StoredRuns

STUDY = "attribution"
NOT_BY_SCOPE = ("utilisation", "backlog")


def attribute(
    scenario_or_runs: Scenario | StoredRuns | Home,
    n: int | None = None,
    bundles: Sequence[str] | None = None,
    workers: int | None = None,
    folder: str | os.PathLike[str] | None = None,
    measure: str | None = None,
    statistic: str = "mean",
    scope: str | tuple[str, ...] = MIX,
    cohort: str | None = None,
    seed: int | None = None,
    variant: str | None = None,
    engine: str = "compiled",
    progress: bool = True,
) -> Attribution:
    """Divide what a reform changes among its bundles of levers.

    Every set of them is simulated under the same draws. Means of times and what the claims speak of
    are divided together; `measure`, `statistic`, `scope` and `cohort` say which is shown. Without
    `n` there are as many replications as the run has, of a scenario those that it states. `folder`
    keeps the replications and gets attribution.json; of a run it is `attribution` inside its
    folder, of a scenario nothing is kept without one; what needs other replications than those
    there gets a folder beside it. Raises RunError where the question makes no sense, StoreError
    where the folder refuses, Interrupted on Ctrl-C.
    """
    scenario, home, seed, variant, engine = subject_of(
        scenario_or_runs, "attribution", folder, seed, variant, engine
    )
    stated = int((scenario.tree.get("experiment") or {}).get("replications", 200))
    own = None if isinstance(scenario_or_runs, Scenario) else scenario_or_runs.replications
    number = int(n if n is not None else own or stated)
    if not 2 <= number <= REPLICATIONS:
        raise RunError(
            f"n: {number} replications; at least 2 are needed for an interval, and at most "
            f"{REPLICATIONS} are possible"
        )
    design = design_of(scenario, bundles, variant)
    usual = headline_cohort(scenario.tree)
    if not scope or (not isinstance(scope, str) and not all(scope)):
        raise RunError("scope: empty; name a mix, a service or several services")
    prepared = prepare(scenario, ("before", "after"), variant, seed, engine, "measures")
    index = MeasureIndex.from_dict(prepared.settings.about["index"])
    time = headline_measure(prepared.settings.about)
    asked = Quantity(measure or time, statistic, scope, usual if cohort is None else cohort)
    _refuse_unknown(scenario, index, asked)
    targets = _targets(scenario, index, time, asked.cohort)
    pooled = asked.level is not None and asked.measure in SKETCHED
    alone = pooled or asked not in targets
    sets = Sets(scenario, prepared, design, (asked,) if alone else targets, pooled, number)
    plain = not alone and asked.cohort == usual and bundles is None
    place = home if home is None or plain else _beside(home, sets)
    found = _result(sets, place, number, workers, progress)
    if n is None and number != stated:
        counts = {"number": number, "stated": stated}
        said = Qualification("as_many_as_the_run", found.run, counts)
        found = replace(found, warnings=ordered([*found.warnings, said]))
    if alone:
        return found
    return replace(found, shown=[each.target for each in found.effects].index(_target(asked)))


def _target(asked: Quantity) -> tuple[str, str, str | tuple[str, ...], str, tuple[str, ...]]:
    return asked.measure, asked.statistic, asked.scope, asked.cohort, asked.desks


# ---------------------------------------------------------------------------------- what is divided


def _targets(
    scenario: Scenario, index: MeasureIndex, time: str, cohort: str
) -> tuple[Quantity, ...]:
    """The cycle time of the mix and of each service, and what claims speak of: means and shares.

    Quantiles are divided where they are asked for: their distributions are large.
    """
    internal = {name for name, spec in scenario.tree["services"].items() if spec.get("internal")}
    scopes = (MIX, *(name for name in index.services if name not in internal))
    found = [Quantity(time, "mean", each, cohort) for each in scopes]
    for claim in (scenario.tree.get("claims") or {}).values():
        found += [
            each.quantity
            for each in conditions_of(scenario.tree, claim)
            if _is_mean(each.quantity, index)
        ]
    found += [Quantity(end, "share", MIX, cohort) for end in LOST]  # who is not in a time
    return tuple(dict.fromkeys(found))


def _is_mean(quantity: Quantity, index: MeasureIndex) -> bool:
    if quantity.measure in NOT_BY_SCOPE or quantity.level is not None:
        return False
    return (quantity.measure == "wait" and quantity.statistic == "mean") or (
        quantity.measure,
        quantity.statistic,
    ) in index.rows


def _refuse_unknown(scenario: Scenario, index: MeasureIndex, asked: Quantity) -> None:
    try:
        index.cohort(asked.cohort)
        for scope in (asked.scope,) if isinstance(asked.scope, str) else asked.scope:
            index.weights_of(scope)
        if not _is_mean(asked, index):
            index.place(asked.measure, asked.statistic, MIX, asked.cohort)
    except KeyError as unknown:
        raise RunError(f"{scenario.path}: {unknown.args[0]}") from None
    if (
        not isinstance(asked.scope, str)
        and asked.level is not None
        and asked.measure not in SKETCHED
    ):
        raise RunError(
            f"{asked.measure}: the {asked.statistic} of several services together; name one, or a "
            "set of the file"
        )


def _beside(folder: Path, sets: Sets) -> Path:
    """Where replications of another design go: beside those of the usual one."""
    digest = hashlib.sha256(json.dumps(sets.settings.study).encode()).hexdigest()
    return folder.with_name(f"{folder.name}-{digest[:6]}")


# --------------------------------------------------------------------------------- the replications


def _result(
    sets: Sets, folder: Path | None, n: int, workers: int | None, progress: bool
) -> Attribution:
    """What the folder says already, where it holds as many replications; else simulate,
    divide and write it down.
    """
    _refuse_another(sets, folder)
    store = conduct(sets, folder, range(n), workers, progress, "change of the mean")
    try:
        content = f"{FORM}-{store.digest()}"
        written = None if folder is None else _written(folder / f"{STUDY}.json", content)
        if written is None:
            found = _divided(sets, store, content)
            if folder is not None:
                keep(folder, STUDY, found)
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
    form = there.study.get("form", 1)
    if there.study.get("kind") == STUDY and form != FORM:
        raise StoreError(
            f"{folder}: holds an attribution of another version: found {form}, this govsim reads "
            f"and makes {FORM}; move this folder away and make the study again with: govsim "
            f"{STUDIES[STUDY]} {shlex.quote(str(folder.parent))}"
        )
    if there.study != sets.settings.study:
        raise StoreError(
            f"{folder}: holds an attribution to other bundles, or of other measures, than the "
            "scenario asks for now; "
            "delete the folder or move it away, then try again"
        )


def _written(file: Path, content: str) -> Attribution | None:
    """The result of just these rows; None where there is none."""
    try:
        found = Attribution.from_dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # not there, of an older version, or half written: made anew
        return None
    return found if found.content == content else None


def _divided(sets: Sets, store: Store, content: str) -> Attribution:
    every = [effect_of(sets, target, table) for target, table in tables_of(sets, store)]
    effects = [each for each in every if each.measure not in LOST or _some(each)]
    places = {_target(each): k for k, each in enumerate(sets.targets)}
    return Attribution(
        run=sets.settings.id,
        where="in memory only" if store.folder is None else str(store.folder),
        seed=sets.settings.seed,
        replications=len(store.done()),
        configurations=len(sets.design.sets),
        effects=tuple(sorted(effects, key=lambda each: places[each.target])),
        warnings=ordered([*_warnings(sets), *_people(sets, effects)]),
        variant=sets.settings.variant,
        content=content,
    )


def _some(effect: Effect) -> bool:
    """Whether anybody ends so, before or after."""
    return any(level.value for level in (effect.before, effect.after))


def _people(sets: Sets, effects: Sequence[Effect]) -> list[Qualification]:
    """That before and after do not have the same people."""
    shares: dict[str, dict[str, float]] = {"before": {}, "after": {}}
    for each in effects:
        if each.measure in LOST and each.scope == MIX:
            for name, level in (("before", each.before), ("after", each.after)):
                times = 100.0 if each.unit == "points" else 1.0
                shares[name][each.measure] = (level.value or 0.0) / times
    return moved("before", "after", shares, margin_of(sets.scenario.tree))


def _warnings(sets: Sets) -> Iterator[Qualification]:
    run = sets.settings.id
    if REST in sets.design.bundles:
        names = {"bundle": REST, "levers": tuple(sets.design.bundles[REST])}
        yield Qualification("other_levers", run, names=names)
    if sets.design.unable:
        yield Qualification("levers_cannot_work_apart", run)
    posts = sets.settings.about["posts"]
    if posts["before"] != posts["after"]:
        told = {name: posts[name] for name in ("before", "after")}
        yield Qualification("staff_in_the_change", run, told)
