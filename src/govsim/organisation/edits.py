"""Changes to the plain tree of a scenario: steps by their names, values by their paths.

The steps are those of routes; nothing is changed in place.

A place is a tuple of names. A step's place is (services, SERVICE, route, STEP, field ...), wherever
it stands in the route: so structure may change without moving what is said about a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from govsim.scenario.problems import step_name

Place = tuple[str, ...]
Steps = list[Any]
MISSING: Any = object()


def words(place: Place) -> str:
    """A place in the path grammar of the file."""
    return ".".join(
        place[:2] + place[3:]
        if len(place) > 3 and place[0] == "services" and place[2] == "route"
        else place
    )


def sequences(step: Any) -> Iterator[Steps]:
    """The sequences inside a step: the branches of a choice or of a block."""
    for key in ("then", "else"):
        if isinstance(step.get(key), list):
            yield step[key]
    for key in ("cases", "branches"):
        if isinstance(step.get(key), Mapping):
            yield from (branch for branch in step[key].values() if isinstance(branch, list))


def every_sequence(route: Steps) -> Iterator[Steps]:
    """A route and all sequences inside its steps."""
    yield route
    for step in route:
        for inner in sequences(step):
            yield from every_sequence(inner)


def every_step(route: Steps) -> Iterator[Any]:
    """All steps of a route, in text order of the sequences."""
    return (step for steps in every_sequence(route) for step in steps)


def deep(steps: Steps, edit: Callable[[Steps], Steps]) -> Steps:
    """The sequence after `edit`, which is applied inside its steps first."""
    return edit([_nested(step, edit) for step in steps])


def _nested(step: Any, edit: Callable[[Steps], Steps]) -> Any:
    changed: dict[str, Any] = {}
    for key in ("then", "else"):
        if isinstance(step.get(key), list):
            changed[key] = deep(step[key], edit)
    for key in ("cases", "branches"):
        if isinstance(step.get(key), Mapping):
            changed[key] = {name: deep(branch, edit) for name, branch in step[key].items()}
    return {**step, **changed} if changed else step


def inserted(before: Mapping[str, Steps], after: Mapping[str, Steps]) -> Callable[[Steps], Steps]:
    """An edit that puts steps before and after named ones."""

    def edit(steps: Steps) -> Steps:
        out: Steps = []
        for step in steps:
            name = step_name(step) or ""
            out += [*before.get(name, ()), step, *after.get(name, ())]
        return out

    return edit


def in_parallel(block: str, branches: Mapping[str, Sequence[str]]) -> Callable[[Steps], Steps]:
    """An edit that turns named steps of one sequence into branches of a block that stands
    where the last of them stood.
    """
    wanted = {name for names in branches.values() for name in names}

    def edit(steps: Steps) -> Steps:
        named = {step_name(step): step for step in steps if step_name(step) in wanted}
        if not named:
            return steps
        last = list(named.values())[-1]
        body = {
            branch: [named[name] for name in names if name in named]
            for branch, names in branches.items()
        }
        kept = [step for step in steps if step is last or step_name(step) not in wanted]
        return [{"parallel": block, "branches": body} if step is last else step for step in kept]

    return edit


def removed(names: Iterable[str]) -> Callable[[Steps], Steps]:
    """An edit that takes named steps out."""
    gone = frozenset(names)
    return lambda steps: [step for step in steps if step_name(step) not in gone]


def product(old: Any, factor: Any) -> Any:
    """`old` times `factor`, as an expression of the plain tree."""
    factors = (
        old["product"]
        if isinstance(old, Mapping) and "product" in old
        else old
        if isinstance(old, list)
        else [old]
    )
    return {"product": [*factors, factor]}


def stated(value: Any, old: Any) -> Any:
    """A value as a lever states it, with `before` and `{times:
    factor}` turned into expressions of the old one.
    """
    if value == "before" and isinstance(value, str):
        return old
    if isinstance(value, Mapping):
        if set(value) == {"times"}:
            return product(old, value["times"])
        return {key: stated(part, old) for key, part in value.items()}
    return [stated(part, old) for part in value] if isinstance(value, list) else value


def refers_back(value: Any) -> bool:
    """Whether a lever's value speaks of the old one."""
    if isinstance(value, Mapping):
        return set(value) == {"times"} or any(refers_back(part) for part in value.values())
    if isinstance(value, list):
        return any(refers_back(part) for part in value)
    return isinstance(value, str) and value == "before"


def changed(tree: Any, changes: Mapping[Place, Callable[[Any], Any]]) -> Any:
    """The tree with each place's old value put through its function.

    What is untouched is shared, not copied.
    """
    trie: dict[str, Any] = {}
    for place, change in changes.items():
        node = trie
        for name in place[:-1]:
            node = node.setdefault(name, {})
        node[place[-1]] = change
    return _changed(tree, trie)


def _changed(node: Any, trie: Any) -> Any:
    if callable(trie):
        return trie(node)
    if isinstance(node, list):  # a route: the names are those of its steps
        return deep(
            node,
            lambda steps: [
                _changed(s, trie[step_name(s)]) if step_name(s) in trie else s for s in steps
            ],
        )
    if not isinstance(node, Mapping):
        return node  # a lever speaks of something that this organisation does not have
    out = dict(node)
    for name, below in trie.items():
        value = _changed(node.get(name, MISSING), below)
        if value is not MISSING:
            out[name] = value
    return out


def children(
    place: Place, node: Any, steps: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, Place, Any]]:
    """What lies directly inside a place: name, place and value.

    Inside a service also the steps of its route, by name.
    """
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield key, (*place, key), value
    if len(place) == 2 and place[0] == "services":
        for name, step in steps.get(place[1], {}).items():
            yield name, (*place, "route", name), step


def places(
    tree: Any,
    pattern: str,
    steps: Mapping[str, Mapping[str, Any]],
    may_add: Callable[[Place], bool],
) -> list[Place]:
    """All places that a path means.

    A last name that is not there yet counts where `may_add` allows it.
    """
    *inner, last = pattern.split(".")
    found: list[tuple[Place, Any]] = [((), tree)]
    for name in inner:
        found = [
            (p, v)
            for place, node in found
            for key, p, v in children(place, node, steps)
            if fits(key, name)
        ]
    out: list[Place] = []
    for place, node in found:
        named = [p for key, p, _ in children(place, node, steps) if fits(key, last)]
        new = (*place, last)
        out += named or (
            [new] if "*" not in last and isinstance(node, Mapping) and may_add(new) else []
        )
    return out


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern; only `*` is special."""
    if "*" not in pattern:
        return name == pattern
    return fnmatchcase(name, pattern.replace("[", "[[]").replace("?", "[?]"))
