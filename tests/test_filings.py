"""Who files and when: counts, instants, thinning, batches, attributes, opening time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

from govsim.engine.draws import quantile, uniform
from govsim.engine.filings import Filings, file_cases
from govsim.model import compile_model
from govsim.model.arrays import P_ATTRIBUTE, P_BATCH, Arrays
from govsim.organisation.nouns import (
    Attribute,
    AttributeValue,
    Calendar,
    Demand,
    Distribution,
    Path,
    Service,
    Task,
)
from plain import (
    DESK,
    at,
    configuration,
    constant,
    exponential,
    group,
    organisation,
    recorded,
    weekly,
)

SEED = np.uint64(5)
DAYS = 56


def compiled(
    *demands: Demand,
    days: int = DAYS,
    after: Sequence[Demand] | None = None,
    largest: dict[str, tuple[float, ...]] | None = None,
    attributes: tuple[Attribute, ...] = (),
    office: Calendar | None = None,
) -> Arrays:
    """Services a, b, ... with these demands; `after` replaces them on the reform day, half-way.
    a has the attributes.
    """
    regimes = []
    for streams in (demands, after or demands):
        services = {
            name: Service(
                "hall",
                "office",
                demand,
                (Task("serve", "desk", constant(1.0)),),
                attributes if name == "a" else (),
            )
            for name, demand in zip("abcdefgh", streams, strict=False)
        }
        staff = {"clerks": group({"desk": 1.0})}
        regimes.append(
            organisation({"desk": DESK}, staff, services, {"office": office or weekly(days)})
        )
    made = configuration(*regimes, days=days)
    return compile_model(
        replace(made, largest_rate={**made.largest_rate, **(largest or {})})
    ).arrays


def poisson(
    *rates: float, calendar: str | None = None, days: int = DAYS, batch: Distribution | None = None
) -> Demand:
    """Rates per minute, each for an equal share of the days."""
    return Demand(
        "poisson",
        calendar,
        rate=tuple(rates[d * len(rates) // days] for d in range(days)),
        batch=batch,
    )


def counts(arrays: Arrays, edges: Sequence[float], replications: int = 50) -> np.ndarray:
    """[replication, interval] filings."""
    return np.array(
        [np.histogram(file_cases(arrays, SEED, r).filed, edges)[0] for r in range(replications)]
    )


def assert_poisson(found: np.ndarray, mean: float) -> None:
    """Mean and variance of counts within four standard errors of those of a Poisson count."""
    assert found.mean() == pytest.approx(mean, abs=4 * math.sqrt(mean / len(found)))
    # standard error of the variance of a Poisson count
    spread = math.sqrt((mean + 2 * mean**2) / len(found))
    assert found.var(ddof=1) == pytest.approx(mean, abs=4 * spread)


def same(a: Filings, b: Filings) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_a_poisson_stream_has_its_rate_in_every_period() -> None:
    rates = (0.01, 0.0, 0.002, 0.03)
    found = counts(compiled(poisson(*rates)), [1440.0 * 14 * k for k in range(5)], 200)
    for period, rate in enumerate(rates):
        if rate == 0:
            assert not found[:, period].any()
        else:
            assert_poisson(found[:, period], rate * 1440 * 14)
    assert abs(np.corrcoef(found[:, 0], found[:, 3])[0, 1]) < 4 / math.sqrt(200)


def test_gaps_of_a_poisson_stream_are_exponential() -> None:
    filed = file_cases(compiled(poisson(0.05)), SEED, 0).filed
    gaps = np.diff(filed)
    assert gaps.mean() == pytest.approx(20, rel=4 / math.sqrt(len(gaps)))
    assert np.mean(gaps > 40) == pytest.approx(math.exp(-2), abs=4 * 0.35 / math.sqrt(len(gaps)))


@pytest.mark.plain
def test_cases_are_ordered_by_instant_then_service_then_applicant() -> None:
    arrays = compiled(
        poisson(0.01), recorded(30.0, 10.0, 10.0, 600.0), recorded(10.0, 600.0), days=14
    )
    f = file_cases(arrays, SEED, 0)
    rows = list(zip(f.filed.tolist(), f.service.tolist(), f.n.tolist(), strict=True))
    assert rows == sorted(rows)
    assert [row for row in rows if row[1] > 0] == [
        (10, 1, 0),
        (10, 1, 1),
        (10, 2, 0),
        (30, 1, 2),
        (600, 1, 3),
        (600, 2, 1),
    ]


@pytest.mark.plain
def test_recorded_instants_are_filed_as_they_stand_and_none_at_the_horizon() -> None:
    f = file_cases(compiled(recorded(0.0, 0.1, 1440.0 * DAYS - 1, 1440.0 * DAYS)), SEED, 0)
    assert f.filed.tolist() == [0, round(0.1 * 2**20) / 2**20, 1440.0 * DAYS - 1]
    assert f.n.tolist() == [0, 1, 2]


@pytest.mark.plain
def test_a_fixed_stream_files_at_equal_intervals() -> None:
    f = file_cases(compiled(Demand("fixed", None, interval=1000.0, first=250.0), days=14), SEED, 0)
    assert f.filed.tolist() == [250 + 1000.0 * k for k in range(20)]
    assert f.n.tolist() == list(range(20))


def test_another_replication_or_seed_is_another_stream_and_the_same_again_is_the_same() -> None:
    arrays = compiled(poisson(0.01))
    base = file_cases(arrays, SEED, 3)
    assert same(base, file_cases(arrays, SEED, 3))
    assert len(np.intersect1d(base.filed, file_cases(arrays, SEED, 4).filed)) == 0
    assert len(np.intersect1d(base.filed, file_cases(arrays, np.uint64(6), 3).filed)) == 0


# ----------------------------------------------------------------------------------------- thinning


def test_thinned_demand_loses_applicants_and_leaves_the_others_to_the_last_bit() -> None:
    size = (
        Attribute("size", (AttributeValue("big", Path(0.3)), AttributeValue("small", Path(0.7)))),
    )
    largest = {"a": (0.03,) * DAYS}
    full = compiled(poisson(0.03), attributes=size, largest=largest)
    less = compiled(poisson(0.03, 0.01), attributes=size, largest=largest)
    kept, everybody = (
        counts(less, [0, 1440.0 * 28, 1440.0 * 56], 100),
        counts(full, [0, 1440.0 * 28, 1440.0 * 56], 100),
    )
    assert np.array_equal(kept[:, 0], everybody[:, 0])
    assert_poisson(kept[:, 1], 0.01 * 1440 * 28)
    a, b = file_cases(less, SEED, 0), file_cases(full, SEED, 0)
    where = np.searchsorted(b.n, a.n)
    assert np.array_equal(b.n[where], a.n)
    assert np.array_equal(b.filed[where], a.filed)
    assert np.array_equal(b.attributes[where], a.attributes)


def test_a_service_does_not_feel_another_services_demand() -> None:
    alone, busy = compiled(poisson(0.01), poisson(0.001)), compiled(poisson(0.01), poisson(0.05))
    a, b = (file_cases(arrays, SEED, 0) for arrays in (alone, busy))
    assert np.array_equal(a.filed[a.service == 0], b.filed[b.service == 0])


def test_another_world_rescales_the_same_stream() -> None:
    slow, fast = (file_cases(compiled(poisson(rate)), SEED, 0).filed for rate in (0.01, 0.02))
    assert fast[: len(slow)] * 2 == pytest.approx(slow[: len(fast)], abs=1e-5)


# ------------------------------------------------------------------------------------------ batches


def test_a_batch_files_together_and_its_size_is_drawn() -> None:
    batch = exponential(3.0)
    arrays = compiled(poisson(0.002, batch=batch))
    f = file_cases(arrays, SEED, 0)
    table = arrays.demand.batch_table[0]
    key = np.uint64(crc32(b"a") << 32)
    instants, sizes = np.unique(f.filed, return_counts=True)
    drawn = [
        max(1, round(3.0 * quantile(arrays.tables, table, uniform(SEED, 0, k, key, 0, P_BATCH))))
        for k in range(len(instants))
    ]
    assert sizes.tolist() == drawn
    assert f.n.tolist() == list(range(len(f.n)))


def test_an_applicant_of_a_thinned_batch_keeps_the_number() -> None:
    batch = Distribution("empirical", 2.0, (0.5, 1.5))  # one or three
    largest = {"a": (0.004,) * DAYS}
    full = file_cases(compiled(poisson(0.004, batch=batch), largest=largest), SEED, 0)
    less = file_cases(compiled(poisson(0.002, batch=batch), largest=largest), SEED, 0)
    assert 0 < len(less.n) < len(full.n)
    where = np.searchsorted(full.n, less.n)
    assert np.array_equal(full.n[where], less.n)
    assert np.array_equal(full.filed[where], less.filed)


def test_large_batches_all_find_room() -> None:
    many = file_cases(compiled(replace(recorded(10.0, 20.0), batch=constant(5000.0))), SEED, 0)
    assert many.n.tolist() == list(range(10_000))
    assert set(many.filed.tolist()) == {10, 20}


# --------------------------------------------------------------------------------------- attributes


def test_an_attribute_falls_by_its_shares_and_the_last_value_takes_the_rest() -> None:
    three = Attribute(
        "kind",
        (
            AttributeValue("x", Path(0.2)),
            AttributeValue("y", Path(0.5)),
            AttributeValue("z", Path(0.0)),
        ),
    )
    arrays = compiled(poisson(0.05), attributes=(three,))
    f = file_cases(arrays, SEED, 0)
    key = np.uint64(crc32(b"a/kind") << 32)
    us = np.array([uniform(SEED, 0, int(n), key, 0, P_ATTRIBUTE) for n in f.n])
    assert f.attributes.shape == (len(f.n), 1)
    assert np.array_equal(f.attributes[:, 0], np.searchsorted([0.2, 0.7], us, side="right"))
    assert f.attributes.dtype == np.int32


def test_a_share_that_changes_with_the_reform_is_read_at_the_filing() -> None:
    values = (
        AttributeValue("paper", Path(0.0, 1.0, 7.0, "step")),
        AttributeValue("online", Path(1.0)),
    )
    f = file_cases(compiled(poisson(0.01), attributes=(Attribute("way", values),)), SEED, 0)
    week = (f.filed >= 1440.0 * 28) & (f.filed < 1440.0 * 35)
    assert week.any()
    assert np.array_equal(f.attributes[:, 0] == 0, week)


def test_a_service_without_the_attribute_has_minus_one() -> None:
    two = tuple(
        Attribute(name, (AttributeValue("x", Path(1.0)), AttributeValue("y", Path(0.0))))
        for name in ("p", "q")
    )
    f = file_cases(
        compiled(
            recorded(5.0, 1440.0 * DAYS - 5, calendar="office"), recorded(7.0), attributes=two
        ),
        SEED,
        0,
    )
    assert f.service.tolist() == [1, 0]  # the second of service a would file after the horizon
    assert f.attributes.tolist() == [[-1, -1], [0, 0]]


# ------------------------------------------------------------------------------------- opening time


@pytest.mark.plain
def test_who_files_at_the_office_files_at_the_same_fraction_of_the_opening_time() -> None:
    # Seven hours, 08:30-12:00 and 14:00-17:30.
    moved = {
        at(0, "00:00"): at(0, "08:30"),
        at(0, "06:00"): at(0, "10:15"),
        at(0, "12:00"): at(0, "12:00"),
        at(0, "12:24"): at(0, "14:07"),
        at(1, "18:00"): at(1, "15:45"),
        at(5, "12:24"): at(7, "14:07"),  # Saturday: Monday
        at(6, "06:00"): at(7, "10:15"),
    }
    f = file_cases(compiled(recorded(*moved, calendar="office")), SEED, 0)
    assert np.allclose(np.sort(f.filed), np.sort([*moved.values()]), rtol=0, atol=2.0**-20)
    assert sorted(zip(f.n.tolist(), f.filed.round(3).tolist(), strict=True)) == list(
        enumerate(moved.values())
    )


def test_filings_at_the_office_lie_in_opening_time_and_keep_their_count() -> None:
    office = weekly(DAYS, "09:00-12:00 22:00-02:00", closed=(9, 10), worked=(12,))
    f = file_cases(compiled(poisson(0.02, calendar="office"), office=office), SEED, 0)
    everywhere = file_cases(compiled(poisson(0.02), office=office), SEED, 0)
    days = {day.day for day in office.days}
    minute = f.filed % 1440
    day = (f.filed // 1440 - (minute <= 120)).astype(int)
    assert set(day.tolist()) <= days
    assert np.all(((minute >= 540) & (minute <= 720)) | (minute >= 1320) | (minute <= 120))
    last = max(days)
    # who comes later finds no working day
    assert len(f.n) == np.sum(everywhere.filed < 1440.0 * (last + 1))


def test_some_applicants_file_at_all_hours_others_at_the_office() -> None:
    values = (
        AttributeValue("online", Path(0.5), "always"),
        AttributeValue("in_person", Path(0.5), "office"),
    )
    way = (Attribute("size", (AttributeValue("any", Path(1.0)),)), Attribute("way", values))
    f = file_cases(compiled(poisson(0.02), attributes=way), SEED, 0)
    base = file_cases(compiled(poisson(0.02)), SEED, 0)
    online = f.attributes[:, 1] == 0
    instant = dict(zip(base.n.tolist(), base.filed.tolist(), strict=True))
    assert all(
        instant[n] == t for n, t in zip(f.n[online].tolist(), f.filed[online].tolist(), strict=True)
    )
    assert np.all(f.filed[~online] % 1440 >= 510)
    assert 0.4 < online.mean() < 0.6


def test_the_calendar_of_the_day_decides_when_applicants_can_file() -> None:
    before, after = (
        recorded(at(1, "00:00"), at(29, "00:00")),
        recorded(at(1, "00:00"), at(29, "00:00"), calendar="office"),
    )
    assert file_cases(compiled(before, after=[after]), SEED, 0).filed.tolist() == [
        at(1, "00:00"),
        at(29, "08:30"),
    ]
