"""Every picture: arrays in, Axes out. Nothing here shows a window, changes a setting of matplotlib or picks a font."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STEPS = 60  # at most so many density steps across what is drawn
TAIL = 0.001  # share of the cases beyond the right end of the picture


def distributions(
    edges: NDArray[np.float64], counts: Mapping[str, NDArray[Any]], ax: Axes | None = None, unit: str = "working days"
) -> Axes:
    """Draw the distribution of a duration for each configuration: density as steps, share of cases done as a line.

    `edges` [bins + 1] bound the bins, in `unit`; `counts` [bins] by configuration. The right-hand scale is the share.
    Raises ValueError where there is no case in any of them.
    """
    import matplotlib.pyplot as plt

    end = _end(counts)
    if ax is None:
        ax = plt.figure(layout="constrained").add_subplot()
    shares = ax.twinx()
    for k, (name, number) in enumerate(counts.items()):
        total = number.sum()
        if not total:
            continue
        at, density = _density(edges[: end + 1], number[:end], total)
        ax.stairs(density, at, color=f"C{k}", alpha=0.35, fill=True)
        ax.stairs(density, at, color=f"C{k}", label=f"{name} ({total:,.0f} cases)")
        done = np.concatenate([[0.0], np.cumsum(number[:end]) / total])
        shares.plot(edges[: end + 1], done, color=f"C{k}", linewidth=1.0, linestyle="--")
    ax.set(xlabel=f"cycle time, {unit}", ylabel=f"share of cases per {unit.removesuffix('s')}", xlim=(0.0, edges[end]))
    ax.set_ylim(bottom=0.0)
    shares.set(ylabel="share of cases done (dashed)", ylim=(0.0, 1.0))
    ax.legend(loc="center right")
    return ax


def _end(counts: Mapping[str, NDArray[Any]]) -> int:
    """The first bin beyond which every configuration has less than TAIL of its cases."""
    ends = [int(np.searchsorted(np.cumsum(each), (1 - TAIL) * each.sum())) + 1 for each in counts.values() if each.sum()]
    if not ends:
        raise ValueError(f"no completed case in {', '.join(counts) or 'any configuration'}: there is nothing to draw")
    return max(ends)


def _density(edges: NDArray[np.float64], counts: NDArray[Any], total: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bins joined to at least a STEPS-th of the picture each: their edges, and cases per unit as a share of `total`."""
    least = (edges[-1] - edges[0]) / STEPS
    kept = [0]
    for k in range(1, len(edges)):
        if edges[k] - edges[kept[-1]] >= least:
            kept.append(k)
    kept[max(1, len(kept) - 1) :] = [len(edges) - 1]  # what is left over joins the last bin
    at = edges[kept]
    return at, np.add.reduceat(counts, kept[:-1]) / np.diff(at) / total
