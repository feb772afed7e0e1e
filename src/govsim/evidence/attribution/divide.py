"""The arithmetic of attribution: a change divided among bundles of levers by Shapley value.

What is divided is what every set of them reaches, as every other command tells it: of means within
each replication, of what is pooled over cases under each weighting of the replications. Either way
the parts sum to the change that a comparison tells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.attribution.design import MERGER, ORDERS, PROCESS, SEED, Design, Sets
from govsim.evidence.attribution.result import MIXED, Contribution, Effect, Interaction, Part
from govsim.evidence.attribution.tables import Linear, Means, Table, Together
from govsim.evidence.quantity import Quantity
from govsim.measures import MEASURES
from govsim.statistics import shapley
from govsim.statistics.estimate import LEVEL, Estimate, note_of, student
from govsim.statistics.mean import of_pooled
from govsim.statistics.pooled import ONE
from govsim.statistics.resample import resamples

ZERO = "no share: the total may be zero"
Values = Means | Together


def _unit(target: Quantity) -> str:
    unit = MEASURES[target.measure].unit_of(target.statistic)
    return "points" if unit == "share" else unit


def effect_of(sets: Sets, target: Quantity, table: Table) -> Effect:
    """One quantity, divided."""
    design, values, about = sets.design, table.values, _about(target)
    if table.refused or values.replications < 2:
        return Effect(*about, *table.ends, (), (), (), "", table.refused or ONE, target.desks)
    total = table.ends.total
    return Effect(
        *about,
        *table.ends,
        tuple(_bundles(design, values, total)),
        tuple(_interactions(design, values)),
        tuple(_kinds(design, values, total)),
        total.method or values.method,
        table.note,
        target.desks,
    )


def _about(target: Quantity) -> tuple[str, str, str | tuple[str, ...], str, str]:
    return target.measure, target.statistic, target.scope, target.cohort, _unit(target)


def _bundles(design: Design, table: Values, total: Estimate) -> Iterator[Contribution]:
    whole = design.of_kind(MERGER, PROCESS)
    firsts = _ranks(design, table, total)
    errors = _sampling_errors(design, table)
    for k, (name, levers) in enumerate(design.bundles.items()):
        kinds = sorted({design.kinds[each] for each in levers})
        parts = (each for bundle, each in design.parts if bundle == name)
        yield _contribution(
            name,
            kinds[0] if len(kinds) == 1 else MIXED,
            levers,
            table,
            total,
            partial(_value, design, k),
            (design.place(frozenset(levers)), design.place(whole - frozenset(levers))),
            firsts[k],
            tuple(
                Part(
                    kind,
                    tuple(sorted(of)),
                    *_ends(table, design.place(of), design.place(whole - of)),
                )
                for kind, of in parts
            ),
            errors[k],
        )


def _contribution(
    name: str,
    kind: str,
    levers: Sequence[str],
    table: Values,
    total: Estimate,
    shapley: Linear,
    ends: tuple[int, int],
    ranks_first: float | None = None,
    parts: tuple[Part, ...] = (),
    sampling_error: float | None = None,
) -> Contribution:
    in_total = 100.0 * (sampling_error or 0.0) / abs(total.value) if total.value else 0.0
    return Contribution(
        name,
        kind,
        tuple(levers),
        _widened(table.estimate(shapley), sampling_error or 0.0),
        _widened(_share(table, shapley, total), in_total),
        *_ends(table, *ends),
        ranks_first,
        parts,
        sampling_error,
    )


def _widened(found: Estimate, error: float) -> Estimate:
    """With the error of having tried some orders only in the interval,
    beside that of the replications.
    """
    if not error or found.value is None or found.low is None or found.high is None:
        return found
    reach = student(ORDERS, LEVEL) * error
    low, high = (math.hypot(found.value - end, reach) for end in (found.low, found.high))
    note = found.note if found.few else note_of(found.replications)
    method = f"{found.method or 'exact'}, and over {ORDERS} pairs of orders of bundles"
    return replace(found, low=found.value - low, high=found.value + high, note=note, method=method)


def _value(design: Design, k: int, x: Floats) -> Floats:
    """The Shapley value of one bundle."""
    found: Floats = _shapley(design, x)[k]
    return found


def _shapley(design: Design, x: Floats) -> Floats:
    """Shapley values [B, ...] of a table over all sets."""
    if design.orders is None:
        return shapley.shapley(x[design.places])
    return shapley.sampled(x[design.places], design.orders)[0]


def _ends(table: Values, alone: int, without: int) -> tuple[Estimate, Estimate]:
    """What some levers do alone, and what they add to all the others."""
    return table.estimate(lambda x: x[alone] - x[0]), table.estimate(lambda x: x[1] - x[without])


def _share(table: Values, part: Linear, total: Estimate) -> Estimate:
    """In percent of the total; refused where that may be zero."""
    if _may_be_zero(total):
        return Estimate(None, None, None, table.replications, ZERO)
    at = table.at

    def ratio(weights: Floats) -> Floats:
        x = at(weights)
        whole = x[1] - x[0]
        found: Floats = np.divide(
            100.0 * part(x), whole, out=np.full(len(weights), np.nan), where=whole != 0
        )
        return found

    return of_pooled(ratio, table.replications)


def _may_be_zero(total: Estimate) -> bool:
    return (
        not total.value or total.low is None or total.high is None or total.low <= 0 <= total.high
    )


def _ranks(design: Design, table: Values, total: Estimate) -> list[float | None]:
    """How often each bundle brings most of the total among resamples of the replications;
    ties count for nobody.
    """
    if _may_be_zero(total):
        return [None] * len(design.bundles)
    sign = np.sign(total.value or 0.0)
    drawn = sign * np.concatenate(list(_drawn(design, table)))
    drawn = drawn[np.isfinite(drawn).all(axis=1)]  # a resample may lack a service's only cases
    if not len(drawn):
        return [None] * len(design.bundles)
    top = drawn == drawn.max(axis=1, keepdims=True)
    alone = top & (top.sum(axis=1, keepdims=True) == 1)
    return [float(share) for share in alone.mean(axis=0)]


def _drawn(design: Design, table: Values) -> Iterator[Floats]:
    """Shapley values [B, bundle] of resampled replications; of sampled orders,
    pairs of them are resampled too.
    """
    chance = np.random.default_rng(SEED)
    for weights in resamples(table.replications):
        x = table.at(weights)
        if design.orders is None:
            yield _shapley(design, x).T
        else:
            by_pair = shapley.sampled(x[design.places], design.orders)[1]
            often = chance.multinomial(ORDERS, np.full(ORDERS, 1 / ORDERS), size=len(weights))
            yield np.einsum("pkb,bp->bk", by_pair, often / ORDERS)


def _sampling_errors(design: Design, table: Values) -> list[float | None]:
    if design.orders is None:
        return [None] * len(design.bundles)
    x = table.at(np.ones((1, table.replications)))
    errors = shapley.error(shapley.sampled(x[design.places], design.orders)[1])
    return [float(each) for each in errors[:, 0]]


def _interactions(design: Design, table: Values) -> Iterator[Interaction]:
    if design.orders is not None:
        return
    names = list(design.bundles)
    for k, (i, j) in enumerate(shapley.pairs(len(names))):
        index, plain = (table.estimate(partial(_pair, design, which, k)) for which in (0, 1))
        yield Interaction(names[i], names[j], index, plain)


def _pair(design: Design, which: int, k: int, x: Floats) -> Floats:
    """The Shapley interaction index of one pair, or the plain one."""
    found: Floats = shapley.interactions(x[design.places])[which][k]
    return found


def _kinds(design: Design, table: Values, total: Estimate) -> Iterator[Contribution]:
    """Merger against process levers: a game of two."""
    if not design.two_kinds:
        return
    kinds = (MERGER, PROCESS)
    alone = [design.place(design.of_kind(kind)) for kind in kinds]
    for k, kind in enumerate(kinds):

        def of(x: Floats, k: int = k) -> Floats:
            found: Floats = shapley.shapley(x[[0, alone[0], alone[1], 1]])[k]
            return found

        levers = [lever for lever, each in design.kinds.items() if each == kind]
        yield _contribution(kind, kind, levers, table, total, of, (alone[k], alone[1 - k]))
