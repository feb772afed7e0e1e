"""Routes compiled to programs: rows of Steps, one program per service and regime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from govsim.arrays import Floats, Ints
from govsim.model.arrays import (
    ACCEPTED,
    ATTRIBUTE,
    CHANCE,
    CLOCK,
    DECIDED,
    DELAY,
    END,
    FIRST_ANSWER,
    FORK,
    MARK,
    MEET,
    PASSES,
    RETURN,
    TASK,
    TERM,
    TRANSFER,
    WORKING,
    Misdirections,
    Model,
    Reviews,
    Steps,
)
from govsim.model.numbers import Numbers, key
from govsim.organisation.nouns import (
    Choice,
    Configuration,
    Delay,
    Duration,
    Mark,
    Meet,
    Misdirected,
    Organisation,
    Parallel,
    Review,
    Service,
    Step,
    Task,
    Transfer,
)

TIMINGS = {"clock": CLOCK, "working": WORKING, "term": TERM}
MARKS = {"accepted": ACCEPTED, "first_answer": FIRST_ANSWER, "decided": DECIDED}
# Places in records.PARTS and records.OUTCOMES (records lies above; a test holds them together).
PARTS = {"applicant": 4, "notice": 6, "outside": 7}
OUTCOMES = {"completed": 1, "rejected": 2, "withdrawn": 3}
THEN = {"passes": PASSES, "rejected": OUTCOMES["rejected"], "withdrawn": OUTCOMES["withdrawn"]}

NONE = dict.fromkeys(
    (
        "next",
        "name",
        "position",
        "desk",
        "table",
        "review",
        "misdirected",
        "patience_table",
        "paper",
        "electronic_table",
        "part",
        "meeting",
        "chance",
        "attribute",
        "mark",
    ),
    -1,
)
FLOATS = {"mean", "expected", "patience_mean", "electronic_mean", "again_effort"}

Row = dict[str, float]


class Over(NamedTuple):
    """The end of a block that is a sequence now and that the promise runs from."""

    block: str


Plain = Step | Over


def plain(route: Sequence[Step], promise_from: str | None = None) -> tuple[Plain, ...]:
    """The route without empty branches of blocks; a block of one branch becomes a sequence, after
    which stands its end where the promise runs from it.
    """
    steps: list[Plain] = []
    for step in route:
        if isinstance(step, Choice):
            steps.append(_with(step, [plain(branch, promise_from) for branch in step.branches]))
        elif isinstance(step, Parallel):
            branches = [plain(branch, promise_from) for branch in step.branches]
            branches = [branch for branch in branches if branch]
            if len(branches) > 1:
                steps.append(_with(step, branches))
                continue
            steps += branches[0] if branches else ()
            if step.name == promise_from:
                steps.append(Over(step.name))
        else:
            steps.append(step)
    return tuple(steps)


def _with(step: Choice | Parallel, branches: Sequence[Sequence[Plain]]) -> Choice | Parallel:
    changed: Any = tuple(branches)
    return replace(step, branches=changed)


def rows_of(steps: Sequence[Plain]) -> int:
    """Rows of Steps that a plain sequence takes."""
    total = len(steps)
    for step in steps:
        if isinstance(step, Choice | Parallel):
            total += sum(map(rows_of, step.branches)) + (
                len(step.branches) if isinstance(step, Parallel) else 0
            )
    return total


def most_activities(steps: Sequence[Plain]) -> int:
    """Rows of the log that a case can leave at most while it goes through a plain sequence."""
    total = 0
    for step in steps:
        if isinstance(step, Choice):
            total += max(map(most_activities, step.branches), default=0)
        elif isinstance(step, Parallel):
            total += sum(map(most_activities, step.branches))
        elif isinstance(step, Task):
            attempts = step.review.attempts if step.review else 1
            total += 2 * attempts - 1 + (step.misdirected is not None)
        else:
            total += isinstance(step, Transfer | Delay | Meet)
    return total


class Place(NamedTuple):
    """What a configuration's numbers are called in: how a route's names are looked up."""

    numbers: Numbers
    calendars: Mapping[str, int]
    desks: Mapping[str, int]
    meetings: Mapping[str, int]
    step_names: dict[str, int]


@dataclass
class Programs:
    """Rows of all programs, as they are written."""

    place: Place
    rows: list[Row] = field(default_factory=list)
    reviews: list[Row] = field(default_factory=list)
    misdirections: list[Row] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    slot: list[int] = field(default_factory=list)
    leave: list[float] = field(default_factory=list)
    width: int = 1

    def duration(self, takes: Duration, prefix: str = "") -> Row:
        """The four columns of a duration."""
        return {
            prefix + "table": self.place.numbers.table(takes.takes),
            prefix + "mean": takes.takes.mean,
            prefix + "timing": TIMINGS[takes.timing],
            prefix + "calendar": self.place.calendars[takes.calendar] if takes.calendar else 0,
        }

    def review(self, review: Review) -> int:
        """Number of a new review."""
        path = self.place.numbers.path
        self.reviews.append(
            {
                "incomplete": path(review.incomplete),
                "again": path(review.again),
                "attempts": review.attempts,
                "then": THEN[review.then],
                "tolerated": path(review.tolerated),
                "reject": path(review.reject),
                "again_effort": review.again_effort,
                **self.duration(review.supplement),
            }
        )
        return len(self.reviews) - 1

    def misdirection(self, wrong: Misdirected) -> int:
        """Number of a new misdirection."""
        numbers = self.place.numbers
        self.misdirections.append(
            {
                "chance": numbers.path(wrong.chance),
                "desk": self.place.desks[wrong.desk],
                "table": numbers.table(wrong.effort),
                "mean": wrong.effort.mean,
            }
        )
        return len(self.misdirections) - 1

    def task(self, task: Task) -> Row:
        """Columns of a task."""
        row: Row = {
            "desk": self.place.desks[task.desk],
            "table": self.place.numbers.table(task.effort),
            "mean": task.effort.mean,
            "expected": task.effort.mean,
        }
        if task.review:
            row["review"] = self.review(task.review)
        if task.misdirected:
            row["misdirected"] = self.misdirection(task.misdirected)
        if task.patience:
            row |= {
                "patience_table": self.place.numbers.table(task.patience),
                "patience_mean": task.patience.mean,
            }
        return row

    def transfer(self, transfer: Transfer, origin: str, roots: Mapping[str, str]) -> Row:
        """Columns of a transfer from a department."""
        self.leave.extend(sorted(transfer.leaves))
        return {
            "paper": self.place.numbers.path(transfer.paper),
            "leave_first": len(self.leave) - len(transfer.leaves),
            "leave_count": len(transfer.leaves),
            "handover": roots[origin] != roots[transfer.to],
            **self.duration(transfer.takes),
            **self.duration(transfer.electronic_takes, "electronic_"),
        }


@dataclass
class Writer:
    """Writes the program of one service in one regime, in text order."""

    programs: Programs
    name: str
    service: Service
    roots: Mapping[str, str]
    position: int = 0
    slots: int = 1

    def write(self) -> int:
        """Write all rows; the first one's number."""
        start = len(self.programs.rows)
        steps = plain(self.service.route, self.service.promise_from)
        self.sequence(steps, start + rows_of(steps), self.service.department)
        self.programs.rows.append({"op": END, "outcome": OUTCOMES["completed"]})
        self.programs.width = max(self.programs.width, self.slots)
        return start

    def sequence(self, steps: Sequence[Plain], then: int, origin: str) -> str | None:
        """Write steps after which the case goes on at row `then`.

        It gives where the file is afterwards, None if the case ended.
        """
        place: str | None = origin
        for k, step in enumerate(steps):
            here = len(self.programs.rows)
            after = here + rows_of((step,)) if k + 1 < len(steps) else then
            if isinstance(step, Over):  # takes no position, as the block that it ends takes none
                self.programs.rows.append({"op": MARK, "next": after, "starts_promise": True})
                continue
            name = f"{self.name}/{step.name}"
            row: Row = {
                "next": after,
                "name": self.programs.place.step_names.setdefault(
                    name, len(self.programs.place.step_names)
                ),
                "position": self.position,
                "key": key(name),
                "starts_promise": step.name == self.service.promise_from,
            }
            self.position += 1
            self.programs.rows.append(row)
            left = self.step(step, row, after, place if place is not None else origin)
            place = left if place is not None else None
        return place

    def step(self, step: Step, row: Row, after: int, origin: str) -> str | None:
        """Fill the row of a step (and write its branches); where the file is afterwards."""
        programs = self.programs
        if isinstance(step, Task):
            row |= {"op": TASK, **programs.task(step)}
        elif isinstance(step, Transfer):
            row |= {"op": TRANSFER, **programs.transfer(step, origin, self.roots)}
            return step.to
        elif isinstance(step, Delay):
            row |= {
                "op": DELAY,
                "part": PARTS[step.owner],
                "stops_clock": step.stops_clock,
                **programs.duration(step.takes),
            }
        elif isinstance(step, Meet):
            row |= {
                "op": MEET,
                "meeting": programs.place.meetings[step.at],
                "stops_clock": step.stops_clock,
            }
        elif isinstance(step, Choice):
            return self.choice(step, row, after, origin)
        elif isinstance(step, Parallel):
            self.parallel(step, row, origin)
        elif isinstance(step, Mark):
            row |= {"op": MARK, "mark": MARKS[step.mark]}
        else:
            row |= {"op": END, "outcome": OUTCOMES[step.outcome], "next": -1}
            return None
        return origin

    def choice(self, choice: Choice, row: Row, after: int, origin: str) -> str | None:
        """Write the branches of a choice: an empty one goes on after it."""
        first = self.targets(row, len(choice.branches))
        if choice.chance is not None:
            row |= {"op": CHANCE, "chance": self.programs.place.numbers.path(choice.chance)}
        else:
            row |= {
                "op": ATTRIBUTE,
                "attribute": [a.name for a in self.service.attributes].index(choice.by or ""),
            }
        left = set()
        for k, branch in enumerate(choice.branches):
            self.programs.target[first + k] = len(self.programs.rows) if branch else after
            left.add(self.sequence(branch, after, origin))
        left.discard(None)
        return None if not left else left.pop() if len(left) == 1 else origin

    def parallel(self, parallel: Parallel, row: Row, origin: str) -> None:
        """Write the branches of a block, each in a slot of its own with a RETURN at its end."""
        row["op"] = FORK
        first = self.targets(row, len(parallel.branches))
        for k, branch in enumerate(parallel.branches):
            self.programs.target[first + k] = len(self.programs.rows)
            self.programs.slot[first + k] = self.slots
            self.slots += 1
            self.sequence(branch, len(self.programs.rows) + rows_of(branch), origin)
            self.programs.rows.append({"op": RETURN})

    def targets(self, row: Row, count: int) -> int:
        """Room for `count` targets; the number of the first."""
        first = len(self.programs.target)
        row |= {"target_first": first, "target_count": count}
        self.programs.target.extend([-1] * count)
        self.programs.slot.extend([0] * count)
        return first


def column(name: str, rows: Sequence[Row]) -> Any:
    """One column of rows; what a row does not state is -1 (numbers of things), else 0."""
    kind = np.uint64 if name == "key" else np.float64 if name in FLOATS else np.int64
    values = np.full(len(rows), NONE.get(name, 0), dtype=kind)
    for k, row in enumerate(rows):
        if name in row:
            values[k] = row[name]
    return values


class Compiled(NamedTuple):
    """The programs as arrays, and where each begins."""

    steps: Steps
    reviews: Reviews
    misdirections: Misdirections
    target: Ints
    slot: Ints
    leave: Floats
    width: int
    program: Ints  # [regime, service]


def compile_routes(configuration: Configuration, place: Place) -> Compiled:
    """Programs of all services in both regimes."""
    programs = Programs(place)
    program = [
        [
            Writer(programs, name, service, regime.departments).write()
            for name, service in regime.services.items()
        ]
        for regime in configuration.regimes
    ]
    return Compiled(
        Steps(*(column(name, programs.rows) for name in Steps._fields)),
        Reviews(*(column(name, programs.reviews) for name in Reviews._fields)),
        Misdirections(*(column(name, programs.misdirections) for name in Misdirections._fields)),
        np.array(programs.target, dtype=np.int64),
        np.array(programs.slot, dtype=np.int64),
        np.array(programs.leave, dtype=np.float64),
        programs.width,
        np.array(program, dtype=np.int64),
    )


def marks(organisation: Organisation, mark: str) -> list[bool]:
    """For each service, whether its route has a mark."""

    def has(steps: Sequence[Step]) -> bool:
        return any(
            (isinstance(s, Mark) and s.mark == mark)
            or (isinstance(s, Choice | Parallel) and any(map(has, s.branches)))
            for s in steps
        )

    return [has(service.route) for service in organisation.services.values()]


def refuses(model: Model) -> bool:
    """Whether some case may end as refused."""
    steps, reviews, paths = model.arrays.steps, model.arrays.reviews, model.arrays.paths
    rejected = OUTCOMES["rejected"]
    ends = steps.outcome[steps.op == END] == rejected
    chances = (paths.value[paths.first[k] : paths.first[k + 1]] for k in reviews.reject)
    then = bool(ends.any() or (reviews.then == rejected).any())
    return then or any((chance > 0).any() for chance in chances)
