"""The arrays of a study with all that it need not keep emptied.

The layout stays, so a Sample reads it as any other run, and it compresses to little.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Ints
from govsim.evidence.quantity import COUNTED, Quantity, population
from govsim.measures import SKETCHED, MeasureIndex
from govsim.measures.catalogue import ENDS, MIX
from govsim.measures.matched import OTHERS
from govsim.measures.sketch import SIDE

PATHS = ("backlog", "weekly_days", "weekly_cases")
WAITS = ("wait_total",)
# of a promise or a limit it is asked too of whom it is not yet known whether it is kept
PROMISED = ("late", "within_promise", "gave_up_in_time", "within_limit", "past_limit")


def slim(
    arrays: dict[str, NDArray[Any]],
    index: MeasureIndex,
    quantities: Collection[Quantity],
    paths: bool = False,
) -> dict[str, NDArray[Any]]:
    """The arrays of one configuration's Measures, or of some of its applicants as
    `Pair.restricted` keeps them, the unwanted ones emptied.

    What is left is what some quantities (and weekly paths) are read from.
    """
    kept = dict(arrays)
    kept["values"] = np.where(
        _wanted(arrays["values"].shape, index, quantities), arrays["values"], np.nan
    )
    waits = any(each.measure == "wait" for each in quantities)
    for name in (*(PATHS if not paths else ()), *(WAITS if not waits else ())):
        if name in arrays:
            kept[name] = np.zeros_like(arrays[name])
    for key, array in arrays.items():
        name = key.removeprefix(OTHERS)
        if name in SKETCHED:
            told = [each for each in quantities if each.measure == name and of_distribution(each)]
            kept[key] = _restricted(array, index, told)
    return kept


def of_distribution(quantity: Quantity) -> bool:
    """Whether it is read from a distribution: a quantile, or a share beyond a point."""
    statistic = quantity.statistic
    quantile = statistic.startswith("p") and statistic[1:].isdecimal()
    return quantity.level is not None or quantile or statistic.startswith("share_at_")


def _wanted(
    shape: tuple[int, ...], index: MeasureIndex, quantities: Iterable[Quantity]
) -> NDArray[np.bool_]:
    """Where the numbers stand: of every service, as a mix is made of them,
    with how many cases each is the mean of.
    """
    wanted = np.zeros(shape, dtype=bool)
    scopes = len(index.mixes) + len(index.services)
    for each in quantities:
        promised = PROMISED if each.measure in PROMISED else ()
        asked = (each.measure, population(each.measure), COUNTED, *ENDS, *promised)
        counts = {(name, what) for name in asked for what in ("count", "share")}
        cohort = index.cohort(each.cohort)
        for row in {(each.measure, each.statistic), *counts} & set(index.rows):
            wanted[index.place(*row, MIX, each.cohort)[0], :scopes, cohort] = True
    return wanted


def _restricted(sketch: Ints, index: MeasureIndex, asked: Collection[Quantity]) -> Ints:
    """The counts of the services and cohorts that somebody asks for."""
    cohorts = len(index.cohorts)
    owner = sketch[0] // (2 * SIDE)
    inside = np.zeros(sketch.shape[1], dtype=bool)
    for each in asked:
        services = np.zeros(len(index.services), dtype=bool)
        for name in (each.scope,) if isinstance(each.scope, str) else each.scope:
            services |= np.array(index.weights_of(name)) > 0
        inside |= services[owner >> cohorts] & ((owner >> index.cohort(each.cohort)) & 1).astype(
            bool
        )
    return sketch[:, inside]
