"""One replication again, and in it the way of one applicant in some configurations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints
from govsim.errors import A_RUN, NameNotFound, ValueNotPossible, needed
from govsim.evidence.trace.result import Journey, Stretch, Trace
from govsim.model.arrays import Model
from govsim.organisation.configure import configure
from govsim.organisation.load import reread
from govsim.organisation.names import Tree, said
from govsim.records import KINDS, OUTCOMES, PARTS, VARIANTS, Records
from govsim.scenario import Scenario
from govsim.scenario.problems import did_you_mean
from govsim.store import StoredRuns

WHO = ("median", "slowest", "worst_hit")
DAY = 1440.0  # minutes


def trace(
    runs: StoredRuns,
    service: str | None = None,
    who: str | int = "median",
    replication: int = 0,
    configurations: Sequence[str] | None = None,
) -> Trace:
    """The way of one applicant of a service: every wait and its cause, in the first and the last
    configuration of a run, or in those asked for.

    `who` is `median` (by the time in the first configuration), `slowest` (in the last), `worst_hit`
    (whose time rises most, or falls least) of those counted in all of them, or an applicant's
    number in the service's stream. The replication is simulated again: the same draws, so the same
    way.
    NameNotFound: no such service, configuration or applicant; ValueNotPossible: nobody to choose
    from.
    """
    needed(runs, StoredRuns, A_RUN)
    made = runs.settings
    names = tuple(
        configurations or dict.fromkeys((made.configurations[0], made.configurations[-1]))
    )
    service = service or str(made.about["services"][0])
    scenario = reread(made.scenario, made.text, made.scenario_hash)
    models = _models(scenario, made.variant, names, service)
    records = {name: _simulated(model, made, replication) for name, model in models.items()}
    number = _chosen(models, records, service, who)
    journeys = tuple(_journey(name, models[name], records[name], service, number) for name in names)
    last = max(journey.until for journey in journeys)
    return Trace(
        run=made.id,
        start=made.about["start"],
        replication=replication,
        service=service,
        names=_names(scenario.tree, service, journeys),
        who=who if isinstance(who, str) else "",
        number=number,
        journeys=journeys,
        open_hours=_open_hours(models[names[-1]], service, journeys[0].filed, last),
    )


def _models(
    scenario: Scenario, variant: str | None, names: Sequence[str], service: str
) -> dict[str, Model]:
    from govsim.model import compile_model

    try:
        models = {name: compile_model(configure(scenario, name, variant)) for name in names}
    except KeyError as unknown:
        raise NameNotFound(str(unknown.args[0])) from None
    known = next(iter(models.values())).names.services
    if service not in known:
        raise NameNotFound(f"no service {service!r}{did_you_mean(service, known)}")
    return models


def _names(tree: Tree, service: str, journeys: Sequence[Journey]) -> dict[str, Any]:
    """What the service, and the steps, desks and groups on the way are called, by kind.id."""
    stretches = [stretch for journey in journeys for stretch in journey.stretches]
    ids = {("services", service): service}
    ids |= {("steps", each.step): f"{service}.{each.step}" for each in stretches}
    ids |= {("desks", each.desk): each.desk for each in stretches}
    ids |= {("staff", each.group): each.group for each in stretches}
    return {f"{kind}.{name}": said(tree, kind, path) for (kind, name), path in ids.items() if name}


def _simulated(model: Model, made: Any, replication: int) -> Records:
    from govsim.engine import simulate

    return simulate(model, made.seed, replication, made.engine)


# ---------------------------------------------------------------------------------- which applicant


def _chosen(
    models: Mapping[str, Model], records: Mapping[str, Records], service: str, who: str | int
) -> int:
    """The number of the applicant that is meant."""
    there = [_ours(models[name], records[name], service) for name in models]
    if isinstance(who, str) and who not in WHO:
        raise ValueNotPossible(f"who: {who!r} is not one of {', '.join(WHO)}, or a number")
    if not isinstance(who, str):
        if not all(np.isin(who, cases["n"]) for cases in there):
            every = [int(n) for n in there[0]["n"]]
            known = f"{every[0]} to {every[-1]}" if every else "nobody"
            raise NameNotFound(f"no applicant {who} of {service} filed in all; {known} filed")
        return int(who)
    counted = [
        cases[_counted(models[name], cases)] for name, cases in zip(models, there, strict=True)
    ]
    numbers = counted[0]["n"]
    for cases in counted[1:]:
        numbers = np.intersect1d(numbers, cases["n"])
    if not len(numbers):
        raise ValueNotPossible(
            f"nobody filed for {service} in the counted time of this replication"
        )
    first, last = (_times(cases, numbers) for cases in (counted[0], counted[-1]))
    if who == "median":
        order = np.argsort(first, kind="stable")
        return int(numbers[order[(len(order) - 1) // 2]])
    worst = last if who == "slowest" else last - first
    return int(numbers[np.argmax(np.where(np.isnan(worst), -np.inf, worst))])


def _ours(model: Model, records: Records, service: str) -> NDArray[Any]:
    ours = records.cases["service"] == model.names.services.index(service)
    cases: NDArray[Any] = records.cases[ours]
    return cases


def _counted(model: Model, cases: NDArray[Any]) -> NDArray[np.bool_]:
    since, until = model.arrays.count_from, model.arrays.count_until
    inside: NDArray[np.bool_] = (cases["filed"] >= since) & (cases["filed"] < until)
    return inside


def _times(cases: NDArray[Any], numbers: Ints) -> Floats:
    """Minutes from filing to the end [number]; infinite while open."""
    place = np.searchsorted(cases["n"], numbers)
    took: Floats = cases["ended"][place] - cases["filed"][place]
    return np.where(np.isnan(took), np.inf, took)


# ------------------------------------------------------------------------------------------ the way


def _journey(name: str, model: Model, records: Records, service: str, number: int) -> Journey:
    """All that happened to one case."""
    ours = model.names.services.index(service)
    cases = records.cases
    (row,) = np.flatnonzero((cases["service"] == ours) & (cases["n"] == number))
    case = cases[row]
    ended = float(case["ended"])
    until = records.end if np.isnan(ended) else ended
    activities = records.activities[records.activities["case"] == row]
    stretches = [
        stretch
        for activity in activities
        for stretch in _stretches(model, records, activity, until)
    ]
    return Journey(
        configuration=name,
        filed=float(case["filed"]),
        until=until,
        end=OUTCOMES[case["outcome"]],
        parts={part: float(case[f"part_{part}"]) / DAY for part in PARTS if not np.isnan(ended)},
        stretches=tuple(sorted(stretches, key=lambda stretch: (stretch.since, stretch.until))),
    )


def _stretches(
    model: Model, records: Records, activity: NDArray[Any], until: float
) -> list[Stretch]:
    """The wait of an activity and what came of it; what is under way lasts `until` then."""
    names = model.names
    step = names.steps[activity["step"]].partition("/")[2]
    joined, started, ended = (
        float(until if np.isnan(activity[key]) else activity[key])
        for key in ("joined", "started", "ended")
    )
    variant = VARIANTS[activity["variant"]]
    how = "" if variant == "plain" else variant
    kind = KINDS[activity["kind"]]
    if kind != "task":
        part = {"supplement": "applicant", "meeting": "meeting", "transfer": "transfer"}.get(kind)
        part = part or PARTS[_part(model, int(activity["step"]))]
        return [Stretch(part, step, "", "", "", joined, ended, how)]
    desk = names.desks[activity["desk"]]
    ahead = _ahead(records, activity)
    waits = (
        [Stretch("queue", step, desk, "", "", joined, started, how, ahead)]
        if started > joined
        else []
    )
    if activity["member"] < 0:
        return waits
    group, member = names.groups[activity["group"]], names.members[activity["member"]]
    return [*waits, Stretch("service", step, desk, group, member, started, ended, how)]


def _part(model: Model, step: int) -> int:
    """The part of the time that a delay belongs to."""
    steps = model.arrays.steps
    return int(steps.part[np.flatnonzero(steps.name == step)[0]])


def _ahead(records: Records, activity: NDArray[Any]) -> int:
    """How many stood at the desk when the applicant, or the file, came.

    Of those who came at the same instant, who was served sooner.
    """
    every = records.activities[records.activities["desk"] == activity["desk"]]
    came, served = activity["joined"], _or_never(activity["started"])
    started, left = _or_never(every["started"]), _or_never(every["ended"])
    sooner = (every["joined"] < came) | ((every["joined"] == came) & (started < served))
    return int(np.count_nonzero(sooner & (started > came) & (left > came)))


def _or_never(instants: NDArray[Any]) -> Floats:
    never: Floats = np.where(np.isnan(instants), np.inf, instants)
    return never


def _open_hours(
    model: Model, service: str, since: float, until: float
) -> tuple[tuple[float, float], ...]:
    """The opening intervals of the service's calendar, as far as they lie between two instants."""
    calendars, ours = model.arrays.calendars, model.names.services.index(service)
    calendar = int(model.arrays.services.calendar[1, ours])
    own = slice(calendars.first[calendar], calendars.first[calendar + 1])
    opens, closes = (
        np.clip(calendars.opens[own], since, until),
        np.clip(calendars.closes[own], since, until),
    )
    return tuple((float(a), float(b)) for a, b in zip(opens, closes, strict=True) if b > a)
