"""The table of claims (section 1): of each the worst condition and every warning, in one row.

All reasons stand below it.
"""

from __future__ import annotations

from govsim.display.blocks import Block, Cell, Fold, Heading, Points, Rows, Table, Text
from govsim.display.words import Words
from govsim.evidence.claims.in_worlds import CONDITIONAL, SUPPORTED
from govsim.evidence.claims.judge import OUTSIDE, Verdict
from govsim.evidence.words import AGAINST, OUTCOMES
from govsim.report.material import Material
from govsim.report.warned import sentence, warnings

MARKS = {SUPPORTED: "good", **dict.fromkeys(AGAINST, "bad"), CONDITIONAL: "weak", OUTSIDE: "weak"}

BY_FORM = ("worlds_not_explored", "refuted_as_stated")  # told with the outcome


def verdicts(material: Material, words: Words) -> list[Block]:
    """A line that counts them, the table, and the reasons one by one."""
    found = material.verdicts
    if found is None or not found.verdicts:
        return [Text(words("claims_none"))]
    counted = [
        words("counted", number=number, outcome=words.name(OUTCOMES, outcome))
        for outcome, number in found.count().items()
    ]
    blocks: list[Block] = [
        Text(words("claims_intro"), "note"),
        Text(words("claims_count", all=len(found.verdicts), counted=words.listed(counted)), "lead"),
    ]
    blocks += warnings(found.about_all, material, words)
    if said := found.family(words.lang):
        blocks.append(Text(said, "note"))
    rows: Rows = [
        _row(each, found.mark(each, words.lang), material, words) for each in found.verdicts
    ]
    blocks.append(
        Table(
            words("claims_table"),
            [words("claim"), words("verdict"), words("in_worlds"), words("reason")],
            rows,
        )
    )
    reasons = [
        block
        for each in found.verdicts
        for block in (Heading(_name(each, words)), Points(each.reasons[words.lang]))
    ]
    return [*blocks, Fold(words("claims_reasons"), reasons)]


def _name(each: Verdict, words: Words) -> str:
    return words("named", name=each.claim, said=words.text(each.quote))


def _row(each: Verdict, mark: str, material: Material, words: Words) -> list[str | Cell]:
    original = [
        quote
        for lang, quote in each.quote.items()
        if lang != words.lang and words.lang in each.quote
    ]
    about = words.listed(
        [*original, *filter(None, [words.text(material.claims.get(each.claim, {}).get("about"))])]
    )
    verdict = Cell(
        words.name(OUTCOMES, each.outcome),
        words.listed([*filter(None, [each.forms(words.lang), mark, each.whose(words.lang)])]),
        MARKS.get(each.outcome, ""),
        number=False,
    )
    told = each.worst.get(words.lang) or next(iter(each.reasons[words.lang]), "")
    beside = [sentence(q, material, words) for q in each.warnings if q.key not in BY_FORM]
    why = Cell(told, number=False, warnings=tuple(dict.fromkeys(beside)))
    return [Cell(_name(each, words), about, number=False), verdict, _in_worlds(each, words), why]


def _in_worlds(each: Verdict, words: Words) -> Cell:
    """In how many worlds it holds, and where it fails."""
    if not each.worlds:
        return Cell("–", number=False)
    holds, fails, every = (int(each.worlds[key]) for key in ("holds", "fails", "worlds"))
    box = (each.worlds.get("box") or {}).get(words.lang)
    where = "fails_where" if each.refuted else "unless"
    unless = words(where, box=box) if box else words("no_box") if fails and holds else ""
    return Cell(words("of_all", number=holds, all=every), unless, number=False)
