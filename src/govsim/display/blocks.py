"""The blocks that a section of the report is made of: texts, tables, figures, routes.

The template knows how to write each of these, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    """A paragraph; `kind` is plain, lead, note or warning."""

    text: str
    kind: str = "plain"
    name = "text"


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str
    name = "heading"


@dataclass(frozen=True)
class Points:
    """A list."""

    items: Sequence[str]
    name = "points"


@dataclass(frozen=True)
class Cell:
    """A cell of a table: what it says, smaller words below (an interval, an id), a mark: good, bad
    or weak; and what qualifies it.
    """

    text: str
    small: str = ""
    mark: str = ""
    number: bool = True
    warnings: tuple[str, ...] = ()


Rows = list[list[str | Cell]]


@dataclass(frozen=True)
class Table:
    """A table: the first cell of each row is its header.

    Plain strings are words, `Cell` is a number unless it says not.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    name = "table"

    @property
    def wordy(self) -> bool:
        """Whether several columns hold words: on a narrow screen each row then becomes a card."""
        first = self.rows[0][1:] if self.rows else ()
        return sum(isinstance(each, str) or not each.number for each in first) > 1


@dataclass(frozen=True)
class Figure:
    """A picture with its caption and the table that says the same.

    The picture is an `<svg>` that this package made.
    """

    svg: str
    caption: str
    table: Table
    folded: bool = False  # whether the table is folded away
    name = "figure"


@dataclass(frozen=True)
class Fold:
    """Blocks folded away below a line that says what they are."""

    summary: str
    blocks: Sequence[Block]
    name = "fold"


@dataclass(frozen=True)
class Routes:
    """Process maps beside each other: a caption, the maps, and a table of the steps.

    A map is (configuration, steps as the template draws them).
    """

    caption: str
    sides: Sequence[tuple[str, Sequence[Mapping[str, Any]]]]
    table: Table
    name = "routes"


@dataclass(frozen=True)
class Missing:
    """A study that was not made, and the commands that make it."""

    text: str
    commands: Sequence[str]
    name = "missing"


Block = Text | Heading | Points | Table | Figure | Fold | Routes | Missing


@dataclass(frozen=True)
class Section:
    """One of the eleven sections."""

    number: int
    title: str
    blocks: Sequence[Block]
