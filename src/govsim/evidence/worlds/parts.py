"""What an exploration holds: unknowns, claims in worlds, effects; each plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from govsim.evidence.worlds.sensitivity import Effects, Value, VarianceSplit
from govsim.statistics.mean import wilson

SCARCE = 0.1  # of the proposals
SHARE, BOUND = 0.95, 0.90  # of worlds, and the lower end of its Wilson interval


@dataclass(frozen=True)
class Unknown:
    """A number with a range: what was drawn for it in each world, in the file's unit."""

    name: str
    low: float
    high: float
    unit: str
    source: str
    values: tuple[float, ...]
    value: float | None = None  # as the file states it
    shape: str = "uniform"  # how worlds are drawn from the range


@dataclass(frozen=True)
class Failure:
    """Where a claim fails, in words by language.

    With it the box's coverage, density and how often each end came back.
    """

    en: str
    zh: str
    coverage: float
    density: float
    reproduced: tuple[float, ...]


@dataclass(frozen=True)
class Counts:
    """In how many worlds a claim holds, fails, or is undecided (queue without end, chance)."""

    holds: int
    fails: int
    endless: int
    unresolved: int

    @property
    def undecided(self) -> int:
        """Worlds that say neither."""
        return self.endless + self.unresolved

    @property
    def worlds(self) -> int:
        """All of them."""
        return self.holds + self.fails + self.undecided

    @property
    def nearly_all(self) -> str:
        """What nearly all worlds say: "holds", "fails", or nothing.

        At least 95 % of those that say either, with a lower Wilson bound of 90 %; at most 5 % of
        all say neither.
        """
        decided = self.holds + self.fails
        if not decided or self.undecided > (1 - SHARE) * self.worlds:
            return ""
        return next(
            (
                state
                for state, often in (("holds", self.holds), ("fails", self.fails))
                if often >= SHARE * decided and wilson(often, decided)[0] >= BOUND
            ),
            "",
        )


@dataclass(frozen=True)
class ClaimInWorlds:
    """One claim over all worlds.

    `low` and `high` are Wilson's interval of the share of worlds in which it holds.
    """

    states: tuple[str, ...]  # by world: holds, fails, queue without end, unresolved
    holds: int
    fails: int
    unresolved: int
    low: float
    high: float
    box: Failure | None
    effects: Effects | None  # of the parameters on the improvement of its first condition
    split: VarianceSplit | None  # of that improvement
    value: Value | None = (
        # of knowing a parameter, for whoever adopts what improves by more than the claim's smallest
        None
    )
    lead: str = ""  # what the first condition measures
    unit: str = ""  # of the improvement and of the value
    endless: int = 0  # worlds undecided for queues without end
    without: Counts | None = None  # of the first proposals, if nothing were known
    known: tuple[str, ...] = ()  # levels that are known of what it is about

    @property
    def counts(self) -> Counts:
        """In how many worlds it is what."""
        return Counts(self.holds, self.fails, self.endless, self.unresolved)


@dataclass(frozen=True)
class Choice:
    """How worlds were chosen: of so many proposals those that do not contradict what is known."""

    asked: int  # worlds
    tried: int  # proposals
    refused: Mapping[str, int]  # by what is known, as often
    numbers: tuple[int, ...]  # of the proposals that became worlds
    known: Mapping[str, str]  # in words
    # unknowns whose values in worlds are not as proposed, with the quarters of them: most first
    narrowed: tuple[tuple[str, float, float], ...] = ()

    @property
    def scarce(self) -> bool:
        """Whether fewer than one proposal in ten could exist."""
        return len(self.numbers) < SCARCE * self.tried


@dataclass(frozen=True)
class Output:
    """An effect over worlds, in the headline's unit.

    Its mean and range over worlds, and the parameters behind it.
    """

    mean: float
    low: float  # a twentieth of the worlds lies below
    high: float
    effects: Effects
    split: VarianceSplit
    median: float | None = None
    worlds: int | None = None  # of which it is told: those where queues settle


# --------------------------------------------------------------------------------------- from JSON


def effects_of_dict(plain: Mapping[str, Any]) -> Effects:
    """Effects as `asdict` made them plain."""
    shares = {key: tuple(plain[key]) for key in ("first", "total", "shapley")}
    return Effects(**{**plain, **shares})


def choice_of(plain: Mapping[str, Any]) -> Choice:
    """A choice as `asdict` made it plain."""
    narrow = tuple((name, low, high) for name, low, high in plain["narrowed"])
    return Choice(**{**plain, "numbers": tuple(plain["numbers"]), "narrowed": narrow})


def claim_of(plain: Mapping[str, Any]) -> ClaimInWorlds:
    """A claim in worlds as `asdict` made it plain."""
    made: dict[str, Any] = {
        "states": tuple(plain["states"]),
        "box": Failure(**{**plain["box"], "reproduced": tuple(plain["box"]["reproduced"])})
        if plain["box"]
        else None,
        "effects": effects_of_dict(plain["effects"]) if plain["effects"] else None,
        "split": VarianceSplit(**plain["split"]) if plain["split"] else None,
        "value": Value(**{**plain["value"], "known": tuple(plain["value"]["known"])})
        if plain.get("value")
        else None,
        "without": Counts(**plain["without"]) if plain.get("without") else None,
        "known": tuple(plain.get("known", ())),
    }
    return ClaimInWorlds(**{**plain, **made})
