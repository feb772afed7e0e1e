"""Commands on scenario files (check, schema, new, calendar).

Nothing here loads what simulates.
"""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govsim.cli.app import FAILED, FILE, main, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from govsim.evidence.settling import Foreseen
    from govsim.model.offered_load import Pool
    from govsim.scenario import Scenario

SHOWN = 4  # pools of a configuration


@main.command()
@click.argument("file", type=FILE)
@click.option(
    "--show-defaults",
    is_flag=True,
    help="Print every key that the file leaves out, with what holds instead.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Fail where queues cannot settle in after, or in process_only with a process lever.",
)
@click.option(
    "--names", is_flag=True, help="Print what a page in English and Chinese would call by its id."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def check(file: Path, show_defaults: bool, strict: bool, names: bool, as_json: bool) -> None:
    """Find what is wrong with a scenario FILE, without running it.

    Also how much of the hours and seats the work will need, with all numbers as stated: before,
    with the process levers alone, and after.
    """
    from govsim.errors import ScenarioError
    from govsim.evidence.settling import foreseen
    from govsim.organisation.advice import advice
    from govsim.organisation.configure import configurations
    from govsim.organisation.load import load
    from govsim.organisation.names import unnamed
    from govsim.scenario import show_defaults as defaults_of

    try:
        scenario = load(file)
    except ScenarioError as error:
        if not as_json:
            raise
        print_json({"file": str(file), "problems": [vars(problem) for problem in error.problems]})
        raise click.exceptions.Exit(error.exit_code) from None
    left_out = [(where, value) for where, value in defaults_of(scenario)] if show_defaults else []
    nameless = unnamed(scenario) if names else []
    facts = _facts(scenario)
    loads = foreseen(scenario)
    advised = advice(scenario)
    warnings = [warning for load in loads for warning in load.warnings]
    levers = configurations(scenario)
    reforms = [load for load in loads if levers[load.configuration]]  # with no lever on: as before
    broken = strict and not all(load.settles for load in reforms)
    if as_json:
        print_json(
            {
                "file": str(file),
                "problems": [],
                **facts,
                "loads": {
                    load.configuration: [vars(pool) for pool in load.pools] for load in loads
                },
                "warnings": [*map(vars, advised), *map(asdict, warnings)],
                **({"defaults": dict(left_out)} if show_defaults else {}),
                **({"unnamed": nameless} if names else {}),
            }
        )
    else:
        _print_check(
            file,
            facts,
            loads,
            [*(f"{file}:{each}" for each in advised), *(each.said() for each in warnings)],
            left_out,
        )
        for kind, name, languages in nameless:
            click.echo(f"no name: {kind} {name} ({', '.join(languages)})")
    if broken:
        raise click.exceptions.Exit(FAILED)


def _print_check(
    file: Path,
    facts: dict[str, Any],
    loads: Sequence[Foreseen],
    warnings: Sequence[str],
    left_out: Sequence[tuple[str, Any]],
) -> None:
    click.echo(f"{file}: nothing wrong")
    for name, value in facts.items():
        click.echo(f"  {name}: {', '.join(value) if isinstance(value, list) else value}")
    for load in loads:
        shares = [*map(_share, load.pools[:SHOWN])]
        shares += [f"{len(load.pools) - SHOWN} less loaded"] if len(load.pools) > SHOWN else []
        told = ", ".join(shares) or "none"
        click.echo(f"  work against hours and seats, {load.configuration}: {told}")
    for warning in warnings:
        click.echo(f"warning: {warning}")
    for where, value in left_out:
        click.echo(f"{where}: {value}")


def _share(pool: Pool) -> str:
    """Who serves, and how much of what they can do is needed."""
    who = f"{pool.meeting} (seats)" if pool.meeting else _listed(pool.names)
    return f"{who} {'none there' if pool.load is None else f'{100 * pool.load:.0f} %'}"


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN
    return " + ".join(names) if rest <= 0 else f"{' + '.join(names[:SHOWN])} and {rest} more"


def _facts(scenario: Scenario) -> dict[str, Any]:
    from govsim.organisation.configure import configurations, configure, unknowns
    from govsim.organisation.joining import apart, relabelling

    levers = {
        "merger levers that could be had without a merger, as they join nothing of two "
        "departments": list(apart(scenario)),
        "merger levers that change names and belonging only, and by definition earn nothing but "
        "handovers": list(relabelling(scenario.tree)),
    }
    ranges = unknowns(scenario).values()
    before = configure(scenario, "before")
    return {
        "title": scenario.title,
        "hash": scenario.hash,
        "services": len(scenario.tree["services"]),
        "levers": len(scenario.tree.get("reform") or {}),
        "claims": len(scenario.tree.get("claims") or {}),
        "configurations": list(configurations(scenario)),
        "numbers with a range": len(ranges),
        "of these assumptions": sum("assumption" in each.source for each in ranges),
        "days followed after the last counted one": before.horizon - before.count_until,
        **{what: names for what, names in levers.items() if names},
    }


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files.

    Editors complete and check with it while you type: save it as govsim.schema.json; the first line
    of scenarios/kelan.yaml shows how a file names it.
    """
    from govsim.scenario import json_schema

    print_json(json_schema())


@main.command()
@click.argument("name")
def new(name: str) -> None:
    """Write NAME.yaml, a small commented scenario."""
    from govsim.scenario.new import text

    path = Path(name if name.endswith(".yaml") else f"{name}.yaml")
    if path.stem in ("", ".yaml") or not path.name.isprintable():
        raise click.UsageError(f"{name!r} is not a name for a file; write one, as in my_county")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text(path.stem))
    except FileExistsError:
        raise click.UsageError(f"{path}: exists already; choose another name") from None
    except OSError as error:
        raise click.UsageError(
            f"{path}: cannot be written ({error.strerror}); choose another place"
        ) from None
    said = shlex.quote(str(path))
    click.echo(f"{path}\nLook at it, then: govsim check {said}; govsim run {said}")


@main.command()
@click.argument("country")
@click.argument("years", metavar="YEARS")
def calendar(country: str, years: str) -> None:
    """Print holidays and make-up days of YEARS in COUNTRY, to be pasted.

    COUNTRY is china, or a code of ISO 3166 with or without a part, as in us, de or us-ca; these
    need pip install 'govsim[calendars]'. YEARS is one year or a range, as in 2024..2026. The lines
    are closed_days, worked_days and until, indented to stand below the name of a calendar, or of
    holidays that calendars share, in a scenario file.
    """
    from textwrap import indent

    from govsim.scenario.holidays import lines

    first, _, last = years.partition("..")
    if not all(year.isdecimal() and len(year) == 4 for year in (first, last or first)):
        raise click.UsageError(
            f"years: found {years!r}; write one year or a range, as in 2024 or 2024..2026"
        )
    click.echo(indent(lines(country, int(first), int(last or first)).rstrip("\n"), "    "))
