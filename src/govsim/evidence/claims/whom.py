"""Who is in the numbers of a verdict, told in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from govsim.evidence import words
from govsim.evidence.conditions.condition import MAYBE_ZERO, Condition, Finding
from govsim.evidence.ends import (
    AT_LEAST,
    AT_WORST,
    ENDED,
    NOBODY_FOLLOWED,
    NOT_AT_BEST,
    NOT_SAME,
    NOT_YET,
    OF_THE_STAYED,
    TURNS,
    People,
)
from govsim.evidence.qualification.record import Qualification, by, in_100, unit_of
from govsim.evidence.settling import SIZELESS
from govsim.evidence.words import LANGUAGES, Pair, Texts
from govsim.measures import ENDS, MEASURES
from govsim.statistics.estimate import CASES, ENOUGH, EVENTS, TOO_FEW, TOO_FEW_CASES
from govsim.statistics.pooled import FEW

WHY: Mapping[str, str] = {
    NOBODY_FOLLOWED: "nobody_followed",
    NOT_SAME: "not_among_the_same",
    AT_WORST: "not_at_the_limit",
    NOT_AT_BEST: "not_at_the_limit",
    TURNS: "mean_may_turn",
    AT_LEAST: "mean_is_larger",
    NOT_YET: "promise_not_yet_known",
    OF_THE_STAYED: "true_of_who_stayed",
}
# what a number's note says of it, where it warns
NOTED: Mapping[str, str] = {
    TOO_FEW: "too_few_replications",
    TOO_FEW_CASES: "too_few_cases",
    FEW: "no_interval",
    MAYBE_ZERO: "percent_of_zero",
    SIZELESS: "no_size",
}
FEWEST: Mapping[str, Mapping[str, int]] = {
    "too_few_replications": {"least": ENOUGH},
    "too_few_cases": {"least": CASES, "beyond": EVENTS},
}
MORE: Pair = (
    "with the more who were refused, gave up or have no answer yet put at the {} it is",
    "多出的不予许可、放弃和尚无答复者按{}情形计，",
)
WHOM: Mapping[str, Pair] = {
    NOT_SAME: ("among those with the same answer in both it is", "在两种情形下答复相同的人中"),
    AT_WORST: (MORE[0].format("worst"), MORE[1].format("最差")),
    NOT_AT_BEST: (MORE[0].format("best"), MORE[1].format("最好")),
}


def ends(shares: Mapping[str, float], lang: str) -> str:
    """The four ends, those that nobody came to left out."""
    k = LANGUAGES.index(lang)
    told = [f"{ENDED[end][k]} {in_100(shares[end], lang)}" for end in ENDS if shares[end] > 0]
    return ("、" if k else ", ").join(told)


def noted(finding: Finding) -> Qualification | None:
    """What the note of a finding, or of its number, warns of."""
    key = NOTED.get(finding.note) or NOTED.get(finding.improvement.note)
    numbers = FEWEST.get(key or "", {})
    return Qualification(key, about(finding.condition), numbers) if key else None


def about(condition: Condition) -> str:
    """The id of what is measured."""
    return f"{condition.quantity.measure} {condition.statistic or condition.quantity.statistic}"


def open_because(finding: Finding) -> Qualification | None:
    """Why a finding is open because of who is in it."""
    people, condition = finding.people, finding.condition
    if people is None:
        return None
    key = WHY[people.why]
    unit = unit_of(MEASURES[condition.quantity.measure].unit)
    names: dict[str, Any] = {"unit": unit}
    numbers: dict[str, Any] = {"tau": people.tau or 0.0}
    if people.why == NOBODY_FOLLOWED:
        return Qualification(key, about(condition))
    if people.why == TURNS:
        more = people.second["open"] - people.first["open"]
        numbers |= {"more": more, "turning": people.turning or people.tau or 0.0}
        return Qualification(key, about(condition), numbers, names)
    if people.why == AT_LEAST:
        numbers |= {"open": max(people.first["open"], people.second["open"])}
        return Qualification(key, about(condition), numbers, names)
    which = "among_same" if people.why == NOT_SAME else "at_limit"
    numbers = {which: getattr(people, which)}
    names = {"change": _change(finding, people, which)}
    if people.why == NOT_YET:
        return Qualification(key, about(condition), numbers, names)
    if people.why == OF_THE_STAYED:
        return Qualification(key, about(condition), {**numbers, "stayed": people.stayed}, names)
    shares = {"first": people.first, "then": people.second}
    whom = WHOM[people.why]
    names |= {"whom": dict(zip(LANGUAGES, whom, strict=True))}
    names |= {
        which: {lang: ends(each, lang) for lang in LANGUAGES} for which, each in shares.items()
    }
    return Qualification(
        key, about(condition), numbers | {f"shares_{k}": v for k, v in shares.items()}, names
    )


def _change(finding: Finding, people: People, which: str) -> Texts:
    improvement = getattr(people, which)
    if improvement is None:
        return dict.fromkeys(LANGUAGES, "")
    other = replace(finding, improvement=improvement)
    return {lang: words.number(other, lang) for lang in LANGUAGES}


def read(
    people: People, names: tuple[str, ...], measure: str, statistic: str
) -> list[Pair | Qualification]:
    """Of whom a time is, and as far as they were followed; nothing where nobody is missing, or
    where it is told already why the finding is open.
    """
    shares = [people.first, people.second][-len(names) :]
    unit, tau = MEASURES[measure].unit, people.tau
    what, told = f"{measure} {statistic}", list[Pair | Qualification]()
    waiting, left, refused = (
        dict(zip(names, (share[end] for share in shares), strict=True))
        for end in ("open", "withdrawn", "rejected")
    )
    if tau is not None and statistic == "mean" and any(waiting.values()) and people.why != AT_LEAST:
        numbers = {"tau": tau, "open": waiting}
        told.append(Qualification("mean_of_the_first", what, numbers, {"unit": unit_of(unit)}))
    if tau is not None and any(left.values()) and statistic.startswith("share_at_"):
        told.append(
            (
                f"It is of all who filed: gave up had {by(left, 'en')} in 100.",
                f"所计为全部申报人：放弃者每 100 人中{by(left, 'zh')}人。",
            )
        )
    elif tau is not None and any(left.values()) and people.why != OF_THE_STAYED:
        stayed = {name: 1.0 - share for name, share in left.items()}
        told.append(Qualification("of_who_stayed", what, {"stayed": stayed}))
    if MEASURES[measure].unit == "share" and any(refused.values()):
        told.append(
            (
                f"Refused were {by(refused, 'en')} in 100 of all who filed.",
                f"不予许可者占全部申报人每 100 人中{by(refused, 'zh')}人。",
            )
        )
    if people.away:
        told.append(Qualification("stay_away", what, {"away": people.away}))
    return told


def fare(worse: float, better: float) -> Pair | Qualification | None:
    """Who fares worse, and better, by their end; a warning where anybody fares worse."""
    if not worse and not better:
        return None
    found = Qualification("fare_worse", "", {"worse": worse, "better": better})
    return found if worse else found.pair


def shifted(share: float, minutes: float) -> Pair | None:
    """Who files at another instant, and how much later: a wait before filing is in no time."""
    if not share:
        return None
    hours = f"{abs(minutes) / 60.0:.1f}"
    when = ("later", "推迟") if minutes > 0 else ("earlier", "提前")
    many = [in_100(share, lang) for lang in LANGUAGES]
    en = f"{many[0]} in 100 of those who file in both do so at another instant then, on average"
    zh = f"两种情形下均申报者中每 100 人有 {many[1]} 人后来改在其他时刻申报，平均{when[1]}"
    return (
        f"{en} {hours} hours {when[0]}; a wait before filing is in no time.",
        f"{zh} {hours} 小时；申报前的等待不计入任何时间。",
    )
