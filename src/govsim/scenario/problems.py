"""How a problem of a scenario file is worded: where, what was found, what is allowed.

All problems are told at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from govsim.errors import Problem

Path = tuple[str | int, ...]
Lines = Mapping[Path, int]
KINDS = (
    "task",
    "review",
    "transfer",
    "delay",
    "meeting",
    "choice",
    "parallel",
    "mark",
    "end",
    "use",
)
LISTED = 12  # how many allowed names a message lists at most


def at(tree: Any, lines: Lines, path: Path, message: str) -> Problem:
    """The problem `message` at `path` of `tree`, with its line and its path in words."""
    return Problem(line_of(lines, path), where(tree, path), message)


def line_of(lines: Lines, path: Path) -> int:
    """The line of `path`, or of the nearest thing around it that the file shows."""
    for length in range(len(path), -1, -1):
        line = lines.get(path[:length])
        if line is not None:
            return line
    return 1


def where(tree: Any, path: Path) -> str:
    """`path` in the path grammar of the file: a step of a route by its name,
    `services.SERVICE.STEP.FIELD`.
    """
    words: list[str] = []
    node = tree
    for key in path:
        node = _child(node, key)
        if isinstance(key, int):
            name = step_name(node)
            if name is None:
                words.append(str(key + 1))
            else:
                del words[2 if words and words[0] in ("services", "fragments") else len(words) :]
                words.append(name)
        else:
            words.append(key)
    return ".".join(words)


def step_name(step: Any) -> str | None:
    """The name of a step of a route: the value of its first key, which is its kind."""
    if isinstance(step, Mapping) and step:
        kind, name = next(iter(step.items()))
        if kind in KINDS and isinstance(name, str):
            return name
    return None


def _child(node: Any, key: str | int) -> Any:
    try:
        return node[key]
    except (KeyError, IndexError, TypeError):
        return None


def did_you_mean(word: object, allowed: Collection[str]) -> str:
    """The end of a message about an unknown name: the nearest of the names there are,
    or else a list of them.
    """
    import difflib

    near = difflib.get_close_matches(str(word), allowed, n=1)
    if near and near[0] == str(word):  # YAML read another kind of thing: true, 1, a text
        return "; write it without quotes" if isinstance(word, str) else "; put it in quotes"
    if near:
        return f"; did you mean '{near[0]}'?"
    if not allowed:
        return "; there are none"
    names = sorted(allowed)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"; there {'is' if len(names) == 1 else 'are'}: {', '.join(names[:LISTED])}{more}"
