"""Pieces of an organisation that are remembered, so that the same one is made only once.

A piece is worked out again only where its text or a number it names has changed.

Configurations, variants and regimes of one world share most of what they are made of. The tree is
never changed in place, so the same object is the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from govsim.organisation.parameters import Refused, ToldBefore, Value, Values
from govsim.scenario.units import UnitError

Told = tuple[str, str]  # where, in the path grammar of the file; what is wrong
Tell = Callable[[str, str], None]  # a field, and what is wrong with it
Made = tuple[Any, tuple[Told, ...]]


class Pieces:
    """What has been worked out in one world, by the text it came from and the numbers it used."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], tuple[Sequence[Any], Made]] = {}
        self._names: dict[tuple[int, ...], tuple[Sequence[Any], tuple[str, ...]]] = {}
        self._words: dict[int, tuple[Any, frozenset[str]]] = {}

    def made(
        self,
        where: str,
        parts: Sequence[Any],
        values: Values,
        build: Callable[[Tell], Any],
        also: object = None,
    ) -> Made:
        """What `build` makes of parts of the tree (None where it cannot), and what it told; `also`:
        what else it depends on.
        """
        key = (
            where,
            also,
            *map(id, parts),
            *(_known(values, name) for name in self._named(parts, values.parameters)),
        )
        if key not in self._made:
            # the parts are kept, so that their ids stay theirs
            self._made[key] = (parts, build_piece(where, build))
        return self._made[key][1]

    def _named(self, parts: Sequence[Any], parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """The parameters that parts of the tree name."""
        key = tuple(map(id, parts))
        if key not in self._names:
            words = frozenset().union(*map(self._texts, parts))
            self._names[key] = (parts, tuple(sorted(words & parameters.keys())))
        return self._names[key][1]

    def _texts(self, part: Any) -> frozenset[str]:
        if id(part) not in self._words:
            self._words[id(part)] = (part, frozenset(_every_text(part)))
        return self._words[id(part)][1]


def build_piece(where: str, build: Callable[[Tell], Any]) -> Made:
    """What `build` makes, None where it is refused, and what is wrong."""
    told: list[Told] = []

    def tell(field: str, message: str) -> None:
        told.append((f"{where}.{field}" if field else where, message))

    try:
        made = build(tell)
    except ToldBefore:
        made = None
    except Refused as problem:
        tell(problem.field, problem.message)
        made = None
    return made, tuple(told)


def _known(values: Values, parameter: str) -> Value | None:
    try:
        return values.parameter(parameter)
    except UnitError:
        return None


def _every_text(node: Any) -> Iterator[str]:
    """All texts in a part of the tree: what could be the name of a parameter."""
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            stack += part.values()
        elif isinstance(part, list):
            stack += part
