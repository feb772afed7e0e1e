"""Every input with its value, range, unit and source (section 9)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from govsim.display.blocks import Block, Cell, Fold, Rows, Table, Text
from govsim.display.words import Words
from govsim.report.material import Material
from govsim.scenario import show_defaults
from govsim.scenario.problems import step_name
from govsim.scenario.units import UnitError, parse

SECTIONS = (
    "parameters",
    "calendars",
    "profiles",
    "meetings",
    "desks",
    "roles",
    "staff",
    "attributes",
    "services",
    "learning",
    "reform",
    "variants",
    "experiment",
)
OPEN = "parameters"
NO_NUMBERS = {
    "name",
    "about",
    "quote",
    "source",
    "range",
    "closed_days",
    "worked_days",
    "week",
    "dates",
    "from_day",
    "at",
    "leaves",
}
NUMBER = re.compile(r"[0-9.]+(?:[eE][-+]?[0-9]+)?")
NOTE = re.compile(r"^# (\[\d+\]) (.+(?:\n#     .+)*)", re.MULTILINE)
DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Input:
    """A number of the file: where it stands, and what is said of it."""

    path: str
    value: str
    low: str
    high: str
    unit: str
    source: str
    about: Any = ""  # for people
    shape: str = ""  # of the range, where it is not drawn uniformly

    @property
    def assumed(self) -> bool:
        """Whether it is marked as an assumption."""
        return "assumption" in self.source


def inputs(material: Material, words: Words) -> list[Block]:
    """The section's blocks."""
    if material.scenario is None:
        return [Text(words("no_scenario", why=material.trouble), "warning")]
    found = {
        section: list(stated(material.tree.get(section), (section,)))
        for section in SECTIONS
        if section in material.tree
    }
    every = [each for group in found.values() for each in group]
    left_out = [(where, value) for where, value in show_defaults(material.scenario)]
    blocks: list[Block] = [
        Text(
            words(
                "inputs_intro",
                all=len(every),
                ranged=sum(bool(each.low) for each in every),
                assumed=sum(each.assumed for each in every),
                unsourced=sum(not each.source for each in every),
                defaults=len(left_out),
            )
        )
    ]
    for section, group in found.items():
        if group:
            table = Table(
                words("inputs_table", section=section),
                _head(words),
                [_row(each, section, words) for each in group],
            )
            blocks.append(
                table
                if section == OPEN
                else Fold(words("inputs_of", section=section, number=len(group)), [table])
            )
    notes: Rows = [
        [number, Cell(text.replace("\n#    ", ""), number=False)]
        for number, text in NOTE.findall(material.settings.text)
    ]
    if notes:
        told = words("sources_of", number=len(notes))
        blocks.append(Fold(told, [Table(told, [words("key"), words("source")], notes)]))
    rows: Rows = [[where, Cell(str(value), number=False)] for where, value in left_out]
    table = Table(words("defaults_table"), [words("key"), words("value")], rows)
    return [*blocks, Fold(words("defaults_of", number=len(rows)), [table])] if rows else blocks


def _head(words: Words) -> list[str]:
    return [words(each) for each in ("input", "value", "range_of", "unit", "source")]


def _row(each: Input, section: str, words: Words) -> list[str | Cell]:
    assumed = each.assumed and (each.source == "assumption" or words.lang != "en")
    told = (
        words("no_source")
        if not each.source
        else words("assumption")
        if each.source == "assumption"
        else each.source
    )
    small = words("assumption") if assumed and each.source != "assumption" else ""
    source = Cell(told, small, "" if each.source and not each.assumed else "weak", number=False)
    reach = words("range", low=each.low, high=each.high) if each.low else "–"
    drawn = words(f"drawn_{each.shape}") if each.shape else ""
    name = Cell(each.path.removeprefix(f"{section}."), words.text(each.about), number=False)
    return [
        name,
        Cell(each.value),
        Cell(reach, drawn),
        Cell(each.unit or "–", number=False),
        source,
    ]


def stated(node: Any, path: tuple[str, ...]) -> Iterator[Input]:
    """All numbers below a part of the file."""
    if isinstance(node, Mapping):
        if "value" in node and not isinstance(node["value"], Mapping):
            yield from _with_source(node, path)
            return
        for key, part in node.items():
            if key not in NO_NUMBERS:
                yield from stated(part, (*path, str(key)))
    elif isinstance(node, list):
        for k, part in enumerate(node):
            yield from stated(
                part,
                (*path[:2], step_name(part) or str(k + 1))
                if path[0] == "services" and isinstance(part, Mapping)
                else (*path, str(k + 1)),
            )
    else:
        number = _number(node)
        if number:
            yield Input(".".join(path), number[0], "", "", number[1], "")


def _with_source(node: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Input]:
    number = _number(node["value"])
    ends = [str(end) for end in node.get("range") or ("", "")]
    value, unit = number or (str(node["value"]), "")
    shape = "" if node.get("shape") == "uniform" else str(node.get("shape", ""))
    yield Input(
        ".".join(path),
        value,
        ends[0],
        ends[1],
        unit,
        str(node.get("source", "")),
        node.get("about", ""),
        shape,
    )


def _number(node: Any) -> tuple[str, str] | None:
    """A number as it is written, and its unit; None where it is none."""
    if isinstance(node, bool) or not isinstance(node, int | float | str):
        return None
    return _parsed(node)


@lru_cache(maxsize=4096)
def _parsed(node: float | str) -> tuple[str, str] | None:
    if isinstance(node, str) and (DATE.match(node) or not node[:1].isdigit()):
        return None
    try:
        unit = parse(node).written
    except UnitError:
        return None
    text = str(node)
    return (NUMBER.match(text) or [text])[0] if unit else text, unit
