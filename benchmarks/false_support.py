"""How often a claim holds where nothing has changed.

    python benchmarks/false_support.py [--quick] [--json FILE] [--seed 4711] [--experiments 400]

The office of `scenarios/null_reform.yaml` is simulated some thousand times, once, as `before`. Each
experiment draws R replications of that pool for `before` and R others for `after`: both have one
distribution and nothing in common, so that every claim of a change is false and no difference is
zero by common draws. A claim of a change holds in at most 2.5 % of experiments, up to Monte-Carlo
error; printed is the percentage with its one-sided lower 95 % bound in brackets. All claims of an
experiment are judged as they are in `govsim claims`, by the interval of each alone, before the
guards about who is in the numbers (which let fewer hold).
"""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
from typing import Any

import numpy as np
from scipy.stats import beta

import govsim as gs
from govsim.evidence.condition import HOLDS, Condition, judge
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.experiment.replication import Replication, prepare

SCENARIO = pathlib.Path(__file__).resolve().parent.parent / "scenarios" / "null_reform.yaml"
POOLED = ("cycle_time_working", "window_wait")
KEPT = ("values", "counted", "wait_total", *POOLED)
PROMISED = 0.025

# (what, measure, statistic, direction, unit, small size)
CHANGES = (
    ("mean", "cycle_time_working", "mean", "decrease", "%", 1.0),
    ("mean, slower", "cycle_time_working", "mean", "increase", "%", 1.0),
    ("p90", "cycle_time_working", "p90", "decrease", "%", 1.0),
    ("within promise", "within_promise", "share", "increase", "points", 0.2),
    ("late", "late", "share", "decrease", "points", 0.2),
    ("answered in 10 days", "cycle_time_working", "share_at_most_10", "increase", "points", 0.2),
    ("visits", "visits", "mean", "decrease", "%", 0.5),
    ("wait of an applicant", "window_wait", "mean", "decrease", "%", 1.0),
    ("wait at desks", "wait", "mean", "decrease", "%", 1.0),
)  # fmt: skip


def claims() -> dict[str, Condition]:
    """Nine changes, each of any size and of a small one."""
    return {
        f"{what}, {size:g} {unit}" if size else what: Condition(
            Quantity(measure, statistic), kind, size, unit, "before", "after"
        )
        for what, measure, statistic, kind, unit, small in CHANGES
        for size in (0.0, small)
    }


def pool_of(task: Replication, size: int) -> list[dict[str, Any]]:
    """The arrays of so many replications of one configuration."""
    (model,) = task.models.values()
    made = []
    for number in range(size):
        found = task.measure(model, task.simulate(model, number), number, POOLED)._asdict()
        made.append({name: found[name].copy() for name in KEPT})
    return made


def experiment(
    task: Replication, pool: list[dict[str, Any]], rng: np.random.Generator, size: int
) -> Sample:
    """A run of `size` replications whose `after` has draws of its own."""
    drawn = rng.choice(len(pool), 2 * size, replace=False)
    pairs = zip(drawn[:size], drawn[size:], strict=True)
    return Sample(
        task.index,
        ("before", "after"),
        (
            {f"before/{k}": a for k, a in pool[i].items()}
            | {f"after/{k}": a for k, a in pool[j].items()}
            for i, j in pairs
        ),
    )


def study(
    seed: int, size: int, experiments: int, replications: tuple[int, ...] = (16, 30)
) -> dict[str, dict[str, list[int]]]:
    """In how many of the experiments each claim holds: [R, claim] and of how many."""
    task = prepare(gs.load(str(SCENARIO)), ("before",), None, seed, "compiled", "measures")
    pool, asked = pool_of(task, size), claims()
    found = {}
    for number in replications:
        rng, held = np.random.default_rng([seed, number]), dict.fromkeys(asked, 0)
        for _ in range(experiments):
            sample = experiment(task, pool, rng, number)
            for name, condition in asked.items():
                (finding,) = judge((condition,), sample)
                held[name] += finding.state == HOLDS
            sample.forget()
        found[f"R = {number}"] = {name: [many, experiments] for name, many in held.items()}
    return found


def least(many: int, of: int) -> float:
    """The lower 95 % bound of a share (Clopper and Pearson)."""
    return float(beta.ppf(0.05, many, of - many + 1)) if many else 0.0


def main() -> int:
    """Print the table; 1 where a share is above what is promised beyond Monte-Carlo error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="20 experiments of a small pool")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=4711)
    parser.add_argument("--experiments", type=int, default=400)
    parser.add_argument("--pool", type=int, default=2000)
    asked = parser.parse_args()
    size, experiments = (80, 20) if asked.quick else (asked.pool, asked.experiments)
    found = study(asked.seed, size, experiments)
    print(f"| holds in % of {experiments} | {' | '.join(found)} |\n| --- | --- | --- |")
    for name in claims():
        cells = [
            f"{100 * many / of:.1f} ({100 * least(many, of):.1f})"
            for many, of in (each[name] for each in found.values())
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    if asked.json:
        text = json.dumps({"seed": asked.seed, "pool": size, "holds": found}, indent=1)
        asked.json.write_text(text + "\n", encoding="utf-8")
    return int(any(least(*each) > PROMISED for r in found.values() for each in r.values()))


if __name__ == "__main__":
    sys.exit(main())
