"""Why a verdict is what it is: the sentences around its conditions, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from govsim.display.words import Words
from govsim.evidence import words
from govsim.evidence.conditions.condition import UNDETERMINED, Condition, Finding
from govsim.evidence.qualification.record import Qualification
from govsim.evidence.staffing.result import Staffing
from govsim.evidence.staffing.why import told
from govsim.evidence.words import LANGUAGES, Pair, Texts, Vocabulary
from govsim.model.offered_load import Pool

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
SILENT: Pair = ("The run cannot say.", "本次运行无法回答。")
AT_THE_LIMIT: Pair = (
    "The effect lies so close to the limit that more replications would hardly decide.",
    "效果恰在界限附近，增加重复也难以判定。",
)
PERHAPS_MORE: Pair = ("More replications may decide.", "增加重复或可判定。")
HARDLY_TELL: Pair = (
    "More replications would hardly tell whose doing it is.",
    "增加重复也难以判明归因。",
)
ONE_WORLD: Pair = (
    "No number of the scenario has a range, so there are no other possible offices to look at.",
    "情景中没有带范围的数值，因此没有其他可能的机构需要检验。",
)
NO_PERCENTAGE = Qualification("no_percentage", "")
TOO_FEW_WORLDS = Qualification("fewer_than_256", "")
NOTHING_DECIDED = Qualification("fewer_than_64", "")
STATED_ONLY = Qualification("posts_as_stated", "")
NOT_NEEDED = Qualification("need_before_not_shown", "")
WARM_UP = Qualification("warm_up", "")


def joined(*told: Pair) -> Pair:
    """One sentence after the other."""
    return " ".join(filter(None, (en for en, _ in told))), "".join(zh for _, zh in told)


# -------------------------------------------------------------------------------- what would decide


def more(number: int, command: str) -> Pair:
    """How many replications would decide."""
    return (
        f"About {number:,} replications in all would decide: {command}",
        f"共约 {number:,} 次重复可以判定：{command}",
    )


def would_tell(number: int, command: str) -> Pair:
    """How many replications would tell whose doing it is."""
    return (
        f"About {number:,} replications in all would tell whose doing it is: {command}",
        f"共约 {number:,} 次重复可以判明归因：{command}",
    )


def lacking(names: Sequence[str], command: str) -> Pair:
    """Configurations that the run does not have."""
    listed = ", ".join(names)
    return (
        f"The run has no configuration {listed}; run: {command}",
        f"本次运行没有方案 {listed}；请运行：{command}",
    )


def unstable(pools: Mapping[str, Sequence[Pool]]) -> Qualification:
    """That queues cannot settle, whose, and what would decide."""
    return Qualification("queues_cannot_settle", "", names={"where": _who(pools)})


def broken(pools: Mapping[str, Sequence[Pool]]) -> Qualification:
    """That queues cannot settle in the second configuration only, and whose."""
    return Qualification("reform_breaks_the_queue", "", names={"where": _who(pools)})


def _who(pools: Mapping[str, Sequence[Pool]]) -> Texts:
    """Configurations, each with who or what cannot serve all."""
    listed = {
        lang: [
            f"{words.configuration(name, lang)} "
            f"({words.listed([one for pool in some for one in pool.names], lang)})"
            for name, some in pools.items()
        ]
        for lang in LANGUAGES
    }
    return {"en": " and ".join(listed["en"]), "zh": "、".join(listed["zh"])}


def too_few(number: int, better: int) -> Pair:
    """Fewer conditions improved than were to."""
    return (
        (
            f"No more than {number} can have improved by more than what counts as no change; "
            f"{better} were to."
        ),
        f"至多 {number} 项的改善超出视为不变的幅度；主张要求 {better} 项。",
    )


# ------------------------------------------------------------------------------------------- worlds


def unexplored(command: str) -> Qualification:
    """What is not known about other worlds."""
    return Qualification("worlds_not_explored", "", names={"command": command})


def refuted_as_stated(command: str) -> Qualification:
    """That a refusal is of the stated numbers only."""
    return Qualification("refuted_as_stated", "", names={"command": command})


def in_worlds(each: Mapping[str, Any] | None) -> Pair:
    """In how many possible offices the claim holds, fails or is undecided; nothing without any.

    It is told with and without what is known, and whether the claim is about that itself.
    """
    if each is None:
        return NONE
    counts = _counts(each)
    low, high = (f"{100 * each[end]:.0f}" for end in ("low", "high"))
    share = f"（成立比例的 95% 区间：{low}% 至 {high}%）"
    told = (
        (
            f"Of {each['worlds']} possible offices: {counts[0]} (95 % interval of the share in "
            f"which it holds: {low} to {high} %)."
        ),
        f"在 {each['worlds']} 个可能的机构中：{counts[1]}{share}。",
    )
    return joined(told, _without(each), *(one.pair for one in chosen(each)))


def _counts(each: Mapping[str, Any]) -> Pair:
    """The three numbers, and what chance leaves open."""
    named = [
        ("holds", "成立", each["holds"]),
        ("fails", "不成立", each["fails"]),
        ("queue without end", "队列无尽", each.get("endless", 0)),
    ]
    named += [("not resolved", "尚不能判定", each["unresolved"])] if each["unresolved"] else []
    return (
        ", ".join(f"{en} {number}" for en, _, number in named),
        "，".join(f"{zh} {number} 个" for _, zh, number in named),
    )


def _without(each: Mapping[str, Any]) -> Pair:
    """The same if nothing were known."""
    other = each.get("without")
    if other:
        counts, number = _counts(other), sum(other.values())
        return (
            f"If nothing were known: {counts[0]}, of {number}.",
            f"若不使用已知情况：{counts[1]}，共 {number} 个。",
        )
    if each.get("chosen"):
        return (
            "What is known refused none, so it is the same without.",
            "已知情况未排除任何一个，不使用时结果相同。",
        )
    return NONE


def chosen(each: Mapping[str, Any] | None) -> tuple[Qualification, ...]:
    """What to beware of where worlds were chosen by what is known."""
    told = []
    if each and each.get("known"):
        known = {"known": tuple(each["known"])}
        told.append(Qualification("about_what_is_known", "", names=known))
    if each and each.get("scarce"):
        told.append(Qualification("fewer_than_one_in_ten", ""))
    return tuple(told)


def elsewhere(each: Mapping[str, Any]) -> Pair:
    """That a claim which fails as stated holds in other worlds."""
    share = f"{100 * each['holds'] / each['worlds']:.0f}"
    told = (
        f"It fails with all numbers as stated; it holds in {share} % of the possible offices.",
        f"在各数值取所述值时不成立；在 {share}% 的可能的机构中成立。",
    )
    return joined(told, _where_settled(each))


def _where_settled(each: Mapping[str, Any]) -> Pair:
    """In how many of the worlds whose queues all settle the claim holds."""
    holds, there = each.get("settled") or (0, 0)
    if not each.get("endless") or not there:
        return NONE
    return (
        f"Where the queues settle: in {holds} of {there}.",
        f"在队列收敛的机构中：{there} 个中有 {holds} 个成立。",
    )


def unless(each: Mapping[str, Any]) -> Pair:
    """Where the claim fails, and what its size depends on."""
    box, leading = each.get("box"), each.get("leading") or ()
    if box:
        share = f"{100 * box['density']:.0f}"
        where = (
            f"It fails in {share} % of the possible offices where {box['en']}.",
            f"在{box['zh']}的可能的机构中有 {share}% 不成立。",
        )
    elif each["fails"]:
        where = (
            "No simple box separates the possible offices where it fails.",
            "没有简单的条件能区分出不成立的可能的机构。",
        )
    else:
        where = NONE
    named = (
        f"Its size depends most on {', '.join(leading)} of the variance.",
        f"其大小主要取决于：{'、'.join(leading).replace(' %', '%')}（占方差）。",
    )
    return joined(joined(_where_settled(each), where), named if leading else NONE)


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


def lose(each: Finding, worse: Sequence[Finding], said: Vocabulary) -> Qualification:
    """Who loses although the claim holds."""
    names = {
        "what": {lang: words.what(each.condition, lang) for lang in LANGUAGES},
        "services": {lang: words.services(_worst_first(worse), said, lang) for lang in LANGUAGES},
    }
    changes = {one.condition.service: words.change_of(one) for one in worse}
    return Qualification(
        "services_lose", names["what"]["en"], {"number": len(worse), "changes": changes}, names
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
