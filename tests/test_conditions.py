"""Conditions of claims: holds, refuted in each form, undetermined.

Shares, levels and paths; and what cannot be estimated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import govsim as gs
from govsim.evidence.conditions.asked import conditions_of
from govsim.evidence.conditions.condition import (
    by_value,
    judge,
    judge_alone,
    replications_needed,
    state_of,
)
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample import weekly
from govsim.statistics.estimate import Estimate
from planted import Planted, R, around, condition, pair

KELAN = Path(__file__).parents[1] / "scenarios" / "kelan.yaml"
MONTH = 365.25 / 12


@pytest.fixture(scope="module")
def kelan() -> gs.Scenario:
    return gs.load(KELAN)


# -------------------------------------------------------------------------------- from the scenario


@pytest.mark.slow
def test_each_service_is_a_condition_of_its_own(kelan: gs.Scenario) -> None:
    found = conditions_of(kelan.tree, kelan.tree["claims"]["C9"])
    assert [each.service for each in found] == list(kelan.tree["service_sets"]["projects"])
    assert {each.unit for each in found} == {"%"}


def test_sizes_are_read_in_the_unit_of_what_is_measured(kelan: gs.Scenario) -> None:
    claims = kelan.tree["claims"]
    bound = conditions_of(kelan.tree, claims["C11"])[1]
    assert (bound.kind, bound.size, bound.unit, bound.delta) == (
        "at_most",
        2.0,
        "working days",
        0.0,
    )
    visits, share, guard = conditions_of(kelan.tree, claims["C4"])
    assert (visits.size, visits.unit) == (0.5, "visits")
    assert (share.quantity.statistic, share.size, share.unit) == ("share_at_most_1", 20.0, "points")
    assert (guard.quantity.cohort, guard.delta) == ("transition", -0.05)
    (months,) = conditions_of(kelan.tree, claims["C16"])
    assert (months.size, months.unit) == (pytest.approx(3.0), "months")
    (room,) = conditions_of(kelan.tree, claims["C17"], "cannot_be_tested_if")
    assert (room.second, room.size, room.unit) == ("before", 98.0, "%")


def test_a_path_covers_whole_weeks_of_its_cohort_and_a_recovery_is_followed_to_the_end(
    kelan: gs.Scenario,
) -> None:
    (backlog,) = conditions_of(kelan.tree, kelan.tree["claims"]["C15"])
    (months,) = conditions_of(kelan.tree, kelan.tree["claims"]["C16"])
    assert backlog.weeks == (26, 52)
    assert months.weeks is not None
    assert months.weeks[0] == 26
    assert months.weeks[1] > 100


def test_a_size_may_be_a_parameter_and_a_list_may_name_a_set(kelan: gs.Scenario) -> None:
    tree: Any = {**kelan.tree, "parameters": {"enough": {"value": "12 %"}}}
    claim = {
        "of": ["support", "oil_retail"],
        "holds_if": [
            {
                "measure": "cycle_time",
                "statistic": "mean",
                "change": "decrease",
                "at_least": "enough",
            }
        ],
    }
    (found,) = conditions_of(tree, claim)
    assert (found.size, found.unit) == (12.0, "%")
    assert found.quantity.scope == ("industry_fund", "commerce_fund", "st_project", "oil_retail")


def test_a_duration_of_the_clock_is_told_in_the_measures_unit(kelan: gs.Scenario) -> None:
    stated = {"measure": "cycle_time", "change": "decrease", "at_least": "12 h"}
    (found,) = conditions_of(kelan.tree, {"holds_if": [{**stated, "statistic": "mean"}]})
    assert (found.size, found.unit) == (0.5, "calendar days")
    (share,) = conditions_of(
        kelan.tree,
        {"holds_if": [{**stated, "statistic": {"share_at_most": "36 h"}, "at_least": "5 points"}]},
    )
    assert share.quantity.statistic == "share_at_most_1.5"


# ------------------------------------------------------------------------------------------ changes


@pytest.mark.parametrize(
    ("after", "state", "form"),
    [
        (8.0, "holds", ""),
        (9.0, "refuted", "smaller than claimed"),
        (10.0, "refuted", "no relevant effect"),
        (12.0, "refuted", "the opposite"),
        (8.5, "undetermined", ""),
    ],
)
def test_a_condition_holds_beyond_delta_and_is_refuted_on_the_near_side(
    after: float, state: str, form: str
) -> None:
    sample = pair(10.0, after)
    (found,) = judge([condition()], sample)
    assert (found.state, found.form) == (state, form)
    assert judge_alone(condition(), sample).state == state
    assert found.improvement.value == pytest.approx(100 * (1 - after / 10.0), rel=0.01)


@pytest.mark.parametrize("kind", ["decrease", "increase", "no_increase", "at_most", "at_least"])
@pytest.mark.parametrize("after", [0.0, 7.0, 8.4, 8.5, 8.6, 9.5, 10.0, 10.1, 13.0])
def test_no_interval_decides_what_its_value_does_not(kind: str, after: float) -> None:
    asked, sample = condition(kind), pair(10.0, after)
    shown = judge_alone(asked, sample).state
    assert shown in (by_value(asked, sample).state, "undetermined")


def test_a_value_alone_is_never_open_while_there_is_one() -> None:
    assert by_value(condition(), pair(10.0, 8.0)).state == "holds"
    assert by_value(condition(), pair(10.0, 9.0)).state == "refuted"
    unmeasured = condition(measure="signatures")
    assert by_value(unmeasured, pair(10.0, 9.0)).state == "undetermined"


@pytest.mark.parametrize(
    ("after", "state"),
    [(10.0, "holds"), (10.3, "holds"), (12.0, "refuted"), (10.5, "undetermined")],
)
def test_what_must_not_rise_holds_when_it_is_unchanged(after: float, state: str) -> None:
    assert judge([condition("no_increase", 5.0)], pair(10.0, after))[0].state == state


def test_an_increase_is_the_mirror_of_a_decrease() -> None:
    up, down = pair(10.0, 12.0), pair(12.0, 10.0)
    assert judge([condition("increase", 1.0, "days")], up)[0].state == "holds"
    assert judge([condition("increase", 1.0, "days")], down)[0].form == "the opposite"
    assert judge([condition("no_decrease", 1.0, "days")], down)[0].state == "refuted"


def test_what_is_exactly_unchanged_is_neither_a_fall_nor_a_rise() -> None:
    same = around(10.0)
    unchanged, fallen = judge(
        [condition("no_increase", 0.0), condition("decrease", 0.0)],
        Planted({"before": same, "after": same}),
    )  # type: ignore[arg-type]
    assert (unchanged.state, fallen.state, fallen.form) == (
        "holds",
        "refuted",
        "no relevant effect",
    )


def test_points_are_differences_of_shares() -> None:
    sample = pair(0.6, 0.9, 0.01, "share")
    found = judge(
        [condition("increase", 20.0, "points"), condition("increase", 40.0, "points")], sample
    )
    assert [each.state for each in found] == ["holds", "refuted"]
    assert found[0].improvement.value == pytest.approx(30.0)
    assert (found[0].before or found[0].improvement).value == pytest.approx(60.0)


def test_a_level_is_compared_itself() -> None:
    sample = pair(5.0, 1.5)
    most = [condition("at_most", size, "days") for size in (2.0, 1.0, 1.5)]
    assert [each.state for each in judge(most, sample)] == ["holds", "refuted", "undetermined"]
    least = [condition("above", size, "days") for size in (1.0, 2.0)]
    assert [each.state for each in judge(least, sample)] == ["holds", "refuted"]


def test_a_family_of_conditions_is_judged_more_strictly_than_one_alone() -> None:
    sample = pair(10.0, 8.4, 0.4)
    alone = judge([condition()], sample)[0].improvement
    several = judge(
        [condition(), *(condition("decrease", size, "days") for size in (0.1, 0.2))], sample
    )[0].improvement
    assert several.half_width is not None
    assert alone.half_width is not None
    assert several.half_width >= alone.half_width


# ------------------------------------------------------------------------- what cannot be estimated


def test_nothing_before_and_nothing_after_is_no_change() -> None:
    nothing = np.zeros(R)
    sample: Any = Planted({"before": nothing, "after": nothing})
    assert judge([condition("no_increase", 5.0)], sample)[0].state == "holds"


@pytest.mark.parametrize("before", [np.zeros(R), around(-3.0), around(0.1, 3.0)])
def test_a_percentage_of_what_may_be_zero_or_negative_is_refused(before: Any) -> None:
    sample: Any = Planted({"before": before, "after": around(2.0)})
    for found in (
        *judge([condition("no_increase", 5.0)], sample),
        judge_alone(condition("no_increase", 5.0), sample),
    ):
        assert (found.state, found.improvement.value) == ("undetermined", None)
        assert found.note


def test_one_replication_decides_nothing() -> None:
    sample: Any = Planted({"before": np.array([10.0]), "after": np.array([5.0])})
    (found,) = judge([condition()], sample)
    assert (found.state, found.note) == ("undetermined", "needs 2 replications")


def test_what_the_run_did_not_measure_is_said_and_is_no_error() -> None:
    sample = pair(10.0, 5.0)
    missing = condition(measure="signatures")
    nothing_kept = condition("increase", 5.0, "points")
    share = Quantity("cycle_time", "share_at_most_5")
    from dataclasses import replace

    found = judge(
        [missing, replace(nothing_kept, quantity=share), replace(nothing_kept, second="stressed")],
        sample,
    )
    assert [each.state for each in found] == ["undetermined"] * 3
    assert [each.note.partition(":")[0] for each in found] == [
        "not measured",
        "not measured",
        "not in this run",
    ]


def test_the_state_of_what_cannot_be_estimated_is_open() -> None:
    assert state_of(condition(), Estimate(None, None, None, 0, "no completed case")) == (
        "undetermined",
        "",
    )


def test_the_replications_still_needed_bring_the_interval_to_the_threshold() -> None:
    (found,) = judge([condition()], pair(10.0, 8.4, 1.0))
    needed, half, value = (
        replications_needed(found),
        found.improvement.half_width,
        found.improvement.value,
    )
    assert found.state == "undetermined"
    assert needed is not None
    assert half is not None
    assert value is not None
    assert half * (R / needed) ** 0.5 <= abs(value - 15.0) * 1.001


# -------------------------------------------------------------------------------------------- paths


def paths(excess: Any, spread: float = 0.02) -> Any:
    """Paths by week: ten days before, and so much more after, with a little noise."""
    rng = np.random.default_rng(3)
    noise = rng.normal(0.0, spread, (2, R, len(excess)))
    return Planted(
        {}, paths={"before": 10.0 + noise[0], "after": 10.0 + np.asarray(excess) + noise[1]}
    )


def test_the_worst_week_is_what_must_not_rise() -> None:
    guard = condition("no_increase", 10.0, weeks=(0, 8), statistic="max", measure="backlog")
    calm, dip = paths([0.1] * 8), paths([0.1] * 5 + [2.0] + [0.1] * 2)
    assert judge([guard], calm)[0].state == "holds"
    (found,) = judge([guard], dip)
    assert (found.state, found.form) == ("refuted", "the opposite")
    assert found.improvement.value == pytest.approx(-20.0, abs=0.5)


def test_a_worst_week_of_pure_noise_is_no_rise() -> None:
    guard = condition("no_increase", 0.5, weeks=(0, 50), statistic="max", measure="backlog")
    # the largest of fifty noisy weeks lies well above zero
    (found,) = judge([guard], paths(np.zeros(50), spread=0.2))
    assert found.improvement.value is not None
    assert found.improvement.value < 0
    assert found.state == "undetermined"


def recovers(kind: str, size: float) -> Any:
    return condition(kind, size, "months", weeks=(0, 60), statistic=weekly.RECOVERY)


def test_a_recovery_is_where_the_mean_path_over_four_weeks_is_back() -> None:
    # the mean of four weeks passes zero after 39.8 - 1.5 weeks
    falling = paths(np.linspace(2.0, -1.0, 60))
    (found,) = judge([recovers("at_most", 12.0)], falling)
    assert found.state == "holds"
    assert found.improvement.value == pytest.approx(12.0 - 39 * 7 / MONTH, abs=2 * 7 / MONTH)
    assert judge([recovers("at_most", 6.0)], falling)[0].state == "refuted"
    assert judge([recovers("above", 6.0)], falling)[0].state == "holds"


def test_what_is_never_back_is_late_and_not_a_missing_number() -> None:
    never = paths(np.full(60, 1.0))
    most, more = judge([recovers("at_most", 3.0), recovers("above", 6.0)], never)
    assert (most.state, more.state) == ("refuted", "holds")
    assert more.improvement.note == weekly.NEVER


def test_a_bound_beyond_the_weeks_followed_is_not_shown() -> None:
    never = paths(np.full(60, 1.0))
    assert judge([recovers("at_most", 24.0)], never)[0].state == "undetermined"


def test_what_never_rose_is_back_at_once() -> None:
    (found,) = judge([recovers("at_most", 3.0)], paths(np.full(60, -1.0)))
    assert (found.state, found.improvement.value) == ("holds", 3.0)
