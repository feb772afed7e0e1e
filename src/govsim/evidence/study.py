"""Where the studies of a scenario live: their folders, and what each found, kept and read.

That is inside the folder of its run, made already or not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar, cast

from govsim.errors import A_RUN, A_SCENARIO, Interrupted, StoreError, needed
from govsim.experiment.run import standard
from govsim.scenario import Scenario
from govsim.store import STUDIES, Settings, StoredRuns, write_whole

Result = TypeVar("Result")


class Told(Protocol):
    """What a study found, as plain numbers and texts."""

    def to_dict(self) -> dict[str, Any]:
        """Everything, without NaN."""
        ...


def keep(folder: Path, study: str, found: Told) -> None:
    """Write what a study found into its folder, entirely or not at all."""
    text = json.dumps(found.to_dict(), ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(folder / f"{study}.json", text)


def kept(
    run: Path | None, study: str, read: Callable[[Mapping[str, Any]], Result]
) -> Result | None:
    """What a study beside a run found.

    None where it was not made; StoreError where its file is not what was written.
    """
    if run is None or not (file := run / study / f"{study}.json").is_file():
        return None
    again = f"make it again with: govsim {STUDIES[study]} {run}"
    try:
        return read(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise StoreError(f"{file}: cannot be read ({error}); {again}") from None
    except (KeyError, TypeError, AttributeError):
        raise StoreError(
            f"{file}: is not the result of a study, or of another version; {again}"
        ) from None


@contextmanager
def in_memory(study: str) -> Iterator[Path]:
    """A folder for a study that nobody keeps; who stops it is told that it cannot be continued."""
    with TemporaryDirectory(prefix=f"govsim-{study}-") as place:
        try:
            yield Path(place)
        except Interrupted as stop:
            lost = "nothing was kept. Give a folder (folder=) to be able to continue"
            raise Interrupted(stop.args[0], hint=lost) from None


def subject_of(
    scenario_or_runs: object,
    study: str,
    folder: str | os.PathLike[str] | None,
    seed: int | None,
    variant: str | None,
    engine: str,
) -> tuple[Scenario, Path | None, int, str | None, str]:
    """What a study is made with: (scenario, folder, seed, variant, engine).

    Of a run (or its `Home`) all are the run's, and the folder lies in the run's where none is
    given; of a scenario the seed is the one that it states. Raises TypeError where it is neither.
    """
    from govsim.organisation.load import load

    if isinstance(scenario_or_runs, Home):
        at = scenario_or_runs
        kept_in = at.folder / study if folder is None else Path(folder)
        return at.scenario, kept_in, at.seed, at.variant, at.engine
    if isinstance(scenario_or_runs, StoredRuns):
        made, own = scenario_or_runs.settings, scenario_or_runs.folder
        place = Path(folder) if folder is not None else own / study if own else None
        return load(made.scenario, made.text), place, made.seed, made.variant, made.engine
    needed(scenario_or_runs, Scenario, f"{A_SCENARIO} or {A_RUN}")
    scenario = cast(Scenario, scenario_or_runs)
    stated = int((scenario.tree.get("experiment") or {}).get("seed", 1) if seed is None else seed)
    return scenario, None if folder is None else Path(folder), stated, variant, engine


@dataclass(frozen=True)
class Home:
    """A scenario, what its run was (or would be) made with, and the run's folder."""

    scenario: Scenario
    folder: Path
    seed: int
    variant: str | None = None
    engine: str = "compiled"
    replications: int | None = None  # that its run holds; None where none is asked about


def home(place: Path, runs: Path) -> Home:
    """The home of a scenario file, or of a run given by its folder or its name in `runs`.

    Raises StoreError where there is no run, or the scenario says something else
    than when it was made.
    """
    from govsim.organisation.load import load

    if place.is_file() or (place.suffix in (".yaml", ".yml") and not place.is_dir()):
        return _of_file(load(place), runs)
    named = (runs / place / "run.json").exists() and not (place / "run.json").exists()
    folder = runs / place if named else place
    made = Settings.read(folder)
    if made.study:
        raise StoreError(
            f"{folder}: a study, not a run; give the run that it belongs to, or the scenario file"
        )
    scenario = load(made.scenario, None if Path(made.scenario).exists() else made.text)
    if scenario.hash != made.scenario_hash:
        raise StoreError(
            f"{folder}: {made.scenario} says something else than when this run was made. Restore "
            "the file (its text is in "
            "run.json), or give the file itself instead of the run"
        )
    # what was declared is judged, not what was written afterwards
    if scenario.claims_hash != made.claims_hash:
        scenario = load(made.scenario, made.text)
    done = StoredRuns.open(folder).replications if (folder / "run.sqlite").exists() else 0
    return Home(scenario, folder, made.seed, made.variant, made.engine, done or None)


def _of_file(scenario: Scenario, runs: Path) -> Home:
    seed = int((scenario.tree.get("experiment") or {}).get("seed", 1))
    run = Settings(
        name=Path(scenario.path).stem,
        scenario=str(scenario.path),
        text=scenario.text,
        scenario_hash=scenario.hash,
        claims_hash=scenario.claims_hash,
        seed=seed,
        configurations=standard(scenario),
        engine="compiled",
    )
    return Home(scenario, runs / run.id, seed)
