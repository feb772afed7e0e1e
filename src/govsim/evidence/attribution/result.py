"""The result of an attribution: what each bundle of levers did.

Shapley values with their intervals, and what says how far to trust them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from govsim.display.numbers import change_of, number_of
from govsim.display.text import block, html_row, signed, wrapped
from govsim.evidence.qualification.record import Qualification, read_all
from govsim.statistics.estimate import Estimate

if TYPE_CHECKING:
    from govsim.display.figures import Axes

# raised when the same replications are kept, divided or told otherwise: what was written before is
# made anew
FORM = 2
SURE = 0.95  # share of resamples in which a bundle must rank first to be called the main driver
FEWEST = 10  # replications, below which resamples know too little to call it so
MIXED = "merger and process"
STRONGEST = 3  # interactions that the screen tells
OTHERS = 30  # further effects that the screen tells


@dataclass(frozen=True)
class Part:
    """The levers of one kind within a bundle that has both.

    They are tried alone, and added to everything else of the reform.
    """

    kind: str
    levers: tuple[str, ...]
    first_in: Estimate
    last_in: Estimate


@dataclass(frozen=True)
class Contribution:
    """What one bundle (or all levers of one kind) did.

    The Shapley values of all sum to the total.
    """

    name: str
    kind: str  # merger, process, or both
    levers: tuple[str, ...]
    shapley: Estimate  # where orders were sampled, with their error in the interval
    share: Estimate  # of the total, in %; likewise
    first_in: Estimate
    last_in: Estimate
    ranks_first: float | None = (
        None  # share of resamples of the replications; None where there is no total to rank for
    )
    parts: tuple[Part, ...] = ()
    sampling_error: float | None = (
        None  # standard error of having tried some orders only; None: all were tried
    )


@dataclass(frozen=True)
class Interaction:
    """What two bundles do together beyond what each does by itself:
    averaged over all sets of others, and without others.
    """

    first: str
    second: str
    shapley: Estimate
    plain: Estimate


@dataclass(frozen=True)
class Effect:
    """The change of one quantity from no lever to all, and whose it is."""

    measure: str
    statistic: str
    scope: str | tuple[str, ...]
    cohort: str
    unit: str
    before: Estimate
    after: Estimate
    total: Estimate
    bundles: tuple[Contribution, ...]
    interactions: tuple[Interaction, ...]
    # merger against process, as two players; none where all levers are of one kind
    kinds: tuple[Contribution, ...]
    method: str
    note: str = ""
    desks: tuple[str, ...] = ()  # of a wait

    @property
    def driver(self) -> str | None:
        """The bundle that ranks first in at least 95 % of resamples.

        None where no bundle does, or few replications tell.
        """
        if self.total.replications < FEWEST:
            return None
        sure = (
            each.name
            for each in self.bundles
            if each.ranks_first is not None and each.ranks_first >= SURE
        )
        return next(sure, None)

    @property
    def target(self) -> tuple[str, str, str | tuple[str, ...], str, tuple[str, ...]]:
        """Measure, statistic, scope, cohort, desks."""
        return self.measure, self.statistic, self.scope, self.cohort, self.desks

    @property
    def whose(self) -> str:
        """The quantity in words, but for its cohort."""
        scope = self.scope if isinstance(self.scope, str) else ", ".join(self.scope)
        at = f" at {', '.join(self.desks)}" if self.desks else ""
        return f"{self.statistic} of {self.measure}{at}, {scope}"

    @property
    def said(self) -> str:
        """The quantity in words."""
        return f"{self.whose} ({'all counted cases' if self.cohort == 'counted' else self.cohort})"


@dataclass(frozen=True)
class Attribution:
    """The effects of a reform, each divided among its bundles of levers.

    It is what `govsim attribute` prints.
    """

    run: str
    where: str
    seed: int
    replications: int
    configurations: int  # sets of levers that were tried
    effects: tuple[Effect, ...]
    shown: int = 0  # which of the effects the screen is about
    warnings: tuple[Qualification, ...] = ()  # the most serious first
    variant: str | None = None
    content: str = ""  # digest of the rows that this was worked out from
    form: int = FORM

    @property
    def effect(self) -> Effect:
        """The effect that was asked for."""
        return self.effects[self.shown]

    # ----------------------------------------------------------------------------------- to and fro

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain lists and numbers; None where a number does not exist."""
        plain = asdict(self)
        for each, effect in zip(plain["effects"], self.effects, strict=True):
            each["driver"] = effect.driver
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Attribution:
        """Read `to_dict` back, also from JSON; KeyError where another version wrote it."""
        if plain["form"] != FORM:
            raise KeyError("form")
        return cls(
            **{
                **plain,
                "effects": tuple(map(_effect, plain["effects"])),
                "warnings": read_all(plain["warnings"]),
            }
        )

    def to_frame(self) -> Any:
        """One row per effect, bundle and quantity, with its interval.

        The quantities are shapley, share, first_in and last_in.
        """
        import pandas as pd

        rows = []
        for effect in self.effects:
            scope = effect.scope if isinstance(effect.scope, str) else ", ".join(effect.scope)
            head = {
                "measure": effect.measure,
                "statistic": effect.statistic,
                "scope": scope,
                "cohort": effect.cohort,
            }
            for each in effect.bundles:
                for what in ("shapley", "share", "first_in", "last_in"):
                    unit = "%" if what == "share" else effect.unit
                    rows.append(
                        {
                            **head,
                            "bundle": each.name,
                            "quantity": what,
                            "unit": unit,
                            **asdict(getattr(each, what)),
                        }
                    )
        return pd.DataFrame(rows)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the Shapley value of each bundle, with what it does alone and what it adds last."""
        from govsim.display import figures

        effect = self.effect
        series = {
            said: [
                figures.Span(e.value, e.low, e.high)
                for each in effect.bundles
                for e in (getattr(each, what),)
            ]
            for what, said in (
                ("shapley", "Shapley value"),
                ("first_in", "alone"),
                ("last_in", "added last"),
            )
        }
        return figures.intervals(
            [each.name for each in effect.bundles],
            series,
            ax,
            f"change of {effect.said}, {effect.unit}",
        )

    # ----------------------------------------------------------------------------------- the screen

    def __repr__(self) -> str:
        return (
            f"<Attribution {self.run}: {len(self.effect.bundles)} bundles, {self.effect.said}, x "
            f"{self.replications}>"
        )

    def __str__(self) -> str:
        lines = wrapped(self._head())
        for title, columns, rows in self._tables():
            lines += block(title, columns, rows)
        return "\n".join([*lines, "", *(line for text in self._foot() for line in wrapped(text))])

    def _repr_html_(self) -> str:
        rows = []
        for title, columns, cells in self._tables():
            rows += [
                html_row("th", [title, *columns]),
                *(html_row("td", [name.strip(), *each]) for name, each in cells),
            ]
        caption = "; ".join([self._head(), *self._foot()])
        return f"<table><caption>{escape(caption)}</caption>{''.join(rows)}</table>"

    def _head(self) -> str:
        variant = f"   variant {self.variant}" if self.variant else ""
        return (
            f"attribute {self.run}{variant}   seed {self.seed}   {self.configurations} sets of "
            f"levers x {self.replications}"
        )

    def _tables(self) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
        effect = self.effect
        digits = _digits(effect)
        levels = (
            f"{number_of(effect.before, digits)} before, {number_of(effect.after, digits)} with "
            "all levers"
        )
        columns = [
            "Shapley value (95 % interval)",
            "share, %",
            "alone",
            "added last",
            "ranks first",
        ]
        rows: list[tuple[str, list[str]]] = []
        for each in effect.bundles:
            rows.append((each.name, _cells(each, digits)))
            for part in each.parts:
                alone, last = (_brief(number, digits) for number in (part.first_in, part.last_in))
                rows.append((f"  its {part.kind} part", ["", "", alone, last, ""]))
        rows.append(("total", [change_of(effect.total, digits), "", "", "", ""]))
        tables = [(f"change of {effect.said}, {effect.unit}: {levels}", columns, rows)]
        if effect.kinds:
            kinds = [(f"{each.name} levers", _cells(each, digits)) for each in effect.kinds]
            tables.append(("what needed the merger, and what did not", columns, kinds))
        others = [each for k, each in enumerate(self.effects) if k != self.shown][:OTHERS]
        if others:
            named = [each.whose if each.cohort == effect.cohort else each.said for each in others]
            cells = [
                [change_of(each.total, _digits(each)), each.unit, each.driver or "-"]
                for each in others
            ]
            title = "other effects (to see one: --measure, --statistic, --scope, --cohort)"
            tables.append(
                (title, ["total", "", "main driver"], list(zip(named, cells, strict=True)))
            )
        return tables

    def _foot(self) -> list[str]:
        effect = self.effect
        told = [self._driver(effect)] + ([effect.note] if effect.note else [])
        together = sorted(effect.interactions, key=lambda each: -abs(each.shapley.value or 0.0))[
            :STRONGEST
        ]
        if told_pairs := [_pair(each, _digits(effect)) for each in together if each.shapley.value]:
            told.append(
                "strongest interactions (Shapley interaction index): " + "; ".join(told_pairs)
            )
        tried = [each for each in effect.bundles if each.sampling_error is not None]
        if tried:
            largest = max(each.sampling_error or 0.0 for each in tried)
            told.append(
                "orders of bundles were sampled: that adds a standard error of up to "
                f"{largest:.2g} {effect.unit}, in the "
                "intervals of Shapley values and shares; more replications do not make it smaller"
            )
        told += [
            (
                "Shapley value: what a bundle adds, averaged over all orders in which the bundles "
                "may come; they sum to the total"
            ),
            (
                "alone: with no other lever; added last: to all the others; ranks first: in so "
                "many resamples of the replications"
            ),
            f"intervals: {effect.method}; chance in the simulation only, one at a time",
        ]
        return [
            *told,
            *(f"warning: {each.said()}" for each in self.warnings),
            f"where: {self.where}",
        ]

    def _driver(self, effect: Effect) -> str:
        if effect.driver:
            return (
                f"main driver: {effect.driver} (ranks first in at least {100 * SURE:.0f} % of "
                "resamples)"
            )
        if not effect.bundles:
            return "main driver: none; the change is not divided"
        if effect.total.replications < FEWEST:
            return f"main driver: not told from fewer than {FEWEST} replications"
        if all(each.ranks_first is None for each in effect.bundles):
            return "main driver: none; the total may be zero"
        return f"main driver: none; no bundle ranks first in {100 * SURE:.0f} % of resamples"


def _cells(each: Contribution, digits: int) -> list[str]:
    share = "-" if each.share.value is None else signed(each.share.value, 1)
    first = "" if each.ranks_first is None else f"{100 * each.ranks_first:.0f} %"
    return [
        change_of(each.shapley, digits),
        share,
        _brief(each.first_in, digits),
        _brief(each.last_in, digits),
        first,
    ]


def _brief(number: Estimate, digits: int) -> str:
    return "-" if number.value is None else signed(number.value, digits)


def _pair(each: Interaction, digits: int) -> str:
    return f"{each.first} with {each.second} {change_of(each.shapley, digits)}"


def _digits(effect: Effect) -> int:
    """Enough to show three digits of the total, at least two decimals."""
    size = abs(effect.total.value or 0.0)
    return max(2, 2 - math.floor(math.log10(size))) if size > 1e-9 else 2


# ---------------------------------------------------------------------------------------- from JSON


def _effect(plain: Mapping[str, Any]) -> Effect:
    rest = {key: value for key, value in plain.items() if key != "driver"}
    scope = plain["scope"]
    return Effect(
        **{
            **rest,
            **{key: Estimate(**plain[key]) for key in ("before", "after", "total")},
            "scope": scope if isinstance(scope, str) else tuple(scope),
            "desks": tuple(plain["desks"]),
            "bundles": tuple(map(_contribution, plain["bundles"])),
            "kinds": tuple(map(_contribution, plain["kinds"])),
            "interactions": tuple(
                Interaction(
                    each["first"],
                    each["second"],
                    Estimate(**each["shapley"]),
                    Estimate(**each["plain"]),
                )
                for each in plain["interactions"]
            ),
        }
    )


def _contribution(plain: Mapping[str, Any]) -> Contribution:
    estimates = {key: Estimate(**plain[key]) for key in ("shapley", "share", "first_in", "last_in")}
    parts = tuple(
        Part(
            each["kind"],
            tuple(each["levers"]),
            Estimate(**each["first_in"]),
            Estimate(**each["last_in"]),
        )
        for each in plain["parts"]
    )
    return Contribution(**{**plain, **estimates, "levers": tuple(plain["levers"]), "parts": parts})
