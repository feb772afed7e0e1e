"""How long it takes, for whom it gets better, where the time goes (sections 3 and 4).

The distributions; who gains and who loses, and in which sense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from govsim.arrays import Floats
from govsim.display import figures, names
from govsim.display.blocks import Block, Cell, Figure, Fold, Heading, Points, Rows, Table, Text
from govsim.display.numbers import Number, decimals, plain
from govsim.display.words import Words
from govsim.evidence.people import shares_of_ends
from govsim.evidence.quantity import Quantity
from govsim.measures.catalogue import MIX
from govsim.report.gains import SHARES, changes_of, losing
from govsim.report.material import Material, cohort_name, scope_name
from govsim.scenario.units import CALENDAR_DAYS
from govsim.statistics.estimate import Estimate
from govsim.statistics.mean import Band

LEVELS = (0.05, 0.1, *(k / 20 for k in range(3, 20)))
TOLD = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
TOTAL = "cycle_time_answered"


def distributions(material: Material, words: Words) -> list[Block]:
    """The blocks of section 3."""
    blocks: list[Block] = [_distribution(material, words)]
    if not material.compares:
        return [*blocks, Text(words("one_configuration"))]
    blocks.append(_quantile_curve(material, words))
    blocks.append(Heading(words("services_heading")))
    blocks += _services(material, words)
    blocks += [Heading(words("matched_heading")), Text(words("matched_intro"))]
    blocks.append(_matched(material, words))
    return blocks


def _scale(material: Material) -> tuple[float, str]:
    return (material.minutes, "opening minutes") if material.minutes else (1.0, material.unit)


def _distribution(material: Material, words: Words) -> Figure:
    factor, unit = _scale(material)
    bands = {
        name: material.band(("quantiles", name), material.quantiles(name, LEVELS))
        for name in material.shown
    }
    curves = {words.configuration(name): line(each, factor) for name, each in bands.items()}
    title = (
        f"{words('distribution')} ({scope_name(material, words, MIX)}, "
        f"{cohort_name(material, words)})"
    )
    about = words("distribution_about", unit=words.unit(unit))
    axes = words("time_axis", unit=words.unit(unit)), words("share_done")
    drawn = figures.lines(
        [100 * each for each in LEVELS], curves, figures.blank(), *axes, upright=True
    )
    drawn.set(xlim=(0.0, None), ylim=(0.0, 100.0))
    svg = picture(f"{words.lang}-distribution", title, about, drawn)
    return Figure(svg, words.joined(title, about), _quantiles(material, words, factor, unit))


def _quantiles(material: Material, words: Words, factor: float, unit: str) -> Table:
    bands = [
        material.band(("quantiles", name), material.quantiles(name, LEVELS))
        for name in material.shown
    ]
    rows: Rows = []
    for k, level in told():
        cells = [_at(each, k, material.replications, words, factor) for each in bands]
        rows.append([words("slowest", percent=f"{100 * level:.0f}"), *cells])
    head = [words("quantile"), *map(words.configuration, material.shown)]
    return Table(words("quantiles_table", unit=words.unit(unit)), head, rows)


def told() -> list[tuple[int, float]]:
    """The levels that tables tell, with their places."""
    return [(LEVELS.index(each), each) for each in TOLD]


def line(each: Band, factor: float = 1.0) -> figures.Line:
    """A band as a picture takes it, with gaps where nothing is known."""
    value, low, high = (
        factor * np.ma.filled(part, np.nan) for part in (each.value, each.low, each.high)
    )
    return figures.Line(value, low, high)


def picture(name: str, title: str, about: str, axes: object) -> str:
    """The picture as an element of the page."""
    return figures.svg(axes, name, title, about)


def _quantile_curve(material: Material, words: Words) -> Figure:
    factor, unit = _scale(material)
    pairs = [(since, material.last) for since in (material.first, material.middle) if since]

    def difference(first: str, second: str) -> Callable[[Floats], Floats]:
        before, after = (material.quantiles(name, LEVELS) for name in (first, second))
        return lambda weights: factor * (after(weights) - before(weights))

    bands = {pair: material.band(("quantile curve", *pair), difference(*pair)) for pair in pairs}
    said = {
        pair: words(
            "to_stage", first=words.configuration(pair[0]), last=words.configuration(pair[1])
        )
        for pair in pairs
    }
    title, about = words("quantile_curve"), words("quantile_curve_about")
    axes = words("quantile_axis"), words("change_axis", unit=words.unit(unit))
    percent = [100 * each for each in LEVELS]
    drawn = figures.lines(
        percent,
        {said[pair]: line(each) for pair, each in bands.items()},
        figures.blank(),
        *axes,
        zero=True,
    )
    rows: Rows = []
    for k, level in enumerate(LEVELS):
        if any(abs(level - each) < 1e-9 for each in TOLD):
            rows.append(
                [
                    f"{100 * level:.0f} %",
                    *(
                        _at(each, k, material.replications, words, signed=True)
                        for each in bands.values()
                    ),
                ]
            )
    table = Table(f"{title} ({words.unit(unit)})", [words("quantile"), *said.values()], rows)
    return Figure(
        picture(f"{words.lang}-quantiles", title, about, drawn), words.joined(title, about), table
    )


def _at(
    each: Band, k: int, replications: int, words: Words, factor: float = 1.0, signed: bool = False
) -> Cell:
    """A point of a band as a cell of a table."""
    value, low, high = (
        None if np.ma.getmaskarray(part)[k] else float(part[k])
        for part in (each.value, each.low, each.high)
    )
    return words.cell(Number(Estimate(value, low, high, replications).times(factor), ""), signed)


# ---------------------------------------------------------------------------- first sense: services


def _services(material: Material, words: Words) -> list[Block]:
    rows = [scope_name(material, words, each) for each in material.services]
    about = words(
        "services_about",
        first=words.configuration(material.first),
        last=words.configuration(material.last),
    )
    percents = material.percents(material.by_service, material.first, material.last)
    spans = {
        words.name(names.STATISTICS, statistic): [
            _span(percents[each, statistic]) for each in material.services
        ]
        for statistic in ("mean", "p90")
    }
    drawn = figures.intervals(
        rows, spans, figures.blank(figures.height_of(rows, 2)), x=words("percent_axis")
    )
    title = words("services_figure")
    figure = Figure(
        picture(f"{words.lang}-services", title, about, drawn),
        words.joined(title, about),
        _services_table(material, words, "mean"),
    )
    p90 = _services_table(material, words, "p90")
    return [Points(_gains(material, words)), figure, Fold(p90.caption, [p90])]


def _of(material: Material, service: str, statistic: str) -> Quantity:
    return material.quantity(material.time, statistic, service)


def _span(number: Number) -> figures.Span:
    return figures.Span(number.value, number.estimate.low, number.estimate.high)


def _gains(material: Material, words: Words) -> list[str]:
    changes = material.changes(material.by_service, material.first, material.last)
    means = [changes[service, "mean"] for service in material.services]
    told = [words("gains", number=sum(each.better for each in means), all=len(means))]
    told += [losing(material, words, since) for since in (material.first, material.middle) if since]
    return [*told, words("at_once")]


def _services_table(material: Material, words: Words, statistic: str) -> Table:
    _, unit = _scale(material)
    rows: Rows = []
    sinces = [since for since in (material.first, material.middle) if since]
    changes = [material.changes(material.by_service, since, material.last) for since in sinces]
    percents = material.percents(material.by_service, material.first, material.last)
    ones = np.ones((1, material.replications))
    for service in material.services:
        quantity, said = (
            material.by_service[service, statistic],
            [each[service, statistic] for each in changes],
        )
        factor = material.minutes or 1.0
        levels = [
            float(material.theta(quantity, name)(ones)[0]) * factor for name in material.shown
        ]
        cells = [Cell(like(each, said[0])) for each in levels]
        cells += [words.cell(each, True, True) for each in said]
        cells.append(Cell(words.cell(percents[service, statistic], True).text))
        rows.append([scope_name(material, words, service), *cells])
    head = [
        words("service"),
        *map(words.configuration, material.shown),
        *changes_from(material, words),
        words("in_percent"),
    ]
    caption = words(
        "services_table", statistic=words.name(names.STATISTICS, statistic), unit=words.unit(unit)
    )
    return Table(caption, head, rows)


def like(value: float, change: Number) -> str:
    """A level with the digits that its change deserves."""
    return "–" if np.isnan(value) else plain(value, decimals(change.estimate))


def changes_from(material: Material, words: Words) -> list[str]:
    """Heads of the columns that tell changes to the last configuration."""
    last = words.configuration(material.last)
    return [
        words("change_from", first=words.configuration(since), last=last)
        for since in (material.first, material.middle)
        if since
    ]


# ------------------------------------------------------------------------- second sense: applicants


def _matched(material: Material, words: Words) -> Block:
    found = changes_of(material, material.first, (MIX, *material.services))
    known = {each: shares for each, shares in found.items() if all(one.known for one in shares)}
    if not known:
        return Text(words("matched_none"))
    rows = [scope_name(material, words, each) for each in known]
    parts = {
        words(key): [shares[k].value or 0.0 for shares in known.values()]
        for k, key in enumerate(("slower", "equal", "faster"))
    }
    drawn = figures.stacked(rows, parts, figures.blank(figures.height_of(rows)), x="%")
    title = words("matched_figure")
    about = words(
        "matched_about",
        first=words.configuration(material.first),
        last=words.configuration(material.last),
    )
    head = [words("service"), *(words(key) for key in SHARES)]
    table_rows: Rows = [
        [name, *map(words.cell, shares)] for name, shares in zip(rows, known.values(), strict=True)
    ]
    table = Table(words("matched_table"), head, table_rows)
    return Figure(
        picture(f"{words.lang}-matched", title, about, drawn), words.joined(title, about), table
    )


# -------------------------------------------------------------------------------------- eight parts


def parts(material: Material, words: Words) -> list[Block]:
    """The blocks of section 4."""
    shown = material.shown
    quantities = {part: material.quantity(part) for part in (*names.PARTS, TOTAL)}
    found = [material.levels(quantities, name) for name in shown]
    levels = {part: [each[part] for each in found] for part in quantities}
    unanswered = _unanswered(material, words)
    blocks: list[Block] = [Text(words("parts_intro", unanswered=unanswered))]
    if material.compares and any(each[0].value for each in levels.values()):
        blocks.append(Text(_largest(levels, material, words)))
    rows = [words.configuration(name) for name in shown]
    sizes = {
        words.name(names.PARTS, part): [max(0.0, each.value or 0.0) for each in numbers]
        for part, numbers in levels.items()
        if part != TOTAL
    }
    drawn = figures.stacked(
        rows, sizes, figures.blank(figures.height_of(rows) + 0.8), x=words("parts_axis")
    )
    title, about = words("parts_figure"), words("parts_about")
    return [
        *blocks,
        Figure(
            picture(f"{words.lang}-parts", title, about, drawn),
            words.joined(title, about),
            _parts_table(levels, material, words),
        ),
    ]


def _largest(levels: Mapping[str, Sequence[Number]], material: Material, words: Words) -> str:
    every = material.changes(
        {part: material.quantity(part) for part in levels}, material.first, material.last
    )
    levels = {part: each for part, each in levels.items() if part != TOTAL}
    changes = {part: every[part] for part in levels}
    largest = max(levels, key=lambda part: levels[part][0].value or 0.0)
    fallen = min(changes, key=lambda part: changes[part].value or 0.0)
    told = words(
        "parts_largest",
        largest=words.name(names.PARTS, largest),
        size=words.said(levels[largest][0]),
        fallen=words.name(names.PARTS, fallen),
        fall=words.said(changes[fallen], signed=True),
    )
    still = [
        part for part, change in changes.items() if not change.better and levels[part][0].value
    ]
    whole = sum(each[0].value or 0.0 for each in levels.values())
    if not still or not whole:
        return told
    share = sum(levels[part][0].value or 0.0 for part in still) / whole
    named = words.listed([words.name(names.PARTS, part) for part in still])
    return words.joined(told, words("parts_untouched", share=f"{100 * share:.0f} %", names=named))


def _unanswered(material: Material, words: Words) -> str:
    """How many had no answer by age tau, and so are in no part; nothing where all had one."""
    shares = {
        name: shares_of_ends(material.sample, name, MIX, material.cohort)["open"]
        for name in material.shown
    }
    if not any(shares.values()):
        return ""
    told = [f"{100 * share:.1f} ({words.configuration(name)})" for name, share in shares.items()]
    tau = words.amount(material.sample.index.tau("cycle_time", material.cohort), CALENDAR_DAYS)
    return words("unanswered", tau=tau, shares=words.listed(told))


def _parts_table(levels: Mapping[str, Sequence[Number]], material: Material, words: Words) -> Table:
    quantities = {part: material.quantity(part) for part in levels}
    sinces = [since for since in (material.first, material.middle) if since and material.compares]
    changes = [material.changes(quantities, since, material.last) for since in sinces]
    rows: Rows = []
    for part, numbers in levels.items():
        name = words("total") if part == TOTAL else words.name(names.PARTS, part)
        rows.append(
            [
                name,
                *map(words.cell, numbers),
                *(words.cell(each[part], True, True) for each in changes),
            ]
        )
    head = [words("part"), *map(words.configuration, material.shown)]
    head += changes_from(material, words) if material.compares else []
    return Table(words("parts_table"), head, rows)
