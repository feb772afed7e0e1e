"""How often our own 95 % intervals contain the truth where there is little to go by.

    python benchmarks/few_replications.py [--quick] [--json FILE] [--seed N]

8, 16 and 30 skewed replications, loaded queues, rare services, families, shares without an event,
runs that end by `until`. All answers are known: no engine runs, the queue is M/M/1 by Lindley's
recursion. An interval keeps its promise where the lower 95 % Monte-Carlo bound of its coverage is
92 % or more, from 16 replications on; exit code 1 where one does not. Beside it what a plainer one
covers (Student's t, Bonferroni's for a family, for shares Wilson's of cases as if they were
independent), and how often an interval is refused or says itself that it has too little.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from govsim.experiment.stopping import until
from govsim.statistics import unseen
from govsim.statistics.estimate import EVENTS, Estimate, estimate, student, with_cases
from govsim.statistics.mean import Pooled, family, of_mean, of_percent_change, of_pooled, wilson

Floats = NDArray[np.float64]

PROMISE = 0.92
REPLICATIONS = (8, 16, 30)
LOAD, WAITS = 0.9, 1000  # of the queue, and the cases of a replication
PER_REPLICATION = 3  # cases of the rare service, on average
CASES = 200  # of a service where something hardly ever happens
LUCK = 0.5  # spread of what the cases of a replication share
BATCH = 100


class Told(NamedTuple):
    """One interval of one experiment."""

    row: str
    covers: bool | None  # None: refused
    plain: bool | None
    width: float
    few: bool = False
    promised: bool = True


def told(row: str, found: Estimate, truth: float, plain: Estimate | None = None) -> Told:
    half = found.half_width or 0.0
    rival = None if plain is None else covers(plain, truth)
    mine = None if found.value is None else covers(found, truth)
    return Told(row, mine, rival, 2 * half, found.few or mine is None)


def covers(found: Estimate, truth: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def mean_of(values: Floats) -> Pooled:
    return lambda weights: weights @ values / weights.sum(axis=1)


def share_of(hits: Floats, cases: Floats) -> Pooled:
    def theta(weights: Floats) -> Floats:
        number = weights @ cases
        found: Floats = np.divide(
            weights @ hits, number, out=np.full(number.shape, np.nan), where=number > 0
        )
        return found

    return theta


# ---------------------------------------------------------------------------------- the experiments


def skewed(rng: np.random.Generator, replications: int) -> Iterator[Told]:
    """Lognormal, s = 1: a mean, the difference of two, a change in percent."""
    one, other = rng.lognormal(size=(2, replications))
    truth = math.exp(0.5)
    yield told("lognormal, mean", of_mean(one), truth, estimate(one))
    change = one - 0.5 * other
    yield told("lognormal, difference of two", of_mean(change), 0.5 * truth, estimate(change))
    yield told("lognormal, percent change", of_percent_change(0.5 * other, one), -50.0)


def waits(rng: np.random.Generator, shape: tuple[int, int], load: float) -> tuple[Floats, Floats]:
    """Mean wait and share that wait at most the limit, of so many waits in M/M/1 in the steady
    state, by Lindley's recursion [experiment, R].
    """
    start = rng.random(shape)
    slack = 1 - load
    wait = np.where(start < load, -np.log(np.maximum(start, 1e-300) / load) / slack, 0.0)
    total, within = np.zeros(shape), np.zeros(shape)
    for _ in range(WAITS):
        total += wait
        within += wait <= limit()
        gap = rng.exponential(1 / load, shape)
        wait = np.maximum(0.0, wait + rng.exponential(1.0, shape) - gap)
    return total / WAITS, within / WAITS


def limit() -> float:
    """What nine in ten of those in the busier queue wait at most."""
    return math.log(LOAD / 0.1) / (1 - LOAD)


def queue(rng: np.random.Generator, replications: int) -> Iterator[list[Told]]:
    """Many experiments at once: a loaded queue, and a less loaded one with draws of its own."""
    shape = (BATCH, replications)
    mean, within = waits(rng, shape, LOAD)
    less, _ = waits(rng, shape, 0.8)
    truth, other = LOAD / (1 - LOAD), 0.8 / 0.2
    for k in range(BATCH):
        change = less[k] - mean[k]
        share = of_pooled(mean_of(within[k]), replications, "logit")
        yield [
            told("M/M/1 at load 0.9, mean wait", of_mean(mean[k]), truth, estimate(mean[k])),
            told("M/M/1, 0.9 to 0.8", of_mean(change), other - truth, estimate(change)),
            told("M/M/1 at load 0.9, share within", share, 0.9, estimate(within[k])),
        ]


def rare(rng: np.random.Generator, replications: int) -> Iterator[Told]:
    """The mean time of a service with three cases per replication, that share its luck."""
    number = rng.poisson(PER_REPLICATION, replications)
    luck = np.repeat(LUCK * rng.standard_normal(replications), number)
    times = np.exp(luck + rng.standard_normal(len(luck)))
    owner = np.repeat(np.arange(replications), number)
    sums = np.bincount(owner, times, replications)
    found = of_pooled(share_of(sums, number.astype(np.float64)), replications)
    found = with_cases(found, float(number.sum()))
    yield told("rare service, mean", found, math.exp((1 + LUCK**2) / 2))


def families(members: int) -> Callable[[np.random.Generator, int], Iterator[Told]]:
    """Means of skewed numbers that are correlated .5, joint coverage."""

    def made(rng: np.random.Generator, replications: int) -> Iterator[Told]:
        shared = rng.standard_normal((replications, 1))
        own = rng.standard_normal((replications, members))
        values = np.exp(math.sqrt(0.5) * (shared + own))
        truth = math.exp(0.5)
        found = family([mean_of(each) for each in values.T], replications)
        spread = values.std(axis=0, ddof=1) / math.sqrt(replications)
        reach = student(replications, 1 - 0.05 / members) * spread
        plain = bool((np.abs(values.mean(axis=0) - truth) <= reach).all())
        joint = all(covers(each, truth) for each in found)
        width = 2 * (found[0].half_width or 0.0)
        yield Told(f"max-T of {members} lognormal", joint, plain, width, found[0].few)

    return made


def hardly(expected: float) -> Callable[[np.random.Generator, int], Iterator[Told]]:
    """A share with few events in all replications together, its variance inflation read from where
    one in twenty are beyond; and the difference of two such shares of the same cases.
    """

    def made(rng: np.random.Generator, replications: int) -> Iterator[Told]:
        truth, spread = expected / (CASES * replications), math.hypot(1, LUCK)
        far, near = (-spread * float(ndtri(each)) for each in (truth, 0.05))
        luck = LUCK * rng.standard_normal((replications, 1))
        first = luck + rng.standard_normal((replications, CASES))
        # each case differs a little afterwards
        second = luck + 0.9 * (first - luck) + math.sqrt(0.19) * rng.standard_normal(first.shape)
        cases = np.full(replications, float(CASES))
        hits, later = ((each > far).sum(axis=1).astype(np.float64) for each in (first, second))
        shared = unseen.inflation((first > near).sum(axis=1).astype(np.float64), cases)
        number = unseen.trials(replications, cases.sum(), shared)
        differ = float(((first > far) != (second > far)).sum())
        share, after = (float(each.sum() / cases.sum()) for each in (hits, later))
        found = of_pooled(
            share_of(hits, cases), replications, "logit", unseen=unseen.of_level(share, number)
        )
        name = f"share with {expected:g} events expected"
        beyond = float(hits.sum())
        if beyond:
            found = with_cases(found, CASES * replications, beyond)
        pooled = Estimate(share, *wilson(beyond, CASES * replications), replications)
        yield told(name, found, truth, pooled)
        if not beyond and expected < EVENTS:
            yield told(f"{name}: those without one", found, truth, pooled)._replace(promised=False)
        change = of_pooled(
            lambda weights: share_of(later, cases)(weights) - share_of(hits, cases)(weights),
            replications,
            unseen=unseen.of_change((share, number), (after, number), differ, number),
        )
        yield told(f"{name}: change after", change, 0.0)

    return made


def stopped(
    name: str, truth: float, draw: Callable[[np.random.Generator, int], Floats], half: float
) -> Callable[[np.random.Generator, int], Iterator[Told]]:
    """A run that ends once its mean is known within a half-width."""

    def made(rng: np.random.Generator, replications: int) -> Iterator[Told]:
        values = draw(rng, replications)
        while not (look := until(values, half)).stop:
            values = np.concatenate((values, draw(rng, look.more)))
        found = of_mean(values)
        yield told(f"until ±{half:g}, {name}", found, truth, estimate(values))._replace(
            width=float(len(values))
        )

    return made


ONE_BY_ONE: tuple[Callable[[np.random.Generator, int], Iterator[Told]], ...] = (
    skewed,
    rare,
    families(7),
    families(11),
    hardly(1),
    hardly(3),
    hardly(12),
)
UNTIL = (
    stopped("normal", 0.0, lambda rng, n: rng.standard_normal(n), 0.25),
    stopped("lognormal", math.exp(0.5), lambda rng, n: rng.lognormal(size=n), 0.5),
    stopped("lognormal", math.exp(0.5), lambda rng, n: rng.lognormal(size=n), 0.25),
)


# ---------------------------------------------------------------------------------------- the study


def study(experiments: int, seed: int) -> Iterator[dict[str, object]]:
    """A row for each interval and number of replications."""
    for replications in REPLICATIONS:
        for k, each in enumerate(ONE_BY_ONE):
            rng = np.random.default_rng((seed, replications, k))
            yield from rows(
                replications,
                [one for _ in range(experiments) for one in each(rng, replications)],
            )
        rng = np.random.default_rng((seed, replications, len(ONE_BY_ONE)))
        many = (one for _ in range(-(-experiments // BATCH)) for one in queue(rng, replications))
        yield from rows(replications, [one for each in many for one in each])
    for k, each in enumerate(UNTIL):
        rng = np.random.default_rng((seed, 0, k))
        yield from rows(0, [one for _ in range(experiments) for one in each(rng, 30)])


def rows(replications: int, found: list[Told]) -> Iterator[dict[str, object]]:
    for name in dict.fromkeys(each.row for each in found):
        mine = [each for each in found if each.row == name]
        inside = [each.covers for each in mine if each.covers is not None]
        hits, number = sum(inside), len(inside)
        known = [each.plain for each in mine if each.plain is not None]
        yield {
            "estimand": name,
            "replications": replications or round(float(np.mean([each.width for each in mine]))),
            "experiments": len(mine),
            "promised": mine[0].promised and (not replications or replications >= 16),
            "coverage": hits / number,
            "lower": wilson(hits, number, 0.9)[0],
            "upper": wilson(hits, number, 0.997)[1],
            "plain": sum(known) / len(known) if known else None,
            "few": sum(each.few for each in mine) / len(mine),
            "width": float(np.mean([each.width for each in mine])) if replications else None,
        }


def kept(row: dict[str, object], bound: str) -> bool | None:
    """Whether the promise is kept; None where none is made."""
    return float(str(row[bound])) >= PROMISE if row["promised"] else None


def line(row: dict[str, object], bound: str) -> str:
    """A row of the README's table."""
    share = {
        key: "" if row[key] is None else f"{100 * float(str(row[key])):.1f}"
        for key in ("coverage", "lower", "plain", "few")
    }
    said = {True: "", False: " **missed**", None: " (no promise)"}[kept(row, bound)]
    return (
        f"| {row['estimand']} | {row['replications']} | {share['coverage']} | "
        f"{share['lower']}{said} | {share['plain']} | {share['few']} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few experiments: looks for gross errors only"
    )
    parser.add_argument("--seed", type=int, default=3611)
    parser.add_argument("--experiments", type=int, default=4000)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    experiments = BATCH if asked.quick else asked.experiments
    # few experiments can only show that a promise is broken
    bound, made = "upper" if asked.quick else "lower", []
    for row in study(experiments, asked.seed):
        made.append(row)
        print(line(row, bound), flush=True)
    if asked.json:
        held = {
            "command": f"python benchmarks/few_replications.py --seed {asked.seed}",
            "seed": asked.seed,
            "experiments": experiments,
            "rows": made,
        }
        asked.json.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    return int(any(kept(row, bound) is False for row in made))


if __name__ == "__main__":
    sys.exit(main())
