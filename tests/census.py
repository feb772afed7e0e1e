"""What a generated scenario has in it, rule by rule.

So the engines' agreement is known to have been tried on every rule.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from govsim.model import Model
from govsim.records import Records


def features(text: str, model: Model, records: Records) -> set[str]:
    """The features of issue's census, from the scenario and from what happened."""
    tree = json.loads(text)
    steps = [s for service in tree["services"].values() for s in walk(service["route"])]
    demands = [service["demand"] for service in tree["services"].values()]
    found = {desk.get("discipline", "fifo") for desk in tree["desks"].values()}
    present = {
        "zero durations": any(
            str(s.get("effort", s.get("takes", ""))).startswith("0 ") for s in steps
        ),
        "nested parallel blocks": any(
            "parallel" in s and any("parallel" in t for t in inner(s)) for s in steps
        ),
        "desks shared on different calendars": shared(tree),
        "absence": any("absence" in g for g in tree["staff"].values()),
        "learning": "learning" in tree,
        "patience": any("patience" in s for s in steps),
        "shared meetings": any("meeting" in s for s in steps),
        "review loops": bool((records.activities["attempt"] > 1).any()),
        "reform day": bool(tree["reform"]),
        "misdirection": bool((records.activities["attempt"] == 0).any()),
        "paths": any(
            k in text for k in ('"half_life": "2 days"', '"for": "3 days"', '"within": "4 days"')
        ),
        "recorded arrivals": any("recorded" in d for d in demands),
        "batch arrivals": any("batch" in d for d in demands),
        "suspension across the reform day": suspended(model, records),
        "a queue of two or more at a tie": tie(records),
    }
    return found | {name for name, there in present.items() if there}


def inner(step: dict[str, Any]) -> list[dict[str, Any]]:
    """All steps inside a step."""
    lists = [
        *step.get("branches", {}).values(),
        *step.get("cases", {}).values(),
        step.get("then", []),
        step.get("else", []),
    ]
    return [s for steps in lists if isinstance(steps, list) for s in walk(steps)]


def walk(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All steps of a route, at any depth."""
    return [s for step in steps for s in (step, *inner(step))]


def shared(tree: dict[str, Any]) -> bool:
    """A desk that groups of different calendars serve."""
    return any(
        len({g["calendar"] for g in tree["staff"].values() if desk in g["serves"] and g["members"]})
        > 1
        for desk in tree["desks"]
    )


def suspended(model: Model, records: Records) -> bool:
    """Work (not at a window) begun before the reform day and ended after it."""
    rows, reform = records.activities, model.arrays.reform
    at_desk = rows["member"] >= 0
    return bool((at_desk & (rows["started"] < reform) & (rows["ended"] > reform)).any())


def tie(records: Records) -> bool:
    """Two that joined one desk at one instant, one of whom at least had to wait."""
    rows = records.activities[records.activities["desk"] >= 0]
    waited = ~(rows["started"] == rows["joined"])
    pairs, first, count = np.unique(
        np.stack([rows["desk"], rows["joined"]]), axis=1, return_inverse=True, return_counts=True
    )
    del pairs
    return bool((waited & (count[first.reshape(-1)] > 1)).any())
