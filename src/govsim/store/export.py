"""Tidy tables of a run for R, Stata and Excel.

They are written piece by piece so that a run larger than the memory can be exported.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govsim.errors import StoreError
from govsim.measures import MEASURES
from govsim.records import ACTIVITY_COLUMNS, CASE_COLUMNS, INSTANTS
from govsim.store.runs import StoredRuns

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "parquet")

CONFIGURATION = ("configuration", "", "the organisation that was simulated")
REPLICATION = (
    "replication",
    "",
    "number of the replication; the same number is the same luck in every configuration",
)
COHORT = (
    "cohort",
    "",
    (
        "which cases, by the day of filing: counted, all of the counted period; others as in "
        "experiment.cohorts"
    ),
)
HEADLINE = "unit of the headline"  # stands for that of the run
COLUMNS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "summary": (
        ("service", "", "a service, or mix: those of the mix, weighted by their demand before"),
        (
            "statistic",
            "",
            (
                "mean, or p90: nine in ten take no longer; of the cycle time of all who filed and "
                "did not give up"
            ),
        ),
        (
            "quantity",
            "",
            (
                "a configuration; change, from the first to the last; change from NAME, from that "
                "one to the last"
            ),
        ),
        ("value", HEADLINE, "the level or change, over all replications"),
        ("low", HEADLINE, "lower end of its 95 % interval"),
        ("high", HEADLINE, "upper end of its 95 % interval"),
        ("replications", "", "replications that had a case"),
        ("note", "", "why there is no interval, or that nothing varies"),
        ("method", "", "how the interval was computed"),
    ),
    "measures": (
        CONFIGURATION,
        REPLICATION,
        ("measure", "", "what is measured; see the rows of kind measure"),
        ("statistic", "", "which number of it; see the rows of kind statistic"),
        ("unit", "", "unit of the value"),
        (
            "scope",
            "",
            (
                "whose cases: a mix or set of services, a service, or (with --all) "
                "service/attribute/value"
            ),
        ),
        COHORT,
        ("value", "see unit", "the number; where there was no case, there is no row"),
    ),
    "utilisation": (
        CONFIGURATION,
        REPLICATION,
        ("group", "", "the group of staff"),
        ("value", "share", MEASURES["utilisation"].meaning),
    ),
    "backlog": (
        CONFIGURATION,
        REPLICATION,
        ("service", "", "the service"),
        (
            "week",
            "",
            "number of the week, counted from the scenario's start: 0 are its first seven days",
        ),
        ("value", "cases", MEASURES["backlog"].meaning),
    ),
    "matched": (
        ("first", "", "the configuration compared with"),
        ("second", "", "the configuration that is compared"),
        REPLICATION,
        COHORT,
        ("service", "", "the service"),
        (
            "faster",
            "cases",
            (
                "applicants with the same answer in both, granted or refused, whose cycle time is "
                "shorter in the second"
            ),
        ),
        ("equal", "cases", "the same, whose cycle time is exactly as long in both"),
        ("slower", "cases", "the same, whose cycle time is longer in the second"),
    ),
    "cases": (
        CONFIGURATION,
        REPLICATION,
        ("case", "", "the case, numbered from 0 in each replication"),
    ),
    "activities": (
        CONFIGURATION,
        REPLICATION,
        ("activity", "", "the activity, numbered from 0 in each replication"),
    ),
    "names": (
        ("section", "", "what is named: services, desks, groups or departments"),
        ("id", "", "what it is called in the tables"),
        ("en", "", "its English name, where the scenario gives one"),
        ("zh", "", "its Chinese name, where the scenario gives one"),
    ),
    "columns": (
        ("table", "", "the file"),
        ("kind", "", "whether the row explains a column, or a measure or statistic named in one"),
        ("name", "", "what is explained"),
        ("unit", "", "its unit"),
        ("meaning", "", "what it means"),
    ),
}
STATISTICS = {
    "mean": "the mean over cases (tasks); in a mix, services are weighted by their demand before",
    "median": "half take no longer",
    "p90": "nine in ten take no longer",
    "share": "share of the cases that the measure applies to",
    "count": "number of cases (tasks) that the measure applies to",
    **{f"share_at_most_{k}": f"share of the cases with at most {k}" for k in range(4)},
}


def export(
    runs: StoredRuns, summary: pd.DataFrame, folder: Path, form: str, everything: bool = False
) -> dict[Path, int]:
    """Write each table of a run to a file of its own, and tell the rows of each.

    The files are replaced. Measures by value of an attribute, more than half of a large run, are
    left out unless `everything` is asked for. StoreError where the folder or the format does not
    do.
    """
    if form not in FORMATS:
        raise StoreError(f"{form!r} is not one of {', '.join(FORMATS)}")
    writer = _Csv if form == "csv" else _parquet()
    written = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for table in ("summary", *runs.tables()):
            path = folder / f"{table}.{form}"
            frames = [summary] if table == "summary" else _frames(runs, table, everything)
            written[path] = _write(writer(path), frames)
        written[folder / "names.csv"] = _rows(
            folder / "names.csv", "names", _names(runs), "utf-8-sig"
        )
        written[folder / "columns.csv"] = _rows(folder / "columns.csv", "columns", _explained(runs))
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be written to ({error.strerror or error}); choose another folder "
            "with --out"
        ) from None
    return written


def _frames(runs: StoredRuns, table: str, everything: bool) -> Iterator[pd.DataFrame]:
    services = (*runs.index.mixes, *runs.index.services)
    for frame in runs.frames(table):
        yield frame if everything or table != "measures" else frame[frame["scope"].isin(services)]


def _write(file: Any, frames: Iterable[pd.DataFrame]) -> int:
    rows = 0
    try:
        for frame in frames:
            file.write(frame)
            rows += len(frame)
    finally:
        file.close()
    return rows


def _rows(path: Path, table: str, rows: list[tuple[str, ...]], encoding: str = "utf-8") -> int:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(
            [tuple(name for name, _, _ in COLUMNS[table]), *rows]
        )
    return len(rows)


def _names(runs: StoredRuns) -> list[tuple[str, ...]]:
    """What people call each service, desk, group and department that the tables name,
    by language.
    """
    about = runs.settings.about
    said = {"services": about["service_names"], **about.get("said", {})}
    names = about["names"].values()
    ids = {
        key: dict.fromkeys(name for each in names for name in each[key])
        for key in ("services", "desks", "groups")
    }
    ids["departments"] = dict.fromkeys(
        [*said.get("departments", {}), *(d for each in names for d in each["desk_department"])]
    )
    found = (
        (key, name, said.get(key, {}).get(name, {})) for key, every in ids.items() for name in every
    )
    return [(key, name, texts.get("en", ""), texts.get("zh", "")) for key, name, texts in found]


def _explained(runs: StoredRuns) -> list[tuple[str, ...]]:
    """Every column of every table, and every measure and statistic: unit and meaning."""
    tables = ("summary", *runs.tables(), "names", "columns")
    rows: list[tuple[str, ...]]
    rows = [
        (table, "column", *column)
        for table in tables
        for column in (*_columns(runs, table), *_recorded(runs, table))
    ]
    rows += [
        ("measures", "measure", each.name, each.unit, each.meaning) for each in MEASURES.values()
    ]
    rows += [("measures", "statistic", name, "", meaning) for name, meaning in STATISTICS.items()]
    return rows


def _columns(runs: StoredRuns, table: str) -> Iterator[tuple[str, str, str]]:
    """The columns that every run has, with the unit in which this one answers."""
    answered = str(runs.settings.about["headline"]["unit"])
    for name, unit, meaning in COLUMNS[table]:
        yield name, answered if unit == HEADLINE else unit, meaning


def _recorded(runs: StoredRuns, table: str) -> Iterator[tuple[str, str, str]]:
    """The columns of cases and activities: those of the records, then applicants' attributes."""
    recorded = {"cases": CASE_COLUMNS, "activities": ACTIVITY_COLUMNS}.get(table, ())
    for name, _, unit, meaning in recorded:
        yield (
            name,
            "local date and time" if name in INSTANTS else unit,
            meaning.split(" (number in")[0],
        )
    if table == "cases":
        of = (
            name
            for each in runs.settings.about["names"].values()
            for names in each["attributes"]
            for name in names
        )
        taken = {name for name, *_ in CASE_COLUMNS}
        for name in dict.fromkeys(of):
            label = f"attribute_{name}" if name in taken else name
            yield label, "", f"the applicant's {name}; empty for services without this attribute"


class _Csv:
    """UTF-8, a header, every number with all its digits, an empty cell where there is none."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._first = True

    def write(self, frame: pd.DataFrame) -> None:
        frame.to_csv(self._file, index=False, header=self._first, lineterminator="\n")
        self._first = False

    def close(self) -> None:
        self._file.close()


def _parquet() -> Any:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise StoreError(
            "parquet needs pyarrow, which is not installed; pip install 'govsim[parquet]', or use "
            "--csv"
        ) from None

    class Parquet:
        """A row group per replication; names as dictionaries."""

        def __init__(self, path: Path) -> None:
            self._path = path
            self._file: Any = None

        def write(self, frame: pd.DataFrame) -> None:
            table = arrow.Table.from_pandas(frame, preserve_index=False)
            if self._file is None:
                self._file = parquet.ParquetWriter(self._path, table.schema)
            self._file.write_table(table)

        def close(self) -> None:
            if self._file is not None:
                self._file.close()

    return Parquet
