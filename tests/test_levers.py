"""Levers: named changes that commute, whatever the order in which a town announces them."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govsim.organisation.configure import configure
from govsim.organisation.levers import SECTIONS, Levers, apply
from small_office import office, problems

LEVERS = """
reform:
  a: {kind: process, set: {services.permit.*_review.effort: 50 min}}
  b: {kind: process, insert: {services.permit: {after: first_review,
      steps: [{task: second_review, desk: review, effort: 1 h}]}}}
  c: {kind: process, in_parallel: {services.permit.opinions: {own: [first_review],
      there: [to_there, opinion, from_there]}}}
  d: {kind: process, remove: [services.permit.decision]}
  e: {kind: process, set: {parameters.incomplete: {times: better},
      services.permit.decision.effort: 5 min}}
  f: {kind: process, set: {parameters.incomplete: {times: 0.9}}}
"""


def names(steps: Any) -> list[str]:
    """Names of the steps of a sequence, blocks with their branches."""
    out = []
    for step in steps:
        kind, name = next(iter(step.items()))
        out.append(
            f"{name}({' | '.join(','.join(names(b)) for b in step['branches'].values())})"
            if kind == "parallel"
            else name
        )
    return out


def route(tree: Any) -> list[str]:
    return names(tree["services"]["permit"]["route"])


def test_levers_never_change_the_tree_they_are_applied_to() -> None:
    scenario = office(LEVERS)
    before = repr(scenario.tree)
    apply(scenario.tree, "abcdef")
    assert repr(scenario.tree) == before


def test_what_no_lever_touches_is_the_same_object() -> None:
    tree = office(LEVERS).tree
    after = apply(tree, "abcdef")
    assert after["staff"] is tree["staff"]
    assert after["services"]["enquiry"] is tree["services"]["enquiry"]


def test_structure_comes_first_so_a_set_reaches_inserted_steps() -> None:
    tree = apply(office(LEVERS).tree, ["a", "b"])
    efforts = {next(iter(s.values())): s.get("effort") for s in tree["services"]["permit"]["route"]}
    assert efforts["second_review"] == efforts["first_review"] == "50 min"


def test_a_block_stands_where_the_last_of_its_steps_stood() -> None:
    tree = office(LEVERS).tree
    block = "opinions(first_review | to_there,opinion,from_there)"
    assert route(apply(tree, ["c"])) == ["intake", "accepted", block, "decision", "decided"]
    assert route(apply(tree, ["b", "c"])) == [
        "intake",
        "accepted",
        "second_review",
        block,
        "decision",
        "decided",
    ]


def test_removing_wins_over_everything_that_is_said_of_a_step() -> None:
    assert "decision" not in route(apply(office(LEVERS).tree, ["d", "e"]))


def test_factors_multiply_what_was_set() -> None:
    tree = apply(office(LEVERS).tree, ["e", "f"])
    assert tree["parameters"]["incomplete"]["product"][1:] == ["better", 0.9]


def test_every_subset_is_one_organisation_in_whatever_order_levers_are_named_or_written() -> None:
    scenario = office(LEVERS)
    shuffle = random.Random(1).shuffle
    for size in range(7):
        for on in combinations("abcdef", size):
            order = list(on)
            shuffle(order)
            written = list(scenario.tree["reform"].items())
            shuffle(written)
            rewritten = {**scenario.tree, "reform": dict(written)}
            assert {**apply(rewritten, order), "reform": 0} == {
                **apply(scenario.tree, on),
                "reform": 0,
            }


# ----------------------------------------------------------------------------- generated collisions

SETS: dict[str, list[Any]] = {
    "staff.clerks.members": [1, 3],
    "staff.*.members": [2, {"times": 2}],
    "parameters.incomplete": [
        0.2,
        {"times": "better"},
        {"base": {"times": 0.5}, "extra": 0.1, "half_life": "settling"},
    ],
    "services.permit.first_review.effort": ["5 min", {"times": 0.5}],
    "services.permit.*_review.effort": ["5 min", "7 min"],
    "services.*.added_*.desk": ["review", "window"],
    "departments.*.part_of": ["both"],
}
STEPS = (
    [{"task": "added_one", "desk": "review", "effort": "1 min"}],
    [{"task": "added_two", "desk": "window", "effort": "2 min"}],
)
PLACES = [
    {"after": "first_review"},
    {"before": "to_there"},
    {"before": "decision"},
    {"after": "decided"},
]
BLOCKS = [
    {"own": ["first_review"], "there": ["to_there", "opinion", "from_there"]},
    {"own": ["first_review"], "there": ["to_there", "opinion"]},
    {"left": ["from_there"], "right": ["decision"]},
    {"left": ["added_one"], "right": ["decision"]},
]


@st.composite
def levers(draw: Any) -> dict[str, Any]:
    """Four levers over few places, so that they collide."""
    out: dict[str, Any] = {}
    for name in "abcd":
        lever: dict[str, Any] = {"kind": "process"}
        chosen = draw(st.lists(st.sampled_from(sorted(SETS)), max_size=2, unique=True))
        if chosen:
            lever["set"] = {path: draw(st.sampled_from(SETS[path])) for path in chosen}
        if draw(st.booleans()):
            lever["insert"] = {
                "services.permit": {
                    **draw(st.sampled_from(PLACES)),
                    "steps": draw(st.sampled_from(STEPS)),
                }
            }
        if draw(st.integers(0, 2)) == 0:
            lever["in_parallel"] = {
                f"services.permit.{draw(st.sampled_from(['one', 'two']))}": draw(
                    st.sampled_from(BLOCKS)
                )
            }
        if draw(st.integers(0, 2)) == 0:
            lever["remove"] = [
                draw(
                    st.sampled_from(
                        ["services.permit.decision", "services.*.opinion", "services.permit.to_*"]
                    )
                )
            ]
        if draw(st.booleans()):
            lever["overrides"] = draw(
                st.lists(
                    st.sampled_from([n for n in "abcd" if n < name] or ["b"]),
                    unique=True,
                    max_size=2,
                )
            )
        out[name] = lever
    return out


BASE = office().tree


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(levers(), st.permutations("abcd"), st.sets(st.sampled_from("abcd")))
def test_colliding_levers_are_refused_or_commute(
    stated: dict[str, Any], order: Any, on: set[str]
) -> None:
    def there(names_in_order: Any) -> Levers:
        return Levers({**BASE, "reform": {}}, {name: stated[name] for name in names_in_order})

    one, other = there("abcd"), there(order)
    assert bool(one.problems) == bool(other.problems)
    if not one.problems:
        assert one.apply(on) == other.apply(sorted(on, reverse=True))


# ---------------------------------------------------------------------------------- what is refused


def lever(**verbs: str) -> str:
    return "\nreform:\n" + "".join(
        f"  {name}: {{kind: process, {what}}}\n" for name, what in verbs.items()
    )


NOTHING = "points at nothing:"
NO_NUMBER = "is not a number; only a number can be multiplied or go on from before"
IN_BLOCK = "inside a parallel block; a branch can only return"
WAY_OUT = "say `overrides: [one]` in 'two', or the other way round"
STEPS_OF_PERMIT = "accepted, decided, decision, first_review, from_there, intake, opinion, to_there"
REFUSED = {
    "two values for one field": (
        lever(one="set: {staff.clerks.members: 1}", two='set: {"staff.*.members": 2}'),
        f"reform.two.set: 'two' and 'one' both set staff.clerks.members; {WAY_OUT}",
    ),
    "a field and a part of it": (
        lever(
            one="set: {desks.opinion: {department: here, kind: review}}",
            two="set: {desks.opinion.factor: 1.5}",
        ),
        f"reform.two.set: 'two' and 'one' both change desks.opinion.factor; {WAY_OUT}",
    ),
    "a part of a number with a range, which worlds would overrule": (
        lever(one="set: {parameters.sister.value: 0.6}"),
        ("reform.one.set.parameters.sister.value: points into the number parameters.sister; set "
        "the number itself"),
    ),
    "a part of a number that stands in place": (
        lever(one="set: {services.permit.demand.per_year.range: [1, 2]}"),
        ("reform.one.set.services.permit.demand.per_year.range: points into the number "
            "services.permit.demand.per_year; "
         "set the number itself"),
    ),
    "a factor whose range is none": (
        lever(one="set: {parameters.incomplete: {times: {value: 0.5, range: 7}}}"),
        ("reform.one.set.parameters.incomplete.range: a range is a pair of plain numbers, in the "
        "unit of the value: [low, high]"),
    ),
    "a factor with a shape that it cannot have": (
        lever(one=(
            "set: {parameters.incomplete: {times: {value: 0.5, range: [0, 1], shape: "
            "loguniform}}}"
            )),
        "reform.one.set.parameters.incomplete.shape: loguniform needs a range above 0, not [0, 1]",
    ),
    "a factor outside its range, with a key that nobody knows": (
        lever(one=(
            "set: {parameters.incomplete: {times: {value: 0.5, range: [0.1, 0.2], nonsense: "
            "3}}}"
            )),
        (
            "reform.one.set.parameters.incomplete.nonsense: unknown key 'nonsense'; there are: "
            "about, range, shape, source, value, whole\n"
            "reform.one.set.parameters.incomplete.range: the value 0.5 lies outside its range "
            "[0.1, 0.2]"
        ),
    ),
    "a factor inside a path": (
        lever(one=(
            "set: {services.enquiry.demand.factor: {base: {times: {value: 1, range: [-1, 1]}}, "
            "extra: 1, half_life: 1 h}}"
            )),
        ("reform.one.set.services.enquiry.demand.factor.range: the end -1 of the range must be at "
        "least 0"),
    ),
    "a field and a part of it in one lever, whose values are looked at apart": (
        lever(one="set: {desks.window: 0, desks.window.factor: no_such}"),
        ("reform.one.set: changes desks.window and a part of it\n"
        "reform.one.set.desks.window: keys and values are needed here (`key: value`), not 0\n"
        "reform.one.set.desks.window.factor: no parameter 'no_such'; there are: better, "
        "incomplete, minutes, settling, sister"),
    ),
    "two inserts at one place": (
        lever(
            one=(
                "insert: {services.permit: {after: first_review, steps: [{task: x, desk: review, "
                "effort: 1 min}]}}"
                ),
            two=(
                "insert: {services.permit: {before: to_there, steps: [{task: y, desk: review, "
                "effort: 1 min}]}}"
                ),
        ),
        ("reform.two.insert: 'two' and 'one' both insert steps before services.permit.to_there; "
        f"{WAY_OUT}"),
    ),
    "two blocks of one step": (
        lever(
            one="in_parallel: {services.permit.a: {x: [first_review], y: [opinion]}}",
            two="in_parallel: {services.permit.b: {x: [first_review], y: [decision]}}",
        ),
        ("reform.two.in_parallel: 'two' and 'one' both rearrange steps of services.permit; "
        f"{WAY_OUT}"),
    ),
    "a lever that points at no group": (
        lever(one="set: {staff.clarks.members: 1}"),
        ("reform.one.set.staff.clarks.members: points at nothing: no 'clarks'; did you mean "
        "'clerks'?"),
    ),
    "a lever that points at no step": (
        lever(one="set: {services.permit.frist_review.effort: 1 min}"),
        ("reform.one.set.services.permit.frist_review.effort: points at nothing: no "
        "'frist_review'; did you mean 'first_review'?"),
    ),
    "a lever that removes no step": (
        lever(one="remove: [services.permit.sign_3]"),
        f"reform.one.remove.1: points at nothing: no step 'sign_3'; there are: {STEPS_OF_PERMIT}",
    ),
    "a field that does not exist": (
        lever(one="set: {staff.clerks.membrs: 1}"),
        "reform.one.set.staff.clerks.membrs: unknown key 'membrs'; did you mean 'members'?",
    ),
    "nothing to multiply": (
        lever(one="set: {staff.clerks.presence: {times: 0.9}}"),
        (f"reform.one.set.staff.clerks.presence: {NOTHING} no 'presence'; there are: calendar, "
        "department, members, serves"),
    ),
    "a value that could not stand there": (
        lever(one="set: {services.permit.decision.effort: 20}"),
        ("reform.one.set.services.permit.decision.effort: 20 has no unit; write it in min, h (as "
        "in 20 min)"),
    ),
    "a desk that does not exist": (
        lever(one='set: {"services.permit.*.desk": reviw}'),
        "reform.one.set.services.permit.*.desk: no desk 'reviw'; did you mean 'review'?",
    ),
    "a step without its field": (
        lever(one="set: {services.permit.decision: 5 min}"),
        ("reform.one.set.services.permit.decision: points at the step decision; name the field of "
        "it that changes"),
    ),
    "a section that levers cannot change": (
        lever(one="set: {horizon: 2025-01-01}"),
        ("reform.one.set.horizon: a lever cannot change 'horizon'; it can change "
        f"{', '.join(SECTIONS)}"),
    ),
    "levers that override each other": (
        lever(
            one="set: {staff.clerks.members: 1}, overrides: [two]",
            two="set: {staff.clerks.members: 3}, overrides: [one]",
        ),
        "reform.one.overrides.1: 'one' and 'two' override each other; one of them must give way",
    ),
    "steps of two sequences in one block": (
        lever(one="in_parallel: {services.permit.block: {x: [first_review], y: [ask]}}"),
        ("reform.one.in_parallel.services.permit.block: points at nothing: no step 'ask' in "
        f"permit; there are: {STEPS_OF_PERMIT}"),
    ),
    "a rejection inside a block": (
        lever(one="in_parallel: {services.permit.block: {x: [intake], y: [first_review]}}"),
        (f"services.permit.intake.supplement.then: a case is rejected here, {IN_BLOCK} (with lever "
        "'one')"),
    ),
    "merged desks that are not first come first served": (
        lever(one="merge_desks: {desks: [window, review]}"),
        ("reform: merge_desks: the desk 'review' has the discipline due_date; only fifo desks can "
        "be merged (with lever 'one')"),
    ),
    "a desk that nobody serves any more": (
        lever(one="set: {staff.experts.members: 0}"),
        ("desks.opinion: nobody serves this desk from the reform day, but services.permit.opinion "
        "needs it (with lever 'one')"),
    ),
    "another kind of arrivals": (
        lever(one="set: {services.enquiry.demand: {every: 2 h}}"),
        ("services.enquiry.demand: a reform can change how many file and in which calendar, but "
        "not this (with lever 'one')"),
    ),
    "another kind of desk": (
        lever(one="set: {desks.opinion.kind: window}"),
        ("desks.opinion.kind: a reform cannot change this; let steps go to another desk (with "
        "lever 'one')"),
    ),
    "two kinds of hours": (
        lever(one=(
            'set: {calendars.office.seasons: {all: {from: 01-01, week: {mon-fri: '
            '["09:00-12:00"]}}}}'
            )),
        "calendars.office: a calendar has either `week` or `seasons` (with lever 'one')",
    ),
    "times something that is no number": (
        lever(one="set: {services.permit.decision.desk: {times: 2}}"),
        f"reform.one.set.services.permit.decision.desk: services.permit.decision.desk {NO_NUMBER}",
    ),
    "a whole service": (
        lever(one="set: {services.permit: {}}"),
        ("reform.one.set.services.permit: points at the service permit; name the field of it that "
        "changes"),
    ),
    "half a person": (
        lever(one="set: {staff.clerks.members: {times: 0.25}}"),
        "staff.clerks.members: 0.5 must be whole (with lever 'one')",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_lever_is_refused(what: str) -> None:
    text, message = REFUSED[what]
    assert problems(text) == message


def test_an_override_says_which_of_two_levers_counts() -> None:
    scenario = office(
        lever(
            one="set: {staff.clerks.members: 1}",
            two="set: {staff.clerks.members: 3}, overrides: [one]",
        )
    )
    posts = {
        on: configure(scenario, list(on)).regimes[1].staff["clerks"].members
        for on in ((), ("one",), ("two",), ("one", "two"))
    }
    assert posts == {(): 2, ("one",): 1, ("two",): 3, ("one", "two"): 3}


def test_two_levers_that_say_the_same_agree() -> None:
    assert (
        problems(
            lever(one="set: {staff.clerks.members: 1}", two="set: {staff.clerks.members: 1.0}")
        )
        == ""
    )


def test_all_problems_are_told_at_once_with_their_lines() -> None:
    from govsim.errors import ScenarioError

    with pytest.raises(ScenarioError) as refused:
        office(
            lever(
                one="set: {staff.x.members: 1}",
                two="remove: [services.permit.y]",
                three="set: {desks.window.kind: door}",
            )
        )
    lines = [problem.line for problem in refused.value.problems]
    assert len(lines) == 3
    assert lines == sorted(set(lines))
