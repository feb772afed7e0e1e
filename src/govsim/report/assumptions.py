"""What the assumptions do (sections 1 and 8): worlds, and the unknowns worth measuring.

The worlds are drawn from all ranges together.
"""

from __future__ import annotations

from govsim.display import figures
from govsim.display.blocks import Block, Cell, Figure, Missing, Points, Rows, Table, Text
from govsim.display.numbers import plain
from govsim.display.words import Words
from govsim.evidence.matters import assumption, stated
from govsim.evidence.worlds.known import SETTLE
from govsim.evidence.worlds.parts import ClaimInWorlds, Output
from govsim.evidence.worlds.result import Worlds
from govsim.evidence.worlds.sensitivity import Effects
from govsim.report.material import Material
from govsim.report.times import picture
from govsim.report.warned import warnings

TOLD = 3  # unknowns that are named
DECIDING = 2  # unknowns named for each claim
MOVED = 5  # unknowns that are named as moved by what is known


def unknowns(material: Material, words: Words) -> list[Block]:
    """The unknowns that matter most, and what counts as a difference, for the first page."""
    said = assumption(stated(material.tree))[words.lang == "zh"]
    return [*_unknowns(material, words), Text(said[0].upper() + said[1:], "note")]


def _unknowns(material: Material, words: Words) -> list[Block]:
    found = _worlds(material)
    if found is None:
        return _to_explore("unknowns_missing", material, words)
    beside = warnings(found.caveats, material, words)
    worth = found.worth_measuring()[:TOLD]
    if worth:
        told = [
            words("worth", unknown=_unknown(found, name, material, words), claims=plain(value, 2))
            for name, value in worth
        ]
        return [*beside, Text(words("worth_intro")), Points(told)]
    output = next(iter(found.outputs.values()), None)
    leading = _leading(found, output.effects if output else None, TOLD)
    told = [
        words("decides", unknown=_unknown(found, name, material, words), share=f"{share:.0f}")
        for name, share in leading
    ]
    return [*beside, Text(words("worth_none")), *([Points(told)] if told else [])]


def parameters(material: Material, words: Words) -> list[Block]:
    """Section 8's part about parameters."""
    found = _worlds(material)
    if found is None:
        return _to_explore("parameters_missing", material, words)
    low, high = min(found.replications), max(found.replications)
    intro = words(
        "worlds_intro", worlds=found.worlds, unknowns=len(found.unknowns), low=low, high=high
    )
    told = [_output(name, each, found, material, words) for name, each in found.outputs.items()]
    shown = [_claims(found, material, words)] if found.claims else []
    points = [Points(told)] if told else []
    return [
        *warnings(found.warnings, material, words),
        Text(intro),
        *_chosen(found, words),
        *points,
        *shown,
    ]


def _worlds(material: Material) -> Worlds | None:
    return material.study("worlds", Worlds.from_dict)


def _to_explore(lacking: str, material: Material, words: Words) -> list[Block]:
    """The command that is missing, or why there is nothing to explore."""
    if not material.uncertain:
        return [Text(words("no_range"))]
    return [Missing(words(lacking), [material.command("explore")])]


def _chosen(found: Worlds, words: Words) -> list[Block]:
    """What is known, which offices it refused, and what it did to the numbers."""
    made = found.choice
    if made is None:
        return []
    told = [
        words("known_refused", known=_known(name, words), number=number)
        for name, number in made.refused.items()
    ]
    if names := [_known(name, words) for name in made.known if name not in made.refused]:
        told.append(words("known_kept", known=words.listed(names)))
    moved = [
        words("moved", name=name, low=f"{low:.3g}", high=f"{high:.3g}")
        for name, low, high in made.narrowed[:MOVED]
    ]
    told += [words("narrowed", names=words.listed(moved))] if moved else []
    told += [words("go_together", names=words.listed(group)) for group in found.together[:MOVED]]
    told += [words("idle", names=words.listed(found.idle))] if found.idle else []
    head = words("worlds_chosen", worlds=found.worlds, tried=made.tried)
    return [Text(head), *([Points(told)] if told else [])]


def _known(name: str, words: Words) -> str:
    return words("known_settle") if name == SETTLE else name


def _unknown(found: Worlds, name: str, material: Material, words: Words) -> str:
    """A parameter: its name, what it is about, its range and where that comes from."""
    each = next((unknown for unknown in found.unknowns if unknown.name == name), None)
    if each is None:
        return _called(name, material, words)
    stated = (material.tree.get("parameters") or {}).get(name, {})
    about = words.text(stated.get("about") if isinstance(stated, dict) else "")
    called = _called(name, material, words)
    reach = words("range", low=f"{each.low:g}", high=f"{each.high:g}")
    source = words("assumption") if each.source == "assumption" else each.source
    inside = words.listed(
        [
            part
            for part in (about, f"{reach} {each.unit}".strip(), source)
            if part and part != called
        ]
    )
    return words("unknown", name=called, inside=inside)


def _called(name: str, material: Material, words: Words) -> str:
    """What an unknown is called, or several that go together."""
    return " + ".join(material.called("parameters", each, words) for each in name.split(" + "))


def _leading(found: Worlds, effects: Effects | None, most: int) -> list[tuple[str, float]]:
    """(unknowns, share of the variance in percent) of those that stand out from chance."""
    return [(" + ".join(names), 100 * share) for names, share in found.shares(effects)[:most]]


def _output(name: str, each: Output, found: Worlds, material: Material, words: Words) -> str:
    first, _, last = name.partition(" > ")
    ends = (plain(-number, 2, True) for number in (each.mean, each.high, each.low))
    mean, low, high = ends
    leading = [
        words("share_of", name=_called(unknown, material, words), share=f"{share:.0f}")
        for unknown, share in _leading(found, each.effects, TOLD)
    ]
    names = {"first": words.configuration(first), "last": words.configuration(last)}
    return words(
        "over_worlds",
        mean=mean,
        low=low,
        high=high,
        leading=words.listed(leading) or words("none"),
        unit=words.unit(found.unit),
        **names,
    )


def _claims(found: Worlds, material: Material, words: Words) -> Figure:
    rows = list(found.claims)
    spans = [
        figures.Span(100 * each.holds / found.worlds, 100 * each.low, 100 * each.high)
        for each in found.claims.values()
    ]
    title, about = words("worlds_figure"), words("worlds_about")
    drawn = figures.intervals(
        rows, {"": spans}, figures.blank(figures.height_of(rows)), "%", zero=False
    )
    drawn.set_xlim(-2.0, 102.0)
    table_rows: Rows = [
        _row(name, each, found, material, words) for name, each in found.claims.items()
    ]
    head = [
        words(key)
        for key in (
            "claim",
            "holds_in",
            "three_numbers",
            "without_known",
            "what_decides",
            "fails_where",
        )
    ]
    return Figure(
        picture(f"{words.lang}-worlds", title, about, drawn),
        words.joined(title, about),
        Table(title, head, table_rows),
    )


def _row(
    name: str, each: ClaimInWorlds, found: Worlds, material: Material, words: Words
) -> list[str | Cell]:
    said = words.text(material.claims.get(name, {}).get("quote"))
    share = Cell(
        f"{100 * each.holds / found.worlds:.0f}",
        words("range", low=f"{100 * each.low:.0f}", high=f"{100 * each.high:.0f}"),
    )
    leading = words.listed(
        [
            words("share_of", name=_called(unknown, material, words), share=f"{part:.0f}")
            for unknown, part in _leading(found, each.effects, DECIDING)
        ]
    )
    boxed = (each.box.en if words.lang == "en" else each.box.zh) if each.box else ""
    where = boxed or (words("no_box") if each.fails and each.holds else "–")
    without = each.without
    cells = [
        Cell(
            f"{each.holds} / {each.fails} / {each.endless}",
            words("unresolved_more", number=each.unresolved) if each.unresolved else "",
        ),
        Cell(
            f"{without.holds} / {without.fails} / {without.endless}" if without else "–",
            words("of_known", known=words.listed(each.known)) if each.known else "",
        ),
        Cell(leading or "–", number=False),
        Cell(where, number=False),
    ]
    return [Cell(name, said, number=False), share, *cells]
