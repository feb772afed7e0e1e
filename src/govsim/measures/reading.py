"""Measures read back: None where there was no case."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np

from govsim.measures.compute import Measures
from govsim.measures.index import MeasureIndex


def read(
    measures: Measures,
    index: MeasureIndex,
    measure: str,
    statistic: str,
    scope: str = "mix",
    cohort: str = "counted",
) -> float | None:
    """One number of a replication; None: not estimable, there was no case."""
    return _known(measures.values[index.place(measure, statistic, scope, cohort)])


def wait_at(
    measures: Measures,
    index: MeasureIndex,
    desks: str | Sequence[str],
    scope: str = "mix",
    cohort: str = "counted",
) -> float | None:
    """What an applicant of a service or a mix waited at some desks (minutes of opening time, added
    up), `*` for any run of characters.
    """
    wanted = [desks] if isinstance(desks, str) else desks
    at = [
        k for k, name in enumerate(index.desks) if any(fnmatchcase(name, each) for each in wanted)
    ]
    c, weights = index.cohort(cohort), np.array(index.weights_of(scope))
    cases = measures.counted[:, c]
    scale = np.divide(weights, cases, out=np.zeros(len(weights)), where=cases > 0)
    number = float((scale * cases).sum())
    waited = float((scale * measures.wait_total[at, :, c].sum(axis=0)).sum())
    return waited / number if number > 0 else None


def utilisation(measures: Measures, index: MeasureIndex, group: str) -> float | None:
    """Minutes worked / minutes on duty in the counted period.

    None where nobody was on duty, or hours were not given.
    """
    k = index.groups.index(group)
    return _known(measures.busy[k] / measures.duty[k]) if measures.duty[k] > 0 else None


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
