"""What the file says: its text, its schema, and the Scenario that is read from it.

A policy researcher writes one text; everything that can be wrong with it is told at once, in its
own words and lines, before anything is simulated. Nothing in the text is executed.
"""

from __future__ import annotations

from typing import Any

from govsim.scenario.scenario import Scenario

__all__ = ["Scenario", "json_schema", "show_defaults"]


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for editors."""
    from govsim.scenario import schema

    return schema.json_schema()


def show_defaults(scenario: Scenario) -> list[tuple[str, Any]]:
    """Every key that the file leaves out, by path, with what holds instead."""
    from govsim.scenario import schema

    return schema.defaults(scenario.tree)
