"""The run store: what was written comes back, and nothing that was committed is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import govsim as gs
from govsim import store
from govsim.errors import StoreError
from govsim.evidence import runs as experiment
from govsim.evidence.runs import Runs
from govsim.organisation.load import load
from govsim.records import CASES
from govsim.store import Settings, Store, pack, unpack

SETTINGS = Settings(
    name="toy",
    scenario="toy.yaml",
    text="govsim: 1",
    scenario_hash="ab" * 32,
    claims_hash="",
    seed=7,
    configurations=("before", "after"),
    engine="compiled",
    about={"names": {"s": "核准"}},
)


def blobs(number: int) -> dict[str, bytes]:
    values = np.random.default_rng(number).normal(size=5)
    return {"measures": pack({"before": values, "after": values + 1})}


def filled(folder: Path | None, numbers: list[int], settings: Settings = SETTINGS) -> Store:
    written = Store.create(settings, folder)
    for number in numbers:
        written.append(number, blobs(number))
    return written


def table(rows: int) -> np.ndarray:
    cases = np.zeros(rows, CASES)
    cases["service"] = np.arange(rows) % 3
    cases["filed"] = np.linspace(0, 1e5, rows)
    cases["accepted"] = np.nan
    return cases


def test_arrays_come_back_as_they_were() -> None:
    arrays = {
        "cases": table(17),
        "none": np.empty((0, 2), np.int32),
        "grid": np.arange(6.0).reshape(2, 3),
    }
    back = unpack(pack(arrays))
    assert list(back) == sorted(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        assert back[name].shape == array.shape
        assert back[name].tobytes() == array.tobytes()


def test_the_bytes_of_a_blob_do_not_depend_on_the_order_of_its_arrays() -> None:
    one, two = np.arange(3), np.arange(4.0)
    assert pack({"a": one, "b": two}) == pack({"b": two, "a": one})


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    filled(tmp_path / "run", [0, 1, 2]).close()
    with_rows = Store.open(tmp_path / "run")
    assert with_rows.settings == SETTINGS
    assert with_rows.done() == [0, 1, 2]
    for number, arrays in with_rows.read():
        assert arrays["before"].tobytes() == unpack(blobs(number)["measures"])["before"].tobytes()
    with_rows.close()


def test_content_does_not_depend_on_the_order_of_writing_nor_on_where(tmp_path: Path) -> None:
    filled(tmp_path / "a", [0, 1, 2, 3]).close()
    filled(tmp_path / "b", [3, 0, 2, 1]).close()
    digest = store.content_digest(tmp_path / "a")
    assert store.content_digest(tmp_path / "b") == digest
    assert filled(None, [2, 3, 1, 0]).digest() == digest
    assert filled(None, [0, 1, 2, 4]).digest() != digest


def test_content_does_not_depend_on_the_compression() -> None:
    import zlib

    loose = Store.create(SETTINGS, None)
    loose.append(0, {"measures": zlib.compress(zlib.decompress(blobs(0)["measures"]), 9)})
    assert loose.digest() == filled(None, [0]).digest()


def test_a_finished_run_is_two_plain_files(tmp_path: Path) -> None:
    filled(tmp_path / "run", [0]).close()
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["run.json", "run.sqlite"]


def test_a_run_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    writer = filled(tmp_path / "run", [0])
    reader = Store.open(tmp_path / "run")
    writer.append(1, blobs(1))
    assert reader.done() == [0, 1]
    writer.close()
    assert reader.done() == [0, 1]
    reader.close()


def test_only_one_process_writes_to_a_run(tmp_path: Path) -> None:
    writer = filled(tmp_path / "run", [0])
    with pytest.raises(
        StoreError, match=rf"process {os.getpid()} on .* is writing to this run; wait for it"
    ):
        Store.create(SETTINGS, tmp_path / "run")
    writer.close()
    Store.create(SETTINGS, tmp_path / "run").close()


WRITER = """
import sys, test_store
from pathlib import Path
run = test_store.filled(Path(sys.argv[1]), [0, 1, 2])
print("written", flush=True)
sys.stdin.read()
"""


def test_a_killed_writer_loses_nothing_that_it_had_committed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "run")]
    with subprocess.Popen(
        command, cwd=Path(__file__).parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.send_signal(signal.SIGKILL)
    assert Store.open(tmp_path / "run").done() == [0, 1, 2]
    again = Store.create(SETTINGS, tmp_path / "run")
    again.append(3, blobs(3))
    again.close()
    connection = sqlite3.connect(tmp_path / "run" / "run.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert store.content_digest(tmp_path / "run") == filled(None, [0, 1, 2, 3]).digest()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 8}, "with another seed: found 7, asked for 8"),
        ({"scenario_hash": "cd" * 32}, "toy.yaml says something else than when this run was made"),
        ({"results": 0}, f"another result version: found {store.RESULTS}, asked for 0"),
        ({"engine": "reference"}, "another engine: found compiled, asked for reference"),
        (
            {"configurations": ("before",)},
            "another set of configurations: found before, after, asked for before",
        ),
        ({"keep": "cases"}, "another keep: found measures, asked for cases"),
    ],
)
def test_replications_of_another_run_are_refused(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    filled(tmp_path / "run", [0]).close()
    with pytest.raises(StoreError, match=says):
        Store.create(replace(SETTINGS, **change), tmp_path / "run")
    assert Store.open(tmp_path / "run").done() == [0]
    assert not (tmp_path / "run" / "run.lock").exists()


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder that this process may not write to, even where the tests run as root."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        yield Path(place)
        if hasattr(os, "seteuid") and os.getuid() == 0:
            os.seteuid(0)
        os.chmod(place, 0o755)


def give_up_writing(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    if os.getuid() == 0:
        os.seteuid(65534)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_a_finished_run_can_be_read_where_nothing_may_be_written(unprivileged: Path) -> None:
    folder = unprivileged / "run"
    filled(folder, [0, 1]).close()
    give_up_writing(folder)
    reader = Store.open(folder)
    assert reader.done() == [0, 1]
    assert [number for number, _ in reader.read()] == [0, 1]
    reader.close()


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_an_unfinished_run_in_a_folder_that_may_not_be_written_to_is_not_read_by_halves(
    unprivileged: Path,
) -> None:
    folder = unprivileged / "run"
    writer = filled(folder, [0, 1])
    give_up_writing(folder)
    with pytest.raises(StoreError, match=r"was not closed .* copy the folder"):
        Store.open(folder)
    if os.getuid() == 0:
        os.seteuid(0)
    folder.chmod(0o755)
    writer.close()


def test_what_was_not_kept_is_said(tmp_path: Path) -> None:
    run = filled(None, [0])
    with pytest.raises(StoreError, match=r"cases were not kept .* --keep cases"):
        list(run.read("cases"))


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no run here \(run.json is missing\)"):
        Store.open(tmp_path)


def test_a_damaged_description_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(StoreError, match=r"run\.json: not a description of a run"):
        Store.open(tmp_path)


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    filled(tmp_path / "run", [0]).close()
    (tmp_path / "run" / "run.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "run")


def test_the_layout_of_another_version_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "run", [0]).close()
    connection = sqlite3.connect(tmp_path / "run" / "run.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="layout 99"):
        Store.open(tmp_path / "run")


def test_a_run_without_any_replication_says_how_to_go_on(tmp_path: Path) -> None:
    filled(tmp_path / "run", []).close()
    assert Store.open(tmp_path / "run").done() == []
    (tmp_path / "run" / "run.sqlite").write_bytes(b"")
    with pytest.raises(StoreError, match="no replication yet; continue with: govsim resume"):
        Store.open(tmp_path / "run")
    filled(tmp_path / "run", [0]).close()
    assert Store.open(tmp_path / "run").done() == [0]


def test_a_full_disk_is_said_and_what_is_stored_stays(tmp_path: Path) -> None:
    run = filled(tmp_path / "run", [0])
    run._connection.execute("PRAGMA max_page_count = 4")
    large = pack({"before": np.random.default_rng(1).normal(size=10_000)})
    with pytest.raises(
        StoreError,
        match=r"replication 1 cannot be stored \(.*full\); what is stored stays. Make room",
    ):
        run.append(1, {"measures": large})
    run.close()
    run.close()
    assert Store.open(tmp_path / "run").done() == [0]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        StoreError, match=r"cannot be written to .* choose another folder with --out"
    ):
        Store.create(SETTINGS, tmp_path / "file" / "run")


def test_a_table_that_no_run_has_is_refused() -> None:
    with pytest.raises(ValueError, match="a run holds measures, cases, activities, not 'lines'"):
        filled(None, [0]).digest("lines")


def test_the_name_of_a_run_tells_apart_what_made_it() -> None:
    assert SETTINGS.id.startswith("toy-")
    assert len(SETTINGS.id) == len("toy-") + 6
    others = [
        replace(SETTINGS, seed=8),
        replace(SETTINGS, engine="reference"),
        replace(SETTINGS, configurations=("before",)),
    ]
    assert len({SETTINGS.id, *(other.id for other in others)}) == 4
    assert replace(SETTINGS, command="x", machine={"cores": 2}).id == SETTINGS.id


def test_a_study_is_no_run_and_says_which_command_goes_on_with_it(tmp_path: Path) -> None:
    made = Settings(
        "toy", "toy.yaml", "", "a", "b", 1, ("before",), "compiled", study={"kind": "worlds"}
    )
    held = Store.create(made, tmp_path / "worlds")
    held.close()
    for read in (Runs.open, experiment.resume):
        with pytest.raises(StoreError, match=r"a study of a run .* govsim explore"):
            read(tmp_path / "worlds")


@pytest.mark.parametrize(
    "damage",
    [
        {"about": {}},
        {"configurations": []},
        {"configurations": [1, 2]},
        {"variant": 7},
        {"index": {}},
        {"index": 5},
        {"services": None},
        {"pairs": None},
    ],
)
def test_a_run_whose_settings_lack_what_its_readers_need_is_refused(
    tmp_path: Path, damage: dict[str, Any]
) -> None:
    scenario = load(Path(__file__).parents[1] / "scenarios" / "null_reform.yaml")
    runs = gs.run(scenario, 1, ("before", "after"), out=tmp_path, progress=False)
    assert runs.folder is not None
    runs._store.close()
    file = runs.folder / "run.json"
    plain = json.loads(file.read_text(encoding="utf-8"))
    known = {key: each for key, each in damage.items() if key in plain}
    plain |= known
    plain["about"] |= {key: each for key, each in damage.items() if key not in known}
    file.write_text(json.dumps(plain), encoding="utf-8")
    with pytest.raises(StoreError, match="damaged or of another version"):
        Runs.open(runs.folder)


def test_an_array_of_two_names_is_written_once() -> None:
    one, other = np.random.default_rng(5).random((2, 1000))
    twice = {"a": one, "b": one, "c": other}
    assert len(pack(twice)) < 1.02 * len(pack({"a": one, "c": other}))
    assert all(np.array_equal(unpack(pack(twice))[name], each) for name, each in twice.items())
