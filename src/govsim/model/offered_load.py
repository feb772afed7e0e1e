"""The offered load: how much work comes in the counted period, and who can do it.

It says whether the queues of a configuration can settle.

Expected work follows from demand and routes alone, without a simulation: chances of branches,
incomplete papers and wrong windows are taken by the day. Where groups share desks, a linear program
spreads the work so that the busiest of them is as little loaded as can be: a load of 1 or more
means that no way of handing out the work lets all queues settle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.model.numbers import by_day
from govsim.organisation.nouns import (
    Attribute,
    Choice,
    Configuration,
    End,
    Group,
    Organisation,
    Parallel,
    Path,
    Review,
    Service,
    Step,
    Task,
)

SIMPLE = 1e-9  # shares of work that are taken for none


@dataclass(frozen=True)
class Pool:
    """Groups that share desks, directly or through others.

    `load` is the smallest that the busiest of them can have; it counts all work that comes; None:
    nobody is on duty. `settles`: the work of those who never give up waiting is less than the pool
    can do.
    """

    groups: tuple[str, ...]
    desks: tuple[str, ...]
    load: float | None
    settles: bool


@dataclass(frozen=True)
class OfferedLoad:
    """The work of a configuration's counted period, against its staff's hours.

    It is a share of what the staff can do in them.
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
        told = [f"offered load of {self.configuration}, in shares of the hours on duty:"]
        for pool in self.pools:
            load = "nobody on duty" if pool.load is None else f"{100 * pool.load:.1f} %"
            told.append(
                f"  {load:>14}  {', '.join(pool.groups)}"
                + ("" if pool.settles else "  (its queues cannot settle)")
            )
        return "\n".join(told)


def offered_load(configuration: Configuration) -> OfferedLoad:
    """The load of each pool of staff over the counted period.

    Where the reform falls inside it, it is the load from the reform day on. Learning by completions
    is left out: it ends by itself. A case counts as if nobody gave up waiting, except in `settles`,
    which asks for the work of those who do not.
    """
    period = _Period(configuration)
    work = [_work(period, service) for service in period.organisation.services.values()]
    every = {
        desk: sum(each[desk].every for each in work if desk in each)
        for desk in {desk for each in work for desk in each}
    }
    lasting = {desk: sum(each[desk].lasting for each in work if desk in each) for desk in every}
    pools = [_pool(*found, every, lasting) for found in _shared(list(_staff(period, every)))]
    unserved = {desk for desk, minutes in every.items() if minutes > SIMPLE} - {
        desk for pool in pools for desk in pool.desks
    }
    pools += [Pool((), (desk,), None, False) for desk in sorted(unserved)]
    ordered = sorted(pools, key=lambda pool: (pool.load is not None, -(pool.load or 0.0)))
    return OfferedLoad(configuration.name, tuple(ordered))


class _Period:
    """The days that count, and the organisation that holds on them."""

    def __init__(self, configuration: Configuration) -> None:
        after = configuration.count_until > configuration.reform_day
        self.first = max(configuration.count_from, configuration.reform_day if after else 0)
        self.last, self._horizon, self._reform = (
            configuration.count_until,
            configuration.horizon,
            configuration.reform_day,
        )
        self.days = self.last - self.first
        self.before, self.organisation = configuration.regimes[0], configuration.regimes[int(after)]

    def of(self, path: Path) -> Floats:
        """A path's number on each day."""
        return by_day(path, path, self._reform, self._horizon)[self.first : self.last]

    def learning(self) -> float:
        """The mean factor on the effort at a desk that is new since the reform day."""
        learning = self.organisation.learning
        if learning is None or learning.half_life is None or self.organisation is self.before:
            return 1.0
        since = np.arange(self.first, self.last) - self._reform
        return float(np.mean(1.0 + (learning.start - 1.0) * 0.5 ** (since / learning.half_life)))


# ----------------------------------------------------------------------------------------- the work


class _Minutes(NamedTuple):
    """Work at normal speed in the whole period; `lasting` is that of those
    who never give up waiting.
    """

    every: float
    lasting: float


def _work(period: _Period, service: Service) -> dict[str, _Minutes]:
    """What the cases of a service bring to each desk."""
    found: dict[str, list[tuple[float, bool]]] = {}
    filed = _filed(period, service)
    for share, values in _applicants(period, service.attributes, service.route):
        walk = _Walk(period, values, found)
        walk.sequence(service.route, filed * share)
    return {
        desk: _Minutes(
            sum(each for each, _ in parts), sum(each for each, lasting in parts if lasting)
        )
        for desk, parts in found.items()
    }


def _filed(period: _Period, service: Service) -> Floats:
    """Applicants on each day."""
    demand, days = service.demand, np.arange(period.first, period.last + 1)
    batch = 1.0 if demand.batch is None else demand.batch.mean
    if demand.kind == "poisson":
        daily: Floats = np.array(demand.rate[period.first : period.last]) * (1440.0 * batch)
        return daily
    if demand.kind == "fixed":
        so_far = np.maximum(np.ceil((days * 1440.0 - demand.first) / demand.interval), 0.0)
    else:
        so_far = np.searchsorted(np.sort(demand.instants), days * 1440.0).astype(np.float64)
    filed: Floats = np.diff(so_far) * batch
    return filed


def _applicants(
    period: _Period, attributes: Sequence[Attribute], route: Sequence[Step]
) -> Iterator[tuple[Floats, Mapping[str, int]]]:
    """Kinds of applicants that the route tells apart: their share on each day,
    and the number of each attribute's value.
    """
    asked = set(_asked(route))
    deciding = [each for each in attributes if each.name in asked]
    for numbers in product(*(range(len(each.values)) for each in deciding)):
        share = np.ones(period.days)
        for attribute, number in zip(deciding, numbers, strict=True):
            shares = [period.of(value.share) for value in attribute.values[:-1]]
            shares.append(1.0 - sum(shares, start=np.zeros(period.days)))
            share = share * shares[number]
        yield share, dict(zip((each.name for each in deciding), numbers, strict=True))


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
    """

    def __init__(
        self, period: _Period, values: Mapping[str, int], found: dict[str, list[tuple[float, bool]]]
    ) -> None:
        self.period, self.values, self.found = period, values, found

    def sequence(self, steps: Sequence[Step], cases: Floats) -> Floats:
        """Note the work of all steps; the cases that are left after the last."""
        for step in steps:
            if isinstance(step, Task):
                cases = self.task(step, cases)
            elif isinstance(step, Choice):
                cases = self.choice(step, cases)
            elif isinstance(step, Parallel):
                left = [self.sequence(branch, cases) for branch in step.branches]
                kept = [
                    np.divide(each, cases, out=np.zeros_like(cases), where=cases > 0)
                    for each in left
                ]
                cases = cases * np.prod(kept, axis=0) if kept else cases
            elif isinstance(step, End):
                return np.zeros_like(cases)
        return cases

    def choice(self, step: Choice, cases: Floats) -> Floats:
        """The cases that come out of any branch."""
        if step.chance is None:
            return self.sequence(step.branches[self.values[step.by or ""]], cases)
        chance = self.period.of(step.chance)
        return self.sequence(step.branches[0], cases * chance) + self.sequence(
            step.branches[1], cases * (1.0 - chance)
        )

    def task(self, step: Task, cases: Floats) -> Floats:
        """The cases that pass; wrong visits come before, repeated attempts after."""
        if step.misdirected:
            wrong = cases * self.period.of(step.misdirected.chance)
            self.note(step.misdirected.desk, wrong, step.misdirected.effort.mean, lasting=True)
        attempts, passed = (
            ([cases], cases) if step.review is None else self.review(step.review, cases)
        )
        for k, each in enumerate(attempts):
            again = step.review.again_effort if step.review and k else 1.0
            self.note(step.desk, each, step.effort.mean * again, lasting=step.patience is None)
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

    def note(self, desk: str, cases: Floats, minutes: float, lasting: bool) -> None:
        """Work that comes to a desk."""
        factor = self.period.organisation.desks[desk].factor
        self.found.setdefault(desk, []).append((float(cases.sum()) * minutes * factor, lasting))


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


def _pool(
    desks: list[str],
    staff: list[_Members],
    every: Mapping[str, float],
    lasting: Mapping[str, float],
) -> Pool:
    load = _smallest_load([every[desk] for desk in desks], desks, staff)
    held = load if all(lasting[desk] == every[desk] for desk in desks) else None
    if held is None and load is not None:
        held = _smallest_load([lasting[desk] for desk in desks], desks, staff)
    groups = tuple(dict.fromkeys(members.group for members in staff))
    return Pool(groups, tuple(desks), load, held is not None and held < 1.0)


def _smallest_load(
    work: Sequence[float], desks: Sequence[str], staff: Sequence[_Members]
) -> float | None:
    """The largest load of any members, made as small as handing out the work can make it; None:
    nobody is on duty.

    Minimise z over minutes x[members, desk] >= 0 with sum of speed * x = work at each desk, and the
    minutes of each members <= z * their minutes on duty.
    """
    if len(staff) == 1:
        (alone,) = staff
        asked = sum(minutes / alone.speed[desk] for minutes, desk in zip(work, desks, strict=True))
        return asked / alone.minutes if alone.minutes > 0 else None
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
