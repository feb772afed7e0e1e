"""The errors that are not bugs, on one base: what the user can put right.

`except GovsimError` catches all of them. What Python has a kind of its own for (a name that is not
there, a value that cannot be) is of that kind too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WRONG, INTERRUPTED, BUG = 2, 3, 70  # what the command line leaves with


class GovsimError(Exception):
    """Something to be put right by whoever asked.

    The message says what was found, what is allowed and what to do. `exit_code` is what the command
    line leaves with. `hint`, where there is one, is what to do next; it ends the message.
    """

    exit_code = WRONG
    hint = ""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or type(self).hint

    def __str__(self) -> str:
        return "; ".join(filter(None, (str(self.args[0]), self.hint)))


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it is, and what to do about it.

    The line of the file (from 1), the path in the words of the file, and the message.
    """

    line: int
    where: str
    message: str

    def __str__(self) -> str:
        if self.where:
            return f"{self.line}: {self.where}: {self.message}"
        return f"{self.line}: {self.message}"


class ScenarioError(GovsimError):
    """A scenario that cannot be used; prints one line per problem, `FILE:LINE: where: message`."""

    def __init__(self, path: object, problems: Iterable[Problem]) -> None:
        self.path = str(path)
        self.problems = tuple(sorted(set(problems)))
        super().__init__("")
        self.args = (self.path, self.problems)

    def __str__(self) -> str:
        return "\n".join(f"{self.path}:{problem}" for problem in self.problems)


class RunError(GovsimError):
    """A run that cannot be done as asked; the message says what was found and what is allowed."""


class StoreError(GovsimError):
    """A run folder cannot be opened, continued or written to.

    The message says where, why and what to do.
    """


class NameNotFound(GovsimError, KeyError):
    """A name that is not there; the message says which are."""


class ValueNotPossible(GovsimError, ValueError):
    """A value that cannot be; the message says which can."""


class KindNotPossible(GovsimError, TypeError):
    """Something of another kind than is needed, such as a path instead of a scenario."""


class TooManyInstants(GovsimError, RuntimeError):
    """A run visited more instants than its guard `max_instants` allows."""


class Interrupted(GovsimError, KeyboardInterrupt):
    """The run was stopped; what was done is kept, and the hint says how to go on."""

    exit_code = INTERRUPTED


A_RUN = "a run (gs.run, gs.Runs.open)"
A_SCENARIO = "a scenario (gs.load)"
A_PATH = "a path"


def needed(value: object, kind: type | tuple[type, ...], what: str) -> None:
    """Refuse with KindNotPossible what is not of the kind that is needed, such as A_RUN."""
    if not isinstance(value, kind):
        raise KindNotPossible(f"{what} is needed, not {type(value).__name__} {value!r}")
