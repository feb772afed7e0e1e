"""Runs, the handle by which people read a run: tidy frames, one screen, one picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from govsim.evidence.quantity import headline_unit
from govsim.evidence.summary.result import Summary
from govsim.evidence.summary.study import PRECISION, summary_of
from govsim.measures import distribution, merge
from govsim.measures.catalogue import CYCLE_TIME, MIX
from govsim.store import StoredRuns

if TYPE_CHECKING:
    import pandas as pd

    from govsim.display.figures import Axes
    from govsim.scenario import Scenario

COUNTED = "counted"


class Runs(StoredRuns):
    """Replications of some configurations, read back. Made by `run`, `resume` and `Runs.open`.

    Frames are tidy: one row per number, case or activity, with the configuration and the
    replication it belongs to. Instants are local dates and times to the millisecond.
    """

    def summary(
        self, cohort: str | None = None, precision: float = PRECISION, lang: str | None = None
    ) -> Summary:
        """The screen of `govsim show`.

        Cycle times, their change with intervals, who loses, what is assumed. `precision` is the
        half-width, in the headline's unit, for which the replications still needed are told; with
        `lang`, services are told by their names in that language where the scenario has them.
        """
        return summary_of(self, cohort, precision, lang)

    def plot(
        self,
        ax: Axes | None = None,
        scope: str = MIX,
        cohort: str = COUNTED,
        configurations: Sequence[str] | None = None,
    ) -> Axes:
        """Draw the distributions of the cycle time in the first and the last configuration.

        They are by default those of the mix.
        """
        from govsim.display import figures

        chosen = configurations or tuple(
            dict.fromkeys((self.configurations[0], self.configurations[-1]))
        )
        for name in chosen:
            self._known(name)
        unit = headline_unit(self.settings.about)
        measure = CYCLE_TIME[unit]
        pooled: dict[str, list[NDArray[np.int64]]] = {name: [] for name in chosen}
        for _, arrays in self._store.read():
            for name in chosen:
                pooled[name].append(arrays[f"{name}/{measure}"])
        which, cohorts, weights = (
            self.index.cohort(cohort),
            len(self.index.cohorts),
            self.index.weights_of(scope),
        )
        curves = {
            name: distribution(merge(each), which, cohorts, weights)
            for name, each in pooled.items()
        }
        return figures.distributions(
            {name: curve for name, curve in curves.items() if curve is not None}, ax, unit
        )

    def to_frame(self) -> pd.DataFrame:
        """The numbers of the screen: one row per service, statistic and quantity.

        A row has its interval.
        """
        return self.summary().to_frame()

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def run(
    scenario: Scenario,
    n: int | None = None,
    configurations: Sequence[str] | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: str = "compiled",
    keep: str = "measures",
    out: str | os.PathLike[str] | None = None,
    variant: str | None = None,
    progress: bool = True,
) -> Runs:
    """Run `n` replications of some configurations of a scenario.

    Changes are told from the first to the last of them. Without any they are before and after;
    between them process_only and merger_only where the reform has both kinds of levers, and the
    same with what could be had without a merger on the side of the process levers, where a claim of
    a gain asks whose doing it is. `A+B-C` has the levers of A and B without those of C. Without `n`
    and `seed`, those that the scenario states, or as many as its `until` needs. `out` is a folder
    in which the run gets a folder of its own (`runs/kelan-7f3a91`); without it the run is kept in
    memory. A run that is there already is continued. Raises RunError where the run makes no sense,
    StoreError where the folder refuses, Interrupted on Ctrl-C.
    """
    from govsim.experiment.run import start

    asked = (scenario, n, configurations, seed, workers, engine, keep, out, variant, progress)
    return Runs(start(*asked))


def open(folder: str | os.PathLike[str]) -> Runs:
    """The run in a folder, read and never simulated, also while it is written.

    StoreError where there is none, or a study of one.
    """
    return Runs.open(folder)


def resume(
    folder: str | os.PathLike[str],
    n: int | None = None,
    workers: int | None = None,
    progress: bool = True,
) -> Runs:
    """Do the replications that a run still lacks, of those it was started with, or of `n`.

    Raises StoreError where the scenario file, or what the same seed gives,
    is no longer what made the run.
    """
    from govsim.experiment.run import go_on

    return Runs(go_on(folder, n, workers, progress))
