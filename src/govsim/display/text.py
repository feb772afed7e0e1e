"""Text as a screen shows it: tables of a fixed width, Chinese characters two columns wide.

The rows of an HTML table are here too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape

WIDTH = 100


def width(text: str) -> int:
    """Columns that a text takes on a screen: Chinese characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def cut(text: str, columns: int) -> str:
    """A text that fits into so many columns, with … where something is missing."""
    if width(text) <= columns:
        return text
    kept = ""
    for sign in text:
        if width(kept + sign) >= columns:
            break
        kept += sign
    return kept + "…"


def pad(text: str, columns: int, right: bool = False) -> str:
    """A text filled up with blanks."""
    blank = " " * (columns - width(text))
    return blank + text if right else text + blank


def wrapped(text: str) -> list[str]:
    """A text on lines of at most WIDTH columns, later ones indented."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1].strip() and width(lines[-1]) + 1 + width(word) > WIDTH:
            lines.append("    " + word)
        else:
            lines[-1] += (" " if lines[-1] else "") + word
    return lines


def block(
    title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]
) -> list[str]:
    """A table as lines: a title, the columns' names, and rows that begin with a name."""
    widths = [
        max(map(width, column))
        for column in zip(columns, *(cells for _, cells in rows), strict=True)
    ]
    left = min(WIDTH - sum(widths) - 2 * len(widths), max(width(name) for name, _ in rows))
    lines = ["", *wrapped(title)]
    for name, row in [("", columns), *rows]:
        cells = (pad(cell, wide, right=True) for cell, wide in zip(row, widths, strict=True))
        lines.append("  ".join([pad(cut(name, left), left), *cells]).rstrip())
    return lines


def percentage(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.1f} %"


def html_row(tag: str, cells: Sequence[str]) -> str:
    """A row of an HTML table, its cells escaped."""
    return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def signed(number: float, digits: int) -> str:
    """With its sign, and without one where nothing but zeros is shown."""
    text = f"{number:+.{digits}f}"
    return text if float(text) else text[1:]
