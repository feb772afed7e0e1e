"""Whose doing a claim's gain is, in sentences, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from govsim.evidence import words
from govsim.evidence.conditions.condition import HOLDS, REFUTED, Condition, Finding
from govsim.evidence.doing import (
    AGAINST,
    EITHER,
    HARM,
    LACKING,
    LEAST_FIRST,
    NOT_ASKED,
    NOT_THE_SAME,
    OPEN,
    TOGETHER,
    Credit,
    Doing,
)
from govsim.evidence.qualification.record import in_100
from govsim.evidence.words import LANGUAGES, Pair, Vocabulary
from govsim.statistics.estimate import Estimate

DOINGS: dict[str, Pair] = {
    "not asked": ("not asked", "不问"),
    "against the merger": ("against the merger", "合并起了反作用"),
    "hardly the merger's": ("hardly the merger's", "几乎与合并无关"),
    "the merger's": ("the merger's", "主要归于合并"),
    "mostly the process levers'": ("mostly the process levers'", "主要归于流程措施"),
    "shared": ("shared", "两者共同"),
    "open": ("open", "尚不能判明"),
}
SHOWN = 4  # gains with their numbers, the rest counted
JOINTLY: dict[str, Pair] = {
    "": ("", ""),
    EITHER: (
        " Either kind of levers alone would do.",
        "仅流程措施或仅合并措施都已足以使其成立。",
    ),
    TOGETHER: (" Only together do they reach it.", "两类措施共同实施才使其成立。"),
}
NOT_THE_SAME_PEOPLE: Pair = (
    "Not the same people: who files in all four configurations is not kept, or nobody does.",
    "申请人不同：没有人在四个方案中都申报，或未保留其结果。",
)
DO_HARM: Pair = (
    "The process levers alone do harm: what the merger repairs of it is no gain of its own.",
    "流程措施单独实施反而有害：合并只是弥补这一损害，不算其自身的收益。",
)
HARDLY_MORE: Pair = (
    "More replications would hardly tell.",
    "增加重复也难以判明。",
)


def sentences(doing: Doing, said: Vocabulary, lacking: Pair, more: Pair) -> list[Pair]:
    """Whose doing it is, gain by gain, the least first; nothing where it was not asked.

    `lacking` is what to run for the configurations that are not there, `more` for as many
    replications as would tell.
    """
    asked = sorted(
        (each for each in doing.credits if each.word != NOT_ASKED),
        key=lambda each: LEAST_FIRST.index(each.word),
    )
    told = [_gain(each, said) for each in asked[:SHOWN]]
    told += [_rest(asked[SHOWN:])] if len(asked) > SHOWN else []
    if doing.word != NOT_ASKED and [each.word for each in asked] != [doing.word]:
        least = doing.word in [each.word for each in asked]
        told.insert(0, _least(doing.word, len(asked) if least else 0))
    opened = [each for each in asked if each.word == OPEN]
    if any(each.why.startswith(LACKING) for each in opened):
        told.append(lacking)
    elif any(each.needed for each in opened):
        told.append(more)
    told += _beyond(doing.beyond, said, bool(asked))
    return [*told, more] if doing.word == OPEN and not asked else told


def by_definition(names: Sequence[str]) -> Pair:
    """Levers that earn handovers by changing what belongs to what."""
    listed = [words.listed(names, lang) for lang in LANGUAGES]
    return (
        (
            f"By definition: {listed[0]} changes names and belonging only, so files go the same "
            "way and fewer of their moves are called handovers."
        ),
        f"按定义：{listed[1]} 只改变名称与隶属关系，文件流转照旧，只是较少计为移交。",
    )


def could_be_had(names: Sequence[str], doing: Doing, said: Vocabulary) -> Pair:
    """Whose doing it is where merger levers that join nothing of two departments are counted as
    process levers, with the numbers of the gain that decides it.
    """
    listed = [words.listed(names, lang) for lang in LANGUAGES]
    en, zh = DOINGS[OPEN if doing.lacks else doing.word]
    several = len([each for each in doing.credits if each.word != NOT_ASKED]) > 1
    gains = [each for each in doing.credits if each.word == doing.word != NOT_ASKED]
    why: Pair = ("", "")
    if doing.lacks:
        why = ("", "")
    elif gains and gains[0].why:
        why = _why(gains[0].why)
    elif gains:
        about = _about(gains[0].condition, said) if several else ("", "")
        en, zh = f"{en}{about[0] and ', '}{about[0]}", f"{zh}{about[1] and '，'}{about[1]}"
        numbers = _taken_back(gains[0]) if doing.word == AGAINST else _divided(gains[0])
        of = _of_whom(gains[0])
        why = (numbers[0] + of[0], numbers[1] + of[1])
    elif beyond := _beyond(doing.beyond, said, bool(doing.credits)):
        why = beyond[0]
    return (
        (
            "With the levers that could be had without a merger counted as process levers "
            f"({listed[0]}): {en}. {why[0]}"
        ).rstrip(),
        f"若把不合并也能采取的措施计为流程措施（{listed[1]}）：{zh}。{why[1]}",
    )


def _least(word: str, number: int) -> Pair:
    en, zh = DOINGS[word]
    if not number:
        return f"Whose doing: {en}.", f"归因：{zh}。"
    return (
        f"Whose doing: {en}, the least of its {number} gains.",
        f"归因：{zh}（{number} 项改善中最低者）。",
    )


def _rest(credits: Sequence[Credit]) -> Pair:
    """The words of those that are not told one by one."""
    many = {word: sum(each.word == word for each in credits) for word in LEAST_FIRST}
    counted = [
        [f"{DOINGS[word][k]} ({number})" for word, number in many.items() if number]
        for k in range(2)
    ]
    return f"The others: {', '.join(counted[0])}.", f"其余：{'、'.join(counted[1])}。"


def _gain(credit: Credit, said: Vocabulary) -> Pair:
    """One gain: the word, and what it rests on."""
    condition = credit.condition
    about = _about(condition, said)
    word, jointly = DOINGS[credit.word], JOINTLY[credit.jointly]
    if credit.word == OPEN and credit.why:
        why = _why(credit.why)
        return (
            f"Whose doing, {about[0]}: {word[0]}. {why[0]}",
            f"归因，{about[1]}：{word[1]}。{why[1]}",
        )
    numbers = _taken_back(credit) if credit.word == AGAINST else _divided(credit)
    of = _of_whom(credit)
    hardly = HARDLY_MORE if credit.word == OPEN and credit.needed is None else ("", "")
    return (
        f"Whose doing, {about[0]}: {word[0]}. {numbers[0]}{jointly[0]}{of[0]} {hardly[0]}".rstrip(),
        f"归因，{about[1]}：{word[1]}。{numbers[1]}{jointly[1]}{of[1]}{hardly[1]}",
    )


def _about(condition: Condition, said: Vocabulary) -> Pair:
    """What a gain is of, and whose."""
    en, zh = ((words.what(condition, lang), said.scope(condition, lang)) for lang in LANGUAGES)
    return ", ".join(en), "，".join(zh)


def _of_whom(credit: Credit) -> Pair:
    """Who is asked, where not everybody files in all configurations, and how many are left out."""
    if not credit.left_out:
        return ("", "")
    en, zh = (
        words.listed(
            [
                f"{in_100(share, lang)}{unit} ({words.configuration(name, lang)})"
                for name, share in credit.left_out.items()
            ],
            lang,
        )
        for lang, unit in zip(LANGUAGES, (" in 100", " 人"), strict=True)
    )
    return (
        (
            " Asked of those who file in all four configurations; left out of all who file are "
            f"{en}."
        ),
        f"仅就四个方案中都申报的人；每 100 名申报人中不计 {zh}。",
    )


def _why(why: str) -> Pair:
    if why == NOT_THE_SAME:
        return NOT_THE_SAME_PEOPLE
    if why == HARM:
        return DO_HARM
    start, _, names = why.partition(": ")
    if start == LACKING:
        return f"The run has no {names}.", f"本次运行没有方案 {names}。"
    if names:
        return f"{names} {start}.", f"{names} 的队列不会收敛。"
    return words.note(why, "en") + ".", words.note(why, "zh") + "。"


def _taken_back(credit: Credit) -> Pair:
    """What the process levers bring alone and the merger levers take away again."""
    back, whole = (
        [_number(each, credit.condition, lang) for lang in LANGUAGES]
        for each in (_negative(credit.added_last), credit.process_only)
    )
    return (
        f"The merger takes back {back[0]} of the {whole[0]} that the process levers bring alone.",
        f"流程措施单独带来 {whole[1]}，合并又抵消其中的 {back[1]}。",
    )


def _divided(credit: Credit) -> Pair:
    """The Shapley value, between added last and alone, and its share."""
    condition = credit.condition
    total, merger, last, alone, process = (
        [_number(each, condition, lang) for lang in LANGUAGES]
        for each in (
            replace(credit.total, low=None, high=None),  # its interval is the finding's
            credit.shapley,
            credit.added_last,
            credit.merger_only,
            credit.process_only,
        )
    )
    share = [words.with_interval(credit.share.times(100.0), "%", lang) for lang in LANGUAGES]
    return (
        (
            f"Of {total[0]} gained, {merger[0]} are the merger's, between {last[0]} (added "
            f"last) and {alone[0]} (alone): {share[0]} of it. The process levers alone bring "
            f"{process[0]}."
        ),
        (
            f"改善 {total[1]}，其中合并占 {merger[1]}，介于 {last[1]}（最后加入）与 {alone[1]}"
            f"（单独）之间，即 {share[1]}。仅流程措施为 {process[1]}。"
        ),
    )


def _number(found: Estimate, condition: Condition, lang: str) -> str:
    unit = words.ADDED_IN.get(condition.unit, condition.unit)
    if found.value is not None:  # a difference of what is exact is so up to rounding
        found = replace(found, value=float(f"{found.value:.12g}"))
    return words.with_interval(found, unit, lang)


def _negative(found: Estimate) -> Estimate:
    turned = found.times(-1.0)
    return replace(turned, low=turned.high, high=turned.low)


def _beyond(findings: Sequence[Finding], said: Vocabulary, gains: bool) -> list[Pair]:
    """Who is harmed beyond the process levers, which start on the same day and may hide it."""
    harmed = [each for each in findings if each.state == REFUTED]
    open_ = [each for each in findings if each.state not in (REFUTED, HOLDS)]
    if harmed:
        who = [_listed(harmed, said, lang) for lang in LANGUAGES]
        return [
            (
                f"Harms beyond the process levers: {who[0]}.",
                f"与仅流程措施相比受损：{who[1]}。",
            )
        ]
    if gains or not findings:
        return []
    if open_:
        who = [_listed(open_, said, lang) for lang in LANGUAGES]
        return [
            (
                f"Whether it harms beyond the process levers is open: {who[0]}.",
                f"与仅流程措施相比是否受损，尚不能判定：{who[1]}。",
            )
        ]
    return [
        (
            "Against the process levers alone, of the same day, nothing gets worse either.",
            "与同日开始的仅流程措施相比，也没有变差。",
        )
    ]


def _listed(findings: Sequence[Finding], said: Vocabulary, lang: str) -> str:
    """Services, or whoever a condition is about, with what was found of each."""
    zh = lang == "zh"
    shown = [
        f"{said.scope(each.condition, lang)}{'（' if zh else ' ('}"
        f"{words.what(each.condition, lang)} {words.number(each, lang)}{'）' if zh else ')'}"
        for each in findings
    ]
    return words.listed(shown, lang, SHOWN)
