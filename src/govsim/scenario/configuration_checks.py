"""What only configurations can get wrong: for each single lever,
each configuration that the file names, each variant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from govsim.scenario.lever_values import unfit
from govsim.scenario.levers import Lever, Levers
from govsim.scenario.organisation import Choice, End, Organisation, Parallel, Service, Step, Task
from govsim.scenario.problems import Path, Problem, ScenarioError, at

if TYPE_CHECKING:
    from govsim.scenario.configure import Plan
    from govsim.scenario.resolve_pieces import Told


def check_plan(plan: Plan) -> list[Problem]:
    """Problems of levers, variants and configurations;
    what follows from a wrong lever is not told besides.
    """
    plan.enter({})
    checks = Checks(plan)
    problems = checks.base()
    wrong = {path[1] for path, _ in checks.levers}
    for lever in plan.variation(None).levers.levers.values():
        if lever.name not in wrong:
            problems += checks.lever(lever)
    if not problems:
        for name in plan.names():
            problems += checks.configuration(name)
        for name in plan.variants.levers:
            problems += checks.variant(name)
    return sorted(set(problems))


class Checks:
    """Tells each problem once, where it first appears."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.before, self.told = plan.organisation(plan.variation(None).tree)
        self.seen: set[Told] = {*(self.told or together(self.before, self.before))}
        self.levers = [
            *(
                (path, message)
                for levers in (plan.variation(None).levers, plan.variants)
                for path, message in self._levers(levers)
            )
        ]

    def _levers(self, levers: Levers) -> list[tuple[Path, str]]:
        return [*levers.problems, *unfit(levers, self.plan.stated, self.plan.folder)]

    def base(self) -> list[Problem]:
        """Problems of the file's organisation itself, and of what levers and variants say."""
        plan = self.plan
        said = [at(plan.stated, plan.lines, path, message) for path, message in self.levers]
        try:
            plan.sets_touching(plan.variation(None))
        except ScenarioError as many:
            said += many.problems
        return [*said, *(plan.problem(*told) for told in self.seen)]

    def lever(self, lever: Lever) -> Iterator[Problem]:
        """Problems of the organisation with one lever on."""
        base = self.plan.variation(None)
        after, told = self.plan.organisation(base.levers.apply([lever.name]))
        for place, message in self._new(told or together(self.before, after)):
            line = self._line(("reform", lever.name, *_about(lever, place)))
            yield Problem(line, place, f"{message} (with lever '{lever.name}')")

    def configuration(self, name: str) -> Iterator[Problem]:
        """Problems of a configuration and of its own changes."""
        plan, base = self.plan, self.plan.variation(None)
        on, own = plan.resolved(name)
        for of, spec in own:
            changes = Levers(base.tree, {of: spec}, ("configurations",))
            yield from (
                at(plan.stated, plan.lines, path, message)
                for path, message in self._levers(changes)
            )
        after, told = plan.organisation(plan.applied(base, on, own))
        for place, message in self._new(told or together(self.before, after)):
            yield Problem(
                self._line(("configurations", name)),
                place,
                f"{message} (in configuration '{name}')",
            )

    def variant(self, name: str) -> Iterator[Problem]:
        """Problems of a variant, before and after."""
        variation = self.plan.variation(name)
        before, told_before = self.plan.organisation(variation.tree)
        after, told_after = self.plan.organisation(
            self.plan.applied(variation, *self.plan.resolved("after"))
        )
        for place, message in self._new([*told_before, *told_after] or together(before, after)):
            yield Problem(self._line(("variants", name)), place, f"{message} (in variant '{name}')")

    def _new(self, told: Iterable[Told]) -> Iterator[Told]:
        for one in told:
            if one not in self.seen:
                self.seen.add(one)
                yield one

    def _line(self, path: Path) -> int:
        return at(self.plan.stated, self.plan.lines, path, "").line


def _about(lever: Lever, place: str) -> tuple[str, ...]:
    """Where in a lever the change of a place stands."""
    for touched, pattern in lever.written.items():
        words = ".".join(name for name in touched if name != "route")
        if place.startswith(words) or words.startswith(place):
            return ("set", pattern)
    return ()


def together(before: Organisation, after: Organisation) -> Iterator[Told]:
    """What two organisations get wrong only beside each other."""
    yield from unserved(before, after)
    yield from unreached(after)
    yield from changed_kind(before, after)


def changed_kind(before: Organisation, after: Organisation) -> Iterator[Told]:
    """What the reform cannot change, because cases and queues live through it."""
    for name, old in before.services.items():
        new = after.services.get(name, old)
        if [(a.name, [v.name for v in a.values]) for a in old.attributes] != [
            (a.name, [v.name for v in a.values]) for a in new.attributes
        ]:
            yield (
                f"services.{name}.attributes",
                "a reform can change shares, but not which attributes and values there are",
            )
        if replace(old.demand, rate=(), calendar=None) != replace(
            new.demand, rate=(), calendar=None
        ):
            yield (
                f"services.{name}.demand",
                "a reform can change how many file and in which calendar, but not this",
            )
        if old.internal != new.internal:
            yield f"services.{name}.internal", "a reform cannot change this"
    for name, desk in before.desks.items():
        if after.desks.get(name, desk).kind != desk.kind:
            yield f"desks.{name}.kind", "a reform cannot change this; let steps go to another desk"


def unserved(before: Organisation, after: Organisation) -> Iterator[Told]:
    """Desks that a route uses and that nobody serves in a regime in
    which cases may come to them.
    """
    for regime, needed in ((before, used(before)), (after, {**used(before), **used(after)})):
        served = {
            desk for group in regime.staff.values() for serves in group.serves for desk in serves
        }
        for desk, step in needed.items():
            if desk not in served:
                when = (
                    ""
                    if before is after
                    else " before the reform"
                    if regime is before
                    else " from the reform day"
                )
                yield f"desks.{desk}", f"nobody serves this desk{when}, but {step} needs it"


def unreached(organisation: Organisation) -> Iterator[Told]:
    """Steps that stand after an `end`: the file refuses its own, a lever may put some there."""
    for name, service in organisation.services.items():
        stack = [service.route]
        while stack:
            steps = stack.pop()
            for step, following in pairwise(steps):
                if isinstance(step, End):
                    yield (
                        f"services.{name}.{following.name}",
                        f"is never reached: it stands after the end '{step.name}'",
                    )
            stack += [
                branch
                for step in steps
                if isinstance(step, Choice | Parallel)
                for branch in step.branches
            ]


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
        step = stack.pop(0)
        if isinstance(step, Task):
            yield step.desk, step.name
            if step.misdirected:
                yield step.misdirected.desk, step.name
        elif isinstance(step, Choice | Parallel):
            stack += [inner for branch in step.branches for inner in branch]
