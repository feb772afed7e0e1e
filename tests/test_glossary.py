"""The glossary has one word per thing, and every thing is in it.

Every key of a scenario file, column, measure and public name.
"""

from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest

import govsim as gs
from govsim import records
from govsim.measures.catalogue import CATALOGUE
from govsim.scenario import json_schema

GLOSSARY = pathlib.Path(__file__).parent.parent / "GLOSSARY.md"
WORDS = set(re.findall(r"`([^`]+)`", GLOSSARY.read_text(encoding="utf-8")))


def keys_of(schema: Any) -> set[str]:
    """All property names of a JSON schema, at any depth."""
    if isinstance(schema, list):
        return set().union(*map(keys_of, schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {}))
    return own | set().union(*map(keys_of, schema.values()))


def test_every_key_of_the_scenario_file_is_in_the_glossary() -> None:
    assert keys_of(json_schema()) - {"$schema"} - WORDS == set()


@pytest.mark.parametrize(
    "columns", [records.CASE_COLUMNS, records.ACTIVITY_COLUMNS, records.DUTY_COLUMNS]
)
def test_every_column_is_in_the_glossary(columns: tuple[tuple[str, str, str, str], ...]) -> None:
    assert {name for name, *_ in columns} - WORDS == set()


def test_every_measure_is_in_the_glossary() -> None:
    assert {measure.name for measure in CATALOGUE} - WORDS == set()


def test_every_public_name_is_in_the_glossary() -> None:
    assert set(gs.__all__) - WORDS == set()


def test_every_word_stands_once_as_the_name_of_a_row() -> None:
    rows = [
        line.split("|")[1].strip()
        for line in GLOSSARY.read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    first = [row for row in rows if row not in ("term", "name", "---")]
    assert len(first) == len(set(first))
