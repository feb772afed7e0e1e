"""All that a report is made of, read once: the run, its sample, scenario and studies.

The studies are those beside the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from govsim.arrays import Floats
from govsim.display.numbers import SHORT, Number
from govsim.display.words import Words
from govsim.errors import ScenarioError
from govsim.evidence.claims.judge import Verdicts, claims
from govsim.evidence.comparison.study import warnings_of
from govsim.evidence.estimates import backlog_growth, change, less, level, percent
from govsim.evidence.matters import smallest, stated
from govsim.evidence.qualification.record import Qualification, ordered
from govsim.evidence.quantity import Quantity, headline_unit
from govsim.evidence.sample.replications import Sample, remembered
from govsim.evidence.settling import UNSETTLED, configured, foreseen, unstable_pools
from govsim.evidence.study import kept
from govsim.evidence.summary.study import summary_of
from govsim.measures.catalogue import CYCLE_TIME, MIX
from govsim.organisation.configure import configurations, configure, unknowns
from govsim.organisation.load import reread
from govsim.organisation.names import called
from govsim.organisation.nouns import Organisation
from govsim.report.maps import Map, maps, touches
from govsim.scenario import Scenario
from govsim.scenario.units import WORKING_DAYS
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import Band, Scale, band, family, of_pooled
from govsim.statistics.resample import Pooled
from govsim.store import StoredRuns

Study = TypeVar("Study")
JUDGED = ("mean", "p90")  # statistics by which a service gains or loses
PROCESS = "process_only"


def in_percent(after: Pooled, before: Pooled) -> Pooled:
    """A change in percent; NaN where there is nothing to compare with."""

    def theta(weights: Floats) -> Floats:
        was = before(weights)
        ratio = np.divide(after(weights), was, out=np.full(len(weights), np.nan), where=was > 0)
        changed: Floats = 100.0 * (ratio - 1.0)
        return changed

    return theta


class Material:
    """The numbers of a run, each computed once whatever the language.

    They are of the configurations `first`, `last` and, where it is there, `middle`. `middle` is
    `process_only`, what needs no merger, where there is any such measure.
    """

    def __init__(self, runs: StoredRuns) -> None:
        self.runs = runs
        self.settings = runs.settings
        self.about: Mapping[str, Any] = runs.settings.about
        self.sample = Sample.of(runs)
        self.configurations = self.sample.configurations
        self.first, self.last = self.configurations[0], self.configurations[-1]
        self.services: tuple[str, ...] = tuple(self.about["services"])
        self.replications = self.sample.replications
        self._made: dict[Any, Number] = {}
        self._families: dict[Any, dict[Any, Number]] = {}
        self._curves: dict[Any, Callable[[Floats], Floats]] = {}
        self._bands: dict[Any, Band] = {}
        self.scenario, self.trouble = _scenario(runs)
        levers = configurations(self.scenario).get(PROCESS) if self.scenario else None
        self.middle = PROCESS if PROCESS in self.configurations[1:-1] and levers != () else None

    @property
    def compares(self) -> bool:
        """Whether there is anything to compare."""
        return self.first != self.last

    @property
    def folder(self) -> str:
        """What a command calls this run."""
        return str(self.runs.folder) if self.runs.folder else self.settings.id

    def command(self, study: str) -> str:
        """The command that makes a study of this run.

        Of one that is in memory only, what to do in Python.
        """
        return (
            f"govsim {study} {self.folder}"
            if self.runs.folder
            else f'runs = gs.run(..., out="runs"); gs.{study}(runs)'
        )

    @cached_property
    def cohort(self) -> str:
        """The cohort that every command answers for."""
        return str(self.runs.settings.about["headline"]["cohort"])

    @cached_property
    def unit(self) -> str:
        """The unit in which every command tells how long cases take."""
        return headline_unit(self.about)

    @cached_property
    def time(self) -> str:
        """The measure of how long cases take, in that unit."""
        return CYCLE_TIME[self.unit]

    @cached_property
    def tree(self) -> Mapping[str, Any]:
        """The scenario file, expanded; empty where it cannot be read."""
        return self.scenario.tree if self.scenario else {}

    @cached_property
    def bundles(self) -> tuple[str, ...] | None:
        """The bundles of levers among which a change can be divided.

        None where the scenario cannot be read.
        """
        levers = (self.tree.get("reform") or {}).items()
        found = dict.fromkeys(
            spec.get("bundle", name)
            for name, spec in levers
            if spec["kind"] in ("merger", "process")
        )
        return tuple(found) if self.scenario else None

    @cached_property
    def uncertain(self) -> bool:
        """Whether any number has a range, as far as can be known."""
        return self.scenario is None or bool(unknowns(self.scenario))

    @property
    def claims(self) -> Mapping[str, Any]:
        """The claims that the file declares."""
        return self.tree.get("claims") or {}

    def called(self, kind: str, name: str, words: Words) -> str:
        """What the scenario calls a thing of a kind, a section of the file or a key of `names`."""
        return called(self.tree, kind, name, words.lang)

    def study(self, name: str, read: Callable[[Mapping[str, Any]], Study]) -> Study | None:
        """The result of a study that lies in the run's folder, read from its JSON file.

        None where it was not made. Raises StoreError where the file is damaged, or of another
        version.
        """
        return kept(self.runs.folder, name, read)

    @cached_property
    def verdicts(self) -> Verdicts | None:
        """The verdicts of the claims; None where the scenario cannot be read."""
        return claims(self.runs, self.scenario, self.sample) if self.scenario else None

    @cached_property
    def warnings(self) -> tuple[Qualification, ...]:
        """What the screens of the run, and of its comparison, warn of: once each."""
        told: list[Qualification] = []
        if self.compares:
            told += warnings_of(self.runs, self.sample, self.first, self.last, self.cohort)
        told += summary_of(self.runs, self.cohort, sample=self.sample).warnings
        once: dict[tuple[str, str], Qualification] = {}
        for each in told:
            once.setdefault((each.key, each.qualifies), each)
        return ordered(once.values())

    @cached_property
    def foreseen(self) -> tuple[Qualification, ...]:
        """What the loads of the run's configurations warn of, before anything is simulated."""
        found = foreseen(self.scenario, self.shown) if self.scenario else ()
        return ordered(each for load in found for each in load.warnings)

    # -------------------------------------------------------------------------------- organisations

    @cached_property
    def organisations(self) -> tuple[Organisation, Organisation]:
        """The first configuration's organisation and the last one's,
        both from the reform day on.
        """
        first, last = (
            configure(self.scenario, name, self.settings.variant).regimes[1]
            for name in (self.first, self.last)
        )
        return first, last

    @cached_property
    def levers_on(self) -> tuple[str, ...]:
        """The levers of the last configuration."""
        return configure(self.scenario, self.last, self.settings.variant).levers

    @cached_property
    def alone(self) -> dict[str, Organisation]:
        """The organisation with each lever on by itself."""
        return {
            name: configure(self.scenario, [name], self.settings.variant).regimes[1]
            for name in self.tree.get("reform") or {}
        }

    @cached_property
    def maps(self) -> list[Map]:
        """The process maps of all services with applicants, those that change most first."""
        before, after = self.organisations
        return maps(
            before, after, {name: self.alone[name] for name in self.levers_on}, self.services
        )

    def posts(self, group: str) -> tuple[int, ...]:
        """A group's posts in the first configuration and in the last one."""
        found = tuple(each.staff[group].members for each in self.organisations)
        return found if self.compares else found[:1]

    def touched(self, lever: str) -> int:
        """Of how many services with applicants the lever, by itself, changes anything."""
        none = configure(self.scenario, "before", self.settings.variant).regimes[1]
        return sum(touches(none, self.alone[lever], service) for service in self.services)

    # -------------------------------------------------------------------------- what cannot be told

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The configurations of pictures: first, middle, last."""
        return tuple(dict.fromkeys(name for name in (self.first, self.middle, self.last) if name))

    @cached_property
    def unstable(self) -> dict[str, tuple[str, Number]]:
        """Configurations to which more work comes than their staff can do: whose queues,
        and how fast the backlog grows.
        """
        found = {}
        pools = unstable_pools(self.runs, self.sample, self.shown, self.scenario)
        for name, each in configured(self.runs, list(pools), self.scenario).items():
            groups = [one for pool in pools[name] for one in pool.names]
            found[name] = (
                ", ".join(groups),
                Number(backlog_growth(self.sample, name, each), "cases per month"),
            )
        return found

    # -------------------------------------------------------------------------------------- numbers

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of staff."""
        return self.sample.index.groups

    def worked(self, configuration: str) -> dict[str, Number]:
        """The share of its time on duty that each group worked, in percent."""
        thetas = {group: self.sample.group(group, configuration) for group in self.groups}
        found = self.together(("worked", configuration), thetas, "%", "logit")
        idle = Number(Estimate(None, None, None, self.replications, "nobody on duty"), "%")
        return {group: number if number.known else idle for group, number in found.items()}

    def quantity(
        self,
        measure: str = "",
        statistic: str = "mean",
        scope: str = MIX,
        cohort: str | None = None,
    ) -> Quantity:
        """A quantity of the report's cohort."""
        return Quantity(measure or self.time, statistic, scope, cohort or self.cohort)

    def level(self, quantity: Quantity, configuration: str) -> Number:
        """A quantity in one configuration."""
        key = ("level", quantity, configuration)
        if key not in self._made:
            self._made[key] = self._shown(
                quantity,
                Number(level(self.sample, quantity, configuration), self.sample.unit(quantity)),
            )
        return self._made[key]

    def change(self, quantity: Quantity, first: str, second: str) -> Number:
        """The quantity in `second` less that in `first`; of shares in percentage points."""
        key = ("change", quantity, first, second)
        if key not in self._made:
            found = self._shown(
                quantity,
                Number(change(self.sample, quantity, first, second), self.sample.unit(quantity)),
            )
            found = replace(found, unit="points") if found.unit == "%" else found
            self._made[key] = replace(found, least=self._least(quantity, first))
        return self._made[key]

    def percent(self, quantity: Quantity, first: str, second: str) -> Number:
        """The same change in percent of the level in `first`."""
        key = ("percent", quantity, first, second)
        if key not in self._made:
            made = (
                self._refused
                if {first, second} & self.unstable.keys()
                else percent(self.sample, quantity, first, second)
            )
            self._made[key] = Number(made, "%")
        return self._made[key]

    @property
    def _refused(self) -> Estimate:
        return Estimate(None, None, None, self.replications, UNSETTLED)

    # Rows of one table: their intervals hold for all of them at once,
    # and take a tenth of the time of one by one.

    def levels(self, quantities: Mapping[Any, Quantity], configuration: str) -> dict[Any, Number]:
        """Some quantities in one configuration."""
        return self._rows("levels", quantities, (configuration,), lambda each: each)

    def changes(
        self, quantities: Mapping[Any, Quantity], first: str, second: str
    ) -> dict[Any, Number]:
        """Their changes from `first` to `second`, with what is the smallest that matters."""
        found = self._rows("changes", quantities, (second, first), less)
        return {
            key: replace(number, least=self._least(quantities[key], first))
            for key, number in found.items()
        }

    def _least(self, quantity: Quantity, first: str) -> float:
        """The smallest change that matters, in the unit that a reader expects."""
        level = float(self.theta(quantity, first)(np.ones((1, self.replications)))[0])
        day = self.about.get("day")
        least = smallest(quantity, self.sample, level, stated(self.tree), day)
        return least if self.sample.unit(quantity) == "share" else self._times(quantity) * least

    def _times(self, quantity: Quantity) -> float:
        number = Number(Estimate(1.0, None, None, 0), self.sample.unit(quantity))
        return self._shown(quantity, number).value or 1.0

    def percents(
        self, quantities: Mapping[Any, Quantity], first: str, second: str
    ) -> dict[Any, Number]:
        """The same in percent.

        Refused where queues cannot settle, because it would depend on the horizon.
        """
        if {first, second} & self.unstable.keys():
            return dict.fromkeys(quantities, Number(self._refused, "%"))
        return self._rows("percents", quantities, (second, first), in_percent, "%")

    def _rows(
        self,
        what: str,
        quantities: Mapping[Any, Quantity],
        names: tuple[str, ...],
        made: Callable[..., Pooled],
        unit: str = "",
    ) -> dict[Any, Number]:
        thetas = {
            key: made(*(self.theta(each, name) for name in names))
            for key, each in quantities.items()
        }
        found = self.together((what, tuple(quantities.items()), names), thetas, "")
        if unit:
            return {key: replace(number, unit=unit) for key, number in found.items()}
        return {
            key: self._shown(each, Number(found[key].estimate, self.sample.unit(each)))
            for key, each in quantities.items()
        }

    def theta(self, quantity: Quantity, configuration: str) -> Pooled:
        """A quantity as a function of the replications' weights."""
        if self.sample.is_mean(quantity):
            values = self.sample.values(quantity, configuration)
            return lambda weights: weights @ values / weights.sum(axis=1)
        return self.sample.pooled(quantity, configuration)

    def together(
        self, key: Any, thetas: Mapping[Any, Pooled], unit: str, scale: Scale = "plain"
    ) -> dict[Any, Number]:
        """Functions of the replications' weights, their intervals for all at once,
        remembered by `key`; shares in percent.
        """
        if key not in self._families:
            found = (
                family(list(thetas.values()), self.replications, scales=[scale] * len(thetas))
                if thetas
                else ()
            )
            found = tuple(each.times(100.0) for each in found) if scale == "logit" else found
            self._families[key] = {
                name: Number(each, unit) for name, each in zip(thetas, found, strict=True)
            }
        return self._families[key]

    @property
    def by_service(self) -> dict[tuple[str, str], Quantity]:
        """(service, statistic) -> the quantity by which a service gains or loses."""
        return {
            (service, statistic): self.quantity(statistic=statistic, scope=service)
            for statistic in JUDGED
            for service in self.services
        }

    def pooled(self, theta: Pooled, unit: str, key: Any, scale: Scale = "plain") -> Number:
        """Any other function of the replications' weights, remembered by `key`."""
        if key not in self._made:
            self._made[key] = Number(of_pooled(theta, self.replications, scale), unit)
        return self._made[key]

    def quantiles(
        self, configuration: str, levels: tuple[float, ...]
    ) -> Callable[[Floats], Floats]:
        """The quantile curve of the mix."""
        quantity = self.quantity(statistic="p90")
        return self._once(
            ("quantiles", configuration, levels),
            lambda: self.sample.quantiles(quantity, configuration, levels),
        )

    def path(self, kind: str, configuration: str) -> Callable[[Floats], Floats]:
        """The mean path of the mix by week."""
        return self._once(
            ("path", kind, configuration), lambda: self.sample.path(kind, MIX, configuration)
        )

    def _once(
        self, key: Any, made: Callable[[], Callable[[Floats], Floats]]
    ) -> Callable[[Floats], Floats]:
        if key not in self._curves:
            self._curves[key] = remembered(made())
        return self._curves[key]

    def band(self, key: Any, curve: Callable[[Floats], Floats]) -> Band:
        """The band of a curve, remembered by `key`."""
        if key not in self._bands:
            self._bands[key] = band(curve, self.replications)
        return self._bands[key]

    def _shown(self, quantity: Quantity, number: Number) -> Number:
        """In the unit that a reader expects: shares in percent,
        short times in minutes of opening hours.
        """
        if number.unit == "share":
            return Number(number.estimate.times(100.0), "%")
        if number.unit == WORKING_DAYS and self.minutes:
            return Number(number.estimate.times(self.minutes), "opening minutes")
        return number

    @cached_property
    def minutes(self) -> float | None:
        """Minutes of a working day, where the times of this run are so short
        that they are told in minutes.
        """
        day = self.about.get("day")
        first = level(self.sample, self.quantity(), self.first).value
        short = self.unit == WORKING_DAYS and first is not None and first < SHORT
        return float(day) if day and short else None


def _scenario(runs: StoredRuns) -> tuple[Scenario | None, str]:
    """The scenario as it was when the run was made, or why it cannot be read."""
    made = runs.settings
    try:
        return reread(made.scenario, made.text, made.scenario_hash), ""
    except (ScenarioError, OSError) as error:
        return None, str(error)


# ---------------------------------------------------------------------------- whose cases, in words


def cohort_name(material: Material, words: Words, cohort: str | None = None) -> str:
    """Whose filings are meant, with their days."""
    cohort = cohort or material.cohort
    days = ((material.tree.get("experiment") or {}).get("cohorts") or {}).get(cohort)
    if not days:
        return words("cohort_counted")
    first, _, last = str(days).partition("..")
    return words("cohort", first=first, last=last or first)


def scope_name(material: Material, words: Words, scope: str) -> str:
    """What a mix or a service is called."""
    names, mix = material.about["service_names"], material.about["headline"].get("mix")
    if scope in (material.tree.get("service_sets") or {}):
        return material.called("service_sets", scope, words)
    if scope != MIX:
        return words.text(names.get(scope), scope)
    if not mix:
        return words("mix")
    return words("mix_named", services=words.listed([words.text(names.get(s), s) for s in mix]))
