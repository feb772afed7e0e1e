"""A run whose numbers meant something else is told by no command, and made again by one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import govsim as gs
import toy
from govsim import cli
from govsim.errors import StoreError
from govsim.store import RESULTS, Settings

MADE = ("-n", "3", "--seed", "12", "--configurations", "before,after", "--engine", "reference")


def govsim(*words: str) -> Result:
    return CliRunner().invoke(cli.main, list(words))


def aged(folder: Path, **changes: Any) -> Path:
    """A run folder as an earlier version left it, under the name that it had then."""
    text = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    text = {key: value for key, value in {**text, **changes}.items() if value is not None}
    (folder / "run.json").write_text(json.dumps(text), encoding="utf-8")
    return folder.rename(folder.with_name("toy-old"))


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    toy.write(tmp_path)
    made = govsim("run", "toy.yaml", *MADE)
    assert made.exit_code == 0, made.stderr
    (folder,) = Path("runs").iterdir()
    return aged(folder, results=RESULTS - 1)


@pytest.mark.parametrize(
    "command",
    [
        ("show",), ("claims",), ("report",), ("attribute",), ("explore",), ("staff",),
        ("resume",), ("export", "--csv"),
    ],
)  # fmt: skip
def test_every_command_refuses_it_in_a_sentence_that_makes_it_again(
    older: Path, command: tuple[str, ...]
) -> None:
    before = sorted(older.rglob("*"))
    for place in (str(older), older.name):  # its folder, and its name in runs/
        refused = govsim(command[0], place, *command[1:])
        assert refused.exit_code == 2
        assert refused.stdout == ""
        (line,) = filter(None, refused.stderr.splitlines())
        assert f"result version: found {RESULTS - 1}" in line
        assert line.endswith(shlex.join(("govsim", "run", str(Path("toy.yaml").resolve()), *MADE)))
    assert sorted(older.rglob("*")) == before  # nothing was written into it


def test_the_command_makes_it_again_beside_what_was(older: Path) -> None:
    again = govsim("show", str(older)).stderr.strip().rpartition("with: govsim ")[2]
    made = govsim(*shlex.split(again))
    assert made.exit_code == 0, made.stderr
    (new,) = (each for each in Path("runs").iterdir() if each != older)
    settings = Settings.read(new)
    assert (settings.replications, settings.seed, settings.results) == (3, 12, RESULTS)
    assert settings.configurations == ("before", "after")
    assert settings.engine == "reference"


@pytest.mark.parametrize("read", [gs.Runs.open, gs.resume])
def test_python_refuses_it_too(older: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(StoreError, match="make the run again with: govsim run"):
        read(older)


def test_a_run_that_does_not_say_its_version_is_an_older_one(tmp_path: Path) -> None:
    run = gs.run(gs.load(toy.write(tmp_path)), 1, engine="reference", out=tmp_path, progress=False)
    with pytest.raises(StoreError, match="found 0"):
        gs.Runs.open(aged(run.folder or tmp_path, results=None))


def test_the_command_says_all_that_the_run_was_asked_and_quotes_it(tmp_path: Path) -> None:
    settings = Settings(
        "toy", "my town.yaml", "", "", "", 3, ("before",), "compiled", 7, "cases", "short",
        results=RESULTS + 1,
    )  # fmt: skip
    with pytest.raises(StoreError, match="that file is gone; its text is in") as told:
        settings.refuse_other_results(tmp_path / "my runs" / "toy-1")
    assert (
        "govsim run 'my town.yaml' -n 7 --seed 3 --configurations before --variant short "
        f"--keep cases --out '{tmp_path / 'my runs'}'"
    ) in str(told.value)


def test_an_older_study_is_made_again_by_its_own_command(tmp_path: Path) -> None:
    settings = Settings(
        "toy", "toy.yaml", "", "", "", 3, ("before",), "compiled",
        study={"kind": "worlds"}, results=0,
    )  # fmt: skip
    with pytest.raises(StoreError, match=r"move this folder away .* govsim explore \S*toy-1$"):
        settings.refuse_other_results(tmp_path / "toy-1" / "worlds")
