"""The arithmetic of attribution: a change divided among bundles of levers by Shapley value.

What is divided is what every set of them reaches in every replication. For means the division is
made within each replication, so it sums to the total exactly in each, and gets an interval over
replications; what is pooled over cases is divided again under each weighting of the replications.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.attribution.design import MERGER, ORDERS, PROCESS, SEED, Design, Sets
from govsim.evidence.attribution.result import MIXED, Contribution, Effect, Interaction, Part
from govsim.evidence.quantity import Quantity, population
from govsim.evidence.sample.replications import Sample
from govsim.measures import MEASURES
from govsim.measures.catalogue import MIX
from govsim.statistics import shapley
from govsim.statistics.estimate import LEVEL, Estimate, note_of, student
from govsim.statistics.mean import of_mean, of_pooled
from govsim.statistics.resample import resamples
from govsim.store import Store, pack
from govsim.store.rows import unpack

ZERO = "no share: the total may be zero"
Linear = Callable[[Floats], Floats]  # of a table [set, ...], over its first axis


class Means:
    """The mean over replications of numbers [set, R]."""

    method = "mean over replications"

    def __init__(self, values: Floats) -> None:
        self.values, self.replications = values, values.shape[1]

    def at(self, weights: Floats) -> Floats:
        """The table under weights of the replications [B, R]: [set, B]."""
        found: Floats = self.values @ weights.T / weights.sum(axis=1)
        return found

    def estimate(self, of: Linear) -> Estimate:
        """A number that is linear in the table."""
        return of_mean(of(self.values))


class PooledTable:
    """A quantity of the pooled cases by set, known for the weights that intervals are made of:
    [set, B] by weights.
    """

    method = "replications resampled"

    def __init__(self, known: Mapping[bytes, Floats], replications: int) -> None:
        self._known, self.replications = known, replications

    def at(self, weights: Floats) -> Floats:
        """The table under weights of the replications."""
        return self._known[_key(weights)]

    def estimate(self, of: Linear) -> Estimate:
        """A number that is linear in the table."""
        return of_pooled(lambda weights: of(self.at(weights)), self.replications)


Table = Means | PooledTable


def _key(weights: Floats) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(weights).tobytes()).digest()


def tables_of(sets: Sets, store: Store) -> Iterator[tuple[Quantity, Table]]:
    if sets.pooled:
        yield sets.targets[0], _pooled_table(sets, store)
        return
    # [set, target, R]
    values = np.stack([arrays["targets"] for _, arrays in store.read()], axis=-1)
    for t, target in enumerate(sets.targets):
        known = ~np.isnan(values[:, t]).any(axis=0)
        yield target, Means(values[:, t, known] * (100.0 if _unit(target) == "share" else 1.0))


def _pooled_table(sets: Sets, store: Store) -> PooledTable:
    """One set after the other, for the memory: distributions of all sets
    in all replications are large.
    """
    target, index = sets.targets[0], sets.narrow
    blobs: list[list[bytes]] = [[] for _ in sets.design.sets]
    here = np.zeros((len(blobs), len(index.services)), dtype=bool)
    row, _, cohort = index.place(population(target.measure), "count", MIX, target.cohort)
    for _, arrays in store.read():
        for k, held in enumerate(blobs):
            held.append(
                pack(
                    {
                        key.split("/")[1]: each
                        for key, each in arrays.items()
                        if key.startswith(f"{k}/")
                    }
                )
            )
            here[k] |= arrays[f"{k}/values"][row, len(index.mixes) :, cohort] > 0
    weights = _asked_for(len(blobs[0]))
    found: dict[bytes, list[Floats]] = {_key(each): [] for each in weights}
    for held in blobs:
        one = Sample(
            index, ("set",), ({f"set/{key}": a for key, a in unpack(blob).items()} for blob in held)
        )
        stated = one.stated(target.scope) > 0
        lacking = (stated & here.any(axis=0) & ~here.all(axis=0)).any()
        those = tuple(
            name
            for name, some in zip(index.services, stated & here.all(axis=0), strict=True)
            if some
        )
        theta = one.pooled(replace(target, scope=those) if lacking and those else target, "set")
        for each in weights:
            found[_key(each)].append(theta(each))
    return PooledTable({key: np.array(rows) for key, rows in found.items()}, len(blobs[0]))


def _asked_for(replications: int) -> list[Floats]:
    """The weights of replications that intervals and resamples are made of:
    those that any estimand is asked for.
    """
    asked = {
        _key(each): each
        for each in (np.ones((1, replications)), np.eye(replications), *resamples(replications))
    }
    some = np.arange(replications, dtype=np.float64) ** 2

    def mean(weights: Floats) -> Floats:
        asked[_key(weights)] = weights
        found: Floats = weights @ some / weights.sum(axis=1)
        return found

    of_pooled(mean, replications)
    return list(asked.values())


def _unit(target: Quantity) -> str:
    return MEASURES[target.measure].unit_of(target.statistic)


def effect_of(sets: Sets, target: Quantity, table: Table, done: int) -> Effect:
    """One quantity, divided; `done` replications there are."""
    design, number = sets.design, table.replications
    share = isinstance(table, Means) and _unit(target) == "share"
    if number < 2:
        return _not_estimable(target, "points" if share else _unit(target), number)
    total = table.estimate(lambda x: x[1] - x[0])
    return Effect(
        target.measure,
        target.statistic,
        target.scope,
        target.cohort,
        "points" if share else _unit(target),
        table.estimate(lambda x: x[0]),
        table.estimate(lambda x: x[1]),
        total,
        tuple(_bundles(design, table, total)),
        tuple(_interactions(design, table)),
        tuple(_kinds(design, table, total)),
        total.method or table.method,
        f"only {number} replications have a case in every set of levers" if number < done else "",
        target.desks,
    )


def _not_estimable(target: Quantity, unit: str, number: int) -> Effect:
    none = Estimate(
        None, None, None, number, "too few replications have a case in every set of levers"
    )
    about = (target.measure, target.statistic, target.scope, target.cohort, unit)
    return Effect(*about, none, none, none, (), (), (), "", none.note, target.desks)


def _bundles(design: Design, table: Table, total: Estimate) -> Iterator[Contribution]:
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
    table: Table,
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


def _ends(table: Table, alone: int, without: int) -> tuple[Estimate, Estimate]:
    """What some levers do alone, and what they add to all the others."""
    return table.estimate(lambda x: x[alone] - x[0]), table.estimate(lambda x: x[1] - x[without])


def _share(table: Table, part: Linear, total: Estimate) -> Estimate:
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


def _ranks(design: Design, table: Table, total: Estimate) -> list[float | None]:
    """How often each bundle brings most of the total among resamples of the replications;
    ties count for nobody.
    """
    if _may_be_zero(total):
        return [None] * len(design.bundles)
    sign = np.sign(total.value or 0.0)
    drawn = sign * np.concatenate(list(_drawn(design, table)))
    top = drawn == drawn.max(axis=1, keepdims=True)
    alone = top & (top.sum(axis=1, keepdims=True) == 1)
    return [float(share) for share in alone.mean(axis=0)]


def _drawn(design: Design, table: Table) -> Iterator[Floats]:
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


def _sampling_errors(design: Design, table: Table) -> list[float | None]:
    if design.orders is None:
        return [None] * len(design.bundles)
    x = table.at(np.ones((1, table.replications)))
    errors = shapley.error(shapley.sampled(x[design.places], design.orders)[1])
    return [float(each) for each in errors[:, 0]]


def _interactions(design: Design, table: Table) -> Iterator[Interaction]:
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


def _kinds(design: Design, table: Table, total: Estimate) -> Iterator[Contribution]:
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
