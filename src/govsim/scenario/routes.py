"""Checks of routes: names once, choices complete, branches that come back.

Nothing may stand inside a parallel block that cannot come back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govsim.scenario import units
from govsim.scenario.problems import Path, did_you_mean, step_name
from govsim.scenario.units import Kind, UnitError

Tree = Mapping[str, Any]
Found = Iterator[tuple[Path, str]]
MARKS = ("accepted", "first_answer", "decided")
OUTCOMES = ("rejected", "withdrawn")


def sequences(step: Tree) -> Iterator[tuple[Path, list[Any]]]:
    """The sequences inside a step, with their places in it."""
    for key in ("then", "else"):
        if isinstance(step.get(key), list):
            yield (key,), step[key]
    for key in ("cases", "branches"):
        named = step.get(key)
        for name, steps in named.items() if isinstance(named, Mapping) else ():
            if isinstance(steps, list):
                yield (key, name), steps


def steps_of(route: list[Any], path: Path) -> Iterator[tuple[Path, Tree]]:
    """Every step of a route, in the order of the text, with its path."""
    for index, step in enumerate(route):
        if isinstance(step, Mapping):
            yield (*path, index), step
            for place, inside in sequences(step):
                yield from steps_of(inside, (*path, index, *place))


AT_AN_END = "a case that comes to an 'end' is over: name the step before it"


def ends(route: list[Any], name: object) -> bool:
    """Whether the step of that name is an `end`."""
    return any("end" in step and step_name(step) == name for _, step in steps_of(route, ()))


def check_routes(tree: Tree) -> Found:
    """What is wrong with the routes of all services."""
    for name, service in tree["services"].items():
        path = ("services", name, "route")
        if not service["route"]:
            yield path, "a route has at least one step"
        yield from _names(service["route"], path)
        for place, step in steps_of(service["route"], path):
            yield from _step(tree, service, place, step)
        yield from _ends(service["route"], path)
        for place, step in steps_of(service["route"], path):
            if "parallel" in step:
                for inside, steps in sequences(step):
                    yield from _returns(steps, (*place, *inside), str(step["parallel"]))


def _names(route: list[Any], path: Path) -> Found:
    seen: dict[str, Tree] = {}
    for place, step in steps_of(route, path):
        name = step_name(step)
        if name in seen:
            hint = (
                "; name it otherwise and say `as: " + str(step["mark"]) + "`"
                if step.get("mark") in MARKS
                else ""
            )
            yield place, f"a second step of this service is called '{name}'{hint}"
        elif name is not None:
            seen[name] = step


def _step(tree: Tree, service: Tree, path: Path, step: Tree) -> Found:
    if "choice" in step:
        yield from _choice(tree, service, path, step)
    elif "parallel" in step and not step["branches"]:
        yield (*path, "branches"), "a parallel block has at least one branch"
    elif "mark" in step and "as" not in step and step["mark"] not in MARKS:
        yield path, f"no mark '{step['mark']}'{did_you_mean(step['mark'], MARKS)}"
    elif "review" in step and "supplement" not in step and "reject" not in step:
        yield path, "a review has `supplement`, `reject` or both; else it is a task"
    elif (
        "transfer" in step
        and "electronic_takes" not in step
        and "paper" in step
        and step["paper"] != 1
    ):
        yield path, "'electronic_takes' is missing: not every file is on paper"
    elif "delay" in step:
        yield from _delay(path, step)
    if "misdirected" in step:
        desks = tree["desks"]
        for place, desk in (
            ((*path, "misdirected"), step["desk"]),
            ((*path, "misdirected", "desk"), step["misdirected"]["desk"]),
        ):
            if desk in desks and desks[desk]["kind"] != "window":
                yield (
                    place,
                    f"only windows are visited: '{desk}' is a desk for {desks[desk]['kind']}",
                )


def _delay(path: Path, step: Tree) -> Found:
    takes = step["takes"]
    if step["owner"] != "notice" or units.is_name(takes):
        return
    if isinstance(takes, Mapping) and "value" not in takes:
        yield (*path, "takes"), f"a notice is a term: {Kind.TERM}"
        return
    try:
        units.fit(takes["value"] if isinstance(takes, Mapping) else takes, Kind.TERM)
    except UnitError as error:
        yield (*path, "takes"), str(error)


def _choice(tree: Tree, service: Tree, path: Path, step: Tree) -> Found:
    if ("by" in step) == ("chance" in step):
        yield path, "a choice goes either `by` an attribute or by `chance`"
    elif "chance" in step:
        if "then" not in step:
            yield path, "'then' is missing: the steps that are taken by this chance"
        if "cases" in step:
            yield (
                (*path, "cases"),
                "`cases` belongs to a choice `by` an attribute; this one has `then` and `else`",
            )
    else:
        for key in ("then", "else"):
            if key in step:
                yield (*path, key), f"`{key}` belongs to a choice by `chance`; this one has `cases`"
        yield from _cases(tree, service, path, step)


def _cases(tree: Tree, service: Tree, path: Path, step: Tree) -> Found:
    attributes = service.get("attributes") or {}
    values = attributes.get(step["by"])
    if isinstance(values, str):
        values = (tree.get("attributes") or {}).get(values)
    if step["by"] not in attributes:
        yield (
            (*path, "by"),
            f"no attribute '{step['by']}' in this service{did_you_mean(step['by'], attributes)}",
        )
    elif "cases" not in step:
        yield path, "'cases' is missing: the steps for each value"
    elif isinstance(values, Mapping):
        for value in step["cases"]:
            if value not in values:
                yield (
                    (*path, "cases", value),
                    f"no value '{value}' of '{step['by']}'{did_you_mean(value, values)}",
                )
        for value in values:
            if value not in step["cases"]:
                yield (
                    (*path, "cases"),
                    (
                        f"the value '{value}' of '{step['by']}' is missing; write [] if nothing "
                        "happens"
                    ),
                )


def _ends(route: list[Any], path: Path) -> Found:
    """A step behind an `end` is never reached."""
    for index, step in enumerate(route):
        if isinstance(step, Mapping):
            if "end" in step and index + 1 < len(route):
                yield (
                    (*path, index + 1),
                    f"is never reached: it stands after the end '{step['end']}'",
                )
            for place, inside in sequences(step):
                yield from _ends(inside, (*path, index, *place))


def _returns(steps: list[Any], path: Path, block: str) -> Found:
    """A branch of a parallel block can only return."""
    where = f"inside the parallel block '{block}': a branch can only return"
    for index, step in enumerate(steps):
        place: Path = (*path, index)
        if not isinstance(step, Mapping) or "parallel" in step:
            continue  # a block inside is looked at by itself
        if "end" in step:
            yield place, f"an end stands {where}"
        if "patience" in step:
            yield (*place, "patience"), f"patience runs out {where}"
        if step.get("reject", 0) != 0:
            yield (*place, "reject"), f"a rejection stands {where}"
        supplement = step.get("supplement")
        if isinstance(supplement, Mapping) and supplement.get("then") in OUTCOMES:
            yield (
                (*place, "supplement", "then"),
                f"'{supplement['then']}' stands {where}; say passes",
            )
        for inside, inner in sequences(step):
            yield from _returns(inner, (*place, *inside), block)
