"""StoredRuns, the handle on the rows of a run, and the tidy frames made of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from govsim.errors import A_PATH, StoreError, needed
from govsim.measures import MeasureIndex
from govsim.measures.catalogue import MIX
from govsim.measures.sketch import signs
from govsim.model.arrays import Model, Names
from govsim.records import Records, activities_frame, cases_frame
from govsim.store.rows import DAMAGED, KEEPS, Settings, Store

if TYPE_CHECKING:
    import pandas as pd


Arrays = dict[str, NDArray[Any]]

COUNTED = "counted"
NOTHING: NDArray[Any] = np.empty(0)
NEEDED = {  # of what run.json tells about a run, by its readers
    "services": list, "service_names": dict, "pairs": list, "posts": dict,
    "unsettled": dict, "headline": dict, "paired": list, "numbers": int, "assumptions": int,
    "start": str,
}  # fmt: skip


def refuse_damaged(settings: Settings, folder: Path) -> None:
    """StoreError where run.json lacks what its readers need."""
    about = settings.about
    try:
        MeasureIndex.from_dict(about["index"]).weights_of(MIX)
        wrong = [key for key, kind in NEEDED.items() if not isinstance(about[key], kind)]
    except (KeyError, TypeError, IndexError, ValueError, AttributeError) as error:
        wrong = [f"{type(error).__name__}: {error}"]
    names = settings.configurations
    wrong += [] if names and all(isinstance(name, str) for name in names) else ["configurations"]
    wrong += [] if settings.variant is None or isinstance(settings.variant, str) else ["variant"]
    if wrong:
        raise StoreError(
            f"{folder / 'run.json'}: is damaged or of another version ({'; '.join(wrong)}); "
            f"{DAMAGED}"
        )


class StoredRuns:
    """Replications of some configurations, read back: rows and tidy frames, no estimates.

    Frames are tidy: one row per number, case or activity, with the configuration and the
    replication it belongs to. Instants are local dates and times to the millisecond.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.settings: Settings = store.settings
        self.configurations = store.settings.configurations

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """The run in a folder, also while it is written.

        StoreError where there is none, or a study of one.
        """
        needed(folder, (str, os.PathLike), A_PATH)
        store = Store.open(Path(folder))
        store.settings.refuse_study(Path(folder))
        refuse_damaged(store.settings, Path(folder))
        return cls(store)

    @property
    def folder(self) -> Path | None:
        """Where the run is; None where it is in memory only."""
        return self._store.folder

    @property
    def replications(self) -> int:
        """How many replications are stored so far."""
        return len(self._store.done())

    @cached_property
    def index(self) -> MeasureIndex:
        """Where each measure stands, and the scopes (mixes, services, attribute values)
        and cohorts there are.
        """
        return MeasureIndex.from_dict(self.settings.about["index"])

    def arrays(self) -> Iterator[tuple[int, Arrays]]:
        """The arrays of each replication, by its number, increasing: those of Measures,
        under `configuration/name`.
        """
        return self._store.read()

    # --------------------------------------------------------------------------------------- frames

    def measures(self) -> pd.DataFrame:
        """Every measure of every replication, by scope and cohort; none where it had no case."""
        return _joined(self.frames("measures"))

    def utilisation(self) -> pd.DataFrame:
        """The share of its minutes on duty that each group worked."""
        return _joined(self.frames("utilisation"))

    def backlog(self) -> pd.DataFrame:
        """Open cases of each service, averaged over each week since the scenario's first day."""
        return _joined(self.frames("backlog"))

    def matched(self) -> pd.DataFrame:
        """How many applicants, completed in both configurations of a pair, became faster,
        stayed equal, became slower.
        """
        return _joined(self.frames("matched"))

    def cases(self, configuration: str | None = None) -> pd.DataFrame:
        """The cases of one configuration (of all, without one).

        StoreError where they were not kept.
        """
        return _joined(self.frames("cases", self._known(configuration)))

    def activities(self, configuration: str | None = None) -> pd.DataFrame:
        """The activities of one configuration (of all, without one).

        StoreError where they were not kept.
        """
        return _joined(self.frames("activities", self._known(configuration)))

    def tables(self) -> tuple[str, ...]:
        """The names of all frames that this run has."""
        kept = KEEPS[1 : 1 + KEEPS.index(self.settings.keep)]
        return ("measures", "utilisation", "backlog", "matched", *kept)

    def frames(
        self, table: str, configurations: Sequence[str] | None = None
    ) -> Iterator[pd.DataFrame]:
        """A table piece by piece, one frame per replication:
        what does not fit into memory can still be worked through.
        """
        make = getattr(self, f"_{table}_of")
        blobs = table if table in KEEPS else "measures"
        for number, arrays in self._store.read(blobs):
            yield make(number, arrays, configurations or self.configurations)

    def _measures_of(
        self, number: int, arrays: Arrays, configurations: Sequence[str]
    ) -> pd.DataFrame:
        values = np.stack([arrays[f"{name}/values"].ravel() for name in configurations])
        some = ~np.isnan(values)
        configuration, cell = np.nonzero(some)
        labels = {name: column.take(cell) for name, column in self._labels.items()}
        return _frame(configurations, configuration, number, {**labels, "value": values[some]})

    def _utilisation_of(
        self, number: int, arrays: Arrays, configurations: Sequence[str]
    ) -> pd.DataFrame:
        busy, duty = (
            np.stack([arrays[f"{name}/{each}"] for name in configurations])
            for each in ("busy", "duty")
        )
        configuration, group = np.nonzero((duty > 0) & ~np.isnan(busy))
        value = busy[configuration, group] / duty[configuration, group]
        columns = {"group": _named(group, self.index.groups), "value": value}
        return _frame(configurations, configuration, number, columns)

    def _backlog_of(
        self, number: int, arrays: Arrays, configurations: Sequence[str]
    ) -> pd.DataFrame:
        values = np.stack([arrays[f"{name}/backlog"] for name in configurations])
        configuration, service, week = np.nonzero(~np.isnan(values))
        columns = {
            "service": _named(service, self.index.services),
            "week": week,
            "value": values[configuration, service, week],
        }
        return _frame(configurations, configuration, number, columns)

    def _matched_of(self, number: int, arrays: Arrays, _: Sequence[str]) -> pd.DataFrame:
        import pandas as pd

        frames = []
        for first, second in self._pairs:
            for cohort in self.index.cohorts:
                counts = self._changes(arrays, first, second, cohort)
                columns = {
                    "first": first,
                    "second": second,
                    "replication": number,
                    "cohort": cohort,
                }
                service = _named(np.arange(len(counts)), self.index.services)
                columns |= dict(
                    zip(("service", "faster", "equal", "slower"), (service, *counts.T), strict=True)
                )
                frames.append(pd.DataFrame(columns))
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def _cases_of(self, number: int, arrays: Arrays, configurations: Sequence[str]) -> pd.DataFrame:
        return _joined(self._rows_of(number, arrays, configurations, "cases"))

    def _activities_of(
        self, number: int, arrays: Arrays, configurations: Sequence[str]
    ) -> pd.DataFrame:
        return _joined(self._rows_of(number, arrays, configurations, "activities"))

    def _rows_of(
        self, number: int, arrays: Arrays, configurations: Sequence[str], table: str
    ) -> Iterator[pd.DataFrame]:
        """The rows of each configuration, told in the names that its numbers have in it."""
        about = self.settings.about
        for name in configurations:
            held = {each: arrays.get(f"{name}/{each}", NOTHING) for each in Records._fields[:-1]}
            records = Records(**held, end=np.nan)
            model = Model(None, Names(**about["names"][name]), name, about["start"], ())  # type: ignore[arg-type]
            frame = (cases_frame if table == "cases" else activities_frame)(
                records, model
            ).reset_index()
            frame.insert(
                0,
                "configuration",
                _named(np.full(len(frame), self.configurations.index(name)), self.configurations),
            )
            frame.insert(1, "replication", number)
            yield frame

    @cached_property
    def _labels(self) -> dict[str, Any]:
        import pandas as pd

        return {name: pd.Categorical(column) for name, column in self.index.labels().items()}

    def _known(self, configuration: str | None) -> tuple[str, ...] | None:
        if configuration is not None and configuration not in self.configurations:
            there = ", ".join(self.configurations)
            raise StoreError(
                f"{self.settings.id}: no configuration {configuration!r} in this run; there are "
                f"{there}"
            )
        return None if configuration is None else (configuration,)

    # -------------------------------------------------------------------------------------- results

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        return [(first, second) for first, second in self.settings.about["pairs"]]

    def _changes(self, arrays: Arrays, first: str, second: str, cohort: str) -> NDArray[np.int64]:
        """Applicants [service, 3] of one replication: faster, equal, slower."""
        which, cohorts = self.index.cohort(cohort), len(self.index.cohorts)
        return signs(arrays[f"{first}>{second}/change"], which, cohorts, len(self.index.services))

    def __repr__(self) -> str:
        settings = self.settings
        what = f"{', '.join(self.configurations)} x {self.replications}"
        return (
            f"<Runs {settings.id}: {what}, seed {settings.seed}, engine {settings.engine}, "
            f"{self.folder or 'in memory'}>"
        )


def _named(numbers: NDArray[Any], names: Sequence[str]) -> pd.Categorical:
    """Numbers as the names they stand for; -1 as missing."""
    import pandas as pd

    return pd.Categorical.from_codes(np.asarray(numbers, dtype=np.int64), categories=list(names))


def _frame(
    configurations: Sequence[str], which: NDArray[Any], number: int, columns: dict[str, Any]
) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {"configuration": _named(which, configurations), "replication": number, **columns}
    )


def _joined(frames: Iterator[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    pieces = list(frames)
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame()
