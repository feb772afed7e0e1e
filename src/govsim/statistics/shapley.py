"""Shapley values of cooperative games: who of several players brought a result.

Every subset of the players could be tried.

A game is a table v over subsets, [2^B, ...]: player i is in subset S where bit i of S is set,
further axes are worked on side by side. Everything here is linear in v, so what is done to each
replication adds up as it does to their mean.
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from govsim.arrays import Floats, Ints


def players(v: Floats) -> int:
    """How many players a table has; ValueError where its length is no power of two."""
    number = len(v).bit_length() - 1
    if len(v) != 1 << number:
        raise ValueError(f"a table over subsets has 2**B rows, not {len(v)}")
    return number


def shapley(v: Floats) -> Floats:
    """Shapley values [B, ...] of the players (Shapley 1953).

    A value is the mean of what a player adds over all orders in which they may come. They sum to
    v(all) - v(none). Who never changes anything gets exactly 0: differences are weighed, not
    values.
    """
    number = players(v)
    found = np.zeros((number, *v.shape[1:]))
    for i in range(number):
        for subset in range(len(v)):
            if not subset >> i & 1:
                found[i] += (v[subset | 1 << i] - v[subset]) / (
                    number * comb(number - 1, subset.bit_count())
                )
    return found


def first_in(v: Floats) -> Floats:
    """What each player does alone, v({i}) - v(none): [B, ...]."""
    return np.array([v[1 << i] - v[0] for i in range(players(v))]).reshape(players(v), *v.shape[1:])


def last_in(v: Floats) -> Floats:
    """What each player adds to all the others, v(all) - v(all but i): [B, ...]."""
    whole = len(v) - 1
    return np.array([v[whole] - v[whole ^ 1 << i] for i in range(players(v))]).reshape(
        players(v), *v.shape[1:]
    )


def pairs(number: int) -> tuple[tuple[int, int], ...]:
    """All pairs of players, in the order in which interactions are given."""
    return tuple(combinations(range(number), 2))


def interactions(v: Floats) -> tuple[Floats, Floats]:
    """For each pair, [pair, ...]: the Shapley interaction index, and the plain one.

    The index is that of Grabisch & Roubens (1999). The plain one is v({i, j}) - v({i}) - v({j}) +
    v(none); the index averages the same over all sets of others. Below zero where two players
    partly replace each other in raising v.
    """
    number = players(v)
    index, plain = (np.zeros((len(pairs(number)), *v.shape[1:])) for _ in range(2))
    for k, (i, j) in enumerate(pairs(number)):
        for subset in range(len(v)):
            if not subset & (1 << i | 1 << j):
                together = (
                    v[subset | 1 << i | 1 << j]
                    - v[subset | 1 << i]
                    - (v[subset | 1 << j] - v[subset])
                )
                index[k] += together / ((number - 1) * comb(number - 2, subset.bit_count()))
                if not subset:
                    plain[k] = together
    return index, plain


def moebius(v: Floats) -> Floats:
    """Harsanyi's dividends m [2^B, ...]: what a subset brings that no smaller one does.

    v(S) is their sum over T in S.
    """
    found: Floats = np.array(v, dtype=np.float64)
    for i in range(players(v)):
        those = np.flatnonzero(np.arange(len(v)) >> i & 1)
        found[those] -= found[those ^ 1 << i]
    return found


# ------------------------------------------------------------------------------------- many players


def orders(number: int, count: int, seed: int) -> Ints:
    """`count` random orders of the players, each followed by its reverse: [2 * count, B]."""
    draw = np.random.default_rng([seed, number])
    forward = np.array([draw.permutation(number) for _ in range(count)])
    return np.stack([forward, forward[:, ::-1]], axis=1).reshape(2 * count, number)


def visited(orders: Ints) -> Ints:
    """The subsets that orders pass through, from none to all: [order, B + 1]."""
    steps = np.cumsum(1 << orders, axis=1)
    return np.concatenate([np.zeros((len(orders), 1), dtype=np.int64), steps], axis=1)


def sampled(values: Floats, orders: Ints) -> tuple[Floats, Floats]:
    """Shapley values from some orders, and what each pair of an order and its reverse says of them:
    [B, ...], [pair, B, ...].

    `values` [order, B + 1, ...] belong to the subsets of `visited`. The values sum to v(all) -
    v(none) exactly. How far pairs disagree is the error of having tried few orders (`error`), which
    no replication makes smaller.
    """
    added = np.empty((len(orders), orders.shape[1], *values.shape[2:]))
    for k, order in enumerate(orders):
        added[k, order] = np.diff(values[k], axis=0)
    by_pair: Floats = (added[0::2] + added[1::2]) / 2
    return by_pair.mean(axis=0), by_pair


def error(by_pair: Floats) -> Floats:
    """The standard error over orders of sampled Shapley values, [B, ...]; needs 2 pairs."""
    found: Floats = by_pair.std(axis=0, ddof=1) / np.sqrt(len(by_pair))
    return found
