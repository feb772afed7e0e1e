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
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample

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


def test_before_and_after_differ_in_every_replication_and_not_on_average(study: ModuleType) -> None:
    scenario = gs.load(str(study.SCENARIO))
    for way, task in study.ways(scenario, 31).items():
        rows = [task(number).blobs for number in range(40)]
        sample = Sample.of(study.run_of(task, rows))
        mean = Quantity("cycle_time", "mean")
        change = sample.values(mean, "after") - sample.values(mean, "before")
        assert (change != 0).all()
        assert abs(change.mean()) <= 3 * change.std(ddof=1) / len(change) ** 0.5
        filed = [sample.values(Quantity("counted", "count"), each) for each in ("before", "after")]
        # the same applicants file, unless both have draws of their own
        assert np.array_equal(*filed) == (way == "teams change places")


def test_what_is_counted_are_the_verdicts_that_a_user_reads(study: ModuleType) -> None:
    """Where the clerks really work twice as fast, the claims of a gain are supported, singly and
    jointly; that it got slower is not."""
    scenario = gs.load(str(study.SCENARIO))
    faster = scenario.text.replace("{window_south: 1.0}\n", "{window_south: 2.0}\n").replace(
        "{review_north: 1.0}\n", "{review_north: 2.0}\n"
    )
    scenario = gs.load(str(study.SCENARIO), faster)
    task = study.ways(scenario, 31)["teams change places"]
    names = study.supported(scenario, task, [task(number).blobs for number in range(16)])
    assert {"mean", study.ANY, study.JOINTLY, f"mean{study.BARE}"} <= set(names)
    assert "slower" not in names


def test_few_claims_are_supported_where_nothing_changed(study: ModuleType) -> None:
    held = study.batch(31, 0, 2, (16,))
    assert study.together([held, held])["teams change places, R = 16"]["mean"][1] == 4
    for shares in held.values():
        # two experiments: half of all claims holding would be chance of one in millions
        assert sum(many for name, (many, _) in shares.items() if study.BARE not in name) < 10


def test_no_claim_is_supported_more_often_than_promised_where_nothing_changed(
    study: ModuleType,
) -> None:
    """Of the committed study: up to Monte-Carlo error, held against all its rows at once."""
    found = json.loads((BENCHMARKS / "false_support.json").read_text(encoding="utf-8"))["supported"]
    claims = gs.load(str(study.SCENARIO)).tree["claims"]
    ways = ("teams change places", "draws of their own")
    assert found.keys() == {f"{way}, R = {size}" for way in ways for size in (16, 30)}
    for held in found.values():
        assert {*claims, study.ANY, study.JOINTLY} <= held.keys()
        for name, (many, of) in held.items():
            assert of >= 400
            assert not study.missed(name, many, of)
