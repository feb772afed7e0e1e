"""Numbers of a scenario in one world: parameters by name, ranges, products, paths over time.

They are read once its levers are applied.

A parameter's name may stand wherever a number may, so one sentence of the file ("reviewers are
absent 15 % of the time") holds everywhere at once, and one world gives it one value everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from govsim.organisation.edits import MISSING
from govsim.organisation.nouns import Path
from govsim.scenario.problems import did_you_mean, step_name
from govsim.scenario.units import (
    DAY,
    MOST,
    Kind,
    Quantity,
    Unit,
    UnitError,
    bound,
    fit,
    is_name,
    parse,
)

JUDGING = ("claims", "known", "experiment")  # sections whose numbers are never drawn
PLAIN = (Unit.NUMBER, Unit.PERCENT, Unit.POINTS)
UNCERTAIN = {"value", "range", "shape", "source", "about", "whole", "name"}
FAMILIES = (
    "constant",
    "exponential",
    "erlang",
    "gamma",
    "lognormal",
    "weibull",
    "uniform",
    "triangular",
    "pert",
    "empirical",
)
NUMERIC = {"base", "extra", "half_life", "for", "from", "to", "within", *FAMILIES}


class ToldBefore(UnitError):
    """A value that depends on a parameter whose own mistake is told at the parameter."""


class Refused(ValueError):
    """A value that cannot be used.

    The field inside the thing that is looked at, and what to do about it.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(field, message)
        self.field, self.message = field, message

    def inside(self, field: str) -> Refused:
        """The same, seen from one level further out."""
        return Refused(f"{field}.{self.field}" if self.field else field, self.message)


@dataclass(frozen=True)
class Uncertain:
    """A number of the file that has a range.

    Its name, its stated value and the ends of its range, in the file's unit.
    """

    name: str
    value: float
    low: float
    high: float
    unit: str
    whole: bool
    source: str
    shape: str = "uniform"  # or loguniform, or triangular with its mode at the value


class Value(NamedTuple):
    """A number, perhaps changing over time, with the unit it is written in; `scaled`:
    a product made it.
    """

    path: Path
    unit: Unit
    written: str
    scaled: bool = False


def named(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree with a `name` in every number that states its range or source: a parameter's own,
    else its path.
    """
    out = {k: _named(v, (k,)) if k not in ("parameters", *JUDGING) else v for k, v in tree.items()}
    parameters = tree.get("parameters") or {}
    out["parameters"] = {
        k: {**v, "name": k} if isinstance(v, Mapping) else v for k, v in parameters.items()
    }
    return out


def _named(node: Any, place: tuple[str, ...]) -> Any:
    if isinstance(node, dict):
        if is_stated(node):
            return {**node, "name": ".".join(place)}
        return {key: _named(value, (*place, str(key))) for key, value in node.items()}
    if isinstance(node, list):
        # named by service and step alone
        steps = [step_name(item) if place[0] == "services" else None for item in node]
        places = [
            (*place[:2], name) if name else (*place, str(k + 1)) for k, name in enumerate(steps)
        ]
        return [_named(item, where) for item, where in zip(node, places, strict=True)]
    return node


def unnamed(node: Any) -> Any:
    """A part of a named tree as the file states it."""
    if isinstance(node, dict):
        return {
            key: unnamed(value)
            for key, value in node.items()
            if not (is_stated(node) and key == "name")
        }
    return [unnamed(item) for item in node] if isinstance(node, list) else node


def is_stated(node: Any) -> bool:
    """Whether a part of the tree is `{value, range, source, ...}`."""
    return isinstance(node, dict) and "value" in node and node.keys() <= UNCERTAIN


def is_numeric(node: Any, parameters: Mapping[str, Any]) -> bool:
    """Whether a part of the tree is a number, a parameter's name, a path,
    a distribution or a list of factors.
    """
    if isinstance(node, dict):
        return bool(node) and ("value" in node or "product" in node or node.keys() <= NUMERIC)
    if isinstance(node, list):
        return bool(node) and all(is_numeric(item, parameters) for item in node)
    if isinstance(node, str) and is_name(node):
        return node in parameters
    try:
        parse(node)
    except UnitError:
        return False
    return True


def uncertain(tree: Mapping[str, Any]) -> dict[str, Uncertain]:
    """All numbers of a named tree that have a range, by name.

    Those that only a lever or a variant states are included.
    """
    found = (node for key, part in tree.items() if key not in JUDGING for node in _ranges(part))
    return {u.name: u for u in map(_uncertain, found)}


def _ranges(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        if "name" in node and "range" in node and "value" in node:
            yield node
        else:
            for value in node.values():
                yield from _ranges(value)
    elif isinstance(node, list):
        for item in node:
            yield from _ranges(item)


def _uncertain(node: Mapping[str, Any]) -> Uncertain:
    quantity = parse(node["value"])
    low, high = (
        float(end) if not isinstance(end, str) else parse(end).value for end in node["range"]
    )
    factor = quantity.like(1.0).value
    return Uncertain(
        name=node["name"],
        value=quantity.value / factor,
        low=low,
        high=high,
        unit=quantity.written,
        whole=bool(node.get("whole")),
        source=str(node.get("source", "")),
        shape=str(node.get("shape", "uniform")),
    )


class Values:
    """Looks numbers up in one world.

    `parameters` are those of a tree with its levers applied; a world is name -> value in the file's
    unit.
    """

    def __init__(
        self, parameters: Mapping[str, Any], world: Mapping[str, float] | None = None
    ) -> None:
        self.parameters = parameters
        self.world = world or {}
        # parameter -> what is wrong with it, once it was looked up
        self.problems: dict[str, str] = {}
        self._known: dict[str, Value | None] = {}
        self._open: list[str] = []

    # -------------------------------------------------------------------------- what fields ask for

    def path(self, spec: Mapping[str, Any], key: str, kind: Kind, default: Any = MISSING) -> Path:
        """A number that may change over time, as a field of `kind` takes it."""
        node = spec.get(key, default)
        try:
            if node is MISSING:
                raise UnitError("is missing")
            return self.fitted(node, kind)
        except ToldBefore:
            raise
        except UnitError as problem:
            raise Refused(key, str(problem)) from None

    def number(
        self,
        spec: Mapping[str, Any],
        key: str,
        kind: Kind,
        default: Any = MISSING,
        least: float = -math.inf,
        most: float = MOST,
    ) -> float:
        """One number, as a field of `kind` takes it: minutes, working days, a share, a count ..."""
        path = self.path(spec, key, kind, default)
        if path.kind != "constant":
            raise Refused(key, "changes over time; one number is needed here")
        if not least <= path.base <= most:
            unit = " min" if kind is Kind.WORK else ""
            side = f"at least {least:g}" if path.base < least else f"at most {most:g}"
            raise Refused(key, f"{path.base:g}{unit} is not possible; it must be {side}{unit}")
        return path.base

    def whole(
        self,
        spec: Mapping[str, Any],
        key: str,
        kind: Kind,
        default: Any = MISSING,
        least: float = 0,
        most: float = MOST,
    ) -> int:
        """One whole number."""
        return int(self.number(spec, key, kind, default, least, most))

    def fitted(self, node: Any, kind: Kind) -> Path:
        """A number as a Path that fits `kind`.

        A product above 1 counts as 1 where a share is meant.
        """
        if type(node) in (int, float) or (isinstance(node, str) and not is_name(node)):
            return Path(_fit(node, kind).value)
        value = self.value(node)
        wrong = _unfit(value, kind)
        if wrong:
            shown = f"'{node}' ({_shown(value)})" if isinstance(node, str) else _shown(value)
            raise UnitError(f"{shown} {wrong}")
        return _capped(value.path) if kind is Kind.SHARE and value.scaled else value.path

    # ---------------------------------------------------------------------------------- expressions

    def value(self, node: Any) -> Value:
        """What an expression of the plain tree is worth; UnitError where it is none."""
        if isinstance(node, str):
            return self.parameter(node) if is_name(node) else _literal(node)
        if isinstance(node, dict):
            if "value" in node:
                return self._stated(node)
            if "product" in node:
                return self._product(node["product"])
            return self._over_time(node)
        if node is None or isinstance(node, list):
            raise UnitError(f"{'nothing' if node is None else 'a list'} is not a number")
        return _literal(node)

    def parameter(self, name: str) -> Value:
        """The value of a parameter; a circle of parameters is refused."""
        if name in self._open:
            circle = [*self._open[self._open.index(name) :], name]
            raise UnitError(f"parameters go round in a circle: {' -> '.join(circle)}")
        if name not in self._known:
            if name not in self.parameters:
                raise UnitError(f"no parameter '{name}'{did_you_mean(name, self.parameters)}")
            self._open.append(name)
            try:
                self._known[name] = self.value(self.parameters[name])
            except UnitError as problem:
                self._known[name] = None
                if not isinstance(problem, ToldBefore):
                    self.problems[name] = str(problem)
            finally:
                self._open.pop()
        known = self._known[name]
        if known is None:
            raise ToldBefore(f"'{name}' has no value")
        return known

    def _stated(self, node: Mapping[str, Any]) -> Value:
        drawn = self.world.get(node.get("name", ""))
        if drawn is None:
            return self.value(node["value"])
        quantity = parse(node["value"]).like(drawn)
        return Value(Path(quantity.value), quantity.unit, quantity.written)

    def _product(self, factors: list[Any]) -> Value:
        if not factors:
            raise UnitError("a list of factors is empty")
        total, *others = map(self.value, factors)
        path, unit, written = total.path, total.unit, total.written
        for other in others:
            if unit not in PLAIN and other.unit not in PLAIN:
                raise UnitError(
                    f"{written} times {other.written} makes no sense; a factor is a plain number"
                )
            if path.kind != "constant" and other.path.kind != "constant":
                raise UnitError("both factors change over time; only one of them may")
            path = (
                _scaled(other.path, path.base)
                if path.kind == "constant"
                else _scaled(path, other.path.base)
            )
            if other.unit not in PLAIN:
                unit, written = other.unit, other.written
        return Value(path, unit, written, scaled=True)

    def _over_time(self, node: Mapping[str, Any]) -> Value:
        if node.keys() == {"from", "to", "within"}:
            first, last = self._end(node, "from"), self._end(node, "to")
            start, end = (
                self._constant(value, "an end of a straight line") for value in (first, last)
            )
            return self._sum(
                first, last._replace(path=Path(end - start)), "linear", self._days(node, "within")
            )
        for key, kind in (("half_life", "decay"), ("for", "step")):
            if node.keys() == {"base", "extra", key}:
                return self._sum(
                    self._end(node, "base"), self._end(node, "extra"), kind, self._days(node, key)
                )
        raise UnitError(
            "is not a number; a path is {base, extra, half_life}, {base, extra, for} or {from, to, "
            "within}"
        )

    def _end(self, node: Mapping[str, Any], key: str) -> Value:
        try:
            return self.value(node[key])
        except ToldBefore:
            raise
        except UnitError as problem:
            raise UnitError(f"{key}: {problem}") from None

    def _constant(self, value: Value, what: str) -> float:
        if value.path.kind != "constant":
            raise UnitError(f"{what} changes over time itself; it must be one number")
        return value.path.base

    def _days(self, node: Mapping[str, Any], key: str) -> float:
        try:
            path = self.fitted(node[key], Kind.CLOCK)
        except ToldBefore:
            raise
        except UnitError as problem:
            raise UnitError(f"{key}: {problem}") from None
        if path.kind != "constant" or (path.base <= 0.0 and key == "half_life"):
            raise UnitError(
                f"{key}: must be one number" + (" above 0" if key == "half_life" else "")
            )
        return path.base / DAY

    def _sum(self, base: Value, extra: Value, kind: Any, length: float) -> Value:
        """`base` and, from the reform day on, `extra` besides."""
        if base.unit is not extra.unit and not (base.unit in PLAIN and extra.unit in PLAIN):
            raise UnitError(
                f"{_shown(base)} and {_shown(extra)} cannot be added; give both in one unit"
            )
        more = self._constant(extra, "the extra of a path")
        scaled = base.scaled or extra.scaled
        if more == 0.0:
            return base._replace(scaled=scaled)
        number = self._constant(base, "the base of a path")
        return Value(Path(number, more, length, kind), base.unit, base.written, scaled)


@lru_cache(maxsize=8192)
def _read(node: float | str) -> Value:
    quantity = parse(node)
    return Value(Path(quantity.value), quantity.unit, quantity.written)


def _literal(node: Any) -> Value:
    if isinstance(node, bool) or not isinstance(node, int | float | str):
        raise UnitError(f"{node} is not a number")
    return _read(node)


@lru_cache(maxsize=8192)
def _fit(node: float | str, kind: Kind) -> Quantity:
    return fit(node, kind)


def _unfit(value: Value, kind: Kind) -> str:
    """What is wrong with a value where a field of `kind` stands."""
    if value.written not in kind.units:
        return f"{'does not fit' if value.written else 'has no unit'}; {kind}"
    ends = _ends(value.path)
    if not all(abs(end) <= MOST for end in ends):
        return f"is too large; at most {bound(value.written)} is possible"
    if min(ends) < 0.0 and kind not in (Kind.NUMBER, Kind.ANY):
        return "is negative"
    if kind in (Kind.TERM, Kind.COUNT) and any(end != math.floor(end) for end in ends):
        return "must be whole"
    if kind is Kind.SHARE and max(ends) > 1.0 and not value.scaled:
        return "is not a share: it must lie between 0 and 1 (0 % and 100 %)"
    return ""


def _ends(path: Path) -> tuple[float, float]:
    return path.base, path.base + path.extra


def _scaled(path: Path, factor: float) -> Path:
    return replace(path, base=path.base * factor, extra=path.extra * factor)


def _capped(path: Path) -> Path:
    """A share that a factor may have pushed above 1: what lies above counts as 1,
    at the ends of its path.
    """
    if max(_ends(path)) <= 1.0:
        return path
    base, end = (min(1.0, end) for end in _ends(path))
    return (
        replace(path, base=base, extra=end - base)
        if path.kind != "constant"
        else replace(path, base=base)
    )


def _shown(value: Value) -> str:
    def one(number: float) -> str:
        kept = number / parse(f"1 {value.written}").value if value.written else number
        return f"{kept:g} {value.written}".strip()

    low, high = sorted(_ends(value.path))
    return one(low) if value.path.kind == "constant" else f"{one(low)} to {one(high)}"
