"""Measures: each on a small log worked out by hand, and on whole runs.

At which age cases are read, and what of that follows: test_ages.py.

By hand: 28 days from Monday 2024-01-01, open 08:30-12:00 and 14:00-17:30 on weekdays, one clerk at
the window, one reviewer, one signer; the first 14 days are counted, the cohort `late` is their
second week.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from govsim import measures as gm
from govsim.engine import simulate
from govsim.engine.calendars import member_hours, worked
from govsim.engine.spans import BLOCK, ranked, weighed, worked_many
from govsim.measures.sketch import (
    EDGES,
    ERROR,
    RATIO,
    bins_of,
    less,
    middles_of,
    owners,
    sketch,
)
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.records import OUTCOMES, PARTS, Records
from govsim.scenario import claims
from logbook import (
    DAYS,
    HOUR,
    MODEL,
    REVIEWER,
    SIGNER,
    Log,
    office,
    reading,
    three_permits,
    whole_hours,
)
from organisations import ORGANISATIONS
from plain import at

# ----------------------------------------------------------------------------------- cases and time


def test_cycle_time_is_the_clock_time_from_filing_to_end() -> None:
    read = reading(three_permits().records())
    assert read("cycle_time") == pytest.approx((1 + 2 + 24) / 24 / 3)
    assert read("cycle_time", "median") == 2 / 24
    assert read("cycle_time", "p90") == 1.0


def test_working_cycle_time_counts_the_opening_hours_of_the_services_calendar() -> None:
    read = reading(three_permits().records())
    # seven hours from 09:00 to 09:00
    assert read("cycle_time_working", "p90") == pytest.approx(1.0)
    assert read("cycle_time_working", "median") == pytest.approx(2 / 7)


def test_a_value_and_a_cohort_have_measures_of_their_own() -> None:
    read = reading(three_permits().records())
    assert read("cycle_time", "mean", "permit/way/person") == 1 / 24
    assert read("cycle_time", "mean", "permit/way/online") == pytest.approx(13 / 24)
    assert read("cycle_time", "mean", "permit/way/online", "late") == 1.0
    assert read("completed", "count", "permit", "late") == 1
    assert read("cycle_time", "mean", "permit/way/person", "late") is None


def test_who_filed_before_or_after_the_counted_period_is_not_counted() -> None:
    model = compile_model(replace(office(), count_from=7))
    log = three_permits().case(at(14, "00:00"), at(14, "12:00"))
    read = reading(log.records(), model=model)
    assert read("counted", "count") == 1
    assert read("cycle_time") == 1.0


def test_nothing_to_measure_is_none_and_never_a_number() -> None:
    empty = Log().records()
    found, index = gm.measure(empty, MODEL, hours=whole_hours()), gm.index(MODEL)
    for measure, statistic in index.rows:
        for scope in index.scopes:
            value = gm.read(found, index, measure, statistic, scope)
            assert value == (0.0 if measure == "throughput" or statistic == "count" else None), (
                measure,
                statistic,
                scope,
            )
    assert gm.wait_at(found, index, "*") is None
    assert gm.utilisation(found, index, "clerks") is None
    assert gm.quantile(found.cycle_time, 0.5, 0, 2, index.weights_of("mix")) is None


def test_parts_are_means_of_the_parts_of_answered_cases() -> None:
    log = Log().case(at(0, "09:00"), at(0, "10:00"), part_queue=20.0, part_service=40.0)
    log.case(at(1, "09:00"), at(1, "11:00"), outcome="rejected", part_queue=60.0, part_service=60.0)
    log.case(at(2, "09:00"), at(2, "10:00"), outcome="withdrawn", part_queue=60.0).case(
        at(3, "09:00")
    )
    read = reading(log.records())
    assert read("part_queue") == 40 / 1440
    assert read("part_service") == 50 / 1440


def test_the_promise_is_kept_up_to_its_last_minute() -> None:
    log = Log().case(at(0, "09:00"), at(1, "17:30"), promise_clock=7 * HOUR, legal_clock=7 * HOUR)
    over = at(2, "08:30")
    log.case(
        *(at(0, "10:00"), at(2, "08:31")),
        promise_clock=7 * HOUR + 1,
        legal_clock=14 * HOUR + 1,
        promise_out=over,
        limit_out=over,
    )
    log.case(at(0, "10:00"), at(2, "08:31"), service="licence", promise_clock=1.0, legal_clock=1.0)
    read = reading(log.records())
    assert (
        read("within_promise", "share"),
        read("late", "share"),
        read("within_promise", "count"),
    ) == (0.5, 0.5, 2)
    assert read("within_limit", "share") == 0.5
    assert read("lateness") == pytest.approx(0.5 / 420)
    assert read("legal_clock") == pytest.approx(1.5 + 0.5 / 420)
    assert read("within_promise", "share", "licence") is None


def test_the_first_answer_counts_whatever_became_of_the_case() -> None:
    """Half an hour, a day, a day and then left; none for ten working days; left without one."""
    log = Log().case(at(0, "09:00"), at(0, "10:00"), first_answer=at(0, "09:30"))
    log.case(at(1, "09:00"), at(4, "10:00"), outcome="rejected", first_answer=at(2, "09:00"))
    log.case(at(1, "09:00"), at(4, "10:00"), outcome="withdrawn", first_answer=at(2, "09:00"))
    log.case(at(1, "09:30")).case(at(1, "09:40"), at(4, "10:00"), outcome="withdrawn")
    read = reading(log.records())
    assert read("time_to_first_answer", "count") == 4
    assert read("time_to_first_answer") == pytest.approx((0.5 / 7 + 1 + 1 + 10) / 4)
    assert read("time_to_first_answer", "p90") == 10.0
    assert read("time_to_first_answer", "median") == pytest.approx(1.0)


# --------------------------------------------------------------------------------------- activities


def test_who_waits_through_the_last_closing_of_a_day_comes_again() -> None:
    log = (
        Log()
        .case(at(0, "11:00"), at(0, "14:30"))
        .task("window", at(0, "11:00"), at(0, "14:20"), at(0, "14:30"))
    )
    log.case(at(0, "17:00"), at(2, "08:40")).task(
        "window", at(0, "17:00"), at(2, "08:30"), at(2, "08:40")
    )
    log.case(at(3, "18:00"), at(4, "08:40")).task(
        "window", at(3, "18:00"), at(4, "08:30"), at(4, "08:40")
    )
    log.case(at(4, "09:00"), at(7, "08:40")).task(
        "review", at(4, "09:00"), at(7, "08:30"), at(7, "08:40"), REVIEWER
    )
    read = reading(log.records())
    # over noon one visit; two evenings: three; after closing: one; no window: none
    assert read("visits") == (1 + 3 + 1 + 0) / 4
    assert [read("visits", f"share_at_most_{k}") for k in range(4)] == [0.25, 0.75, 0.75, 1.0]


def test_a_misdirected_visit_is_a_visit_and_a_step() -> None:
    log = Log().case(at(0, "09:00"), at(1, "09:10"))
    log.task(
        "window", at(0, "09:00"), at(0, "09:00"), at(0, "09:05"), attempt=0, variant="misdirected"
    )
    log.task("window", at(1, "09:00"), at(1, "09:00"), at(1, "09:10"))
    log.task("", at(1, "09:10"), at(1, "09:10"), at(1, "09:10"), -1, kind="transfer")
    read = reading(log.records())
    assert (read("visits"), read("steps")) == (2.0, 3.0)


def test_a_supplement_counts_also_where_it_was_tolerated() -> None:
    log = (
        Log()
        .case(at(0, "09:00"), at(2, "09:10"))
        .task("review", at(0, "09:00"), at(0, "09:00"), at(0, "09:10"), REVIEWER)
    )
    log.task("", at(0, "09:10"), at(0, "09:10"), at(2, "09:00"), -1, kind="supplement")
    log.task(
        "review",
        at(2, "09:00"),
        at(2, "09:00"),
        at(2, "09:10"),
        REVIEWER,
        variant="tolerated",
        attempt=2,
    )
    read = reading(log.records())
    assert (read("supplements"), read("steps"), read("signatures")) == (2.0, 2.0, 0.0)


def test_a_wait_is_the_opening_time_of_the_desk_and_belongs_to_its_kind() -> None:
    log = (
        Log()
        .case(at(0, "11:50"), at(0, "15:00"))
        .task("window", at(0, "11:50"), at(0, "14:05"), at(0, "14:15"))
    )
    log.task("sign", at(0, "14:15"), at(0, "14:45"), at(0, "15:00"), SIGNER)
    log.case(at(0, "11:55"), outcome="open").task("window", at(0, "11:55"), np.nan, np.nan, -1)
    read = reading(log.records())
    # 15 minutes, and ten working days of seven hours until the second is looked at
    assert read("window_wait") == (15 + 4200) / 2
    assert read("window_wait", "p90") == 4200
    assert (read("signature_wait"), read("review_wait")) == (30 / 2, 0.0)


def test_the_wait_at_desks_is_weighed_like_their_cases() -> None:
    log = Log()
    for minutes, service in ((10, "permit"), (20, "permit"), (60, "licence")):
        log.case(at(0, "09:00"), at(0, "11:00"), service)
        log.task("window", at(0, "09:00"), at(0, "09:00") + minutes, at(0, "11:00"))
    mix = np.array([1.0, 1.0, 0.0])
    found, index = gm.measure(log.records(), MODEL, mix), gm.index(MODEL, mix)
    assert gm.wait_at(found, index, "window", "permit") == 15.0
    assert gm.wait_at(found, index, ["win*", "sign"]) == pytest.approx((15 + 60) / 2)
    assert gm.wait_at(found, index, "window") == gm.read(found, index, "window_wait", "mean")
    assert gm.wait_at(found, index, "sign") == 0.0


def test_an_applicant_spends_travel_wait_and_counter() -> None:
    log = (
        Log()
        .case(at(0, "17:00"), at(1, "08:45"))
        .task("window", at(0, "17:00"), at(1, "08:35"), at(1, "08:45"))
    )
    assert reading(log.records(), travel=25.0)("applicant_time") == 2 * 25 + 35 + 10


def test_staff_time_leaves_out_the_hours_off_duty_except_at_windows() -> None:
    log = (
        Log()
        .case(at(0, "17:20"), at(1, "09:00"))
        .task("window", at(0, "17:20"), at(0, "17:25"), at(0, "17:40"))
    )
    log.task("review", at(0, "17:40"), at(1, "08:30"), at(1, "08:40"), REVIEWER)
    log.case(at(1, "09:00"), at(2, "09:00")).task(
        "review", at(1, "17:00"), at(1, "17:20"), at(2, "09:00"), REVIEWER
    )
    assert reading(log.records())("staff_minutes_per_case") == ((15 + 10) + 40) / 2


def test_without_the_members_hours_overnight_work_is_not_estimable() -> None:
    log = (
        Log()
        .case(at(0, "17:20"), at(1, "09:00"))
        .task("review", at(0, "17:20"), at(0, "17:20"), at(1, "09:00"), REVIEWER)
    )
    found, index = gm.measure(log.records(duty=420.0), MODEL), gm.index(MODEL)
    assert gm.read(found, index, "staff_minutes_per_case", "mean", "permit") is None
    assert gm.utilisation(found, index, "reviewers") is None


def test_utilisation_is_work_over_duty_within_the_counted_period() -> None:
    log = (
        Log()
        .case(at(11, "16:00"), at(14, "09:30"))
        .task("review", at(11, "16:00"), at(11, "16:30"), at(14, "09:30"), REVIEWER)
    )
    log.case(at(12, "09:00")).task("sign", at(12, "09:00"), at(14, "10:00"), np.nan, SIGNER)
    log.case(at(13, "09:00")).task("window", at(13, "09:00"), at(13, "23:50"), at(14, "00:20"))
    found, index = gm.measure(log.records(duty=240.0), MODEL, hours=whole_hours()), gm.index(MODEL)
    # the hour on Friday; Monday is not counted
    assert gm.utilisation(found, index, "reviewers") == 60 / 240
    assert gm.utilisation(found, index, "signers") == 0.0
    assert gm.utilisation(found, index, "clerks") == 10 / 240


def test_throughput_counts_who_was_completed_in_the_period_whenever_filed() -> None:
    model = compile_model(replace(office(), count_from=7, cohorts={}))
    log = (
        Log()
        .case(at(0, "09:00"), at(6, "23:59"))
        .case(at(0, "10:00"), at(7, "00:00"), way="online")
    )
    log.case(at(8, "09:00"), at(9, "09:00")).case(at(8, "10:00"), at(14, "00:00"))
    read = reading(log.records(), model=model)
    month = 365.25 / 12 / 7
    assert read("throughput") == pytest.approx(2 * month)
    assert read("throughput", "mean", "permit/way/online") == pytest.approx(month)


# -------------------------------------------------------------------------------------------- mixes


def test_a_mix_weighs_services_not_cases() -> None:
    log = (
        three_permits()
        .case(at(9, "09:00"), at(9, "19:00"), "licence")
        .case(at(9, "09:00"), at(9, "09:01"), "jobs")
    )
    read = reading(log.records(), np.array([1.0, 3.0, 0.0]))
    assert read("cycle_time", "mean", "mix") == pytest.approx((1 * 9 + 3 * 10) / 4 / 24)
    assert read("cycle_time", "median", "mix") == pytest.approx(10 / 24)
    assert read("completed", "count", "mix") == 4


def test_a_service_without_a_case_leaves_the_mix_and_the_others_keep_their_proportions() -> None:
    read = reading(
        three_permits().records(),
        {"mix": np.array([1.0, 9.0, 0.0]), "other": np.array([0.0, 1.0, 0.0])},
    )
    assert read("cycle_time", "mean", "mix") == read("cycle_time", "mean", "permit")
    assert read("cycle_time", "mean", "other") is None
    assert read("cycle_time", "p90", "other") is None


def test_with_equal_cases_per_weight_the_quantile_of_a_mix_is_the_pooled_one() -> None:
    rng = np.random.default_rng(5)
    minutes = np.sort(np.rint(rng.exponential(500.0, 40)))
    log = Log()
    for k, m in enumerate(minutes):
        log.case(float(k), k + m, "permit" if k % 4 else "licence")
    read = reading(log.records(), np.array([30.0, 10.0, 0.0]))
    for statistic, level in (("median", 0.5), ("p90", 0.9)):
        assert (
            read("cycle_time", statistic, "mix")
            == np.quantile(minutes, level, method="inverted_cdf") / 1440
        )


def test_the_weights_of_the_mix_are_the_expected_filings_of_the_counted_period() -> None:
    weights = gm.demand_weights(MODEL)
    # two of three instants; internal jobs weigh nothing
    np.testing.assert_allclose(weights, [0.002 * 14 * 1440, 2, 0])
    np.testing.assert_allclose(gm.demand_weights(MODEL, ["licence"]), [0, 2, 0])


def test_weights_count_the_filings_of_every_kind_of_demand() -> None:
    model = compile_model(ORGANISATIONS["arrivals"]())
    weights = gm.demand_weights(model)
    runs = [simulate(model, 11, r, engine="reference") for r in range(12)]
    counted = [gm.measure(run, model).counted[:, 0] for run in runs]
    mean, error = np.mean(counted, axis=0), np.std(counted, axis=0, ddof=1) / np.sqrt(len(runs))
    # the last of the 42 counted days are a weekend, whose filings wait for Monday
    weekend = 2 / 42 * weights
    assert (np.abs(weights - mean) <= 4 * error + weekend).all(), (weights, mean)


# --------------------------------------------------------------------------------------- whole runs


def run(name: str, replication: int = 0) -> tuple[Records, Model, gm.Measures, gm.MeasureIndex]:
    configuration = ORGANISATIONS[name]()
    halves = {"first": (configuration.count_from, 20), "rest": (20, configuration.count_until)}
    model = compile_model(replace(configuration, cohorts=halves))
    records = simulate(model, 7, replication, engine="reference")
    return (
        records,
        model,
        gm.measure(records, model, hours=member_hours(model.arrays, np.uint64(7), replication)),
        gm.index(model),
    )


@pytest.mark.parametrize("name", ["nested_blocks", "transfers", "meetings", "absences"])
def test_the_mean_parts_add_up_to_the_mean_cycle_time_of_those_answered(name: str) -> None:
    _, _, found, index = run(name)
    for scope in index.scopes:
        parts = [gm.read(found, index, f"part_{part}", "mean", scope) for part in PARTS]
        whole = gm.read(found, index, "cycle_time_answered", "mean", scope)
        assert (whole is None) == (None in parts)
        assert whole is None or sum(p for p in parts if p is not None) == pytest.approx(
            whole, rel=1e-12
        )


def test_nobody_who_was_counted_is_lost() -> None:
    _, _, found, index = run("meetings")
    for scope in index.scopes:
        for cohort in index.cohorts:
            counted, *outcomes = (
                gm.read(found, index, name, "count", scope, cohort)
                for name in ("counted", *OUTCOMES)
            )
            assert counted == sum(number for number in outcomes if number is not None)
    assert (gm.read(found, index, "open", "count") or 0) > 0


def test_littles_law_holds_as_an_identity_in_a_closed_run() -> None:
    model = compile_model(ORGANISATIONS["shared_member"]())
    records = simulate(model, 7, 0, engine="reference")
    closed = np.take(records.cases, np.flatnonzero(~np.isnan(records.cases["ended"])))
    empty = records._replace(
        cases=closed,
        attributes=records.attributes[: len(closed)],
        activities=records.activities[:0],
    )
    horizon = model.arrays.horizon
    found = gm.measure(empty._replace(end=horizon), model)
    for s in range(len(model.names.services)):
        ours = closed[closed["service"] == s]
        throughput, mean_time = len(ours) / horizon, (ours["ended"] - ours["filed"]).mean()
        assert found.backlog[s].mean() == pytest.approx(throughput * mean_time, rel=1e-9)


def test_the_backlog_of_a_week_the_run_did_not_finish_is_unknown() -> None:
    log = (
        Log()
        .case(at(0, "00:00"), at(7, "00:00"))
        .case(at(3, "12:00"), at(9, "12:00"))
        .case(at(10, "12:00"))
    )
    backlog = gm.measure(log.records(end=at(20, "12:00")), MODEL).backlog
    np.testing.assert_allclose(backlog[0], [1.5, (2.5 + 3.5) / 7, np.nan, np.nan])


def test_weekly_cycle_times_belong_to_the_week_of_filing_and_leave_out_who_files_too_late() -> None:
    log = three_permits().case(at(15, "09:00"), at(15, "10:00"))
    found = gm.measure(log.records(), MODEL)
    np.testing.assert_allclose(found.weekly_days[0], [3 / 24, 1, 0, 0])
    assert [*found.weekly_cases[0]] == [2, 1, 0, 0]


def test_work_is_recovered_from_the_members_hours() -> None:
    """In a route without parallel blocks the minutes worked are the part `service`."""
    _, _, found, index = run("absences")
    minutes = gm.read(found, index, "staff_minutes_per_case", "mean")
    assert minutes == pytest.approx(
        1440 * (gm.read(found, index, "part_service", "mean") or 0), rel=1e-9
    )
    group = index.groups[0]
    assert 0 < (gm.utilisation(found, index, group) or 0) < 1


def test_many_spans_are_worked_like_one() -> None:
    c = MODEL.arrays.calendars
    rng = np.random.default_rng(2)
    a, b = rng.uniform(-10.0, DAYS * 1440.0, (2, 500))
    k = rng.integers(0, len(c.first) - 1, 500)
    assert [*worked_many(c, k, a, b)] == [worked(c, *span) for span in zip(k, a, b, strict=True)]


def test_the_rank_of_a_value_is_its_place_among_those_of_its_cell() -> None:
    """Atom 0 lies in cells 0 and 1, atom 1 in cell 0, atom 2 in none; nobody lies in cell 2."""
    first, cell, atom = np.array([0, 2, 3, 3]), np.array([0, 1, 0]), np.array([2, 1, 0, 1, 1, 0])
    values = np.array([1.0, 2.0, 3.0, 3.0, 5.0, 8.0])
    found = ranked(first, cell, atom, values, np.array([[1, 1, 0], [1, 2, 0], [5, 2, 0]]))
    assert np.array_equal(
        found, [[2.0, 3.0, np.nan], [2.0, 8.0, np.nan], [8.0, 8.0, np.nan]], equal_nan=True
    )


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 400])
def test_a_weighed_quantile_is_where_the_weights_of_the_cases_in_order_add_up_to_it(
    size: int,
) -> None:
    """Nothing weighs in the last column; added up one by one, to the last bit."""
    rng = np.random.default_rng(3)
    weight, atom = rng.random((5, 3)) * (1, 1, 0), rng.integers(0, 5, size)
    values, levels = np.sort(rng.random(size)), np.array([0.0, 0.3, 0.5, 0.9, 1.0])
    found = weighed(weight, atom, values, levels)
    assert np.isnan(found[:, 2]).all()
    for column in range(2):
        reached = np.cumsum(weight[atom, column])
        due = levels * (reached[-1] if size else 0.0) * (1 - 1e-12)
        expected = values[np.searchsorted(reached, due)] if size else np.full(5, np.nan)
        assert np.array_equal(found[:, column], expected, equal_nan=True)


# ----------------------------------------------------------------------------------------- sketches


def some_sketch(rng: np.random.Generator, size: int) -> tuple[NDArray[Any], gm.Sketch]:
    values = rng.lognormal(4, 2, size)
    return values, sketch(
        values, owners(np.zeros(size, dtype=np.int64), np.ones((1, size), dtype=bool))
    )


def test_sketches_add_up_to_the_same_bytes_in_any_order() -> None:
    rng = np.random.default_rng(1)
    parts = [some_sketch(rng, size)[1] for size in (0, 10, 500, 3)]
    whole = gm.merge(parts)
    assert gm.merge(parts[::-1]).tobytes() == whole.tobytes()
    assert gm.merge([gm.merge(parts[:2]), gm.merge(parts[2:])]).tobytes() == whole.tobytes()
    assert whole[1].sum() == 513


def test_a_quantile_of_a_sketch_is_within_half_a_percent_of_the_pooled_one() -> None:
    values, kept = some_sketch(np.random.default_rng(4), 4000)
    for level in (0.01, 0.25, 0.5, 0.9, 0.999, 1.0):
        exact = np.quantile(values, level, method="inverted_cdf")
        assert gm.quantile(kept, level, 0, 1, (1.0,)) == pytest.approx(exact, rel=0.005)


def test_every_value_is_read_back_from_its_bin_and_zero_is_exact() -> None:
    rng = np.random.default_rng(9)
    near = (np.nextafter(EDGES, 0.0), np.nextafter(EDGES, np.inf))
    values = np.concatenate((EDGES, *near, rng.lognormal(3, 5, 1000)))
    values = values[(values >= EDGES[0]) & (values < EDGES[-1])]
    np.testing.assert_allclose(middles_of(bins_of(values)), values, rtol=ERROR * (1 + 1e-9))
    assert (bins_of(values) == 1 + np.searchsorted(EDGES, values, side="right")).all()
    assert (middles_of(bins_of(-values)) == -middles_of(bins_of(values))).all()
    tiny = np.array([0.0, -0.0, 2.0**-20, -(2.0**-20), 5e-324, 1e9, np.inf, -np.inf])
    last = len(EDGES) + 1
    assert bins_of(tiny).tolist() == [0, 0, 1, -1, 1, last, last, -last]
    assert pytest.approx(1.005) == RATIO


def test_the_sketch_of_a_run_agrees_with_its_exact_quantiles() -> None:
    _, _, found, index = run("choices")
    for cohort, name in enumerate(index.cohorts):
        for level, statistic in ((0.5, "median"), (0.9, "p90")):
            pooled = gm.quantile(
                found.cycle_time, level, cohort, len(index.cohorts), index.weights_of("permit")
            )
            assert pooled is not None
            assert pooled / 1440 == pytest.approx(
                gm.read(found, index, "cycle_time", statistic, "permit", name), rel=0.005
            )


def test_the_distributions_that_are_asked_for_are_kept_and_no_others() -> None:
    records, model, found, index = run("choices")
    assert not found.window_wait.size
    assert not found.window_wait_per_task.size
    assert not found.legal_clock.size
    names = ("window_wait", "window_wait_per_task", "cycle_time_working_answered")
    asked = gm.measure(records, model, pooled=names)
    for name in names:
        pooled = gm.quantile(
            getattr(asked, name), 0.9, 0, len(index.cohorts), index.weights_of("permit")
        )
        exact = gm.read(asked, index, name, "p90", "permit")
        assert pooled is not None
        assert pooled == pytest.approx(exact, rel=0.005)
    for name, of in ((names[0], "counted"), (names[1], names[1]), (names[2], names[2])):
        assert getattr(asked, name)[1].sum() == gm.read(asked, index, of, "count", "permit")


# -------------------------------------------------------------------------------------------- index


def test_the_index_fits_the_values_and_survives_json() -> None:
    mixes = {"mix": np.ones(3), "some": np.array([1.0, 0.0, 0.0])}
    index, found = gm.index(MODEL, mixes), gm.measure(three_permits().records(), MODEL, mixes)
    assert found.values.shape == (len(index.rows), len(index.scopes), len(index.cohorts))
    assert {len(column) for column in index.labels().values()} == {found.values.size}
    assert gm.MeasureIndex.from_dict(json.loads(json.dumps(index.to_dict()))) == index
    assert found.backlog.shape == (3, index.weeks)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    index = gm.index(MODEL)
    for what, place in (
        ("did you mean 'cycle_time'", ("cycle_tme", "mean", "mix", "counted")),
        ("there are mean, median, p90", ("cycle_time", "share", "mix", "counted")),
        ("did you mean 'permit'", ("cycle_time", "mean", "permits", "counted")),
        ("no cohort 'settled'; there are counted, late", ("cycle_time", "mean", "mix", "settled")),
    ):
        with pytest.raises(KeyError, match=what):
            index.place(*place)


def test_a_mix_may_not_bear_the_name_of_a_service() -> None:
    with pytest.raises(ValueError, match="permit: the name of a mix and of a service"):
        gm.index(MODEL, {"permit": np.ones(3)})


def test_a_mix_has_a_weight_for_each_service() -> None:
    for weights in ([1.0, 2.0], [1.0, -1.0, 0.0], [1.0, np.nan, 0.0]):
        with pytest.raises(
            ValueError, match="mix 'mix': one weight, at least 0, for each of 3 services"
        ):
            gm.index(MODEL, np.array(weights))


def test_a_claim_can_be_about_every_measure_but_those_that_are_told_beside_others() -> None:
    told = {measure.name for measure in gm.CATALOGUE} - {*claims.MEASURES}
    assert {*claims.MEASURES} <= {*gm.MEASURES}
    assert told == {
        "stayed",
        "cycle_time_answered",
        "cycle_time_working_answered",
        *(f"{kind}_wait_per_task" for kind in ("window", "review", "signature", "internal")),
    }


def test_the_catalogue_says_each_word_once() -> None:
    names = [measure.name for measure in gm.CATALOGUE]
    assert len(set(names)) == len(names)
    assert all(measure.unit and measure.meaning and measure.statistics for measure in gm.CATALOGUE)


def test_an_exact_repetition_gives_the_same_bytes() -> None:
    records, model, found, _ = run("promised")
    again = gm.measure(records, model, hours=member_hours(model.arrays, np.uint64(7), 0))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(found, again, strict=True))


def test_a_sketch_less_a_part_of_it_is_the_sketch_of_the_others() -> None:
    values, owner = np.array([0.0, 1.0, 1.0, 5.0, -2.0, np.inf]), np.array([3, 3, 3, 5, 5, 3])
    part = np.array([False, True, False, True, False, True])
    others = sketch(values[~part], owner[~part])
    assert np.array_equal(less(sketch(values, owner), sketch(values[part], owner[part])), others)
