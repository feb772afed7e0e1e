"""What programs for survival find in all that a run knows is what we count up to age tau.

Kaplan-Meier and Aalen-Johansen on the full data, each case followed to its end or to the horizon:
statsmodels on simulated offices, and R's survival once on a small table, `survival/answers.csv`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from govsim import measures as gm
from govsim.engine import simulate
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.measures.sketch import EDGES
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.records import OUTCOMES, Records
from logbook import MODEL, Log, reading
from organisations import ORGANISATIONS

OFFICES = ("reviewed", "choices", "promised", "impatient", "shared_member")
CAUSES = ("open", "completed", "rejected", "withdrawn")
FIRST, LAST = 30, 53  # days at which the cohort `first` and the counted period end
FOLDER = Path(__file__).parent / "survival"
Floats = NDArray[np.float64]
ONE = np.ones((1, 1))


@cache
def program() -> Any:
    return pytest.importorskip(
        "statsmodels.duration.survfunc",
        reason='statsmodels is not installed; it comes with pip install -e ".[dev]"',
    )


@cache
def office(name: str) -> tuple[Records, Model]:
    """Followed for a Friday, a weekend and no more: some have no answer by then, some never."""
    plain = ORGANISATIONS[name]()
    cohorts = {"first": (plain.count_from, FIRST)}
    model = compile_model(replace(plain, count_until=LAST, cohorts=cohorts))
    return simulate(model, 11, 0, engine="reference"), model


class Followed(NamedTuple):
    """The counted cases of a cohort, each as long as the run knows of it."""

    time: Floats  # minutes from filing to the answer or to leaving, else to the end of the run
    cause: NDArray[np.int64]  # one of CAUSES, by its number
    tau: float


def followed(name: str, cohort: str, decided: bool) -> Followed:
    """All that the run knows; `decided`: an answer is given at the decision where there is one."""
    records, model = office(name)
    cases, arrays = records.cases, model.arrays
    until = LAST * 1440.0 if cohort == "counted" else FIRST * 1440.0
    inside = (cases["filed"] >= arrays.count_from) & (cases["filed"] < until)
    cases = cases[inside & (cases["service"] == 0)]
    end = np.array(OUTCOMES)[cases["outcome"]]
    answer, early = cases["ended"], ~np.isnan(cases["decided"]) & decided
    answer, end = np.where(early, cases["decided"], answer), end.copy()
    end[early & np.isin(end, ("open", "withdrawn"))] = "completed"
    known = np.where(end == "open", arrays.horizon, answer)
    return Followed(
        known - cases["filed"],
        np.array([CAUSES.index(each) for each in end]),
        arrays.horizon - until,
    )


def at_points(times: Floats, values: Floats, points: Floats, start: float) -> Floats:
    """A step function of time at some points."""
    steps: Floats = np.append(start, values)[np.searchsorted(times, points, "right")]
    return steps


def incidence(seen: Followed, points: Floats) -> Floats:
    """Aalen and Johansen's cumulative incidence of each cause but `open`: [cause, point]."""
    with np.errstate(divide="ignore", invalid="ignore"):  # in their standard errors
        found = program().CumIncidenceRight(seen.time, seen.cause)
    none = np.zeros(len(found.times))
    curves = [*found.cinc, *[none] * 3][:3]
    return np.array([at_points(found.times, curve, points, 0.0) for curve in curves])


both_cohorts = pytest.mark.parametrize("cohort", ["counted", "first"])
every_office = pytest.mark.parametrize("name", OFFICES)


@every_office
@both_cohorts
def test_shares_by_end_are_those_of_aalen_and_johansen_at_tau(name: str, cohort: str) -> None:
    records, model = office(name)
    found, index = gm.measure(records, model), gm.index(model)
    seen = followed(name, cohort, decided=True)
    theirs = incidence(seen, np.array([seen.tau]))[:, 0]
    scope = index.services[0]
    ours = [gm.read(found, index, end, "share", scope, cohort) for end in CAUSES]
    assert ours == pytest.approx([1.0 - theirs.sum(), *theirs], abs=1e-12)


@every_office
@both_cohorts
def test_the_curve_of_answers_is_aalen_and_johansens_up_to_tau(name: str, cohort: str) -> None:
    """At limits of bins, where what is kept of a run is exact, and at tau."""
    records, model = office(name)
    found = gm.measure(records, model)._asdict()
    arrays = {f"now/{key}": each for key, each in found.items()}
    sample = Sample(gm.index(model), ("now",), [arrays])
    seen = followed(name, cohort, decided=False)
    limits = EDGES[EDGES > 1.0]
    points = np.append(limits[limits < seen.tau], seen.tau)
    quantity = Quantity("cycle_time", "p90", sample.index.services[0], cohort)
    ours = sample.shares_at_most(quantity, "now", points / 1440.0)(ONE)[0]
    assert ours == pytest.approx(incidence(seen, points)[:2].sum(axis=0), abs=1e-12)


@every_office
@both_cohorts
def test_quantiles_and_means_of_those_who_stayed_are_kaplan_and_meiers(
    name: str, cohort: str
) -> None:
    """The mean is the area below their curve up to tau."""
    records, model = office(name)
    found, index = gm.measure(records, model), gm.index(model)
    seen = followed(name, cohort, decided=False)
    stayed = ~((seen.cause == 3) & (seen.time <= seen.tau))
    scope = index.services[0]
    time, answered = seen.time[stayed], np.isin(seen.cause[stayed], (1, 2))
    theirs = program().SurvfuncRight(time, answered)
    for statistic, level in gm.LEVELS.items():
        ours = gm.read(found, index, "cycle_time", statistic, scope, cohort)
        reached = at_points(theirs.surv_times, theirs.surv_prob, np.array([seen.tau]), 1.0)[0]
        known = theirs.quantile(level) if reached <= 1.0 - level else seen.tau
        assert ours == pytest.approx(known / 1440.0, rel=1e-12)
    steps = np.concatenate(([0.0], theirs.surv_times[theirs.surv_times < seen.tau], [seen.tau]))
    area = np.diff(steps) @ at_points(theirs.surv_times, theirs.surv_prob, steps[:-1], 1.0)
    mean = gm.read(found, index, "cycle_time", "mean", scope, cohort)
    assert mean == pytest.approx(area / 1440.0, rel=1e-12)


def test_the_offices_have_refusals_leavers_and_cases_without_an_answer() -> None:
    seen = [followed(name, "counted", decided=True) for name in OFFICES]
    for cause in range(4):
        assert sum(int((each.cause == cause).sum()) for each in seen) >= 10, CAUSES[cause]
    assert sum(int((each.time > each.tau).sum()) for each in seen) >= 50


# -------------------------------------------------------------------------------- R, once, by hand


def test_a_small_table_reads_as_in_survival_of_r() -> None:
    """`cd tests/survival && Rscript answers.R`, survival 3.5.3 of R 4.2.2: forty applicants, each
    followed to day 28; tau is 14 days.
    """
    table = pd.read_csv(FOLDER / "answers.csv")
    ends = {"granted": "completed", "refused": "rejected", "left": "withdrawn", "none": "open"}
    log = Log()
    for row in table.itertuples():
        over = np.nan if row.end == "none" else (row.filed + row.time) * 1440.0
        log.case(row.filed * 1440.0, over, outcome=ends[row.end])
    read = reading(log.records())
    shares = [read(end, "share") for end in ("completed", "rejected", "withdrawn")]
    assert shares == pytest.approx([0.45, 0.15, 0.175])
    assert read("cycle_time", "median") == 8.5
    assert read("cycle_time") == pytest.approx(7.840909091, abs=1e-9)
    arrays = gm.measure(log.records(), MODEL)._asdict()
    sample = Sample(gm.index(MODEL), ("now",), [{f"now/{k}": each for k, each in arrays.items()}])
    quantity, points = Quantity("cycle_time", "p90", "permit"), np.array([2.0, 5.0, 10.0, 14.0])
    ends_of_bins = np.minimum(14.0, points * 1.005)
    within = sample.shares_at_most(quantity, "now", ends_of_bins)(ONE)[0]
    assert within == pytest.approx([0.10 + 0.025, 0.25 + 0.075, 0.40 + 0.125, 0.45 + 0.15])
    values, reached = gm.distribution(arrays["cycle_time"], 0, 2, (1.0, 0.0, 0.0)) or ([], [])
    stayed = [reached[np.searchsorted(values, day * 1440 * 1.003, "right") - 1] for day in points]
    survivors = [0.8484848485, 0.6060606061, 0.3636363636, 0.2727272727]
    assert 1.0 - np.array(stayed) == pytest.approx(survivors, abs=1e-10)
    assert gm.quantile(arrays["cycle_time"], 0.25, 0, 2, (1.0, 0.0, 0.0)) == pytest.approx(
        3.25 * 1440.0, rel=0.005
    )
