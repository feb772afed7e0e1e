"""What a file may say but hardly means is told with its line, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from govsim.cli import main
from govsim.organisation.advice import advice
from govsim.organisation.load import load

SOUND = """govsim: 1
title: One permit
start: 2024-01-01
reform_day: 2024-01-01
count_from: 2024-01-01
count_until: 2024-01-26
horizon: 2024-03-29
calendars: {office: {day: 8 h, week: {mon-fri: ["09:00-17:00"]}}}
departments: {hall: {}}
desks: {files: {department: hall, kind: review}}
staff: {clerk: {department: hall, calendar: office, members: 1, serves: {files: 1.0}}}
services:
  permit:
    department: hall
    demand: {every: 4 h}
    route:
      - {review: papers, desk: files, effort: 10 min, reject: 10 %}
      - choice: entitled
        chance: 50 %
        then: [{mark: decided}, {delay: print, owner: outside, takes: 2 days}]
        else: [{mark: no, as: decided}, {end: refusal, outcome: rejected}]
reform: {quick: {kind: merger, set: {services.permit.print.takes: 1 days}}}
"""
HORIZON, REFORM, NO = "horizon: 2024-03-29", "reform_day: 2024-01-01", "{mark: no, as: decided}"
POST = "{transfer: post, to: hall, takes: 1 days, paper: 1}"
PRINT = "set: {services.permit.print.takes: 1 days}"
MORE = "[{review: more, desk: files, effort: 5 min, reject: 10 %}]"
SWAPS = {
    "the horizon is the last counted day": (
        (HORIZON, "horizon: 2024-01-26"),
        "7: horizon: lies on the last counted day, so nobody is followed (tau is 0)",
    ),
    "only a weekend lies behind the last counted day": (
        (HORIZON, "horizon: 2024-01-28"),
        "7: horizon: no working day of 'office' lies between the last counted day and here",
    ),
    "the reform comes after all who count": (
        (REFORM, "reform_day: 2024-01-27"),
        "4: reform_day: lies behind the last counted day 2024-01-26: nobody who counts files under",
    ),
    "the refused wait behind the mark": (
        (NO, f"{NO}, {POST}"),
        "21: services.permit.no: a case may still be refused",
    ),
    "the papers are reviewed behind the mark": (
        ("      - {review", "      - {mark: early, as: decided}\n      - {review"),
        "17: services.permit.early: a case may still be refused",
    ),
    "a lever reviews behind the mark": (
        (PRINT, f"insert: {{services.permit: {{after: print, steps: {MORE}}}}}"),
        "20: services.permit.decided: a case may still be refused",
    ),
}


def said(text: str) -> list[str]:
    return [str(problem) for problem in advice(load("permit.yaml", text))]


@pytest.mark.parametrize("name", SWAPS)
def test_what_is_hardly_meant_is_told_with_its_line(name: str) -> None:
    (old, new), told = SWAPS[name]
    assert old in SOUND
    (found,) = said(SOUND.replace(old, new))
    assert found.startswith(told)


def test_of_what_is_meant_nothing_is_told() -> None:
    assert said(SOUND) == []
    assert said(SOUND.replace(REFORM, "reform_day: 2024-01-26")) == []


def test_check_shows_it_and_does_not_fail(tmp_path: Path) -> None:
    file = tmp_path / "permit.yaml"
    file.write_text(SOUND.replace(HORIZON, "horizon: 2024-01-26"), encoding="utf-8")
    shown = CliRunner().invoke(main, ["check", str(file), "--strict"])
    assert shown.exit_code == 0, shown.output
    assert f"warning: {file}:7: horizon: lies on the last counted day" in shown.output
