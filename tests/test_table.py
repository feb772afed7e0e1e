"""What the screen says: intervals that are right, losers that lose, and never a NaN."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from govsim.display import text as screen
from govsim.evidence.summary.result import Line, Load, Matched, Summary
from govsim.statistics.estimate import Estimate, estimate, still_needed
from govsim.statistics.mean import of_mean

SERVICES = ("mix", "quick", "slow")
SPENT = ((30, 0.025), (200, 0.03), (math.inf, 0.05))  # the errors of fewer replications than


def summary_lines(statistics: dict[str, np.ndarray], services: tuple[str, ...]) -> tuple[Line, ...]:
    """Lines from one array [configuration, replication, service] per statistic."""
    lines = []
    for statistic, values in statistics.items():
        for k, service in enumerate(services):
            levels = tuple(of_mean(each[:, k]) for each in values)
            changes = [of_mean(values[-1, :, k] - each[:, k]) for each in values[:-1]]
            first = changes[0] if changes else None
            lines.append(Line(service, statistic, levels, first, tuple(changes[1:])))
    return tuple(lines)


def summary(
    values: dict[str, np.ndarray],
    names: dict[str, str] | None = None,
    services: tuple[str, ...] = SERVICES,
) -> Summary:
    shape = next(iter(values.values())).shape
    configurations = (
        ("before", "process_only", "after")[: shape[0]] if shape[0] != 2 else ("before", "after")
    )
    shares = np.random.default_rng(1).dirichlet([1, 2, 3], shape[1])
    first = values["mean"]
    return Summary(
        run="toy-123456",
        where="runs/toy-123456",
        seed=7,
        engine="compiled",
        configurations=configurations,
        replications=shape[1],
        cohort="all counted cases",
        lines=summary_lines(values, services),
        matched=Matched(*(estimate(shares[:, k]) for k in range(3)), applicants=812.5),
        posts=dict.fromkeys(configurations, 24),
        numbers=143,
        assumptions=121,
        precision=0.05,
        still_needed=still_needed(first[-1, :, 0] - first[0, :, 0], 0.05),
        steps=tuple(estimate(later[:, 0] - sooner[:, 0]) for sooner, later in pairwise(first)),
        names=names or {},
    )


def drawn(
    configurations: int = 3, replications: int = 40, change: float = -2.0
) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(5)
    levels = (
        generator.normal(12.0, 1.0, (1, replications, 3))
        + np.linspace(0, change, configurations)[:, None, None]
    )
    noise = generator.normal(0, 0.1, (configurations, replications, 3))
    return {"mean": levels + noise, "p90": 2 * levels + noise}


def test_the_interval_of_a_mean_is_students() -> None:
    values = np.random.default_rng(2).gamma(2.0, 3.0, 25)
    found = estimate(values)
    low, high = stats.t.interval(0.95, 24, values.mean(), stats.sem(values))
    assert math.isclose(found.low or 0, low)
    assert math.isclose(found.high or 0, high)
    assert found.replications == 25


def test_changes_are_paired_by_replication() -> None:
    values = drawn(configurations=2)
    line = summary_lines(values, SERVICES)[0]
    assert line.change == of_mean(values["mean"][1, :, 0] - values["mean"][0, :, 0])
    assert line.change is not None
    assert (line.change.half_width or 9) < 0.3 * (line.levels[0].half_width or 0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.5], Estimate(3.5, None, None, 1, "needs 2 replications")),
        ([3.5, 3.5, 3.5], Estimate(3.5, 3.5, 3.5, 3, "exact")),
        ([0.0, 0.0], Estimate(0.0, 0.0, 0.0, 2, "exact")),
        ([np.nan, np.nan], Estimate(None, None, None, 0, "no completed case")),
        ([np.nan, 2.0], Estimate(2.0, None, None, 1, "needs 2 replications")),
    ],
)
def test_what_cannot_be_estimated_says_so(values: list[float], expected: Estimate) -> None:
    assert estimate(np.array(values)) == expected


@pytest.mark.parametrize("half_width", [2.0, 0.5, 0.05, 0.001])
@pytest.mark.parametrize("replications", [2, 3, 30, 200])
def test_replications_still_needed_are_the_least_that_suffice(
    replications: int, half_width: float
) -> None:
    values = np.random.default_rng(replications).normal(0.0, 1.0, replications)
    more = still_needed(values, half_width)
    assert more is not None
    reached = []
    for n in (replications + more - 1, replications + more):
        spent = next(each for fewer, each in SPENT if n < fewer)
        reached.append(stats.t.ppf(1 - spent / 2, n - 1) * values.std(ddof=1) / math.sqrt(n))
    assert reached[1] <= half_width
    assert more == 0 or reached[0] > half_width


def test_nothing_is_needed_where_nothing_varies() -> None:
    assert still_needed(np.full(5, 0.1), 0.05) == 0
    assert still_needed(np.array([1.0]), 0.05) is None


def test_percent_is_given_only_where_before_is_surely_not_zero() -> None:
    values = np.stack([np.array([-1.0, 1.0, 0.5]), np.array([2.0, 3.0, 4.0])])[:, :, None]
    assert summary_lines({"mean": values}, ("mix",))[0].percent is None
    line = summary_lines({"mean": values + 50}, ("mix",))[0]
    assert line.percent is not None
    assert math.isclose(
        line.percent, 100 * (values[1] - values[0]).mean() / (values[0] + 50).mean()
    )


def test_a_service_loses_when_the_whole_interval_is_worse() -> None:
    values = drawn(configurations=2)
    values["mean"][1, :, 1] = (
        values["mean"][0, :, 1] + 0.2 + np.random.default_rng(9).normal(0, 0.1, 40)
    )
    values["p90"][1, :, 2] = values["p90"][0, :, 2] + np.random.default_rng(8).normal(0.0, 3.0, 40)
    assert summary(values).losers() == [("quick", "mean")]
    assert "services that lose from before to after, in the mean: quick\n" in str(summary(values))


def test_who_loses_by_the_merger_itself_is_said_where_the_whole_reform_hides_it() -> None:
    values = drawn(change=-4.0)
    values["mean"][2, :, 1] = (
        values["mean"][1, :, 1] + 0.2 + np.random.default_rng(9).normal(0, 0.1, 40)
    )
    shown = summary(values, names={"quick": "Quick"})
    assert shown.losers() == []
    assert shown.losers("process_only") == [("quick", "mean")]
    assert "services that lose from before to after, in the mean or p90: none\n" in str(shown)
    said = "services that lose from process_only to after, in the mean: Quick +0."
    assert said in str(shown)
    assert said in shown._repr_html_()
    plain = shown.to_dict()
    assert plain["losers_from"] == {"process_only": [("quick", "mean")]}
    assert plain["lines"][1]["later"][0]["low"] > 0
    with pytest.raises(ValueError, match="aftr"):
        shown.losers("aftr")


def loaded(unanswered: float = 10.0, busy: float = 0.95, gave_up: float = 0.0) -> dict[str, Load]:
    cases = {
        "counted": 1000.0,
        "completed": 985.0 - unanswered - gave_up,
        "rejected": 15.0,
        "open": unanswered,
        "withdrawn": gave_up,
    }
    return {name: Load(cases, {"clerks": 0.4, "signers": busy}) for name in ("before", "after")}


def told(shown: Summary) -> list[str]:
    """The sentences of its warnings."""
    return [each.said() for each in shown.warnings]


def after_as(unanswered: float = 10.0, busy: float = 0.95, gave_up: float = 0.0) -> Summary:
    """A screen of which only the second configuration is so loaded; all are followed 60 days."""
    loads = loaded() | {"after": loaded(unanswered, busy, gave_up)["after"]}
    return Summary(**{**vars(summary(drawn(2))), "loads": loads, "tau": 60.0, "clock_tau": 90.0})


def test_how_everybody_who_filed_stood_is_on_the_screen_and_in_the_page() -> None:
    shown = after_as()
    title = "how everybody stood after 90 calendar days, per replication (all counted cases)"
    assert f"\n{title}\n" in str(shown)
    assert "          filed  granted  refused  no answer yet  gave up\n" in str(shown)
    assert "after   1,000.0    975.0     15.0           10.0      0.0\n" in str(shown)
    assert title in shown._repr_html_()
    assert "<td>975.0</td>" in shown._repr_html_()
    assert shown.to_dict()["loads"]["after"]["cases"]["open"] == 10.0
    assert shown.warnings == ()
    assert "warning" not in str(shown)


def test_applicants_without_an_answer_and_groups_without_time_are_warned_of() -> None:
    shown = after_as(unanswered=11.0, busy=0.9512)
    lines = [" ".join(line.split()) for line in str(shown).replace("\n    ", " ").splitlines()]
    assert (
        "warning: 1.1 % of all who filed had no answer yet in after within 60 working days: means "
        "are of the first 60"
    ) in lines
    assert (
        "warning: hardly any time on duty is left in after (signers 95.1 % worked): queues may "
        "never settle, so no percentages"
    ) in lines
    assert {line["percent"] for line in shown.to_dict()["lines"]} == {None}
    assert "1.1 % of all who filed" in shown._repr_html_()
    assert len(shown.to_dict()["warnings"]) == 2


def test_who_gave_up_is_not_in_the_times_and_the_screen_says_so() -> None:
    stayed = "times in after are of those who stayed: 99.5 % of all who filed"
    assert told(after_as(gave_up=5.0)) == [stayed]


def test_other_ends_in_the_first_and_the_last_are_other_people_behind_their_times() -> None:
    # granted 97.5 -> 91.5, gave up 0 -> 6 in 100; refused and without an answer alike
    assert told(after_as(gave_up=60.0)) == [
        (
            "not the same people from before to after (granted 97.5 % -> 91.5 %, gave up 0.0 % -> "
            "6.0 % of all who filed): a change of times is also one of who is in them"
        ),
        "times in after are of those who stayed: 94.0 % of all who filed",
    ]
    assert len(after_as(gave_up=9.0).warnings) == 1  # less than one in a hundred moved


def test_a_service_of_which_nobody_stayed_is_warned_of() -> None:
    values = drawn(2)
    values["mean"][0, :, 1] = np.nan
    values["mean"][1, :3, 2] = np.nan
    shown = Summary(**{**vars(summary(values)), "loads": loaded()})
    assert told(shown) == [
        "nobody who stayed in before of quick: a mix leaves such a service out there",
        (
            "nobody who stayed in after of slow (in 3 of 40 replications): a mix leaves such a "
            "service out there"
        ),
    ]


@pytest.mark.parametrize("half_width", [1e-300, 1e-13, 1e-9])
def test_a_precision_that_no_run_reaches_is_told_without_counting_up_to_it(
    half_width: float,
) -> None:
    shown = Summary(
        **{
            **vars(summary(drawn())),
            "precision": half_width,
            "still_needed": still_needed(drawn()["mean"][0, :, 0], half_width),
        }
    )
    assert shown.still_needed == 1_000_000_000
    assert "more than 1,000,000,000" in " ".join(str(shown).split())


def test_the_screen_holds_what_a_reader_needs() -> None:
    text = " ".join(str(summary(drawn())).split())
    for phrase in (
        "run toy-123456 seed 7 engine compiled before, process_only, after x 40",
        "mean cycle time, working days (all counted cases)",
        "p90 cycle time (nine in ten), working days (all counted cases)",
        "change (95 % interval)",
        "mix's mean, step by step: -1.03 [",
        "] to process_only, then -0.99 [",
        "services that lose from before to after, in the mean or p90: none",
        "services that lose from process_only to after, in the mean or p90: none",
        (
            "(4 comparisons each; if nothing had changed, about 0.1 of them would show a loss by "
            "chance)"
        ),
        "the same applicants, before to after: ",
        "slower, ",
        " by what matters in calendar days, ",
        " per replication with the same answer in both)",
        "posts: before 24, process_only 24, after 24",
        (
            "mix: all services with applicants, or those of experiment.mix, weighted by their "
            "demand before"
        ),
        (
            "assumed: 121 of the 143 numbers with a range are assumptions; numbers without a range "
            "are not"
        ),
        "how sure: by chance -2.02 [-2.06, -1.97]; other possible offices were not explored",
        "replications still needed for ±0.05 working days in the change of the mix's mean: ",
        "where: runs/toy-123456",
    ):
        assert phrase in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize("configurations", [1, 2, 3])
@pytest.mark.parametrize("replications", [1, 2, 40])
def test_no_line_is_wider_than_the_screen_and_none_says_nan(
    configurations: int, replications: int
) -> None:
    services = ("mix", *(f"a_service_with_a_rather_long_name_{k}" for k in range(18)))
    values = {
        key: np.repeat(each, 7, axis=2)[:, :, :19] * 1e3
        for key, each in drawn(configurations, replications).items()
    }
    values["mean"][:, :, 4] = np.nan
    values["mean"][:, : replications - 1, 5] = np.nan
    values["p90"][:, :, 6] = 0.0
    shown = summary(values, services=services)
    assert max(screen.width(line) for line in str(shown).splitlines()) <= screen.WIDTH
    assert "nan" not in str(shown).lower()
    assert "nan" not in shown._repr_html_().lower()
    json.dumps(shown.to_dict(), allow_nan=False)


def test_short_times_are_shown_with_the_digits_they_need() -> None:
    text = str(summary({key: each / 1000 for key, each in drawn().items()}))
    assert "0.0118" in text
    assert "-0.0020 [-0.0021, -0.0020]" in text


def test_minute_scale_times_are_shown_in_minutes_and_held_in_working_days() -> None:
    values = {key: each / 1000 for key, each in drawn().items()}
    days = summary(values)
    short = Summary(**{**vars(days), "day": 420.0})
    text = str(short)
    for phrase in (
        "mean cycle time, opening minutes (all counted cases)",
        "mix      4.96          4.53   4.11    -0.85 [-0.87, -0.83]  -17.1",
        "mix's mean, step by step: -0.43 [",
        "for ±0.05 working days (21 minutes) in the change",
    ):
        assert phrase in text
    assert "opening minutes" in short._repr_html_()
    assert short.to_dict()["lines"] == days.to_dict()["lines"]
    assert short.to_dict()["unit"] == "working days"


def test_the_unit_is_chosen_by_the_mean_of_the_mix_before() -> None:
    for level, unit in ((0.049, "opening minutes"), (0.05, "working days")):
        values = {key: np.full((2, 3, 3), 40.0) for key in ("mean", "p90")}
        values["mean"][0, :, 0] = level
        assert f"mean cycle time, {unit} (all" in str(
            Summary(**{**vars(summary(values)), "day": 420.0})
        )
    values["mean"][0, :, 0] = np.nan
    assert "working days" in str(Summary(**{**vars(summary(values)), "day": 420.0}))


def test_what_has_no_ranges_or_no_completed_case_is_said_in_words() -> None:
    assert "assumed: unknown, as no number has a range\n" in str(
        Summary(**{**vars(summary(drawn())), "numbers": 0})
    )
    nothing = {key: np.full((2, 5, 3), np.nan) for key in ("mean", "p90")}
    losing = "services that lose from before to after: needs 2 replications with cases\n"
    assert losing in str(summary(nothing))


def test_chinese_names_keep_the_columns_straight() -> None:
    english, chinese = (
        str(summary(drawn(), names)).splitlines()
        for names in ({"quick": "abcdefgh"}, {"quick": "企业核准"})
    )
    assert [screen.width(line) for line in english] == [screen.width(line) for line in chinese]
    assert any("企业核准" in line for line in chinese)


def test_a_long_name_is_cut_to_its_column() -> None:
    assert screen.cut("发展和改革局", 7) == "发展和…"
    assert screen.width(screen.cut("发展和改革局", 8)) <= 8
    assert screen.cut("short", 8) == "short"


def test_a_variant_and_hidden_columns_are_said() -> None:
    shown = summary(drawn())
    assert "variant" not in str(shown)
    assert "no room" not in str(shown)
    assert str(Summary(**{**vars(shown), "variant": "short"})).startswith(
        "run toy-123456   variant short   seed 7"
    )
    levels = {key: np.repeat(each, 2, axis=0)[:5] for key, each in drawn().items()}
    many = Summary(
        **{**vars(summary(levels)), "configurations": ("before", "b", "c", "d", "after")}
    )
    assert "\nno room for a column of: d (see --json)\n" in str(many)


def test_unequal_posts_are_said() -> None:
    few = summary(drawn(2))
    assert "unequal" not in str(few)
    assert "unequal: part of any change is the staff" in str(
        Summary(**{**vars(few), "posts": {"before": 24, "after": 21}})
    )


def test_names_cannot_write_into_the_page() -> None:
    page = summary(drawn(), {"quick": "<script>alert(1)</script>"})._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_frame_has_a_row_for_each_number() -> None:
    frame = summary(drawn()).to_frame()
    assert len(frame) == 2 * 3 * 5
    assert set(frame["quantity"]) == {
        "before",
        "process_only",
        "after",
        "change",
        "change from process_only",
    }
    assert list(frame.columns) == [
        "service",
        "statistic",
        "quantity",
        "value",
        "low",
        "high",
        "replications",
        "note",
        "method",
    ]


def test_a_line_without_change_has_no_percent() -> None:
    level = Estimate(1.0, 0.5, 1.5, 5)
    assert Line("mix", "mean", (level,), None).percent is None
    assert not Line("mix", "mean", (level,), None).loses
