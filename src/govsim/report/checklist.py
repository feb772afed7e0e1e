"""The STRESS-DES checklist (section 10), its status computed from the scenario and the run.

Items after Monks, Currie, Onggo, Robinson, Kunc & Taylor (2019), Strengthening the reporting of
empirical simulation studies: introducing the STRESS guidelines, Journal of Simulation 13(1), 55-67;
told in our own words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from govsim.display.blocks import Block, Cell, Points, Rows, Table, Text
from govsim.display.words import Words
from govsim.report.inputs import SECTIONS, stated
from govsim.report.material import Material

FULL, PARTLY, EMPTY = "full", "partly", "empty"
Answer = tuple[str, str, str]  # status, English, Chinese


@dataclass(frozen=True)
class Item:
    """An item of the checklist: its number, what it asks, and how it is answered."""

    number: str
    asks: tuple[str, str]
    answer: Callable[[Material], Answer]


def checklist(material: Material, words: Words, whole: bool = True) -> list[Block]:
    """The section's blocks.

    Without `whole` only how many items are answered and which are empty.
    """
    found = [(item, item.answer(material)) for item in ITEMS]
    number = {
        status: sum(answer[0] == status for _, answer in found) for status in (FULL, PARTLY, EMPTY)
    }
    empty = [
        f"{item.number} {item.asks[LANGS[words.lang]]}"
        for item, answer in found
        if answer[0] == EMPTY
    ]
    blocks: list[Block] = [Text(words("checklist_intro", **number))]
    blocks += (
        [Text(words("checklist_empty", items=words.listed(empty)), "warning")]
        if empty
        else [Text(words("checklist_no_empty"))]
    )
    if not whole:
        shown = [
            f"{item.number} {item.asks[LANGS[words.lang]]}: {words(f'status_{answer[0]}')}"
            for item, answer in found
            if answer[0] == PARTLY
        ]
        return [*blocks, Points(shown)] if shown else blocks
    at = LANGS[words.lang]
    rows: Rows = [
        [
            f"{item.number} {item.asks[at]}",
            Cell(words(f"status_{answer[0]}"), mark=MARKS[answer[0]], number=False),
            Cell(answer[1 + at], number=False),
        ]
        for item, answer in found
    ]
    return [
        *blocks,
        Table(
            words("checklist_table"), [words(each) for each in ("item", "status", "answer")], rows
        ),
    ]


def empty_items(material: Material) -> list[str]:
    """The items that the scenario and the run leave empty."""
    return [f"{item.number} {item.asks[0]}" for item in ITEMS if item.answer(material)[0] == EMPTY]


LANGS = {"en": 0, "zh": 1}
MARKS = {FULL: "good", PARTLY: "weak", EMPTY: "bad"}


def _has(key: str, en: str, zh: str) -> Callable[[Material], Answer]:
    """Answered where the scenario states a key."""
    return lambda material: (
        (FULL, en, zh)
        if material.tree.get(key)
        else (EMPTY, "the scenario does not say", "情景文件未写")
    )


def _always(en: str, zh: str) -> Callable[[Material], Answer]:
    """Answered by this report whatever the scenario is."""
    return lambda material: (
        (FULL, en, zh)
        if material.tree
        else (EMPTY, "the scenario file cannot be read", "情景文件无法读取")
    )


def _outputs(material: Material) -> Answer:
    number = len({name for name, _ in material.sample.index.rows})
    return (
        FULL,
        f"{number} measures, defined in the glossary; sections 3 to 7",
        f"{number} 项指标，定义见术语表；第3至7节",
    )


def _aims(material: Material) -> Answer:
    declared = len(material.claims)
    if declared:
        return (
            FULL,
            f"{declared} claims declared before the run; section 1",
            f"运行前声明 {declared} 项主张；第1节",
        )
    if material.compares:
        return (
            PARTLY,
            "configurations are compared, no claim is declared",
            "比较了方案，但没有声明主张",
        )
    return EMPTY, "one configuration and no claim", "只有一个方案，没有主张"


def _scenarios(material: Material) -> Answer:
    levers = material.tree.get("reform") or {}
    if not levers:
        return EMPTY, "no measure of a reform", "没有改革措施"
    told = sum(bool(each.get("about")) for each in levers.values())
    status = FULL if told == len(levers) else PARTLY
    return (
        status,
        f"{told} of {len(levers)} levers explained; section 2",
        f"{len(levers)} 项措施中 {told} 项有说明；第2节",
    )


def _sources(material: Material) -> Answer:
    every = [
        each for section in SECTIONS for each in stated(material.tree.get(section), (section,))
    ]
    ranged = [each for each in every if each.low]
    sourced = [each for each in ranged if each.source and each.source != "assumption"]
    if not any(each.source for each in every):
        return EMPTY, "no number states a source", "没有数字写明来源"
    return (
        FULL if len(sourced) == len(ranged) else PARTLY,
        (
            f"{len(sourced)} of {len(ranged)} numbers with a range have a source that is not only "
            "an assumption; section 9"
        ),
        f"有范围的 {len(ranged)} 个数字中 {len(sourced)} 个来源不只是假设；第9节",
    )


def _preprocessing(material: Material) -> Answer:
    recorded = [
        name
        for name, each in (material.tree.get("services") or {}).items()
        if "recorded" in (each.get("demand") or {})
    ]
    if recorded:
        return (
            PARTLY,
            f"recorded arrivals of {len(recorded)} services; how they were prepared is not said",
            f"{len(recorded)} 个事项用记录的申报；未说明如何处理",
        )
    return (
        FULL,
        "no data were prepared: every number is stated in the file",
        "没有预处理：所有数字都在文件中写明",
    )


def _assumptions(material: Material) -> Answer:
    number = int(material.about["assumptions"])
    if number or not material.about["numbers"]:
        status = FULL if number else PARTLY
        return (
            status,
            f"{number} numbers are marked as assumptions; section 9",
            f"{number} 个数字标为假设；第9节",
        )
    return PARTLY, "no number is marked as an assumption", "没有数字标为假设"


def _initial(material: Material) -> Answer:
    tree = material.tree
    if not tree:
        return EMPTY, "the scenario file cannot be read", "情景文件无法读取"
    warm = str(tree["count_from"]) > str(tree["start"])
    en = f"starts empty on {tree['start']}; filings count from {tree['count_from']}"
    zh = f"{tree['start']} 从空系统开始；自 {tree['count_from']} 起统计"
    return (FULL, en, zh) if warm else (PARTLY, f"{en}: no time to warm up", f"{zh}：没有预热期")


def _length(material: Material) -> Answer:
    tree = material.tree
    if not tree:
        return EMPTY, "the scenario file cannot be read", "情景文件无法读取"
    return (
        FULL,
        f"counted to {tree['count_until']}, simulated to {tree['horizon']} at the latest",
        f"统计至 {tree['count_until']}，最迟模拟至 {tree['horizon']}",
    )


def _estimation(material: Material) -> Answer:
    number = material.replications
    en, zh = (
        f"{number} independent replications, common random numbers, paired 95 % intervals",
        f"{number} 次独立重复，公共随机数，成对 95% 区间",
    )
    return (
        (FULL, en, zh)
        if number > 1
        else (EMPTY, "one replication: no interval", "只有一次重复：没有区间")
    )


def _software(material: Material) -> Answer:
    versions = ", ".join(f"{key} {value}" for key, value in material.settings.versions.items())
    return (FULL, versions, versions) if versions else (EMPTY, "not stored", "未保存")


def _random(material: Material) -> Answer:
    seed = material.settings.seed
    return (
        FULL,
        f"Philox2x64-10 keyed by what is drawn; seed {seed}",
        f"Philox2x64-10，按抽取对象取键；种子 {seed}",
    )


def _execution(material: Material) -> Answer:
    settings = material.settings
    return (
        FULL,
        f"next-event, engine {settings.engine}; {settings.command}",
        f"下一事件推进，引擎 {settings.engine}；{settings.command}",
    )


def _system(material: Material) -> Answer:
    machine = ", ".join(f"{key} {value}" for key, value in material.settings.machine.items())
    return (FULL, machine, machine) if machine else (EMPTY, "not stored", "未保存")


def _sharing(material: Material) -> Answer:
    there = Path(material.settings.scenario).exists()
    en = "govsim is open source (Apache-2.0); the scenario is kept with the run"
    zh = "govsim 为开源软件（Apache-2.0）；情景文件随运行保存"
    return (
        (FULL, en, zh)
        if there
        else (
            PARTLY,
            f"{en}, its file is gone from {material.settings.scenario}",
            f"{zh}，原文件已不在 {material.settings.scenario}",
        )
    )


def _entities(material: Material) -> Answer:
    number = len(material.services)
    return FULL, f"applications for {number} services; section 9", f"{number} 个事项的办件；第9节"


ITEMS = (
    Item(
        "1.1",
        ("purpose of the model", "模型目的"),
        _has("purpose", "stated at the head of this report", "见报告开头"),
    ),
    Item("1.2", ("outputs of the model", "模型输出"), _outputs),
    Item("1.3", ("aims of the experiments", "实验目的"), _aims),
    Item(
        "2.1",
        ("overview of the base model", "基准模型概览图"),
        _always("process maps in section 2", "第2节流程图"),
    ),
    Item(
        "2.2",
        ("logic of the base model", "基准模型逻辑"),
        _always("every step of every route in section 2", "第2节列出每个流程的每个环节"),
    ),
    Item("2.3", ("logic of the scenarios", "对照方案逻辑"), _scenarios),
    Item(
        "2.4",
        ("algorithms", "算法"),
        _always(
            "dispatch, clocks and calendars as in docs/design.md of govsim",
            "派工、计时与日历见 govsim 的 docs/design.md",
        ),
    ),
    Item("2.5", ("entities", "实体"), _entities),
    Item(
        "2.6",
        ("activities", "活动"),
        _always(
            "tasks, reviews, transfers, delays; minutes in section 9",
            "办理、审核、流转、等待；用时见第9节",
        ),
    ),
    Item(
        "2.7",
        ("resources", "资源"),
        _always(
            "groups of staff with calendars and absence; sections 7 and 9",
            "人员组及其日历与缺勤；第7、9节",
        ),
    ),
    Item(
        "2.8",
        ("queues", "队列"),
        _always(
            "desks with a discipline, meetings with seats; section 9",
            "岗位排队规则、会议席位；第9节",
        ),
    ),
    Item(
        "2.9",
        ("entry and exit points", "进入与离开"),
        _always("filing; completed, rejected or withdrawn", "申报；办结、不予许可或撤回"),
    ),
    Item("3.1", ("sources of the data", "数据来源"), _sources),
    Item("3.2", ("preparation of the data", "数据预处理"), _preprocessing),
    Item(
        "3.3", ("input parameters", "输入参数"), _always("all of them in section 9", "全部见第9节")
    ),
    Item("3.4", ("assumptions", "假设"), _assumptions),
    Item("4.1", ("initial state and warm-up", "初始状态与预热"), _initial),
    Item("4.2", ("run length", "运行长度"), _length),
    Item("4.3", ("estimation", "估计方法"), _estimation),
    Item("5.1", ("software", "软件"), _software),
    Item("5.2", ("random numbers", "随机数"), _random),
    Item("5.3", ("execution of the model", "模型执行"), _execution),
    Item("5.4", ("computer", "计算机"), _system),
    Item("6.1", ("access to the model", "模型获取"), _sharing),
)
