"""How often the intervals on the screen contain the truth of a loaded queue, from end to end.

    python benchmarks/queue_coverage.py [--quick] [--json FILE] [--seed 6917] [--experiments 2000]

`loaded_queue.yaml` goes the whole road: file, engine, measures, rows of a run, sample, estimate.
Experiments have replications of their own, 30 each; with R = 8 and 16 an experiment sees the first
of them. True are the closed forms of M/M/1; printed is also by how much estimates miss them on
average. An interval keeps its promise where the lower 95 % Monte-Carlo bound of its coverage is
92 % or more, from R = 16 on; exit code 1 where one does not.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

import govsim as gs
from govsim.evidence.estimates import change, level, percent
from govsim.evidence.quantity import Quantity
from govsim.evidence.runs import Runs
from govsim.evidence.sample.replications import Sample
from govsim.experiment.replication import Task, prepare
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import wilson
from govsim.store import Blobs, Store

SCENARIO = Path(__file__).resolve().parent / "loaded_queue.yaml"
PROMISE = 0.92
REPLICATIONS = (8, 16, 30)
BATCH = 20  # experiments at a time
DAY = 1440.0
RATE, SERVICE = 0.85 / 6 * DAY, {"before": 6 / DAY, "after": 5.4 / DAY}  # per day; days
LIMIT = 0.06  # days: what 88 in 100 take at most before
TIME = "cycle_time"
MEAN, P90 = Quantity(TIME, "mean"), Quantity(TIME, "p90")
WITHIN = Quantity(TIME, f"share_at_most_{LIMIT}")
PAIR = ("before", "after")


class Told(NamedTuple):
    """One interval of one experiment, and the number it should contain."""

    estimand: str
    replications: int
    low: float | None
    high: float | None
    value: float | None
    few: bool
    truth: float


def truth(quantity: Quantity, configuration: str) -> float:
    """The time in an M/M/1 system is exponential, in days."""
    slack = 1 / SERVICE[configuration] - RATE
    if quantity == WITHIN:
        return 1 - math.exp(-slack * LIMIT)
    return (math.log(10) if quantity == P90 else 1.0) / slack


def intervals(sample: Sample) -> Iterator[Told]:
    """Levels and changes, as the screen and `compare` tell them."""

    def told(name: str, found: Estimate, wanted: float) -> Told:
        limits = (found.low, found.high, found.value)
        return Told(name, sample.replications, *limits, found.few, wanted)

    for name, quantity in (("mean", MEAN), ("p90", P90), ("share within a limit", WITHIN)):
        before, after = (truth(quantity, each) for each in PAIR)
        yield told(name, level(sample, quantity, "before"), before)
        yield told(f"change of the {name}", change(sample, quantity, *PAIR), after - before)
        if quantity != WITHIN:
            found = percent(sample, quantity, *PAIR)
            yield told(f"percent change of the {name}", found, 100 * (after / before - 1))


def sample_of(task: Task, rows: Sequence[Blobs]) -> Sample:
    """The sample of a run of replications made before."""
    store = Store.create(replace(task.settings, replications=len(rows)), None)
    for number, row in enumerate(rows):
        store.append(number, row)
    return Sample.of(Runs(store))


def batch(seed: int, first: int, last: int) -> list[Told]:
    """All intervals of some experiments."""
    task = prepare(gs.load(str(SCENARIO)), PAIR, None, seed, "compiled", "measures")
    made, most = [], max(REPLICATIONS)
    for experiment in range(first, last):
        rows = [task(n).blobs for n in range(experiment * most, (experiment + 1) * most)]
        for size in REPLICATIONS:
            sample = sample_of(task, rows[:size])
            made += intervals(sample)
            sample.forget()
    return made


def study(seed: int, experiments: int, workers: int | None) -> list[dict[str, object]]:
    """A row for each interval and number of replications."""
    firsts = range(0, experiments, BATCH)
    lasts = [min(first + BATCH, experiments) for first in firsts]
    with ProcessPoolExecutor(workers) as pool:
        return rows_of([*chain(*pool.map(batch, [seed] * len(lasts), firsts, lasts))])


def rows_of(made: Sequence[Told]) -> list[dict[str, object]]:
    mine: dict[tuple[int, str], list[Told]] = {}
    for each in made:
        mine.setdefault((each.replications, each.estimand), []).append(each)
    return [row(each) for each in mine.values()]


def row(mine: Sequence[Told]) -> dict[str, object]:
    """The coverage of one interval; those that are refused are not counted in it."""
    limits = [(e.low, e.high) for e in mine if e.low is not None and e.high is not None]
    above = sum(mine[0].truth > high for _, high in limits)
    below = sum(mine[0].truth < low for low, _ in limits)
    off = np.array([e.value - e.truth for e in mine if e.value is not None])
    number, hits = len(limits), len(limits) - above - below
    return {
        "estimand": mine[0].estimand,
        "replications": mine[0].replications,
        "experiments": len(mine),
        "promised": mine[0].replications >= 16,
        "coverage": hits / number,
        "lower": wilson(hits, number, 0.9)[0],
        "upper": wilson(hits, number, 0.997)[1],
        "truth_above": above / number,
        "truth_below": below / number,
        "few": sum(e.few or e.low is None for e in mine) / len(mine),
        "width": sum(high - low for low, high in limits) / number,
        "truth": mine[0].truth,
        "off": float(off.mean()),
        "off_error": float(off.std(ddof=1) / math.sqrt(len(off))),
    }


def line(each: dict[str, object]) -> str:
    """A row of the README's table."""
    keys = ("coverage", "lower", "truth_above", "truth_below", "few")
    shares = " | ".join(f"{100 * float(str(each[key])):.1f}" for key in keys)
    off = f"{float(str(each['off'])):.2g} ± {1.96 * float(str(each['off_error'])):.1g}"
    told = f"{float(str(each['truth'])):.3g} | {off}"
    return f"| {each['estimand']} | {each['replications']} | {shares} | {told} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40 experiments: gross errors only")
    parser.add_argument("--seed", type=int, default=6917)
    parser.add_argument("--experiments", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--workers", type=int)
    asked = parser.parse_args()
    experiments = 40 if asked.quick else asked.experiments
    # few experiments can only show that a promise is broken
    bound = "upper" if asked.quick else "lower"
    rows = study(asked.seed, experiments, asked.workers)
    print(
        "| 95 % interval of | R | coverage | lower bound | below truth | above truth | too few |",
        end="",
    )
    print(
        " truth | estimates less truth |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )
    print("\n".join(map(line, rows)))
    if asked.json:
        held = {
            "command": f"python benchmarks/queue_coverage.py --seed {asked.seed}",
            "seed": asked.seed,
            "experiments": experiments,
            "rows": rows,
        }
        asked.json.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    return int(any(each["promised"] and float(str(each[bound])) < PROMISE for each in rows))


if __name__ == "__main__":
    sys.exit(main())
