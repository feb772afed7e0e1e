"""What is known of the office before refuses the worlds that it contradicts, and no others.

The shares of refused worlds follow from the files by hand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from govsim.errors import RunError, ScenarioError
from govsim.evidence.worlds.accepted import narrowed, together
from govsim.evidence.worlds.parts import Choice, Counts
from govsim.evidence.worlds.proposals import CUBE, acting, proposed
from govsim.evidence.worlds.result import Worlds
from govsim.evidence.worlds.study import Chosen, _Study, explore
from govsim.experiment import replication
from govsim.organisation.configure import unknowns
from govsim.organisation.load import load
from govsim.scenario import Scenario
from govsim.statistics.mean import wilson
from govsim.store import Store

# Eleven weeks of five days of 480 minutes count, and 77 cases are filed in them: a clerk can do the
# work where a case takes less than 26 400 / 77 = 342.9 minutes.
OFFICE = """\
govsim: 1
title: A clerk and a post
start: 2024-01-01
reform_day: 2024-01-15
count_from: 2024-01-15
count_until: 2024-03-31
horizon: 2024-12-31
parameters:
  post: {value: 4 days, range: [2, 6], source: assumption}
  minutes: {value: 20 min, range: [10, 30], source: assumption}
calendars:
  office: {day: 8 h, week: {mon-fri: ["08:00-16:00"]}}
departments:
  hall: {}
desks:
  window: {department: hall, kind: window}
staff:
  clerks: {department: hall, calendar: office, members: 1, serves: {window: 1.0}}
services:
  permit:
    department: hall
    calendar: office
    demand: {every: 1 days}
    route:
      - {task: ask, desk: window, effort: {exponential: {mean: minutes}}}
      - {delay: post, takes: post, owner: outside}
reform:
  more: {kind: process, set: {staff.clerks.members: 2}}
claims:
  FAST:
    quote: Four days
    holds_if: [{measure: cycle_time, statistic: mean, level: at_most, value: 4 days,
        configuration: before}]
  FEW:
    quote: As many steps
    holds_if: [{measure: steps, statistic: mean, change: no_increase}]
experiment: {seed: 5, worlds: 64}
"""
KNOWN = """\
known:
  soon: {measure: cycle_time, statistic: mean, level: at_most, value: 5 days, source: a survey}
"""
LIMIT = 26_400 / 77
FULL = "{value: 300 min, range: [200, 400]"  # a load of 1 in the middle of the upper half


def office(more: str = "", **numbers: str) -> Scenario:
    text = OFFICE
    for name, number in numbers.items():
        old = next(line for line in text.splitlines() if line.startswith(f"  {name}: {{value"))
        text = text.replace(old, f"  {name}: {number}, source: assumption}}")
    return load("office.yaml", text + more)


def study(scenario: Scenario, worlds: int, names: Sequence[str] = ("before", "after")) -> _Study:
    base = replication.prepare(scenario, tuple(names), None, 5, "compiled", "measures")
    return _Study(scenario, base, worlds, dict(sorted(unknowns(scenario).items())))


def chosen(scenario: Scenario, worlds: int, folder: Path) -> tuple[Chosen, dict[str, np.ndarray]]:
    """The choice, and what was tried, by unknown."""
    made = study(scenario, worlds)
    made.conducted_in(folder, workers=2, progress=False)
    found = made.chosen()
    return found, dict(zip(made.ranges, made.proposals.values(found.tried).T, strict=True))


# ------------------------------------------------------------------------------- which could exist


def test_worlds_whose_queues_cannot_settle_before_are_refused_and_replaced(tmp_path: Path) -> None:
    found, tried = chosen(office(minutes=FULL), CUBE, tmp_path / "worlds")
    share = (400 - LIMIT) / 200
    refused = np.array([number in found.refused for number in range(found.tried)])
    assert (refused == (tried["minutes"] >= LIMIT)).all()
    assert abs(refused[:CUBE].sum() - share * CUBE) <= 1  # a hypercube has one in each slice
    assert len(found.accepted) == CUBE
    assert found.accepted[:5] == tuple(np.flatnonzero(~refused)[:5])
    assert set(found.refused.values()) == {"queues settle"}
    assert not (tmp_path / "worlds").exists()  # loads are checked before anything is simulated


@pytest.mark.slow
def test_worlds_are_refused_where_the_known_measure_lies_on_the_wrong_side(tmp_path: Path) -> None:
    """A case takes the post and the 20 minutes of the window, where three come on a Monday."""
    found, tried = chosen(office(KNOWN), 64, tmp_path / "worlds")
    refused = np.array([number in found.refused for number in range(found.tried)])
    post, limit = tried["post"], 5 - np.array([3, 1]) * 20 / 1440  # days
    assert post[refused].min() > limit[0]
    assert post[~refused].max() < limit[1] + 0.01  # where the interval holds the limit
    share = (6 - limit.mean()) / 4
    low, high = wilson(int(refused.sum()), found.tried)
    assert low < share < high
    store = Store.open(tmp_path / "worlds")
    done = np.bincount([number // 64 for number in store.done()], minlength=found.tried)
    store.close()
    assert set(done.tolist()) <= {8, 16}
    assert (
        done[np.abs(post - limit.mean()) > 0.2] == 8
    ).all()  # sixteen only where eight leave it open


@pytest.mark.slow
def test_shares_are_told_with_and_without_what_is_known(tmp_path: Path) -> None:
    scenario, folder = office(KNOWN), tmp_path / "worlds"
    found = explore(scenario, 64, workers=2, folder=folder, progress=False)
    claim = found.claims["FAST"]
    made = found.choice
    assert made is not None
    names = [each.name for each in found.unknowns]
    post = np.array(found.unknowns[names.index("post")].values)
    every = proposed([unknowns(scenario)[name] for name in names], 64, 5)[:, names.index("post")]
    states = np.array(claim.states)
    limit = post[states == "fails"].min()
    assert claim.counts.worlds == 64 == found.worlds
    assert claim.without is not None
    assert claim.without.worlds == 64
    assert abs(claim.holds - (post < limit).sum()) <= 1
    assert abs(claim.without.holds - (every < limit).sum()) <= 1
    assert claim.holds > claim.without.holds  # as slow offices are refused
    assert (claim.known, found.claims["FEW"].known) == (("soon",), ())
    assert found.claims["FEW"].counts == Counts(64, 0, 0, 0)
    assert made.narrowed[0][0] == "post"
    text = str(found)
    assert "if nothing were known" in text
    assert "* is about what is known itself" in text
    assert f"of {made.tried} offices proposed, 64 could exist" in text
    assert max(map(len, text.splitlines())) <= 100
    assert Worlds.from_dict(json.loads((folder / "worlds.json").read_text())) == found
    again = explore(scenario, 64, workers=1, folder=tmp_path / "again", progress=False)
    assert replace(again, where=found.where) == found  # whichever thread did what


def test_with_known_none_nothing_is_refused(tmp_path: Path) -> None:
    scenario = office("known: none\n", minutes="{value: 350 min, range: [200, 400]")
    found, tried = chosen(scenario, CUBE, tmp_path / "worlds")
    assert (found.tried, found.refused) == (CUBE, {})
    assert (tried["minutes"] > LIMIT).any()


def test_ten_times_as_many_are_tried_at_most_and_that_is_warned_of(tmp_path: Path) -> None:
    rare = f"{{value: {LIMIT - 8:.0f} min, range: [{LIMIT - 8:.3f}, {LIMIT + 92:.3f}]"
    found, _ = chosen(office(minutes=rare), 100, tmp_path / "worlds")
    assert found.tried == 1000
    assert abs(len(found.accepted) - 80) <= 4 + 1  # .08 of 1000: four cubes of 256, but for 24
    made = Choice(100, found.tried, {}, found.accepted, {"queues settle": "they settle"})
    assert made.scarce
    assert not replace(made, tried=800).scarce
    few = Worlds("x", "x", 1, 80, ("before",), (16,), (), {}, {}, (), 0.0, choice=made)
    assert "warning: fewer than one office in ten could exist (80 of 1000 proposed)" in str(few)


def test_where_hardly_any_office_could_exist_nothing_is_explored(tmp_path: Path) -> None:
    rare = f"{{value: {LIMIT - 1:.0f} min, range: [{LIMIT - 2:.3f}, {LIMIT + 98:.3f}]"
    with pytest.raises(RunError, match=r"^\d of 160 offices drawn .* Refused by: queues settle"):
        explore(office(minutes=rare), 16, folder=tmp_path / "worlds", progress=False)


# ------------------------------------------------------------------------------ the stated numbers


def test_stated_numbers_that_contradict_what_is_known_are_an_error_with_line_and_measure() -> None:
    wrong = office(KNOWN.replace("5 days", "3 days"))
    line = 1 + next(
        k for k, text in enumerate(wrong.text.splitlines()) if text.startswith("  soon:")
    )
    with pytest.raises(ScenarioError) as refused:
        explore(wrong, 16, progress=False)
    said = str(refused.value)
    assert said.startswith(
        f"office.yaml:{line}: known.soon: the stated numbers contradict what is known: mean cycle "
        "time before the reform is 4."
    )
    assert "in 8 replications; known is at most 3 calendar days (a survey)" in said


def test_a_median_that_is_known_is_measured_although_no_claim_asks_for_one() -> None:
    wrong = office(KNOWN.replace("statistic: mean", "statistic: p80").replace("5 days", "3 days"))
    with pytest.raises(ScenarioError, match=r"P80 of cycle time before the reform is \d"):
        explore(wrong, 16, progress=False)


def test_stated_numbers_with_more_work_than_can_be_done_are_an_error() -> None:
    with pytest.raises(ScenarioError, match=r"office.yaml:1: known: .* by clerks \(102 %\)"):
        explore(office(minutes="{value: 350 min, range: [200, 400]"), 16, progress=False)


def test_what_is_known_is_asked_of_before() -> None:
    with pytest.raises(RunError, match="asked of `before`; add it to the configurations"):
        explore(office(KNOWN), 16, configurations=("merger_only", "after"), progress=False)


# -------------------------------------------------------------------------- whose queues settle

CHANGE = """\
claims:
  C:
    quote: Faster
    holds_if: [{measure: cycle_time, statistic: mean, change: decrease, at_least: 1 %}]
"""


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1)])
def test_which_configuration_cannot_settle_decides_in_worlds_as_with_the_stated_numbers(
    before: int, after: int
) -> None:
    text = office("known: none\n", minutes="{value: 300 min, range: [200, 1000]").text
    head, _, rest = text.partition("claims:")
    text = head + CHANGE + rest[rest.index("experiment:") :]
    text = text.replace("members: 1", f"members: {before}")
    text = text.replace("members: 2}", f"members: {after}}}")
    found = explore(load("office.yaml", text), 32, workers=2, progress=False)
    minutes = next(np.array(each.values) for each in found.unknowns if each.name == "minutes")
    states = np.array(found.claims["C"].states)
    one, both = minutes >= LIMIT, minutes >= 2 * LIMIT
    assert set(states[both]) == {"queue without end"}
    assert set(states[one & ~both]) == {"holds" if before < after else "fails"}
    assert "queue without end" not in states[~one]
    assert found.claims["C"].endless == both.sum()
    assert (np.array(found.settled) == ~one).all()
    assert "queue without end" in str(found)


# ------------------------------------------------------------------------------ who acts, and alone


def test_unknowns_that_change_no_number_are_left_out() -> None:
    text = OFFICE.replace(
        "calendars:",
        "  adverse: {value: 1.2, range: [1, 2], source: assumption}\n"
        "  end: {value: 1, range: [1, 2], source: assumption}\n"
        "  way: {value: 30 min, range: [10, 40], source: assumption}\n"
        "  unused: {value: 1, range: [0, 2], source: assumption}\ncalendars:",
        1,
    )
    text = text.replace(
        "claims:",
        "  flood: {kind: stress, set: {staff.clerks.absence: 0.1, "
        "parameters.minutes: {times: adverse}}}\nclaims:",
    )
    text = text.replace("kind: window}", "kind: window, factor: end}")
    text = text.replace(
        "experiment:",
        "  TRIP:\n    quote: Trips\n    holds_if: [{measure: applicant_time, statistic: mean, "
        "change: no_increase, travel: way}]\nexperiment:",
    )
    scenario = load("office.yaml", text)
    found = acting(scenario, unknowns(scenario), ("before", "after"), None)
    assert found.keys() == {"post", "minutes", "end", "way"}


def test_unknowns_that_go_together_over_the_accepted_worlds_are_one_group() -> None:
    chance = np.random.default_rng(1)
    a, b, c, d = chance.random((4, 400))
    tried = np.column_stack((a, b, c, d))
    kept = tried[np.abs(a + b - 1) < 0.3]  # what is known: that a and b add up to about 1
    assert together("abcd", tried) == ()
    assert together("abcd", kept) == (("a", "b"),)
    assert narrowed("abcd", tried, tried) == ()
    low = tried[a < 0.3]
    ((name, first, last),) = narrowed("abcd", low, tried)
    assert name == "a"
    assert 0.0 < first < last < 0.3
