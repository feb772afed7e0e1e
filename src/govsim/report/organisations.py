"""The two organisations side by side (section 2): numbers, levers, process maps.

Levers are shown as differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from govsim.display import names
from govsim.display.blocks import Block, Cell, Fold, Heading, Routes, Rows, Table, Text
from govsim.display.words import Words
from govsim.organisation.nouns import Choice, Organisation, Parallel, Step, Task, Transfer
from govsim.report.maps import DRAWN_FIRST, Fork, Map, Node, handovers
from govsim.report.material import Material, scope_name

SHOWN = 8  # changes of a lever that are spelt out


def organisations(material: Material, words: Words) -> list[Block]:
    """The section's blocks."""
    if material.scenario is None:
        return [Text(words("no_scenario", why=material.trouble), "warning")]
    before, after = material.organisations
    blocks: list[Block] = [_numbers(before, after, material, words), Heading(words("levers"))]
    blocks += _levers(material, words)
    drawn = material.maps
    blocks += [Heading(words("maps")), Text(words("maps_intro"), "note")]
    blocks += [_routes(each, material, words) for each in drawn[:DRAWN_FIRST]]
    rest = [_routes(each, material, words) for each in drawn[DRAWN_FIRST:]]
    return blocks + ([Fold(words("maps_folded", number=len(rest)), rest)] if rest else [])


def _numbers(before: Organisation, after: Organisation, material: Material, words: Words) -> Table:
    counted: dict[str, Callable[[Organisation], int]] = {
        "departments": lambda o: len(
            {o.departments[group.department] for group in o.staff.values() if group.members}
        ),
        "groups": lambda o: sum(group.members > 0 for group in o.staff.values()),
        "posts": lambda o: sum(group.members for group in o.staff.values()),
        "handovers_count": lambda o: handovers(o, material.services),
        "signatures_count": lambda o: sum(
            each == "signature" for each in _kinds(o, material.services)
        ),
        "steps_mean": lambda o: sum(1 for _ in _kinds(o, material.services)),
    }
    rows: Rows = [
        [words(key), *(Cell(str(count(each))) for each in (before, after))]
        for key, count in counted.items()
    ]
    head = [
        words("quantity"),
        words.configuration(material.first),
        words.configuration(material.last),
    ]
    return Table(words("organisations_table"), head, rows)


def _kinds(organisation: Organisation, services: Sequence[str]) -> Iterator[str]:
    """The kind of desk of each task in the routes, and `transfer` for each transfer."""

    def inside(steps: Sequence[Step]) -> Iterator[str]:
        for step in steps:
            if isinstance(step, Task):
                yield organisation.desks[step.desk].kind
            elif isinstance(step, Transfer):
                yield "transfer"
            for branch in step.branches if isinstance(step, Choice | Parallel) else ():
                yield from inside(branch)

    for service in services:
        yield from inside(organisation.services[service].route)


# ------------------------------------------------------------------------------------------- levers


def _levers(material: Material, words: Words) -> list[Block]:
    levers: Mapping[str, Any] = material.tree.get("reform") or {}
    if not levers:
        return [Text(words("no_levers"))]
    kinds = [spec.get("kind") for spec in levers.values()]
    intro = words(
        "levers_intro",
        all=len(levers),
        merger=kinds.count("merger"),
        process=kinds.count("process"),
    )
    rows: Rows = []
    for name, spec in levers.items():
        touched = material.touched(name)
        rows.append(
            [
                material.called("reform", name, words),
                Cell(words.name(names.KINDS, str(spec.get("kind", ""))), number=False),
                Cell(_bundle(spec, material, words), number=False),
                Cell(str(touched)),
                Cell(_changes(spec, material, words), name, number=False),
            ]
        )
    head = [words(each) for each in ("lever", "kind", "bundle", "touches", "what_changes")]
    return [Text(intro), Table(words("levers_table"), head, rows)]


def _changes(spec: Mapping[str, Any], material: Material, words: Words) -> str:
    """What a lever does, in the file's own names; numbers that it names
    with their value and range.
    """
    told = [
        f"{path}: {_value(value, material, words)}"
        for path, value in (spec.get("set") or {}).items()
    ]
    for each in _listed(spec.get("merge_desks")):
        desks = [material.called("desks", desk, words) for desk in each["desks"]]
        told.append(words("did_merge", desks=words.listed(desks)))
    for each in _listed(spec.get("serves")):
        told.append(words("did_serve", groups=len(each["groups"]), desks=len(each["desks"])))
    for verb in ("insert", "in_parallel"):
        told += [
            f"{words(f'did_{verb}')}: {place}" for each in _listed(spec.get(verb)) for place in each
        ]
    told += [f"{words('did_removed')}: {place}" for place in _listed(spec.get("remove"))]
    shown = "; ".join(told[:SHOWN])
    return (
        shown if len(told) <= SHOWN else words("more_changes", shown=shown, more=len(told) - SHOWN)
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _value(value: Any, material: Material, words: Words) -> str:
    """A value of the file on one line; a parameter's name as its number and range."""
    if isinstance(value, Mapping):
        if set(value) == {"times"}:
            return f"× {_value(value['times'], material, words)}"
        if "value" in value:
            reach = (
                f" ({words('range', low=value['range'][0], high=value['range'][1])})"
                if value.get("range")
                else ""
            )
            return f"{value['value']}{reach}"
        return ", ".join(f"{key} {_value(each, material, words)}" for key, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value(each, material, words) for each in value)
    parameter = (
        (material.tree.get("parameters") or {}).get(value) if isinstance(value, str) else None
    )
    return _value(parameter, material, words) if parameter is not None else str(value)


def _bundle(spec: Mapping[str, Any], material: Material, words: Words) -> str:
    return material.called("bundles", spec["bundle"], words) if "bundle" in spec else "–"


# --------------------------------------------------------------------------------------------- maps


def _routes(each: Map, material: Material, words: Words) -> Block:
    service = scope_name(material, words, each.service)
    rows: Rows = [_row(each.service, *step, material, words) for step in each.steps]
    head = [words(key) for key in ("step", "kind", "is_before", "is_after", "change")]
    table = Table(words("map_table", service=service), head, rows)
    sides = tuple(
        (words.configuration(name), _labelled(each.service, nodes, material, words))
        for name, nodes in ((material.first, each.before), (material.last, each.after))
    )
    return Routes(words("map_of", service=service), sides, table)


def _row(
    service: str, node: Node, was: bool, now: bool, material: Material, words: Words
) -> list[str | Cell]:
    kind = words.name(names.STEPS, node.kind)
    return [
        material.called("steps", f"{service}.{node.name}", words),
        Cell(kind, number=False),
        *(Cell(words("yes" if each else "no"), number=False) for each in (was, now)),
        Cell("; ".join(_told(node, material, words)) or "–", number=False),
    ]


def _tags(node: Node, inside_new: bool, material: Material, words: Words) -> list[str]:
    """What became of a step, briefly: levers are named where the map itself changes,
    the rest is in the table.
    """
    told = []
    for kind in ("removed", "added", "desk", "inside"):
        if kind in node.changes:
            levers = [material.called("reform", each, words) for each in node.changes[kind]]
            named = kind in ("removed", "added") and levers
            told.append(
                words("by_lever", change=words(f"did_{kind}"), levers=words.listed(levers))
                if named
                else words(f"did_{kind}")
            )
    if "parallel" in node.changes and not inside_new:
        told.append(words("did_parallel"))
    other = [
        words(f"tag_{kind}")
        for kind in ("file", "meeting", "papers", "shares", "served", "numbers")
        if kind in node.changes
    ]
    return told + ([words("tags", tags=words.listed(other))] if other else [])


def _told(node: Node, material: Material, words: Words) -> list[str]:
    """What each lever did to a step, in words."""
    told = []
    for kind, levers in node.changes.items():
        if levers:
            told.append(
                words(
                    "by_lever",
                    change=words(f"did_{kind}"),
                    levers=words.listed(
                        [material.called("reform", each, words) for each in levers]
                    ),
                )
            )
        else:
            told.append(words(f"did_{kind}"))
    return told


def _labelled(
    service: str,
    nodes: Sequence[Node],
    material: Material,
    words: Words,
    inside_new: bool = False,
) -> list[dict[str, Any]]:
    """The nodes as the template draws them."""
    out: list[dict[str, Any]] = []
    for node in nodes:
        drawn_node: dict[str, Any] = {
            "name": material.called("steps", f"{service}.{node.name}", words),
            "kind": node.kind,
            "words": words.name(names.STEPS, node.kind),
            "marks": sorted(node.changes),
            "told": _tags(node, inside_new, material, words),
        }
        if isinstance(node, Fork):
            new = inside_new or "added" in node.changes
            drawn_node["branches"] = [
                (_branch(label, words), _labelled(service, each, material, words, new))
                for label, each in node.branches
            ]
        else:
            drawn_node["where"] = (
                material.called("departments", node.department, words) if node.department else ""
            )
        out.append(drawn_node)
    return out


def _branch(label: str, words: Words) -> str:
    return {"yes": words("by_chance"), "no": words("otherwise")}.get(label, label)
