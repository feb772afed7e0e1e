"""Sentences of verdicts: what is asked and what was found, in English and Chinese.

Every number has its unit, its cohort and the digits that its interval allows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from govsim.display.names import UNITS as NAMES_OF_UNITS
from govsim.evidence.quantity import COUNTED
from govsim.evidence.sample import weekly
from govsim.measures import MEASURES as CATALOGUE
from govsim.measures.catalogue import MIX
from govsim.scenario.units import CALENDAR_DAYS, WORKING_DAYS
from govsim.statistics.estimate import Estimate

if TYPE_CHECKING:
    from govsim.evidence.conditions.condition import Condition, Finding

Texts = Mapping[str, str]  # by language
Pair = tuple[str, str]  # English, Chinese
LANGUAGES = ("en", "zh")
MINUS = "−"
SHOWN = 4  # services with their numbers, the rest counted

MEASURES: Mapping[str, Pair] = {
    "cycle_time": ("cycle time", "办理时间（日历）"),
    "cycle_time_working": ("cycle time", "办理时间（工作日）"),
    "legal_clock": ("legal clock used", "法定计时"),
    "lateness": ("lateness", "超期时间"),
    "within_promise": ("cases within the promise", "承诺时限内办结率"),
    "within_limit": ("cases within the legal limit", "法定时限内办结率"),
    "late": ("late cases", "超期率"),
    "time_to_first_answer": ("time to the first answer", "首次答复时间"),
    "transfer_time": ("transfer time", "流转时间"),
    "visits": ("visits", "跑动次数"),
    "handovers": ("handovers", "移交次数"),
    "supplements": ("supplements", "补正次数"),
    "signatures": ("signatures", "签批次数"),
    "steps": ("steps", "环节数"),
    "applicant_time": ("applicant's time", "申请人花费时间"),
    "staff_minutes_per_case": ("staff minutes per case", "每件用工"),
    "cycle_time_answered": ("cycle time of those answered (calendar)", "已答复件办理时间（日历）"),
    "cycle_time_working_answered": ("cycle time of those answered", "已答复件办理时间（工作日）"),
    "past_limit": ("cases past the legal limit", "超过法定时限率"),
    "gave_up_in_time": ("applicants who gave up before the promise ran out", "承诺到期前放弃率"),
    "stayed": ("applicants who did not give up", "未放弃的申请人数"),
    "window_wait_per_task": ("wait of one window task", "每次窗口等候"),
    "review_wait_per_task": ("wait of one review", "每次审查等候"),
    "signature_wait_per_task": ("wait of one signature", "每次签批等候"),
    "internal_wait_per_task": ("wait of one internal job", "每次内部事务等候"),
    "window_wait": ("wait at windows", "窗口等候"),
    "review_wait": ("wait for review", "审查等候"),
    "signature_wait": ("wait for a signature", "签批等候"),
    "internal_wait": ("wait of internal jobs", "内部事务等候"),
    "wait": ("wait", "等候"),
    "throughput": ("cases completed per month", "月办结量"),
    "utilisation": ("share of time on duty worked", "忙碌率"),
    "backlog": ("backlog", "积压"),
    "counted": ("cases", "办件"),
    "open": ("cases without an answer yet", "尚无答复"),
    "completed": ("granted cases", "准予数"),
    "rejected": ("refused cases", "不予许可数"),
    "withdrawn": ("applicants who gave up", "放弃数"),
    **{f"part_{part}": (f"time of {en}", f"{zh}时间") for part, (en, zh) in {
        "service": ("work", "办理"), "queue": ("queueing", "排队"),
        "closed": ("closing hours", "休息"), "transfer": ("transfer", "流转"),
        "applicant": ("the applicant", "申请人"), "meeting": ("waiting for a meeting", "等会"),
        "notice": ("public notice", "公示"), "outside": ("outside opinions", "外部意见"),
    }.items()},
}  # fmt: skip
STATISTICS: Mapping[str, Pair] = {
    "mean": ("mean", "平均"),
    "median": ("median", "中位"),
    "share": ("share of", ""),
    "count": ("number of", "数量："),
    "max": ("largest weekly", "逐周最高"),
    "min": ("smallest weekly", "逐周最低"),
}
UNITS = {
    **{each: NAMES_OF_UNITS[each][1] for each in (CALENDAR_DAYS, WORKING_DAYS)},
    "days": "天", "min": "分钟", "%": "%", "points": "个百分点",
    "months": "个月", "visits": "次", "handovers": "次", "supplements": "次",
    "signatures": "次", "steps": "个", "cases": "件", "cases per month": "件/月",
    "tasks": "个", "share": "", "h": "小时", "per year": "件/年",
}  # fmt: skip
ADDED_IN = {"%": "points"}  # what is added to a change in % is told in points of it
AGAINST = ("refuted", "conditionally refuted")  # it fails with all numbers as stated
UNEXPLORED, PREVIEW = "worlds not explored", "a preview of the worlds"
OUTCOMES: Mapping[str, Pair] = {
    "supported": ("supported", "成立"),
    "conditionally supported": ("conditionally supported", "有条件成立"),
    "undetermined": ("undetermined", "尚不能判定"),
    "refuted": ("refuted", "不成立"),
    "conditionally refuted": ("conditionally refuted", "有条件不成立"),
    "cannot be tested": ("cannot be tested", "无法检验"),
    "outside the model": ("outside the model", "超出模型范围"),
}
FORMS: Mapping[str, Pair] = {
    "smaller than claimed": ("smaller than claimed", "小于所主张的"),
    "misses the level claimed": ("misses the level claimed", "不符合所主张的水平"),
    "no relevant effect": ("no relevant effect", "没有实质变化"),
    "the opposite": ("the opposite", "与主张相反"),
    UNEXPLORED: (
        "with all numbers as stated; other possible offices not explored",
        "仅按所述数值；其他可能的机构尚未检验",
    ),
    PREVIEW: ("so far: a preview of few possible offices", "暂时：仅少数可能的机构的预览"),
    "": ("", ""),
}
STATES: Mapping[str, Pair] = {
    "holds": ("Holds", "成立"),
    "refuted": ("Does not hold", "不成立"),
    "undetermined": ("Not decided", "尚不能判定"),
}
NAMED: Mapping[str, Pair] = {
    "before": ("before", "改革前"),
    "after": ("after the reform", "改革后"),
    "process_only": ("the process levers alone", "仅流程措施"),
    "merger_only": ("the merger levers alone", "仅合并措施"),
}
LONGER = re.compile(r"> ([0-9.]+) (.+)")  # than so much, in a unit
NOTES: Mapping[str, str] = {
    "no completed case": "没有办结的办件",
    "needs 2 replications": "至少需要 2 次重复",
    "too few cases for an interval": "办件太少，无法给出区间",
    "too few replications": "重复次数太少",
    "too few cases": "办件太少",
    "the level before may be zero": "改革前的水平可能为零，无法计算百分比",
    weekly.NEVER: "在所观察的各周内未恢复",
    weekly.PERHAPS_NEVER: "在所观察的各周内可能未恢复",
    weekly.NO_WEEK: "没有一周在两个方案中都有办件",
    "queues cannot settle": "队列不会收敛",
    "queues cannot settle: ": "队列不会收敛：",
    "the reform breaks the queue: ": "改革使队列不再收敛：",
    "better by more the longer one looks, as queues cannot settle before": (
        "改革前队列不会收敛，统计越久改善越大，不给幅度"
    ),
    "longer than anybody is followed: ": "超过所观察的时长：",
    "may be longer than anybody is followed: ": "可能超过所观察的时长：",
    "not in this run: ": "本次运行没有：",
    "not measured: ": "本次运行未测量：",
}


@dataclass(frozen=True)
class Vocabulary:
    """What a scenario calls its services, sets and cohorts."""

    names: Mapping[str, Texts] = field(default_factory=dict)
    sets: Mapping[str, int] = field(default_factory=dict)  # set -> services in it; the mix too
    cohorts: Mapping[str, str] = field(default_factory=dict)  # cohort -> first..last day
    mix: tuple[str, ...] = ()  # the services of a mix that leaves out others
    titles: Mapping[str, Texts] = field(default_factory=dict)  # set -> what it is called

    def service(self, name: str, lang: str) -> str:
        """What a service is called; by its name in another language where it has none in this."""
        texts = self.names.get(name, {})
        return texts.get(lang) or next(iter(texts.values()), name)

    def scope(self, condition: Condition, lang: str) -> str:
        """Whose cases."""
        scope, zh = condition.quantity.scope, lang == "zh"
        if isinstance(scope, tuple):
            return listed([self.service(each, lang) for each in scope], lang)
        if scope == MIX and self.mix:
            return listed([self.service(each, lang) for each in self.mix], lang)
        number = self.sets.get(scope, 0)
        if number == 1 or scope not in self.sets:
            return ("all services", "全部事项")[zh] if scope == MIX else self.service(scope, lang)
        if scope == MIX:
            return f"全部 {number} 个事项" if zh else f"all {number} services"
        if title := self.titles.get(scope, {}).get(lang):
            return f"{title}（{number} 个事项）" if zh else f"{title} ({number} services)"
        return f"事项组 {scope}（{number} 个事项）" if zh else f"the {number} services of {scope}"

    def cohort(self, name: str, lang: str) -> str:
        """When they were filed; nothing for all that count."""
        first, _, last = self.cohorts.get(name, name).partition("..")
        if name == COUNTED:
            return ""
        days = first if not last else f"{first} 至 {last}" if lang == "zh" else f"{first} to {last}"
        return f"{days} 申报" if lang == "zh" else f"filed {days}"


# ------------------------------------------------------------------------------------------ numbers


def places(estimate: Estimate, limit: float | None = None) -> int:
    """Digits after the point that the half-width allows.

    More where an end would read like the limit that it misses.
    """
    shown = _places(estimate.half_width, estimate.value)
    ends = [
        end
        for end in (estimate.low, estimate.high)
        if end is not None and limit is not None and end != limit
    ]
    while shown < 5 and any(round(end, shown) == round(limit or 0.0, shown) for end in ends):
        shown += 1
    return shown


def _places(half: float | None, value: float | None) -> int:
    """Two digits of a half-width that begins with 1 or 2, else one;
    three of a value without one.
    """
    if half:
        first = math.floor(math.log10(half))
        return min(max(0, -first + (half < 3 * 10.0**first)), 5)
    return (
        0
        if not value or float(value).is_integer()
        else min(max(0, 2 - math.floor(math.log10(abs(value)))), 4)
    )


def told(number: float, shown: int, signed: bool = False) -> str:
    """A number with a true minus sign, none on zero."""
    text = f"{abs(number):,.{shown}f}"
    if not any(sign in "123456789" for sign in text):
        return text
    return (MINUS if number < 0 else "+" if signed else "") + text


def with_interval(
    estimate: Estimate, unit: str, lang: str, signed: bool = False, limit: float | None = None
) -> str:
    """A value with unit and interval, or why there is none."""
    if estimate.value is None:
        return note(estimate.note, lang)
    shown = places(estimate, limit)
    said = f"{told(estimate.value, shown, signed)}{counted(unit, lang)}"
    if estimate.low is None or estimate.high is None or estimate.low == estimate.high:
        return said
    return f"{said} [{told(estimate.low, shown, signed)}, {told(estimate.high, shown, signed)}]"


def counted(unit: str, lang: str) -> str:
    """The unit behind a number."""
    if lang == "zh":
        shown = UNITS.get(unit, unit)
        return shown if shown in ("", "%") else f" {shown}"
    return f" {unit}" if unit and unit != "share" else ""


def note(text: str, lang: str) -> str:
    """Why something cannot be told."""
    if lang == "en":
        return text or "not estimable"
    start = next((each for each in NOTES if each.endswith(": ") and text.startswith(each)), "")
    if not start:
        return NOTES.get(text, text) or "无法估计"
    rest = text.removeprefix(start)
    longer = LONGER.fullmatch(rest)
    return NOTES[start] + (f"> {longer[1]}{counted(longer[2], 'zh')}" if longer else rest)


def listed(names: Sequence[str], lang: str, most: int = 6) -> str:
    """Names in a row, the rest counted."""
    shown, rest = list(names[:most]), len(names) - most
    if lang == "zh":
        return "、".join(shown) + (f"等 {len(names)} 项" if rest > 0 else "")
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def configuration(name: str, lang: str) -> str:
    """What a configuration is called."""
    return NAMED.get(name, (name, name))[lang == "zh"]


# --------------------------------------------------------------------------------------- conditions


def what(condition: Condition, lang: str) -> str:
    """What is measured."""
    quantity, zh = condition.quantity, lang == "zh"
    measure = MEASURES.get(quantity.measure, (quantity.measure, quantity.measure))[zh]
    statistic = condition.statistic or quantity.statistic
    if statistic == weekly.RECOVERY:
        word = _recovery(condition.first, measure, lang)
    elif statistic.startswith("share_at_"):
        side, point = statistic.removeprefix("share_at_").split("_")
        unit = CATALOGUE[quantity.measure].unit
        many, in_unit = (
            (1440.0 * float(point), "min")
            if unit == CALENDAR_DAYS and float(point) < 1
            else (float(point), unit)
        )
        value = f"{many:.4g}{counted(in_unit, lang)}"
        value = value.removesuffix("s") if not zh and float(point) == 1 else value
        at_most = side == "most"
        word = (
            f"{measure}{'不超过' if at_most else '不低于'} {value}的办件比例"
            if zh
            else (
                f"share of cases with at {side} {value}"
                if unit == quantity.measure
                else f"share of cases with {measure} at {side} {value}"
            )
        )
    elif statistic[0] == "p" and statistic[1:].isdecimal():
        word = f"{measure}的 P{statistic[1:]}" if zh else f"P{statistic[1:]} of {measure}"
    else:
        word = STATISTICS.get(statistic, (statistic, statistic))[zh] + ("" if zh else " ") + measure
    at = (
        ""
        if not quantity.desks
        else f"（{'、'.join(quantity.desks)}）"
        if zh
        else f" at {', '.join(quantity.desks)}"
    )
    return word + at


def _recovery(first: str, measure: str, lang: str) -> str:
    """Months until a mean path by week is back at the level of another configuration."""
    if lang == "zh":
        level = "改革前" if first == "before" else f"“{configuration(first, lang)}”方案的"
        return f"按申报周计的平均{measure}恢复到{level}水平所需月数"
    level = "before" if first == "before" else f"of {configuration(first, lang)}"
    return f"months until mean {measure} is back at the level {level}"


def about(condition: Condition, vocabulary: Vocabulary, lang: str) -> str:
    """What is measured, on whom, and when they filed."""
    parts = (
        what(condition, lang),
        vocabulary.scope(condition, lang),
        vocabulary.cohort(condition.quantity.cohort, lang),
    )
    text = ("，" if lang == "zh" else ", ").join(filter(None, parts))
    return text if lang == "zh" else text[:1].upper() + text[1:]


def sized(condition: Condition, lang: str) -> str:
    """The smallest change that counts, or the bound."""
    text = f"{condition.size:g}{counted(condition.unit, lang)}"
    return text.removesuffix("s") if condition.size == 1 and lang == "en" else text


def wanted(condition: Condition, lang: str) -> str:
    """What the claim asks for."""
    size, zh = sized(condition, lang), lang == "zh"
    kinds = {
        "decrease": (f"down by at least {size}", f"至少减少 {size}"),
        "increase": (f"up by at least {size}", f"至少提高 {size}"),
        "no_increase": (f"not up by more than {size}", f"上升不超过 {size}"),
        "no_decrease": (f"not down by more than {size}", f"下降不超过 {size}"),
        "at_most": (f"at most {size}", f"不超过 {size}"),
        "below": (f"below {size}", f"低于 {size}"),
        "at_least": (f"at least {size}", f"不低于 {size}"),
        "above": (f"above {size}", f"高于 {size}"),
    }
    if not condition.size and not condition.is_level:
        kinds |= {
            "decrease": ("down", "减少"),
            "increase": ("up", "提高"),
            "no_increase": ("not up", "不上升"),
            "no_decrease": ("not down", "不下降"),
        }
    return kinds[condition.kind][zh]


def change_of(each: Finding) -> Estimate:
    """The change itself (a decrease is negative), or the level, out of the improvement."""
    condition, found = each.condition, each.improvement
    sign, size = condition.sign, condition.size if condition.is_level else 0.0
    ends = [
        None if end is None else size + sign * end for end in (found.value, found.low, found.high)
    ]
    low, high = ends[1:] if sign > 0 else ends[:0:-1]
    return Estimate(ends[0], low, high, found.replications, found.note, found.method)


def limit_of(condition: Condition) -> float:
    """The change, or level, at which the condition turns."""
    return condition.size if condition.is_level else condition.sign * condition.delta


def number(each: Finding, lang: str) -> str:
    """The change, or level, with its interval."""
    condition, found = each.condition, change_of(each)
    if condition.statistic == weekly.RECOVERY and found.value is not None:
        return _recovered(found, lang)
    said = with_interval(
        found, condition.unit, lang, signed=not condition.is_level, limit=limit_of(condition)
    )
    if found.value is None or (found.low is not None and found.low != found.high):
        return said
    why = (
        note(found.note, lang)
        if found.low is None
        else "每次重复都如此"
        if lang == "zh"
        else "the same in every replication"
    )
    return f"{said}（{why}）" if lang == "zh" else f"{said} ({why})"


def _recovered(found: Estimate, lang: str) -> str:
    zh = lang == "zh"
    if found.value == found.high == 0.0:
        return "从未高于该水平" if zh else "at no time above it"
    value = f"{found.value:.1f}{counted('months', lang)}"
    if found.note == weekly.NEVER:
        return (
            f"在所观察的 {value}内未恢复" if zh else f"not back in the {value} that were followed"
        )
    if found.low is None or found.high is None:
        return value
    if found.note == weekly.PERHAPS_NEVER:
        return (
            f"{value}，最早 {found.low:.1f}，也可能一直未恢复"
            if zh
            else f"{value}, from {found.low:.1f} on, or never while followed"
        )
    return f"{value} [{found.low:.1f}, {found.high:.1f}]"


def compared(condition: Condition, lang: str) -> str:
    """Which configurations, where it is not what a reader takes for granted: before and after."""
    zh = lang == "zh"
    first, second = (configuration(name, lang) for name in (condition.first, condition.second))
    if condition.is_level:
        if condition.second == "after":
            return ""
        return f"（{second}）" if zh else f" ({second})"
    if (condition.first, condition.second) == ("before", "after"):
        return ""
    return f"（从“{first}”到“{second}”）" if zh else f" (from {first} to {second})"


def finding(each: Finding, vocabulary: Vocabulary, lang: str) -> str:
    """One condition: what was found, what was claimed, and what follows."""
    condition, zh = each.condition, lang == "zh"
    whose = about(condition, vocabulary, lang) + compared(condition, lang)
    form = FORMS[each.form][zh]
    tail = f"（{form}）" if zh and form else f": {form}" if form else ""
    found = (
        note(each.note or each.improvement.note, lang)
        if each.improvement.value is None
        else levels(each, lang) + number(each, lang)
    )
    if zh:
        return f"{whose}：{found}。主张：{wanted(condition, lang)}。{STATES[each.state][1]}{tail}。"
    return f"{whose}: {found}. Claimed: {wanted(condition, lang)}. {STATES[each.state][0]}{tail}."


def what_of(condition: Condition) -> Texts:
    """What is measured, in each language."""
    return {lang: what(condition, lang) for lang in LANGUAGES}


def moved(each: Finding) -> Texts:
    """From which level to which, and by how much, in each language."""
    return {lang: levels(each, lang) + number(each, lang) for lang in LANGUAGES}


def levels(each: Finding, lang: str) -> str:
    """From which level to which, with the digits that the change's interval allows."""
    condition, half = each.condition, each.improvement.half_width
    if (
        condition.is_level
        or each.before is None
        or each.after is None
        or None in (each.before.value, each.after.value)
    ):
        return ""
    before, after = each.before.value or 0.0, each.after.value or 0.0
    quantity = condition.quantity
    unit = CATALOGUE[quantity.measure].unit_of(quantity.statistic)
    half = half / 100.0 * abs(before) if half and condition.unit == "%" else half
    shown = (
        max(0, min(4, -math.floor(math.log10(half))))
        if half
        else max(_places(None, end) for end in (before, after))
    )
    unit = counted("%" if unit == "share" else unit, lang)
    start, end = told(before, shown), told(after, shown)
    return (
        f"由 {start} 变为 {end}{unit}，变化 "
        if lang == "zh"
        else f"from {start} to {end}{unit}, a change of "
    )


def services(found: Sequence[Finding], vocabulary: Vocabulary, lang: str) -> str:
    """Services with what was found of each, the rest counted."""
    shown = [
        f"{vocabulary.service(each.condition.service or '', lang)}{'（' if lang == 'zh' else ' ('}"
        f"{number(each, lang)}{'）' if lang == 'zh' else ')'}"
        for each in found
    ]
    return listed(shown, lang, SHOWN)
