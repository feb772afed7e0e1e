"""One question has one answer, whichever command is asked."""

from __future__ import annotations

from collections.abc import Iterator
from math import isclose
from pathlib import Path
from typing import NamedTuple

import pytest

import govsim as gs
import toy
from govsim.evidence import estimates
from govsim.evidence.claims.result import Verdict
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.worlds.judging import Questions
from govsim.report.material import Material

TIME = "cycle_time_working"
N = 20  # replications
CLAIMS = """
claims:
  mean: {quote: q, holds_if: [{measure: cycle_time_working, statistic: mean, change: decrease}]}
  p90: {quote: q, holds_if: [{measure: cycle_time_working, statistic: p90, change: decrease}]}
  p90_slow:
    quote: q
    of: slow
    holds_if: [{measure: cycle_time_working, statistic: p90, change: decrease}]
  late: {quote: q, holds_if: [{measure: late, statistic: share, change: decrease}]}
  visits: {quote: q, holds_if: [{measure: visits, statistic: mean, change: decrease}]}
  posts:
    quote: q
    family: one_post_less
    holds_if:
      - {measure: cycle_time_working, statistic: p90, change: no_increase, at_most: 2 %}
"""
ASKED = {
    "mean": Quantity(TIME, "mean"),
    "p90": Quantity(TIME, "p90"),
    "p90_slow": Quantity(TIME, "p90", "slow"),
    "late": Quantity("late", "share"),
    "visits": Quantity("visits", "mean"),
}
# in the second office some give up, and some have no answer when the last day comes
OFFICES = {
    "everybody is answered": toy.TOY,
    "some leave, some wait": toy.TOY.replace("horizon: 2024-03-31", "horizon: 2024-02-21").replace(
        "mean: 60 min}}}\n      - review", "mean: 60 min}}, patience: 2 h}\n      - review"
    ),
}


class Run(NamedTuple):
    """A run, and all that is asked of it at once."""

    runs: gs.Runs
    sample: Sample
    verdicts: gs.Verdicts
    material: Material
    attribution: gs.Attribution


@pytest.fixture(scope="module", params=OFFICES.values(), ids=OFFICES)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder: Path = tmp_path_factory.mktemp("one_place")
    scenario = gs.load(toy.write(folder, request.param + CLAIMS))
    runs = gs.run(scenario, N, out=folder, progress=False)
    attribution = gs.attribute(runs, progress=False)
    return Run(runs, Sample.of(runs), gs.claims(runs), Material(runs), attribution)


class Told(NamedTuple):
    """The level before and after, and the change; None where a command does not tell it."""

    command: str
    before: float | None
    after: float | None
    change: float | None


def screen(run: Run, asked: Quantity) -> Iterator[Told]:
    for line in run.runs.summary().lines:
        if asked.measure == TIME and (line.service, line.statistic) == (
            asked.scope,
            asked.statistic,
        ):
            assert line.change
            yield Told("show", line.levels[0].value, line.levels[-1].value, line.change.value)


def comparison(run: Run, asked: Quantity) -> Iterator[Told]:
    found = gs.compare(run.runs, measure=asked.measure)
    row, factor = found.row(str(asked.scope), asked.statistic), 100 * (found.unit == "share") or 1
    told = (row.before.times(factor), row.after.times(factor), row.change.times(factor))
    yield Told("compare", *(each.value for each in told))


def claim(verdict: Verdict) -> Iterator[Told]:
    (finding,) = verdict.findings
    assert finding.before
    assert finding.after
    less = finding.improvement.value
    change = None if less is None else -less
    yield Told("claims", finding.before.value, finding.after.value, change)


def report(run: Run, asked: Quantity) -> Iterator[Told]:
    one, table = run.material, {"asked": asked}
    yield Told(
        "report",
        one.level(asked, "before").estimate.value,
        one.level(asked, "after").estimate.value,
        one.change(asked, "before", "after").estimate.value,
    )
    yield Told(
        "report's tables",
        one.levels(table, "before")["asked"].estimate.value,
        one.levels(table, "after")["asked"].estimate.value,
        one.changes(table, "before", "after")["asked"].estimate.value,
    )


def attributed(run: Run, asked: Quantity) -> Iterator[Told]:
    """The whole of what is divided: a quantile where it is asked for by name."""
    asking = asked.statistic == "p90"
    effects = (
        gs.attribute(
            run.runs, measure=TIME, statistic="p90", scope=asked.scope, progress=False
        ).effects
        if asking
        else run.attribution.effects
    )
    for effect in effects:
        if (effect.measure, effect.statistic, effect.scope) == (
            asked.measure,
            asked.statistic,
            asked.scope,
        ):
            yield Told("attribute", effect.before.value, effect.after.value, effect.total.value)


def base_world(run: Run, name: str) -> Iterator[Told]:
    """The base world judged as `explore` judges any."""
    scenario = gs.load(run.runs.settings.scenario)
    judged = Questions(scenario, ("before", "after")).judged(run.sample, {})
    keys = (name, "before > after") if name == "mean" else (name,)
    for key in keys:
        less = judged.improvements.get(key)
        yield Told(f"explore ({key})", None, None, None if less is None else -less.value)


def test_the_offices_are_what_they_are_named(run: Run, request: pytest.FixtureRequest) -> None:
    cases = run.runs.summary().loads["before"].cases
    some = "some leave" in request.node.name
    assert (cases["withdrawn"] > 0, cases["open"] > 0) == (some, some)


@pytest.mark.parametrize("name", ASKED)
def test_every_command_tells_the_same_levels_and_the_same_change(run: Run, name: str) -> None:
    asked = ASKED[name]
    everything = [
        *screen(run, asked),
        *comparison(run, asked),
        *claim(run.verdicts[name]),
        *report(run, asked),
        *attributed(run, asked),
        *base_world(run, name),
    ]
    assert len(everything) >= 5
    for what in ("before", "after", "change"):
        values = {
            each.command: value for each in everything if (value := getattr(each, what)) is not None
        }
        first, *others = values.values()
        assert others
        assert all(isclose(each, first, rel_tol=1e-9, abs_tol=1e-9) for each in others), (
            what,
            values,
        )


def test_all_that_attribution_lists_is_what_the_run_tells_interval_and_all(run: Run) -> None:
    assert run.attribution.replications == N
    for effect in run.attribution.effects:
        asked = Quantity(*effect.target)
        factor = 100.0 if effect.unit == "points" else 1.0
        change = estimates.change(run.sample, asked, "before", "after").times(factor)
        told = effect.total
        assert (told.value, told.low, told.high) == pytest.approx(
            (change.value, change.low, change.high), rel=1e-9
        )
        for told, name in ((effect.before, "before"), (effect.after, "after")):
            level = estimates.level(run.sample, asked, name).times(factor)
            assert (told.value, told.low, told.high) == pytest.approx(
                (level.value, level.low, level.high), rel=1e-9
            )
        for players in (effect.bundles, effect.kinds):
            parts = sum(each.shapley.value or 0.0 for each in players)
            assert not players or parts == pytest.approx(change.value, rel=1e-9)


@pytest.mark.slow
def test_the_change_that_staffing_starts_from_is_the_one_that_is_compared(run: Run) -> None:
    posts = gs.staff(run.runs, N, progress=False)
    compared = gs.compare(run.runs)
    told = posts.all_posts.changes
    assert {*told} == {"quick", "slow"}
    for service, change in told.items():
        percent = compared.row(service, "p90").percent.value
        assert change.value is not None
        assert percent is not None
        assert isclose(change.value, percent, rel_tol=1e-9, abs_tol=1e-9)
