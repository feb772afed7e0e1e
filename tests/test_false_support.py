"""The study of false support: nothing has changed in its experiments, and few claims hold."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import govsim as gs
from govsim.experiment.replication import prepare

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def study() -> ModuleType:
    spec = importlib.util.spec_from_file_location("false_support", BENCHMARKS / "false_support.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_before_and_after_have_nothing_in_common_and_claims_of_a_change_rarely_hold(
    study: ModuleType,
) -> None:
    task = prepare(gs.load(str(study.SCENARIO)), ("before",), None, 31, "compiled", "measures")
    sample = study.experiment(task, study.pool_of(task, 40), np.random.default_rng(1), 16)
    ours, theirs = (sample.stack(name, "values")[:, 0, 0, 0] for name in ("before", "after"))
    assert not np.intersect1d(ours, theirs).size
    held = study.study(31, 40, 3, (16,))["R = 16"]
    assert held.keys() == study.claims().keys()
    # three experiments: half of all claims holding would be chance of one in millions
    assert sum(many for many, _ in held.values()) < len(held) * 3 / 2


def test_no_claim_holds_more_often_than_promised_where_nothing_changed(study: ModuleType) -> None:
    """Of the committed study: up to Monte-Carlo error, held against all its rows at once."""
    found = json.loads((BENCHMARKS / "false_support.json").read_text(encoding="utf-8"))["holds"]
    assert found.keys() == {"R = 16", "R = 30"}
    for held in found.values():
        assert held.keys() == study.claims().keys()
        for many, of in held.values():
            assert of >= 400
            assert many / of <= 0.025 + 3 * (0.025 * 0.975 / of) ** 0.5
