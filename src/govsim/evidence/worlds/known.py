"""What is known of the office before: which proposals it refuses, and what of the stated numbers.

History matching in its plainest form (Craig et al. 1997): a world that contradicts what is known
could not exist, and another is proposed instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govsim.errors import Problem, ScenarioError
from govsim.evidence import words
from govsim.evidence.conditions.asked import conditions_of
from govsim.evidence.conditions.condition import (
    REFUTED,
    UNDETERMINED,
    Condition,
    Finding,
    judge_alone,
)
from govsim.evidence.sample.replications import Sample
from govsim.experiment.replication import Replication
from govsim.model.offered_load import Pool, offered_load
from govsim.organisation.configure import configure
from govsim.scenario import Scenario
from govsim.scenario.meaning import known_levels, known_to_settle
from govsim.scenario.problems import line_of

BEFORE = "before"
LOOKS = (8, 16)  # replications: at first, and where that leaves it open
SETTLE = "queues settle"  # what is known unless the file says `known: none`
CONTRADICTED = "the stated numbers contradict what is known"


class Known:
    """What is known of `before` in a scenario: levels as conditions, and that its queues settle."""

    def __init__(self, scenario: Scenario) -> None:
        tree = scenario.tree
        self.settles = known_to_settle(tree)
        self.stated = known_levels(tree)
        self.levels: dict[str, Condition] = {
            name: conditions_of(tree, {"holds_if": [{**each, "configuration": BEFORE}]})[0]
            for name, each in self.stated.items()
        }

    def unsettled(self, pools: tuple[Pool, ...]) -> bool:
        """Whether the loads of `before` alone refuse a world: nothing needs to be simulated."""
        return self.settles and not all(pool.settles for pool in pools)

    def judged(self, sample: Sample) -> dict[str, Finding]:
        """What a sample of `before` shows of each level."""
        return {name: judge_alone(each, sample) for name, each in self.levels.items()}

    def about(self, conditions: tuple[Condition, ...]) -> tuple[str, ...]:
        """The levels that are of the same measure as some condition of a claim."""
        measures = {each.quantity.measure for each in conditions}
        return tuple(
            name for name, each in self.levels.items() if each.quantity.measure in measures
        )

    def told(self) -> dict[str, str]:
        """Each thing that is known, in words."""
        settles = {SETTLE: "the queues of the office before settle"} if self.settles else {}
        return settles | {
            name: f"{words.what(each, 'en')} before {words.wanted(each, 'en')}"
            for name, each in self.levels.items()
        }

    def __bool__(self) -> bool:
        return self.settles or bool(self.levels)


def refused(findings: Mapping[str, Finding]) -> str:
    """The first level whose whole interval lies on the wrong side; empty where there is none."""
    return next((name for name, each in findings.items() if each.state == REFUTED), "")


def is_open(findings: Mapping[str, Finding]) -> bool:
    """Whether some level is on neither side for certain."""
    return any(each.state == UNDETERMINED for each in findings.values())


# ----------------------------------------------------------------------------- the stated numbers


def check_base(scenario: Scenario, known: Known, base: Replication) -> None:
    """ScenarioError where the stated numbers themselves contradict what is known."""
    problems = []
    pools = offered_load(configure(scenario, BEFORE, base.settings.variant)).pools
    if known.unsettled(pools):
        problems.append(_problem(scenario, ("known",), _overloaded(pools)))
    findings = _measured(known, base) if known.levels and not problems else {}
    problems += [
        _problem(scenario, ("known", name), _contradicted(each, known.stated[name]))
        for name, each in findings.items()
        if each.state == REFUTED
    ]
    if problems:
        raise ScenarioError(scenario.path, problems)


def _measured(known: Known, base: Replication) -> dict[str, Finding]:
    findings: dict[str, Finding] = {}
    for look in LOOKS:
        findings = known.judged(_sample(base, look))
        if not is_open(findings):
            break
    return findings


def _sample(base: Replication, replications: int) -> Sample:
    """Some replications of `before` with all numbers as stated."""
    model = base.models[BEFORE]
    rows = (
        base.measure(model, base.simulate(model, number), number)._asdict()
        for number in range(replications)
    )
    kept = [{f"{BEFORE}/{key}": array for key, array in row.items()} for row in rows]
    return Sample(base.index, (BEFORE,), kept)


def _problem(scenario: Scenario, path: tuple[str, ...], message: str) -> Problem:
    return Problem(line_of(scenario.lines, path), ".".join(path), f"{CONTRADICTED}: {message}")


def _overloaded(pools: tuple[Pool, ...]) -> str:
    """Who or what has more work before the reform than can be done."""
    loads = [
        f"{', '.join(pool.names)} "
        + ("(nobody there)" if pool.load is None else f"({100 * pool.load:.0f} %)")
        for pool in pools
        if not pool.settles
    ]
    return (
        f"before the reform more work comes than can be done by {'; '.join(loads)}, so queues "
        "cannot settle. Correct the numbers, or write `known: none` if that is so"
    )


def _contradicted(finding: Finding, stated: Mapping[str, Any]) -> str:
    """What was measured, and what is known."""
    condition = finding.condition
    measured = words.number(finding, "en")
    source = f" ({stated['source']})" if stated.get("source") else ""
    return (
        f"{words.what(condition, 'en')} before the reform is {measured} in "
        f"{finding.improvement.replications} replications; known is "
        f"{words.wanted(condition, 'en')}{source}. Correct the numbers, or what is known"
    )
