"""The sections `claims` and `experiment` of a scenario file, and their checks.

What is claimed for the reform, declared before anything is run, and how to experiment.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from govsim.scenario import leaves, limits, units
from govsim.scenario.fields import (
    FLAG,
    SPAN,
    TEXT,
    Context,
    Found,
    number,
    one_of,
    refs,
    show,
    spread,
    whole,
)
from govsim.scenario.meaning import BY_WEEK, NOTHING, RECOVERY, known_levels
from govsim.scenario.problems import Path, did_you_mean
from govsim.scenario.sections import BUILT_IN, DESK_KINDS
from govsim.scenario.steps import CalendarName, Name, Section, needed, optional
from govsim.scenario.units import CALENDAR_DAYS, WORKING_DAYS, Kind, Unit

PARTS = ("service", "queue", "closed", "transfer", "applicant", "meeting", "notice", "outside")
MEASURES: dict[str, Unit] = {  # what a claim can be about, and what it is measured in
    **dict.fromkeys(
        ("cycle_time", *(f"part_{part}" for part in PARTS), "transfer_time", "applicant_time"),
        Unit.CLOCK,
    ),
    **dict.fromkeys(
        ("staff_minutes_per_case", "wait", *(f"{kind}_wait" for kind in DESK_KINDS)), Unit.CLOCK
    ),
    **dict.fromkeys(
        ("cycle_time_working", "legal_clock", "lateness", "time_to_first_answer"), Unit.WORKING_DAYS
    ),
    **dict.fromkeys(
        ("within_promise", "within_limit", "past_limit", "late", "gave_up_in_time", "utilisation"),
        Unit.PERCENT,
    ),
    **dict.fromkeys(
        ("visits", "handovers", "supplements", "signatures", "steps", "throughput", "backlog"),
        Unit.NUMBER,
    ),
    **dict.fromkeys(("counted", "open", "completed", "rejected", "withdrawn"), Unit.NUMBER),
}
LEVELS = ("at_most", "at_least", "above", "below")
PATHS = {"wait", "utilisation", "backlog"}  # not a number per replication and service
EXTREMES = ("max", "min")
OF_PATHS = (*EXTREMES, RECOVERY)  # statistics of a path by weeks
Tree = Mapping[str, Any]
Size = Annotated[Any, number(Kind.ANY, least=0.0)]
Of = Annotated[Any, leaves.services()]
ConfigurationName = Annotated[str, leaves.lever(BUILT_IN)]


class Condition(Section):
    """One thing that must hold: a change from `before`, or a level."""

    measure: Annotated[Any, one_of(*sorted(MEASURES))] = needed("what is measured")
    statistic: Annotated[Any, leaves.statistic()] = needed(
        "mean, median, p90, share, max, min, months_to_recover, share_at_most: x"
    )
    change: Annotated[Any, one_of("decrease", "increase", "no_increase", "no_decrease")] = optional(
        "direction of the change"
    )
    at_least: Size = optional(
        "smallest change that counts: % of before, or in the measure's unit", 0
    )
    at_most: Size = optional("margin within which nothing has changed", 0)
    level: Annotated[Any, one_of(*LEVELS)] = optional("how the level itself compares")
    value: Size = optional("with what it compares")
    cohort: Name = optional("which cases", "the claim's")
    of: Of = optional("which services", "the claim's")
    each: Annotated[Any, one_of("service")] = optional(
        "must hold for each service: of `of`, else of all with applicants, in the mix or not"
    )
    by: Annotated[Any, one_of("week")] = optional("a path by weeks")
    desks: Annotated[Any, leaves.desks()] = optional("at these desks", "all")
    travel: Annotated[Any, number(Kind.CLOCK)] = optional("an applicant's way there and back")
    configuration: ConfigurationName = optional(
        "whose level is meant", "the second that is compared"
    )


class Claim(Section):
    """One statement about the reform."""

    quote: Annotated[Any, TEXT] = needed("the words of the claim")
    about: Annotated[Any, TEXT] = optional("for people")
    cohort: Name = optional("which cases", "all that count")
    of: Of = optional("services, or a set", "experiment.mix")
    each: Annotated[Any, one_of("service")] = optional(
        "must hold for each service: of `of`, else of all with applicants, in the mix or not"
    )
    by: Annotated[Any, one_of("week")] = optional("a path by weeks")
    compare: Annotated[Any, refs(leaves.lever(BUILT_IN), least=2)] = optional(
        "two configurations", "before and after"
    )
    family: Annotated[Any, one_of("one_post_less")] = optional(
        "a family of configurations instead of the reform"
    )
    without_merger: ConfigurationName = optional(
        "what stands for the process levers alone where it is asked whose doing a gain is",
        "process_only",
    )
    also_by: Annotated[Any, one_of("service")] = optional("shown by service too")
    holds_if: list[Condition] = optional("all of them must hold")
    at_least_better: Annotated[Any, whole(1)] = optional("none worse, and so many better")
    refuted_if: list[Condition] = optional("refuted as soon as one of them holds")
    cannot_be_tested_if: Condition = optional("there is no room for the claim")
    outside_the_model: Annotated[Any, FLAG] = optional("never shown as found", False)


class Known(Section):
    """A level that is known of the office before the reform."""

    measure: Annotated[Any, one_of(*sorted(MEASURES))] = needed("what was measured")
    statistic: Annotated[Any, leaves.statistic()] = needed("mean, median, p90, share ...")
    of: Of = optional("services, or a set", "experiment.mix")
    cohort: Name = optional("which cases", "all that count")
    level: Annotated[Any, one_of(*LEVELS)] = needed("how the level compares")
    value: Size = needed("with what it compares")
    source: Annotated[Any, TEXT] = optional("where it is known from")


KnownSection = Annotated[
    Annotated[dict[Name, Known], Tag("<mapping>")] | Annotated[Any, one_of(NOTHING), Tag("<word>")],
    Discriminator(lambda value: "<word>" if isinstance(value, str) else "<mapping>"),
]


class Until(Section):
    """When a run has enough replications: once the mean change is known as well as stated,
    never once it is significant.
    """

    measure: Annotated[Any, one_of(*sorted(set(MEASURES) - PATHS))] = needed(
        "whose mean change, or level, is to be known"
    )
    half_width: Annotated[Any, number(Kind.ANY, above=0.0)] = needed(
        "of its 95 % interval, in the measure's unit"
    )
    of: Of = optional("services, or a set", "experiment.mix")
    cohort: Name = optional("which cases", "all that count")
    at_most: Annotated[Any, whole(3, limits.REPLICATIONS)] = optional("replications", 2000)


class Matters(Section):
    """The smallest difference that matters, in the unit of what differs."""

    days: Annotated[Any, number(Kind.NUMBER, above=0.0)] = optional("of a time in days")
    points: Annotated[Any, number(Kind.NUMBER, above=0.0)] = optional("of a share", 1)
    min: Annotated[Any, number(Kind.NUMBER, above=0.0)] = optional("of a time in minutes", 5)
    count: Annotated[Any, number(Kind.NUMBER, above=0.0)] = optional("of a number per case", 0.05)
    percent: Annotated[Any, number(Kind.NUMBER, above=0.0)] = optional(
        "of a time: of the level before", 5
    )


class Headline(Section):
    """What every command answers unless it is asked something else."""

    cohort: Name = optional("which cases", "counted")
    unit: Annotated[Any, one_of(WORKING_DAYS, CALENDAR_DAYS)] = optional(
        "of the time that a case takes", "working days; of a mix over different calendars, calendar"
    )
    mix: Of = optional("services of the overall figures, at the stated demand", "experiment.mix")
    calendar: CalendarName = optional(
        "whose working days are meant, of all services", "of each service its own"
    )


class Experiment(Section):
    """How to experiment."""

    replications: Annotated[Any, whole(1, limits.REPLICATIONS)] = optional("independent runs", 200)
    until: Until = optional("instead of a number of replications: the precision that ends a run")
    seed: Annotated[Any, whole(0, 2**64 - 1)] = optional("of all draws", 1)
    cohorts: dict[Name, Annotated[Any, SPAN]] = optional(
        "parts of the counted filings: first..last day"
    )
    mix: Of = optional(
        "services of the overall figures, at the stated demand", "all with applicants"
    )
    attribution: list[Name] = optional("bundles", "all bundles of merger and process levers")
    worlds: Annotated[Any, whole(1, limits.REPLICATIONS)] = optional(
        "draws of all uncertain parameters", 256
    )
    matters: Matters = optional("the smallest difference that matters")
    outcomes_margin: Annotated[Any, number(Kind.SHARE)] = optional(
        "by how much the share of an end may move before it counts as other people", "1 %"
    )
    headline: Headline = optional("what every command answers unless asked otherwise")


# --------------------------------------------------------------------------------- against the rest


def _section(tree: Tree, name: str) -> Tree:
    return tree.get(name) or {}


def check_experiment(tree: Tree) -> Found:
    """Cohorts outside the counted days, bundles that are not there, sets named like a service."""
    experiment = _section(tree, "experiment")
    first, last = units.date(tree["count_from"]), units.date(tree["count_until"])
    for name, span in (experiment.get("cohorts") or {}).items():
        begins, ends = units.dates(span)
        if begins < first or ends > last:
            yield (
                ("experiment", "cohorts", name),
                f"{span} reaches beyond the counted days {first}..{last}",
            )
    if until := experiment.get("until"):
        yield from _check_until(until, experiment)
    yield from _check_headline(experiment)
    bundles = {
        lever.get("bundle", name)
        for name, lever in _section(tree, "reform").items()
        if lever["kind"] != "stress"
    }
    for index, bundle in enumerate(experiment.get("attribution") or ()):
        if bundle not in bundles:
            yield (
                ("experiment", "attribution", index),
                f"no bundle '{bundle}'{did_you_mean(bundle, bundles)}",
            )
    for name, services in _section(tree, "service_sets").items():
        if name in tree["services"]:
            yield ("service_sets", name), f"there is a service '{name}'; give the set another name"
        for index, service in enumerate(services):
            if tree["services"].get(service, {}).get("internal") is True:
                yield ("service_sets", name, index), f"'{service}' is internal: it has no applicant"


def _check_headline(experiment: Tree) -> Found:
    cohorts = {**(experiment.get("cohorts") or {}), "counted": ""}
    headline = experiment.get("headline") or {}
    cohort = headline.get("cohort", "counted")
    if cohort not in cohorts:
        yield (
            ("experiment", "headline", "cohort"),
            f"no cohort '{cohort}'{did_you_mean(cohort, cohorts)}",
        )
    if "calendar" in headline and headline.get("unit") == CALENDAR_DAYS:
        yield (
            ("experiment", "headline", "calendar"),
            f"goes with `unit: {WORKING_DAYS}`; {CALENDAR_DAYS} are the same in every calendar",
        )


def _check_until(until: Tree, experiment: Tree) -> Found:
    cohorts, path = experiment.get("cohorts") or {}, ("experiment", "until")
    if "replications" in experiment:
        yield (
            ("experiment", "replications"),
            "a run has so many replications, or goes on `until`; `at_most` in it limits them",
        )
    if until.get("cohort") not in (None, *cohorts):
        yield (
            (*path, "cohort"),
            f"no cohort '{until['cohort']}'{did_you_mean(until['cohort'], cohorts)}",
        )
    unit = MEASURES[until["measure"]]
    for quantity in spread(until["half_width"], Context(until))[:1]:
        if quantity.unit is not unit and (quantity.unit, unit) != (Unit.POINTS, Unit.PERCENT):
            yield (
                (*path, "half_width"),
                (
                    f"{show(until['half_width'])} does not fit {until['measure']}; write it in "
                    f"{unit.value}"
                ),
            )


def check_claims(tree: Tree) -> Found:
    """What is wrong with the claims, beyond the names in them."""
    cohorts = _section(tree, "experiment").get("cohorts") or {}
    for name, claim in _section(tree, "claims").items():
        path: Path = ("claims", name)
        if claim.get("outside_the_model") is True:
            if claim.get("holds_if"):
                yield path, "a claim outside the model has no conditions"
        elif not claim.get("holds_if"):
            yield path, "'holds_if' is missing (or `outside_the_model: true`)"
        if len(claim.get("compare", (1, 2))) != 2:
            yield (*path, "compare"), "two configurations are compared"
        if claim.get("at_least_better", 0) > len(claim.get("holds_if") or ()):
            yield (*path, "at_least_better"), "there are not so many conditions"
        if claim.get("cohort", None) not in (None, *cohorts):
            yield (
                (*path, "cohort"),
                f"no cohort '{claim['cohort']}'{did_you_mean(claim['cohort'], cohorts)}",
            )
        yield from _stands_for_process_levers(tree, claim, path)
        for place, condition in _conditions(claim, path):
            if condition.get("cohort", None) not in (None, *cohorts):
                yield (
                    (*place, "cohort"),
                    (
                        "no cohort "
                        f"'{condition['cohort']}'{did_you_mean(condition['cohort'], cohorts)}"
                    ),
                )
            yield from _condition(condition, place)
            yield from _path_by_weeks(condition, condition.get("by", claim.get("by")), place)


def _stands_for_process_levers(tree: Tree, claim: Tree, path: Path) -> Found:
    """Credit is asked against all process levers, and against less than all of the merger."""
    reform, configuration = _section(tree, "reform"), claim.get("without_merger")
    kinds = {
        kind: {name for name, lever in reform.items() if lever["kind"] == kind}
        for kind in ("process", "merger")
    }
    known = (*BUILT_IN, *reform, *_section(tree, "configurations"))
    if configuration not in known or not kinds["process"]:
        return
    on = _levers_on(tree, [configuration], kinds, set())
    told = "it stands for the process levers alone, as [process_only, LEVER] does"
    if lacking := kinds["process"] - on:
        without = ", ".join(sorted(lacking))
        yield (*path, "without_merger"), f"'{configuration}' is without {without}; {told}"
    elif kinds["merger"] and kinds["merger"] <= on:
        yield (*path, "without_merger"), f"'{configuration}' has all of the merger; {told}"


def _levers_on(
    tree: Tree, names: Iterable[str], kinds: Mapping[str, set[str]], seen: set[str]
) -> set[str]:
    """The levers of configurations and levers, through the configurations in them."""
    built_in = {
        "before": set[str](),
        "after": kinds["process"] | kinds["merger"],
        "process_only": kinds["process"],
        "merger_only": kinds["merger"],
    }
    on: set[str] = set()
    for name in names:
        configured = _section(tree, "configurations").get(name)
        if name in built_in:
            on |= built_in[name]
        elif configured is None:
            on.add(name)
        elif name not in seen:
            levers = configured["levers"] if isinstance(configured, Mapping) else configured
            on |= _levers_on(tree, levers, kinds, seen | {name})
    return on


def check_known(tree: Tree) -> Found:
    """Cohorts that are not there, paths, and values in another unit than what they compare with."""
    cohorts = _section(tree, "experiment").get("cohorts") or {}
    for name, known in known_levels(tree).items():
        path: Path = ("known", name)
        if known.get("cohort") not in (None, *cohorts):
            yield (
                (*path, "cohort"),
                f"no cohort '{known['cohort']}'{did_you_mean(known['cohort'], cohorts)}",
            )
        if known["statistic"] in OF_PATHS:
            told = f"{known['statistic']} is of a path by weeks; what is known is a level"
            yield (*path, "statistic"), told
        else:
            yield from _sizes_fit(known, path)


def _path_by_weeks(condition: Tree, by: Any, path: Path) -> Found:
    """An extreme is of the mean path by weeks: that of single cases or replications grows with
    their number, so nothing is estimated by it.
    """
    statistic, measure = condition["statistic"], condition["measure"]
    if statistic in EXTREMES and by != "week":
        told = (
            f"{statistic} is of a path by weeks: write `by: week`, or a quantile such as p90; an "
            "extreme of single cases or replications grows with their number"
        )
        yield (*path, "statistic"), told
    elif by == "week" and statistic not in OF_PATHS:
        told = f"{show(statistic)} is not of a path by weeks; `by: week` goes with "
        yield (*path, "statistic"), f"{told}{', '.join(OF_PATHS)}"
    elif (by == "week" or statistic == RECOVERY) and measure not in BY_WEEK:
        yield (*path, "measure"), f"{measure} has no path by weeks; {', '.join(BY_WEEK)} have"


def _conditions(claim: Tree, path: Path) -> Iterator[tuple[Path, Tree]]:
    for key in ("holds_if", "refuted_if"):
        for index, condition in enumerate(claim.get(key) or ()):
            yield (*path, key, index), condition
    if claim.get("cannot_be_tested_if"):
        yield (*path, "cannot_be_tested_if"), claim["cannot_be_tested_if"]


def _sizes_fit(condition: Tree, path: Path) -> Found:
    """The size of a change is in % of the level before, or in the unit of what is measured."""
    statistic, unit = condition["statistic"], MEASURES[condition["measure"]]
    if isinstance(statistic, Mapping) or statistic == "share":
        unit = Unit.PERCENT
    elif statistic == "months_to_recover":
        unit = Unit.CLOCK
    fitting = {unit, Unit.NUMBER} if unit is Unit.PERCENT else {unit}
    if "change" in condition:
        fitting |= {Unit.PERCENT, Unit.POINTS} if unit is Unit.PERCENT else {Unit.PERCENT}
    for key in ("at_least", "at_most", "value"):
        for quantity in spread(condition.get(key), Context(condition))[:1]:
            if quantity.unit not in fitting and quantity.value != 0.0:
                words = " or ".join(sorted(one.value for one in fitting))
                yield (
                    (*path, key),
                    (
                        f"{show(condition[key])} does not fit {condition['measure']}; write it in "
                        f"{words}"
                    ),
                )


def _condition(condition: Tree, path: Path) -> Found:
    yield from _sizes_fit(condition, path)
    if ("change" in condition) == ("level" in condition):
        yield path, "a condition has either `change` or `level`"
    elif "level" in condition:
        if "value" not in condition:
            yield path, "'value' is missing: the level is compared with it"
        for key in ("at_least", "at_most"):
            if key in condition:
                yield (*path, key), f"`{key}` belongs to a change; a level has `value`"
    else:
        wrong = "at_most" if condition["change"] in ("decrease", "increase") else "at_least"
        if wrong in condition:
            yield (
                (*path, wrong),
                (
                    f"`{condition['change']}` goes with "
                    f"`{'at_least' if wrong == 'at_most' else 'at_most'}`"
                ),
            )
        if "value" in condition:
            yield (*path, "value"), "`value` belongs to a level"
