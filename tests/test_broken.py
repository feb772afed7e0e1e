"""Broken files, one per kind of mistake: each is refused with exactly its message.

The message stands in the first lines of the file.

The files are named by the section they break; `# expect: LINE: where: message` says what `govsim
check` prints after the name of the file.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from govsim.errors import ScenarioError
from govsim.organisation.load import load

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


def expected(text: str) -> list[str]:
    return [
        line.removeprefix("# expect: ")
        for line in text.splitlines()
        if line.startswith("# expect: ")
    ]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_with_its_message(path: Path) -> None:
    with pytest.raises(ScenarioError) as refused:
        load(path)
    assert [str(problem) for problem in refused.value.problems] == expected(
        path.read_text(encoding="utf-8")
    )
    assert str(refused.value).startswith(f"{path}:")


def test_at_least_sixty_kinds_of_mistakes_are_told_apart() -> None:
    messages = {"\n".join(expected(path.read_text(encoding="utf-8"))) for path in BROKEN}
    assert len(messages) == len(BROKEN) >= 60


def refusal(path: Path, text: str | None = None) -> str:
    with pytest.raises(ScenarioError) as refused:
        load(path, text)
    return str(refused.value)


def test_a_file_that_is_missing_says_so(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml").endswith("none.yaml:1: no such file")


def test_a_folder_is_not_a_scenario(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}:1: is a folder, not a scenario file"


def test_a_pipe_and_a_device_are_refused_before_they_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        assert refusal(path) == f"{path}:1: is not a plain file; save the scenario in one"


def test_a_name_that_no_file_can_have_is_refused() -> None:
    assert refusal(Path("a\0b.yaml")) == "a\0b.yaml:1: cannot be read: embedded null byte"


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(3_000_000)
    assert refusal(path) == f"{path}:1: more than 2 MB; a scenario file may not be larger"


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "gbk.yaml"
    path.write_bytes(b"govsim: 1\ntitle: " + "岢岚".encode("gb2312") + b"\n")
    assert refusal(path) == f"{path}:2: not UTF-8; save the file as UTF-8"


def test_a_control_character_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.yaml", "govsim: 1\ntitle: a\x00b\n").startswith(
        f"{tmp_path}/x.yaml:2: not readable as YAML"
    )


def test_a_flood_of_brackets_stops_early(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path / "x.yaml", "[" * 100_000)
        == f"{tmp_path}/x.yaml:1: nested more than 40 levels deep"
    )


@pytest.mark.parametrize(
    "text",
    [
        "govsim: 1",
        "{}",
        "govsim: 1\nservices: 3\nstaff: [1]\ndesks: x\nreform: {a: 3}\nclaims: [4]",
    ],
)
def test_a_file_with_little_in_it_gets_messages_and_no_traceback(text: str) -> None:
    assert "is missing" in refusal(Path("little.yaml"), text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "junk",
    [
        "null",
        "3",
        "x",
        "[]",
        "{}",
        "[{}]",
        "{a: null}",
        "{a: {}}",
        "{a: [null]}",
        "{a: {b: {c: [1]}}}",
    ],
)
@pytest.mark.parametrize(
    "section",
    [
        "parameters", "calendars", "profiles", "meetings", "departments", "desks", "roles", "staff",
        "fragments", "attributes", "services", "service_sets", "learning", "reform",
        "configurations", "variants", "claims", "experiment", "start", "horizon",
    ],
)  # fmt: skip
def test_junk_in_any_section_is_refused_without_a_traceback(section: str, junk: str) -> None:
    lines = (
        (Path(__file__).parent / "broken" / "head_version.yaml")
        .read_text(encoding="utf-8")
        .splitlines(keepends=True)
    )
    start = (
        next(k for k, line in enumerate(lines) if line.startswith(f"{section}:"))
        if section != "variants"
        else len(lines)
    )
    end = next(
        (k for k in range(start + 1, len(lines)) if not lines[k].startswith(" ")), len(lines)
    )
    text = "".join([*lines[:start], f"{section}: {junk}\n", *lines[end:]])
    assert "govsim: 2 is not possible" in refusal(Path("junk.yaml"), text)
