"""The study behind `staff`: a search over rosters under common draws, its findings judged.

How many posts could go, and how few keep the promise.

One post less in each group in turn is the family of claim C7. Together is another question, and the
one a reader asks: posts that each could go alone are often each other's reserve. The search is
greedy and tries each roster in few replications; what wins is judged again in replications that the
search never saw, for of many noisy candidates the winner looks better than it is. Few rosters are
judged so, and the error that they may make together is shared among them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from govsim.arrays import Floats
from govsim.display.words import Words
from govsim.errors import RunError
from govsim.evidence.conditions.condition import HOLDS, REFUTED, UNDETERMINED
from govsim.evidence.qualification.record import Qualification, ordered
from govsim.evidence.sample.replications import Sample
from govsim.evidence.staffing import outcomes
from govsim.evidence.staffing.bench import FRESH, Bench, Ends, Limits, Numbers
from govsim.evidence.staffing.judging import Judged, judged
from govsim.evidence.staffing.promise import promised
from govsim.evidence.staffing.question import Asked, asked_of
from govsim.evidence.staffing.result import IMPOSSIBLE, SAME, Less, Staffing, Together
from govsim.evidence.staffing.rosters import ONE, Roster, Trials, roster_of
from govsim.evidence.staffing.search import removals
from govsim.evidence.staffing.why import MAYBE_SLOWER, NOTHING, SLOWER, UNSERVED, UNSETTLED, Why
from govsim.evidence.staffing.why import told as told_by
from govsim.evidence.study import in_memory, keep, subject_of
from govsim.evidence.words import LANGUAGES
from govsim.experiment.progress import many
from govsim.experiment.replication import prepare
from govsim.organisation.configure import configure
from govsim.scenario import Scenario
from govsim.statistics.estimate import LEVEL, Estimate
from govsim.store import StoredRuns

PROMISE = 0.95


def staff(
    scenario_or_runs: Scenario | StoredRuns,
    n: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    keep_p90: float | None = None,
    promise: float = PROMISE,
    folder: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    engine: str = "compiled",
    progress: bool = True,
) -> Staffing:
    """Which posts could go with every service's p90 kept, and how few keep the promise.

    Kept as well are the shares granted, refused and gave up of all who filed, by service. Posts go
    one at a time and together. `keep_p90` and `promise` are shares; without `keep_p90`
    what the scenario's claim of the family `one_post_less` says, else 2 %. `folder` keeps what was
    simulated, so that a stopped search goes on, and gets staff.json; of a run it is `staff` inside
    its folder. Raises RunError where the question makes no sense, StoreError where the folder
    refuses, Interrupted on Ctrl-C.
    """
    scenario, home, seed, variant, engine = subject_of(
        scenario_or_runs, "staff", folder, seed, variant, engine
    )
    if home is None:
        with in_memory("staff") as place:
            return replace(
                staff(
                    scenario, n, seed, workers, keep_p90, promise, place, variant, engine, progress
                ),
                where="in memory only",
            )
    stated = scenario.tree.get("experiment") or {}
    number = int(stated.get("replications", 200) if n is None else n)
    if not 1 <= number < FRESH:
        raise RunError(
            f"n: {number} replications; at least 1 is needed, 2 for an interval, and less than "
            f"{FRESH} are possible"
        )
    if not 0.0 < promise <= 1.0:
        raise RunError(
            f"promise: {100 * promise:g} %; a share of the cases is meant, above 0 % and at most "
            "100 %"
        )
    study = _Study(
        scenario,
        asked_of(scenario, keep_p90, promise),
        number,
        seed,
        workers,
        home,
        variant,
        engine,
        progress,
    )
    found = study.result()
    keep(home, "staff", found)
    return found


class _Study:
    """The rosters of one question, tried and judged."""

    def __init__(
        self,
        scenario: Scenario,
        asked: Asked,
        n: int,
        seed: int,
        workers: int | None,
        folder: Path,
        variant: str | None,
        engine: str,
        progress: bool,
    ) -> None:
        task = prepare(scenario, asked.compare, variant, seed, engine, "measures")
        design = {
            "kind": "staff",
            "cohort": asked.quantity.cohort,
            "measure": [asked.quantity.measure, asked.quantity.statistic],
            "ends": [*outcomes.ENDS.values()],
        }
        task.settings = replace(task.settings, replications=n, study=design)
        configured = {name: configure(scenario, name, variant) for name in asked.compare}
        every = [
            quantity
            for name in scenario.tree["services"]
            for quantity in (
                asked.of(name),
                asked.within_of(name),
                *outcomes.counts(name, asked.quantity.cohort),
            )
        ]
        self.trials = Trials(task, configured, every, folder, workers)
        self.asked, self.n, self.progress = asked, n, progress
        self.first, self.second = (roster_of(configured[name], name) for name in asked.compare)
        self.groups = tuple(configured[asked.compare[1]].regimes[1].staff)
        self.bench = Bench(self.trials, asked, n, self.groups, quiet=not progress)
        self.say = self.bench.say

    def result(self) -> Staffing:
        """Everything, one question after the other."""
        asked, settings = self.asked, self.trials.settings
        nothing = self.nothing()
        every, less = self.one_less(nothing)
        cuts = [self.together(False, nothing)]
        cuts += [self.together(True, nothing)] if asked.internal else []
        starts = {each.configuration: each for each in (self.first, self.second)}
        found = [promised(self.bench, starts[name], nothing) for name in reversed(asked.compare)]
        return Staffing(
            run=settings.id,
            where=str(self.trials.folder),
            seed=settings.seed,
            compare=asked.compare,
            measure=asked.quantity.measure,
            statistic=asked.quantity.statistic,
            cohort=asked.quantity.cohort,
            keep=100 * asked.keep,
            promise=100 * asked.promise,
            margin=100 * asked.margin,
            replications=self.n,
            search=len(self.bench.few),
            posts=dict(zip(self.groups, self.second.posts, strict=True)),
            all_posts=every,
            less=tuple(less),
            cuts=tuple(cuts),
            promised=tuple(each for each in found if each),
            nothing=nothing,
            names=settings.about["said"]["groups"],
            warnings=ordered(self.warnings(every, less, cuts, nothing)),
            variant=settings.variant,
        )

    def nothing(self) -> tuple[str, ...]:
        """Services of which nothing was granted in the first configuration: nothing can be kept."""
        self.trials.run([self.first, self.second], range(self.n), self.progress)
        sample = self.trials.sample({"first": self.first}, range(self.n))
        return outcomes.never_granted(
            sample, self.asked.services, self.asked.quantity.cohort, "first"
        )

    # ------------------------------------------------------------------------------- one at a time

    def one_less(self, nothing: tuple[str, ...]) -> tuple[Less, list[Less]]:
        """With all posts, then each group with one post less, in turn."""
        fewer = {
            k: self.second.with_change(k, -1) for k, posts in enumerate(self.second.posts) if posts
        }
        barred = {k: self.bench.barred(roster, self.first) for k, roster in fewer.items()}
        tried = {k: each for k, each in fewer.items() if not nothing and _tried(barred[k])}
        self.say(f"one post less in each of {many(len(tried), 'group')}, x {self.n}")
        self.trials.run(tried.values(), range(self.n), self.progress)
        rosters = {"first": self.first, "second": self.second}
        sample = self.trials.sample(rosters, range(self.n))
        none = (Why(NOTHING, nothing),) if nothing else ()
        every = Less(SAME, self.second.total, None, None, UNDETERMINED, none)
        if not nothing:
            every = _with(every, judged(sample, self.asked, "second", LEVEL))
        less = []
        for k, roster in fewer.items():
            about = Less(
                self.groups[k], self.second.posts[k], *self.worked(sample, k), UNDETERMINED
            )
            if k in tried:
                three = self.trials.sample({**rosters, ONE: roster}, range(self.n))
                about = _with(about, judged(three, self.asked, ONE, LEVEL))
            less.append(_barred(about, barred[k], none))
        return every, less

    def worked(self, sample: Sample, group: int) -> tuple[float | None, float | None]:
        """Minutes of a day on duty that one of a group works, and the share of the duty."""
        share = float(sample.group(self.groups[group], "second")(np.ones((1, self.n)))[0])
        organisation = self.trials.configured[self.second.configuration].regimes[1]
        day = organisation.calendars[organisation.staff[self.groups[group]].calendar].day_length
        return (share * day, share) if np.isfinite(share) else (None, None)

    # ------------------------------------------------------------------------------------- together

    def together(self, internal_too: bool, nothing: tuple[str, ...]) -> Together:
        """The most posts that go together, by search, then judged on fresh replications."""
        asked, bench = self.asked, self.bench
        if nothing:
            return Together((), 0, internal_too, stopped={"": Why(NOTHING, nothing)})
        self.say(
            "posts that could go together"
            + (", internal services kept too" if internal_too else "")
        )
        names = (*asked.services, *(asked.internal if internal_too else ()))
        bases, own = [self.first, self.second], len(asked.services)
        times = _joined(bench.times(bases, names), own)
        limits = Limits(
            bench,
            self.first,
            Numbers(names, bench.times, (1 + asked.keep) * np.nan_to_num(times)),
            Ends(names, _joined(bench.ends(bases, names), own)),
            self._slower,
        )
        removed = removals(self.second, limits.harms, limits.limits, limits.allowed)
        chain = self.second.chain(removed, -1)
        place, best, failed = bench.confirmed(
            chain[1:], lambda roster, level: self._judged_fresh(roster, level, internal_too)
        )
        return Together(
            tuple(self.groups[k] for k in removed),
            place + 1,
            internal_too,
            best.changes if best else {},
            best.internal if best else {},
            best.outcomes if best else {},
            limits.stopped(chain),
            failed.why if failed else (),
        )

    def _slower(self, service: str, time: float, most: float) -> Why:
        """What refuses a roster with this time, where so long a one would be let pass."""
        if not np.isfinite(time):
            return Why(MAYBE_SLOWER, (service,))
        return Why(SLOWER, (service,), 100 * (time / most * (1 + self.asked.keep) - 1))

    def _judged_fresh(self, roster: Roster, level: float, internal_too: bool) -> Judged:
        sample = self.bench.fresh({"first": self.first, "second": self.second, ONE: roster})
        return judged(sample, self.asked, ONE, level, internal_too)

    # ------------------------------------------------------------------------------------- warnings

    def warnings(
        self, every: Less, less: Sequence[Less], cuts: Sequence[Together], nothing: tuple[str, ...]
    ) -> Iterator[Qualification]:
        """What makes the numbers of posts say less than they seem to."""
        keep, (first, second) = 100 * self.asked.keep, self.asked.compare
        run = self.trials.settings.id
        if nothing:
            yield Qualification("nothing_granted", first, names={"services": nothing})
        if every.verdict == REFUTED:
            why = {lang: told_by(every.why, Words(lang)) for lang in LANGUAGES}
            names = {"first": first, "last": second, "why": why}
            yield Qualification("refuted_with_all_posts", second, names=names)
        slow = tuple(
            each.group for each in less if each.verdict == HOLDS and _slower(each.internal, keep)
        )
        if slow:
            yield Qualification("internal_jobs_slower", run, names={"groups": slow})
        if _slower(cuts[0].internal, keep) and (worst := cuts[0].worst_internal):
            yield Qualification("internal_jobs_pay", run, names={"worst": worst})
        if self.asked.internal:
            yield Qualification("internal_jobs_not_asked", run)
        span = self.trials.configured[second]
        cohort = self.asked.quantity.cohort
        since = span.cohorts[cohort][0] if cohort in span.cohorts else span.count_from
        if since < span.reform_day:
            yield Qualification("filed_before_the_reform", cohort)
        yield Qualification("search_is_greedy", run)


def _slower(changes: Mapping[str, Estimate], keep: float) -> bool:
    return any(each.low is not None and each.low > keep for each in changes.values())


def _tried(why: Why | None) -> bool:
    """Whether a roster is simulated: one that cannot settle is, to show how much slower it is."""
    return why is None or why.kind == UNSETTLED


def _with(about: Less, found: Judged) -> Less:
    """What was judged of a roster."""
    return replace(
        about,
        verdict=found.verdict,
        why=found.why,
        changes=found.changes,
        internal=found.internal,
        outcomes=found.outcomes,
    )


def _barred(about: Less, why: Why | None, nothing: tuple[Why, ...]) -> Less:
    """What the posts alone say of one less: they refuse it, or leave open what was judged."""
    if why is None:
        return replace(about, why=about.why + nothing)
    if why.kind == UNSETTLED:
        state = REFUTED if about.verdict == REFUTED else UNDETERMINED
        return replace(about, verdict=state, why=(*about.why, *nothing, why))
    return replace(about, verdict=IMPOSSIBLE if why.kind == UNSERVED else REFUTED, why=(why,))


def _joined(both: Sequence[Floats], services: int) -> Floats:
    """Of the first roster for so many services, of the second for the internal ones behind them."""
    first, second = both
    return np.concatenate((first[..., :services], second[..., services:]), axis=-1)
