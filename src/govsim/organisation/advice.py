"""What a file may say, but hardly means: told by `check`, with line and advice, and not refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from govsim.errors import Problem
from govsim.organisation.configure import configure
from govsim.organisation.nouns import (
    Choice,
    Configuration,
    End,
    Mark,
    Parallel,
    Service,
    Step,
    Task,
)
from govsim.scenario import Scenario
from govsim.scenario.problems import Path, at, step_name
from govsim.scenario.routes import steps_of

Found = Iterator[tuple[Path, str]]


def advice(scenario: Scenario) -> tuple[Problem, ...]:
    """What to think over: dates that leave nothing to judge, decisions noted too soon."""
    before, after = (configure(scenario, name) for name in ("before", "after"))
    found = [
        *_followed(before),
        *_reformed(scenario, before),
        *_decided(scenario, (before, after)),
    ]
    return tuple(at(scenario.tree, scenario.lines, *each) for each in dict.fromkeys(found))


# --------------------------------------------------------------------------------------------- time


def _followed(configuration: Configuration) -> Found:
    """Who filed last is followed from `count_until` to the horizon; else nobody is judged."""
    advised = "set `horizon` as many days behind `count_until` as answers take"
    if configuration.horizon == configuration.count_until:
        yield (
            ("horizon",),
            (
                "lies on the last counted day, so nobody is followed (tau is 0) and no time or end "
                f"is judged; {advised}"
            ),
        )
        return
    for name in dict.fromkeys(
        service.calendar
        for organisation in configuration.regimes
        for service in organisation.services.values()
        if not service.internal
    ):
        days = configuration.regimes[1].calendars[name].days
        if not any(configuration.count_until <= day.day < configuration.horizon for day in days):
            yield (
                ("horizon",),
                (
                    f"no working day of '{name}' lies between the last counted day and here, so no "
                    f"time in working days is judged (tau is 0); {advised}"
                ),
            )


def _reformed(scenario: Scenario, configuration: Configuration) -> Found:
    """Whoever filed before the reform feels it only as far as the case is open then."""
    if scenario.tree.get("reform") and configuration.reform_day >= configuration.count_until:
        yield (
            ("reform_day",),
            (
                f"lies behind the last counted day {scenario.tree['count_until']}: nobody who "
                "counts files under the reform; set `count_until` behind it"
            ),
        )


# ---------------------------------------------------------------------------------------- decisions


class Ahead(NamedTuple):
    """Whether a refusal may follow: at once, or after something that takes time."""

    now: bool = False
    later: bool = False


def _decided(scenario: Scenario, configurations: Sequence[Configuration]) -> Found:
    """Between the mark `decided` and its end a case counts as granted, whatever the end will be."""
    told = (
        "a case may still be refused after this mark, and counts as granted until then; note "
        "`decided` where the outcome is known: before the `end` of the refused and, by another "
        "mark with `as: decided`, of the granted"
    )
    for configuration in configurations:
        for name, service in configuration.regimes[1].services.items():
            for mark in _too_soon(service):
                yield _place(scenario.tree, name, mark), told


def _too_soon(service: Service) -> list[str]:
    """The marks `decided` behind which, after a while, a refusal may come."""
    found: list[str] = []
    _ahead(service.route, Ahead(), found)
    return found


def _ahead(steps: Sequence[Step], ahead: Ahead, found: list[str]) -> Ahead:
    """What may follow from the first of some steps, as `ahead` follows the last."""
    for step in reversed(steps):
        if isinstance(step, Mark):
            found += [step.name] if step.mark == "decided" and ahead.later else []
        elif isinstance(step, End):
            ahead = Ahead(now=step.outcome == "rejected")
        elif isinstance(step, Choice):
            ways = [_ahead(branch, ahead, found) for branch in step.branches]
            ahead = Ahead(any(way.now for way in ways), any(way.later for way in ways))
        else:
            own = isinstance(step, Task) and _refuses(step)
            if isinstance(step, Parallel):
                for branch in step.branches:
                    _ahead(branch, ahead, found)
            ahead = Ahead(later=ahead.now or ahead.later or own)
    return ahead


def _refuses(task: Task) -> bool:
    """Whether its papers may be refused."""
    review = task.review
    if review is None:
        return False
    return review.then == "rejected" or bool(review.reject.base or review.reject.extra)


def _place(tree: Any, service: str, mark: str) -> Path:
    """Where a mark stands; the service, where a lever brings it."""
    route: Path = ("services", service, "route")
    steps = steps_of(tree["services"][service]["route"], route)
    return next((place for place, step in steps if step_name(step) == mark), route[:2])
