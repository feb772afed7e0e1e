"""What an organisation in plain numbers is made of: desks, groups, services, steps, calendars.

It is what remains of a scenario file once units, parameters, levers and fragments are gone.

A Configuration holds two Organisations, one for each regime (before and from the reform day).
Everything here is frozen, in minutes and ids; nothing knows YAML, levers or parameters any more.
`model` turns it into arrays.

Units: durations in minutes. A day number counts whole days since the scenario's first day (0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Timing = Literal["clock", "working", "term"]
Family = Literal[
    "constant",
    "exponential",
    "erlang",
    "gamma",
    "lognormal",
    "weibull",
    "uniform",
    "triangular",
    "pert",
    "empirical",
]
DeskKind = Literal["window", "review", "signature", "internal"]
Discipline = Literal["fifo", "priority", "due_date", "shortest"]
Outcome = Literal["completed", "rejected", "withdrawn"]
MarkName = Literal["accepted", "first_answer", "decided"]
DelayOwner = Literal["applicant", "notice", "outside"]


@dataclass(frozen=True)
class Distribution:
    """A family, its mean and its shape relative to that mean.

    `mean` is in minutes (in whole working days where the duration is a term). `shape` by family:
    constant and exponential (); erlang (k,); gamma, lognormal, weibull (cv,); uniform (low, high),
    triangular and pert (low, mode, high), each divided by the mean; empirical: the sorted values
    divided by their mean. A mean of 0 is allowed for constant only.
    """

    family: Family
    mean: float
    shape: tuple[float, ...] = ()


@dataclass(frozen=True)
class Duration:
    """How long something takes, and on which clock.

    That is clock time, working time of a calendar, or a term in whole days.
    """

    takes: Distribution
    timing: Timing = "clock"
    calendar: str | None = None  # required unless timing is "clock"


@dataclass(frozen=True)
class Path:
    """A number that may change by the day from the reform day on; before that day it is `before`.

    kind "constant": base always. "decay": base + extra * 0.5 ** (k / length). "step": base + extra
    while k < length. "linear": from base to base + extra, linear in k, reached at k = length. k =
    whole days since the reform day, length in days.
    """

    base: float
    extra: float = 0.0
    length: float = 0.0
    kind: Literal["constant", "decay", "step", "linear"] = "constant"

    @property
    def before(self) -> float:
        """The value before the reform day."""
        return self.base

    def at(self, day: int) -> float:
        """The value `day` whole days after the reform day (before it where `day` is negative)."""
        if self.kind == "constant" or day < 0:
            return self.base
        if self.kind == "decay":
            return float(self.base + self.extra * 0.5 ** (day / self.length))
        if self.kind == "step":
            return self.base + (self.extra if day < self.length else 0.0)
        return self.base + self.extra * min(1.0, day / self.length if self.length > 0 else 1.0)


@dataclass(frozen=True)
class WorkingDay:
    """The opening intervals of one date.

    They are minutes of the day; a close above 1440 runs over midnight.
    """

    day: int
    hours: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Calendar:
    """All working days up to the horizon, in order.

    With them the length of one working day as a duration (minutes).
    """

    day_length: float
    days: tuple[WorkingDay, ...]


@dataclass(frozen=True)
class Meeting:
    """A shared occasion.

    Exactly one of `every` (working days), `monthly` (day of the month), `dates` (day numbers).
    """

    calendar: str
    at: float  # minute of the day
    every: float | None = None
    monthly: int | None = None
    dates: tuple[int, ...] = ()
    seats: int | None = None  # None: as many as wait


@dataclass(frozen=True)
class Desk:
    """A queue of work of one kind."""

    department: str
    kind: DeskKind
    discipline: Discipline = "fifo"
    factor: float = 1.0  # multiplies every effort here


@dataclass(frozen=True)
class Serve:
    """How well (1 = normal speed) and how gladly (1 first) a member serves a desk."""

    efficiency: float
    preference: int = 1


@dataclass(frozen=True)
class Group:
    """Interchangeable staff.

    `serves` has one mapping desk -> Serve per member, because a lever may cover only a share.
    """

    department: str
    calendar: str
    serves: tuple[Mapping[str, Serve], ...]
    absence: Path = Path(0.0)
    presence: Path = Path(1.0)

    @property
    def members(self) -> int:
        """Posts of the group in this regime."""
        return len(self.serves)


@dataclass(frozen=True)
class Learning:
    """Effort factor on a desk that is new since the reform day: by days (half_life)
    or by completions (exponent).
    """

    start: float
    half_life: float | None = None  # days: 1 + (start - 1) * 0.5 ** (days / half_life)
    exponent: float | None = None  # max(1, start * (completions + 1) ** -exponent)


@dataclass(frozen=True)
class Demand:
    """When applicants file.

    `rate` holds filings (batches, where `batch`) per minute for each day up to the horizon. kind
    "poisson": `rate`. "fixed": every `interval` minutes, first at `first`. "recorded": `instants`.
    `calendar` None: at all hours; else an applicant files in that calendar's opening time.
    """

    kind: Literal["poisson", "fixed", "recorded"]
    calendar: str | None
    rate: tuple[float, ...] = ()
    interval: float = 0.0
    first: float = 0.0
    instants: tuple[float, ...] = ()
    batch: Distribution | None = None


@dataclass(frozen=True)
class AttributeValue:
    """One value: its share (the last value takes the rest, whatever its share says)
    and when those applicants file.
    """

    name: str
    share: Path
    files: Literal["office", "always"] | None = (
        None  # office: the service's calendar; None: as the demand says
    )


@dataclass(frozen=True)
class Attribute:
    """A property of an applicant that decides a choice."""

    name: str
    values: tuple[AttributeValue, ...]


# --------------------------------------------------------------------------------- steps of a route


@dataclass(frozen=True)
class Review:
    """What follows each attempt of a task that checks papers."""

    incomplete: Path  # chance at the first attempt
    again: Path  # chance at later attempts
    attempts: int  # in total
    then: Literal["passes", "rejected", "withdrawn"]  # after the last attempt, if still incomplete
    tolerated: Path
    supplement: Duration
    reject: Path
    again_effort: float = 1.0


@dataclass(frozen=True)
class Misdirected:
    """The first visit may go to the wrong window."""

    chance: Path
    desk: str
    effort: Distribution


@dataclass(frozen=True)
class Task:
    name: str
    desk: str
    effort: Distribution
    review: Review | None = None
    misdirected: Misdirected | None = None
    patience: Distribution | None = None  # minutes of the desk's opening time


@dataclass(frozen=True)
class Transfer:
    name: str
    to: str  # department
    paper: Path  # chance that the file travels on paper
    takes: Duration  # on paper, after it left; timing "clock" or "working"
    electronic_takes: Duration
    # departure times, minutes of the day, on working days of takes.calendar; () = any time
    leaves: tuple[float, ...] = ()


@dataclass(frozen=True)
class Delay:
    name: str
    owner: DelayOwner
    takes: Duration  # a term where the owner is notice
    stops_clock: bool = False


@dataclass(frozen=True)
class Meet:
    name: str
    at: str  # meeting
    stops_clock: bool = False


@dataclass(frozen=True)
class Choice:
    """By chance (`chance` set: then `branches` are (then, else)) or by attribute (`by` set:
    one branch per value).
    """

    name: str
    branches: tuple[tuple[Step, ...], ...]
    chance: Path | None = None
    by: str | None = None


@dataclass(frozen=True)
class Parallel:
    name: str
    branches: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True)
class Mark:
    name: str
    mark: MarkName


@dataclass(frozen=True)
class End:
    name: str
    outcome: Outcome


Step = Task | Transfer | Delay | Meet | Choice | Parallel | Mark | End


@dataclass(frozen=True)
class Service:
    """A matter that an applicant can file, in one regime.
    `promise` and `limit` are whole working days of `calendar`.
    """

    department: str
    calendar: str
    demand: Demand
    route: tuple[Step, ...]
    attributes: tuple[Attribute, ...] = ()
    promise: int | None = None
    limit: int | None = None
    promise_from: str | None = None  # a step: the promise runs from its end
    priority: int = 1  # the class at priority desks, smallest first
    internal: bool = False


@dataclass(frozen=True)
class Organisation:
    """One regime: ids to descriptions, in the order of the file."""

    calendars: Mapping[str, Calendar]
    meetings: Mapping[str, Meeting]
    # department -> the outermost department that it is part of (itself, if none)
    departments: Mapping[str, str]
    desks: Mapping[str, Desk]
    staff: Mapping[str, Group]
    services: Mapping[str, Service]
    learning: Learning | None = None


@dataclass(frozen=True)
class Configuration:
    """A scenario with a set of levers on and parameters fixed to one world:
    one Organisation per regime.

    Days are day numbers; `count_until` and `horizon` are the first day *after* the last one
    included. Services, desks, departments and groups have the same ids in the same order in both
    regimes (a group may have no members, a desk no work). `largest_rate` is, for each Poisson
    service, the rate per minute for each day that no subset of the file's levers exceeds: the
    stream from which demand is thinned.
    """

    name: str
    levers: tuple[str, ...]
    start: str  # ISO date of day 0
    reform_day: int
    count_from: int
    count_until: int
    horizon: int
    regimes: tuple[Organisation, Organisation]
    largest_rate: Mapping[str, tuple[float, ...]]
    # name -> [first day, day after the last)
    cohorts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
