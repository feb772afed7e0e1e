"""Choosing an engine, Records that stay valid, and where compiled kernels are kept."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest

import govsim.engine
from govsim.engine import kernels, simulate
from govsim.model.arrays import Model
from govsim.records import ACTIVITIES, CASES, DUTY, Records

MODEL = Model(None, None, "by hand", "2024-01-01", ())  # type: ignore[arg-type]


def python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_loads_neither_numba_nor_simpy() -> None:
    code = (
        "import sys, govsim.engine; print(sorted({'numba', 'simpy', 'scipy'} & set(sys.modules)))"
    )
    assert python(code) == "[]"


def test_importing_the_kernels_changes_no_setting_of_numba() -> None:
    code = (
        "import numba; a = numba.config.CACHE_DIR; import govsim.engine.filings; print(a == "
        "numba.config.CACHE_DIR)"
    )
    assert python(code) == "True"


def test_an_unknown_engine_seed_or_replication_is_refused() -> None:
    with pytest.raises(ValueError, match="engine 'fast' is not one of 'compiled', 'reference'"):
        simulate(MODEL, 1, 0, engine="fast")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seed -1 is not in"):
        simulate(MODEL, -1, 0)
    with pytest.raises(ValueError, match="replication 4294967296 is not in"):
        simulate(MODEL, 1, 2**32)


def test_two_records_that_are_held_do_not_change_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    buffers = Records(
        np.zeros(1, CASES),
        np.zeros((1, 1), np.int32),
        np.zeros(1, ACTIVITIES),
        np.zeros(1, DUTY),
        0.0,
    )
    asked = []

    def run(arrays: Any, seed: int, replication: int, max_instants: int | None = None) -> Records:
        asked.append((seed, replication, max_instants))
        for column in buffers[:3]:
            column[:] = replication
        buffers.duty["minutes"] = replication
        return buffers._replace(end=float(replication))

    fake = ModuleType("govsim.engine.compiled")
    fake.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "govsim.engine.compiled", fake)
    monkeypatch.setattr(govsim.engine, "compiled", fake, raising=False)
    first, second = simulate(MODEL, 9, 1), simulate(MODEL, 9, 2, max_instants=7)
    assert asked == [(9, 1, None), (9, 2, 7)]
    for records, value in ((first, 1), (second, 2)):
        assert (
            records.cases["n"]
            == records.attributes
            == records.activities["case"]
            == records.duty["minutes"]
            == value
        )
        assert records.end == value


# --------------------------------------------------------------------------------- the cache folder


@pytest.fixture
def fresh() -> Iterator[None]:
    """No folder chosen yet, before and after."""
    kernels._cache_folder.cache_clear()
    kernels._options.cache_clear()
    yield
    kernels._cache_folder.cache_clear()
    kernels._options.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_a_byte_edited_in_any_source_that_is_frozen_into_kernels_gives_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(govsim.engine.__file__).parents[1]
    copy = tmp_path / "govsim"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(kernels, "_HERE", copy / "engine")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))

    def folder() -> Path | None:
        kernels._cache_folder.cache_clear()
        return kernels._cache_folder()

    first = folder()
    assert first is not None
    assert first.parent == tmp_path / "kept"
    edited = [*copy.glob("engine/**/*.py"), copy / "records.py", copy / "model" / "arrays.py"]
    assert {"loop.py", "case.py", "memory.py", "office.py"} <= {source.name for source in edited}
    for source in edited:
        text = source.read_bytes()
        source.write_bytes(text + b"#")
        assert folder() != first, source
        source.write_bytes(text)
        assert folder() == first, source
    (copy / "measures" / "catalogue.py").write_text("")
    assert folder() == first


@pytest.mark.usefixtures("fresh")
def test_a_read_only_installation_keeps_its_kernels_in_the_users_cache_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, so nothing can be made below it, not even by root")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(blocked))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    with caplog.at_level(logging.INFO, "govsim.engine"):
        folder = kernels._cache_folder()
    assert folder is not None
    assert folder.parent == tmp_path / "home" / "govsim"
    assert folder.is_dir()
    assert [record.getMessage() for record in caplog.records] == [
        f"{blocked} is read-only: compiled kernels are kept in {folder}",
        f"first use: compiling the kernels takes some seconds, once; they are kept in {folder}",
    ]


@pytest.mark.usefixtures("fresh")
def test_where_nothing_can_be_written_kernels_still_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(blocked))
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert kernels.jit(lambda x: x + 1)(2) == 3
    assert "compiled again in every process" in caplog.text
    assert blocked.read_text() == ""


LEAVES = """
import hashlib, sys
import numpy as np
from govsim.engine import kernels
kernels.FAST = {options}
sys.path.insert(0, "tests")
from county import county
from govsim.engine.calendars import duty_records, member_hours
from govsim.engine.filings import file_cases
from govsim.model import compile_model
arrays = compile_model(county(1000.0, 150, 3)).arrays
filings, hours = file_cases(arrays, np.uint64(3), 1), member_hours(arrays, np.uint64(3), 1)
digest = hashlib.sha256()
for column in (*filings, *hours, duty_records(arrays, hours, arrays.horizon)):
    digest.update(column.tobytes())
print(digest.hexdigest(), len(filings.n))
"""


@pytest.mark.long
def test_results_are_the_same_bytes_without_the_fast_options_and_without_compilation() -> None:
    fast = python(LEAVES.format(options="kernels.FAST"))
    assert fast.split()[1] != "0"
    assert python(LEAVES.format(options="{'an_option_that_numba_does_not_know': True}")) == fast
    assert python(LEAVES.format(options="kernels.FAST"), NUMBA_DISABLE_JIT="1") == fast


@pytest.mark.usefixtures("fresh")
def test_a_numba_that_refuses_the_fast_options_gets_plain_kernels(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert kernels._options() == kernels.FAST
    fast_folder = kernels._cache_folder()
    kernels._options.cache_clear()
    kernels._cache_folder.cache_clear()
    monkeypatch.setattr(kernels, "FAST", {"_refused": False})
    assert kernels._options() == {}
    assert "does not know _refused" in caplog.text
    assert kernels._cache_folder() != fast_folder
    assert kernels.jit(lambda x: x * 2)(4) == 8
