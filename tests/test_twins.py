"""The reference engine's plain Python answers like the leaf that both engines share.

What it asks is answered the same to the last bit.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from govsim.engine import calendars as leaves
from govsim.engine import draws
from govsim.engine.reference import clock as twins
from govsim.model import compile_model
from govsim.model.arrays import Arrays
from organisations import ORGANISATIONS

every_organisation = pytest.mark.parametrize("name", ORGANISATIONS)


@cache
def arrays_of(name: str) -> Arrays:
    return compile_model(ORGANISATIONS[name]()).arrays


def instants(arrays: Arrays) -> list[float]:
    """Openings, closings, midnights, what lies just beside them, and instants of no account."""
    edges = np.concatenate(
        [arrays.calendars.opens, arrays.calendars.closes, arrays.calendars.day * 1440.0]
    )
    some = np.random.default_rng(4).choice(edges, 40)
    others = np.random.default_rng(5).uniform(0.0, arrays.horizon, 20)
    return [
        t
        for t in np.concatenate([some, some - 2.0**-20, some + 2.0**-20, np.rint(others)]).tolist()
        if t >= 0.0
    ]


@every_organisation
def test_working_time_is_the_same(name: str) -> None:
    arrays = arrays_of(name)
    c, plain = arrays.calendars, twins.calendars(arrays.calendars)
    times = instants(arrays)
    for k in range(len(plain)):
        for a, b in zip(times, times[::-1], strict=True):
            assert twins.worked(plain, k, a, b) == leaves.worked(c, k, a, b)
            assert twins.advance(plain, k, a, b / 8.0) == leaves.advance(c, k, a, b / 8.0)
            assert twins.advance(plain, k, a, leaves.worked(c, k, a, b)) == leaves.advance(
                c, k, a, leaves.worked(c, k, a, b)
            )
            assert twins.beyond(plain, k, a, b / 8.0) == leaves.beyond(c, k, a, b / 8.0)
            assert twins.beyond(plain, k, a, leaves.worked(c, k, a, b)) == leaves.beyond(
                c, k, a, leaves.worked(c, k, a, b)
            )
            assert twins.next_opening(plain, k, a) == leaves.next_opening(c, k, a)
            assert twins.same_fraction(plain, k, a, b) == leaves.same_fraction(c, k, a, b)
            assert [twins.term(plain, k, a, days) for days in range(8)] == [
                leaves.term(c, k, a, days) for days in range(8)
            ]


@every_organisation
def test_members_work_the_same_hours(name: str) -> None:
    arrays = arrays_of(name)
    hours = leaves.member_hours(arrays, np.uint64(9), 0)
    plain = twins.members(hours)
    for member in range(len(plain)):
        for t in instants(arrays):
            for work in (0.0, 7.5, 210.0, 4000.0):
                assert twins.works_until(plain, member, t, work) == leaves.works_until(
                    hours, member, t, work
                )


@every_organisation
def test_files_depart_at_the_same_instant(name: str) -> None:
    arrays = arrays_of(name)
    leave = np.array([960.0, 540.0, 1439.0])
    plain = twins.calendars(arrays.calendars)
    for k in range(len(plain)):
        for t in instants(arrays):
            for times in range(4):
                expected = leaves.departure(arrays.calendars, k, leave, 0, times, t)
                assert twins.departure(plain, k, leave.tolist(), 0, times, t) == expected


@every_organisation
def test_draws_and_chances_are_the_same(name: str) -> None:
    arrays, seed, key = arrays_of(name), np.uint64(2**64 - 3), np.uint64(77 << 32)
    plain, ask = twins.paths(arrays.paths), twins.tables(arrays.tables, seed, 3)
    for p in range(len(plain)):
        for t in instants(arrays):
            assert twins.path(plain, p, t, arrays.reform) == draws.path(
                arrays.paths, p, t, arrays.reform
            )
    for table in range(len(ask)):
        for n in range(200):
            u = draws.uniform(seed, 3, n, key, 1, 5)
            assert ask[table](n, key, 1, 5) == draws.quantile(arrays.tables, table, u)
