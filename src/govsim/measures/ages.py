"""At which age everybody is looked at: tau, and the cases as they stood then.

Tau runs from the last day of a cohort to the horizon, so that it is known of everybody who filed in
the cohort how the case stood at that age, whatever the run knows of later. A cohort that ends
before the others is followed longer: the few cases that were not over by the shorter age are looked
at once more for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints
from govsim.measures.cells import periods
from govsim.measures.opening import worked_between
from govsim.model.arrays import Model
from govsim.records import Records


class Ages(NamedTuple):
    """Tau of each cohort, in the two units that times are told in."""

    clock: tuple[float, ...]  # minutes
    working: tuple[float, ...]  # working days, of the calendar that has the fewest
    calendar: str = ""  # in whose working days times are told; "": in those of each service's


class Counted(NamedTuple):
    """The counted cases in the order of filing."""

    first: int  # row of the first in Records.cases
    case: NDArray[np.void]
    worked: Floats  # working days from filing to end; NaN while open at the run's end


class Readings(NamedTuple):
    """Counted cases, each looked at once for all cohorts that follow it as long."""

    row: Ints  # [reading] in Records.cases
    look: Ints  # [reading] the cohort that it is read for; 0 also for others that need no other
    until: Floats  # [reading] instant of the look, minutes
    longest: Floats  # [reading] tau in minutes
    longest_working: Floats  # [reading] tau in working days
    worked: Floats  # [reading] working days from filing to end; NaN while open at the run's end
    member: NDArray[np.bool_]  # [cohort, reading]
    half: float  # minutes: half of the shortest tau
    once: int  # the first so many readings are the counted cases, once, in the order of filing


def ages(models: Iterable[Model], calendar: str = "") -> Ages:
    """Tau of each cohort, by which the cases of all these models can be read."""
    clock: list[float] = []
    working: list[list[float]] = []
    for model in models:
        ends = [max(since, until) for _, since, until in periods(model)]
        clock = [max(0.0, model.arrays.horizon - end) for end in ends]
        working.append([_fewest(model, end, calendar) for end in ends])
    return Ages(tuple(clock), tuple(map(float, np.min(working, axis=0))), calendar)


def _fewest(model: Model, end: float, also: str) -> float:
    """Working days from `end` to the horizon, of the services' calendar (or `also`) that has the
    fewest.
    """
    arrays = model.arrays
    services = np.flatnonzero(arrays.services.internal == 0)
    calendar = arrays.services.calendar[:, services]
    if also:
        told = np.full((2, 1), model.names.calendars.index(also))
        calendar = np.concatenate((calendar, told), axis=1)
    day = np.take_along_axis(arrays.calendars.day_length, calendar, 1).ravel()
    since = np.full(calendar.size, min(end, arrays.horizon))
    horizon = np.full(calendar.size, arrays.horizon)
    minutes = worked_between(arrays.calendars, calendar.ravel(), since, horizon)
    return float((minutes / day).min(initial=arrays.horizon))


def unfinished(counted: Counted, followed: Ages) -> Ints:
    """The applicants whose counted cases were not over at the age of the cohort `counted`, where
    other cohorts follow them longer.
    """
    if max(followed.clock) <= followed.clock[0]:
        return np.empty(0, dtype=np.int64)
    case = counted.case
    age = case["ended"] - case["filed"]
    over = (age <= followed.clock[0]) & (counted.worked <= followed.working[0])
    return applicants(case[~over])


def applicants(case: Mapping[str, NDArray[Any]] | NDArray[np.void]) -> Ints:
    """A number for each applicant, the same in all configurations."""
    number: Ints = (case["service"].astype(np.int64) << 32) | case["n"]
    return number


def readings(counted: Counted, model: Model, followed: Ages, again: Ints | None = None) -> Readings:
    """The counted cases at the age of the cohort `counted`, then those that other cohorts follow
    longer: of the applicants `again`, or of those whose cases were not over.
    """
    cohorts = periods(model)
    filed = np.ascontiguousarray(counted.case["filed"])
    member = np.array([(since <= filed) & (filed < until) for _, since, until in cohorts])
    asked = unfinished(counted, followed) if again is None else again
    later = np.isin(applicants(counted.case), asked) if len(asked) else np.zeros(len(filed), bool)
    looks = [(0, np.arange(len(filed)))]
    for cohort in range(1, len(cohorts)):
        if followed.clock[cohort] > followed.clock[0]:
            places = np.flatnonzero(member[cohort] & later)
            looks.append((cohort, places))
            member[cohort, places] = False
    place = np.concatenate([places for _, places in looks])
    look = np.repeat([cohort for cohort, _ in looks], [len(places) for _, places in looks])
    longest = np.array(followed.clock)[look]
    return Readings(
        row=counted.first + place,
        look=look,
        until=filed[place] + longest,
        longest=longest,
        longest_working=np.array(followed.working)[look],
        worked=counted.worked[place],
        member=_members(member, look),
        half=min(followed.clock) / 2,
        once=len(filed),
    )


def counted_of(records: Records, model: Model, calendar: str = "") -> Counted:
    """The counted cases of one replication, in working days of a calendar, or of each service's."""
    first, last = np.searchsorted(records.cases["filed"], periods(model)[0][1:])
    case = records.cases[first:last]
    return Counted(int(first), case, _worked(model, case, calendar))


def _members(member: NDArray[np.bool_], look: Ints) -> NDArray[np.bool_]:
    """[cohort, reading]: a second look belongs to its own cohort only."""
    second = np.arange(len(member))[:, None] == look[member.shape[1] :]
    return np.concatenate((member, second), axis=1)


def _worked(model: Model, case: NDArray[np.void], told: str) -> Floats:
    """Working days of the calendar (without one, the service's) from filing to end; NaN while
    open.
    """
    arrays = model.arrays
    days = np.full(len(case), np.nan)
    gone = np.flatnonzero(~np.isnan(case["ended"]))
    filed, service = case["filed"][gone], case["service"][gone]
    regime = (filed >= arrays.reform).astype(np.int64)
    calendar = arrays.services.calendar[regime, service]
    if told:
        calendar = np.full_like(calendar, model.names.calendars.index(told))
    minutes = worked_between(arrays.calendars, calendar, filed, case["ended"][gone])
    days[gone] = minutes / arrays.calendars.day_length[regime, calendar]
    return days
