"""The language of a report: every sentence of it by its key, in English or in Chinese.

Numbers come in with their unit and the digits they deserve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from govsim.display import names
from govsim.display.blocks import Cell
from govsim.display.numbers import Number, ends_of, plain, significant, value_of
from govsim.display.sentences import CLAIMS, ORGANISATIONS, PAGE, TRACE
from govsim.display.sentences_of_results import CERTAINTY, EFFECTS, TIMES

LANGUAGES = ("en", "zh")
SENTENCES: dict[str, tuple[str, str]] = {
    **PAGE,
    **CLAIMS,
    **ORGANISATIONS,
    **TIMES,
    **EFFECTS,
    **CERTAINTY,
    **TRACE,
}
NOTES = {
    "no completed case": "没有办结的办件",
    "needs 2 replications": "至少需要两次重复",
    "exact": "完全相同",
    "the same in every replication": "各次重复完全相同",
    "too few replications": "重复次数太少",
    "too few cases": "办件太少",
    "too few cases for an interval": "办件太少，无法给出区间",
    "the level before may be zero": "改革前的值可能为零",
    "nobody on duty": "无人在岗",
    "queues cannot settle": "队列不会收敛",
}


class Words:
    """The report's language: `words("key", ...)` is a sentence of it."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._at = LANGUAGES.index(lang)

    def __call__(self, key: str, **values: Any) -> str:
        said = SENTENCES[key][self._at].format(**values)
        return said.replace(" %", "\u00a0%") if self.lang == "en" else said

    def name(self, table: Mapping[str, tuple[str, str]], key: str) -> str:
        """What something is called; its id where it has no name here."""
        return table[key][self._at] if key in table else key

    def text(self, said: Any, otherwise: str = "") -> str:
        """A text of the scenario in this language; where it has none, what it has."""
        if isinstance(said, Mapping):
            return str(said.get(self.lang) or next(iter(said.values()), otherwise))
        return str(said) if said else otherwise

    def configuration(self, name: str) -> str:
        """A configuration's name."""
        return self.name(names.CONFIGURATIONS, name)

    def unit(self, unit: str) -> str:
        """A unit's name."""
        return self.name(names.UNITS, unit)

    def joined(self, *sentences: str) -> str:
        """Sentences one after another; the first may lack its full stop."""
        stop, gap = (".", " ") if self.lang == "en" else ("。", "")
        return gap.join(each if each.endswith((".", "。")) else each + stop for each in sentences)

    def listed(self, items: Sequence[str], most: int = 99) -> str:
        """Some things one after another, no more than `most` of them."""
        shown = (", " if self.lang == "en" else "、").join(items[:most])
        return (
            shown if len(items) <= most else self("and_more", shown=shown, more=len(items) - most)
        )

    # -------------------------------------------------------------------------------------- numbers

    def short(self, number: Number, signed: bool = False) -> str:
        """A number with its unit."""
        if not number.known:
            return self("not_known", why=self.note(number.estimate.note))
        gap = "" if not number.unit or (number.unit == "%" and self.lang == "zh") else "\u00a0"
        return f"{value_of(number.estimate, signed)}{gap}{self.unit(number.unit)}"

    def amount(self, value: float, unit: str) -> str:
        """A size that is exact enough with one significant digit."""
        return f"{plain(value, significant(value, 1))}\u00a0{self.unit(unit)}"

    def said(self, number: Number, signed: bool = False) -> str:
        """A number with its unit and its interval."""
        ends = ends_of(number.estimate, signed) if number.known else None
        return self.short(number, signed) + (
            self("interval", low=ends[0], high=ends[1]) if ends else ""
        )

    def cell(self, number: Number | None, signed: bool = False, judged: bool = False) -> Cell:
        """A number in a table, its interval below.

        With `judged` it is marked as a gain or a loss where a fall is a gain.
        """
        if number is None:
            return Cell("–")
        if not number.known:
            return Cell("–", self.note(number.estimate.note))
        ends = ends_of(number.estimate, signed)
        mark = "bad" if judged and number.worse else "good" if judged and number.better else ""
        return Cell(
            value_of(number.estimate, signed),
            self("range", low=ends[0], high=ends[1]) if ends else "",
            mark,
        )

    def note(self, note: str) -> str:
        """Why a number cannot be estimated."""
        return NOTES.get(note, note) if self.lang == "zh" else note
