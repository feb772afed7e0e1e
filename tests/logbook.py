"""A log worked out by hand, and what the measures read of it.

28 days from Monday 2024-01-01, open 08:30-12:00 and 14:00-17:30 on weekdays, one clerk at the
window, one reviewer, one signer; the first 14 days are counted, the cohort `late` is their second
week. So tau is 14 days, or ten working days of seven hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim import measures as gm
from govsim.engine.calendars import Hours
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.organisation.nouns import (
    Attribute,
    AttributeValue,
    Configuration,
    Desk,
    Mark,
    Path,
    Service,
    Task,
    Transfer,
)
from govsim.records import ACTIVITIES, CASES, DUTY, KINDS, OUTCOMES, VARIANTS, Records
from plain import (
    WINDOW,
    at,
    clock,
    configuration,
    constant,
    group,
    organisation,
    poisson,
    recorded,
    weekly,
)

DAYS = 28
HOUR = 60.0


def office() -> Configuration:
    """Services permit (filed online or in person, promise 1 day, limit 2), licence,
    jobs (internal); a route tells a first answer and hands the file over to the bureau.
    """
    ways = Attribute(
        "way", (AttributeValue("person", Path(0.5)), AttributeValue("online", Path(0.5)))
    )
    route = (
        Task("talk", "window", constant(10.0)),
        Mark("answer", "first_answer"),
        Transfer("send", "bureau", Path(1.0), clock(constant(60.0)), clock(constant(0.0))),
        Task("sign", "sign", constant(5.0)),
        Task("check", "review", constant(5.0)),
    )
    services = {
        "permit": Service(
            "hall", "office", poisson(0.002, DAYS), route, (ways,), promise=1, limit=2
        ),
        "licence": Service(
            "hall", "office", recorded(at(0, "09:00"), at(1, "09:00"), at(20, "09:00")), route
        ),
        "jobs": Service(
            "hall",
            "office",
            recorded(at(0, "09:00")),
            (Task("job", "job", constant(5.0)),),
            internal=True,
        ),
    }
    desks = {
        "window": WINDOW,
        "review": Desk("hall", "review"),
        "sign": Desk("hall", "signature"),
        "job": Desk("hall", "internal"),
    }
    staff = {
        "clerks": group({"window": 1.0}),
        "reviewers": group({"review": 1.0, "job": 1.0}),
        "signers": group({"sign": 1.0}),
    }
    departments = {"hall": "hall", "bureau": "bureau"}
    whole = organisation(desks, staff, services, {"office": weekly(DAYS)}, departments=departments)
    plain = configuration(whole, days=DAYS, count_until=14)
    return replace(plain, cohorts={"late": (7, 14)})


MODEL = compile_model(office())
NAMES = MODEL.names
CLERK, REVIEWER, SIGNER = range(3)


class Log:
    """Records written by hand: cases in the order of filing, each followed by its activities."""

    def __init__(self) -> None:
        self.cases: list[dict[str, Any]] = []
        self.rows: list[dict[str, Any]] = []
        self.values: list[int] = []

    def case(
        self,
        filed: float,
        ended: float = np.nan,
        service: str = "permit",
        outcome: str = "",
        **more: Any,
    ) -> Log:
        value = more.pop("way", "person")
        blank = {
            name: np.nan
            for name in CASES.names or ()
            if name not in ("service", "n", "outcome", "handovers")
        }
        number = OUTCOMES.index(outcome or ("open" if np.isnan(ended) else "completed"))
        promised = np.inf if service == "permit" else np.nan
        own = {
            "promise_out": promised,
            "limit_out": promised,
            "service": NAMES.services.index(service),
            "n": len(self.cases),
            "outcome": number,
            "filed": filed,
            "ended": ended,
        }
        self.cases.append({**blank, "handovers": 0, **own, **more})
        self.values.append(("person", "online").index(value) if service == "permit" else -1)
        return self

    def task(
        self,
        desk: str,
        joined: float,
        started: float,
        ended: float,
        member: int = CLERK,
        **more: Any,
    ) -> Log:
        row = {
            "case": len(self.cases) - 1,
            "desk": NAMES.desks.index(desk) if desk else -1,
            "member": member,
            "group": member,
            "attempt": 1,
        }
        words = {
            "kind": KINDS.index(more.pop("kind", "task")),
            "variant": VARIANTS.index(more.pop("variant", "plain")),
        }
        self.rows.append(
            {**row, **words, "joined": joined, "started": started, "ended": ended, **more}
        )
        return self

    def records(self, end: float = DAYS * 1440.0, duty: float = 0.0) -> Records:
        duties = np.zeros(3, DUTY)
        duties["member"], duties["counted"] = np.arange(3), duty
        attributes = np.array(self.values, dtype=np.int32).reshape(-1, 1)
        return Records(
            table(self.cases, CASES), attributes, table(self.rows, ACTIVITIES), duties, end
        )


def table(rows: Sequence[dict[str, Any]], dtype: np.dtype[Any]) -> NDArray[Any]:
    out = np.zeros(len(rows), dtype)
    for k, row in enumerate(rows):
        for name, value in row.items():
            out[name][k] = value
    return out


def whole_hours() -> Hours:
    """Everybody is there whenever the office is open."""
    c = MODEL.arrays.calendars
    one = slice(c.first[1], c.first[2])
    size = one.stop - one.start
    return Hours(
        size * np.arange(4), *(np.tile(column[one], 3) for column in (c.opens, c.closes, c.before))
    )


def reading(records: Records, mixes: Any = None, model: Model = MODEL, **more: Any) -> Any:
    """A function (measure, statistic, scope, cohort) -> number or None."""
    found = gm.measure(
        records, model, mixes, **{"hours": whole_hours() if model is MODEL else None, **more}
    )
    index = gm.index(model, mixes)
    return lambda name, statistic="mean", scope="permit", cohort="counted": gm.read(
        found, index, name, statistic, scope, cohort
    )


def three_permits() -> Log:
    """Cycle times of 1 h, 2 h and one day."""
    log = (
        Log()
        .case(at(0, "09:00"), at(0, "10:00"))
        .case(at(1, "09:00"), at(1, "11:00"), way="online")
    )
    return log.case(at(8, "09:00"), at(9, "09:00"), way="online")
