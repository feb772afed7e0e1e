"""Cases that are still open count as what they are: slower than their age."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import govsim as gs
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.sample.survival import Survival, product_limit, survival
from toy import TOY


def survival_of(ended: list[list[float]], still: list[list[float]], scale: list[float]) -> Survival:
    """Whole days as bins: one replication, cases of each service by their cycle times and ages."""
    bins = np.arange(1.0, 41.0)
    counts = [
        np.array([[np.bincount(np.array(each, dtype=int), minlength=41)[1:] for each in kind]])
        for kind in (ended, still)
    ]
    return Survival(
        bins - 1.0, bins, *(each.astype(np.float64) for each in counts), np.array(scale)
    )


def test_kaplan_and_meier_by_hand() -> None:
    """Ended after 1, 2, 2, 4 days; out of sight after 3 and 5: S = 5/6, 3/6, 3/6, 1/4, 1/4."""
    found = survival_of([[1, 2, 2, 4]], [[3, 5]], [1.0])
    assert found.reached(np.ones((1, 1)))[0, :6] == pytest.approx(
        [1 / 6, 3 / 6, 3 / 6, 3 / 4, 3 / 4, 3 / 4]
    )


def test_the_same_curve_as_scipy_with_many_ties() -> None:
    rng = np.random.default_rng(20260101)
    ended, still = rng.integers(1, 30, 200), rng.integers(1, 40, 80)
    oracle = stats.ecdf(stats.CensoredData(uncensored=ended, right=still)).sf
    counts = [np.bincount(each, minlength=41).astype(np.float64) for each in (ended, still)]
    assert product_limit(*counts)[np.unique(np.concatenate((ended, still)))] == pytest.approx(
        oracle.probabilities
    )


def test_without_open_cases_it_is_the_plain_distribution() -> None:
    ended = [[3, 1, 1, 7], [2, 30]]
    found = survival_of(ended, [[], []], [3.0, 1.0]).reached(np.ones((1, 1)))[0]
    plain = [
        0.75 * np.mean(np.array(ended[0]) <= day) + 0.25 * np.mean(np.array(ended[1]) <= day)
        for day in range(1, 41)
    ]
    assert found == pytest.approx(plain)


def test_a_run_without_open_cases_has_the_quantiles_of_its_cases() -> None:
    runs = gs.run(gs.load("toy.yaml", TOY), n=4, configurations=("before", "after"), progress=False)
    sample, weights = Sample.of(runs), np.concatenate((np.ones((1, 4)), 1.0 - np.eye(4)))
    assert not sample.values(Quantity("open", "count"), "after").any()
    for cohort in ("counted", "early"):
        found = survival(sample, "after", "mix", cohort).quantiles([0.5, 0.9])(weights)
        for k, statistic in enumerate(("median", "p90")):
            plain = sample.pooled(Quantity("cycle_time", statistic, "mix", cohort), "after")(
                weights
            )
            assert found[:, k] == pytest.approx(plain, rel=1e-9)


def test_dropping_the_open_cases_would_call_the_rest_faster() -> None:
    found = survival_of([[2, 3, 4, 5]], [[6] * 3], [1.0])
    with_open, median = found.quantiles([0.5])(np.ones((1, 1)))[0, 0], np.median([2, 3, 4, 5])
    assert with_open > median


def test_a_median_that_fewer_than_half_reached_is_not_a_number_of_days() -> None:
    found = survival_of([[2, 3]], [[10] * 5], [1.0]).quantiles([0.2, 0.5])(np.ones((1, 1)))[0]
    assert found[0] <= 3.0
    assert np.isnan(found[1])


def test_a_service_that_has_no_case_weighs_nothing() -> None:
    found = survival_of([[2, 3], []], [[], []], [1.0, 5.0])
    assert found.reached(np.ones((1, 1)))[0, -1] == pytest.approx(1.0)


def test_replications_weigh_as_they_are_drawn() -> None:
    bins = np.arange(1.0, 4.0)
    ended = np.array([[[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]])
    found = Survival(bins - 1.0, bins, ended, np.zeros_like(ended), np.ones(1)).reached(
        np.array([[1.0, 1.0], [3.0, 1.0]])
    )
    assert found == pytest.approx(np.array([[0.5, 1.0, 1.0], [0.75, 1.0, 1.0]]))
