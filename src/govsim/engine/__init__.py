"""Two engines with one meaning, and the leaves that both call.

`simulate` picks an engine; importing this package loads neither Numba nor SimPy.
"""

from __future__ import annotations

from operator import index
from typing import TYPE_CHECKING, Literal

from govsim.errors import ValueNotPossible

if TYPE_CHECKING:
    from govsim.model.arrays import Model
    from govsim.records import Records


def simulate(
    model: Model,
    seed: int,
    replication: int,
    engine: Literal["compiled", "reference"] = "compiled",
    max_instants: int | None = None,
) -> Records:
    """Run one replication of a Model and return its Records, which stay valid.

    `seed` in [0, 2**64), `replication` in [0, 2**32). `max_instants` bounds how many instants the
    run may visit; beyond it the engine raises RuntimeError. ValueError: no such engine, seed,
    replication or bound; TypeError: not whole.
    """
    seed, replication = index(seed), index(replication)
    if not 0 <= seed < 2**64:
        raise ValueNotPossible(f"seed {seed} is not in [0, 2**64)")
    if not 0 <= replication < 2**32:
        raise ValueNotPossible(f"replication {replication} is not in [0, 2**32)")
    if max_instants is not None:
        max_instants = min(index(max_instants), 2**62)
        if max_instants < 0:
            raise ValueNotPossible(f"max_instants {max_instants} is less than 0")
    if engine == "compiled":
        from govsim.engine import compiled

        records = compiled.run(model.arrays, seed, replication, max_instants)
    elif engine == "reference":
        from govsim.engine import reference

        records = reference.run(model.arrays, seed, replication, max_instants)
    else:
        raise ValueNotPossible(f"engine {engine!r} is not one of 'compiled', 'reference'")
    # The compiled engine reuses its buffers from one replication to the next.
    return records._replace(
        cases=records.cases.copy(),
        attributes=records.attributes.copy(),
        activities=records.activities.copy(),
        duty=records.duty.copy(),
    )
