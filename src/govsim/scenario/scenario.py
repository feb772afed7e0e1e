"""The Scenario: exactly what a file says; frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from govsim.scenario.problems import Path


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
