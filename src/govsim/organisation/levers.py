"""Levers: named changes that a reform makes, which commute.

A town announces its measures in any order, and leaves some out. So every set of levers is one
well-defined organisation: structure first (insert, in_parallel, remove - removing wins), then
`set`, then factors, then who serves what. Where two levers would disagree, the file must say which
of them counts (`overrides`), or it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from govsim.errors import NameNotFound
from govsim.organisation import edits
from govsim.organisation.edits import MISSING, Place, Steps, words
from govsim.organisation.parameters import is_numeric, is_stated
from govsim.scenario.problems import Path, did_you_mean, step_name

SECTIONS = (
    "parameters", "calendars", "profiles", "meetings", "departments", "desks", "roles", "staff",
    "attributes", "services", "learning",
)  # fmt: skip
INSIDE = ("cases", "branches", "then", "else")  # the sequences inside a step


@dataclass(frozen=True)
class Insert:
    """Steps put before or after a named step."""

    service: str
    side: str
    anchor: str
    steps: tuple[Any, ...]


@dataclass(frozen=True)
class Block:
    """Steps of one sequence that become branches."""

    service: str
    name: str
    branches: Mapping[str, Sequence[str]]

    @property
    def steps(self) -> frozenset[str]:
        """The steps it takes up."""
        return frozenset(step for branch in self.branches.values() for step in branch)


@dataclass(frozen=True)
class Lever:
    """What one lever does, its paths worked out against the file with the inserts of all levers."""

    name: str
    overrides: frozenset[str]
    inserts: tuple[Insert, ...] = ()
    blocks: tuple[Block, ...] = ()
    removes: frozenset[tuple[str, str]] = frozenset()
    sets: Mapping[Place, Any] = field(default_factory=dict)
    factors: Mapping[Place, Any] = field(default_factory=dict)
    rules: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    # the path that means a place, as the lever spells it
    written: Mapping[Place, str] = field(default_factory=dict)
    touched: frozenset[Place] = frozenset()  # places of sets and factors
    around: frozenset[Place] = frozenset()  # all that lies around them

    def touches(self, place: Place) -> bool:
        """Whether it changes this place, a part of it, or something around it."""
        return place in self.around or any(
            place[:k] in self.touched for k in range(1, len(place) + 1)
        )


def apply(tree: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The tree of the organisation with these levers of `reform` on.

    It is a new tree that shares what did not change.
    """
    return Levers(tree, tree.get("reform") or {}).apply(names)


class Levers:
    """The levers of one section of a file, ready to be applied to its tree.

    `problems` lists what is wrong with them.
    """

    def __init__(
        self,
        tree: Mapping[str, Any],
        section: Mapping[str, Any],
        at: Path = ("reform",),
        known: Collection[Insert] = (),
    ) -> None:
        """`known`: steps that something else (a variant) may insert,
        so that a lever may speak of them.
        """
        self.tree = tree
        self.problems: list[tuple[Path, str]] = []
        self.at = at
        self.section = {name: spec for name, spec in section.items() if isinstance(spec, Mapping)}
        self.steps: dict[str, dict[str, Any]] = {
            service: {
                step_name(step) or "": step for step in edits.every_step(spec.get("route") or [])
            }
            for service, spec in (tree.get("services") or {}).items()
        }
        self.anchors = {service: self._sequences(service) for service in self.steps}
        self.sequence = {service: dict(places) for service, places in self.anchors.items()}
        self.gap: dict[tuple[str, str], tuple[str, str]] = {}
        for insert in known:
            self._note(None, insert)
        inserts = {name: tuple(self._inserts(name)) for name in self.section}
        self.levers = {name: self._lever(name, inserts[name]) for name in self.section}
        self._conflicts()

    def apply(self, names: Collection[str]) -> dict[str, Any]:
        """The tree with these levers on. KeyError names a lever that does not exist."""
        for name in names:
            if name not in self.levers:
                raise NameNotFound(f"no lever '{name}'{did_you_mean(name, self.levers)}")
        on = [lever for name, lever in self.levers.items() if name in names]
        changes: dict[Place, Callable[[Any], Any]] = self._structure(on)
        tree = edits.changed(self.tree, changes) if changes else dict(self.tree)
        values = self._values(on)
        tree = edits.changed(tree, values) if values else tree
        rules = {verb: [*rules, *_rules(on, verb)] for verb, rules in _rules_of(tree).items()}
        return {**tree, "rules": rules} if any(rules.values()) else tree

    def valued(self, names: Collection[str]) -> dict[str, Any]:
        """The tree with only the values changed that these levers set:
        enough to look numbers up.
        """
        values = self._values([lever for name, lever in self.levers.items() if name in names])
        return edits.changed(self.tree, values) if values else dict(self.tree)

    # ------------------------------------------------------------------------------------ one lever

    def _lever(self, name: str, inserts: tuple[Insert, ...]) -> Lever:
        spec = self.section[name]
        sets: dict[Place, Any] = {}
        factors: dict[Place, Any] = {}
        written: dict[Place, str] = {}
        for pattern, value in (spec.get("set") or {}).items():
            self._set(name, pattern, value, sets, factors)
            written |= {place: pattern for place in (*sets, *factors) if place not in written}
        touched = frozenset([*sets, *factors])
        return Lever(
            name,
            frozenset(self._overrides(name)),
            inserts,
            tuple(self._blocks(name)),
            frozenset(self._removes(name)),
            sets,
            factors,
            {verb: tuple(_listed(spec.get(verb))) for verb in ("serves", "merge_desks")},
            written,
            touched,
            frozenset(place[:k] for place in touched for k in range(1, len(place))),
        )

    def _set(
        self, name: str, pattern: str, value: Any, sets: dict[Place, Any], factors: dict[Place, Any]
    ) -> None:
        factor = isinstance(value, Mapping) and set(value) == {"times"}
        back = edits.refers_back(value)
        where = (*self.at, name, "set", pattern)
        if pattern.split(".")[0] not in SECTIONS:
            self.problems.append(
                (
                    where,
                    (
                        f"a lever cannot change '{pattern.split('.')[0]}'; it can change "
                        f"{', '.join(SECTIONS)}"
                    ),
                )
            )
            return
        found = edits.places(
            self.tree,
            pattern,
            self.steps,
            lambda place: not back and self._may_add(place, "*" in pattern),
        )
        if not found:
            self.problems.append((where, self._nothing(pattern)))
        for place in found:
            if place in sets or place in factors:
                self.problems.append((where, f"changes {words(place)} a second time"))
            elif len(place) > 1 and is_stated(self._at(place[:-1])):
                self.problems.append(
                    (where, f"points into the number {words(place[:-1])}; set the number itself")
                )
            elif len(place) == 4 and place[2] == "route":
                self.problems.append(
                    (where, f"points at the step {place[3]}; name the field of it that changes")
                )
            elif len(place) == 1 and place != ("learning",):
                self.problems.append((where, "points at a whole section; name what in it changes"))
            elif len(place) == 2 and place[0] == "services":
                self.problems.append(
                    (where, f"points at the service {place[1]}; name the field of it that changes")
                )
            elif place[2:3] == ("route",) and (len(place) == 3 or self._inside(place)):
                self.problems.append(
                    (where, "changes the steps of a route; use insert, in_parallel or remove")
                )
            elif back and not is_numeric(self._at(place), self.tree.get("parameters") or {}):
                self.problems.append(
                    (
                        where,
                        (
                            f"{words(place)} is not a number; only a number can be multiplied or "
                            "go on from before"
                        ),
                    )
                )
            elif factor:
                factors[place] = value["times"]
            else:
                sets[place] = value

    def _at(self, place: Place) -> Any:
        """What stands at a place now, with all inserts."""
        node: Any = self.steps[place[1]] if place[2:3] == ("route",) else self.tree
        for name in place[3:] if place[2:3] == ("route",) else place:
            node = node[name]
        return node

    def _inside(self, place: Place) -> bool:
        step = self.steps[place[1]][place[3]]
        return place[4] in INSIDE and not isinstance(step.get(place[4]), str)

    def _may_add(self, place: Place, by_pattern: bool) -> bool:
        """Whether a lever may state what the file leaves out;
        a pattern means only things that have such a field.
        """
        if not by_pattern:
            return len(place) > 2 or place == ("learning",)
        from govsim.scenario.schema import fields_of

        step = (
            next(iter(self.steps[place[1]][place[3]]), "")
            if len(place) == 5 and place[2] == "route"
            else ""
        )
        return place[-1] in fields_of(step or place[0] if step or len(place) == 3 else "")

    def _nothing(self, pattern: str) -> str:
        """Why a path points at nothing: the first name that is not there,
        and the nearest one that is.
        """
        found: list[tuple[Place, Any]] = [
            ((), {name: self.tree[name] for name in SECTIONS if name in self.tree})
        ]
        for name in pattern.split("."):
            inside = [
                child for place, node in found for child in edits.children(place, node, self.steps)
            ]
            found = [(place, node) for key, place, node in inside if edits.fits(key, name)]
            if not found:
                return (
                    "points at nothing: no "
                    f"'{name}'{did_you_mean(name, {key for key, _, _ in inside})}"
                )
        return "points at nothing"

    def _overrides(self, name: str) -> Iterator[str]:
        for k, other in enumerate(self.section[name].get("overrides") or ()):
            where = (*self.at, name, "overrides", k)
            if other not in self.section or other == name:
                others = [lever for lever in self.section if lever != name]
                self.problems.append(
                    (where, f"no other lever '{other}'{did_you_mean(other, others)}")
                )
            elif name in (self.section[other].get("overrides") or ()) and name < other:
                self.problems.append(
                    (
                        where,
                        f"'{name}' and '{other}' override each other; one of them must give way",
                    )
                )
            yield other

    # ------------------------------------------------------------------------------------ structure

    def _sequences(self, service: str) -> dict[str, tuple[int, int]]:
        """Number of the sequence and place in it, by step."""
        route = self.tree["services"][service].get("route") or []
        return {
            step_name(step) or "": (number, k)
            for number, steps in enumerate(edits.every_sequence(route))
            for k, step in enumerate(steps)
        }

    def _inserts(self, name: str) -> Iterator[Insert]:
        gaps: set[tuple[str, str, str]] = set()
        for where, entry in _entries((*self.at, name, "insert"), self.section[name].get("insert")):
            for pattern, put in entry.items():
                side = "before" if "before" in put else "after"
                for service in self._services((*where, pattern), pattern):
                    known = self.anchors[service]
                    if put[side] not in known:
                        missing = (
                            f"no step '{put[side]}' in {service}{did_you_mean(put[side], known)}"
                        )
                        self.problems.append(
                            ((*where, pattern, side), f"points at nothing: {missing}")
                        )
                        continue
                    insert = Insert(
                        service, *self._gap(service, side, put[side]), tuple(put.get("steps") or ())
                    )
                    if (service, insert.side, insert.anchor) in gaps:
                        self.problems.append(
                            ((*where, pattern), f"inserts at one place of {service} a second time")
                        )
                    gaps.add((service, insert.side, insert.anchor))
                    self._note((*where, pattern), insert)
                    yield insert

    def _note(self, where: Path | None, insert: Insert) -> None:
        """Let all levers see inserted steps; a sequence inside one
        of them gets a number of its own.
        """
        known, sequence = self.steps[insert.service], self.sequence[insert.service]
        number = sequence[insert.anchor][0]
        for steps in edits.every_sequence(list(insert.steps)):
            for step in steps:
                name = step_name(step) or ""
                if (
                    where
                    and name in known
                    and self.gap.get((insert.service, name)) != (insert.side, insert.anchor)
                ):
                    self.problems.append(
                        (where, f"there is already a step '{name}' in {insert.service}")
                    )
                known[name] = step
                self.gap[insert.service, name] = (insert.side, insert.anchor)
                sequence[name] = (number, -1)
            number = 1 + max(place[0] for place in sequence.values())

    def _gap(self, service: str, side: str, anchor: str) -> tuple[str, str]:
        """One name for one place of a sequence: before a step, or after the last one."""
        number, k = self.anchors[service][anchor]
        follower = [
            name for name, place in self.anchors[service].items() if place == (number, k + 1)
        ]
        return ("before", follower[0]) if side == "after" and follower else (side, anchor)

    def _blocks(self, name: str) -> Iterator[Block]:
        for pattern, branches in (self.section[name].get("in_parallel") or {}).items():
            where = (*self.at, name, "in_parallel", pattern)
            names = pattern.split(".")
            if len(names) != 3 or names[0] != "services" or "*" in names[2]:
                self.problems.append((where, "name the new block as services.SERVICE.BLOCK"))
                continue
            for service in self._services(where, ".".join(names[:2])):
                block = Block(service, names[2], branches)
                listed = [step for branch in branches.values() for step in branch]
                known = self.sequence[service]
                for step in listed:
                    if step not in known:
                        self.problems.append(
                            (
                                where,
                                (
                                    f"points at nothing: no step '{step}' in "
                                    f"{service}{did_you_mean(step, known)}"
                                ),
                            )
                        )
                if len(listed) != len(block.steps):
                    self.problems.append((where, "a step can stand in one branch only"))
                if len({known[step][0] for step in listed if step in known}) > 1:
                    self.problems.append(
                        (where, f"{', '.join(listed)} do not stand in one sequence of {service}")
                    )
                if block.name in known:
                    self.problems.append(
                        (where, f"there is already a step '{block.name}' in {service}")
                    )
                yield block

    def _removes(self, name: str) -> Iterator[tuple[str, str]]:
        for k, pattern in enumerate(self.section[name].get("remove") or ()):
            where = (*self.at, name, "remove", k)
            names = pattern.split(".")
            if len(names) != 3 or names[0] != "services":
                self.problems.append(
                    (where, f"'{pattern}' is not a step; name it as services.SERVICE.STEP")
                )
                continue
            services = self._services(where, ".".join(names[:2]))
            found = [
                (s, step) for s in services for step in self.steps[s] if edits.fits(step, names[2])
            ]
            if services and not found:
                known = {step for service in services for step in self.steps[service]}
                self.problems.append(
                    (
                        where,
                        f"points at nothing: no step '{names[2]}'{did_you_mean(names[2], known)}",
                    )
                )
            yield from found

    def _services(self, where: Path, pattern: str) -> list[str]:
        names = pattern.split(".")
        found = [
            s
            for s in self.steps
            if len(names) == 2 and names[0] == "services" and edits.fits(s, names[1])
        ]
        if not found:
            self.problems.append(
                (
                    where,
                    (
                        "points at nothing: no service "
                        f"'{names[-1]}'{did_you_mean(names[-1], self.steps)}"
                    ),
                )
            )
        return found

    def _structure(self, on: Sequence[Lever]) -> dict[Place, Callable[[Any], Any]]:
        services = {insert.service for lever in on for insert in lever.inserts}
        services |= {block.service for lever in on for block in lever.blocks}
        services |= {service for lever in on for service, _ in lever.removes}
        changes: dict[Place, Callable[[Any], Any]] = {}
        for service in self.steps:
            if service in services:
                changes["services", service, "route"] = partial(self._route, service=service, on=on)
        return changes

    def _route(self, route: Steps, service: str, on: Sequence[Lever]) -> Steps:
        gaps: dict[str, dict[str, Steps]] = {"before": {}, "after": {}}
        blocks: dict[str, Block] = {}
        for lever in on:
            rivals = [other for other in on if lever.name in other.overrides]
            for insert in lever.inserts:
                if insert.service == service and not any(
                    _same_gap(insert, r) for rival in rivals for r in rival.inserts
                ):
                    gaps[insert.side][insert.anchor] = list(insert.steps)
            for block in lever.blocks:
                if block.service == service and not any(
                    _overlap(block, r) for rival in rivals for r in rival.blocks
                ):
                    blocks[block.name] = block
        if any(gaps.values()):
            route = edits.deep(route, edits.inserted(gaps["before"], gaps["after"]))
        for block in blocks.values():
            route = edits.deep(route, edits.in_parallel(block.name, block.branches))
        gone = {step for lever in on for where, step in lever.removes if where == service}
        return edits.deep(route, edits.removed(gone)) if gone else route

    # --------------------------------------------------------------------------------------- values

    def _values(self, on: Sequence[Lever]) -> dict[Place, Callable[[Any], Any]]:
        sets: dict[Place, Any] = {}
        factors: dict[Place, list[Any]] = {}
        # products do not depend on the order of the file, to the last bit
        for lever in sorted(on, key=lambda one: one.name):
            rivals = [other for other in on if lever.name in other.overrides]
            for place, value in lever.sets.items():
                if not any(rival.touches(place) for rival in rivals):
                    sets[place] = value
            for place, factor in lever.factors.items():
                if not any(rival.touches(place) for rival in rivals):
                    factors.setdefault(place, []).append(factor)
        return {
            place: _change(sets.get(place, MISSING), tuple(factors.get(place, ())))
            for place in dict.fromkeys([*sets, *factors])
        }

    # ------------------------------------------------------------------------------------ conflicts

    def _conflicts(self) -> None:
        levers = list(self.levers.values())
        for k, one in enumerate(levers):
            for other in levers[:k]:
                if one.name not in other.overrides and other.name not in one.overrides:
                    self.problems += _refusals((*self.at, one.name), one, other)
            for place in one.touched & one.around:
                self.problems.append(
                    ((*self.at, one.name, "set"), f"changes {words(place)} and a part of it")
                )


def _refusals(at: Path, one: Lever, other: Lever) -> Iterator[tuple[Path, str]]:
    for verb, what in _disagreements(one, other):
        way_out = f"say `overrides: [{other.name}]` in '{one.name}', or the other way round"
        yield (*at, verb), f"'{one.name}' and '{other.name}' both {what}; {way_out}"


def _disagreements(one: Lever, other: Lever) -> Iterator[tuple[str, str]]:
    for place in one.touched:
        if place in other.sets and place in one.sets:
            if one.sets[place] != other.sets[place]:
                yield "set", f"set {words(place)}"
        elif place not in other.touched and other.touches(place):
            yield "set", f"change {words(place)}"
    for insert in one.inserts:
        if any(_same_gap(insert, rival) and insert.steps != rival.steps for rival in other.inserts):
            yield "insert", f"insert steps {insert.side} services.{insert.service}.{insert.anchor}"
    for block in one.blocks:
        if any(_overlap(block, rival) and block != rival for rival in other.blocks):
            yield "in_parallel", f"rearrange steps of services.{block.service}"


def _same_gap(one: Insert, other: Insert) -> bool:
    return (one.service, one.side, one.anchor) == (other.service, other.side, other.anchor)


def _overlap(one: Block, other: Block) -> bool:
    return one.service == other.service and (
        one.name == other.name or bool(one.steps & other.steps)
    )


def _change(value: Any, factors: tuple[Any, ...]) -> Callable[[Any], Any]:
    """What becomes of an old value that is set, then multiplied."""

    def change(old: Any) -> Any:
        if old is MISSING and (value is MISSING or edits.refers_back(value)):
            return MISSING
        new = old if value is MISSING else edits.stated(value, old)
        for factor in factors:
            new = edits.product(new, factor)
        return new

    return change


def _listed(spec: Any) -> list[Any]:
    return [] if spec is None else [spec] if isinstance(spec, Mapping) else list(spec)


def _entries(where: Path, spec: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if isinstance(spec, Mapping):
        yield where, spec
    for k, entry in enumerate(spec if isinstance(spec, list) else ()):
        yield (*where, k), entry


def _rules_of(tree: Mapping[str, Any]) -> dict[str, list[Any]]:
    return dict(tree.get("rules") or {"serves": [], "merge_desks": []})


def _rules(on: Sequence[Lever], verb: str) -> list[Any]:
    return [rule for lever in on for rule in lever.rules[verb]]
