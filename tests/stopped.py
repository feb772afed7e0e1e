"""A child process that has come to a known point and waits there, to be interrupted or killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A shell may have started the tests with SIGINT ignored, which children inherit.
WAITS = """
import signal, sys
from govsim.experiment.progress import Progress
signal.signal(signal.SIGINT, signal.default_int_handler)
step, left = Progress.step, {steps}
def waits(self, note=""):
    global left
    step(self, note)
    left -= 1
    if left == 0:
        print("stored", flush=True)
        sys.stdin.read()
Progress.step = waits
{program}
"""


@contextmanager
def stopped(program: str, folder: Path, steps: int) -> Iterator[subprocess.Popen[str]]:
    """A Python program that runs replications, once it has stored so many of them."""
    command = [sys.executable, "-c", WAITS.format(program=program, steps=steps)]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "stored\n", process.communicate()
            yield process
        finally:
            process.kill()
