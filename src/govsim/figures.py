"""Every picture: arrays in, Axes out. Nothing here shows a window, changes a setting of matplotlib or picks a font."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Curve = tuple[Floats, Floats]

STEPS = 60  # of the density
TAIL = 0.001  # share of the cases beyond the right end of the picture


def distributions(curves: Mapping[str, Curve], ax: Axes | None = None, unit: str = "working days") -> Axes:
    """Draw the distribution of a duration for each label: its density as steps, the share of cases done as a dashed line.

    A curve is (values, share at or below), both increasing, values in `unit`. The right-hand scale is the share done.
    Raises ValueError where there is no curve.
    """
    import matplotlib.pyplot as plt

    if not curves:
        raise ValueError("no completed case in any configuration: there is nothing to draw")
    end = max(float(values[np.searchsorted(reached, 1 - TAIL)]) for values, reached in curves.values()) or 1.0
    if ax is None:
        ax = plt.figure(layout="constrained").add_subplot()
    shares = ax.twinx()
    for k, (label, (values, reached)) in enumerate(curves.items()):
        edges, density = _density(values, reached, end)
        ax.stairs(density, edges, color=f"C{k}", alpha=0.3, fill=True)
        ax.stairs(density, edges, color=f"C{k}", label=label)
        shares.step([0.0, *values], [0.0, *reached], where="post", color=f"C{k}", linewidth=1.0, linestyle="--")
    ax.set(xlabel=f"cycle time, {unit}", ylabel=f"share of cases per {unit.removesuffix('s')}", xlim=(0.0, end))
    ax.set_ylim(bottom=0.0)
    shares.set(ylabel="share of cases done (dashed)", ylim=(0.0, 1.0))
    ax.legend(loc="center right")
    return ax


def _density(values: Floats, reached: Floats, end: float) -> Curve:
    """(edges [STEPS + 1], share of all cases per unit [STEPS]); what takes no time is in the first step."""
    edges = np.linspace(0.0, end, STEPS + 1)
    below = np.concatenate(([0.0], reached))[np.searchsorted(values, edges, side="right")]
    below[0] = 0.0
    return edges, np.diff(below) / np.diff(edges)
