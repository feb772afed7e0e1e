"""Sections 5, 6 and 7: which bundle did it, the transition week by week, and staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from govsim import figures
from govsim.evidence.compare import less
from govsim.evidence.sample import Floats
from govsim.report.blocks import Block, Cell, Figure, Heading, Missing, Rows, Table, Text
from govsim.report.material import Material
from govsim.report.numbers import Number
from govsim.report.opening import cohort_name, scope_name
from govsim.report.times import changes_from, line, picture, shown_in
from govsim.report.words import Words
from govsim.table import MIX

MONTH = 13 / 3  # weeks
Curve = Callable[[Floats], Floats]


def attribution(material: Material, words: Words) -> list[Block]:
    """The blocks of section 5."""
    blocks: list[Block] = [Missing(words("attribution_missing"), f"govsim attribute {material.folder}")]
    if not material.middle:
        return blocks
    mean = material.quantity()
    stages = ((material.first, material.middle), (material.middle, material.last), (material.first, material.last))
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
    caption = f"{words('split_table')} ({scope_name(material, words, MIX)}, {cohort_name(material, words)}, {unit})"
    head = [words("stage"), words("change"), words("in_percent")]
    return [*blocks, Heading(words("split")), Text(words("split_intro")), Table(caption, head, rows)]


# ------------------------------------------------------------------------------------------------ the transition


@dataclass(frozen=True)
class Span:
    """The weeks from the reform day to the last counted filing."""

    first: int
    last: int
    reform: date

    @property
    def weeks(self) -> int:
        """How many there are."""
        return self.last - self.first

    def day(self, week: int) -> date:
        """The day on which a week since the reform day ends."""
        return self.reform + timedelta(days=7 * (week + 1))


def span_of(material: Material) -> Span | None:
    """The weeks of the transition; None where the scenario cannot be read or has none."""
    if material.scenario is None:
        return None
    tree = material.tree
    start, reform, until = (date.fromisoformat(str(tree[key])) for key in ("start", "reform_day", "count_until"))
    first, last = -(-(reform - start).days // 7), (until - start).days // 7
    return Span(first, last, reform) if last > first else None


def transition(material: Material, words: Words) -> list[Block]:
    """The blocks of section 6."""
    span = span_of(material)
    if span is None or not material.compares:
        return [Text(words("transition_none" if material.compares else "one_configuration"))]
    blocks: list[Block] = []
    for since in (material.first, material.middle):
        if since:
            blocks.append(Text(" ".join(_told(material, words, span, since))))
    blocks.append(_difference(material, words, span))
    blocks.append(_weekly(material, words, span, "cycle_time", "weekly", "days_axis"))
    blocks.append(_weekly(material, words, span, "backlog", "backlog", "backlog_axis"))
    return blocks


def _path(material: Material, kind: str, configuration: str, span: Span) -> Curve:
    path = material.sample.path(kind, MIX, configuration)
    return lambda weights: path(weights)[:, span.first : span.last]


def _weekly(material: Material, words: Words, span: Span, kind: str, key: str, axis: str) -> Figure:
    curves = {}
    for name in shown_in(material):
        each = material.band(("path", kind, name), _path(material, kind, name, span))
        curves[words.configuration(name)] = line(each)
    title, about = words(f"{key}_figure"), words(f"{key}_about")
    drawn = figures.lines(np.arange(span.weeks), curves, figures.blank(), x=words("week_axis"), y=words(axis))
    return Figure(
        picture(f"{words.lang}-{key}", title, about, drawn),
        f"{title}. {about}",
        _months_table(material, words, span, kind, axis),
        folded=True,
    )


def _difference(material: Material, words: Words, span: Span) -> Figure:
    """The paths' differences: what the seasons do to all configurations alike is not in them."""
    curves = {}
    for since in (material.first, material.middle):
        if since:
            paths = [_path(material, "cycle_time", name, span) for name in (material.last, since)]
            each = material.band(("difference", since), less(paths[0], paths[1]))
            curves[words("to_stage", first=words.configuration(since), last=words.configuration(material.last))] = line(each)
    title, about = words("difference_figure"), words("difference_about", last=words.configuration(material.last))
    drawn = figures.lines(np.arange(span.weeks), curves, figures.blank(), x=words("week_axis"), y=words("days_axis"), zero=True)
    table = _months_table(material, words, span, "cycle_time", "days_axis")
    return Figure(picture(f"{words.lang}-difference", title, about, drawn), f"{title}. {about}", table)


def _months_table(material: Material, words: Words, span: Span, kind: str, axis: str) -> Table:
    rows: Rows = []
    for k in range(months_of(span)):
        cells = [words.cell(month_of(material, span, kind, name, k)) for name in shown_in(material)]
        cells += [
            words.cell(month_change(material, span, kind, since, k), True, True)
            for since in (material.first, material.middle)
            if since
        ]
        rows.append([str(k + 1), *cells])
    head = [words("month"), *map(words.configuration, shown_in(material))]
    head += changes_from(material, words)
    return Table(f"{words('months_table')} ({words(axis)})", head, rows)


def months_of(span: Span) -> int:
    """How many whole months the span has."""
    return int(span.weeks // MONTH)


def _month(curve: Curve, k: int) -> Callable[[Floats], Floats]:
    low, high = round(k * MONTH), round((k + 1) * MONTH)
    return lambda weights: _mean(curve(weights)[:, low:high])


def _mean(values: Floats) -> Floats:
    """The mean of each row, of what is known in it."""
    known = np.isfinite(values)
    number = known.sum(axis=1)
    found: Floats = np.divide(
        np.where(known, values, 0.0).sum(axis=1), number, out=np.full(len(values), np.nan), where=number > 0
    )
    return found


def month_of(material: Material, span: Span, kind: str, name: str, k: int) -> Number:
    """The mean of a month's weeks in one configuration."""
    unit = "days" if kind == "cycle_time" else "cases"
    return material.pooled(_month(_path(material, kind, name, span), k), unit, ("month", kind, name, k))


def month_change(material: Material, span: Span, kind: str, since: str, k: int) -> Number:
    """A month's change from `since` to the last configuration."""
    unit = "days" if kind == "cycle_time" else "cases"
    now, was = (_month(_path(material, kind, name, span), k) for name in (material.last, since))
    return material.pooled(lambda weights: now(weights) - was(weights), unit, ("month change", kind, since, k))


def _told(material: Material, words: Words, span: Span, since: str) -> list[str]:
    names = {"first": words.configuration(since), "last": words.configuration(material.last)}
    changes = [month_change(material, span, "cycle_time", since, k) for k in range(months_of(span))]
    slower = [k for k, each in enumerate(changes) if each.worse]
    if slower:
        worst = max(slower, key=lambda k: changes[k].value or 0.0)
        told = [
            words(
                "dip_some", number=len(slower), all=len(changes), month=worst + 1, size=words.said(changes[worst], True), **names
            )
        ]
        told.append(_payback(material, words, span, since, names))
    else:
        told = [words("dip_none", **names)]
    if len(changes) >= 6:
        early, late = (_months(material, span, since, at) for at in (range(3), range(len(changes) - 3, len(changes))))
        told.append(words("settled_gain", early=words.said(early, True), late=words.said(late, True), **names))
    return told


def _months(material: Material, span: Span, since: str, at: range) -> Number:
    now, was = (_path(material, "cycle_time", name, span) for name in (material.last, since))
    low, high = round(at.start * MONTH), round(at.stop * MONTH)
    return material.pooled(lambda w: _mean(now(w)[:, low:high]) - _mean(was(w)[:, low:high]), "days", ("months", since, at.start))


def _payback(material: Material, words: Words, span: Span, since: str, names: dict[str, str]) -> str:
    """When the days lost, added up over the weeks, are made up for: a property of the mean path."""
    ones = np.ones((1, material.replications))
    lost = np.nan_to_num(
        _path(material, "cycle_time", material.last, span)(ones)[0] - _path(material, "cycle_time", since, span)(ones)[0]
    )
    behind = np.flatnonzero(np.cumsum(lost) > 0)
    if not len(behind):
        return words("payback_at_once", **names)
    week = int(behind[-1]) + 1
    if week >= span.weeks:
        return words("payback_never", date=span.day(span.weeks - 1).isoformat(), **names)
    return words("payback_date", date=span.day(week).isoformat(), weeks=week, **names)


# ------------------------------------------------------------------------------------------------------- staff


def staff(material: Material, words: Words) -> list[Block]:
    """The blocks of section 7."""
    shown = shown_in(material)
    worked = {group: [material.worked(group, name) for name in shown] for group in material.groups}
    worked = {group: numbers for group, numbers in worked.items() if any(each.known for each in numbers)}
    blocks: list[Block] = []
    busy = {group: numbers[0] for group, numbers in worked.items() if numbers[0].value is not None}
    if busy:
        busiest = max(busy, key=lambda group: busy[group].value or 0.0)
        idle = sum((each.value or 0.0) < 50 for each in busy.values())
        told = words(
            "staff_busy", share=words.said(busy[busiest]), group=_group(material, words, busiest), number=idle, all=len(busy)
        )
        blocks.append(Text(told))
    if worked:
        rows = [_group(material, words, group) for group in worked]
        spans = {
            words.configuration(name): [figures.Span(n[k].value, n[k].estimate.low, n[k].estimate.high) for n in worked.values()]
            for k, name in enumerate(shown)
        }
        drawn = figures.intervals(rows, spans, figures.blank(figures.height_of(rows, len(shown))), x="%", zero=False)
        title, about = words("staff_figure"), words("staff_about")
        blocks.append(
            Figure(
                picture(f"{words.lang}-staff", title, about, drawn), f"{title}. {about}", _staff_table(material, words, worked)
            )
        )
    return [*blocks, Heading(words("staff_posts")), Missing(words("staff_missing"), f"govsim staff {material.folder}")]


def _group(material: Material, words: Words, group: str) -> str:
    return words.text(material.said("groups", group), group)


def _staff_table(material: Material, words: Words, worked: dict[str, list[Number]]) -> Table:
    shown = shown_in(material)
    rows: Rows = []
    for group, numbers in worked.items():
        posts = [Cell(str(number)) for number in material.posts(group)] if material.scenario else []
        rows.append([_group(material, words, group), *posts, *map(words.cell, numbers)])
    head = [words("group")]
    head += (
        [words("posts_in", name=words.configuration(name)) for name in dict.fromkeys((material.first, material.last))]
        if material.scenario
        else []
    )
    head += [words("worked_in", name=words.configuration(name)) for name in shown]
    return Table(words("staff_table"), head, rows)
