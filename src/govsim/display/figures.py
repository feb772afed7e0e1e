"""Every picture, drawn with matplotlib: arrays in, Axes out.

Nothing here shows a window, changes a setting of matplotlib or picks a font.

Colours are those of Okabe and Ito (2008), told apart by the colour-blind too; line styles and
hatches say the same again for whoever prints in grey.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import ArrayLike

from govsim.arrays import Floats
from govsim.errors import ValueNotPossible

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes

Curve = tuple[Floats, Floats]

WIDTH, HEIGHT = 6.6, 3.4  # inches
LABEL = 44  # characters
STEPS = 60  # of the density
TAIL = 0.001  # share of the cases beyond the right end of the picture
COLOURS = ("#404040", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
DASHES = ("solid", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)))
HATCHES = ("", "///", "...", "\\\\\\", "xx", "--", "oo", "++")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


class Line(NamedTuple):
    """A curve and, where it has one, its band; all as long as the points they belong to."""

    value: ArrayLike
    low: ArrayLike | None = None
    high: ArrayLike | None = None


class Span(NamedTuple):
    """A number and its interval; None where it cannot be estimated."""

    value: float | None
    low: float | None = None
    high: float | None = None


def distributions(
    curves: Mapping[str, Curve], ax: Axes | None = None, unit: str = "working days"
) -> Axes:
    """Draw the distribution of a duration for each label.

    Its density is drawn as steps, the share of cases done as a dashed line. A curve is (values,
    share at or below), both increasing, values in `unit`. The right-hand scale is the share done.
    Raises ValueError where there is no curve.
    """
    if not curves:
        raise ValueNotPossible("nobody has an answer in any configuration: nothing to draw")
    end = (
        max(
            float(values[np.searchsorted(reached, 1 - TAIL)]) for values, reached in curves.values()
        )
        or 1.0
    )
    ax = ax or _axes()
    shares = ax.twinx()
    for k, (label, (values, reached)) in enumerate(curves.items()):
        edges, density = _density(values, reached, end)
        colour = COLOURS[k % len(COLOURS)]
        ax.stairs(density, edges, color=colour, alpha=0.3, fill=True)
        ax.stairs(density, edges, color=colour, label=label)
        shares.step(
            [0.0, *values],
            [0.0, *reached],
            where="post",
            color=colour,
            linewidth=1.0,
            linestyle="--",
        )
    ax.set(
        xlabel=f"cycle time, {unit}",
        ylabel=f"share of cases per {unit.removesuffix('s')}",
        xlim=(0.0, end),
    )
    ax.set_ylim(bottom=0.0)
    shares.set(ylabel="share of cases done (dashed)", ylim=(0.0, 1.0))
    ax.legend(loc="center right")
    return ax


def lines(
    points: ArrayLike,
    curves: Mapping[str, Line],
    ax: Axes | None = None,
    x: str = "",
    y: str = "",
    zero: bool = False,
    upright: bool = False,
) -> Axes:
    """Draw curves over common points, each with its band and a line style of its own.

    `zero` marks where nothing changes. `upright`: the points go up the picture and the values
    across it, as in a distribution function known by its quantiles.
    """
    if not curves:
        raise ValueNotPossible("there is no curve to draw")
    ax = ax or _axes()
    if zero:
        ax.axhline(0.0, color="black", linewidth=0.8)
    at = np.asarray(points)
    for k, (label, each) in enumerate(curves.items()):
        colour, style = COLOURS[k % len(COLOURS)], DASHES[k % len(DASHES)]
        value = np.asarray(each.value, dtype=np.float64)
        low, high = (
            None if part is None else np.asarray(part, dtype=np.float64)
            for part in (each.low, each.high)
        )
        if low is not None and high is not None:
            fill = ax.fill_betweenx if upright else ax.fill_between
            fill(at, low, high, color=colour, alpha=0.2, linewidth=0.0)
        across, up = (value, at) if upright else (at, value)
        ax.plot(across, up, color=colour, linestyle=style, label=label)
    ax.set(xlabel=x, ylabel=y)
    ax.margins(x=0.01)
    if len(curves) > 1:
        _legend_below(ax)
    return ax


def intervals(
    rows: Sequence[str],
    series: Mapping[str, Sequence[Span]],
    ax: Axes | None = None,
    x: str = "",
    zero: bool = True,
) -> Axes:
    """Draw one line per row, from the top down: a mark for each series' number,
    a bar for its interval.
    """
    if not rows or not series:
        raise ValueNotPossible("there is no number to draw")
    ax = ax or _axes(height_of(rows, len(series)))
    if zero:
        ax.axvline(0.0, color="black", linewidth=0.8)
    for k, (label, spans) in enumerate(series.items()):
        colour, marker = COLOURS[k % len(COLOURS)], MARKERS[k % len(MARKERS)]
        height = np.arange(len(rows)) + (k - (len(series) - 1) / 2) * 0.7 / len(series)
        known = [
            (y, span.value, span.low, span.high)
            for y, span in zip(height, spans, strict=True)
            if span.value is not None
        ]
        ax.plot(
            [each[1] for each in known],
            [each[0] for each in known],
            marker,
            color=colour,
            markersize=5,
            label=label,
        )
        bars = [(y, low, high) for y, _, low, high in known if low is not None and high is not None]
        ax.hlines(
            [y for y, *_ in bars],
            [low for _, low, _ in bars],
            [high for *_, high in bars],
            color=colour,
            linewidth=2.0,
        )
    _rows(ax, rows, x)
    if len(series) > 1:
        _legend_below(ax)
    return ax


def stacked(
    rows: Sequence[str], parts: Mapping[str, Sequence[float]], ax: Axes | None = None, x: str = ""
) -> Axes:
    """Draw one bar per row, from the top down, made of parts laid end to end:
    a colour and a hatch for each.
    """
    if not rows or not parts:
        raise ValueNotPossible("there is no part to draw")
    ax = ax or _axes(height_of(rows))
    left = np.zeros(len(rows))
    for k, (label, sizes) in enumerate(parts.items()):
        colour, hatch = COLOURS[k % len(COLOURS)], HATCHES[k % len(HATCHES)]
        ax.barh(
            range(len(rows)),
            sizes,
            0.7,
            left,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.5,
            label=label,
        )
        left += np.asarray(sizes, dtype=np.float64)
    _rows(ax, rows, x)
    ax.set_xlim(left=0.0)
    _legend_below(ax)
    return ax


def timeline(
    rows: Mapping[str, Sequence[tuple[str, float, float]]],
    labels: Sequence[str],
    open_hours: Sequence[tuple[float, float]],
    start: str,
    ax: Axes | None = None,
    closed: str = "closed",
) -> Axes:
    """Draw stretches (label, from, until) in a row each, from the top down, on one calendar.

    Instants are minutes since the day `start`. Hours between those that are open are shaded.
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    stretches = [stretch for row in rows.values() for stretch in row]
    if not stretches:
        raise ValueNotPossible("there is no stretch to draw")
    ax = ax or _axes(height_of([*rows], 4))
    day = np.datetime64(start, "m").astype("datetime64[s]")

    def at(minutes: float) -> Any:
        return day + np.timedelta64(round(60.0 * minutes), "s")

    first = min(since for _, since, _ in stretches)
    last = max(until for *_, until in stretches)
    shut = [first, *(end for hours in open_hours for end in hours), last]
    for since, until in zip(shut[::2], shut[1::2], strict=True):
        shade = ax.axvspan(at(since), at(until), color="#ececec", linewidth=0.0, zorder=0)
        shade.set_label("_" if ax.get_legend_handles_labels()[1] else closed)
    for k, label in enumerate(labels):
        colour, hatch = COLOURS[k % len(COLOURS)], HATCHES[k % len(HATCHES)]
        places = [
            (place, since, until)
            for place, row in enumerate(rows.values())
            for name, since, until in row
            if name == label
        ]
        ax.barh(
            [place for place, *_ in places],
            [at(until) - at(since) for _, since, until in places],
            0.6,
            [at(since) for _, since, _ in places],
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.3,
            label=label,
            zorder=2,
        )
    dates: Any = AutoDateLocator, ConciseDateFormatter
    locator = dates[0]()
    _rows(ax, [*rows], "")
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(dates[1](locator))
    ax.set_xlim(at(first), at(last))
    _legend_below(ax)
    return ax


def bars(rows: Sequence[str], spans: Sequence[Span], ax: Axes | None = None, x: str = "") -> Axes:
    """Draw one bar per row, from the top down, with its interval."""
    if not rows:
        raise ValueNotPossible("there is no number to draw")
    ax = ax or _axes(height_of(rows))
    ax.barh(range(len(rows)), [span.value or 0.0 for span in spans], 0.65, color=COLOURS[1])
    known = [
        (y, span.low, span.high)
        for y, span in enumerate(spans)
        if span.low is not None and span.high is not None
    ]
    ax.hlines(
        [y for y, *_ in known],
        [low for _, low, _ in known],
        [high for *_, high in known],
        color="black",
        linewidth=1.5,
    )
    ax.axvline(0.0, color="black", linewidth=0.8)
    _rows(ax, rows, x)
    return ax


# -------------------------------------------------------------------------------------- into a page


def height_of(rows: Sequence[object], series: int = 1) -> float:
    """How high, in inches, a picture with so many rows is."""
    return 1.3 + (0.2 + 0.09 * series) * len(rows)


def blank(height: float = HEIGHT) -> Axes:
    """Axes to draw on that no window and no global list knows."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


@contextmanager
def on_page() -> Iterator[None]:
    """Draw for a page, within this block only: text stays text, a dollar sign is a dollar sign,
    every run the same.
    """
    import warnings

    import matplotlib as mpl

    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "govsim",
        "text.parse_math": False,
        "font.size": 10.0,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "hatch.linewidth": 0.6,
    }
    with mpl.rc_context(settings), warnings.catch_warnings():
        # the browser has the font, where matplotlib has none
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        yield


def svg(ax: Any, name: str, title: str, about: str) -> str:
    """The picture as an `<svg>` element for a page: it scales, says what it shows,
    and its ids begin with `name`.
    """
    from html import escape

    text = StringIO()
    ax.figure.savefig(
        text,
        format="svg",
        metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")),
        transparent=True,
    )
    whole = text.getvalue()
    box = re.search(r'viewBox="([^"]+)"', whole)
    inside = whole[whole.index(">", whole.index("<svg")) + 1 : whole.rindex("</svg>")]
    inside = re.sub(
        r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>|<!--.*?-->", "", inside, flags=re.DOTALL
    )
    inside = re.sub(r'( id="|url\(#|href="#)', rf"\1{name}-", inside).replace("xlink:href", "href")
    labels = (
        f'<title id="{name}-title">{escape(title)}</title><desc '
        f'id="{name}-desc">{escape(about)}</desc>'
    )
    head = (
        f'<svg class="plot" viewBox="{box[1] if box else "0 0 1 1"}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">'
    )
    return f"{head}{labels}{inside}</svg>"


# ------------------------------------------------------------------------------------------- pieces


def _axes(height: float = HEIGHT) -> Axes:
    """Axes in a figure that a notebook shows by itself."""
    import matplotlib.pyplot as plt

    return plt.figure(figsize=(WIDTH, height), layout="constrained").add_subplot()


def _rows(ax: Axes, rows: Sequence[str], x: str) -> None:
    """Name the rows, the first at the top."""
    ax.set_yticks(range(len(rows)), [short(row) for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlabel(x)
    ax.grid(axis="x", color="#d0d0d0", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)


def _legend_below(ax: Axes) -> None:
    handles, labels = ax.get_legend_handles_labels()
    columns = min(len(labels), 4 if sum(map(len, labels)) < LABEL * 2 else 2)
    ax.figure.legend(
        handles,
        [short(label) for label in labels],
        loc="outside lower center",
        ncols=columns,
        frameon=False,
    )


def short(label: str) -> str:
    """A label that leaves room for the picture: wide characters count twice."""
    width = 0
    for k, each in enumerate(label):
        width += 2 if east_asian_width(each) in "WF" else 1
        if width > LABEL:
            return f"{label[:k]}…"
    return label


def _density(values: Floats, reached: Floats, end: float) -> Curve:
    """(edges [STEPS + 1], share of all cases per unit [STEPS]);
    what takes no time is in the first step.
    """
    edges = np.linspace(0.0, end, STEPS + 1)
    below = np.concatenate(([0.0], reached))[np.searchsorted(values, edges, side="right")]
    below[0] = 0.0
    return edges, np.diff(below) / np.diff(edges)
