"""What a lever sets, checked as if it stood in the file itself.

It is held against what the file might have said there: the same schema, the same messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path as File
from typing import Any

from govsim.organisation.edits import Place, changed, refers_back
from govsim.organisation.levers import Lever, Levers
from govsim.organisation.parameters import unnamed
from govsim.scenario.fields import Context, Number, check_number
from govsim.scenario.problems import Path
from govsim.scenario.schema import problems_of
from govsim.scenario.units import Kind

FACTOR = Number(Kind.NUMBER, path=True, least=0.0)  # what `times` may be


def unfit(levers: Levers, stated: Mapping[str, Any], folder: File) -> Iterator[tuple[Path, str]]:
    """Values that could not stand where levers put them in a file (`stated`: its tree).

    Those that speak of the old value are told when they are resolved.
    """
    context = Context(stated, folder)
    for lever in levers.levers.values():
        for place, value in (*lever.factors.items(), *_factors(lever)):
            for inside, message in check_number(unnamed(value), context, FACTOR):
                yield (*levers.at, lever.name, "set", lever.written[place], *inside), message
        items: dict[tuple[Place, Place], dict[Place, Any]] = {}
        for place, value in lever.sets.items():
            if not refers_back(value):
                # refused beside a part of it: looked at without that part
                whole = place if place in lever.around else ()
                items.setdefault((_item(place), whole), {})[place] = value
        for (item, _), values in items.items():
            for inside, message in _wrong(levers, item, values, context):
                yield (
                    (*levers.at, lever.name, "set", *_pattern(lever, values, item, inside)),
                    message,
                )


def _factors(lever: Lever) -> Iterator[tuple[Place, Any]]:
    """The factors inside values that speak of the old one, as in {base: {times: 2}, extra: 1}."""
    for place, value in lever.sets.items():
        for node in _inside(value):
            if set(node) == {"times"}:
                yield place, node["times"]


def _inside(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
    for part in (
        node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    ):
        yield from _inside(part)


def _item(place: Place) -> Place:
    """The smallest part that a schema knows: a step, something with a name,
    or a section without names.
    """
    return (
        place[:4]
        if place[2:3] == ("route",)
        else place[:2]
        if place[0] != "learning"
        else place[:1]
    )


def _wrong(
    levers: Levers, item: Place, values: Mapping[Place, Any], context: Context
) -> Iterator[tuple[Path, str]]:
    node: Any = levers.tree
    for name in item[:1] if len(item) > 2 else item:
        node = node.get(name) or {}
    part = {"of": levers.steps[item[1]][item[3]] if len(item) > 2 else node}
    changes = {
        ("of", *place[len(item) :]): partial(_instead, value) for place, value in values.items()
    }
    new = unnamed(changed(part, changes)["of"])
    if item[0] == "services" and len(item) == 2:
        new = {**new, "route": []}  # steps are looked at one by one
    yield from problems_of("steps" if len(item) > 2 else item[0], new, context)


def _instead(new: Any, old: Any) -> Any:
    return new


def _pattern(
    lever: Lever, values: Mapping[Place, Any], item: Place, inside: Path
) -> tuple[str, ...]:
    """The path that the lever wrote for the value in which a mistake lies."""
    place = (*item, *map(str, inside))
    near = [p for p in values if place[: len(p)] == p or p[: len(place)] == place] or list(values)
    return (lever.written[near[0]],)
