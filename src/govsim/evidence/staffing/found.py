"""What a staffing study finds of one question: one post less, posts together, a promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from govsim.display.text import signed
from govsim.display.words import Words
from govsim.evidence.staffing.outcomes import Outcomes
from govsim.evidence.staffing.why import Why, told
from govsim.statistics.estimate import Estimate

ENGLISH = Words("en")
IMPOSSIBLE = "cannot go"
SAME = "posts as they are"

Changes = Mapping[str, Estimate]


@dataclass(frozen=True)
class Less:
    """One post less in a group, everything else as it is."""

    group: str
    posts: int  # that it has
    minutes: float | None  # worked by one of them on a day on duty, before the post goes
    utilisation: float | None
    verdict: str
    why: tuple[Why, ...] = ()  # what refuses it, or leaves it open
    # service -> % against the first configuration, simultaneous over services
    changes: Changes = field(default_factory=dict)
    # internal service -> % against all posts, likewise
    internal: Changes = field(default_factory=dict)
    # service -> end -> points of all who filed, likewise
    outcomes: Outcomes = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why the post cannot go, or is not shown to."""
        return told(self.why, ENGLISH)

    @property
    def worst(self) -> tuple[str, Estimate] | None:
        """The service that is hit most: whose interval reaches highest."""
        return worst(self.changes)


@dataclass(frozen=True)
class Together:
    """Posts that go together, found by the search and judged again on fresh replications."""

    removed: tuple[str, ...]  # the groups that lose a post, in the order of the search
    confirmed: int  # how many of them, from the first on, go by the intervals of fresh replications
    internal_too: bool  # whether internal services had to be kept as well
    changes: Changes = field(default_factory=dict)  # with the confirmed ones gone
    internal: Changes = field(default_factory=dict)
    outcomes: Outcomes = field(default_factory=dict)
    # group -> why no further post of it goes, where that is known; "": of any
    stopped: Mapping[str, Why] = field(default_factory=dict)
    failed: tuple[Why, ...] = ()  # why fresh replications confirm no more

    @property
    def worst_internal(self) -> str:
        """The internal service that is hit most, and how; empty where there is none."""
        return change_of(worst(self.internal))


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
    refused: Mapping[str, Why] = field(default_factory=dict)  # as Together.stopped


def worst(changes: Changes) -> tuple[str, Estimate] | None:
    """The service whose interval reaches highest."""
    known = [(name, each) for name, each in changes.items() if each.value is not None]
    return max(
        known,
        key=lambda pair: (pair[1].value if pair[1].high is None else pair[1].high, pair[0]),
        default=None,
    )


def change_of(of: tuple[str, Estimate] | None, brief: bool = False) -> str:
    """A name and its change, with the interval unless it is to be brief."""
    if of is None or (number := of[1].value) is None:
        return ""
    return f"{of[0]} {_rounded(number) if brief else span(of[1])}"


def span(each: Estimate) -> str:
    """A change with its interval, where it has one."""
    known = each.low is not None and each.high is not None
    between = f" [{_rounded(each.low)}, {_rounded(each.high)}]" if known else ""
    return f"{_rounded(each.value)}{between}"


def _rounded(number: float | None) -> str:
    size = number or 0.0
    return signed(size, 1 if abs(size) < 100 else 0)


def _read(plain: Mapping[str, Any], *keys: str) -> dict[str, dict[str, Estimate]]:
    return {key: {name: Estimate(**each) for name, each in plain[key].items()} for key in keys}


def _ends(plain: Mapping[str, Any]) -> dict[str, dict[str, Estimate]]:
    return _read(plain["outcomes"], *plain["outcomes"])


def _whys(plain: Mapping[str, Any]) -> dict[str, Why]:
    return {group: Why.from_dict(why) for group, why in plain.items()}


def read_less(plain: Mapping[str, Any]) -> Less:
    """What `asdict` made of one post less, also from JSON."""
    made = {"why": tuple(map(Why.from_dict, plain["why"])), "outcomes": _ends(plain)}
    return Less(**{**plain, **_read(plain, "changes", "internal"), **made})


def read_together(plain: Mapping[str, Any]) -> Together:
    """The same of posts together."""
    made = {
        "removed": tuple(plain["removed"]),
        "outcomes": _ends(plain),
        "stopped": _whys(plain["stopped"]),
        "failed": tuple(map(Why.from_dict, plain["failed"])),
    }
    return Together(**{**plain, **_read(plain, "changes", "internal"), **made})


def read_promised(plain: Mapping[str, Any]) -> Promised:
    """The same of a promise."""
    made = {"refused": _whys(plain["refused"])}
    return Promised(**{**plain, **_read(plain, "now", "shares"), **made})
