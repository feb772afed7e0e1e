"""The words in which tests write an organisation in plain Python.

Hours, calendars, durations, groups, one service.

Day 0 is Monday 2024-01-01.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from govsim.organisation.nouns import (
    Calendar,
    Configuration,
    Demand,
    Desk,
    Distribution,
    Duration,
    Group,
    Learning,
    Meeting,
    Organisation,
    Path,
    Review,
    Serve,
    Service,
    Step,
    WorkingDay,
)

START = "2024-01-01"
OFFICE = "08:30-12:00 14:00-17:30"  # seven hours


def minute(text: str) -> float:
    """Minute of the day of "HH:MM"."""
    hours, minutes = text.split(":")
    return 60.0 * int(hours) + int(minutes)


def intervals(text: str) -> tuple[tuple[float, float], ...]:
    """Opening intervals of "08:30-12:00 14:00-17:30"; one that closes
    before it opens runs over midnight.
    """
    pairs = [(minute(a), minute(b)) for a, b in (part.split("-") for part in text.split())]
    return tuple((a, b if b > a else b + 1440.0) for a, b in pairs)


def weekly(
    days: int,
    hours: str = OFFICE,
    weekdays: Iterable[int] = range(5),
    closed: Iterable[int] = (),
    worked: Iterable[int] = (),
) -> Calendar:
    """The same hours on the given weekdays (0 = Monday), less closed days,
    plus worked days (both day numbers).
    """
    opening = intervals(hours)
    weekdays, closed, worked = set(weekdays), set(closed), set(worked)
    numbers = [d for d in range(days) if (d % 7 in weekdays and d not in closed) or d in worked]
    return Calendar(sum(b - a for a, b in opening), tuple(WorkingDay(d, opening) for d in numbers))


def around_the_clock(days: int) -> Calendar:
    """Open at all hours of all days."""
    return Calendar(1440.0, tuple(WorkingDay(d, ((0.0, 1440.0),)) for d in range(days)))


def constant(mean: float) -> Distribution:
    return Distribution("constant", mean)


def exponential(mean: float) -> Distribution:
    return Distribution("exponential", mean)


def clock(takes: Distribution) -> Duration:
    return Duration(takes)


def working(takes: Distribution, calendar: str = "office") -> Duration:
    return Duration(takes, "working", calendar)


def term(days: int, calendar: str = "office") -> Duration:
    return Duration(constant(float(days)), "term", calendar)


def poisson(rate: float, days: int, calendar: str | None = None) -> Demand:
    """`rate` filings per minute of the clock, on every day."""
    return Demand("poisson", calendar, rate=(rate,) * days)


def recorded(*instants: float, calendar: str | None = None) -> Demand:
    """One filing at each instant (minutes)."""
    return Demand("recorded", calendar, instants=instants)


def at(day: int, text: str) -> float:
    """The instant "HH:MM" on a day."""
    return 1440.0 * day + minute(text)


def review(
    incomplete: float = 0.0,
    again: float = 0.0,
    attempts: int = 3,
    then: str = "rejected",
    tolerated: float = 0.0,
    reject: float = 0.0,
    supplement: Duration | None = None,
    again_effort: float = 1.0,
) -> Review:
    """What follows a check of papers; the supplement takes a clock day unless it is given."""
    takes = supplement or clock(constant(1440.0))
    return Review(
        Path(incomplete),
        Path(again),
        attempts,
        then,
        Path(tolerated),
        takes,
        Path(reject),
        again_effort,
    )  # type: ignore[arg-type]


def group(
    desks: Mapping[str, float | Serve],
    members: int = 1,
    calendar: str = "office",
    department: str = "hall",
    **more: Path,
) -> Group:
    """Members who all serve the same desks, with an efficiency (preference 1) or a Serve each."""
    serves = {desk: s if isinstance(s, Serve) else Serve(s) for desk, s in desks.items()}
    return Group(department, calendar, (serves,) * members, **more)


def organisation(
    desks: Mapping[str, Desk],
    staff: Mapping[str, Group],
    services: Mapping[str, Service],
    calendars: Mapping[str, Calendar],
    meetings: Mapping[str, Meeting] | None = None,
    departments: Mapping[str, str] | None = None,
    learning: Learning | None = None,
) -> Organisation:
    """An organisation of one department, the hall, unless departments are given."""
    return Organisation(
        calendars, meetings or {}, departments or {"hall": "hall"}, desks, staff, services, learning
    )


def configuration(
    before: Organisation,
    after: Organisation | None = None,
    days: int = 56,
    reform_day: int | None = None,
    count_from: int = 0,
    count_until: int | None = None,
) -> Configuration:
    """Two regimes (the same one unless `after` is given), the reform half-way,
    filings counted for three quarters.
    """
    regimes = (before, after or before)
    rates = {
        name: tuple(map(max, service.demand.rate, regimes[1].services[name].demand.rate))
        for name, service in before.services.items()
        if service.demand.kind == "poisson"
    }
    reform = days // 2 if reform_day is None else reform_day
    until = days * 3 // 4 if count_until is None else count_until
    return Configuration("by hand", (), START, reform, count_from, until, days, regimes, rates)


def one_service(
    route: Sequence[Step],
    desks: Mapping[str, Desk],
    staff: Mapping[str, Group],
    demand: Demand,
    days: int = 56,
    calendars: Mapping[str, Calendar] | None = None,
    **more: object,
) -> Organisation:
    """An organisation with one service, `permit`; further keywords go to the service
    or the organisation.
    """
    ours = {k: more.pop(k) for k in ("meetings", "departments", "learning") if k in more}
    service = Service("hall", "office", demand, tuple(route), **more)  # type: ignore[arg-type]
    return organisation(
        desks, staff, {"permit": service}, calendars or {"office": weekly(days)}, **ours
    )  # type: ignore[arg-type]


WINDOW = Desk("hall", "window")
DESK = Desk("hall", "review")
