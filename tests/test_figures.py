"""Pictures show what the arrays say."""

from __future__ import annotations

from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from govsim import figures

EDGES = np.concatenate([[0.0], np.geomspace(0.01, 100.0, 400)])


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    matplotlib.use("Agg")
    yield
    plt.close("all")


def counted(mean: float, cases: int) -> np.ndarray:
    days = np.random.default_rng(3).exponential(mean, cases)
    return np.histogram(days, EDGES)[0]


def test_each_configuration_has_its_density_and_its_share_done() -> None:
    counts = {"before": counted(9.0, 4000), "after": counted(6.0, 4000)}
    ax = figures.distributions(EDGES, counts)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["before (4,000 cases)", "after (4,000 cases)"]
    shares = ax.figure.axes[1]
    for line, number in zip(shares.get_lines(), counts.values(), strict=True):
        at, share = line.get_xdata(), line.get_ydata()
        assert share[0] == 0.0
        assert np.all(np.diff(share) >= 0)
        assert share[-1] >= 1 - figures.TAIL or at[-1] == ax.get_xlim()[1]
        half = np.interp(0.5, share, at)
        assert abs(half - np.interp(0.5, np.cumsum(number) / number.sum(), EDGES[1:])) < 0.2


def test_the_density_holds_every_case_once() -> None:
    number = counted(9.0, 4000)
    at, density = figures._density(EDGES, number, number.sum())
    assert np.isclose(np.sum(density * np.diff(at)), 1.0)
    assert at[0] == EDGES[0]
    assert at[-1] == EDGES[-1]
    assert np.diff(at)[:-1].min() >= EDGES[-1] / figures.STEPS


def test_a_single_bin_is_drawn() -> None:
    ax = figures.distributions(np.array([0.0, 1.0]), {"before": np.array([5])})
    assert ax.get_xlim() == (0.0, 1.0)


def test_a_picture_is_drawn_where_it_is_asked_for() -> None:
    _, ax = plt.subplots()
    assert figures.distributions(EDGES, {"before": counted(5.0, 100)}, ax=ax) is ax


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(ValueError, match="no completed case in before"):
        figures.distributions(EDGES, {"before": np.zeros(400, int)})


def test_drawing_changes_no_setting_of_matplotlib() -> None:
    settings = dict(matplotlib.rcParams)
    figures.distributions(EDGES, {"before": counted(5.0, 100)})
    assert dict(matplotlib.rcParams) == settings
