"""Tidy tables for R, Stata and Excel, written piece by piece so that a run larger than the memory can be exported."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govsim.measures import MEASURES
from govsim.records import ACTIVITY_COLUMNS, CASE_COLUMNS, INSTANTS
from govsim.store.rows import StoreError
from govsim.store.runs import Runs

if TYPE_CHECKING:
    import pandas as pd

FORMATS = ("csv", "parquet")


def export(runs: Runs, folder: Path, form: str) -> list[Path]:
    """Write each table of a run to a file of its own; the files are replaced. StoreError where that is not possible."""
    if form not in FORMATS:
        raise StoreError(f"{form!r} is not one of {', '.join(FORMATS)}")
    writer = _Csv if form == "csv" else _parquet()
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for table in runs.tables():
            path = folder / f"{table}.{form}"
            file = writer(path)
            try:
                for frame in runs.frames(table):
                    file.write(frame)
            finally:
                file.close()
            written.append(path)
        written.append(_dictionary(folder / "columns.csv", runs.tables()))
    except OSError as error:
        raise StoreError(
            f"{folder}: cannot be written to ({error.strerror or error}); choose another folder with --out"
        ) from None
    return written


def _dictionary(path: Path, tables: Sequence[str]) -> Path:
    """What each column of cases and activities, and each measure, means, and in what unit."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("table", "column or measure", "unit", "meaning"))
        for table, columns in (("cases", CASE_COLUMNS), ("activities", ACTIVITY_COLUMNS)):
            if table in tables:
                rows.writerows((table, name, "date" if name in INSTANTS else unit, said) for name, _, unit, said in columns)
        rows.writerows(("measures", each.name, each.unit, each.meaning) for each in MEASURES.values())
    return path


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
        raise StoreError("parquet needs pyarrow, which is not installed; pip install 'govsim[parquet]', or use --csv") from None

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
