"""Verdicts: what a run, and the studies beside it, show of each claim; never more.

The first line that applies, from the bottom up: outside the model; cannot be tested; true, but not by the merger; refuted;
undetermined; conditionally supported; supported. Without worlds nothing is supported for good, and the verdict says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any

from govsim.evidence import words
from govsim.evidence.conditions import (
    HOLDS,
    NOTHING,
    OPPOSITE,
    REFUTED,
    SMALLER,
    UNDETERMINED,
    Finding,
    Tree,
    added,
    conditions_of,
    judge,
    replications_needed,
    services_of,
)
from govsim.evidence.sample import Sample
from govsim.evidence.staffing import Staffing
from govsim.evidence.words import LANGUAGES, Texts
from govsim.scenario import Scenario, load
from govsim.store import Runs, StoreError
from govsim.table import _wrapped

SUPPORTED, CONDITIONAL = "supported", "conditionally supported"
NOT_BY_MERGER, UNTESTABLE, OUTSIDE = "true, but not by the merger", "cannot be tested", "outside the model"
SHARE, BOUND = 0.95, 0.90  # of worlds, and the lower end of its Wilson interval
PREVIEW = 256  # worlds that a verdict needs


@dataclass(frozen=True)
class Verdict:
    """What is shown of one claim, with its reasons in sentences by language."""

    claim: str
    quote: Texts
    outcome: str
    form: str  # of a refusal: smaller than claimed, no relevant effect, the opposite
    reasons: Mapping[str, tuple[str, ...]]
    findings: tuple[Finding, ...] = ()
    carriers: tuple[str, ...] = ()  # services whose condition is refuted
    losers: tuple[str, ...] = ()  # services that get worse although the claim holds
    needed: int | None = None  # about how many replications would decide
    base: str = ""  # the state in the base world
    worlds: Mapping[str, Any] | None = None  # holds, fails, unresolved, low, high

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and texts."""
        return asdict(self)


@dataclass(frozen=True)
class Verdicts:
    """The verdicts on all claims of a scenario."""

    run: str
    replications: int
    declared: bool  # whether the claims are still those that were declared before the run
    changed: tuple[str, ...]  # claims that say something else today
    verdicts: tuple[Verdict, ...] = field(default=())

    def __getitem__(self, claim: str) -> Verdict:
        for each in self.verdicts:
            if each.claim == claim:
                return each
        raise KeyError(f"no claim {claim!r}; there are {', '.join(each.claim for each in self.verdicts) or 'none'}")

    def count(self) -> dict[str, int]:
        """How many claims have each outcome."""
        found = {outcome: sum(each.outcome == outcome for each in self.verdicts) for outcome in words.OUTCOMES}
        return {outcome: number for outcome, number in found.items() if number}

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain numbers and texts."""
        return asdict(self)

    def to_frame(self) -> Any:
        """One row per claim: outcome, form, first reason, share of worlds."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "claim": each.claim,
                    "quote": each.quote.get("zh") or each.quote.get("en", ""),
                    "outcome": each.outcome,
                    "form": each.form,
                    "reasons": " ".join(each.reasons["en"]),
                    "losers": ", ".join(each.losers),
                }
                for each in self.verdicts
            ]
        )

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
            form = words.FORMS[each.form][zh]
            outcome = words.OUTCOMES[each.outcome][zh] + (f"（{form}）" if zh and form else f" ({form})" if form else "")
            lines += ["", f"{each.claim}  {each.quote.get(lang) or next(iter(each.quote.values()), '')}", f"    {outcome}"]
            lines += [f"    {line.strip()}" for reason in each.reasons[lang] for line in _wrapped(reason)]
        counted = [f"{number} {words.OUTCOMES[outcome][zh]}" for outcome, number in self.count().items()]
        lines += ["", "; ".join(counted) if counted else ("没有宣称" if zh else "no claims in the scenario")]
        return "\n".join([*lines, self._declared(zh)])

    def _declared(self, zh: bool) -> str:
        if self.declared:
            return "宣称在运行前已声明，未改动" if zh else "claims: declared before the run, unchanged since"
        which = ", ".join(self.changed) or "?"
        return f"注意：运行之后宣称被改动：{which}" if zh else f"CLAIMS WERE CHANGED after the run was made: {which}"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(each.claim)}</td><td>{escape(next(iter(each.quote.values()), ''))}</td>"
            f"<td>{escape(each.outcome)}{escape(f' ({each.form})' if each.form else '')}</td>"
            f"<td>{escape(' '.join(each.reasons['en']))}</td></tr>"
            for each in self.verdicts
        )
        head = "<tr><th>claim</th><th>words</th><th>verdict</th><th>reasons</th></tr>"
        caption = escape(f"{self.run} x {self.replications}; {self._declared(False)}")
        return f"<table><caption>{caption}</caption>{head}{rows}</table>"


def claims(runs: Runs, scenario: Scenario | None = None, sample: Sample | None = None) -> Verdicts:
    """The verdicts on the claims that the run's scenario declares, from the run and the studies in its folder.

    Whoever has read the run's scenario and its sample already may hand them in.
    """
    scenario = scenario or load(runs.settings.scenario, runs.settings.text)
    sample, folder = sample or Sample.of(runs), runs.folder
    judged = _Judge(scenario.tree, sample, runs, _study(folder, "worlds"), _study(folder, "staff"))
    verdicts = tuple(judged.verdict(name, claim) for name, claim in (scenario.tree.get("claims") or {}).items())
    changed = changed_since(runs)
    return Verdicts(runs.settings.id, sample.replications, not changed, changed, verdicts)


def changed_since(runs: Runs) -> tuple[str, ...]:
    """The claims of the scenario file that say something else today than when the run was made; none where it is gone."""
    path = Path(runs.settings.scenario)
    if not path.is_file() or path.read_bytes() == runs.settings.text.encode():
        return ()
    try:
        now = load(path)
    except Exception as error:  # whatever is wrong with it today, it is not what was declared
        return (f"{path}: cannot be read any more ({str(error).splitlines()[0]})",)
    if now.claims_hash == runs.settings.claims_hash:
        return ()
    then = load(path, runs.settings.text).tree.get("claims") or {}
    today = now.tree.get("claims") or {}
    return tuple(name for name in dict.fromkeys([*then, *today]) if then.get(name) != today.get(name)) or ("experiment",)


def _study(folder: Path | None, name: str) -> Mapping[str, Any] | None:
    if folder is None or not (file := Path(folder) / name / f"{name}.json").is_file():
        return None
    try:
        found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{file}: cannot be read ({error}); make it again with: govsim {name}") from None
    return found


def combined(states: Sequence[Finding], claim: Tree, refusals: Sequence[Finding] = ()) -> str:
    """The state of a claim: all of its conditions, or none worse and so many better; `refuted_if` alone refutes where given."""
    if any(each.state == HOLDS for each in refusals):
        return REFUTED
    better = claim.get("at_least_better")
    if any(each.state == REFUTED for each in states):
        return UNDETERMINED if refusals else REFUTED
    if better is not None:
        sure = sum(_better(each, "low") for each in states)
        possible = sum(_better(each, "high") for each in states)
        if possible < better:
            return REFUTED
        return HOLDS if sure >= better and all(each.state == HOLDS for each in states) else UNDETERMINED
    return HOLDS if states and all(each.state == HOLDS for each in states) else UNDETERMINED


def _better(each: Finding, end: str) -> bool:
    """Whether a condition improved by more than what counts as no change."""
    reached = getattr(each.improvement, end)
    return reached is not None and reached > abs(each.condition.delta)


class _Judge:
    """What verdicts are made from."""

    def __init__(
        self,
        tree: Tree,
        sample: Sample,
        runs: Runs,
        worlds: Mapping[str, Any] | None,
        staff: Mapping[str, Any] | None,
    ) -> None:
        self.tree, self.sample, self.runs, self.worlds, self.staff = tree, sample, runs, worlds, staff
        self.names: Mapping[str, Texts] = runs.settings.about["service_names"]
        self.run = str(runs.folder or "RUN")

    def verdict(self, name: str, claim: Tree) -> Verdict:
        """The first line that applies."""
        said = claim["quote"]
        quote = dict(said) if isinstance(said, Mapping) else {"zh" if _chinese(said) else "en": said}
        blank = Verdict(name, quote, UNDETERMINED, "", dict.fromkeys(LANGUAGES, ()))
        if claim.get("outside_the_model"):
            return replace(blank, outcome=OUTSIDE, reasons=both(*OUTSIDE_WORDS))
        if claim.get("family"):
            return self._family(blank)
        room = judge(conditions_of(self.tree, claim, "cannot_be_tested_if"), self.sample)
        if room and all(each.state == HOLDS for each in room):
            return replace(blank, outcome=UNTESTABLE, findings=room, reasons=self._told(room, *UNTESTABLE_WORDS))
        findings = judge(conditions_of(self.tree, claim), self.sample)
        refusals = judge(conditions_of(self.tree, claim, "refuted_if"), self.sample)
        base = combined(findings, claim, refusals)
        found = replace(
            blank,
            findings=findings,
            base=base,
            carriers=tuple(each.condition.service for each in findings if each.state == REFUTED and each.condition.service),
            losers=self.losers(claim, findings) if base != REFUTED else (),
            worlds=(self.worlds or {}).get("claims", {}).get(name),
        )
        return self._decided(found, claim, refusals)

    def _decided(self, found: Verdict, claim: Tree, refusals: Sequence[Finding]) -> Verdict:
        if found.base == REFUTED:
            return self._refuted(found, refusals)
        if found.base == UNDETERMINED:
            return self._undetermined(found)
        if (without := claim.get("without_merger")) and (why := self._not_by_merger(found, claim, without)):
            return replace(found, outcome=NOT_BY_MERGER, reasons=self._told(found.findings, *why, found=found))
        outcome, why = self._in_worlds(found)
        return replace(found, outcome=outcome, reasons=self._told(found.findings, *why, found=found))

    def _refuted(self, found: Verdict, refusals: Sequence[Finding]) -> Verdict:
        wrong = [each for each in found.findings if each.state == REFUTED]
        forms = [each.form for each in wrong]
        form = next((form for form in (OPPOSITE, NOTHING, SMALLER) if form in forms), "")
        carried = [self._name(each, lang) for lang in LANGUAGES for each in found.carriers]
        half = len(found.carriers)
        why = (
            f"Carried by: {words.listed(carried[:half], 'en')}." if half else "",
            f"未达到的事项：{words.listed(carried[half:], 'zh')}。" if half else "",
        )
        told = [*wrong, *(each for each in found.findings if each.state != REFUTED), *refusals] if len(wrong) < 4 else wrong
        return replace(found, outcome=REFUTED, form=form, reasons=self._told(told, *why))

    def _undetermined(self, found: Verdict) -> Verdict:
        open_ = [each for each in found.findings if each.state == UNDETERMINED]
        there = self.sample.configurations
        missing = sorted({name for each in open_ for name in each.condition.configurations if name not in there})
        needed = [number for each in open_ if (number := replications_needed(each)) is not None]
        number = max(needed) if needed and len(needed) == len(open_) else None
        if missing:
            lacking = ", ".join(missing)
            command = f"govsim run {self.runs.settings.scenario} --configurations {','.join([*there, *missing])}"
            why = (f"The run has no configuration {lacking}; run: {command}", f"本次运行缺少配置 {lacking}；请运行：{command}")
        elif number is not None:
            why = (
                f"About {number:,} replications in all would decide: govsim resume {self.run} -n {number}",
                f"约需共 {number:,} 次重复才能判定：govsim resume {self.run} -n {number}",
            )
        else:
            why = (
                "More replications would hardly decide: the effect lies at the threshold, or cannot be estimated.",
                "增加重复也难以判定：效果恰在门槛附近，或无法估计。",
            )
        told = open_ if len(open_) < 4 else open_[:3]
        return replace(found, outcome=UNDETERMINED, needed=number, reasons=self._told(told, *why))

    def _not_by_merger(self, found: Verdict, claim: Tree, without: str) -> tuple[str, str] | None:
        """Why the merger is not to be credited; None where it is, or the run cannot say."""
        if without not in self.sample.configurations:
            return None
        own = [each.condition for each in found.findings]
        alone = judge([replace(each, second=without) if each.second != without else each for each in own], self.sample)
        if combined(alone, claim) != HOLDS:
            return None
        adds = {each: added(each, self.sample, without) for each in own if not each.is_level and each.delta > 0}
        if not adds or not all(found.high is not None and found.high < each.delta for each, found in adds.items()):
            return None
        first, more = next(iter(adds.items()))
        process, unit = words.change_of(alone[own.index(first)]), first.unit
        found_en, more_en = words.with_interval(process, unit, "en", signed=True), words.with_interval(more, unit, "en")
        found_zh, more_zh = words.with_interval(process, unit, "zh", signed=True), words.with_interval(more, unit, "zh")
        en = (
            f"The same holds in {without}, which needs no merger ({found_en}); the merger levers add {more_en} to it, "
            f"less than the {words.sized(first, 'en')} that count."
        )
        zh = f"无需合并的 {without} 同样成立（{found_zh}）；合并措施只再增加{more_zh}，小于门槛{words.sized(first, 'zh')}。"
        return en, zh

    def _in_worlds(self, found: Verdict) -> tuple[str, tuple[str, str]]:
        """What the worlds make of a claim that holds in the base world."""
        each, total = found.worlds, (self.worlds or {}).get("worlds", 0)
        if each is None or not total:
            command = f"govsim explore {self.run}"
            stated = "It holds with all numbers as stated; whether it does when the assumptions are off was not explored"
            return CONDITIONAL, (f"{stated}: {command}", f"在各数值取其陈述值时成立；假设偏离时是否成立尚未检验：{command}")
        share, low = each["holds"] / total, each["low"]
        few = total < PREVIEW
        said = (
            f"It holds in {each['holds']} of {total} worlds (at least {100 * low:.0f} % of all with 95 % confidence)"
            + (f", {each['unresolved']} not resolved" if each["unresolved"] else ""),
            f"在 {total} 个世界中有 {each['holds']} 个成立（95 % 置信下至少 {100 * low:.0f} %）"
            + (f"，{each['unresolved']} 个未定" if each["unresolved"] else ""),
        )
        if share >= SHARE and low >= BOUND:
            preview = ("; a preview: a verdict needs 256 worlds", "；仅为预览：定论需 256 个世界") if few else ("", "")
            return (CONDITIONAL if few else SUPPORTED), (f"{said[0]}{preview[0]}.", f"{said[1]}{preview[1]}。")
        box = each.get("box") or {}
        unless = (
            f"; unless {box['en']}" if box.get("en") else "; no simple box separates the worlds where it fails",
            f"；例外情形：{box['zh']}" if box.get("zh") else "；没有简单的条件能区分其不成立的世界",
        )
        return CONDITIONAL, (f"{said[0]}{unless[0]}.", f"{said[1]}{unless[1]}。")

    def _family(self, blank: Verdict) -> Verdict:
        """Posts that could go, as the staffing study found."""
        if self.staff is None:
            command = f"govsim staff {self.run}"
            return replace(blank, reasons=both(f"Not looked at yet; run: {command}", f"尚未检验；请运行：{command}"))
        staffing = Staffing.from_dict(self.staff)
        could, together = staffing.one_at_a_time, staffing.together
        open_ = [name for name, each in staffing.family.items() if each.verdict == UNDETERMINED]
        groups, inside = len(staffing.family), staffing.cuts[1].confirmed if len(staffing.cuts) > 1 else together
        en = (
            f"One post less, each service's p90 kept: possible in {could} of {groups} groups taken one at a time. Together, "
            f"{together} posts could go, {inside} where internal jobs must not suffer either; judged again on fresh replications."
        )
        zh = (
            f"每次减少一个编制而各事项九成分位不变差：{groups} 个组中有 {could} 个可行。"
            f"同时减少可达 {together} 个；若内部事务也不得受损，则为 {inside} 个（以新的重复复核）。"
        )
        told = (en, zh)
        base = HOLDS if could else UNDETERMINED if open_ else REFUTED
        found = replace(blank, base=base, reasons=both(*told), form=SMALLER if base == REFUTED else "")
        if base != HOLDS:
            return replace(found, outcome=base)
        outcome, why = self._in_worlds(replace(found, worlds=None))
        return replace(found, outcome=outcome, reasons=both(f"{told[0]} {why[0]}", f"{told[1]}{why[1]}"))

    def losers(self, claim: Tree, findings: Sequence[Finding]) -> tuple[str, ...]:
        """Services that get worse in what the claim is about, beyond chance, though it holds for them together."""
        lost: dict[str, None] = {}
        for each in findings:
            condition = each.condition
            if condition.service is not None or condition.is_level or condition.weeks is not None:
                continue
            services = services_of(self.tree, claim.get("of"))
            alone = [replace(condition, quantity=replace(condition.quantity, scope=name), service=name) for name in services]
            if len(alone) > 1:
                lost |= dict.fromkeys(one.condition.service or "" for one in judge(alone, self.sample) if _worse(one))
        return tuple(lost)

    def _told(self, findings: Sequence[Finding], en: str, zh: str, found: Verdict | None = None) -> dict[str, tuple[str, ...]]:
        """The reasons: what follows first, then each condition, then who loses although it holds."""
        reasons = {}
        for lang, follows in zip(LANGUAGES, (en, zh), strict=True):
            told = [follows] if follows else []
            told += [words.finding(each, self.names, lang) for each in findings]
            if found is not None and found.losers:
                names = words.listed([self._name(each, lang) for each in found.losers], lang)
                told.append(f"Warning: it gets worse for {names}." if lang == "en" else f"警告：以下事项反而变差：{names}。")
            reasons[lang] = tuple(told)
        return reasons

    def _name(self, service: str, lang: str) -> str:
        return self.names.get(service, {}).get(lang, service)


def _worse(each: Finding) -> bool:
    high = each.improvement.high
    return high is not None and high < 0


def _chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def both(en: str, zh: str) -> dict[str, tuple[str, ...]]:
    """One sentence in each language."""
    return {"en": (en,), "zh": (zh,)}


OUTSIDE_WORDS = (
    "Growth and trust are not in the model: whatever is simulated, this is not shown.",
    "经济增长与公信力不在模型之内：无论模拟结果如何，都不能视为已证实。",
)
UNTESTABLE_WORDS = ("There is no room for the claim: it is so already before.", "该宣称没有检验余地：改革前已达到。")
