"""Measures: what one replication says, by configuration, service, attribute value and cohort.

They are computed once, in the run.

Each measure is defined once, in `catalogue`. `measure` works them all out; `index` says where each
number stands; `read` turns "not estimable: no case" (NaN inside the arrays, nowhere else) into
None.

Pooled over cases, the distribution of a service is in a sketch. Where services are mixed, each
weighs what the mix says, whatever its number of cases in the replication; a service without a case
is left out and the others keep their proportions. Tasks weigh as much as their cases.
"""

from __future__ import annotations

from govsim.measures.catalogue import CATALOGUE, LEVELS, Measure
from govsim.measures.compute import SKETCHED, Measures, measure
from govsim.measures.index import MEASURES, MeasureIndex, demand_weights, index
from govsim.measures.matched import Matched, changes, matched, shares
from govsim.measures.reading import read, utilisation, wait_at
from govsim.measures.sketch import Sketch, distribution, merge, quantile

__all__ = [
    "CATALOGUE", "LEVELS", "MEASURES", "SKETCHED", "Matched", "Measure", "MeasureIndex", "Measures",
    "Sketch", "changes", "demand_weights", "distribution", "index", "matched", "measure", "merge",
    "quantile", "read", "shares", "utilisation", "wait_at",
]  # fmt: skip
