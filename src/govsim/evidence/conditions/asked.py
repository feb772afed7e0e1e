"""What claims ask for: their conditions, read from the scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from govsim.evidence.conditions.condition import Condition, Tree
from govsim.evidence.quantity import Quantity, headline_cohort
from govsim.evidence.sample import weekly
from govsim.measures import MEASURES
from govsim.measures.catalogue import MINUTES_PER_UNIT, MIX
from govsim.organisation.configure import services_of, with_applicants
from govsim.organisation.parameters import Values
from govsim.scenario.units import MONTH, Unit, date, dates, parse


def conditions_of(tree: Tree, claim: Tree, key: str = "holds_if") -> tuple[Condition, ...]:
    """The conditions under a key of a claim, `each: service` written out."""
    stated = claim.get(key) or ()
    return tuple(
        c
        for each in ((stated,) if isinstance(stated, Mapping) else stated)
        for c in _conditions(tree, claim, each)
    )


def _conditions(tree: Tree, claim: Tree, stated: Tree) -> Iterator[Condition]:
    merged = {
        **{key: claim[key] for key in ("cohort", "of", "each", "by") if key in claim},
        **stated,
    }
    of, cohort = merged.get("of"), merged.get("cohort") or headline_cohort(tree)
    first, second = claim.get("compare", ("before", "after"))
    measure, statistic = merged["measure"], _statistic(merged["measure"], merged["statistic"])
    desks = merged.get("desks", ())
    desks = (desks,) if isinstance(desks, str) else tuple(desks)
    by_week = merged.get("by") == "week" or statistic == weekly.RECOVERY
    scope = MIX if of is None else of if isinstance(of, str) else services_of(tree, of)
    scope = scope[0] if isinstance(scope, tuple) and len(scope) == 1 else scope
    quantity = Quantity(measure, "mean" if by_week else statistic, scope, cohort, desks)
    size, unit = _size(tree, merged, quantity, statistic)
    condition = Condition(
        quantity,
        merged.get("change") or merged["level"],
        size,
        unit,
        first,
        merged.get("configuration", second),
        weeks=weeks_of(tree, cohort, statistic) if by_week else None,
        statistic=statistic if by_week else "",
    )
    if merged.get("each") == "service":
        every = with_applicants(tree) if of is None else services_of(tree, of)
        yield from map(condition.of, every)
    else:
        yield condition


def _statistic(measure: str, stated: Any) -> str:
    """The statistic in one word; `{share_at_most: 5 days}` with its point in the measure's unit.

    The mean number of cases is their count.
    """
    if not isinstance(stated, Mapping):
        counts = MEASURES[measure].unit == "cases" and MEASURES[measure].per == "case"
        return "count" if counts and stated == "mean" else str(stated)
    ((word, point),) = stated.items()
    return f"{word}_{_in_unit(parse(point), MEASURES[measure].unit):g}"


def _in_unit(quantity: Any, unit: str) -> float:
    """A parsed quantity in the unit of a measure: minutes of the clock become days
    where it is told in days.
    """
    found: float = quantity.value / (
        MINUTES_PER_UNIT.get(unit, 1.0) if quantity.unit is Unit.CLOCK else 1.0
    )
    return found


class _Stated(NamedTuple):
    value: float
    unit: Unit


def _size(tree: Tree, stated: Tree, quantity: Quantity, statistic: str) -> tuple[float, str]:
    """The size or bound, and the unit that it and the improvement are told in."""
    written = (
        stated.get("value")
        if "level" in stated
        else stated.get("at_least", stated.get("at_most", 0))
    )
    known = Values(tree.get("parameters") or {}).value(written)
    found, own = (
        _Stated(known.path.base, known.unit),
        MEASURES[quantity.measure].unit_of(quantity.statistic),
    )
    if statistic == weekly.RECOVERY:
        return found.value / MONTH, "months"
    if own == "share" and ("level" in stated or found.unit is not Unit.PERCENT):
        return 100.0 * found.value, "%" if "level" in stated else "points"
    if found.unit is Unit.PERCENT:
        return 100.0 * found.value, "%"
    return _in_unit(found, own), own


def weeks_of(tree: Tree, cohort: str, statistic: str) -> tuple[int, int]:
    """Whole weeks of the cohort; for a recovery from its first day to the end
    of the counted filings.
    """
    start, cohorts = date(tree["start"]), (tree.get("experiment") or {}).get("cohorts") or {}
    first, last = (
        dates(cohorts[cohort])
        if cohort in cohorts
        else (date(tree["count_from"]), date(tree["count_until"]))
    )
    last = date(tree["count_until"]) if statistic == weekly.RECOVERY else last
    return -(-(first - start).days // 7), ((last - start).days + 1) // 7
