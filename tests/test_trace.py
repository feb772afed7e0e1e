"""One applicant's way through the offices, against ways worked out by hand."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import matplotlib as mpl
import pytest
from click.testing import CliRunner, Result

import govsim as gs
from govsim import cli
from govsim.errors import NameNotFound, ValueNotPossible
from govsim.evidence.trace.result import Journey

mpl.use("agg")

# Three file at nine, ten past and twenty past nine. The clerk takes half an hour for each; then a
# courier leaves at four in the afternoon and takes a working day of 8 hours; the reviewer takes an
# hour. After the reform nothing is sent, and the clerk takes 20 minutes.
OFFICE = """
govsim: 1
title: Two rooms
start: 2024-01-01
reform_day: 2024-01-03
count_from: 2024-01-04
count_until: 2024-01-04
horizon: 2024-01-12
calendars: {office: {day: 8 h, week: {mon-fri: ["08:00-16:00"]}}}
departments: {front: {}, back: {}}
desks: {window: {department: front, kind: window}, files: {department: back, kind: review}}
staff:
  clerk: {department: front, calendar: office, members: 1, serves: {window: 1.0}}
  reviewer: {department: back, calendar: office, members: 1, serves: {files: 1.0}}
services:
  permit:
    name: {en: Permit, zh: 许可}
    department: front
    demand: {recorded: [2024-01-04 09:00, 2024-01-04 09:10, 2024-01-04 09:20], calendar: always}
    route:
      - {task: ask, desk: window, effort: 30 min}
      - {transfer: send, to: back, leaves: ["16:00"], takes: 1 working day}
      - {task: look, desk: files, effort: 60 min}
reform:
  quick: {kind: process, set: {services.permit.ask.effort: 20 min}}
  house:
    kind: merger
    set:
      departments.back.part_of: front
      services.permit.send.leaves: any time
      services.permit.send.takes: 0 min
"""
START = datetime.datetime(2024, 1, 1)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> gs.Runs:
    path = tmp_path_factory.mktemp("office") / "office.yaml"
    path.write_text(OFFICE, encoding="utf-8")
    return gs.run(
        gs.load(path), 3, configurations=("before", "after"), engine="reference", progress=False,
        out=path.parent,
    )  # fmt: skip


def told(journey: Journey) -> list[tuple[str, str, str, str, int]]:
    """Part, step, from and until as day and time, and how many stood before."""

    def at(minutes: float) -> str:
        return (START + datetime.timedelta(minutes=minutes)).strftime("%d %H:%M")

    return [
        (stretch.part, stretch.step, at(stretch.since), at(stretch.until), stretch.ahead)
        for stretch in journey.stretches
    ]


def test_the_third_of_three_waits_for_those_who_came_before(runs: gs.Runs) -> None:
    before, after = gs.trace(runs, who=2).journeys
    # the clerk works for the first till half past, for the second till ten: one waits before
    assert told(before) == [
        ("queue", "ask", "04 09:20", "04 10:00", 1),
        ("service", "ask", "04 10:00", "04 10:30", 0),
        ("transfer", "send", "04 10:30", "05 16:00", 0),
        ("queue", "look", "05 16:00", "08 10:00", 2),
        ("service", "look", "08 10:00", "08 11:00", 0),
    ]
    # the second's paper lies there from 09:40 and is looked at till 11:20
    assert told(after) == [
        ("queue", "ask", "04 09:20", "04 09:40", 0),
        ("service", "ask", "04 09:40", "04 10:00", 0),
        ("transfer", "send", "04 10:00", "04 10:00", 0),
        ("queue", "look", "04 10:00", "04 11:20", 1),
        ("service", "look", "04 11:20", "04 12:20", 0),
    ]
    assert (before.end, after.end) == ("completed", "completed")


@pytest.mark.parametrize(("who", "number"), [("median", 1), ("slowest", 2), ("worst_hit", 0)])
def test_an_applicant_is_chosen_by_time(runs: gs.Runs, who: str, number: int) -> None:
    # before: all end on the 8th, at 9, 10 and 11; after: on the 4th at 10:20, 11:20 and 12:20. So
    # the times are 96:00, 96:50, 97:40 and 1:20, 2:10, 3:00: the first gains least
    assert gs.trace(runs, who=who).number == number


def test_who_is_hit_worst_is_not_said_to_wait_longer_where_nobody_does(runs: gs.Runs) -> None:
    found = gs.trace(runs, who="worst_hit")
    before, after = found.journeys
    assert after.until - after.filed < before.until - before.filed
    assert "whose time rises most, or falls least" in str(found)


def test_the_stretches_of_a_way_without_branches_leave_no_gap(runs: gs.Runs) -> None:
    for number in range(3):
        for journey in gs.trace(runs, who=number).journeys:
            ends = [journey.filed, *(stretch.until for stretch in journey.stretches)]
            assert [stretch.since for stretch in journey.stretches] == ends[:-1]
            assert ends[-1] == journey.until
            assert sum(journey.parts.values()) * 1440 == pytest.approx(ends[-1] - ends[0])


def test_who_still_waits_at_the_end_of_the_run_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    path.write_text(OFFICE.replace("horizon: 2024-01-12", "horizon: 2024-01-05"), encoding="utf-8")
    found = gs.run(gs.load(path), 1, configurations=("before",), engine="reference", progress=False)
    (journey,) = gs.trace(found, who=0).journeys
    assert journey.end == "open"
    assert told(journey)[-1] == ("queue", "look", "05 16:00", "06 00:00", 0)
    assert "no answer yet" in str(gs.trace(found, who=0))


@pytest.mark.parametrize(
    ("asked", "error", "why"),
    [
        ({"service": "permits"}, NameNotFound, "no service 'permits'.*did you mean 'permit'"),
        ({"who": 9}, NameNotFound, "0 to 2 filed"),
        ({"who": "best"}, ValueNotPossible, "median, slowest, worst_hit"),
        ({"configurations": ("afterwards",)}, NameNotFound, "afterwards"),
    ],
)
def test_what_is_not_there_is_said(
    runs: gs.Runs, asked: dict[str, object], error: type[Exception], why: str
) -> None:
    with pytest.raises(error, match=why):
        gs.trace(runs, **asked)  # type: ignore[arg-type]


def govsim(*words: str) -> Result:
    return CliRunner().invoke(cli.main, list(words))


def test_the_command_prints_it_in_both_languages_and_draws_it(
    runs: gs.Runs, tmp_path: Path
) -> None:
    run, picture = str(runs.folder), tmp_path / "way.svg"
    english = govsim("trace", run, "--service", "permit", "--who", "2", "--svg", str(picture))
    assert english.exit_code == 0, english.stderr
    assert "before: filed 2024-01-04 09:20, granted after 4.1 calendar days" in english.stdout
    assert "waiting in a queue, look, files" in english.stdout
    assert "waiting in a queue" in picture.read_text(encoding="utf-8")
    chinese = govsim("trace", run, "--who", "2", "--lang", "zh").stdout
    assert "改革前：2024-01-04 09:20 申报，4.1 个自然日后准予" in chinese
    assert json.loads(govsim("trace", run, "--json").stdout)["number"] == 1
    assert govsim("trace", run, "--service", "permits").exit_code == 2


def test_the_closed_hours_of_the_picture_are_those_of_the_calendar(runs: gs.Runs) -> None:
    found = gs.trace(runs, who=2)
    hours = [(since / 60 - 72, until / 60 - 72) for since, until in found.open_hours]
    # from filing to the end, in hours since the 4th: the weekend of the 6th and 7th is closed
    assert hours[0] == pytest.approx((9 + 20 / 60, 16.0))
    assert hours[1:] == [(32.0, 40.0), (104.0, 107.0)]
    axes = found.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["before", "after"]
