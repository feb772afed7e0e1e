"""Whose doing a gain is: words on planted numbers, and the numbers found in other ways."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import t, ttest_1samp

import govsim as gs
from govsim.cli import main
from govsim.errors import NameNotFound
from govsim.evidence.conditions.condition import Finding, judge
from govsim.evidence.doing import (
    AGAINST,
    HARDLY,
    LEVERS,
    MERGERS,
    NOT_ASKED,
    OPEN,
    SHARED,
    Asked,
    Credit,
    Four,
    credits,
    doing,
)
from govsim.evidence.matters import relevant, stated
from govsim.experiment.run import standard
from govsim.model.offered_load import Pool
from govsim.organisation.configure import configure
from govsim.organisation.joining import apart, relabelling
from govsim.statistics.ratio import fieller
from planted import Planted, R, around, condition
from theory import fieller as by_hand

Floats = NDArray[np.float64]
TRUTH = Path(__file__).parent / "truth"
FOUR = Four()


def levels(*means: float, spread: float = 0.5, replications: int = R) -> dict[Any, Floats]:
    """Numbers with these means before, with process levers, with merger levers, and after."""
    return {
        name: around(mean, spread, seed, replications)
        for seed, (name, mean) in enumerate(zip(FOUR, means, strict=True), 1)
    }


def credit(
    numbers: dict[Any, Floats],
    size: float = 20.0,
    unit: str = "%",
    four: Four = FOUR,
    unstable: Any = None,
    **about: Any,
) -> Credit:
    """Whose doing it is that a mean falls by at least so much."""
    sample: Any = Planted(numbers, about.get("own", "calendar days"))
    asked = condition("decrease", size, unit, measure=about.get("measure", "cycle_time"))
    (finding,) = judge([asked], sample)
    (found,) = credits([Asked(finding, ("quick",))], sample, four, unstable or {}, {})
    return found


# ---------------------------------------------------------------------------------------- the words


@pytest.mark.parametrize(
    ("means", "word"),
    [
        ((100.0, 69.0, 71.0, 40.0), SHARED),
        ((100.0, 50.0, 125.0, 75.0), AGAINST),
        ((100.0, 80.0, 99.0, 79.0), HARDLY),
        ((100.0, 60.0, 90.0, 62.0), LEVERS),  # what it takes back, 2 points, does not matter
        ((100.0, 95.0, 65.0, 60.0), MERGERS),
        ((100.0, 60.0, 92.0, 52.0), LEVERS),
        ((100.0, 70.0, 70.0, 70.0), SHARED),  # either would do: half of it in the mean
        ((100.0, 100.0, 100.0, 40.0), SHARED),  # only together
        ((100.0, 98.0, 99.0, 97.0), NOT_ASKED),  # 3 points do not matter
        ((100.0, 120.0, 110.0, 130.0), NOT_ASKED),
    ],
)
def test_the_word_is_the_first_line_that_the_numbers_show(
    means: tuple[float, ...], word: str
) -> None:
    assert credit(levels(*means)).word == word


@pytest.mark.parametrize(
    ("quick", "slow", "word"),
    [
        ((100.0, 50.0, 125.0, 75.0), None, AGAINST),  # shown, whatever is open
        ((100.0, 80.0, 99.0, 79.0), None, OPEN),  # what is open may be less
        ((100.0, 80.0, 99.0, 79.0), (100.0, 69.0, 71.0, 40.0), HARDLY),
        ((100.0, 95.0, 65.0, 60.0), (100.0, 69.0, 71.0, 40.0), SHARED),
        ((100.0, 95.0, 65.0, 60.0), (100.0, 98.0, 99.0, 97.0), MERGERS),  # the other is not asked
    ],
)
def test_of_several_gains_the_least_word_counts(
    quick: tuple[float, ...], slow: tuple[float, ...] | None, word: str
) -> None:
    noisy = levels(100.0, 60.0, 85.0, 45.0, spread=60.0)
    numbers = {(name, "quick"): each for name, each in levels(*quick).items()}
    numbers |= {(name, "slow"): each for name, each in (levels(*slow) if slow else noisy).items()}
    sample: Any = Planted(numbers)
    asked = [condition("decrease", 20.0).of(name) for name in ("quick", "slow")]
    tree = {"reform": {"a": {"kind": "merger"}, "b": {"kind": "process"}}}
    found = doing(
        judge(asked, sample),
        tree,
        sample,
        {},
        FOUR,
        None,
        lambda each: (each.service or "",),
        tuple,
    )
    assert found.word == word
    one_kind = {"reform": {"a": {"kind": "merger"}}}
    nobody = doing(judge(asked, sample), one_kind, sample, {}, FOUR, None, lambda _: (), tuple)
    assert nobody.word == NOT_ASKED


def test_what_chance_hides_is_open_and_so_many_replications_tell() -> None:
    means = (100.0, 60.0, 85.0, 45.0)
    found = credit(levels(*means, spread=60.0))
    assert found.word == OPEN
    assert found.needed is not None
    assert found.needed > R
    assert credit(levels(*means, spread=60.0, replications=found.needed)).word == LEVERS


def test_numbers_in_percent_are_all_of_the_one_level_before() -> None:
    found = credit(levels(200.0, 138.0, 142.0, 80.0))
    told = (found.process_only, found.merger_only, found.added_last, found.shapley, found.total)
    assert [each.value for each in told] == pytest.approx([31.0, 29.0, 29.0, 29.0, 60.0])
    assert found.share.value == pytest.approx(29.0 / 60.0)
    assert all(each.low is not None and each.low < each.value for each in told)  # type: ignore[operator]


def test_what_the_merger_takes_back_is_told_without_the_merger_alone() -> None:
    numbers = levels(100.0, 50.0, 125.0, 75.0)
    del numbers["merger_only"]
    assert credit(numbers).word == AGAINST
    numbers = levels(100.0, 69.0, 71.0, 40.0)
    del numbers["merger_only"]
    assert (credit(numbers).word, credit(numbers).why) == (OPEN, "not in this run: merger_only")


@pytest.mark.parametrize(
    ("unstable", "means", "word", "why"),
    [
        ("merger_only", (100.0, 69.0, 71.0, 40.0), OPEN, "cannot settle: merger_only"),
        ("merger_only", (100.0, 50.0, 125.0, 75.0), AGAINST, ""),
        ("process_only", (100.0, 50.0, 125.0, 75.0), OPEN, "cannot settle: process_only"),
        ("before", (100.0, 50.0, 125.0, 75.0), OPEN, "cannot settle: before"),
    ],
)
def test_what_depends_on_how_long_one_looked_tells_nothing(
    unstable: str, means: tuple[float, ...], word: str, why: str
) -> None:
    pools = {unstable: (Pool(("clerks",), ("window",), 1.2, False, services=("quick",)),)}
    found = credit(levels(*means), unstable=pools)
    assert (found.word, found.why) == (word, why)
    others = {unstable: (Pool(("clerks",), ("window",), 1.2, False, services=("slow",)),)}
    assert credit(levels(*means), unstable=others).why == ""


def test_where_who_files_in_all_four_is_not_kept_it_is_not_the_same_people() -> None:
    numbers = levels(100.0, 69.0, 71.0, 40.0)
    fewer = {("counted", "merger_only"): np.full(R, 90.0)}
    assert (credit(numbers | fewer).word, credit(numbers | fewer).why) == (
        OPEN,
        "not the same people",
    )
    cases = credit(numbers | fewer, 20.0, "cases", own="cases", measure="open")
    assert cases.word == SHARED


OFFICE = """
govsim: 1
title: Who files
start: 2024-01-01
reform_day: 2024-01-01
count_from: 2024-01-08
count_until: 2024-02-04
horizon: 2024-04-30
parameters: {reading: {value: 30 min, range: [20, 40], source: assumption}}
calendars: {office: {day: 8 h, week: {mon-fri: ["08:00-16:00"]}}}
departments: {hall: {}, bureau: {}}
desks: {files: {department: hall, kind: review}}
staff: {clerk: {department: hall, calendar: office, members: 1, serves: {files: 1.0}}}
services:
  permit:
    department: hall
    demand: {per_year: 2000, factor: 1}
    route:
      - {task: form, desk: files, effort: 10 min}
      - {task: read, desk: files, effort: {gamma: {mean: reading, cv: 1}}}
reform:
  online:
    kind: process
    remove: [services.permit.form]
    set: {services.permit.demand.factor: {times: 0.8}}
  merged:
    kind: merger
    set: {services.permit.demand.factor: {times: 0.7}, parameters.reading: 20 min}
claims:
  sooner:
    quote: a tenth sooner
    holds_if: [{measure: cycle_time, statistic: mean, change: decrease, at_least: 10 %}]
  nine_in_ten:
    quote: nine in ten too
    holds_if: [{measure: cycle_time, statistic: p90, change: decrease, at_least: 10 %}]
experiment: {replications: 16}
"""


def test_the_numbers_are_of_the_applicants_who_file_in_all_four_as_their_records_tell(
    tmp_path: Path,
) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(OFFICE, encoding="utf-8")
    runs = gs.run(gs.load(path), keep="cases", progress=False)
    cases = runs.cases()
    cases = cases[(cases["filed"] >= "2024-01-08") & (cases["filed"] < "2024-02-05")]
    cases["days"] = (cases["ended"] - cases["filed"]).dt.total_seconds() / 86_400
    every = cases.pivot_table(index=["replication", "n"], columns="configuration", values="days")
    times = every.dropna()[[*FOUR]]
    before, process, merger, after = times.groupby("replication").mean().mean()
    found = gs.claims(runs)["sooner"].doing.credits[0]
    told = (found.process_only, found.merger_only, found.added_last, found.total)
    gains = (before - process, before - merger, process - after, before - after)
    assert [each.value for each in told] == pytest.approx([100 * g / before for g in gains])
    left = 1.0 - len(times) / every.notna().sum()
    assert found.left_out == pytest.approx({name: left[name] for name in FOUR})
    assert 0.3 < found.left_out["before"] < 0.6  # a chance of .56 to file in all
    found = gs.claims(runs)["nine_in_ten"].doing.credits[0]
    before, process, merger, after = times.quantile(0.9)
    assert found.total.value == pytest.approx(100 * (before - after) / before, abs=1.0)
    assert found.merger_only.value == pytest.approx(100 * (before - merger) / before, abs=1.0)


def test_another_configuration_can_stand_for_without_the_merger() -> None:
    numbers = levels(100.0, 100.0, 71.0, 40.0) | {"papers": around(69.0, 0.5, 9)}
    assert credit(numbers).process_only.value == pytest.approx(0.0, abs=1e-9)
    named = credit(numbers, four=Four(process="papers"))
    assert (named.word, named.process_only.value) == (SHARED, pytest.approx(31.0))


# ------------------------------------------------------------------------------------- what matters


@pytest.mark.parametrize(
    ("size", "unit", "own", "level", "matters", "least"),
    [
        (30.0, "%", "calendar days", 4.0, {}, 5.0),  # 5 % of the mean
        (4.0, "%", "calendar days", 4.0, {}, 2.0),  # half of what is claimed is less
        (0.0, "%", "calendar days", 4.0, {}, 5.0),
        (0.0, "calendar days", "calendar days", 4.0, {}, 0.2),
        (0.0, "min", "min", 20.0, {}, 5.0),  # 5 minutes at least
        (0.0, "working days", "working days", 0.1, {}, 5.0 / 480.0),
        (0.0, "points", "share", 0.4, {}, 1.0),
        (0.0, "%", "share", 0.4, {}, 2.5),  # a point of 40
        (0.0, "visits", "visits", 3.0, {}, 0.05),
        (50.0, "%", "handovers", 4.0, {}, 1.25),
        (0.0, "cases", "cases", 200.0, {}, 10.0),
        (0.0, "calendar days", "calendar days", 4.0, {"days": 1.0}, 1.0),
        (0.0, "%", "calendar days", 4.0, {"percent": 8.0, "days": 1.0}, 8.0),
        (0.0, "points", "share", 0.4, {"points": 3.0}, 3.0),
    ],
)
def test_the_smallest_gain_that_matters(
    size: float, unit: str, own: str, level: float, matters: dict[str, float], least: float
) -> None:
    sample: Any = Planted({"before": around(level)}, own)
    found = relevant(condition("decrease", size, unit), sample, level, matters, 480.0)
    assert found == pytest.approx(least)
    assert stated({"experiment": {"matters": matters}}) == matters


# -------------------------------------------------------------------------------------- other ways


def test_the_value_is_the_mean_over_both_orders_in_which_the_levers_may_come() -> None:
    rng = np.random.default_rng(11)
    for _ in range(20):
        means = dict(zip(FOUR, rng.uniform(20.0, 100.0, 4), strict=True))
        found = credit(levels(*means.values()), 1.0, "days").shapley
        added = []
        for order in permutations(("process_only", "merger_only")):
            with_it = "after" if order[0] == "process_only" else "merger_only"
            without = "process_only" if order[0] == "process_only" else "before"
            added.append(means[without] - means[with_it])
        assert found.value == pytest.approx(sum(added) / 2)


def test_fiellers_interval_holds_the_ratios_that_a_t_test_does_not_refuse() -> None:
    rng = np.random.default_rng(3)
    for replications in (5, 16, 40):
        whole = rng.lognormal(3.0, 0.3, replications)
        part = 0.4 * whole + rng.normal(0.0, 3.0, replications)
        found = fieller(
            lambda weights, v=part: weights @ v / weights.sum(axis=1),  # type: ignore[misc]
            lambda weights, v=whole: weights @ v / weights.sum(axis=1),  # type: ignore[misc]
            replications,
        )

        def doubt(
            ratio: float, part: Floats = part, whole: Floats = whole
        ) -> float:  # p of the test that part - ratio * whole is 0
            return float(ttest_1samp(part - ratio * whole, 0.0).pvalue) - 0.05

        middle = part.mean() / whole.mean()
        ends = [brentq(doubt, middle, middle + side, xtol=1e-10) for side in (-20.0, 20.0)]
        assert [found.low, found.high] == pytest.approx(ends, rel=1e-6)
        quantile = float(t.ppf(0.975, replications - 1))
        assert [found.low, found.high] == pytest.approx(by_hand(part, whole, quantile))  # type: ignore[arg-type]


def test_a_share_of_what_may_be_nothing_has_no_interval() -> None:
    def nothing(weights: Floats) -> Floats:
        found: Floats = weights @ around(0.1, 3.0) / weights.sum(axis=1)
        return found

    found = fieller(nothing, nothing, R)
    assert (found.low, found.high, found.note) == (None, None, "the whole may be zero")


# ----------------------------------------------------------------------------------- in a whole run


def test_a_run_without_the_merger_alone_says_what_to_run() -> None:
    scenario = gs.load(TRUTH / "doing_shared.yaml")
    runs = gs.run(scenario, configurations=("before", "process_only", "after"), progress=False)
    found = gs.claims(runs)["third"]
    assert (found.outcome, found.doing.word) == ("supported", OPEN)
    assert "before,process_only,merger_only,after" in found.reasons["en"][-2]
    assert "本次运行没有方案 merger_only" in found.reasons["zh"][-2]


def test_the_answer_is_in_the_text_the_report_and_the_frame() -> None:
    runs = gs.run(gs.load(TRUTH / "doing_against.yaml"), progress=False)
    found = gs.claims(runs)
    assert "supported; also jointly; whose doing: against the merger" in str(found)
    assert "成立；归因：合并起了反作用" in found.text("zh")
    assert "<td>whose doing: against the merger; with the levers" in found._repr_html_()
    page = gs.report(runs, "both")
    assert "whose doing: against the merger" in page
    assert "归因：合并起了反作用" in page
    frame = found.to_frame().set_index("claim")
    assert frame.loc["fifth", "doing"] == AGAINST
    assert frame.loc["fifth", "added_last"] == pytest.approx(-25.0)
    assert type(found).from_dict(found.to_dict()) == found


@pytest.mark.parametrize(
    ("file", "between"),
    [
        ("exactly_what_was_claimed", ()),  # a merger lever, all of it could be had without
        ("doing_all_called_merger", ("process_only+papers", "merger_only-papers")),
        ("doing_by_definition", ("process_only", "merger_only")),  # its lever joins
        ("doing_shared", ("process_only", "merger_only")),  # nothing is left of the merger
        ("doing_two_lines", ("process_only", "merger_only")),  # no claim of a gain
        (
            "doing_without_a_merger",
            ("process_only", "merger_only", "process_only+papers", "merger_only-papers"),
        ),
    ],
)
def test_no_configuration_is_run_that_is_another_by_another_name(
    file: str, between: tuple[str, ...]
) -> None:
    scenario = gs.load(TRUTH / f"{file}.yaml")
    assert standard(scenario) == ("before", *between, "after")
    made = [configure(scenario, name).levers for name in standard(scenario)]
    assert len({*made}) == len(made)


def test_what_a_claim_compares_is_run() -> None:
    text = (TRUTH / "exactly_what_was_claimed.yaml").read_text(encoding="utf-8")
    compared = text.replace("quote:", "compare: [process_only, after]\n    quote:", 1)
    assert standard(gs.load("x.yaml", compared)) == ("before", "process_only", "after")


def test_levers_can_be_added_to_a_configuration_and_taken_from_it() -> None:
    scenario = gs.load(TRUTH / "doing_without_a_merger.yaml")
    for name, levers in {
        "process_only+papers": ("online", "papers"),
        "merger_only-papers": ("joined",),
        "after-papers-online": ("joined",),
        "before+online": ("online",),
        "merger_only-online": ("papers", "joined"),
    }.items():
        assert configure(scenario, name).levers == levers
    with pytest.raises(NameNotFound, match="no configuration 'paper'"):
        configure(scenario, "process_only+paper")


def test_the_screen_leaves_out_what_is_there_for_whose_doing_only() -> None:
    runs = gs.run(gs.load(TRUTH / "doing_without_a_merger.yaml"), 16, progress=False)
    said = " ".join(str(runs.summary()).split())
    assert "to process_only, then -1.25 the same in every replication to after" in said
    assert "no room for a column of: merger_only, process_only+papers, merger_only-papers" in said


@pytest.mark.parametrize(
    ("lever", "named"),
    [
        ({"set": {"departments.bureau.part_of": "hall"}}, ("joined",)),
        ({"set": {"desks.*.department": "hall", "departments.hall.name": "x"}}, ("joined",)),
        ({"set": {"departments.hall.name": "x"}}, ()),  # earns nothing at all
        ({"set": {"departments.bureau.part_of": "hall", "parameters.takes": 2}}, ()),
        ({"set": {"departments.bureau.part_of": "hall"}, "remove": ["services.a.b"]}, ()),
    ],
)
def test_who_only_calls_things_otherwise_is_named(
    lever: dict[str, Any], named: tuple[str, ...]
) -> None:
    assert relabelling({"reform": {"joined": {"kind": "merger", **lever}}}) == named


OFFICES = """
govsim: 1
title: Two offices
start: 2024-01-01
reform_day: 2024-01-01
count_from: 2024-01-08
count_until: 2024-01-31
horizon: 2024-03-31
parameters: {hop: {value: 2 h, range: [1, 3], source: assumption}}
calendars: {office: {day: 8 h, week: {mon-fri: ["08:00-16:00"]}}}
departments: {hall: {}, bureau: {}}
desks:
  files: {department: hall, kind: review}
  more_files: {department: hall, kind: review}
  opinions: {department: bureau, kind: review}
staff:
  clerk: {department: hall, calendar: office, members: 1, serves: {files: 1.0, more_files: 1.0}}
  expert: {department: bureau, calendar: office, members: 1, serves: {opinions: 1.0}}
services:
  permit:
    department: hall
    demand: {every: 1 days}
    route:
      - {task: read, desk: files, effort: 10 min}
      - {transfer: there, to: bureau, leaves: any time, takes: hop}
      - {task: opinion, desk: opinions, effort: 10 min}
      - {transfer: back, to: hall, leaves: any time, takes: hop}
      - {task: decide, desk: more_files, effort: 10 min}
reform:
  lever:
    kind: merger
"""


@pytest.mark.parametrize(
    ("lever", "joins"),
    [
        ("set: {staff.clerk.members: 2}", False),
        ("set: {services.permit.opinion.effort: 5 min}", False),
        ("remove: [services.permit.decide]", False),
        ("merge_desks: {desks: [files, more_files]}", False),
        ("set: {departments.hall.name: Town hall}", False),
        ("set: {parameters.hop: {times: 0.5}}", True),  # of what goes between them
        ("set: {departments.bureau.part_of: hall}", True),
        ("remove: [services.permit.opinion]", True),
        ("merge_desks: {desks: [files, opinions]}", True),
        ("serves: [{groups: [clerk], desks: [opinions]}]", True),
        ("set: {services.permit.decide.desk: opinions}", True),
    ],
)
def test_a_lever_that_changes_nothing_between_departments_needs_no_merger(
    tmp_path: Path, lever: str, joins: bool
) -> None:
    path = tmp_path / "offices.yaml"
    path.write_text(f"{OFFICES}    {lever}\n", encoding="utf-8")
    assert apart(gs.load(path)) == (() if joins else ("lever",))
    said = CliRunner().invoke(main, ["check", str(path)]).output
    assert ("could be had without a merger" in said) != joins
    assert ("by definition" in said) == ("part_of" in lever)


OTHERWISE = "with the levers that could be had without a merger counted as process levers"


def test_the_answer_is_told_with_and_without_what_needs_no_merger() -> None:
    runs = gs.run(gs.load(TRUTH / "doing_without_a_merger.yaml"), progress=False)
    found = gs.claims(runs)
    assert (found["sooner"].doing.word, found["fewer"].doing.word) == (SHARED, MERGERS)
    other = found["sooner"].doing.otherwise
    assert other is not None
    assert (other.word, other.credits[0].shapley.value) == (HARDLY, pytest.approx(4.0))
    said = " ".join(str(found).split())
    assert f"whose doing: shared; {OTHERWISE}: hardly the merger's" in said
    assert f"{OTHERWISE.capitalize()} (papers): hardly the merger's. Of 60 points" in said
    chinese = "".join(found.text("zh").split())
    assert "若把不合并也能采取的措施计为流程措施：几乎与合并无关" in chinese
    assert "若把不合并也能采取的措施计为流程措施（papers）：几乎与合并无关" in chinese
    page = gs.report(runs, "both")
    assert f"{OTHERWISE}: hardly the merger" in page
    assert "若把不合并也能采取的措施计为流程措施：几乎与合并无关" in page
    frame = found.to_frame().set_index("claim")
    assert [*frame["doing_otherwise"]] == [HARDLY, MERGERS, NOT_ASKED]
    assert type(found).from_dict(found.to_dict()) == found


def test_a_run_without_them_says_what_to_run() -> None:
    scenario = gs.load(TRUTH / "doing_without_a_merger.yaml")
    found = gs.claims(gs.run(scenario, configurations=FOUR, progress=False))["sooner"]
    assert "(papers): open." in found.reasons["en"][-2]
    every = "before,process_only,merger_only,process_only+papers,merger_only-papers,after"
    assert every in found.reasons["en"][-1]
    assert OTHERWISE not in found.whose()


def test_a_harm_of_a_lever_that_needs_no_merger_is_not_the_mergers_when_counted_so() -> None:
    text = (TRUTH / "doing_without_a_merger.yaml").read_text(encoding="utf-8")
    text, _, _ = text.replace(
        "remove: [services.permit.opinion]", "set: {services.permit.opinion.takes: 46 h}"
    ).partition("claims:")
    guard = "{measure: cycle_time, statistic: mean, change: no_increase}"
    text += f"claims: {{unharmed: {{quote: nobody is slower, holds_if: [{guard}]}}}}\n"
    scenario = gs.load("x.yaml", text + "experiment: {replications: 16}\n")
    assert standard(scenario) == FOUR  # 100 -> 70 -> 86: 16 hours of harm, by no claim of a gain
    found = gs.claims(gs.run(scenario, progress=False))["unharmed"]
    assert (found.outcome, found.whose()) == ("supported", f"whose doing: {AGAINST}")
    assert "(papers): open." in found.reasons["en"][-2]
    six = (*FOUR[:3], "process_only+papers", "merger_only-papers", "after")
    found = gs.claims(gs.run(scenario, configurations=six, progress=False))["unharmed"]
    assert found.whose() == f"whose doing: {AGAINST}; {OTHERWISE}: not asked"
    assert "(papers): not asked. Against the process levers alone" in found.reasons["en"][-1]


def test_a_claim_that_says_what_stands_for_no_merger_is_asked_once() -> None:
    text = (TRUTH / "doing_without_a_merger.yaml").read_text(encoding="utf-8")
    named = "configurations: {own: [process_only, papers]}\nclaims:"
    text = text.replace("claims:", named).replace("quote:", "without_merger: own\n    quote:")
    scenario = gs.load("x.yaml", text)
    assert standard(scenario) == FOUR
    runs = gs.run(scenario, configurations=(*FOUR[:3], "own", "after"), progress=False)
    found = gs.claims(runs)["sooner"]
    assert (found.doing.word, found.doing.otherwise) == (LEVERS, None)  # (4 + 30) / 2 of 60


def test_a_finding_without_an_interval_is_not_asked() -> None:
    one = {name: np.array([value]) for name, value in zip(FOUR, (9.0, 7.0, 8.0, 6.0), strict=True)}
    sample: Any = Planted(one)
    (finding,) = judge([condition()], sample)
    assert isinstance(finding, Finding)
    (found,) = credits([Asked(finding, ("quick",))], sample, FOUR, {}, {})
    assert found.word == NOT_ASKED
