"""Cooperative games: who contributes how much, when all join in every order.

A game is a table v[2^B, ...] of what each coalition reaches: bit i of the place says whether player i is in. Trailing axes
are games side by side, such as replications. A player that changes nothing gets exactly 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def players_of(v: Floats) -> int:
    """How many players a table of coalitions is about; ValueError where its length is no power of two."""
    if len(v) < 2 or len(v) & (len(v) - 1):
        raise ValueError(f"a game has 2, 4, 8, ... coalitions, not {len(v)}")
    return len(v).bit_length() - 1


def shapley(v: Floats) -> Floats:
    """What each player adds to those who came before, averaged over all orders [B, ...]; Shapley 1953.

    They add up to what all reach together less what nobody does.
    """
    players = players_of(v)
    orders = math.factorial(players)
    weight = [math.factorial(k) * math.factorial(players - 1 - k) / orders for k in range(players)]
    return np.array([_weighed(v, [i], weight) for i in range(players)])


def first_in(v: Floats) -> Floats:
    """What each player reaches alone, beyond what nobody does [B, ...]."""
    return np.array([v[1 << i] - v[0] for i in range(players_of(v))])


def last_in(v: Floats) -> Floats:
    """What is lost when each player leaves the others [B, ...]."""
    everybody = len(v) - 1
    return np.array([v[everybody] - v[everybody ^ 1 << i] for i in range(players_of(v))])


def interactions(v: Floats) -> Floats:
    """Shapley's interaction index of each pair [B, B, ...]: what two add together beyond what each does, in all company.

    Symmetric, 0 on the diagonal; below 0 where both would do the same. Grabisch and Roubens 1999.
    """
    players = players_of(v)
    orders = math.factorial(players - 1)
    weight = [math.factorial(k) * math.factorial(players - 2 - k) / orders for k in range(players - 1)]
    return _pairs(v, lambda i, j: _weighed(v, [i, j], weight))


def pairs_alone(v: Floats) -> Floats:
    """v(ij) - v(i) - v(j) + v(nobody) of each pair [B, B, ...]: the interaction with nobody else there."""
    return _pairs(v, lambda i, j: v[1 << i | 1 << j] - v[1 << i] - v[1 << j] + v[0])


def moebius(v: Floats) -> Floats:
    """What each coalition adds that no part of it reaches [2^B, ...] (Harsanyi's dividends; Rota 1964)."""
    dividends = np.array(v, dtype=np.float64)
    for i in range(players_of(v)):
        inside = _with(len(v), [i])
        dividends[inside] -= dividends[inside ^ 1 << i]
    return dividends


def _with(size: int, members: list[int]) -> Ints:
    """The coalitions that all of these are in."""
    mask = sum(1 << i for i in members)
    places = np.arange(size)
    inside: Ints = places[places & mask == mask]
    return inside


def _weighed(v: Floats, members: list[int], weight: list[float]) -> Floats:
    """The difference that some members make together to each coalition of the others, weighed by its size and added up."""
    inside = _with(len(v), members)
    others = inside ^ sum(1 << i for i in members)
    change = v[inside]
    if len(members) == 1:
        change = change - v[others]
    else:
        i, j = members
        change = (change - v[others | 1 << i]) - (v[others | 1 << j] - v[others])
    by_size = np.array([weight[other.bit_count()] for other in others.tolist()])
    added: Floats = np.tensordot(by_size, change, axes=1)
    return added


def _pairs(v: Floats, of: Callable[[int, int], Floats]) -> Floats:
    players = players_of(v)
    table = np.zeros((players, players, *v.shape[1:]))
    for i in range(players):
        for j in range(i):
            table[i, j] = table[j, i] = of(i, j)
    return table


# --------------------------------------------------------------------------------------------- too many to try all


def orders_of(players: int, number: int, seed: int) -> Ints:
    """Orders in which players join [number, B], drawn at random; every second one is the one before it reversed.

    Where a player that comes early in one comes late in the other, chance partly cancels (Castro, Gomez and Tejada 2009;
    Mitchell, Cooper, Frank and Holmes 2022).
    """
    if number < 4 or number % 2:
        raise ValueError(f"{number} orders; an even number, at least 4, is needed")
    drawn = np.array([np.random.default_rng([seed, k]).permutation(players) for k in range(number // 2)], dtype=np.int64)
    return np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(number, players)


def coalitions_of(orders: Ints) -> tuple[int, ...]:
    """The coalitions that form on the way, nobody and everybody included, increasing."""
    return tuple(sorted({0, *np.cumsum(1 << orders, axis=1).ravel().tolist()}))


class Sampled(NamedTuple):
    """A Shapley value from some orders: the value [B, ...] and the standard error that is due to the orders [B, ...]."""

    value: Floats
    error: Floats


def sampled(v: Mapping[int, Floats], orders: Ints) -> Sampled:
    """The Shapley value averaged over some orders, from what the coalitions on the way reach.

    The error is over pairs of reversed orders. The values add up to the whole exactly, as in every order.
    """
    number, players = orders.shape
    added = np.empty((number, players, *np.shape(v[0])))
    for k, order in enumerate(orders.tolist()):
        coalition = 0
        for i in order:
            added[k, i] = v[coalition | 1 << i] - v[coalition]
            coalition |= 1 << i
    pairs = added.reshape(number // 2, 2, *added.shape[1:]).mean(axis=1)
    return Sampled(pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs)))
