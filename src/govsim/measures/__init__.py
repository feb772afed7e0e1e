"""Measures: what one replication says, by configuration, service, attribute value and cohort.

They are computed once, in the run.

Each measure is defined once, in `catalogue`, of everybody who filed, read at the same age tau
(`ages`). `measure` works them all out; `index` says where each number stands; `read` turns "not
estimable: no case" (NaN inside the arrays, nowhere else) into None.

Pooled over cases, the distribution of a service is in a sketch. Where services are mixed, each
weighs what the mix says, whatever its number of cases in the replication; a service without a case
is left out and the others keep their proportions. Tasks weigh as much as their cases.
"""

from __future__ import annotations

from govsim.measures.ages import Ages, ages, counted_of, unfinished
from govsim.measures.catalogue import CATALOGUE, ENDS, LEVELS, Measure
from govsim.measures.compute import SKETCHED, Measured, Measures, measure, measured, summed
from govsim.measures.index import MEASURES, MeasureIndex, demand_weights, index
from govsim.measures.matched import Matched, Pair, in_all, matched, pair_of, shares, shifted
from govsim.measures.reading import read, utilisation, wait_at
from govsim.measures.sketch import Sketch, distribution, merge, quantile

__all__ = [
    "CATALOGUE", "ENDS", "LEVELS", "MEASURES", "SKETCHED", "Ages", "Matched", "Measure",
    "MeasureIndex", "Measured", "Measures", "Pair", "Sketch", "ages", "counted_of",
    "demand_weights", "distribution", "in_all", "index", "matched", "measure", "measured", "merge",
    "pair_of", "quantile", "read", "shares", "shifted", "summed", "unfinished", "utilisation",
    "wait_at",
]  # fmt: skip
