"""Configurations x replications, on threads, into a run store.

A task is one replication of all configurations: pairs of the same applicants are made where both are at hand, and
nothing is sent between processes. Replication r depends on the scenario, the seed and r alone, so any number of threads,
any order and any interruption give the same rows.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, TextIO

from govsim.store import Blobs, Store, StoreError

LONG = 60.0  # seconds: from here on an estimate is printed before the run goes on
LARGE = 1_000_000_000  # bytes, likewise

Task = Callable[[int], Blobs]


class Interrupted(KeyboardInterrupt):
    """The run was stopped; what was done is kept, and the message says how to go on."""


class Progress:
    """How far a run is, on stderr: a bar on a terminal or in a notebook, elsewhere one line for every tenth."""

    def __init__(self, total: int, done: int, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.total = total
        self.done = done
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._tenth = 10 * done // max(total, 1)
        self._bar: Any = None
        if not quiet and (self._stream.isatty() or "ipykernel" in sys.modules):
            from tqdm.auto import tqdm

            self._bar = tqdm(total=total, initial=done, unit="replication", file=self._stream, dynamic_ncols=True)

    def say(self, text: str) -> None:
        """One line about the run itself."""
        if self._bar is not None:
            self._bar.write(text, file=self._stream)
        elif not self._quiet:
            print(text, file=self._stream, flush=True)

    def step(self, note: str = "") -> None:
        """One replication more is stored."""
        self.done += 1
        if self._bar is not None:
            self._bar.set_postfix_str(note, refresh=False)
            self._bar.update()
        elif 10 * self.done // self.total > self._tenth:
            self._tenth = 10 * self.done // self.total
            self.say(f"{self.done / self.total:4.0%}  {self.done} of {self.total} replications  {note}".rstrip())

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()


def replicate(
    store: Store, task: Task, numbers: Sequence[int], workers: int, progress: Progress, note: Callable[[Blobs], str]
) -> None:
    """Do the missing replications on `workers` threads, with at most two tasks in flight for each, and store them.

    The first is done here, alone: it compiles what is still to compile and shows what the others will take. Raises
    StoreError where the disk is too small, Interrupted on Ctrl-C; what was stored stays.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="replication")
    under_way: dict[Future[Blobs], int] = {}
    waiting = iter(numbers)

    def keep(number: int, blobs: Blobs) -> None:
        store.append(number, blobs)
        progress.step(note(blobs))

    try:
        first = next(waiting, None)
        if first is not None:
            _announce(store, task, first, len(numbers), workers, progress, keep)
        while True:
            for number in waiting:
                under_way[pool.submit(task, number)] = number
                if len(under_way) >= 2 * workers:
                    break
            if not under_way:
                break
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                keep(under_way.pop(future), future.result())
    except KeyboardInterrupt:
        pool.shutdown(wait=True, cancel_futures=True)
        for future, number in under_way.items():
            with suppress(Exception):  # a task that was cancelled, or failed: resume does it again
                keep(number, future.result(timeout=0))
        raise Interrupted(_how_to_go_on(store, progress)) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        progress.close()


def _announce(
    store: Store, task: Task, first: int, missing: int, workers: int, progress: Progress, keep: Callable[[int, Blobs], None]
) -> None:
    """Do the first replication; say what the run will take where that is long or large, refuse what does not fit."""
    started = time.perf_counter()
    blobs = task(first)
    seconds = time.perf_counter() - started
    if seconds * missing / workers > LONG:  # the first may have compiled: time one that has not
        started = time.perf_counter()
        task(first)
        seconds = time.perf_counter() - started
    seconds *= (missing - 1) / workers
    size = sum(map(len, blobs.values())) * missing
    if seconds > LONG or size > LARGE:
        progress.say(f"about {_duration(seconds)} and {_megabytes(size)} for {missing} replications on {workers} threads")
    if store.folder is not None and size > (free := shutil.disk_usage(store.folder).free):
        raise StoreError(
            f"{store.folder}: {missing} replications take about {_megabytes(size)}, {_megabytes(free)} are free there; "
            "keep less (--keep), run fewer (-n), or choose another disk (--out)"
        )
    keep(first, blobs)


def _how_to_go_on(store: Store, progress: Progress) -> str:
    stopped = f"stopped after {progress.done} of {progress.total}"
    if store.folder is None:
        return f"{stopped}; this run was kept in memory only. Give a folder (out=) to be able to continue"
    return f"{stopped}; nothing is lost. Continue with: govsim resume {store.folder}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.0f} MB" if size < 1e9 else f"{size / 1e9:,.1f} GB"


def _threads(workers: int | None) -> int:
    """As many threads as asked for, else as the machine gives this process."""
    if workers is not None and workers < 1:
        raise ValueError(f"workers: {workers}; at least 1 is needed (leave it out to use every core)")
    return workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
