"""Whether a reform changes what is promised, or when a clock runs, and not only what is done.

A promise is kept more often where it is longer, begins later, or counts from another mark: true by
its own words, and nobody is answered sooner.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from govsim.evidence import words
from govsim.evidence.conditions.condition import Finding
from govsim.evidence.qualification.record import Qualification
from govsim.evidence.words import LANGUAGES

PROMISED = ("within_promise", "late", "lateness", "gave_up_in_time")
LAWFUL = ("legal_clock", "within_limit", "past_limit")
READ_BY: Mapping[str, tuple[str, ...]] = {  # a term, or a mark -> measures that rest on it
    "promise": PROMISED,
    "promise_from": PROMISED,
    "limit": LAWFUL,
    "stops_clock": PROMISED + LAWFUL,
    "accepted": PROMISED + LAWFUL,
    "decided": PROMISED + LAWFUL,
    "first_answer": ("time_to_first_answer",),
}


def changed(
    tree: Mapping[str, Any], findings: Sequence[Finding], services: Collection[str]
) -> list[Qualification]:
    """A warning that names the levers by which what is measured of some services is defined
    otherwise.
    """
    asked = {
        each.condition.quantity.measure
        for each in findings
        if not each.condition.is_level and "after" in each.condition.configurations
    }
    found = dict.fromkeys(
        f"{lever} ({place})"
        for lever, spec in (tree.get("reform") or {}).items()
        if spec.get("kind") != "stress"
        for place, term in _terms(spec)
        if asked & {*READ_BY[term]} and fnmatch.filter(services, place.split(".")[1])
    )
    if not found:
        return []
    levers = {lang: words.listed([*found], lang) for lang in LANGUAGES}
    return [Qualification("promise_redefined", "", names={"levers": levers})]


def _terms(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a lever sets a term, or puts in or takes out a mark."""
    for path in spec.get("set") or ():
        term = path.rsplit(".", 1)[-1]
        if term in READ_BY and path.startswith("services."):
            yield path, term
    for path in spec.get("remove") or ():
        term = path.rsplit(".", 1)[-1]
        if term in READ_BY:
            yield path, term
    entries = spec.get("insert") or ()
    for entry in [entries] if isinstance(entries, Mapping) else entries:
        for service, places in entry.items():
            for place in [places] if isinstance(places, Mapping) else places:
                for step in place.get("steps") or ():
                    mark = step.get("as", step.get("mark"))
                    if mark in READ_BY:
                        yield f"{service}.{step['mark']}", mark
