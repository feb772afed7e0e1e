"""Working time of many spans at once: what measures need of the calendars."""

from __future__ import annotations

from govsim.engine.calendars import worked
from govsim.engine.draws import jit
from govsim.model.arrays import AnyArrays


@jit
def worked_many(c: AnyArrays, k: AnyArrays, a: AnyArrays, b: AnyArrays, out: AnyArrays) -> None:
    """out[i] = working minutes of calendar k[i] in [a[i], b[i]]; with members' hours as `c`, k[i] is a member."""
    for i in range(len(k)):
        out[i] = worked(c, k[i], a[i], b[i])
