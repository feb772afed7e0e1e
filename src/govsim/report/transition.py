"""The transition week by week (section 6): what it costs, and when that is paid back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from govsim.arrays import Floats
from govsim.display import figures
from govsim.display.blocks import Block, Figure, Rows, Table, Text
from govsim.display.numbers import Number
from govsim.display.words import Words
from govsim.evidence.estimates import less
from govsim.report.material import Material
from govsim.report.times import changes_from, line, picture
from govsim.scenario.units import CALENDAR_DAYS

MONTH = 13 / 3  # weeks
Curve = Callable[[Floats], Floats]


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
    start, reform, until = (
        date.fromisoformat(str(tree[key])) for key in ("start", "reform_day", "count_until")
    )
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
            blocks.append(Text(words.joined(*_told(material, words, span, since))))
    blocks.append(_difference(material, words, span))
    blocks.append(_weekly(material, words, span, "cycle_time", "weekly", "days_axis"))
    blocks.append(_weekly(material, words, span, "backlog", "backlog", "backlog_axis"))
    return blocks


def _path(material: Material, kind: str, configuration: str, span: Span) -> Curve:
    path = material.path(kind, configuration)
    return lambda weights: path(weights)[:, span.first : span.last]


def _weekly(material: Material, words: Words, span: Span, kind: str, key: str, axis: str) -> Figure:
    curves = {}
    for name in material.shown:
        each = material.band(("path", kind, name), _path(material, kind, name, span))
        curves[words.configuration(name)] = line(each)
    title, about = words(f"{key}_figure"), words(f"{key}_about")
    drawn = figures.lines(
        np.arange(span.weeks), curves, figures.blank(), x=words("week_axis"), y=words(axis)
    )
    return Figure(
        picture(f"{words.lang}-{key}", title, about, drawn),
        words.joined(title, about),
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
            curves[
                words(
                    "to_stage",
                    first=words.configuration(since),
                    last=words.configuration(material.last),
                )
            ] = line(each)
    title, about = (
        words("difference_figure"),
        words("difference_about", last=words.configuration(material.last)),
    )
    drawn = figures.lines(
        np.arange(span.weeks),
        curves,
        figures.blank(),
        x=words("week_axis"),
        y=words("days_axis"),
        zero=True,
    )
    table = _months_table(material, words, span, "cycle_time", "days_axis")
    return Figure(
        picture(f"{words.lang}-difference", title, about, drawn),
        words.joined(title, about),
        table,
        folded=True,
    )


def _months_table(material: Material, words: Words, span: Span, kind: str, axis: str) -> Table:
    rows: Rows = []
    columns = [months(material, span, kind, name) for name in material.shown]
    changes = [
        month_changes(material, span, kind, since)
        for since in (material.first, material.middle)
        if since
    ]
    for k in range(months_of(span)):
        rows.append(
            [
                str(k + 1),
                *(words.cell(each[k]) for each in columns),
                *(words.cell(each[k], True, True) for each in changes),
            ]
        )
    head = [words("month"), *map(words.configuration, material.shown)]
    head += changes_from(material, words)
    return Table(f"{words('months_table')} ({words(axis)})", head, rows)


def months_of(span: Span) -> int:
    """How many whole months the span has."""
    return int(span.weeks // MONTH)


def _weeks(curve: Curve, first: int, last: int) -> Callable[[Floats], Floats]:
    """The mean of the weeks of some months."""
    low, high = round(first * MONTH), round(last * MONTH)
    return lambda weights: _mean(curve(weights)[:, low:high])


def _mean(values: Floats) -> Floats:
    """The mean of each row, of what is known in it."""
    known = np.isfinite(values)
    number = known.sum(axis=1)
    found: Floats = np.divide(
        np.where(known, values, 0.0).sum(axis=1),
        number,
        out=np.full(len(values), np.nan),
        where=number > 0,
    )
    return found


def months(material: Material, span: Span, kind: str, name: str) -> list[Number]:
    """The mean of each month's weeks in one configuration."""
    curve = _path(material, kind, name, span)
    return _together(material, span, kind, curve, ("months", kind, name))


def month_changes(material: Material, span: Span, kind: str, since: str) -> list[Number]:
    """Each month's change from `since` to the last configuration."""
    now, was = (_path(material, kind, name, span) for name in (material.last, since))
    return _together(material, span, kind, less(now, was), ("month changes", kind, since))


def _together(
    material: Material, span: Span, kind: str, curve: Curve, key: tuple[str, ...]
) -> list[Number]:
    thetas = {k: _weeks(curve, k, k + 1) for k in range(months_of(span))}
    return list(
        material.together(key, thetas, CALENDAR_DAYS if kind == "cycle_time" else "cases").values()
    )


def dips(material: Material, words: Words) -> list[str]:
    """Whether some months after the reform day are slower, and when that is made up for:
    against the first and the middle; nothing where less than a month is counted.
    """
    span = span_of(material)
    return [
        _dip(material, words, span, since)
        for since in (material.first, material.middle)
        if since and span and months_of(span) and material.compares
    ]


def _dip(material: Material, words: Words, span: Span, since: str) -> str:
    names = {"first": words.configuration(since), "last": words.configuration(material.last)}
    changes = month_changes(material, span, "cycle_time", since)
    slower = [k for k, each in enumerate(changes) if each.worse]
    if not slower:
        return words("dip_none", **names)
    worst = max(slower, key=lambda k: changes[k].value or 0.0)
    size = words.said(changes[worst], True)
    told = words(
        "dip_some", number=len(slower), all=len(changes), month=worst + 1, size=size, **names
    )
    return words.joined(told, _payback(material, words, span, since, names))


def _told(material: Material, words: Words, span: Span, since: str) -> list[str]:
    number = months_of(span)
    told = [_dip(material, words, span, since)] if number else []
    if number >= 6:
        names = {"first": words.configuration(since), "last": words.configuration(material.last)}
        early, late = _early_and_late(material, span, since, number)
        told.append(
            words(
                "settled_gain", early=words.said(early, True), late=words.said(late, True), **names
            )
        )
    return told


def _early_and_late(material: Material, span: Span, since: str, number: int) -> list[Number]:
    """The change in the first three months, and in the last three."""
    now, was = (_path(material, "cycle_time", name, span) for name in (material.last, since))
    thetas = {k: less(_weeks(now, k, k + 3), _weeks(was, k, k + 3)) for k in (0, number - 3)}
    return list(material.together(("early and late", since), thetas, CALENDAR_DAYS).values())


def _payback(
    material: Material, words: Words, span: Span, since: str, names: dict[str, str]
) -> str:
    """When the days lost, added up over the weeks, are made up for: a property of the mean path."""
    ones = np.ones((1, material.replications))
    lost = np.nan_to_num(
        _path(material, "cycle_time", material.last, span)(ones)[0]
        - _path(material, "cycle_time", since, span)(ones)[0]
    )
    behind = np.flatnonzero(np.cumsum(lost) > 0)
    if not len(behind):
        return words("payback_at_once", **names)
    week = int(behind[-1]) + 1
    if week >= span.weeks:
        return words("payback_never", date=span.day(span.weeks - 1).isoformat(), **names)
    return words("payback_date", date=span.day(week).isoformat(), weeks=week, **names)
