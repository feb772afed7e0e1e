"""How cases end, by service and of all who filed: what a roster must keep beside a time.

No share may get worse by more than a margin: fewer granted, more refused, more who gave up or have
no answer yet. Where one gets better by more, the time that is kept beside it may be that of other
people.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from govsim.arrays import Floats
from govsim.evidence import estimates
from govsim.evidence.conditions.condition import HOLDS, REFUTED, UNDETERMINED
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.staffing.why import MAYBE_OTHERS, OTHERS, Why
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import family
from govsim.statistics.resample import Pooled
from govsim.statistics.unseen import Unseen, of_change

# end -> the measure that counts it
ENDS = {"granted": "completed", "refused": "rejected", "gave_up": "withdrawn", "no_answer": "open"}
GRANTED, NO_ANSWER = "granted", "no_answer"
SIGNS = np.array([-1.0 if end == GRANTED else 1.0 for end in ENDS])  # of a rise: 1 is for the worse
Outcomes = Mapping[str, Mapping[str, Estimate]]  # service -> end -> change in points


def counts(service: str, cohort: str) -> list[Quantity]:
    """What the shares are made of."""
    return [Quantity(each, "share", service, cohort) for each in ENDS.values()]


def number(sample: Sample, measure: str, service: str, cohort: str, label: str) -> Floats:
    """Cases of a kind in each replication [R]."""
    return np.nan_to_num(sample.values(Quantity(measure, "count", service, cohort), label))


def share(sample: Sample, end: str, service: str, cohort: str, label: str) -> Pooled:
    """The share of an end among all who filed, as a function of the replications' weights."""
    some, every = (
        number(sample, measure, service, cohort, label) for measure in (ENDS[end], "counted")
    )

    def theta(weights: Floats) -> Floats:
        filed = weights @ every
        unknown = np.full(len(filed), np.nan)
        found: Floats = np.divide(weights @ some, filed, out=unknown, where=filed > 0)
        return found

    return theta


def filed(sample: Sample, services: Sequence[str], cohort: str, label: str) -> list[str]:
    """Those of some services that anybody filed for."""
    return [name for name in services if number(sample, "counted", name, cohort, label).any()]


def never_granted(
    sample: Sample, services: Sequence[str], cohort: str, label: str
) -> tuple[str, ...]:
    """Those of some services of which no case was granted: there is nothing to keep."""
    measure = ENDS[GRANTED]
    return tuple(
        name for name in services if not number(sample, measure, name, cohort, label).any()
    )


def changes(
    sample: Sample, against: Sequence[tuple[str, str]], cohort: str, label: str, level: float
) -> Outcomes:
    """Changes of all shares of (service, label that it is set against), in points.

    Their intervals, paired by replication, hold for all of them at once.
    """
    asked = [(name, base, end) for name, base in against for end in ENDS]
    thetas = [
        estimates.less(*(share(sample, end, name, cohort, each) for each in (label, base)))
        for name, base, end in asked
    ]
    never = [unseen(sample, end, name, cohort, (base, label)) for name, base, end in asked]
    found = iter(family(thetas, sample.replications, level, unseen=never) if thetas else ())
    return {name: {end: next(found).times(100.0) for end in ENDS} for name, _ in against}


def unseen(sample: Sample, end: str, service: str, cohort: str, labels: tuple[str, str]) -> Unseen:
    """What no case, or every case, did with either roster, and a few of more cases might.

    Behind it stand the cases of all replications: with one trial for each replication no share
    could be shown to stay within a point.
    """
    known = []
    for label in labels:
        some, every = (
            float(number(sample, measure, service, cohort, label).sum())
            for measure in (ENDS[end], "counted")
        )
        known.append((some / every if every else 0.0, every))
    (before, filed), after = known
    same = before == after[0] and before in (0.0, 1.0)
    return of_change((before, filed), after, 0.0, min(filed, after[1]) if same else math.inf)


# ----------------------------------------------------------------------------------------- verdicts


def for_the_worse(end: str, change: Estimate) -> tuple[float | None, float | None]:
    """The ends of an interval, turned so that more is worse."""
    low, high = change.low, change.high
    if end != GRANTED or low is None or high is None:
        return low, high
    return -high, -low


def state_of(outcomes: Outcomes, margin: float) -> tuple[str, tuple[Why, ...]]:
    """Whether no share gets worse by more than a margin (points), and which does or may."""
    worse, open_ = [], []
    for service, end, change in _each(outcomes):
        low, high = for_the_worse(end, change)
        if low is None or high is None or low <= margin < high:
            open_.append(service)
        elif low > margin:
            worse.append(Why(end, (service,), change.value))
    if worse:
        return REFUTED, (most_telling(worse),)
    maybe = Why(MAYBE_OTHERS, tuple(dict.fromkeys(open_)))
    return (UNDETERMINED, (maybe,)) if open_ else (HOLDS, ())


def better(outcomes: Outcomes, margin: float) -> dict[str, Why]:
    """Services with a share that is, or may be, better by more than a margin (points).

    Their times may be those of other people.
    """
    found = {}
    for service, end, change in _each(outcomes):
        low, high = for_the_worse(end, change)
        if end == NO_ANSWER or low is None or high is None or low >= -margin:
            continue
        if high < -margin:
            found[service] = Why(OTHERS, (service,), change.value)
        else:
            found.setdefault(service, Why(MAYBE_OTHERS, (service,)))
    return found


def no_worse(outcomes: Outcomes, margin: float) -> bool:
    """Whether no share is shown, or may be, worse by more than a margin (points)."""
    highs = [for_the_worse(end, change)[1] for _, end, change in _each(outcomes)]
    return all(high is not None and high <= margin for high in highs)


def most_telling(whys: Sequence[Why]) -> Why:
    """The largest; that fewer are granted only where nothing else says where they went."""
    return max(
        whys, key=lambda why: (why.kind not in (GRANTED, MAYBE_OTHERS), abs(why.number or 0))
    )


def largest(outcomes: Outcomes) -> tuple[str, str, Estimate] | None:
    """The service and end whose share moves most."""
    known = [each for each in _each(outcomes) if each[2].value is not None]
    return max(known, key=lambda each: abs(each[2].value or 0.0), default=None)


def _each(outcomes: Outcomes) -> Iterator[tuple[str, str, Estimate]]:
    for service, shares in outcomes.items():
        for end, change in shares.items():
            yield service, end, change


# -------------------------------------------------------------------------- the search's few points


def points(sample: Sample, services: Sequence[str], cohort: str, label: str) -> Floats:
    """The shares [end, service], without intervals; NaN where nobody filed."""
    ones = np.ones((1, sample.replications))
    every = [[share(sample, end, name, cohort, label) for name in services] for end in ENDS]
    return np.array([[float(theta(ones)[0]) for theta in row] for row in every]).reshape(
        len(ENDS), len(services)
    )


def worse_by(now: Floats, had: Floats) -> Floats:
    """By how much shares [end, service] are worse than they were; below 0 where better."""
    return SIGNS[:, None] * (now - had)
