"""What no applicant of a run did, or all did: in how many trials, and when that is exact.

Trials are cases by the variance inflation of their replications, read from the nearest share of the
same kind with events: the same in another configuration, in the whole mix, at the nearest limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.estimand import SHARES, estimand
from govsim.evidence.sample.replications import Sample
from govsim.measures import MEASURES
from govsim.measures.catalogue import AT_MOST, MIX
from govsim.statistics import unseen
from govsim.statistics.estimate import EVENTS
from govsim.statistics.unseen import NEVER_MORE, Unseen

NEVER_OR_ALWAYS = (0.0, 1.0)


def is_share(sample: Sample, quantity: Quantity) -> bool:
    """Whether it is a share of cases."""
    counted = MEASURES[quantity.measure].per in ("case", "task")
    return counted and sample.unit(quantity) == "share"


def of_level(sample: Sample, quantity: Quantity, configuration: str, level: float) -> Unseen | None:
    """Of a quantity that is at this level; None where it is no share of cases."""
    if not is_share(sample, quantity):
        return None
    return unseen.of_level(*_tried(sample, quantity, configuration, level))


def of_change(
    sample: Sample,
    quantity: Quantity,
    names: tuple[str, str],
    levels: tuple[float, float],
    relative: bool = False,
) -> Unseen | None:
    """Of a quantity's change between two configurations, at these levels; None where it is no share
    of cases. `relative`: of the level after in units of that before.

    Nothing where all applicants fare the same.
    """
    before, after = levels
    never = before in NEVER_OR_ALWAYS or after in NEVER_OR_ALWAYS
    if not is_share(sample, quantity) or (relative and not before):
        return None
    if not never or same_case_by_case(sample, quantity, *names):
        return NEVER_MORE
    first, second = (
        _tried(sample, quantity, name, level) for name, level in zip(names, levels, strict=True)
    )
    pairs = min(first[1], second[1]) if before == after else np.inf
    size = max(1.0, after / before) / before if relative else 1.0
    return unseen.of_change(first, second, 0.0, pairs)._replace(size=size)


def _tried(
    sample: Sample, quantity: Quantity, configuration: str, level: float
) -> tuple[float, float]:
    """The level, and how many trials stand behind one that does not vary."""
    if level not in NEVER_OR_ALWAYS:
        return level, np.inf
    cases = sample.cases_each(quantity, configuration)
    shared = unseen.nearest_inflation(_nearest(sample, quantity, configuration))
    return level, unseen.trials(int((cases > 0).sum()), float(cases.sum()), shared)


def _nearest(
    sample: Sample, quantity: Quantity, configuration: str
) -> Iterator[tuple[Floats, Floats]]:
    """(events, cases) by replication of shares of the same kind, the nearest first."""
    others = [name for name in sample.configurations if name != configuration]
    for scope in dict.fromkeys((quantity.scope, MIX)):
        for name in (configuration, *others):
            yield _events(sample, replace(quantity, scope=scope), name)
    for limit in _limits(sample, quantity, configuration):
        yield _events(sample, limit, configuration)


def _events(sample: Sample, quantity: Quantity, configuration: str) -> tuple[Floats, Floats]:
    cases = sample.cases_each(quantity, configuration)
    share = estimand(sample, quantity, configuration)(np.eye(sample.replications))
    return np.nan_to_num(share) * cases, cases


def _limits(sample: Sample, quantity: Quantity, configuration: str) -> list[Quantity]:
    """The same share at other limits, the nearest first; of a time at the nearest with events."""
    stated = SHARES.fullmatch(quantity.statistic)
    if stated is None:
        return []
    point = float(stated[2])
    if AT_MOST[0] in MEASURES[quantity.measure].statistics:
        others = sorted(range(len(AT_MOST)), key=lambda k: abs(k - point))
        return [replace(quantity, statistic=AT_MOST[k]) for k in others]
    ends, tau = sample.limits(quantity, configuration), sample.tau(quantity)
    ends = ends[np.isfinite(ends) & (ends <= (np.inf if tau is None else tau))]
    if not len(ends):
        return []
    one = np.ones((1, sample.replications))
    shares = sample.shares_at_most(quantity, configuration, ends)(one)[0]
    cases = sample.cases(quantity, configuration)
    some = ends[(shares * cases >= EVENTS) & ((1 - shares) * cases >= EVENTS)]
    nearest = some[np.argsort(np.abs(some - point), kind="stable")[:1]]
    return [replace(quantity, statistic=f"share_at_most_{float(end)!r}") for end in nearest]


# ---------------------------------------------------------------------------------- case by case


def same_case_by_case(sample: Sample, quantity: Quantity, first: str, second: str) -> bool:
    """Whether all applicants of a quantity's services fare the same in two configurations: as many
    file, all with the same end and time, and all that is measured of a service's cases is the same.

    What was not matched is not known to be the same.
    """
    if (first, second) not in sample.pairs:
        return False
    whom = (first, second, quantity.scope, quantity.cohort)
    ends, filed = sample.ends(*whom), sample.filed(*whom)
    alike = np.trace(ends, axis1=2, axis2=3)[..., None]
    matched = ends.sum(axis=(2, 3))[..., None]
    if not ((alike == matched).all() and (alike == filed).all()):
        return False
    slower, _, faster = sample.changes(*whom)
    one = np.ones((1, sample.replications))
    moved = any(float(theta(one)[0]) > 0 for theta in (slower, faster))
    return not moved and _measured_alike(sample, quantity, first, second)


def _measured_alike(sample: Sample, quantity: Quantity, first: str, second: str) -> bool:
    services = np.flatnonzero(sample.stated(quantity.scope)) + len(sample.index.mixes)
    rows = [k for k, (name, _) in enumerate(sample.index.rows) if MEASURES[name].per == "case"]
    cohort = sample.index.cohort(quantity.cohort)
    ours, theirs = (
        sample.stack(name, "values")[:, rows][:, :, services, cohort] for name in (first, second)
    )
    return bool(np.array_equal(ours, theirs, equal_nan=True))
