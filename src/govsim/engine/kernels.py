"""The one decorator of compiled code, and where what it compiles is kept.

Kernels are compiled once and kept in a folder named after everything that is frozen into them,
because Numba itself notices an edit only in the very file of the function that it cached.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

# `_nrt` is not public: without it Numba counts references to every array of the Model, which takes
# most of the time. What is compiled so cannot allocate.
FAST = {"forceinline": True, "_nrt": False, "no_cfunc_wrapper": True}

_HERE = Path(__file__).parent
_config: Any = numba.config
_log = logging.getLogger(__name__)


def jit(function: Kernel) -> Kernel:
    """Compile a kernel: the one decorator of this folder."""
    njit: Any = numba.njit
    folder = _cache_folder()
    found = _config.CACHE_DIR
    try:
        # Numba reads it when a function is decorated, so nobody else's functions ever see it.
        _config.CACHE_DIR = str(folder or "")
        compiled: Kernel = njit(cache=folder is not None, nogil=True, **_options())(function)
    finally:
        _config.CACHE_DIR = found
    return compiled


def inner(function: Kernel) -> Kernel:
    """A kernel that only kernels call: without an entry from Python everything compiles
    in half the time.
    """
    kernel: Any = jit(function)
    # the decorator sets this one itself; nothing is there without compilation
    if hasattr(kernel, "targetoptions"):
        kernel.targetoptions["no_cpython_wrapper"] = True
    return kernel  # type: ignore[no-any-return]


@cache
def _options() -> dict[str, bool]:
    """The fast options, or none where this Numba does not know them."""
    from numba.core import cpu

    known = dir(getattr(cpu, "CPUTargetOptions", None))
    if all(option in known for option in FAST):
        return FAST
    _log.warning(
        "this version of Numba does not know %s: kernels run slower, results are the same",
        ", ".join(FAST),
    )
    return {}


@cache
def _cache_folder() -> Path | None:
    """Where compiled kernels are kept: beside the sources (or in NUMBA_CACHE_DIR),
    else the user's cache, else nowhere.
    """
    name = "govsim-" + _fingerprint(f"{_options()} {_config.BOUNDSCHECK}")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    first, second = Path(_config.CACHE_DIR or _HERE / "__pycache__"), home / "govsim"
    for parent in (first, second):
        folder = parent / name
        new = not folder.exists()
        if not _writable(folder):
            continue
        if parent != first:
            _log.warning("%s is read-only: compiled kernels are kept in %s", first, folder)
        if new:
            _log.info(
                "first use: compiling the kernels takes some seconds, once; they are kept in %s",
                folder,
            )
        return folder
    _log.warning(
        "neither %s nor %s can be written: kernels are compiled again in every process",
        first,
        second,
    )
    return None


def _fingerprint(settings: str) -> str:
    """A hash of everything that is frozen into compiled kernels and that Numba does not look at:
    every source below this folder, and the two whose constants kernels use.
    """
    digest = hashlib.sha256(settings.encode())
    constants = [_HERE.parent / "model" / "arrays.py", _HERE.parent / "records.py"]
    for source in [*sorted(_HERE.rglob("*.py")), *constants]:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
