"""Verdicts: each outcome on planted numbers, and their sentences.

And what the shipped scenarios must answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

import govsim as gs
from govsim.cli import main
from govsim.evidence import words
from govsim.evidence.claims import declared, whom
from govsim.evidence.claims import judge as judged
from govsim.evidence.claims.result import Verdict, Verdicts
from govsim.evidence.conditions.condition import Condition, Finding
from govsim.evidence.quantity import Quantity
from govsim.evidence.settling import qualified
from govsim.evidence.staffing.result import SAME, Less, Staffing, Together
from govsim.evidence.worlds.parts import Choice, ClaimInWorlds, Counts, Failure
from govsim.evidence.worlds.result import Worlds
from govsim.model.offered_load import Pool
from govsim.statistics.estimate import Estimate, estimate
from govsim.store import STUDIES
from planted import Planted, R, around, told
from shipped import SCENARIOS, shipped

Floats = NDArray[np.float64]

FALL = {"measure": "cycle_time", "statistic": "mean", "change": "decrease", "at_least": "15 %"}
STILL = {"measure": "cycle_time", "statistic": "mean", "change": "no_increase", "at_most": "5 %"}
LEVEL = {"measure": "cycle_time", "statistic": "mean", "level": "at_most"}
BEFORE, FAST, SLOW = around(10.0), around(7.0, seed=2), around(13.0, seed=2)
SMALL, OPEN = around(9.5, seed=2), around(8.5, seed=2)


def worlds(
    holds: int,
    fails: int = 0,
    unresolved: int = 0,
    box: Failure | None = None,
    endless: int = 0,
    choice: Choice | None = None,
    **more: Any,
) -> Worlds:
    """Worlds in which claim C holds, fails, is unresolved, has queues without end so often."""
    from govsim.statistics.mean import wilson

    total = holds + fails + unresolved + endless
    low, high = wilson(holds, total)
    states = ("holds",) * holds + ("fails",) * (total - holds)
    settled = (True,) * (total - endless) + (False,) * endless
    claim = ClaimInWorlds(states, holds, fails, unresolved, low, high, box, None, None)
    claim = replace(claim, endless=endless, **more)
    names = ("before", "after")
    made = Worlds("x", "x", 1, total, names, (16,), (), {"C": claim}, {}, (), 0.0)
    return replace(made, settled=settled, choice=choice)


def verdict(
    claim: Mapping[str, Any],
    values: Mapping[Any, Floats],
    explored: Worlds | None = None,
    numbers: int = 3,
    staff: Any = None,
    unstable: Sequence[str] = (),
    serving: tuple[str, ...] = ("quick", "slow"),
    reform: Mapping[str, Any] | None = None,
    experiment: Mapping[str, Any] | None = None,
) -> Verdict:
    """The verdict on claim C about the mean cycle time, from planted numbers."""
    stated = {"quote": "Less time", "holds_if": [FALL], **claim}
    tree = {
        "services": {"quick": {}, "slow": {}},
        "reform": reform or {},
        "experiment": experiment or {},
        "claims": {"C": stated},
        "start": "2024-01-01",
        "count_from": "2024-01-01",
        "count_until": "2024-12-31",
    }
    pool = Pool(("clerks",), ("window",), 1.2, False, services=serving)
    overfull = dict.fromkeys(unstable, (pool,))
    return judged._Judge(tree, Planted(values), told(numbers), explored, staff, overfull).verdict(
        "C", stated
    )  # type: ignore[arg-type]


def of(after: Floats, **more: Floats) -> dict[Any, Floats]:
    """The mix, and two services that are like it."""
    every = {"before": BEFORE, **more, "after": after}
    return every | {
        (name, service): each for name, each in every.items() for service in ("quick", "slow")
    }


# ------------------------------------------------------------------------------------- what matters


@pytest.mark.parametrize(
    ("after", "matters", "losers"),
    [
        (10.3, {}, ()),  # 3 % of the mean before: beyond chance, but less than 5 %
        (10.7, {}, ("quick",)),
        (10.3, {"days": 0.2}, ("quick",)),
        (10.78, {"days": 0.8}, ("quick",)),  # half of the 15 % that are claimed is less
        (10.7, {"percent": 7.2}, ()),
    ],
)
def test_a_service_loses_by_what_matters(
    after: float, matters: dict[str, float], losers: tuple[str, ...]
) -> None:
    values = of(FAST) | {("after", "quick"): around(after, seed=3)}
    experiment = {"matters": matters}
    found = verdict({}, values, experiment=experiment)
    assert (found.holds, found.losers) == (True, losers)


# --------------------------------------------------------------------------- all claims of a file


def file_of(number: int) -> Verdicts:
    """A claim that barely holds, C, and so many others that do not, all judged jointly."""
    claim = {"quote": "Less time", "holds_if": [FALL]}
    other = {**FALL, "of": "quick"}
    more = {
        f"D{k}": {"quote": "Even less", "holds_if": [{**other, "at_least": f"{50 + k} %"}]}
        for k in range(number)
    }
    tree = {
        "services": {"quick": {}, "slow": {}},
        "claims": {"C": claim, **more},
        "start": "2024-01-01",
        "count_from": "2024-01-01",
        "count_until": "2024-12-31",
    }
    barely = around(8.5 - 0.0425, seed=2)
    drawn = np.random.default_rng(5).normal(7.0, 0.1, R)
    values = of(barely) | {("after", "quick"): drawn}
    judge = judged._Judge(tree, Planted(values), told(), None, None, {})  # type: ignore[arg-type]
    found = judge.jointly([judge.verdict(*each) for each in tree["claims"].items()])
    return Verdicts("x", R, True, (), found)


def test_no_verdict_changes_because_another_claim_is_added() -> None:
    alone, many = file_of(0), file_of(12)
    assert (alone["C"].outcome, alone["C"].findings) == (many["C"].outcome, many["C"].findings)
    assert alone["C"].holds
    assert alone["C"].reasons == many["C"].reasons


def test_a_claim_that_barely_holds_does_not_also_hold_jointly_with_many_others() -> None:
    few, many = file_of(0), file_of(12)
    assert (few["C"].jointly, many["C"].jointly) == (True, False)
    assert not any(each.jointly for each in many.verdicts)
    assert few.family() == few.mark(few["C"]) == ""  # nothing to say of one claim
    assert many.family().startswith("13 claims; singly up to 13 x 2.5 % = 0.325 would hold by")
    assert "0 also hold jointly" in many.text("en").replace("\n", " ")
    assert "共 13 项主张" in many.text("zh")
    assert Verdicts.from_dict(json.loads(json.dumps(many.to_dict()))) == many


def test_a_claim_that_clearly_holds_is_marked() -> None:
    sure = replace(file_of(12)["C"], jointly=True)
    found = replace(file_of(12), verdicts=(sure, *file_of(12).verdicts[1:]))
    assert "; also jointly" in " ".join(found.text("en").split())
    assert "1 also hold jointly" in found.family()
    assert found.to_frame()["jointly"].sum() == 1


# ----------------------------------------------------------------------- where queues cannot settle


@pytest.mark.parametrize(
    ("unstable", "after", "outcome"),
    [
        (("after",), FAST, "refuted"),  # a longer look would find it slower: the reform breaks it
        (("after",), SLOW, "refuted"),  # and this slower still
        (("before",), FAST, "conditionally supported"),  # a longer look would find more gained
        (("before",), SLOW, "undetermined"),
        (("before", "after"), FAST, "undetermined"),
        (("before", "after"), SLOW, "undetermined"),
        (("process_only",), FAST, "conditionally supported"),  # the claim does not look there
    ],
)
def test_a_time_that_grows_as_long_as_one_looks_decides_only_what_a_longer_look_would_too(
    unstable: tuple[str, ...], after: Floats, outcome: str
) -> None:
    found = verdict({}, of(after), unstable=unstable)
    assert found.outcome == outcome
    if outcome == "undetermined":
        assert "queues cannot settle: " in found.reasons["en"][0]
        assert "clerks" in found.reasons["en"][-1]
        assert "队列不会收敛" in found.reasons["zh"][0]


def test_a_reform_that_breaks_the_queue_makes_nothing_faster() -> None:
    found = verdict({}, of(FAST), unstable=("after",))
    assert found.outcome == "refuted"
    assert any("The reform breaks the queue" in reason for reason in found.reasons["en"])
    assert any("改革使队列不再收敛" in reason for reason in found.reasons["zh"])


def test_where_only_before_could_not_settle_no_size_is_told() -> None:
    found = verdict({}, of(FAST), unstable=("before",))
    assert "the longer one looks" in found.reasons["en"][0]
    assert "down by" not in found.reasons["en"][0].split("Claimed")[0]


def test_a_queue_that_none_of_the_services_comes_to_qualifies_nothing() -> None:
    found = verdict({}, of(FAST), unstable=("after",), serving=("another",))
    assert found.outcome == "conditionally supported"


@pytest.mark.parametrize(
    ("measure", "statistic", "state"),
    [
        ("cycle_time", "mean", "refuted"),
        ("cycle_time", "p90", "undetermined"),  # a tenth may never come to that queue
        ("time_to_first_answer", "mean", "undetermined"),  # it may lie behind the answer
        ("staff_minutes_per_case", "mean", "holds"),
        ("part_notice", "mean", "holds"),
    ],
)
def test_only_what_waits_in_a_queue_depends_on_it(measure: str, statistic: str, state: str) -> None:
    asked = Condition(Quantity(measure, statistic), "decrease", 0.0, "%", "before", "after")
    finding = Finding(asked, "holds", "", estimate(np.full(9, 1.0)), None, None)
    pool = Pool(("clerks",), ("window",), 1.2, False, services=("quick",))
    assert qualified(finding, {"after": (pool,)}, ("quick",)).state == state


@pytest.mark.parametrize(
    ("unstable", "outcome"),
    [(("after",), "refuted"), (("before",), "conditionally supported")],
)
def test_a_level_depends_on_its_own_configuration_alone(
    unstable: tuple[str, ...], outcome: str
) -> None:
    assert (
        verdict({"holds_if": [{**LEVEL, "value": "8 days"}]}, of(FAST), unstable=unstable).outcome
        == outcome
    )


def test_that_a_level_is_too_high_stands_where_queues_cannot_settle() -> None:
    assert (
        verdict({"holds_if": [{**LEVEL, "value": "5 days"}]}, of(FAST), unstable=("after",)).outcome
        == "refuted"
    )


# ----------------------------------------------------------------------------------------- outcomes

ROOM = {**LEVEL, "value": "12 days", "configuration": "before"}


@pytest.mark.parametrize(
    ("claim", "explored", "values", "outcome", "form"),
    [
        ({"outside_the_model": True}, None, of(FAST), "outside the model", ""),
        (
            {"cannot_be_tested_if": {**LEVEL, "value": "12 days", "configuration": "before"}},
            None,
            of(FAST),
            "cannot be tested",
            "",
        ),
        ({}, None, of(SMALL), "refuted", "smaller than claimed"),
        ({}, None, of(around(10.0, seed=2)), "refuted", "no relevant effect"),
        ({}, None, of(SLOW), "refuted", "the opposite"),
        ({}, worlds(256), of(OPEN), "undetermined", ""),
        ({}, None, of(FAST), "conditionally supported", words.UNEXPLORED),
        ({}, worlds(180, 70, 6), of(FAST), "conditionally supported", ""),
        ({}, worlds(64), of(FAST), "conditionally supported", words.PREVIEW),
        ({}, worlds(243, 0, 13), of(FAST), "conditionally supported", ""),
        ({}, worlds(244, 12), of(FAST), "supported", ""),
        ({}, worlds(244, 0, 6, endless=6), of(FAST), "supported", ""),
        ({}, worlds(243, 0, 6, endless=7), of(FAST), "conditionally supported", ""),
        ({}, worlds(130, 49, endless=77), of(FAST), "conditionally supported", ""),
        ({}, worlds(12, 244), of(SLOW), "refuted", "the opposite"),
        ({}, worlds(13, 243), of(SLOW), "conditionally refuted", "the opposite"),
        ({}, worlds(0, 243, 13), of(SLOW), "conditionally refuted", "the opposite"),
        ({}, worlds(154, 102), of(SLOW), "conditionally refuted", "the opposite"),
        ({}, worlds(0, 64), of(SLOW), "refuted", "the opposite"),
        ({}, worlds(40, 23), of(SLOW), "refuted", "the opposite"),
    ],
)
def test_each_outcome_when_the_page_says(
    claim: dict[str, Any],
    explored: Worlds | None,
    values: dict[Any, Floats],
    outcome: str,
    form: str,
) -> None:
    found = verdict(claim, values, explored)
    assert (found.outcome, found.form) == (outcome, form)
    assert all(found.reasons["en"])
    assert len(found.reasons["en"]) == len(found.reasons["zh"]) > 0


@pytest.mark.parametrize(
    ("explored", "said", "missing", "sentence"),
    [
        (
            None,
            (
                "refuted (the opposite; with all numbers as stated; other possible offices not "
                "explored)"
            ),
            words.UNEXPLORED,
            "It fails with all numbers as stated; whether it holds in other possible offices",
        ),
        (worlds(2, 254), "refuted (the opposite)", "", "holds 2, fails 254, queue without end 0"),
        (
            worlds(154, 102),
            "conditionally refuted (the opposite)",
            "",
            "it holds in 60 % of the possible offices",
        ),
        (
            worlds(10, 20),
            "refuted (the opposite; so far: a preview of few possible offices)",
            words.PREVIEW,
            "Fewer than 64 possible offices decide nothing",
        ),
    ],
)
def test_a_refusal_says_what_other_worlds_make_of_it(
    explored: Worlds | None, said: str, missing: str, sentence: str
) -> None:
    found = verdict({}, of(SLOW), explored)
    assert (found.said(), found.explored, found.refuted) == (said, missing, True)
    assert any(sentence in reason for reason in found.reasons["en"])
    assert found.said("zh").startswith(("不成立（与主张相反", "有条件不成立（与主张相反"))
    assert Verdict.from_dict(json.loads(json.dumps(found.to_dict()))).said() == said


def test_the_three_numbers_are_told_of_all_and_where_the_queues_settle() -> None:
    found = verdict({}, of(FAST), worlds(130, 49, endless=77))
    (told,) = [reason for reason in found.reasons["en"] if "possible offices" in reason]
    assert told.startswith("Of 256 possible offices: holds 130, fails 49, queue without end 77 (95")
    assert "Where the queues settle: in 130 of 179." in told
    assert any("队列无尽 77 个" in reason for reason in found.reasons["zh"])


def test_shares_are_told_with_and_without_what_is_known_and_of_that_itself() -> None:
    known = Choice(256, 3000, {"slow": 2744}, tuple(range(256)), {"slow": "p90 above 20 days"})
    other = Counts(200, 40, 10, 6)
    found = verdict({}, of(FAST), worlds(256, choice=known, without=other, known=("slow",)))
    told = " ".join(found.reasons["en"])
    assert (
        "If nothing were known: holds 200, fails 40, queue without end 10, not resolved 6" in told
    )
    assert "of 256." in told
    assert "about what is known itself (slow)" in told
    assert "fewer than one in ten of the offices that were drawn could exist" in told
    assert "不到十分之一" in " ".join(found.reasons["zh"])
    none = replace(known, tried=256, refused={})
    same = " ".join(verdict({}, of(FAST), worlds(256, choice=none)).reasons["en"])
    assert "What is known refused none" in same
    assert "one in ten" not in same


def test_without_a_range_in_the_file_there_is_only_one_world() -> None:
    assert verdict({}, of(FAST), numbers=0).outcome == "supported"


def test_a_configuration_that_the_run_lacks_is_asked_for_with_a_command() -> None:
    found = verdict({"compare": ["before", "stressed"]}, of(FAST), worlds(256))
    assert found.outcome == "undetermined"
    assert any("--configurations before,stressed,after" in reason for reason in found.reasons["en"])


def test_an_undetermined_claim_says_how_many_replications_would_decide() -> None:
    found = verdict({}, of(around(8.4, 1.0, 2)) | {"before": around(10.0, 1.0)})
    assert found.outcome == "undetermined"
    assert found.needed is not None
    assert found.needed > R
    assert any(f"gs.run(..., n={found.needed})" in reason for reason in found.reasons["en"])


def test_none_worse_and_n_better_needs_both() -> None:
    claim = {"holds_if": [STILL, STILL], "at_least_better": 2}
    assert verdict(claim, of(FAST)).holds
    none_better = verdict(claim, of(around(10.1, 0.01, 2)))
    assert none_better.base == "refuted"
    assert any("No more than 0" in reason for reason in none_better.reasons["en"])
    assert verdict(claim, of(SLOW)).base == "refuted"


def test_services_and_sets_are_called_by_the_nearest_name_that_they_have() -> None:
    spoken = words.Vocabulary(
        {"permit": {"en": "Building permit"}},
        {"shops": 3, "flats": 2},
        titles={"shops": {"en": "All of shops", "zh": "商铺"}},
    )
    assert [spoken.service(name, "zh") for name in ("permit", "tax")] == ["Building permit", "tax"]
    asked = [
        Condition(Quantity("visits", "mean", name), "decrease", 0.0, "%", "before", "after")
        for name in ("shops", "flats")
    ]
    assert [spoken.scope(each, "en") for each in asked] == [
        "All of shops (3 services)",
        "the 2 services of flats",
    ]
    assert spoken.scope(asked[0], "zh") == "商铺（3 个事项）"


def test_a_level_that_is_missed_is_not_called_small() -> None:
    """22 in 100 gave up where 2 are claimed: that is no smaller than claimed."""
    found = verdict({"holds_if": [{**LEVEL, "value": "8 days"}]}, of(SLOW))
    assert (found.outcome, found.form) == ("refuted", "misses the level claimed")
    assert any("misses the level claimed" in each for each in found.reasons["en"])
    assert any("不符合所主张的水平" in each for each in found.reasons["zh"])


def test_where_it_is_said_what_refutes_what_lies_between_is_undetermined() -> None:
    claim = {
        "holds_if": [{**LEVEL, "value": "8 days"}],
        "refuted_if": [{**LEVEL, "level": "above", "value": "12 days"}],
    }
    assert verdict(claim, of(FAST)).holds
    assert verdict(claim, of(SLOW)).outcome == "refuted"
    between = verdict(claim, of(around(10.0, seed=2)))
    assert (between.outcome, between.needed) == ("undetermined", None)
    assert any("neither" in reason for reason in between.reasons["en"])


def test_a_refusal_is_named_after_what_was_claimed_not_after_what_was_to_be_kept() -> None:
    found = verdict({"holds_if": [FALL, {**STILL, "at_most": "0 %"}]}, of(SMALL))
    assert found.form == "smaller than claimed"
    assert verdict({"holds_if": [STILL]}, of(SLOW)).form == "the opposite"


# ----------------------------------------------------------------------------------- who, and where


def test_a_claim_that_holds_names_who_loses() -> None:
    values = of(FAST) | {("after", "quick"): SLOW}
    found = verdict({}, values)
    assert (found.holds, found.losers) == (True, ("quick",))
    assert any(
        reason.startswith("Warning: mean cycle time gets worse for 1") and "quick" in reason
        for reason in found.reasons["en"]
    )


def test_a_refused_claim_names_the_services_that_carry_the_refusal() -> None:
    values = of(SMALL) | {("after", "quick"): FAST}
    found = verdict({}, values)
    assert (found.outcome, found.carriers) == ("refuted", ("slow",))
    assert any(
        "1 of 2 services reach it by themselves: quick" in reason for reason in found.reasons["en"]
    )


def test_by_service_it_is_said_who_reaches_the_claim() -> None:
    values = of(FAST) | {("after", "quick"): SMALL}
    told_of = verdict({"also_by": "service"}, values).reasons["en"]
    assert any(
        "1 of 2 services reach it by themselves: slow" in reason
        and "1 fall short of it: quick" in reason
        for reason in told_of
    )


def test_where_the_worlds_differ_the_verdict_says_where_it_fails_or_that_no_box_separates() -> None:
    vague = verdict({}, of(FAST), worlds(180, 70, 6))
    assert any(
        "No simple box separates" in reason and "not resolved 6" in reason
        for reason in vague.reasons["en"]
    )
    box = Failure("absence is above 25 %", "缺勤高于 25 %", 0.8, 0.9, (1.0,))
    boxed = verdict({}, of(FAST), worlds(180, 76, 0, box))
    assert any(
        "90 % of the possible offices where absence is above 25 %" in reason
        for reason in boxed.reasons["en"]
    )
    assert any("缺勤高于 25 %" in reason for reason in boxed.reasons["zh"])


def test_a_path_is_also_set_against_the_levers_that_start_on_the_same_day() -> None:
    months = {
        "measure": "cycle_time",
        "by": "week",
        "statistic": "months_to_recover",
        "level": "at_most",
        "value": "3 months",
    }
    paths = {
        name: np.outer(around(1.0, 0.01), np.full(60, level))
        for name, level in (("before", 9.0), ("process_only", 6.0))
    }
    paths["after"] = np.outer(around(1.0, 0.01), np.linspace(8.0, 5.0, 60))
    stated = {"quote": "Soon", "holds_if": [months]}
    dates = {"start": "2024-01-01", "count_from": "2024-01-01", "count_until": "2025-02-23"}
    sample: Any = Planted({}, paths=paths)
    found = judged._Judge(
        {"services": {"quick": {}}, **dates}, sample, told(), None, None, {}
    ).verdict("C", stated)
    assert found.holds
    assert "at no time above it" in found.reasons["en"][0]
    assert "is back at the level of the process levers alone: 8." in found.reasons["en"][1]


# -------------------------------------------------------------------------------------------- posts

POSTS = {
    "family": "one_post_less",
    "each": "service",
    "holds_if": [
        {"measure": "cycle_time", "statistic": "p90", "change": "no_increase", "at_most": "2 %"}
    ],
}


def staffing(*states: str, keep: float = 2.0) -> Any:
    less = tuple(Less(f"g{k}", 2, 10.0, 0.1, state) for k, state in enumerate(states))
    found = Staffing(
        "x",
        "x",
        1,
        ("before", "after"),
        "cycle_time",
        "p90",
        "counted",
        keep,
        95.0,
        100,
        50,
        {},
        Less(SAME, 4, 1.0, 0.1, "holds"),
        less,
        (Together(("g0",), 1, False),),
        (),
    )
    return Staffing.from_dict(json.loads(json.dumps(found.to_dict())))


@pytest.mark.parametrize(
    ("staff", "outcome"),
    [
        (None, "undetermined"),
        (staffing("holds", "refuted"), "conditionally supported"),
        (staffing("undetermined", "refuted"), "undetermined"),
        (staffing("refuted", "cannot go"), "refuted"),
        (staffing("holds", keep=5.0), "undetermined"),
    ],
)
def test_posts_that_could_go_are_read_from_the_staffing_study_if_it_asked_the_same(
    staff: Any, outcome: str
) -> None:
    found = verdict(POSTS, of(FAST), staff=staff)
    assert found.outcome == outcome
    assert found.reasons["en"]
    assert found.reasons["zh"]


# -------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("value", "half", "limit", "shown"),
    [
        (12.3456, 1.7, None, "12.3 [10.6, 14.0]"),
        (12.3456, 0.5, None, "12.3 [11.8, 12.8]"),
        (1234.56, 40.0, None, "1,235 [1,195, 1,275]"),
        (
            -15.2,
            0.1951,
            -15.0,
            "−15.200 [−15.395, −15.005]",
        ),  # an end that misses the limit does not read like it
    ],
)
def test_numbers_have_the_digits_that_their_interval_allows(
    value: float, half: float, limit: float | None, shown: str
) -> None:
    estimate = Estimate(value, value - half, value + half, R)
    assert words.with_interval(estimate, "", "en", limit=limit) == shown


def test_what_has_no_interval_says_why_in_both_languages() -> None:
    open_ = Estimate(None, None, None, 0, "no completed case")
    assert words.with_interval(open_, "days", "en") == "no completed case"
    assert words.with_interval(open_, "days", "zh") == "没有办结的办件"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[gs.Runs, Verdicts]:
    """A run of Kelan in a folder, and the verdicts on its claims."""
    folder = tmp_path_factory.mktemp("kelan")
    runs = run("kelan", 12, ("before", "process_only", "after"), folder)
    return runs, judged.claims(runs)


@pytest.mark.slow
def test_sentences_name_unit_cohort_services_and_what_was_claimed(
    county: tuple[gs.Runs, Verdicts],
) -> None:
    told_of = county[1]
    first = told_of["C14"].reasons
    assert first["en"][0].startswith(
        "Mean cycle time, Support and funds (3 services), filed 2025-01-01 to 2025-12-31: from "
    )
    assert "Claimed: down by at least 10 %." in first["en"][0]
    assert first["zh"][0].startswith(
        "平均办理时间（日历），扶持与资金（3 个事项），2025-01-01 至 2025-12-31 申报：由 "
    )
    assert "主张：至少减少 10%。" in first["zh"][0]


# ---------------------------------------------------------------------------------- what is shipped


def run(
    name: str, n: int, configurations: Sequence[str] = ("before", "after"), out: Path | None = None
) -> gs.Runs:
    return gs.run(gs.load(SCENARIOS / f"{name}.yaml"), n, configurations, progress=False, out=out)


@pytest.mark.slow
def test_pooling_is_good_for_the_mean_with_a_warning_and_not_for_everyone() -> None:
    found = judged.claims(shipped("harmful_pooling", 60))
    assert (found["overall"].outcome, found["overall"].losers) == ("supported", ("quick",))
    assert any(
        "Warning: mean wait at windows gets worse" in reason and "quick" in reason
        for reason in found["overall"].reasons["en"]
    )
    assert (found["everyone"].outcome, found["everyone"].carriers) == ("refuted", ("quick",))


@pytest.mark.slow
def test_a_slow_helper_helps_nobody() -> None:
    found = judged.claims(shipped("slow_helper", 60))
    assert [(each.outcome, each.form) for each in found.verdicts] == [("refuted", "the opposite")]


@pytest.mark.slow
def test_new_signs_on_the_doors_support_no_claim() -> None:
    (found,) = judged.claims(run("null_reform", 20)).verdicts
    assert (found.outcome, found.form) == ("refuted", "no relevant effect")
    assert found.findings[0].improvement.value == 0.0


def test_shuffled_labels_support_a_claim_no_more_often_than_alpha_allows() -> None:
    rng, false, tries = np.random.default_rng(5), 0, 400
    for _ in range(tries):
        pair = rng.lognormal(2.0, 0.2, (2, R))
        swap = rng.random(R) < 0.5
        before, after = np.where(swap, pair[0], pair[1]), np.where(swap, pair[1], pair[0])
        found = verdict({"holds_if": [{**FALL, "at_least": "0 %"}]}, of(after) | {"before": before})
        false += found.holds
    # one of the two sides of 5 %
    assert false / tries <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / tries)


@pytest.mark.slow
def test_every_claim_of_kelan_has_a_verdict_with_reasons_in_both_languages(
    county: tuple[gs.Runs, Verdicts],
) -> None:
    runs, found = county
    stated = gs.load(SCENARIOS / "kelan.yaml").tree["claims"]
    assert [each.claim for each in found.verdicts] == list(stated)
    for each in found.verdicts:
        assert each.outcome in words.OUTCOMES
        for lang in ("en", "zh"):
            assert each.reasons[lang]
            assert not any("nan" in reason or "None" in reason for reason in each.reasons[lang])
    assert found["C18"].outcome == "outside the model"
    assert "govsim staff" in found["C7"].reasons["en"][0]
    # the worlds were not explored
    assert not any(each.outcome == "supported" for each in found.verdicts)
    assert Verdicts.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False))) == found
    assert "declared before the run, unchanged" in str(found)
    assert "在运行之前已声明" in found.text("zh")
    assert repr(found).startswith("<Verdicts kelan-")
    assert len(found.to_frame()) > len(found.verdicts)
    assert found.plot().get_yticklabels()
    result = CliRunner().invoke(main, ["claims", str(runs.folder), "--strict"])
    assert result.exit_code == 1
    assert "C18" in result.output


# ---------------------------------------------------------------------------------- declared before


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, gs.Runs]:
    """A file of one's own, and a run of it."""
    path = tmp_path / "slow_helper.yaml"
    path.write_text((SCENARIOS / "slow_helper.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return path, gs.run(gs.load(path), 3, ("before", "after"), progress=False)


def test_a_claim_that_was_changed_after_the_run_is_named_and_judged_as_declared(
    own: tuple[Path, gs.Runs],
) -> None:
    path, runs = own
    first = judged.claims(runs)
    assert first.declared
    path.write_text(runs.settings.text.replace("at_least: ", "at_least: 1"), encoding="utf-8")
    found = judged.claims(runs)
    assert (found.declared, found.changed) == (False, ("faster",))
    assert found.verdicts == first.verdicts
    assert "CLAIMS WERE CHANGED" in str(found)
    assert "faster" in found.origin("zh")


def test_knowledge_that_was_added_after_the_run_is_a_change(own: tuple[Path, gs.Runs]) -> None:
    path, runs = own
    path.write_text(f"{runs.settings.text}\nknown: none\n", encoding="utf-8")
    assert judged.claims(runs).changed == ("known",)


def test_other_words_for_the_same_claim_are_no_change(own: tuple[Path, gs.Runs]) -> None:
    path, runs = own
    path.write_text(runs.settings.text.replace("加派人手，加快办理", "Faster"), encoding="utf-8")
    assert judged.claims(runs).declared


@pytest.mark.parametrize("today", [None, "govsim: ["])
def test_a_file_that_is_gone_or_broken_is_said_and_the_claims_are_judged_all_the_same(
    own: tuple[Path, gs.Runs], today: str | None
) -> None:
    path, runs = own
    path.unlink() if today is None else path.write_text(today, encoding="utf-8")
    found = judged.claims(runs)
    assert (found.declared, found.changed, len(found.verdicts)) == (False, (), 1)
    assert str(path) in found.origin("en")


def test_a_text_in_the_run_that_is_not_what_was_declared_is_refused(
    own: tuple[Path, gs.Runs],
) -> None:
    from dataclasses import replace

    settings = own[1].settings
    forged = replace(settings, text=settings.text.replace("at_least: 5 %", "at_least: 1 %"))
    with pytest.raises(gs.StoreError, match="not those that were declared"):
        declared.tree_of(forged)


# -------------------------------------------------------------------------------------- the command


@pytest.mark.slow
def test_the_command_needs_no_engine_and_no_frames(tmp_path: Path) -> None:
    folder = run("slow_helper", 3, out=tmp_path).folder
    program = (
        "import sys\nfrom govsim.cli import main\n"
        f"try: main(['claims', {str(folder)!r}, '--lang', 'zh'])\n"
        "except SystemExit as left: assert not left.code\n"
        "print(*sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    ).stdout
    assert "主张" in said
    assert not set(said.split()) & {"numba", "simpy", "pandas", "matplotlib"}


@pytest.mark.parametrize(("name", "text"), [("worlds", "{"), ("staff", "[]")])
def test_a_study_that_cannot_be_read_is_said_with_the_command_that_makes_it(
    tmp_path: Path, name: str, text: str
) -> None:
    folder = run("slow_helper", 2, out=tmp_path).folder
    assert folder is not None
    (folder / name).mkdir()
    (folder / name / f"{name}.json").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["claims", str(folder)])
    assert result.exit_code == 2
    assert f"govsim {STUDIES[name]} {folder}" in result.output


def test_one_replication_gives_verdicts_that_say_what_is_missing(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["claims", str(run("slow_helper", 1, out=tmp_path).folder), "--json"]
    )
    (found,) = json.loads(result.output)["verdicts"]
    assert found["outcome"] == "undetermined"
    assert any("needs 2 replications" in reason for reason in found["reasons"]["en"])


@pytest.mark.slow
def test_a_share_of_cases_within_a_time_and_any_quantile_can_be_claimed(tmp_path: Path) -> None:
    path, text = (
        tmp_path / "pooled.yaml",
        (SCENARIOS / "harmful_pooling.yaml").read_text(encoding="utf-8"),
    )
    more = """
  soon:
    quote: Soon
    of: quick
    holds_if:
      - {measure: cycle_time, statistic: {share_at_most: 5 min}, change: increase,
          at_least: 1 point}
      - {measure: cycle_time, statistic: p95, change: decrease, at_least: 5 %}
"""
    path.write_text(text.replace("\nexperiment:", f"{more}\nexperiment:"), encoding="utf-8")
    found = judged.claims(gs.run(gs.load(path), 16, ("before", "after"), progress=False))["soon"]
    assert found.outcome == "refuted"
    assert [(each.form, each.condition.unit) for each in found.findings] == [
        ("the opposite", "points"),
        ("the opposite", "%"),
    ]
    before = found.findings[0].before
    assert before is not None
    # M/M/1 at load 1/2: time in system has mean 2
    assert before.value == pytest.approx(100 * (1 - np.exp(-2.5)), abs=1.5)
    assert found.reasons["en"][0].startswith("Share of cases with cycle time at most 5 min, ")


def test_few_who_fare_otherwise_are_told_in_the_readers_language() -> None:
    en, zh = whom.fare(0.0, 0.0004)
    assert en == "By their end 0 in 100 fare worse, less than 0.1 in 100 better."
    assert zh == "就结局而言，每 100 人中 0 人变差，不足 0.1 人变好。"
