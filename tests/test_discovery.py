"""Boxes of failure: planted ones are found, chance has none."""

from __future__ import annotations

import numpy as np
import pytest

from govsim.arrays import Flags, Floats
from govsim.evidence.worlds.proposals import proposed
from govsim.statistics.prim import NOTHING, box_of
from planted import ranged

PARAMETERS = 73


def worlds(seed: int, number: int = 256) -> tuple[Floats, np.random.Generator]:
    return proposed([ranged(0.0, 1.0)] * PARAMETERS, number, seed), np.random.default_rng(seed)


def planted(values: Floats) -> Flags:
    fails: Flags = (values[:, 3] > 0.5) & (values[:, 7] < 0.6)
    return fails


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_planted_box_is_found_and_no_third_bound_although_a_tenth_of_the_verdicts_is_wrong(
    seed: int,
) -> None:
    values, chance = worlds(seed)
    box = box_of(values, planted(values) ^ (chance.random(len(values)) < 0.1))
    assert [(each.parameter, each.side) for each in box.restrictions] == [
        (3, "above"),
        (7, "below"),
    ]
    assert [each.bound for each in box.restrictions] == pytest.approx([0.5, 0.6], abs=0.06)
    assert all(each.reproduced >= 0.5 and each.quasi_p <= 0.05 for each in box.restrictions)
    # 30 % of the worlds lie in the box and 90 % of them fail, beside 10 % of the other 70 %
    assert box.density == pytest.approx(0.9, abs=0.1)
    assert box.coverage == pytest.approx(0.27 / 0.34, abs=0.1)


def test_a_middle_is_a_box_with_two_ends() -> None:
    values, _ = worlds(5)
    box = box_of(values, (values[:, 11] > 0.35) & (values[:, 11] < 0.65))
    assert [(each.parameter, each.side) for each in box.restrictions] == [
        (11, "above"),
        (11, "below"),
    ]
    assert (box.coverage, box.density) == pytest.approx((1.0, 1.0), abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.15, 0.4, 0.7])
def test_pure_chance_has_no_box(share: float) -> None:
    for seed in range(4):
        values, chance = worlds(seed)
        assert box_of(values, chance.random(len(values)) < share) is NOTHING


def test_a_box_that_covers_few_of_the_failures_is_not_told() -> None:
    values, chance = worlds(1)
    # the box holds 10 % of worlds, a quarter of the failures
    fails = (values[:, 3] > 0.9) | (chance.random(len(values)) < 0.3)
    assert box_of(values, fails) is NOTHING


def test_where_a_claim_fails_everywhere_nowhere_or_almost_so_no_box_is_looked_for() -> None:
    values, _ = worlds(1, 64)
    few = np.arange(len(values)) < 7
    for fails in (np.zeros(64, bool), np.ones(64, bool), few, ~few):
        assert box_of(values, fails) is NOTHING


def test_whole_numbers_are_cut_between_their_values() -> None:
    values = proposed([ranged(5.0, 10.0, whole=True), ranged(0.0, 1.0)], 128, 1)
    box = box_of(values, values[:, 0] >= 8)
    assert [(each.parameter, each.side) for each in box.restrictions] == [(0, "above")]
    assert (box.coverage, box.density) == (1.0, 1.0)


@pytest.mark.slow
def test_the_same_worlds_have_the_same_box() -> None:
    values, chance = worlds(2)
    fails = planted(values) ^ (chance.random(len(values)) < 0.1)
    assert box_of(values, fails) == box_of(values, fails)
