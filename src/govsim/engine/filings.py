"""All filings of a replication, known before the loop starts.

A candidate of a stream is the same applicant in every configuration: it is numbered, and draws,
before demand is thinned and before anybody waits for an office to open.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints
from govsim.engine.calendars import into_day
from govsim.engine.draws import ZERO, grid, path, quantile, uniform, whole_days
from govsim.engine.kernels import jit
from govsim.model.arrays import (
    FIXED,
    P_ARRIVAL,
    P_ATTRIBUTE,
    P_BATCH,
    P_THINNING,
    POISSON,
    AnyArrays,
)

_DAY = 1440.0
_EXPONENTIAL = ZERO  # its place in Tables


class Filings(NamedTuple):
    """Cases in the order of their numbers: by instant of filing, service, applicant."""

    service: Ints
    n: Ints
    filed: Floats  # minutes
    # [case, attribute of its service] number of the value, -1 where none
    attributes: NDArray[np.int32]


def file_cases(arrays: AnyArrays, seed: np.uint64, replication: int) -> Filings:
    """All cases filed before the horizon in one replication."""
    room = int(1.1 * _DAY * arrays.demand.largest.sum()) + 1000
    while True:
        filings = Filings(
            np.empty(room, np.int64),
            np.empty(room, np.int64),
            np.empty(room),
            np.empty((room, arrays.attributes), np.int32),
        )
        cases = _fill(
            arrays.demand,
            arrays.services.key,
            arrays.calendars,
            arrays.tables,
            arrays.paths,
            (arrays.reform, arrays.horizon, np.uint64(seed), int(replication)),
            filings,
        )
        if cases <= room:
            break
        room = cases
    # streams stand in the order of services and applicants
    order = np.argsort(filings.filed[:cases], kind="stable")
    return Filings(
        filings.service[order], filings.n[order], filings.filed[order], filings.attributes[order]
    )


@jit
def _fill(
    demand: AnyArrays,
    keys: AnyArrays,
    c: AnyArrays,
    tables: AnyArrays,
    paths: AnyArrays,
    run: AnyArrays,
    filings: AnyArrays,
) -> int:
    """Fill the rows of Filings, stream by stream; returns how many there should be,
    even where there is no room for all.
    """
    _, horizon, seed, replication = run
    filled = ZERO
    for s in range(len(demand.kind)):
        n, candidate, day = ZERO, ZERO, ZERO
        passed, total = 0.0, 0.0
        while True:
            if demand.kind[s] == POISSON:
                total += quantile(
                    tables,
                    _EXPONENTIAL,
                    uniform(seed, replication, candidate, keys[s], ZERO, P_ARRIVAL),
                )
                day, passed = _day_of_total(demand.largest, s, day, passed, total)
                if day == demand.largest.shape[1]:
                    break
                t = day * _DAY + (total - passed) / demand.largest[s, day]
            elif demand.kind[s] == FIXED:
                t = demand.first[s] + candidate * demand.interval[s]
            else:
                place = demand.recorded_first[s] + candidate
                if place == demand.recorded_first[s + 1]:
                    break
                t = demand.recorded[place]
            t = grid(t)
            if t >= horizon:
                break
            size = 1
            if demand.batch_table[s] >= 0:
                q = quantile(
                    tables,
                    demand.batch_table[s],
                    uniform(seed, replication, candidate, keys[s], ZERO, P_BATCH),
                )
                size = max(1, int(np.rint(q * demand.batch_mean[s])))
            if demand.kind[s] != POISSON or _kept(
                demand.rate, demand.largest, s, day, seed, replication, candidate, keys[s]
            ):
                for applicant in range(n, n + size):
                    filled = _file(demand, c, paths, run, filings, filled, s, applicant, t)
            n += size
            candidate += 1
    return filled


@jit
def _day_of_total(
    largest: AnyArrays, s: int, day: int, passed: float, total: float
) -> tuple[int, float]:
    """The day on which the expected number of candidates reaches `total`,
    and how many are expected before it.
    """
    while day < largest.shape[1] and passed + _DAY * largest[s, day] <= total:
        passed += _DAY * largest[s, day]
        day += 1
    return day, passed


@jit
def _kept(
    rate: AnyArrays,
    largest: AnyArrays,
    s: int,
    day: int,
    seed: np.uint64,
    replication: int,
    candidate: int,
    key: np.uint64,
) -> bool:
    """Whether a candidate of the largest stream files in this configuration."""
    share = rate[s, day] / largest[s, day]
    return bool(
        share >= 1.0 or uniform(seed, replication, candidate, key, ZERO, P_THINNING) < share
    )


@jit
def _file(
    demand: AnyArrays,
    c: AnyArrays,
    paths: AnyArrays,
    run: AnyArrays,
    filings: AnyArrays,
    filled: int,
    s: int,
    n: int,
    t: float,
) -> int:
    """Draw an applicant's attributes and write the case; returns the rows filled.

    The first attribute whose value says when those applicants file decides;
    else the service's demand does.
    """
    reform, horizon, seed, replication = run
    regime = 1 if t >= reform else 0
    row = regime * len(demand.kind) + s
    first = demand.attribute_first[row]
    room = filled < len(filings.filed)
    calendar = -1
    if room:
        filings.attributes[filled, :] = -1  # the row may hold those of a case that files too late
    for a in range(first, demand.attribute_first[row + 1]):
        u = uniform(seed, replication, n, demand.attribute_key[a], ZERO, P_ATTRIBUTE)
        value = _value(
            demand.value_first[a],
            demand.value_first[a + 1] - 1,
            demand.value_share,
            paths,
            u,
            t,
            reform,
        )
        if room:
            filings.attributes[filled, a - first] = value - demand.value_first[a]
        if calendar < 0:
            calendar = demand.value_files[value]
    if calendar < 0:
        calendar = demand.calendar[regime, s]
    if calendar > 0:
        day = whole_days(t)
        t = into_day(c, calendar, day, (t - day * _DAY) / _DAY)
    if t >= horizon:
        return filled
    if room:
        filings.service[filled] = s
        filings.n[filled] = n
        filings.filed[filled] = t
    return filled + 1


@jit
def _value(
    value: int, last: int, share: AnyArrays, paths: AnyArrays, u: float, t: float, reform: float
) -> int:
    """The value among [value, last] that u falls on; the last one takes the rest."""
    below = path(paths, share[value], t, reform)
    while u >= below and value < last:
        value += 1
        below += path(paths, share[value], t, reform)
    return value
