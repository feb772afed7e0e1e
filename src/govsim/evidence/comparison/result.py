"""The result of a comparison: who gains, who loses, by how much, how much of it is chance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from govsim.arrays import Floats
from govsim.display.numbers import SHORT, change_of, number_of, share_of
from govsim.display.text import block, html_row, signed, wrapped
from govsim.errors import NameNotFound
from govsim.evidence.matters import assumption
from govsim.evidence.qualification.record import Qualification
from govsim.measures.catalogue import MIX
from govsim.model.offered_load import OfferedLoad
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import VarianceReduction

if TYPE_CHECKING:
    from govsim.display.figures import Axes


GAINS, LOSES = "gains", "loses"
KINDS = ("mix", "set", "service", "channel", "cohort")  # what a row is of
SHOWN = (0.1, 0.25, 0.5, 0.75, 0.9)  # levels of the curves that the screen tells


@dataclass(frozen=True)
class Row:
    """One statistic of one scope: both levels, the change and the change in percent.

    Each has its own interval. `together` is the change again, with an interval that holds for all
    rows of its kind at once; `verdict`, gains or loses, is said where the whole of it (for the mix,
    of the change's own) lies on one side, and the change is at least the smallest that matters.
    """

    # of KINDS: the mix, another set of services, a service, an attribute's value, another cohort of
    # the mix
    kind: str
    name: str
    statistic: str
    before: Estimate
    after: Estimate
    change: Estimate
    percent: Estimate
    together: Estimate | None = None
    verdict: str = ""


@dataclass(frozen=True)
class Curve:
    """Numbers at some levels, with a band that holds for all levels at once.

    None where not estimable.
    """

    levels: tuple[float, ...]
    value: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    unit: str
    replications: int = 0
    method: str = ""

    def at(self, level: float) -> Estimate:
        """The number at the nearest of the levels."""
        k = min(range(len(self.levels)), key=lambda each: abs(self.levels[each] - level))
        value, low, high = self.value[k], self.low[k], self.high[k]
        note = "not estimable" if value is None else "exact" if low == high == value else ""
        return Estimate(value, low, high, self.replications, note, self.method)

    @property
    def drawn(self) -> tuple[Floats, Floats, Floats]:
        """(value, low, high) with gaps where nothing is known."""
        value, low, high = (
            np.array(row, dtype=np.float64) for row in (self.value, self.low, self.high)
        )
        return value, low, high

    def times(self, factor: float) -> Curve:
        """The same in another unit."""

        def scaled(row: tuple[float | None, ...]) -> tuple[float | None, ...]:
            return tuple(None if each is None else each * factor for each in row)

        return replace(self, value=scaled(self.value), low=scaled(self.low), high=scaled(self.high))


@dataclass(frozen=True)
class SameApplicants:
    """Shares of the applicants with the same answer in both configurations, whose time changes by
    at least what matters, how many they are in a replication, and whose time changes at all.
    """

    slower: Estimate
    equal: Estimate
    faster: Estimate
    applicants: float
    any_slower: Estimate
    any_faster: Estimate


@dataclass(frozen=True)
class Part:
    """A part of the mean cycle time, in clock days; all parts add up to it."""

    name: str
    before: Estimate
    after: Estimate
    change: Estimate


@dataclass(frozen=True)
class OpenCases:
    """Counted cases of the mix's services, those without an answer by age tau, and those whose
    applicants had given up: mean per replication.

    `services` are those of which more than a hundredth has no answer: service -> share.
    """

    counted: float
    open: float
    gave_up: float = 0.0
    services: Mapping[str, float] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the counted cases."""
        return self.open / self.counted if self.counted else 0.0


@dataclass(frozen=True)
class Comparison:
    """Two configurations under the same draws, from `first` to `second`; times are in `unit`."""

    run: str
    seed: int
    first: str
    second: str
    measure: str
    unit: str
    cohort: str
    replications: int
    rows: tuple[Row, ...]
    effects: Curve | None  # the quantile in the second less that in the first
    changes: Curve | None  # quantiles of the change of the same applicants, clock days
    # mix and services; empty where the run did not match these two
    matched: Mapping[str, SameApplicants]
    parts: tuple[Part, ...]
    reduction: VarianceReduction | None
    posts: Mapping[str, int]
    open_cases: Mapping[str, OpenCases]
    loads: Mapping[str, OfferedLoad]  # empty where the scenario cannot be read any more
    growth: Mapping[str, Estimate]  # of the backlog in the counted period, cases per month
    left_out: tuple[str, ...]  # services that the mix cannot compare
    warnings: tuple[Qualification, ...] = ()  # the most serious first
    names: Mapping[str, str] = field(default_factory=dict)
    day: float | None = None  # minutes of a working day
    # what the file states of the smallest differences that matter
    matters: Mapping[str, float] = field(default_factory=dict)

    def row(self, name: str = MIX, statistic: str = "mean") -> Row:
        """One row; KeyError with what there is."""
        for row in self.rows:
            if (row.name, row.statistic) == (name, statistic):
                return row
        raise NameNotFound(
            f"no {statistic} of {name!r}; there are "
            f"{', '.join(dict.fromkeys(row.name for row in self.rows))}"
        )

    def who(self, verdict: str, kind: str = "service") -> tuple[tuple[str, str], ...]:
        """(name, statistic) of all rows of a kind with a verdict, `gains` or `loses`."""
        return tuple(
            (row.name, row.statistic)
            for row in self.rows
            if (row.kind, row.verdict) == (kind, verdict)
        )

    @property
    def unstable(self) -> tuple[str, ...]:
        """Configurations in which some queue cannot settle."""
        return tuple(name for name, load in self.loads.items() if not load.stable)

    def to_dict(self) -> dict[str, Any]:
        """Everything in plain lists and numbers; None where a number does not exist."""
        loads = {name: load.to_dict() for name, load in self.loads.items()}
        losers = {
            verdict: {kind: self.who(verdict, kind) for kind in KINDS} for verdict in (GAINS, LOSES)
        }
        return {**asdict(self), "loads": loads, "who": losers, "unstable": self.unstable}

    def to_frame(self) -> Any:
        """One row per scope, statistic and quantity (before, after, change, percent,
        change with all): an Estimate each.
        """
        import pandas as pd

        rows = []
        for row in self.rows:
            numbers = {
                self.first: row.before,
                self.second: row.after,
                "change": row.change,
                "percent": row.percent,
                "change, all at once": row.together,
            }
            for what, number in numbers.items():
                if number is not None:
                    told = {
                        "kind": row.kind,
                        "name": row.name,
                        "statistic": row.statistic,
                        "quantity": what,
                    }
                    rows.append({**told, **asdict(number), "verdict": row.verdict})
        return pd.DataFrame(rows)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how much the quantiles change, and the quantiles of the same applicants' changes,
        with their bands.
        """
        from govsim.display import figures

        curves = {}
        if self.effects:
            curves[f"quantiles, {self.effects.unit}"] = figures.Line(*self.effects.drawn)
        if self.changes:
            curves[f"same applicants, {self.changes.unit}"] = figures.Line(*self.changes.drawn)
        levels = (
            self.effects.levels if self.effects else self.changes.levels if self.changes else ()
        )
        return figures.lines(
            levels,
            curves,
            ax,
            x="share of cases",
            y=f"change from {self.first} to {self.second}",
            zero=True,
        )

    # ----------------------------------------------------------------------------------- the screen

    def __repr__(self) -> str:
        mean = next((row for row in self.rows if row.kind == "mix"), None)
        said = (
            f"{mean.statistic} {change_of(mean.change, self._digits(mean.statistic))} {self.unit}"
            if mean
            else "nothing"
        )
        return (
            f"<Comparison {self.run}: {self.first} to {self.second}, {self.measure} {said}, x "
            f"{self.replications}>"
        )

    def __str__(self) -> str:
        lines = [line for text in self._head() for line in wrapped(text)]
        for title, columns, rows in self._tables():
            lines += block(title, columns, rows)
        return "\n".join(
            [*lines, "", *(line for text in self.sentences() for line in wrapped(text))]
        )

    def _repr_html_(self) -> str:
        body = "".join(
            html_row("th", [title, *columns])
            + "".join(html_row("td", [name, *cells]) for name, cells in rows)
            for title, columns, rows in self._tables()
        )
        caption = "; ".join((*self._head(), *self.sentences()))
        return f"<table><caption>{escape(caption)}</caption>{body}</table>"

    def _head(self) -> list[str]:
        return [
            (
                f"compare {self.run}   {self.first} to {self.second}   seed {self.seed}   x "
                f"{self.replications}   {self.cohort}"
            )
        ]

    def _factor(self) -> float:
        """What times are multiplied by on the screen: a working day's minutes
        where they are that short.
        """
        first = next((row.before.value for row in self.rows if row.kind == "mix"), None)
        return (
            self.day
            if self.unit == "working days" and self.day and first is not None and first < SHORT
            else 1.0
        )

    def _told_unit(self) -> str:
        return self.unit if self._factor() == 1.0 else "opening minutes"

    def _digits(self, statistic: str) -> int:
        largest = max(
            abs(each.value or 0.0)
            for row in self.rows
            if row.statistic == statistic
            for each in (row.before, row.after)
        )
        return max(2, 2 - math.floor(math.log10(largest * self._factor()))) if largest > 0 else 2

    def _tables(self) -> Iterator[tuple[str, list[str], list[tuple[str, list[str]]]]]:
        columns = [self.first, self.second, "change (95 % interval)", "in %", ""]
        for statistic in dict.fromkeys(row.statistic for row in self.rows):
            rows = [
                (self._name(row), self._cells(row))
                for row in self.rows
                if row.statistic == statistic
            ]
            yield f"{statistic} of {self.measure}, {self._told_unit()}", columns, rows
        if self.effects:
            yield self._distribution(self.effects)
        if self.parts:
            named = [
                (
                    part.name,
                    [
                        *(number_of(each, 2) for each in (part.before, part.after)),
                        change_of(part.change, 2),
                    ],
                )
                for part in self.parts
            ]
            yield "where the time goes, clock days of the mix's mean", columns[:3], named

    def _name(self, row: Row) -> str:
        return f"cohort {row.name}" if row.kind == "cohort" else self.names.get(row.name, row.name)

    def _cells(self, row: Row) -> list[str]:
        digits, factor = self._digits(row.statistic), self._factor()
        levels = [number_of(each.times(factor), digits) for each in (row.before, row.after)]
        percent = "" if row.percent.value is None else signed(row.percent.value, 1)
        return [*levels, change_of(row.change.times(factor), digits), percent, row.verdict]

    def _distribution(self, effects: Curve) -> tuple[str, list[str], list[tuple[str, list[str]]]]:
        short = self._factor() != 1.0
        curves, columns = [effects.times(self._factor())], [f"of the quantile, {self._told_unit()}"]
        if self.changes:
            curves.append(self.changes.times(1440.0 if short else 1.0))
            columns.append(f"of the same applicants, {'minutes' if short else self.changes.unit}")
        title = (
            f"change from {self.first} to {self.second}, with a band that holds for all levels at "
            "once (95 %)"
        )
        rows = [
            (f"{100 * level:.0f} %", [change_of(curve.at(level), 2) for curve in curves])
            for level in SHOWN
        ]
        return title, columns, rows

    # ------------------------------------------------------------------------------------- in words

    def sentences(self) -> list[str]:
        """What a reader must know beside the tables.

        Who gains, who loses, posts, open cases, queues, chance.
        """
        told = self._who()
        if (mix := self.matched.get(MIX)) is not None:
            shares = ", ".join(
                f"{share_of(getattr(mix, name))} {name}" for name in ("slower", "equal", "faster")
            )
            told.append(
                f"the same applicants: {shares} ({mix.applicants:,.1f} per replication); to the "
                f"minute {share_of(mix.any_slower)} slower, {share_of(mix.any_faster)} faster"
            )
        if self.reduction:
            told.append(f"common draws: {self.reduction}")
        told.append(assumption(self.matters)[0])
        warnings = [f"warning: {each.said(name=self._called)}" for each in self.warnings]
        return [*warnings, *told, *self._posts()]

    def _called(self, name: str) -> str:
        return self.names.get(name, name)

    def _who(self) -> list[str]:
        """By service, channel and cohort: who loses, who gains; everybody by name,
        unless it is all of them.
        """
        told = []
        for kind in KINDS[2:]:
            rows = [row for row in self.rows if row.kind == kind and row.together is not None]
            for verdict in (LOSES, GAINS) if rows else ():
                found = [row for row in rows if row.verdict == verdict]
                said = "all of them" if len(found) == len(rows) > 2 else self._listed(found)
                told.append(
                    f"{verdict}, by {kind} "
                    f"({' or '.join(dict.fromkeys(row.statistic for row in rows))}): {said}"
                )
        return (
            [*told, "  (each of these lists holds with 95 % for all its rows together)"]
            if told
            else []
        )

    def _listed(self, rows: Sequence[Row]) -> str:
        statistics: dict[str, list[str]] = {}
        for row in rows:
            statistics.setdefault(self.names.get(row.name, row.name), []).append(row.statistic)
        return (
            ", ".join(f"{name} ({', '.join(each)})" for name, each in statistics.items()) or "none"
        )

    def _posts(self) -> list[str]:
        """How many each has; where not as many, a warning says so."""
        numbers = [self.posts[name] for name in (self.first, self.second)]
        told = f"posts: {self.first} {numbers[0]}, {self.second} {numbers[1]}"
        return [told] if numbers[0] == numbers[1] else []
