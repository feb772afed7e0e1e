"""The shipped scenarios with known answers give them.

They go the whole path from file to measures.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import govsim as gs
import theory
from shipped import SCENARIOS, shipped


def measured(name: str, n: int) -> tuple[gs.Runs, pd.DataFrame]:
    """The runs, and one row per replication with columns (configuration, measure, statistic,
    scope).
    """
    runs = shipped(name, n)
    frame = runs.measures()
    frame = frame[frame["cohort"] == "counted"]
    keys = ["configuration", "measure", "statistic", "scope"]
    return runs, frame.pivot_table(index="replication", columns=keys, values="value", observed=True)


def agrees(values: pd.Series, expected: float) -> bool:
    """Within three standard errors over replications."""
    error = values.std(ddof=1) / math.sqrt(len(values))
    print(f"expected {expected:.4f}, found {values.mean():.4f} +- {error:.4f}")
    return bool(abs(values.mean() - expected) <= 3 * error)


@pytest.mark.slow
def test_four_windows_in_one_queue_wait_three_quarters_of_a_service_time_instead_of_four() -> None:
    _, table = measured("four_windows", 40)
    assert agrees(table["before", "window_wait", "mean", "mix"] / 60, theory.mmc_wait(0.8, 1, 1))
    assert agrees(table["after", "window_wait", "mean", "mix"] / 60, theory.mmc_wait(3.2, 1, 4))


@pytest.mark.slow
def test_pooling_lowers_the_mean_and_harms_the_quick_cases() -> None:
    runs, table = measured("harmful_pooling", 60)
    assert agrees(table["before", "window_wait", "mean", "quick"], 1.0)
    assert agrees(table["before", "window_wait", "mean", "slow"], 10.0)
    mixed = (
        10 * table["before", "window_wait", "mean", "quick"]
        + table["before", "window_wait", "mean", "slow"]
    ) / 11
    assert agrees(mixed, 20 / 11)
    after = table["after", "window_wait", "mean", "quick"]
    assert after.mean() == pytest.approx(1.59, abs=0.01 + 3 * after.std() / math.sqrt(len(after)))
    for configuration, p90 in (("before", 3.2), ("after", 5.0)):
        quick = table[configuration, "window_wait", "p90", "quick"]
        assert quick.mean() == pytest.approx(
            p90, abs=0.05 + 3 * quick.std() / math.sqrt(len(quick))
        )
    assert ("quick", "mean") in runs.summary().losers()
    matched = runs.summary().matched
    slower, faster = matched.any_slower, matched.any_faster
    assert (slower, 1 - slower - faster, faster) == pytest.approx((0.15, 0.50, 0.35), abs=0.01)


@pytest.mark.slow
def test_of_the_quick_cases_a_sixth_wait_longer_half_as_long_and_a_third_shorter() -> None:
    scenario = gs.load(SCENARIOS / "harmful_pooling.yaml")
    models = [gs.compile_model(gs.configure(scenario, name)) for name in ("before", "after")]
    found = []
    for replication in range(20):
        quick = [gs.simulate(model, 20240103, replication).cases for model in models]
        quick = [  # counted from the eighth day
            cases[(cases["service"] == 0) & (cases["filed"] >= 7 * 1440)] for cases in quick
        ]
        _, *rows = np.intersect1d(*(cases["n"] for cases in quick), return_indices=True)
        before, after = (cases["part_queue"][row] for cases, row in zip(quick, rows, strict=True))
        more = (after - before)[~np.isnan(after - before)]
        found.append(
            [
                (more > 0).mean(),
                (more == 0).mean(),
                (more < 0).mean(),
                more[more > 0].mean(),
                more[more < 0].mean(),
            ]
        )
    error = np.std(found, axis=0, ddof=1) / math.sqrt(len(found))
    print(np.mean(found, axis=0), error)
    rounded = np.array([0.01, 0.01, 0.01, 0.1, 0.1])
    expected = np.array([1 / 6, 1 / 2, 1 / 3, 7.6, -1.8])
    assert (abs(np.mean(found, axis=0) - expected) < rounded + 3 * error).all()


@pytest.mark.slow
def test_a_slow_helper_lengthens_the_time() -> None:
    _, table = measured("slow_helper", 60)
    assert agrees(table["before", "cycle_time", "mean", "matter"] * 1440 / 10, 1 / 0.7)
    assert agrees(
        table["after", "cycle_time", "mean", "matter"] * 1440 / 10,
        theory.slow_helper_time(0.3, 1, 0.1),
    )


def test_a_reform_of_names_changes_nothing_at_all() -> None:
    runs, table = measured("null_reform", 10)
    before, after = table["before"], table["after"]
    assert before.shape[1] > 50
    assert np.array_equal(before.to_numpy(), after[before.columns].to_numpy(), equal_nan=True)
    assert runs.summary().matched.equal.value == 1.0
    model = {
        name: gs.compile_model(gs.configure(gs.load(SCENARIOS / "null_reform.yaml"), name))
        for name in ("before", "after")
    }
    for replication in range(5):
        a, b = (gs.simulate(model[name], 1, replication) for name in ("before", "after"))
        assert a.cases.tobytes() == b.cases.tobytes()
        assert a.activities.tobytes() == b.activities.tobytes()
