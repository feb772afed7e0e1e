"""Demand and services as arrays: who files and when; what holds for the cases of a service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from govsim.arrays import Floats
from govsim.errors import ValueNotPossible
from govsim.model.arrays import FIXED, POISSON, RECORDED, Calendars, Demand, Services
from govsim.model.numbers import Numbers, keys
from govsim.model.routes import Compiled, marks, most_activities, plain
from govsim.organisation.nouns import Configuration
from govsim.organisation.nouns import Demand as DemandOf

KINDS = {"poisson": POISSON, "fixed": FIXED, "recorded": RECORDED}


def compile_services(
    configuration: Configuration, routes: Compiled, numbers: Mapping[str, int], calendars: Calendars
) -> Services:
    """Terms and priorities, by the regime in which a case is filed."""
    regimes = configuration.regimes
    names = list(regimes[0].services)
    ours = [[regime.services[name] for name in names] for regime in regimes]
    calendar = np.array(
        [[numbers[service.calendar] for service in services] for services in ours], dtype=np.int64
    )
    length = np.take_along_axis(calendars.day_length, calendar, axis=1)

    def minutes(days: list[list[int | None]]) -> Floats:
        given = np.array([[-1 if d is None else d for d in row] for row in days], dtype=np.float64)
        return np.where(given < 0, -1.0, given * length)

    return Services(
        key=keys(names),
        program=routes.program,
        calendar=calendar,
        promise=minutes([[service.promise for service in services] for services in ours]),
        limit=minutes([[service.limit for service in services] for services in ours]),
        priority=np.array(
            [[service.priority for service in services] for services in ours], dtype=np.int64
        ),
        marks_accepted=np.array([marks(regime, "accepted") for regime in regimes], dtype=np.int64),
        marks_decided=np.array([marks(regime, "decided") for regime in regimes], dtype=np.int64),
        promise_waits=np.array(
            [[s.promise_from is not None for s in services] for services in ours], dtype=np.int64
        ),
        rows=np.array(
            [[most_activities(plain(s.route)) for s in services] for services in ours],
            dtype=np.int64,
        ),
        internal=np.array([service.internal for service in ours[0]], dtype=np.int64),
    )


def same_but_rate(name: str, before: DemandOf, after: DemandOf) -> None:
    """ValueError where more than the rate and the calendar of a demand changes
    on the reform day.
    """
    for part in ("kind", "interval", "first", "instants", "batch"):
        old, new = getattr(before, part), getattr(after, part)
        if old != new:
            raise ValueNotPossible(
                f"services.{name}.demand: {part} changes on the reform day from {old!r} to "
                f"{new!r}; only rates may"
            )


def compile_demand(
    configuration: Configuration, calendars: Mapping[str, int], numbers: Numbers
) -> Demand:
    """Streams of all services; rates follow the regime of the day."""
    before, after = (regime.services for regime in configuration.regimes)
    reform, days = configuration.reform_day, configuration.horizon
    streams = [service.demand for service in before.values()]
    rate, largest = np.zeros((len(streams), days)), np.zeros((len(streams), days))
    for s, (name, stream) in enumerate(zip(before, streams, strict=True)):
        same_but_rate(name, stream, after[name].demand)
        if stream.kind == "poisson":
            rate[s, :reform] = stream.rate[: min(reform, days)]
            rate[s, reform:] = after[name].demand.rate[reform:days]
            largest[s] = configuration.largest_rate[name][:days]
    batches = [stream.batch for stream in streams]
    files = [
        [
            0 if service.demand.calendar is None else calendars[service.demand.calendar]
            for service in regime.services.values()
        ]
        for regime in configuration.regimes
    ]
    return Demand(
        kind=np.array([KINDS[stream.kind] for stream in streams], dtype=np.int64),
        calendar=np.array(files, dtype=np.int64),
        rate=rate,
        largest=largest,
        interval=np.array([stream.interval for stream in streams], dtype=np.float64),
        first=np.array([stream.first for stream in streams], dtype=np.float64),
        batch_table=np.array(
            [-1 if batch is None else numbers.table(batch) for batch in batches], dtype=np.int64
        ),
        batch_mean=np.array(
            [0.0 if batch is None else batch.mean for batch in batches], dtype=np.float64
        ),
        recorded_first=np.cumsum(
            [0, *(len(stream.instants) for stream in streams)], dtype=np.int64
        ),
        recorded=np.array(sorted_instants(streams), dtype=np.float64),
        **attributes(configuration, calendars, numbers),
    )


def sorted_instants(streams: list[DemandOf]) -> list[float]:
    """The recorded instants of all services, in order within each."""
    return [instant for stream in streams for instant in sorted(stream.instants)]


def attributes(
    configuration: Configuration, calendars: Mapping[str, int], numbers: Numbers
) -> dict[str, Any]:
    """The attribute columns of Demand."""
    of_service, of_attribute, names = [0], [0], []
    shares: list[int] = []
    files: list[int] = []
    for regime in configuration.regimes:
        for name, service in regime.services.items():
            of_service.append(of_service[-1] + len(service.attributes))
            for attribute in service.attributes:
                names.append(f"{name}/{attribute.name}")
                of_attribute.append(of_attribute[-1] + len(attribute.values))
                for value in attribute.values:
                    shares.append(numbers.path(value.share))
                    files.append(
                        {None: -1, "always": 0, "office": calendars[service.calendar]}[value.files]
                    )
    return {
        "attribute_first": np.array(of_service, dtype=np.int64),
        "attribute_key": keys(names),
        "value_first": np.array(of_attribute, dtype=np.int64),
        "value_share": np.array(shares, dtype=np.int64),
        "value_files": np.array(files, dtype=np.int64),
    }
