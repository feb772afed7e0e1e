"""Quantile tables against SciPy's ppf: every family, many shapes, both tails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from govsim.engine.draws import jit, quantile
from govsim.model import quantiles
from govsim.model.arrays import INDEX, AnyArrays, Tables
from govsim.model.quantiles import build_tables
from govsim.organisation.nouns import Distribution

Floats = NDArray[np.float64]

SHAPES: list[tuple[str, tuple[float, ...]]] = [
    ("exponential", ()),
    *(("erlang", (k,)) for k in (1, 2, 3, 9, 50)),
    *(("gamma", (cv,)) for cv in (0.02, 0.1, 0.3, 0.8, 1.0, 1.2, 2.0, 3.0, 5.0)),
    *(("lognormal", (cv,)) for cv in (0.01, 0.3, 0.5, 1.38, 3.0, 10.0)),
    *(("weibull", (cv,)) for cv in (0.02, 0.3, 1.0, 2.0, 5.0)),
    ("uniform", (0.0, 2.0)),
    ("uniform", (0.9, 1.1)),
    ("triangular", (0.2, 0.5, 2.3)),
    ("triangular", (0.5, 1.0, 1.5)),
    ("triangular", (0.1, 1.3, 1.6)),
    ("triangular", (0.0, 0.0, 3.0)),
    ("triangular", (0.0, 1.5, 1.5)),
    ("triangular", (0.99, 0.9925, 1.0175)),
    ("pert", (0.2, 0.4, 4.2)),
    ("pert", (0.2, 1.0, 1.8)),
    ("pert", (0.5, 0.5, 3.5)),
    ("pert", (0.0, 1.2, 1.2)),
]


def law(family: str, shape: tuple[float, ...]) -> Any:
    """SciPy's distribution with mean 1."""
    if family == "exponential":
        return stats.expon()
    if family in ("erlang", "gamma"):
        k = shape[0] if family == "erlang" else shape[0] ** -2
        return stats.gamma(k, scale=1 / k)
    if family == "lognormal":
        s = math.sqrt(math.log(1 + shape[0] ** 2))
        return stats.lognorm(s, scale=math.exp(-s * s / 2))
    if family == "weibull":
        k = quantiles.weibull_shape(shape[0])
        return stats.weibull_min(k, scale=1 / math.gamma(1 + 1 / k))
    low, high = shape[0], shape[-1]
    if family == "uniform":
        return stats.uniform(low, high - low)
    if family == "triangular":
        return stats.triang((shape[1] - low) / (high - low), low, high - low)
    a, b = (1 + 4 * (x - y) / (high - low) for x, y in ((shape[1], low), (high, shape[1])))
    return stats.beta(a, b, low, high - low)


@jit
def look_up(tables: AnyArrays, table: int, us: Floats, found: Floats) -> None:
    """The quantiles at many u."""
    for i in range(len(us)):
        found[i] = quantile(tables, table, us[i])


def quantiles_at(tables: Tables, table: int, us: Floats) -> Floats:
    found = np.empty(len(us))
    look_up(tables, table, us, found)
    return found


def near_an_end(seed: int, size: int) -> Floats:
    """Increasing odd multiples of 2**-53 below 1/2: half of them even, half of them even by octave,
    and both ends.
    """
    rng = np.random.default_rng(seed)
    xs = np.concatenate([rng.random(size // 2) / 2, 2.0 ** (-1 - 52 * rng.random(size // 2))])
    whole = np.floor(xs * 2.0**52)
    return (np.unique(np.concatenate([[0.0, 2.0**51 - 1], whole])) + 0.5) * 2.0**-52


def one(family: str, shape: tuple[float, ...]) -> tuple[Tables, int]:
    tables, places = build_tables([Distribution(family, 1.0, shape)])  # type: ignore[arg-type]
    return tables, places[0]


@pytest.mark.parametrize(("family", "shape"), SHAPES)
def test_a_table_is_the_quantile_function_in_the_middle_and_in_both_tails(
    family: str, shape: tuple[float, ...]
) -> None:
    tables, table = one(family, shape)
    xs = near_an_end(1, 8000)
    for us, exact in ((xs, law(family, shape).ppf(xs)), (1 - xs, law(family, shape).isf(xs))):
        error = np.abs(quantiles_at(tables, table, us) - exact)
        assert np.all(error <= 1e-7 * exact + 1e-9)


@pytest.mark.parametrize(("family", "shape"), SHAPES)
def test_a_table_never_falls(family: str, shape: tuple[float, ...]) -> None:
    tables, table = one(family, shape)
    xs = near_an_end(2, 20_000)
    knots = np.unique(
        np.clip(np.concatenate([xs, 2.0 ** np.arange(-52.0, 0) - 2.0**-53]), xs[0], xs[-1])
    )
    found = quantiles_at(tables, table, np.concatenate([knots, (1 - knots)[::-1]]))
    # the last bit of a sum may round either way
    assert np.all(np.diff(found) >= -4e-16 * found[1:])
    assert np.all(found >= 0)


@pytest.mark.parametrize(("family", "shape"), SHAPES)
def test_the_stated_mean_is_the_mean_of_the_table(family: str, shape: tuple[float, ...]) -> None:
    tables, table = one(family, shape)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    total = 0.0
    for octave in range(52):  # integrate over sixteenths of each octave, by Gauss
        edges = 2.0 ** -(octave + 2) * (1 + np.arange(17) / 16)
        half = np.diff(edges) / 2
        xs = (edges[:-1] + half)[:, None] + half[:, None] * nodes
        both = quantiles_at(tables, table, xs.ravel()) + quantiles_at(tables, table, 1 - xs.ravel())
        total += float(np.sum(both.reshape(xs.shape) * weights * half[:, None]))
    assert total == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("family", "shape"), [("gamma", (1.5,)), ("weibull", (1.5,)), ("lognormal", (1.5,))]
)
def test_the_stated_cv_is_the_cv_of_the_table(family: str, shape: tuple[float, ...]) -> None:
    assert law(family, shape).std() == pytest.approx(shape[0], rel=1e-9)
    assert law(family, shape).mean() == pytest.approx(1, rel=1e-9)


def test_a_constant_is_exactly_its_mean() -> None:
    for family, shape in (
        ("constant", ()),
        ("uniform", (1.0, 1.0)),
        ("pert", (1.0, 1.0, 1.0)),
        ("gamma", (0.0,)),
    ):
        tables, table = one(family, shape)
        assert set(quantiles_at(tables, table, near_an_end(3, 100))) == {1.0}


def test_an_empirical_distribution_gives_its_values_with_equal_chance() -> None:
    tables, table = one("empirical", (0.25, 0.5, 0.75, 2.5))
    us = (np.arange(4000) + 0.5) / 4000
    values, counts = np.unique(quantiles_at(tables, table, us), return_counts=True)
    assert values.tolist() == [0.25, 0.5, 0.75, 2.5]
    assert counts.tolist() == [1000] * 4
    assert tables.kind[table] == INDEX


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000, 12_345])
def test_the_largest_u_gives_the_largest_value(size: int) -> None:
    tables, table = one("empirical", tuple(np.arange(1.0, size + 1)))
    assert quantile(tables, table, 1 - 2.0**-53) == size
    assert quantile(tables, table, 2.0**-53) == 1


@pytest.mark.plain
@pytest.mark.parametrize(
    "shape", [("exponential", ()), ("triangular", (0.2, 0.5, 2.3)), ("triangular", (0.1, 1.3, 1.6))]
)
def test_a_table_is_looked_up_at_its_knots_and_at_a_kink(
    shape: tuple[str, tuple[float, ...]],
) -> None:
    tables, table = one(*shape)
    mode = (shape[1][1] - shape[1][0]) / (shape[1][2] - shape[1][0]) if shape[1] else 0.25
    for u in (
        2.0**-53,
        2.0**-30,
        0.25,
        mode,
        np.nextafter(mode, 0),
        np.nextafter(mode, 1),
        0.5,
        0.75,
        1 - 2.0**-30,
        1 - 2.0**-53,
    ):
        assert quantile(tables, table, u) == pytest.approx(law(*shape).ppf(u), rel=1e-7)


def test_equal_family_and_shape_share_a_table_and_the_first_is_the_exponential() -> None:
    several = [
        Distribution("lognormal", 5.0, (0.5,)),
        Distribution("constant", 3.0),
        Distribution("lognormal", 9.0, (0.5,)),
    ]
    tables, places = build_tables([*several, Distribution("exponential", 2.0)])
    assert places == [1, 2, 1, 0]
    assert len(tables.kind) == 3
    assert len(tables.first) == 4
    assert tables.first[-1] == len(tables.knots)
    assert build_tables(several)[0] is build_tables(several)[0]


def test_a_shape_without_such_a_distribution_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"uniform \(0\.5, 1\.0\): the mean of its quantile table is 0\.75, not 1"
    ):
        one("uniform", (0.5, 1.0))
    with pytest.raises(ValueError, match=r"gamma \(nan,\) cannot be rendered as a quantile table"):
        one("gamma", (math.nan,))
    with pytest.raises(
        ValueError, match=r"lognormal \(100000000\.0,\): the mean of its quantile table is 0\.98"
    ):
        one("lognormal", (1e8,))
