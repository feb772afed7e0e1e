"""How much quicker, or smaller, this tree is than another one.

A job of each in turn, in two processes, so that a busy machine hits both.

    git worktree add /tmp/other COMMIT
    python benchmarks/against.py /tmp/other measures|report|replication|memory [--rounds 60]

`measures` and `report` take the other tree's Kelan, `replication` (by parts, thread-CPU time) and
`memory` (peak of two commands) the frozen one: both trees can read them. `--python` is the other
tree's Python where it needs another one. Prints the median of each, and the median of the ratios.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent.parent
FROZEN = HERE / "benchmarks" / "kelan-2026-11.yaml"
CONFIGURATIONS = ("before", "process_only", "after")
# where a replication spends its time: what `experiment.replication` calls, by either tree's name
PARTS = {
    "hours of the members": ("Replication._hours",),
    "simulate": ("Replication.simulate",),
    "measures": ("measure", "counted_of", "unfinished", "measured", "summed"),
    "pairs": ("pair_of", "matched", "Replication._restricted"),
    "pack": ("pack",),
}
Figures = dict[str, float]


def measures(scenario: str) -> Callable[[], Figures]:
    """The measures of one replication of Kelan: milliseconds."""
    import numpy as np

    import govsim as gs
    from govsim import measures
    from govsim.engine import compiled
    from govsim.engine.calendars import member_hours

    model = gs.compile_model(gs.configure(gs.load(scenario), "after"))
    records, hours = (
        compiled.run(model.arrays, 1, 0),
        member_hours(model.arrays, np.uint64(1), 0),
    )
    return _timed(lambda: measures.measure(records, model, hours=hours))


def report(scenario: str) -> Callable[[], Figures]:
    """The report on a run of 200 replications, whole command, in a process of its own."""
    import govsim as gs

    runs = gs.run(gs.load(scenario), 200, out=tempfile.mkdtemp(), progress=False)
    return _timed(lambda: _command("report", str(runs.folder)))


def replication(_: str) -> Callable[[], Figures]:
    """One replication of three configurations: milliseconds of thread-CPU time per configuration,
    by parts, each without the parts that it calls.
    """
    import govsim as gs

    try:
        tree = importlib.import_module("govsim.experiment.replication")
    except ModuleNotFoundError:
        tree = importlib.import_module("govsim.replication")
    spent: Figures = defaultdict(float)
    for part, names in PARTS.items():
        for name in names:
            _watch(tree, name, part, spent)
    task = tree.prepare(gs.load(str(FROZEN)), CONFIGURATIONS, None, 1, "compiled", "measures")
    numbers = count()

    def one() -> Figures:
        spent.clear()
        began = time.thread_time()
        task(next(numbers))
        whole = time.thread_time() - began
        parts = {part: spent[part] for part in PARTS} | {"whole replication": whole}
        return {name: 1e3 * each / len(CONFIGURATIONS) for name, each in parts.items()}

    return one


def _watch(tree: Any, name: str, part: str, spent: Figures) -> None:
    """Count the time of a function as that of a part, and no longer as that of who calls it."""
    owner, _, name = name.rpartition(".")
    home = getattr(tree, owner) if owner else tree
    function = getattr(home, name, None)
    if function is None:
        return

    def watched(*arguments: Any, **named: Any) -> Any:
        began, before = time.thread_time(), sum(spent.values())
        try:
            return function(*arguments, **named)
        finally:
            inner = sum(spent.values()) - before
            spent[part] += time.thread_time() - began - inner

    setattr(home, name, watched)


def memory(_: str) -> Callable[[], Figures]:
    """Peak memory in MB of a run of 60 replications on one thread, and of its claims."""

    def one() -> Figures:
        with tempfile.TemporaryDirectory() as folder:
            chosen = ("-n", "60", "--workers", "1", "--configurations", ",".join(CONFIGURATIONS))
            ran = _command("run", str(FROZEN), *chosen, "--out", folder)
            made = next(pathlib.Path(folder).glob("*/run.json")).parent
            return {"run": ran, "claims": _command("claims", str(made), ends=(0, 1))}

    return one


def _command(*words: str, ends: tuple[int, ...] = (0,)) -> float:
    """Do a command in a process of its own; its peak memory in MB."""
    command = [sys.executable, "-m", "govsim", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in ends:
        raise subprocess.CalledProcessError(process.returncode, command)
    return used.ru_maxrss / 1024


def _timed(job: Callable[[], object]) -> Callable[[], Figures]:
    def one() -> Figures:
        began = time.perf_counter()
        job()
        return {"all": 1e3 * (time.perf_counter() - began)}

    return one


JOBS = {"measures": measures, "report": report, "replication": replication, "memory": memory}


def child(tree: str, job: str, scenario: str) -> None:
    """Do the job once for every line that comes in, and say what it took."""
    import govsim

    assert pathlib.Path(govsim.__file__).is_relative_to(tree), f"{govsim.__file__} is not of {tree}"
    do = JOBS[job](scenario)
    do()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps(do()), flush=True)


def main() -> None:
    """Take turns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--python", default=sys.executable)
    asked = parser.parse_args()
    trees = [str(asked.other.resolve()), str(HERE)]
    scenario, me = f"{trees[0]}/scenarios/kelan.yaml", str(pathlib.Path(__file__).resolve())
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(
            [python, me, "--child", tree, asked.job, scenario],
            env={**os.environ, **alone, "PYTHONPATH": f"{tree}/src"},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for tree, python in zip(trees, (asked.python, sys.executable), strict=True)
    ]
    took: list[list[Figures]] = [[], []]
    for each in started:
        assert each.stdout is not None
        each.stdout.readline()
    for turn in range(asked.rounds):
        for k in (0, 1) if turn % 2 else (1, 0):
            source, sink = started[k].stdout, started[k].stdin
            assert source is not None
            assert sink is not None
            sink.write("go\n")
            sink.flush()
            took[k].append(json.loads(source.readline()))
    unit = "MB" if asked.job == "memory" else "ms"
    print(f"{trees[0]}, {trees[1]}: medians of {asked.rounds} rounds in {unit}, and of the ratios")
    for name in took[0][0]:
        there, here = ([figures[name] for figures in each] for each in took)
        ratios = [b / a for a, b in zip(there, here, strict=True) if a > 0]
        ratio = f"{statistics.median(ratios):.3f}" if ratios else "-"
        print(f"{name:22}{statistics.median(there):9.2f}{statistics.median(here):9.2f}  {ratio}")
    for each in started:
        each.communicate()


if __name__ == "__main__":
    child(*sys.argv[2:]) if sys.argv[1:2] == ["--child"] else main()
