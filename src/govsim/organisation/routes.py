"""The steps of a route in plain numbers: efforts, delays and chances.

Each is on the clock that its unit says.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path as File
from statistics import NormalDist
from typing import Any

from govsim.organisation.nouns import (
    Attribute,
    Calendar,
    Choice,
    Delay,
    Distribution,
    Duration,
    End,
    Mark,
    Meet,
    Misdirected,
    Parallel,
    Path,
    Review,
    Step,
    Task,
    Transfer,
)
from govsim.organisation.parameters import FAMILIES, Refused, ToldBefore, Value, Values
from govsim.organisation.pieces import Pieces, Tell, build_piece
from govsim.scenario import limits
from govsim.scenario.columns import read_column
from govsim.scenario.problems import did_you_mean, step_name
from govsim.scenario.units import Kind, Unit, UnitError, fit, time

NEVER = Path(0.0)
STEEPEST = 3.0  # the largest cv for which quantile tables are tested
STEEPEST_P90 = 7.0  # p90 over median of such a lognormal
Z90 = NormalDist().inv_cdf(0.9)
KINDS: Mapping[str, str] = {
    "task": "_task", "review": "_task", "transfer": "_transfer", "delay": "_delay",
    "meeting": "_meeting", "choice": "_choice", "parallel": "_parallel", "mark": "_mark",
    "end": "_end",
}  # fmt: skip


# ------------------------------------------------------------------------------------ distributions


def distribution(
    values: Values, spec: Mapping[str, Any], key: str, kind: Kind, folder: File
) -> tuple[Distribution, Unit]:
    """The distribution in a field and what it is counted in: minutes,
    working days or plain numbers.
    """
    node = spec[key]
    if isinstance(node, Mapping) and len(node) == 1:
        family, stated = next(iter(node.items()))
        if (
            family == "product"
            and isinstance(stated[0], Mapping)
            and next(iter(stated[0]), "") in FAMILIES
        ):
            return _times(
                values, key, *distribution(values, {key: stated[0]}, key, kind, folder), stated[1:]
            )
        if family in FAMILIES and family != "constant":
            try:
                return _family(values, family, stated, kind, folder)
            except Refused as problem:
                raise problem.inside(f"{key}.{family}") from None
        if family == "constant":
            return _constant(values, node, "constant", kind)
    return _constant(values, spec, key, kind)


def _constant(
    values: Values, spec: Mapping[str, Any], key: str, kind: Kind
) -> tuple[Distribution, Unit]:
    value = _one(values, spec, key, kind)
    return Distribution("constant", value.path.base), value.unit


def _times(
    values: Values, key: str, one: Distribution, unit: Unit, factors: Sequence[Any]
) -> tuple[Distribution, Unit]:
    factor = values.number({key: {"product": list(factors)}}, key, Kind.NUMBER)
    if factor < 0.0 or (factor == 0.0 and one.family != "constant"):
        raise Refused(key, "a factor on a distribution must be more than 0")
    return replace(one, mean=one.mean * factor), unit


def _one(values: Values, spec: Mapping[str, Any], key: str, kind: Kind) -> Value:
    """One number that fits `kind`, with its unit."""
    number = values.number(spec, key, kind)
    return values.value(spec[key])._replace(path=Path(number))


def _family(
    values: Values, family: str, stated: Any, kind: Kind, folder: File
) -> tuple[Distribution, Unit]:
    if family == "empirical":
        return _empirical(stated, kind, folder)
    numbers = {key: _one(values, stated, key, _kind_of(key, kind)) for key in stated}
    units = {value.unit for key, value in numbers.items() if key not in ("cv", "k")}
    if len(units) != 1:
        raise Refused(
            "", f"{' and '.join(numbers)} are in different kinds of time; write all of them in one"
        )
    stated_numbers = {key: value.path.base for key, value in numbers.items()}
    return shaped(family, **stated_numbers), units.pop()


def _kind_of(key: str, kind: Kind) -> Kind:
    return Kind.COUNT if key == "k" else Kind.NUMBER if key == "cv" else kind


def shaped(family: Any, **stated: float) -> Distribution:
    """A distribution from the numbers that state it; Refused where there is none."""
    if family in ("uniform", "triangular", "pert"):
        return _bounded(family, **stated)
    if "median" in stated:
        sigma = _sigma(stated["median"], stated["p90"])
        mean, cv = (
            stated["median"] * math.exp(sigma * sigma / 2.0),
            math.sqrt(math.expm1(sigma * sigma)),
        )
        return Distribution(family, mean, (cv,))
    mean = stated["mean"]
    if not mean > 0.0:
        raise Refused(
            "mean",
            f"a mean of {mean:g} is not possible; write the bare quantity where it does not vary",
        )
    if "cv" in stated and not 0.0 < stated["cv"] <= STEEPEST:
        raise Refused(
            "cv",
            f"{stated['cv']:g} is not possible; it must be more than 0 and at most {STEEPEST:g}",
        )
    if "k" in stated and stated["k"] < 1:
        raise Refused("k", "must be at least 1")
    return Distribution(
        family, mean, tuple(value for key, value in stated.items() if key != "mean")
    )


def _sigma(median: float, p90: float) -> float:
    if not 0.0 < median < p90 <= STEEPEST_P90 * median:
        raise Refused(
            "p90",
            f"p90 must be more than the median and at most {STEEPEST_P90:g} times it, and the "
            "median more than 0",
        )
    return math.log(p90 / median) / Z90


def _bounded(family: Any, low: float, high: float, mode: float | None = None) -> Distribution:
    if not low < high or (mode is not None and not low <= mode <= high):
        raise Refused("", "low, mode and high must be in this order, and high more than low")
    if mode is None:
        mean = (low + high) / 2.0
        return Distribution(family, mean, (low / mean, high / mean))
    mean = (low + mode + high) / 3.0 if family == "triangular" else (low + 4.0 * mode + high) / 6.0
    return Distribution(family, mean, (low / mean, mode / mean, high / mean))


def _empirical(stated: Mapping[str, Any], kind: Kind, folder: File) -> tuple[Distribution, Unit]:
    try:
        unit = fit(f"1 {stated.get('unit', '')}".strip(), kind)
        numbers = _column(folder, stated["file"], stated["column"])
    except UnitError as problem:
        raise Refused("file", str(problem)) from None
    mean = sum(numbers) / len(numbers)
    if not mean > 0.0 or numbers[0] < 0.0:
        raise Refused(
            "column", f"the cells of column '{stated['column']}' must be 0 or more, and not all 0"
        )
    return Distribution(
        "empirical", mean * unit.value, tuple(number / mean for number in numbers)
    ), unit.unit


@lru_cache(maxsize=64)
def _column(folder: File, file: str, column: str) -> tuple[float, ...]:
    try:
        return tuple(sorted(float(cell) for cell in read_column(folder, file, column)))
    except ValueError as problem:
        raise UnitError(f"column '{column}' of '{file}': {problem}") from None


# ------------------------------------------------------------------------------------------ steps


@dataclass
class Routes:
    """Resolves the steps of one service: `told` is called with the field and the message
    of each mistake.
    """

    values: Values
    calendars: Mapping[str, Calendar]  # those that are right
    calendar_names: Collection[str]
    desks: Collection[str]
    meetings: Collection[str]
    departments: Collection[str]
    attributes: Mapping[str, Attribute]
    calendar: str  # the service's
    folder: File
    pieces: Pieces
    told: Tell
    in_block: bool = False

    def sequence(self, steps: Sequence[Any]) -> tuple[Step, ...]:
        """Steps in order.

        What is wrong with one of them is told, and the others are still looked at.
        """
        return tuple(made for made in map(self._step, steps) if made is not None)

    def _step(self, step: Mapping[str, Any]) -> Step | None:
        name = step_name(step) or ""
        build = partial(self._built, name, step)
        if "choice" in step or "parallel" in step:  # what they hold is remembered, step by step
            made, told = build_piece(name, build)
        else:
            also = (self.calendar, self.in_block)
            made, told = self.pieces.made(
                name, (step, self.calendar_names), self.values, build, also
            )
        for where, message in told:
            self.told(where, message)
        return made  # type: ignore[no-any-return]

    def _built(self, name: str, step: Mapping[str, Any], told: Tell) -> Step:
        built: Step = getattr(self, KINDS[next(iter(step))])(name, step)
        return built

    def known(self, spec: Mapping[str, Any], key: str, word: str, names: Collection[str]) -> str:
        """The name of a desk, a meeting ... that exists."""
        name = spec[key]
        if not isinstance(name, str) or name not in names:
            raise Refused(key, f"no {word} '{name}'{did_you_mean(name, names)}")
        return str(name)

    def duration(self, spec: Mapping[str, Any], key: str, kind: Kind = Kind.DURATION) -> Duration:
        """How long something takes: on the clock, in working time of the calendar, or as a term."""
        takes, unit = distribution(self.values, spec, key, kind, self.folder)
        if unit is Unit.CLOCK:
            return Duration(takes)
        calendar = self.known(
            {"calendar": spec.get("calendar", self.calendar)},
            "calendar",
            "calendar",
            self.calendar_names,
        )
        if calendar not in self.calendars:
            raise ToldBefore("the calendar is wrong itself")
        if kind is Kind.TERM:
            if takes.family != "constant":
                raise Refused(key, "a term is one whole number of working days")
            return Duration(takes, "term", calendar)
        return Duration(
            replace(takes, mean=takes.mean * self.calendars[calendar].day_length),
            "working",
            calendar,
        )

    def effort(self, spec: Mapping[str, Any], key: str) -> Distribution:
        """Minutes of work."""
        return distribution(self.values, spec, key, Kind.WORK, self.folder)[0]

    def share(self, spec: Mapping[str, Any], key: str, default: float = 0.0) -> Path:
        """A chance or a share, perhaps a path."""
        return self.values.path(spec, key, Kind.SHARE, default)

    def _task(self, name: str, spec: Mapping[str, Any]) -> Task:
        patience = self.effort(spec, "patience") if "patience" in spec else None
        if patience is not None:
            self._no_end("patience", "withdraws")
            if not patience.mean > 0.0:
                raise Refused("patience", "must be more than 0")
        return Task(
            name,
            self.known(spec, "desk", "desk", self.desks),
            self.effort(spec, "effort"),
            self._review(spec) if "review" in spec else None,
            self._misdirected(spec["misdirected"]) if "misdirected" in spec else None,
            patience,
        )

    def _misdirected(self, spec: Mapping[str, Any]) -> Misdirected:
        try:
            return Misdirected(
                self.share(spec, "chance"),
                self.known(spec, "desk", "desk", self.desks),
                self.effort(spec, "effort"),
            )
        except Refused as problem:
            raise problem.inside("misdirected") from None

    def _review(self, spec: Mapping[str, Any]) -> Review:
        reject = self.share(spec, "reject")
        if reject != NEVER:
            self._no_end("reject", "is rejected")
        again_effort = self.values.number(spec, "again_effort", Kind.NUMBER, 1)
        papers = spec.get("supplement")
        if papers is None:
            nothing = Duration(Distribution("constant", 0.0))
            return Review(NEVER, NEVER, 1, "passes", NEVER, nothing, reject, again_effort)
        if papers["then"] != "passes":
            self._no_end("supplement.then", f"is {papers['then']}")
        try:
            return Review(
                self.share(papers, "chance"),
                self.share(papers, "again"),
                self.values.whole(papers, "attempts", Kind.COUNT, least=1, most=limits.ATTEMPTS),
                papers["then"],
                self.share(papers, "tolerated"),
                self.duration(papers, "takes"),
                reject,
                again_effort,
            )
        except Refused as problem:
            raise problem.inside("supplement") from None

    def _transfer(self, name: str, spec: Mapping[str, Any]) -> Transfer:
        takes = self.duration(spec, "takes")
        leaves = spec.get("leaves", "any time")
        times = () if leaves == "any time" else tuple(sorted(map(_time, leaves)))
        # couriers keep office days even where the way is clock time
        if times and takes.calendar is None:
            named = {"calendar": spec.get("calendar", self.calendar)}
            takes = replace(
                takes, calendar=self.known(named, "calendar", "calendar", self.calendar_names)
            )
        electronic = (
            self.duration(spec, "electronic_takes") if "electronic_takes" in spec else takes
        )
        paper = self.share(spec, "paper", 1.0)
        if "electronic_takes" not in spec and paper != Path(1.0):
            raise Refused("electronic_takes", "is missing: not every file travels on paper")
        return Transfer(
            name,
            self.known(spec, "to", "department", self.departments),
            paper,
            takes,
            electronic,
            times,
        )

    def _delay(self, name: str, spec: Mapping[str, Any]) -> Delay:
        notice = spec["owner"] == "notice"
        return Delay(
            name,
            spec["owner"],
            self.duration(spec, "takes", Kind.TERM if notice else Kind.DURATION),
            bool(spec.get("stops_clock")),
        )

    def _meeting(self, name: str, spec: Mapping[str, Any]) -> Meet:
        return Meet(
            name, self.known(spec, "at", "meeting", self.meetings), bool(spec.get("stops_clock"))
        )

    def _choice(self, name: str, spec: Mapping[str, Any]) -> Choice:
        if "chance" in spec:
            branches = (
                self.sequence(spec.get("then") or ()),
                self.sequence(spec.get("else") or ()),
            )
            return Choice(name, branches, chance=self.share(spec, "chance"))
        attribute = self.attributes[self.known(spec, "by", "attribute", self.attributes)]
        cases = spec["cases"]
        for value in attribute.values:
            if value.name not in cases:
                raise Refused("cases", f"no case for '{value.name}'")
        return Choice(
            name,
            tuple(self.sequence(cases[value.name]) for value in attribute.values),
            by=attribute.name,
        )

    def _parallel(self, name: str, spec: Mapping[str, Any]) -> Parallel:
        inside = replace(self, in_block=True)
        return Parallel(
            name, tuple(inside.sequence(branch) for branch in spec["branches"].values())
        )

    def _mark(self, name: str, spec: Mapping[str, Any]) -> Mark:
        return Mark(name, spec.get("as", name))

    def _end(self, name: str, spec: Mapping[str, Any]) -> End:
        self._no_end("", "ends")
        return End(name, spec["outcome"])

    def _no_end(self, field: str, what: str) -> None:
        if self.in_block:
            raise Refused(
                field, f"a case {what} here, inside a parallel block; a branch can only return"
            )


def _time(written: Any) -> float:
    try:
        return time(written)
    except UnitError as problem:
        raise Refused("leaves", str(problem)) from None
