"""From the YAML text of a file to a plain tree, with the line of everything.

It is YAML 1.2 without anchors, aliases, merge keys and tags.

The tree is built from the parser's events rather than by a YAML constructor: so every key keeps its
line, nothing in a file can make an object, and an early stop on size or depth comes before the
memory is used.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from govsim.errors import Problem, ScenarioError
from govsim.scenario.problems import Path

LARGEST = 2_000_000  # bytes
DEEPEST = 40  # levels of nesting
INTEGER = re.compile(r"[-+]?[0-9]+")
# what a terminal would obey, or no file can hold
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
WIDE = {
    "：": ":",
    "，": ",",
    "｛": "{",
    "｝": "}",
    "［": "[",
    "］": "]",
    "“": '"',
    "”": '"',
    "\u3000": "a space",
}
WIDE_SIGN = re.compile(r"(?<=[\w\]}\"])[：，｝］]|[：，｛［“”\u3000](?=\s*[\w\[{\"])", re.ASCII)
PLAINER = (  # what the parser says, and what it means to somebody who writes a scenario
    (
        "mapping values are not allowed",
        "two ':' in one line (quote a text that has one), or a line that is indented too far",
    ),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("could not find expected ':'", "a key without ':', or a line that is indented too little"),
    ("inconsistent indentation", "the indentation does not fit the lines above"),
)
REAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None} | {
    word: value
    for value in (True, False)
    for word in (str(value).lower(), str(value), str(value).upper())
}


@dataclass(frozen=True)
class Document:
    """A file as a plain tree, with the line of every path in it.

    The tree is of dicts, lists and scalars; dates stay texts.
    """

    path: str
    text: str
    tree: dict[str, Any]
    lines: dict[Path, int]


def read(path: str | File) -> Document:
    """The document in the file `path`; ScenarioError where it cannot be read as one."""
    return parse(_text(File(path)), str(path))


def parse(text: str, path: str = "<text>") -> Document:
    """The document in `text`; `path` is what messages and relative file names start from."""
    if len(text.encode()) > LARGEST:
        raise _refused(
            path, f"more than {LARGEST // 1_000_000} MB; a scenario file may not be larger"
        )
    builder = _Builder()
    problems = [*_build(builder, text), *builder.problems]
    if not problems and not isinstance(builder.root, dict):
        problems = [
            Problem(
                1,
                "",
                "the file is empty"
                if builder.root is None
                else "a scenario is a list of `key: value` lines",
            )
        ]
    if problems:
        raise ScenarioError(path, problems)
    return Document(path, text, builder.root, builder.lines)


def _text(path: File) -> str:
    if path.is_dir():
        raise _refused(str(path), "is a folder, not a scenario file")
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):  # a pipe would keep us waiting, a device never ends
            raise _refused(str(path), "is not a plain file; save the scenario in one")
        if about.st_size > LARGEST:
            raise _refused(
                str(path), f"more than {LARGEST // 1_000_000} MB; a scenario file may not be larger"
            )
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _refused(str(path), "no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise _refused(str(path), f"cannot be read: {getattr(error, 'strerror', error)}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refused(str(path), "not UTF-8; save the file as UTF-8", line) from None


def _refused(path: str, message: str, line: int = 1) -> ScenarioError:
    return ScenarioError(path, [Problem(line, "", message)])


@dataclass
class _Level:
    """A mapping or sequence that is still open."""

    path: Path
    node: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass
class _Builder:
    root: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    open: list[_Level] = field(default_factory=list)
    documents: int = 0

    def refuse(self, line: int, message: str) -> None:
        self.problems.append(
            Problem(line, ".".join(map(str, self.open[-1].path)) if self.open else "", message)
        )

    def begin(self, node: dict[str, Any] | list[Any], line: int) -> None:
        path = self.place(node, line, None)
        if len(self.open) >= DEEPEST:
            self.problems.append(Problem(line, "", f"nested more than {DEEPEST} levels deep"))
            raise _Stop
        self.open.append(_Level(path, node))

    def place(self, value: Any, line: int, plain: str | None) -> Path:
        """Put a finished scalar or a new container where it belongs;
        `plain` is the text of a scalar.
        """
        if not self.open:
            self.root = value
            return ()
        level = self.open[-1]
        if isinstance(level.node, list):
            level.node.append(value)
            path = (*level.path, len(level.node) - 1)
            self.lines[path] = line
        elif level.key is None:
            self.name(level, plain, line)
            path = level.path
        else:
            path = (*level.path, level.key)
            level.node[level.key] = value
            level.key = None
        return path

    def name(self, level: _Level, key: str | None, line: int) -> None:
        if key is None:
            self.refuse(line, "a key must be a plain word")
            raise _Stop
        if key == "<<":
            self.refuse(line, "merge keys are refused; use fragments")
        path = (*level.path, key)
        if key in level.node:
            self.refuse(line, f"'{key}' stands twice, first in line {self.lines[path]}")
        else:
            self.lines[path] = line
        level.key = key


class _Stop(Exception):
    """Reading further makes no sense."""


def _build(builder: _Builder, text: str) -> list[Problem]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    events = YAML(typ="safe", pure=True).parse(text)
    try:
        _follow(builder, events)
    except _Stop:
        return []
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return [
            _unreadable(
                text, mark.line + 1 if mark else 1, error.problem or error.context or "not YAML"
            )
        ]
    except YAMLError as error:
        position = getattr(error, "position", 0)
        return [
            Problem(
                text.count("\n", 0, position) + 1,
                "",
                f"not readable as YAML: {getattr(error, 'reason', error)}",
            )
        ]
    return []


def _unreadable(text: str, line: int, why: str) -> Problem:
    lines = text.split("\n")
    # the scanner may notice a line or two later
    for number in range(min(line, len(lines)), max(0, line - 3), -1):
        if re.match(r" *\t", lines[number - 1]):
            return Problem(number, "", "indented by a tab; use spaces")
    for number in range(min(line, len(lines)), max(0, line - 3), -1):
        hint = wide_sign(lines[number - 1])
        if hint:
            return Problem(number, "", f"not readable as YAML; {hint}")
    meaning = next((plain for said, plain in PLAINER if said in why), why)
    return Problem(line, "", f"not readable as YAML: {meaning}")


def wide_sign(line: str) -> str:
    """A hint where a line has a sign of Chinese typing in the place of one of YAML's.

    Empty where it has none.
    """
    code = re.sub(r"\"[^\"]*\"|'[^']*'|#.*", "", line)
    found = WIDE_SIGN.search(code)
    return (
        f"the line has the Chinese sign '{found[0]}' where YAML needs {_shown(WIDE[found[0]])}"
        if found
        else ""
    )


def _shown(sign: str) -> str:
    return sign if sign.startswith("a ") else f"'{sign}'"


def with_hints(text: str, problems: list[Problem]) -> list[Problem]:
    """The problems, each with the hint that its line asks for."""
    lines = text.split("\n")
    hints = [
        wide_sign(lines[problem.line - 1]) if problem.line <= len(lines) else ""
        for problem in problems
    ]
    return [
        Problem(problem.line, problem.where, f"{problem.message}; {hint}") if hint else problem
        for problem, hint in zip(problems, hints, strict=True)
    ]


def _follow(builder: _Builder, events: Iterator[Any]) -> None:
    for event in events:
        kind = type(event).__name__
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if kind == "AliasEvent":
            builder.refuse(line, f"aliases (*{event.anchor}) are refused; use fragments")
            builder.place(
                None,
                line,
                None if builder.open and isinstance(builder.open[-1].node, list) else event.anchor,
            )
        elif kind == "ScalarEvent":
            _refuse_marks(builder, event, line)
            builder.place(_scalar(event), line, event.value)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            _refuse_marks(builder, event, line)
            builder.begin({} if kind == "MappingStartEvent" else [], line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            builder.open.pop()
        elif kind == "DocumentStartEvent":
            _document(builder, event, line)


def _document(builder: _Builder, event: Any, line: int) -> None:
    builder.documents += 1
    if builder.documents > 1:
        builder.refuse(line, "a second document begins here (---); a scenario is one document")
        raise _Stop
    if event.version not in (None, (1, 2)) or event.tags:
        builder.refuse(line, "directives (%) are refused; the file is YAML 1.2")


def _refuse_marks(builder: _Builder, event: Any, line: int) -> None:
    if event.anchor is not None:
        builder.refuse(line, f"anchors (&{event.anchor}) are refused; use fragments")
    if event.tag is not None:
        builder.refuse(
            line, f"tags ({event.tag}) are refused; nothing in a scenario file is executed"
        )
    odd = UNPRINTABLE.search(getattr(event, "value", ""))
    if odd:
        builder.refuse(line, f"the character U+{ord(odd[0]):04X} cannot be printed; leave it out")


def _scalar(event: Any) -> Any:
    """YAML 1.2 core schema: only plain scalars are anything but text."""
    value: str = event.value
    if event.style not in (None, ""):
        return value
    if value in WORDS:
        return WORDS[value]
    if INTEGER.fullmatch(value) and len(value) < 40:
        return int(value)
    number = float(value) if REAL.fullmatch(value) else math.inf
    # too large for a number: refused as a text where it stands
    return number if math.isfinite(number) else value
