"""What comes out of one replication: its cases, activities and duty, column by column.

Every column is declared here, once, with unit and meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pandas import DataFrame

    from govsim.model.arrays import Model

PARTS = ("service", "queue", "closed", "transfer", "applicant", "meeting", "notice", "outside")
OUTCOMES = ("open", "completed", "rejected", "withdrawn")
KINDS = ("task", "transfer", "delay", "supplement", "meeting")
# columns that are points in time
INSTANTS = (
    *("filed", "accepted", "first_answer", "decided", "promise_out", "limit_out"),
    *("joined", "started", "ended"),
)
VARIANTS = ("plain", "paper", "electronic", "misdirected", "tolerated", "withdrawn")

CASE_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    # name, type, unit, meaning
    ("service", "i4", "", "the service filed (number in Names.services)"),
    (
        "n",
        "i4",
        "",
        "the applicant's number in the service's stream; thinned candidates leave gaps",
    ),
    ("outcome", "i4", "", "how the case stands: " + ", ".join(OUTCOMES)),
    ("handovers", "i4", "", "transfers begun between two departments that are not part of one"),
    ("filed", "f8", "min", "instant of filing"),
    (
        "accepted",
        "f8",
        "min",
        "instant from which the case counts as accepted; NaN where it was not marked",
    ),
    ("first_answer", "f8", "min", "instant of the first answer; NaN where it was not marked"),
    ("decided", "f8", "min", "instant of the decision; NaN where it was not marked"),
    ("ended", "f8", "min", "instant of the end; NaN while open"),
    *(
        (
            f"part_{part}",
            "f8",
            "min",
            f"minutes between filing and end that belong to {part}; NaN while open",
        )
        for part in PARTS
    ),
    (
        "legal_clock",
        "f8",
        "min",
        "working minutes on the legal clock; NaN where it did not run out in a decision",
    ),
    (
        "promise_clock",
        "f8",
        "min",
        "the same, from the step named by promise_from; equal to legal_clock without one",
    ),
    *(
        (
            f"{term}_out",
            "f8",
            "min",
            (
                f"instant at which the {term} ran out while the case was not yet decided, refused "
                f"or given up; inf: not by then, or not by the end of the run; NaN without a {term}"
            ),
        )
        for term in ("promise", "limit")
    ),
    ("transfer_time", "f8", "min", "sum of all transfers over all branches; NaN while open"),
)

ACTIVITY_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("case", "i4", "", "the case (row of cases)"),
    ("step", "i4", "", "the step (number in Names.steps)"),
    ("position", "i4", "", "the step's position in the route of the case"),
    ("desk", "i2", "", "the desk; -1 where none"),
    ("group", "i2", "", "the group of the member; -1 where none"),
    ("member", "i2", "", "the member; -1 where none (yet)"),
    (
        "attempt",
        "i2",
        "",
        "1, 2, ... ; 0 for a misdirected first visit; a supplement has the attempt that it follows",
    ),
    ("kind", "i2", "", "what it was: " + ", ".join(KINDS)),
    ("variant", "i2", "", "how it went: " + ", ".join(VARIANTS)),
    (
        "joined",
        "f8",
        "min",
        "instant of joining: the queue, the waiting for a departure or session, the delay",
    ),
    (
        "started",
        "f8",
        "min",
        "instant of the start of work, of departure, of the session; NaN while waiting",
    ),
    ("ended", "f8", "min", "instant of the end; NaN while under way"),
)

DUTY_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("member", "i4", "", "the member"),
    ("week", "i4", "", "week number: days 7 * week to 7 * week + 6 since the scenario's first day"),
    ("minutes", "f8", "min", "minutes on duty, able to take new work"),
    ("counted", "f8", "min", "those of them that lie within [count_from, count_until]"),
)

CASES = np.dtype([(name, kind) for name, kind, _, _ in CASE_COLUMNS])
ACTIVITIES = np.dtype([(name, kind) for name, kind, _, _ in ACTIVITY_COLUMNS])
DUTY = np.dtype([(name, kind) for name, kind, _, _ in DUTY_COLUMNS])


class Records(NamedTuple):
    """One replication: its cases, activities and duty.

    `attributes[case, k]` is the number of the value of the service's k-th attribute, -1 where none.
    `end` is the instant at which the run ended (minutes). Activities are sorted by (case, position,
    attempt, kind).
    """

    cases: NDArray[Any]
    attributes: NDArray[np.int32]
    activities: NDArray[Any]
    duty: NDArray[Any]
    end: float

    def __repr__(self) -> str:
        return (
            f"<Records: {len(self.cases)} cases, {len(self.activities)} activities, ended at "
            f"minute {self.end:g}>"
        )

    def to_frame(
        self, model: Model, table: Literal["cases", "activities", "duty"] = "cases"
    ) -> DataFrame:
        """One table as a pandas DataFrame, with the names that `model` keeps; KeyError:
        no such table.
        """
        return {"cases": cases_frame, "activities": activities_frame, "duty": duty_frame}[table](
            self, model
        )


# -------------------------------------------------------------------------------------- data frames


def cases_frame(records: Records, model: Model) -> DataFrame:
    """Cases as a pandas DataFrame for reading.

    Ids are categories, instants dates and times, durations in minutes. One column more for each
    attribute, by name (`attribute_NAME` where a column is called so), empty for services without
    it. `attrs` holds meaning and unit of each column; exact minutes since the first day are in
    `records.cases`.
    """
    import pandas as pd

    names = model.names
    coded = {"service": names.services, "outcome": OUTCOMES}
    frame = _frame(records.cases, CASE_COLUMNS, model, coded, index="case")
    service = records.cases["service"]
    for attribute in dict.fromkeys(name for attributes in names.attributes for name in attributes):
        places = [
            (s, k)
            for s, attributes in enumerate(names.attributes)
            for k, a in enumerate(attributes)
            if a == attribute
        ]
        values = list(dict.fromkeys(value for s, k in places for value in names.values[s][k]))
        code = np.full(len(service), -1)
        for s, k in places:
            lookup = np.array([values.index(value) for value in names.values[s][k]] + [-1])
            ours = service == s
            code[ours] = lookup[records.attributes[ours, k]]
        label = attribute if attribute not in frame else f"attribute_{attribute}"
        frame[label] = pd.Categorical.from_codes(code, categories=values)
    return frame


def activities_frame(records: Records, model: Model) -> DataFrame:
    """Activities as a pandas DataFrame for reading, in the manner of `cases_frame`.

    `case` is the row of cases.
    """
    names = model.names
    coded = {
        "step": names.steps,
        "desk": names.desks,
        "group": names.groups,
        "member": names.members,
        "kind": KINDS,
        "variant": VARIANTS,
    }
    return _frame(records.activities, ACTIVITY_COLUMNS, model, coded, index="activity")


def duty_frame(records: Records, model: Model) -> DataFrame:
    """Minutes on duty as a pandas DataFrame.

    Members are categories, beside them their group and the week's first day.
    """
    import pandas as pd

    names = model.names
    frame = _frame(records.duty, DUTY_COLUMNS, model, {"member": names.members}, index="row")
    group = model.arrays.staff.group[records.duty["member"]]
    frame.insert(1, "group", pd.Categorical.from_codes(group, categories=list(names.groups)))
    frame.insert(
        3,
        "first_day",
        np.datetime64(model.start, "s") + records.duty["week"] * np.timedelta64(7, "D"),
    )
    return frame


def _frame(
    rows: NDArray[Any],
    columns: tuple[tuple[str, str, str, str], ...],
    model: Model,
    coded: dict[str, tuple[str, ...]],
    index: str,
) -> DataFrame:
    import pandas as pd

    data: dict[str, Any] = {}
    for name, *_ in columns:
        if name in coded:
            data[name] = pd.Categorical.from_codes(rows[name], categories=list(coded[name]))
        elif name in INSTANTS:
            data[name] = _dates(rows[name], model.start)
        else:
            data[name] = rows[name]
    frame = pd.DataFrame(data).rename_axis(index)
    frame.attrs.update(
        {name: f"{meaning} ({unit})" if unit else meaning for name, _, unit, meaning in columns}
    )
    return frame


def _dates(minutes: NDArray[np.float64], start: str) -> NDArray[np.datetime64]:
    """Local date and time of instants, to the millisecond; NaT for NaN and for never."""
    known = np.isfinite(minutes)
    dates = np.full(len(minutes), np.datetime64("NaT", "ms"))
    dates[known] = np.datetime64(start, "ms") + np.rint(minutes[known] * 60_000.0).astype(
        "timedelta64[ms]"
    )
    return dates
