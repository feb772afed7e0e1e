"""`load` and `check`: a scenario file is read, and every configuration that it names is built.

Each is built once, and whatever is wrong is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

from govsim.errors import A_PATH, Problem, ScenarioError, needed
from govsim.organisation.configure import Plan, plan_of
from govsim.organisation.lever_values import unfit
from govsim.organisation.levers import Lever, Levers
from govsim.organisation.names import unknown
from govsim.organisation.pieces import Told
from govsim.organisation.regimes import together
from govsim.scenario.problems import Path, at
from govsim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from govsim.scenario.expand import Expanded


def load(path: str | File, text: str | None = None) -> Scenario:
    """The scenario in a file, or in `text` as if it stood in that file.

    ScenarioError with all its problems.
    """
    from govsim.scenario import text as texts
    from govsim.scenario.expand import expand
    from govsim.scenario.meaning import hash_of
    from govsim.scenario.schema import validate

    needed(path, (str, PathLike), A_PATH)
    document = texts.read(path) if text is None else texts.parse(text, str(path))
    expanded = expand(document)
    folder = File(path).resolve().parent
    problems = [
        *expanded.problems,
        *validate(expanded.tree, expanded.lines, folder, expanded.origins),
    ]
    if problems:
        raise ScenarioError(path, texts.with_hints(document.text, problems))
    scenario = _scenario(str(path), document.text, expanded, hash_of(expanded.tree, folder))
    problems = check(scenario)
    if problems:
        raise ScenarioError(path, problems)
    return scenario


def reread(path: str, text: str, known: str) -> Scenario:
    """The scenario in a text that was run: checked again only where its hash is not `known`.

    ScenarioError with all its problems.
    """
    from govsim.scenario.expand import of_text
    from govsim.scenario.meaning import hash_of

    expanded = of_text(text, path)
    try:
        now = hash_of(expanded.tree, File(path).resolve().parent)
    except (OSError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        now = ""  # a file beside it is gone, or a text that was changed has another shape
    return _scenario(path, text, expanded, now) if now == known else load(path, text)


def _scenario(path: str, text: str, expanded: Expanded, meant: str) -> Scenario:
    from govsim.scenario.meaning import claims_hash_of

    return Scenario(
        path=path,
        text=text,
        tree=expanded.tree,
        lines=expanded.lines,
        hash=meant,
        claims_hash=claims_hash_of(expanded.tree),
        title=_plain(expanded.tree["title"]),
    )


def check(scenario: Scenario) -> list[Problem]:
    """What is wrong with the levers, the configurations and the variants,
    each with its line of the file.
    """
    wrong = check_plan(plan_of(scenario))
    named = [
        at(scenario.tree, scenario.lines, path, message) for path, message in unknown(scenario)
    ]
    return wrong or named


def check_plan(plan: Plan) -> list[Problem]:
    """Problems of levers, variants and configurations.

    What follows from a wrong lever is not told besides.
    """
    plan.enter({})
    checks = Checks(plan)
    problems = checks.base()
    wrong = {path[1] for path, _ in checks.levers}
    for lever in plan.variation(None).levers.levers.values():
        if lever.name not in wrong:
            problems += checks.lever(lever)
    if not problems:
        for name in plan.names():
            problems += checks.configuration(name)
        for name in plan.variants.levers:
            problems += checks.variant(name)
    return sorted(set(problems))


class Checks:
    """Tells each problem once, where it first appears."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.before, self.told = plan.organisation(plan.variation(None).tree)
        self.seen: set[Told] = {*(self.told or together(self.before, self.before))}
        self.levers = [
            *(
                (path, message)
                for levers in (plan.variation(None).levers, plan.variants)
                for path, message in self._levers(levers)
            )
        ]

    def _levers(self, levers: Levers) -> list[tuple[Path, str]]:
        return [*levers.problems, *unfit(levers, self.plan.stated, self.plan.folder)]

    def base(self) -> list[Problem]:
        """Problems of the file's organisation itself, and of what levers and variants say."""
        plan = self.plan
        said = [at(plan.stated, plan.lines, path, message) for path, message in self.levers]
        try:
            plan.sets_touching(plan.variation(None))
        except ScenarioError as many:
            said += many.problems
        return [*said, *(plan.problem(*told) for told in self.seen)]

    def lever(self, lever: Lever) -> Iterator[Problem]:
        """Problems of the organisation with one lever on."""
        base = self.plan.variation(None)
        after, told = self.plan.organisation(base.levers.apply([lever.name]))
        for place, message in self._new(told or together(self.before, after)):
            line = self._line(("reform", lever.name, *_about(lever, place)))
            yield Problem(line, place, f"{message} (with lever '{lever.name}')")

    def configuration(self, name: str) -> Iterator[Problem]:
        """Problems of a configuration and of its own changes."""
        plan, base = self.plan, self.plan.variation(None)
        on, own = plan.resolved(name)
        for of, spec in own:
            changes = Levers(base.tree, {of: spec}, ("configurations",))
            yield from (
                at(plan.stated, plan.lines, path, message)
                for path, message in self._levers(changes)
            )
        after, told = plan.organisation(plan.applied(base, on, own))
        for place, message in self._new(told or together(self.before, after)):
            yield Problem(
                self._line(("configurations", name)),
                place,
                f"{message} (in configuration '{name}')",
            )

    def variant(self, name: str) -> Iterator[Problem]:
        """Problems of a variant, before and after."""
        variation = self.plan.variation(name)
        before, told_before = self.plan.organisation(variation.tree)
        after, told_after = self.plan.organisation(
            self.plan.applied(variation, *self.plan.resolved("after"))
        )
        for place, message in self._new([*told_before, *told_after] or together(before, after)):
            yield Problem(self._line(("variants", name)), place, f"{message} (in variant '{name}')")

    def _new(self, told: Iterable[Told]) -> Iterator[Told]:
        for one in told:
            if one not in self.seen:
                self.seen.add(one)
                yield one

    def _line(self, path: Path) -> int:
        return at(self.plan.stated, self.plan.lines, path, "").line


def _about(lever: Lever, place: str) -> tuple[str, ...]:
    """Where in a lever the change of a place stands."""
    for touched, pattern in lever.written.items():
        words = ".".join(name for name in touched if name != "route")
        if place.startswith(words) or words.startswith(place):
            return ("set", pattern)
    return ()


def _plain(text: Any) -> str:
    return (
        str(text.get("en") or next(iter(text.values()))) if isinstance(text, Mapping) else str(text)
    )
