"""Which bundle of levers did it, and what needed the merger (section 5)."""

from __future__ import annotations

from govsim.display import figures, names
from govsim.display.blocks import Block, Cell, Figure, Fold, Heading, Missing, Rows, Table, Text
from govsim.display.numbers import Number
from govsim.display.words import Words
from govsim.evidence.attribution.result import Attribution, Contribution, Effect
from govsim.measures.catalogue import MIX
from govsim.report.material import Material, cohort_name, scope_name
from govsim.report.times import picture
from govsim.report.warned import warnings

PAIRS = 5  # interactions that are told
PARTS = {"merger": "part_merger", "process": "part_process"}


def attribution(material: Material, words: Words) -> list[Block]:
    """The section's blocks."""
    found = material.study("attribution", Attribution.from_dict)
    if found is None:
        return [_to_attribute(material, words), *_two_steps(material, words)]
    effect = found.effect
    number = Number(effect.total, effect.unit)
    told = words(
        "attributed",
        what=_what(effect, material, words),
        total=words.said(number, True),
        sets=found.configurations,
        replications=found.replications,
    )
    blocks: list[Block] = [Text(told), Text(_driver(effect, material, words), "lead")]
    blocks += warnings(found.warnings, material, words)
    blocks += [Text(_kinds(effect, words))] if effect.kinds else []
    blocks.append(_figure(effect, material, words))
    blocks += (
        [Fold(words("pairs"), [_pairs(effect, material, words)])] if effect.interactions else []
    )
    others = [each for each in found.effects if each is not effect]
    return [
        *blocks,
        *(
            [Fold(words("other_effects", number=len(others)), [_others(others, material, words)])]
            if others
            else []
        ),
        *_two_steps(material, words),
    ]


def _to_attribute(material: Material, words: Words) -> Block:
    """The command that is missing, or why there is nothing to divide."""
    bundles = material.bundles
    if bundles is None or len(bundles) > 1:
        return Missing(words("attribution_missing"), [material.command("attribute")])
    return Text(
        words("one_bundle", bundle=material.called("bundles", bundles[0], words))
        if bundles
        else words("no_lever")
    )


def _what(effect: Effect, material: Material, words: Words) -> str:
    """The quantity in words: statistic, measure, whose."""
    statistic, measure = (
        words.name(names.STATISTICS, effect.statistic),
        words.name(names.MEASURES, effect.measure),
    )
    scopes = (effect.scope,) if isinstance(effect.scope, str) else effect.scope
    whose = words.listed([scope_name(material, words, each) for each in scopes], 3)
    return words(
        "what_of_whom",
        statistic=statistic,
        measure=measure,
        scope=whose,
        cohort=cohort_name(material, words, effect.cohort),
    )


def _driver(effect: Effect, material: Material, words: Words) -> str:
    if not effect.driver:
        return words("driver_none")
    return words("driver", bundle=material.called("bundles", effect.driver, words))


def _kinds(effect: Effect, words: Words) -> str:
    """Merger against process, as two players."""
    told = [
        words(
            "kind_brings",
            kind=words.name(names.KINDS, each.name),
            size=words.said(Number(each.shapley, effect.unit), True),
            share=words.said(Number(each.share, "%")),
        )
        for each in effect.kinds
    ]
    return words("kinds_bring", kinds=words.listed(told))


def _figure(effect: Effect, material: Material, words: Words) -> Figure:
    rows = [material.called("bundles", each.name, words) for each in effect.bundles]
    series = {
        words(key): [
            figures.Span(e.value, e.low, e.high)
            for each in effect.bundles
            for e in (getattr(each, what),)
        ]
        for what, key in (("shapley", "shapley"), ("first_in", "alone"), ("last_in", "added_last"))
    }
    title, about = words("bundles_figure"), words("bundles_about")
    axis = words("change_axis", unit=words.unit(effect.unit))
    drawn = figures.intervals(rows, series, figures.blank(figures.height_of(rows, 3)), axis)
    return Figure(
        picture(f"{words.lang}-bundles", title, about, drawn),
        words.joined(title, about),
        _bundles(effect, material, words),
    )


def _bundles(effect: Effect, material: Material, words: Words) -> Table:
    rows: Rows = []
    for each in effect.bundles:
        rows.append(_bundle(each, effect, material, words))
        for part in each.parts:
            name = words(
                PARTS.get(part.kind, "part_process"),
                bundle=material.called("bundles", each.name, words),
            )
            levers = words.listed(
                [material.called("reform", lever, words) for lever in part.levers]
            )
            numbers = [
                words.cell(Number(number, effect.unit), True, True)
                for number in (part.first_in, part.last_in)
            ]
            rows.append([Cell(name, levers, number=False), Cell(""), Cell(""), *numbers, Cell("")])
    head = [
        words("bundle"),
        words("shapley"),
        words("in_percent_of_total"),
        words("alone"),
        words("added_last"),
        words("ranks_first"),
    ]
    return Table(f"{words('bundles_table')} ({words.unit(effect.unit)})", head, rows)


def _bundle(
    each: Contribution, effect: Effect, material: Material, words: Words
) -> list[str | Cell]:
    levers = words.listed([material.called("reform", lever, words) for lever in each.levers])
    numbers = [
        words.cell(Number(number, effect.unit), True, True)
        for number in (each.shapley, each.first_in, each.last_in)
    ]
    first = "–" if each.ranks_first is None else f"{100 * each.ranks_first:.0f} %"
    return [
        Cell(material.called("bundles", each.name, words), levers, number=False),
        numbers[0],
        words.cell(Number(each.share, "%")),
        *numbers[1:],
        Cell(first),
    ]


def _pairs(effect: Effect, material: Material, words: Words) -> Table:
    strongest = sorted(effect.interactions, key=lambda each: -abs(each.shapley.value or 0.0))[
        :PAIRS
    ]
    rows: Rows = [
        [
            " × ".join(
                material.called("bundles", name, words) for name in (each.first, each.second)
            ),
            words.cell(Number(each.shapley, effect.unit), True),
        ]
        for each in strongest
    ]
    return Table(
        f"{words('pairs_table')} ({words.unit(effect.unit)})",
        [words("bundle"), words("interaction")],
        rows,
    )


def _others(others: list[Effect], material: Material, words: Words) -> Table:
    rows: Rows = []
    for each in others:
        total = words.cell(Number(each.total, each.unit), True)
        rows.append(
            [
                _what(each, material, words),
                total,
                Cell(words.unit(each.unit), number=False),
                Cell(material.called("bundles", each.driver or "–", words), number=False),
            ]
        )
    return Table(
        words("other_effects_table"),
        [words("quantity"), words("change"), words("unit"), words("main_driver")],
        rows,
    )


# ---------------------------------------------------------------------- what the run itself can say


def _two_steps(material: Material, words: Words) -> list[Block]:
    """First what needs no merger, then the rest."""
    if not material.middle:
        return []
    mean = material.quantity()
    stages = (
        (material.first, material.middle),
        (material.middle, material.last),
        (material.first, material.last),
    )
    rows: Rows = []
    for first, last in stages:
        named = words("to_stage", first=words.configuration(first), last=words.configuration(last))
        rows.append(
            [
                named,
                words.cell(material.change(mean, first, last), True, True),
                words.cell(material.percent(mean, first, last), True),
            ]
        )
    unit = words.unit(material.change(mean, *stages[0]).unit)
    caption = (
        f"{words('split_table')} ({scope_name(material, words, MIX)}, "
        f"{cohort_name(material, words)}, {unit})"
    )
    head = [words("stage"), words("change"), words("in_percent")]
    return [Heading(words("split")), Text(words("split_intro")), Table(caption, head, rows)]
