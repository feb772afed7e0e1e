"""Other people's programs as oracles: statsmodels, SALib and Ciw.

statsmodels for Holm, SALib for Sobol' indices, Ciw for queues without a closed form.

Only these tests need them: where one is not installed, its tests are skipped and say so.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from statistics import NormalDist
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import t

import govsim as gs
from govsim.evidence.worlds.proposals import proposed
from govsim.evidence.worlds.sensitivity import effects_of_function
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.statistics import surrogate
from govsim.statistics.mean import holm
from planted import ranged

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]


def program(name: str) -> Any:
    """A module of another program."""
    return pytest.importorskip(
        name, reason=f'{name} is not installed; it comes with pip install -e ".[dev]"'
    )


def error_of_difference(ours: Floats, theirs: Floats) -> Floats:
    """Standard error of the difference of means over the first axis."""
    found: Floats = np.sqrt(
        ours.var(axis=0, ddof=1) / len(ours) + theirs.var(axis=0, ddof=1) / len(theirs)
    )
    return found


def errors_apart(ours: Floats, theirs: Floats) -> Floats:
    """By how many standard errors these means differ."""
    apart, error = ours.mean(axis=0) - theirs.mean(axis=0), error_of_difference(ours, theirs)
    print(f"ours {ours.mean(axis=0)}, theirs {theirs.mean(axis=0)}, standard error {error}")
    found: Floats = np.divide(
        np.abs(apart), error, out=np.where(apart == 0.0, 0.0, np.inf), where=error > 0.0
    )
    return found


# -------------------------------------------------------------------------------------- statsmodels

BENJAMINI_HOCHBERG = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1.0,
]  # fmt: skip


def statsmodels_holm(p: list[float]) -> list[float]:
    multipletests = program("statsmodels.stats.multitest").multipletests
    with mock.patch("gc.collect"):  # which it calls every time
        adjusted: list[float] = multipletests(p, method="holm")[1].tolist()
    return adjusted


@pytest.mark.parametrize(
    "p",
    [
        BENJAMINI_HOCHBERG,
        BENJAMINI_HOCHBERG[::-1],
        BENJAMINI_HOCHBERG[1::2] + BENJAMINI_HOCHBERG[::2],
    ],
)
def test_benjamini_and_hochbergs_p_values_are_adjusted_as_statsmodels_does_in_any_order(
    p: list[float],
) -> None:
    assert holm(p) == pytest.approx(statsmodels_holm(p), rel=1e-12, abs=0.0)


@given(
    st.lists(
        st.floats(0, 1) | st.sampled_from([0.0, 0.001, 0.01, 0.02, 0.5, 1.0]),
        min_size=1,
        max_size=30,
    )
)
def test_any_p_values_with_ties_or_without_are_adjusted_as_statsmodels_does(p: list[float]) -> None:
    assert holm(p) == pytest.approx(statsmodels_holm(p), rel=1e-12, abs=0.0)


# -------------------------------------------------------------------------------------------- SALib

POINTS, SCRAMBLES = 2048, 30
WORLDS, DESIGNS = 256, 12


def ishigami(u: Floats) -> Floats:
    x = 2 * np.pi * u - np.pi
    found: Floats = (
        np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    )
    return found


def sobols_g(u: Floats) -> Floats:
    a = np.array([0.0, 1.0, 4.5, 9.0])
    found: Floats = np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1)
    return found


@functools.cache
def salibs_indices(function: Function, parameters: int) -> Floats:
    """First-order and total indices [scramble, 2, parameter]."""
    sample, analyze = program("SALib.sample.sobol").sample, program("SALib.analyze.sobol").analyze
    problem = {
        "num_vars": parameters,
        "names": [f"x{k}" for k in range(parameters)],
        "bounds": [[0.0, 1.0]] * parameters,
    }
    found = []
    for seed in range(1000, 1000 + SCRAMBLES):
        points = sample(problem, POINTS, calc_second_order=False, seed=seed)
        told = analyze(
            problem, function(points), calc_second_order=False, num_resamples=2, seed=seed
        )
        found.append((told["S1"], told["ST"]))
    return np.array(found)


def limit(freedom: int, numbers: int) -> float:
    """How many standard errors the farthest of so many numbers may be off:
    beyond is as rare as three sigma for one.
    """
    return float(t.ppf(NormalDist().cdf(3.0) ** (1 / numbers), freedom))


@pytest.mark.slow
@pytest.mark.parametrize(("function", "parameters"), [(ishigami, 3), (sobols_g, 4)])
def test_first_order_and_total_effects_of_a_function_are_those_that_salib_finds(
    function: Function, parameters: int
) -> None:
    """The error is the spread over scrambles; SALib's own confidence takes points for random
    and is several times wider.
    """
    ours = np.array(
        [effects_of_function(function, parameters, POINTS, seed)[:2] for seed in range(SCRAMBLES)]
    )
    apart = errors_apart(ours, salibs_indices(function, parameters))
    assert apart.max() <= limit(SCRAMBLES - 1, apart.size)


@pytest.mark.slow
@pytest.mark.parametrize(("function", "parameters"), [(ishigami, 3), (sobols_g, 4)])
def test_effects_read_from_worlds_differ_from_salibs_by_no_more_than_the_fit_leaves_unexplained(
    function: Function, parameters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surrogate, "CHANCE", 0)  # no dummies, which take most of the time
    designs = (proposed([ranged(0.0, 1.0)] * parameters, WORLDS, seed) for seed in range(DESIGNS))
    fits = [surrogate.fit(u, function(u)) for u in designs]
    ours, theirs = (
        np.array([each.effects(parameters)[:2] for each in fits]),
        salibs_indices(function, parameters),
    )
    apart, error = (
        np.abs(ours.mean(axis=0) - theirs.mean(axis=0)),
        error_of_difference(ours, theirs),
    )
    unexplained = 1.0 - np.mean([each.explained for each in fits])
    print(f"ours {ours.mean(axis=0)}, apart {apart} +- {error}, unexplained {unexplained}")
    assert (apart - limit(DESIGNS - 1, apart.size) * error <= unexplained).all()


# ---------------------------------------------------------------------------------------------- Ciw

REPLICATIONS = 120  # of ours
ROUNDS = 30  # of Ciw's, each of which takes thirty times as long
DAYS = 5  # whose applicants are counted, from an empty office on
LAST = 7  # days, after which none of these is left
# minutes of the day at which the office opens, closes, opens, closes
SHIFTS = [510, 720, 870, 1080, 1440]

OFFICE = """
govsim: 1
title: A queue for two programs
purpose: Does another program find the same times?
start: 2024-01-01
reform_day: 2024-01-02
count_from: 2024-01-01
count_until: 2024-01-05
horizon: 2024-01-31
calendars:
  always_open: {day: 24 h, week: {mon-sun: ["00:00-24:00"]}}
  office: {day: 7 h, week: {mon-sun: ["08:30-12:00", "14:30-18:00"]}}
  afternoons: {day: 3.5 h, week: {mon-sun: ["14:30-18:00"]}}
departments: {hall: {}}
"""


def clerks(members: int, desk: str = "desk", calendar: str = "always_open") -> str:
    return (
        f"{{department: hall, calendar: {calendar}, members: {members}, serves: {{{desk}: 1.0}}}}"
    )


def service(rate: float, route: str, more: str = "") -> str:
    """A service with so many applicants per minute, who file at any hour."""
    demand = f"demand: {{per_year: {rate * 365.25 * 1440}, calendar: always}}"
    return f"{{department: hall, calendar: always_open, {more}{demand}, route: [{route}]}}"


def model_of(body: str, folder: Path) -> Model:
    path = folder / "two_programs.yaml"
    path.write_text(OFFICE + body, encoding="utf-8")
    return compile_model(gs.configure(gs.load(path), "before"))


def lognormal(mean: float, cv: float) -> Any:
    spread = math.log(1 + cv**2)
    return program("ciw").dists.Lognormal(math.log(mean) - spread / 2, math.sqrt(spread))


def gamma(mean: float, cv: float) -> Any:
    return program("ciw").dists.Gamma(1 / cv**2, mean * cv**2)


def summary(table: Floats, services: int) -> list[tuple[float, float, float]]:
    """Mean wait until first served, mean time until gone and share never served
    of each service's applicants.

    They are rows: service, filed, first served (NaN: never), gone.
    """
    each = [table[table[:, 0] == k, 1:].T for k in range(services)]
    return [
        (
            float(np.nanmean(served - filed)),
            float((gone - filed).mean()),
            float(np.isnan(served).mean()),
        )
        for filed, served, gone in each
    ]


def times(model: Model) -> Floats:
    """What our engine finds: [replication, service, 3]."""
    found = []
    for r in range(REPLICATIONS):
        records = gs.simulate(model, 7, r)
        cases, first = (
            records.cases,
            records.activities[np.unique(records.activities["case"], return_index=True)[1]],
        )
        table = np.stack(
            (cases["service"], cases["filed"], first["started"], cases["ended"]), axis=1
        )
        table = table[cases["filed"] < DAYS * 1440]
        assert not np.isnan(table[:, 3]).any()
        found.append(summary(table, len(model.names.services)))
    return np.array(found)


def times_in_ciw(network: Any, services: tuple[str, ...] = ("Customer",)) -> Floats:
    """What Ciw finds: [round, service, 3]."""
    ciw = program("ciw")
    found = []
    for seed in range(ROUNDS):
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(LAST * 1440)
        table = []
        for each in simulation.get_all_individuals():
            visits = each.data_records
            if (visits[0] if visits else each).arrival_date < DAYS * 1440:
                assert each in simulation.nodes[-1].all_individuals  # is gone
                service = services.index(each.customer_class)
                table.append(
                    (
                        service,
                        visits[0].arrival_date,
                        visits[0].service_start_date,
                        visits[-1].exit_date,
                    )
                )
        found.append(summary(np.array(table), len(services)))
    return np.array(found)


def same_instants(model: Model, clock: Function = np.asarray, **network: Any) -> bool:
    """Whether all begin to be served and go at the same instants in Ciw, given the filings,
    work and patience of one run.

    `clock` tells how long work has been possible until an instant.
    """
    ciw, inf = program("ciw"), float("inf")
    records = gs.simulate(model, 7, 0)
    order = np.argsort(records.cases["filed"])
    rows = records.activities[order]
    assert (rows["case"] == order).all()  # one visit each
    joined, started, ended = rows["joined"], rows["started"], rows["ended"]

    class Given(ciw.dists.Distribution):  # type: ignore[misc, name-defined]
        def __init__(self, values: Floats) -> None:
            self.values = np.nan_to_num(values, nan=1e6)  # what the run did not wait for

        def sample(self, t: float | None = None, ind: Any = None) -> float:
            return float(self.values[ind.id_number - 1])

    filed = {
        name: joined[records.cases["service"][order] == k]
        for k, name in enumerate(model.names.services)
    }
    work, patience = (
        Given(clock(ended) - clock(started)),
        Given(np.where(np.isnan(started), ended - joined, inf)),
    )
    simulation = ciw.Simulation(
        ciw.create_network(
            arrival_distributions={
                k: [ciw.dists.Sequential([*np.diff(each, prepend=0.0), inf])]
                for k, each in filed.items()
            },
            service_distributions={k: [work] for k in filed},
            reneging_time_distributions={k: [patience] for k in filed},
            **network,
        )
    )
    simulation.simulate_until_max_time(LAST * 1440)
    visits = {
        each.id_number - 1: each.data_records for each in simulation.nodes[-1].all_individuals
    }
    counted = np.flatnonzero(joined < DAYS * 1440)
    theirs = np.array([(visits[k][0].service_start_date, visits[k][-1].exit_date) for k in counted])
    ours = np.stack((started, ended), axis=1)[counted]
    print(
        f"{len(counted)} applicants, {np.isnan(ours[:, 0]).sum()} impatient, at most "
        f"{np.nanmax(abs(ours - theirs))} min apart"
    )
    return np.allclose(ours, theirs, rtol=0.0, atol=1e-6, equal_nan=True)


def open_until(instant: Floats) -> Floats:
    """Minutes for which the office has been open."""
    days, minute = np.divmod(instant, 1440.0)
    found: Floats = (
        420.0 * days + np.clip(minute - 510.0, 0.0, 210.0) + np.clip(minute - 870.0, 0.0, 210.0)
    )
    return found


@pytest.mark.slow
def test_uneven_work_waits_for_two_clerks_as_in_ciw(tmp_path: Path) -> None:
    ciw, rate = program("ciw"), 0.6 * 2 / 10
    serve = "{task: serve, desk: desk, effort: {lognormal: {mean: 10 min, cv: 1.5}}}"
    model = model_of(
        f"""
desks: {{desk: {{department: hall, kind: review}}}}
staff: {{clerks: {clerks(2)}}}
services: {{matter: {service(rate, serve)}}}
""",
        tmp_path,
    )
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)],
        service_distributions=[lognormal(10, 1.5)],
        number_of_servers=[2],
    )
    assert errors_apart(times(model), times_in_ciw(network)).max() <= 3
    assert same_instants(model, number_of_servers=[2])


@pytest.mark.slow
def test_urgent_matters_go_before_plain_ones_at_two_clerks_as_in_ciw(tmp_path: Path) -> None:
    ciw, urgent, plain = program("ciw"), 0.35 * 2 / 12, 0.35 * 2 / 8
    even = "{task: serve, desk: desk, effort: {gamma: {mean: 12 min, cv: 0.5}}}"
    uneven = "{task: serve, desk: desk, effort: {lognormal: {mean: 8 min, cv: 1.5}}}"
    model = model_of(
        f"""
desks: {{desk: {{department: hall, kind: review, discipline: priority}}}}
staff: {{clerks: {clerks(2)}}}
services:
  urgent: {service(urgent, even, "class: 1, ")}
  plain: {service(plain, uneven, "class: 2, ")}
""",
        tmp_path,
    )
    order = {"urgent": 0, "plain": 1}
    network = ciw.create_network(
        arrival_distributions={
            "urgent": [ciw.dists.Exponential(urgent)],
            "plain": [ciw.dists.Exponential(plain)],
        },
        service_distributions={"urgent": [gamma(12, 0.5)], "plain": [lognormal(8, 1.5)]},
        number_of_servers=[2],
        priority_classes=order,
    )
    assert errors_apart(times(model), times_in_ciw(network, ("urgent", "plain"))).max() <= 3
    assert same_instants(model, number_of_servers=[2], priority_classes=order)


@pytest.mark.slow
def test_windows_that_close_when_they_have_finished_whom_they_began_serve_as_in_ciw(
    tmp_path: Path,
) -> None:
    """Two windows in the morning and three in the afternoon; who comes in the night waits."""
    ciw, rate = program("ciw"), 0.8 * (2 * 210 + 3 * 210) / 1440 / 10
    serve = "{task: serve, desk: desk, effort: {gamma: {mean: 10 min, cv: 0.8}}}"
    model = model_of(
        f"""
desks: {{desk: {{department: hall, kind: window}}}}
staff: {{clerks: {clerks(2, calendar="office")}, help: {clerks(1, calendar="afternoons")}}}
services: {{matter: {service(rate, serve)}}}
""",
        tmp_path,
    )
    windows = ciw.Schedule(numbers_of_servers=[0, 2, 0, 3, 0], shift_end_dates=SHIFTS)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)],
        service_distributions=[gamma(10, 0.8)],
        number_of_servers=[windows],
    )
    assert errors_apart(times(model), times_in_ciw(network)).max() <= 3
    assert same_instants(model, number_of_servers=[windows])


def test_reviews_that_are_put_down_at_closing_and_taken_up_again_take_as_long_as_in_ciw(
    tmp_path: Path,
) -> None:
    ciw, rate = program("ciw"), 0.7 * 2 * 420 / 1440 / 25
    serve = "{task: serve, desk: desk, effort: {lognormal: {mean: 25 min, cv: 1}}}"
    model = model_of(
        f"""
desks: {{desk: {{department: hall, kind: review}}}}
staff: {{clerks: {clerks(2, calendar="office")}}}
services: {{matter: {service(rate, serve)}}}
""",
        tmp_path,
    )
    desks = ciw.Schedule(
        numbers_of_servers=[0, 2, 0, 2, 0], shift_end_dates=SHIFTS, preemption="resume"
    )
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)],
        service_distributions=[lognormal(25, 1)],
        number_of_servers=[desks],
    )
    assert errors_apart(times(model), times_in_ciw(network)).max() <= 3
    assert same_instants(model, open_until, number_of_servers=[desks])


@pytest.mark.slow
def test_impatient_applicants_leave_three_clerks_as_in_ciw(tmp_path: Path) -> None:
    ciw, rate = program("ciw"), 3 / 20
    effort = (
        "effort: {lognormal: {mean: 20 min, cv: 1}}, patience: {gamma: {mean: 25 min, cv: 0.5}}"
    )
    model = model_of(
        f"""
desks: {{desk: {{department: hall, kind: review}}}}
staff: {{clerks: {clerks(3)}}}
services: {{matter: {service(rate, f"{{task: serve, desk: desk, {effort}}}")}}}
""",
        tmp_path,
    )
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)],
        service_distributions=[lognormal(20, 1)],
        number_of_servers=[3],
        reneging_time_distributions=[gamma(25, 0.5)],
    )
    assert errors_apart(times(model), times_in_ciw(network)).max() <= 3
    assert same_instants(model, number_of_servers=[3])


@pytest.mark.slow
def test_papers_that_come_back_with_supplements_and_go_to_a_second_desk_take_as_long_as_in_ciw(
    tmp_path: Path,
) -> None:
    ciw, rate = program("ciw"), 0.04
    supplement = (
        "{chance: 0.4, again: 0.4, attempts: 50, then: passes, takes: {gamma: {mean: 120 min, cv: "
        "0.5}}}"
    )
    check = (
        f"{{review: check, desk: first, effort: {{gamma: {{mean: 18 min, cv: 0.7}}}}, supplement: "
        f"{supplement}}}"
    )
    decide = "{task: decide, desk: second, effort: {lognormal: {mean: 14 min, cv: 1}}}"
    model = model_of(
        f"""
desks: {{first: {{department: hall, kind: review}}, second: {{department: hall, kind: review}}}}
staff: {{two: {clerks(2, "first")}, one: {clerks(1, "second")}}}
services: {{matter: {service(rate, f"{check}, {decide}")}}}
""",
        tmp_path,
    )
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate), None, None],
        service_distributions=[gamma(18, 0.7), gamma(120, 0.5), lognormal(14, 1)],
        number_of_servers=[2, float("inf"), 1],
        routing=[[0.0, 0.4, 0.6], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
    )
    assert errors_apart(times(model), times_in_ciw(network)).max() <= 3
