"""`report`: a run and what was concluded from it, as one HTML file.

It needs neither network nor JavaScript.

A policy reader gets the claims and their verdicts on the first page, and below them everything that
a sceptic asks for: what was compared, who loses, where the time goes, what was assumed, and how to
do it again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from govsim.display.blocks import Block, Section
from govsim.display.words import LANGUAGES, Words
from govsim.errors import A_RUN, RunError, needed
from govsim.report.material import Material
from govsim.store import StoredRuns

__all__ = ["Material", "failures", "report"]

TAGS = {"en": "en", "zh": "zh-Hans"}
OWN_NAMES = {"en": "English", "zh": "中文"}
CHECKLISTS = (None, "stress")
HERE = Path(__file__).parent / "template"


def report(
    runs: StoredRuns | Material,
    lang: str = "en",
    checklist: str | None = None,
    out: str | os.PathLike[str] | None = None,
) -> str:
    """The report of a run as the text of one HTML file.

    It is in English (`en`), Chinese (`zh`) or `both`. `checklist="stress"` spells out the
    STRESS-DES checklist; `out` also writes the file. Studies that were not made are named with the
    command that makes them. Raises RunError where an argument makes no sense.
    """
    needed(runs, (StoredRuns, Material), A_RUN)
    if lang not in (*LANGUAGES, "both"):
        raise RunError(f"lang: {lang!r}; choose en, zh or both")
    if checklist not in CHECKLISTS:
        raise RunError(f"checklist: {checklist!r}; the only one is stress")
    material = runs if isinstance(runs, Material) else Material(runs)
    text = _page(material, lang, checklist)
    if out is not None:
        _write(Path(out), text)
    return text


def failures(material: Material, checklist: str | None) -> list[str]:
    """What a strict reader stops at: claims that are refuted,
    and empty items of the checklist that was asked for.
    """
    from govsim.report.checklist import empty_items

    refuted = (
        [each.claim for each in material.verdicts.verdicts if each.refuted]
        if material.verdicts
        else []
    )
    empty = empty_items(material) if checklist else []
    return [
        *(f"claim {name}: refuted" for name in refuted),
        *(f"checklist: {item} is empty" for item in empty),
    ]


def _write(page: Path, text: str) -> None:
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(
            f"{page}: cannot be written ({error.strerror}); choose another file with --out"
        ) from None


def _page(material: Material, lang: str, checklist: str | None) -> str:
    versions = [
        _version(material, Words(each), checklist)
        for each in (LANGUAGES if lang == "both" else (lang,))
    ]
    text: str = _template().render(
        versions=versions, style=_style(), govsim=material.settings.versions.get("govsim", "")
    )
    return text


def _version(material: Material, words: Words, checklist: str | None) -> dict[str, Any]:
    """Everything that the template says in one language."""
    from govsim.display import figures

    with figures.on_page():
        sections = [
            Section(k + 1, words(f"title_{k + 1}"), each(material, words))
            for k, each in enumerate(_sections(checklist))
        ]
    configurations = words.listed([words.configuration(name) for name in material.configurations])
    return {
        "w": words,
        "lang": words.lang,
        "lang_tag": TAGS[words.lang],
        "language": OWN_NAMES[words.lang],
        "title": words.text(material.tree.get("title"), material.about["title"]),
        "purpose": words.text(material.tree.get("purpose")),
        "about": words(
            "about_run",
            run=material.settings.id,
            replications=material.replications,
            configurations=configurations,
        ),
        "sections": sections,
    }


def _sections(checklist: str | None) -> list[Callable[[Material, Words], list[Block]]]:
    from govsim.report import (
        causes,
        certainty,
        inputs,
        opening,
        organisations,
        provenance,
        staffing,
        times,
        transition,
    )
    from govsim.report.checklist import checklist as stress

    return [
        opening.opening,
        organisations.organisations,
        times.distributions,
        times.parts,
        causes.attribution,
        transition.transition,
        staffing.staff,
        certainty.certainty,
        inputs.inputs,
        lambda material, words: stress(material, words, checklist == "stress"),
        provenance.provenance,
    ]


@lru_cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined
    ).get_template("page.html")


@lru_cache
def _style() -> str:
    return (HERE / "page.css").read_text(encoding="utf-8")


class _Callable(ModuleType):
    """`govsim.report` is this package as soon as anything imports a part of it,
    and the function to whoever reads `gs.report`.
    """

    def __call__(self, *args: Any, **options: Any) -> str:
        return report(*args, **options)


sys.modules[__name__].__class__ = _Callable
