"""What merger levers touch: whether it joins two departments, or could be had without a merger."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from govsim.errors import ScenarioError
from govsim.organisation.configure import configure
from govsim.organisation.nouns import Choice, Organisation, Parallel, Step, Task, Transfer
from govsim.scenario import Scenario

NAMES = ("name", "about")  # shown, never simulated
BELONGING = ("department", "part_of")


def relabelling(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """Merger levers that change names and belonging only: who a desk, a group or a department
    belongs to, and nothing that anybody does.
    """
    return tuple(name for name, spec in _mergers(tree).items() if _relabels(spec))


def _mergers(tree: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    reform = tree.get("reform") or {}
    return {name: spec for name, spec in reform.items() if spec.get("kind") == "merger"}


def _relabels(spec: Mapping[str, Any]) -> bool:
    verbs = {"insert", "in_parallel", "remove", "merge_desks", "serves"} & spec.keys()
    fields = [path.rsplit(".", 1)[-1] for path in spec.get("set") or ()]
    named = all(field in (*NAMES, *BELONGING) for field in fields)
    return not verbs and named and any(field in BELONGING for field in fields)


def apart(scenario: Scenario, variant: str | None = None) -> tuple[str, ...]:
    """Merger levers that join nothing of two departments: they could be had without a merger.

    With such a lever on, nothing differs that lies between departments: what belongs to what, who
    serves desks of another one, transfers, and tasks of a service at desks of another one. A lever
    that cannot work by itself is looked at as the last one added.
    """
    mergers = _mergers(scenario.tree)
    return tuple(name for name in mergers if not _joins(scenario, name, variant))


def as_process(tree: Mapping[str, Any], apart: Collection[str]) -> tuple[str, str] | None:
    """The configurations of the process levers alone and of the merger levers alone, where those
    that could be had without a merger are counted as process levers.

    None where there is none, or nothing else.
    """
    left = [name for name in _mergers(tree) if name not in apart]
    kinds = {spec.get("kind") for spec in (tree.get("reform") or {}).values()}
    if not apart or not (left or "process" in kinds):
        return None
    if not left:
        return "after", "before"
    return "+".join(["process_only", *apart]), "-".join(["merger_only", *apart])


def base_of(name: str) -> str:
    """The configuration to which `A+B-C` adds levers, or from which it takes some: A."""
    return re.split("[+-]", name)[0]


def games(tree: Mapping[str, Any], apart: Collection[str]) -> list[tuple[str, ...]]:
    """The configurations that together tell whose doing a gain is: by default, with what a claim
    calls without the merger, and with what could be had without it as process levers.
    """
    claims = (tree.get("claims") or {}).values()
    sides = [(claim.get("without_merger", "process_only"), "merger_only") for claim in claims]
    counted = as_process(tree, apart)
    sides += [counted] if counted else []
    every = [tuple(dict.fromkeys(("before", *each, "after"))) for each in sides]
    return [*dict.fromkeys(every)]


def _joins(scenario: Scenario, lever: str, variant: str | None) -> bool:
    reform = (scenario.tree.get("reform") or {}).items()
    every = [name for name, spec in reform if spec.get("kind") in ("merger", "process")]
    for without, with_it in (
        ([], [lever]),
        ([name for name in every if name != lever], every),
    ):
        first, second = (_organisation(scenario, on, variant) for on in (without, with_it))
        if first is not None and second is not None:
            return _between(first) != _between(second)
    return True


def _organisation(
    scenario: Scenario, on: Collection[str], variant: str | None
) -> Organisation | None:
    """The organisation with some levers on; None where they cannot work so."""
    try:
        return configure(scenario, on, variant).regimes[1]
    except ScenarioError:
        return None


def _between(organisation: Organisation) -> frozenset[tuple[Any, ...]]:
    """All that lies between two departments."""
    outermost = organisation.departments
    desks = {name: outermost[desk.department] for name, desk in organisation.desks.items()}
    found: set[tuple[Any, ...]] = {("part of", *each) for each in outermost.items()}
    found |= {("desk", name, desk.department) for name, desk in organisation.desks.items()}
    for name, group in organisation.staff.items():
        found.add(("group", name, group.department))
        served = {desk for member in group.serves for desk in member}
        found |= {
            ("serves", name, desk) for desk in served if desks[desk] != outermost[group.department]
        }
    for name, service in organisation.services.items():
        found.add(("service", name, service.department))
        for step in _steps(service.route):
            if isinstance(step, Transfer):
                found.add(("transfer", name, step))
            elif isinstance(step, Task) and desks[step.desk] != outermost[service.department]:
                found.add(("task", name, step.name, step.desk))
    return frozenset(found)


def _steps(route: Collection[Step]) -> Iterator[Step]:
    """All steps, those of branches too."""
    for step in route:
        yield step
        if isinstance(step, Choice | Parallel):
            for branch in step.branches:
                yield from _steps(branch)
