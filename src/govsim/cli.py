"""The command line: arguments in, messages and exit codes out."""

from __future__ import annotations

import click


@click.group()
def main() -> None:
    """Simulate an administration before and after a merger."""
