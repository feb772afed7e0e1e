"""Pictures show what the arrays say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from govsim.display import figures


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
    assert figures.distributions(curves).get_xlim() == (
        0.0,
        curves["before"][0][int(4000 * (1 - figures.TAIL)) - 1],
    )


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
    with pytest.raises(ValueError, match="nobody has an answer"):
        figures.distributions({})


def test_drawing_changes_no_setting_of_matplotlib() -> None:
    settings = dict(matplotlib.rcParams)
    figures.distributions({"before": drawn(5.0)})
    assert dict(matplotlib.rcParams) == settings


def test_lines_bands_and_bars_stand_where_the_numbers_say() -> None:
    up = figures.Line(np.array([1.0, 2.0]), np.array([0.5, 1.5]), np.array([1.5, 2.5]))
    ax = figures.lines([0.0, 10.0], {"before": up, "after": figures.Line([2.0, 3.0])}, zero=True)
    assert np.array_equal(ax.get_lines()[1].get_xydata(), [[0.0, 1.0], [10.0, 2.0]])
    assert len(ax.collections) == 1  # one of them has a band
    flat = figures.lines([0.0, 10.0], {"before": up}, upright=True)
    assert np.array_equal(flat.get_lines()[0].get_xydata(), [[1.0, 0.0], [2.0, 10.0]])
    bars = figures.stacked(["a", "b"], {"first": [1.0, 2.0], "second": [3.0, 4.0]})
    assert [each.get_x() for each in bars.patches] == [0.0, 0.0, 1.0, 2.0]


def test_what_cannot_be_estimated_has_no_mark_and_what_has_no_interval_no_bar() -> None:
    spans = {"p90": [figures.Span(1.0, 0.5, 1.5), figures.Span(None), figures.Span(2.0)]}
    ax = figures.intervals(["a", "b", "c"], spans, zero=False)
    assert np.array_equal(ax.get_lines()[0].get_xdata(), [1.0, 2.0])
    assert len(ax.collections[0].get_segments()) == 1
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "c"]


def test_a_picture_on_a_page_has_text_and_ids_of_its_own_and_is_the_same_every_time() -> None:
    def drawn_once(name: str) -> str:
        with figures.on_page():
            ax = figures.lines(
                [0.0, 1.0],
                {"a $x$ <b>": figures.Line([0.0, 1.0]), "合一": figures.Line([1.0, 0.0])},
                figures.blank(),
            )
            return figures.svg(ax, name, "title & more", "about")

    first = drawn_once("one")
    assert first == drawn_once("one")
    assert "a $x$ &lt;b&gt;" in first
    assert "合一" in first
    assert "title &amp; more" in first
    assert all(each.startswith("one-") for each in re.findall(r' id="([^"]+)"', first))
    assert all(each.startswith("#one-") for each in re.findall(r'href="([^"]+)"', first))
    assert plt.rcParams["svg.fonttype"] == "path"  # as it was


def test_long_labels_leave_room_for_the_picture() -> None:
    assert figures.short("x" * 100) == "x" * figures.LABEL + "…"
    assert figures.short("合" * 100) == "合" * (figures.LABEL // 2) + "…"
