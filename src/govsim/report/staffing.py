"""How busy staff are, and which posts could go (section 7)."""

from __future__ import annotations

from govsim.display import figures
from govsim.display.blocks import Block, Cell, Figure, Heading, Missing, Points, Rows, Table, Text
from govsim.display.names import STATISTICS
from govsim.display.numbers import Number
from govsim.display.words import Words
from govsim.evidence.condition import HOLDS, REFUTED
from govsim.evidence.staffing.result import IMPOSSIBLE, Less, Promised, Staffing
from govsim.report.material import Material, cohort_name, scope_name
from govsim.report.times import picture


def staff(material: Material, words: Words) -> list[Block]:
    """The blocks of section 7."""
    shown = material.shown
    found = [material.worked(name) for name in shown]
    worked = {group: [each[group] for each in found] for group in material.groups}
    worked = {
        group: numbers for group, numbers in worked.items() if any(each.known for each in numbers)
    }
    blocks: list[Block] = []
    busy = {group: numbers[0] for group, numbers in worked.items() if numbers[0].value is not None}
    if busy:
        busiest = max(busy, key=lambda group: busy[group].value or 0.0)
        idle = sum((each.value or 0.0) < 50 for each in busy.values())
        told = words(
            "staff_busy",
            share=words.said(busy[busiest]),
            group=_group(material, words, busiest),
            number=idle,
            all=len(busy),
        )
        blocks.append(Text(told))
    if worked:
        rows = [_group(material, words, group) for group in worked]
        spans = {
            words.configuration(name): [
                figures.Span(n[k].value, n[k].estimate.low, n[k].estimate.high)
                for n in worked.values()
            ]
            for k, name in enumerate(shown)
        }
        drawn = figures.intervals(
            rows, spans, figures.blank(figures.height_of(rows, len(shown))), x="%", zero=False
        )
        title, about = words("staff_figure"), words("staff_about")
        blocks.append(
            Figure(
                picture(f"{words.lang}-staff", title, about, drawn),
                words.joined(title, about),
                _staff_table(material, words, worked),
            )
        )
    return [*blocks, Heading(words("staff_posts")), *_posts(material, words)]


def _group(material: Material, words: Words, group: str) -> str:
    return words.text(material.said("groups", group), group)


def _staff_table(material: Material, words: Words, worked: dict[str, list[Number]]) -> Table:
    shown = material.shown
    rows: Rows = []
    for group, numbers in worked.items():
        posts = [Cell(str(number)) for number in material.posts(group)] if material.scenario else []
        rows.append([_group(material, words, group), *posts, *map(words.cell, numbers)])
    head = [words("group")]
    head += (
        [
            words("posts_in", name=words.configuration(name))
            for name in dict.fromkeys((material.first, material.last))
        ]
        if material.scenario
        else []
    )
    head += [words("worked_in", name=words.configuration(name)) for name in shown]
    return Table(words("staff_table"), head, rows)


# ------------------------------------------------------------------------------ posts that could go


def _posts(material: Material, words: Words) -> list[Block]:
    found = material.study("staff", Staffing.from_dict)
    if found is None:
        return [Missing(words("staff_missing"), [material.command("staff")])]
    told = [
        words(
            "posts_one",
            number=found.one_at_a_time,
            all=len(found.family),
            keep=f"{found.keep:g}",
            **_compared(found, words),
        )
    ]
    told += [
        line
        for cut in found.cuts
        for line in _together(cut.confirmed, cut.internal_too, cut.removed, material, words)
    ]
    told += [_promised(each, found.promise, words) for each in found.promised]
    cohort = cohort_name(material, words, found.cohort)
    intro = words(
        "posts_intro", replications=found.replications, search=found.search, cohort=cohort
    )
    return [Text(intro, "note"), Points(told), _less_table(found, material, words)]


def _compared(found: Staffing, words: Words) -> dict[str, str]:
    return {
        "first": words.configuration(found.compare[0]),
        "last": words.configuration(found.compare[1]),
    }


def _together(
    number: int, internal: bool, removed: tuple[str, ...], material: Material, words: Words
) -> list[str]:
    key = "posts_together_internal" if internal else "posts_together"
    named = words.listed([_group(material, words, each) for each in removed[:number]])
    groups = words("posts_named", groups=named) if named else ""
    return [words(key, number=number, found=len(removed), groups=groups)]


def _promised(each: Promised, promise: float, words: Words) -> str:
    told = {
        "promise": f"{promise:g}",
        "name": words.configuration(each.configuration),
        "present": each.present,
    }
    if each.confirmed is not None:
        return words("promise_kept", number=each.confirmed, **told)
    return (
        words("promise_open", **told) if each.found is not None else words("promise_never", **told)
    )


def _less_table(found: Staffing, material: Material, words: Words) -> Table:
    rows: Rows = []
    for each in (found.all_posts, *found.less):
        name = (
            words("posts_none") if each is found.all_posts else _group(material, words, each.group)
        )
        worst, mark = each.worst, {HOLDS: "good", REFUTED: "bad"}.get(each.verdict, "")
        service = scope_name(material, words, worst[0]) if worst else ""
        cell = words.cell(Number(worst[1], "%"), signed=True) if worst else Cell("–")
        said = "–" if each is found.all_posts else words(_verdict(each))
        verdict = Cell(said, each.reason if words.lang == "en" else "", mark, number=False)
        rows.append(
            [name, Cell(str(each.posts)), verdict, Cell(service or "–", number=False), cell]
        )
    head = [
        words("group"),
        words("posts"),
        words("verdict"),
        words("service_hit"),
        words("in_percent"),
    ]
    return Table(
        words(
            "posts_table",
            statistic=words.name(STATISTICS, found.statistic),
            keep=f"{found.keep:g}",
            **_compared(found, words),
        ),
        head,
        rows,
    )


def _verdict(each: Less) -> str:
    return {HOLDS: "could_go", REFUTED: "could_not_go", IMPOSSIBLE: "is_needed"}.get(
        each.verdict, "not_decided"
    )
