"""`run` and `resume`: replications on threads into a run store.

They serve a run, and any study beside it.

Replication r depends on the scenario, the seed and r alone, so any number of threads, any order and
any interruption give the same rows.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from operator import index as whole
from pathlib import Path
from typing import Any

import numpy as np

from govsim.errors import (
    A_PATH,
    A_SCENARIO,
    Interrupted,
    NameNotFound,
    RunError,
    ScenarioError,
    StoreError,
    needed,
)
from govsim.experiment.progress import Progress, duration, many, megabytes, plain
from govsim.experiment.replication import Done, Replication, Task, prepare, refuse
from govsim.experiment.stopping import Until, until
from govsim.measures import MeasureIndex
from govsim.organisation.configure import configure
from govsim.organisation.joining import apart, as_process
from govsim.scenario import Scenario
from govsim.scenario.limits import REPLICATIONS
from govsim.scenario.units import WORKING_DAYS
from govsim.statistics.estimate import estimate
from govsim.store import UNTIL, Settings, Store

DEFAULT = ("before", "process_only", "after")
ALONE = ("process_only", "merger_only")  # tell whose doing a change is
LONG = 60.0  # seconds: from here on an estimate is printed before the run goes on
LARGE = 1_000_000_000  # bytes, likewise
FEW = 8  # configurations that are named one by one

_log = logging.getLogger(__name__)


def start(
    scenario: Scenario,
    n: int | None,
    configurations: Sequence[str] | None,
    seed: int | None,
    workers: int | None,
    engine: str,
    keep: str,
    out: str | os.PathLike[str] | None,
    variant: str | None,
    progress: bool,
) -> Store:
    """Run what a scenario states, as `evidence.runs.run` says; the rows, ready to be read."""
    needed(scenario, Scenario, A_SCENARIO)
    stated = scenario.tree.get("experiment") or {}
    if configurations is None:
        configurations = standard(scenario, variant)
    names = (configurations,) if isinstance(configurations, str) else tuple(configurations)
    task = prepare(
        scenario,
        names,
        variant,
        whole(stated.get("seed", 1) if seed is None else seed),
        engine,
        keep,
    )
    folder = None if out is None else Path(out) / task.settings.id
    if n is None and (rule := Until.of(scenario)):
        return _go_on_until(task, folder, rule, workers, progress)
    return _go_on(
        task, folder, whole(stated.get("replications", 200) if n is None else n), workers, progress
    )


def standard(scenario: Scenario, variant: str | None = None) -> tuple[str, ...]:
    """The configurations that are run unless others are asked for.

    Between before and after: the levers of one kind alone, where the reform has both kinds or a
    claim looks at them; and where a claim of a gain asks, the same with the merger levers that
    could be had without a merger on the side of the process levers.
    """
    tree = scenario.tree
    kinds = {spec.get("kind") for spec in (tree.get("reform") or {}).values()}
    asked = _looked_at(tree) | ({*ALONE} if kinds >= {"merger", "process"} else set())
    wanted = [name for name in ALONE if name in asked]
    if _claims_a_gain(tree):
        wanted += as_process(tree, apart(scenario, variant)) or ()
    there = [name for name in wanted if name == ALONE[0] or _works(scenario, name, variant)]
    return tuple(dict.fromkeys(["before", *(name for name in there if name != "after"), "after"]))


def _works(scenario: Scenario, name: str, variant: str | None) -> bool:
    """Whether the levers of a configuration make an organisation by themselves."""
    try:
        configure(scenario, name, variant)
    except (ScenarioError, NameNotFound):
        return False
    return True


def _conditions(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*(claim.get("holds_if") or ()), *(claim.get("refuted_if") or ())]


def _looked_at(tree: Mapping[str, Any]) -> set[str]:
    """The configurations that claims name."""
    claims = (tree.get("claims") or {}).values()
    compared = {name for claim in claims for name in claim.get("compare", ())}
    levels = {each.get("configuration") for claim in claims for each in _conditions(claim)}
    return {*compared, *filter(None, levels)}


def _claims_a_gain(tree: Mapping[str, Any]) -> bool:
    """Whether a claim speaks of a gain from before to after, and leaves it open what stands for the
    process levers.
    """
    return any(
        condition.get("change") in ("decrease", "increase") and "by" not in {*claim, *condition}
        for claim in (tree.get("claims") or {}).values()
        if not {"compare", "without_merger", "family"} & claim.keys()
        for condition in claim.get("holds_if") or ()
    )


def go_on(
    folder: str | os.PathLike[str],
    n: int | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Store:
    """Do what a run lacks, as `evidence.runs.resume` says; the rows, ready to be read."""
    from govsim.organisation.load import load

    needed(folder, (str, os.PathLike), A_PATH)
    stored = Settings.read(Path(folder))
    stored.refuse_study(Path(folder))
    text = None if Path(stored.scenario).exists() else stored.text
    scenario = load(stored.scenario, text)
    task = prepare(
        scenario, stored.configurations, stored.variant, stored.seed, stored.engine, stored.keep
    )
    if n is None and stored.about.get(UNTIL) and (rule := Until.of(scenario)):
        return _go_on_until(task, Path(folder), rule, workers, progress)
    return _go_on(task, Path(folder), stored.replications if n is None else n, workers, progress)


def replicate(
    store: Store,
    task: Task,
    numbers: Sequence[int],
    workers: int,
    progress: Progress,
    what: str = "mean cycle time",
) -> None:
    """Do the missing replications on `workers` threads, and store them.

    At most two tasks are in flight for each thread. The first is done alone: it compiles what is
    still to compile and shows what the others will take; and on one of the threads, because each
    that does one keeps the memory of one. Raises StoreError where the disk is too
    small, Interrupted on Ctrl-C; what was stored stays.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="replication")
    under_way: dict[Future[Done], int] = {}
    waiting = iter(numbers)
    headlines: list[float] = []
    unit = store.settings.about.get("headline", {}).get("unit", WORKING_DAYS)
    every = not progress.done  # those that were stored before are not read again for this

    def keep(number: int, done: Done) -> None:
        store.append(number, done.blobs)
        headlines.append(done.headline)
        half = estimate(np.array(headlines)).half_width if every else None
        progress.step("" if half is None else f"{what} ±{plain(half)} {unit}")

    try:
        first = next(waiting, None)
        if first is not None:
            _announce(store, pool, task, first, len(numbers), workers, progress, keep)
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
        # who presses it again does not wait for what is under way
        with suppress(KeyboardInterrupt):
            pool.shutdown(wait=True, cancel_futures=True)
            _keep_finished(under_way, keep)
        stopped = f"stopped after {progress.done} of {progress.total}"
        raise Interrupted(stopped, hint=_how_to_go_on(store)) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        progress.close()


def _keep_finished(
    under_way: Mapping[Future[Done], int], keep: Callable[[int, Done], None]
) -> None:
    for future, number in under_way.items():
        if future.done() and not future.cancelled() and future.exception() is None:
            keep(number, future.result())


def _announce(
    store: Store,
    pool: ThreadPoolExecutor,
    task: Task,
    first: int,
    missing: int,
    workers: int,
    progress: Progress,
    keep: Callable[[int, Done], None],
) -> None:
    """Do the first replication; say what the run will take where that is long or large,
    refuse what does not fit.
    """
    started = time.perf_counter()
    done = pool.submit(task, first).result()
    seconds = time.perf_counter() - started
    if seconds * missing / workers > LONG:  # the first may have compiled: time one that has not
        started = time.perf_counter()
        pool.submit(task, first).result()
        seconds = time.perf_counter() - started
    seconds *= (missing - 1) / workers
    size = sum(map(len, done.blobs.values())) * missing
    if seconds > LONG or size > LARGE:
        progress.say(
            f"about {duration(seconds)} and {megabytes(size)} for {missing} replications on "
            f"{many(workers, 'thread')}"
        )
    if store.folder is not None and size > (free := shutil.disk_usage(store.folder).free):
        raise StoreError(
            f"{store.folder}: {missing} replications take about {megabytes(size)}, "
            f"{megabytes(free)} are free there; "
            "keep less (--keep), run fewer (-n), or choose another disk (--out)"
        )
    keep(first, done)


def _how_to_go_on(store: Store) -> str:
    if store.folder is None:
        argument = "folder" if store.settings.study else "out"
        return (
            f"what was done was kept in memory only. Give a folder ({argument}=) to be able to "
            "continue"
        )
    if store.settings.study:
        return "nothing is lost. Continue with the same command"
    return f"nothing is lost. Continue with: govsim resume {store.folder}"


def _threads(workers: int | None) -> int:
    """As many threads as asked for, else as the machine gives this process."""
    if workers is not None and workers < 1:
        raise RunError(f"workers: {workers}; at least 1 is needed (leave it out to use every core)")
    return workers or len(
        os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    )


def conduct(
    task: Task,
    folder: Path | None,
    numbers: Sequence[int],
    workers: int | None,
    progress: bool,
    what: str = "mean cycle time",
    held: Store | None = None,
) -> Store:
    """Do the replications of `numbers` that a folder (in memory: `held`) does not hold yet,
    and give its store, for reading.

    Rows that are there already must have been made by the same settings. Raises StoreError where
    they were not or the folder refuses, RunError without a thread, Interrupted on Ctrl-C.
    """
    threads = _threads(workers)
    if folder is None and held is not None:
        store, held.settings = held, task.settings
    else:
        store = Store.create(task.settings, folder)
    with _closed(store), _logged(folder):
        settings, done = store.settings, set(store.done())
        missing = [number for number in numbers if number not in done]
        shown = Progress(len(done) + len(missing), len(done), quiet=not progress)
        name = f"{settings.study.get('kind', 'run')} {settings.id}"
        shown.say(f"{name}   seed {settings.seed}   engine {settings.engine}   {_what(settings)}")
        if not missing:
            shown.say(f"{many(len(done), 'replication')} of it stored already; nothing was run")
        _log.info(
            "%s: %d replications to do on %s", settings.id, len(missing), many(threads, "thread")
        )
        replicate(store, task, missing, threads, shown, what)
    return store if folder is None else Store.open(folder)


def _what(settings: Settings) -> str:
    """What is run, in a line: the configurations by name where they are few."""
    names = settings.configurations
    told = ", ".join(names) if len(names) <= FEW else f"{len(names)} configurations"
    return f"{told} x {settings.replications}"


def _go_on(
    task: Replication, folder: Path | None, n: int, workers: int | None, progress: bool
) -> Store:
    """Do what is missing of n replications and hand the run back for reading."""
    refuse(n < 1, f"n: {n} replications; at least 1 is needed, 2 for an interval")
    refuse(n > REPLICATIONS, f"n: {n} replications; at most {REPLICATIONS} are possible")
    task.settings = replace(task.settings, replications=n)
    return conduct(task, folder, range(n), workers, progress, _headline(task))


def _headline(task: Replication) -> str:
    return "change of the mean" if len(task.settings.configurations) > 1 else "mean cycle time"


def _go_on_until(
    task: Replication, folder: Path | None, rule: Until, workers: int | None, progress: bool
) -> Store:
    """Replications until the rule is satisfied; looks come after numbers of replications
    that depend on no luck but theirs.
    """
    task.settings = replace(task.settings, about={**task.settings.about, UNTIL: rule.told()})
    names, index = (
        task.settings.configurations,
        MeasureIndex.from_dict(task.settings.about["index"]),
    )
    n, store = min(until(np.empty(0), rule.half_width).more, rule.most), None
    while True:
        task.settings = replace(task.settings, replications=n)
        store = conduct(task, folder, range(n), workers, progress, _headline(task), store)
        rows = (row for _, row in store.read(numbers=range(n)))
        enough = until(rule.values(rows, index, names), rule.half_width)
        if enough.stop or n == rule.most:
            Progress(0, 0, quiet=not progress).say(f"{many(n, 'replication')}: {enough.reason}")
            return store
        n = min(n + enough.more, rule.most)


@contextmanager
def _closed(store: Store) -> Iterator[None]:
    """Close a store on disk; one in memory is what people read afterwards."""
    try:
        yield
    finally:
        if store.folder is not None:
            store.close()


@contextmanager
def _logged(folder: Path | None) -> Iterator[None]:
    """Keep what the package logs, and how the run ended, in the run's folder."""
    try:
        handler = (
            logging.FileHandler(folder / "run.log", encoding="utf-8")
            if folder is not None
            else logging.NullHandler()
        )
    except OSError as error:
        raise StoreError(
            f"{folder}: run.log cannot be written ({error.strerror}); choose another folder with "
            "--out"
        ) from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("govsim")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
        _log.info("done")
    except BaseException as error:
        _log.info("ended by %s: %s", type(error).__name__, error)
        raise
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        handler.close()
