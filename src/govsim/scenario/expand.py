"""Fragments put in where they are used, their blanks filled.

A fragment is a piece of route that many services share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from govsim.errors import Problem
from govsim.scenario.problems import Path, at, did_you_mean
from govsim.scenario.text import Document, parse

BLANK = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>")
OWNER = "owner"
INSIDE = ("then", "else")  # keys of a step that hold a sequence
NAMED = ("cases", "branches")  # keys of a step that hold sequences by name


@dataclass(frozen=True)
class Origin:
    """Where an expanded step comes from: the fragment, and the line in it."""

    fragment: str
    line: int


@dataclass(frozen=True)
class Expanded:
    """The tree without `use`.

    `lines` of expanded steps are those of the use, `origins` those of the fragment.
    """

    tree: dict[str, Any]
    lines: dict[Path, int]
    origins: dict[Path, Origin]
    problems: list[Problem]


@lru_cache(maxsize=4)
def of_text(text: str, path: str) -> Expanded:
    """A text with its fragments put in; to be read, never changed."""
    return expand(parse(text, path))


def expand(document: Document) -> Expanded:
    """Replace every `use` in routes and in the steps that levers and variants insert."""
    kept = {
        path: line
        for path, line in document.lines.items()
        if path[0] != "services" or path[2:3] != ("route",) or len(path) == 3
    }
    work = _Expansion(document, kept)
    work.check_fragments()
    tree = dict(document.tree)
    services = tree.get("services")
    if isinstance(services, Mapping):
        tree["services"] = {name: work.service(name, service) for name, service in services.items()}
    for section in ("reform", "variants"):
        if isinstance(tree.get(section), Mapping):
            tree[section] = {
                name: work.lever((section, name), lever) for name, lever in tree[section].items()
            }
    return Expanded(tree, work.lines, work.origins, work.problems)


@dataclass
class _Filling:
    """A use of a fragment: what its blanks are filled with."""

    fragment: str
    line: int
    blanks: Mapping[str, Any]


@dataclass
class _Expansion:
    document: Document
    lines: dict[Path, int]
    origins: dict[Path, Origin] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)  # fragments with blanks that cannot be filled

    @property
    def fragments(self) -> Mapping[str, Any]:
        fragments = self.document.tree.get("fragments")
        return fragments if isinstance(fragments, Mapping) else {}

    def refuse(self, path: Path, message: str) -> None:
        """A problem at a path of the file as it is written."""
        self.problems.append(at(self.document.tree, self.document.lines, path, message))

    def check_fragments(self) -> None:
        """Blanks that are not declared or not used, and fragments inside fragments."""
        for name, fragment in self.fragments.items():
            if not isinstance(fragment, Mapping):
                continue
            path, declared = ("fragments", name), _declared(fragment)
            used: set[str] = set()
            for place, text in _texts(fragment.get("steps"), (*path, "steps")):
                used |= (blanks := set(BLANK.findall(text)))
                for blank in sorted(blanks - {*declared, OWNER}):
                    self.faulty.add(name)
                    self.refuse(
                        place, f"no blank <{blank}>{did_you_mean(blank, [*declared, OWNER])}"
                    )
            for blank in declared:
                if blank == OWNER:
                    self.refuse(
                        (*path, "with"),
                        "<owner> is the service's department and cannot be another blank",
                    )
                elif blank not in used:
                    self.refuse((*path, "with"), f"the blank <{blank}> is never used")
            for place, step in _steps(fragment.get("steps"), (*path, "steps")):
                if "use" in step:
                    self.refuse(place, "fragments are not nested: a fragment cannot use another")

    def service(self, name: str, service: Any) -> Any:
        """A service with its route expanded."""
        if not isinstance(service, Mapping) or not isinstance(service.get("route"), list):
            return service
        path = ("services", name, "route")
        route = self.sequence(service["route"], path, path, service.get("department"), None)
        return {**service, "route": route}

    def lever(self, path: Path, lever: Any) -> Any:
        """A lever or variant with the steps that it inserts expanded."""
        if not isinstance(lever, Mapping) or "insert" not in lever:
            return lever
        inserts, path = lever["insert"], (*path, "insert")
        if isinstance(inserts, list):
            return {
                **lever,
                "insert": [
                    self._targets((*path, index), item) for index, item in enumerate(inserts)
                ],
            }
        return {**lever, "insert": self._targets(path, inserts)}

    def _targets(self, path: Path, inserts: Any) -> Any:
        if not isinstance(inserts, Mapping):
            return inserts
        return {
            target: self._insert((*path, target), target, what) for target, what in inserts.items()
        }

    def _insert(self, path: Path, target: str, what: Any) -> Any:
        if not isinstance(what, Mapping) or not isinstance(what.get("steps"), list):
            return what
        services = self.document.tree.get("services")
        service = (
            services.get(target.removeprefix("services."), {})
            if isinstance(services, Mapping)
            else {}
        )
        owner = service.get("department") if isinstance(service, Mapping) else None
        place = (*path, "steps")
        for path_of_step in [
            old for old in self.lines if old[: len(place)] == place and len(old) > len(place)
        ]:
            del self.lines[path_of_step]
        return {**what, "steps": self.sequence(what["steps"], place, place, owner, None)}

    def sequence(
        self, steps: list[Any], old: Path, new: Path, owner: Any, filling: _Filling | None
    ) -> list[Any]:
        """Steps of a list that stood at `old`, now at `new`."""
        result: list[Any] = []
        for index, step in enumerate(steps):
            place = (*old, index)
            if isinstance(step, Mapping) and "use" in step and filling is None:
                result += self._use(step, place, (*new, len(result)), owner)
            else:
                result.append(self.copy(step, place, (*new, len(result)), owner, filling))
        return result

    def copy(self, node: Any, old: Path, new: Path, owner: Any, filling: _Filling | None) -> Any:
        """A part of a step, with its lines, its blanks filled
        and the sequences inside it expanded.
        """
        line = self.document.lines.get(old)
        if line is not None:
            self.lines[new] = filling.line if filling else line
            if filling:
                self.origins[new] = Origin(filling.fragment, line)
        if isinstance(node, Mapping):
            return {
                key: self._part(key, value, (*old, key), (*new, key), owner, filling)
                for key, value in node.items()
            }
        if isinstance(node, list):
            return [
                self.copy(item, (*old, index), (*new, index), owner, filling)
                for index, item in enumerate(node)
            ]
        return _fill(node, filling.blanks) if filling and isinstance(node, str) else node

    def _part(
        self, key: str, value: Any, old: Path, new: Path, owner: Any, filling: _Filling | None
    ) -> Any:
        if key in INSIDE and isinstance(value, list):
            self.lines[new] = self._line(old, filling)
            return self.sequence(value, old, new, owner, filling)
        if key in NAMED and isinstance(value, Mapping):
            self.lines[new] = self._line(old, filling)
            return {
                name: self._part("then", steps, (*old, name), (*new, name), owner, filling)
                for name, steps in value.items()
            }
        return self.copy(value, old, new, owner, filling)

    def _line(self, old: Path, filling: _Filling | None) -> int:
        return filling.line if filling else self.document.lines.get(old, 1)

    def _use(self, step: Mapping[str, Any], place: Path, new: Path, owner: Any) -> list[Any]:
        """The steps of the fragment that `step` uses, the first of them at `new`."""
        name = str(step["use"])
        line = self.document.lines.get(place, 1)
        self.lines[new] = line
        fragment = self.fragments.get(name)
        if not isinstance(fragment, Mapping) or not isinstance(fragment.get("steps"), list):
            if name not in self.fragments:
                self.refuse(place, f"no fragment '{name}'{did_you_mean(name, self.fragments)}")
            return []
        given, declared = step.get("with") or {}, _declared(fragment)
        mismatch = list(self._mismatch(name, step, given, declared, owner))
        for message in mismatch:
            self.refuse(place, message)
        if mismatch or name in self.faulty:
            return []
        blanks = {**given, **({OWNER: owner} if isinstance(owner, str) else {})}
        filling = _Filling(name, line, blanks)
        first, steps = new[-1], fragment["steps"]
        assert isinstance(first, int)
        old = ("fragments", name, "steps")
        return [
            self.copy(item, (*old, k), (*new[:-1], first + k), owner, filling)
            for k, item in enumerate(steps)
        ]

    def _mismatch(
        self, name: str, step: Mapping[str, Any], given: Any, declared: list[str], owner: Any
    ) -> Iterator[str]:
        line = self.document.lines.get(("fragments", name), 1)
        if not isinstance(given, Mapping):
            yield f"`with` fills the blanks of fragment '{name}' (line {line}): blank: value"
            return
        for key in step:
            if key not in ("use", "with"):
                yield f"unknown key '{key}' beside use{did_you_mean(key, ('use', 'with'))}"
        for blank in given:
            if blank not in declared:
                yield (
                    f"fragment '{name}' (line {line}) has no blank "
                    f"<{blank}>{did_you_mean(blank, declared)}"
                )
        for blank in declared:
            if blank not in given:
                yield f"the blank <{blank}> of fragment '{name}' (line {line}) is not filled"
        if not isinstance(owner, str) and any(
            f"<{OWNER}>" in text for _, text in _texts(self.fragments[name], ())
        ):
            yield (
                f"fragment '{name}' (line {line}) needs <owner>: name one service, and its "
                "department"
            )


def _declared(fragment: Mapping[str, Any]) -> list[str]:
    """The blanks that a fragment declares; what is not a name is told by the schema."""
    declared = fragment.get("with")
    return (
        [blank for blank in declared if isinstance(blank, str)]
        if isinstance(declared, list)
        else []
    )


def _fill(text: str, blanks: Mapping[str, Any]) -> Any:
    """`text` with its blanks filled; a blank that is the whole text keeps the type of its value."""
    whole = BLANK.fullmatch(text)
    if whole:
        return blanks.get(whole[1], text)
    return BLANK.sub(lambda match: str(blanks.get(match[1], match[0])), text)


def _texts(node: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, Mapping | list):
        for key, value in node.items() if isinstance(node, Mapping) else enumerate(node):
            yield from _texts(value, (*path, key))


def _steps(steps: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every step of a sequence and of the sequences inside it."""
    for index, step in enumerate(steps if isinstance(steps, list) else []):
        if isinstance(step, Mapping):
            yield (*path, index), step
            for key in INSIDE:
                yield from _steps(step.get(key), (*path, index, key))
            for key in NAMED:
                named = step.get(key)
                for name, inner in named.items() if isinstance(named, Mapping) else ():
                    yield from _steps(inner, (*path, index, key, name))
