"""Runs, the handle by which people read a run: tidy frames, one screen, one picture."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats
from govsim.errors import A_PATH, StoreError, needed
from govsim.measures import MeasureIndex, distribution, merge, shares
from govsim.measures.catalogue import MIX
from govsim.measures.sketch import signs
from govsim.model.arrays import Model, Names
from govsim.records import Records, activities_frame, cases_frame
from govsim.statistics.estimate import Estimate, still_needed
from govsim.statistics.mean import of_mean
from govsim.store.rows import DAMAGED, KEEPS, Settings, Store
from govsim.store.summary import Load, Matched, Summary, summary_lines, ways

if TYPE_CHECKING:
    import pandas as pd

    from govsim.display.figures import Axes

Arrays = dict[str, NDArray[Any]]

COUNTED = "counted"
NOTHING: NDArray[Any] = np.empty(0)
NEEDED = {  # of what run.json tells about a run, by its readers
    "services": list, "service_names": dict, "pairs": list, "posts": dict,
    "unsettled": dict, "numbers": int, "assumptions": int, "start": str,
}  # fmt: skip
PRECISION = 0.05  # working days
# what became of them, in the order it is told
CASES = ("counted", "completed", "rejected", "withdrawn", "open")


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


class Runs:
    """Replications of some configurations, read back. Made by `run`, `resume` and `Runs.open`.

    Frames are tidy: one row per number, case or activity, with the configuration and the
    replication it belongs to. Instants are local dates and times to the millisecond.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.settings: Settings = store.settings
        self.configurations = store.settings.configurations

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Runs:
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

    def summary(
        self, cohort: str = COUNTED, precision: float = PRECISION, lang: str | None = None
    ) -> Summary:
        """The screen of `govsim show`.

        Cycle times, their change with intervals, who loses, what is assumed. `precision` is the
        half-width, in working days, for which the replications still needed are told; with `lang`,
        services are told by their names in that language where the scenario has them.
        """
        services = (MIX, *self.settings.about["services"])
        place = self.index.place
        at = np.array(
            [
                [place("cycle_time_working", what, each, cohort) for each in services]
                for what in ("mean", "p90")
            ]
        )
        first, last = self.configurations[0], self.configurations[-1]
        weights = np.array(self.index.weights_of(MIX))
        values, faster_equal_slower, applicants, loads = [], [], [], []
        for _, arrays in self._store.read():
            every = np.stack([arrays[f"{name}/values"] for name in self.configurations])
            values.append(every[:, at[..., 0], at[..., 1], at[..., 2]])
            loads.append(self._load(arrays, cohort))
            if first != last:
                counts = self._changes(arrays, first, last, cohort)
                faster_equal_slower.append(shares(counts, weights) or (np.nan,) * 3)
                applicants.append(counts[weights > 0].sum())
        found = (
            np.array(values)
            .reshape(-1, len(self.configurations), *at.shape[:2])
            .transpose(2, 1, 0, 3)
        )
        mix = found[0, -1, :, 0] - (found[0, 0, :, 0] if first != last else 0.0)
        about, settings = self.settings.about, self.settings
        way, other = ways(self.configurations)
        return Summary(
            run=settings.id,
            where=str(self.folder) if self.folder is not None else "in memory only",
            seed=settings.seed,
            engine=settings.engine,
            configurations=self.configurations,
            replications=found.shape[2],
            cohort="all counted cases" if cohort == COUNTED else cohort,
            lines=summary_lines({"mean": found[0], "p90": found[1]}, services),
            matched=_matched(np.array(faster_equal_slower), applicants) if applicants else None,
            posts=about["posts"],
            numbers=about["numbers"],
            assumptions=about["assumptions"],
            precision=precision,
            still_needed=still_needed(mix, precision),
            steps=_steps(found[0, :, :, 0], way),
            other_steps=_steps(found[0, :, :, 0], other),
            names={
                name: said[lang] for name, said in about["service_names"].items() if lang in said
            },
            day=about.get("day"),
            variant=self.settings.variant,
            unsettled={name: tuple(who) for name, who in about["unsettled"].items() if who},
            loads=self._loads(np.array(loads)) if loads else {},
        )

    def _load(self, arrays: Arrays, cohort: str) -> NDArray[np.float64]:
        """Of one replication [configuration, outcome and group]: cases by outcome,
        and the share of its duty a group worked.
        """
        rows = [self.index.place(outcome, "count", MIX, cohort)[0] for outcome in CASES]
        scopes = [self.index.scope(service) for service in self.settings.about["services"]]
        at = np.ix_(rows, scopes, [self.index.cohort(cohort)])
        loads = []
        for name in self.configurations:
            busy, duty = arrays[f"{name}/busy"], arrays[f"{name}/duty"]
            share = np.divide(busy, duty, out=np.full(len(duty), np.nan), where=duty > 0)
            loads.append([*arrays[f"{name}/values"][at].sum(axis=(1, 2)), *share])
        return np.array(loads)

    def _loads(self, found: NDArray[np.float64]) -> dict[str, Load]:
        """The mean over replications; groups that were never on duty are left out."""
        known = ~np.isnan(found)
        number = known.sum(axis=0)
        mean = np.where(known, found, 0.0).sum(axis=0) / np.maximum(number, 1)
        loads = {}
        for name, values, some in zip(self.configurations, mean, number, strict=True):
            groups = zip(self.index.groups, values[len(CASES) :], some[len(CASES) :], strict=True)
            cases = dict(zip(CASES, values.tolist(), strict=False))
            loads[name] = Load(
                cases, {group: float(share) for group, share, often in groups if often}
            )
        return loads

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
        pooled: dict[str, list[NDArray[np.int64]]] = {name: [] for name in chosen}
        for _, arrays in self._store.read():
            for name in chosen:
                pooled[name].append(arrays[f"{name}/cycle_time_working"])
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
            {name: curve for name, curve in curves.items() if curve is not None}, ax
        )

    def to_frame(self) -> pd.DataFrame:
        """The numbers of the screen: one row per service, statistic and quantity.

        A row has its interval.
        """
        return self.summary().to_frame()

    def __repr__(self) -> str:
        settings = self.settings
        what = f"{', '.join(self.configurations)} x {self.replications}"
        return (
            f"<Runs {settings.id}: {what}, seed {settings.seed}, engine {settings.engine}, "
            f"{self.folder or 'in memory'}>"
        )

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def _steps(means: Floats, way: Sequence[int]) -> tuple[Estimate, ...]:
    """The changes of a mean [configuration, R] from each configuration of a way to the next."""
    return tuple(of_mean(means[later] - means[sooner]) for sooner, later in pairwise(way))


def _matched(faster_equal_slower: NDArray[np.float64], applicants: Sequence[int]) -> Matched:
    faster, equal, slower = (of_mean(faster_equal_slower[:, k]) for k in range(3))
    return Matched(slower, equal, faster, float(np.mean(applicants)))


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
