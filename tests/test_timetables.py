"""Timetables worked out by hand from the rules, never from an engine: the third oracle.

Each file of tests/timetables tells a story, builds its organisation (all efforts constant, all
arrivals recorded) and states what must come out as text tables: columns two spaces apart, instants
as "Mon 08:30" or "w2 Mon 08:30" (second week) or "never", durations in minutes, "-" for none. Only
the columns shown are compared, but all of their rows.
"""

from __future__ import annotations

import re
import runpy
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from govsim import records
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.records import Records

FILES = sorted(Path(__file__).with_name("timetables").glob("*.py"))
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def told(value: str) -> Any:
    """An instant in minutes, a number, None for "-", infinity for "never", else the word itself."""
    instant = re.fullmatch(r"(?:w(\d) )?(\w{3}) (\d\d):(\d\d)(?::(\d\d))?", value)
    if instant:
        week, weekday, hour, minute, second = instant.groups()
        day = 7 * (int(week or 1) - 1) + WEEKDAYS.index(weekday)
        return 1440.0 * day + 60 * int(hour) + int(minute) + int(second or 0) / 60
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    return {"-": None, "never": np.inf}.get(value, value)


def table(text: str) -> list[dict[str, Any]]:
    """Rows of a text table."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.strip().splitlines()]
    return [dict(zip(lines[0], map(told, line), strict=True)) for line in lines[1:]]


def in_words(model: Model, column: str, value: Any) -> Any:
    """A cell of the records as the timetables write it."""
    names = model.names
    words: dict[str, tuple[str, ...]] = {
        "service": names.services,
        "step": tuple(step.split("/")[1] for step in names.steps),
        "desk": names.desks,
        "member": names.members,
        "kind": records.KINDS,
        "variant": records.VARIANTS,
        "outcome": records.OUTCOMES,
    }
    if column in words:
        return words[column][value] if value >= 0 else None
    return None if np.isnan(value) else float(value)


def found(model: Model, rows: Any, columns: list[str]) -> list[dict[str, Any]]:
    """The records' cells in the columns that a timetable shows."""
    numbered = [
        {"case": float(k)} if "case" not in rows.dtype.names else {} for k in range(len(rows))
    ]
    for row, cells in zip(rows, numbered, strict=True):
        cells.update({c: in_words(model, c, row[c]) for c in columns if c in rows.dtype.names})
    return [{c: cells[c] for c in columns} for cells in numbered]


def on_duty(model: Model, result: Records) -> list[dict[str, Any]]:
    """Weeks in which a member was on duty at all."""
    rows = [
        {
            "member": in_words(model, "member", r["member"]),
            "week": r["week"] + 1.0,
            "minutes": r["minutes"],
        }
        for r in result.duty
    ]
    return [row for row in rows if row["minutes"] > 0]


@pytest.mark.plain
@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_engine_keeps_the_timetable(file: Path, engine: str) -> None:
    story = runpy.run_path(str(file))
    model = compile_model(story["organisation"]())
    result = import_module(f"govsim.engine.{engine}").run(model.arrays, 1, 0)
    for rows, expected in (
        (result.activities, table(story["ACTIVITIES"])),
        (result.cases, table(story["CASES"])),
    ):
        assert found(model, rows, list(expected[0])) == expected
    if "DUTY" in story:
        assert on_duty(model, result) == table(story["DUTY"])
    ended = result.cases[result.cases["outcome"] > 0]
    parts = sum(ended[f"part_{part}"] for part in records.PARTS)
    assert (parts == ended["ended"] - ended["filed"]).all()


def test_there_are_at_least_a_dozen_timetables_and_each_tells_its_story() -> None:
    stories = [runpy.run_path(str(file)) for file in FILES]
    assert len(stories) >= 12
    assert all(len(story["__doc__"].split()) > 30 for story in stories)
