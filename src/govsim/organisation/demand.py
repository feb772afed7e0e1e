"""When applicants file, in plain numbers: a rate for each day, and the largest rate.

The largest is the rate that no set of levers exceeds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from govsim.organisation.calendars import Span
from govsim.organisation.nouns import Demand, Distribution, Path
from govsim.organisation.parameters import Refused, Values
from govsim.organisation.routes import distribution
from govsim.scenario import limits
from govsim.scenario.columns import read_column
from govsim.scenario.problems import did_you_mean
from govsim.scenario.units import DAY, YEAR, Kind, UnitError


def demand(
    spec: Mapping[str, Any],
    profiles: Mapping[str, Any],
    calendar: str | None,
    span: Span,
    values: Values,
    folder: File,
) -> Demand:
    """The demand of a service.

    `calendar` is the one in whose opening time people file, None at all hours.
    """
    batch = _batch(spec, values, folder)
    if "per_year" in spec:
        filed = Demand("poisson", calendar, rates(spec, profiles, span, values), batch=batch)
    elif "every" in spec:
        first = _first(spec, span, values)
        filed = Demand(
            "fixed", calendar, interval=_above_zero(values, spec, "every"), first=first, batch=batch
        )
    else:
        filed = Demand("recorded", calendar, instants=_instants(spec, span, folder), batch=batch)
    refuse_flood(_times(filed, span) * (batch.mean if batch else 1.0))
    return filed


def _times(filed: Demand, span: Span) -> float:
    """How often people are expected to file up to the horizon."""
    if filed.kind == "poisson":
        return up_to_horizon(filed.rate)
    return (
        span.horizon * DAY / filed.interval if filed.kind == "fixed" else float(len(filed.instants))
    )


def up_to_horizon(rate: Sequence[float]) -> float:
    """How often people are expected to file at these rates per minute of each day."""
    return DAY * math.fsum(rate)


def refuse_flood(filings: float) -> None:
    """Refuse more filings of a service than there is room for."""
    if not filings <= limits.FILINGS:
        raise Refused(
            "", f"{filings:.3g} filings up to the horizon; at most {limits.FILINGS} are possible"
        )


def rates(
    spec: Mapping[str, Any], profiles: Mapping[str, Any], span: Span, values: Values
) -> tuple[float, ...]:
    """Filings (batches) per minute for each day up to the horizon."""
    per_year = values.number(spec, "per_year", Kind.RATE)
    factor = values.path(_listed(spec, "factor"), "factor", Kind.NUMBER, 1.0)
    if min(factor.base, factor.base + factor.extra) < 0.0:
        raise Refused("factor", "must not be negative")
    months = _months(spec, profiles, values)
    return _rates(per_year, factor, months, span.months, span.reform_day)


def _listed(spec: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The field with a list of factors as their product."""
    return {**spec, key: {"product": spec[key]}} if isinstance(spec.get(key), list) else spec


@lru_cache(maxsize=512)
def _rates(
    per_year: float,
    factor: Path,
    months: tuple[float, ...] | None,
    runs: tuple[tuple[int, int, float], ...],
    reform_day: int,
) -> tuple[float, ...]:
    plain: list[float] = []
    for month, days, minutes in runs:
        plain += [
            per_year / YEAR if months is None else per_year * months[month] / 12.0 / minutes
        ] * days
    if factor.kind == "constant":
        return tuple(rate * factor.base for rate in plain) if factor.base != 1.0 else tuple(plain)
    return tuple(rate * factor.at(day - reform_day) for day, rate in enumerate(plain))


def _months(
    spec: Mapping[str, Any], profiles: Mapping[str, Any], values: Values
) -> tuple[float, ...] | None:
    """Twelve factors with mean 1, or None where all days of the year are alike."""
    stated = spec.get("months")
    if isinstance(stated, str):
        if stated not in profiles:
            raise Refused("months", f"no profile '{stated}'{did_you_mean(stated, profiles)}")
        stated = profiles[stated]
    if stated is None:
        return None
    months = [values.number({"months": month}, "months", Kind.NUMBER) for month in stated]
    if len(months) != 12 or min(months) < 0.0 or sum(months) == 0.0:
        raise Refused("months", "twelve factors of 0 or more are needed here, not all 0")
    return tuple(12.0 * month / sum(months) for month in months)


def _above_zero(values: Values, spec: Mapping[str, Any], key: str) -> float:
    number = values.number(spec, key, Kind.CLOCK)
    if not number > 0.0:
        raise Refused(key, "must be more than 0")
    return number


def _first(spec: Mapping[str, Any], span: Span, values: Values) -> float:
    first = spec.get("first", 0)
    if first == 0:
        return 0.0
    if isinstance(first, str):
        try:
            return _not_before(span.minute(first), "first")
        except UnitError:
            pass
    return values.number(spec, "first", Kind.CLOCK)


def _instants(spec: Mapping[str, Any], span: Span, folder: File) -> tuple[float, ...]:
    stated = spec["recorded"]
    try:
        written: Sequence[str] = (
            read_column(folder, stated, spec.get("column")) if isinstance(stated, str) else stated
        )
        instants = sorted(span.minute(when) for when in written)
    except UnitError as problem:
        raise Refused("recorded", str(problem)) from None
    _not_before(instants[0], "recorded")
    return tuple(instants)


def _not_before(minute: float, key: str) -> float:
    if minute < 0.0:
        raise Refused(key, "an instant lies before the start")
    return minute


def _batch(spec: Mapping[str, Any], values: Values, folder: File) -> Distribution | None:
    if "batch" not in spec:
        return None
    batch, _ = distribution(values, spec, "batch", Kind.NUMBER, folder)
    if not batch.mean > 0.0:
        raise Refused("batch", "must be more than 0")
    return None if batch == Distribution("constant", 1.0) else batch
