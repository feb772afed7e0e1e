"""Draws are keyed by meaning; quantiles and paths are looked up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

import numba
import numpy as np
import pytest

from govsim.engine import draws, kernels
from govsim.engine.draws import grid, multiply, path, philox, uniform, whole_days
from govsim.model.arrays import P_ARRIVAL, P_EFFORT, Paths

pytestmark = pytest.mark.plain

SEED = np.uint64(20240701)
KEY = np.uint64(crc32(b"permit/check") << 32)
WORD = 2**64 - 1


def compiled_for_now(function: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that lives only as long as its test."""
    njit: Any = numba.njit
    return njit(function)


def philox_in_integers(counter0: int, counter1: int, key: int) -> tuple[int, int]:
    """The ten rounds as the paper has them, in Python's unbounded integers."""
    for turn in range(10):
        if turn:
            key = (key + 0x9E3779B97F4A7C15) & WORD
        product = 0xD2B74407B1CE6E93 * counter0
        counter0, counter1 = (product >> 64) ^ key ^ counter1, product & WORD
    return counter0, counter1


def test_the_known_answer_of_philox() -> None:
    zero = np.uint64(0)
    assert [hex(word) for word in philox(zero, zero, zero)] == [
        "0xca00a0459843d731",
        "0x66c24222c9a845b5",
    ]


def test_philox_is_philox_on_random_counters_and_keys() -> None:
    rng = np.random.default_rng(1)
    for words in rng.integers(0, 2**64, (200, 3), dtype=np.uint64):
        assert tuple(map(int, philox(*words))) == philox_in_integers(*map(int, words))


@pytest.mark.parametrize(
    ("a", "b"), [(0, 5), (1, WORD), (WORD, WORD), (2**63, 2), (0xD2B74407B1CE6E93, 2**32 + 1)]
)
def test_a_product_has_a_high_and_a_low_word(a: int, b: int) -> None:
    @compiled_for_now
    def product(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
        return multiply(a, b)

    for one in (product, multiply):
        high, low = one(np.uint64(a), np.uint64(b))
        assert (int(high) << 64) + int(low) == a * b


def test_a_uniform_is_made_of_the_counter_that_the_contract_names() -> None:
    replication, n, attempt = 7, 12345, 3
    who, what = replication << 32 | n, int(KEY) | attempt << 8 | P_EFFORT
    word, _ = philox_in_integers(who, what, int(SEED))
    assert uniform(SEED, replication, n, KEY, attempt, P_EFFORT) == ((word >> 12) + 0.5) / 2**52


def test_a_uniform_is_never_0_and_never_1() -> None:
    us = np.array([uniform(SEED, 0, n, KEY, 1, P_EFFORT) for n in range(5000)])
    assert np.all((us > 0) & (us < 1))
    assert np.all((us * 2.0**53) % 2 == 1)
    assert ((2**52 - 1) + 0.5) * 2.0**-52 == 1 - 2.0**-53  # the largest there can be


def test_every_part_of_the_key_gives_another_draw() -> None:
    base = {"seed": SEED, "replication": 1, "n": 2, "key": KEY, "attempt": 3, "purpose": P_EFFORT}
    others = [
        {"seed": SEED + np.uint64(1)},
        {"replication": 2},
        {"n": 1},
        {"key": np.uint64(crc32(b"permit/sign") << 32)},
        {"attempt": 2},
        {"purpose": P_ARRIVAL},
        {"replication": 2, "n": 1},
        {
            "seed": np.uint64(WORD),
            "replication": 2**32 - 1,
            "n": 2**32 - 1,
            "attempt": 2**24 - 1,
            "purpose": 255,
        },
    ]
    found = {uniform(**{**base, **other}) for other in [{}, *others]}
    assert len(found) == len(others) + 1


def test_uniforms_fill_the_interval_evenly_and_do_not_follow_each_other() -> None:
    us = np.array([uniform(SEED, r, n, KEY, 1, P_EFFORT) for r in range(100) for n in range(100)])
    counts = np.histogram(us, 50, (0, 1))[0]
    # chi square with 49 degrees of freedom
    assert np.sum((counts - 200) ** 2 / 200) < 49 + 4 * np.sqrt(2 * 49)
    assert abs(np.corrcoef(us[1:], us[:-1])[0, 1]) < 4 / np.sqrt(len(us))


def test_an_instant_is_rounded_to_the_grid_halves_to_even() -> None:
    unit = 2.0**-20
    assert [grid(k * unit) / unit for k in (0.5, 1.5, 2.5, 2.4, 2.6, 7)] == [0, 2, 2, 2, 3, 7]
    assert grid(float("inf")) == float("inf")
    xs = [grid(x) for x in np.random.default_rng(2).random(200) * 1e6]
    assert all(grid(x) == x for x in xs)
    assert sum(xs) == sum(reversed(xs))


def test_a_day_begins_at_its_first_instant_and_not_a_rounding_before() -> None:
    midnights = np.arange(1.0, 3000.0) * 1440.0
    before = np.nextafter(midnights, 0.0)
    instants = [0.0, *midnights, *before, *np.random.default_rng(4).random(500) * 1e7]
    assert [whole_days(t) for t in instants] == [t // 1440.0 for t in instants]


def test_a_path_is_read_by_whole_days_since_the_reform_day() -> None:
    reform = 14400.0
    paths = Paths(np.array([0, 4, 5]), np.array([9.0, 3.0, 2.0, 1.0, 0.25]))
    instants = [
        0.0,
        reform - 0.5,
        reform,
        reform + 1439.5,
        reform + 1440,
        reform + 2880,
        reform + 99999,
    ]
    assert [path(paths, 0, t, reform) for t in instants] == [9, 9, 3, 3, 2, 1, 1]
    assert {path(paths, 1, t, reform) for t in instants} == {0.25}


def test_the_decorator_is_the_one_of_the_folder() -> None:
    assert draws.jit is kernels.jit
