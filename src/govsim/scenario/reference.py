"""The reference page of the scenario file, made from the descriptions of its keys.

They stand where each key is declared. `python -m govsim.scenario.reference > docs/reference.md`
writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from govsim.scenario.schema import json_schema

HEAD = """# Reference: every key of a scenario file

Generated from the schema (`python -m govsim.scenario.reference`);
docs/scenario.md explains how things are written.
Keys marked * are required. Where a key may be left out, the third column says what then holds.
"""


def page() -> str:
    """The whole page in Markdown: one table per kind of section,
    in the order in which they are met.
    """
    schema = json_schema()
    definitions = schema["definitions"]
    parts = [HEAD, *_table("A scenario file", schema)]
    for name in _met(schema, definitions):
        parts += _table(name, definitions[name])
    return "\n".join(parts) + "\n"


def _table(name: str, part: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n## {name}\n\n{part.get('description', '')}\n"
    yield "| key | meaning | if left out |\n| --- | --- | --- |"
    for key, field in part["properties"].items():
        star = "*" if key in part.get("required", ()) else ""
        words = "; ".join([field["description"], *_words(field)]).replace("|", "\\|")
        default = field.get("default", "")
        yield (
            f"| `{key}`{star} | {words} | "
            f"{str(default).lower() if isinstance(default, bool) else default} |"
        )


def _words(field: Mapping[str, Any]) -> Iterator[str]:
    if "enum" in field:
        yield "one of " + ", ".join(f"`{word}`" for word in field["enum"])
    kinds = list(dict.fromkeys(_refs(field)))
    if kinds:
        yield "see " + ", ".join(f"[{kind}](#{kind.lower()})" for kind in kinds)


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rsplit("/", 1)[-1]
        for value in node.values():
            yield from _refs(value)
    elif isinstance(node, list):
        for item in node:
            yield from _refs(item)


def _met(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    """The kinds of sections in the order in which a reader of the file meets them."""
    met: list[str] = []
    ahead = list(_refs(schema["properties"]))
    while ahead:
        name = ahead.pop(0)
        if name not in met:
            met.append(name)
            ahead = [*_refs(definitions[name]), *ahead]
    return met


if __name__ == "__main__":  # pragma: no cover
    sys.stdout.write(page())
