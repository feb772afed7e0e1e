"""`compile_model`: a Configuration as arrays; the Model is all that an engine reads.

What a scenario says in names and paths becomes numbers here, once: days are tabulated, calendars
stitched over the reform day, routes written as programs. So engines contain no policy, and a new
world only refills numbers.
"""

from __future__ import annotations

from govsim.errors import ValueNotPossible, needed
from govsim.model.arrays import Arrays, Model, Names
from govsim.model.calendars import MINUTES, compile_calendars
from govsim.model.demand import compile_demand, compile_services
from govsim.model.numbers import Numbers, refuse_collisions
from govsim.model.quantiles import build_tables
from govsim.model.routes import Place, compile_routes
from govsim.model.staff import compile_desks, compile_meetings, compile_staff
from govsim.organisation.nouns import Configuration

__all__ = ["compile_model"]


def compile_model(configuration: Configuration) -> Model:
    """The Model of a configuration.

    ValueError where names collide or the regimes do not describe one organisation.
    """
    needed(configuration, Configuration, "a configuration (gs.configure)")
    refuse_unlike(configuration)
    regime = configuration.regimes[0]
    numbers = Numbers(configuration)
    calendars, calendar_names, calendar, desk_calendar = compile_calendars(configuration)
    desks = {name: k for k, name in enumerate(regime.desks)}
    meetings = {
        name: k
        for k, name in enumerate(
            dict.fromkeys(name for r in configuration.regimes for name in r.meetings)
        )
    }
    place = Place(numbers, calendar, desks, meetings, {})
    routes = compile_routes(configuration, place)
    refuse_collisions(draw_names(configuration, place.step_names))
    demand = compile_demand(configuration, calendar, numbers)
    tables, order = build_tables(numbers.distributions)
    if order != list(range(len(order))):
        raise AssertionError(f"tables of distinct shapes are numbered {order}")
    arrays = Arrays(
        days=configuration.horizon,
        reform=configuration.reform_day * MINUTES,
        count_from=configuration.count_from * MINUTES,
        count_until=configuration.count_until * MINUTES,
        horizon=configuration.horizon * MINUTES,
        width=routes.width,
        attributes=max(
            (len(service.attributes) for service in regime.services.values()), default=0
        ),
        calendars=calendars,
        tables=tables,
        paths=numbers.paths(),
        staff=compile_staff(configuration, calendar, desks),
        desks=compile_desks(configuration, desk_calendar),
        meetings=compile_meetings(configuration, meetings, calendar, calendars),
        reviews=routes.reviews,
        misdirections=routes.misdirections,
        steps=routes.steps,
        target=routes.target,
        slot=routes.slot,
        leave=routes.leave,
        services=compile_services(configuration, routes, calendar, calendars),
        demand=demand,
    )
    cohorts = tuple(
        (name, a * MINUTES, b * MINUTES) for name, (a, b) in configuration.cohorts.items()
    )
    names = names_of(configuration, calendar_names, tuple(place.step_names), tuple(meetings))
    return Model(arrays, names, configuration.name, configuration.start, cohorts)


def refuse_unlike(configuration: Configuration) -> None:
    """ValueError where the regimes do not name the same things in the same order."""
    before, after = configuration.regimes
    for section in ("services", "desks", "staff"):
        if list(getattr(before, section)) != list(getattr(after, section)):
            raise ValueNotPossible(
                f"{section}: the regimes of configuration {configuration.name!r} do not name the "
                "same ones"
            )
    for name, service in before.services.items():
        ours, theirs = (
            [(a.name, [v.name for v in a.values]) for a in s.attributes]
            for s in (service, after.services[name])
        )
        if ours != theirs:
            raise ValueNotPossible(
                f"services.{name}: attributes change on the reform day from {ours} to {theirs}"
            )


def draw_names(configuration: Configuration, steps: dict[str, int]) -> list[str]:
    """All names whose hashes key random draws."""
    regime = configuration.regimes[0]
    attributes = [
        f"{name}/{a.name}" for name, service in regime.services.items() for a in service.attributes
    ]
    return [*regime.services, *steps, *attributes, *regime.staff]


def names_of(
    configuration: Configuration,
    calendars: tuple[str, ...],
    steps: tuple[str, ...],
    meetings: tuple[str, ...],
) -> Names:
    """What the numbers of the Model mean."""
    regime, after = configuration.regimes
    services = regime.services.values()
    sizes = {
        name: max(group.members, after.staff[name].members) for name, group in regime.staff.items()
    }
    return Names(
        services=tuple(regime.services),
        steps=steps,
        desks=tuple(regime.desks),
        desk_department=tuple(desk.department for desk in regime.desks.values()),
        groups=tuple(regime.staff),
        members=tuple(f"{name} {k + 1}" for name, size in sizes.items() for k in range(size)),
        meetings=meetings,
        calendars=calendars,
        attributes=tuple(tuple(a.name for a in service.attributes) for service in services),
        values=tuple(
            tuple(tuple(v.name for v in a.values) for a in service.attributes)
            for service in services
        ),
    )
