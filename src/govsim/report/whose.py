"""Whose cases a number is about, in words."""

from __future__ import annotations

from govsim.display.words import Words
from govsim.measures.catalogue import MIX
from govsim.report.material import Material


def cohort_name(material: Material, words: Words, cohort: str | None = None) -> str:
    """Whose filings are meant, with their days."""
    cohort = cohort or material.cohort
    days = ((material.tree.get("experiment") or {}).get("cohorts") or {}).get(cohort)
    if not days:
        return words("cohort_counted")
    first, _, last = str(days).partition("..")
    return words("cohort", first=first, last=last or first)


def scope_name(material: Material, words: Words, scope: str) -> str:
    """What a mix or a service is called."""
    return (
        words("mix")
        if scope == MIX
        else words.text(material.about["service_names"].get(scope), scope)
    )
