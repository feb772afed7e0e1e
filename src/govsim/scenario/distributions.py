"""Distributions as the file states them, held to what is possible.

An impossible one is an error, never repaired.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govsim.scenario import units
from govsim.scenario.columns import read_column
from govsim.scenario.fields import (
    NUMBER_SCHEMA,
    STEEPEST,
    Context,
    Found,
    Leaf,
    Number,
    check_keys,
    check_number,
    joined,
    spread,
)
from govsim.scenario.problems import did_you_mean
from govsim.scenario.units import Kind, UnitError

FAMILIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "constant": (),
    "exponential": (("mean",),),
    "erlang": (("mean", "k"),),
    "gamma": (("mean", "cv"),),
    "lognormal": (("mean", "cv"), ("median", "p90")),
    "weibull": (("mean", "cv"),),
    "uniform": (("low", "high"),),
    "triangular": (("low", "mode", "high"),),
    "pert": (("low", "mode", "high"),),
    "empirical": (("file", "column", "unit"),),
}
STEEPEST_P90 = 7.0  # p90 over median of a lognormal whose cv is 3: exp(1.2816 sqrt(ln 10)) = 6.99


def distribution(kind: Kind, above: float | None = None) -> Leaf:
    """A field that holds a distribution.

    A bare quantity is constant and must be more than `above`, where stated.
    """
    constant = Number(kind, above=above)
    return Leaf(lambda value, context: check_distribution(value, context, constant), NUMBER_SCHEMA)


def check_distribution(value: Any, context: Context, number: Number) -> Found:
    """The mistakes in a distribution of quantities like `number`."""
    if not isinstance(value, Mapping) or "value" in value:
        yield from check_number(value, context, number)
        return
    families = [key for key in value if key in FAMILIES]
    if len(value) != 1 or not families:
        odd = next((key for key in value if key not in FAMILIES), "")
        hint = (
            did_you_mean(odd, list(FAMILIES)) if odd else f"; found {', '.join(value) or 'nothing'}"
        )
        yield (
            (),
            (
                f"a distribution is one family with its numbers, as in {{gamma: {{mean: 20 min, "
                f"cv: 0.8}}}}{hint}"
            ),
        )
        return
    family, stated = families[0], value[families[0]]
    if family == "constant":
        yield from joined(check_number(stated, context, number), family)
    elif not isinstance(stated, Mapping):
        yield (family,), f"the numbers of {family} are needed here: {_wanted(family)}"
    elif family == "empirical":
        yield from joined(_check_empirical(stated, context, number.kind), family)
    else:
        yield from joined(_check_family(family, stated, context, number.kind), family)


def _wanted(family: str) -> str:
    return " or ".join("{" + ", ".join(keys) + "}" for keys in FAMILIES[family])


def _check_family(family: str, stated: Mapping[str, Any], context: Context, kind: Kind) -> Found:
    forms = FAMILIES[family]
    keys = next((keys for keys in forms if set(keys) & set(stated)), forms[0])
    found = [*check_keys(stated, keys, keys)]
    for key in keys:
        if key in stated:
            found += joined(check_number(stated[key], context, _number(key, kind)), key)
    yield from found
    if not found:
        yield from _check_possible({key: spread(stated[key], context) for key in keys})


def _number(key: str, kind: Kind) -> Number:
    if key == "cv":
        return Number(Kind.NUMBER, above=0.0, most=STEEPEST)
    if key == "k":
        return Number(Kind.COUNT, least=1.0, most=1000.0)
    return Number(kind, above=0.0 if key in ("mean", "median", "p90", "high") else None)


def _check_possible(stated: dict[str, list[units.Quantity]]) -> Found:
    """Orders and units, at the stated values and in the worst world of their ranges."""
    durations = {key: values for key, values in stated.items() if key not in ("cv", "k") and values}
    if len({values[0].unit for values in durations.values()}) > 1:
        yield (
            (),
            f"{' and '.join(durations)} are in different kinds of time; write all of them in one",
        )
        return
    low = {key: min(quantity.value for quantity in values) for key, values in durations.items()}
    high = {key: max(quantity.value for quantity in values) for key, values in durations.items()}
    for smaller, larger in (("low", "mode"), ("mode", "high")):  # a triangle may lean on its end
        if smaller in high and larger in low and high[smaller] > low[larger]:
            yield (), f"{larger} must be at least {smaller}, also at the ends of their ranges"
    for smaller, larger in (("low", "high"), ("median", "p90")):
        if smaller in high and larger in low and high[smaller] >= low[larger]:
            yield (), f"{larger} must be more than {smaller}, also at the ends of their ranges"
    if "p90" in high and "median" in low and high["p90"] > STEEPEST_P90 * low["median"] > 0.0:
        yield (
            (),
            f"p90 may be at most {STEEPEST_P90:g} times the median (that is a cv of {STEEPEST:g})",
        )


def _check_empirical(stated: Mapping[str, Any], context: Context, kind: Kind) -> Found:
    needed = ("file", "column") if kind is Kind.NUMBER else ("file", "column", "unit")
    found = [*check_keys(stated, ("file", "column", "unit"), needed)]
    yield from found
    unit = stated.get("unit", "")
    if found or (unit not in kind.units and units.SINGULAR.get(str(unit)) not in kind.units):
        if not found:
            yield ("unit",), f"the unit '{unit}' does not fit; {kind}"
        return
    if context.folder is None:
        return
    try:
        written = read_column(context.folder, stated["file"], stated["column"])
    except UnitError as error:
        yield ("file",), str(error)
        return
    odd = next((cell for cell in written if not units.NUMBER.fullmatch(cell)), None)
    if odd is not None:
        yield ("column",), f"a cell of column '{stated['column']}' is not a number ('{odd}')"
    else:
        cells = [float(cell) for cell in written]
        if max(cells) > units.MOST:
            yield (
                ("column",),
                f"a cell of column '{stated['column']}' is larger than {units.MOST:g}",
            )
        if min(cells) < 0.0 or sum(cells) == 0.0:
            yield (
                ("column",),
                f"the cells of column '{stated['column']}' must be 0 or more, and not all 0",
            )
