"""The result of judging: one verdict on each claim, with its reasons in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

from govsim.display.text import wrapped
from govsim.errors import NameNotFound
from govsim.evidence import words
from govsim.evidence.claims.whose import DOINGS
from govsim.evidence.conditions.condition import HOLDS, Condition, Finding
from govsim.evidence.doing import NOT_ASKED, NUMBERS, Credit, Doing
from govsim.evidence.ends import People
from govsim.evidence.qualification.record import Qualification, ordered, read_all
from govsim.evidence.quantity import Quantity
from govsim.evidence.words import Texts
from govsim.statistics.estimate import Estimate

BY_CHANCE = 0.025  # the chance that a claim that is not true holds
ALSO_JOINTLY = ("also jointly", "与各项主张合并判定亦成立")
FAMILY = (
    (
        "{number} claims; singly up to {number} x 2.5 % = {chance} would hold by chance; {also} "
        "also hold jointly"
    ),
    (
        "共 {number} 项主张；逐项判定时，仅凭偶然至多约 {number} × 2.5% = {chance} 项会成立；"
        "合并判定时仍有 {also} 项成立"
    ),
)
COUNTED_OTHERWISE = (
    "with the levers that could be had without a merger counted as process levers: {}",
    "若把不合并也能采取的措施计为流程措施：{}",
)
OF_FINDING = ("improvement", "before", "after")
OF_PEOPLE = ("among_same", "at_limit")


@dataclass(frozen=True)
class Verdict:
    """What is shown of one claim, with its reasons in sentences by language."""

    claim: str
    quote: Texts
    outcome: str
    # of a refusal: smaller than claimed, no relevant effect, the opposite, misses the level
    # claimed; of a support, what is still missing
    form: str
    reasons: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...] = ()
    carriers: tuple[str, ...] = ()  # services that fall short by themselves
    losers: tuple[str, ...] = ()  # services that get worse although the claim holds
    needed: int | None = None  # about how many replications would decide
    base: str = ""  # the state in the base world
    # of worlds: holds, fails, endless, unresolved, low, high, box, without, known ...
    worlds: Mapping[str, Any] | None = None
    explored: str = ""  # of a refusal: that worlds are few, or none were looked at
    doing: Doing = field(default_factory=Doing)  # whose doing the gain is, whatever the outcome
    # the condition that fares worst, in words by language; none where none was judged
    worst: Texts = field(default_factory=dict)
    warnings: tuple[Qualification, ...] = ()  # the most serious first; they stand in `reasons` too
    jointly: bool = False  # whether it also holds by intervals for all conditions of the file

    @property
    def holds(self) -> bool:
        """Whether it holds with all numbers as stated."""
        return self.base == HOLDS

    @property
    def refuted(self) -> bool:
        """Whether it fails with all numbers as stated, whatever it does in other worlds."""
        return self.outcome in words.AGAINST

    @property
    def asked(self) -> bool:
        """Whether conditions were judged, so that chance may make it hold."""
        return bool(self.base and self.findings)

    def forms(self, lang: str = "en") -> str:
        """What qualifies the outcome, in words."""
        told = filter(None, (words.FORMS[key][lang == "zh"] for key in (self.form, self.explored)))
        return ("；" if lang == "zh" else "; ").join(told)

    def said(self, lang: str = "en") -> str:
        """The outcome with its form, in words."""
        outcome, form = words.OUTCOMES[self.outcome][lang == "zh"], self.forms(lang)
        return (
            f"{outcome}（{form}）"
            if form and lang == "zh"
            else f"{outcome} ({form})"
            if form
            else outcome
        )

    def whose(self, lang: str = "en") -> str:
        """Whose doing it is, in words, also with the levers counted as process levers that could be
        had without a merger; nothing where it was not asked.
        """
        zh, other = lang == "zh", self.doing.otherwise
        told = []
        if self.doing.word != NOT_ASKED:
            word = DOINGS[self.doing.word][zh]
            told.append(f"归因：{word}" if zh else f"whose doing: {word}")
        if other and not other.lacks and other.word != self.doing.word:
            told.append(COUNTED_OTHERWISE[zh].format(DOINGS[other.word][zh]))
        return ("；" if zh else "; ").join(told)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and texts."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Verdict:
        """Read `to_dict` back, also from JSON."""
        listed = {key: tuple(plain[key]) for key in ("carriers", "losers")}
        reasons = {lang: tuple(told) for lang, told in plain["reasons"].items()}
        return cls(
            **{
                **plain,
                **listed,
                "reasons": reasons,
                "findings": tuple(map(_finding, plain["findings"])),
                "doing": _doing(plain["doing"]),
                "warnings": read_all(plain["warnings"]),
            }
        )


def _finding(plain: Mapping[str, Any]) -> Finding:
    people = plain["people"]
    return Finding(
        **{
            **plain,
            **_estimates(plain, OF_FINDING),
            "condition": _condition(plain["condition"]),
            "people": people and People(**{**people, **_estimates(people, OF_PEOPLE)}),
        }
    )


def _condition(stated: Mapping[str, Any]) -> Condition:
    of = stated["quantity"]
    scope = of["scope"] if isinstance(of["scope"], str) else tuple(of["scope"])
    quantity = Quantity(**{**of, "scope": scope, "desks": tuple(of["desks"])})
    weeks = None if stated["weeks"] is None else (stated["weeks"][0], stated["weeks"][1])
    return Condition(**{**stated, "quantity": quantity, "weeks": weeks})


def _estimates(plain: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Estimate | None]:
    return {key: None if plain[key] is None else Estimate(**plain[key]) for key in keys}


def _doing(plain: Mapping[str, Any]) -> Doing:
    credits = tuple(
        Credit(
            **{
                **each,
                **_estimates(each, (*NUMBERS, "share")),
                "condition": _condition(each["condition"]),
            }
        )
        for each in plain["credits"]
    )
    beyond = tuple(map(_finding, plain["beyond"]))
    otherwise = plain["otherwise"] and _doing(plain["otherwise"])
    return Doing(**{**plain, "credits": credits, "beyond": beyond, "otherwise": otherwise})


@dataclass(frozen=True)
class Verdicts:
    """The verdicts on all claims of a scenario."""

    run: str
    replications: int
    declared: bool  # whether the claims are still those that were declared before the run
    changed: tuple[str, ...]  # claims that say something else today
    verdicts: tuple[Verdict, ...] = field(default=())
    gone: str = ""  # the scenario file, where it cannot be read any more

    def __getitem__(self, claim: str) -> Verdict:
        for each in self.verdicts:
            if each.claim == claim:
                return each
        raise NameNotFound(
            f"no claim {claim!r}; there are "
            f"{', '.join(each.claim for each in self.verdicts) or 'none'}"
        )

    def count(self) -> dict[str, int]:
        """How many claims have each outcome."""
        found = {
            outcome: sum(each.outcome == outcome for each in self.verdicts)
            for outcome in words.OUTCOMES
        }
        return {outcome: number for outcome, number in found.items() if number}

    @property
    def warnings(self) -> tuple[Qualification, ...]:
        """Of all verdicts together, and of each: the most serious first."""
        told = [each for verdict in self.verdicts for each in verdict.warnings]
        return ordered([*self.about_all, *told])

    @property
    def about_all(self) -> tuple[Qualification, ...]:
        """That the claims may not be those that were declared before the run."""
        if self.gone:
            return (Qualification("claims_gone", self.run, names={"file": self.gone}),)
        if self.declared:
            return ()
        return (Qualification("claims_changed", self.run, names={"claims": self.changed}),)

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain numbers and texts."""
        return {**asdict(self), "warnings": [asdict(each) for each in self.warnings]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Verdicts:
        """Read `to_dict` back, also from JSON."""
        verdicts = tuple(map(Verdict.from_dict, plain["verdicts"]))
        rest = {key: value for key, value in plain.items() if key != "warnings"}
        return cls(**{**rest, "changed": tuple(plain["changed"]), "verdicts": verdicts})

    def to_frame(self) -> Any:
        """One row per claim and condition: outcome, what was claimed,
        the improvement with its interval, its state.
        """
        import pandas as pd

        return pd.DataFrame([row for each in self.verdicts for row in _rows(each)])

    def plot(self, ax: Any = None) -> Any:
        """Draw each condition's improvement with its interval, in units of what was claimed."""
        from govsim.display import figures

        shown = {
            f"{each.claim} {words.what(found.condition, 'en')}": found.improvement.times(
                1 / found.condition.delta
            )
            for each in self.verdicts
            for found in each.findings
            if found.condition.delta > 0 and found.improvement.value is not None
        }
        spans = [figures.Span(one.value, one.low, one.high) for one in shown.values()]
        return figures.intervals(
            tuple(shown),
            {"found": spans},
            ax,
            "found, as a multiple of what was claimed (1: just so)",
        )

    # ----------------------------------------------------------------------------------- the screen

    def __repr__(self) -> str:
        counted = ", ".join(f"{number} {outcome}" for outcome, number in self.count().items())
        return f"<Verdicts {self.run}: {counted or 'no claims'}>"

    def __str__(self) -> str:
        return self.text("en")

    def text(self, lang: str = "en") -> str:
        """All verdicts as lines, in a language."""
        zh = lang == "zh"
        lines = [f"{'运行' if zh else 'run'} {self.run} x {self.replications}"]
        for each in self.verdicts:
            lines += [
                "",
                f"{each.claim}  {each.quote.get(lang) or next(iter(each.quote.values()), '')}",
            ]
            said = filter(None, (each.said(lang), self.mark(each, lang), each.whose(lang)))
            lines += [f"    {line}" for line in wrapped(("；" if zh else "; ").join(said))]
            lines += [
                f"      {line.strip()}"
                for reason in each.reasons[lang]
                for line in wrapped(f"- {reason}")
            ]
        counted = [
            f"{number} {words.OUTCOMES[outcome][zh]}" for outcome, number in self.count().items()
        ]
        none = "情景没有提出主张" if zh else "no claims in the scenario"
        return "\n".join(
            [
                *lines,
                "",
                "; ".join(counted) or none,
                *wrapped(self.foot(lang)),
                *wrapped(self.family(lang)),
                *wrapped(self.origin(lang)),
            ]
        )

    @property
    def asked(self) -> int:
        """How many claims chance may make hold."""
        return sum(each.asked for each in self.verdicts)

    def mark(self, each: Verdict, lang: str = "en") -> str:
        """That a claim also holds jointly with all others, in words; nothing where it is alone."""
        if not each.jointly or self.asked < 2:
            return ""
        return ALSO_JOINTLY[lang == "zh"]

    def family(self, lang: str = "en") -> str:
        """How many of the claims would hold by chance, and how many also hold jointly; nothing
        where there is one.
        """
        number, also = self.asked, sum(each.jointly for each in self.verdicts)
        chance = f"{number * BY_CHANCE:g}"
        told = FAMILY[lang == "zh"].format(number=number, chance=chance, also=also)
        return told if number > 1 else ""

    @staticmethod
    def foot(lang: str) -> str:
        """What the intervals are."""
        if lang == "zh":
            return (
                "方括号内为 95% "
                "区间，对一项主张的各条件同时成立，只反映模拟中的偶然性；结论针对模型，不是任何真实地方的实测"
            )
        return (
            "[ ] are 95 % intervals, for all conditions of a claim at once: chance in the "
            "simulation only. "
            "Verdicts are about the model, not about any real place"
        )

    def origin(self, lang: str) -> str:
        """Whether the claims are those that were declared before the run."""
        if self.about_all:
            return self.about_all[0].said(lang)
        return (
            "主张在运行之前已声明，此后未改"
            if lang == "zh"
            else "claims: declared before the run, unchanged since"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(each.claim)}</td>"
            f"<td>{escape(next(iter(each.quote.values()), ''))}</td>"
            f"<td>{escape('; '.join(filter(None, (each.said(), self.mark(each)))))}</td>"
            f"<td>{escape(each.whose())}</td>"
            f"<td>{escape(' '.join(each.reasons['en']))}</td></tr>"
            for each in self.verdicts
        )
        titles = ("claim", "words", "verdict", "whose doing", "reasons")
        head = f"<tr>{''.join(f'<th>{each}</th>' for each in titles)}</tr>"
        said = (
            f"{self.run} x {self.replications}",
            self.foot("en"),
            self.family(),
            self.origin("en"),
        )
        caption = escape("; ".join(filter(None, said)))
        return f"<table><caption>{caption}</caption>{head}{rows}</table>"


def _rows(each: Verdict) -> list[dict[str, Any]]:
    """The claim's rows in a frame; one without numbers where no condition was judged."""
    quote = each.quote.get("zh") or next(iter(each.quote.values()), "")
    told = {"claim": each.claim, "quote": quote, "outcome": each.outcome, "form": each.form}
    other = each.doing.otherwise
    head: dict[str, Any] = {
        **told,
        "doing": each.doing.word,
        "doing_otherwise": other.word if other and not other.lacks else NOT_ASKED,
        "jointly": each.jointly,
    }
    if not each.findings:
        return [head]
    credits = {credit.condition: _credited(credit) for credit in each.doing.credits}
    return [
        {
            **head,
            "condition": words.what(found.condition, "en"),
            "of": found.condition.service or str(found.condition.quantity.scope),
            "claimed": words.wanted(found.condition, "en"),
            "improvement": found.improvement.value,
            "low": found.improvement.low,
            "high": found.improvement.high,
            "unit": found.condition.unit,
            "state": found.state,
            **credits.get(found.condition, {}),
        }
        for found in each.findings
    ]


def _credited(credit: Credit) -> dict[str, Any]:
    """Whose doing one condition's gain is, with the numbers behind it, in the condition's unit."""
    gains = {name: getattr(credit, name).value for name in (*NUMBERS[1:], "share")}
    return {"doing of the condition": credit.word, **gains}
