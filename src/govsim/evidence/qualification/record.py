"""A qualification of a result: its kind, its numbers, what it qualifies, and its sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from string import Formatter
from typing import Any

from govsim.display.numbers import change_of
from govsim.display.text import percentage
from govsim.evidence import words
from govsim.evidence.ends import ENDED
from govsim.evidence.qualification.phrases import PHRASES
from govsim.evidence.words import LANGUAGES, Pair, Texts
from govsim.statistics.estimate import Estimate

Name = Callable[[str], str]  # what a configuration, service or group is called
KEYS = tuple(PHRASES)  # the most serious first
ESTIMATE = frozenset(each.name for each in fields(Estimate))


@dataclass(frozen=True)
class Qualification:
    """What makes a number say less than it seems to; a warning, where a result prints it.

    `key` is one of KEYS, `qualifies` the id of the configuration, claim or pool (or the two
    configurations) that it is about, `numbers` are shares (not percents), estimates and counts by
    name, `names` ids, lists of ids, and texts by language that the sentence needs. `scope` says
    whose numbers are meant where a result has those of several.
    """

    key: str
    qualifies: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)
    scope: Texts = field(default_factory=dict)

    @property
    def of(self) -> str:
        """What kind of thing it qualifies: a configuration, a change, a claim, worlds ..."""
        return PHRASES[self.key].of

    def said(self, lang: str = "en", name: Name | None = None) -> str:
        """The sentence in a language; `name` says what configurations, services and groups are
        called.
        """
        phrase = PHRASES[self.key]
        values = {"name": self.qualifies, **self.numbers, **self.names}
        return _Filled(lang, name or (lambda each: _named(each, lang))).format(
            phrase.zh if lang == "zh" else phrase.en, **values
        )

    def scoped(self, lang: str = "en", name: Name | None = None) -> str:
        """The sentence behind whose numbers it is about."""
        gap = "：" if lang == "zh" else ": "
        return gap.join(filter(None, (self.scope.get(lang, ""), self.said(lang, name))))

    @property
    def pair(self) -> Pair:
        """The sentence in both languages."""
        return self.said("en"), self.said("zh")

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Qualification:
        """Read what `asdict` made, also from JSON."""
        read = {key: _read(plain[key]) for key in ("numbers", "names", "scope")}
        return cls(plain["key"], plain["qualifies"], **read)


def ordered(found: Iterable[Qualification]) -> tuple[Qualification, ...]:
    """All of them once, the most serious first."""
    once: list[Qualification] = []
    for each in found:
        if each not in once:
            once.append(each)
    return tuple(sorted(once, key=lambda each: KEYS.index(each.key)))


def read_all(plain: Sequence[Mapping[str, Any]]) -> tuple[Qualification, ...]:
    """Qualifications back from plain data, as JSON keeps them."""
    return tuple(map(Qualification.from_dict, plain))


def _read(plain: Any) -> Any:
    """Estimates as such, and lists as tuples."""
    if isinstance(plain, list):
        return tuple(map(_read, plain))
    if not isinstance(plain, Mapping):
        return plain
    if plain.keys() == ESTIMATE:
        return Estimate(**plain)
    return {name: _read(each) for name, each in plain.items()}


# ------------------------------------------------------------------------- how numbers are written


def in_100(share: float, lang: str = "en") -> str:
    """A share as so many in 100, with the digits that a reader can use."""
    many = 100.0 * share
    if 0.0 < many < 0.1:
        return "不足 0.1" if lang == "zh" else "less than 0.1"
    return f"{many:.1f}".removesuffix(".0")


def by(shares: Mapping[str, float], lang: str) -> str:
    """Shares of 100 by configuration."""
    told = [
        f"{in_100(share, lang)} ({words.configuration(name, lang)})"
        for name, share in shares.items()
    ]
    return ("、" if lang == "zh" else ", ").join(told)


def unit_of(unit: str) -> Texts:
    """A unit as it follows a number in each language."""
    return {"en": unit, "zh": words.counted(unit, "zh")}


def _named(name: str, lang: str) -> str:
    """An id on the screen; in Chinese what a configuration is called."""
    return words.configuration(name, lang) if lang == "zh" else name


class _Filled(Formatter):
    """A phrase with its numbers and names, in a language."""

    def __init__(self, lang: str, name: Name) -> None:
        self.lang, self.name, self.at = lang, name, LANGUAGES.index(lang)

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value as its place in the phrase asks for."""
        told = getattr(self, f"_{format_spec}", None)
        if isinstance(value, Mapping) and value.keys() == {*LANGUAGES}:
            return str(value[self.lang])
        return str(told(value) if told else super().format_field(value, format_spec))

    def _row(self, names: Sequence[str]) -> str:
        return (", ", "、")[self.at].join(map(self.name, names))

    def _id(self, name: str) -> str:
        return self.name(name)

    def _percent(self, share: float) -> str:
        said = percentage(share)
        return said.replace(" ", "") if self.lang == "zh" else said

    def _whole(self, share: float) -> str:
        return f"{100 * share:.0f}{(' %', '%')[self.at]}"

    def _percents(self, shares: Mapping[str, float]) -> str:
        told = [f"{self.name(each)} {self._percent(share)}" for each, share in shares.items()]
        return (", ", "、")[self.at].join(told)

    def _numbers(self, numbers: Mapping[str, float]) -> str:
        told = [f"{self.name(each)} {number}" for each, number in numbers.items()]
        return (", ", "、")[self.at].join(told)

    def _by(self, shares: Mapping[str, float]) -> str:
        return by(shares, self.lang)

    def _in_100(self, share: float) -> str:
        return in_100(share, self.lang)

    def _change(self, change: Estimate) -> str:
        return change_of(change, 1)

    def _moved(self, ends: Mapping[str, Sequence[float]]) -> str:
        arrow = (" -> ", " → ")[self.at]
        told = [
            f"{ENDED[end][self.at]} {arrow.join(map(self._percent, both))}"
            for end, both in ends.items()
        ]
        return (", ", "、")[self.at].join(told)

    def _lacking(self, services: Mapping[str, Sequence[int]]) -> str:
        some = (" (in {} of {} replications)", "（{1} 次重复中的 {0} 次）")[self.at]
        told = [
            self.name(each) + (some.format(lacking, every) if lacking < every else "")
            for each, (lacking, every) in services.items()
        ]
        return (", ", "、")[self.at].join(told)
