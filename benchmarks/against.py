"""How much quicker this tree is than another one.

A job of each in turn, in two processes, so that a busy machine hits both.

    git worktree add /tmp/other COMMIT
    python benchmarks/against.py /tmp/other measures|report [--rounds 60]

The scenario is the other tree's, which both can read. Prints the least and the median of each,
and the median of the ratios.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

HERE = pathlib.Path(__file__).resolve().parent.parent


def measures(scenario: str) -> Callable[[], object]:
    """The measures of one replication of Kelan."""
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
    return lambda: measures.measure(records, model, hours=hours)


def report(scenario: str) -> Callable[[], object]:
    """The report on a run of 200 replications, whole command, in a process of its own."""
    import govsim as gs

    runs = gs.run(gs.load(scenario), 200, out=tempfile.mkdtemp(), progress=False)
    return lambda: subprocess.run(
        [sys.executable, "-m", "govsim", "report", str(runs.folder)],
        check=True,
        capture_output=True,
    )


def child(tree: str, job: str, scenario: str) -> None:
    """Do the job once for every line that comes in, and say how long it took."""
    import govsim

    assert pathlib.Path(govsim.__file__).is_relative_to(tree), f"{govsim.__file__} is not of {tree}"
    do = {"measures": measures, "report": report}[job](scenario)
    do()
    print("ready", flush=True)
    for _ in sys.stdin:
        began = time.perf_counter()
        do()
        print(time.perf_counter() - began, flush=True)


def main() -> None:
    """Take turns."""
    parser = argparse.ArgumentParser()
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("job", choices=["measures", "report"])
    parser.add_argument("--rounds", type=int, default=60)
    asked = parser.parse_args()
    trees = [str(asked.other.resolve()), str(HERE)]
    scenario, me = f"{trees[0]}/scenarios/kelan.yaml", str(pathlib.Path(__file__).resolve())
    there = [{**os.environ, "PYTHONPATH": f"{tree}/src"} for tree in trees]
    started = [
        subprocess.Popen(
            [sys.executable, me, "--child", tree, asked.job, scenario],
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for tree, env in zip(trees, there, strict=True)
    ]
    took: list[list[float]] = [[], []]
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
            took[k].append(float(source.readline()))
    for tree, each in zip(trees, took, strict=True):
        print(
            f"{tree}: least {1e3 * min(each):.2f} ms, median {1e3 * statistics.median(each):.2f} ms"
        )
    print(
        f"median of the ratios: {statistics.median(b / a for a, b in zip(*took, strict=True)):.3f}"
    )
    for each in started:
        each.communicate()


if __name__ == "__main__":
    child(*sys.argv[2:]) if sys.argv[1:2] == ["--child"] else main()
