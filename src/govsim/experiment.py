"""Configurations x replications, on threads, into a run store.

A task is one replication of all configurations: pairs of the same applicants are made where both are at hand, and
nothing is sent between processes. Replication r depends on the scenario, the seed and r alone, so any number of threads,
any order and any interruption give the same rows.
"""

from __future__ import annotations

import logging
import os
import platform
import shlex
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from operator import index as whole
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from govsim.engine import simulate
from govsim.measures import LEVELS, SKETCHED, MeasureIndex, Measures, demand_weights, index, matched, measure
from govsim.model.arrays import Model
from govsim.progress import Progress, duration, many, megabytes, plain
from govsim.records import Records
from govsim.scenario import Scenario
from govsim.scenario.configure import configure, posts, unknowns
from govsim.scenario.limits import REPLICATIONS
from govsim.scenario.organisation import Configuration
from govsim.store import KEEPS, Blobs, RunError, Runs, Settings, Store, StoreError, pack
from govsim.table import MIX, estimate

DEFAULT = ("before", "process_only", "after")
ENGINES = ("compiled", "reference")
LONG = 60.0  # seconds: from here on an estimate is printed before the run goes on
LARGE = 1_000_000_000  # bytes, likewise
FEW = 8  # configurations that are named one by one
NAMED = {"departments": "departments", "desks": "desks", "groups": "staff"}  # what, besides services, people may name
TRAVEL = 60.0  # minutes of a visit's way there and back, where no claim states it


class Done(NamedTuple):
    """One replication: the blobs to store, and the number by which progress is watched."""

    blobs: Blobs
    headline: float


class Task(Protocol):
    """What one replication is, and the settings that decide its numbers."""

    settings: Settings

    def __call__(self, number: int) -> Done:
        """Do replication `number`, on whatever thread asks."""
        ...


_log = logging.getLogger(__name__)


def run(
    scenario: Scenario,
    n: int | None = None,
    configurations: Sequence[str] = DEFAULT,
    seed: int | None = None,
    workers: int | None = None,
    engine: str = "compiled",
    keep: str = "measures",
    out: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    progress: bool = True,
) -> Runs:
    """Run `n` replications of some configurations of a scenario; changes are told from the first to the last of them.

    Without `n` and `seed`, those that the scenario states. `out` is a folder in which the run gets a folder of its own
    (`runs/kelan-7f3a91`); without it the run is kept in memory. A run that is there already is continued. Raises
    RunError where the run makes no sense, StoreError where the folder refuses, Interrupted on Ctrl-C.
    """
    stated = scenario.tree.get("experiment") or {}
    names = (configurations,) if isinstance(configurations, str) else tuple(configurations)
    task = _prepared(scenario, names, variant, whole(stated.get("seed", 1) if seed is None else seed), engine, keep)
    folder = None if out is None else Path(out) / task.settings.id
    return _go_on(task, folder, whole(stated.get("replications", 200) if n is None else n), workers, progress)


def resume(folder: str | os.PathLike[str], n: int | None = None, workers: int | None = None, progress: bool = True) -> Runs:
    """Do the replications that a run still lacks, of those it was started with, or of `n`.

    Raises StoreError where the scenario file, or what the same seed gives, is no longer what made the run.
    """
    from govsim.scenario import load

    stored = Settings.read(Path(folder))
    stored.refuse_study(Path(folder))
    text = None if Path(stored.scenario).exists() else stored.text
    scenario = load(stored.scenario, text)
    task = _prepared(scenario, stored.configurations, stored.variant, stored.seed, stored.engine, stored.keep)
    return _go_on(task, Path(folder), stored.replications if n is None else n, workers, progress)


class Interrupted(KeyboardInterrupt):
    """The run was stopped; what was done is kept, and the message says how to go on."""


def replicate(
    store: Store, task: Task, numbers: Sequence[int], workers: int, progress: Progress, what: str = "mean cycle time"
) -> None:
    """Do the missing replications on `workers` threads, with at most two tasks in flight for each, and store them.

    The first is done here, alone: it compiles what is still to compile and shows what the others will take. Raises
    StoreError where the disk is too small, Interrupted on Ctrl-C; what was stored stays.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="replication")
    under_way: dict[Future[Done], int] = {}
    waiting = iter(numbers)
    headlines: list[float] = []

    def keep(number: int, done: Done) -> None:
        store.append(number, done.blobs)
        headlines.append(done.headline)
        half = estimate(np.array(headlines)).half_width
        progress.step("" if half is None else f"{what} ±{plain(half)} working days")

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
        with suppress(KeyboardInterrupt):  # who presses it again does not wait for what is under way
            pool.shutdown(wait=True, cancel_futures=True)
            _keep_finished(under_way, keep)
        raise Interrupted(_how_to_go_on(store, progress)) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        progress.close()


def _keep_finished(under_way: Mapping[Future[Done], int], keep: Callable[[int, Done], None]) -> None:
    for future, number in under_way.items():
        if future.done() and not future.cancelled() and future.exception() is None:
            keep(number, future.result())


def _announce(
    store: Store, task: Task, first: int, missing: int, workers: int, progress: Progress, keep: Callable[[int, Done], None]
) -> None:
    """Do the first replication; say what the run will take where that is long or large, refuse what does not fit."""
    started = time.perf_counter()
    done = task(first)
    seconds = time.perf_counter() - started
    if seconds * missing / workers > LONG:  # the first may have compiled: time one that has not
        started = time.perf_counter()
        task(first)
        seconds = time.perf_counter() - started
    seconds *= (missing - 1) / workers
    size = sum(map(len, done.blobs.values())) * missing
    if seconds > LONG or size > LARGE:
        progress.say(f"about {duration(seconds)} and {megabytes(size)} for {missing} replications on {many(workers, 'thread')}")
    if store.folder is not None and size > (free := shutil.disk_usage(store.folder).free):
        raise StoreError(
            f"{store.folder}: {missing} replications take about {megabytes(size)}, {megabytes(free)} are free there; "
            "keep less (--keep), run fewer (-n), or choose another disk (--out)"
        )
    keep(first, done)


def _how_to_go_on(store: Store, progress: Progress) -> str:
    stopped = f"stopped after {progress.done} of {progress.total}"
    if store.folder is None:
        return f"{stopped}; this run was kept in memory only. Give a folder (out=) to be able to continue"
    return f"{stopped}; nothing is lost. Continue with: govsim resume {store.folder}"


def _threads(workers: int | None) -> int:
    """As many threads as asked for, else as the machine gives this process."""
    if workers is not None and workers < 1:
        raise RunError(f"workers: {workers}; at least 1 is needed (leave it out to use every core)")
    return workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))


# ------------------------------------------------------------------------------------------------ what is run


class _Replication:
    """The task: one replication of all configurations, on whatever thread asks; each thread keeps its own memory."""

    def __init__(self, models: Mapping[str, Model], settings: Settings, mixes: Mapping[str, Any]) -> None:
        self.models, self.settings, self.mixes, self.travel = models, settings, mixes, settings.about["travel"]
        self.index = MeasureIndex.from_dict(settings.about["index"])
        self._own = threading.local()

    def __call__(self, number: int) -> Done:
        try:
            return self._done(number)
        except MemoryError as error:
            raise RunError(
                f"replication {number}: not enough memory ({error}); let fewer applicants file, let the scenario end earlier, "
                "compare fewer configurations, or use fewer threads (--workers 1)"
            ) from None

    def _done(self, number: int) -> Done:
        records = {name: self._simulate(name, number) for name in self.models}
        measures = {name: self._measure(name, records[name], number) for name in self.models}
        arrays = {f"{name}/{key}": each for name, found in measures.items() for key, each in found._asdict().items()}
        for first, second in self.settings.about["pairs"]:
            pair = matched(records[first], records[second], self.models[first], self.models[second])
            arrays |= {f"{first}>{second}/{key}": each for key, each in pair._asdict().items()}
        blobs = {"measures": pack(arrays)}
        for table in KEEPS[1 : 1 + KEEPS.index(self.settings.keep)]:
            blobs[table] = pack(_kept(table, records))
        place = self.index.place("cycle_time_working", "mean")
        levels = [float(found.values[place]) for found in measures.values()]
        return Done(blobs, levels[-1] - levels[0] if len(levels) > 1 else levels[0])

    def _simulate(self, name: str, number: int) -> Records:
        """Records that stay valid until this thread simulates the same configuration again."""
        model, seed = self.models[name], self.settings.seed
        if self.settings.engine != "compiled":
            return simulate(model, seed, number, "reference")
        from govsim.engine.compiled import Buffers, run

        held = self._own.__dict__.setdefault("buffers", {})
        records: Records = run(model.arrays, seed, number, buffers=held.setdefault(name, Buffers()))
        return records

    def _measure(self, name: str, records: Records, number: int) -> Measures:
        from govsim.engine.calendars import member_hours

        hours = member_hours(self.models[name].arrays, np.uint64(self.settings.seed), number)
        return measure(records, self.models[name], self.mixes, self.travel, hours, self.settings.about["pooled"])


def _kept(table: str, records: Mapping[str, Records]) -> dict[str, Any]:
    arrays = {f"{name}/{table}": getattr(each, table) for name, each in records.items()}
    return arrays | ({f"{name}/attributes": each.attributes for name, each in records.items()} if table == "cases" else {})


def conduct(
    task: Task, folder: Path | None, numbers: Sequence[int], workers: int | None, progress: bool, what: str = "mean cycle time"
) -> Store:
    """Do the replications of `numbers` that a folder does not hold yet, and give its store, open for reading.

    Rows that are there already must have been made by the same settings. Raises StoreError where they were not or the
    folder refuses, RunError without a thread, Interrupted on Ctrl-C.
    """
    threads = _threads(workers)
    store = Store.create(task.settings, folder)
    with _closed(store), _logged(folder):
        settings, done = store.settings, set(store.done())
        missing = [number for number in numbers if number not in done]
        shown = Progress(len(done) + len(missing), len(done), quiet=not progress)
        shown.say(f"run {settings.id}   seed {settings.seed}   engine {settings.engine}   {_what(settings)}")
        if not missing:
            shown.say(f"{many(len(done), 'replication')} of it stored already; nothing was run")
        _log.info("%s: %d replications to do on %s", settings.id, len(missing), many(threads, "thread"))
        replicate(store, task, missing, threads, shown, what)
    return store if folder is None else Store.open(folder)


def _what(settings: Settings) -> str:
    """What is run, in a line: the configurations by name where they are few."""
    names = settings.configurations
    told = ", ".join(names) if len(names) <= FEW else f"{len(names)} configurations"
    return f"{told} x {settings.replications}"


def _go_on(task: _Replication, folder: Path | None, n: int, workers: int | None, progress: bool) -> Runs:
    """Do what is missing of n replications and hand the run back for reading."""
    _refuse(n < 1, f"n: {n} replications; at least 1 is needed, 2 for an interval")
    _refuse(n > REPLICATIONS, f"n: {n} replications; at most {REPLICATIONS} are possible")
    task.settings = replace(task.settings, replications=n)
    what = "change of the mean" if len(task.settings.configurations) > 1 else "mean cycle time"
    return Runs(conduct(task, folder, range(n), workers, progress, what))


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
        handler = logging.FileHandler(folder / "run.log", encoding="utf-8") if folder is not None else logging.NullHandler()
    except OSError as error:
        raise StoreError(f"{folder}: run.log cannot be written ({error.strerror}); choose another folder with --out") from None
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


def _prepared(scenario: Scenario, names: tuple[str, ...], variant: str | None, seed: int, engine: str, keep: str) -> _Replication:
    """Everything that a replication needs, worked out once; RunError where something has no meaning."""
    _refuse(engine not in ENGINES, f"engine: {engine!r} is not one of {', '.join(ENGINES)}")
    _refuse(keep not in KEEPS, f"keep: {keep!r} is not one of {', '.join(KEEPS)}")
    _refuse(not 0 <= seed < 2**64, f"seed: {seed} is not in [0, 2**64)")
    _refuse(
        not names or len(set(names)) < len(names), f"configurations: {', '.join(names) or 'none'}; name each once, at least one"
    )
    from govsim.model import compile_model

    try:
        configured = {name: configure(scenario, name, variant) for name in names}
        before = compile_model(configured.get("before") or configure(scenario, "before", variant))
    except KeyError as unknown:
        raise RunError(f"{scenario.path}: {unknown.args[0]}") from None
    models = {name: compile_model(each) for name, each in configured.items()}
    mixes = _mixes(scenario, before)
    try:
        measured = index(before, mixes)
    except ValueError as clash:
        raise RunError(f"{scenario.path}: service_sets: {clash}") from None
    settings = Settings(
        name=Path(scenario.path).stem,
        scenario=str(Path(scenario.path).resolve()),
        text=scenario.text,
        scenario_hash=scenario.hash,
        claims_hash=scenario.claims_hash,
        seed=seed,
        configurations=names,
        engine=engine,
        keep=keep,
        variant=variant,
        about=_about(scenario, configured, models, measured),
        versions={each: version(each) for each in ("govsim", "numpy", "numba", "scipy", "simpy")}
        | {"python": sys.version.split()[0]},
        machine={"system": platform.platform(), "processor": platform.processor() or platform.machine(), "cores": os.cpu_count()},
        command=shlex.join(sys.argv),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    return _Replication(models, settings, mixes)


def _refuse(wrong: bool, message: str) -> None:
    if wrong:
        raise RunError(message)


def _about(
    scenario: Scenario, configured: Mapping[str, Configuration], models: Mapping[str, Model], measured: MeasureIndex
) -> dict[str, Any]:
    """What the tables print: names, posts, how much is assumed, which pairs are matched."""
    uncertain = unknowns(scenario).values()
    services = next(iter(configured.values())).regimes[1].services
    names = tuple(configured)
    pairs = [(names[0], each) for each in names[1:]]
    if "process_only" in names[1:] and "after" in names:
        pairs.append(("process_only", "after"))
    return {
        "title": scenario.title,
        "start": next(iter(models.values())).start,
        "services": [name for name, service in services.items() if not service.internal],
        "service_names": {name: _texts(scenario, "services", name) or {"en": name} for name in services},
        "said": {
            key: {name: _texts(scenario, section, name) for name in scenario.tree[section]} for key, section in NAMED.items()
        },
        "names": {name: model.names._asdict() for name, model in models.items()},
        "posts": {name: posts(each)[1] for name, each in configured.items()},
        "numbers": len(uncertain),
        "assumptions": sum("assumption" in each.source for each in uncertain),
        "pairs": [list(pair) for pair in pairs],
        "day": _working_day(models.values()),
        "index": measured.to_dict(),
        "pooled": _pooled(scenario),
        "travel": _travel(scenario),
    }


def _working_day(models: Iterable[Model]) -> float | None:
    """The minutes of a working day, where it is as long for every service with applicants; None where it is not."""
    lengths: set[float] = set()
    for arrays in (model.arrays for model in models):
        calendars = arrays.services.calendar[:, arrays.services.internal == 0]
        lengths.update(np.take_along_axis(arrays.calendars.day_length, calendars, 1).ravel().tolist())
    return lengths.pop() if len(lengths) == 1 else None


def _texts(scenario: Scenario, section: str, named: str) -> dict[str, str]:
    """What people call a service, desk, group or department, by language."""
    name = scenario.tree[section][named].get("name")
    return {str(key): str(text) for key, text in name.items()} if isinstance(name, Mapping) else {"en": name} if name else {}


def _mixes(scenario: Scenario, before: Model) -> dict[str, Any]:
    """The mix and the sets of services, at the demand that `before` states."""
    sets = dict(scenario.tree.get("service_sets") or {})
    mix = (scenario.tree.get("experiment") or {}).get("mix")
    listed = [mix] if isinstance(mix, str) else mix
    chosen = None if listed is None else [service for name in listed for service in sets.get(name, [name])]
    every = {MIX: chosen, **{name: of for name, of in sets.items() if name != MIX}}
    return {name: demand_weights(before, services) for name, services in every.items()}


def _pooled(scenario: Scenario) -> list[str]:
    """The measures of whose quantiles, or shares beyond a point, a claim speaks: their distributions are kept."""
    found = []
    for claim in (scenario.tree.get("claims") or {}).values():
        conditions = [*(claim.get("holds_if") or ()), *(claim.get("refuted_if") or ()), claim.get("cannot_be_tested_if") or {}]
        found += [each["measure"] for each in conditions if each and not _told_by_mean(each["statistic"])]
    return sorted(set(found) & set(SKETCHED))


def _told_by_mean(statistic: Any) -> bool:
    return isinstance(statistic, str) and statistic not in LEVELS and not statistic.removeprefix("p").isdecimal()


def _travel(scenario: Scenario) -> float:
    """Minutes of a visit's way there and back: what the first claim that needs it says."""
    from govsim.scenario.parameters import Values
    from govsim.scenario.units import Kind

    for claim in (scenario.tree.get("claims") or {}).values():
        for condition in claim.get("holds_if") or ():
            if "travel" in condition:
                return Values(scenario.tree.get("parameters") or {}).number(condition, "travel", Kind.CLOCK)
    return TRAVEL
