"""Configurations: a scenario with a set of levers on, parameters fixed to one world; and what only they can get wrong.

`before`, `after`, `process_only` and `merger_only` exist in every file: an announcement credits the whole change to the
merger, and the honest comparison has a column with everything that needed none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import chain, combinations
from pathlib import Path as File
from typing import Any

from govsim.scenario.calendars import Span
from govsim.scenario.edits import Place, words
from govsim.scenario.levers import Insert, Lever, Levers
from govsim.scenario.organisation import Choice, Configuration, Organisation, Parallel, Service, Step, Task
from govsim.scenario.parameters import Refused, Uncertain, Values, named, uncertain
from govsim.scenario.problems import Path, Problem, ScenarioError, at, did_you_mean, where
from govsim.scenario.resolve import Pieces, Resolver, Told
from govsim.scenario.resolve_demand import rates
from govsim.scenario.units import UnitError, dates

BUILT_IN = ("before", "after", "process_only", "merger_only")
MOST = 12  # levers that may touch one service's demand: 2**12 sets are looked through
World = Mapping[str, float]
Rates = tuple[float, ...]


def configure(
    scenario: Any, which: str | Collection[str] = "after", variant: str | None = None, world: World | None = None
) -> Configuration:
    """The configuration of that name, or with those levers on; ScenarioError where it cannot be.

    `world` maps names of uncertain numbers to values in the file's unit; without it all are at their stated values.
    """
    return _plan(_Same(scenario)).configuration(which, variant, dict(world or {}))


def configurations(scenario: Any) -> dict[str, tuple[str, ...]]:
    """The names of all configurations, the built-in ones first, with the levers that are on."""
    plan = _plan(_Same(scenario))
    return {name: plan.resolved(name)[0] for name in dict.fromkeys([*BUILT_IN, *(plan.tree.get("configurations") or {})])}


def variants(scenario: Any) -> tuple[str, ...]:
    """The names of all variants."""
    return tuple(scenario.tree.get("variants") or ())


def unknowns(scenario: Any) -> dict[str, Uncertain]:
    """All numbers of the file that have a range, by the names that a world gives them values by."""
    return uncertain(_plan(_Same(scenario)).tree)


def posts(configuration: Configuration) -> tuple[int, int]:
    """Posts before and from the reform day."""
    before, after = (sum(group.members for group in regime.staff.values()) for regime in configuration.regimes)
    return before, after


def check(scenario: Any) -> list[Problem]:
    """What is wrong with the levers, the configurations and the variants, each with its line of the file."""
    return _plan(_Same(scenario)).check()


class _Same:
    """A scenario as a key: the same object, whatever it holds."""

    def __init__(self, scenario: Any) -> None:
        self.scenario = scenario

    def __hash__(self) -> int:
        return id(self.scenario)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.scenario is self.scenario


@lru_cache(maxsize=4)
def _plan(key: _Same) -> Plan:
    scenario = key.scenario
    return Plan(scenario.tree, scenario.lines, scenario.path)


class Variation:
    """The file's organisation with one variant (or none) in force, and its levers worked out."""

    def __init__(self, tree: Mapping[str, Any], known: Collection[Insert] = ()) -> None:
        self.tree = tree
        self.levers = Levers(tree, tree.get("reform") or {}, known=known)


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

    def enter(self, world: dict[str, float]) -> None:
        """Forget what was worked out in another world."""
        for name in world.keys() - uncertain(self.tree).keys() if world else ():
            raise KeyError(f"no number '{name}' with a range{did_you_mean(name, uncertain(self.tree))}")
        if world != self.world:
            self.world, self.pieces, self.largest = world, Pieces(), {}

    # ------------------------------------------------------------------------------------------ what is on

    def resolved(self, which: str | Collection[str]) -> tuple[tuple[str, ...], list[tuple[str, Mapping[str, Any]]]]:
        """Levers that are on, in the order of the file, and the changes of configurations' own, in order."""
        own: list[tuple[str, Mapping[str, Any]]] = []
        on = self._on(which, own, ()) if isinstance(which, str) else {lever for lever in which if self._lever(lever)}
        return tuple(lever for lever in self.tree.get("reform") or () if lever in on), own

    def _on(self, name: str, own: list[tuple[str, Mapping[str, Any]]], open_: tuple[str, ...]) -> set[str]:
        stated = self.tree.get("configurations") or {}
        if name in open_:
            raise KeyError(f"configurations go round in a circle: {' -> '.join([*open_, name])}")
        if name in stated:
            spec = stated[name] if isinstance(stated[name], Mapping) else {"levers": stated[name]}
            parts = [self._part(part, own, (*open_, name)) for part in spec.get("levers") or ()]
            if spec.get("set"):
                own.append((name, {"set": spec["set"]}))
            return set().union(*parts)
        if name not in BUILT_IN:
            raise KeyError(f"no configuration '{name}'{did_you_mean(name, [*BUILT_IN, *stated])}")
        kinds = {"before": (), "after": ("merger", "process"), "process_only": ("process",), "merger_only": ("merger",)}[name]
        return {lever for lever, spec in (self.tree.get("reform") or {}).items() if spec.get("kind") in kinds}

    def _part(self, name: str, own: list[tuple[str, Mapping[str, Any]]], open_: tuple[str, ...]) -> set[str]:
        return {name} if name in (self.tree.get("reform") or {}) else self._on(name, own, open_)

    def _lever(self, name: str) -> bool:
        levers = self.tree.get("reform") or {}
        if name not in levers:
            raise KeyError(f"no lever '{name}'{did_you_mean(name, levers)}")
        return True

    # ------------------------------------------------------------------------------------------ one configuration

    def variation(self, variant: str | None) -> Variation:
        """The organisation under a variant."""
        if variant not in self.variations:
            if variant is not None and variant not in self.variants.levers:
                raise KeyError(f"no variant '{variant}'{did_you_mean(variant, self.variants.levers)}")
            known = [insert for other in self.variants.levers.values() for insert in other.inserts]
            self.variations[variant] = Variation(self.variants.apply([variant])) if variant else Variation(self.tree, known)
        return self.variations[variant]

    def configuration(self, which: str | Collection[str], variant: str | None, world: dict[str, float]) -> Configuration:
        """One configuration; ScenarioError where it has problems."""
        on, own = self.resolved(which)
        variation = self.variation(variant)
        self.enter(world)
        before, wrong_before = self._organisation(variation.tree)
        after, wrong_after = self._organisation(self._tree(variation, on, own))
        told = dict.fromkeys([*wrong_before, *wrong_after, *unserved(before, after)])
        if told:
            raise ScenarioError(self.path, [self._problem(*problem) for problem in told])
        name = which if isinstance(which, str) else " + ".join(on) or "before"
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

    def _tree(self, variation: Variation, on: Collection[str], own: list[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any]:
        tree: Mapping[str, Any] = variation.levers.apply(on) if on else variation.tree
        for name, spec in own:
            tree = Levers(tree, {name: spec}, ("configurations",)).apply([name])
        return tree

    def _organisation(self, tree: Mapping[str, Any]) -> tuple[Organisation, list[Told]]:
        values = Values(tree.get("parameters") or {}, self.world)
        resolver = Resolver(tree, self.span, self.folder, values, self.pieces)
        return resolver.organisation(), resolver.problems

    # ------------------------------------------------------------------------------------------ the largest rate

    def _largest(self, variation: Variation) -> dict[str, Rates]:
        if variation not in self.largest:
            candidates: dict[str, set[Rates]] = {}
            for levers, services in self._touching(variation).items():
                for on in chain.from_iterable(combinations(levers, size) for size in range(len(levers) + 1)):
                    self._add_rates(variation.levers.valued(on), services, candidates)
            for name, spec in (self.tree.get("configurations") or {}).items():
                if isinstance(spec, Mapping) and spec.get("set"):
                    self._add_rates(self._tree(variation, *self.resolved(name)), self._poisson(), candidates)
            self.largest[variation] = {
                name: next(iter(found)) if len(found) == 1 else tuple(map(max, *found)) for name, found in candidates.items()
            }
        return self.largest[variation]

    def _poisson(self) -> list[str]:
        return [name for name, spec in self.tree["services"].items() if "per_year" in spec["demand"]]

    def _touching(self, variation: Variation) -> dict[tuple[str, ...], list[str]]:
        """Sets of levers that can touch a demand, with the services whose demand it is."""
        found: dict[tuple[str, ...], list[str]] = {}
        for name in self._poisson():
            levers = touching(variation.tree, variation.levers.levers.values(), ("services", name, "demand"))
            if len(levers) > MOST:
                told = f"{len(levers)} levers can change it; at most {MOST} may"
                raise ScenarioError(self.path, [self._problem(f"services.{name}.demand", told)])
            found.setdefault(levers, []).append(name)
        return found

    def _add_rates(self, tree: Mapping[str, Any], services: Collection[str], candidates: dict[str, set[Rates]]) -> None:
        values = Values(tree.get("parameters") or {}, self.world)
        for name in services:
            try:
                rate = rates(tree["services"][name]["demand"], tree.get("profiles") or {}, self.span, values)
            except (Refused, UnitError):
                continue  # told where that configuration is looked at
            candidates.setdefault(name, set()).add(rate)

    # ------------------------------------------------------------------------------------------ problems

    def check(self) -> list[Problem]:
        """Problems of levers, variants and configurations."""
        self.enter({})
        base = self.variation(None)
        problems = [at(self.stated, self.lines, *problem) for problem in (*base.levers.problems, *self.variants.problems)]
        before, told = self._organisation(base.tree)
        seen = set(told) | set(unserved(before, before))
        problems += [self._problem(*problem) for problem in seen]
        for lever in base.levers.levers.values():
            after, told = self._organisation(base.levers.apply([lever.name]))
            for problem in dict.fromkeys([*told, *unserved(before, after)]):
                if problem not in seen:
                    problems.append(self._blamed(lever, *problem))
                    seen.add(problem)
        for name, of in self._named(problems):
            problems += self._configured(name, of, before, seen)
        for name in self.variants.levers:
            problems += self._varied(name, seen)
        return sorted(set(problems))

    def _named(self, problems: list[Problem]) -> Iterator[tuple[str, tuple[tuple[str, ...], Any]]]:
        """Configurations with what is on in them; those that cannot be worked out are told."""
        for name in dict.fromkeys([*BUILT_IN, *(self.tree.get("configurations") or {})]):
            try:
                yield name, self.resolved(name)
            except KeyError as problem:
                problems.append(at(self.stated, self.lines, ("configurations", name), str(problem.args[0])))

    def _configured(self, name: str, of: tuple[tuple[str, ...], Any], before: Organisation, seen: set[Told]) -> Iterator[Problem]:
        base = self.variation(None)
        on, own = of
        tree: Mapping[str, Any] = base.levers.apply(on) if on else base.tree
        for of_name, spec in own:
            changes = Levers(tree, {of_name: spec}, ("configurations",))
            yield from (at(self.stated, self.lines, *problem) for problem in changes.problems)
            tree = changes.apply([of_name])
        after, told = self._organisation(tree)
        for place, message in dict.fromkeys([*told, *unserved(before, after)]):
            if (place, message) not in seen:
                seen.add((place, message))
                line = self._problem(place, message).line if name in BUILT_IN else self._line(("configurations", name))
                yield Problem(line, place, f"{message} (in configuration '{name}')")

    def _varied(self, name: str, seen: set[Told]) -> Iterator[Problem]:
        variation = self.variation(name)
        before, told_before = self._organisation(variation.tree)
        after, told_after = self._organisation(self._tree(variation, *self.resolved("after")))
        for place, message in dict.fromkeys([*told_before, *told_after, *unserved(before, after)]):
            if (place, message) not in seen:
                seen.add((place, message))
                yield Problem(self._line(("variants", name)), place, f"{message} (in variant '{name}')")

    def _blamed(self, lever: Lever, place: str, message: str) -> Problem:
        """A problem that a lever makes, on the line of what it says about that place."""
        for pattern in self.stated["reform"][lever.name].get("set") or {}:
            about = [words(p) for p in lever.touched if place.startswith(words(p)) or words(p).startswith(place)]
            if about and pattern.rsplit(".", 1)[-1] in about[0]:
                line = self._line(("reform", lever.name, "set", pattern))
                return Problem(line, place, f"{message} (with lever '{lever.name}')")
        return Problem(self._line(("reform", lever.name)), place, f"{message} (with lever '{lever.name}')")

    def _line(self, path: Path) -> int:
        return at(self.stated, self.lines, path, "").line

    def _problem(self, place: str, message: str) -> Problem:
        """A problem at a place given in words."""
        lines = {where(self.stated, path): line for path, line in reversed(list(self.lines.items()))}
        names = place.split(".")
        found = (lines.get(".".join(names[:count])) for count in range(len(names), 0, -1))
        return Problem(next((line for line in found if line is not None), 1), place, message)


def touching(tree: Mapping[str, Any], levers: Collection[Lever], start: Place) -> tuple[str, ...]:
    """The levers that can change what stands at a place, themselves or through parameters that it names."""
    parameters, profiles = tree.get("parameters") or {}, tree.get("profiles") or {}
    places, found = {start}, set()
    node: Any = tree
    for name in start:
        node = node[name]
    open_ = [node]
    while open_:
        new = set(_texts_in(open_.pop()))
        fresh = {("parameters", n) for n in new & parameters.keys()} | {("profiles", n) for n in new & profiles.keys()}
        open_ += [(parameters if section == "parameters" else profiles)[name] for section, name in fresh - places]
        places |= fresh
        for lever in levers:
            for place in lever.touched:
                if (lever.name, place) not in found and any(place[: len(p)] == p or p[: len(place)] == place for p in places):
                    found.add((lever.name, place))
                    open_ += [stated[place] for stated in (lever.sets, lever.factors) if place in stated]
    names = {name for name, _ in found}
    return tuple(lever.name for lever in levers if lever.name in names)


def _texts_in(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping | list):
        for part in node.values() if isinstance(node, Mapping) else node:
            yield from _texts_in(part)


def unserved(before: Organisation, after: Organisation) -> Iterator[Told]:
    """Desks that a route uses and that nobody serves in a regime in which they may be needed."""
    first, then = used(before), used(after)
    for regime, needed in ((before, first), (after, {**first, **then})):
        served = {desk for group in regime.staff.values() for serves in group.serves for desk in serves}
        for desk, step in needed.items():
            if desk not in served:
                when = "before the reform" if regime is before and after is not before else "from the reform day"
                yield f"desks.{desk}", f"nobody serves this desk{'' if before is after else ' ' + when}, but {step} needs it"


def used(organisation: Organisation) -> dict[str, str]:
    """Desks that routes use, each with one step that does."""
    out: dict[str, str] = {}
    for name, service in organisation.services.items():
        for desk, step in _used(service):
            out.setdefault(desk, f"services.{name}.{step}")
    return out


def _used(service: Service) -> Iterator[tuple[str, str]]:
    stack: list[Step] = list(service.route)
    while stack:
        step = stack.pop()
        if isinstance(step, Task):
            yield step.desk, step.name
            if step.misdirected:
                yield step.misdirected.desk, step.name
        elif isinstance(step, Choice | Parallel):
            stack += [inner for branch in step.branches for inner in branch]
