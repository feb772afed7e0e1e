"""A whole scenario file against its schema, and the JSON Schema for editors.

Every problem is told with its place, in the file's own words.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path as File
from typing import Annotated, Any, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError

from govsim.errors import Problem
from govsim.scenario import checks, sections
from govsim.scenario.claims import Claim, Experiment, KnownSection
from govsim.scenario.expand import Origin
from govsim.scenario.fields import DATE, TEXT, Context, one_of, ref, refs, show
from govsim.scenario.leaves import parameter, profile
from govsim.scenario.problems import KINDS, Lines, Path, at, did_you_mean, where
from govsim.scenario.steps import Name, Section, Step, needed, optional

Date = Annotated[Any, DATE]


class ScenarioFile(Section):
    """A scenario of govsim: an organisation, its services, the demand on it, a reform,
    and the claims made for the reform.
    """

    govsim: Annotated[Any, one_of(1)] = needed("version of the format")
    title: Annotated[Any, TEXT] = needed("for people")
    purpose: Annotated[Any, TEXT] = optional("the question")
    start: Date = needed("first day")
    reform_day: Date = needed("the reform is in force from 00:00 of it")
    count_from: Date = needed("filings count from this day")
    count_until: Date = needed("up to this day, included")
    horizon: Date = needed("last day: the simulation stops at the latest at its end")
    parameters: dict[Name, Annotated[Any, parameter()]] | None = optional(
        "numbers with a name, a range and a source"
    )
    holidays: dict[Name, sections.Holidays] | None = optional("days that calendars share")
    calendars: dict[Name, sections.Calendar] = needed("opening hours")
    profiles: dict[Name, Annotated[Any, profile()]] | None = optional("twelve monthly factors each")
    meetings: dict[Name, sections.Meeting] | None = optional(
        "shared occasions for which cases wait"
    )
    departments: dict[Name, sections.Department] = needed("who owns desks and employs staff")
    desks: dict[Name, sections.Desk] = needed("queues of work of one kind")
    roles: dict[Name, sections.Role] | None = optional("what groups have in common")
    staff: dict[Name, sections.Group] = needed("groups of interchangeable members")
    fragments: dict[Name, sections.Fragment] | None = optional("pieces of routes with blanks")
    attributes: dict[Name, dict[Name, sections.AttributeValue]] | None = optional(
        "properties of applicants that services share"
    )
    services: dict[Name, sections.Service] = needed("matters that can be filed")
    service_sets: dict[Name, Annotated[Any, refs(ref("services", "service"))]] | None = optional(
        "lists of services"
    )
    learning: sections.Learning | None = optional("effort on desks that are new since the reform")
    reform: dict[Name, sections.Lever] | None = optional("levers")
    configurations: dict[Name, sections.Configuration] | None = optional("sets of levers")
    variants: dict[Name, sections.Variant] | None = optional(
        "other organisations, in force from the start"
    )
    claims: dict[Name, Claim] | None = optional("statements about the reform")
    names: sections.Names | None = optional("what things are called")
    known: KnownSection | None = optional(
        "levels that are known of `before`, or `none`", "that the queues of `before` settle"
    )
    experiment: Experiment = Field(default=Experiment(), description="how to experiment")


def validate(
    tree: Mapping[str, Any],
    lines: Lines,
    folder: File | None = None,
    origins: Mapping[Path, Origin] | None = None,
) -> list[Problem]:
    """Everything that is wrong with an expanded tree.

    CSV files are looked at where the `folder` is known. What comes from a fragment, or from a
    parameter's unit, is told once, with the number of other places.
    """
    _, found, sound = build(tree, folder)
    found += checks.check(tree, folder, sound)
    told: dict[object, tuple[Path, str]] = {}
    again: dict[object, int] = {}
    for path, message in found:
        origin = _origin(origins or {}, path)
        key = (
            (origin, message)
            if origin
            else message
            if message.startswith("parameter '")
            else (path, message)
        )
        if key in told:
            again[key] = again.get(key, 0) + (told[key][0] != path)
        else:
            from_fragment = f" (fragment '{origin.fragment}', line {origin.line})" if origin else ""
            told[key] = path, message + from_fragment
    return sorted(
        at(tree, lines, path, message + _places(again.get(key, 0)))
        for key, (path, message) in told.items()
    )


def _origin(origins: Mapping[Path, Origin], path: Path) -> Origin | None:
    return next((origins[path[:k]] for k in range(len(path), 3, -1) if path[:k] in origins), None)


def _places(more: int) -> str:
    return f" [and in {more} other place{'s' if more > 1 else ''}]" if more else ""


def build(
    tree: Mapping[str, Any], folder: File | None = None
) -> tuple[ScenarioFile | None, list[tuple[Path, str]], bool]:
    """The tree held against the schema: the sections, or what is wrong by path;
    and whether at least the shape is right.
    """
    context = Context(tree, folder)
    try:
        return ScenarioFile.model_validate(tree, context=context), [], True
    except ValidationError as error:
        found: list[tuple[Path, str]] = []
        details = error.errors(include_url=False)
        for detail in details:
            found += translate(detail, tree, context)
        return None, found, False


def defaults(tree: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Every key that a valid tree leaves out and that then means something: its path,
    and what holds.
    """
    model, _, _ = build(tree)
    return [(where(tree, path), value) for path, value in _left_out(model, ())]


def _left_out(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(node, Section):
        for name, field in type(node).model_fields.items():
            key = field.alias or name
            value = getattr(node, name)
            if name in node.model_fields_set or isinstance(value, Section):
                yield from _left_out(value, (*path, key))
            elif (
                isinstance(field.json_schema_extra, dict)
                and field.json_schema_extra.get("without") is not None
            ):
                yield (*path, key), field.json_schema_extra["without"]
    elif isinstance(node, dict | list):
        parts: Iterable[tuple[str | int, Any]] = (
            node.items() if isinstance(node, dict) else enumerate(node)
        )
        for part, value in parts:
            yield from _left_out(value, (*path, part))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for editors: draft 7, which the older ones read too."""
    schema = ScenarioFile.model_json_schema(ref_template="#/definitions/{model}")
    schema["definitions"] = schema.pop("$defs")
    return {"$schema": "http://json-schema.org/draft-07/schema#", **_tidy(schema)}


def _tidy(node: Any) -> Any:
    """Without the nulls of keys that may be left out; what then holds is the default."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {
        key: _tidy(value) for key, value in node.items() if key not in ("discriminator", "default")
    }
    if isinstance(node.get("description"), str):  # a docstring: its lines are layout
        node["description"] = " ".join(node["description"].split())
    without = node.pop("without", None)
    if without is not None:
        node["default"] = without
    kinds = [kind for kind in node.pop("anyOf", ()) if kind != {"type": "null"}]
    return node | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})


@lru_cache(maxsize=32)
def fields_of(what: str) -> frozenset[str]:
    """The fields of a step of some kind, or of a thing in some section;
    none where it has no fixed fields.
    """
    union, *_ = get_args(Step)
    kinds = {kind.__metadata__[0].tag.strip("<>"): kind.__origin__ for kind in get_args(union)}
    model = kinds.get(what) or thing_of(what)
    fields = getattr(model, "model_fields", {})
    return frozenset(field.alias or name for name, field in fields.items())


def thing_of(section: str) -> Any:
    """The schema of one thing in a section that names things, or of a section that does not."""
    field = ScenarioFile.model_fields.get(section)
    if field is None:
        return None
    whole = field.rebuild_annotation()
    named = next((part for part in (whole, *get_args(whole)) if get_origin(part) is dict), None)
    return get_args(named)[1] if named is not None else whole


@lru_cache(maxsize=32)
def _adapter(section: str) -> TypeAdapter[Any]:
    return TypeAdapter(Step if section == "steps" else thing_of(section))


def problems_of(section: str, part: Any, context: Context) -> list[tuple[Path, str]]:
    """What is wrong with one thing of a section (one step, of `steps`), by the path inside it."""
    try:
        _adapter(section).validate_python(part, context=context)
    except ValidationError as error:
        details = error.errors(include_url=False)
        return [said for detail in details for said in translate(detail, part, context)]
    return []


def translate(detail: Any, tree: Mapping[str, Any], context: Context) -> list[tuple[Path, str]]:
    path = tuple(key for key in detail["loc"] if not (isinstance(key, str) and key[:1] in "<["))
    kind = detail["type"]
    if kind == "found":
        return [((*path, *inside), message) for inside, message in detail["ctx"]["found"]]
    if kind == "missing":
        return [(path[:-1], f"'{path[-1]}' is missing")]
    if kind == "extra_forbidden":
        model = context.models[id(_inside(tree, path[:-1]))]
        keys = [field.alias or name for name, field in model.model_fields.items()]
        return [(path, f"unknown key '{path[-1]}'{did_you_mean(path[-1], keys)}")]
    return [(path, _shape(kind, detail["input"], path))]


def _shape(kind: str, found: Any, path: Path) -> str:
    if kind.startswith("union_tag"):
        return _no_kind(found, ("per_year", "every", "recorded") if "demand" in path else KINDS)
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"keys and values are needed here (`key: value`), not {show(found)}"
    if kind == "list_type":
        return f"a list is needed here, not {show(found)}"
    if kind == "string_type":
        return f"a text is needed here, not {show(found)}"
    return f"{show(found)} is not possible here ({kind})"


def _no_kind(found: Any, kinds: Collection[str]) -> str:
    if not isinstance(found, Mapping):
        return f"keys and values are needed here (`key: value`), not {show(found)}"
    first = next(iter(found), "")
    kind = next((key for key in kinds if key in found), None)
    if kind is not None:
        return f"the first key of a step is its kind: put '{kind}' before '{first}'"
    return f"'{first}' is not possible here{did_you_mean(first, kinds)}"


def _inside(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree
