"""How often our own 95 % intervals contain the truth.

    python benchmarks/interval_coverage.py [--quick] [--json FILE] [--seed N]

Systems with known answers, cases that share the luck of their replication, many experiments of 16,
30 (or 100, 200) replications each. An interval keeps its promise where the lower 95 % Monte-Carlo
bound of its coverage is 92 % or more; exit code 1 where one does not. Beside it what an interval
over the pooled cases covers, as if cases were independent.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import (
    Pooled,
    band,
    family,
    of_mean,
    of_percent_change,
    of_pooled,
    wilson,
)

Floats = NDArray[np.float64]

PROMISE = 0.92
FEW, HARD = "rare service", "M/M/1, short replications"
CUTS = (0.2, 0.1, 0.05)  # by which three levers shorten the work, one after the other
GRID = 0.01  # relative width of a bin
WINDOW = 0.06  # of a quantile's level, inside which bins are kept apart
BATCH = 50
LEVELS = np.linspace(0.05, 0.95, 19)


@dataclass(frozen=True)
class System:
    """Draws cases before and after and the value of every set of levers,
    and knows what they are on average.
    """

    name: str
    cases: int
    draw: Callable[[np.random.Generator, tuple[int, int, int]], tuple[Floats, Floats, Floats]]
    quantile: Callable[[float, float], float]  # (level, factor on the work) -> quantile
    share: Callable[[float, float], float]  # (limit, factor) -> share within it
    mean: Callable[[float], float]
    factor: float
    promised: bool = True


# -------------------------------------------------------------------------------------- the systems


def factors() -> Floats:
    """What each of the eight sets of levers leaves of the work."""
    sets = [[k for k in range(3) if code >> k & 1] for code in range(8)]
    return np.array([math.prod(1 - CUTS[k] for k in each) for each in sets])


def draw_clusters(
    skewed: bool, rng: np.random.Generator, size: tuple[int, int, int]
) -> tuple[Floats, Floats, Floats]:
    """Cases = luck of the replication + own luck (correlated 0.6 before and after),
    on the log scale where skewed.
    """
    luck = rng.standard_normal((*size[:2], 1))
    other = 0.6 * luck + 0.8 * rng.standard_normal((*size[:2], 1))
    before, after = (0.5 * each + rng.standard_normal(size) for each in (luck, other))
    left = 0.1 * rng.standard_normal((*size[:2], 8))
    if not skewed:
        return 10 + before, 0.8 * (10 + after), factors() * (10 + 0.5 * luck + left)
    values = np.exp(0.5 * luck + left - (0.25 + 0.01) / 2)
    return np.exp(before), 0.8 * np.exp(after), factors() * values


def draw_waits(
    rng: np.random.Generator, size: tuple[int, int, int]
) -> tuple[Floats, Floats, Floats]:
    """Waits of successive cases in M/M/1 (Lindley), begun in the steady state,
    at load 0.8 and with all levers on.
    """
    left, start = factors()[:, None, None], rng.random(size[:2])
    load = 0.8 * left
    # the chance to wait is the load, and the wait then exponential
    above = np.maximum(1 - start, 1e-300) / load
    wait = np.where(above < 1, -np.log(np.minimum(above, 1)) / (1 / left - 0.8), 0.0)
    before, after, total = np.empty(size), np.empty(size), np.zeros(wait.shape)
    for k in range(size[2]):
        before[:, :, k], after[:, :, k] = wait[0], wait[-1]
        total += wait
        wait = np.maximum(
            0.0, wait + left * rng.exponential(1.0, size[:2]) - rng.exponential(1 / 0.8, size[:2])
        )
    return before, after, np.moveaxis(total / size[2], 0, -1)


def normal_share(spread: float, limit: float, factor: float) -> float:
    return 0.5 * math.erfc(-(limit / factor - 10) / spread / math.sqrt(2))


def skewed_share(spread: float, limit: float, factor: float) -> float:
    return 0.5 * math.erfc(-math.log(limit / factor) / spread / math.sqrt(2))


def wait_quantile(level: float, factor: float) -> float:
    return max(0.0, math.log(0.8 * factor / (1 - level)) / (1 / factor - 0.8))


def wait_share(limit: float, factor: float) -> float:
    return 1 - 0.8 * factor * math.exp(-(1 / factor - 0.8) * limit)


def wait_mean(factor: float) -> float:
    return 0.8 * factor / (1 / factor - 0.8)


SPREAD = math.hypot(0.5, 1.0)


def normal_quantile(level: float, factor: float) -> float:
    return factor * (10 + float(ndtri(level)) * SPREAD)


def skewed_quantile(level: float, factor: float) -> float:
    return factor * math.exp(float(ndtri(level)) * SPREAD)


def normal_mean(factor: float) -> float:
    return 10 * factor


def skewed_mean(factor: float) -> float:
    return factor * math.exp(SPREAD**2 / 2)


def systems() -> tuple[System, ...]:
    """Normal, skewed, queues that remember; and two that no interval
    of 30 replications does full justice to.
    """
    waits = (draw_waits, wait_quantile, wait_share, wait_mean, float(factors()[-1]))
    skewed = (
        partial(draw_clusters, True),
        skewed_quantile,
        partial(skewed_share, SPREAD),
        skewed_mean,
        0.8,
    )
    normal = (
        partial(draw_clusters, False),
        normal_quantile,
        partial(normal_share, SPREAD),
        normal_mean,
        0.8,
    )
    return (
        System("normal", 200, *normal),
        System("skewed", 200, *skewed),
        System("M/M/1", 1000, *waits),
        System(FEW, 20, *skewed, promised=False),
        System(HARD, 200, *waits, promised=False),
    )


# ------------------------------------------------------------------------------------ the estimands


def quantile_of(cases: Floats, level: float) -> Pooled:
    """A quantile of pooled cases [R, case] as a function of weights, linear within bins."""
    place = np.floor(np.log(np.maximum(cases, 1e-3)) / math.log1p(GRID)).astype(np.int64)
    low = int(place.min())
    bins = int(place.max()) - low + 1
    flat = (place - low + bins * np.arange(len(cases))[:, None]).ravel()
    reached = (
        np.bincount(flat, minlength=bins * len(cases)).reshape(len(cases), bins).cumsum(axis=1)
    )
    share = reached.sum(axis=0) / cases.size
    first = max(int(np.searchsorted(share, level - WINDOW)), 1)
    last = int(np.searchsorted(share, level + WINDOW)) + 1
    held = np.concatenate((reached[:, first - 1 : last + 1], reached[:, -1:]), axis=1).astype(
        np.float64
    )

    def theta(weights: Floats) -> Floats:
        found = weights @ held
        wanted = level * found[:, -1] * (1 - 1e-12)
        k = np.clip((found[:, :-1] >= wanted[:, None]).argmax(axis=1), 1, None)
        rows = np.arange(len(found))
        inside = (wanted - found[rows, k - 1]) / np.maximum(
            found[rows, k] - found[rows, k - 1], 1e-300
        )
        return (1 + GRID) ** (low + first - 1 + k + np.clip(inside, 0.0, 1.0))

    return theta


def mean_of(values: Floats) -> Pooled:
    """A mean of one number per replication."""
    return lambda weights: weights @ values / weights.sum(axis=1)


def less(first: Pooled, second: Pooled) -> Pooled:
    """A difference of two."""
    return lambda weights: second(weights) - first(weights)


def shapley(values: Floats) -> Floats:
    """Shapley value of the first lever and the total, from the values of the eight sets [...,
    8] -> [..., 2].
    """
    first = np.zeros(values.shape[:-1])
    for size in range(3):
        for others in combinations((2, 4), size) if size < 3 else ():
            code = sum(others)
            first = (
                first + (values[..., code + 1] - values[..., code]) * (1 / 3, 1 / 6, 1 / 3)[size]
            )
    return np.stack((first, values[..., 7] - values[..., 0]), axis=-1)


# what, whether the truth is inside, the half-width, the same for the naive one
Told = tuple[str, bool, float, bool | None]


def experiment(
    system: System, before: Floats, after: Floats, values: Floats, limit: float
) -> Iterator[Told]:
    """All intervals from one experiment: cases [R, case], values of the sets of levers [R, 8]."""
    replications, factor = len(before), system.factor
    p90 = [quantile_of(each, 0.9) for each in (before, after)]
    within = [mean_of((each <= limit).mean(axis=1)) for each in (before, after)]
    change = after.mean(axis=1) - before.mean(axis=1)
    truths = (
        system.mean(factor) - system.mean(1.0),
        system.quantile(0.9, factor) - system.quantile(0.9, 1.0),
        system.share(limit, 1.0),
    )
    yield told("mean difference", of_mean(change), truths[0], naive_mean(before, after))
    yield told(
        "pooled p90 difference",
        of_pooled(less(*p90), replications),
        truths[1],
        naive_p90(before, after),
    )
    count = int((before <= limit).sum())
    yield told(
        "share within a limit",
        of_pooled(within[0], replications, "logit"),
        truths[2],
        wilson(count, before.size),
    )
    ratio = 100 * (system.mean(factor) / system.mean(1.0) - 1)
    yield told("percent change", of_percent_change(after.mean(axis=1), before.mean(axis=1)), ratio)
    parts = shapley(values)
    expected = shapley(np.array([system.mean(each) for each in factors()]))
    share = of_pooled(lambda w: (w @ parts[:, 0]) / (w @ parts[:, 1]), replications)
    yield told("Shapley share of a lever", share, expected[0] / expected[1])
    median = less(quantile_of(before, 0.6), quantile_of(after, 0.6))
    members = (mean_of(change), median, less(*p90), less(*within), p90[0])
    true = (
        *(truths[:1]),
        system.quantile(0.6, factor) - system.quantile(0.6, 1.0),
        truths[1],
        system.share(limit, factor) - system.share(limit, 1.0),
        system.quantile(0.9, 1.0),
    )
    found = family(members, replications)
    yield "family of five, max-T", all(map(covers, found, true)), found[2].half_width or 0.0, None
    points = np.array(
        [system.quantile(each, 1.0) for each in LEVELS if system.quantile(each, 1.0) > 0]
    )
    reached = (
        (before[:, :, None] <= points).mean(axis=1)
        if before.size < 10_000
        else reached_at(before, points)
    )
    curve = band(lambda w: w @ reached / w.sum(axis=1, keepdims=True), replications, scale="logit")
    known = np.array([system.share(each, 1.0) for each in points])
    inside = bool(((curve.low <= known) & (known <= curve.high)).filled(True).all())
    yield "distribution, sup-t band", inside, float((curve.high - curve.low).mean()) / 2, None


def reached_at(cases: Floats, points: Floats) -> Floats:
    """Share of cases up to each point, per replication."""
    return (
        np.stack([np.searchsorted(np.sort(row), points, side="right") for row in cases])
        / cases.shape[1]
    )


def covers(estimate: Estimate, truth: float) -> bool:
    return (
        estimate.low is not None
        and estimate.high is not None
        and estimate.low <= truth <= estimate.high
    )


def told(
    what: str, estimate: Estimate, truth: float, naive: tuple[float, float] | None = None
) -> Told:
    """An interval held against the truth."""
    return (
        what,
        covers(estimate, truth),
        estimate.half_width or 0.0,
        naive and naive[0] <= truth <= naive[1],
    )


def naive_mean(before: Floats, after: Floats) -> tuple[float, float]:
    """As if all pairs of cases were independent."""
    change = (after - before).ravel()
    half = 1.96 * change.std(ddof=1) / math.sqrt(change.size)
    return change.mean() - half, change.mean() + half


def naive_p90(before: Floats, after: Floats) -> tuple[float, float]:
    """As if all cases were independent: binomial ranks around each p90,
    errors added in quadrature.
    """
    middle, square = 0.0, 0.0
    for sign, cases in ((-1, before.ravel()), (1, after.ravel())):
        half = 1.96 * math.sqrt(0.09 / cases.size)
        low, value, high = np.quantile(cases, (0.9 - half, 0.9, min(0.9 + half, 1.0)))
        middle, square = middle + sign * value, square + ((high - low) / 2) ** 2
    return middle - math.sqrt(square), middle + math.sqrt(square)


# ---------------------------------------------------------------------------------------- the study


def batch(
    which: int, replications: int, experiments: int, seed: tuple[int, ...]
) -> list[list[Told]]:
    """Some experiments with one system."""
    system, rng = systems()[which], np.random.default_rng(seed)
    drawn = system.draw(rng, (experiments, replications, system.cases))
    limit = system.quantile(0.85, 1.0)
    return [list(experiment(system, *each, limit)) for each in zip(*drawn, strict=True)]


def study(
    which: int, replications: int, experiments: int, seed: int, pool: ProcessPoolExecutor
) -> list[dict[str, object]]:
    """Coverage of each estimand of one system."""
    system = systems()[which]
    sizes = [min(BATCH, experiments - first) for first in range(0, experiments, BATCH)]
    seeds = [(seed, which, replications, k) for k in range(len(sizes))]
    made = pool.map(
        batch,
        *zip(
            *((which, replications, *each) for each in zip(sizes, seeds, strict=True)), strict=True
        ),
    )
    rows = []
    for column in zip(*(each for part in made for each in part), strict=True):
        hits, naive = (
            sum(each[1] for each in column),
            [each[3] for each in column if each[3] is not None],
        )
        rows.append(
            {
                "system": system.name,
                "replications": replications,
                "estimand": column[0][0],
                "promised": system.promised,
                "coverage": hits / experiments,
                "lower": wilson(hits, experiments, 0.9)[0],
                "upper": wilson(hits, experiments, 0.997)[1],
                "naive": sum(naive) / len(naive) if naive else None,
                "half_width": float(np.mean([each[2] for each in column])),
            }
        )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few experiments: looks for gross errors only"
    )
    parser.add_argument("--seed", type=int, default=2612)
    parser.add_argument("--experiments", type=int, default=4000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args()
    experiments = 100 if asked.quick else asked.experiments
    # few experiments can only show that a promise is broken
    bound = "upper" if asked.quick else "lower"
    rows: list[dict[str, object]] = []
    asked_for = [(k, 30) for k in range(3 if asked.quick else 5)]
    if not asked.quick:
        asked_for += [(0, 16), (1, 16), (2, 16), (1, 100), (1, 200)]
    with ProcessPoolExecutor(asked.workers) as pool:
        for which, replications in asked_for:
            rows += study(which, replications, experiments, asked.seed, pool)
            for row in rows[-7:]:
                print(line(row, bound), flush=True)
    if asked.json:
        held = {
            "command": f"python benchmarks/interval_coverage.py --seed {asked.seed}",
            "seed": asked.seed,
            "experiments": experiments,
            "rows": rows,
        }
        asked.json.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    return int(any(kept(row, bound) is False for row in rows))


def kept(row: dict[str, object], bound: str) -> bool | None:
    """Whether the promise is kept; None where none is made."""
    return float(str(row[bound])) >= PROMISE if row["promised"] else None


def line(row: dict[str, object], bound: str) -> str:
    """A row of the README's table."""
    naive = "" if row["naive"] is None else f"{100 * float(str(row['naive'])):.1f} %"
    figures = f"{100 * float(str(row['coverage'])):.1f} % | {100 * float(str(row['lower'])):.1f} %"
    said = {True: "", False: " **missed**", None: " (no promise)"}[kept(row, bound)]
    return (
        f"| {row['system']} | {row['replications']} | {row['estimand']} | {figures}{said} | "
        f"{naive} |"
    )


if __name__ == "__main__":
    sys.exit(main())
