"""Two configurations compared: what theory knows, and what must be exactly nothing.

And what must not be said.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import govsim as gs
from govsim.evidence.comparison.result import GAINS, LOSES, Comparison
from govsim.evidence.comparison.study import compare
from govsim.evidence.estimates import change, level, percent
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.statistics.estimate import Estimate
from shipped import SCENARIOS, shipped
from toy import TOY


@cache
def of(name: str, n: int = 12, measure: str = "cycle_time_working") -> Comparison:
    return compare(shipped(name, n), measure=measure)


@cache
def toy(text: str = TOY, n: int = 10) -> gs.Runs:
    return gs.run(
        gs.load("toy.yaml", text),
        n=n,
        configurations=("before", "after"),
        keep="cases",
        progress=False,
    )


def error(estimate: Estimate) -> float:
    """The standard error behind an interval, roughly."""
    assert estimate.half_width is not None
    return estimate.half_width / 2.0


# ---------------------------------------------------------------------------------- nothing changes


def test_a_reform_that_changes_nothing_changes_nothing_in_any_number() -> None:
    found = of("null_reform", 5)
    for row in found.rows:
        for each in (row.change, row.percent, *([row.together] if row.together else [])):
            assert (each.value, each.low, each.high) == (0.0, 0.0, 0.0), row
        assert row.before.value == row.after.value
        assert row.verdict == ""
    assert found.effects is not None
    assert found.changes is not None
    for curve in (found.effects, found.changes):
        assert {*curve.value, *curve.low, *curve.high} == {0.0}
    for matched in found.matched.values():
        assert (matched.slower.value, matched.equal.value, matched.faster.value) == (0.0, 1.0, 0.0)
    assert {part.change.value for part in found.parts} == {0.0}
    assert found.who(LOSES) == found.who(GAINS) == ()


# -------------------------------------------------------------------------------- what theory knows


@pytest.mark.slow
def test_pooling_that_helps_on_average_harms_the_many() -> None:
    """Waits of 1 and 10 become 1.59: quick cases lose, slow ones win;
    theory and the shares of 04-evidence.md.
    """
    found = of("harmful_pooling", 60)
    minutes = 1440.0
    expected = {"quick": 0.59, "slow": 1.59 - 10.0, "mix": (10 * 0.59 + (1.59 - 10.0)) / 11}
    for name, gain in expected.items():
        moved = found.row(name).change.times(minutes)
        assert moved.value == pytest.approx(gain, abs=4 * error(moved) + 0.02), name
    assert found.who(LOSES) == (("quick", "mean"), ("quick", "p90"))
    assert found.who(GAINS) == (("slow", "mean"), ("slow", "p90"))
    assert found.row().verdict == GAINS
    shares = found.matched["mix"]
    for share, known in ((shares.any_slower, 0.15), (shares.any_faster, 0.35)):
        assert share.value == pytest.approx(known, abs=0.02)


@pytest.mark.slow
def test_four_queues_become_one() -> None:
    """A wait of 4 hours becomes 0.74554 at a load of 0.8."""
    found = of("four_windows", 12)
    moved = found.row().change.times(24.0)
    assert moved.value == pytest.approx(0.74554 - 4.0, abs=4 * error(moved))
    assert found.row().verdict == GAINS
    assert [load.load for load in found.loads.values()] == pytest.approx([0.8, 0.8])
    assert not found.unstable


@pytest.mark.slow
def test_common_draws_save_no_more_than_their_ceiling() -> None:
    for name in ("four_windows", "harmful_pooling"):
        reduction = of(name, 12 if name == "four_windows" else 60).reduction
        assert reduction is not None
        assert reduction.factor is not None
        assert reduction.ceiling is not None
        assert 0 < reduction.factor <= reduction.ceiling


# ---------------------------------------------------------------------------------------- adding up


def test_the_parts_add_up_to_the_cycle_time() -> None:
    found = compare(toy(), measure="cycle_time")
    mean = found.row()
    for which in ("before", "after", "change"):
        parts = [getattr(part, which).value for part in found.parts]
        assert len(parts) == 8
        assert math.fsum(parts) == pytest.approx(getattr(mean, which).value, rel=1e-12), which


def test_levels_and_changes_agree_and_percentages_are_of_the_level_before() -> None:
    told = 0
    for row in compare(toy()).rows:
        before, after, changed = (each.value for each in (row.before, row.after, row.change))
        assert before is not None
        assert after is not None
        assert changed == pytest.approx(after - before)
        if row.percent.value is None:
            assert row.percent.note == "the level before may be zero", row
        else:
            assert row.percent.value == pytest.approx(100.0 * changed / before)
            told += 1
    assert told >= 8


def test_an_interval_that_holds_for_a_whole_table_is_no_narrower_than_one_that_holds_alone() -> (
    None
):
    rows = [
        row for row in compare(toy()).rows if row.together is not None and row.kind == "service"
    ]
    assert len(rows) == 4
    for row in rows:
        assert row.together is not None
        assert row.together.value == pytest.approx(row.change.value)
        assert (row.together.half_width or 0.0) >= 0.999 * (row.change.half_width or 0.0)


def test_a_channel_is_compared_with_itself() -> None:
    cases = toy().cases()
    counted = cases[(cases["filed"] >= "2024-01-15") & (cases["filed"] < "2024-02-12")]
    assert set(counted["outcome"]) == {"completed", "rejected"}
    days = (counted["ended"] - counted["filed"]) / pd.Timedelta(days=1)
    twin = days.groupby([counted["configuration"], counted["channel"]], observed=True).mean()
    found = compare(toy(), measure="cycle_time")
    for value in ("online", "counter"):
        row = found.row(f"channel={value}")
        assert row.kind == "channel"
        assert row.before.value == pytest.approx(twin["before", value], rel=1e-6)
        assert row.after.value == pytest.approx(twin["after", value], rel=1e-6)


def test_cohorts_stand_beside_the_one_that_was_asked_for() -> None:
    found = compare(toy())
    early = compare(toy(), cohort="early")
    assert found.row("early").change.value == early.row().change.value
    assert early.row("counted").change.value == found.row().change.value


def test_the_three_questions_take_the_interval_that_each_needs() -> None:
    sample = Sample.of(toy())
    mean, tail = Quantity("cycle_time_working", "mean"), Quantity("cycle_time_working", "p90")
    share = Quantity("within_promise", "share")
    paired = sample.values(mean, "after") - sample.values(mean, "before")
    assert sample.is_mean(mean)
    assert change(sample, mean, "before", "after").value == pytest.approx(paired.mean())
    ones = np.ones((1, sample.replications))
    for quantity in (tail, share):
        assert level(sample, quantity, "after").value == pytest.approx(
            sample.pooled(quantity, "after")(ones)[0]
        )
    kept = level(sample, share, "after")
    assert kept.low is not None
    assert kept.high is not None
    assert 0.0 <= kept.low <= kept.high <= 1.0
    before, after = (sample.values(mean, name).mean() for name in ("before", "after"))
    assert percent(sample, mean, "before", "after").value == pytest.approx(
        100.0 * (after / before - 1.0)
    )


# ---------------------------------------------------------------------------- what must not be said


def overloaded(name: str = "four_windows") -> gs.Scenario:
    text = (
        (SCENARIOS / f"{name}.yaml")
        .read_text(encoding="utf-8")
        .replace("per_year: 7012.8", "per_year: 9642.6")
    )
    text = text.replace("count_until: 2024-12-31", "count_until: 2024-08-31").replace(
        "2025-06-30", "2024-09-30"
    )
    return gs.load("overloaded.yaml", text)


@pytest.mark.slow
def test_where_queues_cannot_settle_no_percentages_are_told_but_how_fast_the_backlog_grows() -> (
    None
):
    """11 cases come in ten hours to clerks who do 10: 4 x 0.1 more each hour,
    whatever the queue.
    """
    found = compare(gs.run(overloaded(), n=8, configurations=("before", "after"), progress=False))
    assert found.unstable == ("before", "after")
    for row in found.rows:
        assert row.percent.value is None
        assert "cannot settle" in row.percent.note
    for name in ("before", "after"):
        growth = found.growth[name]
        assert growth.value == pytest.approx(4 * 0.1 * 24 * 365.25 / 12, abs=4 * error(growth))
    assert "cannot settle" in str(found)


SHORT = TOY.replace("horizon: 2024-03-31", "horizon: 2024-02-12")


def test_a_shorter_look_changes_no_quantile_within_it_and_tells_none_beyond() -> None:
    """The same applicants followed for one working day and for seven weeks."""
    found, whole = compare(toy(SHORT)), compare(toy())
    for scope in ("mix", "quick", "slow"):
        for which in ("before", "after"):
            known = getattr(whole.row(scope, "median"), which).value
            assert getattr(found.row(scope, "median"), which).value == pytest.approx(
                known, rel=0.01
            )
    later, tail = whole.row("slow", "p90").before.value, found.row("slow", "p90")
    assert later is not None
    assert later > 1.0
    assert (tail.before.value, tail.before.note) == (None, "> 1 working days")
    assert tail.change.value is None
    mean, short = (each.row("slow").before.value for each in (whole, found))
    assert mean is not None
    assert short is not None
    assert short < mean
    assert any("are of the first 1" in each.said() for each in found.warnings)


def test_a_median_that_was_not_reached_says_so() -> None:
    endless = TOY.replace("gamma: {mean: 60 min, cv: 0.8}", "gamma: {mean: 40 h, cv: 0.8}")
    row = compare(toy(endless)).row("slow", "median")
    assert row.before.value is None
    # seven weeks of five days
    assert row.before.note == "> 35 working days"


@pytest.mark.slow
def test_unequal_staff_is_said_where_the_change_is_told() -> None:
    assert "posts: before 1, after 2 (unequal: part of any change is the staff)" in str(
        of("slow_helper", 3)
    )
    assert "unequal" not in str(of("four_windows", 12))


def test_one_replication_has_numbers_but_no_interval_and_no_verdict() -> None:
    found = compare(toy(n=1))
    assert found.row().change.value is not None
    assert found.row().change.low is None
    assert {row.verdict for row in found.rows} == {""}
    assert "nan" not in str(found).lower()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["null_reform", "harmful_pooling"])
def test_nothing_is_ever_nan(name: str) -> None:
    found = of(name, 5 if name == "null_reform" else 60)
    json.dumps(found.to_dict(), allow_nan=False)
    assert "nan" not in str(found).lower()
    assert "nan" not in found._repr_html_().lower()
    assert set(found.to_frame()["quantity"]) == {
        "before",
        "after",
        "change",
        "percent",
        "change, all at once",
    }
    assert found.plot().get_lines()


@pytest.mark.parametrize(
    "measure", ["within_promise", "throughput", "window_wait", "visits", "lateness"]
)
def test_any_measure_can_be_compared(measure: str) -> None:
    found = compare(toy(), measure=measure)
    json.dumps(found.to_dict(), allow_nan=False)
    assert measure in str(found)
    assert found.row(statistic=found.rows[0].statistic).change.value is not None


@pytest.mark.slow
def test_more_cases_within_the_promise_are_a_gain() -> None:
    """A queue at load 0.8 keeps some for more than a day; pooled, nobody."""
    row = of("four_windows", 12, "within_promise").row(statistic="share")
    assert row.after.value == 1.0
    assert row.change.low is not None
    assert row.change.low > 0
    assert (row.change.value or 0.0) < 0.01
    assert row.verdict == ""  # less than the point that matters
    text = (SCENARIOS / "four_windows.yaml").read_text(encoding="utf-8")
    stated = text.replace("experiment:\n", "experiment:\n  matters: {points: 0.01}\n")
    runs = gs.run(
        gs.load("four.yaml", stated), n=12, configurations=("before", "after"), progress=False
    )
    assert compare(runs, measure="within_promise").row(statistic="share").verdict == GAINS


def test_a_pair_that_was_not_matched_is_compared_but_for_its_applicants() -> None:
    found = compare(toy(), second="before", first="after")
    assert found.row().change.value == pytest.approx(-(compare(toy()).row().change.value or 0.0))
    assert found.matched == {}
    assert "not matched" in str(found)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            {"second": "afterwards"},
            "no configuration 'afterwards' in this run; there are before, after",
        ),
        ({"cohort": "late"}, "no cohort 'late' in this run; there are counted, early"),
        ({"measure": "speed"}, "no measure 'speed'"),
        ({"second": "before"}, "before cannot be compared with itself"),
    ],
)
def test_what_a_run_does_not_hold_is_refused_with_what_it_holds(
    asked: dict[str, str], words: str
) -> None:
    with pytest.raises(gs.StoreError, match=words):
        compare(toy(), **asked)  # type: ignore[arg-type]


def test_where_the_scenario_cannot_be_read_any_more_only_the_loads_are_missing(
    tmp_path: Path,
) -> None:
    runs = toy()

    lost = gs.Runs(runs._store)
    lost.settings = replace(runs.settings, text="govsim: 1\n")
    found = compare(lost)
    assert found.loads == {}
    assert found.rows == compare(runs).rows


# ------------------------------------------------------------------------------------- what matters


def test_nobody_gains_or_loses_by_less_than_what_the_file_says_matters() -> None:
    plain = compare(toy(), measure="cycle_time")
    far = compare(toy(TOY + "  matters: {days: 30}\n"), measure="cycle_time")
    near = compare(toy(TOY + "  matters: {days: 0.0001}\n"), measure="cycle_time")
    assert any(row.verdict for row in near.rows)
    assert not any(row.verdict for row in far.rows)
    assert [row.change for row in far.rows] == [row.change for row in plain.rows]
    mix = [each.matched["mix"] for each in (near, plain, far)]
    equal = [each.equal.value or 0.0 for each in mix]
    assert equal[0] < equal[1] < equal[2] == 1.0
    assert len({each.any_slower for each in mix}) == len({each.any_faster for each in mix}) == 1
    assert "to the minute" in str(far)


def test_what_counts_as_a_difference_is_told_and_whether_it_is_assumed() -> None:
    said = " ".join(compare(toy()).sentences())
    assert "a difference matters, assumed where the file states nothing, from 5 % of the" in said
    assert "1 points of a share; 0.05 of a count per case" in said
    every = "  matters: {days: 2, min: 3, points: 4, count: 0.5}\n"
    said = " ".join(compare(toy(TOY + every)).sentences())
    assert "as the file states, from 2 days of a time in days; 3 minutes of a time in" in said
