"""Pictures show what the arrays say."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from govsim import figures


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    matplotlib.use("Agg")
    yield
    plt.close("all")


def drawn(mean: float, cases: int = 4000) -> figures.Curve:
    values = np.sort(np.random.default_rng(3).exponential(mean, cases))
    return values, np.arange(1, cases + 1) / cases


def test_each_configuration_has_its_density_and_its_share_done() -> None:
    curves = {"before": drawn(9.0), "after": drawn(6.0)}
    ax = figures.distributions(curves)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["before", "after"]
    for line, (values, reached) in zip(ax.figure.axes[1].get_lines(), curves.values(), strict=True):
        assert np.array_equal(line.get_xdata()[1:], values)
        assert np.array_equal(line.get_ydata()[1:], reached)


def test_the_picture_ends_where_all_but_a_thousandth_are_done() -> None:
    curves = {"before": drawn(9.0), "after": drawn(6.0)}
    assert figures.distributions(curves).get_xlim() == (0.0, curves["before"][0][int(4000 * (1 - figures.TAIL)) - 1])


def test_the_density_holds_every_case_that_is_shown_once() -> None:
    values, reached = drawn(9.0)
    edges, density = figures._density(values, reached, 20.0)
    assert np.isclose(np.sum(density * np.diff(edges)), np.mean(values <= 20.0))
    assert np.isclose(density[0] * edges[1], np.mean(values <= edges[1]))


def test_cases_that_take_no_time_are_drawn() -> None:
    ax = figures.distributions({"before": (np.array([0.0]), np.array([1.0]))})
    assert ax.get_xlim() == (0.0, 1.0)


def test_a_picture_is_drawn_where_it_is_asked_for() -> None:
    _, ax = plt.subplots()
    assert figures.distributions({"before": drawn(5.0)}, ax=ax) is ax


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ValueError, match="no completed case"):
        figures.distributions({})


def test_drawing_changes_no_setting_of_matplotlib() -> None:
    settings = dict(matplotlib.rcParams)
    figures.distributions({"before": drawn(5.0)})
    assert dict(matplotlib.rcParams) == settings
