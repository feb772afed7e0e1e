"""Quantile tables: every continuous distribution as one monotone function.

Both engines read it with + - * / alone.

A smooth table covers u from 2**-53 to 1/2 by octaves [2**-53, 2**-52), ..., [1/4, 1/2), and the
same for 1 - u on the other side. Each octave is cut into 2**size cells of equal width, so the bits
of u are the number of its cell; between the knots stands a cubic with limited slopes (Fritsch and
Carlson 1980). Rows of a table: the lower side's knots from 2**-53 to 1/2, then the upper side's,
where slopes are those by 1 - u; with a kink (the mode of a triangular, where the curvature jumps)
two more: its place and its distance from the left end of its cell, then its knot.

An index table holds sorted values of equal weight; a constant is one with a single value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.model.arrays import INDEX, OCTAVES, SMOOTH, Tables
from govsim.organisation.nouns import Distribution, Family

Curve = Callable[[Floats], Floats]

_SIZES = range(5, 11)  # from 32 cells an octave to 1024: the first that is exact enough
_RELATIVE, _ABSOLUTE = 5e-8, 5e-10  # half of the error promised
_PARTS = 64  # of a cell, in the mean of rounded numbers


class Side(NamedTuple):
    """The quantile by the distance x of u from 0 or from 1; beyond the kink it is another curve."""

    outer: Curve
    inner: Curve | None = None
    kink: float = math.inf

    def __call__(self, x: Floats) -> Floats:
        """The quantile at x."""
        return (
            self.outer(x)
            if self.inner is None
            else np.where(x <= self.kink, self.outer(x), self.inner(x))
        )


class Knots(NamedTuple):
    """A side's knots: places x, values and slopes by x."""

    x: Floats
    value: Floats
    slope: Floats


class Table(NamedTuple):
    """One quantile function, rows counted from its own first."""

    kind: int
    size: int
    kink: int
    knots: Floats


def build_tables(distributions: Sequence[Distribution]) -> tuple[Tables, list[int]]:
    """The tables that these distributions need, and the number of each distribution's.

    Equal family and shape share a table; the mean is left to the caller. ValueError: a shape that
    has no such distribution of mean 1, or that a table cannot render.
    """
    numbers: dict[tuple[Family, tuple[float, ...]], int] = {("exponential", ()): 0}
    places = [
        numbers.setdefault((one.family, tuple(one.shape)), len(numbers)) for one in distributions
    ]
    return _together(tuple(numbers)), places


@lru_cache(maxsize=16)
def _together(keys: tuple[tuple[Family, tuple[float, ...]], ...]) -> Tables:
    tables = [_table(family, shape) for family, shape in keys]
    first = np.cumsum([0, *(len(table.knots) for table in tables)], dtype=np.int64)
    kink = np.array([table.kink for table in tables], np.int64)
    return Tables(
        first=first,
        kind=np.array([table.kind for table in tables], np.int64),
        size=np.array([table.size for table in tables], np.int64),
        kink=np.where(kink >= 0, kink + first[:-1], -1),
        knots=np.concatenate([table.knots for table in tables]),
    )


@lru_cache(maxsize=512)
def _table(family: Family, shape: tuple[float, ...]) -> Table:
    if family == "empirical":
        return _index(np.sort(np.array(shape, float)))
    if family == "constant" or shape == (0.0,) or (len(shape) > 1 and shape[0] == shape[-1]):
        return _index(np.ones(1))  # also the limit of a family whose spread is 0
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        sides = SIDES[family](*shape)
        for size in _SIZES:
            lower, upper = (_knots(side, size) for side in sides)
            if _exact(sides[0], lower) and _exact(sides[1], upper):
                break
        else:
            raise ValueError(f"{family} {shape} cannot be rendered as a quantile table")
    mean = _mean(lower) + _mean(upper)
    if abs(mean - 1.0) > 1e-6:
        raise ValueError(f"{family} {shape}: the mean of its quantile table is {mean:.9g}, not 1")
    rows = [np.column_stack([side.value, side.slope]) for side in (lower, upper)]
    kink = -1
    for side, knots, start in zip(sides, (lower, upper), (0, len(lower.x)), strict=True):
        cell = int(np.searchsorted(knots.x, side.kink, side="right")) - 1
        if 0 <= cell < len(knots.x) - 1:
            kink = start + cell
            value, slope = _differences(side.outer, np.array([side.kink]), 2**size)
            rows.append(
                np.array([[side.kink, side.kink - knots.x[cell]], [value[0, 0], slope[0, 0]]])
            )
    return Table(SMOOTH, size, kink, np.concatenate(rows))


def _index(values: Floats) -> Table:
    return Table(INDEX, len(values), -1, np.column_stack([values, np.zeros(len(values))]))


def _knots(side: Side, size: int) -> Knots:
    """The knots of a side, 2**size cells an octave, the slopes limited so
    that the cubics are monotone.
    """
    cells = 2**size
    octaves = 2.0 ** np.arange(-OCTAVES - 1.0, -1.0)
    x = np.append(np.outer(octaves, 1.0 + np.arange(cells) / cells), 0.5)
    value, slope = (_in_line(columns) for columns in _differences(side.outer, octaves, cells))
    if side.inner is not None:
        inner = [_in_line(columns) for columns in _differences(side.inner, octaves, cells)]
        value, slope = (
            np.where(x <= side.kink, *both) for both in zip((value, slope), inner, strict=True)
        )
    secant = np.diff(value) / np.diff(x)
    steepest = 3.0 * np.minimum(
        np.abs(np.append(secant[0], secant)), np.abs(np.append(secant, secant[-1]))
    )
    sign = np.sign(value[-1] - value[0])
    return Knots(x, value, sign * np.clip(sign * slope, 0.0, steepest))


def _differences(curve: Curve, octaves: Floats, cells: int) -> tuple[Floats, Floats]:
    """Values and slopes (central differences of fourth order) at the knots of octaves,
    both ends included.
    """
    values = curve(np.outer(octaves, 1.0 + np.arange(-2, cells + 3) / cells))
    rises = 8.0 * (values[:, 3:-1] - values[:, 1:-3]) - (values[:, 4:] - values[:, :-4])
    return values[:, 2:-2], rises * (cells / 12.0) / octaves[:, None]


def _in_line(columns: Floats) -> Floats:
    """Octaves one after another; where two meet, the knot of the upper one."""
    return np.append(columns[:, :-1], columns[-1, -1])


def _exact(side: Side, knots: Knots) -> bool:
    """Whether the middles of eight cells an octave lie where they should:
    there a cubic is off the most.
    """
    cells = np.arange(0, len(knots.x) - 1, (len(knots.x) - 1) // (8 * OCTAVES))
    x, value, slope = knots
    width = x[cells + 1] - x[cells]
    middle = (value[cells] + value[cells + 1]) / 2.0 + width * (
        slope[cells] - slope[cells + 1]
    ) / 8.0
    exact = side(x[cells] + width / 2.0)
    cut = (x[cells] <= side.kink) & (side.kink < x[cells + 1])
    return bool(np.all(cut | (np.abs(middle - exact) <= _RELATIVE * exact + _ABSOLUTE)))


def _mean(knots: Knots) -> float:
    """The integral of the cubics over the side."""
    width = np.diff(knots.x)
    return float(
        np.sum(
            width * (knots.value[1:] + knots.value[:-1]) / 2.0
            - width**2 * np.diff(knots.slope) / 12.0
        )
    )


def mean_batch(sizes: Distribution) -> float:
    """The mean size of batches as they are drawn: rounded to a whole number, at least 1.

    The stated mean is that of what is rounded: of sizes drawn from 0 to 1 every one is 1.
    """
    return _rounded_mean(_table(sizes.family, tuple(sizes.shape)), sizes.mean)


def mean_batch_of(tables: Tables, number: int, mean: float) -> float:
    """The same of sizes that are looked up in one of the tables, times their stated mean."""
    first, last = tables.first[number : number + 2]
    kind, size = int(tables.kind[number]), int(tables.size[number])
    return _rounded_mean(Table(kind, size, -1, tables.knots[first:last]), mean)


def _rounded_mean(table: Table, mean: float) -> float:
    if table.kind == INDEX:
        return float(np.maximum(1.0, np.rint(table.knots[:, 0] * mean)).mean())
    cells = 2**table.size
    octaves = 2.0 ** np.arange(-OCTAVES - 1.0, -1.0)
    width = np.repeat(octaves / cells, cells)
    t = (np.arange(_PARTS) + 0.5) / _PARTS  # middles of equal parts of a cell
    hermite = np.array([(1 - t) ** 2 * (1 + 2 * t), (1 - t) ** 2 * t, t**2 * (3 - 2 * t)])
    hermite = np.vstack([hermite, t**2 * (t - 1)])
    total = 0.0
    for side in (table.knots[: len(width) + 1], table.knots[len(width) + 1 :][: len(width) + 1]):
        value = side[:, 0]
        rising = side[:-1, 1] * width, side[1:, 1] * width
        drawn = np.column_stack([value[:-1], rising[0], value[1:], rising[1]]) @ hermite
        total += float(np.maximum(1.0, np.rint(drawn * mean)).mean(axis=1) @ width)
    return total / (2.0 * float(width.sum()))


def _exponential() -> tuple[Side, Side]:
    return Side(lambda x: -np.log1p(-x)), Side(lambda x: -np.log(x))


def _erlang(k: float) -> tuple[Side, Side]:
    from scipy import special

    return Side(lambda x: special.gammaincinv(k, x) / k), Side(
        lambda x: special.gammainccinv(k, x) / k
    )


def _gamma(cv: float) -> tuple[Side, Side]:
    return _erlang(cv**-2)


def _lognormal(cv: float) -> tuple[Side, Side]:
    from scipy import special

    s = math.sqrt(math.log1p(cv**2))
    return Side(lambda x: np.exp(s * special.ndtri(x) - s**2 / 2)), Side(
        lambda x: np.exp(-s * special.ndtri(x) - s**2 / 2)
    )


def _weibull(cv: float) -> tuple[Side, Side]:
    k = weibull_shape(cv)
    scale = 1.0 / math.gamma(1.0 + 1.0 / k)
    return Side(lambda x: scale * (-np.log1p(-x)) ** (1.0 / k)), Side(
        lambda x: scale * (-np.log(x)) ** (1.0 / k)
    )


def weibull_shape(cv: float) -> float:
    """The shape k at which a Weibull distribution has this cv: 1 + cv**2 = G(1 + 2/k)
    / G(1 + 1/k)**2, by halving.
    """
    low, high = 0.05, 2000.0
    for _ in range(100):
        k = math.sqrt(low * high)
        spread = math.lgamma(1.0 + 2.0 / k) - 2.0 * math.lgamma(1.0 + 1.0 / k)
        low, high = (k, high) if spread > math.log1p(cv**2) else (low, k)
    return k


def _uniform(low: float, high: float) -> tuple[Side, Side]:
    return Side(lambda x: low + x * (high - low)), Side(lambda x: high - x * (high - low))


def _triangular(low: float, mode: float, high: float) -> tuple[Side, Side]:
    rising, falling = (high - low) * (mode - low), (high - low) * (high - mode)
    kink = (mode - low) / (high - low)
    lower, upper = (
        Side(lambda x: low + np.sqrt(x * rising)),
        Side(lambda x: high - np.sqrt(x * falling)),
    )
    if kink <= 0.5:
        return Side(lower.outer, lambda x: high - np.sqrt((1.0 - x) * falling), kink), upper
    return lower, Side(upper.outer, lambda x: low + np.sqrt((1.0 - x) * rising), 1.0 - kink)


def _pert(low: float, mode: float, high: float) -> tuple[Side, Side]:
    from scipy import special

    width = high - low
    a, b = 1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width
    return (
        Side(lambda x: low + width * special.betaincinv(a, b, x)),
        Side(lambda x: high - width * special.betaincinv(b, a, x)),
    )


SIDES: dict[str, Callable[..., tuple[Side, Side]]] = {
    "exponential": _exponential,
    "erlang": _erlang,
    "gamma": _gamma,
    "lognormal": _lognormal,
    "weibull": _weibull,
    "uniform": _uniform,
    "triangular": _triangular,
    "pert": _pert,
}
