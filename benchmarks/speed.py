"""How fast: start-up, compiling, both engines, threads, memory.

Medians of interleaved runs, as a table and as JSON.

    python benchmarks/speed.py [--quick] [--json FILE]

A promise is a ratio within one run; absolute figures belong to the machine that is printed first.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

ROOT = pathlib.Path(__file__).parent.parent
KELAN = ROOT / "scenarios" / "kelan.yaml"
Figures = dict[str, float]


def median_of(repeats: int, jobs: dict[str, Callable[[], float]]) -> Figures:
    """Runs the jobs in turn, A B A B ..., and gives the median of what each returned."""
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            found[name].append(job())
    return {name: statistics.median(values) for name, values in found.items()}


def shell(*command: str, environment: dict[str, str] | None = None) -> float:
    """Seconds that a command takes as a whole process."""
    began = time.perf_counter()
    subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, **(environment or {})}
    )
    return time.perf_counter() - began


def start_up(repeats: int) -> Figures:
    """Seconds from the shell, imports included."""
    govsim = [sys.executable, "-m", "govsim"]
    return median_of(
        repeats,
        {
            "python alone, s": lambda: shell(sys.executable, "-c", "pass"),
            "import govsim, s": lambda: shell(sys.executable, "-c", "import govsim"),
            "govsim --help, s": lambda: shell(*govsim, "--help"),
            "govsim check kelan, s": lambda: shell(*govsim, "check", str(KELAN)),
        },
    )


SIMULATE_ONCE = """
import time, govsim as gs
from govsim.model import compile_model
model = compile_model(gs.configure(gs.load({path!r}), "after"))
began = time.perf_counter()
gs.simulate(model, 1, 0)
print(time.perf_counter() - began)
"""


def compiling() -> Figures:
    """Seconds of the first replication with an empty and with a warm cache of compiled code."""
    code = SIMULATE_ONCE.format(path=str(KELAN))
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        times = []
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", code],
                check=True,
                capture_output=True,
                text=True,
                env=environment,
            )
            times.append(float(done.stdout))
    return {"cold compile, s": times[0], "warm start, s": times[1]}


def models() -> dict[str, Any]:
    import county
    import govsim as gs
    from govsim.model import compile_model

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "county.yaml"
        path.write_text(county.text(), encoding="utf-8")
        big = compile_model(gs.configure(gs.load(path), "after"))
    return {"kelan": compile_model(gs.configure(gs.load(KELAN), "after")), "county": big}


def engines(repeats: int) -> Figures:
    """Activities a second: whole replications (filings, hours, loop, sorted log)
    and the loop alone, beside SimPy.
    """
    from govsim.engine import compiled, reference

    found: Figures = {}
    for name, model in models().items():
        arrays = model.arrays
        buffers = compiled.Buffers()
        rows = len(compiled.run(arrays, 1, 0, buffers=buffers).activities)

        def rate(run: Callable[[], Any], rows: int = rows) -> float:
            began = time.perf_counter()
            run()
            return rows / (time.perf_counter() - began)

        jobs: dict[str, Callable[[], float]] = {
            (
                f"{name}: compiled, whole replication, activities/s"
            ): lambda a=arrays, b=buffers, r=rate: r(lambda: compiled.run(a, 1, 0, buffers=b)),
            f"{name}: compiled, loop alone, activities/s": lambda a=arrays, b=buffers, n=rows: (
                n / loop_alone(a, b)
            ),
            f"{name}: reference, activities/s": lambda a=arrays, r=rate: r(
                lambda: reference.run(a, 1, 0)
            ),
        }
        if name == "county":
            jobs["county: SimPy by hand (no absences, no shared desks), activities/s"] = peer
        found[f"{name}: activities of a replication"] = rows
        found |= median_of(repeats, jobs)
    ratio = (
        found["county: compiled, whole replication, activities/s"]
        / found["county: reference, activities/s"]
    )
    found["county: compiled to reference, ratio"] = ratio
    by_hand = found["county: SimPy by hand (no absences, no shared desks), activities/s"]
    found["county: SimPy by hand to reference, ratio"] = (
        by_hand / found["county: reference, activities/s"]
    )
    return found


def loop_alone(arrays: Any, buffers: Any) -> float:
    """Seconds of the event loop: filings and members' hours are there, the log is not sorted."""
    import numpy as np

    from govsim.engine.calendars import member_hours
    from govsim.engine.compiled import loop
    from govsim.engine.filings import file_cases

    filings = file_cases(arrays, np.uint64(1), 0)
    hours = member_hours(arrays, np.uint64(1), 0)
    plan = loop.plan(arrays, filings, hours, 1, 0, buffers)
    work = loop.lay_out(arrays, filings, buffers)
    began = time.perf_counter()
    loop.simulate(plan, work, 2**62, False)
    return time.perf_counter() - began


def leaves(repeats: int) -> Figures:
    """Milliseconds around the loop: quantile tables built anew, a county compiled to arrays,
    the measures of a replication.
    """
    import numpy as np

    import govsim as gs
    from govsim import measures
    from govsim.engine import compiled
    from govsim.engine.calendars import member_hours
    from govsim.model import compile_model
    from govsim.model.quantiles import build_tables
    from govsim.organisation.nouns import Distribution

    shapes = [Distribution("gamma", 1.0, (0.3 + 0.1 * k,)) for k in range(8)] + [
        Distribution("lognormal", 1.0, (0.31 + 0.1 * k,)) for k in range(7)
    ]
    began = time.perf_counter()
    build_tables(shapes)
    tables = time.perf_counter() - began
    configuration = gs.configure(gs.load(KELAN), "after")
    model = compile_model(configuration)
    records = compiled.run(model.arrays, 1, 0)
    hours = member_hours(model.arrays, np.uint64(1), 0)

    def timed(job: Callable[[], Any]) -> float:
        began = time.perf_counter()
        job()
        return 1e3 * (time.perf_counter() - began)

    return {"15 new quantile tables, ms": 1e3 * tables} | median_of(
        repeats,
        {
            "kelan: compile_model, tables there, ms": lambda: timed(
                lambda: compile_model(configuration)
            ),
            "kelan: measures of a replication, ms": lambda: timed(
                lambda: measures.measure(records, model, hours=hours)
            ),
        },
    )


def peer() -> float:
    import peer_simpy

    began = time.perf_counter()
    done = peer_simpy.run()
    return len(done.log) / (time.perf_counter() - began)


def threads(seconds: float) -> Figures:
    """Replications a second of Kelan in one and in two threads,
    beside what two plain Python processes get.
    """
    from govsim.engine import compiled

    model = models()["kelan"]

    def throughput(workers: int) -> float:
        done = [0] * workers
        until = time.perf_counter() + seconds

        def work(k: int) -> None:
            buffers = compiled.Buffers()
            while time.perf_counter() < until:
                compiled.run(model.arrays, 1, done[k], buffers=buffers)
                done[k] += 1

        team = [threading.Thread(target=work, args=(k,)) for k in range(workers)]
        for t in team:
            t.start()
        for t in team:
            t.join()
        return sum(done) / seconds

    one, two = throughput(1), throughput(2)
    return {
        "kelan: replications/s, 1 thread": one,
        "kelan: replications/s, 2 threads": two,
        "2 threads to 1, ratio": two / one,
        "2 plain Python processes to 1, ratio": processes(seconds),
    }


SPIN = (
    "import time\nend = time.perf_counter() + {s}\nn = 0\nwhile time.perf_counter() < end:\n"
    "    n += 1\nprint(n)"
)


def processes(seconds: float) -> float:
    """What the machine gives: loops of two processes at once, relative to one alone."""

    def spin(count: int) -> int:
        team = [
            subprocess.Popen(
                [sys.executable, "-c", SPIN.format(s=seconds)], stdout=subprocess.PIPE, text=True
            )
            for _ in range(count)
        ]
        return sum(int(p.communicate()[0]) for p in team)

    one = spin(1)
    return spin(2) / one


def whole_run(replications: int) -> Figures:
    """Seconds and peak memory of `govsim run scenarios/kelan.yaml`, warm, from the shell."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "govsim",
            "run",
            str(KELAN),
            "-n",
            str(replications),
            "--out",
            f"{folder}/run",
        ]
        took = shell(*command)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {
        f"govsim run kelan -n {replications}, s": took,
        "peak memory of any process so far, MB": peak,
    }


def shown(name: str, value: float) -> None:
    """One line of the table, as soon as it is known."""
    print(
        f"{name:<70} {value:>14,.3f}" if value < 1000 else f"{name:<70} {value:>14,.0f}", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, 40 replications")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    repeats = 3 if options.quick else 7
    machine = (
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}"
    )
    print(machine)
    figures: Figures = {}
    parts: list[Callable[[], Figures]] = [
        lambda: start_up(repeats),
        compiling,
        lambda: engines(repeats),
        lambda: leaves(repeats),
        lambda: threads(2.0 if options.quick else 5.0),
        lambda: whole_run(40 if options.quick else 200),
    ]
    for part in parts:
        for name, value in part().items():
            figures[name] = value
            shown(name, value)
    if options.json:
        options.json.write_text(
            json.dumps({"machine": machine, **figures}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
