"""The greedy search over posts: which one goes next, and where the next one is added.

The best next one is taken away while everybody keeps what was promised; one is added where it helps
most.

Each service has a number that may not rise above its limit. What a step does grows as posts go, and
shrinks as they come, so what it did earlier is a bound on what it does now, and most candidates
need not be tried again (Minoux 1978, "Accelerated greedy algorithms"). Where that is not so, the
search may overlook a better next post; what it finds is judged afresh all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.staffing.rosters import Roster

Harms = Callable[[Sequence[Roster]], Sequence[Floats]]
"""For each roster the numbers of the services; NaN where nothing is known, inf where it cannot be.
"""


def room_used(now: Floats, then: Floats, limits: Floats) -> float:
    """The largest share of its room below the limit that any service loses; more than 1:
    some limit is passed.
    """
    rise = then - now
    room = np.maximum(limits - now, 1e-12 * np.abs(limits))
    lost = np.divide(rise, room, out=np.zeros_like(rise), where=rise > 0)
    return float(max(0.0, np.nanmax(lost, initial=0.0)))


def beyond(numbers: Floats, limits: Floats) -> float:
    """By how much the numbers pass their limits, added up."""
    return float(np.nansum(np.maximum(numbers - limits, 0.0)))


def removals(
    start: Roster, harms: Harms, limits: Floats, possible: Callable[[Roster], bool]
) -> list[int]:
    """Groups that lose a post, in this order, with every number still within its limit."""
    (now,) = harms([start])
    if beyond(now, limits) > 0:
        return []
    roster, removed = start, list[int]()
    bound = dict.fromkeys((k for k, posts in enumerate(start.posts) if posts), 0.0)
    while True:
        bound = {
            k: used
            for k, used in bound.items()
            if used <= 1.0 and roster.posts[k] and possible(roster.with_change(k, -1))
        }
        if not removed:
            harms([roster.with_change(k, -1) for k in bound])  # all at once: none has a bound yet
        found = _best(roster, -1, bound, partial(room_used, now, limits=limits), harms)
        if found is None or bound[found] > 1.0:
            return removed
        removed.append(found)
        roster = roster.with_change(found, -1)
        (now,) = harms([roster])


def additions(start: Roster, harms: Harms, limits: Floats, most: int) -> list[int]:
    """Groups that gain a post, in this order, until every number is within its limit,
    nothing helps, or `most` came.
    """
    roster, added = start, list[int]()
    (now,) = harms([start])
    bound = dict.fromkeys((k for k, posts in enumerate(start.posts) if posts), -np.inf)
    while beyond(now, limits) > 0 and len(added) < most:
        if not added:
            harms([roster.with_change(k, 1) for k in bound])
        still = beyond(now, limits)

        def further(numbers: Floats, still: float = still) -> float:
            return beyond(numbers, limits) - still

        found = _best(roster, 1, bound, further, harms)
        if found is None or bound[found] >= 0.0:
            break
        added.append(found)
        roster = roster.with_change(found, 1)
        (now,) = harms([roster])
    return added


def _best(
    roster: Roster,
    step: int,
    bound: dict[int, float],
    score: Callable[[Floats], float],
    harms: Harms,
) -> int | None:
    """The group whose step scores lowest; `bound` holds earlier scores, none above today's,
    and is brought up to date.
    """
    tried: set[int] = set()
    while bound:
        least = min(bound, key=lambda k: (bound[k], k not in tried, k))
        if least in tried:
            return least
        (numbers,) = harms([roster.with_change(least, step)])
        bound[least] = score(numbers)
        tried.add(least)
    return None
