"""The command line: results on stdout, messages on stderr, exit codes.

Nothing heavy is loaded before it is needed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import govsim as gs
import toy
from govsim import cli, store
from stopped import stopped

GOVSIM = [sys.executable, "-m", "govsim"]
FAST = ["--engine", "reference"]


def govsim(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run."""
    folder = tmp_path_factory.mktemp("finished")
    run = gs.run(
        gs.load(toy.write(folder)),
        3,
        engine="reference",
        keep="activities",
        out=folder,
        progress=False,
    )
    assert run.folder is not None
    return run.folder


# ----------------------------------------------------------------------------------- scenario files


def test_a_good_file_is_said_to_be_good(place: Path) -> None:
    result = govsim("check", toy.write(place))
    assert result.exit_code == 0
    assert "nothing wrong" in result.stdout
    assert "services: 3" in result.stdout
    assert "of these assumptions: 1" in result.stdout
    assert "desks.back.discipline: fifo" not in result.stdout


def test_defaults_are_shown_on_request(place: Path) -> None:
    assert (
        "desks.back.discipline: fifo" in govsim("check", toy.write(place), "--show-defaults").stdout
    )
    said = json.loads(govsim("check", toy.write(place), "--show-defaults", "--json").stdout)
    assert said["problems"] == []
    assert said["defaults"]["desks.back.discipline"] == "fifo"


def test_all_problems_of_a_bad_file_are_told_with_their_lines(place: Path) -> None:
    bad = toy.TOY.replace("desk: back\n", "desk: bak\n").replace(
        "exponential: {mean: 20 min}", "exponential: {mean: 20}"
    )
    path = toy.write(place, bad)
    for command in ("check", "run"):
        result = govsim(command, path)
        assert result.exit_code == 2
        assert result.stdout == ""
        lines = result.stderr.splitlines()
        assert len(lines) == 2
        assert all(line.startswith(f"{path}:") for line in lines)
        assert any("did you mean 'back'" in line for line in lines)
    assert sorted(each.name for each in place.iterdir()) == ["toy.yaml"]
    found = json.loads(govsim("check", path, "--json").stdout)["problems"]
    assert {"line", "where", "message"} == found[0].keys()
    assert govsim("check", path, "--json").exit_code == 2


def test_the_schema_is_printed() -> None:
    said = json.loads(govsim("schema").stdout)
    assert said["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_a_new_scenario_is_good_and_none_is_overwritten(place: Path) -> None:
    result = govsim("new", "mine")
    assert result.exit_code == 0
    assert result.stdout.startswith("mine.yaml\n")
    assert govsim("check", "mine.yaml").exit_code == 0
    text = Path("mine.yaml").read_text(encoding="utf-8")
    again = govsim("new", "mine.yaml")
    assert again.exit_code == 2
    assert "exists already; choose another name" in again.stderr
    assert Path("mine.yaml").read_text(encoding="utf-8") == text
    assert "cannot be written" in govsim("new", "nowhere/mine").stderr
    assert (
        "govsim check '岢岚 县.yaml'; govsim run '岢岚 县.yaml'" in govsim("new", "岢岚 县").stdout
    )


def test_the_calendar_of_china_is_printed_for_the_years_it_is_known_for() -> None:
    result = govsim("calendar", "china", "2024..2026")
    assert result.exit_code == 0
    assert result.stdout.startswith("    closed_days: [")
    assert all(line.startswith("    ") for line in result.stdout.splitlines())
    assert "2024-02-10..2024-02-17" in result.stdout
    unknown = govsim("calendar", "china", "2024..2035")
    assert unknown.exit_code == 2
    assert "no notice of holidays is known for" in unknown.stderr
    assert "write one year or a range" in govsim("calendar", "china", "soon").stderr


def test_check_tells_the_loads_and_strict_fails_on_the_queues_of_the_reform() -> None:
    truth = Path(__file__).parent / "truth"
    broken = truth / "seats_too_few_after.yaml"
    said = CliRunner().invoke(cli.main, ["check", str(broken)])
    assert said.exit_code == 0
    assert "days followed after the last counted one: 329" in said.stdout
    assert "work against hours and seats, before: board (seats) 88 %, clerk 64 %" in said.stdout
    assert "warning: before: board: 88 % of the seats; queues will be long" in said.stdout
    assert "warning: after: board: 200 % of the seats are needed" in said.stdout
    assert CliRunner().invoke(cli.main, ["check", str(broken), "--strict"]).exit_code == 1
    mended = truth / "seats_too_few_before.yaml"
    assert CliRunner().invoke(cli.main, ["check", str(mended), "--strict"]).exit_code == 0
    told = json.loads(CliRunner().invoke(cli.main, ["check", str(broken), "--json"]).stdout)
    board = next(pool for pool in told["loads"]["after"] if pool["meeting"] == "board")
    assert (round(board["load"], 3), board["settles"]) == (2.0, False)
    assert [*told["loads"]] == ["before", "after"]  # no lever makes process_only another office
    assert len(told["warnings"]) == 2


# --------------------------------------------------------------------------------------------- runs


def test_a_run_prints_its_table_on_stdout_and_its_progress_on_stderr(place: Path) -> None:
    result = govsim("run", toy.write(place), "-n", 2, *FAST)
    assert result.exit_code == 0
    assert result.stdout.startswith("run toy-")
    assert "mean cycle time, working days" in result.stdout
    assert "100%  2 of 2 replications" in result.stderr
    assert "100%" not in result.stdout
    (folder,) = Path("runs").iterdir()
    assert f"where: {folder}" in result.stdout
    assert govsim("show", folder).stdout == result.stdout
    assert govsim("show", folder.name).stdout == result.stdout


def test_json_is_the_same_numbers(finished: Path) -> None:
    said = json.loads(govsim("show", finished, "--json").stdout)
    assert said["replications"] == 3
    assert said["configurations"] == ["before", "process_only", "merger_only", "after"]
    line = gs.Runs.open(finished).summary().lines[0]
    assert line.change is not None
    assert said["lines"][0]["change"]["value"] == line.change.value


def test_options_of_the_table(finished: Path) -> None:
    assert "(early)" in govsim("show", finished, "--cohort", "early").stdout
    assert govsim("show", finished, "--scenario").stdout == gs.open(finished).settings.text
    assert "慢件" in govsim("show", finished, "--lang", "zh").stdout
    assert "±0.001 working days" in govsim("show", finished, "--precision", "0.001").stdout
    for words, says in (
        (("--cohort", "erly"), "did you mean 'early'"),
        (("--precision", "0"), "is not in the range 0.000001 to 1000000"),
        (("--lang", "xx"), "is not one of"),
    ):
        result = govsim("show", finished, *words)
        assert result.exit_code == 2
        assert says in result.stderr


def test_configurations_are_chosen_and_a_run_is_extended(place: Path) -> None:
    govsim(
        "run",
        toy.write(place),
        "-n",
        1,
        "--configurations",
        "before, after",
        "--seed",
        5,
        "--workers",
        1,
        *FAST,
    )
    (folder,) = Path("runs").iterdir()
    assert gs.Runs.open(folder).configurations == ("before", "after")
    result = govsim("resume", folder, "-n", 2)
    assert result.exit_code == 0
    assert "before, after x 2" in result.stdout
    assert "50%" not in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--configurations", "before,aftr"], "no configuration 'aftr'; did you mean 'after'"),
        (["--engine", "turbo"], "is not one of"),
        (["-n", "0"], "at least 1 is needed"),
        (["-n", "many"], "is not a valid integer"),
        (["--keep", "all"], "is not one of"),
        (["--workers", "0"], "at least 1 is needed"),
        (["--seed", "-1"], "is not in"),
        (["--cohort", "erly"], "there is no 'erly'; did you mean 'early'"),
        (["--wrong"], "No such option"),
    ],
)
def test_wrong_usage_exits_2_and_writes_nothing(place: Path, words: list[str], says: str) -> None:
    result = govsim("run", toy.write(place), *words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(each.name for each in place.iterdir()) == ["toy.yaml"]


def test_what_is_no_run_is_named(place: Path) -> None:
    for words in (("show", "nothing"), ("resume", "nothing"), ("export", "nothing", "--csv")):
        result = govsim(*words)
        assert result.exit_code == 2
        assert "no run here" in result.stderr
    assert not list(place.iterdir())
    result = govsim("show", toy.write(place))
    assert result.exit_code == 2
    assert "a RUN is the folder that `govsim run` prints after `where:`" in result.stderr


def test_a_missing_file_is_named(place: Path) -> None:
    result = govsim("run", "absent.yaml")
    assert result.exit_code == 2
    assert "absent.yaml:1: no such file" in result.stderr


def test_a_bug_exits_70_and_shows_a_traceback_only_on_request(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by chance")

    monkeypatch.setattr("govsim.organisation.load.load", broken)
    result = govsim("check", "any.yaml")
    assert result.exit_code == 70
    assert "a bug in govsim: ZeroDivisionError: by chance" in result.stderr
    assert "Traceback" not in result.stderr
    shown = govsim("check", "any.yaml", "--debug")
    assert isinstance(shown.exception, ZeroDivisionError)


@pytest.mark.slow
def test_exports_read_back_equal(finished: Path, tmp_path: Path) -> None:
    runs = gs.Runs.open(finished)
    assert govsim("export", finished, "--csv", "--all", "--out", tmp_path).exit_code == 0
    result = govsim("export", finished, "--parquet", "--all", "--out", tmp_path)
    files = [
        *(f"{table}.parquet" for table in ("summary", *runs.tables())),
        "names.csv",
        "columns.csv",
    ]
    assert [line.split("  ")[0] for line in result.stdout.splitlines()] == [
        str(tmp_path / file) for file in files
    ]
    assert f"{tmp_path / 'measures.parquet'}  {len(runs.measures()):,} rows\n" in result.stdout
    for table in runs.tables():
        frame = getattr(runs, table)()
        parquet = pd.read_parquet(tmp_path / f"{table}.parquet")
        pd.testing.assert_frame_equal(plain(parquet), plain(frame), check_dtype=False)
        csv = pd.read_csv(tmp_path / f"{table}.csv", dtype=str)
        for name in frame.select_dtypes(["number", "datetime"]):
            csv[name] = csv[name].astype(
                float if frame[name].dtype.kind == "f" else frame[name].dtype
            )
        pd.testing.assert_frame_equal(plain(csv), plain(frame), check_dtype=False, check_exact=True)


def test_every_column_measure_and_statistic_of_an_export_is_explained(
    finished: Path, tmp_path: Path
) -> None:
    govsim("export", finished, "--csv", "--out", tmp_path)
    told = pd.read_csv(tmp_path / "columns.csv", keep_default_na=False)
    assert list(told.columns) == ["table", "kind", "name", "unit", "meaning"]
    assert told["meaning"].all()
    assert not told.duplicated(["table", "kind", "name"]).any()
    columns = told[told["kind"] == "column"].groupby("table", sort=False)["name"].agg(list)
    for file in tmp_path.iterdir():
        assert list(pd.read_csv(file, nrows=1, encoding="utf-8-sig").columns) == columns.pop(
            file.stem
        )
    assert columns.empty
    measures = pd.read_csv(tmp_path / "measures.csv")
    for kind in ("measure", "statistic"):
        assert set(measures[kind]) <= set(told.loc[told["kind"] == kind, "name"])


@pytest.mark.parametrize("unit", ["working days", "calendar days"])
def test_an_export_explains_the_summary_in_the_unit_in_which_the_run_answers(
    tmp_path: Path, unit: str
) -> None:
    text = f"{toy.TOY}  headline: {{unit: {unit}}}\n"
    scenario = tmp_path / "toy.yaml"
    scenario.write_text(text, encoding="utf-8")
    runs = gs.run(gs.load(scenario), n=2, out=tmp_path / "runs", progress=False)
    govsim("export", runs.folder, "--csv", "--out", tmp_path)
    told = pd.read_csv(tmp_path / "columns.csv").query("table == 'summary'").set_index("name")
    assert list(told.loc[["value", "low", "high"], "unit"]) == [unit] * 3
    assert "completed" not in told.loc["statistic", "meaning"]


def test_measures_by_attribute_are_exported_only_on_request(finished: Path, tmp_path: Path) -> None:
    runs = gs.Runs.open(finished)
    govsim("export", finished, "--csv", "--out", tmp_path)
    scopes = set(pd.read_csv(tmp_path / "measures.csv")["scope"])
    assert scopes == {*runs.index.mixes, *runs.index.services}
    assert "slow/channel/online" in set(runs.measures()["scope"])


def test_the_screen_and_the_names_are_exported(finished: Path, tmp_path: Path) -> None:
    govsim("export", finished, "--csv", "--out", tmp_path)
    summary = pd.read_csv(tmp_path / "summary.csv")
    change = summary.query("service == 'mix' and statistic == 'mean' and quantity == 'change'")
    line = gs.Runs.open(finished).summary().lines[0]
    assert line.change is not None
    assert change["value"].item() == line.change.value
    assert (tmp_path / "names.csv").read_bytes().startswith(b"\xef\xbb\xbfsection,id,en,zh\n")
    lines = (tmp_path / "names.csv").read_text(encoding="utf-8-sig").splitlines()
    assert {
        "services,quick,Quick matter,快件",
        "departments,hall,Hall,大厅",
        "desks,back,,",
        "groups,reviewer,,",
    } <= {*lines}


def test_a_file_that_excel_cannot_open_says_so(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.runs, "EXCEL", 100)
    lines = govsim("export", finished, "--csv", "--out", tmp_path).stdout.splitlines()
    assert {
        Path(line.split("  ")[0]).stem for line in lines if line.endswith("(more than Excel opens)")
    } >= {"measures"}
    assert not lines[0].endswith("(more than Excel opens)")


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Without categories, which a text file does not have."""
    out = frame.copy()
    for name in out.columns:
        if (
            isinstance(out[name].dtype, pd.CategoricalDtype)
            or out[name].dtype == object
            or out[name].dtype == "str"
        ):
            out[name] = out[name].astype(object).where(out[name].notna(), None)
        elif out[name].dtype.kind == "M":
            out[name] = out[name].astype("datetime64[ms]")
    out.attrs = {}
    return out


def test_an_export_needs_a_format_and_a_place(finished: Path, tmp_path: Path) -> None:
    assert "add --csv or --parquet" in govsim("export", finished).stderr
    (tmp_path / "file").write_text("")
    result = govsim("export", finished, "--csv", "--out", tmp_path / "file")
    assert result.exit_code == 2
    assert "choose another folder with --out" in result.stderr


# -------------------------------------------------------------------------- in a process of its own


def command(*words: str) -> str:
    """What a shell does with `govsim` and these words, as a program."""
    return (
        f"import runpy; sys.argv = {['govsim', *words]!r}\n"
        "runpy.run_module('govsim', run_name='__main__')"
    )


@pytest.mark.slow
def test_ctrl_c_exits_3_and_a_killed_run_resumes_to_the_same_content(place: Path) -> None:
    path = toy.write(place)
    with stopped(command("run", str(path), "-n", "40", *FAST), place, 3) as process:
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate()
    assert process.returncode == 3, stderr
    (folder,) = place.glob("runs/*")
    assert "of 40; nothing is lost. Continue with: govsim resume runs/" in stderr
    assert "Traceback" not in stderr
    interrupted = gs.Runs.open(folder).replications
    assert 3 <= interrupted < 40

    with stopped(command("resume", str(folder)), place, 3) as process:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    stored = gs.Runs.open(folder).replications
    assert interrupted + 3 <= stored < 40
    more = gs.resume(folder, stored + 2, progress=False).replications
    assert more == stored + 2
    whole = gs.run(gs.load(path), more, engine="reference", out=place / "whole", progress=False)
    assert store.content_digest(folder) == store.content_digest(whole.folder)


LIGHT = {
    "check": ["toy.yaml"],
    "schema": [],
    "new": ["other"],
    "calendar": ["china", "2025"],
    "--help": [],
    "--version": [],
}


@pytest.mark.parametrize("command", LIGHT)
def test_commands_that_do_not_simulate_load_nothing_heavy(place: Path, command: str) -> None:
    toy.write(place)
    code = (
        "import sys; from govsim.cli import main\n"
        f"try: main({[command, *LIGHT[command]]!r})\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print('loaded', *sys.modules, file=sys.stderr)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, check=True, text=True
    ).stderr
    loaded = set(said[said.index("loaded") :].split())
    assert "click" in loaded
    numbers = {"numpy", "scipy", "sqlite3"} if command != "check" else set()  # it works out loads
    assert not loaded & {*numbers, "pandas", "numba", "simpy", "matplotlib", "tqdm"}
    if command == "--help":
        assert not loaded & {"pydantic", "ruamel"}


def test_showing_a_run_loads_neither_engine_nor_frames(finished: Path) -> None:
    code = (
        f"import sys; from govsim.cli import main\ntry: main(['show', {str(finished)!r}])\n"
        "except SystemExit: print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    ).stdout.split()
    assert not set(loaded) & {"numba", "simpy", "pandas", "matplotlib", "pydantic"}


def test_a_pipe_that_closes_early_is_no_bug(finished: Path) -> None:
    with subprocess.Popen(
        [*GOVSIM, "show", str(finished), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_nothing_is_coloured(finished: Path) -> None:
    shown = subprocess.run(
        [*GOVSIM, "show", str(finished)],
        capture_output=True,
        check=True,
        env={**os.environ, "FORCE_COLOR": "1", "NO_COLOR": "1"},
    )
    assert b"\x1b" not in shown.stdout + shown.stderr


def test_every_command_explains_itself() -> None:
    for name, command in cli.main.commands.items():
        assert isinstance(command, click.Command)
        result = govsim(name, "--help")
        assert result.exit_code == 0
        assert command.help
        assert "--debug" in result.stdout
