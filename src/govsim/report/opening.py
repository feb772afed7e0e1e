"""Section 1: what was found, on one page: the claims and their verdicts, and what would change them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from govsim.evidence.sample import Pooled
from govsim.report.blocks import Block, Heading, Missing, Points, Text
from govsim.report.material import JUDGED, Material, hundred
from govsim.report.numbers import Number
from govsim.report.verdicts import verdicts
from govsim.report.whose import cohort_name, scope_name
from govsim.report.words import Words
from govsim.table import BUSY, MIX, OPEN


def opening(material: Material, words: Words) -> list[Block]:
    """The section's blocks."""
    blocks: list[Block] = [
        Text(words("of_whom", mix=scope_name(material, words, MIX), cohort=cohort_name(material, words)), "lead")
    ]
    blocks += [Heading(words("findings")), Points(_findings(material, words))]
    blocks += [Text(each, "warning") for each in _warnings(material, words)]
    blocks += [Heading(words("verdicts")), *verdicts(material, words)]
    blocks += [Heading(words("unknowns")), Missing(words("unknowns_missing"), [f"govsim explore {material.folder}"])]
    return blocks


def _findings(material: Material, words: Words) -> list[str]:
    if not material.compares:
        return [words("one_configuration")]
    mean, p90 = material.quantity(), material.quantity(statistic="p90")
    first, middle, last = material.first, material.middle, material.last
    change = material.change(mean, first, last)
    told = [
        words(
            "found_all",
            before=words.said(material.level(mean, first)),
            after=words.said(material.level(mean, last)),
            change=words.said(change, signed=True),
            percent=words.said(material.percent(mean, first, last), signed=True),
        )
    ]
    if middle:
        told.append(words("found_process", middle=words.said(material.level(mean, middle)), share=words.said(_share(material))))
        told.append(words("found_merger", added=words.said(material.change(mean, middle, last), signed=True)))
    told.append(
        words(
            "found_slow",
            before=words.short(material.level(p90, first)),
            after=words.short(material.level(p90, last)),
            change=words.said(material.change(p90, first, last), signed=True),
        )
    )
    told += [losing(material, words, since, 6) for since in (first, middle) if since]
    told += [line for since in (first, middle) if since and (line := matched(material, words, since))]
    told.append(_posts(material, words))
    told.append(words("found_assumed", assumptions=material.about["assumptions"], numbers=material.about["numbers"]))
    return told


def _share(material: Material) -> Number:
    """What part of the whole change the process measures alone bring, in percent."""
    mean, sample = material.quantity(), material.sample
    before, middle, after = (sample.pooled(mean, name) for name in (material.first, material.middle or "", material.last))
    theta: Pooled = lambda weights: 100.0 * (middle(weights) - before(weights)) / (after(weights) - before(weights))  # noqa: E731
    return material.pooled(theta, "%", "share of the change")


def losing(material: Material, words: Words, since: str, most: int = 99) -> str:
    """Which services are shown to be slower in the last configuration than in `since`, and by how much."""
    names = {"first": words.configuration(since), "last": words.configuration(material.last)}
    changes = material.changes(material.by_service, since, material.last)
    found = dict.fromkeys(service for (service, _), change in changes.items() if change.worse)
    if not found:
        return words("found_losers_none", **names)
    said = []
    for service in found:
        worst = max((changes[service, statistic] for statistic in JUDGED), key=lambda each: each.value or 0.0)
        said.append(words("loses_by", service=scope_name(material, words, service), size=words.short(worst, signed=True)))
    return words("found_losers", names=words.listed(said, most), **names)


def matched(material: Material, words: Words, since: str) -> str | None:
    """Who of the same applicants is slower, equal, faster; None where they were not matched."""
    shares = changes_of(material, since, (MIX,)).get(MIX)
    if shares is None:
        return None
    told = dict(zip(("slower", "equal", "faster"), map(words.short, shares), strict=True))
    return words("found_matched", first=words.configuration(since), last=words.configuration(material.last), **told)


def changes_of(material: Material, since: str, scopes: Sequence[str]) -> dict[str, tuple[Number, Number, Number]]:
    """Scope -> shares in percent of the same applicants: slower, equal, faster; empty where they were not matched."""
    try:
        thetas = {
            (scope, k): hundred(theta)
            for scope in scopes
            for k, theta in enumerate(material.sample.changes(since, material.last, scope, material.cohort))
        }
    except KeyError:
        return {}
    found = material.together(("matched", since, tuple(scopes)), thetas, "%")
    return {scope: (found[scope, 0], found[scope, 1], found[scope, 2]) for scope in scopes}


def _posts(material: Material, words: Words) -> str:
    posts = material.about["posts"]
    said = words.listed([f"{words.configuration(name)} {number}" for name, number in posts.items()])
    return words("found_posts" if len(set(posts.values())) == 1 else "found_posts_unequal", posts=said)


def _number(material: Material, what: str, configuration: str) -> float:
    """How many cases of all services, over all replications."""
    quantities = [material.quantity(what, "count", each) for each in material.services]
    return float(sum(np.nansum(material.sample.values(each, configuration)) for each in quantities))


def _warnings(material: Material, words: Words) -> list[str]:
    told = []
    for name in material.configurations:
        counted, left = (_number(material, what, name) for what in ("counted", "open"))
        if counted and left > OPEN * counted:
            told.append(words("warn_open", share=f"{100 * left / counted:.0f} %", name=words.configuration(name)))
        busy = [
            group for group, worked in material.worked(name).items() if worked.value is not None and worked.value > 100 * BUSY
        ]
        if busy:
            told.append(words("warn_busy", name=words.configuration(name), groups=words.listed(busy, 4)))
    return told
