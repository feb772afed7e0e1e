"""Staffing: which posts could go, one at a time and together, and how few keep the promise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from click.testing import CliRunner, Result

import theory
from govsim import cli
from govsim.engine.calendars import member_hours
from govsim.errors import Interrupted, RunError
from govsim.evidence.conditions.condition import HOLDS, REFUTED
from govsim.evidence.sample.replications import Floats
from govsim.evidence.staffing import rosters as posts
from govsim.evidence.staffing.result import IMPOSSIBLE, SAME, Staffing
from govsim.evidence.staffing.rosters import Roster, refusal, roster_of, staffed
from govsim.evidence.staffing.search import additions, removals, room_used
from govsim.evidence.staffing.study import staff
from govsim.model import compile_model
from govsim.organisation.configure import configure
from govsim.organisation.load import load
from govsim.scenario import Scenario
from govsim.store import content_digest

CLERKS, OFFERED, MINUTES = 9, 3.6, 360.0  # M/M/9 of which 3.6 are busy

HEAD = """
govsim: 1
title: A hall
start: 2024-01-01
reform_day: 2024-02-01
count_from: 2024-03-01
count_until: 2024-08-31
horizon: 2024-12-31
calendars:
  always_open: {day: 24 h, week: {mon-sun: ["00:00-24:00"]}}
  office: {day: 8 h, week: {mon-fri: ["08:00-12:00", "14:00-18:00"]}}
departments: {hall: {}}
"""

QUEUE = f"""{HEAD}
desks: {{window: {{department: hall, kind: window}}}}
staff: {{clerks: {{department: hall, calendar: always_open, members: {CLERKS},
    serves: {{window: 1.0}}}}}}
services:
  permit: {{department: hall, calendar: always_open, promise: 1 working day,
           demand: {{per_year: {OFFERED / MINUTES * 1440 * 365.25}, calendar: always}},
           route: [{{task: serve, desk: window,
               effort: {{exponential: {{mean: {MINUTES} min}}}}}}]}}
"""

HALL = f"""{HEAD}
desks:
  counter: {{department: hall, kind: window}}
  files: {{department: hall, kind: review}}
  seal: {{department: hall, kind: signature}}
  back: {{department: hall, kind: internal}}
staff:
  idle: {{department: hall, calendar: office, members: 2, absence: 0.1, serves: {{counter: 1.0}}}}
  loaded: {{department: hall, calendar: office, members: 2, serves: {{files: 1.0}}}}
  helpers: {{department: hall, calendar: office, members: 3, absence: 0.1,
      serves: {{counter: [1.0, 2], back: 1.0}}}}
  signer: {{department: hall, calendar: office, members: 1, serves: {{seal: 1.0}}}}
services:
  permit: {{department: hall, calendar: office, promise: 5 working days,
      demand: {{per_year: 2000, calendar: office}},
           route: [{{task: ask, desk: counter, effort: {{exponential: {{mean: 2 min}}}}}},
                   {{task: look, desk: files, effort: {{exponential: {{mean: 70 min}}}}}},
                   {{task: sign, desk: seal, effort: {{constant: 3 min}}}}]}}
  reports: {{department: hall, calendar: office, internal: true,
      demand: {{per_year: 1800, calendar: office}},
            route: [{{task: write, desk: back, effort: {{exponential: {{mean: 120 min}}}}}}]}}
"""


def scenario(folder: Path, text: str) -> Scenario:
    path = folder / "hall.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def govsim(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Staffing:
    folder = tmp_path_factory.mktemp("queue")
    return staff(
        scenario(folder, QUEUE), n=40, keep_p90=0.10, folder=folder / "staff", progress=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hall")


@pytest.fixture(scope="module")
def hall(folder: Path) -> Staffing:
    return staff(
        scenario(folder, HALL),
        n=24,
        workers=2,
        keep_p90=0.15,
        folder=folder / "staff",
        progress=False,
    )


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[Staffing, Path]:
    """The same hall in few replications, and where they are."""
    place = tmp_path_factory.mktemp("few")
    found = staff(
        scenario(place, HALL), n=6, workers=2, keep_p90=0.15, folder=place / "staff", progress=False
    )
    return found, place / "staff"


# ------------------------------------------------------------------------------------- closed forms


def stays_longer(clerks: int, minutes: float) -> float:
    """Chance that a stay in M/M/c lasts longer: waiting (Erlang C) and service added up."""
    waits, spare, x = theory.erlang_c(clerks, OFFERED), clerks - OFFERED - 1, minutes / MINUTES
    return float(np.exp(-x) * (1 + waits * (1 - np.exp(-x * spare)) / spare))


def ninth_in_ten(clerks: int) -> float:
    grid = np.linspace(0.0, 20 * MINUTES, 200_001)
    return float(
        grid[np.searchsorted([-stays_longer(clerks, each) for each in grid[::100]], -0.1) * 100]
    )


def kept(clerks: int) -> float:
    """The promise ends a day after the midnight that follows filing."""
    return 1.0 - float(
        np.mean(
            [stays_longer(clerks, 1440 * (1 + day)) for day in np.linspace(0.0005, 0.9995, 1000)]
        )
    )


@pytest.mark.slow
def test_as_many_posts_go_together_as_erlang_c_says(queue: Staffing) -> None:
    fewest = min(c for c in range(5, CLERKS + 1) if ninth_in_ten(c) <= 1.10 * ninth_in_ten(CLERKS))
    assert queue.together == CLERKS - fewest
    assert queue.cuts[0].removed == ("clerks",) * (CLERKS - fewest)
    change = queue.cuts[0].changes["permit"]
    assert change.low is not None
    assert change.high is not None
    assert change.low < 100 * (ninth_in_ten(fewest) / ninth_in_ten(CLERKS) - 1) < change.high


@pytest.mark.slow
def test_as_few_posts_keep_the_promise_as_erlang_c_says(queue: Staffing) -> None:
    fewest = min(c for c in range(4, CLERKS + 1) if kept(c) >= 0.95)
    assert [(each.found, each.confirmed) for each in queue.promised] == [(fewest, fewest)] * 2
    share = queue.promised[0].shares["permit"]
    assert share.low is not None
    assert share.high is not None
    assert share.low < 100 * kept(fewest) < share.high


@pytest.mark.slow
def test_where_posts_are_short_they_are_added_until_the_promise_is_kept(tmp_path: Path) -> None:
    short = scenario(tmp_path, QUEUE.replace(f"members: {CLERKS}", "members: 4"))
    found = staff(short, n=30, folder=tmp_path / "staff", progress=False).promised[0]
    assert (found.present, found.found, found.confirmed, found.change) == (4, 5, 5, {"clerks": 1})


# ------------------------------------------------------------------------------------------- a hall


@pytest.mark.slow
def test_a_post_of_an_idle_group_can_go_and_one_of_a_loaded_group_cannot(hall: Staffing) -> None:
    assert {name: each.verdict for name, each in hall.family.items()} == {
        "idle": HOLDS,
        "loaded": REFUTED,
        "helpers": HOLDS,
    }
    assert hall.one_at_a_time == 2
    minutes = {each.group: each.minutes for each in hall.less}
    assert minutes["idle"] is not None
    assert minutes["loaded"] is not None
    assert minutes["idle"] < 0.1 * minutes["loaded"]


@pytest.mark.slow
def test_the_only_one_who_serves_a_desk_is_not_taken_away(hall: Staffing) -> None:
    signer = next(each for each in hall.less if each.group == "signer")
    assert signer.verdict == IMPOSSIBLE
    assert "seal" in signer.reason
    assert "permit" in signer.reason
    assert "signer" not in hall.family
    assert "signer" not in {group for cut in hall.cuts for group in cut.removed}


@pytest.mark.slow
def test_internal_jobs_that_slow_down_are_told_though_every_service_is_kept(hall: Staffing) -> None:
    slowed = hall.family["helpers"].internal["reports"]
    assert slowed.low is not None
    assert slowed.low > hall.keep
    said = [each.said() for each in hall.warnings]
    assert any("internal jobs slow down" in each and "helpers" in each for each in said)
    free, kept_too = hall.cuts
    assert "helpers" in free.removed[: free.confirmed]
    assert "helpers" not in kept_too.removed
    assert any(free.worst_internal in each.said() for each in hall.warnings)


@pytest.mark.slow
def test_a_queue_that_cannot_settle_is_no_saving(hall: Staffing) -> None:
    assert "cannot settle" in hall.family["loaded"].reason
    assert "loaded" not in hall.cuts[0].removed


@pytest.mark.slow
def test_nothing_that_changes_nothing_is_reported_as_a_change(hall: Staffing) -> None:
    same = hall.all_posts.changes["permit"]
    assert hall.all_posts.group == SAME
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


@pytest.mark.slow
def test_a_result_reads_back_from_its_file_and_holds_no_nan(hall: Staffing, folder: Path) -> None:
    text = (folder / "staff" / "staff.json").read_text(encoding="utf-8")
    assert Staffing.from_dict(json.loads(text)) == hall
    assert "NaN" not in text
    assert "Infinity" not in text
    assert "nan" not in str(hall)


@pytest.mark.slow
def test_a_result_prints_itself_as_text_page_frame_and_picture(hall: Staffing) -> None:
    assert "posts that could go one at a time: 2" in str(hall)
    assert max(map(len, str(hall).splitlines())) <= 100
    assert repr(hall).startswith("<Staffing ")
    assert "2 of 3" in repr(hall)
    assert hall._repr_html_().startswith("<table>")
    assert set(hall.to_frame()["group"]) == {SAME, "idle", "loaded", "helpers"}
    mpl.use("Agg")
    assert [label.get_text() for label in hall.plot().get_yticklabels()] == [
        "idle",
        "loaded",
        "helpers",
    ]


# ----------------------------------------------------------------------------------- how it is done


@pytest.mark.slow
def test_one_thread_and_two_give_the_same(few: tuple[Staffing, Path], tmp_path: Path) -> None:
    two, folder = few
    alone = staff(
        scenario(tmp_path, HALL),
        n=6,
        workers=1,
        keep_p90=0.15,
        folder=tmp_path / "staff",
        progress=False,
    )
    assert content_digest(tmp_path / "staff") == content_digest(folder)
    assert replace(alone, where=two.where) == two


@pytest.mark.slow
def test_a_search_goes_on_where_it_stopped(few: tuple[Staffing, Path], tmp_path: Path) -> None:
    once, _ = few
    stated = scenario(tmp_path, HALL)
    place: dict[str, Any] = {
        "keep_p90": 0.15, "folder": tmp_path / "twice", "progress": False,
    }  # fmt: skip
    staff(stated, n=4, **place)
    again = staff(stated, n=6, **place)
    assert replace(again, where=once.where) == once
    digest = content_digest(tmp_path / "twice")
    assert staff(stated, n=6, **place) == again
    assert content_digest(tmp_path / "twice") == digest


@pytest.mark.slow
def test_a_search_that_is_interrupted_says_how_to_go_on_and_loses_nothing(
    few: tuple[Staffing, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    once, _ = few
    calls = 0

    one = posts.Trials.__call__

    def stops(self: posts.Trials, number: int) -> Any:
        nonlocal calls
        calls += 1
        if calls == 40:
            raise KeyboardInterrupt
        return one(self, number)

    monkeypatch.setattr(posts.Trials, "__call__", stops)
    stated = scenario(tmp_path, HALL)
    with pytest.raises(
        Interrupted, match=r"of \d+; nothing is lost\. Continue with the same command"
    ):
        staff(stated, n=6, keep_p90=0.15, folder=tmp_path / "staff", progress=False)
    assert 40 <= calls < 60  # of about ninety
    again = staff(stated, n=6, keep_p90=0.15, folder=tmp_path / "staff", progress=False)
    assert replace(again, where=once.where) == once


def test_whoever_stays_has_the_same_absences(tmp_path: Path) -> None:
    after = configure(scenario(tmp_path, HALL), "after")
    models = [
        compile_model(staffed(after, each)) for each in ((2, 2, 3, 1), (2, 2, 2, 1), (1, 2, 4, 1))
    ]
    hours = [member_hours(model.arrays, np.uint64(5), 3) for model in models]

    def of(k: int, member: str) -> list[float]:
        place = models[k].names.members.index(member)
        return list(hours[k].opens[hours[k].first[place] : hours[k].first[place + 1]])

    for stays in ("helpers 1", "helpers 2", "idle 1"):
        assert of(0, stays) == of(1, stays) == of(2, stays)
    assert (
        max(of(1, "helpers 3")) < max(of(0, "helpers 3"))
        or models[1].arrays.staff.takes[1].tolist().count(0) == 1
    )


def test_posts_are_those_from_the_reform_day_on(tmp_path: Path) -> None:
    after = configure(scenario(tmp_path, HALL), "after")
    fewer = staffed(after, (1, 2, 3, 1))
    assert roster_of(fewer, "after") == Roster("after", (1, 2, 3, 1))
    assert fewer.regimes[0] is after.regimes[0]
    assert refusal(after, (0, 2, 3, 1)) == ""  # the helpers serve the counter too
    assert "files" in refusal(after, (2, 0, 3, 1))
    with pytest.raises(ValueError, match="helpers"):
        staffed(staffed(after, (2, 2, 0, 1)), (2, 2, 1, 1))


# --------------------------------------------------------------------------------------- the search


def waiting(rosters: Sequence[Roster]) -> list[Floats]:
    """Two services, one hit by the first group alone, the other by both."""
    return [
        np.array([8.0 / each.posts[0], 3.0 / each.posts[0] + 12.0 / each.posts[1]])
        for each in rosters
    ]


def one_by_one(start: Roster, limits: Floats) -> list[int]:
    """The search, with every candidate tried in every round."""
    roster, removed = start, list[int]()
    while True:
        (now,) = waiting([roster])
        ways = [
            (room_used(now, waiting([roster.with_change(k, -1)])[0], limits), k)
            for k in (0, 1)
            if roster.posts[k] > 1
        ]
        if not ways or min(ways)[0] > 1.0:
            return removed
        removed.append(min(ways)[1])
        roster = roster.with_change(removed[-1], -1)


@pytest.mark.parametrize("limits", [(2.0, 4.0), (5.0, 4.0), (3.0, 9.0), (1.0, 2.0)])
def test_the_search_takes_away_what_costs_least_and_stops_at_the_limit(
    limits: tuple[float, float],
) -> None:
    start, most = Roster("after", (9, 9)), np.array(limits)
    removed = removals(start, waiting, most, lambda roster: min(roster.posts) > 0)
    assert removed == one_by_one(start, most)
    left = replace(start, posts=tuple(9 - removed.count(k) for k in (0, 1)))
    assert (waiting([left])[0] <= most).all()
    assert all((waiting([left.with_change(k, -1)])[0] > most).any() for k in (0, 1))


def test_a_candidate_that_costs_much_is_not_tried_in_every_round() -> None:
    tried: list[Roster] = []

    def watched(rosters: Sequence[Roster]) -> list[Floats]:
        tried.extend(rosters)
        return [np.array([1.0 / each.posts[0], 100.0 / each.posts[1]]) for each in rosters]

    removed = removals(
        Roster("after", (9, 9)), watched, np.array([0.5, 101.0 / 9]), lambda roster: True
    )
    assert removed == [0] * 7
    assert sum(each.posts[1] == 8 for each in tried) <= 2


def test_the_search_does_not_take_what_it_may_not() -> None:
    assert removals(
        Roster("after", (8, 8)), waiting, np.array([2.0, 4.0]), lambda roster: roster.posts[1] > 7
    ) == [0, 0, 0, 0]


def test_nothing_goes_where_a_limit_is_passed_already() -> None:
    assert (
        removals(Roster("after", (2, 8)), waiting, np.array([2.0, 4.0]), lambda roster: True) == []
    )


def test_posts_are_added_where_they_help_most_until_all_is_kept() -> None:
    assert additions(Roster("after", (3, 3)), waiting, np.array([2.0, 4.0]), 9) == [1, 0]
    assert len(additions(Roster("after", (1, 1)), waiting, np.array([0.1, 0.1]), 2)) == 2


def test_posts_that_do_not_help_are_not_added() -> None:
    assert (
        additions(
            Roster("after", (3, 3)),
            lambda rosters: [np.array([9.0]) for _ in rosters],
            np.array([1.0]),
            9,
        )
        == []
    )


def test_a_service_without_a_case_limits_nothing() -> None:
    assert (
        room_used(np.array([np.nan, 1.0]), np.array([np.nan, 1.5]), np.array([np.nan, 2.0])) == 0.5
    )


# ------------------------------------------------------------------------------------- the question


def test_without_a_promise_anywhere_its_part_says_that_it_cannot_be_asked(tmp_path: Path) -> None:
    silent = scenario(tmp_path, HALL.replace("promise: 5 working days,", ""))
    found = staff(silent, n=2, folder=tmp_path / "staff", progress=False)
    assert found.promised == ()
    assert "no service has one" in str(found)


def test_one_replication_decides_nothing_and_says_so(tmp_path: Path) -> None:
    found = staff(scenario(tmp_path, HALL), n=1, progress=False)
    assert {each.verdict for each in found.family.values()} == {"undetermined"}
    assert found.where == "in memory only"


@pytest.mark.slow
def test_the_margin_and_the_cohort_are_those_of_the_claim(tmp_path: Path) -> None:
    claim = """
experiment: {cohorts: {summer: 2024-06-01..2024-08-31}}
claims:
  fewer:
    quote: fewer posts
    cohort: summer
    family: one_post_less
    each: service
    holds_if: [{measure: cycle_time_working, statistic: p90, change: no_increase, at_most: 7 %}]
"""
    found = staff(scenario(tmp_path, HALL + claim), n=2, progress=False)
    assert (found.measure, found.cohort, found.keep) == (
        "cycle_time_working",
        "summer",
        pytest.approx(7.0),
    )
    with pytest.raises(RunError, match="no_increase"):
        staff(
            scenario(tmp_path, HALL + claim.replace("no_increase, at_most", "decrease, at_least")),
            n=2,
            progress=False,
        )


def test_numbers_without_a_meaning_are_refused(tmp_path: Path) -> None:
    stated = scenario(tmp_path, HALL)
    for wrong in ({"n": 0}, {"promise": 0.0}, {"promise": 1.5}, {"keep_p90": -0.1}, {"workers": 0}):
        with pytest.raises(RunError, match=next(iter(wrong))):
            staff(stated, **{"n": 2, **wrong}, progress=False)  # type: ignore[arg-type]


# --------------------------------------------------------------------------------- the command line


@pytest.mark.slow
def test_the_command_takes_a_file_then_the_run_that_it_belongs_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario(tmp_path, HALL)
    first = govsim("staff", "hall.yaml", "-n", "3", "--keep-p90", "5%", "--json")
    assert first.exit_code == 0, first.stderr
    told = json.loads(first.stdout)
    assert told["keep"] == pytest.approx(5.0)
    run = Path(told["where"]).parent
    assert govsim("run", "hall.yaml", "-n", "2").exit_code == 0
    assert (run / "run.json").exists()
    again = govsim("staff", run.name, "-n", "3", "--keep-p90", "5 %", "--json")
    assert json.loads(again.stdout) == told


@pytest.mark.slow
def test_mistakes_on_the_command_line_are_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario(tmp_path, HALL)
    staff(scenario(tmp_path, HALL), n=1, folder=tmp_path / "some" / "staff", progress=False)
    for words, said in (
        (("hall.yaml", "--keep-p90", "2"), "write it in %"),
        (("hall.yaml", "--promise", "often"), "not a quantity"),
        (("hall.yaml", "--promise", "120%"), "at most 100 %"),
        (("nowhere",), "no run here"),
        (("nowhere.yaml",), "nowhere.yaml"),
        (("some/staff",), "a study, not a run"),
    ):
        result = govsim("staff", *words)
        assert result.exit_code == 2, result.output
        assert said in result.stderr
