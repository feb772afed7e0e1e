"""Of whom times are, whether two configurations have the same people, and what cannot settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govsim.display.numbers import change_of
from govsim.evidence.qualification.record import Qualification, unit_of
from govsim.evidence.words import Texts
from govsim.measures.catalogue import OPEN
from govsim.statistics.estimate import Estimate

if TYPE_CHECKING:
    from govsim.model.offered_load import OfferedLoad, Pool


def moved(
    first: str, last: str, shares: Mapping[str, Mapping[str, float]], margin: float
) -> list[Qualification]:
    """The ends of which two configurations have other shares, by more than the margin."""
    after = shares[last]
    ends = {
        end: (share, after[end])
        for end, share in shares[first].items()
        if abs(after[end] - share) > margin
    }
    names = {"first": first, "last": last}
    what = f"{first} to {last}"
    return [Qualification("not_the_same_people", what, {"moved": ends}, names)] if ends else []


def of_whom(
    configuration: str,
    shares: Mapping[str, float],
    tau: float,
    unit: str,
    least: float = OPEN,
) -> list[Qualification]:
    """Shares without an answer within tau (from `least` on), and of those who gave up, of all who
    filed.
    """
    told, waiting, left = [], shares["open"], shares["withdrawn"]
    if waiting > least:
        numbers = {"open": waiting, "tau": tau}
        told.append(Qualification("no_answer_yet", configuration, numbers, {"unit": unit_of(unit)}))
    if left:
        told.append(Qualification("gave_up", configuration, {"stayed": 1.0 - left}))
    return told


GAPS = {"en": "; ", "zh": "；"}


def overloaded(
    configuration: str, who: Sequence[str], load: OfferedLoad | None, growth: Estimate | None
) -> Qualification:
    """That more work comes than can be done, to whom; how much more and how fast the backlog grows,
    where that is known.
    """
    names: dict[str, Any] = {"who": tuple(who), "growth": {"en": "", "zh": ""}}
    numbers: dict[str, Any] = {}
    if pools := [pool for pool in load.pools if not pool.settles] if load else []:
        numbers["loads"] = {", ".join(pool.names): pool.load for pool in pools}
        told = [_load(pool) for pool in pools]
        names["who"] = {lang: gap.join(each[lang] for each in told) for lang, gap in GAPS.items()}
    if growth is not None:
        numbers["rate"] = growth
        rate = change_of(growth, 1)
        names["growth"] = {
            "en": f"; its queues cannot settle, and the backlog grows by {rate} cases a month",
            "zh": f"；队列不会收敛，积压每月变化 {rate} 件",
        }
    return Qualification("more_work", configuration, numbers, names)


def _load(pool: Pool) -> Texts:
    """Who serves, and how much of what they can do is needed."""
    who = ", ".join(pool.names)
    if pool.load is None:
        return {"en": f"{who}: nobody on duty", "zh": f"{who}：无人在岗"}
    what = ("seats", "席位") if pool.meeting else ("hours", "工时")
    share = f"{100 * pool.load:.0f}"
    return {
        "en": f"{who}: {share} % of their {what[0]}",
        "zh": f"{who}：为其{what[1]}的 {share}%",
    }
