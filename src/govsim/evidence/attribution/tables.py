"""What every set of levers reaches: the one estimand of all commands, asked of each set.

It is a function of the replications' weights. A mean that no replication lacks is a mean over
replications, so what is made of it is divided within each and sums to the total exactly there; all
else is of all cases together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.evidence import estimates
from govsim.evidence.attribution.design import Sets
from govsim.evidence.quantity import Quantity, population
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample, remembered
from govsim.measures.catalogue import MIX
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import of_mean, of_pooled
from govsim.statistics.resample import resamples
from govsim.store import Store, pack
from govsim.store.rows import unpack

LACKING = "some set of levers has no case"
Linear = Callable[[Floats], Floats]  # of a table [set, ...], over its first axis


class Ends(NamedTuple):
    """The quantity without any lever and with all, and its change."""

    before: Estimate
    after: Estimate
    total: Estimate


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


class Together:
    """A quantity of all cases together, from weights of the replications [B, R] -> [set, B]."""

    method = "replications resampled"

    def __init__(self, theta: Callable[[Floats], Floats], replications: int) -> None:
        self.at, self.replications = remembered(theta), replications

    def estimate(self, of: Linear) -> Estimate:
        """A number that is linear in the table."""
        return of_pooled(lambda weights: of(self.at(weights)), self.replications)


class Table(NamedTuple):
    """A quantity by set of levers, and what is to be said of it.

    What is `refused` has no number for some set, so its change is not divided.
    """

    values: Means | Together
    ends: Ends
    note: str = ""
    refused: str = ""


def tables_of(sets: Sets, store: Store) -> Iterator[tuple[Quantity, Table]]:
    """One measure after the other, for the memory."""
    if sets.pooled:
        yield sets.targets[0], _of_distributions(sets, store)
        return
    names = [str(k) for k in range(len(sets.design.sets))]
    for k, kept in enumerate(sets.kept):
        rows = (
            {
                name.removeprefix(f"{k}/"): each
                for name, each in arrays.items()
                if name.startswith(f"{k}/")
            }
            for _, arrays in store.read()
        )
        sample = kept.sample(rows, names)
        for target in kept.targets:
            yield target, _of_numbers(sample, target)
            sample.forget_pooled(target)
        sample.forget()


def _of_numbers(sample: Sample, target: Quantity) -> Table:
    """What a sample of all sets says of one quantity, shares in points."""
    names, factor = sample.configurations, 100.0 if sample.unit(target) == "share" else 1.0
    ends = (
        estimates.level(sample, target, names[0]),
        estimates.level(sample, target, names[1]),
        estimates.change(sample, target, names[0], names[1]),
    )
    values, left_out = _values(sample, target, factor), sample.left_out(target)
    return Table(
        values,
        Ends(*(each.times(factor) for each in ends)),
        f"left out, as {LACKING}: {', '.join(left_out)}" if left_out else "",
        _lacking(values),
    )


def _values(sample: Sample, target: Quantity, factor: float) -> Means | Together:
    if sample.is_mean(target):
        values = np.array([sample.values(target, name) for name in sample.configurations])
        if not np.isnan(values).any():
            return Means(factor * values)
    thetas = [estimand(sample, target, name) for name in sample.configurations]
    return Together(
        lambda weights: factor * np.array([theta(weights) for theta in thetas]),
        sample.replications,
    )


def _lacking(values: Means | Together) -> str:
    whole = values.at(np.ones((1, values.replications)))
    return LACKING if np.isnan(whole).any() else ""


# ------------------------------------------------------------------------------- from distributions


def _of_distributions(sets: Sets, store: Store) -> Table:
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
    known: dict[bytes, list[Floats]] = {_key(each): [] for each in weights}
    beyond: list[str] = []
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
        asked = replace(target, scope=those) if lacking and those else target
        out = estimates.beyond_tau(one, asked, "set")
        beyond.append(estimates.longer_than(one, asked) if out else "")
        theta = estimand(one, asked, "set")
        for each in weights:
            known[_key(each)].append(theta(each))
    table = {key: np.array(rows) for key, rows in known.items()}
    values = Together(lambda each: table[_key(each)], len(blobs[0]))
    ends = Ends(
        _end(values, beyond[0], lambda x: x[0]),
        _end(values, beyond[1], lambda x: x[1]),
        _end(values, beyond[0] or beyond[1], lambda x: x[1] - x[0]),
    )
    refused = f"{max(beyond)} in some set of levers" if any(beyond) else ""
    return Table(values, ends, refused=refused or _lacking(values))


def _end(values: Together, beyond: str, of: Linear) -> Estimate:
    if beyond:
        return Estimate(None, None, None, values.replications, beyond)
    return values.estimate(of)


def _key(weights: Floats) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(weights).tobytes()).digest()


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
