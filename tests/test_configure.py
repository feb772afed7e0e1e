"""Configurations: which levers are on, two regimes, the largest rate.

And what only configurations can get wrong.
"""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govsim.errors import ScenarioError
from govsim.organisation.configure import configurations, configure, posts, unknowns, variants
from small_office import office, problems

REFORM = """
reform:
  merge: {kind: merger, merge_desks: {desks: [window, other_window], efficiency: sister}}
  online: {kind: process, set: {parameters.incomplete: {times: better}}}
  rush: {kind: merger, set: {services.enquiry.demand.factor: {base: 1, extra: rise,
      half_life: settling}}}
  calm: {kind: process, set: {parameters.settling: {times: 0.5}}}
  crowd: {kind: stress, set: {services.*.demand.per_year: {times: more}}}
  fewer: {kind: stress, set: {staff.reviewers.members: 2}}
configurations:
  stressed: [after, crowd]
  worst: {levers: [stressed, fewer], set: {staff.clerks.members: 1, parameters.more: {times: 2}}}
variants:
  other_hours: {set: {calendars.office.day: 6 h,
      calendars.office.week: {mon-fri: ["09:00-12:00", "13:00-16:00"]}}}
"""
MORE = """parameters: => parameters:
  rise: {value: 0.5, range: [0, 1], source: assumption}
  more: {value: 1.2, source: assumption}"""


def test_the_built_in_configurations_sort_levers_by_kind() -> None:
    scenario = office(REFORM, x=MORE)
    assert configurations(scenario) == {
        "before": (),
        "after": ("merge", "online", "rush", "calm"),
        "process_only": ("online", "calm"),
        "merger_only": ("merge", "rush"),
        "stressed": ("merge", "online", "rush", "calm", "crowd"),
        "worst": ("merge", "online", "rush", "calm", "crowd", "fewer"),
    }
    assert variants(scenario) == ("other_hours",)


def test_before_has_the_same_organisation_in_both_regimes() -> None:
    found = configure(office(REFORM, x=MORE), "before")
    assert found.regimes[0] is not found.regimes[1]
    assert found.regimes[0] == found.regimes[1]


def test_a_configurations_own_changes_come_last() -> None:
    scenario = office(REFORM, x=MORE)
    assert posts(configure(scenario, "worst")) == (9, 7)
    rates = [
        configure(scenario, name).regimes[1].services["permit"].demand.rate[0]
        for name in ("before", "stressed", "worst")
    ]
    assert [rate / rates[0] for rate in rates] == pytest.approx([1.0, 1.2, 2.4])


def test_a_variant_is_in_force_from_the_start() -> None:
    found = configure(office(REFORM, x=MORE), "after", "other_hours")
    assert [regime.calendars["office"].day_length for regime in found.regimes] == [360.0, 360.0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_rules_with_one_efficiency_the_smaller_preference_wins(
    order: tuple[int, int],
) -> None:
    rules = [
        f"{{groups: [reviewers], desks: [window], efficiency: 0.5, preference: {preference}}}"
        for preference in (2, 3)
    ]
    better = "{groups: [reviewers], desks: [other_window], efficiency: %s, preference: %s}"
    others = [better % (0.8, 4), better % (0.5, 1)]
    listed = ", ".join(text[k] for text in (rules, others) for k in order)
    lever = f"\nreform:\n  help: {{kind: merger, serves: [{listed}]}}\n"
    serves = configure(office(lever), "after").regimes[1].staff["reviewers"].serves[0]
    assert (serves["window"].efficiency, serves["window"].preference) == (0.5, 2)
    # the better efficiency wins with its own preference
    assert (serves["other_window"].efficiency, serves["other_window"].preference) == (0.8, 4)


def test_switching_a_lever_leaves_everything_else_equal() -> None:
    scenario = office(REFORM, x=MORE)
    one, other = (
        configure(scenario, levers).regimes[1] for levers in (["merge"], ["merge", "online"])
    )
    assert one.services["enquiry"] is other.services["enquiry"]
    assert one.staff == other.staff
    assert one.desks == other.desks
    assert one.calendars["office"] is other.calendars["office"]
    assert one.services["permit"].route[1:] == other.services["permit"].route[1:]
    assert one.services["permit"].route[0] != other.services["permit"].route[0]


def test_the_largest_rate_is_reached_by_some_set_of_levers_and_exceeded_by_none() -> None:
    scenario = office(REFORM, x=MORE)
    levers = [*configurations(scenario)["after"], "crowd", "fewer"]
    largest = configure(scenario, "before").largest_rate
    reached = {name: [0.0] * len(rates) for name, rates in largest.items()}
    for size in range(len(levers) + 1):
        for on in combinations(levers, size):
            found = configure(scenario, on)
            assert found.largest_rate == largest
            for name, service in found.regimes[1].services.items():
                assert all(
                    rate <= most
                    for rate, most in zip(service.demand.rate, largest[name], strict=True)
                )
                reached[name] = list(map(max, reached[name], service.demand.rate))
    worst = configure(scenario, "worst").regimes[1].services
    assert {name: list(map(max, reached[name], worst[name].demand.rate)) for name in reached} == {
        n: [*r] for n, r in largest.items()
    }


def test_more_levers_on_one_demand_than_can_be_looked_through_are_refused() -> None:
    many = "".join(
        f"  l{k}: {{kind: process, set: {{services.enquiry.demand.factor: {{times: 1.01}}}}}}\n"
        for k in range(13)
    )
    with pytest.raises(
        ScenarioError, match=r"services.enquiry.demand: 13 levers can change it; at most 12 may"
    ):
        configure(office("\nreform:\n" + many), "after")


def test_a_world_changes_what_it_names_and_nothing_else() -> None:
    scenario = office(REFORM, x=MORE)
    assert {name: (u.value, u.low, u.high, u.unit) for name, u in unknowns(scenario).items()} == {
        "rise": (0.5, 0.0, 1.0, ""),
        "incomplete": (0.4, 0.2, 0.7, ""),
        "better": (0.5, 0.25, 1.0, ""),
        "minutes": (20.0, 10.0, 40.0, "min"),
        "settling": (2.0, 1.0, 4.0, "months"),
        "sister": (0.75, 0.5, 1.0, ""),
        "services.permit.demand.per_year": (1000.0, 500.0, 2000.0, ""),
    }
    stated, drawn = (configure(scenario, "after", world=world) for world in (None, {"sister": 0.6}))
    assert stated.regimes[1].services == drawn.regimes[1].services
    assert drawn.regimes[1].staff["clerks"].serves[0]["other_window"].efficiency == 0.6
    again = configure(
        scenario, "after", world={name: u.value for name, u in unknowns(scenario).items()}
    )
    assert again == stated


@pytest.mark.parametrize(
    ("which", "variant", "message"),
    [
        ("aftr", None, "no configuration 'aftr'; did you mean 'after'?"),
        (["merg"], None, "no lever 'merg'; did you mean 'merge'?"),
        ("after", "other_hour", "no variant 'other_hour'; did you mean 'other_hours'?"),
    ],
)
def test_an_unknown_name_is_refused(
    which: str | list[str], variant: str | None, message: str
) -> None:
    with pytest.raises(KeyError) as refused:
        configure(office(REFORM, x=MORE), which, variant)
    assert refused.value.args[0] == message


def test_what_two_levers_do_together_is_found_where_the_file_names_both() -> None:
    both = """
reform:
  one: {kind: process, set: {staff.experts.members: 0},
      serves: [{groups: [reviewers], desks: [opinion]}]}
  two: {kind: stress, set: {staff.reviewers.members: 0},
      serves: [{groups: [experts], desks: [review]}]}
configurations:
  together: [one, two]
"""
    assert problems(both) == (
        "desks.opinion: nobody serves this desk from the reform day, but services.permit.opinion "
        "needs it "
        "(in configuration 'together')\n"
        "desks.review: nobody serves this desk from the reform day, but "
        "services.permit.first_review needs it "
        "(in configuration 'together')"
    )


def test_a_desk_that_only_old_cases_need_must_still_be_served() -> None:
    new_desk = """
reform:
  one: {kind: process, set: {staff.experts.members: 0, services.permit.opinion.desk: review}}
"""
    assert "desks.opinion: nobody serves this desk from the reform day" in problems(new_desk)


def test_a_variant_is_checked_before_and_after() -> None:
    more = "\nvariants:\n  empty: {set: {staff.experts.members: 0}}\n"
    assert problems(more) == (
        "desks.opinion: nobody serves this desk before the reform, but services.permit.opinion "
        "needs it (in variant 'empty')\n"
        "desks.opinion: nobody serves this desk from the reform day, but services.permit.opinion "
        "needs it (in variant 'empty')"
    )


def test_a_lever_may_speak_of_a_step_that_a_variant_inserts() -> None:
    more = """
reform:
  one: {kind: process, in_parallel: {services.permit.block: {a: [first_review], b: [extra]}}}
variants:
  second: {insert: {services.permit: {after: first_review,
      steps: [{task: extra, desk: review, effort: 1 min}]}}}
"""
    scenario = office(more)
    steps = [
        [s.name for s in configure(scenario, "after", v).regimes[1].services["permit"].route]
        for v in (None, "second")
    ]
    assert (
        steps[0]
        == steps[1]
        == [
            "intake",
            "accepted",
            "block",
            "to_there",
            "opinion",
            "from_there",
            "decision",
            "decided",
        ]
    )


def test_two_numbers_in_lists_of_one_service_have_names_of_their_own() -> None:
    months = "[{value: 1, range: [0.5, 2]}, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"
    found = unknowns(
        office(
            "",
            x=(
                f"per_year: 2000, factor: 1 => per_year: 2000, months: {months}, factor: "
                f"[{{value: 3, range: [2, 4]}}]"
            ),
        )
    )
    names = [name for name in found if name.startswith("services.enquiry")]
    assert sorted(names) == ["services.enquiry.demand.factor.1", "services.enquiry.demand.months.1"]


ODD = [
    0, -1, 0.5, "before", {"times": 0.5}, {"times": "better"},
    {"base": {"times": 2}, "extra": "rise", "half_life": "settling"}, "settling", "window", "x",
    None, [], {}, True, "20 min", [1.0, 2], {"gamma": {"mean": "20 min", "cv": 0.5}}, "merge",
    "after",
]  # fmt: skip
PLACES = [
    "staff.clerks.calendar", "staff.*.members", "staff.clerks.serves.window", "desks.window.factor",
    "desks.window", "learning", "services.permit", "services.*.demand",
    "services.permit.intake.desk", "services.*.*.takes", "services.permit.route",
    "services.permit.intake.supplement.then", "parameters.better", "parameters",
    "calendars.office.week", "departments.here.part_of",
]  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(PLACES), st.sampled_from(ODD), min_size=1, max_size=3),
    st.sampled_from(["reform", "variants"]),
)
def test_whatever_a_lever_sets_it_is_loaded_or_refused(
    changes: dict[str, object], section: str
) -> None:
    kind = "kind: process, " if section == "reform" else ""
    odd = f"  odd: {{{kind}set: {json.dumps(changes)}}}\n"
    reform, _, rest = REFORM.partition(f"{section}:\n")
    try:
        scenario = office(f"{reform}{section}:\n{odd}{rest}", x=MORE)
    except ScenarioError:
        return
    variant = None if section == "reform" else "odd"
    configured = configure(scenario, "before" if variant else ["odd"], variant)
    assert configured.levers == (() if variant else ("odd",))
