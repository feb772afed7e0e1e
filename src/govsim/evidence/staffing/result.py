"""The result of a staffing study: which posts could go, and how few keep the promise.

Posts go one at a time and together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from govsim.display.text import block, html_row, signed, wrapped
from govsim.evidence.condition import HOLDS
from govsim.evidence.quantity import COUNTED
from govsim.statistics.estimate import Estimate

if TYPE_CHECKING:
    from govsim.display.figures import Axes

IMPOSSIBLE = "cannot go"
SAME = "posts as they are"
HIT = (("service hit most", "changes"), ("internal service hit most", "internal"))

Changes = Mapping[str, Estimate]


@dataclass(frozen=True)
class Less:
    """One post less in a group, everything else as it is."""

    group: str
    posts: int  # that it has
    minutes: float | None  # worked by one of them on a day on duty, before the post goes
    utilisation: float | None
    verdict: str
    reason: str = ""  # why the post cannot go, or what its change cannot be trusted for
    # service -> % against the first configuration, simultaneous over services
    changes: Changes = field(default_factory=dict)
    # internal service -> % against all posts, likewise
    internal: Changes = field(default_factory=dict)

    @property
    def worst(self) -> tuple[str, Estimate] | None:
        """The service that is hit most: whose interval reaches highest."""
        return _worst(self.changes)


@dataclass(frozen=True)
class Together:
    """Posts that go together, found by the search and judged again on fresh replications."""

    removed: tuple[str, ...]  # the groups that lose a post, in the order of the search
    confirmed: int  # how many of them, from the first on, go by the intervals of fresh replications
    internal_too: bool  # whether internal services had to be kept as well
    changes: Changes = field(default_factory=dict)  # with the confirmed ones gone
    internal: Changes = field(default_factory=dict)

    @property
    def worst_internal(self) -> str:
        """The internal service that is hit most, and how; empty where there is none."""
        return _told(_worst(self.internal))


@dataclass(frozen=True)
class Promised:
    """The fewest posts found with which every service keeps its promise in the share
    of cases asked for.
    """

    configuration: str
    present: int
    now: Changes  # service -> % within the promise, with the posts there are
    # service -> % with twice the posts of every group: not a question of posts
    out_of_reach: Mapping[str, float]
    found: int | None = None  # posts, by the search; None where it found no number
    confirmed: int | None = (
        None  # posts that keep it on fresh replications; None where no interval says so
    )
    # group -> posts more (fewer), of what is confirmed, else found
    change: Mapping[str, int] = field(default_factory=dict)
    shares: Changes = field(default_factory=dict)  # of the same
    note: str = ""


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
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
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
            "all_posts": _less(plain["all_posts"]),
            "less": tuple(map(_less, plain["less"])),
            "cuts": tuple(
                Together(
                    **{
                        **each,
                        "removed": tuple(each["removed"]),
                        **_read(each, "changes", "internal"),
                    }
                )
                for each in plain["cuts"]
            ),
            "promised": tuple(
                Promised(**{**each, **_read(each, "now", "shares")}) for each in plain["promised"]
            ),
            "warnings": tuple(plain["warnings"]),
        }
        rest = {
            key: value
            for key, value in plain.items()
            if key not in (*made, "one_at_a_time", "together")
        }
        return cls(**rest, **made)

    def to_frame(self) -> Any:
        """One row per group and service: what one post less does, in %.

        It has its simultaneous interval.
        """
        import pandas as pd

        rows = []
        for each in (self.all_posts, *self.less):
            for kind, changes in (("service", each.changes), ("internal", each.internal)):
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
        x = f"change of the {self._what} of the service hit most, %"
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
        title, columns, rows = self._table()
        lines = (
            [each for text in self._head() for each in wrapped(text)]
            + block(title, columns, rows)
            + [""]
        )
        for text in (
            *self._one(),
            *self._cuts(),
            "",
            *self._kept(),
            *(f"warning: {each}" for each in self.warnings),
        ):
            lines += wrapped(text)
        return "\n".join([*lines, *wrapped(f"where: {self.where}")])

    def _repr_html_(self) -> str:
        title, columns, rows = self._table()
        body = [
            html_row("th", [title, *columns]),
            *(html_row("td", [name, *cells]) for name, cells in rows),
        ]
        caption = "; ".join(
            text
            for text in (*self._head(), *self._one(), *self._cuts(), *self._kept(), *self.warnings)
            if text
        )
        return f"<table><caption>{escape(caption)}</caption>{''.join(body)}</table>"

    @property
    def _what(self) -> str:
        return f"{self.statistic} of {self.measure}"

    def _head(self) -> list[str]:
        variant = f"   variant {self.variant}" if self.variant else ""
        fresh = f"{self.search} in the search, winners again on {self.replications} fresh ones"
        return [f"staff {self.run}{variant}   seed {self.seed}   x {self.replications} ({fresh})"]

    @property
    def _whose(self) -> str:
        return "all counted cases" if self.cohort == COUNTED else self.cohort

    def _table(self) -> tuple[str, list[str], list[tuple[str, list[str]]]]:
        first, second = self.compare
        title = (
            f"one post less in {second}: {self._what} of each service against {first} "
            f"({self._whose}), kept if at most "
            f"{self.keep:+g} %; internal services against {second} with all posts"
        )
        columns = ["posts", "busy", "service hit most, %", "verdict", "internal, %"]
        return (
            title,
            columns,
            [(each.group, self._cells(each)) for each in (self.all_posts, *self.less)],
        )

    def _cells(self, each: Less) -> list[str]:
        busy = "" if each.minutes is None else f"{each.minutes:.0f} min"
        return [
            f"{each.posts}",
            busy,
            _told(each.worst),
            each.verdict,
            _told(_worst(each.internal), brief=True),
        ]

    def _one(self) -> list[str]:
        reasons = dict.fromkeys((each.verdict, each.reason) for each in self.less if each.reason)
        stuck = [
            f"{verdict} ({', '.join(self._with(verdict, reason))}): {reason}"
            for verdict, reason in reasons
        ]
        told = (
            f"posts that could go one at a time: {self.one_at_a_time} (of {len(self.family)} "
            "groups that could lose one)"
        )
        return [
            told,
            *stuck,
            "busy: minutes that one of them worked on a day on duty, before the post goes",
        ]

    def _with(self, verdict: str, reason: str) -> list[str]:
        return [
            each.group for each in self.less if (each.verdict, each.reason) == (verdict, reason)
        ]

    def _cuts(self) -> list[str]:
        return [line for cut in self.cuts for line in self._cut(cut)]

    def _cut(self, cut: Together) -> list[str]:
        also = ", internal services kept too" if cut.internal_too else ""
        told = [
            (
                f"posts that could go together{also}: {cut.confirmed} on fresh replications (the "
                f"search found {len(cut.removed)})"
            )
        ]
        if cut.confirmed:
            told.append(
                "  one post each, in the order of the search: "
                + ", ".join(cut.removed[: cut.confirmed])
            )
            hit = [
                (what, worst)
                for what, changes in HIT
                if (worst := _told(_worst(getattr(cut, changes))))
            ]
            told += [f"  {what} then: {worst} %" for what, worst in hit]
        return told

    def _kept(self) -> list[str]:
        if not self.promised:
            return ["promise: no service has one, so how few posts would keep it cannot be asked"]
        return [line for each in self.promised for line in self._promise(each)]

    def _promise(self, each: Promised) -> list[str]:
        out = ", ".join(f"{name} {share:.0f} %" for name, share in each.out_of_reach.items())
        never = f"; out of reach, also with twice the posts in every group: {out}" if out else ""
        head = f"promise kept in {self.promise:g} % of cases, {each.configuration}"
        if each.found is None:
            return [f"{head} ({each.present} posts): {each.note}{never}"]
        fresh = (
            "fresh replications do not decide"
            if each.confirmed is None
            else f"{each.confirmed} posts on fresh replications"
        )
        told = [f"{head}: {fresh} (the search found {each.found}; there are {each.present}){never}"]
        told += [f"  {each.note}"] if each.note else []
        if each.change:
            told.append(
                "  change: "
                + ", ".join(f"{group} {number:+d}" for group, number in each.change.items())
            )
        return told


def _worst(changes: Changes) -> tuple[str, Estimate] | None:
    known = [(name, each) for name, each in changes.items() if each.value is not None]
    return max(
        known,
        key=lambda pair: (pair[1].value if pair[1].high is None else pair[1].high, pair[0]),
        default=None,
    )


def _told(worst: tuple[str, Estimate] | None, brief: bool = False) -> str:
    """A service and its change, with the interval unless it is to be brief."""
    if worst is None or (number := worst[1].value) is None:
        return ""
    name, change = worst
    between = (
        ""
        if brief or change.low is None or change.high is None
        else f" [{_rounded(change.low)}, {_rounded(change.high)}]"
    )
    return f"{name} {_rounded(number)}{between}"


def _rounded(percent: float) -> str:
    return signed(percent, 1 if abs(percent) < 100 else 0)


def _read(plain: Mapping[str, Any], *keys: str) -> dict[str, dict[str, Estimate]]:
    return {key: {name: Estimate(**each) for name, each in plain[key].items()} for key in keys}


def _less(plain: Mapping[str, Any]) -> Less:
    return Less(**{**plain, **_read(plain, "changes", "internal")})
