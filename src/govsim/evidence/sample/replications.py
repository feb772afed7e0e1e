"""A run as a statistician sees it: one array per quantity, the replication first.

Every estimand is offered as a function of weights of the replications, [B, R] -> [B]: unit weights
give the estimate, leaving one replication out the jackknife, drawn weights the bootstrap. So
intervals know nothing of offices, and measures nothing of intervals.

A mix compares the same services everywhere: one that lacks a completed case in some configuration,
in all replications together, is left out of all of them (`left_out` names it), and the others keep
their proportions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints
from govsim.errors import NameNotFound, StoreError
from govsim.evidence.quantity import COUNTED, Quantity, population
from govsim.evidence.sample.binned import (
    Binned,
    Entries,
    entries_of,
    near,
    quantiles_of,
    shares_of,
)
from govsim.measures import MEASURES, MeasureIndex
from govsim.measures.catalogue import LARGEST, MINUTES_PER_UNIT, MIX, clock_tau, working_tau
from govsim.measures.matched import OTHERS
from govsim.measures.sketch import less
from govsim.scenario.units import CALENDAR_DAYS
from govsim.statistics.resample import Pooled
from govsim.store import StoredRuns

Arrays = Mapping[str, NDArray[Any]]
MATCHED = ("change", "ends")  # what is kept of the applicants in two configurations

BY_SERVICE = ("counted", "backlog")  # kept as numbers, without a distribution


class Sample:
    """The replications of a run, by configuration. KeyError names what is not in them."""

    def __init__(
        self,
        index: MeasureIndex,
        configurations: Sequence[str],
        replications: Iterable[Arrays],
        pairs: Iterable[Sequence[str]] = (),
        paired: Iterable[str] = (),
    ) -> None:
        self.index = index
        self.paired = frozenset(paired)
        self.configurations = tuple(configurations)
        self.pairs = tuple((first, second) for first, second in pairs)
        self._held: dict[str, list[NDArray[Any]]] = {}
        # distributions of everybody, from which those of a part are made when they are asked for
        self._whole: dict[str, list[NDArray[Any]]] = {}
        self.replications = 0
        scopes = len(index.mixes) + len(index.services)
        for arrays in replications:
            self.replications += 1
            for name, each in arrays.items():
                part = each[:, :scopes].copy() if name.endswith("/values") else _short(each)
                self._held.setdefault(name, []).append(part)
        self._cached: dict[Any, Any] = {}

    @classmethod
    def of(cls, runs: StoredRuns, names: Collection[str] | None = None) -> Sample:
        """The sample of a run, or what it holds by some names of a configuration or pair;
        StoreError where it holds no replication.
        """
        sample = cls(
            runs.index,
            runs.configurations,
            (
                {key: each for key, each in arrays.items() if _named(key, names)}
                for _, arrays in runs.arrays()
            ),
            runs.settings.about["pairs"],
            runs.settings.about["paired"],
        )
        if not sample.replications:
            raise StoreError(
                f"{runs.settings.id}: holds no replication yet; continue with: govsim resume "
                f"{runs.folder}"
            )
        return sample

    def once(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What is made of this sample under a key, made at the first asking only."""
        if key not in self._cached:
            self._cached[key] = make()
        return self._cached[key]

    def forget(self) -> None:
        """Let go of everything: what is worked out holds the sample that holds it,
        and the memory of many would pile up.
        """
        self._held.clear()
        self._whole.clear()
        self._cached.clear()

    def forget_pooled(self, quantity: Quantity) -> None:
        """Let go of what was worked out of one quantity."""
        for name in self.configurations:
            self._cached.pop((quantity, name), None)

    # -------------------------------------------------------------------------------------- numbers

    def unit(self, quantity: Quantity) -> str:
        """What the quantity is counted in."""
        return MEASURES[quantity.measure].unit_of(quantity.statistic)

    def values(self, quantity: Quantity, configuration: str) -> Floats:
        """One number per replication [R]; NaN where a replication had no case."""
        if quantity.measure in ("wait", "utilisation", "backlog"):
            each = self.pooled(quantity, configuration)
            return each(np.eye(self.replications))
        held = self.stack(configuration, "values")
        if self.index.keeps(quantity.scope):
            place = self.index.place(
                quantity.measure, quantity.statistic, str(quantity.scope), quantity.cohort
            )
            return np.ascontiguousarray(held[(slice(None), *place)])
        row, _, cohort = self.index.place(
            quantity.measure, quantity.statistic, MIX, quantity.cohort
        )
        weights = self.weights(quantity)
        some = np.flatnonzero(weights)
        by_service = held[:, row, len(self.index.mixes) :, cohort][:, some]
        counts = quantity.statistic == "count"
        mixed: Floats = (
            by_service.sum(axis=1) if counts else by_service @ (weights[some] / weights.sum())
        )
        return mixed

    def is_mean(self, quantity: Quantity) -> bool:
        """Whether the estimand is the mean over replications of `values`: no quantile, no share,
        and nothing missing.
        """
        if quantity.measure in ("wait", "utilisation", "backlog"):
            return False
        if quantity.statistic in ("count",) or MEASURES[quantity.measure].per == "month":
            return True
        if quantity.level is not None:
            return not all(self._has_sketch(quantity.measure, each) for each in self.configurations)
        return not quantity.statistic.startswith("share") and self.complete(quantity)

    def complete(self, quantity: Quantity) -> bool:
        """Whether every service of the quantity has a case in every replication
        of every configuration.
        """
        some = np.flatnonzero(self.weights(quantity))
        return not self.left_out(quantity) and all(
            (self._numbers(quantity, each)[:, some] > 0).all() for each in self.configurations
        )

    def pooled(self, quantity: Quantity, configuration: str) -> Pooled:
        """The quantity over all replications together, as a function of their weights [B,
        R] -> [B]; NaN without a case.
        """
        if configuration not in self.configurations:
            raise NameNotFound(
                f"no configuration {configuration!r} in this run; there are "
                f"{', '.join(self.configurations)}"
            )
        key = (quantity, configuration)
        if key not in self._cached:
            self._cached[key] = remembered(self._pooled(quantity, configuration))
        made: Pooled = self._cached[key]
        return made

    def _pooled(self, quantity: Quantity, configuration: str) -> Pooled:
        if quantity.measure == "utilisation":
            return _ratio(
                self.stack(configuration, "busy").sum(axis=1),
                self.stack(configuration, "duty").sum(axis=1),
            )
        if quantity.measure == "backlog":
            path = self.path("backlog", quantity.scope, configuration)
            return lambda weights: np.nanmean(path(weights), axis=1)
        if quantity.measure == "wait":
            return self._waits(quantity, configuration)
        if quantity.level is not None and self._has_sketch(quantity.measure, configuration):
            curve = self.quantiles(quantity, configuration, (quantity.level,))
            return lambda weights: curve(weights)[:, 0]
        if (
            quantity.level is not None
            or quantity.statistic == "count"
            or MEASURES[quantity.measure].per == "month"
        ):
            values = self.values(quantity, configuration)
            return _ratio(
                np.where(np.isnan(values), 0.0, values), np.where(np.isnan(values), 0.0, 1.0)
            )
        return self._means(quantity, configuration)

    # ----------------------------------------------------------------------------- means and shares

    def weights(self, quantity: Quantity) -> Floats:
        """How services weigh [service]: as stated, but nothing
        where some configuration has no case; one service weighs 1.
        """
        return np.where(self._there(quantity).all(axis=0), self.stated(quantity.scope), 0.0)

    def left_out(self, quantity: Quantity) -> tuple[str, ...]:
        """Services of the quantity that have a case for it in some configurations,
        but not in all.
        """
        there = self._there(quantity)[:, np.flatnonzero(self.stated(quantity.scope))]
        names = np.array(self.index.services)[np.flatnonzero(self.stated(quantity.scope))]
        return (
            tuple(map(str, names[there.any(axis=0) & ~there.all(axis=0)])) if len(names) > 1 else ()
        )

    def _there(self, quantity: Quantity) -> NDArray[np.bool_]:
        """Whether there is a case at all: [configuration, service];
        a service asked for by itself always counts as there.
        """
        key = ("there", quantity.measure, quantity.scope, quantity.cohort)
        if key not in self._cached:
            number = np.array(
                [self._numbers(quantity, each).sum(axis=0) for each in self.configurations]
            )
            alone = np.count_nonzero(self.stated(quantity.scope)) == 1
            self._cached[key] = np.full(number.shape, True) if alone else number > 0
        found: NDArray[np.bool_] = self._cached[key]
        return found

    def stated(self, scope: str | tuple[str, ...]) -> Floats:
        """How a mix, a service, or services weighted by their demand are stated
        to weigh [service].
        """
        return self.index.stated(scope)

    def _numbers(self, quantity: Quantity, configuration: str) -> Floats:
        """How many cases (tasks) the measure applies to: [R, service]."""
        row, _, cohort = self.index.place(
            population(quantity.measure), "count", MIX, quantity.cohort
        )
        held = self.stack(configuration, "values")[:, row, len(self.index.mixes) :, cohort]
        number: Floats = np.where(np.isnan(held), 0.0, held)
        return number

    def cases(self, quantity: Quantity, configuration: str) -> float:
        """How many cases (tasks) of all replications stand behind a quantity."""
        return float(self.cases_each(quantity, configuration).sum())

    def cases_each(self, quantity: Quantity, configuration: str) -> Floats:
        """The same by replication [R]."""
        services = np.flatnonzero(self.weights(quantity))
        number: Floats = self._numbers(quantity, configuration)[:, services].sum(axis=1)
        return number

    def _means(self, quantity: Quantity, configuration: str) -> Pooled:
        """Services' means over all their cases, weighted; a task weighs as much as its case."""
        row, _, cohort = self.index.place(
            quantity.measure, quantity.statistic, MIX, quantity.cohort
        )
        weights = self.weights(quantity)
        some = np.flatnonzero(weights)
        means = self.stack(configuration, "values")[:, row, len(self.index.mixes) :, cohort][
            :, some
        ]
        number = self._numbers(quantity, configuration)[:, some]
        total = np.where(number > 0, means, 0.0) * number
        cases = (
            self.stack(configuration, "counted")[:, some, cohort]
            if MEASURES[quantity.measure].per == "task"
            else number
        )
        return weighted(total, number, cases.astype(np.float64), weights[some])

    def _waits(self, quantity: Quantity, configuration: str) -> Pooled:
        desks = quantity.desks or ("*",)
        at = [
            k
            for k, name in enumerate(self.index.desks)
            if any(fnmatchcase(name, each) for each in desks)
        ]
        cohort = self.index.cohort(quantity.cohort)
        some = np.flatnonzero(self.stated(quantity.scope))
        total = self.stack(configuration, "wait_total")[:, at][:, :, some, cohort].sum(axis=1)
        cases = self.stack(configuration, "counted")[:, some, cohort].astype(np.float64)
        return weighted(total, cases, cases, self.stated(quantity.scope)[some])

    # -------------------------------------------------------------------------------- distributions

    def quantiles(
        self, quantity: Quantity, configuration: str, levels: Sequence[float]
    ) -> Callable[[Floats], Floats]:
        """The quantile curve of the pooled cases [B, R] -> [B, level].

        It is interpolated within a bin of the sketch.
        """
        wanted = np.asarray(levels)
        cases = self._cases(quantity, configuration)
        scale = self.weights(quantity)[np.flatnonzero(self.stated(quantity.scope))]
        middle = near(cases, scale, wanted)

        def curve(weights: Floats) -> Floats:
            if middle is None:
                return quantiles_of(self._binned(quantity, configuration), scale, weights, wanted)
            found = quantiles_of(middle.binned, scale, weights, wanted)
            outside = np.flatnonzero(((found <= middle.low) | (found >= middle.high)).any(axis=1))
            if len(outside):
                found[outside] = quantiles_of(
                    self._binned(quantity, configuration), scale, weights[outside], wanted
                )
            return found

        return curve

    def shares_at_most(
        self, quantity: Quantity, configuration: str, points: Floats
    ) -> Callable[[Floats], Floats]:
        """The share of everybody who filed at most at some points [B, R] -> [B, point]."""
        every = self._binned(quantity, configuration)
        scale = self.weights(quantity)[np.flatnonzero(self.stated(quantity.scope))]
        return lambda weights: shares_of(every, scale, weights, points)

    def limits(self, quantity: Quantity, configuration: str) -> Floats:
        """The upper ends of the bins that hold the pooled cases, increasing [bin]."""
        return self._cases(quantity, configuration).upper

    def _cases(self, quantity: Quantity, configuration: str) -> Entries:
        """The pooled cases of the services that the scope weighs, in the measure's unit."""
        key = ("cases", quantity.measure, quantity.scope, quantity.cohort, configuration)
        if key not in self._cached:
            services = np.flatnonzero(self.stated(quantity.scope))
            unit = MINUTES_PER_UNIT.get(MEASURES[quantity.measure].unit, 1.0)
            whole, others = self._sketches(quantity.measure, configuration)
            self._cached[key] = entries_of(
                whole, self.index, quantity.cohort, services, unit, self.tau(quantity), others
            )
        found: Entries = self._cached[key]
        return found

    def followed(self, cohort: str) -> float:
        """Minutes for which everybody who filed in a cohort is followed."""
        return self.index.followed[0][self.index.cohort(cohort)]

    def tau(self, quantity: Quantity) -> float | None:
        """The age at which a time is read, in its unit; None for what is not told by that age."""
        if MEASURES[quantity.measure].cap not in (clock_tau, working_tau):
            return None
        return self.index.tau(quantity.measure, quantity.cohort)

    def furthest(self, quantity: Quantity, configuration: str) -> float | None:
        """The time from which on nothing is known: tau, up to rounding; of lateness, where some
        were not over by then, just beyond the largest that was. None for what is no time, or is
        known of everybody.
        """
        tau = self.tau(quantity)
        if tau is not None:
            return tau * (1 - 1e-12)
        cases = self._cases(quantity, configuration) if MEASURES[quantity.measure].cap else None
        if cases is None or not len(cases.lower) or cases.lower[-1] < cases.upper[-1]:
            return None
        return float(cases.lower[-1]) or None  # the bin of exact zeros is as narrow

    def largest(self, quantity: Quantity) -> float:
        """The largest count, or most minutes, that one case of the quantity's services had in any
        configuration.
        """
        services = np.flatnonzero(self.stated(quantity.scope))
        waits = quantity.measure == "wait"
        rows = [
            k
            for k, name in enumerate(LARGEST)
            if name == quantity.measure or (waits and name.endswith("_wait"))
        ]
        seen = (self.stack(name, "largest")[:, rows] for name in self.configurations)
        return max(float(largest[:, :, services].max(initial=0.0)) for largest in seen)

    def restricted(self, first: str, second: str, whom: str) -> Sample | None:
        """The same for the applicants with the same answer in two configurations (`same`), or those
        who file in both (`both`); None where that is not kept.
        """
        key = ("restricted", first, second, whom)
        if key not in self._cached:
            pair = (first, second)
            self._cached[key] = self._part(
                pair, whom, [each for each in self.pairs if each == pair]
            )
        found: Sample | None = self._cached[key]
        return found

    def in_all(self, names: Sequence[str]) -> Sample | None:
        """The same for the applicants who file in all of some configurations; None where that is
        not kept, as everybody does.
        """
        key = ("in all", *names)
        if key not in self._cached:
            self._cached[key] = self._part(names, "all")
        found: Sample | None = self._cached[key]
        return found

    def _part(
        self, names: Sequence[str], whom: str, pairs: Sequence[tuple[str, str]] = ()
    ) -> Sample | None:
        """The sample of what was kept of some applicants by itself; None where nothing was."""
        prefix = f"{'>'.join(names)}/{whom}/"
        # taken out, because the part keeps them as it reads them
        held = {
            name.removeprefix(prefix): self._held.pop(name)
            for name in [*self._held]
            if name.startswith(prefix)
        }
        if not held:
            return None
        of = [name.replace(OTHERS, "") for name in held if f"/{OTHERS}" in name]
        matched = [f"{first}>{second}/{name}" for first, second in pairs for name in MATCHED]
        held |= {name: self._held[name] for name in matched}
        rows = (dict(zip(held, row, strict=True)) for row in zip(*held.values(), strict=True))
        sample = Sample(self.index.of(self.paired), names, rows, pairs)
        sample._whole = {name: self._held[name] for name in of}
        return sample

    def _binned(self, quantity: Quantity, configuration: str) -> Binned:
        """The same in all bins."""
        key = ("binned", quantity.measure, quantity.scope, quantity.cohort, configuration)
        if key not in self._cached:
            self._cached[key] = self._cases(quantity, configuration).binned()
        found: Binned = self._cached[key]
        return found

    def _has_sketch(self, measure: str, configuration: str) -> bool:
        return any(each.shape[1] for each in self._sketches(measure, configuration)[0])

    def sketches(self, name: str, configuration: str) -> list[Ints]:
        """The sketch of a measure (or of `open_age`) in each replication;
        none where the run does not hold it, or holds numbers by service by that name.
        """
        whole, others = self._sketches(name, configuration)
        return [*map(less, whole, others)] if others else [*whole]

    def _sketches(self, name: str, configuration: str) -> tuple[Sequence[Ints], Sequence[Ints]]:
        """The same as it is kept: of whom, and without whom of them."""
        key = f"{configuration}/{name}"
        if name in BY_SERVICE:
            return (), ()
        if key in self._whole:
            return self._whole[key], self._held[f"{configuration}/{OTHERS}{name}"]
        return self._held.get(key, ()), ()

    # ---------------------------------------------------------------------------------------- paths

    def path(
        self, kind: str, scope: str | tuple[str, ...], configuration: str
    ) -> Callable[[Floats], Floats]:
        """The mean path by week, [B, R] -> [B, week]: `backlog` in open cases,
        `cycle_time` in calendar days by week of filing.

        NaN in weeks that are not known. Cases weigh alike here:
        both configurations have the same applicants.
        """
        some = np.flatnonzero(self.stated(scope))
        if kind == "backlog":
            open_cases = self.stack(configuration, "backlog")[:, some].sum(axis=1)
            return _ratio(np.nan_to_num(open_cases), np.where(np.isnan(open_cases), 0.0, 1.0))
        days = self.stack(configuration, "weekly_days")[:, some].sum(axis=1)
        return _ratio(
            days, self.stack(configuration, "weekly_cases")[:, some].sum(axis=1).astype(np.float64)
        )

    # -------------------------------------------------------------------------- the same applicants

    def changes(
        self,
        first: str,
        second: str,
        scope: str | tuple[str, ...] = MIX,
        cohort: str = COUNTED,
        matters: Floats | float = 0.0,
    ) -> tuple[Pooled, Pooled, Pooled]:
        """Shares (slower, equal, faster) of the applicants with the same answer in both
        configurations. Who changes by less than `matters` (calendar days, of all or [service] of
        those that the scope weighs) is equal; by 0, to a minute.

        KeyError: no such pair.
        """
        if (first, second) not in self.pairs:
            there = ", ".join(f"{a} and {b}" for a, b in self.pairs) or "none"
            raise NameNotFound(
                f"applicants of {first} and {second} were not matched in this run; matched: {there}"
            )
        services, cases = self._changed(first, second, scope, cohort)
        least = np.broadcast_to(np.asarray(matters, dtype=np.float64), len(services))[:, None]
        change = np.sign(cases.lower + cases.upper)
        reached = np.maximum(np.abs(cases.lower), np.abs(cases.upper)) >= least
        column = np.where(reached, 1 - change, 1).astype(np.int64)
        signs = np.moveaxis(cases.counts(column, 3), 2, 0)
        number = signs.sum(axis=0)
        weights = self.stated(scope)[services]
        slower, equal, faster = (weighted(each, number, number, weights) for each in signs)
        return slower, equal, faster

    def change_quantiles(
        self,
        first: str,
        second: str,
        levels: Sequence[float],
        scope: str | tuple[str, ...] = MIX,
        cohort: str = COUNTED,
    ) -> Callable[[Floats], Floats]:
        """Quantiles of what the same applicants' cycle times change by, in calendar days: [B,
        R] -> [B, level].
        """
        services, cases = self._changed(first, second, scope, cohort)
        every, weights, wanted = cases.binned(), self.stated(scope)[services], np.asarray(levels)
        return lambda w: quantiles_of(every, weights, w, wanted)

    def ends(
        self, first: str, second: str, scope: str | tuple[str, ...] = MIX, cohort: str = COUNTED
    ) -> Floats:
        """Applicants by their ends in both configurations, the best end first: [R, service, 4, 4],
        of the services that the scope weighs.
        """
        services = np.flatnonzero(self.stated(scope))
        held = np.stack(self._held[f"{first}>{second}/ends"])
        table: Floats = held[:, services, self.index.cohort(cohort)].astype(np.float64)
        return table

    def filed(
        self, first: str, second: str, scope: str | tuple[str, ...] = MIX, cohort: str = COUNTED
    ) -> Floats:
        """Who filed in each of two configurations, matched or not: [R, service, 2]."""
        key = f"{first}>{second}/filed"
        if key not in self._held:  # these are the matched
            number = self.ends(first, second, scope, cohort).sum(axis=(2, 3))
            return np.stack([number, number], axis=2)
        services = np.flatnonzero(self.stated(scope))
        held = np.stack(self._held[key])
        told: Floats = held[:, services, self.index.cohort(cohort)].astype(np.float64)
        return told

    def shifted(
        self, first: str, second: str, scope: str | tuple[str, ...] = MIX, cohort: str = COUNTED
    ) -> tuple[float, float]:
        """Of the applicants in both: the share who file at another instant in the second, and how
        many minutes later these do on average.
        """
        held = self._held.get(f"{first}>{second}/shifted")
        if held is None:
            return 0.0, 0.0
        services, place = np.flatnonzero(self.stated(scope)), self.index.cohort(cohort)
        moved, minutes = np.stack(held)[:, services, place].sum(axis=0).T
        number = self.ends(first, second, scope, cohort).sum(axis=(0, 2, 3))
        weights = self.stated(scope)[services] / np.where(number > 0, number, 1.0)
        share = float(weights @ moved / (weights @ number or 1.0))
        return share, float(weights @ minutes / (weights @ moved or 1.0))

    def applicants(
        self, first: str, second: str, scope: str | tuple[str, ...] = MIX, cohort: str = COUNTED
    ) -> Floats:
        """How many applicants are matched, per replication [R]."""
        cases = self._changed(first, second, scope, cohort)[1]
        return np.bincount(cases.replication, cases.cases, minlength=cases.replications).astype(
            np.float64
        )

    def _changed(
        self, first: str, second: str, scope: str | tuple[str, ...], cohort: str
    ) -> tuple[Ints, Entries]:
        """The services, and what applicants' cycle times change by, in calendar days."""
        key = ("changed", first, second, scope, cohort)
        if key not in self._cached:
            services, held = (
                np.flatnonzero(self.stated(scope)),
                self._held[f"{first}>{second}/change"],
            )
            self._cached[key] = (
                services,
                entries_of(held, self.index, cohort, services, MINUTES_PER_UNIT[CALENDAR_DAYS]),
            )
        found: tuple[Ints, Entries] = self._cached[key]
        return found

    def group(self, name: str, configuration: str) -> Pooled:
        """Minutes worked / minutes on duty of a group of staff."""
        k = self.index.groups.index(name)
        busy, duty = (self.stack(configuration, each)[:, k] for each in ("busy", "duty"))
        return _ratio(np.nan_to_num(busy), duty)

    # ----------------------------------------------------------------------------------- the arrays

    def stack(self, configuration: str, name: str) -> NDArray[Any]:
        """One array of all replications, the replication first."""
        if configuration not in self.configurations:
            raise NameNotFound(
                f"no configuration {configuration!r} in this run; there are "
                f"{', '.join(self.configurations)}"
            )
        key = f"{configuration}/{name}"
        if key not in self._cached:
            self._cached[key] = np.stack(self._held[key])
            self._held[key] = list(self._cached[key])
        stacked: NDArray[Any] = self._cached[key]
        return stacked


def _short(numbers: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers in half the bytes, where they fit."""
    small = numbers.dtype == np.int64 and abs(numbers).max(initial=0) < 2**31
    return numbers.astype(np.int32) if small else numbers


def _named(key: str, names: Collection[str] | None) -> bool:
    return names is None or key.partition("/")[2] in names


def remembered(theta: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """The same function, which knows what it once worked out: levels,
    changes and percentages share their weights.
    """
    known: dict[tuple[Any, ...], Floats] = {}

    def again(weights: Floats) -> Floats:
        key = (weights.shape, hash(weights.tobytes()))
        if key not in known:
            known[key] = theta(weights)
        return known[key]

    return again


def _ratio(above: Floats, below: Floats) -> Callable[[Floats], Floats]:
    """Weighted sums over replications, one by the other: for [R] numbers, or [R, point] curves."""

    def theta(weights: Floats) -> Floats:
        number = weights @ below
        found: Floats = np.divide(
            weights @ above, number, out=np.full(number.shape, np.nan), where=number > 0
        )
        return found

    return theta


def weighted(total: Floats, number: Floats, cases: Floats, weights: Floats) -> Pooled:
    """Means of services [R, service] mixed: each weighs as stated, per case.

    One without a case weighs nothing.
    """

    def theta(w: Floats) -> Floats:
        count = w @ cases
        scale = np.divide(weights, count, out=np.zeros_like(count), where=count > 0)
        below = (scale * (w @ number)).sum(axis=1)
        found: Floats = np.divide(
            (scale * (w @ total)).sum(axis=1), below, out=np.full(len(w), np.nan), where=below > 0
        )
        return found

    return theta
