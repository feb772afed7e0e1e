"""Where rosters are tried: in few replications for a search, then on fresh ones it never saw.

A roster may be refused before that, by its posts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.evidence import estimates
from govsim.evidence.conditions.condition import HOLDS
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.estimand import estimand
from govsim.evidence.sample.replications import Sample
from govsim.evidence.staffing import outcomes
from govsim.evidence.staffing.question import Asked
from govsim.evidence.staffing.rosters import ONE, ROOM, Roster, Trials, refusal, staffed
from govsim.evidence.staffing.why import SENT_HOME, UNSERVED, UNSETTLED, Why
from govsim.experiment.progress import Progress, many
from govsim.model.offered_load import OfferedLoad, Pool, offered_load
from govsim.statistics.estimate import LEVEL

FRESH = 2 ** (ROOM - 1)  # the first replication of those that no search sees
SEARCH = 32  # replications of each roster that the search tries
SPENT = 1e-12  # relative: what a limit may be passed by
Beyond = Callable[[str, float, float], Why]  # of a service, its number and the limit


class Numbers(NamedTuple):
    """A number of some services, how it is worked out for rosters, and what it may not pass."""

    services: tuple[str, ...]
    of: Callable[[Sequence[Roster], tuple[str, ...]], list[Floats]]
    limits: Floats


class Ends(NamedTuple):
    """The shares [end, service] that some services had."""

    services: tuple[str, ...]
    had: Floats


class Bench:
    """Tries the rosters of one question, and knows what it has tried."""

    def __init__(self, trials: Trials, asked: Asked, n: int, groups: Sequence[str], quiet: bool):
        self.trials, self.asked, self.n, self.few = trials, asked, n, range(min(n, SEARCH))
        self.groups, self.say = tuple(groups), Progress(1, 0, quiet=quiet).say
        self._tried: dict[tuple[str, Roster], Floats] = {}
        self._loads: dict[Roster, OfferedLoad] = {}

    # --------------------------------------------------------------------------- by the posts alone

    def barred(self, roster: Roster, base: Roster) -> Why | None:
        """Why a roster is no saving against another, whatever a finite run shows.

        A desk that nobody would serve; applicants who must be sent home; queues that cannot settle,
        for then what is found hangs on when one looks.
        """
        if text := refusal(self.trials.configured[roster.configuration], roster.posts):
            return Why(UNSERVED, (text,))
        return self.sent_home(roster, base) or (
            None if self.load(roster).stable else Why(UNSETTLED)
        )

    def sent_home(self, roster: Roster, base: Roster) -> Why | None:
        """The pool from which most applicants must be sent home who need not be with `base`.

        More work comes to it than can be done, and it settles only because applicants give up.
        """
        had = self.load(base).pools
        lost = [
            (pool.too_much, pool.names)
            for pool in self.load(roster).pools
            if pool.patience and _worse(pool, had, self.asked.margin)
        ]
        share, names = max(lost, default=(0.0, ()))
        return Why(SENT_HOME, names, 100.0 * share) if names else None

    def load(self, roster: Roster) -> OfferedLoad:
        """The offered load of a roster, worked out once."""
        if roster not in self._loads:
            configured = self.trials.configured[roster.configuration]
            self._loads[roster] = offered_load(staffed(configured, roster.posts))
        return self._loads[roster]

    # -------------------------------------------------------------------------- in few replications

    def times(self, rosters: Sequence[Roster], names: Sequence[str]) -> list[Floats]:
        """The quantity of some services for each roster, pooled; NaN where it is not known."""

        def of(sample: Sample) -> Floats:
            quantities = [self.asked.of(name) for name in names]
            beyond = [estimates.beyond_tau(sample, each, ONE) for each in quantities]
            return np.where(beyond, np.nan, _points(sample, quantities))

        return self._try(f"times {names}", rosters, of)

    def missed(self, rosters: Sequence[Roster], names: Sequence[str]) -> list[Floats]:
        """The share of cases that did not have their promise kept."""

        def of(sample: Sample) -> Floats:
            return 1.0 - _points(sample, [self.asked.within_of(name) for name in names])

        return self._try(f"missed {names}", rosters, of)

    def ends(self, rosters: Sequence[Roster], names: Sequence[str]) -> list[Floats]:
        """How the cases of some services end: shares [end, service]."""
        cohort = self.asked.quantity.cohort
        return self._try(
            f"ends {names}", rosters, lambda sample: outcomes.points(sample, names, cohort, ONE)
        )

    def _try(
        self, what: str, rosters: Sequence[Roster], of: Callable[[Sample], Floats]
    ) -> list[Floats]:
        new = [roster for roster in rosters if (what, roster) not in self._tried]
        self.trials.run(new, self.few)
        for roster in new:
            self._tried[what, roster] = of(self.trials.sample({ONE: roster}, self.few))
        return [self._tried[what, roster] for roster in rosters]

    # ----------------------------------------------------------------------------- on fresh ones

    def fresh(self, rosters: Mapping[str, Roster]) -> Sample:
        """Rosters in replications that no search has seen."""
        numbers = range(FRESH, FRESH + self.n)
        self.trials.run(rosters.values(), numbers)
        return self.trials.sample(rosters, numbers)

    def confirmed(
        self, chain: Sequence[Roster], judge: Callable[[Roster, float], Any]
    ) -> tuple[int, Any, Any]:
        """The place of the last roster of a chain that holds on fresh replications.

        With what was judged there, and at the first that does not hold. The winner first, then by
        halves: each holds for less than the one before. -1: none does.
        """
        self.say(
            f"  {many(len(chain), 'roster')} on the way; judged on fresh replications, x {self.n}"
        )
        level = 1 - (1 - LEVEL) / (1 + len(chain).bit_length())
        held, failed, best, worst = -1, len(chain), None, None
        while failed - held > 1:
            place = failed - 1 if failed == len(chain) else (held + failed) // 2
            judged = judge(chain[place], level)
            if judged.verdict == HOLDS:
                held, best = place, judged
            else:
                failed, worst = place, judged
        return held, best, worst


class Limits:
    """What a search may not pass: a number of some services, and how the cases of all end.

    It remembers what refused which roster.
    """

    def __init__(
        self, bench: Bench, base: Roster, numbers: Numbers, ends: Ends, slow: Beyond
    ) -> None:
        self.bench, self.base, self.slow = bench, base, slow
        self.numbers, self.ends = numbers, ends
        margins = np.full(ends.had.size, bench.asked.margin)
        self.limits: Floats = np.concatenate((numbers.limits, margins))
        self.refused: dict[Roster, Why] = {}

    def allowed(self, roster: Roster) -> bool:
        """Whether the posts alone do not refuse a roster."""
        why = self.bench.barred(roster, self.base)
        if why is not None:
            self.refused[roster] = why
        return why is None

    def harms(self, rosters: Sequence[Roster]) -> list[Floats]:
        """What is limited, for each roster; inf where a time cannot be told though people filed."""
        both = (
            self.numbers.of(rosters, self.numbers.services),
            self.bench.ends(rosters, self.ends.services),
        )
        place = [self.ends.services.index(name) for name in self.numbers.services]
        found = []
        for roster, own, now in zip(rosters, *both, strict=True):
            told = np.where(np.isnan(own) & np.isfinite(now[0, place]), np.inf, own)
            worse = outcomes.worse_by(now, self.ends.had)
            if why := self._ended(now, worse) or self._slow(told):
                self.refused[roster] = why
            found.append(np.concatenate((told, worse.ravel())))
        return found

    def _ended(self, now: Floats, worse: Floats) -> Why | None:
        """The end whose share gets too much worse."""
        whys = [
            Why(
                [*outcomes.ENDS][k],
                (self.ends.services[s],),
                100.0 * float(now[k, s] - self.ends.had[k, s]),
            )
            for k, s in np.argwhere(worse > self.bench.asked.margin * (1 + SPENT))
        ]
        return outcomes.most_telling(whys) if whys else None

    def _slow(self, own: Floats) -> Why | None:
        """The service whose number passes its limit first."""
        limits = self.numbers.limits
        beyond = np.flatnonzero(own > limits * (1 + SPENT))
        if not len(beyond):
            return None
        s = max(beyond, key=lambda k: own[k] / limits[k] if limits[k] > 0 else np.inf)
        return self.slow(self.numbers.services[s], float(own[s]), float(limits[s]))

    def stopped(self, chain: Sequence[Roster]) -> dict[str, Why]:
        """Why no further post of a group goes, where that is known: the last refusal on the way."""
        found = {}
        for k, group in enumerate(self.bench.groups):
            ways = (self.refused.get(each.with_change(k, -1)) for each in reversed(chain))
            if why := next(filter(None, ways), None):
                found[group] = why
        return found


def _worse(pool: Pool, had: Sequence[Pool], margin: float) -> bool:
    """Whether a pool has more than it can do, where those who served did not or had less so."""
    same = [each for each in had if each.meeting == pool.meeting and {*each.names} & {*pool.names}]
    before = max((each.too_much for each in same), default=0.0)
    return pool.too_much > (before + margin if before else 0.0)


def _points(sample: Sample, quantities: Sequence[Quantity]) -> Floats:
    """Numbers over all replications of a sample, without intervals."""
    ones = np.ones((1, sample.replications))
    return np.array([float(estimand(sample, each, ONE)(ones)[0]) for each in quantities])
