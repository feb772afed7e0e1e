"""What a roster does, by intervals over replications: changes of times and of how cases end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.evidence import estimates
from govsim.evidence.conditions.condition import (
    HOLDS,
    REFUTED,
    UNDETERMINED,
    Condition,
    judge_alone,
)
from govsim.evidence.people import guarded
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample
from govsim.evidence.staffing import outcomes
from govsim.evidence.staffing.found import Changes
from govsim.evidence.staffing.outcomes import Outcomes
from govsim.evidence.staffing.question import Asked
from govsim.evidence.staffing.why import MAYBE_SLOWER, SLOWER, Why
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import family as simultaneous
from govsim.statistics.resample import Pooled

BEYOND = "longer than anybody is followed"


class Judged(NamedTuple):
    """What a roster does: the verdict, what it rests on, and what refuses it or leaves it open.

    Changes of times are in %, those of shares in points.
    """

    verdict: str
    changes: Changes
    internal: Changes
    outcomes: Outcomes
    why: tuple[Why, ...]


def judged(
    sample: Sample, asked: Asked, label: str, level: float, internal_too: bool = False
) -> Judged:
    """Services against "first", internal ones against "second": all posts of the reform.

    A service that nobody files for any more has nobody to keep anything for. Where a share got
    better the time is told only if it is so at the worst, or the best: it may be that of other
    people. Times hold together, and so do shares: as both must hold, that neither knows of the
    other makes no verdict easier.
    """
    services, internal = (
        outcomes.filed(sample, names, asked.quantity.cohort, label)
        for names in (asked.services, asked.internal if label != "second" else ())
    )
    to_first, to_second = [(name, "first") for name in services], [(n, "second") for n in internal]
    families = [to_first + to_second] if internal_too else [to_first, to_second]
    found: dict[str, Estimate] = {}
    for against in families:
        thetas = [
            _ratio(*(estimand(sample, asked.of(name), each) for each in (label, base)))
            for name, base in against
        ]
        names = [name for name, _ in against]
        ratios = together(names, thetas, sample.replications, level)
        for name, base in against:
            labels = (label, base)
            found[name] = _beyond_tau(ratios[name], sample, asked.of(name), labels)
    changes, inside = (
        {name: _percent(found[name]) for name in names} for names in (services, internal)
    )
    decisive = {**changes, **inside} if internal_too else changes
    against = [*to_first, *(to_second if internal_too else ())]
    ends = outcomes.changes(sample, against, asked.quantity.cohort, label, level)
    bases = dict(against)
    others = {
        name: why
        for name, why in outcomes.better(ends, 100 * asked.margin).items()
        if not _told_at_the_worst(sample, asked, name, bases[name], label)
    }
    same = {name: each for name, each in decisive.items() if name not in others}
    times, slow = _state_of(same, 100 * asked.keep)
    kept, why = outcomes.state_of(ends, 100 * asked.margin)
    apart = UNDETERMINED if others else HOLDS
    slow += (outcomes.most_telling([*others.values()]),) if others else ()
    return Judged(_least(times, kept, apart), changes, inside, ends, why + slow)


def _told_at_the_worst(sample: Sample, asked: Asked, service: str, base: str, label: str) -> bool:
    """Whether a time is kept, or not, wherever those stand who fared worse by their end before."""
    condition = Condition(asked.of(service), "no_increase", 100 * asked.keep, "%", base, label)
    found = guarded(judge_alone(condition, sample), sample, asked.margin)
    return found.state != UNDETERMINED


def together(
    names: Sequence[str], thetas: Sequence[Pooled], replications: int, level: float
) -> dict[str, Estimate]:
    """Estimates whose intervals hold for all of them at once."""
    found = simultaneous(thetas, replications, level) if thetas else ()
    return dict(zip(names, found, strict=True))


def _ratio(after: Pooled, before: Pooled) -> Pooled:
    """The logarithm of a ratio, as a function of the weights of replications."""

    def theta(weights: Floats) -> Floats:
        now, was = after(weights), before(weights)
        return np.log(
            np.divide(now, was, out=np.full_like(was, np.nan), where=(was > 0) & (now > 0))
        )

    return theta


def _beyond_tau(
    ratio: Estimate, sample: Sample, quantity: Quantity, labels: tuple[str, str]
) -> Estimate:
    """The ratio where a quantile may be longer than anybody is followed.

    By how much it is longer is then not known; by how much less than it was before, neither.
    """
    now, was = (estimates.beyond_tau(sample, quantity, each) for each in labels)
    if was:
        return Estimate(None, None, None, ratio.replications, BEYOND)
    return replace(ratio, high=None) if now else ratio


def _percent(ratio: Estimate) -> Estimate:
    """A change in percent, from the logarithm of a ratio."""
    value, low, high = (
        None if each is None else 100 * math.expm1(each)
        for each in (ratio.value, ratio.low, ratio.high)
    )
    return replace(ratio, value=value, low=low, high=high)


def _state_of(changes: Changes, keep: float) -> tuple[str, tuple[Why, ...]]:
    """Whether no time rises by more than is let pass; one that is not known is not kept."""
    beyond = {name: v for name, v in changes.items() if v.low is not None and v.low > keep}
    slow = [Why(SLOWER, (name,), each.value) for name, each in beyond.items()]
    if slow:
        return REFUTED, (max(slow, key=lambda why: why.number or 0.0),)
    open_ = tuple(name for name, v in changes.items() if v.high is None or v.high > keep)
    if open_ or not changes:
        return UNDETERMINED, (Why(MAYBE_SLOWER, open_),) if open_ else ()
    return HOLDS, ()


def _least(*states: str) -> str:
    """Refuted by any, holds by all."""
    return next((each for each in (REFUTED, UNDETERMINED) if each in states), HOLDS)
