"""Rosters: the same organisation with other numbers of posts, and replications of any of them.

Which posts can go is said here too; all replications are in one store.

A post goes or comes on the reform day. The last of a group goes first, so that everybody who stays
is the same person with the same absences: draws are keyed by group and number. A row of the store
is one roster in one replication, and its number says which: a search that is continued finds what
it has done, whatever it asks for next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from govsim.errors import ValueNotPossible
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.sample.slim import slim
from govsim.experiment.replication import Done, Replication, Task
from govsim.experiment.run import conduct
from govsim.measures import MeasureIndex
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.organisation.nouns import Configuration, Group
from govsim.organisation.regimes import unserved
from govsim.scenario.limits import MEMBERS
from govsim.store import Settings, Store, pack

ROOM = 20  # bits of a row's number that say which replication it is; those above say which roster
ONE = "posts"  # what a Sample of one roster calls it


@dataclass(frozen=True)
class Roster:
    """Posts of each group from the reform day on, in one configuration."""

    configuration: str
    posts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All posts."""
        return sum(self.posts)

    def with_change(self, group: int, number: int) -> Roster:
        """So many posts more in one group (fewer, where negative)."""
        posts = tuple(each + number * (k == group) for k, each in enumerate(self.posts))
        return replace(self, posts=posts)

    def chain(self, groups: Sequence[int], step: int) -> list[Roster]:
        """This roster, and those on the way as groups lose (gain) a post one after the other."""
        ways = [self]
        for k in groups:
            ways.append(ways[-1].with_change(k, step))
        return ways

    @property
    def first_row(self) -> int:
        """The number of this roster's row of replication 0."""
        digest = hashlib.sha256(json.dumps([self.configuration, self.posts]).encode()).digest()
        return int.from_bytes(digest[:5], "big") << ROOM


def roster_of(configuration: Configuration, name: str) -> Roster:
    """The posts that a configuration has."""
    return Roster(name, tuple(group.members for group in configuration.regimes[1].staff.values()))


def staffed(configuration: Configuration, posts: Sequence[int]) -> Configuration:
    """A configuration with other numbers of posts from the reform day on.

    Whoever comes serves as the group's last does.
    """
    before, after = configuration.regimes
    groups = zip(after.staff.items(), posts, strict=True)
    staff = {
        name: replace(group, serves=_serves(name, group, number))
        for (name, group), number in groups
    }
    return replace(configuration, regimes=(before, replace(after, staff=staff)))


def _serves(name: str, group: Group, number: int) -> tuple[Mapping[str, Any], ...]:
    if number > MEMBERS or (number and not group.members):
        raise ValueNotPossible(
            f"{name}: {number} posts; it has {group.members}, and a group has at most {MEMBERS}"
        )
    return group.serves[:number] + group.serves[-1:] * (number - group.members)


def refusal(configuration: Configuration, posts: Sequence[int]) -> str:
    """Why these posts cannot be all there are: a desk that nobody would serve.

    Empty where they can.
    """
    told = list(unserved(*staffed(configuration, posts).regimes))
    return f"{told[0][0].removeprefix('desks.')}: {told[0][1]}" if told else ""


class Trials(Task):
    """Rosters tried in replications, each once: the task that does one,
    and the store that holds them all.
    """

    def __init__(
        self,
        task: Replication,
        configured: Mapping[str, Configuration],
        quantities: Sequence[Quantity],
        folder: Path,
        workers: int | None,
    ) -> None:
        self.settings: Settings = task.settings
        self.index = MeasureIndex.from_dict(self.settings.about["index"])
        self.configured, self.quantities, self.folder, self.workers = (
            configured,
            quantities,
            folder,
            workers,
        )
        self._task = task
        self._models: dict[int, Model] = {}
        self._done: set[int] | None = None

    # ------------------------------------------------------------------------------ one replication

    def __call__(self, number: int) -> Done:
        """One roster in one replication, of which only what the study asks for is kept."""
        roster, replication = number >> ROOM << ROOM, number % 2**ROOM
        model = self._models[roster]
        found = self._task.measure(model, self._task.simulate(model, replication), replication)
        return Done(
            {"measures": pack(slim(found._asdict(), self.index, self.quantities))}, float("nan")
        )

    # --------------------------------------------------------------------------------- many of them

    def run(self, rosters: Collection[Roster], replications: range, shown: bool = False) -> None:
        """Do what is missing of some rosters in some replications; Interrupted on Ctrl-C."""
        if self._done is None:
            self._done = set(self._stored())
        wanted = dict.fromkeys(roster.first_row + k for roster in rosters for k in replications)
        missing = [number for number in wanted if number not in self._done]
        if not missing:
            return
        for roster in rosters:
            if roster.first_row not in self._models:
                self._models[roster.first_row] = compile_model(
                    staffed(self.configured[roster.configuration], roster.posts)
                )
        conduct(self, self.folder, missing, self.workers, shown).close()
        self._done.update(missing)

    def _stored(self) -> list[int]:
        if not (self.folder / "run.json").exists():
            return []
        store = Store.open(self.folder)
        done = store.done()
        store.close()
        return done

    def sample(self, rosters: Mapping[str, Roster], replications: range) -> Sample:
        """Some rosters side by side, each under its label, in replications that were run."""
        store = Store.open(self.folder)
        try:
            read = [
                self._arrays(store, label, roster, replications)
                for label, roster in rosters.items()
            ]
            together = (
                {key: each for arrays in row for key, each in arrays.items()}
                for row in zip(*read, strict=True)
            )
            return Sample(self.index, tuple(rosters), together)
        finally:
            store.close()

    def _arrays(
        self, store: Store, label: str, roster: Roster, replications: range
    ) -> Iterable[dict[str, Any]]:
        first = roster.first_row
        for _, arrays in store.read(
            numbers=range(first + replications.start, first + replications.stop)
        ):
            yield {f"{label}/{key}": each for key, each in arrays.items()}
