"""Small organisations written in plain Python, one builder each.

They are for tests that need a Configuration and no scenario file.

Each builder returns a Configuration; ORGANISATIONS names them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from govsim.organisation.nouns import (
    Attribute,
    AttributeValue,
    Choice,
    Configuration,
    Delay,
    Demand,
    Desk,
    Distribution,
    End,
    Group,
    Learning,
    Mark,
    Meet,
    Meeting,
    Misdirected,
    Parallel,
    Path,
    Serve,
    Service,
    Task,
    Transfer,
)
from plain import (
    DESK,
    WINDOW,
    around_the_clock,
    clock,
    configuration,
    constant,
    exponential,
    group,
    minute,
    one_service,
    organisation,
    poisson,
    recorded,
    review,
    term,
    weekly,
    working,
)


def single_desk(
    rate: float = 0.08, mean: float = 10.0, members: int = 1, days: int = 56
) -> Configuration:
    """M/M/c around the clock: one desk, one service."""
    return configuration(
        one_service(
            [Task("serve", "desk", exponential(mean))],
            {"desk": DESK},
            {"clerks": group({"desk": 1.0}, members)},
            poisson(rate, days),
            days,
            {"office": around_the_clock(days)},
        ),
        days=days,
    )


def shared_member(days: int = 56) -> Configuration:
    """Two desks, a specialist each and one slower member who serves both,
    the second less gladly.
    """
    services = {
        name: Service(
            "hall",
            "office",
            poisson(0.012, days, "office"),
            (Task("serve", desk, exponential(25.0)),),
        )
        for name, desk in (("left", "desk_left"), ("right", "desk_right"))
    }
    staff = {
        "lefts": group({"desk_left": 1.0}),
        "rights": group({"desk_right": 1.0}),
        "both": group({"desk_left": Serve(0.8, 1), "desk_right": Serve(0.5, 2)}),
    }
    desks = {"desk_left": DESK, "desk_right": DESK}
    return configuration(organisation(desks, staff, services, {"office": weekly(days)}), days=days)


def disciplines(days: int = 56) -> Configuration:
    """Each case passes a priority desk, a due-date desk and a shortest desk;
    three services with other classes and terms.
    """
    services = {
        name: Service(
            "hall",
            "office",
            poisson(0.002, days),
            (
                Mark("accept", "accepted"),
                Task("first", "by_class", exponential(mean)),
                Task("second", "by_date", exponential(20.0)),
                Task("third", "by_length", exponential(mean)),
                Mark("decide", "decided"),
            ),
            promise=promise,
            limit=20,
            priority=priority,
        )
        for name, mean, promise, priority in (
            ("plain", 25.0, 5, 2),
            ("urgent", 15.0, 2, 1),
            ("long", 40.0, None, 2),
        )
    }
    desks = {
        "by_class": Desk("hall", "review", "priority"),
        "by_date": Desk("hall", "review", "due_date"),
        "by_length": Desk("hall", "review", "shortest"),
    }
    staff = {f"at_{desk}": group({desk: 1.0}) for desk in desks}
    return configuration(organisation(desks, staff, services, {"office": weekly(days)}), days=days)


def nested_blocks(days: int = 56) -> Configuration:
    """Parallel blocks, one inside the other, an empty branch and a block of one branch."""
    inner = Parallel(
        "inner",
        (
            (Task("c", "b_desk", exponential(15.0)),),
            (Delay("d", "outside", clock(exponential(600.0))),),
        ),
    )
    route = (
        Task("start", "a_desk", exponential(10.0)),
        Parallel(
            "outer",
            (
                (Task("a", "a_desk", exponential(20.0)),),
                (Task("b", "b_desk", exponential(10.0)), inner, Task("e", "b_desk", constant(0.0))),
                (),
            ),
        ),
        Parallel("single", ((Task("f", "a_desk", exponential(5.0)),), ())),
    )
    desks = {"a_desk": DESK, "b_desk": DESK}
    staff = {"clerks": group({"a_desk": 1.0, "b_desk": 0.75}, 2)}
    return configuration(one_service(route, desks, staff, poisson(0.004, days), days), days=days)


def reviewed(
    incomplete: float = 0.4, tolerated: float = 0.2, reject: float = 0.1, days: int = 56
) -> Configuration:
    """A window that checks papers (supplement on the clock)
    and a desk that checks again (supplement in working time).
    """
    route = (
        Task(
            "hand_in",
            "window",
            exponential(12.0),
            review(
                incomplete,
                incomplete / 2,
                3,
                "withdrawn",
                tolerated,
                0.0,
                clock(exponential(4000.0)),
                0.5,
            ),
        ),
        Mark("accept", "accepted"),
        Task(
            "check",
            "back",
            exponential(30.0),
            review(incomplete, incomplete, 2, "passes", 0.0, reject, working(exponential(500.0))),
        ),
        Mark("decide", "decided"),
    )
    desks = {"window": WINDOW, "back": DESK}
    staff = {"front": group({"window": 1.0}), "backs": group({"back": 1.0}, 2)}
    return configuration(
        one_service(route, desks, staff, poisson(0.004, days, "office"), days, promise=5, limit=10),
        days=days,
    )


def misdirected(chance: float = 0.3, days: int = 56) -> Configuration:
    """Some applicants queue at the wrong window first and come again on the next working day."""
    wrong = Misdirected(Path(chance), "other", exponential(4.0))
    route = (Task("hand_in", "window", exponential(12.0), misdirected=wrong),)
    desks = {"window": WINDOW, "other": WINDOW}
    staff = {"front": group({"window": 1.0}), "others": group({"other": 1.0})}
    return configuration(
        one_service(route, desks, staff, poisson(0.005, days, "office"), days), days=days
    )


def transfers(days: int = 56) -> Configuration:
    """Files go to another department and back, on paper with a van at 10:00 and 15:00, or by wire;
    merged at the reform.
    """
    takes, wire = working(exponential(120.0)), clock(constant(5.0))
    route = (
        Task("take", "front", exponential(10.0)),
        Transfer(
            "out",
            "bureau",
            Path(0.6, -0.4, 10.0, "linear"),
            takes,
            wire,
            (minute("10:00"), minute("15:00")),
        ),
        Task("work", "back", exponential(25.0)),
        Transfer("home", "hall", Path(0.5), clock(exponential(60.0)), wire),
        Task("give", "front", exponential(5.0)),
    )
    desks = {"front": DESK, "back": Desk("bureau", "review")}
    staff = {"fronts": group({"front": 1.0}), "backs": group({"back": 1.0}, department="bureau")}
    before = one_service(
        route,
        desks,
        staff,
        poisson(0.004, days),
        days,
        departments={"hall": "hall", "bureau": "bureau", "city": "city"},
    )
    after = replace(before, departments={"hall": "city", "bureau": "city", "city": "city"})
    return configuration(before, after, days)


def meetings(days: int = 56) -> Configuration:
    """Cases wait for a meeting every three working days (four seats, six after the reform)
    and for the 15th of the month.
    """
    route = (
        Task("prepare", "desk", exponential(20.0)),
        Mark("accept", "accepted"),
        Meet("hearing", "committee", stops_clock=True),
        Choice("monthly", ((Meet("cut_off", "board"),), ()), chance=Path(0.3)),
        Mark("decide", "decided"),
    )
    sessions = {
        "committee": Meeting("office", minute("09:00"), every=3.0, seats=4),
        "board": Meeting("office", minute("14:00"), monthly=15),
    }
    before = one_service(
        route,
        {"desk": DESK},
        {"clerks": group({"desk": 1.0})},
        poisson(0.0015, days),
        days,
        meetings=sessions,
        limit=20,
    )
    after = replace(
        before,
        meetings={**sessions, "committee": replace(sessions["committee"], every=2.0, seats=6)},
    )
    return configuration(before, after, days)


def impatient(days: int = 56) -> Configuration:
    """Erlang A in office hours: applicants leave when their patience runs out."""
    route = (Task("serve", "window", exponential(15.0), patience=exponential(20.0)),)
    return configuration(
        one_service(
            route,
            {"window": WINDOW},
            {"clerks": group({"window": 1.0}, 2)},
            poisson(0.04, days, "office"),
            days,
        ),
        days=days,
    )


def delays(days: int = 56) -> Configuration:
    """A delay of each timing and owner; one stops the clock, one in a branch as well."""
    route = (
        Mark("accept", "accepted"),
        Delay("thinking", "applicant", clock(Distribution("lognormal", 2000.0, (0.8,)))),
        Parallel(
            "opinions",
            (
                (
                    Delay(
                        "expert",
                        "outside",
                        working(Distribution("gamma", 900.0, (0.5,))),
                        stops_clock=True,
                    ),
                ),
                (
                    Delay(
                        "fire_brigade",
                        "outside",
                        working(Distribution("uniform", 600.0, (0.5, 1.5))),
                        stops_clock=True,
                    ),
                ),
                (Task("read", "desk", exponential(40.0)),),
            ),
        ),
        Mark("answer", "first_answer"),
        Delay("publicity", "notice", term(5), stops_clock=True),
        Mark("decide", "decided"),
    )
    return configuration(
        one_service(
            route,
            {"desk": DESK},
            {"clerks": group({"desk": 1.0})},
            poisson(0.002, days),
            days,
            promise=5,
            limit=20,
        ),
        days=days,
    )


def choices(days: int = 56) -> Configuration:
    """Choices by an attribute and by chance, an end in a branch, an empty branch;
    offices and websites as ways of filing.
    """
    attributes = (
        Attribute(
            "way",
            (
                AttributeValue("counter", Path(0.6, -0.3, 20.0, "linear"), "office"),
                AttributeValue("web", Path(0.3), "always"),
                AttributeValue("post", Path(0.0)),
            ),
        ),
        Attribute("size", (AttributeValue("small", Path(0.7)), AttributeValue("large", Path(0.3)))),
    )
    route = (
        Choice(
            "how",
            (
                (Task("talk", "window", exponential(8.0)),),
                (),
                (Task("open", "desk", exponential(3.0)),),
            ),
            by="way",
        ),
        Choice(
            "refused", ((End("refuse", "rejected"),), ()), chance=Path(0.2, -0.15, 10.0, "decay")
        ),
        Choice(
            "weight",
            (
                (Task("quick", "desk", exponential(10.0)),),
                (Task("slow", "desk", exponential(40.0)),),
            ),
            by="size",
        ),
        Choice(
            "appeal",
            (
                (Task("again", "desk", exponential(15.0)), End("give_up", "withdrawn")),
                (Task("file_away", "desk", constant(2.0)),),
            ),
            chance=Path(0.1),
        ),
    )
    desks = {"window": WINDOW, "desk": DESK}
    staff = {
        "front": group({"window": 1.0, "desk": Serve(1.0, 2)}),
        "back": group({"desk": 1.0}, 2),
    }
    return configuration(
        one_service(
            route, desks, staff, poisson(0.006, days, "office"), days, attributes=attributes
        ),
        days=days,
    )


def promised(days: int = 56) -> Configuration:
    """The promise runs from the board's cut-off, the limit from acceptance;
    the desk works by due date.
    """
    route = (
        Task("hand_in", "window", exponential(10.0)),
        Mark("accept", "accepted"),
        Meet("cut_off", "board"),
        Task(
            "handle",
            "desk",
            exponential(45.0),
            review(0.3, 0.1, 2, "rejected", supplement=working(exponential(800.0))),
        ),
        Mark("decide", "decided"),
        Delay("publicity", "notice", term(3)),
    )
    desks = {"window": WINDOW, "desk": Desk("hall", "review", "due_date")}
    staff = {"front": group({"window": 1.0}), "back": group({"desk": 1.0}, 2)}
    board = {"board": Meeting("office", minute("10:00"), every=5.0)}
    return configuration(
        one_service(
            route,
            desks,
            staff,
            poisson(0.004, days),
            days,
            meetings=board,
            promise=3,
            limit=15,
            promise_from="cut_off",
        ),
        days=days,
    )


def absences(days: int = 56) -> Configuration:
    """Part-time members who are sometimes absent, more often for two weeks after the reform."""
    clerks = group({"desk": 1.0}, 3, absence=Path(0.1, 0.3, 14.0, "step"), presence=Path(0.8))
    return configuration(
        one_service(
            [Task("serve", "desk", exponential(20.0))],
            {"desk": DESK},
            {"clerks": clerks},
            poisson(0.015, days),
            days,
        ),
        days=days,
    )


def learning(by: str = "days", days: int = 56) -> Configuration:
    """After the reform each group also serves the other's desk,
    and learns it by days or by completions.
    """
    curve = Learning(1.5, half_life=10.0) if by == "days" else Learning(1.8, exponent=0.2)
    base = shared_member(days).regimes[0]
    pooled = {name: group({"desk_left": 1.0, "desk_right": 1.0}) for name in ("lefts", "rights")}
    return configuration(base, replace(base, staff={**base.staff, **pooled}, learning=curve), days)


def learning_by_completions(days: int = 56) -> Configuration:
    """The same by completions."""
    return learning("completions", days)


def reform(days: int = 56) -> Configuration:
    """On the reform day one of three clerks leaves, a group of two joins,
    and half of another group helps at the desk.
    """
    desks = {"desk": DESK, "other": DESK}
    services = {
        name: Service(
            "hall",
            "office",
            poisson(rate, days, "office"),
            (Task("serve", desk, exponential(50.0)),),
        )
        for name, desk, rate in (("permit", "desk", 0.009), ("licence", "other", 0.007))
    }
    staff = {
        "clerks": group({"desk": 1.0}, 3),
        "newcomers": group({}, 0, "late"),
        "others": group({"other": 1.0}, 3),
    }
    calendars = {"office": weekly(days), "late": weekly(days, "10:00-18:00")}
    before = organisation(desks, staff, services, calendars)
    helper = {"other": Serve(1.0, 1), "desk": Serve(0.6, 2)}
    after = replace(
        before,
        staff={
            "clerks": group({"desk": 1.0}, 2),
            "newcomers": group({"desk": 0.9}, 2, "late"),
            "others": Group("hall", "office", (helper, helper, {"other": Serve(1.0)})),
        },
        desks={"desk": Desk("hall", "review", "shortest", 0.9), "other": DESK},
    )
    return configuration(before, after, days)


def calendars(days: int = 56) -> Configuration:
    """Lunch breaks, a weekend shift, a night shift over midnight, a holiday and a make-up day;
    other hours after the reform.
    """
    before = {
        "office": weekly(days, closed=(10, 11, 38), worked=(12, 40)),
        "weekend": weekly(days, "10:00-16:00", weekdays=(5, 6)),
        "night": weekly(days, "22:00-06:00", weekdays=(0, 2, 4, 6)),
    }
    after = {
        **before,
        "office": weekly(days, "09:00-12:30 13:30-18:00", closed=(10, 11, 38), worked=(12, 40)),
    }
    staff = {
        "day": group({"desk": 1.0}, 1, "office"),
        "weekend": group({"desk": 0.7, "night_desk": 1.0}, 1, "weekend"),
        "night": group({"night_desk": 1.0, "desk": Serve(0.5, 2)}, 1, "night"),
    }
    desks = {"desk": DESK, "night_desk": Desk("hall", "internal")}
    route = (
        Task("first", "desk", exponential(60.0)),
        Task("second", "night_desk", exponential(40.0)),
    )
    base = one_service(route, desks, staff, poisson(0.0035, days), days, before)
    return configuration(base, replace(base, calendars=after), days)


def arrivals(days: int = 56) -> Configuration:
    """Recorded instants at a tie, a fixed interval, batches,
    and a Poisson stream whose rate the reform halves.
    """
    route = (Task("serve", "desk", constant(7.0)),)
    rates = tuple(0.01 if d % 7 < 5 else 0.002 for d in range(days))
    demands = {
        "recorded": recorded(600.0, 600.0, 605.5, 2000.25, 9000.0),
        "fixed": Demand("fixed", "office", interval=310.0, first=45.0),
        "batches": Demand("poisson", "office", rate=(0.0005,) * days, batch=exponential(4.0)),
        "stream": Demand("poisson", "office", rate=rates),
    }
    services = {name: Service("hall", "office", demand, route) for name, demand in demands.items()}
    before = organisation(
        {"desk": DESK}, {"clerks": group({"desk": 1.0}, 2)}, services, {"office": weekly(days)}
    )
    halved = replace(
        services["stream"], demand=replace(demands["stream"], rate=tuple(0.5 * r for r in rates))
    )
    return configuration(before, replace(before, services={**services, "stream": halved}), days)


ORGANISATIONS: dict[str, Callable[[], Configuration]] = {
    build.__name__: build
    for build in (
        single_desk,
        shared_member,
        disciplines,
        nested_blocks,
        reviewed,
        misdirected,
        transfers,
        meetings,
        impatient,
        delays,
        choices,
        promised,
        absences,
        learning,
        learning_by_completions,
        reform,
        calendars,
        arrivals,
    )
}
