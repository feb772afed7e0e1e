"""The comparison of the engines has teeth: every mutant is noticed.

A mutant is a rule of the contract, flipped in one engine.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, seed, settings

from govsim.model import Model
from govsim.records import Records
from mutants import MUTANTS, Mutant, engine
from strategies import scenarios
from test_engines_agree import FIRST, QUIET, SHORT, same, simulated

SOON = 50  # scenarios, within which each mutant is noticed
FEW = 4  # mutants of the fast loop


@functools.cache
def written() -> list[str]:
    """The scenarios of a short profile."""
    texts: list[str] = []

    @seed(FIRST)
    @settings(max_examples=SHORT, deadline=None, database=None, suppress_health_check=QUIET)
    @given(scenarios())
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    return texts


def profile() -> Iterator[list[tuple[Model, Records]]]:
    """Each of them in both configurations, with what the compiled engine makes of it."""
    return map(simulated, written())


def needed(mutated: Any, most: int = SHORT) -> int | None:
    """How many scenarios it takes to tell an engine from the compiled one;
    None where so many do not suffice.
    """
    for k, both in enumerate(islice(profile(), most), 1):
        if not all(same(mutated.run(model.arrays, 5, 1), records) for model, records in both):
            return k
    return None


@pytest.mark.slow
def test_an_engine_in_which_nothing_is_flipped_is_not_suspected() -> None:
    assert needed(engine(Mutant("nothing is flipped")), most=60) is None


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(mutant, id=mutant.claim, marks=[pytest.mark.slow] if k >= FEW else [])
        for k, mutant in enumerate(MUTANTS)
    ],
)
def test_no_flipped_rule_survives_the_comparison(mutant: Mutant) -> None:
    found = needed(engine(mutant), most=SOON)
    print(f"{found} scenarios: {mutant.claim}")
    assert found is not None
