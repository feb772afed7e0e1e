"""Working time of many spans at once: what measures need of the calendars."""

from __future__ import annotations

import numpy as np

from govsim.engine.calendars import worked
from govsim.engine.kernels import jit
from govsim.model.arrays import AnyArrays, Floats, Ints


def worked_many(calendars: AnyArrays, k: Ints, a: Floats, b: Floats) -> Floats:
    """Working minutes of calendar k[i] in [a[i], b[i]]; where `calendars` are members' hours, k[i] is a member."""
    out = np.empty(len(k))
    _worked(calendars, k, a, b, out)
    return out


@jit
def _worked(c: AnyArrays, k: AnyArrays, a: AnyArrays, b: AnyArrays, out: AnyArrays) -> None:
    for i in range(len(k)):
        out[i] = worked(c, k[i], a[i], b[i])
