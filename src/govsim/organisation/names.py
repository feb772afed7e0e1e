"""What things of a scenario are called, and which have no name yet.

A name is a text, or one for each language. The section `names` has them by kind; without it
services, departments, desks and groups have a `name` with them, levers and parameters an `about`,
claims their quote. What has none in a language is called as in another, and without any by its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from govsim.organisation.configure import unknowns
from govsim.organisation.edits import every_step, fits
from govsim.scenario.problems import Path, did_you_mean, step_name
from govsim.scenario.scenario import Scenario

LANGUAGES = ("en", "zh")
OWN = {  # section -> the key of its things that holds their name
    "services": "name",
    "departments": "name",
    "desks": "name",
    "staff": "name",
    "reform": "about",
    "parameters": "about",
    "claims": "quote",
}
Tree = Mapping[str, Any]


def called(tree: Tree, kind: str, name: str, lang: str) -> str:
    """What a thing of a kind (a section, or a key of `names`) is called in a language.

    A step may be named for all services, or as SERVICE.STEP for one; a parameter that is written in
    place by its path, in which `*` stands for a thing whose name then stands for `{}`.
    """
    stated = said(tree, kind, name)
    if isinstance(stated, Mapping):
        return str(stated.get(lang) or next(iter(stated.values()), name))
    if stated:
        return str(stated)
    return name.rpartition(".")[2] if kind == "steps" else name


def said(tree: Tree, kind: str, name: str) -> Any:
    """The same as it is stated: a text, or one for each language; None where there is none."""
    stated, thing = _said(tree, kind, name)
    if thing is None:
        return stated
    texts = stated if isinstance(stated, Mapping) else dict.fromkeys(LANGUAGES, stated)
    return {
        lang: str(text).replace("{}", called(tree, *thing, lang)) for lang, text in texts.items()
    }


def unnamed(scenario: Scenario) -> list[tuple[str, str, tuple[str, ...]]]:
    """(kind, id, languages) of all that a bilingual page would call by an id."""
    found = []
    for kind, names in ids_of(scenario).items():
        for name in names:
            stated = said(scenario.tree, kind, name)
            has = stated.keys() if isinstance(stated, Mapping) else LANGUAGES if stated else ()
            if lacking := tuple(lang for lang in LANGUAGES if lang not in has):
                found.append((kind, name, lacking))
    return found


def _said(tree: Tree, kind: str, name: str) -> tuple[Any, tuple[str, str] | None]:
    """The name as it is stated, and the thing whose own name it asks for."""
    names = (tree.get("names") or {}).get(kind) or {}
    if name in names:
        return names[name], None
    if kind == "steps" and name.rpartition(".")[2] in names:
        return names[name.rpartition(".")[2]], None
    for pattern, stated in names.items():
        if "*" in pattern and fits(name, pattern):
            section, thing, *_ = name.split(".")
            return stated, (section, thing)
    if kind == "bundles":  # a lever without one is a bundle of its own
        kind = "reform"
    own = (tree.get(kind) or {}).get(name)
    return (own.get(OWN[kind]) if isinstance(own, Mapping) and kind in OWN else None), None


def unknown(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Names of what is not there: where they stand, and what is wrong."""
    ids = ids_of(scenario)
    for kind, names in (scenario.tree.get("names") or {}).items():
        known = ids[kind]
        for name in names:
            own = name.rpartition(".")[2] if kind == "steps" else name
            if not any(fits(each, own) for each in known):
                yield ("names", kind, name), f"nothing is called '{name}'{did_you_mean(own, known)}"


def ids_of(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """The ids of all that may be told by its name, by kind."""
    return {**written(scenario.tree), "parameters": tuple(unknowns(scenario))}


def written(tree: Tree) -> dict[str, tuple[str, ...]]:
    """The same as far as they stand in the file: parameters that are written in place do not."""
    steps = [step_name(step) for service in tree["services"].values() for step in _steps(service)]
    attributes = {**(tree.get("attributes") or {})}
    for service in tree["services"].values():
        own = service.get("attributes") or {}
        attributes |= {name: spec for name, spec in own.items() if isinstance(spec, Mapping)}
    values = [f"{name}.{value}" for name, spec in attributes.items() for value in spec]
    levers = (tree.get("reform") or {}).values()
    return {
        **{section: tuple(tree.get(section) or ()) for section in OWN},
        "steps": tuple(dict.fromkeys(step for step in steps if step)),
        "bundles": tuple(dict.fromkeys(spec["bundle"] for spec in levers if "bundle" in spec)),
        "service_sets": tuple(tree.get("service_sets") or ()),
        "attributes": (*attributes, *values),
        "meetings": tuple(tree.get("meetings") or ()),
    }


def _steps(service: Tree) -> Iterator[Any]:
    return every_step(service.get("route") or [])
