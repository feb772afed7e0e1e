"""A run has enough replications once the interval is as narrow as asked.

And not a moment earlier.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import govsim as gs
from govsim.evidence.runs import Runs
from govsim.experiment.stopping import Until, until
from govsim.statistics.estimate import Estimate, estimate, nominal, student
from govsim.statistics.mean import of_mean
from small_office import office

BANK = np.array([1.53, 1.66, 1.24, 2.34, 2.00, 1.69, 2.69, 2.86, 1.70, 2.60])
REFORM = """
reform:
  online: {kind: process, set: {parameters.incomplete: {times: better}}}
experiment:
  seed: 1
  cohorts: {late: 2024-05-01..2024-06-30}
  until: {%s}
"""


def width(found: Estimate) -> float:
    assert found.half_width is not None
    return found.half_width


def students(values: np.ndarray) -> float:
    """Half-width by Student's t at the level that so few replications need."""
    number = len(values)
    return student(number, nominal(number)) * float(values.std(ddof=1)) / number**0.5


def test_replications_stop_once_the_interval_is_narrow_and_stayed_so() -> None:
    values = np.random.default_rng(3).normal(0.0, 1.0, 400)
    stopped = next(n for n in range(3, 400) if until(values[:n], 0.3).stop)
    assert width(of_mean(values[:stopped])) <= 0.3
    # by Student's t in the look-ahead, as much wider as the interval is at the end
    wider = width(of_mean(values[:stopped])) / students(values[:stopped])
    halves = [wider * students(values[:n]) for n in range(stopped - 5, stopped + 1)]
    assert max(halves) <= 0.3
    assert width(of_mean(values[: stopped - 10])) > 0.3
    assert not until(values[: stopped - 1], 0.3).stop
    assert until(values[: stopped - 1], 0.3).more >= 1


def test_the_look_ahead_grows_with_the_replications() -> None:
    values = np.random.default_rng(3).normal(0.0, 1.0, 1200)
    stopped = next(n for n in range(3, 1200) if until(values[:n], 0.1).stop)
    since = stopped - 5 * stopped // 105
    assert since > 300
    assert all(width(estimate(values[:n])) <= 0.1 for n in range(since, stopped + 1))


def test_fewer_than_thirty_replications_are_never_enough() -> None:
    values = np.random.default_rng(3).normal(0.0, 1e-6, 60)
    assert not any(until(values[:n], 0.3).stop for n in range(35))
    assert "needs 30 replications" in until(values[:29], 0.3).reason
    assert until(values[:35], 0.3).stop


def test_skewed_replications_need_more_than_students_t_says() -> None:
    values = np.random.default_rng(3).lognormal(0.0, 1.0, 400)
    stopped = next(n for n in range(30, 400) if until(values[:n], 0.5).stop)
    assert width(of_mean(values[:stopped])) <= 0.5
    assert students(values[: stopped - 10]) < 0.5


def test_what_is_asked_for_next_is_about_what_is_needed() -> None:
    values = np.random.default_rng(3).normal(0.0, 1.0, 2000)
    first = until(values[:40], 0.1)
    assert not first.stop
    assert 40 + first.more == pytest.approx((1.96 * values[:40].std(ddof=1) / 0.1) ** 2, rel=0.15)


@pytest.mark.parametrize(
    "values", [[], [1.0], [1.0, 2.0], [0.0] * 50, [7.0] * 50, [np.nan] * 9, [np.nan] * 9 + [1.0]]
)
def test_nothing_constant_or_single_is_ever_enough(values: list[float]) -> None:
    found = until(np.array(values), 0.5)
    assert not found.stop
    assert found.more >= 1
    assert found.reason


def test_a_half_width_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        until(BANK, 0.0)


def test_noise_that_looks_narrow_for_a_moment_does_not_stop_the_replications() -> None:
    values = np.append(1 + 0.01 * np.arange(31.0), [5.0, 1.0, 7.0, -3.0, 2.0, 9.0])
    assert "looking ahead" in until(values[:31], 0.1).reason
    assert not any(until(values[:n], 0.1).stop for n in range(len(values) + 1))


# ----------------------------------------------------------------------------------------- in a run


def run(rule: str, workers: int = 2, out: Path | None = None, n: int | None = None) -> Runs:
    return gs.run(
        office(REFORM % rule), n, ("before", "after"), workers=workers, out=out, progress=False
    )


def changes(runs: Runs, measure: str, scope: str = "mix", cohort: str = "counted") -> np.ndarray:
    found = [
        [
            arrays[f"{name}/values"][runs.index.place(measure, "mean", scope, cohort)]
            for name in runs.configurations
        ]
        for _, arrays in runs.arrays()
    ]
    return np.diff(np.array(found), axis=1)[:, 0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "where"),
    [
        ("measure: cycle_time_working, half_width: 0.1 working days", ("cycle_time_working",)),
        (
            "measure: cycle_time, half_width: 4 h, of: permit, cohort: late",
            ("cycle_time", "permit", "late"),
        ),
    ],
)
def test_a_run_stops_at_the_first_look_at_which_the_change_is_known_well_enough(
    rule: str, where: tuple[str, ...]
) -> None:
    found = changes(run(rule), *where)
    asked = 0.1 if "working" in rule else 4 / 24
    assert until(found, asked).stop
    assert width(of_mean(found)) <= asked
    assert not until(found[: 2 * len(found) // 3], asked).stop


@pytest.mark.slow
def test_how_many_they_are_depends_neither_on_the_threads_nor_on_an_interruption(
    tmp_path: Path,
) -> None:
    rule = "measure: cycle_time_working, half_width: 0.1 working days"
    one, two = run(rule, 1), run(rule, 2, tmp_path)
    folder = two.folder
    assert folder is not None
    assert one.replications == two.replications > 8
    assert one.settings.replications == two.settings.replications == one.replications
    whole = two._store.digest()
    assert one._store.digest() == whole
    two._store.close()
    with closing(sqlite3.connect(folder / "run.sqlite")) as rows, rows:
        rows.execute("DELETE FROM replications WHERE number IN (1, 7, 9)")
    assert gs.resume(folder, progress=False)._store.digest() == whole


def test_a_run_with_a_number_of_its_own_is_not_prolonged_by_the_rule(tmp_path: Path) -> None:
    runs = run("measure: cycle_time_working, half_width: 0.1 working days", out=tmp_path, n=4)
    assert runs.folder is not None
    assert gs.resume(runs.folder, progress=False).replications == 4


def test_a_rule_that_is_never_satisfied_ends_at_its_limit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scenario = office(
        REFORM % "measure: cycle_time_working, half_width: 0.001 working days, at_most: 32"
    )
    assert gs.run(scenario, configurations=("before", "after")).replications == 32
    assert "32 replications: the interval is still wider" in capsys.readouterr().err


def asked(
    rule: str, runs: Runs, configurations: tuple[str, ...] = ("before", "after")
) -> np.ndarray:
    found = Until.of(office(REFORM % rule))
    assert found is not None
    return found.values((row for _, row in runs.arrays()), runs.index, configurations)


def test_several_services_weigh_as_their_demand_and_counts_add_up() -> None:
    runs = gs.run(
        office(REFORM % "measure: cycle_time, half_width: 1 h"),
        3,
        ("before", "after"),
        progress=False,
    )
    each = [
        asked(f"measure: cycle_time, half_width: 1 h, of: {name}", runs)
        for name in ("permit", "enquiry")
    ]
    assert asked(
        "measure: cycle_time, half_width: 1 h, of: [permit, enquiry]", runs
    ) == pytest.approx((each[0] + 2 * each[1]) / 3)
    counts = [
        asked(f"measure: counted, half_width: 1, of: {name}", runs, ("before",))
        for name in ("permit", "enquiry")
    ]
    assert (
        asked("measure: counted, half_width: 1, of: [permit, enquiry]", runs, ("before",))
        == sum(counts)
    ).all()


def test_a_service_without_the_number_is_left_out_of_several() -> None:
    """An enquiry has no promise."""
    runs = gs.run(
        office(REFORM % "measure: cycle_time, half_width: 1 h"),
        3,
        ("before", "after"),
        progress=False,
    )
    both, alone = (
        asked(f"measure: within_promise, half_width: 2 points, of: {each}", runs)
        for each in ("[permit, enquiry]", "permit")
    )
    assert np.array_equal(both, alone)
    assert np.isnan(asked("measure: within_promise, half_width: 2 points, of: enquiry", runs)).all()


def test_several_services_weigh_by_their_demand_whatever_the_mix() -> None:
    runs = gs.run(
        office(REFORM % "measure: cycle_time, half_width: 1 h" + "  mix: [permit]\n"),
        3,
        ("before", "after"),
        progress=False,
    )
    assert runs.index.stated(("permit", "enquiry"))[
        [runs.index.services.index(n) for n in ("permit", "enquiry")]
    ] == pytest.approx(np.array([1.0, 2.0]) * runs.index.stated(("permit",)).sum())


def test_shares_are_told_in_points() -> None:
    rule = Until.of(office(REFORM % "measure: within_promise, half_width: 2 points"))
    assert rule is not None
    assert rule.half_width == pytest.approx(0.02)
    assert rule.told() == "until within_promise is known within ±2 points, at most 2000"


def test_a_number_asked_for_later_counts_more_than_the_rule(tmp_path: Path) -> None:
    rule = "measure: cycle_time_working, half_width: 0.1 working days"
    done = run(rule, out=tmp_path)
    folder, number = done.folder, done.replications
    assert folder is not None
    done._store.close()
    gs.resume(folder, number + 3, progress=False)._store.close()
    with closing(sqlite3.connect(folder / "run.sqlite")) as rows, rows:
        rows.execute("DELETE FROM replications WHERE number > ?", (number,))
    assert gs.resume(folder, progress=False).replications == number + 3
