"""Commands on runs (run, resume, show, export).

They run a scenario, go on with a run, show it and hand out its tables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govsim.cli.app import FILE, RUNS, finite, found_run, main, names, tell, warn_on_stderr

if TYPE_CHECKING:
    from govsim.evidence.runs import Runs

COUNTED = "counted"
EXCEL = 1_048_576  # rows of a sheet, one of them the header


def _told(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that prints the table of a run."""
    for option in (
        click.option(
            "--json", "as_json", is_flag=True, help="Print a JSON object instead of the table."
        ),
        click.option(
            "--lang",
            type=click.Choice(["en", "zh"]),
            help="Print names in this language instead of ids.",
        ),
        click.option(
            "--precision",
            default=0.05,
            type=float,
            callback=finite,
            show_default=True,
            help="Tell how many replications an interval of +- so many working days needs.",
        ),
        click.option(
            "--cohort",
            help="Only cases of this cohort, one of experiment.cohorts in the file [default: that "
            "of experiment.headline, else counted].",
        ),
    ):
        command = option(command)
    return command


def _refuse_unknown(cohort: str | None, cohorts: Collection[str]) -> None:
    """Refuse a cohort that is not there, before anything is run for it."""
    from govsim.scenario.problems import did_you_mean

    if cohort is not None and cohort not in (COUNTED, *cohorts):
        raise click.UsageError(
            f"--cohort: there is no {cohort!r}{did_you_mean(cohort, sorted({COUNTED, *cohorts}))}"
        )


def _print_runs(
    runs: Runs, cohort: str | None, precision: float, lang: str | None, as_json: bool
) -> None:
    summary = runs.summary(cohort, precision, lang)
    tell(summary, as_json)


@main.command()
@click.argument("file", type=FILE)
@click.option(
    "-n", "replications", type=int, help="Replications [default: what the file says, else 200]."
)
@click.option(
    "--configurations",
    callback=names,
    help="Which to compare, the last with the first [default: before,after; with levers of "
    "both kinds before,process_only,merger_only,after, and two more where merger levers could be "
    "had without a merger]. A+B-C: the levers of A and B without those of C.",
)
@click.option("--variant", help="A variant of the file, in force in every configuration.")
@click.option("--seed", type=int, help="[default: what the file says, else 1]")
@click.option("--workers", type=int, help="Threads [default: every core].")
@click.option(
    "--engine",
    default="compiled",
    show_default=True,
    help="compiled (fast), or reference (slow, to be read).",
)
@click.option(
    "--keep",
    default="measures",
    show_default=True,
    help="What is stored: measures; cases (every application too); activities (every step too).",
)
@click.option(
    "--out",
    type=FILE,
    default=RUNS,
    show_default=True,
    help="Folder in which the run gets its own.",
)
@_told
def run(
    file: Path,
    replications: int | None,
    configurations: tuple[str, ...] | None,
    variant: str | None,
    seed: int | None,
    workers: int | None,
    engine: str,
    keep: str,
    out: Path,
    **told: Any,
) -> None:
    """Run a scenario FILE, and print what the reform changed."""
    from govsim.organisation.load import load

    scenario = load(file)
    _refuse_unknown(told["cohort"], (scenario.tree.get("experiment") or {}).get("cohorts") or ())
    from govsim.evidence import runs as experiment

    warn_on_stderr()
    runs = experiment.run(
        scenario, replications, configurations, seed, workers, engine, keep, out, variant
    )
    _print_runs(runs, **told)


@main.command()
@click.argument("run", type=FILE)
@click.option(
    "-n",
    "replications",
    type=int,
    help="Go on to so many replications [default: what was asked for].",
)
@click.option("--workers", type=int, help="Threads [default: every core].")
@_told
def resume(run: Path, replications: int | None, workers: int | None, **told: Any) -> None:
    """Do what a RUN still lacks, or extend it.

    RUN is its folder, or its name in runs/.
    """
    from govsim.evidence import runs as experiment
    from govsim.store import Settings
    from govsim.store.runs import refuse_damaged

    folder = found_run(run)
    settings = Settings.read(folder)
    settings.refuse_study(folder)
    refuse_damaged(settings, folder)
    _refuse_unknown(told["cohort"], settings.about["index"]["cohorts"])
    warn_on_stderr()
    _print_runs(experiment.resume(folder, replications, workers), **told)


@main.command()
@click.argument("run", type=FILE)
@click.option(
    "--scenario", "as_run", is_flag=True, help="Print the scenario file as it was run, and no more."
)
@_told
def show(run: Path, as_run: bool, **told: Any) -> None:
    """Print the table of a RUN again.

    RUN is its folder, or its name in runs/.
    """
    from govsim.evidence.runs import Runs

    runs = Runs.open(found_run(run))
    if as_run:
        click.echo(runs.settings.text, nl=False)
        return
    _refuse_unknown(told["cohort"], runs.index.cohorts)
    _print_runs(runs, **told)


@main.command()
@click.argument("run", type=FILE)
@click.option("--csv", "form", flag_value="csv", help="One CSV file per table.")
@click.option("--parquet", "form", flag_value="parquet", help="One Parquet file per table.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Measures also by value of each attribute: several times the rows.",
)
@click.option(
    "--out", type=FILE, help="Folder to write to [default: csv or parquet inside the run's]."
)
def export(run: Path, form: str | None, out: Path | None, everything: bool) -> None:
    """Write the tables of a RUN for R, Stata or Excel.

    RUN is its folder, or its name in runs/. One row per number, UTF-8. summary holds what the
    screen shows, measures every measure of every replication, names.csv what services, desks,
    groups and departments are called, columns.csv what every column and measure means.

    names.csv begins with a byte-order mark, without which Excel garbles Chinese; in R, read it with
    fileEncoding="UTF-8-BOM". The other files have none.
    """
    if form is None:
        raise click.UsageError("which format? add --csv or --parquet")
    from govsim.evidence.runs import Runs
    from govsim.store.export import export as write

    folder = found_run(run)
    runs = Runs.open(folder)
    written = write(runs, runs.to_frame(), out or folder / form, form, everything)
    for path, rows in written.items():
        click.echo(f"{path}  {rows:,} rows{' (more than Excel opens)' if rows >= EXCEL else ''}")
