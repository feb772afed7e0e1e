"""What the reference engine must do, as claims about small organisations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import theory
from govsim.engine.calendars import Hours, member_hours, on_duty, worked
from govsim.engine.filings import file_cases
from govsim.engine.reference import run
from govsim.errors import TooManyInstants
from govsim.model import Model, compile_model
from govsim.model.arrays import FIFO
from govsim.model.arrays import WINDOW as AT_WINDOW
from govsim.organisation.nouns import (
    Configuration,
    Delay,
    Desk,
    Learning,
    Mark,
    Meet,
    Meeting,
    Misdirected,
    Parallel,
    Path,
    Serve,
    Service,
    Step,
    Task,
    Transfer,
)
from govsim.records import KINDS, OUTCOMES, PARTS, VARIANTS, Records
from organisations import ORGANISATIONS, single_desk
from plain import (
    DESK,
    WINDOW,
    at,
    clock,
    configuration,
    constant,
    group,
    minute,
    one_service,
    organisation,
    recorded,
    review,
    weekly,
)

TASK = KINDS.index("task")
every_organisation = pytest.mark.parametrize("name", ORGANISATIONS)


@cache
def model_of(name: str) -> Model:
    return compile_model(ORGANISATIONS[name]())


@cache
def played(name: str, replication: int = 0) -> Records:
    return run(model_of(name).arrays, 20240101, replication)


def hours_of(name: str, replication: int = 0) -> Hours:
    return member_hours(model_of(name).arrays, 20240101, replication)


def play(plan: Configuration) -> Records:
    return run(compile_model(plan).arrays, 1, 0)


def tasks(records: Records) -> np.ndarray:
    return records.activities[records.activities["kind"] == TASK]


def same(a: Records, b: Records) -> bool:
    arrays = all(
        x.tobytes() == y.tobytes() and x.shape == y.shape for x, y in zip(a[:4], b[:4], strict=True)
    )
    return arrays and a.end == b.end


# -------------------------------------------------------------------------------- true of every run


@pytest.mark.slow
@every_organisation
def test_the_parts_of_a_case_add_up_exactly(name: str) -> None:
    cases = played(name).cases
    ended = cases[cases["outcome"] > 0]
    total = sum(ended[f"part_{part}"] for part in PARTS)
    assert len(ended) > 3
    assert (total == ended["ended"] - ended["filed"]).all()
    assert all((ended[f"part_{part}"] >= 0).all() for part in PARTS)


@every_organisation
def test_nobody_is_lost_between_filing_and_end(name: str) -> None:
    records, arrays = played(name), model_of(name).arrays
    filed = file_cases(arrays, 20240101, 0)
    assert len(records.cases) == np.sum(filed.filed <= records.end)
    assert ((records.cases["outcome"] == 0) == np.isnan(records.cases["ended"])).all()
    open_counted = np.isnan(records.cases["ended"]) & (records.cases["filed"] < arrays.count_until)
    assert records.end == arrays.horizon or not open_counted.any()


@pytest.mark.slow
@every_organisation
def test_the_order_in_which_equal_times_are_popped_changes_nothing(name: str) -> None:
    assert same(run(model_of(name).arrays, 20240101, 0, reverse=True), played(name))


@pytest.mark.slow
@every_organisation
def test_a_replication_can_be_run_again_alone(name: str) -> None:
    assert same(run(model_of(name).arrays, 20240101, 1), played(name, 1))
    assert not same(played(name, 1), played(name)) or name == "arrivals"


@every_organisation
def test_a_member_works_on_one_case_at_a_time(name: str) -> None:
    rows = tasks(played(name))
    for member in range(len(model_of(name).arrays.staff.group)):
        mine = rows[rows["member"] == member]
        mine = mine[np.lexsort((mine["ended"], mine["started"]))]
        assert (mine["ended"][:-1] <= mine["started"][1:]).all()


@every_organisation
def test_nobody_works_off_duty_but_a_window_that_finishes(name: str) -> None:
    hours, arrays = hours_of(name), model_of(name).arrays
    for row in tasks(played(name)):
        if row["member"] < 0:
            continue
        regime = int(row["started"] >= arrays.reform)
        assert arrays.staff.efficiency[regime, row["member"], row["desk"]] > 0
        assert on_duty(hours, row["member"], row["started"])
        if arrays.desks.kind[row["desk"]] != AT_WINDOW and row["ended"] > row["started"]:
            mine = slice(hours.first[row["member"]], hours.first[row["member"] + 1])
            assert np.any((hours.opens[mine] < row["ended"]) & (row["ended"] <= hours.closes[mine]))


@every_organisation
def test_nobody_overtakes_at_a_fifo_desk(name: str) -> None:
    arrays, rows = model_of(name).arrays, tasks(played(name))
    for desk in np.flatnonzero((arrays.desks.discipline == FIFO).all(axis=0)):
        here = rows[(rows["desk"] == desk) & (rows["member"] >= 0)]
        here = here[np.lexsort((here["position"], here["case"], here["joined"]))]
        assert (np.diff(here["started"]) >= 0).all()


@every_organisation
def test_nobody_is_idle_who_could_serve_somebody_waiting(name: str) -> None:
    arrays, records, hours = model_of(name).arrays, played(name), hours_of(name)
    rows = tasks(records)
    waits = rows[~(rows["started"] <= rows["joined"])]
    for row in waits[:150]:
        until = np.nanmin([row["started"], row["ended"], records.end])
        for a, b, regime in (
            (row["joined"], min(until, arrays.reform), 0),
            (max(row["joined"], arrays.reform), until, 1),
        ):
            for member in np.flatnonzero(arrays.staff.efficiency[regime, :, row["desk"]] > 0):
                mine = rows[rows["member"] == member]
                assert idle_minutes(hours, mine, member, a, b) == 0.0


def idle_minutes(hours: Hours, mine: np.ndarray, member: int, a: float, b: float) -> float:
    """Minutes of [a, b] in which a member is on duty and has nothing to do."""
    idle = 0.0
    for k in range(hours.first[member], hours.first[member + 1]):
        opens, closes = max(a, hours.opens[k]), min(b, hours.closes[k])
        if opens < closes:
            starts, ends = (
                mine["started"].clip(opens, closes),
                np.where(np.isnan(mine["ended"]), b, mine["ended"]),
            )
            idle += closes - opens - float(np.sum(ends.clip(opens, closes) - starts))
    return idle


@every_organisation
def test_activities_come_sorted_and_no_instant_lies_beyond_the_end(name: str) -> None:
    records = played(name)
    keys = [
        tuple(row) for row in records.activities[["case", "position", "attempt", "kind"]].tolist()
    ]
    assert keys == sorted(set(keys))
    for column in ("joined", "started", "ended"):
        assert not (records.activities[column] > records.end).any()


def test_a_run_that_visits_too_many_instants_is_stopped() -> None:
    arrays = model_of("shared_member").arrays
    with pytest.raises(TooManyInstants, match="max_instants"):
        run(arrays, 20240101, 0, max_instants=100)
    assert same(run(arrays, 20240101, 0, max_instants=10**6), played("shared_member"))


def test_a_researcher_can_follow_a_case() -> None:
    model, told = model_of("reviewed"), []
    run(
        model.arrays,
        20240101,
        0,
        trace=lambda t, case, text: told.append((t, case, text)),
        names=model.names,
    )
    story = [(t, text) for t, case, text in told if case == 3]
    assert story == sorted(story, key=lambda line: line[0])
    assert [text for _, text in story[:2]] == [
        "the case is filed",
        "permit/hand_in: joins window for attempt 1",
    ]
    assert story[-1][1] in (
        "the case is completed",
        "the case is withdrawn",
        "the case is rejected",
    )
    assert any("front 1 begins work of" in text for _, text in story)


# ---------------------------------------------------------------------------------- queueing theory


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))


@pytest.mark.slow
@pytest.mark.parametrize(("load", "members"), [(0.4, 1), (0.75, 1), (0.7, 2)])
def test_the_wait_at_a_desk_is_that_of_the_formula(load: float, members: int) -> None:
    plan = replace(
        single_desk(load * members / 10.0, 10.0, members, days=21), count_from=3, count_until=20
    )
    arrays = compile_model(plan).arrays
    means = []
    for replication in range(15):
        rows = run(arrays, 7, replication).activities
        inside = (rows["joined"] >= arrays.count_from) & (rows["joined"] < arrays.count_until)
        means.append(float(np.mean((rows["started"] - rows["joined"])[inside])))
    found, error = mean_and_error(means)
    assert abs(found - theory.mmc_wait(load * members / 10.0, 10.0, members)) <= 3 * error


# ------------------------------------------------------------------------------- worked out by hand
# Day 0 is a Monday; the office is open 08:30-12:00 and 14:00-17:30, seven hours.


def one_desk(
    *filed: float,
    route: Sequence[Step] | None = None,
    work: float = 60.0,
    desk: Desk = DESK,
    members: int = 1,
    change: Callable[[Configuration], Configuration] = lambda plan: plan,
    **more: object,
) -> Records:
    """Recorded filings, one desk, constant effort."""
    plan = one_service(
        route or [Task("work", "desk", constant(work))],
        {"desk": desk},
        {"clerks": group({"desk": 1.0}, members)},
        recorded(*filed),
        28,
        **more,
    )
    return play(change(configuration(plan, days=28, reform_day=14, count_until=20)))


def test_work_is_suspended_over_lunch_and_may_end_at_the_closing() -> None:
    records = one_desk(at(0, "11:30"), at(1, "11:00"))
    assert records.activities["ended"].tolist() == [at(0, "14:30"), at(1, "12:00")]
    assert records.cases["part_closed"].tolist() == [120.0, 0.0]


def test_nobody_starts_at_the_closing_instant() -> None:
    records = one_desk(at(0, "12:00"), at(4, "17:30"))
    assert records.activities["started"].tolist() == [at(0, "14:00"), at(7, "08:30")]
    assert records.cases["part_closed"].tolist() == [120.0, at(7, "08:30") - at(4, "17:30")]
    assert records.cases["part_queue"].tolist() == [0.0, 0.0]


def test_a_window_finishes_what_it_has_begun() -> None:
    records = one_desk(at(0, "11:50"), at(0, "11:51"), work=20.0, desk=WINDOW)
    assert records.activities["ended"].tolist() == [at(0, "12:10"), at(0, "14:20")]
    assert records.cases["part_queue"].tolist() == [0.0, 9.0]
    assert records.cases["part_closed"].tolist() == [0.0, 120.0]


def test_the_one_idle_longest_is_called_first() -> None:
    records = one_desk(
        *(at(0, "09:00") + k for k in (0.0, 0.5, 5.0, 6.0, 7.0)), work=1.0, members=3
    )
    assert records.activities["member"].tolist() == [0, 1, 2, 0, 1]


def test_a_member_is_free_for_whoever_joins_at_the_instant_of_completion() -> None:
    records = one_desk(at(0, "09:00"), at(0, "10:00"))
    assert records.activities["started"].tolist() == [at(0, "09:00"), at(0, "10:00")]


def test_zero_effort_is_done_in_as_many_rounds_as_it_takes() -> None:
    route = [Task(name, "desk", constant(0.0)) for name in ("first", "second", "third")]
    records = one_desk(at(0, "09:00"), at(0, "09:00"), route=route)
    assert set(records.cases["ended"]) == {at(0, "09:00")}
    assert set(records.activities["started"]) == {at(0, "09:00")}


def test_the_branch_that_is_back_last_gives_the_time() -> None:
    block = Parallel(
        "block",
        (
            (Task("work", "desk", constant(30.0)),),
            (Delay("opinion", "outside", clock(constant(45.0))),),
            (Delay("notice", "notice", clock(constant(45.0))),),
        ),
    )
    cases = one_desk(at(0, "09:00"), at(0, "09:10"), route=[block]).cases
    assert cases["ended"].tolist() == [at(0, "09:45"), at(0, "10:00")]
    assert cases["part_outside"].tolist() == [45.0, 0.0]
    assert cases["part_service"].tolist() == [0.0, 30.0]
    assert cases["part_queue"].tolist() == [0.0, 20.0]


def test_a_session_seats_those_who_joined_first_and_who_joins_at_its_instant() -> None:
    meetings = {"committee": Meeting("office", minute("10:00"), every=1.0, seats=2)}
    filed = at(0, "09:00"), at(0, "10:00"), at(0, "10:00")
    records = one_desk(*filed, route=[Meet("hearing", "committee")], meetings=meetings)
    assert records.activities["started"].tolist() == [
        at(0, "10:00"),
        at(0, "10:00"),
        at(1, "10:00"),
    ]
    assert records.cases["part_meeting"].tolist() == [60.0, 0.0, 1440.0]


def test_patience_runs_in_opening_time_and_wins_at_the_instant_of_assignment() -> None:
    route = [Task("work", "desk", constant(60.0), patience=constant(60.0))]
    records = one_desk(at(0, "10:00"), at(0, "10:00"), at(0, "11:30"), at(0, "11:30"), route=route)
    assert [OUTCOMES[k] for k in records.cases["outcome"]] == [
        "completed",
        "withdrawn",
        "completed",
        "withdrawn",
    ]
    assert records.cases["ended"].tolist() == [
        at(0, "11:00"),
        at(0, "11:00"),
        at(0, "14:30"),
        at(0, "14:30"),
    ]
    assert records.cases["part_closed"].tolist() == [0.0, 0.0, 120.0, 120.0]
    assert [VARIANTS[k] for k in records.activities["variant"]] == [
        "plain",
        "withdrawn",
        "plain",
        "withdrawn",
    ]


def test_the_legal_clock_runs_from_the_next_working_day_to_the_decision() -> None:
    route = [
        Task("check", "desk", constant(30.0)),
        Mark("accept", "accepted"),
        Delay("survey", "outside", clock(constant(3 * 1440.0)), stops_clock=False),
        Task("decide", "desk", constant(30.0)),
        Mark("decided", "decided"),
        Delay("send", "notice", clock(constant(600.0))),
    ]
    case = one_desk(at(4, "09:00"), route=route).cases[0]  # Friday; decided on Monday 10:00
    assert case["accepted"] == at(4, "09:30")
    assert case["decided"] == at(7, "10:00")
    assert case["legal_clock"] == 90.0
    assert case["promise_clock"] == 90.0


def test_what_stops_the_clock_is_counted_once_and_in_working_time() -> None:
    branches = tuple(
        (Delay(f"opinion_{k}", "outside", clock(constant(k * 1440.0)), stops_clock=True),)
        for k in (1, 2)
    )
    route = [Mark("accept", "accepted"), Parallel("opinions", branches), Mark("decide", "decided")]
    case = one_desk(at(0, "16:30"), route=route).cases[0]  # decided on Wednesday 16:30
    assert case["legal_clock"] == 0.0  # stopped all the while
    late = [
        Mark("accept", "accepted"),
        Delay("wait", "applicant", clock(constant(1440.0))),
        *route[1:],
    ]
    case = one_desk(at(0, "16:30"), route=late).cases[0]
    assert case["legal_clock"] == 360.0  # Tuesday, 08:30 to 16:30


def test_papers_first_checked_too_late_count_as_accepted_at_filing() -> None:
    checked = Task(
        "check",
        "desk",
        constant(60.0),
        review(1.0, 0.0, 2, "passes", supplement=clock(constant(2 * 1440.0))),
    )
    route = [
        Delay("heap", "outside", clock(constant(7 * 1440.0))),
        checked,
        Mark("accept", "accepted"),
        Mark("decide", "decided"),
    ]
    # first checked Tuesday of the next week, 09:30
    case = one_desk(at(0, "17:30"), route=route).cases[0]
    assert case["accepted"] == at(0, "17:30")
    assert case["decided"] == at(10, "10:30")
    # From Tuesday: four days, Monday, Tuesday to 09:30 | two days
    # of supplement | Thursday 09:30 to 10:30.
    assert case["legal_clock"] == 5 * 420.0 + 60.0 + 60.0
    in_time = [Delay("heap", "outside", clock(constant(4 * 1440.0))), *route[1:]]
    case = one_desk(at(0, "17:00"), route=in_time).cases[0]
    assert case["accepted"] == case["decided"] == at(9, "10:00")
    assert case["legal_clock"] == 0.0


def test_papers_are_supplemented_and_the_task_is_repeated() -> None:
    checked = Task(
        "check",
        "desk",
        constant(60.0),
        review(1.0, 1.0, 3, "rejected", supplement=clock(constant(90.0)), again_effort=0.5),
    )
    records = one_desk(at(0, "09:00"), route=[checked])
    assert [KINDS[k] for k in records.activities["kind"]] == [
        "task",
        "supplement",
        "task",
        "supplement",
        "task",
    ]
    assert records.activities["attempt"].tolist() == [1, 1, 2, 2, 3]
    assert records.activities["ended"].tolist() == [
        at(0, t) for t in ("10:00", "11:30", "12:00")
    ] + [
        at(0, "13:30"),
        at(0, "14:30"),
    ]
    assert OUTCOMES[records.cases["outcome"][0]] == "rejected"


def test_an_applicant_sent_to_the_wrong_window_comes_again_next_day_at_the_same_fraction() -> None:
    wrong = Misdirected(Path(1.0), "other", constant(4.0))
    plan = one_service(
        [Task("hand_in", "desk", constant(10.0), misdirected=wrong)],
        {"desk": WINDOW, "other": WINDOW},
        {"clerks": group({"desk": 1.0, "other": 1.0})},
        recorded(at(4, "10:15")),
        28,
    )
    records = play(configuration(plan, days=28))
    assert records.activities["attempt"].tolist() == [0, 1]
    assert records.activities["joined"].tolist() == [at(4, "10:15"), at(7, "10:15")]
    assert records.cases["part_applicant"].tolist() == [at(7, "10:15") - at(4, "10:19")]
    assert records.cases["part_service"].tolist() == [14.0]


def test_paper_leaves_with_the_van_and_a_merger_ends_handovers() -> None:
    route = [
        Transfer(
            "out",
            "bureau",
            Path(1.0),
            clock(constant(30.0)),
            clock(constant(5.0)),
            (minute("10:00"), minute("15:00")),
        )
    ]
    apart = one_service(
        route,
        {"desk": DESK},
        {"clerks": group({"desk": 1.0})},
        recorded(at(0, "10:00"), at(4, "15:30"), at(14, "09:00")),
        28,
        departments={"hall": "hall", "bureau": "bureau"},
    )
    together = replace(apart, departments={"hall": "hall", "bureau": "hall"})
    records = play(configuration(apart, together, 28, reform_day=14))
    assert records.activities["started"][0] == at(0, "10:00")
    assert records.activities["started"][2] == at(14, "10:00")
    assert records.cases["handovers"].tolist() == [1, 1, 0]
    assert records.cases["transfer_time"][0] == 30.0
    assert records.cases["part_transfer"][2] == 90.0


def test_a_leaver_finishes_on_the_old_hours_and_takes_nothing_new() -> None:
    before = one_service(
        [Task("work", "desk", constant(120.0))],
        {"desk": DESK},
        {"leavers": group({"desk": 1.0}), "stayers": group({"desk": 1.0}, 1, "late")},
        recorded(at(13, "17:00"), at(14, "08:40"), at(14, "08:50")),
        28,
        {
            "office": weekly(28, weekdays=range(7)),
            "late": weekly(28, "12:00-16:00", weekdays=range(7)),
        },
    )
    after = replace(before, staff={**before.staff, "leavers": group({}, 0)})
    rows = play(configuration(before, after, 28, reform_day=14)).activities
    assert rows["member"].tolist() == [0, 1, 1]
    assert rows["started"].tolist() == [at(13, "17:00"), at(14, "12:00"), at(14, "14:00")]
    assert rows["ended"].tolist() == [at(14, "10:00"), at(14, "14:00"), at(14, "16:00")]


def test_each_discipline_has_its_order() -> None:
    services = {
        name: Service(
            "hall",
            "office",
            recorded(at(0, "09:00") + k),
            (Task("work", "desk", constant(work)),),
            priority=order,
            promise=promise,
        )
        for k, (name, work, order, promise) in enumerate(
            [
                ("first", 60.0, 1, None),
                ("second", 50.0, 3, 2),
                ("third", 30.0, 2, 3),
                ("fourth", 40.0, 2, 1),
            ]
        )
    }

    def order(discipline: str) -> list[int]:
        staff = {"clerks": group({"desk": 1.0})}
        desks = {"desk": Desk("hall", "review", discipline)}  # type: ignore[arg-type]
        cases = play(
            configuration(organisation(desks, staff, services, {"office": weekly(28)}), days=28)
        ).cases
        return np.argsort(cases["ended"]).tolist()

    assert order("fifo") == [0, 1, 2, 3]
    assert order("priority") == [0, 2, 3, 1]
    assert order("shortest") == [0, 2, 3, 1]
    assert order("due_date") == [0, 3, 1, 2]


def test_the_preferred_desk_comes_first_whoever_waits_longer_elsewhere() -> None:
    services = {
        name: Service("hall", "office", recorded(*filed), (Task("work", name, constant(60.0)),))
        for name, filed in (
            ("minor", (at(0, "09:00"), at(0, "09:01"))),
            ("major", (at(0, "09:30"),)),
        )
    }
    staff = {"clerks": group({"minor": Serve(1.0, 2), "major": Serve(0.5, 1)})}
    desks = {"minor": DESK, "major": DESK}
    rows = play(
        configuration(organisation(desks, staff, services, {"office": weekly(28)}), days=28)
    ).activities
    assert dict(zip(rows["case"].tolist(), rows["started"].tolist(), strict=True)) == {
        0: at(0, "09:00"),
        2: at(0, "10:00"),
        1: at(0, "14:00"),
    }


def test_the_run_ends_when_the_last_counted_case_has_ended() -> None:
    records = one_desk(at(18, "17:00"), at(25, "09:00"), work=60.0)
    assert records.end == records.cases["ended"][0] == at(21, "09:00")
    assert len(records.cases) == 1
    records = one_desk(at(0, "09:00"))
    assert records.end == at(20, "00:00")


def test_opening_minutes_are_those_of_the_desk() -> None:
    calendars = compile_model(ORGANISATIONS["shared_member"]()).arrays
    assert (
        worked(calendars.calendars, calendars.desks.calendar[0], at(0, "08:00"), at(1, "08:00"))
        == 420.0
    )


def test_a_queue_is_put_in_the_new_order_on_the_reform_day() -> None:
    services = {
        name: Service("hall", "office", recorded(filed), (Task("work", "desk", constant(work)),))
        for name, filed, work in (
            ("slow", at(13, "17:00"), 90.0),
            ("long", at(13, "17:10"), 50.0),
            ("short", at(13, "17:20"), 20.0),
        )
    }
    before = organisation(
        {"desk": DESK},
        {"clerks": group({"desk": 1.0})},
        services,
        {"office": weekly(28, weekdays=range(7))},
    )
    after = replace(before, desks={"desk": Desk("hall", "review", "shortest", 0.5)})
    rows = play(configuration(before, after, 28, reform_day=14)).activities
    assert rows["joined"].tolist() == [at(13, "17:00"), at(13, "17:10"), at(13, "17:20")]
    # The first began before the reform, at full effort; then the short one, at half.
    assert rows["ended"].tolist() == [at(14, "09:30"), at(14, "10:05"), at(14, "09:40")]


def test_the_promise_runs_from_the_end_of_the_step_it_names() -> None:
    route = [
        Mark("accept", "accepted"),
        Meet("cut_off", "board"),
        Delay("opinion", "outside", clock(constant(2 * 1440.0)), stops_clock=True),
        Task("decide", "desk", constant(60.0)),
        Mark("decided", "decided"),
    ]
    meetings = {"board": Meeting("office", minute("10:00"), dates=(2,))}
    case = one_desk(
        at(0, "09:00"), route=route, meetings=meetings, promise=3, limit=10, promise_from="cut_off"
    ).cases[0]
    assert case["decided"] == at(4, "11:00")
    # Legal clock from Tuesday 08:30, promise from Thursday 08:30;
    # stopped from Wednesday 10:00 to Friday 10:00.
    assert case["legal_clock"] == 420.0 + 90.0 + 60.0
    assert case["promise_clock"] == 60.0


def test_a_due_date_is_put_off_by_what_stopped_the_clock() -> None:
    stop = Delay("opinion", "outside", clock(constant(1440.0)), stops_clock=True)
    wait = Delay("opinion", "outside", clock(constant(1440.0)))
    services = {
        name: Service(
            "hall",
            "office",
            recorded(at(0, t)),
            (*route, Task("work", "desk", constant(30.0))),
            promise=promise,
        )
        for name, t, route, promise in (
            ("blocker", "16:00", (wait,), 1),
            ("stopped", "16:01", (Delay("on", "applicant", clock(constant(0.0))), stop), 2),
            ("waited", "16:02", (wait,), 2),
        )
    }
    desks = {"desk": Desk("hall", "review", "due_date")}
    plan = organisation(desks, {"clerks": group({"desk": 1.0})}, services, {"office": weekly(28)})
    rows = play(configuration(plan, days=28)).activities
    started = {
        case: rows["started"][(rows["case"] == case) & (rows["desk"] == 0)][0] for case in range(3)
    }
    assert started == {0: at(1, "16:00"), 2: at(1, "16:30"), 1: at(1, "17:00")}


def test_a_mark_at_the_instant_of_a_late_first_check_does_not_save_it() -> None:
    wait = clock(constant(8 * 1440.0))
    block = Parallel(
        "block",
        (
            (Delay("office", "outside", wait), Mark("accept", "accepted")),
            (
                Delay("heap", "outside", wait),
                Task("check", "desk", constant(0.0), review(0.0, 0.0, 2, "passes")),
            ),
        ),
    )
    for branches in (block.branches, block.branches[::-1]):
        case = one_desk(at(0, "09:00"), route=[Parallel("block", branches)]).cases[0]
        assert case["accepted"] == at(0, "09:00")


def test_a_new_desk_is_learnt_by_the_number_of_cases_done_there() -> None:
    before = one_service(
        [Task("work", "desk", constant(10.0))],
        {"desk": DESK},
        {"old": group({"desk": 1.0}), "new": group({})},
        recorded(at(0, "09:00"), *(at(14, "09:00") + 60.0 * k for k in range(3))),
        28,
    )
    after = replace(
        before,
        staff={"old": group({}), "new": group({"desk": 0.5})},
        learning=Learning(2.0, exponent=0.5),
    )
    rows = play(configuration(before, after, 28, reform_day=14)).activities
    minutes = rows["ended"] - rows["started"]
    assert minutes[0] == 10.0
    assert minutes[1:] == pytest.approx(
        [40.0, 40.0 / math.sqrt(2.0), 40.0 / math.sqrt(3.0)], abs=1e-6
    )
