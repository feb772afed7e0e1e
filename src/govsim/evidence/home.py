"""Where the studies of a scenario live: inside the folder of its run, whether that was made already or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from govsim.experiment import DEFAULT
from govsim.scenario import Scenario, load
from govsim.store import Settings, StoreError


@dataclass(frozen=True)
class Home:
    """A scenario, what its run was (or would be) made with, and the run's folder."""

    scenario: Scenario
    folder: Path
    seed: int
    variant: str | None = None
    engine: str = "compiled"


def home(place: Path, runs: Path) -> Home:
    """The home of a scenario file, or of a run given by its folder or its name in `runs`.

    Raises StoreError where there is no run, or the scenario says something else than when it was made.
    """
    if place.is_file() or (place.suffix in (".yaml", ".yml") and not place.is_dir()):
        return _of_file(load(place), runs)
    named = (runs / place / "run.json").exists() and not (place / "run.json").exists()
    folder = runs / place if named else place
    made = Settings.read(folder)
    if made.study:
        raise StoreError(f"{folder}: a study, not a run; give the run that it belongs to, or the scenario file")
    scenario = load(made.scenario, None if Path(made.scenario).exists() else made.text)
    if scenario.hash != made.scenario_hash:
        raise StoreError(
            f"{folder}: {made.scenario} says something else than when this run was made. Restore the file (its text is in "
            "run.json), or give the file itself instead of the run"
        )
    if scenario.claims_hash != made.claims_hash:  # what was declared is judged, not what was written afterwards
        scenario = load(made.scenario, made.text)
    return Home(scenario, folder, made.seed, made.variant, made.engine)


def _of_file(scenario: Scenario, runs: Path) -> Home:
    seed = int((scenario.tree.get("experiment") or {}).get("seed", 1))
    run = Settings(
        name=Path(scenario.path).stem,
        scenario=str(scenario.path),
        text=scenario.text,
        scenario_hash=scenario.hash,
        claims_hash=scenario.claims_hash,
        seed=seed,
        configurations=DEFAULT,
        engine="compiled",
    )
    return Home(scenario, runs / run.id, seed)
