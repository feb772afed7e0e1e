"""Verdicts in sentences, English and Chinese: every number with unit, cohort and the digits that its interval allows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from govsim.evidence.sample import COUNTED
from govsim.table import MIX, Estimate

if TYPE_CHECKING:
    from govsim.evidence.conditions import Condition, Finding

Texts = Mapping[str, str]  # by language
LANGUAGES = ("en", "zh")
MINUS = "−"

MEASURES: Mapping[str, tuple[str, str]] = {
    "cycle_time": ("cycle time", "办理时长"),
    "cycle_time_working": ("cycle time", "办理时长"),
    "legal_clock": ("legal clock used", "法定时限用时"),
    "lateness": ("lateness", "超期时长"),
    "within_promise": ("cases within the promise", "承诺时限内办结率"),
    "within_limit": ("cases within the legal limit", "法定时限内办结率"),
    "late": ("late cases", "超期率"),
    "time_to_first_answer": ("time to the first answer", "首次答复用时"),
    "transfer_time": ("transfer time", "公文流转用时"),
    "visits": ("visits", "跑动次数"),
    "handovers": ("handovers", "移交次数"),
    "supplements": ("supplements", "补正次数"),
    "signatures": ("signatures", "签批次数"),
    "steps": ("steps", "环节数"),
    "applicant_time": ("applicant's time", "申请人耗时"),
    "staff_minutes_per_case": ("staff minutes per case", "每件人工耗时"),
    "window_wait": ("wait at windows", "窗口等候"),
    "review_wait": ("wait for review", "审查等候"),
    "signature_wait": ("wait for a signature", "签批等候"),
    "internal_wait": ("wait of internal jobs", "内部事务等候"),
    "wait": ("wait", "等候"),
    "throughput": ("cases completed per month", "每月办结件数"),
    "utilisation": ("utilisation of staff", "人员忙碌率"),
    "backlog": ("backlog", "积压件数"),
}
STATISTICS: Mapping[str, tuple[str, str]] = {
    "mean": ("mean", "平均"),
    "median": ("median", "中位"),
    "p90": ("p90 of", "九成分位"),
    "share": ("share of", ""),
    "count": ("number of", "数量："),
    "max": ("largest weekly", "最高周度"),
    "min": ("smallest weekly", "最低周度"),
    "months_to_recover": ("months until recovered:", "恢复所需月数："),
}
UNITS = {
    "days": "天", "working days": "个工作日", "min": "分钟", "%": "%", "points": "个百分点", "months": "个月", "visits": "次",
    "handovers": "次", "supplements": "次", "signatures": "次", "steps": "个", "cases": "件", "cases per month": "件/月",
    "share": "",
}  # fmt: skip
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "supported": ("supported", "得到支持"),
    "conditionally supported": ("conditionally supported", "有条件成立"),
    "undetermined": ("undetermined", "尚无定论"),
    "refuted": ("refuted", "不成立"),
    "true, but not by the merger": ("true, but not by the merger", "属实，但并非合并之功"),
    "cannot be tested": ("cannot be tested", "无法检验"),
    "outside the model": ("outside the model", "超出模型范围"),
}
FORMS: Mapping[str, tuple[str, str]] = {
    "smaller than claimed": ("smaller than claimed", "小于宣称"),
    "no relevant effect": ("no relevant effect", "无实质变化"),
    "the opposite": ("the opposite", "与宣称相反"),
    "": ("", ""),
}
STATES: Mapping[str, tuple[str, str]] = {
    "holds": ("holds", "成立"),
    "refuted": ("does not hold", "不成立"),
    "undetermined": ("not decided", "未定"),
}


def digits(estimate: Estimate) -> int:
    """Digits after the point: one beyond the first of the half-width; three significant ones where there is no interval."""
    half, value = estimate.half_width, estimate.value
    if half:
        return min(max(0, 1 - math.floor(math.log10(half))), 4)
    return 0 if not value or float(value).is_integer() else min(max(0, 2 - math.floor(math.log10(abs(value)))), 4)


def told(number: float, places: int, signed: bool = False) -> str:
    """A number with a true minus sign, none on zero."""
    text = f"{abs(number):,.{places}f}"
    if not any(sign in "123456789" for sign in text):
        return text
    return (MINUS if number < 0 else "+" if signed else "") + text


def with_interval(estimate: Estimate, unit: str, lang: str, signed: bool = False) -> str:
    """A value with unit and interval, or why there is none."""
    if estimate.value is None:
        return estimate.note or ("not estimable", "无法估计")[lang == "zh"]
    places = digits(estimate)
    said = f"{told(estimate.value, places, signed)}{_unit(unit, lang)}"
    if estimate.low is None or estimate.high is None or estimate.low == estimate.high:
        return said
    return f"{said} [{told(estimate.low, places, signed)}, {told(estimate.high, places, signed)}]"


def _unit(unit: str, lang: str) -> str:
    shown = UNITS.get(unit, f" {unit}") if lang == "zh" else unit
    return shown if lang == "zh" or unit == "%" or not unit else f" {shown}"


def scope_of(condition: Condition, names: Mapping[str, Texts], lang: str) -> str:
    """Whose cases."""
    scope = condition.quantity.scope
    if isinstance(scope, tuple):
        return ", ".join(names.get(each, {}).get(lang, each) for each in scope)
    return ("the mix", "全部业务")[lang == "zh"] if scope == MIX else names.get(scope, {}).get(lang, scope)


def what(condition: Condition, names: Mapping[str, Texts], lang: str) -> str:
    """What is measured, on whom."""
    quantity, zh = condition.quantity, lang == "zh"
    measure = MEASURES.get(quantity.measure, (quantity.measure, quantity.measure))[zh]
    statistic = condition.statistic or quantity.statistic
    if statistic.startswith("share_at_most_"):
        most = statistic.rsplit("_", 1)[1]
        word = f"{measure}不超过{most}次的比例" if zh else f"share with at most {most} {measure}"
    else:
        word = STATISTICS.get(statistic, (statistic, statistic))[zh] + ("" if zh else " ") + measure
    at = "" if not quantity.desks else f"（{'、'.join(quantity.desks)}）" if zh else f" at {', '.join(quantity.desks)}"
    cohort = "" if quantity.cohort == COUNTED else f"，{quantity.cohort}" if zh else f", {quantity.cohort} cases"
    of = scope_of(condition, names, lang)
    return f"{of}的{word}{at}{cohort}" if zh else f"{word}{at} of {of}{cohort}"


def sized(condition: Condition, lang: str) -> str:
    """The smallest change that counts."""
    return f"{condition.size:g}{_unit(condition.unit, lang)}"


def wanted(condition: Condition, lang: str) -> str:
    """What the claim asks for."""
    size, zh = sized(condition, lang), lang == "zh"
    size = size.removesuffix("s") if condition.size == 1 and not zh else size
    kinds = {
        "decrease": (f"a decrease of at least {size}", f"至少降低{size}"),
        "increase": (f"an increase of at least {size}", f"至少提高{size}"),
        "no_increase": (f"no increase beyond {size}", f"上升不超过{size}"),
        "no_decrease": (f"no decrease beyond {size}", f"下降不超过{size}"),
        "at_most": (f"at most {size}", f"不超过{size}"),
        "below": (f"below {size}", f"低于{size}"),
        "at_least": (f"at least {size}", f"不低于{size}"),
        "above": (f"above {size}", f"高于{size}"),
    }
    return kinds[condition.kind][zh]


def finding(each: Finding, names: Mapping[str, Texts], lang: str) -> str:
    """One condition: what was claimed, what was found, and what follows."""
    condition, zh = each.condition, lang == "zh"
    state = STATES[each.state][zh]
    form = FORMS[each.form][zh]
    shown = change_of(each)
    if each.improvement.value is None:
        found = f"{each.note or each.improvement.note or ('not estimable', '无法估计')[zh]}"
    else:
        found = with_interval(shown, condition.unit, lang, signed=not condition.is_level)
    levels = _levels(each, lang)
    tail = f"（{form}）" if zh and form else f" ({form})" if form else ""
    if zh:
        return f"{what(condition, names, lang)}：宣称{wanted(condition, lang)}；模拟为{levels}{found}：{state}{tail}。"
    about = what(condition, names, lang)
    return f"{about[:1].upper()}{about[1:]}: claimed {wanted(condition, lang)}; simulated {levels}{found}: {state}{tail}."


def change_of(each: Finding) -> Estimate:
    """The change itself (a decrease is negative), or the level, out of the improvement."""
    condition, found = each.condition, each.improvement
    if condition.is_level:
        sign = 1.0 if condition.kind in ("at_least", "above") else -1.0
        ends = [None if end is None else condition.size + sign * end for end in (found.value, found.low, found.high)]
    else:
        sign = 1.0 if condition.kind in ("increase", "no_decrease") else -1.0
        ends = [None if end is None else sign * end for end in (found.value, found.low, found.high)]
    value, low, high = ends
    low, high = (low, high) if sign > 0 else (high, low)
    return Estimate(value, low, high, found.replications, found.note, found.method)


def _levels(each: Finding, lang: str) -> str:
    if each.condition.is_level or each.before is None or each.after is None or None in (each.before.value, each.after.value):
        return ""
    from govsim.measures import MEASURES as CATALOGUE

    quantity = each.condition.quantity
    unit = CATALOGUE[quantity.measure].unit_of(quantity.statistic)
    unit = "%" if unit == "share" else unit
    before, after = (told(level.value or 0.0, digits(level)) for level in (each.before, each.after))
    return f"{before} → {after}{_unit(unit, lang)}{'，变化' if lang == 'zh' else ', a change of '}"


def listed(names: Sequence[str], lang: str, most: int = 6) -> str:
    """Names in a row, the rest counted."""
    shown = list(names[:most])
    rest = len(names) - most
    if lang == "zh":
        return "、".join(shown) + (f"等{len(names)}项" if rest > 0 else "")
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
