"""What the compiled engine reads and writes: the Model as records, and its working memory.

The Model is packed, and memory is allocated, before the loop. Few arrays, for a reason: what a
kernel takes to compile grows with the number of arrays that it is handed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Floats, Ints
from govsim.engine.calendars import Hours
from govsim.engine.filings import Filings
from govsim.engine.kernels import inner
from govsim.model.arrays import MEET, TASK, Arrays, Calendars, Paths, Tables
from govsim.records import ACTIVITIES, CASES, PARTS

Rows = NDArray[Any]  # an array of records

# Places in Work.counts.
EVENTS, ROWS, JOINING, READY, SESSIONS, REGIME, COUNTED_OPEN, FILED, INSTANTS, COUNTS = range(10)
LAST_END, NEXT_TURN = range(2)  # in Work.times


def record(ints: str, floats: str = "") -> np.dtype[np.void]:
    """The type of a record of whole numbers and minutes."""
    return np.dtype(
        [(name, "i8") for name in ints.split()] + [(name, "f8") for name in floats.split()]
    )


# What falls due: load = number * 8 + kind.
TOKEN_DUE, PATIENCE_DUE, TURN_DUE, SESSION_DUE, REFORM_DUE, FILING_DUE = range(6)

EVENT = record("load", "time")
FILING = record("service n", "filed")
PLACE = record("place row", "rank joined")  # in a queue
# of an activity: the case's activity before it, its due date at the desk
TRACE = record("token earlier", "due")
# step: row of Steps. stage: what its next event means. attempt 0: has not joined the step's own
# desk. Of a token that waits for its branches: how many are not back, when one last came back,
# which counts.
TOKEN = record("step stage attempt row parent branches last", "back")
# row: newest activity. stops: branches that stop the clock. checked, late: the first check of
# papers is over; it was late. known: when the acceptance became known. start: of the clock. since:
# when it stopped.
STATE = record(
    "service n regime row stops checked late",
    "known start stopped promise_known promise_start promise_stopped since transfer",
)
# on: open intervals of the calendar; turn: next opening or closing, turns: its instant
MEMBER = record("group on busy idle turn", "since turns")
# idle servers; a list of ready desks; the desk's place in that list
DESK = record("idle ready place")
QUEUE = record("first size")
# next session; seats left; a list of the meetings of this instant
MEETING = record("next seats held")
SERVER = record("member preference alike")  # alike: class of the same preference and efficiency
POST = record("desk")


class Plan(NamedTuple):
    """What the loop reads. Records have the columns of their namesakes in model.arrays."""

    seed: np.uint64
    replication: int
    width: int
    learning_kind: int
    reform: float
    horizon: float
    count_from: float
    count_until: float
    calendars: Calendars
    tables: Tables
    paths: Paths
    hours: Hours
    steps: Rows
    reviews: Rows
    misdirections: Rows
    services: Rows  # [regime, service]
    desks: Rows  # [regime, desk]
    branches: Rows  # target, slot
    leave: Floats
    efficiency: Floats  # [regime, member, desk]
    learns: Ints  # [member, desk]
    learning: Floats
    first_session: Ints
    sessions: Rows
    first_server: Ints  # [regime * desks + desk]
    servers: Rows  # by preference, -efficiency, number
    first_post: Ints  # [regime * members + member]
    posts: Rows
    attributes: NDArray[np.int32]


class Work(NamedTuple):
    """What the loop writes.

    It is by case, token = case * width + slot, row of the log, member, desk, meeting. Queues are
    the desks', then the meetings'.
    """

    counts: Ints
    # [2] instant at which the last counted case ended; next one at which a calendar turns
    times: Floats
    filings: Rows
    events: Rows
    due: Ints
    joining: Ints
    cases: Rows
    state: Rows
    tokens: Rows
    parts: Floats  # [token, part]
    log: Rows
    trace: Rows
    members: Rows
    desks: Rows
    completions: Ints  # [member, desk]
    queues: Rows
    places: Rows
    meetings: Rows


class Buffers:
    """Arrays that one thread uses again in every replication; they only ever grow. Beside them the
    Model as the loop reads it, packed anew only where it is another one.

    What the loop leaves behind, and no Records need, may be that of other Buffers.
    """

    def __init__(self, loop: Buffers | None = None) -> None:
        self.loop = loop or self
        self._held: dict[str, NDArray[Any]] = {}
        self._packed: tuple[Arrays, dict[str, Any]] | None = None

    def packed(self, arrays: Arrays) -> dict[str, Any]:
        """The fields of Plan that no replication changes."""
        if self._packed is None or self._packed[0] is not arrays:
            self._packed = arrays, packed(arrays)
        return self._packed[1]

    def hold(self, name: str, size: int, kind: Any) -> NDArray[Any]:
        """An array of `size` items whose content is what the last user left."""
        held = self._held.get(name)
        if held is None or len(held) < size:
            held = self._held[name] = np.empty(size + size // 8, dtype=kind)
        return held[:size]


def pack(columns: Any, names: tuple[str, ...], shape: tuple[int, ...]) -> Rows:
    """Columns side by side in one array of records."""
    rows = np.empty(shape, dtype=[(name, getattr(columns, name).dtype) for name in names])
    for name in names:
        rows[name] = getattr(columns, name)
    return rows


def bounds(owner: Ints, owners: int) -> Ints:
    """CSR bounds of sorted owner numbers."""
    return np.searchsorted(owner, np.arange(owners + 1)).astype(np.int64)


def posts(arrays: Arrays) -> tuple[Ints, Rows, Ints, Rows]:
    """Who serves which desk, both ways: bounds and servers by desk, bounds and posts by member."""
    regimes, members, desks = arrays.staff.efficiency.shape
    regime, member, desk = np.nonzero(arrays.staff.efficiency)
    efficiency = arrays.staff.efficiency[regime, member, desk]
    preference = arrays.staff.preference[regime, member, desk]
    owner = regime * desks + desk
    order = np.lexsort((member, -efficiency, preference, owner))
    key = np.stack([owner, preference, efficiency])[:, order]
    servers = np.zeros(len(order), dtype=SERVER)
    servers["member"] = member[order]
    servers["preference"] = preference[order]
    servers["alike"][1:] = np.cumsum((key[:, 1:] != key[:, :-1]).any(axis=0))
    by_member = np.zeros(len(order), dtype=POST)  # np.nonzero gives them in this order
    by_member["desk"] = desk
    first_server, first_post = (
        bounds(owner[order], regimes * desks),
        bounds(regime * members + member, regimes * members),
    )
    return first_server, servers, first_post, by_member


def plan(
    arrays: Arrays, filings: Filings, hours: Hours, seed: int, replication: int, buffers: Buffers
) -> Plan:
    """What the loop reads in one replication."""
    return Plan(
        seed=np.uint64(seed),
        replication=replication,
        hours=hours,
        attributes=filings.attributes,
        **buffers.packed(arrays),
    )


def packed(arrays: Arrays) -> dict[str, Any]:
    """The Model as the loop reads it."""
    services, desks = len(arrays.services.key), len(arrays.desks.kind)
    served = tuple(
        name for name in arrays.services._fields if name not in ("key", "rows", "internal")
    )
    branches = np.empty(len(arrays.target), dtype=record("target slot"))
    branches["target"], branches["slot"] = arrays.target, arrays.slot
    first_server, servers, first_post, by_member = posts(arrays)
    return {
        "width": arrays.width,
        "learning_kind": arrays.staff.learning_kind,
        "reform": arrays.reform,
        "horizon": arrays.horizon,
        "count_from": arrays.count_from,
        "count_until": arrays.count_until,
        "calendars": arrays.calendars,
        "tables": arrays.tables,
        "paths": arrays.paths,
        "steps": pack(arrays.steps, arrays.steps._fields, arrays.steps.op.shape),
        "reviews": pack(arrays.reviews, arrays.reviews._fields, arrays.reviews.then.shape),
        "misdirections": pack(
            arrays.misdirections, arrays.misdirections._fields, arrays.misdirections.desk.shape
        ),
        "services": pack(arrays.services, served, (2, services)),
        "desks": pack(arrays.desks, arrays.desks._fields, (2, desks)),
        "branches": branches,
        "leave": arrays.leave,
        "efficiency": arrays.staff.efficiency,
        "learns": arrays.staff.learns,
        "learning": arrays.staff.learning,
        "first_session": arrays.meetings.first,
        "sessions": pack(arrays.meetings, ("session", "seats"), arrays.meetings.session.shape),
        "first_server": first_server,
        "servers": servers,
        "first_post": first_post,
        "posts": by_member,
    }


def places(arrays: Arrays, cases: Ints) -> Ints:
    """At most so many entries in each queue, one for each step that may join it, of so many
    `cases` [regime, service].
    """
    steps = arrays.steps
    desks = len(arrays.desks.kind)
    tasks, meets = np.flatnonzero(steps.op == TASK), np.flatnonzero(steps.op == MEET)
    wrong = tasks[steps.misdirected[tasks] >= 0]
    wrong_desk = arrays.misdirections.desk[steps.misdirected[wrong]]
    queue = np.concatenate([steps.desk[tasks], desks + steps.meeting[meets], wrong_desk])
    starts = np.unique(arrays.services.program)  # programs lie one after another
    owner = np.searchsorted(starts, np.concatenate([tasks, meets, wrong]), side="right") - 1
    number = np.zeros(len(starts), dtype=np.int64)
    np.add.at(number, np.searchsorted(starts, arrays.services.program), cases)
    bound = np.zeros(desks + len(arrays.meetings.first) - 1, dtype=np.int64)
    np.add.at(bound, queue, number[owner])
    return bound


def lay_out(arrays: Arrays, filings: Filings, buffers: Buffers) -> Work:
    """Working memory for one replication, nothing in it yet."""
    hold = buffers.loop.hold
    cases, desks, members = len(filings.n), len(arrays.desks.kind), len(arrays.staff.group)
    meetings = len(arrays.meetings.first) - 1
    old = int(np.searchsorted(filings.filed, arrays.reform))
    regimes = filings.service[:old], filings.service[old:]
    number = np.array([np.bincount(each, minlength=len(arrays.services.key)) for each in regimes])
    capacity = places(arrays, number)
    rows = int((arrays.services.rows * number).sum())
    tokens = cases * arrays.width
    events = tokens + rows + meetings + 1
    filed = hold("filings", cases, FILING)
    filed["service"], filed["n"], filed["filed"] = filings.service, filings.n, filings.filed
    work = Work(
        counts=hold("counts", COUNTS, np.int64),
        times=np.array([-np.inf, np.inf]),
        filings=filed,
        events=hold("events", events, EVENT),
        due=hold("due", events + members + cases, np.int64),
        joining=hold("joining", tokens, np.int64),
        cases=buffers.hold("cases", cases, CASES),
        state=hold("state", cases, STATE),
        tokens=hold("tokens", tokens, TOKEN),
        parts=hold("parts", tokens * len(PARTS), np.float64).reshape(tokens, len(PARTS)),
        log=hold("log", rows, ACTIVITIES),
        trace=hold("trace", rows, TRACE),
        members=hold("members", members, MEMBER),
        desks=hold("desks", desks, DESK),
        completions=hold("completions", members * desks, np.int64).reshape(members, desks),
        queues=hold("queues", desks + meetings, QUEUE),
        places=hold("places", int(capacity.sum()), PLACE),
        meetings=hold("meetings", meetings, MEETING),
    )
    for held in (
        work.counts,
        work.members,
        work.desks,
        work.completions,
        work.queues,
        work.meetings,
    ):
        held[:] = 0
    counted = np.searchsorted(filings.filed, (arrays.count_from, arrays.count_until))
    work.counts[COUNTED_OPEN] = counted[1] - counted[0]
    work.members["group"] = arrays.staff.group
    work.desks["place"] = -1
    work.queues["first"][1:] = np.cumsum(capacity)[:-1]
    return work


# -------------------------------------------------------------------------------------------- heaps


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
    put(
        heap,
        target,
        heap[source]["rank"],
        heap[source]["joined"],
        heap[source]["place"],
        heap[source]["row"],
    )


@inner
def enter_queue(w: Work, queue: int, rank: float, joined: float, place: int, row: int) -> None:
    """Put an activity into a queue: smallest rank first, then the longest waiting,
    then the lowest place.
    """
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
        if below + 1 < size and comes_before(
            heap, right, left["rank"], left["joined"], left["place"]
        ):
            below += 1
        if not comes_before(heap, first + below, rank, joined, place):
            break
        move(heap, first + below, first + k)
        k = below
        below = 2 * k + 1
    put(heap, first + k, rank, joined, place, row)
    return head
