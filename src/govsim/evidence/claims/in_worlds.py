"""What other worlds make of a claim that holds, or fails, with all numbers as stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from govsim.evidence.claims import reasons
from govsim.evidence.conditions.condition import REFUTED
from govsim.evidence.qualification.record import Qualification
from govsim.evidence.words import PREVIEW, UNEXPLORED, Pair
from govsim.evidence.worlds.result import VERDICT, Worlds

SUPPORTED, CONDITIONAL = "supported", "conditionally supported"
CONDITIONALLY_REFUTED = "conditionally refuted"


class Reason(NamedTuple):
    """An outcome, what qualifies it, and why; `warnings` stand in `why` already."""

    outcome: str
    form: str
    why: Pair
    warnings: tuple[Qualification, ...] = ()


class Explored(NamedTuple):
    """What is known of a claim in other worlds: counts (None: not explored), and how to explore."""

    counts: Mapping[str, Any] | None
    command: str
    uncertain: bool  # whether some number has a range

    def of_holding(self) -> Reason:
        """The outcome of a claim that holds in the base world."""
        each = self.counts
        if not self.uncertain:
            return Reason(SUPPORTED, "", reasons.ONE_WORLD)
        if each is None:
            missing = reasons.unexplored(self.command)
            return Reason(CONDITIONAL, UNEXPLORED, missing.pair, (missing,))
        if not each["decides"]:
            return self._qualified(CONDITIONAL, each, reasons.NOTHING_DECIDED)
        if each["nearly_all"] != "holds":
            return self._qualified(CONDITIONAL, each, reasons.unless(each))
        if _form(each):
            return self._qualified(CONDITIONAL, each, reasons.TOO_FEW_WORLDS)
        return self._qualified(SUPPORTED, each)

    def of_failing(self) -> Reason:
        """The outcome of a claim that fails in the base world: the mirror of one that holds."""
        each = self.counts
        if not self.uncertain:
            return Reason(REFUTED, "", reasons.NONE)
        if each is None:
            missing = reasons.refuted_as_stated(self.command)
            return Reason(REFUTED, UNEXPLORED, missing.pair, (missing,))
        if not each["decides"]:
            return self._qualified(REFUTED, each, reasons.NOTHING_DECIDED)
        if each["nearly_all"] == "fails":
            return self._qualified(REFUTED, each)
        return self._qualified(CONDITIONALLY_REFUTED, each, reasons.elsewhere(each))

    @staticmethod
    def _qualified(
        outcome: str, each: Mapping[str, Any], more: Pair | Qualification = reasons.NONE
    ) -> Reason:
        """An outcome with how often the claim holds, and what follows."""
        last = more.pair if isinstance(more, Qualification) else more
        few = (more,) if isinstance(more, Qualification) else ()
        why = reasons.joined(reasons.in_worlds(each), last)
        return Reason(outcome, _form(each), why, (*reasons.chosen(each), *few))


def _form(counts: Mapping[str, Any]) -> str:
    return PREVIEW if counts["worlds"] < VERDICT else ""


def counts_in(worlds: Worlds | None, claim: str) -> dict[str, Any] | None:
    """What worlds say of a claim, in plain numbers; None where it was not explored."""
    if worlds is None or claim not in worlds.claims:
        return None
    each, choice = worlds.claims[claim], worlds.choice
    keys = ("holds", "fails", "endless", "unresolved", "low", "high", "known")
    box = each.box and {key: getattr(each.box, key) for key in ("en", "zh", "coverage", "density")}
    return {
        "worlds": worlds.worlds,
        "decides": worlds.decides,
        "nearly_all": each.counts.nearly_all,
        **{key: getattr(each, key) for key in keys},
        "settled": worlds.where_settled(claim),
        "without": asdict(each.without) if each.without else None,
        "chosen": bool(choice and choice.known),
        "scarce": bool(choice and choice.scarce),
        "box": box,
        "leading": worlds.leading(each.effects),
    }
