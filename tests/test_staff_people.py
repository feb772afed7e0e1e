"""A staffing search keeps people, not only the times of those who stay."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path as File
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import govsim as gs
from govsim.display.words import LANGUAGES, Words
from govsim.evidence.conditions.condition import HOLDS, REFUTED, UNDETERMINED
from govsim.evidence.staffing import outcomes
from govsim.evidence.staffing.bench import Bench
from govsim.evidence.staffing.question import asked_of
from govsim.evidence.staffing.result import IMPOSSIBLE, Staffing
from govsim.evidence.staffing.rosters import Roster, roster_of
from govsim.evidence.staffing.why import NOTHING, OTHERS, SENT_HOME, Why, told
from govsim.organisation.configure import configure
from govsim.scenario import Scenario
from govsim.statistics.estimate import Estimate

OFFICE = """
govsim: 1
title: A hall where people leave
start: 2024-01-01
reform_day: 2024-01-08
count_from: 2024-01-08
count_until: 2024-02-04
horizon: 2024-04-01
calendars: {office: {day: 7 h, week: {mon-fri: ["08:30-12:00", "14:00-17:30"]}}}
departments: {hall: {}}
desks: {counter: {department: hall, kind: window}}
staff: {clerks: {department: hall, calendar: office, members: POSTS, serves: {counter: 1.0}}}
services:
  card:
    department: hall
    promise: 15 working days
    demand: DEMAND
    route:
      - STEP
      - {mark: accepted}
      - {delay: post, owner: outside, takes: 6 working days}
reform: {desk: {kind: merger, set: LEVER}}
claims:
  fewer:
    quote: {en: fewer posts would do, zh: 岗位还可以再少}
    family: one_post_less
    holds_if: [{measure: cycle_time, statistic: p90, change: no_increase, at_most: 2 %}]
experiment: {replications: 4}
"""
# 190 on a working day, of whom a clerk serves 420 min / 7 min = 60: so one clerk sends at least
# 1 - 60 / 190 = 68.4 in 100 home, three 5.3 in 100, and four need none to leave
CROWDED = {
    "DEMAND": f"{{per_year: {190 * 5 / 7 * 365.25}}}",
    "STEP": "{task: ask, desk: counter, effort: {exponential: {mean: 7 min}}, patience: 12 min}",
    "LEVER": "{services.card.post.takes: 6 working days}",
}
# three in a quarter of an hour at the most, of a minute each: one clerk would do
QUIET = {
    "DEMAND": "{every: 30 min}",
    "STEP": "{review: ask, desk: counter, effort: 1 min, reject: 0.3, patience: 12 min}",
    "LEVER": "{services.card.ask.reject: 0.3}",
}


def scenario(folder: File, parts: dict[str, str], posts: int) -> Scenario:
    text = OFFICE.replace("POSTS", str(posts))
    for key, value in parts.items():
        text = text.replace(key, value)
    folder.mkdir(exist_ok=True)
    (folder / "hall.yaml").write_text(text, encoding="utf-8")
    return gs.load(folder / "hall.yaml")


def studied(folder: File, parts: dict[str, str], posts: int) -> tuple[Staffing, gs.Runs]:
    """The staffing study of an office, beside a run of it."""
    runs = gs.run(
        scenario(folder, parts, posts),
        configurations=("before", "after"),
        out=folder / "run",
        progress=False,
    )
    return gs.staff(runs, progress=False), runs


def verdict(runs: gs.Runs) -> Any:
    return gs.claims(runs).verdicts[0]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Staffing, gs.Runs]:
    return studied(tmp_path_factory.mktemp("crowded"), CROWDED, 4)


def bench_of(stated: Scenario) -> Bench:
    """What knows the posts and the loads of a scenario, and simulates nothing."""
    configured = {name: configure(stated, name) for name in ("before", "after")}
    trials: Any = SimpleNamespace(configured=configured)
    groups = tuple(configured["after"].regimes[1].staff)
    return Bench(trials, asked_of(stated, None, 0.95), 2, groups, quiet=True)


# ------------------------------------------------------------------------- patience frees no post


def test_no_post_goes_because_people_give_up(crowded: tuple[Staffing, gs.Runs]) -> None:
    """Nine in ten of those who are served wait six working days, whatever becomes of the rest."""
    found, _ = crowded
    (clerks,) = found.less
    assert (clerks.verdict, found.one_at_a_time, found.together) == (REFUTED, 0, 0)
    assert "at least 5 in 100 would be sent home" in clerks.reason
    assert clerks.changes == {}  # nothing was simulated
    assert found.cuts[0].stopped["clerks"].kind == SENT_HOME
    assert "at least 5 in 100 would be sent home" in str(found)


@pytest.mark.parametrize(("posts", "home"), [(4, None), (3, 5.2631), (2, 36.842), (1, 68.421)])
def test_how_many_must_be_sent_home_follows_from_the_work_alone(
    tmp_path: File, posts: int, home: float | None
) -> None:
    bench = bench_of(scenario(tmp_path, CROWDED, 4))
    before = roster_of(bench.trials.configured["before"], "before")
    why = bench.barred(Roster("after", (posts,)), before)
    assert (why and why.number) == (home and pytest.approx(home, abs=0.001))
    if why and posts == 1:
        assert told((why,), Words("en")).startswith("at least 68 in 100 would be sent home")
        assert "至少有 68 人" in told((why,), Words("zh"))


def test_who_was_sent_home_before_does_not_have_to_be_kept(tmp_path: File) -> None:
    """Two clerks before: with as little work done as then nobody is worse off, with less more."""
    bench = bench_of(scenario(tmp_path, CROWDED, 2))
    before = roster_of(bench.trials.configured["before"], "before")
    assert bench.barred(Roster("after", (2,)), before) is None
    assert bench.barred(Roster("after", (1,)), before) is not None


def test_the_promise_is_kept_for_people_not_for_those_who_stay(
    crowded: tuple[Staffing, gs.Runs],
) -> None:
    """Everybody who is served has the card in time; the promise is kept for no more than these."""
    found, _ = crowded
    for each in found.promised:
        assert each.found is not None
        assert each.found >= 4
        share = each.now["card"].value
        assert share is not None
        assert 70 < share < 95  # and not 100


def test_the_claim_and_its_reasons_follow(crowded: tuple[Staffing, gs.Runs]) -> None:
    outcome = verdict(crowded[1])
    assert outcome.outcome == "refuted"
    assert any("would be sent home" in each for each in outcome.reasons["en"])
    assert any("办不成而离开" in each for each in outcome.reasons["zh"])


def test_the_page_tells_who_would_be_sent_home(crowded: tuple[Staffing, gs.Runs]) -> None:
    page = gs.report(crowded[1], "both")
    for words in (
        "at least 5 in 100 would be sent home",
        "至少有 5 人",
        "granted, refused and gave up",
    ):
        assert words in page


def test_a_study_reads_back_from_its_file(crowded: tuple[Staffing, gs.Runs]) -> None:
    plain = json.loads(json.dumps(crowded[0].to_dict(), allow_nan=False))
    assert Staffing.from_dict(plain) == crowded[0]


# --------------------------------------------------------------------------- what is free is free


def test_a_post_that_nobody_needs_goes_with_all_shares_kept(tmp_path: File) -> None:
    found, runs = studied(tmp_path, QUIET, 3)
    assert (found.one_at_a_time, found.together) == (1, 2)
    cut = found.cuts[0]
    assert cut.removed == ("clerks", "clerks")
    assert {each.value for each in cut.outcomes["card"].values()} == {0.0}
    assert cut.stopped["clerks"].who[0].startswith("counter")
    assert "shares kept: " in str(found)
    assert {"granted", "refused", "gave_up", "no_answer"} <= set(found.to_frame()["kind"])
    assert verdict(runs).outcome == "supported"


def test_the_last_who_serves_is_needed_however_idle(tmp_path: File) -> None:
    found, _ = studied(tmp_path, QUIET, 1)
    assert [each.verdict for each in found.less] == [IMPOSSIBLE]


# ---------------------------------------------------------------- only the refused share moves


def test_no_post_is_free_where_more_are_refused(tmp_path: File) -> None:
    """Three in ten before, four in ten after, nobody a minute slower."""
    more = {**QUIET, "LEVER": "{services.card.ask.reject: 0.4}"}
    found, _ = studied(tmp_path, more, 3)
    (clerks,) = found.less
    assert (clerks.verdict, found.together) == (REFUTED, 0)
    (why,) = clerks.why
    assert (why.kind, why.who) == ("refused", ("card",))
    refused, gave_up = (clerks.outcomes["card"][end] for end in ("refused", "gave_up"))
    assert refused.low is not None
    assert refused.high is not None
    assert refused.low < 10.0 < refused.high
    assert gave_up.value == 0.0
    assert "more are refused (card)" in str(found)
    assert any(
        "with all posts: 1" in each or "with all posts: 9" in each
        for each in (q.said() for q in found.warnings)
    )


def test_where_fewer_are_refused_it_may_not_be_the_same_people(tmp_path: File) -> None:
    """Every card takes 8 or 10 days, by the weekday; a refusal none. Without the tenth more who
    were refused before, nine in ten had it within 8: that it is as quick for the same is open.
    """
    fewer = {**QUIET, "LEVER": "{services.card.ask.reject: 0.2}"}
    found, runs = studied(tmp_path, fewer, 3)
    (clerks,) = found.less
    assert (clerks.verdict, found.together) == (UNDETERMINED, 0)
    assert OTHERS in [why.kind for why in clerks.why]
    assert "not the same people" in clerks.reason
    assert verdict(runs).outcome == "undetermined"


def test_where_it_is_as_quick_at_the_worst_fewer_refusals_bar_no_post(tmp_path: File) -> None:
    """Open on all days: every card takes six, whoever is refused besides."""
    fewer = {**QUIET, "LEVER": "{services.card.ask.reject: 0.2}", "mon-fri": "mon-sun"}
    found, _ = studied(tmp_path, fewer, 3)
    (clerks,) = found.less
    assert (clerks.verdict, clerks.why, found.together) == (HOLDS, (), 2)


# -------------------------------------------------------------------------------- nothing was kept


def test_where_nobody_was_granted_anything_nothing_can_be_kept(tmp_path: File) -> None:
    refused = {**QUIET, "STEP": QUIET["STEP"].replace("0.3", "1")}
    found, runs = studied(tmp_path, refused, 3)
    assert found.nothing == ("card",)
    assert [(each.verdict, each.why) for each in (found.all_posts, *found.less)] == [
        (UNDETERMINED, (Why(NOTHING, ("card",)),))
    ] * 2
    assert (found.one_at_a_time, found.together) == (0, 0)
    assert [(each.found, each.confirmed) for each in found.promised] == [(None, None)] * 2
    assert "nothing can be kept" in str(found)
    outcome = verdict(runs)
    assert outcome.outcome == "undetermined"
    assert "nothing can be kept" in " ".join(outcome.reasons["en"])
    assert not any("More replications" in each for each in outcome.reasons["en"])
    page = gs.report(runs, "both")
    assert "no post is called free" in page
    assert "不能说有岗位可减" in page
    assert Staffing.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_a_time_that_is_longer_than_anybody_is_followed_is_not_kept(tmp_path: File) -> None:
    """A quarter of those granted wait longer than the twelve days that they are followed."""
    slow = {
        **QUIET,
        "2024-04-01": "2024-02-16",
        "takes: 6 working days": "takes: {exponential: {mean: 6 working days}}",
        "reject: 0.3": "reject: 0.01",
    }
    found, _ = studied(tmp_path, slow, 3)
    (clerks,) = found.less
    assert (clerks.verdict, found.together) == (UNDETERMINED, 0)
    assert "not shown to be as quick" in clerks.reason


# ------------------------------------------------------------------------------- verdicts on shares


def moved(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, low, high, 9)


@pytest.mark.parametrize(
    ("end", "change", "state", "better"),
    [
        ("granted", moved(-0.9, 0.9), HOLDS, False),
        ("granted", moved(-3.0, -1.1), REFUTED, False),
        ("granted", moved(-3.0, -0.5), UNDETERMINED, False),
        ("granted", moved(0.5, 2.0), HOLDS, True),
        ("refused", moved(1.1, 1.2), REFUTED, False),
        ("refused", moved(-2.0, 2.0), UNDETERMINED, True),
        ("gave_up", moved(1.1, 5.0), REFUTED, False),
        ("gave_up", moved(0.5, 1.5), UNDETERMINED, False),
        ("gave_up", moved(-3.0, -1.5), HOLDS, True),
        ("no_answer", moved(1.1, 1.2), REFUTED, False),
        ("no_answer", moved(0.9, 1.2), UNDETERMINED, False),
        ("no_answer", moved(-9.0, -8.0), HOLDS, False),
        ("no_answer", Estimate(0.0, None, None, 1), UNDETERMINED, False),
    ],
)
def test_a_share_may_not_get_worse_by_more_than_its_margin(
    end: str, change: Estimate, state: str, better: bool
) -> None:
    """Nor better, without another look; fewer without an answer are more of the others."""
    shares = {**dict.fromkeys(outcomes.ENDS, moved(0.0, 0.0)), end: change}
    found, why = outcomes.state_of({"card": shares}, 1.0)
    assert found == state
    assert bool(why) == (state != HOLDS)
    assert ("card" in outcomes.better({"card": shares}, 1.0)) == better
    assert outcomes.no_worse({"card": shares}, 1.0) == (state == HOLDS)


def test_the_search_counts_what_gets_worse() -> None:
    had = np.array([[0.6], [0.2], [0.1], [0.1]])
    now = np.array([[0.7], [0.15], [0.11], [0.04]])
    assert outcomes.worse_by(now, had)[:, 0] == pytest.approx([-0.1, -0.05, 0.01, -0.06])


def test_every_reason_is_told_in_both_languages() -> None:
    from govsim.evidence.staffing import why

    kinds = {value for key, value in vars(why).items() if key.isupper()} | {*outcomes.ENDS}
    for kind in kinds:
        en, zh = (told((Why(kind, ("card",), 2.0),), Words(lang)) for lang in LANGUAGES)
        assert en
        assert en != zh


def test_the_margin_is_the_scenarios(tmp_path: File) -> None:
    stated = scenario(tmp_path, QUIET, 3)
    assert asked_of(stated, None, 0.95).margin == pytest.approx(0.01)
    other = replace(stated, tree={**stated.tree, "experiment": {"outcomes_margin": "3 %"}})
    assert asked_of(other, None, 0.95).margin == pytest.approx(0.03)
