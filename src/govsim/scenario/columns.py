"""Columns of the CSV files that a scenario names, found and read.

The files lie beside the scenario file or below it, never elsewhere.
"""

from __future__ import annotations

import csv
from pathlib import Path as File

from govsim.scenario.problems import did_you_mean
from govsim.scenario.units import UnitError

LARGEST = 50_000_000  # bytes


def locate(folder: File, name: object) -> File:
    """The file `name` in `folder`.

    UnitError where it leaves the folder, is missing or too large.
    """
    if not isinstance(name, str) or not name:
        raise UnitError("the name of a CSV file is needed here")
    home = folder.resolve()
    try:
        path = (home / name).resolve()
        there, size = path.is_file(), path.stat().st_size if path.is_file() else 0
    except OSError as error:
        raise UnitError(f"'{name}' cannot be read: {error.strerror}") from None
    if File(name).is_absolute() or not path.is_relative_to(home):
        raise UnitError(f"'{name}' leaves the folder of the scenario file")
    if not there:
        raise UnitError(f"no file '{name}' beside the scenario file")
    if size > LARGEST:
        raise UnitError(f"'{name}' has more than {LARGEST // 1_000_000} MB")
    return path


def read_column(folder: File, name: object, column: object) -> list[str]:
    """The cells of one column, in order, without the empty ones; UnitError where there are none."""
    path = locate(folder, name)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            if column not in (rows.fieldnames or ()):
                raise UnitError(
                    f"'{name}' has no column "
                    f"'{column}'{did_you_mean(column, list(rows.fieldnames or ()))}"
                )
            if list(rows.fieldnames or ()).count(str(column)) > 1:
                raise UnitError(f"'{name}' has two columns '{column}'; rename one of them")
            cells = [(row[str(column)] or "").strip() for row in rows]
    except OSError as error:
        raise UnitError(f"'{name}' cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnitError(f"'{name}' is not UTF-8") from None
    except csv.Error as error:
        raise UnitError(f"'{name}' cannot be read as CSV: {error}") from None
    cells = [cell for cell in cells if cell]
    if not cells:
        raise UnitError(f"column '{column}' of '{name}' is empty")
    return cells
