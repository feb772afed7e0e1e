"""Who gains and who loses, in two senses: among services, and among the same applicants.

Services whose time changes, and applicants whose own time does.
"""

from __future__ import annotations

from collections.abc import Sequence

from govsim.display.numbers import Number
from govsim.display.words import Words
from govsim.evidence.matters import of_applicants, stated
from govsim.measures.catalogue import MIX
from govsim.report.material import JUDGED, Material, scope_name
from govsim.statistics.resample import Pooled

SHARES = ("slower", "equal", "faster", "any_slower", "any_faster")


def losing(material: Material, words: Words, since: str, most: int = 99) -> str:
    """Which services are shown to be slower in the last configuration than in `since`,
    and by how much.
    """
    names = {"first": words.configuration(since), "last": words.configuration(material.last)}
    changes = material.changes(material.by_service, since, material.last)
    found = dict.fromkeys(service for (service, _), change in changes.items() if change.worse)
    if not found:
        return words("found_losers_none", **names)
    said = []
    for service in found:
        worst = max(
            (changes[service, statistic] for statistic in JUDGED),
            key=lambda each: each.value or 0.0,
        )
        said.append(
            words(
                "loses_by",
                service=scope_name(material, words, service),
                size=words.short(worst, signed=True),
            )
        )
    return words("found_losers", names=words.listed(said, most), **names)


def matched(material: Material, words: Words, since: str) -> str | None:
    """Who of the same applicants is slower, equal, faster; None where they were not matched."""
    shares = changes_of(material, since, (MIX,)).get(MIX)
    if shares is None:
        return None
    told = dict(zip(SHARES, map(words.short, shares), strict=True))
    return words(
        "found_matched",
        first=words.configuration(since),
        last=words.configuration(material.last),
        **told,
    )


def changes_of(
    material: Material, since: str, scopes: Sequence[str]
) -> dict[str, tuple[Number, ...]]:
    """Scope -> shares in percent of the same applicants: slower, equal, faster by what matters;
    slower, faster to the minute.

    Empty where they were not matched.
    """
    try:
        thetas = {
            (scope, k): theta
            for scope in scopes
            for k, theta in enumerate(_shares(material, since, scope))
        }
    except KeyError:
        return {}
    found = material.together(("matched", since, tuple(scopes)), thetas, "%", "logit")
    return {scope: tuple(found[scope, k] for k in range(len(SHARES))) for scope in scopes}


def _shares(material: Material, since: str, scope: str) -> tuple[Pooled, ...]:
    sample, cohort = material.sample, material.cohort
    matters = of_applicants(sample, since, scope, cohort, stated(material.tree))
    any_slower, _, any_faster = sample.changes(since, material.last, scope, cohort)
    return (
        *sample.changes(since, material.last, scope, cohort, matters),
        any_slower,
        any_faster,
    )
