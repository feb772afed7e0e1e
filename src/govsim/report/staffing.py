"""How busy staff are, and which posts could go (section 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from govsim.display import figures
from govsim.display.blocks import Block, Cell, Figure, Heading, Missing, Points, Rows, Table, Text
from govsim.display.names import STATISTICS
from govsim.display.numbers import Number
from govsim.display.words import Words
from govsim.evidence.conditions.condition import HOLDS, REFUTED
from govsim.evidence.staffing.result import IMPOSSIBLE, Less, Promised, Staffing, Together
from govsim.evidence.staffing.why import Why
from govsim.evidence.staffing.why import told as why_told
from govsim.report.material import Material, cohort_name, scope_name
from govsim.report.times import picture
from govsim.report.warned import warnings


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
    blocks += warnings(material.foreseen, material, words)
    return [*blocks, Heading(words("staff_posts")), *_posts(material, words)]


def _group(material: Material, words: Words, group: str) -> str:
    return material.called("staff", group, words)


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
    told += [words("posts_beside", margin=f"{found.margin:g}")]
    told += [line for cut in found.cuts for line in _together(cut, material, words)]
    promised = () if found.nothing else found.promised
    told += [_promised(each, found, material, words) for each in promised]
    cohort = cohort_name(material, words, found.cohort)
    intro = words(
        "posts_intro", replications=found.replications, search=found.search, cohort=cohort
    )
    blocks: list[Block] = [Text(intro, "note")]
    blocks += warnings(found.warnings, material, words)
    return [*blocks, Points(told), _less_table(found, material, words)]


def _compared(found: Staffing, words: Words) -> dict[str, str]:
    return {
        "first": words.configuration(found.compare[0]),
        "last": words.configuration(found.compare[1]),
    }


def _together(cut: Together, material: Material, words: Words) -> list[str]:
    number = cut.confirmed
    key = "posts_together_internal" if cut.internal_too else "posts_together"
    named = words.listed([_group(material, words, each) for each in cut.removed[:number]])
    groups = words("posts_named", groups=named) if named else ""
    told = [words(key, number=number, found=len(cut.removed), groups=groups)]
    return [*told, *_stopped(cut.stopped, material, words)]


def _stopped(stopped: Mapping[str, Why], material: Material, words: Words) -> list[str]:
    """Which next posts were refused, and by what."""
    groups: dict[str, list[str]] = {}
    for group, why in stopped.items():
        if group:
            why_told = _why((why,), material, words)
            groups.setdefault(why_told, []).append(_group(material, words, group))
    told = [
        words("posts_stopped_by", groups=words.listed(names, 4), why=why)
        for why, names in groups.items()
    ]
    gap = "; " if words.lang == "en" else "；"
    return [words("posts_stopped", groups=gap.join(told))] if told else []


def _why(whys: Sequence[Why], material: Material, words: Words) -> str:
    """What refuses a roster, or leaves it open; services and groups by their names."""

    def name(of: str) -> str:
        service = of in material.about["service_names"]
        return scope_name(material, words, of) if service else _group(material, words, of)

    return why_told(whys, words, name)


def _promised(each: Promised, found: Staffing, material: Material, words: Words) -> str:
    told = {
        "promise": f"{found.promise:g}",
        "name": words.configuration(each.configuration),
        "present": each.present,
    }
    if each.confirmed is not None:
        said = words("promise_kept", number=each.confirmed, **told)
    elif each.found is not None:
        said = words("promise_open", **told)
    else:
        said = words("promise_never", **told)
    return words.joined(said, *_stopped(each.refused, material, words))


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
        verdict = Cell(said, _why(each.why, material, words), mark, number=False)
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
