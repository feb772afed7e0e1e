"""How sure this is (section 8): chance, the assumptions, other ways to build the model.

Chance is that in the simulation; the other ways are the scenario's variants.
"""

from __future__ import annotations

from govsim.display.blocks import Block, Cell, Heading, Missing, Rows, Table, Text
from govsim.display.numbers import plain
from govsim.display.words import Words
from govsim.errors import StoreError
from govsim.report.assumptions import parameters
from govsim.report.material import Material
from govsim.statistics.estimate import still_needed
from govsim.store import StoredRuns

AIM = 0.05  # days, of the headline's unit


def certainty(material: Material, words: Words) -> list[Block]:
    """The section's blocks."""
    blocks: list[Block] = [Heading(words("simulation_heading")), *_simulation(material, words)]
    blocks += [Heading(words("parameters_heading")), *parameters(material, words)]
    return [*blocks, Heading(words("structure_heading")), *_structure(material, words)]


def _simulation(material: Material, words: Words) -> list[Block]:
    mean = material.quantity()
    change = (
        material.change(mean, material.first, material.last)
        if material.compares
        else material.level(mean, material.first)
    )
    half = change.estimate.half_width
    if half is None:
        return [Text(words("simulation_unknown"), "warning")]
    values = [
        material.sample.values(mean, name)
        for name in dict.fromkeys((material.first, material.last))
    ]
    needed = still_needed(values[-1] - values[0] if material.compares else values[0], AIM)
    aim = words.amount(AIM, material.unit)
    more = (
        words("replications_more", aim=aim, number=needed)
        if needed
        else words("replications_enough", aim=aim)
    )
    known = words.amount(half, change.unit)
    told = [
        Text(words("simulation_text", replications=material.replications, half=known, more=more))
    ]
    if material.compares:
        spread = [each.var(ddof=1) for each in (*values, values[1] - values[0])]
        if all(each > 0 for each in spread):
            told.append(
                Text(words("pairing", factor=plain((spread[0] + spread[1]) / spread[2], 1)))
            )
    return list(told)


def _structure(material: Material, words: Words) -> list[Block]:
    variants = material.tree.get("variants") or {}
    if not variants:
        return [Text(words("structure_none"))]
    found = {material.settings.variant: material} | _others(material)
    blocks: list[Block] = []
    if material.compares:
        rows: Rows = [_row(name, each, words, variants) for name, each in found.items()]
        head = [
            words("variant"),
            words.configuration(material.first),
            words.configuration(material.last),
            words("change"),
            words("in_percent"),
        ]
        blocks.append(Table(words("structure_table"), head, rows))
    lacking = [name for name in variants if name not in found]
    if lacking:
        named = words.listed([words.text(variants[name].get("about"), name) for name in lacking])
        commands = [f"govsim run {material.settings.scenario} --variant {name}" for name in lacking]
        blocks.append(Missing(words("structure_missing", variants=named), commands))
    return blocks


def _row(name: str | None, other: Material, words: Words, variants: object) -> list[str | Cell]:
    mean = other.quantity()
    named = words("as_stated") if name is None else words.text(variants[name].get("about"), name)  # type: ignore[index]
    return [
        named,
        words.cell(other.level(mean, other.first)),
        words.cell(other.level(mean, other.last)),
        words.cell(other.change(mean, other.first, other.last), True, True),
        words.cell(other.percent(mean, other.first, other.last), True),
    ]


def _others(material: Material) -> dict[str | None, Material]:
    """Finished runs of the same scenario in another variant, beside this one."""
    if material.runs.folder is None:
        return {}
    found: dict[str | None, Material] = {}
    for place in sorted(material.runs.folder.parent.glob("*/run.json")):
        try:
            runs = StoredRuns.open(place.parent)
            same = (
                runs.settings.scenario_hash == material.settings.scenario_hash
                and not runs.settings.study
            )
            if same and runs.settings.variant != material.settings.variant and runs.replications:
                found[runs.settings.variant] = Material(runs)
        except StoreError:
            continue
    return found
