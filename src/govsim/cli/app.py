"""What all commands share: `main`, the exit codes, results on stdout, messages on stderr.

Exit codes: 0 done; 1 ran, but a check failed; 2 wrong usage or a bad scenario, nothing was run; 3
interrupted, can be resumed; 70 our own bug. Every heavy import happens inside the command that
needs it.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import click

from govsim.errors import BUG, INTERRUPTED, WRONG, GovsimError

FAILED = 1
FILE = click.Path(path_type=Path)
RUNS = Path("runs")


class Commands(click.Group):
    """A group whose errors become one message and an exit code,
    and a traceback only with --debug.
    """

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Every command takes --debug, also at its end, where people add it."""
        cmd.params.append(
            click.Option(
                ["--debug"],
                is_flag=True,
                expose_value=False,
                callback=_debug,
                help="Show tracebacks.",
            )
        )
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
        except GovsimError as error:
            _leave(ctx, str(error), error.exit_code, error)
        except KeyboardInterrupt as stop:
            _leave(ctx, str(stop) or "interrupted", INTERRUPTED, stop)
        except OSError as error:
            # What files and folders have against it is told where it is known; the rest, here.
            place = f"{error.filename}: " if error.filename else ""
            _leave(
                ctx,
                f"{place}{error.strerror or error}; is there room, and may you write there?",
                WRONG,
                error,
            )
        except Exception as error:
            _leave(
                ctx,
                f"a bug in govsim: {type(error).__name__}: {error}\n"
                "Please report it; --debug shows where.",
                BUG,
                error,
            )


def _printable() -> None:
    """Print what a terminal has no characters for as escapes,
    rather than stop in the middle of a table.
    """
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


def finite(_: click.Context, __: click.Parameter, value: float) -> float:
    if not 1e-6 <= value <= 1e6:  # not a number is neither
        raise click.BadParameter(f"{value:g} is not in the range 0.000001 to 1000000")
    return value


def names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(name.strip() for name in value.split(",") if name.strip())


def print_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="govsim")
def main() -> None:
    """Simulate an administration before and after a merger, and measure what the merger changed."""
    # the matrices are small: threads cost more than they give
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def tell(result: Any, as_json: bool) -> None:
    """Print a result: as its own table, or as a JSON object."""
    if as_json:
        print_json(result.to_dict())
    else:
        click.echo(result)


def found_run(run: Path) -> Path:
    """The folder of a run, given its path or its name."""
    if run.is_file():
        raise click.UsageError(
            f"{run}: a file; a RUN is the folder that `govsim run` prints after `where:`"
        )
    return (
        run if (run / "run.json").exists() or not (RUNS / run / "run.json").exists() else RUNS / run
    )


def warn_on_stderr() -> None:
    """Say on stderr what takes long while nothing else is shown, such as the first compilation."""
    import logging

    class Echo(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            click.echo(record.getMessage(), err=True)

    engine = logging.getLogger("govsim.engine")
    engine.setLevel(logging.INFO)
    if not engine.handlers:
        engine.addHandler(Echo())
