"""Whether a claim comes out otherwise for those who filed at another time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from govsim.evidence.conditions.condition import HOLDS, REFUTED, Condition, Finding, Tree, combined
from govsim.evidence.qualification.record import Qualification
from govsim.evidence.quantity import COUNTED
from govsim.evidence.words import LANGUAGES, Pair, Vocabulary


class Judge(Protocol):
    """What is shown of conditions: by their intervals, and by their values alone."""

    def judge(self, conditions: Sequence[Condition]) -> Sequence[Finding]: ...

    def by_value(self, conditions: Sequence[Condition]) -> Sequence[Finding]: ...


SAID: Mapping[str, Pair] = {HOLDS: ("it holds", "成立"), REFUTED: ("it does not hold", "不成立")}


def otherwise(
    base: str,
    claim: Tree,
    conditions: Sequence[Condition],
    refusals: Sequence[Condition],
    cohorts: Iterable[str],
    judge: Judge,
    said: Vocabulary,
) -> list[Qualification]:
    """A warning for each named cohort, and for all that count, in which a claim fails though it
    holds, or holds though it fails; none where its conditions are about several. Paths by weeks
    stay as they are.
    """
    asked = {each.quantity.cohort for each in (*conditions, *refusals) if each.weeks is None}
    if base not in SAID or len(asked) != 1:
        return []
    told = []
    for cohort in (COUNTED, *cohorts):
        if cohort in asked:
            continue
        # intervals are dear, and no interval turns a verdict that its values do not turn
        if not refusals and combined(judge.by_value(_of(conditions, cohort)), claim) == base:
            continue
        findings, refuting = (judge.judge(_of(part, cohort)) for part in (conditions, refusals))
        found = combined(findings, claim, refuting)
        if found in SAID and found != base:
            en, zh = (said.cohort(cohort, lang) for lang in LANGUAGES)
            who = (f"those {en}", zh) if en else ("all that count", "全部统计期内申报")
            names = {"who": who, "state": SAID[found]}
            told.append(
                Qualification(
                    "otherwise_of_others",
                    "",
                    names={
                        "cohort": cohort,
                        **{
                            key: dict(zip(LANGUAGES, pair, strict=True))
                            for key, pair in names.items()
                        },
                    },
                )
            )
    return told


def _of(conditions: Sequence[Condition], cohort: str) -> list[Condition]:
    return [
        replace(each, quantity=replace(each.quantity, cohort=cohort))
        if each.weeks is None
        else each
        for each in conditions
    ]
