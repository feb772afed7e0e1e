"""Verdicts: each outcome and each form of refusal on planted numbers, and what the shipped scenarios must answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import govsim as gs
from govsim.evidence import claims as judged
from govsim.evidence.conditions import Condition, conditions_of, judge, judge_alone, replications_needed, state_of
from govsim.evidence.sample import Quantity
from govsim.table import Estimate

SCENARIOS = Path(__file__).parents[1] / "scenarios"
R = 40


class Planted:
    """A sample of one quantity: numbers per replication by configuration, nothing else."""

    replications = R

    def __init__(self, unit: str = "days", **values: NDArray[np.float64]) -> None:
        self.held, self._unit = values, unit
        self.configurations = tuple(values)

    def unit(self, _: Quantity) -> str:
        return self._unit

    def is_mean(self, _: Quantity) -> bool:
        return True

    def values(self, _: Quantity, configuration: str) -> NDArray[np.float64]:
        return self.held[configuration]


def around(mean: float, spread: float = 0.1, seed: int = 1) -> NDArray[np.float64]:
    drawn = np.random.default_rng(seed).normal(0.0, spread, R)
    return mean + drawn - drawn.mean()


def condition(kind: str = "decrease", size: float = 15.0, unit: str = "%", **more: Any) -> Condition:
    return Condition(Quantity("cycle_time", "mean"), kind, size, unit, "before", "after", **more)


# ------------------------------------------------------------------------------------------------------ conditions


@pytest.mark.parametrize(
    ("after", "state", "form"),
    [
        (8.0, "holds", ""),
        (9.0, "refuted", "smaller than claimed"),
        (10.0, "refuted", "no relevant effect"),
        (12.0, "refuted", "the opposite"),
        (8.5, "undetermined", ""),
    ],
)
def test_a_condition_holds_beyond_delta_and_is_refuted_on_the_near_side(after: float, state: str, form: str) -> None:
    sample: Any = Planted(before=around(10.0), after=around(after, seed=2))
    (found,) = judge([condition()], sample)
    assert (found.state, found.form) == (state, form)
    assert judge_alone(condition(), sample).state == state


@pytest.mark.parametrize(("after", "state"), [(10.0, "holds"), (10.3, "holds"), (12.0, "refuted"), (10.5, "undetermined")])
def test_what_must_not_rise_holds_when_it_is_unchanged(after: float, state: str) -> None:
    sample: Any = Planted(before=around(10.0), after=around(after, seed=2))
    (found,) = judge([condition("no_increase", 5.0)], sample)
    assert found.state == state


def test_what_is_exactly_unchanged_is_neither_a_fall_nor_a_rise() -> None:
    same = around(10.0)
    sample: Any = Planted(before=same, after=same)
    unchanged, fallen = judge([condition("no_increase", 0.0), condition("decrease", 0.0)], sample)
    assert (unchanged.state, fallen.state) == ("holds", "refuted")


def test_points_are_differences_of_shares() -> None:
    sample: Any = Planted("share", before=around(0.6, 0.01), after=around(0.9, 0.01, 2))
    found = judge([condition("increase", 20.0, "points"), condition("increase", 40.0, "points")], sample)
    assert [each.state for each in found] == ["holds", "refuted"]
    assert found[0].improvement.value == pytest.approx(30.0)


def test_a_level_is_compared_itself() -> None:
    sample: Any = Planted(before=around(5.0), after=around(1.5, seed=2))
    kinds = [condition("at_most", size, "days") for size in (2.0, 1.0, 1.5)]
    assert [each.state for each in judge(kinds, sample)] == ["holds", "refuted", "undetermined"]


def test_nothing_before_and_nothing_after_is_no_change_and_something_from_nothing_has_no_percentage() -> None:
    nothing, some = np.zeros(R), around(1.0)
    kept: Any = Planted(before=nothing, after=nothing)
    rose: Any = Planted(before=nothing, after=some)
    assert judge([condition("no_increase", 5.0)], kept)[0].state == "holds"
    (found,) = judge([condition("no_increase", 5.0)], rose)
    assert (found.state, found.improvement.value) == ("undetermined", None)
    assert found.note


def test_one_replication_decides_nothing() -> None:
    sample: Any = Planted(before=np.array([10.0]), after=np.array([5.0]))
    sample.replications = 1
    (found,) = judge([condition()], sample)
    assert (found.state, found.note) == ("undetermined", "needs 2 replications")


def test_the_replications_still_needed_bring_the_interval_to_the_threshold() -> None:
    sample: Any = Planted(before=around(10.0, 1.0), after=around(8.4, 1.0, 2))
    (found,) = judge([condition()], sample)
    assert found.state == "undetermined"
    needed = replications_needed(found)
    half, value = found.improvement.half_width, found.improvement.value
    assert needed is not None
    assert half is not None
    assert value is not None
    assert half * (R / needed) ** 0.5 <= abs(value - 15.0) * 1.001


def test_each_service_is_a_condition_of_its_own_and_percent_of_a_clock_time_is_a_ratio() -> None:
    scenario = gs.load(SCENARIOS / "kelan.yaml")
    found = conditions_of(scenario.tree, scenario.tree["claims"]["C9"])
    assert [each.service for each in found] == list(scenario.tree["service_sets"]["projects"])
    assert {each.unit for each in found} == {"%"}
    (second,) = conditions_of(scenario.tree, scenario.tree["claims"]["C11"])[1:]
    assert (second.kind, second.size, second.unit, second.delta) == ("at_most", 2.0, "working days", 0.0)
    share = conditions_of(scenario.tree, scenario.tree["claims"]["C4"])[1]
    assert (share.quantity.statistic, share.size, share.unit) == ("share_at_most_1", 20.0, "points")
    (months,) = conditions_of(scenario.tree, scenario.tree["claims"]["C16"])
    assert months.size == pytest.approx(3.0)


# -------------------------------------------------------------------------------------------------------- outcomes


def verdict(claim: Mapping[str, Any], worlds: Mapping[str, Any] | None = None, **values: NDArray[np.float64]) -> judged.Verdict:
    """The verdict on a claim about the mean cycle time, from planted numbers."""
    stated = {"quote": "Less time", "holds_if": [FALL], **claim}
    tree = {"services": {"permit": {}}, "claims": {"C": stated}}
    runs: Any = type(
        "Told", (), {"folder": None, "settings": type("Made", (), {"about": {"service_names": {}}, "scenario": "x"})}
    )
    told = {"worlds": 256, "claims": {"C": worlds}} if worlds else None
    return judged._Judge(tree, Planted(**values), runs, told, None).verdict("C", stated)  # type: ignore[arg-type]


FALL = {"measure": "cycle_time", "statistic": "mean", "change": "decrease", "at_least": "15 %"}
BEFORE, FAST = around(10.0), around(7.0, seed=2)
EVERYWHERE = {"holds": 252, "fails": 2, "unresolved": 2, "low": 0.96, "high": 0.99}
SOMEWHERE = {"holds": 180, "fails": 70, "unresolved": 6, "low": 0.64, "high": 0.75, "box": None}


@pytest.mark.parametrize(
    ("claim", "worlds", "values", "outcome"),
    [
        ({"outside_the_model": True}, None, {"before": BEFORE, "after": FAST}, "outside the model"),
        ({"cannot_be_tested_if": {**FALL, "level": "at_most", "value": "12 days"} | {"change": None}}, None,
         {"before": BEFORE, "after": FAST}, "cannot be tested"),
        ({"without_merger": "process_only"}, None, {"before": BEFORE, "process_only": around(7.2, seed=3), "after": FAST},
         "true, but not by the merger"),
        ({"without_merger": "process_only"}, EVERYWHERE, {"before": BEFORE, "process_only": around(9.5, seed=3), "after": FAST},
         "supported"),
        ({}, None, {"before": BEFORE, "after": around(9.5, seed=2)}, "refuted"),
        ({}, None, {"before": BEFORE, "after": around(8.5, seed=2)}, "undetermined"),
        ({}, None, {"before": BEFORE, "after": FAST}, "conditionally supported"),
        ({}, SOMEWHERE, {"before": BEFORE, "after": FAST}, "conditionally supported"),
        ({}, EVERYWHERE, {"before": BEFORE, "after": FAST}, "supported"),
    ],
)  # fmt: skip
def test_each_outcome_when_the_page_says(
    claim: dict[str, Any], worlds: dict[str, Any] | None, values: dict[str, NDArray[np.float64]], outcome: str
) -> None:
    claim = {
        key: {k: v for k, v in each.items() if v is not None} if isinstance(each, dict) else each for key, each in claim.items()
    }
    found = verdict(claim, worlds, **values)
    assert found.outcome == outcome
    for lang in ("en", "zh"):
        assert found.reasons[lang]
        assert all(found.reasons[lang])


def test_where_the_worlds_differ_the_verdict_says_unless_or_that_no_box_separates() -> None:
    vague = verdict({}, SOMEWHERE, before=BEFORE, after=FAST)
    assert "no simple box separates the worlds where it fails" in vague.reasons["en"][0]
    boxed = verdict({}, {**SOMEWHERE, "box": {"en": "absence is above 25 %", "zh": "缺勤超过25%"}}, before=BEFORE, after=FAST)
    assert "unless absence is above 25 %" in boxed.reasons["en"][0]
    assert "缺勤超过25%" in boxed.reasons["zh"][0]


def test_none_worse_and_n_better_needs_both() -> None:
    still = {**FALL, "change": "no_increase", "at_most": "5 %"}
    still.pop("at_least")
    claim = {"holds_if": [still, still], "at_least_better": 2}
    assert verdict(claim, before=BEFORE, after=FAST).base == "holds"
    assert verdict(claim, before=BEFORE, after=around(10.1, 0.01, 2)).base == "refuted"  # none worse, but none better
    assert verdict(claim, before=BEFORE, after=around(12.0, seed=2)).base == "refuted"


def test_a_configuration_that_the_run_lacks_is_asked_for_with_a_command() -> None:
    found = verdict({"compare": ["before", "stressed"]}, before=BEFORE, after=FAST)
    assert found.outcome == "undetermined"
    assert "--configurations before,after,stressed" in found.reasons["en"][0]


# --------------------------------------------------------------------------------------------------- what is shipped


def run(name: str, n: int, configurations: Sequence[str] = ("before", "after")) -> gs.Runs:
    return gs.run(gs.load(SCENARIOS / f"{name}.yaml"), n, configurations, progress=False)


def test_pooling_is_good_for_the_mean_with_a_warning_and_not_for_everyone() -> None:
    found = judged.claims(run("harmful_pooling", 100))
    assert found["overall"].base == "holds"
    assert found["overall"].losers == ("quick",)
    assert any("gets worse for" in reason for reason in found["overall"].reasons["en"])
    assert (found["everyone"].outcome, found["everyone"].carriers) == ("refuted", ("quick",))


def test_a_slow_helper_helps_nobody() -> None:
    found = judged.claims(run("slow_helper", 60))
    assert {each.outcome for each in found.verdicts} == {"refuted"}


def test_new_signs_on_the_doors_support_no_claim() -> None:
    found = judged.claims(run("null_reform", 20))
    assert found.verdicts
    assert all(each.base == "refuted" and each.form == "no relevant effect" for each in found.verdicts)
    assert all(each.findings[0].improvement.value == 0.0 for each in found.verdicts)


def test_shuffled_labels_support_a_claim_no_more_often_than_alpha_allows() -> None:
    rng, false, tries = np.random.default_rng(5), 0, 400
    for _ in range(tries):
        pair = rng.lognormal(2.0, 0.2, (2, R))
        swap = rng.random(R) < 0.5
        before, after = np.where(swap, pair[0], pair[1]), np.where(swap, pair[1], pair[0])
        sample: Any = Planted(before=before, after=after)
        false += judge([condition("decrease", 0.0)], sample)[0].state == "holds"
    assert false / tries <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / tries)  # one of the two sides of 5 %


def test_every_claim_of_kelan_has_a_verdict_with_reasons_in_both_languages() -> None:
    found = judged.claims(run("kelan", 12, ("before", "process_only", "after")))
    assert len(found.verdicts) == 18
    for each in found.verdicts:
        assert each.outcome in gs.evidence.words.OUTCOMES
        assert all(each.reasons[lang] for lang in ("en", "zh"))
        assert not any("nan" in reason for reason in each.reasons["en"])
    assert found["C18"].outcome == "outside the model"
    json.dumps(found.to_dict(), allow_nan=False)
    assert "declared before the run" in str(found)
    assert "宣称" in found.text("zh")
    assert repr(found).startswith("<Verdicts kelan-")
    assert len(found.to_frame()) == 18


def test_a_claim_that_was_changed_after_the_run_is_named(tmp_path: Path) -> None:
    path = tmp_path / "slow_helper.yaml"
    text = (SCENARIOS / "slow_helper.yaml").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    runs = gs.run(gs.load(path), 3, ("before", "after"), progress=False)
    assert judged.claims(runs).declared
    path.write_text(text.replace("at_least: ", "at_least: 1"), encoding="utf-8")
    found = judged.claims(runs)
    assert not found.declared
    assert found.changed
    assert "CLAIMS WERE CHANGED" in str(found)


def test_the_state_of_what_cannot_be_estimated_is_open() -> None:
    assert state_of(condition(), Estimate(None, None, None, 0, "no completed case")) == ("undetermined", "")
    assert replace(condition(), kind="at_most").is_level
