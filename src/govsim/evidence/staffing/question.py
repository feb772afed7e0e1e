"""What a staffing study is asked: what a post must not cost, and whom.

The scenario's own claim says it, if it has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from govsim.errors import RunError
from govsim.evidence.matters import margin_of
from govsim.evidence.quantity import Quantity, headline_cohort
from govsim.measures.catalogue import CYCLE_TIME
from govsim.organisation.headline import headline_of
from govsim.organisation.parameters import Refused, Values
from govsim.scenario import Scenario
from govsim.scenario.units import Kind

FAMILY = "one_post_less"
KEEP = 0.02


@dataclass(frozen=True)
class Asked:
    """What a post must not cost, and to whom."""

    compare: tuple[str, str]
    quantity: Quantity
    keep: float  # share
    promise: float  # share
    margin: float  # by which shares of ends may move
    services: tuple[str, ...]
    internal: tuple[str, ...]

    def of(self, service: str) -> Quantity:
        """The quantity of one service."""
        return replace(self.quantity, scope=service)

    def within_of(self, service: str) -> Quantity:
        """The share of all who filed for a service whose promise was kept."""
        return Quantity("within_promise", "share", service, self.quantity.cohort)


def asked_of(scenario: Scenario, keep: float | None, promise: float) -> Asked:
    """The claim of the family one_post_less, where the scenario makes one."""
    stated: Mapping[str, Any] = scenario.tree.get("claims") or {}
    name = next((name for name, each in stated.items() if each.get("family") == FAMILY), "")
    claim: Mapping[str, Any] = stated.get(name, {})
    condition: Mapping[str, Any] = (claim.get("holds_if") or [{}])[0]
    change = condition.get("change", "no_increase")
    if change != "no_increase" or len(claim.get("holds_if") or [{}]) != 1:
        raise RunError(
            f"{scenario.path}: claims.{name}: one_post_less goes with one condition, with the "
            "change no_increase"
        )
    try:
        margin = Values(scenario.tree.get("parameters") or {}).number(
            condition, "at_most", Kind.SHARE, KEEP
        )
    except Refused as wrong:
        raise RunError(
            f"{scenario.path}: claims.{name}: {wrong.field} {wrong}; one_post_less needs it in %"
        ) from None
    if keep is not None and not 0.0 <= keep < 10.0:
        raise RunError(f"keep_p90: {100 * keep:g} %; at least 0 % is meant, and less than 1000 %")
    cohort = condition.get("cohort") or claim.get("cohort") or headline_cohort(scenario.tree)
    measure = condition.get("measure") or CYCLE_TIME[headline_of(scenario).unit]
    quantity = Quantity(measure, condition.get("statistic", "p90"), cohort=cohort)
    first, second = claim.get("compare") or ("before", "after")
    services = scenario.tree["services"]
    internal = tuple(each for each, spec in services.items() if spec.get("internal") is True)
    named = _services(scenario, condition.get("of", claim.get("of"))) or services
    with_applicants = tuple(each for each in services if each in named and each not in internal)
    return Asked(
        (first, second),
        quantity,
        margin if keep is None else keep,
        promise,
        margin_of(scenario.tree),
        with_applicants,
        internal,
    )


def _services(scenario: Scenario, of: Any) -> set[str]:
    """The services that a claim names, by themselves or as sets."""
    listed = [] if of is None else [of] if isinstance(of, str) else of
    sets = scenario.tree.get("service_sets") or {}
    return {service for name in listed for service in sets.get(name, [name])}
