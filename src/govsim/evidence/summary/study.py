"""The numbers of the screen: levels, changes, who gets slower, and what became of everybody."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from govsim.evidence.estimates import at_once, change, level, level_at
from govsim.evidence.matters import assumption, numbers, of_applicants, smallest
from govsim.evidence.people import MARGIN
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import MATCHED, Sample
from govsim.evidence.study import kept
from govsim.evidence.summary.result import Line, Load, Matched, Spread, Summary, ways
from govsim.measures import ENDS
from govsim.measures.catalogue import MIX
from govsim.statistics.estimate import Estimate, still_needed
from govsim.statistics.mean import of_pooled
from govsim.statistics.resample import Pooled
from govsim.store import StoredRuns

PRECISION = 0.05  # working days
COUNTED = "counted"
TIME, ANSWERED = "cycle_time_working", "cycle_time_working_answered"
STATISTICS = ((TIME, "mean"), (TIME, "p90"))
CASES = (COUNTED, *ENDS)
# what the screen reads of a configuration, and of a pair
READ = {"values", "counted", "largest", "busy", "duty", TIME, ANSWERED, *MATCHED}


def summary_of(
    runs: StoredRuns,
    cohort: str | None = None,
    precision: float = PRECISION,
    lang: str | None = None,
    sample: Sample | None = None,
) -> Summary:
    """What a run says of one cohort (that of the headline), of its `sample` where it has been read
    already; StoreError where it holds no replication.
    """
    sample = sample or Sample.of(runs, READ)
    about, settings = runs.settings.about, runs.settings
    cohort = cohort or str(about["headline"]["cohort"])
    matters = numbers(about["matters"])
    names, scopes = runs.configurations, (MIX, *about["services"])
    loads = {name: _load(sample, name, about["services"], cohort) for name in names}
    statistics = [*STATISTICS]
    if any(load.cases["open"] for load in loads.values()):
        statistics.append((ANSWERED, "mean"))
    day = about.get("day")
    lines = [
        _line(sample, measure, statistic, scope, cohort, matters, day)
        for measure, statistic in statistics
        for scope in scopes
    ]
    way, other = ways(names)
    mix = [
        sample.values(Quantity(TIME, "mean", MIX, cohort), name) for name in (names[0], names[-1])
    ]
    return Summary(
        run=settings.id,
        where=str(runs.folder) if runs.folder is not None else "in memory only",
        seed=settings.seed,
        engine=settings.engine,
        configurations=names,
        replications=sample.replications,
        cohort="all counted cases" if cohort == COUNTED else cohort,
        lines=tuple(lines),
        matched=_matched(sample, names[0], names[-1], cohort, matters),
        posts=about["posts"],
        numbers=about["numbers"],
        assumptions=about["assumptions"],
        precision=precision,
        still_needed=still_needed(mix[1] - mix[0] if len(names) > 1 else mix[0], precision),
        steps=_steps(sample, [names[k] for k in way], cohort),
        other_steps=_steps(sample, [names[k] for k in other], cohort),
        names={name: said[lang] for name, said in about["service_names"].items() if lang in said},
        day=day,
        variant=settings.variant,
        unsettled={name: tuple(who) for name, who in about["unsettled"].items() if who},
        loads=loads,
        tau=runs.index.tau(TIME, cohort),
        clock_tau=runs.index.tau("cycle_time", cohort),
        matters=assumption(matters)[0],
        worlds=_worlds(runs, names[0], names[-1]),
        margin=MARGIN if about.get("outcomes_margin") is None else about["outcomes_margin"],
    )


def _worlds(runs: StoredRuns, first: str, last: str) -> Spread | None:
    """Between what the change of the mix's mean lies in nine of ten other possible offices."""
    from govsim.evidence.worlds.result import Worlds

    worlds = kept(runs.folder, "worlds", Worlds.from_dict)
    output = worlds.outputs.get(f"{first} > {last}") if worlds else None
    if worlds is None or output is None:
        return None
    return Spread(-output.high, -output.low, worlds.worlds)


def _line(
    sample: Sample,
    measure: str,
    statistic: str,
    scope: str,
    cohort: str,
    matters: Mapping[str, float],
    day: float | None,
) -> Line:
    """One statistic in all configurations; of a quantile only the first level has an interval."""
    quantity, names = Quantity(measure, statistic, scope, cohort), sample.configurations
    levels = [level(sample, quantity, names[0])]
    whole = sample.is_mean(quantity)
    for name in names[1:]:
        levels.append(level(sample, quantity, name) if whole else level_at(quantity, sample, name))
    changes = [change(sample, quantity, name, names[-1]) for name in names[:-1]]
    told = "answered" if measure == ANSWERED else statistic
    before = math.nan if levels[0].value is None else levels[0].value
    least = smallest(quantity, sample, before, matters, day)
    first = changes[0] if changes else None
    return Line(scope, told, tuple(levels), first, tuple(changes[1:]), least)


def _steps(sample: Sample, way: Sequence[str], cohort: str) -> tuple[Estimate, ...]:
    """The changes of the mix's mean from each configuration of a way to the next."""
    quantity = Quantity(TIME, "mean", MIX, cohort)
    return tuple(change(sample, quantity, sooner, later) for sooner, later in pairwise(way))


def _matched(
    sample: Sample, first: str, last: str, cohort: str, matters: Mapping[str, float]
) -> Matched | None:
    """The same applicants in the first and the last configuration."""
    if (first, last) not in sample.pairs:
        return None
    least = of_applicants(sample, first, MIX, cohort, matters)
    slower, equal, faster = (
        _share(theta, sample) for theta in sample.changes(first, last, MIX, cohort, least)
    )
    any_slower, same, any_faster = (
        at_once(theta, sample) for theta in sample.changes(first, last, MIX, cohort)
    )
    if same == 1.0:  # case by case: nothing that has not been seen
        slower, equal, faster = (
            replace(share, low=share.value, high=share.value, note="exact")
            for share in (slower, equal, faster)
        )
    table = sample.ends(first, last, MIX, cohort).sum(axis=(0, 1))
    everybody = max(float(table.sum()), 1.0)
    return Matched(
        slower,
        equal,
        faster,
        float(sample.applicants(first, last, MIX, cohort).mean()),
        float(np.triu(table, 1).sum()) / everybody,
        float(np.tril(table, -1).sum()) / everybody,
        any_slower,
        any_faster,
    )


def _share(theta: Pooled, sample: Sample) -> Estimate:
    return of_pooled(theta, sample.replications, "logit")


def _load(sample: Sample, configuration: str, services: Sequence[str], cohort: str) -> Load:
    """What became of everybody, and how busy the groups were."""
    index = sample.index
    rows = [index.place(what, "count", MIX, cohort)[0] for what in CASES]
    scopes = [index.scope(service) for service in services]
    values = sample.stack(configuration, "values")[:, rows][:, :, scopes, index.cohort(cohort)]
    cases = dict(zip(CASES, values.sum(axis=2).mean(axis=0).tolist(), strict=True))
    duty = sample.stack(configuration, "duty").sum(axis=0)
    one = np.ones((1, sample.replications))
    groups = {
        group: float(sample.group(group, configuration)(one)[0])
        for group, minutes in zip(index.groups, duty, strict=True)
        if minutes > 0
    }
    return Load(cases, groups)
