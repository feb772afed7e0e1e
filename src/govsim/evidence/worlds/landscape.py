"""The arithmetic of exploration: what many worlds, judged one by one, say together.

How often a claim holds, which unknowns decide, where it fails, what is worth measuring.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from govsim.arrays import Flags, Floats
from govsim.evidence.words import counted
from govsim.evidence.worlds.parts import ClaimInWorlds, Counts, Failure, Output
from govsim.evidence.worlds.sensitivity import (
    VarianceSplit,
    effects_of,
    value_of,
    value_of_verdict,
    variance_split,
)
from govsim.organisation.parameters import Uncertain
from govsim.statistics.mean import wilson
from govsim.statistics.prim import Box, Restriction, box_of
from govsim.statistics.surrogate import fit

HOLDS, FAILS, UNRESOLVED = "holds", "fails", "unresolved"
ENDLESS = "queue without end"  # undecided, as queues that the claim looks at cannot settle
LEAST = 16  # worlds, for anything to be said of unknowns
# of the worlds at each end, which count as the next: where queues never settle a number may be
# anything
TAIL = 0.05


class Measured(NamedTuple):
    """A number in one world, with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Judged:
    """What one world says, so far.

    Of each claim the state, and the improvement in its first condition.
    """

    replications: int
    states: Mapping[str, str]
    # by claim; "before > after" for the mix; those that cannot be told are missing
    improvements: Mapping[str, Measured]
    settled: bool = True  # whether queues settle in all configurations, by their loads
    shown: bool = True  # whether nothing that was simulated speaks against it
    others: frozenset[str] = frozenset()  # claims open for other people, whatever chance


@dataclass(frozen=True)
class Lead:
    """The condition of a claim whose improvement stands for it: what is measured, the unit,
    the smallest that counts.
    """

    what: str
    unit: str
    delta: float


class Landscape:
    """The worlds and what was drawn for them [world, parameter]."""

    def __init__(
        self, judged: Sequence[Judged], values: Floats, unknowns: Sequence[Uncertain]
    ) -> None:
        self.judged, self.values, self.unknowns = tuple(judged), values, tuple(unknowns)

    def claim(self, name: str, lead: Lead) -> ClaimInWorlds:
        """Everything about one claim."""
        states = tuple(each.states[name] for each in self.judged)
        counts = count(states)
        low, high = wilson(counts.holds, len(states))
        some, measured, noise = self._improvements(name)
        told = len(some) >= LEAST
        found = fit(self.values[some], measured, noise) if told else None
        return ClaimInWorlds(
            states,
            counts.holds,
            counts.fails,
            counts.unresolved,
            low,
            high,
            self._failure(states),
            effects_of(found, len(self.unknowns)) if found else None,
            self.split(name) if told else None,
            value_of(found, len(self.unknowns), lead.delta) if found else None,
            lead.what,
            lead.unit,
            counts.endless,
        )

    def output(self, name: str) -> Output | None:
        """An effect on the mix over the worlds where queues settle.

        None where there are too few of them.
        """
        some, measured, noise = self._improvements(name, settled=True)
        if len(some) < LEAST:
            return None
        every = np.array([self.judged[k].improvements[name].value for k in some])
        low, middle, high = np.quantile(every, (TAIL, 0.5, 1 - TAIL))
        found = effects_of(fit(self.values[some], measured, noise), len(self.unknowns))
        return Output(
            float(every.mean()),
            float(low),
            float(high),
            found,
            self.split(name, True),
            float(middle),
            len(some),
        )

    def _improvements(self, name: str, settled: bool = False) -> tuple[list[int], Floats, float]:
        """Worlds that have it, the improvement in each without the reach of the most extreme,
        and the variance by chance.
        """
        some = [
            k
            for k, each in enumerate(self.judged)
            if name in each.improvements and (each.settled or not settled)
        ]
        if not some:
            return [], np.zeros(0), 0.0
        measured = np.array([self.judged[k].improvements[name] for k in some])
        low, high = np.quantile(measured[:, 0], (TAIL, 1 - TAIL))
        inner = (low <= measured[:, 0]) & (measured[:, 0] <= high)
        return (
            some,
            np.clip(measured[:, 0], low, high),
            float((measured[inner, 1] ** 2).mean() * inner.mean()),
        )

    def split(self, name: str, settled: bool = False) -> VarianceSplit:
        """Variance between worlds (where queues settle) and within them."""
        there = [
            each
            for each in self.judged
            if name in each.improvements and (each.settled or not settled)
        ]
        found = [(*each.improvements[name], each.replications) for each in there]
        means, errors, replications = np.array(found, dtype=np.float64).T
        return variance_split(means, errors, replications)

    # ----------------------------------------------------------------------------- boxes of failure

    def _failure(self, states: Sequence[str]) -> Failure | None:
        resolved = _flags(states, HOLDS, FAILS)
        box = box_of(self.values[resolved], _flags(states, FAILS)[resolved])
        if not box.restrictions:
            return None
        reproduced = tuple(each.reproduced for each in box.restrictions)
        return Failure(
            self._said(box, "en"), self._said(box, "zh"), box.coverage, box.density, reproduced
        )

    def _said(self, box: Box, lang: str) -> str:
        """A box in words with units; two ends of one number together."""
        ends: dict[int, list[Restriction]] = {}
        for each in box.restrictions:
            ends.setdefault(each.parameter, []).append(each)
        parts = []
        for k, both in ends.items():
            unknown = self.unknowns[k]
            sides = (
                {"above": "高于", "below": "低于"}
                if lang == "zh"
                else {"above": "above", "below": "below"}
            )
            limits = [
                f"{sides[each.side]} {_bound(each, unknown)}{counted(unknown.unit, lang)}"
                for each in both
            ]
            parts.append(
                f"{unknown.name} "
                f"{'' if lang == 'zh' else 'is '}{('且' if lang == 'zh' else ' and ').join(limits)}"
            )
        return ("；" if lang == "zh" else ", and ").join(parts)

    # ---------------------------------------------------------------------- what is worth measuring

    def worth(self, claims: Sequence[str]) -> tuple[tuple[tuple[str, float], ...], float]:
        """Unknowns by how many claims more would be judged rightly if they were known,
        beyond chance; and what chance finds.
        """
        total, floor = np.zeros(len(self.unknowns)), 0.0
        for name in claims:
            states = [each.states[name] for each in self.judged]
            resolved = _flags(states, HOLDS, FAILS)
            if np.count_nonzero(resolved) >= LEAST:
                value = value_of_verdict(self.values[resolved], _flags(states, HOLDS)[resolved])
                total += value.above()
                floor = max(floor, value.floor)
        order = np.argsort(-total, kind="stable")
        return tuple((self.unknowns[k].name, float(total[k])) for k in order), floor


def count(states: Sequence[str]) -> Counts:
    """In how many worlds a claim is in each state."""
    return Counts(*(states.count(each) for each in (HOLDS, FAILS, ENDLESS, UNRESOLVED)))


def _flags(states: Sequence[str], *wanted: str) -> Flags:
    return np.array([state in wanted for state in states])


def _bound(each: Restriction, unknown: Uncertain) -> str:
    """The end of a range without its unit: between two whole numbers it is the one
    that the box leaves out.
    """
    bound = each.bound
    if unknown.whole:
        bound = math.floor(bound) if each.side == "above" else math.ceil(bound)
    return f"{bound:.3g}"
