"""The command line: arguments in, results on stdout, messages on stderr, exit codes out.

Exit codes: 0 done; 1 ran, but a check failed; 2 wrong usage or a bad scenario, nothing was run; 3 interrupted, can be
resumed; 70 our own bug. Every heavy import happens inside the command that needs it.
"""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from govsim.scenario import Scenario
    from govsim.store import Runs

FAILED, WRONG, INTERRUPTED, BUG = 1, 2, 3, 70
FILE = click.Path(path_type=Path)
RUNS = Path("runs")
COUNTED = "counted"
EXCEL = 1_048_576  # rows of a sheet, one of them the header


class Commands(click.Group):
    """A group whose errors become one message and an exit code, and a traceback only with --debug."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Every command takes --debug, also at its end, where people add it."""
        cmd.params.append(click.Option(["--debug"], is_flag=True, expose_value=False, callback=_debug, help="Show tracebacks."))
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; see the module for the exit codes."""
        _printable()
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:  # whoever read us has seen enough, as `| head` has: no failure
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit()
        except KeyboardInterrupt as stop:
            _leave(ctx, str(stop) or "interrupted", INTERRUPTED, stop)
        except OSError as error:  # what files and folders have against it is told where it is known; the rest, here
            place = f"{error.filename}: " if error.filename else ""
            _leave(ctx, f"{place}{error.strerror or error}; is there room, and may you write there?", WRONG, error)
        except Exception as error:
            if _expected(error):
                _leave(ctx, str(error), WRONG, error)
            _leave(ctx, f"a bug in govsim: {type(error).__name__}: {error}\nPlease report it; --debug shows where.", BUG, error)


def _expected(error: Exception) -> bool:
    """Whether the error is about what the user gave, in words meant for them."""
    from govsim.scenario import ScenarioError
    from govsim.scenario.calendar_china import NoNotice

    if isinstance(error, ScenarioError | NoNotice):
        return True
    from govsim.store import RunError, StoreError

    return isinstance(error, RunError | StoreError)


def _printable() -> None:
    """Print what a terminal has no characters for as escapes, rather than stop in the middle of a table."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _debug(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        ctx.find_root().meta["debug"] = True


def _leave(ctx: click.Context, message: str, code: int, error: BaseException) -> None:
    if ctx.find_root().meta.get("debug"):
        raise error
    click.echo(message, err=True)
    ctx.exit(code)


def _finite(_: click.Context, __: click.Parameter, value: float) -> float:
    if not 1e-6 <= value <= 1e6:  # not a number is neither
        raise click.BadParameter(f"{value:g} is not in the range 0.000001 to 1000000")
    return value


def _names(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _print_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="govsim")
def main() -> None:
    """Simulate an administration before and after a merger, and measure what the merger changed."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the matrices are small: threads cost more than they give


# --------------------------------------------------------------------------------------------- scenario files


@main.command()
@click.argument("file", type=FILE)
@click.option("--show-defaults", is_flag=True, help="Print every key that the file leaves out, with what holds instead.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def check(file: Path, show_defaults: bool, as_json: bool) -> None:
    """Find what is wrong with a scenario FILE, without running it."""
    from govsim.scenario import ScenarioError, load
    from govsim.scenario import show_defaults as defaults_of

    try:
        scenario = load(file)
    except ScenarioError as error:
        if not as_json:
            raise
        _print_json({"file": str(file), "problems": [vars(problem) for problem in error.problems]})
        raise click.exceptions.Exit(WRONG) from None
    left_out = [(where, value) for where, value in defaults_of(scenario)] if show_defaults else []
    facts = _facts(scenario)
    if as_json:
        _print_json({"file": str(file), "problems": [], **facts, **({"defaults": dict(left_out)} if show_defaults else {})})
        return
    click.echo(f"{file}: nothing wrong")
    for name, value in facts.items():
        click.echo(f"  {name}: {', '.join(value) if isinstance(value, list) else value}")
    for where, value in left_out:
        click.echo(f"{where}: {value}")


def _facts(scenario: Scenario) -> dict[str, Any]:
    from govsim.scenario.configure import configurations, unknowns

    ranges = unknowns(scenario).values()
    return {
        "title": scenario.title,
        "hash": scenario.hash,
        "services": len(scenario.tree["services"]),
        "levers": len(scenario.tree.get("reform") or {}),
        "claims": len(scenario.tree.get("claims") or {}),
        "configurations": list(configurations(scenario)),
        "numbers with a range": len(ranges),
        "of these assumptions": sum("assumption" in each.source for each in ranges),
    }


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files.

    Editors complete and check with it while you type: save it as govsim.schema.json; the first line of scenarios/kelan.yaml
    shows how a file names it.
    """
    from govsim.scenario import json_schema

    _print_json(json_schema())


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
        raise click.UsageError(f"{path}: cannot be written ({error.strerror}); choose another place") from None
    said = shlex.quote(str(path))
    click.echo(f"{path}\nLook at it, then: govsim check {said}; govsim run {said}")


@main.command()
@click.argument("country", type=click.Choice(["china"]))
@click.argument("years", metavar="YEARS")
def calendar(country: str, years: str) -> None:
    """Print holidays and make-up days of YEARS, to be pasted.

    YEARS is one year or a range, as in 2024..2026. The lines are closed_days, worked_days and until, indented to stand
    below the name of a calendar in a scenario file.
    """
    from textwrap import indent

    from govsim.scenario.calendar_china import lines

    first, _, last = years.partition("..")
    if not all(year.isdecimal() and len(year) == 4 for year in (first, last or first)):
        raise click.UsageError(f"years: found {years!r}; write one year or a range, as in 2024 or 2024..2026")
    click.echo(indent(lines(int(first), int(last or first)).rstrip("\n"), "    "))


# -------------------------------------------------------------------------------------------------------- runs


def _told(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that prints the table of a run."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of the table."),
        click.option("--lang", type=click.Choice(["en", "zh"]), help="Print names in this language instead of ids."),
        click.option(
            "--precision",
            default=0.05,
            type=float,
            callback=_finite,
            show_default=True,
            help="Tell how many replications an interval of +- so many working days needs.",
        ),
        click.option(
            "--cohort",
            default=COUNTED,
            show_default=True,
            help="Only cases of this cohort, one of experiment.cohorts in the file.",
        ),
    ):
        command = option(command)
    return command


def _refuse_unknown(cohort: str, cohorts: Collection[str]) -> None:
    """Refuse a cohort that is not there, before anything is run for it."""
    from govsim.scenario.problems import did_you_mean

    if cohort not in (COUNTED, *cohorts):
        raise click.UsageError(f"--cohort: there is no {cohort!r}{did_you_mean(cohort, sorted({COUNTED, *cohorts}))}")


def _print_runs(runs: Runs, cohort: str, precision: float, lang: str | None, as_json: bool) -> None:
    summary = runs.summary(cohort, precision, lang)
    if as_json:
        _print_json(summary.to_dict())
    else:
        click.echo(summary)


def _found(run: Path) -> Path:
    """The folder of a run, given its path or its name."""
    if run.is_file():
        raise click.UsageError(f"{run}: a file; a RUN is the folder that `govsim run` prints after `where:`")
    return run if (run / "run.json").exists() or not (RUNS / run / "run.json").exists() else RUNS / run


def _warn_on_stderr() -> None:
    """Say on stderr what takes long while nothing else is shown, such as the first compilation."""
    import logging

    class Echo(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            click.echo(record.getMessage(), err=True)

    engine = logging.getLogger("govsim.engine")
    engine.setLevel(logging.INFO)
    if not engine.handlers:
        engine.addHandler(Echo())


@main.command()
@click.argument("file", type=FILE)
@click.option("-n", "replications", type=int, help="Replications [default: what the file says, else 200].")
@click.option(
    "--configurations",
    default="before,process_only,after",
    show_default=True,
    callback=_names,
    help="Which to compare, the last with the first.",
)
@click.option("--variant", help="A variant of the file, in force in every configuration.")
@click.option("--seed", type=int, help="[default: what the file says, else 1]")
@click.option("--workers", type=int, help="Threads [default: every core].")
@click.option("--engine", default="compiled", show_default=True, help="compiled (fast), or reference (slow, to be read).")
@click.option(
    "--keep",
    default="measures",
    show_default=True,
    help="What is stored: measures; cases (every application too); activities (every step too).",
)
@click.option("--out", type=FILE, default=RUNS, show_default=True, help="Folder in which the run gets its own.")
@_told
def run(
    file: Path, replications: int | None, configurations: tuple[str, ...], variant: str | None, seed: int | None,
    workers: int | None, engine: str, keep: str, out: Path, **told: Any,
) -> None:  # fmt: skip
    """Run a scenario FILE, and print what the reform changed."""
    from govsim.scenario import load

    scenario = load(file)
    _refuse_unknown(told["cohort"], (scenario.tree.get("experiment") or {}).get("cohorts") or ())
    from govsim import experiment

    _warn_on_stderr()
    runs = experiment.run(scenario, replications, configurations, seed, workers, engine, keep, out, variant)
    _print_runs(runs, **told)


@main.command()
@click.argument("run", type=FILE)
@click.option("-n", "replications", type=int, help="Go on to so many replications [default: what was asked for].")
@click.option("--workers", type=int, help="Threads [default: every core].")
@_told
def resume(run: Path, replications: int | None, workers: int | None, **told: Any) -> None:
    """Do what a RUN still lacks, or extend it.

    RUN is its folder, or its name in runs/.
    """
    from govsim import experiment
    from govsim.store import Settings

    folder = _found(run)
    _refuse_unknown(told["cohort"], Settings.read(folder).about["index"]["cohorts"])
    _warn_on_stderr()
    _print_runs(experiment.resume(folder, replications, workers), **told)


@main.command()
@click.argument("run", type=FILE)
@_told
def show(run: Path, **told: Any) -> None:
    """Print the table of a RUN again.

    RUN is its folder, or its name in runs/.
    """
    from govsim.store import Runs

    runs = Runs.open(_found(run))
    _refuse_unknown(told["cohort"], runs.index.cohorts)
    _print_runs(runs, **told)


@main.command()
@click.argument("run", type=FILE)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the reasons.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a claim is refuted.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def claims(run: Path, lang: str, strict: bool, as_json: bool) -> None:
    """Print what a RUN shows of each claim that its scenario declares, and why.

    RUN is its folder, or its name in runs/. What `govsim explore` and `govsim staff` found for it is taken into account.
    """
    from govsim.evidence.claims import claims as judged
    from govsim.store import Runs

    found = judged(Runs.open(_found(run)))
    if as_json:
        _print_json(found.to_dict())
    else:
        click.echo(found.text(lang))
    if strict and "refuted" in found.count():
        raise click.exceptions.Exit(1)


@main.command()
@click.argument("run", type=FILE)
@click.option("--csv", "form", flag_value="csv", help="One CSV file per table.")
@click.option("--parquet", "form", flag_value="parquet", help="One Parquet file per table.")
@click.option("--all", "everything", is_flag=True, help="Measures also by value of each attribute: several times the rows.")
@click.option("--out", type=FILE, help="Folder to write to [default: csv or parquet inside the run's].")
def export(run: Path, form: str | None, out: Path | None, everything: bool) -> None:
    """Write the tables of a RUN for R, Stata or Excel.

    RUN is its folder, or its name in runs/. One row per number, UTF-8. summary holds what the screen shows, measures every
    measure of every replication, names.csv what services, desks, groups and departments are called, columns.csv what every
    column and measure means.

    names.csv begins with a byte-order mark, without which Excel garbles Chinese; in R, read it with
    fileEncoding="UTF-8-BOM". The other files have none.
    """
    if form is None:
        raise click.UsageError("which format? add --csv or --parquet")
    from govsim.store import Runs
    from govsim.store.export import export as write

    folder = _found(run)
    for path, rows in write(Runs.open(folder), out or folder / form, form, everything).items():
        click.echo(f"{path}  {rows:,} rows{' (more than Excel opens)' if rows >= EXCEL else ''}")


# ----------------------------------------------------------------------------------------------------- studies


def _percent(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    from govsim.scenario.units import Unit, UnitError, parse

    if value is None:
        return None
    try:
        share = parse(value)
    except UnitError as wrong:
        raise click.BadParameter(str(wrong)) from None
    if share.unit is not Unit.PERCENT:
        raise click.BadParameter(f"{value!r}; write it in %, as in 2%")
    return share.value


@main.command()
@click.argument("place", metavar="FILE|RUN", type=FILE)
@click.option("-n", "replications", type=int, help="Replications [default: what the file says, else 200].")
@click.option("--workers", type=int, help="Threads [default: every core].")
@click.option(
    "--bundles", default="", callback=_names, help="Which; the rest is one [default: experiment.attribution, else all]."
)
@click.option("--measure", default="cycle_time_working", show_default=True, help="Whose change is divided.")
@click.option("--statistic", default="mean", show_default=True, help="Of the measure; a quantile is pooled over cases.")
@click.option("--scope", default="mix", callback=_names, help="A service, or several, or a set of the file [default: mix].")
@click.option("--cohort", help="[default: settled where the file has it, else its last cohort, else counted]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of the table.")
def attribute(
    place: Path, replications: int | None, workers: int | None, bundles: tuple[str, ...], measure: str, statistic: str,
    scope: tuple[str, ...], cohort: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Divide what the reform changes among its bundles of levers.

    FILE is a scenario, RUN a run's folder or its name in runs/. Every set of bundles is run under the same draws; a bundle
    gets what it adds, averaged over all orders in which the bundles may come (Shapley value). Beside it stands what it does
    alone and what it adds last. What was simulated is kept in the run's folder, in attribution/, and a stopped attribution
    goes on there.
    """
    from govsim.evidence.home import home

    found = home(place, RUNS)
    from govsim.evidence.attribute import attribute as divide

    _warn_on_stderr()
    whose = scope[0] if len(scope) == 1 else scope
    result = divide(
        found.scenario, replications, bundles or None, workers, found.folder / "attribution", measure, statistic, whose, cohort,
        found.seed, found.variant, found.engine,
    )  # fmt: skip
    if as_json:
        _print_json(result.to_dict())
    else:
        click.echo(result)


@main.command()
@click.argument("place", metavar="FILE|RUN", type=FILE)
@click.option("-n", "replications", type=int, help="Replications [default: what the file says, else 200].")
@click.option("--workers", type=int, help="Threads [default: every core].")
@click.option(
    "--keep-p90", callback=_percent, help="How much slower a service may become [default: what the file's claim says, else 2%]."
)
@click.option("--promise", default="95%", show_default=True, callback=_percent, help="Share of cases that keep their promise.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of the table.")
def staff(
    place: Path, replications: int | None, workers: int | None, keep_p90: float | None, promise: float, as_json: bool
) -> None:
    """Find how many posts could go, and how few keep the promise.

    FILE is a scenario, RUN a run's folder or its name in runs/. One post less in each group in turn, then as many together
    as go, each with every service's p90 kept; then the fewest posts with which every service keeps its promise. What was
    simulated is kept in the run's folder, in staff/, and a stopped search goes on there.
    """
    from govsim.evidence.home import home

    found = home(place, RUNS)
    from govsim.evidence.staff import staff as search

    _warn_on_stderr()
    result = search(
        found.scenario, replications, found.seed, workers, keep_p90, promise, found.folder / "staff", found.variant, found.engine
    )
    if as_json:
        _print_json(result.to_dict())
    else:
        click.echo(result)


@main.command()
@click.argument("place", metavar="FILE|RUN", type=FILE)
@click.option("--worlds", type=int, help="Worlds [default: what the file says, else 256, which a verdict needs].")
@click.option("--workers", type=int, help="Threads [default: every core].")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of the table.")
def explore(place: Path, worlds: int | None, workers: int | None, as_json: bool) -> None:
    """Judge every claim in many worlds: all uncertain numbers drawn together.

    FILE is a scenario, RUN a run's folder or its name in runs/. What was simulated is kept in the run's folder, in worlds/,
    and a stopped exploration goes on there.
    """
    from govsim.evidence.home import home

    found = home(place, RUNS)
    from govsim.evidence.explore import explore as explored

    _warn_on_stderr()
    result = explored(
        found.scenario, worlds, found.seed, workers, folder=found.folder / "worlds", variant=found.variant, engine=found.engine
    )
    if as_json:
        _print_json(result.to_dict())
    else:
        click.echo(result)


@main.command()
@click.argument("run", type=FILE)
@click.option("--lang", type=click.Choice(["en", "zh", "both"]), default="en", show_default=True, help="Language of the report.")
@click.option("--checklist", type=click.Choice(["stress"]), help="Spell out the STRESS-DES checklist, and tell its empty items.")
@click.option("--strict", is_flag=True, help="Exit with 1 if a claim is refuted, or an item of the checklist asked for is empty.")
@click.option("--pdf", is_flag=True, help="Print it as PDF too, with the Chromium of this machine.")
@click.option("--out", type=FILE, help="File to write [default: report.html in the run's folder].")
def report(run: Path, lang: str, checklist: str | None, strict: bool, pdf: bool, out: Path | None) -> None:
    """Write the report of a RUN: one HTML file that needs neither network nor JavaScript.

    RUN is its folder, or its name in runs/. Studies that were not made (attribute, explore, staff) are named in it, with
    the command that makes them.
    """
    from govsim.report import Material, failures
    from govsim.report import report as written
    from govsim.store import Runs

    folder = _found(run)
    material = Material(Runs.open(folder))
    page = out or folder / "report.html"
    written(material, lang, checklist, page)
    click.echo(page)
    if pdf:
        from govsim.report.printing import to_pdf

        click.echo(to_pdf(page))
    wrong = failures(material, checklist)
    for each in wrong:
        click.echo(each, err=True)
    if strict and wrong:
        raise click.exceptions.Exit(FAILED)
