"""Hashes of a scenario and of its claims: of the meaning, not of the spelling.

`60 min` is `1 h`, a fragment is what it stands for, display names and sources are for people. Where
order matters (staff and services number members and cases; the last value of an attribute takes the
rest) it is kept; elsewhere it is not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path as File
from typing import Any

from govsim.scenario import units
from govsim.scenario.columns import locate
from govsim.scenario.units import Unit, UnitError

NOTHING = "none"  # `known: none`: not even that the queues of `before` settle
RECOVERY, BY_WEEK = "months_to_recover", ("backlog", "cycle_time")  # what has a path by weeks
LEFT_OUT = frozenset(("title", "purpose", "claims", "known", "fragments", "names"))
SAID = frozenset(("about", "source", "name", "quote"))
NAMED = frozenset(
    (
        "parameters",
        "departments",
        "desks",
        "staff",
        "services",
        "reform",
        "configurations",
        "variants",
        "claims",
        "known",
    )
)
KEPT_IN_ORDER = frozenset(
    ("staff", "services", "desks", "meetings", "attributes", "cases", "branches")
)
HOW_MANY = ("replications", "until", "seed", "worlds")  # a run states them itself
JUDGED_BY = (
    "matters",
    "outcomes_margin",
    "headline",
)  # of an experiment: by these claims are judged


def hash_of(tree: Mapping[str, Any], folder: File | None = None) -> str:
    """Hash of the organisation, the demand, the reform and what is counted.

    The contents of CSV files are part of it.
    """
    meant = {key: value for key, value in tree.items() if key not in LEFT_OUT}
    experiment = meant.get("experiment")
    if isinstance(experiment, Mapping):
        meant["experiment"] = {
            key: value
            for key, value in experiment.items()
            if key not in HOW_MANY and key not in JUDGED_BY
        }
    files = sorted(_files(meant))
    contents = (
        [hashlib.sha256(locate(folder, name).read_bytes()).hexdigest() for name in files]
        if folder
        else files
    )
    return _digest([_canonical(meant, ()), contents])


def claims_hash_of(tree: Mapping[str, Any]) -> str:
    """Hash of the claims, and of what they are judged by: all of it is declared before the runs."""
    declared = {"claims": tree.get("claims") or {}, **judged_by(tree)}
    return _digest(_canonical(declared, ()))


def judged_by(tree: Mapping[str, Any]) -> dict[str, Any]:
    """What claims are judged by beside themselves: what is known, and parts of the experiment."""
    experiment = tree.get("experiment") or {}
    parts = {key: experiment[key] for key in JUDGED_BY if key in experiment}
    known = {"known": tree["known"]} if tree.get("known") else {}
    return {**known, **({"experiment": parts} if parts else {})}


def known_levels(tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """The levels that are stated as known of `before`, by name; empty where there are none."""
    known = tree.get("known")
    return known if isinstance(known, Mapping) else {}


def known_to_settle(tree: Mapping[str, Any]) -> bool:
    """Whether the queues of `before` are known to settle: unless the file says `known: none`."""
    return bool(tree.get("known") != NOTHING)


def _digest(meant: Any) -> str:
    text = json.dumps(meant, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(node: Any, path: tuple[str, ...]) -> Any:
    if isinstance(node, Mapping):
        pairs = [
            [key, _canonical(_ends(node) if key == "range" else value, (*path, key))]
            for key, value in node.items()
            if not (key in SAID and ((len(path) == 2 and path[0] in NAMED) or "value" in node))
        ]
        return {"of": pairs if _ordered(path) else sorted(pairs, key=lambda pair: str(pair[0]))}
    if isinstance(node, list):
        return [_canonical(item, (*path, "")) for item in node]
    if isinstance(node, bool) or node is None:
        return node
    try:
        quantity = units.parse(node)
    except UnitError:
        return node
    # in a claim 10 % is relative, 0.1 is not
    fraction = quantity.unit is Unit.PERCENT and path[0] != "claims"
    return [quantity.value, Unit.NUMBER.name if fraction else quantity.unit.name]


def _ends(parameter: Mapping[str, Any]) -> Any:
    """The ends of a range in minutes, working days or plain numbers, as its value is kept."""
    try:
        quantity = units.parse(parameter.get("value"))
        return [quantity.like(units.parse(end).value).value for end in parameter["range"]]
    except (UnitError, TypeError):  # told by those who read the value
        return parameter["range"]


def _ordered(path: tuple[str, ...]) -> bool:
    """Whether the order of a mapping means something: what it holds is numbered."""
    return bool(path) and (path[-1] in KEPT_IN_ORDER or path[-2:-1] == ("attributes",))


def _files(node: Any) -> set[str]:
    """The CSV files that the tree names."""
    if isinstance(node, Mapping):
        own = {node[key] for key in ("recorded", "file") if isinstance(node.get(key), str)}
        return own.union(*(_files(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_files(item) for item in node))
    return set()
