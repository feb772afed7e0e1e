"""What compiling a configuration must give, worked out by hand for small organisations."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

import organisations
from county import county
from govsim.model import compile_model
from govsim.model.arrays import (
    BY_COMPLETIONS,
    BY_DAYS,
    END,
    MEET,
    NO_LEARNING,
    RETURN,
    TASK,
    Model,
)
from govsim.model.numbers import by_day, key, refuse_collisions
from govsim.model.staff import month_days
from govsim.organisation.nouns import (
    Calendar,
    Configuration,
    Demand,
    Meet,
    Meeting,
    Path,
    Service,
    Step,
    Task,
    WorkingDay,
)
from plain import (
    DESK,
    at,
    configuration,
    constant,
    exponential,
    group,
    one_service,
    organisation,
    poisson,
    weekly,
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


def opening(model: Model, number: int) -> list[tuple[float, float]]:
    c = model.arrays.calendars
    rows = slice(c.first[number], c.first[number + 1])
    return list(zip(c.opens[rows].tolist(), c.closes[rows].tolist(), strict=True))


def working_days(model: Model, number: int) -> list[int]:
    c = model.arrays.calendars
    return c.day[c.day_first[number] : c.day_first[number + 1]].tolist()  # type: ignore[no-any-return]


def sessions(model: Model, number: int = 0) -> list[tuple[float, int]]:
    m = model.arrays.meetings
    rows = slice(m.first[number], m.first[number + 1])
    return list(zip(m.session[rows].tolist(), m.seats[rows].tolist(), strict=True))


def with_meeting(meeting: Meeting, after: Meeting | None = None, **calendar: object) -> Model:
    base = with_route(Meet("hearing", "board"), meetings={"board": meeting}).regimes[0]
    base = replace(base, calendars={"office": weekly(DAYS, **calendar)})  # type: ignore[arg-type]
    return compile_model(
        configuration(base, replace(base, meetings={"board": after or meeting}), DAYS)
    )


# ---------------------------------------------------------------------------------------- calendars


def test_intervals_that_touch_are_one_and_a_night_shift_belongs_to_the_day_it_opens() -> None:
    days = (
        WorkingDay(0, ((480.0, 720.0), (720.0, 900.0))),
        WorkingDay(1, ((1320.0, 1800.0),)),
        WorkingDay(3, ((0.0, 60.0),)),
    )
    calendar = Calendar(480.0, days)
    base = one_service(
        [task("a")],
        {"desk": DESK},
        {"c": group({"desk": 1.0})},
        poisson(0.001, 7),
        7,
        {"office": calendar},
    )
    model = compile_model(configuration(base, days=7))
    office, c = model.names.calendars.index("office"), model.arrays.calendars
    assert opening(model, office) == [(480.0, 900.0), (2760.0, 3240.0), (4320.0, 4380.0)]
    assert working_days(model, office) == [0, 1, 3]
    assert c.before[c.first[office] : c.first[office + 1]].tolist() == [0.0, 420.0, 900.0]
    assert c.day_closes[c.day_first[office] : c.day_first[office + 1]].tolist() == [
        900.0,
        3240.0,
        4380.0,
    ]
    assert opening(model, 0) == [(0.0, 7 * 1440.0)]


def test_a_calendar_changes_at_midnight_of_the_reform_day() -> None:
    night = {"office": weekly(DAYS, "20:00-02:00", range(7))}
    late = {"office": weekly(DAYS, "01:00-05:00", range(7))}
    before = one_service(
        [task("a")], {"desk": DESK}, {"c": group({"desk": 1.0})}, poisson(0.001, DAYS), DAYS, night
    )
    model = compile_model(configuration(before, replace(before, calendars=late), DAYS))
    office = model.names.calendars.index("office")
    around = [i for i in opening(model, office) if at(12, "12:00") <= i[0] <= at(15, "12:00")]
    # The last night before the reform runs into the first morning after it:
    # 20:00-02:00 and 01:00-05:00 are one.
    assert around == [
        (at(12, "20:00"), at(13, "02:00")),
        (at(13, "20:00"), at(14, "05:00")),
        (at(15, "01:00"), at(15, "05:00")),
    ]
    assert model.arrays.calendars.day_length[:, office].tolist() == [360.0, 240.0]
    assert working_days(model, office) == list(range(DAYS))


def test_a_desk_is_open_while_any_group_that_serves_it_is_on_duty_by_its_calendar() -> None:
    calendars = {
        "early": weekly(DAYS, "08:00-12:00"),
        "late": weekly(DAYS, "11:00-17:00"),
        "night": weekly(DAYS, "22:00-23:00"),
    }
    serving = {
        "a": group({"desk": 1.0}, 1, "early"),
        "b": group({"desk": 0.5}, 1, "late"),
        "c": group({"desk": 1.0}, 0, "night"),
    }
    service = Service("hall", "early", poisson(0.001, DAYS), (task("a"),))
    before = organisation({"desk": DESK}, serving, {"permit": service}, calendars)
    after = replace(before, staff={**serving, "b": group({}, 1, "late")})
    model = compile_model(configuration(before, after, DAYS))
    desk = int(model.arrays.desks.calendar[0])
    assert desk > model.names.calendars.index("night")
    found = opening(model, desk)
    assert found[:2] == [(480.0, 1020.0), (1440.0 + 480.0, 1440.0 + 1020.0)]
    # from the reform on only the early group serves
    assert found[10] == (at(14, "08:00"), at(14, "12:00"))


def test_desks_with_the_same_staff_hours_share_a_calendar() -> None:
    model = compile_model(organisations.shared_member())
    assert model.arrays.desks.calendar.tolist() == [model.names.calendars.index("office")] * 2
    assert len(model.names.calendars) == 2


def test_every_calendar_counts_the_minutes_before_each_opening() -> None:
    for build in organisations.ORGANISATIONS.values():
        c = compile_model(build()).arrays.calendars
        for k in range(len(c.first) - 1):
            rows = slice(c.first[k], c.first[k + 1])
            opens, closes, before = c.opens[rows], c.closes[rows], c.before[rows]
            assert (closes > opens).all()
            assert (opens[1:] > closes[:-1]).all()
            assert np.array_equal(before, np.concatenate([[0.0], np.cumsum(closes - opens)[:-1]]))


# ----------------------------------------------------------------------------------------- meetings


def test_a_cycle_counts_whole_working_days_from_the_first_of_the_regime() -> None:
    model = with_meeting(
        Meeting("office", 540.0, every=3.0, seats=4),
        Meeting("office", 600.0, every=4.4),
        closed=(0, 14),
    )
    # Before: working days 1 2 3 4 7 8 9 10 11; after (from Tuesday 15): 15 16 17 18 21 22 23 24 25.
    assert sessions(model) == [
        *((at(d, "09:00"), 4) for d in (1, 4, 9)),
        *((at(d, "10:00"), 2**31) for d in (15, 21, 25)),
    ]


def test_a_cycle_of_less_than_half_a_day_meets_every_working_day() -> None:
    found = sessions(with_meeting(Meeting("office", 540.0, every=0.2)))
    assert [t // 1440 for t, _ in found] == [d for d in range(DAYS) if d % 7 < 5]


def test_a_session_on_a_closed_day_moves_to_the_next_open_one_and_two_on_one_day_are_one() -> None:
    found = sessions(with_meeting(Meeting("office", 540.0, dates=(5, 6, 9, 27)), closed=(7,)))
    # Saturday 27 has no open day before the horizon
    assert [t for t, _ in found] == [at(8, "09:00"), at(9, "09:00")]


def test_a_session_moved_over_the_reform_day_follows_the_new_regime() -> None:
    found = sessions(
        with_meeting(
            Meeting("office", 540.0, dates=(12,), seats=1),
            Meeting("office", 600.0, dates=(12,), seats=2),
        )
    )
    assert found == [(at(14, "10:00"), 2)]  # Saturday 13 January to Monday 15, the reform day


def test_a_monthly_meeting_sits_on_its_day_of_each_month() -> None:
    model = compile_model(organisations.meetings())
    # 15 January is day 14; 15 February day 45 (a Thursday). Day 56 is the horizon.
    assert [t for t, _ in sessions(model, 1)] == [at(14, "14:00"), at(45, "14:00")]


def test_a_month_without_that_day_meets_on_its_last() -> None:
    assert month_days(31, 90, "2024-01-01")[:3] == [30, 59, 90]  # 31 January, 29 February, 31 March


# -------------------------------------------------------------------------------------------- staff


def test_a_group_is_numbered_by_its_larger_regime_and_leavers_take_nothing_new() -> None:
    model = compile_model(organisations.reform())
    staff = model.arrays.staff
    assert model.names.members == (
        "clerks 1",
        "clerks 2",
        "clerks 3",
        "newcomers 1",
        "newcomers 2",
        "others 1",
        "others 2",
        "others 3",
    )
    assert staff.group.tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert staff.number.tolist() == [0, 1, 2, 0, 1, 0, 1, 2]
    assert staff.takes.tolist() == [[1, 1, 1, 0, 0, 1, 1, 1], [1, 1, 0, 1, 1, 1, 1, 1]]
    assert staff.efficiency[1].tolist() == [
        [1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.9, 0.0], [0.9, 0.0], [0.6, 1.0], [0.6, 1.0],
        [0.0, 1.0],
    ]  # fmt: skip
    assert staff.preference[1, 5].tolist() == [2, 1]
    assert staff.preference[1, 7].tolist() == [0, 1]


def test_a_desk_is_learnt_only_by_members_of_groups_to_which_it_is_new() -> None:
    model = compile_model(organisations.learning())
    lefts, rights, both = model.arrays.staff.learns.tolist()
    assert (lefts, rights, both) == ([0, 1], [1, 0], [0, 0])
    # no learning curve, nothing to learn
    assert compile_model(organisations.reform()).arrays.staff.learns.sum() == 0


def test_learning_by_days_halves_the_excess_every_half_life() -> None:
    staff = compile_model(organisations.learning()).arrays.staff
    assert staff.learning_kind == BY_DAYS
    assert staff.learning[[0, 10, 20]].tolist() == pytest.approx([1.5, 1.25, 1.125])
    assert compile_model(organisations.single_desk()).arrays.staff.learning_kind == NO_LEARNING


def test_learning_by_completions_follows_a_power_until_it_no_longer_helps() -> None:
    staff = compile_model(organisations.learning_by_completions()).arrays.staff
    assert staff.learning_kind == BY_COMPLETIONS
    assert staff.learning[:2].tolist() == pytest.approx([1.8, 1.8 * 2**-0.2])
    # 1.8 ** 5 = 18.9: at the nineteenth task nothing is left to learn
    assert len(staff.learning) == 19
    assert staff.learning[-1] == 1.0


def test_absence_follows_presence_and_the_reform_by_day() -> None:
    absence = compile_model(organisations.absences()).arrays.staff.absence[0]
    assert absence[[0, 27, 28, 41, 42, 55]].tolist() == pytest.approx(
        [0.28, 0.28, 0.52, 0.52, 0.28, 0.28]
    )


def test_desks_keep_kind_discipline_and_factor() -> None:
    model = compile_model(organisations.reform())
    assert model.arrays.desks.discipline.tolist() == [[0, 0], [3, 0]]
    assert model.arrays.desks.factor.tolist() == [[1.0, 1.0], [0.9, 1.0]]
    assert compile_model(organisations.misdirected()).arrays.desks.kind.tolist() == [0, 0]


# ------------------------------------------------------------------------------------------- demand


def test_rates_follow_the_regime_of_the_day_under_the_largest() -> None:
    model = compile_model(organisations.arrivals())
    demand, stream = model.arrays.demand, model.names.services.index("stream")
    assert demand.rate[stream, [0, 5, 27, 28, 33]].tolist() == [0.01, 0.002, 0.002, 0.005, 0.001]
    assert demand.largest[stream, [28, 33]].tolist() == [0.01, 0.002]
    assert demand.kind.tolist() == [2, 1, 0, 0]
    assert demand.calendar[0].tolist() == [0, 1, 1, 1]
    assert (demand.batch_table >= 0).tolist() == [False, False, True, False]
    assert demand.recorded_first.tolist() == [0, 5, 5, 5, 5]
    assert (demand.interval[1], demand.first[1]) == (310.0, 45.0)


def test_shares_of_attributes_and_ways_of_filing_are_kept_per_regime() -> None:
    model = compile_model(organisations.choices())
    demand, office = model.arrays.demand, model.names.calendars.index("office")
    assert demand.attribute_first.tolist() == [0, 2, 4]
    assert demand.value_first.tolist() == [0, 3, 5, 8, 10]
    assert demand.value_files[:5].tolist() == [office, 0, -1, -1, -1]
    assert demand.attribute_key[2] == crc32(b"permit/way") << 32
    first = model.arrays.paths.first[demand.value_share[0]]
    assert model.arrays.paths.value[first : first + 2].tolist() == [0.6, 0.6]
    assert model.arrays.paths.value[first + 21] == pytest.approx(0.3)


def test_demand_may_change_its_rate_on_the_reform_day_but_not_its_kind() -> None:
    base = organisations.arrivals().regimes[0]
    other = replace(base.services["fixed"], demand=Demand("fixed", "office", interval=99.0))
    with pytest.raises(
        ValueError,
        match=r"services\.fixed\.demand: interval changes on the reform day from 310\.0 to 99\.0",
    ):
        compile_model(
            configuration(base, replace(base, services={**base.services, "fixed": other}))
        )


# ------------------------------------------------------------------------------------------ numbers


CHANGES = (("constant", 0.0), ("decay", 10.0), ("step", 2.5), ("linear", 8.0), ("linear", 0.0))


@pytest.mark.parametrize("path", [Path(0.3, 0.2, length, kind) for kind, length in CHANGES])  # type: ignore[arg-type]
def test_a_tabulated_path_is_the_path_on_every_day(path: Path) -> None:
    found = by_day(path, path, 5, 30)
    assert found.tolist() == pytest.approx([path.at(d - 5) for d in range(30)], rel=1e-15)


def test_names_with_one_hash_are_refused() -> None:
    assert key("plumless") == key("buckeroo")  # a well-known collision of crc32
    with pytest.raises(ValueError, match="'plumless' and 'buckeroo' have the same hash"):
        refuse_collisions(["plumless", "one", "buckeroo"])
    base = with_route(task("a")).regimes[0]
    twice = dict.fromkeys(("plumless", "buckeroo"), base.services["permit"])
    with pytest.raises(ValueError, match="rename one"):
        compile_model(configuration(replace(base, services=twice), days=DAYS))


def test_regimes_that_name_other_desks_are_refused() -> None:
    base = with_route(task("a")).regimes[0]
    with pytest.raises(ValueError, match="desks: the regimes of configuration 'by hand'"):
        compile_model(configuration(base, replace(base, desks={"desk": DESK, "more": DESK}), DAYS))


def test_one_shape_has_one_table_whatever_its_mean() -> None:
    model = compile_model(
        with_route(*(Task(f"t{m}", "desk", exponential(float(m))) for m in (1, 2, 3)))
    )
    steps = model.arrays.steps
    assert set(steps.table[steps.op == TASK].tolist()) == {0}
    assert steps.mean[:4].tolist() == [1.0, 2.0, 3.0, 0.0]


def test_all_example_organisations_and_the_county_compile() -> None:
    for build in organisations.ORGANISATIONS.values():
        model = compile_model(build())
        steps = model.arrays.steps
        goes_on = ~np.isin(steps.op, [RETURN, END])
        assert ((steps.next[goes_on] > 0) & (steps.next[goes_on] < len(steps.op))).all()
        assert (model.arrays.target >= 0).all()
    model = compile_model(county())
    assert len(model.names.members) == 24
    assert (model.arrays.steps.op == MEET).sum() == 6
