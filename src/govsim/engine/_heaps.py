"""Binary heaps of the compiled engine: what falls due next, and who waits."""

from __future__ import annotations

from typing import Any

from govsim.engine._memory import EVENTS, Plan, Rows, Work
from govsim.engine.kernels import Kernel, jit


def inner(function: Kernel) -> Kernel:
    """A kernel that only kernels call: without its Python entry everything compiles in half the time."""
    kernel: Any = jit(function)
    if hasattr(kernel, "targetoptions"):  # not where NUMBA_DISABLE_JIT is set
        kernel.targetoptions["no_cpython_wrapper"] = True
    return kernel  # type: ignore[no-any-return]


@inner
def push_event(p: Plan, w: Work, time: float, load: int) -> None:
    """Let something fall due; what lies at or beyond the horizon never does."""
    if time < p.horizon:
        heap = w.events
        k = w.counts[EVENTS]
        w.counts[EVENTS] = k + 1
        while k > 0:
            above = (k - 1) >> 1
            if heap[above]["time"] <= time:
                break
            heap[k]["time"] = heap[above]["time"]
            heap[k]["load"] = heap[above]["load"]
            k = above
        heap[k]["time"] = time
        heap[k]["load"] = load


@inner
def pop_event(w: Work) -> int:
    """Take the event that falls due first."""
    heap = w.events
    load = int(heap[0]["load"])
    size = w.counts[EVENTS] - 1
    w.counts[EVENTS] = size
    time, last = float(heap[size]["time"]), int(heap[size]["load"])
    k, below = 0, 1
    while below < size:
        if below + 1 < size and heap[below + 1]["time"] < heap[below]["time"]:
            below += 1
        if time <= heap[below]["time"]:
            break
        heap[k]["time"] = heap[below]["time"]
        heap[k]["load"] = heap[below]["load"]
        k = below
        below = 2 * k + 1
    heap[k]["time"] = time
    heap[k]["load"] = last
    return load


@inner
def comes_before(heap: Rows, k: int, rank: float, joined: float, place: int) -> bool:
    """Whether entry k of a queue comes before one with these keys."""
    if heap[k]["rank"] != rank:
        return bool(heap[k]["rank"] < rank)
    if heap[k]["joined"] != joined:
        return bool(heap[k]["joined"] < joined)
    return bool(heap[k]["place"] < place)


@inner
def put(heap: Rows, k: int, rank: float, joined: float, place: int, row: int) -> None:
    """Write an entry of a queue."""
    heap[k]["rank"] = rank
    heap[k]["joined"] = joined
    heap[k]["place"] = place
    heap[k]["row"] = row


@inner
def move(heap: Rows, source: int, target: int) -> None:
    """Copy an entry of a queue."""
    put(heap, target, heap[source]["rank"], heap[source]["joined"], heap[source]["place"], heap[source]["row"])


@inner
def enter_queue(w: Work, queue: int, rank: float, joined: float, place: int, row: int) -> None:
    """Put an activity into a queue: smallest rank first, then the longest waiting, then the lowest place."""
    heap, first, k = w.places, w.queues[queue]["first"], w.queues[queue]["size"]
    w.queues[queue]["size"] = k + 1
    while k > 0:
        above = (k - 1) >> 1
        if comes_before(heap, first + above, rank, joined, place):
            break
        move(heap, first + above, first + k)
        k = above
    put(heap, first + k, rank, joined, place, row)


@inner
def leave_queue(w: Work, queue: int) -> int:
    """Take the head of a queue; its activity."""
    heap, first, size = w.places, w.queues[queue]["first"], w.queues[queue]["size"] - 1
    head = int(heap[first]["row"])
    w.queues[queue]["size"] = size
    rank, joined = float(heap[first + size]["rank"]), float(heap[first + size]["joined"])
    place, row = int(heap[first + size]["place"]), int(heap[first + size]["row"])
    k, below = 0, 1
    while below < size:
        left, right = heap[first + below], first + below + 1
        if below + 1 < size and comes_before(heap, right, left["rank"], left["joined"], left["place"]):
            below += 1
        if not comes_before(heap, first + below, rank, joined, place):
            break
        move(heap, first + below, first + k)
        k = below
        below = 2 * k + 1
    put(heap, first + k, rank, joined, place, row)
    return head
