"""What qualifies the numbers of a section, in the reader's language: the most serious first."""

from __future__ import annotations

from collections.abc import Iterable

from govsim.display.blocks import Block, Text
from govsim.display.words import Words
from govsim.evidence.qualification.record import Qualification
from govsim.report.material import Material, scope_name


def warnings(found: Iterable[Qualification], material: Material, words: Words) -> list[Block]:
    """A paragraph for each."""
    return [Text(sentence(each, material, words), "warning") for each in found]


def sentence(each: Qualification, material: Material, words: Words) -> str:
    """What one of them says, as a sentence."""

    def name(of: str) -> str:
        if of in material.configurations:
            return words("quoted", name=words.configuration(of))
        if of in material.about["service_names"]:
            return scope_name(material, words, of)
        return material.called("staff", of, words)

    said = words.joined(each.scoped(words.lang, name))
    said = said.replace(" %", "\u00a0%") if words.lang == "en" else said
    return said[:1].upper() + said[1:]
