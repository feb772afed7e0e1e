"""Whose doing a gain is: that of the merger levers, or of those that need no merger.

Four numbers tell it, each against the same level `before` and under the same draws: what the
process levers do alone, what the merger levers do alone, what the merger levers add last, and the
mean of the latter two: the Shapley value of the merger levers in a game of two players.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Floats
from govsim.evidence.conditions.condition import (
    HOLDS,
    REFUTED,
    ROUNDED,
    UNDETERMINED,
    Condition,
    Finding,
    levels,
    state_of,
    turned,
)
from govsim.evidence.matters import relevant, stated
from govsim.evidence.people import about_people
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.settling import BROKEN, DEPENDS, UNHURT, Pools
from govsim.measures import MEASURES
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import family
from govsim.statistics.ratio import fieller
from govsim.statistics.resample import Pooled
from govsim.statistics.shapley import shapley

BEFORE, PROCESS, MERGER, AFTER = "before", "process_only", "merger_only", "after"
NOT_ASKED, AGAINST, HARDLY, MERGERS, LEVERS, SHARED, OPEN = (
    "not asked", "against the merger", "hardly the merger's", "the merger's",
    "mostly the process levers'", "shared", "open",
)  # fmt: skip
LEAST_FIRST = (AGAINST, OPEN, HARDLY, LEVERS, SHARED, MERGERS, NOT_ASKED)
EITHER, TOGETHER = "either alone would do", "only together"
NOT_THE_SAME, UNSETTLED, LACKING = "not the same people", "cannot settle", "not in this run"
HARM = "the process levers do harm"  # what the merger repairs of it is no gain of its own
NUMBERS = ("total", "process_only", "merger_only", "added_last", "shapley")
MOST, LEAST, EVEN, FIRST, LAST = 2 / 3, 1 / 3, 1 / 2, 1 / 6, 5 / 6  # shares of the total


class Four(NamedTuple):
    """The configurations that tell whose doing it is."""

    before: str = BEFORE
    process: str = PROCESS  # or what a claim calls "without the merger"
    merger: str = MERGER
    after: str = AFTER


@dataclass(frozen=True)
class Credit:
    """Whose doing one condition's gain is.

    Gains are in the condition's unit, of a condition in percent all of the one level before; the
    share is the Shapley value's, of 1.
    """

    condition: Condition
    word: str
    total: Estimate
    process_only: Estimate
    merger_only: Estimate
    added_last: Estimate
    shapley: Estimate
    share: Estimate
    relevant: float  # the smallest gain that matters
    why: str = ""  # of an open one that more replications would not tell
    needed: int | None = None  # about how many replications would tell
    jointly: str = ""  # either alone would do, only together
    # of all who file in a configuration, the share who do not file in all of them: they are left
    # out; empty where everybody does
    left_out: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Doing:
    """Whose doing a claim's gain is: the least word of its conditions, and each of them."""

    word: str = NOT_ASKED
    credits: tuple[Credit, ...] = ()
    beyond: tuple[Finding, ...] = ()  # what must not get worse, against the process levers
    # with the levers that could be had without a merger counted as process levers; None where there
    # are none
    otherwise: Doing | None = None
    lacks: bool = False  # whether the run does not have the configurations that would tell it

    @property
    def asked(self) -> bool:
        """Whether there is anything to tell."""
        return self.word != NOT_ASKED or bool(self.beyond)


def kinds(tree: Mapping[str, Any]) -> set[str]:
    """The kinds of the levers of a reform."""
    return {str(spec.get("kind")) for spec in (tree.get("reform") or {}).values()}


def is_gain(condition: Condition) -> bool:
    """Whether it claims a gain from before to after of which can be asked whose doing it is."""
    guarded = condition.is_level or condition.is_guard or condition.weeks is not None
    return not guarded and (condition.first, condition.second) == (BEFORE, AFTER)


def against_process(condition: Condition, process: str = PROCESS) -> Condition | None:
    """A guard from before to after, set against the levers that start on the same day."""
    if condition.is_guard and (condition.first, condition.second) == (BEFORE, AFTER):
        return replace(condition, first=process)
    return None


def doing(
    findings: Sequence[Finding],
    tree: Mapping[str, Any],
    sample: Sample,
    unstable: Pools,
    four: Four,
    day: float | None,
    services: Callable[[Condition], tuple[str, ...]],
    judge: Callable[[Sequence[Condition]], tuple[Finding, ...]],
) -> Doing:
    """Whose doing the gains of a claim are; nobody's where the file has no levers of both kinds.

    `services` says whom a condition is about, `judge` what the run shows of others: of the guards
    against the process levers. `day`: the minutes of a working day, where it is the same for all.
    """
    levers = kinds(tree)
    if "merger" not in levers or ("process" not in levers and four.process == PROCESS):
        return Doing()
    asked = [Asked(each, services(each.condition)) for each in findings if is_gain(each.condition)]
    gains = credits(asked, sample, four, unstable, stated(tree), day)
    against = [against_process(each.condition, four.process) for each in findings]
    guards, there = [each for each in against if each], four.process in sample.configurations
    beyond = judge(guards) if there else ()
    unseen = [each for each in gains if each.why.startswith(LACKING)]
    lacks = bool(unseen or (guards and not there))
    return Doing(_least(gains, beyond), gains, beyond, lacks=lacks)


def _least(gains: Sequence[Credit], beyond: Sequence[Finding]) -> str:
    """The least word of the gains; what is shown to harm is against the merger.

    Where a claim only says that nobody is harmed, what is open against the process levers is open.
    """
    words = [each.word for each in gains]
    states = [each.state for each in beyond]
    if REFUTED in states:
        words.append(AGAINST)
    elif UNDETERMINED in states and not gains:
        words.append(OPEN)
    return min(words, key=LEAST_FIRST.index, default=NOT_ASKED)


# --------------------------------------------------------------------------------- the four numbers


class Asked(NamedTuple):
    """A condition, what was found of it, and the services that it is about."""

    finding: Finding
    services: tuple[str, ...]


def credits(
    asked: Iterable[Asked],
    sample: Sample,
    four: Four,
    unstable: Pools,
    matters: Mapping[str, float],
    day: float | None = None,
) -> tuple[Credit, ...]:
    """Whose doing the gain of each condition is, by intervals that hold for all their numbers at
    once. `matters` is what the file says of differences that matter.
    """
    games = [_game(each, sample, four, unstable, matters, day) for each in asked]
    thetas = [theta for game in games for theta in game.thetas.values()]
    found = iter(family(thetas, sample.replications) if thetas else ())
    return tuple(
        _credit(game, {name: next(found) for name in game.thetas}, sample.replications)
        for game in games
    )


class _Game(NamedTuple):
    """What is to be estimated of one condition, in the measure's own unit."""

    finding: Finding
    thetas: Mapping[str, Pooled]  # of NUMBERS, those that can be told
    factor: float  # from the measure's unit to the condition's, better is more
    relevant: float
    why: str
    left_out: Mapping[str, float]


def _game(
    asked: Asked,
    sample: Sample,
    four: Four,
    unstable: Pools,
    matters: Mapping[str, float],
    day: float | None,
) -> _Game:
    finding, condition = asked.finding, asked.finding.condition
    names, why = _usable(asked, sample, four, unstable)
    people = _people(asked, sample, four)
    if people is None:
        return _Game(finding, {}, 1.0, 0.0, why or NOT_THE_SAME, {})
    left_out = {} if people is sample else _left_out(asked, sample, people)
    sample, nothing = people, _Game(finding, {}, 1.0, 0.0, why, left_out)
    held = levels(condition.quantity, sample, names)
    if isinstance(held, str) or four.before not in held:
        return nothing
    share = sample.unit(condition.quantity) == "share"
    base, one = held[four.before], np.ones((1, sample.replications))
    level = abs(float(base(one)[0]))
    percent = condition.unit == "%"
    if percent and not level:
        return nothing
    parts = {name: _less(held[name], base) for name in names}
    thetas = {
        "total": parts.get(four.after),
        "process_only": parts.get(four.process),
        "merger_only": parts.get(four.merger),
    }
    if four.after in held and four.process in held:
        thetas["added_last"] = _less(held[four.after], held[four.process])
    if {*four} <= held.keys():
        thetas["shapley"] = _shapley([held[name] for name in four])
    told = {name: theta for name in NUMBERS if (theta := thetas.get(name)) is not None}
    if percent:
        told = {name: _over(theta, base) for name, theta in told.items()}
    factor = condition.sign * (100.0 if share or percent else 1.0)
    least = relevant(condition, sample, level, matters, day)
    return _Game(finding, told, factor, least, why, left_out)


def _usable(
    asked: Asked, sample: Sample, four: Four, unstable: Pools
) -> tuple[tuple[str, ...], str]:
    """The configurations whose levels mean something, and why the answer is open without the rest.

    Where merger_only alone is lacking, what the merger adds last can still be told.
    """
    condition = asked.finding.condition
    names = [name for name in dict.fromkeys(four) if name in sample.configurations]
    if missing := [name for name in dict.fromkeys(four) if name not in names]:
        why = f"{LACKING}: {', '.join(missing)}"
    elif growing := [name for name in names if _grows(condition, unstable, name, asked.services)]:
        why = f"{UNSETTLED}: {', '.join(growing)}"
        names = [name for name in names if name not in growing]
    else:
        return tuple(names), ""
    lacking = {*four} - {*names}
    return (tuple(names) if lacking == {four.merger} else ()), why


def _grows(condition: Condition, unstable: Pools, name: str, services: Collection[str]) -> bool:
    """Whether what is asked depends, in a configuration, on how long one looked."""
    measure = condition.quantity.measure
    if MEASURES[measure].unit not in DEPENDS or measure in UNHURT:
        return False
    return any({*pool.services} & {*services} for pool in unstable.get(name, ()))


def _people(asked: Asked, sample: Sample, four: Four) -> Sample | None:
    """Those who file in all four: everybody where all do, as where numbers of cases are asked;
    None where nobody does, or they are not kept.
    """
    if not about_people(asked.finding.condition.quantity):
        return sample
    some = sample.in_all(tuple(dict.fromkeys(four)))
    if some is not None:
        return some if any(each.any() for each in _filed(asked, some, four.before)) else None
    there = [name for name in four if name in sample.configurations]
    filed = [_filed(asked, sample, name) for name in there]
    return sample if all(np.array_equal(each, filed[0]) for each in filed) else None


def _filed(asked: Asked, sample: Sample, configuration: str) -> Floats:
    """How many file of the services asked for: [service, R]."""
    cohort = asked.finding.condition.quantity.cohort
    counted = [Quantity("counted", "count", each, cohort) for each in asked.services]
    return np.array([np.nan_to_num(sample.values(each, configuration)) for each in counted])


def _left_out(asked: Asked, sample: Sample, some: Sample) -> dict[str, float]:
    """Of all who file in a configuration, the share who do not file in all of them; empty where
    everybody does.
    """
    number = {
        name: [_filed(asked, each, name).sum() for each in (some, sample)]
        for name in some.configurations
    }
    left = {name: 1.0 - float(part / whole) for name, (part, whole) in number.items()}
    return left if any(left.values()) else {}


def _less(second: Pooled, first: Pooled) -> Pooled:
    return lambda weights: second(weights) - first(weights)


def _over(theta: Pooled, base: Pooled) -> Pooled:
    """Of the level before."""

    def part(weights: Floats) -> Floats:
        below = base(weights)
        found: Floats = np.divide(
            theta(weights), below, out=np.full(below.shape, np.nan), where=below != 0
        )
        return found

    return part


def _shapley(levels_of_four: Sequence[Pooled]) -> Pooled:
    """The Shapley value of the merger levers, the second player of two."""

    def value(weights: Floats) -> Floats:
        found: Floats = shapley(np.stack([level(weights) for level in levels_of_four]))[1]
        return found

    return value


# ----------------------------------------------------------------------------------------- the word


def _credit(game: _Game, found: Mapping[str, Estimate], replications: int) -> Credit:
    """The word for the numbers that were found."""
    condition = game.finding.condition
    unknown = Estimate(None, None, None, replications, game.why)
    gains = {
        name: _rounded(turned(found[name], game.factor), found["total"].times(abs(game.factor)))
        if name in found
        else unknown
        for name in NUMBERS
    }
    share = unknown
    if "shapley" in game.thetas:
        share = fieller(game.thetas["shapley"], game.thetas["total"], replications)
    change = game.finding.improvement
    silent = change.note == BROKEN or (change.low is None and not game.why)
    harm = HARM if _below(gains["process_only"], -game.relevant) else ""
    why = game.why or harm
    word = NOT_ASKED if silent else _word(gains, share, game.relevant, why)
    needed = None
    if word == OPEN and why != HARM:
        needed = _needed(gains, share, game.relevant, replications)
    return Credit(
        condition,
        word,
        total=gains["total"],
        process_only=gains["process_only"],
        merger_only=gains["merger_only"],
        added_last=gains["added_last"],
        shapley=gains["shapley"],
        share=share,
        relevant=game.relevant,
        why=why if word == OPEN else "",
        needed=None if game.why else needed,
        jointly=_jointly(condition, gains),
        left_out=game.left_out,
    )


def _rounded(found: Estimate, total: Estimate) -> Estimate:
    """Exactly nothing where it is nothing beside the total, up to rounding."""
    ends = (found.value, found.low, found.high)
    if all(end is not None and abs(end) <= ROUNDED * abs(total.value or 0.0) for end in ends):
        return replace(found, value=0.0, low=0.0, high=0.0)
    return found


def _word(gains: Mapping[str, Estimate], share: Estimate, least: float, why: str) -> str:
    """The first word that is shown."""
    last, alone = gains["added_last"], gains["merger_only"]
    nearly = ROUNDED * max(1.0, least)
    if _below(gains["total"], least + nearly):
        return NOT_ASKED
    if _below(last, -least):
        return AGAINST
    if why == HARM:
        return OPEN
    if _within(last, -least, least) and _within(alone, -least, least):
        return HARDLY
    if share.value is None or share.low is None or share.high is None:
        return OPEN
    if share.value >= MOST - ROUNDED and share.low > EVEN:
        return MERGERS
    if share.value <= LEAST + ROUNDED and share.high < EVEN:
        return LEVERS
    return SHARED if _within(share, FIRST, LAST) else OPEN


def _below(found: Estimate, bound: float) -> bool:
    return found.high is not None and found.high < bound


def _within(found: Estimate, low: float, high: float) -> bool:
    return (
        found.low is not None and found.high is not None and low < found.low and found.high < high
    )


def _jointly(condition: Condition, gains: Mapping[str, Estimate]) -> str:
    """Whether each kind of levers reaches the claim by itself, or neither does though both do."""
    if state_of(condition, gains["total"])[0] != HOLDS:
        return ""
    alone = {state_of(condition, gains[name])[0] for name in ("process_only", "merger_only")}
    return EITHER if alone == {HOLDS} else TOGETHER if alone == {REFUTED} else ""


def _needed(
    gains: Mapping[str, Estimate], share: Estimate, least: float, replications: int
) -> int | None:
    """About how many replications would show one of the words; None where none would."""
    total, last, alone = (gains[name] for name in ("total", "added_last", "merger_only"))
    ways: list[list[float | None]] = [
        [_times(total, least, -1)],
        [_times(last, -least, -1)],
        [_times(each, side * least, -side) for each in (last, alone) for side in (-1, 1)],
    ]
    if share.value is not None and share.low is not None:
        ways += [
            [_times(share, EVEN, 1)] if share.value >= MOST else [None],
            [_times(share, EVEN, -1)] if share.value <= LEAST else [None],
            [_times(share, FIRST, 1), _times(share, LAST, -1)],
        ]
    elif share.value is not None:  # the total must be shown before there is a share of it
        ways.append([_times(total, 0.0, 1)])
    known = [max(filter(None, way)) for way in ways if None not in way]
    return math.ceil(replications * max(1.25, min(known))) if known else None


def _times(found: Estimate, bound: float, side: int) -> float | None:
    """How many times the replications bring the interval to one side of a bound; None where the
    value itself does not lie there, or too close.
    """
    half = found.half_width
    if found.value is None or half is None:
        return None
    away = side * (found.value - bound)
    if away <= 0.0 or away < half / 30:
        return None
    return max((half / away) ** 2, 1.0)
