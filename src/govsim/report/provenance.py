"""What made this report, and how to do it again (section 11)."""

from __future__ import annotations

import shlex

from govsim.display.blocks import Block, Cell, Heading, Rows, Table, Text
from govsim.display.words import Words
from govsim.report.material import Material

ROWS = {
    "run": ("run", "运行"), "scenario": ("scenario file", "情景文件"),
    "scenario_hash": ("hash of its meaning", "情景含义的哈希"),
    "claims_hash": ("hash of the claims", "主张的哈希"), "seed": ("seed", "随机种子"),
    "engine": ("engine", "引擎"), "variant": ("variant", "变体"),
    "replications": ("replications", "重复次数"), "configurations": ("configurations", "方案"),
    "command": ("command line", "命令行"), "started": ("started", "开始时间"),
    "machine": ("machine", "机器"), "versions": ("versions", "版本"),
    "results": ("version of the numbers", "数值版本"),
}  # fmt: skip


def provenance(material: Material, words: Words) -> list[Block]:
    """The section's blocks."""
    settings = material.settings
    values = {
        "run": settings.id,
        "scenario": settings.scenario,
        "scenario_hash": settings.scenario_hash,
        "claims_hash": settings.claims_hash,
        "seed": str(settings.seed),
        "engine": settings.engine,
        "variant": settings.variant or "–",
        "replications": str(material.replications),
        "configurations": ", ".join(settings.configurations),
        "command": settings.command,
        "started": settings.started,
        "machine": ", ".join(f"{key} {value}" for key, value in settings.machine.items()),
        "versions": ", ".join(f"{key} {value}" for key, value in settings.versions.items()),
        "results": str(settings.results),
    }
    rows: Rows = [
        [words.name(ROWS, key), Cell(value, number=False)] for key, value in values.items()
    ]
    blocks: list[Block] = [
        Table(words("provenance_table"), [words("quantity"), words("value")], rows)
    ]
    if material.scenario:
        same = material.scenario.claims_hash == settings.claims_hash
        blocks.append(
            Text(
                words("claims_hash_same" if same else "claims_hash_other"),
                "plain" if same else "warning",
            )
        )
    return [
        *blocks,
        Heading(words("again")),
        Text(words("again_text")),
        Text(again(material), "command"),
    ]


def again(material: Material) -> str:
    """The command that makes the run."""
    settings = material.settings
    parts = [
        "govsim",
        "run",
        settings.scenario,
        "-n",
        str(material.replications),
        "--seed",
        str(settings.seed),
    ]
    parts += ["--configurations", ",".join(settings.configurations), "--engine", settings.engine]
    return shlex.join([*parts, "--variant", settings.variant] if settings.variant else parts)
