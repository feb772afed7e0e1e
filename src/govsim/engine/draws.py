"""Random draws that are keyed by what they decide, and the look-up of quantiles and paths.

A draw has no state: who asks (replication, applicant) for what (name, attempt, purpose) gets the
same number whenever and in whatever configuration the question is put. Every operation is exact in
NumPy scalars too, so nothing here wraps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic, overload

from govsim.engine.kernels import jit
from govsim.model.arrays import INDEX, OCTAVES, AnyArrays, Tables

_MULTIPLIER = np.uint64(0xD2B74407B1CE6E93)
_WEYL = np.uint64(0x9E3779B97F4A7C15)
_WRAPS = np.uint64(2**64 - 0x9E3779B97F4A7C15)  # from here on key + _WEYL would pass 2**64
_8, _12, _32 = np.uint64(8), np.uint64(12), np.uint64(32)

# Zero with a type, because Numba compiles a function once more for every literal
# that it is called with.
ZERO: int = np.int64(0)  # type: ignore[assignment]

_MANTISSA = np.int64(2**52 - 1)
# exponent, as stored in a float64, of the lowest octave's 2**-53
_LOWEST = np.int64(1023 - OCTAVES - 1)


def multiply(a: np.uint64, b: np.uint64) -> tuple[np.uint64, np.uint64]:
    """High and low word of a * b."""
    product = int(a) * int(b)
    return np.uint64(product >> 64), np.uint64(product & (2**64 - 1))


@intrinsic
def _multiply(context: Any, a: Any, b: Any) -> Any:
    """One machine instruction; by halves a draw takes 14 ns instead of 4."""
    from llvmlite import ir  # type: ignore[import-untyped]

    word, double = ir.IntType(64), ir.IntType(128)

    def generate(context: Any, builder: Any, signature: Any, words: Any) -> Any:
        product = builder.mul(*(builder.zext(one, double) for one in words))
        high = builder.trunc(builder.lshr(product, double(64)), word)
        return context.make_tuple(
            builder, signature.return_type, (high, builder.trunc(product, word))
        )

    pair = types.UniTuple(types.uint64, 2)  # type: ignore[no-untyped-call]
    return pair(types.uint64, types.uint64), generate


@overload(multiply, strict=False)
def _(a: Any, b: Any) -> Any:
    return lambda a, b: _multiply(a, b)  # type: ignore[call-arg]


@jit
def philox(counter0: np.uint64, counter1: np.uint64, key: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Philox2x64-10: two words that pass for random, from a counter and a key.

    Salmon, Moraes, Dror and Shaw 2011.
    """
    for turn in range(10):
        if turn > 0:
            key = key - _WRAPS if key >= _WRAPS else key + _WEYL
        high, low = multiply(_MULTIPLIER, counter0)
        counter0, counter1 = high ^ key ^ counter1, low
    return counter0, counter1


@jit
def uniform(
    seed: np.uint64, replication: int, n: int, key: np.uint64, attempt: int, purpose: int
) -> float:
    """The uniform in (0, 1) that decides one thing: an odd multiple of 2**-53.

    `key` = crc32 of the name, shifted left by 32. replication and n below 2**32,
    attempt below 2**24, purpose below 2**8.
    """
    who = (np.uint64(replication) << _32) | np.uint64(n)
    what = np.uint64(key) | (np.uint64(attempt) << _8) | np.uint64(purpose)
    word, _ = philox(who, what, np.uint64(seed))
    return (float(word >> _12) + 0.5) * 2.0**-52


@jit
def grid(x: float) -> float:
    """The instant or duration x (minutes) on the grid of 2**-20 minute, halves to even."""
    return float(np.rint(x * 1048576.0) / 1048576.0)


@jit
def quantile(tables: AnyArrays, table: int, u: float) -> float:
    """The quantile at u, in (0, 1), of a distribution with mean 1 (layout:
    `model/quantiles.py`).
    """
    first = tables.first[table]
    size = tables.size[table]
    if tables.kind[table] == INDEX:
        return float(tables.knots[first + np.int64(u * size), 0])
    x = u
    if u > 0.5:
        x = 1.0 - u
        first += (OCTAVES << size) + 1
    bits = np.float64(x).view(np.int64)
    row = first + (bits >> (52 - size)) - (_LOWEST << size)
    width = np.int64(((bits >> 52) - size) << 52).view(np.float64)
    if row == tables.kink[table]:
        return _beside_kink(tables, table, row, x, width)
    return _hermite(tables, row, row + 1, width, float((bits << size) & _MANTISSA) * 2.0**-52)


@jit
def _beside_kink(tables: AnyArrays, table: int, row: int, x: float, width: float) -> float:
    """The cell that a kink cuts in two: the last two rows of the table are its place
    and distance into the cell, its knot.
    """
    knot = tables.first[table + 1] - 1
    kink = tables.knots[knot - 1, 0]
    before = tables.knots[knot - 1, 1]
    if x < kink:
        return _hermite(tables, row, knot, before, 1.0 - (kink - x) / before)
    after = width - before
    return _hermite(tables, knot, row + 1, after, (x - kink) / after)


@jit
def _hermite(tables: AnyArrays, left: int, right: int, width: float, t: float) -> float:
    """The cubic between two knots, at the fraction t of the cell's width."""
    value = tables.knots[left, 0]
    rise = tables.knots[right, 0] - value
    start = tables.knots[left, 1] * width
    stop = tables.knots[right, 1] * width
    return float(
        value
        + t * (start + t * (3.0 * rise - 2.0 * start - stop + t * (start + stop - 2.0 * rise)))
    )


@jit
def drawn(
    knots: AnyArrays,
    kind: int,
    size: int,
    kink: int,
    seed: np.uint64,
    replication: int,
    n: int,
    key: np.uint64,
    attempt: int,
    purpose: int,
) -> float:
    """The quantile of one table (its rows of Tables; kink counted from its first)
    at the uniform that decides one thing.

    For callers that are not compiled: one call, and one array to unpack.
    """
    table = Tables((0, len(knots)), (kind,), (size,), (kink,), knots)  # type: ignore[arg-type]
    return quantile(table, 0, uniform(seed, replication, n, key, attempt, purpose))


@jit
def whole_days(minutes: float) -> int:
    """Days in some minutes, at least 0: minutes // 1440, which takes fifteen times as long.

    Rounding never lifts the quotient of a smaller number to a whole one.
    """
    return int(minutes / 1440.0)


@jit
def path(paths: AnyArrays, p: int, t: float, reform: float) -> float:
    """The value of path p at the instant t."""
    place = paths.first[p]
    if t >= reform:
        place = min(place + 1 + whole_days(t - reform), paths.first[p + 1] - 1)
    return float(paths.value[place])
