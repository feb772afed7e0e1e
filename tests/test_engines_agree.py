"""The first oracle: on every scenario the two engines give the same bytes."""

from __future__ import annotations

import functools
import pathlib
import tempfile
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings

import govsim as gs
from census import features
from govsim.engine import compiled, reference
from govsim.model import Model, compile_model
from govsim.records import Records
from strategies import MOST, scenarios

CONFIGURATIONS = ("before", "after")
SHORT = 200  # scenarios of the short profile
FIRST = 6  # their seed: one of which the first fifty scenarios have every rule in them
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def same(a: Records, b: Records) -> bool:
    """Equal as bytes, every table."""
    tables = zip(a[:4], b[:4], strict=True)
    return a.end == b.end and all(
        np.ascontiguousarray(x).tobytes() == np.ascontiguousarray(y).tobytes() for x, y in tables
    )


def difference(a: Records, b: Records) -> str:
    """The first rows that differ, for a reader."""
    for name, x, y in zip(("cases", "attributes", "activities", "duty"), a[:4], b[:4], strict=True):
        if len(x) != len(y):
            return f"{name}: {len(x)} rows against {len(y)}"
        for k in range(len(x)):
            if x[k].tobytes() != y[k].tobytes():
                return f"{name}[{k}]:\n  {x.dtype.names}\n  {x[k]}\n  {y[k]}"
    return f"end: {a.end} against {b.end}"


def models(text: str) -> list[Model]:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "small.yaml"
        path.write_text(text, encoding="utf-8")
        scenario = gs.load(path)
        return [compile_model(gs.configure(scenario, name)) for name in CONFIGURATIONS]


@functools.lru_cache(maxsize=2 * SHORT)
def simulated(text: str) -> list[tuple[Model, Records]]:
    """A scenario in both configurations, with what the compiled engine makes of it; read only."""
    return [(model, compiled.run(model.arrays, 5, 1)) for model in models(text)]


def agree(examples: int, first: int) -> Counter[str]:
    """Both engines, forwards and with equal times popped in reverse;
    counts what the scenarios had in them.
    """
    seen: Counter[str] = Counter()

    @seed(first)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=QUIET)
    @given(scenarios())
    def check(text: str) -> None:
        found: set[str] = set()
        for model, a in simulated(text):
            b = reference.run(model.arrays, 5, 1)
            assert same(a, b), difference(a, b)
            assert len(a.cases) <= MOST
            backwards = compiled.run(model.arrays, 5, 1, reverse=True)
            assert same(a, backwards), difference(a, backwards)
            backwards = reference.run(model.arrays, 5, 1, reverse=True)
            assert same(a, backwards), difference(a, backwards)
            found |= features(text, model, a)
        seen.update(found)
        seen["scenarios"] += 1

    check()
    return seen


@pytest.mark.slow
def test_the_engines_agree_to_the_last_bit() -> None:
    assert agree(SHORT, FIRST)["scenarios"] >= SHORT


def test_the_engines_agree_on_the_first_dozen() -> None:
    assert agree(12, FIRST)["scenarios"] >= 12


RARE = {"suspension across the reform day": 0.05, "a queue of two or more at a tie": 0.5}
FEATURES = (
    "zero durations", "nested parallel blocks", "desks shared on different calendars", "fifo",
    "priority", "due_date", "shortest", "absence", "learning", "patience", "shared meetings",
    "review loops", "reform day", "misdirection", "paths", "recorded arrivals", "batch arrivals",
)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("part", range(1, 5))
def test_the_engines_agree_on_two_thousand_scenarios_that_have_everything_in_them(
    part: int,
) -> None:
    seen: Any = agree(500, first=part)
    shares = {f: seen[f] / seen["scenarios"] for f in (*FEATURES, *RARE)}
    print({f: round(share, 3) for f, share in shares.items()}, seen["scenarios"])
    assert {f: share for f, share in shares.items() if share < RARE.get(f, 0.1)} == {}
