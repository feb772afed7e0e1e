"""How cases end, and who is behind a finding: granted, refused, no answer yet, gave up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from govsim.statistics.estimate import Estimate

ENDED: Mapping[str, tuple[str, str]] = {
    "completed": ("granted", "准予"),
    "rejected": ("refused", "不予许可"),
    "open": ("no answer yet", "尚无答复"),
    "withdrawn": ("gave up", "放弃"),
}
LOST = ("rejected", "open", "withdrawn")  # ends that a claim may not profit from
NOT_SAME, AT_WORST, TURNS = "not the same people", "not at the worst", "the mean may turn"
NOBODY_FOLLOWED = "nobody is followed"
AT_LEAST, NOT_YET = "the mean is larger than known", "not yet known"
OF_THE_STAYED, NOT_AT_BEST = "true of those who stayed", "not refuted at the best"


@dataclass(frozen=True)
class People:
    """Who is behind a finding, and why it is open because of them.

    Shares are of all who filed, by end, in the first and in the second configuration.
    """

    why: str
    first: Mapping[str, float]
    second: Mapping[str, float]
    among_same: Estimate | None = None  # the improvement among those with the same answer in both
    at_limit: Estimate | None = None  # at the worst where it holds, at the best where it is refuted
    turning: float | None = None  # the mean time at which the mean turns, in the measure's unit
    tau: float | None = None  # in the measure's unit
    away: float = 0.0  # share of the first's applicants who do not file in the second

    @property
    def stayed(self) -> float:
        """The share that did not give up in the second configuration."""
        return 1.0 - self.second["withdrawn"]
