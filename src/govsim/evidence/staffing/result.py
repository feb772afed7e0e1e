"""The result of a staffing study: which posts could go, and how few keep the promise.

Posts go one at a time and together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from govsim.display.text import block, html_row, wrapped
from govsim.evidence.conditions.condition import HOLDS
from govsim.evidence.qualification.record import Qualification, read_all
from govsim.evidence.quantity import COUNTED
from govsim.evidence.staffing import screen
from govsim.evidence.staffing.found import (
    IMPOSSIBLE,
    SAME,
    Changes,
    Less,
    Promised,
    Together,
    read_less,
    read_promised,
    read_together,
)
from govsim.evidence.staffing.outcomes import ENDS

if TYPE_CHECKING:
    from govsim.display.figures import Axes

__all__ = ["IMPOSSIBLE", "SAME", "Changes", "Less", "Promised", "Staffing", "Together"]


@dataclass(frozen=True)
class Staffing:
    """What `govsim staff` prints; percentages throughout, intervals simultaneous over services."""

    run: str
    where: str
    seed: int
    compare: tuple[str, str]
    measure: str
    statistic: str
    cohort: str
    keep: float  # %
    promise: float  # %
    replications: int
    search: int
    posts: Mapping[str, int]  # group -> posts in the second configuration
    all_posts: Less  # nothing goes: what the second configuration itself does
    less: tuple[Less, ...]
    cuts: tuple[Together, ...]
    promised: tuple[Promised, ...]
    margin: float = 1.0  # points: by which the shares of ends may move
    nothing: tuple[str, ...] = ()  # services of which nothing was granted before
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    warnings: tuple[Qualification, ...] = ()  # the most serious first
    variant: str | None = None

    @property
    def family(self) -> dict[str, Less]:
        """Group -> what one post less does; those that cannot lose one are left out."""
        return {each.group: each for each in self.less if each.verdict != IMPOSSIBLE}

    @property
    def one_at_a_time(self) -> int:
        """How many groups could lose a post, one at a time."""
        return sum(each.verdict == HOLDS for each in self.less)

    @property
    def together(self) -> int:
        """How many posts could go together, as fresh replications say."""
        return self.cuts[0].confirmed

    # ----------------------------------------------------------------------------------- to and fro

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain lists and numbers; None where a number does not exist."""
        return {**asdict(self), "one_at_a_time": self.one_at_a_time, "together": self.together}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Staffing:
        """Read `to_dict` back, also from JSON."""
        made: dict[str, Any] = {
            "compare": tuple(plain["compare"]),
            "all_posts": read_less(plain["all_posts"]),
            "less": tuple(map(read_less, plain["less"])),
            "cuts": tuple(map(read_together, plain["cuts"])),
            "promised": tuple(map(read_promised, plain["promised"])),
            "nothing": tuple(plain["nothing"]),
            "warnings": read_all(plain["warnings"]),
        }
        rest = {
            key: value
            for key, value in plain.items()
            if key not in (*made, "one_at_a_time", "together")
        }
        return cls(**rest, **made)

    def to_frame(self) -> Any:
        """One row per group and service: what one post less does, in %, of shares in points.

        It has its simultaneous interval. `kind` is service, internal, or the end of cases.
        """
        import pandas as pd

        rows = []
        for each in (self.all_posts, *self.less):
            shares = (
                (end, {name: ends[end] for name, ends in each.outcomes.items()}) for end in ENDS
            )
            for kind, changes in (("service", each.changes), ("internal", each.internal), *shares):
                rows += [
                    {
                        "group": each.group,
                        "posts": each.posts,
                        "verdict": each.verdict,
                        "service": name,
                        "kind": kind,
                        **asdict(change),
                    }
                    for name, change in changes.items()
                ]
        return pd.DataFrame(rows)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw, for each group that could lose a post, what that does to the service it hits most.

        The line is what is kept.
        """
        from govsim.display import figures

        worst = {
            each.group: figures.Span(found[1].value, found[1].low, found[1].high)
            for each in self.less
            if (found := each.worst)
        }
        x = f"change of the {self.statistic} of {self.measure} of the service hit most, %"
        ax = figures.intervals(tuple(worst), {"one post less": tuple(worst.values())}, ax, x)
        ax.axvline(self.keep, color="black", linewidth=0.8, linestyle="--")
        return ax

    # ----------------------------------------------------------------------------------- the screen

    def __repr__(self) -> str:
        return (
            f"<Staffing {self.run}: {self.one_at_a_time} of {len(self.family)} posts could go one "
            "at a time, "
            f"{self.together} together, x {self.replications}>"
        )

    def __str__(self) -> str:
        lines = [*wrapped(self._head()), *block(*self._table()), ""]
        for text in (*self._sentences(), f"where: {self.where}"):
            lines += wrapped(text)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        title, columns, rows = self._table()
        body = [
            html_row("th", [title, *columns]),
            *(html_row("td", [name, *cells]) for name, cells in rows),
        ]
        caption = "; ".join(filter(None, (self._head(), *self._sentences())))
        return f"<table><caption>{escape(caption)}</caption>{''.join(body)}</table>"

    def _head(self) -> str:
        variant = f"   variant {self.variant}" if self.variant else ""
        fresh = f"{self.search} in the search, winners again on {self.replications} fresh ones"
        return f"staff {self.run}{variant}   seed {self.seed}   x {self.replications} ({fresh})"

    def _table(self) -> tuple[str, list[str], list[tuple[str, list[str]]]]:
        first, second = self.compare
        whose = "all counted cases" if self.cohort == COUNTED else self.cohort
        title = (
            f"one post less in {second}: {self.statistic} of {self.measure} of each service "
            f"against {first} ({whose}), kept if at most "
            f"{self.keep:+g} %; internal services against {second} with all posts"
        )
        rows = [(each.group, screen.cells(each)) for each in (self.all_posts, *self.less)]
        return title, ["posts", "busy", "service hit most, %", "verdict", "internal, %"], rows

    def _sentences(self) -> list[str]:
        every = (self.all_posts, *self.less)
        free = (
            f"posts that could go one at a time: {self.one_at_a_time} (of {len(self.family)} "
            "groups that could lose one)"
        )
        return [
            *screen.shares_kept(every, self.margin),
            free,
            *screen.refusals(every),
            "busy: minutes that one of them worked on a day on duty, before the post goes",
            *(line for cut in self.cuts for line in screen.together(cut)),
            "",
            *screen.promises(self.promised, self.promise),
            *(f"warning: {each.said()}" for each in self.warnings),
        ]
