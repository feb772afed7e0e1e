"""Games with known answers, and the axioms that have one answer only: Shapley's."""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from govsim.statistics import shapley as game
from govsim.statistics.shapley import Floats

SIZES = st.integers(min_value=1, max_value=5)
NUMBERS = st.integers(min_value=-100, max_value=100).map(float)


def games(players: int) -> st.SearchStrategy[Floats]:
    return arrays(np.float64, 2**players, elements=NUMBERS)


def table(players: int, worth: object) -> Floats:
    """A table from a rule about sets of players."""
    assert callable(worth)
    return np.array(
        [float(worth({i for i in range(players) if s >> i & 1})) for s in range(2**players)]
    )


def by_every_order(v: Floats) -> Floats:
    """The definition: the mean over all orders, one by one."""
    from itertools import permutations

    number = game.players(v)
    found = np.zeros(number)
    for order in permutations(range(number)):
        before = 0
        for i in order:
            found[i] += v[before | 1 << i] - v[before]
            before |= 1 << i
    return found / factorial(number)


def test_one_right_glove_and_two_left_ones_share_two_thirds_and_a_sixth_each() -> None:
    v = table(3, lambda s: 0 in s and len(s) > 1)
    assert game.shapley(v) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert game.first_in(v).tolist() == [0, 0, 0]
    assert game.last_in(v).tolist() == [1, 0, 0]


def test_a_runway_of_1_2_and_4_is_paid_for_by_those_who_need_each_stretch() -> None:
    v = table(3, lambda s: max(((1, 2, 4)[i] for i in s), default=0))
    assert game.shapley(v) == pytest.approx([1 / 3, 1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 2])


@given(SIZES.flatmap(games))
@settings(deadline=None, max_examples=60)
def test_the_shapley_value_is_the_mean_over_all_orders(v: Floats) -> None:
    assert game.shapley(v) == pytest.approx(by_every_order(v), abs=1e-9)


@given(SIZES.flatmap(games))
@settings(deadline=None, max_examples=60)
def test_any_game_is_made_of_dividends_that_those_who_earn_them_share_equally(m: Floats) -> None:
    number = game.players(m)
    v = np.array([sum(m[t] for t in range(2**number) if t & s == t) for s in range(2**number)])
    shared = [
        sum(m[s] / s.bit_count() for s in range(1, 2**number) if s >> i & 1) for i in range(number)
    ]
    assert game.shapley(v) == pytest.approx(shared, abs=1e-9)
    assert game.moebius(v) == pytest.approx(m, abs=1e-9)
    index, plain = game.interactions(v)
    for k, (i, j) in enumerate(game.pairs(number)):
        both = [s for s in range(2**number) if s >> i & 1 and s >> j & 1]
        assert index[k] == pytest.approx(sum(m[s] / (s.bit_count() - 1) for s in both), abs=1e-9)
        assert plain[k] == pytest.approx(m[1 << i | 1 << j], abs=1e-9)


@given(SIZES.flatmap(lambda b: st.tuples(games(b), games(b))))
@settings(deadline=None, max_examples=60)
def test_values_sum_to_the_whole_and_those_of_two_games_add_up(two: tuple[Floats, Floats]) -> None:
    v, w = two
    assert game.shapley(v).sum() == pytest.approx(v[-1] - v[0], abs=1e-9)
    assert game.shapley(v + 3 * w) == pytest.approx(game.shapley(v) + 3 * game.shapley(w), abs=1e-9)
    assert game.shapley(np.stack([v, w], axis=1)) == pytest.approx(
        np.stack([game.shapley(v), game.shapley(w)], axis=1)
    )


@given(st.integers(min_value=1, max_value=4).flatmap(games), st.floats(-1e3, 1e3))
@settings(deadline=None, max_examples=60)
def test_who_changes_nothing_gets_exactly_nothing(v: Floats, unit: float) -> None:
    with_one_more = np.concatenate([v, v]) * unit
    values = game.shapley(with_one_more)
    assert values[-1] == 0
    assert values[:-1] == pytest.approx(game.shapley(v * unit), abs=1e-6)
    index, plain = game.interactions(with_one_more)
    new = [
        k
        for k, pair in enumerate(game.pairs(game.players(with_one_more)))
        if game.players(v) in pair
    ]
    assert not index[new].any()
    assert not plain[new].any()


@given(st.lists(NUMBERS, min_size=5, max_size=5), st.integers(0, 3), st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_players_who_do_the_same_get_the_same(by_size: list[float], i: int, j: int) -> None:
    v = table(4, lambda s: by_size[len(s)])
    values = game.shapley(v)
    assert values[i] == pytest.approx(values[j], abs=1e-9)


def test_sampled_orders_sum_to_the_whole_and_lie_within_their_error() -> None:
    number, draw = 8, np.random.default_rng(5)
    m = draw.normal(size=2**number) * np.array([s.bit_count() <= 3 for s in range(2**number)])
    v = np.array([sum(m[t] for t in range(2**number) if t & s == t) for s in range(2**number)])
    exact, off = game.shapley(v), []
    for seed in range(40):
        some = game.orders(number, 20, seed)
        values, by_pair = game.sampled(v[game.visited(some)], some)
        assert values.sum() == pytest.approx(v[-1] - v[0])
        off.append((values - exact) / game.error(by_pair))
    # t with 19 degrees of freedom: variance 19/17; 320 values,
    # of which each sample's eight sum to nothing
    assert np.mean(np.square(off)) == pytest.approx(19 / 17, abs=0.4)


def test_an_order_and_its_reverse_are_exact_where_only_pairs_interact() -> None:
    m = np.random.default_rng(6).normal(size=2**7) * np.array(
        [s.bit_count() <= 2 for s in range(2**7)]
    )
    v = np.array([sum(m[t] for t in range(2**7) if t & s == t) for s in range(2**7)])
    some = game.orders(7, 2, 0)
    values, by_pair = game.sampled(v[game.visited(some)], some)
    assert values == pytest.approx(game.shapley(v))
    assert game.error(by_pair) == pytest.approx(0.0, abs=1e-12)


def test_a_table_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="2\\*\\*B rows, not 3"):
        game.shapley(np.zeros(3))
