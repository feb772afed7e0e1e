"""Commands on what a run shows (claims, attribute, staff, explore, report).

Verdicts, the studies beside the run, the report.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from govsim.cli.app import (
    FAILED,
    FILE,
    RUNS,
    found_run,
    main,
    names,
    print_json,
    tell,
    warn_on_stderr,
)


@main.command()
@click.argument("run", type=FILE)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the reasons.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if a claim is refuted.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def claims(run: Path, lang: str, strict: bool, as_json: bool) -> None:
    """Print what a RUN shows of each claim that its scenario declares, and why.

    RUN is its folder, or its name in runs/. What `govsim explore` and `govsim staff` found
    for it is taken into account.
    """
    from govsim.evidence.claims.judge import claims as judged
    from govsim.evidence.runs import Runs

    found = judged(Runs.open(found_run(run)))
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(found.text(lang))
    if strict and any(each.refuted for each in found.verdicts):
        raise click.exceptions.Exit(1)


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
@click.option(
    "-n",
    "replications",
    type=int,
    help="Replications [default: as many as the RUN has; of a FILE what it says, else 200].",
)
@click.option("--workers", type=int, help="Threads [default: every core].")
@click.option(
    "--bundles",
    default="",
    callback=names,
    help="Which; the rest is one [default: experiment.attribution, else all].",
)
@click.option(
    "--measure", help="Whose change is divided [default: the time of experiment.headline]."
)
@click.option(
    "--statistic",
    default="mean",
    show_default=True,
    help="Of the measure; a quantile is pooled over cases.",
)
@click.option(
    "--scope",
    default="mix",
    callback=names,
    help="A service, or several, or a set of the file [default: mix].",
)
@click.option("--cohort", help="[default: that of experiment.headline, else counted]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of the table.")
def attribute(
    place: Path,
    replications: int | None,
    workers: int | None,
    bundles: tuple[str, ...],
    measure: str | None,
    statistic: str,
    scope: tuple[str, ...],
    cohort: str | None,
    as_json: bool,
) -> None:
    """Divide what the reform changes among its bundles of levers.

    FILE is a scenario, RUN a run's folder or its name in runs/. Every set of bundles is run under
    the same draws; a bundle gets what it adds, averaged over all orders in which the bundles may
    come (Shapley value). Beside it stands what it does alone and what it adds last. What was
    simulated is kept in the run's folder, in attribution/, and a stopped attribution goes on there.
    """
    from govsim.evidence.study import home

    found = home(place, RUNS)
    from govsim.evidence.attribution.study import attribute as divide

    warn_on_stderr()
    whose = scope[0] if len(scope) == 1 else scope
    result = divide(
        found, replications, bundles or None, workers, None, measure, statistic, whose, cohort
    )
    tell(result, as_json)


@main.command()
@click.argument("place", metavar="FILE|RUN", type=FILE)
@click.option(
    "-n", "replications", type=int, help="Replications [default: what the file says, else 200]."
)
@click.option("--workers", type=int, help="Threads [default: every core].")
@click.option(
    "--keep-p90",
    callback=_percent,
    help="How much slower a service may become [default: what the file's claim says, else 2%].",
)
@click.option(
    "--promise",
    default="95%",
    show_default=True,
    callback=_percent,
    help="Share of cases that keep their promise.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of the table.")
def staff(
    place: Path,
    replications: int | None,
    workers: int | None,
    keep_p90: float | None,
    promise: float,
    as_json: bool,
) -> None:
    """Find how many posts could go, and how few keep the promise.

    FILE is a scenario, RUN a run's folder or its name in runs/. One post less in each group in
    turn, then as many together as go, each with every service's p90 kept, and the shares of all
    who filed that are granted, are refused and give up; then the fewest posts with which every
    service keeps its promise. Patience frees no post: a roster that must send applicants home is
    refused. What was simulated is kept in the run's folder, in staff/, and a stopped search goes on
    there.
    """
    from govsim.evidence.study import home

    found = home(place, RUNS)
    from govsim.evidence.staffing.study import staff as search

    warn_on_stderr()
    result = search(
        found.scenario,
        replications,
        found.seed,
        workers,
        keep_p90,
        promise,
        found.folder / "staff",
        found.variant,
        found.engine,
    )
    tell(result, as_json)


@main.command()
@click.argument("place", metavar="FILE|RUN", type=FILE)
@click.option(
    "--worlds",
    type=int,
    help="Possible offices [default: what the file says, else 256, which a verdict needs].",
)
@click.option("--workers", type=int, help="Threads [default: every core].")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of the table.")
def explore(place: Path, worlds: int | None, workers: int | None, as_json: bool) -> None:
    """Judge every claim in many possible offices: all uncertain numbers drawn together.

    FILE is a scenario, RUN a run's folder or its name in runs/. What was simulated is kept in the
    run's folder, in worlds/, and a stopped exploration goes on there.
    """
    from govsim.evidence.study import home

    found = home(place, RUNS)
    from govsim.evidence.worlds.study import explore as explored

    warn_on_stderr()
    result = explored(
        found.scenario,
        worlds,
        found.seed,
        workers,
        folder=found.folder / "worlds",
        variant=found.variant,
        engine=found.engine,
    )
    tell(result, as_json)


@main.command()
@click.argument("run", type=FILE)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh", "both"]),
    default="en",
    show_default=True,
    help="Language of the report.",
)
@click.option(
    "--checklist",
    type=click.Choice(["stress"]),
    help="Spell out the STRESS-DES checklist, and tell its empty items.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 if a claim is refuted, or an item of the checklist asked for is empty.",
)
@click.option("--pdf", is_flag=True, help="Print it as PDF too, with the Chromium of this machine.")
@click.option("--out", type=FILE, help="File to write [default: report.html in the run's folder].")
def report(
    run: Path, lang: str, checklist: str | None, strict: bool, pdf: bool, out: Path | None
) -> None:
    """Write the report of a RUN: one HTML file that needs neither network nor JavaScript.

    RUN is its folder, or its name in runs/. Studies that were not made (attribute, explore, staff)
    are named in it, with the command that makes them.
    """
    from govsim.evidence.runs import Runs
    from govsim.report import Material, failures
    from govsim.report import report as written

    if out and out.suffix.lower() == ".pdf":
        raise click.BadParameter(
            f"{out}: give the page a name that ends in .html; the PDF lies beside it",
            param_hint="--out",
        )
    folder = found_run(run)
    material = Material(Runs.open(folder))
    page = out or folder / "report.html"
    written(material, lang, checklist, page)
    click.echo(page)
    if pdf:
        from govsim.report.printing import to_pdf

        click.echo(to_pdf(page))
    wrong = failures(material, checklist) if strict or checklist else []
    for each in wrong:
        click.echo(each, err=True)
    if strict and wrong:
        raise click.exceptions.Exit(FAILED)


def _whom(_: click.Context, __: click.Parameter, value: str) -> str | int:
    return int(value) if value.isdecimal() else value


@main.command()
@click.argument("run", type=FILE)
@click.option("--service", help="Whose applicant [default: the first of the file].")
@click.option(
    "--who",
    default="median",
    show_default=True,
    callback=_whom,
    metavar="[median|slowest|worst_hit|N]",
    help="By time before, after, by the rise of it; or an applicant's number.",
)
@click.option("--replication", type=int, default=0, show_default=True)
@click.option(
    "--configurations", callback=names, help="Which [default: the first and the last of the run]."
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--svg", type=FILE, help="Draw the picture into this file too.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead.")
def trace(
    run: Path,
    service: str | None,
    who: str | int,
    replication: int,
    configurations: tuple[str, ...] | None,
    lang: str,
    svg: Path | None,
    as_json: bool,
) -> None:
    """Follow one applicant of a RUN from filing to the end, before and after.

    Each stretch of the way, how long it took, and how many stood before. One replication is
    simulated again for it.
    """
    from govsim.evidence.runs import Runs
    from govsim.evidence.trace.study import trace as followed

    warn_on_stderr()
    found = followed(Runs.open(found_run(run)), service, who, replication, configurations)
    if svg is not None:
        from govsim.display import figures

        with figures.on_page():
            picture: Any = found.plot(figures.blank(figures.height_of(found.journeys, 6)), lang)
            picture.figure.savefig(svg, format="svg")
    if as_json:
        print_json(found.to_dict())
    else:
        click.echo(found.text(lang))
