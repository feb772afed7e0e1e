"""Two engines with one meaning, and the leaves that both call.

`simulate` picks an engine; importing this package loads neither Numba nor SimPy. Kernels are compiled once and kept in
a folder named after everything that is frozen into them, because Numba itself notices an edit only in the very file of
the function that it cached.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from govsim.model.arrays import Model
    from govsim.records import Records

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

# `_nrt` is not public: without it Numba counts references to every array of the Model, which takes most of the time.
# What is compiled so cannot allocate.
FAST = {"forceinline": True, "_nrt": False, "no_cfunc_wrapper": True}

_HERE = Path(__file__).parent
# The constants of these two are frozen into the kernels as well.
_SOURCES = [*sorted(_HERE.glob("*.py")), _HERE.parent / "model" / "arrays.py", _HERE.parent / "records.py"]
_log = logging.getLogger(__name__)


def simulate(
    model: Model,
    seed: int,
    replication: int,
    engine: Literal["compiled", "reference"] = "compiled",
    max_instants: int | None = None,
) -> Records:
    """Run one replication of a Model and return its Records, which stay valid.

    `seed` in [0, 2**64), `replication` in [0, 2**32). `max_instants` bounds how many instants the run may visit; beyond
    it the engine raises RuntimeError. ValueError: no such engine, seed or replication.
    """
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed {seed} is not in [0, 2**64)")
    if not 0 <= replication < 2**32:
        raise ValueError(f"replication {replication} is not in [0, 2**32)")
    if engine == "compiled":
        from govsim.engine.compiled import run
    elif engine == "reference":
        from govsim.engine.reference import run
    else:
        raise ValueError(f"engine {engine!r} is not one of 'compiled', 'reference'")
    records: Records = run(model.arrays, seed, replication, max_instants)
    # The compiled engine reuses its buffers from one replication to the next.
    return records._replace(
        cases=records.cases.copy(),
        attributes=records.attributes.copy(),
        activities=records.activities.copy(),
        duty=records.duty.copy(),
    )


def jit(function: Kernel) -> Kernel:
    """Compile a kernel: the one decorator of this folder."""
    import numba

    config: Any = numba.config
    njit: Any = numba.njit
    folder = _cache_folder()
    found = config.CACHE_DIR
    try:
        # Numba reads it when a function is decorated, so nobody else's functions ever see it.
        config.CACHE_DIR = str(folder or "")
        compiled: Kernel = njit(cache=folder is not None, nogil=True, **_options())(function)
    finally:
        config.CACHE_DIR = found
    return compiled


@cache
def _options() -> dict[str, bool]:
    """The fast options, or none where this Numba does not know them."""
    from numba.core import cpu

    known = dir(getattr(cpu, "CPUTargetOptions", None))
    if all(option in known for option in FAST):
        return FAST
    _log.warning("this version of Numba does not know %s: kernels run slower, results are the same", ", ".join(FAST))
    return {}


@cache
def _cache_folder() -> Path | None:
    """Where compiled kernels are kept: beside the sources (or in NUMBA_CACHE_DIR), else the user's cache, else nowhere."""
    import numba

    config: Any = numba.config
    name = "govsim-" + _fingerprint(f"{_options()} {config.BOUNDSCHECK}")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    first, *others = [Path(config.CACHE_DIR or _HERE / "__pycache__"), home / "govsim"]
    for parent in (first, *others):
        folder = parent / name
        new = not folder.exists()
        if not _writable(folder):
            continue
        if parent != first:
            _log.warning("%s is read-only: compiled kernels are kept in %s", first, folder)
        if new:
            _log.info("first use: compiling the kernels takes some seconds, once; they are kept in %s", folder)
        return folder
    _log.warning("neither %s nor %s can be written: kernels are compiled again in every process", first, others[0])
    return None


def _fingerprint(settings: str) -> str:
    """A hash of everything that is frozen into compiled kernels and that Numba does not look at."""
    digest = hashlib.sha256(settings.encode())
    for source in _SOURCES:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
