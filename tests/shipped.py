"""Runs of the scenarios that we ship, each made once for all tests that ask it something."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import govsim as gs

SCENARIOS = Path(__file__).parent.parent / "scenarios"


@cache
def shipped(name: str, n: int) -> gs.Runs:
    """A run in memory, before and after the reform; read only."""
    return gs.run(gs.load(SCENARIOS / f"{name}.yaml"), n, ("before", "after"), progress=False)
