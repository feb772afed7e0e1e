"""Effects read from one design of worlds agree with what is known.

Chance is not taken for an effect.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy.stats import qmc

from govsim.arrays import Floats
from govsim.evidence.worlds.sensitivity import Effects, effects, effects_of, value_of
from govsim.statistics.surrogate import fit

# Ishigami, a=7, b=0.1
FIRST, TOTAL, SHAPLEY = ((0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437), (0.4357, 0.4424, 0.1218))


def points(parameters: int, number: int, seed: int = 1) -> Floats:
    found: Floats = qmc.Sobol(parameters, scramble=True, rng=np.random.default_rng(seed)).random(
        number
    )
    return found


def ishigami(x: Floats) -> Floats:
    found: Floats = (
        np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    )
    return found


def test_ishigamis_effects_come_from_a_thousand_worlds() -> None:
    x = 2 * np.pi * points(3, 1024) - np.pi
    found = effects(x, ishigami(x))
    assert found.first == pytest.approx(FIRST, abs=0.01)
    assert found.total == pytest.approx(TOTAL, abs=0.01)
    assert found.shapley == pytest.approx(SHAPLEY, abs=0.01)
    assert found.explained > 0.99
    assert found.named() == [1, 0, 2]


@pytest.mark.slow
def test_sobols_g_function_is_read_from_a_thousand_worlds_although_it_has_a_kink() -> None:
    u, a = points(4, 1024), np.array([0.0, 1.0, 4.5, 9.0])
    found = effects(u, np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1))
    each = 1 / (3 * (1 + a) ** 2)
    assert found.first == pytest.approx(each / (np.prod(1 + each) - 1), abs=0.03)
    assert found.named()[:2] == [0, 1]


def county(seed: int, noise: float) -> tuple[Floats, Floats]:
    """256 worlds of 73 parameters, of which three matter: with 0.5 and 0.3 of the variance,
    and 0.2 by way of both.
    """
    u = 2 * points(73, 256, seed) - 1
    output = np.sqrt(1.5) * u[:, 0] + np.sqrt(0.9) * u[:, 1] + np.sqrt(1.8) * u[:, 0] * u[:, 2]
    return u, output + np.random.default_rng(seed).normal(0, noise, 256)


@functools.cache
def shares(seed: int) -> Effects:
    """Where a fifth of the variance is chance."""
    return effects(*county(seed, 0.5), noise=0.25)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_three_of_73_parameters_are_found_and_chance_within_worlds_is_nobodys(seed: int) -> None:
    found = shares(seed)
    assert set(found.named()[:3]) == {0, 1, 2}
    assert found.first[:3] == pytest.approx((0.5, 0.3, 0.0), abs=0.1)
    assert found.total[:3] == pytest.approx((0.7, 0.3, 0.2), abs=0.12)
    assert found.shapley[:3] == pytest.approx((0.6, 0.3, 0.1), abs=0.1)
    assert found.explained == pytest.approx(1.0, abs=0.15)  # of what is not chance
    assert sum(found.shapley) <= 1.0 + 1e-9


@pytest.mark.slow
def test_of_twenty_outputs_that_are_pure_chance_hardly_one_is_told_to_depend_on_anything() -> None:
    u = points(73, 256)
    named = [effects(u, np.random.default_rng(seed).normal(size=256)).named() for seed in range(20)]
    assert sum(map(bool, named)) <= 2


def test_an_output_that_does_not_vary_or_only_by_chance_has_no_effects() -> None:
    u = points(5, 64)
    nothing = (0.0,) * 5
    noisy = np.random.default_rng(1).normal(0, 0.1, 64)
    for output, noise in ((np.full(64, 3.0), 0.0), (np.zeros(64), 0.0), (noisy, 0.02)):
        assert effects(u, output, noise) == Effects(nothing, nothing, nothing, 0.01, 0.0)


def test_whole_numbers_and_a_number_that_is_the_same_in_all_worlds_are_unknowns_like_others() -> (
    None
):
    u = points(3, 128)
    values = np.column_stack((np.floor(2 * u[:, 0]), np.full(128, 7.0), u[:, 2]))
    found = effects(values, 2 * values[:, 0] + values[:, 2])
    # variances 4/4 and 1/12
    assert found.shapley == pytest.approx((12 / 13, 0.0, 1 / 13), abs=0.01)


@pytest.mark.slow
def test_effects_do_not_depend_on_units() -> None:
    u, output = county(1, 0.5)
    one, other = shares(1), effects(1000 * u + 5, 60 * output - 9, 0.25 * 3600)
    assert other.shapley == pytest.approx(one.shapley, abs=1e-6)


@pytest.mark.slow
def test_parts_of_parameters_have_mean_nothing_so_no_information_is_worth_less_than_nothing() -> (
    None
):
    u, output = county(2, 0.5)
    found = fit(u, output, 0.25)
    assert np.abs(found.alone(73).mean(axis=1)).max() < 1e-9
    for delta in np.linspace(-2, 2, 9):
        assert min(value_of(found, 73, delta).known) >= 0.0


@pytest.mark.slow
def test_effects_of_a_fit_are_those_of_its_worlds() -> None:
    u, output = county(0, 0.5)
    assert effects_of(fit(u, output, 0.25), 73) == shares(0)
