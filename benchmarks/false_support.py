"""How often a claim is supported where nothing has changed.

    python benchmarks/false_support.py [--quick] [--json FILE] [--seed 5813] [--experiments 600]

The reform of `nothing_changed.yaml` is simulated from end to end in two ways. *Teams change
places*: what `govsim run` does, the same applicants met by other absences. *Draws of their own*:
`before` and `after` have nothing in common. Either way both have one distribution and differ, so
that every claim is false. An experiment is a run of its own replications, and what is counted are
the verdicts of `govsim.claims` on it: conditions, guards about who is in the numbers, families, and
the mark "also jointly". With R = 16 an experiment sees the first 16 of its 30.

A claim is supported in at most 2.5 % of experiments and the mark is given, to any claim, in at most
5 %, up to Monte-Carlo error: exit code 1 where a one-sided lower 99.9 % bound, of about a hundred
rows, is above that. Beside the verdicts what conditions hold before the guards, held to the same.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from scipy.stats import beta

import govsim as gs
from govsim.evidence.conditions.asked import conditions_of
from govsim.evidence.conditions.condition import HOLDS, Finding, judge
from govsim.evidence.runs import Runs
from govsim.evidence.sample.replications import Sample
from govsim.experiment.replication import Replication, prepare
from govsim.model import Model
from govsim.records import Records
from govsim.scenario import Scenario
from govsim.store import Blobs, Store

SCENARIO = Path(__file__).resolve().parent / "nothing_changed.yaml"
REPLICATIONS = (16, 30)
BATCH = 10  # experiments at a time
APART = 10_000_000  # between the numbers of replications of before and after
BARE = ", before the guards"
ANY, JOINTLY = "any claim", "any claim also jointly"
PROMISED = 0.025
FAMILY = 0.001  # of about a hundred rows none is above by chance
OF_ALL = {ANY: None, JOINTLY: 0.05}  # claims singly make no promise together


class Unpaired(Replication):
    """Replications whose `after` has draws of its own."""

    def simulate(
        self, model: Model, number: int, memory: str = "", hours: Any | None = None
    ) -> Records:
        return super().simulate(model, self._drawn(model, number), memory, hours)

    def _hours(self, model: Model, number: int) -> Any:
        return super()._hours(model, self._drawn(model, number))

    def _drawn(self, model: Model, number: int) -> int:
        return number + APART if model is self.models["after"] else number


def ways(scenario: Scenario, seed: int) -> dict[str, Replication]:
    """The two ways in which before and after differ by chance only."""
    task = prepare(scenario, ("before", "after"), None, seed, "compiled", "measures")
    apart = Unpaired(task.models, task.settings, task.mixes)
    return {"teams change places": task, "draws of their own": apart}


def run_of(task: Replication, rows: Sequence[Blobs]) -> Runs:
    """A run in memory of replications made before."""
    store = Store.create(replace(task.settings, replications=len(rows)), None)
    for number, row in enumerate(rows):
        store.append(number, row)
    return Runs(store)


def supported(scenario: Scenario, task: Replication, rows: Sequence[Blobs]) -> list[str]:
    """The claims that a run supports, singly and jointly, by verdicts and before the guards."""
    run, tree = run_of(task, rows), scenario.tree
    sample = Sample.of(run)
    verdicts = gs.claims(run, scenario, sample).verdicts
    names = [each.claim for each in verdicts if "supported" in each.outcome]
    jointly = [each.claim for each in verdicts if each.jointly]
    asked = {name: conditions_of(tree, claim) for name, claim in tree["claims"].items()}
    every = dict.fromkeys(each for conditions in asked.values() for each in conditions)
    together = dict(zip(every, judge([*every], sample), strict=True))

    def holds(findings: Sequence[Finding]) -> bool:
        return all(each.state == HOLDS for each in findings)

    bare = [name for name, conditions in asked.items() if holds(judge(conditions, sample))]
    also = [name for name in bare if holds([together[each] for each in asked[name]])]
    sample.forget()
    return (
        names
        + [ANY] * bool(names)
        + [JOINTLY] * bool(jointly)
        + [name + BARE for name in bare]
        + [ANY + BARE] * bool(bare)
        + [JOINTLY + BARE] * bool(also)
    )


Held = dict[str, dict[str, list[int]]]


def batch(seed: int, first: int, last: int, sizes: tuple[int, ...] = REPLICATIONS) -> Held:
    """In how many of some experiments each claim is supported, the mark given: [way and R, what],
    and of how many.
    """
    scenario, most = gs.load(str(SCENARIO)), max(sizes)
    names = [*scenario.tree["claims"], *OF_ALL]
    names += [name + BARE for name in names]
    found: Held = {}
    for way, task in ways(scenario, seed).items():
        held = {size: Counter[str]() for size in sizes}
        for experiment in range(first, last):
            numbers = range(experiment * most, (experiment + 1) * most)
            rows = [task(number).blobs for number in numbers]
            for size in sizes:
                held[size].update(supported(scenario, task, rows[:size]))
        for size, many in held.items():
            found[f"{way}, R = {size}"] = {name: [many[name], last - first] for name in names}
    return found


def together(parts: Sequence[Held]) -> Held:
    """The numbers of all batches."""
    return {
        key: {
            name: [sum(part[key][name][k] for part in parts) for k in (0, 1)]
            for name in parts[0][key]
        }
        for key in parts[0]
    }


def study(seed: int, experiments: int, workers: int | None = None) -> Held:
    """The same of all experiments."""
    firsts = range(0, experiments, BATCH)
    lasts = [min(first + BATCH, experiments) for first in firsts]
    with ProcessPoolExecutor(workers) as pool:
        return together([*pool.map(batch, [seed] * len(lasts), firsts, lasts)])


def least(many: int, of: int, level: float = 0.05) -> float:
    """The lower bound of a share (Clopper and Pearson)."""
    return float(beta.ppf(level, many, of - many + 1)) if many else 0.0


def missed(name: str, many: int, of: int) -> bool:
    """Whether a share is above what is promised, beyond Monte-Carlo error in any of all rows."""
    promised = OF_ALL.get(name.removesuffix(BARE), PROMISED)
    return promised is not None and least(many, of, FAMILY) > promised


def main() -> int:
    """Print the table; 1 where a share is above what is promised beyond Monte-Carlo error."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="20 experiments")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seed", type=int, default=5813)
    parser.add_argument("--experiments", type=int, default=600)
    parser.add_argument("--workers", type=int)
    asked = parser.parse_args()
    experiments = 20 if asked.quick else asked.experiments
    found = study(asked.seed, experiments, asked.workers)
    print(f"| supported in % of {experiments} | {' | '.join(found)} |")
    print(f"| --- |{' --- |' * len(found)}")
    for name in next(iter(found.values())):
        shares = [held[name] for held in found.values()]
        cells = [f"{100 * many / of:.1f} ({100 * least(many, of):.1f})" for many, of in shares]
        print(f"| {name} | {' | '.join(cells)} |")
    if asked.json:
        text = json.dumps({"seed": asked.seed, "supported": found}, indent=1)
        asked.json.write_text(text + "\n", encoding="utf-8")
    return int(any(missed(name, *each) for held in found.values() for name, each in held.items()))


if __name__ == "__main__":
    sys.exit(main())
