"""A scenario file: what it says, whether it can be used, and the organisations that it describes.

A policy researcher writes one text; everything that can be wrong with it is told at once, in its
own words and lines, before anything is simulated. Nothing in the text is executed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from govsim.scenario.problems import Path, Problem, ScenarioError

__all__ = ["Problem", "Scenario", "ScenarioError", "json_schema", "load", "show_defaults"]


@dataclass(frozen=True)
class Scenario:
    """Exactly what a file says, with fragments put in; to be read, never changed.

    `hash` is of the meaning, `claims_hash` of the claims (see docs/scenario.md);
    `lines` has the line of every path.
    """

    path: str
    text: str = field(repr=False)
    tree: Mapping[str, Any] = field(repr=False)
    lines: Mapping[Path, int] = field(repr=False)
    hash: str
    claims_hash: str = field(repr=False)
    title: str

    @property
    def folder(self) -> File:
        """Where the file is: other files are named from here."""
        return File(self.path).resolve().parent


def load(path: str | File, text: str | None = None) -> Scenario:
    """The scenario in a file, or in `text` as if it stood in that file;
    ScenarioError with all its problems.
    """
    from govsim.scenario import meaning
    from govsim.scenario import text as texts
    from govsim.scenario.configure import check
    from govsim.scenario.expand import expand
    from govsim.scenario.schema import validate

    document = texts.read(path) if text is None else texts.parse(text, str(path))
    expanded = expand(document)
    folder = File(path).resolve().parent
    problems = [
        *expanded.problems,
        *validate(expanded.tree, expanded.lines, folder, expanded.origins),
    ]
    if problems:
        raise ScenarioError(path, texts.with_hints(document.text, problems))
    scenario = Scenario(
        path=str(path),
        text=document.text,
        tree=expanded.tree,
        lines=expanded.lines,
        hash=meaning.hash_of(expanded.tree, folder),
        claims_hash=meaning.claims_hash_of(expanded.tree),
        title=_plain(expanded.tree["title"]),
    )
    problems = check(scenario)
    if problems:
        raise ScenarioError(path, problems)
    return scenario


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for editors."""
    from govsim.scenario import schema

    return schema.json_schema()


def show_defaults(scenario: Scenario) -> list[tuple[str, Any]]:
    """Every key that the file leaves out, by path, with what holds instead."""
    from govsim.scenario import schema

    return schema.defaults(scenario.tree)


def _plain(text: Any) -> str:
    return (
        str(text.get("en") or next(iter(text.values()))) if isinstance(text, Mapping) else str(text)
    )
