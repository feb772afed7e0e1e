"""What refuses a roster, or leaves open whether it will do: a kind, of whom, and how much."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from govsim.display.words import Words

SENT_HOME, UNSERVED, UNSETTLED, NOTHING = "sent_home", "unserved", "unsettled", "nothing"
SLOWER, MAYBE_SLOWER = "slower", "maybe_slower"
OTHERS, MAYBE_OTHERS, FEWER_KEPT = "others", "maybe_others", "fewer_kept"


@dataclass(frozen=True)
class Why:
    """`kind` is one of the names here, or an end of cases that moved for the worse.

    `who` are services; of SENT_HOME those who serve, of UNSERVED the desk and what is wrong.
    `number` is in 100 who filed, or in % of the time before.
    """

    kind: str
    who: tuple[str, ...] = ()
    number: float | None = None

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Why:
        """What `asdict` made, also from JSON."""
        return cls(**{**plain, "who": tuple(plain["who"])})


def told(whys: Sequence[Why], words: Words, name: Callable[[str], str] = str) -> str:
    """All of it in the words' language; `name` says what services and groups are called."""
    gap = "; " if words.lang == "en" else "；"
    return gap.join(
        words(f"why_{why.kind}", who=words.listed([*map(name, why.who)], 4), number=_number(why))
        for why in whys
    )


def _number(why: Why) -> str:
    """Without a sign; "at least so many" is rounded down."""
    size = abs(why.number or 0.0)
    if why.kind == SENT_HOME:
        return f"{math.floor(size) if size >= 1.0 else math.floor(10.0 * size) / 10.0:g}"
    return f"{size:.1f}" if size < 100.0 else f"{size:.0f}"
