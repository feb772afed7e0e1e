"""The study behind `staff`: a search over rosters under common draws, its findings judged.

How many posts could go, and how few keep the promise.

One post less in each group in turn is the family of claim C7. Together is another question, and the
one a reader asks: posts that each could go alone are often each other's reserve. The search is
greedy and tries each roster in few replications; what wins is judged again in replications that the
search never saw, for of many noisy candidates the winner looks better than it is. Few rosters are
judged so, and the error that they may make together is shared among them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.errors import RunError
from govsim.evidence.condition import HOLDS, REFUTED, UNDETERMINED
from govsim.evidence.sample.replications import Sample
from govsim.evidence.staffing.question import Asked, asked_of
from govsim.evidence.staffing.result import IMPOSSIBLE, SAME, Less, Promised, Staffing, Together
from govsim.evidence.staffing.rosters import ONE, ROOM, Roster, Trials, refusal, roster_of, staffed
from govsim.evidence.staffing.search import additions, removals
from govsim.evidence.study import in_memory, keep, subject_of
from govsim.experiment.progress import Progress, many
from govsim.experiment.replication import prepare
from govsim.model.offered_load import offered_load
from govsim.organisation.configure import configure
from govsim.scenario import Scenario
from govsim.statistics.estimate import LEVEL, Estimate
from govsim.statistics.mean import family as simultaneous
from govsim.statistics.resample import Pooled
from govsim.store import Runs

FRESH = 2 ** (ROOM - 1)  # the first replication of those that no search sees
SEARCH = 32  # replications of each roster that the search tries
# of the cases that may miss their promise: what posts are added for, before some are taken away
# again
SPARE = 0.8
UNSETTLED = "queues cannot settle: how much slower, depends on how long one looks"
PROMISE = 0.95


def staff(
    scenario_or_runs: Scenario | Runs,
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

    Posts go one at a time and together. `keep_p90` and `promise` are shares; without `keep_p90`
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


class Judged(NamedTuple):
    """What a roster does: the verdict, and the changes it rests on, in %."""

    verdict: str
    changes: dict[str, Estimate]
    internal: dict[str, Estimate]


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
        }
        task.settings = replace(task.settings, replications=n, study=design)
        self.configured = {name: configure(scenario, name, variant) for name in asked.compare}
        every = [
            replace(each, scope=name)
            for each in (asked.quantity, asked.within)
            for name in scenario.tree["services"]
        ]
        self.trials = Trials(task, self.configured, every, folder, workers)
        self.asked, self.n, self.few, self.progress = asked, n, range(min(n, SEARCH)), progress
        self.groups = tuple(self.configured[asked.compare[1]].regimes[1].staff)
        self.first, self.second = (roster_of(self.configured[name], name) for name in asked.compare)
        self.tried: dict[tuple[str, Roster], Floats] = {}
        self.say = Progress(1, 0, quiet=not progress).say

    def result(self) -> Staffing:
        """Everything, one question after the other."""
        asked, settings = self.asked, self.trials.settings
        every, less = self.one_less()
        cuts = [self.together(False)] + ([self.together(True)] if asked.internal else [])
        promised = [each for name in reversed(asked.compare) if (each := self.promised(name))]
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
            replications=self.n,
            search=len(self.few),
            posts=dict(zip(self.groups, self.second.posts, strict=True)),
            all_posts=every,
            less=tuple(less),
            cuts=tuple(cuts),
            promised=tuple(promised),
            names=settings.about["said"]["groups"],
            warnings=tuple(self.warnings(every, less, cuts)),
            variant=settings.variant,
        )

    # -------------------------------------------------------------------------------- one at a time

    def one_less(self) -> tuple[Less, list[Less]]:
        """What all posts do, and what one post less does in each group that has one."""
        configured = self.configured[self.second.configuration]
        some = {
            k: self.second.with_change(k, -1) for k, posts in enumerate(self.second.posts) if posts
        }
        refused = {
            k: why for k, roster in some.items() if (why := refusal(configured, roster.posts))
        }
        possible = {k: roster for k, roster in some.items() if k not in refused}
        self.say(f"one post less in each of {many(len(possible), 'group')}, x {self.n}")
        self.trials.run([self.first, self.second, *possible.values()], range(self.n), self.progress)
        sample = self.trials.sample({"first": self.first, "second": self.second}, range(self.n))
        verdict, changes, _ = self.judged(sample, "second", LEVEL)
        every = Less(SAME, self.second.total, None, None, verdict, changes=changes)
        less = []
        for k, posts in enumerate(self.second.posts):
            if posts:
                stuck = Less(
                    self.groups[k], posts, *self.worked(sample, k), IMPOSSIBLE, refused.get(k, "")
                )
                less.append(self._less(possible[k], stuck) if k in possible else stuck)
        return every, less

    def _less(self, roster: Roster, about: Less) -> Less:
        sample = self.trials.sample(
            {"first": self.first, "second": self.second, ONE: roster}, range(self.n)
        )
        verdict, changes, inside = self.judged(sample, ONE, LEVEL)
        reason = "" if self.possible(roster) else UNSETTLED
        return replace(about, verdict=verdict, reason=reason, changes=changes, internal=inside)

    def worked(self, sample: Sample, group: int) -> tuple[float | None, float | None]:
        """Minutes of a day on duty that one of a group works, and the share of the duty."""
        share = float(sample.group(self.groups[group], "second")(np.ones((1, self.n)))[0])
        organisation = self.configured[self.second.configuration].regimes[1]
        day = organisation.calendars[organisation.staff[self.groups[group]].calendar].day_length
        return (share * day, share) if np.isfinite(share) else (None, None)

    def judged(
        self, sample: Sample, label: str, level: float, internal_too: bool = False
    ) -> Judged:
        """Services against the first configuration, internal ones against all posts."""
        asked = self.asked
        against = [(name, "first") for name in asked.services]
        against += [(name, "second") for name in asked.internal if label != "second"]
        thetas = {
            name: _change(*(sample.pooled(asked.of(name), each) for each in (label, base)))
            for name, base in against
        }
        families = (
            [against]
            if internal_too
            else [against[: len(asked.services)], against[len(asked.services) :]]
        )
        found: dict[str, Estimate] = {}
        for names in families:
            found |= _together(
                [name for name, _ in names],
                [thetas[name] for name, _ in names],
                sample.replications,
                level,
            )
        changes, inside = (
            {name: _percent(found[name]) for name in names if name in found}
            for names in (asked.services, asked.internal)
        )
        verdict = _verdict(
            [*changes.values(), *(inside.values() if internal_too else ())], 100 * asked.keep
        )
        return Judged(verdict, changes, inside)

    # ------------------------------------------------------------------------------------- together

    def together(self, internal_too: bool) -> Together:
        """The most posts that go together, by search, then judged on fresh replications."""
        asked = self.asked
        self.say(
            "posts that could go together"
            + (", internal services kept too" if internal_too else "")
        )
        names = (*asked.services, *(asked.internal if internal_too else ()))
        bases = self.harms([self.first, self.second], names)
        limits = (1 + asked.keep) * np.concatenate(
            (bases[0][: len(asked.services)], bases[1][len(asked.services) :])
        )
        removed = removals(
            self.second, lambda rosters: self.harms(rosters, names), limits, self.possible
        )
        chain = self._chain(self.second, removed, -1)
        place, judged = self.confirmed(
            chain[1:], lambda roster, level: self._judged_fresh(roster, level, internal_too)
        )
        names = tuple(self.groups[k] for k in removed)
        return Together(names, place + 1, internal_too, *(judged[1:] if judged else ({}, {})))

    def _judged_fresh(self, roster: Roster, level: float, internal_too: bool) -> Judged:
        fresh = range(FRESH, FRESH + self.n)
        rosters = {"first": self.first, "second": self.second, ONE: roster}
        self.trials.run(rosters.values(), fresh)
        return self.judged(self.trials.sample(rosters, fresh), ONE, level, internal_too)

    def confirmed(
        self, chain: Sequence[Roster], judge: Callable[[Roster, float], Any]
    ) -> tuple[int, Any]:
        """The place of the last roster of a chain that holds on fresh replications,
        and what was judged there.

        The winner first, then by halves: each holds for less than the one before. -1: none does.
        """
        self.say(
            f"  {many(len(chain), 'roster')} on the way; judged on fresh replications, x {self.n}"
        )
        level = 1 - (1 - LEVEL) / (1 + len(chain).bit_length())
        held, failed, best = -1, len(chain), None
        while failed - held > 1:
            place = failed - 1 if failed == len(chain) else (held + failed) // 2
            judged = judge(chain[place], level)
            if judged[0] == HOLDS:
                held, best = place, judged
            else:
                failed = place
        return held, best

    def _chain(self, start: Roster, groups: Sequence[int], step: int) -> list[Roster]:
        chain = [start]
        for k in groups:
            chain.append(chain[-1].with_change(k, step))
        return chain

    def possible(self, roster: Roster) -> bool:
        """Whether every desk is served and every queue can settle:
        else what is found hangs on when one looks.
        """
        configured = self.configured[roster.configuration]
        return (
            not refusal(configured, roster.posts)
            and offered_load(staffed(configured, roster.posts)).stable
        )

    # -------------------------------------------------------------------------------------- promise

    def promised(self, name: str) -> Promised | None:
        """The fewest posts with which a configuration keeps the promise;
        None where nothing was promised.
        """
        described = self.configured[name].regimes[1].services
        services = tuple(
            each for each in self.asked.services if described[each].promise is not None
        )
        if not services:
            return None
        start = self.first if name == self.first.configuration else self.second
        self.say(f"how few posts keep the promise, {name}")
        twice = replace(start, posts=tuple(2 * each for each in start.posts))
        most = 100 * (1 - self.missed([twice], services)[0])
        reached = [
            each
            for each, share in zip(services, most, strict=True)
            if not share < 100 * self.asked.promise
        ]
        out = {
            each: float(share)
            for each, share in zip(services, most, strict=True)
            if each not in reached
        }
        sample = self.trials.sample({ONE: start}, range(self.n))
        now = self._shares(sample, services, LEVEL)
        if not reached:
            return Promised(name, start.total, now, out, note="no number of posts keeps it")
        return replace(self._fewest(start, tuple(reached)), now=now, out_of_reach=out)

    def _fewest(self, start: Roster, services: tuple[str, ...]) -> Promised:
        """Posts are added until there is some room to spare,
        then taken away as long as the promise is kept.
        """
        limits = np.full(len(services), 1 - self.asked.promise)

        def harms(rosters: Sequence[Roster]) -> list[Floats]:
            return self.missed(rosters, services)

        added = additions(start, harms, SPARE * limits, start.total)
        grown = self._chain(start, added, 1)[-1]
        chain = self._chain(grown, removals(grown, harms, limits, self.possible), -1)
        place, judged = self.confirmed(
            chain, lambda roster, level: self._kept_fresh(roster, services, level)
        )
        short = bool((harms([grown])[0] > limits).any())
        shown = chain[place]  # the last, where none is confirmed
        return Promised(
            start.configuration,
            start.total,
            {},
            {},
            found=None if short else chain[-1].total,
            confirmed=shown.total if place >= 0 else None,
            change={
                self.groups[k]: b - a
                for k, (a, b) in enumerate(zip(start.posts, shown.posts, strict=True))
                if a != b
            },
            shares=judged[1] if judged else {},
            note=f"adding posts one by one did not help any more at {grown.total}" if short else "",
        )

    def _kept_fresh(
        self, roster: Roster, services: tuple[str, ...], level: float
    ) -> tuple[str, dict[str, Estimate]]:
        fresh = range(FRESH, FRESH + self.n)
        self.trials.run([roster], fresh)
        shares = self._shares(self.trials.sample({ONE: roster}, fresh), services, level)
        low = [each.low for each in shares.values() if each.value is not None]
        held = bool(low) and all(
            each is not None and each >= 100 * self.asked.promise for each in low
        )
        return HOLDS if held else UNDETERMINED, shares

    def _shares(self, sample: Sample, services: Sequence[str], level: float) -> dict[str, Estimate]:
        each = [sample.pooled(replace(self.asked.within, scope=name), ONE) for name in services]
        return {
            name: share.times(100.0)
            for name, share in _together(services, each, sample.replications, level).items()
        }

    # --------------------------------------------------------------- few replications, the search's

    def harms(self, rosters: Sequence[Roster], services: tuple[str, ...]) -> list[Floats]:
        """The quantity of some services for each roster, pooled over the search's replications;
        NaN without a case.
        """
        return self._tried(
            f"harm {services}",
            rosters,
            lambda sample: [sample.pooled(self.asked.of(name), ONE) for name in services],
        )

    def missed(self, rosters: Sequence[Roster], services: tuple[str, ...]) -> list[Floats]:
        """The share of cases beyond the promise."""
        kept = [replace(self.asked.within, scope=name) for name in services]
        shares = self._tried(
            f"within {services}",
            rosters,
            lambda sample: [sample.pooled(each, ONE) for each in kept],
        )
        return [1 - each for each in shares]

    def _tried(
        self, what: str, rosters: Sequence[Roster], of: Callable[[Sample], list[Pooled]]
    ) -> list[Floats]:
        new = [roster for roster in rosters if (what, roster) not in self.tried]
        for roster, sample in self._sample(new).items():
            self.tried[what, roster] = _points(of(sample), len(self.few))
        return [self.tried[what, roster] for roster in rosters]

    def _sample(self, rosters: Sequence[Roster]) -> dict[Roster, Sample]:
        self.trials.run(rosters, self.few)
        return {roster: self.trials.sample({ONE: roster}, self.few) for roster in rosters}

    # ------------------------------------------------------------------------------------- warnings

    def warnings(self, every: Less, less: Sequence[Less], cuts: Sequence[Together]) -> list[str]:
        """What makes the numbers of posts say less than they seem to."""
        told = []
        keep, (first, second) = 100 * self.asked.keep, self.asked.compare
        if every.verdict == REFUTED and every.worst:
            told.append(
                f"{every.worst[0]} is slower in {second} than in {first} with all posts: no post "
                "could go"
            )
        slow = [
            each.group for each in less if each.verdict == HOLDS and _slower(each.internal, keep)
        ]
        if slow:
            told.append(
                "internal jobs slow down, although no service does, with a post less in: "
                f"{', '.join(slow)}"
            )
        if _slower(cuts[0].internal, keep) and (worst := cuts[0].worst_internal):
            told.append(f"what goes together is paid for by internal jobs: {worst} %")
        if self.asked.internal:
            told.append(
                "how few posts keep the promise asks nothing of internal jobs, but that their "
                "queues can settle"
            )
        span = self.configured[second]
        since = (
            span.cohorts[self.asked.quantity.cohort][0]
            if self.asked.quantity.cohort in span.cohorts
            else span.count_from
        )
        if since < span.reform_day:
            told.append(
                "the cohort counts filings before the reform day, when every post was still there"
            )
        told.append("the search is greedy: another set of as many or more posts may do as well")
        return told


def _slower(changes: Mapping[str, Estimate], keep: float) -> bool:
    return any(each.low is not None and each.low > keep for each in changes.values())


def _points(thetas: Sequence[Pooled], replications: int) -> Floats:
    ones = np.ones((1, replications))
    return np.array([float(theta(ones)[0]) for theta in thetas])


def _change(after: Pooled, before: Pooled) -> Pooled:
    """The logarithm of a ratio, as a function of the weights of replications."""

    def theta(weights: Floats) -> Floats:
        now, was = after(weights), before(weights)
        return np.log(
            np.divide(now, was, out=np.full_like(was, np.nan), where=(was > 0) & (now > 0))
        )

    return theta


def _percent(ratio: Estimate) -> Estimate:
    """A change in percent, from the logarithm of a ratio."""
    value, low, high = (
        None if each is None else 100 * math.expm1(each)
        for each in (ratio.value, ratio.low, ratio.high)
    )
    return replace(ratio, value=value, low=low, high=high)


def _together(
    names: Sequence[str], thetas: Sequence[Pooled], replications: int, level: float
) -> dict[str, Estimate]:
    """Estimates whose intervals hold for all of them at once."""
    return dict(
        zip(names, simultaneous(thetas, replications, level) if thetas else (), strict=False)
    )


def _verdict(changes: Sequence[Estimate], keep: float) -> str:
    known = [each for each in changes if each.value is not None]
    if any(each.low is not None and each.low > keep for each in known):
        return REFUTED
    return (
        HOLDS
        if known and all(each.high is not None and each.high <= keep for each in known)
        else UNDETERMINED
    )
