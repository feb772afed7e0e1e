"""How long the evidence takes: whole commands from the shell.

Their peak memory, and what the machine really gave.

    python benchmarks/evidence.py [--quick] [--only NAME] [--json FILE]

Each study runs in a folder of its own, then once more: what was simulated is there,
so the second time is reading alone.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import NamedTuple

from speed import KELAN, Figures, processes, shown

GOVSIM = [sys.executable, "-m", "govsim"]
MEGABYTE = 1024.0  # ru_maxrss is in KB on Linux


class Used(NamedTuple):
    """What a command took: seconds from the shell, seconds of processor time, MB at its peak."""

    seconds: float
    processor: float
    peak: float


def command(folder: str, *words: str) -> Used:
    """Do a govsim command in a folder; what it said is shown if it fails."""
    began = time.perf_counter()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen([*GOVSIM, *words], cwd=folder, stdout=said, stderr=said) as process,
    ):
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        took = time.perf_counter() - began
        if process.returncode:
            said.seek(0)
            raise SystemExit(
                f"govsim {' '.join(words)}: exit code {process.returncode}\n{said.read().decode()}"
            )
    return Used(took, used.ru_utime + used.ru_stime, used.ru_maxrss / MEGABYTE)


def attribution(quick: bool) -> Figures:
    """64 configurations of Kelan, and what its mixed bundles need beside them, x 200 replications:
    4 minutes at most.
    """
    few, number = (4, 20) if quick else (40, 200)
    with tempfile.TemporaryDirectory() as folder:
        first, more, again = (
            command(folder, "attribute", str(KELAN), "-n", str(n)) for n in (few, number, number)
        )
        settings = json.loads(
            next(pathlib.Path(folder).glob("runs/*/attribution/run.json")).read_text(
                encoding="utf-8"
            )
        )
        rows = next(pathlib.Path(folder).glob("runs/*/attribution/run.sqlite")).stat().st_size
    sets, added = len(settings["configurations"]), number - few
    return {
        "attribute: sets of levers": sets,
        f"attribute: {added} replications more, s": more.seconds,
        "attribute: processor time of that, s": more.processor,
        f"attribute: so {number} take, s": more.seconds * number / added,
        (
            f"attribute: and on two free cores, s (processor time / 2 x {number} / {added})"
        ): more.processor / 2 * number / added,
        "attribute: processor time of one replication of one set, ms": 1e3
        * more.processor
        / sets
        / added,
        "attribute: again, nothing to simulate, s": again.seconds,
        f"attribute: peak memory at {few} replications, MB": first.peak,
        f"attribute: peak memory at {number} replications, MB": more.peak,
        "attribute: rows on disk, KB per replication": rows / 1024 / number,
    }


def worlds(quick: bool) -> Figures:
    """256 worlds of Kelan x 3 configurations x 8 replications: 3 minutes at most;
    then more where a claim is still open.
    """
    number = 64 if quick else 256
    with tempfile.TemporaryDirectory() as folder:
        few, all_, again = (
            command(folder, "explore", str(KELAN), "--worlds", str(n))
            for n in (number // 4, number, number)
        )
        place = next(pathlib.Path(folder).glob("runs/*/worlds"))
        found = json.loads((place / "worlds.json").read_text(encoding="utf-8"))
        rounds = re.findall(
            r"^(\S+ \S+) INFO \S+: (\d+) replications to do",
            (place / "run.log").read_text(encoding="utf-8"),
            re.M,
        )
        rows = (place / "run.sqlite").stat().st_size
    done = sum(found["replications"])
    simulated = few.seconds + all_.seconds - 2 * again.seconds
    return {
        "explore: worlds": number,
        "explore: rounds of replications": len(rounds),
        "explore: replications of three configurations, all rounds": done,
        "explore: all of it, s": few.seconds + all_.seconds,
        "explore: processor time of that, s": few.processor + all_.processor,
        f"explore: {number} worlds x 3 x 8, s": simulated * 8 * number / done + again.seconds,
        (
            f"explore: and on two free cores, s (processor time / 2 x {8 * number} / {done}, and "
            "the judging)"
        ): (
            (few.processor + all_.processor - 2 * again.processor) / 2 * 8 * number / done
            + again.processor
        ),
        "explore: again, nothing to simulate, s": again.seconds,
        f"explore: peak memory of {number // 4} worlds, MB": few.peak,
        f"explore: peak memory of {number} worlds, MB": all_.peak,
        "explore: rows on disk, KB per replication": rows / 1024 / done,
    }


STUDIES: dict[str, Callable[[bool], Figures]] = {"attribution": attribution, "worlds": worlds}


def machine(quick: bool) -> Figures:
    """How many cores a pure Python loop got in two processes, just now."""
    return {"cores that two Python loops got": processes(2.0 if quick else 5.0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the replications")
    parser.add_argument("--only", choices=tuple(STUDIES), help="one study")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    told = (
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}"
    )
    print(told)
    figures: Figures = {}
    for part in (
        machine,
        *(study for name, study in STUDIES.items() if options.only in (None, name)),
        machine,
    ):
        for name, value in part(options.quick).items():
            label = f"{name} (at the end)" if name in figures else name
            figures[label] = value
            shown(label, value)
    if options.json:
        options.json.write_text(
            json.dumps({"machine": told, **figures}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
