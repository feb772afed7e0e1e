"""Measures of simulated offices, against a slow twin in pandas that was written from the page.

The twin looks at one applicant after the other, at age tau, with opening hours of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from govsim import measures as gm
from govsim.engine import simulate
from govsim.engine.calendars import member_hours
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.organisation.nouns import Calendar, Configuration
from govsim.records import KINDS, OUTCOMES, VARIANTS, Records
from organisations import ORGANISATIONS

TRAVEL = 25.0
GRANTED, REFUSED, NONE, LEFT = "completed", "rejected", "open", "withdrawn"
COUNTED = (
    *("visits", "signatures", "steps", "supplements"),
    *("applicant_time", "staff_minutes_per_case"),
)
WAITS = tuple(f"{kind}_wait" for kind in ("window", "review", "signature", "internal"))
OFFICES = {  # and the ends that its applicants have there
    "choices": {GRANTED, REFUSED, LEFT},
    "promised": {GRANTED, REFUSED, NONE},
    "shared_member": {GRANTED, NONE},
    "reviewed": {GRANTED, REFUSED, NONE, LEFT},
    "impatient": {GRANTED, LEFT},
    "misdirected": {GRANTED, NONE},
}
FAST = ("choices", "promised")
NAMES = (
    *FAST,
    *(pytest.param(name, marks=pytest.mark.slow) for name in OFFICES if name not in FAST),
)


class Opening:
    """The opening intervals of a calendar, as instants."""

    def __init__(self, calendar: Calendar) -> None:
        hours = [(1440 * d.day + a, 1440 * d.day + b) for d in calendar.days for a, b in d.hours]
        self.opens, self.closes = np.array(hours, dtype=float).reshape(-1, 2).T
        self.last = np.array([1440 * d.day + d.hours[-1][1] for d in calendar.days])
        self.day = calendar.day_length

    def minutes(self, a: float, b: float) -> float:
        return float(np.maximum(0.0, np.minimum(b, self.closes) - np.maximum(a, self.opens)).sum())

    def closings(self, a: float, b: float) -> int:
        return int(((a < self.last) & (self.last <= b)).sum())


def short(name: str) -> Configuration:
    """Followed for Friday to Sunday only, so that some have no answer by then; the first cohort for
    36 days.
    """
    plain = ORGANISATIONS[name]()
    cohorts = {"first": (plain.count_from, 20), "rest": (20, 53)}
    return replace(plain, count_until=53, cohorts=cohorts)


def applicant(
    case: Any, tasks: pd.DataFrame, office: Configuration, tau: tuple[float, float], half: float
) -> dict[str, Any]:
    """What is known of one applicant at age tau (minutes, working days)."""
    regime = office.regimes[int(case.filed >= 1440 * office.reform_day)]
    service = regime.services[case.service_name]
    ours = Opening(regime.calendars[service.calendar])
    until = case.filed + tau[0]
    over = case.ended <= until
    answered = case.outcome_name in (GRANTED, REFUSED) and over
    decided = case.decided <= until
    end = NONE
    if over:
        end = case.outcome_name
    if decided and end in (NONE, LEFT):
        end = GRANTED
    answer = case.outcome_name in (GRANTED, REFUSED)  # its time, in working days
    working = ours.minutes(case.filed, case.ended) / ours.day if answer else np.inf
    told: dict[str, Any] = {
        "end": end,
        "cycle_time": (case.ended - case.filed) / 1440 if answered else tau[0] / 1440,
        "cycle_time_answered": (case.ended - case.filed) / 1440 if answered else np.nan,
        "cycle_time_working": min(working, tau[1]),
    }
    if end == LEFT:
        told["cycle_time"] = told["cycle_time_working"] = np.nan
    for term, share in (("promise", "within_promise"), ("limit", "within_limit")):
        if getattr(service, term) is None:
            continue
        ran_out = getattr(case, f"{term}_out") < until
        told[share] = float(end in (GRANTED, REFUSED) and not ran_out)
        if term == "promise":
            told["late"] = float(ran_out)
            told["gave_up_in_time"] = float(end == LEFT and not ran_out)
        else:
            told["past_limit"] = float(ran_out)
    counts = dict.fromkeys(COUNTED, 0.0)
    waits = dict.fromkeys(WAITS, 0.0)
    single: list[tuple[str, float]] = []
    for row in tasks.itertuples():
        if row.joined > until:
            continue
        kind = KINDS[row.kind]
        counts["steps"] += kind in ("task", "transfer")
        counts["supplements"] += kind == "supplement"
        if kind != "task":
            continue
        counts["supplements"] += VARIANTS[row.variant] == "tolerated" and row.ended <= until
        desk, hours = regime.desks[row.desk_name], Opening(regime.calendars["office"])
        stops = [x for x in (row.started, row.ended, until) if not np.isnan(x)]
        waited_until = min(stops)
        wait = hours.minutes(row.joined, waited_until)
        waits[f"{desk.kind}_wait"] += wait
        if row.joined <= case.filed + half:
            known = min(waited_until, row.joined + half)
            single.append((desk.kind, hours.minutes(row.joined, known)))
        work = 0.0
        if row.started <= until:
            stop = min(x for x in (row.ended, until) if not np.isnan(x))
            work = stop - row.started if desk.kind == "window" else hours.minutes(row.started, stop)
        counts["staff_minutes_per_case"] += work
        counts["signatures"] += desk.kind == "signature"
        if desk.kind == "window":
            visits = 1 + hours.closings(row.joined, waited_until)
            counts["visits"] += visits
            counts["applicant_time"] += TRAVEL * visits + wait + work
    return told | counts | waits | {"single": single}


def looked_at(
    records: Records, model: Model, office: Configuration, since: int, until: int, half: float
) -> pd.DataFrame:
    """Everybody who filed in [since, until) days."""
    cases = pd.DataFrame(records.cases)
    cases["service_name"] = [model.names.services[k] for k in cases["service"]]
    cases["outcome_name"] = [OUTCOMES[k] for k in cases["outcome"]]
    for k, names in enumerate(model.names.attributes[0]):
        cases[names] = [model.names.values[0][k][v] for v in records.attributes[:, k]]
    log = pd.DataFrame(records.activities)
    log["desk_name"] = [model.names.desks[k] if k >= 0 else "" for k in log["desk"]]
    by_case = dict(list(log.groupby("case")))
    counted = cases[(cases["filed"] >= 1440 * since) & (cases["filed"] < 1440 * until)]
    horizon = model.arrays.horizon
    openings = [
        Opening(regime.calendars[service.calendar])
        for regime in office.regimes
        for service in regime.services.values()
        if not service.internal
    ]
    working = min(each.minutes(1440 * until, horizon) / each.day for each in openings)
    tau = horizon - 1440 * until, working
    told = [
        applicant(case, by_case.get(case.Index, log[:0]), office, tau, half)
        for case in counted.itertuples()
    ]
    return pd.concat((counted.reset_index(drop=True), pd.DataFrame(told)), axis=1)


def scopes_of(rows: pd.DataFrame, model: Model) -> dict[str, pd.DataFrame]:
    """The rows of each service and of each of its attribute values."""
    found = {}
    for s, service in enumerate(model.names.services):
        ours = rows[rows["service_name"] == service]
        found[service] = ours
        for attribute, values in zip(model.names.attributes[s], model.names.values[s], strict=True):
            for value in values:
                found[f"{service}/{attribute}/{value}"] = ours[ours[attribute] == value]
    return found


def told_of(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Each measure's statistics of some applicants."""
    told: dict[tuple[str, str], float] = {("stayed", "count"): (rows["end"] != LEFT).sum()}
    for end in (GRANTED, REFUSED, NONE, LEFT):
        told[end, "count"] = (rows["end"] == end).sum()
        told[end, "share"] = (rows["end"] == end).mean()
    for measure in ("cycle_time", "cycle_time_working", "cycle_time_answered"):
        times = rows[measure].dropna().to_numpy()
        if len(times):
            told[measure, "mean"] = times.mean()
            told[measure, "p90"] = np.quantile(times, 0.9, method="inverted_cdf")
    for measure in ("within_promise", "late", "gave_up_in_time", "within_limit", "past_limit"):
        if measure in rows:
            told[measure, "share"] = rows[measure].mean()
    told |= {(measure, "mean"): rows[measure].mean() for measure in (*COUNTED, *WAITS)}
    single = pd.DataFrame(rows["single"].sum(), columns=["kind", "wait"])
    for kind, waits in single.groupby("kind")["wait"]:
        told[f"{kind}_wait_per_task", "count"] = len(waits)
        told[f"{kind}_wait_per_task", "mean"] = waits.mean()
    return told


@pytest.mark.parametrize("name", NAMES)
def test_measures_of_a_simulated_office_are_those_of_a_slow_twin(name: str) -> None:
    office = short(name)
    model = compile_model(office)
    records = simulate(model, 7, 0, engine="reference")
    hours = member_hours(model.arrays, np.uint64(7), 0)
    found, index = gm.measure(records, model, travel=TRAVEL, hours=hours), gm.index(model)
    ends: set[str] = set()
    first = office.count_from
    for cohort, since, until in (("counted", first, 53), ("first", first, 20), ("rest", 20, 53)):
        everybody = looked_at(records, model, office, since, until, half=1.5 * 1440)
        for scope, rows in scopes_of(everybody, model).items():
            for (measure, statistic), value in told_of(rows).items() if len(rows) else ():
                told = gm.read(found, index, measure, statistic, scope, cohort)
                assert told == pytest.approx(value, rel=1e-9, abs=1e-9), (measure, scope, cohort)
        ends |= set(everybody["end"])
    assert ends == OFFICES[name]
