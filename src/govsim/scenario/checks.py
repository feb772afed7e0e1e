"""Checks of a scenario file that no schema can make: one thing against another.

Dates in order, calendars, routes, shares, sets, claims against the rest of the file.

Each check looks at one thing and yields (path, message). They read the plain tree, so the same
checks hold after levers have changed it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path as File
from typing import Any

from govsim.scenario import limits, units
from govsim.scenario.claims import check_claims, check_experiment, check_known
from govsim.scenario.columns import read_column
from govsim.scenario.fields import Context, spread
from govsim.scenario.holidays import dated
from govsim.scenario.problems import Path, did_you_mean, step_name
from govsim.scenario.routes import AT_AN_END, check_routes, ends, steps_of
from govsim.scenario.sections import BUILT_IN
from govsim.scenario.units import UnitError

# words of the tables
RESERVED = (
    (("services",), "mix"),
    (("service_sets",), "mix"),
    (("experiment", "cohorts"), "counted"),
)
Tree = Mapping[str, Any]
Found = Iterator[tuple[Path, str]]


def check(tree: Tree, folder: File | None, sound: bool) -> list[tuple[Path, str]]:
    """All that is wrong.

    Where the shape of the file is not `sound`, a check that stumbles over it is left out.
    """
    found: list[tuple[Path, str]] = []
    checks: list[Callable[[Tree], Found]] = [*CHECKS, partial(_recorded, folder=folder)]
    for one in checks:
        try:
            found += one(tree)
        except (KeyError, TypeError, AttributeError, ValueError):
            if sound:
                raise
    return found


def section(tree: Tree, name: str) -> Tree:
    """A section of the file; empty where it is missing."""
    return tree.get(name) or {}


# --------------------------------------------------------------------------------------------- time


def _dates(tree: Tree) -> Found:
    order = (
        ("start", "reform_day"),
        ("reform_day", "horizon"),
        ("start", "count_from"),
        ("count_from", "count_until"),
        ("count_until", "horizon"),
    )
    days = {
        key: units.date(tree[key])
        for key in ("start", "reform_day", "count_from", "count_until", "horizon")
    }
    for earlier, later in order:
        if days[later] < days[earlier]:
            yield (later,), f"{later} {days[later]} lies before {earlier} {days[earlier]}"
    if (days["horizon"] - days["start"]).days > limits.DAYS:
        yield ("horizon",), "a scenario lasts at most 40 000 days"


def _calendars(tree: Tree) -> Found:
    horizon = units.date(tree["horizon"])
    for name, own in tree["calendars"].items():
        path: Path = ("calendars", name)
        calendar = dated(own, tree.get("holidays") or {})
        if name == "always":
            yield path, "'always' means at any hour; give the calendar another name"
        if ("week" in calendar) == ("seasons" in calendar):
            yield path, "a calendar has either `week` or `seasons`"
        yield from _weeks(calendar, path)
        if "until" in calendar and units.date(calendar["until"]) < horizon:
            yield (*path, "until"), f"ends on {calendar['until']}, before the horizon {horizon}"
        closed = {day for item in calendar.get("closed_days", ()) for day in _days(item)}
        worked = {day for item in calendar.get("worked_days", ()) for day in _days(item)}
        for day in sorted(closed & worked):
            yield (*path, "worked_days"), f"{day} is also among the closed days"


def _weeks(calendar: Tree, path: Path) -> Found:
    seasons = calendar.get("seasons") or {}
    begins: dict[tuple[int, int], str] = {}
    for name, season in seasons.items():
        first = units.month_day(season["from"])
        if first in begins:
            yield (
                (*path, "seasons", name, "from"),
                f"season '{begins[first]}' begins on the same day",
            )
        begins[first] = name
        yield from _hours(season["week"], (*path, "seasons", name, "week"))
    if "week" in calendar:
        yield from _hours(calendar["week"], (*path, "week"))


def _hours(week: Tree, path: Path) -> Found:
    if not any(week.values()):
        yield path, "is never open"
    seen: dict[int, str] = {}
    spans: list[tuple[float, float]] = []
    for days, hours in week.items():
        for day in units.weekdays(days):
            if day in seen:
                yield (*path, days), f"{units.WEEKDAYS[day]} has hours already, in '{seen[day]}'"
                return
            seen[day] = days
            spans += [
                (day * units.DAY + opens, day * units.DAY + closes)
                for opens, closes in map(units.hours, hours)
            ]
    spans.sort()
    for (_, closes), (opens, _) in zip(
        spans, [*spans[1:], *[(o + 7 * units.DAY, c) for o, c in spans[:1]]], strict=True
    ):
        if closes > opens and len(spans) > 1:
            yield (
                path,
                f"the hours of {units.WEEKDAYS[int(opens // units.DAY) % 7]} overlap with others",
            )
            return


def _days(item: str) -> Iterator[str]:
    import datetime

    first, last = units.dates(item)
    for k in range(min((last - first).days, 4000) + 1):
        yield (first + datetime.timedelta(days=k)).isoformat()


# ------------------------------------------------------------------------------------- organisation


def _departments(tree: Tree) -> Found:
    departments = tree["departments"]
    for name in departments:
        above, seen = (departments[name] or {}).get("part_of"), [name]
        while above in departments and above not in seen:
            seen.append(above)
            above = (departments[above] or {}).get("part_of")
        if above == name:
            yield (
                ("departments", name, "part_of"),
                f"a circle: {' is part of '.join([*seen, name])}",
            )


def _staff(tree: Tree) -> Found:
    if len(tree["desks"]) > limits.DESKS:
        yield ("desks",), f"{len(tree['desks'])} desks; at most {limits.DESKS} are possible"
    for name, group in tree["staff"].items():
        if group.get("role", "") not in ("", *section(tree, "roles")):
            continue  # told already
        role = section(tree, "roles").get(group.get("role")) or {}
        for key in ("department", "calendar", "serves"):
            if key not in group and key not in role:
                yield (
                    ("staff", name),
                    f"'{key}' is missing"
                    + (f", here and in the role '{group['role']}'" if "role" in group else ""),
                )


def _services(tree: Tree) -> Found:
    calendars = tree["calendars"]
    for name, service in tree["services"].items():
        path: Path = ("services", name)
        if "calendar" not in service and "office" not in calendars and len(calendars) > 1:
            yield path, "'calendar' is missing: there is none named 'office', and more than one"
        for attribute, values in (service.get("attributes") or {}).items():
            if isinstance(values, Mapping):
                yield from _shares(values, (*path, "attributes", attribute))
        if "promise_from" in service:
            names = [
                step for _, spec in steps_of(service["route"], ()) if (step := step_name(spec))
            ]
            if service["promise_from"] not in names:
                yield (
                    (*path, "promise_from"),
                    (
                        f"no step '{service['promise_from']}' in the "
                        f"route{did_you_mean(service['promise_from'], names)}"
                    ),
                )
            elif ends(service["route"], service["promise_from"]):
                yield (*path, "promise_from"), AT_AN_END
            if "promise" not in service:
                yield (*path, "promise_from"), "there is no promise that could begin here"
    for attribute, values in section(tree, "attributes").items():
        yield from _shares(values, ("attributes", attribute))


def _shares(values: Tree, path: Path) -> Found:
    shares = [value["share"] for value in values.values()]
    plain = [
        units.parse(share).value
        for share in shares
        if isinstance(share, int | float | str) and not units.is_name(share)
    ]
    if "rest" in shares[:-1] or not shares:
        yield path, "only the last value can have `share: rest`"
    elif sum(plain) > 1.0 + 1e-9:
        yield path, f"the shares add up to {sum(plain):g}, more than 1"
    elif shares[-1] != "rest" and (len(plain) < len(shares) or sum(plain) < 1.0 - 1e-9):
        yield path, "the shares do not add up to 1; let the last value have `share: rest`"


def _recorded(tree: Tree, folder: File | None = None) -> Found:
    start = units.date(tree["start"])
    for name, service in tree["services"].items():
        demand, path = service["demand"], ("services", name, "demand")
        if "first" in demand:
            yield from _not_before(start, [demand["first"]], (*path, "first"))
        if "recorded" not in demand:
            continue
        recorded = demand["recorded"]
        if isinstance(recorded, list) == ("column" in demand):
            yield (
                path,
                "`column` names the column of a CSV file"
                + (" and is missing" if isinstance(recorded, str) else "; here is none"),
            )
        elif isinstance(recorded, list):
            yield from _not_before(start, recorded, (*path, "recorded"))
        elif folder is not None:
            try:
                cells = read_column(folder, recorded, demand["column"])
            except UnitError as error:
                yield (*path, "recorded"), str(error)
            else:
                yield from _not_before(start, cells, (*path, "recorded"), in_file=True)


def _not_before(start: Any, instants: list[Any], path: Path, in_file: bool = False) -> Found:
    for written in instants:
        try:
            instant = units.instant(written)
        except UnitError as error:
            if in_file:
                yield path, str(error)
                return
            continue  # told already, or `first` is a duration
        if instant.date() < start:
            yield path, f"{written} lies before the start {start}"
            return


def _hashes(tree: Tree) -> Found:
    """Draws are keyed by crc32 of a name: two names with one hash would share their luck."""
    kinds: dict[str, list[tuple[str, Path]]] = {
        "service": [],
        "group": [],
        "step": [],
        "attribute": [],
    }
    kinds["group"] = [(name, ("staff", name)) for name in tree["staff"]]
    for name, service in tree["services"].items():
        kinds["service"].append((name, ("services", name)))
        kinds["attribute"] += [
            (f"{name}/{a}", ("services", name, "attributes", a))
            for a in service.get("attributes") or {}
        ]
        path: Path = ("services", name, "route")
        kinds["step"] += [
            (f"{name}/{step_name(step)}", place) for place, step in steps_of(service["route"], path)
        ]
    for kind, names in kinds.items():
        seen: dict[int, str] = {}
        for name, path in names:
            other = seen.setdefault(zlib.crc32(name.encode()), name)
            if other != name:
                yield (
                    path,
                    (
                        f"the {kind} names '{name}' and '{other}' have the same crc32 hash; rename "
                        "one of them"
                    ),
                )
        if len(seen) < len(set(names)):
            return  # what stands inside them would collide too


# ------------------------------------------------------------------------------------ reform, sizes


def _configurations(tree: Tree) -> Found:
    configurations, levers = section(tree, "configurations"), section(tree, "reform")
    for name, listed in configurations.items():
        path: Path = ("configurations", name)
        if name in BUILT_IN:
            yield path, f"'{name}' exists already; give the configuration another name"
        elif name in levers:
            yield path, f"there is a lever '{name}'; give the configuration another name"
        if _reaches(configurations, listed, name, set()):
            yield path, f"a circle: '{name}' contains itself"
    for name in levers:
        if name in BUILT_IN:
            yield ("reform", name), f"'{name}' is a configuration; give the lever another name"


def _members(configuration: Any) -> list[str]:
    listed = (
        configuration.get("levers", []) if isinstance(configuration, Mapping) else configuration
    )
    return [name for name in listed if isinstance(name, str)]


def _reaches(configurations: Tree, configuration: Any, name: str, seen: set[str]) -> bool:
    for member in _members(configuration):
        if member == name:
            return True
        if member in configurations and member not in seen:
            seen.add(member)
            if _reaches(configurations, configurations[member], name, seen):
                return True
    return False


def _reform(tree: Tree) -> Found:
    for name, lever in section(tree, "reform").items():
        path: Path = ("reform", name)
        if not any(
            lever.get(verb)
            for verb in ("insert", "in_parallel", "remove", "set", "merge_desks", "serves")
        ):
            yield (
                path,
                (
                    "does nothing: a lever has at least one of insert, in_parallel, remove, set, "
                    "merge_desks, serves"
                ),
            )
        if name in lever.get("overrides", ()):
            yield (*path, "overrides"), "a lever cannot override itself"
        if lever["kind"] == "stress" and "bundle" in lever:
            yield (
                (*path, "bundle"),
                "a stress lever is never part of `after`, so it belongs to no bundle",
            )
        inserts = lever.get("insert") or {}
        for targets in inserts if isinstance(inserts, list) else [inserts]:
            for target, spec in targets.items():
                if ("before" in spec) == ("after" in spec):
                    yield (
                        (*path, "insert", target),
                        "steps are inserted either `before` or `after` a step",
                    )
    learning = tree.get("learning")
    if learning and ("half_life" in learning) == ("exponent" in learning):
        yield ("learning",), "learning goes either by `half_life` or by `exponent`"
    for name, meeting in section(tree, "meetings").items():
        if sum(key in meeting["sessions"] for key in ("every", "monthly", "dates")) != 1:
            yield (
                ("meetings", name, "sessions"),
                "sessions are either `every` so many days, `monthly` or on `dates`",
            )


def _sizes(tree: Tree) -> Found:
    for name in ("calendars", "departments", "desks", "staff", "services"):
        if not tree[name]:
            yield (name,), "at least one is needed"
    for name in section(tree, "parameters"):
        if name in ("rest", "before"):
            yield (
                ("parameters", name),
                f"'{name}' has a meaning of its own; give the parameter another name",
            )
    for place, taken in RESERVED:
        names: Any = tree
        for key in place:
            names = (names or {}).get(key)
        if taken in (names or ()):
            yield (*place, taken), f"'{taken}' has a meaning of its own; give it another name"
    years = (units.date(tree["horizon"]) - units.date(tree["start"])).days / 365.25
    for name, service in tree["services"].items():
        demand, context = service["demand"], Context(tree)
        each = spread(demand.get("every"), context)
        many = [years * quantity.value for quantity in spread(demand.get("per_year"), context)]
        many += [years * units.YEAR / quantity.value for quantity in each if quantity.value > 0.0]
        if max(many, default=0.0) > limits.FILINGS:
            yield (
                ("services", name, "demand"),
                f"{max(many):.3g} filings up to the horizon; at most {limits.FILINGS} are possible",
            )


CHECKS: tuple[Callable[[Tree], Found], ...] = (
    _sizes,
    _dates,
    _calendars,
    _departments,
    _staff,
    _services,
    check_routes,
    _hashes,
    _configurations,
    _reform,
    check_experiment,
    check_claims,
    check_known,
)
