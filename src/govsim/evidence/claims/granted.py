"""How much of a gain in the time until an answer is that refusals come sooner.

A refusal is an answer, so that the refused have theirs sooner is true, and no verdict changes by
it; but who is granted may wait as long as before, and that is told beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from govsim.evidence import words
from govsim.evidence.conditions.condition import HOLDS, Finding, improvement_of
from govsim.evidence.estimates import at_once, less
from govsim.evidence.matters import beyond, relevant
from govsim.evidence.qualification.record import Qualification
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import of_pooled


def alone(
    finding: Finding, sample: Sample, matters: Mapping[str, float], day: float | None
) -> list[Qualification]:
    """A warning where a time until the answer falls by less among those granted in both than among
    those with the same answer in both, beyond chance and by what matters; `day` in minutes.
    """
    asked = finding.condition
    both = asked.first, asked.second
    whom = [sample.restricted(*both, name) for name in ("same", "granted")]
    unsized = finding.improvement.low is None or asked.is_level or asked.weeks is not None
    if finding.state != HOLDS or unsized or sample.tau(asked.quantity) is None or None in whom:
        return []
    mean = replace(asked.quantity, statistic="mean")
    told = replace(asked, quantity=mean, kind="decrease", size=0.0, unit=sample.unit(mean))
    levels = [[estimand(each, mean, name) for name in both] for each in whom if each is not None]
    same, granted = (less(before, after) for before, after in levels)
    extra = of_pooled(less(same, granted), sample.replications, "plain")
    before, after = (at_once(theta, sample) for theta in levels[1])
    if beyond(extra, relevant(told, sample, abs(before), matters, day)) <= 0:
        return []
    alone = Finding(
        told,
        "",
        "",
        improvement_of(told, sample, *levels[1]),
        Estimate(before, None, None, sample.replications),
        Estimate(after, None, None, sample.replications),
    )
    names = {"what": words.what_of(told), "change": words.moved(alone)}
    return [Qualification("refusals_come_sooner", "", names=names)]
