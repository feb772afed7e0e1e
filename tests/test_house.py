"""The house: no import in a circle, few rooms on a floor, and a first line that says what for."""

from __future__ import annotations

import ast
import importlib.util
import pathlib
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

ROOT = pathlib.Path(__file__).parent.parent
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "govsim"
# evidence: the handle, the screen, claims and four studies; they share the other thirteen
MOST_ROOMS = {"evidence": 20, "scenario": 20, "report": 17}


def name_of(path: pathlib.Path) -> str:
    """A module's name: of a package's `__init__`, the package's."""
    name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    return name.removesuffix(".__init__")


def modules() -> dict[str, ast.Module]:
    """Every module of the package, parsed."""
    paths = PACKAGE.rglob("*.py")
    return {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def imported(tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Modules of the package that a module imports, wherever and for whatever the line stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in known:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                yield module if module in known else node.module


def circles(edges: dict[str, set[str]]) -> list[str]:
    """Modules that reach themselves over what they import."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        open_ = [*edges[start]]
        while open_:
            module = open_.pop()
            if module not in seen:
                seen.add(module)
                open_ += edges[module]
        return seen

    return [module for module in edges if module in reached(module)]


def test_no_module_reaches_itself_over_what_it_imports() -> None:
    trees = modules()
    known = {*trees}
    edges = {name: {*imported(tree, known)} - {name} for name, tree in trees.items()}
    assert sum(map(len, edges.values())) > 400
    assert circles(edges) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]


@pytest.mark.parametrize(("floor", "most"), MOST_ROOMS.items())
def test_a_floor_has_few_rooms(floor: str, most: int) -> None:
    rooms = {
        path.stem
        for path in (PACKAGE / floor).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert len(rooms - {"__init__"}) <= most


def test_the_first_line_of_every_file_is_a_sentence_that_says_what_it_is_for() -> None:
    trees = modules()
    first = {
        name: (ast.get_docstring(tree) or "").partition("\n")[0] for name, tree in trees.items()
    }
    assert [name for name, line in first.items() if not line.endswith((".", "?"))] == []
    assert len(set(first.values())) == len(first)


def drawing() -> ModuleType:
    """docs/floors.py as a module."""
    spec = importlib.util.spec_from_file_location("floors", ROOT / "docs" / "floors.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_of_the_floors_is_that_of_the_contracts() -> None:
    floors = drawing()
    assert floors.PICTURE.read_text(encoding="utf-8") == floors.svg()


def test_the_why_page_cites_nothing_outside_the_repository() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    assert not re.search(r"founders|\.\./shared|evidence page|model page|architecture page", text)
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (ROOT / "docs" / target).exists(), target
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.M)
    }
    assert {*re.findall(r"\]\(#([^)]+)", text)} <= headings
