"""Generated scenarios: valid YAML text, small and full of ties.

They are what the two engines must agree on to the last bit.

Times are few and round (arrivals on the half hour, efforts of 0, 15, 30 or 60 minutes) so that
queues of two or more meet at one instant; shapes come from a small palette so that quantile tables
are built once. A scenario is made of one string of bytes, a byte per choice, because Hypothesis
varies an example of many draws five times before it makes a new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

Tree = dict[str, Any]
CHOICES = 600  # bytes; where a scenario needs more, they are zeros

EFFORTS = (
    "0 min", "15 min", "15 min", "30 min", "30 min", "60 min", "4 h",
    {"exponential": {"mean": "30 min"}}, {"gamma": {"mean": "40 min", "cv": 0.8}},
    {"lognormal": {"mean": "25 min", "cv": 0.5}}, {"uniform": {"low": "10 min", "high": "50 min"}},
    {"triangular": {"low": "5 min", "mode": "20 min", "high": "60 min"}},
    {"pert": {"low": "5 min", "mode": "10 min", "high": "90 min"}},
    {"erlang": {"mean": "30 min", "k": 2}}, {"weibull": {"mean": "30 min", "cv": 0.7}},
    {"lognormal": {"median": "20 min", "p90": "60 min"}},
)  # fmt: skip
DELAYS = (
    "0 min",
    "30 min",
    "6 h",
    "1 days",
    {"exponential": {"mean": "10 h"}},
    {"gamma": {"mean": "1 days", "cv": 0.4}},
)
WORKING = (
    "0.5 working days",
    "1 working days",
    "0 working days",
    {"gamma": {"mean": "0.5 working days", "cv": 0.4}},
)
CHANCES = (
    0,
    0.2,
    0.5,
    1,
    "likely",
    "likely",
    {"base": 0.2, "extra": 0.5, "half_life": "2 days"},
    {"base": 0.1, "extra": 0.6, "for": "3 days"},
    {"from": 0.8, "to": 0.2, "within": "4 days"},
)
CALENDARS: Tree = {
    "office": {"day": "7 h", "week": {"mon-fri": ["08:30-12:00", "14:30-18:00"]}},
    "early": {"day": "6 h", "week": {"mon-sat": ["07:00-13:00"]}},
    "night": {"day": "8 h", "week": {"mon-fri": ["22:00-06:00"]}},
    "round_the_clock": {"day": "24 h", "week": {"mon-sun": ["00:00-24:00"]}},
}
DISCIPLINES = ("fifo", "fifo", "priority", "due_date", "shortest")
# and days: 6, 9 and 12 from Monday to Friday, of five in seven
HORIZONS = {"2024-01-09": 9, "2024-01-12": 13, "2024-01-17": 17}
MOST = 150  # cases of a scenario
# expected up to the horizon, all services together: with a tenth more, four standard deviations
# below MOST
CASES = 100


@dataclass
class Build:
    """What has been chosen so far."""

    choices: Iterator[int]
    desks: list[str] = field(default_factory=list)
    windows: list[str] = field(default_factory=list)
    meetings: list[str] = field(default_factory=list)
    steps: int = 0

    def one(self, values: Any) -> Any:
        return list(values)[self.number(0, len(values) - 1)]

    def number(self, low: int, high: int) -> int:
        return low + next(self.choices, 0) % (high - low + 1)

    def maybe(self, tenths: int) -> bool:
        return self.number(0, 9) >= 10 - tenths

    def name(self, kind: str) -> str:
        self.steps += 1
        return f"{kind}_{self.steps}"


def scenarios() -> st.SearchStrategy[str]:
    """Valid scenarios as YAML text (its JSON subset), at most MOST cases each."""
    return st.binary(min_size=CHOICES, max_size=CHOICES).map(scenario)


def scenario(choices: bytes) -> str:
    b = Build(iter(choices))
    departments = ["a", "b", "c"][: b.number(1, 3)]
    b.desks = [f"desk_{k}" for k in range(b.number(1, 4))]
    b.meetings = [f"meeting_{k}" for k in range(b.number(0, 2))]
    desks = {d: _desk(b, departments) for d in b.desks}
    staff = _staff(b, departments)
    b.windows = [d for d in b.desks if desks[d]["kind"] == "window"]
    horizon, many = b.one(HORIZONS), b.number(1, 3)
    services = {
        f"service_{k}": _service(b, departments, CASES / HORIZONS[horizon] / many)
        for k in range(many)
    }
    levers = _levers(b, desks, staff, services)
    tree: Tree = {
        "govsim": 1,
        "title": "A small office",
        "purpose": "Do the engines agree?",
        "start": "2024-01-01",
        "reform_day": b.one(["2024-01-02", "2024-01-03", "2024-01-04"]),
        "count_from": "2024-01-02",
        "count_until": b.one(["2024-01-04", "2024-01-05", "2024-01-08"]),
        "horizon": horizon,
        "parameters": {"likely": {"value": 0.7, "range": [0.5, 0.9], "source": "assumption"}},
        "calendars": CALENDARS,
        "departments": {d: {"name": d.upper()} for d in departments},
        "desks": desks,
        "staff": staff,
        "services": services,
        "reform": levers,
        "experiment": {"replications": 2, "seed": 1},
    }
    if b.meetings:
        tree["meetings"] = {m: _meeting(b) for m in b.meetings}
    if b.maybe(5):
        tree["learning"] = {
            "start": 1.5,
            **b.one([{"half_life": "3 days"}, {"exponent": 0.3}, {"exponent": 0.3}]),
        }
    return json.dumps(tree, indent=1)


def _desk(b: Build, departments: list[str]) -> Tree:
    desk: Tree = {
        "department": b.one(departments),
        "kind": b.one(["window", "window", "review", "signature", "internal"]),
    }
    discipline = b.one(DISCIPLINES)
    if discipline != "fifo":
        desk["discipline"] = discipline
    if b.maybe(2):
        desk["factor"] = 1.5
    return desk


def _meeting(b: Build) -> Tree:
    calendar = b.one(["office", "early"])
    sessions = b.one(
        [
            {"every": "1 working days", "at": "09:00"},
            {"every": "2 working days", "at": "12:00"},
            {"dates": ["2024-01-03", "2024-01-06", "2024-01-09"], "at": "10:30"},
            {"monthly": 6, "at": "11:00"},
        ]
    )
    meeting: Tree = {"sessions": {**sessions, "calendar": calendar}}
    if b.maybe(7):
        meeting["seats"] = b.number(1, 3)
    return meeting


def _staff(b: Build, departments: list[str]) -> Tree:
    groups: Tree = {}
    for k in range(b.number(1, 3)):
        serves = {d: _serve(b) for d in b.desks if b.maybe(6)}
        groups[f"group_{k}"] = _group(b, departments, serves)
    for desk in b.desks:  # nobody may be left without a clerk
        if not any(desk in g["serves"] and g["members"] > 0 for g in groups.values()):
            group = groups[b.one(list(groups))]
            group["serves"][desk] = 1.0
            group["members"] = max(1, group["members"])
    return {name: g for name, g in groups.items() if g["serves"]}


def _group(b: Build, departments: list[str], serves: Tree) -> Tree:
    group: Tree = {
        "department": b.one(departments),
        "calendar": b.one(["office", "office", "early", "night", "round_the_clock"]),
        "members": b.number(1, 3),
        "serves": serves,
    }
    if b.maybe(3):
        group["absence"] = b.one([0.2, 0.4, {"base": 0.1, "extra": 0.4, "for": "3 days"}])
    return group


def _serve(b: Build) -> Any:
    return b.one([1.0, 1.0, 0.5, [1.0, 2], [0.75, 2], [0.5, 3]])


def _service(b: Build, departments: list[str], per_day: float) -> Tree:
    service: Tree = {
        "department": b.one(departments),
        "calendar": b.one(["office", "office", "early"]),
    }
    service["demand"] = _demand(b, per_day)
    if b.maybe(4):
        service["attributes"] = {
            "channel": {
                "office": {"share": b.one([0.3, 0.6]), "files": "office"},
                "post": {"share": "rest"},
            }
        }
    if b.maybe(6):
        service["promise"] = b.one(["1 working days", "3 working days"])
    if b.maybe(6):
        service["limit"] = b.one(["2 working days", "5 working days"])
    if b.maybe(4):
        service["class"] = b.number(1, 3)
    service["route"] = _route(b, departments, service)
    if "promise" in service and b.maybe(3):
        service["promise_from"] = service["route"][0][next(iter(service["route"][0]))]
    return service


def _demand(b: Build, per_day: float) -> Tree:
    """About so many filings per day; fewer where they come in batches, whose number varies more."""
    single = next((minutes for minutes in (90, 180, 360) if 1440 / minutes <= per_day), 720)
    triple = next((hours for hours in (4, 6, 12, 24) if 3 * 24 / hours <= per_day), 36)
    demand: Tree = b.one(
        [
            {"per_year": round(365 * per_day)},
            {"per_year": round(365 * per_day)},
            {"every": f"{single} min", "first": b.one(["9 h", "12 h"])},
            {"every": f"{triple} h", "batch": 3},
            {
                "per_year": round(365 * per_day / 2.5),
                "batch": b.one([2, {"uniform": {"low": 1, "high": 3}}]),
            },
            {
                "recorded": [
                    "2024-01-02 09:00",
                    "2024-01-02 09:30",
                    "2024-01-02 09:30",
                    "2024-01-03 00:00",
                    "2024-01-05 14:30",
                ]
            },
        ]
    )
    return {**demand, "calendar": b.one(["office", "always", "early"])}


def _route(b: Build, departments: list[str], service: Tree) -> list[Tree]:
    route = _sequence(b, departments, service, depth=0, longest=4, may_end=True)
    if b.maybe(2):
        route = _late(b) + route
    if b.maybe(5):
        route.insert(b.number(0, min(3, len(route))), {"mark": "accepted"})
    if b.maybe(3):
        route.append({"mark": "first_answer"})
    if b.maybe(5):
        route.append({"mark": "decided"})
    if not any("task" in s or "review" in s for s in route):
        route.insert(0, _task(b, inside=False))
    return route


def _late(b: Build) -> list[Tree]:
    """Papers that are first checked later than the law allows."""
    wait: Tree = {
        "delay": b.name("delay"),
        "owner": "outside",
        "takes": "8 days",
        "stops_clock": b.maybe(5),
    }
    return [wait, _review(b, inside=False)]


def _sequence(
    b: Build, departments: list[str], service: Tree, depth: int, longest: int, may_end: bool
) -> list[Tree]:
    return [_step(b, departments, service, depth, may_end) for _ in range(b.number(1, longest))]


def _step(b: Build, departments: list[str], service: Tree, depth: int, may_end: bool) -> Tree:
    inside = not may_end
    kinds = ["task", "task", "review", "delay"]
    if len(departments) > 1:
        kinds.append("transfer")
    if b.meetings:
        kinds += ["meeting", "meeting"]
    if depth < 2:
        kinds += ["parallel", "choice"] if depth else ["parallel", "parallel", "choice"]
    kind = b.one(kinds)
    if kind == "task":
        return _task(b, inside)
    if kind == "review":
        return _review(b, inside)
    if kind == "transfer":
        return _transfer(b, departments)
    if kind == "delay":
        return _delay(b)
    if kind == "meeting":
        return {
            "meeting": b.name("meet"),
            "at": b.one(b.meetings),
            **({"stops_clock": True} if b.maybe(4) else {}),
        }
    if kind == "parallel":
        branches = {
            f"branch_{k}": _sequence(b, departments, service, depth + 1, 2, False)
            for k in range(b.number(2, 3))
        }
        if b.maybe(3):  # all are back at the closing of a day
            for branch in branches.values():
                branch.append(
                    {
                        "delay": b.name("delay"),
                        "owner": "notice",
                        "takes": "1 working days",
                        "calendar": "office",
                    }
                )
        return {"parallel": b.name("block"), "branches": branches}
    return _choice(b, departments, service, depth, may_end)


def _choice(b: Build, departments: list[str], service: Tree, depth: int, may_end: bool) -> Tree:
    def steps() -> list[Tree]:
        return _sequence(b, departments, service, depth + 1, 2, may_end) if b.maybe(8) else []

    name = b.name("choice")
    if "attributes" in service and b.maybe(5):
        return {"choice": name, "by": "channel", "cases": {"office": steps(), "post": steps()}}
    choice: Tree = {"choice": name, "chance": b.one(CHANCES), "then": steps()}
    if b.maybe(5):
        choice["else"] = steps()
    if may_end and b.maybe(2):
        choice["then"] = [
            *choice["then"],
            {"end": b.name("out"), "outcome": b.one(["completed", "rejected"])},
        ]
    return choice


def _task(b: Build, inside: bool) -> Tree:
    task: Tree = {"task": b.name("task"), "desk": b.one(b.desks), "effort": b.one(EFFORTS)}
    if not inside and b.maybe(3):
        task["patience"] = b.one(["30 min", "60 min", "5 h", {"exponential": {"mean": "3 h"}}])
    return task | _misdirected(b, task["desk"])


def _misdirected(b: Build, desk: str) -> Tree:
    if desk not in b.windows or not b.maybe(5):
        return {}
    wrong = {
        "chance": b.one(CHANCES),
        "desk": b.one(b.windows),
        "effort": b.one(["0 min", "15 min"]),
        "returns": "next working day",
    }
    return {"misdirected": wrong}


def _review(b: Build, inside: bool) -> Tree:
    review: Tree = {
        "review": b.name("review"),
        "desk": b.one(b.desks),
        "effort": b.one(EFFORTS),
        "supplement": {
            "chance": b.one(CHANCES),
            "again": b.one([0, 0.3, 1]),
            "attempts": b.number(1, 3),
            "then": "passes" if inside else b.one(["passes", "rejected", "withdrawn"]),
            "tolerated": b.one([0, 0.3, 1]),
            "takes": b.one(DELAYS),
        },
    }
    if b.maybe(3):
        review["again_effort"] = 0.5
    if not inside:
        review["reject"] = b.one([0, 0.1, 0.5])
    return review | _misdirected(b, review["desk"])


def _transfer(b: Build, departments: list[str]) -> Tree:
    transfer: Tree = {
        "transfer": b.name("transfer"),
        "to": b.one(departments),
        "takes": b.one(WORKING),
        "paper": b.one(CHANCES),
        "electronic_takes": b.one(["0 working days", "0.2 working days"]),
        "calendar": b.one(["office", "early"]),
    }
    if b.maybe(7):
        transfer["leaves"] = b.one(
            [["16:00"], ["09:30", "18:00"], ["11:00", "15:00", "18:00"], "any time"]
        )
    return transfer


def _delay(b: Build) -> Tree:
    owner = b.one(["applicant", "notice", "outside"])
    delay: Tree = {"delay": b.name("delay"), "owner": owner}
    if owner == "notice":
        delay |= {"takes": b.one(["1 working days", "2 working days"]), "calendar": "office"}
    elif b.maybe(4):
        delay |= {"takes": b.one(WORKING), "calendar": b.one(["office", "early"])}
    else:
        delay["takes"] = b.one(DELAYS)
    if b.maybe(5):
        delay["stops_clock"] = True
    return delay


def _levers(b: Build, desks: Tree, staff: Tree, services: Tree) -> Tree:
    levers: Tree = {}
    if b.maybe(5):
        levers["parameter"] = {"set": {"parameters.likely": {"times": 0.5}}}
    if b.maybe(5):
        group = b.one(list(staff))
        members = staff[group]["members"]
        levers["posts"] = {
            "set": {f"staff.{group}.members": members + (-1 if members > 1 and b.maybe(6) else 1)}
        }
    if b.maybe(2):
        levers["hours"] = {
            "set": {"calendars.office.week": {"mon-fri": ["09:00-12:00", "13:00-17:00"]}}
        }
    fifo = [d for d in desks if "discipline" not in desks[d]]
    if len(fifo) > 1 and b.maybe(5):
        levers["merged"] = {"merge_desks": {"desks": fifo, "efficiency": b.one([1.0, 0.75])}}
    apart = [d for d in desks if "merged" not in levers or d not in fifo]
    if apart and b.maybe(3):
        levers["order"] = {"set": {f"desks.{b.one(apart)}.discipline": b.one(DISCIPLINES)}}
    if b.maybe(4):
        group = b.one(list(staff))
        new = [d for d in desks if d not in staff[group]["serves"]] or list(desks)
        helper = {"groups": [group], "desks": [b.one(new)], "efficiency": 0.75, "preference": 2}
        levers["helpers"] = {"serves": [helper | ({"share": 0.5} if b.maybe(5) else {})]}
    tasks = {
        f"services.{name}.{s[kind]}": s
        for name, service in services.items()
        for s in service["route"][:2]
        for kind in ("task", "review")
        if kind in s
    }
    if tasks and b.maybe(5):
        task = b.one(tasks)
        levers["task"] = {
            "set": {f"{task}.desk": b.one(list(desks)), f"{task}.effort": b.one(EFFORTS)}
        }
    if b.maybe(2) and "demand" not in levers:
        service = b.one(list(services))
        if "per_year" in services[service]["demand"]:
            levers["demand"] = {
                "set": {f"services.{service}.demand.per_year": {"times": b.one([0.7, 1.1])}}
            }
    kinds = ("merger", "process")
    return {name: {"bundle": name, "kind": b.one(kinds), **lever} for name, lever in levers.items()}
