"""Checks of before and after: what two organisations get wrong only beside each other.

What a reform cannot change, desks that nobody serves, steps that are never reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from govsim.organisation.nouns import Choice, End, Organisation, Parallel, Service, Step, Task
from govsim.organisation.pieces import Told


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
