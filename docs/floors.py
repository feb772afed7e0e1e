"""Draws docs/floors.svg, the floors of the code, from the import contracts in pyproject.toml.

    python docs/floors.py        # writes the picture anew

A floor may import from those below it, and what stands beside each other on one floor may not
import each other. A library stands where a contract lets it in. `tests/test_house.py` holds the
picture against the contracts.
"""

from __future__ import annotations

import ast
import tomllib
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "govsim"
PICTURE = ROOT / "docs" / "floors.svg"
WIDTH, HEIGHT, TOP = 1180, 44, 34  # of the picture, of a floor, of the heading
NAME, PURPOSE, LIBRARY = 16, 150, 1000  # where the columns begin


class Floor(NamedTuple):
    """A floor of the house: its modules, what the first of them is for, the libraries let in."""

    modules: tuple[str, ...]
    purpose: str
    libraries: tuple[str, ...]


def contracts() -> list[dict[str, Any]]:
    """The import contracts, as pyproject.toml states them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    stated: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return stated


def floors() -> list[Floor]:
    """The floors from top to bottom."""
    whole = next(each for each in contracts() if each.get("containers") == ["govsim"])
    layers = [tuple(name.strip() for name in layer.split("|")) for layer in whole["layers"]]
    return [Floor(names, "; ".join(map(purpose, names)), libraries(names)) for names in layers]


def purpose(module: str) -> str:
    """The first line of a module, without its full stop."""
    path = PACKAGE / f"{module}.py"
    source = path if path.exists() else PACKAGE / module / "__init__.py"
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return docstring.splitlines()[0].rstrip(".")


def libraries(modules: tuple[str, ...]) -> tuple[str, ...]:
    """The libraries that a fence lets into one of the modules, and nowhere but where it says."""
    allowed = {
        stated.split(" -> ")[1]
        for contract in contracts()
        for stated in contract.get("ignore_imports", ())
        if stated.split(" -> ")[0].split(".")[1] in modules
    }
    return tuple(sorted(allowed))


def svg() -> str:
    """The picture."""
    rows = [*floors()]
    height = TOP + HEIGHT * len(rows) + 12
    font = "font-family='sans-serif' font-size='13'"
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' {font}>",
        f"<rect width='{WIDTH}' height='{height}' fill='white'/>",
        f"<text x='{NAME}' y='22' fill='#555'>A floor may import from those below it</text>",
        f"<text x='{LIBRARY}' y='22' fill='#555'>libraries let in</text>",
    ]
    for number, floor in enumerate(rows):
        y = TOP + HEIGHT * number
        shade = "#eef3f8" if number % 2 else "#dfe8f1"
        lines += [
            f"<rect x='8' y='{y}' width='{WIDTH - 16}' height='{HEIGHT - 4}' fill='{shade}'/>",
            _text(NAME, y + 25, " | ".join(floor.modules), "font-weight='bold'"),
            _text(PURPOSE, y + 25, floor.purpose),
            _text(LIBRARY, y + 25, ", ".join(floor.libraries), "font-style='italic'"),
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _text(x: int, y: int, text: str, more: str = "") -> str:
    return f"<text x='{x}' y='{y}' {more}>{escape(text)}</text>"


if __name__ == "__main__":
    PICTURE.write_text(svg(), encoding="utf-8")
