"""The offered load: how much work comes in the counted period, and who or what can serve it.

It says whether the queues of a configuration can settle, those before a meeting's seats too.

Expected work follows from demand and routes alone, without a simulation: chances of branches,
incomplete papers and wrong windows are taken by the day. Where groups share desks, a linear program
spreads the work so that the busiest of them is as little loaded as can be: a load of 1 or more
means that no way of handing out the work lets all queues settle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.model.numbers import by_day
from govsim.model.quantiles import mean_batch
from govsim.model.staff import session_days
from govsim.organisation.nouns import (
    Choice,
    Configuration,
    End,
    Group,
    Meet,
    Meeting,
    Organisation,
    Parallel,
    Path,
    Review,
    Service,
    Step,
    Task,
)

SIMPLE = 1e-9  # shares of work that are taken for none
QUARTER, STEP = 13, 4  # weeks
# by place: amounts, whether they last, and whether who brings them may give up there
Parts = dict[str, list[tuple[float, bool, bool]]]


@dataclass(frozen=True)
class Pool:
    """What serves: groups that share desks, directly or through others; or the seats of a meeting.

    `load` is the smallest that the busiest of them can have; it counts all work that comes; None:
    nobody is on duty, no session is held. `settles`: the work of those who never give up waiting is
    less than the pool can do. `services` bring it work, in these `shares`. `patience`: "here" where
    applicants may give up at the pool itself, "before" where only at a step before it.
    """

    groups: tuple[str, ...]
    desks: tuple[str, ...]
    load: float | None
    settles: bool
    meeting: str | None = None
    services: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    patience: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Who serves: the groups, the meeting, or, where nobody does, the desks."""
        return (self.meeting,) if self.meeting else self.groups or self.desks

    @property
    def key(self) -> tuple[str, ...]:
        """What tells pools apart: a meeting may have a group's name."""
        return ("meeting" if self.meeting else "staff", *self.names)

    @property
    def too_much(self) -> float:
        """The share of the work that cannot be done; 0 where the pool can do all."""
        return 1.0 - 1.0 / self.load if self.load and self.load > 1.0 else 0.0


@dataclass(frozen=True)
class OfferedLoad:
    """The work of a configuration's counted period, against its staff's hours and meetings' seats.

    It is a share of what they can do in it.
    """

    configuration: str
    pools: tuple[Pool, ...]  # the most loaded first

    @property
    def load(self) -> float | None:
        """That of the most loaded pool.

        0 without any work, None where somewhere nobody is on duty.
        """
        return self.pools[0].load if self.pools else 0.0

    @property
    def stable(self) -> bool:
        """Whether all queues can settle."""
        return all(pool.settles for pool in self.pools)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and words."""
        return {**asdict(self), "load": self.load, "stable": self.stable}

    def __str__(self) -> str:
        told = [f"offered load of {self.configuration}, in shares of hours on duty and of seats:"]
        for pool in self.pools:
            load = "nobody on duty" if pool.load is None else f"{100 * pool.load:.1f} %"
            told.append(
                f"  {load:>14}  {', '.join(pool.names)}"
                + ("" if pool.settles else "  (its queues cannot settle)")
            )
        return "\n".join(told)


def offered_load(
    configuration: Configuration, weeks: tuple[int, int] | None = None, enough: float = 0.0
) -> OfferedLoad:
    """The load of each pool of staff and of each meeting over the counted period.

    With `weeks`, over those [from, until) of it. A pool whose load is known to be below `enough`
    may have a load that is too high, but is below it: that costs less to work out.

    Where the reform falls inside it, it is the load from the reform day on. Learning by completions
    is left out: it ends by itself. A case counts as if nobody gave up waiting, except in `settles`,
    which asks for the work of those who do not.
    """
    period = _Period(configuration, weeks)
    services = period.organisation.services
    work = {name: _work(period, service) for name, service in services.items()}
    pools = [*_desks(period, work, enough), *_meetings(period, configuration, work)]
    ordered = sorted(pools, key=lambda pool: (pool.load is not None, -(pool.load or 0.0)))
    return OfferedLoad(configuration.name, tuple(ordered))


def meetings_load(configuration: Configuration) -> tuple[Pool, ...]:
    """The meetings alone: theirs is the load that costs hardly any time to work out."""
    period = _Period(configuration, None)
    work = {name: _work(period, each) for name, each in period.organisation.services.items()}
    return tuple(_meetings(period, configuration, work))


def _desks(period: _Period, work: Mapping[str, _Work], enough: float) -> Iterator[Pool]:
    """The pools of staff; desks with work that nobody serves are pools without groups."""
    brought = {name: each.minutes for name, each in work.items()}
    every, lasting = _summed(brought, "every"), _summed(brought, "lasting")
    served: set[str] = set()
    for desks, staff in _shared(list(_staff(period, every))):
        served |= {*desks}
        load = _smallest_load([every[desk] for desk in desks], desks, staff, enough)
        held = load if all(lasting[desk] == every[desk] for desk in desks) else None
        if held is None and load is not None:
            held = _smallest_load([lasting[desk] for desk in desks], desks, staff, enough)
        pool = Pool(
            tuple(dict.fromkeys(members.group for members in staff)),
            tuple(desks),
            load,
            held is not None and held < 1.0,
        )
        yield _brought(pool, brought, desks)
    for desk in sorted(desk for desk, minutes in every.items() if minutes > SIMPLE):
        if desk not in served:
            yield _brought(Pool((), (desk,), None, False), brought, [desk])


def _meetings(
    period: _Period, configuration: Configuration, work: Mapping[str, _Work]
) -> Iterator[Pool]:
    """The meetings with so many seats only: cases that come to them, per seat of their sessions.

    Seats are counted from one session to another, those next to the period on both sides: how many
    of them happen to lie within it decides nothing.
    """
    brought = {name: each.cases for name, each in work.items()}
    every, lasting = _summed(brought, "every"), _summed(brought, "lasting")
    for name, cases in sorted(every.items()):
        meeting = period.organisation.meetings[name]
        if meeting.seats is None or cases <= SIMPLE:
            continue
        seats = meeting.seats * _sessions(period, configuration, meeting)
        load = cases / seats if seats else None
        pool = Pool((), (), load, lasting[name] < seats, name)
        yield _brought(pool, brought, [name])


def _sessions(period: _Period, configuration: Configuration, meeting: Meeting) -> float:
    """How many sessions a time as long as the period has on average."""
    days = [day.day for day in period.organisation.calendars[meeting.calendar].days]
    held = session_days(
        meeting, np.array(days, np.int64), 0, configuration.horizon, configuration.start
    )
    since = max(0, int(np.searchsorted(held, period.first, "right")) - 1)
    until = min(len(held) - 1, int(np.searchsorted(held, period.last, "left")))
    within = int(np.count_nonzero((period.first <= held) & (held < period.last)))
    since = min(since, max(0, until - 1))  # none behind the period: as far apart as those before it
    if until <= since:
        return float(within)
    between = (until - since) / float(held[until] - held[since])
    return between * (period.last - period.first) if within else 0.0


def _brought(pool: Pool, work: Mapping[str, Mapping[str, _Amount]], places: Sequence[str]) -> Pool:
    """The pool with the services that bring it work, and where their applicants may give up."""
    ours = {
        service: [amounts[place] for place in places if place in amounts]
        for service, amounts in work.items()
    }
    every = {name: sum(each.every for each in some) for name, some in ours.items() if some}
    total = max(sum(every.values()), SIMPLE)
    lasting = sum(each.lasting for some in ours.values() for each in some)
    here = any(each.impatient > 0 for some in ours.values() for each in some)
    before = lasting < total * (1.0 - SIMPLE)
    return replace(
        pool,
        services=tuple(every),
        shares=tuple(minutes / total for minutes in every.values()),
        patience="here" if here else "before" if before else "",
    )


def _summed(work: Mapping[str, Mapping[str, _Amount]], what: str) -> dict[str, float]:
    """What all services bring to each desk or meeting."""
    parts = [*work.values()]
    places = {place for part in parts for place in part}
    return {
        place: sum(getattr(part[place], what) for part in parts if place in part)
        for place in places
    }


def worst_quarter(configuration: Configuration) -> dict[tuple[str, ...], float | None]:
    """The highest load of each pool in any 13 weeks, by `Pool.key`; None: nobody is there in some.
    One below 1 is no more than that.

    Quarters begin every four weeks, and the last one ends with the period. Empty where the period
    is shorter.
    """
    weeks = _Period(configuration).days // 7
    begins = {*range(0, weeks - QUARTER + 1, STEP), weeks - QUARTER} if weeks > QUARTER else set()
    loads: dict[tuple[str, ...], list[float | None]] = {}
    for week in begins:
        for pool in offered_load(configuration, (week, week + QUARTER), enough=1.0).pools:
            loads.setdefault(pool.key, []).append(pool.load)
    return {
        key: None if None in some else max(load for load in some if load is not None)
        for key, some in loads.items()
    }


class _Period:
    """The days that count, and the organisation that holds on them."""

    def __init__(self, configuration: Configuration, weeks: tuple[int, int] | None = None) -> None:
        after = configuration.count_until > configuration.reform_day
        first = max(configuration.count_from, configuration.reform_day if after else 0)
        last = configuration.count_until
        begins, ends = (0, last) if weeks is None else (7 * weeks[0], first + 7 * weeks[1])
        self.first, self.last = first + begins, min(ends, last)
        self._horizon, self._reform = configuration.horizon, configuration.reform_day
        self.days = self.last - self.first
        self.before, self.organisation = configuration.regimes[0], configuration.regimes[int(after)]

    def of(self, path: Path) -> Floats:
        """A path's number on each day."""
        return self.until(path)[self.first :]

    def until(self, path: Path) -> Floats:
        """A path's number on each day from the first of the scenario to the period's last."""
        return by_day(path, path, self._reform, self._horizon)[: self.last]

    def on_open_days(self, filed: Floats, calendar: str | None) -> Floats:
        """Filings of the days up to the period's end, on the first open day from theirs on."""
        if calendar is None:
            return filed[self.first :]
        days = self.organisation.calendars[calendar].days
        opened = np.array([each.day for each in days], dtype=np.int64)
        place = np.searchsorted(opened, np.arange(self.last))
        there = place < len(opened)
        moved = np.bincount(opened[place[there]], filed[there], minlength=self.last)
        return moved[self.first : self.last].astype(np.float64, copy=False)

    def learning(self) -> float:
        """The mean factor on the effort at a desk that is new since the reform day."""
        learning = self.organisation.learning
        if learning is None or learning.half_life is None or self.organisation is self.before:
            return 1.0
        since = np.arange(self.first, self.last) - self._reform
        return float(np.mean(1.0 + (learning.start - 1.0) * 0.5 ** (since / learning.half_life)))


# ----------------------------------------------------------------------------------------- the work


class _Amount(NamedTuple):
    """Work at normal speed, or cases, in the whole period.

    `lasting` is that of those who can give up neither there nor before, `impatient` that of those
    who can there.
    """

    every: float
    lasting: float
    impatient: float


class _Work(NamedTuple):
    """What the cases of a service bring: minutes to desks, themselves to meetings."""

    minutes: Mapping[str, _Amount]
    cases: Mapping[str, _Amount]


def _work(period: _Period, service: Service) -> _Work:
    """What the cases of a service bring to each desk and to each meeting."""
    minutes: Parts = {}
    cases: Parts = {}
    filed = _filed(period, service)
    for share, values, calendar in _applicants(period, service):
        moved = period.on_open_days(filed * share, calendar)
        _Walk(period, values, minutes, cases).sequence(service.route, moved, True)
    return _Work(_amounts(minutes), _amounts(cases))


def _amounts(parts: Parts) -> dict[str, _Amount]:
    return {
        place: _Amount(
            sum(amount for amount, _, _ in some),
            sum(amount for amount, lasting, _ in some if lasting),
            sum(amount for amount, _, here in some if here),
        )
        for place, some in parts.items()
    }


def _filed(period: _Period, service: Service) -> Floats:
    """Applicants on each day up to the period's end, as if all offices were open."""
    demand, days = service.demand, np.arange(period.last + 1)
    batch = 1.0 if demand.batch is None else mean_batch(demand.batch)
    if demand.kind == "poisson":
        daily: Floats = np.array(demand.rate[: period.last]) * (1440.0 * batch)
        return daily
    if demand.kind == "fixed":
        so_far = np.maximum(np.ceil((days * 1440.0 - demand.first) / demand.interval), 0.0)
    else:
        so_far = np.searchsorted(np.sort(demand.instants), days * 1440.0).astype(np.float64)
    filed: Floats = np.diff(so_far) * batch
    return filed


def _applicants(
    period: _Period, service: Service
) -> Iterator[tuple[Floats, Mapping[str, int], str | None]]:
    """Kinds of applicants that the route, or when they file, tells apart.

    Their share on each day up to the period's end, the number of each attribute's value, and the
    calendar in whose opening time they file.
    """
    asked = set(_asked(service.route))
    deciding = [
        each
        for each in service.attributes
        if each.name in asked or any(value.files for value in each.values)
    ]
    for numbers in product(*(range(len(each.values)) for each in deciding)):
        share, calendar, stated = np.ones(period.last), service.demand.calendar, False
        for attribute, number in zip(deciding, numbers, strict=True):
            shares = [period.until(value.share) for value in attribute.values[:-1]]
            shares.append(1.0 - sum(shares, start=np.zeros(period.last)))
            share = share * shares[number]
            files = attribute.values[number].files
            if files and not stated:  # the first that says so decides
                calendar, stated = service.calendar if files == "office" else None, True
        yield share, dict(zip((each.name for each in deciding), numbers, strict=True)), calendar


def _asked(route: Sequence[Step]) -> Iterator[str]:
    for step in route:
        if isinstance(step, Choice | Parallel):
            if isinstance(step, Choice) and step.by is not None:
                yield step.by
            for branch in step.branches:
                yield from _asked(branch)


class _Walk:
    """Follows the cases of one kind of applicant, as numbers expected on each day,
    through a route.

    Who may give up waiting somewhere brings no lasting work there, nor anywhere behind it.
    """

    def __init__(
        self, period: _Period, values: Mapping[str, int], minutes: Parts, seats: Parts
    ) -> None:
        self.period, self.values, self.minutes, self.seats = period, values, minutes, seats

    def sequence(self, steps: Sequence[Step], cases: Floats, lasting: bool) -> Floats:
        """Note the work of all steps; the cases that are left after the last."""
        for step in steps:
            if isinstance(step, Task):
                lasting = lasting and step.patience is None
                cases = self.task(step, cases, lasting)
            elif isinstance(step, Meet):
                self.seats.setdefault(step.at, []).append((float(cases.sum()), lasting, False))
            elif isinstance(step, Choice):
                cases = self.choice(step, cases, lasting)
                lasting = lasting and not _impatient(step)
            elif isinstance(step, Parallel):
                left = [self.sequence(branch, cases, lasting) for branch in step.branches]
                kept = [
                    np.divide(some, cases, out=np.zeros_like(cases), where=cases > 0)
                    for some in left
                ]
                cases = cases * np.prod(kept, axis=0) if kept else cases
            elif isinstance(step, End):
                return np.zeros_like(cases)
        return cases

    def choice(self, step: Choice, cases: Floats, lasting: bool) -> Floats:
        """The cases that come out of any branch."""
        if step.chance is None:
            return self.sequence(step.branches[self.values[step.by or ""]], cases, lasting)
        chance = self.period.of(step.chance)
        first = self.sequence(step.branches[0], cases * chance, lasting)
        return first + self.sequence(step.branches[1], cases * (1.0 - chance), lasting)

    def task(self, step: Task, cases: Floats, lasting: bool) -> Floats:
        """The cases that pass; wrong visits come before, repeated attempts after."""
        if step.misdirected:
            wrong = cases * self.period.of(step.misdirected.chance)
            self.note(step.misdirected.desk, wrong, step.misdirected.effort.mean, lasting)
        attempts, passed = (
            ([cases], cases) if step.review is None else self.review(step.review, cases)
        )
        for k, each in enumerate(attempts):
            again = step.review.again_effort if step.review and k else 1.0
            here = step.patience is not None
            self.note(step.desk, each, step.effort.mean * again, lasting, here)
        return passed

    def review(self, review: Review, cases: Floats) -> tuple[list[Floats], Floats]:
        """(cases at each attempt, cases that pass at any)."""
        tolerated, rejected = self.period.of(review.tolerated), self.period.of(review.reject)
        attempts, passed = [cases], np.zeros_like(cases)
        for k in range(review.attempts):
            incomplete = self.period.of(review.again if k else review.incomplete)
            passed = passed + attempts[k] * (
                incomplete * tolerated + (1.0 - incomplete) * (1.0 - rejected)
            )
            attempts.append(attempts[k] * incomplete * (1.0 - tolerated))
        last = attempts.pop()
        return attempts, passed + last if review.then == "passes" else passed

    def note(
        self, desk: str, cases: Floats, minutes: float, lasting: bool, here: bool = False
    ) -> None:
        """Work that comes to a desk."""
        factor = self.period.organisation.desks[desk].factor
        amount = float(cases.sum()) * minutes * factor
        self.minutes.setdefault(desk, []).append((amount, lasting, here))


def _impatient(step: Step) -> bool:
    """Whether an applicant may give up somewhere in a step."""
    if isinstance(step, Choice | Parallel):
        return any(_impatient(inside) for branch in step.branches for inside in branch)
    return isinstance(step, Task) and step.patience is not None


# ---------------------------------------------------------------------------------------- the staff


class _Members(NamedTuple):
    """Members of a group who serve the same desks equally well."""

    group: str
    minutes: float  # of all of them, on duty in the period
    speed: Mapping[str, float]  # by desk with work


def _staff(period: _Period, work: Mapping[str, float]) -> Iterator[_Members]:
    for name, group in period.organisation.staff.items():
        known = {
            desk
            for serves in period.before.staff[name].serves
            for desk, serve in serves.items()
            if serve.efficiency > 0
        }
        slow = period.learning()
        alike: dict[tuple[tuple[str, float], ...], int] = {}
        for serves in group.serves:
            speeds = {
                desk: serve.efficiency / (1.0 if desk in known else slow)
                for desk, serve in serves.items()
                if serve.efficiency > 0 and work.get(desk, 0.0) > SIMPLE
            }
            alike[tuple(sorted(speeds.items()))] = alike.get(tuple(sorted(speeds.items())), 0) + 1
        minutes = _hours(period, period.organisation, group)
        yield from (
            _Members(name, minutes * count, dict(speeds))
            for speeds, count in alike.items()
            if speeds
        )


def _hours(period: _Period, organisation: Organisation, group: Group) -> float:
    """Minutes that one member is expected on duty in the period."""
    there = period.of(group.presence) * (1.0 - period.of(group.absence))
    days = (
        each
        for each in organisation.calendars[group.calendar].days
        if period.first <= each.day < period.last
    )
    return float(
        sum(there[each.day - period.first] * sum(b - a for a, b in each.hours) for each in days)
    )


def _shared(staff: Sequence[_Members]) -> list[tuple[list[str], list[_Members]]]:
    """(desks, members) of each pool: whoever shares a desk, directly or through others."""
    pools: list[tuple[set[str], list[_Members]]] = []
    for members in staff:
        desks, ours = set(members.speed), [members]
        for pool in [each for each in pools if each[0] & desks]:
            pools.remove(pool)
            desks, ours = desks | pool[0], [*pool[1], *ours]
        pools.append((desks, ours))
    return [(sorted(desks), ours) for desks, ours in pools]


def _smallest_load(
    work: Sequence[float], desks: Sequence[str], staff: Sequence[_Members], enough: float
) -> float | None:
    """The largest load of any members, made as small as handing out the work can make it; None:
    nobody is on duty. If the work of each desk, handed out by hours, gives a load below `enough`,
    that load.

    Minimise z over minutes x[members, desk] >= 0 with sum of speed * x = work at each desk, and the
    minutes of each members <= z * their minutes on duty.
    """
    if len(staff) == 1:
        (alone,) = staff
        asked = sum(minutes / alone.speed[desk] for minutes, desk in zip(work, desks, strict=True))
        return asked / alone.minutes if alone.minutes > 0 else None
    by_hours = _handed_out(work, desks, staff)
    if by_hours < enough:
        return by_hours
    from scipy.optimize import linprog

    pairs = [(m, desks.index(desk)) for m, members in enumerate(staff) for desk in members.speed]
    scale = max(sum(work), SIMPLE)
    done, spent = np.zeros((len(desks), len(pairs) + 1)), np.zeros((len(staff), len(pairs) + 1))
    for k, (m, desk) in enumerate(pairs):
        done[desk, k], spent[m, k] = staff[m].speed[desks[desk]], 1.0
    spent[:, -1] = [-members.minutes / scale for members in staff]
    cost = np.append(np.zeros(len(pairs)), 1.0)
    found = linprog(
        cost,
        A_ub=spent,
        b_ub=np.zeros(len(staff)),
        A_eq=done,
        b_eq=np.array(work) / scale,
        method="highs",
    )
    return float(found.x[-1]) if found.success else None


def _handed_out(work: Sequence[float], desks: Sequence[str], staff: Sequence[_Members]) -> float:
    """The largest load where the work of a desk goes to all who serve it, by their hours."""
    able = [
        sum(members.minutes * members.speed.get(desk, 0.0) for members in staff) for desk in desks
    ]
    if min(able) <= 0.0:
        return np.inf
    each = {desk: minutes / hours for desk, minutes, hours in zip(desks, work, able, strict=True)}
    return max(sum(each[desk] for desk in members.speed) for members in staff)
