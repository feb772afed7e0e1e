"""Games whose answer is known: gloves, the airport, and every game made of dividends; and what a fair split must do."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from govsim.evidence import game

Floats = NDArray[np.float64]


def table(players: int, worth) -> Floats:
    """A game from a function of the set of players."""
    return np.array([float(worth({i for i in range(players) if place >> i & 1})) for place in range(1 << players)])


def by_orders(v: Floats) -> Floats:
    """The Shapley value as it is told: all orders, one after the other."""
    players = game.players_of(v)
    value = np.zeros(players)
    for order in itertools.permutations(range(players)):
        coalition = 0
        for i in order:
            value[i] += v[coalition | 1 << i] - v[coalition]
            coalition |= 1 << i
    return value / math.factorial(players)


def random_game(players: int, seed: int, *games: int) -> Floats:
    return np.random.default_rng(seed).normal(size=(1 << players, *games))


games = st.tuples(st.integers(1, 6), st.integers(0, 2**32 - 1)).map(lambda drawn: random_game(*drawn))


def test_one_right_glove_is_worth_four_times_as_much_as_each_of_two_left_ones() -> None:
    gloves = table(3, lambda s: 2 in s and len(s) > 1)
    assert game.shapley(gloves) == pytest.approx([1 / 6, 1 / 6, 2 / 3])


def test_an_airport_charges_each_plane_its_share_of_the_runway_that_it_needs() -> None:
    lengths = [1, 2, 4]
    runway = table(3, lambda s: max((lengths[i] for i in s), default=0))
    assert game.shapley(runway) == pytest.approx([1 / 3, 1 / 3 + 1 / 2, 1 / 3 + 1 / 2 + 2])
    assert game.first_in(runway) == pytest.approx([1, 2, 4])
    assert game.last_in(runway) == pytest.approx([0, 0, 2])


@given(st.integers(1, 6), st.data())
def test_every_dividend_is_shared_equally_by_those_who_earn_it(players: int, data: st.DataObject) -> None:
    drawn = data.draw(st.lists(st.floats(-100, 100), min_size=1 << players, max_size=1 << players))
    coalitions = range(1 << players)
    v = np.array([sum(drawn[part] for part in coalitions if part & whole == part) for whole in coalitions])
    assert game.moebius(v) == pytest.approx(np.array(drawn), abs=1e-9)
    shared = [sum(drawn[s] / s.bit_count() for s in coalitions if s >> i & 1) for i in range(players)]
    assert game.shapley(v) == pytest.approx(np.array(shared), abs=1e-9)


@given(st.integers(2, 6), st.data())
def test_a_pair_interacts_by_the_dividends_of_all_coalitions_that_hold_it(players: int, data: st.DataObject) -> None:
    v = random_game(players, data.draw(st.integers(0, 2**32 - 1)))
    dividends = game.moebius(v)
    both = [s for s in range(1 << players) if s & 3 == 3]
    assert game.interactions(v)[0, 1] == pytest.approx(sum(dividends[s] / (s.bit_count() - 1) for s in both))
    assert game.pairs_alone(v)[0, 1] == pytest.approx(dividends[3])


def test_interactions_say_the_same_both_ways_and_nothing_of_a_player_with_itself() -> None:
    found = game.interactions(random_game(4, 1, 5))
    assert np.array_equal(found, found.swapaxes(0, 1))
    assert not found[range(4), range(4)].any()


@given(games)
def test_the_value_is_the_average_over_all_orders(v: Floats) -> None:
    if game.players_of(v) < 6:  # 720 orders tell no more
        assert game.shapley(v) == pytest.approx(by_orders(v))


@given(games)
def test_the_shares_add_up_to_what_all_reach_together(v: Floats) -> None:
    assert game.shapley(v).sum() == pytest.approx(v[-1] - v[0])


@given(games, games)
def test_two_games_played_at_once_are_worth_what_each_is(first: Floats, second: Floats) -> None:
    if len(first) == len(second):
        both = game.shapley(2.0 * first + second)
        assert both == pytest.approx(2.0 * game.shapley(first) + game.shapley(second), abs=1e-9)


@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_who_cannot_be_told_apart_gets_the_same(players: int, seed: int) -> None:
    by_size = np.random.default_rng(seed).normal(size=players + 1)
    value = game.shapley(table(players, lambda s: by_size[len(s)]))
    assert value == pytest.approx(np.full(players, value[0]))


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_who_changes_nothing_gets_exactly_nothing(players: int, seed: int) -> None:
    others = random_game(players, seed)
    v = np.tile(others, 2)  # the last player is in or not: the same
    assert game.shapley(v)[-1] == 0.0
    assert game.shapley(v)[:-1] == pytest.approx(game.shapley(others))
    assert not game.interactions(v)[-1].any()


def test_games_side_by_side_are_solved_as_one_by_one() -> None:
    v = random_game(4, 3, 7, 2)
    alone = np.array([[game.shapley(v[:, r, t]) for t in range(2)] for r in range(7)])
    assert game.shapley(v) == pytest.approx(np.moveaxis(alone, -1, 0))


@pytest.mark.parametrize("size", [0, 1, 3, 12])
def test_a_table_that_is_no_game_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="coalitions"):
        game.shapley(np.zeros(size))


# ------------------------------------------------------------------------------------------------- sampled orders


def test_every_second_order_is_the_one_before_it_reversed() -> None:
    orders = game.orders_of(7, 12, seed=1)
    assert np.array_equal(orders[1::2], orders[::2, ::-1])
    assert np.array_equal(np.sort(orders), np.tile(np.arange(7), (12, 1)))
    assert np.array_equal(orders, game.orders_of(7, 12, seed=1))
    assert np.array_equal(orders[:8], game.orders_of(7, 8, seed=1))  # more orders keep those that were drawn
    assert not np.array_equal(orders, game.orders_of(7, 12, seed=2))


@pytest.mark.parametrize("number", [0, 2, 5])
def test_orders_without_a_second_pair_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="orders"):
        game.orders_of(7, number, seed=1)


def test_sampled_shares_add_up_too_whatever_the_orders() -> None:
    v = random_game(7, 5, 3)
    orders = game.orders_of(7, 4, seed=1)
    found = game.sampled({each: v[each] for each in game.coalitions_of(orders)}, orders)
    assert found.value.sum(axis=0) == pytest.approx(v[-1] - v[0])


def test_where_players_do_not_meet_any_orders_tell_all() -> None:
    worth = np.arange(7.0)
    v = table(7, lambda s: sum(worth[i] for i in s))
    found = game.sampled(dict(enumerate(v)), game.orders_of(7, 4, seed=1))
    assert found.value == pytest.approx(worth)
    assert found.error == pytest.approx(np.zeros(7), abs=1e-12)


def test_reversed_orders_settle_every_game_of_pairs() -> None:
    """Of two players, one comes first in one order, the other in its reverse."""
    rng = np.random.default_rng(2)
    pairs = rng.normal(size=(7, 7))
    v = table(7, lambda s: sum(pairs[i, j] for i in s for j in s))
    found = game.sampled(dict(enumerate(v)), game.orders_of(7, 4, seed=1))
    assert found.value == pytest.approx(game.shapley(v))


def test_the_error_of_sampled_orders_is_as_large_as_it_says() -> None:
    """Over 400 draws of 20 orders, (sampled - exact) / error has the spread of Student's t with 9 degrees of freedom."""
    v = random_game(7, 11)
    every = dict(enumerate(v))
    found = [game.sampled(every, game.orders_of(7, 20, seed)) for seed in range(400)]
    ratio = np.array([(each.value - game.shapley(v)) / each.error for each in found])
    assert abs(ratio.mean()) < 4 / math.sqrt(400)
    inside = np.mean(np.abs(ratio) < 2.262)  # 95 % of Student's t
    assert abs(inside - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 400)
