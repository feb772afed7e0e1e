"""Worlds of a small office, explored: one unknown decides, one does not.

Stopped and continued, or on more threads, the same comes out.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from govsim import cli
from govsim.errors import Interrupted, Problem, RunError, ScenarioError, StoreError
from govsim.evidence.conditions.condition import judge_alone
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.worlds.landscape import (
    FAILS,
    HOLDS,
    UNRESOLVED,
    Judged,
    Landscape,
    Lead,
    Measured,
)
from govsim.evidence.worlds.result import Worlds
from govsim.evidence.worlds.study import _Study, explore
from govsim.evidence.worlds.task import Drawn
from govsim.experiment import replication
from govsim.measures import MeasureIndex
from govsim.organisation.configure import unknowns
from govsim.organisation.load import load
from govsim.organisation.parameters import Uncertain
from govsim.scenario import Scenario
from govsim.store import Store
from govsim.store.rows import unpack
from stopped import stopped

OFFICE = """\
govsim: 1
title: A post that takes days
start: 2024-01-01
reform_day: 2024-01-15
count_from: 2024-01-15
count_until: 2024-03-31
horizon: 2024-12-31

parameters:
  post: {value: 4 days, range: [2, 6], source: assumption}
  gain: {value: 0.5, range: [0.2, 1.0], source: assumption}
  idle: {value: 0.5, range: [0, 1], source: assumption, about: "that no claim depends on"}
  spare: {value: 1, range: [0, 2], source: assumption, about: "that nothing depends on"}

calendars:
  office: {day: 8 h, week: {mon-fri: ["08:00-12:00", "14:00-18:00"]}}
departments:
  hall: {}
desks:
  window: {department: hall, kind: window}
  back: {department: hall, kind: internal}
staff:
  filers: {department: hall, calendar: office, members: 1, serves: {back: 1.0}, absence: idle}
  clerks: {department: hall, calendar: office, members: 2, serves: {window: 1.0}}
services:
  permit:
    department: hall
    calendar: office
    demand: {per_year: 300}
    route:
      - {task: ask, desk: window, effort: {exponential: {mean: 20 min}}}
      - {delay: post, takes: {exponential: {mean: post}}, owner: outside}
  filing:
    department: hall
    calendar: office
    internal: true
    demand: {every: 28 days}
    route: [{task: file, desk: back, effort: 10 min}]
reform:
  courier: {kind: process, bundle: post, set: {parameters.post: {times: gain}}}
claims:
  C1:
    quote: Less time
    holds_if: [{measure: cycle_time, statistic: mean, change: decrease, at_least: 40 %}]
  C2:
    quote: Growth
    outside_the_model: true
experiment: {seed: 5, worlds: 32}
"""


def office(text: str = OFFICE) -> Scenario:
    return load("office.yaml", text)


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Worlds, Path]:
    folder = tmp_path_factory.mktemp("office") / "worlds"
    return explore(office(), worlds=64, workers=1, folder=folder, progress=False), folder


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> tuple[Worlds, Path]:
    folder = tmp_path_factory.mktemp("preview") / "worlds"
    return explore(office(), worlds=16, workers=2, folder=folder, progress=False), folder


# ------------------------------------------------------------------------------------ what is found


@pytest.mark.slow
def test_the_unknown_that_decides_is_found_and_the_dummy_is_not(
    explored: tuple[Worlds, Path],
) -> None:
    found, _ = explored
    claim = found.claims["C1"]
    assert claim.effects is not None
    assert found.leading(claim.effects)[0].startswith("gain ")
    names = [each.name for each in found.unknowns]
    # the percentage hardly depends on how long the post takes
    assert claim.effects.shapley[names.index("gain")] > 0.9
    assert names.index("idle") not in claim.effects.named()
    assert found.worth[0][0] == "gain"
    assert found.worth[0][1] > 0.2


@pytest.mark.slow
def test_worlds_are_judged_as_the_numbers_drawn_for_them_say(explored: tuple[Worlds, Path]) -> None:
    found, _ = explored
    gain = next(np.array(each.values) for each in found.unknowns if each.name == "gain")
    states = np.array(found.claims["C1"].states)
    # all but the windows' few minutes is post, so time falls by 1 - gain,
    # give or take what 64 replications leave
    assert set(states[gain < 0.55]) == {HOLDS}
    assert set(states[gain > 0.65]) == {FAILS}
    assert found.claims["C1"].low < (gain < 0.6).mean() < found.claims["C1"].high


@pytest.mark.slow
def test_the_box_of_failure_is_the_range_of_the_deciding_unknown(
    explored: tuple[Worlds, Path],
) -> None:
    box = explored[0].claims["C1"].box
    assert box is not None
    assert box.en.startswith("gain is above 0.5") or box.en.startswith("gain is above 0.6")
    assert "高于" in box.zh
    assert box.coverage > 0.9
    assert box.density > 0.9


@pytest.mark.slow
def test_only_worlds_that_are_open_get_more_replications(tmp_path: Path) -> None:
    folder = tmp_path / "worlds"
    found = explore(
        office(
            OFFICE.replace("per_year: 300", "per_year: 24")
            .replace("mean: 20 min", "mean: 20 h")
            .replace("members: 2", "members: 4")
        ),
        worlds=32,
        workers=2,
        folder=folder,
        progress=False,
    )
    store = Store.open(folder)
    numbers = store.done()
    store.close()
    done = [sum(number // 64 == world for number in numbers) for world in range(32)]
    assert done == list(found.replications)
    assert set(done) <= {16, 32, 64}
    assert 0 < done.count(16) < 32  # far from the threshold sixteen are enough
    gain = next(each.values for each in found.unknowns if each.name == "gain")
    most = [each for each, number in zip(gain, done, strict=True) if number > 16]
    assert np.mean(np.abs(np.array(most) - 0.5)) < np.mean(np.abs(np.array(gain) - 0.5))
    assert all(
        state != UNRESOLVED
        for state, number in zip(found.claims["C1"].states, done, strict=True)
        if number < 64
    ) or (found.claims["C1"].unresolved <= 0.05 * 32)


@pytest.mark.slow
def test_a_claim_on_each_service_is_as_strong_as_its_weakest() -> None:
    again = "{measure: cycle_time, statistic: mean, change: decrease, at_least: 40 %}"
    claim = f"  C3:\n    quote: All\n    each: service\n    holds_if: [{again}]\nexperiment:"
    route = "[{task: talk, desk: window, effort: {exponential: {mean: 20 min}}}]"
    talk = (
        f"  talk: {{department: hall, calendar: office, demand: {{per_year: 300}}, route: "
        f"{route}}}\nreform:"
    )
    two = OFFICE.replace("experiment:", claim).replace("reform:", talk)
    found = explore(office(two), worlds=16, workers=2, progress=False)
    every = found.claims["C3"]
    assert every.fails == 16  # nothing changes for those who only talk
    assert every.lead == "mean of cycle_time, the service that improves least"
    assert every.effects is not None
    assert not every.effects.named()
    assert found.claims["C1"].holds > 0


@pytest.mark.slow
def test_what_is_found_goes_to_json_and_back_and_prints_within_the_screen(
    explored: tuple[Worlds, Path],
) -> None:
    found, folder = explored
    assert (
        Worlds.from_dict(json.loads((folder / "worlds.json").read_text(encoding="utf-8"))) == found
    )
    text = str(found)
    assert "a preview" in text
    assert "gain" in text
    assert max(map(len, text.splitlines())) <= 100
    assert "nan" not in text.lower()
    assert found.to_frame().shape == (64, 2 + 3 + 1)
    assert found.idle == ("spare",)
    assert "left out, as they change nothing here: spare" in text
    assert "<table>" in found._repr_html_()


PATHS = """\
  C3:
    quote: No heap
    holds_if: [{measure: backlog, by: week, statistic: max, change: no_increase, at_most: 10 %}]
  C4:
    quote: Soon back
    holds_if: [{measure: cycle_time, by: week, statistic: months_to_recover, level: at_most,
        value: 1 month}]
  C5:
    quote: Nine in ten
    each: service
    holds_if: [{measure: cycle_time, statistic: p90, change: decrease, at_least: 40 %}]
  C6:
    quote: Eight in ten
    holds_if: [{measure: cycle_time_working, statistic: p80, level: at_most,
        value: 40 working days}]
experiment:"""


@pytest.mark.parametrize("alone", [True, False])
def test_what_is_kept_of_a_world_says_the_same_as_all_of_it(alone: bool) -> None:
    talk = (
        "  talk: {department: hall, demand: {per_year: 300}, route: [{task: talk, desk: window, "
        "effort: 30 min}]}\nreform:"
    )
    other = (
        PATHS if alone else PATHS.replace("{measure: backlog,", "{measure: backlog, of: talk,", 1)
    )
    more = "" if alone else "\n  more: {kind: merger, set: {services.talk.demand.per_year: 400}}"
    scenario = office(OFFICE.replace("experiment:", other).replace("reform:", talk + more))
    base = replication.prepare(scenario, ("before", "after"), None, 1, "compiled", "measures")
    study = _Study(scenario, base, 16, dict(sorted(unknowns(scenario).items())))
    kept, every = [], []
    for number in range(8):
        kept.append(unpack(study.task(number).blobs["measures"]))
        world = study.task._world(0)
        every.append(unpack(world(number).blobs["measures"]))
    about = base.settings.about
    index = MeasureIndex.from_dict(about["index"])
    samples = [
        Sample(index, ("before", "after"), kept, paired=study.task.pairs.paired),
        Sample(index, ("before", "after"), every, about["pairs"], about["paired"]),
    ]
    for whom in ("same", "known", "both"):  # who files in both, where not all do
        parts = [each.restricted("before", "after", whom) for each in samples]
        assert [each is None for each in parts] == [whom == "both" and alone] * 2
    asked = [c for each in study.questions.conditions.values() for c in sum(each, ())]
    for condition in asked:
        if condition.weeks is None and not condition.is_level:
            few, all_of_it = (
                judge_alone(condition, each.restricted("before", "after", "same") or each)
                for each in samples
            )
            assert few.state == all_of_it.state
            assert few.improvement.value == pytest.approx(all_of_it.improvement.value, rel=1e-4)
    for what in ("withdrawn", "counted", "open"):  # of each service: who brings no work
        quantity = Quantity(what, "count", "talk")
        few, all_of_it = (each.values(quantity, "after") for each in samples)
        assert few.tolist() == all_of_it.tolist()
    small, whole = (study.questions.judged(sample, study._loads(0)) for sample in samples)
    assert small.states == whole.states
    assert small.states["C6"] == HOLDS  # a quantile that no measure is kept for
    assert small.improvements.keys() == whole.improvements.keys()
    for name, each in small.improvements.items():
        assert each == pytest.approx(whole.improvements[name], rel=1e-4, abs=1e-4)


LOST = Path(__file__).parent / "truth" / "worlds_where_the_wrong_ones_are_lost.yaml"


def test_a_world_where_only_all_together_are_faster_is_open_without_more_replications() -> None:
    two = ("before", "after")
    found = explore(load(LOST), worlds=16, configurations=two, workers=2, progress=False)
    (days,) = (each.values for each in found.unknowns if each.name == "hard_days")
    states = found.claims["a_fifth"].states
    # of those granted in both: (1 + 100) / 2 before, (1 + days) / 2 after
    assert [each == HOLDS for each in states] == [each <= 79.8 for each in days]
    assert set(states) == {HOLDS, UNRESOLVED}
    assert set(found.replications) == {16}


# ---------------------------------------------------------------------------- stopped and continued


@pytest.mark.slow
def test_one_thread_or_two_the_worlds_are_the_same(
    preview: tuple[Worlds, Path], tmp_path: Path
) -> None:
    found, folder = preview
    again = explore(office(), worlds=16, workers=1, folder=tmp_path / "worlds", progress=False)
    assert replace(again, where=found.where) == found
    digests = []
    for each in (folder, tmp_path / "worlds"):
        store = Store.open(each)
        digests.append(store.digest())
        store.close()
    assert digests[0] == digests[1]


@pytest.mark.slow
def test_a_preview_is_carried_on_to_more_worlds(
    explored: tuple[Worlds, Path], preview: tuple[Worlds, Path], tmp_path: Path
) -> None:
    found, _ = explored
    early, folder = preview
    assert early.unknowns[0].values == found.unknowns[0].values[:16]
    shutil.copytree(folder, tmp_path / "worlds")
    whole = explore(office(), worlds=64, workers=2, folder=tmp_path / "worlds", progress=False)
    assert whole.claims == found.claims


@pytest.mark.slow
def test_killed_at_any_moment_nothing_that_is_stored_is_lost(
    preview: tuple[Worlds, Path], tmp_path: Path
) -> None:
    found, _ = preview
    (tmp_path / "office.yaml").write_text(OFFICE, encoding="utf-8")
    folder = tmp_path / "worlds"
    program = (
        "from govsim.organisation.load import load; "
        "from govsim.evidence.worlds.study import explore; "
        f"explore(load('office.yaml'), worlds=16, workers=2, folder={str(folder)!r}, "
        "progress=False)"
    )
    with stopped(program, tmp_path, 40) as process:
        process.kill()
        process.communicate()
    store = Store.open(folder)
    before = len(store.done())
    store.close()
    assert 40 <= before < sum(found.replications)
    again = explore(
        load(tmp_path / "office.yaml"), worlds=16, workers=2, folder=folder, progress=False
    )
    assert again.claims == found.claims
    assert sum(again.replications) == sum(found.replications)


@pytest.mark.slow
def test_the_command_line_explores_a_file_keeps_it_beside_its_run_and_refuses_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "office.yaml").write_text(OFFICE, encoding="utf-8")

    def govsim(*words: str) -> Result:
        return CliRunner().invoke(cli.main, ["explore", *words])

    done = govsim("office.yaml", "--worlds", "16", "--workers", "1", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    (folder,) = (tmp_path / "runs").glob("office-*/worlds")
    assert told == json.loads((folder / "worlds.json").read_text(encoding="utf-8"))
    assert told["preview"]
    refused = govsim("office.yaml", "--worlds", "8")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("worlds: 8; at least 16 are needed")


def test_the_number_of_replications_is_told_before_any_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stops(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Drawn, "__call__", stops)
    with pytest.raises(Interrupted):
        explore(office(), 256)
    assert capsys.readouterr().err.startswith(
        "explore: 4,096 replications of 2 configurations are expected (256 possible offices x 16), "
        "16,384 at most where claims stay open; what is known may refuse some, and "
        "up to 2,560 are tried"
    )


# ------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("text", "worlds", "said"),
    [
        (OFFICE, 15, "worlds: 15; at least 16 are needed"),
        (OFFICE, 10**6, "at most 8192 are possible"),
        (
            OFFICE.replace(", range: [2, 6]", "")
            .replace(", range: [0.2, 1.0]", "")
            .replace(", range: [0, 1]", "")
            .replace(", range: [0, 2]", ""),
            16,
            "only one world",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(text: str, worlds: int, said: str) -> None:
    with pytest.raises(RunError, match=said):
        explore(office(text), worlds=worlds, progress=False)


@pytest.mark.slow
def test_worlds_that_were_kept_for_other_claims_are_not_judged_by_new_ones(
    explored: tuple[Worlds, Path],
) -> None:
    _, folder = explored
    other = OFFICE.replace(
        "measure: cycle_time, statistic: mean", "measure: cycle_time, statistic: p90"
    )
    with pytest.raises(StoreError, match="for other claims; remove this folder"):
        explore(office(other), worlds=64, folder=folder, progress=False)
    with pytest.raises(StoreError, match="holds other worlds"):
        explore(office(), worlds=64, seed=6, folder=folder, progress=False)


def test_a_world_that_cannot_be_is_told_by_its_number_and_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from govsim.evidence.worlds import task as drawn

    def impossible(scenario: Scenario, *_: Any) -> None:
        raise ScenarioError(scenario.path, [Problem(7, "parameters.post", "is too long")])

    monkeypatch.setattr(drawn, "configure", impossible)
    with pytest.raises(
        RunError,
        match=r"office.yaml:7: .* world 0 \(parameters.post: is too long\) .*narrow the ranges",
    ):
        explore(office(), worlds=16, workers=1, progress=False)


# ------------------------------------------------------------------------------ all worlds together


def unknown(name: str, whole: bool = False, unit: str = "days") -> Uncertain:
    return Uncertain(name, 0.5, 0.0, 10.0 if whole else 1.0, unit, whole, "assumption")


def landscape(fails: Any, values: Any, unknowns: list[Uncertain]) -> Landscape:
    judged = [
        Judged(8, {"C": FAILS if each else HOLDS}, {"C": Measured(1.0 - each, 0.0)})
        for each in fails
    ]
    return Landscape(judged, values, unknowns)


def test_a_box_with_two_ends_is_said_in_one_breath_and_whole_numbers_stay_whole() -> None:
    chance = np.random.default_rng(1)
    values = np.column_stack((chance.random(200), chance.integers(0, 11, 200)))
    middle = (values[:, 0] > 0.3) & (values[:, 0] < 0.7)
    found = landscape(middle, values, [unknown("wait"), unknown("posts", True, "")]).claim(
        "C", Lead("mean of x", "%", 0.5)
    )
    assert found.box is not None
    assert found.box.en.startswith("wait is above 0.")
    assert " days and below 0." in found.box.en
    assert " 天" in found.box.zh
    late = landscape(
        values[:, 1] >= 6, values, [unknown("wait"), unknown("posts", True, "")]
    ).claim("C", Lead("x", "", 0.5))
    assert late.box is not None
    assert late.box.en == "posts is above 5"


def test_worlds_without_a_number_for_a_claim_are_counted_but_have_no_effect() -> None:
    judged = [Judged(8, {"C": UNRESOLVED}, {}) for _ in range(32)]
    found = Landscape(
        judged, np.random.default_rng(1).random((32, 2)), [unknown("a"), unknown("b")]
    )
    claim = found.claim("C", Lead("x", "%", 0.0))
    assert (claim.unresolved, claim.effects, claim.split, claim.value, claim.box) == (
        32,
        None,
        None,
        None,
        None,
    )
    assert found.output("before > after") is None
    assert not any(value for _, value in found.worth(["C"])[0])


def test_effects_on_the_mix_are_told_of_worlds_where_queues_settle() -> None:
    values = np.random.default_rng(1).random((40, 1))
    judged = [
        Judged(8, {}, {"a > b": Measured(float(v) if k % 2 else 500.0, 0.01)}, bool(k % 2))
        for k, (v,) in enumerate(values)
    ]
    found = Landscape(judged, values, [unknown("v")]).output("a > b")
    assert found is not None
    assert found.worlds == 20
    assert found.mean == pytest.approx(values[1::2].mean())


@pytest.mark.slow
def test_queues_that_never_settle_are_told() -> None:
    crowded = OFFICE.replace("mean: 20 min", "mean: 2000 min")
    with pytest.raises(
        ScenarioError,
        match=r"office.yaml:1: known: the stated numbers contradict what is known: before the "
        r"reform more work comes than can be done by clerks \(\d+ %\).* or write `known: none`",
    ):
        explore(office(crowded), worlds=16, progress=False)
    found = explore(office(f"{crowded}known: none\n"), worlds=16, workers=2, progress=False)
    assert not any(found.settled)
    assert any(
        "in 16 of 16 possible offices queues cannot settle" in each.said()
        for each in found.warnings
    )
    # with more work than can be done in both configurations no world says anything of a time
    assert found.claims["C1"].endless == 16
    assert found.claims["C1"].counts.nearly_all == ""
    assert not found.outputs
    assert "nan" not in str(found).lower()


def test_who_stops_what_nobody_keeps_is_told_that_it_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stops(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Drawn, "__call__", stops)
    with pytest.raises(
        Interrupted, match=r"stopped after 0 of \d+; nothing was kept\. Give a folder \(folder=\)"
    ):
        explore(office(), 16, progress=False)


def test_a_world_that_does_not_fit_into_the_memory_is_said_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: Any) -> Any:
        raise MemoryError("Unable to allocate 4 TiB")

    monkeypatch.setattr(replication, "simulate", full)
    with pytest.raises(
        RunError, match=r"not enough memory .Unable to allocate 4 TiB.; let fewer applicants file"
    ):
        explore(office(), 16, engine="reference", progress=False)
