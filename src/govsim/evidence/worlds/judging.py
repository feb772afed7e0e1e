"""How one world is judged: each claim by its own interval, and whose queues settle there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from govsim.evidence.conditions.asked import conditions_of
from govsim.evidence.conditions.condition import (
    HOLDS,
    REFUTED,
    UNDETERMINED,
    Condition,
    Finding,
    combined,
    judge_alone,
    state_of,
)
from govsim.evidence.ends import NOT_SAME
from govsim.evidence.matters import margin_of
from govsim.evidence.people import guarded
from govsim.evidence.quantity import Quantity, whom
from govsim.evidence.sample.replications import Sample
from govsim.evidence.settling import UNSETTLED, Pools, lasting, qualified
from govsim.evidence.worlds.landscape import ENDLESS, FAILS, UNRESOLVED, Judged, Measured
from govsim.measures.catalogue import BUSY, CYCLE_TIME, MIX
from govsim.measures.catalogue import OPEN as OPEN_CASES
from govsim.model.offered_load import Pool
from govsim.organisation.configure import services_of
from govsim.organisation.headline import headline_of
from govsim.scenario import Scenario
from govsim.statistics.estimate import Estimate, nominal, student
from govsim.statistics.mean import of_mean

LEFT, COUNTED_CASES = Quantity("open", "count"), Quantity("counted", "count")
GONE = Quantity("withdrawn", "count")  # with these, work that is not brought
RARE = 0.05  # of the duty of the group with most
KEYS = ("holds_if", "refuted_if")
STATES = {HOLDS: HOLDS, REFUTED: FAILS}
Asked = tuple[tuple[Condition, ...], tuple[Condition, ...]]  # what a claim holds by, is refused by


def claims_of(scenario: Scenario) -> dict[str, Any]:
    """The claims that a world can be asked about."""
    claims = scenario.tree.get("claims") or {}
    return {
        name: each
        for name, each in claims.items()
        if not each.get("outside_the_model") and not each.get("family")
    }


class Questions:
    """What every world is asked: the claims on configurations that are there, and the mix."""

    def __init__(self, scenario: Scenario, configurations: Sequence[str]) -> None:
        self.tree, self.claims = scenario.tree, claims_of(scenario)
        self.margin = margin_of(scenario.tree)
        both: dict[str, Asked] = {
            name: (
                conditions_of(scenario.tree, claim, KEYS[0]),
                conditions_of(scenario.tree, claim, KEYS[1]),
            )
            for name, claim in self.claims.items()
        }
        there = set(configurations)
        self.conditions = {
            name: each
            for name, each in both.items()
            if each[0] and all(there.issuperset(c.configurations) for c in sum(each, ()))
        }
        headline = headline_of(scenario)
        self.unit, self.whom = headline.unit, whom(headline.cohort, headline.mix)
        self.headline = Quantity(CYCLE_TIME[headline.unit], "mean", MIX, headline.cohort)
        *earlier, last = configurations
        self.pairs = [(first, last) for first in earlier]

    @property
    def asked(self) -> list[Condition | Quantity]:
        """All that has to be kept of a world."""
        conditions = (c for each in self.conditions.values() for c in sum(each, ()))
        return [self.headline, LEFT, COUNTED_CASES, GONE, *conditions]

    def judged(self, sample: Sample, loads: Mapping[str, tuple[Pool, ...]]) -> Judged:
        """What one world says, from its replications and the loads of its configurations."""
        unstable: Pools = {
            name: pools for name, each in loads.items() if (pools := lasting(each, sample, name))
        }
        states, improvements, others = {}, {}, set()
        for name, (conditions, refused_if) in self.conditions.items():
            findings = [self._alone(each, sample, unstable) for each in conditions]
            refusals = [self._alone(each, sample, unstable) for each in refused_if]
            state = STATES.get(combined(findings, self.claims[name], refusals), UNRESOLVED)
            endless = any(each.improvement.note == UNSETTLED for each in (*findings, *refusals))
            states[name] = ENDLESS if state == UNRESOLVED and endless else state
            if any(map(_others_shown, (*findings, *refusals))):
                others.add(name)
            if measured := _weakest(findings):
                improvements[name] = measured
        for before, after in self.pairs:
            less = of_mean(
                sample.values(self.headline, before) - sample.values(self.headline, after)
            )
            if measured := _measured(less):
                improvements[f"{before} > {after}"] = measured
        shown = all(_shown_to_settle(sample, each) for each in sample.configurations)
        return Judged(
            sample.replications, states, improvements, not unstable, shown, frozenset(others)
        )

    def _alone(self, condition: Condition, sample: Sample, unstable: Pools) -> Finding:
        scope = condition.quantity.scope
        services = services_of(self.tree, None if scope == MIX else scope)
        alone = guarded(judge_alone(condition, sample), sample, self.margin, by_service=False)
        return qualified(alone, unstable, services)


def _others_shown(finding: Finding) -> bool:
    """Whether the same applicants show otherwise than all do, beyond chance: more replications
    would not tell more.
    """
    people = finding.people
    if people is None or people.why != NOT_SAME or people.among_same is None:
        return False
    return state_of(finding.condition, people.among_same)[0] != UNDETERMINED


def _shown_to_settle(sample: Sample, configuration: str) -> bool:
    """Whether nothing that was simulated looks as if queues grew: cases left open, groups that are
    always busy.
    """
    left, every = (
        float(np.nansum(sample.values(each, configuration))) for each in (LEFT, COUNTED_CASES)
    )
    busy, duty = (
        np.nan_to_num(sample.stack(configuration, each)).sum(axis=0) for each in ("busy", "duty")
    )
    # not whose members only finish what they began before the reform
    there = duty > RARE * duty.max(initial=0.0)
    return left <= OPEN_CASES * every and not bool((busy > BUSY * duty)[there].any())


def _weakest(findings: Sequence[Finding]) -> Measured | None:
    """The improvement in a claim's first condition; where that is asked of each service,
    of the one that improves least.
    """
    first = findings[0].condition
    same = [
        each
        for each in findings
        if replace(each.condition, quantity=first.quantity, service=first.service) == first
    ]
    known = [measured for each in same if (measured := _measured(each.improvement))]
    return min(known, default=None)


def _measured(found: Estimate) -> Measured | None:
    """The value, and the standard error that its interval tells."""
    if found.value is None or not math.isfinite(found.value):
        return None
    number = max(2, found.replications)
    return Measured(found.value, (found.half_width or 0.0) / student(number, nominal(number)))
