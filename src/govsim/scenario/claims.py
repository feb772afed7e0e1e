"""What is claimed for the reform, declared before anything is run, and how to experiment."""

from typing import Annotated, Any

from govsim.scenario import leaves
from govsim.scenario.fields import FLAG, SPAN, TEXT, number, one_of, refs, whole
from govsim.scenario.sections import BUILT_IN
from govsim.scenario.steps import Name, Section, needed, optional
from govsim.scenario.units import Kind

MEASURES = (
    "cycle_time", "within_promise", "within_limit", "late", "legal_clock", "part_service", "part_queue", "part_closed",
    "part_transfer", "part_applicant", "part_meeting", "part_notice", "part_outside", "transfer_time", "visits", "handovers",
    "supplements", "signatures", "steps", "wait", "window_wait", "time_to_first_answer", "applicant_time",
    "staff_minutes_per_case", "throughput", "backlog", "utilisation", "open_cases",
)  # fmt: skip
Size = Annotated[Any, number(Kind.ANY, least=0.0)]
Of = Annotated[Any, leaves.services()]
ConfigurationName = Annotated[str, leaves.lever(BUILT_IN)]


class Condition(Section):
    """One thing that must hold: a change from `before`, or a level."""

    measure: Annotated[Any, one_of(*MEASURES)] = needed("what is measured")
    statistic: Annotated[Any, leaves.statistic()] = needed(
        "mean, median, p90, share, max, min, months_to_recover, share_at_most: x"
    )
    change: Annotated[Any, one_of("decrease", "increase", "no_increase", "no_decrease")] = optional("direction of the change")
    at_least: Size = optional("smallest change that counts", 0)
    at_most: Size = optional("margin within which nothing has changed", 0)
    level: Annotated[Any, one_of("at_most", "at_least", "above", "below")] = optional("how the level itself compares")
    value: Size = optional("with what it compares")
    cohort: Name = optional("which cases", "the claim's")
    of: Of = optional("which services", "the claim's")
    each: Annotated[Any, one_of("service")] = optional("must hold for each service")
    by: Annotated[Any, one_of("week")] = optional("a path by weeks")
    desks: Annotated[Any, leaves.desks()] = optional("at these desks", "all")
    travel: Annotated[Any, number(Kind.CLOCK)] = optional("an applicant's way there and back")
    configuration: ConfigurationName = optional("whose level is meant", "the second that is compared")


class Claim(Section):
    """One statement about the reform."""

    quote: Annotated[Any, TEXT] = needed("the words of the claim")
    about: Annotated[Any, TEXT] = optional("for people")
    cohort: Name = optional("which cases", "all that count")
    of: Of = optional("services, or a set", "experiment.mix")
    each: Annotated[Any, one_of("service")] = optional("must hold for each service")
    by: Annotated[Any, one_of("week")] = optional("a path by weeks")
    compare: Annotated[Any, refs(leaves.lever(BUILT_IN), least=2)] = optional("two configurations", "before and after")
    family: Annotated[Any, one_of("one_post_less")] = optional("a family of configurations instead of the reform")
    without_merger: ConfigurationName = optional("where it must not hold as well, to be the merger's")
    also_by: Annotated[Any, one_of("service")] = optional("shown by service too")
    holds_if: list[Condition] | None = optional("all of them must hold")
    at_least_better: Annotated[Any, whole(1)] = optional("none worse, and so many better")
    refuted_if: list[Condition] | None = optional("refuted as soon as one of them holds")
    cannot_be_tested_if: Condition | None = optional("there is no room for the claim")
    outside_the_model: Annotated[Any, FLAG] = optional("never shown as found", False)


class Experiment(Section):
    """How to experiment."""

    replications: Annotated[Any, whole(1)] = optional("independent runs", 200)
    seed: Annotated[Any, whole(0, 2**64 - 1)] = optional("of all draws", 1)
    cohorts: dict[Name, Annotated[Any, SPAN]] | None = optional("parts of the counted filings: first..last day")
    mix: Of = optional("services of the overall figures, at the stated demand", "all with applicants")
    attribution: list[Name] | None = optional("bundles", "all bundles of merger and process levers")
    worlds: Annotated[Any, whole(1)] = optional("draws of all uncertain parameters", 256)
