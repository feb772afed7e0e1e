"""The same applicant in two configurations: who fares worse by their end, who became slower.

Ends are ranked: granted, refused, no answer yet, gave up. Only those with the same answer in both
are slower or faster.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from govsim.arrays import Flags, Floats, Ints
from govsim.measures.catalogue import ENDS
from govsim.measures.compute import Measured
from govsim.measures.facts import GAVE_UP, GRANTED, NO_ANSWER, REFUSED
from govsim.measures.sketch import Sketch, owners, sketch

WAIT = "wait"  # at desks: kept as minutes by desk
OTHERS = "others/"  # before the name of a distribution: of everybody but the chosen ones
RANKED = tuple(end for end, _ in ENDS.values())  # the best end first


class Matched(NamedTuple):
    """Applicants counted in both configurations, matched by service and number.

    Equal means that the cycle time is the same to the last bit;
    a case that takes longer in the second is slower.
    """

    # minutes: cycle time in the second less that in the first, of those with the same answer
    change: Sketch
    ends: Ints  # [service, cohort, end in the first, end in the second], the best end first
    filed: Ints  # [service, cohort, 2] who filed in the first, and in the second, matched or not


class Pair(NamedTuple):
    """Readings of the same applicants in two configurations, for the same cohorts."""

    first: Measured
    second: Measured
    here: Ints  # places among the readings of the first
    there: Ints  # of the second
    member: NDArray[np.bool_]  # [cohort, pair]
    inside: Flags  # counted in both
    steady: Flags  # in the same cohorts in both

    @property
    def same(self) -> Flags:
        """Who was granted in both, or refused in both."""
        ends = self.first.facts.end[self.here], self.second.facts.end[self.there]
        answered = (ends[0] == GRANTED) | (ends[0] == REFUSED)
        same: Flags = answered & (ends[0] == ends[1]) & self.inside
        return same

    @property
    def granted(self) -> Flags:
        """Who was granted in both."""
        granted: Flags = self.same & (self.first.facts.end[self.here] == GRANTED)
        return granted

    @property
    def known(self) -> Flags:
        """These, and who had no answer yet in one configuration and did not give up in the other:
        that they take longer than tau is known.
        """
        ends = self.first.facts.end[self.here], self.second.facts.end[self.there]
        waiting = (ends[0] == NO_ANSWER) | (ends[1] == NO_ANSWER)
        left = (ends[0] == GAVE_UP) | (ends[1] == GAVE_UP)
        known: Flags = self.same | (waiting & ~left & self.inside)
        return known

    def restricted(
        self, chosen: Flags, names: Collection[str], kept: Collection[str]
    ) -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
        """Some measures of the chosen pairs, in the first and in the second configuration:
        values [row, mix and service, cohort], counted, and of `kept` the distributions of all
        others, which are few: the chosen ones' are `less` these.

        Who files in another cohort in the second is left out, else a cohort had other applicants.
        """
        chosen = chosen & self.steady
        first, second = (
            chosen_of(made, _flags(made, places[chosen]), names, kept)
            for made, places in ((self.first, self.here), (self.second, self.there))
        )
        return first, second


def _flags(made: Measured, places: Ints) -> Flags:
    flags: Flags = np.zeros(len(made.facts.end), dtype=bool)
    flags[places] = True
    return flags


def chosen_of(
    made: Measured, chosen: Flags, names: Collection[str], kept: Collection[str]
) -> dict[str, NDArray[Any]]:
    """Some measures of the chosen readings of a configuration, as `Pair.restricted` keeps them."""
    some = made.some(chosen)
    arrays = {"values": made.means(names, some), "counted": made.number(some)}
    if WAIT in names:
        arrays["wait_total"] = made.waits(some)
    others = made.sketches(kept, np.flatnonzero(~chosen))
    return arrays | {f"{OTHERS}{name}": each for name, each in others.items()}


def in_all(
    made: Mapping[str, Measured],
    configurations: Sequence[str],
    names: Collection[str],
    kept: Collection[str],
) -> dict[str, NDArray[Any]]:
    """Some measures of the applicants who are counted in all of some configurations, in the same
    cohorts: what `Pair.restricted` keeps, by `A>B>.../all/` and the configuration.
    """
    sides = [made[each] for each in configurations]
    return {
        f"{'>'.join(configurations)}/all/{configuration}/{key}": array
        for configuration, side, chosen in zip(configurations, sides, _in_all(sides), strict=True)
        for key, array in chosen_of(side, chosen, names, kept).items()
    }


def _in_all(sides: Sequence[Measured]) -> list[Flags]:
    """Which readings of each are of applicants who are in all."""
    looked = [_looked(made) for made in sides]
    common = reduce(partial(np.intersect1d, assume_unique=True), looked)
    order = [np.argsort(each) for each in looked]
    places = [
        rows[np.searchsorted(each, common, sorter=rows)]
        for each, rows in zip(looked, order, strict=True)
    ]
    cohorts = [_cohorts(made)[at] for made, at in zip(sides, places, strict=True)]
    steady = (cohorts[0] > 0) & np.all([each == cohorts[0] for each in cohorts], axis=0)
    return [_flags(made, at[steady]) for made, at in zip(sides, places, strict=True)]


def pair_of(first: Measured, second: Measured) -> Pair:
    """Match two configurations applicant by applicant, in one replication.

    A cohort is that of the filing in both.
    """
    _, here, there = np.intersect1d(
        _looked(first), _looked(second), assume_unique=True, return_indices=True
    )
    ours, theirs = _cohorts(first)[here], _cohorts(second)[there]
    both = ours & theirs
    member = (both >> np.arange(first.cells.cohorts)[:, None] & 1).astype(bool)
    return Pair(first, second, here, there, member, both > 0, ours == theirs)


def matched(pair: Pair) -> Matched:
    """What became of the same applicants."""
    services, cohorts = pair.first.services, len(pair.member)
    facts, later = pair.first.facts, pair.second.facts
    service = facts.case["service"][pair.here].astype(np.int64)
    rank = np.zeros(len(RANKED), dtype=np.int64)
    rank[list(RANKED)] = np.arange(len(RANKED))
    ends = (service * 4 + rank[facts.end[pair.here]]) * 4 + rank[later.end[pair.there]]
    table = np.array([np.bincount(ends[row], minlength=services * 16) for row in pair.member])
    both = facts.over[pair.here] & later.over[pair.there] & pair.same
    here, there = pair.here[both], pair.there[both]
    times = [
        side.case["ended"][places] - side.case["filed"][places]
        for side, places in ((facts, here), (later, there))
    ]
    return Matched(
        sketch(times[1] - times[0], owners(service[both], pair.member[:, both])),
        table.reshape(cohorts, services, 4, 4).swapaxes(0, 1),
        np.stack([_filed(pair.first), _filed(pair.second)], axis=2),
    )


def shifted(pair: Pair) -> Floats:
    """Who files at another instant in the second configuration, and how many minutes later all of
    them together: [service, cohort, 2], counted in both.
    """
    service = pair.first.facts.case["service"][pair.here].astype(np.int64)
    sides = ((pair.first, pair.here), (pair.second, pair.there))
    filed, later = (side.facts.case["filed"][places] for side, places in sides)
    moved = [(later != filed).astype(np.float64), later - filed]
    numbers = [
        [np.bincount(service[row], each[row], minlength=pair.first.services) for each in moved]
        for row in pair.member
    ]
    shift: Floats = np.array(numbers).transpose(2, 0, 1)
    return shift


def _looked(made: Measured) -> Ints:
    """A number for each reading: the cohort it was made for, and the applicant."""
    number: Ints = (made.facts.look.astype(np.int64) << 48) | made.facts.applicant
    return number


def _cohorts(made: Measured) -> Ints:
    """The cohorts of each reading, a bit for each."""
    cells = made.cells
    bits: Ints = np.left_shift(cells.member, np.arange(cells.cohorts)[:, None]).sum(axis=0)
    return bits[cells.atom]


def _filed(made: Measured) -> Ints:
    """[service, cohort]."""
    filed: Ints = made.cells.number[: made.services].astype(np.int64)
    return filed


def shares(faster_equal_slower: Ints, weights: Floats) -> tuple[float, float, float] | None:
    """Shares (faster, equal, slower) with services weighted (one service: weight 1, others 0).

    None where nobody matches.
    """
    number = faster_equal_slower.sum(axis=1)
    scale = np.divide(weights, number, out=np.zeros(len(number)), where=number > 0)
    mass = (scale[:, None] * faster_equal_slower).sum(axis=0)
    if mass.sum() <= 0:
        return None
    faster, equal, slower = map(float, mass / mass.sum())
    return faster, equal, slower
