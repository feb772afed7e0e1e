"""Where each number of Measures stands: declared once per run, read without any engine.

It is kept beside the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from govsim.arrays import Floats
from govsim.errors import NameNotFound, ValueNotPossible
from govsim.measures.ages import Ages, ages
from govsim.measures.catalogue import CATALOGUE, LEVELS, MINUTES_PER_UNIT
from govsim.measures.cells import periods, value_scopes
from govsim.measures.paths import weeks
from govsim.model.arrays import FIXED, POISSON, Model
from govsim.model.quantiles import mean_batch_of
from govsim.scenario.units import CALENDAR_DAYS, WORKING_DAYS

Weights = Floats | Mapping[str, Floats]

ROWS = tuple(
    (m.name, s) for m in CATALOGUE if m.per in ("case", "task", "month") for s in m.statistics
)
MEASURES = {measure.name: measure for measure in CATALOGUE}


@dataclass(frozen=True)
class MeasureIndex:
    """The axes of Measures.values: rows, scopes and cohorts.

    Rows are (measure, statistic), scopes mixes, services and values; the first cohort is `counted`.
    A value's scope is "service/attribute/value". `weights` are those of each mix, by service.
    """

    rows: tuple[tuple[str, str], ...]
    scopes: tuple[str, ...]
    cohorts: tuple[str, ...]
    mixes: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]
    services: tuple[str, ...]
    desks: tuple[str, ...]
    groups: tuple[str, ...]
    weeks: int
    demand: tuple[float, ...] = ()  # of each service, before
    # tau of each cohort: in minutes, and in working days
    followed: tuple[tuple[float, ...], ...] = ((), ())
    calendar: str = ""  # as in Ages
    # whether the mix is one of which no replication keeps the numbers: services are mixed as read
    mixed_as_read: bool = False

    def place(
        self, measure: str, statistic: str, scope: str = "mix", cohort: str = "counted"
    ) -> tuple[int, int, int]:
        """The place in Measures.values; KeyError with the nearest name where there is none."""
        if measure not in MEASURES:
            raise NameNotFound(_unknown("measure", measure, list(MEASURES)))
        offered = [s for name, s in self.rows if name == measure]
        if statistic not in offered:
            raise NameNotFound(_unknown(f"statistic of {measure}", statistic, offered))
        return self.rows.index((measure, statistic)), self.scope(scope), self.cohort(cohort)

    def scope(self, name: str) -> int:
        """The place of a mix, service or attribute value."""
        return _place("mix, service or attribute value", name, self.scopes)

    def cohort(self, name: str) -> int:
        """The place of a cohort."""
        return _place("cohort", name, self.cohorts)

    def of(self, names: Collection[str]) -> MeasureIndex:
        """The index of what is kept of the same applicants: no quantiles, no attribute values."""
        rows = (
            (name, statistic)
            for name, statistic in self.rows
            if name in names and statistic not in LEVELS and MEASURES[name].per != "month"
        )
        scopes = self.scopes[: len(self.mixes) + len(self.services)]
        return replace(self, rows=tuple(rows), scopes=scopes)

    @property
    def ages(self) -> Ages:
        """Tau of each cohort."""
        clock, working = self.followed
        return Ages(clock, working, self.calendar)

    def with_mix(self, weights: Iterable[float]) -> MeasureIndex:
        """The same rows read with another mix: what each service weighs in it."""
        k = self.mixes.index("mix")
        other = (*self.weights[:k], tuple(map(float, weights)), *self.weights[k + 1 :])
        return replace(self, weights=other, mixed_as_read=True)

    def keeps(self, scope: str | Sequence[str]) -> bool:
        """Whether replications keep the numbers of a scope; else its services are mixed as read."""
        return isinstance(scope, str) and not (scope == "mix" and self.mixed_as_read)

    def tau(self, measure: str, cohort: str = "counted") -> float:
        """The age at which a cohort is read, in the unit of a measure of time."""
        if MEASURES[measure].unit == WORKING_DAYS:
            return self.followed[1][self.cohort(cohort)]
        return self.followed[0][self.cohort(cohort)] / MINUTES_PER_UNIT[CALENDAR_DAYS]

    def weights_of(self, scope: str) -> tuple[float, ...]:
        """How services weigh in a mix; 1 for a service by itself."""
        if scope in self.mixes:
            return self.weights[self.mixes.index(scope)]
        service = _place("mix or service", scope, self.services)
        return tuple(float(k == service) for k in range(len(self.services)))

    def stated(self, scope: str | Sequence[str]) -> Floats:
        """How a mix, a service, or several services by their demand are stated
        to weigh [service].
        """
        if isinstance(scope, str):
            return np.array(self.weights_of(scope))
        chosen = np.zeros(len(self.services))
        for name in scope:
            chosen[_place("service", name, self.services)] = 1.0
        demand = (
            np.array(self.demand)
            if self.demand
            else np.array(self.weights).max(axis=0, initial=0.0)
        )
        return chosen * (demand if (chosen * demand).any() else 1.0)

    def labels(self) -> dict[str, list[str]]:
        """Columns measure, statistic, unit, scope, cohort for Measures.values.ravel()."""
        cells = [
            (m, s, MEASURES[m].unit_of(s), a, c)
            for m, s in self.rows
            for a in self.scopes
            for c in self.cohorts
        ]
        columns = ("measure", "statistic", "unit", "scope", "cohort")
        return {name: [cell[k] for cell in cells] for k, name in enumerate(columns)}

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and strings, for run.json."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> MeasureIndex:
        """Read `to_dict` back, also from JSON."""
        keys = ("rows", "weights", "followed")
        nested = {key: tuple(tuple(each) for each in plain[key]) for key in keys}
        flat: dict[str, Any] = {
            key: tuple(value)
            for key, value in plain.items()
            if isinstance(value, list | tuple) and key not in nested
        }
        return cls(
            **{**nested, **flat, "weeks": plain["weeks"]},
            calendar=plain.get("calendar", ""),
            mixed_as_read=plain.get("mixed_as_read", False),
        )


def _place(what: str, name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise NameNotFound(_unknown(what, name, names))
    return names.index(name)


def _unknown(what: str, name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
    return f"no {what} {name!r}; {hint}"


def demand_weights(model: Model, services: Sequence[str] | None = None) -> Floats:
    """Expected cases of each service in the counted period: the fixed mix,
    when `model` is `before` in the base world.

    Internal services weigh 0, and so does what `services` (all, if None) does not name. KeyError:
    a name of no service.
    """
    for name in services or ():
        _place("service", name, model.names.services)
    demand, arrays = model.arrays.demand, model.arrays
    a, b = arrays.count_from, arrays.count_until
    days = slice(int(a // 1440), int(b // 1440))
    weight = np.zeros(len(model.names.services))
    for s, name in enumerate(model.names.services):
        if arrays.services.internal[s] or (services is not None and name not in services):
            continue
        if demand.kind[s] == POISSON:
            weight[s] = demand.rate[s, days].sum() * 1440.0
        elif demand.kind[s] == FIXED:
            filed = np.ceil((np.array((a, b)) - demand.first[s]) / demand.interval[s])
            weight[s] = np.diff(np.maximum(filed, 0.0))[0]
        else:
            instants = demand.recorded[demand.recorded_first[s] : demand.recorded_first[s + 1]]
            weight[s] = np.count_nonzero((a <= instants) & (instants < b))
        if demand.batch_table[s] >= 0:
            number, mean = int(demand.batch_table[s]), float(demand.batch_mean[s])
            weight[s] *= mean_batch_of(arrays.tables, number, mean)
    return weight


def mixes_of(model: Model, mix_weights: Weights | None) -> dict[str, Floats]:
    """Named mixes: one array is the mix `mix`, None the model's own demand. ValueError:
    not one weight >= 0 per service.
    """
    if mix_weights is None:
        return {"mix": demand_weights(model)}
    given = mix_weights if isinstance(mix_weights, Mapping) else {"mix": mix_weights}
    mixes = {name: np.asarray(weights, dtype=np.float64) for name, weights in given.items()}
    services = len(model.names.services)
    for name, weights in mixes.items():
        if weights.shape != (services,) or not (weights >= 0).all():
            raise ValueNotPossible(
                f"mix {name!r}: one weight, at least 0, for each of {services} services, not "
                f"{weights.tolist()}"
            )
    return mixes


def index(
    model: Model, mix_weights: Weights | None = None, followed: Ages | None = None
) -> MeasureIndex:
    """The index of what `measure` returns for this Model, the same mixes and tau.

    ValueError where a mix bears a service's name.
    """
    names, mixes = model.names, mixes_of(model, mix_weights)
    followed = followed or ages([model])
    if both := set(mixes) & set(names.services):
        raise ValueNotPossible(
            f"{', '.join(sorted(both))}: the name of a mix and of a service; give the mix another "
            "name"
        )
    values = [
        f"{names.services[s]}/{names.attributes[s][k]}/{names.values[s][k][v]}"
        for s, k, v in value_scopes(names.values)[1]
    ]
    return MeasureIndex(
        rows=ROWS,
        scopes=(*mixes, *names.services, *values),
        cohorts=tuple(name for name, _, _ in periods(model)),
        mixes=tuple(mixes),
        weights=tuple(tuple(map(float, weights)) for weights in mixes.values()),
        services=names.services,
        desks=names.desks,
        groups=names.groups,
        weeks=weeks(model.arrays),
        demand=tuple(map(float, demand_weights(model))),
        followed=tuple(followed[:2]),
        calendar=followed.calendar,
    )
