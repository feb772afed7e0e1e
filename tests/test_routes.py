"""Routes as programs, worked out by hand: rows, positions, slots, targets, handovers."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

import organisations
from govsim import records
from govsim.model import compile_model, routes
from govsim.model.arrays import (
    ATTRIBUTE,
    CHANCE,
    CLOCK,
    DELAY,
    END,
    FORK,
    MARK,
    RETURN,
    TASK,
    TERM,
    TRANSFER,
    WORKING,
    Model,
)
from govsim.organisation.nouns import (
    Attribute,
    AttributeValue,
    Choice,
    Configuration,
    Delay,
    End,
    Mark,
    Misdirected,
    Parallel,
    Path,
    Step,
    Task,
    Transfer,
)
from plain import (
    DESK,
    WINDOW,
    clock,
    configuration,
    constant,
    exponential,
    group,
    one_service,
    poisson,
    review,
    term,
    working,
)

DAYS = 28


def task(name: str, desk: str = "desk") -> Task:
    return Task(name, desk, constant(5.0))


def with_route(*route: Step, days: int = DAYS, **more: object) -> Configuration:
    """One service, one desk, one clerk, the reform on day 14."""
    base = one_service(
        route, {"desk": DESK}, {"clerks": group({"desk": 1.0})}, poisson(0.001, days), days, **more
    )  # type: ignore[arg-type]
    return configuration(base, days=days)


def program(model: Model, regime: int = 0, service: int = 0) -> list[int]:
    """Row numbers of one program: up to the first of the next."""
    starts = [*sorted(model.arrays.services.program.ravel().tolist()), len(model.arrays.steps.op)]
    first = int(model.arrays.services.program[regime, service])
    return list(range(first, starts[starts.index(first) + 1]))


# ----------------------------------------------------------------------------------------- programs


def test_a_sequence_runs_row_by_row_to_an_end_that_nobody_wrote() -> None:
    model = compile_model(with_route(task("a"), Mark("m", "decided"), task("b")))
    steps, rows = model.arrays.steps, program(model)
    assert steps.op[rows].tolist() == [TASK, MARK, TASK, END]
    assert (steps.next[rows[:3]] - rows[0]).tolist() == [1, 2, 3]
    assert steps.position[rows].tolist() == [0, 1, 2, -1]
    assert steps.outcome[rows[3]] == records.OUTCOMES.index("completed")
    assert model.names.steps == ("permit/a", "permit/m", "permit/b")
    assert steps.name[rows].tolist() == [0, 1, 2, -1]


def test_both_regimes_share_the_names_and_keys_of_steps() -> None:
    before = with_route(task("a"), task("b")).regimes[0]
    permit = before.services["permit"]
    after = replace(before, services={"permit": replace(permit, route=(task("new"), task("b")))})
    model = compile_model(configuration(before, after, DAYS))
    steps = model.arrays.steps
    assert model.names.steps == ("permit/a", "permit/b", "permit/new")
    old, new = program(model, 0), program(model, 1)
    assert steps.name[new].tolist() == [2, 1, -1]
    assert steps.key[old[1]] == steps.key[new[1]] == crc32(b"permit/b") << 32


def test_a_choice_leads_into_its_branches_and_past_them() -> None:
    model = compile_model(
        with_route(
            Choice("c", ((task("x"), task("y")), (End("stop", "rejected"),)), chance=Path(0.3)),
            task("z"),
        )
    )
    a, rows = model.arrays, program(model)
    assert a.steps.op[rows].tolist() == [CHANCE, TASK, TASK, END, TASK, END]
    first = a.steps.target_first[rows[0]]
    assert (a.target[first : first + 2] - rows[0]).tolist() == [1, 3]
    assert (a.steps.next[rows] - rows[0])[[1, 2, 4]].tolist() == [2, 4, 5]
    assert a.steps.position[rows].tolist() == [0, 1, 2, 3, 4, -1]
    assert a.steps.outcome[rows[3]] == records.OUTCOMES.index("rejected")


def test_an_empty_branch_of_a_choice_goes_straight_on() -> None:
    model = compile_model(with_route(Choice("c", ((task("x"),), ()), chance=Path(0.3)), task("z")))
    a, rows = model.arrays, program(model)
    first = a.steps.target_first[rows[0]]
    assert (a.target[first : first + 2] - rows[0]).tolist() == [1, 2]


def test_a_choice_at_the_end_of_a_nested_branch_goes_on_after_the_outer_choice() -> None:
    inner = Choice("inner", ((task("x"),), ()), chance=Path(0.5))
    model = compile_model(
        with_route(Choice("outer", ((inner,), (task("y"),)), chance=Path(0.5)), task("z"))
    )
    a, rows = model.arrays, program(model)
    assert a.steps.op[rows].tolist() == [CHANCE, CHANCE, TASK, TASK, TASK, END]
    assert a.steps.next[rows[2]] == a.steps.next[rows[3]] == rows[4]
    assert a.target[a.steps.target_first[rows[1]] + 1] == rows[4]


def test_a_choice_by_attribute_has_a_target_for_each_value() -> None:
    way = Attribute("way", tuple(AttributeValue(v, Path(0.3)) for v in ("counter", "web", "post")))
    size = Attribute("size", (AttributeValue("any", Path(1.0)),))
    model = compile_model(
        with_route(Choice("c", ((task("x"),), (), (task("y"),)), by="way"), attributes=(size, way))
    )
    a, rows = model.arrays, program(model)
    assert a.steps.op[rows[0]] == ATTRIBUTE
    assert a.steps.attribute[rows[0]] == 1
    assert (a.target[a.steps.target_first[rows[0]] :][:3] - rows[0]).tolist() == [1, 3, 2]
    assert a.attributes == 2
    assert model.names.values == ((("any",), ("counter", "web", "post")),)


def test_the_branches_of_nested_blocks_have_slots_in_text_order() -> None:
    inner = Parallel("inner", ((task("b"),), (task("c"),)))
    outer = Parallel("outer", ((task("a"), inner), (task("d"),)))
    model = compile_model(with_route(outer, task("e")))
    a, rows = model.arrays, program(model)
    assert a.steps.op[rows].tolist() == [
        FORK,
        TASK,
        FORK,
        TASK,
        RETURN,
        TASK,
        RETURN,
        RETURN,
        TASK,
        RETURN,
        TASK,
        END,
    ]
    first, second = (a.steps.target_first[rows[k]] for k in (0, 2))
    assert a.slot[first : first + 2].tolist() == [1, 4]
    assert a.slot[second : second + 2].tolist() == [2, 3]
    assert (a.target[first : first + 2] - rows[0]).tolist() == [1, 8]
    assert (a.target[second : second + 2] - rows[0]).tolist() == [3, 5]
    assert (a.steps.next[[rows[0], rows[2]]] - rows[0]).tolist() == [10, 7]
    assert (a.steps.next[[rows[3], rows[5], rows[8]]] - rows[0]).tolist() == [4, 6, 9]
    assert a.width == 5
    assert a.steps.position[rows].tolist() == [0, 1, 2, 3, -1, 4, -1, -1, 5, -1, 6, -1]


def test_an_empty_branch_is_dropped_and_a_block_of_one_branch_is_a_sequence() -> None:
    nothing = Parallel("nothing", ((), ()))
    single = Parallel("single", ((task("a"), nothing), (nothing,), ()))
    model = compile_model(with_route(single, task("b")))
    rows = program(model)
    assert model.arrays.steps.op[rows].tolist() == [TASK, TASK, END]
    assert model.arrays.width == 1
    assert model.names.steps == ("permit/a", "permit/b")
    # blocks that are dropped take no position
    assert model.arrays.steps.position[rows].tolist() == [0, 1, -1]


def test_durations_keep_their_clock() -> None:
    model = compile_model(
        with_route(
            Delay("a", "applicant", clock(exponential(30.0))),
            Delay("b", "outside", working(constant(600.0)), stops_clock=True),
            Delay("c", "notice", term(7)),
        )
    )
    steps, rows = model.arrays.steps, program(model)[:3]
    office = model.names.calendars.index("office")
    assert steps.op[rows].tolist() == [DELAY] * 3
    assert steps.timing[rows].tolist() == [CLOCK, WORKING, TERM]
    assert steps.calendar[rows].tolist() == [0, office, office]
    assert steps.mean[rows].tolist() == [30.0, 600.0, 7.0]
    assert steps.stops_clock[rows].tolist() == [0, 1, 0]
    assert [records.PARTS[part] for part in steps.part[rows]] == ["applicant", "outside", "notice"]


def test_a_review_and_a_misdirection_keep_their_numbers() -> None:
    again = Path(0.2, -0.1, 7.0, "step")
    checked = replace(
        review(0.4, 0.0, 3, "withdrawn", 0.1, 0.05, working(constant(400.0)), 0.5), again=again
    )
    wrong = Misdirected(Path(0.3), "other", exponential(4.0))
    base = one_service(
        (task("plain"), Task("hand_in", "desk", constant(5.0), checked, wrong, exponential(60.0))),
        {"desk": WINDOW, "other": WINDOW},
        {"clerks": group({"desk": 1.0, "other": 1.0})},
        poisson(0.001, DAYS),
        DAYS,
    )
    a = compile_model(configuration(base, days=DAYS)).arrays
    assert (a.steps.review[:2].tolist(), a.steps.misdirected[:2].tolist()) == ([-1, 0], [-1, 0])
    assert a.reviews.attempts[0] == 3
    assert records.OUTCOMES[a.reviews.then[0]] == "withdrawn"
    assert (a.reviews.mean[0], a.reviews.again_effort[0], a.reviews.timing[0]) == (
        400.0,
        0.5,
        WORKING,
    )
    path = a.reviews.again[0]
    values = a.paths.value[a.paths.first[path] : a.paths.first[path + 1]]
    assert values.tolist() == pytest.approx([0.2] + [0.1] * 7 + [0.2] * 7)
    assert a.paths.value[a.paths.first[a.reviews.incomplete[0]]] == 0.4
    assert (a.misdirections.desk[0], a.misdirections.mean[0]) == (1, 4.0)
    assert (a.steps.patience_table[0], a.steps.patience_mean[1]) == (-1, 60.0)
    assert a.services.rows[0, 0] == 1 + (3 + 2 + 1)


def test_the_rows_of_a_case_are_bounded_by_its_longest_way() -> None:
    model = compile_model(
        with_route(
            Choice("c", ((task("x"), task("y"), task("z")), (task("w"),)), chance=Path(0.5)),
            Parallel(
                "p",
                ((task("u"),), (Delay("d", "outside", clock(constant(1.0))), Mark("m", "decided"))),
            ),
        )
    )
    assert model.arrays.services.rows.tolist() == [[5], [5]]


def test_parts_outcomes_and_numbers_of_steps_are_those_of_the_records() -> None:
    assert {name: records.PARTS.index(name) for name in routes.PARTS} == routes.PARTS
    assert {name: records.OUTCOMES.index(name) for name in routes.OUTCOMES} == routes.OUTCOMES


def test_the_promise_clock_starts_after_the_named_step_only() -> None:
    model = compile_model(
        with_route(
            task("a"), Mark("m", "decided"), task("b"), promise=3, limit=10, promise_from="b"
        )
    )
    a = model.arrays
    assert a.steps.starts_promise[program(model)].tolist() == [0, 0, 1, 0]
    assert (a.services.promise[0, 0], a.services.limit[1, 0]) == (3 * 420.0, 10 * 420.0)
    assert (
        a.services.marks_accepted[0, 0],
        a.services.marks_decided[0, 0],
        a.services.promise_waits[0, 0],
    ) == (0, 1, 1)
    assert compile_model(with_route(task("a"))).arrays.services.promise[0, 0] == -1.0


@pytest.mark.parametrize("branches", [((), ()), ((task("b"),), ()), ((), (task("b"),))])
def test_a_promise_starts_at_the_end_of_a_block_that_has_lost_its_branches(
    branches: tuple[tuple[Step, ...], ...],
) -> None:
    route = (task("a"), Parallel("block", branches), task("c"))
    model = compile_model(with_route(*route, promise=3, promise_from="block"))
    steps, rows = model.arrays.steps, program(model)
    left = sum(map(len, branches))
    assert steps.starts_promise[rows].tolist() == [0] * (1 + left) + [1, 0, 0]
    end = rows[1 + left]
    assert (steps.op[end], steps.mark[end], steps.next[end]) == (MARK, -1, end + 1)
    positions = steps.position[rows][steps.op[rows] == TASK]
    assert positions.tolist() == [*range(len(positions))]


# ---------------------------------------------------------------------------------------- handovers


def handovers(*route: Step, departments: dict[str, str]) -> dict[str, int]:
    """Transfer -> whether it is a handover; the service belongs to the hall."""
    model = compile_model(with_route(*route, departments=departments))
    steps, rows = model.arrays.steps, program(model)
    named = [r for r in rows if steps.op[r] == TRANSFER]
    return {model.names.steps[steps.name[r]].split("/")[1]: int(steps.handover[r]) for r in named}


def move(name: str, to: str) -> Transfer:
    return Transfer(
        name, to, Path(1.0), clock(constant(30.0)), clock(constant(1.0)), (600.0, 900.0)
    )


def test_a_transfer_is_a_handover_where_the_outermost_departments_differ() -> None:
    departments = {"hall": "city", "fire": "fire", "water": "city", "city": "city"}
    found = handovers(
        move("a", "water"),
        move("b", "fire"),
        move("c", "fire"),
        move("d", "hall"),
        departments=departments,
    )
    assert found == {"a": 0, "b": 1, "c": 0, "d": 1}


def test_after_a_join_the_file_is_where_it_was_before_the_fork() -> None:
    departments = {"hall": "hall", "fire": "fire", "water": "water"}
    block = Parallel("p", ((move("a", "fire"), move("b", "water")), (move("c", "hall"),)))
    found = handovers(block, move("d", "hall"), move("e", "fire"), departments=departments)
    assert found == {"a": 1, "b": 1, "c": 0, "d": 0, "e": 1}


def test_after_a_choice_the_file_is_where_all_branches_that_go_on_have_brought_it() -> None:
    departments = {"hall": "hall", "fire": "fire", "water": "water"}

    def after(*branches: tuple[Step, ...]) -> int:
        return handovers(
            Choice("c", branches, chance=Path(0.5)), move("z", "fire"), departments=departments
        )["z"]

    assert after((move("a", "fire"),), (move("b", "water"), move("c2", "fire"))) == 0
    # they differ: as before the choice, in the hall
    assert after((move("a", "fire"),), (move("b", "water"),)) == 1
    assert after((move("a", "fire"),), ()) == 1
    assert after((move("a", "fire"),), (End("stop", "rejected"),)) == 0  # only one branch goes on


def test_a_merger_of_departments_ends_handovers_for_cases_filed_after_it() -> None:
    a = compile_model(organisations.transfers()).arrays
    assert a.steps.handover[a.steps.op == TRANSFER].tolist() == [1, 1, 0, 0]
    out = int(np.flatnonzero(a.steps.op == TRANSFER)[0])
    assert a.leave[a.steps.leave_first[out] :][: a.steps.leave_count[out]].tolist() == [
        600.0,
        900.0,
    ]
    assert (a.steps.electronic_timing[out], a.steps.electronic_mean[out]) == (CLOCK, 5.0)
