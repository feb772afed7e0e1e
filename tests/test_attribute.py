"""Attribution: every set of bundles under common draws, divided by Shapley value.

It is held against a slow twin that runs each set.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from math import factorial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from click.testing import CliRunner, Result
from numpy.typing import NDArray

import govsim as gs
from govsim import cli
from govsim.errors import Interrupted, RunError, StoreError
from govsim.evidence import runs as experiment
from govsim.evidence.attribution import design as subsets
from govsim.evidence.attribution import study as module
from govsim.evidence.attribution.design import REST, design_of
from govsim.evidence.attribution.result import Attribution, Contribution, Effect
from govsim.evidence.attribution.study import attribute
from govsim.evidence.estimates import level
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.study import kept, subject_of
from govsim.statistics import shapley as game
from govsim.store import Store, content_digest

Floats = NDArray[np.float64]
N = 6
T5 = 2.5705818  # Student's t with 5 degrees of freedom, 95 %

OFFICE = """
govsim: 1
title: An office with three bundles
start: 2024-01-01
reform_day: 2024-03-01
count_from: 2024-03-01
count_until: 2024-06-30
horizon: 2024-12-31
parameters:
  ask: {value: 30 min, range: [10, 40], source: assumption}
  look: {value: 90 min, range: [10, 400], source: assumption}
  paper: {value: 0.8, range: [0, 1], source: assumption}
calendars:
  office: {day: 7 h, week: {mon-fri: ["08:30-12:00", "14:30-18:00"]}}
departments: {here: {}, there: {}}
desks:
  counter: {department: here, kind: window}
  files: {department: there, kind: review}
  seal: {department: there, kind: signature}
staff:
  clerks: {department: here, calendar: office, members: 1, serves: {counter: 1.0}}
  readers: {department: there, calendar: office, members: 2, serves: {files: 1.0}}
  signer: {department: there, calendar: office, members: 1, absence: 0.2, serves: {seal: 1.0}}
services:
  permit:
    department: here
    demand: {per_year: 1500}
    promise: 2 working days
    route:
      - {task: hand_in, desk: counter, effort: {exponential: {mean: ask}}}
      - {transfer: send, to: there, leaves: ["16:00"], takes: 1 working day, paper: paper,
          electronic_takes: 0.1 working days}
      - {task: read, desk: files, effort: {exponential: {mean: look}}}
      - {task: sign, desk: seal, effort: 5 min}
  licence:
    department: here
    demand: {per_year: 600}
    route:
      - {task: hand_in, desk: counter, effort: {exponential: {mean: ask}}}
      - {task: read, desk: files, effort: {exponential: {mean: look}}}
  rare:
    department: here
    demand: {per_year: 6}
    route:
      - {task: hand_in, desk: counter, effort: 300 min}
      - {transfer: send, to: there, leaves: ["16:00"], takes: 1 working day, paper: paper,
          electronic_takes: 0.1 working days}
"""
REFORM = """
reform:
  quick_counter: {kind: process, bundle: counter, set: {parameters.ask: {times: 0.6}}}
  one_roof: {kind: merger, bundle: files, set: {services.*.send.leaves: any time}}
  wires: {kind: process, bundle: files, set: {parameters.paper: {times: 0.3}}}
  short_forms: {kind: process, bundle: forms, set: {parameters.look: {times: 0.7}}}
  more_absence: {kind: stress, set: {parameters.look: {times: 1.05}}}
configurations:
  c0: []
  c1: [quick_counter]
  c2: [one_roof, wires]
  c3: [quick_counter, one_roof, wires]
  c4: [short_forms]
  c5: [quick_counter, short_forms]
  c6: [one_roof, wires, short_forms]
  c7: [quick_counter, one_roof, wires, short_forms]
  roof_alone: [one_roof]
  roof_last: [quick_counter, wires, short_forms]
"""
SETS = tuple(f"c{k}" for k in range(8))
SEVEN = "reform:\n" + "".join(
    f"  l{k}: {{kind: process, set: {{services.{service}.{step}.effort: {{times: 0.{k + 2}}}}}}}\n"
    for k, (service, step) in enumerate(
        itertools.product(("permit", "licence", "rare"), ("hand_in", "read"))
    )
    if (service, step) != ("rare", "read")
)


def office(folder: Path, text: str) -> gs.Scenario:
    path = folder / "office.yaml"
    path.write_text(OFFICE + text, encoding="utf-8")
    return gs.load(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attribution")


@pytest.fixture(scope="module")
def scenario(folder: Path) -> gs.Scenario:
    return office(folder, REFORM)


@pytest.fixture(scope="module")
def found(scenario: gs.Scenario, folder: Path) -> Attribution:
    return attribute(scenario, N, folder=folder / "attribution", workers=1, progress=False)


@pytest.fixture(scope="module")
def runs(scenario: gs.Scenario) -> gs.Runs:
    """Each set as a configuration of the file."""
    return gs.run(
        scenario,
        N,
        (*SETS, "roof_alone", "roof_last", "process_only", "merger_only", "after"),
        progress=False,
    )


def effect_of(found: Attribution, *target: str) -> Effect:
    return next(each for each in found.effects if each.target[: len(target)] == target)


def bundle(effect: Effect, name: str) -> Contribution:
    return next(each for each in (*effect.bundles, *effect.kinds) if each.name == name)


def values(runs: gs.Runs, configuration: str, scope: str) -> Floats:
    return Sample.of(runs).values(Quantity("cycle_time_working", "mean", scope), configuration)


def over_all_orders(v: Floats) -> Floats:
    """The Shapley value of three players as it is told."""
    shares = np.zeros((3, *v.shape[1:]))
    for order in itertools.permutations(range(3)):
        on = 0
        for i in order:
            shares[i] += (v[on | 1 << i] - v[on]) / factorial(3)
            on |= 1 << i
    return shares


# -------------------------------------------------------------------------------------- a slow twin


@pytest.mark.slow
def test_each_bundle_gets_what_it_adds_over_all_orders(found: Attribution, runs: gs.Runs) -> None:
    expected = over_all_orders(np.array([values(runs, each, "permit") for each in SETS]))
    effect = effect_of(found, "cycle_time_working", "mean", "permit")
    for k, each in enumerate(effect.bundles):
        assert each.shapley.value == pytest.approx(expected[k].mean())
        half = T5 * expected[k].std(ddof=1) / np.sqrt(N)
        assert each.shapley.half_width is not None
        assert each.shapley.half_width >= half * (1 - 1e-9)
    assert [each.name for each in effect.bundles] == ["counter", "files", "forms"]


@pytest.mark.slow
def test_alone_last_and_together_are_what_those_sets_do(found: Attribution, runs: gs.Runs) -> None:
    c = [values(runs, each, "permit").mean() for each in SETS]
    effect = effect_of(found, "cycle_time_working", "mean", "permit")
    assert (effect.before.value, effect.after.value) == (pytest.approx(c[0]), pytest.approx(c[7]))
    assert [each.first_in.value for each in effect.bundles] == pytest.approx(
        [c[1] - c[0], c[2] - c[0], c[4] - c[0]]
    )
    assert [each.last_in.value for each in effect.bundles] == pytest.approx(
        [c[7] - c[6], c[7] - c[5], c[7] - c[3]]
    )
    counter_files = effect.interactions[0]
    assert (counter_files.first, counter_files.second) == ("counter", "files")
    plain, with_forms = c[3] - c[1] - c[2] + c[0], c[7] - c[5] - c[6] + c[4]
    assert counter_files.plain.value == pytest.approx(plain)
    assert counter_files.shapley.value == pytest.approx((plain + with_forms) / 2)


def test_a_bundle_of_two_kinds_shows_its_parts_and_the_reform_what_needed_a_merger(
    found: Attribution, runs: gs.Runs
) -> None:
    names = ("c0", "c7", "roof_alone", "roof_last", "merger_only", "process_only")
    none, every, roof, all_but_roof, merger_only, process_only = (
        values(runs, each, "permit").mean() for each in names
    )
    effect = effect_of(found, "cycle_time_working", "mean", "permit")
    (part,) = (each for each in bundle(effect, "files").parts if each.kind == "merger")
    assert part.levers == ("one_roof",)
    assert (part.first_in.value, part.last_in.value) == (
        pytest.approx(roof - none),
        pytest.approx(every - all_but_roof),
    )
    assert bundle(effect, "counter").parts == ()
    merger, process = bundle(effect, "merger"), bundle(effect, "process")
    assert (merger.first_in.value, merger.last_in.value) == (
        pytest.approx(merger_only - none),
        pytest.approx(every - process_only),
    )
    assert merger.shapley.value == pytest.approx((merger_only - none + every - process_only) / 2)
    assert merger.shapley.value + process.shapley.value == pytest.approx(effect.total.value)


def test_a_mix_that_lacks_a_service_in_some_replication_is_of_all_cases_together(
    found: Attribution, runs: gs.Runs
) -> None:
    """Six of the rare service file in a year, so some replications have none of it
    in four months.
    """
    services = dict(zip(runs.index.services, runs.index.weights_of("mix"), strict=True))
    sample = Sample.of(runs)

    def mean(service: str, configuration: str) -> float:
        """All minutes by all cases."""
        quantity = Quantity("cycle_time_working", "mean", service)
        times = np.nan_to_num(sample.values(quantity, configuration))
        cases = sample.cases_each(quantity, configuration)
        return float((times * cases).sum() / cases.sum())

    assert np.isnan(values(runs, "c0", "rare")).any()
    v = np.array(
        [sum(weight * mean(service, each) for service, weight in services.items()) for each in SETS]
    ) / sum(services.values())
    effect = found.effects[0]
    expected = over_all_orders(v)
    assert [each.shapley.value for each in effect.bundles] == pytest.approx(expected.tolist())
    assert (effect.total.value, effect.note) == (pytest.approx(v[7] - v[0]), "")


@pytest.mark.parametrize("scope", ["permit", ("permit", "licence"), "mix"])
def test_a_share_is_of_all_cases_together_and_its_parts_add_up_to_what_is_compared(
    scenario: gs.Scenario, runs: gs.Runs, scope: str | tuple[str, ...]
) -> None:
    """Late in days of many cases and late in days of few count by the case."""
    effect = attribute(
        scenario, N, measure="late", statistic="share", scope=scope, progress=False
    ).effect
    sample, quantity = Sample.of(runs), Quantity("late", "share", "permit")  # the only promise
    v = []
    for each in SETS:
        shares, cases = sample.values(quantity, each), sample.cases_each(quantity, each)
        v.append(100 * (shares * cases).sum() / cases.sum())
    assert abs(v[0] - 100 * sample.values(quantity, "c0").mean()) > 1e-3  # no mean of shares
    expected = over_all_orders(np.array(v))
    assert [each.shapley.value for each in effect.bundles] == pytest.approx(expected.tolist())
    compared = gs.compare(runs, "c7", "c0", measure="late").row("permit", "share").change
    told = (effect.total.value, effect.total.low, effect.total.high)
    both = (compared.value, compared.low, compared.high)
    assert told == pytest.approx([100 * (each or 0.0) for each in both])
    for players in (effect.bundles, effect.kinds):
        assert sum(each.shapley.value or 0.0 for each in players) == pytest.approx(told[0])


@pytest.mark.parametrize(
    ("measure", "statistic", "scope"),
    [("counted", "count", "mix"),
     ("throughput", "mean", "mix"), ("wait", "mean", "mix"), ("visits", "share_at_most_3", "mix")],
)  # fmt: skip
def test_whatever_is_asked_for_is_what_a_comparison_tells(
    scenario: gs.Scenario, runs: gs.Runs, measure: str, statistic: str, scope: str
) -> None:
    effect = attribute(
        scenario, N, measure=measure, statistic=statistic, scope=scope, progress=False
    ).effect
    factor = 100.0 if effect.unit == "points" else 1.0
    sample, asked = Sample.of(runs), Quantity(measure, statistic, scope)
    for told, each in ((effect.before, "c0"), (effect.after, "c7")):
        assert told.value == pytest.approx(factor * (level(sample, asked, each).value or 0.0))
    assert sum(each.shapley.value or 0.0 for each in effect.bundles) == pytest.approx(
        effect.total.value, abs=1e-9
    )


@pytest.mark.slow
def test_a_quantile_asked_for_is_pooled_over_the_cases_of_all_replications(
    scenario: gs.Scenario, runs: gs.Runs
) -> None:
    effect = attribute(scenario, N, statistic="p90", scope="permit", progress=False).effect
    sample, quantity = Sample.of(runs), Quantity("cycle_time_working", "p90", "permit")
    v = np.array([sample.pooled(quantity, each)(np.ones((1, N)))[0] for each in SETS])
    assert [each.shapley.value for each in effect.bundles] == pytest.approx(
        over_all_orders(v).tolist()
    )
    assert effect.total.value == pytest.approx(v[7] - v[0])
    assert "pseudo-values" in effect.total.method


def test_stress_levers_are_no_part_of_what_is_divided(found: Attribution, runs: gs.Runs) -> None:
    effect = effect_of(found, "cycle_time_working", "mean", "permit")
    assert effect.after.value == pytest.approx(values(runs, "after", "permit").mean())
    assert not any("more_absence" in each.levers for each in effect.bundles)


# --------------------------------------------------------------------------------- what must add up


def test_in_every_replication_the_shares_add_up_to_the_whole_change(
    scenario: gs.Scenario, found: Attribution, folder: Path
) -> None:
    store, places = Store.open(folder / "attribution"), design_of(scenario, None).places
    rows = [np.moveaxis(arrays["0/values"], -1, 0) for _, arrays in store.read()]
    store.close()
    assert len(rows) == N
    for row in rows:
        assert game.shapley(row[places]).sum(axis=0) == pytest.approx(
            row[1] - row[0], rel=1e-12, abs=1e-12, nan_ok=True
        )
    for effect in found.effects:
        assert sum(each.shapley.value or 0.0 for each in effect.bundles) == pytest.approx(
            effect.total.value
        )
        shares = [each.share.value for each in effect.bundles]
        assert all(each is None for each in shares) or sum(
            each or 0.0 for each in shares
        ) == pytest.approx(100.0)


@pytest.mark.slow
def test_a_lever_that_changes_nothing_gets_exactly_nothing(tmp_path: Path) -> None:
    null = "  null: {kind: process, set: {services.permit.sign.effort: 5 min}}\n"
    text = REFORM.split("configurations:")[0] + null
    found = attribute(office(tmp_path, text), N, progress=False)
    for effect in found.effects:
        nobody = bundle(effect, "null")
        for each in (nobody.shapley, nobody.first_in, nobody.last_in):
            assert (each.value, each.low, each.high, each.note) == (0.0, 0.0, 0.0, "exact")
        for pair in effect.interactions:
            if "null" in (pair.first, pair.second):
                assert (pair.shapley.value, pair.plain.value) == (0.0, 0.0)


def test_levers_of_no_bundle_asked_for_are_one_bundle_more(
    scenario: gs.Scenario, found: Attribution
) -> None:
    fewer = attribute(scenario, N, bundles=["forms"], progress=False)
    assert [each.name for each in fewer.effect.bundles] == ["forms", REST]
    assert fewer.effect.total == found.effects[0].total
    assert any("quick_counter, one_roof, wires" in each.said() for each in fewer.warnings)


def test_a_reform_that_changes_nothing_has_no_driver_and_no_shares(tmp_path: Path) -> None:
    text = (
        "reform:\n  a: {kind: process, set: {parameters.ask: 30 min}}\n"
        "  b: {kind: merger, set: {parameters.look: 90 min}}\n"
    )
    found = attribute(office(tmp_path, text), 12, progress=False)
    for effect in found.effects:
        assert (effect.total.value, effect.driver) == (0.0, None)
        for each in (*effect.bundles, *effect.kinds):
            assert each.shapley.value == 0.0
            assert (each.share.value, each.share.note) == (None, "no share: the total may be zero")
            assert each.ranks_first is None
    assert "main driver: none; the total may be zero" in str(found)
    assert "nan" not in str(found).lower()


@pytest.mark.slow
def test_a_driver_is_named_when_one_bundle_dwarfs_the_others_and_replications_are_enough(
    tmp_path: Path,
) -> None:
    text = (
        "reform:\n  large: {kind: process, set: {parameters.look: {times: 0.2}}}\n"
        "  small: {kind: process, set: {services.permit.sign.effort: 4 min}}\n"
    )
    scenario = office(tmp_path, text)
    few, many = (attribute(scenario, n, progress=False) for n in (9, 10))
    assert bundle(few.effect, "large").ranks_first == 1.0
    assert (few.effect.driver, many.effect.driver) == (None, "large")
    assert "not told from fewer than 10 replications" in str(few)
    assert few.effect.kinds == ()  # nothing here needs a merger


# ---------------------------------------------------------------------------- more than six bundles


@pytest.mark.slow
def test_beyond_some_bundles_orders_are_sampled_and_that_error_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the limit lowered, so that the exact answer is there to compare with."""
    scenario = office(tmp_path, SEVEN)
    exact = attribute(scenario, N, progress=False)
    monkeypatch.setattr(subsets, "EXACT", 4)
    some = attribute(scenario, N, progress=False)
    assert len(exact.effect.bundles) == 5
    assert some.effect.interactions == ()
    assert some.effect.total == exact.effect.total
    assert sum(each.shapley.value or 0.0 for each in some.effect.bundles) == pytest.approx(
        some.effect.total.value
    )
    for sampled, full in zip(some.effect.bundles, exact.effect.bundles, strict=True):
        assert full.sampling_error is None
        assert sampled.sampling_error is not None
        assert (sampled.first_in, sampled.last_in) == (full.first_in, full.last_in)
        assert (
            abs((sampled.shapley.value or 0.0) - (full.shapley.value or 0.0))
            < 5 * sampled.sampling_error + 1e-9
        )
        # t with 15 degrees of freedom
        assert (sampled.shapley.half_width or 0.0) >= 2.131 * sampled.sampling_error
        assert "16 pairs of orders" in sampled.shapley.method or sampled.sampling_error == 0.0
    assert "orders of bundles were sampled" in str(some)


# -------------------------------------------------------------------------------- kept, and gone on


@pytest.mark.slow
def test_one_thread_and_two_give_the_same(
    scenario: gs.Scenario, found: Attribution, folder: Path, tmp_path: Path
) -> None:
    two = attribute(scenario, N, workers=2, folder=tmp_path / "two", progress=False)
    assert content_digest(tmp_path / "two") == content_digest(folder / "attribution")
    assert two.effects == found.effects


@pytest.mark.slow
def test_an_attribution_that_is_stopped_goes_on_and_gives_the_same(
    scenario: gs.Scenario,
    found: Attribution,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = subsets.Sets.__call__
    done: list[int] = []

    def until_the_third(self: subsets.Sets, number: int) -> Any:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(number)
        return whole(self, number)

    with monkeypatch.context() as patched:
        patched.setattr(subsets.Sets, "__call__", until_the_third)
        with pytest.raises(
            Interrupted,
            match=r"stopped after \d of 6; nothing is lost. Continue with the same command",
        ):
            attribute(scenario, N, workers=1, folder=tmp_path / "stopped", progress=False)
    assert not (tmp_path / "stopped" / "attribution.json").exists()
    again = attribute(scenario, N, folder=tmp_path / "stopped", progress=False)
    assert content_digest(tmp_path / "stopped") == content_digest(folder / "attribution")
    assert again.effects == found.effects


@pytest.mark.slow
def test_a_result_is_read_again_until_there_are_more_replications(
    scenario: gs.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "attribution"
    first = attribute(scenario, 3, folder=place, progress=False)
    with monkeypatch.context() as patched:
        patched.setattr(module, "effect_of", None)  # nothing is divided
        assert attribute(scenario, 3, folder=place, progress=False) == first
    more = attribute(scenario, 4, folder=place, progress=False)
    assert (first.replications, more.replications) == (3, 4)
    (place / "attribution.json").write_text('{"half": ', encoding="utf-8")
    assert attribute(scenario, 4, folder=place, progress=False) == more


def test_a_result_reads_back_from_its_file_and_holds_no_nan(
    found: Attribution, folder: Path
) -> None:
    text = (folder / "attribution" / "attribution.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert Attribution.from_dict(json.loads(text)) == found


def test_a_result_prints_itself_as_text_page_frame_and_picture(found: Attribution) -> None:
    mpl.use("Agg")
    text = str(found)
    assert max(map(len, text.splitlines())) <= 100
    assert all(
        word in text
        for word in (
            "counter",
            "its merger part",
            "total",
            "merger levers",
            "main driver",
            "where:",
        )
    )
    assert repr(found).count("\n") == 0
    assert found._repr_html_().startswith("<table>")
    frame = found.to_frame()
    assert set(frame.quantity) == {"shapley", "share", "first_in", "last_in"}
    assert len(frame) == 4 * sum(len(each.bundles) for each in found.effects)
    axes = found.plot()
    assert [each.get_text() for each in axes.get_yticklabels()] == ["counter", "files", "forms"]


@pytest.mark.slow
def test_another_question_of_the_same_rows_needs_no_run_and_one_of_other_rows_a_folder_beside(
    scenario: gs.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "attribution"
    attribute(scenario, 3, folder=place, progress=False)
    with monkeypatch.context() as patched:
        patched.setattr(subsets.Sets, "__call__", None)  # nothing is simulated
        permit = attribute(scenario, 3, folder=place, scope="permit", progress=False)
    assert permit.effect.scope == "permit"
    visits = attribute(scenario, 3, folder=place, measure="visits", progress=False)
    assert visits.effect.measure == "visits"
    assert sorted(each.name[:12] for each in tmp_path.iterdir() if each.is_dir()) == [
        "attribution",
        "attribution-",
    ]


def test_what_claims_speak_of_is_divided_too(tmp_path: Path) -> None:
    claims = (
        "claims:\n  fast:\n    quote: fast\n    of: permit\n    holds_if:\n"
        '      - {measure: wait, desks: "seal*", statistic: mean, change: decrease, at_least: 5 '
        "%}\n"
        "      - {measure: within_promise, statistic: share, change: increase, at_least: 2 "
        "points}\n"
        "      - {measure: visits, statistic: {share_at_most: 1}, change: increase, at_least: 2 "
        "points}\n"
    )
    found = attribute(office(tmp_path, REFORM + claims), 3, progress=False)
    wait = effect_of(found, "wait", "mean", "permit")
    assert (wait.desks, wait.said) == (
        ("seal*",),
        "mean of wait at seal*, permit (all counted cases)",
    )
    kept = effect_of(found, "within_promise", "share", "permit")
    assert (kept.unit, bool(kept.total.value and kept.total.value > 2.0)) == ("points", True)
    assert effect_of(found, "visits", "share_at_most_1", "permit").unit == "points"


@pytest.mark.slow
def test_a_run_is_attributed_in_its_folder_with_its_seed(
    scenario: gs.Scenario, tmp_path: Path
) -> None:
    runs = gs.run(scenario, 3, ("before", "after"), seed=7, out=tmp_path, progress=False)
    found = gs.attribute(runs, 3, progress=False)
    assert (found.seed, found.where) == (7, str(Path(str(runs.folder)) / "attribution"))
    change = values(runs, "after", "permit") - values(runs, "before", "permit")
    assert effect_of(found, "cycle_time_working", "mean", "permit").total.value == pytest.approx(
        change.mean()
    )


def test_a_run_is_attributed_in_as_many_replications_as_it_has(
    scenario: gs.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runs = gs.run(scenario, 3, ("before", "after"), out=tmp_path / "runs", progress=False)
    found = gs.attribute(runs, progress=False)
    said = "3 replications, as many as the run has; the scenario states 200"
    assert (found.replications, found.warnings[-1].said()) == (3, said)
    plain = gs.attribute(runs, 3, progress=False)
    assert said not in {each.said() for each in plain.warnings}
    told = govsim("attribute", runs.settings.id).stdout  # that of the run, done already
    assert "12 sets of levers x 3" in told
    assert said in " ".join(told.split())


def test_an_attribution_of_an_older_version_is_refused_with_the_command_that_makes_it_again(
    scenario: gs.Scenario, tmp_path: Path
) -> None:
    runs = gs.run(scenario, 2, ("before", "after"), out=tmp_path, progress=False)
    place = Path(gs.attribute(runs, progress=False).where)
    for name, keys in (("run.json", ("study", "form")), ("attribution.json", ("form",))):
        text = json.loads((place / name).read_text(encoding="utf-8"))
        inside = text["study"] if len(keys) == 2 else text
        del inside["form"]
        (place / name).write_text(json.dumps(text), encoding="utf-8")
    again = f"govsim attribute {runs.folder}"
    with pytest.raises(StoreError, match="found 1, this govsim reads and makes 2") as refused:
        gs.attribute(runs, progress=False)
    assert str(refused.value).endswith(again)
    with pytest.raises(StoreError, match="of another version") as refused:
        kept(runs.folder, "attribution", Attribution.from_dict)
    assert str(refused.value).endswith(again)


def test_a_quantile_that_some_set_does_not_reach_is_not_divided(tmp_path: Path) -> None:
    text = OFFICE.replace("horizon: 2024-12-31", "horizon: 2024-07-10").replace(
        "look: {value: 90 min", "look: {value: 200 min"
    )
    path = tmp_path / "office.yaml"
    path.write_text(text + REFORM, encoding="utf-8")
    effect = attribute(gs.load(path), 2, statistic="p90", scope="permit", progress=False).effect
    assert (effect.total.value, effect.bundles) == (None, ())
    assert effect.note.startswith("> 8 working days")


@pytest.mark.parametrize("study", ["worlds", "attribution", "staff"])
def test_a_study_of_a_run_is_made_as_the_run_was_and_lies_in_its_folder(
    scenario: gs.Scenario, tmp_path: Path, study: str
) -> None:
    runs = gs.run(scenario, 2, ("before", "after"), seed=7, out=tmp_path, progress=False)
    same, place, *made = subject_of(runs, study, None, None, None, "reference")
    assert (same.hash, place, made) == (
        scenario.hash,
        Path(str(runs.folder)) / study,
        [7, None, "compiled"],
    )
    assert subject_of(runs, study, tmp_path, None, None, "")[1] == tmp_path
    assert subject_of(scenario, study, None, 3, "other", "reference")[1:] == (
        None,
        3,
        "other",
        "reference",
    )


@pytest.mark.parametrize("ask", [gs.attribute, gs.explore, gs.staff])
def test_the_name_of_a_folder_is_no_run_and_that_is_said(ask: Callable[..., Any]) -> None:
    with pytest.raises(
        TypeError, match=r"a run \(gs.run, gs.Runs.open\) is needed, not str 'runs/kelan'"
    ):
        ask("runs/kelan")


# ----------------------------------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("reform", "told"),
    [
        ("", "reform has no lever of kind merger or process"),
        (
            "reform:\n  only: {kind: stress, set: {parameters.ask: {times: 2}}}\n",
            "no lever of kind merger or process",
        ),
        (
            "reform:\n  one: {kind: process, set: {parameters.ask: {times: 0.5}}}\n",
            "all levers are in one bundle, one",
        ),
    ],
)
def test_where_there_is_nothing_to_divide_it_is_said(
    tmp_path: Path, reform: str, told: str
) -> None:
    with pytest.raises(RunError, match=told):
        attribute(office(tmp_path, reform), 2, progress=False)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"n": 1}, "at least 2 are needed for an interval"),
        ({"bundles": ["form"]}, "no bundle 'form'; did you mean 'forms'"),
        ({"measure": "visit"}, "no measure 'visit'; did you mean 'visits'"),
        ({"statistic": "p95"}, "no statistic of cycle_time_working 'p95'"),
        ({"scope": "permits"}, "no mix or service 'permits'; did you mean 'permit'"),
        ({"cohort": "later"}, "no cohort 'later'; there are counted"),
        ({"workers": 0}, "at least 1 is needed"),
    ],
)
def test_questions_without_a_meaning_are_refused_in_words(
    scenario: gs.Scenario, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(RunError, match=told):
        attribute(scenario, **{"n": 2, **asked}, progress=False)


def test_a_folder_with_another_attribution_is_left_alone(
    scenario: gs.Scenario, tmp_path: Path
) -> None:
    attribute(scenario, 2, bundles=["forms"], folder=tmp_path / "attribution", progress=False)
    (there,) = (each for each in tmp_path.iterdir() if each.is_dir())
    with pytest.raises(StoreError, match="delete the folder or move it away"):
        attribute(scenario, 2, folder=there, progress=False)


def govsim(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.mark.slow
def test_the_command_takes_a_file_then_the_run_that_it_belongs_to(
    scenario: gs.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = govsim("attribute", scenario.path, "-n", 2, "--workers", 1)
    assert printed.exit_code == 0, printed.output
    assert "12 sets of levers x 2" in printed.stdout
    runs = experiment.run(scenario, 2, out=Path("runs"), progress=False)
    again = govsim("attribute", runs.settings.id, "-n", 2, "--scope", "permit,licence", "--json")
    told = json.loads(again.stdout)
    assert (told["where"].split("/")[:2], told["effects"][told["shown"]]["scope"]) == (
        ["runs", runs.settings.id],
        ["permit", "licence"],
    )


def test_mistakes_on_the_command_line_are_told_in_words(
    scenario: gs.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (("--bundles", "form"), ("-n", 1), ("--cohort", "later"), ("--statistic", "p95")):
        refused = govsim("attribute", scenario.path, *words)
        assert refused.exit_code == 2
        assert "Traceback" not in refused.output
        assert not Path("runs").exists()
    assert govsim("attribute", "nowhere").exit_code == 2


# Every half hour one comes who takes 50 minutes: two clerks can, one sends every second home, as
# nobody waits for more than ten minutes.
LEAVING = """
govsim: 1
title: Whoever waits leaves
start: 2024-01-01
reform_day: 2024-01-01
count_from: 2024-01-01
count_until: 2024-01-07
horizon: 2024-01-14
calendars: {always_open: {day: 24 h, week: {mon-sun: ["00:00-24:00"]}}}
departments: {hall: {}}
desks: {window: {department: hall, kind: window}}
staff: {clerk: {department: hall, calendar: always_open, members: 2, serves: {window: 1.0}}}
services:
  card:
    department: hall
    demand: {every: 30 min}
    route:
      - {delay: first, owner: outside, takes: 24 h}
      - {task: ask, desk: window, effort: 50 min, patience: 10 min}
reform:
  fewer: {kind: process, set: {staff.clerk.members: 1}}
  quick: {kind: merger, set: {services.card.first.takes: 12 h}}
"""


def test_who_leaves_is_divided_too_and_the_gain_is_not_told_without_them(tmp_path: Path) -> None:
    path = tmp_path / "leaving.yaml"
    path.write_text(LEAVING, encoding="utf-8")
    found = gs.attribute(gs.load(path), 3, progress=False)
    left = effect_of(found, "withdrawn", "share", "mix", "counted")
    assert left.total.value == pytest.approx(50.0, abs=1.0)
    assert bundle(left, "fewer").shapley.value == left.total.value
    assert bundle(left, "quick").shapley.value == 0.0
    (warning,) = (each for each in found.warnings if each.key == "not_the_same_people")
    assert "gave up 0.0 % -> 50" in warning.said()
    assert warning.said() in " ".join(str(found).split())
    assert not [each for each in found.effects if each.measure == "rejected"]  # nobody is refused
