"""The same applicant in two configurations: who became slower, who faster, and by how much."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints
from govsim.measures.cells import periods
from govsim.measures.facts import COMPLETED
from govsim.measures.sketch import Sketch, owners, signs, sketch
from govsim.model.arrays import Model
from govsim.records import Records


class Matched(NamedTuple):
    """Cases counted and completed in both configurations, matched by service and applicant.

    Equal means that the cycle time is the same to the last bit;
    a case that takes longer in the second is slower.
    """

    change: Sketch  # minutes: cycle time in the second less that in the first
    # [service, 2] counted and completed cases of the first and of the second, matched or not
    completed: Ints


def matched(first: Records, second: Records, model_first: Model, model_second: Model) -> Matched:
    """Compare two configurations case by case, in one replication.

    A cohort is that of the filing in both.
    """
    services = len(model_first.names.services)
    ours, theirs = _completed(first, model_first), _completed(second, model_second)
    _, here, there = np.intersect1d(
        _applicant(ours), _applicant(theirs), assume_unique=True, return_indices=True
    )
    filed = (ours["filed"][here], theirs["filed"][there])
    change = (theirs["ended"][there] - filed[1]) - (ours["ended"][here] - filed[0])
    member = np.array(
        [_within(filed[0], a, b) & _within(filed[1], a, b) for _, a, b in periods(model_first)]
    )
    return Matched(
        sketch(change, owners(ours["service"][here].astype(np.int64), member)),
        np.stack(
            [np.bincount(each["service"], minlength=services) for each in (ours, theirs)], axis=1
        ),
    )


def changes(found: Matched, cohort: int, cohorts: int, services: int) -> Ints:
    """Applicants [service, 3]: faster, equal, slower."""
    return signs(found.change, cohort, cohorts, services)


def shares(faster_equal_slower: Ints, weights: Floats) -> tuple[float, float, float] | None:
    """Shares (faster, equal, slower) with services weighted (one service: weight 1, others 0).

    None where nobody matches.
    """
    number = faster_equal_slower.sum(axis=1)
    scale = np.divide(weights, number, out=np.zeros(len(number)), where=number > 0)
    mass = (scale[:, None] * faster_equal_slower).sum(axis=0)
    return (
        None
        if mass.sum() <= 0
        else (float(mass[0] / mass.sum()), float(mass[1] / mass.sum()), float(mass[2] / mass.sum()))
    )


def _completed(records: Records, model: Model) -> NDArray[Any]:
    cases: NDArray[Any] = records.cases
    counted = _within(cases["filed"], model.arrays.count_from, model.arrays.count_until)
    done: NDArray[Any] = cases[counted & (cases["outcome"] == COMPLETED)]
    return done


def _applicant(cases: NDArray[Any]) -> Ints:
    number: Ints = (cases["service"].astype(np.int64) << 32) | cases["n"]
    return number


def _within(filed: Floats, a: float, b: float) -> NDArray[np.bool_]:
    return (a <= filed) & (filed < b)
