"""Claims as they were declared before the run, and whether the file still says the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from govsim.errors import ScenarioError, StoreError
from govsim.scenario.meaning import claims_hash_of, judged_by
from govsim.store import Settings


class Since(NamedTuple):
    """What became of the claims since the run was made.

    Those that say something else, and why that is not known.
    """

    changed: tuple[str, ...] = ()
    gone: str = ""


def tree_of(settings: Settings) -> Mapping[str, Any]:
    """The scenario as it was when the run was made.

    It is read from the text that the run keeps, without any other file. StoreError where that text
    does not have the claims whose hash was kept beside it.
    """
    tree = _tree(settings.text, settings.scenario)
    if claims_hash_of(tree) != settings.claims_hash:
        raise StoreError(
            f"{settings.id}: the claims in run.json are not those that were declared before the "
            "run (their hash differs); "
            "restore run.json from a copy"
        )
    return tree


def since(settings: Settings) -> Since:
    """Compare the scenario file of today with what was declared."""
    path = Path(settings.scenario)
    try:
        text = path.read_text(encoding="utf-8")
        if text == settings.text:
            return Since()
        today = _tree(text, settings.scenario)
    except OSError as error:
        return Since(gone=f"{path} ({error.strerror})")
    except (UnicodeDecodeError, ScenarioError) as error:
        return Since(gone=f"{path} ({str(error).splitlines()[0]})")
    declared = tree_of(settings)
    then, now = (each.get("claims") or {} for each in (declared, today))
    both = dict.fromkeys([*then, *now])
    changed = [name for name in both if _hash(then, name) != _hash(now, name)]
    before, after = (judged_by(each) for each in (declared, today))
    changed += [name for name in dict.fromkeys([*before, *after]) if _other(before, after, name)]
    return Since(tuple(changed))


def _other(then: Mapping[str, Any], now: Mapping[str, Any], name: str) -> bool:
    """Whether something else is said of what claims are judged by."""
    first, second = (claims_hash_of({name: each.get(name)}) for each in (then, now))
    return first != second


def _hash(claims: Mapping[str, Any], name: str) -> str:
    return claims_hash_of({"claims": {name: claims[name]}}) if name in claims else ""


def _tree(text: str, path: str) -> Mapping[str, Any]:
    """What a text says, with its fragments put in; it was checked when it was run."""
    from govsim.scenario.expand import of_text

    return of_text(text, path).tree
