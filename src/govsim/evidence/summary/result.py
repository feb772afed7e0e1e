"""What a run says, on one screen: before, process only, after, and the change.

The change has its interval over replications.

Every interval is that of `statistics.mean.of_mean`, for the change over differences paired by
replication. What cannot be estimated says so in words; no cell is ever NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

from govsim.display.numbers import SHORT, change_of, number_of, share_of
from govsim.display.text import block, cut, html_row, percentage, signed, wrapped
from govsim.errors import ValueNotPossible
from govsim.evidence.matters import beyond
from govsim.evidence.people import MARGIN
from govsim.evidence.qualification.record import Qualification, ordered
from govsim.evidence.qualification.whose import moved, of_whom, overloaded
from govsim.measures.catalogue import BUSY, MIX
from govsim.organisation.joining import base_of
from govsim.scenario.units import CALENDAR_DAYS, WORKING_DAYS
from govsim.statistics.estimate import FAR, LEVEL, Estimate

SHOWN = 4  # configurations that fit on a line
# the merger levers without the others: not on the way from before over process_only to after
ASIDE, MIDDLE = "merger_only", "process_only"
SAID = {"mean": "mean cycle time", "p90": "p90 cycle time (nine in ten)",
        "answered": "mean cycle time of those answered"}  # fmt: skip
BECAME = ("filed", "granted", "refused", "no answer yet", "gave up")


def ways(configurations: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The places of the configurations from the first to the last, one after the other; and of the
    other way, over the merger levers alone, where there is one.
    """
    every = tuple(k for k, name in enumerate(configurations) if not _beside(name, configurations))
    inside = configurations[1:-1]
    if not {ASIDE, MIDDLE} <= {*inside}:
        return every, ()
    aside, middle = configurations.index(ASIDE), configurations.index(MIDDLE)
    return tuple(k for k in every if k != aside), tuple(k for k in every if k != middle)


def _beside(name: str, configurations: Sequence[str]) -> bool:
    """Whether a configuration has some levers more, or less, than another one that is there."""
    return base_of(name) in {*configurations} - {name}


@dataclass(frozen=True)
class Line:
    """One statistic of the cycle time of one service (or the mix).

    It has each configuration, and the change from first to last.
    """

    service: str
    statistic: str
    levels: tuple[Estimate, ...]  # in the order of the configurations, in the summary's unit
    change: Estimate | None  # None where the run has one configuration only
    # the change to the last configuration from each one between the first and it
    later: tuple[Estimate, ...] = ()
    least: float = 0.0  # the smallest change that matters

    @property
    def percent(self) -> float | None:
        """The change in percent of the first configuration; None where that may be zero."""
        first = self.levels[0]
        if (
            self.change is None
            or self.change.value is None
            or not first.value
            or first.low is None
            or first.high is None
        ):
            return None
        return 100.0 * self.change.value / first.value if first.low > 0 or first.high < 0 else None

    @property
    def loses(self) -> bool:
        """Longer than before, beyond chance and by at least what matters."""
        return self.loses_from(0)

    def loses_from(self, k: int) -> bool:
        """The same, compared with the k-th configuration."""
        change = self.change_from(k)
        return change is not None and beyond(change, self.least) > 0

    def change_from(self, k: int) -> Estimate | None:
        """The change from the k-th configuration to the last; None where the run has one only."""
        return self.later[k - 1] if k else self.change


@dataclass(frozen=True)
class Matched:
    """Shares of the applicants with the same answer in both configurations, for whom the last one
    is slower, equal, faster.
    """

    slower: Estimate
    equal: Estimate
    faster: Estimate
    applicants: float  # per replication
    # of all who file in both: whose end is worse, or better, in the last
    worse: float = 0.0
    better: float = 0.0
    # of those with the same answer: slower, faster, by however little
    any_slower: float = 0.0
    any_faster: float = 0.0


@dataclass(frozen=True)
class Spread:
    """Between what a change lies in nine of ten of so many possible offices."""

    low: float
    high: float
    worlds: int


@dataclass(frozen=True)
class Load:
    """What became of the counted cases in one configuration, and how busy its groups were.

    The cases are those of all services with applicants.
    """

    # counted, and by their end at age tau: mean per replication
    cases: Mapping[str, float]
    # group -> minutes worked / minutes on duty in the counted period, mean
    utilisation: Mapping[str, float]

    def share(self, end: str) -> float:
        """Of all who filed."""
        return self.cases[end] / self.cases["counted"] if self.cases["counted"] else 0.0

    @property
    def shares(self) -> dict[str, float]:
        """Of all who filed, by end."""
        return {end: self.share(end) for end in self.cases if end != "counted"}


@dataclass(frozen=True)
class Summary:
    """What `govsim show` prints.

    Every time is held in `unit`; changes go from the first configuration to the last.
    """

    run: str
    where: str
    seed: int
    engine: str
    configurations: tuple[str, ...]
    replications: int
    cohort: str
    lines: tuple[Line, ...]
    matched: Matched | None
    posts: Mapping[str, int]
    numbers: int
    assumptions: int
    precision: float
    still_needed: int | None
    steps: tuple[Estimate, ...] = ()  # change of the mix's mean from each configuration to the next
    # service -> what to print instead of its id
    names: Mapping[str, str] = field(default_factory=dict)
    day: float | None = None  # minutes of a working day, where it is as long for all services
    variant: str | None = None
    loads: Mapping[str, Load] = field(default_factory=dict)  # by configuration
    # who or what has more work than can be done, by configuration
    unsettled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # for how long everybody is followed: times in `unit`, ends in calendar days
    tau: float = 0.0
    clock_tau: float = 0.0
    worlds: Spread | None = None  # None: other possible offices were not explored
    matters: str = ""  # from where on a difference matters
    other_steps: tuple[Estimate, ...] = ()  # the same on the other way, over merger_only
    margin: float = MARGIN  # by which the share of an end may move: `experiment.outcomes_margin`
    unit: str = WORKING_DAYS
    mix: tuple[str, ...] = ()  # the services of the headline's mix, where it names one

    def losers(self, since: str | None = None) -> list[tuple[str, str]]:
        """(service, statistic) of every service whose mean or p90 gets worse,
        the whole interval on the worse side.

        From the configuration `since` (the first, if None) to the last;
        ValueError where the run has no change from it.
        """
        if since not in (None, *self.configurations[:-1]):
            raise ValueNotPossible(
                f"no change from {since!r} in this run; there is one from "
                f"{', '.join(self.configurations[:-1])}"
            )
        k = 0 if since is None else self.configurations.index(since)
        return [
            (line.service, line.statistic)
            for line in self.lines
            if line.loses_from(k) and line.service != MIX
        ]

    def percent(self, line: Line) -> float | None:
        """The change in percent.

        None where the first level may be zero, or where queues may never settle: it would then say
        how long one looked.
        """
        first, last = self.configurations[0], self.configurations[-1]
        shares = (
            share
            for name in (first, last)
            if name in self.loads
            for share in self.loads[name].utilisation.values()
        )
        pressed = any(share > BUSY for share in shares) or {first, last} & self.unsettled.keys()
        return None if pressed else line.percent

    @property
    def warnings(self) -> tuple[Qualification, ...]:
        """What makes the cycle times say less than they seem to, the most serious first.

        Cases left open, groups overloaded, services without any.
        """
        told = [overloaded(name, who, None, None) for name, who in self.unsettled.items()]
        if len(self.loads) > 1:
            shares = {name: load.shares for name, load in self.loads.items()}
            told += moved(self.configurations[0], self.configurations[-1], shares, self.margin)
        for k, (name, load) in enumerate(self.loads.items()):
            busy = {group: share for group, share in load.utilisation.items() if share > BUSY}
            told += of_whom(name, load.shares, self.tau, self.unit)
            if busy and name not in self.unsettled:
                told.append(Qualification("hardly_idle", name, {"groups": busy}))
            if lacking := self._missing(k):
                told.append(Qualification("nobody_of_a_service", name, {"services": lacking}))
        return ordered(told)

    def _missing(self, k: int) -> dict[str, tuple[int, int]]:
        """Service -> in how many replications the k-th configuration had no case of it, and how
        many there are.
        """
        lacking = {
            line.service: (self.replications - line.levels[k].replications, self.replications)
            for line in self.lines
            if line.service != MIX and line.statistic == "mean"
        }
        return {service: both for service, both in lacking.items() if both[0]}

    def to_dict(self) -> dict[str, Any]:
        """Everything, with None where a number does not exist."""
        lines = [
            {**asdict(line), "percent": self.percent(line), "loses": line.loses}
            for line in self.lines
        ]
        between = {name: self.losers(name) for name in self.configurations[1:-1]}
        plain = {
            "posts": dict(self.posts),
            "names": dict(self.names),
            "lines": lines,
            "losers": self.losers(),
        }
        plain |= {"losers_from": between, "warnings": [asdict(each) for each in self.warnings]}
        return {**asdict(self), **plain}

    def to_frame(self) -> Any:
        """One row per service, statistic and quantity: value, low, high, replications, note.

        Quantities are each configuration, `change` (from the first to the last), and `change from
        NAME` for those between. In `unit`, also where the screen prints minutes.
        """
        import pandas as pd

        rows = []
        for line in self.lines:
            quantities = [*zip(self.configurations, line.levels, strict=True)]
            quantities += [("change", line.change)] if line.change else []
            quantities += [
                (f"change from {name}", each)
                for name, each in zip(self.configurations[1:], line.later, strict=False)
            ]
            for what, number in quantities:
                rows.append(
                    {
                        "service": line.service,
                        "statistic": line.statistic,
                        "quantity": what,
                        **asdict(number),
                    }
                )
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        return "\n".join(self._head() + self._blocks() + self._foot())

    def _repr_html_(self) -> str:
        rows = [
            html_row(
                "th",
                [
                    f"cycle time, {self._unit()} ({self._whom()})",
                    *self._columns(),
                ],
            )
        ]
        rows += [
            html_row("td", [f"{line.statistic} {self._name(line.service)}", *self._cells(line)])
            for line in self.lines
        ]
        caption = "; ".join(text for text in (*self._head(), *self._foot()) if text)
        title, columns, cases = self._became()
        rows += (
            [
                html_row("th", [title, *columns]),
                *(html_row("td", [name, *cells]) for name, cells in cases),
            ]
            if cases
            else []
        )
        return f"<table><caption>{escape(caption)}</caption>{''.join(rows)}</table>"

    def _name(self, service: str) -> str:
        return self.names.get(service, service)

    def _factor(self) -> float:
        """What times are multiplied by on the screen: 1,
        or a working day's minutes where they are that short.
        """
        first = next(
            (
                line.levels[0].value
                for line in self.lines
                if (line.service, line.statistic) == (MIX, "mean")
            ),
            None,
        )
        short = self.unit == WORKING_DAYS and first is not None and first < SHORT
        return self.day if self.day and short else 1.0

    def _unit(self) -> str:
        return self.unit if self._factor() == 1.0 else "opening minutes"

    def _whom(self) -> str:
        """The cohort, and the mix where the headline names one."""
        mix = f"; mix of {self._mixed()}" if self.mix else ""
        return self.cohort + mix

    def _mixed(self) -> str:
        return ", ".join(map(self._name, self.mix))

    def _head(self) -> list[str]:
        configurations = ", ".join(self.configurations)
        variant = f"   variant {self.variant}" if self.variant else ""
        hidden = [name for k, name in enumerate(self.configurations) if k not in self._shown()]
        told = [
            (
                f"run {self.run}{variant}   seed {self.seed}   engine {self.engine}   "
                f"{configurations} x {self.replications}"
            )
        ]
        told += [f"no room for a column of: {', '.join(hidden)} (see --json)"] if hidden else []
        return [line for text in told for line in wrapped(text)]

    def _shown(self) -> list[int]:
        """Which configurations have a column: the first, the last, and as many between as fit."""
        if len(self.configurations) < 2:
            return [*range(len(self.configurations))]
        return [0, *self._between()[: SHOWN - 2], len(self.configurations) - 1]

    def _between(self) -> tuple[int, ...]:
        """The configurations on the way from the first to the last."""
        return ways(self.configurations)[0][1:-1]

    def _columns(self) -> list[str]:
        change = ["change (95 % interval)", "in %"] if len(self.configurations) > 1 else []
        return [cut(self.configurations[k], 14) for k in self._shown()] + change

    def _cells(self, line: Line) -> list[str]:
        digits, factor = self._digits(line.statistic), self._factor()
        cells = [number_of(line.levels[k].times(factor), digits) for k in self._shown()]
        if line.change is not None:
            percent = self.percent(line)
            cells += [
                change_of(line.change.times(factor), digits),
                "" if percent is None else signed(percent, 1),
            ]
        return cells

    def _digits(self, statistic: str) -> int:
        """Two decimals, more where the largest level needs them to show three digits."""
        levels = (
            each for line in self.lines if line.statistic == statistic for each in line.levels
        )
        largest = self._factor() * max(abs(each.value or 0.0) for each in levels)
        return max(2, 2 - math.floor(math.log10(largest))) if largest > 0 else 2

    def _blocks(self) -> list[str]:
        text: list[str] = []
        columns = self._columns()
        for statistic in dict.fromkeys(line.statistic for line in self.lines):
            lines = [line for line in self.lines if line.statistic == statistic]
            title = f"{SAID[statistic]}, {self._unit()} ({self._whom()})"
            text += block(
                title, columns, [(self._name(line.service), self._cells(line)) for line in lines]
            )
        title, columns, rows = self._became()
        return text + (block(title, columns, rows) if rows else [])

    def _became(self) -> tuple[str, list[str], list[tuple[str, list[str]]]]:
        """A table of what became of the counted cases: its title, its columns,
        and a row for each configuration.
        """
        rows = [
            (name, [f"{number:,.1f}" for number in load.cases.values()])
            for name, load in self.loads.items()
            if not _beside(name, self.configurations)
        ]
        title = f"how everybody stood after {self.clock_tau:g} {CALENDAR_DAYS}, per replication"
        return f"{title} ({self.cohort})", [*BECAME], rows

    def _foot(self) -> list[str]:
        facts = [f"warning: {each.said(name=self._name)}" for each in self.warnings]
        if len(self.configurations) > 1:
            facts += self._stepwise() + self._losing()
            facts += [self.matters] if self.matters else []
            facts.append(self._matched(self.configurations[0], self.configurations[-1]))
        mixed = self._mixed() or "all services with applicants, or those of experiment.mix"
        facts.append(f"mix: {mixed}, weighted by their demand before")
        facts.append(
            "posts: "
            + ", ".join(
                f"{name} {number}"
                for name, number in self.posts.items()
                if not _beside(name, self.configurations)
            )
            + self._unequal()
        )
        facts += [
            self._assumed(),
            self._how_sure(),
        ]
        facts.append(self._precision())
        facts.append(f"where: {self.where}")
        return ["", *(line for fact in facts for line in wrapped(fact))]

    def _stepwise(self) -> list[str]:
        """What each configuration adds: in the built-in ones, what needs no merger,
        then what the merger adds to it.
        """
        if len(self.steps) < 2 or not self.replications:
            return []
        way, other = ways(self.configurations)
        told = [f"mix's mean, step by step: {self._walked(self.steps, way)}"]
        aside = f"mix's mean, the other way: {self._walked(self.other_steps, other)}"
        return [*told, aside] if self.other_steps else told

    def _walked(self, steps: Sequence[Estimate], way: Sequence[int]) -> str:
        digits, factor = self._digits("mean"), self._factor()
        return ", then ".join(
            f"{change_of(step.times(factor), digits)} to {self.configurations[k]}"
            for step, k in zip(steps, way[1:], strict=False)
        )

    def _losing(self) -> list[str]:
        """Who loses: from the first configuration to the last, then from each between them,
        as to what the last adds.
        """
        told: list[str] = []
        comparisons = 0
        for k in (0, *self._between()):
            since = self.configurations[k]
            who = f"services that lose from {since} to {self.configurations[-1]}"
            changes = [line.change_from(k) for line in self.lines if line.service != MIX]
            compared = sum(each is not None and each.low is not None for each in changes)
            comparisons = max(comparisons, compared)
            found = self._losing_from(k)
            told += [
                f"{who}, in the {statistic}: {', '.join(names)}"
                for statistic, names in found.items()
            ]
            if not found:
                none = (
                    ", in the mean or p90: none"
                    if compared
                    else ": needs 2 replications with cases"
                )
                told.append(who + none)
        chance = (
            f"if nothing had changed, about {comparisons * (1 - LEVEL) / 2:.1f} of them would "
            "show a loss by chance"
        )
        each = " each" if self._between() else ""
        return [*told, f"  ({comparisons} comparisons{each}; {chance})"] if comparisons else told

    def _losing_from(self, k: int) -> dict[str, list[str]]:
        """By statistic, the services that lose; from a configuration between also by how much,
        which no column says.
        """
        found: dict[str, list[str]] = {}
        for line in self.lines:
            change = line.change_from(k)
            if change is not None and line.loses_from(k) and line.service != MIX:
                much = (
                    f" {change_of(change.times(self._factor()), self._digits(line.statistic))}"
                    if k
                    else ""
                )
                found.setdefault(line.statistic, []).append(self._name(line.service) + much)
        return found

    def _matched(self, first: str, last: str) -> str:
        if self.matched is None or self.matched.slower.value is None:
            return f"the same applicants, {first} to {last}: none with the same answer in both"
        shares = ", ".join(
            f"{share_of(getattr(self.matched, name))} {name}"
            for name in ("slower", "equal", "faster")
        )
        least = (percentage(self.matched.any_slower), percentage(self.matched.any_faster))
        told = (
            f"the same applicants, {first} to {last}: {shares} by what matters in calendar days, "
            f"{least[0]} slower and {least[1]} faster by however little "
            f"({self.matched.applicants:,.1f} per replication with the same answer in both)"
        )
        if not self.matched.worse and not self.matched.better:
            return told
        worse, better = percentage(self.matched.worse), percentage(self.matched.better)
        return f"{told}; by their end {worse} fare worse, {better} better"

    def _how_sure(self) -> str:
        """The change of the mix's mean with its two intervals: chance, and other worlds."""
        change = next((line.change for line in self.lines if line.service == MIX), None)
        if change is None or not self.numbers:
            return "intervals: chance in the simulation only"
        digits, factor = self._digits("mean"), self._factor()
        told = f"how sure: by chance {change_of(change.times(factor), digits)}"
        if self.worlds is None:
            return f"{told}; other possible offices were not explored (govsim explore)"
        low, high = (signed(end * factor, digits) for end in (self.worlds.low, self.worlds.high))
        return f"{told}; in nine of ten of {self.worlds.worlds} possible offices {low} to {high}"

    def _unequal(self) -> str:
        return (
            " (unequal: part of any change is the staff)"
            if len(set(self.posts.values())) > 1
            else ""
        )

    def _assumed(self) -> str:
        if not self.numbers:
            return "assumed: unknown, as no number has a range"
        what = f"{self.assumptions} of the {self.numbers} numbers with a range are assumptions"
        return f"assumed: {what}; numbers without a range are not counted here"

    def _precision(self) -> str:
        what = "change of the mix's mean" if len(self.configurations) > 1 else "mix's mean"
        factor = self._factor()
        minutes = "" if factor == 1.0 else f" ({self.precision * factor:g} minutes)"
        wanted = f"for ±{self.precision:g} {self.unit}{minutes} in the {what}"
        if self.still_needed is None:
            return f"replications still needed {wanted}: needs 2 replications"
        if self.still_needed == FAR:
            return f"replications still needed {wanted}: more than {FAR:,}"
        return (
            f"replications still needed {wanted}: "
            f"{f'{self.still_needed:,}' if self.still_needed else 'none'}"
        )
