"""What was found, on one page (section 1): claims, verdicts, and what would change them."""

from __future__ import annotations

import numpy as np

from govsim.arrays import Floats
from govsim.display.blocks import Block, Heading, Points, Text
from govsim.display.numbers import Number
from govsim.display.words import Words
from govsim.measures.catalogue import MIX
from govsim.report.assumptions import unknowns
from govsim.report.gains import losing, matched
from govsim.report.material import Material, cohort_name, scope_name
from govsim.report.transition import dips
from govsim.report.verdicts import verdicts
from govsim.report.warned import warnings


def opening(material: Material, words: Words) -> list[Block]:
    """The section's blocks."""
    blocks: list[Block] = [
        Text(
            words(
                "of_whom", mix=scope_name(material, words, MIX), cohort=cohort_name(material, words)
            ),
            "lead",
        )
    ]
    blocks += [Heading(words("findings")), Points(_findings(material, words))]
    blocks += warnings(material.warnings, material, words)
    blocks += [Heading(words("verdicts")), *verdicts(material, words)]
    return [*blocks, Heading(words("unknowns")), *unknowns(material, words)]


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
        told.append(
            words(
                "found_process",
                middle=words.said(material.level(mean, middle)),
                share=_share(material, words, change),
            )
        )
        told.append(
            words(
                "found_merger", added=words.said(material.change(mean, middle, last), signed=True)
            )
        )
    told.append(
        words(
            "found_slow",
            before=words.short(material.level(p90, first)),
            after=words.short(material.level(p90, last)),
            change=words.said(material.change(p90, first, last), signed=True),
        )
    )
    told += [losing(material, words, since, 6) for since in (first, middle) if since]
    told += [
        line for since in (first, middle) if since and (line := matched(material, words, since))
    ]
    told += dips(material, words)
    told.append(_posts(material, words))
    assumed = {key: material.about[key] for key in ("assumptions", "numbers")}
    return told + ([words("found_assumed", **assumed)] if assumed["numbers"] else [])


def _share(material: Material, words: Words, whole: Number) -> str:
    """What part of the whole change the process levers alone bring;
    nothing where there may be no change.
    """
    if not (whole.better or whole.worse):
        return ""
    mean, sample = material.quantity(), material.sample
    before, middle, after = (
        sample.pooled(mean, name) for name in (material.first, material.middle or "", material.last)
    )

    def share(weights: Floats) -> Floats:
        was = before(weights)
        part, all_of_it = middle(weights) - was, after(weights) - was
        found: Floats = 100.0 * np.divide(
            part, all_of_it, out=np.full(len(weights), np.nan), where=all_of_it != 0
        )
        return found

    return words(
        "found_share", share=words.said(material.pooled(share, "%", "share of the change"))
    )


def _posts(material: Material, words: Words) -> str:
    posts = material.about["posts"]
    said = words.listed([f"{words.configuration(name)} {number}" for name, number in posts.items()])
    return words(
        "found_posts" if len(set(posts.values())) == 1 else "found_posts_unequal", posts=said
    )
