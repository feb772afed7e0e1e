"""What may stand in a field: a number, path, distribution, name of something, date or text.

Each is a `Leaf`: a check that yields every mistake with its place inside the value, and the JSON
Schema that an editor needs. Pydantic holds the sections together (`schema`); the messages come from
here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import PydanticCustomError, core_schema

from govsim.scenario import units
from govsim.scenario.problems import Path, did_you_mean
from govsim.scenario.units import Kind, Quantity, UnitError

Found = Iterator[tuple[Path, str]]
PARAMETER = ("value", "range", "shape", "whole", "source", "about")
SHAPES = ("uniform", "loguniform", "triangular")  # of a range: how worlds are drawn from it
PATHS = (("base", "extra", "half_life"), ("base", "extra", "for"), ("from", "to", "within"))
ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
STEEPEST = 3.0  # the largest coefficient of variation for which quantile tables are tested


@dataclass
class Context:
    """What a field needs to know about the rest of the file."""

    tree: Mapping[str, Any]
    folder: File | None = None
    # id of a mapping in the tree -> the class it was held against
    models: dict[int, Any] = field(default_factory=dict)
    broken: dict[str, bool] = field(default_factory=dict)

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of the file, empty where it is missing or not a mapping."""
        section = self.tree.get(name)
        return section if isinstance(section, Mapping) else {}

    def is_broken(self, parameter: str) -> bool:
        """Whether a parameter is wrong in itself: that is told once, where it stands,
        and not wherever it is used.
        """
        if parameter not in self.broken:
            self.broken[parameter] = True  # a circle of names is told by those who resolve them
            value = self.section("parameters")[parameter]
            self.broken[parameter] = any(
                True for _ in check_number(value, self, Number(Kind.ANY, path=True))
            )
        return self.broken[parameter]


@dataclass(frozen=True, eq=False)
class Leaf:
    """One kind of field."""

    check: Callable[[Any, Context], Found]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: Any, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return dict(self.schema)

    def _validate(self, value: Any, info: ValidationInfo) -> Any:
        found = list(
            self.check(value, info.context if isinstance(info.context, Context) else Context({}))
        )
        if found:
            raise PydanticCustomError("found", "wrong", {"found": found})
        return value


# ------------------------------------------------------------------------------------------ numbers


@dataclass(frozen=True)
class Number:
    """What a number must be.

    The kind of quantity, whether it may be a path, and its limits (`above` is exclusive).
    """

    kind: Kind
    path: bool = False
    above: float | None = None
    least: float | None = None
    most: float | None = None

    def limits(self, value: float, shown: str) -> str | None:
        """What is wrong with the size of a value, if anything."""
        if self.above is not None and value <= self.above:
            return f"{shown} must be more than {self.above:g}"
        unit = " min" if self.kind is Kind.WORK else ""
        if self.least is not None and value < self.least:
            return f"{shown} must be at least {self.least:g}{unit}"
        if self.most is not None and value > self.most:
            return f"{shown} must be at most {self.most:g}{unit}"
        return None


def check_number(value: Any, context: Context, number: Number, seen: Collection[str] = ()) -> Found:
    """The mistakes in a number, a quantity, a parameter's name, an inline parameter or a path."""
    if isinstance(value, Mapping):
        if "value" in value:
            yield from check_parameter(value, context, number, seen)
        elif any(set(value) & set(keys) for keys in PATHS):
            yield from _check_path(value, context, number)
        else:
            yield (), "a number, the name of a parameter or {value, range, source} is needed here"
    elif units.is_name(value):
        yield from _check_name(value, context, number, seen)
    else:
        try:
            quantity = units.fit(value, number.kind)
        except UnitError as error:
            yield (), str(error)
        else:
            wrong = number.limits(quantity.value, show(value))
            if wrong:
                yield (), wrong


def _check_name(name: str, context: Context, number: Number, seen: Collection[str]) -> Found:
    parameters = context.section("parameters")
    if name not in parameters:
        yield (), f"no parameter '{name}'{did_you_mean(name, parameters)}"
    elif name not in seen and not context.is_broken(name):
        for _, message in check_number(parameters[name], context, number, (*seen, name)):
            yield (
                (),
                message if message.startswith("parameter '") else f"parameter '{name}': {message}",
            )


def check_parameter(
    value: Mapping[str, Any], context: Context, number: Number, seen: Collection[str] = ()
) -> Found:
    """The mistakes in `{value, range, shape, whole, source, about}`,
    which stands in place or among the parameters.
    """
    for key in value:
        if key not in PARAMETER:
            yield (key,), f"unknown key '{key}'{did_you_mean(key, PARAMETER)}"
    found = [*joined(check_number(value["value"], context, number, seen), "value")]
    yield from found
    if "whole" in value and not isinstance(value["whole"], bool):
        yield ("whole",), f"{show(value['whole'])} must be true or false"
    if "range" in value:
        yield from _check_range(value, number, bool(found))
    if "shape" in value:
        yield from ((("shape",), message) for message in _wrong_shapes(value))


def _check_range(value: Mapping[str, Any], number: Number, told: bool) -> Found:
    ends = value["range"]
    if not (isinstance(ends, list) and len(ends) == 2 and all(_plain(end) for end in ends)):
        yield (
            ("range",),
            "a range is a pair of plain numbers, in the unit of the value: [low, high]",
        )
        return
    try:
        quantity = units.parse(value["value"])
    except UnitError:
        if not told:
            yield ("range",), "a range belongs to a value that is a number, not to a name or a path"
        return
    low, high = (quantity.like(float(end)) for end in ends)
    if not low.value <= quantity.value <= high.value:
        yield (
            ("range",),
            f"the value {show(value['value'])} lies outside its range [{ends[0]}, {ends[1]}]",
        )
    elif not told:
        wrong = (
            _unfit(end, number, f"the end {shown} of the range")
            for end, shown in ((low, ends[0]), (high, ends[1]))
        )
        yield from ((("range",), message) for message in wrong if message)
    if value.get("whole") is True and not all(float(number).is_integer() for number in ends):
        yield ("range",), "the ends of the range must be whole"


def _wrong_shapes(value: Mapping[str, Any]) -> Iterator[str]:
    shape, ends = value["shape"], value.get("range")
    if shape not in SHAPES:
        yield f"{show(shape)} must be one of {', '.join(SHAPES)}{did_you_mean(str(shape), SHAPES)}"
    elif ends is None:
        yield "a shape belongs to a range; state the range, or leave the shape out"
    elif value.get("whole") is True and shape != "uniform":
        yield "whole numbers are drawn uniformly; leave the shape out"
    elif (
        shape == "loguniform"
        and isinstance(ends, list)
        and any(_plain(end) and float(end) <= 0 for end in ends)
    ):
        yield f"loguniform needs a range above 0, not [{', '.join(map(str, ends))}]"


def _unfit(quantity: Quantity, number: Number, shown: str) -> str | None:
    try:
        units.check(quantity, number.kind, shown)
    except UnitError as error:
        return str(error)
    return number.limits(quantity.value, shown)


def _check_path(value: Mapping[str, Any], context: Context, number: Number) -> Found:
    if not number.path:
        yield (
            (),
            (
                "a path cannot stand here; it may where a chance, a share, an absence, a presence "
                "or a demand factor stands"
            ),
        )
        return
    keys = next((keys for keys in PATHS if keys[-1] in value), PATHS[2 if "to" in value else 0])
    yield from check_keys(value, keys, keys)
    for key in keys:
        if key in value:
            kind = (
                Number(Kind.CLOCK, above=0.0)
                if key == keys[-1]
                else Number(Kind.NUMBER if key == "extra" else number.kind)
            )
            for path, message in check_number(value[key], context, kind):
                yield (key, *path), message


def check_keys(
    value: Mapping[str, Any], allowed: Collection[str], needed: Collection[str]
) -> Found:
    """Unknown and missing keys of a mapping."""
    for key in value:
        if key not in allowed:
            yield (key,), f"unknown key '{key}'{did_you_mean(key, allowed)}"
    for key in needed:
        if key not in value:
            yield (), f"'{key}' is missing"


def spread(value: Any, context: Context) -> list[Quantity]:
    """A number's value, and the ends of its range where it has one.

    Nothing where it is a path or cannot be read.
    """
    for _ in range(50):  # a chain of names ends somewhere, or it is a circle
        inner = value.get("value") if isinstance(value, Mapping) else value
        if not units.is_name(inner):
            break
        value = context.section("parameters").get(str(inner))
    ends = value.get("range") if isinstance(value, Mapping) else None
    try:
        quantity = units.parse(inner)
    except UnitError:
        return []
    if not isinstance(ends, list) or not all(_plain(end) for end in ends):
        return [quantity]
    return [quantity, *(quantity.like(float(end)) for end in ends)]


def _plain(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def show(value: object) -> str:
    """A found value as messages show it."""
    if isinstance(value, Mapping):
        return "a mapping"
    return (
        f"'{value}'"
        if isinstance(value, str)
        else "nothing"
        if value is None
        else "a list"
        if isinstance(value, list)
        else str(value)
    )


NUMBER_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "object"}]}


def number(kind: Kind, **limits: Any) -> Leaf:
    """A field that holds a number."""
    what = Number(kind, **limits)
    return Leaf(lambda value, context: check_number(value, context, what), NUMBER_SCHEMA)


def factors(path: bool) -> Leaf:
    """A number, perhaps a path, or a list of them that are multiplied."""
    what = Number(Kind.NUMBER, path=path, least=0.0)

    def check(value: Any, context: Context) -> Found:
        if not isinstance(value, list):
            yield from check_number(value, context, what)
            return
        for index, factor in enumerate(value):
            for path, message in check_number(factor, context, what):
                yield (index, *path), message

    return Leaf(
        check, {"anyOf": [*NUMBER_SCHEMA["anyOf"], {"type": "array", "items": NUMBER_SCHEMA}]}
    )


# ------------------------------------------------------------------------------------- names, texts


def plain(read: Callable[[Any], object], schema: Mapping[str, Any]) -> Leaf:
    """A field that `read` reads, raising UnitError with the message."""

    def check(value: Any, context: Context) -> Found:
        try:
            read(value)
        except UnitError as error:
            yield (), str(error)

    return Leaf(check, schema)


def _name(value: Any) -> None:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise UnitError(
            f"{show(value)} is not a name: letters, digits and _, beginning with a letter"
        )


def _text(value: Any) -> None:
    if (
        isinstance(value, Mapping)
        and value
        and set(value) <= {"en", "zh"}
        and all(isinstance(v, str) for v in value.values())
    ):
        return
    if not isinstance(value, str) or not value.strip():
        raise UnitError(f"{show(value)} is not a text: write a plain one or {{en: ..., zh: ...}}")


def _flag(value: Any) -> None:
    if not isinstance(value, bool):
        raise UnitError(f"{show(value)} must be true or false")


def _dates(value: Any) -> None:
    if not isinstance(value, list):
        raise UnitError(
            "a list of dates is needed here, as in [2024-01-01, 2024-02-10..2024-02-17]"
        )
    for item in value:
        units.dates(item)


STRING = {"type": "string"}
# fragments have blanks in the names of their steps, so the pattern for editors allows < and >
NAME = plain(_name, {"type": "string", "pattern": "^[A-Za-z<][A-Za-z0-9_<>]*$"})
TEXT = plain(
    _text,
    {
        "anyOf": [
            STRING,
            {
                "type": "object",
                "properties": {"en": STRING, "zh": STRING},
                "additionalProperties": False,
            },
        ]
    },
)
FLAG = plain(_flag, {"type": "boolean"})
DATE = plain(units.date, {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
SPAN = plain(units.dates, STRING)
DAYS = plain(_dates, {"type": "array", "items": STRING})
TIME = plain(units.time, {"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$"})
HOURS = plain(units.hours, STRING)
WEEKDAYS = plain(units.weekdays, STRING)
MONTH_DAY = plain(units.month_day, {"type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$"})


def one_of(*words: Any) -> Leaf:
    """One of a few words."""

    def read(value: Any) -> None:
        if value not in words or isinstance(value, bool) != isinstance(words[0], bool):
            texts = [str(word) for word in words]
            hint = did_you_mean(value, texts)
            raise UnitError(
                f"{show(value)} is not possible "
                f"here{hint if '?' in hint else '; allowed: ' + ', '.join(texts)}"
            )

    return plain(read, {"enum": list(words)})


def whole(least: int, most: int | None = None) -> Leaf:
    """A whole number, written out."""
    largest = int(units.MOST) if most is None else most

    def read(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= largest:
            far = isinstance(value, int) and value > largest
            limits = (
                f"from {least} to {largest}" if most is not None or far else f"of {least} or more"
            )
            raise UnitError(f"{show(value)} is not a whole number {limits}")

    return plain(
        read, {"type": "integer", "minimum": least} | ({} if most is None else {"maximum": most})
    )


def ref(section: str, word: str, others: Collection[str] = ()) -> Leaf:
    """The name of something that a section of the file describes.

    `others` exist without being described.
    """

    def check(value: Any, context: Context) -> Found:
        names = context.section(section)
        if not isinstance(value, str) or (value not in names and value not in others):
            yield (), f"no {word} {show(value)}{did_you_mean(value, [*names, *others])}"

    return Leaf(check, STRING)


def refs(section: Leaf, least: int = 1) -> Leaf:
    """A list of names, each once."""

    def check(value: Any, context: Context) -> Found:
        if not isinstance(value, list) or len(value) < least:
            yield (
                (),
                f"a list of at least {least} is needed here"
                if isinstance(value, list)
                else f"{show(value)} is not a list",
            )
            return
        for index, name in enumerate(value):
            yield from (((index, *path), message) for path, message in section.check(name, context))
            if name in value[:index]:
                yield (index,), f"{show(name)} stands twice"

    return Leaf(check, {"type": "array", "items": STRING, "minItems": least})


def joined(found: Iterable[tuple[Path, str]], *prefix: str | int) -> Found:
    """Mistakes inside a part, placed inside the whole."""
    yield from (((*prefix, *path), message) for path, message in found)
