"""Runs that were damaged, ask for too much or have nowhere to write are refused in words.

No traceback, no wrong number.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import govsim as gs
import toy
from govsim import cli
from govsim.experiment import replication
from govsim.experiment.progress import Progress
from govsim.store.rows import Store

FAST = ["--engine", "reference"]


def govsim(*words: object) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


def refused(*words: object) -> str:
    """What a command says that exits 2."""
    result = govsim(*words)
    assert result.exit_code == 2, (result.exit_code, result.stderr)
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    run = gs.run(gs.load(toy.write(folder)), 2, engine="reference", out=folder, progress=False)
    assert run.folder is not None
    return run.folder


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    """A run of its own, to be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "run"))


def described(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        about = json.loads((run / "run.json").read_text(encoding="utf-8"))
        (run / "run.json").write_text(json.dumps(change(about)), encoding="utf-8")

    return damage


def overwritten(at: int) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        with (run / "run.sqlite").open("r+b") as file:
            file.seek(at)
            file.write(b"X" * 40)

    return damage


def cut(name: str, size: int) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        with (run / name).open("r+b") as file:
            file.truncate(size)

    return damage


def folder_instead(name: str) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        (run / name).unlink(missing_ok=True)
        (run / name).mkdir()

    return damage


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (cut("run.json", 100), "not a description of a run"),
        (described(lambda about: []), "not a description of a run (it is not a list of keys)"),
        (
            described(lambda about: {**about, "seed": "abc"}),
            "not a description of a run (seed is 'abc')",
        ),
        (
            described(lambda about: {**about, "replications": None}),
            "not a description of a run (replications is None)",
        ),
        (folder_instead("run.json"), "cannot be read (Is a directory)"),
        (overwritten(0), "cannot be opened (file is not a database)"),
        (overwritten(100), "malformed"),
        (overwritten(10_000), "is damaged"),
        (cut("run.sqlite", 8192), "malformed"),
        (folder_instead("run.sqlite"), "cannot be opened"),
    ],
)
def test_a_damaged_run_says_what_is_damaged(
    run: Path, damage: Callable[[Path], None], says: str
) -> None:
    damage(run)
    assert says in refused("show", run)
    assert says in refused("export", run, "--csv")


def test_a_single_byte_that_changed_is_noticed(run: Path) -> None:
    store = Store.open(run)
    (blob,) = store._select("SELECT measures FROM replications WHERE number = 1")
    store.close()
    content = (run / "run.sqlite").read_bytes()
    end = content.index(blob[0][-200:]) + 100
    (run / "run.sqlite").write_bytes(content[:end] + bytes([content[end] ^ 1]) + content[end + 1 :])
    assert "replication 1 in run.sqlite is damaged" in refused("show", run)


def test_a_run_whose_log_cannot_be_written_is_refused(run: Path) -> None:
    folder_instead("run.log")(run)
    assert "run.log cannot be written (Is a directory)" in refused("resume", run, "-n", 3)


def test_a_damaged_run_is_not_continued(run: Path) -> None:
    folder_instead("run.sqlite")(run)
    assert "cannot be opened" in refused("resume", run, "-n", 3)


def test_what_is_a_file_is_no_run(run: Path) -> None:
    refused("show", run / "run.json")
    with pytest.raises(gs.StoreError, match="no run here"):
        gs.Runs.open(run / "run.json")


@pytest.mark.parametrize("n", [1_000_001, 2**32, 10**30])
def test_more_replications_than_anybody_needs_are_refused_at_once(tmp_path: Path, n: int) -> None:
    said = refused("run", toy.write(tmp_path), "-n", n, "--out", tmp_path / "runs", *FAST)
    assert f"n: {n} replications; at most 1000000 are possible" in said
    assert not (tmp_path / "runs").exists()


def test_a_memory_that_is_too_small_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError("Unable to allocate 4 TiB")

    monkeypatch.setattr(replication, "simulate", full)
    said = refused("run", toy.write(tmp_path), "-n", 1, "--out", tmp_path / "runs", *FAST)
    assert "not enough memory (Unable to allocate 4 TiB); let fewer applicants file" in said


def test_progress_is_not_missed_where_there_is_no_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    progress = Progress(2, 0)
    progress.say("one line")
    progress.step()
    progress.close()
    assert progress.done == 1


# ------------------------------------------------------------------------------------------ the API


def test_a_mix_may_list_sets(tmp_path: Path) -> None:
    models = [
        gs.run(
            gs.load(toy.write(tmp_path, toy.TOY.replace("mix: pair", f"mix: {mix}"))),
            1,
            engine="reference",
            progress=False,
        )
        for mix in ("pair", "[pair]", "[quick, pair]", "[slow, quick]")
    ]
    assert len({each.index.weights_of("mix") for each in models}) == 1


def test_a_seed_is_whole(tmp_path: Path) -> None:
    scenario = gs.load(toy.write(tmp_path))
    model = gs.compile_model(gs.configure(scenario, "before"))
    with pytest.raises(TypeError):
        gs.run(scenario, 1, seed=1.5, engine="reference", progress=False)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        gs.simulate(model, 1.5, 0)  # type: ignore[arg-type]


def test_both_engines_take_the_same_bounds_on_instants(tmp_path: Path) -> None:
    model = gs.compile_model(gs.configure(gs.load(toy.write(tmp_path)), "before"))
    for engine in ("compiled", "reference"):
        with pytest.raises(ValueError, match="max_instants -1 is less than 0"):
            gs.simulate(model, 1, 0, engine, max_instants=-1)  # type: ignore[arg-type]
        with pytest.raises(RuntimeError):
            gs.simulate(model, 1, 0, engine, max_instants=0)  # type: ignore[arg-type]
        assert len(gs.simulate(model, 1, 0, engine, max_instants=10**30).cases)  # type: ignore[arg-type]


def test_one_configuration_may_be_named_without_a_list(tmp_path: Path) -> None:
    run = gs.run(gs.load(toy.write(tmp_path)), 1, "before", engine="reference", progress=False)  # type: ignore[arg-type]
    assert run.configurations == ("before",)


# --------------------------------------------------------------------------------- the command line


@pytest.mark.parametrize("precision", ["nan", "inf", "-inf", "1e-300", "1e300", "-1"])
def test_a_precision_that_means_nothing_is_refused(run: Path, precision: str) -> None:
    assert "is not in the range 0.000001 to 1000000" in refused(
        "show", run, "--precision", precision
    )


@pytest.mark.parametrize("name", ["", ".yaml", "two\nlines", "red \x1b[31m"])
def test_a_new_scenario_needs_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "is not a name for a file" in refused("new", name)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "gbk", "utf-8"])
def test_a_terminal_without_chinese_characters_still_gets_the_table(
    run: Path, encoding: str
) -> None:
    shown = process(["show", str(run), "--lang", "zh"], PYTHONIOENCODING=encoding)
    assert shown.returncode == 0, shown.stderr
    assert b"mean cycle time" in shown.stdout


def test_json_for_a_terminal_without_chinese_characters_is_still_json(run: Path) -> None:
    shown = process(["show", str(run), "--lang", "zh", "--json"], PYTHONIOENCODING="latin-1")
    assert json.loads(shown.stdout.decode("latin-1"))["replications"] == 2


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="only Linux has a device that is always full"
)
def test_a_full_disk_below_stdout_is_no_bug(run: Path) -> None:
    with open("/dev/full", "w") as full:
        shown = process(["show", str(run)], stdout=full)
    assert shown.returncode not in (0, 70)
    assert b"No space left on device; is there room" in shown.stderr
    assert b"Traceback" not in shown.stderr


def process(
    words: list[str], stdout: Any = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "govsim", *words],
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, **environment},
    )


# ---------------------------------------------------------------------------------------- CSV files


def of_recorded(tmp_path: Path, name: str, content: bytes) -> str:
    """How a scenario is refused whose demand is recorded in that file."""
    if content:
        (tmp_path / name).write_bytes(content)
    demand = f"demand: {{recorded: {name}, column: when}}"
    return refused("check", toy.write(tmp_path, toy.TOY.replace("demand: {per_year: 200}", demand)))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"when\n2024-01-02 09:00\n\n2024-13-45\n", "'2024-13-45' is not an instant"),
        (b"when\n2024-01-02 09:00+08:00\n", "'2024-01-02 09:00+08:00' is not an instant"),
        (b"when\n2024-01-02 09\n", "'2024-01-02 09' is not an instant"),
        (b"when,when\n2024-01-02,2024-01-03\n", "has two columns 'when'; rename one of them"),
        (b"when;x\n2024-01-02;1\n", "has no column 'when'; did you mean 'when;x'?"),
        (b"when\n", "is empty"),
        ("when\n岢岚\n".encode("gbk"), "is not UTF-8"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    assert says in of_recorded(tmp_path, "record.csv", content)


def test_a_file_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    assert "cannot be read: File name too long" in of_recorded(tmp_path, "a" * 500, b"")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "record.csv").symlink_to("/etc/passwd")
    assert "leaves the folder of the scenario file" in of_recorded(tmp_path, "record.csv", b"")


@pytest.mark.parametrize("cell", ["nan", "inf", "1e400", "1_000", "١", "1e300", "-1", "0"])
def test_an_effort_that_is_no_possible_number_is_refused(tmp_path: Path, cell: str) -> None:
    (tmp_path / "efforts.csv").write_text(f"minutes\n{cell}\n", encoding="utf-8")
    effort = "{empirical: {file: efforts.csv, column: minutes, unit: min}}"
    path = toy.write(tmp_path, toy.TOY.replace("{constant: 10 min}", effort))
    assert "services.archive.sort.effort.empirical.column: " in refused("check", path)
