"""The offered load: how much work comes and who can do it.

Known loads, loads by hand, and what a simulation really worked.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import govsim as gs
from govsim.model.offered_load import OfferedLoad, offered_load, worst_quarter
from govsim.model.quantiles import build_tables, mean_batch, mean_batch_of
from govsim.organisation.nouns import (
    Attribute,
    AttributeValue,
    Choice,
    Configuration,
    Demand,
    Desk,
    Distribution,
    End,
    Learning,
    Meet,
    Meeting,
    Misdirected,
    Parallel,
    Path,
    Task,
)
from plain import (
    DESK,
    WINDOW,
    configuration,
    constant,
    exponential,
    group,
    one_service,
    poisson,
    review,
)

DAYS = 56
HOURS = 420.0  # minutes of a day's work
# filings per minute of the clock: one in a hundred minutes of opening time
RATE = 5 * HOURS / 7 / 1440 / 100


def permit(
    *route: object, desks: object = None, staff: object = None, **more: object
) -> Configuration:
    """One permit in a hundred minutes of opening time; without more words one clerk at one desk."""
    ours = desks or {"desk": DESK}
    return configuration(
        one_service(
            route,
            ours,
            staff or {"clerk": group(dict.fromkeys(ours, 1.0))},
            poisson(RATE, DAYS),
            **more,
        )
    )  # type: ignore[arg-type, call-overload]


def load_of(*route: object, **more: object) -> float | None:
    return offered_load(permit(*route, **more)).load


def scenario(name: str, configuration: str) -> OfferedLoad:
    return offered_load(gs.configure(gs.load(f"scenarios/{name}.yaml"), configuration))


@pytest.mark.parametrize(
    ("name", "configuration", "loads"),
    [
        ("four_windows", "before", [0.8] * 4),
        ("four_windows", "after", [0.8]),
        ("harmful_pooling", "before", [0.5, 0.5]),
        ("harmful_pooling", "after", [0.5]),
        ("slow_helper", "before", [0.3]),
        ("slow_helper", "after", [0.3 / 1.1]),
    ],
)
def test_textbook_offices_have_their_textbook_loads(
    name: str, configuration: str, loads: list[float]
) -> None:
    found = scenario(name, configuration)
    assert [pool.load for pool in found.pools] == pytest.approx(loads)
    assert found.stable


def test_a_load_of_one_does_not_settle() -> None:
    assert not offered_load(permit(Task("serve", "desk", constant(100.0)))).stable
    assert offered_load(permit(Task("serve", "desk", constant(99.0)))).stable


def test_papers_that_come_back_are_worked_on_again() -> None:
    """Attempts: 1, then 0.5 x 0.8, then 0.25 x 0.8 of those, each again at 0.6 of the effort."""
    check = review(
        incomplete=0.5, again=0.25, attempts=3, tolerated=0.2, reject=0.1, again_effort=0.6
    )
    assert load_of(Task("check", "desk", constant(50.0), review=check)) == pytest.approx(
        0.5 * (1 + 0.6 * (0.4 + 0.4 * 0.2))
    )


def test_only_those_who_pass_go_on() -> None:
    """Passed: 0.5 x 0.2 tolerated and 0.5 x 0.9 accepted at once;
    the rest at the second and last attempt.
    """
    check = review(
        incomplete=0.5, again=0.25, attempts=2, then="rejected", tolerated=0.2, reject=0.1
    )
    passed = (0.1 + 0.45) + 0.4 * (0.25 * 0.2 + 0.75 * 0.9)
    desks = {"first": DESK, "second": DESK}
    staff = {"one": group({"first": 1.0}), "two": group({"second": 1.0})}
    route = (
        Task("check", "first", constant(0.0), review=check),
        Task("sign", "second", constant(80.0)),
    )
    assert load_of(*route, desks=desks, staff=staff) == pytest.approx(0.8 * passed)


def test_a_last_attempt_may_pass_what_is_still_incomplete() -> None:
    check = review(incomplete=1.0, again=1.0, attempts=2, then="passes")
    desks = {"first": DESK, "second": DESK}
    staff = {"one": group({"first": 1.0}), "two": group({"second": 1.0})}
    route = (
        Task("check", "first", constant(1.0), review=check),
        Task("sign", "second", constant(80.0)),
    )
    assert load_of(*route, desks=desks, staff=staff) == pytest.approx(0.8)


def test_a_wrong_first_visit_is_work_at_the_wrong_window() -> None:
    desks = {"right": WINDOW, "wrong": WINDOW}
    staff = {"one": group({"right": 1.0}), "two": group({"wrong": 1.0})}
    wrong = Misdirected(Path(0.3), "wrong", constant(90.0))
    found = offered_load(
        permit(Task("serve", "right", constant(20.0), misdirected=wrong), desks=desks, staff=staff)
    )
    assert {pool.groups: pool.load for pool in found.pools} == {
        ("two",): pytest.approx(0.27),
        ("one",): pytest.approx(0.2),
    }


def test_branches_share_the_cases_and_an_end_ends_them() -> None:
    choice = Choice(
        "which",
        ((Task("long", "desk", constant(80.0)), End("out", "rejected")), ()),
        chance=Path(0.25),
    )
    assert load_of(choice, Task("rest", "desk", constant(40.0))) == pytest.approx(
        0.25 * 0.8 + 0.75 * 0.4
    )


def test_an_applicant_keeps_their_attribute_through_the_route() -> None:
    """Those who end at the first choice never come to the branch of their kind at the second."""
    channel = Attribute(
        "channel", (AttributeValue("online", Path(0.4)), AttributeValue("counter", Path(0.0)))
    )
    route = (
        Choice("first", ((End("out", "rejected"),), ()), by="channel"),
        Choice(
            "second",
            ((Task("never", "desk", constant(900.0)),), (Task("work", "desk", constant(50.0)),)),
            by="channel",
        ),
    )
    assert load_of(*route, attributes=(channel,)) == pytest.approx(0.6 * 0.5)


def test_branches_side_by_side_are_all_worked_on() -> None:
    both = Parallel(
        "both", ((Task("a", "desk", constant(20.0)),), (Task("b", "desk", constant(30.0)),))
    )
    assert load_of(both, Task("c", "desk", constant(10.0))) == pytest.approx(0.6)


def test_absence_presence_and_slowness_take_capacity_away() -> None:
    staff = {"clerk": group({"desk": 0.8}, members=2, absence=Path(0.1), presence=Path(0.5))}
    assert load_of(Task("serve", "desk", constant(60.0)), staff=staff) == pytest.approx(
        0.6 / (2 * 0.8 * 0.9 * 0.5)
    )


def test_the_program_gives_shared_work_to_whoever_has_time() -> None:
    """Desk a: 120 minutes of work per 100, only one can do it and her colleague at half speed:
    1 = x, (1.2 - x) / 0.5 = x.
    """
    desks = {"a": DESK}
    staff = {"fast": group({"a": 1.0}), "slow": group({"a": 0.5})}
    assert load_of(Task("serve", "a", constant(120.0)), desks=desks, staff=staff) == pytest.approx(
        1.2 / 1.5
    )


def test_a_specialist_is_spared_what_others_can_do() -> None:
    """a: 60, only by the first; b: 80, by both: the first takes 10 of it."""
    desks = {"a": DESK, "b": DESK}
    staff = {"first": group({"a": 1.0, "b": 1.0}), "second": group({"b": 1.0})}
    route = (Task("one", "a", constant(60.0)), Task("two", "b", constant(80.0)))
    assert load_of(*route, desks=desks, staff=staff) == pytest.approx(0.7)


def test_no_way_of_sharing_helps_where_only_one_can_do_it() -> None:
    desks = {"a": DESK, "b": DESK}
    staff = {"first": group({"a": 1.0, "b": 1.0}), "second": group({"b": 1.0}, members=9)}
    found = offered_load(
        permit(
            Task("one", "a", constant(110.0)),
            Task("two", "b", constant(80.0)),
            desks=desks,
            staff=staff,
        )
    )
    assert found.load == pytest.approx(1.1)
    assert not found.stable


def test_a_queue_that_people_leave_settles_however_much_work_comes() -> None:
    found = offered_load(permit(Task("serve", "desk", constant(150.0), patience=exponential(30.0))))
    assert found.load == pytest.approx(1.5)
    assert found.stable


def test_nobody_on_duty_is_said_and_is_no_number() -> None:
    found = offered_load(
        permit(
            Task("serve", "desk", constant(1.0)),
            staff={"clerk": group({"desk": 1.0}, presence=Path(0.0))},
        )
    )
    assert found.load is None
    assert not found.stable
    assert "nobody on duty" in str(found)


def test_learners_are_slower_where_the_desk_is_new() -> None:
    """A month at 1.5, halving every week: the mean factor over the counted days
    from the reform on.
    """
    desks, old, new = (
        {"old": DESK, "new": DESK},
        Task("serve", "old", constant(50.0)),
        Task("serve", "new", constant(50.0)),
    )
    before = one_service([old], desks, {"clerk": group({"old": 1.0})}, poisson(RATE, DAYS))
    after = one_service(
        [new],
        desks,
        {"clerk": group({"new": 1.0})},
        poisson(RATE, DAYS),
        learning=Learning(1.5, half_life=7.0),
    )
    found = offered_load(configuration(before, after, reform_day=14, count_until=42)).load
    slow = np.mean(1.0 + 0.5 * 0.5 ** (np.arange(28) / 7.0))
    assert found == pytest.approx(0.5 * slow)


def test_a_desk_factor_and_a_batch_multiply_the_work() -> None:
    demand = replace(poisson(RATE, DAYS), batch=constant(3.0))
    slow = {"desk": Desk("hall", "review", factor=1.2)}
    organisation = one_service(
        [Task("serve", "desk", constant(20.0))], slow, {"clerk": group({"desk": 1.0})}, demand, DAYS
    )
    assert offered_load(configuration(organisation)).load == pytest.approx(0.2 * 3 * 1.2)


@pytest.mark.slow
def test_the_simulation_works_as_much_as_is_expected() -> None:
    """Kelan's signers before the reform, who serve no desk that others serve better:
    within the error and a twentieth.

    A twentieth, because filings of one year are in the work of the next.
    """
    kelan = gs.load("scenarios/kelan.yaml")
    runs = gs.run(kelan, n=8, configurations=("before",), progress=False)
    expected = offered_load(gs.configure(kelan, "before"))
    loads = {pool.groups[0]: pool.load for pool in expected.pools if len(pool.groups) == 1}
    worked = runs.utilisation().groupby("group", observed=True)["value"].agg(["mean", "sem"])
    assert len(loads) >= 3
    for name, load in loads.items():
        assert load is not None
        assert worked["mean"][name] == pytest.approx(
            load, abs=4.0 * worked["sem"][name] + 0.05 * load
        ), name


# ---------------------------------------------------------------- what is drawn, and what is a seat


@pytest.mark.parametrize(
    ("sizes", "mean"),
    [
        (Distribution("uniform", 0.5, (0.0, 2.0)), 1.0),  # from 0 to 1: never more than one
        (Distribution("uniform", 4.0, (0.5, 1.5)), 4.0),  # from 2 to 6
        (Distribution("constant", 2.5), 2.0),  # halves go to the even neighbour
        (Distribution("empirical", 2.0, (0.1, 0.5, 2.4)), (1 + 1 + 5) / 3),
        # 1 + the chances of at least 1.5, 2.5, ...: a geometric series
        (Distribution("exponential", 3.0), 1 + np.exp(-0.5) / (1 - np.exp(-1 / 3))),
    ],
)
def test_batches_are_as_large_on_average_as_they_are_drawn(
    sizes: Distribution, mean: float
) -> None:
    assert mean_batch(sizes) == pytest.approx(mean, rel=1e-5)
    tables, (number,) = build_tables([sizes])
    assert mean_batch_of(tables, number, sizes.mean) == pytest.approx(mean, rel=1e-5)


def test_a_meeting_with_so_many_seats_has_a_load() -> None:
    """21 filings a week, a session every five working days, two of them counted."""
    route = (Task("read", "desk", constant(1.0)), Meet("hearing", "board"))
    for seats, load, settles in ((30, 0.7, True), (10, 2.1, False)):
        found = offered_load(
            permit(*route, meetings={"board": Meeting("office", 600.0, every=5.0, seats=seats)})
        )
        board = next(pool for pool in found.pools if pool.meeting == "board")
        assert board.load == pytest.approx(load)
        assert found.stable is board.settles is settles
        assert board.services == ("permit",)
    free = permit(*route, meetings={"board": Meeting("office", 600.0, every=5.0)})
    assert [pool.meeting for pool in offered_load(free).pools] == [None]


def test_how_many_sessions_happen_to_lie_in_the_period_decides_nothing() -> None:
    """42 filings in 14 days, three a day: 21 between sessions 5 working days apart, 84 in 20."""
    route = (Task("read", "desk", constant(1.0)), Meet("hearing", "board"))
    for every, seats, settles in (
        (5.0, 22, True),
        (5.0, 20, False),
        (20.0, 85, True),
        (20.0, 83, False),
    ):
        board = {"board": Meeting("office", 600.0, every=every, seats=seats)}
        (pool,) = (
            pool for pool in offered_load(permit(*route, meetings=board)).pools if pool.meeting
        )
        assert pool.settles is settles


def test_who_may_give_up_brings_no_lasting_work_behind_either() -> None:
    """Twice as much as the second desk can do comes to it, if nobody gives up at the first."""
    desks = {"first": WINDOW, "second": DESK}
    staff = {"one": group({"first": 1.0}), "two": group({"second": 1.0})}
    patient = (Task("ask", "first", constant(1.0)), Task("look", "second", constant(200.0)))
    hasty = (replace(patient[0], patience=constant(5.0)), patient[1])
    for route, settles in ((patient, False), (hasty, True)):
        found = offered_load(permit(*route, desks=desks, staff=staff))
        (second,) = (pool for pool in found.pools if pool.groups == ("two",))
        assert (second.load, second.settles) == (pytest.approx(2.0), settles)
        assert second.too_much == pytest.approx(0.5)
        assert second.patience == ("" if route == patient else "before")


def test_a_meeting_and_a_group_of_one_name_are_two_pools() -> None:
    route = (Task("read", "desk", constant(1.0)), Meet("hearing", "clerk"))
    board = {"clerk": Meeting("office", 600.0, every=5.0, seats=30)}
    found = offered_load(permit(*route, meetings=board))
    assert {pool.key for pool in found.pools} == {("meeting", "clerk"), ("staff", "clerk")}
    assert worst_quarter(permit(*route, meetings=board)) == {}  # a period of less than 13 weeks


def test_the_worst_quarter_is_found_wherever_it_lies() -> None:
    """Three hands full for the last eleven of 36 weeks, one before."""
    days = 252
    rate = [RATE * (3.0 if day >= days - 77 else 1.0) for day in range(days)]
    busy = configuration(
        one_service(
            (Task("serve", "desk", constant(40.0)),),
            {"desk": DESK},
            {"clerk": group({"desk": 1.0})},
            Demand("poisson", "office", tuple(rate)),
            days,
        ),
        days=days,
    )
    busy = replace(busy, count_from=0, reform_day=0, count_until=days)
    whole, worst = offered_load(busy).load, worst_quarter(busy)["staff", "clerk"]
    assert whole is not None
    assert worst is not None
    assert whole < 1.0 < worst


@pytest.mark.parametrize(
    ("calendar", "files", "days"),
    [
        ("office", None, 28),
        (None, None, 26),
        (None, "office", 28),
        ("office", "always", 26),
    ],
)
def test_who_files_on_a_closed_day_is_work_of_the_next_open_one(
    calendar: str | None, files: str | None, days: int
) -> None:
    """From a Monday to the Friday of the fourth week: the weekend before comes on that Monday."""
    channel = Attribute("channel", (AttributeValue("only", Path(1.0), files),))  # type: ignore[arg-type]
    office = one_service(
        (Task("serve", "desk", constant(50.0)),),
        {"desk": DESK},
        {"clerk": group({"desk": 1.0})},
        poisson(RATE, DAYS, calendar),
        attributes=(channel,),
    )
    found = offered_load(configuration(office, reform_day=7, count_from=7, count_until=33))
    assert found.load == pytest.approx(days * 1440 * RATE * 50.0 / (20 * HOURS))
