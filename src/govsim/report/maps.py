"""Process maps: a service's route before and after, and which lever did what to which step.

What a lever does to a step is not read from the file but seen: the organisation with that lever
alone beside the one without any. So removals, merged desks, departments that become one and changed
numbers are all found the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from govsim.organisation.nouns import (
    Choice,
    Delay,
    End,
    Mark,
    Meet,
    Organisation,
    Parallel,
    Path,
    Step,
    Task,
    Transfer,
)

NO_PATH = Path(0.0)
DRAWN_FIRST = 3  # maps that are not folded away


@dataclass(frozen=True)
class Box:
    """A step as drawn: its kind, whose it is, and what became of it by which levers."""

    name: str
    kind: str
    department: str = ""
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # kind of change -> levers


@dataclass(frozen=True)
class Fork:
    """Branches of a choice or of a parallel block; a label each."""

    name: str
    kind: str  # choice, parallel
    branches: tuple[tuple[str, tuple[Box | Fork, ...]], ...]
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Node = Box | Fork


@dataclass(frozen=True)
class Map:
    """The route of one service before and after."""

    service: str
    before: tuple[Node, ...]
    after: tuple[Node, ...]

    @property
    def steps(self) -> list[tuple[Node, bool, bool]]:
        """Every step once, in the order of the route: whether it is there before, and after."""
        before, after = (
            {node.name: node for node in every(nodes)} for nodes in (self.before, self.after)
        )
        names = list(dict.fromkeys([*before, *after]))
        return [(after.get(name) or before[name], name in before, name in after) for name in names]

    @property
    def changed(self) -> int:
        """How many steps are removed, added, moved or made parallel."""
        return sum(bool(structural(node.changes)) for node, *_ in self.steps)


def structural(changes: Mapping[str, Any]) -> set[str]:
    """The changes that alter the map, not only numbers."""
    return set(changes) & {"removed", "added", "parallel", "desk", "inside"}


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    """All steps, blocks before what is in them."""
    for node in nodes:
        yield node
        for _, branch in node.branches if isinstance(node, Fork) else ():
            yield from every(branch)


def maps(
    before: Organisation,
    after: Organisation,
    alone: Mapping[str, Organisation],
    services: Sequence[str],
) -> list[Map]:
    """The maps of some services, those whose route changes most first.

    `alone` has each lever's organisation by itself.
    """
    made = [_map(service, before, after, alone) for service in services]
    return sorted(made, key=lambda each: -each.changed)


def touches(before: Organisation, after: Organisation, service: str) -> bool:
    """Whether anything of a service differs: a step, who files and when, or its terms."""
    first, second = (replace(each.services[service], route=()) for each in (before, after))
    return first != second or bool(_differences(_facts(before, service), _facts(after, service)))


def _map(
    service: str, before: Organisation, after: Organisation, alone: Mapping[str, Organisation]
) -> Map:
    facts = _facts(before, service)
    seen = {
        lever: _differences(facts, _facts(organisation, service))
        for lever, organisation in alone.items()
    }
    found = {
        step: {
            kind: tuple(lever for lever, each in seen.items() if kind in each.get(step, ()))
            for kind in kinds
        }
        for step, kinds in _differences(facts, _facts(after, service)).items()
    }
    gone = {step: kinds for step, kinds in found.items() if "removed" in kinds}
    return Map(service, _drawn(before, service, gone), _drawn(after, service, found))


# ------------------------------------------------------------------------ what is said of each step


@dataclass(frozen=True)
class _Fact:
    """What can be told apart about a step."""

    around: tuple[str, ...]  # parallel blocks
    desk: str
    handover: bool
    meeting: Any
    shares: Any
    file: Any
    papers: Any
    served: Any
    rest: Any


COMPARED = {
    "around": "parallel",
    "desk": "desk",
    "meeting": "meeting",
    "shares": "shares",
    "file": "file",
    "papers": "papers",
    "served": "served",
    "rest": "numbers",
}


def _differences(
    before: Mapping[str, _Fact], after: Mapping[str, _Fact]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {name: ("removed",) for name in before if name not in after}
    for name, now in after.items():
        was = before.get(name)
        if was is None:
            found[name] = ("added",)
            continue
        kinds = ["inside"] if was.handover and not now.handover else []
        kinds += [kind for key, kind in COMPARED.items() if getattr(was, key) != getattr(now, key)]
        if kinds:
            found[name] = tuple(kinds)
    return found


def _facts(organisation: Organisation, service: str) -> dict[str, _Fact]:
    spec = organisation.services[service]
    shares = {each.name: each.values for each in spec.attributes}
    servers = _servers(organisation)
    found: dict[str, _Fact] = {}

    def look(steps: Sequence[Step], around: tuple[str, ...], place: str) -> str:
        for step in steps:
            desk, handover = "", False
            meeting: Any = None
            share: Any = None
            file: Any = None
            papers: Any = None
            served: Any = None
            rest: Any = None
            if isinstance(step, Task):
                review = step.review
                desk, served = step.desk, servers.get(step.desk)
                papers = review and (
                    review.incomplete,
                    review.again,
                    review.tolerated,
                    review.reject,
                )
                plain = review and replace(
                    review, incomplete=NO_PATH, again=NO_PATH, tolerated=NO_PATH, reject=NO_PATH
                )
                rest = (step.effort, plain, step.misdirected, organisation.desks[step.desk].factor)
            elif isinstance(step, Transfer):
                handover = organisation.departments[place] != organisation.departments[step.to]
                file, place = (step.paper, step.takes, step.electronic_takes, step.leaves), step.to
            elif isinstance(step, Meet):
                meeting, rest = organisation.meetings[step.at], step.stops_clock
            elif isinstance(step, Choice):
                share = (step.chance, shares.get(step.by or ""))
            elif isinstance(step, Delay):
                rest = (step.takes, step.stops_clock)
            found[step.name] = _Fact(
                around, desk, handover, meeting, share, file, papers, served, rest
            )
            if isinstance(step, Choice | Parallel):
                inside = (*around, step.name) if isinstance(step, Parallel) else around
                ends = {look(branch, inside, place) for branch in step.branches}
                place = ends.pop() if isinstance(step, Choice) and len(ends) == 1 else place
        return place

    look(spec.route, (), spec.department)
    return found


def _servers(organisation: Organisation) -> dict[str, list[tuple[str, int]]]:
    """Which groups, with how many members, serve each desk."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name, group in organisation.staff.items():
        for desk in dict.fromkeys(desk for serves in group.serves for desk in serves):
            found.setdefault(desk, []).append(
                (name, sum(desk in serves for serves in group.serves))
            )
    return found


# -------------------------------------------------------------------------------------- the drawing


def _drawn(
    organisation: Organisation, service: str, changes: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> tuple[Node, ...]:
    spec = organisation.services[service]
    values = {each.name: [value.name for value in each.values] for each in spec.attributes}

    def nodes(steps: Sequence[Step]) -> tuple[Node, ...]:
        return tuple(node(step) for step in steps)

    def node(step: Step) -> Node:
        changed = changes.get(step.name, {})
        if isinstance(step, Choice):
            labels = values[step.by] if step.by else ["yes", "no"]
            return Fork(
                step.name,
                "choice",
                tuple(zip(labels, map(nodes, step.branches), strict=True)),
                changed,
            )
        if isinstance(step, Parallel):
            return Fork(
                step.name,
                "parallel",
                tuple(("", nodes(branch)) for branch in step.branches),
                changed,
            )
        return Box(step.name, _kind(organisation, step), _department(organisation, step), changed)

    return nodes(spec.route)


def _kind(organisation: Organisation, step: Step) -> str:
    if isinstance(step, Task):
        return organisation.desks[step.desk].kind
    if isinstance(step, Delay):
        return step.owner
    if isinstance(step, Mark):
        return step.mark
    if isinstance(step, End):
        return step.outcome
    return "transfer" if isinstance(step, Transfer) else "meeting"


def _department(organisation: Organisation, step: Step) -> str:
    """The department that does it, or that the file goes to."""
    if isinstance(step, Task):
        return organisation.desks[step.desk].department
    return step.to if isinstance(step, Transfer) else ""


def handovers(organisation: Organisation, services: Sequence[str]) -> int:
    """How many transfers in the routes lead to another department."""
    return sum(
        each.handover for service in services for each in _facts(organisation, service).values()
    )
