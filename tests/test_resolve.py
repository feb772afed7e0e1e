"""From words to plain numbers: what the values of a scenario file become.

Units, parameters, paths, distributions, calendars, demand, who serves what.
"""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from typing import Any

import pytest

from govsim.organisation.configure import configure
from govsim.organisation.load import load
from govsim.organisation.nouns import (
    Choice,
    Configuration,
    Distribution,
    Organisation,
    Parallel,
    Path,
    Serve,
    Task,
    Transfer,
)
from govsim.organisation.parameters import Refused, Values
from govsim.organisation.routes import shaped
from govsim.scenario.units import Kind, UnitError
from small_office import OFFICE, office, problems


def regime(more: str = "", *levers: str, **instead: str) -> Organisation:
    """The small office from the reform day, with levers on."""
    return configure(office(more, **instead), list(levers)).regimes[1]


def step(organisation: Organisation, name: str, service: str = "permit") -> Any:
    """A step of a route, wherever it stands."""
    stack = list(organisation.services[service].route)
    while stack:
        one = stack.pop()
        if one.name == name:
            return one
        if isinstance(one, Choice | Parallel):
            stack += [inner for branch in one.branches for inner in branch]
    raise LookupError(name)


def values(**parameters: Any) -> Values:
    return Values(parameters)


# ------------------------------------------------------------------------------ units and durations


def test_a_duration_in_working_days_is_working_time_of_its_calendar() -> None:
    transfer = step(regime(), "to_there")
    assert isinstance(transfer, Transfer)
    assert (transfer.takes.timing, transfer.takes.takes.mean, transfer.takes.calendar) == (
        "working",
        420.0,
        "office",
    )
    assert transfer.electronic_takes.takes.mean == 0.25 * 420.0


def test_a_longer_working_day_makes_working_days_longer_but_not_clock_days() -> None:
    after = regime("\nreform:\n  long: {kind: process, set: {calendars.office.day: 8 h}}\n", "long")
    assert step(after, "to_there").takes.takes.mean == 480.0
    assert step(after, "intake").review.supplement == step(regime(), "intake").review.supplement


def test_a_duration_in_days_runs_on_the_clock() -> None:
    supplement = step(regime(), "intake").review.supplement
    assert supplement.timing == "clock"
    sigma = math.log(15 / 4) / 1.2815515655446004
    assert supplement.takes.mean == pytest.approx(4 * 1440 * math.exp(sigma**2 / 2), rel=1e-12)


def test_a_notice_is_a_term_in_whole_working_days() -> None:
    notice = (
        "d => {task: decision, desk: review, effort: 10 min} => {delay: notice, owner: notice, "
        "takes: 7 working days}"
    )
    takes = step(regime(x=notice.removeprefix("d => ")), "notice").takes
    assert (takes.timing, takes.takes, takes.calendar) == (
        "term",
        Distribution("constant", 7.0),
        "office",
    )


def test_a_promise_is_a_whole_number_of_days() -> None:
    assert regime().services["permit"].promise == 10
    assert regime().services["permit"].limit is None


# --------------------------------------------------------------------------------------- parameters


def test_a_parameter_may_be_the_name_of_another() -> None:
    assert values(a={"value": "b"}, b={"value": 0.3}).number({"x": "a"}, "x", Kind.SHARE) == 0.3


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"a": {"value": "b"}, "b": {"value": "a"}},
            "parameters go round in a circle: a -> b -> a",
        ),
        ({"a": {"value": "a"}}, "parameters go round in a circle: a -> a"),
        (
            {"a": {"base": 0.1, "extra": "b", "half_life": "2 months"}, "b": {"product": ["a", 2]}},
            "parameters go round in a circle: a -> b -> a",
        ),
    ],
)
def test_parameters_that_go_round_in_a_circle_are_refused(
    parameters: dict[str, Any], message: str
) -> None:
    found = Values(parameters)
    with pytest.raises(UnitError):
        found.parameter("a")
    assert message in "".join(found.problems.values())


def test_a_circle_is_told_once_with_its_line() -> None:
    assert (
        problems(
            "",
            x="sister: {value: 0.75, => sister: {value: minutes, about: x}\n  odd: {value: 0.75,",
        )
        == ""
    )
    told = problems(
        "",
        x=(
            "  minutes: {value: 20 min, range: [10, 40], => \n  minutes: {value: hours}\n"
            "  hours: {value: minutes,"
        ),
    )
    assert told.count("go round in a circle") == 1


def test_a_world_replaces_a_stated_value_in_its_own_unit() -> None:
    scenario = office()
    plain, world = (
        configure(scenario, "before", world=w).regimes[0] for w in (None, {"minutes": 40})
    )
    assert step(plain, "intake").effort.mean == 20.0
    assert step(world, "intake").effort.mean == 40.0
    rates = [
        configure(scenario, "before", world=w).regimes[0].services["permit"].demand.rate[0]
        for w in (None, {"minutes": 12})
    ]
    assert rates[0] == rates[1]


def test_a_number_in_place_is_named_by_its_path() -> None:
    world = {"services.permit.demand.per_year": 500}
    rate = configure(office(), "before", world=world).regimes[0].services["permit"].demand.rate[0]
    assert rate == 500 / (365.25 * 1440)


def test_a_world_with_an_unknown_number_is_refused() -> None:
    with pytest.raises(KeyError, match="no number 'minuts' with a range; did you mean 'minutes'"):
        configure(office(), "before", world={"minuts": 1.0})


# ------------------------------------------------------------------------------------------ paths


def test_the_three_paths_begin_on_the_reform_day() -> None:
    found = values(x={"value": 0.1})
    decay = found.fitted({"base": 0.2, "extra": "x", "half_life": "10 days"}, Kind.SHARE)
    step_ = found.fitted({"base": 0.2, "extra": "x", "for": "10 days"}, Kind.SHARE)
    line = found.fitted({"from": 0.7, "to": 0.3, "within": "10 days"}, Kind.SHARE)
    assert [decay.at(-1), decay.at(0), decay.at(10)] == pytest.approx([0.2, 0.3, 0.25])
    assert [step_.at(-1), step_.at(0), step_.at(9), step_.at(10)] == pytest.approx(
        [0.2, 0.3, 0.3, 0.2]
    )
    assert [line.at(-1), line.at(0), line.at(5), line.at(10), line.at(99)] == pytest.approx(
        [0.7, 0.7, 0.5, 0.3, 0.3]
    )


def test_a_factor_inside_a_path_is_one_on_the_unchanged_value() -> None:
    more = """
reform:
  one: {kind: process, set: {parameters.incomplete: {base: {times: better}, extra: 0.1,
      half_life: settling}}}
  two: {kind: process, set: {parameters.incomplete: {times: 0.5}}}
  line: {kind: process, set: {services.permit.to_there.paper: {from: before, to: {times: better},
      within: 2 months}}}
"""
    assert step(regime(more, "one"), "intake").review.incomplete == Path(
        0.2, 0.1, 365.25 / 6, "decay"
    )
    assert step(regime(more, "one", "two"), "intake").review.incomplete == Path(
        0.1, 0.05, 365.25 / 6, "decay"
    )
    assert step(regime(more, "line"), "to_there").paper == Path(
        0.7, 0.35 - 0.7, 365.25 / 6, "linear"
    )


def test_a_path_passes_through_a_path_whose_extra_is_nothing() -> None:
    inner = {"base": 0.2, "extra": 0.1, "for": "5 days"}
    found = values(a=inner)
    assert found.fitted(
        {"base": "a", "extra": 0, "half_life": "9 days"}, Kind.SHARE
    ) == found.fitted(inner, Kind.SHARE)


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (
            {"base": "a", "extra": 0.1, "half_life": "9 days"},
            "the base of a path changes over time itself; it must be one number",
        ),
        (
            {"from": "a", "to": 0.1, "within": "9 days"},
            "an end of a straight line changes over time itself; it must be one number",
        ),
        ({"product": ["a", "a"]}, "both factors change over time; only one of them may"),
        (
            {"base": 0.1, "extra": "20 min", "for": "9 days"},
            "0.1 and 20 min cannot be added; give both in one unit",
        ),
        (
            {"base": 0.1, "extra": 0.1, "half_life": "0 days"},
            "half_life: must be one number above 0",
        ),
        (
            {"base": 0.1, "extra": 0.1, "half_life": "9 working days"},
            "half_life: '9 working days' does not fit; write it in min,",
        ),
        (
            {"base": 0.5, "extra": 0.6, "for": "9 days"},
            "0.5 to 1.1 is not a share: it must lie between 0 and 1 (0 % and 100 %)",
        ),
        (
            {"base": 0.5, "extra": 0.1},
            (
                "is not a number; a path is {base, extra, half_life}, {base, extra, for} or {from, "
                "to, within}"
            ),
        ),
        ({"product": ["20 min", "3 h"]}, "min times h makes no sense; a factor is a plain number"),
    ],
)
def test_a_path_that_makes_no_sense_is_refused(node: Any, message: str) -> None:
    with pytest.raises(UnitError) as refused:
        values(a={"base": 0.2, "extra": 0.1, "for": "5 days"}).fitted(node, Kind.SHARE)
    assert message in str(refused.value)


def test_a_product_above_one_on_a_chance_counts_as_one() -> None:
    found = values(t={"value": 0.8})
    assert found.fitted({"product": ["t", 2.0]}, Kind.SHARE) == Path(1.0)
    assert found.fitted(
        {"product": [{"base": 0.4, "extra": 0.2, "for": "9 days"}, 2]}, Kind.SHARE
    ) == Path(0.8, 1.0 - 0.8, 9.0, "step")
    assert found.fitted({"product": ["t", 2.0]}, Kind.NUMBER) == Path(1.6)
    with pytest.raises(UnitError, match="is not a share"):
        found.fitted(1.6, Kind.SHARE)


def test_a_path_cannot_stand_where_one_number_is_needed() -> None:
    with pytest.raises(Refused, match="changes over time; one number is needed here"):
        values(a={"base": 1, "extra": 1, "for": "5 days"}).number({"x": "a"}, "x", Kind.NUMBER)


# ------------------------------------------------------------------------------------ distributions


@pytest.mark.parametrize(
    ("family", "stated", "mean", "shape"),
    [
        ("exponential", {"mean": 20.0}, 20.0, ()),
        ("erlang", {"mean": 20.0, "k": 3}, 20.0, (3,)),
        ("gamma", {"mean": 20.0, "cv": 0.8}, 20.0, (0.8,)),
        ("uniform", {"low": 10.0, "high": 30.0}, 20.0, (0.5, 1.5)),
        ("triangular", {"low": 0.0, "mode": 15.0, "high": 45.0}, 20.0, (0.0, 0.75, 2.25)),
        ("pert", {"low": 0.0, "mode": 20.0, "high": 40.0}, 20.0, (0.0, 1.0, 2.0)),
    ],
)
def test_the_stated_mean_is_exact(
    family: str, stated: dict[str, float], mean: float, shape: tuple[float, ...]
) -> None:
    assert shaped(family, **stated) == Distribution(family, mean, shape)  # type: ignore[arg-type]


def test_median_and_p90_make_a_lognormal() -> None:
    made = shaped("lognormal", median=4.0, p90=15.0)
    sigma2 = math.log1p(made.shape[0] ** 2)
    mu = math.log(made.mean) - sigma2 / 2
    assert math.exp(mu) == pytest.approx(4.0)
    assert math.exp(mu + 1.2815515655446004 * math.sqrt(sigma2)) == pytest.approx(15.0)


@pytest.mark.parametrize(
    ("family", "stated"),
    [
        ("gamma", {"mean": 0.0, "cv": 0.8}),
        ("gamma", {"mean": 20.0, "cv": 0.0}),
        ("weibull", {"mean": 20.0, "cv": 3.1}),
        ("erlang", {"mean": 20.0, "k": 0}),
        ("uniform", {"low": 20.0, "high": 20.0}),
        ("triangular", {"low": 10.0, "mode": 50.0, "high": 40.0}),
        ("pert", {"low": 10.0, "mode": 5.0, "high": 40.0}),
        ("lognormal", {"median": 15.0, "p90": 4.0}),
        ("lognormal", {"median": 1.0, "p90": 8.0}),
    ],
)
def test_an_impossible_distribution_is_refused_never_repaired(
    family: str, stated: dict[str, float]
) -> None:
    with pytest.raises(Refused):
        shaped(family, **stated)


def test_a_factor_on_an_effort_scales_its_mean_and_keeps_its_shape() -> None:
    more = (
        "\nreform:\n  one: {kind: process, set: {services.permit.intake.effort: {times: better}}}\n"
    )
    assert step(regime(more, "one"), "intake").effort == Distribution("lognormal", 10.0, (0.5,))


# ---------------------------------------------------------------------------------------- calendars

NOTICES = """    closed_days: [2024-01-01, 2024-02-10..2024-02-17, 2024-04-04..2024-04-06,
      2024-05-01..2024-05-05, 2024-06-10, 2024-09-15..2024-09-17, 2024-10-01..2024-10-07]
    worked_days: [2024-02-04, 2024-02-18, 2024-04-07, 2024-04-28, 2024-05-11, 2024-09-14,
      2024-09-29, 2024-10-12]
"""
SEASONS = """office:
    day: 7 h
    seasons:
      winter: {from: 10-01, week: {mon-fri: ["08:30-12:00", "14:30-18:00"]}}
      summer: {from: 05-01, week: {mon-fri: ["08:30-12:00", "15:00-18:30"]}}
"""
PLAIN = 'office: {day: 7 h, week: {mon-fri: ["08:30-12:00", "14:30-18:00"]}}'


def dated() -> Organisation:
    return regime(x=f"{PLAIN} => {SEASONS}{NOTICES}")


def test_working_days_of_2024_by_month() -> None:
    months = Counter(
        date.fromordinal(date(2024, 1, 1).toordinal() + d.day).month
        for d in dated().calendars["office"].days
    )
    assert [months[month] for month in range(1, 13)] == [
        22,
        18,
        21,
        22,
        21,
        19,
        23,
        22,
        21,
        19,
        21,
        22,
    ]


def test_each_season_lasts_until_the_next_begins() -> None:
    hours = {
        date.fromordinal(date(2024, 1, 1).toordinal() + d.day): d.hours
        for d in dated().calendars["office"].days
    }
    winter, summer = ((510.0, 720.0), (870.0, 1080.0)), ((510.0, 720.0), (900.0, 1110.0))
    assert [
        hours[date(2024, *when)] for when in ((1, 2), (4, 30), (5, 6), (9, 30), (10, 8), (12, 31))
    ] == [
        winter,
        winter,
        summer,
        summer,
        winter,
        winter,
    ]


def test_a_worked_sunday_has_the_hours_of_the_nearest_weekday() -> None:
    odd = (
        'office: {day: 7 h, week: {mon: ["08:00-09:00"], tue-thu: ["10:00-11:00"], fri: '
        '["12:00-13:00"]}, %s}'
    )
    odd %= "closed_days: [2024-01-01], worked_days: [2024-01-06, 2024-01-07]"
    hours = {d.day: d.hours for d in regime(x=f"{PLAIN} => {odd}").calendars["office"].days}
    assert hours[5] == ((720.0, 780.0),)  # Saturday works as Friday
    assert hours[6] == ((480.0, 540.0),)  # Sunday works as Monday
    assert 0 not in hours


def test_a_calendar_that_ends_before_the_horizon_is_refused() -> None:
    later = "horizon: 2024-12-31 => horizon: 2025-01-31"
    assert problems("", x=f"{PLAIN} => {SEASONS}{NOTICES}", y=later) == (
        "calendars.office.closed_days: no closed day in 2025: give that year's notice, or say "
        "`until:` when it is covered"
    )
    assert problems("", x=f"{PLAIN} => {SEASONS}{NOTICES}    until: 2025-12-31\n", y=later) == ""
    assert problems("", y=later) == ""  # a calendar without holidays is not dated


# ------------------------------------------------------------------------------------------ demand


def test_months_share_out_the_count_of_the_year_over_their_minutes() -> None:
    months = (
        "demand: {per_year: 2000, factor: 1} => demand: {per_year: 2000, months: [1, 0.5, 1, 1, "
        "1, 1, 1, 1, 1, 1, 1, 1.5]}"
    )
    rate = regime(x=months).services["enquiry"].demand.rate
    assert rate[0] * 31 * 1440 == pytest.approx(2000 / 12)
    assert rate[31] * 29 * 1440 == pytest.approx(2000 / 24)
    assert sum(rate) * 1440 == pytest.approx(2000)  # 2024 from its first day to its last


def test_a_demand_factor_may_be_a_path_by_the_day() -> None:
    demand = "factor: 1} => factor: {base: 1, extra: 0.5, half_life: 10 days}}"
    found = configure(office(x=demand), "before")
    rate = found.regimes[0].services["enquiry"].demand.rate
    day = found.reform_day
    assert [rate[k] / rate[0] for k in (day - 1, day, day + 10)] == pytest.approx([1.0, 1.5, 1.25])


def test_a_list_of_factors_is_their_product() -> None:
    assert regime().desks["window"].factor == 3.0
    twice = regime(
        "\nreform:\n  one: {kind: process, set: {desks.window.factor: {times: 2}}}\n", "one"
    )
    assert twice.desks["window"].factor == 6.0


def test_fixed_and_recorded_arrivals() -> None:
    fixed = (
        regime(x="{per_year: 2000, factor: 1} => {every: 2 h, first: 2024-01-02 09:00}")
        .services["enquiry"]
        .demand
    )
    assert (fixed.kind, fixed.interval, fixed.first) == ("fixed", 120.0, 1440.0 + 540.0)
    recorded = (
        regime(
            x="{per_year: 2000, factor: 1} => {recorded: [2024-01-02 09:00, 2024-01-01], batch: 2}"
        )
        .services["enquiry"]
        .demand
    )
    assert (recorded.instants, recorded.batch) == ((0.0, 1980.0), Distribution("constant", 2.0))


# ---------------------------------------------------------------------------------- who serves what


def serving(
    more: str, *levers: str, **instead: str
) -> dict[str, list[dict[str, tuple[float, int]]]]:
    staff = regime(more, *levers, **instead).staff
    return {
        name: [
            {desk: (how.efficiency, how.preference) for desk, how in member.items()}
            for member in group.serves
        ]
        for name, group in staff.items()
    }


MERGE = (
    "\nreform:\n"
    "  one: {kind: merger, merge_desks: {desks: [window, other_window], efficiency: sister}}\n"
)


def test_merged_desks_are_served_by_the_staff_of_all() -> None:
    served = serving(MERGE, "one")
    assert served["clerks"] == [{"window": (1.0, 1), "other_window": (0.75, 1)}] * 2
    assert served["others"] == [{"other_window": (1.0, 1), "window": (0.75, 1)}] * 2
    assert served["experts"] == [{"opinion": (1.0, 1)}] * 2


def test_ones_own_desk_keeps_its_efficiency_and_preferences_become_equal() -> None:
    slow = serving(MERGE, "one", x="serves: {window: 1.0} => serves: {window: [0.5, 3]}")
    assert slow["clerks"] == [{"window": (0.5, 1), "other_window": (0.75, 1)}] * 2


def test_a_share_covers_the_first_members_of_the_listed_groups() -> None:
    for share, covered in ((0.0, 0), (0.09, 0), (0.1, 1), (0.5, 3), (0.6, 3), (0.8, 4), (1.0, 5)):
        rule = (
            f"{{groups: [experts, reviewers], share: {share}, desks: [window], efficiency: 0.5, "
            f"preference: 2}}"
        )
        served = serving(f"\nreform:\n  one: {{kind: merger, serves: [{rule}]}}\n", "one")
        helpers = [
            member.get("window") for group in ("experts", "reviewers") for member in served[group]
        ]
        assert helpers == [(0.5, 2)] * covered + [None] * (5 - covered)


def test_a_share_is_counted_after_all_sets() -> None:
    more = """
reform:
  one: {kind: merger, serves: [{groups: [experts], share: 0.5, desks: [window]}]}
  two: {kind: merger, set: {staff.experts.members: 6}}
"""
    assert sum("window" in member for member in serving(more, "one")["experts"]) == 1
    assert sum("window" in member for member in serving(more, "one", "two")["experts"]) == 3


def test_the_best_of_two_rules_wins() -> None:
    more = """
reform:
  one: {kind: merger, serves: [{groups: [experts], desks: [window], efficiency: 0.5,
      preference: 1}]}
  two: {kind: merger, serves: [{groups: [experts], desks: [window], efficiency: 0.6,
      preference: 2}]}
  three: {kind: merger, merge_desks: {desks: [window, other_window], efficiency: 0.7}}
"""
    assert serving(more, "one", "two")["experts"][0]["window"] == (0.6, 2)
    assert serving(more, "two", "three")["experts"][0] == {
        "opinion": (1.0, 1),
        "window": (0.7, 1),
        "other_window": (0.7, 1),
    }


def test_merged_desks_that_overlap_are_one() -> None:
    more = """
reform:
  one: {kind: merger, merge_desks: {desks: [window, other_window], efficiency: 0.7}}
  two: {kind: merger, merge_desks: {desks: [opinion, other_window], efficiency: 0.6}}
"""
    served = serving(more, "one", "two")
    assert served["clerks"][0] == {
        "window": (1.0, 1),
        "other_window": (0.7, 1),
        "opinion": (0.6, 1),
    }
    assert served["experts"][0] == {
        "opinion": (1.0, 1),
        "other_window": (0.7, 1),
        "window": (0.7, 1),
    }


# ----------------------------------------------------------------------------------------- the rest


def test_departments_that_become_part_of_another_have_one_root() -> None:
    more = (
        "\nreform:\n"
        "  one: {kind: merger, set: {departments.here.part_of: both, departments.there.part_of: "
        "both}}\n"
    )
    assert regime().departments == {"here": "here", "there": "there", "both": "both"}
    assert regime(more, "one").departments == {"here": "both", "there": "both", "both": "both"}


def test_a_role_fills_what_a_group_leaves_out() -> None:
    roles = (
        "\nstaff: => \nroles:\n  expert: {calendar: office, absence: 0.2, presence: 0.9}\nstaff:"
    )
    group = (
        "experts: {department: there, calendar: office, => experts: {role: expert, department: "
        "there,"
    )
    experts = regime(x=roles, y=group).staff["experts"]
    assert (experts.calendar, experts.absence, experts.presence) == ("office", Path(0.2), Path(0.9))
    assert experts.serves == ({"opinion": Serve(1.0)},) * 2


def test_where_clock_time_is_stated_departures_still_keep_office_days() -> None:
    takes = "takes: 1 working day => takes: 5 h"
    electronic = "electronic_takes: 0.25 working days => electronic_takes: 1 h"
    transfer = step(regime(x=takes, y=electronic), "to_there")
    assert (transfer.takes.timing, transfer.takes.calendar, transfer.leaves) == (
        "clock",
        "office",
        (960.0,),
    )


def test_a_configuration_is_two_organisations_with_the_same_names() -> None:
    found = configure(load("office.yaml", OFFICE), "after")
    assert isinstance(found, Configuration)
    assert found.regimes[0] == found.regimes[1]
    assert (found.reform_day, found.count_from, found.count_until, found.horizon) == (
        60,
        60,
        182,
        366,
    )
    assert isinstance(found.regimes[0].services["permit"].route[0], Task)
