"""Worlds fill their ranges, and known functions have their known effects.

The functions can be asked anywhere; and what information is worth.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from govsim.arrays import Floats
from govsim.evidence.worlds.proposals import CUBE, Proposals, proposed
from govsim.evidence.worlds.sensitivity import (
    effects_of_function,
    value_of,
    value_of_verdict,
    variance_split,
)
from govsim.statistics.hypercube import rank_correlations, uncorrelated
from govsim.statistics.surrogate import fit
from planted import ranged


def unit(parameters: int, worlds: int, seed: int = 1) -> Floats:
    return proposed([ranged(0.0, 1.0)] * parameters, worlds, seed)


# ----------------------------------------------------------------------------------------- sampling


@pytest.mark.parametrize("cube", [0, 1])
def test_every_range_is_filled_evenly_by_each_hypercube(cube: int) -> None:
    low, high = np.array([0.2, -3.0, 5.0]), np.array([0.7, 40.0, 6.0])
    values = proposed([*map(ranged, low, high)], 2 * CUBE, 1)[CUBE * cube :][:CUBE]
    slices = np.sort(np.floor((values - low) / (high - low) * CUBE), axis=0)
    assert (slices == np.arange(CUBE)[:, None]).all()  # one proposal in each slice


@pytest.mark.parametrize("parameters", [2, 12, 73, 150])
def test_no_two_unknowns_go_together_by_rank(parameters: int) -> None:
    """SciPy's Spearman correlations of the proposals; a plain hypercube's reach .19 at 73."""
    values = unit(parameters, CUBE)
    found = stats.spearmanr(values).statistic
    between = np.atleast_1d(found)[np.triu_indices(parameters, 1)] if parameters > 2 else found
    assert np.abs(between).max() <= 0.10
    assert rank_correlations(values)[np.triu_indices(parameters, 1)] == pytest.approx(between)


def test_with_as_many_unknowns_as_proposals_the_hypercube_stays_plain() -> None:
    cube = np.random.default_rng(1).random((4, 5))
    assert (uncorrelated(cube) == cube).all()
    assert proposed([ranged(0.0, 1.0)], 3, 1).shape == (3, 1)


def test_a_preview_is_the_beginning_of_the_proposals_and_the_order_is_no_pattern() -> None:
    """The first 64 are like any 64: their means lie as those of a random sample."""
    unknowns = [ranged(0.0, 1.0)] * 73
    every = proposed(unknowns, 2 * CUBE + 10, 1)
    assert (proposed(unknowns, 64, 1) == every[:64]).all()
    assert (Proposals(unknowns, 1).values(300) == every[:300]).all()
    far = np.abs(every[:64].mean(axis=0) - 0.5) / np.sqrt((1 / 12) / 64 * (1 - 64 / CUBE))
    assert far.max() < 4.0
    assert 0.4 < (far**2).mean() < 1.6  # 1 for a sample without replacement


def test_the_ends_of_whole_numbers_are_as_likely_as_the_rest() -> None:
    values = proposed([ranged(5.0, 10.0, whole=True)], 256, 1)[:, 0]
    found, times = np.unique(values, return_counts=True)
    assert found.tolist() == [5, 6, 7, 8, 9, 10]
    assert times.min() >= 42
    assert times.max() <= 43  # of 256 in six


def test_a_range_is_drawn_from_in_its_shape() -> None:
    """Half of the worlds lie below the geometric middle of a loguniform range;
    SciPy's own quantiles for the rest.
    """
    shares = (np.arange(CUBE) + 0.5) / CUBE
    drawn = proposed(
        [ranged(0.5, 2.0, 1.0, shape="loguniform"), ranged(2.0, 10.0, 4.0, shape="triangular")],
        CUBE,
        1,
    )
    # half a slice, where the curve is steepest
    inside = 0.5 / CUBE * np.array([[2.0 * math.log(4.0)], [40.0]]) + 1e-9
    log, triangle = np.sort(drawn, axis=0).T
    assert abs((log < 1.0).mean() - 0.5) <= 1 / CUBE
    assert np.abs(log - stats.loguniform(0.5, 2.0).ppf(shares)).max() <= inside[0]
    assert (
        np.quantile(np.abs(triangle - stats.triang(0.25, 2.0, 8.0).ppf(shares)), 0.99) <= inside[1]
    )
    assert triangle.min() >= 2.0
    assert triangle.max() <= 10.0


@pytest.mark.parametrize("value", [2.0, 10.0])
def test_a_triangle_may_have_its_mode_at_an_end(value: float) -> None:
    drawn = proposed([ranged(2.0, 10.0, value, shape="triangular")], 1024, 1)
    mean = (2.0 + 10.0 + value) / 3
    assert drawn.mean() == pytest.approx(mean, abs=0.01)


def test_a_preview_is_the_beginning_of_the_whole_and_another_seed_gives_other_worlds() -> None:
    assert (unit(73, 64) == unit(73, 256)[:64]).all()
    assert not (unit(73, 64, seed=2) == unit(73, 64)).any()


# ---------------------------------------------------------------------------------- known functions


def test_ishigamis_first_order_total_and_shapley_effects() -> None:
    def ishigami(u: Floats) -> Floats:
        x = 2 * np.pi * u - np.pi
        found: Floats = (
            np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
        )
        return found

    first, total, shapley = effects_of_function(ishigami, 3, 2**14, 1)
    assert first == pytest.approx((0.3139, 0.4424, 0.0), abs=0.002)
    assert total == pytest.approx((0.5576, 0.4424, 0.2437), abs=0.002)
    assert shapley == pytest.approx((0.4357, 0.4424, 0.1218), abs=0.002)


def test_sobols_g_function() -> None:
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])
    each = 1 / (3 * (1 + a) ** 2)
    every = np.prod(1 + each) - 1
    first, total, shapley = effects_of_function(
        lambda u: np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1), 6, 2**13, 1
    )
    assert first == pytest.approx(each / every, abs=0.003)
    assert total == pytest.approx(each * np.prod(1 + each) / (1 + each) / every, abs=0.003)
    assert shapley.sum() == pytest.approx(1.0)


# ----------------------------------------------------------------------------------------- variance


def test_variance_between_worlds_is_what_chance_within_them_leaves() -> None:
    chance = np.random.default_rng(1)
    truth = chance.normal(0, 2, 4000)
    values = truth[:, None] + chance.normal(0, 3, (4000, 8))
    errors = values.std(axis=1, ddof=1) / np.sqrt(8)
    split = variance_split(values.mean(axis=1), errors, np.full(4000, 8.0))
    # three standard errors of (4 + 9/8) * sqrt(2/4000)
    assert split.between == pytest.approx(4.0, abs=0.4)
    assert split.within == pytest.approx(9.0, abs=0.25)


def test_worlds_that_differ_by_chance_only_or_not_at_all_differ_by_nothing() -> None:
    assert (
        variance_split(np.array([1.0, 1.1]), np.array([0.5, 0.5]), np.array([8.0, 8.0])).between
        == 0.0
    )
    assert variance_split(
        np.array([1.0, 1.0]), np.zeros(2), np.array([8.0, 8.0])
    ) == variance_split(np.array([1.0]), np.zeros(1), np.array([8.0]))
    assert variance_split(np.zeros(0), np.zeros(0), np.zeros(0)).within == 0.0


# ----------------------------------------------------------------------------- value of information


def test_information_is_worth_what_the_losses_are_that_it_avoids() -> None:
    u = unit(10, 256)
    # expected: nothing, so adopt or not is one
    improvement = (u[:, 0] - 0.5) + 0.3 * (u[:, 1] - 0.5)
    value = value_of(fit(u, improvement), 10, 0.0)
    assert value.known[:2] == pytest.approx((0.125, 0.0375), abs=0.001)  # E max(0, U - 1/2) = 1/8
    assert value.known[2:] == (0.0,) * 8
    # E max(0, X + Y) of X on +-1/2, Y on +-0.15: (1/2 + 0.15^2 * 2/3) / 4; over the worlds of 300
    # hypercubes its standard deviation is .0014
    assert value.everything == pytest.approx((0.5 + 2 * 0.15**2 / 3) / 4, abs=3 * 0.0014)


def test_nothing_is_worth_knowing_where_the_decision_stays_the_same_whatever_comes_out() -> None:
    u = unit(10, 256)
    value = value_of(fit(u, 5 + u[:, 0]), 10, delta=1.0)
    assert max(value.known) < 1e-12
    assert value.everything < 1e-12
    assert not value.above().any()


def test_hardly_ever_is_an_unknown_worth_knowing_where_chance_alone_decides() -> None:
    """The floor is the largest of 19 dummies: passed by chance in one trial of twenty."""
    passed = 0
    for seed in range(20):
        holds = np.random.default_rng(1000 + seed).random(128) < 0.5
        value = value_of_verdict(unit(73, 128, seed), holds)
        passed += bool(value.above().any())
        assert min(value.known) >= 0.0
    assert passed <= 4  # more in one of 400 such tests


@pytest.mark.slow
def test_a_verdict_that_hangs_on_one_unknown_is_judged_rightly_once_that_is_known() -> None:
    u = unit(20, 256)
    value = value_of_verdict(u, u[:, 4] > 0.5)  # judged without it: rightly in half of the worlds
    assert value.above().argmax() == 4
    assert value.known[4] == pytest.approx(0.5, abs=0.1)
