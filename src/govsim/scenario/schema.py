"""A whole scenario file against its schema: every problem with its place, in the file's own words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import ValidationError

from govsim.scenario import sections
from govsim.scenario.claims import Claim, Experiment
from govsim.scenario.fields import DATE, TEXT, Context, one_of, ref, refs, show
from govsim.scenario.leaves import parameter, profile
from govsim.scenario.problems import KINDS, Path, did_you_mean
from govsim.scenario.steps import Name, Section, needed, optional

Date = Annotated[Any, DATE]


class ScenarioFile(Section):
    """A scenario of govsim: an organisation, its services, the demand on it, a reform, and the claims made for the reform."""

    govsim: Annotated[Any, one_of(1)] = needed("version of the format")
    title: Annotated[Any, TEXT] = needed("for people")
    purpose: Annotated[Any, TEXT] = optional("the question")
    start: Date = needed("first day")
    reform_day: Date = needed("the reform is in force from 00:00 of it")
    count_from: Date = needed("filings count from this day")
    count_until: Date = needed("up to this day, included")
    horizon: Date = needed("last day: the simulation stops at the latest at its end")
    parameters: dict[Name, Annotated[Any, parameter()]] | None = optional("numbers with a name, a range and a source")
    calendars: dict[Name, sections.Calendar] = needed("opening hours")
    profiles: dict[Name, Annotated[Any, profile()]] | None = optional("twelve monthly factors each")
    meetings: dict[Name, sections.Meeting] | None = optional("shared occasions for which cases wait")
    departments: dict[Name, sections.Department] = needed("who owns desks and employs staff")
    desks: dict[Name, sections.Desk] = needed("queues of work of one kind")
    roles: dict[Name, sections.Role] | None = optional("what groups have in common")
    staff: dict[Name, sections.Group] = needed("groups of interchangeable members")
    fragments: dict[Name, sections.Fragment] | None = optional("pieces of routes with blanks")
    attributes: dict[Name, dict[Name, sections.AttributeValue]] | None = optional("properties of applicants that services share")
    services: dict[Name, sections.Service] = needed("matters that can be filed")
    service_sets: dict[Name, Annotated[Any, refs(ref("services", "service"))]] | None = optional("lists of services")
    learning: sections.Learning | None = optional("effort on desks that are new since the reform")
    reform: dict[Name, sections.Lever] | None = optional("levers")
    configurations: dict[Name, sections.Configuration] | None = optional("sets of levers")
    variants: dict[Name, sections.Variant] | None = optional("other organisations, in force from the start")
    claims: dict[Name, Claim] | None = optional("statements about the reform")
    experiment: Experiment | None = optional("how to experiment")


def build(tree: Mapping[str, Any], folder: File | None = None) -> tuple[ScenarioFile | None, list[tuple[Path, str]]]:
    """The tree held against the schema: the sections, or what is wrong with them by path."""
    context = Context(tree, folder)
    try:
        return ScenarioFile.model_validate(tree, context=context), []
    except ValidationError as error:
        found: list[tuple[Path, str]] = []
        for detail in error.errors(include_url=False):
            found += _translate(detail, tree, context)
        return None, found


def _translate(detail: Any, tree: Mapping[str, Any], context: Context) -> list[tuple[Path, str]]:
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
    return [(path, _shape(kind, detail["input"]))]


def _shape(kind: str, found: Any) -> str:
    if kind.startswith("union_tag"):
        return _no_kind(found)
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"keys and values are needed here (`key: value`), not {show(found)}"
    if kind == "list_type":
        return f"a list is needed here, not {show(found)}"
    if kind == "string_type":
        return f"a text is needed here, not {show(found)}"
    return f"{show(found)} is not possible here ({kind})"


def _no_kind(found: Any) -> str:
    if not isinstance(found, Mapping):
        return f"keys and values are needed here (`key: value`), not {show(found)}"
    first = next(iter(found), "")
    if any(key in found for key in KINDS):
        kind = next(key for key in KINDS if key in found)
        return f"the first key of a step is its kind: put '{kind}' before '{first}'"
    return f"'{first}' is not possible here{did_you_mean(first, KINDS)}"


def _inside(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree[key]
    return tree
