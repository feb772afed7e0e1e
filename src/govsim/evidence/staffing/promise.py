"""How few posts keep the promise, without sending more applicants home than the posts there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from govsim.evidence.conditions.condition import HOLDS, UNDETERMINED
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample
from govsim.evidence.staffing import outcomes
from govsim.evidence.staffing.bench import Bench, Ends, Limits, Numbers
from govsim.evidence.staffing.found import Changes, Promised
from govsim.evidence.staffing.judging import together
from govsim.evidence.staffing.rosters import ONE, Roster
from govsim.evidence.staffing.search import additions, removals
from govsim.evidence.staffing.why import FEWER_KEPT, NOTHING, Why
from govsim.statistics.estimate import LEVEL

# of the cases that may miss their promise: what posts are added for, before some are taken away
# again
SPARE = 0.8
OUT_OF_REACH = "no number of posts keeps it"


class _Judged(NamedTuple):
    verdict: str
    shares: Changes


def promised(bench: Bench, start: Roster, nothing: tuple[str, ...]) -> Promised | None:
    """The fewest posts with which a configuration keeps the promise; None where there is none.

    Where nobody was granted anything before (`nothing`: the services) no number is told.
    """
    asked, name = bench.asked, start.configuration
    described = bench.trials.configured[name].regimes[1].services
    services = tuple(each for each in asked.services if described[each].promise is not None)
    if not services:
        return None
    now = _shares(bench, bench.trials.sample({ONE: start}, range(bench.n)), services, LEVEL)
    if nothing:
        return Promised(name, start.total, now, {}, refused={"": Why(NOTHING, nothing)})
    bench.say(f"how few posts keep the promise, {name}")
    twice = replace(start, posts=tuple(2 * each for each in start.posts))
    most = dict(zip(services, 100 * (1 - bench.missed([twice], services)[0]), strict=True))
    out = {each: float(share) for each, share in most.items() if share < 100 * asked.promise}
    reached = tuple(each for each in services if each not in out)
    if not reached:
        return Promised(name, start.total, now, out, note=OUT_OF_REACH)
    return replace(_fewest(bench, start, reached), now=now, out_of_reach=out)


def _fewest(bench: Bench, start: Roster, services: tuple[str, ...]) -> Promised:
    """Posts are added until there is room to spare, then taken away as long as all is kept."""
    asked = bench.asked
    own = np.full(len(services), 1 - asked.promise)
    (had,) = bench.ends([start], asked.services)
    limits = Limits(
        bench,
        start,
        Numbers(services, bench.missed, own),
        Ends(asked.services, had),
        lambda service, missed, _: Why(FEWER_KEPT, (service,), 100 * (1 - missed)),
    )
    spare = np.concatenate((SPARE * own, limits.limits[len(own) :]))
    added = additions(start, limits.harms, spare, start.total)
    grown = start.chain(added, 1)[-1]
    chain = grown.chain(removals(grown, limits.harms, limits.limits, limits.allowed), -1)
    place, judged, _ = bench.confirmed(
        chain, lambda roster, level: _kept(bench, roster, start, services, level)
    )
    short = bool((limits.harms([grown])[0] > limits.limits).any())
    shown = chain[place]  # the last, where none is confirmed
    return Promised(
        start.configuration,
        start.total,
        {},
        {},
        found=None if short else chain[-1].total,
        confirmed=shown.total if place >= 0 else None,
        change={
            bench.groups[k]: b - a
            for k, (a, b) in enumerate(zip(start.posts, shown.posts, strict=True))
            if a != b
        },
        shares=judged.shares if judged else {},
        note=f"adding posts one by one did not help any more at {grown.total}" if short else "",
        refused=limits.stopped(chain),
    )


def _kept(
    bench: Bench, roster: Roster, start: Roster, services: tuple[str, ...], level: float
) -> _Judged:
    """Whether fresh replications show the promise kept, and nobody sent home for it."""
    asked = bench.asked
    sample = bench.fresh({ONE: roster, "start": start})
    shares = _shares(bench, sample, services, level)
    against = [(name, "start") for name in asked.services]
    ends = outcomes.changes(sample, against, asked.quantity.cohort, ONE, level)
    lows = [each.low for each in shares.values() if each.value is not None]
    held = bool(lows) and all(low is not None and low >= 100 * asked.promise for low in lows)
    held = held and outcomes.no_worse(ends, 100 * asked.margin)
    return _Judged(HOLDS if held else UNDETERMINED, shares)


def _shares(bench: Bench, sample: Sample, services: Sequence[str], level: float) -> Changes:
    thetas = [estimand(sample, bench.asked.within_of(name), ONE) for name in services]
    found = together(services, thetas, sample.replications, level)
    return {name: share.times(100.0) for name, share in found.items()}
