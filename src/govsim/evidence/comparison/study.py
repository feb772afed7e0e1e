"""The study behind `compare`: two configurations of a run under the same draws.

Levels, changes and percentages, who gains and who loses.

Means over replications are paired and get Student's t; whatever is pooled over cases is a function
of the replications' weights. Everybody who filed is read at age tau: a mean of times may be that of
the first tau days, and a quantile beyond tau.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from govsim.arrays import Floats
from govsim.errors import A_RUN, StoreError, needed
from govsim.evidence.comparison.result import (
    GAINS,
    LOSES,
    Comparison,
    Curve,
    OpenCases,
    Part,
    Row,
    SameApplicants,
)
from govsim.evidence.estimates import at_once, backlog_growth, change, less, level, percent
from govsim.evidence.matters import beyond, margin_of, of_applicants, smallest, stated
from govsim.evidence.people import MARGIN, shares_of_ends
from govsim.evidence.qualification.record import Qualification, ordered
from govsim.evidence.qualification.whose import moved, of_whom, overloaded
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample import unseen
from govsim.evidence.sample.channels import Arrays, Channels
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample
from govsim.evidence.settling import configured, scenario_of
from govsim.measures import MEASURES
from govsim.measures.catalogue import MIX, OPEN
from govsim.model.offered_load import OfferedLoad, offered_load
from govsim.records import PARTS
from govsim.statistics.estimate import Estimate
from govsim.statistics.family import jointly
from govsim.statistics.mean import (
    band,
    of_pooled,
    of_pooled_percent_change,
    variance_reduction,
)
from govsim.statistics.pooled import Prepared, prepared
from govsim.statistics.resample import Pooled
from govsim.store import StoredRuns

STATISTICS = ("mean", "median", "p90", "share")
JUDGED = ("mean", "p90", "share")  # statistics by which somebody gains or loses
MORE_IS_BETTER = frozenset({"within_promise", "within_limit", "throughput"})
LEVELS = tuple(k / 20 for k in range(1, 20))
WORKING, CLOCK = "cycle_time_working", "cycle_time"


def compare(
    runs: StoredRuns,
    second: str = "after",
    first: str = "before",
    cohort: str | None = None,
    measure: str = WORKING,
    lang: str | None = None,
) -> Comparison:
    """Everything that differs between two configurations of a run, for one cohort and one measure.

    With `lang`, services are told by their names in that language where the scenario has them.
    Raises StoreError where the run does not hold what is asked for.
    """
    needed(runs, StoredRuns, A_RUN)
    period = cohort or str(runs.settings.about["headline"]["cohort"])
    _refuse(runs, first, second, period, measure)
    told = dict.fromkeys((measure, CLOCK) if measure == WORKING else (measure,))
    channels = {each: Channels(runs.index, (first, second), each, period) for each in told}
    replications: Iterator[Arrays] = (arrays for _, arrays in runs.arrays())
    for each in channels.values():
        replications = each.watch(replications)
    sample = Sample(
        runs.index,
        runs.configurations,
        replications,
        runs.settings.about["pairs"],
        runs.settings.about["paired"],
    )
    if not sample.replications:
        raise StoreError(
            f"{runs.settings.id}: holds no replication yet; continue with: govsim resume "
            f"{runs.folder}"
        )
    names = {
        name: said[lang]
        for name, said in runs.settings.about["service_names"].items()
        if lang in said
    }
    return replace(
        _Comparing(runs, sample, channels, first, second, period, measure).result(), names=names
    )


def warnings_of(
    runs: StoredRuns, sample: Sample, first: str, second: str, cohort: str
) -> tuple[Qualification, ...]:
    """What a comparison of two configurations warns of, without its numbers."""
    return _Comparing(runs, sample, {}, first, second, cohort, WORKING).warnings()


def _refuse(runs: StoredRuns, first: str, second: str, cohort: str, measure: str) -> None:
    measured = tuple(
        dict.fromkeys(name for name, statistic in runs.index.rows if statistic in STATISTICS)
    )
    there = {
        "configuration": runs.configurations,
        "cohort": runs.index.cohorts,
        "measure": measured,
    }
    asked = [
        ("configuration", first),
        ("configuration", second),
        ("cohort", cohort),
        ("measure", measure),
    ]
    for what, name in asked:
        if name not in there[what]:
            raise StoreError(
                f"{runs.settings.id}: no {what} {name!r} in this run; there are "
                f"{', '.join(there[what])}"
            )
    if first == second:
        raise StoreError(
            f"{runs.settings.id}: {first} cannot be compared with itself; name two of "
            f"{', '.join(runs.configurations)}"
        )


class _Comparing:
    """The work of one comparison."""

    def __init__(
        self,
        runs: StoredRuns,
        sample: Sample,
        channels: Mapping[str, Channels],
        first: str,
        second: str,
        cohort: str,
        measure: str,
    ) -> None:
        self.runs, self.sample, self.first, self.second, self.cohort = (
            runs,
            sample,
            first,
            second,
            cohort,
        )
        self.both = (first, second)
        self.services: tuple[str, ...] = tuple(runs.settings.about["services"])
        scenario = scenario_of(runs)
        self.matters = stated(scenario.tree) if scenario else {}
        self.margin = margin_of(scenario.tree) if scenario else MARGIN
        self.organisations = configured(runs, self.both, scenario)
        self.loads: dict[str, OfferedLoad] = {
            name: offered_load(each) for name, each in self.organisations.items()
        }
        self.open_cases = {name: self._open(name) for name in self.both}
        self.measure = measure
        self.day: float | None = runs.settings.about.get("day")
        self._channels = channels
        self.sign = 1.0 if self.measure in MORE_IS_BETTER else -1.0

    @property
    def channels(self) -> Channels:
        """Who filed how, by replication."""
        return self._channels[self.measure]

    def result(self) -> Comparison:
        """All of it."""
        settings, mean = self.runs.settings, self._quantity("mean")
        reduced = (
            "mean" in self._statistics
            and self.sample.replications > 1
            and self.sample.is_mean(mean)
        )
        return Comparison(
            run=settings.id,
            seed=settings.seed,
            first=self.first,
            second=self.second,
            measure=self.measure,
            unit=MEASURES[self.measure].unit,
            cohort=self.cohort,
            replications=self.sample.replications,
            rows=(
                *self._mix(),
                *self._by_set(),
                *self._by_service(),
                *self._by_channel(),
                *self._by_cohort(),
            ),
            effects=self._effects(),
            changes=self._changes(),
            matched=self._matched(),
            parts=self._parts(),
            reduction=variance_reduction(*(self.sample.values(mean, name) for name in self.both))
            if reduced
            else None,
            posts={name: settings.about["posts"][name] for name in self.both},
            open_cases=self.open_cases,
            loads=self.loads,
            growth=self._growth,
            left_out=self.sample.left_out(mean),
            warnings=self.warnings(),
            day=self.day,
            matters=self.matters,
        )

    @cached_property
    def _statistics(self) -> tuple[str, ...]:
        return tuple(each for each in STATISTICS if each in MEASURES[self.measure].statistics)

    def _quantity(self, statistic: str, scope: str = MIX, cohort: str | None = None) -> Quantity:
        return Quantity(self.measure, statistic, scope, cohort or self.cohort)

    @cached_property
    def _growth(self) -> dict[str, Estimate]:
        return {
            name: backlog_growth(self.sample, name, each)
            for name, each in self.organisations.items()
        }

    def warnings(self) -> tuple[Qualification, ...]:
        """What makes the numbers say less than they seem to, the most serious first."""
        mean, both = self._quantity("mean"), f"{self.first} to {self.second}"
        names = {"first": self.first, "last": self.second}
        told = moved(*self.both, {name: self._ends(name) for name in self.both}, self.margin)
        for name, cases in self.open_cases.items():
            told += self._of_whom(name, cases)
        told += [
            overloaded(name, (), load, self._growth[name])
            for name, load in self.loads.items()
            if not load.stable
        ]
        if left_out := self.sample.left_out(mean):
            told.append(Qualification("left_out_of_the_mix", both, names={"services": left_out}))
        if self.both not in self.sample.pairs:
            told.append(Qualification("not_matched", both, names=names))
        posts = {name: self.runs.settings.about["posts"][name] for name in self.both}
        if len({*posts.values()}) > 1:
            told.append(Qualification("unequal_posts", both, {"posts": posts}))
        return ordered(told)

    def _ends(self, name: str) -> dict[str, float]:
        return shares_of_ends(self.sample, name, MIX, self.cohort)

    def _of_whom(self, name: str, cases: OpenCases) -> list[Qualification]:
        told = []
        if MEASURES[self.measure].cap is not None:
            tau, unit = (
                self.sample.index.tau(self.measure, self.cohort),
                MEASURES[self.measure].unit,
            )
            told = of_whom(name, self._ends(name), tau, unit, 0.0)
        if cases.services:
            numbers = {"open": cases.share, "services": dict(cases.services)}
            told.append(Qualification("no_answer_by_service", name, numbers))
        return told

    # ------------------------------------------------------------------------------------ estimands

    def _theta(self, quantity: Quantity, configuration: str) -> Pooled:
        """What is estimated, as a function of the replications' weights."""
        return estimand(self.sample, quantity, configuration)

    def _row(self, kind: str, name: str, quantity: Quantity) -> Row:
        before, after = (level(self.sample, quantity, each) for each in self.both)
        changed = change(self.sample, quantity, *self.both)
        in_percent = self._percent(lambda: percent(self.sample, quantity, *self.both))
        return Row(kind, name, quantity.statistic, before, after, changed, in_percent)

    def _pooled_row(self, kind: str, name: str, statistic: str, thetas: Sequence[Pooled]) -> Row:
        (first, second), number = thetas, self.sample.replications
        found = (of_pooled(each, number, "plain") for each in (first, second, less(second, first)))
        before, after, changed = found
        in_percent = self._percent(lambda: of_pooled_percent_change(second, first, number))
        return Row(kind, name, statistic, before, after, changed, in_percent)

    def _percent(self, made: Callable[[], Estimate]) -> Estimate:
        """A change in percent; refused where a level depends on how long the run lasts."""
        unstable = [name for name, each in self.loads.items() if not each.stable]
        if unstable and MEASURES[self.measure].unit != "share":
            why = f"no percentage: queues of {', '.join(unstable)} cannot settle"
            return Estimate(None, None, None, self.sample.replications, why)
        return made()

    # ----------------------------------------------------------------------------------------- rows

    def _mix(self) -> tuple[Row, ...]:
        rows = [self._row("mix", MIX, self._quantity(each)) for each in self._statistics]
        return tuple(self._judged(row, row.change) for row in rows)

    def _by_set(self) -> tuple[Row, ...]:
        return self._table(
            "set", {each: (each, self.cohort) for each in self.sample.index.mixes if each != MIX}
        )

    def _by_service(self) -> tuple[Row, ...]:
        return self._table("service", {each: (each, self.cohort) for each in self.services})

    def _by_cohort(self) -> tuple[Row, ...]:
        others = [each for each in self.sample.index.cohorts if each != self.cohort]
        return self._table("cohort", {each: (MIX, each) for each in others})

    def _table(self, kind: str, scopes: Mapping[str, tuple[str, str]]) -> tuple[Row, ...]:
        """Rows of several scopes, and the changes of those statistics that somebody gains
        or loses by, all at once.
        """
        asked = [
            (name, self._quantity(each, *of))
            for name, of in scopes.items()
            for each in self._statistics
        ]
        rows = [self._row(kind, name, quantity) for name, quantity in asked]
        judged = [
            k
            for k, row in enumerate(rows)
            if row.statistic in JUDGED and row.change.value is not None
        ]
        members = {k: self._change(asked[k][1]) for k in judged}
        return self._together(rows, members)

    def _by_channel(self) -> tuple[Row, ...]:
        """Means by attribute value, which are pooled over services."""
        rows, members = [], {}
        for k, name in enumerate(self.channels.names):
            both = [self.channels.pooled(name, each) for each in self.both]
            rows.append(self._pooled_row("channel", name, "mean", both))
            if rows[-1].change.value is not None:
                members[k] = prepared(less(both[1], both[0]), self.sample.replications, "plain")
        return self._together(rows, members)

    def _change(self, quantity: Quantity) -> Prepared:
        before, after = (self._theta(quantity, name) for name in self.both)
        levels = at_once(before, self.sample), at_once(after, self.sample)
        never = unseen.of_change(self.sample, quantity, self.both, levels)
        return prepared(less(after, before), self.sample.replications, "plain", never)

    def _together(self, rows: Sequence[Row], members: Mapping[int, Prepared]) -> tuple[Row, ...]:
        """The rows, those with an estimand judged by intervals that hold for all
        of them at once.
        """
        if not members or self.sample.replications < 2:
            return tuple(rows)
        found = dict(zip(members, jointly([*members.values()]), strict=True))
        return tuple(
            self._judged(row, found[k], found[k]) if k in found else row
            for k, row in enumerate(rows)
        )

    def _judged(self, row: Row, interval: Estimate, together: Estimate | None = None) -> Row:
        """The row with its verdict: beyond chance, and by at least the smallest that matters."""
        level = row.before.value
        statistic = "mean" if row.kind == "channel" else row.statistic
        scope = row.name if row.kind in ("mix", "set", "service") else MIX
        quantity = self._quantity(statistic, scope, row.name if row.kind == "cohort" else None)
        least = smallest(
            quantity, self.sample, math.nan if level is None else level, self.matters, self.day
        )
        least /= 100.0 if self.sample.unit(quantity) == "share" else 1.0
        verdict = {1.0: GAINS, -1.0: LOSES}.get(self.sign * beyond(interval, least), "")
        return replace(row, together=together, verdict=verdict)

    # -------------------------------------------------------------------------------- distributions

    def _effects(self) -> Curve | None:
        """Quantiles in the second less those in the first."""
        quantity = self._quantity("p90")
        if "p90" not in self._statistics or self.sample.is_mean(quantity):
            return None
        curves = [self.sample.quantiles(quantity, each, LEVELS) for each in self.both]
        return self._curve(less(curves[1], curves[0]), MEASURES[self.measure].unit)

    def _changes(self) -> Curve | None:
        """Quantiles of the change of the same applicants."""
        if self.both not in self.sample.pairs:
            return None
        return self._curve(
            self.sample.change_quantiles(*self.both, LEVELS, MIX, self.cohort), "clock days"
        )

    def _curve(self, theta: Callable[[Floats], Floats], unit: str) -> Curve | None:
        value = theta(np.ones((1, self.sample.replications)))[0]
        known = np.flatnonzero(np.isfinite(value))
        if not len(known):
            return None
        low, high = np.full((2, len(LEVELS)), np.nan)
        method = ""
        if self.sample.replications > 1:
            found = band(lambda weights: theta(weights)[:, known], self.sample.replications)
            low[known], high[known], method = found.low, found.high, found.method
        return Curve(
            LEVELS, _plain(value), _plain(low), _plain(high), unit, self.sample.replications, method
        )

    def _matched(self) -> dict[str, SameApplicants]:
        if self.both not in self.sample.pairs:
            return {}
        found = {}
        for scope in (MIX, *self.services):
            applicants = float(self.sample.applicants(*self.both, scope, self.cohort).mean())
            if applicants:
                least = of_applicants(self.sample, self.first, scope, self.cohort, self.matters)
                slower, equal, faster = self._shares(scope, least)
                any_slower, _, any_faster = self._shares(scope, 0.0)
                found[scope] = SameApplicants(
                    slower, equal, faster, applicants, any_slower, any_faster
                )
        return found

    def _shares(self, scope: str, least: Floats | float) -> tuple[Estimate, Estimate, Estimate]:
        thetas = self.sample.changes(*self.both, scope, self.cohort, least)
        slower, equal, faster = (
            of_pooled(each, self.sample.replications, "logit") for each in thetas
        )
        return slower, equal, faster

    # ----------------------------------------------------------------------------- beside the times

    def _parts(self) -> tuple[Part, ...]:
        if self.measure not in (WORKING, CLOCK):
            return ()
        quantities = {part: Quantity(f"part_{part}", "mean", MIX, self.cohort) for part in PARTS}
        parts = []
        for name, each in quantities.items():
            before, after = (level(self.sample, each, of) for of in self.both)
            parts.append(Part(name, before, after, change(self.sample, each, *self.both)))
        return tuple(parts)

    def _open(self, configuration: str) -> OpenCases:
        """Of the services of the mix."""
        weighed = [
            name
            for name in self.services
            if self.sample.stated(MIX)[self.sample.index.services.index(name)] > 0
        ]

        def number(what: str, service: str) -> float:
            return float(
                self.sample.values(
                    Quantity(what, "count", service, self.cohort), configuration
                ).mean()
            )

        counted, still, left = (
            {name: number(what, name) for name in weighed}
            for what in ("counted", "open", "withdrawn")
        )
        shares = {
            name: still[name] / counted[name]
            for name in weighed
            if still[name] > OPEN * counted[name]
        }
        filed, waiting, gone = (math.fsum(part.values()) for part in (counted, still, left))
        return OpenCases(filed, waiting, gone, shares)


def _plain(values: Floats) -> tuple[float | None, ...]:
    return tuple(
        float(each) if math.isfinite(each) else None
        for each in np.asarray(values, dtype=np.float64)
    )
