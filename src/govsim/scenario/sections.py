"""The sections of a scenario file: one frozen class per section.

Its keys are described where they are declared.

The same classes check a file, give the JSON Schema for editors, and say which defaults were used.
They hold the plain tree: units and names stay as written, and are read by those who resolve them.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, SkipValidation, Tag

from govsim.scenario import leaves, limits
from govsim.scenario.distributions import distribution
from govsim.scenario.fields import (
    DATE,
    DAYS,
    HOURS,
    MONTH_DAY,
    TEXT,
    TIME,
    WEEKDAYS,
    factors,
    number,
    one_of,
    ref,
    refs,
    whole,
)
from govsim.scenario.steps import (
    CalendarName,
    Chance,
    DeskName,
    Flag,
    Name,
    Section,
    Step,
    needed,
    optional,
)
from govsim.scenario.units import Kind

DESK_KINDS = ("window", "review", "signature", "internal")
BUILT_IN = ("before", "after", "process_only", "merger_only")
Text = Annotated[Any, TEXT]
Date = Annotated[Any, DATE]
DepartmentName = Annotated[str, ref("departments", "department")]
FilingCalendar = Annotated[str, ref("calendars", "calendar", ("always",))]


class Season(Section):
    """Hours from one day of the year until the next season begins."""

    from_: Annotated[Any, MONTH_DAY] = Field(alias="from", description="first day, as in 10-01")
    week: dict[Annotated[str, WEEKDAYS], list[Annotated[Any, HOURS]]] = needed(
        "weekdays: hours, as in mon-fri: ['08:30-12:00']"
    )


class Holidays(Section):
    """Days on which offices are closed, shared by the calendars that name them."""

    closed_days: Annotated[Any, DAYS] = needed("dates and ranges of dates")
    worked_days: Annotated[Any, DAYS] = optional("days on which work makes up for a holiday")
    until: Date = optional("the last day for which closed days are known")
    source: Annotated[Any, TEXT] = optional("where the days come from")


class Calendar(Section):
    """Opening hours."""

    day: Annotated[Any, number(Kind.WORK, least=limits.SHORTEST_DAY, most=limits.LONGEST_DAY)] = (
        needed("the length of one working day as a duration")
    )
    week: dict[Annotated[str, WEEKDAYS], list[Annotated[Any, HOURS]]] = optional("weekdays: hours")
    seasons: dict[Name, Season] = optional("hours that change with the season")
    holidays: Annotated[str, ref("holidays", "list of holidays")] = optional(
        "the days of a list that calendars share"
    )
    closed_days: Annotated[Any, DAYS] = optional("dates and ranges of dates")
    worked_days: Annotated[Any, DAYS] = optional("days on which work makes up for a holiday")
    until: Date = optional("the last day for which closed days are known")


class Sessions(Section):
    """When a meeting sits: one of `every`, `monthly`, `dates`."""

    every: Annotated[Any, number(Kind.WORKING_DAYS, above=0.0)] = optional(
        "a cycle in working days"
    )
    monthly: Annotated[Any, number(Kind.COUNT, least=1.0, most=limits.LATEST_OF_MONTH)] = optional(
        "a day of every month"
    )
    dates: Annotated[Any, DAYS] = optional("dates")
    at: Annotated[Any, TIME] = needed("time of the day")
    calendar: CalendarName = needed("a session on a closed day moves to the next open one")


class Meeting(Section):
    """A shared occasion for which cases wait."""

    sessions: Sessions = needed("when it sits")
    seats: Annotated[Any, number(Kind.COUNT, least=1.0)] = optional(
        "cases heard in one session, all services together", "as many as wait"
    )


class Department(Section):
    """Owns desks and staff."""

    name: Text = optional("for people")
    part_of: DepartmentName = optional("the department that it belongs to")


class Desk(Section):
    """A queue of work of one kind."""

    department: DepartmentName = needed("who owns it")
    kind: Annotated[Any, one_of(*DESK_KINDS)] = needed(
        "at a window the applicant is there in person"
    )
    discipline: Annotated[Any, one_of("fifo", "priority", "due_date", "shortest")] = optional(
        "the order in the queue", "fifo"
    )
    factor: Annotated[Any, factors(path=False)] = optional("multiplies every effort here", 1)
    name: Text = optional("for people")


class Role(Section):
    """What groups have in common."""

    calendar: CalendarName = optional("hours")
    department: DepartmentName = optional("who employs them")
    serves: dict[DeskName, Annotated[Any, leaves.serve()]] = optional(
        "desk: efficiency, or [efficiency, preference]"
    )
    absence: Chance = optional("chance to be absent on a working day", 0)
    presence: Chance = optional("share of the post that is filled", 1)


class Group(Role):
    """Interchangeable staff."""

    role: Annotated[str, ref("roles", "role")] = optional("fills what the group leaves out")
    members: Annotated[Any, number(Kind.COUNT, most=limits.MEMBERS)] = needed("posts")
    name: Text = optional("for people")


class Fragment(Section):
    """A piece of route with blanks."""

    with_: list[Name] = optional("the blanks, written <blank> in the steps", alias="with")
    steps: Annotated[list[Step], SkipValidation] = needed(
        "steps; <owner> is the service's department"
    )


class AttributeValue(Section):
    """One value of an attribute."""

    share: Annotated[Any, leaves.share()] = needed("share of applicants; the last one is `rest`")
    files: Annotated[Any, one_of("office", "always")] = optional(
        "when these applicants file", "as demand.calendar says"
    )


class Poisson(Section):
    """Applicants come at random."""

    per_year: Annotated[Any, number(Kind.RATE)] = needed(
        "filings (batches) in a year of 365.25 days"
    )
    months: Annotated[Any, leaves.profile()] = optional(
        "a profile, or twelve factors", "all months alike"
    )
    factor: Annotated[Any, factors(path=True)] = optional("multiplies the rate", 1)
    batch: Annotated[Any, distribution(Kind.NUMBER, above=0.0)] = optional(
        "how many file together", 1
    )
    calendar: FilingCalendar = optional(
        "in whose opening time people file, or always", "the service's"
    )


class Fixed(Section):
    """Applicants come at a fixed interval."""

    every: Annotated[Any, number(Kind.CLOCK, above=0.0)] = needed("interval of clock time")
    first: Annotated[Any, leaves.first()] = optional(
        "the first: an instant, or clock time after the start", "0 min"
    )
    batch: Annotated[Any, distribution(Kind.NUMBER, above=0.0)] = optional(
        "how many file together", 1
    )
    calendar: FilingCalendar = optional(
        "in whose opening time people file, or always", "the service's"
    )


class Recorded(Section):
    """Applicants come when a record says so."""

    recorded: Annotated[Any, leaves.recorded()] = needed("a CSV file, or a list of instants")
    column: Text = optional("the column of instants")
    batch: Annotated[Any, distribution(Kind.NUMBER, above=0.0)] = optional(
        "how many file together", 1
    )
    calendar: FilingCalendar = optional(
        "in whose opening time people file, or always", "the service's"
    )


def _by_key(*keys: str) -> Discriminator:
    return Discriminator(
        lambda value: next(
            (f"<{key}>" for key in keys if isinstance(value, Mapping) and key in value), None
        )
    )


def _by_type(value: Any) -> str:
    return (
        "<list>"
        if isinstance(value, list)
        else "<mapping>"
        if isinstance(value, Mapping)
        else "<name>"
    )


Demand = Annotated[
    Annotated[Poisson, Tag("<per_year>")]
    | Annotated[Fixed, Tag("<every>")]
    | Annotated[Recorded, Tag("<recorded>")],
    _by_key("per_year", "every", "recorded"),
]
AttributeOfService = Annotated[
    Annotated[str, ref("attributes", "shared attribute"), Tag("<name>")]
    | Annotated[dict[Name, AttributeValue], Tag("<mapping>")],
    Discriminator(lambda value: "<mapping>" if isinstance(value, Mapping) else "<name>"),
]


class Service(Section):
    """A matter that an applicant can file."""

    name: Text = optional("for people")
    department: DepartmentName = needed("who is responsible")
    calendar: CalendarName = optional(
        "of the legal clock and of office hours", "office, or the only one there is"
    )
    demand: Demand = needed("when applicants file")
    attributes: dict[Name, AttributeOfService] = optional(
        "properties of applicants that decide choices"
    )
    limit: Annotated[Any, number(Kind.TERM)] = optional("working days allowed by law")
    promise: Annotated[Any, number(Kind.TERM)] = optional("working days promised")
    promise_from: Name = optional("the step at whose end the promise begins", "acceptance")
    class_: Annotated[Any, number(Kind.COUNT, least=1.0)] = optional(
        "class at priority desks, 1 first", 1, alias="class"
    )
    internal: Flag = optional("no applicant: left out of claims", False)
    route: list[Step] = needed("the steps")


Said = dict[str, Annotated[Any, TEXT]]


class Names(Section):
    """What things are called, by kind and id; a page in another language needs no more."""

    steps: Said = optional("STEP, or SERVICE.STEP: name")
    bundles: Said = optional("bundle: name")
    service_sets: Said = optional("set: name")
    attributes: Said = optional("ATTRIBUTE, or ATTRIBUTE.VALUE: name")
    meetings: Said = optional("meeting: name")
    parameters: Said = optional(
        "parameter: name; `*` in a path stands for a thing, {} for its name"
    )
    desks: Said = optional("desk: name")
    staff: Said = optional("group: name")
    services: Said = optional("service: name")
    departments: Said = optional("department: name")
    reform: Said = optional("lever: name")
    claims: Said = optional("claim: name")


class Learning(Section):
    """Effort on a desk that is new to a group since the reform: by days (`half_life`)
    or by completions (`exponent`).
    """

    start: Annotated[Any, number(Kind.NUMBER, least=1.0)] = needed("factor on the first day")
    half_life: Annotated[Any, number(Kind.CLOCK, above=0.0)] = optional(
        "time in which the excess halves"
    )
    exponent: Annotated[Any, number(Kind.NUMBER, above=0.0, most=limits.EXPONENT)] = optional(
        "of Wright's curve"
    )


class InsertAt(Section):
    """Steps before or after a named one."""

    before: Name = optional("the step they come before")
    after: Name = optional("the step they come after")
    steps: list[Step] = needed("the steps")


class MergeDesks(Section):
    """The staff of all serve all."""

    desks: Annotated[Any, refs(ref("desks", "desk"), least=2)] = needed("the desks")
    efficiency: Annotated[Any, number(Kind.NUMBER, above=0.0)] = optional(
        "at the desks of the others", 1
    )


class Serves(Section):
    """Groups serve further desks."""

    groups: Annotated[Any, refs(ref("staff", "group"))] = needed(
        "in the order in which a share covers them"
    )
    share: Annotated[Any, number(Kind.SHARE)] = optional("share of their members", 1)
    desks: Annotated[Any, refs(ref("desks", "desk"))] = needed("the desks")
    efficiency: Annotated[Any, number(Kind.NUMBER, above=0.0)] = optional("1 is normal speed", 1)
    preference: Annotated[Any, whole(1)] = optional("1 first", 1)


ONE_OR_MORE = Discriminator(lambda value: "<list>" if isinstance(value, list) else "<mapping>")
Insert = dict[str, InsertAt]
Inserts = Annotated[
    Annotated[Insert, Tag("<mapping>")] | Annotated[list[Insert], Tag("<list>")], ONE_OR_MORE
]
Merges = Annotated[
    Annotated[MergeDesks, Tag("<mapping>")] | Annotated[list[MergeDesks], Tag("<list>")],
    ONE_OR_MORE,
]


class Verbs(Section):
    """What a lever does."""

    about: Text = optional("for people")
    insert: Inserts = optional("services.SERVICE: steps before or after a named one")
    in_parallel: dict[str, dict[Name, list[Name]]] = optional(
        "services.SERVICE.BLOCK: branch: steps"
    )
    remove: list[str] = optional("paths of steps")
    set: dict[str, Any] = optional("path: value, or {times: factor}")
    merge_desks: Merges = optional("one queue before the staff of all")
    serves: list[Serves] = optional("groups serve further desks")


class Variant(Verbs):
    """Another organisation or assumption, in force from the start in every configuration."""


class Lever(Verbs):
    """One named change that the reform makes."""

    kind: Annotated[Any, one_of("merger", "process", "stress")] = needed(
        "whether it needs the merger; stress is never part of `after`"
    )
    bundle: Name = optional("levers of one bundle are attributed together", "the lever itself")
    overrides: Annotated[Any, refs(ref("reform", "lever"))] = optional(
        "levers whose changes of the same field give way"
    )


class Configured(Section):
    """A configuration with changes of its own."""

    about: Text = optional("for people")
    levers: Annotated[Any, refs(leaves.lever(BUILT_IN), least=0)] = needed(
        "levers and configurations"
    )
    set: dict[str, Any] = optional("path: value, applied last")


Configuration = Annotated[
    Annotated[Any, refs(leaves.lever(BUILT_IN), least=0), Tag("<list>")]
    | Annotated[Configured, Tag("<mapping>")],
    Discriminator(lambda value: "<mapping>" if isinstance(value, Mapping) else "<list>"),
]
