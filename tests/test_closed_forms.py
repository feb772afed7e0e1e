"""Offices whose waits queueing theory knows, simulated from a scenario file.

The third oracle: within three standard errors over replications.
"""

from __future__ import annotations

import functools
import math
import pathlib
import tempfile
from collections.abc import Callable

import numpy as np
import pytest

import govsim as gs
import theory
from govsim.model import Model, compile_model
from govsim.records import Records

REPLICATIONS = 120

OFFICE = """
govsim: 1
title: A queue of theory
purpose: Does the engine agree with queueing theory?
start: 2024-01-01
reform_day: 2024-01-02
count_from: 2024-01-04
count_until: 2024-01-{last:02d}
horizon: 2024-01-31
calendars:
  always_open: {{day: 24 h, week: {{mon-sun: ["00:00-24:00"]}}}}
departments:
  hall: {{name: Hall}}
"""


def office(body: str, last: int = 10) -> str:
    """A scenario that is open round the clock; `body` holds desks, staff and services."""
    return OFFICE.format(last=last) + body


def per_year(rate: float) -> float:
    """Cases per year for a rate per minute."""
    return rate * 365.25 * 1440


@functools.cache
def model_of(text: str) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "theory.yaml"
        path.write_text(text, encoding="utf-8")
        return compile_model(gs.configure(gs.load(path), "before"))


def replicate(text: str, measure: Callable[[Records, Model], float]) -> np.ndarray:
    model = model_of(text)
    return np.array([measure(gs.simulate(model, 7, r), model) for r in range(REPLICATIONS)])


def agrees(values: np.ndarray, expected: float) -> bool:
    """Within three standard errors over the replications."""
    error = values.std(ddof=1) / math.sqrt(values.size)
    print(f"expected {expected:.5f}, found {values.mean():.5f} +- {error:.5f}")
    return abs(values.mean() - expected) <= 3 * error


def counted(records: Records, model: Model, service: str | None = None) -> np.ndarray:
    """Numbers of the counted cases (of one service)."""
    cases = records.cases
    keep = (cases["filed"] >= model.arrays.count_from) & (cases["filed"] < model.arrays.count_until)
    if service is not None:
        keep &= cases["service"] == model.names.services.index(service)
    return np.flatnonzero(keep)


def waits(records: Records, model: Model, service: str | None = None) -> np.ndarray:
    rows = records.activities[np.isin(records.activities["case"], counted(records, model, service))]
    return rows["started"] - rows["joined"]


def single_queue(rate: float, effort: str, clerks: int = 1, extra: str = "") -> str:
    return office(f"""
desks:
  desk: {{department: hall, kind: review}}
staff:
  clerks: {{department: hall, calendar: always_open, members: {clerks}, serves: {{desk: 1.0}}}}
services:
  matter:
    department: hall
    calendar: always_open
    demand: {{per_year: {per_year(rate)}, calendar: always}}
    route: [{{task: serve, desk: desk, effort: {effort}{extra}}}]
""")


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_one_clerk_waits_as_mm1_says(load: float) -> None:
    text = single_queue(load / 10, "{exponential: {mean: 10 min}}")
    values = replicate(text, lambda r, m: float(waits(r, m).mean()))
    assert agrees(values, theory.mmc_wait(load / 10, 10, 1))


@pytest.mark.slow
@pytest.mark.parametrize(("clerks", "load"), [(2, 0.5), (4, 0.8), (8, 0.7)])
def test_equal_clerks_wait_as_erlang_c_says(clerks: int, load: float) -> None:
    rate = load * clerks / 10
    text = single_queue(rate, "{exponential: {mean: 10 min}}", clerks)
    assert agrees(
        replicate(text, lambda r, m: float(waits(r, m).mean())), theory.mmc_wait(rate, 10, clerks)
    )
    assert agrees(
        replicate(text, lambda r, m: float((waits(r, m) > 0).mean())),
        theory.erlang_c(clerks, rate * 10),
    )
    above = theory.mmc_wait_above(rate, 10, clerks, 5.0)
    assert agrees(replicate(text, lambda r, m: float((waits(r, m) > 5.0).mean())), above)


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.4, 0.7])
@pytest.mark.parametrize(
    ("effort", "cv"),
    [
        ("{constant: 10 min}", 0.0),
        ("{gamma: {mean: 10 min, cv: 0.8}}", 0.8),
        ("{lognormal: {mean: 10 min, cv: 1.5}}", 1.5),
        ("{uniform: {low: 5 min, high: 15 min}}", 1 / math.sqrt(12)),
    ],
)
def test_any_effort_waits_as_pollaczek_and_khinchine_say(
    load: float, effort: str, cv: float
) -> None:
    text = single_queue(load / 10, effort)
    assert agrees(
        replicate(text, lambda r, m: float(waits(r, m).mean())), theory.mg1_wait(load / 10, 10, cv)
    )


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.6, 0.8])
def test_two_classes_wait_as_cobham_says(load: float) -> None:
    rate = load / 20
    text = office(f"""
desks:
  desk: {{department: hall, kind: review, discipline: priority}}
staff:
  clerk: {{department: hall, calendar: always_open, members: 1, serves: {{desk: 1.0}}}}
services:
  urgent:
    department: hall
    calendar: always_open
    class: 1
    demand: {{per_year: {per_year(rate)}, calendar: always}}
    route: [{{task: serve, desk: desk, effort: {{exponential: {{mean: 10 min}}}}}}]
  plain:
    department: hall
    calendar: always_open
    class: 2
    demand: {{per_year: {per_year(rate)}, calendar: always}}
    route: [{{task: serve, desk: desk, effort: {{exponential: {{mean: 10 min}}}}}}]
""")
    urgent, plain = theory.cobham_waits((rate, rate), (10, 10), (1, 1))
    assert agrees(replicate(text, lambda r, m: float(waits(r, m, "urgent").mean())), urgent)
    assert agrees(replicate(text, lambda r, m: float(waits(r, m, "plain").mean())), plain)


@pytest.mark.parametrize("load", [0.5, 0.7])
def test_two_desks_in_a_row_take_as_long_as_jackson_says(load: float) -> None:
    rate = load / 10
    text = office(f"""
desks:
  first: {{department: hall, kind: review}}
  second: {{department: hall, kind: review}}
staff:
  one: {{department: hall, calendar: always_open, members: 1, serves: {{first: 1.0}}}}
  two: {{department: hall, calendar: always_open, members: 1, serves: {{second: 1.0}}}}
services:
  matter:
    department: hall
    calendar: always_open
    demand: {{per_year: {per_year(rate)}, calendar: always}}
    route:
      - {{task: serve_first, desk: first, effort: {{exponential: {{mean: 10 min}}}}}}
      - {{task: serve_second, desk: second, effort: {{exponential: {{mean: 8 min}}}}}}
""")

    def time(records: Records, model: Model) -> float:
        cases = records.cases[counted(records, model)]
        return float((cases["ended"] - cases["filed"]).mean())

    expected = theory.mmc_wait(rate, 10, 1) + 10 + theory.mmc_wait(rate, 8, 1) + 8
    assert agrees(replicate(text, time), expected)


@pytest.mark.slow
@pytest.mark.parametrize("load", [0.8, 1.2])
def test_impatient_applicants_leave_as_erlang_a_says(load: float) -> None:
    rate = load * 3 / 10
    text = single_queue(
        rate, "{exponential: {mean: 10 min}}", 3, ", patience: {exponential: {mean: 20 min}}"
    )
    expected = theory.erlang_a(rate, 10, 20, 3)

    def withdrawn(records: Records, model: Model) -> float:
        return float((records.cases["outcome"][counted(records, model)] == 3).mean())

    def wait(records: Records, model: Model) -> float:
        rows = records.activities[np.isin(records.activities["case"], counted(records, model))]
        return float(
            np.where(np.isnan(rows["started"]), rows["ended"], rows["started"]).mean()
            - rows["joined"].mean()
        )

    assert agrees(replicate(text, withdrawn), expected.abandon)
    assert agrees(replicate(text, wait), expected.wait)


@pytest.mark.slow
def test_filings_by_month_are_those_of_the_profile() -> None:
    text = """
govsim: 1
title: A profile
purpose: Do filings follow the months?
start: 2024-01-01
reform_day: 2024-01-02
count_from: 2024-01-01
count_until: 2024-12-31
horizon: 2024-12-31
calendars:
  always_open: {day: 24 h, week: {mon-sun: ["00:00-24:00"]}}
profiles:
  uneven: [2, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 0.5, 1]
departments: {hall: {name: Hall}}
desks: {desk: {department: hall, kind: review}}
staff: {clerk: {department: hall, calendar: always_open, members: 1, serves: {desk: 1.0}}}
services:
  matter:
    department: hall
    calendar: always_open
    demand: {per_year: 2400, months: uneven, calendar: always}
    route: [{task: serve, desk: desk, effort: {constant: 1 min}}]
"""
    for first, days, factor in [(0, 31, 2.0), (31, 29, 0.5), (60, 31, 1.0)]:
        lo, hi = first * 1440, (first + days) * 1440

        def month(records: Records, model: Model, lo: int = lo, hi: int = hi) -> float:
            return float(((records.cases["filed"] >= lo) & (records.cases["filed"] < hi)).sum())

        assert agrees(replicate(text, month), 2400 * factor / 12)


@pytest.mark.parametrize("replication", range(5))
def test_littles_law_is_an_identity_of_every_run(replication: int) -> None:
    model = model_of(single_queue(0.07, "{exponential: {mean: 10 min}}"))
    records = gs.simulate(model, 3, replication)
    filed = records.cases["filed"]
    ended = np.where(np.isnan(records.cases["ended"]), records.end, records.cases["ended"])
    instants = np.sort(np.concatenate([filed, ended, [0.0, records.end]]))
    present = np.searchsorted(np.sort(filed), instants, "right") - np.searchsorted(
        np.sort(ended), instants, "right"
    )
    area = float((present[:-1] * np.diff(instants)).sum())
    assert area == pytest.approx(float((ended - filed).sum()), rel=1e-12)
