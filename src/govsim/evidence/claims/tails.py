"""Whom a quantile, or a share within a time, does not look at: the slowest, and the mean.

A median says nothing of the slower half, a p90 nothing of the slowest tenth. Where a claim of one
holds and these fare worse, that is told beside it; it changes no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from govsim.evidence import words
from govsim.evidence.conditions.condition import (
    HOLDS,
    UNDETERMINED,
    Condition,
    Finding,
    improvement_of,
)
from govsim.evidence.estimates import at_once
from govsim.evidence.matters import TIMES, beyond, relevant
from govsim.evidence.people import shares_of_ends
from govsim.evidence.qualification.record import Qualification
from govsim.evidence.sample.estimand import SHARES, estimand, level_of
from govsim.evidence.sample.replications import Sample
from govsim.evidence.words import LANGUAGES, Texts
from govsim.measures import MEASURES
from govsim.statistics.estimate import Estimate
from govsim.statistics.resample import Pooled

POINTS = 20  # of the quantile curve that a tail's mean is taken over


def harmed(
    finding: Finding, sample: Sample, matters: Mapping[str, float], day: float | None
) -> list[Qualification]:
    """A warning each for the slowest, beyond what a finding that holds looks at, and for the mean,
    where these get worse beyond chance and by what matters; `day` in minutes.
    """
    asked = finding.condition
    level = _looked_at(finding, sample)
    if level is None:
        return []
    sample = sample.restricted(asked.first, asked.second, "both") or sample
    mean = replace(asked.quantity, statistic="mean")
    told = replace(asked, quantity=mean, kind="decrease", size=0.0, unit=sample.unit(mean))
    both = asked.first, asked.second
    tails = [_tail(told, sample, name, level) for name in both]
    means = [estimand(sample, mean, name) for name in both]
    slowest, whole = (
        _worse(told, sample, pair, matters, day)
        for pair in ((tails[0], tails[1]), (means[0], means[1]))
    )
    said = [_of_the_slowest(asked, slowest, 1.0 - level, sample)] if slowest else []
    return said + ([_of_the_mean(asked, whole, sample)] if whole else [])


def _looked_at(finding: Finding, sample: Sample) -> float | None:
    """The share of those who stayed that a change of a time which holds looks at; None where it
    looks at all, or is of something else.
    """
    asked = finding.condition
    quantity = asked.quantity
    of_a_time = MEASURES[quantity.measure].unit in TIMES and asked.weeks is None
    if finding.state != HOLDS or asked.is_level or not of_a_time or finding.improvement.low is None:
        return None
    if SHARES.fullmatch(quantity.statistic) is None:
        return level_of(quantity) if asked.sign < 0 else None
    share = at_once(estimand(sample, quantity, asked.second), sample)
    if quantity.statistic.startswith("share_at_least"):
        share = 1.0 - share
    left = shares_of_ends(sample, asked.second, quantity.scope, quantity.cohort)["withdrawn"]
    return share / (1.0 - left) if share < 1.0 - left else None


def _tail(told: Condition, sample: Sample, configuration: str, level: float) -> Pooled:
    """The mean of the slowest beyond a level, over the quantile curve; no answer by tau is tau."""
    levels = [level + (1.0 - level) * (k + 0.5) / POINTS for k in range(POINTS)]
    curve = sample.quantiles(told.quantity, configuration, levels)
    return lambda weights: curve(weights).mean(axis=1)


def _worse(
    told: Condition,
    sample: Sample,
    pair: tuple[Pooled, Pooled],
    matters: Mapping[str, float],
    day: float | None,
) -> Finding | None:
    """The change between two levels, where it is for the worse."""
    found = improvement_of(told, sample, *pair)
    before, after = (at_once(theta, sample) for theta in pair)
    if beyond(found, relevant(told, sample, abs(before), matters, day)) >= 0:
        return None
    first, second = (Estimate(value, None, None, found.replications) for value in (before, after))
    return Finding(told, UNDETERMINED, "", found, first, second)


def _of_the_slowest(
    asked: Condition, worse: Finding, share: float, sample: Sample
) -> Qualification:
    names = {"what": words.what_of(asked), "change": _change(worse, sample)}
    return Qualification("slowest_fare_worse", "", {"share": 100.0 * share}, names)


def _of_the_mean(asked: Condition, worse: Finding, sample: Sample) -> Qualification:
    names = {"what": words.what_of(asked), "change": _change(worse, sample)}
    return Qualification("mean_gets_worse", "", names=names)


def _change(worse: Finding, sample: Sample) -> Texts:
    """From which level to which, and by how much, in each language."""
    return {lang: words.moved(worse)[lang] + _within(worse, sample, lang) for lang in LANGUAGES}


def _within(worse: Finding, sample: Sample, lang: str) -> str:
    """That a mean is of the first tau days, where some had no answer by then."""
    asked, zh = worse.condition, lang == "zh"
    quantity, tau = asked.quantity, sample.tau(asked.quantity)
    waiting = (
        shares_of_ends(sample, name, quantity.scope, quantity.cohort)["open"]
        for name in (asked.first, asked.second)
    )
    if tau is None or not any(waiting):
        return ""
    days = words.counted(asked.unit, lang)
    return f"（前 {tau:.0f}{days}的均值）" if zh else f" (of the first {tau:.0f}{days})"
