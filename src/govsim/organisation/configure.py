"""Configurations: a scenario with a set of levers on, parameters fixed to one world.

`before`, `after`, `process_only` and `merger_only` exist in every file: an announcement credits the
whole change to the merger, and the honest comparison has a column with everything that needed none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import chain, combinations
from pathlib import Path as File
from threading import Lock
from typing import Any

from govsim.errors import A_SCENARIO, NameNotFound, Problem, ScenarioError, needed
from govsim.organisation.calendars import Span
from govsim.organisation.demand import rates, refuse_flood, up_to_horizon
from govsim.organisation.edits import Place
from govsim.organisation.levers import Insert, Lever, Levers
from govsim.organisation.nouns import Configuration, Organisation
from govsim.organisation.parameters import Refused, Uncertain, Values, named, uncertain
from govsim.organisation.pieces import Pieces, Told
from govsim.organisation.read import Resolver
from govsim.organisation.regimes import together
from govsim.scenario.problems import Path, did_you_mean, where
from govsim.scenario.scenario import Scenario
from govsim.scenario.units import UnitError, dates

BUILT_IN = ("before", "after", "process_only", "merger_only")
MOST = 12  # levers that may touch one service's demand: 2**12 sets are looked through
World = Mapping[str, float]
Rates = tuple[float, ...]
# configurations with changes of their own, and what they set
Own = list[tuple[str, Mapping[str, Any]]]


def configure(
    scenario: Any,
    which: str | Collection[str] = "after",
    variant: str | None = None,
    world: World | None = None,
) -> Configuration:
    """The configuration of that name, or with those levers on; ScenarioError where it cannot be.

    `A+B-C` has the levers of A and of B without those of C; each is a configuration or a lever.
    `world` maps names of uncertain numbers to values in the file's unit;
    without it all are at their stated values.
    """
    needed(scenario, Scenario, A_SCENARIO)
    plan = plan_of(scenario)
    with plan.lock:
        return plan.configuration(which, variant, dict(world or {}))


def configurations(scenario: Any) -> dict[str, tuple[str, ...]]:
    """The names of all configurations, the built-in ones first, with the levers that are on."""
    plan = plan_of(scenario)
    return {name: plan.resolved(name)[0] for name in plan.names()}


def variants(scenario: Any) -> tuple[str, ...]:
    """The names of all variants."""
    return tuple(scenario.tree.get("variants") or ())


def services_of(tree: Mapping[str, Any], of: Any) -> tuple[str, ...]:
    """The services of a set, a service or a list; without one, those of the mix."""
    sets = tree.get("service_sets") or {}
    if of is None:
        experiment = tree.get("experiment") or {}
        mix = (experiment.get("headline") or {}).get("mix", experiment.get("mix"))
        return with_applicants(tree) if mix is None else services_of(tree, mix)
    listed = [of] if isinstance(of, str) else of
    return tuple(dict.fromkeys(service for name in listed for service in sets.get(name, [name])))


def with_applicants(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """All services that somebody files, in the mix or not: those that are not internal."""
    return tuple(name for name, each in tree["services"].items() if not each.get("internal"))


def unknowns(scenario: Any) -> dict[str, Uncertain]:
    """All numbers of the file that have a range, by the names that a world gives them values by."""
    return dict(plan_of(scenario).unknowns)


def posts(configuration: Configuration) -> tuple[int, int]:
    """Posts before and from the reform day."""
    before, after = (
        sum(group.members for group in regime.staff.values()) for regime in configuration.regimes
    )
    return before, after


class _Same:
    """A scenario as a key: the same object, whatever it holds."""

    def __init__(self, scenario: Any) -> None:
        self.scenario = scenario

    def __hash__(self) -> int:
        return id(self.scenario)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.scenario is self.scenario


def plan_of(scenario: Any) -> Plan:
    """What all configurations of a scenario share; worked out once as long as it is in use."""
    return _plan(_Same(scenario))


@lru_cache(maxsize=4)
def _plan(key: _Same) -> Plan:
    scenario = key.scenario
    return Plan(scenario.tree, scenario.lines, scenario.path)


class Variation:
    """The file's organisation with one variant (or none) in force, and its levers worked out."""

    def __init__(self, tree: Mapping[str, Any], known: Collection[Insert] = ()) -> None:
        self.tree = tree
        self.levers = Levers(tree, tree.get("reform") or {}, known=known)

    @cached_property
    def touching(self) -> dict[str, tuple[str, ...]]:
        """For each Poisson service the levers that can change its demand."""
        poisson = [
            name for name, spec in self.tree["services"].items() if "per_year" in spec["demand"]
        ]
        levers = self.levers.levers.values()
        return {name: touching(self.tree, levers, ("services", name, "demand")) for name in poisson}


class Plan:
    """All that configurations of one file share; it remembers what it worked out in one world."""

    def __init__(self, tree: Mapping[str, Any], lines: Mapping[Path, int], path: Any) -> None:
        self.stated, self.lines, self.path = tree, lines, path
        self.folder = File(path).parent
        self.tree = named(tree)
        self.span = Span.of(tree)
        self.variants = Levers(self.tree, self.tree.get("variants") or {}, ("variants",))
        self.variations: dict[str | None, Variation] = {}
        self.world: dict[str, float] = {}
        self.pieces = Pieces()
        self.largest: dict[Variation, dict[str, Rates]] = {}
        self.made: dict[tuple[Any, ...], Configuration] = {}
        self.lock = Lock()  # one world at a time

    @cached_property
    def unknowns(self) -> dict[str, Uncertain]:
        """All numbers that have a range."""
        return uncertain(self.tree)

    def enter(self, world: dict[str, float]) -> None:
        """Forget what was worked out in another world."""
        for name in world.keys() - self.unknowns.keys() if world else ():
            raise NameNotFound(
                f"no number '{name}' with a range{did_you_mean(name, self.unknowns)}"
            )
        if world != self.world:
            self.world, self.pieces, self.largest, self.made = world, Pieces(), {}, {}

    # ----------------------------------------------------------------------------------- what is on

    def names(self) -> tuple[str, ...]:
        """Names of all configurations."""
        return (*BUILT_IN, *(self.tree.get("configurations") or {}))

    def resolved(self, which: str | Collection[str]) -> tuple[tuple[str, ...], Own]:
        """Levers that are on, in the order of the file, and the changes of configurations' own,
        in order.
        """
        own: Own = []
        on = (
            self._on(which, own, ())
            if isinstance(which, str)
            else {lever for lever in which if self._lever(lever)}
        )
        return tuple(lever for lever in self.tree.get("reform") or () if lever in on), own

    def _on(self, name: str, own: Own, open_: tuple[str, ...]) -> set[str]:
        stated = self.tree.get("configurations") or {}
        if name in open_:
            raise NameNotFound(
                f"configurations go round in a circle: {' -> '.join([*open_, name])}"
            )
        if name in stated:
            spec = stated[name] if isinstance(stated[name], Mapping) else {"levers": stated[name]}
            parts = [self._part(part, own, (*open_, name)) for part in spec.get("levers") or ()]
            if spec.get("set"):
                own.append((name, {"set": spec["set"]}))
            return set().union(*parts)
        first, *signed = re.split(r"([+-])", name)
        if signed:
            on = self._part(first, own, open_)
            for sign, part in zip(signed[::2], signed[1::2], strict=True):
                more = self._part(part, own if sign == "+" else [], open_)
                on = on | more if sign == "+" else on - more
            return on
        if name not in BUILT_IN:
            raise NameNotFound(
                f"no configuration '{name}'{did_you_mean(name, [*BUILT_IN, *stated])}"
            )
        kinds = {
            "before": (),
            "after": ("merger", "process"),
            "process_only": ("process",),
            "merger_only": ("merger",),
        }[name]
        return {
            lever
            for lever, spec in (self.tree.get("reform") or {}).items()
            if spec.get("kind") in kinds
        }

    def _part(self, name: str, own: Own, open_: tuple[str, ...]) -> set[str]:
        return {name} if name in (self.tree.get("reform") or {}) else self._on(name, own, open_)

    def _lever(self, name: str) -> bool:
        levers = self.tree.get("reform") or {}
        if name not in levers:
            raise NameNotFound(f"no lever '{name}'{did_you_mean(name, levers)}")
        return True

    # ---------------------------------------------------------------------------- one configuration

    def variation(self, variant: str | None) -> Variation:
        """The organisation under a variant."""
        if variant not in self.variations:
            if variant is not None and variant not in self.variants.levers:
                raise NameNotFound(
                    f"no variant '{variant}'{did_you_mean(variant, self.variants.levers)}"
                )
            known = [insert for other in self.variants.levers.values() for insert in other.inserts]
            self.variations[variant] = (
                Variation(self.variants.apply([variant]))
                if variant
                else Variation(self.tree, known)
            )
        return self.variations[variant]

    def configuration(
        self, which: str | Collection[str], variant: str | None, world: dict[str, float]
    ) -> Configuration:
        """One configuration; ScenarioError where it has problems."""
        self.enter(world)
        on, own = self.resolved(which)
        name = which if isinstance(which, str) else " + ".join(on) or "before"
        key = (name, on, variant)
        if key not in self.made:
            self.made[key] = self._configuration(name, on, own, self.variation(variant))
        return self.made[key]

    def _configuration(
        self, name: str, on: tuple[str, ...], own: Own, variation: Variation
    ) -> Configuration:
        before, wrong_before = self.organisation(variation.tree)
        after, wrong_after = self.organisation(self.applied(variation, on, own))
        told = dict.fromkeys([*wrong_before, *wrong_after] or together(before, after))
        if told:
            raise ScenarioError(self.path, [self.problem(*problem) for problem in told])
        cohorts = ((self.tree.get("experiment") or {}).get("cohorts") or {}).items()
        return Configuration(
            name,
            on,
            self.span.start.isoformat(),
            self.span.reform_day,
            self.span.count_from,
            self.span.count_until,
            self.span.horizon,
            (before, after),
            self._largest(variation),
            {cohort: self._cohort(days) for cohort, days in cohorts},
        )

    def _cohort(self, days: str) -> tuple[int, int]:
        first, last = dates(days)
        return self.span.day(first), self.span.day(last) + 1

    def applied(self, variation: Variation, on: Collection[str], own: Own) -> Mapping[str, Any]:
        """The tree with these levers on, and then a configuration's own changes."""
        tree: Mapping[str, Any] = variation.levers.apply(on) if on else variation.tree
        for name, spec in own:
            tree = Levers(tree, {name: spec}, ("configurations",)).apply([name])
        return tree

    def organisation(self, tree: Mapping[str, Any]) -> tuple[Organisation, list[Told]]:
        """The organisation of a tree, and what is wrong with it."""
        values = Values(tree.get("parameters") or {}, self.world)
        resolver = Resolver(tree, self.span, self.folder, values, self.pieces)
        return resolver.organisation(), resolver.problems

    # ----------------------------------------------------------------------------- the largest rate

    def _largest(self, variation: Variation) -> dict[str, Rates]:
        if variation not in self.largest:
            candidates: dict[str, set[Rates]] = {}
            for levers, services in self.sets_touching(variation).items():
                for on in chain.from_iterable(
                    combinations(levers, size) for size in range(len(levers) + 1)
                ):
                    self._add_rates(variation.levers.valued(on), services, candidates)
            for name, spec in (self.tree.get("configurations") or {}).items():
                if isinstance(spec, Mapping) and spec.get("set"):
                    self._add_rates(
                        self.applied(variation, *self.resolved(name)),
                        list(variation.touching),
                        candidates,
                    )
            self.largest[variation] = {
                name: next(iter(found)) if len(found) == 1 else tuple(map(max, *found))
                for name, found in candidates.items()
            }
        return self.largest[variation]

    def sets_touching(self, variation: Variation) -> dict[tuple[str, ...], list[str]]:
        """Sets of levers that can touch a demand, with the services whose demand it is.

        ScenarioError where too many can.
        """
        found: dict[tuple[str, ...], list[str]] = {}
        for name, levers in variation.touching.items():
            if len(levers) > MOST:
                told = f"{len(levers)} levers can change it; at most {MOST} may"
                raise ScenarioError(self.path, [self.problem(f"services.{name}.demand", told)])
            found.setdefault(levers, []).append(name)
        return found

    def _add_rates(
        self, tree: Mapping[str, Any], services: Collection[str], candidates: dict[str, set[Rates]]
    ) -> None:
        values = Values(tree.get("parameters") or {}, self.world)
        for name in services:
            try:
                rate = rates(
                    tree["services"][name]["demand"], tree.get("profiles") or {}, self.span, values
                )
                refuse_flood(up_to_horizon(rate))  # such a set of levers can never be run
            except (Refused, UnitError):
                continue  # told where that configuration is looked at
            candidates.setdefault(name, set()).add(rate)

    def problem(self, place: str, message: str) -> Problem:
        """A problem at a place given in words."""
        lines = {
            where(self.stated, path): line for path, line in reversed(list(self.lines.items()))
        }
        names = place.split(".")
        found = (lines.get(".".join(names[:count])) for count in range(len(names), 0, -1))
        return Problem(next((line for line in found if line is not None), 1), place, message)


def touching(tree: Mapping[str, Any], levers: Collection[Lever], start: Place) -> tuple[str, ...]:
    """The levers that can change what stands at a place,
    themselves or through parameters that it names.
    """
    parameters, profiles = tree.get("parameters") or {}, tree.get("profiles") or {}
    places, found = {start}, set()
    node: Any = tree
    for name in start:
        node = node[name]
    open_ = [node]
    while open_:
        new = set(_texts_in(open_.pop()))
        fresh = {("parameters", n) for n in new & parameters.keys()} | {
            ("profiles", n) for n in new & profiles.keys()
        }
        open_ += [
            (parameters if section == "parameters" else profiles)[name]
            for section, name in fresh - places
        ]
        places |= fresh
        for lever in levers:
            for place in lever.touched:
                if (lever.name, place) not in found and any(
                    place[: len(p)] == p or p[: len(place)] == place for p in places
                ):
                    found.add((lever.name, place))
                    open_ += [
                        stated[place] for stated in (lever.sets, lever.factors) if place in stated
                    ]
    names = {name for name, _ in found}
    return tuple(lever.name for lever in levers if lever.name in names)


def _texts_in(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping | list):
        for part in node.values() if isinstance(node, Mapping) else node:
            yield from _texts_in(part)
