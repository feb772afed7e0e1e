"""Numbers that stand for things: for quantile tables, paths and names.

Quantile tables are numbered by shape, paths are tabulated by the day, names are hashed.
"""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

import numpy as np

from govsim.arrays import Floats
from govsim.errors import ValueNotPossible
from govsim.model.arrays import Keys, Paths
from govsim.organisation.nouns import Configuration, Distribution, Path


class Numbers:
    """Gives every distribution shape and every path its number while a configuration is
    compiled.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.days_after = max(0, configuration.horizon - configuration.reform_day)
        # the Poisson streams' table
        self._shapes: dict[tuple[str, tuple[float, ...]], int] = {("exponential", ()): 0}
        self._paths: dict[Path, int] = {}

    def table(self, distribution: Distribution) -> int:
        """Number of the mean-1 table of a distribution."""
        return self._shapes.setdefault((distribution.family, distribution.shape), len(self._shapes))

    def path(self, path: Path) -> int:
        """Number of a path."""
        return self._paths.setdefault(path, len(self._paths))

    @property
    def distributions(self) -> list[Distribution]:
        """One distribution of mean 1 for each table, in the order of their numbers."""
        return [Distribution(family, 1.0, shape) for family, shape in self._shapes]  # type: ignore[arg-type]

    def paths(self) -> Paths:
        """All paths in one set of arrays."""
        values = [tabulated(path, self.days_after) for path in self._paths] or [np.zeros(1)]
        return Paths(np.cumsum([0, *map(len, values)], dtype=np.int64), np.concatenate(values))


def tabulated(path: Path, days_after: int) -> Floats:
    """Entry 0: before the reform day; entry 1 + k: day k since. A constant has one entry."""
    if path.kind == "constant" or path.extra == 0.0:
        return np.array([path.base])
    k = np.arange(float(days_after))
    if path.kind == "decay":
        change = path.extra * 0.5 ** (k / path.length)
    elif path.kind == "step":
        change = np.where(k < path.length, path.extra, 0.0)
    else:
        change = path.extra * (
            np.minimum(1.0, k / path.length) if path.length > 0 else np.ones_like(k)
        )
    return np.concatenate([[path.before], path.base + change])


def by_day(before: Path, after: Path, reform_day: int, days: int) -> Floats:
    """One number for each day up to the horizon: `before`'s until the reform day,
    `after`'s from it.
    """
    days_after = max(0, days - reform_day)
    since = tabulated(after, days_after)
    tail = since[1:] if len(since) > 1 else np.full(days_after, after.base)
    return np.concatenate([np.full(days - days_after, before.before), tail])


def key(name: str) -> int:
    """The hash of a name in the place where draws expect it."""
    return crc32(name.encode()) << 32


def keys(names: Iterable[str]) -> Keys:
    """Hashed names."""
    return np.array([key(name) for name in names], dtype=np.uint64)


def refuse_collisions(names: Iterable[str]) -> None:
    """ValueError where two different names have the same hash:
    they would share their random draws.
    """
    seen: dict[int, str] = {}
    for name in names:
        other = seen.setdefault(key(name), name)
        if other != name:
            raise ValueNotPossible(
                f"names {other!r} and {name!r} have the same hash and would share their draws; "
                "rename one of them"
            )
