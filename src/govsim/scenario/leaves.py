"""Fields that occur in one place of the file only, as `serves`, `recorded` or `departures`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Mapping
from typing import Any

from govsim.scenario.fields import (
    NUMBER_SCHEMA,
    SHAPES,
    STRING,
    Context,
    Found,
    Leaf,
    Number,
    check_number,
    joined,
    plain,
    ref,
    show,
    whole,
)
from govsim.scenario.problems import Path, did_you_mean
from govsim.scenario.units import Kind, UnitError, instant, parse, time


def serve() -> Leaf:
    efficiency = Number(Kind.NUMBER, above=0.0)
    preference = whole(1)

    def check(value: Any, context: Context) -> Found:
        if not isinstance(value, list):
            yield from check_number(value, context, efficiency)
        elif len(value) != 2:
            yield (), "an efficiency, or a pair [efficiency, preference], is needed here"
        else:
            yield from joined(check_number(value[0], context, efficiency), 0)
            yield from joined(preference.check(value[1], context), 1)

    pair = {"type": "array", "minItems": 2, "maxItems": 2}
    return Leaf(check, {"anyOf": [*NUMBER_SCHEMA["anyOf"], pair]})


def parameter() -> Leaf:
    anything = Number(Kind.ANY, path=True)
    properties = {
        "range": {"type": "array", "minItems": 2, "maxItems": 2},
        "shape": {"enum": list(SHAPES)},
        "whole": {"type": "boolean"},
        "source": STRING,
    }
    return Leaf(
        lambda value, context: check_number(value, context, anything),
        {"anyOf": [{"type": ["number", "string"]}, {"type": "object", "properties": properties}]},
    )


def profile() -> Leaf:
    factor = Number(Kind.NUMBER, least=0.0)

    def check(value: Any, context: Context) -> Found:
        if isinstance(value, str):
            yield from ref("profiles", "profile").check(value, context)
        elif not isinstance(value, list) or len(value) != 12:
            yield (), "twelve factors, January to December, are needed here"
        else:
            for month, item in enumerate(value):
                yield from joined(check_number(item, context, factor), month)

    return Leaf(check, {"anyOf": [STRING, {"type": "array", "minItems": 12, "maxItems": 12}]})


def share() -> Leaf:
    chance = Number(Kind.SHARE, path=True)

    def check(value: Any, context: Context) -> Found:
        if value != "rest":
            yield from check_number(value, context, chance)

    return Leaf(check, NUMBER_SCHEMA)


def recorded() -> Leaf:
    def check(value: Any, context: Context) -> Found:
        for index, item in enumerate(value if isinstance(value, list) else []):
            try:
                instant(item)
            except UnitError as error:
                yield (index,), str(error)
        if not isinstance(value, str | list) or not value:
            yield (), "a CSV file, or a list of instants, is needed here"

    return Leaf(check, {"anyOf": [STRING, {"type": "array", "items": STRING}]})


def first() -> Leaf:
    def check(value: Any, context: Context) -> Found:
        try:
            instant(value)
        except UnitError:
            yield from check_number(value, context, Number(Kind.CLOCK))

    return Leaf(check, NUMBER_SCHEMA)


def departures() -> Leaf:
    """Departure times, or any time."""

    def read(value: Any) -> None:
        if value == "any time":
            return
        if not isinstance(value, list) or not value:
            raise UnitError(
                f"{show(value)} is not possible here; write a list of times, as in ['16:00'], or "
                "any time"
            )
        for item in value:
            time(item)

    return plain(
        read, {"anyOf": [{"const": "any time"}, {"type": "array", "items": STRING, "minItems": 1}]}
    )


def lever(others: Collection[str]) -> Leaf:
    """The name of a lever or of a configuration; `others` exist without being described."""

    def check(value: Any, context: Context) -> Found:
        names = [*context.section("reform"), *context.section("configurations"), *others]
        if not isinstance(value, str) or value not in names:
            yield (), f"no lever or configuration {show(value)}{did_you_mean(value, names)}"

    return Leaf(check, STRING)


def services(word: str = "service") -> Leaf:
    """A set of services, or a list of services and sets."""

    def check(value: Any, context: Context) -> Found:
        names = [*context.section("services"), *context.section("service_sets")]
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(item, str) or item not in names:
                place: Path = (index,) if isinstance(value, list) else ()
                yield place, f"no service or set {show(item)}{did_you_mean(item, names)}"
            elif _is_internal(context, item):
                yield (
                    (index,) if isinstance(value, list) else (),
                    f"'{item}' is internal: it has no applicant",
                )
        if value == []:
            yield (), "at least one service is needed here"

    return Leaf(check, {"anyOf": [STRING, {"type": "array", "items": STRING, "minItems": 1}]})


def _is_internal(context: Context, name: str) -> bool:
    service = context.section("services").get(name)
    return isinstance(service, Mapping) and service.get("internal") is True


def statistic() -> Leaf:
    """How cases are summed up."""
    words = ("mean", "median", "share", "max", "min", "months_to_recover")

    def read(value: Any) -> None:
        if (
            isinstance(value, Mapping)
            and len(value) == 1
            and next(iter(value)) in ("share_at_most", "share_at_least")
        ):
            parse(next(iter(value.values())))
        elif not isinstance(value, str) or not (
            value in words or re.fullmatch(r"p[1-9][0-9]?", value)
        ):
            known = [*words, "p90", "share_at_most", "share_at_least"]
            raise UnitError(f"{show(value)} is not a statistic{did_you_mean(value, known)}")

    return plain(
        read, {"anyOf": [STRING, {"type": "object", "minProperties": 1, "maxProperties": 1}]}
    )


def desks() -> Leaf:
    """A desk, a pattern of desks with *, or a list of them."""

    def check(value: Any, context: Context) -> Found:
        names = list(context.section("desks"))
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(item, str) or not fnmatch.filter(names, item):
                yield (
                    (index,) if isinstance(value, list) else (),
                    f"no desk {show(item)}{did_you_mean(item, names)}",
                )

    return Leaf(check, {"anyOf": [STRING, {"type": "array", "items": STRING}]})
