"""What merger levers touch: whether it joins two departments, or could be had without a merger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMES = ("name", "about")  # shown, never simulated
BELONGING = ("department", "part_of")


def relabelling(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """Merger levers that change names and belonging only: who a desk, a group or a department
    belongs to, and nothing that anybody does.
    """
    return tuple(
        name
        for name, spec in (tree.get("reform") or {}).items()
        if spec.get("kind") == "merger" and _relabels(spec)
    )


def _relabels(spec: Mapping[str, Any]) -> bool:
    verbs = {"insert", "in_parallel", "remove", "merge_desks", "serves"} & spec.keys()
    fields = [path.rsplit(".", 1)[-1] for path in spec.get("set") or ()]
    named = all(field in (*NAMES, *BELONGING) for field in fields)
    return not verbs and named and any(field in BELONGING for field in fields)
