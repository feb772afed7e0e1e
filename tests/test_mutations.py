"""Whatever is done to a scenario file, it is loaded or refused with messages: never a traceback."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govsim.errors import ScenarioError
from govsim.organisation.load import load
from govsim.scenario import text

PATH = Path(__file__).parent / "broken" / "small.yaml"
TREE = text.parse(
    (PATH.parent / "head_version.yaml")
    .read_text(encoding="utf-8")
    .replace("govsim: 2", "govsim: 1")
).tree
JUNK: tuple[Any, ...] = (
    None, 3, -1, 0, 0.5, 1e300, "x", "", True, [], {}, [1], ["x"], {"x": 1}, {"value": 1},
    {"times": 2}, "20 min", "2 working days", {"base": 1, "extra": 0.1, "half_life": "2 days"},
    "2024-13-01", "before", "rest", "any time", "10 %", "<x>", "*",
    {"gamma": {"mean": "1 min", "cv": 1}}, {"value": "3 min", "range": [1, 5]}, {"value": "x"},
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in inner:
        yield from places(value, (*path, key))


PLACES = list(places(TREE))


def inside(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def mutated(chance: random.Random) -> str:
    """The small scenario with something replaced, left out, renamed or put elsewhere."""
    tree = copy.deepcopy(TREE)
    *around, last = chance.choice(PLACES)
    node, what = inside(tree, tuple(around)), chance.random()
    if what < 0.5:
        node[last] = chance.choice(JUNK)
    elif what < 0.7:
        del node[last]
    elif what < 0.85 and isinstance(node, dict):
        node[chance.choice(("x", "desk", "value", "use", "task", "takes"))] = node.pop(last)
    else:
        node[last] = copy.deepcopy(inside(TREE, chance.choice(PLACES)))
    return json.dumps(tree)


def refusal(written: str) -> str:
    """The message with which a text is refused; nothing where it is not."""
    try:
        load(PATH, written)
    except ScenarioError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))]
)
def test_a_mutated_scenario_is_loaded_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    messages = [refusal(mutated(chance)) for _ in range(40)]
    refused = [message for message in messages if message]
    assert len(refused) > 20
    assert all(message.startswith(f"{PATH}:") for message in refused)
