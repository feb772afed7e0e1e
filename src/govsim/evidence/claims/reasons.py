"""Why a verdict is what it is: the sentences around its conditions, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from govsim.display.words import Words
from govsim.evidence import words
from govsim.evidence.condition import UNDETERMINED, Condition, Finding
from govsim.evidence.staffing.result import Staffing
from govsim.evidence.staffing.why import told
from govsim.evidence.words import LANGUAGES, Pair, Vocabulary
from govsim.model.offered_load import Pool
from govsim.statistics.estimate import Estimate

NONE: Pair = ("", "")
OUTSIDE: Pair = (
    "What it speaks of is not in the model: whatever is simulated, this is not shown.",
    "所说的内容不在模型之内：无论模拟结果如何，都不能视为已证实。",
)
NO_ROOM: Pair = (
    "There is no room for the claim: it was so before the reform.",
    "改革前已经如此，没有检验的余地。",
)
BETWEEN: Pair = (
    (
        "It is neither what would support the claim nor what would refute it; more replications "
        "would not change that."
    ),
    "结果介于支持与否定的界限之间；增加重复也不会改变。",
)
NO_PERCENTAGE: Pair = (
    "A percentage of it has no meaning; the claim would have to be stated in its own unit.",
    "其百分比没有意义；应以其本身的单位提出主张。",
)
SILENT: Pair = ("The run cannot say.", "本次运行无法回答。")
AT_THE_LIMIT: Pair = (
    "The effect lies so close to the limit that more replications would hardly decide.",
    "效果恰在界限附近，增加重复也难以判定。",
)
PERHAPS_MORE: Pair = ("More replications may decide.", "增加重复或可判定。")
MERGER_OPEN: Pair = (
    "Whether the claim needs the merger is not decided.",
    "是否须合并才成立，尚不能判定。",
)
ONE_WORLD: Pair = (
    "No number of the scenario has a range, so there are no other worlds to look at.",
    "情景中没有带范围的数值，因此没有其他参数世界需要检验。",
)
TOO_FEW_WORLDS: Pair = ("A verdict needs 256 worlds.", "判定需要 256 个参数世界。")
STATED_ONLY: Pair = (
    "The staffing study takes all numbers as stated; other worlds are not part of it.",
    "编制研究按所述数值进行，不含其他参数世界。",
)
NOT_NEEDED: Pair = (
    (
        "It sets fewer posts after the reform against all posts before it, and does not show that "
        "the posts were needed then."
    ),
    "它以改革后减少编制与改革前的全部编制相比，并不说明这些编制在改革前是必需的。",
)


def joined(first: Pair, second: Pair) -> Pair:
    """One sentence after the other."""
    return f"{first[0]} {second[0]}".strip(), first[1] + second[1]


# -------------------------------------------------------------------------------- what would decide


def more(number: int, command: str) -> Pair:
    """How many replications would decide."""
    return (
        f"About {number:,} replications in all would decide: {command}",
        f"共约 {number:,} 次重复可以判定：{command}",
    )


def lacking(names: Sequence[str], command: str) -> Pair:
    """Configurations that the run does not have."""
    listed = ", ".join(names)
    return (
        f"The run has no configuration {listed}; run: {command}",
        f"本次运行没有方案 {listed}；请运行：{command}",
    )


def unstable(pools: Mapping[str, Sequence[Pool]]) -> Pair:
    """That queues cannot settle, whose, and what would decide."""
    en, zh = _who(pools)
    return (
        (
            f"More work comes than can be done in {en}: a time there says how long one looked. To "
            "decide, give the configuration the staff, or the seats, for the work that comes."
        ),
        (f"{zh}的工作量超过办理能力：那里的时间取决于统计多久。须先配足人员或会议席位方可判定。"),
    )


def broken(pools: Mapping[str, Sequence[Pool]]) -> Pair:
    """That queues cannot settle in the second configuration only, and whose."""
    en, zh = _who(pools)
    return (
        (
            f"The reform breaks the queue: more work comes than can be done in {en}, so times grow "
            "without end there, however short they look in a finite run."
        ),
        f"改革使队列不再收敛：{zh}的工作量超过办理能力，时间将无限增长，无论有限的运行中看来多短。",
    )


def _who(pools: Mapping[str, Sequence[Pool]]) -> Pair:
    """Configurations, each with who or what cannot serve all."""
    listed = {
        lang: [
            f"{words.configuration(name, lang)} "
            f"({words.listed([one for pool in some for one in pool.names], lang)})"
            for name, some in pools.items()
        ]
        for lang in LANGUAGES
    }
    return " and ".join(listed["en"]), "、".join(listed["zh"])


def too_few(number: int, better: int) -> Pair:
    """Fewer conditions improved than were to."""
    return (
        (
            f"No more than {number} can have improved by more than what counts as no change; "
            f"{better} were to."
        ),
        f"至多 {number} 项的改善超出视为不变的幅度；主张要求 {better} 项。",
    )


# ------------------------------------------------------------------------------- without the merger


def not_without(each: Finding, without: str) -> Pair:
    """What is missing without the merger."""
    en, zh = (words.configuration(without, lang) for lang in LANGUAGES)
    return (
        (
            f"It does not hold with {en}: {words.what(each.condition, 'en')} "
            f"{words.number(each, 'en')}."
        ),
        f"{zh}时不成立：{words.what(each.condition, 'zh')} {words.number(each, 'zh')}。",
    )


def credited(alone: Finding, added: Estimate | None, without: str) -> Pair:
    """What is reached without the merger, and what it adds."""
    condition = alone.condition
    names = [words.configuration(without, lang) for lang in LANGUAGES]
    en = (
        f"With {names[0]}, without a merger, {words.what(condition, 'en')}: "
        f"{words.number(alone, 'en')}"
    )
    zh = f"{names[1]}、不合并时，{words.what(condition, 'zh')}：{words.number(alone, 'zh')}"
    if added is None:
        return f"{en}.", f"{zh}。"
    unit = words.ADDED_IN.get(condition.unit, condition.unit)
    adds = [words.with_interval(added, unit, lang, limit=condition.delta) for lang in LANGUAGES]
    counts = [words.sized(replace(condition, unit=unit), lang) for lang in LANGUAGES]
    return (
        f"{en}. The merger levers add {adds[0]} to it; {counts[0]} would count.",
        f"{zh}。合并措施另外增加 {adds[1]}；达到 {counts[1]}才算有实质作用。",
    )


# ------------------------------------------------------------------------------------------- worlds


def unexplored(command: str) -> Pair:
    """What is not known about other worlds."""
    return (
        (
            "It holds with all numbers as stated. Whether it does where the assumptions are off "
            f"was not explored; run: {command}"
        ),
        f"在各数值取所述值时成立；假设有偏差时是否成立尚未检验，请运行：{command}",
    )


def in_worlds(each: Mapping[str, Any] | None) -> Pair:
    """In how many worlds the claim holds; nothing where none were looked at."""
    if each is None:
        return NONE
    unresolved = each["unresolved"]
    be = "is" if unresolved == 1 else "are"
    some = (
        (f", {unresolved} {be} not resolved", f"，{unresolved} 个尚不能判定")
        if unresolved
        else NONE
    )
    low, high = (f"{100 * each[end]:.0f}" for end in ("low", "high"))
    en = (
        f"It holds in {each['holds']} of {each['worlds']} worlds drawn from the assumptions' "
        f"ranges{some[0]}"
    )
    zh = f"在按假设范围抽取的 {each['worlds']} 个参数世界中有 {each['holds']} 个成立{some[1]}"
    return (
        f"{en} (95 % interval of the share: {low} to {high} %).",
        f"{zh}（比例的 95% 区间：{low}% 至 {high}%）。",
    )


def unless(each: Mapping[str, Any]) -> Pair:
    """Where the claim fails, and what its size depends on."""
    box, leading = each.get("box"), each.get("leading") or ()
    if box:
        share = f"{100 * box['density']:.0f}"
        where = (
            f"It fails in {share} % of the worlds where {box['en']}.",
            f"在{box['zh']}的参数世界中有 {share}% 不成立。",
        )
    elif each["fails"]:
        where = (
            "No simple box separates the worlds where it fails.",
            "没有简单的条件能区分出不成立的参数世界。",
        )
    else:
        where = NONE
    named = (
        f"Its size depends most on {', '.join(leading)} of the variance.",
        f"其大小主要取决于：{'、'.join(leading).replace(' %', '%')}（占方差）。",
    )
    return joined(where, named if leading else NONE)


# ------------------------------------------------------------------------------- service by service


def by_themselves(
    each: Finding,
    number: int,
    reached: Sequence[Finding],
    short: Sequence[Finding],
    said: Vocabulary,
) -> Pair:
    """Which services reach by themselves what is claimed of them together."""
    guard = each.condition.is_guard
    does, does_not = (
        ("stay within it", "go beyond it") if guard else ("reach it", "fall short of it")
    )
    few, many = (
        [words.services(some, said, lang) for lang in LANGUAGES]
        for some in (_worst_first(short), reached)
    )
    what, wanted = (
        [tell(each.condition, lang) for lang in LANGUAGES] for tell in (words.what, words.wanted)
    )
    en = (
        f"By service, {what[0]} ({wanted[0]}): {len(reached)} of {number} services {does} by "
        "themselves"
    )
    en += (f": {many[0]}" if many[0] else "") + (
        f"; {len(short)} {does_not}: {few[0]}." if short else "."
    )
    zh = f"分事项看，{what[1]}（{wanted[1]}）：{number} 个事项中有 {len(reached)} 个各自达到"
    zh += (f"：{many[1]}" if many[1] else "") + (
        f"；{len(short)} 个未达到：{few[1]}。" if short else "。"
    )
    return en, zh


def warning(each: Finding, worse: Sequence[Finding], said: Vocabulary) -> Pair:
    """Who loses although the claim holds."""
    what = [words.what(each.condition, lang) for lang in LANGUAGES]
    names = [words.services(_worst_first(worse), said, lang) for lang in LANGUAGES]
    return (
        (
            f"Warning: {what[0]} gets worse for {len(worse)} of the services that are put together "
            f"here: {names[0]}."
        ),
        f"警告：在合并计算的事项中，有 {len(worse)} 个的{what[1]}变差：{names[1]}。",
    )


def _worst_first(found: Sequence[Finding]) -> list[Finding]:
    return sorted(found, key=lambda each: each.improvement.value or 0.0)


# -------------------------------------------------------------------------------------------- posts


def not_looked_at(command: str) -> Pair:
    """The staffing study is missing."""
    return (
        f"Which posts could go was not looked at; run: {command}",
        f"尚未检验哪些编制可以减少；请运行：{command}",
    )


def other_question(command: str) -> Pair:
    """The staffing study is about something else."""
    return (
        (
            "The staffing study in the run's folder asked another question than this claim; run it "
            f"again: {command}"
        ),
        f"运行文件夹中的编制研究所问与本主张不同；请重新运行：{command}",
    )


def more_posts(staffing: Staffing, command: str) -> Pair:
    """What would decide about posts."""
    open_ = [name for name, each in staffing.family.items() if each.verdict == UNDETERMINED]
    named = [
        words.listed([staffing.names.get(each, {}).get(lang, each) for each in open_], lang)
        for lang in LANGUAGES
    ]
    return (
        f"It is not decided for {named[0]}. More replications may decide: {command}",
        f"{named[1]}尚不能判定。增加重复或可判定：{command}",
    )


def not_free(staffing: Staffing, vocabulary: Vocabulary) -> Pair:
    """What refuses posts or leaves them open, with the groups in which it does."""
    en, zh = (_not_free(staffing, vocabulary, lang) for lang in LANGUAGES)
    return en, zh


def _not_free(staffing: Staffing, vocabulary: Vocabulary, lang: str) -> str:
    says, colon, stop = Words(lang), *{"en": (": ", ". "), "zh": ("：", "。")}[lang]

    def name(of: str) -> str:
        return staffing.names.get(of, {}).get(lang) or vocabulary.service(of, lang)

    groups: dict[str, list[str]] = {}
    for each in staffing.less:
        if each.why:
            groups.setdefault(told(each.why, says, name), []).append(name(each.group))
    shown = [*groups.items()][: words.SHOWN]
    return "".join(f"{words.listed(g, lang)}{colon}{why}{stop}" for why, g in shown).strip()


def beside(each: Finding, without: str) -> Pair:
    """A path set against the levers that start on the same day and need no merger:
    a dip that these hide.
    """
    en, zh = (words.configuration(without, lang) for lang in LANGUAGES)
    return (
        (
            f"Set against {en}, which start on the same day, {words.what(each.condition, 'en')}: "
            f"{words.number(each, 'en')}."
        ),
        (
            f"与同日开始的“{zh}”方案相比，{words.what(each.condition, 'zh')}："
            f"{words.number(each, 'zh')}。"
        ),
    )


def posts(staffing: Staffing, condition: Condition) -> Pair:
    """What the staffing study found."""
    could, groups, together = staffing.one_at_a_time, len(staffing.family), staffing.together
    inside = staffing.cuts[1].confirmed if len(staffing.cuts) > 1 else None
    what, wanted = (
        [tell(condition, lang) for lang in LANGUAGES] for tell in (words.what, words.wanted)
    )
    en = (
        f"One post less, {what[0]} of every service {wanted[0]} against before: possible in "
        f"{could} of {groups} groups, "
    )
    en += (
        "taken one at a time, with as many granted, refused and giving up to within "
        f"{staffing.margin:g} in 100 of all who filed."
    )
    zh = (
        f"每次减少一个编制，各事项的{what[1]}与改革前相比{wanted[1]}，且在全部申请中的获准、不予许可"
        f"与放弃比例变动不超过 {staffing.margin:g} 个百分点：{groups} 个组中有 {could} 个可行。"
    )
    if together:
        also = (
            f", {inside} if internal jobs must not get slower",
            f"，若内部事务也不得变慢则为 {inside} 个",
        )
        some = also if inside is not None else NONE
        en += f" Together {together} posts could go{some[0]} (judged again on fresh replications)."
        zh += f"同时可以减少 {together} 个{some[1]}（以新的重复复核）。"
    return en, zh
