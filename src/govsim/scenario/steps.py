"""The steps of a route as the file writes them: one frozen class per kind.

The kind is the first key.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    model_validator,
)

from govsim.scenario import limits
from govsim.scenario.distributions import distribution
from govsim.scenario.fields import FLAG, NAME, Context, number, one_of, ref
from govsim.scenario.leaves import departures
from govsim.scenario.problems import KINDS
from govsim.scenario.units import Kind


class Section(BaseModel):
    """A part of the file: fixed keys, nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _note(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(info.context, Context):
            info.context.models[id(value)] = cls  # the allowed keys, should one be unknown
        return value


def optional(description: str, without: object = None, alias: str | None = None) -> Any:
    """A key that may be left out.

    `without` is what then holds, and is shown by `check --show-defaults`.
    """
    extra: dict[str, Any] = {"without": without}
    return Field(default=None, description=description, json_schema_extra=extra, alias=alias)


def needed(description: str) -> Any:
    """A key that must be there."""
    return Field(description=description)


Name = Annotated[str, NAME]
DeskName = Annotated[str, ref("desks", "desk")]
CalendarName = Annotated[str, ref("calendars", "calendar")]
Flag = Annotated[Any, FLAG]
Chance = Annotated[Any, number(Kind.SHARE, path=True)]
Effort = Annotated[Any, distribution(Kind.WORK)]
Takes = Annotated[Any, distribution(Kind.DURATION)]
Departures = Annotated[Any, departures()]
OF_SERVICE = "the service's"


class Misdirected(Section):
    """The first visit may go to the wrong window."""

    chance: Chance = needed("chance that the first visit goes to the wrong window")
    desk: DeskName = needed("the wrong window")
    effort: Effort = needed("work spent there")
    returns: Annotated[Any, one_of("next working day")] = optional(
        "when the applicant comes again", "next working day"
    )


class Supplement(Section):
    """What happens when papers are missing."""

    chance: Chance = needed("chance that papers are missing at the first attempt")
    again: Chance = needed("the same at later attempts")
    attempts: Annotated[Any, number(Kind.COUNT, least=1.0, most=limits.ATTEMPTS)] = needed(
        "attempts in total"
    )
    then: Annotated[Any, one_of("passes", "rejected", "withdrawn")] = needed(
        "what happens after the last attempt"
    )
    takes: Takes = needed("time until the applicant has supplemented the papers")
    calendar: CalendarName = optional("the calendar of `takes` in working days", OF_SERVICE)
    tolerated: Chance = optional("share of incomplete cases that pass at once", 0)


class Task(Section):
    """Work of one kind at a desk."""

    task: Name = needed("the step's name")
    desk: DeskName = needed("where it queues")
    effort: Effort = needed("minutes of work")
    patience: Annotated[Any, distribution(Kind.WORK, above=0.0)] = optional(
        "opening time of the desk after which the applicant withdraws"
    )
    misdirected: Misdirected = optional("a first visit may go to a wrong window")


class Review(Section):
    """A task that checks papers."""

    review: Name = needed("the step's name")
    desk: DeskName = needed("where it queues")
    effort: Effort = needed("minutes of work of one attempt")
    supplement: Supplement = optional("what happens when papers are missing")
    reject: Chance = optional("chance that complete papers are rejected", 0)
    again_effort: Annotated[Any, number(Kind.NUMBER, least=0.0)] = optional(
        "factor on the effort of later attempts", 1
    )
    patience: Annotated[Any, distribution(Kind.WORK, above=0.0)] = optional(
        "opening time of the desk after which the applicant withdraws"
    )
    misdirected: Misdirected = optional("a first visit may go to a wrong window")


class Transfer(Section):
    """The file moves to another department."""

    transfer: Name = needed("the step's name")
    to: Annotated[str, ref("departments", "department")] = needed(
        "the department that receives the file"
    )
    takes: Takes = needed("time on paper, after it left")
    paper: Chance = optional("share of files on paper", 1)
    electronic_takes: Takes = optional("time of an electronic file")
    leaves: Departures = optional("departure times of paper files", "any time")
    calendar: CalendarName = optional("the calendar of working days and departures", OF_SERVICE)


class Delay(Section):
    """Time that belongs to somebody who is not modelled."""

    delay: Name = needed("the step's name")
    owner: Annotated[Any, one_of("applicant", "notice", "outside")] = needed("whose time it is")
    takes: Takes = needed("how long; a term where the owner is notice")
    calendar: CalendarName = optional("the calendar of working days", OF_SERVICE)
    stops_clock: Flag = optional("whether the legal clock stands still", False)


class Meet(Section):
    """Waits for the next session of a shared meeting."""

    meeting: Name = needed("the step's name")
    at: Annotated[str, ref("meetings", "meeting")] = needed("which meeting")
    stops_clock: Flag = optional("whether the legal clock stands still", False)


class Choice(Section):
    """One continuation, by chance (`chance`, `then`, `else`)
    or by an attribute of the applicant (`by`, `cases`).
    """

    choice: Name = needed("the step's name")
    by: Name = optional("the attribute that decides")
    cases: dict[Name, list["Step"]] = optional("the steps for each value")
    chance: Chance = optional("the chance of `then`")
    then: list["Step"] = optional("the steps if so")
    else_: list["Step"] = optional("the steps if not", alias="else")


class Parallel(Section):
    """Branches that run at the same time; the route goes on when all are back."""

    parallel: Name = needed("the step's name")
    branches: dict[Name, list["Step"]] = needed("the steps of each branch")


class Mark(Section):
    """Notes the instant."""

    mark: Name = needed("accepted, first_answer or decided; or a name, if `as` says which")
    as_: Annotated[Any, one_of("accepted", "first_answer", "decided")] = optional(
        "which mark", alias="as"
    )


class End(Section):
    """Ends the case."""

    end: Name = needed("the step's name")
    outcome: Annotated[Any, one_of("completed", "rejected", "withdrawn")] = needed("how it ends")


class Use(Section):
    """Stands for the steps of a fragment."""

    use: Name = needed("the fragment")
    with_: dict[Name, Any] = optional("what its blanks are filled with", alias="with")


def _kind(value: Any) -> str | None:
    first = next(iter(value), None) if isinstance(value, Mapping) else None
    return f"<{first}>" if first in KINDS else None


Step = Annotated[
    Annotated[Task, Tag("<task>")]
    | Annotated[Review, Tag("<review>")]
    | Annotated[Transfer, Tag("<transfer>")]
    | Annotated[Delay, Tag("<delay>")]
    | Annotated[Meet, Tag("<meeting>")]
    | Annotated[Choice, Tag("<choice>")]
    | Annotated[Parallel, Tag("<parallel>")]
    | Annotated[Mark, Tag("<mark>")]
    | Annotated[End, Tag("<end>")]
    | Annotated[Use, Tag("<use>")],
    Discriminator(_kind),
]
Choice.model_rebuild()
Parallel.model_rebuild()
