"""Who is in the numbers of a verdict, told in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from govsim.evidence import words
from govsim.evidence.condition import Finding
from govsim.evidence.ends import (
    AT_LEAST,
    AT_WORST,
    NOBODY_FOLLOWED,
    NOT_SAME,
    NOT_YET,
    OF_THE_STAYED,
    TURNS,
    People,
)
from govsim.evidence.words import LANGUAGES, Pair
from govsim.measures import ENDS, MEASURES

NOBODY: Pair = ("", "")
FOLLOW: Pair = (
    (
        "Nobody is followed: the horizon lies on the last day that is counted. Set `horizon` as "
        "many days behind `count_until` as answers take."
    ),
    "无人被跟踪：终止日即为最后统计日。请把 horizon 设在 count_until 之后足够多天。",
)
ENDED: Mapping[str, Pair] = {
    "completed": ("granted", "准予"),
    "rejected": ("refused", "不予许可"),
    "open": ("no answer yet", "尚无答复"),
    "withdrawn": ("gave up", "放弃"),
}


def in_100(share: float, lang: str = "en") -> str:
    """A share as so many in 100, with the digits that a reader can use."""
    many = 100.0 * share
    if 0.0 < many < 0.1:
        return "不足 0.1" if lang == "zh" else "less than 0.1"
    return f"{many:.1f}".removesuffix(".0")


def ends(shares: Mapping[str, float], lang: str) -> str:
    """The four ends, those that nobody came to left out."""
    k = LANGUAGES.index(lang)
    told = [f"{ENDED[end][k]} {in_100(shares[end], lang)}" for end in ENDS if shares[end] > 0]
    return ("、" if k else ", ").join(told)


def open_because(finding: Finding) -> Pair:
    """Why a finding is open because of who is in it."""
    people = finding.people
    if people is None:
        return NOBODY
    if people.why == NOBODY_FOLLOWED:
        return FOLLOW
    if people.why == TURNS:
        return _turns(finding, people)
    if people.why == AT_LEAST:
        return _at_least(finding, people)
    if people.why == NOT_YET:
        return _not_yet(finding, people)
    if people.why == OF_THE_STAYED:
        return _stayed(finding, people)
    first, second = (
        {lang: ends(shares, lang) for lang in LANGUAGES} for shares in (people.first, people.second)
    )
    who = (
        f"in 100 of all who filed, first {first['en']}; then {second['en']}",
        f"每 100 名申报人：先为{first['zh']}；后为{second['zh']}",
    )
    if people.why == NOT_SAME:
        same = _change(finding, people, "among_same")
        en = "among those with the same answer in both it is"
        zh = "在两种情形下答复相同的人中为"
        return _not_the_same(en, zh, same, who)
    limit = _change(finding, people, "at_limit")
    end = ("worst", "最差") if people.why == AT_WORST else ("best", "最好")
    en = f"with the more who were refused, gave up or have no answer yet put at the {end[0]} it is"
    zh = f"多出的不予许可、放弃和尚无答复者按{end[1]}情形计，为"
    return _not_the_same(en, zh, limit, who)


def _not_the_same(en: str, zh: str, change: Pair, who: Pair) -> Pair:
    return (
        f"Not the same people: {en} {change[0]} ({who[0]}).",
        f"不是同一批人：{zh}{change[1]}（{who[1]}）。",
    )


def _change(finding: Finding, people: People, which: str) -> Pair:
    other = replace(finding, improvement=getattr(people, which))
    return words.number(other, "en"), words.number(other, "zh")


def _turns(finding: Finding, people: People) -> Pair:
    unit = MEASURES[finding.condition.quantity.measure].unit
    tau, more = people.tau or 0.0, in_100(people.second["open"] - people.first["open"])
    turning = people.turning or tau
    days = words.counted(unit, "zh")
    en = (
        f"It is the mean of the first {tau:.0f} {unit}, and turns if the {more} in 100 more who "
        f"had no answer in {tau:.0f} {unit} take longer than {turning:.0f} {unit} on average."
    )
    zh = (
        f"所计为前 {tau:.0f}{days}的均值；若多出的每 100 人中 {more} 名在此期间尚无答复者"
        f"平均超过 {turning:.0f}{days}，结论即翻转。"
    )
    return en, zh


def _not_yet(finding: Finding, people: People) -> Pair:
    limit = _change(finding, people, "at_limit")
    en = (
        "Of some it is not yet known whether the promise is kept; if for all of them it turned out "
        f"as best, or worst, for the claim, it would be {limit[0]}."
    )
    zh = f"部分办件是否履约尚不可知；若全部按对主张最有利或最不利的结果计，则为{limit[1]}。"
    return en, zh


def _at_least(finding: Finding, people: People) -> Pair:
    unit = MEASURES[finding.condition.quantity.measure].unit
    tau = people.tau or 0.0
    waiting = in_100(max(people.first["open"], people.second["open"]))
    days = words.counted(unit, "zh")
    en = (
        f"It is the mean of the first {tau:.0f} {unit}: {waiting} in 100 had no answer yet by "
        "then, so the mean of all is larger, by how much is not known."
    )
    zh = (
        f"所计为前 {tau:.0f}{days}的均值：届时每 100 人中 {waiting} 人尚无答复，"
        "全部的均值更大，大多少不可知。"
    )
    return en, zh


def _stayed(finding: Finding, people: People) -> Pair:
    limit = _change(finding, people, "at_limit") if people.at_limit else NOBODY
    stayed = in_100(people.stayed)
    en = (
        f"True of those who stayed ({stayed} in 100 of all who filed); with those who gave up as "
        f"not answered it is {limit[0]}."
    )
    zh = (
        f"仅对留下的人成立（占全部申报人每 100 人中的 {stayed} 人）；"
        f"放弃者按未答复计，为{limit[1]}。"
    )
    return en, zh


def read(people: People, names: tuple[str, ...], measure: str, statistic: str) -> Pair:
    """Of whom a time is, and as far as they were followed; nothing where nobody is missing, or
    where it is told already why the finding is open.
    """
    shares = [people.first, people.second][-len(names) :]
    unit, tau = MEASURES[measure].unit, people.tau
    en, zh = [], []
    waiting = [share["open"] for share in shares]
    if tau is not None and statistic == "mean" and any(waiting) and people.why != AT_LEAST:
        en.append(
            f"It is the mean of the first {tau:.0f} {unit}: no answer yet by then had "
            f"{_by(names, waiting, 'en')} in 100."
        )
        zh.append(
            f"所计为前 {tau:.0f}{words.counted(unit, 'zh')}的均值：届时尚无答复者每 100 人中"
            f"{_by(names, waiting, 'zh')}人。"
        )
    left = [share["withdrawn"] for share in shares]
    if tau is not None and any(left) and statistic.startswith("share_at_"):
        en.append(f"It is of all who filed: gave up had {_by(names, left, 'en')} in 100.")
        zh.append(f"所计为全部申报人：放弃者每 100 人中{_by(names, left, 'zh')}人。")
    elif tau is not None and any(left) and people.why != OF_THE_STAYED:
        stayed = [1.0 - share for share in left]
        en.append(f"It is of those who stayed: {_by(names, stayed, 'en')} in 100 of all who filed.")
        zh.append(f"所计为未放弃者：占全部申报人每 100 人中{_by(names, stayed, 'zh')}人。")
    refused = [share["rejected"] for share in shares]
    if MEASURES[measure].unit == "share" and any(refused):
        en.append(f"Refused were {_by(names, refused, 'en')} in 100 of all who filed.")
        zh.append(f"不予许可者占全部申报人每 100 人中{_by(names, refused, 'zh')}人。")
    if people.away:
        gone, away = in_100(people.away), in_100(people.away, "zh")
        en.append(
            f"{gone} in 100 of those who filed first do not file then, and are left out here."
        )
        zh.append(f"先前申报者中每 100 人有 {away} 人后来不再申报，此处不计。")
    return " ".join(en), "".join(zh)


def _by(names: tuple[str, ...], shares: list[float], lang: str) -> str:
    told = [
        f"{in_100(share, lang)} ({words.configuration(name, lang)})"
        for name, share in zip(names, shares, strict=True)
    ]
    return ("、" if lang == "zh" else ", ").join(told)


def fare(worse: float, better: float) -> Pair:
    """Who fares worse, and better, by their end."""
    if not worse and not better:
        return NOBODY
    worst, best = in_100(worse, "zh"), in_100(better, "zh")
    return (
        f"By their end {in_100(worse)} in 100 fare worse, {in_100(better)} in 100 better.",
        f"就结局而言，每 100 人中 {worst} 人变差，{best} 人变好。",
    )


def shifted(share: float, minutes: float) -> Pair:
    """Who files at another instant, and how much later: a wait before filing is in no time."""
    if not share:
        return NOBODY
    hours = f"{abs(minutes) / 60.0:.1f}"
    when = ("later", "推迟") if minutes > 0 else ("earlier", "提前")
    many = [in_100(share, lang) for lang in LANGUAGES]
    en = f"{many[0]} in 100 of those who file in both do so at another instant then, on average"
    zh = f"两种情形下均申报者中每 100 人有 {many[1]} 人后来改在其他时刻申报，平均{when[1]}"
    return (
        f"{en} {hours} hours {when[0]}; a wait before filing is in no time.",
        f"{zh} {hours} 小时；申报前的等待不计入任何时间。",
    )
