"""The run store on disk: one folder per run, one row per replication.

It can be read while it is written.

A folder holds `run.json` (what made the run) and `run.sqlite` (what came out). A row holds all
configurations of one replication, because a replication is the unit of inference and its pairs are
made together. A run killed at any instant loses only the replications under way. Two runs have the
same content when their rows are the same bytes once decompressed, whatever the order in which they
were written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import socket
import sqlite3
import weakref
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from govsim.errors import StoreError, ValueNotPossible

try:
    import fcntl
except ImportError:  # Windows: SQLite's own lock has to do
    fcntl = None  # type: ignore[assignment]

RESULTS = 5  # raised by every change after which numbers differ
FORMAT = 1  # raised when the layout of run.sqlite changes
# kind of study -> the command that makes it
STUDIES = {"attribution": "attribute", "worlds": "explore", "staff": "staff"}
UNTIL = "until"  # the key of `about` that tells which rule, not which number, ends the run
KEEPS = ("measures", "cases", "activities")

KINDS = {
    "name": str,
    "scenario": str,
    "text": str,
    "seed": int,
    "configurations": list,
    "replications": int,
    "results": int,
    "about": dict,
}
DAMAGED = "restore the folder from a copy, or run again elsewhere"

Blobs = Mapping[str, bytes]
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Settings:
    """What made a run. The fields of `identity` decide its numbers; the rest is for people."""

    name: str
    scenario: str  # path of the scenario file
    text: str
    scenario_hash: str
    claims_hash: str
    seed: int
    configurations: tuple[str, ...]
    engine: str
    replications: int = 0  # asked for; what resume goes on to
    keep: str = "measures"
    variant: str | None = None
    # what the rows are, where they are not a run's: kind and design
    study: Mapping[str, Any] = field(default_factory=dict)
    results: int = RESULTS
    # posts, names, measures: what the tables print
    about: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    started: str = ""

    @property
    def identity(self) -> dict[str, Any]:
        """What two sets of replications must share to be one run."""
        keys = (
            "scenario_hash",
            "variant",
            "configurations",
            "seed",
            "engine",
            "results",
            "keep",
            "study",
        )
        measured = {key: self.about.get(key) for key in ("travel", "pooled")}
        measured["refuses"] = bool(self.about.get("refuses"))
        return {key: getattr(self, key) for key in keys} | measured

    @property
    def id(self) -> str:
        """The run's name: the scenario's and six digits that any other scenario, seed,
        configuration, engine or version of the results changes.
        """
        parts: list[Any] = [
            self.scenario_hash,
            self.variant,
            self.configurations,
            self.seed,
            self.engine,
            self.results,
        ]
        parts += [self.study] if self.study else []
        return f"{self.name}-{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:6]}"

    def refuse_study(self, folder: Path) -> None:
        """StoreError where the rows are a study's, not a run's."""
        if self.study:
            kind = STUDIES[self.study["kind"]]
            raise StoreError(
                f"{folder}: a study of a run (kind {self.study['kind']}), not a run; its result is "
                "printed, and what it lacks is "
                f"done, by: govsim {kind} {folder.parent}"
            )

    def refuse_other_results(self, folder: Path) -> None:
        """StoreError where another version of the results made the rows.

        What would be told of them today is not what they say. It names what makes them again.
        """
        if self.results == RESULTS:
            return
        if self.study and self.study.get("kind") in STUDIES:
            again = (
                f"move this folder away and make the study again with: govsim "
                f"{STUDIES[self.study['kind']]} {shlex.quote(str(folder.parent))}"
            )
        else:
            again = f"make the run again with: {self.again(folder)}"
            gone = f" (that file is gone; its text is in {folder / 'run.json'})"
            again += "" if Path(self.scenario).exists() else gone
        raise StoreError(
            f"{folder}: holds numbers of another result version: found {self.results}, this govsim "
            f"reads and makes {RESULTS}; {again}"
        )

    def again(self, folder: Path) -> str:
        """The command that makes this run again, beside its folder."""
        said: list[object] = ["govsim", "run", self.scenario]
        said += [] if UNTIL in self.about else ["-n", self.replications]
        said += ["--seed", self.seed, "--configurations", ",".join(self.configurations)]
        said += ["--variant", self.variant] if self.variant else []
        said += ["--engine", self.engine] if self.engine != "compiled" else []
        said += ["--keep", self.keep] if self.keep != KEEPS[0] else []
        said += ["--out", folder.parent] if folder.parent != Path("runs") else []
        return shlex.join(map(str, said))

    def to_json(self) -> str:
        """The text of run.json."""
        return json.dumps({"id": self.id, **asdict(self)}, ensure_ascii=False, indent=1)

    @classmethod
    def read(cls, folder: Path) -> Settings:
        """The settings of the run in a folder.

        StoreError where there is none, or one of another version of the results.
        """
        found = _settings(folder)
        found.refuse_other_results(folder)
        return found

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read run.json back."""
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("it is not a list of keys")
        values = {each.name: found[each.name] for each in fields(cls) if each.name in found}
        values.setdefault("results", 0)  # runs of the first versions do not say it
        for key, kind in KINDS.items():
            if not isinstance(values.get(key, kind()), kind):
                raise ValueError(f"{key} is {values[key]!r}")
        return cls(**{**values, "configurations": tuple(values["configurations"])})


# --------------------------------------------------------------------------------- arrays in a blob


def pack(arrays: Arrays) -> bytes:
    """Named arrays as one compressed blob; tables go column by column, which halves them.

    An array of several names is written once.
    """
    first: dict[int, str] = {}
    names = sorted(arrays)
    same = {name: first.setdefault(id(arrays[name]), name) for name in names}
    head = json.dumps(
        [
            [name, np.lib.format.dtype_to_descr(arrays[name].dtype), arrays[name].shape]
            if same[name] == name
            else [name, same[name]]
            for name in names
        ]
    ).encode()
    body = b"".join(part for name in names if same[name] == name for part in _columns(arrays[name]))
    return zlib.compress(len(head).to_bytes(4, "little") + head + body, 1)


def unpack(blob: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of a blob, by name."""
    data = zlib.decompress(blob)
    at = 4 + int.from_bytes(data[:4], "little")
    arrays: dict[str, NDArray[Any]] = {}
    for name, described, *rest in json.loads(data[4:at]):
        if not rest:
            arrays[name] = arrays[described]
            continue
        dtype = np.dtype(
            described if isinstance(described, str) else [tuple(each) for each in described]
        )
        array = np.empty(rest[0], dtype)
        for column in [array[each] for each in dtype.names] if dtype.names else [array]:
            column[...] = np.frombuffer(data, column.dtype, column.size, at).reshape(column.shape)
            at += column.size * column.dtype.itemsize
        arrays[name] = array
    return arrays


def _columns(array: NDArray[Any]) -> list[bytes]:
    return (
        [array[name].tobytes() for name in array.dtype.names]
        if array.dtype.names
        else [array.tobytes()]
    )


# ---------------------------------------------------------------------------------------- the store


class Store:
    """The rows of one run: append them while it runs, read them back afterwards.
    `folder` None keeps them in memory.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path | None,
        connection: sqlite3.Connection,
        lock: BinaryIO | None = None,
    ) -> None:
        self.settings = settings
        self.folder = folder
        self._connection = connection
        self._lock = lock
        self._finalizer = weakref.finalize(self, connection.close)

    @classmethod
    def create(cls, settings: Settings, folder: Path | None) -> Store:
        """Open a run for writing; an existing folder must hold the same run, a new one is made.

        Raises StoreError where another process writes to the folder or it holds another run.
        """
        if folder is None:
            return cls(
                settings,
                None,
                _tables(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)),
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = _acquire(folder)
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be written to ({error.strerror}); choose another folder with "
                "--out"
            ) from None
        try:
            if (folder / "run.json").exists():
                found = _settings(folder)
                _refuse_another(folder, found, settings)
                about = {key: each for key, each in found.about.items() if key != UNTIL}
                about |= {UNTIL: settings.about[UNTIL]} if UNTIL in settings.about else {}
                settings = replace(
                    found, replications=max(found.replications, settings.replications), about=about
                )
            try:
                write_whole(folder / "run.json", settings.to_json())
            except OSError as error:
                raise StoreError(
                    f"{folder}: run.json cannot be written ({error.strerror}); make room there, or "
                    "--out"
                ) from None
            connection = _connect(folder, write=True)
        except BaseException:
            _release(folder, lock)
            raise
        return cls(settings, folder, connection, lock)

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open a run for reading.

        That is possible while it is being written too, and in a folder that may not be written to.
        """
        settings = Settings.read(folder)
        return cls(settings, folder, _connect(folder, write=False))

    def append(self, number: int, blobs: Blobs) -> None:
        """Store one replication: `measures`, and `cases`, `activities` where they are kept."""
        row = (number, blobs["measures"], blobs.get("cases"), blobs.get("activities"))
        try:
            self._connection.execute("INSERT INTO replications VALUES (?, ?, ?, ?)", row)
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{self.folder}: replication {number} cannot be stored ({error}); what is stored "
                "stays. "
                f"Make room, then continue with: govsim resume {self.folder}"
            ) from None

    def done(self) -> list[int]:
        """The numbers of the replications stored so far, increasing."""
        return [
            number for (number,) in self._select("SELECT number FROM replications ORDER BY number")
        ]

    def read(
        self, what: str = "measures", numbers: range | None = None
    ) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
        """The arrays of every replication (of those in `numbers`), by number.

        `what` is measures, cases or activities.
        """
        for number, blob in self._rows(what, numbers):
            with self._readable(number):
                arrays = unpack(blob)
            yield number, arrays

    def size(self) -> int:
        """Bytes of all rows."""
        query = (
            "SELECT TOTAL(LENGTH(measures) + LENGTH(COALESCE(cases, '')) + "
            "LENGTH(COALESCE(activities, ''))) FROM replications"
        )
        return int(next(self._select(query))[0])

    def digest(self, *what: str) -> str:
        """SHA-256 of the decompressed rows in the order of their numbers.

        By default it is that of the measures alone.
        """
        content = hashlib.sha256()
        for each in what or ("measures",):
            for number, blob in self._rows(each):
                with self._readable(number):
                    content.update(
                        number.to_bytes(8, "little")
                        + hashlib.sha256(zlib.decompress(blob)).digest()
                    )
        return content.hexdigest()

    def close(self) -> None:
        """End reading or writing.

        A written run becomes one plain file that a read-only folder can hold.
        """
        if not self._finalizer.alive:
            return
        if self._lock is not None and self.folder is not None:
            # somebody is reading: the next one to write tidies up
            with suppress(sqlite3.OperationalError):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._connection.execute("PRAGMA journal_mode=DELETE")
        self._finalizer()
        if self._lock is not None and self.folder is not None:
            _release(self.folder, self._lock)

    def _rows(self, what: str, numbers: range | None = None) -> Iterator[tuple[int, bytes]]:
        if what not in KEEPS:
            raise ValueNotPossible(f"a run holds {', '.join(KEEPS)}, not {what!r}")
        if KEEPS.index(what) > KEEPS.index(self.settings.keep):
            raise StoreError(
                f"{self.settings.id}: {what} were not kept (keep = {self.settings.keep}); "
                f"run it again into another folder with --keep {what}"
            )
        among = (
            ""
            if numbers is None
            else f" WHERE number >= {numbers.start} AND number < {numbers.stop}"
        )
        yield from self._select(f"SELECT number, {what} FROM replications{among} ORDER BY number")

    def _select(self, query: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(query)
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{self.folder}: run.sqlite cannot be read ({error}); {DAMAGED}"
            ) from None

    @contextmanager
    def _readable(self, number: int) -> Iterator[None]:
        """Say of a row that is not what was written that the file is damaged."""
        try:
            yield
        except (zlib.error, ValueError, TypeError, IndexError) as error:
            raise StoreError(
                f"{self.folder}: replication {number} in run.sqlite is damaged ({error}); {DAMAGED}"
            ) from None


def content_digest(folder: str | os.PathLike[str], *what: str) -> str:
    """The digest of a run folder: equal for equal content.

    The number of workers, order or interruptions do not matter.
    """
    store = Store.open(Path(folder))
    try:
        return store.digest(*what)
    finally:
        store.close()


# ---------------------------------------------------------------------------------- files and locks


def _settings(folder: Path) -> Settings:
    try:
        return Settings.from_json((folder / "run.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(
            f"{folder}: no run here (run.json is missing); a run folder is made by: govsim run FILE"
        ) from None
    except OSError as error:
        raise StoreError(
            f"{folder / 'run.json'}: cannot be read ({error.strerror}); look at the folder and "
            "your rights"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{folder / 'run.json'}: not a description of a run ({error}); restore the file or run "
            "again"
        ) from None


def _refuse_another(folder: Path, found: Settings, wanted: Settings) -> None:
    """Refuse to append to a run that other settings made."""
    there, here = found.identity, wanted.identity
    for key, value in there.items():
        if value == here[key]:
            continue
        if key == "scenario_hash":
            raise StoreError(
                f"{folder}: {found.scenario} says something else than when this run was made; "
                "their replications may not be "
                "mixed. Restore the file (its text is in run.json), or start a new run: govsim run"
            )
        what = {
            "results": "result version",
            "configurations": "set of configurations",
            "study": "design",
            "travel": "travel time of applicants",
            "pooled": "set of measures with kept distributions",
            "refuses": "set of applicants with kept means",
        }.get(key, key)
        raise StoreError(
            f"{folder}: holds a run with another {what}: found {_shown(value)}, asked for "
            f"{_shown(here[key])}; "
            "their replications may not be mixed. Continue with the same settings, or give another "
            "folder (--out)"
        )


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there entirely or not at all."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _connect(folder: Path, write: bool) -> sqlite3.Connection:
    path = folder / "run.sqlite"
    if not write and not path.exists():
        raise StoreError(f"{path}: holds no replication yet; continue with: govsim resume {folder}")
    locked_away = not os.access(
        folder, os.W_OK, effective_ids=os.access in os.supports_effective_ids
    )
    if locked_away and (left := path.with_name("run.sqlite-wal")).exists() and left.stat().st_size:
        raise StoreError(
            f"{folder}: the run was not closed and the folder may not be written to; copy the "
            "folder to where you may write, "
            "then show it there"
        )
    mode = "?mode=rwc" if write else "?immutable=1" if locked_away else "?mode=ro"
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            path.absolute().as_uri() + mode,
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=60,
        )
        if write:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            _tables(connection)
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if not found:
            raise StoreError(
                f"{path}: holds no replication yet; continue with: govsim resume {folder}"
            )
        if found != FORMAT:
            raise StoreError(
                f"{path}: layout {found}, this govsim reads layout {FORMAT}; use the govsim that "
                "wrote it, or run again"
            )
    except BaseException as error:
        if connection is not None:
            connection.close()
        if isinstance(error, sqlite3.Error):
            what_to_do = (
                "make room there, or choose another folder with --out"
                if "full" in str(error)
                else DAMAGED
            )
            raise StoreError(f"{path}: cannot be opened ({error}); {what_to_do}") from None
        raise
    return connection


def _tables(connection: sqlite3.Connection) -> sqlite3.Connection:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if not found:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS replications "
            "(number INTEGER PRIMARY KEY, measures BLOB NOT NULL, cases BLOB, activities BLOB)"
        )
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    return connection


def _acquire(folder: Path) -> BinaryIO:
    """Be the folder's one writer. The operating system forgets the lock of a process
    that was killed.
    """
    path = folder / "run.lock"
    while True:
        lock = open(path, "a+b")  # noqa: SIM115 - held until the run is closed
        try:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().decode() or "another process"
            lock.close()
            raise StoreError(
                f"{folder}: {holder} is writing to this run; wait for it or stop it, then try again"
            ) from None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock.fileno()), os.stat(path)):
                lock.truncate(0)
                lock.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
                lock.flush()
                return lock
        lock.close()  # its last holder deleted the file in between


def _release(folder: Path, lock: BinaryIO) -> None:
    with suppress(OSError):
        (folder / "run.lock").unlink()
    lock.close()
